//! The study area: polygons of a GeoJSON file, or a rectangle. Edges are straight in longitude and latitude, as GeoJSON
//! says, or in the coordinates of a flat space. What lies inside follows the edge rule of cells: west and north edges
//! belong to an area, east and south edges do not, so that neighbours share no cell and leave none between them.

use std::ops::Range;
use std::path::Path;

use geojson::{FeatureCollection, GeoJson, Geometry, GeometryValue, Position};
use rayon::prelude::*;

use crate::error::Error;
use crate::events::{Events, Space};
use crate::frame::Frame;
use crate::grid::Grid;
use crate::source::Crs;
use crate::world::World;

/// The most bands that edges are sorted into.
const MOST_BANDS: usize = 1024;

/// Lines on which the share of a cell is measured that lies inside; along a line it is measured exactly.
const LINES_PER_CELL: u32 = 8;

/// Polygons, with their holes; what lies in any of them is inside.
#[derive(Debug, Clone, PartialEq)]
pub struct StudyArea {
    space: Space,
    /// West, south, east, north in coordinates of the space; east may exceed 180°.
    bounds: [f64; 4],
    edges: Vec<Edge>,
    /// Bands of equal height from north to south, and the edges that cross each.
    north: f64,
    band: f64,
    bands: Vec<Vec<u32>>,
}

/// An edge of a polygon from north to south; level ones bound nothing. Horizontally World units, vertically [`down`].
#[derive(Debug, Clone, Copy, PartialEq)]
struct Edge {
    polygon: u32,
    upper: (f64, f64),
    lower: (f64, f64),
}

impl Edge {
    /// Where a line `down` crosses the edge; the same for both polygons that share it, whichever way they run.
    fn crossing(&self, down: f64) -> Option<f64> {
        let ((x, top), (to, bottom)) = (self.upper, self.lower);
        (top <= down && down < bottom).then(|| x + (down - top) / (bottom - top) * (to - x))
    }
}

/// The vertical coordinate that grows down: in a flat space that of World, on the Earth minus the latitude, in which
/// the edges of GeoJSON are straight.
fn down(space: Space, y: f64) -> f64 {
    if space == Space::Earth { -y } else { World::of(space, 0.0, y).y }
}

/// The horizontal World position of a coordinate, beyond 0..1 where a longitude is beyond -180..180.
fn across(space: Space, x: f64) -> f64 {
    if space == Space::Earth { x / 360.0 + 0.5 } else { x }
}

impl StudyArea {
    /// The polygons of a GeoJSON file: longitude and latitude on the Earth (or the system that its member `crs` names),
    /// plain coordinates in a flat space.
    ///
    /// # Errors
    /// When the file cannot be read, is no GeoJSON, holds something else than polygons or none, or positions that are
    /// not on the Earth.
    pub fn read(path: &Path, space: Space) -> Result<StudyArea, Error> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            Error::input(&name).found(error.to_string()).expected("a GeoJSON file").advice("check --mask")
        })?;
        let wrong = |found: String| {
            Error::input(&name)
                .found(found)
                .expected("the polygons of a study area as GeoJSON")
                .advice("give a Polygon, a MultiPolygon, or Features of them as --mask")
        };
        let json: GeoJson =
            text.trim_start_matches('\u{feff}').parse().map_err(|e: geojson::Error| wrong(e.to_string()))?;
        let crs =
            if let (GeoJson::FeatureCollection(all), Space::Earth) = (&json, space) { system(all)? } else { None };
        let mut polygons = Vec::new();
        for geometry in geometries(json) {
            gather(&geometry.value, &mut polygons).map_err(|kind| wrong(format!("a {kind}")))?;
        }
        let positions = |ring: &Vec<Position>| {
            let places = ring
                .iter()
                .map(|at| place(at, crs.as_ref(), space).ok_or_else(|| wrong(format!("the position {at:?}"))));
            places.collect::<Result<Vec<_>, Error>>()
        };
        let rings = polygons.iter().map(|rings| rings.iter().map(positions).collect());
        let rings: Vec<Vec<Vec<(f64, f64)>>> = rings.collect::<Result<_, Error>>()?;
        StudyArea::of(space, rings).ok_or_else(|| wrong("no polygon with an area".into()))
    }

    /// A rectangle: west, south, east, north in degrees (W > E crosses the antimeridian), or flat coordinates.
    ///
    /// # Errors
    /// When it has no area.
    pub fn rectangle(space: Space, [west, south, east, north]: [f64; 4]) -> Result<StudyArea, Error> {
        let east = if space == Space::Earth && west > east { east + 360.0 } else { east };
        let ring = vec![(west, south), (east, south), (east, north), (west, north)];
        StudyArea::of(space, vec![vec![ring]]).ok_or_else(|| {
            Error::caller("--bounds").found("bounds without an area").expected("four numbers W,S,E,N with S < N")
        })
    }

    /// Polygons, each an outer ring and its holes.
    fn of(space: Space, polygons: Vec<Vec<Vec<(f64, f64)>>>) -> Option<StudyArea> {
        let mut edges = Vec::new();
        let mut spans = Vec::new();
        for (polygon, rings) in polygons.into_iter().enumerate() {
            let mut rings = rings.into_iter().map(|ring| if space == Space::Earth { unbroken(ring) } else { ring });
            let Some(outer) = rings.next() else { continue };
            let (west, east) = range(outer.iter().map(|at| at.0));
            edges.extend(edges_of(&outer, polygon as u32, space));
            for hole in rings {
                let hole = if space == Space::Earth { brought_into(hole, west, east) } else { hole };
                edges.extend(edges_of(&hole, polygon as u32, space));
            }
            spans.push((west, east));
        }
        let (north, south) = range(edges.iter().flat_map(|edge| [edge.upper.1, edge.lower.1]));
        let (west, east) = horizontally(spans, space);
        if edges.is_empty() || west >= east {
            return None;
        }
        let y = |down: f64| if space == Space::Earth { -down } else { World { x: 0.0, y: down }.coordinates(space).1 };
        let bounds = [west, y(south).min(y(north)), east, y(south).max(y(north))];
        let bands = edges.len().min(MOST_BANDS);
        let mut area = StudyArea {
            space,
            bounds,
            edges,
            north,
            band: (south - north) / bands as f64,
            bands: vec![Vec::new(); bands],
        };
        for (i, edge) in area.edges.iter().enumerate() {
            let (first, last) = (area.band_of(edge.upper.1), area.band_of(edge.lower.1));
            area.bands[first..=last].iter_mut().for_each(|band| band.push(i as u32));
        }
        Some(area)
    }

    fn band_of(&self, down: f64) -> usize {
        (((down - self.north) / self.band) as usize).min(self.bands.len() - 1)
    }

    /// West, south, east and north of all polygons; east exceeds 180 where they lie on both sides of the antimeridian.
    pub fn bounds(&self) -> [f64; 4] {
        self.bounds
    }

    /// Whether a position lies inside.
    pub fn contains(&self, x: f64, y: f64) -> bool {
        let x = across(self.space, x);
        let copies = if self.space == Space::Earth { -1..=1 } else { 0..=0 };
        let spans = self.spans(down(self.space, y));
        copies.into_iter().any(|copy| spans.iter().any(|(west, east)| (*west..*east).contains(&(x + f64::from(copy)))))
    }

    /// The events inside.
    pub fn only(&self, events: &Events) -> Events {
        let inside: Vec<usize> = (0..events.len()).filter(|i| self.contains(events.x[*i], events.y[*i])).collect();
        events.chosen(&inside)
    }

    /// Where a horizontal line runs inside: ranges of World `x` from west to east, apart from each other.
    fn spans(&self, down: f64) -> Vec<(f64, f64)> {
        let near = if down < self.north { &[][..] } else { &self.bands[self.band_of(down)][..] };
        let edges = near.iter().map(|edge| &self.edges[*edge as usize]);
        let mut crossings: Vec<(u32, f64)> =
            edges.filter_map(|edge| edge.crossing(down).map(|x| (edge.polygon, x))).collect();
        crossings.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let mut spans: Vec<(f64, f64)> = crossings.chunks_exact(2).map(|pair| (pair[0].1, pair[1].1)).collect();
        spans.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        // Where polygons overlap or touch there is one span.
        spans.dedup_by(|next, kept| {
            let together = next.0 <= kept.1;
            kept.1 = if together { kept.1.max(next.1) } else { kept.1 };
            together
        });
        spans
    }

    /// The spans of a line in columns from the west edge of a frame, in every copy of the world.
    fn in_columns(&self, frame: &Frame, down: f64) -> Vec<(f64, f64)> {
        let spans = self.spans(down);
        let extent = frame.extent();
        let copies = match (spans.first(), spans.last(), self.space) {
            (Some(first), Some(last), Space::Earth) => {
                (extent.west - last.1).floor() as i64..=(extent.east - first.0).ceil() as i64
            }
            _ => 0..=0,
        };
        let column = |x: f64| {
            let place = frame.place(x, extent.north);
            (place.cell.0 + place.inside.0).clamp(0.0, f64::from(frame.width()))
        };
        let shifted = copies.flat_map(|copy| spans.iter().map(move |(a, b)| (a + copy as f64, b + copy as f64)));
        shifted.map(|(west, east)| (column(west), column(east))).filter(|(west, east)| west < east).collect()
    }

    /// The line through a row, `part` of a cell below its north edge.
    fn line(&self, frame: &Frame, row: u32, part: f64) -> f64 {
        let (top, height) = (frame.corner(0, i64::from(row)).y, frame.cell().1);
        let y = World { x: 0.0, y: top + part * height }.coordinates(self.space).1;
        down(self.space, y)
    }

    /// The columns of a row whose centres lie inside, from west to east.
    fn columns(&self, frame: &Frame, row: u32) -> Vec<Range<usize>> {
        let spans = self.in_columns(frame, self.line(frame, row, 0.5));
        let first_centre = |column: f64| (column - 0.5).ceil().max(0.0) as usize;
        spans.into_iter().map(|(west, east)| first_centre(west)..first_centre(east)).collect()
    }

    /// Makes no-data of the cells whose centres are not inside.
    pub fn clip(&self, grid: &mut Grid<f32>) {
        let frame = *grid.frame();
        grid.values_mut().par_chunks_mut(frame.width() as usize).enumerate().for_each(|(row, line)| {
            let mut at = 0;
            for columns in self.columns(&frame, row as u32) {
                line[at..columns.start.max(at)].fill(f32::NAN);
                at = at.max(columns.end);
            }
            line[at..].fill(f32::NAN);
        });
    }

    /// Which share of each cell lies inside, 0 to 1.
    pub fn coverage(&self, frame: &Frame) -> Grid<f32> {
        let mut shares = vec![0.0f32; frame.len()];
        shares.par_chunks_mut(frame.width() as usize).enumerate().for_each(|(row, line)| {
            let middle = frame.centre(0, row as i64).y;
            // What Mercator cannot show has no events either.
            let lines = if self.space == Space::Earth && !(0.0..1.0).contains(&middle) { 0 } else { LINES_PER_CELL };
            for i in 0..lines {
                let part = (f64::from(i) + 0.5) / f64::from(LINES_PER_CELL);
                for (west, east) in self.in_columns(frame, self.line(frame, row as u32, part)) {
                    cover(line, west, east, 1.0 / LINES_PER_CELL as f32);
                }
            }
        });
        Grid::new(*frame, shares)
    }
}

/// Adds to each cell of a line the part of it that lies between two columns, times `share`.
fn cover(line: &mut [f32], west: f64, east: f64, share: f32) {
    let (first, last) = (west as usize, (east.ceil() as usize).min(line.len()));
    for (i, cell) in line[first..last].iter_mut().enumerate() {
        let left = (first + i) as f64;
        *cell += share * ((left + 1.0).min(east) - left.max(west)) as f32;
    }
}

fn edges_of(ring: &[(f64, f64)], polygon: u32, space: Space) -> impl Iterator<Item = Edge> {
    let ends: Vec<(f64, f64)> = ring.iter().map(|(x, y)| (across(space, *x), down(space, *y))).collect();
    let next = |i: usize| ends[(i + 1) % ends.len()];
    let edges: Vec<Edge> = (0..ends.len())
        .map(|i| (ends[i], next(i)))
        .filter(|(a, b)| a.1 != b.1)
        .map(
            |(a, b)| {
                if a.1 < b.1 { Edge { polygon, upper: a, lower: b } } else { Edge { polygon, upper: b, lower: a } }
            },
        )
        .collect();
    edges.into_iter()
}

/// A ring whose longitudes go on beyond 180° where it crosses the antimeridian. An edge of more than 180° (and less
/// than a whole turn) crosses it, unless the ring is counterclockwise as it stands: such is a wide box of an outer
/// ring, by the right-hand rule of RFC 7946.
fn unbroken(ring: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    let next = |i: usize| ring[(i + 1) % ring.len()];
    let jumps = |i: usize| {
        let degrees = (next(i).0 - ring[i].0).abs();
        degrees > 180.0 && degrees < 360.0
    };
    let doubled: f64 = (0..ring.len()).map(|i| ring[i].0 * next(i).1 - next(i).0 * ring[i].1).sum();
    if doubled > 0.0 || !(0..ring.len()).any(jumps) {
        return ring;
    }
    let mut turn = 0.0;
    let mut last = ring[0].0;
    let unbroken: Vec<(f64, f64)> = ring
        .iter()
        .map(|(x, y)| {
            turn -= if (x - last).abs() > 180.0 { 360.0 * (x - last).signum() } else { 0.0 };
            last = *x;
            (x + turn, *y)
        })
        .collect();
    let least = range(unbroken.iter().map(|at| at.0)).0;
    let home = if least < -180.0 { 360.0 } else { 0.0 };
    unbroken.into_iter().map(|(x, y)| (x + home, y)).collect()
}

/// A hole whole turns away, where it lies between the longitudes of its outer ring.
fn brought_into(hole: Vec<(f64, f64)>, west: f64, east: f64) -> Vec<(f64, f64)> {
    let (from, to) = range(hole.iter().map(|at| at.0));
    let fits = |turn: &f64| from + turn >= west && to + turn <= east;
    let turn = [0.0, 360.0, -360.0].into_iter().find(fits).unwrap_or(0.0);
    hole.into_iter().map(|(x, y)| (x + turn, y)).collect()
}

/// West and east of outer rings. On the Earth, across the antimeridian where a gap elsewhere is wider than half the world.
fn horizontally(mut spans: Vec<(f64, f64)>, space: Space) -> (f64, f64) {
    spans.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (west, east) = range(spans.iter().flat_map(|span| [span.0, span.1]));
    let mut reached = west;
    for (from, to) in spans {
        if space == Space::Earth && from - reached > 180.0 && reached + 360.0 >= east {
            return (from, reached + 360.0);
        }
        reached = reached.max(to);
    }
    (west, east)
}

fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), value| (least.min(value), most.max(value)))
}

/// The system that a collection names in the manner of GeoJSON before RFC 7946.
fn system(collection: &FeatureCollection) -> Result<Option<Crs>, Error> {
    let crs = collection.foreign_members.as_ref().and_then(|members| members.get("crs"));
    let Some(name) = crs.and_then(|crs| crs["properties"]["name"].as_str()) else { return Ok(None) };
    if name.ends_with("CRS84") || name.ends_with(":4326") {
        return Ok(None);
    }
    let code = name.rsplit(':').next().unwrap_or_default();
    Crs::parse(&format!("EPSG:{code}")).map(Some)
}

fn geometries(json: GeoJson) -> Vec<Geometry> {
    match json {
        GeoJson::Geometry(geometry) => vec![geometry],
        GeoJson::Feature(feature) => feature.geometry.into_iter().collect(),
        GeoJson::FeatureCollection(all) => all.features.into_iter().filter_map(|feature| feature.geometry).collect(),
    }
}

/// Adds the polygons of a geometry; the name of the kind of what is none.
fn gather(geometry: &GeometryValue, polygons: &mut Vec<Vec<Vec<Position>>>) -> Result<(), &'static str> {
    match geometry {
        GeometryValue::Polygon { coordinates } => polygons.push(coordinates.clone()),
        GeometryValue::MultiPolygon { coordinates } => polygons.extend(coordinates.iter().cloned()),
        GeometryValue::GeometryCollection { geometries } => {
            for geometry in geometries {
                gather(&geometry.value, polygons)?;
            }
        }
        other => return Err(other.type_name()),
    }
    Ok(())
}

/// A position in coordinates of the space; `None` where it is not on the Earth.
fn place(at: &Position, crs: Option<&Crs>, space: Space) -> Option<(f64, f64)> {
    let [x, y, ..] = *at.as_slice() else { return None };
    let (x, y) = if let Some(crs) = crs { crs.to_degrees(x, y)? } else { (x, y) };
    (space != Space::Earth || (y.abs() <= 90.0 && x.abs() <= 540.0)).then_some((x, y))
}
