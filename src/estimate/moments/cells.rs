//! What moment cells gather: integers, so that they are the same whoever gathered the events, in whatever order.

use crate::estimate::block::{BLOCK, Block};
use crate::events::{Events, Space};
use crate::frame::Frame;

/// Cells are made in patches of this many rows and columns, where there are events.
pub const PATCH: usize = 8;

/// Steps across a cell in which places inside it are counted.
pub const STEPS: f64 = 65_536.0;

/// The events of a moment cell. Places are counted in steps from the middle of the cell. There is room for 8e9 events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moment {
    /// How many events.
    pub events: u64,
    /// Summed steps to the right.
    pub right: i64,
    /// Summed steps down.
    pub down: i64,
    /// Summed squares of both.
    squares: u64,
}

impl Moment {
    /// The summed squared distances from the centroid, in steps.
    pub fn spread(&self) -> f64 {
        let (right, down) = (i128::from(self.right), i128::from(self.down));
        let squares = i128::from(self.events) * i128::from(self.squares) - right * right - down * down;
        squares as f64 / self.events as f64
    }

    #[inline(always)]
    fn add(&mut self, right: i64, down: i64) {
        self.events += 1;
        self.right += right;
        self.down += down;
        self.squares += (right * right + down * down) as u64;
    }

    fn merge(&mut self, other: &Moment) {
        self.events += other.events;
        self.right += other.right;
        self.down += other.down;
        self.squares += other.squares;
    }
}

type Patch = Box<[Moment; PATCH * PATCH]>;

/// Events gathered in moment cells.
#[derive(Debug, Clone)]
pub struct MomentCells {
    grown: Frame,
    /// Columns and rows of moment cells.
    size: (usize, usize),
    /// How many of them a cell of the frame is wide and high.
    per_cell: (f64, f64),
    /// Patches in a row of them.
    across: usize,
    patches: Vec<Option<Patch>>,
    reached: u64,
    beyond_mercator: u64,
}

impl MomentCells {
    /// No events yet; those will be taken that lie in the frame.
    pub fn new(grown: Frame, size: (usize, usize), per_cell: (f64, f64)) -> MomentCells {
        let (across, down) = (size.0.div_ceil(PATCH), size.1.div_ceil(PATCH));
        let patches = vec![None; across * down];
        MomentCells { grown, size, per_cell, across, patches, reached: 0, beyond_mercator: 0 }
    }

    /// Adds a batch of events; each counts once, whatever it weighs.
    pub fn add(&mut self, events: &Events) {
        let mut block = Block::new();
        for start in (0..events.len()).step_by(BLOCK) {
            let some = start..(start + BLOCK).min(events.len());
            block.project(events, some);
            for copy in self.grown.copies() {
                block.find(&self.grown, copy);
                self.take(&mut block, events.space);
            }
            self.reached += block.touched();
            self.beyond_mercator += block.beyond_mercator(events.space);
        }
    }

    fn take(&mut self, block: &mut Block, space: Space) {
        let (width, height) = (f64::from(self.grown.width()), f64::from(self.grown.height()));
        for i in 0..block.len {
            let (right, down) = (block.col[i] + block.right[i], block.row[i] + block.down[i]);
            let inside = right >= 0.0 && down >= 0.0 && right < width && down < height;
            if inside && block.on_map(i, space) {
                self.put(right * self.per_cell.0, down * self.per_cell.1);
                block.touched[i] = true;
            }
        }
    }

    /// Adds an event so many moment cells to the right of the north-west corner, and below it.
    #[inline(always)]
    fn put(&mut self, right: f64, down: f64) {
        let (col, row) = ((right as usize).min(self.size.0 - 1), (down as usize).min(self.size.1 - 1));
        let steps = |place: f64, cell: usize| ((place - cell as f64) * STEPS) as i64 - (STEPS / 2.0) as i64;
        let patch = &mut self.patches[row / PATCH * self.across + col / PATCH];
        let patch = patch.get_or_insert_with(|| Box::new([Moment::default(); PATCH * PATCH]));
        patch[row % PATCH * PATCH + col % PATCH].add(steps(right, col), steps(down, row));
    }

    /// The events of all gatherers.
    ///
    /// # Panics
    /// If there is none.
    pub fn merged(gathered: Vec<MomentCells>) -> MomentCells {
        let mut all = gathered.into_iter();
        let mut merged = all.next().expect("at least one gatherer");
        for other in all {
            merged.reached += other.reached;
            merged.beyond_mercator += other.beyond_mercator;
            for (patch, other) in merged.patches.iter_mut().zip(other.patches) {
                match (patch.as_mut(), other) {
                    (Some(patch), Some(other)) => patch.iter_mut().zip(other.iter()).for_each(|(a, b)| a.merge(b)),
                    (None, other) => *patch = other,
                    (Some(_), None) => {}
                }
            }
        }
        merged
    }

    /// How many patches there may be.
    pub fn patches(&self) -> usize {
        self.patches.len()
    }

    /// The cells of a patch that gathered something, with their columns and rows.
    pub fn occupied(&self, patch: usize) -> impl Iterator<Item = (&Moment, usize, usize)> {
        let (left, top) = (patch % self.across * PATCH, patch / self.across * PATCH);
        let cells = self.patches[patch].iter().flat_map(|cells| cells.iter().enumerate());
        let placed = move |(i, moment)| (moment, left + i % PATCH, top + i / PATCH);
        cells.map(placed).filter(|(moment, ..): &(&Moment, usize, usize)| moment.events > 0)
    }

    /// Events that reached the frame, each counted once.
    pub fn reached(&self) -> u64 {
        self.reached
    }

    /// Events that lie outside Web Mercator, beyond 85.0511° north or south.
    pub fn beyond_mercator(&self) -> u64 {
        self.beyond_mercator
    }
}
