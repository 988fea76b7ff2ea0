//! The embedded land for whoever draws it elsewhere, such as a page that can be zoomed: its lines, with as many points as
//! can be told apart from where the data are. A coast beside them keeps every point; one that is seen together with them
//! only from far away keeps as many as that view has pixels for.

use super::topology::{EARTH, Line};
use crate::frame::Extent;
use crate::world::World;

/// How far from the data a point may be dropped that is off its line by one of as many parts of that distance. A view that
/// shows both is some thousand pixels wide, so that this is a pixel or two.
const PARTS: f64 = 512.0;

/// The same for points among the data, as parts of their width: some 2 km for those of the whole Earth, which is what the
/// coasts are true to.
const AMONG: f64 = 16_384.0;

/// Lines of the embedded map.
#[derive(Debug, Clone)]
pub struct Outline {
    /// Closed rings of land and of the holes in it, to be filled by the even-odd rule. What lies across the antimeridian
    /// reaches beyond 0..1 in `x`.
    pub land: Vec<Vec<World>>,
    /// Where countries meet.
    pub borders: Vec<Vec<World>>,
}

/// The embedded land around `near`, the extent of what is shown.
///
/// ```
/// use torrid::paint::outline;
/// use torrid::{Extent, Space};
/// let all = outline(&Extent::of_bounds(Space::Earth, [-180.0, -60.0, 180.0, 75.0]));
/// let city = outline(&Extent::of_bounds(Space::Earth, [-3.0, 53.3, -2.8, 53.5]));
/// let points = |lines: &[Vec<_>]| lines.iter().map(Vec::len).sum::<usize>();
/// assert!(points(&city.land) < points(&all.land));
/// ```
pub fn outline(near: &Extent) -> Outline {
    let tolerance = Tolerance::around(near);
    let kept = |lines: &[Line]| lines.iter().map(|line| tolerance.thinned(&line.points)).collect::<Vec<_>>();
    let mut outline = Outline { land: kept(&EARTH.land), borders: kept(&EARTH.borders) };
    // Islands of which nothing can be seen.
    outline.land.retain(|ring| ring.len() > 3);
    outline
}

/// How far a line may be off.
struct Tolerance<'a> {
    near: &'a Extent,
    among: f64,
}

impl Tolerance<'_> {
    fn around(near: &Extent) -> Tolerance<'_> {
        Tolerance { near, among: near.width().max(near.height()) / AMONG }
    }

    /// How far a line may be off at a point, in World units.
    fn at(&self, point: World) -> f64 {
        let beyond = |at: f64, from: f64, to: f64| (from - at).max(at - to).max(0.0);
        let across = |copy: f64| beyond(point.x + copy, self.near.west, self.near.east);
        let x = [-1.0, 0.0, 1.0].into_iter().map(across).fold(f64::INFINITY, f64::min);
        let y = beyond(point.y, self.near.north, self.near.south);
        (x.hypot(y) / PARTS).max(self.among)
    }

    /// A line without points that nobody misses (Douglas and Peucker 1973); its ends stay.
    fn thinned(&self, points: &[World]) -> Vec<World> {
        let mut kept = vec![false; points.len()];
        let mut open = vec![(0, points.len().saturating_sub(1))];
        while let Some((first, last)) = open.pop() {
            kept[first] = true;
            kept[last] = true;
            let off = |i: usize| distance(points[i], points[first], points[last]) / self.at(points[i]);
            let farthest = (first + 1..last).map(|i| (i, off(i))).max_by(|a, b| a.1.total_cmp(&b.1));
            if let Some((between, off)) = farthest
                && off > 1.0
            {
                open.extend([(first, between), (between, last)]);
            }
        }
        points.iter().zip(kept).filter(|(_, kept)| *kept).map(|(point, _)| *point).collect()
    }
}

/// How far a point is from a segment.
fn distance(point: World, from: World, to: World) -> f64 {
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let along = (point.x - from.x) * dx + (point.y - from.y) * dy;
    let square = dx * dx + dy * dy;
    let share = if square > 0.0 { (along / square).clamp(0.0, 1.0) } else { 0.0 };
    (point.x - from.x - share * dx).hypot(point.y - from.y - share * dy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::Space;

    fn around(bounds: [f64; 4]) -> Extent {
        Extent::of_bounds(Space::Earth, bounds)
    }

    #[test]
    fn every_point_that_is_dropped_is_as_near_to_the_line_as_is_allowed_there() {
        let near = around([-3.2, 53.2, -2.6, 53.7]);
        let tolerance = Tolerance::around(&near);
        for line in EARTH.land.iter().chain(&EARTH.borders).step_by(7) {
            let thinned = tolerance.thinned(&line.points);
            for point in line.points.iter().step_by(11) {
                let near = |pair: &[World]| distance(*point, pair[0], pair[1]) <= tolerance.at(*point) * 1.000_001;
                assert!(thinned.windows(2).any(near) || thinned.len() < 2, "{point:?}");
            }
        }
    }

    #[test]
    fn coasts_among_the_data_keep_their_points_and_far_ones_lose_most() {
        let near = around([-6.0, 49.0, 2.0, 59.0]);
        let outline = outline(&near);
        let inside = |p: &&World| p.x > near.west && p.x < near.east && p.y > near.north && p.y < near.south;
        let within = |points: &[World]| points.iter().filter(inside).count();
        let all: usize = EARTH.land.iter().map(|line| within(&line.points)).sum();
        let kept: usize = outline.land.iter().map(|points| within(points)).sum();
        assert!(kept * 10 >= all * 9, "{kept} of {all}");
        let points: usize = outline.land.iter().map(Vec::len).sum();
        let all: usize = EARTH.land.iter().map(|line| line.points.len()).sum();
        assert!(points * 4 < all, "{points} of {all}");
    }
}
