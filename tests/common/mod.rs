//! What several test files need.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::{Path, PathBuf};

/// A path in the folder of reference values and real data beside the repository. Where it is absent the test that
/// asks is skipped with a printed line; in CI that is a failure.
pub fn shared(path: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    if found.exists() {
        return Some(found);
    }
    assert!(std::env::var_os("CI").is_none(), "{} is absent in CI", found.display());
    println!("skipped: {} is absent", found.display());
    None
}
