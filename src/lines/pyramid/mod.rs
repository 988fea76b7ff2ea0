//! The straight line to a tile pyramid: events, blocks of the natural zoom, all other zooms from those, one scale, tiles.
//!
//! A density is computed at one zoom, the *natural* one, whose cells are small beside the bandwidth; zooms above it are
//! means of four cells each, zooms below it interpolate. So a tile shows the same density at every zoom, and has the same
//! bytes whatever other tiles are drawn with it. Plain bins are counted at the deepest zoom and added up. Of a mean, sums
//! of weights and of products go up and down the zooms, and are divided where they are shown. A bandwidth in pixels is
//! another on the ground at every zoom, each of which is then computed by itself.
//!
//! Everything is done block by block, a block being 2048 cells wide, and in a block only where events reach; what is held
//! in memory are the events and the blocks that are being worked on.

mod build;
mod cells;
mod draw;
mod editions;
mod fits;
mod groups;
mod grown;
mod ladder;
mod legend;
mod patches;
mod planes;
mod recipe;
mod standing;
mod stock;
mod summit;
mod touched;
mod zoomed;

use std::collections::HashSet;
use std::ops::RangeInclusive;

use rayon::prelude::*;

use crate::accumulate::{Accumulator, Deposit};
use crate::bandwidth::Bandwidth;
use crate::counts::{Aggregate, Counts};
use crate::error::Error;
use crate::events::Space;
use crate::frame::{Extent, Frame};
use crate::grid::{Grid, Quantity};
use crate::tile::Tile;
use crate::tracing::Tracing;
use crate::world::World;
pub use build::quantity;
pub use draw::{Computed, Drawing, FittedScale, Shown, draw};
pub use fits::{Fit, Kept, fitted};
pub use grown::{Grown, Roots};
pub use ladder::Zooms;
use ladder::{Block, Ladder, Way, meet};
pub use legend::css;
pub(super) use legend::html as legend_html;
use patches::Patch;
use planes::{Level, Planes};
pub use recipe::{Fitted, Recipe};
pub use standing::Standing;
use stock::Stock;
use summit::Summit;
pub(super) use zoomed::zoomed;

/// Pixels of a screen that a viewer begins with.
const SCREEN: f64 = 1024.0;

/// Blocks in work at a time, for each thread.
const BLOCKS_PER_THREAD: usize = 2;

/// A density at every place and zoom, computed where it is looked at.
#[derive(Debug, Clone)]
pub struct Pyramid {
    ladder: Ladder,
    way: Way,
    aggregate: Aggregate,
    per_cell: bool,
    /// The cells of the zooms that are computed from them, by those zooms.
    stocks: Vec<(u8, Stock)>,
    /// The least extent that holds the events.
    held: Extent,
    /// The extent that a viewer begins with.
    focus: Extent,
    /// The tiles to draw, where not all are.
    touched: Option<HashSet<Tile>>,
    /// What the values are.
    pub quantity: Quantity,
    /// The bandwidth used; never [`Bandwidth::Rule`].
    pub bandwidth: Bandwidth,
    /// The extent that was asked for, or that of the events and a margin for the kernel.
    pub extent: Extent,
    /// Whether the extent was asked for.
    bounded: bool,
    /// Of lines of tracks, what is private.
    tracing: Option<Tracing>,
    /// Things the user should know.
    pub notes: Vec<String>,
}

impl Pyramid {
    /// The ladders that the zooms stand on: one for all, or for a bandwidth in pixels one for each.
    fn ladders(&self) -> Vec<Ladder> {
        self.ladder.each(self.way)
    }

    /// The cells that a ladder stands on.
    fn stock(&self, natural: u8) -> &Stock {
        let found = self.stocks.iter().find(|(zoom, _)| *zoom == natural);
        &found.expect("every ladder of a pyramid has cells").1
    }

    /// The blocks of a ladder that may hold something of what is wanted, in the order of their quadkeys: those under a tile
    /// of the least zoom that lies in the extent and is to be drawn.
    fn blocks(&self, ladder: Ladder) -> Vec<(u32, u32)> {
        let above = ladder.block.saturating_sub(self.ladder.wanted.0);
        let least = ladder.block - above;
        let mut blocks = self.stock(ladder.natural).blocks();
        blocks.retain(|(x, y)| {
            let tile = (x >> above, y >> above);
            meet(least, tile, &self.extent) && Tile::new(least, tile.0, tile.1).is_ok_and(|tile| self.touches(tile))
        });
        blocks
    }

    /// The least and the greatest zoom.
    pub fn zooms(&self) -> RangeInclusive<u8> {
        self.ladder.wanted.0..=self.ladder.wanted.1
    }

    /// The zoom, of tiles of 256, of the cells that events are kept in.
    pub fn cells_zoom(&self) -> u8 {
        self.ladder.cells
    }

    /// Cells along each side of a tile.
    pub fn side(&self) -> u32 {
        self.ladder.side
    }

    /// Events on the map.
    pub fn events(&self) -> u64 {
        self.stocks[0].1.events
    }

    /// Whether it is of lines of tracks, of which pieces are no events.
    pub fn is_of_lines(&self) -> bool {
        self.tracing.is_some()
    }

    /// What of tracks is private, in words that do not say where.
    pub fn privacy(&self) -> Option<String> {
        self.tracing.as_ref().and_then(Tracing::privacy)
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
        let mut cells = Accumulator::of_cells(frame, Deposit::Cell, Aggregate::Count);
        let (near, _) = self.stocks[0].1.within(&frame.extent())?;
        near.iter().try_for_each(|piece| cells.add_cells(&piece.cells, &piece.rows))?;
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
        let Extent { west, north, .. } = self.focus;
        let middle =
            World { x: (west + self.focus.width() / 2.0).rem_euclid(1.0), y: north + self.focus.height() / 2.0 };
        let (lng, lat) = middle.coordinates(Space::Earth);
        let across = self.focus.width().max(self.focus.height()).max(f64::MIN_POSITIVE);
        let zoom = (SCREEN / 256.0 / across).log2().floor().max(0.0) as u8;
        (lng, lat, zoom.clamp(self.ladder.wanted.0, self.ladder.wanted.1))
    }

    /// Whether a tile is to be drawn.
    fn wants(&self, tile: Tile) -> bool {
        self.zooms().contains(&tile.zoom()) && self.meets(tile) && self.touches(tile)
    }

    /// Whether a tile is drawn where it shows something, because events of this pyramid reach it: where new events are
    /// added to old ones, only those that the new ones reach.
    pub fn touches(&self, tile: Tile) -> bool {
        self.touched.as_ref().is_none_or(|touched| touched.contains(&tile))
    }

    /// Whether a tile lies in the extent.
    fn meets(&self, tile: Tile) -> bool {
        meet(tile.zoom(), (tile.x(), tile.y()), &self.extent)
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

    /// Visits all blocks of a ladder that hold something, several at a time: `work` on one with what it is at its natural
    /// zoom, where that is not kept from an earlier visit, then `then` with what came of that, and what was not kept, one
    /// after the other in the order of their quadkeys.
    fn visit<R: Send>(
        &self,
        ladder: Ladder,
        (blocks, kept): (&[(u32, u32)], &Kept),
        done: &dyn Fn(f64),
        work: impl Fn(Block, &[Patch]) -> Result<R, Error> + Sync,
        mut then: impl FnMut(Block, Option<Vec<Patch>>, R) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let some = BLOCKS_PER_THREAD * rayon::current_num_threads();
        for (i, chunk) in blocks.chunks(some).enumerate() {
            let of_one = |tile: &(u32, u32)| {
                let block = Block { zoom: ladder.block, tile: *tile };
                if let Some(natural) = kept.get(ladder.natural, *tile) {
                    return Ok(Some((block, None, work(block, natural)?)));
                }
                let natural = self.natural(ladder, block)?;
                let something = !natural.is_empty();
                Ok(something.then(|| work(block, &natural)).transpose()?.map(|worked| (block, Some(natural), worked)))
            };
            let worked: Vec<_> = chunk.par_iter().map(of_one).collect::<Result<_, Error>>()?;
            let mut worked = worked.into_iter().flatten();
            worked.try_for_each(|(block, natural, worked)| then(block, natural, worked))?;
            done((i * some) as f64 / blocks.len() as f64);
        }
        Ok(())
    }

    /// The values of one of the zooms, over a frame on its lattice.
    ///
    /// # Errors
    /// Never for a pyramid that was made, but for frames that are too large.
    pub fn level_over(&self, zoom: u8, frame: Frame) -> Result<Grid<f32>, Error> {
        Ok(self.shown(self.planes_over(zoom, frame)?))
    }

    fn planes_over(&self, zoom: u8, frame: Frame) -> Result<Planes, Error> {
        let ladder = if let Way::Pixels(_) = self.way { self.ladder.of_zoom(zoom) } else { self.ladder };
        let mut whole = Planes::nothing(frame, self.keeping());
        let mut summit = Summit::new(ladder, self.keeping());
        let mut take = |of: u8, planes: &Planes| {
            if of == zoom {
                whole.put_copies(planes);
            }
        };
        let work = |block: Block, natural: &[Patch]| {
            if zoom <= ladder.natural {
                return self.levels(ladder, natural, zoom);
            }
            let tiles = block.tiles(zoom).into_iter();
            let near = tiles.filter(|tile| meet(zoom, (tile.x(), tile.y()), &frame.extent()));
            let tiles = near.filter_map(|tile| self.below(ladder, tile, natural).transpose());
            Ok(vec![Level { zoom, patches: tiles.collect::<Result<_, Error>>()? }])
        };
        let mut blocks = self.blocks(ladder);
        blocks.retain(|block| meet(ladder.block, *block, &frame.extent()));
        self.visit(ladder, (&blocks, &Kept::default()), &|_| (), work, |block, _, levels| {
            for level in &levels {
                level.patches.iter().for_each(|patch| take(level.zoom, patch));
            }
            let Some(top) = levels.last().filter(|_| zoom < block.zoom) else { return Ok(()) };
            summit.put(block.tile, top, &mut |tile, planes| {
                take(tile.zoom(), &planes);
                Ok(())
            })
        })?;
        summit.finish(&mut |tile, planes| {
            take(tile.zoom(), &planes);
            Ok(())
        })?;
        Ok(whole)
    }
}
