//! The tiles above blocks, put together from below by folding.

use crate::error::Error;
use crate::lines::pyramid::ladder::Ladder;
use crate::lines::pyramid::planes::{Keeping, Level, Planes};
use crate::tile::Tile;

/// What the tiles that are finished are shown to.
pub type Show<'a> = &'a mut dyn FnMut(Tile, Planes) -> Result<(), Error>;

/// A tile by column and row, as far as it is put together.
type Open = ((u32, u32), Planes);

/// Tiles above those that blocks are, put together from below; blocks come in the order of their quadkeys.
pub struct Summit {
    ladder: Ladder,
    keeping: Keeping,
    /// For each zoom the tile that is being put together.
    open: Vec<Option<Open>>,
}

impl Summit {
    /// Nothing yet.
    pub fn new(ladder: Ladder, keeping: Keeping) -> Summit {
        Summit { ladder, keeping, open: vec![None; usize::from(ladder.block)] }
    }

    /// Takes the one tile that a block is, and shows the tiles that are finished.
    ///
    /// # Errors
    /// What showing meets.
    pub fn put(&mut self, tile: (u32, u32), top: &Level, show: Show<'_>) -> Result<(), Error> {
        let Some(above) = top.zoom.checked_sub(1) else { return Ok(()) };
        let parent = (tile.0 / 2, tile.1 / 2);
        if self.open[usize::from(above)].as_ref().is_some_and(|(open, _)| *open != parent) {
            self.close(above, show)?;
        }
        let frame = self.ladder.frame(above, parent, 1)?;
        let open = &mut self.open[usize::from(above)];
        let (_, whole) = open.get_or_insert_with(|| (parent, Planes::nothing(frame, self.keeping)));
        top.folded().patches.iter().for_each(|patch| whole.put(patch));
        Ok(())
    }

    fn close(&mut self, zoom: u8, show: Show<'_>) -> Result<(), Error> {
        let Some((tile, planes)) = self.open[usize::from(zoom)].take() else { return Ok(()) };
        let level = Level { zoom, patches: vec![planes] };
        self.put(tile, &level, show)?;
        level.patches.into_iter().try_for_each(|planes| show(Tile::new(zoom, tile.0, tile.1)?, planes))
    }

    /// Shows what is left.
    ///
    /// # Errors
    /// What showing meets.
    pub fn finish(mut self, show: Show<'_>) -> Result<(), Error> {
        (0..self.ladder.block).rev().try_for_each(|zoom| self.close(zoom, show))
    }
}
