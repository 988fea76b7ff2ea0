//! Tables of fixes: a row is a fix, and a column tells which track it is on. The tracks may be mixed; a table without
//! such a column is one track. Rows are put in the order of time later, where all of a track have one.

use std::fmt::Write;
use std::io::Read;

use crate::error::Error;
use crate::events::Space;
use crate::source::csv::{Dialect, Fields, Rows, text_of};
use crate::source::tracks::common::{Common, MOST_FACTS, is_asked};
use crate::source::tracks::{Fact, Recorder};
use crate::source::unpack::Origin;
use crate::source::{Field, Query, Reason, columns, parse_time};

/// Tells `out` the fixes of the table in `bytes`.
pub(super) fn read(
    bytes: Box<dyn Read + Send>,
    name: &str,
    query: &Query,
    out: &mut Recorder<'_>,
) -> Result<(), Error> {
    let rows = Rows::open(bytes, Origin::named(name), has_tabs(name), query)?;
    let layout = Layout::of(&rows, query, name)?;
    let mut reading = Reading { layout, common: Common::new(), current: Vec::new(), key: String::new(), begun: false };
    out.count_by("line");
    let names = rows.names.clone();
    rows.each(|line, fields| match fields {
        Some(fields) => reading.row(line, fields, out),
        None => out.damaged(line),
    })?;
    reading.say_facts(&names, out);
    Ok(())
}

/// Whether a name says that there are tabs between the fields.
fn has_tabs(name: &str) -> bool {
    name.rsplit('.').take(2).any(|ending| ["tsv", "tab"].contains(&ending.to_lowercase().as_str()))
}

/// Which columns mean what.
struct Layout {
    dialect: Dialect,
    x: usize,
    y: usize,
    time: Time,
    /// The columns that tell tracks apart: that of the track, and that of whose it is.
    keys: Vec<usize>,
    /// The columns that may be the same in a whole track.
    others: Vec<usize>,
}

/// Where the time of a fix is.
enum Time {
    Nowhere,
    Column(usize),
    /// Day and time of day apart.
    Columns(usize, usize),
}

impl Layout {
    fn of(rows: &Rows, query: &Query, name: &str) -> Result<Layout, Error> {
        let names = &rows.names;
        let position =
            Query { x: query.x.clone(), y: query.y.clone(), crs: query.crs.clone(), ..Query::new(Space::Earth) };
        let position = columns::choose(names, &position, "csv", name)?;
        let track = match &query.track {
            Some(track) => Some(columns::named(names, track, name)?),
            None => columns::track(names),
        };
        let user = query.user.as_ref().and_then(|user| columns::named(names, user, name).ok());
        let time = Time::of(names, query, name)?;
        let told = |column: &usize| {
            let asked = *column < MOST_FACTS || is_asked(&names[*column], query);
            asked && *column != position.x && *column != position.y && !time.is_in(*column)
        };
        Ok(Layout {
            dialect: rows.dialect(),
            x: position.x,
            y: position.y,
            keys: track.into_iter().chain(user).collect(),
            others: (0..names.len()).filter(told).collect(),
            time,
        })
    }

    /// The highest column that a row must have.
    fn last(&self) -> usize {
        self.keys.iter().copied().fold(self.x.max(self.y), usize::max)
    }
}

impl Time {
    fn of(names: &[String], query: &Query, name: &str) -> Result<Time, Error> {
        if let Some(time) = &query.time {
            return Ok(Time::Column(columns::named(names, time, name)?));
        }
        let called = |word: &str| names.iter().position(|name| name.trim().eq_ignore_ascii_case(word));
        Ok(match (called("date"), called("time"), columns::time(names)) {
            (Some(date), Some(time), _) => Time::Columns(date, time),
            (_, _, Some(time)) => Time::Column(time),
            _ => Time::Nowhere,
        })
    }

    fn is_in(&self, column: usize) -> bool {
        match self {
            Time::Nowhere => false,
            Time::Column(time) => *time == column,
            Time::Columns(date, time) => [*date, *time].contains(&column),
        }
    }

    /// The time of a row in microseconds since 1970 UTC. A column called `time` beside one called `date` may tell both.
    fn read(&self, fields: Fields<'_>, dialect: Dialect) -> Option<i64> {
        match self {
            Time::Nowhere => None,
            Time::Column(time) => dialect.field(text_of(fields, *time)).time(),
            Time::Columns(date, time) => {
                let (date, time) = (text_of(fields, *date), text_of(fields, *time));
                parse_time(&format!("{date} {time}")).or_else(|| dialect.field(time).time())
            }
        }
    }
}

/// A table that is being read.
struct Reading {
    layout: Layout,
    common: Common<usize, Box<str>>,
    /// What stands in the columns of the key on the current track, and the key made of it.
    current: Vec<String>,
    key: String,
    begun: bool,
}

impl Reading {
    fn row(&mut self, line: u64, fields: Fields<'_>, out: &mut Recorder<'_>) -> Result<(), Error> {
        let layout = &self.layout;
        if fields.len() <= layout.last() {
            return out.damaged(line);
        }
        if layout.keys.first().is_some_and(|column| text_of(fields, *column).is_empty()) {
            return out.unused(line, Reason::NoTrack);
        }
        let same = |(column, text): (&usize, &String)| text_of(fields, *column) == text;
        if !self.begun || !layout.keys.iter().zip(&self.current).all(same) {
            self.current = layout.keys.iter().map(|column| text_of(fields, *column).to_owned()).collect();
            self.key = key(&self.current);
            self.begun = true;
            out.go_on(&self.key);
        }
        let others = || layout.others.iter().filter(|column| !text_of(fields, **column).is_empty());
        let all = || others().map(|column| (*column, text_of(fields, *column).into())).collect();
        self.common.meet(&self.key, all, |column, text| text_of(fields, *column) == &**text);
        let coordinate = |column| layout.dialect.coordinate(text_of(fields, column));
        let time = layout.time.read(fields, layout.dialect);
        out.fix(line, coordinate(layout.x), coordinate(layout.y), time)
    }

    /// What was the same in all rows of a track is a fact about it.
    fn say_facts(self, names: &[String], out: &mut Recorder<'_>) {
        for (key, facts) in self.common.into_tracks() {
            out.go_on(&key);
            for (column, text) in facts {
                let fact = match self.layout.dialect.field(&text) {
                    Field::Number(number) => Fact::Number(number),
                    _ => Fact::Text(text.into()),
                };
                out.fact(&names[column], fact);
            }
        }
    }
}

/// One text for several. With its length before it, none can be taken for the end of another.
fn key(texts: &[String]) -> String {
    texts.iter().fold(String::new(), |mut key, text| {
        _ = write!(key, "{}:{text}", text.len());
        key
    })
}
