//! The program: one file for each command. Arguments in, a line called, a report out. This is the only part of
//! torrid that prints.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is what a program is for")]

mod area;
mod axes;
mod cells;
mod clicks;
#[cfg(feature = "serve")]
mod collect;
mod colormaps;
mod completions;
mod events;
mod figure;
mod given;
mod hotspots;
mod info;
mod look;
mod map;
mod memory;
mod merge;
mod page;
mod place;
mod progress;
mod readings;
mod render;
mod report;
mod scales;
#[cfg(feature = "serve")]
mod serve;
mod sweep;
mod tiles;
mod times;
mod tracks;
mod versus;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::error::Error;

/// Hot maps from point events.
#[derive(Debug, Parser)]
#[command(name = "torrid", version, about, propagate_version = true, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Draw one picture, or write one grid of values: the extension of OUT decides
    Render(Box<render::Render>),
    /// Draw a pyramid of map tiles: .pmtiles, .mbtiles or a folder
    Tiles(Box<tiles::Tiles>),
    /// Serve tiles that are drawn as they are asked for, in any style, and the values under them
    #[cfg(feature = "serve")]
    Serve(Box<serve::Serve>),
    /// Gather events in cells, which can be kept, added up and drawn
    Cells(Box<cells::CellsCommand>),
    /// Add files of cells up, or take some away
    Merge(merge::Merge),
    /// Lay a log of clicks, moves or scrolls on a picture of the page, and tell its hottest elements
    Clicks(Box<clicks::Clicks>),
    /// Draw a classic heatmap of a table: annotated, clustered, with a bar of colours
    Figure(Box<figure::Figure>),
    /// Take a screenshot of a page, with where its elements are: what clicks are laid on
    Page(Box<page::PageCommand>),
    /// Find where events are dense: significant cells, contours, bands, isopleths, peaks, as GeoJSON
    Hotspots(Box<hotspots::Hotspots>),
    /// Tell what a file holds: columns, rows, extent, time span, a bandwidth, and what would be skipped
    Info(Box<info::Info>),
    /// List the colormaps, or draw them into a picture
    Colormaps(colormaps::Colormaps),
    /// Print a completion script for a shell
    Completions(completions::Completions),
}

/// What every command that works on events understands.
#[derive(Debug, Args)]
struct Common {
    /// Threads to work with; the output never depends on it [default: all cores]
    #[arg(short = 'j', long, value_name = "N")]
    threads: Option<usize>,
    /// Print the run's report as one JSON object on standard output
    #[arg(long)]
    json: bool,
    /// Say nothing but errors
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
    /// Say more about the run
    #[arg(short, long)]
    verbose: bool,
}

impl Common {
    /// Makes the threads of the run.
    fn start(&self) -> Result<(), Error> {
        if self.threads == Some(0) {
            return Err(Error::caller("--threads")
                .found("0")
                .expected("at least 1")
                .advice("leave it out for all cores"));
        }
        let threads = self.threads.unwrap_or(0);
        let built = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
        built.map_err(|error| Error::machine("threads").found(error.to_string()).advice("try a smaller --threads"))
    }
}

/// Runs the command that the arguments of the process ask for.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        Command::Render(command) => command.run(),
        Command::Tiles(command) => command.run(),
        #[cfg(feature = "serve")]
        Command::Serve(command) => command.run(),
        Command::Cells(command) => command.run(),
        Command::Merge(command) => command.run(),
        Command::Clicks(command) => command.run(),
        Command::Figure(command) => command.run(),
        Command::Page(command) => command.run(),
        Command::Hotspots(command) => command.run(),
        Command::Info(command) => command.run(),
        Command::Colormaps(command) => command.run(),
        Command::Completions(command) => command.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

/// Four numbers with commas between, as `--bounds` takes them.
fn four_numbers(option: &str, text: &str) -> Result<[f64; 4], Error> {
    let numbers: Vec<f64> = text.split(',').filter_map(|n| n.trim().parse().ok()).collect();
    match <[f64; 4]>::try_from(numbers) {
        Ok(four) if text.split(',').count() == 4 => Ok(four),
        _ => Err(Error::caller(option)
            .found(format!("`{text}`"))
            .expected("four numbers W,S,E,N")
            .advice(format!("write it like {option} -74.3,40.5,-73.7,40.9"))),
    }
}
