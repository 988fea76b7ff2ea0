//! A scale fitted to data: from a value to its intensity and back.

use super::curve::Curve;
use super::knots::Knots;
use super::levels::Levels;
use super::limits::{considered, limits};
use super::summary::Summary;
use super::{Norm, Scale, ticks};
use crate::error::Error;

/// A scale with its limits, ready for use.
#[derive(Debug, Clone, PartialEq)]
pub struct Shade {
    pub(super) norm: Norm,
    curve: Curve,
    vmin: f64,
    vmax: f64,
    pub(super) center: Option<f64>,
    /// The measure of intensity 0, and how much measure there is up to intensity 1.
    base: f64,
    range: f64,
}

/// Fits a scale to a summary; see [`Scale::fit`].
pub(super) fn shade(scale: &Scale, summary: &Summary, zero_is_nothing: bool) -> Result<Shade, Error> {
    let bins = considered(scale, summary, zero_is_nothing);
    let (vmin, vmax) = limits(scale, summary, &bins)?;
    let curve = match scale.norm {
        Norm::Linear => Curve::Linear,
        Norm::Log => Curve::Log,
        Norm::Sqrt => power(vmin, vmax, 0.5),
        Norm::Cbrt => power(vmin, vmax, 1.0 / 3.0),
        Norm::Power(gamma) => power(vmin, vmax, gamma),
        Norm::Symlog(threshold) => Curve::Symlog(threshold),
        Norm::Asinh(width) => Curve::Asinh(width),
        Norm::TwoSlope => Curve::Knots(Knots::through(&[(vmin, 0.0), (scale.center.unwrap_or(0.0), 0.5), (vmax, 1.0)])),
        Norm::Quantile | Norm::EqHist => Curve::Knots(Knots::ranks(scale.norm, &bins)),
    };
    Ok(over(scale, curve, vmin, vmax))
}

fn power(vmin: f64, vmax: f64, gamma: f64) -> Curve {
    Curve::Power { from: vmin, span: vmax - vmin, gamma }
}

/// The shade along a curve between limits; a straight line where the curve has no room to rise in floats.
fn over(scale: &Scale, curve: Curve, vmin: f64, vmax: f64) -> Shade {
    let usable = !matches!(&curve, Curve::Knots(knots) if !knots.is_line());
    let center = scale.center.filter(|_| scale.norm != Norm::TwoSlope);
    let (base, range) = if usable { span(&curve, vmin, vmax, center) } else { (0.0, 0.0) };
    let middle = if scale.norm == Norm::TwoSlope { Some(scale.center.unwrap_or(0.0)) } else { center };
    let shade = Shade { norm: scale.norm, curve, vmin, vmax, center: middle, base, range };
    if base.is_finite() && range.is_finite() && range > 0.0 {
        return shade;
    }
    let curve = Curve::Knots(Knots::through(&[(vmin, 0.0), (vmax, 1.0)]));
    Shade { norm: Norm::Linear, curve, base: 0.0, range: 1.0, center: None, ..shade }
}

/// The measure of intensity 0 and the measure from there to intensity 1.
fn span(curve: &Curve, vmin: f64, vmax: f64, center: Option<f64>) -> (f64, f64) {
    let (low, high) = (curve.measure(vmin), curve.measure(vmax));
    match center.map(|center| curve.measure(center)) {
        Some(middle) => {
            let reach = (high - middle).max(middle - low);
            (middle - reach, 2.0 * reach)
        }
        None => (low, high - low),
    }
}

impl Shade {
    /// The intensity of a value, in 0..=1. Values beyond the limits have the intensity of the limit; NaN stays NaN.
    pub fn intensity(&self, value: f64) -> f64 {
        if value.is_nan() {
            return value;
        }
        let measure = self.curve.measure(value.clamp(self.vmin, self.vmax));
        ((measure - self.base) / self.range).clamp(0.0, 1.0)
    }

    /// The value of an intensity in 0..=1, for legends: the inverse of [`Shade::intensity`]. With a centre it goes
    /// on beyond the limit that is nearer to it.
    pub fn value(&self, intensity: f64) -> f64 {
        if intensity.is_nan() {
            return intensity;
        }
        let centred = self.center.is_some();
        match intensity {
            i if i <= 0.0 && !centred => self.vmin,
            i if i >= 1.0 && !centred => self.vmax,
            i => self.curve.value(self.base + i.clamp(0.0, 1.0) * self.range),
        }
    }

    /// The limits, `vmin < vmax`. Their intensities are 0 and 1, but for a scale with a centre, where only the limit
    /// that is farther from the centre has the intensity of its end.
    pub fn limits(&self) -> (f64, f64) {
        (self.vmin, self.vmax)
    }

    /// The norm the shade follows; linear where the one asked for had nothing to follow, as the ranks of one value.
    pub fn norm(&self) -> Norm {
        self.norm
    }

    /// About `n` values to mark on a legend, ascending and within the limits: decades and their halves (1, 2, 5) for
    /// log, round steps for linear norms and powers, decades on both sides of 0 for symlog and asinh, values at even
    /// intensities rounded to two digits for quantile and `eq_hist`.
    pub fn ticks(&self, n: usize) -> Vec<f64> {
        ticks::ticks(self, n)
    }

    /// The 256 levels of the shade, for painting.
    pub fn levels(&self) -> Levels {
        Levels::of(self)
    }
}
