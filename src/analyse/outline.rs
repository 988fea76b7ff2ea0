//! Outlines of what lies between two levels: marching squares over the lattice of a grid.
//!
//! A level crosses a line of the lattice where linear interpolation says so, and each patch of the lattice by straight
//! chords. Where two opposite corners are inside and the other two are not, the mean of all four decides whether the
//! inside hangs together. Outlines of different levels never touch, so that bands side by side add up exactly; at the
//! edge of the frame, at the antimeridian and where data ends, areas are closed and contours end.

use std::ops::Range;

use rayon::prelude::*;

use super::lattice::Lattice;
use super::rings::{nested, straightened};
use super::trace::{self, Name, Step};
use crate::events::{Space, YAxis};
use crate::findings::{Polygon, Position};
use crate::frame::Frame;
use crate::grid::Grid;
use crate::world::World;

pub use super::lattice::grain;

/// The share of a line of the lattice over which crossings are spread, so that no two levels, and no level and no
/// crossing of lines, come to the same point.
const SPREAD: f64 = 1e-3;

/// Levels over a grid, ready to be outlined.
#[derive(Debug, Clone)]
pub struct Outlines<'a> {
    lattice: Lattice<'a>,
    frame: Frame,
    levels: Vec<f64>,
}

impl<'a> Outlines<'a> {
    /// The outlines of these levels, which grow.
    ///
    /// # Panics
    /// If the levels do not grow.
    pub fn new(grid: &'a Grid<f32>, levels: &[f64]) -> Outlines<'a> {
        assert!(levels.windows(2).all(|pair| pair[0] < pair[1]), "levels grow: {levels:?}");
        Outlines { lattice: Lattice::new(grid), frame: *grid.frame(), levels: levels.to_vec() }
    }

    /// The levels.
    pub fn levels(&self) -> &[f64] {
        &self.levels
    }

    /// The area where values are at or above a level and, where it is given, below a second one; by their places among
    /// the levels.
    pub fn area(&self, low: usize, high: Option<usize>) -> Vec<Polygon> {
        self.lattice.sheets.iter().flat_map(|sheet| polygons(self, sheet, &self.rings(sheet, low, high))).collect()
    }

    /// The lines along which values are just at a level, higher values on the left.
    pub fn contour(&self, level: usize) -> Vec<Vec<Position>> {
        let mut lines = Vec::new();
        for sheet in &self.lattice.sheets {
            let steps = self.steps(sheet, |patch, steps| patch.chords(level, |a, b| steps.push((a, b))));
            let place = |name: &Name| self.lattice.position(sheet, self.at(*name));
            lines.extend(trace::lines(steps).iter().map(|line| line.iter().map(place).collect::<Vec<_>>()));
        }
        lines
    }

    /// How many of the levels are at or below the value at a position; `None` outside the frame and where there is no
    /// data. A position is inside of [`Outlines::area`] just where the count says so.
    pub fn levels_at(&self, world: World) -> Option<usize> {
        let (width, height) = (f64::from(self.frame.width()), f64::from(self.frame.height()));
        let places = self.frame.copies().map(|copy| self.frame.place(world.x + copy, world.y));
        let inside = |(col, row): (f64, f64)| (0.0..width).contains(&col) && (0.0..height).contains(&row);
        let place = places.into_iter().find(|place| inside(place.cell))?;
        let point = [place.cell.0 + place.inside.0, place.cell.1 + place.inside.1];
        let (col, row) = self.lattice.patch_at(point);
        let patch = Patch::of(self, col, row)?;
        Some((0..self.levels.len()).take_while(|level| patch.holds(*level, point)).count())
    }

    /// The steps that patches of a sheet give, in order.
    fn steps(&self, sheet: &Range<usize>, give: impl Fn(&Patch<'_, '_>, &mut Vec<Step>) + Sync) -> Vec<Step> {
        let of_row = |row: usize| {
            let mut steps = Vec::new();
            sheet.clone().filter_map(|col| Patch::of(self, col, row)).for_each(|patch| give(&patch, &mut steps));
            steps
        };
        let rows: Vec<Vec<Step>> = (0..self.lattice.height()).into_par_iter().map(of_row).collect();
        rows.concat()
    }

    /// Rings round what lies between two levels, in cells.
    fn rings(&self, sheet: &Range<usize>, low: usize, high: Option<usize>) -> Vec<Vec<[f64; 2]>> {
        let steps = self.steps(sheet, |patch, steps| {
            if patch.is_beside(low, high) {
                return;
            }
            patch.chords(low, |a, b| steps.push((a, b)));
            if let Some(high) = high {
                patch.chords(high, |a, b| steps.push((b, a)));
            }
            for side in Side::ALL.into_iter().filter(|side| patch.ends_at(*side, sheet)) {
                patch.along(side, low, high, |a, b| steps.push((a, b)));
            }
        });
        let place = |ring: &Vec<Name>| straightened(&ring.iter().map(|name| self.at(*name)).collect::<Vec<_>>());
        trace::rings(steps).iter().map(place).filter(|ring| ring.len() > 2).collect()
    }

    /// The name of a crossing of lines.
    fn crossing(&self, col: usize, row: usize) -> Name {
        self.name(col, row, 2, 0)
    }

    /// A point is named by the crossing of lines it is at, or is east (0) or south (1) of, and by its level.
    fn name(&self, col: usize, row: usize, kind: usize, level: usize) -> Name {
        let crossing = row * self.lattice.across() + col;
        ((crossing * 3 + kind) * (self.levels.len() + 1) + level) as Name
    }

    /// Where a named point is, in cells.
    fn at(&self, name: Name) -> [f64; 2] {
        let name = name as usize;
        let (rest, level) = (name / (self.levels.len() + 1), name % (self.levels.len() + 1));
        let (crossing, kind) = (rest / 3, rest % 3);
        let (col, row) = (crossing % self.lattice.across(), crossing / self.lattice.across());
        match kind {
            0 => self.between((col, row), (col + 1, row), level),
            1 => self.between((col, row), (col, row + 1), level),
            _ => self.lattice.at(col, row),
        }
    }

    /// Where a level crosses the line between two crossings.
    fn between(&self, a: (usize, usize), b: (usize, usize), level: usize) -> [f64; 2] {
        let values = [a, b].map(|(col, row)| self.lattice.value(col, row));
        let (low, high, below, above) =
            if values[0] < values[1] { (a, b, values[0], values[1]) } else { (b, a, values[1], values[0]) };
        let share = ((self.levels[level] - below) / (above - below)).clamp(0.0, 1.0);
        let spread = (level + 1) as f64 / (self.levels.len() + 1) as f64;
        let share = SPREAD * spread + (1.0 - SPREAD) * share;
        let (low, high) = (self.lattice.at(low.0, low.1), self.lattice.at(high.0, high.1));
        [low[0] + share * (high[0] - low[0]), low[1] + share * (high[1] - low[1])]
    }
}

/// A side of a patch, in the order in which they are walked with the patch on the left.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Side {
    West,
    South,
    East,
    North,
}

impl Side {
    const ALL: [Side; 4] = [Side::West, Side::South, Side::East, Side::North];
}

/// Four crossings of lines with values at all of them, and what lies between.
struct Patch<'o, 'a> {
    of: &'o Outlines<'a>,
    col: usize,
    row: usize,
    /// The values at the north-west, south-west, south-east and north-east corner: a side leads from the corner of its
    /// place to the next one.
    values: [f64; 4],
}

impl<'o, 'a> Patch<'o, 'a> {
    fn of(of: &'o Outlines<'a>, col: usize, row: usize) -> Option<Patch<'o, 'a>> {
        let values = CORNERS.map(|(right, down)| of.lattice.value(col + right, row + down));
        (!values.iter().any(|value| value.is_nan())).then_some(Patch { of, col, row, values })
    }

    /// Whether all of it is below one level, or at or above the other.
    fn is_beside(&self, low: usize, high: Option<usize>) -> bool {
        let levels = &self.of.levels;
        let above = |high: usize| self.values.iter().all(|value| *value >= levels[high]);
        self.values.iter().all(|value| *value < levels[low]) || high.is_some_and(above)
    }

    /// The name of the point where a level crosses a side.
    fn cut(&self, side: Side, level: usize) -> Name {
        let (col, row, kind) = match side {
            Side::West => (self.col, self.row, 1),
            Side::South => (self.col, self.row + 1, 0),
            Side::East => (self.col + 1, self.row, 1),
            Side::North => (self.col, self.row, 0),
        };
        self.of.name(col, row, kind, level)
    }

    /// The chords of a level, from the side where a walk round the patch leaves the inside to one where it enters.
    fn chords(&self, level: usize, mut chord: impl FnMut(Name, Name)) {
        let inside = self.values.map(|value| value >= self.of.levels[level]);
        let side_of = |i: usize| Side::ALL[i];
        let leaves = |i: &usize| inside[*i] && !inside[(i + 1) % 4];
        let enters = |i: &usize| !inside[*i] && inside[(i + 1) % 4];
        for exit in (0..4).filter(leaves) {
            // Joined, the walk goes on with the next piece of the inside; apart, it comes back to where it entered.
            let onward = (1..4).map(|step| (exit + step) % 4).find(enters);
            let back = (1..4).map(|step| (exit + 4 - step) % 4).find(enters);
            if let (Some(onward), Some(back)) = (onward, back) {
                let entry = if self.joined(level) { onward } else { back };
                chord(self.cut(side_of(exit), level), self.cut(side_of(entry), level));
            }
        }
    }

    /// Whether the middle is inside a level.
    fn joined(&self, level: usize) -> bool {
        self.values.iter().sum::<f64>() / 4.0 >= self.of.levels[level]
    }

    /// Whether there is nothing of the sheet beyond a side.
    fn ends_at(&self, side: Side, sheet: &Range<usize>) -> bool {
        let (col, row) = match side {
            Side::West => (self.col.checked_sub(1), Some(self.row)),
            Side::South => (Some(self.col), Some(self.row + 1)),
            Side::East => (Some(self.col + 1), Some(self.row)),
            Side::North => (Some(self.col), self.row.checked_sub(1)),
        };
        let there = |(col, row)| {
            let inside = sheet.contains(&col) && row < self.of.lattice.height();
            inside && (self.of.lattice.complete || Patch::of(self.of, col, row).is_some())
        };
        !col.zip(row).is_some_and(there)
    }

    /// The piece of a side that lies between two levels.
    fn along(&self, side: Side, low: usize, high: Option<usize>, mut piece: impl FnMut(Name, Name)) {
        let i = side as usize;
        let place = |value: f64| match high {
            _ if value < self.of.levels[low] => 0,
            Some(high) if value >= self.of.levels[high] => 2,
            _ => 1,
        };
        let ends = [i, (i + 1) % 4].map(|corner| (corner, place(self.values[corner])));
        if ends[0].1 == ends[1].1 && ends[0].1 != 1 {
            return;
        }
        let point = |(corner, place): (usize, u8)| match (place, high) {
            (0, _) => self.cut(side, low),
            (2, Some(high)) => self.cut(side, high),
            _ => self.of.crossing(self.col + CORNERS[corner].0, self.row + CORNERS[corner].1),
        };
        piece(point(ends[0]), point(ends[1]));
    }

    /// Whether a point of the patch is inside a level.
    fn holds(&self, level: usize, [x, y]: [f64; 2]) -> bool {
        let (mut chords, mut left_of) = (0, 0);
        self.chords(level, |a, b| {
            let (a, b) = (self.of.at(a), self.of.at(b));
            chords += 1;
            // On a map, with y growing down, what is left of a step has a negative cross product.
            left_of += i32::from((b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]) <= 0.0);
        });
        match chords {
            0 => self.values[0] >= self.of.levels[level],
            2 if !self.joined(level) => left_of > 0,
            _ => left_of == chords,
        }
    }
}

/// Right and down of the corners of a patch.
const CORNERS: [(usize, usize); 4] = [(0, 0), (0, 1), (1, 1), (1, 0)];

/// Polygons of rings, in the coordinates of the space.
fn polygons(of: &Outlines<'_>, sheet: &Range<usize>, rings: &[Vec<[f64; 2]>]) -> Vec<Polygon> {
    let closed = |i: usize| {
        let mut ring: Vec<Position> = rings[i].iter().map(|point| of.lattice.position(sheet, *point)).collect();
        ring.push(ring[0]);
        if grows_down(&of.frame) {
            ring.reverse();
        }
        ring
    };
    let nested = nested(rings, of.lattice.height());
    let polygon = |(outer, holes): (usize, Vec<usize>)| Polygon {
        outer: closed(outer),
        holes: holes.into_iter().map(closed).collect(),
    };
    nested.into_iter().map(polygon).collect()
}

/// Whether coordinates grow down as World does: there, what runs counterclockwise for the eye runs clockwise in numbers.
pub(super) fn grows_down(frame: &Frame) -> bool {
    matches!(frame.space(), Space::Flat { y_axis: YAxis::Down, .. })
}
