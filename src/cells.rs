//! What the cells of a whole data set gathered, at one zoom: sparse, sorted, exact. Adding two, subtracting one from
//! another and folding to a lower zoom are exact and may come in any order. It holds integers only; what it is kept in
//! (memory, Parquet) is not its business.
//!
//! Every position lies on the *finest lattice*, of 2^32 cells across the world: 9.3 mm at the equator. A cell of zoom `z`
//! is a square of 2^(24 - z) of them; west and north edges belong to it, as everywhere.

use std::ops::Range;

use crate::world::World;

/// The zoom whose cells are those of the finest lattice.
pub const FINEST: u8 = 24;

/// Weights and readings are kept as multiples of `1e-12`, so that decimals stay what they are.
pub const DECIMALS: u8 = 12;

/// What each cell holds beside the number of its events and their places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Contents {
    /// Whether events are weighed.
    pub weight: bool,
    /// Whether events have readings.
    pub value: bool,
    /// Into intervals of how many microseconds events are parted, where they are; an interval begins at a multiple of
    /// its length after 1970-01-01T00:00Z.
    pub step: Option<i64>,
    /// Whether events are parted by their subject too.
    pub subject: bool,
}

/// What one cell gathered, in one interval of time, of one subject. All are sums over its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cell {
    /// Column among the cells of the zoom, counted from 180° W.
    pub x: u32,
    /// Row, counted from the north.
    pub y: u32,
    /// The beginning of the interval, in microseconds since 1970 UTC; 0 where events are not parted by time.
    pub time: i64,
    /// The number of the subject, as in [`crate::Events::subject`]; 0 where events are not parted by it.
    pub subject: u64,
    /// How many events.
    pub count: i64,
    /// How far east of the cell's west edge, in steps of the finest lattice.
    pub dx: i64,
    /// How far south of the cell's north edge.
    pub dy: i64,
    /// Weights, in steps of `1e-12`; 0 where there are none.
    pub weight: i128,
    /// Weight times how far east.
    pub weight_dx: i128,
    /// Weight times how far south.
    pub weight_dy: i128,
    /// Readings, times weights where there are any, in steps of `1e-12`.
    pub value: i128,
    /// Squares of readings, times weights where there are any, in steps of `1e-12`.
    pub square: i128,
}

impl Cell {
    /// Where it comes among others: in the order of quadkeys, then of time, then of subject.
    pub fn order(&self) -> (u64, i64, u64) {
        (quadkey(self.x, self.y), self.time, self.subject)
    }

    /// Whether it is the same cell, in the same interval, of the same subject.
    pub fn is_same(&self, other: &Cell) -> bool {
        (self.x, self.y, self.time, self.subject) == (other.x, other.y, other.time, other.subject)
    }

    /// Whether nothing is left in it.
    pub fn is_nothing(&self) -> bool {
        let integers = [self.count, self.dx, self.dy].iter().all(|sum| *sum == 0);
        let decimals = [self.weight, self.weight_dx, self.weight_dy, self.value, self.square];
        integers && decimals.iter().all(|sum| *sum == 0)
    }

    /// Adds what the same cell gathered from other events.
    pub fn add(&mut self, other: &Cell) {
        self.count += other.count;
        self.dx += other.dx;
        self.dy += other.dy;
        self.weight += other.weight;
        self.weight_dx += other.weight_dx;
        self.weight_dy += other.weight_dy;
        self.value += other.value;
        self.square += other.square;
    }

    /// The same cell with all sums of the other sign: adding it takes events away.
    pub fn negated(self) -> Cell {
        Cell {
            count: -self.count,
            dx: -self.dx,
            dy: -self.dy,
            weight: -self.weight,
            weight_dx: -self.weight_dx,
            weight_dy: -self.weight_dy,
            value: -self.value,
            square: -self.square,
            ..self
        }
    }

    /// The mean place of its events on the finest lattice, column and row with their fractions, weighed where asked for;
    /// weights of both signs could have theirs elsewhere, which is brought to the edge of the cell.
    pub fn mean_finest(&self, zoom: u8, weighed: bool) -> (f64, f64) {
        let finer = FINEST - zoom;
        let by_weight = weighed && self.weight != 0;
        let mean = |cell: u32, sum: i64, weighed: i128| {
            let mean = if by_weight { weighed as f64 / self.weight as f64 } else { sum as f64 / self.count as f64 };
            (u64::from(cell) << finer) as f64 + mean.clamp(0.0, f64::from((1u32 << finer) - 1))
        };
        (mean(self.x, self.dx, self.weight_dx), mean(self.y, self.dy, self.weight_dy))
    }

    /// The mean place of its events, weighed where asked for.
    pub fn mean_place(&self, zoom: u8, weighed: bool) -> World {
        let (x, y) = self.mean_finest(zoom, weighed);
        World { x: middle(x), y: middle(y) }
    }

    /// The mean weight of its events.
    pub fn mean_weight(&self) -> f64 {
        undecimal(self.weight) / self.count as f64
    }

    /// The mean reading of its events, weighed where they are.
    pub fn mean_value(&self, contents: Contents) -> f64 {
        let of = if contents.weight { undecimal(self.weight) } else { self.count as f64 };
        if of == 0.0 { 0.0 } else { undecimal(self.value) / of }
    }

    /// What the cell gives to the one that holds it so many zooms above.
    pub fn folded(self, zooms: u8, finer: u8) -> Cell {
        let mask = (1u32 << zooms) - 1;
        let (east, south) = (i64::from(self.x & mask) << finer, i64::from(self.y & mask) << finer);
        Cell {
            x: self.x >> zooms,
            y: self.y >> zooms,
            dx: self.dx + east * self.count,
            dy: self.dy + south * self.count,
            weight_dx: self.weight_dx + i128::from(east) * self.weight,
            weight_dy: self.weight_dy + i128::from(south) * self.weight,
            ..self
        }
    }
}

/// What the cells of a data set gathered. Columns that its [`Contents`] do not ask for are empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cells {
    /// The zoom of tiles of 256 such cells.
    pub zoom: u8,
    /// What each cell holds.
    pub contents: Contents,
    /// As [`Cell::x`], and so on.
    pub x: Vec<u32>,
    /// Rows.
    pub y: Vec<u32>,
    /// Beginnings of intervals.
    pub time: Vec<i64>,
    /// Subjects.
    pub subject: Vec<u64>,
    /// Numbers of events.
    pub count: Vec<i64>,
    /// Sums of distances to the east.
    pub dx: Vec<i64>,
    /// Sums of distances to the south.
    pub dy: Vec<i64>,
    /// Sums of weights.
    pub weight: Vec<i128>,
    /// Sums of weights times distances to the east.
    pub weight_dx: Vec<i128>,
    /// Sums of weights times distances to the south.
    pub weight_dy: Vec<i128>,
    /// Sums of readings.
    pub value: Vec<i128>,
    /// Sums of squares of readings.
    pub square: Vec<i128>,
}

impl Cells {
    /// No cells.
    pub fn new(zoom: u8, contents: Contents) -> Cells {
        Cells { zoom, contents, ..Cells::default() }
    }

    /// How many cells there are; one that is parted counts for each interval and subject.
    pub fn len(&self) -> usize {
        self.x.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.x.is_empty()
    }

    /// Adds a cell, which comes after the last or is the same; one in which nothing is left is not kept.
    pub fn push(&mut self, cell: &Cell) {
        debug_assert!(self.is_empty() || self.cell(self.len() - 1).order() < cell.order(), "in order");
        if cell.is_nothing() {
            return;
        }
        self.x.push(cell.x);
        self.y.push(cell.y);
        self.count.push(cell.count);
        self.dx.push(cell.dx);
        self.dy.push(cell.dy);
        if self.contents.step.is_some() {
            self.time.push(cell.time);
        }
        if self.contents.subject {
            self.subject.push(cell.subject);
        }
        if self.contents.weight {
            self.weight.push(cell.weight);
            self.weight_dx.push(cell.weight_dx);
            self.weight_dy.push(cell.weight_dy);
        }
        if self.contents.value {
            self.value.push(cell.value);
            self.square.push(cell.square);
        }
    }

    /// Adds some cells of another, of the same zoom and contents, which come after the last.
    pub fn extend(&mut self, other: &Cells, rows: Range<usize>) {
        fn add<T: Copy>(to: &mut Vec<T>, from: &[T], rows: &Range<usize>) {
            to.extend_from_slice(from.get(rows.clone()).unwrap_or_default());
        }
        debug_assert!(self.zoom == other.zoom && self.contents == other.contents, "cells that were gathered alike");
        add(&mut self.x, &other.x, &rows);
        add(&mut self.y, &other.y, &rows);
        add(&mut self.time, &other.time, &rows);
        add(&mut self.subject, &other.subject, &rows);
        add(&mut self.count, &other.count, &rows);
        add(&mut self.dx, &other.dx, &rows);
        add(&mut self.dy, &other.dy, &rows);
        add(&mut self.weight, &other.weight, &rows);
        add(&mut self.weight_dx, &other.weight_dx, &rows);
        add(&mut self.weight_dy, &other.weight_dy, &rows);
        add(&mut self.value, &other.value, &rows);
        add(&mut self.square, &other.square, &rows);
    }

    /// Some of them.
    #[must_use]
    pub fn part(&self, rows: Range<usize>) -> Cells {
        let mut part = Cells::new(self.zoom, self.contents);
        part.extend(self, rows);
        part
    }

    /// The cell at this place in the order.
    pub fn cell(&self, i: usize) -> Cell {
        let of = |column: &[i128]| column.get(i).copied().unwrap_or(0);
        Cell {
            x: self.x[i],
            y: self.y[i],
            time: self.time.get(i).copied().unwrap_or(0),
            subject: self.subject.get(i).copied().unwrap_or(0),
            count: self.count[i],
            dx: self.dx[i],
            dy: self.dy[i],
            weight: of(&self.weight),
            weight_dx: of(&self.weight_dx),
            weight_dy: of(&self.weight_dy),
            value: of(&self.value),
            square: of(&self.square),
        }
    }

    /// All cells in their order.
    pub fn iter(&self) -> impl Iterator<Item = Cell> + '_ {
        (0..self.len()).map(|i| self.cell(i))
    }

    /// The sum of these and others, cell by cell; those in which nothing is left are gone.
    ///
    /// # Panics
    /// If the two differ in zoom or contents.
    pub fn plus(&self, other: &Cells) -> Cells {
        assert!(self.zoom == other.zoom && self.contents == other.contents, "cells that were gathered alike");
        let (mut a, mut b) = (self.iter().peekable(), other.iter().peekable());
        let mut sum = Cells::new(self.zoom, self.contents);
        loop {
            let first = match (a.peek(), b.peek()) {
                (None, None) => return sum,
                (Some(_), None) => a.next(),
                (None, Some(_)) => b.next(),
                (Some(x), Some(y)) if x.order() < y.order() => a.next(),
                (Some(x), Some(y)) if x.order() > y.order() => b.next(),
                _ => a.next().zip(b.next()).map(|(mut cell, other)| {
                    cell.add(&other);
                    cell
                }),
            };
            if let Some(cell) = first {
                sum.push(&cell);
            }
        }
    }

    /// The same with all sums of the other sign.
    pub fn negated(&self) -> Cells {
        let mut all = Cells::new(self.zoom, self.contents);
        self.iter().for_each(|cell| all.push(&cell.negated()));
        all
    }

    /// What the cells of a zoom above gathered: what they would have from the events themselves.
    ///
    /// # Panics
    /// If the zoom is deeper than that of these cells.
    pub fn folded(&self, zoom: u8) -> Cells {
        let zooms = self.zoom.checked_sub(zoom).expect("a zoom that is not deeper");
        let mut all: Vec<Cell> = self.iter().map(|cell| cell.folded(zooms, FINEST - self.zoom)).collect();
        // Cells are in order already where they are not parted by time or subject.
        all.sort_by_key(Cell::order);
        Cells::summed(zoom, self.contents, all)
    }

    /// Cells in order, of which those that are the same are added up.
    pub fn summed(zoom: u8, contents: Contents, cells: impl IntoIterator<Item = Cell>) -> Cells {
        let mut all = Cells::new(zoom, contents);
        let mut last: Option<Cell> = None;
        for cell in cells {
            match &mut last {
                Some(same) if same.is_same(&cell) => same.add(&cell),
                last => {
                    if let Some(done) = last.replace(cell) {
                        all.push(&done);
                    }
                }
            }
        }
        if let Some(done) = last {
            all.push(&done);
        }
        all
    }
}

/// The place of a position on the finest lattice, column and row; `x` of a [`World`] is in 0..1, and so is `y` of what
/// Mercator can show.
pub fn finest(at: World) -> (u32, u32) {
    let across = f64::from(FINEST + 8).exp2();
    ((at.x * across) as u32, (at.y * across) as u32)
}

/// The World coordinate of what is so far along the finest lattice: an event is in the middle of its cell.
#[inline]
pub fn middle(finest: f64) -> f64 {
    (finest + 0.5) / 4_294_967_296.0
}

/// The bits of a column and a row interleaved, from the first zoom to the last: the number whose digits in base 4 are the
/// quadkey.
pub fn quadkey(x: u32, y: u32) -> u64 {
    apart(x) | apart(y) << 1
}

/// The column and the row of a quadkey.
pub fn of_quadkey(key: u64) -> (u32, u32) {
    (together(key), together(key >> 1))
}

/// The steps of both ways, each moving half of the bits by so many places: Warren, Hacker's Delight (2012), 7-2.
const HALVES: [(u32, u64); 5] = [
    (16, 0x0000_ffff_0000_ffff),
    (8, 0x00ff_00ff_00ff_00ff),
    (4, 0x0f0f_0f0f_0f0f_0f0f),
    (2, 0x3333_3333_3333_3333),
    (1, 0x5555_5555_5555_5555),
];

/// The bits of a number with a 0 before each.
#[inline]
fn apart(number: u32) -> u64 {
    HALVES.iter().fold(u64::from(number), |bits, (by, mask)| (bits | bits << by) & mask)
}

/// Every second bit of a number, from the lowest.
#[inline]
fn together(bits: u64) -> u32 {
    let mut bits = bits & HALVES[4].1;
    for i in (0..4).rev() {
        bits = (bits | bits >> HALVES[i + 1].0) & HALVES[i].1;
    }
    (bits | bits >> HALVES[0].0) as u32
}

/// A weight or reading as a multiple of `1e-12`, rounded to the nearest.
pub fn decimal(value: f64) -> i128 {
    (value * 1e12).round() as i128
}

/// What a multiple of `1e-12` is.
pub fn undecimal(value: i128) -> f64 {
    value as f64 / 1e12
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quadkeys_come_apart_into_what_they_were_made_of() {
        for (x, y) in [(0, 0), (1, 0), (0, 1), (u32::MAX, 0), (0, u32::MAX), (0x1234_5678, 0x9abc_def0)] {
            assert_eq!(of_quadkey(quadkey(x, y)), (x, y));
        }
        assert_eq!(quadkey(0b11, 0b01), 0b0111, "south-west first, then west");
    }

    #[test]
    fn a_cell_and_its_negation_leave_nothing() {
        let cell = Cell { x: 3, y: 9, count: 2, dx: 17, weight: -5, ..Cell::default() };
        let mut cells = Cells::new(7, Contents { weight: true, ..Contents::default() });
        cells.push(&cell);
        assert!(cells.plus(&cells.negated()).is_empty());
        assert_eq!(cells.plus(&cells).cell(0).count, 4);
    }

    #[test]
    fn folding_at_once_equals_folding_zoom_by_zoom() {
        let cells = [(0, 0), (1, 0), (1, 1), (3, 2), (6, 7)].map(|(x, y)| Cell {
            x,
            y,
            count: 3,
            dx: 40,
            dy: 7,
            ..Cell::default()
        });
        let cells = Cells::summed(20, Contents::default(), cells);
        assert_eq!(cells.folded(17), cells.folded(19).folded(18).folded(17));
        assert_eq!(cells.folded(17).cell(0).dx, 3 * (16 + 16 + 48 + 96) + 5 * 40);
    }
}
