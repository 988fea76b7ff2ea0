//! `torrid render`: one picture, or one grid of values.

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use serde_json::{Value, json};

use crate::bandwidth::Bandwidth;
use crate::cli::area::AreaArgs;
use crate::cli::events::EventArgs;
use crate::cli::look::LookArgs;
use crate::cli::place::PlaceArgs;
use crate::cli::progress::Bar;
use crate::cli::readings::ReadingArgs;
use crate::cli::{Common, report};
use crate::error::Error;
use crate::lines::Progress;
use crate::lines::density::{Found, Wish, density};
use crate::lines::picture::{Look, picture};
use crate::lines::reading::Reading;
use crate::sink;

/// Draws one picture, or writes one grid of values.
#[derive(Debug, Args)]
pub struct Render {
    #[command(flatten)]
    events: EventArgs,
    /// The file to write: .png, .webp, .jpg for a picture; .tif (GeoTIFF), .npy, .csv for the values
    #[arg(short, long, value_name = "OUT", value_hint = ValueHint::FilePath)]
    output: PathBuf,
    /// Replace OUT where it exists
    #[arg(short, long)]
    force: bool,
    /// Write a world file and a .prj beside a picture
    #[arg(long)]
    world_file: bool,
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    area: AreaArgs,
    #[command(flatten)]
    readings: ReadingArgs,
    #[command(flatten)]
    look: LookArgs,
    #[command(flatten)]
    common: Common,
}

impl Render {
    /// Runs the command: everything that can be wrong with the options is found before an input is opened.
    pub fn run(&self) -> Result<(), Error> {
        let query = self.events.query()?;
        let mut wish = self.place.wish(query.weight.is_some(), query.value.is_some())?;
        if let Some(kernel) = self.look.kernel()? {
            (wish.kernel, wish.bandwidth) = kernel;
        }
        self.area.join(&mut wish, query.space)?;
        self.readings.join(&mut wish)?;
        let mut look = self.look.look(query.space)?;
        let kind = self.check_output()?;
        self.common.start()?;

        let bar = Bar::new(self.common.quiet);
        let mut reading = Reading::open(&self.events.inputs, query, &bar)?;
        let mut found = density(&mut reading, &wish)?;
        (look.style.kernel, look.style.bandwidth) = (wish.kernel, found.bandwidth);
        (look.method, look.evidence) = (method_in_words(&wish, found.bandwidth), found.evidence.take());
        let limits = match kind {
            sink::Kind::Picture => Some(self.draw(&mut found, &look, &bar)?),
            sink::Kind::Values => {
                bar.stage("writing");
                sink::write_values(&self.output, &found.density, &Self::metadata(&found, &look))?;
                None
            }
        };
        self.tell(&reading, &found, &look, limits, &bar);
        Ok(())
    }

    /// What OUT is to hold.
    fn check_output(&self) -> Result<sink::Kind, Error> {
        sink::check(&self.output, self.force)?;
        let kind = sink::format_of(&self.output)?.kind();
        if kind == sink::Kind::Values
            && let Some(option) = self.look.first_given().or(self.readings.first_given())
        {
            return Err(Error::caller(option)
                .found(format!("{option} for {}, which holds values", self.output.display()))
                .expected("a picture (.png, .webp, .jpg)")
                .advice(format!("leave out {option}, or write a picture")));
        }
        if self.world_file {
            sink::check_world_file(&self.output, self.force)?;
        }
        Ok(kind)
    }

    fn draw(&self, found: &mut Found, look: &Look, bar: &Bar) -> Result<(f64, f64), Error> {
        bar.stage("drawing");
        let drawn = picture(&found.density, look)?;
        found.notes.extend(drawn.notes);
        bar.stage("writing");
        let metadata = Self::metadata(found, look);
        let frame = found.density.grid.frame();
        let picture = sink::Picture { image: &drawn.image, frame: Some(frame), metadata: &metadata };
        sink::write_picture(&self.output, &picture)?;
        if self.world_file {
            sink::write_world_file(&self.output, frame)?;
        }
        Ok(drawn.limits)
    }

    fn metadata(found: &Found, look: &Look) -> Vec<(String, String)> {
        let mut metadata = vec![("Description".to_owned(), found.density.quantity.to_string())];
        metadata.push(("torrid:style".into(), look.style.to_string()));
        metadata.extend(look.method.iter().map(|method| ("torrid:estimate".to_owned(), method.clone())));
        metadata.push(("torrid:method".into(), format!("{}, error {:.1e} of the peak", found.method, found.error)));
        metadata.extend(look.title.iter().map(|title| ("Title".to_owned(), title.clone())));
        metadata.extend(look.attribution.iter().map(|text| ("Copyright".to_owned(), text.clone())));
        metadata
    }

    fn tell(&self, reading: &Reading<'_>, found: &Found, look: &Look, limits: Option<(f64, f64)>, bar: &Bar) {
        let stages = bar.finish();
        if self.common.json {
            println!("{}", self.json(reading, found, look, limits, &report::timings(&stages, bar.seconds())));
        }
        if self.common.quiet {
            return;
        }
        report::tell(reading, &found.notes);
        let frame = found.density.grid.frame();
        let how = limits.map_or_else(|| format!("bandwidth {:#}", found.bandwidth), |_| format!("{:#}", look.style));
        eprintln!(
            "{}: {} x {}, {} events, {}, {how}",
            self.output.display(),
            frame.width(),
            frame.height(),
            report::thousands(found.reached),
            found.density.quantity,
        );
        if self.common.verbose {
            eprintln!("method: {}, within {:.1e} of the kernel's peak", found.method, found.error);
            for (stage, seconds) in &stages {
                eprintln!("{seconds:8.3} s  {stage}");
            }
            eprintln!("{:8.3} s  in all", bar.seconds());
        }
    }

    fn json(
        &self,
        reading: &Reading<'_>,
        found: &Found,
        look: &Look,
        limits: Option<(f64, f64)>,
        timings: &Value,
    ) -> Value {
        let frame = found.density.grid.frame();
        json!({
            "output": Path::new(&self.output).display().to_string(),
            "rows": report::rows(reading.tally()),
            "events": found.reached,
            "extent": frame.extent().bounds(frame.space()),
            "size": [frame.width(), frame.height()],
            "quantity": found.density.quantity.to_string(),
            "bandwidth": found.bandwidth.to_string(),
            "style": look.style.to_string(),
            "limits": limits.map(|(low, high)| [low, high]),
            "method": found.method,
            "error_bound": found.error,
            "notes": found.notes,
            "seconds": timings,
            "peak_memory_bytes": report::peak_memory(),
        })
    }
}

/// What kernel and bandwidth alone do not say of an estimate.
fn method_in_words(wish: &Wish, bandwidth: Bandwidth) -> Option<String> {
    if let Some(way) = &wish.interpolation {
        return Some(way.to_string());
    }
    let (first, rest) = wish.kernel.name().split_at(1);
    wish.edge_correct.then(|| format!("{}{rest}, {bandwidth:#}, edges corrected", first.to_uppercase()))
}
