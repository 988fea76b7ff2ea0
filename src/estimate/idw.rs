//! Inverse distance weighting: at each cell the mean of readings, each weighing `1 / distance^power` (D. Shepard, "A
//! two-dimensional interpolation function for irregularly-spaced data", 1968). It goes through the readings themselves.
//! Distances are great circles on the Earth. It says nothing of how near the next reading is: a kernel mean does.

use std::fmt;

use kdtree::distance::squared_euclidean;
use rayon::prelude::*;

use crate::error::Error;
use crate::estimate::each::{Places, not_finite, point};
use crate::events::Events;
use crate::frame::Frame;
use crate::grid::Grid;

/// Which readings count at a place, and how fast they fade with distance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Idw {
    /// How many of the nearest places with readings; all where absent.
    pub neighbours: Option<u32>,
    /// The power of the distance that a reading's weight falls by, above 0.
    pub power: f64,
}

impl Default for Idw {
    fn default() -> Idw {
        Idw { neighbours: Some(12), power: 2.0 }
    }
}

impl fmt::Display for Idw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Inverse distance, power {}, ", self.power)?;
        match self.neighbours {
            Some(k) => write!(f, "{k} nearest"),
            None => write!(f, "all readings"),
        }
    }
}

impl Idw {
    /// The interpolated reading at the centre of each cell. Several readings at one place count as their mean.
    ///
    /// # Errors
    /// When there is no event, or a position is not finite.
    ///
    /// # Panics
    /// If the events have no readings.
    pub fn interpolate(&self, frame: Frame, events: &Events) -> Result<Grid<f32>, Error> {
        let (sites, readings) = averaged(events);
        if sites.is_empty() {
            return Err(Error::input("the events").found("no reading").expected("at least one"));
        }
        let places = Places::of(&sites)?;
        let width = frame.width() as usize;
        let mut values = vec![0.0f32; frame.len()];
        values.par_chunks_mut(width).enumerate().try_for_each(|(row, line)| {
            let mut near = Vec::new();
            for (col, out) in line.iter_mut().enumerate() {
                let (x, y) = frame.centre(col as i64, row as i64).coordinates(frame.space());
                self.nearest(&places, &point(frame.space(), x, y), &mut near)?;
                *out = self.mean(&near, &readings) as f32;
            }
            Ok(())
        })?;
        Ok(Grid::new(frame, values))
    }

    /// The distance and the index of each place that counts.
    fn nearest(&self, places: &Places, at: &[f64; 3], near: &mut Vec<(f64, usize)>) -> Result<(), Error> {
        near.clear();
        let Some(k) = self.neighbours.map(|k| k as usize).filter(|k| *k < places.points.len()) else {
            let distance = |place: &[f64; 3]| places.distance(squared_euclidean(at, place));
            near.extend(places.points.iter().map(distance).zip(0..));
            return Ok(());
        };
        let found = places.tree.nearest(at, k, &squared_euclidean).map_err(|error| not_finite(&error))?;
        near.extend(found.into_iter().map(|(squared, place)| (places.distance(squared), *place)));
        Ok(())
    }

    /// The mean weighted by the inverse of distances relative to the least, which may be 0.
    fn mean(&self, near: &[(f64, usize)], readings: &[f64]) -> f64 {
        let (least, nearest) =
            near.iter().fold((f64::INFINITY, 0), |best, one| if one.0 < best.0 { *one } else { best });
        if least == 0.0 {
            return readings[nearest];
        }
        let (mut weights, mut sum) = (0.0, 0.0);
        for (distance, place) in near {
            let ratio = least / distance;
            let weight = if self.power == 2.0 { ratio * ratio } else { ratio.powf(self.power) };
            weights += weight;
            sum += weight * readings[*place];
        }
        sum / weights
    }
}

/// The places with readings, each once and in order, and the mean of the readings at each.
fn averaged(events: &Events) -> (Events, Vec<f64>) {
    let mut events = events.clone();
    events.sort();
    let mut sites = Events::new(events.space);
    let mut sums: Vec<(f64, f64)> = Vec::new();
    for (i, reading) in events.value.as_ref().expect("readings were asked for").iter().enumerate() {
        if (sites.x.last(), sites.y.last()) == (Some(&events.x[i]), Some(&events.y[i])) {
            let last = sums.last_mut().expect("a place has a sum");
            *last = (last.0 + reading, last.1 + 1.0);
        } else {
            sites.push(events.x[i], events.y[i]);
            sums.push((*reading, 1.0));
        }
    }
    (sites, sums.into_iter().map(|(sum, count)| sum / count).collect())
}
