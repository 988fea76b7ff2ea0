//! Two groups of events compared: how many times as many there are of one as of the other, or how many more.
//!
//! The ratio is that of two kernel estimates with one bandwidth, as a logarithm (J. E. Kelsall and P. J. Diggle, "Kernel
//! estimation of relative risk", Bernoulli 1, 1995): base 2, so that 1 is twice as many. Where both estimates come to
//! nothing their quotient says nothing either. An estimate divided by the height of one event's kernel is the number of
//! events that count at a place; a total of one event is therefore added there, shared by the two groups, as half an
//! event is added to each of two counts before the logarithm of their ratio is taken (J. B. S. Haldane, Annals of Human
//! Genetics 20, 1956; F. J. Anscombe, Biometrika 43, 1956). It draws the ratio to 1 where there are few events and changes
//! little where there are many. Where less than [`FLOOR`] events of either group count, there is no data.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use crate::bandwidth::Bandwidth;
use crate::counts::Aggregate;
use crate::error::Error;
use crate::frame::Frame;
use crate::grid::{Density, Grid, Quantity, Sides};
use crate::lines::Progress;
use crate::lines::density::{self, Found, Wish};
use crate::lines::reading::Reading;
use crate::lines::sums::Sums;
use crate::lines::survey::nothing_usable;
use crate::scale::{Norm, Scale};
use crate::source::Query;

/// Events that have to count at a place, in one group at least, for the groups to be compared there.
pub const FLOOR: f64 = 0.1;

/// What events are compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Other {
    /// With those of other inputs.
    Inputs(Vec<String>),
    /// Those from this instant on with those before it. In microseconds since 1970 UTC, and as the caller wrote it.
    Before(i64, String),
    /// Those before this instant with those from it on.
    After(i64, String),
}

/// How two estimates become one value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Compare {
    /// The logarithm of their ratio, base 2.
    #[default]
    Ratio,
    /// Their difference.
    Difference,
}

/// The comparisons by the name that `--compare` knows them by.
pub const COMPARES: &[(&str, Compare)] = &[("ratio", Compare::Ratio), ("difference", Compare::Difference)];

/// Two groups of events that are to be compared.
pub struct Groups<'a> {
    /// All events of both.
    both: Reading<'a>,
    /// Each group, where they come from different inputs.
    apart: Option<[Reading<'a>; 2]>,
    /// When each group happened, where they come from the same inputs.
    intervals: [Range<i64>; 2],
    /// What the groups are called, as the words follow `events`.
    names: [String; 2],
}

impl<'a> Groups<'a> {
    /// Opens the inputs to see what they hold; no event is read yet.
    ///
    /// # Errors
    /// As for [`Reading::open`], and for standard input, which cannot be read as often as this needs.
    pub fn open(
        inputs: &[String],
        query: &Query,
        other: &Other,
        progress: &'a dyn Progress,
    ) -> Result<Groups<'a>, Error> {
        let (at, names) = match other {
            Other::Inputs(others) => return Groups::of_inputs(inputs, others, query, progress),
            Other::Before(at, text) => (*at, [format!("from {text} on"), format!("before {text}")]),
            Other::After(at, text) => (*at, [format!("before {text}"), format!("from {text} on")]),
        };
        let (earlier, later) = (i64::MIN..at, at..i64::MAX);
        let intervals = if let Other::Before(..) = other { [later, earlier] } else { [earlier, later] };
        let query = Query { timed: Some("--versus"), ..query.clone() };
        let both = Reading::open(inputs, query, progress)?;
        Ok(Groups { both, apart: None, intervals, names })
    }

    /// Groups of events that were read otherwise; `both` has the events of the two `apart`, and `names` tell these as the
    /// words follow `events`.
    pub fn of_readings(both: Reading<'a>, apart: [Reading<'a>; 2], names: [String; 2]) -> Groups<'a> {
        let always = || i64::MIN..i64::MAX;
        Groups { both, apart: Some(apart), intervals: [always(), always()], names }
    }

    fn of_inputs(
        inputs: &[String],
        others: &[String],
        query: &Query,
        progress: &'a dyn Progress,
    ) -> Result<Groups<'a>, Error> {
        let all = [inputs, others].concat();
        if all.iter().any(|name| name == "-") {
            return Err(Error::caller("--versus")
                .found("standard input")
                .expected("files: both groups are read more than once")
                .advice("save the input in a file first"));
        }
        let open = |names: &[String]| Reading::open(names, query.clone(), progress);
        let apart = [open(inputs)?, open(others)?];
        let names = names_of(inputs, others);
        let always = || i64::MIN..i64::MAX;
        Ok(Groups { both: open(&all)?, apart: Some(apart), intervals: [always(), always()], names })
    }

    /// The readings whose tallies together tell what was read.
    pub fn readings(&self) -> Vec<&Reading<'a>> {
        self.apart.as_ref().map_or_else(|| vec![&self.both], |apart| apart.iter().collect())
    }

    /// The sums over one of the groups.
    fn sums(
        &mut self,
        group: usize,
        wish: &Wish,
        place: (Frame, Bandwidth),
        events: Option<u64>,
    ) -> Result<Sums, Error> {
        let reading = if let Some(apart) = &mut self.apart {
            &mut apart[group]
        } else {
            let interval = self.intervals[group].clone();
            self.both.show_through(Some(Arc::new(move |events| events.during(&interval))));
            &mut self.both
        };
        let sums = density::summed(reading, wish, place, events)?;
        if reading.tally().records == reading.tally().bad() {
            return Err(nothing_usable(reading));
        }
        if sums.reached == 0 {
            return Err(Error::input(reading.inputs().names())
                .found(format!("no event {} on the map", self.names[group]))
                .expected("events to compare on both sides")
                .advice("choose another time, input or --bounds"));
        }
        Ok(sums)
    }
}

/// What inputs are called: the names of their first files without endings, whole where those are the same.
pub fn names_of(inputs: &[String], others: &[String]) -> [String; 2] {
    let stem = |names: &[String]| {
        let name = Path::new(&names[0]).file_name().map_or_else(|| names[0].clone(), |n| n.to_string_lossy().into());
        name.split_once('.').map_or(name.clone(), |(stem, _)| stem.to_owned())
    };
    let more = |name: String, names: &[String]| match names.len() {
        1 => format!("in {name}"),
        n => format!("in {name} and {} more", n - 1),
    };
    let (these, those) = (stem(inputs), stem(others));
    let (these, those) = if these == those { (inputs[0].clone(), others[0].clone()) } else { (these, those) };
    [more(these, inputs), more(those, others)]
}

/// A comparison, and how many events of each group it is made of.
#[derive(Debug, Clone)]
pub struct Compared {
    /// The values; `reached` counts both groups.
    pub found: Found,
    /// Events of each group that reached the frame or its margin.
    pub reached: [u64; 2],
    /// The two groups.
    pub sides: Sides,
}

/// Reads both groups and compares them, over one frame that holds both and with one bandwidth for both, which a rule
/// chooses from all events of both. With `shares`, each group's estimate is divided by its total over the frame.
///
/// # Errors
/// What reading meets, when a group has no event on the map, and when the wish contradicts itself or the events.
pub fn versus(groups: &mut Groups<'_>, wish: &Wish, (compare, shares): (Compare, bool)) -> Result<Compared, Error> {
    check(wish, compare, shares)?;
    density::check(&groups.both, wish)?;
    let mut notes = Vec::new();
    let (frame, bandwidth, events) = density::framed(&mut groups.both, wish, &mut notes)?;
    let these = groups.sums(0, wish, (frame, bandwidth), events)?;
    let those = groups.sums(1, wish, (frame, bandwidth), events)?;
    notes.extend(told([&these, &those], &groups.names));
    groups.both.forget();
    let reached = [these.reached, those.reached];
    let [a, b] = reached;
    notes.extend(density::beyond_note(these.beyond_mercator + those.beyond_mercator));
    if !shares && (a > 2 * b || b > 2 * a) && compare == Compare::Ratio {
        notes.push(format!("{a} events against {b}: --normalise compares shares of each total instead"));
    }
    let [name, other] = groups.names.clone();
    let sides = Sides { these: name, those: other, shares };
    let rougher = if those.error > these.error { &those } else { &these };
    let (method, error) = (rougher.method, rougher.error);
    let density = compared(&groups.both, wish, compare, [these, those], &sides)?;
    let private = groups.readings()[0].query().privacy();
    let found = Found { density, evidence: None, bandwidth, method, error, reached: a + b, notes, private };
    Ok(Compared { found, reached, sides })
}

/// What is to be told of how the sums were made: of both groups once, of one of them with its name.
fn told(sums: [&Sums; 2], names: &[String; 2]) -> Vec<String> {
    let [these, those] = sums.map(|sums| sums.note.as_ref());
    if these == those {
        return these.cloned().into_iter().collect();
    }
    let named = |(note, name): (Option<&String>, &String)| Some(format!("events {name}: {}", note?));
    [these, those].into_iter().zip(names).filter_map(named).collect()
}

fn check(wish: &Wish, compare: Compare, shares: bool) -> Result<(), Error> {
    let readings = matches!(wish.aggregate, Aggregate::Mean | Aggregate::Min | Aggregate::Max);
    if readings && (compare == Compare::Ratio || shares) {
        let option = if shares { "--normalise" } else { "--compare" };
        return Err(Error::caller(option)
            .found("--agg mean, min or max")
            .expected("numbers of events, or sums: readings may be compared by their difference")
            .advice("add --compare difference, and leave out --normalise"));
    }
    if matches!(wish.bandwidth, Bandwidth::Nearest(_) | Bandwidth::Adaptive(_)) {
        return Err(Error::caller("--bandwidth")
            .found(format!("{} with --versus", wish.bandwidth))
            .expected("one bandwidth for all events: with others the estimates would differ by their bandwidths too")
            .advice("give a length, or auto"));
    }
    Ok(())
}

fn compared(
    reading: &Reading<'_>,
    wish: &Wish,
    compare: Compare,
    [these, those]: [Sums; 2],
    sides: &Sides,
) -> Result<Density, Error> {
    let weight = reading.query().weight.clone().filter(|_| wish.aggregate == Aggregate::Sum);
    if matches!(wish.aggregate, Aggregate::Mean | Aggregate::Min | Aggregate::Max) {
        let [mut these, those] = [these, those].map(|sums| density::measured(reading, sums, wish));
        these.grid.values_mut().iter_mut().zip(those.grid.values()).for_each(|(a, b)| *a -= b);
        return Ok(Density { grid: these.grid, quantity: Quantity::More(Box::new(these.quantity), sides.clone()) });
    }
    let rule = Rule::new(wish, [&these, &those], sides)?;
    match compare {
        Compare::Ratio => {
            let grid = rule.over(&these, &those, |a, b, one| rule.ratio(a, b, one));
            Ok(Density { grid, quantity: Quantity::Ratio(weight, sides.clone()) })
        }
        Compare::Difference => {
            let grid = rule.over(&these, &those, |a, b, _| rule.difference(a, b));
            let more = density::amounts(grid, weight, wish);
            Ok(Density { grid: more.grid, quantity: Quantity::More(Box::new(more.quantity), sides.clone()) })
        }
    }
}

/// How two estimates at one place become one value.
struct Rule {
    /// The totals that estimates are divided by; 1 where amounts are compared.
    totals: [f64; 2],
    /// How the one event that is added to a ratio is shared: like the totals, so that it speaks for neither group.
    added: [f64; 2],
    /// The height of one typical event's kernel, in each row.
    one: Vec<f64>,
}

impl Rule {
    fn new(wish: &Wish, sums: [&Sums; 2], sides: &Sides) -> Result<Rule, Error> {
        let reached = sums.map(|sums| sums.reached as f64);
        let mean = |(a, b): (&f64, &f64)| (a * reached[0] + b * reached[1]) / (reached[0] + reached[1]);
        let one = sums[0].one.iter().zip(&sums[1].one).map(mean).collect();
        if !sides.shares {
            return Ok(Rule { totals: [1.0; 2], added: [0.5; 2], one });
        }
        let totals = sums.map(|sums| total(&sums.weight, wish.bandwidth == Bandwidth::None));
        if let Some(group) = totals.iter().position(|total| *total <= 0.0) {
            return Err(Error::input("--normalise")
                .found(format!("a total of {} {}", totals[group], [&sides.these, &sides.those][group]))
                .expected("a total above 0 to take shares of")
                .advice("leave out --normalise, or give other --bounds"));
        }
        let all = totals[0] + totals[1];
        Ok(Rule { totals, added: totals.map(|total| total / all), one })
    }

    /// A value for each cell where enough events count.
    fn over(&self, these: &Sums, those: &Sums, value: impl Fn(f64, f64, f64) -> f64) -> Grid<f32> {
        let frame = *these.weight.frame();
        let mut values = vec![f32::NAN; frame.len()];
        for (row, line) in values.chunks_mut(frame.width() as usize).enumerate() {
            let (one, row) = (self.one[row], row as u32);
            for ((out, a), b) in line.iter_mut().zip(these.weight.row(row)).zip(those.weight.row(row)) {
                let (a, b) = (f64::from(*a), f64::from(*b));
                if a.abs().max(b.abs()) >= FLOOR * one {
                    *out = value(a, b, one) as f32;
                }
            }
        }
        Grid::new(frame, values)
    }

    /// NaN where negative weights leave no ratio.
    fn ratio(&self, a: f64, b: f64, one: f64) -> f64 {
        let share = |group: usize, estimate: f64| (estimate + self.added[group] * one) / self.totals[group];
        (share(0, a) / share(1, b)).log2()
    }

    /// Shares in percent.
    fn difference(&self, a: f64, b: f64) -> f64 {
        if self.totals == [1.0; 2] { a - b } else { 100.0 * (a / self.totals[0] - b / self.totals[1]) }
    }
}

/// The sum over the frame of an estimate times the area of its cell, or of plain bins.
fn total(grid: &Grid<f32>, bins: bool) -> f64 {
    let frame = grid.frame();
    let row = |row: u32| {
        let sum: f64 = grid.row(row).iter().map(|v| f64::from(*v)).sum();
        if bins { sum } else { sum * frame.cell_area(i64::from(row)) }
    };
    (0..frame.height()).map(row).sum()
}

/// The scale of a comparison: 0 in the middle and, where the caller gave no limits, equally far both ways.
///
/// # Errors
/// For norms that do not treat both sides of 0 alike.
pub fn scale_around_zero(scale: Scale, density: &Density) -> Result<Scale, Error> {
    check_norm(scale.norm)?;
    let center = scale.center.unwrap_or(0.0);
    let reach = match (scale.vmin, scale.vmax) {
        (None, None) => reach(density, center, scale.robust),
        (Some(vmin), None) => center - vmin,
        (None, Some(vmax)) => vmax - center,
        (Some(_), Some(_)) => return Ok(Scale { center: Some(center), ..scale }),
    };
    let (vmin, vmax) = (scale.vmin.unwrap_or(center - reach), scale.vmax.unwrap_or(center + reach));
    Ok(Scale { vmin: Some(vmin), vmax: Some(vmax), center: Some(center), robust: false, ..scale })
}

/// Whether a norm suits a comparison.
///
/// # Errors
/// When it does not.
pub fn check_norm(norm: Norm) -> Result<(), Error> {
    if matches!(norm, Norm::Linear | Norm::Symlog(_) | Norm::Asinh(_) | Norm::TwoSlope) {
        return Ok(());
    }
    Err(Error::caller("--norm")
        .found(format!("{norm} with --versus"))
        .expected("linear, symlog:T, asinh:A or twoslope, which show both sides of 0 alike")
        .advice("leave out --norm, or give --norm symlog:1"))
}

/// How far from the centre the values go (98 of 100 of them, if `robust`), rounded up to two digits.
fn reach(density: &Density, center: f64, robust: bool) -> f64 {
    let values = density.grid.values().iter().filter(|v| v.is_finite());
    let mut far: Vec<f64> = values.map(|v| (f64::from(*v) - center).abs()).collect();
    far.sort_unstable_by(f64::total_cmp);
    let last = far.len().saturating_sub(1);
    let at = if robust { (last as f64 * 0.98).ceil() as usize } else { last };
    let reach = far.get(at).copied().filter(|reach| *reach > 0.0).unwrap_or(1.0);
    let exponent = reach.log10().floor() as i32 - 1;
    let digits = (reach / 10f64.powi(exponent) - 1e-9).ceil();
    format!("{digits}e{exponent}").parse().unwrap_or(reach)
}
