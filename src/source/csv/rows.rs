//! The events of a block of records, the general way: any dialect, any column. Blocks of which only the
//! positions are wanted go the straight way, and come here with the records it cannot take.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter};

use super::dialect::{Dialect, End, Fields, Splitter, has_quote, plain_fields};
use super::straight::Straight;
use crate::error::Error;
use crate::source::{Field, Intake, Row};

/// Which fields of the records of a table are read, and how.
#[derive(Debug)]
pub(super) struct Layout {
    pub dialect: Dialect,
    /// The column of the longitude, or horizontal coordinate.
    pub x: usize,
    /// The column of the latitude, or vertical coordinate.
    pub y: usize,
    /// The columns beside the position, as far as they are there.
    pub wanted: Vec<Option<usize>>,
    /// The names of `x` and `y`, for messages.
    pub names: [String; 2],
    /// Whether nothing but the positions is wanted.
    pub positions_only: bool,
}

impl Layout {
    /// The highest column that is read.
    fn last(&self) -> usize {
        self.wanted.iter().flatten().copied().fold(self.x.max(self.y), usize::max)
    }
}

/// Reads the records of a block that begins at `line`.
pub(super) fn read(bytes: &[u8], quoted: bool, line: u64, layout: &Layout, intake: &mut Intake) -> Result<(), Error> {
    let mut general = General::new(layout);
    if let Some(straight) = Straight::of(layout, quoted) {
        return straight.read(bytes, line, &mut general, intake);
    }
    let bytes = if layout.positions_only { Cow::Borrowed(bytes) } else { utf8(bytes) };
    let (mut at, mut line) = (0, line);
    while at < bytes.len() {
        let (read, lines) = general.record(&bytes[at..], quoted, line, intake)?;
        (at, line) = (at + read, line + lines);
    }
    Ok(())
}

/// The same bytes, or a copy in which whatever is not UTF-8 is replaced; record ends and fields stay.
fn utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    match String::from_utf8_lossy(bytes) {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

/// The general way, with what it needs from record to record.
pub(super) struct General<'a> {
    layout: &'a Layout,
    last: usize,
    splitter: Splitter,
    ends: Vec<usize>,
}

impl<'a> General<'a> {
    fn new(layout: &'a Layout) -> General<'a> {
        General { layout, last: layout.last(), splitter: Splitter::new(layout.dialect), ends: Vec::new() }
    }

    /// Takes in the record that begins with `bytes`; how many bytes and lines it fills.
    pub fn record(
        &mut self,
        bytes: &[u8],
        quoted: bool,
        line: u64,
        intake: &mut Intake,
    ) -> Result<(usize, u64), Error> {
        let dialect = self.layout.dialect;
        let end = memchr(dialect.terminator, bytes).map_or(bytes.len(), |end| end + 1);
        let record = dialect.trimmed(&bytes[..end]);
        if quoted && has_quote(record) {
            return self.quoted(bytes, end, line, intake);
        }
        if !record.is_empty() {
            let fields = plain_fields(record, dialect.delimiter, self.last, &mut self.ends);
            self.layout.take(fields, self.last, line, intake)?;
        }
        Ok((end, 1))
    }

    /// The same for a record with a quote; its first line has `first_line` bytes.
    fn quoted(
        &mut self,
        bytes: &[u8],
        first_line: usize,
        line: u64,
        intake: &mut Intake,
    ) -> Result<(usize, u64), Error> {
        let dialect = self.layout.dialect;
        let end = match dialect.end(bytes) {
            End::After(end) => end,
            End::Beyond => bytes.len(),
            // A quote that is never closed spoils its line, not the rest of the file.
            End::Unclosed => {
                intake.damaged(line)?;
                return Ok((first_line, 1));
            }
        };
        let fields = self.splitter.split(dialect.trimmed(&bytes[..end]));
        self.layout.take(fields, self.last, line, intake)?;
        Ok((end, memchr_iter(dialect.terminator, &bytes[..end]).count() as u64))
    }
}

impl Layout {
    /// Takes in one record of which the columns up to `last` are needed.
    fn take(&self, fields: Fields<'_>, last: usize, line: u64, intake: &mut Intake) -> Result<(), Error> {
        if fields.len() <= last {
            return intake.damaged(line);
        }
        let coordinate = |column| match text_of(fields, column) {
            "" => None,
            text => Some(self.number(text).unwrap_or(f64::NAN)),
        };
        intake.record(line, coordinate(self.x), coordinate(self.y), &Record { layout: self, fields })
    }

    /// The number that a text spells. Between semicolons a comma may stand for the decimal point.
    fn number(&self, text: &str) -> Option<f64> {
        let number = fast_float2::parse::<f64, _>(text).ok();
        if number.is_some() || self.dialect.delimiter != b';' || !text.contains(',') {
            return number;
        }
        fast_float2::parse::<f64, _>(text.replacen(',', ".", 1)).ok()
    }
}

/// The text of a field without the space around it; what is not UTF-8 is no number either.
fn text_of(fields: Fields<'_>, column: usize) -> &str {
    std::str::from_utf8(fields.get(column)).unwrap_or("\u{fffd}").trim()
}

/// A record as the intake sees it.
struct Record<'a> {
    layout: &'a Layout,
    fields: Fields<'a>,
}

impl Row for Record<'_> {
    fn field(&self, column: usize) -> Field<'_> {
        let Some(Some(column)) = self.layout.wanted.get(column) else { return Field::Missing };
        let text = text_of(self.fields, *column);
        if text.is_empty() {
            return Field::Missing;
        }
        let comma = self.layout.dialect.delimiter == b';' && text.contains(',');
        match self.layout.number(text) {
            Some(number) if comma => Field::Number(number),
            _ => Field::Text(text),
        }
    }

    fn position(&self) -> Option<String> {
        let shown = |i: usize, column| {
            let text: String = text_of(self.fields, column).chars().take(40).collect();
            format!("`{text}` in column `{}`", self.layout.names[i])
        };
        Some(format!("{}, {}", shown(0, self.layout.x), shown(1, self.layout.y)))
    }
}
