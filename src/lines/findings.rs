//! The straight line to what is dense: events, density, outlines and peaks of it.

use crate::analyse::cells::position;
use crate::analyse::isopleth::{levels, masses};
use crate::analyse::outline::{Outlines, grain};
use crate::analyse::peaks::{Peak, apart, peaks};
use crate::bandwidth::{Bandwidth, Length};
use crate::counts::{Aggregate, FRACTION_BITS, fixed};
use crate::error::Error;
use crate::events::{Events, Space};
use crate::findings::{Fact, Finding, Findings, Polygon, Shape};
use crate::frame::Frame;
use crate::grid::{Area, Density, Quantity};
use crate::lines::density::{self, Wish, density};
use crate::lines::reading::Reading;
use crate::scale::{Norm, Scale, Summary};
use crate::world::{EARTH_RADIUS_M, World};

/// About how many levels there are where none are named.
const LEVELS: usize = 8;

/// How many times the lowest of them the highest value of a density is, where none are named.
const DECADES: f64 = 100.0;

/// What is to be found in a density.
#[derive(Debug, Clone, PartialEq)]
pub enum Find {
    /// Lines along which it has these values; round ones where none are named.
    Contours(Option<Vec<f64>>),
    /// Areas between these values, and above the last.
    Bands(Option<Vec<f64>>),
    /// The least areas that hold these shares of its mass, in percent.
    Isopleths(Vec<f64>),
    /// At most so many places where it is highest.
    Peaks(usize),
}

impl Find {
    /// The name that `--find` knows it by.
    pub fn name(&self) -> &'static str {
        match self {
            Find::Contours(_) => "contours",
            Find::Bands(_) => "bands",
            Find::Isopleths(_) => "isopleths",
            Find::Peaks(_) => "peaks",
        }
    }

    /// Whether this can be found in what is wished for.
    ///
    /// # Errors
    /// When levels do not grow, shares are not between 0 and 100 or are of readings, or no peak is wanted; the caller's
    /// fault.
    pub fn check(&self, wish: &Wish) -> Result<(), Error> {
        let summary = wish.interpolation.is_some() || !matches!(wish.aggregate, Aggregate::Count | Aggregate::Sum);
        let grow = |numbers: &[f64]| !numbers.is_empty() && numbers.windows(2).all(|pair| pair[0] < pair[1]);
        match self {
            Find::Contours(Some(levels)) | Find::Bands(Some(levels)) if !grow(levels) => Err(Error::caller("--levels")
                .found(format!("{levels:?}"))
                .expected("numbers that grow")
                .advice("write it like --levels 10,20,50")),
            Find::Isopleths(shares) if !grow(shares) || shares[0] <= 0.0 || shares[shares.len() - 1] > 100.0 => {
                Err(Error::caller("--shares")
                    .found(format!("{shares:?}"))
                    .expected("percentages that grow, above 0 and up to 100")
                    .advice("write it like --shares 50,90,95"))
            }
            Find::Isopleths(_) if summary => Err(Error::caller("--find isopleths")
                .found("a summary of readings")
                .expected("events or weights: shares of a mass")
                .advice("leave out --value, or find contours or bands")),
            Find::Peaks(0) => Err(Error::caller("--top").found("0").expected("at least 1 peak")),
            _ => Ok(()),
        }
    }
}

/// What was found, and the density it was found in.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The findings.
    pub findings: Findings,
    /// The density and how it came about.
    pub found: density::Found,
}

/// Reads the events, estimates their density, and finds something in it.
///
/// # Errors
/// What [`Find::check`] and [`density()`] refuse, and isopleths of what has no mass.
pub fn findings(reading: &mut Reading<'_>, wish: &Wish, find: &Find) -> Result<Outcome, Error> {
    find.check(wish)?;
    let mut found = density(reading, wish)?;
    let list = match find {
        Find::Peaks(top) => summits(&found, *top)?,
        Find::Isopleths(shares) => isopleths(reading, &found, shares)?,
        Find::Contours(named) | Find::Bands(named) => {
            let levels = named.clone().unwrap_or_else(|| round_levels(&found.density));
            if let Find::Bands(_) = find {
                bands(reading, &found, &levels)?
            } else {
                contours(reading, &found, &levels)?
            }
        }
    };
    if list.is_empty() {
        found.notes.push(format!("no {}: nothing in the density is so high", find.name()));
    }
    let frame = found.density.grid.frame();
    let findings = Findings { space: frame.space(), grain: grain(frame), about: about(find, &found), list };
    Ok(Outcome { findings, found })
}

/// What holds for all findings.
fn about(find: &Find, found: &density::Found) -> Vec<(&'static str, Fact)> {
    let frame = found.density.grid.frame();
    let mut about = vec![
        ("find", find.name().into()),
        ("quantity", Fact::Text(found.density.quantity.to_string())),
        ("bandwidth", Fact::Text(found.bandwidth.to_string())),
        ("method", Fact::Text(found.method.to_string())),
        ("error_bound", Fact::Number(found.error)),
    ];
    about.extend(about_frame(frame, found.reached));
    about
}

/// Where events were looked at, how finely, and how areas are measured.
pub(super) fn about_frame(frame: &Frame, events: u64) -> Vec<(&'static str, Fact)> {
    let measured = match frame.space() {
        Space::Earth => format!("km² on a sphere of {} km", EARTH_RADIUS_M / 1000.0),
        space @ Space::Flat { .. } => Area::of(space).to_string(),
    };
    vec![
        ("events", Fact::Whole(events as i64)),
        ("extent", Fact::Numbers(frame.extent().bounds(frame.space()).to_vec())),
        ("cells", Fact::Numbers(vec![f64::from(frame.width()), f64::from(frame.height())])),
        ("areas", Fact::Text(measured)),
    ]
}

/// Round values up to the highest: of a density 1, 2 and 5 times powers of ten, over two decades, because densities are
/// high at few places; of readings in even steps.
fn round_levels(density: &Density) -> Vec<f64> {
    let summary = Summary::of(density.grid.values());
    let (least, most) = (summary.min(), summary.max());
    let scale = if matches!(density.quantity, Quantity::Reading(..)) {
        Scale::new(Norm::Linear)
    } else {
        Scale { vmin: Some(most / DECADES), vmax: Some(most), ..Scale::new(Norm::Log) }
    };
    let inside = |level: &f64| *level > least && *level < most;
    let ticks = scale.fit(&summary, false).map_or_else(|_| Vec::new(), |shade| shade.ticks(LEVELS));
    ticks.into_iter().filter(inside).collect()
}

/// The property that holds an area.
fn area_name(space: Space) -> &'static str {
    if space == Space::Earth { "area_km2" } else { "area" }
}

fn area_of(polygons: &[Polygon], space: Space) -> f64 {
    polygons.iter().map(|polygon| polygon.area(space)).sum()
}

fn contours(reading: &mut Reading<'_>, found: &density::Found, levels: &[f64]) -> Result<Vec<Finding>, Error> {
    let outlines = Outlines::new(&found.density.grid, levels);
    let held = Held::count(reading, &outlines)?;
    let contour = |level: usize| {
        let lines = outlines.contour(level);
        let mut facts = vec![("level", Fact::Number(levels[level])), unit(found)];
        let area = area_of(&outlines.area(level, None), found.density.grid.frame().space());
        facts.push((
            if found.density.grid.frame().space() == Space::Earth { "area_above_km2" } else { "area_above" },
            Fact::Number(area),
        ));
        facts.push(("events_above", Fact::Whole(held.events(level + 1, None) as i64)));
        (!lines.is_empty()).then_some(Finding { shape: Shape::Lines(lines), facts })
    };
    Ok((0..levels.len()).filter_map(contour).collect())
}

fn bands(reading: &mut Reading<'_>, found: &density::Found, levels: &[f64]) -> Result<Vec<Finding>, Error> {
    let outlines = Outlines::new(&found.density.grid, levels);
    let held = Held::count(reading, &outlines)?;
    let band = |level: usize| {
        let above = (level + 1 < levels.len()).then_some(level + 1);
        let mut facts = vec![("from", Fact::Number(levels[level]))];
        facts.extend(above.map(|above| ("to", Fact::Number(levels[above]))));
        facts.push(unit(found));
        area_finding(found, outlines.area(level, above), facts, &held.within(level + 1, above.map(|a| a + 1)))
    };
    Ok((0..levels.len()).filter_map(band).collect())
}

/// The largest share first, so that smaller ones are drawn over it.
fn isopleths(reading: &mut Reading<'_>, found: &density::Found, shares: &[f64]) -> Result<Vec<Finding>, Error> {
    let masses = masses(&found.density);
    let fractions: Vec<f64> = shares.iter().map(|share| share / 100.0).collect();
    let Some(of_shares) = levels(&found.density, &masses, &fractions) else { return Ok(Vec::new()) };
    let mut growing: Vec<f64> = of_shares.iter().rev().copied().collect();
    growing.dedup();
    let outlines = Outlines::new(&found.density.grid, &growing);
    let held = Held::count(reading, &outlines)?;
    let isopleth = |(share, level): (&f64, &f64)| {
        let at = growing.iter().position(|known| known == level)?;
        let facts = vec![("share", Fact::Number(*share)), ("level", Fact::Number(*level)), unit(found)];
        area_finding(found, outlines.area(at, None), facts, &held.within(at + 1, None))
    };
    Ok(shares.iter().zip(&of_shares).rev().filter_map(isopleth).collect())
}

fn unit(found: &density::Found) -> (&'static str, Fact) {
    ("unit", Fact::Text(found.density.quantity.to_string()))
}

/// An area with its facts, its size and the events in it; none where there is no area.
fn area_finding(
    found: &density::Found,
    polygons: Vec<Polygon>,
    mut facts: Vec<(&'static str, Fact)>,
    held: &[(&'static str, Fact)],
) -> Option<Finding> {
    let space = found.density.grid.frame().space();
    facts.push((area_name(space), Fact::Number(area_of(&polygons, space))));
    facts.extend(held.iter().cloned());
    (!polygons.is_empty()).then_some(Finding { shape: Shape::Areas(polygons), facts })
}

/// How many events, and how much weight, there are by the number of levels at or below the value at their place.
struct Held {
    events: Vec<u64>,
    weight: Vec<i128>,
    weighed: bool,
}

impl Held {
    /// Counts the events inside of outlines, looking at each again.
    fn count(reading: &mut Reading<'_>, outlines: &Outlines<'_>) -> Result<Held, Error> {
        let (space, weighed) = (reading.query().space, reading.query().weight.is_some());
        let cells = outlines.levels().len() + 1;
        let new = || Held { events: vec![0; cells], weight: vec![0; cells], weighed };
        let add = |held: &mut Held, events: &Events| {
            for i in 0..events.len() {
                if let Some(levels) = outlines.levels_at(World::of(space, events.x[i], events.y[i])) {
                    held.events[levels] += 1;
                    held.weight[levels] += fixed(events.weight.as_ref().map_or(1.0, |weight| weight[i]));
                }
            }
            Ok(())
        };
        let parts = reading.pass("counting", (usize::MAX, false), new, add)?;
        Ok(parts.into_iter().fold(new(), Held::merged))
    }

    fn merged(mut self, other: Held) -> Held {
        self.events.iter_mut().zip(other.events).for_each(|(sum, more)| *sum += more);
        self.weight.iter_mut().zip(other.weight).for_each(|(sum, more)| *sum += more);
        self
    }

    fn events(&self, from: usize, to: Option<usize>) -> u64 {
        self.events[from..to.unwrap_or(self.events.len())].iter().sum()
    }

    fn within(&self, from: usize, to: Option<usize>) -> Vec<(&'static str, Fact)> {
        let mut facts = vec![("events", Fact::Whole(self.events(from, to) as i64))];
        if self.weighed {
            let sum: i128 = self.weight[from..to.unwrap_or(self.weight.len())].iter().sum();
            facts.push(("weight", Fact::Number(sum as f64 / f64::from(FRACTION_BITS).exp2())));
        }
        facts
    }
}

/// The highest peaks, one bandwidth apart at least.
fn summits(found: &density::Found, top: usize) -> Result<Vec<Finding>, Error> {
    let grid = &found.density.grid;
    let frame = *grid.frame();
    let readings = matches!(found.density.quantity, Quantity::Reading(..));
    let all = peaks(grid, if readings { f32::NEG_INFINITY } else { 0.0 });
    let (least, in_cells) = match found.bandwidth {
        Bandwidth::Fixed(length) | Bandwidth::Adaptive(length) => match length.in_space(frame.space())? {
            Length::Pixels(cells) => (cells, true),
            Length::Metres(length) | Length::Units(length) => (length, false),
        },
        Bandwidth::Nearest(_) | Bandwidth::Rule(_) | Bandwidth::None => (0.0, true),
    };
    let distance = |a: &Peak, b: &Peak| {
        if in_cells { (a.at[0] - b.at[0]).hypot(a.at[1] - b.at[1]) } else { distance(&frame, a.at, b.at) }
    };
    let summit = |(rank, peak): (usize, &Peak)| {
        let facts = vec![
            ("rank", Fact::Whole(rank as i64 + 1)),
            ("value", Fact::Number(peak.value)),
            unit(found),
            ("at_edge", Fact::Flag(peak.at_edge)),
        ];
        Finding { shape: Shape::Point(position(&frame, peak.at)), facts }
    };
    Ok(apart(&all, top, least, distance).iter().enumerate().map(summit).collect())
}

/// The distance of two points given in cells: metres along a great circle (by the haversine), or flat units.
fn distance(frame: &Frame, a: [f64; 2], b: [f64; 2]) -> f64 {
    let [a, b] = [a, b].map(|at| position(frame, at));
    if frame.space() != Space::Earth {
        return (a[0] - b[0]).hypot(a[1] - b[1]);
    }
    let half_sine = |degrees: f64| (degrees.to_radians() / 2.0).sin();
    let (across, down) = (half_sine(a[0] - b[0]), half_sine(a[1] - b[1]));
    let haversine = down * down + a[1].to_radians().cos() * b[1].to_radians().cos() * across * across;
    2.0 * EARTH_RADIUS_M * haversine.sqrt().min(1.0).asin()
}
