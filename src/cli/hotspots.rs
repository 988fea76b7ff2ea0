//! `torrid hotspots`: where events are dense, as shapes with numbers.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use serde_json::{Value, json};

use crate::cli::events::EventArgs;
use crate::cli::given::Given;
use crate::cli::place::PlaceArgs;
use crate::cli::progress::Bar;
use crate::cli::{Common, report};
use crate::error::Error;
use crate::lines::Progress;
use crate::lines::density::Wish;
use crate::lines::findings::{self, Find, findings};
use crate::lines::framing::Size;
use crate::lines::reading::Reading;
use crate::lines::significance::{self, Cells, Keep, Search, significance};
use crate::sink;

/// Columns of square cells for Gi* where nothing is said of their size: enough to see a city's quarters, and not so many
/// that most are empty.
const COLUMNS: u32 = 100;

/// Finds where events are dense.
#[derive(Debug, Args)]
pub struct Hotspots {
    #[command(flatten)]
    given: Given,
    #[command(flatten)]
    events: EventArgs,
    /// The file to write: .geojson or .json; the z-scores of `gistar` on square cells also .tif, .npy or .csv
    #[arg(short, long, value_name = "OUT", value_hint = ValueHint::FilePath)]
    output: PathBuf,
    /// Replace OUT where it exists
    #[arg(short, long)]
    force: bool,
    /// What to find: cells with significantly many or few events (Getis-Ord Gi*), contours, the bands between them,
    /// the areas that hold shares of the mass, or the peaks
    #[arg(long, value_name = "KIND", default_value = "gistar", help_heading = "Findings",
          value_parser = ["gistar", "contours", "bands", "isopleths", "peaks"])]
    find: String,
    /// gistar: count in hexagons of H3 of this resolution, 0 to 15, instead of square cells
    #[arg(long, value_name = "RES", help_heading = "Findings", conflicts_with_all = ["size", "width", "cell", "zoom"])]
    h3: Option<u8>,
    /// gistar: classes of false-discovery rates (`fdr`) or of single p-values (`none`)
    #[arg(long, value_name = "NAME", default_value = "fdr", help_heading = "Findings", value_parser = ["fdr", "none"])]
    correction: String,
    /// gistar: which cells to write
    #[arg(long, value_name = "CELLS", default_value = "all", help_heading = "Findings",
          value_parser = ["all", "significant", "hot", "cold"])]
    keep: String,
    /// contours, bands: values with commas between [default: about 8 round ones]
    #[arg(long, value_name = "A,B,C", value_delimiter = ',', help_heading = "Findings", allow_hyphen_values = true)]
    levels: Option<Vec<f64>>,
    /// isopleths: shares of the mass in percent
    #[arg(long, value_name = "A,B,C", value_delimiter = ',', default_value = "50,90,95", help_heading = "Findings")]
    shares: Vec<f64>,
    /// peaks: at most so many, the highest first, one bandwidth apart
    #[arg(long, value_name = "N", default_value_t = 10, help_heading = "Findings")]
    top: usize,
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    common: Common,
}

/// Which findings an option has a meaning for.
const MEANT_FOR: &[(&str, &[&str])] = &[
    ("h3", &["gistar"]),
    ("correction", &["gistar"]),
    ("keep", &["gistar"]),
    ("levels", &["contours", "bands"]),
    ("shares", &["isopleths"]),
    ("top", &["peaks"]),
];

/// The options of the estimate that also have a meaning for plain counts of cells.
const COUNTING: &[&str] = &["bounds", "size", "width", "cell", "zoom", "agg"];

impl Hotspots {
    /// Runs the command: everything that can be wrong with the options is found before an input is opened.
    pub fn run(&self) -> Result<(), Error> {
        let query = self.events.query()?;
        let wish = self.place.wish(query.weight.is_some(), query.value.is_some())?;
        self.check_options()?;
        self.check_output()?;
        if self.find == "gistar" { self.significant(wish, query) } else { self.outlined(&wish, query) }
    }

    /// Refuses options that the findings asked for would ignore.
    fn check_options(&self) -> Result<(), Error> {
        for (option, kinds) in MEANT_FOR {
            if self.given.has(option) && !kinds.contains(&self.find.as_str()) {
                return Err(Error::caller(format!("--{option}"))
                    .found(format!("--find {}", self.find))
                    .expected(format!("--find {}", kinds.join(" or ")))
                    .advice(format!("leave out --{option}")));
            }
        }
        if self.find != "gistar" {
            return Ok(());
        }
        let without_meaning =
            Given::names_of::<PlaceArgs>().into_iter().filter(|name| !COUNTING.contains(&name.as_str()));
        let given = without_meaning.into_iter().find(|name| self.given.has(name)).map(|name| name.replace('_', "-"));
        match given {
            Some(option) => Err(Error::caller(format!("--{option}"))
                .found("--find gistar, which counts events in cells")
                .expected("--find contours, bands, isopleths or peaks, which estimate a density")
                .advice(format!("leave out --{option}; the size of the cells is --cell or --h3"))),
            None => Ok(()),
        }
    }

    fn check_output(&self) -> Result<(), Error> {
        if sink::holds_findings(&self.output) {
            return sink::check_findings(&self.output, self.force);
        }
        let values = sink::format_of(&self.output).is_ok_and(|format| format.kind() == sink::Kind::Values);
        if !values {
            return sink::check_findings(&self.output, self.force);
        }
        let (found, advice) = match (self.find.as_str(), self.h3, self.given.has("keep")) {
            ("gistar", None, false) => return sink::check(&self.output, self.force),
            ("gistar", None, true) => ("--keep for a grid of z-scores", "leave out --keep"),
            ("gistar", Some(_), _) => ("a grid for hexagons", "give -o OUT.geojson, or square cells with --cell"),
            _ => ("a grid for shapes", "give -o OUT.geojson, or write the density with `torrid render`"),
        };
        Err(Error::caller(self.output.display().to_string()).found(found).expected(".geojson or .json").advice(advice))
    }

    /// Significant cells.
    fn significant(&self, mut wish: Wish, query: crate::source::Query) -> Result<(), Error> {
        let sized = ["size", "width", "cell", "zoom", "h3"].iter().any(|option| self.given.has(option));
        if !sized {
            wish.size = Size::Width(COLUMNS);
        }
        let keep = match self.keep.as_str() {
            _ if !sink::holds_findings(&self.output) => Keep::None,
            "significant" => Keep::Significant,
            "hot" => Keep::Hot,
            "cold" => Keep::Cold,
            _ => Keep::All,
        };
        let cells = self.h3.map_or(Cells::Square, Cells::Hexagons);
        let search = Search { cells, corrected: self.correction == "fdr", keep };
        search.check(&query, &wish)?;
        self.common.start()?;
        let bar = Bar::new(self.common.quiet);
        let mut reading = Reading::open(&self.events.inputs, query, &bar)?;
        let mut outcome = significance(&mut reading, &wish, search)?;
        if !sized {
            outcome
                .notes
                .push(format!("{COLUMNS} columns of cells: give --cell 500m, or --h3 8, to choose their size"));
        }
        bar.stage("writing");
        match &outcome.scores {
            Some(scores) if !sink::holds_findings(&self.output) => sink::write_values(&self.output, scores, &[])?,
            _ => sink::write_findings(&self.output, &outcome.findings)?,
        }
        self.tell_significant(&reading, &outcome, &bar);
        Ok(())
    }

    fn tell_significant(&self, reading: &Reading<'_>, outcome: &significance::Outcome, bar: &Bar) {
        let stages = bar.finish();
        if self.common.json {
            let classes: serde_json::Map<String, Value> =
                outcome.classes.iter().map(|(class, cells)| (class.to_string(), json!(cells))).collect();
            let own = json!({
                "events": outcome.reached,
                "cells": outcome.classes.iter().map(|(_, cells)| cells).sum::<u64>(),
                "classes": classes,
                "notes": outcome.notes,
            });
            self.print(reading, own, outcome.findings.list.len(), &stages, bar);
        }
        let words = outcome.classes.iter().map(|(class, cells)| format!("{} {class}", report::thousands(*cells)));
        let cells = format!("cells: {}", words.collect::<Vec<_>>().join(", "));
        self.say(
            reading,
            &outcome.notes,
            &format!("{}, {cells}", report::reached(reading, outcome.reached)),
            &stages,
            bar,
        );
    }

    /// Contours, bands, isopleths and peaks.
    fn outlined(&self, wish: &Wish, query: crate::source::Query) -> Result<(), Error> {
        let find = match self.find.as_str() {
            "contours" => Find::Contours(self.levels.clone()),
            "bands" => Find::Bands(self.levels.clone()),
            "isopleths" => Find::Isopleths(self.shares.clone()),
            _ => Find::Peaks(self.top),
        };
        find.check(wish)?;
        self.common.start()?;
        let bar = Bar::new(self.common.quiet);
        let mut reading = Reading::open(&self.events.inputs, query, &bar)?;
        let outcome = findings(&mut reading, wish, &find)?;
        bar.stage("writing");
        sink::write_findings(&self.output, &outcome.findings)?;
        self.tell_outlined(&reading, &outcome, &bar);
        Ok(())
    }

    fn tell_outlined(&self, reading: &Reading<'_>, outcome: &findings::Outcome, bar: &Bar) {
        let stages = bar.finish();
        let (found, list) = (&outcome.found, &outcome.findings.list);
        let frame = found.density.grid.frame();
        if self.common.json {
            let own = json!({
                "events": found.reached,
                "extent": frame.extent().bounds(frame.space()),
                "size": [frame.width(), frame.height()],
                "quantity": found.density.quantity.to_string(),
                "bandwidth": found.bandwidth.to_string(),
                "method": found.method,
                "error_bound": found.error,
                "notes": found.notes,
            });
            self.print(reading, own, list.len(), &stages, bar);
        }
        let text = format!(
            "{} {}, {}, {}, bandwidth {:#}",
            list.len(),
            self.find,
            report::reached(reading, found.reached),
            found.density.quantity,
            found.bandwidth,
        );
        self.say(reading, &found.notes, &text, &stages, bar);
    }

    /// Prints the report: what is its own, and what all reports have.
    fn print(&self, reading: &Reading<'_>, own: Value, features: usize, stages: &[(String, f64)], bar: &Bar) {
        let mut all = json!({
            "output": self.output.display().to_string(),
            "find": self.find,
            "features": features,
            "rows": report::rows(reading.tally()),
            "seconds": report::timings(stages, bar.seconds()),
            "peak_memory_bytes": report::peak_memory(),
        });
        if let (Value::Object(all), Value::Object(own)) = (&mut all, own) {
            all.extend(own);
        }
        println!("{all}");
    }

    fn say(&self, reading: &Reading<'_>, notes: &[String], text: &str, stages: &[(String, f64)], bar: &Bar) {
        if self.common.quiet {
            return;
        }
        report::tell(reading, notes);
        eprintln!("{}: {text}", self.output.display());
        if self.common.verbose {
            report::tell_stages(stages, bar.seconds());
        }
    }
}
