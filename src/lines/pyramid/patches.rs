//! The parts of a block that events reach: rectangles outside of which there is nothing, so that a block over an ocean
//! costs what its islands cost.

use std::collections::HashMap;
use std::ops::Range;

use crate::cells::middle;
use crate::error::Error;
use crate::frame::Frame;
use crate::lines::pyramid::planes::Planes;
use crate::lines::pyramid::stock::Piece;

/// Cells along each side of the squares that patches are made of: whole ones at every zoom of a block.
const SQUARE: u32 = 64;

/// Events from so many cells to each on are taken to lie everywhere, without a look at where they do.
const CROWDED: usize = 16;

/// A part of a block, computed by itself.
#[derive(Debug, Clone)]
pub struct Patch {
    /// The cells of the block that it is.
    pub own: Frame,
    /// What they hold, and what some cells around them do: outside there is nothing.
    pub planes: Planes,
}

/// Where a patch is to be computed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Site {
    /// The cells of the block that it is.
    pub own: Frame,
    /// The cells that events reach, of those and some around them.
    pub reached: Frame,
}

/// The sites of the patches of a block, from the events near it and the cells that hold them: `reach` tells the cells from
/// which events reach a frame, which are those that events in it reach. Patches look `beyond` their own cells, so far that
/// zooms below can interpolate.
///
/// # Errors
/// What `reach` meets.
pub fn sites(
    (block, beyond): (Frame, u32),
    (near, holds): (&[Piece], Frame),
    reach: impl Fn(Frame) -> Result<Frame, Error>,
) -> Result<Vec<Site>, Error> {
    let seen = block.grow(beyond);
    let around = reach(seen)?;
    let events: usize = near.iter().map(|piece| piece.rows.len()).sum();
    let crowded = events * CROWDED > around.len();
    let held = if crowded { HashMap::from([((0, 0), holds)]) } else { squares(&around, near) };
    let reached = held.into_values().map(|frame| reach(frame).map(|frame| frame.common(&seen)));
    let reached: Vec<Frame> = reached.collect::<Result<Vec<_>, Error>>()?.into_iter().flatten().collect();
    let site = |own: Frame| {
        let near = reached.iter().filter_map(|frame| frame.common(&own.grow(beyond)));
        near.reduce(|all, one| all.cover(&one)).map(|reached| Site { own, reached })
    };
    // Each is gathered from all events near, with a margin of its own.
    let margin = ((around.width() - seen.width()) as usize / 2, (around.height() - seen.height()) as usize / 2);
    let cost = |wide: usize, high: usize| {
        let cells = |squares: usize, margin: usize| squares * SQUARE as usize + 2 * margin;
        events + cells(wide, margin.0) * cells(high, margin.1)
    };
    let own = marked(&block, &reached, beyond).rectangles(&cost).into_iter().map(|rectangle| rectangle.of(&block));
    Ok(own.filter_map(site).collect())
}

/// For each square of the lattice that holds events in reach, the least frame that holds them.
fn squares(around: &Frame, near: &[Piece]) -> HashMap<(i64, i64), Frame> {
    let mut held = HashMap::new();
    let inside = |(col, row): (i64, i64)| {
        (0..i64::from(around.width())).contains(&col) && (0..i64::from(around.height())).contains(&row)
    };
    for Piece { cells, rows } in near {
        for copy in around.copies() {
            for (x, y) in cells.x[rows.clone()].iter().zip(&cells.y[rows.clone()]) {
                let place = around.place(middle(f64::from(*x)) + copy, middle(f64::from(*y))).cell;
                let cell = (place.0 as i64, place.1 as i64);
                if inside(cell) {
                    let square = (cell.0.div_euclid(i64::from(SQUARE)), cell.1.div_euclid(i64::from(SQUARE)));
                    let here = around.moved(cell, (1, 1));
                    held.entry(square).and_modify(|frame: &mut Frame| *frame = frame.cover(&here)).or_insert(here);
                }
            }
        }
    }
    held
}

/// Which squares of a block are reached, or look at what is.
fn marked(block: &Frame, reached: &[Frame], beyond: u32) -> Squares {
    let mut rows = vec![0; block.height().div_ceil(SQUARE) as usize];
    for frame in reached.iter().filter_map(|frame| frame.grow(beyond).common(block)) {
        let (left, top) = frame.offset_in(block);
        let squares =
            |from: usize, cells: u32| from / SQUARE as usize..(from + cells as usize).div_ceil(SQUARE as usize);
        let wide = bits(&squares(left, frame.width()));
        rows[squares(top, frame.height())].iter_mut().for_each(|row| *row |= wide);
    }
    Squares { rows }
}

/// Some of the squares of a block, which are at most 64 by 64: a bit for each column of a row.
struct Squares {
    rows: Vec<u64>,
}

/// Columns and rows of squares.
#[derive(Debug, Clone, PartialEq)]
struct Rectangle {
    columns: Range<usize>,
    rows: Range<usize>,
}

impl Rectangle {
    fn of(&self, block: &Frame) -> Frame {
        let cells = |squares: usize| squares as u32 * SQUARE;
        let corner = (i64::from(cells(self.columns.start)), i64::from(cells(self.rows.start)));
        block.moved(corner, (cells(self.columns.len()), cells(self.rows.len())))
    }
}

impl Squares {
    /// Rectangles that hold all squares, none twice: a rectangle is cut in two where those around the squares of either
    /// part cost less than that around all, and so on.
    fn rectangles(&self, cost: &dyn Fn(usize, usize) -> usize) -> Vec<Rectangle> {
        let of = |one: &Rectangle| cost(one.columns.len(), one.rows.len());
        let mut open: Vec<Rectangle> = self.around(0..64, 0..self.rows.len()).into_iter().collect();
        let mut done = Vec::new();
        while let Some(whole) = open.pop() {
            let (columns, rows) = (&whole.columns, &whole.rows);
            let upright = (columns.start + 1..columns.end).map(|cut| {
                [self.around(columns.start..cut, rows.clone()), self.around(cut..columns.end, rows.clone())]
            });
            let level = (rows.start + 1..rows.end).map(|cut| {
                [self.around(columns.clone(), rows.start..cut), self.around(columns.clone(), cut..rows.end)]
            });
            let parts = upright.chain(level).min_by_key(|parts| parts.iter().flatten().map(of).sum::<usize>());
            match parts.filter(|parts| parts.iter().flatten().map(of).sum::<usize>() < of(&whole)) {
                Some(parts) => open.extend(parts.into_iter().flatten()),
                None => done.push(whole),
            }
        }
        done
    }

    /// The least rectangle that holds the squares in some columns and rows.
    fn around(&self, columns: Range<usize>, rows: Range<usize>) -> Option<Rectangle> {
        let within = bits(&columns);
        let first = rows.clone().find(|row| self.rows[*row] & within != 0)?;
        let last = rows.rev().find(|row| self.rows[*row] & within != 0)?;
        let all = self.rows[first..=last].iter().fold(0, |all, row| all | row & within);
        let columns = all.trailing_zeros() as usize..64 - all.leading_zeros() as usize;
        Some(Rectangle { columns, rows: first..last + 1 })
    }
}

/// A bit for each of some columns.
fn bits(columns: &Range<usize>) -> u64 {
    let below = |end: usize| if end >= 64 { u64::MAX } else { (1 << end) - 1 };
    below(columns.end) & !below(columns.start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rectangles_hold_every_square_and_none_twice() {
        for pattern in 1..40u64 {
            let row = |row: u64| {
                (row * pattern + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) & (pattern * 0x0123_4567) >> (row % 7)
            };
            let squares = Squares { rows: (0..32).map(row).collect() };
            let all = squares.rectangles(&|wide, high| 50 + (64 * wide + 100) * (64 * high + 100));
            let mut held = vec![0u64; 32];
            for Rectangle { columns, rows } in all {
                for row in rows {
                    assert_eq!(held[row] & bits(&columns), 0, "pattern {pattern}: row {row} twice");
                    held[row] |= bits(&columns);
                }
            }
            assert!(
                squares.rows.iter().zip(&held).all(|(row, held)| row & !held == 0),
                "pattern {pattern}: one is missing"
            );
        }
    }

    #[test]
    fn squares_far_apart_are_rectangles_of_their_own() {
        let squares = Squares { rows: [&[0b11, 0b11][..], &[0; 20], &[1 << 30]].concat() };
        let cells = |wide: usize, high: usize| (64 * wide + 90) * (64 * high + 90);
        assert_eq!(squares.rectangles(&cells).len(), 2);
        assert_eq!(squares.rectangles(&|wide, high| 100_000_000 + cells(wide, high)).len(), 1, "there are many events");
    }
}
