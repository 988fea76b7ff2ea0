//! `torrid clicks`: what visitors did on a page, over a picture of it.

mod draw;
mod options;
mod told;
mod write;

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use serde_json::Value;

use crate::cli::Common;
use crate::cli::progress::Bar;
use crate::error::Error;
use crate::interaction::Interaction;
use crate::lines::Progress;
use crate::lines::clicks::{Ground, Map, Show, Wish, compare, csv, heat, rows};
use crate::lines::picture::Look;
use crate::lines::versus::{names_of, scale_around_zero};
use crate::sink;
use crate::source::Filter;
use crate::source::clicks::{Log, Wish as LogWish, read};
use draw::{DrawArgs, Sort};
use options::{CompareArgs, LayArgs, LogArgs, Other};

/// Lays a log of clicks, moves or scrolls on a picture of the page.
#[derive(Debug, Args)]
pub struct Clicks {
    #[command(flatten)]
    log: LogArgs,
    /// The file to write: .png, .webp, .jpg, .svg, .pdf for a picture; .html for a page that tells values in any browser,
    /// without a network; .tif, .npy, .csv for the values
    #[arg(short, long, value_name = "OUT", value_hint = ValueHint::FilePath)]
    output: PathBuf,
    /// Replace OUT and the table where they exist
    #[arg(short, long)]
    force: bool,
    /// Write the hottest elements into a .csv file too: selector, count, visitors, share, rage, dead
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    table: Option<PathBuf>,
    #[command(flatten)]
    lay: LayArgs,
    #[command(flatten)]
    compare: CompareArgs,
    #[command(flatten)]
    draw: DrawArgs,
    #[command(flatten)]
    common: Common,
}

/// One map that is to be written.
struct Job {
    show: Show,
    output: PathBuf,
    kind: sink::Kind,
    wish: Wish,
    look: Look,
}

/// The log, and that which it is compared with.
struct Logs {
    these: Log,
    those: Option<Log>,
    /// What the two are called, as the words follow `events`.
    names: [String; 2],
}

/// A log cut in two at an instant; `earlier` says that the part before it is what is looked at.
fn split(mut log: Log, at: i64, text: &str, earlier: bool) -> Logs {
    let all = std::mem::take(&mut log.interactions);
    let timed = all.into_iter().filter(|one| one.time.is_some());
    let (before, from): (Vec<_>, Vec<_>) = timed.partition(|one| one.time.is_some_and(|time| time < at));
    let (mut these, mut those) = (log.clone(), log);
    (these.interactions, those.interactions) = if earlier { (before, from) } else { (from, before) };
    let mut names = [format!("from {text} on"), format!("before {text}")];
    if earlier {
        names.reverse();
    }
    // What was read was read once.
    those.tally = crate::source::clicks::Tally::default();
    Logs { these, those: Some(those), names }
}

/// What in the name of OUT stands for what is shown.
const SHOWN: &str = "{show}";

impl Clicks {
    /// Runs the command: everything that can be wrong with the options is found before a log is opened.
    pub fn run(&self) -> Result<(), Error> {
        let (wish, log_wish) = (self.lay.wish()?, self.log.wish()?);
        let (shows, all) = self.lay.shows()?;
        let other = self.compare.other()?;
        self.check_outputs(&shows, &wish)?;
        let ground = Ground::open(&self.lay.page, self.lay.elements.as_deref(), self.lay.page_width)?;
        let jobs = self.jobs(&shows, &wish, &ground, other.is_some())?;
        self.common.start()?;

        let bar = Bar::new(self.common.quiet);
        bar.stage("reading");
        let logs = self.read(&log_wish, other.as_ref())?;
        let (mut reports, mut told, mut table) = (Vec::new(), 0, self.table.as_deref());
        for job in jobs {
            match self.one(&logs, &ground, job, table, &bar) {
                Ok(report) => {
                    reports.push(report);
                    (told, table) = (told + 1, None);
                }
                // Of all that could be shown, a log has only some.
                Err(error) if all && error.fault() == crate::error::Fault::Input => {
                    if self.common.verbose {
                        eprintln!("note: {error}");
                    }
                }
                Err(error) => return Err(error),
            }
        }
        if told == 0 {
            return Err(told::empty(&self.log.inputs, &logs.these));
        }
        self.tell_run(&logs, &ground, &reports, &bar);
        Ok(())
    }

    fn check_outputs(&self, shows: &[Show], wish: &Wish) -> Result<(), Error> {
        let named = self.output.to_string_lossy().contains(SHOWN);
        if shows.len() > 1 && !named {
            return Err(Error::caller("--show")
                .found(format!("{} maps for one file", shows.len()))
                .expected("a name for each")
                .advice("write it like -o 'map-{show}.png'"));
        }
        for show in shows {
            let output = self.output_of(*show);
            write::check(&output, self.force, &self.draw)?;
            let of = sort(*show, self.compare.other()?.is_some());
            self.draw.look(of, PathBuf::new(), [1.0, 1.0], wish)?;
        }
        if let Some(table) = &self.table {
            if shows.iter().all(|show| show.is_of_bands()) {
                return Err(Error::caller("--table")
                    .found("--show scroll or attention, which is done to no element")
                    .expected("something that is: click, touch, move, rage or dead")
                    .advice("leave --table out"));
            }
            if !table.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv")) {
                return Err(Error::caller("--table")
                    .found(table.display().to_string())
                    .expected("a name that ends in .csv"));
            }
            sink::check_new(table, self.force)?;
        }
        Ok(())
    }

    fn output_of(&self, show: Show) -> PathBuf {
        PathBuf::from(self.output.to_string_lossy().replace(SHOWN, &show.to_string()))
    }

    fn jobs(&self, shows: &[Show], wish: &Wish, ground: &Ground, compared: bool) -> Result<Vec<Job>, Error> {
        let job = |show: &Show| {
            let output = self.output_of(*show);
            let format = sink::format_of(&output)?;
            let wish = Wish { show: *show, most: format.max_side, ..wish.clone() };
            let look = self.draw.look(sort(*show, compared), ground.path.clone(), ground.size, &wish)?;
            Ok(Job { show: *show, output, kind: format.kind(), wish, look })
        };
        shows.iter().map(job).collect()
    }

    /// The log, and that which it is compared with.
    fn read(&self, wish: &LogWish, other: Option<&Other>) -> Result<Logs, Error> {
        let Some(other) = other else {
            return Ok(Logs { these: read(&self.log.inputs, wish)?, those: None, names: Default::default() });
        };
        match other {
            Other::Logs(others) => {
                let names = names_of(&self.log.inputs, others);
                Ok(Logs { these: read(&self.log.inputs, wish)?, those: Some(read(others, wish)?), names })
            }
            Other::Where(condition) => {
                let others = format!("not ({condition})");
                let mine = self.log.condition().unwrap_or(&others);
                let filtered = |text: &str| Ok(LogWish { filter: Some(Filter::parse(text)?), ..wish.clone() });
                let names = [mine, condition].map(|text| format!("where {text}"));
                let these = read(&self.log.inputs, &filtered(mine)?)?;
                Ok(Logs { these, those: Some(read(&self.log.inputs, &filtered(condition)?)?), names })
            }
            Other::Before(at, text) => Ok(split(read(&self.log.inputs, wish)?, *at, text, false)),
            Other::After(at, text) => Ok(split(read(&self.log.inputs, wish)?, *at, text, true)),
        }
    }

    /// One map: estimated, written, told.
    fn one(&self, logs: &Logs, ground: &Ground, mut job: Job, table: Option<&Path>, bar: &Bar) -> Result<Value, Error> {
        let (mut map, versus) = self.map(logs, ground, &mut job, bar)?;
        let beside = told::beside(self, logs, &map, &job, versus.is_some());
        let limits = write::write(&job, &mut map, &beside, &self.draw, bar)?;
        let rows = rows(&map.hot, map.elsewhere);
        if let Some(table) = table.filter(|_| !job.show.is_of_bands()) {
            sink::write_text(table, &csv(&rows))?;
        }
        if !self.common.quiet {
            told::tell(&map, &job, ground);
        }
        let mut report = told::json(&map, &job, limits, &rows);
        if let Some(versus) = versus {
            report["versus"] = versus;
        }
        Ok(report)
    }

    /// The values, and what is to be reported of a comparison.
    fn map(&self, logs: &Logs, ground: &Ground, job: &mut Job, bar: &Bar) -> Result<(Map, Option<Value>), Error> {
        let these: &[Interaction] = &logs.these.interactions;
        let Some(those) = &logs.those else {
            return Ok((heat(these, ground, &job.wish, bar)?, None));
        };
        let wish = (&job.wish, self.compare.how());
        let pair: [&[Interaction]; 2] = [these, &those.interactions];
        let (map, compared, other) = compare(pair, logs.names.clone(), ground, wish, bar)?;
        job.look.style.scale = scale_around_zero(job.look.style.scale, &map.found.density)?;
        let report = told::versus(&compared, map.tally.as_ref(), &other);
        Ok((map, Some(report)))
    }

    fn tell_run(&self, logs: &Logs, ground: &Ground, reports: &[Value], bar: &Bar) {
        let stages = bar.finish();
        if !self.common.quiet {
            told::tell_logs(logs, self.common.verbose);
        }
        if self.common.verbose {
            crate::cli::report::tell_stages(&stages, bar.seconds());
        }
        if self.common.json {
            let timings = crate::cli::report::timings(&stages, bar.seconds());
            println!("{}", told::whole(logs, ground, reports, &timings));
        }
    }
}

fn sort(show: Show, compared: bool) -> Sort {
    match show {
        _ if compared => Sort::Compared,
        show if show.is_of_bands() => Sort::Bands,
        _ => Sort::Heat,
    }
}
