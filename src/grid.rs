//! Values over the cells of a frame. `Counts` holds what cells gathered, exactly, in integers; `Density` holds
//! what was estimated from it, with its unit. The type tells the stage, and no-data (NaN) is not zero.

use std::fmt;

use crate::events::{Space, Unit};
use crate::frame::Frame;

/// Row-major values over a frame; row 0 is the northernmost.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid<T> {
    frame: Frame,
    values: Vec<T>,
}

impl<T: Copy> Grid<T> {
    /// These values over this frame.
    ///
    /// # Panics
    /// If there are not as many values as cells.
    pub fn new(frame: Frame, values: Vec<T>) -> Grid<T> {
        assert_eq!(frame.len(), values.len(), "one value for each cell");
        Grid { frame, values }
    }

    /// The frame.
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// All values, row by row.
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// All values, row by row, without the frame.
    pub fn into_values(self) -> Vec<T> {
        self.values
    }

    /// All values, row by row, to be changed.
    pub fn values_mut(&mut self) -> &mut [T] {
        &mut self.values
    }

    /// The value of a cell.
    ///
    /// # Panics
    /// If the cell is outside the frame.
    pub fn get(&self, col: u32, row: u32) -> T {
        assert!(col < self.frame.width(), "column {col} is outside the frame");
        self.values[row as usize * self.frame.width() as usize + col as usize]
    }

    /// The values over another frame of the same lattice; `outside` in the cells that this one does not have.
    #[must_use]
    pub fn over(&self, frame: Frame, outside: T) -> Grid<T> {
        let mut grid = Grid::new(frame, vec![outside; frame.len()]);
        grid.put(self);
        grid
    }

    /// Takes the values of another grid of the same lattice, where the two have cells in common.
    pub fn put(&mut self, other: &Grid<T>) {
        let Some(common) = self.frame.common(&other.frame) else { return };
        let ((left, top), (right, down)) = (common.offset_in(&other.frame), common.offset_in(&self.frame));
        let (width, stride) = (common.width() as usize, self.frame.width() as usize);
        for row in 0..common.height() as usize {
            let line = &other.row((top + row) as u32)[left..][..width];
            self.values[(down + row) * stride + right..][..width].copy_from_slice(line);
        }
    }

    /// The values of a row.
    pub fn row(&self, row: u32) -> &[T] {
        let width = self.frame.width() as usize;
        &self.values[row as usize * width..][..width]
    }
}

/// What a density is measured in: written in legends, band descriptions and reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Quantity {
    /// Events (or summed weights of the named column) per area of the ground, or of the flat space.
    PerArea(Option<String>, Area),
    /// Events (or summed weights of the named column) in each cell.
    PerCell(Option<String>),
    /// The reading of the named column, summarised as the word says (`mean`, `min`, `max`), and its unit if it was named.
    Reading(String, &'static str, Option<String>),
    /// The logarithm to base 2 of how many times as many events (or summed weights of the named column) there are on
    /// one side as on the other: 1 is twice as many, -1 half as many.
    Ratio(Option<String>, Sides),
    /// So much of the quantity in each of a unit of time, such as `day`.
    Rate(Box<Quantity>, &'static str),
    /// How much more of the quantity there is on one side than on the other.
    More(Box<Quantity>, Sides),
}

/// Two groups of events that are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sides {
    /// The ones that are looked at, as the words follow `events`: `in may.csv`, `from 2014-04-10 on`.
    pub these: String,
    /// The ones that they are compared with.
    pub those: String,
    /// Whether shares of each side's total are compared, instead of amounts.
    pub shares: bool,
}

impl Quantity {
    /// Whether a value of 0 says that nothing was there, rather than something that was measured.
    pub fn zero_is_nothing(&self) -> bool {
        matches!(self, Quantity::PerArea(..) | Quantity::PerCell(_) | Quantity::Rate(..))
    }

    /// The value where there is nothing: 0, or NaN where that would be a value.
    pub fn absent(&self) -> f32 {
        if self.zero_is_nothing() { 0.0 } else { f32::NAN }
    }

    /// What a legend says above its strip: for a ratio, whose ticks are written as powers of 2, the ratio itself.
    pub fn heading(&self) -> String {
        match self {
            Quantity::Ratio(weight, Sides { these, those, shares }) => {
                let times = if *shares { "times as large a share of" } else { "times as many" };
                format!("{times} {} {these} as {those}", what(weight.as_ref()))
            }
            quantity => quantity.to_string(),
        }
    }
}

fn what(weight: Option<&String>) -> &str {
    weight.map_or("events", String::as_str)
}

/// A unit of area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// Square kilometres on the ground.
    SquareKilometre,
    /// The square of a flat space's unit.
    Square(Unit),
    /// Squares of so many units a side: a pixel of a page is too little for numbers that people read.
    Squares(u32, Unit),
}

impl Area {
    /// The unit of area of densities in a space.
    pub fn of(space: Space) -> Area {
        match space {
            Space::Earth => Area::SquareKilometre,
            Space::Flat { unit, .. } => Area::Square(unit),
        }
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Area::SquareKilometre => write!(f, "km²"),
            Area::Square(Unit::Unnamed) => write!(f, "square unit"),
            Area::Square(unit) => write!(f, "{}²", unit.symbol()),
            Area::Squares(side, unit) => write!(f, "{side} × {side} {}", unit.symbol()),
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Quantity::PerArea(weight, area) => write!(f, "{} per {area}", what(weight.as_ref())),
            Quantity::PerCell(weight) => write!(f, "{} per cell", what(weight.as_ref())),
            Quantity::Reading(column, word, None) => write!(f, "{word} of {column}"),
            Quantity::Reading(column, word, Some(unit)) => write!(f, "{word} of {column}, {unit}"),
            Quantity::Rate(quantity, unit) => write!(f, "{quantity} per {unit}"),
            Quantity::Ratio(..) => write!(f, "log2 of {}", self.heading()),
            Quantity::More(quantity, Sides { these, those, shares }) => {
                let of = if *shares { "% of all " } else { "" };
                write!(f, "{of}{quantity} more {these} than {those}")
            }
        }
    }
}

/// An estimate at the centre of each cell, with its unit; NaN where there is no data.
#[derive(Debug, Clone, PartialEq)]
pub struct Density {
    /// The values.
    pub grid: Grid<f32>,
    /// What they measure.
    pub quantity: Quantity,
}
