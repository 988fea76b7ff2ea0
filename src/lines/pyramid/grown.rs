//! A pyramid that takes more events while it stands: its cells become those that all events together would have given, and
//! the tiles that changed are known.

use std::collections::HashSet;
use std::sync::Arc;

use crate::accumulate::Sorted;
use crate::error::Error;
use crate::lines::cells::{Run, gather};
use crate::lines::density::Wish;
use crate::lines::pyramid::build::{contents, joined, stocks};
use crate::lines::pyramid::stock::Runs;
use crate::lines::pyramid::touched::touched;
use crate::lines::pyramid::{Pyramid, Zooms};
use crate::lines::reading::Reading;
use crate::lines::survey::Survey;
use crate::tile::Tile;

/// How many zooms below the natural one tiles that change are told apart: there, one has as many cells of the natural zoom
/// as the squares have that patches are made of.
const DEEPER: u8 = 2;

/// The events of a pyramid, from which its cells are made again where more come; those of files of cells stay there.
#[derive(Debug, Clone)]
pub struct Roots {
    runs: Runs,
}

/// A pyramid that took more events.
pub struct Grown {
    /// It.
    pub pyramid: Pyramid,
    /// All its events.
    pub roots: Roots,
    /// The tiles that changed, down to [`Pyramid::told_apart`]; below that, all that lie in such.
    pub touched: HashSet<Tile>,
}

impl Pyramid {
    /// Reads the events of a pyramid that takes more later.
    ///
    /// # Errors
    /// As for [`Pyramid::of`].
    pub fn growing(reading: &mut Reading<'_>, wish: &Wish, zooms: Zooms) -> Result<(Pyramid, Roots), Error> {
        let (pyramid, gathered) = Pyramid::read(reading, wish, zooms, true)?;
        let held = |run| if let Run::Held(events) = run { Some(Arc::new(events)) } else { None };
        let runs = gathered.runs.into_iter().filter_map(held).filter(|run| !run.is_empty()).collect();
        Ok((pyramid, Roots { runs }))
    }

    /// The zoom down to which it is told which tiles change.
    pub fn told_apart(&self, zoom: u8) -> u8 {
        if self.ladders().len() > 1 { zoom } else { zoom.min(self.ladder.natural + DEEPER) }
    }

    /// The same with the events of a reading, of which there is at least one; none where there would be as many as `most` in
    /// all, or they are too many for the memory, so that it is better made anew. Bandwidth and zooms stay as they are.
    ///
    /// # Errors
    /// What reading meets.
    pub fn with(
        &self,
        (roots, most): (&Roots, u64),
        reading: &mut Reading<'_>,
        wish: &Wish,
    ) -> Result<Option<Grown>, Error> {
        let survey = Survey::of(reading, true)?;
        if self.events() + survey.events >= most {
            return Ok(None);
        }
        let new = survey.extent(reading)?;
        let (zoom, contents) = (self.ladder.cells, contents(reading));
        let fresh = gather(reading, (zoom, contents), &wish.memory)?;
        if fresh.runs.iter().any(|run| matches!(run, Run::Stored(_))) {
            return Ok(None);
        }
        let own = stocks(&fresh, &self.ladders(), &wish.memory, false)?;
        let mut pyramid = Pyramid { held: joined(&self.held, &new), ..self.clone() };
        pyramid.look_at(wish);
        let touched = touched(&pyramid, &own, DEEPER)?;
        let parts: Vec<_> = fresh.runs.iter().filter_map(Run::held).map(|run| (run, 0..run.len())).collect();
        let more = Arc::new(Sorted::joined(&parts, zoom));
        let runs = added(&roots.runs, more.clone(), zoom);
        for (_, stock) in &mut pyramid.stocks {
            *stock = stock.with(&more, &runs);
        }
        Ok(Some(Grown { pyramid, roots: Roots { runs }, touched }))
    }
}

/// Runs and one more: each at least twice as long as the next, so that there are few and none is merged often.
fn added(runs: &Runs, more: Arc<Sorted>, zoom: u8) -> Runs {
    let mut all = runs.to_vec();
    let whole = |run: &Sorted| 0..run.len();
    let mut last = more;
    while let Some(before) = all.pop_if(|before| before.len() < 2 * last.len()) {
        last = Arc::new(Sorted::joined(&[(&before, whole(&before)), (&last, whole(&last))], zoom));
    }
    all.push(last);
    all.into()
}
