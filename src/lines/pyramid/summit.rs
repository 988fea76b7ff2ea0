//! The tiles above blocks, put together from below by folding.

use crate::error::Error;
use crate::grid::Grid;
use crate::lines::pyramid::ladder::Ladder;
use crate::tile::Tile;

/// What the tiles that are finished are shown to.
pub type Show<'a> = &'a mut dyn FnMut(Tile, Grid<f32>) -> Result<(), Error>;

/// A tile by column and row, as far as it is put together.
type Open = ((u32, u32), Grid<f32>);

/// Tiles above those that blocks are, put together from below; blocks come in the order of their quadkeys.
pub struct Summit<'a> {
    ladder: &'a Ladder,
    /// For each zoom the tile that is being put together.
    open: Vec<Option<Open>>,
}

impl<'a> Summit<'a> {
    /// Nothing yet.
    pub fn new(ladder: &'a Ladder) -> Summit<'a> {
        Summit { ladder, open: vec![None; usize::from(ladder.block)] }
    }

    /// Takes the one tile that a block is, and shows the tiles that are finished.
    ///
    /// # Errors
    /// What showing meets.
    pub fn put(&mut self, (zoom, tile): (u8, (u32, u32)), grid: &Grid<f32>, show: Show<'_>) -> Result<(), Error> {
        let Some(above) = zoom.checked_sub(1) else { return Ok(()) };
        let parent = (tile.0 / 2, tile.1 / 2);
        if self.open[usize::from(above)].as_ref().is_some_and(|(open, _)| *open != parent) {
            self.close(above, show)?;
        }
        let frame = self.ladder.frame(above, parent, 1)?;
        let folded = self.ladder.folded(grid);
        let open = &mut self.open[usize::from(above)];
        let (_, whole) = open.get_or_insert_with(|| (parent, Grid::new(frame, vec![0.0; frame.len()])));
        whole.put(&folded);
        Ok(())
    }

    fn close(&mut self, zoom: u8, show: Show<'_>) -> Result<(), Error> {
        let Some((tile, grid)) = self.open[usize::from(zoom)].take() else { return Ok(()) };
        self.put((zoom, tile), &grid, show)?;
        show(Tile::new(zoom, tile.0, tile.1)?, grid)
    }

    /// Shows what is left.
    ///
    /// # Errors
    /// What showing meets.
    pub fn finish(mut self, show: Show<'_>) -> Result<(), Error> {
        (0..self.ladder.block).rev().try_for_each(|zoom| self.close(zoom, show))
    }
}
