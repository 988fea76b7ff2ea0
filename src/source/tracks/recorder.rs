//! Takes down what a format says of a file of tracks, in the order of the file. What a fix means (range checks, limits of
//! time, what is skipped and why) is decided here, once for every format; what the tracks are called and which of them
//! count is settled when the file is finished, in `recording`.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::Error;
use crate::source::intake::degrees;
use crate::source::tracks::events::FixRow;
use crate::source::tracks::facts::{Fact, Facts};
use crate::source::tracks::readings::{Reading, Readings};
use crate::source::{Intake, Place, Query, Reason, Tally};

/// Takes down the tracks of one file.
pub struct Recorder<'a> {
    query: &'a Query,
    name: Arc<str>,
    file: usize,
    unit: &'static str,
    /// Facts that hold for every track of the file.
    pub(super) shared: Facts,
    pub(super) drafts: Vec<Draft>,
    /// The drafts that may be gone back to, by their keys.
    keys: HashMap<String, usize>,
    current: Option<usize>,
    /// Positions beside the tracks.
    pub(super) aside: Vec<Aside>,
    pub(super) readings: Readings,
    pub(super) tally: Tally,
    /// Where the fixes go that are wanted as events, and the columns wanted of them.
    pub(super) events: Option<(Intake, Vec<String>)>,
    /// Where it is only asked whether there is a fix: whether there was one.
    pub(super) sought: Option<bool>,
}

/// A position beside the tracks of a file: a waypoint, a place mark.
#[derive(Debug, Clone, Copy)]
pub(super) struct Aside {
    pub(super) number: u64,
    pub(super) lng: Option<f64>,
    pub(super) lat: Option<f64>,
    pub(super) time: Option<i64>,
}

/// A track of which perhaps not all is told.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    pub(super) facts: Facts,
    /// Whose it is, in the words of the file.
    pub(super) user: Option<String>,
    pub(super) lng: Vec<f64>,
    pub(super) lat: Vec<f64>,
    pub(super) time: Vec<Option<i64>>,
    pub(super) breaks: Vec<usize>,
    /// Whether no line leads to the next fix.
    interrupted: bool,
}

impl<'a> Recorder<'a> {
    /// A recorder for the file that is number `file` of the run and is called `name` in messages.
    pub fn new(query: &'a Query, file: usize, name: &Arc<str>) -> Recorder<'a> {
        Recorder {
            query,
            name: name.clone(),
            file,
            unit: "fix",
            shared: Facts::default(),
            drafts: Vec::new(),
            keys: HashMap::new(),
            current: None,
            aside: Vec::new(),
            readings: Readings::default(),
            tally: Tally::default(),
            events: None,
            sought: None,
        }
    }

    /// From now on messages say `unit` (`line`, `feature`) and its number where they name a fix.
    pub fn count_by(&mut self, unit: &'static str) {
        self.unit = unit;
    }

    /// A new track begins; the one before ends.
    pub fn begin(&mut self) {
        self.current = Some(self.drafts.len());
        self.drafts.push(Draft::default());
    }

    /// The track called `key` goes on, for files in which the fixes of several tracks are mixed; says whether it begins.
    pub fn go_on(&mut self, key: &str) -> bool {
        if let Some(known) = self.keys.get(key) {
            self.current = Some(*known);
            return false;
        }
        self.begin();
        self.keys.insert(key.to_owned(), self.drafts.len() - 1);
        true
    }

    /// What is known of the current track, for `--where`; of all tracks of the file where none has begun. Said again, the
    /// last word counts.
    pub fn fact(&mut self, name: &str, fact: Fact) {
        match self.current {
            Some(current) => self.drafts[current].facts.say(name, fact),
            None => self.shared.say(name, fact),
        }
    }

    /// What is known of all tracks of the file, unless more is known of one.
    pub fn fact_of_all(&mut self, name: &str, fact: Fact) {
        self.shared.say(name, fact);
    }

    /// What was measured where the next fix is.
    pub(super) fn reading(&mut self, reading: Reading, value: f64) {
        self.readings.say(reading, value);
    }

    /// A position that is on no track. Such positions count as events where the file has no fix, and are else skipped.
    pub(super) fn aside(&mut self, number: u64, lng: Option<f64>, lat: Option<f64>, time: Option<i64>) {
        self.aside.push(Aside { number, lng, lat, time });
    }

    /// Whose the current track is.
    pub fn user(&mut self, user: &str) {
        self.draft().user = Some(user.to_owned());
    }

    /// No line leads to the next fix of the current track.
    pub fn interrupt(&mut self) {
        self.draft().interrupted = true;
    }

    /// The next fix of the current track, which is number `number` of the file, from 1: longitude and latitude in degrees
    /// (or as `query.crs` says), `None` where blank, NaN where no number; the time in microseconds since 1970 UTC. One
    /// that cannot be used is tallied; behind fixes that the limits of time leave out there is an interruption.
    ///
    /// # Errors
    /// Under `strict`, when the fix cannot be used.
    pub fn fix(&mut self, number: u64, lng: Option<f64>, lat: Option<f64>, time: Option<i64>) -> Result<(), Error> {
        if self.events.is_some() {
            return self.event(Aside { number, lng, lat, time });
        }
        if let Some(found) = &mut self.sought {
            *found |= lng.is_some() && lat.is_some();
            // Nobody sees this error: it ends the reading, because enough is known.
            return if *found { Err(Error::input(&*self.name).found("a fix")) } else { Ok(()) };
        }
        self.readings.clear();
        self.tally.records += 1;
        match self.usable(lng, lat, time) {
            Ok((lng, lat)) => {
                self.draft().push(lng, lat, time);
                Ok(())
            }
            Err(reason) => self.skip(number, reason),
        }
    }

    /// Counts something that is no fix that can be used: `number` is that of the fix, or of the line it stands in. It is
    /// not counted as a record, as [`Recorder::fix`] does.
    ///
    /// # Errors
    /// Under `strict`, when the reason is a fault of the file.
    pub fn skip(&mut self, number: u64, reason: Reason) -> Result<(), Error> {
        if self.query.strict && reason.is_fault() {
            return Err(Error::input(format!("{}, {} {number}", self.name, self.unit))
                .found(reason.words())
                .expected("a fix that can be used")
                .advice("correct it, or leave out --strict to skip and count such fixes"));
        }
        if reason == Reason::FilteredOut {
            self.interrupt();
        }
        let (file, line) = (self.file, number);
        let tally = self.events.as_mut().map_or(&mut self.tally, |(intake, _)| &mut intake.tally);
        tally.skip(reason, Place { file, line });
        Ok(())
    }

    /// Settles what the positions beside the tracks are, at the end of the file.
    ///
    /// # Errors
    /// Under `strict`, when one that counts cannot be used.
    pub(super) fn settle(&mut self) -> Result<(), Error> {
        let fixes = self.events.as_ref().map(|(intake, _)| intake.tally.records);
        for aside in std::mem::take(&mut self.aside) {
            if fixes == Some(0) {
                self.event(aside)?;
                continue;
            }
            let tally = self.events.as_mut().map_or(&mut self.tally, |(intake, _)| &mut intake.tally);
            tally.records += 1;
            self.skip(aside.number, Reason::NotATrackPoint)?;
        }
        Ok(())
    }

    /// Counts a record that is damaged: it is read, and gives no fix.
    ///
    /// # Errors
    /// Under `strict`.
    pub fn damaged(&mut self, number: u64) -> Result<(), Error> {
        self.unused(number, Reason::Malformed)
    }

    /// Counts a record that gives no fix for this reason.
    ///
    /// # Errors
    /// Under `strict`, when the reason is a fault of the file.
    pub fn unused(&mut self, number: u64, reason: Reason) -> Result<(), Error> {
        self.events.as_mut().map_or(&mut self.tally, |(intake, _)| &mut intake.tally).records += 1;
        self.skip(number, reason)
    }

    /// A fix as an event.
    fn event(&mut self, fix: Aside) -> Result<(), Error> {
        let Some((intake, wanted)) = &mut self.events else { return Ok(()) };
        let track = self.current.map(|current| &self.drafts[current].facts);
        let row = FixRow { fix, readings: &self.readings, track, shared: &self.shared, wanted };
        let taken = intake.record(fix.number, fix.lng, fix.lat, &row);
        self.readings.clear();
        taken
    }

    fn usable(&self, lng: Option<f64>, lat: Option<f64>, time: Option<i64>) -> Result<(f64, f64), Reason> {
        let (lng, lat) = lng.zip(lat).ok_or(Reason::NoPosition)?;
        let position = degrees(lng, lat, self.query.crs.as_ref())?;
        if !self.query.needs_time() {
            return Ok(position);
        }
        let time = time.ok_or(Reason::BadTime)?;
        let outside = self.query.after.is_some_and(|a| time < a) || self.query.before.is_some_and(|b| time >= b);
        if outside { Err(Reason::FilteredOut) } else { Ok(position) }
    }

    /// The current track; the first one begins by itself.
    fn draft(&mut self) -> &mut Draft {
        if self.current.is_none() {
            self.begin();
        }
        let current = self.current.unwrap_or_default();
        &mut self.drafts[current]
    }
}

impl Draft {
    fn push(&mut self, lng: f64, lat: f64, time: Option<i64>) {
        if std::mem::take(&mut self.interrupted) && !self.lng.is_empty() {
            self.breaks.push(self.lng.len());
        }
        self.lng.push(lng);
        self.lat.push(lat);
        self.time.push(time);
    }
}
