//! Which zooms a pyramid has, which of them is computed from the events, and how tiles, blocks and cells lie in each other.

use std::f64::consts::TAU;

use crate::bandwidth::{Bandwidth, Breadth, Length};
use crate::error::Error;
use crate::estimate::smoothing::natural_zoom;
use crate::estimate::{REACH, Smoothing, fold, upsample};
use crate::frame::{Extent, Frame};
use crate::grid::Grid;
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
}

impl Way {
    /// The way for a bandwidth.
    ///
    /// # Errors
    /// When it is not the same at every zoom.
    pub fn of(bandwidth: Bandwidth) -> Result<Way, Error> {
        match bandwidth {
            Bandwidth::None => Ok(Way::Bins),
            Bandwidth::Fixed(Length::Metres(metres)) => Ok(Way::Gaussian(metres)),
            bandwidth => Err(Error::caller("--bandwidth")
                .found(format!("`{bandwidth}`"))
                .expected("a length on the ground, which is the same at every zoom, a rule, or none for plain bins")
                .advice("write it like 250m or 2km")),
        }
    }

    /// The extent of events with a margin for their kernels.
    pub fn around(self, events: &Extent) -> Extent {
        // The east and the south edge belong to it too.
        let Way::Gaussian(metres) = self else {
            return Extent { east: events.east.next_up(), south: events.south.next_up(), ..*events };
        };
        let reach = |y: f64| REACH * metres / latitude(y).to_radians().cos() / (TAU * EARTH_RADIUS_M);
        let (north, south) = (reach(events.north), reach(events.south));
        let most = north.max(south);
        let wide = events.width() + 2.0 * most >= 1.0;
        let (west, east) = if wide { (0.0, 1.0) } else { (events.west - most, events.east + most) };
        Extent { west, east, north: (events.north - north).max(0.0), south: (events.south + south).min(1.0) }
    }

    /// The zoom of the largest cells that a Gaussian is smoothed on; none for plain bins, which have any.
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
    /// How cells are folded.
    pub fold: Fold,
}

/// What a cell is of the four that it covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fold {
    /// Their sum.
    Sums,
    /// Their mean.
    Means,
}

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
        let fold = if way == Way::Bins { Fold::Sums } else { Fold::Means };
        let block = natural.saturating_sub(BLOCK_ZOOMS - deeper);
        Ok(Ladder { natural, block, wanted: (zooms.least, greatest), side, fold })
    }

    /// How an estimate over an extent is made, in words, and how far that of one event may be off, as a share of its peak.
    ///
    /// # Errors
    /// Never for extents on the map.
    pub fn method(&self, way: Way, extent: &Extent) -> Result<(&'static str, f64), Error> {
        let Way::Gaussian(metres) = way else { return Ok(("plain bins", 0.0)) };
        let level = self.natural + self.deeper();
        let cells = f64::from(level).exp2() * 256.0;
        let factor = if self.wanted.1 > self.natural { 2 } else { 1 };
        // Cells are coarsest for the kernel where they are nearest to the equator, and the Earth is roundest at the ends.
        let middle = 0.5f64.clamp(extent.north, extent.south);
        let mut worst = ("", 0.0);
        for y in [extent.north, middle, extent.south] {
            let row = ((y * cells) as i64).clamp(0, cells as i64 - 1);
            let frame = Frame::on_lattice(level, 0, row, 1, 1)?.refine(factor);
            let way = Smoothing::over_larger(frame, Breadth::Ground(metres), factor)?;
            worst = (way.method(), way.error().max(worst.1));
        }
        Ok(worst)
    }

    /// The cells of a rectangle of tiles.
    ///
    /// # Errors
    /// When they are more than a frame may have.
    pub fn frame(&self, zoom: u8, (x, y): (u32, u32), tiles: u32) -> Result<Frame, Error> {
        let cell = |tile: u32| i64::from(tile) * i64::from(self.side);
        Frame::on_lattice(zoom + self.deeper(), cell(x), cell(y), tiles * self.side, tiles * self.side)
    }

    /// How many zooms deeper than its tile a lattice is of whose cells a tile has so many.
    pub fn deeper(&self) -> u8 {
        u8::from(self.side == 512)
    }

    /// The cells of a block at its natural zoom.
    ///
    /// # Errors
    /// Never for a block of this ladder.
    pub fn block_frame(&self, block: Block) -> Result<Frame, Error> {
        let tiles = 1u32 << (self.natural - block.zoom);
        self.frame(self.natural, (block.tile.0 * tiles, block.tile.1 * tiles), tiles)
    }

    /// The cells of the zoom above.
    pub fn folded(&self, grid: &Grid<f32>) -> Grid<f32> {
        if self.fold == Fold::Sums { fold::sums(grid) } else { fold::means(grid) }
    }

    /// A block at its natural zoom, and folded down to the zoom where it is one tile.
    pub fn levels(&self, natural: Grid<f32>) -> Vec<(u8, Grid<f32>)> {
        let mut levels = vec![(self.natural, natural)];
        for zoom in (self.block..self.natural).rev() {
            let folded = self.folded(&levels[levels.len() - 1].1);
            levels.push((zoom, folded));
        }
        levels
    }

    /// The tiles that a level of a block is made of, and their cells.
    pub fn tiles(&self, zoom: u8, level: &Grid<f32>) -> Vec<(Tile, Frame)> {
        let (first, tiles) = (level.frame().first(), level.frame().width() / self.side);
        let corner = |cell: i64| (cell / i64::from(self.side)) as u32;
        square(zoom, (corner(first.0), corner(first.1)), tiles)
            .into_iter()
            .map(|tile| (tile, self.cells(tile)))
            .collect()
    }

    fn cells(&self, tile: Tile) -> Frame {
        self.frame(tile.zoom(), (tile.x(), tile.y()), 1).expect("the cells of a tile are few")
    }

    /// A tile of a zoom below the natural one, from the block that it lies in and two cells around it; none where there is
    /// nothing.
    pub fn interpolated(&self, tile: Tile, natural: &Grid<f32>) -> Option<Grid<f32>> {
        let (frame, factor) = (self.cells(tile), 1u32 << (tile.zoom() - self.natural));
        let near = natural.over(frame.coarsen(factor).grow(2), 0.0);
        let something = near.values().iter().any(|value| *value != 0.0);
        something.then(|| upsample::cubic(&near, &frame, factor))
    }
}

/// Whether a tile has something in common with an extent, in any copy of the world.
pub fn meet(zoom: u8, (x, y): (u32, u32), extent: &Extent) -> bool {
    let side = f64::from(zoom).exp2();
    let (west, north) = (f64::from(x) / side, f64::from(y) / side);
    let across = |copy: f64| west + copy < extent.east && west + copy + 1.0 / side > extent.west;
    [-1.0, 0.0, 1.0].into_iter().any(across) && north < extent.south && north + 1.0 / side > extent.north
}

/// Puts a grid into another of its zoom, in each copy of the world that this one shows.
pub fn put_copies(whole: &mut Grid<f32>, grid: &Grid<f32>) {
    let world = grid.frame().cells_per_unit().0 as i64;
    let (width, height) = (grid.frame().width(), grid.frame().height());
    for copy in whole.frame().copies() {
        let moved = grid.frame().moved((copy as i64 * world, 0), (width, height));
        whole.put(&Grid::new(moved, grid.values().to_vec()));
    }
}

/// The tiles of a square of them.
fn square(zoom: u8, (left, top): (u32, u32), tiles: u32) -> Vec<Tile> {
    let tile = |i| Tile::new(zoom, left + i % tiles, top + i / tiles).expect("a tile of a block of the zoom");
    (0..tiles * tiles).map(tile).collect()
}
