//! Pages as a browser lays them out, the third door in: a local Chromium renders a page without a window, and tells where its
//! elements are. It is driven by a chromedriver (W3C `WebDriver`, <https://www.w3.org/TR/webdriver2/>) that is started for one page
//! and stopped with everything it started, whatever happens. What the page's own scripts do to the page's language cannot
//! reach ours, which run in a world of their own.

mod address;
#[cfg_attr(not(feature = "web"), path = "no_web.rs")]
mod render;
#[cfg(feature = "web")]
mod driver;
#[cfg(feature = "web")]
mod find;
#[cfg(feature = "web")]
mod picture;
#[cfg(feature = "web")]
mod session;

use std::path::PathBuf;
use std::time::Duration;

pub use address::address;
pub use render::rendered;

use crate::error::Error;
use crate::image::Image;
use crate::page::Page;

/// The most pixels of a screenshot, a gigabyte of them.
pub const MOST_PIXELS: u64 = 1 << 28;

/// The widest and the highest window, in CSS pixels.
pub const LARGEST_WINDOW: u32 = 8192;

/// The most pixels of a screenshot for each CSS pixel along a side.
pub const FINEST: u32 = 4;

/// How a page is to be rendered.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    /// Width and height of the window that it is laid out in, in CSS pixels, 1 to [`LARGEST_WINDOW`].
    pub viewport: [u32; 2],
    /// Pixels of the screenshot for each CSS pixel, 1 to [`FINEST`].
    pub scale: u32,
    /// The whole page, or what the window shows of it.
    pub whole: bool,
    /// How long to wait after the page has come to rest.
    pub wait: Duration,
    /// How long all of it may take.
    pub timeout: Duration,
    /// The browser; none is looked for.
    pub browser: Option<PathBuf>,
    /// Whether the browser confines pages, which it cannot do in some containers, and does not as root.
    pub confined: bool,
    /// Selectors that others use for elements of the page, which are looked up there.
    pub selectors: Vec<String>,
}

impl Default for Wish {
    fn default() -> Wish {
        Wish {
            viewport: [1280, 800],
            scale: 1,
            whole: true,
            wait: Duration::ZERO,
            timeout: Duration::from_mins(1),
            browser: None,
            confined: true,
            selectors: Vec::new(),
        }
    }
}

impl Wish {
    /// Whether it can be fulfilled, as far as can be told without a browser.
    ///
    /// # Errors
    /// When the window or the scale is out of range, or no time is left; the caller's fault.
    pub fn check(&self) -> Result<(), Error> {
        for (option, side) in ["--width", "--height"].into_iter().zip(self.viewport) {
            if side == 0 || side > LARGEST_WINDOW {
                let found = Error::caller(option).found(side.to_string());
                return Err(found.expected(format!("CSS pixels, 1 to {LARGEST_WINDOW}")));
            }
        }
        if self.scale == 0 || self.scale > FINEST {
            let found = Error::caller("--scale").found(self.scale.to_string());
            return Err(found.expected(format!("whole pixels for each CSS pixel, 1 to {FINEST}")));
        }
        if self.timeout <= self.wait {
            return Err(Error::caller("--timeout")
                .found(format!("{} s, and {} s of them to wait", self.timeout.as_secs_f64(), self.wait.as_secs_f64()))
                .expected("more time than --wait takes"));
        }
        Ok(())
    }
}

/// A page that was rendered.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// Where its elements are.
    pub page: Page,
    /// What it looks like: `page.width` × `page.height`, each times `page.scale`.
    pub picture: Image,
    /// Things the user should know.
    pub notes: Vec<String>,
}
