//! Lines cut at the borders of cells into weighted events. This is a hot loop: what is chosen is matched outside.

use crate::events::{Events, Space};
use crate::trace::crowd::{Shown, distinct};
use crate::trace::lattice::Lattice;
use crate::trace::line::{Latitude, Line, Piece, pieces, reach};
use crate::trace::way::{Part, Way};
use crate::tracing::Weight;
use crate::track::Track;
use crate::world::{World, longitude, mercator_x, mercator_y, wrapped};

/// Events after which a batch is handed on; it grows beyond by what one line gives.
const BATCH: usize = 1 << 14;

/// Lines that are shorter, in cells, become one event in each cell though more nodes were asked for. The share of a
/// cell along a line has no second derivative above 3/2, so that a part of `h` cells is off by at most `h²/16` of it:
/// 1e-3.
const SHORT: f64 = 0.125;

/// `sqrt(3/5) / 2`: how far the outer nodes of Gauss and Legendre lie from the middle of a part, as a share of it.
const NODE: f64 = 0.387_298_334_620_741_7;

/// By how many events the part of a line that lies in a cell is stood for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nodes {
    /// One, in its middle: all that cells need that keep what falls into them.
    One,
    /// Three, with 5/18, 8/18 and 5/18 of it. What a quadratic B-spline gives to a cell is a polynomial of degree 4
    /// along a straight line inside one cell, and three nodes integrate degree 5 exactly: the events together give to
    /// every cell what the line would.
    Three,
}

/// Cuts prepared tracks. One for each thread.
///
/// The ground that a line covers is spread along it as the cosine of latitude says, linearly from end to end; what a
/// line is worth is the great circle's length to the last bit, so that all weights add up to the length of the way.
#[derive(Debug, Clone)]
pub struct Cutter {
    lattice: Lattice,
    weight: Weight,
    nodes: Nodes,
    shown: Option<Shown>,
    withheld: f64,
    way: Way,
}

impl Cutter {
    /// Cuts at the borders of a lattice, for weights of this kind.
    pub fn new(lattice: Lattice, weight: Weight, nodes: Nodes) -> Cutter {
        Cutter { lattice, weight, nodes, shown: None, withheld: 0.0, way: Way::default() }
    }

    /// Drops what lies in cells that are not to be shown.
    ///
    /// # Panics
    /// If they are cells of another lattice.
    pub fn showing(self, shown: Shown) -> Cutter {
        assert!(*shown.lattice() == self.lattice, "cells of one lattice");
        Cutter { shown: Some(shown), ..self }
    }

    /// The weight of what was dropped because its cell is not to be shown.
    pub fn withheld(&self) -> f64 {
        self.withheld
    }

    /// Adds the events of a prepared track to a batch. Whenever it has become long it is handed to `full`, which
    /// empties it: a line around the Earth becomes millions of events. What remains is the caller's, and may be added
    /// to.
    ///
    /// Of [`Weight::Pass`] each cell that the track touches has one event of weight 1 in its middle. So it is of
    /// [`Weight::User`], for somebody with one track; for several see [`Cutter::visits`] and [`crate::trace::Crowd`].
    ///
    /// # Errors
    /// Those of `full`.
    pub fn cut<E>(
        &mut self,
        track: &Track,
        batch: &mut Events,
        full: &mut impl FnMut(&mut Events) -> Result<(), E>,
    ) -> Result<(), E> {
        batch.weight.get_or_insert_default();
        if matches!(self.weight, Weight::Pass | Weight::User) {
            let mut keys = Vec::new();
            self.visits(track, &mut keys);
            for keys in keys.chunks(BATCH) {
                self.lay(keys, batch);
                if batch.len() >= BATCH {
                    full(batch)?;
                }
            }
            return Ok(());
        }
        let mut way = std::mem::take(&mut self.way);
        let (mut out, mut failed) = (Out::of(self, batch), Ok(()));
        way.walk(track, self.weight, (&self.lattice, reach(&self.lattice)), &mut |part| {
            if failed.is_ok() {
                out.part(part);
                if out.batch.len() >= BATCH {
                    failed = full(out.batch);
                }
            }
        });
        self.withheld = out.withheld;
        self.way = way;
        failed
    }

    /// The cells that a track touches, added to others, ascending and each once: keys of the lattice. Takes 8 bytes for
    /// each cell, and as much again for what the track touches more than once.
    pub fn visits(&mut self, track: &Track, keys: &mut Vec<u64>) {
        let lattice = self.lattice;
        let mut way = std::mem::take(&mut self.way);
        let mut limit = (2 * keys.len()).max(1 << 16);
        way.walk(track, Weight::Pass, (&lattice, reach(&lattice)), &mut |part| {
            touch(&lattice, part, keys);
            if keys.len() > limit {
                distinct(keys);
                limit = (2 * keys.len()).max(1 << 16);
            }
        });
        distinct(keys);
        self.way = way;
    }

    /// Adds an event of weight 1 in the middle of each cell, unless it is not to be shown.
    pub fn lay(&mut self, keys: &[u64], batch: &mut Events) {
        batch.weight.get_or_insert_default();
        let mut out = Out::of(self, batch);
        for key in keys {
            if out.shows(*key, 1.0) {
                out.event(out.lattice.centre(*key), 1.0);
            }
        }
        self.withheld = out.withheld;
    }
}

/// Adds the events of a prepared track to a batch, at the borders of a lattice. For one track or a few; many are cut by
/// a [`Cutter`], in bounded memory.
pub fn cut(track: &Track, weight: Weight, (lattice, nodes): (&Lattice, Nodes), batch: &mut Events) {
    let mut parts = Events::new(Space::Earth);
    let mut full = |more: &mut Events| {
        batch.extend(more);
        empty(more);
        Ok::<(), std::convert::Infallible>(())
    };
    let Ok(()) = Cutter::new(*lattice, weight, nodes).cut(track, &mut parts, &mut full);
    let Ok(()) = full(&mut parts);
}

/// Takes the events out of a batch of places and weights, and leaves it the memory.
pub fn empty(batch: &mut Events) {
    batch.x.clear();
    batch.y.clear();
    batch.weight.iter_mut().for_each(Vec::clear);
}

/// Adds the cells that a part of a way touches.
fn touch(lattice: &Lattice, part: Part, keys: &mut Vec<u64>) {
    let mut add = |cell: (f64, f64)| {
        let key = lattice.key((cell.0 as i64, cell.1 as i64));
        if keys.last() != Some(&key) {
            keys.push(key);
        }
    };
    match part {
        Part::Point(place, _) => add(cell_of(lattice, place)),
        // What touches a border alone is in the cell that the border belongs to.
        Part::Line(line) => pieces(lattice, line, &mut |piece| {
            if piece.to > piece.from {
                add(piece.cell);
            }
        }),
    }
}

/// The cell of a place in degrees.
fn cell_of(lattice: &Lattice, (lng, lat): (f64, f64)) -> (f64, f64) {
    (lattice.across(lattice.unwrapped(mercator_x(lng))).floor(), lattice.down(mercator_y(lat)).floor())
}

/// Where events are put.
struct Out<'a> {
    lattice: Lattice,
    rim: f64,
    nodes: Nodes,
    shown: Option<&'a Shown>,
    /// The last cell that was asked for, and whether it is shown.
    last: (u64, bool),
    withheld: f64,
    batch: &'a mut Events,
}

impl Out<'_> {
    fn of<'a>(cutter: &'a Cutter, batch: &'a mut Events) -> Out<'a> {
        let (lattice, nodes, shown) = (cutter.lattice, cutter.nodes, cutter.shown.as_ref());
        Out { lattice, rim: lattice.rim(), nodes, shown, last: (u64::MAX, false), withheld: cutter.withheld, batch }
    }

    #[inline(always)]
    fn part(&mut self, part: Part) {
        match part {
            Part::Line(line) => self.line(line),
            Part::Point(place, amount) => {
                let cell = cell_of(&self.lattice, place);
                if self.shown.is_none() || self.shows(self.lattice.key((cell.0 as i64, cell.1 as i64)), amount) {
                    self.event(place, amount);
                }
            }
        }
    }

    #[inline(always)]
    fn line(&mut self, line: &Line) {
        let lattice = self.lattice;
        let latitude = Latitude::along(line);
        let mean = line.cosine.0 + line.cosine.1;
        // The ground covered at a share t of the line is 1 + lean * (2 t - 1) of the mean.
        let lean = (line.cosine.1 - line.cosine.0) / mean;
        let (across, down) = (line.by.0 * lattice.density().0, line.by.1 * lattice.density().1);
        let one = self.nodes == Nodes::One || across * across + down * down < SHORT * SHORT;
        pieces(&lattice, line, &mut |piece| {
            let (long, middle) = (piece.to - piece.from, 0.5 * (piece.from + piece.to));
            let amount = |share: f64, t: f64| line.amount * long * share * (1.0 + lean * (2.0 * t - 1.0));
            if long <= 0.0 || !self.may_show(piece, amount(1.0, middle)) {
                return;
            }
            if one {
                return self.node(piece, (&latitude, middle), amount(1.0, middle));
            }
            let (before, after) = (middle - NODE * long, middle + NODE * long);
            self.node(piece, (&latitude, before), amount(5.0 / 18.0, before));
            self.node(piece, (&latitude, middle), amount(8.0 / 18.0, middle));
            self.node(piece, (&latitude, after), amount(5.0 / 18.0, after));
        });
    }

    #[inline(always)]
    fn may_show(&mut self, piece: &Piece, amount: f64) -> bool {
        self.shown.is_none() || self.shows(self.lattice.key((piece.cell.0 as i64, piece.cell.1 as i64)), amount)
    }

    /// Whether a cell is to be shown; what is not is added to what was withheld.
    fn shows(&mut self, key: u64, amount: f64) -> bool {
        let Some(shown) = self.shown else { return true };
        if self.last.0 != key {
            self.last = (key, shown.holds(key));
        }
        self.withheld += if self.last.1 { 0.0 } else { amount };
        self.last.1
    }

    /// An event at a share of a line, well inside the cell of its piece.
    #[inline(always)]
    fn node(&mut self, piece: &Piece, (latitude, share): (&Latitude, f64), amount: f64) {
        let inside = |at: f64, cell: f64| at.max(cell + self.rim).min(cell + 1.0 - self.rim);
        let (across, down) = (piece.start.0 + piece.by.0 * share, piece.start.1 + piece.by.1 * share);
        let (right, below) = (inside(across, piece.cell.0), inside(down, piece.cell.1));
        let at = self.lattice.world((right, below));
        let mut lat = latitude.at(share);
        if below != down {
            // At a border: by so little that anything but the exact latitude of the place would be beyond it.
            lat = World { x: 0.0, y: at.y }.coordinates(Space::Earth).1;
        }
        self.event((longitude(wrapped(at.x)), lat), amount);
    }

    #[inline(always)]
    fn event(&mut self, (lng, lat): (f64, f64), amount: f64) {
        self.batch.x.push(lng);
        self.batch.y.push(lat);
        if let Some(weight) = &mut self.batch.weight {
            weight.push(amount);
        }
    }
}
