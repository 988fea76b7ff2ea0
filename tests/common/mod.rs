//! What several tests need: where the shared real data is.

use std::path::{Path, PathBuf};

/// The path of a shared file or folder; `None`, with a line saying so, where it is absent.
///
/// # Panics
/// If it is absent while `CI` is set: there, nothing is skipped.
#[expect(clippy::print_stdout, reason = "whoever runs the tests wants to know what was skipped")]
pub fn shared(path: &str) -> Option<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    if dir.exists() {
        return Some(dir);
    }
    assert!(std::env::var_os("CI").is_none(), "{} is absent in CI", dir.display());
    println!("skipped: {} is absent", dir.display());
    None
}
