//! The Gaussian of what cells gathered, and plain bins.
//!
//! The Gaussian goes one of two ways. From 2.4 cells of standard deviation on, events are shared by a spline and the
//! cells smoothed by rows and columns; wide kernels do that on cells 2, 4, 8... times larger, where the standard
//! deviation is 4.5 to 9 cells, and interpolate. Below 2.4 cells every event lays its kernel over the cells itself, or,
//! where that takes too long, is shared among cells a third as wide, of which the middle ones are kept.

use crate::bandwidth::Breadth;
use crate::counts::Touch;
use crate::error::Error;
use crate::estimate::gains::Gains;
use crate::estimate::{REACH, coarser, flat, ground, upsample};
use crate::frame::Frame;
use crate::grid::Grid;

/// The least standard deviation, in cells, that smoothing is good for: the spline's error is 1.5e-3 of the peak.
const LEAST_SMOOTHED: f64 = 2.4;

/// Kernels whose standard deviation is twice this many cells or more are computed on larger cells.
const NATURAL: f64 = 4.5;

/// Into how many cells along an axis a cell is cut where the Gaussian is too narrow for it: an odd number, so that the
/// middle one has the same centre.
const FINER: u32 = 3;

/// The most finer cells that are gathered in: 16 million take 128 MB in each thread.
const MOST_FINER: usize = 16 << 20;

/// How a Gaussian over a frame is computed: the cells to gather events in, and how events are to touch them.
#[derive(Debug, Clone, PartialEq)]
pub struct Smoothing {
    /// The frame whose cells are wanted.
    pub frame: Frame,
    /// The cells to gather in: the frame with its margin, perhaps of larger cells.
    pub gather: Frame,
    /// How events touch them.
    pub touch: Touch,
    /// Standard deviation over the frame that is wanted; none for plain bins.
    pub sigma: Option<Breadth>,
    /// The cells, perhaps larger or smaller than those of `frame`, at whose centres the kernel is evaluated.
    natural: Frame,
    /// How many cells of `frame` are as wide as one of `natural`.
    factor: u32,
    /// How many cells of `natural` are as wide as one of `frame`: 1 or [`FINER`].
    finer: u32,
}

impl Smoothing {
    /// The way to compute a Gaussian of this standard deviation over a frame; `None` asks for plain bins.
    ///
    /// # Errors
    /// When the margin makes the grid larger than a frame may be.
    pub fn new(frame: Frame, sigma: Option<Breadth>) -> Result<Smoothing, Error> {
        let Some(sigma) = sigma else {
            return Ok(Smoothing {
                frame,
                gather: frame,
                touch: Touch::Cell,
                sigma: None,
                natural: frame,
                factor: 1,
                finer: 1,
            });
        };
        let (least, _) = range_in_cells(&frame, sigma);
        let touch = if least >= LEAST_SMOOTHED { Touch::Spline } else { Touch::Kernel };
        Smoothing::touching(frame, sigma, natural_factor(least, NATURAL), touch)
    }

    /// The way over cells so many times as wide as those of the frame, whatever the frame: what two frames on one lattice
    /// have in common is then the same in both.
    ///
    /// # Errors
    /// As for [`Smoothing::new`].
    pub fn over_larger(frame: Frame, sigma: Breadth, factor: u32) -> Result<Smoothing, Error> {
        Smoothing::touching(frame, sigma, factor, Touch::Spline)
    }

    fn touching(frame: Frame, sigma: Breadth, factor: u32, touch: Touch) -> Result<Smoothing, Error> {
        // Interpolation looks two cells beyond the frame.
        let natural = if factor == 1 { frame } else { frame.coarsen(factor).grow(2) };
        let (cols, rows) = margin(&natural, scaled(sigma, 1.0 / f64::from(factor)), touch);
        let gather = natural.grow_checked(cols, rows)?;
        Ok(Smoothing { frame, gather, touch, sigma: Some(sigma), natural, factor, finer: 1 })
    }

    /// The way over finer cells, for a Gaussian narrower than what smoothing over the cells of the frame is good for:
    /// its time and memory do not grow with the number of events. None where finer cells would not do either, or where
    /// they would be too many.
    pub fn over_finer(&self) -> Option<Smoothing> {
        let sigma = self.sigma.filter(|_| self.touch == Touch::Kernel)?;
        let narrow = scaled(sigma, f64::from(FINER));
        let natural = self.frame.refine_checked(FINER)?;
        let (least, _) = range_in_cells(&natural, narrow);
        let (cols, rows) = margin(&natural, narrow, Touch::Spline);
        let gather = natural.grow_checked(cols, rows).ok()?;
        let able = least >= LEAST_SMOOTHED && gather.len() <= MOST_FINER;
        able.then_some(Smoothing { gather, touch: Touch::Spline, natural, finer: FINER, ..self.clone() })
    }

    /// Standard deviation over the cells that events are gathered in.
    pub fn gather_sigma(&self) -> Option<Breadth> {
        self.sigma.map(|sigma| scaled(sigma, f64::from(self.finer) / f64::from(self.factor)))
    }

    /// Taps that every gathered cell is smoothed with, in rows and columns together, and cells that each event's
    /// kernel is laid over.
    pub fn taps(&self) -> (f64, f64) {
        let Some(sigma) = self.gather_sigma() else { return (0.0, 0.0) };
        let (_, most) = range_in_cells(&self.natural, sigma);
        let across = 2.0 * REACH * most + 1.0;
        match self.touch {
            Touch::Spline => (2.0 * across, 0.0),
            Touch::Kernel | Touch::Cell => (0.0, across * across),
        }
    }

    /// The cells to gather in for this and a coarser estimate together: cells as fine as those of `self`, that cover
    /// both. None where the two do not share events among cells, or where gathering for each takes less memory.
    pub fn gather_with(&self, gather: &Frame, coarser: &Smoothing) -> Option<Frame> {
        let both = self.touch == Touch::Spline && coarser.touch == Touch::Spline;
        let times =
            (coarser.factor * self.finer).checked_div(self.factor * coarser.finer).filter(|times| *times > 0)?;
        let together = both.then(|| gather.cover(&coarser.gather.refine(times)))?;
        (together.len() <= 2 * (gather.len() + coarser.gather.len())).then_some(together)
    }

    /// How the estimate is made, in words.
    pub fn method(&self) -> &'static str {
        match (self.touch, self.factor) {
            _ if self.finer > 1 => "spline and smoothing on smaller cells",
            (Touch::Cell, _) => "plain bins",
            (Touch::Kernel, _) => "kernel at cell centres",
            (Touch::Spline, 1) => "spline and smoothing",
            (Touch::Spline, _) => "spline and smoothing on larger cells",
        }
    }

    /// How far the estimate of one event may be from its Gaussian, as a share of the Gaussian's peak. The first part
    /// is an upper envelope of the spline's error for all places inside a cell; the second, on the Earth, of the
    /// difference between great circles and what is summed, `(h/R)² sec² φ / 4`; then interpolation, and the cut at 5.3 sigma.
    pub fn error(&self) -> f64 {
        let (Some(sigma), Some(wanted)) = (self.gather_sigma(), self.sigma) else { return 0.0 };
        let (least, _) = range_in_cells(&self.natural, sigma);
        // 3/128 of the greatest fourth derivative of a Gaussian, 3 / sigma^4, on each of two axes.
        let interpolated = if self.factor > 1 { 0.14 / least.powi(4) } else { 0.0 };
        let cut = 8e-7 + interpolated;
        match (self.touch, wanted) {
            (Touch::Spline, Breadth::Cells(..)) => 0.02 / least.powi(3) + cut,
            (Touch::Spline, Breadth::Ground(m)) => {
                let secants = [0, self.frame.height()]
                    .map(|row| ground::row_latitude(&self.frame, i64::from(row)).cos().powi(-2));
                0.02 / least.powi(3)
                    + cut
                    + (m / crate::world::EARTH_RADIUS_M).powi(2) * secants[0].max(secants[1]) / 4.0
            }
            _ => cut,
        }
    }

    /// The height of the kernel of one event of weight 1, at a row of the frame; 1 for plain bins.
    pub fn peak(&self, row: u32) -> f64 {
        self.sigma.map_or(1.0, |sigma| flat::peak(&self.frame, sigma, i64::from(row)))
    }

    /// The estimate at the centre of each cell of the frame: what one column of gathered integers says, per km² on
    /// the Earth or square unit of a flat space. Plain bins say what the cell gathered.
    pub fn estimate(&self, cells: Gains<'_>) -> Grid<f32> {
        self.estimate_over(&self.gather, cells)
    }

    /// The same from events shared among finer cells, for another estimate over the same lattice, that cover those of
    /// this one.
    pub fn estimate_over(&self, gathered: &Frame, cells: Gains<'_>) -> Grid<f32> {
        let mut plane = Grid::new(*gathered, cells.to_f32(self.touch));
        if *gathered != self.gather {
            let factor = (gathered.cells_per_unit().0 / self.gather.cells_per_unit().0).round() as u32;
            plane = coarser::shared(&plane, self.gather, factor, &coarser::of_shares(factor));
        }
        let (Some(sigma), Some(wanted)) = (self.gather_sigma(), self.sigma) else {
            return plane;
        };
        let natural = match (self.touch, sigma) {
            (Touch::Spline, Breadth::Cells(x, y)) => flat::smooth(&plane, &self.natural, (x, y)),
            (Touch::Spline, Breadth::Ground(m)) => ground::smooth(&plane, &self.natural, m),
            _ => flat::at_peak(&plane, &self.natural, wanted),
        };
        match (self.factor, self.finer) {
            (1, 1) => natural,
            (1, finer) => upsample::middles(&natural, &self.frame, finer),
            (factor, _) => upsample::cubic(&natural, &self.frame, factor),
        }
    }
}

/// The zoom of the largest cells, of tiles of 256, on which a Gaussian of so many metres is smoothed wherever it lies: at
/// the equator its standard deviation is 4.5 to 9 of them. None where no zoom up to 24 has cells so small.
pub fn natural_zoom(metres: f64) -> Option<u8> {
    let world = std::f64::consts::TAU * crate::world::EARTH_RADIUS_M / 256.0;
    let zoom = (NATURAL * world / metres).log2().ceil().max(0.0);
    (zoom <= f64::from(crate::tile::MAX_ZOOM)).then_some(zoom as u8)
}

/// How many times larger the cells are on which a Gaussian of this standard deviation in cells is computed, and
/// where it is `natural` to twice as many.
pub(super) fn natural_factor(least: f64, natural: f64) -> u32 {
    if least >= 2.0 * natural { 1 << ((least / natural).log2() as u32).min(20) } else { 1 }
}

/// A standard deviation in cells that are so many times as many along an axis.
fn scaled(sigma: Breadth, times: f64) -> Breadth {
    match sigma {
        Breadth::Cells(x, y) => Breadth::Cells(x * times, y * times),
        ground @ Breadth::Ground(_) => ground,
    }
}

/// The least and the greatest standard deviation over the rows of a frame, in cells.
fn range_in_cells(frame: &Frame, sigma: Breadth) -> (f64, f64) {
    match sigma {
        Breadth::Cells(x, y) => (x.min(y), x.max(y)),
        Breadth::Ground(m) => {
            let rows = 0..i64::from(frame.height());
            let secants = rows.map(|row| 1.0 / ground::row_latitude(frame, row).cos());
            let (least, most) = secants.fold((f64::MAX, 0.0f64), |(a, b), s| (a.min(s), b.max(s)));
            let (x, y) = ground::cells_per_metre_at_equator(frame);
            (m * least * x.min(y), m * most * x.max(y))
        }
    }
}

/// Columns and rows that the kernel reaches beyond a frame.
fn margin(frame: &Frame, sigma: Breadth, touch: Touch) -> (u32, u32) {
    // Two rows and columns more: the spline's own reach, and one that is never touched.
    let cells = |length: f64| (length.ceil()).min(1e9) as u32 + 2;
    match sigma {
        Breadth::Cells(x, y) => (cells(REACH * x), cells(REACH * y)),
        Breadth::Ground(m) => ground::margin(frame, m, touch),
    }
}
