//! FIT, what watches and bicycle computers write: every activity is a track; where a file holds several sessions
//! (swimming, then cycling), each of them is. Where the clock was stopped, the track is interrupted.

mod decode;
mod sport;

use std::io::Read;

use self::decode::{Cursor, Message};
use crate::error::Error;
use crate::source::Query;
use crate::source::tracks::facts::{Fact, Facts};
use crate::source::tracks::readings::Reading;
use crate::source::tracks::recorder::Recorder;
use crate::source::xml::unread;

/// Kinds of messages, by the numbers that the profile of FIT gives them.
const SPORT: u16 = 12;
const SESSION: u16 = 18;
const RECORD: u16 = 20;
const EVENT: u16 = 21;
/// The field of every message that tells its time.
const TIMESTAMP: u8 = 253;

/// What is measured: field, scale and offset. Of two fields for one thing, the later one is finer.
const MEASURED: [(Reading, u8, f64, f64); 9] = [
    (Reading::Elevation, 2, 5.0, 500.0),
    (Reading::Elevation, 78, 5.0, 500.0),
    (Reading::HeartRate, 3, 1.0, 0.0),
    (Reading::Cadence, 4, 1.0, 0.0),
    (Reading::Distance, 5, 100.0, 0.0),
    (Reading::Speed, 6, 1000.0, 0.0),
    (Reading::Speed, 73, 1000.0, 0.0),
    (Reading::Power, 7, 1.0, 0.0),
    (Reading::Temperature, 13, 1.0, 0.0),
];

/// Reads all tracks of a file, or of several files in a row.
///
/// # Errors
/// When the bytes are no FIT, are damaged or end too early; under `strict`, when a fix cannot be used.
pub(super) fn read(
    mut bytes: Box<dyn Read + Send>,
    name: &str,
    _query: &Query,
    out: &mut Recorder<'_>,
) -> Result<(), Error> {
    let mut all = Vec::new();
    bytes.read_to_end(&mut all).map_err(|e| unread(name, &e))?;
    let mut cursor = Cursor::new(&all);
    let mut number = 0;
    while cursor.begin().map_err(|damage| damage.of(name))? {
        let mut activity = Activity::default();
        while let Some(message) = cursor.next().map_err(|damage| damage.of(name))? {
            activity.hear(&message);
        }
        activity.tell(&mut number, out)?;
    }
    Ok(())
}

/// What one file says.
#[derive(Default)]
struct Activity {
    fixes: Vec<Fix>,
    /// The fixes before which the clock was stopped, ascending.
    interruptions: Vec<usize>,
    /// Each with the instant at which it begins.
    sessions: Vec<(i64, Facts)>,
    /// What the message about the sport itself says.
    sport: Facts,
}

struct Fix {
    lng: Option<f64>,
    lat: Option<f64>,
    time: Option<i64>,
    /// In the order of [`MEASURED`]; NaN where nothing was.
    measured: [f64; MEASURED.len()],
}

impl Activity {
    fn hear(&mut self, message: &Message<'_>) {
        match message.kind() {
            RECORD => self.fixes.push(fix(message)),
            // The clock is event 0; it is started by 0, and stopped by 1, 4, 8 or 9.
            EVENT if message.number(0) == Some(0) && matches!(message.number(1), Some(1 | 4 | 8 | 9)) => {
                self.interruptions.push(self.fixes.len());
            }
            SESSION => self.sessions.push(session(message)),
            SPORT => {
                name_sport(message, 0, &mut self.sport);
                if let Some(name) = message.text(3) {
                    self.sport.say("name", Fact::Text(name));
                }
            }
            _ => {}
        }
    }

    fn tell(mut self, number: &mut u64, out: &mut Recorder<'_>) -> Result<(), Error> {
        self.sessions.sort_by_key(|(start, _)| *start);
        let mut ahead = self.sessions.into_iter().peekable();
        out.begin();
        say(&self.sport, out);
        ahead.next().iter().for_each(|(_, facts)| say(facts, out));
        let mut interruptions = self.interruptions.into_iter().peekable();
        for (at, fix) in self.fixes.into_iter().enumerate() {
            while let Some((_, facts)) = ahead.next_if(|(start, _)| fix.time.is_some_and(|time| time >= *start)) {
                out.begin();
                say(&facts, out);
            }
            while interruptions.next_if(|interruption| *interruption <= at).is_some() {
                out.interrupt();
            }
            let measured = MEASURED.iter().zip(fix.measured).filter(|(_, value)| !value.is_nan());
            measured.for_each(|((reading, ..), value)| out.reading(*reading, value));
            *number += 1;
            out.fix(*number, fix.lng, fix.lat, fix.time)?;
        }
        Ok(())
    }
}

fn say(facts: &Facts, out: &mut Recorder<'_>) {
    facts.iter().for_each(|(name, fact)| out.fact(name, fact.clone()));
}

fn fix(message: &Message<'_>) -> Fix {
    // Half the way around the Earth is 2^31 semicircles.
    let degrees = |field| message.number(field).map(|semicircles| semicircles as f64 * (180.0 / 2_147_483_648.0));
    let measured = MEASURED
        .map(|(_, field, scale, offset)| message.number(field).map_or(f64::NAN, |value| value as f64 / scale - offset));
    Fix { lng: degrees(1), lat: degrees(0), time: message.instant(TIMESTAMP), measured }
}

fn session(message: &Message<'_>) -> (i64, Facts) {
    let mut facts = Facts::default();
    name_sport(message, 5, &mut facts);
    let start = message.instant(2);
    if let Some(start) = start {
        facts.say("start", Fact::Instant(start));
    }
    let sums =
        [("elapsed_time", 7, 1000.0), ("moving_time", 8, 1000.0), ("distance", 9, 100.0), ("elevation_gain", 22, 1.0)];
    for (name, field, scale) in sums {
        if let Some(sum) = message.number(field) {
            facts.say(name, Fact::Number(sum as f64 / scale));
        }
    }
    (start.unwrap_or(i64::MIN), facts)
}

/// Says what was done, by the field of the sport.
fn name_sport(message: &Message<'_>, field: u8, facts: &mut Facts) {
    if let Some(number) = message.number(field) {
        facts.say("type", Fact::Text(sport::name(number)));
    }
}
