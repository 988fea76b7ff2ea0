//! Where the events of a block lie among the cells: projection, cell and place inside the cell, for many events at
//! a time. What it computes is [`Frame::locate`] of `World::of`; only the shape is one the compiler can vectorise.

use crate::cells::middle;
use crate::events::Space;
use crate::frame::Frame;
use crate::world::project;

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
    world_x: [f64; BLOCK],
    world_y: [f64; BLOCK],
    /// Position in cells from the north-west corner of the frame.
    across: [f64; BLOCK],
    down: [f64; BLOCK],
    /// Position relative to the centre of the event's cell, -1/2..1/2.
    off_x: [f32; BLOCK],
    off_y: [f32; BLOCK],
    /// Cell index, or the number of cells for an event outside.
    cell: [u32; BLOCK],
    /// 1 where an event was inside in one of the copies touched since it was projected.
    touched: [u8; BLOCK],
}

impl Spots {
    /// No events.
    pub fn new() -> Spots {
        let column = [0.0; BLOCK];
        Spots {
            len: 0,
            width: 0,
            outside: 0,
            world_x: column,
            world_y: column,
            across: column,
            down: column,
            off_x: [0.0; BLOCK],
            off_y: [0.0; BLOCK],
            cell: [0; BLOCK],
            touched: [0; BLOCK],
        }
    }

    /// Projects at most [`BLOCK`] events.
    pub fn project(&mut self, space: Space, x: &[f64], y: &[f64]) {
        self.len = x.len();
        self.touched.fill(0);
        let (world_x, world_y) = (&mut self.world_x[..x.len()], &mut self.world_y[..x.len()]);
        projected(space, (x, y), (world_x, world_y));
    }

    /// Takes at most [`BLOCK`] places of the finest lattice.
    pub fn take(&mut self, x: &[u32], y: &[u32]) {
        self.len = x.len();
        self.touched.fill(0);
        let places = x.iter().zip(y).zip(self.world_x.iter_mut().zip(&mut self.world_y));
        for ((x, y), (world_x, world_y)) in places {
            (*world_x, *world_y) = (middle(f64::from(*x)), middle(f64::from(*y)));
        }
    }

    /// Finds the cells of the projected events in the copy of the world that lies `copy` to the east, and with
    /// `places` their places inside the cells too. Events in the outermost `margin` cells of the frame count as outside.
    pub fn find(&mut self, frame: &Frame, margin: u32, copy: f64, places: bool) {
        self.width = frame.width() as usize;
        self.outside = frame.len() as u32;
        let n = self.len;
        let from = (&self.world_x[..n], &self.world_y[..n]);
        let at = (&mut self.across[..n], &mut self.down[..n]);
        let off = (&mut self.off_x[..n], &mut self.off_y[..n]);
        let (cell, margin) = (&mut self.cell[..n], f64::from(margin));
        // Where nothing but the cell is asked for, most of what the loop would write is left out.
        if places {
            pulp::Arch::new().dispatch(Find::<true> { frame, margin, copy, from, at, off, cell });
        } else {
            pulp::Arch::new().dispatch(Find::<false> { frame, margin, copy, from, at, off, cell });
        }
    }

    /// Remembers which events are inside the copy of the world looked at.
    pub fn touch(&mut self) {
        let touched = self.touched[..self.len].iter_mut().zip(&self.cell[..self.len]);
        touched.for_each(|(touched, cell)| *touched |= u8::from(*cell != self.outside));
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

    /// Position of an event in cells from the north-west corner of the frame.
    pub fn at(&self, event: usize) -> (f64, f64) {
        (self.across[event], self.down[event])
    }

    /// Positions to the right of the centre of the event's cell, in cells, -1/2..1/2.
    pub fn right_of_centre(&self) -> &[f32] {
        &self.off_x[..self.len]
    }

    /// Positions below the centre of the event's cell, in cells, -1/2..1/2.
    pub fn below_centre(&self) -> &[f32] {
        &self.off_y[..self.len]
    }

    /// How many events are inside the copy of the world looked at.
    pub fn inside(&self) -> u64 {
        self.cells().iter().map(|cell| u32::from(*cell != self.outside)).sum::<u32>().into()
    }

    /// How many events were inside in at least one of the copies that were touched.
    pub fn touched(&self) -> u64 {
        self.touched[..self.len].iter().map(|touched| u32::from(*touched)).sum::<u32>().into()
    }

    /// The sum of what there is of each event that is inside, or was in one of the copies touched.
    pub fn sum_of_touched(&self, several: bool, of: &[f64]) -> f64 {
        let inside = |i: &usize| if several { self.touched[*i] != 0 } else { self.cell[*i] != self.outside };
        (0..self.len).filter(inside).map(|i| of[i]).sum()
    }

    /// How many events Web Mercator cannot show; none in a flat space.
    pub fn beyond_mercator(&self, frame: &Frame) -> u64 {
        if frame.space() != Space::Earth {
            return 0;
        }
        let shown = |y: &f64| u32::from((*y >= 0.0) & (*y < 1.0));
        self.len as u64 - u64::from(self.world_y[..self.len].iter().map(shown).sum::<u32>())
    }
}

/// [`project`] with the vector instructions of the machine it runs on.
pub fn projected(space: Space, from: (&[f64], &[f64]), to: (&mut [f64], &mut [f64])) {
    pulp::Arch::new().dispatch(Project { space, from, to });
}

struct Project<'a> {
    space: Space,
    from: (&'a [f64], &'a [f64]),
    to: (&'a mut [f64], &'a mut [f64]),
}

impl pulp::WithSimd for Project<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        project(self.space, self.from, self.to);
    }
}

/// Positions and cells of projected events, as straight-line code for each.
struct Find<'a, const PLACES: bool> {
    frame: &'a Frame,
    margin: f64,
    copy: f64,
    from: (&'a [f64], &'a [f64]),
    at: (&'a mut [f64], &'a mut [f64]),
    off: (&'a mut [f32], &'a mut [f32]),
    cell: &'a mut [u32],
}

impl<const PLACES: bool> pulp::WithSimd for Find<'_, PLACES> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let ((x, y), (across, down), (off_x, off_y)) = (self.from, self.at, self.off);
        let cell = self.cell;
        let (width, height) = (f64::from(self.frame.width()), f64::from(self.frame.height()));
        let (first, right, bottom) = (self.margin, width - self.margin, height - self.margin);
        let outside = self.frame.len() as f64;
        let n = cell.len();
        assert!(x.len() == n && y.len() == n && across.len() == n && down.len() == n, "columns of one length");
        assert!(off_x.len() == n && off_y.len() == n, "columns of one length");
        for i in 0..n {
            let place = self.frame.place(x[i] + self.copy, y[i]);
            let (col, row) = place.cell;
            let inside = (col >= first) & (col < right) & (row >= first) & (row < bottom);
            let index = if inside { row * width + col } else { outside };
            if PLACES {
                across[i] = col + place.inside.0;
                down[i] = row + place.inside.1;
                off_x[i] = place.inside.0 as f32 - 0.5;
                off_y[i] = place.inside.1 as f32 - 0.5;
            }
            cell[i] = (index + TO_LOW_BITS).to_bits() as u32;
        }
    }
}
