//! `torrid tiles`: a pyramid of tiles.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use serde_json::{Map, Value, json};

use crate::cli::events::EventArgs;
use crate::cli::given::Given;
use crate::cli::look::LookArgs;
use crate::cli::memory::MemoryArgs;
use crate::cli::place::PlaceArgs;
use crate::cli::progress::Bar;
use crate::cli::readings::ReadingArgs;
use crate::cli::scales::{self, ScaleArgs};
use crate::cli::{Common, report};
use crate::error::Error;
use crate::lines::Progress;
use crate::lines::density::Wish;
use crate::lines::picture::Look;
use crate::lines::pyramid::{Computed, Drawing, Fit, Pyramid, Zooms, draw};
use crate::lines::reading::Reading;
use crate::sink::Kind;
use crate::sink::tiles::{self, ArchiveFormat, Stored, TilePicture, TileSet};

/// Draws a pyramid of tiles.
#[derive(Debug, Args)]
pub struct Tiles {
    #[command(flatten)]
    given: Given,
    #[command(flatten)]
    events: EventArgs,
    /// What to write: OUT.pmtiles, OUT.mbtiles, or a folder of z/x/y.png with tilejson.json; OUT.kmz for Google Earth;
    /// OUT.tif for the values of the deepest zoom, cloud-optimized, with the zooms above as overviews
    #[arg(short, long, value_name = "OUT", value_hint = ValueHint::FilePath)]
    output: PathBuf,
    /// Replace OUT where it exists
    #[arg(short, long)]
    force: bool,
    /// The least zoom
    #[arg(short = 'Z', long, value_name = "ZOOM", default_value_t = 0, help_heading = "Tiles")]
    minzoom: u8,
    /// The greatest zoom [default: where the bandwidth is up to 12 cells wide; for plain bins and bandwidths in pixels, where
    /// the events are some 4096 cells wide]
    #[arg(short = 'z', long, value_name = "ZOOM", help_heading = "Tiles")]
    maxzoom: Option<u8>,
    /// Pixels along each side of a tile; viewers show as many
    #[arg(long, value_name = "PIXELS", default_value = "256", help_heading = "Tiles", value_parser = ["256", "512"])]
    tile_size: String,
    /// Tiles for fine screens: 512 pixels shown in the place of 256, named z/x/y@2x.png in a folder
    #[arg(long, help_heading = "Tiles", conflicts_with = "tile_size")]
    retina: bool,
    /// Write tiles of values beside those of pictures, OUT.values.pmtiles (.mbtiles) or the folder OUT.values, for exact
    /// numbers on a web page: docs/value-tiles.md
    #[arg(long = "value-tiles", help_heading = "Tiles")]
    numbers: bool,
    /// The format of the tiles
    #[arg(long, value_name = "FORMAT", default_value = "png", help_heading = "Tiles", value_parser = ["png", "webp"])]
    tile_format: String,
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    readings: ReadingArgs,
    #[command(flatten)]
    look: LookArgs,
    #[command(flatten)]
    scales: ScaleArgs,
    #[command(flatten)]
    memory: MemoryArgs,
    #[command(flatten)]
    common: Common,
}

/// The file of a tile, and that of its values where they are wanted.
type Files = (Vec<u8>, Option<Vec<u8>>);

/// What tiles of values tell about themselves, from what those of pictures do.
fn of_values(set: &TileSet) -> TileSet {
    let mut set = TileSet { name: format!("{}, values", set.name), legend: None, ..set.clone() };
    set.properties.insert("encoding".to_owned(), tiles::ENCODING.into());
    set.properties.insert("absent".to_owned(), json!(set.absent));
    set
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
    ("alpha", "how much evidence a pixel has depends on the zoom"),
];

impl Tiles {
    /// Runs the command: everything that can be wrong with the options is found before an input is opened.
    pub fn run(&self) -> Result<(), Error> {
        self.check_options()?;
        let query = self.events.query()?;
        let mut wish = self.place.wish(query.weight.is_some(), query.value.is_some())?;
        if let Some(kernel) = self.look.kernel()? {
            (wish.kernel, wish.bandwidth) = kernel;
        }
        self.readings.join(&mut wish)?;
        let mut look = self.look.look(query.space)?;
        look.style.kernel = wish.kernel;
        self.check_output()?;
        wish.memory = self.memory.memory(&self.output)?;
        self.common.start()?;

        let bar = Bar::new(self.common.quiet);
        let mut reading = Reading::open(&self.events.inputs, query, &bar)?;
        let mut pyramid = Pyramid::of(&mut reading, &wish, self.zooms())?;
        look.style.bandwidth = pyramid.bandwidth;
        let (fit, why) = self.scales.fit(pyramid.bandwidth);
        pyramid.notes.extend(why);
        let (drawing, stored) = self.write(&pyramid, (&look, fit), &bar)?;
        self.tell(&reading, (&pyramid, &drawing, stored), (&wish, &look), &bar)
    }

    /// Draws the tiles and puts them where they belong; those of values first, so that where there are pictures there are
    /// values.
    fn write(&self, pyramid: &Pyramid, (look, fit): (&Look, Fit), bar: &Bar) -> Result<(Drawing, Stored), Error> {
        let mut archive = tiles::archive(&self.output, self.picture(), self.scale(), self.force)?;
        let beside = self.numbers.then(|| tiles::values_beside(&self.output));
        let begin = |path: &PathBuf| tiles::archive(path, TilePicture::Png, self.scale(), self.force);
        let mut values = beside.as_ref().map(begin).transpose()?;
        let absent = pyramid.quantity.zero_is_nothing().then_some(0.0);
        let form = tiles::format_of(&self.output)?;
        let encode = |tile: &Computed<'_>| self.encode(tile, form, absent);
        let put = |tile, (bytes, of_values): Files| {
            archive.put(tile, &bytes)?;
            values.as_mut().zip(of_values).map_or(Ok(()), |(values, bytes)| values.put(tile, &bytes))
        };
        let drawing = draw(pyramid, (look, fit), encode, put, bar)?;
        bar.stage("writing");
        let mut set = TileSet { absent, ..self.tile_set(pyramid, look, &drawing)? };
        if let (Some(values), Some(path)) = (values, beside) {
            values.finish(&of_values(&set))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            set.properties.insert("values".to_owned(), name.into());
        }
        Ok((drawing, archive.finish(&set)?))
    }

    /// The files of a tile; none where it shows nothing.
    fn encode(&self, tile: &Computed<'_>, form: &ArchiveFormat, absent: Option<f32>) -> Result<Option<Files>, Error> {
        if form.kind() == Kind::Values {
            return Ok(tiles::encode_block(tile.values, absent)?.map(|block| (block, None)));
        }
        let even = |values| tile.painted(&tiles::even_latitudes(values));
        let image = if form.even_latitudes { even(tile.values) } else { tile.picture() };
        let Some(image) = image else { return Ok(None) };
        let values = self.numbers.then(|| tiles::encode_values(tile.values)).transpose()?;
        Ok(Some((self.picture().encode(&image)?, values)))
    }

    fn zooms(&self) -> Zooms {
        Zooms { least: self.minzoom, greatest: self.maxzoom, large: self.retina || self.tile_size == "512" }
    }

    fn picture(&self) -> TilePicture {
        if self.tile_format == "png" { TilePicture::Png } else { TilePicture::Webp }
    }

    /// Pixels of a tile, along each side, for each that is shown.
    fn scale(&self) -> u32 {
        if self.retina { 2 } else { 1 }
    }

    /// Whether OUT can be written, and can hold what the options are about.
    fn check_output(&self) -> Result<(), Error> {
        tiles::check(&self.output, self.picture(), self.force)?;
        let form = tiles::format_of(&self.output)?;
        let pictures = self.look.first_given().or(self.given.has("tile_format").then_some("--tile-format"));
        let pictures = pictures.or(self.retina.then_some("--retina")).filter(|_| form.kind() == Kind::Values);
        let values = self.numbers && (form.kind() == Kind::Values || form.even_latitudes);
        if let Some(option) = pictures.or(values.then_some("--value-tiles")) {
            return Err(Error::caller(option)
                .found(format!("{option} for {}, which is a {}", self.output.display(), form.name))
                .expected("tiles of pictures for maps (.pmtiles, .mbtiles, a folder)")
                .advice(format!("leave out {option}, or write such tiles")));
        }
        if self.numbers {
            tiles::check(&tiles::values_beside(&self.output), TilePicture::Png, self.force)?;
        }
        Ok(())
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
        let properties = json!({
            "units": pyramid.quantity.to_string(),
            "norm": look.style.scale.norm.to_string(),
            "bandwidth": pyramid.bandwidth.to_string(),
            "style": look.style.to_string(),
            "method": method,
            "error_bound": error,
            "events": pyramid.events(),
            "generator": concat!("torrid ", env!("CARGO_PKG_VERSION")),
        });
        let mut properties = if let Value::Object(properties) = properties { properties } else { Map::new() };
        properties.append(&mut scales::told(drawing));
        Ok(TileSet {
            name: look.title.clone().unwrap_or(stem),
            description: Some(format!("{}, {}", pyramid.quantity, look.style)),
            attribution: look.attribution.clone(),
            bounds,
            center: pyramid.center(),
            zooms,
            side: pyramid.side() / self.scale(),
            scale: self.scale(),
            absent: None,
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
                "zooms": [stored.zooms.0, stored.zooms.1],
                "tiles": stored.tiles,
                "distinct_tiles": stored.distinct,
                "bytes": stored.bytes,
                "quantity": pyramid.quantity.to_string(),
                "bandwidth": pyramid.bandwidth.to_string(),
                "kernel": wish.kernel.to_string(),
                "style": look.style.to_string(),
                "limits": scales::limits(drawing),
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
            stored.zooms.0,
            stored.zooms.1,
            report::thousands(pyramid.events()),
            pyramid.quantity,
            look.style,
        );
        if self.common.verbose {
            eprintln!("method: {method}, within {error:.1e} of the kernel's peak");
            report::tell_stages(&stages, bar.seconds());
        }
        Ok(())
    }
}
