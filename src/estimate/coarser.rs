//! What fine cells hold, shared among cells 2, 4, 8... times larger by the quadratic B-spline.

use rayon::prelude::*;

use crate::estimate::fir;
use crate::frame::Frame;
use crate::grid::Grid;

/// The shares that one larger cell takes of the `3 factor` fine cells around it, along an axis, where fine cells hold
/// what lies at their centres. It adds a quarter of a larger cell's square to the variance.
pub fn of_centres(factor: u32) -> Vec<f32> {
    let at = |tap: u32| {
        let t = (f64::from(tap) + 0.5) / f64::from(factor) - 1.5;
        if t.abs() < 0.5 { 0.75 - t * t } else { 0.5 * (1.5 - t.abs()).powi(2) }
    };
    (0..3 * factor).map(|tap| at(tap) as f32).collect()
}

/// The same where fine cells hold what events were shared by the spline already: what comes out is the sharing of the
/// events among the larger cells itself, because a B-spline is a sum of narrower ones (the two-scale relation,
/// `1/4 3/4 3/4 1/4` for a factor of 2; in general, three boxes of `factor` cells folded into one another).
pub fn of_shares(factor: u32) -> Vec<f32> {
    let cells = factor as usize;
    let with_box = |values: &[u64]| -> Vec<u64> {
        let reach = |i: usize| i.saturating_sub(cells - 1)..(i + 1).min(values.len());
        (0..values.len() + cells - 1).map(|i| values[reach(i)].iter().sum()).collect()
    };
    let folded = with_box(&with_box(&vec![1; cells]));
    let square = f64::from(factor).powi(2);
    let inner = folded.iter().map(|sum| (*sum as f64 / square) as f32);
    std::iter::once(0.0).chain(inner).chain([0.0]).collect()
}

/// What `grid` holds, shared among the cells of `to`, which are `factor` times larger and on the same lattice, with the
/// `taps` of one axis: first down the columns, then along the rows.
pub fn shared(grid: &Grid<f32>, to: Frame, factor: u32, taps: &[f32]) -> Grid<f32> {
    let (width, height) = (grid.frame().width() as usize, grid.frame().height() as usize);
    let near = |cell: i64, fine_first: i64, cells: usize| {
        let start = (cell - 1) * i64::from(factor) - fine_first;
        let limit = |at: i64| at.clamp(0, cells as i64) as usize;
        let range = limit(start)..limit(start + taps.len() as i64);
        let skipped = (range.start as i64 - start).clamp(0, taps.len() as i64) as usize;
        (range, &taps[skipped..])
    };
    let columns: Vec<_> =
        (0..i64::from(to.width())).map(|col| near(to.first().0 + col, grid.frame().first().0, width)).collect();
    let mut values = vec![0.0f32; to.len()];
    values.par_chunks_mut(to.width() as usize).enumerate().for_each_init(
        || vec![0.0f32; width],
        |down, (row, out)| {
            let (rows, taps) = near(to.first().1 + row as i64, grid.frame().first().1, height);
            if rows.is_empty() {
                return;
            }
            let weights: Vec<(usize, f32)> = rows.zip(taps.iter().copied()).collect();
            fir::vertical(down, grid.values(), width, 0, &weights);
            for (out, (near, taps)) in out.iter_mut().zip(&columns) {
                *out = down[near.clone()].iter().zip(*taps).map(|(value, tap)| value * tap).sum();
            }
        },
    );
    Grid::new(to, values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fine_cell_is_shared_whole() {
        for (factor, taps) in [2, 4, 8, 64].into_iter().flat_map(|f| [(f, of_centres(f)), (f, of_shares(f))]) {
            assert_eq!(taps.len(), 3 * factor as usize);
            for cell in 0..factor as usize {
                let shares = (0..3).map(|k| taps[cell + k * factor as usize]).sum::<f32>();
                assert!((shares - 1.0).abs() < 1e-6, "cell {cell} of {factor}: {shares}");
            }
        }
        assert_eq!(of_shares(2), [0.0, 0.25, 0.75, 0.75, 0.25, 0.0]);
    }
}
