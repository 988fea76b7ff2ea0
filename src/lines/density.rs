//! The straight line up to the numbers: events, counts, density.

use crate::bandwidth::{Bandwidth, Length, Rule};
use crate::counts::Aggregate;
use crate::error::Error;
use crate::estimate::Plan;
pub use crate::estimate::{METHODS, Method};
use crate::events::Space;
use crate::frame::Frame;
use crate::grid::{Area, Density, Grid, Quantity};
use crate::kernel::Kernel;
use crate::lines::framing::{self, Size};
use crate::lines::oddities;
use crate::lines::reading::Reading;
use crate::lines::sums::{self, Sums};
use crate::lines::survey::{Survey, nothing_usable};

/// Inputs up to this many bytes are looked through before a way to estimate is chosen; larger ones hold too many events
/// for the exact Gaussian to be the faster way.
const FEW_BYTES: u64 = 4 << 20;

/// What is wanted of the events; by default the density of their number, over their extent.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    /// West, south, east, north; the extent of the events where absent.
    pub bounds: Option<[f64; 4]>,
    /// Number or size of the cells.
    pub size: Size,
    /// The kernel's shape.
    pub kernel: Kernel,
    /// How wide the kernel is.
    pub bandwidth: Bandwidth,
    /// How near the truth the estimate has to be.
    pub method: Method,
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
            kernel: Kernel::default(),
            bandwidth: Bandwidth::Rule(Rule::Auto),
            method: Method::Auto,
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
    /// The bandwidth used; never [`Bandwidth::Rule`].
    pub bandwidth: Bandwidth,
    /// How the estimate was made.
    pub method: &'static str,
    /// How far the estimate may be off: see [`Plan::error`].
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
    let (frame, bandwidth, events) = framed(reading, wish, &mut notes)?;
    let sums = summed(reading, wish, (frame, bandwidth), events, &mut notes)?;
    let mut found = found(reading, vec![sums], vec![bandwidth], wish, &notes)?;
    Ok(found.remove(0))
}

/// As [`density`], for several bandwidths over one frame, from one pass over the events.
///
/// # Errors
/// As [`density`].
pub fn densities(reading: &mut Reading<'_>, wish: &Wish, lengths: &[Length]) -> Result<Vec<Found>, Error> {
    let space = reading.query().space;
    let mut widest = None;
    for length in lengths {
        let (Length::Metres(long) | Length::Pixels(long) | Length::Units(long)) = length.in_space(space)?;
        widest = widest.filter(|(most, _)| *most >= long).or(Some((long, *length)));
    }
    let widest = widest.map_or(wish.bandwidth, |(_, length)| Bandwidth::Fixed(length));
    let wish = Wish { bandwidth: widest, ..wish.clone() };
    check(reading, &wish)?;
    let mut notes = Vec::new();
    let (frame, _, events) = framed(reading, &wish, &mut notes)?;
    let bandwidths: Vec<Bandwidth> = lengths.iter().map(|length| Bandwidth::Fixed(*length)).collect();
    let plans = bandwidths.iter().map(|bandwidth| planned((frame, *bandwidth), &wish, events, &mut notes));
    let plans = plans.collect::<Result<Vec<_>, Error>>()?;
    let sums = sums::of_plans(reading, &plans, wish.aggregate)?;
    found(reading, sums, bandwidths, &wish, &notes)
}

/// What was found, with what the user should know about all of it.
fn found(
    reading: &mut Reading<'_>,
    sums: Vec<Sums>,
    bandwidths: Vec<Bandwidth>,
    wish: &Wish,
    notes: &[String],
) -> Result<Vec<Found>, Error> {
    reading.forget();
    if reading.tally().records == reading.tally().bad() {
        return Err(nothing_usable(reading));
    }
    let of_one = |(sums, bandwidth): (Sums, Bandwidth)| {
        let mut notes = notes.to_vec();
        if wish.bounds.is_none() {
            notes.extend(sums.counts.iter().flat_map(oddities::notes));
        }
        notes.extend(beyond_note(sums.beyond_mercator));
        let (method, error, reached) = (sums.method, sums.error, sums.reached);
        Found { density: measured(reading, sums, wish), bandwidth, method, error, reached, notes }
    };
    Ok(sums.into_iter().zip(bandwidths).map(of_one).collect())
}

/// What to say of events that Mercator cannot show, if there are some.
pub(super) fn beyond_note(events: u64) -> Option<String> {
    (events > 0).then(|| format!("{events} events beyond 85.05° north or south are not on the map"))
}

/// What of a wish cannot be, before anything is read.
pub(super) fn check(reading: &Reading<'_>, wish: &Wish) -> Result<(), Error> {
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
    let each = matches!(wish.bandwidth, Bandwidth::Nearest(_) | Bandwidth::Adaptive(_));
    if each && wish.method == Method::Fast {
        return Err(Error::caller("--method")
            .found(format!("fast with --bandwidth {}", wish.bandwidth))
            .expected("auto or exact: cells cannot keep a bandwidth for each event")
            .advice("leave --method out"));
    }
    Ok(())
}

/// Settles the frame and the bandwidth, looking at the events first where either depends on them; also how many events
/// there are, where that is known.
pub(super) fn framed(
    reading: &mut Reading<'_>,
    wish: &Wish,
    notes: &mut Vec<String>,
) -> Result<(Frame, Bandwidth, Option<u64>), Error> {
    let space = reading.query().space;
    let rule = if let Bandwidth::Rule(rule) = wish.bandwidth { Some(rule) } else { None };
    let few = wish.method == Method::Auto && reading.inputs().bytes() <= FEW_BYTES;
    if let (Some(bounds), None, false) = (wish.bounds, rule, few) {
        return Ok((framing::of_bounds(space, bounds, wish.size)?, wish.bandwidth, None));
    }
    let survey = match reading.stated_bounds() {
        Some(bounds) if rule.is_none() && !few && bounds[2] - bounds[0] <= 180.0 => Survey::stated(bounds),
        _ => Survey::of(reading, true)?,
    };
    let bandwidth = match rule {
        Some(rule) => Bandwidth::Fixed(chosen(reading, &survey, (rule, wish.kernel), notes)?),
        None => wish.bandwidth,
    };
    let frame = match wish.bounds {
        Some(bounds) => framing::of_bounds(space, bounds, wish.size)?,
        None => framing::around(space, survey.extent(reading)?, margin(bandwidth, wish.kernel, space)?, wish.size)?,
    };
    if let Size::Cells(width, height) = wish.size
        && (frame.width(), frame.height()) != (width, height)
    {
        notes.push(format!("the picture is {} x {}: the world is no wider", frame.width(), frame.height()));
    }
    Ok((frame, bandwidth, (survey.events > 0).then_some(survey.events)))
}

fn chosen(
    reading: &mut Reading<'_>,
    survey: &Survey,
    (rule, kernel): (Rule, Kernel),
    notes: &mut Vec<String>,
) -> Result<Length, Error> {
    let space = reading.query().space;
    let chosen = survey.bandwidth(reading, rule)?;
    // Scott's rule and its kin choose a standard deviation, which other kernels have at another bandwidth.
    let factor = if rule == Rule::Auto { 1.0 } else { 1.0 / kernel.deviation() };
    let unknown = if space == Space::Earth { 100.0 } else { 1.0 };
    let length = Length::of_space(space, chosen.map_or(unknown, |length| length * factor));
    notes.push(match chosen {
        Some(_) => format!("bandwidth {length:#}, chosen by {} from the spread of the events", rule.name()),
        None => format!("bandwidth {length:#}: all events are at one place, whose spread says nothing"),
    });
    Ok(length)
}

/// How far beyond the events the picture reaches.
fn margin(bandwidth: Bandwidth, kernel: Kernel, space: Space) -> Result<Option<Length>, Error> {
    match bandwidth {
        Bandwidth::Fixed(length) | Bandwidth::Adaptive(length) => {
            Ok(Some(length.in_space(space)?.times(kernel.margin())))
        }
        // How far these reach is known only once the events are; the outermost should not lie on the very edge.
        Bandwidth::Nearest(_) => Ok(Some(Length::Pixels(16.0))),
        Bandwidth::None | Bandwidth::Rule(_) => Ok(None),
    }
}

/// The sums over a frame, by the way that fits.
pub(super) fn summed(
    reading: &mut Reading<'_>,
    wish: &Wish,
    (frame, bandwidth): (Frame, Bandwidth),
    events: Option<u64>,
    notes: &mut Vec<String>,
) -> Result<Sums, Error> {
    if let Bandwidth::Nearest(_) | Bandwidth::Adaptive(_) = bandwidth {
        return sums::of_each(reading, frame, (wish.kernel, bandwidth), wish.aggregate);
    }
    let plan = planned((frame, bandwidth), wish, events, notes)?;
    Ok(sums::of_plans(reading, &[plan], wish.aggregate)?.remove(0))
}

/// The way to estimate with one bandwidth for all events.
fn planned(
    (frame, bandwidth): (Frame, Bandwidth),
    wish: &Wish,
    events: Option<u64>,
    notes: &mut Vec<String>,
) -> Result<Plan, Error> {
    let breadth = match bandwidth {
        Bandwidth::Fixed(length) => Some(length.over(&frame)?),
        _ => None,
    };
    let (plan, note) = Plan::new(frame, (wish.kernel, breadth), wish.method, events)?;
    notes.extend(note);
    Ok(plan)
}

/// What was wished for, from the sums.
pub(super) fn measured(reading: &Reading<'_>, sums: Sums, wish: &Wish) -> Density {
    let query = reading.query();
    let value = query.value.clone().unwrap_or_default();
    match wish.aggregate {
        Aggregate::Min => Density { grid: sums.weight, quantity: Quantity::Reading(value, "min") },
        Aggregate::Max => Density { grid: sums.weight, quantity: Quantity::Reading(value, "max") },
        Aggregate::Mean => Density { grid: sums.mean(), quantity: Quantity::Reading(value, "mean") },
        Aggregate::Count => amounts(sums.weight, None, wish),
        Aggregate::Sum => amounts(sums.weight, query.weight.clone(), wish),
    }
}

/// Events or summed weights, per area or per cell.
pub(super) fn amounts(mut grid: Grid<f32>, weight: Option<String>, wish: &Wish) -> Density {
    if wish.bandwidth == Bandwidth::None {
        return Density { grid, quantity: Quantity::PerCell(weight) };
    }
    if !wish.per_cell {
        let area = Area::of(grid.frame().space());
        return Density { grid, quantity: Quantity::PerArea(weight, area) };
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
