//! A number with its unit, as options of tracks are written: `5min`, `2km`, `120km/h`.

/// A unit by its name, in the unit everything is counted in.
pub type Units = &'static [(&'static str, f64)];

/// Durations, in seconds.
pub const DURATIONS: Units = &[("s", 1.0), ("min", 60.0), ("h", 3600.0), ("d", 86_400.0)];

/// Lengths on the ground, in metres.
pub const LENGTHS: Units = &[("m", 1.0), ("km", 1000.0), ("mi", 1609.344), ("ft", 0.3048)];

/// Speeds, in metres a second.
pub const SPEEDS: Units = &[("m/s", 1.0), ("km/h", 1.0 / 3.6), ("mph", 0.447_04), ("kn", 1852.0 / 3600.0)];

/// The positive number that a text says, if its unit is among these.
pub fn parse(text: &str, units: Units) -> Option<f64> {
    let text = text.trim();
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+'));
    let number: f64 = text[..text.len() - unit.len()].parse().ok()?;
    let (_, size) = units.iter().find(|(name, _)| *name == unit.trim())?;
    let value = number * size;
    (value > 0.0 && value.is_finite()).then_some(value)
}

/// The text with the fewest digits that reads as the same number.
pub fn write(value: f64, units: Units) -> String {
    let texts = units.iter().map(|(name, size)| (format!("{}", value / size), name));
    let texts = texts.map(|(number, name)| (number.len(), format!("{number}{name}")));
    let same = texts.filter(|(_, text)| parse(text, units) == Some(value));
    same.min_by_key(|(digits, _)| *digits).map_or_else(|| format!("{value}{}", units[0].0), |(_, text)| text)
}
