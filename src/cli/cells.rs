//! `torrid cells`: events to cells, which can be kept, added up and drawn.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use serde_json::json;

use crate::cells::{Contents, FINEST};
use crate::cli::events::EventArgs;
use crate::cli::memory::MemoryArgs;
use crate::cli::progress::Bar;
use crate::cli::{Common, report};
use crate::error::Error;
use crate::lines::cells::{Sum, gather, origins};
use crate::lines::reading::Reading;
use crate::lines::survey::nothing_usable;
use crate::lines::times::Duration;
use crate::lines::tracks::Told;
use crate::provenance::Provenance;
use crate::sink;

/// Gathers events in cells.
#[derive(Debug, Args)]
pub struct CellsCommand {
    #[command(flatten)]
    events: EventArgs,
    /// The file to write: OUT.parquet
    #[arg(short, long, value_name = "OUT", value_hint = ValueHint::FilePath)]
    output: PathBuf,
    /// Replace OUT where it exists
    #[arg(short, long)]
    force: bool,
    /// The zoom of tiles of 256 such cells, 0 to 24: at 16 a cell is 2.4 m wide on the equator
    #[arg(short, long, value_name = "ZOOM", default_value_t = 16, help_heading = "Cells")]
    zoom: u8,
    /// Part events by time into intervals of this length: 1h, 1d, 1w
    #[arg(long, value_name = "LENGTH", help_heading = "Cells")]
    time_bucket: Option<String>,
    /// Column of whom or what events are of (a user, a kind), to be told apart: a cell has a row for each, so that how
    /// many different ones there are can be counted at any zoom
    #[arg(long, value_name = "COLUMN", help_heading = "Cells")]
    distinct: Option<String>,
    #[command(flatten)]
    memory: MemoryArgs,
    #[command(flatten)]
    common: Common,
}

impl CellsCommand {
    /// Runs the command: everything that can be wrong with the options is found before an input is opened.
    pub fn run(&self) -> Result<(), Error> {
        let step = self.time_bucket.as_deref().map(|text| Duration::parse("--time-bucket", text)).transpose()?;
        let mut query = self.events.query()?;
        query.timed = step.map(|_| "--time-bucket");
        query.subject.clone_from(&self.distinct);
        check_zoom(self.zoom)?;
        sink::check_cells(&self.output, self.force)?;
        let memory = self.memory.memory(&self.output)?;
        self.common.start()?;

        let (weight, value, subject) = (query.weight.clone(), query.value.clone(), self.distinct.clone());
        let step = step.map(|step| step.micros);
        let contents = Contents { weight: weight.is_some(), value: value.is_some(), step, subject: subject.is_some() };
        let bar = Bar::new(self.common.quiet);
        let mut reading = Reading::open(&self.events.inputs, query, &bar)?;
        reading.on_earth("cells")?;
        let sources = origins(&reading, &self.events.taken())?;
        let gathered = gather(&mut reading, (self.zoom, contents), &memory)?;
        if gathered.events == 0 {
            return Err(nothing_usable(&reading));
        }
        let provenance = Provenance { zoom: self.zoom, contents, weight, value, subject, sources };
        let notes = gathered.notes.clone();
        let sum = gathered.write(&self.output, &provenance, &memory, &bar)?;
        self.tell(&reading, (sum, &notes), &bar);
        Ok(())
    }

    fn tell(&self, reading: &Reading<'_>, (sum, notes): (Sum, &[String]), bar: &Bar) {
        let stages = bar.finish();
        if self.common.json {
            let report = json!({
                "output": self.output.display().to_string(),
                "rows": report::rows(reading.tally()),
                "events": sum.events,
                "cells": sum.rows,
                "zoom": self.zoom,
                "notes": notes,
                "tracks": reading.told().map(Told::json),
                "seconds": report::timings(&stages, bar.seconds()),
                "peak_memory_bytes": report::peak_memory(),
            });
            println!("{report}");
        }
        if self.common.quiet {
            return;
        }
        report::tell(reading, notes);
        let of = report::reached(reading, sum.events.unsigned_abs());
        told(&self.output, (sum, self.zoom), &of, self.common.verbose.then_some((&stages[..], bar)));
    }
}

/// Refuses zooms that there are no cells at.
pub(super) fn check_zoom(zoom: u8) -> Result<(), Error> {
    if zoom <= FINEST {
        return Ok(());
    }
    Err(Error::caller("--zoom")
        .found(zoom.to_string())
        .expected(format!("0 to {FINEST}"))
        .advice("16 has cells of 2.4 m, 20 of 15 cm, 24 of 9 mm at the equator"))
}

/// A run's stages, and who was told of them.
type Stages<'a> = (&'a [(String, f64)], &'a Bar);

/// Says what was written `of` what and, where asked for, how long its stages took.
pub(super) fn told(output: &std::path::Path, (sum, zoom): (Sum, u8), of: &str, stages: Option<Stages<'_>>) {
    let cells = report::thousands(sum.rows);
    eprintln!("{}: {cells} cells of zoom {zoom}, {of}", output.display());
    if let Some((stages, bar)) = stages {
        report::tell_stages(stages, bar.seconds());
    }
}
