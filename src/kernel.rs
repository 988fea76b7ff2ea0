//! The shapes of kernels. A [`Kernel`] is a function of the distance `r` from an event, of mass 1 in the plane, and
//! its bandwidth `h` is the radius of support; for `gaussian` the standard deviation, for `exponential` the
//! e-folding length. With `v = (r / h)^2`, which all of torrid calls the *squared distance in bandwidths*, the value
//! is `peak / h^2 * shape(v)`, where `shape(0) = 1`.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// The shape of a kernel.
///
/// ```
/// use torrid::Kernel;
/// let kernel: Kernel = "quartic".parse()?;
/// assert_eq!(kernel.shape(0.25), 0.5625, "(1 - v)^2");
/// assert_eq!(kernel.shape(1.0), 0.0, "nothing at the end of its support");
/// # Ok::<(), torrid::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kernel {
    /// `exp(-v / 2)`
    #[default]
    Gaussian,
    /// `1 - v`
    Epanechnikov,
    /// `(1 - v)^2`, which QGIS and many others call quartic or biweight.
    Quartic,
    /// `(1 - v)^3`
    Triweight,
    /// `1 - sqrt(v)`
    Triangular,
    /// 1
    Uniform,
    /// `cos(pi sqrt(v) / 2)`
    Cosine,
    /// `exp(-sqrt(v))`
    Exponential,
}

/// The kernels by the name that `--kernel` knows them by.
pub const KERNELS: &[(&str, Kernel)] = &[
    ("gaussian", Kernel::Gaussian),
    ("epanechnikov", Kernel::Epanechnikov),
    ("quartic", Kernel::Quartic),
    ("triweight", Kernel::Triweight),
    ("triangular", Kernel::Triangular),
    ("uniform", Kernel::Uniform),
    ("cosine", Kernel::Cosine),
    ("exponential", Kernel::Exponential),
];

impl Kernel {
    /// The name.
    pub fn name(self) -> &'static str {
        KERNELS.iter().find(|(_, kernel)| *kernel == self).map_or("", |(name, _)| name)
    }

    /// The name as it begins a sentence or a legend.
    pub fn title(self) -> String {
        let (first, rest) = self.name().split_at(1);
        first.to_uppercase() + rest
    }

    /// The value at a squared distance in bandwidths, relative to the peak; 0 beyond the support of a compact kernel.
    pub fn shape(self, v: f64) -> f64 {
        if self.is_compact() && v >= 1.0 && !(self == Kernel::Uniform && v == 1.0) {
            return 0.0;
        }
        match self {
            Kernel::Gaussian => (-0.5 * v).exp(),
            Kernel::Epanechnikov => 1.0 - v,
            Kernel::Quartic => (1.0 - v).powi(2),
            Kernel::Triweight => (1.0 - v).powi(3),
            Kernel::Triangular => 1.0 - v.sqrt(),
            Kernel::Uniform => 1.0,
            Kernel::Cosine => (std::f64::consts::FRAC_PI_2 * v.sqrt()).cos(),
            Kernel::Exponential => (-v.sqrt()).exp(),
        }
    }

    /// The value at the event itself where the bandwidth is 1: the reciprocal of the shape's integral over the plane.
    pub fn peak(self) -> f64 {
        use std::f64::consts::{PI, TAU};
        match self {
            Kernel::Gaussian | Kernel::Exponential => 1.0 / TAU,
            Kernel::Epanechnikov => 2.0 / PI,
            Kernel::Quartic | Kernel::Triangular => 3.0 / PI,
            Kernel::Triweight => 4.0 / PI,
            Kernel::Uniform => 1.0 / PI,
            Kernel::Cosine => PI / (4.0 * PI - 8.0),
        }
    }

    /// Whether the kernel is nothing beyond its bandwidth.
    pub fn is_compact(self) -> bool {
        !matches!(self, Kernel::Gaussian | Kernel::Exponential)
    }

    /// How far the kernel is followed, in bandwidths. What a Gaussian or an exponential has beyond is at most 5e-8 of
    /// its mass: `exp(-reach^2 / 2)` and `(1 + reach) exp(-reach)`.
    pub fn reach(self) -> f64 {
        match self {
            Kernel::Gaussian => 6.0,
            Kernel::Exponential => 20.0,
            _ => 1.0,
        }
    }

    /// How far the kernel is worth showing, in bandwidths: to the end of its support, or where it has sunk to a hundredth.
    pub fn margin(self) -> f64 {
        match self {
            Kernel::Gaussian => 3.0,
            Kernel::Exponential => 4.6,
            _ => 1.0,
        }
    }

    /// The standard deviation of the kernel along one axis, in bandwidths.
    pub fn deviation(self) -> f64 {
        use std::f64::consts::PI;
        match self {
            Kernel::Gaussian => 1.0,
            Kernel::Epanechnikov => (1.0f64 / 6.0).sqrt(),
            Kernel::Quartic => (1.0f64 / 8.0).sqrt(),
            Kernel::Triweight => (1.0f64 / 10.0).sqrt(),
            Kernel::Triangular => (3.0f64 / 20.0).sqrt(),
            Kernel::Uniform => 0.5,
            Kernel::Cosine => (((PI * PI / 2.0 - 12.0) * PI + 24.0) / (PI * PI * (PI - 2.0))).sqrt(),
            Kernel::Exponential => 3f64.sqrt(),
        }
    }
}

impl fmt::Display for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Kernel {
    type Err = Error;

    fn from_str(text: &str) -> Result<Kernel, Error> {
        KERNELS.iter().find(|(name, _)| *name == text).map(|(_, kernel)| *kernel).ok_or_else(|| {
            let names: Vec<&str> = KERNELS.iter().map(|(name, _)| *name).collect();
            Error::caller("--kernel").found(format!("`{text}`")).expected(format!("one of {}", names.join(", ")))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The integral of `f(r)` over the plane, up to `reach` bandwidths, by the midpoint rule.
    fn over_the_plane(kernel: Kernel, f: impl Fn(f64) -> f64) -> f64 {
        const STEPS: u32 = 200_000;
        let step = if kernel.is_compact() { 1.0 } else { 40.0 } / f64::from(STEPS);
        let ring = |i: u32| {
            let r = (f64::from(i) + 0.5) * step;
            std::f64::consts::TAU * r * step * kernel.shape(r * r) * f(r)
        };
        (0..STEPS).map(ring).sum::<f64>() * kernel.peak()
    }

    #[test]
    fn every_kernel_has_mass_one_and_the_deviation_it_states() {
        for (name, kernel) in KERNELS {
            let mass = over_the_plane(*kernel, |_| 1.0);
            assert!((mass - 1.0).abs() < 1e-6, "{name}: mass {mass}");
            let deviation = (over_the_plane(*kernel, |r| r * r) / 2.0).sqrt();
            assert!((deviation - kernel.deviation()).abs() < 1e-5, "{name}: deviation {deviation}");
        }
    }

    #[test]
    fn every_kernel_falls_from_one_at_the_event_and_is_never_negative() {
        for (name, kernel) in KERNELS {
            let values: Vec<f64> = (0..1000).map(|i| kernel.shape(f64::from(i) * 0.002)).collect();
            assert_eq!(values[0], 1.0, "{name}");
            assert!(values.windows(2).all(|pair| pair[1] <= pair[0] && pair[1] >= 0.0), "{name}");
        }
    }

    #[test]
    fn what_lies_beyond_the_reach_is_next_to_nothing() {
        for (name, kernel) in KERNELS.iter().filter(|(_, kernel)| !kernel.is_compact()) {
            let beyond = over_the_plane(*kernel, |r| if r > kernel.reach() { 1.0 } else { 0.0 });
            assert!(beyond < 5e-8, "{name}: {beyond:e}");
        }
    }
}
