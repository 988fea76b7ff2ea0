//! Where the picture is and how many cells it has, from what the caller asks for and what the events are.

use std::f64::consts::TAU;

use crate::bandwidth::Length;
use crate::error::Error;
use crate::events::{Space, Unit};
use crate::frame::{Extent, Frame};
use crate::world::{EARTH_RADIUS_M, MAX_LATITUDE, World};

/// The size of the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Size {
    /// Width and height in cells.
    Cells(u32, u32),
    /// Width in cells; the height follows the extent.
    Width(u32),
    /// Width and height of each cell, a length on the ground or in the unit of a flat space.
    Cell(Length),
    /// The cells of this zoom of Web Mercator tiles of 256 cells; the frame is made of whole tiles.
    Zoom(u8),
}

impl Default for Size {
    fn default() -> Size {
        Size::Width(1280)
    }
}

/// The frame of exactly these bounds: degrees west, south, east, north, or flat coordinates.
///
/// # Errors
/// When the bounds are empty or the size is impossible.
pub fn of_bounds(space: Space, bounds: [f64; 4], size: Size) -> Result<Frame, Error> {
    check_bounds(space, bounds)?;
    let [west, south, east, north] = bounds;
    let extent = if space == Space::Earth {
        Extent::of_bounds(space, [west, south.max(-MAX_LATITUDE), east, north.min(MAX_LATITUDE)])
    } else {
        Extent::of_bounds(space, bounds)
    };
    match size {
        Size::Cells(width, height) => Frame::new(space, extent, width, height),
        Size::Width(width) => {
            let height = (f64::from(width) * extent.height() / extent.width()).round().clamp(1.0, 1e9);
            Frame::new(space, extent, width, height as u32)
        }
        Size::Cell(length) => of_cells(space, extent, length, Edge::Open),
        Size::Zoom(zoom) => on_zoom(space, extent, zoom, Edge::Open),
    }
}

/// Whether what lies exactly on the east or south edge of an extent has to be inside the frame.
#[derive(Clone, Copy, PartialEq)]
enum Edge {
    /// It does not: the extent is half-open, as bounds are.
    Open,
    /// It does: the outermost events lie there.
    Closed,
}

impl Edge {
    /// How many cells of a lattice reach from one position to another, both in cells.
    fn cells(self, from: f64, to: f64) -> f64 {
        let last = if self == Edge::Closed { to.floor() + 1.0 } else { (to - 1e-9).ceil() };
        (last - from).max(1.0)
    }
}

fn check_bounds(space: Space, bounds: [f64; 4]) -> Result<(), Error> {
    let [west, south, east, north] = bounds;
    let wrong = |found: String, expected: &str| Err(Error::caller("--bounds").found(found).expected(expected));
    if bounds.iter().any(|b| !b.is_finite()) {
        return wrong(format!("{bounds:?}"), "four finite numbers, W,S,E,N");
    }
    if south >= north {
        return wrong(format!("south {south} and north {north}"), "S < N, in the order W,S,E,N");
    }
    if west == east {
        return wrong(format!("west {west} equal to east {east}"), "two different edges, in the order W,S,E,N");
    }
    if space == Space::Earth {
        if south < -90.0 || north > 90.0 || west < -360.0 || east > 360.0 {
            return wrong(format!("{west},{south},{east},{north}"), "degrees, in the order W,S,E,N");
        }
        if south >= MAX_LATITUDE || north <= -MAX_LATITUDE {
            return wrong(format!("latitudes {south} to {north}"), "a part of the map between 85.05° S and 85.05° N");
        }
    } else if west > east {
        return wrong(format!("X0 {west} and X1 {east}"), "X0 < X1, in the order X0,Y0,X1,Y1");
    }
    Ok(())
}

/// The frame that holds all events of an extent, with a margin for the kernel (a length that means something in the
/// space), of square cells.
///
/// # Errors
/// When the size is impossible.
pub fn around(space: Space, extent: Extent, margin: Option<Length>, size: Size) -> Result<Frame, Error> {
    let (margin_x, margin_y, mut margin_cells) = margins(space, &extent, margin);
    let mut extent = Extent {
        west: extent.west - margin_x,
        east: extent.east + margin_x,
        north: extent.north - margin_y,
        south: extent.south + margin_y,
    };
    if space == Space::Earth {
        extent.north = extent.north.max(0.0);
        extent.south = extent.south.min(1.0);
        if extent.width() > 0.98 {
            // Round the world there is no margin, and no east edge either.
            (extent.west, extent.east, margin_cells) = (0.0, 1.0, 0.0);
        }
    }
    never_flat(space, &mut extent);
    match size {
        // Nothing to fit in: the frame says what is wrong.
        Size::Cells(width, height) if width == 0 || height == 0 => Frame::new(space, extent, width, height),
        Size::Width(0) => Frame::new(space, extent, 0, 0),
        Size::Cells(width, height) => fitted(space, &extent, width, height, margin_cells),
        Size::Width(width) => {
            let inner = (f64::from(width) - 2.0 * margin_cells).max(1.0);
            let shape = (extent.height() / extent.width()).clamp(1.0 / 8.0, 8.0);
            let height = (inner * shape + 2.0 * margin_cells).ceil();
            fitted(space, &extent, width, height.min(1e9) as u32, margin_cells)
        }
        Size::Cell(length) => of_cells(space, extent, length, Edge::Closed),
        Size::Zoom(zoom) => on_zoom(space, extent, zoom, Edge::Closed),
    }
}

/// The margin in World units and in cells; at least half a cell, because the east edge of a cell is not its own.
fn margins(space: Space, extent: &Extent, margin: Option<Length>) -> (f64, f64, f64) {
    match margin {
        None => (0.0, 0.0, 0.5),
        Some(Length::Pixels(cells)) => (0.0, 0.0, cells + 0.5),
        Some(Length::Units(units)) => (units, units, 0.5),
        Some(Length::Metres(metres)) => {
            let latitude = |y: f64| World { x: 0.0, y }.coordinates(space).1.to_radians();
            let cosine = latitude(extent.north).cos().min(latitude(extent.south).cos());
            let margin = metres / (TAU * EARTH_RADIUS_M * cosine);
            (margin, margin, 0.5)
        }
    }
}

/// Widens an extent without width or height: all events on one line or at one place.
fn never_flat(space: Space, extent: &mut Extent) {
    let least = match space {
        // About 100 m at the equator.
        Space::Earth => 2.5e-6,
        Space::Flat { unit: Unit::Pixel | Unit::Unnamed | Unit::Metre | Unit::Foot, .. } => 1.0,
    };
    let longer = extent.width().max(extent.height()).max(least);
    let widen = |from: &mut f64, to: &mut f64| {
        let missing = longer / 8.0 - (*to - *from);
        if missing > 0.0 {
            *from -= missing / 2.0;
            *to += missing / 2.0;
        }
    };
    widen(&mut extent.west, &mut extent.east);
    widen(&mut extent.north, &mut extent.south);
}

/// Square cells, as large as the extent needs in one direction; centred in the other.
fn fitted(space: Space, extent: &Extent, width: u32, height: u32, margin: f64) -> Result<Frame, Error> {
    let inner = |cells: u32| (f64::from(cells) - 2.0 * margin).max(1.0);
    let mut cell = (extent.width() / inner(width)).max(extent.height() / inner(height));
    let mut width = width;
    if space == Space::Earth && cell * f64::from(width) > 1.0 {
        // The world is square in Web Mercator, and no picture of it may be wider than it is.
        width = width.min(((1.0 / cell).floor() as u32).max(1));
        cell = cell.min(1.0 / f64::from(width));
    }
    let (across, down) = (cell * f64::from(width), cell * f64::from(height));
    let (x, y) = (f64::midpoint(extent.west, extent.east), f64::midpoint(extent.north, extent.south));
    let mut west = x - across / 2.0;
    if space == Space::Earth && across > 1.0 - cell / 2.0 {
        west = 0.0;
    }
    let fitted = Extent { west, east: west + across, north: y - down / 2.0, south: y + down / 2.0 };
    Frame::new(space, fitted, width, height)
}

/// Cells of a given width, counted from the north-west corner; the last ones may reach beyond the extent.
fn of_cells(space: Space, extent: Extent, length: Length, edge: Edge) -> Result<Frame, Error> {
    let cell = match (length, space) {
        (Length::Metres(m), Space::Earth) => {
            let middle = World { x: 0.0, y: f64::midpoint(extent.north, extent.south) }.coordinates(space).1;
            m / (TAU * EARTH_RADIUS_M * middle.to_radians().cos())
        }
        (Length::Metres(m), Space::Flat { unit, .. }) if unit.metres().is_some() => m / unit.metres().unwrap_or(1.0),
        (Length::Units(u), Space::Flat { .. }) => u,
        _ => {
            return Err(Error::caller("--cell")
                .found(format!("`{length}`"))
                .expected("metres on the Earth, `u` in a flat space")
                .advice("write it like 100m, 0.5km, or 2u in the unit of a flat space"));
        }
    };
    let cells = |length: f64| edge.cells(0.0, length / cell).min(4e9) as u32;
    let (width, height) = (cells(extent.width()), cells(extent.height()));
    let (east, south) = (extent.west + f64::from(width) * cell, extent.north + f64::from(height) * cell);
    Frame::new(space, Extent { east, south, ..extent }, width, height)
}

/// Whole tiles of a zoom that hold the extent.
fn on_zoom(space: Space, extent: Extent, zoom: u8, edge: Edge) -> Result<Frame, Error> {
    if space != Space::Earth {
        return Err(Error::caller("--zoom")
            .found("a flat space")
            .expected("positions on the Earth")
            .advice("give --size"));
    }
    let tiles = f64::from(zoom.min(24)).exp2();
    let (west, north) = ((extent.west * tiles).floor(), (extent.north * tiles).floor());
    // Round the world there is no east edge, and south of it no tile.
    let across = edge.cells(west, extent.east * tiles).min(tiles);
    let down = edge.cells(north, extent.south * tiles).min(tiles - north);
    let cells = |tiles: f64| (tiles * 256.0).min(4e9) as u32;
    Frame::on_lattice(zoom, west as i64 * 256, north as i64 * 256, cells(across), cells(down))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outermost_events_are_inside_whatever_the_size() {
        let space = Space::Flat { unit: Unit::Metre, y_axis: crate::events::YAxis::Up };
        let extent = Extent::of_bounds(space, [0.0, 0.0, 10.0, 20.0]);
        let sizes =
            [Size::Cells(7, 9), Size::Width(10), Size::Cell(Length::Units(1.0)), Size::Cell(Length::Metres(3.0))];
        for size in sizes {
            let frame = around(space, extent, None, size).expect("a frame");
            for (x, y) in [(0.0, 0.0), (10.0, 20.0), (0.0, 20.0), (10.0, 0.0)] {
                assert!(frame.cell_at(World::of(space, x, y)).is_some(), "{size:?}: {x}, {y}");
            }
        }
    }

    #[test]
    fn the_outermost_events_are_inside_whole_tiles() {
        for (bounds, zoom) in
            [([-90.0, 0.0, 90.0, 66.5], 2), ([0.0, 0.0, 0.0, 0.0], 3), ([-180.0, -85.0, 179.9, 85.0], 0)]
        {
            let extent = Extent::of_bounds(Space::Earth, bounds);
            let frame = around(Space::Earth, extent, None, Size::Zoom(zoom)).expect("a frame");
            for (lng, lat) in [(bounds[0], bounds[1]), (bounds[2], bounds[3])] {
                let found = frame.cell_at(World::of(Space::Earth, lng, lat));
                assert!(found.is_some(), "zoom {zoom}: {lng}, {lat} in {:?}", frame.extent());
            }
        }
    }

    #[test]
    fn given_bounds_are_kept_exactly() {
        let bounds = [-74.3, 40.5, -73.7, 41.0];
        let frame = of_bounds(Space::Earth, bounds, Size::Cells(640, 480)).expect("a frame");
        for (kept, given) in frame.extent().bounds(Space::Earth).iter().zip(bounds) {
            assert!((kept - given).abs() < 1e-9, "{kept} {given}");
        }
    }
}
