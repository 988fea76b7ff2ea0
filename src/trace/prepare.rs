//! A track made ready for the map: what no receiver can have seen left out, interrupted where nobody knows the way,
//! what is private cut away. Whatever is left out is counted.

use std::ops::AddAssign;

use crate::trace::fixes::Fixes;
use crate::trace::sphere::apart;
use crate::trace::{hide, outliers, rest, simplify};
use crate::tracing::{Gap, Speed, Tracing, Weight};
use crate::track::Track;

/// What was done to tracks. It merges in any order: everything is a whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Done {
    /// Tracks that were given.
    pub tracks: u64,
    /// Their fixes.
    pub fixes: u64,
    /// Tracks of which nothing is left.
    pub vanished: u64,
    /// Tracks without times, which a map of time cannot show.
    pub timeless: u64,
    /// Fixes that are no places on the Earth.
    pub impossible: u64,
    /// Fixes that jumped out and back.
    pub outliers: u64,
    /// Interruptions because of a gap in time or place, those of the recording not counted.
    pub gaps: u64,
    /// Interruptions where the way would have been faster than the speed that was given.
    pub too_fast: u64,
    /// Fixes at rest, which became stays.
    pub at_rest: u64,
    /// Fixes that the line does without.
    pub simplified: u64,
    /// Millimetres that were cut from the ends.
    pub millimetres_trimmed: u64,
    /// Millimetres that were hidden.
    pub millimetres_hidden: u64,
}

impl AddAssign for Done {
    fn add_assign(&mut self, other: Done) {
        self.tracks += other.tracks;
        self.fixes += other.fixes;
        self.vanished += other.vanished;
        self.timeless += other.timeless;
        self.impossible += other.impossible;
        self.outliers += other.outliers;
        self.gaps += other.gaps;
        self.too_fast += other.too_fast;
        self.at_rest += other.at_rest;
        self.simplified += other.simplified;
        self.millimetres_trimmed += other.millimetres_trimmed;
        self.millimetres_hidden += other.millimetres_hidden;
    }
}

/// The track as the map takes it, and what was done to it: outliers left out, then interrupted at gaps, rests gathered,
/// simplified, trimmed, hidden. A stay is two fixes at one place.
///
/// ```
/// use torrid::Track;
/// use torrid::tracing::Tracing;
/// use torrid::trace::prepare;
/// let (lng, lat) = (vec![2.35, 2.36, 2.60, 2.61], vec![48.85; 4]);
/// let train = Track { lng, lat, time: Some(vec![0, 60_000_000, 8_000_000_000, 8_060_000_000]), ..Track::default() };
/// let (ready, done) = prepare(&train, &Tracing::default());
/// assert_eq!((ready.breaks, done.gaps), (vec![2], 1));
/// ```
pub fn prepare(track: &Track, wish: &Tracing) -> (Track, Done) {
    let mut done = Done { tracks: 1, fixes: track.len() as u64, ..Done::default() };
    if wish.weight == Weight::Time && track.time.is_none() {
        return (Track { user: track.user, ..Track::default() }, Done { timeless: 1, ..done });
    }
    let mut fixes = Fixes::of(track);
    done.impossible = (track.len() - fixes.len()) as u64;
    (fixes, done.outliers) = outliers::without(fixes, wish.max_speed);
    (fixes, done.gaps) = interrupted(fixes, wish.max_gap);
    if let Speed::Most(most) = wish.max_speed {
        (fixes, done.too_fast) = outliers::interrupted(fixes, most);
    }
    if !wish.keep_jitter {
        (fixes, done.at_rest) = rest::gathered(fixes);
    }
    if let Some(metres) = wish.simplify {
        (fixes, done.simplified) = simplify::simplified(fixes, metres);
    }
    let fixes = private(fixes, wish, &mut done);
    done.vanished = u64::from(fixes.len() == 0);
    (fixes.track, done)
}

/// Without what nobody is to see.
fn private(mut fixes: Fixes, wish: &Tracing, done: &mut Done) -> Fixes {
    let millimetres = |metres: f64| (metres * 1000.0).round() as u64;
    if wish.trim > 0.0 {
        let gone;
        (fixes, gone) = hide::trimmed(&fixes, wish.trim);
        done.millimetres_trimmed = millimetres(gone);
    }
    if !wish.hide.is_empty() {
        let gone;
        (fixes, gone) = hide::hidden(&fixes, &wish.hide);
        done.millimetres_hidden = millimetres(gone);
    }
    fixes
}

/// Interrupts the line at gaps, and says how often.
fn interrupted(mut fixes: Fixes, gap: Gap) -> (Fixes, u64) {
    let too_long = |fix: usize| {
        let late = gap.seconds.zip(fixes.seconds(fix - 1, fix)).is_some_and(|(most, seconds)| seconds > most);
        late || gap.metres.is_some_and(|most| apart(fixes.at[fix - 1], fixes.at[fix]) > most)
    };
    let gaps: Vec<usize> = fixes.track.legs().flat_map(|leg| leg.skip(1)).filter(|fix| too_long(*fix)).collect();
    fixes.track.breaks.extend(&gaps);
    fixes.track.breaks.sort_unstable();
    (fixes, gaps.len() as u64)
}
