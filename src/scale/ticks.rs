//! Round values to mark on a legend.

use super::{Norm, Shade};

/// Ticks of a shade; see [`Shade::ticks`].
pub(super) fn ticks(shade: &Shade, n: usize) -> Vec<f64> {
    let (vmin, vmax) = shade.limits();
    let ticks = match shade.norm {
        _ if n == 0 => Vec::new(),
        Norm::Log => logarithmic(vmin, vmax, n),
        Norm::Symlog(threshold) | Norm::Asinh(threshold) => two_sided(vmin, vmax, threshold, n),
        Norm::Quantile | Norm::EqHist => even(shade, n),
        Norm::TwoSlope => either_side(vmin, shade.center.unwrap_or(0.0), vmax, n),
        Norm::Linear | Norm::Sqrt | Norm::Cbrt | Norm::Power(_) => round(vmin, vmax, n),
    };
    ticks.into_iter().filter(|tick| (vmin..=vmax).contains(tick)).collect()
}

/// Multiples of 1, 2 or 5 times a power of ten from `low` to `high`: the finest step that needs at most `n` of them, or that
/// gives two.
///
/// ```
/// assert_eq!(torrid::scale::rounds(0.0, 2.0, 5), [0.0, 0.5, 1.0, 1.5, 2.0]);
/// ```
pub fn round(low: f64, high: f64, n: usize) -> Vec<f64> {
    let raw = (high - low) / n as f64;
    if !(raw.is_finite() && raw > 0.0) {
        return vec![low, high];
    }
    let exponent = raw.log10().floor() as i32 - 1;
    let steps = (0..4).flat_map(|decade| [1, 2, 5].map(|digit| (digit, exponent + decade)));
    let mut last = vec![low, high];
    let mut multiples: Vec<Vec<f64>> = Vec::new();
    for (digit, exponent) in steps {
        let step = f64::from(digit) * 10f64.powi(exponent);
        let (first, end) = ((low / step).ceil(), (high / step).floor());
        if end - first < 4.0 * n as f64 && first.abs().max(end.abs()) < 1e15 {
            let count = (end - first + 1.0).max(0.0) as usize;
            multiples.push((0..count).map(|i| scaled((first + i as f64) * f64::from(digit), exponent)).collect());
        }
    }
    for ticks in multiples.into_iter().rev() {
        if ticks.len() > n.max(2) {
            break;
        }
        if ticks.len() >= 2 {
            last = ticks;
        }
    }
    last
}

/// `mantissa * 10^exponent` as the nearest float, which a product with an inexact power of ten is not.
fn scaled(mantissa: f64, exponent: i32) -> f64 {
    format!("{mantissa}e{exponent}").parse().unwrap_or(mantissa * 10f64.powi(exponent))
}

/// Powers of ten, with their doubles and fives where there is room, thinned out where there is not.
fn logarithmic(low: f64, high: f64, n: usize) -> Vec<f64> {
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let within = |tick: &f64| *tick >= low * (1.0 - 1e-12) && *tick <= high * (1.0 + 1e-12);
    let series = |digits: &[f64], every: usize| -> Vec<f64> {
        let decades = (first..=last).filter(|decade| decade.rem_euclid(every as i32) == 0);
        let ticks = decades.flat_map(|decade| digits.iter().map(move |digit| scaled(*digit, decade)));
        ticks.filter(within).map(|tick| tick.clamp(low, high)).collect()
    };
    let mut choices = vec![series(&[1.0, 2.0, 5.0], 1)];
    choices.extend((1..=16).map(|every| series(&[1.0], every)));
    choices.push(series(&[1.0], 64));
    let chosen = choices.into_iter().find(|ticks| ticks.len() <= n.max(2)).unwrap_or_default();
    if chosen.len() >= 2 { chosen } else { round(low, high, n) }
}

/// Zero, and powers of ten from the threshold on both ways.
fn two_sided(low: f64, high: f64, threshold: f64, n: usize) -> Vec<f64> {
    let greatest = low.abs().max(high.abs());
    let (first, last) = (threshold.log10().round() as i32, greatest.log10().floor() as i32);
    for every in 1..=64 {
        let decades = (first..=last).filter(|decade| (decade - first) % every == 0);
        let positive: Vec<f64> = decades.map(|decade| scaled(1.0, decade)).collect();
        let negative = positive.iter().rev().map(|tick| -tick);
        let all = negative.chain([0.0]).chain(positive.iter().copied());
        let ticks: Vec<f64> = all.filter(|tick| (low..=high).contains(tick)).collect();
        if ticks.len() <= n.max(3) {
            return if ticks.len() >= 3 { ticks } else { round(low, high, n) };
        }
    }
    round(low, high, n)
}

/// Round values on both sides of the centre, and the centre itself.
fn either_side(low: f64, center: f64, high: f64, n: usize) -> Vec<f64> {
    let each = (n / 2).max(2);
    let mut ticks = round(low, center, each);
    ticks.extend(round(center, high, each));
    ticks.push(center);
    ticks.sort_by(f64::total_cmp);
    ticks.dedup();
    ticks
}

/// Values at even intensities, rounded to two digits where that keeps them inside the limits.
fn even(shade: &Shade, n: usize) -> Vec<f64> {
    let (low, high) = shade.limits();
    let last = n.max(2) - 1;
    let rounded = |i: usize| {
        let value = shade.value(i as f64 / last as f64);
        format!("{value:.1e}").parse().unwrap_or(value).clamp(low, high)
    };
    let mut ticks: Vec<f64> = (0..=last).map(rounded).collect();
    ticks.dedup();
    ticks
}
