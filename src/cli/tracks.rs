//! Tracks as lines: the options that say what of them counts, what is cleaned, and what is nobody's business.

use clap::Args;

use crate::cli::report::thousands;
use crate::error::Error;
use crate::events::Space;
use crate::lines::tracks::Told;
use crate::source::{Input, Inputs, Query, tracks};
use crate::tracing::{Tracing, WEIGHTS};

/// The weight that takes fixes as events.
const FIX: &str = "fix";

/// Options of tracks.
#[derive(Debug, Args)]
#[command(next_help_heading = "Tracks")]
pub struct TrackArgs {
    /// What lines of tracks add up: `length` (metres per km²), `time` (seconds per km²), `pass` (tracks, each once in a
    /// cell), `user` (people, each once in a cell); `fix` takes the fixes as events, as they were recorded [default: length
    /// for GPX, TCX, FIT, KML and exports of them]
    #[arg(long, value_name = "WHAT", value_parser = weights())]
    track_weight: Option<String>,
    /// Column that tells tracks apart, in tables of fixes: these are drawn as lines then
    #[arg(long, value_name = "COLUMN")]
    track: Option<String>,
    /// Whose a track is: a column or fact by its name, such as `athlete`; `file` or `folder` for each of them
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Draw no line between fixes that are further apart, in time or on the ground: 5min, 2km, `5min,2km`, none [default: 1h]
    #[arg(long, value_name = "GAP")]
    max_gap: Option<String>,
    /// Leave out fixes that jump out and back: `auto` finds them, 120km/h or 30m/s is a limit, `none` keeps all [default: auto]
    #[arg(long, value_name = "SPEED")]
    max_speed: Option<String>,
    /// Keep the wandering of a receiver at rest, instead of one place for each rest
    #[arg(long)]
    keep_jitter: bool,
    /// Leave out fixes that are so near to the line without them
    #[arg(long, value_name = "LENGTH")]
    simplify: Option<String>,
    /// Show nothing of tracks inside a circle: `48.8566,2.3522,500m`, latitude first; as often as there are circles
    #[arg(long, value_name = "LAT,LNG,RADIUS", allow_hyphen_values = true)]
    hide: Vec<String>,
    /// Cut so much from both ends of each track
    #[arg(long, value_name = "LENGTH")]
    trim: Option<String>,
    /// Show only cells in which at least so many people passed, before any kernel
    #[arg(long, value_name = "PEOPLE")]
    min_users: Option<usize>,
}

fn weights() -> clap::builder::PossibleValuesParser {
    WEIGHTS.iter().map(|(name, _)| *name).chain([FIX]).collect::<Vec<_>>().into()
}

impl TrackArgs {
    /// Adds to a query what the options ask of tracks, where the inputs are tracks or are said to be.
    pub fn join(&self, query: Query, inputs: &[String]) -> Result<Query, Error> {
        let query = Query { track: self.track.clone(), user: self.user.clone(), ..query };
        let given = self.given();
        if self.track_weight.as_deref() == Some(FIX) {
            return of_fixes(query, given);
        }
        let asked = given.is_some();
        let readings = query.weight.is_some() || query.value.is_some();
        if !asked && (readings || query.space != Space::Earth || !are_tracks(inputs, &query)) {
            return Ok(query);
        }
        possible(&query, given)?;
        let tracing = self.tracing()?;
        let weight = Some(tracing.weight.unit().to_owned());
        Ok(Query { weight, tracing: Some(tracing), ..query })
    }

    /// What of tracks is taken, in words that do not say what is hidden where.
    pub fn taken(&self) -> Option<String> {
        let tracing = self.tracing().ok()?;
        let weight = self.track_weight.as_ref().map(|weight| format!("track-weight {weight}"));
        let words: Vec<String> = weight.into_iter().chain(tracing.privacy()).collect();
        (!words.is_empty()).then(|| words.join(", "))
    }

    /// What is to be done to tracks.
    fn tracing(&self) -> Result<Tracing, Error> {
        let weight = WEIGHTS.iter().find(|(name, _)| Some(*name) == self.track_weight.as_deref());
        let length = |option: &str, text: &Option<String>| {
            text.as_deref().map(|text| crate::tracing::length(option, text)).transpose()
        };
        Ok(Tracing {
            weight: weight.map(|(_, weight)| *weight).unwrap_or_default(),
            max_gap: self.max_gap.as_deref().map(str::parse).transpose()?.unwrap_or_default(),
            max_speed: self.max_speed.as_deref().map(str::parse).transpose()?.unwrap_or_default(),
            keep_jitter: self.keep_jitter,
            simplify: length("--simplify", &self.simplify)?,
            hide: self.hide.iter().map(|text| text.parse()).collect::<Result<_, Error>>()?,
            trim: length("--trim", &self.trim)?.unwrap_or_default(),
            min_users: self.min_users.unwrap_or_default(),
        })
    }

    /// The first option that is given.
    fn given(&self) -> Option<&'static str> {
        let given = [
            ("--track-weight", self.track_weight.is_some()),
            ("--track", self.track.is_some()),
            ("--user", self.user.is_some()),
            ("--max-gap", self.max_gap.is_some()),
            ("--max-speed", self.max_speed.is_some()),
            ("--keep-jitter", self.keep_jitter),
            ("--simplify", self.simplify.is_some()),
            ("--hide", !self.hide.is_empty()),
            ("--trim", self.trim.is_some()),
            ("--min-users", self.min_users.is_some()),
        ];
        let given = given.into_iter().filter(|(_, given)| *given).map(|(option, _)| option);
        // What contradicts `fix` is named first.
        given.max_by_key(|option| *option != "--track-weight")
    }
}

/// The query as it is, if no option needs lines.
fn of_fixes(query: Query, given: Option<&'static str>) -> Result<Query, Error> {
    match given.filter(|option| *option != "--track-weight") {
        None => Ok(query),
        Some(option) => Err(Error::caller(option)
            .found(format!("{option} with --track-weight {FIX}"))
            .expected("lines: fixes are taken as they were recorded")
            .advice(format!("leave {option} out, or choose length, time, pass or user"))),
    }
}

/// Refuses what lines cannot be.
fn possible(query: &Query, given: Option<&'static str>) -> Result<(), Error> {
    let refused = |what: &str, expected: &str, advice: &str| {
        let option = given.unwrap_or("--track-weight");
        Err(Error::caller(option).found(format!("{option} with {what}")).expected(expected).advice(advice))
    };
    if query.space != Space::Earth {
        return refused("--flat", "tracks on the Earth", "leave --flat out, or name the --crs of the coordinates");
    }
    if query.weight.is_some() {
        let advice = "leave --weight out, or take the fixes as events with --track-weight fix";
        return refused("--weight", "lines, whose weight is their length, their time, or one for each", advice);
    }
    if query.value.is_some() {
        let advice = "leave --value out, or take the fixes as events with --track-weight fix";
        return refused("--value", "lines, which have no readings", advice);
    }
    Ok(())
}

/// How many files are looked into for a track.
const LOOKED: usize = 20;

/// Whether all inputs are files of a format that is made for tracks, and there is one. What is wrong with them is said when
/// they are read.
fn are_tracks(names: &[String], query: &Query) -> bool {
    if names.iter().any(|name| name == "-") {
        return false;
    }
    let Ok(inputs) = Inputs::find(names, query) else { return false };
    let made_for_tracks = |input: &Input| tracks::is_made_for_tracks(input.format);
    let has_one = |input: &Input| tracks::holds_tracks(input, query).unwrap_or(false);
    inputs.inputs.iter().all(made_for_tracks) && inputs.inputs.iter().take(LOOKED).any(has_one)
}

/// The most files that are named one by one.
const NAMED: usize = 20;

/// Prints what came of the files of tracks.
pub fn tell(told: &Told) {
    for (_, why) in told.unreadable.iter().take(NAMED) {
        eprintln!("skipped {why}");
    }
    if told.unreadable.len() > NAMED {
        eprintln!("skipped {} more files, which --json names", thousands((told.unreadable.len() - NAMED) as u64));
    }
    told.notes().iter().for_each(|note| eprintln!("note: {note}"));
}
