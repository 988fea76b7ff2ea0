//! The lines of tracks as events along them, before any cells are known: for bounds, and for what a survey asks.

use crate::events::Events;
use crate::trace::fixes::seconds;
use crate::trace::sphere::{Arc, degrees, vector};
use crate::tracing::Weight;
use crate::track::Track;

/// The most events of one way between two fixes.
const MOST: f64 = 65_536.0;

/// Adds the lines of a prepared track to a batch: pieces of at most `step` metres, each an event in its middle, with
/// its metres as its weight, or for [`Weight::Time`] its seconds. Of [`Weight::Pass`] and [`Weight::User`], whose
/// weights need cells, a piece weighs 1. Between fixes further apart than 65,536 steps pieces are longer.
pub fn coarse(track: &Track, weight: Weight, step: f64, batch: &mut Events) {
    batch.weight.get_or_insert_default();
    for leg in track.legs() {
        if leg.len() == 1 && matches!(weight, Weight::Pass | Weight::User) {
            add(batch, (track.lng[leg.start], track.lat[leg.start]), 1.0);
        }
        let mut last = vector((track.lng[leg.start], track.lat[leg.start]));
        for fix in leg.start..leg.end - 1 {
            let next = vector((track.lng[fix + 1], track.lat[fix + 1]));
            way(track, fix, (&Arc::between(last, next), weight, step), batch);
            last = next;
        }
    }
}

fn way(track: &Track, fix: usize, (arc, weight, step): (&Arc, Weight, f64), batch: &mut Events) {
    let pieces = (arc.metres() / step).ceil().clamp(1.0, MOST);
    let still = (track.lng[fix], track.lat[fix]) == (track.lng[fix + 1], track.lat[fix + 1]);
    let share = match weight {
        Weight::Length => arc.metres() / pieces,
        Weight::Time => seconds(track, fix, fix + 1).unwrap_or(0.0) / pieces,
        Weight::Pass | Weight::User => 1.0,
    };
    if share <= 0.0 {
        return;
    }
    for piece in 0..pieces as u64 {
        let middle = degrees(arc.at(arc.angle * (piece as f64 + 0.5) / pieces));
        add(batch, if still { (track.lng[fix], track.lat[fix]) } else { middle }, share);
    }
}

fn add(batch: &mut Events, (lng, lat): (f64, f64), share: f64) {
    batch.x.push(lng);
    batch.y.push(lat);
    batch.weight.get_or_insert_default().push(share);
}
