//! What the cells of a frame gathered, exactly: integers, and fixed-point integers for weights and readings, so
//! that adding in any order gives the same bytes. Minima and maxima are exact by nature.

use crate::error::Error;
use crate::frame::Frame;

/// Fixed point: a weight or reading is kept as a multiple of `2^-40`, about 1e-12.
pub const FRACTION_BITS: u32 = 40;

/// Where an event is shared among cells, each share is a multiple of `2^-30` and the shares of a spline sum to 1.
pub const SHARE_BITS: u32 = 30;

/// How one event touches cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touch {
    /// The whole event in the cell that holds it.
    Cell,
    /// Shared among 3x3 cells by the quadratic B-spline; the shares sum to 1.
    Spline,
    /// Each cell takes the kernel at its centre, relative to the kernel's peak.
    Kernel,
}

impl Touch {
    /// What one unit of a gathered integer stands for.
    pub fn unit(self) -> f64 {
        if self == Touch::Cell { 1.0 } else { 1.0 / f64::from(1u32 << SHARE_BITS) }
    }
}

/// What a cell gathers from the events that touch it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    /// How many events.
    Count,
    /// The sum of their weights.
    Sum,
    /// The mean of their readings, weighted.
    Mean,
    /// The standard deviation of their readings from their mean, weighted; that of all there are, not of a sample.
    Std,
    /// The least of their readings.
    Min,
    /// The greatest of their readings.
    Max,
}

/// The aggregates by the name that `--agg` knows them by.
pub const AGGREGATES: &[(&str, Aggregate)] = &[
    ("count", Aggregate::Count),
    ("sum", Aggregate::Sum),
    ("mean", Aggregate::Mean),
    ("std", Aggregate::Std),
    ("min", Aggregate::Min),
    ("max", Aggregate::Max),
];

/// The columns of gathered integers, one entry a cell, by aggregate.
#[derive(Debug, Clone, PartialEq)]
pub enum Gathered {
    /// Numbers of events, or of shares of them.
    Events(Vec<u64>),
    /// Summed weights in fixed point.
    Weights(Vec<i128>),
    /// Summed weights, and summed products of weight and reading, in fixed point.
    Readings {
        /// The summed weights.
        weight: Vec<i128>,
        /// The summed products of weight and reading.
        product: Vec<i128>,
    },
    /// As `Readings`, and summed products of weight and the square of the reading, in fixed point.
    Spread {
        /// The summed weights.
        weight: Vec<i128>,
        /// The summed products of weight and reading.
        product: Vec<i128>,
        /// The summed products of weight and the square of the reading.
        square: Vec<i128>,
    },
    /// Least readings; infinity where there is none.
    Least(Vec<f64>),
    /// Greatest readings; minus infinity where there is none.
    Greatest(Vec<f64>),
}

impl Gathered {
    /// Nothing gathered yet in `cells` cells.
    pub fn nothing(aggregate: Aggregate, cells: usize) -> Gathered {
        match aggregate {
            Aggregate::Count => Gathered::Events(vec![0; cells]),
            Aggregate::Sum => Gathered::Weights(vec![0; cells]),
            Aggregate::Mean => Gathered::Readings { weight: vec![0; cells], product: vec![0; cells] },
            Aggregate::Std => {
                Gathered::Spread { weight: vec![0; cells], product: vec![0; cells], square: vec![0; cells] }
            }
            Aggregate::Min => Gathered::Least(vec![f64::INFINITY; cells]),
            Aggregate::Max => Gathered::Greatest(vec![f64::NEG_INFINITY; cells]),
        }
    }
}

/// What the cells of a frame gathered.
#[derive(Debug, Clone, PartialEq)]
pub struct Counts {
    /// The frame, margin included.
    pub frame: Frame,
    /// How events touched cells.
    pub touch: Touch,
    /// What each cell gathered, row by row.
    pub gathered: Gathered,
}

impl Counts {
    /// Adds what was gathered from other events over the same frame: exact, and in any order.
    ///
    /// # Errors
    /// When the two were not gathered alike (frame, touch or aggregate differ).
    pub fn merge(&mut self, other: &Counts) -> Result<(), Error> {
        let alike = self.frame == other.frame && self.touch == other.touch;
        match (&mut self.gathered, &other.gathered) {
            (Gathered::Events(a), Gathered::Events(b)) if alike => add(a, b),
            (Gathered::Weights(a), Gathered::Weights(b)) if alike => add(a, b),
            (Gathered::Readings { weight, product }, Gathered::Readings { weight: w, product: p }) if alike => {
                add(weight, w);
                add(product, p);
            }
            (Gathered::Spread { weight, product, square }, Gathered::Spread { weight: w, product: p, square: s })
                if alike =>
            {
                add(weight, w);
                add(product, p);
                add(square, s);
            }
            (Gathered::Least(a), Gathered::Least(b)) if alike => pick(a, b, f64::min),
            (Gathered::Greatest(a), Gathered::Greatest(b)) if alike => pick(a, b, f64::max),
            _ => {
                return Err(Error::caller("merge")
                    .found("counts that were not gathered alike")
                    .expected("the same frame, touch and aggregate")
                    .advice("gather both with the same options"));
            }
        }
        Ok(())
    }

    /// The sum of all cells, in events or in weight; 0 for minima and maxima.
    pub fn mass(&self) -> f64 {
        let fraction = f64::from(FRACTION_BITS).exp2();
        let units = match &self.gathered {
            Gathered::Events(cells) => cells.iter().map(|c| u128::from(*c)).sum::<u128>() as f64,
            Gathered::Weights(cells)
            | Gathered::Readings { weight: cells, .. }
            | Gathered::Spread { weight: cells, .. } => cells.iter().sum::<i128>() as f64 / fraction,
            Gathered::Least(_) | Gathered::Greatest(_) => 0.0,
        };
        units * self.touch.unit()
    }
}

fn add<T: Copy + std::ops::AddAssign>(sums: &mut [T], more: &[T]) {
    sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += *more);
}

fn pick(values: &mut [f64], others: &[f64], better: fn(f64, f64) -> f64) {
    values.iter_mut().zip(others).for_each(|(value, other)| *value = better(*value, *other));
}

/// A weight or reading in fixed point, rounded to the nearest multiple of `2^-40`.
#[inline]
pub fn fixed(value: f64) -> i128 {
    (value * f64::from(FRACTION_BITS).exp2()).round() as i128
}
