//! The sums of kernels over the events, by each way there is: over cells that were gathered, or over the events.

use std::sync::Arc;

use rayon::prelude::*;

use crate::accumulate::Deposit;
use crate::bandwidth::{Bandwidth, Length};
use crate::counts::{Aggregate, Counts, Gathered, Touch};
use crate::error::Error;
use crate::estimate::exact::{Exact, Gain, Points};
use crate::estimate::moments::{MOMENTS_METHOD, MomentCells};
use crate::estimate::{Gains, HALF_LEVEL, Idw, Moments, Plan, REACH, Smoothing, each, plan};
use crate::events::Events;
use crate::frame::Frame;
use crate::grid::Grid;
use crate::kernel::Kernel;
use crate::lines::gathering::{Cells, Finished, Gatherer, Gathering};
use crate::lines::reading::Reading;
use crate::lines::spread::{self, Middle};

/// Grids gathered side by side may take this much memory together, before threads have to share one.
const GATHER_BYTES: usize = 256 << 20;

/// A mean is given where the kernels add up to this share of one typical event's peak: for a Gaussian, 4.5 standard
/// deviations from the nearest. Further out it would be a quotient of two remainders.
pub(super) const EVIDENCE: f64 = 4e-5;

/// The sums of kernels at the centre of each cell, and how they came about.
#[derive(Debug, Clone)]
pub struct Sums {
    /// Of weights (or events); least or greatest readings where those were gathered, NaN where there is none.
    pub weight: Grid<f32>,
    /// Of products of weight and reading, where there are readings.
    pub product: Option<Grid<f32>>,
    /// Standard deviations of readings, where those were wanted.
    pub deviation: Option<Grid<f32>>,
    /// What a mean needs at least of summed weights, in each row.
    least: Vec<f32>,
    /// The height of one typical event's kernel, in each row; its weight for plain bins.
    pub one: Vec<f64>,
    /// How the estimate was made.
    pub method: &'static str,
    /// How far it may be off.
    pub error: f64,
    /// Events that reached the frame or its margin, each counted once.
    pub reached: u64,
    /// Events that Mercator cannot show.
    pub beyond_mercator: u64,
    /// The events in cells, where that says enough of where they lie.
    pub counts: Option<Arc<Counts>>,
    /// What the user should know about how the estimate was made.
    pub note: Option<String>,
}

impl Sums {
    /// With a note on the choice of the way, unless there is one already.
    pub fn noting(self, why: Option<String>) -> Sums {
        Sums { note: self.note.or(why), ..self }
    }

    /// The mean reading: NaN where no event is near enough to say anything.
    pub fn mean(&self) -> Grid<f32> {
        let frame = *self.weight.frame();
        let width = frame.width() as usize;
        let products = self.product.as_ref().expect("a mean has readings");
        let mut values = vec![f32::NAN; frame.len()];
        let lines = values.par_chunks_mut(width).zip(products.values().par_chunks(width));
        let lines = lines.zip(self.weight.values().par_chunks(width)).zip(&self.least);
        lines.for_each(|(((out, products), weights), least)| {
            for ((out, product), weight) in out.iter_mut().zip(products).zip(weights) {
                if weight > least {
                    *out = product / weight;
                }
            }
        });
        Grid::new(frame, values)
    }
}

impl Sums {
    /// How much is known, as an opacity: `1 - exp(-w / w0)`, where `w` is the summed weights and `w0` those at a typical
    /// reading that is alone. So 63 % at one reading, 95 % where there are three.
    pub fn evidence(&self) -> Grid<f32> {
        let width = self.weight.frame().width() as usize;
        let mut grid = self.weight.clone();
        grid.values_mut().par_chunks_mut(width).zip(&self.one).for_each(|(line, one)| {
            let one = *one as f32;
            for weight in line {
                *weight = if one > 0.0 { -(-*weight / one).exp_m1() } else { 0.0 };
            }
        });
        grid
    }
}

/// The sums of several plans over one frame, from one pass over the events; and from another, exactly, where moment cells
/// did not keep the bound that they promise.
///
/// # Errors
/// What reading and gathering meet.
pub fn of_plans(reading: &mut Reading<'_>, plans: &[Plan], aggregate: Aggregate) -> Result<Vec<Sums>, Error> {
    let mut sums = of_one_pass(reading, plans, aggregate)?;
    let (missed, exact): (Vec<usize>, Vec<Plan>) = plans.iter().zip(&sums).enumerate().filter_map(missed).unzip();
    if exact.is_empty() {
        return Ok(sums);
    }
    for (i, exact) in missed.into_iter().zip(of_one_pass(reading, &exact, aggregate)?) {
        let why = "with these events moment cells would be off by more than 1/512 of the maximum";
        sums[i] = Sums { note: Some(format!("estimated exactly: {why}")), ..exact };
    }
    Ok(sums)
}

/// Which plan missed its bound, and the exact one in its place.
fn missed((i, (plan, sums)): (usize, (&Plan, &Sums))) -> Option<(usize, Plan)> {
    match plan {
        Plan::Moments(way) if sums.error > HALF_LEVEL => Some((i, Plan::Exact(way.exact().clone()))),
        _ => None,
    }
}

fn of_one_pass(reading: &mut Reading<'_>, plans: &[Plan], aggregate: Aggregate) -> Result<Vec<Sums>, Error> {
    let plans: Vec<Plan> = plans.iter().map(|plan| followed(plan, aggregate)).collect();
    let (gatherings, of) = Gathering::of_plans(&plans);
    let new = || gatherings.iter().map(|gathering| Gatherer::new(gathering, aggregate)).collect::<Vec<_>>();
    let middle = (aggregate == Aggregate::Std).then(|| Middle::of(reading)).transpose()?;
    let add = |all: &mut Vec<Gatherer>, events: &Events| {
        let centred = middle.map(|middle| middle.centred(events));
        all.iter_mut().try_for_each(|one| one.add(centred.as_ref().unwrap_or(events)))
    };
    if let (Some(cells), Some((pieces, deposit))) = (pictured(&plans), finest(&gatherings)) {
        reading.cut_at(&cells, &pieces, deposit != Deposit::Cell)?;
    }
    let bytes: usize = gatherings.iter().map(|gathering| gathering.bytes(aggregate)).sum();
    let threads = reading.pass("gathering", ((GATHER_BYTES / bytes.max(1)).max(1), false), new, add)?;
    reading.stage("estimating");
    let gathered = Gatherer::finish(threads);
    let sums = |(plan, of): (&Plan, &usize)| match (plan, &gathered[*of]) {
        (Plan::Smoothing(way), Finished::Cells(cells)) => smoothed(way, cells, middle),
        (Plan::Exact(way), Finished::Points(points)) => of_points(way, points, aggregate),
        (Plan::Moments(way), Finished::Moments(cells)) => of_moments(way, cells),
        _ => unreachable!("what is gathered for a plan is what it asks for"),
    };
    Ok(plans.iter().zip(&of).map(sums).collect())
}

/// The cells of the picture, where it is made of smaller or larger ones.
fn pictured(plans: &[Plan]) -> Option<Frame> {
    plans.iter().find_map(|plan| if let Plan::Smoothing(way) = plan { Some(way.frame) } else { None })
}

/// The smallest cells that are gathered, and how events touch them.
fn finest(gatherings: &[Gathering]) -> Option<(Frame, Deposit)> {
    let cells = gatherings.iter().filter_map(|gathering| match gathering {
        Gathering::Cells(frame, deposit) => Some((*frame, deposit.clone())),
        _ => None,
    });
    cells.max_by(|(a, _), (b, _)| a.cells_per_unit().0.total_cmp(&b.cells_per_unit().0))
}

fn followed(plan: &Plan, aggregate: Aggregate) -> Plan {
    match plan {
        Plan::Exact(way) if aggregate == Aggregate::Mean => Plan::Exact(way.followed_further()),
        plan => plan.clone(),
    }
}

/// The sums by smoothing what was gathered in cells; plain bins too. Standard deviations are around the `middle` that
/// readings were moved to.
fn smoothed(way: &Smoothing, cells: &Cells, middle: Option<Middle>) -> Sums {
    let &Cells { ref counts, reached, beyond_mercator } = cells;
    let typical = typical_weight(way, counts, reached);
    let share = |share: f64| if way.sigma.is_some() { share * typical } else { 0.0 };
    let one = (0..way.frame.height()).map(|row| typical * way.peak(row)).collect();
    let row_peaks = |share: f64| (0..way.frame.height()).map(|row| (share * way.peak(row)) as f32).collect::<Vec<_>>();
    let (mut weight, product) = match (&counts.gathered, Gains::of(counts)) {
        (_, Some((weight, product))) => {
            let estimate = |gains| way.estimate_over(&counts.frame, gains);
            (estimate(weight), product.map(estimate))
        }
        (Gathered::Least(cells) | Gathered::Greatest(cells), _) => (extremes(way.frame, cells), None),
        (_, None) => unreachable!("all but minima and maxima are sums"),
    };
    if product.is_none() && way.sigma.is_some() {
        cut(&mut weight, &row_peaks(share((-REACH * REACH / 2.0).exp())));
    }
    let (method, error, least) = (way.method(), way.error(), row_peaks(share(EVIDENCE)));
    let deviation = middle.and_then(|middle| middle.deviations(counts));
    let counts = Some(Arc::clone(counts));
    Sums { weight, product, deviation, least, one, method, error, reached, beyond_mercator, counts, note: None }
}

/// The mean weight of an event; 1 where events are merely counted.
fn typical_weight(way: &Smoothing, counts: &Counts, reached: u64) -> f64 {
    if matches!(counts.gathered, Gathered::Events(_)) {
        return 1.0;
    }
    let middle = way.frame.height() / 2;
    // Where kernels are laid over cells, each event is counted by all the cells in its reach.
    let cells = match way.touch {
        Touch::Kernel => 1.0 / (way.peak(middle) * way.frame.cell_area(i64::from(middle))),
        Touch::Cell | Touch::Spline => 1.0,
    };
    counts.mass().abs() / (cells * reached.max(1) as f64)
}

/// Makes nothing of what is below the reach of one typical event's kernel: remainders of the method, whose outline is
/// that of larger cells and not of the kernel.
pub(super) fn cut(grid: &mut Grid<f32>, least: &[f32]) {
    let width = grid.frame().width() as usize;
    grid.values_mut().par_chunks_mut(width).zip(least).for_each(|(line, least)| {
        for value in line {
            *value = if value.abs() < *least { 0.0 } else { *value };
        }
    });
}

fn extremes(frame: Frame, cells: &[f64]) -> Grid<f32> {
    Grid::new(frame, cells.par_iter().map(|v| if v.is_finite() { *v as f32 } else { f32::NAN }).collect())
}

/// The sums over points that were gathered.
pub fn of_points(way: &Exact, points: &Points, aggregate: Aggregate) -> Sums {
    let weight = way.estimate(points, Gain::Weight);
    let product = (aggregate == Aggregate::Mean).then(|| way.estimate(points, Gain::Product));
    // As high as that of an event with the geometric mean of all bandwidths; exactly 1 where there is but one.
    let shrinks = points.sorted().iter().map(|point| point.shrink.ln()).sum::<f64>();
    let height = (shrinks / points.sorted().len().max(1) as f64).exp();
    let typical = height * points.mass().abs() / points.reached().max(1) as f64;
    let one: Vec<f64> = (0..weight.frame().height() as usize).map(|row| typical * way.peak(row)).collect();
    Sums {
        counts: Some(Arc::new(points.counts())),
        weight,
        product,
        deviation: None,
        least: one.iter().map(|one| (EVIDENCE * one) as f32).collect(),
        one,
        method: plan::EXACT_METHOD,
        error: plan::EXACT_ERROR,
        reached: points.reached(),
        beyond_mercator: points.beyond_mercator(),
        note: None,
    }
}

/// The sums over what was gathered in moment cells.
fn of_moments(way: &Moments, cells: &MomentCells) -> Sums {
    let points = way.points(cells);
    let mut sums = of_points(way.exact(), &points, Aggregate::Count);
    // What is left of kernels that cancelled may be a little below zero.
    sums.weight.values_mut().par_iter_mut().for_each(|v| *v = v.max(0.0));
    let error = way.error(&points, &sums.weight);
    Sums { method: MOMENTS_METHOD, error, ..sums }
}

/// The readings interpolated by inverse distances, as if they were sums.
///
/// # Errors
/// What reading meets, and when there is no reading.
pub fn interpolated(reading: &mut Reading<'_>, frame: Frame, way: &Idw) -> Result<Sums, Error> {
    let events = all(reading)?;
    reading.stage("estimating");
    Ok(Sums {
        weight: way.interpolate(frame, &events)?,
        product: None,
        deviation: None,
        one: Vec::new(),
        least: Vec::new(),
        method: "inverse distance weighting",
        error: plan::EXACT_ERROR,
        reached: events.len() as u64,
        beyond_mercator: 0,
        counts: None,
        note: None,
    })
}

/// The sums with a bandwidth for each event.
///
/// # Errors
/// What reading meets, and when the events do not allow such a bandwidth.
pub fn of_each(
    reading: &mut Reading<'_>,
    frame: Frame,
    (kernel, bandwidth): (Kernel, Bandwidth),
    aggregate: Aggregate,
) -> Result<Sums, Error> {
    let space = reading.query().space;
    let events = all(reading)?;
    reading.stage("estimating");
    let lengths = match bandwidth {
        Bandwidth::Adaptive(Length::Pixels(_)) => {
            return Err(Error::caller("--bandwidth")
                .found(format!("`{bandwidth}`"))
                .expected("a length on the ground, or in the unit of a flat space: events have no pixels")
                .advice("write it like adaptive:250m or adaptive:0.4u"));
        }
        Bandwidth::Adaptive(length) => match length.in_space(space)? {
            Length::Metres(h) | Length::Units(h) | Length::Pixels(h) => each::abramson(&events, h)?,
        },
        Bandwidth::Nearest(k) => each::nearest(&events, k)?,
        _ => unreachable!("other bandwidths are one for all events"),
    };
    let way = Exact::new(frame, kernel, Length::of_space(space, 1.0).over(&frame)?);
    let way = if matches!(aggregate, Aggregate::Mean | Aggregate::Std) { way.followed_further() } else { way };
    if aggregate == Aggregate::Std {
        return Ok(spread::of_events(&way, &events, |events| way.points_of(events, &lengths)));
    }
    Ok(of_points(&way, &way.points_of(&events, &lengths), aggregate))
}

/// All events of a run, in an order that does not depend on how they were read.
///
/// # Errors
/// What reading meets.
pub fn all(reading: &mut Reading<'_>) -> Result<Events, Error> {
    let space = reading.query().space;
    let add = |all: &mut Events, events: &Events| {
        all.extend(events);
        Ok(())
    };
    let gathered = reading.pass("gathering", (usize::MAX, false), || Events::new(space), add)?;
    let mut all = Events::new(space);
    for events in &gathered {
        all.extend(events);
    }
    all.sort();
    Ok(all)
}
