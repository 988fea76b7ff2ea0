//! What all events of a run have in common: how many, between which bounds, and the bandwidth they suggest.

use crate::accumulate::{Accumulator, Deposit};
use crate::bandwidth::Rule;
use crate::counts::{Aggregate, Gathered};
use crate::error::Error;
use crate::estimate::bandwidth::{Centre, Ground, Median, Spread};
use crate::estimate::lscv;
use crate::events::{Events, Space};
use crate::frame::{Extent, Frame};
use crate::lines::framing::{self, Size};
use crate::lines::reading::Reading;

/// How many events there are, and where.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Survey {
    /// Number of events; 0 where only the bounds were stated by the file.
    pub events: u64,
    /// Least x, least y, greatest x, greatest y.
    pub bounds: [f64; 4],
    /// The greatest weight.
    pub heaviest: f64,
}

impl Survey {
    const NOTHING: Survey = Survey {
        events: 0,
        bounds: [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY],
        heaviest: 0.0,
    };

    /// Looks at every event; with `again`, another pass will follow.
    ///
    /// # Errors
    /// What reading meets, and when no row can be used.
    pub fn of(reading: &mut Reading<'_>, again: bool) -> Result<Survey, Error> {
        let add = |survey: &mut Survey, events: &Events| {
            survey.add(events);
            Ok(())
        };
        let surveys = reading.pass("reading", (usize::MAX, again), || Survey::NOTHING, add)?;
        let survey = surveys.into_iter().fold(Survey::NOTHING, Survey::merged);
        if survey.events == 0 { Err(nothing_usable(reading)) } else { Ok(survey) }
    }

    /// What a file states of itself without being read.
    pub fn stated(bounds: [f64; 4]) -> Survey {
        Survey { bounds, ..Survey::NOTHING }
    }

    fn add(&mut self, events: &Events) {
        self.events += events.len() as u64;
        let (west, east) = range(&events.x, self.bounds[0], self.bounds[2]);
        let (south, north) = range(&events.y, self.bounds[1], self.bounds[3]);
        self.bounds = [west, south, east, north];
        let heaviest = events.weight.as_ref().map_or(1.0, |w| range(w, 0.0, 0.0).1);
        self.heaviest = self.heaviest.max(heaviest);
    }

    fn merged(self, other: Survey) -> Survey {
        let (a, b) = (self.bounds, other.bounds);
        Survey {
            events: self.events + other.events,
            bounds: [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])],
            heaviest: self.heaviest.max(other.heaviest),
        }
    }

    /// The bandwidth that a rule chooses, in metres on the Earth or flat units; `None` where all events are at one
    /// place.
    ///
    /// # Errors
    /// What reading meets.
    pub fn bandwidth(&self, reading: &mut Reading<'_>, rule: Rule) -> Result<Option<f64>, Error> {
        if rule == Rule::Lscv {
            return self.cross_validated(reading);
        }
        let ground = Ground { space: reading.query().space, bounds: self.bounds, heaviest: self.heaviest };
        if self.heaviest <= 0.0 {
            return Ok(None);
        }
        let new = || Centre::new(ground);
        let centre = summed(reading, "centre of the events", new, Centre::add, Centre::merge)?;
        let new = || Spread::new(centre.clone());
        let spread = summed(reading, "spread of the events", new, Spread::add, Spread::merge)?;
        if rule != Rule::Auto {
            return Ok(spread.scott());
        }
        let new = || Median::new(spread.clone());
        let median = summed(reading, "median distance", new, Median::add, Median::merge)?;
        Ok(median.bandwidth())
    }

    /// The bandwidth of least-squares cross-validation, measured on the ground in the middle of the extent.
    fn cross_validated(&self, reading: &mut Reading<'_>) -> Result<Option<f64>, Error> {
        let space = reading.query().space;
        let extent = self.extent(reading)?;
        let side = extent.width().max(extent.height());
        if side <= 0.0 {
            return Ok(None);
        }
        let cells = |length: f64| (length / side * f64::from(lscv::MOST_CELLS)).ceil().max(1.0) as u32;
        let size = Size::Cells(cells(extent.width()), cells(extent.height()));
        let frame = framing::around(space, extent, None, size)?;
        let new = || Accumulator::new(frame, Deposit::Cell, Aggregate::Count);
        let gathered = reading.pass("pairs of events", (usize::MAX, true), new, Accumulator::add)?;
        let Gathered::Events(counts) = Accumulator::finish(gathered).gathered else { return Ok(None) };
        let middle = frame.cell_area(i64::from(frame.height() / 2)).sqrt();
        let unit = if space == Space::Earth { 1000.0 * middle } else { middle };
        Ok(lscv::bandwidth(frame.width() as usize, &counts).map(|cells| cells * unit))
    }

    /// The extent of the events in the plane. Where they lie on both sides of the antimeridian with a wide gap
    /// elsewhere, the extent crosses it.
    ///
    /// # Errors
    /// What reading meets.
    pub fn extent(&self, reading: &mut Reading<'_>) -> Result<Extent, Error> {
        let space = reading.query().space;
        let mut bounds = self.bounds;
        if space != Space::Earth {
            return Ok(Extent::of_bounds(space, bounds));
        }
        if bounds[2] - bounds[0] > 180.0 {
            bounds = around_the_gap(reading, bounds)?;
        }
        let end = crate::world::MAX_LATITUDE;
        Ok(Extent::of_bounds(space, [bounds[0], bounds[1].max(-end), bounds[2], bounds[3].min(end)]))
    }
}

/// One exact sum over all events, with another pass to follow.
fn summed<A: Send>(
    reading: &mut Reading<'_>,
    stage: &str,
    new: impl Fn() -> A,
    add: impl Fn(&mut A, &Events) + Sync,
    merge: impl Fn(&mut A, &A),
) -> Result<A, Error> {
    let add = |sum: &mut A, events: &Events| {
        add(sum, events);
        Ok(())
    };
    let mut sums = reading.pass(stage, (usize::MAX, true), &new, add)?.into_iter();
    let mut total = sums.next().unwrap_or_else(new);
    sums.for_each(|sum| merge(&mut total, &sum));
    Ok(total)
}

/// The least and the greatest of a column and two bounds so far.
fn range(column: &[f64], least: f64, most: f64) -> (f64, f64) {
    column.iter().fold((least, most), |(least, most), value| {
        (if *value < least { *value } else { least }, if *value > most { *value } else { most })
    })
}

/// Bounds that cross the antimeridian, where the events leave a gap elsewhere that is wider than half the world.
fn around_the_gap(reading: &mut Reading<'_>, bounds: [f64; 4]) -> Result<[f64; 4], Error> {
    const COLUMNS: usize = 3600;
    let world = Frame::new(Space::Earth, Extent::EARTH, COLUMNS as u32, 1)?;
    let new = || Accumulator::new(world, Deposit::Cell, Aggregate::Count);
    let columns = reading.pass("longitudes", (usize::MAX, true), new, Accumulator::add)?;
    let Gathered::Events(columns) = Accumulator::finish(columns).gathered else {
        return Ok(bounds);
    };
    let degrees = |column: usize| column as f64 * 360.0 / COLUMNS as f64 - 180.0;
    let occupied: Vec<usize> = (0..COLUMNS).filter(|column| columns[*column] > 0).collect();
    let gap = occupied.windows(2).max_by_key(|pair| pair[1] - pair[0]);
    match gap {
        Some(pair) if pair[1] - pair[0] > COLUMNS / 2 => {
            Ok([degrees(pair[1]), bounds[1], degrees(pair[0] + 1), bounds[3]])
        }
        _ => Ok(bounds),
    }
}

/// The error of an input none of whose rows gives an event.
pub fn nothing_usable(reading: &Reading<'_>) -> Error {
    let tally = reading.tally();
    let place = reading.inputs().names();
    if tally.records == 0 {
        return Error::input(place)
            .found("no row")
            .expected("at least one event")
            .advice("check that the file is whole");
    }
    if reading.outside() > 0 {
        return Error::input(place)
            .found(format!("{} events, none of which lies in the study area", reading.outside()))
            .expected("at least one event inside")
            .advice("check --mask and --bounds, or leave --edge-correct out");
    }
    Error::input(place)
        .found(format!("{} rows, none of which can be used ({})", tally.records, tally.reasons()))
        .expected("at least one event")
        .advice("run `torrid info` on it, and name the columns with --lon and --lat")
}
