//! Each cell takes the Gaussian at its own centre, as a whole multiple of 2^-30 of the peak. Exact at cell centres
//! whatever the place of the event, and the way for bandwidths of a few cells or less, where sharing by a spline
//! would blur. Distances are along the ground on the Earth, straight in a flat space.

use crate::accumulate::Amount;
use crate::accumulate::place::Spots;
use crate::bandwidth::Breadth;
use crate::counts::SHARE_BITS;
use crate::frame::Frame;
use crate::world::{EARTH_RADIUS_M, latitude};

/// How far the kernel reaches, in standard deviations: what lies beyond is below 4e-6 of the peak.
const REACH: f64 = 5.0;

/// A Gaussian laid over the centres of cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Splat {
    frame: Frame,
    sigma: Breadth,
}

impl Splat {
    /// A Gaussian of this standard deviation over a frame.
    pub fn new(frame: Frame, sigma: Breadth) -> Splat {
        Splat { frame, sigma }
    }

    /// Adds shares of `amount(event)` to every cell in reach of each event.
    pub(super) fn scatter<T: Amount>(&self, cells: &mut [T], spots: &Spots, amount: impl Fn(usize) -> T) {
        for (event, cell) in spots.cells().iter().enumerate() {
            if *cell == spots.outside() {
                continue;
            }
            let (u, v) = spots.at(event);
            let amount = amount(event);
            let shared = |share: u32| amount * T::from(share);
            match self.sigma {
                Breadth::Cells(sx, sy) => self.spread_flat(cells, (u, v), (sx, sy), shared),
                Breadth::Ground(sigma) => self.spread_ground(cells, (u, v), sigma, shared),
            }
        }
    }

    fn spread_flat<T, A>(&self, cells: &mut [T], (u, v): (f64, f64), (sx, sy): (f64, f64), amount: A)
    where
        T: Copy + std::ops::AddAssign,
        A: Fn(u32) -> T,
    {
        let cols = span(u, REACH * sx, self.frame.width());
        for row in span(v, REACH * sy, self.frame.height()) {
            let b = ((row as f64 + 0.5 - v) / sy).powi(2);
            let line = &mut cells[row * self.frame.width() as usize..];
            for col in cols.clone() {
                let a = ((col as f64 + 0.5 - u) / sx).powi(2);
                line[col] += amount(quantised((-0.5 * (a + b)).exp()));
            }
        }
    }

    /// Great-circle distances by the haversine: `sin²(d/2R) = sin²(Δφ/2) + cos φ₁ cos φ₂ sin²(Δλ/2)`, and
    /// `d² = 4R² (s² + s⁴/3 + 8 s⁶/45 + 4 s⁸/35)` with `s = sin(d/2R)`, whose error is below 1e-7 for `d` up to 2000 km.
    fn spread_ground<T, A>(&self, cells: &mut [T], (u, v): (f64, f64), sigma: f64, amount: A)
    where
        T: Copy + std::ops::AddAssign,
        A: Fn(u32) -> T,
    {
        let (cell_w, cell_h) = self.frame.cell();
        let top = self.frame.extent().north;
        let lat = latitude(top + v * cell_h).to_radians();
        let reach_m = REACH * sigma;
        let scale = lat.cos() * std::f64::consts::TAU * EARTH_RADIUS_M;
        // Rows and columns in reach, wider by the growth of Mercator towards the pole over the reach.
        let growth = lat.cos() / (lat.abs() + reach_m / EARTH_RADIUS_M).min(1.484).cos();
        let rows = span(v, growth * reach_m / (scale * cell_h), self.frame.height());
        let cols = span(u, growth * reach_m / (scale * cell_w), self.frame.width());
        let factor = -2.0 * (EARTH_RADIUS_M / sigma).powi(2);
        for row in rows {
            let row_lat = self.frame.row_latitude(row as i64);
            let across = lat.cos() * row_lat.cos();
            let along = ((row_lat - lat) / 2.0).sin().powi(2);
            let line = &mut cells[row * self.frame.width() as usize..];
            for col in cols.clone() {
                let turn = (col as f64 + 0.5 - u) * cell_w * std::f64::consts::PI;
                let s2 = along + across * turn.sin().powi(2);
                let half_arc2 = s2 * (1.0 + s2 * (1.0 / 3.0 + s2 * (8.0 / 45.0 + s2 * (4.0 / 35.0))));
                line[col] += amount(quantised((factor * half_arc2).exp()));
            }
        }
    }
}

/// The cells of an axis whose centres lie within `reach` of a position in cells.
fn span(at: f64, reach: f64, cells: u32) -> std::ops::Range<usize> {
    let first = (at - reach - 0.5).ceil().clamp(0.0, f64::from(cells));
    let last = (at + reach - 0.5).floor().clamp(-1.0, f64::from(cells) - 1.0);
    first as usize..(last + 1.0).max(first) as usize
}

fn quantised(share: f64) -> u32 {
    (share * f64::from(1u32 << SHARE_BITS) + 0.5) as u32
}
