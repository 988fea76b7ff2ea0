//! What receivers and watches measure beside the position, under one name in every format.

/// Something measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// Metres above the sea.
    Elevation,
    /// Beats a minute.
    HeartRate,
    /// Metres a second.
    Speed,
    /// Watts.
    Power,
    /// Turns or double steps a minute.
    Cadence,
    /// Degrees Celsius.
    Temperature,
    /// Metres since the start.
    Distance,
}

/// Each with its names; the first is the one that is shown.
const READINGS: [(Reading, &[&str]); 7] = [
    (Reading::Elevation, &["ele", "elevation", "altitude", "alt"]),
    (Reading::HeartRate, &["hr", "heart_rate", "heartrate"]),
    (Reading::Speed, &["speed"]),
    (Reading::Power, &["power", "watts"]),
    (Reading::Cadence, &["cadence", "cad"]),
    (Reading::Temperature, &["temperature", "temp", "atemp"]),
    (Reading::Distance, &["distance"]),
];

/// What was measured at one fix, and what was measured at any.
#[derive(Debug, Clone, Default)]
pub(super) struct Readings {
    values: [Option<f64>; READINGS.len()],
    seen: [bool; READINGS.len()],
}

impl Readings {
    pub(super) fn say(&mut self, reading: Reading, value: f64) {
        self.values[reading as usize] = Some(value);
        self.seen[reading as usize] = true;
    }

    /// Forgets the values: the next fix has its own.
    pub(super) fn clear(&mut self) {
        self.values = Default::default();
    }

    /// The value of a column.
    pub(super) fn get(&self, column: &str) -> Option<f64> {
        let at = READINGS.iter().position(|(_, names)| names[0] == column)?;
        self.values[at]
    }

    /// The columns of all that was measured so far.
    pub(super) fn columns(&self) -> impl Iterator<Item = &'static str> {
        READINGS.iter().zip(self.seen).filter(|(_, seen)| *seen).map(|((_, names), _)| names[0])
    }
}

/// The column that has this name among others.
pub(super) fn column(name: &str) -> Option<&'static str> {
    let known = |names: &&[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name.trim()));
    READINGS.iter().map(|(_, names)| *names).find(known).map(|names| names[0])
}
