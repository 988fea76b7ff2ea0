//! What a kernel loses beyond the edge of the study area, and the estimate without that loss: divided, at each cell, by
//! the share of the kernel's mass around it that lies inside (P. J. Diggle, "A kernel method for smoothing point process
//! data", Applied Statistics 34, 1985; the uniform correction of spatstat). The share is the estimate of the area itself,
//! each cell being an event that weighs as much as of it lies inside.

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
/// sees so few of them that these do not sum to its mass.
fn summed(frame: Frame, area: &StudyArea, kernel: Kernel, breadth: Breadth) -> Grid<f32> {
    let mut inside = sum_of_cells(frame, kernel, breadth, |cells| area.coverage(cells));
    let (a, b) = (frame.corner(0, 0), frame.corner(1, i64::from(frame.height())));
    let column = Extent { west: a.x, east: b.x, north: a.y, south: b.y };
    let column = Frame::new(frame.space(), column, 1, frame.height()).expect("a column of a frame is one");
    let all = sum_of_cells(column, kernel, breadth, |cells| Grid::new(*cells, vec![1.0; cells.len()]));
    inside.values_mut().par_chunks_mut(frame.width() as usize).zip(all.values()).for_each(|(line, all)| {
        for value in line {
            *value = if *all > 0.0 { *value / all } else { 0.0 };
        }
    });
    inside
}

/// The sum of the kernels of cells, each weighing its area times its coverage.
fn sum_of_cells(frame: Frame, kernel: Kernel, breadth: Breadth, coverage: impl Fn(&Frame) -> Grid<f32>) -> Grid<f32> {
    let exact = Exact::new(frame, kernel, breadth);
    let mut points = exact.points();
    // A narrow kernel sees few cells, and one with a sheer edge sees them whole or not at all.
    let wanted = if kernel == Kernel::Uniform { 16.0 } else { 4.0 };
    let parts = (wanted / (least_in_cells(&frame, breadth) * kernel.deviation())).ceil().clamp(1.0, 4.0) as u32;
    let grown = points.grown();
    let cells = Frame::new(frame.space(), grown.extent(), parts * grown.width(), parts * grown.height());
    points.add(&events_of(&coverage(cells.as_ref().unwrap_or(grown))));
    exact.estimate(&Points::finish(vec![points]), Gain::Weight)
}

/// Cells as events at their centres, each of them once, however often a frame shows the world.
fn events_of(coverage: &Grid<f32>) -> Events {
    let frame = *coverage.frame();
    let mut events = Events { weight: Some(Vec::new()), ..Events::new(frame.space()) };
    let world = if frame.space() == Space::Earth { frame.cells_per_unit().0 } else { f64::INFINITY };
    for row in 0..frame.height() {
        let area = frame.cell_area(i64::from(row));
        for (col, share) in coverage.row(row).iter().enumerate() {
            // The last column may begin a second copy of the world.
            let once = (world - col as f64).clamp(0.0, 1.0);
            if *share > 0.0 && once > 0.0 {
                let (x, y) = frame.centre(col as i64, i64::from(row)).coordinates(frame.space());
                events.x.push(x);
                events.y.push(y);
                events.weight.iter_mut().for_each(|weights| weights.push(area * f64::from(*share) * once));
            }
        }
    }
    events
}
