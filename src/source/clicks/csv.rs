//! Logs that are tables of text. Bytes become records as they do for every table (`source::csv`); here they are only
//! given their columns.

use super::formats::LogFormat;
use super::input::check;
use super::sheet::{Look, Record, Sheet};
use super::taker::Taker;
use crate::error::Error;
use crate::source::csv::blocks::{Block, Blocks};
use crate::source::csv::dialect::{Dialect, End, Fields, Splitter, has_quote};
use crate::source::{Field, Input};

use memchr::{memchr, memchr_iter};

/// How many bytes a block has, about, as for tables of events.
const BLOCK: usize = 512 << 10;
/// How many bytes the dialect is told from.
const SAMPLE: usize = 64 << 10;

/// What columns of numbers alone are called.
const UNNAMED: [&str; 3] = ["x", "y", "count"];

/// Reads a table.
pub(super) fn read(input: &Input, format: Option<&'static LogFormat>, taker: &mut Taker) -> Result<(), Error> {
    let mut blocks = Blocks::new(input.reader()?, input.origin(), BLOCK)?;
    let (sample, whole) = blocks.peek(SAMPLE)?;
    let dialect = Dialect::of(sample, whole, None);
    blocks.dialect = dialect;
    let mut sheet = Sheet::new(format, taker.wish.filter.as_ref());
    header(&mut blocks, &mut sheet)?;
    sheet.settle();
    check(&sheet, &input.name)?;
    taker.begin(input, "line");
    taker.read(sheet.shape.name, &sheet.names);
    let mut table = Table { sheet, splitter: Splitter::new(dialect), dialect };
    while let Some(block) = blocks.next()? {
        table.block(&block, taker)?;
    }
    Ok(())
}

/// Reads the names of the columns; where the first record is two or three numbers, they are known without.
fn header(blocks: &mut Blocks, sheet: &mut Sheet) -> Result<(), Error> {
    let mut splitter = Splitter::new(blocks.dialect);
    let first = blocks.peeked_record()?;
    let fields = splitter.split(&first);
    let names: Vec<String> =
        (0..fields.len()).map(|i| String::from_utf8_lossy(fields.get(i)).trim().to_owned()).collect();
    let is_number = |name: &String| fast_float2::parse::<f64, _>(name).is_ok();
    if (2..=3).contains(&names.len()) && names.iter().all(is_number) {
        for name in &UNNAMED[..names.len()] {
            sheet.add(name);
        }
        return Ok(());
    }
    for name in &names {
        sheet.add(name);
    }
    blocks.record()?;
    Ok(())
}

/// A table that is read.
struct Table {
    sheet: Sheet,
    splitter: Splitter,
    dialect: Dialect,
}

impl Table {
    fn block(&mut self, block: &Block, taker: &mut Taker) -> Result<(), Error> {
        let (bytes, mut at, mut line) = (block.bytes(), 0, block.line);
        while at < bytes.len() {
            let (read, lines) = self.record(&bytes[at..], block.quoted, line, taker)?;
            (at, line) = (at + read, line + lines);
        }
        Ok(())
    }

    /// Reads the record that begins with `bytes`; how many bytes and lines it fills.
    fn record(&mut self, bytes: &[u8], quoted: bool, line: u64, taker: &mut Taker) -> Result<(usize, u64), Error> {
        let first_line = memchr(self.dialect.terminator, bytes).map_or(bytes.len(), |end| end + 1);
        let end = if quoted && has_quote(&bytes[..first_line]) {
            match self.dialect.end(bytes) {
                End::After(end) => end,
                End::Beyond => bytes.len(),
                // A quote that is never closed spoils its line, not the rest of the file.
                End::Unclosed => {
                    taker.damaged(line)?;
                    return Ok((first_line, 1));
                }
            }
        } else {
            first_line
        };
        let record = self.dialect.trimmed(&bytes[..end]);
        if !record.is_empty() {
            self.take(record, line, taker)?;
        }
        Ok((end, memchr_iter(self.dialect.terminator, &bytes[..end]).count().max(1) as u64))
    }

    fn take(&mut self, record: &[u8], line: u64, taker: &mut Taker) -> Result<(), Error> {
        let fields = self.splitter.split(record);
        // Fewer fields than names: whichever is lacking, the others may be out of place.
        if fields.len() < self.sheet.names.len() {
            return taker.damaged(line);
        }
        let record = Row { fields, comma: self.dialect.delimiter == b';' };
        taker.record(line, Look { sheet: &self.sheet, record: &record })
    }
}

/// A record of a table.
struct Row<'a> {
    fields: Fields<'a>,
    /// Whether a comma stands for the decimal point.
    comma: bool,
}

impl Record for Row<'_> {
    fn field(&self, column: usize) -> Field<'_> {
        let text = std::str::from_utf8(self.fields.get(column).trim_ascii()).unwrap_or("\u{fffd}");
        if text.is_empty() || text == "\\N" || text == "NULL" {
            return Field::Missing;
        }
        let decimal = |text: &str| fast_float2::parse::<f64, _>(text.replacen(',', ".", 1)).ok();
        match if self.comma && text.contains(',') { decimal(text) } else { None } {
            Some(number) => Field::Number(number),
            None => Field::Text(text),
        }
    }
}
