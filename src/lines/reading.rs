//! Reading the events of a run, as often as its stages need. Small inputs are kept in memory after the first pass;
//! large ones are read again, so that memory does not grow with the number of rows.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crate::error::Error;
use crate::events::{Events, Space};
use crate::frame::Frame;
use crate::grid::Grid;
use crate::lines::Progress;
use crate::lines::area::StudyArea;
use crate::lines::tracks::{Told, Tracks, veil};
use crate::source::{CellsFile, Columns, Inputs, Part, Query, Source, Tally};

/// Events up to this many bytes are kept between passes: 12 million positions.
const KEPT_BYTES: usize = 192 << 20;

/// Events at hand that are shown to gatherers together.
const AT_HAND: usize = 1 << 16;

/// Makes of a batch of events what the gatherers are shown of it.
pub type Lens = Arc<dyn Fn(&Events) -> Events + Send + Sync>;

/// The inputs of a run and what is known of them so far.
pub struct Reading<'a> {
    inputs: Inputs,
    query: Query,
    progress: &'a dyn Progress,
    kept: Option<Vec<Events>>,
    tally: Tally,
    columns: Columns,
    stated_bounds: Option<[f64; 4]>,
    lens: Option<Lens>,
    area: Option<StudyArea>,
    outside: u64,
    /// Where the query asks for lines: the tracks, once they are read.
    tracks: Option<Tracks>,
}

impl<'a> Reading<'a> {
    /// Opens the inputs to see what they hold; no event is read yet.
    ///
    /// # Errors
    /// When an input cannot be found or opened, or lacks a column that is asked for.
    pub fn open(names: &[String], query: Query, progress: &'a dyn Progress) -> Result<Reading<'a>, Error> {
        let inputs = Inputs::find(names, &query)?;
        Reading::of(inputs, query, progress)
    }

    /// The same of inputs that were found before.
    ///
    /// # Errors
    /// When one cannot be opened, or lacks a column that is asked for.
    pub fn of(inputs: Inputs, query: Query, progress: &'a dyn Progress) -> Result<Reading<'a>, Error> {
        let (columns, stated_bounds) = if query.tracing.is_some() {
            (Columns::default(), None)
        } else {
            let source = inputs.open(&query)?;
            (source.columns(), source.stated_bounds())
        };
        let (kept, tally, lens, area, outside, tracks) = (None, Tally::default(), None, None, 0, None);
        Ok(Reading { inputs, query, progress, kept, tally, columns, stated_bounds, lens, area, outside, tracks })
    }

    /// Events that are at hand, as if they had been read: with weights where the query names a column of them.
    pub fn of_events(events: &Events, query: Query, progress: &'a dyn Progress) -> Reading<'a> {
        let numbers: Vec<usize> = (0..events.len()).collect();
        let kept = Some(numbers.chunks(AT_HAND).map(|some| events.chosen(some)).collect());
        let tally = Tally { records: events.len() as u64, ..Tally::default() };
        let (inputs, columns) = (Inputs { inputs: Vec::new() }, Columns::default());
        let (stated_bounds, lens, area, outside, tracks) = (None, None, None, 0, None);
        Reading { inputs, query, progress, kept, tally, columns, stated_bounds, lens, area, outside, tracks }
    }

    /// What is wanted of each record.
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// Refuses events of a flat space for what is of the Earth only.
    ///
    /// # Errors
    /// When the events are of a flat space.
    pub fn on_earth(&self, what: &str) -> Result<(), Error> {
        if self.query.space == Space::Earth {
            return Ok(());
        }
        Err(Error::caller(what)
            .found("a flat space")
            .expected("positions on the Earth")
            .advice("leave out --flat, or name its --crs"))
    }

    /// The inputs as files of cells, where all of them are and all events of them are wanted as they are.
    ///
    /// # Errors
    /// When one cannot be opened.
    pub fn cells(&self) -> Result<Option<Vec<CellsFile>>, Error> {
        let here = self.inputs.inputs.is_empty();
        let changed = self.lens.is_some() || self.area.is_some() || self.query.tracing.is_some();
        if here || changed { Ok(None) } else { self.inputs.cells() }
    }

    /// The inputs.
    pub fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// What the first input turned out to hold.
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// The bounds that the files themselves state, where they do.
    pub fn stated_bounds(&self) -> Option<[f64; 4]> {
        self.stated_bounds
    }

    /// What was read and skipped; complete after the first pass.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Lets the passes that follow show the events as a lens makes them of those read; as they are again with `None`.
    /// The tally counts all of them in any case.
    pub fn show_through(&mut self, lens: Option<Lens>) {
        self.lens = lens;
    }

    /// Leaves out, from the next pass on, the events that are not inside an area.
    pub fn keep_to(&mut self, area: StudyArea) {
        (self.area, self.kept) = (Some(area), None);
    }

    /// How many events were left out because they are not inside the area; complete after the first pass.
    pub fn outside(&self) -> u64 {
        self.outside
    }

    /// Shows every event to a gatherer; batches come in any order, on any thread. There are at most `gatherers` of
    /// them, whatever the number of threads. `again` says that another pass will follow.
    ///
    /// # Errors
    /// What reading or gathering meets; of several errors the one nearest to the start of the input.
    pub fn pass<A: Send>(
        &mut self,
        stage: &str,
        (gatherers, again): (usize, bool),
        make: impl Fn() -> A,
        add: impl Fn(&mut A, &Events) -> Result<(), Error> + Sync,
    ) -> Result<Vec<A>, Error> {
        self.read_tracks()?;
        self.progress.stage(stage);
        let threads = rayon::current_num_threads();
        let slots: Vec<Mutex<A>> = (0..gatherers.clamp(1, threads)).map(|_| Mutex::new(make())).collect();
        let lens = self.lens.clone();
        let gather = |worker: usize, events: &Events| {
            let slot = &slots[worker % slots.len()];
            match &lens {
                Some(lens) => {
                    let seen = lens(events);
                    add(&mut lock(slot), &seen)
                }
                None => add(&mut lock(slot), events),
            }
        };
        match (&self.tracks, &self.kept) {
            (Some(tracks), _) => self.outside = shown(tracks, (threads, self.area.as_ref()), &gather, self.progress)?,
            (None, Some(batches)) => replay(batches, threads, &gather, self.progress)?,
            (None, None) => self.read(threads, again, &gather)?,
        }
        Ok(slots.into_iter().map(|slot| slot.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)).collect())
    }

    /// Reads the tracks, where lines are asked for and none is read yet.
    fn read_tracks(&mut self) -> Result<(), Error> {
        if self.query.tracing.is_some() && self.tracks.is_none() {
            self.progress.stage("reading");
            let (tracks, tally) = Tracks::read(&self.inputs, &self.query, self.progress)?;
            (self.tracks, self.tally) = (Some(tracks), tally);
        }
        Ok(())
    }

    /// What came of the files of tracks, where lines were asked for and read.
    pub fn told(&self) -> Option<&Told> {
        self.tracks.as_ref().map(Tracks::told)
    }

    /// About how many pieces there are of lines over the cells of a frame; none where events are read.
    ///
    /// # Errors
    /// What reading tracks meets.
    pub fn pieces(&mut self, frame: &Frame) -> Result<Option<u64>, Error> {
        self.read_tracks()?;
        Ok(self.tracks.as_ref().map(|tracks| tracks.pieces(frame)))
    }

    /// Makes nothing known of what is hidden.
    pub fn veil(&self, grid: &mut Grid<f32>) {
        self.query.tracing.iter().for_each(|tracing| veil(tracing, grid));
    }

    /// Lines of tracks are cut at the borders of the cells of `pieces` from now on, for a spline or for plain bins; in the
    /// cells of `cells` passes and people are counted. Events are as they are.
    ///
    /// # Errors
    /// What reading tracks meets, and when cells are too small.
    pub fn cut_at(&mut self, cells: &Frame, pieces: &Frame, spline: bool) -> Result<(), Error> {
        self.read_tracks()?;
        self.tracks.as_mut().map_or(Ok(()), |tracks| tracks.cut_at(cells, pieces, spline))
    }

    /// The same for the cells of a zoom, in which their mean places are kept.
    ///
    /// # Errors
    /// As [`Reading::cut_at`].
    pub fn cut_at_zoom(&mut self, zoom: u8) -> Result<(), Error> {
        if self.query.tracing.is_none() {
            return Ok(());
        }
        let cells = Frame::on_lattice(zoom, 0, 0, 1, 1)?;
        self.cut_at(&cells, &cells, false)
    }

    /// Whether no record gives an event; they are read up to the first that does.
    ///
    /// # Errors
    /// What reading meets.
    pub fn is_empty(&self) -> Result<bool, Error> {
        if self.query.tracing.is_some() {
            return Ok(self.inputs.inputs.is_empty());
        }
        let mut source = self.inputs.open(&self.query)?;
        while let Some(part) = source.next_part()? {
            let (events, _) = part.read()?;
            if !self.area.as_ref().map_or(events.is_empty(), |area| area.only(&events).is_empty()) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Who is told how the run gets on.
    pub fn progress(&self) -> &'a dyn Progress {
        self.progress
    }

    /// Tells that a stage begins which reads no events.
    pub fn stage(&self, name: &str) {
        self.progress.stage(name);
    }

    /// Takes note of so many events that were read without a pass, where none has counted them yet.
    pub fn count(&mut self, events: u64) {
        if self.tally.records == 0 {
            self.tally.records = events;
        }
    }

    /// Forgets the events that were kept, once no pass will follow.
    pub fn forget(&mut self) {
        self.kept = None;
    }

    fn read(
        &mut self,
        threads: usize,
        again: bool,
        gather: &(dyn Fn(usize, &Events) -> Result<(), Error> + Sync),
    ) -> Result<(), Error> {
        let source = self.inputs.open(&self.query)?;
        let feed = Mutex::new(Feed { source, next: 0, failed: None });
        let kept = Kept { batches: Vec::new(), bytes: 0, keep: again, tally: Tally::default(), outside: 0 };
        let kept = Mutex::new(kept);
        let (progress, area) = (self.progress, self.area.as_ref());
        rayon::scope(|scope| {
            for worker in 0..threads {
                let (feed, kept) = (&feed, &kept);
                scope.spawn(move |_| {
                    while let Some((number, part)) = Feed::next(feed, progress) {
                        let read = part.read().and_then(|(events, tally)| {
                            let all = events.len();
                            let events = if let Some(area) = area { area.only(&events) } else { events };
                            gather(worker, &events)?;
                            let mut kept = lock(kept);
                            kept.outside += (all - events.len()) as u64;
                            kept.take(events, tally);
                            Ok(())
                        });
                        if let Err(error) = read {
                            lock(feed).fail(number, error);
                        }
                    }
                });
            }
        });
        if let Some((_, error)) = lock(&feed).failed.take() {
            return Err(error);
        }
        let kept = kept.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        (self.tally, self.outside) = (kept.tally, kept.outside);
        self.kept = kept.keep.then_some(kept.batches);
        Ok(())
    }
}

/// Shows the pieces of tracks; how many lie outside the area.
fn shown(
    tracks: &Tracks,
    (threads, area): (usize, Option<&StudyArea>),
    gather: &(dyn Fn(usize, &Events) -> Result<(), Error> + Sync),
    progress: &dyn Progress,
) -> Result<u64, Error> {
    let Some(area) = area else { return tracks.show(threads, gather, progress).map(|()| 0) };
    let outside = AtomicU64::new(0);
    let inside = |worker: usize, events: &Events| {
        let only = area.only(events);
        outside.fetch_add((events.len() - only.len()) as u64, Ordering::Relaxed);
        gather(worker, &only)
    };
    tracks.show(threads, &inside, progress)?;
    Ok(outside.into_inner())
}

fn replay(
    batches: &[Events],
    threads: usize,
    gather: &(dyn Fn(usize, &Events) -> Result<(), Error> + Sync),
    progress: &dyn Progress,
) -> Result<(), Error> {
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(None);
    rayon::scope(|scope| {
        for worker in 0..threads {
            let (next, failed) = (&next, &failed);
            scope.spawn(move |_| {
                while let Some(events) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(error) = gather(worker, events) {
                        *lock(failed) = Some(error);
                    }
                    progress.done(next.load(Ordering::Relaxed) as f64 / batches.len() as f64);
                }
            });
        }
    });
    lock(&failed).take().map_or(Ok(()), Err)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Hands out the parts of a source, one to each thread that asks, until it ends or fails.
struct Feed {
    source: Box<dyn Source>,
    next: usize,
    failed: Option<(usize, Error)>,
}

impl Feed {
    fn next(feed: &Mutex<Feed>, progress: &dyn Progress) -> Option<(usize, Box<dyn Part>)> {
        let mut feed = lock(feed);
        if feed.failed.is_some() {
            return None;
        }
        let number = feed.next;
        feed.next += 1;
        progress.done(feed.source.progress());
        match feed.source.next_part() {
            Ok(part) => part.map(|part| (number, part)),
            Err(error) => {
                feed.fail(number, error);
                None
            }
        }
    }

    /// Parts before the one that failed are already handed out, so that the first failure of the input is found
    /// whatever thread meets one first.
    fn fail(&mut self, number: usize, error: Error) {
        if self.failed.as_ref().is_none_or(|(first, _)| number < *first) {
            self.failed = Some((number, error));
        }
    }
}

/// The events kept for later passes, while they are few enough.
struct Kept {
    batches: Vec<Events>,
    bytes: usize,
    keep: bool,
    tally: Tally,
    outside: u64,
}

impl Kept {
    fn take(&mut self, events: Events, tally: Tally) {
        self.tally.merge(tally);
        self.bytes += events.bytes();
        if self.keep && self.bytes <= KEPT_BYTES {
            self.batches.push(events);
        } else {
            self.keep = false;
            self.batches = Vec::new();
        }
    }
}
