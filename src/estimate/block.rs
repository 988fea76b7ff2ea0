//! Where the events of a block lie in a frame, in double precision, for ways that hold events or small cells.

use crate::events::{Events, Space};
use crate::frame::Frame;
use crate::world::project;

/// Events brought to cells together: their columns stay in the first-level cache.
pub const BLOCK: usize = 512;

/// The places of a block of events.
pub struct Block {
    /// How many events.
    pub len: usize,
    world_x: [f64; BLOCK],
    world_y: [f64; BLOCK],
    /// Column and row from the north-west corner of the frame.
    pub col: [f64; BLOCK],
    pub row: [f64; BLOCK],
    /// Right and down from the north-west corner of the cell.
    pub right: [f64; BLOCK],
    pub down: [f64; BLOCK],
    /// Whether an event was taken in any copy of the world.
    pub touched: [bool; BLOCK],
}

impl Block {
    /// No events.
    pub fn new() -> Block {
        let column = [0.0; BLOCK];
        let (world_x, world_y, col, row, right, down) = (column, column, column, column, column, column);
        Block { len: 0, world_x, world_y, col, row, right, down, touched: [false; BLOCK] }
    }

    /// Projects some events, at most [`BLOCK`].
    pub fn project(&mut self, events: &Events, some: std::ops::Range<usize>) {
        self.len = some.len();
        self.touched.fill(false);
        pulp::Arch::new().dispatch(Project { block: self, events, some });
    }

    /// Finds the cells in the copy of the world that lies `copy` to the east.
    pub fn find(&mut self, frame: &Frame, copy: f64) {
        pulp::Arch::new().dispatch(Find { block: self, frame, copy });
    }

    /// Whether Mercator can show an event.
    pub fn on_map(&self, i: usize, space: Space) -> bool {
        space != Space::Earth || (0.0..1.0).contains(&self.world_y[i])
    }

    /// How many events were taken, each counted once.
    pub fn touched(&self) -> u64 {
        self.touched[..self.len].iter().map(|touched| u64::from(*touched)).sum()
    }

    /// How many events Mercator cannot show.
    pub fn beyond_mercator(&self, space: Space) -> u64 {
        (0..self.len).map(|i| u64::from(!self.on_map(i, space))).sum()
    }
}

struct Project<'a> {
    block: &'a mut Block,
    events: &'a Events,
    some: std::ops::Range<usize>,
}

impl pulp::WithSimd for Project<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Project { block, events, some } = self;
        let n = some.len();
        let to = (&mut block.world_x[..n], &mut block.world_y[..n]);
        project(events.space, (&events.x[some.clone()], &events.y[some]), to);
    }
}

struct Find<'a> {
    block: &'a mut Block,
    frame: &'a Frame,
    copy: f64,
}

impl pulp::WithSimd for Find<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Find { block, frame, copy } = self;
        for i in 0..BLOCK {
            let place = frame.place(block.world_x[i] + copy, block.world_y[i]);
            (block.col[i], block.row[i]) = place.cell;
            (block.right[i], block.down[i]) = place.inside;
        }
    }
}
