//! Where a scale begins and ends: the limits the caller gave, or those of the data.

use super::summary::{Bin, Summary};
use super::{Norm, Scale};
use crate::error::Error;

/// The percentiles that `robust` puts in the place of the extremes, as seaborn does.
const ROBUST: (f64, f64) = (0.02, 0.98);

/// What can be known to be wrong without data.
pub(super) fn check(scale: &Scale) -> Result<(), Error> {
    if let Norm::Power(parameter) | Norm::Symlog(parameter) | Norm::Asinh(parameter) = scale.norm
        && !(parameter.is_finite() && parameter > 0.0)
    {
        let found = format!("`{}`", scale.norm);
        return Err(Error::caller("--norm").found(found).expected("a finite parameter above 0"));
    }
    let options = [("--vmin", scale.vmin), ("--vmax", scale.vmax), ("--center", scale.center)];
    for (option, value) in options {
        if let Some(value) = value {
            check_number(option, value, scale.norm)?;
        }
    }
    if let (Some(vmin), Some(vmax)) = (scale.vmin, scale.vmax)
        && vmin >= vmax
    {
        return Err(Error::caller("--vmin, --vmax")
            .found(format!("vmin {vmin} and vmax {vmax}"))
            .expected("vmin below vmax")
            .advice("exchange the two; a colormap named with _r turns the colours round"));
    }
    check_centre(scale)
}

fn check_number(option: &str, value: f64, norm: Norm) -> Result<(), Error> {
    if !value.is_finite() {
        return Err(Error::caller(option).found(value.to_string()).expected("a finite number"));
    }
    if norm == Norm::Log && value <= 0.0 {
        return Err(Error::caller(option)
            .found(format!("{value} with --norm log"))
            .expected("a number above 0")
            .advice("use --norm symlog:T for values on both sides of 0"));
    }
    Ok(())
}

fn check_centre(scale: &Scale) -> Result<(), Error> {
    let ranked = matches!(scale.norm, Norm::Quantile | Norm::EqHist);
    if let (Some(center), true) = (scale.center, ranked) {
        return Err(Error::caller("--center")
            .found(format!("{center} with --norm {}", scale.norm))
            .expected("a norm that measures values, not their ranks")
            .advice("leave out --center, or use --norm linear"));
    }
    let center = scale.center.unwrap_or(0.0);
    let outside = scale.vmin.is_some_and(|vmin| vmin >= center) || scale.vmax.is_some_and(|vmax| vmax <= center);
    if scale.norm == Norm::TwoSlope && outside {
        return Err(Error::caller("--center")
            .found(format!("{center}, which is not between the limits of {scale}"))
            .expected("vmin < center < vmax for --norm twoslope")
            .advice("give --center with a value inside the limits"));
    }
    Ok(())
}

/// The part of a distribution that percentiles and ranks are taken of.
pub(super) fn considered(scale: &Scale, summary: &Summary, zero_is_nothing: bool) -> Vec<Bin> {
    let without_zeros = scale.norm == Norm::Log || (zero_is_nothing && summary.min() >= 0.0);
    let mut bins = summary.distribution();
    if without_zeros {
        let mut zeros = summary.zeros();
        for bin in bins.iter_mut().filter(|bin| bin.low <= 0.0 && bin.high >= 0.0) {
            bin.count -= std::mem::take(&mut zeros);
            bin.low = bin.low.max(summary.min_positive().min(bin.high));
        }
        bins.retain(|bin| bin.count > 0);
    }
    if scale.norm == Norm::Log {
        bins.retain(|bin| bin.high > 0.0);
    }
    bins
}

/// The limits of a scale: as given, else fitted to the values that count.
#[expect(clippy::match_same_arms, reason = "the order of the cases is the rule")]
pub(super) fn limits(scale: &Scale, summary: &Summary, bins: &[Bin]) -> Result<(f64, f64), Error> {
    check(scale)?;
    let found = extremes(scale, summary, bins)?;
    let log = scale.norm == Norm::Log;
    let (low, high) = match (scale.vmin, scale.vmax, found) {
        (Some(low), Some(high), _) => (low, high),
        (Some(low), None, Some((_, high))) if high > low => (low, high),
        (None, Some(high), Some((low, _))) if low < high => (low, high),
        (Some(low), None, _) => (low, if log { low * 10.0 } else { low + low.abs().max(1.0) }.min(f64::MAX)),
        (None, Some(high), _) => (if log { high / 10.0 } else { high - high.abs().max(1.0) }.max(f64::MIN), high),
        (None, None, Some((low, high))) if low < high => (low, high),
        (None, None, Some((only, _))) if log => (only / 10.0, only),
        (None, None, Some((only, _))) if only != 0.0 => (only.min(0.0), only.max(0.0)),
        (None, None, _) => (if log { 0.1 } else { 0.0 }, 1.0),
    };
    Ok(if scale.norm == Norm::TwoSlope { around(scale, low, high) } else { (low, high) })
}

/// Absent limits of a two-slope scale are mirrored where the data lies on one side (matplotlib's rule).
fn around(scale: &Scale, low: f64, high: f64) -> (f64, f64) {
    let center = scale.center.unwrap_or(0.0);
    let low = if low < center { low } else { center - if high > center { high - center } else { 1.0 } };
    let high = if high > center { high } else { center + (center - low) };
    (low, high)
}

/// The extremes of the data, or its percentiles; `None` where no value counts.
fn extremes(scale: &Scale, summary: &Summary, bins: &[Bin]) -> Result<Option<(f64, f64)>, Error> {
    let given = scale.vmin.is_some() && scale.vmax.is_some();
    if scale.norm == Norm::Log && !given && bins.is_empty() && summary.min() < 0.0 {
        return Err(Error::input("--norm log")
            .found(format!("values from {} to {}", summary.min(), summary.max()))
            .expected("a value above 0")
            .advice("use --norm symlog:T, or give --vmin and --vmax"));
    }
    let (Some(first), Some(last)) = (bins.first(), bins.last()) else { return Ok(None) };
    if scale.robust {
        let robust = (percentile(bins, ROBUST.0), percentile(bins, ROBUST.1));
        if robust.0 < robust.1 {
            return Ok(Some(robust));
        }
    }
    Ok(Some(match scale.norm {
        Norm::Log => (summary.min_positive(), summary.max()),
        Norm::Quantile | Norm::EqHist => (first.low, last.high),
        _ => (summary.min(), summary.max()),
    }))
}

/// The value below which a share of the values lies; numpy's `linear` method.
fn percentile(bins: &[Bin], share: f64) -> f64 {
    let count: u64 = bins.iter().map(|bin| bin.count).sum();
    let rank = (count - 1) as f64 * share;
    let below = value_at(bins, rank.floor() as u64);
    let above = value_at(bins, rank.ceil() as u64);
    below + (above - below) * rank.fract()
}

/// The value of a rank, counted from 0; inside a bucket values are taken to be spread evenly.
fn value_at(bins: &[Bin], rank: u64) -> f64 {
    let mut before = 0;
    for bin in bins {
        if rank < before + bin.count {
            let share = ((rank - before) as f64 + 0.5) / bin.count as f64;
            return bin.low + (bin.high - bin.low) * share;
        }
        before += bin.count;
    }
    bins.last().map_or(f64::NAN, |bin| bin.high)
}
