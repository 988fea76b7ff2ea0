//! The Gaussian with one bandwidth in cells for the whole frame: flat spaces, and bandwidths in pixels.

use rayon::prelude::*;

use crate::bandwidth::Breadth;
use crate::estimate::fir;
use crate::events::Space;
use crate::frame::Frame;
use crate::grid::Grid;

/// Variance that sharing by the spline has added already, in cells².
pub const SPLINE_VARIANCE: f64 = 0.25;

/// Rows of a band that one thread computes at a time.
pub const BAND: usize = 16;

/// Smooths a plane of shared events with a Gaussian of these standard deviations in cells, and crops it to `frame`:
/// events per unit of area.
pub fn smooth(plane: &Grid<f32>, frame: &Frame, sigma: (f64, f64)) -> Grid<f32> {
    let taps_x = fir::gaussian(sigma.0 * sigma.0 - SPLINE_VARIANCE);
    let taps_y = fir::gaussian(sigma.1 * sigma.1 - SPLINE_VARIANCE);
    let (width, source) = (frame.width() as usize, plane.frame().width() as usize);
    let rows = plane.frame().height() as usize;
    let inset = (source - width) / 2 - (taps_x.len() - 1);
    let mut across = vec![0.0f32; rows * width];
    let occupied: Vec<bool> = across
        .par_chunks_mut(width)
        .enumerate()
        .map(|(row, out)| {
            let line = &plane.row(row as u32)[inset..source - inset];
            let occupied = line.iter().any(|value| *value != 0.0);
            if occupied {
                fir::horizontal(out, line, &taps_x);
            }
            occupied
        })
        .collect();
    let above = (rows - frame.height() as usize) / 2;
    let mut values = vec![0.0f32; frame.len()];
    values.par_chunks_mut(width * BAND).enumerate().for_each(|(band, out)| {
        for (i, line) in out.chunks_mut(width).enumerate() {
            let row = band * BAND + i;
            let weights = vertical_taps(row + above, &taps_y, &occupied, 1.0 / frame.cell_area(row as i64));
            fir::vertical(line, &across, width, 0, &weights);
        }
    });
    Grid::new(*frame, values)
}

/// Columns that are convolved together down a band of rows: what they need of the rows above and below stays in the
/// second-level cache.
const STRIP: usize = 1024;

/// Convolves values with taps (the right half, centre first) along rows and down columns; beyond the edge is nothing.
pub fn convolve(width: usize, values: &[f32], taps_x: &[f32], taps_y: &[f32]) -> Vec<f32> {
    let (radius, reach, height) = (taps_x.len() - 1, taps_y.len() - 1, values.len() / width);
    let mut along = vec![0.0f32; values.len()];
    along.par_chunks_mut(width * BAND).zip(values.par_chunks(width * BAND)).for_each(|(out, lines)| {
        let mut padded = vec![0.0f32; width + 2 * radius];
        for (out, line) in out.chunks_mut(width).zip(lines.chunks(width)) {
            padded[radius..radius + width].copy_from_slice(line);
            fir::horizontal(out, &padded, taps_x);
        }
    });
    let mut out = vec![0.0f32; values.len()];
    out.par_chunks_mut(width * BAND).enumerate().for_each(|(band, out)| {
        let weights = |row: usize| {
            let rows = row.saturating_sub(reach)..(row + reach + 1).min(height);
            rows.map(|source| (source, taps_y[source.abs_diff(row)])).collect::<Vec<_>>()
        };
        let weights: Vec<_> = (0..out.len() / width).map(|row| weights(band * BAND + row)).collect();
        for start in (0..width).step_by(STRIP) {
            let strip = start..(start + STRIP).min(width);
            for (line, weights) in out.chunks_mut(width).zip(&weights) {
                fir::vertical(&mut line[strip.clone()], &along, width, start, weights);
            }
        }
    });
    out
}

/// The rows around `row` with their weights, north to south, without the rows that hold nothing.
fn vertical_taps(row: usize, taps: &[f32], occupied: &[bool], factor: f64) -> Vec<(usize, f32)> {
    let radius = taps.len() - 1;
    (row - radius..=row + radius)
        .filter(|source| occupied[*source])
        .map(|source| (source, (f64::from(taps[source.abs_diff(row)]) * factor) as f32))
        .collect()
}

/// Crops a plane in which every cell holds the kernel at its own centre relative to the kernel's peak, and
/// multiplies by that peak: events per unit of area.
pub fn at_peak(plane: &Grid<f32>, frame: &Frame, sigma: Breadth) -> Grid<f32> {
    let rows = (plane.frame().height() - frame.height()) / 2;
    let cols = (plane.frame().width() - frame.width()) as usize / 2;
    let mut values = Vec::with_capacity(frame.len());
    for row in 0..frame.height() {
        let peak = peak(frame, sigma, i64::from(row));
        let line = &plane.row(row + rows)[cols..][..frame.width() as usize];
        values.extend(line.iter().map(|value| (f64::from(*value) * peak) as f32));
    }
    Grid::new(*frame, values)
}

/// The height of a Gaussian of mass 1, per km² on the Earth or square unit of a flat space.
pub fn peak(frame: &Frame, sigma: Breadth, row: i64) -> f64 {
    match sigma {
        Breadth::Cells(x, y) => 1.0 / (std::f64::consts::TAU * x * y * frame.cell_area(row)),
        Breadth::Ground(m) => {
            debug_assert!(frame.space() == Space::Earth, "metres on the ground are of the Earth");
            1.0 / (std::f64::consts::TAU * (m / 1000.0).powi(2))
        }
    }
}
