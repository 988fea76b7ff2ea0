//! Semantic Location History: each journey is a track, from where it started, along what the receiver recorded of it,
//! else along the streets that Google laid it on, else from stop to stop, to where it ended.

use struson::reader::{JsonReader, ValueType};

use crate::error::Error;
use crate::source::Reason;
use crate::source::json::{Cell, Damage, Stop};
use crate::source::tracks::common::fact;
use crate::source::tracks::takeout::spot::{Spot, Spots, instant};
use crate::source::tracks::takeout::{Json, members, objects};
use crate::source::tracks::{Fact, Recorder};

/// A journey as told.
#[derive(Default)]
struct Journey {
    spots: Spots,
    start: Option<Spot>,
    end: Option<Spot>,
    /// When it started and ended, in microseconds since 1970 UTC.
    from: Option<i64>,
    to: Option<i64>,
    /// The way in three tellings, the best first.
    ways: [Vec<Spot>; 3],
    facts: Vec<(&'static str, Fact)>,
}

/// Reads the journey or stay that comes next.
pub(super) fn read(json: &mut Json, number: u64, out: &mut Recorder<'_>) -> Result<(), Stop> {
    let mut journey = None;
    let mut stays = 0;
    members(json, |json, name| {
        if name == "activitySegment" {
            return journey.insert(Journey::default()).read(json);
        }
        stays += u64::from(name == "placeVisit");
        Ok(json.skip_value()?)
    })?;
    if let Some(journey) = journey {
        journey.tell(number, out)?;
    }
    Ok((0..stays).try_for_each(|_| out.unused(number, Reason::NotATrackPoint))?)
}

impl Journey {
    fn read(&mut self, json: &mut Json) -> Result<(), Damage> {
        members(json, |json, name| match name {
            "startLocation" => self.spot(json).map(|spot| self.start = spot),
            "endLocation" => self.spot(json).map(|spot| self.end = spot),
            "duration" => self.duration(json),
            "simplifiedRawPath" => self.way(json, 0),
            "waypointPath" => self.way(json, 1),
            "transitPath" => self.way(json, 2),
            "activityType" => self.say(json, "type"),
            "confidence" => self.say(json, "confidence"),
            "distance" => self.say(json, "distance"),
            _ => Ok(json.skip_value()?),
        })
    }

    fn spot(&mut self, json: &mut Json) -> Result<Option<Spot>, Damage> {
        if json.peek()? == ValueType::Object {
            return self.spots.read(json).map(Some);
        }
        json.skip_value()?;
        Ok(None)
    }

    fn duration(&mut self, json: &mut Json) -> Result<(), Damage> {
        members(json, |json, name| {
            let time = instant(&Cell::read(json)?, name);
            match name {
                "startTimestamp" | "startTimestampMs" => self.from = self.from.or(time),
                "endTimestamp" | "endTimestampMs" => self.to = self.to.or(time),
                _ => {}
            }
            Ok(())
        })
    }

    fn way(&mut self, json: &mut Json, rank: usize) -> Result<(), Damage> {
        members(json, |json, name| match name {
            "points" | "waypoints" | "transitStops" => objects(json, |json| {
                let spot = self.spots.read(json)?;
                self.ways[rank].push(spot);
                Ok(())
            }),
            _ => Ok(json.skip_value()?),
        })
    }

    fn say(&mut self, json: &mut Json, name: &'static str) -> Result<(), Damage> {
        self.facts.extend(fact(Cell::read(json)?).map(|fact| (name, fact)));
        Ok(())
    }

    fn tell(self, number: u64, out: &mut Recorder<'_>) -> Result<(), Error> {
        let way = self.ways.into_iter().find(|way| !way.is_empty()).unwrap_or_default();
        let whole = self.from.zip(self.to);
        let steps = way.len() as f64 + 1.0;
        out.begin();
        for (name, fact) in self.facts {
            out.fact(name, fact);
        }
        if let Some(start) = self.start.filter(Spot::is_somewhere) {
            out.fix(number, start.lng, start.lat, self.from)?;
        }
        for (at, spot) in way.iter().enumerate() {
            // Places without a time are passed at an even pace.
            let even = whole.map(|(from, to)| from + ((to - from) as f64 * (at + 1) as f64 / steps) as i64);
            out.fix(number, spot.lng, spot.lat, spot.time.or(even))?;
        }
        match self.end.filter(Spot::is_somewhere) {
            Some(end) => out.fix(number, end.lng, end.lat, self.to),
            None => Ok(()),
        }
    }
}
