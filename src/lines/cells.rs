//! The straight line to cells: events, sorted runs of cells that go to the disk when memory is short, one sum.
//!
//! Whatever the memory, the threads and the order of files, the sum is the same, because everything added is an integer.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use rayon::prelude::*;

use crate::accumulate::{Sorted, Sparse};
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
#[derive(Debug, Clone, PartialEq)]
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
    /// In memory, as sorted events.
    Held(Sorted),
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
    /// Which of their cells are taken, and how.
    taking: Taking,
    /// How many events there are.
    pub events: u64,
    /// Things the user should know.
    pub notes: Vec<String>,
}

/// Gathers the events of a reading in cells of a zoom; of files of cells alone, the cells themselves are taken.
///
/// # Errors
/// What reading meets, when a run cannot be written, and when cells are of a zoom above.
pub fn gather(reading: &mut Reading<'_>, kind: (u8, Contents), memory: &Memory) -> Result<Gathered, Error> {
    match reading.cells()? {
        Some(files) => of_cells(reading, files, kind),
        None => of_events(reading, kind, memory),
    }
}

fn of_cells(reading: &mut Reading<'_>, files: Vec<CellsFile>, kind: (u8, Contents)) -> Result<Gathered, Error> {
    reading.stage("gathering");
    let query = reading.query().clone();
    let taking = Taking { after: query.after, before: query.before, ..Taking::all(kind) };
    let mut events = 0;
    for file in &files {
        check(file, kind)?;
        let of_group = |group: usize| {
            let cells = file.group(group)?;
            let taken = cells.iter().filter(|cell| taking.takes(cell));
            Ok(taken.map(|cell| cell.count.unsigned_abs()).sum::<u64>())
        };
        events += (0..file.groups()).into_par_iter().map(of_group).sum::<Result<u64, Error>>()?;
    }
    reading.count(events);
    let runs = files.into_iter().map(Run::Stored).collect();
    Ok(Gathered { kind, runs, taking, events, notes: Vec::new() })
}

/// Whether cells of this kind can be made of those of a file.
fn check(file: &CellsFile, (zoom, contents): (u8, Contents)) -> Result<(), Error> {
    let has = &file.provenance;
    let refused = |found: String, expected: String| {
        let advice = "make the cells of the events again, or ask for what they hold";
        Err(Error::caller(file.name()).found(found).expected(expected).advice(advice))
    };
    if has.zoom < zoom {
        return refused(format!("cells of zoom {}", has.zoom), format!("cells of zoom {zoom} or deeper"));
    }
    if let (Some(wanted), has) = (contents.step, has.contents.step)
        && has.is_none_or(|has| wanted % has != 0)
    {
        let has = has.map_or("no intervals".into(), |step| format!("intervals of {} s", step as f64 / 1e6));
        return refused(has, format!("intervals that make up {} s", wanted as f64 / 1e6));
    }
    Ok(())
}

fn of_events(reading: &mut Reading<'_>, kind: (u8, Contents), memory: &Memory) -> Result<Gathered, Error> {
    // A quarter of it, because what grows is there twice for a while, and what is read has to fit beside it.
    let room = memory.bytes / 4 / rayon::current_num_threads();
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
    let runs = runs.into_iter().flatten().collect();
    Ok(Gathered { kind, runs, taking: Taking::all(kind), events, notes })
}

/// What one thread gathers.
struct Gatherer {
    sparse: Sparse,
    runs: Vec<Run>,
}

impl Gatherer {
    fn spill(&mut self, folder: &Path) -> Result<(), Error> {
        let sorted = self.sparse.take();
        let kind = (sorted.zoom, sorted.contents);
        let streams = vec![Stream::of(Run::Held(sorted), Taking::all(kind))];
        self.runs.push(Run::Stored(stored(folder, kind, |writer| pour(streams, kind, writer, &()).map(|_| ()))?));
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
    /// The same with runs that are all in memory, or else the one file of their sum.
    ///
    /// # Errors
    /// What reading and writing files of cells meets.
    pub fn settled(self, memory: &Memory, progress: &dyn Progress) -> Result<Gathered, Error> {
        let files = self.runs.iter().filter(|run| matches!(run, Run::Stored(_))).count();
        let (kind, events, notes) = (self.kind, self.events, self.notes.clone());
        if files == 0 || (self.runs.len() == 1 && self.taking == Taking::all(kind)) {
            return Ok(self);
        }
        progress.stage("merging");
        let streams = self.streams(&memory.folder)?;
        let all = stored(&memory.folder, kind, |writer| pour(streams, kind, writer, progress).map(|_| ()))?;
        Ok(Gathered { kind, runs: vec![Run::Stored(all)], taking: Taking::all(kind), events, notes })
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
        let kind = self.kind;
        progress.stage("merging");
        let streams = self.streams(&memory.folder)?;
        sink::write_cells(path, provenance, |writer| pour(streams, kind, writer, progress))
    }

    /// At most [`AT_ONCE`] streams of the same sum.
    fn streams(self, folder: &Path) -> Result<Vec<Stream>, Error> {
        let (kind, taking) = (self.kind, self.taking);
        let mut streams: Vec<Stream> = self.runs.into_iter().map(|run| Stream::of(run, taking)).collect();
        while streams.len() > AT_ONCE {
            let rest = streams.split_off(AT_ONCE);
            let one = stored(folder, kind, |writer| pour(streams, kind, writer, &()).map(|_| ()))?;
            streams = rest;
            streams.push(Stream::of(Run::Stored(one), Taking::all(kind)));
        }
        Ok(streams)
    }
}

impl Run {
    fn rows(&self) -> u64 {
        match self {
            Run::Held(events) => events.len() as u64,
            Run::Stored(file) => file.rows(),
        }
    }
}

/// Hands the cells of a file on in pieces, as those of a zoom that is not deeper.
///
/// # Errors
/// What reading it meets.
pub fn folded(file: &CellsFile, kind: (u8, Contents), mut then: impl FnMut(Cells)) -> Result<(), Error> {
    let streams = vec![Stream::of(Run::Stored(file.clone()), Taking::all(kind))];
    add_up(streams, kind, |cells, _| {
        then(cells);
        Ok(true)
    })
}

/// A file without a name of the cells of a file, as those of a zoom that is not deeper.
///
/// # Errors
/// What reading and writing meets.
pub fn stored_at(file: &CellsFile, kind: (u8, Contents), memory: &Memory) -> Result<CellsFile, Error> {
    let streams = vec![Stream::of(Run::Stored(file.clone()), Taking::all(kind))];
    stored(&memory.folder, kind, |writer| pour(streams, kind, writer, &()).map(|_| ()))
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
    let taking = |negative| Taking { negative, ..Taking::all(kind) };
    let stream = |negative| move |file: &CellsFile| Stream::of(Run::Stored(file.clone()), taking(negative));
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

/// Which cells are taken, and as what.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Taking {
    /// At which zoom: that of the cells, or one above.
    zoom: u8,
    /// Into which intervals of time.
    step: Option<i64>,
    /// Whether they are taken away.
    negative: bool,
    after: Option<i64>,
    before: Option<i64>,
}

impl Taking {
    fn all((zoom, contents): (u8, Contents)) -> Taking {
        Taking { zoom, step: contents.step, negative: false, after: None, before: None }
    }

    fn takes(&self, cell: &Cell) -> bool {
        self.after.is_none_or(|after| cell.time >= after) && self.before.is_none_or(|before| cell.time < before)
    }

    /// What becomes of a cell of a zoom.
    fn of(&self, cell: Cell, zoom: u8) -> Cell {
        let time = self.step.map_or(0, |step| cell.time.div_euclid(step) * step);
        let cell = Cell { time, ..cell.folded(zoom - self.zoom, FINEST - zoom) };
        if self.negative { cell.negated() } else { cell }
    }
}

/// The cells of a run that are taken, by order of place.
struct Stream {
    run: Run,
    taking: Taking,
    group: usize,
    cells: Cells,
    at: usize,
}

impl Stream {
    fn of(run: Run, taking: Taking) -> Stream {
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
