//! The cells at whose borders lines are cut: those of a frame, continued around the Earth.

use crate::error::Error;
use crate::events::Space;
use crate::frame::Frame;
use crate::world::{World, wrapped};

/// The most cells around the Earth: those of zoom 23, 2 cm wide.
const MOST: f64 = 2_147_483_648.0;

/// Cells without end from north to south, and from a meridian around the Earth back to it. Where a whole number of
/// cells goes around the Earth, as on the lattice of a zoom, that meridian is like any other.
///
/// ```
/// use torrid::Frame;
/// use torrid::trace::Lattice;
/// let lattice = Lattice::of(&Frame::on_lattice(0, 0, 0, 256, 256)?)?;
/// let (lng, lat) = lattice.centre(lattice.key((128, 127)));
/// assert!((lng - 0.703).abs() < 0.001 && (lat - 0.703).abs() < 0.001);
/// # Ok::<(), torrid::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lattice {
    origin: World,
    /// Cells per World unit.
    density: (f64, f64),
    /// World x of the meridian where cells begin.
    west: f64,
    /// The column that begins there, and the row in which Web Mercator begins.
    first: (i64, i64),
    /// Columns around the Earth and rows of Web Mercator, the last of each perhaps cut.
    size: (i64, i64),
}

impl Lattice {
    /// The cells of a frame.
    ///
    /// # Errors
    /// When the frame is not on the Earth, or more than 2^31 of its cells go around it.
    pub fn of(frame: &Frame) -> Result<Lattice, Error> {
        let density = frame.cells_per_unit();
        if frame.space() != Space::Earth {
            return Err(Error::caller("tracks")
                .found("a picture of a flat space")
                .expected("one of the Earth")
                .advice("leave out --flat: tracks are longitudes and latitudes"));
        }
        if density.0 > MOST || density.1 > MOST {
            return Err(Error::limit("tracks")
                .found(format!("{:.0} cells around the Earth", density.0.max(density.1)))
                .expected("at most 2147483648, which are 2 cm wide at the equator")
                .advice("give larger cells: a lower zoom, fewer pixels or a larger --cell"));
        }
        let origin = frame.corner(-frame.first().0, -frame.first().1);
        let west = frame.extent().west;
        let first = (((west - origin.x) * density.0).floor() as i64, (-origin.y * density.1).floor() as i64);
        let last = (((1.0 - origin.y) * density.1).ceil()) as i64;
        let size = (density.0.ceil() as i64, last - first.1);
        Ok(Lattice { origin, density, west, first, size })
    }

    /// World x in the turn around the Earth that begins where the cells do.
    #[inline(always)]
    pub fn unwrapped(&self, x: f64) -> f64 {
        let begin = wrapped(self.west);
        let turn = if x < begin { 1.0 } else { 0.0 };
        x + (self.west - begin) + turn
    }

    /// World x of the meridian where cells begin.
    pub fn west(&self) -> f64 {
        self.west
    }

    /// World positions in cells from the origin, unrounded.
    #[inline(always)]
    pub fn across(&self, x: f64) -> f64 {
        (x - self.origin.x) * self.density.0
    }

    /// The same from north to south.
    #[inline(always)]
    pub fn down(&self, y: f64) -> f64 {
        (y - self.origin.y) * self.density.1
    }

    /// The World position of what lies so many cells from the origin.
    #[inline(always)]
    pub fn world(&self, (across, down): (f64, f64)) -> World {
        World { x: self.origin.x + across / self.density.0, y: self.origin.y + down / self.density.1 }
    }

    /// Cells per World unit, horizontally and vertically.
    pub fn density(&self) -> (f64, f64) {
        self.density
    }

    /// How far from the borders of its cell an event has to stay, in cells, to be in it still when it was degrees and
    /// is projected again: beyond the rounding of World positions, some 1e-15, and what latitudes are off, 1e-9 cells.
    pub fn rim(&self) -> f64 {
        2e-9 + 4e-15 * self.density.0.max(self.density.1)
    }

    /// A cell as one number. All that lies beyond Web Mercator is one row north and one south.
    pub fn key(&self, (col, row): (i64, i64)) -> u64 {
        let whole = self.size.0 as f64 == self.density.0;
        let col = col - self.first.0;
        let col = if whole { col.rem_euclid(self.size.0) } else { col.clamp(0, self.size.0) };
        let row = (row - self.first.1 + 1).clamp(0, self.size.1 + 1);
        row as u64 * (self.size.0 as u64 + 1) + col as u64
    }

    /// Longitude and latitude of the middle of a cell, in degrees.
    pub fn centre(&self, key: u64) -> (f64, f64) {
        let cols = self.size.0 as u64 + 1;
        let (col, row) = ((key % cols) as i64 + self.first.0, (key / cols) as i64 - 1 + self.first.1);
        let middle = self.world((col as f64 + 0.5, row as f64 + 0.5));
        World { x: wrapped(middle.x), y: middle.y }.coordinates(Space::Earth)
    }
}
