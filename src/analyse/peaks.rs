//! Peaks: where a grid is higher than all around. A plateau is one peak, at its middle; the top of any other is found
//! between the centres of cells, by the quadratic surface through the nine values around it.

use std::collections::HashSet;

use rayon::prelude::*;

use super::lattice::round_the_world;
use crate::grid::Grid;

/// A place higher than all around it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Peak {
    /// Where, in cells right and down from the north-west corner of the frame.
    pub at: [f64; 2],
    /// The value there.
    pub value: f64,
    /// Whether it lies in a cell at the edge of the frame or of the data, beyond which it may be higher still.
    pub at_edge: bool,
}

/// All peaks above a value, the highest first; of equal ones the northernmost, then the westernmost.
pub fn peaks(grid: &Grid<f32>, above: f32) -> Vec<Peak> {
    let around = Around { grid, round: round_the_world(grid.frame()) };
    let width = grid.frame().width() as usize;
    let unsurpassed =
        |cell: &usize| grid.values()[*cell] > above && !around.of(*cell).any(|(_, v)| v > grid.values()[*cell]);
    let cells: Vec<usize> = (0..grid.frame().len()).into_par_iter().filter(unsurpassed).collect();
    let mut seen: HashSet<usize> = HashSet::new();
    let mut peaks: Vec<Peak> = Vec::new();
    for cell in cells {
        if seen.contains(&cell) {
            continue;
        }
        let plateau = around.plateau(cell);
        seen.extend(&plateau);
        let own = grid.values()[cell];
        if plateau.iter().any(|c| around.of(*c).any(|(_, value)| value > own)) {
            continue;
        }
        let top = if plateau.len() == 1 { around.top(cell) } else { None };
        let centre = |c: &usize| [(c % width) as f64 + 0.5, (c / width) as f64 + 0.5];
        let (at, value) = top.unwrap_or_else(|| (middle(plateau.iter().map(centre)), f64::from(own)));
        let at_edge = plateau.iter().any(|c| around.of(*c).count() < 8);
        peaks.push(Peak { at, value, at_edge });
    }
    peaks.sort_by(|a, b| {
        b.value.total_cmp(&a.value).then(a.at[1].total_cmp(&b.at[1])).then(a.at[0].total_cmp(&b.at[0]))
    });
    peaks
}

/// The highest of these peaks, at most `top` of them, none nearer than `least` to a higher one.
pub fn apart(peaks: &[Peak], top: usize, least: f64, distance: impl Fn(&Peak, &Peak) -> f64) -> Vec<Peak> {
    let mut kept: Vec<Peak> = Vec::new();
    for peak in peaks {
        if kept.len() == top {
            break;
        }
        if kept.iter().all(|higher| distance(higher, peak) >= least) {
            kept.push(*peak);
        }
    }
    kept
}

fn middle(points: impl ExactSizeIterator<Item = [f64; 2]>) -> [f64; 2] {
    let n = points.len() as f64;
    let sum = points.fold([0.0, 0.0], |sum, point| [sum[0] + point[0], sum[1] + point[1]]);
    [sum[0] / n, sum[1] / n]
}

/// The cells of a grid and what is around them.
struct Around<'a> {
    grid: &'a Grid<f32>,
    /// Whether the first column is the neighbour of the last.
    round: bool,
}

impl Around<'_> {
    /// The cell so far right and down of another one, and its value; `None` where there is none or it has no data.
    fn beside(&self, cell: usize, right: i64, down: i64) -> Option<(usize, f32)> {
        let (width, height) = (i64::from(self.grid.frame().width()), i64::from(self.grid.frame().height()));
        let (mut col, row) = (cell as i64 % width + right, cell as i64 / width + down);
        if self.round && width > 2 {
            col = col.rem_euclid(width);
        }
        let there = (0..width).contains(&col) && (0..height).contains(&row);
        let beside = there.then(|| (row * width + col) as usize)?;
        let value = self.grid.values()[beside];
        (!value.is_nan()).then_some((beside, value))
    }

    /// The up to eight cells around one.
    fn of(&self, cell: usize) -> impl Iterator<Item = (usize, f32)> {
        let steps = (-1..=1).flat_map(|down| (-1..=1).map(move |right| (right, down))).filter(|step| *step != (0, 0));
        steps.filter_map(move |(right, down)| self.beside(cell, right, down))
    }

    /// The cells of one value that hang together with a cell, in order.
    fn plateau(&self, cell: usize) -> Vec<usize> {
        let own = self.grid.values()[cell];
        let (mut found, mut open) = (HashSet::from([cell]), vec![cell]);
        while let Some(cell) = open.pop() {
            open.extend(self.of(cell).filter(|(c, value)| *value == own && found.insert(*c)).map(|(c, _)| c));
        }
        let mut found: Vec<usize> = found.into_iter().collect();
        found.sort_unstable();
        found
    }

    /// The top of the quadratic surface whose slopes and curvatures are the central differences at a cell: where and
    /// how high; `None` where a neighbour is missing or the top is not within a cell.
    fn top(&self, cell: usize) -> Option<([f64; 2], f64)> {
        let at = |right, down| self.beside(cell, right, down).map(|(_, value)| f64::from(value));
        let own = at(0, 0)?;
        let (west, east, north, south) = (at(-1, 0)?, at(1, 0)?, at(0, -1)?, at(0, 1)?);
        let slope = [(east - west) / 2.0, (south - north) / 2.0];
        let (xx, yy) = (east - 2.0 * own + west, south - 2.0 * own + north);
        let xy = (at(1, 1)? - at(1, -1)? - at(-1, 1)? + at(-1, -1)?) / 4.0;
        let determinant = xx * yy - xy * xy;
        let step = [(xy * slope[1] - yy * slope[0]) / determinant, (xy * slope[0] - xx * slope[1]) / determinant];
        let is_top = xx < 0.0 && determinant > 0.0 && step.iter().all(|s| s.abs() <= 1.0);
        let width = self.grid.frame().width() as usize;
        let centre = [(cell % width) as f64 + 0.5, (cell / width) as f64 + 0.5];
        let value = own + f64::midpoint(slope[0] * step[0], slope[1] * step[1]);
        is_top.then_some(([centre[0] + step[0], centre[1] + step[1]], value))
    }
}
