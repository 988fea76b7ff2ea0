//! Cells as the places they stand for: what tiles are drawn from. Where a cell came from (its interval, its zoom) is not
//! known any more.

use crate::cells::{Cell, Contents, undecimal};

/// Cells as places with what is there: the mean place of the events of each on the finest lattice, how many they are, how
/// much they weigh together and their mean reading.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Placed {
    /// Columns of the finest lattice.
    pub x: Vec<u32>,
    /// Rows of the finest lattice.
    pub y: Vec<u32>,
    /// Numbers of events, whole ones.
    pub count: Vec<f64>,
    /// Weights; empty where there are none.
    pub weight: Vec<f64>,
    /// Mean readings; empty where there are none.
    pub value: Vec<f64>,
}

impl Placed {
    /// Adds one event without weight and reading, at its place on the finest lattice: what [`Placed::push`] would add for
    /// its cell, whatever the zoom of that.
    #[inline]
    pub fn push_one(&mut self, (x, y): (u32, u32)) {
        self.x.push(x);
        self.y.push(y);
        self.count.push(1.0);
    }

    /// Adds a cell of a zoom.
    pub fn push(&mut self, cell: &Cell, zoom: u8, contents: Contents) {
        let (x, y) = cell.mean_finest(zoom, contents.weight);
        self.x.push(x as u32);
        self.y.push(y as u32);
        self.count.push(cell.count as f64);
        if contents.weight {
            self.weight.push(undecimal(cell.weight));
        }
        if contents.value {
            self.value.push(cell.mean_value(contents));
        }
    }

    /// Adds those of another.
    pub fn extend(&mut self, more: &Placed) {
        self.x.extend(&more.x);
        self.y.extend(&more.y);
        self.count.extend(&more.count);
        self.weight.extend(&more.weight);
        self.value.extend(&more.value);
    }

    /// How many places there are.
    pub fn len(&self) -> usize {
        self.x.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.x.is_empty()
    }
}
