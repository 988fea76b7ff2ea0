//! The events of a run, dealt out to the blocks of a pyramid that they lie in.

use std::collections::{HashMap, HashSet};

use crate::counts::fixed;
use crate::events::Events;
use crate::frame::Extent;
use crate::world::project;

/// The events of one block, and the least extent that holds them.
#[derive(Debug, Clone)]
struct Bucket {
    events: Events,
    extent: Extent,
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
        project(events.space, (&events.x, &events.y), (&mut x, &mut y));
        let mut chosen: HashMap<(u32, u32), Vec<usize>> = HashMap::new();
        let mut last: Option<((u32, u32), Vec<usize>)> = None;
        let across = f64::from(self.zoom).exp2();
        for i in 0..events.len() {
            if !(0.0..1.0).contains(&y[i]) {
                self.beyond_mercator += 1;
                continue;
            }
            let tile = ((x[i] * across) as u32, (y[i] * across) as u32);
            // Events that follow each other mostly lie near each other.
            match &mut last {
                Some((here, indices)) if *here == tile => indices.push(i),
                _ => {
                    if let Some((there, indices)) = last.take() {
                        chosen.insert(there, indices);
                    }
                    let mut indices = chosen.remove(&tile).unwrap_or_default();
                    indices.push(i);
                    last = Some((tile, indices));
                }
            }
        }
        for (tile, indices) in chosen.into_iter().chain(last) {
            self.take(
                tile,
                &events.chosen(&indices),
                Extent {
                    west: least(&x, &indices),
                    east: most(&x, &indices),
                    north: least(&y, &indices),
                    south: most(&y, &indices),
                },
            );
        }
    }

    fn take(&mut self, tile: (u32, u32), events: &Events, extent: Extent) {
        self.events += events.len() as u64;
        self.weight += events.weight.iter().flatten().map(|weight| fixed(weight.abs())).sum::<i128>();
        match self.of.get_mut(&tile) {
            Some(bucket) => {
                bucket.events.extend(events);
                bucket.extent = both(&bucket.extent, &extent);
            }
            None => {
                self.of.insert(tile, Bucket { events: events.clone(), extent });
            }
        }
    }

    /// What all threads dealt out.
    pub fn merged(zoom: u8, threads: Vec<Buckets>) -> Buckets {
        let mut all = Buckets::new(zoom);
        for one in threads {
            all.beyond_mercator += one.beyond_mercator;
            for (tile, bucket) in one.of {
                all.take(tile, &bucket.events, bucket.extent);
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
                        near.push(&bucket.events);
                    }
                }
            }
        }
        (near, holds)
    }
}

fn least(values: &[f64], indices: &[usize]) -> f64 {
    indices.iter().fold(f64::INFINITY, |least, i| least.min(values[*i]))
}

fn most(values: &[f64], indices: &[usize]) -> f64 {
    indices.iter().fold(f64::NEG_INFINITY, |most, i| most.max(values[*i]))
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
