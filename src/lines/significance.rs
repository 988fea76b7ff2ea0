//! The straight line to what is significant: events, counts of cells, Gi*.
//!
//! The study area is what [`Wish::bounds`] says, else the extent of the events. Cells of it without an event count as
//! zeros, because where nothing happened is as much an observation as where much did; a mean alone says nothing there.
//! Square cells are squares of the map: on the Earth those of one row are equally large, and rows nearer to a pole are
//! smaller. Hexagons differ little in size wherever they are.

use crate::accumulate::{Accumulator, Deposit};
use crate::analyse::cells::{goes_round, square};
use crate::analyse::gistar::{Class, Score, false_discovery_rates, p_value, queen, z_scores};
#[cfg(feature = "h3")]
use crate::analyse::hexagons::{Hexagons, Study, resolution};
use crate::analyse::outline::grain;
use crate::counts::{Aggregate, Counts, FRACTION_BITS, Gathered};
use crate::error::Error;
use crate::events::Space;
use crate::findings::{Fact, Finding, Findings, Polygon, Shape};
use crate::frame::Frame;
use crate::grid::{Density, Grid, Quantity};
use crate::lines::density::Wish;
use crate::lines::findings::about_frame;
#[cfg(feature = "h3")]
use crate::lines::framing::Size;
use crate::lines::reading::Reading;
use crate::lines::survey::{Survey, nothing_usable};
use crate::lines::{framing, oddities};
use crate::source::Query;
#[cfg(feature = "h3")]
use crate::world::EARTH_RADIUS_M;

/// The most square cells that are tested, and the most cells that are told one by one.
const MAX_TESTED: usize = 1 << 25;
const MAX_TOLD: usize = 1 << 22;

/// Grids gathered side by side may take this much memory together, before threads have to share one.
const GATHER_BYTES: usize = 256 << 20;

/// The cells that events are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cells {
    /// Square ones, as [`Wish::size`] says.
    Square,
    /// The hexagons of H3 of this resolution.
    Hexagons(u8),
}

/// Which cells are worth telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// All that have data.
    All,
    /// The hot and the cold ones.
    Significant,
    /// The hot ones.
    Hot,
    /// The cold ones.
    Cold,
    /// None: the grid of scores and the number of cells of each class say enough.
    None,
}

/// How to look for significant cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Search {
    /// The cells that events are counted in.
    pub cells: Cells,
    /// Whether classes are of false-discovery rates instead of single p-values.
    pub corrected: bool,
    /// Which cells are told.
    pub keep: Keep,
}

impl Search {
    /// Whether this can be looked for in what is asked of the events.
    ///
    /// # Errors
    /// When a cell cannot gather what is wished for, or there are no such hexagons; the caller's fault.
    pub fn check(&self, query: &Query, wish: &Wish) -> Result<(), Error> {
        let (place, found, expected, advice) = match (wish.aggregate, self.cells) {
            _ if wish.interpolation.is_some() => ("--agg", "idw", "count, sum or mean", "leave out --agg"),
            (Aggregate::Min | Aggregate::Max | Aggregate::Std, _) => {
                ("--agg", "min, max or std", "count, sum or mean", "leave out --agg")
            }
            (Aggregate::Mean, _) if query.value.is_none() => {
                ("--agg", "mean without a reading", "the column to summarise", "name it with --value COLUMN")
            }
            (Aggregate::Sum, _) if query.weight.is_none() => {
                ("--agg", "sum without a weight", "the column to add up", "name it with --weight COLUMN")
            }
            (_, Cells::Hexagons(_)) if query.space != Space::Earth => {
                ("--h3", "a flat space", "positions on the Earth", "give --cell")
            }
            (_, Cells::Hexagons(number)) => return check_resolution(number),
            _ => return Ok(()),
        };
        Err(Error::caller(place).found(found).expected(expected).advice(advice))
    }
}

#[cfg(feature = "h3")]
fn check_resolution(number: u8) -> Result<(), Error> {
    resolution(number).map(|_| ())
}

#[cfg(not(feature = "h3"))]
fn check_resolution(_: u8) -> Result<(), Error> {
    Err(no_hexagons())
}

#[cfg(not(feature = "h3"))]
fn no_hexagons() -> Error {
    Error::caller("--h3")
        .found("a program built without hexagons")
        .expected("the feature h3")
        .advice("build it with --features h3, or give --cell")
}

/// What was found.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Cells with their statistic.
    pub findings: Findings,
    /// The z-scores over their frame; none for hexagons.
    pub scores: Option<Density>,
    /// How many cells are of each class, coldest first.
    pub classes: Vec<(Class, u64)>,
    /// Events in the cells.
    pub reached: u64,
    /// Things the user should know.
    pub notes: Vec<String>,
}

/// Counts the events in cells, and tells where there are more or fewer than chance would put there.
///
/// # Errors
/// What reading meets, when no row can be used, and when the wish contradicts itself or the events.
pub fn significance(reading: &mut Reading<'_>, wish: &Wish, search: Search) -> Result<Outcome, Error> {
    search.check(reading.query(), wish)?;
    match search.cells {
        Cells::Square => squares(reading, wish, search),
        Cells::Hexagons(number) => hexagons(reading, wish, search, number),
    }
}

/// What a cell gathers, in words.
fn quantity(reading: &Reading<'_>, wish: &Wish) -> Quantity {
    let query = reading.query();
    match wish.aggregate {
        Aggregate::Mean => Quantity::Reading(query.value.clone().unwrap_or_default(), "mean", None),
        Aggregate::Sum => Quantity::PerCell(query.weight.clone()),
        _ => Quantity::PerCell(None),
    }
}

fn squares(reading: &mut Reading<'_>, wish: &Wish, search: Search) -> Result<Outcome, Error> {
    let frame = frame(reading, wish)?;
    let (counts, reached, notes) = count(reading, wish, frame)?;
    let values = values(&counts);
    let (width, height) = (frame.width() as usize, frame.height() as usize);
    let scores = z_scores(&values, queen(width, height, goes_round(&frame)));
    let tested = Tested::of(values, scores, search.corrected);
    let cell = |i: usize| {
        let (col, row) = ((i % width) as u32, (i / width) as u32);
        let place = vec![("col", Fact::Whole(i64::from(col))), ("row", Fact::Whole(i64::from(row)))];
        (square(&frame, col, row), place, frame.cell_area(i64::from(row)))
    };
    let what = quantity(reading, wish).to_string();
    let z = Grid::new(frame, tested.scores.iter().map(|score| score.z as f32).collect());
    let quantity = Quantity::Reading(what.clone(), "Gi* z-score", None);
    let mut about = about(&what, search);
    about.extend(about_frame(&frame, reached));
    let list = tested.list(frame.space(), search.keep, cell)?;
    let findings = Findings { space: frame.space(), grain: grain(&frame), about, list };
    Ok(Outcome { findings, scores: Some(Density { grid: z, quantity }), classes: tested.tally(), reached, notes })
}

/// What the cells of a frame gather, how many events reached them, and what the user should know.
fn count(reading: &mut Reading<'_>, wish: &Wish, frame: Frame) -> Result<(Counts, u64, Vec<String>), Error> {
    reading.cut_at(&frame, &frame, false)?;
    let at_once = (GATHER_BYTES / (frame.len() * 32)).max(1);
    let new = || Accumulator::new(frame, Deposit::Cell, wish.aggregate);
    let gathered = reading.pass("gathering", (at_once, false), new, Accumulator::add)?;
    finish(reading)?;
    let reached = gathered.iter().map(Accumulator::reached).sum();
    let beyond: u64 = gathered.iter().map(Accumulator::beyond_mercator).sum();
    let counts = Accumulator::finish(gathered);
    let mut notes = if wish.bounds.is_none() { oddities::notes(&counts) } else { Vec::new() };
    if beyond > 0 {
        notes.push(format!("{beyond} events beyond 85.05° north or south are not in the cells"));
    }
    Ok((counts, reached, notes))
}

/// Ends the last pass; refuses an input without events.
fn finish(reading: &mut Reading<'_>) -> Result<(), Error> {
    reading.forget();
    let tally = reading.tally();
    if tally.records == tally.bad() { Err(nothing_usable(reading)) } else { Ok(()) }
}

/// The frame of whole cells that the wish or the events ask for.
fn frame(reading: &mut Reading<'_>, wish: &Wish) -> Result<Frame, Error> {
    let space = reading.query().space;
    let frame = match wish.bounds {
        Some(bounds) => framing::of_bounds(space, bounds, wish.size)?,
        None => framing::around(space, Survey::of(reading, true)?.extent(reading)?, None, wish.size)?,
    };
    if frame.len() <= MAX_TESTED {
        return Ok(frame);
    }
    Err(Error::limit("--cell")
        .found(format!("{} x {} cells", frame.width(), frame.height()))
        .expected(format!("at most {} million cells to test", MAX_TESTED / 1_000_000))
        .advice("give a larger --cell or smaller --bounds"))
}

/// What each cell gathered; NaN where a mean has nothing to say.
fn values(counts: &Counts) -> Vec<f64> {
    let unit = (-f64::from(FRACTION_BITS)).exp2();
    match &counts.gathered {
        Gathered::Events(cells) => cells.iter().map(|count| *count as f64).collect(),
        Gathered::Weights(cells) => cells.iter().map(|sum| *sum as f64 * unit).collect(),
        Gathered::Readings { weight, product } | Gathered::Spread { weight, product, .. } => {
            weight.iter().zip(product).map(|(weight, product)| mean(*product, *weight)).collect()
        }
        Gathered::Least(cells) | Gathered::Greatest(cells) => cells.clone(),
    }
}

/// A mean of readings; NaN where there is none, or where positive and negative weights cancel.
fn mean(product: i128, weight: i128) -> f64 {
    if weight == 0 { f64::NAN } else { product as f64 / weight as f64 }
}

#[cfg(not(feature = "h3"))]
fn hexagons(_: &mut Reading<'_>, _: &Wish, _: Search, _: u8) -> Result<Outcome, Error> {
    Err(no_hexagons())
}

/// The hexagons of the study area, and its bounds: west, south, east, north.
#[cfg(feature = "h3")]
fn study(reading: &mut Reading<'_>, wish: &Wish, number: u8) -> Result<(Study, [f64; 4]), Error> {
    let resolution = resolution(number)?;
    let (extent, [_, south, _, north]) = if let Some(bounds) = wish.bounds {
        // The frame of the bounds checks them, and says on which side of the antimeridian they are.
        (framing::of_bounds(Space::Earth, bounds, Size::Cells(1, 1))?.extent(), bounds)
    } else {
        let survey = Survey::of(reading, true)?;
        (survey.extent(reading)?, survey.bounds)
    };
    reading.cut_at_zoom(zoom_within(resolution))?;
    // Hexagons do not end where Mercator does.
    let [west, _, east, _] = extent.bounds(Space::Earth);
    let bounds = [west, south, east, north];
    let gathered = reading.pass("gathering", (usize::MAX, false), || Hexagons::new(resolution), Hexagons::add)?;
    finish(reading)?;
    let gathered = gathered.into_iter().fold(Hexagons::new(resolution), Hexagons::merge);
    Ok((gathered.study(bounds, wish.bounds.is_none())?, bounds))
}

/// A zoom whose cells are small in the hexagons of a resolution: lines are cut there.
#[cfg(feature = "h3")]
fn zoom_within(resolution: h3o::Resolution) -> u8 {
    const PIECES: f64 = 16.0;
    let cells = std::f64::consts::TAU * EARTH_RADIUS_M / (resolution.edge_length_m() / PIECES);
    ((cells / 256.0).log2().ceil() as u8).min(23)
}

#[cfg(feature = "h3")]
fn hexagons(reading: &mut Reading<'_>, wish: &Wish, search: Search, number: u8) -> Result<Outcome, Error> {
    let (study, bounds) = study(reading, wish, number)?;
    let values = match wish.aggregate {
        Aggregate::Mean => study.means(),
        Aggregate::Sum => study.weights(),
        _ => study.events(),
    };
    let scores = z_scores(&values, |cell, visit| study.neighbours(cell, visit));
    let tested = Tested::of(values, scores, search.corrected);
    let cell = |i: usize| {
        let (index, polygons, area) = study.hexagon(i);
        (polygons, vec![("h3", Fact::Text(index))], area)
    };
    let mut about = about(&quantity(reading, wish).to_string(), search);
    about.push(("h3_resolution", Fact::Whole(i64::from(number))));
    about.push(("events", Fact::Whole(study.reached() as i64)));
    about.push(("extent", Fact::Numbers(bounds.to_vec())));
    about.push(("areas", "km² as H3 gives them".into()));
    let list = tested.list(Space::Earth, search.keep, cell)?;
    let findings = Findings { space: Space::Earth, grain: 1e-9, about, list };
    Ok(Outcome { findings, scores: None, classes: tested.tally(), reached: study.reached(), notes: Vec::new() })
}

fn about(quantity: &str, search: Search) -> Vec<(&'static str, Fact)> {
    vec![
        ("find", "gistar".into()),
        ("quantity", Fact::Text(quantity.to_owned())),
        ("statistic", "Gi* (Ord and Getis 1995) of a cell and the cells that touch it, all of weight 1".into()),
        (
            "classes",
            if search.corrected { "of q, the false-discovery rate (Benjamini and Hochberg 1995)" } else { "of p" }
                .into(),
        ),
    ]
}

/// Cells with all that is known of them.
struct Tested {
    values: Vec<f64>,
    scores: Vec<Score>,
    p: Vec<f64>,
    q: Vec<f64>,
    classes: Vec<Class>,
}

impl Tested {
    fn of(values: Vec<f64>, scores: Vec<Score>, corrected: bool) -> Tested {
        let p: Vec<f64> = scores.iter().map(|score| p_value(score.z)).collect();
        let q = false_discovery_rates(&p);
        let deciding = if corrected { &q } else { &p };
        let classes = scores.iter().zip(deciding).map(|(score, p)| Class::of(score.z, *p)).collect();
        Tested { values, scores, p, q, classes }
    }

    /// Cells with data and how many there are of each class, coldest first.
    fn tally(&self) -> Vec<(Class, u64)> {
        let mut tally = std::collections::BTreeMap::new();
        for (class, _) in self.classes.iter().zip(&self.scores).filter(|(_, score)| !score.z.is_nan()) {
            tally.entry(class.bin()).or_insert((*class, 0)).1 += 1;
        }
        tally.into_values().collect()
    }

    /// The cells to be told: where each is, how it is called, and how large it is.
    fn list(
        &self,
        space: Space,
        keep: Keep,
        cell: impl Fn(usize) -> (Vec<Polygon>, Vec<(&'static str, Fact)>, f64),
    ) -> Result<Vec<Finding>, Error> {
        let kept = |i: &usize| match keep {
            Keep::All => true,
            Keep::Significant => self.classes[*i].bin() != 0,
            Keep::Hot => self.classes[*i].bin() > 0,
            Keep::Cold => self.classes[*i].bin() < 0,
            Keep::None => false,
        };
        let told: Vec<usize> = (0..self.values.len()).filter(|i| !self.scores[*i].z.is_nan()).filter(kept).collect();
        if told.len() > MAX_TOLD {
            return Err(Error::limit("--keep")
                .found(format!("{:.1} million cells to write", told.len() as f64 / 1e6))
                .expected(format!("at most {:.1} million", MAX_TOLD as f64 / 1e6))
                .advice("give --keep significant, larger cells, or write .tif"));
        }
        let finding = |i: usize| {
            let (polygons, mut facts, area) = cell(i);
            facts.extend(self.facts(i));
            facts.push((if space == Space::Earth { "area_km2" } else { "area" }, Fact::Number(area)));
            Finding { shape: Shape::Areas(polygons), facts }
        };
        Ok(told.into_iter().map(finding).collect())
    }

    /// What is known of a cell.
    fn facts(&self, i: usize) -> [(&'static str, Fact); 7] {
        [
            ("value", Fact::Number(self.values[i])),
            ("neighbours", Fact::Whole(i64::from(self.scores[i].neighbours))),
            ("z", Fact::Number(self.scores[i].z)),
            ("p", Fact::Number(self.p[i])),
            ("q", Fact::Number(self.q[i])),
            ("class", Fact::Text(self.classes[i].to_string())),
            ("bin", Fact::Whole(self.classes[i].bin())),
        ]
    }
}
