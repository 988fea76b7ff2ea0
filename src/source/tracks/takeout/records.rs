//! `Records.json`: all fixes of all devices of a person, of many years, without any tracks. A track is a day of a
//! device, from four in the morning by the sun to the next, when few are under way; within it, gaps are no business
//! of this file. So what is counted once for each track is counted once a day, and `--where` chooses days.

use crate::source::Reason;
use crate::source::json::Stop;
use crate::source::tracks::takeout::Json;
use crate::source::tracks::takeout::spot::{Spot, Spots};
use crate::source::tracks::{Fact, Recorder};

/// Fixes that may be off by more metres are left out: they are those of cell towers, between which a line would jump.
const WORST: f64 = 500.0;

/// The fixes of a history.
#[derive(Default)]
pub(super) struct Records {
    spots: Spots,
    /// Device and day of the current track.
    current: Option<(String, i64)>,
}

impl Records {
    /// Reads the fix that comes next.
    pub(super) fn read(&mut self, json: &mut Json, number: u64, out: &mut Recorder<'_>) -> Result<(), Stop> {
        let spot = self.spots.read(json)?;
        let device = self.spots.device().unwrap_or_default();
        if is_vague(&spot) {
            return Ok(out.unused(number, Reason::Inaccurate)?);
        }
        let known = self.current.as_ref().filter(|(current, _)| *current == device).map(|(_, day)| *day);
        let day = spot.time.map(|time| day(time, spot.lng)).or(known).unwrap_or_default();
        if known != Some(day) {
            if out.go_on(&format!("{device} {day}")) && !device.is_empty() {
                out.fact("device", Fact::Text(device.clone()));
            }
            self.current = Some((device, day));
        }
        Ok(out.fix(number, spot.lng, spot.lat, spot.time)?)
    }
}

/// Whether nobody knows where that was.
pub(super) fn is_vague(spot: &Spot) -> bool {
    spot.accuracy.is_some_and(|metres| metres > WORST)
}

/// The number of the day that an instant belongs to at a longitude: it begins at four in the morning by the sun.
pub(super) fn day(time: i64, lng: Option<f64>) -> i64 {
    const HOUR: f64 = 3.6e9;
    let lng = lng.filter(|lng| lng.abs() <= 180.0).unwrap_or_default();
    ((time as f64 / HOUR + lng / 15.0 - 4.0) / 24.0).floor() as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::parse_time;

    #[test]
    fn a_day_begins_at_four_in_the_morning_by_the_sun() {
        let day = |text, lng| day(parse_time(text).expect("a time"), Some(lng));
        assert_eq!(day("2020-05-02T03:59:00Z", 0.0) + 1, day("2020-05-02T04:01:00Z", 0.0), "Greenwich");
        assert_eq!(day("2020-05-01T18:59:00Z", 135.0) + 1, day("2020-05-01T19:01:00Z", 135.0), "Japan");
        assert_eq!(day("2020-05-01T12:01:00Z", -120.0), day("2020-05-02T11:59:00Z", -120.0), "California");
    }
}
