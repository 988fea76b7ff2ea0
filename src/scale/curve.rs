//! The functions of the norms: from a value to its measure, along which intensity grows evenly, and back.

use super::knots::Knots;

/// `1 / (1 - 1/10)`: what a linear decade counts in matplotlib's `SymLogNorm` with `base=10, linscale=1`.
const LINEAR_DECADE: f64 = 1.0 / 0.9;

/// A function that ascends over the limits of a scale.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Curve {
    Linear,
    Log,
    /// A share of `span` counted from `from`, to the power of `gamma`; mirrored below `from`.
    Power {
        from: f64,
        span: f64,
        gamma: f64,
    },
    Symlog(f64),
    Asinh(f64),
    Knots(Knots),
}

impl Curve {
    pub(super) fn measure(&self, value: f64) -> f64 {
        match self {
            Curve::Linear => value,
            Curve::Log => value.ln(),
            Curve::Power { from, span, gamma } => {
                let share = (value - from) / span;
                share.abs().powf(*gamma).copysign(share)
            }
            Curve::Symlog(threshold) if value.abs() <= *threshold => value * LINEAR_DECADE,
            Curve::Symlog(threshold) => {
                (threshold * (LINEAR_DECADE + (value.abs() / threshold).log10())).copysign(value)
            }
            Curve::Asinh(width) => width * (value / width).asinh(),
            Curve::Knots(knots) => knots.measure(value),
        }
    }

    pub(super) fn value(&self, measure: f64) -> f64 {
        match self {
            Curve::Linear => measure,
            Curve::Log => measure.exp(),
            Curve::Power { from, span, gamma } => from + span * measure.abs().powf(1.0 / gamma).copysign(measure),
            Curve::Symlog(threshold) if measure.abs() <= threshold * LINEAR_DECADE => measure / LINEAR_DECADE,
            Curve::Symlog(threshold) => {
                (threshold * 10f64.powf(measure.abs() / threshold - LINEAR_DECADE)).copysign(measure)
            }
            Curve::Asinh(width) => width * (measure / width).sinh(),
            Curve::Knots(knots) => knots.value(measure),
        }
    }
}
