//! What becomes of tracks before they are lines on a map: what of them counts, where a gap interrupts them, which speeds
//! are impossible, which places are nobody's business; and how all that is written.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;
use crate::world::EARTH_RADIUS_M;

/// What is to be done to tracks.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tracing {
    /// What the map adds up.
    pub weight: Weight,
    /// What is too far apart to be joined.
    pub max_gap: Gap,
    /// Which fixes are mistakes.
    pub max_speed: Speed,
    /// Leave the wandering of a receiver at rest as it is.
    pub keep_jitter: bool,
    /// Leave out fixes that lie within so many metres of the line without them.
    pub simplify: Option<f64>,
    /// Circles in which nothing is shown. No event of a length or a time lies inside one; those of [`Weight::Pass`] and
    /// [`Weight::User`] lie in the middle of cells, which may be inside a circle though what touches the cell is not.
    pub hide: Vec<Zone>,
    /// Metres that are cut from both ends of each track, along its way; finite, 0 or more.
    pub trim: f64,
    /// Cells are shown where at least so many people passed.
    pub min_users: usize,
}

impl Tracing {
    /// What is private, in words that do not say where; none where nothing is.
    ///
    /// ```
    /// use torrid::tracing::Tracing;
    /// let tracing = Tracing { trim: 200.0, min_users: 3, ..Tracing::default() };
    /// assert_eq!(tracing.privacy().as_deref(), Some("200 m cut from both ends, cells of at least 3 people"));
    /// ```
    pub fn privacy(&self) -> Option<String> {
        let circles = match self.hide.len() {
            0 => None,
            1 => Some("1 circle hidden".to_owned()),
            many => Some(format!("{many} circles hidden")),
        };
        let trim = (self.trim > 0.0).then(|| format!("{} m cut from both ends", self.trim));
        let users = (self.min_users > 1).then(|| format!("cells of at least {} people", self.min_users));
        let words: Vec<String> = [circles, trim, users].into_iter().flatten().collect();
        (!words.is_empty()).then(|| words.join(", "))
    }
}

/// What of a track a map adds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Weight {
    /// Metres on the ground.
    #[default]
    Length,
    /// Seconds.
    Time,
    /// Tracks: each counts once in each cell that it touches.
    Pass,
    /// People: each counts once in each cell that one of their tracks touches.
    User,
}

/// The weights by the name that users know them by.
pub const WEIGHTS: &[(&str, Weight)] =
    &[("length", Weight::Length), ("time", Weight::Time), ("pass", Weight::Pass), ("user", Weight::User)];

impl Weight {
    /// The name.
    pub fn name(self) -> &'static str {
        WEIGHTS.iter().find(|(_, weight)| *weight == self).map_or("", |(name, _)| name)
    }

    /// What one unit of it is, as a legend says it.
    pub fn unit(self) -> &'static str {
        match self {
            Weight::Length => "metres",
            Weight::Time => "seconds",
            Weight::Pass => "passes",
            Weight::User => "people",
        }
    }

    /// Whether each track or person counts once in a cell.
    pub fn is_counted(self) -> bool {
        matches!(self, Weight::Pass | Weight::User)
    }
}

/// What is too far apart to be joined by a line: fixes between which more than this time or this way lies.
///
/// ```
/// use torrid::tracing::Gap;
/// let gap: Gap = "5min,2km".parse()?;
/// assert_eq!((gap.seconds, gap.metres), (Some(300.0), Some(2000.0)));
/// assert_eq!(gap.to_string(), "5min,2km");
/// # Ok::<(), torrid::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gap {
    /// The longest time, in seconds; tracks without times know none.
    pub seconds: Option<f64>,
    /// The longest way, in metres on the ground.
    pub metres: Option<f64>,
}

impl Default for Gap {
    fn default() -> Gap {
        Gap { seconds: Some(3600.0), metres: None }
    }
}

impl FromStr for Gap {
    type Err = Error;

    fn from_str(text: &str) -> Result<Gap, Error> {
        let nothing = Gap { seconds: None, metres: None };
        if text.trim() == "none" {
            return Ok(nothing);
        }
        let gap = text.split(',').try_fold(nothing, |gap, part| match (parse(part, DURATIONS), parse(part, LENGTHS)) {
            (seconds @ Some(_), _) if gap.seconds.is_none() => Some(Gap { seconds, ..gap }),
            (_, metres @ Some(_)) if gap.metres.is_none() => Some(Gap { metres, ..gap }),
            _ => None,
        });
        gap.ok_or_else(|| {
            Error::caller("--max-gap")
                .found(format!("`{text}`"))
                .expected("a duration (s, min, h, d), a length (m, km, mi, ft), both, or none")
                .advice("write it like 5min, 2km or 5min,2km")
        })
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.seconds.map(|seconds| write(seconds, DURATIONS));
        let metres = self.metres.map(|metres| write(metres, LENGTHS));
        let parts: Vec<String> = [seconds, metres].into_iter().flatten().collect();
        f.write_str(if parts.is_empty() { "none".to_owned() } else { parts.join(",") }.as_str())
    }
}

/// Which speeds are taken for mistakes of the receiver.
///
/// ```
/// use torrid::tracing::Speed;
/// assert_eq!("auto".parse::<Speed>()?, Speed::Auto);
/// assert_eq!("30m/s".parse::<Speed>()?, Speed::Most(30.0));
/// # Ok::<(), torrid::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Speed {
    /// None as such, but fixes that nobody could have come from and got back from.
    #[default]
    Auto,
    /// None.
    Any,
    /// More than so many metres a second.
    Most(f64),
}

impl FromStr for Speed {
    type Err = Error;

    fn from_str(text: &str) -> Result<Speed, Error> {
        match text.trim() {
            "auto" => Ok(Speed::Auto),
            "none" => Ok(Speed::Any),
            given => parse(given, SPEEDS).map(Speed::Most).ok_or_else(|| {
                Error::caller("--max-speed")
                    .found(format!("`{text}`"))
                    .expected("a speed in km/h, m/s, mph or kn, auto or none")
                    .advice("write it like 120km/h or 30m/s")
            }),
        }
    }
}

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Speed::Auto => f.write_str("auto"),
            Speed::Any => f.write_str("none"),
            Speed::Most(speed) => f.write_str(&write(*speed, SPEEDS)),
        }
    }
}

/// A circle on the ground inside which nothing is shown. It is written as maps give places: latitude first.
///
/// ```
/// use torrid::tracing::Zone;
/// let home: Zone = "48.8566,2.3522,0.5km".parse()?;
/// assert_eq!((home.lng, home.lat, home.metres), (2.3522, 48.8566, 500.0));
/// assert_eq!(home.to_string(), "48.8566,2.3522,500m");
/// # Ok::<(), torrid::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Zone {
    /// Longitude of the middle, in degrees, in -180..=180.
    pub lng: f64,
    /// Latitude of the middle, in degrees, in -90..=90.
    pub lat: f64,
    /// The radius along great circles, in metres, greater than 0.
    pub metres: f64,
}

impl Zone {
    /// Whether a place, in degrees, lies inside or on its edge.
    pub fn holds(&self, lng: f64, lat: f64) -> bool {
        let half = |degrees: f64| (degrees.to_radians() / 2.0).sin();
        let (across, down) = (half(lng - self.lng), half(lat - self.lat));
        let haversine = down * down + lat.to_radians().cos() * self.lat.to_radians().cos() * across * across;
        2.0 * EARTH_RADIUS_M * haversine.sqrt().min(1.0).asin() <= self.metres
    }
}

impl FromStr for Zone {
    type Err = Error;

    fn from_str(text: &str) -> Result<Zone, Error> {
        let parts: Vec<&str> = text.split(',').map(str::trim).collect();
        let within = |text: &str, most: f64| text.parse().ok().filter(|degrees: &f64| degrees.abs() <= most);
        let zone = match parts[..] {
            [lat, lng, metres] => match (within(lat, 90.0), within(lng, 180.0), parse(metres, LENGTHS)) {
                (Some(lat), Some(lng), Some(metres)) => Some(Zone { lng, lat, metres }),
                _ => None,
            },
            _ => None,
        };
        zone.ok_or_else(|| {
            Error::caller("--hide")
                .found(format!("`{text}`"))
                .expected("a latitude and a longitude in degrees, and a radius in m, km, mi or ft")
                .advice("write it like 48.8566,2.3522,500m: latitude first")
        })
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{},{}", self.lat, self.lng, write(self.metres, LENGTHS))
    }
}

/// A length on the ground as an option says it, in metres: `200m`, `0.5km`, `1mi`.
///
/// # Errors
/// When it is none, or not above 0.
pub fn length(option: &str, text: &str) -> Result<f64, Error> {
    parse(text, LENGTHS).ok_or_else(|| {
        Error::caller(option)
            .found(format!("`{text}`"))
            .expected("a length in m, km, mi or ft")
            .advice("write it like 200m or 0.5km")
    })
}

/// A unit by its name, in the unit everything is counted in.
type Units = &'static [(&'static str, f64)];

/// Durations, in seconds.
const DURATIONS: Units = &[("s", 1.0), ("min", 60.0), ("h", 3600.0), ("d", 86_400.0)];

/// Lengths on the ground, in metres.
const LENGTHS: Units = &[("m", 1.0), ("km", 1000.0), ("mi", 1609.344), ("ft", 0.3048)];

/// Speeds, in metres a second.
const SPEEDS: Units = &[("m/s", 1.0), ("km/h", 1.0 / 3.6), ("mph", 0.447_04), ("kn", 1852.0 / 3600.0)];

/// The positive number that a text says, if its unit is among these.
fn parse(text: &str, units: Units) -> Option<f64> {
    let text = text.trim();
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+'));
    let number: f64 = text[..text.len() - unit.len()].parse().ok()?;
    let (_, size) = units.iter().find(|(name, _)| *name == unit.trim())?;
    let value = number * size;
    (value > 0.0 && value.is_finite()).then_some(value)
}

/// The text with the fewest digits that reads as the same number.
fn write(value: f64, units: Units) -> String {
    let texts = units.iter().map(|(name, size)| (format!("{}", value / size), name));
    let texts = texts.map(|(number, name)| (number.len(), format!("{number}{name}")));
    let same = texts.filter(|(_, text)| parse(text, units) == Some(value));
    same.min_by_key(|(digits, _)| *digits).map_or_else(|| format!("{value}{}", units[0].0), |(_, text)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_was_read() {
        for text in ["5min", "2km", "5min,2km", "none", "1h", "90s", "2d", "3mi", "500ft"] {
            assert_eq!(text.parse::<Gap>().expect(text).to_string(), text);
        }
        assert_eq!("2km,5min".parse::<Gap>().expect("either order").to_string(), "5min,2km");
        assert_eq!(Gap::default().to_string(), "1h");
        for text in ["auto", "none", "120km/h", "30m/s", "55mph", "480kn"] {
            assert_eq!(text.parse::<Speed>().expect(text).to_string(), text);
        }
        for text in ["48.8566,2.3522,500m", "-90,180,2000km", "0,-179.5,1mi"] {
            assert_eq!(text.parse::<Zone>().expect(text).to_string(), text);
        }
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for text in ["", "5", "min", "-5min", "0km", "5min,5min", "5min,", "1km,2km", "nans", "1e999h", "5 parsec"] {
            assert!(text.parse::<Gap>().is_err(), "{text}");
        }
        for text in ["", "fast", "0m/s", "-3km/h", "infm/s", "120"] {
            assert!(text.parse::<Speed>().is_err(), "{text}");
        }
        for text in ["", "1,2", "91,0,5m", "0,181,5m", "nan,0,5m", "1,2,5", "1,2,-5m", "1,2,3m,4"] {
            assert!(text.parse::<Zone>().is_err(), "{text}");
        }
    }
}
