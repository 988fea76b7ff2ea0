//! From what a recorder took down to finished tracks: times put in order, what is known of each track completed by what
//! can be computed, and those left out that `--where` does not ask for.

use std::ops::Range;
use std::sync::Arc;

use crate::source::tracks::facts::{Fact, Facts};
use crate::source::tracks::garmin::Starts;
use crate::source::tracks::recorder::{Draft, Recorder};
use crate::source::{Field, Query, Tally};
use crate::track::Track;
use crate::world::EARTH_RADIUS_M;

/// What a file of tracks turned out to hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recording {
    /// The tracks that count; none is empty.
    pub tracks: Vec<Track>,
    /// What is known of each of them, in their order.
    pub facts: Vec<Facts>,
    /// How many fixes were read, and how many could not be used for which reason.
    pub tally: Tally,
    /// How many tracks `--where` left out.
    pub filtered: u64,
    /// How many tracks have no fix that can be used (indoors, or outside the limits of time).
    pub blank: u64,
    /// How many fixes were recorded earlier than the fix before them, and put in order.
    pub reordered: u64,
}

/// What a file says of every track in it.
#[derive(Debug, Clone, Default)]
pub(super) struct About {
    /// What can be known before the file is read: `file`, `folder`, `name`.
    pub(super) given: Facts,
    /// What a list beside the file says, which beats what the file says itself.
    pub(super) listed: Facts,
    /// What a list says of the track that starts at an instant.
    pub(super) starts: Option<Arc<Starts>>,
}

impl Recording {
    /// What was recorded, of a file about which `about` is known.
    pub(super) fn of(recorder: Recorder<'_>, about: &About, query: &Query) -> Recording {
        let mut recording = Recording { tally: recorder.tally, ..Recording::default() };
        for draft in recorder.drafts {
            if draft.lng.is_empty() {
                recording.blank += 1;
                continue;
            }
            let mut facts = about.given.clone();
            facts.say_all(&recorder.shared);
            facts.say_all(&draft.facts);
            facts.say_all(&about.listed);
            let user = draft.user.clone();
            if let Some(listed) = about.starts.as_ref().and_then(|starts| starts.of(start(&draft, &facts)?)) {
                facts.say_all(listed);
            }
            for track in draft.tracks(&mut recording.reordered) {
                recording.take(track, facts.clone(), user.as_deref(), query);
            }
        }
        recording
    }

    fn take(&mut self, mut track: Track, mut facts: Facts, user: Option<&str>, query: &Query) {
        complete(&mut facts, &track);
        let counts = |filter: &crate::source::Filter| {
            let field = |column: usize| facts.get(&filter.columns()[column]).map_or(Field::Missing, Fact::field);
            filter.accepts(&field)
        };
        if !query.filter.as_ref().is_none_or(counts) {
            self.filtered += 1;
            return;
        }
        track.user = whose(&facts, user, query);
        self.tracks.push(track);
        self.facts.push(facts);
    }
}

/// When a track begins, as its file says, else by its first fix.
fn start(draft: &Draft, facts: &Facts) -> Option<i64> {
    match facts.get("start") {
        Some(Fact::Instant(start)) => Some(*start),
        _ => draft.time.iter().copied().flatten().next(),
    }
}

/// The number of the person; 0 where nobody says, which is the same person for all such tracks.
fn whose(facts: &Facts, user: Option<&str>, query: &Query) -> u64 {
    let field = match &query.user {
        Some(name) => facts.get(name).map(Fact::field),
        None => user.map(Field::Text),
    };
    field.and_then(|field| field.subject()).unwrap_or_default()
}

/// Adds what can be computed; a distance that the file states is believed.
fn complete(facts: &mut Facts, track: &Track) {
    facts.say("points", Fact::Number(track.len() as f64));
    if !matches!(facts.get("distance"), Some(Fact::Number(_))) {
        facts.say("distance", Fact::Number(distance(track)));
    }
    if let Some([first, .., last] | [first @ last]) = track.time.as_deref() {
        facts.say("date", Fact::Instant(*first));
        facts.say("duration", Fact::Number((last - first) as f64 / 1e6));
    }
}

/// How far the track goes along its legs, in metres along great circles.
fn distance(track: &Track) -> f64 {
    let step = |at: usize| metres([track.lng[at], track.lat[at]], [track.lng[at + 1], track.lat[at + 1]]);
    track.legs().map(|leg| (leg.start..leg.end - 1).map(step).sum::<f64>()).sum()
}

/// The distance of two places in degrees, by the haversine.
fn metres(a: [f64; 2], b: [f64; 2]) -> f64 {
    let half_sine = |degrees: f64| libm::sin(degrees.to_radians() / 2.0);
    let (across, down) = (half_sine(a[0] - b[0]), half_sine(a[1] - b[1]));
    let cosine = |degrees: f64| libm::cos(degrees.to_radians());
    let haversine = down * down + cosine(a[1]) * cosine(b[1]) * across * across;
    2.0 * EARTH_RADIUS_M * libm::asin(haversine.sqrt().min(1.0))
}

impl Draft {
    /// The draft as tracks whose times do not decrease: one, or one for each leg where legs overlap in time. `reordered`
    /// counts the fixes that are earlier than the one before them in their leg.
    fn tracks(self, reordered: &mut u64) -> Vec<Track> {
        let Some(time) = whole(&self.time) else {
            return vec![Track { lng: self.lng, lat: self.lat, breaks: self.breaks, ..Track::default() }];
        };
        let mut track = Track { lng: self.lng, lat: self.lat, time: Some(time), breaks: self.breaks, user: 0 };
        if ascending(&track, 0..track.len()) {
            return vec![track];
        }
        let mut legs: Vec<Track> = track.legs().map(|leg| ordered(&track, leg, reordered)).collect();
        legs.sort_by_key(first);
        if legs.windows(2).any(|two| last(&two[0]) > first(&two[1])) {
            return legs;
        }
        track = legs.remove(0);
        for leg in &legs {
            append(&mut track, leg);
        }
        vec![track]
    }
}

/// The time of every fix. One without a time between others that have one passes at an even pace between them; where most
/// fixes have none, the track has none.
fn whole(times: &[Option<i64>]) -> Option<Vec<i64>> {
    let known: Vec<(usize, i64)> = times.iter().enumerate().filter_map(|(at, time)| Some((at, (*time)?))).collect();
    if known.is_empty() || known.len() * 2 < times.len() {
        return None;
    }
    if known.len() == times.len() {
        return Some(known.into_iter().map(|(_, time)| time).collect());
    }
    let between = |at: usize| {
        let behind = known.partition_point(|(known, _)| *known <= at);
        match (behind.checked_sub(1).map(|before| known[before]), known.get(behind)) {
            (Some((a, from)), Some((b, to))) => {
                let share = (at - a) as f64 / (b - a) as f64;
                from + ((*to as f64 - from as f64) * share) as i64
            }
            (Some((_, time)), None) => time,
            (None, next) => next.map_or(0, |(_, time)| *time),
        }
    };
    Some((0..times.len()).map(between).collect())
}

fn ascending(track: &Track, fixes: Range<usize>) -> bool {
    track.time.as_ref().is_none_or(|time| time[fixes].is_sorted())
}

/// One leg as a track, its fixes in the order of their times; those of one time in the order of the file.
fn ordered(track: &Track, leg: Range<usize>, reordered: &mut u64) -> Track {
    let time = track.time.as_deref().unwrap_or_default();
    *reordered += time[leg.clone()].windows(2).filter(|two| two[1] < two[0]).count() as u64;
    let mut order: Vec<usize> = leg.collect();
    order.sort_by_key(|at| time[*at]);
    let column = |values: &[f64]| order.iter().map(|at| values[*at]).collect();
    let time = order.iter().map(|at| time[*at]).collect();
    Track { lng: column(&track.lng), lat: column(&track.lat), time: Some(time), ..Track::default() }
}

fn first(track: &Track) -> i64 {
    track.time.as_ref().and_then(|time| time.first().copied()).unwrap_or_default()
}

fn last(track: &Track) -> i64 {
    track.time.as_ref().and_then(|time| time.last().copied()).unwrap_or_default()
}

fn append(track: &mut Track, leg: &Track) {
    track.breaks.push(track.len());
    track.lng.extend(&leg.lng);
    track.lat.extend(&leg.lat);
    track.time.iter_mut().zip(&leg.time).for_each(|(time, more)| time.extend(more));
}
