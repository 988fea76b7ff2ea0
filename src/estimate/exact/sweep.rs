//! Polynomial kernels summed along a row without visiting the cells of their chords (Chan, Cheng and Yiu, "SLAM:
//! Efficient Sweep Line Algorithms for Kernel Density Visualization", SIGMOD 2022, whose lists of chord ends become
//! differences here). Along a chord the kernel is a polynomial in the column `t`; its coefficients are added where the
//! chord begins and taken off where it ends; running sums of them are then, at every column, the polynomial of all
//! kernels that cover it:
//!
//! ```text
//!   for each chord:   ends[first] += coefficients     ends[last + 1] -= coefficients
//!   for each column:  sums += ends[column]            value = sums[0] + t (sums[1] + t (sums[2] + ...))
//! ```
//!
//! Powers of `t` grow, and their sums would cancel badly over a wide row. Columns are therefore counted from the middle
//! of blocks, at whose borders chords begin anew; and where no chord covers a column, the sums start from 0 again.

use crate::estimate::exact::chord::{Bend, Chords, Near};
use crate::estimate::exact::lay::COSINE;
use crate::kernel::Kernel;

/// How far from the middle of a block columns may be, in bandwidths, by the degree in squared columns: the highest
/// power of it then stays below 1e5, and what cancels below 1e-10.
const FARTHEST: [f64; 7] = [1e5, 300.0, 17.0, 7.0, 4.2, 3.2, 2.6];

/// The most numbers that a column's running sums hold.
const MOST_SUMS: usize = 14;

/// Whether a kernel is a polynomial of the squared distance, near enough, so that it can be swept.
pub fn is_swept(kernel: Kernel) -> bool {
    !matches!(kernel, Kernel::Gaussian | Kernel::Triangular | Kernel::Exponential)
}

/// Seconds of one core for one chord.
pub fn seconds_per_chord(kernel: Kernel) -> f64 {
    match kernel {
        Kernel::Uniform | Kernel::Epanechnikov => 6e-9,
        Kernel::Quartic => 9e-9,
        Kernel::Triweight => 13e-9,
        _ => 30e-9,
    }
}

/// What begins and ends at each column of a row; all zero between rows.
pub struct Ends(Vec<f64>);

impl Ends {
    /// For rows of so many columns.
    pub fn new(width: usize) -> Ends {
        Ends(vec![0.0; width * MOST_SUMS])
    }
}

/// Adds the kernels of all points near a row to its cells. `half_width` is the radius of the narrowest kernel in columns.
///
/// # Panics
/// If the kernel cannot be swept.
pub fn row(sums: &mut [f64], ends: &mut Ends, (chords, near): (&Chords, &Near), kernel: Kernel, half_width: f64) {
    let it = Swept { sums, ends, chords, near, half_width };
    // One degree more where the row bends.
    match (kernel, chords.bend) {
        (Kernel::Uniform, _) => it.sweep::<1, 1, 2>([1.0]),
        (Kernel::Epanechnikov, Bend::Straight) => it.sweep::<2, 2, 4>([1.0, -1.0]),
        (Kernel::Epanechnikov, _) => it.sweep::<2, 3, 6>([1.0, -1.0]),
        (Kernel::Quartic, Bend::Straight) => it.sweep::<3, 3, 6>([1.0, -2.0, 1.0]),
        (Kernel::Quartic, _) => it.sweep::<3, 4, 8>([1.0, -2.0, 1.0]),
        (Kernel::Triweight, Bend::Straight) => it.sweep::<4, 4, 8>([1.0, -3.0, 3.0, -1.0]),
        (Kernel::Triweight, _) => it.sweep::<4, 5, 10>([1.0, -3.0, 3.0, -1.0]),
        (Kernel::Cosine, Bend::Straight) => it.sweep::<6, 6, 12>(COSINE),
        (Kernel::Cosine, _) => it.sweep::<6, 7, 14>(COSINE),
        _ => unreachable!("{kernel} cannot be swept"),
    }
}

struct Swept<'a> {
    sums: &'a mut [f64],
    ends: &'a mut Ends,
    chords: &'a Chords,
    near: &'a Near,
    half_width: f64,
}

impl Swept<'_> {
    /// A kernel with `P` coefficients in v, `Z` in squared columns, and `N` running sums: `2 Z - 1` coefficients in
    /// columns, and how many chords cover the column.
    fn sweep<const P: usize, const Z: usize, const N: usize>(self, shape: [f64; P]) {
        let (ends, _) = self.ends.0.as_chunks_mut::<N>();
        let ends = &mut ends[..self.sums.len()];
        let block = ((2.0 * self.half_width * FARTHEST[Z - 1]) as usize).clamp(8, 1 << 20);
        let (chords, near) = (self.chords, self.near);
        pulp::Arch::new().dispatch(Mark::<P, Z, N> { ends: &mut *ends, chords, near, shape, block });
        pulp::Arch::new().dispatch(Sum::<N> { ends, sums: self.sums, block });
    }
}

/// Puts the chords of a row into the columns where they begin and end.
struct Mark<'a, const P: usize, const Z: usize, const N: usize> {
    ends: &'a mut [[f64; N]],
    chords: &'a Chords,
    near: &'a Near,
    shape: [f64; P],
    block: usize,
}

impl<const P: usize, const Z: usize, const N: usize> pulp::WithSimd for Mark<'_, P, Z, N> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Mark { ends, chords, near, shape, block } = self;
        let most = ends.len() as f64 - 1.0;
        for i in 0..near.len() {
            let (first, last) = (chords.first[i].max(0.0), chords.last[i].min(most));
            if last < first {
                continue;
            }
            let (first, last) = (first as usize, last as usize);
            let v = [chords.v0[i], chords.v1[i], chords.v2[i]];
            let along = in_squared_columns::<P, Z>(shape, v, near.height[i]);
            for part in first / block..=last / block {
                let from = part * block;
                let sums = in_columns::<Z, N>(along, near.x[i] - middle(from, block));
                let (begin, end) = (first.max(from), last + 1);
                add(&mut ends[begin], &sums, 1.0);
                if end < (from + block).min(ends.len()) {
                    add(&mut ends[end], &sums, -1.0);
                }
            }
        }
    }
}

/// Where the columns of the block that begins at `from` are counted from.
#[inline(always)]
fn middle(from: usize, block: usize) -> f64 {
    from as f64 + block as f64 / 2.0
}

#[inline(always)]
fn add<const N: usize>(sums: &mut [f64; N], more: &[f64; N], sign: f64) {
    for (sum, more) in sums.iter_mut().zip(more) {
        *sum += sign * more;
    }
}

/// The coefficients of `height * shape(v0 + v1 z + v2 z²)` in `z`, without the square of `v2`.
#[inline(always)]
fn in_squared_columns<const P: usize, const Z: usize>(
    mut shape: [f64; P],
    [v0, v1, v2]: [f64; 3],
    height: f64,
) -> [f64; Z] {
    move_origin(&mut shape, v0);
    let mut along = [0.0; Z];
    let mut power = height;
    for j in 0..P {
        along[j] += shape[j] * power;
        if Z > P && j + 1 < P {
            // The derivative at v0 + v1 z, times v2 z².
            along[j + 2] += (j + 1) as f64 * shape[j + 1] * power * v2;
        }
        power *= v1;
    }
    along
}

/// The coefficients in columns `t` of a polynomial in `(t - x)²`, and 1 for the chord itself.
#[inline(always)]
fn in_columns<const Z: usize, const N: usize>(along: [f64; Z], x: f64) -> [f64; N] {
    let mut sums = [0.0; N];
    for j in 0..Z {
        sums[2 * j] = along[j];
    }
    let (coefficients, _) = sums.split_at_mut(N - 1);
    move_origin(coefficients, -x);
    sums[N - 1] = 1.0;
    sums
}

/// Turns the coefficients of `p(t)` into those of `p(t + by)`, by repeated Horner division.
#[inline(always)]
fn move_origin(coefficients: &mut [f64], by: f64) {
    let degree = coefficients.len() - 1;
    for lowest in 0..degree {
        for j in (lowest..degree).rev() {
            coefficients[j] += by * coefficients[j + 1];
        }
    }
}

/// Sums up what begins and ends, evaluates it at every column, and leaves zeros behind.
struct Sum<'a, const N: usize> {
    ends: &'a mut [[f64; N]],
    sums: &'a mut [f64],
    block: usize,
}

impl<const N: usize> pulp::WithSimd for Sum<'_, N> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Sum { ends, sums, block } = self;
        let blocks = ends.chunks_mut(block).zip(sums.chunks_mut(block));
        for (number, (ends, sums)) in blocks.enumerate() {
            let start = (number * block) as f64 + 0.5 - middle(number * block, block);
            let mut running = [0.0; N];
            for (step, (end, sum)) in ends.iter_mut().zip(sums).enumerate() {
                add(&mut running, end, 1.0);
                *end = [0.0; N];
                if running[N - 1] == 0.0 {
                    running = [0.0; N];
                    continue;
                }
                let t = start + f64::from(step as u32);
                let mut value = running[N - 2];
                for j in (0..N - 2).rev() {
                    value = value * t + running[j];
                }
                *sum += value;
            }
        }
    }
}
