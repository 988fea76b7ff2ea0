//! All pairs of some items, each compared feature by feature: the hot loop of distances and correlations.
//!
//! ```text
//! for each item i, for each item j after it:
//!     sums = nothing
//!     for each feature c:  sums = add(sums, i[c], j[c])
//!     result[i, j] = finish(sums)
//! ```
//!
//! Here a panel of items j is compared at once, one in each lane of vectors, so that each pair has its sum in the order
//! of the features whatever the width of vectors; a group of items i shares what is read of a panel. There are no fused
//! multiplications, which only some machines have.

use std::borrow::Cow;

use rayon::prelude::*;

use super::Along;
use crate::matrix::Matrix;

/// Items of a panel.
const LANES: usize = 32;

/// Items that are compared with a panel while it is at hand.
const GROUP: usize = 16;

/// Features of a panel that are at hand together: 32 kB.
const BLOCK: usize = 128;

/// Rows with their columns, or columns with their rows.
pub(super) struct Items<'a> {
    /// How many there are.
    pub count: usize,
    /// How many values each has.
    pub features: usize,
    /// Item by item.
    pub values: Cow<'a, [f64]>,
}

impl<'a> Items<'a> {
    /// The rows or the columns of a matrix.
    pub fn of(matrix: &'a Matrix, along: Along) -> Items<'a> {
        let (height, width) = (matrix.height(), matrix.width());
        match along {
            Along::Rows => Items { count: height, features: width, values: Cow::Borrowed(matrix.values()) },
            Along::Columns => {
                let column = |c: usize| (0..height).map(move |r| matrix.get(r, c));
                Items { count: width, features: height, values: (0..width).flat_map(column).collect() }
            }
        }
    }

    /// The values of an item.
    pub fn item(&self, item: usize) -> &[f64] {
        &self.values[item * self.features..][..self.features]
    }

    /// The items in this order.
    pub fn select(&self, order: &[usize]) -> Items<'static> {
        let values = order.iter().flat_map(|i| self.item(*i)).copied().collect();
        Items { count: order.len(), features: self.features, values }
    }

    /// Whether a value is missing.
    pub fn has_gaps(&self) -> bool {
        self.values.par_iter().any(|value| value.is_nan())
    }
}

/// How two items are compared.
pub(super) trait Measure: Sync {
    /// What two values add to two sums.
    fn add(&self, sums: [f64; 2], x: f64, y: f64) -> [f64; 2];

    /// What comes of the sums over `present` of `all` features.
    fn finish(&self, sums: [f64; 2], present: f64, all: f64) -> f64;
}

/// Each item with each later one: the first with the second, the first with the third and so on, as `SciPy`'s condensed
/// distance matrices. Features of which one of two items has no value are left out.
pub(super) fn all<M: Measure>(items: &Items<'_>, measure: &M) -> Vec<f64> {
    let (n, arch, panels) = (items.count, pulp::Arch::new(), panels(items));
    let gaps = items.has_gaps();
    let mut pairs = vec![0.0; n * n.saturating_sub(1) / 2];
    groups(&mut pairs, n).into_par_iter().enumerate().for_each(|(group, rows)| {
        let group = Group { items, panels: &panels, measure, first: group * GROUP, rows };
        if gaps { arch.dispatch(Gaps(group)) } else { arch.dispatch(group) }
    });
    pairs
}

/// Where the results of each item go, in groups of items.
fn groups(pairs: &mut [f64], n: usize) -> Vec<Vec<&mut [f64]>> {
    let mut rows = rows(pairs, n).into_iter();
    (0..n.div_ceil(GROUP)).map(|_| rows.by_ref().take(GROUP).collect()).collect()
}

/// The results of each of `n` items with those after it.
pub(super) fn rows(mut pairs: &mut [f64], n: usize) -> Vec<&mut [f64]> {
    let mut rows = Vec::with_capacity(n);
    for i in 0..n {
        let (row, rest) = pairs.split_at_mut(n - 1 - i);
        rows.push(row);
        pairs = rest;
    }
    rows
}

/// Items as panels: feature by feature the values of `LANES` items, the last ones filled up.
fn panels(items: &Items<'_>) -> Vec<f64> {
    let size = LANES * items.features;
    let mut panels = vec![0.0; items.count.div_ceil(LANES) * size];
    panels.par_chunks_mut(size.max(1)).enumerate().for_each(|(panel, values)| {
        for item in panel * LANES..items.count.min((panel + 1) * LANES) {
            let lane = values[item % LANES..].iter_mut().step_by(LANES);
            lane.zip(items.item(item)).for_each(|(to, from)| *to = *from);
        }
    });
    panels
}

/// A group of items that is compared with all later ones.
struct Group<'a, 'p, M> {
    items: &'a Items<'a>,
    panels: &'a [f64],
    measure: &'a M,
    /// The first item of the group.
    first: usize,
    /// The results of each item with those after it.
    rows: Vec<&'p mut [f64]>,
}

/// A group where values are missing.
struct Gaps<'a, 'p, M>(Group<'a, 'p, M>);

/// What was summed of an item and those of a panel.
#[derive(Clone, Copy)]
struct Sums {
    sums: [[f64; LANES]; 2],
    present: [f64; LANES],
}

impl<M: Measure> pulp::WithSimd for Group<'_, '_, M> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        self.compare::<false>();
    }
}

impl<M: Measure> pulp::WithSimd for Gaps<'_, '_, M> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        self.0.compare::<true>();
    }
}

impl<M: Measure> Group<'_, '_, M> {
    #[inline(always)]
    fn compare<const GAPS: bool>(mut self) {
        let features = self.items.features;
        let present = if GAPS { 0.0 } else { features as f64 };
        for panel in self.first / LANES..self.items.count.div_ceil(LANES) {
            let mut sums = [Sums { sums: [[0.0; LANES]; 2], present: [present; LANES] }; GROUP];
            let values = &self.panels[panel * LANES * features..][..LANES * features];
            for from in (0..features).step_by(BLOCK) {
                let block = from..features.min(from + BLOCK);
                let (values, _) = values[block.start * LANES..block.end * LANES].as_chunks::<LANES>();
                for (i, sums) in sums.iter_mut().enumerate().take(self.rows.len()) {
                    add::<M, GAPS>(self.measure, sums, &self.items.item(self.first + i)[block.clone()], values);
                }
            }
            // A loop, as a closure of `for_each` would not be compiled for the vectors at hand.
            for (i, sums) in sums.iter().enumerate().take(self.rows.len()) {
                self.finish(i, panel, sums);
            }
        }
    }

    /// The results of an item of the group and the later ones of a panel.
    #[inline(always)]
    fn finish(&mut self, i: usize, panel: usize, sums: &Sums) {
        let (after, all) = (self.first + i + 1, self.items.features as f64);
        let (begin, end) = (after.max(panel * LANES), self.items.count.min((panel + 1) * LANES));
        if begin >= end {
            return;
        }
        let mut results = [0.0; LANES];
        for (lane, result) in results.iter_mut().enumerate() {
            *result = self.measure.finish([sums.sums[0][lane], sums.sums[1][lane]], sums.present[lane], all);
        }
        self.rows[i][begin - after..end - after].copy_from_slice(&results[begin - panel * LANES..end - panel * LANES]);
    }
}

/// Adds some features of an item and a panel.
#[inline(always)]
fn add<M: Measure, const GAPS: bool>(measure: &M, to: &mut Sums, item: &[f64], panel: &[[f64; LANES]]) {
    let Sums { sums: [mut first, mut second], mut present } = *to;
    for (x, ys) in item.iter().zip(panel) {
        for lane in 0..LANES {
            let sum = measure.add([first[lane], second[lane]], *x, ys[lane]);
            let there = !GAPS || !(x.is_nan() | ys[lane].is_nan());
            first[lane] = if there { sum[0] } else { first[lane] };
            second[lane] = if there { sum[1] } else { second[lane] };
            if GAPS {
                present[lane] += f64::from(u8::from(there));
            }
        }
    }
    *to = Sums { sums: [first, second], present };
}
