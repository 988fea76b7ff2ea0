//! Where the events of a block lie among the cells: projection, cell and place inside the cell, for many events at
//! a time. What it computes is [`Frame::locate`] of [`World::of`]; only the shape is one the compiler can vectorise.

use crate::events::Space;
use crate::frame::Frame;
use crate::world::World;

/// Events handled together: their columns stay in the first-level cache.
pub const BLOCK: usize = 1024;

/// Adding this to a whole number below 2^52 leaves the number in the low bits of the float, so that a vector unit
/// without integer conversion can store it.
const TO_LOW_BITS: f64 = 4_503_599_627_370_496.0;

/// The places of a block of events.
pub struct Spots {
    len: usize,
    width: usize,
    outside: u32,
    /// Cell index, or the number of cells for an event outside.
    cell: [u32; BLOCK],
    /// Horizontal place inside the cell, 0..1 from west.
    across: [f32; BLOCK],
    /// Vertical place inside the cell, 0..1 from north.
    down: [f32; BLOCK],
    /// World y, to tell what Mercator cannot show.
    y: [f64; BLOCK],
    /// Position in cells of the frame.
    at: [(f64, f64); BLOCK],
}

impl Spots {
    /// No events.
    pub fn new() -> Spots {
        Spots {
            len: 0,
            width: 0,
            outside: 0,
            cell: [0; BLOCK],
            across: [0.0; BLOCK],
            down: [0.0; BLOCK],
            y: [0.0; BLOCK],
            at: [(0.0, 0.0); BLOCK],
        }
    }

    /// Finds the places of at most [`BLOCK`] events in the copy of the world that lies `copy` to the east.
    /// Events in the outermost `margin` cells of the frame count as outside.
    pub fn find(&mut self, frame: &Frame, margin: u32, copy: f64, x: &[f64], y: &[f64]) {
        self.len = x.len();
        self.width = frame.width() as usize;
        self.outside = frame.len() as u32;
        let simd = pulp::Arch::new();
        simd.dispatch(|| self.find_vectorised(frame, margin, copy, x, y));
    }

    #[inline(always)]
    fn find_vectorised(&mut self, frame: &Frame, margin: u32, copy: f64, x: &[f64], y: &[f64]) {
        // The space is matched here, outside the loop, so that each loop has straight-line code.
        match frame.space() {
            Space::Earth => self.fill(frame, margin, copy, x, y, |x, y| World::of(Space::Earth, x, y)),
            space @ Space::Flat { .. } => self.fill(frame, margin, copy, x, y, |x, y| World::of(space, x, y)),
        }
    }

    #[inline(always)]
    fn fill(&mut self, frame: &Frame, margin: u32, copy: f64, x: &[f64], y: &[f64], world: impl Fn(f64, f64) -> World) {
        let (first_col, first_row) = (frame.first().0 as f64, frame.first().1 as f64);
        let (width, height) = (f64::from(frame.width()), f64::from(frame.height()));
        let (low, right, bottom) = (f64::from(margin), width - f64::from(margin), height - f64::from(margin));
        let outside = f64::from(self.outside);
        let n = x.len().min(y.len()).min(BLOCK);
        let columns = self.cell[..n].iter_mut().zip(&mut self.across[..n]).zip(&mut self.down[..n]);
        let columns = columns.zip(&mut self.y[..n]).zip(&mut self.at[..n]);
        for (((((cell, across), down), world_y), at), (x, y)) in columns.zip(x[..n].iter().zip(&y[..n])) {
            let world = world(*x, *y);
            let (u, v) = frame.place(World { x: world.x + copy, y: world.y });
            let (col, row) = (u.floor() - first_col, v.floor() - first_row);
            let inside = (col >= low) & (col < right) & (row >= low) & (row < bottom);
            let index = if inside { row * width + col } else { outside };
            *cell = (index + TO_LOW_BITS).to_bits() as u32;
            *across = (u - u.floor()) as f32;
            *down = (v - v.floor()) as f32;
            *world_y = world.y;
            *at = (u - first_col, v - first_row);
        }
    }

    /// How many events the block has.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Number of columns of the frame: the distance from a cell to the one below it.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Cell indices; [`Spots::outside`] for events outside.
    pub fn cells(&self) -> &[u32] {
        &self.cell[..self.len]
    }

    /// The index that stands for outside: the number of cells.
    pub fn outside(&self) -> u32 {
        self.outside
    }

    /// Horizontal and vertical place of an event inside its cell, each 0..1 from north-west.
    pub fn inside_cell(&self, event: usize) -> (f32, f32) {
        (self.across[event], self.down[event])
    }

    /// Position of an event in cells from the north-west corner of the frame.
    pub fn at(&self, event: usize) -> (f64, f64) {
        self.at[event]
    }

    /// How many events are inside.
    pub fn inside(&self) -> u64 {
        self.cells().iter().filter(|cell| **cell != self.outside).count() as u64
    }

    /// How many events Web Mercator cannot show; none in a flat space.
    pub fn beyond_mercator(&self, frame: &Frame) -> u64 {
        let earth = frame.space() == Space::Earth;
        self.y[..self.len].iter().filter(|y| earth & !(0.0..1.0).contains(*y)).count() as u64
    }
}
