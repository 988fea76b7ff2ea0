//! What integration tests share.

use std::path::{Path, PathBuf};

/// A path of the reference data beside the repository; `None`, said aloud, where it is absent.
///
/// # Panics
/// If it is absent in continuous integration.
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
pub fn shared(path: &str) -> Option<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    if dir.exists() {
        return Some(dir);
    }
    assert!(std::env::var_os("CI").is_none(), "{} is absent in CI", dir.display());
    println!("skipped: {} is absent", dir.display());
    None
}
