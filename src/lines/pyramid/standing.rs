//! A pyramid that stands ready: any of its tiles, and the value at any place, at the time that they are asked for. They are
//! the tiles that [`draw`](super::draw) would draw.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use geo::{Distance, Haversine, Point};
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use crate::error::Error;
use crate::estimate::REACH;
use crate::events::Space;
use crate::frame::{Extent, Frame};
use crate::grid::{Grid, Quantity};
use crate::lines::Progress;
use crate::lines::picture::Look;
use crate::lines::pyramid::Pyramid;
use crate::lines::pyramid::draw::{Computed, Drawing, Shadings};
use crate::lines::pyramid::fits::{Fit, KEPT_BYTES, Kept, fitted_for_some};
use crate::lines::pyramid::ladder::{Block, Ladder, Way};
use crate::lines::pyramid::patches::Patch;
use crate::lines::pyramid::planes::{Level, Planes};
use crate::lines::pyramid::summit::Summit;
use crate::tile::Tile;
use crate::world::World;

/// Bytes of tiles above blocks that are kept; those beyond are put together when they are asked for, which takes longer.
const TOP_BYTES: usize = 128 << 20;

/// The deepest zoom of tiles, those of fine screens one more: a Gaussian is as smooth there as everywhere.
const DEEPEST: u8 = 22;

/// Blocks in which events may lie, from which on nothing is prepared: each takes some milliseconds.
const MOST_BLOCKS: usize = 50_000;

/// A block at its natural zoom, and folded to the zooms above once that was asked for.
#[derive(Debug, Default)]
struct Ready {
    natural: Vec<Patch>,
    levels: OnceLock<Vec<Level>>,
}

/// A pyramid, its scale, and what of it is kept ready.
pub struct Standing {
    pyramid: Pyramid,
    shadings: Shadings,
    /// Its scales and its legend.
    pub drawing: Drawing,
    /// Blocks by their natural zoom and their tile.
    blocks: Cache<(u8, (u32, u32)), Arc<Ready>>,
    /// Tiles above blocks; none where they would take too much.
    tops: Option<HashMap<Tile, Planes>>,
}

impl Standing {
    /// Makes a pyramid ready: its scale is fitted to all of it, and what lies above blocks is put together.
    ///
    /// # Errors
    /// When no event is on the map, the scale does not suit the values, and when it would take too long.
    pub fn of(mut pyramid: Pyramid, (look, fit): (&Look, Fit), progress: &dyn Progress) -> Result<Standing, Error> {
        if let Way::Gaussian(_) = pyramid.way {
            pyramid.ladder.wanted.1 = DEEPEST + 1;
        }
        let blocks = pyramid.ladders().iter().map(|ladder| pyramid.blocks(*ladder).len()).sum::<usize>();
        if blocks > MOST_BLOCKS {
            return Err(Error::limit("bandwidth")
                .found(format!("{} for events this far apart", pyramid.bandwidth))
                .expected(format!("at most {MOST_BLOCKS} blocks of tiles with events, here {blocks}"))
                .advice("give a larger bandwidth, or draw an archive with `torrid tiles` and serve that"));
        }
        let (fitted, kept) = fitted_for_some(&pyramid, fit, progress)?;
        let shadings = Shadings::of(&pyramid, look, &fitted)?;
        let drawing = shadings.told(&pyramid, look);
        let bytes = |_: &(u8, (u32, u32)), ready: &Arc<Ready>| {
            let cells: usize = ready.natural.iter().map(|patch| patch.planes.frame().len()).sum();
            // Folded, it takes a third more.
            (cells * 16 / 3).try_into().unwrap_or(u32::MAX)
        };
        let cache = Cache::builder().weigher(bytes).max_capacity(2 * KEPT_BYTES as u64);
        let cache = cache.eviction_policy(EvictionPolicy::lru()).build();
        let tops = tops(&pyramid, &kept)?;
        for (place, natural) in kept.into_blocks() {
            cache.insert(place, Arc::new(Ready { natural, ..Ready::default() }));
        }
        Ok(Standing { pyramid, shadings, drawing, blocks: cache, tops })
    }

    /// What the values are.
    pub fn quantity(&self) -> &Quantity {
        &self.pyramid.quantity
    }

    /// What was drawn from, and how.
    pub fn pyramid(&self) -> &Pyramid {
        &self.pyramid
    }

    /// The greatest zoom whose tiles, and those of fine screens, show more than the zoom above would enlarged.
    pub fn greatest(&self) -> u8 {
        let Ladder { natural, wanted, .. } = self.pyramid.ladder;
        match self.pyramid.way {
            Way::Gaussian(_) => (natural + 1).min(wanted.1.saturating_sub(1)),
            Way::Bins | Way::Pixels(_) => wanted.1.saturating_sub(1),
        }
    }

    /// What becomes of the tile of a zoom, of 256 cells or for fine screens of 512; none where nothing is there.
    ///
    /// # Errors
    /// When a zoom is beyond those there are, and what computing and `then` meet.
    pub fn tile<T>(
        &self,
        (tile, fine): (Tile, bool),
        then: impl FnOnce(&Computed<'_>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let Some(values) = self.values(tile, fine)? else { return Ok(None) };
        then(&Computed::new(&values, self.shadings.of_zoom(tile.zoom()))).map(Some)
    }

    /// The values of a tile as they are shown; none where nothing is there.
    fn values(&self, tile: Tile, fine: bool) -> Result<Option<Grid<f32>>, Error> {
        let (greatest, more) = (*self.pyramid.zooms().end(), u8::from(fine));
        if tile.zoom() + more > greatest {
            let greatest = greatest.saturating_sub(more);
            return Err(Error::caller("zoom")
                .found(tile.zoom().to_string())
                .expected(format!("a zoom from 0 to {greatest}"))
                .advice("viewers enlarge the tiles of the deepest zoom by themselves"));
        }
        let planes = if fine { self.four(tile)? } else { self.planes(tile)? };
        Ok(planes.filter(Planes::hold_something).map(|planes| self.pyramid.shown(planes)))
    }

    /// The tiles of the zoom below a tile, as one.
    fn four(&self, tile: Tile) -> Result<Option<Planes>, Error> {
        let of_tile = |tile: Tile| self.planes(tile);
        let children = tile.children().into_iter().flatten().map(of_tile).collect::<Result<Vec<_>, Error>>()?;
        let (x, y) = (i64::from(tile.x()) * 512, i64::from(tile.y()) * 512);
        let frame = Frame::on_lattice(tile.zoom() + 1, x, y, 512, 512)?;
        let mut all = None;
        for child in children.into_iter().flatten() {
            all.get_or_insert_with(|| Planes::nothing(frame, self.pyramid.keeping())).put(&child);
        }
        Ok(all)
    }

    fn planes(&self, tile: Tile) -> Result<Option<Planes>, Error> {
        let (pyramid, zoom) = (&self.pyramid, tile.zoom());
        if !pyramid.meets(tile) {
            return Ok(None);
        }
        let ladder = if let Way::Pixels(_) = pyramid.way { pyramid.ladder.of_zoom(zoom) } else { pyramid.ladder };
        let Some(below) = zoom.checked_sub(ladder.block) else { return self.top(tile) };
        let ready = self.ready(ladder, Block { zoom: ladder.block, tile: (tile.x() >> below, tile.y() >> below) })?;
        if zoom > ladder.natural {
            return pyramid.below(ladder, tile, &ready.natural);
        }
        let level = &self.levels(ladder, &ready)?[usize::from(ladder.natural - zoom)];
        Ok(level.over(ladder.frame(zoom, (tile.x(), tile.y()), 1)?))
    }

    fn top(&self, tile: Tile) -> Result<Option<Planes>, Error> {
        match &self.tops {
            Some(tops) => Ok(tops.get(&tile).cloned()),
            None => self.pyramid.planes_over(tile.zoom(), tile.frame()?).map(Some),
        }
    }

    /// A block, which one thread computes where several ask for it.
    fn ready(&self, ladder: Ladder, block: Block) -> Result<Arc<Ready>, Error> {
        let compute = || {
            let natural = self.pyramid.natural(ladder, block)?;
            Ok(Arc::new(Ready { natural, ..Ready::default() }))
        };
        self.blocks.try_get_with((ladder.natural, block.tile), compute).map_err(|error: Arc<Error>| (*error).clone())
    }

    fn levels<'a>(&self, ladder: Ladder, ready: &'a Ready) -> Result<&'a [Level], Error> {
        if let Some(levels) = ready.levels.get() {
            return Ok(levels);
        }
        let levels = self.pyramid.levels(ladder, &ready.natural, ladder.block)?;
        Ok(ready.levels.get_or_init(|| levels))
    }

    /// The values of a tile of so many cells along each side where there is nothing: 0, or NaN where that would be a value.
    ///
    /// # Errors
    /// Never for the sides that tiles have.
    pub fn nothing(&self, side: u32) -> Result<Grid<f32>, Error> {
        let frame = Frame::on_lattice(2, 0, 0, side, side)?;
        Ok(Grid::new(frame, vec![self.absent(); frame.len()]))
    }

    /// The value where there is nothing.
    fn absent(&self) -> f32 {
        if self.pyramid.quantity.zero_is_nothing() { 0.0 } else { f32::NAN }
    }

    /// The value that a tile of a zoom shows at a place, which is NaN where there is no data.
    ///
    /// # Errors
    /// When the place is not on the map or the zoom is beyond those there are.
    pub fn value_at(&self, place: World, zoom: u8) -> Result<f32, Error> {
        let tile = Tile::at(place, zoom)?.ok_or_else(|| {
            Error::caller("lat")
                .found("a latitude beyond Web Mercator")
                .expected("85.0511° south to 85.0511° north")
                .advice("draw the poles with `torrid render`")
        })?;
        let Some(values) = self.values(tile, false)? else { return Ok(self.absent()) };
        let (col, row) = values.frame().place(place.x, place.y).cell;
        Ok(values.get(col as u32, row as u32))
    }

    /// How many events the value at a place is made of: those that its kernel reaches, or of plain bins those in the cell of
    /// the zoom.
    ///
    /// # Errors
    /// When the cells of the events cannot be read.
    pub fn events_at(&self, place: World, zoom: u8) -> Result<u64, Error> {
        let cell = 1.0 / (256.0 * f64::from(zoom).exp2());
        match self.pyramid.way {
            Way::Gaussian(sigma) => {
                let near = self.pyramid.way.around(&Extent::of_place(place), zoom);
                let here = Point::from(place.coordinates(Space::Earth));
                let within =
                    |at: World| Haversine.distance(here, Point::from(at.coordinates(Space::Earth))) <= REACH * sigma;
                self.pyramid.stock(self.pyramid.ladder.natural).events_where(&near, within)
            }
            Way::Pixels(sigma) => {
                let near = self.pyramid.way.around(&Extent::of_place(place), zoom);
                let across = |from: f64, to: f64| (from - to) - (from - to).round();
                let within = |at: World| across(at.x, place.x).hypot(at.y - place.y) <= REACH * sigma * cell;
                self.pyramid.stock(zoom).events_where(&near, within)
            }
            Way::Bins => {
                let of = |at: f64| (at / cell).floor();
                let within = |at: World| of(at.x) == of(place.x) && of(at.y) == of(place.y);
                self.pyramid.stock(self.pyramid.ladder.natural).events_where(&Extent::of_place(place), within)
            }
        }
    }
}

/// The tiles of a pyramid above its blocks, unless they take too much.
fn tops(pyramid: &Pyramid, kept: &Kept) -> Result<Option<HashMap<Tile, Planes>>, Error> {
    // Of a bandwidth in pixels each zoom stands on blocks of its own.
    let [ladder] = pyramid.ladders()[..] else { return Ok(Some(HashMap::new())) };
    let (mut all, mut bytes) = (HashMap::new(), 0);
    let mut keep = |tile: Tile, planes: Planes| {
        bytes += size_of_val(planes.weight.values()) * (1 + usize::from(planes.product.is_some()));
        if bytes <= TOP_BYTES {
            all.insert(tile, planes);
        }
        Ok(())
    };
    let mut summit = Summit::new(ladder, pyramid.keeping());
    let work = |_: Block, natural: &[Patch]| pyramid.levels(ladder, natural, 0);
    pyramid.visit(ladder, (&pyramid.blocks(ladder), kept), &|_| (), work, |block, _, levels| {
        levels.last().map_or(Ok(()), |top| summit.put(block.tile, top, &mut keep))
    })?;
    summit.finish(&mut keep)?;
    Ok((bytes <= TOP_BYTES).then_some(all))
}
