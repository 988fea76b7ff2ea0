//! The fast way from values to 256 levels of intensity. An intensity grows with its value, so 255 thresholds say all; they
//! are found by bisection over the ordered bits of `f32`, and looked up by the leading bits: as many as it takes to have one
//! threshold at most under each, within reason.
//!
//! Neighbours differ little: of 64 values only the least and the greatest are looked up, and all are compared with the
//! thresholds between those two, as many at a time as the processor can.

use super::Shade;

/// The most entries of the table of leading bits, one byte each: fewer than a second-level cache holds.
const MAX_PREFIXES: usize = 1 << 16;

/// Values that are looked up together.
const TOGETHER: usize = 64;

/// Where more thresholds than these lie between the least and the greatest of them, each is looked up by itself.
const FEW: usize = 48;

/// Thresholds between 256 levels of intensity.
///
/// ```
/// use torrid::scale::{Scale, Summary};
/// let shade = Scale::default().fit(&Summary::of(&[0.0, 8.0]), false)?;
/// let levels = shade.levels();
/// assert_eq!((levels.index(0.0), levels.index(4.0), levels.index(8.0)), (0, 128, 255));
/// let mut all = [0; 3];
/// levels.find(&[0.0, 4.0, 8.0], &mut all);
/// assert_eq!(all, [0, 128, 255]);
/// # Ok::<(), torrid::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Levels {
    /// Ordered bits of the least value of each level from 1 on, then `i32::MAX`.
    thresholds: Box<[i32; 512]>,
    /// The first and the last threshold: between them the table is laid out.
    ends: (i32, i32),
    /// How many bits of the distance from the first threshold are cut off to get the entry of the table.
    shift: u32,
    /// How many thresholds are below all values of an entry.
    below: Box<[u8; MAX_PREFIXES]>,
    /// The first step of the search: a power of two, twice which exceeds the thresholds within any entry.
    step: u32,
}

impl Levels {
    pub(super) fn of(shade: &Shade) -> Levels {
        let mut thresholds = Box::new([i32::MAX; 512]);
        let mut low = ordered(f32::NEG_INFINITY);
        for level in 1..256u16 {
            low = least(shade, level, low);
            thresholds[usize::from(level) - 1] = low;
        }
        let reached = thresholds.partition_point(|threshold| *threshold < i32::MAX);
        let ends = (thresholds[0], thresholds[reached.saturating_sub(1)]);
        let across = distance(ends.0, ends.1);
        let sizes = (0..=across.checked_ilog2().unwrap_or(0)).filter(|shift| across >> shift < MAX_PREFIXES as u32);
        let crowds = sizes.map(|shift| (crowd(&thresholds[..reached], shift), shift));
        // The coarsest table that is as good as any.
        let (most, shift) = crowds.min_by_key(|(most, shift)| (*most, u32::MAX - shift)).unwrap_or((0, 0));
        let mut below: Box<[u8; MAX_PREFIXES]> =
            vec![0; MAX_PREFIXES].into_boxed_slice().try_into().expect("as many as there are");
        let starts = (0..=across >> shift).map(|entry| ends.0.wrapping_add_unsigned(entry << shift));
        for (below, start) in below.iter_mut().zip(starts) {
            *below = thresholds[..reached].partition_point(|t| *t < start) as u8;
        }
        let step = most.checked_ilog2().map_or(0, |bits| 1 << bits);
        Levels { thresholds, ends, shift, below, step }
    }

    /// The level of a value: `floor(256 * intensity)`, at most 255. The level of NaN has no meaning.
    pub fn index(&self, value: f32) -> u8 {
        self.level(ordered(value)) as u8
    }

    /// The level of each value.
    ///
    /// # Panics
    /// If there is not a place for each.
    pub fn find(&self, values: &[f32], levels: &mut [u8]) {
        assert_eq!(values.len(), levels.len(), "a level for each value");
        pulp::Arch::new().dispatch(Find { of: self, values, levels });
    }

    /// The level of ordered bits.
    #[inline(always)]
    fn level(&self, bits: i32) -> usize {
        let entry = distance(self.ends.0, bits.clamp(self.ends.0, self.ends.1)) >> self.shift;
        // Every entry is among them; the mask says so.
        let mut level = u32::from(self.below[entry as usize & (MAX_PREFIXES - 1)]);
        let mut step = self.step;
        // Without branches: the thresholds below a value are as good as random to the processor.
        while step > 1 {
            let reached = self.thresholds[(level + step - 1) as usize & 511] <= bits;
            level += step & u32::from(reached).wrapping_neg();
            step >>= 1;
        }
        (level + u32::from(self.thresholds[level as usize & 511] <= bits)) as usize
    }
}

struct Find<'a> {
    of: &'a Levels,
    values: &'a [f32],
    levels: &'a mut [u8],
}

impl pulp::WithSimd for Find<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Find { of, values, levels } = self;
        let (whole, rest) = values.as_chunks::<TOGETHER>();
        let (places, last) = levels.as_chunks_mut::<TOGETHER>();
        for (values, levels) in whole.iter().zip(places) {
            let bits = values.map(ordered);
            let ends = bits.iter().fold((i32::MAX, i32::MIN), |(low, high), bits| (low.min(*bits), high.max(*bits)));
            let (from, to) = (of.level(ends.0), of.level(ends.1));
            if to - from > FEW {
                *levels = bits.map(|bits| of.level(bits) as u8);
                continue;
            }
            let mut found = [from as i32; TOGETHER];
            for threshold in &of.thresholds[from..to] {
                for (found, bits) in found.iter_mut().zip(&bits) {
                    *found += i32::from(bits >= threshold);
                }
            }
            *levels = found.map(|level| level as u8);
        }
        for (value, level) in rest.iter().zip(last) {
            *level = of.index(*value);
        }
    }
}

/// The most thresholds under any entry of a table that cuts off `shift` bits.
fn crowd(thresholds: &[i32], shift: u32) -> u32 {
    let entries = thresholds.iter().map(|threshold| distance(thresholds[0], *threshold) >> shift);
    let mut last = (u32::MAX, 0);
    let mut most = 0;
    for entry in entries {
        last = (entry, if entry == last.0 { last.1 + 1 } else { 1 });
        most = most.max(last.1);
    }
    most
}

/// From a number to one that is not less.
#[inline(always)]
fn distance(from: i32, to: i32) -> u32 {
    to.wrapping_sub(from) as u32
}

/// The level of an intensity.
fn level_of(intensity: f64) -> u16 {
    ((intensity * 256.0) as u16).min(255)
}

/// The ordered bits of the least value at or above `low` that reaches a level; the greatest bits where none does.
fn least(shade: &Shade, level: u16, low: i32) -> i32 {
    let (mut low, mut high) = (low, ordered(f32::INFINITY) + 1);
    while low < high {
        let middle = low.wrapping_add_unsigned(distance(low, high) / 2);
        if level_of(shade.intensity(f64::from(float(middle)))) >= level {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    if low > ordered(f32::INFINITY) { i32::MAX } else { low }
}

/// The bits of a float in an order that is the order of floats.
#[inline(always)]
fn ordered(value: f32) -> i32 {
    let bits = value.to_bits() as i32;
    bits ^ ((bits >> 31) as u32 >> 1) as i32
}

/// The float of ordered bits.
fn float(ordered: i32) -> f32 {
    f32::from_bits((ordered ^ ((ordered >> 31) as u32 >> 1) as i32) as u32)
}
