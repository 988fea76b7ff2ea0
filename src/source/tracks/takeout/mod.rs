//! The location history of Google, in each of its forms, told apart by the first members of the JSON:
//!
//! ```text
//! {"locations": [..]}                        Records.json, once Location History.json: every fix of every device
//! {"timelineObjects": [..]}                  Semantic Location History: journeys, and stays between them
//! {"semanticSegments": [..], "rawSignals"}   Timeline.json of Android: journeys, and the way as points with times
//! [{"startTime": .., "timelinePath": [..]}]  location-history.json of iOS: the same, other names and units
//! ```
//!
//! It is streamed: of the first two forms one element is held at a time, of the others all points (32 bytes each),
//! because journeys and the ways they took stand apart. What Google calls a visit is a stay, no way: it is counted as
//! a position beside the tracks. Members as `locationhistoryformat.com` (Carlos Bergillos) describes them, in all
//! spellings met.

mod journeys;
mod records;
mod spot;
mod timeline;

use std::io::{BufReader, Read};

use struson::reader::{JsonReader, JsonStreamReader, ValueType};

use self::records::Records;
use self::timeline::Timeline;
use crate::error::Error;
use crate::source::Query;
use crate::source::json::{Damage, Stop, reader};
use crate::source::tracks::Recorder;
use crate::source::unpack::{Origin, utf8};

/// The text of a history.
type Json = JsonStreamReader<BufReader<Box<dyn Read + Send>>>;

/// Tells `out` the ways in the history that is in `bytes`.
pub(super) fn read(
    bytes: Box<dyn Read + Send>,
    name: &str,
    _query: &Query,
    out: &mut Recorder<'_>,
) -> Result<(), Error> {
    let origin = Origin::named(name);
    let bytes = utf8(bytes).map_err(|e| origin.unread(&e))?;
    let mut json = reader(BufReader::with_capacity(1 << 16, bytes));
    out.count_by("record");
    let mut reading = Reading { records: Records::default(), timeline: Timeline::default(), number: 0, known: false };
    let read = reading.document(&mut json, out);
    read.and_then(|()| Ok(json.consume_trailing_whitespace()?)).map_err(|stop| stop.error_of(&origin))?;
    if reading.known {
        return reading.timeline.tell(out);
    }
    Err(Error::input(name)
        .found("JSON that is no location history")
        .expected(
            "GeoJSON, one of the members locations, timelineObjects, semanticSegments and rawSignals, or segments",
        )
        .advice("of an export of Google, read Records.json, Timeline.json or the files of Semantic Location History"))
}

/// Whether text that begins with `start` looks like a location history.
pub(super) fn recognises(start: &[u8]) -> bool {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let mut json = reader(start);
    match json.peek() {
        Ok(ValueType::Object) => begins(&mut json, &|name| match name {
            "locations" => memchr::memmem::find(start, b"E7\"").is_some(),
            name => MEMBERS.contains(&name),
        }),
        Ok(ValueType::Array) => json.begin_array().is_ok() && begins(&mut json, &|name| SEGMENT.contains(&name)),
        _ => false,
    }
}

/// Members of which one tells a history, beside `locations`.
const MEMBERS: [&str; 4] = ["timelineObjects", "semanticSegments", "rawSignals", "userLocationProfile"];
/// Members of which one tells a segment.
const SEGMENT: [&str; 2] = ["timelinePath", "timelineMemory"];

/// Whether the object that comes next has, as far as it is there, a member that tells.
fn begins(json: &mut JsonStreamReader<&[u8]>, tells: &dyn Fn(&str) -> bool) -> bool {
    if json.begin_object().is_err() {
        return false;
    }
    while json.has_next().unwrap_or(false) {
        if json.next_name().is_ok_and(tells) {
            return true;
        }
        if json.skip_value().is_err() {
            return false;
        }
    }
    false
}

/// A history that is being read.
struct Reading {
    records: Records,
    timeline: Timeline,
    /// Elements read.
    number: u64,
    /// Whether anything of a history was met.
    known: bool,
}

impl Reading {
    fn document(&mut self, json: &mut Json, out: &mut Recorder<'_>) -> Result<(), Stop> {
        if json.peek()? == ValueType::Array {
            self.elements(json, "", out)?;
        } else {
            json.begin_object()?;
            while json.has_next()? {
                let name = json.next_name_owned()?;
                match json.peek()? {
                    ValueType::Array => self.elements(json, &name, out)?,
                    _ => json.skip_value()?,
                }
            }
            json.end_object()?;
        }
        Ok(())
    }

    /// The elements of the array that is the member `name`, or the whole text.
    fn elements(&mut self, json: &mut Json, name: &str, out: &mut Recorder<'_>) -> Result<(), Stop> {
        if !["", "locations", "timelineObjects", "semanticSegments", "rawSignals"].contains(&name) {
            return Ok(json.skip_value()?);
        }
        json.begin_array()?;
        while json.has_next()? {
            self.number += 1;
            if json.peek()? != ValueType::Object {
                json.skip_value()?;
                out.damaged(self.number)?;
                continue;
            }
            let read = self.element(json, name, out);
            read.map_err(|stop| match stop {
                Stop::Damaged(damage) => damage.within(&format!("{name}, element {}", self.number)).into(),
                Stop::Refused(error) => Stop::Refused(error),
            })?;
        }
        self.known |= !name.is_empty();
        Ok(json.end_array()?)
    }

    fn element(&mut self, json: &mut Json, name: &str, out: &mut Recorder<'_>) -> Result<(), Stop> {
        match name {
            "locations" => self.records.read(json, self.number, out),
            "timelineObjects" => journeys::read(json, self.number, out),
            "rawSignals" => self.timeline.read_signal(json, self.number, out),
            _ => {
                self.known |= self.timeline.read_segment(json, self.number, out)?;
                Ok(())
            }
        }
    }
}

/// Gives each member of the object that comes next to `take`, which reads or skips its value.
fn members(json: &mut Json, mut take: impl FnMut(&mut Json, &str) -> Result<(), Damage>) -> Result<(), Damage> {
    if json.peek()? != ValueType::Object {
        return Ok(json.skip_value()?);
    }
    json.begin_object()?;
    while json.has_next()? {
        let name = json.next_name_owned()?;
        take(json, &name).map_err(|damage| damage.within(&name))?;
    }
    Ok(json.end_object()?)
}

/// Gives each object of the array that comes next to `take`; what is none is passed over.
fn objects(json: &mut Json, mut take: impl FnMut(&mut Json) -> Result<(), Damage>) -> Result<(), Damage> {
    if json.peek()? != ValueType::Array {
        return Ok(json.skip_value()?);
    }
    json.begin_array()?;
    while json.has_next()? {
        if json.peek()? == ValueType::Object {
            take(json)?;
        } else {
            json.skip_value()?;
        }
    }
    Ok(json.end_array()?)
}
