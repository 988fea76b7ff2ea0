//! The bytes of a table of text, cut into blocks of whole records. What is read is the same for all who want it: the
//! header, a sample, and then block after block.

use std::io::Read;

use memchr::{memchr, memchr_iter, memrchr};

use super::TableQuery;
use super::csv::TSV;
use super::open::Opened;
use super::word::text;
use crate::error::Error;
use crate::source::csv::dialect::{Dialect, End, Splitter, has_quote};
use crate::source::unpack::{fill, utf8};

/// How many bytes a block has, about. It should stay in the cache of a core from reading to decoding.
const BLOCK: usize = 512 << 10;
/// How many bytes the dialect and the columns are told from.
const SAMPLE: usize = 256 << 10;
/// The longest record that is read; also how far a quote may be from the one that closes it.
const LONGEST: usize = 256 << 20;

/// Some whole records.
#[derive(Default)]
pub(super) struct Block {
    pub buffer: Vec<u8>,
    /// Where each record that is not blank begins and ends, without what ends it.
    pub records: Vec<(usize, usize)>,
    /// The line at which the block begins, from 1.
    line: u64,
    /// How many of the bytes belong to it.
    end: usize,
}

impl Block {
    /// The bytes of the block.
    pub fn bytes(&self) -> &[u8] {
        &self.buffer[..self.end]
    }

    /// The line of a record, from 1.
    pub fn line(&self, record: usize, dialect: Dialect) -> u64 {
        let before = &self.buffer[..self.records[record].0];
        self.line + memchr_iter(dialect.terminator, before).count() as u64
    }
}

/// The next record, which stays the next until it is passed.
pub(super) struct Peeked {
    pub fields: Vec<String>,
    pub line: u64,
    bytes: usize,
}

/// The blocks of one table.
pub(super) struct Blocks<'a> {
    pub opened: &'a Opened,
    pub dialect: Dialect,
    reader: Box<dyn Read + Send>,
    /// What is read and not handed out.
    left: Vec<u8>,
    ended: bool,
    /// The line at which that begins, from 1.
    line: u64,
}

impl<'a> Blocks<'a> {
    pub fn of(opened: &'a Opened, query: &TableQuery) -> Result<Blocks<'a>, Error> {
        let reader = utf8(opened.reader()?).map_err(|e| opened.unread(&e))?;
        let dialect = Dialect { delimiter: b',', terminator: b'\n' };
        let mut blocks = Blocks { opened, dialect, reader, left: Vec::new(), ended: false, line: 1 };
        blocks.read_up_to(SAMPLE)?;
        let likely = query.delimiter.or((opened.format.name == TSV.name).then_some(b'\t'));
        blocks.dialect = Dialect::of(&blocks.left, blocks.ended, likely);
        blocks.dialect.delimiter = query.delimiter.unwrap_or(blocks.dialect.delimiter);
        Ok(blocks)
    }

    /// Whether a comma stands for the decimal point.
    pub fn comma(&self) -> bool {
        self.dialect.delimiter == b';'
    }

    fn read_up_to(&mut self, wanted: usize) -> Result<(), Error> {
        let filled = self.left.len();
        if self.ended || filled >= wanted {
            return Ok(());
        }
        self.left.resize(wanted, 0);
        let read = fill(&mut self.reader, &mut self.left[filled..]).map_err(|e| self.opened.unread(&e))?;
        self.left.truncate(filled + read);
        self.ended = self.left.len() < wanted;
        Ok(())
    }

    /// The next record that is not blank, none at the end.
    pub fn peek(&mut self) -> Result<Option<Peeked>, Error> {
        loop {
            let end = match self.dialect.end(&self.left) {
                End::After(end) => end,
                _ if self.ended && self.left.is_empty() => return Ok(None),
                End::Beyond if self.ended => self.left.len(),
                End::Unclosed if self.ended => return Err(self.unclosed(self.line)),
                _ if self.left.len() >= LONGEST => return Err(self.endless()),
                _ => {
                    self.read_up_to(2 * self.left.len())?;
                    continue;
                }
            };
            let record = self.dialect.trimmed(&self.left[..end]);
            if !is_blank(record) {
                let fields = fields(record, &mut Splitter::new(self.dialect));
                return Ok(Some(Peeked { fields, line: self.line, bytes: end }));
            }
            self.pass_bytes(end);
        }
    }

    pub fn pass(&mut self, peeked: &Peeked) {
        self.pass_bytes(peeked.bytes);
    }

    fn pass_bytes(&mut self, bytes: usize) {
        self.line += memchr_iter(self.dialect.terminator, &self.left[..bytes]).count() as u64;
        self.left.drain(..bytes);
    }

    /// The records that are already read wholly, which stay the next.
    pub fn sample(&self) -> Result<Block, Error> {
        let mut sample = Block { buffer: self.left.clone(), line: self.line, ..Block::default() };
        let end = self.dialect.last_end(&sample.buffer);
        sample.end = if self.ended { sample.buffer.len() } else { end };
        self.find_records(&mut sample)?;
        Ok(sample)
    }

    /// The next block, none at the end. What `spare` holds is thrown away.
    pub fn next(&mut self, mut spare: Block) -> Result<Option<Block>, Error> {
        let mut wanted = BLOCK;
        loop {
            let filled = self.read_into(&mut spare.buffer, wanted)?;
            let bytes = &spare.buffer[..filled];
            spare.end = match self.last_end(bytes) {
                _ if bytes.is_empty() => return Ok(None),
                _ if self.ended => filled,
                0 if filled >= LONGEST => return Err(self.endless()),
                end => end,
            };
            self.left.clear();
            self.left.extend_from_slice(&bytes[spare.end..]);
            if spare.end > 0 {
                break;
            }
            wanted = 2 * filled;
        }
        spare.line = self.line;
        self.find_records(&mut spare)?;
        self.line += memchr_iter(self.dialect.terminator, spare.bytes()).count() as u64;
        Ok(Some(spare))
    }

    /// What is left and what follows it, `wanted` bytes unless the input ends; how many there are.
    fn read_into(&mut self, buffer: &mut Vec<u8>, wanted: usize) -> Result<usize, Error> {
        let before = self.left.len();
        if buffer.len() < wanted.max(before) {
            buffer.resize(wanted.max(before), 0);
        }
        buffer[..before].copy_from_slice(&self.left);
        if self.ended || before >= wanted {
            return Ok(before);
        }
        let read = fill(&mut self.reader, &mut buffer[before..wanted]).map_err(|e| self.opened.unread(&e))?;
        self.ended = before + read < wanted;
        Ok(before + read)
    }

    /// Where the last record ends that the bytes hold wholly; 0 if they hold none.
    fn last_end(&self, bytes: &[u8]) -> usize {
        if has_quote(bytes) {
            return self.dialect.last_end(bytes);
        }
        memrchr(self.dialect.terminator, bytes).map_or(0, |last| last + 1)
    }

    fn find_records(&self, block: &mut Block) -> Result<(), Error> {
        block.records.clear();
        let bytes = &block.buffer[..block.end];
        let quoted = has_quote(bytes);
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            let end = if quoted { self.dialect.end(rest) } else { line_end(self.dialect, rest) };
            let end = match end {
                End::After(end) => end,
                End::Beyond => rest.len(),
                End::Unclosed => {
                    let lines = memchr_iter(self.dialect.terminator, &bytes[..at]).count() as u64;
                    return Err(self.unclosed(block.line + lines));
                }
            };
            let record = self.dialect.trimmed(&rest[..end]);
            if !is_blank(record) {
                block.records.push((at, at + record.len()));
            }
            at += end;
        }
        Ok(())
    }

    fn unclosed(&self, line: u64) -> Error {
        self.opened
            .error_at(line)
            .found("a quote that is never closed")
            .expected("a second one")
            .advice("correct the line, or say with --format what the file is")
    }

    fn endless(&self) -> Error {
        self.opened
            .error_at(self.line)
            .found(format!("a record of more than {} MiB", LONGEST >> 20))
            .expected("a table of text")
            .advice("say with --format what the file is, if it is no CSV")
    }
}

/// The end of a record in bytes without quotes.
fn line_end(dialect: Dialect, bytes: &[u8]) -> End {
    memchr(dialect.terminator, bytes).map_or(End::Beyond, |end| End::After(end + 1))
}

fn is_blank(record: &[u8]) -> bool {
    record.iter().all(|byte| *byte == b' ')
}

/// The fields of a record as texts, without the space around them.
pub(super) fn fields(record: &[u8], splitter: &mut Splitter) -> Vec<String> {
    let fields = splitter.split(record);
    (0..fields.len()).map(|i| text(fields.get(i)).trim().to_owned()).collect()
}
