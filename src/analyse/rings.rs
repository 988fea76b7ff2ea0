//! Rings in cells: which are holes of which.

use rayon::prelude::*;

/// A point in cells from the north-west corner of a frame.
type Point = [f64; 2];

/// A ring without the corners that a straight horizontal or vertical run does not need.
pub(super) fn straightened(ring: &[Point]) -> Vec<Point> {
    let n = ring.len();
    let needed = |i: &usize| {
        let (a, b, c) = (ring[(i + n - 1) % n], ring[*i], ring[(i + 1) % n]);
        !(0..2).any(|axis| a[axis] == b[axis] && b[axis] == c[axis])
    };
    (0..n).filter(needed).map(|i| ring[i]).collect()
}

/// The outer rings, each with its holes, by their places among the rings. Rings that run counterclockwise on a map are
/// outer ones; the others are holes of the smallest outer ring that holds them. `rows` is how far down rings may reach.
pub(super) fn nested(rings: &[Vec<Point>], rows: usize) -> Vec<(usize, Vec<usize>)> {
    let areas: Vec<f64> = rings.iter().map(|ring| area(ring)).collect();
    let mut steps: Vec<Vec<(usize, Point, Point)>> = vec![Vec::new(); rows + 1];
    for outer in (0..rings.len()).filter(|i| areas[*i] > 0.0) {
        for (a, b) in around(&rings[outer]) {
            let (first, last) = (a[1].min(b[1]) as usize, a[1].max(b[1]) as usize);
            steps[first..=last].iter_mut().for_each(|row| row.push((outer, *a, *b)));
        }
    }
    let holes: Vec<usize> = (0..rings.len()).filter(|i| areas[*i] < 0.0).collect();
    let holder = |hole: &usize| {
        let (a, b) = (rings[*hole][0], rings[*hole][1]);
        // A corner may be shared with the outer ring, the middle of a side is not.
        let probe = [f64::midpoint(a[0], b[0]), f64::midpoint(a[1], b[1])];
        holders(&steps[probe[1] as usize], probe).into_iter().min_by(|a, b| areas[*a].total_cmp(&areas[*b]))
    };
    let holders: Vec<Option<usize>> = holes.par_iter().map(holder).collect();
    let mut of_ring: Vec<Vec<usize>> = vec![Vec::new(); rings.len()];
    for (hole, holder) in holes.into_iter().zip(holders) {
        // An outer ring holds every hole, or it would be the outside of nothing.
        debug_assert!(holder.is_some(), "a hole in nothing");
        of_ring[holder.unwrap_or(hole)].push(hole);
    }
    of_ring.into_iter().enumerate().filter(|(i, _)| areas[*i] > 0.0).collect()
}

/// The rings that hold a point: those that a ray to the east crosses an odd number of times.
fn holders(steps: &[(usize, Point, Point)], [x, y]: Point) -> Vec<usize> {
    let crosses = |(_, a, b): &&(usize, Point, Point)| {
        (a[1] > y) != (b[1] > y) && x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0]
    };
    let mut crossed: Vec<usize> = steps.iter().filter(crosses).map(|(ring, _, _)| *ring).collect();
    crossed.sort_unstable();
    crossed.chunk_by(|a, b| a == b).filter(|times| times.len() % 2 == 1).map(|times| times[0]).collect()
}

/// The sides of a ring that does not repeat its first point.
fn around(ring: &[Point]) -> impl Iterator<Item = (&Point, &Point)> {
    ring.iter().zip(ring.iter().cycle().skip(1))
}

/// The area of a ring, positive where it runs counterclockwise on a map.
fn area(ring: &[Point]) -> f64 {
    let [x, y] = ring[0];
    let cross = |(a, b): (&Point, &Point)| (b[0] - x) * (a[1] - y) - (a[0] - x) * (b[1] - y);
    around(ring).map(cross).sum::<f64>() / 2.0
}
