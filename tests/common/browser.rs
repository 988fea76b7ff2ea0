//! What tests of pages need on this machine: node, what drives a browser from there, Chromium, and its chromedriver.
#![allow(dead_code, reason = "each test file uses its share")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// Node and Chromium, by their paths.
pub type Browser = (PathBuf, PathBuf);

/// They are here, where the pages were built.
fn machine() -> Result<Browser, &'static str> {
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("web");
    if !web.join("dist/index.html").exists() || !web.join("node_modules/playwright-core").exists() {
        return Err("`make page` builds the page, and brings what drives a browser");
    }
    let node = on_path("node").ok_or("there is no node")?;
    let given = std::env::var_os("CHROMIUM").filter(|path| !path.is_empty()).map(PathBuf::from);
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let chromium = given.or_else(|| names.into_iter().find_map(on_path)).ok_or("there is no Chromium")?;
    Ok((node, chromium))
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file())
}

/// What is here; none where something is missing, which is an error where tests are run for others.
#[allow(clippy::print_stdout, reason = "a test that is skipped says so")]
fn here<T>(found: Result<T, &'static str>) -> Option<T> {
    found
        .map_err(|reason| {
            assert!(std::env::var_os("CI").is_none(), "{reason}");
            println!("skipped: {reason}");
        })
        .ok()
}

/// Node and Chromium.
pub fn browser() -> Option<Browser> {
    here(machine())
}

/// The same, where Chromium has its driver too.
pub fn driven_browser() -> Option<Browser> {
    let given = std::env::var_os("CHROMEDRIVER").filter(|path| !path.is_empty()).map(PathBuf::from);
    let driver = given.or_else(|| on_path("chromedriver"));
    here(driver.ok_or("there is no chromedriver")).and_then(|_| browser())
}

/// Runs a script that says what is not so; what it says else.
pub fn go_through((node, chromium): Browser, script: &str, arguments: &[&str]) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/test").join(script);
    let done = Command::new(node).env("CHROMIUM", chromium).arg(path).args(arguments).output().expect("node");
    let [said, errors] = [done.stdout, done.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(done.status.success(), "\n{said}{errors}");
    said
}
