//! Takes down what a format says of a file of tracks, in the order of the file. What a fix means (range checks, limits of
//! time, what is skipped and why) is decided here, once for every format; what the tracks are called and which of them
//! count is settled when the file is finished, in `recording`.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::Error;
use crate::source::intake::degrees;
use crate::source::tracks::facts::{Fact, Facts};
use crate::source::{Place, Query, Reason, Tally};

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
    pub(super) tally: Tally,
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
            tally: Tally::default(),
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
        self.tally.skip(reason, Place { file: self.file, line: number });
        Ok(())
    }

    /// Counts a record that is damaged: it is read, and gives no fix.
    ///
    /// # Errors
    /// Under `strict`.
    pub fn damaged(&mut self, number: u64) -> Result<(), Error> {
        self.tally.records += 1;
        self.skip(number, Reason::Malformed)
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
