//! The bandwidths that rules choose from the spread of the events. `auto`: `0.9 min(SD, sqrt(1 / ln 2) Dm) n^-0.2`, with SD the weighted standard distance,
//! Dm the weighted median distance to the weighted mean centre, and n the number of events (Silverman's rule, made
//! robust against a few far points as ArcGIS does; its documentation of Kernel Density, "default search radius").
//!
//! It takes three passes over the events ([`Centre`], then [`Spread`], then [`Median`]), each an exact sum, so that
//! the order of events does not matter. On the Earth the mean is that of points in space and distances are great
//! circles, so that the antimeridian is nothing special.

use std::collections::BTreeMap;

use crate::counts::fixed;
use crate::events::{Events, Space};
use crate::world::EARTH_RADIUS_M;

/// What the rule has to know of all events before its passes: it keeps sums within fixed point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ground {
    /// The space.
    pub space: Space,
    /// Smallest x, smallest y, greatest x, greatest y of all events.
    pub bounds: [f64; 4],
    /// The greatest absolute weight.
    pub heaviest: f64,
}

impl Ground {
    /// A position as a point: on the unit sphere, or in the unit square of a flat space.
    fn point(&self, x: f64, y: f64) -> [f64; 3] {
        match self.space {
            Space::Earth => {
                let (lng, lat) = (x.to_radians(), y.to_radians());
                [lat.cos() * lng.cos(), lat.cos() * lng.sin(), lat.sin()]
            }
            Space::Flat { .. } => [(x - self.bounds[0]) / self.span(), (y - self.bounds[1]) / self.span(), 0.0],
        }
    }

    fn span(&self) -> f64 {
        (self.bounds[2] - self.bounds[0]).max(self.bounds[3] - self.bounds[1]).max(f64::MIN_POSITIVE)
    }

    /// What a distance of 1 between points stands for: metres on the Earth, units in a flat space.
    fn unit(&self) -> f64 {
        if self.space == Space::Earth { EARTH_RADIUS_M } else { self.span() }
    }

    /// The length of the arc (or straight line) between two points, in [`Ground::unit`]s.
    fn distance(&self, a: [f64; 3], b: [f64; 3]) -> f64 {
        let chord = ((a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2) + (a[2] - b[2]).powi(2)).sqrt();
        if self.space == Space::Earth { 2.0 * (chord / 2.0).min(1.0).asin() } else { chord }
    }
}

/// What an event counts for the rule: its weight, and nothing where that is negative.
fn weight(events: &Events, i: usize) -> f64 {
    events.weight.as_ref().map_or(1.0, |w| w[i].max(0.0))
}

/// Fixed point with 60 bits after the point, for numbers of order 1 and their sums.
fn fixed60(value: f64) -> i128 {
    (value * 60f64.exp2()).round() as i128
}

/// First pass: the weighted mean centre.
#[derive(Debug, Clone, PartialEq)]
pub struct Centre {
    ground: Ground,
    events: u64,
    weight: i128,
    sums: [i128; 3],
}

impl Centre {
    /// No events yet.
    pub fn new(ground: Ground) -> Centre {
        Centre { ground, events: 0, weight: 0, sums: [0; 3] }
    }

    /// Adds a batch. Negative weights count as none.
    pub fn add(&mut self, events: &Events) {
        self.events += events.len() as u64;
        for i in 0..events.len() {
            let share = weight(events, i) / self.ground.heaviest;
            let point = self.ground.point(events.x[i], events.y[i]);
            self.weight += fixed60(share);
            self.sums.iter_mut().zip(point).for_each(|(sum, p)| *sum += fixed60(share * p));
        }
    }

    /// Adds another sum.
    pub fn merge(&mut self, other: &Centre) {
        self.events += other.events;
        self.weight += other.weight;
        self.sums.iter_mut().zip(other.sums).for_each(|(sum, more)| *sum += more);
    }

    /// The mean as a point; on the Earth brought back to the sphere.
    fn mean(&self) -> [f64; 3] {
        let mean = self.sums.map(|sum| sum as f64 / self.weight as f64);
        if self.ground.space != Space::Earth {
            return mean;
        }
        let length = mean.iter().map(|m| m * m).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
        mean.map(|m| m / length)
    }
}

/// Second pass: the standard distance, and where among the distances their median lies.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    centre: Centre,
    mean: [f64; 3],
    squares: i128,
    /// Weight by the leading bits of the distance, in order.
    buckets: BTreeMap<u32, i128>,
}

/// Leading bits of a distance that make a bucket: sign, exponent and 12 bits more.
fn bucket(distance: f64) -> u32 {
    (distance.to_bits() >> 40) as u32
}

impl Spread {
    /// No events yet.
    pub fn new(centre: Centre) -> Spread {
        let mean = centre.mean();
        Spread { centre, mean, squares: 0, buckets: BTreeMap::new() }
    }

    /// Adds a batch.
    pub fn add(&mut self, events: &Events) {
        let ground = self.centre.ground;
        for i in 0..events.len() {
            let weight = weight(events, i);
            let distance = ground.distance(ground.point(events.x[i], events.y[i]), self.mean);
            self.squares += fixed60(weight / ground.heaviest * distance * distance);
            *self.buckets.entry(bucket(distance)).or_default() += fixed(weight);
        }
    }

    /// Adds another sum.
    pub fn merge(&mut self, other: &Spread) {
        self.squares += other.squares;
        for (bucket, weight) in &other.buckets {
            *self.buckets.entry(*bucket).or_default() += weight;
        }
    }

    /// Scott's rule, `n^(-1/6) s`, with `s` the standard deviation along an axis (unbiased, the root of the mean of
    /// both axes' variances): in two dimensions Silverman's rule is the same (D. W. Scott, "Multivariate Density
    /// Estimation", 1992, section 6.3). `None` where all events are at one place.
    pub fn scott(&self) -> Option<f64> {
        let events = self.centre.events as f64;
        let deviation = self.standard_distance() * (events / (events - 1.0) / 2.0).sqrt();
        let bandwidth = events.powf(-1.0 / 6.0) * deviation;
        (bandwidth > 0.0 && bandwidth.is_finite()).then_some(bandwidth)
    }

    /// The standard distance, in metres or flat units.
    pub fn standard_distance(&self) -> f64 {
        (self.squares as f64 / self.centre.weight as f64).sqrt() * self.centre.ground.unit()
    }
}

/// Third pass: the distances in the bucket that holds the median.
#[derive(Debug, Clone, PartialEq)]
pub struct Median {
    spread: Spread,
    bucket: u32,
    /// Twice the weight still missing to half of all, at the start of the bucket.
    missing: i128,
    distances: BTreeMap<u64, i128>,
}

impl Median {
    /// No events yet.
    pub fn new(spread: Spread) -> Median {
        let mut missing = spread.buckets.values().sum::<i128>();
        let mut found = 0;
        for (bucket, weight) in &spread.buckets {
            found = *bucket;
            if 2 * weight >= missing {
                break;
            }
            missing -= 2 * weight;
        }
        Median { spread, bucket: found, missing, distances: BTreeMap::new() }
    }

    /// Adds a batch.
    pub fn add(&mut self, events: &Events) {
        let ground = self.spread.centre.ground;
        for i in 0..events.len() {
            let distance = ground.distance(ground.point(events.x[i], events.y[i]), self.spread.mean);
            if bucket(distance) == self.bucket {
                *self.distances.entry(distance.to_bits()).or_default() += fixed(weight(events, i));
            }
        }
    }

    /// Adds another sum.
    pub fn merge(&mut self, other: &Median) {
        for (distance, weight) in &other.distances {
            *self.distances.entry(*distance).or_default() += weight;
        }
    }

    /// The weighted median distance: the least one within which half of the weight lies; metres or flat units.
    pub fn distance(&self) -> f64 {
        let mut missing = self.missing;
        for (distance, weight) in &self.distances {
            if 2 * weight >= missing {
                return f64::from_bits(*distance) * self.spread.centre.ground.unit();
            }
            missing -= 2 * weight;
        }
        0.0
    }

    /// The bandwidth, in metres on the Earth or flat units. `None` where all events are at one place, or have no
    /// positive weight. Where half of the events share the centre itself, the median says nothing and the standard
    /// distance alone decides.
    pub fn bandwidth(&self) -> Option<f64> {
        let standard = self.spread.standard_distance();
        let median = self.distance() * (1.0 / std::f64::consts::LN_2).sqrt();
        let spread = if median > 0.0 { standard.min(median) } else { standard };
        let bandwidth = 0.9 * spread * (self.spread.centre.events as f64).powf(-0.2);
        (bandwidth > 0.0 && bandwidth.is_finite()).then_some(bandwidth)
    }
}
