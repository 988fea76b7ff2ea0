//! Hexagons of H3 (<https://h3geo.org>): what each gathers, exactly, the hexagons of a study area, and their outlines.
//! They are of nearly equal area all over the Earth, which square cells of a Mercator map are not.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use h3o::{CellIndex, LatLng, Resolution};

use crate::counts::{FRACTION_BITS, fixed};
use crate::error::Error;
use crate::events::{Events, Space};
use crate::findings::{Polygon, Position, signed_area};
use crate::world::EARTH_RADIUS_M;

/// The most hexagons of a study area.
const MAX_HEXAGONS: f64 = 4e6;

/// The largest sum of absolute weights that is kept exactly in fixed point.
const MAX_WEIGHT: u128 = 1 << 126;

/// What a hexagon gathered: integers, so that adding in any order gives the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sums {
    events: u64,
    weight: i128,
    product: i128,
}

/// The hexagons that events fell into. One for each thread; they merge.
#[derive(Debug, Clone)]
pub struct Hexagons {
    resolution: Resolution,
    cells: HashMap<CellIndex, Sums>,
    weight: u128,
}

/// A resolution of H3.
///
/// # Errors
/// When it is not 0 to 15: the caller's fault.
pub fn resolution(number: u8) -> Result<Resolution, Error> {
    Resolution::try_from(number).map_err(|_| {
        Error::caller("--h3")
            .found(number.to_string())
            .expected("a resolution of H3, 0 to 15")
            .advice("resolution 7 has hexagons of about 5 km², 8 of 0.7 km², 9 of 0.1 km²")
    })
}

impl Hexagons {
    /// Nothing gathered yet.
    pub fn new(resolution: Resolution) -> Hexagons {
        Hexagons { resolution, cells: HashMap::new(), weight: 0 }
    }

    /// Adds a batch of events.
    ///
    /// # Errors
    /// When weights or readings grow beyond what is kept exactly.
    pub fn add(&mut self, events: &Events) -> Result<(), Error> {
        let largest = |column: &Option<Vec<f64>>| column.iter().flatten().fold(1.0f64, |most, w| most.max(w.abs()));
        let most = fixed(largest(&events.weight) * largest(&events.value)).unsigned_abs();
        self.weight = self.weight.saturating_add(most.saturating_mul(events.len() as u128));
        if self.weight >= MAX_WEIGHT {
            return Err(Error::limit("weights")
                .found("weights or readings whose sum exceeds 7e25")
                .expected("sums that can be kept exactly")
                .advice("give the column in a larger unit, or leave impossible numbers out with --where"));
        }
        for i in 0..events.len() {
            // A source hands out finite coordinates only.
            let Ok(place) = LatLng::new(events.y[i], events.x[i]) else { continue };
            let weight = events.weight.as_ref().map_or(1.0, |w| w[i]);
            let value = events.value.as_ref().map_or(0.0, |v| v[i]);
            let sums = self.cells.entry(place.to_cell(self.resolution)).or_default();
            sums.events += 1;
            sums.weight += fixed(weight);
            sums.product += fixed(weight * value);
        }
        Ok(())
    }

    /// Adds what another one gathered.
    pub fn merge(mut self, other: Hexagons) -> Hexagons {
        for (cell, more) in other.cells {
            let sums = self.cells.entry(cell).or_default();
            sums.events += more.events;
            sums.weight += more.weight;
            sums.product += more.product;
        }
        self
    }

    /// The hexagons whose centres lie within bounds (degrees west, south, east, north; east may exceed 180), also those
    /// without an event; with `all`, the others that hold events too.
    ///
    /// # Errors
    /// When there are more than four million of them.
    pub fn study(&self, bounds: [f64; 4], all: bool) -> Result<Study, Error> {
        self.check_number(bounds)?;
        let inside = |cell: &CellIndex| all && self.cells.contains_key(cell) || within(bounds, LatLng::from(*cell));
        let mut found = self.around(bounds);
        found.extend(self.cells.keys());
        found.retain(inside);
        let sums: BTreeMap<CellIndex, Sums> =
            found.into_iter().map(|cell| (cell, self.cells.get(&cell).copied().unwrap_or_default())).collect();
        Ok(Study { cells: sums.keys().copied().collect(), sums: sums.into_values().collect() })
    }

    /// The hexagons whose centres lie within bounds or not far from them: all that lie within hang together with these,
    /// however narrow the bounds are.
    fn around(&self, [west, south, east, north]: [f64; 4]) -> BTreeSet<CellIndex> {
        let degrees = 2.0 * (self.resolution.edge_length_m() / EARTH_RADIUS_M).to_degrees();
        let (south, north) = ((south - degrees).max(-90.0), (north + degrees).min(90.0 + degrees));
        let narrowest = south.abs().max(north.abs()).to_radians().cos().max(1e-3);
        let wide = [west - degrees / narrowest, south, east + degrees / narrowest, north];
        let middle = LatLng::new(f64::midpoint(south, north.min(90.0)), f64::midpoint(west, east));
        let mut open: Vec<CellIndex> = middle.into_iter().map(|place| place.to_cell(self.resolution)).collect();
        let mut found: BTreeSet<CellIndex> = open.iter().copied().collect();
        while let Some(cell) = open.pop() {
            let around = cell.grid_disk::<Vec<_>>(1);
            open.extend(around.into_iter().filter(|c| within(wide, LatLng::from(*c)) && found.insert(*c)));
        }
        found
    }

    fn check_number(&self, [west, south, east, north]: [f64; 4]) -> Result<(), Error> {
        let radius_km = EARTH_RADIUS_M / 1000.0;
        let zone = north.to_radians().sin() - south.to_radians().sin();
        let area = radius_km * radius_km * (east - west).to_radians() * zone;
        let hexagons = area / self.resolution.area_km2();
        if hexagons <= MAX_HEXAGONS {
            return Ok(());
        }
        Err(Error::limit("--h3")
            .found(format!("{:.0} million hexagons of resolution {}", hexagons / 1e6, self.resolution))
            .expected(format!("at most {:.0} million within the bounds", MAX_HEXAGONS / 1e6))
            .advice("give a lower resolution or smaller --bounds"))
    }
}

fn within([west, south, east, north]: [f64; 4], place: LatLng) -> bool {
    let (lng, lat) = (place.lng(), place.lat());
    let east_of_west = (lng - west).rem_euclid(360.0);
    east_of_west < east - west && south <= lat && lat < north
}

/// The hexagons of a study area, in the order of their indices, and what they gathered.
#[derive(Debug, Clone)]
pub struct Study {
    cells: Vec<CellIndex>,
    sums: Vec<Sums>,
}

impl Study {
    /// How many hexagons there are.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Events in each hexagon.
    pub fn events(&self) -> Vec<f64> {
        self.sums.iter().map(|sums| sums.events as f64).collect()
    }

    /// Summed weights in each hexagon.
    pub fn weights(&self) -> Vec<f64> {
        self.sums.iter().map(|sums| sums.weight as f64 / f64::from(FRACTION_BITS).exp2()).collect()
    }

    /// The weighted mean of the readings in each hexagon; NaN where there is none, or where
    /// weights cancel.
    pub fn means(&self) -> Vec<f64> {
        let mean = |sums: &Sums| if sums.weight == 0 { f64::NAN } else { sums.product as f64 / sums.weight as f64 };
        self.sums.iter().map(mean).collect()
    }

    /// How many events all of them gathered.
    pub fn reached(&self) -> u64 {
        self.sums.iter().map(|sums| sums.events).sum()
    }

    /// Visits the neighbours of a hexagon that are in the study area.
    pub fn neighbours(&self, cell: usize, visit: &mut dyn FnMut(usize)) {
        let own = self.cells[cell];
        for other in own.grid_disk::<Vec<_>>(1).into_iter().filter(|other| *other != own) {
            if let Ok(place) = self.cells.binary_search(&other) {
                visit(place);
            }
        }
    }

    /// The index of a hexagon in hexadecimal, its outline, and its area in km² as H3 gives it.
    pub fn hexagon(&self, cell: usize) -> (String, Vec<Polygon>, f64) {
        let cell = self.cells[cell];
        let ring: Vec<Position> = cell.boundary().iter().map(|corner| [corner.lng(), corner.lat()]).collect();
        (cell.to_string(), polygons(&ring), cell.area_km2())
    }
}

/// The polygons of an open ring of less than half the Earth, cut at the antimeridian.
fn polygons(ring: &[Position]) -> Vec<Polygon> {
    let mut unrolled = vec![ring[0]];
    for corner in ring.iter().skip(1).chain([&ring[0]]) {
        let last = unrolled[unrolled.len() - 1];
        // The shorter way round.
        let step = (corner[0] - last[0] + 180.0).rem_euclid(360.0) - 180.0;
        unrolled.push([last[0] + step, corner[1]]);
    }
    let end = unrolled[unrolled.len() - 1];
    if (end[0] - unrolled[0][0]).abs() > 180.0 {
        // The ring goes round a pole: along the antimeridian to the pole and back.
        let pole = 90f64.copysign(ring[0][1]);
        unrolled.extend([[end[0], pole], [unrolled[0][0], pole]]);
    } else {
        unrolled.pop();
    }
    let least = unrolled.iter().fold(f64::INFINITY, |least, corner| least.min(corner[0]));
    let most = unrolled.iter().fold(f64::NEG_INFINITY, |most, corner| most.max(corner[0]));
    let copies = ((least + 180.0) / 360.0).floor() as i32..=((most - 180.0) / 360.0).ceil() as i32;
    let sides = copies.map(|copy| side(&unrolled, f64::from(copy) * 360.0)).filter(|side| side.len() > 2);
    sides.map(|side| Polygon { outer: closed(side), holes: Vec::new() }).collect()
}

/// The part of a ring within 180 degrees of a middle meridian, which becomes meridian 0 (Sutherland and Hodgman 1974).
fn side(ring: &[Position], middle: f64) -> Vec<Position> {
    let shifted: Vec<Position> = ring.iter().map(|corner| [corner[0] - middle, corner[1]]).collect();
    [180.0, -180.0].into_iter().fold(shifted, |ring, edge| {
        let inside = |corner: &Position| if edge > 0.0 { corner[0] <= edge } else { corner[0] >= edge };
        let mut kept = Vec::new();
        for (i, b) in ring.iter().enumerate() {
            let a = ring[(i + ring.len() - 1) % ring.len()];
            if inside(&a) != inside(b) {
                kept.push([edge, a[1] + (edge - a[0]) / (b[0] - a[0]) * (b[1] - a[1])]);
            }
            if inside(b) {
                kept.push(*b);
            }
        }
        kept.dedup();
        kept
    })
}

/// A ring that ends where it begins and runs counterclockwise.
fn closed(mut ring: Vec<Position>) -> Vec<Position> {
    ring.push(ring[0]);
    if signed_area(&ring, Space::Earth) < 0.0 {
        ring.reverse();
    }
    ring
}
