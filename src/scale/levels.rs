//! The fast way from a value to one of 256 levels of intensity. An intensity grows with its value, so 255
//! thresholds say all; they are found by bisection over the ordered bits of `f32`, and looked up by the leading 16
//! bits, which leave a few candidates at most in all but the narrowest scales.

use super::Shade;

/// Entries of the table of leading bits.
const PREFIXES: usize = 1 << 16;

/// Thresholds between 256 levels of intensity.
///
/// ```
/// use torrid::scale::{Scale, Summary};
/// let shade = Scale::default().fit(&Summary::of(&[0.0, 8.0]), false)?;
/// let levels = shade.levels();
/// assert_eq!((levels.index(0.0), levels.index(4.0), levels.index(8.0)), (0, 128, 255));
/// # Ok::<(), torrid::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Levels {
    /// Ordered bits of the least value of each level from 1 on, then `u32::MAX`.
    thresholds: Box<[u32; 512]>,
    /// For the leading bits of a value, how many thresholds are below all values that share them.
    below: Box<[u8]>,
    /// The first step of the search: a power of two, twice which exceeds the thresholds within any prefix.
    step: u16,
}

impl Levels {
    pub(super) fn of(shade: &Shade) -> Levels {
        let mut thresholds = Box::new([u32::MAX; 512]);
        let mut low = ordered(f32::NEG_INFINITY);
        for level in 1..256u16 {
            low = least(shade, level, low);
            thresholds[usize::from(level) - 1] = low;
        }
        let count = |limit: u32| thresholds[..255].partition_point(|threshold| *threshold <= limit);
        let below: Box<[u8]> =
            (0..PREFIXES as u32).map(|prefix| count((prefix << 16).saturating_sub(1)) as u8).collect();
        let most =
            (0..PREFIXES as u32).map(|prefix| count(prefix << 16 | 0xffff) - usize::from(below[prefix as usize]));
        let most = most.max().unwrap_or(0) as u16;
        let step = if most == 0 { 0 } else { 1 << most.ilog2() };
        Levels { thresholds, below, step }
    }

    /// The level of a value: `floor(256 * intensity)`, at most 255. The level of NaN has no meaning.
    #[inline]
    pub fn index(&self, value: f32) -> u8 {
        let bits = ordered(value);
        let mut level = u16::from(self.below[(bits >> 16) as usize]);
        let mut step = self.step;
        while step > 0 {
            // Without a branch: the thresholds below a value are as good as random to the processor.
            let reached = self.thresholds[usize::from(level + step - 1) & 511] <= bits;
            level += if reached { step } else { 0 };
            step >>= 1;
        }
        level.min(255) as u8
    }
}

/// The level of an intensity.
fn level_of(intensity: f64) -> u16 {
    ((intensity * 256.0) as u16).min(255)
}

/// The ordered bits of the least value at or above `low` that reaches a level; the greatest bits where none does.
fn least(shade: &Shade, level: u16, low: u32) -> u32 {
    let (mut low, mut high) = (low, ordered(f32::INFINITY) + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        if level_of(shade.intensity(f64::from(float(middle)))) >= level {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    if low > ordered(f32::INFINITY) { u32::MAX } else { low }
}

/// The bits of a float in an order that is the order of floats.
#[inline]
fn ordered(value: f32) -> u32 {
    let bits = value.to_bits();
    bits ^ (((bits as i32 >> 31) as u32) | (1 << 31))
}

/// The float of ordered bits.
fn float(ordered: u32) -> f32 {
    f32::from_bits(ordered ^ if ordered >> 31 == 1 { 1 << 31 } else { u32::MAX })
}
