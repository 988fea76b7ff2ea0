//! Which edition of its tiles a pyramid that takes more events is at.

use std::collections::{HashMap, HashSet};

use crate::lines::pyramid::Pyramid;
use crate::tile::Tile;

/// Tiles that are told apart; where more changed, all are taken to have.
const MOST: usize = 200_000;

/// For each tile, the last addition of events that may have changed it, by its number; 0 is before all of them.
#[derive(Debug, Clone)]
pub struct Editions {
    last: u64,
    /// The edition of tiles that are not listed.
    others: u64,
    of: HashMap<Tile, u64>,
    /// The zoom down to which tiles are told apart, by their own.
    deepest: [u8; 32],
}

impl Editions {
    /// Before any addition.
    pub fn new(pyramid: &Pyramid) -> Editions {
        let deepest = std::array::from_fn(|zoom| pyramid.told_apart(zoom as u8));
        Editions { last: 0, others: 0, of: HashMap::new(), deepest }
    }

    /// After an addition that touched some tiles, and all that lie above and in them.
    #[must_use]
    pub fn with(&self, touched: &HashSet<Tile>) -> Editions {
        let mut next = Editions { last: self.last + 1, ..self.clone() };
        next.of.extend(touched.iter().map(|tile| (*tile, next.last)));
        if next.of.len() > MOST {
            next.of.clear();
            next.others = next.last;
        }
        next
    }

    /// That of a tile.
    pub fn of(&self, tile: Tile) -> u64 {
        let deepest = self.deepest[usize::from(tile.zoom()).min(31)];
        let mut known = tile;
        while let Some(above) = known.parent().filter(|_| known.zoom() > deepest) {
            known = above;
        }
        self.of.get(&known).copied().unwrap_or(self.others)
    }
}
