//! The straight line up to the numbers: events, counts, density.

use crate::bandwidth::{Bandwidth, Length, Rule};
use crate::counts::Aggregate;
use crate::error::Error;
pub use crate::estimate::Idw;
use crate::estimate::Plan;
pub use crate::estimate::{METHODS, Method};
use crate::events::Space;
use crate::frame::Frame;
use crate::grid::{Area, Density, Grid, Quantity};
use crate::kernel::Kernel;
use crate::lines::area::StudyArea;
use crate::lines::cells::Memory;
use crate::lines::edge;
use crate::lines::framing::{self, Size};
use crate::lines::oddities;
use crate::lines::pyramid;
use crate::lines::reading::Reading;
use crate::lines::spread;
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
    /// Readings interpolated by inverse distances instead; there is no kernel then.
    pub interpolation: Option<Idw>,
    /// The unit of the readings, for whoever reads the values.
    pub unit: Option<String>,
    /// Whether it is to be told how much evidence there is for each value.
    pub evidence: bool,
    /// Whether values are expected events per cell instead of a density.
    pub per_cell: bool,
    /// Cells outside have no data. Where no bounds are given the picture is of its extent.
    pub mask: Option<StudyArea>,
    /// Whether the events of the study area (of the bounds, without a mask) are all there could be: others are left out,
    /// and the estimate is divided by the share of the kernel that lies inside.
    pub edge_correct: bool,
    /// How much memory the cells of pyramids may take.
    pub memory: Memory,
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
            interpolation: None,
            unit: None,
            evidence: false,
            per_cell: false,
            mask: None,
            edge_correct: false,
            memory: Memory::default(),
        }
    }
}

/// A density and how it came about.
#[derive(Debug, Clone)]
pub struct Found {
    /// The values.
    pub density: Density,
    /// How much evidence there is for each value, as an opacity from 0 to 1, where it was asked for.
    pub evidence: Option<Grid<f32>>,
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
    /// What is private, in words that do not say where.
    pub private: Option<String>,
}

/// Reads the events and estimates what is wanted of them.
///
/// # Errors
/// What reading meets, when no row can be used, and when the wish contradicts itself or the events.
pub fn density(reading: &mut Reading<'_>, wish: &Wish) -> Result<Found, Error> {
    check(reading, wish)?;
    let mut notes = Vec::new();
    let study = study_area(reading, wish)?;
    let (frame, bandwidth, events) = framed(reading, wish, &mut notes)?;
    if let Some(mut found) = pyramid::zoomed(reading, wish, (frame, bandwidth))? {
        wish.mask.iter().for_each(|area| area.clip(&mut found.density.grid));
        found.notes.splice(..0, notes);
        return Ok(found);
    }
    let sums = summed(reading, wish, (frame, bandwidth), events)?;
    let mut found = found(reading, (vec![sums], vec![bandwidth]), wish, study.as_ref(), &notes)?;
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
    let study = study_area(reading, &wish)?;
    let (frame, _, events) = framed(reading, &wish, &mut notes)?;
    reading.cut_at(&frame, &frame, true)?;
    let bandwidths: Vec<Bandwidth> = lengths.iter().map(|length| Bandwidth::Fixed(*length)).collect();
    let sums = if wish.aggregate == Aggregate::Std {
        let mut one = |bandwidth: &Bandwidth| summed(reading, &wish, (frame, *bandwidth), events);
        bandwidths.iter().map(&mut one).collect::<Result<Vec<_>, Error>>()?
    } else {
        let planned = bandwidths.iter().map(|bandwidth| planned((frame, *bandwidth), &wish, events));
        let (plans, why): (Vec<_>, Vec<_>) = planned.collect::<Result<Vec<_>, Error>>()?.into_iter().unzip();
        let sums = sums::of_plans(reading, &plans, wish.aggregate)?;
        sums.into_iter().zip(why).map(|(sums, why)| sums.noting(why)).collect()
    };
    found(reading, (sums, bandwidths), &wish, study.as_ref(), &notes)
}

/// What was found, with what the user should know about all of it.
fn found(
    reading: &mut Reading<'_>,
    (sums, bandwidths): (Vec<Sums>, Vec<Bandwidth>),
    wish: &Wish,
    study: Option<&StudyArea>,
    notes: &[String],
) -> Result<Vec<Found>, Error> {
    reading.forget();
    if reading.tally().records == reading.tally().bad() {
        return Err(nothing_usable(reading));
    }
    let outside = reading.outside();
    let of_one = |(mut sums, bandwidth): (Sums, Bandwidth)| {
        let mut notes = notes.to_vec();
        if let (Some(study), Bandwidth::Fixed(length)) = (study, bandwidth) {
            let frame = *sums.weight.frame();
            edge::correct(&mut sums.weight, study, wish.kernel, length.over(&frame)?)?;
            notes.extend((outside > 0).then(|| format!("{outside} events outside the study area are left out")));
        }
        if wish.bounds.is_none() && wish.mask.is_none() {
            notes.extend(sums.counts.iter().flat_map(|counts| oddities::notes(counts)));
        }
        notes.extend(beyond_note(sums.beyond_mercator));
        notes.extend(sums.note.take());
        let (method, error, reached) = (sums.method, sums.error, sums.reached);
        let evidence = wish.evidence.then(|| sums.evidence());
        let mut density = measured(reading, sums, wish);
        reading.veil(&mut density.grid);
        wish.mask.iter().for_each(|area| area.clip(&mut density.grid));
        let private = reading.query().privacy();
        Ok(Found { density, evidence, bandwidth, method, error, reached, notes, private })
    };
    sums.into_iter().zip(bandwidths).map(of_one).collect()
}

/// What to say of events that Mercator cannot show, if there are some.
pub(super) fn beyond_note(events: u64) -> Option<String> {
    (events > 0).then(|| format!("{events} events beyond 85.05° north or south are not on the map"))
}

/// The area whose edges are to be corrected for; events elsewhere are not read.
fn study_area(reading: &mut Reading<'_>, wish: &Wish) -> Result<Option<StudyArea>, Error> {
    if !wish.edge_correct {
        return Ok(None);
    }
    let study = match (&wish.mask, wish.bounds) {
        (Some(mask), _) => mask.clone(),
        (None, Some(bounds)) => StudyArea::rectangle(reading.query().space, bounds)?,
        (None, None) => {
            return Err(Error::caller("--edge-correct")
                .found("neither --mask nor --bounds")
                .expected("the edges of the study area")
                .advice("give its polygons as --mask, or its rectangle as --bounds"));
        }
    };
    reading.keep_to(study.clone());
    Ok(Some(study))
}

/// What of a wish cannot be, before anything is read.
pub(super) fn check(reading: &Reading<'_>, wish: &Wish) -> Result<(), Error> {
    check_readings(reading, wish)?;
    if wish.aggregate == Aggregate::Sum && reading.query().weight.is_none() {
        return Err(Error::caller("--agg")
            .found("sum without a weight")
            .expected("the column to add up")
            .advice("name it with --weight COLUMN"));
    }
    if wish.aggregate == Aggregate::Count && reading.query().weight.is_some() {
        return Err(Error::caller("--agg")
            .found("count with --weight")
            .expected("one of the two: events count 1 each, whatever they weigh")
            .advice("leave --agg out to sum the weights, or --weight to count"));
    }
    let summed = matches!(wish.aggregate, Aggregate::Count | Aggregate::Sum) && wish.interpolation.is_none();
    let one = matches!(wish.bandwidth, Bandwidth::Fixed(_) | Bandwidth::Rule(_));
    if wish.edge_correct && !(summed && one) {
        let what = if summed { format!("--bandwidth {}", wish.bandwidth) } else { "a summary of readings".into() };
        return Err(Error::caller("--edge-correct")
            .found(what)
            .expected("a density whose events have one bandwidth: a share of its kernel can be given back")
            .advice("leave --edge-correct out"));
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

/// The same of what concerns readings.
fn check_readings(reading: &Reading<'_>, wish: &Wish) -> Result<(), Error> {
    let idw = wish.interpolation.is_some();
    let extreme = matches!(wish.aggregate, Aggregate::Min | Aggregate::Max);
    let mean = matches!(wish.aggregate, Aggregate::Mean | Aggregate::Std);
    if extreme && wish.bandwidth != Bandwidth::None {
        return Err(Error::caller("--agg")
            .found(format!("min or max with --bandwidth {}", wish.bandwidth))
            .expected("plain bins: a kernel sums, and has no minimum or maximum")
            .advice("add --bandwidth none"));
    }
    if (extreme || mean || idw) && reading.query().value.is_none() {
        return Err(Error::caller("--agg")
            .found("mean, std, min, max or idw without a reading")
            .expected("the column to summarise")
            .advice("name it with --value COLUMN"));
    }
    if idw && (wish.bandwidth != Bandwidth::None || reading.query().weight.is_some()) {
        return Err(Error::caller("--agg")
            .found("idw with a bandwidth or a weight")
            .expected("neither: a reading weighs what its distance says")
            .advice("leave --bandwidth, --style and --weight out; --agg mean has both"));
    }
    if wish.evidence && (!mean || idw) {
        return Err(Error::caller("--alpha")
            .found("evidence for something else than a mean")
            .expected("mean or std of a reading, whose kernels say how much evidence there is")
            .advice("name the reading with --value COLUMN, or leave --alpha out"));
    }
    if wish.unit.is_some() && !(mean || extreme || idw) {
        return Err(Error::caller("--unit")
            .found("a unit without a reading that is shown")
            .expected("the unit of what --agg mean, std, min, max or idw summarises")
            .advice("name the column with --value COLUMN, or leave --unit out"));
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
    let bounds = wish.bounds.or(wish.mask.as_ref().map(StudyArea::bounds));
    if let (Some(bounds), None, false) = (bounds, rule, few) {
        let frame = framing::of_bounds(space, bounds, wish.size)?;
        return Ok((frame, wish.bandwidth, reading.pieces(&frame)?));
    }
    let survey = match reading.stated_bounds() {
        Some(bounds) if rule.is_none() && !few && bounds[2] - bounds[0] <= 180.0 => Survey::stated(bounds),
        _ => Survey::of(reading, true)?,
    };
    let bandwidth = match rule {
        Some(rule) => Bandwidth::Fixed(chosen(reading, &survey, (rule, wish.kernel), notes)?),
        None => wish.bandwidth,
    };
    let frame = match bounds {
        Some(bounds) => framing::of_bounds(space, bounds, wish.size)?,
        None => framing::around(space, survey.extent(reading)?, margin(bandwidth, wish.kernel, space)?, wish.size)?,
    };
    if let Size::Cells(width, height) = wish.size
        && (frame.width(), frame.height()) != (width, height)
    {
        notes.push(format!("the picture is {} x {}: the world is no wider", frame.width(), frame.height()));
    }
    let pieces = reading.pieces(&frame)?;
    Ok((frame, bandwidth, pieces.or((survey.events > 0).then_some(survey.events))))
}

pub(super) fn chosen(
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
) -> Result<Sums, Error> {
    reading.cut_at(&frame, &frame, wish.bandwidth != Bandwidth::None)?;
    if let Some(way) = &wish.interpolation {
        return sums::interpolated(reading, frame, way);
    }
    if let Bandwidth::Nearest(_) | Bandwidth::Adaptive(_) = bandwidth {
        return sums::of_each(reading, frame, (wish.kernel, bandwidth), wish.aggregate);
    }
    let (plan, why) = planned((frame, bandwidth), wish, events)?;
    let sums = match plan {
        Plan::Exact(exact) if wish.aggregate == Aggregate::Std => spread::exact(reading, &exact)?,
        plan => sums::of_plans(reading, &[plan], wish.aggregate)?.remove(0),
    };
    Ok(sums.noting(why))
}

/// The way to estimate with one bandwidth for all events, and what the user should know about the choice.
fn planned(
    (frame, bandwidth): (Frame, Bandwidth),
    wish: &Wish,
    events: Option<u64>,
) -> Result<(Plan, Option<String>), Error> {
    let breadth = match bandwidth {
        Bandwidth::Fixed(length) => Some(length.over(&frame)?),
        _ => None,
    };
    let method = if wish.aggregate == Aggregate::Std { Method::Exact } else { wish.method };
    let (plan, why) = Plan::new(frame, (wish.kernel, breadth), (method, wish.aggregate), events)?;
    let differs = breadth.is_some() && method != wish.method && wish.method == Method::Fast;
    let deviation = || "estimated exactly: a standard deviation is a small difference of large sums".to_owned();
    Ok((plan, why.or_else(|| differs.then(deviation))))
}

/// What was wished for, from the sums.
pub(super) fn measured(reading: &Reading<'_>, sums: Sums, wish: &Wish) -> Density {
    let query = reading.query();
    let value = query.value.clone().unwrap_or_default();
    let reading = |grid, word| Density { grid, quantity: Quantity::Reading(value, word, wish.unit.clone()) };
    match wish.aggregate {
        _ if wish.interpolation.is_some() => reading(sums.weight, "inverse distance mean"),
        Aggregate::Min => reading(sums.weight, "min"),
        Aggregate::Max => reading(sums.weight, "max"),
        Aggregate::Mean => reading(sums.mean(), "mean"),
        Aggregate::Std => reading(sums.deviation.unwrap_or(sums.weight), "standard deviation"),
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
