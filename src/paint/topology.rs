//! The embedded coasts and borders: Natural Earth 1:50 million as `TopoJSON`, decoded once. At that scale a coast is
//! true to a kilometre or two, which a city's frame shows.

use std::collections::{BTreeSet, HashSet};
use std::io::Read;
use std::sync::LazyLock;

use serde_json::Value;

use crate::frame::Extent;
use crate::world::{World, mercator_y};

/// Whose the embedded coasts and borders are, for whoever shows them.
pub const NATURAL_EARTH: &str = "Made with Natural Earth";

/// world-atlas 2.0.2, `countries-50m.json`; see `assets/README.md`.
const ATLAS: &[u8] = include_bytes!("../../assets/naturalearth/countries-50m.json.gz");

/// Coordinates are clamped to this latitude, in degrees: far outside of any frame, but finite in Mercator.
const POLE: f64 = 89.9;

/// What is drawn of the atlas, once. What lies across the antimeridian reaches beyond 0..1 in `x`.
pub(super) struct Atlas {
    /// Closed rings of land and of the holes in it, to be filled by the even-odd rule.
    pub land: Vec<Line>,
    /// Where land meets sea.
    pub coasts: Vec<Line>,
    /// Where countries meet.
    pub borders: Vec<Line>,
}

/// Positions, and the extent that holds them.
pub(super) struct Line {
    pub points: Vec<World>,
    pub extent: Extent,
}

pub(super) static EARTH: LazyLock<Atlas> = LazyLock::new(|| {
    let mut text = Vec::new();
    let read = flate2::read::GzDecoder::new(ATLAS).read_to_end(&mut text);
    let json: Value = read.ok().and_then(|_| serde_json::from_slice(&text).ok()).unwrap_or_default();
    atlas(&json)
});

fn atlas(json: &Value) -> Atlas {
    let arcs = arcs(json);
    let objects = &json["objects"];
    let rings = rings(&objects["land"]);
    let coast: BTreeSet<usize> = rings.iter().flatten().map(|arc| index(*arc)).collect();
    let land = rings.iter().map(|ring| Line::of(joined(&arcs, ring))).collect();
    let coasts = coast.iter().flat_map(|arc| uncut(&arcs[*arc])).collect();
    let shared = shared(&objects["countries"], arcs.len());
    let borders = shared.filter(|arc| !coast.contains(arc)).flat_map(|arc| uncut(&arcs[arc])).collect();
    Atlas { land, coasts, borders }
}

/// Longitudes and latitudes of the arcs: quantized, each as the difference from the one before (`TopoJSON`
/// specification, 2.1.3 and 2.1.4).
fn arcs(json: &Value) -> Vec<Vec<(f64, f64)>> {
    let pair = |value: &Value| (value[0].as_f64().unwrap_or(0.0), value[1].as_f64().unwrap_or(0.0));
    let (scale, translate) = (pair(&json["transform"]["scale"]), pair(&json["transform"]["translate"]));
    let arc = |arc: &Value| {
        let mut at = (0.0, 0.0);
        let step = |value: &Value| {
            let (dx, dy) = pair(value);
            at = (at.0 + dx, at.1 + dy);
            (at.0 * scale.0 + translate.0, at.1 * scale.1 + translate.1)
        };
        list(arc).iter().map(step).collect()
    };
    list(&json["arcs"]).iter().map(arc).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The rings of an object, each a list of arcs: `i`, or `!i` for one that runs backwards.
fn rings(object: &Value) -> Vec<Vec<i64>> {
    let ring = |ring: &Value| list(ring).iter().filter_map(Value::as_i64).collect();
    match object["type"].as_str() {
        Some("GeometryCollection") => list(&object["geometries"]).iter().flat_map(rings).collect(),
        Some("Polygon") => list(&object["arcs"]).iter().map(ring).collect(),
        Some("MultiPolygon") => list(&object["arcs"]).iter().flat_map(list).map(ring).collect(),
        _ => Vec::new(),
    }
}

fn index(arc: i64) -> usize {
    (if arc < 0 { !arc } else { arc }) as usize
}

/// The arcs that more than one country uses.
fn shared(countries: &Value, arcs: usize) -> impl Iterator<Item = usize> {
    let mut users = vec![0; arcs];
    for country in list(&countries["geometries"]) {
        let own: HashSet<usize> = rings(country).iter().flatten().map(|arc| index(*arc)).collect();
        for arc in own {
            users[arc] += 1;
        }
    }
    users.into_iter().enumerate().filter(|(_, users)| *users > 1).map(|(arc, _)| arc)
}

/// The ring of some arcs; where two meet, the point they share is kept once. A ring that goes round the world, as the
/// coast of Antarctica does, is closed beyond the edge of the world.
fn joined(arcs: &[Vec<(f64, f64)>], ring: &[i64]) -> Vec<World> {
    let mut points: Vec<World> = Vec::new();
    for &arc in ring {
        points.pop();
        let line = arcs[index(arc)].iter().copied().map(world);
        if arc < 0 { points.extend(line.rev()) } else { points.extend(line) }
    }
    unwrap(&mut points);
    if let (Some(first), Some(last)) = (points.first().copied(), points.last().copied())
        && (first.x - last.x).abs() > 0.5
    {
        let y = mercator_y(-POLE);
        points.extend([World { y, ..last }, World { y, ..first }]);
    }
    points
}

/// Puts every point into the copy of the world where it is next to the one before: the atlas joins what the
/// antimeridian cuts, and leaves jumps of 360 degrees.
fn unwrap(points: &mut [World]) {
    for i in 1..points.len() {
        points[i].x -= (points[i].x - points[i - 1].x).round();
    }
}

/// The parts of an arc that are not cuts: islands that the atlas did not join again have an edge on the antimeridian.
fn uncut(arc: &[(f64, f64)]) -> impl Iterator<Item = Line> {
    let on_antimeridian = |point: &(f64, f64)| point.0.abs() > 179.999;
    let parts = arc.chunk_by(move |a, b| !(on_antimeridian(a) && on_antimeridian(b)));
    parts.filter(|part| part.len() > 1).map(|part| {
        let mut points: Vec<World> = part.iter().copied().map(world).collect();
        unwrap(&mut points);
        Line::of(points)
    })
}

fn world((lng, lat): (f64, f64)) -> World {
    World { x: lng / 360.0 + 0.5, y: mercator_y(lat.clamp(-POLE, POLE)) }
}

impl Line {
    fn of(points: Vec<World>) -> Line {
        let none = Extent { west: f64::MAX, north: f64::MAX, east: f64::MIN, south: f64::MIN };
        let extent = points.iter().fold(none, |e, p| Extent {
            west: e.west.min(p.x),
            north: e.north.min(p.y),
            east: e.east.max(p.x),
            south: e.south.max(p.y),
        });
        Line { points, extent }
    }
}
