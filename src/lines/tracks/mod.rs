//! The tracks of a run: read once, each recording once however often it was given, cleaned, and shown to whoever gathers
//! as pieces of lines, cut at the cells that they cross. What came of the files is told at the end.

mod read;
mod told;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::error::Error;
use crate::events::{Events, Space};
use crate::frame::Frame;
use crate::grid::Grid;
use crate::lines::Progress;
use crate::trace::{Crowd, Cutter, Lattice, Nodes, Shown, coarse};
use crate::tracing::{Tracing, Weight};
use crate::track::Track;
use crate::world::EARTH_RADIUS_M;
use read::part;
pub use told::Told;

/// Fixes that are cut at a time: enough for a batch of events, few enough that all threads have some.
const FIXES: usize = 1 << 14;

/// Tracks made ready.
#[derive(Debug)]
pub struct Tracks {
    tracing: Tracing,
    /// What can be shown apart: some tracks, or all of one person where people are counted.
    lots: Vec<Vec<Track>>,
    cut: Option<Cut>,
    /// Whether events are to carry times.
    timed: bool,
    /// How long pieces are, in metres, until it is known where to cut.
    step: f64,
    told: Told,
}

/// Where lines are cut.
#[derive(Debug)]
struct Cut {
    lattice: Lattice,
    nodes: Nodes,
    /// The cells with people enough, where that is asked for.
    shown: Option<Shown>,
}

impl Tracks {
    /// What came of the files.
    pub fn told(&self) -> &Told {
        &self.told
    }

    /// From now on lines are cut at the borders of the cells of `pieces`, with as many nodes as a spline needs, or one. In
    /// the cells of `cells` passes and people are counted.
    ///
    /// # Errors
    /// When they are not on the Earth, or too small.
    pub fn cut_at(&mut self, cells: &Frame, pieces: &Frame, spline: bool) -> Result<(), Error> {
        let (cells, pieces) = (Lattice::of(cells)?, Lattice::of(pieces)?);
        let enough = self.tracing.min_users;
        let counted = enough > 1 || matches!(self.tracing.weight, Weight::Pass | Weight::User);
        let lattice = if counted { cells } else { pieces };
        let nodes = if spline { Nodes::Three } else { Nodes::One };
        let before = self.cut.take().and_then(|cut| cut.shown).filter(|shown| *shown.lattice() == lattice);
        let shown = (enough > 1).then(|| before.unwrap_or_else(|| self.crowd(lattice, enough).shown()));
        self.cut = Some(Cut { lattice, nodes, shown });
        Ok(())
    }

    /// Where people are protected by each other, nobody's way alone may show, not even in the extent of the picture: until
    /// its cells are known, those of a survey count.
    fn keep_to_crowds(&mut self, survey: &Frame) -> Result<(), Error> {
        let enough = self.tracing.min_users;
        if enough < 2 {
            return Ok(());
        }
        self.cut_at(survey, survey, false)?;
        let nobody = self.cut.as_ref().and_then(|cut| cut.shown.as_ref()).is_some_and(Shown::is_empty);
        if !nobody {
            return Ok(());
        }
        Err(Error::caller("--min-users")
            .found(format!("no place where {enough} people passed"))
            .expected("one at least, or nothing can be shown")
            .advice("say whose the tracks are with --user, or ask for fewer people"))
    }

    fn crowd(&self, lattice: Lattice, enough: usize) -> Crowd {
        let none = || Crowd::of_at_least(enough, lattice);
        let of_lot = |mut crowd: Crowd, lot: &Vec<Track>| {
            let mut cutter = Cutter::new(lattice, Weight::Pass, Nodes::One);
            for track in lot {
                let mut keys = Vec::new();
                cutter.visits(track, &mut keys);
                crowd.add(track.user, &keys);
            }
            crowd
        };
        let merged = |mut all: Crowd, more: Crowd| {
            all.merge(more);
            all
        };
        self.lots.par_iter().fold(none, of_lot).reduce(none, merged)
    }

    /// Shows the pieces of all lines to gatherers, on `threads` threads, in any order.
    ///
    /// # Errors
    /// What gathering meets.
    pub fn show(
        &self,
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
                    let mut batch = self.batch();
                    let mut cutter = self.cutter();
                    while let Some(lot) = self.lots.get(next.fetch_add(1, Ordering::Relaxed)) {
                        if let Err(error) = self.lot(lot, (cutter.as_mut(), &mut batch), &|batch| gather(worker, batch))
                        {
                            *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                        }
                        progress.done(next.load(Ordering::Relaxed) as f64 / self.lots.len() as f64);
                    }
                });
            }
        });
        failed.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }

    /// About how many pieces of lines there are over the cells of a frame: one more for each fix and each border, at three
    /// nodes.
    pub fn pieces(&self, frame: &Frame) -> u64 {
        let cell = 1000.0 * frame.cell_area(i64::from(frame.height() / 2)).sqrt();
        3 * (self.told.done.fixes + (self.told.metres / cell) as u64)
    }

    fn batch(&self) -> Events {
        let time = self.timed.then(Vec::new);
        Events { weight: Some(Vec::new()), time, ..Events::new(Space::Earth) }
    }

    fn cutter(&self) -> Option<Cutter> {
        let Cut { lattice, nodes, shown } = self.cut.as_ref()?;
        let cutter = Cutter::new(*lattice, self.tracing.weight, *nodes);
        Some(match shown {
            Some(shown) => cutter.showing(shown.clone()),
            None => cutter,
        })
    }

    /// Hands on the pieces of some tracks.
    fn lot(
        &self,
        lot: &[Track],
        (cutter, batch): (Option<&mut Cutter>, &mut Events),
        gather: &dyn Fn(&Events) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut full = |batch: &mut Events| {
            gather(batch)?;
            batch.clear();
            Ok(())
        };
        match (cutter, self.tracing.weight) {
            (None, weight) => {
                for track in lot {
                    let segments = |track: &Track, batch: &mut Events| coarse(track, weight, self.step, batch);
                    self.timely(track, batch, segments);
                    full(batch)?;
                }
            }
            (Some(cutter), Weight::User) => self.touched(lot, cutter, batch),
            (Some(cutter), Weight::Pass) if !self.timed => {
                lot.chunks(1).for_each(|track| self.touched(track, cutter, batch));
            }
            (Some(cutter), _) if !self.timed => lot.iter().try_for_each(|track| cutter.cut(track, batch, &mut full))?,
            (Some(cutter), _) => {
                for track in lot {
                    self.timely(track, batch, |track, batch| {
                        let Ok(()) = cutter.cut(track, batch, &mut |_| Ok::<(), std::convert::Infallible>(()));
                    });
                    full(batch)?;
                }
            }
        }
        full(batch)
    }

    /// The cells that any of some tracks touches, each once; none whose centre is hidden, because its event is there.
    fn touched(&self, tracks: &[Track], cutter: &mut Cutter, batch: &mut Events) {
        let mut keys = Vec::new();
        for track in tracks {
            cutter.visits(track, &mut keys);
        }
        if let (false, Some(cut)) = (self.tracing.hide.is_empty(), &self.cut) {
            let hidden = |(lng, lat): (f64, f64)| self.tracing.hide.iter().any(|zone| zone.holds(lng, lat));
            keys.retain(|key| !hidden(cut.lattice.centre(*key)));
        }
        cutter.lay(&keys, batch);
    }

    /// The events of a track; where times are asked for segment by segment, each at the time of its middle.
    fn timely(&self, track: &Track, batch: &mut Events, mut of: impl FnMut(&Track, &mut Events)) {
        if !self.timed {
            return of(track, batch);
        }
        for leg in track.legs() {
            for at in leg.start..leg.end.max(leg.start + 2) - 1 {
                let segment = part(track, at..(at + 2).min(leg.end));
                of(&segment, batch);
                let time = segment.time.as_ref().map_or(0, |time| time[0].midpoint(time[time.len() - 1]));
                let len = batch.x.len();
                batch.time.iter_mut().for_each(|column| column.resize(len, time));
            }
        }
    }
}

/// Makes nothing known of the cells whose centres lie in a hidden circle: a kernel would carry something in.
pub fn veil(tracing: &Tracing, grid: &mut Grid<f32>) {
    if tracing.hide.is_empty() {
        return;
    }
    let frame = *grid.frame();
    let lines = grid.values_mut().par_chunks_mut(frame.width() as usize).enumerate();
    lines.for_each(|(row, line)| {
        let (_, lat) = frame.centre(0, row as i64).coordinates(Space::Earth);
        for zone in
            tracing.hide.iter().filter(|zone| (zone.lat - lat).to_radians().abs() * EARTH_RADIUS_M <= zone.metres)
        {
            for (col, value) in line.iter_mut().enumerate() {
                let (lng, lat) = frame.centre(col as i64, row as i64).coordinates(Space::Earth);
                *value = if zone.holds(lng, lat) { f32::NAN } else { *value };
            }
        }
    });
}
