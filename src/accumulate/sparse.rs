//! Events to cells: each is brought to the finest lattice, where it is one number; sorting those puts the events of a
//! cell beside each other.

use std::ops::Range;

use crate::accumulate::place::projected;
use crate::cells::{Cell, Contents, FINEST, decimal, finest, of_quadkey, quadkey};
use crate::error::Error;
use crate::events::Events;
use crate::placed::Placed;
use crate::world::World;

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
    /// All of them but their subjects.
    Marks(Vec<Mark<()>>),
    /// All of them.
    Subjects(Vec<Mark<u64>>),
}

/// One event; of what subject, where that is asked for.
#[derive(Debug, Clone, Copy)]
struct Mark<S> {
    place: u64,
    time: i64,
    weight: f64,
    value: f64,
    subject: S,
}

/// The subject of an event, which takes memory only where it is asked for.
trait Subject: Copy + Ord {
    fn of(events: &Events, i: usize) -> Self;
    fn number(self) -> u64;
}

impl Subject for () {
    fn of(_: &Events, _: usize) {}

    fn number(self) -> u64 {
        0
    }
}

impl Subject for u64 {
    fn of(events: &Events, i: usize) -> u64 {
        events.subject.as_ref().expect("subjects were asked for")[i]
    }

    fn number(self) -> u64 {
        self
    }
}

impl Sparse {
    /// Nothing gathered yet.
    ///
    /// # Panics
    /// If the zoom is deeper than [`FINEST`].
    pub fn new(zoom: u8, contents: Contents) -> Sparse {
        assert!(zoom <= FINEST, "no cells are finer than those of zoom {FINEST}");
        let held = match contents {
            Contents { subject: true, .. } => Held::Subjects(Vec::new()),
            plain if plain == Contents::default() => Held::Places(Vec::new()),
            _ => Held::Marks(Vec::new()),
        };
        Sparse { zoom, contents, held, most: 0.0, events: 0, beyond_mercator: 0 }
    }

    /// Bytes that the events held take.
    pub fn bytes(&self) -> usize {
        match &self.held {
            Held::Places(places) => size_of_val(places.as_slice()),
            Held::Marks(marks) => size_of_val(marks.as_slice()),
            Held::Subjects(marks) => size_of_val(marks.as_slice()),
        }
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
        projected(events.space, (&events.x, &events.y), (&mut x, &mut y));
        let place = |i: usize| {
            let (x, y) = finest(World { x: x[i], y: y[i] });
            (i, quadkey(x, y))
        };
        let shown = (0..events.len()).filter(|i| (0.0..1.0).contains(&y[*i])).map(place);
        let before = self.held.len();
        self.most += match &mut self.held {
            Held::Places(places) => {
                places.extend(shown.map(|(_, place)| place));
                0.0
            }
            Held::Marks(marks) => mark(marks, events, self.contents, shown),
            Held::Subjects(marks) => mark(marks, events, self.contents, shown),
        };
        let taken = (self.held.len() - before) as u64;
        self.events += taken;
        self.beyond_mercator += events.len() as u64 - taken;
        if self.most < MOST {
            return Ok(());
        }
        Err(Error::limit("weights")
            .found("weights or readings whose sum exceeds 1e16")
            .expected("sums that can be kept exactly")
            .advice("give the column in a larger unit, or leave impossible numbers out with --where"))
    }

    /// The events so far, sorted; they are forgotten here.
    pub fn take(&mut self) -> Sorted {
        let empty = self.held.empty();
        let mut held = std::mem::replace(&mut self.held, empty);
        match &mut held {
            Held::Places(places) => places.sort_unstable(),
            Held::Marks(marks) => marks.sort_unstable_by_key(|mark| mark.order(self.zoom)),
            Held::Subjects(marks) => marks.sort_unstable_by_key(|mark| mark.order(self.zoom)),
        }
        Sorted { zoom: self.zoom, contents: self.contents, held, at: 0 }
    }
}

/// Adds the events that are shown, each with its place; how much their weights and readings may come to.
fn mark<S: Subject>(
    marks: &mut Vec<Mark<S>>,
    events: &Events,
    contents: Contents,
    shown: impl Iterator<Item = (usize, u64)>,
) -> f64 {
    let held = marks.len();
    marks.extend(shown.map(|(i, place)| Mark::of(events, i, contents, place)));
    marks[held..].iter().map(Mark::most).sum()
}

impl Held {
    /// Nothing, of the same kind.
    fn empty(&self) -> Held {
        match self {
            Held::Places(_) => Held::Places(Vec::new()),
            Held::Marks(_) => Held::Marks(Vec::new()),
            Held::Subjects(_) => Held::Subjects(Vec::new()),
        }
    }

    fn len(&self) -> usize {
        match self {
            Held::Places(places) => places.len(),
            Held::Marks(marks) => marks.len(),
            Held::Subjects(marks) => marks.len(),
        }
    }

    fn place(&self, i: usize) -> u64 {
        match self {
            Held::Places(places) => places[i],
            Held::Marks(marks) => marks[i].place,
            Held::Subjects(marks) => marks[i].place,
        }
    }

    /// The cell of an event, where there are so many.
    fn cell(&self, i: usize, zoom: u8, contents: Contents) -> Option<Cell> {
        Some(match self {
            Held::Places(places) => cell(*places.get(i)?, zoom),
            Held::Marks(marks) => marks.get(i)?.cell(zoom, contents),
            Held::Subjects(marks) => marks.get(i)?.cell(zoom, contents),
        })
    }
}

/// Events in the order of the cells of a zoom. It is an iterator of those cells.
#[derive(Debug)]
pub struct Sorted {
    /// The zoom of the cells.
    pub zoom: u8,
    /// What each of them holds.
    pub contents: Contents,
    held: Held,
    /// How many events have been handed out in cells.
    at: usize,
}

impl Sorted {
    /// How many events there are.
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The tiles of a zoom, not deeper than that of the cells, which hold events, in the order of quadkeys; and where the
    /// events of each lie among all.
    pub fn tiles(&self, zoom: u8) -> Vec<((u32, u32), Range<usize>)> {
        let below = below(zoom);
        let key = |i: usize| self.held.place(i).checked_shr(below).unwrap_or(0);
        let (mut tiles, mut from) = (Vec::new(), 0);
        while from < self.len() {
            let here = key(from);
            let end = from + partition_point(self.len() - from, |i| key(from + i) == here);
            tiles.push((of_quadkey(here), from..end));
            from = end;
        }
        tiles
    }

    /// Where the events of one of those tiles lie among all.
    pub fn within(&self, zoom: u8, tile: (u32, u32)) -> Range<usize> {
        let (below, tile) = (below(zoom), quadkey(tile.0, tile.1));
        let key = |i: usize| self.held.place(i).checked_shr(below).unwrap_or(0);
        let from = partition_point(self.len(), |i| key(i) < tile);
        from..from + partition_point(self.len() - from, |i| key(from + i) == tile)
    }

    /// Its cells as places.
    pub fn placed(self) -> Placed {
        let (zoom, contents) = (self.zoom, self.contents);
        let mut placed = Placed::default();
        let Held::Places(places) = &self.held else {
            self.for_each(|cell| placed.push(&cell, zoom, contents));
            return placed;
        };
        let below = 2 * (FINEST - zoom);
        for same in places.chunk_by(|a, b| a >> below == b >> below) {
            match same {
                [alone] => placed.push_one(of_quadkey(*alone)),
                several => {
                    let mut sum = Cell::default();
                    for place in several {
                        let one = cell(*place, zoom);
                        (sum.x, sum.y) = (one.x, one.y);
                        sum.add(&one);
                    }
                    placed.push(&sum, zoom, contents);
                }
            }
        }
        placed
    }

    /// Some events of each of several, in cells of a zoom that is not deeper: all those of one tile, say.
    ///
    /// # Panics
    /// If there is none, or they were not gathered alike.
    #[expect(
        clippy::stable_sort_primitive,
        reason = "the stable sort finds out what is in order already, and merges it"
    )]
    pub fn joined(parts: &[(&Sorted, Range<usize>)], zoom: u8) -> Sorted {
        let (first, _) = parts.first().expect("at least one part");
        let mut held = first.held.empty();
        for (sorted, range) in parts {
            match (&mut held, &sorted.held) {
                (Held::Places(all), Held::Places(places)) => all.extend_from_slice(&places[range.clone()]),
                (Held::Marks(all), Held::Marks(marks)) => all.extend_from_slice(&marks[range.clone()]),
                (Held::Subjects(all), Held::Subjects(marks)) => all.extend_from_slice(&marks[range.clone()]),
                _ => panic!("events that were gathered alike"),
            }
        }
        match &mut held {
            Held::Places(places) => places.sort(),
            Held::Marks(marks) => marks.sort_by_key(|mark| mark.order(zoom)),
            Held::Subjects(marks) => marks.sort_by_key(|mark| mark.order(zoom)),
        }
        Sorted { zoom, contents: first.contents, held, at: 0 }
    }
}

/// Bits of a place below those of a tile of a zoom, which has 256 cells.
fn below(zoom: u8) -> u32 {
    2 * (u32::from(FINEST - zoom) + 8)
}

/// How many of the first numbers a condition holds for, which holds for no number after them; found in steps that double.
fn partition_point(len: usize, holds: impl Fn(usize) -> bool) -> usize {
    let mut step = 1;
    while step < len && holds(step) {
        step *= 2;
    }
    let (mut low, mut high) = (step / 2, step.min(len));
    while low < high {
        let middle = low.midpoint(high);
        (low, high) = if holds(middle) { (middle + 1, high) } else { (low, middle) };
    }
    low
}

impl Iterator for Sorted {
    type Item = Cell;

    fn next(&mut self) -> Option<Cell> {
        let one = |i: usize| self.held.cell(i, self.zoom, self.contents);
        let mut sum = one(self.at)?;
        self.at += 1;
        while let Some(more) = one(self.at).filter(|more| more.is_same(&sum)) {
            sum.add(&more);
            self.at += 1;
        }
        Some(sum)
    }
}

impl<S: Subject> Mark<S> {
    fn of(events: &Events, i: usize, contents: Contents, place: u64) -> Mark<S> {
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
            subject: S::of(events, i),
        }
    }

    fn order(&self, zoom: u8) -> (u64, i64, S) {
        (self.place >> (2 * (FINEST - zoom)), self.time, self.subject)
    }

    fn most(&self) -> f64 {
        let weight = self.weight.abs();
        weight * self.value.abs().max(1.0).powi(2)
    }

    fn cell(self, zoom: u8, contents: Contents) -> Cell {
        let cell = Cell { time: self.time, subject: self.subject.number(), ..cell(self.place, zoom) };
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
