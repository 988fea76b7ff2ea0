//! Compact smooth kernels of any number of events, from *moment cells*: small cells, 1/40 of the bandwidth wide, that know
//! how many events they gathered, where these are on average, and how far apart. All events of a cell are then one point at
//! their centroid, and the exact way sums the kernels of those points; its time and memory no longer grow with the events.
//!
//! Because the centroid is kept, what a cell does to the estimate is of second order. Along the way from the centroid `c`
//! to an event `p` the kernel `K`, as a share of its peak, is what its tangent says, give or take its second derivative:
//!
//! ```text
//!   | Σ K(p) - n K(c) |  =  | Σ K(p) - K(c) - K'(c) (p - c) |  ≤  bend / 2 · Σ |p - c|² / h²      (Taylor; Σ (p - c) = 0)
//! ```
//!
//! and nothing where no event of the cell is within a bandwidth. The right side, the *doubt* of a cell, is known from its
//! moments. The doubts within a bandwidth of a place add up to a bound of the error there, and the greatest of these sums
//! beside the greatest value is the bound of the run (doubt.rs). Where events are spread evenly it is 1.6e-3 at most; it is
//! more than 1/512 only where events lie in opposite corners of their cells, or a picture shows the mere foot of its kernels.
//!
//! On the ground the cells are cells of Mercator, in which straight lines are not great circles: they turn away by
//! `tan(latitude) / R`, which adds `slope · h / R · tan(latitude)` to the bend. Along great circles a kernel bends no more than
//! in the plane, since `cot(d / R) / R ≤ 1 / d`.

mod cells;
mod doubt;

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_PI_2};

use rayon::prelude::*;

use crate::bandwidth::Breadth;
use crate::estimate::HALF_LEVEL;
use crate::estimate::exact::{Exact, Point, Points};
use crate::estimate::ground;
use crate::estimate::plan::EXACT_ERROR;
use crate::frame::Frame;
use crate::grid::Grid;
use crate::kernel::Kernel;
use crate::world::{EARTH_RADIUS_M, MAX_LATITUDE, latitude};
pub use cells::MomentCells;
use cells::{Moment, STEPS};
use doubt::Doubts;

/// Moment cells across the least bandwidth.
const FINENESS: f64 = 40.0;

/// The most moment cells: a gigabyte, if there are events in all of them.
const MOST: f64 = (1u64 << 25) as f64;

/// What moment cells are called in reports.
pub const MOMENTS_METHOD: &str = "sum of kernels over moment cells";

/// The greatest slope and the greatest second derivative of a kernel of bandwidth 1 and peak 1, along any straight line;
/// none where the slope jumps, at the rim of a kernel or at its tip.
///
/// For `(1 - r²)²` they are `4 r (1 - r²)` at `r² = 1/3`, and `12 r² - 4` at the rim; for `(1 - r²)³`,
/// `6 r (1 - r²)²` at `r² = 1/5`, and `6 (1 - r²)²` at the tip.
fn slope_and_bend(kernel: Kernel) -> Option<(f64, f64)> {
    match kernel {
        Kernel::Quartic => Some((1.5397, 8.0)),
        Kernel::Triweight => Some((1.7174, 6.0)),
        _ => None,
    }
}

/// A smooth kernel and its bandwidth over the cells of a frame, estimated from moment cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    exact: Exact,
    frame: Frame,
    /// The frame and the margin in which events count.
    grown: Frame,
    breadth: Breadth,
    slope: f64,
    bend: f64,
    /// The bandwidth in cells of the frame, where these are largest on the ground.
    least: (f64, f64),
    /// Columns and rows of moment cells.
    size: (usize, usize),
}

/// What a row of moment cells has in common.
struct Row {
    /// A step inside a moment cell, in bandwidths.
    step: f64,
    /// The greatest second derivative.
    bend: f64,
}

impl Moments {
    /// The estimate over a frame from moment cells.
    ///
    /// # Errors
    /// Why these cannot do it, as the end of a sentence.
    pub fn new(frame: Frame, kernel: Kernel, breadth: Breadth) -> Result<Moments, String> {
        let Some((slope, bend)) = slope_and_bend(kernel) else {
            return Err(format!("the slope of the {kernel} kernel jumps, which cells cannot keep within 1/512"));
        };
        let exact = Exact::new(frame, kernel, breadth);
        let grown = *exact.points().grown();
        let least = match breadth {
            Breadth::Cells(x, y) => (x, y),
            Breadth::Ground(metres) => least_on_the_ground(&grown, metres)?,
        };
        let along = |cells: u32, bandwidth: f64| (f64::from(cells) * FINENESS / bandwidth).ceil().max(1.0);
        let size = (along(grown.width(), least.0), along(grown.height(), least.1));
        if size.0 * size.1 > MOST {
            let (needed, most) = (size.0 * size.1 / 1e6, MOST / 1e6);
            return Err(format!(
                "so small a bandwidth would take {needed:.0} million moment cells, more than {most:.0} million"
            ));
        }
        let size = (size.0 as usize, size.1 as usize);
        Ok(Moments { exact, frame, grown, breadth, slope, bend, least, size })
    }

    /// The exact sum of kernels, for the points of moment cells.
    pub fn exact(&self) -> &Exact {
        &self.exact
    }

    /// Bytes that moment cells take if there are events in all of them.
    pub fn bytes(&self) -> usize {
        self.size.0 * self.size.1 * size_of::<Moment>()
    }

    /// Nothing gathered yet. One for each thread; they merge.
    pub fn cells(&self) -> MomentCells {
        MomentCells::new(self.grown, self.size, (FINENESS / self.least.0, FINENESS / self.least.1))
    }

    /// A point for each moment cell that gathered something: at the centroid of its events, with their number for a weight,
    /// and their doubt in place of a product with readings.
    pub fn points(&self, cells: &MomentCells) -> Points {
        let rows: Vec<Row> = (0..self.size.1).map(|row| self.row(row)).collect();
        let point = |(moment, col, row): (&Moment, usize, usize)| self.point(moment, (col, row), &rows[row]);
        let points = (0..cells.patches()).into_par_iter().flat_map_iter(|patch| cells.occupied(patch).map(point));
        self.exact.points().with(points.collect(), (cells.reached(), cells.beyond_mercator()))
    }

    fn row(&self, row: usize) -> Row {
        let step = 1.0 / (FINENESS * STEPS);
        let Breadth::Ground(metres) = self.breadth else { return Row { step, bend: self.bend } };
        let side = self.least.1 / FINENESS;
        let (nearest, farthest) = latitudes(&self.grown, (row as f64 * side, (row + 1) as f64 * side));
        let (least, _) = latitudes(&self.grown, (0.0, f64::from(self.grown.height())));
        let turning = self.slope * metres / EARTH_RADIUS_M * farthest.tan();
        Row { step: step * nearest.cos() / least.cos(), bend: self.bend + turning }
    }

    fn point(&self, moment: &Moment, (col, row): (usize, usize), of_row: &Row) -> Point {
        let events = moment.events as f64;
        // The middle of a step stands for all of it.
        let inside = |sum: i64| (sum as f64 / events + 0.5) / STEPS + 0.5;
        let right = (col as f64 + inside(moment.right)) * self.least.0 / FINENESS;
        let down = (row as f64 + inside(moment.down)) * self.least.1 / FINENESS;
        let (cols, rows) = (self.grown.width() - self.frame.width(), self.grown.height() - self.frame.height());
        let y = match self.breadth {
            Breadth::Cells(..) => down - f64::from(rows / 2),
            Breadth::Ground(_) => latitude_at(&self.grown, down),
        };
        let rounding = FRAC_1_SQRT_2 * self.slope * of_row.step * events;
        let doubt = of_row.bend / 2.0 * moment.spread() * of_row.step.powi(2) + rounding;
        Point { x: right - f64::from(cols / 2), y, shrink: 1.0, weight: events, product: doubt }
    }

    /// How far the estimate that was made of the points may be from the true sum, as a share of the greatest value.
    pub fn error(&self, points: &Points, estimate: &Grid<f32>) -> f64 {
        if points.sorted().is_empty() {
            return EXACT_ERROR;
        }
        let most = f64::from(estimate.values().iter().fold(0.0f32, |most, v| most.max(*v)));
        // The true maximum may be lower than the estimated one by as much as that may be off.
        let share = |worst: f64| if worst < most { worst / (most - worst) + EXACT_ERROR } else { f64::INFINITY };
        let doubts = Doubts::new(self, points);
        let glance = share(doubts.glance().greatest());
        // A closer look takes longer: where a glance has seen enough there is none.
        if glance < HALF_LEVEL / 2.0 { glance } else { glance.min(share(doubts.greatest())) }
    }
}

/// The bandwidth in cells, where these are largest on the ground.
fn least_on_the_ground(grown: &Frame, metres: f64) -> Result<(f64, f64), String> {
    let (nearest, farthest) = latitudes(grown, (0.0, f64::from(grown.height())));
    // Half way round the world one copy of an event takes over from another: nothing of a kernel may be left there.
    if farthest + 1.2 * metres / EARTH_RADIUS_M >= FRAC_PI_2 {
        return Err("the kernel reaches around a pole".to_owned());
    }
    let (x, y) = ground::cells_per_metre_at_equator(grown);
    Ok((metres * x / nearest.cos(), metres * y / nearest.cos()))
}

/// The least and the greatest distance from the equator between two places counted in rows, in radians.
fn latitudes(frame: &Frame, rows: (f64, f64)) -> (f64, f64) {
    let end = MAX_LATITUDE.to_radians();
    let (north, south) = (latitude_at(frame, rows.0).clamp(-end, end), latitude_at(frame, rows.1).clamp(-end, end));
    let nearest = if north > 0.0 && south < 0.0 { 0.0 } else { north.abs().min(south.abs()) };
    (nearest, north.abs().max(south.abs()))
}

/// Latitude in radians so many rows below the north edge of a frame.
fn latitude_at(frame: &Frame, down: f64) -> f64 {
    latitude(frame.corner(0, 0).y + down * frame.cell().1).to_radians()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::KERNELS;

    #[test]
    fn no_kernel_is_steeper_or_bends_more_than_is_said() {
        const STEP: f64 = 1e-4;
        for (kernel, (slope, bend)) in KERNELS.iter().filter_map(|(_, k)| Some((*k, slope_and_bend(*k)?))) {
            let (mut steepest, mut sharpest) = (0.0f64, 0.0f64);
            for i in 0..12_000 {
                let r = f64::from(i) * STEP;
                let at = |right: f64, up: f64| kernel.shape((r + right).powi(2) + up * up);
                steepest = steepest.max((at(STEP, 0.0) - at(0.0, 0.0)).abs() / STEP);
                let along = at(STEP, 0.0) + at(-STEP, 0.0) - 2.0 * at(0.0, 0.0);
                let across = at(0.0, STEP) + at(0.0, -STEP) - 2.0 * at(0.0, 0.0);
                sharpest = sharpest.max(along.abs().max(across.abs()) / (STEP * STEP));
            }
            assert!(steepest < slope + 1e-6 && steepest > slope - 1e-3, "{kernel}: slope {steepest}");
            assert!(sharpest < bend + 1e-6 && sharpest > bend - 1e-2, "{kernel}: bend {sharpest}");
        }
    }
}
