//! `torrid merge`: cells added up, and taken away.

use std::fs::File;
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use serde_json::json;

use crate::cli::cells::{check_zoom, told};
use crate::cli::progress::Bar;
use crate::cli::{Common, report};
use crate::error::Error;
use crate::lines::cells::{Sum, common_provenance, merge};
use crate::sink;
use crate::source::CellsFile;

/// Adds files of cells up.
#[derive(Debug, Args)]
pub struct Merge {
    /// Files of cells, as `torrid cells` writes them
    #[arg(required = true, value_name = "CELLS", value_hint = ValueHint::FilePath)]
    inputs: Vec<PathBuf>,
    /// Files of cells to take away
    #[arg(long, value_name = "CELLS", num_args = 1.., value_hint = ValueHint::FilePath)]
    minus: Vec<PathBuf>,
    /// The file to write: OUT.parquet
    #[arg(short, long, value_name = "OUT", value_hint = ValueHint::FilePath)]
    output: PathBuf,
    /// Replace OUT where it exists
    #[arg(short, long)]
    force: bool,
    /// The zoom of the cells to write [default: the least of those read]
    #[arg(short, long, value_name = "ZOOM")]
    zoom: Option<u8>,
    /// Add up even what was read from one file twice
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    common: Common,
}

impl Merge {
    /// Runs the command.
    pub fn run(&self) -> Result<(), Error> {
        self.zoom.map_or(Ok(()), check_zoom)?;
        sink::check_cells(&self.output, self.force)?;
        self.common.start()?;
        let bar = Bar::new(self.common.quiet);
        let open = |paths: &[PathBuf]| paths.iter().map(|path| opened(path)).collect::<Result<Vec<_>, Error>>();
        let (files, less) = (open(&self.inputs)?, open(&self.minus)?);
        let provenance = common_provenance((&files, &less), self.zoom, self.again)?;
        let sum = merge((&files, &less), &provenance, &self.output, &bar)?;
        self.tell((sum, provenance.zoom), &bar);
        Ok(())
    }

    fn tell(&self, (sum, zoom): (Sum, u8), bar: &Bar) {
        let stages = bar.finish();
        if self.common.json {
            let report = json!({
                "output": self.output.display().to_string(),
                "events": sum.events,
                "cells": sum.rows,
                "zoom": zoom,
                "seconds": report::timings(&stages, bar.seconds()),
                "peak_memory_bytes": report::peak_memory(),
            });
            println!("{report}");
        }
        if !self.common.quiet {
            let of = format!("{} events", report::thousands(sum.events.unsigned_abs()));
            told(&self.output, (sum, zoom), &of, self.common.verbose.then_some((&stages[..], bar)));
        }
    }
}

fn opened(path: &Path) -> Result<CellsFile, Error> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| {
        Error::caller(&*name).found(error.to_string()).expected("a file of cells").advice("check the name")
    })?;
    CellsFile::open(file, &name)?.ok_or_else(|| {
        Error::input(&*name)
            .found("a Parquet file of something else")
            .expected("cells, as `torrid cells` writes them")
            .advice("make cells of it first: torrid cells IN -o OUT.parquet")
    })
}
