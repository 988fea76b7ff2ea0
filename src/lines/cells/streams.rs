//! Sorted cells from memory and from files, one after the other or many at a time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::ops::Range;

use crate::accumulate::Sorted;
use crate::cells::{Cell, Cells, Contents, FINEST, quadkey};
use crate::error::Error;
use crate::source::CellsFile;

/// Rows that are worth being taken together.
const TOGETHER: usize = 16;

/// Where a cell comes among others, as [`Cell::order`].
pub(super) type Order = (u64, i64, u64);

/// Where the next cell of a stream comes among others, and which stream it is.
type Head = Reverse<(Order, usize)>;

/// Cells of some of the events, in order.
#[derive(Debug)]
pub enum Run {
    /// In memory, as sorted events.
    Held(Sorted),
    /// In a file.
    Stored(CellsFile),
}

impl Run {
    /// Its events, where they are in memory.
    pub fn held(&self) -> Option<&Sorted> {
        if let Run::Held(events) = self { Some(events) } else { None }
    }

    /// How many rows it has, where each event may be a cell of its own.
    pub fn rows(&self) -> u64 {
        match self {
            Run::Held(events) => events.len() as u64,
            Run::Stored(file) => file.rows(),
        }
    }
}

/// Streams side by side.
pub(super) struct Streams {
    all: Vec<Stream>,
    /// The next cell of each.
    heads: Vec<Option<Cell>>,
    /// Those that have one, the first at the top.
    next: BinaryHeap<Head>,
    /// Rows that were taken.
    pub read: u64,
    /// Where to end for now: what comes there or later waits.
    pub end: Option<Order>,
}

impl Streams {
    pub fn of(mut all: Vec<Stream>) -> Result<Streams, Error> {
        let heads = all.iter_mut().map(Stream::next).collect::<Result<Vec<_>, Error>>()?;
        let next =
            heads.iter().enumerate().filter_map(|(i, head)| head.map(|cell| Reverse((cell.order(), i)))).collect();
        Ok(Streams { all, heads, next, read: 0, end: None })
    }

    /// The place of the first cell of all that come before the end, and its stream.
    pub fn first(&self) -> Option<(u64, usize)> {
        let first = self.next.peek().filter(|Reverse((order, _))| self.end.is_none_or(|end| *order < end));
        first.map(|Reverse(((key, ..), i))| (*key, *i))
    }

    /// Where the first cell of all comes, be it behind the end.
    pub fn order(&self) -> Option<Order> {
        self.next.peek().map(|Reverse((order, _))| *order)
    }

    /// Goes on with another row group of the file of a stream that has come to its end.
    pub fn go_on_with(&mut self, i: usize, group: usize) -> Result<(), Error> {
        self.all[i].groups = group..group + 1;
        self.heads[i] = self.all[i].next()?;
        self.next.extend(self.heads[i].map(|cell| Reverse((cell.order(), i))));
        Ok(())
    }

    /// Takes the cell of the stream that has the first.
    pub fn take(&mut self, i: usize) -> Result<Option<Cell>, Error> {
        let taken = self.heads[i].take();
        self.read += 1;
        self.go_on(i)?;
        Ok(taken)
    }

    /// Takes all rows of the stream that has the first which come before those of others, as far as they were read and
    /// where they are many and taken as they are; whether it did.
    pub fn take_ahead(&mut self, i: usize, to: &mut Cells) -> Result<bool, Error> {
        // Below the root of the heap are the two of which one is the second.
        let others = self.next.as_slice().iter().skip(1).take(2).map(|Reverse(((key, ..), _))| *key);
        let second = others.chain(self.end.map(|(key, ..)| key)).min();
        let Some(rows) = self.all[i].ahead(second) else { return Ok(false) };
        to.extend(&self.all[i].cells, rows.clone());
        self.read += rows.len() as u64;
        self.all[i].at = rows.end;
        self.go_on(i)?;
        Ok(true)
    }

    /// Puts the next cell of the stream that has the first in the place of that: it is often the first again, which costs
    /// less than to take the one out and to put the other in.
    fn go_on(&mut self, i: usize) -> Result<(), Error> {
        self.heads[i] = self.all[i].next()?;
        let Some(mut first) = self.next.peek_mut() else { return Ok(()) };
        match &self.heads[i] {
            Some(cell) => *first = Reverse((cell.order(), i)),
            None => drop(PeekMut::pop(first)),
        }
        Ok(())
    }
}

/// Which cells are taken, and as what.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Taking {
    /// At which zoom: that of the cells, or one above.
    pub zoom: u8,
    /// Into which intervals of time.
    pub step: Option<i64>,
    /// Whether they stay parted by subject.
    pub subject: bool,
    /// Whether they are taken away.
    pub negative: bool,
    /// From which instant on, in microseconds since 1970 UTC.
    pub after: Option<i64>,
    /// Before which instant.
    pub before: Option<i64>,
}

impl Taking {
    /// All cells, as they are.
    pub fn all((zoom, contents): (u8, Contents)) -> Taking {
        Taking { zoom, step: contents.step, subject: contents.subject, negative: false, after: None, before: None }
    }

    /// Whether a cell is taken.
    pub fn takes(&self, cell: &Cell) -> bool {
        self.after.is_none_or(|after| cell.time >= after) && self.before.is_none_or(|before| cell.time < before)
    }

    /// What becomes of a cell of a zoom.
    fn of(&self, cell: Cell, zoom: u8) -> Cell {
        let time = self.step.map_or(0, |step| cell.time.div_euclid(step) * step);
        let subject = if self.subject { cell.subject } else { 0 };
        let cell = Cell { time, subject, ..cell.folded(zoom - self.zoom, FINEST - zoom) };
        if self.negative { cell.negated() } else { cell }
    }
}

/// The cells of a run that are taken, by order of place.
pub struct Stream {
    run: Run,
    taking: Taking,
    /// Groups of a file that are still to be read.
    groups: Range<usize>,
    cells: Cells,
    /// Whether those are taken as they are.
    as_they_are: bool,
    at: usize,
}

impl Stream {
    /// The cells of a run.
    pub fn of(run: Run, taking: Taking) -> Stream {
        let groups = if let Run::Stored(file) = &run { 0..file.groups() } else { 0..0 };
        Stream { run, taking, groups, cells: Cells::default(), as_they_are: false, at: 0 }
    }

    /// The same, at its end until it goes on with a group.
    pub fn ended(self) -> Stream {
        Stream { groups: 0..0, ..self }
    }

    /// Whether its cells come in the order of [`Cell::order`]: cells that are folded may have times and subjects of one
    /// place in any order.
    pub fn is_in_order(&self) -> bool {
        let kind = match &self.run {
            Run::Held(events) => (events.zoom, events.contents),
            Run::Stored(file) => (file.provenance.zoom, file.provenance.contents),
        };
        let Taking { zoom, step, subject, .. } = Taking::all(kind);
        (self.taking.zoom, self.taking.step, self.taking.subject) == (zoom, step, subject)
    }

    /// How many rows it reads.
    pub fn rows(&self) -> u64 {
        self.run.rows()
    }

    fn next(&mut self) -> Result<Option<Cell>, Error> {
        while let Some((cell, zoom)) = self.raw()? {
            if self.taking.takes(&cell) {
                return Ok(Some(self.taking.of(cell, zoom)));
            }
        }
        Ok(None)
    }

    /// Where they are taken as they are, the rows from the last one handed out to the end of what was read that come before
    /// a place; none where they are few.
    fn ahead(&self, end: Option<u64>) -> Option<Range<usize>> {
        if !self.as_they_are {
            return None;
        }
        let before = |row: usize| end.is_none_or(|end| quadkey(self.cells.x[row], self.cells.y[row]) < end);
        let (from, all) = (self.at - 1, self.cells.len());
        let worth = from + TOGETHER < all && before(from + TOGETHER);
        worth.then(|| {
            let (mut low, mut high) = (from + TOGETHER, all);
            while low + 1 < high {
                let middle = low.midpoint(high);
                if before(middle) { low = middle } else { high = middle }
            }
            from..high
        })
    }

    fn raw(&mut self) -> Result<Option<(Cell, u8)>, Error> {
        let file = match &mut self.run {
            Run::Held(events) => return Ok(events.next().map(|cell| (cell, events.zoom))),
            Run::Stored(file) => file,
        };
        while self.at >= self.cells.len() {
            let Some(group) = self.groups.next() else { return Ok(None) };
            self.cells = file.group(group)?;
            self.as_they_are = self.taking == Taking::all((self.cells.zoom, self.cells.contents));
            self.at = 0;
        }
        self.at += 1;
        Ok(Some((self.cells.cell(self.at - 1), file.provenance.zoom)))
    }
}
