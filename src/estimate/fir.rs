//! One-dimensional passes with finite kernels, and a fixed order of summation: the outermost pair of taps first, the
//! centre last, so that a cell gets the same bits whatever frame it is computed in. One of the three hot loops.

/// Outputs computed together, in registers.
pub const LANES: usize = 64;

/// The right half of a Gaussian's taps, centre first, whose full set sums to 1. It reaches
/// [`super::REACH`] standard deviations, given as a variance in cells².
pub fn gaussian(variance: f64) -> Vec<f32> {
    let radius = radius(variance);
    let taps: Vec<f64> = (0..=radius).map(|k| (-((k * k) as f64) / (2.0 * variance)).exp()).collect();
    let sum = taps[0] + 2.0 * taps[1..].iter().sum::<f64>();
    taps.iter().map(|tap| (tap / sum) as f32).collect()
}

/// How many cells a Gaussian of this variance reaches.
pub fn radius(variance: f64) -> usize {
    (super::REACH * variance.sqrt()).ceil() as usize
}

/// Convolves a row: `out[i]` is the sum over taps `k` of `taps[|k|] * input[i + radius + k]`. `input` is longer than
/// `out` by twice the radius.
pub fn horizontal(out: &mut [f32], input: &[f32], taps: &[f32]) {
    debug_assert_eq!(input.len(), out.len() + 2 * (taps.len() - 1), "a margin of one radius on each side");
    pulp::Arch::new().dispatch(Horizontal { out, input, taps });
}

struct Horizontal<'a> {
    out: &'a mut [f32],
    input: &'a [f32],
    taps: &'a [f32],
}

impl pulp::WithSimd for Horizontal<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Horizontal { out, input, taps } = self;
        let radius = taps.len() - 1;
        let mut chunks = out.chunks_exact_mut(LANES);
        let mut start = radius;
        for chunk in &mut chunks {
            let mut sums = [0.0f32; LANES];
            for k in (1..=radius).rev() {
                add_pair(&mut sums, &input[start - k..][..LANES], &input[start + k..][..LANES], taps[k]);
            }
            for ((out, sum), centre) in chunk.iter_mut().zip(&sums).zip(&input[start..]) {
                *out = sum + taps[0] * centre;
            }
            start += LANES;
        }
        for (i, out) in chunks.into_remainder().iter_mut().enumerate() {
            let at = start + i;
            let mut sum = 0.0;
            for k in (1..=radius).rev() {
                sum += taps[k] * (input[at - k] + input[at + k]);
            }
            *out = sum + taps[0] * input[at];
        }
    }
}

#[inline(always)]
fn add_pair(sums: &mut [f32; LANES], left: &[f32], right: &[f32], tap: f32) {
    for ((sum, left), right) in sums.iter_mut().zip(left).zip(right) {
        *sum += tap * (left + right);
    }
}

/// Sums weighted rows into `out`: for each `(row, weight)` in order, `weight` times the stretch of `plane`
/// that starts at `row * stride + start`.
pub fn vertical(out: &mut [f32], plane: &[f32], stride: usize, start: usize, rows: &[(usize, f32)]) {
    pulp::Arch::new().dispatch(Vertical { out, plane, stride, start, rows });
}

struct Vertical<'a> {
    out: &'a mut [f32],
    plane: &'a [f32],
    stride: usize,
    start: usize,
    rows: &'a [(usize, f32)],
}

impl pulp::WithSimd for Vertical<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Vertical { out, plane, stride, start, rows } = self;
        let mut col = 0;
        let mut chunks = out.chunks_exact_mut(LANES);
        for chunk in &mut chunks {
            let mut sums = [0.0f32; LANES];
            for (row, weight) in rows {
                let line = &plane[row * stride + start + col..][..LANES];
                for (sum, value) in sums.iter_mut().zip(line) {
                    *sum += weight * value;
                }
            }
            chunk.copy_from_slice(&sums);
            col += LANES;
        }
        for out in chunks.into_remainder() {
            let mut sum = 0.0;
            for (row, weight) in rows {
                sum += weight * plane[row * stride + start + col];
            }
            *out = sum;
            col += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_taps_sum_to_one_and_have_the_variance_asked_for() {
        for variance in [2.75, 9.0, 100.0] {
            let taps = gaussian(variance);
            let sum: f64 = taps.iter().enumerate().map(|(k, t)| f64::from(*t) * if k == 0 { 1.0 } else { 2.0 }).sum();
            let second: f64 = taps.iter().enumerate().map(|(k, t)| 2.0 * f64::from(*t) * (k * k) as f64).sum();
            assert!((sum - 1.0).abs() < 1e-6, "{variance}: sum {sum}");
            assert!((second / variance - 1.0).abs() < 1e-4, "{variance}: second moment {second}");
        }
    }

    #[test]
    fn a_row_is_the_same_bits_whether_computed_whole_or_from_its_middle() {
        let input: Vec<f32> = (0..700u32).map(|i| (i * 7919 % 1009) as f32).collect();
        let taps = gaussian(30.0);
        let radius = taps.len() - 1;
        let mut whole = vec![0.0; input.len() - 2 * radius];
        horizontal(&mut whole, &input, &taps);
        let mut part = vec![0.0; whole.len() - 101];
        horizontal(&mut part, &input[37..input.len() - 64], &taps);
        assert_eq!(part, whole[37..whole.len() - 64]);
    }
}
