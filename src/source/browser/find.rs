//! Where the browser and its driver are on this machine.

use std::path::{Path, PathBuf};

use crate::error::Error;

/// What browsers are called that a chromedriver drives.
const BROWSERS: [&str; 5] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// Where they are when not on the path.
const BROWSERS_AT: [&str; 4] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
];

/// Where drivers are when not on the path.
const DRIVERS_AT: [&str; 2] = ["/usr/lib/chromium/chromedriver", "/usr/lib/chromium-browser/chromedriver"];

/// What to do where one is missing.
const INSTALL: &str = "install both, as by `apt install chromium chromium-driver`, `apk add chromium-chromedriver`, \
    `brew install --cask chromium chromedriver`, or from https://googlechromelabs.github.io/chrome-for-testing";

/// The browser: the one that is given, that of the variable `CHROMIUM`, or one that is installed.
///
/// # Errors
/// When there is none.
pub(super) fn browser(given: Option<&Path>) -> Result<PathBuf, Error> {
    let set = variable("CHROMIUM");
    for (option, path) in [("--browser", given), ("the variable CHROMIUM", set.as_deref())] {
        match path {
            Some(path) if path.is_file() => return Ok(path.to_owned()),
            Some(path) => {
                let missing = Error::caller(option).found(format!("no file {}", path.display()));
                return Err(missing.expected("a Chromium or Chrome").advice(INSTALL));
            }
            None => {}
        }
    }
    let installed = BROWSERS.into_iter().find_map(on_path).or_else(|| at(&BROWSERS_AT));
    installed.ok_or_else(|| missing("no Chromium", "one that renders the page, and a chromedriver of the same version"))
}

/// The driver: that of the variable `CHROMEDRIVER`, the one beside the browser, or one that is installed.
///
/// # Errors
/// When there is none.
pub(super) fn driver(browser: &Path) -> Result<PathBuf, Error> {
    if let Some(path) = variable("CHROMEDRIVER") {
        return if path.is_file() { Ok(path) } else { Err(missing("no file of the variable CHROMEDRIVER", "one")) };
    }
    let name = if cfg!(windows) { "chromedriver.exe" } else { "chromedriver" };
    let beside = browser.parent().map(|folder| folder.join(name)).filter(|path| path.is_file());
    let found = beside.or_else(|| on_path("chromedriver")).or_else(|| at(&DRIVERS_AT));
    let expected = format!("one of the version of {}, which it drives", browser.display());
    found.ok_or_else(|| missing("no chromedriver", &expected))
}

fn missing(found: &str, expected: &str) -> Error {
    Error::machine("the browser").found(found).expected(expected).advice(INSTALL)
}

fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|path| !path.is_empty()).map(PathBuf::from)
}

fn on_path(name: &str) -> Option<PathBuf> {
    let name = if cfg!(windows) { format!("{name}.exe") } else { name.to_owned() };
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|folder| folder.join(&name)).find(|file| file.is_file())
}

fn at(places: &[&str]) -> Option<PathBuf> {
    places.iter().map(PathBuf::from).find(|path| path.is_file())
}
