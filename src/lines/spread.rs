//! The standard deviation of readings around each cell: `sqrt(E[z^2] - E[z]^2)`, each event counting by its weight and
//! its kernel. Readings are first moved to the middle of all, because that is a small difference of large numbers.

use rayon::prelude::*;

use crate::counts::{Aggregate, Counts, FRACTION_BITS, Gathered};
use crate::error::Error;
use crate::estimate::exact::{Exact, Gain, Points};
use crate::events::Events;
use crate::grid::Grid;
use crate::lines::reading::Reading;
use crate::lines::sums::{self, Sums};

/// The middle of the range of all readings, and half its width.
#[derive(Debug, Clone, Copy)]
pub struct Middle {
    at: f64,
    half: f64,
}

impl Middle {
    /// Of the readings of a run, with another pass to follow.
    ///
    /// # Errors
    /// What reading meets.
    pub fn of(reading: &mut Reading<'_>) -> Result<Middle, Error> {
        let add = |(least, most): &mut (f64, f64), events: &Events| {
            for value in events.value.iter().flatten() {
                (*least, *most) = (least.min(*value), most.max(*value));
            }
            Ok(())
        };
        let nothing = || (f64::INFINITY, f64::NEG_INFINITY);
        let ranges = reading.pass("range of the readings", (usize::MAX, true), nothing, add)?;
        let (least, most) = ranges.into_iter().fold(nothing(), |a, b| (a.0.min(b.0), a.1.max(b.1)));
        let half = (most - least) / 2.0;
        Ok(if half > 0.0 { Middle { at: least + half, half } } else { Middle { at: least, half: 1.0 } })
    }

    /// The events with readings in -1..=1, which fixed point and its squares hold well, whatever their unit.
    pub fn centred(self, events: &Events) -> Events {
        with_readings(events, |value| (value - self.at) / self.half)
    }

    /// The standard deviations of what cells gathered of centred events; NaN where there is nothing.
    pub fn deviations(self, counts: &Counts) -> Option<Grid<f32>> {
        let Gathered::Spread { weight, product, square } = &counts.gathered else { return None };
        let unit = f64::from(FRACTION_BITS).exp2();
        let deviation = |((weight, product), square): ((&i128, &i128), &i128)| {
            let [weight, product, square] = [weight, product, square].map(|sum| *sum as f64 / unit);
            (self.half * deviation(weight, product, square)) as f32
        };
        let cells = weight.par_iter().zip(product).zip(square).map(deviation).collect();
        Some(Grid::new(counts.frame, cells))
    }
}

fn with_readings(events: &Events, reading: impl Fn(f64) -> f64) -> Events {
    let value = events.value.as_ref().map(|values| values.iter().map(|value| reading(*value)).collect());
    Events { value, ..events.clone() }
}

/// The standard deviation from the sums of weights, of products with readings, and of products with their squares.
fn deviation(weight: f64, product: f64, square: f64) -> f64 {
    if weight <= 0.0 {
        return f64::NAN;
    }
    let mean = product / weight;
    (square / weight - mean * mean).max(0.0).sqrt()
}

/// The sums over the events themselves, with their standard deviations; `points` brings events to cells.
///
/// # Panics
/// If the events have no readings.
pub fn of_events(way: &Exact, events: &Events, points: impl Fn(&Events) -> Points) -> Sums {
    let values = events.value.as_ref().expect("readings were asked for");
    let weight = |i: usize| events.weight.as_ref().map_or(1.0, |weight| weight[i]);
    let (weights, sum) = (0..events.len()).fold((0.0, 0.0), |(w, s), i| (w + weight(i), s + weight(i) * values[i]));
    let mean = if weights == 0.0 { 0.0 } else { sum / weights };
    let mut sums = sums::of_points(way, &points(&with_readings(events, |value| value - mean)), Aggregate::Mean);
    let squares = points(&with_readings(events, |value| (value - mean).powi(2)));
    let squares = way.estimate(&squares, Gain::Product);
    let means = sums.mean();
    let mut deviations = means.values().to_vec();
    let sums_of_cells = sums.weight.values().par_iter().zip(squares.values());
    deviations.par_iter_mut().zip(sums_of_cells).for_each(|(value, (weight, square))| {
        let (mean, weight) = (f64::from(*value), f64::from(*weight));
        // NaN stays NaN: where there is no mean there is no deviation from it.
        *value = if mean.is_nan() { f32::NAN } else { deviation(weight, mean * weight, f64::from(*square)) as f32 };
    });
    sums.deviation = Some(Grid::new(*means.frame(), deviations));
    sums
}

/// The sums over the events of a run, with their standard deviations.
///
/// # Errors
/// What reading meets.
pub fn exact(reading: &mut Reading<'_>, way: &Exact) -> Result<Sums, Error> {
    let way = way.followed_further();
    let events = sums::all(reading)?;
    reading.stage("estimating");
    let points = |events: &Events| {
        let mut points = way.points();
        points.add(events);
        Points::finish(vec![points])
    };
    Ok(of_events(&way, &events, points))
}
