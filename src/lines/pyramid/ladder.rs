//! Which zooms a pyramid has, which of them is computed from the events, and how tiles, blocks and cells lie in each other.

use std::collections::{BTreeSet, HashSet};
use std::f64::consts::TAU;

use crate::bandwidth::{Bandwidth, Breadth, Length};
use crate::cells::{FINEST, quadkey};
use crate::error::Error;
use crate::estimate::smoothing::natural_zoom;
use crate::estimate::{REACH, Smoothing};
use crate::frame::{Extent, Frame};
use crate::lines::pyramid::patches::Patch;
use crate::lines::pyramid::planes::{Level, Planes, over};
use crate::source::CellsFile;
use crate::tile::{MAX_ZOOM, Tile};
use crate::world::{EARTH_RADIUS_M, latitude};

/// How many zooms a block is above the natural one: it is 8 tiles of 256 cells wide.
const BLOCK_ZOOMS: u8 = 3;

/// The greatest standard deviation, in cells at the equator, at which tiles are still worth storing: a viewer can enlarge
/// smoother ones by itself.
const SMOOTH_ENOUGH: f64 = 12.0;

/// Cells across the events at the deepest zoom of plain bins, where it is not given.
const BINS_ACROSS: f64 = 4096.0;

/// The deepest zoom that is chosen for plain bins.
const DEEPEST_BINS: u8 = 16;

/// The zooms and the size of the tiles of a pyramid.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Zooms {
    /// The least zoom.
    pub least: u8,
    /// The greatest zoom; chosen from the bandwidth or the spread of the events where absent.
    pub greatest: Option<u8>,
    /// Whether tiles have 512 instead of 256 cells along each side.
    pub large: bool,
}

/// How the natural zoom is computed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Way {
    /// Plain bins.
    Bins,
    /// A Gaussian with a standard deviation of so many metres.
    Gaussian(f64),
    /// A Gaussian with a standard deviation of so many cells, whatever the zoom: each is computed by itself.
    Pixels(f64),
}

/// The bandwidths in pixels that look the same wherever an event lies in its pixel, and that blocks are large beside.
const PIXELS: std::ops::RangeInclusive<f64> = 0.5..=256.0;

impl Way {
    /// The way for a bandwidth.
    ///
    /// # Errors
    /// When it is not the same at every zoom.
    pub fn of(bandwidth: Bandwidth) -> Result<Way, Error> {
        match bandwidth {
            Bandwidth::None => Ok(Way::Bins),
            Bandwidth::Fixed(Length::Metres(metres)) => Ok(Way::Gaussian(metres)),
            Bandwidth::Fixed(Length::Pixels(pixels)) if PIXELS.contains(&pixels) => Ok(Way::Pixels(pixels)),
            Bandwidth::Fixed(Length::Pixels(_)) => Err(Error::caller("--bandwidth")
                .found(format!("`{bandwidth}`"))
                .expected(format!("{} to {} pixels of tiles", PIXELS.start(), PIXELS.end()))
                .advice(
                    "narrower events fall between pixels: none shows plain bins; wider ones are metres on the ground",
                )),
            bandwidth => Err(Error::caller("--bandwidth")
                .found(format!("`{bandwidth}`"))
                .expected("a length on the ground or in pixels for all events, a rule, or none for plain bins")
                .advice("write it like 250m, 2km or 8px")),
        }
    }

    /// The extent of events with a margin for their kernels, at cells of this level.
    pub fn around(self, events: &Extent, level: u8) -> Extent {
        let reach = |y: f64| match self {
            Way::Bins => 0.0,
            Way::Gaussian(metres) => REACH * metres / latitude(y).to_radians().cos() / (TAU * EARTH_RADIUS_M),
            Way::Pixels(pixels) => REACH * pixels / (256.0 * f64::from(level).exp2()),
        };
        if self == Way::Bins {
            // The east and the south edge belong to it too.
            return Extent { east: events.east.next_up(), south: events.south.next_up(), ..*events };
        }
        let (north, south) = (reach(events.north), reach(events.south));
        let most = north.max(south);
        let wide = events.width() + 2.0 * most >= 1.0;
        let (west, east) = if wide { (0.0, 1.0) } else { (events.west - most, events.east + most) };
        Extent { west, east, north: (events.north - north).max(0.0), south: (events.south + south).min(1.0) }
    }

    /// How this way is computed over a frame.
    ///
    /// # Errors
    /// When the margin makes the grid larger than a frame may be.
    pub fn over(self, frame: Frame) -> Result<Smoothing, Error> {
        match self {
            Way::Bins => Smoothing::new(frame, None),
            Way::Gaussian(metres) => Smoothing::over_larger(frame, Breadth::Ground(metres), 1),
            Way::Pixels(pixels) => Smoothing::new(frame, Some(Breadth::Cells(pixels, pixels))),
        }
    }

    /// The cells from which events reach a frame, as large as its own.
    ///
    /// # Errors
    /// As for [`Way::over`].
    pub fn reach(self, frame: Frame) -> Result<Frame, Error> {
        let gather = self.over(frame)?.gather;
        let larger = (frame.cells_per_unit().0 / gather.cells_per_unit().0).round() as u32;
        Ok(gather.refine(larger))
    }

    /// The least standard deviation, in cells of a level: where it is metres, that on the equator.
    fn sigma(self, level: u8) -> Option<f64> {
        match self {
            Way::Bins => None,
            Way::Gaussian(metres) => Some(metres * 256.0 * f64::from(level).exp2() / (TAU * EARTH_RADIUS_M)),
            Way::Pixels(pixels) => Some(pixels),
        }
    }

    /// The zoom of the largest cells that a Gaussian of metres is smoothed on; none for what is computed at any.
    fn natural(self) -> Result<Option<u8>, Error> {
        let Way::Gaussian(metres) = self else { return Ok(None) };
        let found = natural_zoom(metres).ok_or_else(|| {
            Error::caller("--bandwidth")
                .found(format!("{metres}m"))
                .expected("a bandwidth that is some cells wide at zoom 24, from 5cm on")
                .advice("give a larger --bandwidth, or none for plain bins")
        })?;
        Ok(Some(found))
    }

    /// The deepest zoom of cells worth storing.
    fn deepest(self, natural: Option<u8>, events: &Extent) -> u8 {
        if let (Way::Gaussian(metres), Some(natural)) = (self, natural) {
            let cells = metres * 256.0 * f64::from(natural).exp2() / (TAU * EARTH_RADIUS_M);
            return natural + u8::from(2.0 * cells <= SMOOTH_ENOUGH);
        }
        let across = events.width().max(events.height()).max(f64::MIN_POSITIVE);
        (BINS_ACROSS / 256.0 / across).log2().ceil().clamp(0.0, f64::from(DEEPEST_BINS)) as u8
    }
}

/// A square of tiles that is computed together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// The zoom at which it is one tile.
    pub zoom: u8,
    /// The column and the row of that tile.
    pub tile: (u32, u32),
}

impl Block {
    /// The tiles of a zoom below that lie in it.
    pub fn tiles(&self, zoom: u8) -> Vec<Tile> {
        let tiles = 1 << (zoom - self.zoom);
        square(zoom, (self.tile.0 * tiles, self.tile.1 * tiles), tiles)
    }
}

/// The zooms of a pyramid and the cells of its tiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ladder {
    /// The zoom whose tiles are computed from the events.
    pub natural: u8,
    /// The zoom at which a block is one tile.
    pub block: u8,
    /// The least and the greatest zoom that are wanted.
    pub wanted: (u8, u8),
    /// Cells along each side of a tile: 256 or 512.
    pub side: u32,
    /// The zoom, of tiles of 256, of the cells that events are kept in.
    pub cells: u8,
}

/// Events are kept in cells at most this share of the standard deviation wide, at whose mean places their kernels are: what
/// that does to one kernel is at most a quarter of its square, 2.4e-4 of the peak: as much as smoothing may be off.
const CELL: f64 = 1.0 / 32.0;

/// Cells that are a larger share of the standard deviation are not drawn.
const LARGEST_CELL: f64 = 0.5;

impl Ladder {
    /// The ladder for events of this extent.
    ///
    /// # Errors
    /// When the zooms, or the bandwidth, are not ones that a pyramid can have.
    pub fn new(way: Way, events: &Extent, zooms: Zooms) -> Result<Ladder, Error> {
        let (side, deeper) = if zooms.large { (512, 1) } else { (256, 0) };
        let of_cells = way.natural()?;
        let greatest =
            zooms.greatest.unwrap_or_else(|| way.deepest(of_cells, events).saturating_sub(deeper).max(zooms.least));
        let deepest = MAX_ZOOM - deeper;
        if greatest > deepest || zooms.least > greatest {
            return Err(Error::caller("--maxzoom")
                .found(format!("zooms {} to {greatest}", zooms.least))
                .expected(format!("a least zoom that is not above the greatest, and that up to {deepest}"))
                .advice("give --minzoom and --maxzoom"));
        }
        let natural = of_cells.map_or(greatest, |zoom| zoom.saturating_sub(deeper));
        let block = natural.saturating_sub(BLOCK_ZOOMS - deeper);
        let level = natural + deeper;
        let cells = way.sigma(level).map_or(level, |sigma| level + (1.0 / (CELL * sigma)).log2().ceil().max(0.0) as u8);
        Ok(Ladder { natural, block, wanted: (zooms.least, greatest), side, cells: cells.min(FINEST) })
    }

    /// The ladder where events are already in cells, perhaps larger ones.
    ///
    /// # Errors
    /// When those are too large for what is wanted.
    pub fn drawn_from(self, way: Way, files: Option<&[CellsFile]>) -> Result<Ladder, Error> {
        let Some(least) = files.into_iter().flatten().min_by_key(|file| file.provenance.zoom) else { return Ok(self) };
        let ladder = Ladder { cells: self.cells.min(least.provenance.zoom), ..self };
        let able = match way.sigma(self.natural + self.deeper()) {
            None => ladder.cells == self.cells,
            Some(sigma) => ladder.cell_width() <= LARGEST_CELL * sigma,
        };
        if able {
            return Ok(ladder);
        }
        Err(Error::input(least.name())
            .found(format!("cells of zoom {}", least.provenance.zoom))
            .expected(format!("cells of zoom {} or deeper for tiles up to zoom {}", self.cells, self.wanted.1))
            .advice("give a larger --bandwidth or a smaller --maxzoom, or make the cells again with a deeper --zoom"))
    }

    /// How wide the cells are that events are kept in, in cells of the natural zoom.
    pub fn cell_width(self) -> f64 {
        f64::from(i32::from(self.natural + self.deeper()) - i32::from(self.cells)).exp2()
    }

    /// How far it may put off the kernel of one event, as a share of its peak, that events are at the mean place of a cell:
    /// a quarter of the square of the cell's width in standard deviations.
    fn displaced(self, way: Way) -> f64 {
        let share = way.sigma(self.natural + self.deeper()).map_or(0.0, |sigma| self.cell_width() / sigma);
        share * share / 4.0
    }

    /// The ladder of one zoom alone, which is computed from cells as much deeper.
    #[must_use]
    pub fn of_zoom(self, zoom: u8) -> Ladder {
        let block = zoom.saturating_sub(BLOCK_ZOOMS - self.deeper());
        let cells = self.cells.saturating_sub(self.natural - zoom);
        Ladder { natural: zoom, block, wanted: (zoom, zoom), cells, ..self }
    }

    /// The ladders that the zooms stand on: one for all, or for a bandwidth in pixels one for each.
    pub fn each(self, way: Way) -> Vec<Ladder> {
        match way {
            Way::Pixels(_) => (self.wanted.0..=self.wanted.1).map(|zoom| self.of_zoom(zoom)).collect(),
            Way::Bins | Way::Gaussian(_) => vec![self],
        }
    }

    /// How far a block looks beyond its cells: interpolation between them needs two more.
    pub fn beyond(self) -> u32 {
        if self.wanted.1 > self.natural { 2 } else { 0 }
    }

    /// How an estimate over an extent is made, in words, and how far that of one event may be off, as a share of its peak.
    ///
    /// # Errors
    /// Never for extents on the map.
    pub fn method(self, way: Way, extent: &Extent) -> Result<(&'static str, f64), Error> {
        let level = self.natural + self.deeper();
        let Way::Gaussian(metres) = way else {
            let smoothing = way.over(Frame::on_lattice(level, 0, 0, 1, 1)?)?;
            return Ok((smoothing.method(), smoothing.error() + self.displaced(way)));
        };
        let cells = f64::from(level).exp2() * 256.0;
        let factor = if self.wanted.1 > self.natural { 2 } else { 1 };
        // Cells are coarsest for the kernel where they are nearest to the equator, and the Earth is roundest at the ends.
        let middle = 0.5f64.clamp(extent.north, extent.south);
        let mut worst = ("", 0.0);
        for y in [extent.north, middle, extent.south] {
            let row = ((y * cells) as i64).clamp(0, cells as i64 - 1);
            let frame = Frame::on_lattice(level, 0, row, 1, 1)?.refine(factor);
            let smoothing = Smoothing::over_larger(frame, Breadth::Ground(metres), factor)?;
            worst = (smoothing.method(), (smoothing.error() + self.displaced(way)).max(worst.1));
        }
        Ok(worst)
    }

    /// The cells of a rectangle of tiles.
    ///
    /// # Errors
    /// When they are more than a frame may have.
    pub fn frame(self, zoom: u8, (x, y): (u32, u32), tiles: u32) -> Result<Frame, Error> {
        let cell = |tile: u32| i64::from(tile) * i64::from(self.side);
        Frame::on_lattice(zoom + self.deeper(), cell(x), cell(y), tiles * self.side, tiles * self.side)
    }

    /// How many zooms deeper than its tile a lattice is of whose cells a tile has so many.
    pub fn deeper(self) -> u8 {
        u8::from(self.side == 512)
    }

    /// The cells of a block at its natural zoom.
    ///
    /// # Errors
    /// Never for a block of this ladder.
    pub fn block_frame(self, block: Block) -> Result<Frame, Error> {
        let tiles = 1u32 << (self.natural - block.zoom);
        self.frame(self.natural, (block.tile.0 * tiles, block.tile.1 * tiles), tiles)
    }

    /// A block at its natural zoom, and folded to the zoom where it is one tile, or to a zoom below that.
    pub fn levels(self, natural: Level, to: u8) -> Vec<Level> {
        let mut levels = vec![natural];
        for _ in self.block.max(to)..self.natural {
            levels.push(levels[levels.len() - 1].folded());
        }
        levels
    }

    /// The tiles of a level in which there may be something, and their cells.
    pub fn tiles(self, level: &Level) -> Vec<(Tile, Frame)> {
        let side = i64::from(self.side);
        let mut all = BTreeSet::new();
        for frame in level.patches.iter().map(Planes::frame) {
            let (left, top) = frame.first();
            let tiles = |from: i64, cells: u32| from.div_euclid(side)..=(from + i64::from(cells) - 1).div_euclid(side);
            let rows = tiles(top, frame.height());
            all.extend(rows.flat_map(|y| tiles(left, frame.width()).map(move |x| (y as u32, x as u32))));
        }
        let tile = |(y, x)| Tile::new(level.zoom, x, y).expect("a tile of a block of the zoom");
        all.into_iter().map(|place| (tile(place), self.cells(tile(place)))).collect()
    }

    fn cells(self, tile: Tile) -> Frame {
        self.frame(tile.zoom(), (tile.x(), tile.y()), 1).expect("the cells of a tile are few")
    }

    /// A tile of a zoom below the natural one, from the block that it lies in and two cells around it; none where there is
    /// nothing.
    pub fn interpolated(self, tile: Tile, natural: &[Patch]) -> Option<Planes> {
        let (frame, factor) = (self.cells(tile), 1u32 << (tile.zoom() - self.natural));
        let near = over(natural.iter().map(|patch| &patch.planes), frame.coarsen(factor).grow(2))?;
        near.hold_something().then(|| near.interpolated(&frame, factor))
    }
}

/// These tiles of a zoom and those beside them, so that each comes after those of the same parent before it: in the order
/// of their quadkeys.
pub fn beside(zoom: u8, tiles: impl Iterator<Item = (u32, u32)>) -> Vec<(u32, u32)> {
    let side = 1i64 << zoom;
    let tiles: HashSet<(u32, u32)> = tiles.collect();
    let around = |(x, y): (u32, u32)| {
        let near =
            (-1..=1).flat_map(move |down| (-1..=1).map(move |right| (i64::from(x) + right, i64::from(y) + down)));
        near.filter(move |(_, y)| (0..side).contains(y)).map(move |(x, y)| (x.rem_euclid(side) as u32, y as u32))
    };
    let all: HashSet<(u32, u32)> = tiles.into_iter().flat_map(around).collect();
    let mut all: Vec<(u32, u32)> = all.into_iter().collect();
    all.sort_unstable_by_key(|(x, y)| quadkey(*x, *y));
    all
}

/// Whether a tile has something in common with an extent, in any copy of the world.
pub fn meet(zoom: u8, (x, y): (u32, u32), extent: &Extent) -> bool {
    let side = f64::from(zoom).exp2();
    let (west, north) = (f64::from(x) / side, f64::from(y) / side);
    let across = |copy: f64| west + copy < extent.east && west + copy + 1.0 / side > extent.west;
    [-1.0, 0.0, 1.0].into_iter().any(across) && north < extent.south && north + 1.0 / side > extent.north
}

/// The tiles of a square of them.
fn square(zoom: u8, (left, top): (u32, u32), tiles: u32) -> Vec<Tile> {
    let tile = |i| Tile::new(zoom, left + i % tiles, top + i / tiles).expect("a tile of a block of the zoom");
    (0..tiles * tiles).map(tile).collect()
}
