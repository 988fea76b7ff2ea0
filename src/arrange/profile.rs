//! Items of length 1, whose distances tell their cosines and correlations.

use rayon::prelude::*;

use super::pairs::{self, Items, Measure};

/// What is kept of the values of an item where its size says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Profile {
    /// Their proportions.
    Direction,
    /// How they lie around their mean.
    Shape,
    /// The same of their ranks; equal values share the mean of theirs.
    Ranks,
}

impl Profile {
    /// Makes values without gaps a profile of length 1; NaN where there is none, as of constant values.
    pub fn take(self, values: &mut [f64]) {
        if self == Profile::Ranks {
            rank(values);
        }
        if self != Profile::Direction {
            centre(values);
        }
        let largest = values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
        divide(values, largest);
        let length = values.iter().map(|value| value * value).sum::<f64>().sqrt();
        divide(values, length);
    }

    /// Whether values vary, so that they have a profile around their mean.
    pub fn varies(self, values: &[f64]) -> bool {
        let mut present = values.iter().filter(|value| !value.is_nan());
        let Some(first) = present.next() else { return false };
        let usable = self == Profile::Ranks || !values.iter().any(|value| value.is_infinite());
        usable && present.any(|value| value != first)
    }

    /// What a measure says of the profiles of each two items, of what both have. Where one has gaps, both profiles are
    /// those of the values that are in both.
    pub fn compare<M: Measure>(self, mut items: Items<'_>, measure: &M) -> Vec<f64> {
        let with_gaps = items.has_gaps().then(|| Items { values: items.values.to_vec().into(), ..items });
        let (count, features) = (items.count, items.features.max(1));
        items.values.to_mut().par_chunks_mut(features).for_each(|item| {
            let gaps = item.iter().any(|value| value.is_nan());
            if gaps { item.fill(f64::NAN) } else { self.take(item) }
        });
        let mut pairs = pairs::all(&items, measure);
        let Some(items) = with_gaps else { return pairs };
        let gaps: Vec<bool> = (0..count).map(|i| items.item(i).iter().any(|value| value.is_nan())).collect();
        pairs::rows(&mut pairs, count).into_par_iter().enumerate().for_each(|(i, row)| {
            for (j, result) in (i + 1..).zip(row).filter(|(j, _)| gaps[i] || gaps[*j]) {
                *result = self.compare_common(items.item(i), items.item(j), measure);
            }
        });
        pairs
    }

    /// What a measure says of the profiles of the values that two items both have.
    fn compare_common<M: Measure>(self, x: &[f64], y: &[f64], measure: &M) -> f64 {
        let both = x.iter().zip(y).filter(|(x, y)| !x.is_nan() && !y.is_nan());
        let (mut x, mut y): (Vec<f64>, Vec<f64>) = both.unzip();
        self.take(&mut x);
        self.take(&mut y);
        let sums = x.iter().zip(&y).fold([0.0; 2], |sums, (x, y)| measure.add(sums, *x, *y));
        measure.finish(sums, x.len() as f64, x.len() as f64)
    }
}

fn divide(values: &mut [f64], by: f64) {
    for value in values {
        *value /= by;
    }
}

/// Values without their mean. Equal ones become NaN: what rounding leaves of them is no shape.
fn centre(values: &mut [f64]) {
    let constant = values.iter().all(|value| *value == values[0]);
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    for value in values {
        *value = if constant { f64::NAN } else { *value - mean };
    }
}

/// The rank of each value among all, from 1; that of equal values is the mean of theirs.
fn rank(values: &mut [f64]) {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|a, b| values[*a].total_cmp(&values[*b]));
    let equal: Vec<usize> = order.chunk_by(|a, b| values[*a] == values[*b]).map(<[usize]>::len).collect();
    let (mut before, mut rest) = (0, &*order);
    for count in equal {
        let (these, others) = rest.split_at(count);
        for i in these {
            values[*i] = before as f64 + (count + 1) as f64 / 2.0;
        }
        (before, rest) = (before + count, others);
    }
}
