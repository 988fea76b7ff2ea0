//! Ways along great circles on the sphere on which distances are measured: how long they are and what lies on them.
//! The plane of pictures is not known here.

use crate::world::EARTH_RADIUS_M;

/// A direction from the centre of the Earth, of length 1.
pub type Vector = [f64; 3];

/// The direction of a place in degrees.
pub fn vector((lng, lat): (f64, f64)) -> Vector {
    let ((east, along), (up, out)) = (lng.to_radians().sin_cos(), lat.to_radians().sin_cos());
    [out * along, out * east, up]
}

/// The place in degrees that lies in a direction.
pub fn degrees([x, y, z]: Vector) -> (f64, f64) {
    (y.atan2(x).to_degrees(), z.atan2(x.hypot(y)).to_degrees())
}

/// The scalar product.
pub fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// The vector product.
pub fn cross(a: Vector, b: Vector) -> Vector {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/// `a + f * b`.
pub fn plus(a: Vector, f: f64, b: Vector) -> Vector {
    [a[0] + f * b[0], a[1] + f * b[1], a[2] + f * b[2]]
}

/// How long a vector is.
pub fn norm(a: Vector) -> f64 {
    dot(a, a).sqrt()
}

/// Metres along the great circle between two directions.
pub fn apart(a: Vector, b: Vector) -> f64 {
    2.0 * EARTH_RADIUS_M * (norm(plus(b, -1.0, a)) / 2.0).min(1.0).asin()
}

/// Whether two directions are at most so few metres apart that the chord is as long as the arc.
#[inline]
pub fn near(a: Vector, b: Vector, metres: f64) -> bool {
    let chord = plus(b, -1.0, a);
    dot(chord, chord) <= (metres / EARTH_RADIUS_M).powi(2)
}

/// Metres along the great circle between two places, from their differences in degrees and the cosines of their
/// latitudes, by the haversine. Below a degree sines are their series, whose error is below 1e-15.
#[inline(always)]
pub fn metres(lng: f64, lat: f64, cosines: (f64, f64)) -> f64 {
    /// Half an angle up to which the series serve.
    const SMALL: f64 = 0.01;
    let half = std::f64::consts::PI / 360.0;
    let (p, q) = (lat * half, lng * half);
    let series = |x: f64| x * (1.0 - x * x * (1.0 / 6.0 - x * x / 120.0));
    if p.abs().max(q.abs()) > SMALL {
        let square = p.sin().powi(2) + cosines.0 * cosines.1 * q.sin().powi(2);
        return 2.0 * EARTH_RADIUS_M * square.sqrt().min(1.0).asin();
    }
    let (p, q) = (series(p), series(q));
    let square = p * p + cosines.0 * cosines.1 * q * q;
    let arc = 1.0 + square * (1.0 / 6.0 + square * (3.0 / 40.0 + square * (5.0 / 112.0)));
    2.0 * EARTH_RADIUS_M * square.sqrt() * arc
}

/// The shorter great circle between two places.
#[derive(Debug, Clone, Copy)]
pub struct Arc {
    start: Vector,
    /// The direction in which it leaves: at right angles to `start`.
    side: Vector,
    /// How far it reaches, in radians.
    pub angle: f64,
}

impl Arc {
    /// From one direction to another. Between opposite places, where every way is as short, it leads over the north
    /// pole, in both directions.
    pub fn between(a: Vector, b: Vector) -> Arc {
        /// Below this the rest is rounding.
        const NOTHING: f64 = 1e-12;
        let step = plus(b, -1.0, a);
        let side = plus(step, -dot(a, step), a);
        let length = norm(side);
        let side = if length > NOTHING { side.map(|s| s / length) } else { north(a) };
        Arc { start: a, side, angle: apart(a, b) / EARTH_RADIUS_M }
    }

    /// The direction at so many radians from the start.
    pub fn at(&self, angle: f64) -> Vector {
        let (sin, cos) = angle.sin_cos();
        plus(self.start.map(|s| s * cos), sin, self.side)
    }

    /// How long it is on the ground, in metres.
    pub fn metres(&self) -> f64 {
        self.angle * EARTH_RADIUS_M
    }

    /// The part of it, as shares of its length, that lies within `radius` radians of a place: one interval, or two
    /// where the circle is so large that the arc leaves it and comes back. Along the great circle the cosine of the
    /// distance to the place is `top * cos(angle - nearest)`.
    pub fn within(&self, place: Vector, radius: f64) -> [Option<(f64, f64)>; 2] {
        let (along, across) = (dot(self.start, place), dot(self.side, place));
        let (top, nearest, edge) = (along.hypot(across), across.atan2(along), radius.cos());
        if radius >= std::f64::consts::PI || edge <= -top {
            return [Some((0.0, 1.0)), None];
        }
        if edge >= top {
            return [None, None];
        }
        let half = (edge / top).acos();
        let turns = [-1.0, 0.0, 1.0].map(|turn| nearest + turn * std::f64::consts::TAU);
        let mut inside = turns.into_iter().filter_map(|middle| {
            let (from, to) = ((middle - half).max(0.0), (middle + half).min(self.angle));
            (from <= to).then(|| if self.angle > 0.0 { (from / self.angle, to / self.angle) } else { (0.0, 1.0) })
        });
        [inside.next(), inside.next()]
    }

    /// Metres from a place to the nearest point of it.
    pub fn distance(&self, place: Vector) -> f64 {
        let end = self.at(self.angle);
        let normal = cross(self.start, self.side);
        let beside = dot(place, self.side) >= 0.0 && dot(place, cross(end, normal)) >= 0.0;
        if beside && dot(place, self.start) > -0.5 {
            return EARTH_RADIUS_M * dot(place, normal).abs().min(1.0).asin();
        }
        apart(place, self.start).min(apart(place, end))
    }
}

/// A direction at right angles to a place: north, and at the poles along the meridian of Greenwich.
fn north(place: Vector) -> Vector {
    let up = plus([0.0, 0.0, 1.0], -place[2], place);
    let length = norm(up);
    if length > 1e-9 { up.map(|u| u / length) } else { [1.0, 0.0, 0.0] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_agree_however_they_are_measured() {
        for (a, b) in [
            ((2.0, 48.0), (2.001, 48.0005)),
            ((2.0, 48.0), (2.9, 47.3)),
            ((179.9, -10.0), (-179.9, -10.1)),
            ((0.0, 89.9), (180.0, 89.8)),
            ((0.0, -60.0), (120.0, 70.0)),
        ] {
            let cosines = (f64::to_radians(a.1).cos(), f64::to_radians(b.1).cos());
            let (series, chord) = (metres(b.0 - a.0, b.1 - a.1, cosines), apart(vector(a), vector(b)));
            assert!((series - chord).abs() < 1e-9 * chord + 1e-8, "{a:?} {b:?}: {series} {chord}");
        }
    }

    #[test]
    fn an_arc_ends_where_it_leads() {
        for (a, b) in [((0.0, 0.0), (90.0, 0.0)), ((10.0, 80.0), (-170.0, 80.0)), ((5.0, 5.0), (5.0, 5.00001))] {
            let arc = Arc::between(vector(a), vector(b));
            assert!(apart(arc.at(arc.angle), vector(b)) < 1e-6, "{a:?} {b:?}");
        }
        let over = Arc::between(vector((20.0, 10.0)), vector((-160.0, -10.0)));
        assert!(over.distance(vector((0.0, 90.0))) < 1e-6, "opposite places are joined over the north pole");
    }

    #[test]
    fn the_distance_to_an_arc_is_to_its_nearest_point() {
        let arc = Arc::between(vector((0.0, 0.0)), vector((1.0, 0.0)));
        let degree = EARTH_RADIUS_M.to_radians();
        for (place, degrees) in [((0.5, 0.25), 0.25), ((-1.0, 0.0), 1.0), ((3.0, 0.0), 2.0), ((0.0, -1.0), 1.0)] {
            let distance = arc.distance(vector(place));
            assert!((distance / degree - degrees).abs() < 1e-4, "{place:?}: {distance}");
        }
    }
}
