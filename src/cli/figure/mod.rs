//! `torrid figure`: a classic heatmap of a table.

mod options;
mod table;
mod terminal;
mod write;

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use serde_json::json;

use self::options::LookOptions;
use self::table::TableOptions;
use crate::cli::progress::Bar;
use crate::cli::{Common, report};
use crate::error::Error;
use crate::lines::Progress;
use crate::lines::figure::{Arranged, Wish, arranged, table};
use crate::sink;

/// Draws a heatmap of a table: annotated, clustered, with a bar of colours.
#[derive(Debug, Args)]
pub struct Figure {
    /// Tables: CSV, TSV, Parquet, GCT, NPY or JSON with a value for each row and column, or records with --rows and --cols;
    /// - is standard input
    #[arg(required = true, value_name = "TABLE", value_hint = ValueHint::FilePath)]
    inputs: Vec<PathBuf>,
    /// The file to write: .png, .webp, .jpg; .svg, .pdf with words as words; .html for a heatmap that zooms and tells values in
    /// any browser, without a network; - for a preview on a terminal, or PNG into a pipe
    #[arg(short, long, value_name = "OUT", value_hint = ValueHint::FilePath)]
    output: PathBuf,
    /// Replace OUT where it exists
    #[arg(short, long)]
    force: bool,
    #[command(flatten)]
    table: TableOptions,
    #[command(flatten)]
    look: LookOptions,
    /// Write order and trees of what is clustered: .json (linkage matrices as `SciPy` has them) or .nwk (Newick)
    #[arg(long, value_name = "FILE", help_heading = "Clustering", value_hint = ValueHint::FilePath, requires = "cluster")]
    tree: Option<PathBuf>,
    /// Also write the picture as people with three colour-vision deficiencies see it, beside OUT, and say whether values stay
    /// apart for them
    #[arg(long)]
    check_cvd: bool,
    #[command(flatten)]
    common: Common,
}

/// What a run tells in the end.
struct Told {
    limits: (f64, f64),
    /// Width and height of what was written, in pixels; none of a page that zooms.
    size: Option<[u32; 2]>,
    notes: Vec<String>,
}

impl Figure {
    /// Runs the command: everything that can be wrong with the options is found before a table is opened.
    pub fn run(&self) -> Result<(), Error> {
        let wish = self.look.wish(self.table.nature())?;
        let table_wish = self.table.wish(&self.inputs)?;
        self.check_files()?;
        self.common.start()?;
        let bar = Bar::new(self.common.quiet);
        bar.stage("reading");
        let read = table(&table_wish)?;
        bar.stage("arranging");
        let arranged = arranged(read.matrix, &wish)?;
        let mut told = self.draw(&arranged, &wish, &bar)?;
        if let Some(path) = &self.tree {
            write::tree(path, &arranged)?;
        }
        // What is shown as colours needs no note that it could be.
        let shown = |note: &String| wish.row_colours.iter().any(|name| note.ends_with(&format!("--row-colors {name}")));
        told.notes.splice(0..0, read.notes.into_iter().filter(|note| !shown(note)));
        self.tell(&arranged, &told, &bar);
        Ok(())
    }

    fn to_stdout(&self) -> bool {
        self.output == Path::new("-")
    }

    /// That every file can be written.
    fn check_files(&self) -> Result<(), Error> {
        if !self.to_stdout() {
            if write::check(&self.output, self.force)? == sink::Kind::Map {
                self.look.check_page(&self.output)?;
            }
        } else if self.common.json {
            return Err(Error::caller("--json")
                .found("--json with -o -")
                .expected("one of them on standard output")
                .advice("give a file as OUT"));
        }
        for path in self.seen_files()? {
            sink::check(&path, self.force)?;
        }
        self.tree.as_ref().map_or(Ok(()), |path| write::check_tree(path, self.force))
    }

    /// The files that --check-cvd writes.
    fn seen_files(&self) -> Result<Vec<PathBuf>, Error> {
        match (self.check_cvd, self.to_stdout()) {
            (false, _) => Ok(Vec::new()),
            (true, false) => Ok(write::seen_files(&self.output)),
            (true, true) => Err(Error::caller("--check-cvd")
                .found("--check-cvd with -o -")
                .expected("a file, beside which others can be written")
                .advice("give a file as OUT")),
        }
    }

    fn draw(&self, arranged: &Arranged, wish: &Wish, bar: &Bar) -> Result<Told, Error> {
        bar.stage("drawing");
        if self.to_stdout() {
            return terminal::write(arranged, wish);
        }
        write::write(&self.output, arranged, wish, self.check_cvd, bar)
    }

    fn tell(&self, arranged: &Arranged, told: &Told, bar: &Bar) {
        let stages = bar.finish();
        let matrix = &arranged.matrix;
        if self.common.json {
            let report = json!({
                "output": self.output.display().to_string(),
                "rows": matrix.height(),
                "columns": matrix.width(),
                "name": matrix.name,
                "without_data": matrix.values().iter().filter(|value| value.is_nan()).count(),
                "limits": [told.limits.0, told.limits.1],
                "size": told.size,
                "order": { "rows": matrix.rows.labels, "columns": matrix.columns.labels },
                "notes": told.notes,
                "seconds": report::timings(&stages, bar.seconds()),
                "peak_memory_bytes": report::peak_memory(),
            });
            println!("{report}");
        }
        if self.common.quiet {
            return;
        }
        for note in &told.notes {
            eprintln!("note: {note}");
        }
        if !self.to_stdout() {
            let name = if matrix.name.is_empty() { "values" } else { &matrix.name };
            let (rows, columns) = (report::thousands(matrix.height() as u64), report::thousands(matrix.width() as u64));
            let size = told.size.map(|[width, height]| format!("{width} x {height}, ")).unwrap_or_default();
            eprintln!("{}: {size}{rows} rows and {columns} columns of {name}", self.output.display());
        }
        if self.common.verbose {
            report::tell_stages(&stages, bar.seconds());
        }
    }
}
