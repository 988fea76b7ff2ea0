//! Which windows count: a class of devices, or widths near one. A picture shows one layout of a page, which windows of other
//! widths did not have.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use super::SAME_WIDTH;
use crate::error::Error;

/// Widths of windows, in CSS pixels.
///
/// ```
/// use torrid::land::Widths;
/// let phone: Widths = "phone".parse()?;
/// assert!(phone.holds(390.0) && !phone.holds(768.0));
/// let one: Widths = "1280".parse()?;
/// assert!(one.holds(1265.0) && one.holds(1300.0) && !one.holds(1366.0));
/// let some: Widths = "1200-1400".parse()?;
/// assert!(some.holds(1200.0) && some.holds(1400.0) && !some.holds(1401.0));
/// # Ok::<(), torrid::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Widths {
    least: f64,
    /// The first width that does not count any more.
    end: f64,
    written: String,
}

/// The classes of devices: name, least width, and the first that is beyond.
pub const CLASSES: &[(&str, f64, f64)] =
    &[("phone", 0.0, 481.0), ("tablet", 481.0, 1025.0), ("desktop", 1025.0, f64::INFINITY)];

impl Widths {
    /// Whether a width counts.
    pub fn holds(&self, width: f64) -> bool {
        self.range().contains(&width)
    }

    /// The widths that count.
    pub fn range(&self) -> Range<f64> {
        self.least..self.end
    }
}

impl FromStr for Widths {
    type Err = Error;

    fn from_str(text: &str) -> Result<Widths, Error> {
        let wrong = || {
            Error::caller("--viewport")
                .found(format!("`{text}`"))
                .expected("phone, tablet, desktop, a width in CSS pixels such as 1280, or two of them: 1200-1400")
                .advice("phones are up to 480 pixels wide, tablets up to 1024")
        };
        let written = text.to_owned();
        if let Some((_, least, end)) = CLASSES.iter().find(|(name, _, _)| *name == text) {
            return Ok(Widths { least: *least, end: *end, written });
        }
        let number = |text: &str| text.trim().parse().ok().filter(|width: &f64| (1.0..=100_000.0).contains(width));
        let (least, most) = if let Some((least, most)) = text.split_once('-') {
            number(least).zip(number(most)).ok_or_else(wrong)?
        } else {
            let width = number(text).ok_or_else(wrong)?;
            (width - SAME_WIDTH, width + SAME_WIDTH)
        };
        if least > most {
            return Err(wrong());
        }
        Ok(Widths { least, end: most.next_up(), written })
    }
}

impl fmt::Display for Widths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.written)
    }
}
