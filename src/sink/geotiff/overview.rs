//! Overviews: a grid in fewer cells, which readers take where they show less of it than it holds. Each is made of the
//! whole grid, not of another overview, and covers the same extent, so that its cells cut through some of those they cover.

use rayon::prelude::*;

use crate::grid::{Grid, Quantity};

/// What a cell of an overview is of those that it covers and that have data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// Their mean by area of the ground, of as much of each as is covered: a density stays one.
    Mean,
    /// Their sum, of as much of each as is covered: what is counted in each cell is counted in this one.
    Sum,
    /// The least of them.
    Least,
    /// The greatest of them.
    Greatest,
}

impl Rule {
    pub(super) fn of(quantity: &Quantity) -> Rule {
        match quantity {
            Quantity::PerCell(_) => Rule::Sum,
            Quantity::Rate(quantity, _) | Quantity::More(quantity, _) => Rule::of(quantity),
            Quantity::Reading(_, "min", _) => Rule::Least,
            Quantity::Reading(_, "max", _) => Rule::Greatest,
            Quantity::PerArea(..) | Quantity::Reading(..) | Quantity::Ratio(..) => Rule::Mean,
        }
    }

    /// What the metadata says of it.
    pub(super) fn about(self) -> &'static str {
        match self {
            Rule::Mean => "means by area of the cells they cover",
            Rule::Sum => "sums of the cells they cover",
            Rule::Least => "the least of the cells they cover",
            Rule::Greatest => "the greatest of the cells they cover",
        }
    }
}

/// The sizes of the overviews of a grid: halved, rounded up, until one block holds all.
pub(super) fn sizes((width, height): (u32, u32), block: u32) -> Vec<(u32, u32)> {
    let halved = |size: &(u32, u32)| {
        let more = size.0.max(size.1) > block;
        more.then(|| (size.0.div_ceil(2), size.1.div_ceil(2)))
    };
    std::iter::successors(Some((width, height)), halved).skip(1).collect()
}

/// A grid in so many cells.
pub(super) fn overview(grid: &Grid<f32>, size: (u32, u32), rule: Rule) -> Vec<f32> {
    match rule {
        Rule::Mean => fold(grid, size, |all, value, share, area| (all.0 + value * share * area, all.1 + share * area))
            .into_par_iter()
            .map(|(sum, area)| (sum / area) as f32)
            .collect(),
        Rule::Sum => valued(fold(grid, size, |all, value, share, _| (all.0 + value * share, 1.0))),
        Rule::Least => {
            valued(fold(grid, size, |all, value, _, _| (if all.1 > 0.0 { all.0.min(value) } else { value }, 1.0)))
        }
        Rule::Greatest => {
            valued(fold(grid, size, |all, value, _, _| (if all.1 > 0.0 { all.0.max(value) } else { value }, 1.0)))
        }
    }
}

/// What was gathered, where there was something.
fn valued(all: Vec<(f64, f64)>) -> Vec<f32> {
    all.into_iter().map(|(value, some)| if some > 0.0 { value as f32 } else { f32::NAN }).collect()
}

/// For each of `count` cells the cells it covers of `of` that have the same extent, and the share of each.
fn spans(of: u32, count: u32) -> Vec<Vec<(usize, f64)>> {
    let (of, count) = (u64::from(of), u64::from(count));
    let span = |i: u64| {
        // In units of which a fine cell has `count`, a coarse one `of`.
        let (from, to) = (i * of, (i + 1) * of);
        let share = |cell: u64| (to.min((cell + 1) * count) - from.max(cell * count)) as f64 / count as f64;
        (from / count..to.div_ceil(count)).map(|cell| (cell as usize, share(cell))).collect()
    };
    (0..count).map(span).collect()
}

/// Gathers the cells with data under each cell of an overview: what was gathered, then a value, the share of its cell that
/// is covered, and the area of the whole of it.
fn fold(
    grid: &Grid<f32>,
    (width, height): (u32, u32),
    take: impl Fn((f64, f64), f64, f64, f64) -> (f64, f64) + Sync,
) -> Vec<(f64, f64)> {
    let frame = grid.frame();
    let (cols, rows) = (spans(frame.width(), width), spans(frame.height(), height));
    let mut all = vec![(0.0, 0.0); cols.len() * rows.len()];
    all.par_chunks_mut(cols.len()).zip(&rows).for_each(|(out, rows)| {
        for (row, down) in rows {
            let (line, area) = (grid.row(*row as u32), frame.cell_area(*row as i64));
            for (out, cols) in out.iter_mut().zip(&cols) {
                for (col, across) in cols.iter().filter(|(col, _)| !line[*col].is_nan()) {
                    *out = take(*out, f64::from(line[*col]), across * down, area);
                }
            }
        }
    });
    all
}
