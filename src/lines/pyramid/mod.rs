//! The straight line to a tile pyramid: events, blocks of the natural zoom, all other zooms from those, one scale, tiles.
//!
//! A density is computed at one zoom, the *natural* one, whose cells are small beside the bandwidth; zooms above it are
//! means of four cells each, zooms below it interpolate. So a tile shows the same density at every zoom, and has the same
//! bytes whatever other tiles are drawn with it. Plain bins are counted at the deepest zoom and added up.
//!
//! Everything is done block by block, a block being 2048 cells wide; what is held in memory are the events and the blocks
//! that are being worked on.

mod buckets;
mod draw;
mod ladder;
mod summit;
mod zoomed;

use std::ops::RangeInclusive;

use rayon::prelude::*;

use crate::accumulate::{Accumulator, Deposit};
use crate::bandwidth::{Bandwidth, Breadth};
use crate::counts::{Aggregate, Counts};
use crate::error::Error;
use crate::estimate::{Gains, HALF_LEVEL, Method, REACH, Smoothing};
use crate::events::{Events, Space};
use crate::frame::{Extent, Frame};
use crate::grid::{Area, Grid, Quantity};
use crate::kernel::Kernel;
use crate::lines::density::{self, Wish, beyond_note, chosen};
use crate::lines::framing::{self, Size};
use crate::lines::reading::Reading;
use crate::lines::sums::cut;
use crate::lines::survey::{Survey, nothing_usable};
use crate::tile::Tile;
use crate::world::World;
use buckets::Buckets;
use draw::Kept;
pub use draw::{Computed, Drawing, css, draw};
pub use ladder::Zooms;
use ladder::{Block, Ladder, Way, meet, put_copies};
use summit::Summit;
pub(super) use zoomed::zoomed;

/// Pixels of a screen that a viewer begins with.
const SCREEN: f64 = 1024.0;

/// Blocks in work at a time, for each thread.
const BLOCKS_PER_THREAD: usize = 2;

/// A density at every place and zoom, computed where it is looked at.
#[derive(Debug)]
pub struct Pyramid {
    ladder: Ladder,
    way: Way,
    aggregate: Aggregate,
    per_cell: bool,
    buckets: Buckets,
    /// What the values are.
    pub quantity: Quantity,
    /// The bandwidth used; never [`Bandwidth::Rule`].
    pub bandwidth: Bandwidth,
    /// The extent that was asked for, or that of the events and a margin for the kernel.
    pub extent: Extent,
    /// Whether the extent was asked for.
    bounded: bool,
    /// Things the user should know.
    pub notes: Vec<String>,
}

impl Pyramid {
    /// Reads the events of a pyramid.
    ///
    /// # Errors
    /// What reading meets, when no row can be used, and when the wish is not one for a pyramid.
    pub fn of(reading: &mut Reading<'_>, wish: &Wish, zooms: Zooms) -> Result<Pyramid, Error> {
        density::check(reading, wish)?;
        check(reading, wish)?;
        let mut notes = Vec::new();
        let survey = Survey::of(reading, true)?;
        let bandwidth = match wish.bandwidth {
            Bandwidth::Rule(rule) => Bandwidth::Fixed(chosen(reading, &survey, (rule, wish.kernel), &mut notes)?),
            bandwidth => bandwidth,
        };
        let way = Way::of(bandwidth)?;
        let events = survey.extent(reading)?;
        let ladder = Ladder::new(way, &events, zooms)?;
        let extent = wish.bounds.map_or_else(|| way.around(&events), |bounds| Extent::of_bounds(Space::Earth, bounds));
        let mut pyramid = Pyramid::gathered(reading, wish, (way, bandwidth), (ladder, extent))?;
        let (_, error) = pyramid.method()?;
        let large = format!(
            "so large a bandwidth is summed in straight lines, which is off by up to {error:.1e} of the maximum at the \
             northern or southern end: `torrid render --method exact` is not"
        );
        notes.append(&mut pyramid.notes);
        notes.extend((error > HALF_LEVEL).then_some(large));
        Ok(Pyramid { notes, ..pyramid })
    }

    /// The same once it is settled how.
    fn gathered(
        reading: &mut Reading<'_>,
        wish: &Wish,
        (way, bandwidth): (Way, Bandwidth),
        (ladder, extent): (Ladder, Extent),
    ) -> Result<Pyramid, Error> {
        let new = || Buckets::new(ladder.block);
        let add = |buckets: &mut Buckets, events: &_| {
            buckets.add(events);
            Ok(())
        };
        let threads = reading.pass("gathering", (usize::MAX, false), new, add)?;
        let buckets = Buckets::merged(ladder.block, threads);
        reading.forget();
        if buckets.events == 0 && reading.tally().records == reading.tally().bad() {
            return Err(nothing_usable(reading));
        }
        let notes = beyond_note(buckets.beyond_mercator).into_iter().collect();
        let weight = reading.query().weight.clone().filter(|_| wish.aggregate == Aggregate::Sum);
        let quantity =
            if wish.per_cell { Quantity::PerCell(weight) } else { Quantity::PerArea(weight, Area::of(Space::Earth)) };
        let (aggregate, per_cell, bounded) = (wish.aggregate, wish.per_cell, wish.bounds.is_some());
        Ok(Pyramid { ladder, way, aggregate, per_cell, buckets, quantity, bandwidth, extent, bounded, notes })
    }

    /// The least and the greatest zoom.
    pub fn zooms(&self) -> RangeInclusive<u8> {
        self.ladder.wanted.0..=self.ladder.wanted.1
    }

    /// Cells along each side of a tile.
    pub fn side(&self) -> u32 {
        self.ladder.side
    }

    /// Events on the map.
    pub fn events(&self) -> u64 {
        self.buckets.events
    }

    /// How the estimate was made, in words, and how far that of one event may be off, as a share of its peak.
    ///
    /// # Errors
    /// Never for a pyramid that was made.
    pub fn method(&self) -> Result<(&'static str, f64), Error> {
        self.ladder.method(self.way, &self.extent)
    }

    /// The events in the cells of a frame on a lattice, and how many of them there are.
    fn counts(&self, frame: Frame) -> Result<(Counts, u64), Error> {
        let mut cells = Accumulator::new(frame, Deposit::Cell, Aggregate::Count);
        self.buckets.within(&frame.extent()).0.into_iter().try_for_each(|events| cells.add(events))?;
        let reached = cells.reached();
        Ok((Accumulator::finish(vec![cells]), reached))
    }

    /// West, south, east and north in degrees; the whole turn where the extent crosses the antimeridian, because bounds of
    /// tiles do not wrap.
    pub fn bounds(&self) -> [f64; 4] {
        let [west, south, east, north] = self.extent.bounds(Space::Earth);
        if west < -180.0 || east > 180.0 { [-180.0, south, 180.0, north] } else { [west, south, east, north] }
    }

    /// Where a viewer begins: longitude, latitude, and a zoom that shows the extent on a screen.
    pub fn center(&self) -> (f64, f64, u8) {
        let middle = World {
            x: (self.extent.west + self.extent.width() / 2.0).rem_euclid(1.0),
            y: self.extent.north + self.extent.height() / 2.0,
        };
        let (lng, lat) = middle.coordinates(Space::Earth);
        let across = self.extent.width().max(self.extent.height()).max(f64::MIN_POSITIVE);
        let zoom = (SCREEN / 256.0 / across).log2().floor().max(0.0) as u8;
        (lng, lat, zoom.clamp(self.ladder.wanted.0, self.ladder.wanted.1))
    }

    /// Whether a tile lies in the extent.
    fn wants(&self, tile: Tile) -> bool {
        let (least, greatest) = self.ladder.wanted;
        (least..=greatest).contains(&tile.zoom()) && meet(tile.zoom(), (tile.x(), tile.y()), &self.extent)
    }

    /// Whether all tiles of a frame that hold something lie in the extent.
    fn wants_all(&self, frame: &Frame) -> bool {
        let (all, within) = (&self.extent, frame.extent());
        !self.bounded
            || (within.west >= all.west
                && within.east <= all.east
                && within.north >= all.north
                && within.south <= all.south)
    }

    /// A block at its natural zoom, two cells more on every side where there are zooms below; none where there is nothing.
    fn natural(&self, block: Block) -> Result<Option<Grid<f32>>, Error> {
        let frame = self.ladder.block_frame(block)?;
        match self.way {
            Way::Bins => self.binned(frame),
            Way::Gaussian(metres) => self.smoothed(frame.grow(2), metres),
        }
    }

    fn binned(&self, frame: Frame) -> Result<Option<Grid<f32>>, Error> {
        let (near, holds) = self.buckets.within(&frame.extent());
        let Some(touched) = holds.and_then(|holds| cells_of(&frame, &holds).common(&frame)) else { return Ok(None) };
        Ok(Some(self.estimated(&Smoothing::new(touched, None)?, &near, &Deposit::Cell)?))
    }

    fn smoothed(&self, frame: Frame, metres: f64) -> Result<Option<Grid<f32>>, Error> {
        let around = |frame| Smoothing::over_larger(frame, Breadth::Ground(metres), 1);
        let (near, holds) = self.buckets.within(&around(frame)?.gather.extent());
        let Some(holds) = holds else { return Ok(None) };
        // A kernel reaches as far from an event to a cell as from the cell to the event.
        let Some(touched) = around(cells_of(&frame, &holds))?.gather.common(&frame) else { return Ok(None) };
        let way = around(touched)?;
        let mut density = self.estimated(&way, &near, &Deposit::Spline)?;
        let least = (-REACH * REACH / 2.0).exp() * self.buckets.typical_weight();
        let rows: Vec<f32> = (0..touched.height()).map(|row| (least * way.peak(row)) as f32).collect();
        cut(&mut density, &rows);
        let something = density.values().iter().any(|value| *value != 0.0);
        Ok(something.then_some(density))
    }

    fn estimated(&self, way: &Smoothing, near: &[&Events], deposit: &Deposit) -> Result<Grid<f32>, Error> {
        let of_thread = |parts: &[&Events]| {
            let mut cells = Accumulator::new(way.gather, deposit.clone(), self.aggregate);
            parts.iter().try_for_each(|events| cells.add(events)).map(|()| cells)
        };
        let share = near.len().div_ceil(rayon::current_num_threads()).max(1);
        let threads = near.par_chunks(share).map(of_thread).collect::<Result<Vec<_>, Error>>()?;
        let counts = Accumulator::finish(threads);
        let (weight, _) = Gains::of(&counts).expect("counts and sums of weights are sums");
        Ok(way.estimate(weight))
    }

    /// Values as they are shown: what bins gathered by the area of their cells, a density by cells.
    fn shown(&self, mut grid: Grid<f32>) -> Grid<f32> {
        let times = match (self.way, self.per_cell) {
            (Way::Bins, true) | (Way::Gaussian(_), false) => return grid,
            (Way::Bins, false) => |area: f64| 1.0 / area,
            (Way::Gaussian(_), true) => |area: f64| area,
        };
        let frame = *grid.frame();
        for (row, line) in grid.values_mut().chunks_mut(frame.width() as usize).enumerate() {
            let times = times(frame.cell_area(row as i64)) as f32;
            for value in line {
                *value *= times;
            }
        }
        grid
    }

    /// Visits all blocks that hold something, several at a time: `work` on one with what it is at its natural zoom, where
    /// that is not kept from an earlier visit, then `then` with what came of that, one after the other in the order of
    /// their quadkeys.
    fn visit<R: Send>(
        &self,
        (blocks, kept): (&[(u32, u32)], &Kept),
        done: &dyn Fn(f64),
        work: impl Fn(Block, &Grid<f32>) -> Result<R, Error> + Sync,
        mut then: impl FnMut(Block, R) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let some = BLOCKS_PER_THREAD * rayon::current_num_threads();
        for (i, chunk) in blocks.chunks(some).enumerate() {
            let of_one = |tile: &(u32, u32)| {
                let block = Block { zoom: self.ladder.block, tile: *tile };
                let worked = match kept.get(tile) {
                    Some(natural) => Some(work(block, natural)?),
                    None => self.natural(block)?.map(|natural| work(block, &natural)).transpose()?,
                };
                Ok(worked.map(|worked| (block, worked)))
            };
            let worked: Vec<Option<(Block, R)>> = chunk.par_iter().map(of_one).collect::<Result<_, Error>>()?;
            worked.into_iter().flatten().try_for_each(|(block, worked)| then(block, worked))?;
            done((i * some) as f64 / blocks.len() as f64);
        }
        Ok(())
    }

    /// The values of one zoom, over a frame on its lattice.
    ///
    /// # Errors
    /// Never for a pyramid that was made, but for frames that are too large.
    pub fn level_over(&self, zoom: u8, frame: Frame) -> Result<Grid<f32>, Error> {
        let mut whole = Grid::new(frame, vec![0.0f32; frame.len()]);
        let mut summit = Summit::new(&self.ladder);
        let mut take = |of: u8, grid: &Grid<f32>| {
            if of == zoom {
                put_copies(&mut whole, grid);
            }
        };
        let work = |block: Block, natural: &Grid<f32>| {
            if zoom <= self.ladder.natural {
                return Ok(self.ladder.levels(natural.over(self.ladder.block_frame(block)?, 0.0)));
            }
            let tiles = block.tiles(zoom).into_iter();
            let near = tiles.filter(|tile| meet(zoom, (tile.x(), tile.y()), &frame.extent()));
            Ok(near.filter_map(|tile| Some((zoom, self.ladder.interpolated(tile, natural)?))).collect())
        };
        let mut blocks = self.buckets.blocks();
        blocks.retain(|block| meet(self.ladder.block, *block, &frame.extent()));
        self.visit((&blocks, &Kept::new()), &|_| (), work, |block, levels| {
            for (of, level) in &levels {
                take(*of, level);
            }
            let Some((_, top)) = levels.last().filter(|_| zoom < block.zoom) else { return Ok(()) };
            summit.put((block.zoom, block.tile), top, &mut |tile, grid| {
                take(tile.zoom(), &grid);
                Ok(())
            })
        })?;
        summit.finish(&mut |tile, grid| {
            take(tile.zoom(), &grid);
            Ok(())
        })?;
        Ok(self.shown(whole))
    }
}

/// The cells on the lattice of a frame that hold an extent.
fn cells_of(frame: &Frame, extent: &Extent) -> Frame {
    let (x, y) = frame.cells_per_unit();
    let cells = |from: f64, to: f64, density: f64| ((from * density).floor() as i64, (to * density).floor() as i64);
    let ((left, right), (top, bottom)) = (cells(extent.west, extent.east, x), cells(extent.north, extent.south, y));
    let (first, size) = (frame.first(), ((right - left + 1) as u32, (bottom - top + 1) as u32));
    frame.moved((left - first.0, top - first.1), size)
}

/// What of a wish is not one for a pyramid.
fn check(reading: &Reading<'_>, wish: &Wish) -> Result<(), Error> {
    let refused = |option: &str, found: String, expected: &str, advice: &str| {
        Err(Error::caller(option).found(found).expected(expected).advice(advice))
    };
    if reading.query().space != Space::Earth {
        return refused(
            "tiles",
            "a flat space".into(),
            "positions on the Earth",
            "leave out --flat, or name its --crs",
        );
    }
    if let Some(bounds) = wish.bounds {
        framing::of_bounds(Space::Earth, bounds, Size::default())?;
    }
    if !matches!(wish.aggregate, Aggregate::Count | Aggregate::Sum) || wish.interpolation.is_some() {
        let expected = "numbers of events, or --weight COLUMN to sum up";
        return refused("tiles", "a summary of readings".into(), expected, "draw readings with `torrid render`");
    }
    if wish.kernel != Kernel::Gaussian {
        let expected = "gaussian, which is the same at every zoom";
        return refused("--kernel", format!("{}", wish.kernel), expected, "leave --kernel out, or use `torrid render`");
    }
    if wish.method == Method::Exact {
        return refused("--method", "exact".into(), "auto or fast: zooms are made of each other", "leave --method out");
    }
    Ok(())
}
