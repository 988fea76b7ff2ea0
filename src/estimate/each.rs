//! A bandwidth for each event, from how near its neighbours are: the distance to the k-th of them, or Abramson's
//! square-root rule. Distances are great circles on the Earth. The events are all held, in a k-d tree.

use std::f64::consts::TAU;

use kdtree::KdTree;
use kdtree::distance::squared_euclidean;
use rayon::prelude::*;

use crate::error::Error;
use crate::events::{Events, Space};
use crate::world::EARTH_RADIUS_M;

/// How far the pilot estimate follows a Gaussian, in standard deviations: 1.5e-8 of its peak.
const PILOT_REACH: f64 = 6.0;

/// Neighbours of places: points in space on the unit sphere, or in the plane.
pub(super) struct Places {
    pub(super) tree: KdTree<f64, usize, [f64; 3]>,
    pub(super) points: Vec<[f64; 3]>,
    space: Space,
}

impl Places {
    pub(super) fn of(events: &Events) -> Result<Places, Error> {
        let points: Vec<[f64; 3]> = events.x.iter().zip(&events.y).map(|(x, y)| point(events.space, *x, *y)).collect();
        let mut tree = KdTree::with_capacity(3, 32);
        for (event, at) in points.iter().enumerate() {
            tree.add(*at, event).map_err(|error| not_finite(&error))?;
        }
        Ok(Places { tree, points, space: events.space })
    }

    /// What a squared distance between points is along the ground (in metres) or in the plane.
    pub(super) fn distance(&self, squared: f64) -> f64 {
        if self.space != Space::Earth {
            return squared.sqrt();
        }
        2.0 * EARTH_RADIUS_M * (squared.sqrt() / 2.0).min(1.0).asin()
    }

    /// The squared distance between points that belongs to a distance.
    fn squared(&self, distance: f64) -> f64 {
        if self.space != Space::Earth {
            return distance * distance;
        }
        (2.0 * (distance / EARTH_RADIUS_M / 2.0).min(TAU / 4.0).sin()).powi(2)
    }
}

/// A position as a point in space on the unit sphere, or in the plane.
pub(super) fn point(space: Space, x: f64, y: f64) -> [f64; 3] {
    if space != Space::Earth {
        return [x, y, 0.0];
    }
    let (lng, lat) = (x.to_radians(), y.to_radians());
    [lat.cos() * lng.cos(), lat.cos() * lng.sin(), lat.sin()]
}

pub(super) fn not_finite(error: &kdtree::ErrorKind) -> Error {
    Error::input("the events").found(error.to_string()).expected("positions that are finite numbers")
}

/// The distance from each event to its `k`-th nearest other event, in metres on the Earth or units of a flat space; 0
/// where `k` others share its place.
///
/// # Errors
/// When there are not more than `k` events.
pub fn nearest(events: &Events, k: u32) -> Result<Vec<f64>, Error> {
    let k = k as usize;
    if events.len() <= k {
        return Err(Error::caller("--bandwidth")
            .found(format!("knn:{k} and {} events", events.len()))
            .expected(format!("more than {k} events"))
            .advice("give a smaller K, or a length such as 250m"));
    }
    let places = Places::of(events)?;
    let farthest = |at: &[f64; 3]| {
        let found = places.tree.nearest(at, k + 1, &squared_euclidean).map_err(|error| not_finite(&error))?;
        Ok(places.distance(found.last().map_or(0.0, |(squared, _)| *squared)))
    };
    places.points.par_iter().map(farthest).collect()
}

/// Abramson's bandwidth of each event, `h sqrt(g / pilot)`: the pilot is the Gaussian estimate with standard deviation
/// `h` at the event, itself included, and `g` the geometric mean of the pilot over all events (I. S. Abramson, "On
/// bandwidth variation in kernel estimates", Annals of Statistics 10, 1982). Metres on the Earth, units of a flat space.
///
/// # Errors
/// When a position is not finite, or weights leave an event without density.
pub fn abramson(events: &Events, h: f64) -> Result<Vec<f64>, Error> {
    let places = Places::of(events)?;
    let reach = places.squared(PILOT_REACH * h);
    let weight = |event: usize| events.weight.as_ref().map_or(1.0, |weight| weight[event]);
    let pilot = |at: &[f64; 3]| {
        let near = places.tree.within(at, reach, &squared_euclidean).map_err(|error| not_finite(&error))?;
        let bump =
            |(squared, event): &(f64, &usize)| weight(**event) * (-0.5 * (places.distance(*squared) / h).powi(2)).exp();
        Ok(near.iter().map(bump).sum())
    };
    let pilots: Vec<f64> = places.points.par_iter().map(pilot).collect::<Result<_, Error>>()?;
    if let Some(pilot) = pilots.iter().find(|pilot| **pilot <= 0.0 || pilot.is_nan()) {
        return Err(Error::input("the weights")
            .found(format!("an event around which the weights sum to {pilot}"))
            .expected("more than 0: the bandwidth of an event follows the density around it")
            .advice("leave events without a positive weight out with --where, or give one length as --bandwidth"));
    }
    let mean = (pilots.iter().map(|pilot| pilot.ln()).sum::<f64>() / pilots.len() as f64).exp();
    Ok(pilots.iter().map(|pilot| h * (mean / pilot).sqrt()).collect())
}
