//! How many records were read, and how many could not be used for which reason.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Why a record gave no event.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The record has no position: a blank, a null geometry.
    NoPosition,
    /// The position is not a pair of finite numbers.
    NotANumber,
    /// Latitude beyond 90° or longitude beyond 360°.
    OffTheEarth,
    /// A latitude beyond 90° whose longitude would be a latitude: the columns may be swapped.
    PerhapsSwapped,
    /// Weight absent, not a number, or infinite.
    BadWeight,
    /// Reading absent, not a number, or infinite.
    BadValue,
    /// Nothing in the column that tells whom or what the event is of.
    NoSubject,
    /// Nothing in the column that tells tracks apart.
    NoTrack,
    /// Time absent or not understood.
    BadTime,
    /// A geometry that is not a point, by its `GeoJSON` name.
    NotAPoint(String),
    /// A geometry that is no line of a track, by its `GeoJSON` name.
    NotALine(String),
    /// A fix that the receiver itself believes to be off by more than 500 m.
    Inaccurate,
    /// A fix beside others of the same minutes that are more exact: not a fault of the record.
    Coarser,
    /// The record itself is damaged.
    Malformed,
    /// A waypoint or a point of a planned route in a file that has a track: not a fault of the record.
    NotATrackPoint,
    /// Left out by `--where`, `--after` or `--before`: not a fault of the record.
    FilteredOut,
}

impl Reason {
    /// The reason in words, as it follows a count: `33,509 rows: no position`.
    pub fn words(&self) -> String {
        match self {
            Reason::NoPosition => "no position".into(),
            Reason::NotANumber => "position is not a number".into(),
            Reason::OffTheEarth => "not on the Earth (latitude beyond 90° or longitude beyond 360°)".into(),
            Reason::PerhapsSwapped => "latitude beyond 90°: columns may be swapped, see --lon and --lat".into(),
            Reason::BadWeight => "weight is not a number".into(),
            Reason::BadValue => "value is not a number".into(),
            Reason::NoSubject => "nothing in the column of --distinct".into(),
            Reason::NoTrack => "nothing in the column that tells tracks apart".into(),
            Reason::BadTime => "time not understood".into(),
            Reason::NotAPoint(kind) => format!("a {kind} is not a point (only points are read)"),
            Reason::NotALine(kind) => format!("a {kind} is no line of a track"),
            Reason::Inaccurate => "accuracy worse than 500 m".into(),
            Reason::Coarser => "a coarser copy of fixes of the same minutes".into(),
            Reason::Malformed => "damaged record".into(),
            Reason::NotATrackPoint => "a waypoint or route point beside a track".into(),
            Reason::FilteredOut => "left out by the filter".into(),
        }
    }

    /// A short name for the machine-readable report.
    pub fn key(&self) -> String {
        match self {
            Reason::NoPosition => "no_position".into(),
            Reason::NotANumber => "not_a_number".into(),
            Reason::OffTheEarth => "off_the_earth".into(),
            Reason::PerhapsSwapped => "perhaps_swapped".into(),
            Reason::BadWeight => "bad_weight".into(),
            Reason::BadValue => "bad_value".into(),
            Reason::NoSubject => "no_subject".into(),
            Reason::NoTrack => "no_track".into(),
            Reason::BadTime => "bad_time".into(),
            Reason::NotAPoint(kind) => format!("not_a_point_{}", kind.to_lowercase()),
            Reason::NotALine(kind) => format!("not_a_line_{}", kind.to_lowercase()),
            Reason::Inaccurate => "inaccurate".into(),
            Reason::Coarser => "coarser".into(),
            Reason::Malformed => "malformed".into(),
            Reason::NotATrackPoint => "not_a_track_point".into(),
            Reason::FilteredOut => "filtered_out".into(),
        }
    }

    /// Whether the record is at fault, rather than left out because nobody asked for it.
    pub fn is_fault(&self) -> bool {
        !matches!(self, Reason::Coarser | Reason::NotATrackPoint | Reason::FilteredOut)
    }
}

/// Where a record stands: file by its number in the run, and line (or record, counted from 1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file by its number in the run.
    pub file: usize,
    /// Line in the file, or record where the format has no lines; counted from 1.
    pub line: u64,
}

/// Records read and records skipped, by reason. Tallies of parts merge into that of the run, in any order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Records read, used or not.
    pub records: u64,
    /// How many were skipped, and where the first of them stands.
    pub skipped: BTreeMap<Reason, (u64, Place)>,
    /// The first and the last instant among the events, in microseconds since 1970 UTC, where it was asked for.
    pub span: Option<(i64, i64)>,
}

impl Tally {
    /// Counts one skipped record. `records` is counted apart, by whoever saw the record.
    pub fn skip(&mut self, reason: Reason, place: Place) {
        let (count, first) = self.skipped.entry(reason).or_insert((0, place.clone()));
        *count += 1;
        if place < *first {
            *first = place;
        }
    }

    /// Widens the span of time to an instant.
    pub fn span_to(&mut self, time: Option<i64>) {
        if let Some(time) = time {
            let (first, last) = self.span.unwrap_or((time, time));
            self.span = Some((first.min(time), last.max(time)));
        }
    }

    /// How many were skipped for which reason, in words: `2: no position; 1: time not understood`.
    pub fn reasons(&self) -> String {
        let reason = |(reason, (count, _)): (&Reason, &(u64, Place))| format!("{count}: {}", reason.words());
        self.skipped.iter().map(reason).collect::<Vec<_>>().join("; ")
    }

    /// The same for machines, by [`Reason::key`].
    pub fn by_key(&self) -> Map<String, Value> {
        self.skipped.iter().map(|(reason, (count, _))| (reason.key(), (*count).into())).collect()
    }

    /// Adds another tally.
    pub fn merge(&mut self, other: Tally) {
        self.records += other.records;
        if let Some((first, last)) = other.span {
            self.span_to(Some(first));
            self.span_to(Some(last));
        }
        for (reason, (count, place)) in other.skipped {
            let (sum, first) = self.skipped.entry(reason).or_insert((0, place.clone()));
            *sum += count;
            if place < *first {
                *first = place;
            }
        }
    }

    /// How many records were skipped for this reason.
    pub fn count(&self, reason: &Reason) -> u64 {
        self.skipped.get(reason).map_or(0, |(count, _)| *count)
    }

    /// How many records were skipped because they could not be used (those left out could).
    pub fn bad(&self) -> u64 {
        self.skipped.iter().filter(|(r, _)| r.is_fault()).map(|(_, (n, _))| n).sum()
    }
}
