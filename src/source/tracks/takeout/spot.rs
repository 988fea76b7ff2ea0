//! Where and when, in the spellings of all forms of the history.

use crate::source::json::{Cell, Cells, Damage};
use crate::source::tracks::takeout::Json;
use crate::source::{Field, Row};

/// A place and a time, each as far as it is told.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Spot {
    /// Degrees; none where it is blank, NaN where it is no number.
    pub(super) lng: Option<f64>,
    pub(super) lat: Option<f64>,
    /// Microseconds since 1970 UTC.
    pub(super) time: Option<i64>,
    /// How far off it may be, in metres.
    pub(super) accuracy: Option<f64>,
}

/// Reads spots; made once for many.
#[derive(Debug, Clone)]
pub(super) struct Spots(Cells);

/// The members of a spot by what they tell, in the order of the cells.
const NAMES: [(&str, Told); 14] = [
    ("longitudeE7", Told::Lng),
    ("lngE7", Told::Lng),
    ("latitudeE7", Told::Lat),
    ("latE7", Told::Lat),
    ("point", Told::Both),
    ("latLng", Told::Both),
    ("LatLng", Told::Both),
    ("time", Told::Time),
    ("timestamp", Told::Time),
    ("timestampMs", Told::Milliseconds),
    ("accuracy", Told::Accuracy),
    ("accuracyMeters", Told::Accuracy),
    ("durationMinutesOffsetFromStartTime", Told::Minutes),
    ("deviceTag", Told::Device),
];

#[derive(Debug, Clone, Copy, PartialEq)]
enum Told {
    Lng,
    Lat,
    Both,
    Time,
    Milliseconds,
    Accuracy,
    Minutes,
    Device,
}

impl Default for Spots {
    fn default() -> Spots {
        Spots(Cells::for_columns(&NAMES.map(|(name, _)| name.to_owned())))
    }
}

impl Spots {
    /// Reads the object that comes next.
    pub(super) fn read(&mut self, json: &mut Json) -> Result<Spot, Damage> {
        self.0.clear();
        self.0.read_object(json)?;
        let mut spot = Spot {
            lng: self.first(Told::Lng, |field| Some(degrees(field.number()?, 180.0))),
            lat: self.first(Told::Lat, |field| Some(degrees(field.number()?, 90.0))),
            time: self.first(Told::Time, |field| field.time()).or_else(|| self.first(Told::Milliseconds, milliseconds)),
            accuracy: self.first(Told::Accuracy, |field| field.number()),
        };
        if let Some((lng, lat)) = self.first(Told::Both, |field| match field {
            Field::Text(text) => Some(place(text)),
            _ => None,
        }) {
            (spot.lng, spot.lat) = (Some(lng), Some(lat));
        }
        Ok(spot)
    }

    /// Of the spot read last: so many minutes after the segment began.
    pub(super) fn minutes(&self) -> Option<f64> {
        self.first(Told::Minutes, |field| field.number())
    }

    /// Of the spot read last: the number of the device.
    pub(super) fn device(&self) -> Option<String> {
        self.first(Told::Device, |field| match field {
            Field::Text(text) => Some(text.to_owned()),
            field => field.number().map(|number| number.to_string()),
        })
    }

    fn first<T>(&self, told: Told, value: impl Fn(Field<'_>) -> Option<T>) -> Option<T> {
        let cells = NAMES.iter().enumerate().filter(|(_, (_, known))| *known == told);
        cells.map(|(at, _)| self.0.field(at)).find_map(value)
    }
}

impl Spot {
    /// Whether there is a place at all.
    pub(super) fn is_somewhere(&self) -> bool {
        self.lng.is_some() && self.lat.is_some()
    }
}

/// The instant that the value of a member called `name` tells, in microseconds since 1970 UTC.
pub(super) fn instant(cell: &Cell, name: &str) -> Option<i64> {
    if name.ends_with("Ms") { milliseconds(cell.field()) } else { cell.field().time() }
}

/// Not by its magnitude, because the unit is told.
fn milliseconds(field: Field<'_>) -> Option<i64> {
    Some((field.number()? * 1e3) as i64)
}

/// Degrees of what is written in ten-millionths of them, beyond ±`limit` the other way round: for some years, exports
/// had negative numbers without their sign bit, 2^32 too high.
fn degrees(e7: f64, limit: f64) -> f64 {
    const TURN: f64 = 4_294_967_296.0;
    let e7 = if e7 > limit * 1e7 { e7 - TURN } else { e7 };
    e7 / 1e7
}

/// The longitude and latitude of `48.85°, 2.35°` or `geo:48.85,2.35`, NaN where it is neither.
pub(super) fn place(text: &str) -> (f64, f64) {
    let text = text.trim();
    let text = text.strip_prefix("geo:").unwrap_or(text);
    let text = text.split(';').next().unwrap_or(text);
    let mut numbers = text.split(',').map(|number| {
        let number = number.trim().trim_end_matches('°').trim_end();
        fast_float2::parse(number).unwrap_or(f64::NAN)
    });
    let lat = numbers.next().unwrap_or(f64::NAN);
    (numbers.next().unwrap_or(f64::NAN), lat)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_known_in_every_spelling() {
        for text in ["48.85°, 2.35°", "geo:48.85,2.35", "48.85,2.35", " 48.85 ° , 2.35 ° ", "geo:48.85,2.35,100;u=5"]
        {
            assert_eq!(place(text), (2.35, 48.85), "{text}");
        }
        for text in ["", "geo:", "48.85", "north, east"] {
            assert!(place(text).0.is_nan(), "{text}");
        }
    }

    #[test]
    fn a_lost_sign_comes_back() {
        assert_eq!(degrees(488_500_000.0, 90.0), 48.85);
        assert_eq!(degrees(-338_000_000.0, 90.0), -33.8);
        assert_eq!(degrees(4_294_967_296.0 - 338_000_000.0, 90.0), -33.8);
        assert_eq!(degrees(4_294_967_296.0 - 1_220_000_000.0, 180.0), -122.0);
    }
}
