//! Events and [`crate::counts::Counts`] to [`crate::grid::Density`]: what the events say about every place, at the
//! centre of each cell.
//!
//! There are three ways. *Smoothing* ([`smoothing`]) gathers events in cells first and keeps an error bound; its time and
//! memory hardly depend on the number of events. The *exact* way ([`exact`]) holds the events and sums their kernels.
//! Between them, [`moments`] makes one point of all events in a small cell, and sums the kernels of those. [`plan`] chooses.

pub mod bandwidth;
mod block;
mod blur;
mod coarser;
pub mod cost;
pub mod each;
pub mod exact;
pub mod idw;
mod fir;
mod flat;
pub mod fold;
mod gains;
mod ground;
pub mod lscv;
pub mod moments;
pub mod plan;
pub mod smoothing;
pub mod upsample;

pub use blur::blur;
pub use gains::Gains;
pub use idw::Idw;
pub use moments::Moments;
pub use plan::{METHODS, Method, Plan};
pub use smoothing::Smoothing;

/// How far smoothing follows a Gaussian, in standard deviations. What is cut off is below 8e-7 of a lone peak, so that
/// a logarithmic or equalised scale over six decades still sees the whole of it.
pub const REACH: f64 = 5.3;

/// Half of one of 256 levels: the error that the fast way may have, as a share of the greatest value.
pub const HALF_LEVEL: f64 = 1.0 / 512.0;
