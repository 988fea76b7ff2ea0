//! Which tiles of a pyramid new events change.

use std::collections::HashSet;

use crate::error::Error;
use crate::frame::Frame;
use crate::lines::pyramid::Pyramid;
use crate::lines::pyramid::ladder::{Block, Ladder, Way};
use crate::lines::pyramid::stock::Stock;
use crate::tile::Tile;

/// The tiles, of all zooms, that the events of some stocks may change: those that their kernels reach, those that are
/// interpolated from such, and all that hold one; of zooms below the natural one, so many.
///
/// # Errors
/// What finding out how far kernels reach meets.
pub fn touched(pyramid: &Pyramid, stocks: &[(u8, Stock)], deeper: u8) -> Result<HashSet<Tile>, Error> {
    let mut tiles = Vec::new();
    for (ladder, (_, stock)) in pyramid.ladders().into_iter().zip(stocks) {
        for (x, y) in stock.blocks() {
            let block = Block { zoom: ladder.block, tile: (x, y) };
            // A new event moves the mean place of the events in its cell, and so the ends of their kernels.
            let moved = if pyramid.way == Way::Bins { 0 } else { ladder.cell_width().ceil() as u32 };
            for site in pyramid.sites(ladder, (block, ladder.beyond() + moved), stock)?.1 {
                let deepest = ladder.wanted.1.min(ladder.natural.saturating_add(deeper));
                let zooms = ladder.natural..=deepest.max(ladder.natural);
                tiles.extend(zooms.flat_map(|zoom| under(ladder, &site.own, zoom)));
            }
        }
    }
    Ok(with_above(HashSet::new(), tiles))
}

/// Tiles with which all that lie above them are known, and more with all that lie above those.
pub fn with_above(mut known: HashSet<Tile>, more: impl IntoIterator<Item = Tile>) -> HashSet<Tile> {
    let mut open: Vec<Tile> = more.into_iter().collect();
    while let Some(tile) = open.pop() {
        if known.insert(tile) {
            open.extend(tile.parent());
        }
    }
    known
}

/// The tiles of a zoom, the natural one or one below, that lie in cells of the natural one.
fn under(ladder: Ladder, cells: &Frame, zoom: u8) -> Vec<Tile> {
    let deeper = zoom - ladder.natural;
    let side = i64::from(ladder.side);
    let tiles = |from: i64, cells: u32| {
        (from << deeper).div_euclid(side)..=(((from + i64::from(cells)) << deeper) - 1).div_euclid(side)
    };
    let (left, top) = cells.first();
    let all = tiles(top, cells.height()).flat_map(|y| tiles(left, cells.width()).map(move |x| (x, y)));
    all.filter_map(|(x, y)| Tile::new(zoom, x.try_into().ok()?, y.try_into().ok()?).ok()).collect()
}
