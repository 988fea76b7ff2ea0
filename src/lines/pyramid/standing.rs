//! A pyramid that stands ready: any of its tiles, and the value at any place, at the time that they are asked for. They are
//! the tiles that [`draw`](super::draw) would draw.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use geo::{Distance, Haversine, Point};
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use crate::error::Error;
use crate::estimate::REACH;
use crate::events::Space;
use crate::frame::{Extent, Frame};
use crate::grid::Grid;
use crate::lines::Progress;
use crate::lines::picture::Look;
use crate::lines::pyramid::Pyramid;
use crate::lines::pyramid::draw::{Computed, Drawing, Shadings};
use crate::lines::pyramid::editions::Editions;
use crate::lines::pyramid::fits::{Fit, KEPT_BYTES, Kept, fitted_for_some};
use crate::lines::pyramid::grown::Grown;
use crate::lines::pyramid::ladder::{Block, Ladder, Way};
use crate::lines::pyramid::patches::Patch;
use crate::lines::pyramid::planes::{Level, Planes};
use crate::lines::pyramid::summit::Summit;
use crate::lines::pyramid::touched::with_above;
use crate::tile::Tile;
use crate::world::World;

/// Bytes of tiles above blocks that are kept; those beyond are put together when they are asked for, which takes longer.
const TOP_BYTES: u64 = 128 << 20;

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

/// A block by its natural zoom, its tile, and the edition of that.
type Place = (u8, (u32, u32), u64);

/// A pyramid, its scale, and what of it is kept ready.
pub struct Standing {
    pyramid: Pyramid,
    editions: Editions,
    shadings: Arc<Shadings>,
    /// Its scales and its legend.
    pub drawing: Arc<Drawing>,
    fitted_to: u64,
    blocks: Cache<Place, Arc<Ready>>,
    /// Tiles above blocks, by their edition.
    tops: Cache<(Tile, u64), Arc<Planes>>,
    /// Blocks that may hold something, and the tiles above them.
    peopled: Arc<HashSet<Tile>>,
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
        let ladders = pyramid.ladders();
        let all: Vec<_> = ladders.iter().map(|ladder| (ladder.block, pyramid.blocks(*ladder))).collect();
        let blocks = all.iter().map(|(_, blocks)| blocks.len()).sum::<usize>();
        if blocks > MOST_BLOCKS {
            return Err(Error::limit("bandwidth")
                .found(format!("{} for events this far apart", pyramid.bandwidth))
                .expected(format!("at most {MOST_BLOCKS} blocks of tiles with events, here {blocks}"))
                .advice("give a larger bandwidth, or draw an archive with `torrid tiles` and serve that"));
        }
        let (fitted, kept) = fitted_for_some(&pyramid, fit, progress)?;
        let shadings = Shadings::of(&pyramid, look, &fitted)?;
        let drawing = Arc::new(shadings.told(&pyramid, look));
        let bytes = |_: &Place, ready: &Arc<Ready>| {
            let cells: usize = ready.natural.iter().map(|patch| patch.planes.frame().len()).sum();
            // Folded, it takes a third more.
            (cells * 16 / 3).try_into().unwrap_or(u32::MAX)
        };
        let blocks = Cache::builder().weigher(bytes).max_capacity(2 * KEPT_BYTES as u64);
        let bytes = |_: &(Tile, u64), planes: &Arc<Planes>| planes.bytes().try_into().unwrap_or(u32::MAX);
        let tops = Cache::builder().weigher(bytes).max_capacity(TOP_BYTES);
        let (editions, fitted_to) = (Editions::new(&pyramid), pyramid.events());
        let (blocks, tops) =
            (blocks.eviction_policy(EvictionPolicy::lru()), tops.eviction_policy(EvictionPolicy::lru()));
        let (shadings, blocks, tops) = (Arc::new(shadings), blocks.build(), tops.build());
        put_tops(&pyramid, &kept, &tops)?;
        for ((natural, tile), patches) in kept.into_blocks() {
            blocks.insert((natural, tile, 0), Arc::new(Ready { natural: patches, ..Ready::default() }));
        }
        let peopled = Arc::new(with_above(HashSet::new(), tiles(&all)));
        Ok(Standing { pyramid, editions, shadings, drawing, fitted_to, blocks, tops, peopled })
    }

    /// The same with more events: in the colours of before, and with all that did not change.
    #[must_use]
    pub fn with(&self, grown: Grown) -> Standing {
        let editions = self.editions.with(&grown.touched);
        let mut changed = Vec::new();
        for ladder in grown.pyramid.ladders() {
            for tile in grown.touched.iter().filter(|tile| tile.zoom() == ladder.block) {
                // Nobody asks for the edition of before any more.
                self.blocks.invalidate(&(ladder.natural, (tile.x(), tile.y()), self.editions.of(*tile)));
                changed.push(*tile);
            }
        }
        let known = changed.iter().all(|tile| self.peopled.contains(tile));
        let peopled = if known { self.peopled.clone() } else { Arc::new(with_above((*self.peopled).clone(), changed)) };
        Standing {
            pyramid: grown.pyramid,
            editions,
            shadings: self.shadings.clone(),
            drawing: self.drawing.clone(),
            fitted_to: self.fitted_to,
            blocks: self.blocks.clone(),
            tops: self.tops.clone(),
            peopled,
        }
    }

    /// How many events the scale was fitted to.
    pub fn fitted_to(&self) -> u64 {
        self.fitted_to
    }

    /// The edition of a tile: another number whenever events came that may have changed it.
    pub fn edition(&self, tile: Tile) -> u64 {
        self.editions.of(tile)
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
        if self.peopled.contains(&tile) { self.kept_top(tile).map(|planes| Some((*planes).clone())) } else { Ok(None) }
    }

    /// A tile above blocks: what its four children hold, folded, as [`Summit`] puts it together.
    fn kept_top(&self, tile: Tile) -> Result<Arc<Planes>, Error> {
        let place = (tile, self.editions.of(tile));
        if let Some(planes) = self.tops.get(&place) {
            return Ok(planes);
        }
        let ladder = self.pyramid.ladder;
        let mut whole = Planes::nothing(ladder.frame(tile.zoom(), (tile.x(), tile.y()), 1)?, self.pyramid.keeping());
        for child in tile.children().into_iter().flatten().filter(|child| self.peopled.contains(child)) {
            self.level_of(ladder, child)?.folded().patches.iter().for_each(|patch| whole.put(patch));
        }
        let whole = Arc::new(whole);
        self.tops.insert(place, whole.clone());
        Ok(whole)
    }

    /// What a tile holds that is a block or lies above blocks.
    fn level_of(&self, ladder: Ladder, tile: Tile) -> Result<Level, Error> {
        if tile.zoom() < ladder.block {
            return Ok(Level { zoom: tile.zoom(), patches: vec![(*self.kept_top(tile)?).clone()] });
        }
        let ready = self.ready(ladder, Block { zoom: ladder.block, tile: (tile.x(), tile.y()) })?;
        let levels = self.levels(ladder, &ready)?;
        Ok(levels.last().expect("at least the natural zoom").clone())
    }

    /// A block, which one thread computes where several ask for it.
    fn ready(&self, ladder: Ladder, block: Block) -> Result<Arc<Ready>, Error> {
        let compute = || {
            let natural = self.pyramid.natural(ladder, block)?;
            Ok(Arc::new(Ready { natural, ..Ready::default() }))
        };
        let edition = self.editions.of(Tile::new(block.zoom, block.tile.0, block.tile.1)?);
        self.blocks
            .try_get_with((ladder.natural, block.tile, edition), compute)
            .map_err(|error: Arc<Error>| (*error).clone())
    }

    fn levels<'a>(&self, ladder: Ladder, ready: &'a Ready) -> Result<&'a [Level], Error> {
        if let Some(levels) = ready.levels.get() {
            return Ok(levels);
        }
        let levels = self.pyramid.levels(ladder, &ready.natural, ladder.block)?;
        Ok(ready.levels.get_or_init(|| levels))
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
        let Some(values) = self.values(tile, false)? else { return Ok(self.pyramid.quantity.absent()) };
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

/// Blocks as tiles, by their zoom.
fn tiles(blocks: &[(u8, Vec<(u32, u32)>)]) -> Vec<Tile> {
    let of_zoom = |(zoom, blocks): &(u8, Vec<(u32, u32)>)| {
        let zoom = *zoom;
        blocks.iter().filter_map(move |(x, y)| Tile::new(zoom, *x, *y).ok()).collect::<Vec<_>>()
    };
    blocks.iter().flat_map(of_zoom).collect()
}

/// Keeps the tiles of a pyramid above its blocks.
fn put_tops(pyramid: &Pyramid, kept: &Kept, tops: &Cache<(Tile, u64), Arc<Planes>>) -> Result<(), Error> {
    // Of a bandwidth in pixels each zoom stands on blocks of its own.
    let [ladder] = pyramid.ladders()[..] else { return Ok(()) };
    let mut keep = |tile: Tile, planes: Planes| {
        tops.insert((tile, 0), Arc::new(planes));
        Ok(())
    };
    let mut summit = Summit::new(ladder, pyramid.keeping());
    let work = |_: Block, natural: &[Patch]| pyramid.levels(ladder, natural, 0);
    pyramid.visit(ladder, (&pyramid.blocks(ladder), kept), &|_| (), work, |block, _, levels| {
        levels.last().map_or(Ok(()), |top| summit.put(block.tile, top, &mut keep))
    })?;
    summit.finish(&mut keep)
}
