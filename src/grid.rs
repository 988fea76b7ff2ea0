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
}

/// A unit of area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// Square kilometres on the ground.
    SquareKilometre,
    /// The square of a flat space's unit.
    Square(Unit),
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
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = |weight: &Option<String>| weight.clone().unwrap_or_else(|| "events".into());
        match self {
            Quantity::PerArea(weight, area) => write!(f, "{} per {area}", what(weight)),
            Quantity::PerCell(weight) => write!(f, "{} per cell", what(weight)),
            Quantity::Reading(column, word, None) => write!(f, "{word} of {column}"),
            Quantity::Reading(column, word, Some(unit)) => write!(f, "{word} of {column}, {unit}"),
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
