//! What a kernel loses beyond the edge of the study area, and the estimate without that loss: divided, at each cell, by
//! the share of the kernel's mass around it that lies inside (P. J. Diggle, "A kernel method for smoothing point process
//! data", Applied Statistics 34, 1985; the uniform correction of spatstat). The share is the estimate of the area itself,
//! each cell being an event that weighs as much as of it lies inside.

use std::ops::Range;

use rayon::prelude::*;

use crate::bandwidth::Breadth;
use crate::counts::{FRACTION_BITS, SHARE_BITS, Touch};
use crate::error::Error;
use crate::estimate::exact::{Exact, Gain, Points};
use crate::estimate::{Gains, HALF_LEVEL, Smoothing, upsample};
use crate::events::{Events, Space};
use crate::frame::{Extent, Frame};
use crate::grid::Grid;
use crate::kernel::Kernel;
use crate::lines::area::StudyArea;

/// The least share that is divided by: below it lie cells of slivers, whose share is not known well enough.
const LEAST_SHARE: f32 = 1e-3;

/// Where the kernel's standard deviation is this many cells and more, the share is computed on cells 2, 4, 8... times
/// larger, and interpolated: its error is then below 2e-3.
const FINE: f64 = 3.0;

/// Divides an estimate by the share of the kernel inside an area; no data where next to nothing of it is.
///
/// # Errors
/// When the kernel's margin makes a grid larger than a frame may be.
pub fn correct(estimate: &mut Grid<f32>, area: &StudyArea, kernel: Kernel, breadth: Breadth) -> Result<(), Error> {
    let shares = shares(*estimate.frame(), area, kernel, breadth)?;
    estimate.values_mut().par_iter_mut().zip(shares.values()).for_each(|(value, share)| {
        *value = if *share >= LEAST_SHARE { *value / share.min(1.0) } else { f32::NAN };
    });
    Ok(())
}

/// The share of the kernel around the centre of each cell that lies inside an area.
///
/// # Errors
/// When the kernel's margin makes a grid larger than a frame may be.
pub fn shares(frame: Frame, area: &StudyArea, kernel: Kernel, breadth: Breadth) -> Result<Grid<f32>, Error> {
    if kernel == Kernel::Gaussian {
        let way = Smoothing::new(frame, Some(breadth))?;
        if way.touch == Touch::Spline && way.error() <= HALF_LEVEL {
            return Ok(way.estimate(Gains::Fixed(&shared(&area.coverage(&way.gather)))));
        }
    }
    let cells = least_in_cells(&frame, breadth) * kernel.deviation();
    let factor = if cells >= 2.0 * FINE { 1 << ((cells / FINE).log2() as u32).min(20) } else { 1 };
    if factor == 1 {
        return Ok(summed(frame, area, kernel, breadth));
    }
    let breadth = if let Breadth::Cells(..) = breadth { breadth.times(1.0 / f64::from(factor)) } else { breadth };
    // Interpolation looks two cells beyond the frame.
    let coarse = summed(frame.coarsen(factor).grow(2), area, kernel, breadth);
    Ok(upsample::cubic(&coarse, &frame, factor))
}

/// The bandwidth in cells, on the row where it is least.
fn least_in_cells(frame: &Frame, breadth: Breadth) -> f64 {
    match breadth {
        Breadth::Cells(x, y) => x.min(y),
        Breadth::Ground(m) => {
            let rows = [0, frame.height() / 2, frame.height() - 1].map(|row| frame.cell_area(i64::from(row)));
            m / 1000.0 / rows.into_iter().fold(0.0f64, f64::max).sqrt()
        }
    }
}

/// The weights of cells, each shared with its neighbours as an event at its centre is by the spline: 1/8, 3/4 and 1/8
/// along each axis, in the fixed point of counts.
fn shared(coverage: &Grid<f32>) -> Vec<i128> {
    let frame = coverage.frame();
    let (width, height) = (frame.width() as usize, frame.height() as usize);
    let unit = f64::from(FRACTION_BITS + SHARE_BITS).exp2();
    let mut cells = vec![0i128; frame.len()];
    cells.par_chunks_mut(width).enumerate().for_each(|(row, line)| {
        let mut sums = vec![0.0f64; width];
        for (other, share) in [(row.wrapping_sub(1), 0.125), (row, 0.75), (row + 1, 0.125)] {
            if other < height {
                let share = share * frame.cell_area(other as i64);
                sums.iter_mut().zip(coverage.row(other as u32)).for_each(|(sum, w)| *sum += share * f64::from(*w));
            }
        }
        let at = |col: usize| sums.get(col).copied().unwrap_or(0.0);
        for (col, cell) in line.iter_mut().enumerate() {
            *cell = ((0.125 * (at(col.wrapping_sub(1)) + at(col + 1)) + 0.75 * at(col)) * unit) as i128;
        }
    });
    cells
}

/// The share by summing the kernels of cells, beside the sum of all cells there are: a kernel narrower than a few cells
/// sees so few of them that these do not sum to its mass. Only cells that an edge is in reach of are computed.
fn summed(frame: Frame, area: &StudyArea, kernel: Kernel, breadth: Breadth) -> Grid<f32> {
    let exact = Exact::new(frame, kernel, breadth);
    let mut points = exact.points();
    let grown = *points.grown();
    let near = Near::of(&frame, &area.coverage(&grown));
    let parts = parts(&frame, kernel, breadth);
    for events in rows_of(&grown, parts, |cells| area.coverage(cells), |col, row| near.counts(col, row)) {
        points.add(&events);
    }
    let mut inside = exact.estimate(&Points::finish(vec![points]), Gain::Weight);
    let all = sum_of_all(&frame, kernel, breadth, parts);
    let width = frame.width() as usize;
    inside.values_mut().par_chunks_mut(width).enumerate().for_each(|(row, line)| {
        for (col, value) in line.iter_mut().enumerate() {
            *value = match near.states[row * width + col] {
                State::Inside => 1.0,
                State::Outside => 0.0,
                State::AtEdge => *value / all.values()[row].max(f32::MIN_POSITIVE),
            };
        }
    });
    inside
}

/// Into how many parts a cell is cut on each side: a narrow kernel sees few cells, and one with a sheer edge sees them
/// whole or not at all.
fn parts(frame: &Frame, kernel: Kernel, breadth: Breadth) -> u32 {
    let wanted = if kernel == Kernel::Uniform { 16.0 } else { 4.0 };
    (wanted / (least_in_cells(frame, breadth) * kernel.deviation())).ceil().clamp(1.0, 4.0) as u32
}

/// What the kernels of all cells there are sum to, for each row.
fn sum_of_all(frame: &Frame, kernel: Kernel, breadth: Breadth, parts: u32) -> Grid<f32> {
    let (a, b) = (frame.corner(0, 0), frame.corner(1, i64::from(frame.height())));
    let column = Extent { west: a.x, east: b.x, north: a.y, south: b.y };
    let column = Frame::new(frame.space(), column, 1, frame.height()).expect("a column of a frame is one");
    let exact = Exact::new(column, kernel, breadth);
    let mut points = exact.points();
    let grown = *points.grown();
    for events in rows_of(&grown, parts, |cells| Grid::new(*cells, vec![1.0; cells.len()]), |_, _| true) {
        points.add(&events);
    }
    exact.estimate(&Points::finish(vec![points]), Gain::Weight)
}

/// What a cell's kernel sees of an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing but it.
    Inside,
    /// Nothing of it.
    Outside,
    /// Its edge, perhaps.
    AtEdge,
}

/// Where an edge is in reach.
struct Near {
    states: Vec<State>,
    at_edge: Tally,
    reach: (usize, usize),
    /// Where the world shows several times, cells count wherever they are.
    all: bool,
}

impl Near {
    /// Of the cells of a frame, from what a larger one, with the kernel's reach on all sides, holds of an area.
    fn of(frame: &Frame, coverage: &Grid<f32>) -> Near {
        let grown = coverage.frame();
        let (width, height) = (frame.width() as usize, frame.height() as usize);
        let size = (grown.width() as usize, grown.height() as usize);
        let reach = ((size.0 - width) / 2, (size.1 - height) / 2);
        let values = coverage.values();
        let (full, none) = (Tally::of(size, |i| values[i] >= 1.0), Tally::of(size, |i| values[i] == 0.0));
        let seen = ((2 * reach.0 + 1) * (2 * reach.1 + 1)) as u32;
        let state = |i: usize| {
            let (col, row) = (i % width, i / width);
            let around = (col..col + 2 * reach.0 + 1, row..row + 2 * reach.1 + 1);
            match (full.within(around.clone()) == seen, none.within(around) == seen) {
                (true, _) => State::Inside,
                (_, true) => State::Outside,
                _ => State::AtEdge,
            }
        };
        let states: Vec<State> = (0..frame.len()).into_par_iter().map(state).collect();
        let at_edge = Tally::of((width, height), |i| states[i] == State::AtEdge);
        let all = frame.space() == Space::Earth && f64::from(grown.width()) > grown.cells_per_unit().0;
        Near { states, at_edge, reach, all }
    }

    /// Whether a cell of the larger frame is in reach of one that has to be computed.
    fn counts(&self, col: usize, row: usize) -> bool {
        let back = |at: usize, reach: usize, end: usize| at.saturating_sub(2 * reach).min(end)..(at + 1).min(end);
        let (width, height) = self.at_edge.size;
        self.all || self.at_edge.within((back(col, self.reach.0, width), back(row, self.reach.1, height))) > 0
    }
}

/// How many cells of a kind there are in any rectangle, from sums over all that begin at the corner.
struct Tally {
    size: (usize, usize),
    sums: Vec<u32>,
}

impl Tally {
    fn of((width, height): (usize, usize), kind: impl Fn(usize) -> bool) -> Tally {
        let stride = width + 1;
        let mut sums = vec![0u32; stride * (height + 1)];
        for row in 0..height {
            let mut line = 0;
            for col in 0..width {
                line += u32::from(kind(row * width + col));
                sums[(row + 1) * stride + col + 1] = sums[row * stride + col + 1] + line;
            }
        }
        Tally { size: (width, height), sums }
    }

    fn within(&self, (cols, rows): (Range<usize>, Range<usize>)) -> u32 {
        let at = |col: usize, row: usize| self.sums[row * (self.size.0 + 1) + col];
        at(cols.end, rows.end) + at(cols.start, rows.start) - at(cols.start, rows.end) - at(cols.end, rows.start)
    }
}

/// Cells as events at the centres of their parts, row by row, each of them once, however often a frame shows the world.
fn rows_of(
    frame: &Frame,
    parts: u32,
    coverage: impl Fn(&Frame) -> Grid<f32> + Sync,
    counts: impl Fn(usize, usize) -> bool + Sync,
) -> Vec<Events> {
    let space = frame.space();
    let world = if space == Space::Earth { frame.cells_per_unit().0 } else { f64::INFINITY };
    let of_row = |row: u32| {
        let mut events = Events { weight: Some(Vec::new()), ..Events::new(space) };
        let wanted: Vec<bool> = (0..frame.width() as usize).map(|col| counts(col, row as usize)).collect();
        if !wanted.contains(&true) {
            return events;
        }
        let (a, b) = (frame.corner(0, i64::from(row)), frame.corner(i64::from(frame.width()), i64::from(row) + 1));
        let line = Extent { west: a.x, north: a.y, east: b.x, south: b.y };
        let Ok(line) = Frame::new(space, line, parts * frame.width(), parts) else { return events };
        let coverage = coverage(&line);
        for (i, share) in coverage.values().iter().enumerate() {
            let (col, part) = (i as u32 % line.width(), i64::from(i as u32 / line.width()));
            // The last column may begin a second copy of the world.
            let once = (world - f64::from(col) / f64::from(parts)).clamp(0.0, 1.0);
            if *share > 0.0 && once > 0.0 && wanted[(col / parts) as usize] {
                let (x, y) = line.centre(i64::from(col), part).coordinates(space);
                events.x.push(x);
                events.y.push(y);
                events
                    .weight
                    .iter_mut()
                    .for_each(|weights| weights.push(line.cell_area(part) * f64::from(*share) * once));
            }
        }
        events
    };
    (0..frame.height()).into_par_iter().map(of_row).collect()
}
