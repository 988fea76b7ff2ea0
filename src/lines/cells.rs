//! The straight line to cells: events, sorted runs of cells that go to the disk when memory is short, one sum.
//!
//! Whatever the memory, the threads and the order of files, the sum is the same, because everything added is an integer.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use rayon::prelude::*;

use crate::accumulate::Sparse;
use crate::cells::{Cell, Cells, Contents, FINEST};
use crate::error::Error;
use crate::lines::Progress;
use crate::lines::density::beyond_note;
use crate::lines::reading::Reading;
use crate::provenance::{Origin, Provenance};
use crate::sink::{self, CellsWriter};
use crate::source::CellsFile;

/// Cells that are handed on together: a row group of the file.
const CHUNK: usize = 1 << 16;

/// Runs that are added up at a time: each takes the memory of a row group.
const AT_ONCE: usize = 64;

/// How much memory may be taken, and where what does not fit goes.
#[derive(Debug, Clone)]
pub struct Memory {
    /// Bytes that events and cells may take.
    pub bytes: usize,
    /// The folder for files that have no name and are gone with the run.
    pub folder: PathBuf,
}

impl Default for Memory {
    /// 1 GiB, and the folder of the system for such files.
    fn default() -> Memory {
        Memory { bytes: 1 << 30, folder: std::env::temp_dir() }
    }
}

/// Cells of some of the events, in order.
#[derive(Debug)]
pub enum Run {
    /// In memory.
    Held(Cells),
    /// In a file.
    Stored(CellsFile),
}

/// The cells of all events of a reading.
#[derive(Debug)]
pub struct Gathered {
    /// What they are: its zoom and contents.
    pub kind: (u8, Contents),
    /// Runs whose sum they are.
    pub runs: Vec<Run>,
    /// How many events there are.
    pub events: u64,
    /// Things the user should know.
    pub notes: Vec<String>,
}

/// Gathers the events of a reading in cells of a zoom.
///
/// # Errors
/// What reading meets, and when a run cannot be written.
pub fn gather(reading: &mut Reading<'_>, kind: (u8, Contents), memory: &Memory) -> Result<Gathered, Error> {
    // Half of it, because what is sorted and summed is there twice for a while.
    let room = memory.bytes / 2 / rayon::current_num_threads();
    let new = || Gatherer { sparse: Sparse::new(kind.0, kind.1), runs: Vec::new() };
    let add = |gatherer: &mut Gatherer, events: &_| {
        gatherer.sparse.add(events)?;
        if gatherer.sparse.bytes() >= room { gatherer.spill(&memory.folder) } else { Ok(()) }
    };
    let gatherers = reading.pass("gathering", (usize::MAX, false), new, add)?;
    reading.forget();
    reading.stage("sorting");
    let (events, beyond) = gatherers
        .iter()
        .fold((0, 0), |(events, beyond), one| (events + one.sparse.events, beyond + one.sparse.beyond_mercator));
    let runs: Vec<Vec<Run>> = gatherers.into_par_iter().map(Gatherer::finish).collect();
    let notes = beyond_note(beyond).into_iter().collect();
    Ok(Gathered { kind, runs: runs.into_iter().flatten().collect(), events, notes })
}

/// What one thread gathers.
struct Gatherer {
    sparse: Sparse,
    runs: Vec<Run>,
}

impl Gatherer {
    fn spill(&mut self, folder: &Path) -> Result<(), Error> {
        let cells = self.sparse.take();
        self.runs.push(Run::Stored(stored(folder, (cells.zoom, cells.contents), |writer| writer.put(cells))?));
        Ok(())
    }

    fn finish(mut self) -> Vec<Run> {
        self.runs.push(Run::Held(self.sparse.take()));
        self.runs
    }
}

/// A file without a name of the cells that `fill` puts.
fn stored(
    folder: &Path,
    (zoom, contents): (u8, Contents),
    fill: impl FnOnce(&mut CellsWriter) -> Result<(), Error>,
) -> Result<CellsFile, Error> {
    let named = |there: bool| there.then(String::new);
    let (weight, value) = (named(contents.weight), named(contents.value));
    let provenance = Provenance { zoom, contents, weight, value, sources: Vec::new() };
    let file = sink::write_unnamed(folder, &provenance, fill)?;
    let name = format!("a file in {}", folder.display());
    Ok(CellsFile::open(file, &name)?.expect("cells that were just written"))
}

impl Gathered {
    /// One run that is the sum of all: in memory where none of them was written.
    ///
    /// # Errors
    /// What reading and writing files of cells meets.
    pub fn joined(mut self, memory: &Memory, progress: &dyn Progress) -> Result<Run, Error> {
        let held = |run: &Run| matches!(run, Run::Held(_));
        if self.runs.iter().all(held) {
            let held =
                self.runs.into_iter().filter_map(|run| if let Run::Held(cells) = run { Some(cells) } else { None });
            let sum = held.reduce(|a, b| if b.is_empty() { a } else { a.plus(&b) });
            return Ok(Run::Held(sum.unwrap_or_else(|| Cells::new(self.kind.0, self.kind.1))));
        }
        progress.stage("merging");
        self.runs = fewer(std::mem::take(&mut self.runs), self.kind, &memory.folder)?;
        let streams = self.runs.into_iter().map(|run| Stream::of(run, self.kind.0, false)).collect();
        let all = stored(&memory.folder, self.kind, |writer| pour(streams, self.kind, writer, progress).map(|_| ()))?;
        Ok(Run::Stored(all))
    }

    /// Writes their sum to a file; how many rows it has.
    ///
    /// # Errors
    /// What reading and writing files of cells meets.
    pub fn write(
        self,
        path: &Path,
        provenance: &Provenance,
        memory: &Memory,
        progress: &dyn Progress,
    ) -> Result<Sum, Error> {
        progress.stage("merging");
        let runs = fewer(self.runs, self.kind, &memory.folder)?;
        let streams = runs.into_iter().map(|run| Stream::of(run, self.kind.0, false)).collect();
        sink::write_cells(path, provenance, |writer| pour(streams, self.kind, writer, progress))
    }
}

/// The files that a reading reads, as far as they have names; sorted.
///
/// # Errors
/// When one of them is gone.
pub fn origins(reading: &Reading<'_>, taken: &str) -> Result<Vec<Origin>, Error> {
    let mut origins = Vec::new();
    for input in &reading.inputs().inputs {
        let Some(modified) = input.modified()? else { continue };
        let name = input.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        origins.push(Origin { name, bytes: input.size, modified, taken: taken.to_owned() });
    }
    origins.sort();
    Ok(origins)
}

/// What the sum of files of cells is, less others.
///
/// # Errors
/// When they are not alike, one holds what another holds too, or the zoom is deeper than one of them.
pub fn common_provenance(
    (files, less): (&[CellsFile], &[CellsFile]),
    zoom: Option<u8>,
    again: bool,
) -> Result<Provenance, Error> {
    let all = || files.iter().chain(less);
    let least = all().map(|file| file.provenance.zoom).min().unwrap_or(0);
    let zoom = zoom.unwrap_or(least);
    if let Some(above) = all().find(|file| file.provenance.zoom < zoom) {
        return Err(Error::caller("--zoom")
            .found(format!("{zoom}, and {} has cells of zoom {}", above.name(), above.provenance.zoom))
            .expected(format!("at most {least}"))
            .advice("leave --zoom out"));
    }
    let of = |file: &CellsFile| Provenance { zoom, ..file.provenance.clone() };
    let mut sum = of(&files[0]);
    if let Some(other) = all().find(|file| !of(file).is_like(&sum)) {
        return Err(unlike(other, &files[0]));
    }
    sum.sources = sources((files, less), again)?;
    Ok(sum)
}

fn unlike(file: &CellsFile, first: &CellsFile) -> Error {
    let contents = |file: &CellsFile| {
        let of = &file.provenance;
        let column = |column: &Option<String>| column.clone().unwrap_or_else(|| "none".into());
        let step =
            of.contents.step.map_or("no intervals".into(), |step| format!("intervals of {} s", step as f64 / 1e6));
        format!("weights {}, readings {}, {step}", column(&of.weight), column(&of.value))
    };
    Error::input(file.name())
        .found(contents(file))
        .expected(format!("what {} has: {}", first.name(), contents(first)))
        .advice("make all of them with the same options")
}

/// The sources of a sum: all of those added, without those taken away.
fn sources((files, less): (&[CellsFile], &[CellsFile]), again: bool) -> Result<Vec<Origin>, Error> {
    let mut sources: Vec<Origin> = Vec::new();
    for file in files {
        let known = file.provenance.sources.iter().find(|origin| sources.contains(origin));
        if let Some(twice) = known.filter(|_| !again) {
            return Err(Error::input(file.name())
                .found(format!("events of {}, which were added already", twice.name))
                .expected("every file added once")
                .advice("leave it out, or give --again to count them twice"));
        }
        sources.extend(file.provenance.sources.iter().cloned());
    }
    for taken in less.iter().flat_map(|file| &file.provenance.sources) {
        if let Some(at) = sources.iter().position(|origin| origin == taken) {
            sources.remove(at);
        }
    }
    sources.sort();
    Ok(sources)
}

/// At most [`AT_ONCE`] runs of the same sum.
fn fewer(mut runs: Vec<Run>, kind: (u8, Contents), folder: &Path) -> Result<Vec<Run>, Error> {
    while runs.len() > AT_ONCE {
        let rest = runs.split_off(AT_ONCE);
        let streams = runs.into_iter().map(|run| Stream::of(run, kind.0, false)).collect();
        let one = stored(folder, kind, |writer| pour(streams, kind, writer, &()).map(|_| ()))?;
        runs = rest;
        runs.push(Run::Stored(one));
    }
    Ok(runs)
}

/// Adds files of cells up and takes others away, at a zoom that none of them is above; how many rows the sum has.
///
/// # Errors
/// When they are not alike, one holds what another holds too, more is taken away than there is, and what reading and
/// writing meets.
pub fn merge(
    (files, less): (&[CellsFile], &[CellsFile]),
    provenance: &Provenance,
    path: &Path,
    progress: &dyn Progress,
) -> Result<Sum, Error> {
    progress.stage("merging");
    let kind = (provenance.zoom, provenance.contents);
    let stream = |negative| move |file: &CellsFile| Stream::of(Run::Stored(file.clone()), kind.0, negative);
    let streams = files.iter().map(stream(false)).chain(less.iter().map(stream(true))).collect();
    sink::write_cells(path, provenance, |writer| pour(streams, kind, writer, progress))
}

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    /// Rows: cells, in each interval of time.
    pub rows: u64,
    /// Events in them.
    pub events: i64,
}

/// Adds streams up into a file, which another thread writes.
fn pour(
    streams: Vec<Stream>,
    kind: (u8, Contents),
    writer: &mut CellsWriter,
    progress: &dyn Progress,
) -> Result<Sum, Error> {
    let rows: u64 = streams.iter().map(Stream::rows).sum();
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
fn add_up(
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
    while let Some(Reverse(((key, _), i))) = next.pop() {
        same.extend(heads[i].take());
        read += 1;
        heads[i] = streams[i].next()?;
        next.extend(heads[i].map(|cell| Reverse((cell.order(), i))));
        if next.peek().is_some_and(|Reverse(((following, _), _))| *following == key) {
            continue;
        }
        close(&mut same, &mut chunk)?;
        if chunk.len() >= CHUNK {
            let full = std::mem::replace(&mut chunk, Cells::new(zoom, contents));
            if !then(full, read)? {
                return Ok(());
            }
        }
    }
    then(chunk, read).map(|_| ())
}

/// Adds up what all streams have for one place.
fn close(same: &mut Vec<Cell>, chunk: &mut Cells) -> Result<(), Error> {
    same.sort_by_key(|cell| cell.time);
    let mut cells = same.drain(..);
    let mut sum = cells.next().expect("at least one");
    for cell in cells {
        if cell.time == sum.time {
            sum.add(&cell);
        } else {
            settle(&sum, chunk)?;
            sum = cell;
        }
    }
    settle(&sum, chunk)
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

/// The cells of a run in their order, at its zoom or one above.
struct Stream {
    run: Run,
    zoom: u8,
    negative: bool,
    group: usize,
    cells: Cells,
    at: usize,
}

impl Stream {
    fn of(run: Run, zoom: u8, negative: bool) -> Stream {
        Stream { run, zoom, negative, group: 0, cells: Cells::default(), at: 0 }
    }

    fn rows(&self) -> u64 {
        match &self.run {
            Run::Held(cells) => cells.len() as u64,
            Run::Stored(file) => file.rows(),
        }
    }

    fn next(&mut self) -> Result<Option<Cell>, Error> {
        while self.at >= self.cells.len() {
            match &mut self.run {
                Run::Held(cells) if self.group == 0 => self.cells = std::mem::take(cells),
                Run::Stored(file) if self.group < file.groups() => self.cells = file.group(self.group)?,
                Run::Held(_) | Run::Stored(_) => return Ok(None),
            }
            (self.group, self.at) = (self.group + 1, 0);
        }
        let cell = self.cells.cell(self.at).folded(self.cells.zoom - self.zoom, FINEST - self.cells.zoom);
        self.at += 1;
        Ok(Some(if self.negative { cell.negated() } else { cell }))
    }
}
