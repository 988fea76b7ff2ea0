//! A curve of straight pieces between knots that ascend in both coordinates: what ranks, equalised histograms and
//! two-slope scales are.

use super::Norm;
use super::summary::Bin;

/// Knots `(value, measure)`; values strictly ascend, measures never descend.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Knots {
    values: Vec<f64>,
    measures: Vec<f64>,
}

impl Knots {
    /// The curve through these knots.
    pub(super) fn through(knots: &[(f64, f64)]) -> Knots {
        let (values, measures) = knots.iter().copied().unzip();
        Knots { values, measures }
    }

    /// How many values lie at or below each value, or for [`Norm::Quantile`] the middle rank of each.
    pub(super) fn ranks(norm: Norm, bins: &[Bin]) -> Knots {
        let mut knots: Vec<(f64, f64)> = Vec::with_capacity(bins.len());
        let mut before = 0;
        for bin in bins {
            let after = before + bin.count;
            let exact = bin.low >= bin.high;
            if !exact && knots.last().is_none_or(|knot| knot.0 < bin.low) {
                knots.push((bin.low, before as f64));
            }
            let rank = if exact && norm == Norm::Quantile {
                before as f64 + (bin.count - 1) as f64 / 2.0
            } else {
                after as f64
            };
            knots.push((bin.high, rank));
            before = after;
        }
        Knots::through(&knots)
    }

    /// Whether a curve can be drawn at all.
    pub(super) fn is_line(&self) -> bool {
        self.values.len() > 1
    }

    /// The measure of a value; that of the nearest end beyond the ends.
    pub(super) fn measure(&self, value: f64) -> f64 {
        interpolated(&self.values, &self.measures, value)
    }

    /// The value of a measure; where the curve is level, the highest one.
    pub(super) fn value(&self, measure: f64) -> f64 {
        interpolated(&self.measures, &self.values, measure)
    }
}

fn interpolated(from: &[f64], to: &[f64], at: f64) -> f64 {
    let above = from.partition_point(|knot| *knot <= at);
    if above == 0 {
        return to[0];
    }
    if above == from.len() {
        return to[above - 1];
    }
    let (a, b) = (from[above - 1], from[above]);
    let (low, high) = (to[above - 1], to[above]);
    // In halves, so that no difference of finite numbers overflows; never beyond the next knot, so that rounding
    // cannot make the curve descend.
    let share = (at / 2.0 - a / 2.0) / (b / 2.0 - a / 2.0);
    (low + 2.0 * share * (high / 2.0 - low / 2.0)).min(high)
}
