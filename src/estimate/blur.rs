//! A Gaussian blur of values that are there already: a picture of numbers smoothed by a standard deviation in cells,
//! which takes no longer for a wide Gaussian than for a narrow one. What lies beyond the edge counts as nothing.
//!
//! From 12 cells of standard deviation on, cells are first shared among cells 2, 4, 8... times larger by the quadratic
//! B-spline, as [`crate::accumulate`] shares events: along an axis, `3 f` taps that are the spline at the centres of
//! the finer cells. What that adds to the variance is a quarter of a larger cell's square.

use rayon::prelude::*;

use crate::error::Error;
use crate::estimate::smoothing::natural_factor;
use crate::estimate::{fir, flat, upsample};
use crate::events::Space;
use crate::frame::{Extent, Frame};
use crate::grid::Grid;

/// Gaussians of twice this standard deviation in cells or more are computed on larger cells.
const NATURAL: f64 = 6.0;

/// Blurs with a Gaussian of this standard deviation in cells. The greatest error of a lone cell, as a share of the
/// blurred cell's greatest value: 8e-7 below 12 cells, 1.7e-4 above.
///
/// ```
/// use torrid::estimate::blur;
/// use torrid::{Extent, Frame, Grid, Space};
/// let frame = Frame::new(Space::PAGE, Extent { west: 0.0, north: 0.0, east: 9.0, south: 9.0 }, 9, 9)?;
/// let mut values = vec![0.0; 81];
/// values[40] = 1.0;
/// let blurred = blur(&Grid::new(frame, values), 1.0)?;
/// assert!((blurred.get(4, 4) - 0.159).abs() < 1e-3, "1 / (2 pi)");
/// # Ok::<(), torrid::Error>(())
/// ```
///
/// # Errors
/// When `sigma` is not positive, or so large that its margin exceeds what a frame may have.
pub fn blur(grid: &Grid<f32>, sigma: f64) -> Result<Grid<f32>, Error> {
    if !(sigma > 0.0 && sigma.is_finite()) {
        return Err(Error::caller("blur")
            .found(sigma.to_string())
            .expected("a standard deviation greater than 0 cells"));
    }
    let (width, height) = (grid.frame().width(), grid.frame().height());
    let factor = natural_factor(sigma, NATURAL);
    if factor == 1 {
        let taps = fir::gaussian(sigma * sigma);
        let values = flat::convolve(width as usize, grid.values(), &taps, &taps);
        return Ok(Grid::new(*grid.frame(), values));
    }
    // Cells of a page of their own: what the values lie over has no part in it.
    let extent = Extent { west: 0.0, north: 0.0, east: f64::from(width), south: f64::from(height) };
    let page = Frame::new(Space::PAGE, extent, width, height)?;
    let coarse = sigma / f64::from(factor);
    let natural = page.coarsen(factor).grow(2);
    let margin = (super::REACH * coarse).ceil() as u32 + 2;
    let plane = shared(grid, natural.grow_checked(margin, margin)?, factor);
    let smooth = flat::smooth(&plane, &natural, (coarse, coarse));
    Ok(Grid::new(*grid.frame(), upsample::cubic(&smooth, &page, factor).into_values()))
}

/// The values shared among larger cells: first down the columns, then along the rows.
fn shared(grid: &Grid<f32>, gather: Frame, factor: u32) -> Grid<f32> {
    let taps = spline_taps(factor);
    let factor = factor as usize;
    let (width, height) = (grid.frame().width() as usize, grid.frame().height() as usize);
    let (cols, first) = (gather.width() as usize, gather.first());
    let mut values = vec![0.0f32; gather.len()];
    values.par_chunks_mut(cols).enumerate().for_each_init(
        || vec![0.0f32; width],
        |down, (row, out)| {
            let rows = reached(first.1 + row as i64, factor, height);
            if rows.is_empty() {
                return;
            }
            let start = (first.1 + row as i64 - 1) * factor as i64;
            let weights: Vec<(usize, f32)> =
                rows.map(|source| (source, taps[(source as i64 - start) as usize])).collect();
            fir::vertical(down, grid.values(), width, 0, &weights);
            for (col, out) in out.iter_mut().enumerate() {
                let near = reached(first.0 + col as i64, factor, width);
                let start = (first.0 + col as i64 - 1) * factor as i64;
                let skipped = (near.start as i64 - start).max(0) as usize;
                *out = down[near.clone()]
                    .iter()
                    .zip(&taps[skipped.min(taps.len())..])
                    .map(|(value, tap)| value * tap)
                    .sum();
            }
        },
    );
    Grid::new(gather, values)
}

/// The finer cells along an axis that a larger one takes a share of.
fn reached(cell: i64, factor: usize, cells: usize) -> std::ops::Range<usize> {
    let limit = |at: i64| at.clamp(0, cells as i64) as usize;
    limit((cell - 1) * factor as i64)..limit((cell + 2) * factor as i64)
}

/// The quadratic B-spline at the centres of the finer cells; the taps of one finer cell sum to 1 over its three larger ones.
fn spline_taps(factor: u32) -> Vec<f32> {
    let at = |tap: u32| {
        let t = (f64::from(tap) + 0.5) / f64::from(factor) - 1.5;
        if t.abs() < 0.5 { 0.75 - t * t } else { 0.5 * (1.5 - t.abs()).powi(2) }
    };
    (0..3 * factor).map(|tap| at(tap) as f32).collect()
}
