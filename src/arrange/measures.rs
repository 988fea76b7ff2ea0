//! The sums behind each metric. Options are matched outside the loop over pairs: each of these is compiled into one.

use super::pairs::Measure;

/// Σ(x-y)².
pub(super) struct Squares;

/// √Σ(x-y)².
pub(super) struct Straight;

/// Σ|x-y|.
pub(super) struct Blocks;

/// max |x-y|.
pub(super) struct Largest;

/// (Σ|x-y|^P)^(1/P).
pub(super) struct Powers(pub f64);

/// Σ|x-y| / (|x|+|y|).
pub(super) struct Canberra;

/// Σ|x-y| / Σ|x+y|.
pub(super) struct BrayCurtis;

/// The share of values that differ.
pub(super) struct Different;

/// The share of values that are 0 in one only among those that are not 0 in both.
pub(super) struct Jaccard;

/// Of items of length 1, half their squared distance: 1 - their cosine, without what that loses between like items.
pub(super) struct HalfSquares;

/// Of items of length 1, their cosine: by the distance of one from the other, or from its opposite where that is nearer,
/// so that what is the same comes out as exactly 1 and what is opposed as -1.
pub(super) struct Cosine;

impl Measure for Squares {
    #[inline(always)]
    fn add(&self, [sum, _]: [f64; 2], x: f64, y: f64) -> [f64; 2] {
        [sum + (x - y) * (x - y), 0.0]
    }

    #[inline(always)]
    fn finish(&self, [sum, _]: [f64; 2], present: f64, all: f64) -> f64 {
        scaled_up(sum, present, all)
    }
}

impl Measure for Straight {
    #[inline(always)]
    fn add(&self, sums: [f64; 2], x: f64, y: f64) -> [f64; 2] {
        Squares.add(sums, x, y)
    }

    #[inline(always)]
    fn finish(&self, sums: [f64; 2], present: f64, all: f64) -> f64 {
        Squares.finish(sums, present, all).sqrt()
    }
}

impl Measure for Blocks {
    #[inline(always)]
    fn add(&self, [sum, _]: [f64; 2], x: f64, y: f64) -> [f64; 2] {
        [sum + (x - y).abs(), 0.0]
    }

    #[inline(always)]
    fn finish(&self, [sum, _]: [f64; 2], present: f64, all: f64) -> f64 {
        scaled_up(sum, present, all)
    }
}

impl Measure for Largest {
    #[inline(always)]
    fn add(&self, [largest, _]: [f64; 2], x: f64, y: f64) -> [f64; 2] {
        let difference = (x - y).abs();
        [if difference > largest { difference } else { largest }, 0.0]
    }

    #[inline(always)]
    fn finish(&self, [largest, _]: [f64; 2], present: f64, _: f64) -> f64 {
        if present == 0.0 { f64::NAN } else { largest }
    }
}

impl Measure for Powers {
    #[inline(always)]
    fn add(&self, [sum, _]: [f64; 2], x: f64, y: f64) -> [f64; 2] {
        [sum + libm::pow((x - y).abs(), self.0), 0.0]
    }

    #[inline(always)]
    fn finish(&self, [sum, _]: [f64; 2], present: f64, all: f64) -> f64 {
        libm::pow(scaled_up(sum, present, all), 1.0 / self.0)
    }
}

impl Measure for Canberra {
    #[inline(always)]
    fn add(&self, [sum, _]: [f64; 2], x: f64, y: f64) -> [f64; 2] {
        let (difference, sizes) = ((x - y).abs(), x.abs() + y.abs());
        [sum + if sizes == 0.0 { 0.0 } else { difference / sizes }, 0.0]
    }

    #[inline(always)]
    fn finish(&self, [sum, _]: [f64; 2], present: f64, all: f64) -> f64 {
        scaled_up(sum, present, all)
    }
}

impl Measure for BrayCurtis {
    #[inline(always)]
    fn add(&self, [differences, sizes]: [f64; 2], x: f64, y: f64) -> [f64; 2] {
        [differences + (x - y).abs(), sizes + (x + y).abs()]
    }

    #[inline(always)]
    fn finish(&self, [differences, sizes]: [f64; 2], present: f64, _: f64) -> f64 {
        share(differences, sizes, present)
    }
}

impl Measure for Different {
    #[inline(always)]
    fn add(&self, [different, _]: [f64; 2], x: f64, y: f64) -> [f64; 2] {
        [different + f64::from(u8::from(x != y)), 0.0]
    }

    #[inline(always)]
    fn finish(&self, [different, _]: [f64; 2], present: f64, _: f64) -> f64 {
        different / present
    }
}

impl Measure for Jaccard {
    #[inline(always)]
    fn add(&self, [different, either]: [f64; 2], x: f64, y: f64) -> [f64; 2] {
        let (x, y) = (x != 0.0, y != 0.0);
        [different + f64::from(u8::from(x != y)), either + f64::from(u8::from(x | y))]
    }

    #[inline(always)]
    fn finish(&self, [different, either]: [f64; 2], present: f64, _: f64) -> f64 {
        share(different, either, present)
    }
}

impl Measure for HalfSquares {
    #[inline(always)]
    fn add(&self, sums: [f64; 2], x: f64, y: f64) -> [f64; 2] {
        Squares.add(sums, x, y)
    }

    #[inline(always)]
    fn finish(&self, [sum, _]: [f64; 2], present: f64, _: f64) -> f64 {
        if present == 0.0 { f64::NAN } else { sum / 2.0 }
    }
}

impl Measure for Cosine {
    #[inline(always)]
    fn add(&self, [apart, opposed]: [f64; 2], x: f64, y: f64) -> [f64; 2] {
        [apart + (x - y) * (x - y), opposed + (x + y) * (x + y)]
    }

    #[inline(always)]
    fn finish(&self, [apart, opposed]: [f64; 2], present: f64, _: f64) -> f64 {
        let cosine = if apart <= opposed { 1.0 - apart / 2.0 } else { opposed / 2.0 - 1.0 };
        if present == 0.0 { f64::NAN } else { cosine }
    }
}

/// A sum over some features as of all; NaN of none.
#[inline(always)]
fn scaled_up(sum: f64, present: f64, all: f64) -> f64 {
    if present == all && all > 0.0 { sum } else { sum * (all / present) }
}

/// A share; 0 of nothing, NaN where no feature is present.
#[inline(always)]
fn share(part: f64, of: f64, present: f64) -> f64 {
    if present > 0.0 && part == 0.0 {
        0.0
    } else if present > 0.0 {
        part / of
    } else {
        f64::NAN
    }
}
