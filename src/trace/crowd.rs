//! How many people were in each cell, so that none is shown in which fewer were than it takes to be anybody.

use std::sync::Arc;

use crate::events::Events;
use crate::trace::lattice::Lattice;

/// Visits that wait before they are put in order.
const WAITING: usize = 1 << 20;

/// Counts the people of each cell. Batches, threads and files may come in any order, and the tracks of one person in
/// different ones of them: the result is the same.
///
/// It holds 16 bytes for each cell of each person, of at most as many people for a cell as it takes to be shown: of
/// those with the smallest numbers, which are the same in any order. Up to a million visits wait beside.
#[derive(Debug, Clone)]
pub struct Crowd {
    lattice: Lattice,
    enough: usize,
    /// Cell and person, ascending, each once, of a cell at most `enough`.
    known: Vec<(u64, u64)>,
    waiting: Vec<(u64, u64)>,
}

impl Crowd {
    /// Nobody yet; it will be known whether at least so many people were in a cell.
    pub fn of_at_least(enough: usize, lattice: Lattice) -> Crowd {
        Crowd { lattice, enough: enough.max(1), known: Vec::new(), waiting: Vec::new() }
    }

    /// Nobody yet; all will be counted, which takes memory for everybody everywhere.
    pub fn of_all(lattice: Lattice) -> Crowd {
        Crowd::of_at_least(usize::MAX, lattice)
    }

    /// Somebody was in these cells, as [`crate::trace::Cutter::visits`] says.
    pub fn add(&mut self, user: u64, keys: &[u64]) {
        for keys in keys.chunks(WAITING) {
            self.waiting.extend(keys.iter().map(|key| (*key, user)));
            if self.waiting.len() >= WAITING.max(self.known.len() / 2) {
                self.settle();
            }
        }
    }

    /// Adds what another one counted.
    ///
    /// # Panics
    /// If it counted for another lattice or another number.
    pub fn merge(&mut self, mut other: Crowd) {
        assert!(self.lattice == other.lattice && self.enough == other.enough, "counted alike");
        self.waiting.append(&mut other.known);
        self.waiting.append(&mut other.waiting);
        self.settle();
    }

    /// The cells in which at least so many people were as were asked for.
    pub fn shown(mut self) -> Shown {
        self.settle();
        let enough = self.known.chunk_by(|a, b| a.0 == b.0).filter(|people| people.len() >= self.enough);
        let keys = enough.map(|people| people[0].0).collect();
        Shown { lattice: self.lattice, keys }
    }

    /// Adds an event in the middle of each cell whose weight is how many people were there, at most as many as are
    /// known of a cell.
    pub fn events(&mut self, batch: &mut Events) {
        self.settle();
        for people in self.known.chunk_by(|a, b| a.0 == b.0) {
            let (lng, lat) = self.lattice.centre(people[0].0);
            batch.x.push(lng);
            batch.y.push(lat);
            batch.weight.get_or_insert_default().push(people.len() as f64);
        }
    }

    fn settle(&mut self) {
        self.known.append(&mut self.waiting);
        self.known.sort_unstable();
        self.known.dedup();
        let (mut cell, mut people, enough) = (None, 0, self.enough);
        self.known.retain(|(key, _)| {
            people = if cell == Some(*key) { people + 1 } else { 1 };
            cell = Some(*key);
            people <= enough
        });
    }
}

/// Cells that may be shown: 8 bytes each, which all copies share.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    lattice: Lattice,
    /// Ascending.
    keys: Arc<[u64]>,
}

impl Shown {
    /// The lattice they are cells of.
    pub fn lattice(&self) -> &Lattice {
        &self.lattice
    }

    /// Whether a cell is one of them.
    pub fn holds(&self, key: u64) -> bool {
        self.keys.binary_search(&key).is_ok()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

/// Each key once, ascending.
pub fn distinct(keys: &mut Vec<u64>) {
    keys.sort_unstable();
    keys.dedup();
}
