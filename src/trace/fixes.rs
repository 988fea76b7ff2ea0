//! A track while it is worked on: its fixes with their directions from the centre of the Earth, which every step of
//! the preparation measures by.

use crate::trace::sphere::{Arc, Vector, vector};
use crate::track::Track;

/// Seconds from one fix of a track to another; never less than 0, whatever the clock did.
pub fn seconds(track: &Track, from: usize, to: usize) -> Option<f64> {
    track.time.as_ref().map(|time| (time[to].saturating_sub(time[from])).max(0) as f64 / 1e6)
}

/// Fixes with their directions.
#[derive(Debug, Clone, Default)]
pub struct Fixes {
    /// The fixes.
    pub track: Track,
    /// The direction of each.
    pub at: Vec<Vector>,
}

impl Fixes {
    /// The fixes of a track that are places on the Earth.
    pub fn of(track: &Track) -> Fixes {
        let at = track.lng.iter().zip(&track.lat).map(|(lng, lat)| vector((*lng, *lat))).collect();
        let place = |i: usize| track.lng[i].abs() <= 180.0 && track.lat[i].abs() <= 90.0;
        let keep: Vec<bool> = (0..track.len()).map(place).collect();
        Fixes { track: track.clone(), at }.kept(&keep)
    }

    /// Nothing yet of the same recording.
    pub fn nothing(&self) -> Fixes {
        let time = self.track.time.as_ref().map(|_| Vec::new());
        Fixes { track: Track { user: self.track.user, time, ..Track::default() }, at: Vec::new() }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.at.len()
    }

    /// When a fix was taken.
    pub fn time(&self, fix: usize) -> Option<i64> {
        self.track.time.as_ref().map(|time| time[fix])
    }

    /// Seconds from one fix to another; never less than 0, whatever the clock did.
    pub fn seconds(&self, from: usize, to: usize) -> Option<f64> {
        seconds(&self.track, from, to)
    }

    /// The way from a fix to the next.
    pub fn arc(&self, fix: usize) -> Arc {
        Arc::between(self.at[fix], self.at[fix + 1])
    }

    /// Adds a fix of another recording's state.
    pub fn take(&mut self, from: &Fixes, fix: usize) {
        self.put((from.track.lng[fix], from.track.lat[fix]), from.at[fix], from.time(fix));
    }

    /// Adds a fix.
    pub fn put(&mut self, (lng, lat): (f64, f64), at: Vector, time: Option<i64>) {
        self.track.lng.push(lng);
        self.track.lat.push(lat);
        self.at.push(at);
        if let (Some(column), Some(time)) = (&mut self.track.time, time) {
            column.push(time);
        }
    }

    /// No line leads to the fix that is added next.
    pub fn interrupt(&mut self) {
        let next = self.len();
        if next > 0 && self.track.breaks.last() != Some(&next) {
            self.track.breaks.push(next);
        }
    }

    /// The fixes that are marked, interrupted where they were.
    pub fn kept(self, keep: &[bool]) -> Fixes {
        if keep.iter().all(|keep| *keep) {
            return self;
        }
        let mut kept = self.nothing();
        for leg in self.track.legs() {
            kept.interrupt();
            leg.filter(|fix| keep[*fix]).for_each(|fix| kept.take(&self, fix));
        }
        kept.ended()
    }

    /// Without an interruption after the last fix.
    pub fn ended(mut self) -> Fixes {
        let len = self.len();
        self.track.breaks.retain(|fix| *fix < len);
        self
    }
}
