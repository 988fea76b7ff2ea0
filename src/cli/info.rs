//! `torrid info`: what an input holds.

use clap::Args;
use serde_json::json;

use crate::cli::events::EventArgs;
use crate::cli::progress::Bar;
use crate::cli::report::thousands;
use crate::cli::{Common, report};
use crate::error::Error;
use crate::lines::holdings::{Holdings, holdings};
use crate::lines::reading::Reading;
use crate::lines::tracks::Told;
use crate::source::{Columns, Tally, written_time};

/// Tells what an input holds.
#[derive(Debug, Args)]
pub struct Info {
    #[command(flatten)]
    events: EventArgs,
    #[command(flatten)]
    common: Common,
}

impl Info {
    /// Runs the command.
    pub fn run(&self) -> Result<(), Error> {
        let query = self.events.query()?;
        self.common.start()?;
        let bar = Bar::new(self.common.quiet);
        let mut reading = Reading::open(&self.events.inputs, query.with_times(), &bar)?;
        let held = holdings(&mut reading)?;
        let stages = bar.finish();
        if self.common.json {
            println!("{}", json(&reading, &held, &report::timings(&stages, bar.seconds())));
        } else {
            tell(&reading, &held);
        }
        Ok(())
    }
}

fn tell(reading: &Reading<'_>, held: &Holdings) {
    for (input, columns) in reading.inputs().inputs.iter().zip(&held.columns) {
        println!("{} ({})", input.name, columns.format);
        tell_columns(columns);
    }
    let tally = reading.tally();
    match reading.told() {
        Some(told) => tell_tracks(told),
        None => {
            println!("rows       {}, of which {} can be used", thousands(tally.records), thousands(held.survey.events));
        }
    }
    for skipped in report::skipped(reading) {
        println!("  skipped  {skipped}");
    }
    let [west, south, east, north] = held.extent.map(|n| format!("{n:.6}"));
    println!("extent     {west},{south},{east},{north}");
    if let Some([first, last]) = time_span(tally) {
        println!("time       {first} to {last}");
    }
    match held.bandwidth {
        Some(bandwidth) => println!("bandwidth  {bandwidth:#} suggested"),
        None => println!("bandwidth  none suggested: all events are at one place"),
    }
    for note in &held.notes {
        println!("note       {note}");
    }
}

fn tell_tracks(told: &Told) {
    println!(
        "tracks     {} with {} fixes, in {} files",
        told.drawn(),
        thousands(told.done.fixes),
        thousands(told.files)
    );
    for (_, why) in &told.unreadable {
        println!("  skipped  {why}");
    }
    for note in told.notes() {
        println!("  note     {note}");
    }
}

fn tell_columns(columns: &Columns) {
    if !columns.names.is_empty() {
        println!("columns    {}", columns.names.join(", "));
    }
    println!("position   {}", columns.position.join(", "));
    for (x, y) in columns.pairs.iter().skip(1) {
        println!("  or       --lon {x} --lat {y}");
    }
    if let Some(time) = &columns.time {
        println!("time from  {time}");
    }
    if !columns.weights.is_empty() {
        println!("weight?    {} (taken only with --weight)", columns.weights.join(", "));
    }
}

fn time_span(tally: &Tally) -> Option<[String; 2]> {
    tally.span.map(|(first, last)| [first, last].map(written_time))
}

fn json(reading: &Reading<'_>, held: &Holdings, timings: &serde_json::Value) -> serde_json::Value {
    let files: Vec<_> = reading
        .inputs()
        .inputs
        .iter()
        .zip(&held.columns)
        .map(|(input, columns)| {
            json!({
                "name": &*input.name,
                "format": columns.format,
                "columns": columns.names,
                "position": columns.position,
                "pairs": columns.pairs,
                "time": columns.time,
                "weights": columns.weights,
            })
        })
        .collect();
    json!({
        "files": files,
        "rows": report::rows(reading.tally()),
        "tracks": reading.told().map(Told::json),
        "extent": held.extent,
        "time_span": time_span(reading.tally()),
        "bandwidth": held.bandwidth.map(|b| b.to_string()),
        "notes": held.notes,
        "seconds": timings,
        "peak_memory_bytes": report::peak_memory(),
    })
}
