//! What phones export since 2024: journeys with where and when they started and ended; apart from them, all of the
//! way as points, each in a segment of two hours; and of the last weeks, what the receiver recorded. A journey is a
//! track of the points of its time; the points between journeys are a track for each day, interrupted where a journey
//! was.
//!
//! Points tell whole minutes on iOS, so they are no company for exact fixes: a point is passed over where the receiver
//! recorded a fix within five minutes of it.

use struson::reader::{JsonReader, ValueType};

use crate::error::Error;
use crate::source::Reason;
use crate::source::json::{Cell, Damage, Stop};
use crate::source::tracks::common::fact;
use crate::source::tracks::takeout::records::{day, is_vague};
use crate::source::tracks::takeout::spot::{Spot, Spots, place};
use crate::source::tracks::takeout::{Json, members, objects};
use crate::source::tracks::{Fact, Recorder};

/// Points so near to a fix in time tell nothing new, in microseconds.
const NEAR: i64 = 5 * 60 * 1_000_000;

/// A place at a time.
#[derive(Debug, Clone, Copy)]
struct Point {
    lng: f64,
    lat: f64,
    time: i64,
    number: u64,
}

/// A journey between two instants.
struct Journey {
    from: i64,
    to: i64,
    ends: [Option<(f64, f64)>; 2],
    facts: Vec<(&'static str, Fact)>,
    number: u64,
}

/// What the segments and signals of an export told so far.
#[derive(Default)]
pub(super) struct Timeline {
    spots: Spots,
    points: Vec<Point>,
    fixes: Vec<Point>,
    journeys: Vec<Journey>,
}

/// A segment as told.
#[derive(Default)]
struct Segment {
    from: Option<i64>,
    to: Option<i64>,
    /// Places with their times, or with the minutes since the segment began.
    path: Vec<(Spot, Option<f64>)>,
    journey: bool,
    stay: bool,
    ends: [Option<(f64, f64)>; 2],
    facts: Vec<(&'static str, Fact)>,
}

impl Timeline {
    /// Reads the segment that comes next; whether it is one.
    pub(super) fn read_segment(&mut self, json: &mut Json, number: u64, out: &mut Recorder<'_>) -> Result<bool, Stop> {
        let mut segment = Segment::default();
        let mut known = false;
        let spots = &mut self.spots;
        members(json, |json, name| {
            known |= ["startTime", "endTime", "timelinePath"].contains(&name);
            segment.member(json, name, spots)
        })?;
        if segment.stay {
            out.unused(number, Reason::NotATrackPoint)?;
        }
        let from = segment.from;
        for (spot, minutes) in segment.path {
            let after = from.zip(minutes).map(|(from, minutes)| from.saturating_add((minutes * 6e7) as i64));
            let spot = Spot { time: spot.time.or(after), ..spot };
            keep(&mut self.points, &spot, number, out)?;
        }
        match (segment.journey, segment.from, segment.to) {
            (false, ..) => {}
            (true, Some(from), Some(to)) if from <= to => {
                let (ends, facts) = (segment.ends, segment.facts);
                self.journeys.push(Journey { from, to, ends, facts, number });
            }
            _ => out.unused(number, Reason::BadTime)?,
        }
        Ok(known)
    }

    /// Reads the signal that comes next: only those with a position tell a place.
    pub(super) fn read_signal(&mut self, json: &mut Json, number: u64, out: &mut Recorder<'_>) -> Result<(), Stop> {
        let mut found = None;
        members(json, |json, name| {
            if name == "position" && json.peek()? == ValueType::Object {
                found = Some(self.spots.read(json)?);
                return Ok(());
            }
            Ok(json.skip_value()?)
        })?;
        match found {
            None => Ok(()),
            Some(spot) if is_vague(&spot) => Ok(out.unused(number, Reason::Inaccurate)?),
            Some(spot) => Ok(keep(&mut self.fixes, &spot, number, out)?),
        }
    }

    /// Tells the tracks, once all is read.
    pub(super) fn tell(mut self, out: &mut Recorder<'_>) -> Result<(), Error> {
        self.journeys.sort_by_key(|journey| journey.from);
        let ways = self.ways(out)?;
        let mut rest = &ways[..];
        for journey in &self.journeys {
            let (before, after) = rest.split_at(rest.partition_point(|point| point.time < journey.from));
            let (during, after) = after.split_at(after.partition_point(|point| point.time <= journey.to));
            between(before, out)?;
            journey.tell(during, out)?;
            rest = after;
        }
        between(rest, out)
    }

    /// All fixes, and the points that are not near one of them, in the order of time.
    fn ways(&mut self, out: &mut Recorder<'_>) -> Result<Vec<Point>, Error> {
        let mut ways = std::mem::take(&mut self.fixes);
        ways.sort_by_key(|fix| fix.time);
        let fixes = ways.len();
        for point in std::mem::take(&mut self.points) {
            let next = ways[..fixes].partition_point(|fix| fix.time < point.time);
            let near =
                |at: usize| ways[..fixes].get(at).is_some_and(|fix| fix.time.abs_diff(point.time) <= NEAR as u64);
            if near(next) || next.checked_sub(1).is_some_and(near) {
                out.unused(point.number, Reason::Coarser)?;
            } else {
                ways.push(point);
            }
        }
        ways.sort_by_key(|point| point.time);
        Ok(ways)
    }
}

impl Segment {
    fn member(&mut self, json: &mut Json, name: &str, spots: &mut Spots) -> Result<(), Damage> {
        match name {
            "startTime" => self.from = Cell::read(json)?.field().time(),
            "endTime" => self.to = Cell::read(json)?.field().time(),
            "timelinePath" => objects(json, |json| {
                let spot = spots.read(json)?;
                self.path.push((spot, spots.minutes()));
                Ok(())
            })?,
            "activity" => {
                self.journey = true;
                self.activity(json)?;
            }
            _ => {
                self.stay |= name == "visit";
                json.skip_value()?;
            }
        }
        Ok(())
    }

    fn activity(&mut self, json: &mut Json) -> Result<(), Damage> {
        members(json, |json, name| {
            match name {
                "start" => self.ends[0] = end(json)?,
                "end" => self.ends[1] = end(json)?,
                "topCandidate" => members(json, |json, name| match name {
                    "type" => self.say(json, "type"),
                    _ => Ok(json.skip_value()?),
                })?,
                "distanceMeters" => self.say_number(json, "distance")?,
                _ => json.skip_value()?,
            }
            Ok(())
        })
    }

    fn say(&mut self, json: &mut Json, name: &'static str) -> Result<(), Damage> {
        self.facts.extend(fact(Cell::read(json)?).map(|fact| (name, fact)));
        Ok(())
    }

    /// Says a number, which iOS writes as text.
    fn say_number(&mut self, json: &mut Json, name: &'static str) -> Result<(), Damage> {
        let number = Cell::read(json)?.coordinate().filter(|number| number.is_finite());
        self.facts.extend(number.map(|number| (name, Fact::Number(number))));
        Ok(())
    }
}

/// Where a journey starts or ends: a text, or an object that holds one.
fn end(json: &mut Json) -> Result<Option<(f64, f64)>, Damage> {
    let mut text = None;
    if json.peek()? == ValueType::Object {
        members(json, |json, name| match name {
            "latLng" | "LatLng" => Cell::read(json).map(|cell| text = Some(cell)),
            _ => Ok(json.skip_value()?),
        })?;
    } else {
        text = Some(Cell::read(json)?);
    }
    Ok(match text {
        Some(Cell::Text(text)) => Some(place(&text)).filter(|(lng, lat)| lng.is_finite() && lat.is_finite()),
        _ => None,
    })
}

/// Keeps a place that has a time, and counts one that has none.
fn keep(points: &mut Vec<Point>, spot: &Spot, number: u64, out: &mut Recorder<'_>) -> Result<(), Error> {
    match (spot.lng.zip(spot.lat), spot.time) {
        (Some((lng, lat)), Some(time)) => {
            points.push(Point { lng, lat, time, number });
            Ok(())
        }
        (None, _) => out.unused(number, Reason::NoPosition),
        (_, None) => out.unused(number, Reason::BadTime),
    }
}

impl Journey {
    fn tell(&self, points: &[Point], out: &mut Recorder<'_>) -> Result<(), Error> {
        out.begin();
        for (name, fact) in &self.facts {
            out.fact(name, fact.clone());
        }
        if let Some((lng, lat)) = self.ends[0] {
            out.fix(self.number, Some(lng), Some(lat), Some(self.from))?;
        }
        points.iter().try_for_each(|point| point.tell(out))?;
        match self.ends[1] {
            Some((lng, lat)) => out.fix(self.number, Some(lng), Some(lat), Some(self.to)),
            None => Ok(()),
        }
    }
}

/// Tells the points between two journeys.
fn between(points: &[Point], out: &mut Recorder<'_>) -> Result<(), Error> {
    let mut current = None;
    for point in points {
        let day = day(point.time, Some(point.lng));
        if current != Some(day) {
            out.go_on(&format!("day {day}"));
            out.interrupt();
            current = Some(day);
        }
        point.tell(out)?;
    }
    Ok(())
}

impl Point {
    fn tell(&self, out: &mut Recorder<'_>) -> Result<(), Error> {
        out.fix(self.number, Some(self.lng), Some(self.lat), Some(self.time))
    }
}
