//! The events of a run, dealt out to the blocks of a pyramid that they lie in.

use std::collections::{HashMap, HashSet};

use crate::counts::fixed;
use crate::events::Events;
use crate::frame::Extent;
use crate::world::project;

/// The events of one block, and the least extent that holds them.
#[derive(Debug, Clone)]
struct Bucket {
    /// In parts, so that several threads can share them.
    parts: Vec<Events>,
    extent: Extent,
}

/// Parts with fewer events are joined.
const SMALL: usize = 4096;

impl Bucket {
    fn take(&mut self, events: Events) {
        match self.parts.last_mut().filter(|last| last.len() + events.len() <= SMALL) {
            Some(last) => last.extend(&events),
            None => self.parts.push(events),
        }
    }
}

/// Events by the tile of one zoom that holds them.
#[derive(Debug)]
pub struct Buckets {
    zoom: u8,
    of: HashMap<(u32, u32), Bucket>,
    /// Summed absolute weights, in fixed point.
    weight: i128,
    /// How many events there are.
    pub events: u64,
    /// Events that Mercator cannot show.
    pub beyond_mercator: u64,
}

impl Buckets {
    /// No events yet. One for each thread; they merge.
    pub fn new(zoom: u8) -> Buckets {
        Buckets { zoom, of: HashMap::new(), weight: 0, events: 0, beyond_mercator: 0 }
    }

    /// Deals out a batch of events.
    pub fn add(&mut self, events: &Events) {
        let (mut x, mut y) = (vec![0.0; events.len()], vec![0.0; events.len()]);
        pulp::Arch::new().dispatch(Project { events, to: (&mut x, &mut y) });
        let across = f64::from(self.zoom).exp2();
        let tile = |i: usize| ((x[i] * across) as u32, (y[i] * across) as u32);
        let mut chosen: HashMap<(u32, u32), Vec<usize>> = HashMap::new();
        let mut i = 0;
        while i < events.len() {
            if !(0.0..1.0).contains(&y[i]) {
                self.beyond_mercator += 1;
                i += 1;
                continue;
            }
            // Events that follow each other mostly lie near each other.
            let (here, first) = (tile(i), i);
            while i < events.len() && (0.0..1.0).contains(&y[i]) && tile(i) == here {
                i += 1;
            }
            chosen.entry(here).or_default().extend(first..i);
        }
        for (tile, indices) in chosen {
            let range = |of: &[f64]| {
                indices.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), i| (a.min(of[*i]), b.max(of[*i])))
            };
            let ((west, east), (north, south)) = (range(&x), range(&y));
            let whole = indices.len() == events.len();
            let some = if whole { events.clone() } else { events.chosen(&indices) };
            self.take(tile, some, Extent { west, north, east, south });
        }
    }

    fn take(&mut self, tile: (u32, u32), events: Events, extent: Extent) {
        self.events += events.len() as u64;
        self.weight += events.weight.iter().flatten().map(|weight| fixed(weight.abs())).sum::<i128>();
        let bucket = self.of.entry(tile).or_insert(Bucket { parts: Vec::new(), extent });
        bucket.extent = both(&bucket.extent, &extent);
        bucket.take(events);
    }

    /// What all threads dealt out.
    pub fn merged(zoom: u8, threads: Vec<Buckets>) -> Buckets {
        let mut all = Buckets::new(zoom);
        for one in threads {
            all.beyond_mercator += one.beyond_mercator;
            for (tile, bucket) in one.of {
                bucket.parts.into_iter().for_each(|part| all.take(tile, part, bucket.extent));
            }
        }
        all
    }

    /// The mean weight of an event, whatever its sign; 1 where events are merely counted.
    pub fn typical_weight(&self) -> f64 {
        if self.weight == 0 { 1.0 } else { self.weight as f64 / fixed(1.0) as f64 / self.events.max(1) as f64 }
    }

    /// The blocks that hold events and those beside them, so that each comes after those of the same parent before it: in
    /// the order of their quadkeys.
    pub fn blocks(&self) -> Vec<(u32, u32)> {
        let side = 1i64 << self.zoom;
        let around = |(x, y): &(u32, u32)| {
            let (x, y) = (i64::from(*x), i64::from(*y));
            let beside = (-1..=1).flat_map(move |dy| (-1..=1).map(move |dx| (x + dx, y + dy)));
            beside.filter(move |(_, y)| (0..side).contains(y)).map(move |(x, y)| (x.rem_euclid(side) as u32, y as u32))
        };
        let all: HashSet<(u32, u32)> = self.of.keys().flat_map(around).collect();
        let mut all: Vec<(u32, u32)> = all.into_iter().collect();
        all.sort_unstable_by_key(|(x, y)| interleaved(*x) | interleaved(*y) << 1);
        all
    }

    /// The events that may lie in an extent, which may reach beyond either end of the world; with the least extent that
    /// holds those of them that do, in the copy of the world that is in reach.
    pub fn within(&self, extent: &Extent) -> (Vec<&Events>, Option<Extent>) {
        let (mut near, mut holds) = (Vec::new(), None::<Extent>);
        let side = f64::from(self.zoom).exp2();
        let tiles = |from: f64, to: f64| ((from * side).floor() as i64)..=((to * side).floor() as i64);
        let mut seen = HashSet::new();
        for y in tiles(extent.north, extent.south) {
            for x in tiles(extent.west, extent.east) {
                let copy = x.div_euclid(side as i64);
                let tile = (x.rem_euclid(side as i64) as u32, y as u32);
                let Some(bucket) = self.of.get(&tile).filter(|_| y >= 0) else { continue };
                let here = Extent {
                    west: bucket.extent.west + copy as f64,
                    east: bucket.extent.east + copy as f64,
                    ..bucket.extent
                };
                if let Some(inside) = common(&here, extent) {
                    holds = Some(holds.map_or(inside, |all| both(&all, &inside)));
                    // An accumulator visits all copies of the world by itself.
                    if seen.insert(tile) {
                        near.extend(&bucket.parts);
                    }
                }
            }
        }
        (near, holds)
    }
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

fn both(a: &Extent, b: &Extent) -> Extent {
    Extent {
        west: a.west.min(b.west),
        east: a.east.max(b.east),
        north: a.north.min(b.north),
        south: a.south.max(b.south),
    }
}

fn common(a: &Extent, b: &Extent) -> Option<Extent> {
    let (west, east) = (a.west.max(b.west), a.east.min(b.east));
    let (north, south) = (a.north.max(b.north), a.south.min(b.south));
    (west <= east && north <= south).then_some(Extent { west, north, east, south })
}

/// The bits of a number with a 0 before each.
fn interleaved(number: u32) -> u64 {
    (0..32).fold(0, |all, bit| all | u64::from(number >> bit & 1) << (2 * bit))
}
