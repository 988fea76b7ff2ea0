//! How wide a kernel is. For a Gaussian the bandwidth is the standard deviation, for an exponential the e-folding
//! length, for a compact kernel the radius of its support. It is given as a length with its unit, chosen from the
//! events by a rule, or different for each event.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;
use crate::events::{Space, Unit};
use crate::frame::Frame;

/// A bandwidth as the caller gives it.
///
/// ```
/// use torrid::Bandwidth;
/// use torrid::bandwidth::Length;
/// let bandwidth: Bandwidth = "2km".parse()?;
/// assert_eq!(bandwidth, Bandwidth::Fixed(Length::Metres(2000.0)));
/// assert_eq!(bandwidth.to_string(), "2km");
/// assert_eq!("knn:15".parse::<Bandwidth>()?, Bandwidth::Nearest(15));
/// # Ok::<(), torrid::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bandwidth {
    /// One length for all events.
    Fixed(Length),
    /// One length for all events, chosen from them.
    Rule(Rule),
    /// For each event the distance to its K-th nearest other event.
    Nearest(u32),
    /// For each event this length, shortened where events are dense and lengthened where they are sparse (Abramson).
    Adaptive(Length),
    /// No kernel: each cell shows what it gathered itself.
    None,
}

/// A length with its unit, greater than 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Length {
    /// On the ground, the same at every latitude.
    Metres(f64),
    /// In cells of the picture, whatever they cover.
    Pixels(f64),
    /// In the unit of a flat space.
    Units(f64),
}

/// A rule that chooses a bandwidth; [`crate::estimate::bandwidth`] and [`crate::estimate::lscv`] hold the formulas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The robust rule of ArcGIS, used as it is for every kernel.
    Auto,
    /// Scott's rule.
    Scott,
    /// Silverman's rule, which in two dimensions is Scott's.
    Silverman,
    /// Least-squares cross-validation.
    Lscv,
}

/// The rules by the name that `--bandwidth` knows them by.
pub const RULES: &[(&str, Rule)] =
    &[("auto", Rule::Auto), ("scott", Rule::Scott), ("silverman", Rule::Silverman), ("lscv", Rule::Lscv)];

impl Rule {
    /// The name.
    pub fn name(self) -> &'static str {
        RULES.iter().find(|(_, rule)| *rule == self).map_or("", |(name, _)| name)
    }
}

/// A bandwidth over the cells of a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Breadth {
    /// In cells, horizontally and vertically.
    Cells(f64, f64),
    /// In metres on the ground of the Earth.
    Ground(f64),
}

impl Breadth {
    /// So many times as wide.
    pub fn times(self, factor: f64) -> Breadth {
        match self {
            Breadth::Cells(x, y) => Breadth::Cells(x * factor, y * factor),
            Breadth::Ground(m) => Breadth::Ground(m * factor),
        }
    }
}

impl Length {
    /// The length over the cells of a frame.
    ///
    /// # Errors
    /// When the unit has no meaning in the space of the frame.
    pub fn over(self, frame: &Frame) -> Result<Breadth, Error> {
        let per_unit = frame.cells_per_unit();
        Ok(match self.in_space(frame.space())? {
            Length::Pixels(px) => Breadth::Cells(px, px),
            Length::Metres(m) => Breadth::Ground(m),
            Length::Units(u) => Breadth::Cells(u * per_unit.0, u * per_unit.1),
        })
    }

    /// The same length in metres on the Earth, in the space's own unit elsewhere; pixels stay pixels.
    ///
    /// # Errors
    /// When the unit has no meaning in the space.
    pub fn in_space(self, space: Space) -> Result<Length, Error> {
        match (self, space) {
            (Length::Units(_), Space::Earth) => Err(no_meaning(self, "metres, kilometres or px on the Earth")
                .advice("write it like 250m, or say with --flat that the positions are not on the Earth")),
            (Length::Metres(m), Space::Flat { unit, .. }) => match unit.metres() {
                Some(metres) => Ok(Length::Units(m / metres)),
                None => Err(no_meaning(self, &format!("a length in {} or px", unit_names(unit)))),
            },
            _ => Ok(self),
        }
    }

    /// So many times as long.
    pub fn times(self, factor: f64) -> Length {
        match self {
            Length::Metres(m) => Length::Metres(m * factor),
            Length::Pixels(px) => Length::Pixels(px * factor),
            Length::Units(u) => Length::Units(u * factor),
        }
    }

    /// A length in the unit that a space measures by: metres on the Earth, its own unit elsewhere.
    pub fn of_space(space: Space, length: f64) -> Length {
        if space == Space::Earth { Length::Metres(length) } else { Length::Units(length) }
    }
}

fn unit_names(unit: Unit) -> String {
    if unit == Unit::Unnamed { "the file's unit (as `0.4u`)".into() } else { format!("u (here {})", unit.symbol()) }
}

fn no_meaning(length: Length, expected: &str) -> Error {
    Error::caller("--bandwidth").found(format!("`{length}`")).expected(expected)
}

/// What a text should have been.
fn wrong(text: &str) -> Error {
    Error::caller("--bandwidth")
        .found(format!("`{text}`"))
        .expected("a positive length with its unit, auto, scott, silverman, lscv, knn:K, adaptive:LENGTH or none")
        .advice("write it like 250m, 2km, 12px, 0.4u, knn:15 or adaptive:250m")
}

impl FromStr for Length {
    type Err = Error;

    fn from_str(text: &str) -> Result<Length, Error> {
        let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let length: f64 = number.trim_end().parse().map_err(|_| wrong(text))?;
        if !(length > 0.0 && length.is_finite()) {
            return Err(wrong(text));
        }
        match &text[number.len()..] {
            "m" => Ok(Length::Metres(length)),
            "km" => Ok(Length::Metres(length * 1000.0)),
            "px" => Ok(Length::Pixels(length)),
            "u" => Ok(Length::Units(length)),
            _ => Err(wrong(text)),
        }
    }
}

impl FromStr for Bandwidth {
    type Err = Error;

    fn from_str(text: &str) -> Result<Bandwidth, Error> {
        if let Some((_, rule)) = RULES.iter().find(|(name, _)| *name == text) {
            return Ok(Bandwidth::Rule(*rule));
        }
        match text.split_once(':') {
            Some(("knn", k)) => match k.parse() {
                Ok(k) if k > 0 => Ok(Bandwidth::Nearest(k)),
                _ => Err(wrong(text)),
            },
            Some(("adaptive", length)) => Ok(Bandwidth::Adaptive(length.parse()?)),
            _ if text == "none" => Ok(Bandwidth::None),
            _ => Ok(Bandwidth::Fixed(text.parse()?)),
        }
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `{:#}` is for reading: three digits; `{}` can be parsed back to the same length.
        let rounded =
            |length: f64| if f.alternate() { format!("{length:.2e}").parse().unwrap_or(length) } else { length };
        match self {
            Length::Metres(m) if *m >= 1000.0 => write!(f, "{}km", rounded(m / 1000.0)),
            Length::Metres(m) => write!(f, "{}m", rounded(*m)),
            Length::Pixels(px) => write!(f, "{}px", rounded(*px)),
            Length::Units(u) => write!(f, "{}u", rounded(*u)),
        }
    }
}

impl fmt::Display for Bandwidth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bandwidth::Fixed(length) => length.fmt(f),
            Bandwidth::Rule(rule) => f.write_str(rule.name()),
            Bandwidth::Nearest(k) => write!(f, "knn:{k}"),
            Bandwidth::Adaptive(length) => {
                f.write_str("adaptive:")?;
                length.fmt(f)
            }
            Bandwidth::None => f.write_str("none"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_was_read() {
        for text in
            ["250m", "2.5km", "12px", "0.4u", "auto", "scott", "silverman", "lscv", "knn:15", "adaptive:2km", "none"]
        {
            assert_eq!(text.parse::<Bandwidth>().expect(text).to_string(), text);
        }
    }

    #[test]
    fn what_is_no_bandwidth_is_refused() {
        for text in ["", "250", "-3m", "0px", "nanm", "infkm", "knn", "knn:0", "knn:x", "adaptive:", "adaptive:none"] {
            assert!(text.parse::<Bandwidth>().is_err(), "{text}");
        }
    }
}
