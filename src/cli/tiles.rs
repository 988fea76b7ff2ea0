//! `torrid tiles`: a pyramid of tiles.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use serde_json::{Map, Value, json};

use crate::cli::events::EventArgs;
use crate::cli::given::Given;
use crate::cli::look::LookArgs;
use crate::cli::place::PlaceArgs;
use crate::cli::progress::Bar;
use crate::cli::{Common, report};
use crate::error::Error;
use crate::lines::Progress;
use crate::lines::density::Wish;
use crate::lines::picture::Look;
use crate::lines::pyramid::{Drawing, Pyramid, Zooms, css, draw};
use crate::lines::reading::Reading;
use crate::sink::tiles::{self, Stored, TilePicture, TileSet};

/// Draws a pyramid of tiles.
#[derive(Debug, Args)]
pub struct Tiles {
    #[command(flatten)]
    given: Given,
    #[command(flatten)]
    events: EventArgs,
    /// What to write: OUT.pmtiles, OUT.mbtiles, or a folder of z/x/y.png with tilejson.json
    #[arg(short, long, value_name = "OUT", value_hint = ValueHint::FilePath)]
    output: PathBuf,
    /// Replace OUT where it exists
    #[arg(short, long)]
    force: bool,
    /// The least zoom
    #[arg(short = 'Z', long, value_name = "ZOOM", default_value_t = 0, help_heading = "Tiles")]
    minzoom: u8,
    /// The greatest zoom [default: where the bandwidth is up to 12 cells wide; for plain bins, where the events are some
    /// 4096 cells wide]
    #[arg(short = 'z', long, value_name = "ZOOM", help_heading = "Tiles")]
    maxzoom: Option<u8>,
    /// Pixels along each side of a tile
    #[arg(long, value_name = "PIXELS", default_value = "256", help_heading = "Tiles", value_parser = ["256", "512"])]
    tile_size: String,
    /// The format of the tiles
    #[arg(long, value_name = "FORMAT", default_value = "png", help_heading = "Tiles", value_parser = ["png", "webp"])]
    tile_format: String,
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    look: LookArgs,
    #[command(flatten)]
    common: Common,
}

/// Options that have no meaning for tiles, and why.
const WITHOUT_MEANING: &[(&str, &str)] = &[
    ("size", "a tile has --tile-size"),
    ("width", "a tile has --tile-size"),
    ("cell", "the zooms are --minzoom and --maxzoom"),
    ("zoom", "the zooms are --minzoom and --maxzoom"),
    ("base", "what lies below tiles is the viewer's"),
    ("base_bounds", "what lies below tiles is the viewer's"),
    ("base_cache", "what lies below tiles is the viewer's"),
    ("base_projection", "what lies below tiles is the viewer's"),
    ("blend", "what lies below tiles is the viewer's"),
    ("dim", "what lies below tiles is the viewer's"),
    ("background", "tiles where there is nothing are left out"),
    ("legend", "the legend is in the archive's metadata"),
    ("graticule", "lines and bars are the viewer's"),
    ("scale_bar", "lines and bars are the viewer's"),
];

impl Tiles {
    /// Runs the command: everything that can be wrong with the options is found before an input is opened.
    pub fn run(&self) -> Result<(), Error> {
        let query = self.events.query()?;
        let mut wish = self.place.wish(query.weight.is_some(), query.value.is_some())?;
        if let Some(kernel) = self.look.kernel()? {
            (wish.kernel, wish.bandwidth) = kernel;
        }
        let mut look = self.look.look(query.space)?;
        look.style.kernel = wish.kernel;
        self.check_options()?;
        let picture = if self.tile_format == "png" { TilePicture::Png } else { TilePicture::Webp };
        tiles::check(&self.output, picture, self.force)?;
        self.common.start()?;

        let bar = Bar::new(self.common.quiet);
        let mut reading = Reading::open(&self.events.inputs, query, &bar)?;
        let pyramid = Pyramid::of(&mut reading, &wish, self.zooms())?;
        look.style.bandwidth = pyramid.bandwidth;
        let mut archive = tiles::archive(&self.output, picture, self.force)?;
        let drawing =
            draw(&pyramid, &look, |image| picture.encode(image), |tile, bytes| archive.put(tile, bytes), &bar)?;
        bar.stage("writing");
        let stored = archive.finish(&self.tile_set(&pyramid, &look, &drawing)?)?;
        self.tell(&reading, (&pyramid, &drawing, stored), (&wish, &look), &bar)
    }

    fn zooms(&self) -> Zooms {
        Zooms { least: self.minzoom, greatest: self.maxzoom, large: self.tile_size == "512" }
    }

    /// Refuses options that tiles would ignore.
    fn check_options(&self) -> Result<(), Error> {
        match WITHOUT_MEANING.iter().find(|(option, _)| self.given.has(option)) {
            None => Ok(()),
            Some((option, why)) => {
                let option = format!("--{}", option.replace('_', "-"));
                Err(Error::caller(&*option)
                    .found(format!("{option} with tiles"))
                    .expected(format!("no such option: {why}"))
                    .advice(format!("leave {option} out, or draw one picture with `torrid render`")))
            }
        }
    }

    /// What the archive tells about itself.
    fn tile_set(&self, pyramid: &Pyramid, look: &Look, drawing: &Drawing) -> Result<TileSet, Error> {
        let stem = self.output.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let (method, error) = pyramid.method()?;
        let bounds = pyramid.bounds();
        let zooms = (*pyramid.zooms().start(), *pyramid.zooms().end());
        let stops: Vec<Value> = drawing.stops.iter().map(|(value, colour)| json!([value, css(*colour)])).collect();
        let properties = json!({
            "units": pyramid.quantity.to_string(),
            "value_range": [drawing.limits.0, drawing.limits.1],
            "norm": look.style.scale.norm.to_string(),
            "stops": stops,
            "bandwidth": pyramid.bandwidth.to_string(),
            "style": look.style.to_string(),
            "method": method,
            "error_bound": error,
            "events": pyramid.events(),
            "generator": concat!("torrid ", env!("CARGO_PKG_VERSION")),
        });
        let properties = if let Value::Object(properties) = properties { properties } else { Map::new() };
        Ok(TileSet {
            name: look.title.clone().unwrap_or(stem),
            description: Some(format!("{}, {}", pyramid.quantity, look.style)),
            attribution: look.attribution.clone(),
            bounds,
            center: pyramid.center(),
            zooms,
            side: pyramid.side(),
            legend: Some(drawing.legend.clone()),
            properties,
        })
    }

    fn tell(
        &self,
        reading: &Reading<'_>,
        (pyramid, drawing, stored): (&Pyramid, &Drawing, Stored),
        (wish, look): (&Wish, &Look),
        bar: &Bar,
    ) -> Result<(), Error> {
        let stages = bar.finish();
        let (method, error) = pyramid.method()?;
        if self.common.json {
            let report = json!({
                "output": self.output.display().to_string(),
                "rows": report::rows(reading.tally()),
                "events": pyramid.events(),
                "bounds": pyramid.bounds(),
                "zooms": [pyramid.zooms().start(), pyramid.zooms().end()],
                "tiles": stored.tiles,
                "distinct_tiles": stored.distinct,
                "bytes": stored.bytes,
                "quantity": pyramid.quantity.to_string(),
                "bandwidth": pyramid.bandwidth.to_string(),
                "kernel": wish.kernel.to_string(),
                "style": look.style.to_string(),
                "limits": [drawing.limits.0, drawing.limits.1],
                "method": method,
                "error_bound": error,
                "notes": pyramid.notes,
                "seconds": report::timings(&stages, bar.seconds()),
                "peak_memory_bytes": report::peak_memory(),
            });
            println!("{report}");
        }
        if self.common.quiet {
            return Ok(());
        }
        report::tell(reading, &pyramid.notes);
        eprintln!(
            "{}: {} tiles of zooms {} to {}, {} events, {}, {:#}",
            self.output.display(),
            report::thousands(stored.tiles),
            pyramid.zooms().start(),
            pyramid.zooms().end(),
            report::thousands(pyramid.events()),
            pyramid.quantity,
            look.style,
        );
        if self.common.verbose {
            eprintln!("method: {method}, within {error:.1e} of the kernel's peak");
            for (stage, seconds) in &stages {
                eprintln!("{seconds:8.3} s  {stage}");
            }
            eprintln!("{:8.3} s  in all", bar.seconds());
        }
        Ok(())
    }
}
