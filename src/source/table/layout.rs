//! The records of a table of text, as values and words. The straight way reads number after number without cutting a
//! record into fields first; a record that it cannot take goes the general way, by `csv-core`. Both give the same.

#![expect(clippy::inline_always, reason = "left alone, the compiler makes calls that cost a fifth of the time")]

use memchr::memchr;

use super::number::number;
use super::plan::Role;
use super::word::{Cell, cell, text};
use crate::source::csv::dialect::{Dialect, Splitter, closing};

/// What the fields of a record are for.
#[derive(Debug)]
pub(super) struct Layout {
    pub dialect: Dialect,
    /// Whether a comma stands for the decimal point.
    pub comma: bool,
    /// How many fields a record has.
    pub fields: usize,
    /// How many of them are values, and how many are kept as words.
    pub values: usize,
    pub words: usize,
    steps: Vec<Step>,
}

/// What the next fields are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Values(usize),
    Word,
    Pass,
}

/// Why a record cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// It has so many fields.
    Ragged(usize),
    /// There is this word where a number should be, in this column.
    Word(String, usize),
}

/// The straight way ends here.
struct Odd;

impl Layout {
    pub fn of(roles: &[Role], dialect: Dialect, comma: bool) -> Layout {
        let mut steps = Vec::new();
        for role in roles {
            match (role, steps.last_mut()) {
                (Role::Value, Some(Step::Values(count))) => *count += 1,
                (Role::Value, _) => steps.push(Step::Values(1)),
                (Role::Label | Role::Attribute, _) => steps.push(Step::Word),
                (Role::Ignored, _) => steps.push(Step::Pass),
            }
        }
        let values = roles.iter().filter(|role| **role == Role::Value).count();
        let words = steps.iter().filter(|step| **step == Step::Word).count();
        Layout { dialect, comma, fields: roles.len(), values, words, steps }
    }

    /// Reads the record `bytes[from..to]` into a row of values, and the words of its other columns into `words`.
    pub fn record(
        &self,
        bytes: &[u8],
        (from, to): (usize, usize),
        row: &mut [f64],
        words: &mut [Vec<String>],
        splitter: &mut Splitter,
    ) -> Result<(), Fault> {
        let before = words.first().map_or(0, Vec::len);
        if self.straight(bytes, (from, to), row, words).is_ok() {
            return Ok(());
        }
        for words in words.iter_mut() {
            words.truncate(before);
        }
        self.general(&bytes[from..to], row, words, splitter)
    }

    fn straight(
        &self,
        bytes: &[u8],
        (from, to): (usize, usize),
        row: &mut [f64],
        words: &mut [Vec<String>],
    ) -> Result<(), Odd> {
        let (mut at, mut row, mut words) = (from, row, words.iter_mut());
        for step in &self.steps {
            match *step {
                Step::Values(count) => {
                    let (these, rest) = row.split_at_mut(count);
                    at = self.values(bytes, at, to, these)?;
                    row = rest;
                }
                Step::Word => {
                    let (field, next) = self.field(bytes, at, to)?;
                    words.next().ok_or(Odd)?.push(text(field).trim().to_owned());
                    at = next;
                }
                Step::Pass => at = self.field(bytes, at, to)?.1,
            }
        }
        // Behind the last field comes the end, as if it were a delimiter.
        if at == to + 1 { Ok(()) } else { Err(Odd) }
    }

    /// Reads so many numbers, of which the first begins at `at`; where the field after them begins.
    #[inline(always)]
    fn values(&self, bytes: &[u8], mut at: usize, to: usize, values: &mut [f64]) -> Result<usize, Odd> {
        for value in values {
            let found = bytes.get(at..).and_then(number);
            if let Some((number, read)) = found
                && (at + read == to || at + read < to && bytes[at + read] == self.dialect.delimiter)
            {
                *value = number;
                at += read + 1;
                continue;
            }
            (*value, at) = self.odd_value(bytes, at, to)?;
        }
        Ok(at)
    }

    /// A value that is not a number and nothing else.
    #[inline(never)]
    fn odd_value(&self, bytes: &[u8], at: usize, to: usize) -> Result<(f64, usize), Odd> {
        let (field, next) = self.field(bytes, at, to)?;
        match cell(&text(field), self.comma) {
            Cell::Number(number) => Ok((number, next)),
            Cell::Nothing => Ok((f64::NAN, next)),
            Cell::Word => Err(Odd),
        }
    }

    /// The field that begins at `at`, and where the next one begins: one byte behind the end if it is the last.
    fn field<'a>(&self, bytes: &'a [u8], at: usize, to: usize) -> Result<(&'a [u8], usize), Odd> {
        let field = bytes.get(at..to).ok_or(Odd)?;
        if field.first() != Some(&b'"') {
            let end = memchr(self.dialect.delimiter, field).unwrap_or(field.len());
            return Ok((&field[..end], at + end + 1));
        }
        let close = closing(field, 0).ok_or(Odd)?;
        let plain = field[close + 1..].first().is_none_or(|next| *next == self.dialect.delimiter);
        let inside = &field[1..close];
        if plain && memchr(b'"', inside).is_none() { Ok((inside, at + close + 2)) } else { Err(Odd) }
    }

    fn general(
        &self,
        record: &[u8],
        row: &mut [f64],
        words: &mut [Vec<String>],
        splitter: &mut Splitter,
    ) -> Result<(), Fault> {
        let fields = splitter.split(record);
        if fields.len() != self.fields {
            return Err(Fault::Ragged(fields.len()));
        }
        let (mut row, mut words, mut column) = (row.iter_mut(), words.iter_mut(), 0);
        for step in &self.steps {
            match *step {
                Step::Values(count) => {
                    for (value, i) in row.by_ref().take(count).zip(column..) {
                        *value = self.value(fields.get(i), i)?;
                    }
                    column += count - 1;
                }
                Step::Word => {
                    words.by_ref().take(1).for_each(|words| words.push(text(fields.get(column)).trim().to_owned()));
                }
                Step::Pass => {}
            }
            column += 1;
        }
        Ok(())
    }

    fn value(&self, field: &[u8], column: usize) -> Result<f64, Fault> {
        let text = text(field);
        match cell(&text, self.comma) {
            Cell::Number(number) => Ok(number),
            Cell::Nothing => Ok(f64::NAN),
            Cell::Word => Err(Fault::Word(text.into_owned(), column)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::csv::dialect::End;

    /// The rows and words of a record, by both ways.
    type Taken = Result<(Vec<u64>, Vec<Vec<String>>), Fault>;

    fn both(layout: &Layout, record: &[u8]) -> [Taken; 2] {
        let mut splitter = Splitter::new(layout.dialect);
        [false, true].map(|general| {
            let (mut row, mut words) = (vec![0.0; layout.values], vec![Vec::new(); layout.words]);
            let padded = [record, &b"\n1,2,3,4,5,6,7,8,9,10,11,12,13"[..]].concat();
            if general {
                layout.general(record, &mut row, &mut words, &mut splitter)?;
            } else {
                layout.record(&padded, (0, record.len()), &mut row, &mut words, &mut splitter)?;
            }
            Ok((row.iter().map(|value| value.to_bits()).collect(), words))
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]

        #[test]
        fn the_straight_way_reads_what_csv_core_reads(
            fields in proptest::collection::vec("[ ]{0,2}(-?[0-9]{1,9}(\\.[0-9]{1,20})?(e-[0-9])?|NA||[a-c\"]{1,3}|\"[0-9\" ,]{0,6}\"|inf)[ ]{0,1}", 1..6),
            roles in proptest::collection::vec(proptest::sample::select(
                &[Role::Value, Role::Value, Role::Value, Role::Label, Role::Attribute, Role::Ignored][..]), 1..6),
        ) {
            let layout = Layout::of(&roles, Dialect { delimiter: b',', terminator: b'\n' }, false);
            let record = fields.join(",");
            // Blank records are passed over, and where others end, quotes are closed.
            prop_assume!(!record.trim().is_empty() && layout.dialect.end(record.as_bytes()) == End::Beyond);
            let [short, long] = both(&layout, record.as_bytes());
            prop_assert_eq!(short, long);
        }
    }
}
