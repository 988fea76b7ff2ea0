//! What is cut away of lines, exactly where it ends: their first and last metres, and what lies in circles that are
//! nobody's business. Fixes are put where the line was cut, with the time at which it got there.

use crate::trace::fixes::Fixes;
use crate::trace::sphere::{Arc, Vector, apart, degrees, vector};
use crate::tracing::Zone;
use crate::world::EARTH_RADIUS_M;

/// Circles are hidden by so much wider, in metres: lines are drawn as chords of great circles, up to 0.1 m beside them.
const BESIDE_M: f64 = 0.25;

/// A part of the way from a fix to the next, as shares of it.
type Part = (f64, f64);

/// Without the first and the last metres of the whole way, and how many metres that took away. Of a way that is no
/// longer than twice as much nothing is left.
pub fn trimmed(fixes: &Fixes, metres: f64) -> (Fixes, f64) {
    let lengths: Vec<f64> = fixes.at.windows(2).map(|two| apart(two[0], two[1])).collect();
    let lines = fixes.track.legs().flat_map(|leg| leg.start..leg.end - 1);
    let whole: f64 = lines.map(|fix| lengths[fix]).sum();
    if whole <= 2.0 * metres {
        return (fixes.nothing(), whole);
    }
    let (mut behind, last) = (0.0, whole - metres);
    let mut places = Vec::with_capacity(fixes.len());
    for leg in fixes.track.legs() {
        for fix in leg.clone() {
            places.push(behind);
            behind += if fix + 1 < leg.end { lengths[fix] } else { 0.0 };
        }
    }
    let part = |fix: usize| {
        let share = |place: f64| if lengths[fix] > 0.0 { (place - places[fix]) / lengths[fix] } else { 0.0 };
        let (from, to) = (share(metres).max(0.0), share(last).min(1.0));
        let still = (metres..=last).contains(&places[fix]).then_some((0.0, 1.0));
        if lengths[fix] > 0.0 { (from < to).then_some((from, to)) } else { still }
    };
    let kept = clipped(fixes, |fix, parts| parts.extend(part(fix)), |fix| (metres..=last).contains(&places[fix]));
    (kept, 2.0 * metres)
}

/// Without what lies in one of the circles, and how many metres and fixes alone that took away.
pub fn hidden(fixes: &Fixes, zones: &[Zone]) -> (Fixes, f64) {
    let circles: Vec<Circle> = zones.iter().map(Circle::of).collect();
    let mut gone = 0.0;
    let kept = clipped(
        fixes,
        |fix, parts| {
            let arc = fixes.arc(fix);
            parts.push((0.0, 1.0));
            for circle in &circles {
                circle.take_from(&arc, parts);
            }
            let shown: f64 = parts.iter().map(|part| part.1 - part.0).sum();
            gone += arc.metres() * (1.0 - shown);
        },
        |fix| circles.iter().all(|circle| !circle.holds(fixes.at[fix])),
    );
    (kept, gone)
}

/// A circle on the ground.
struct Circle {
    middle: Vector,
    /// In radians.
    radius: f64,
}

impl Circle {
    fn of(zone: &Zone) -> Circle {
        let radius = (zone.metres * (1.0 + 1e-9) + BESIDE_M) / EARTH_RADIUS_M;
        Circle { middle: vector((zone.lng, zone.lat)), radius }
    }

    fn holds(&self, place: Vector) -> bool {
        apart(self.middle, place) <= self.radius * EARTH_RADIUS_M
    }

    /// Takes what lies inside from the parts of an arc.
    fn take_from(&self, arc: &Arc, parts: &mut Vec<Part>) {
        if arc.angle == 0.0 {
            parts.retain(|_| !self.holds(arc.at(0.0)));
            return;
        }
        for (from, to) in arc.within(self.middle, self.radius).into_iter().flatten() {
            let before = parts.iter().map(|part| (part.0, part.1.min(from)));
            let after = parts.iter().map(|part| (part.0.max(to), part.1));
            *parts = before.chain(after).filter(|part| part.0 < part.1).collect();
            parts.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
    }
}

/// The parts of each line that are given, ascending, and the fixes that are alone in their legs and stay.
fn clipped(fixes: &Fixes, mut given: impl FnMut(usize, &mut Vec<Part>), alone: impl Fn(usize) -> bool) -> Fixes {
    let (mut kept, mut parts) = (fixes.nothing(), Vec::new());
    for leg in fixes.track.legs() {
        kept.interrupt();
        if leg.len() == 1 && alone(leg.start) {
            kept.take(fixes, leg.start);
        }
        let mut joined = false;
        for fix in leg.start..leg.end - 1 {
            parts.clear();
            given(fix, &mut parts);
            joined = add_parts(&mut kept, (fixes, fix), &parts, joined);
        }
    }
    kept.ended()
}

/// Adds parts of the line from a fix to the next; whether the last of them reaches the next fix. `joined` says whether
/// that of the line before reached this one.
fn add_parts(kept: &mut Fixes, (fixes, fix): (&Fixes, usize), parts: &[Part], mut joined: bool) -> bool {
    for (from, to) in parts {
        if !(joined && *from == 0.0) {
            kept.interrupt();
            put(kept, (fixes, fix), *from);
        }
        put(kept, (fixes, fix), *to);
        joined = false;
    }
    parts.last().is_some_and(|part| part.1 == 1.0)
}

/// Adds the place at a share of the line from a fix to the next.
fn put(kept: &mut Fixes, (fixes, fix): (&Fixes, usize), share: f64) {
    if share == 0.0 || share == 1.0 {
        return kept.take(fixes, fix + share as usize);
    }
    let arc = fixes.arc(fix);
    let at = arc.at(share * arc.angle);
    let time = fixes.time(fix).zip(fixes.time(fix + 1));
    let time = time.map(|(from, to)| from.saturating_add((share * to.saturating_sub(from) as f64).round() as i64));
    kept.put(degrees(at), at, time);
}
