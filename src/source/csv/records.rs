//! The records of a table one after the other, cut into fields and not yet anything else: what a record means is the
//! business of whoever asks for it. A field is text, a number or blank by the rules of the dialect.

use std::borrow::Cow;
use std::io::Read;

use memchr::{memchr, memchr_iter};

use super::blocks::Blocks;
use super::dialect::{Dialect, End, Fields, Splitter, has_quote, plain_fields};
use super::{BLOCK, begin};
use crate::error::Error;
use crate::source::unpack::Origin;
use crate::source::{Field, Query};

/// A table whose records are read in their order by one thread.
pub(in crate::source) struct Rows {
    blocks: Blocks,
    /// The names of the columns.
    pub(in crate::source) names: Vec<String>,
}

impl Rows {
    /// Opens the table in `bytes`, which are likely to have tabs between the fields where `tabs` says so.
    ///
    /// # Errors
    /// When it cannot be read, or has no names of columns and the query gives none.
    pub(in crate::source) fn open(
        bytes: Box<dyn Read + Send>,
        origin: Origin,
        tabs: bool,
        query: &Query,
    ) -> Result<Rows, Error> {
        let name = origin.name.clone();
        let mut blocks = Blocks::new(bytes, origin, BLOCK)?;
        let names = begin(&mut blocks, tabs.then_some(b'\t'), query, &name)?;
        Ok(Rows { blocks, names })
    }

    /// How the table is written.
    pub(in crate::source) fn dialect(&self) -> Dialect {
        self.blocks.dialect
    }

    /// Gives every record to `take`, with its line; none where a quote is never closed.
    ///
    /// # Errors
    /// When the table cannot be read on, or `take` refuses a record.
    pub(in crate::source) fn each(
        mut self,
        mut take: impl FnMut(u64, Option<Fields<'_>>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut cutter = Cutter::new(self.dialect(), usize::MAX - 1);
        while let Some(block) = self.blocks.next()? {
            let bytes = utf8(block.bytes());
            let (mut at, mut line) = (0, block.line);
            while at < bytes.len() {
                let (cut, read, lines) = cutter.cut(&bytes[at..], block.quoted);
                match cut {
                    Cut::Blank => {}
                    Cut::Fields(fields) => take(line, Some(fields))?,
                    Cut::Unclosed => take(line, None)?,
                }
                (at, line) = (at + read, line + lines);
            }
        }
        Ok(())
    }
}

/// What stands where a record should.
pub(super) enum Cut<'a> {
    /// A line without anything.
    Blank,
    /// A record.
    Fields(Fields<'a>),
    /// A quote that is never closed: it spoils its line, not the rest of the file.
    Unclosed,
}

/// Cuts records into fields, with what that needs from record to record.
pub(super) struct Cutter {
    dialect: Dialect,
    /// The highest column that is read.
    last: usize,
    splitter: Splitter,
    ends: Vec<usize>,
}

impl Cutter {
    /// A cutter for records of which the columns up to `last` are read.
    pub fn new(dialect: Dialect, last: usize) -> Cutter {
        Cutter { dialect, last, splitter: Splitter::new(dialect), ends: Vec::new() }
    }

    /// Cuts the record that begins with `bytes`; how many bytes and lines it fills.
    pub fn cut<'a>(&'a mut self, bytes: &'a [u8], quoted: bool) -> (Cut<'a>, usize, u64) {
        let dialect = self.dialect;
        let line = memchr(dialect.terminator, bytes).map_or(bytes.len(), |end| end + 1);
        let record = dialect.trimmed(&bytes[..line]);
        if quoted && has_quote(record) {
            return self.quoted(bytes, line);
        }
        if record.is_empty() {
            return (Cut::Blank, line, 1);
        }
        (Cut::Fields(plain_fields(record, dialect.delimiter, self.last, &mut self.ends)), line, 1)
    }

    /// The same for a record with a quote; its first line has `line` bytes.
    fn quoted<'a>(&'a mut self, bytes: &'a [u8], line: usize) -> (Cut<'a>, usize, u64) {
        let end = match self.dialect.end(bytes) {
            End::After(end) => end,
            End::Beyond => bytes.len(),
            End::Unclosed => return (Cut::Unclosed, line, 1),
        };
        let lines = memchr_iter(self.dialect.terminator, &bytes[..end]).count() as u64;
        (Cut::Fields(self.splitter.split(self.dialect.trimmed(&bytes[..end]))), end, lines)
    }
}

/// The text of a field without the space around it; what is not UTF-8 is no number either.
pub(in crate::source) fn text_of(fields: Fields<'_>, column: usize) -> &str {
    std::str::from_utf8(fields.get(column)).unwrap_or("\u{fffd}").trim()
}

impl Dialect {
    /// The coordinate that a text spells: none where it is blank, NaN where it is no number.
    pub(in crate::source) fn coordinate(self, text: &str) -> Option<f64> {
        (!text.is_empty()).then(|| self.number(text).unwrap_or(f64::NAN))
    }

    /// A text as a field.
    pub(in crate::source) fn field(self, text: &str) -> Field<'_> {
        if text.is_empty() {
            return Field::Missing;
        }
        let comma = self.delimiter == b';' && text.contains(',');
        match self.number(text) {
            Some(number) if comma => Field::Number(number),
            _ => Field::Text(text),
        }
    }

    /// The number that a text spells. Between semicolons a comma may stand for the decimal point.
    fn number(self, text: &str) -> Option<f64> {
        let number = fast_float2::parse::<f64, _>(text).ok();
        if number.is_some() || self.delimiter != b';' || !text.contains(',') {
            return number;
        }
        fast_float2::parse::<f64, _>(text.replacen(',', ".", 1)).ok()
    }
}

/// The same bytes, or a copy in which whatever is not UTF-8 is replaced; record ends and fields stay.
pub(super) fn utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    match String::from_utf8_lossy(bytes) {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}
