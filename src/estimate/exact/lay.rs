//! Kernels laid over a row cell by cell: for shapes that are no polynomials of the squared distance, for kernels of a
//! few cells, and for kernels so large that only the haversine formula is good enough.

use std::ops::Range;

use crate::estimate::exact::chord::{Chords, Near, Terrain};
use crate::kernel::Kernel;

/// Adds the kernels of some points near a row to its cells.
pub fn row(sums: &mut [f64], chords: &Chords, near: (&Near, Range<usize>), kernel: Kernel) {
    match kernel {
        Kernel::Gaussian => lay::<Gaussian>(sums, chords, near),
        Kernel::Epanechnikov => lay::<Power<1>>(sums, chords, near),
        Kernel::Quartic => lay::<Power<2>>(sums, chords, near),
        Kernel::Triweight => lay::<Power<3>>(sums, chords, near),
        Kernel::Triangular => lay::<Triangular>(sums, chords, near),
        Kernel::Uniform => lay::<Power<0>>(sums, chords, near),
        Kernel::Cosine => lay::<Cosine>(sums, chords, near),
        Kernel::Exponential => lay::<Exponential>(sums, chords, near),
    }
}

/// Seconds of one core for one cell of one kernel.
pub fn seconds_per_cell(kernel: Kernel) -> f64 {
    match kernel {
        Kernel::Gaussian | Kernel::Cosine | Kernel::Triangular => 1.2e-9,
        Kernel::Exponential => 2.0e-9,
        _ => 0.6e-9,
    }
}

/// Adds the kernels of all points near a row, cell by cell with the haversine formula; slow, and rare.
pub fn on_the_sphere(sums: &mut [f64], near: &Near, kernel: Kernel, (terrain, row): (&Terrain, usize)) {
    let half = terrain.girth() / 2.0;
    for i in 0..near.len() {
        let (y, shrink, height) = (near.y[i], near.shrink[i], near.height[i]);
        let Some(reach) = terrain.half_chord((y, row), shrink) else { continue };
        let first = (near.x[i] - reach.min(half) - 0.5).ceil().max(0.0);
        let end = (near.x[i] + reach.min(half) + 0.5).floor().min(sums.len() as f64);
        let first = first.min(end).max(0.0);
        let mut turned = terrain.turned((y, row), first + 0.5 - near.x[i]);
        for (step, sum) in sums[first as usize..end.max(0.0) as usize].iter_mut().enumerate() {
            let cols = first + step as f64 + 0.5 - near.x[i];
            let v = terrain.squared_distance(turned.advance()) * shrink;
            // Half way round the world the two ends are one place.
            if v <= terrain.farthest() && cols >= -half && cols < half {
                *sum += height * kernel.shape(v);
            }
        }
    }
}

/// A kernel's shape as vector code; as [`Kernel::shape`], but never asked beyond the kernel's reach by more than rounding.
trait Shape {
    fn at(v: f64) -> f64;
}

struct Gaussian;
struct Power<const N: u32>;
struct Triangular;
struct Cosine;
struct Exponential;

impl Shape for Gaussian {
    #[inline(always)]
    fn at(v: f64) -> f64 {
        exp_negative(-0.5 * v)
    }
}

impl<const N: u32> Shape for Power<N> {
    #[inline(always)]
    fn at(v: f64) -> f64 {
        let a = (1.0 - v).max(0.0);
        match N {
            0 => 1.0,
            1 => a,
            2 => a * a,
            _ => a * a * a,
        }
    }
}

impl Shape for Triangular {
    #[inline(always)]
    fn at(v: f64) -> f64 {
        (1.0 - v.max(0.0).sqrt()).max(0.0)
    }
}

impl Shape for Cosine {
    #[inline(always)]
    fn at(v: f64) -> f64 {
        let mut sum = 0.0;
        let mut i = COSINE.len();
        while i > 0 {
            i -= 1;
            sum = sum * v + COSINE[i];
        }
        sum.max(0.0)
    }
}

impl Shape for Exponential {
    #[inline(always)]
    fn at(v: f64) -> f64 {
        exp_negative(-v.max(0.0).sqrt())
    }
}

/// `cos(pi sqrt(v) / 2)` for `v` in 0..1 as a polynomial that is 0 at 1: interpolated at Chebyshev's points, error 9e-10.
pub const COSINE: [f64; 6] = [
    0.999_999_999_122_609_2,
    -1.233_700_505_377_205_7,
    0.253_669_112_461_390_34,
    -0.020_862_141_708_238_705,
    0.000_917_136_191_010_691_6,
    -2.360_068_956_571_739e-5,
];

/// `exp(x)` for `x` in -700..=0, to 1e-11: `x = n ln 2 + r`, the series in `r`, and `n` put into the exponent.
#[inline(always)]
fn exp_negative(x: f64) -> f64 {
    // Adding this rounds to a whole number and leaves it in the low bits.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let r = x - (shifted - ROUND) * std::f64::consts::LN_2;
    let mut sum = 1.0 / 3_628_800.0;
    let factors = [9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0, 1.0];
    let mut factorial = 3_628_800.0;
    let mut i = 0;
    while i < 10 {
        factorial /= if i == 0 { 10.0 } else { factors[i - 1] };
        sum = sum * r + 1.0 / factorial;
        i += 1;
    }
    sum * f64::from_bits((shifted.to_bits() << 52).wrapping_add(1.0f64.to_bits()))
}

fn lay<S: Shape>(sums: &mut [f64], chords: &Chords, near: (&Near, Range<usize>)) {
    pulp::Arch::new().dispatch(Lay::<S> { sums, chords, near, shape: std::marker::PhantomData });
}

struct Lay<'a, S> {
    sums: &'a mut [f64],
    chords: &'a Chords,
    near: (&'a Near, Range<usize>),
    shape: std::marker::PhantomData<S>,
}

impl<S: Shape> pulp::WithSimd for Lay<'_, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<V: pulp::Simd>(self, _: V) {
        let Lay { sums, chords, near: (near, points), .. } = self;
        for (i, point) in points.enumerate() {
            let (first, end) = (chords.first[i], chords.end[i]);
            if end <= first {
                continue;
            }
            let (v0, v1, v2, height) = (chords.v0[i], chords.v1[i], chords.v2[i], near.height[point]);
            let cells = &mut sums[first as usize..end as usize];
            let start = f64::from(first) + 0.5 - near.x[point];
            for (step, cell) in cells.iter_mut().enumerate() {
                let u = start + f64::from(step as u32);
                let z = u * u;
                *cell += height * S::at(v0 + z * (v1 + z * v2));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vector_shapes_are_the_shapes_of_the_kernels() {
        type At = fn(f64) -> f64;
        let at: [(Kernel, At); 8] = [
            (Kernel::Gaussian, Gaussian::at),
            (Kernel::Epanechnikov, Power::<1>::at),
            (Kernel::Quartic, Power::<2>::at),
            (Kernel::Triweight, Power::<3>::at),
            (Kernel::Triangular, Triangular::at),
            (Kernel::Uniform, Power::<0>::at),
            (Kernel::Cosine, Cosine::at),
            (Kernel::Exponential, Exponential::at),
        ];
        for (kernel, at) in at {
            for i in 0..=10_000 {
                let v = f64::from(i) / 10_000.0 * kernel.reach().powi(2);
                assert!((at(v) - kernel.shape(v)).abs() < 1e-9, "{kernel} at {v}: {} and {}", at(v), kernel.shape(v));
            }
        }
    }
}
