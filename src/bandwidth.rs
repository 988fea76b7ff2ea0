//! The length of a kernel, with its unit. For a Gaussian it is the standard deviation.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;
use crate::events::{Space, Unit};
use crate::frame::Frame;

/// A bandwidth as the caller gives it.
///
/// ```
/// use torrid::Bandwidth;
/// let bandwidth: Bandwidth = "2km".parse()?;
/// assert_eq!(bandwidth, Bandwidth::Metres(2000.0));
/// assert_eq!(bandwidth.to_string(), "2km");
/// # Ok::<(), torrid::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bandwidth {
    /// A length on the ground, the same at every latitude.
    Metres(f64),
    /// A length in cells of the picture, whatever they cover.
    Pixels(f64),
    /// A length in the unit of a flat space.
    Units(f64),
    /// Chosen from the events by the robust rule of [`crate::estimate::bandwidth`].
    Auto,
    /// No kernel: each cell shows what it gathered itself.
    None,
}

impl Bandwidth {
    /// The standard deviation over a frame; `None` for [`Bandwidth::None`].
    ///
    /// # Errors
    /// When the unit has no meaning in the space of the frame, or the bandwidth is still `auto`.
    pub fn sigma(self, frame: &Frame) -> Result<Option<Sigma>, Error> {
        let per_unit = frame.cells_per_unit();
        let cells = |length: f64| Some(Sigma::Cells(length * per_unit.0, length * per_unit.1));
        match (self, frame.space()) {
            (Bandwidth::None, _) => Ok(None),
            (Bandwidth::Pixels(px), _) => Ok(Some(Sigma::Cells(px, px))),
            (Bandwidth::Metres(m), Space::Earth) => Ok(Some(Sigma::Ground(m))),
            (Bandwidth::Metres(m), Space::Flat { unit, .. }) => match unit.metres() {
                Some(metres) => Ok(cells(m / metres)),
                None => Err(no_meaning(self, &format!("a length in {} or px", unit_names(unit)))),
            },
            (Bandwidth::Units(u), Space::Flat { .. }) => Ok(cells(u)),
            (Bandwidth::Units(_), Space::Earth) => Err(no_meaning(self, "metres, kilometres or px on the Earth")),
            (Bandwidth::Auto, _) => Err(no_meaning(self, "a bandwidth that was chosen")),
        }
    }
}

fn unit_names(unit: Unit) -> String {
    if unit == Unit::Unnamed { "the file's unit (as `0.4u`)".into() } else { format!("u (here {})", unit.symbol()) }
}

fn no_meaning(bandwidth: Bandwidth, expected: &str) -> Error {
    Error::caller("--bandwidth").found(format!("`{bandwidth}`")).expected(expected)
}

/// The standard deviation of a Gaussian over a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sigma {
    /// In cells, horizontally and vertically.
    Cells(f64, f64),
    /// In metres on the ground of the Earth.
    Ground(f64),
}

impl FromStr for Bandwidth {
    type Err = Error;

    fn from_str(text: &str) -> Result<Bandwidth, Error> {
        let wrong = || {
            Error::caller("--bandwidth")
                .found(format!("`{text}`"))
                .expected("a positive length with its unit, `auto` or `none`")
                .advice("write it like 250m, 2km, 12px or 0.4u")
        };
        match text {
            "auto" => return Ok(Bandwidth::Auto),
            "none" => return Ok(Bandwidth::None),
            _ => {}
        }
        let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let length: f64 = number.trim_end().parse().map_err(|_| wrong())?;
        if !(length > 0.0 && length.is_finite()) {
            return Err(wrong());
        }
        match &text[number.len()..] {
            "m" => Ok(Bandwidth::Metres(length)),
            "km" => Ok(Bandwidth::Metres(length * 1000.0)),
            "px" => Ok(Bandwidth::Pixels(length)),
            "u" => Ok(Bandwidth::Units(length)),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Bandwidth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `{:#}` is for reading: three digits; `{}` can be parsed back to the same bandwidth.
        let length = |length: f64, unit: &str, f: &mut fmt::Formatter<'_>| {
            let rounded = || format!("{length:.2e}").parse().unwrap_or(length);
            write!(f, "{}{unit}", if f.alternate() { rounded() } else { length })
        };
        match self {
            Bandwidth::Metres(m) if *m >= 1000.0 => length(m / 1000.0, "km", f),
            Bandwidth::Metres(m) => length(*m, "m", f),
            Bandwidth::Pixels(px) => length(*px, "px", f),
            Bandwidth::Units(u) => length(*u, "u", f),
            Bandwidth::Auto => write!(f, "auto"),
            Bandwidth::None => write!(f, "none"),
        }
    }
}
