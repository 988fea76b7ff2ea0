//! The greatest sum of doubts within a bandwidth of a place: the bound of the error of an estimate from moment cells.
//!
//! The doubts are moved to the middles of coarse cells, and added up around the middles of coarse cells, in discs that are
//! larger than the kernel by as much as that may have moved both. What comes out is too great, never too small.

use std::f64::consts::SQRT_2;

use rayon::prelude::*;

use crate::bandwidth::Breadth;
use crate::estimate::exact::{Exact, Gain, Point, Points};
use crate::estimate::moments::{FINENESS, Moments};
use crate::frame::Frame;
use crate::grid::Grid;
use crate::kernel::Kernel;
use crate::world::mercator_y;

/// The width of a coarse cell in bandwidths, unless the cells of the frame are wider: for a close look, and for a glance.
const CLOSE: f64 = 0.05;
const GLANCE: f64 = 0.25;

/// Discs are this much too large, for rounding.
const SPARE: f64 = 0.005;

/// Doubts in coarse cells.
pub struct Doubts<'a> {
    way: &'a Moments,
    /// How many cells of the frame are as wide as a coarse one.
    factor: u32,
    /// Over the frame and its margin.
    sums: Grid<f64>,
}

impl Doubts<'_> {
    /// The doubts of the points, for a close look.
    pub fn new<'a>(way: &'a Moments, points: &Points) -> Doubts<'a> {
        let factor = (CLOSE * way.least.0.min(way.least.1)).floor().max(1.0) as u32;
        let whole = way.grown.coarsen(factor);
        let (first, width) = (way.frame.first(), i64::from(whole.width()));
        let cell = |point: &Point| {
            let down = if let Breadth::Ground(_) = way.breadth { row(&way.frame, point.y) } else { point.y };
            let of = |place: f64, first: i64| ((place + first as f64) / f64::from(factor)).floor() as i64;
            let col = (of(point.x, first.0) - whole.first().0).clamp(0, width - 1);
            let row = (of(down, first.1) - whole.first().1).clamp(0, i64::from(whole.height()) - 1);
            (row * width + col) as usize
        };
        let cells: Vec<usize> = points.sorted().par_iter().map(cell).collect();
        let mut sums = vec![0.0; whole.len()];
        for (cell, point) in cells.into_iter().zip(points.sorted()) {
            sums[cell] += point.product;
        }
        Doubts { way, factor, sums: Grid::new(whole, sums) }
    }

    /// The same in larger cells, for a glance.
    pub fn glance(&self) -> Self {
        let least = self.way.least.0.min(self.way.least.1);
        let times = (GLANCE * least / f64::from(self.factor)).floor().max(1.0) as u32;
        let (fine, factor) = (self.sums.frame(), self.factor * times);
        let whole = self.way.grown.coarsen(factor);
        let mut sums = vec![0.0; whole.len()];
        for row in 0..fine.height() {
            let of = |cell: u32, fine: i64, whole: i64| (fine + i64::from(cell)).div_euclid(i64::from(times)) - whole;
            let start = of(row, fine.first().1, whole.first().1) as usize * whole.width() as usize;
            for (col, doubt) in (0..).zip(self.sums.row(row)) {
                sums[start + of(col, fine.first().0, whole.first().0) as usize] += doubt;
            }
        }
        Doubts { way: self.way, factor, sums: Grid::new(whole, sums) }
    }

    /// The greatest sum within a bandwidth of the centre of a cell of the frame, in the unit of the estimate.
    pub fn greatest(&self) -> f64 {
        let (way, factor) = (self.way, i64::from(self.factor));
        let coarse = way.frame.coarsen(self.factor);
        let disc = Exact::new(coarse, Kernel::Uniform, self.breadth());
        let sums = disc.estimate(&disc.points().with(self.points(&coarse), (0, 0)), Gain::Product);
        let top = way.frame.first().1.rem_euclid(factor);
        let last = i64::from(way.frame.height()) - 1;
        let of_row = |row: u32| {
            let most = sums.row(row).iter().fold(0.0f32, |most, v| most.max(*v));
            // The peak grows towards a pole: it is greatest in the first or the last row.
            let rows = [0, factor - 1].map(|i| i64::from(row) * factor - top + i);
            let peaks = rows.map(|row| way.exact.peak(row.clamp(0, last) as usize));
            f64::from(most) / disc.peak(row as usize) * peaks[0].max(peaks[1])
        };
        (0..coarse.height()).map(of_row).fold(0.0, f64::max)
    }

    /// The radius of the discs: an event may be as far from its centroid as two corners of a moment cell are apart, and a
    /// centroid or the centre of a cell as far from the middle of its coarse cell as a corner.
    fn breadth(&self) -> Breadth {
        let (way, half) = (self.way, f64::from(self.factor) / 2.0);
        let corner = (half / way.least.0).hypot(half / way.least.1);
        let moved = if self.factor == 1 { corner } else { 2.0 * corner };
        let breadth = match way.breadth {
            Breadth::Cells(x, y) => Breadth::Cells(x / f64::from(self.factor), y / f64::from(self.factor)),
            ground @ Breadth::Ground(_) => ground,
        };
        breadth.times(1.0 + SQRT_2 / FINENESS + moved + SPARE)
    }

    /// The doubts at the middles of their cells, in the columns and rows of the coarse cells of the frame.
    fn points(&self, coarse: &Frame) -> Vec<Point> {
        let whole = self.sums.frame();
        let (left, top) = (coarse.first().0 - whole.first().0, coarse.first().1 - whole.first().1);
        let of_row = |row: u32| {
            let y = match self.way.breadth {
                Breadth::Cells(..) => (i64::from(row) - top) as f64 + 0.5,
                Breadth::Ground(_) => whole.row_latitude(i64::from(row)),
            };
            let doubts = (0i64..).zip(self.sums.row(row)).filter(|(_, doubt)| **doubt > 0.0);
            let x = move |col: i64| (col - left) as f64 + 0.5;
            doubts.map(move |(col, doubt)| Point { x: x(col), y, shrink: 1.0, weight: 0.0, product: *doubt })
        };
        (0..whole.height()).flat_map(of_row).collect()
    }
}

/// How many rows below the north edge of a frame a latitude in radians lies.
fn row(frame: &Frame, latitude: f64) -> f64 {
    (mercator_y(latitude.to_degrees()) - frame.corner(0, 0).y) * frame.cells_per_unit().1
}
