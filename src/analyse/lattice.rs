//! The values of a grid between the centres of its cells: a lattice with a value at each centre, linear along the lines
//! between them, that reaches to the edges of the frame and is cut at the antimeridian.
//!
//! ```text
//!   +--+-----+-----+--+   edge of the frame: the value of the nearest centre
//!   +--o-----o-----o--+   o  centre of a cell
//!   |  |     |     |  |
//!   +--o-----o-----o--+   a patch is what four crossings enclose; one without a value at a corner is not there
//!   +--+-----+-----+--+
//! ```

use std::ops::Range;

use rayon::prelude::*;

use crate::events::Space;
use crate::findings::Position;
use crate::frame::Frame;
use crate::grid::Grid;
use crate::world::World;

/// A line of the lattice and where its values come from.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Line {
    /// Distance in cells from the west or north edge of the frame.
    at: f64,
    /// Two columns or rows of cells, and the share of the second.
    between: (u32, u32),
    share: f64,
}

impl Line {
    fn through(cell: u32, at: f64) -> Line {
        Line { at, between: (cell, cell), share: 0.0 }
    }
}

/// The lattice over a grid.
#[derive(Debug, Clone)]
pub(super) struct Lattice<'a> {
    grid: &'a Grid<f32>,
    cols: Vec<Line>,
    rows: Vec<Line>,
    /// Whether every cell has data.
    pub(super) complete: bool,
    /// The columns of patches on one side of each antimeridian, west to east.
    pub(super) sheets: Vec<Range<usize>>,
}

impl<'a> Lattice<'a> {
    pub(super) fn new(grid: &'a Grid<f32>) -> Lattice<'a> {
        let frame = grid.frame();
        let (mut cols, rows) = (lines(frame.width()), lines(frame.height()));
        let seams = seams(frame);
        for seam in &seams {
            let after = cols.partition_point(|line| line.at < *seam);
            if cols[after].at > *seam {
                let (left, right) = (cols[after - 1], cols[after]);
                let share = (seam - left.at) / (right.at - left.at);
                cols.insert(after, Line { at: *seam, between: (left.between.0, right.between.0), share });
            }
        }
        if round_the_world(frame) {
            // The two edges are one meridian, half-way between the last column and the first.
            let last = cols.len() - 1;
            for end in [0, last] {
                cols[end] = Line { at: cols[end].at, between: (frame.width() - 1, 0), share: 0.5 };
            }
        }
        let cuts = seams.iter().map(|seam| cols.partition_point(|line| line.at < *seam));
        let ends: Vec<usize> = [0].into_iter().chain(cuts).chain([cols.len() - 1]).collect();
        let sheets = ends.windows(2).map(|pair| pair[0]..pair[1]).collect();
        Lattice { grid, cols, rows, complete: grid.values().par_iter().all(|value| !value.is_nan()), sheets }
    }

    /// Rows of patches.
    pub(super) fn height(&self) -> usize {
        self.rows.len() - 1
    }

    /// Vertical lines of the lattice.
    pub(super) fn across(&self) -> usize {
        self.cols.len()
    }

    /// The value at a crossing; NaN where there is no data.
    pub(super) fn value(&self, col: usize, row: usize) -> f64 {
        let (col, row) = (self.cols[col], self.rows[row].between.0);
        let left = f64::from(self.grid.get(col.between.0, row));
        if col.share == 0.0 {
            return left;
        }
        left + col.share * (f64::from(self.grid.get(col.between.1, row)) - left)
    }

    /// Where a crossing is, in cells from the north-west corner of the frame.
    pub(super) fn at(&self, col: usize, row: usize) -> [f64; 2] {
        [self.cols[col].at, self.rows[row].at]
    }

    /// The patch that holds a point given in cells from the north-west corner of the frame, inside of it.
    pub(super) fn patch_at(&self, [x, y]: [f64; 2]) -> (usize, usize) {
        let holds = |lines: &[Line], at: f64| lines.partition_point(|line| line.at <= at).clamp(1, lines.len() - 1) - 1;
        (holds(&self.cols, x), holds(&self.rows, y))
    }

    /// The coordinates of a point of a sheet given in cells; longitudes are in -180..=180.
    pub(super) fn position(&self, sheet: &Range<usize>, [x, y]: [f64; 2]) -> Position {
        let frame = self.grid.frame();
        let world = world_at(frame, [x, y]);
        let middle = f64::midpoint(self.cols[sheet.start].at, self.cols[sheet.end].at);
        let copy = if frame.space() == Space::Earth { world_at(frame, [middle, 0.0]).x.floor() } else { 0.0 };
        let (x, y) = World { x: world.x - copy, ..world }.coordinates(frame.space());
        [x, y]
    }
}

/// The World position of a point given in cells from the north-west corner of a frame.
pub(super) fn world_at(frame: &Frame, [x, y]: [f64; 2]) -> World {
    let corner = frame.corner(0, 0);
    let (across, down) = frame.cell();
    World { x: x.mul_add(across, corner.x), y: y.mul_add(down, corner.y) }
}

/// How small a difference of coordinates still means something: a millionth of a cell.
pub fn grain(frame: &Frame) -> f64 {
    let (across, _) = frame.cell();
    1e-6 * if frame.space() == Space::Earth { across * 360.0 } else { across }
}

/// A line at each edge and one through each centre.
fn lines(cells: u32) -> Vec<Line> {
    let centres = (0..cells).map(|cell| Line::through(cell, f64::from(cell) + 0.5));
    let last = Line::through(cells - 1, f64::from(cells));
    [Line::through(0, 0.0)].into_iter().chain(centres).chain([last]).collect()
}

/// Where the antimeridian crosses a frame, in cells from its west edge.
fn seams(frame: &Frame) -> Vec<f64> {
    if frame.space() != Space::Earth {
        return Vec::new();
    }
    let (extent, per_unit) = (frame.extent(), frame.cells_per_unit().0);
    let copies = (extent.west.floor() as i64 + 1)..=(extent.east.ceil() as i64 - 1);
    let seams = copies.map(|copy| (copy as f64 - extent.west) * per_unit);
    // Nearer to an edge than a millionth of a cell, the edge itself is meant.
    seams.filter(|seam| *seam > 1e-6 && *seam < f64::from(frame.width()) - 1e-6).collect()
}

/// Whether the east edge of a frame is its west edge.
pub(super) fn round_the_world(frame: &Frame) -> bool {
    frame.space() == Space::Earth && (frame.extent().width() - 1.0).abs() < 1e-9 && frame.width() > 1
}
