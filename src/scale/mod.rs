//! Value to intensity 0..1: the rules of `--norm`. A [`Scale`] is the rule as the user wrote it, a [`Summary`] is
//! what it is fitted to, and a [`Shade`] is the fitted curve. Summaries merge, so that all tiles of all zooms can
//! share one fit. Nothing here knows colours.

mod curve;
mod fit;
mod knots;
mod levels;
mod limits;
mod stored;
mod summary;
mod text;
mod ticks;

pub use fit::Shade;
pub use levels::Levels;
pub use summary::Summary;
pub use ticks::round as rounds;

use crate::error::Error;

/// Names of the norms as they are written in [`Scale`]'s text form, each with what it does; for help texts.
pub const SCALES: &[(&str, &str)] = &[
    ("linear", "intensity grows evenly with the value"),
    ("log", "evenly with the logarithm; values of 0 and less are at the cold end"),
    ("sqrt", "with the square root of the distance from vmin"),
    ("cbrt", "with the cube root of the distance from vmin"),
    ("power:G", "with the distance from vmin to the power of G"),
    ("symlog:T", "linear between -T and T, logarithmic (base 10) beyond"),
    ("asinh:A", "with asinh(value / A): about linear below A, logarithmic beyond"),
    ("twoslope", "linear from vmin to the centre and from there to vmax, with the centre in the middle"),
    ("quantile", "with the rank of the value among all cells, cells of equal value sharing their middle rank"),
    ("eq_hist", "with the share of cells that are no hotter (histogram equalisation)"),
];

/// How the intensity follows the value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Norm {
    /// `(v - vmin) / (vmax - vmin)`.
    Linear,
    /// `ln(v / vmin) / ln(vmax / vmin)`.
    Log,
    /// [`Norm::Power`] of 1/2.
    Sqrt,
    /// [`Norm::Power`] of 1/3.
    Cbrt,
    /// `((v - vmin) / (vmax - vmin)) ^ gamma`, gamma above 0.
    Power(f64),
    /// Linear between minus and plus this threshold (above 0), logarithmic of base 10 beyond; matplotlib's
    /// `SymLogNorm` with `base=10, linscale=1`.
    Symlog(f64),
    /// `asinh(v / width)`, width above 0; matplotlib's `AsinhNorm`.
    Asinh(f64),
    /// Two straight lines that meet at the centre, whose intensity is 1/2; matplotlib's `TwoSlopeNorm`.
    TwoSlope,
    /// The rank of the value: the inverse of a percentile. Ties share their middle rank; the lowest value has
    /// intensity 0 and the highest 1.
    Quantile,
    /// The share of cells that are no hotter, counted from the coldest value, whose intensity is 0; between two
    /// values that occur it is interpolated. datashader's `eq_hist`, but over the exact values and mergeable.
    EqHist,
}

/// A norm and its limits, as asked for.
///
/// The text form is the norm followed by its options under their command-line names, separated by commas, as in
/// `log`, `power:0.7,vmin=0,vmax=100` or `linear,robust,center=0`. Parsing what was printed gives the same scale.
///
/// ```
/// use torrid::scale::{Scale, Summary};
/// let scale: Scale = "power:2,vmax=10".parse()?;
/// let shade = scale.fit(&Summary::of(&[0.0, 3.0, 5.0, f32::NAN]), false)?;
/// assert_eq!(shade.limits(), (0.0, 10.0));
/// assert_eq!(shade.intensity(5.0), 0.25);
/// assert_eq!(shade.value(0.25), 5.0);
/// assert_eq!(scale.to_string(), "power:2,vmax=10");
/// # Ok::<(), torrid::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// How the intensity follows the value.
    pub norm: Norm,
    /// The value of intensity 0; where it is absent, the least value of the summary.
    pub vmin: Option<f64>,
    /// The value of intensity 1; where it is absent, the greatest value of the summary.
    pub vmax: Option<f64>,
    /// Whether an absent limit is the 2nd or 98th percentile instead (numpy's linear interpolation).
    pub robust: bool,
    /// The value that gets the colour in the middle, as in seaborn: a colour is then as far from the middle as its
    /// value is from the centre, measured by the norm, and the longer side of the limits decides how far that is.
    /// For [`Norm::TwoSlope`], where the slopes meet (0 where absent). Not for quantile and `eq_hist`.
    pub center: Option<f64>,
}

impl Scale {
    /// A norm whose limits are those of the data.
    pub const fn new(norm: Norm) -> Scale {
        Scale { norm, vmin: None, vmax: None, robust: false, center: None }
    }

    /// Fits the scale to what a summary has seen.
    ///
    /// With `zero_is_nothing`, and where no value is below zero, cells of exactly 0 are left out of the percentiles
    /// of `robust`, of quantile and of `eq_hist`: in a sparse grid of counts they are most cells and say nothing. The
    /// limits of log are fitted to values above 0 in any case. A limit that would leave no room (all values equal, no
    /// value at all) is moved away from the other one: to 0 for linear norms, by a factor of 10 for log.
    ///
    /// # Errors
    /// When a parameter or limit of the caller makes no sense (`vmin` not below `vmax`, a limit that is not a finite
    /// number, a log scale up to 0 or less, a centre outside what the norm knows), or a log scale meets data without a
    /// value above 0 but with one below.
    pub fn fit(&self, summary: &Summary, zero_is_nothing: bool) -> Result<Shade, Error> {
        fit::shade(self, summary, zero_is_nothing)
    }

    /// Checks what can be checked before any data is read.
    ///
    /// # Errors
    /// When a parameter or limit makes no sense, as for [`Scale::fit`].
    pub fn check(&self) -> Result<(), Error> {
        limits::check(self)
    }
}

impl Default for Scale {
    fn default() -> Scale {
        Scale::new(Norm::Linear)
    }
}
