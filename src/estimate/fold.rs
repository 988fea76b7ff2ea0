//! Cells twice as wide and high, from the four that each covers.

use rayon::prelude::*;

use crate::grid::Grid;

/// What the four cells gathered together.
///
/// # Panics
/// If the cells do not come in whole fours.
pub fn sums(fine: &Grid<f32>) -> Grid<f32> {
    fold(fine, |_| (1.0, 1.0))
}

/// The mean density of the four cells, by their area on the ground: no mass is lost.
///
/// # Panics
/// If the cells do not come in whole fours.
pub fn means(fine: &Grid<f32>) -> Grid<f32> {
    let frame = *fine.frame();
    fold(fine, |row| {
        let (upper, lower) = (frame.cell_area(row), frame.cell_area(row + 1));
        let both = 2.0 * (upper + lower);
        ((upper / both) as f32, (lower / both) as f32)
    })
}

/// The four cells times a weight for their row.
fn fold(fine: &Grid<f32>, weights: impl Fn(i64) -> (f32, f32) + Sync) -> Grid<f32> {
    let coarse = fine.frame().coarsen(2);
    let whole = coarse.refine(2);
    assert_eq!(whole, *fine.frame(), "whole fours");
    let mut values = vec![0.0f32; coarse.len()];
    values.par_chunks_mut(coarse.width() as usize).enumerate().for_each(|(row, out)| {
        let (above, below) = (fine.row(2 * row as u32), fine.row(2 * row as u32 + 1));
        let (upper, lower) = weights(2 * row as i64);
        for ((out, above), below) in out.iter_mut().zip(above.chunks_exact(2)).zip(below.chunks_exact(2)) {
            *out = upper * (above[0] + above[1]) + lower * (below[0] + below[1]);
        }
    });
    Grid::new(coarse, values)
}
