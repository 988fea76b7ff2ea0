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

use std::ops::Range;

use crate::estimate::exact::BLOCK;
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

/// What begins and ends at each column of a row, and at one more beyond its end; all zero between rows.
pub struct Ends {
    width: usize,
    sums: Vec<f64>,
    /// The coefficients of chords that are handled together, each in a row of its own.
    coefficients: Box<[[f64; BLOCK]; MOST_SUMS]>,
}

impl Ends {
    /// For rows of so many columns.
    pub fn new(width: usize) -> Ends {
        let coefficients = Box::new([[0.0; BLOCK]; MOST_SUMS]);
        Ends { width, sums: vec![0.0; (width + 1) * MOST_SUMS], coefficients }
    }

    /// The columns, where each holds `N` numbers.
    fn columns<const N: usize>(&mut self) -> &mut [[f64; N]] {
        &mut self.sums.as_chunks_mut::<N>().0[..=self.width]
    }
}

/// How rows are swept.
#[derive(Debug, Clone, Copy)]
pub struct Way {
    /// A kernel that can be swept.
    pub kernel: Kernel,
    /// How much of the expansion the row needs.
    pub bend: Bend,
    /// The radius of the narrowest kernel in columns.
    pub narrowest: f64,
}

/// Puts the chords of some points near a row into the columns where they begin and end.
///
/// # Panics
/// If the kernel cannot be swept.
pub fn mark(ends: &mut Ends, chords: &Chords, near: (&Near, Range<usize>), way: Way) {
    // One degree more where the row bends.
    match (way.kernel, way.bend) {
        (Kernel::Uniform, _) => marked::<1, 1, 2>(ends, chords, near, way, [1.0]),
        (Kernel::Epanechnikov, Bend::Straight) => marked::<2, 2, 4>(ends, chords, near, way, [1.0, -1.0]),
        (Kernel::Epanechnikov, _) => marked::<2, 3, 6>(ends, chords, near, way, [1.0, -1.0]),
        (Kernel::Quartic, Bend::Straight) => marked::<3, 3, 6>(ends, chords, near, way, [1.0, -2.0, 1.0]),
        (Kernel::Quartic, _) => marked::<3, 4, 8>(ends, chords, near, way, [1.0, -2.0, 1.0]),
        (Kernel::Triweight, Bend::Straight) => marked::<4, 4, 8>(ends, chords, near, way, [1.0, -3.0, 3.0, -1.0]),
        (Kernel::Triweight, _) => marked::<4, 5, 10>(ends, chords, near, way, [1.0, -3.0, 3.0, -1.0]),
        (Kernel::Cosine, Bend::Straight) => marked::<6, 6, 12>(ends, chords, near, way, COSINE),
        (Kernel::Cosine, _) => marked::<6, 7, 14>(ends, chords, near, way, COSINE),
        _ => unreachable!("{} cannot be swept", way.kernel),
    }
}

/// Adds up what was marked in a row, and leaves nothing marked.
///
/// # Panics
/// If the kernel cannot be swept.
pub fn sum(sums: &mut [f64], ends: &mut Ends, way: Way) {
    match (way.kernel, way.bend) {
        (Kernel::Uniform, _) => summed::<2>(sums, ends, way),
        (Kernel::Epanechnikov, Bend::Straight) => summed::<4>(sums, ends, way),
        (Kernel::Epanechnikov, _) | (Kernel::Quartic, Bend::Straight) => summed::<6>(sums, ends, way),
        (Kernel::Quartic, _) | (Kernel::Triweight, Bend::Straight) => summed::<8>(sums, ends, way),
        (Kernel::Triweight, _) => summed::<10>(sums, ends, way),
        (Kernel::Cosine, Bend::Straight) => summed::<12>(sums, ends, way),
        (Kernel::Cosine, _) => summed::<14>(sums, ends, way),
        _ => unreachable!("{} cannot be swept", way.kernel),
    }
}

/// Marks a kernel with `P` coefficients in v, `Z` in squared columns, and `N` running sums: `2 Z - 1` coefficients in
/// columns, and how many chords cover the column.
fn marked<const P: usize, const Z: usize, const N: usize>(
    ends: &mut Ends,
    chords: &Chords,
    (near, points): (&Near, Range<usize>),
    way: Way,
    shape: [f64; P],
) {
    let shift = block_shift::<N>(way.narrowest);
    pulp::Arch::new().dispatch(Mark::<P, Z, N> { ends, chords, near, points, shape, shift });
}

fn summed<const N: usize>(sums: &mut [f64], ends: &mut Ends, way: Way) {
    let shift = block_shift::<N>(way.narrowest);
    pulp::Arch::new().dispatch(Sum::<N> { ends: ends.columns(), sums, shift });
}

/// The binary logarithm of how many columns a block has.
fn block_shift<const N: usize>(narrowest: f64) -> u32 {
    let farthest = FARTHEST[N / 2 - 1] * narrowest;
    (2.0 * farthest).clamp(8.0, 1e6).log2().floor() as u32
}

/// Puts chords into the columns where they begin and end.
struct Mark<'a, const P: usize, const Z: usize, const N: usize> {
    ends: &'a mut Ends,
    chords: &'a Chords,
    near: &'a Near,
    points: Range<usize>,
    shape: [f64; P],
    shift: u32,
}

impl<const P: usize, const Z: usize, const N: usize> pulp::WithSimd for Mark<'_, P, Z, N> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(mut self, _: S) {
        self.find_coefficients();
        self.put_at_ends();
    }
}

impl<const P: usize, const Z: usize, const N: usize> Mark<'_, P, Z, N> {
    /// Coefficients in columns counted from the middle of the block where the chord begins. A loop of its own, because
    /// the compiler vectorises it.
    #[inline(always)]
    fn find_coefficients(&mut self) {
        let (x, height) = (&self.near.x[self.points.clone()], &self.near.height[self.points.clone()]);
        let n = x.len().min(BLOCK);
        let Chords { v0, v1, v2, first, .. } = self.chords;
        let (v0, v1, v2, first) = (&v0[..n], &v1[..n], &v2[..n], &first[..n]);
        let coefficients = self.ends.coefficients.first_chunk_mut::<N>().expect("as many as the most");
        for i in 0..n {
            let along = in_squared_columns::<P, Z>(self.shape, [v0[i], v1[i], v2[i]], height[i]);
            let sums = in_columns::<Z, N>(along, x[i] - middle(first[i], self.shift));
            for j in 0..N - 1 {
                coefficients[j][i] = sums[j];
            }
        }
    }

    #[inline(always)]
    fn put_at_ends(self) {
        let Ends { width, sums, coefficients } = self.ends;
        let ends = &mut sums.as_chunks_mut::<N>().0[..=*width];
        let coefficients = coefficients.first_chunk::<N>().expect("as many as the most");
        let n = self.points.len().min(BLOCK);
        let (first, end) = (&self.chords.first[..n], &self.chords.end[..n]);
        for i in 0..n {
            let (first, end) = (first[i], end[i]);
            if end <= first {
                continue;
            }
            let mut sums = [1.0; N];
            for j in 0..N - 1 {
                sums[j] = coefficients[j][i];
            }
            add(&mut ends[first as usize], &sums, 1.0);
            if end <= last_of_block(first, self.shift) {
                add(&mut ends[end as usize], &sums, -1.0);
            } else {
                go_on(ends, sums, (first, end), self.shift);
            }
        }
    }
}

/// A chord that reaches into the next block ends with its block by itself, and begins anew there.
#[inline(always)]
fn go_on<const N: usize>(ends: &mut [[f64; N]], mut sums: [f64; N], (first, end): (u32, u32), shift: u32) {
    let mut from = last_of_block(first, shift) + 1;
    while from < end {
        move_origin(&mut sums[..N - 1], f64::from(1u32 << shift));
        add(&mut ends[from as usize], &sums, 1.0);
        if end <= last_of_block(from, shift) {
            add(&mut ends[end as usize], &sums, -1.0);
        }
        from += 1 << shift;
    }
}

/// The last column of the block that holds a column.
#[inline(always)]
fn last_of_block(column: u32, shift: u32) -> u32 {
    column | ((1 << shift) - 1)
}

/// Where the columns of the block that holds a column are counted from.
#[inline(always)]
fn middle(column: u32, shift: u32) -> f64 {
    f64::from(column >> shift << shift) + f64::from(1u32 << shift) * 0.5
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
    shift: u32,
}

impl<const N: usize> pulp::WithSimd for Sum<'_, N> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Sum { ends, sums, shift } = self;
        let block = 1usize << shift;
        let (beyond, ends) = ends.split_last_mut().expect("one more than columns");
        *beyond = [0.0; N];
        let blocks = ends.chunks_mut(block).zip(sums.chunks_mut(block));
        for (ends, sums) in blocks {
            let start = 0.5 - f64::from(1u32 << shift) * 0.5;
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
