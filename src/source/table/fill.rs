//! All records of a table of text in parallel, straight into the rows of one matrix. Blocks are handed out in order
//! under a lock, each with the rows that its records fill, because how many these are is known when it is cut. So what
//! is read does not depend on the number of threads, and nothing is held beside the values but some blocks.

use std::sync::{Mutex, PoisonError};

use super::CELLS;
use super::blocks::{Block, Blocks};
use super::layout::{Fault, Layout};
use super::plan::word_among_numbers;
use crate::error::Error;
use crate::source::Compression;
use crate::source::csv::dialect::Splitter;

/// What a table holds.
pub(super) struct Filled {
    pub values: Vec<f64>,
    /// The words of each column that is kept as words.
    pub words: Vec<Vec<String>>,
    pub rows: usize,
}

/// Reads all records. `names` are the columns, and a record has about `length` bytes.
pub(super) fn fill(blocks: Blocks, layout: &Layout, names: &[String], length: usize) -> Result<Filled, Error> {
    let opened = blocks.opened;
    let packed = if opened.compression == Compression::None { 1 } else { 4 };
    let mut room = packed * opened.size as usize / length.max(1);
    room += room / 16 + 64;
    let mut feed = Feed { blocks, waiting: None, ended: false };
    let mut filled = Filled { values: Vec::new(), words: vec![Vec::new(); layout.words], rows: 0 };
    while !feed.ended {
        let most = CELLS / layout.values;
        let waiting = feed.waiting.as_ref().map_or(0, |block| block.records.len());
        if filled.rows + waiting > most {
            return Err(opened.too_large((filled.rows + waiting) as u128, layout.values as u128));
        }
        let rows = room.max(waiting).min(most - filled.rows);
        // Zeros, because pages of them cost nothing until they are written.
        let mut values = vec![0.0; rows * layout.values];
        let read = segment(&mut feed, layout, names, &mut values, &mut filled.words)?;
        values.truncate(read * layout.values);
        if filled.rows == 0 {
            filled.values = values;
        } else {
            filled.values.extend_from_slice(&values);
        }
        filled.rows += read;
        room = filled.rows;
    }
    Ok(filled)
}

/// The blocks that are not read yet.
struct Feed<'a> {
    blocks: Blocks<'a>,
    /// A block for which there was no room.
    waiting: Option<Block>,
    ended: bool,
}

impl Feed<'_> {
    fn next(&mut self, spare: Block) -> Result<Option<Block>, Error> {
        self.waiting.take().map_or_else(|| self.blocks.next(spare), |block| Ok(Some(block)))
    }
}

/// What the threads share while they fill a segment of rows.
struct Shared<'s, 'a> {
    feed: &'s mut Feed<'a>,
    /// The rows that are not handed out, and how many are.
    rest: &'s mut [f64],
    rows: usize,
    full: bool,
    /// The words of each block, under its first row.
    words: Vec<(usize, Vec<Vec<String>>)>,
    /// The first thing that went wrong, under its row.
    error: Option<(usize, Error)>,
}

impl<'s> Shared<'s, '_> {
    /// The next block, its first row, and its rows; none where there is no more to do.
    fn next(&mut self, spare: Block, width: usize) -> Option<(Block, usize, &'s mut [f64])> {
        if self.full || self.feed.ended || self.error.is_some() {
            return None;
        }
        let block = match self.feed.next(spare) {
            Ok(Some(block)) => block,
            Ok(None) => {
                self.feed.ended = true;
                return None;
            }
            Err(error) => {
                self.fail(usize::MAX, error);
                return None;
            }
        };
        let cells = block.records.len() * width;
        if cells > self.rest.len() {
            self.feed.waiting = Some(block);
            self.full = true;
            return None;
        }
        let (rows, rest) = std::mem::take(&mut self.rest).split_at_mut(cells);
        self.rest = rest;
        let first = self.rows;
        self.rows += block.records.len();
        Some((block, first, rows))
    }

    fn fail(&mut self, row: usize, error: Error) {
        if self.error.as_ref().is_none_or(|(before, _)| row < *before) {
            self.error = Some((row, error));
        }
    }
}

/// Fills a segment of rows as far as blocks fit; how many rows that are.
fn segment(
    feed: &mut Feed,
    layout: &Layout,
    names: &[String],
    values: &mut [f64],
    words: &mut [Vec<String>],
) -> Result<usize, Error> {
    let opened = feed.blocks.opened;
    let shared = Mutex::new(Shared { feed, rest: values, rows: 0, full: false, words: Vec::new(), error: None });
    let lock = || shared.lock().unwrap_or_else(PoisonError::into_inner);
    let work = || {
        let mut spare = Block::default();
        loop {
            // The lock is held no longer than this statement.
            let next = lock().next(std::mem::take(&mut spare), layout.values);
            let Some((block, first, rows)) = next else { break };
            let mut found = vec![Vec::with_capacity(block.records.len()); layout.words];
            let read = read(&block, layout, rows, &mut found);
            let mut shared = lock();
            match read {
                Ok(()) => shared.words.push((first, found)),
                Err((record, fault)) => {
                    let line = block.line(record, layout.dialect);
                    shared.fail(first + record, said(opened, line, &fault, layout, names));
                }
            }
            spare = block;
        }
    };
    rayon::scope(|scope| (0..rayon::current_num_threads()).for_each(|_| scope.spawn(|_| work())));
    let shared = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, error)) = shared.error {
        return Err(error);
    }
    let mut found = shared.words;
    found.sort_unstable_by_key(|(first, _)| *first);
    for (_, found) in found {
        words.iter_mut().zip(found).for_each(|(words, found)| words.extend(found));
    }
    Ok(shared.rows)
}

/// Reads the records of a block; which of them cannot be read, and why.
fn read(block: &Block, layout: &Layout, rows: &mut [f64], words: &mut [Vec<String>]) -> Result<(), (usize, Fault)> {
    let mut splitter = Splitter::new(layout.dialect);
    let records = block.records.iter().zip(rows.chunks_exact_mut(layout.values)).enumerate();
    for (number, (bounds, row)) in records {
        layout.record(block.bytes(), *bounds, row, words, &mut splitter).map_err(|fault| (number, fault))?;
    }
    Ok(())
}

fn said(opened: &super::open::Opened, line: u64, fault: &Fault, layout: &Layout, names: &[String]) -> Error {
    match fault {
        Fault::Ragged(fields) => opened
            .error_at(line)
            .found(format!("{fields} fields"))
            .expected(format!("{}, as in the lines before", layout.fields))
            .advice("correct the line, or check the delimiter of the file"),
        Fault::Word(word, column) => {
            word_among_numbers(&names[*column], word, &format!("{}, line {line}", opened.name))
        }
    }
}
