//! Logs in JSON: a record a line, an array of records, or an object that holds one. Records are read one by one and
//! given their columns, which are called `outer.inner`; those of recordings go to `replay`.

use std::collections::HashMap;
use std::io::Read;

use serde_json::{Map, Value};
use struson::reader::{JsonReader, JsonStreamReader, ValueType};

use super::formats::LogFormat;
use super::input::check;
use super::replay::{Replay, is_event};
use super::sheet::{Look, Record, Sheet};
use super::taker::Taker;
use super::value::{self, Leaf};
use crate::error::Error;
use crate::source::json::{Damage, Lines, separator, without_mark};
use crate::source::{Field, Input};

/// Members in which objects hold their records.
const HOLDERS: [&str; 11] =
    ["data", "results", "result", "events", "rows", "points", "clicks", "records", "hits", "items", "interactions"];
/// What the elements of short records are called that are arrays.
const UNNAMED: [&str; 3] = ["x", "y", "count"];
/// Members of members are columns so deep.
const DEPTH: usize = 8;

/// Reads a log.
pub(super) fn read(input: &Input, format: Option<&'static LogFormat>, taker: &mut Taker) -> Result<(), Error> {
    let separator = separator(input)?;
    taker.begin(input, if separator.is_some() { "line" } else { "record" });
    let mut log = Log::new(input, format, taker);
    match separator {
        Some(separator) => log.lines(separator)?,
        None => log.document().map_err(|stop| stop.error(input))?,
    }
    log.finish()
}

/// Why reading stops.
enum Stop {
    Damaged(Damage),
    Refused(Error),
}

impl Stop {
    fn error(self, input: &Input) -> Error {
        match self {
            Stop::Damaged(damage) => damage.error(input, 0),
            Stop::Refused(error) => error,
        }
    }
}

impl<D: Into<Damage>> From<D> for Stop {
    fn from(damage: D) -> Stop {
        Stop::Damaged(damage.into())
    }
}

/// A log that is read.
struct Log<'a, 'w> {
    input: &'a Input,
    taker: &'a mut Taker<'w>,
    sheet: Sheet,
    /// The numbers of the columns by their paths.
    columns: HashMap<String, usize>,
    /// What array records call their elements.
    headings: Vec<String>,
    replay: Option<Replay>,
    /// Whether the caller says that it is a recording, or that it is none.
    told: Option<bool>,
    records: u64,
}

impl<'a, 'w> Log<'a, 'w> {
    fn new(input: &'a Input, format: Option<&'static LogFormat>, taker: &'a mut Taker<'w>) -> Log<'a, 'w> {
        let sheet = Sheet::new(format, taker.wish.filter.as_ref());
        let told = format.map(|format| format.name == "rrweb");
        let (columns, headings) = (HashMap::new(), Vec::new());
        Log { input, taker, sheet, columns, headings, replay: None, told, records: 0 }
    }

    /// Reads a log of a value a line; a damaged one is skipped and counted.
    fn lines(&mut self, separator: u8) -> Result<(), Error> {
        let mut lines = Lines::open(self.input, separator)?;
        while let Some(block) = lines.next_block()? {
            for (before, text) in block.texts() {
                match value::whole(text) {
                    Ok(value) => self.record(before + 1, &value)?,
                    Err(damage) if self.taker.wish.strict => return Err(damage.error(self.input, before)),
                    Err(_) => {
                        self.records += 1;
                        self.taker.damaged(before + 1)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn document(&mut self) -> Result<(), Stop> {
        let mut json = value::reader(without_mark(self.input).map_err(Stop::Refused)?.0);
        match json.peek()? {
            ValueType::Array => self.array(&mut json)?,
            ValueType::Object => self.object(&mut json)?,
            _ => json.skip_value()?,
        }
        Ok(json.consume_trailing_whitespace()?)
    }

    /// Reads the records of an array.
    fn array<R: Read>(&mut self, json: &mut JsonStreamReader<R>) -> Result<(), Stop> {
        json.begin_array()?;
        while json.has_next()? {
            let number = self.records + 1;
            let value = value::read(json).map_err(|damage| damage.within(&format!("record {number}")))?;
            self.record(number, &value).map_err(Stop::Refused)?;
        }
        Ok(json.end_array()?)
    }

    /// Reads the records that an object holds; without such it is one itself.
    fn object<R: Read>(&mut self, json: &mut JsonStreamReader<R>) -> Result<(), Stop> {
        let mut rest = Map::new();
        let mut holds = false;
        json.begin_object()?;
        while json.has_next()? {
            let name = json.next_name_owned()?;
            if HOLDERS.contains(&&*name) && json.peek()? == ValueType::Array {
                holds = true;
                self.sheet.held_by(&name);
                self.replay = session(&rest).map(|session| Replay::new(&session));
                self.array(json)?;
                continue;
            }
            let value = value::read(json)?;
            if let ("columns", Value::Array(names)) = (&*name, &value) {
                self.headings = names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect();
            }
            rest.insert(name, value);
        }
        json.end_object()?;
        if !holds {
            self.record(1, &Value::Object(rest)).map_err(Stop::Refused)?;
        }
        Ok(())
    }

    /// One record, or an array of some on a line.
    fn record(&mut self, line: u64, value: &Value) -> Result<(), Error> {
        if let Value::Array(several) = value
            && several.first().is_some_and(|first| first.is_object() || first.is_array())
        {
            return several.iter().try_for_each(|value| self.one(line, value));
        }
        self.one(line, value)
    }

    fn one(&mut self, line: u64, value: &Value) -> Result<(), Error> {
        self.records += 1;
        let held = value.get("events").and_then(Value::as_array).filter(|events| events.first().is_some_and(is_event));
        let told = *self.told.get_or_insert_with(|| is_event(value) || held.is_some());
        if !told {
            return self.row(line, value);
        }
        if let Some(events) = held {
            let name = format!("{} {}", self.input.name, self.records);
            let mut replay = Replay::new(&value.as_object().and_then(session).unwrap_or(name));
            return events.iter().try_for_each(|event| replay.event(line, event, self.taker));
        }
        let replay = self.replay.get_or_insert_with(|| Replay::new(&self.input.name));
        replay.event(line, value, self.taker)
    }

    /// A record of columns.
    fn row(&mut self, line: u64, value: &Value) -> Result<(), Error> {
        let known = self.sheet.names.len();
        let mut row = Row(Vec::with_capacity(known));
        match value {
            Value::Object(members) => self.gather(members, &mut String::new(), DEPTH, &mut row),
            Value::Array(elements) => self.elements(elements, &mut row),
            _ => return self.taker.damaged(line),
        }
        if self.sheet.names.len() > known {
            self.sheet.settle();
        }
        self.taker.record(line, Look { sheet: &self.sheet, record: &row })
    }

    fn gather<'v>(&mut self, members: &'v Map<String, Value>, path: &mut String, depth: usize, row: &mut Row<'v>) {
        for (name, value) in members {
            let before = path.len();
            if before > 0 {
                path.push('.');
            }
            path.push_str(name);
            match value {
                Value::Object(inner) if depth > 0 => self.gather(inner, path, depth - 1, row),
                value => self.put(path, value, row),
            }
            path.truncate(before);
        }
    }

    fn elements<'v>(&mut self, elements: &'v [Value], row: &mut Row<'v>) {
        let is_short = elements.len() <= UNNAMED.len();
        for (i, value) in elements.iter().enumerate() {
            let unnamed = || UNNAMED.get(i).filter(|_| is_short).map(|name| (*name).to_owned());
            let name = self.headings.get(i).cloned().or_else(unnamed).unwrap_or_else(|| i.to_string());
            self.put(&name, value, row);
        }
    }

    fn put<'v>(&mut self, path: &str, value: &'v Value, row: &mut Row<'v>) {
        let Some(leaf) = Leaf::of(value) else { return };
        let column = match self.columns.get(path) {
            Some(column) => *column,
            None => match self.sheet.add(path) {
                Some(column) => *self.columns.entry(path.to_owned()).or_insert(column),
                None => return,
            },
        };
        if row.0.len() <= column {
            row.0.resize_with(column + 1, Leaf::default);
        }
        row.0[column] = leaf;
    }

    fn finish(self) -> Result<(), Error> {
        if self.told == Some(true) {
            self.taker.read("rrweb", &[]);
            return match &self.taker.wish.filter {
                Some(_) => Err(Error::caller("--where")
                    .found(format!("a condition on the columns of {}, a recording of rrweb", self.input.name))
                    .expected("a log with columns")
                    .advice("leave out --where")),
                None => Ok(()),
            };
        }
        if self.records == 0 {
            return Ok(());
        }
        check(&self.sheet, &self.input.name)?;
        self.taker.read(self.sheet.shape.name, &self.sheet.names);
        Ok(())
    }
}

/// What the members of a wrapper say of whose events they hold.
fn session(members: &Map<String, Value>) -> Option<String> {
    ["sessionId", "session_id", "session", "id"].iter().find_map(|name| match members.get(*name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

/// A record with the fields of its columns.
struct Row<'v>(Vec<Leaf<'v>>);

impl Record for Row<'_> {
    fn field(&self, column: usize) -> Field<'_> {
        self.0.get(column).map_or(Field::Missing, Leaf::field)
    }
}
