//! The kernel estimate without a grid in between: every event's kernel, from where the event is, summed at the centre
//! of every cell in `f64`. Within 1e-6 of the greatest value of the true sum for every [`Kernel`], bandwidth and place.
//!
//! A row of cells cuts the kernel of an event in a chord, along which the squared distance in bandwidths is, with `u`
//! the distance in columns from the event,
//!
//! ```text
//!   v(u) = v0 + v1 u^2            in the plane
//!   v(u) = v0 + v1 u^2 + v2 u^4   along great circles, while the kernel is small beside the Earth (chord.rs)
//! ```
//!
//! Kernels that are polynomials of `v` are summed without visiting the cells of the chord (sweep.rs); the others, and
//! small kernels, cell by cell (lay.rs). Rows are shared out among threads in bands, and a row adds its events in one
//! order whatever the threads: the same bytes for any number of them.

mod chord;
mod lay;
mod order;
mod points;
mod sweep;

use rayon::prelude::*;

use crate::bandwidth::Breadth;
use crate::events::Events;
use crate::frame::Frame;
use crate::grid::Grid;
use crate::kernel::Kernel;
use chord::{Bend, Chords, Near, Terrain};
pub use points::{Gain, Point, Points};

/// Rows that one thread computes at a time.
const BAND: usize = 16;

/// Chords handled together: their columns stay in the first-level cache.
const BLOCK: usize = 128;

/// Chords shorter than this many cells, from end to end, are laid cell by cell: a sweep touches two cells of each
/// chord, but several numbers in each, and every cell of the row after that.
const SHORTEST_SWEPT: f64 = 6.0;

/// What a thread works with.
struct Desk {
    near: Near,
    chords: Chords,
    sums: Vec<f64>,
    ends: sweep::Ends,
}

impl Desk {
    fn new(width: usize) -> Desk {
        let (near, chords) = (Near::default(), Chords::default());
        Desk { near, chords, sums: vec![0.0; width], ends: sweep::Ends::new(width) }
    }

    /// Sums the kernels of all points near a row: swept where the radius of the narrowest is given.
    fn row(&mut self, terrain: &Terrain, row: usize, kernel: Kernel, narrowest: Option<f64>) {
        self.sums.fill(0.0);
        let bend = terrain.bend(row);
        if bend == Bend::Full {
            return lay::on_the_sphere(&mut self.sums, &self.near, kernel, (terrain, row));
        }
        for start in (0..self.near.len()).step_by(BLOCK) {
            let points = start..(start + BLOCK).min(self.near.len());
            terrain.cut(&mut self.chords, &self.near, (points.clone(), row));
            match narrowest {
                Some(narrowest) => {
                    let way = sweep::Way { kernel, bend, narrowest };
                    sweep::mark(&mut self.ends, &self.chords, (&self.near, points), way);
                }
                None => lay::row(&mut self.sums, &self.chords, (&self.near, points), kernel),
            }
        }
        if let Some(narrowest) = narrowest
            && self.near.len() > 0
        {
            sweep::sum(&mut self.sums, &mut self.ends, sweep::Way { kernel, bend, narrowest });
        }
    }
}

/// What an exact estimate has to do, and the seconds of one core that a unit of it takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Work {
    /// Rows that the kernel of an event reaches.
    pub rows_per_event: f64,
    /// Cells that it is laid over, where it is not swept.
    pub cells_per_event: f64,
    /// Seconds for each row of each event.
    pub row: f64,
    /// Seconds for each cell of each event.
    pub cell: f64,
    /// Seconds for each cell of the frame.
    pub frame_cell: f64,
}

/// A kernel and its bandwidth over the cells of a frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Exact {
    frame: Frame,
    kernel: Kernel,
    breadth: Breadth,
    /// By how much further than usual kernels without an end are followed.
    follow: f64,
}

impl Exact {
    /// The exact estimate over a frame.
    pub fn new(frame: Frame, kernel: Kernel, breadth: Breadth) -> Exact {
        Exact { frame, kernel, breadth, follow: 1.0 }
    }

    /// Nothing gathered yet. One for each thread; they merge.
    pub fn points(&self) -> Points {
        Points::new(self.frame, self.breadth.times(self.reach()))
    }

    /// The same, following Gaussians and exponentials further: where two sums are divided, what counts is not how small
    /// the rest is beside the peak, but beside the sums.
    pub fn followed_further(&self) -> Exact {
        Exact { follow: 1.3, ..self.clone() }
    }

    /// All events of a run, each with a bandwidth of its own in units of the bandwidth; where one is 0, because other
    /// events share the place, it is taken for a quarter of a cell.
    pub fn points_of(&self, events: &Events, bandwidths: &[f64]) -> Points {
        let least = 0.25 / self.widest_in_cells();
        let widest = bandwidths.iter().fold(least, |a, b| a.max(*b));
        let mut points = Points::new(self.frame, self.breadth.times(self.reach() * widest));
        points.add_each(events, |i| bandwidths[i].max(least).powi(-2));
        Points::finish(vec![points])
    }

    /// How far the kernel is followed, in metres on the ground or in columns.
    pub fn reach_length(&self) -> f64 {
        let (Breadth::Cells(length, _) | Breadth::Ground(length)) = self.breadth;
        length * self.reach()
    }

    fn reach(&self) -> f64 {
        if self.kernel.is_compact() { 1.0 } else { self.kernel.reach() * self.follow }
    }

    /// The bandwidth in columns, in the middle of the frame.
    fn widest_in_cells(&self) -> f64 {
        let terrain = Terrain::new(&self.frame, 1.0, self.breadth, (1.0, 1.0));
        terrain.half_width(self.frame.height() as usize / 2)
    }

    /// The estimate at the centre of each cell: per km² on the Earth, or square unit of a flat space.
    pub fn estimate(&self, points: &Points, gain: Gain) -> Grid<f32> {
        let width = self.frame.width() as usize;
        let shrinks = points.shrinks();
        let terrain = Terrain::new(&self.frame, self.reach(), self.breadth, shrinks);
        let swept = self.is_swept(&terrain, shrinks);
        let mut values = vec![0.0f32; self.frame.len()];
        let bands = values.par_chunks_mut(width * BAND).enumerate();
        let at_least = self.frame.height() as usize / BAND / (16 * rayon::current_num_threads()) + 1;
        bands.with_min_len(at_least).for_each_init(
            || Desk::new(width),
            |desk, (band, out)| {
                let rows = band * BAND..band * BAND + out.len() / width;
                desk.near.gather(&terrain, points, &rows, gain);
                for (row, line) in rows.zip(out.chunks_mut(width)) {
                    let narrowest = swept.then(|| terrain.half_width(row) / shrinks.1.sqrt());
                    desk.row(&terrain, row, self.kernel, narrowest);
                    let peak = self.peak(row);
                    line.iter_mut().zip(&desk.sums).for_each(|(out, sum)| *out = (sum * peak) as f32);
                }
            },
        );
        Grid::new(self.frame, values)
    }

    /// Whether rows are swept rather than laid cell by cell.
    fn is_swept(&self, terrain: &Terrain, shrinks: (f64, f64)) -> bool {
        let half = terrain.half_width(self.frame.height() as usize / 2) / (shrinks.0 * shrinks.1).powf(0.25);
        sweep::is_swept(self.kernel) && 2.0 * half >= SHORTEST_SWEPT
    }

    /// How much there is to do.
    pub fn work(&self) -> Work {
        let shrinks = (1.0, 1.0);
        let terrain = Terrain::new(&self.frame, self.reach(), self.breadth, shrinks);
        let middle = self.frame.height() as usize / 2;
        let half = terrain.half_width(middle);
        let rows = (2.0 * terrain.half_height(middle)).min(f64::from(self.frame.height()));
        let cols = (2.0 * half).min(f64::from(self.frame.width()));
        if self.is_swept(&terrain, shrinks) {
            let row = sweep::seconds_per_chord(self.kernel);
            return Work { rows_per_event: rows, cells_per_event: 0.0, row, cell: 0.0, frame_cell: 5e-9 };
        }
        let cell = lay::seconds_per_cell(self.kernel);
        // A disc fills pi / 4 of its square.
        Work { rows_per_event: rows, cells_per_event: 0.785 * rows * cols, row: 29e-9, cell, frame_cell: 2e-9 }
    }

    /// How many cells there are to compute.
    pub fn cells(&self) -> usize {
        self.frame.len()
    }

    /// The height of the kernel of one event of weight 1 and shrink 1, at a row of the frame.
    pub fn peak(&self, row: usize) -> f64 {
        let area = match self.breadth {
            Breadth::Cells(x, y) => x * y * self.frame.cell_area(row as i64),
            Breadth::Ground(m) => (m / 1000.0).powi(2),
        };
        self.kernel.peak() / area
    }
}
