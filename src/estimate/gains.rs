//! What cells gathered, as numbers to be smoothed.

use rayon::prelude::*;

use crate::counts::{Counts, FRACTION_BITS, Gathered, Touch};

/// One column of gathered integers.
#[derive(Debug, Clone, Copy)]
pub enum Gains<'a> {
    /// Numbers of events.
    Events(&'a [u64]),
    /// Fixed-point sums.
    Fixed(&'a [i128]),
}

impl<'a> Gains<'a> {
    /// The columns of what was gathered: weights (or events), and the products with readings where there are any.
    /// `None` for minima and maxima, which are no sums.
    pub fn of(counts: &'a Counts) -> Option<(Gains<'a>, Option<Gains<'a>>)> {
        match &counts.gathered {
            Gathered::Events(cells) => Some((Gains::Events(cells), None)),
            Gathered::Weights(cells) => Some((Gains::Fixed(cells), None)),
            Gathered::Readings { weight, product } | Gathered::Spread { weight, product, .. } => {
                Some((Gains::Fixed(weight), Some(Gains::Fixed(product))))
            }
            Gathered::Least(_) | Gathered::Greatest(_) => None,
        }
    }

    /// The gathered integers in units of events or weight.
    pub(super) fn to_f32(self, touch: Touch) -> Vec<f32> {
        let unit = touch.unit();
        match self {
            Gains::Events(cells) => cells.par_iter().map(|c| (*c as f64 * unit) as f32).collect(),
            Gains::Fixed(cells) => {
                let unit = unit / f64::from(FRACTION_BITS).exp2();
                cells.par_iter().map(|c| (*c as f64 * unit) as f32).collect()
            }
        }
    }
}
