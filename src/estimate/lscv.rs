//! Least-squares cross-validation: the standard deviation `h` of a Gaussian for which the estimate is nearest to the
//! unknown density, in integrated squared error (M. Rudemo 1982, A. W. Bowman 1984). With `K_s(d)` the Gaussian of
//! standard deviation `s` at distance `d`, it makes least
//!
//! ```text
//!   1/n² Σ Σ K_{h√2}(d_ij)  -  2 / (n (n-1)) Σ Σ_{i≠j} K_h(d_ij)
//! ```
//!
//! The sums over pairs are taken over cells that counted the events, at most 1024 along a side, and cells 2, 4, 8... times
//! larger for wider kernels; that an event may lie anywhere in its cell widens distances by 1/6 of a cell's square in
//! variance, which is taken off again. Weights do not matter.

use crate::estimate::{fir, flat};

/// Cells along a side that the counts should have at most.
pub const MOST_CELLS: u32 = 1024;

/// Variance of the distance between two events that lie anywhere in their cells, along an axis, in cells².
const SPREAD: f64 = 1.0 / 6.0;

/// Standard deviations looked at first, from one cell to a quarter of a side, and as often refined.
const LADDER: u32 = 28;
const REFINED: u32 = 16;

/// Counts of square cells, row by row.
struct Level {
    width: usize,
    counts: Vec<f32>,
}

/// The standard deviation, in cells of the counts; `None` where there are not two events at two places.
pub fn bandwidth(width: usize, counts: &[u64]) -> Option<f64> {
    let events: u64 = counts.iter().sum();
    if counts.iter().filter(|count| **count > 0).count() < 2 {
        return None;
    }
    let levels = pyramid(width, counts);
    let score = |log: f64| score(&levels, events as f64, log.exp());
    let side = width.max(counts.len() / width) as f64;
    let step = (side / 4.0).max(2.0).ln() / f64::from(LADDER);
    let logs: Vec<f64> = (0..=LADDER).map(|i| f64::from(i) * step).collect();
    let scores: Vec<f64> = logs.iter().map(|log| score(*log)).collect();
    let best = (0..scores.len()).min_by(|a, b| scores[*a].total_cmp(&scores[*b]))?;
    let (mut low, mut high) = (logs[best] - step, logs[best] + step);
    for _ in 0..REFINED {
        let (a, b) = (low + (high - low) * 0.382, low + (high - low) * 0.618);
        if score(a) < score(b) { high = b } else { low = a }
    }
    Some(f64::midpoint(low, high).exp())
}

/// The counts, and those of cells 2, 4, 8... times as wide and high.
fn pyramid(width: usize, counts: &[u64]) -> Vec<Level> {
    let mut levels = vec![Level { width, counts: counts.iter().map(|count| *count as f32).collect() }];
    while levels[levels.len() - 1].width.max(levels[levels.len() - 1].counts.len() / levels[levels.len() - 1].width)
        > 16
    {
        let fine = &levels[levels.len() - 1];
        let (height, width) = (fine.counts.len() / fine.width, fine.width.div_ceil(2));
        let mut counts = vec![0.0; width * height.div_ceil(2)];
        for (cell, count) in fine.counts.iter().enumerate() {
            counts[cell / fine.width / 2 * width + cell % fine.width / 2] += count;
        }
        levels.push(Level { width, counts });
    }
    levels
}

fn score(levels: &[Level], events: f64, h: f64) -> f64 {
    let wide = h * std::f64::consts::SQRT_2;
    let own = 1.0 / (std::f64::consts::TAU * wide * wide);
    (pairs(levels, events, wide) + events * own) / (events * events)
        - 2.0 * pairs(levels, events, h) / (events * (events - 1.0))
}

/// The sum of Gaussians over all ordered pairs of different events, per square of the finest cell.
fn pairs(levels: &[Level], events: f64, sigma: f64) -> f64 {
    // Cells of which the standard deviation is 4 to 8.
    let level = ((sigma / 4.0).log2().max(0.0) as usize).min(levels.len() - 1);
    let cell = (level as f64).exp2();
    let variance = ((sigma / cell).powi(2) - SPREAD).max(0.05);
    let Level { width, counts } = &levels[level];
    let taps = fir::gaussian(variance);
    let smoothed = flat::convolve(*width, counts, &taps, &taps);
    let all: f64 = counts.iter().zip(&smoothed).map(|(count, value)| f64::from(*count) * f64::from(*value)).sum();
    (all - events * f64::from(taps[0]).powi(2)) / (cell * cell)
}
