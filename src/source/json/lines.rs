//! Texts of many small values: one on each line, or each behind a record separator (RFC 8142). They are
//! cut into blocks under the lock and decoded by any thread.

use std::io::{BufRead, Read};

use memchr::{memchr_iter, memrchr};
use struson::reader::{JsonReader, ReaderError, SyntaxErrorKind};

use super::text::{Bytes, without_mark};
use crate::error::Error;
use crate::source::{Consumed, Input};

/// The byte that begins each value of a JSON text sequence.
pub(in crate::source) const RECORD_SEPARATOR: u8 = 0x1e;

/// Bytes per block: some 10,000 records, so that handing over costs nothing and memory stays small.
const BLOCK: usize = 1 << 20;

/// Cuts an input into blocks that end where a value ends.
pub(in crate::source) struct Lines {
    bytes: Bytes,
    input: Input,
    /// How far the input is read.
    pub(in crate::source) consumed: Consumed,
    separator: u8,
    carried: Vec<u8>,
    /// Lines handed out.
    before: u64,
    ended: bool,
}

impl Lines {
    pub(in crate::source) fn open(input: &Input, separator: u8) -> Result<Lines, Error> {
        let (bytes, consumed) = without_mark(input)?;
        let input = input.clone();
        Ok(Lines { bytes, input, consumed, separator, carried: Vec::new(), before: 0, ended: false })
    }

    /// The next block of whole values, or none at the end.
    pub(in crate::source) fn next_block(&mut self) -> Result<Option<Block>, Error> {
        let mut bytes = std::mem::take(&mut self.carried);
        while !self.ended {
            let before = bytes.len();
            let read = (&mut self.bytes).take(BLOCK as u64).read_to_end(&mut bytes);
            self.ended = read.map_err(|e| self.input.unread(&e))? == 0;
            if let Some(end) = self.last_end(&bytes, before).filter(|_| !self.ended) {
                self.carried = bytes.split_off(end);
                break;
            }
        }
        if bytes.is_empty() {
            return Ok(None);
        }
        let block = Block { bytes, separator: self.separator, lines_before: self.before };
        self.before += memchr_iter(b'\n', &block.bytes).count() as u64;
        Ok(Some(block))
    }

    /// Where the last whole value ends. What lies before `from` is known to hold no end.
    fn last_end(&self, bytes: &[u8], from: usize) -> Option<usize> {
        let at = from + memrchr(self.separator, &bytes[from..])?;
        // A separator begins a value, a line feed ends one.
        let end = if self.separator == RECORD_SEPARATOR { at } else { at + 1 };
        Some(end).filter(|end| *end > 0)
    }
}

/// Bytes of whole values.
pub(in crate::source) struct Block {
    bytes: Vec<u8>,
    separator: u8,
    /// Lines of the input before the block.
    lines_before: u64,
}

impl Block {
    /// The texts of its values, each with the number of lines before it.
    pub(in crate::source) fn texts(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let mut lines = self.lines_before;
        self.bytes.split(|byte| *byte == self.separator).filter_map(move |text| {
            let before = lines;
            lines += if self.separator == b'\n' { 1 } else { memchr_iter(b'\n', text).count() as u64 };
            (!text.trim_ascii().is_empty()).then_some((before, text))
        })
    }
}

/// How an input cuts itself into values: by this byte, or not at all because it is one value. Only a line
/// that is a whole value and is followed by another value makes an input a text of lines.
pub(in crate::source) fn separator(input: &Input) -> Result<Option<u8>, Error> {
    // A first line longer than this is taken for a document of one line.
    const LONGEST_LINE: u64 = 1 << 24;
    let mut bytes = without_mark(input)?.0.take(LONGEST_LINE);
    let mut line = Vec::new();
    while line.trim_ascii().is_empty() {
        line.clear();
        if bytes.read_until(b'\n', &mut line).map_err(|e| input.unread(&e))? == 0 {
            return Err(Error::input(&*input.name).found("an empty file").expected("JSON"));
        }
    }
    if line.trim_ascii_start().first() == Some(&RECORD_SEPARATOR) {
        return Ok(Some(RECORD_SEPARATOR));
    }
    let by_line = match value_on(&line) {
        Value::Whole => names_lines(input) || another_follows(&mut bytes),
        Value::Damaged => names_lines(input),
        Value::Unfinished => false,
    };
    Ok(by_line.then_some(b'\n'))
}

/// What a first line holds.
enum Value {
    Whole,
    /// The start of a value that goes on.
    Unfinished,
    Damaged,
}

fn value_on(line: &[u8]) -> Value {
    let mut json = super::text::json(line);
    match json.skip_value().and_then(|()| json.consume_trailing_whitespace()) {
        Ok(()) => Value::Whole,
        Err(ReaderError::SyntaxError(e)) if e.kind == SyntaxErrorKind::IncompleteDocument => Value::Unfinished,
        Err(_) => Value::Damaged,
    }
}

fn another_follows(bytes: &mut impl BufRead) -> bool {
    bytes.bytes().map_while(Result::ok).find(|b| !b.is_ascii_whitespace()).is_some_and(|b| b == b'{' || b == b'[')
}

/// Whether the name of the file says that it holds a value a line.
fn names_lines(input: &Input) -> bool {
    let name = input.name.to_ascii_lowercase();
    let name = name.trim_end_matches(".gz").trim_end_matches(".zst");
    ["ndjson", "jsonl", "geojsonl", "geojsons"].iter().any(|ending| name.ends_with(&format!(".{ending}")))
}
