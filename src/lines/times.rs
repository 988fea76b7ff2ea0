//! Frames in time: the estimate of space, with a kernel in time too.
//!
//! The value of a frame at the instant `t` is the sum over events of `K(place) k(t - t_i)`, a product of kernels as in
//! C. Brunsdon, J. Corcoran and G. Higgs, "Visualising space and time in crime patterns" (Computers, Environment and
//! Urban Systems 31, 2007) and T. Nakaya and K. Yano (Transactions in GIS 14, 2010), whose kernel in time is taken:
//! Epanechnikov's, `k(s) = 3/4 (1 - (s/h)^2) / h` within the time bandwidth `h` of the event and 0 beyond. Its mass is 1,
//! so that values are events per area and unit of time.
//!
//! Each frame weighs the events themselves by their time and estimates them in space like any other; nothing is binned
//! in time, and the only error is that of the estimate in space. The other way, smoothing slices of time once and
//! mixing them, would spare work where many frames share slices, but holds a grid for each slice in reach, and errs by
//! the width of a slice. Events that are too many to be kept are read again for every frame.
//!
//! There is no correction at the ends: a frame within a bandwidth of the first or the last event sees events on one side
//! only, and shows less than there was if the record goes on beyond.

use std::fmt;
use std::sync::Arc;

use crate::bandwidth::Bandwidth;
use crate::counts::Aggregate;
use crate::error::Error;
use crate::events::{Events, Space};
use crate::frame::Frame;
use crate::grid::{Density, Quantity};
use crate::lines::density::{self, Wish};
use crate::lines::reading::Reading;
use crate::lines::survey::nothing_usable;
use crate::scale::Summary;
use crate::world::MAX_LATITUDE;

/// Units of time by the name that follows a number, in microseconds, and what a rate calls them. A year is Julian:
/// 365.25 days.
const UNITS: &[(&str, i64, &str)] = &[
    ("s", 1_000_000, "second"),
    ("min", 60_000_000, "minute"),
    ("h", 3_600_000_000, "hour"),
    ("d", DAY, "day"),
    ("w", 7 * DAY, "week"),
    ("y", 31_557_600_000_000, "year"),
];

/// A day in microseconds.
const DAY: i64 = 86_400_000_000;

/// The most frames of one run.
const MOST_FRAMES: i64 = 10_000;

/// Frames that were estimated to fit the scale are kept for drawing while they take less than this.
const KEPT_BYTES: usize = 256 << 20;

/// A length of time, above 0, in the unit it was written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duration {
    /// In microseconds.
    pub micros: i64,
    /// One of the unit, in microseconds.
    unit: i64,
    /// What a rate calls the unit, such as `day`.
    pub word: &'static str,
}

impl Duration {
    /// The length of time that an option names: `90s`, `15min`, `6h`, `7d`, `2w`, `1y`.
    ///
    /// # Errors
    /// When it names none.
    pub fn parse(option: &str, text: &str) -> Result<Duration, Error> {
        let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = UNITS.iter().find(|(name, ..)| *name == &text[number.len()..]);
        let parsed = unit.zip(number.trim().parse::<f64>().ok()).map(|((_, unit, word), n)| Duration {
            micros: (n * *unit as f64).round() as i64,
            unit: *unit,
            word,
        });
        parsed.filter(|duration| (1..=i64::MAX / 8).contains(&duration.micros)).ok_or_else(|| {
            Error::caller(option)
                .found(format!("`{text}`"))
                .expected("a positive length of time in s, min, h, d, w or y")
                .advice("write it like 15min, 6h, 7d, 2w or 1y")
        })
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = UNITS.iter().find(|(_, unit, _)| *unit == self.unit).map_or("", |(name, ..)| name);
        write!(f, "{}{name}", self.micros as f64 / self.unit as f64)
    }
}

/// Which frames are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Times {
    /// How far in time an event is felt, before and after.
    pub bandwidth: Duration,
    /// From one frame to the next.
    pub step: Duration,
    /// The instant of the first frame, in microseconds since 1970 UTC; found from the events where absent.
    pub from: Option<i64>,
    /// The instant that no frame is later than; the last event's where absent.
    pub to: Option<i64>,
}

impl Times {
    /// The instants of the frames, given those of the first and the last event. Where they follow the events, the first
    /// is rounded down to a whole step, of at most a day.
    fn instants(&self, (first, last): (i64, i64)) -> Result<Vec<i64>, Error> {
        let whole = self.step.micros.min(DAY);
        let from = self.from.unwrap_or(first.div_euclid(whole) * whole);
        let to = self.to.unwrap_or(last);
        if to.saturating_sub(from) < self.step.micros {
            return Err(Error::caller("--step")
                .found(format!("a step longer than the time from {} to {}", written(from), written(to)))
                .expected("at least two frames")
                .advice("give a shorter --step, or --from and --to further apart"));
        }
        let frames = (to - from) / self.step.micros + 1;
        if frames > MOST_FRAMES {
            return Err(Error::limit("--step")
                .found(format!("{frames} frames"))
                .expected(format!("at most {MOST_FRAMES}"))
                .advice("give a longer --step, or --from and --to"));
        }
        Ok((0..frames).map(|i| from + i * self.step.micros).collect())
    }

    /// The events near an instant, each weighed by its time; the peak of the kernel is 1.
    fn lens(&self, instant: i64) -> impl Fn(&Events) -> Events + Send + Sync + use<> {
        let reach = self.bandwidth.micros;
        move |events: &Events| {
            let mut near = events.during(&(instant - reach..instant + reach));
            let time = near.time.iter().flatten();
            let shape = time.map(|time| 1.0 - ((time - instant) as f64 / reach as f64).powi(2));
            near.weight = Some(match &near.weight {
                Some(weights) => shape.zip(weights).map(|(shape, weight)| shape * weight).collect(),
                None => shape.collect(),
            });
            near
        }
    }

    /// What a sum of kernels of peak 1 has to be multiplied by to be a rate per unit of time.
    fn per_unit(&self) -> f64 {
        0.75 * self.bandwidth.unit as f64 / self.bandwidth.micros as f64
    }
}

/// An instant as short as it can be said: a date at midnight, without seconds where there are none.
pub fn written(micros: i64) -> String {
    let text = crate::source::written_time(micros);
    let text = text.strip_suffix('Z').unwrap_or(&text);
    let text = text.strip_suffix("T00:00:00").map_or(text.strip_suffix(":00").unwrap_or(text), |date| date);
    text.replace('T', " ")
}

/// The frames of a run.
pub struct Frames<'r, 'a> {
    reading: &'r mut Reading<'a>,
    wish: Wish,
    times: Times,
    place: (Frame, Bandwidth),
    instants: Vec<i64>,
    /// How many events there are, and how many a frame may see on average.
    events: (u64, u64),
    kept: Vec<Option<Density>>,
    /// How the estimates are made, and how far they may be off.
    how: (&'static str, f64),
    notes: Vec<String>,
}

/// Looks at the events and settles where and when the frames are. The query of the reading has to ask for times.
///
/// # Errors
/// What reading meets, when no event can be used, and when the wish contradicts itself or the events.
pub fn frames<'r, 'a>(reading: &'r mut Reading<'a>, wish: &Wish, times: &Times) -> Result<Frames<'r, 'a>, Error> {
    check(wish)?;
    density::check(reading, wish)?;
    let Seen { events, span, beyond_mercator } = seen(reading)?;
    let instants = times.instants(span)?;
    let mut notes: Vec<String> = density::beyond_note(beyond_mercator).into_iter().collect();
    let (frame, bandwidth, _) = density::framed(reading, wish, &mut notes)?;
    let share = 2.0 * times.bandwidth.micros as f64 / (span.1 - span.0).max(1) as f64;
    let each = (events as f64 * share.min(1.0)).ceil() as u64;
    // Weights in time make sums of counts.
    let aggregate = if wish.aggregate == Aggregate::Count { Aggregate::Sum } else { wish.aggregate };
    Ok(Frames {
        reading,
        wish: Wish { aggregate, ..wish.clone() },
        times: times.clone(),
        place: (frame, bandwidth),
        kept: vec![None; instants.len()],
        instants,
        events: (events, each),
        how: ("", 0.0),
        notes,
    })
}

fn check(wish: &Wish) -> Result<(), Error> {
    if matches!(wish.aggregate, Aggregate::Min | Aggregate::Max) {
        return Err(Error::caller("--agg")
            .found("min or max with --time-bandwidth")
            .expected("count, sum or mean: a kernel in time weighs, and has no minimum or maximum")
            .advice("leave out --time-bandwidth, and give --after and --before"));
    }
    if matches!(wish.bandwidth, Bandwidth::Nearest(_) | Bandwidth::Adaptive(_)) {
        return Err(Error::caller("--bandwidth")
            .found(format!("{} with --time-bandwidth", wish.bandwidth))
            .expected("one bandwidth for all events and all frames")
            .advice("give a length, or auto"));
    }
    Ok(())
}

/// What there is to make frames of.
struct Seen {
    events: u64,
    /// The first and the last instant.
    span: (i64, i64),
    beyond_mercator: u64,
}

fn seen(reading: &mut Reading<'_>) -> Result<Seen, Error> {
    let earth = reading.query().space == Space::Earth;
    let new = || Seen { events: 0, span: (i64::MAX, i64::MIN), beyond_mercator: 0 };
    let add = |seen: &mut Seen, events: &Events| {
        let (first, last) = seen.span;
        let times = events.time.iter().flatten();
        seen.span = times.fold((first, last), |(first, last), time| (first.min(*time), last.max(*time)));
        seen.events += events.len() as u64;
        if earth {
            seen.beyond_mercator += events.y.iter().filter(|latitude| latitude.abs() > MAX_LATITUDE).count() as u64;
        }
        Ok(())
    };
    let all = reading.pass("reading", (usize::MAX, true), new, add)?.into_iter().fold(new(), |a, b| Seen {
        events: a.events + b.events,
        span: (a.span.0.min(b.span.0), a.span.1.max(b.span.1)),
        beyond_mercator: a.beyond_mercator + b.beyond_mercator,
    });
    if all.events == 0 { Err(nothing_usable(reading)) } else { Ok(all) }
}

impl<'a> Frames<'_, 'a> {
    /// The instants of the frames, in microseconds since 1970 UTC.
    pub fn instants(&self) -> &[i64] {
        &self.instants
    }

    /// The cells of every frame.
    pub fn frame(&self) -> &Frame {
        &self.place.0
    }

    /// The bandwidth in space; never [`Bandwidth::Rule`].
    pub fn bandwidth(&self) -> Bandwidth {
        self.place.1
    }

    /// Events that have a place and a time.
    pub fn events(&self) -> u64 {
        self.events.0
    }

    /// How the frames that were estimated so far were, and how far they may be off.
    pub fn how(&self) -> (&'static str, f64) {
        self.how
    }

    /// Things the user should know.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The events that were read.
    pub fn reading(&self) -> &Reading<'a> {
        self.reading
    }

    /// One frame: per area and unit of the time bandwidth.
    ///
    /// # Errors
    /// What reading meets.
    pub fn density(&mut self, number: usize) -> Result<Density, Error> {
        if let Some(kept) = self.kept[number].take() {
            return Ok(kept);
        }
        self.reading.show_through(Some(Arc::new(self.times.lens(self.instants[number]))));
        let mut sums = density::summed(self.reading, &self.wish, self.place, Some(self.events.1))?;
        if self.how.0.is_empty() {
            self.notes.extend(sums.note.take());
            self.how = (sums.method, sums.error);
        }
        let mut density = density::measured(self.reading, sums, &self.wish);
        if self.wish.aggregate != Aggregate::Mean {
            let factor = self.times.per_unit();
            density.grid.values_mut().iter_mut().for_each(|v| *v = (f64::from(*v) * factor) as f32);
            density.quantity = Quantity::Rate(Box::new(density.quantity), self.times.bandwidth.word);
        }
        Ok(density)
    }

    /// What all frames show, for one scale.
    ///
    /// # Errors
    /// What reading meets.
    pub fn summary(&mut self) -> Result<Summary, Error> {
        let mut summary = Summary::empty();
        let most = KEPT_BYTES / (4 * self.place.0.len());
        for number in 0..self.instants.len() {
            let density = self.density(number)?;
            summary.merge(&Summary::of(density.grid.values()));
            self.kept[number] = (number < most).then_some(density);
        }
        Ok(summary)
    }
}
