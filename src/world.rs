//! A position in the plane that pictures are cut from. This is the only file with a Mercator formula and
//! the only one that wraps.
//!
//! On the Earth the plane is the Web Mercator unit square (EPSG:3857 scaled to 0..1): `x` grows east from
//! 0 at 180°W, `y` grows south from 0 at 85.0511°N. A flat space keeps its own numbers, with `y` down.
//! The Mercator formula uses only `+ - * /` and the exactly rounded `mul_add` on fixed polynomials, so that it gives
//! the same bits on every machine and the compiler can run it over columns, several events at a time.

#![expect(clippy::excessive_precision, reason = "coefficients are written as their source writes them")]

use crate::events::{Space, YAxis};

/// The latitude at which Web Mercator ends, in degrees: `atan(sinh(pi))`.
pub const MAX_LATITUDE: f64 = 85.051_128_779_806_59;

/// Radius of the sphere on which distances and areas are measured, in metres (IUGG mean radius).
pub const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// Half the width of the EPSG:3857 square, in its metres (which are true only at the equator).
pub const HALF_WIDTH_3857: f64 = 20_037_508.342_789_244;

/// A position in the plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct World {
    /// Horizontal position, growing east or right.
    pub x: f64,
    /// Vertical position, growing south or down.
    pub y: f64,
}

impl World {
    /// The position of a coordinate pair of `space`. On the Earth `x` of the result is in 0..1 and wraps,
    /// `y` is outside 0..1 beyond 85.0511° and infinite at the poles.
    ///
    /// ```
    /// use torrid::{Space, World};
    /// let paris = World::of(Space::Earth, 2.3522, 48.8566);
    /// assert!((paris.x - 0.506534).abs() < 1e-6 && (paris.y - 0.344028).abs() < 1e-6);
    /// ```
    pub fn of(space: Space, x: f64, y: f64) -> World {
        match space {
            Space::Earth => World { x: mercator_x(x), y: mercator_y(y) },
            Space::Flat { y_axis: YAxis::Down, .. } => World { x, y },
            Space::Flat { y_axis: YAxis::Up, .. } => World { x, y: -y },
        }
    }

    /// The coordinate pair of `space` at this position: longitude (in -180..180 for `x` in 0..1) and
    /// latitude on the Earth.
    pub fn coordinates(self, space: Space) -> (f64, f64) {
        match space {
            Space::Earth => (longitude(self.x), latitude(self.y)),
            Space::Flat { y_axis: YAxis::Down, .. } => (self.x, self.y),
            Space::Flat { y_axis: YAxis::Up, .. } => (self.x, -self.y),
        }
    }
}

/// Projects many coordinate pairs at a time, as [`World::of`] does one.
///
/// # Panics
/// If the columns differ in length.
#[inline(always)]
pub fn project(space: Space, (x, y): (&[f64], &[f64]), (world_x, world_y): (&mut [f64], &mut [f64])) {
    assert!(x.len() == y.len() && x.len() == world_x.len() && x.len() == world_y.len(), "columns of one length");
    match space {
        Space::Earth => {
            for (world, lng) in world_x.iter_mut().zip(x) {
                *world = mercator_x(*lng);
            }
            // Two loops, because the compiler vectorises each of them but not both at once.
            for (world, lat) in world_y.iter_mut().zip(y) {
                *world = stretch(*lat);
            }
            for world in world_y {
                *world = y_of_stretch(*world);
            }
        }
        Space::Flat { y_axis, .. } => {
            let sign = if y_axis == YAxis::Up { -1.0 } else { 1.0 };
            world_x.copy_from_slice(x);
            for (world, y) in world_y.iter_mut().zip(y) {
                *world = sign * y;
            }
        }
    }
}

/// World `x` of a longitude in degrees, in 0..1; 180° is 0, as -180° is.
#[inline(always)]
pub fn mercator_x(longitude: f64) -> f64 {
    wrapped(longitude / 360.0 + 0.5)
}

/// A horizontal World position of the Earth brought into 0..1.
#[inline(always)]
pub fn wrapped(x: f64) -> f64 {
    // Inside 0..1 this takes off 0; a hair below 0 it would round to 1.
    let inside = x - x.floor();
    if inside < 1.0 { inside } else { 0.0 }
}

/// Longitude in degrees at World `x`; beyond -180..180 where `x` is outside 0..1.
pub fn longitude(x: f64) -> f64 {
    x * 360.0 - 180.0
}

/// Latitude in degrees at World `y`.
pub fn latitude(y: f64) -> f64 {
    (std::f64::consts::PI * (1.0 - 2.0 * y)).sinh().atan().to_degrees()
}

/// World `y` of a latitude in degrees: `1/2 - atanh(sin(latitude)) / 2 pi`, written as
/// `1/2 - ln((cos h + sin h) / (cos h - sin h)) / 2 pi` with `h` half the latitude, because `h` then lies
/// where the polynomials for sine and cosine hold. Error below 4e-16 between 85.0511°S and 85.0511°N.
#[inline(always)]
pub fn mercator_y(latitude: f64) -> f64 {
    y_of_stretch(stretch(latitude))
}

/// `(cos h + sin h) / (cos h - sin h)` of half a latitude.
#[inline(always)]
fn stretch(latitude: f64) -> f64 {
    let (sin, cos) = sin_cos_below_quarter_pi(latitude * (std::f64::consts::PI / 360.0));
    (cos + sin) / (cos - sin)
}

#[inline(always)]
fn y_of_stretch(stretch: f64) -> f64 {
    ln_positive(stretch).mul_add(-0.5 / std::f64::consts::PI, 0.5)
}

/// Sine and cosine of an angle in radians between -pi/4 and pi/4 (polynomials of FreeBSD's msun,
/// `k_sin.c` and `k_cos.c`).
#[inline(always)]
pub(crate) fn sin_cos_below_quarter_pi(x: f64) -> (f64, f64) {
    let z = x * x;
    let sine = [
        -1.666_666_666_666_663_243_48e-1,
        8.333_333_333_322_489_461_24e-3,
        -1.984_126_982_985_794_931_34e-4,
        2.755_731_370_707_006_767_89e-6,
        -2.505_076_025_340_686_341_95e-8,
        1.589_690_995_211_550_102_21e-10,
    ];
    let cosine = [
        4.166_666_666_666_660_190_37e-2,
        -1.388_888_888_887_410_957_49e-3,
        2.480_158_728_947_672_941_78e-5,
        -2.755_731_435_139_066_330_35e-7,
        2.087_572_321_298_174_827_90e-9,
        -1.135_964_755_778_819_482_65e-11,
    ];
    let sin = (x * z).mul_add(polynomial(z, &sine), x);
    let cos = (z * z).mul_add(polynomial(z, &cosine), (-0.5f64).mul_add(z, 1.0));
    (sin, cos)
}

/// A polynomial by Horner's rule, the constant first.
#[inline(always)]
fn polynomial<const N: usize>(x: f64, coefficients: &[f64; N]) -> f64 {
    let mut sum = coefficients[N - 1];
    let mut i = N - 1;
    while i > 0 {
        i -= 1;
        sum = sum.mul_add(x, coefficients[i]);
    }
    sum
}

/// Natural logarithm of a positive normal number (FreeBSD's msun, `e_log.c`, without its special cases):
/// split into `2^k * (1 + f)`, then a polynomial in `s = f / (2 + f)`.
#[inline(always)]
fn ln_positive(x: f64) -> f64 {
    // Adding this before cutting off the exponent moves the mantissa into sqrt(1/2)..sqrt(2).
    const TO_SQRT_HALF: u64 = 0x3ff0_0000_0000_0000 - SQRT_HALF;
    const SQRT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
    let bits = x.to_bits().wrapping_add(TO_SQRT_HALF);
    // The exponent as a float without an integer conversion, which older vector units do not have.
    let k = f64::from_bits((bits >> 52) | 0x4330_0000_0000_0000) - (4_503_599_627_370_496.0 + 1023.0);
    let m = f64::from_bits((bits & 0x000f_ffff_ffff_ffff).wrapping_add(SQRT_HALF));
    let f = m - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let coefficients = [
        6.666_666_666_666_735_130e-1,
        3.999_999_999_940_941_908e-1,
        2.857_142_874_366_239_149e-1,
        2.222_219_843_214_978_396e-1,
        1.818_357_216_161_805_012e-1,
        1.531_383_769_920_937_332e-1,
        1.479_819_860_511_658_591e-1,
    ];
    let half_square = 0.5 * f * f;
    let tail = s.mul_add(z.mul_add(polynomial(z, &coefficients), half_square), f - half_square);
    k.mul_add(std::f64::consts::LN_2, tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mercator_agrees_with_the_libm_formula() {
        for i in -85_051..=85_051 {
            let lat = f64::from(i) / 1000.0;
            let expected = 0.5 - lat.to_radians().sin().atanh() / std::f64::consts::TAU;
            // atanh(sin) itself loses digits near 85 degrees, where 1 - sin is small.
            assert!((mercator_y(lat) - expected).abs() < 2e-14, "{lat}");
            assert!((latitude(mercator_y(lat)) - lat).abs() < 1e-12, "{lat}");
        }
    }

    #[test]
    fn the_world_ends_where_mercator_does() {
        assert!(mercator_y(MAX_LATITUDE).abs() < 1e-15, "north edge");
        assert!((mercator_y(-MAX_LATITUDE) - 1.0).abs() < 1e-15, "south edge");
        assert!(mercator_y(85.1) < 0.0 && mercator_y(-85.1) > 1.0, "beyond is outside");
        assert!(!(0.0..1.0).contains(&mercator_y(90.0)), "the pole is outside");
        assert!(!(0.0..1.0).contains(&mercator_y(-90.0)), "the other pole is outside");
        assert_eq!(mercator_y(0.0).to_bits(), 0.5f64.to_bits(), "the equator is the middle");
    }

    #[test]
    fn both_names_of_the_antimeridian_are_one_place() {
        assert_eq!(mercator_x(180.0).to_bits(), mercator_x(-180.0).to_bits(), "180 is -180");
        assert!((mercator_x(190.0) - mercator_x(-170.0)).abs() < 1e-15, "190 is -170");
        assert!(wrapped(-1e-300) < 1.0, "a hair west of the edge stays inside");
    }

    #[test]
    fn mercator_never_goes_back_north() {
        let mut last = f64::INFINITY;
        for i in 0..2_000_000u32 {
            let y = mercator_y(-85.0 + f64::from(i) * 8.5e-5);
            assert!(y <= last, "row {i}");
            last = y;
        }
    }
}
