//! The fast way from a value to one of 256 levels of intensity. An intensity grows with its value, so 255
//! thresholds say all; they are found by bisection over the ordered bits of `f32`, and looked up by the leading bits:
//! as many as it takes to have one threshold at most under each, within reason.

use super::Shade;

/// The most entries of the table of leading bits, one byte each: fewer than a second-level cache holds.
const MAX_PREFIXES: u32 = 1 << 16;

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
    /// The first and the last threshold: between them the table is laid out.
    ends: (u32, u32),
    /// How many bits of the distance from the first threshold are cut off to get the entry of the table.
    shift: u32,
    /// How many thresholds are below all values of an entry.
    below: Box<[u8]>,
    /// The first step of the search: a power of two, twice which exceeds the thresholds within any entry.
    step: u32,
}

impl Levels {
    pub(super) fn of(shade: &Shade) -> Levels {
        let mut thresholds = Box::new([u32::MAX; 512]);
        let mut low = ordered(f32::NEG_INFINITY);
        for level in 1..256u16 {
            low = least(shade, level, low);
            thresholds[usize::from(level) - 1] = low;
        }
        let reached = thresholds.partition_point(|threshold| *threshold < u32::MAX);
        let ends = (thresholds[0], thresholds[reached.saturating_sub(1)]);
        let coarsest = (ends.1 - ends.0).checked_ilog2().unwrap_or(0);
        let sizes = (0..=coarsest).filter(|shift| (ends.1 - ends.0) >> shift < MAX_PREFIXES);
        let crowds = sizes.map(|shift| (crowd(&thresholds[..reached], shift), shift));
        // The coarsest table that is as good as any.
        let (most, shift) = crowds.min_by_key(|(most, shift)| (*most, u32::MAX - shift)).unwrap_or((0, 0));
        let starts = (0..=(ends.1 - ends.0) >> shift).map(|entry| ends.0 + (entry << shift));
        let below = starts.map(|start| thresholds[..reached].partition_point(|t| *t < start) as u8).collect();
        let step = most.checked_ilog2().map_or(0, |bits| 1 << bits);
        Levels { thresholds, ends, shift, below, step }
    }

    /// The level of a value: `floor(256 * intensity)`, at most 255. The level of NaN has no meaning.
    pub fn index(&self, value: f32) -> u8 {
        self.lookup().index(value)
    }

    /// What looks levels up, small enough to be held in registers where many values are looked up.
    pub fn lookup(&self) -> Lookup<'_> {
        let Levels { thresholds, ends, shift, below, step } = self;
        Lookup { thresholds, ends: *ends, shift: *shift, below, step: *step }
    }
}

/// Looks levels up.
#[derive(Debug, Clone, Copy)]
pub struct Lookup<'a> {
    thresholds: &'a [u32; 512],
    ends: (u32, u32),
    shift: u32,
    below: &'a [u8],
    step: u32,
}

impl Lookup<'_> {
    /// As [`Levels::index`].
    #[inline(always)]
    pub fn index(self, value: f32) -> u8 {
        let bits = ordered(value);
        let entry = (bits.clamp(self.ends.0, self.ends.1) - self.ends.0) >> self.shift;
        let mut level = u32::from(self.below[entry as usize]);
        let mut step = self.step;
        // Without branches: the thresholds below a value are as good as random to the processor.
        while step > 1 {
            let reached = self.thresholds[(level + step - 1) as usize & 511] <= bits;
            level += step & u32::from(reached).wrapping_neg();
            step >>= 1;
        }
        (level + u32::from(self.thresholds[level as usize & 511] <= bits)) as u8
    }
}

/// The most thresholds under any entry of a table that cuts off `shift` bits.
fn crowd(thresholds: &[u32], shift: u32) -> u32 {
    let entries = thresholds.iter().map(|threshold| (threshold - thresholds[0]) >> shift);
    let mut last = (u32::MAX, 0);
    let mut most = 0;
    for entry in entries {
        last = (entry, if entry == last.0 { last.1 + 1 } else { 1 });
        most = most.max(last.1);
    }
    most
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
