//! The straight line to cells: events, sorted runs of cells that go to the disk when memory is short, one sum.
//!
//! Whatever the memory, the threads and the order of files, the sum is the same, because everything added is an integer.

mod added;
mod origins;
mod streams;
mod sum;

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::accumulate::Sparse;
use crate::cells::{Cells, Contents};
use crate::error::Error;
use crate::lines::Progress;
use crate::lines::density::beyond_note;
use crate::lines::reading::Reading;
use crate::provenance::Provenance;
use crate::sink::{self, CellsWriter, GROUP_ROWS};
use crate::source::CellsFile;
use added::add;
use origins::intervals;
pub use origins::{common_provenance, origins};
pub use streams::Run;
use streams::{Stream, Taking};
pub use sum::Sum;
use sum::{add_up, pour};

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

/// The cells of all events of a reading.
#[derive(Debug)]
pub struct Gathered {
    /// What they are: its zoom and contents.
    pub kind: (u8, Contents),
    /// Runs whose sum they are.
    pub runs: Vec<Run>,
    /// Which of their cells are taken, and how.
    taking: Taking,
    /// How many events were read for them.
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
        return refused(intervals(has), format!("intervals that make up {} s", wanted as f64 / 1e6));
    }
    Ok(())
}

fn of_events(reading: &mut Reading<'_>, kind: (u8, Contents), memory: &Memory) -> Result<Gathered, Error> {
    // A quarter of it, because what grows is there twice for a while, and what is read has to fit beside it.
    let room = memory.bytes / 4 / rayon::current_num_threads();
    reading.cut_at_zoom(kind.0)?;
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
    let (weight, value, subject) = (named(contents.weight), named(contents.value), named(contents.subject));
    let provenance = Provenance { zoom, contents, weight, value, subject, sources: Vec::new() };
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
        progress.stage("merging");
        sink::write_cells(path, provenance, |writer| self.pour(writer, memory, progress))
    }

    /// Puts their sum into a file.
    ///
    /// # Errors
    /// What reading and writing files of cells meets.
    pub fn pour(self, writer: &mut CellsWriter, memory: &Memory, progress: &dyn Progress) -> Result<Sum, Error> {
        let kind = self.kind;
        pour(self.streams(&memory.folder)?, kind, writer, progress)
    }

    /// Puts the sum of these and of the cells of a file, which are of the same zoom and contents, into another file. What
    /// none of these falls into is copied as it is stored, a row group at a time.
    ///
    /// # Errors
    /// What reading and writing files of cells meets.
    pub fn pour_with(
        self,
        before: &CellsFile,
        writer: &mut CellsWriter,
        memory: &Memory,
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        let kind = (before.provenance.zoom, before.provenance.contents);
        debug_assert!(self.kind == kind, "cells that were gathered alike");
        let mut streams = self.streams(&memory.folder)?;
        if !streams.iter().all(Stream::is_in_order) {
            let one = stored(&memory.folder, kind, |writer| pour(streams, kind, writer, &()).map(|_| ()))?;
            streams = vec![Stream::of(Run::Stored(one), Taking::all(kind))];
        }
        add(streams, before, (writer, GROUP_ROWS), progress)
    }

    /// All cells of a file, for which so many events were read.
    pub fn of_file(file: CellsFile, events: u64) -> Gathered {
        let kind = (file.provenance.zoom, file.provenance.contents);
        Gathered { kind, runs: vec![Run::Stored(file)], taking: Taking::all(kind), events, notes: Vec::new() }
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

/// Adds files of cells up and takes others away, at a zoom that none of them is above; how many rows the sum has.
///
/// # Errors
/// When more is taken away than there is, and what reading and writing meets.
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
