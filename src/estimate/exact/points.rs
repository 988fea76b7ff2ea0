//! Events brought to the cells of a frame, in an order that does not depend on who gathered them.

use crate::bandwidth::Breadth;
use crate::counts::{Counts, Gathered, Touch};
use crate::estimate::block::{BLOCK, Block};
use crate::estimate::exact::order::{Lately, Strips};
use crate::estimate::ground;
use crate::events::{Events, Space};
use crate::frame::Frame;
use crate::world::{World, mercator_y};

/// An event, or several at one place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Columns from the west edge of the frame.
    pub x: f64,
    /// Rows from the north edge of the frame; where the kernel lies on the ground, latitude in radians.
    pub y: f64,
    /// By how much squared distances in bandwidths are greater for this event than for a bandwidth of 1.
    pub shrink: f64,
    /// Summed weights.
    pub weight: f64,
    /// Summed products of weight and reading; 0 without readings.
    pub product: f64,
}

impl Point {
    /// Whether two points are one: at the same place, with the same bandwidth.
    pub fn is_with(&self, other: &Point) -> bool {
        self.x == other.x && self.y == other.y && self.shrink == other.shrink
    }
}

/// Which sum of a [`Point`] its kernel is multiplied by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gain {
    /// The summed weights.
    Weight,
    /// The summed products of weight and reading.
    Product,
}

impl Gain {
    /// That sum.
    pub fn of(self, point: &Point) -> f64 {
        if self == Gain::Weight { point.weight } else { point.product }
    }
}

/// The events in reach of a frame, brought to its cells.
#[derive(Debug, Clone)]
pub struct Points {
    frame: Frame,
    /// The frame with its margin, and how many columns and rows that is.
    grown: Frame,
    margin: (u32, u32),
    on_ground: bool,
    /// Whether each event has counted 1.
    counted: bool,
    /// In order once all are gathered.
    sorted: Vec<Point>,
    strips: Strips,
    lately: Lately,
    reached: u64,
    beyond_mercator: u64,
}

impl Points {
    /// No events yet; those will be taken that lie in `reach` of the frame.
    pub fn new(frame: Frame, reach: Breadth) -> Points {
        let margin = margin(&frame, reach);
        Points {
            frame,
            grown: frame.grow_by(margin.0, margin.1),
            margin,
            on_ground: matches!(reach, Breadth::Ground(_)),
            counted: true,
            sorted: Vec::new(),
            strips: Strips::default(),
            lately: Lately::default(),
            reached: 0,
            beyond_mercator: 0,
        }
    }

    /// The frame with the margin in which events count.
    pub fn grown(&self) -> &Frame {
        &self.grown
    }

    /// Points that were made elsewhere, of events that reached the frame or lay beyond Mercator, in place of those gathered.
    pub fn with(self, points: Vec<Point>, (reached, beyond_mercator): (u64, u64)) -> Points {
        Points::finish(vec![Points { sorted: points, reached, beyond_mercator, ..self }])
    }

    /// Adds a batch of events; weights default to 1.
    pub fn add(&mut self, events: &Events) {
        self.add_each(events, |_| 1.0);
    }

    /// Adds a batch of events, each with a shrink of its own.
    pub fn add_each(&mut self, events: &Events, shrink: impl Fn(usize) -> f64) {
        self.counted &= events.weight.is_none();
        let mut block = Block::new();
        for start in (0..events.len()).step_by(BLOCK) {
            let some = start..(start + BLOCK).min(events.len());
            block.project(events, some.clone());
            for copy in self.grown.copies() {
                block.find(&self.grown, copy);
                self.take(&mut block, (events, start), &shrink);
            }
            self.reached += block.touched();
            self.beyond_mercator += block.beyond_mercator(events.space);
        }
    }

    /// Takes the events of a block that are inside the grown frame.
    fn take(&mut self, block: &mut Block, (events, start): (&Events, usize), shrink: &impl Fn(usize) -> f64) {
        let (cols, rows) = (f64::from(self.margin.0), f64::from(self.margin.1));
        let (width, height) = (f64::from(self.grown.width()), f64::from(self.grown.height()));
        let counted = events.weight.is_none() && events.value.is_none();
        for i in 0..block.len {
            let (col, row) = (block.col[i], block.row[i]);
            let inside = col >= 0.0 && row >= 0.0 && col < width && row < height;
            if !inside || !block.on_map(i, events.space) {
                continue;
            }
            let event = start + i;
            let weight = events.weight.as_ref().map_or(1.0, |w| w[event]);
            let product = events.value.as_ref().map_or(0.0, |value| weight * value[event]);
            // The margin is taken off the whole cells, so that a point has the same bits whatever the margin.
            let x = (col - cols) + block.right[i];
            let y = if self.on_ground { events.y[event].to_radians() } else { (row - rows) + block.down[i] };
            let point = Point { x, y, shrink: shrink(event), weight, product };
            if !(counted && self.lately.counts(&mut self.sorted, &point)) {
                self.sorted.push(point);
            }
            block.touched[i] = true;
        }
    }

    /// The points of all threads in one order, whatever was gathered by which; those at one place become one.
    ///
    /// # Panics
    /// If there is none.
    pub fn finish(gathered: Vec<Points>) -> Points {
        let mut all = gathered.into_iter();
        let mut points = all.next().expect("at least one gatherer");
        for other in all {
            points.sorted.extend(other.sorted);
            points.reached += other.reached;
            points.beyond_mercator += other.beyond_mercator;
            points.counted &= other.counted;
        }
        points.lately = Lately::default();
        points.strips = Strips::of(&points.sorted, points.ends(), points.frame.height());
        points.sorted = points.strips.sort(&points.sorted);
        points.sorted.dedup_by(|next, kept| {
            let together = next.is_with(kept);
            if together {
                kept.weight += next.weight;
                kept.product += next.product;
            }
            together
        });
        points
    }

    /// The least and the greatest `y` of the frame's rows.
    fn ends(&self) -> (f64, f64) {
        let last = i64::from(self.frame.height()) - 1;
        if self.on_ground { (self.frame.row_latitude(last), self.frame.row_latitude(0)) } else { (0.0, last as f64) }
    }

    /// The points, in strips of `y` from the least to the greatest, and in each strip from west to east.
    pub fn sorted(&self) -> &[Point] {
        &self.sorted
    }

    /// The points whose `y` lies in a range, and others that lie near it: whole strips.
    pub fn between(&self, least: f64, most: f64) -> &[Point] {
        let (first, last) = (self.strips.strip(least), self.strips.strip(most));
        let start = self.sorted.partition_point(|point| self.strips.strip(point.y) < first);
        let end = self.sorted.partition_point(|point| self.strips.strip(point.y) <= last);
        &self.sorted[start..end]
    }

    /// Events that reached the frame or its margin, each counted once.
    pub fn reached(&self) -> u64 {
        self.reached
    }

    /// Events that lie outside Web Mercator, beyond 85.0511° north or south.
    pub fn beyond_mercator(&self) -> u64 {
        self.beyond_mercator
    }

    /// The sum of all weights.
    pub fn mass(&self) -> f64 {
        self.sorted.iter().map(|point| point.weight).sum()
    }

    /// The events, in the cells of the frame that hold them; where events are weighed, the places that they share.
    pub fn counts(&self) -> Counts {
        let mut cells = vec![0u64; self.frame.len()];
        for point in &self.sorted {
            let west = self.frame.corner(0, 0).x;
            let x = west + point.x * self.frame.cell().0;
            let y = if self.on_ground {
                mercator_y(point.y.to_degrees())
            } else {
                self.frame.corner(0, 0).y + point.y * self.frame.cell().1
            };
            let (col, row) = self.frame.locate(World { x, y });
            let inside =
                (0..i64::from(self.frame.width())).contains(&col) && (0..i64::from(self.frame.height())).contains(&row);
            if inside {
                let events = if self.counted { point.weight as u64 } else { 1 };
                cells[row as usize * self.frame.width() as usize + col as usize] += events;
            }
        }
        Counts { frame: self.frame, touch: Touch::Cell, gathered: Gathered::Events(cells) }
    }

    /// The least and the greatest shrink; 1 and 1 without points.
    pub fn shrinks(&self) -> (f64, f64) {
        let shrinks = self.sorted.iter().map(|point| point.shrink);
        let range = shrinks.fold((f64::INFINITY, 0.0f64), |(least, most), s| (least.min(s), most.max(s)));
        if self.sorted.is_empty() { (1.0, 1.0) } else { range }
    }
}

/// Columns and rows that a kernel of this reach extends beyond a frame; never more than half way round the world.
fn margin(frame: &Frame, reach: Breadth) -> (u32, u32) {
    const MOST: f64 = (1u32 << 28) as f64;
    let cells = |length: f64| (length.ceil() + 1.0).min(MOST);
    let (cols, rows) = match reach {
        Breadth::Cells(x, y) => (cells(x), cells(y)),
        Breadth::Ground(m) => {
            let (cols, rows) = ground::reach(frame, m);
            (cells(cols), cells(rows))
        }
    };
    let half = if frame.space() == Space::Earth { (frame.cells_per_unit().0 / 2.0).ceil() } else { MOST };
    (cols.min(half) as u32, rows.min(MOST) as u32)
}
