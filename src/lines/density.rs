//! The straight line up to the numbers: events, counts, density.

use rayon::prelude::*;

use crate::accumulate::{Accumulator, Deposit, Splat};
use crate::bandwidth::Bandwidth;
use crate::counts::{Aggregate, Counts, Gathered, Touch};
use crate::error::Error;
use crate::estimate::{Gains, Plan, REACH};
use crate::events::Space;
use crate::frame::Frame;
use crate::grid::{Area, Density, Grid, Quantity};
use crate::lines::framing::{self, Reach, Size};
use crate::lines::oddities;
use crate::lines::reading::Reading;
use crate::lines::survey::{Survey, nothing_usable};

/// Grids gathered side by side may take this much memory together, before threads have to share one.
const GATHER_BYTES: usize = 256 << 20;

/// A mean is given where the kernels add up to this share of one typical event's peak: 4.5 standard deviations from
/// the nearest. Further out it would be a quotient of two remainders.
const EVIDENCE: f64 = 4e-5;

/// What is wanted of the events; by default the density of their number, over their extent.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    /// West, south, east, north; the extent of the events where absent.
    pub bounds: Option<[f64; 4]>,
    /// Number or size of the cells.
    pub size: Size,
    /// The kernel's length.
    pub bandwidth: Bandwidth,
    /// What a cell gathers.
    pub aggregate: Aggregate,
    /// Whether values are expected events per cell instead of a density.
    pub per_cell: bool,
}

impl Default for Wish {
    fn default() -> Wish {
        Wish {
            bounds: None,
            size: Size::default(),
            bandwidth: Bandwidth::Auto,
            aggregate: Aggregate::Count,
            per_cell: false,
        }
    }
}

/// A density and how it came about.
#[derive(Debug, Clone)]
pub struct Found {
    /// The values.
    pub density: Density,
    /// The bandwidth used; never [`Bandwidth::Auto`].
    pub bandwidth: Bandwidth,
    /// How the estimate was made.
    pub method: &'static str,
    /// How far the estimate of one event may be off, as a share of its kernel's peak.
    pub error: f64,
    /// Events that reached the frame or its margin.
    pub reached: u64,
    /// Things the user should know.
    pub notes: Vec<String>,
}

/// Reads the events and estimates what is wanted of them.
///
/// # Errors
/// What reading meets, when no row can be used, and when the wish contradicts itself or the events.
pub fn density(reading: &mut Reading<'_>, wish: &Wish) -> Result<Found, Error> {
    check(reading, wish)?;
    let mut notes = Vec::new();
    let (frame, bandwidth) = frame_and_bandwidth(reading, wish, &mut notes)?;
    let plan = Plan::new(frame, bandwidth.sigma(&frame)?)?;
    let (counts, reached, beyond_mercator) = gather(reading, &plan, wish.aggregate)?;
    reading.forget();
    if reading.tally().records == reading.tally().bad() {
        return Err(nothing_usable(reading));
    }
    if wish.bounds.is_none() {
        notes.extend(oddities::notes(&counts));
    }
    let density = estimate(reading, &plan, &counts, reached, wish);
    if beyond_mercator > 0 {
        notes.push(format!("{beyond_mercator} events beyond 85.05° north or south are not on the map"));
    }
    Ok(Found { density, bandwidth, method: plan.method(), error: plan.error(), reached, notes })
}

fn check(reading: &Reading<'_>, wish: &Wish) -> Result<(), Error> {
    let extreme = matches!(wish.aggregate, Aggregate::Min | Aggregate::Max);
    if extreme && wish.bandwidth != Bandwidth::None {
        return Err(Error::caller("--agg")
            .found(format!("min or max with --bandwidth {}", wish.bandwidth))
            .expected("plain bins: a kernel sums, and has no minimum or maximum")
            .advice("add --bandwidth none"));
    }
    if (extreme || wish.aggregate == Aggregate::Mean) && reading.query().value.is_none() {
        return Err(Error::caller("--agg")
            .found("mean, min or max without a reading")
            .expected("the column to summarise")
            .advice("name it with --value COLUMN"));
    }
    if wish.aggregate == Aggregate::Sum && reading.query().weight.is_none() {
        return Err(Error::caller("--agg")
            .found("sum without a weight")
            .expected("the column to add up")
            .advice("name it with --weight COLUMN"));
    }
    Ok(())
}

/// Settles the frame and the bandwidth, looking at the events first where either depends on them.
fn frame_and_bandwidth(
    reading: &mut Reading<'_>,
    wish: &Wish,
    notes: &mut Vec<String>,
) -> Result<(Frame, Bandwidth), Error> {
    let space = reading.query().space;
    let auto = wish.bandwidth == Bandwidth::Auto;
    if let (Some(bounds), false) = (wish.bounds, auto) {
        return Ok((framing::of_bounds(space, bounds, wish.size)?, wish.bandwidth));
    }
    let survey = match reading.stated_bounds() {
        Some(bounds) if !auto && bounds[2] - bounds[0] <= 180.0 => Survey::stated(bounds),
        _ => Survey::of(reading, true)?,
    };
    let bandwidth = if auto { chosen(reading, &survey, notes)? } else { wish.bandwidth };
    let frame = match wish.bounds {
        Some(bounds) => framing::of_bounds(space, bounds, wish.size)?,
        None => framing::around(space, survey.extent(reading)?, reach(bandwidth, space)?, wish.size)?,
    };
    if let Size::Cells(width, height) = wish.size
        && (frame.width(), frame.height()) != (width, height)
    {
        notes.push(format!("the picture is {} x {}: the world is no wider", frame.width(), frame.height()));
    }
    Ok((frame, bandwidth))
}

fn chosen(reading: &mut Reading<'_>, survey: &Survey, notes: &mut Vec<String>) -> Result<Bandwidth, Error> {
    let earth = reading.query().space == Space::Earth;
    let chosen = survey.bandwidth(reading)?;
    let bandwidth = match (chosen, earth) {
        (Some(length), true) => Bandwidth::Metres(length),
        (Some(length), false) => Bandwidth::Units(length),
        (None, true) => Bandwidth::Metres(100.0),
        (None, false) => Bandwidth::Units(1.0),
    };
    notes.push(match chosen {
        Some(_) => format!("bandwidth {bandwidth:#}, chosen from the spread of the events"),
        None => format!("bandwidth {bandwidth:#}: all events are at one place, whose spread says nothing"),
    });
    Ok(bandwidth)
}

fn reach(bandwidth: Bandwidth, space: Space) -> Result<Option<Reach>, Error> {
    Ok(match (bandwidth, space) {
        (Bandwidth::None | Bandwidth::Auto, _) => None,
        (Bandwidth::Pixels(px), _) => Some(Reach::Cells(px)),
        (Bandwidth::Metres(m), Space::Earth) => Some(Reach::Ground(m)),
        (Bandwidth::Units(u), Space::Flat { .. }) => Some(Reach::Units(u)),
        (Bandwidth::Metres(m), Space::Flat { unit, .. }) => unit.metres().map(|metres| Reach::Units(m / metres)),
        (Bandwidth::Units(_), Space::Earth) => {
            return Err(Error::caller("--bandwidth")
                .found(format!("`{bandwidth}`"))
                .expected("metres, kilometres or px on the Earth")
                .advice("write it like 250m, or say with --flat that the positions are not on the Earth"));
        }
    })
}

/// Gathers all events over the plan's cells; also how many reached them, and how many Mercator cannot show.
fn gather(reading: &mut Reading<'_>, plan: &Plan, aggregate: Aggregate) -> Result<(Counts, u64, u64), Error> {
    let deposit = match (plan.touch, plan.gather_sigma()) {
        (Touch::Kernel, Some(sigma)) => Deposit::Kernel(Splat::new(plan.gather, sigma)),
        (Touch::Spline, _) => Deposit::Spline,
        _ => Deposit::Cell,
    };
    let new = || Accumulator::new(plan.gather, deposit.clone(), aggregate);
    let at_once = (GATHER_BYTES / (plan.gather.len() * bytes_per_cell(plan.touch, aggregate))).max(1);
    let gathered = reading.pass("gathering", (at_once, false), new, Accumulator::add)?;
    let reached = gathered.iter().map(Accumulator::reached).sum();
    let beyond = gathered.iter().map(Accumulator::beyond_mercator).sum();
    Ok((Accumulator::finish(gathered), reached, beyond))
}

fn bytes_per_cell(touch: Touch, aggregate: Aggregate) -> usize {
    match aggregate {
        Aggregate::Count if touch == Touch::Cell => 2,
        Aggregate::Count | Aggregate::Min | Aggregate::Max => 8,
        Aggregate::Sum => 16,
        Aggregate::Mean => 32,
    }
}

fn estimate(reading: &Reading<'_>, plan: &Plan, counts: &Counts, reached: u64, wish: &Wish) -> Density {
    let query = reading.query();
    let value = query.value.clone().unwrap_or_default();
    let typical = typical_weight(plan, counts, reached);
    let reading_of = |word| Quantity::Reading(value.clone(), word);
    match (&counts.gathered, Gains::of(counts)) {
        (Gathered::Least(cells), _) => Density { grid: extremes(plan, cells), quantity: reading_of("min") },
        (Gathered::Greatest(cells), _) => Density { grid: extremes(plan, cells), quantity: reading_of("max") },
        (_, Some((weight, Some(product)))) => {
            let grid = mean(plan, &plan.estimate(product), &plan.estimate(weight), typical);
            Density { grid, quantity: reading_of("mean") }
        }
        (_, Some((sums, None))) => sums_of(plan, sums, typical, wish, query.weight.clone()),
        (_, None) => unreachable!("minima and maxima are handled above"),
    }
}

/// The mean weight of an event; 1 where events are merely counted.
fn typical_weight(plan: &Plan, counts: &Counts, reached: u64) -> f64 {
    if matches!(counts.gathered, Gathered::Events(_)) {
        return 1.0;
    }
    let middle = plan.frame.height() / 2;
    // Where kernels are laid over cells, each event is counted by all the cells in its reach.
    let cells = match plan.touch {
        Touch::Kernel => 1.0 / (plan.peak(middle) * plan.frame.cell_area(i64::from(middle))),
        Touch::Cell | Touch::Spline => 1.0,
    };
    counts.mass().abs() / (cells * reached.max(1) as f64)
}

/// Events or summed weights, per area or per cell.
fn sums_of(plan: &Plan, sums: Gains<'_>, typical: f64, wish: &Wish, weight: Option<String>) -> Density {
    let weight = weight.filter(|_| wish.aggregate == Aggregate::Sum);
    let mut grid = plan.estimate(sums);
    if plan.sigma.is_none() {
        return Density { grid, quantity: Quantity::PerCell(weight) };
    }
    cut(plan, &mut grid, typical);
    if !wish.per_cell {
        return Density { grid, quantity: Quantity::PerArea(weight, Area::of(plan.frame.space())) };
    }
    let frame = *grid.frame();
    for (row, line) in grid.values_mut().chunks_mut(frame.width() as usize).enumerate() {
        let area = frame.cell_area(row as i64);
        for value in line {
            *value = (f64::from(*value) * area) as f32;
        }
    }
    Density { grid, quantity: Quantity::PerCell(weight) }
}

/// Makes nothing of what is below the reach of one typical event's kernel: remainders of the method, whose outline is
/// that of larger cells and not of the kernel.
fn cut(plan: &Plan, grid: &mut Grid<f32>, typical: f64) {
    let width = plan.frame.width() as usize;
    let end = (-REACH * REACH / 2.0).exp() * typical;
    grid.values_mut().par_chunks_mut(width).enumerate().for_each(|(row, line)| {
        let least = (end * plan.peak(row as u32)) as f32;
        for value in line {
            *value = if value.abs() < least { 0.0 } else { *value };
        }
    });
}

fn extremes(plan: &Plan, cells: &[f64]) -> Grid<f32> {
    Grid::new(plan.frame, cells.par_iter().map(|v| if v.is_finite() { *v as f32 } else { f32::NAN }).collect())
}

/// The mean reading: NaN where no event is near enough to say anything.
fn mean(plan: &Plan, products: &Grid<f32>, weights: &Grid<f32>, typical: f64) -> Grid<f32> {
    let width = plan.frame.width() as usize;
    let mut values = vec![f32::NAN; plan.frame.len()];
    let lines = values.par_chunks_mut(width).zip(products.values().par_chunks(width));
    lines.zip(weights.values().par_chunks(width)).enumerate().for_each(|(row, ((out, products), weights))| {
        let least = if plan.sigma.is_some() { (EVIDENCE * typical * plan.peak(row as u32)) as f32 } else { 0.0 };
        for ((out, product), weight) in out.iter_mut().zip(products).zip(weights) {
            if *weight > least {
                *out = product / weight;
            }
        }
    });
    Grid::new(plan.frame, values)
}
