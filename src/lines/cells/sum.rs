//! Sorted cells added up, from memory and from files, whatever their number.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::sync::mpsc;

use crate::accumulate::Sorted;
use crate::cells::{Cell, Cells, Contents, FINEST};
use crate::error::Error;
use crate::lines::Progress;
use crate::sink::CellsWriter;
use crate::source::CellsFile;

/// Cells that are handed on together: a row group of the file.
const CHUNK: usize = 1 << 16;

/// Rows of one place that are added up, by interval and subject, before more of them are gathered.
const GATHERED: usize = 1 << 12;

/// Cells of some of the events, in order.
#[derive(Debug)]
pub enum Run {
    /// In memory, as sorted events.
    Held(Sorted),
    /// In a file.
    Stored(CellsFile),
}

impl Run {
    /// How many rows it has, where each event may be a cell of its own.
    pub fn rows(&self) -> u64 {
        match self {
            Run::Held(events) => events.len() as u64,
            Run::Stored(file) => file.rows(),
        }
    }
}

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    /// Rows: cells, in each interval of time, of each subject.
    pub rows: u64,
    /// Events in them.
    pub events: i64,
}

/// Adds streams up into a file, which another thread writes.
pub(super) fn pour(
    streams: Vec<Stream>,
    kind: (u8, Contents),
    writer: &mut CellsWriter,
    progress: &dyn Progress,
) -> Result<Sum, Error> {
    let rows: u64 = streams.iter().map(|stream| stream.run.rows()).sum();
    let (sender, receiver) = mpsc::sync_channel::<Cells>(2);
    std::thread::scope(|scope| {
        let written = scope.spawn(move || receiver.into_iter().try_for_each(|cells| writer.put(cells)));
        let mut sum = Sum::default();
        let added = add_up(streams, kind, |cells, read| {
            sum.rows += cells.len() as u64;
            sum.events += cells.count.iter().sum::<i64>();
            progress.done(read as f64 / rows.max(1) as f64);
            // Nobody receives where writing failed, which is told below.
            Ok(sender.send(cells).is_ok())
        });
        drop(sender);
        written.join().expect("writing does not panic")?;
        added.map(|()| sum)
    })
}

/// Adds streams up and hands the sum on in chunks, each with the number of rows read so far, until it is not wanted any
/// more.
pub(super) fn add_up(
    mut streams: Vec<Stream>,
    (zoom, contents): (u8, Contents),
    mut then: impl FnMut(Cells, u64) -> Result<bool, Error>,
) -> Result<(), Error> {
    let mut next = BinaryHeap::new();
    let mut heads = Vec::new();
    for (i, stream) in streams.iter_mut().enumerate() {
        let head = stream.next()?;
        next.extend(head.map(|cell| Reverse((cell.order(), i))));
        heads.push(head);
    }
    let (mut chunk, mut read, mut same) = (Cells::new(zoom, contents), 0, Vec::new());
    let mut room = GATHERED;
    while let Some(Reverse(((key, ..), i))) = next.peek().copied() {
        same.extend(heads[i].take());
        if same.len() >= room {
            unite(&mut same);
            room = GATHERED.max(2 * same.len());
        }
        read += 1;
        heads[i] = streams[i].next()?;
        replace_first(&mut next, heads[i].map(|cell| Reverse((cell.order(), i))));
        if next.peek().is_some_and(|Reverse(((following, ..), _))| *following == key) {
            continue;
        }
        unite(&mut same);
        room = GATHERED;
        same.drain(..).try_for_each(|cell| settle(&cell, &mut chunk))?;
        if chunk.len() >= CHUNK {
            let full = std::mem::replace(&mut chunk, Cells::new(zoom, contents));
            if !then(full, read)? {
                return Ok(());
            }
        }
    }
    then(chunk, read).map(|_| ())
}

/// Puts another in the place of the first, if there is one: it is often the first again, which costs less than to take the
/// one out and to put the other in.
fn replace_first<T: Ord>(next: &mut BinaryHeap<T>, with: Option<T>) {
    let Some(mut first) = next.peek_mut() else { return };
    match with {
        Some(other) => *first = other,
        None => drop(PeekMut::pop(first)),
    }
}

/// Adds up what there is for one place, by interval and subject, and puts it in order.
fn unite(same: &mut Vec<Cell>) {
    same.sort_by_key(|cell| (cell.time, cell.subject));
    same.dedup_by(|more, sum| {
        let is_same = more.is_same(sum);
        if is_same {
            sum.add(more);
        }
        is_same
    });
}

fn settle(cell: &Cell, chunk: &mut Cells) -> Result<(), Error> {
    if cell.count > 0 || cell.is_nothing() {
        chunk.push(cell);
        return Ok(());
    }
    Err(Error::input(format!("cell {}, {} at zoom {}", cell.x, cell.y, chunk.zoom))
        .found(format!("{} events after others were taken away", cell.count))
        .expected("that only events are taken away that are there")
        .advice("take away what was once added, and only once"))
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
    group: usize,
    cells: Cells,
    at: usize,
}

impl Stream {
    /// The cells of a run.
    pub fn of(run: Run, taking: Taking) -> Stream {
        Stream { run, taking, group: 0, cells: Cells::default(), at: 0 }
    }

    fn next(&mut self) -> Result<Option<Cell>, Error> {
        while let Some((cell, zoom)) = self.raw()? {
            if self.taking.takes(&cell) {
                return Ok(Some(self.taking.of(cell, zoom)));
            }
        }
        Ok(None)
    }

    fn raw(&mut self) -> Result<Option<(Cell, u8)>, Error> {
        let file = match &mut self.run {
            Run::Held(events) => return Ok(events.next().map(|cell| (cell, events.zoom))),
            Run::Stored(file) => file,
        };
        while self.at >= self.cells.len() {
            if self.group >= file.groups() {
                return Ok(None);
            }
            self.cells = file.group(self.group)?;
            (self.group, self.at) = (self.group + 1, 0);
        }
        self.at += 1;
        Ok(Some((self.cells.cell(self.at - 1), file.provenance.zoom)))
    }
}
