//! What looks odd in where the events lie, to be told and not to be mended: far points that blow the picture up,
//! positions at 0° N 0° E, longitude and latitude that look swapped.

use geo::{Distance, Haversine, Point};
use kdtree::KdTree;
use kdtree::distance::squared_euclidean;

use crate::counts::{Counts, Gathered, Touch};
use crate::events::Space;
use crate::frame::Frame;
use crate::world::World;

/// The share of the events that the core of a picture holds, along each axis.
const CORE: f64 = 0.95;

/// A picture is called blown up where the box around all events has this many times the area of its core.
const BLOWN_UP: u64 = 50;

/// Sentences about a picture whose frame was taken from the events.
pub fn notes(counts: &Counts) -> Vec<String> {
    let Some(masses) = masses(counts) else { return Vec::new() };
    let frame = &counts.frame;
    let (core, all) = (Core::of(frame, &masses, CORE), Core::of(frame, &masses, 1.0));
    if core.cells() * BLOWN_UP > all.cells() {
        return Vec::new();
    }
    let mut notes = vec![core.blown_up(frame, all.cells() / core.cells())];
    notes.extend(loneliest(frame, &masses, &core));
    if frame.space() == Space::Earth {
        notes.extend(nowhere(frame, &masses, &core));
        notes.extend(swapped(frame, &masses, &core));
    }
    notes
}

/// Events (or weight) of each cell, where cells hold shares of events.
fn masses(counts: &Counts) -> Option<Vec<f64>> {
    let unit = counts.touch.unit();
    match &counts.gathered {
        Gathered::Events(cells) if counts.touch != Touch::Kernel => {
            Some(cells.iter().map(|c| *c as f64 * unit).collect())
        }
        _ => None,
    }
}

/// The columns and rows between which a share of the events lies; both ends belong to it.
struct Core {
    cols: (u32, u32),
    rows: (u32, u32),
}

impl Core {
    fn of(frame: &Frame, masses: &[f64], share: f64) -> Core {
        let width = frame.width() as usize;
        let mut by_col = vec![0.0; width];
        let mut by_row = Vec::with_capacity(frame.height() as usize);
        for line in masses.chunks(width) {
            by_row.push(line.iter().sum());
            by_col.iter_mut().zip(line).for_each(|(sum, mass)| *sum += mass);
        }
        Core { cols: middle(&by_col, share), rows: middle(&by_row, share) }
    }

    fn cells(&self) -> u64 {
        u64::from(self.cols.1 - self.cols.0 + 1) * u64::from(self.rows.1 - self.rows.0 + 1)
    }

    fn holds(&self, col: u32, row: u32) -> bool {
        (self.cols.0..=self.cols.1).contains(&col) && (self.rows.0..=self.rows.1).contains(&row)
    }

    fn blown_up(&self, frame: &Frame, times: u64) -> String {
        let corner = |col: u32, row: u32| frame.corner(i64::from(col), i64::from(row)).coordinates(frame.space());
        let (west, north) = corner(self.cols.0, self.rows.0);
        let (east, south) = corner(self.cols.1 + 1, self.rows.1 + 1);
        let (low, high) = (south.min(north), south.max(north));
        format!(
            "a few far points blow the picture up: most events lie in 1/{times} of it; \
             to see them add --bounds={west:.4},{low:.4},{east:.4},{high:.4}"
        )
    }
}

/// The stretch from the middle that holds this share, with half of the rest on either side; a share of 1 leaves out
/// only what holds nothing.
fn middle(sums: &[f64], share: f64) -> (u32, u32) {
    let total: f64 = sums.iter().sum();
    let left_out = total * (1.0 - share) / 2.0;
    let before = |mut left: f64, sums: &mut dyn Iterator<Item = &f64>| {
        sums.take_while(|sum| {
            left -= **sum;
            left >= 0.0
        })
        .count()
    };
    let first = before(left_out, &mut sums.iter());
    let last = sums.len() - 1 - before(left_out, &mut sums.iter().rev()).min(sums.len() - 1);
    (first.min(last) as u32, last as u32)
}

/// The cell outside the core that is farthest from any other cell with events, and how far that is.
fn loneliest(frame: &Frame, masses: &[f64], core: &Core) -> Option<String> {
    let width = frame.width() as usize;
    let cells = masses.iter().enumerate().filter(|(_, mass)| **mass > 0.0);
    let cells: Vec<(u32, u32)> = cells.map(|(i, _)| ((i % width) as u32, (i / width) as u32)).collect();
    let mut tree = KdTree::new(2);
    for cell in &cells {
        tree.add([f64::from(cell.0), f64::from(cell.1)], *cell).ok()?;
    }
    let neighbour = |cell: &(u32, u32)| {
        let nearest = tree.nearest(&[f64::from(cell.0), f64::from(cell.1)], 2, &squared_euclidean).ok()?;
        nearest.get(1).map(|(distance, other)| (*distance, *cell, **other))
    };
    let outside = cells.iter().filter(|(col, row)| !core.holds(*col, *row)).filter_map(neighbour);
    let (_, lonely, other) = outside.max_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))?;
    let place = |(col, row): (u32, u32)| frame.centre(i64::from(col), i64::from(row)).coordinates(frame.space());
    let (here, there) = (place(lonely), place(other));
    let distance = match frame.space() {
        Space::Earth => format!("{:.0} km", Haversine.distance(Point::from(here), Point::from(there)) / 1000.0),
        Space::Flat { unit, .. } => format!("{:.0} {}", (here.0 - there.0).hypot(here.1 - there.1), unit.symbol()),
    };
    Some(format!("the loneliest of them, near {:.4},{:.4}, is {distance} from its nearest neighbour", here.0, here.1))
}

fn nowhere(frame: &Frame, masses: &[f64], core: &Core) -> Option<String> {
    let (col, row) = frame.cell_at(World::of(Space::Earth, 0.0, 0.0))?;
    if core.holds(col, row) {
        return None;
    }
    let near = |c: u32, r: u32| c.abs_diff(col) <= 1 && r.abs_diff(row) <= 1;
    let count = sum_where(frame, masses, near).round();
    (count >= 1.0).then(|| format!("{count} events at or near longitude 0, latitude 0: often a missing position"))
}

fn swapped(frame: &Frame, masses: &[f64], core: &Core) -> Option<String> {
    let mirrored = |col: u32, row: u32| {
        let (lng, lat) = frame.centre(i64::from(col), i64::from(row)).coordinates(Space::Earth);
        let there = (lng.abs() <= 90.0).then(|| frame.cell_at(World::of(Space::Earth, lat, lng))).flatten();
        !core.holds(col, row) && there.is_some_and(|(col, row)| core.holds(col, row))
    };
    let count = sum_where(frame, masses, mirrored).round();
    (count >= 1.0).then(|| format!("{count} events look as if longitude and latitude were swapped"))
}

fn sum_where(frame: &Frame, masses: &[f64], chosen: impl Fn(u32, u32) -> bool) -> f64 {
    let width = frame.width() as usize;
    let occupied = masses.iter().enumerate().filter(|(_, mass)| **mass > 0.0);
    occupied.filter(|(i, _)| chosen((i % width) as u32, (i / width) as u32)).map(|(_, mass)| mass).sum()
}
