//! Where the picture is and how many cells it has. The only edge rule of torrid lives here: west and north
//! edges belong to a cell, east and south edges do not.

use crate::error::Error;
use crate::events::Space;
use crate::world::{EARTH_RADIUS_M, World, latitude};

/// The most cells a frame may have: 2^28, a gigabyte of `f32`.
pub const MAX_CELLS: u64 = 1 << 28;

/// A rectangle in World units; `west <= east` and `north <= south`. On the Earth it may reach beyond 0..1
/// horizontally, which is how it crosses the antimeridian.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extent {
    /// Left edge.
    pub west: f64,
    /// Upper edge.
    pub north: f64,
    /// Right edge.
    pub east: f64,
    /// Lower edge.
    pub south: f64,
}

impl Extent {
    /// The whole Web Mercator square.
    pub const EARTH: Extent = Extent { west: 0.0, north: 0.0, east: 1.0, south: 1.0 };

    /// The extent of one place.
    pub fn of_place(World { x, y }: World) -> Extent {
        Extent { west: x, north: y, east: x, south: y }
    }

    /// The extent between two corners given in coordinates of the space: west, south, east, north in degrees
    /// on the Earth (west > east crosses the antimeridian), the smaller and the larger coordinates in a flat space.
    pub fn of_bounds(space: Space, bounds: [f64; 4]) -> Extent {
        let a = World::of(space, bounds[0], bounds[1]);
        let b = World::of(space, bounds[2], bounds[3]);
        let (mut west, mut east) = (a.x, b.x);
        if space == Space::Earth {
            (west, east) = (bounds[0] / 360.0 + 0.5, bounds[2] / 360.0 + 0.5);
            if west > east {
                east += 1.0;
            }
        }
        Extent { west, east, north: a.y.min(b.y), south: a.y.max(b.y) }
    }

    /// West, south, east and north in degrees on the Earth; the smaller and the larger coordinates in a flat
    /// space. East exceeds 180 where the extent crosses the antimeridian.
    pub fn bounds(&self, space: Space) -> [f64; 4] {
        let (west, north) = World { x: self.west, y: self.north }.coordinates(space);
        let (east, south) = World { x: self.east, y: self.south }.coordinates(space);
        [west, north.min(south), east, north.max(south)]
    }

    /// The least extent that holds both.
    #[must_use]
    pub fn cover(&self, other: &Extent) -> Extent {
        Extent {
            west: self.west.min(other.west),
            east: self.east.max(other.east),
            north: self.north.min(other.north),
            south: self.south.max(other.south),
        }
    }

    /// What lies in both; none where they are apart.
    pub fn common(&self, other: &Extent) -> Option<Extent> {
        let (west, east) = (self.west.max(other.west), self.east.min(other.east));
        let (north, south) = (self.north.max(other.north), self.south.min(other.south));
        (west <= east && north <= south).then_some(Extent { west, north, east, south })
    }

    /// East minus west.
    pub fn width(&self) -> f64 {
        self.east - self.west
    }

    /// South minus north.
    pub fn height(&self) -> f64 {
        self.south - self.north
    }
}

/// Where a position is among the cells of a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Column and row from the north-west corner, whole numbers; outside the frame too.
    pub cell: (f64, f64),
    /// Right and down from the north-west corner of the cell, each 0..1.
    pub inside: (f64, f64),
}

/// A grid of cells over an extent. Row 0 is the northernmost.
///
/// ```
/// use torrid::frame::{Extent, Frame};
/// use torrid::{Space, World};
/// let frame = Frame::new(Space::PAGE, Extent { west: 0.0, north: 0.0, east: 4.0, south: 2.0 }, 4, 2)?;
/// assert_eq!(frame.cell_at(World { x: 1.0, y: 0.5 }), Some((1, 0)));
/// assert_eq!(frame.cell_at(World { x: 4.0, y: 0.5 }), None, "the east edge is outside");
/// # Ok::<(), torrid::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    space: Space,
    /// World position of the corner from which global cells are counted.
    origin: World,
    /// Cells per World unit, horizontally and vertically.
    density: (f64, f64),
    /// Global cell of the north-west corner.
    first: (i64, i64),
    width: u32,
    height: u32,
}

impl Frame {
    /// `width` times `height` cells over an extent.
    ///
    /// # Errors
    /// When the extent or the size is empty, not finite, or has more than [`MAX_CELLS`] cells, and on the Earth
    /// when it is wider than the world.
    pub fn new(space: Space, extent: Extent, width: u32, height: u32) -> Result<Frame, Error> {
        check_size(u64::from(width), u64::from(height))?;
        let (w, h) = (extent.width(), extent.height());
        if !(w > 0.0 && h > 0.0 && w.is_finite() && h.is_finite()) {
            let [west, south, east, north] = extent.bounds(space);
            return Err(Error::caller("--bounds")
                .found(format!("an extent from {west}, {south} to {east}, {north}"))
                .expected("an extent with a width and a height")
                .advice("give --bounds W,S,E,N with S < N and W different from E"));
        }
        if space == Space::Earth && w > 1.0 + 1e-9 {
            return Err(Error::caller("--bounds")
                .found(format!("an extent {} degrees wide", w * 360.0))
                .expected("at most 360 degrees")
                .advice("give --bounds with longitudes between -180 and 180; W > E crosses the antimeridian"));
        }
        Ok(Frame {
            space,
            origin: World { x: extent.west, y: extent.north },
            density: (f64::from(width) / w, f64::from(height) / h),
            first: (0, 0),
            width,
            height,
        })
    }

    /// A frame on the global lattice of a zoom, where the world is `256 * 2^zoom` cells wide: `col` and `row`
    /// are the global cell of its north-west corner.
    ///
    /// # Errors
    /// When the size is zero or has more than [`MAX_CELLS`] cells, or the zoom is beyond 24.
    pub fn on_lattice(zoom: u8, col: i64, row: i64, width: u32, height: u32) -> Result<Frame, Error> {
        if zoom > 24 {
            return Err(Error::caller("--zoom").found(zoom.to_string()).expected("a zoom from 0 to 24"));
        }
        check_size(u64::from(width), u64::from(height))?;
        let cells = f64::from(1u32 << (zoom + 7)) * 2.0;
        let origin = World { x: 0.0, y: 0.0 };
        Ok(Frame { space: Space::Earth, origin, density: (cells, cells), first: (col, row), width, height })
    }

    /// The same cells with `cells` more on every side: the margin that smoothing needs.
    pub fn grow(&self, cells: u32) -> Frame {
        self.grow_by(cells, cells)
    }

    /// The same cells with `cols` more on the left and right and `rows` more above and below.
    pub fn grow_by(&self, cols: u32, rows: u32) -> Frame {
        let first = (self.first.0 - i64::from(cols), self.first.1 - i64::from(rows));
        Frame { first, width: self.width + 2 * cols, height: self.height + 2 * rows, ..*self }
    }

    /// [`Frame::grow_by`], for margins that may be huge.
    ///
    /// # Errors
    /// When the grown frame would have more than [`MAX_CELLS`] cells.
    pub fn grow_checked(&self, cols: u32, rows: u32) -> Result<Frame, Error> {
        let grown = |side: u32, margin: u32| u64::from(side) + 2 * u64::from(margin);
        let (width, height) = (grown(self.width, cols), grown(self.height, rows));
        if width * height > MAX_CELLS {
            return Err(Error::limit("--bandwidth")
                .found(format!(
                    "a kernel that reaches {cols} cells beyond a picture of {} x {}",
                    self.width, self.height
                ))
                .expected(format!("at most {} million cells, margin included", MAX_CELLS / 1_000_000))
                .advice("give a smaller --bandwidth or larger --bounds"));
        }
        Ok(self.grow_by(cols, rows))
    }

    /// Cells `factor` times as wide and high, on the same lattice, that cover this frame.
    pub fn coarsen(&self, factor: u32) -> Frame {
        let factor = i64::from(factor);
        let first = (self.first.0.div_euclid(factor), self.first.1.div_euclid(factor));
        let last = (self.first.0 + i64::from(self.width) - 1, self.first.1 + i64::from(self.height) - 1);
        let (width, height) = (last.0.div_euclid(factor) - first.0 + 1, last.1.div_euclid(factor) - first.1 + 1);
        let density = (self.density.0 / factor as f64, self.density.1 / factor as f64);
        Frame { density, first, width: width as u32, height: height as u32, ..*self }
    }

    /// The cells of this frame, each cut into `factor` by `factor`.
    #[must_use]
    pub fn refine(&self, factor: u32) -> Frame {
        let times = |cell: i64| cell * i64::from(factor);
        let density = (self.density.0 * f64::from(factor), self.density.1 * f64::from(factor));
        let (width, height) = (self.width * factor, self.height * factor);
        Frame { density, first: (times(self.first.0), times(self.first.1)), width, height, ..*self }
    }

    /// The same, unless that would be more cells than a frame may have.
    pub fn refine_checked(&self, factor: u32) -> Option<Frame> {
        (self.len() as u64 * u64::from(factor).pow(2) <= MAX_CELLS).then(|| self.refine(factor))
    }

    /// The least frame that holds the cells of two frames on one lattice.
    #[must_use]
    pub fn cover(&self, other: &Frame) -> Frame {
        let first = (self.first.0.min(other.first.0), self.first.1.min(other.first.1));
        let end = |frame: &Frame| (frame.first.0 + i64::from(frame.width), frame.first.1 + i64::from(frame.height));
        let ((a, b), (c, d)) = (end(self), end(other));
        Frame { first, width: (a.max(c) - first.0) as u32, height: (b.max(d) - first.1) as u32, ..*self }
    }

    /// The cells that two frames on one lattice have in common.
    pub fn common(&self, other: &Frame) -> Option<Frame> {
        let first = (self.first.0.max(other.first.0), self.first.1.max(other.first.1));
        let end = |frame: &Frame| (frame.first.0 + i64::from(frame.width), frame.first.1 + i64::from(frame.height));
        let ((a, b), (c, d)) = (end(self), end(other));
        let (width, height) = (a.min(c) - first.0, b.min(d) - first.1);
        (width > 0 && height > 0).then_some(Frame { first, width: width as u32, height: height as u32, ..*self })
    }

    /// Columns and rows from the north-west corner of another frame on the lattice, which holds this one.
    pub fn offset_in(&self, other: &Frame) -> (usize, usize) {
        ((self.first.0 - other.first.0) as usize, (self.first.1 - other.first.1) as usize)
    }

    /// Another frame on the lattice: so many columns and rows from the north-west corner of this one, and of that size.
    #[must_use]
    pub fn moved(&self, (cols, rows): (i64, i64), (width, height): (u32, u32)) -> Frame {
        Frame { first: (self.first.0 + cols, self.first.1 + rows), width, height, ..*self }
    }

    /// The space of the frame.
    pub fn space(&self) -> Space {
        self.space
    }

    /// Cells from west to east.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Cells from north to south.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Number of cells.
    pub fn len(&self) -> usize {
        self.width as usize * self.height as usize
    }

    /// Whether there is no cell; never so for a frame that was made.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Width and height of a cell in World units.
    pub fn cell(&self) -> (f64, f64) {
        (1.0 / self.density.0, 1.0 / self.density.1)
    }

    /// Cells per World unit, horizontally and vertically.
    pub fn cells_per_unit(&self) -> (f64, f64) {
        self.density
    }

    /// The column and row, counted from the north-west corner of the frame, that hold a position, before it is
    /// asked whether the frame reaches so far; on the Earth, of the copy of the world that the position names.
    pub fn locate(&self, world: World) -> (i64, i64) {
        let (col, row) = self.place(world.x, world.y).cell;
        (col as i64, row as i64)
    }

    /// Where a position is among the cells. The only place where a position becomes a cell: global cells are found
    /// first and the corner is subtracted then, which is exact, so that neighbouring frames agree.
    #[inline(always)]
    pub fn place(&self, x: f64, y: f64) -> Place {
        let across = (x - self.origin.x) * self.density.0;
        let down = (y - self.origin.y) * self.density.1;
        let (col, row) = (across.floor(), down.floor());
        Place { cell: (col - self.first.0 as f64, row - self.first.1 as f64), inside: (across - col, down - row) }
    }

    /// The global cell of the north-west corner, from which [`Frame::place`] is counted.
    pub fn first(&self) -> (i64, i64) {
        self.first
    }

    /// The cell that holds a position, as column and row; `None` outside the frame. On the Earth the position is
    /// looked for in every copy of the world, the westernmost first.
    pub fn cell_at(&self, world: World) -> Option<(u32, u32)> {
        self.copies().find_map(|copy| {
            let (col, row) = self.locate(World { x: world.x + copy, y: world.y });
            let inside = (0..i64::from(self.width)).contains(&col) && (0..i64::from(self.height)).contains(&row);
            inside.then_some((col as u32, row as u32))
        })
    }

    /// What to add to a World x in 0..1 to visit every copy of the world that the frame can show: just 0 in a
    /// flat space and for frames inside the world.
    pub fn copies(&self) -> impl Iterator<Item = f64> + Clone + use<> {
        let extent = self.extent();
        let earth = self.space == Space::Earth;
        let first = if earth { extent.west.floor() as i64 } else { 0 };
        let last = if earth { extent.east.ceil() as i64 - 1 } else { 0 };
        (first..=last.max(first)).map(|copy| copy as f64)
    }

    /// The extent the cells cover.
    pub fn extent(&self) -> Extent {
        let corner = |col: i64, row: i64| {
            (self.origin.x + col as f64 / self.density.0, self.origin.y + row as f64 / self.density.1)
        };
        let (west, north) = corner(self.first.0, self.first.1);
        let (east, south) = corner(self.first.0 + i64::from(self.width), self.first.1 + i64::from(self.height));
        Extent { west, north, east, south }
    }

    /// The World position of the centre of a cell; columns and rows may lie outside the frame.
    pub fn centre(&self, col: i64, row: i64) -> World {
        World {
            x: self.origin.x + ((self.first.0 + col) as f64 + 0.5) / self.density.0,
            y: self.origin.y + ((self.first.1 + row) as f64 + 0.5) / self.density.1,
        }
    }

    /// The World position of the north-west corner of a cell; columns and rows may lie outside the frame.
    pub fn corner(&self, col: i64, row: i64) -> World {
        World {
            x: self.origin.x + (self.first.0 + col) as f64 / self.density.0,
            y: self.origin.y + (self.first.1 + row) as f64 / self.density.1,
        }
    }

    /// Latitude in radians of the centres of a row; only on the Earth.
    pub fn row_latitude(&self, row: i64) -> f64 {
        latitude(self.centre(0, row).y).to_radians()
    }

    /// Area on the ground of each cell of a row, in km² on the Earth, in square units of a flat space.
    pub fn cell_area(&self, row: i64) -> f64 {
        let (w, h) = self.cell();
        if self.space != Space::Earth {
            return w * h;
        }
        let middle = self.centre(0, row).y;
        let sine = |y: f64| (std::f64::consts::PI * (1.0 - 2.0 * y)).tanh();
        let radius_km = EARTH_RADIUS_M / 1000.0;
        radius_km * radius_km * w * std::f64::consts::TAU * (sine(middle - h / 2.0) - sine(middle + h / 2.0))
    }
}

fn check_size(width: u64, height: u64) -> Result<(), Error> {
    if width == 0 || height == 0 {
        return Err(Error::caller("--size")
            .found(format!("{width}x{height}"))
            .expected("at least 1x1")
            .advice("give --size WIDTHxHEIGHT in pixels"));
    }
    if width > MAX_CELLS || height > MAX_CELLS || width * height > MAX_CELLS {
        return Err(Error::limit("--size")
            .found(format!("{width}x{height}, {:.0} million cells", width as f64 * height as f64 / 1e6))
            .expected(format!("at most {} million cells", MAX_CELLS / 1_000_000))
            .advice("give a smaller --size, a larger --cell, or smaller --bounds"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(width: u32, height: u32) -> Frame {
        let extent = Extent { west: 0.0, north: 0.0, east: f64::from(width), south: f64::from(height) };
        Frame::new(Space::PAGE, extent, width, height).expect("a good frame")
    }

    #[test]
    fn west_and_north_belong_to_a_cell_and_east_and_south_do_not() {
        let frame = page(4, 3);
        assert_eq!(frame.cell_at(World { x: 0.0, y: 0.0 }), Some((0, 0)));
        assert_eq!(frame.cell_at(World { x: 1.0, y: 1.0 }), Some((1, 1)));
        assert_eq!(frame.cell_at(World { x: 4.0, y: 1.0 }), None);
        assert_eq!(frame.cell_at(World { x: 1.0, y: 3.0 }), None);
        assert_eq!(frame.cell_at(World { x: -1e-9, y: 1.0 }), None);
    }

    #[test]
    fn a_grown_frame_keeps_its_cells() {
        let frame = page(4, 3);
        let grown = frame.grow(2);
        assert_eq!((grown.width(), grown.height()), (8, 7));
        assert_eq!(grown.cell_at(World { x: 1.5, y: 1.5 }), Some((3, 3)));
        assert_eq!(grown.centre(3, 3), frame.centre(1, 1));
    }

    #[test]
    fn a_frame_across_the_antimeridian_finds_both_sides() {
        let extent = Extent::of_bounds(Space::Earth, [176.0, -10.0, -176.0, 10.0]);
        let frame = Frame::new(Space::Earth, extent, 8, 20).expect("a good frame");
        let at = |lng: f64| frame.cell_at(World::of(Space::Earth, lng, 0.5)).map(|(col, _)| col);
        assert_eq!(at(176.5), Some(0));
        assert_eq!(at(179.5), Some(3));
        assert_eq!(at(-179.5), Some(4));
        assert_eq!(at(180.0), Some(4));
        assert_eq!(at(-176.5), Some(7));
        assert_eq!(at(0.0), None);
    }

    #[test]
    fn neighbouring_lattice_frames_share_no_cell_and_leave_none_out() {
        let west = Frame::on_lattice(3, 256, 512, 256, 256).expect("a tile");
        let east = Frame::on_lattice(3, 512, 512, 256, 256).expect("its neighbour");
        for i in 0..10_000 {
            let world = World { x: 0.2 + f64::from(i) * 1e-5, y: 0.3 };
            let cells = [west.cell_at(world), east.cell_at(world)];
            assert_eq!(cells.iter().flatten().count(), usize::from(world.x >= 0.125 && world.x < 0.375), "{world:?}");
        }
    }

    #[test]
    fn the_cells_of_the_world_cover_the_sphere_up_to_where_mercator_ends() {
        let frame = Frame::new(Space::Earth, Extent::EARTH, 16, 1024).expect("the world");
        let sum: f64 = (0..1024).map(|row| 16.0 * frame.cell_area(row)).sum();
        let radius = EARTH_RADIUS_M / 1000.0;
        let band = 4.0 * std::f64::consts::PI * radius * radius * crate::world::MAX_LATITUDE.to_radians().sin();
        assert!((sum / band - 1.0).abs() < 1e-12, "{sum} {band}");
    }

    #[test]
    fn impossible_frames_are_refused() {
        let good = Extent { west: 0.0, north: 0.0, east: 1.0, south: 1.0 };
        assert!(Frame::new(Space::PAGE, Extent { east: 0.0, ..good }, 4, 4).is_err(), "no width");
        assert!(Frame::new(Space::PAGE, Extent { east: f64::NAN, ..good }, 4, 4).is_err(), "not a number");
        assert!(Frame::new(Space::PAGE, good, 0, 4).is_err(), "no cells");
        assert!(Frame::new(Space::PAGE, good, 1 << 20, 1 << 20).is_err(), "too many");
        assert!(Frame::new(Space::Earth, Extent { east: 1.5, ..good }, 4, 4).is_err(), "wider than the world");
    }
}
