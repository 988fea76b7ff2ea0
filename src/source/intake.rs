//! What a record means, decided once for every format: projection, range checks, filter, time limits,
//! weight, value and subject, and the tally of what could not be used.

use std::borrow::Cow;
use std::sync::Arc;

use twox_hash::XxHash3_64;

use crate::error::Error;
use crate::events::{Events, Space};
use crate::source::{Crs, Part, Place, Query, Reason, Tally, parse_time, written_time};

/// One value of a record, borrowed from it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Field<'a> {
    /// Blank, null or absent.
    Missing,
    /// A number.
    Number(f64),
    /// Text, which may spell a number.
    Text(&'a str),
    /// True or false.
    Flag(bool),
    /// An instant, in microseconds since 1970 UTC, where the format has a type for it.
    Instant(i64),
}

impl Field<'_> {
    /// The field as a finite number, where it is one or spells one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Field::Number(n) => Some(*n).filter(|n| n.is_finite()),
            Field::Text(text) => fast_float2::parse::<f64, _>(text.trim()).ok().filter(|n| n.is_finite()),
            Field::Missing | Field::Flag(_) | Field::Instant(_) => None,
        }
    }

    /// The field as an instant, in microseconds since 1970 UTC.
    pub fn time(&self) -> Option<i64> {
        match self {
            Field::Text(text) => parse_time(text),
            Field::Number(n) => parse_time(&n.to_string()),
            Field::Instant(micros) => Some(*micros),
            Field::Missing | Field::Flag(_) => None,
        }
    }

    /// The field as the number of a subject, `XxHash3` of its text, so that a subject has one number in every format; none
    /// where it is blank or NaN. A text is what is written without the space around it (`7`, `07` and `7.0` are three
    /// subjects); what a format has as a number is its shortest decimal, an instant RFC 3339 in UTC.
    ///
    /// ```
    /// use torrid::source::Field;
    /// assert_eq!(Field::Number(7.0).subject(), Field::Text(" 7 ").subject());
    /// assert_ne!(Field::Text("7").subject(), Field::Text("07").subject());
    /// ```
    pub fn subject(&self) -> Option<u64> {
        let text: Cow<'_, str> = match self {
            Field::Missing => return None,
            Field::Number(n) if n.is_nan() => return None,
            // Adding it makes 0 of -0.
            Field::Number(n) => (n + 0.0).to_string().into(),
            Field::Text(text) => text.trim().into(),
            Field::Flag(flag) => flag.to_string().into(),
            Field::Instant(micros) => written_time(*micros).into(),
        };
        (!text.is_empty()).then(|| XxHash3_64::oneshot(text.as_bytes()))
    }
}

/// A part that is decoded already.
struct Decoded(Events, Tally);

impl Part for Decoded {
    fn read(self: Box<Self>) -> Result<(Events, Tally), Error> {
        Ok((self.0, self.1))
    }
}

/// A record seen through the columns that [`Query::wanted`] lists.
pub trait Row {
    /// The field of the wanted column number `column`.
    fn field(&self, column: usize) -> Field<'_>;

    /// The position as it is written and where, for the message about a record that cannot be used.
    fn position(&self) -> Option<String> {
        None
    }
}

/// A record of which nothing but the position is wanted.
impl Row for () {
    fn field(&self, _: usize) -> Field<'_> {
        Field::Missing
    }
}

/// Takes in the records of one part.
pub struct Intake {
    query: Arc<Query>,
    file: usize,
    name: Arc<str>,
    unit: &'static str,
    /// Positions within these limits are taken as they are; NaN where they are in another reference system.
    plain: [f64; 2],
    /// The events so far.
    pub events: Events,
    /// The tally so far.
    pub tally: Tally,
}

impl Intake {
    /// An intake for a part of the file that is number `file` of the run and is called `name` in messages.
    pub fn new(query: &Arc<Query>, file: usize, name: &Arc<str>) -> Intake {
        let mut events = Events::new(query.space);
        events.weight = query.weight.as_ref().map(|_| Vec::new());
        events.value = query.value.as_ref().map(|_| Vec::new());
        events.time = (query.time.is_some() || query.timed.is_some()).then(Vec::new);
        events.subject = query.subject.as_ref().map(|_| Vec::new());
        let plain = match (query.space, &query.crs) {
            (Space::Flat { .. }, _) => [f64::MAX; 2],
            (Space::Earth, None) => [180.0, 90.0],
            (Space::Earth, Some(_)) => [f64::NAN; 2],
        };
        let tally = Tally::default();
        Intake { query: query.clone(), file, name: name.clone(), unit: "line", plain, events, tally }
    }

    /// The same intake for a format without lines: messages say `unit` (`record`, `feature`, `row`) and its
    /// number instead.
    pub fn counting(mut self, unit: &'static str) -> Intake {
        self.unit = unit;
        self
    }

    /// Makes room for so many more events.
    pub fn reserve(&mut self, events: usize) {
        self.events.x.reserve(events);
        self.events.y.reserve(events);
        self.events.weight.iter_mut().for_each(|column| column.reserve(events));
        self.events.value.iter_mut().for_each(|column| column.reserve(events));
        self.events.time.iter_mut().for_each(|column| column.reserve(events));
        self.events.subject.iter_mut().for_each(|column| column.reserve(events));
    }

    /// Takes in a position that needs no second look, for the hot loops of queries that are
    /// [`Query::positions_only`]. Where this says no, nothing is taken, and [`Intake::record`] must be asked.
    #[inline]
    pub fn take_plain(&mut self, x: f64, y: f64) -> bool {
        debug_assert!(self.query.positions_only(), "more than the position is wanted");
        let plain = x.abs() <= self.plain[0] && y.abs() <= self.plain[1];
        if plain {
            self.tally.records += 1;
            self.events.x.push(x);
            self.events.y.push(y);
        }
        plain
    }

    /// Counts a record that is damaged: it is read, and gives no event.
    ///
    /// # Errors
    /// Under `strict`.
    pub fn damaged(&mut self, line: u64) -> Result<(), Error> {
        self.tally.records += 1;
        self.skip(line, Reason::Malformed)
    }

    /// Takes in one record: its position as written, and its other wanted columns. `None` for a
    /// coordinate says that it is blank; NaN, that it is no number.
    ///
    /// # Errors
    /// Under `strict`, when the record cannot be used.
    pub fn record(&mut self, line: u64, x: Option<f64>, y: Option<f64>, row: &dyn Row) -> Result<(), Error> {
        self.tally.records += 1;
        match self.event(x, y, row) {
            Ok(()) => Ok(()),
            Err(reason) => {
                let written = if self.query.strict { row.position() } else { None };
                let shown = written.map(|position| format!("{position}: {}", reason.words()));
                self.skip(line, reason).map_err(|error| match shown {
                    Some(found) => error.found(found),
                    None => error,
                })
            }
        }
    }

    /// Counts a record that gave no event. The caller has not counted it in `tally.records`' stead:
    /// [`Intake::record`] does both, this only the skipping.
    ///
    /// # Errors
    /// Under `strict`, when the reason is a fault of the record.
    pub fn skip(&mut self, line: u64, reason: Reason) -> Result<(), Error> {
        if self.query.strict && reason.is_fault() {
            return Err(Error::input(format!("{}, {} {line}", self.name, self.unit))
                .found(reason.words())
                .expected("a record that can be used")
                .advice("correct it, or leave out --strict to skip and count such records"));
        }
        self.tally.skip(reason, Place { file: self.file, line });
        Ok(())
    }

    /// What was taken in, as a part that need not be decoded any more: for formats in which only reading
    /// tells where a record ends.
    pub fn into_part(self) -> Box<dyn Part> {
        Box::new(Decoded(self.events, self.tally))
    }

    fn event(&mut self, x: Option<f64>, y: Option<f64>, row: &dyn Row) -> Result<(), Reason> {
        let (x, y) = x.zip(y).ok_or(Reason::NoPosition)?;
        let (x, y) = self.position(x, y)?;
        if self.query.positions_only() {
            self.events.x.push(x);
            self.events.y.push(y);
            return Ok(());
        }
        self.chosen(x, y, row)
    }

    /// The position in the space of the query, checked.
    #[inline]
    fn position(&self, x: f64, y: f64) -> Result<(f64, f64), Reason> {
        if self.query.space == Space::Earth {
            return degrees(x, y, self.query.crs.as_ref());
        }
        if x.is_finite() && y.is_finite() { Ok((x, y)) } else { Err(Reason::NotANumber) }
    }

    /// Filter, time limits, weight, value and subject, in the order of [`Query::wanted`].
    fn chosen(&mut self, x: f64, y: f64, row: &dyn Row) -> Result<(), Reason> {
        let query = self.query.clone();
        let mut next = query.filter.as_ref().map_or(0, |f| f.columns().len());
        if query.filter.as_ref().is_some_and(|f| !f.accepts(&|column| row.field(column))) {
            return Err(Reason::FilteredOut);
        }
        let mut take = |wanted: bool| {
            wanted.then(|| {
                next += 1;
                row.field(next - 1)
            })
        };
        let weight = take(query.weight.is_some()).map(|f| f.number().ok_or(Reason::BadWeight)).transpose()?;
        let value = take(query.value.is_some()).map(|f| f.number().ok_or(Reason::BadValue)).transpose()?;
        let subject = take(query.subject.is_some()).map(|f| f.subject().ok_or(Reason::NoSubject)).transpose()?;
        let timed = query.needs_time() || query.time.is_some();
        let time = take(timed || query.span).and_then(|f| f.time());
        if timed && time.is_none() {
            return Err(Reason::BadTime);
        }
        if time.is_some_and(|t| query.after.is_some_and(|a| t < a) || query.before.is_some_and(|b| t >= b)) {
            return Err(Reason::FilteredOut);
        }
        if query.span {
            self.tally.span_to(time);
        }
        self.events.x.push(x);
        self.events.y.push(y);
        self.events.weight.iter_mut().zip(weight).for_each(|(column, w)| column.push(w));
        self.events.value.iter_mut().zip(value).for_each(|(column, v)| column.push(v));
        self.events.time.iter_mut().zip(time).for_each(|(column, t)| column.push(t));
        self.events.subject.iter_mut().zip(subject).for_each(|(column, s)| column.push(s));
        Ok(())
    }
}

/// A position on the Earth as it is written, in degrees WGS 84 or as `crs` says: longitude in -180..=180 and latitude in
/// -90..=90 degrees, or why it is none.
#[inline]
pub(super) fn degrees(x: f64, y: f64, crs: Option<&Crs>) -> Result<(f64, f64), Reason> {
    if !(x.is_finite() && y.is_finite()) {
        return Err(Reason::NotANumber);
    }
    let (x, y) = match crs {
        Some(crs) => crs.to_degrees(x, y).ok_or(Reason::OffTheEarth)?,
        None => (x, y),
    };
    if y.abs() > 90.0 {
        return Err(if x.abs() <= 90.0 { Reason::PerhapsSwapped } else { Reason::OffTheEarth });
    }
    if x.abs() <= 180.0 {
        return Ok((x, y));
    }
    // Data centred on the Pacific counts longitudes from 0 to 360.
    if x.abs() <= 360.0 { Ok((x - 360.0 * x.signum(), y)) } else { Err(Reason::OffTheEarth) }
}
