//! What a scale is fitted to: extremes and the distribution of values. Up to [`MAX_DISTINCT`] different values are
//! kept exactly, with their counts; beyond that they are counted in buckets of their leading bits, 1024 to the
//! octave. Which of the two it is depends on the values alone, not on their order, so merging is exact and
//! order-free.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use rayon::prelude::*;

/// How many different values are kept exactly.
pub const MAX_DISTINCT: usize = 65_536;

/// Bits cut off the 64-bit key of a value to get its bucket: sign, exponent and 10 bits of the fraction stay.
pub(super) const BUCKET_SHIFT: u32 = 42;

/// Values counted by one task: few enough for balance, many enough that its table is worth making.
const CHUNK: usize = 1 << 19;

/// What was seen of some values: how many there are, the extremes, and the distribution. Values that are NaN (no
/// data) or infinite are left out; zeros are data.
///
/// ```
/// use torrid::scale::Summary;
/// let mut summary = Summary::of(&[2.0, 0.0, f32::NAN]);
/// summary.merge(&Summary::of(&[-1.0]));
/// assert_eq!((summary.count(), summary.min(), summary.max()), (3, -1.0, 2.0));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    pub(super) count: u64,
    pub(super) zeros: u64,
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) min_positive: f64,
    /// Bits cut off the keys of `bins`: 0 where the distribution is exact, else [`BUCKET_SHIFT`].
    pub(super) shift: u32,
    /// Key (see [`key`]) and count, by increasing key.
    pub(super) bins: Vec<(u64, u64)>,
}

/// Values between two bounds, and how many: an element of a distribution. Exact ones have equal bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bin {
    pub low: f64,
    pub high: f64,
    pub count: u64,
}

impl Summary {
    /// What is seen of no value at all.
    pub fn empty() -> Summary {
        let (min, max) = (f64::INFINITY, f64::NEG_INFINITY);
        Summary { count: 0, zeros: 0, min, max, min_positive: f64::INFINITY, shift: 0, bins: Vec::new() }
    }

    /// What is seen of the values of a grid.
    pub fn of(values: &[f32]) -> Summary {
        if has_many(values) { in_chunks(values, bucketed) } else { in_chunks(values, Counter::count) }
    }

    /// What is seen of values in double precision.
    pub fn of_f64(values: &[f64]) -> Summary {
        in_chunks(values, Counter::count)
    }

    /// Adds what another summary has seen. Exact: the order of merging does not change a bit of the result.
    pub fn merge(&mut self, other: &Summary) {
        self.count += other.count;
        self.zeros += other.zeros;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.min_positive = self.min_positive.min(other.min_positive);
        let shift = self.shift.max(other.shift);
        self.coarsen(shift);
        let coarse;
        let theirs = if other.shift == shift {
            &other.bins
        } else {
            coarse = coarsened(&other.bins, shift - other.shift);
            &coarse
        };
        self.bins = added(&self.bins, theirs);
        if self.shift == 0 && self.bins.len() > MAX_DISTINCT {
            self.coarsen(BUCKET_SHIFT);
        }
    }

    fn coarsen(&mut self, shift: u32) {
        if shift > self.shift {
            self.bins = coarsened(&self.bins, shift - self.shift);
            self.shift = shift;
        }
    }

    /// How many values there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// How many values are exactly 0.
    pub fn zeros(&self) -> u64 {
        self.zeros
    }

    /// The least value; infinite where there is none.
    pub fn min(&self) -> f64 {
        self.min
    }

    /// The greatest value; minus infinite where there is none.
    pub fn max(&self) -> f64 {
        self.max
    }

    /// The least value above 0; infinite where there is none.
    pub fn min_positive(&self) -> f64 {
        self.min_positive
    }

    /// Whether every value is kept exactly: at most 65,536 different ones were seen.
    pub fn is_exact(&self) -> bool {
        self.shift == 0
    }

    /// The distribution in ascending order, within the extremes.
    pub(super) fn distribution(&self) -> Vec<Bin> {
        let bin = |(bits, count): &(u64, u64)| {
            let low = value(bits << self.shift);
            let high = value((bits << self.shift) + ((1 << self.shift) - 1));
            Bin { low: low.max(self.min), high: high.min(self.max), count: *count }
        };
        self.bins.iter().map(bin).collect()
    }
}

/// The bits of a finite value in an order that is the order of values; 0 and -0 are one.
#[inline]
fn key(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    bits ^ (((bits as i64 >> 63) as u64) | (1 << 63))
}

/// The value of a [`key`].
fn value(key: u64) -> f64 {
    let sign = if key >> 63 == 1 { 1 << 63 } else { u64::MAX };
    f64::from_bits(key ^ sign)
}

/// Bins under keys that are cut short.
fn coarsened(bins: &[(u64, u64)], shift: u32) -> Vec<(u64, u64)> {
    let mut coarse: Vec<(u64, u64)> = Vec::new();
    for &(key, count) in bins {
        match coarse.last_mut() {
            Some(last) if last.0 == key >> shift => last.1 += count,
            _ => coarse.push((key >> shift, count)),
        }
    }
    coarse
}

/// Two sorted lists of bins as one.
fn added(a: &[(u64, u64)], b: &[(u64, u64)]) -> Vec<(u64, u64)> {
    let mut sum = Vec::with_capacity(a.len() + b.len());
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        match a[i].0.cmp(&b[j].0) {
            std::cmp::Ordering::Less => (sum.push(a[i]), i += 1).1,
            std::cmp::Ordering::Greater => (sum.push(b[j]), j += 1).1,
            std::cmp::Ordering::Equal => {
                sum.push((a[i].0, a[i].1 + b[j].1));
                (i, j) = (i + 1, j + 1);
            }
        }
    }
    sum.extend_from_slice(&a[i..]);
    sum.extend_from_slice(&b[j..]);
    sum
}

fn in_chunks<T: Sync>(values: &[T], count: impl Fn(&[T]) -> Summary + Send + Sync) -> Summary {
    let merged = |mut a: Summary, b: Summary| {
        a.merge(&b);
        a
    };
    values.par_chunks(CHUNK).map(count).reduce(Summary::empty, merged)
}

/// Whether a sample already holds more different values than are kept exactly: then all are counted in buckets at
/// once, without trying. The answer decides how fast it goes, not what comes out.
fn has_many(values: &[f32]) -> bool {
    let sample = values.iter().step_by((values.len() / (2 * MAX_DISTINCT)).max(1)).take(2 * MAX_DISTINCT);
    let mut bits: Vec<u32> = sample.filter(|value| value.is_finite()).map(|value| (value + 0.0).to_bits()).collect();
    bits.sort_unstable();
    bits.dedup();
    bits.len() > MAX_DISTINCT
}

/// Counts single-precision values in buckets, in a table of all leading bits an `f32` has. Subnormal ones, whose
/// leading bits are not those of the same value in double precision, are counted apart.
fn bucketed(values: &[f32]) -> Summary {
    let mut table = vec![0u32; 1 << 19];
    let mut subnormal = Counter { shift: BUCKET_SHIFT, ..Counter::new() };
    let (mut min, mut max, mut min_positive) = (i32::MAX, i32::MIN, i32::MAX);
    for value in values {
        let bits = (value + 0.0).to_bits();
        let magnitude = bits & 0x7fff_ffff;
        if magnitude >= 0x7f80_0000 {
            continue;
        }
        let ordered = (bits ^ ((bits as i32 >> 31) as u32 >> 1)) as i32;
        (min, max) = (min.min(ordered), max.max(ordered));
        min_positive = min_positive.min(if ordered > 0 { ordered } else { i32::MAX });
        if magnitude == 0 || magnitude >= 0x0080_0000 {
            table[(bits >> 13) as usize] += 1;
        } else {
            subnormal.add(key(f64::from(*value)));
        }
    }
    let float = |ordered: i32| f64::from(f32::from_bits(ordered as u32 ^ ((ordered >> 31) as u32 >> 1)));
    let seen = |ordered: i32, none: f64| if min > max || ordered == i32::MAX { none } else { float(ordered) };
    let mut summary = Summary::empty();
    summary.shift = BUCKET_SHIFT;
    summary.zeros = u64::from(table[0]);
    summary.min = seen(min, f64::INFINITY);
    summary.max = if min > max { f64::NEG_INFINITY } else { float(max) };
    summary.min_positive = seen(min_positive, f64::INFINITY);
    let counted = table.iter().enumerate().filter(|(_, count)| **count > 0);
    let bucket = |prefix: usize| key(f64::from(f32::from_bits((prefix as u32) << 13))) >> BUCKET_SHIFT;
    let mut bins: Vec<(u64, u64)> = counted.map(|(prefix, count)| (bucket(prefix), u64::from(*count))).collect();
    bins.sort_unstable();
    summary.bins = added(&bins, &subnormal.finish().1);
    summary.count = summary.bins.iter().map(|bin| bin.1).sum();
    summary
}

/// Counts keys: a small direct-mapped table in front takes the runs and the few values that grids of counts have,
/// and neighbouring buckets of smooth densities; what it evicts goes to a hash map.
struct Counter {
    front: Vec<(u64, u64)>,
    bins: HashMap<u64, u64, BuildHasherDefault<Mixer>>,
    shift: u32,
}

/// Entries of the direct-mapped table: 64 KiB, which stays in the second-level cache beside the map.
const FRONT: usize = 4096;

impl Counter {
    fn new() -> Counter {
        Counter { front: vec![(0, 0); FRONT], bins: HashMap::default(), shift: 0 }
    }

    fn count<T: Copy + Into<f64>>(values: &[T]) -> Summary {
        let mut summary = Summary::empty();
        let mut counter = Counter::new();
        for value in values {
            let value: f64 = (*value).into();
            if value.is_finite() {
                summary.count += 1;
                summary.zeros += u64::from(value == 0.0);
                summary.min = summary.min.min(value);
                summary.max = summary.max.max(value);
                let positive = if value > 0.0 { value } else { f64::INFINITY };
                summary.min_positive = summary.min_positive.min(positive);
                counter.add(key(value));
            }
        }
        (summary.shift, summary.bins) = counter.finish();
        summary
    }

    #[inline]
    fn add(&mut self, key: u64) {
        let key = key >> self.shift;
        let slot = &mut self.front[(mixed(key) >> 52) as usize];
        if slot.0 == key {
            slot.1 += 1;
        } else {
            let evicted = std::mem::replace(slot, (key, 1));
            self.keep(evicted);
        }
    }

    /// Moves a pair to the map, and on to coarse keys when it is full.
    fn keep(&mut self, (key, count): (u64, u64)) {
        if count == 0 {
            return;
        }
        *self.bins.entry(key).or_insert(0) += count;
        if self.shift == 0 && self.bins.len() > MAX_DISTINCT {
            self.shift = BUCKET_SHIFT;
            let front = std::mem::replace(&mut self.front, vec![(0, 0); FRONT]);
            let fine = std::mem::take(&mut self.bins);
            for (key, count) in fine.into_iter().chain(front) {
                *self.bins.entry(key >> BUCKET_SHIFT).or_insert(0) += count;
            }
        }
    }

    fn finish(mut self) -> (u32, Vec<(u64, u64)>) {
        let before = self.shift;
        for (key, count) in std::mem::take(&mut self.front) {
            // The map may fill up halfway through: what is left has keys of the old length.
            self.keep((key >> (self.shift - before), count));
        }
        let mut bins: Vec<(u64, u64)> = self.bins.into_iter().filter(|bin| bin.1 > 0).collect();
        bins.sort_unstable();
        (self.shift, bins)
    }
}

/// The leading bits are well mixed (Fibonacci hashing, Knuth 6.4).
#[inline]
fn mixed(key: u64) -> u64 {
    key.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Hashes the one key of a map. Keys come from data, but whoever makes them collide only slows their own map.
#[derive(Default)]
struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        // The map takes its index from the low bits, whose mixing is in the high ones.
        self.0.rotate_left(26)
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = mixed(self.0 ^ key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_in_the_order_of_values_and_give_them_back() {
        let values = [f64::MIN, -1.5, -1.0, -1e-300, 0.0, 1e-300, 1.0, 1.5, f64::MAX];
        assert!(values.windows(2).all(|pair| key(pair[0]) < key(pair[1])), "in order");
        for v in values {
            assert_eq!(value(key(v)).to_bits(), v.to_bits());
        }
        assert_eq!(key(-0.0), key(0.0), "zero has one key");
    }

    #[test]
    fn a_table_that_fills_up_while_it_is_emptied_loses_nothing() {
        for extra in [0, 1, 2, FRONT / 2, FRONT] {
            let values: Vec<f64> = (0..MAX_DISTINCT + extra).map(|i| 1.0 + i as f64).collect();
            let summary = Summary::of_f64(&values);
            assert_eq!(summary.is_exact(), extra == 0, "{extra} too many");
            assert_eq!(summary.bins.iter().map(|bin| bin.1).sum::<u64>(), values.len() as u64);
            assert!((summary.max() - values.len() as f64).abs() < 0.5, "the last one is the greatest");
        }
    }
}
