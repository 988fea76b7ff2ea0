//! Which way to estimate: by smoothing, from moment cells, or exactly.

use crate::bandwidth::Breadth;
use crate::counts::Aggregate;
use crate::error::Error;
use crate::estimate::exact::Exact;
use crate::estimate::moments::{MOMENTS_METHOD, Moments};
use crate::estimate::smoothing::Smoothing;
use crate::estimate::{HALF_LEVEL, cost};
use crate::frame::Frame;
use crate::kernel::Kernel;

/// How near the truth the estimate has to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Method {
    /// Exactly where that takes no longer, or where smoothing cannot keep its bound, as for every kernel but the Gaussian;
    /// otherwise by smoothing.
    #[default]
    Auto,
    /// Within 1e-6 of the greatest value.
    Exact,
    /// Within 1/512 of the greatest value.
    Fast,
}

/// The methods by the name that `--method` knows them by.
pub const METHODS: &[(&str, Method)] = &[("auto", Method::Auto), ("exact", Method::Exact), ("fast", Method::Fast)];

/// Seconds that nobody notices beside the start of a program: an estimate that takes less is as fast as any.
const AT_ONCE: f64 = 0.01;

/// The bound that the exact way keeps, as a share of the greatest value.
pub const EXACT_ERROR: f64 = 1e-6;

/// What the exact way is called in reports.
pub const EXACT_METHOD: &str = "exact sum of kernels";

/// A way to estimate.
#[derive(Debug, Clone, PartialEq)]
pub enum Plan {
    /// Gather in cells, then smooth; plain bins too.
    Smoothing(Smoothing),
    /// Hold the events, then sum their kernels.
    Exact(Exact),
    /// Gather in moment cells, then sum the kernels of their centroids.
    Moments(Moments),
}

impl Plan {
    /// The way to estimate an aggregate of `events` events, as many as are known of, with a kernel over a frame; without a
    /// bandwidth, plain bins. The second is what the user should know about a choice that differs from what was asked for.
    ///
    /// # Errors
    /// When the margin of the fast way makes the grid larger than a frame may be.
    pub fn new(
        frame: Frame,
        (kernel, breadth): (Kernel, Option<Breadth>),
        (method, aggregate): (Method, Aggregate),
        events: Option<u64>,
    ) -> Result<(Plan, Option<String>), Error> {
        let Some(breadth) = breadth else {
            return Ok((Plan::Smoothing(Smoothing::new(frame, None)?), None));
        };
        let exact = Exact::new(frame, kernel, breadth);
        let unable = |why: String| (method == Method::Fast).then(|| format!("estimated exactly: {why}"));
        if method == Method::Exact || kernel != Kernel::Gaussian && method == Method::Auto {
            return Ok((Plan::Exact(exact), None));
        }
        if kernel != Kernel::Gaussian {
            return Ok(match moments(frame, (kernel, breadth), aggregate) {
                Ok(moments) => (Plan::Moments(moments), None),
                Err(why) => (Plan::Exact(exact), unable(why)),
            });
        }
        let smoothing = cheaper(Smoothing::new(frame, Some(breadth))?, events);
        let error = smoothing.error();
        if error > HALF_LEVEL {
            let why = format!("smoothing would be off by {error:.1e} of the maximum, which is more than 1/512");
            return Ok((Plan::Exact(exact), unable(why)));
        }
        let as_fast = events.is_some_and(|n| cost::exact(&exact, n) <= cost::smoothing(&smoothing, n).max(AT_ONCE));
        let plan = if method == Method::Auto && as_fast { Plan::Exact(exact) } else { Plan::Smoothing(smoothing) };
        Ok((plan, None))
    }

    /// How the estimate is made, in words.
    pub fn method(&self) -> &'static str {
        match self {
            Plan::Smoothing(smoothing) => smoothing.method(),
            Plan::Exact(_) => EXACT_METHOD,
            Plan::Moments(_) => MOMENTS_METHOD,
        }
    }

    /// How far the estimate may be from the true sum: for smoothing, the estimate of one event as a share of its peak.
    /// Moment cells promise half a level, and know what they kept once they are summed: see [`Moments::error`].
    pub fn error(&self) -> f64 {
        match self {
            Plan::Smoothing(smoothing) => smoothing.error(),
            Plan::Exact(_) => EXACT_ERROR,
            Plan::Moments(_) => HALF_LEVEL,
        }
    }

    /// The height of the kernel of one event of weight 1, at a row of the frame; 1 for plain bins.
    pub fn peak(&self, row: u32) -> f64 {
        match self {
            Plan::Smoothing(smoothing) => smoothing.peak(row),
            Plan::Exact(exact) => exact.peak(row as usize),
            Plan::Moments(moments) => moments.exact().peak(row as usize),
        }
    }
}

/// The way itself, or that over finer cells where it takes less time; a number of events that is not known is large.
fn cheaper(way: Smoothing, events: Option<u64>) -> Smoothing {
    let Some(finer) = way.over_finer() else { return way };
    let events = events.unwrap_or(u64::MAX);
    if cost::smoothing(&finer, events) < cost::smoothing(&way, events) { finer } else { way }
}

/// The estimate from moment cells, or why there is none.
fn moments(frame: Frame, (kernel, breadth): (Kernel, Breadth), aggregate: Aggregate) -> Result<Moments, String> {
    if aggregate != Aggregate::Count {
        return Err("only a Gaussian is estimated from cells where events are weighed or have readings".to_owned());
    }
    Moments::new(frame, kernel, breadth)
}
