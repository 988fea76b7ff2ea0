//! Events to [`Cells`]: each is brought to the finest lattice, where it is one number; sorting those puts the events of a
//! cell beside each other.

use crate::cells::{Cell, Cells, Contents, FINEST, decimal, finest, of_quadkey, quadkey};
use crate::error::Error;
use crate::events::Events;
use crate::world::{World, project};

/// The largest sum of absolute weights, readings and squares of readings that one gatherer takes: together with the
/// distances inside of cells those of hundreds stay below 38 digits.
const MOST: f64 = 1e16;

/// Gathers events until it is emptied. One for each thread: what they give is added up.
#[derive(Debug)]
pub struct Sparse {
    zoom: u8,
    contents: Contents,
    held: Held,
    most: f64,
    /// Events taken so far.
    pub events: u64,
    /// Events that Mercator cannot show.
    pub beyond_mercator: u64,
}

/// Events on the finest lattice.
#[derive(Debug)]
enum Held {
    /// Their places alone, as quadkeys.
    Places(Vec<u64>),
    /// All of them.
    Marks(Vec<Mark>),
}

/// One event.
#[derive(Debug, Clone, Copy)]
struct Mark {
    place: u64,
    time: i64,
    weight: f64,
    value: f64,
}

impl Sparse {
    /// Nothing gathered yet.
    ///
    /// # Panics
    /// If the zoom is deeper than [`FINEST`].
    pub fn new(zoom: u8, contents: Contents) -> Sparse {
        assert!(zoom <= FINEST, "no cells are finer than those of zoom {FINEST}");
        let plain = contents == Contents::default();
        let held = if plain { Held::Places(Vec::new()) } else { Held::Marks(Vec::new()) };
        Sparse { zoom, contents, held, most: 0.0, events: 0, beyond_mercator: 0 }
    }

    /// Bytes that the events held take while they are sorted and summed.
    pub fn bytes(&self) -> usize {
        let (len, each) = match &self.held {
            Held::Places(places) => (places.len(), size_of::<u64>()),
            Held::Marks(marks) => (marks.len(), size_of::<Mark>()),
        };
        len * (each + Cells::bytes_each(self.contents))
    }

    /// Adds a batch of events.
    ///
    /// # Errors
    /// When weights or readings grow beyond what is kept exactly.
    ///
    /// # Panics
    /// If the batch lacks a column that the contents ask for.
    pub fn add(&mut self, events: &Events) -> Result<(), Error> {
        let (mut x, mut y) = (vec![0.0; events.len()], vec![0.0; events.len()]);
        pulp::Arch::new().dispatch(Project { events, to: (&mut x, &mut y) });
        let shown = (0..events.len()).filter(|i| (0.0..1.0).contains(&y[*i]));
        let place = |i: usize| {
            let (x, y) = finest(World { x: x[i], y: y[i] });
            quadkey(x, y)
        };
        let before = self.events;
        match &mut self.held {
            Held::Places(places) => {
                let held = places.len();
                places.extend(shown.map(place));
                self.events += (places.len() - held) as u64;
            }
            Held::Marks(marks) => {
                let (held, contents) = (marks.len(), self.contents);
                marks.extend(shown.map(|i| Mark::of(events, i, contents, place(i))));
                self.events += (marks.len() - held) as u64;
                self.most += marks[held..].iter().map(Mark::most).sum::<f64>();
            }
        }
        self.beyond_mercator += events.len() as u64 - (self.events - before);
        if self.most < MOST {
            return Ok(());
        }
        Err(Error::limit("weights")
            .found("weights or readings whose sum exceeds 1e16")
            .expected("sums that can be kept exactly")
            .advice("give the column in a larger unit, or leave impossible numbers out with --where"))
    }

    /// The cells of the events so far, which are forgotten.
    pub fn take(&mut self) -> Cells {
        match &mut self.held {
            Held::Places(places) => {
                let mut places = std::mem::take(places);
                places.sort_unstable();
                let cells = places.into_iter().map(|place| cell(place, self.zoom));
                Cells::summed(self.zoom, self.contents, cells)
            }
            Held::Marks(marks) => {
                let mut marks = std::mem::take(marks);
                marks.sort_unstable_by_key(|mark| (mark.place >> (2 * (FINEST - self.zoom)), mark.time));
                let cells = marks.into_iter().map(|mark| mark.cell(self.zoom, self.contents));
                Cells::summed(self.zoom, self.contents, cells)
            }
        }
    }
}

impl Mark {
    fn of(events: &Events, i: usize, contents: Contents, place: u64) -> Mark {
        let column = |column: &Option<Vec<f64>>| column.as_ref().expect("a column that was asked for")[i];
        let time = |step: i64| {
            let time = events.time.as_ref().expect("times were asked for")[i];
            time.div_euclid(step) * step
        };
        Mark {
            place,
            time: contents.step.map_or(0, time),
            weight: if contents.weight { column(&events.weight) } else { 1.0 },
            value: if contents.value { column(&events.value) } else { 0.0 },
        }
    }

    fn most(&self) -> f64 {
        let weight = self.weight.abs();
        weight * self.value.abs().max(1.0).powi(2)
    }

    fn cell(self, zoom: u8, contents: Contents) -> Cell {
        let cell = Cell { time: self.time, ..cell(self.place, zoom) };
        let weight = if contents.weight { decimal(self.weight) } else { 0 };
        let value = self.weight * self.value;
        Cell {
            weight,
            weight_dx: weight * i128::from(cell.dx),
            weight_dy: weight * i128::from(cell.dy),
            value: decimal(value),
            square: decimal(value * self.value),
            ..cell
        }
    }
}

/// The cell of one event at a place.
fn cell(place: u64, zoom: u8) -> Cell {
    let ((x, y), finer) = (of_quadkey(place), FINEST - zoom);
    let inside = |at: u32| i64::from(at & ((1u32 << finer) - 1));
    Cell { x: x >> finer, y: y >> finer, count: 1, dx: inside(x), dy: inside(y), ..Cell::default() }
}

/// Brings events to World units.
struct Project<'a> {
    events: &'a Events,
    to: (&'a mut [f64], &'a mut [f64]),
}

impl pulp::WithSimd for Project<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        project(self.events.space, (&self.events.x, &self.events.y), self.to);
    }
}
