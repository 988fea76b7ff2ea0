//! What the caller wants from the records of an input, and what an input turned out to hold.

use crate::events::Space;
use crate::source::{Crs, Filter};
use crate::tracing::Tracing;

/// What to take from each record. The same for every input and format of one run.
#[derive(Debug, Clone)]
pub struct Query {
    /// The space of the events: [`Space::Earth`] unless the input is a page or a local grid.
    pub space: Space,
    /// The reference system of the coordinates as written, where they are not degrees WGS 84.
    pub crs: Option<Crs>,
    /// Column of the longitude (or horizontal coordinate); detected where absent.
    pub x: Option<String>,
    /// Column of the latitude (or vertical coordinate); detected where absent.
    pub y: Option<String>,
    /// Names of the columns of a file that has no header.
    pub names: Option<Vec<String>>,
    /// Column that weighs events.
    pub weight: Option<String>,
    /// Column of the reading that `mean` and its kin summarise.
    pub value: Option<String>,
    /// Column of the subject: whom or what an event is of.
    pub subject: Option<String>,
    /// Column of the time; detected where absent and needed.
    pub time: Option<String>,
    /// Column that tells tracks apart, in a table of fixes.
    pub track: Option<String>,
    /// What tells whose a track is: the name of a fact or column; `file` and `folder` are facts of every track. Where
    /// absent, and where a track lacks it, all tracks are one person's unless the format itself says more.
    pub user: Option<String>,
    /// Where tracks are wanted as lines: what becomes of them before.
    pub tracing: Option<Tracing>,
    /// Which records count.
    pub filter: Option<Filter>,
    /// Only events at or after this instant, in microseconds since 1970 UTC.
    pub after: Option<i64>,
    /// Only events before this instant, in microseconds since 1970 UTC.
    pub before: Option<i64>,
    /// Whether the tally is to tell from when to when the events are, where a time column is found.
    pub span: bool,
    /// The option that asks when each event happened, where one does: batches then carry times, and records without
    /// one are skipped.
    pub timed: Option<&'static str>,
    /// Whether the first record that cannot be used is an error.
    pub strict: bool,
    /// The format by name, where file names do not tell.
    pub format: Option<String>,
    /// Whether an input may lack columns that are asked for: they are blank in all of its records then.
    pub partial: bool,
}

impl Query {
    /// Every record of `space`, columns detected, bad records skipped.
    pub fn new(space: Space) -> Query {
        Query {
            space,
            crs: None,
            x: None,
            y: None,
            names: None,
            weight: None,
            value: None,
            subject: None,
            time: None,
            track: None,
            user: None,
            tracing: None,
            filter: None,
            after: None,
            before: None,
            span: false,
            timed: None,
            strict: false,
            format: None,
            partial: false,
        }
    }

    /// The same query, whose tally tells the span of time too.
    pub fn with_times(self) -> Query {
        Query { span: true, ..self }
    }

    /// What of tracks is private, in words that do not say where.
    pub fn privacy(&self) -> Option<String> {
        self.tracing.as_ref().and_then(Tracing::privacy)
    }

    /// Whether records are chosen by time.
    pub fn limits_time(&self) -> bool {
        self.after.is_some() || self.before.is_some()
    }

    /// Whether records without a time cannot be used.
    pub fn needs_time(&self) -> bool {
        self.limits_time() || self.timed.is_some()
    }

    /// Whether positions are all that is read of a record: the fast path of every format.
    pub fn positions_only(&self) -> bool {
        self.weight.is_none()
            && self.value.is_none()
            && self.subject.is_none()
            && self.time.is_none()
            && self.filter.is_none()
            && !self.needs_time()
            && !self.span
    }

    /// The columns to read beside the position, in the order in which [`crate::source::Row::field`] counts
    /// them: those of the filter, then weight, value, subject and time where wanted. `time` is the column found
    /// where the caller named none.
    pub fn wanted(&self, time: Option<&str>) -> Vec<String> {
        let filter = self.filter.iter().flat_map(|f| f.columns().iter().cloned());
        let time = time.or(self.partial.then_some("time"));
        let time = self.time.clone().or_else(|| time.filter(|_| self.needs_time() || self.span).map(str::to_owned));
        filter.chain(self.weight.clone()).chain(self.value.clone()).chain(self.subject.clone()).chain(time).collect()
    }

    /// Which of the columns that [`Query::wanted`] lists is that of the subject.
    pub fn subject_at(&self) -> Option<usize> {
        let before = self.filter.as_ref().map_or(0, |f| f.columns().len());
        self.subject.as_ref().map(|_| before + usize::from(self.weight.is_some()) + usize::from(self.value.is_some()))
    }
}

/// What an input turned out to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    /// The format by name, with what was sniffed of it (`csv, delimiter ;`).
    pub format: String,
    /// All column names in order, where the format has them.
    pub names: Vec<String>,
    /// What the positions are read from: one column each, or one geometry column.
    pub position: Vec<String>,
    /// Every pair of columns that could be the position, the chosen one first.
    pub pairs: Vec<(String, String)>,
    /// The time column found.
    pub time: Option<String>,
    /// The column that tells tracks apart, where a name tells; taken where tracks are read and the caller names none.
    pub track: Option<String>,
    /// Columns whose names suggest a weight; never taken unasked.
    pub weights: Vec<String>,
}
