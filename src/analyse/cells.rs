//! The cells of a frame as polygons.

use super::lattice::{round_the_world, world_at};
use super::outline::grows_down;
use crate::events::Space;
use crate::findings::{Polygon, Position};
use crate::frame::Frame;
use crate::world::World;

/// The area of a cell: one polygon, or two where the antimeridian crosses it.
pub fn square(frame: &Frame, col: u32, row: u32) -> Vec<Polygon> {
    let north_west = frame.corner(i64::from(col), i64::from(row));
    let south_east = frame.corner(i64::from(col) + 1, i64::from(row) + 1);
    // Nearer to an edge than a millionth of a cell, the edge itself is meant.
    let near = 1e-6 * frame.cell().0;
    let seam = (north_west.x + near).ceil();
    if frame.space() != Space::Earth || seam > south_east.x - near {
        return vec![rectangle(frame, north_west, south_east)];
    }
    let cut = |y: f64| World { x: seam, y };
    vec![rectangle(frame, north_west, cut(south_east.y)), rectangle(frame, cut(north_west.y), south_east)]
}

/// The position of a point given in cells from the north-west corner of a frame; longitudes are in -180..180.
pub fn position(frame: &Frame, at: [f64; 2]) -> Position {
    let world = world_at(frame, at);
    let x = if frame.space() == Space::Earth { crate::world::wrapped(world.x) } else { world.x };
    World { x, ..world }.coordinates(frame.space()).into()
}

/// Whether the cells at the east edge of a frame are neighbours of those at its west edge.
pub fn goes_round(frame: &Frame) -> bool {
    round_the_world(frame)
}

fn rectangle(frame: &Frame, a: World, b: World) -> Polygon {
    let copy = if frame.space() == Space::Earth { f64::midpoint(a.x, b.x).floor() } else { 0.0 };
    let corner = |x: f64, y: f64| -> Position { World { x: x - copy, y }.coordinates(frame.space()).into() };
    let mut outer = vec![corner(a.x, a.y), corner(a.x, b.y), corner(b.x, b.y), corner(b.x, a.y), corner(a.x, a.y)];
    if grows_down(frame) {
        outer.reverse();
    }
    Polygon { outer, holes: Vec::new() }
}
