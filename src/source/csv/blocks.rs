//! Cuts the bytes of a table into blocks of whole records. This runs under the lock of the source, so it
//! looks at bytes only as far as it must: for quotes, for line ends, and for nothing else.

use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};

use memchr::{memchr, memchr_iter};

use super::dialect::{Dialect, End, has_quote};
use crate::error::Error;
use crate::source::Input;
use crate::source::unpack::{fill, utf8};

/// The longest record that is read; also how far a quote may be from the one that closes it.
const LONGEST: usize = 64 << 20;

/// Buffers that have been read and can be filled again.
type Spare = Arc<Mutex<Vec<Vec<u8>>>>;

/// Some whole records.
pub(in crate::source) struct Block {
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// The line of the first of them, from 1.
    pub line: u64,
    /// How many lines they fill.
    pub lines: usize,
    /// Whether there is a quote among them.
    pub quoted: bool,
    spare: Spare,
}

impl Block {
    /// The records.
    pub fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        let buffer = std::mem::take(&mut self.buffer);
        self.spare.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
    }
}

/// The blocks of one table.
pub(in crate::source) struct Blocks {
    reader: Box<dyn Read + Send>,
    input: Input,
    /// How many bytes a block has, about.
    size: usize,
    /// Set once the first bytes have been looked at.
    pub dialect: Dialect,
    /// What is read and not handed out: `buffer[start..filled]`.
    buffer: Vec<u8>,
    start: usize,
    filled: usize,
    ended: bool,
    /// The line at `start`, from 1.
    line: u64,
    spare: Spare,
}

impl Blocks {
    /// The blocks of what `reader` gives, in UTF-8 or UTF-16.
    pub fn new(reader: Box<dyn Read + Send>, input: &Input, size: usize) -> Result<Blocks, Error> {
        let reader = utf8(reader).map_err(|e| input.unread(&e))?;
        let dialect = Dialect { delimiter: b',', terminator: b'\n' };
        let (input, spare) = (input.clone(), Spare::default());
        let (buffer, start, filled) = (Vec::new(), 0, 0);
        Ok(Blocks { reader, input, size, dialect, buffer, start, filled, ended: false, line: 1, spare })
    }

    /// The next bytes, `wanted` or more of them unless the input ends, and whether it does.
    pub fn peek(&mut self, wanted: usize) -> Result<(&[u8], bool), Error> {
        if self.filled - self.start < wanted && !self.ended {
            if self.buffer.len() < self.start + wanted {
                self.buffer.copy_within(self.start..self.filled, 0);
                (self.start, self.filled) = (0, self.filled - self.start);
                self.buffer.resize(self.buffer.len().max(wanted), 0);
            }
            // No further than asked, even into a buffer that a long record has stretched.
            let free = &mut self.buffer[self.filled..self.start + wanted];
            let room = free.len();
            let read = fill(&mut self.reader, free).map_err(|e| self.input.unread(&e))?;
            self.filled += read;
            self.ended = read < room;
        }
        Ok((&self.buffer[self.start..self.filled], self.ended))
    }

    /// The next record that is not blank, without its end, and its line.
    pub fn record(&mut self) -> Result<Option<(Vec<u8>, u64)>, Error> {
        let (end, line) = (self.first_end()?, self.line);
        if end == 0 {
            return Ok(None);
        }
        let record = self.first(end);
        self.pass(end);
        Ok(Some((record, line)))
    }

    /// The same record, which stays the next; empty where there is none.
    pub fn peeked_record(&mut self) -> Result<Vec<u8>, Error> {
        let end = self.first_end()?;
        Ok(self.first(end))
    }

    /// Passes over blank lines; how many bytes the record after them has, 0 where there is none.
    fn first_end(&mut self) -> Result<usize, Error> {
        let mut window = self.size;
        loop {
            let dialect = self.dialect;
            let (bytes, ended) = self.peek(window)?;
            match dialect.end(bytes) {
                End::After(end) if dialect.trimmed(&bytes[..end]).is_empty() => self.pass(end),
                End::After(end) => return Ok(end),
                _ if ended => return Ok(bytes.len()),
                _ if window >= LONGEST => return Err(self.endless()),
                _ => window = 2 * bytes.len(),
            }
        }
    }

    fn first(&self, end: usize) -> Vec<u8> {
        self.dialect.trimmed(&self.buffer[self.start..self.start + end]).to_vec()
    }

    fn pass(&mut self, len: usize) {
        let passed = &self.buffer[self.start..self.start + len];
        self.line += memchr_iter(self.dialect.terminator, passed).count() as u64;
        self.start += len;
    }

    /// The next block, none at the end.
    pub fn next(&mut self) -> Result<Option<Block>, Error> {
        let mut window = self.size;
        loop {
            let dialect = self.dialect;
            let (bytes, ended) = self.peek(window)?;
            let seen = &bytes[..window.min(bytes.len())];
            let quoted = has_quote(seen);
            let end = match dialect.last_end(seen) {
                _ if seen.is_empty() => return Ok(None),
                _ if ended && seen.len() == bytes.len() => seen.len(),
                0 if window >= LONGEST => match memchr(dialect.terminator, seen) {
                    // A quote is never closed: whoever reads the block will say so of its first line.
                    Some(end) => end + 1,
                    None => return Err(self.endless()),
                },
                0 => {
                    window *= 2;
                    continue;
                }
                end => end,
            };
            return Ok(Some(self.cut(end, quoted)));
        }
    }

    /// The block of the next `len` bytes. It takes the buffer with it, and what is left moves to another,
    /// or the other way round: the lesser of the two is copied.
    fn cut(&mut self, len: usize, quoted: bool) -> Block {
        let (start, end) = (self.start, self.start + len);
        let lines = memchr_iter(self.dialect.terminator, &self.buffer[start..end]).count();
        let line = self.line;
        self.line += lines as u64;
        let mut other = self.spare.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        let moved = if self.filled - end < len { end..self.filled } else { start..end };
        let room = self.size.max(moved.len());
        if other.len() < room {
            other.resize(room, 0);
        }
        other[..moved.len()].copy_from_slice(&self.buffer[moved.clone()]);
        let spare = self.spare.clone();
        if moved.start == start {
            self.start = end;
            return Block { buffer: other, start: 0, end: len, line, lines, quoted, spare };
        }
        let buffer = std::mem::replace(&mut self.buffer, other);
        (self.start, self.filled) = (0, moved.len());
        Block { buffer, start, end, line, lines, quoted, spare }
    }

    fn endless(&self) -> Error {
        Error::input(format!("{}, line {}", self.input.name, self.line))
            .found(format!("a record of more than {} MiB", LONGEST >> 20))
            .expected("a table of text")
            .advice("say with --format what the file is, if it is no CSV")
    }
}
