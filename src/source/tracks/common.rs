//! What all fixes of a track have in common, for formats that repeat with each fix what is true of the whole track: a
//! name, a vehicle, a rider. What differs between two fixes of a track is no fact about it.

use std::collections::HashMap;

use crate::source::json::Cell;
use crate::source::tracks::Fact;
use crate::source::{Filter, Query};

/// A track has no more facts than so many, and those that are asked for: they are looked up one by one.
pub(super) const MOST_FACTS: usize = 300;

/// Whether the query asks for the fact of this name.
pub(super) fn is_asked(name: &str, query: &Query) -> bool {
    let columns = query.filter.iter().flat_map(Filter::columns);
    let options = [&query.user, &query.track, &query.time].into_iter().flatten();
    columns.chain(options).any(|asked| asked.trim().eq_ignore_ascii_case(name.trim()))
}

/// Names and values that all fixes of a track had so far, for each track by its key.
pub(super) struct Common<N, V> {
    tracks: HashMap<String, Vec<(N, V)>>,
}

impl<N, V> Common<N, V> {
    pub(super) fn new() -> Common<N, V> {
        Common { tracks: HashMap::new() }
    }

    /// Takes in a fix of the track called `key`: all that is known of the first one, `all`, of which only what is the
    /// `same` stays at each that follows.
    pub(super) fn meet(&mut self, key: &str, all: impl FnOnce() -> Vec<(N, V)>, same: impl Fn(&N, &V) -> bool) {
        match self.tracks.get_mut(key) {
            Some(known) => known.retain(|(name, value)| same(name, value)),
            None => _ = self.tracks.insert(key.to_owned(), all()),
        }
    }

    /// What is left, by key.
    pub(super) fn into_tracks(self) -> impl Iterator<Item = (String, Vec<(N, V)>)> {
        self.tracks.into_iter()
    }
}

/// A value of JSON as a fact, where it is one value.
pub(super) fn fact(cell: Cell) -> Option<Fact> {
    match cell {
        Cell::Missing | Cell::Pair(..) => None,
        Cell::Number(number) => Some(Fact::Number(number)),
        Cell::Text(text) => Some(Fact::Text(text)),
        Cell::Flag(flag) => Some(Fact::Flag(flag)),
    }
}
