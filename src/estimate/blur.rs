//! A Gaussian blur of values that are there already: a picture of numbers smoothed by a standard deviation in cells,
//! which takes no longer for a wide Gaussian than for a narrow one. What lies beyond the edge counts as nothing.
//!
//! From 12 cells of standard deviation on, cells are first shared among cells 2, 4, 8... times larger by the quadratic
//! B-spline, as [`crate::accumulate`] shares events: along an axis, `3 f` taps that are the spline at the centres of
//! the finer cells. What that adds to the variance is a quarter of a larger cell's square.

use crate::error::Error;
use crate::estimate::smoothing::natural_factor;
use crate::estimate::{coarser, fir, flat, upsample};
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
    let values = Grid::new(page, grid.values().to_vec());
    let plane = coarser::shared(&values, natural.grow_checked(margin, margin)?, factor, &coarser::of_centres(factor));
    let smooth = flat::smooth(&plane, &natural, (coarse, coarse));
    Ok(Grid::new(*grid.frame(), upsample::cubic(&smooth, &page, factor).into_values()))
}
