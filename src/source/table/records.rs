//! The records of a long table: of each the words that are asked for, and a tally of those that cannot be used. It is
//! the same for every format.

use std::borrow::Cow;

use super::key::Key;
use super::open::Opened;
use super::plan::{Column, find};
use super::word::{Cell, cell, shown};
use crate::error::Error;

/// What is asked of each record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// What tells the row.
    pub rows: Key,
    /// What tells the column.
    pub columns: Key,
    /// The column of the values; without it every record counts 1.
    pub value: Option<String>,
}

/// What became of the records of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Records {
    /// How many there were.
    pub read: u64,
    /// How many of them had no value, though row and column are known.
    pub without_value: u64,
    /// How many were skipped, for whatever reason.
    pub skipped: u64,
    /// What was left out and why, each in a sentence without its full stop.
    pub notes: Vec<String>,
}

/// Why a record is skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    Fields,
    NoWord,
    NoTime,
    NoNumber,
}

const REASONS: usize = 4;

/// Where the words of a record are.
struct Places {
    rows: (usize, Key),
    columns: (usize, Key),
    value: Option<usize>,
    names: Vec<Column>,
    comma: bool,
}

/// The words for row and column, and the value.
type Words<'f> = (Cow<'f, str>, Cow<'f, str>, f64);

/// Takes records in, and hands on what is asked of them.
pub(super) struct Taker<'a> {
    ask: &'a Ask,
    each: &'a mut dyn FnMut(&str, &str, f64),
    places: Option<Places>,
    records: Records,
    /// How many were skipped for each reason, and what is to be said of the first.
    skipped: [(u64, String); REASONS],
}

/// The text of a field, by the number of its column.
pub(super) type Field<'f> = dyn Fn(usize) -> Cow<'f, str> + 'f;

impl<'a> Taker<'a> {
    pub fn new(ask: &'a Ask, each: &'a mut dyn FnMut(&str, &str, f64)) -> Taker<'a> {
        Taker { ask, each, places: None, records: Records::default(), skipped: Default::default() }
    }

    /// Says which columns the records have. `comma` says whether a comma stands for the decimal point.
    pub fn begin(&mut self, names: &[String], comma: bool, opened: &Opened) -> Result<(), Error> {
        let names: Vec<Column> = names.iter().map(|name| Column::of(name)).collect();
        let place = |key: &Key, option| {
            // A column that is called like a function is meant before the function.
            let column = key.as_column();
            let key = if names.iter().any(|name| name.name == column.column()) { column } else { key.clone() };
            Ok((find(&names, key.column(), option, &opened.name)?, key))
        };
        let rows = place(&self.ask.rows, "--rows")?;
        let columns = place(&self.ask.columns, "--cols")?;
        let value = self.ask.value.as_ref().map(|value| find(&names, value, "--value", &opened.name)).transpose()?;
        self.places = Some(Places { rows, columns, value, names, comma });
        Ok(())
    }

    /// Which columns are asked for.
    pub fn wanted(&self) -> Vec<usize> {
        let places = self.places.as_ref();
        places.map_or(Vec::new(), |places| [places.rows.0, places.columns.0].into_iter().chain(places.value).collect())
    }

    /// Takes in one record with so many fields. `line` is where it stands.
    pub fn take(&mut self, fields: usize, field: &Field, line: &dyn Fn() -> u64) {
        let Some(places) = &self.places else { return };
        self.records.read += 1;
        let read = if fields == places.names.len() {
            places.words(field)
        } else {
            let expected = places.names.len();
            Err((Reason::Fields, format!("{fields} fields instead of {expected}")))
        };
        match read {
            Ok((row, column, value)) => {
                self.records.without_value += u64::from(value.is_nan());
                (self.each)(&row, &column, value);
            }
            Err((reason, found)) => {
                self.records.skipped += 1;
                let (count, first) = &mut self.skipped[reason as usize];
                *count += 1;
                if *count == 1 {
                    *first = format!("{found} (record {} at line {})", self.records.read, line());
                }
            }
        }
    }

    /// What became of the records.
    pub fn finish(self, opened: &Opened) -> Result<Records, Error> {
        let mut records = self.records;
        if records.read == 0 {
            return Err(opened.error().found("no records").expected("at least one"));
        }
        for (count, first) in self.skipped.iter().filter(|(count, _)| *count > 0) {
            records.notes.push(match count {
                1 => format!("1 record skipped: {first}"),
                _ => format!("{count} records skipped, the first for {first}"),
            });
        }
        if records.skipped == records.read {
            return Err(opened
                .error()
                .found(format!("no record that can be used; {}", records.notes.join("; ")))
                .expected("words for rows and columns, and numbers"));
        }
        Ok(records)
    }
}

impl Places {
    /// The words for row and column, and the value.
    fn words<'f>(&self, field: &Field<'f>) -> Result<Words<'f>, (Reason, String)> {
        let row = self.word(&self.rows, field)?;
        let column = self.word(&self.columns, field)?;
        let Some(value) = self.value else { return Ok((row, column, 1.0)) };
        let text = field(value);
        match cell(&text, self.comma) {
            Cell::Number(number) => Ok((row, column, number)),
            Cell::Nothing => Ok((row, column, f64::NAN)),
            Cell::Word => {
                Err((Reason::NoNumber, format!("{} in `{}`, which is no number", shown(&text), self.names[value].name)))
            }
        }
    }

    fn word<'f>(&self, (column, key): &(usize, Key), field: &Field<'f>) -> Result<Cow<'f, str>, (Reason, String)> {
        let text = trimmed(field(*column));
        if text.is_empty() {
            return Err((Reason::NoWord, format!("nothing in `{}`", self.names[*column].name)));
        }
        if !key.is_part() {
            return Ok(text);
        }
        let word = key.word(&text).map(Cow::Owned);
        word.ok_or_else(|| (Reason::NoTime, format!("{} in `{}`, which is no time", shown(&text), key.column())))
    }
}

fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}
