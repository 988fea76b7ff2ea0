//! The statistic Gi* of Ord and Getis: does a cell, together with its neighbours, hold more or less than chance would
//! put there? A z-score for each cell, its two-sided p-value, and classes after control of the false-discovery rate.
//!
//! J. K. Ord and A. Getis, Local Spatial Autocorrelation Statistics, Geographical Analysis 27 (1995), equation (14),
//! with weight 1 for a cell and its neighbours, else 0.

use rayon::prelude::*;

/// Cells worked through at a time; sums are made of the sums of such blocks, whatever the number of threads.
const BLOCK: usize = 1 << 12;

/// The statistic at a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// Standard deviations above what chance would give; NaN where the cell has no data.
    pub z: f64,
    /// How many neighbours with data the cell has, itself not counted.
    pub neighbours: u32,
}

/// Gi* of each value among its neighbours. NaN has no data: it is nobody's neighbour. `neighbours(i, visit)` visits the
/// neighbours of the cell `i`, not the cell itself. All scores are 0 where all values are equal, and where a cell
/// neighbours all others: then there is nothing to be compared with.
///
/// ```
/// use torrid::analyse::gistar::{queen, z_scores};
/// let scores = z_scores(&[0.0, 0.0, 0.0, 0.0, 6.0], queen(5, 1, false));
/// assert!((scores[4].z - 1.224_744_871_391_589).abs() < 1e-12);
/// assert_eq!(scores[4].neighbours, 1);
/// ```
pub fn z_scores(values: &[f64], neighbours: impl Fn(usize, &mut dyn FnMut(usize)) + Sync) -> Vec<Score> {
    let sum = |of: &(dyn Fn(f64) -> f64 + Sync)| -> f64 {
        let blocks = values.par_chunks(BLOCK).map(|b| b.iter().filter(|v| !v.is_nan()).map(|v| of(*v)).sum());
        blocks.collect::<Vec<f64>>().iter().sum()
    };
    let n = sum(&|_| 1.0);
    let mean = sum(&|value| value) / n;
    let mut known = values.iter().filter(|value| !value.is_nan());
    let first = known.next().copied();
    // Asked of the values and not of their variance, which rounding lifts above 0.
    let all_equal = known.all(|value| Some(*value) == first);
    let deviation = if all_equal { 0.0 } else { (sum(&|v| (v - mean) * (v - mean)) / n).sqrt() };
    let score = |(i, own): (usize, &f64)| {
        let (mut sum, mut cells) = (*own, 1.0);
        neighbours(i, &mut |j| {
            if !values[j].is_nan() {
                sum += values[j];
                cells += 1.0;
            }
        });
        let spread = deviation * ((n * cells - cells * cells) / (n - 1.0)).sqrt();
        let z = if spread > 0.0 { (sum - mean * cells) / spread } else { 0.0 };
        let nothing = Score { z: f64::NAN, neighbours: 0 };
        if own.is_nan() { nothing } else { Score { z, neighbours: cells as u32 - 1 } }
    };
    values.par_iter().enumerate().map(score).collect()
}

/// The neighbours of the cells of a grid, row by row: those that share an edge or a corner, as the queen moves in chess.
/// Cells at an edge have fewer, unless the grid goes `round` the world.
pub fn queen(width: usize, height: usize, round: bool) -> impl Fn(usize, &mut dyn FnMut(usize)) + Sync {
    // Less than three columns have no others beyond the edge.
    let wraps = round && width > 2;
    move |cell, visit| {
        let (col, row) = (cell % width, cell / width);
        let (west, east) = ((col + width - 1) % width, (col + 1) % width);
        for r in row.saturating_sub(1)..(row + 2).min(height) {
            if wraps || col > 0 {
                visit(r * width + west);
            }
            if r != row {
                visit(r * width + col);
            }
            if wraps || col + 1 < width {
                visit(r * width + east);
            }
        }
    }
}

/// The probability that chance alone gives a z-score at least this far from 0, on either side.
pub fn p_value(z: f64) -> f64 {
    libm::erfc(z.abs() / std::f64::consts::SQRT_2)
}

/// P-values adjusted for their number: taking all up to `q` as discoveries, at most the share `q` of them is expected
/// to be false. NaN is no test and stays NaN.
///
/// Y. Benjamini and Y. Hochberg, Controlling the False Discovery Rate, J. R. Statist. Soc. B 57 (1995).
pub fn false_discovery_rates(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).filter(|i| !p_values[*i].is_nan()).collect();
    order.par_sort_unstable_by(|a, b| p_values[*a].total_cmp(&p_values[*b]).then(a.cmp(b)));
    let tests = order.len() as f64;
    let mut rates = vec![f64::NAN; p_values.len()];
    let mut least = 1.0f64;
    for (rank, i) in order.iter().enumerate().rev() {
        least = least.min(p_values[*i] * tests / (rank + 1) as f64);
        rates[*i] = least;
    }
    rates
}

/// How sure it is that a cell is no work of chance, and on which side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Fewer than chance would give, by the confidence in percent: 99, 95 or 90.
    Cold(u8),
    /// Chance may have done it.
    NotSignificant,
    /// More than chance would give, by the confidence in percent: 90, 95 or 99.
    Hot(u8),
}

impl Class {
    /// The class of a z-score with this p-value, adjusted or not.
    pub fn of(z: f64, p: f64) -> Class {
        let confidence = [(0.01, 99), (0.05, 95), (0.1, 90)].into_iter().find(|(most, _)| p <= *most);
        match confidence {
            Some((_, percent)) if z > 0.0 => Class::Hot(percent),
            Some((_, percent)) if z < 0.0 => Class::Cold(percent),
            _ => Class::NotSignificant,
        }
    }

    /// -3 to 3, coldest to hottest, as `Gi_Bin` of ArcGIS.
    pub fn bin(self) -> i64 {
        let step = |percent| match percent {
            99 => 3,
            95 => 2,
            _ => 1,
        };
        match self {
            Class::Cold(percent) => -step(percent),
            Class::NotSignificant => 0,
            Class::Hot(percent) => step(percent),
        }
    }
}

impl std::fmt::Display for Class {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Class::Cold(percent) => write!(f, "cold {percent} %"),
            Class::NotSignificant => write!(f, "not significant"),
            Class::Hot(percent) => write!(f, "hot {percent} %"),
        }
    }
}
