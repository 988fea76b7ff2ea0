//! `torrid tiles`: a pyramid of tiles.

mod told;
mod update;
mod write;

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::{Args, ValueHint};

use crate::cli::Common;
use crate::cli::events::EventArgs;
use crate::cli::given::Given;
use crate::cli::look::LookArgs;
use crate::cli::memory::MemoryArgs;
use crate::cli::place::PlaceArgs;
use crate::cli::progress::Bar;
use crate::cli::readings::ReadingArgs;
use crate::cli::scales::ScaleArgs;
use crate::error::Error;
use crate::lines::cells::origins;
use crate::lines::density::Wish;
use crate::lines::picture::Look;
use crate::lines::pyramid::{Pyramid, Recipe, Zooms, fitted};
use crate::lines::reading::Reading;
use crate::sink::tiles::{self, TilePicture};
use crate::sink::{Kind, check_cells};
use crate::source::Query;
use write::Also;

/// Draws a pyramid of tiles.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Tiles {
    #[command(flatten)]
    given: Given,
    #[command(flatten)]
    events: EventArgs,
    /// What to write: OUT.pmtiles, OUT.mbtiles, or a folder of z/x/y.png with tilejson.json; OUT.html for a map of one file
    /// that tells values in any browser, without a network; OUT.kmz for Google Earth; OUT.tif for the values of the deepest zoom, cloud-optimized, with the zooms above as overviews
    #[arg(short, long, value_name = "OUT", value_hint = ValueHint::FilePath, required_unless_present = "update",
          conflicts_with = "update")]
    output: Option<PathBuf>,
    /// Replace OUT where it exists
    #[arg(short, long, conflicts_with = "update")]
    force: bool,
    /// Keep the cells that the tiles are drawn from beside OUT, as OUT.cells.parquet, for --update
    #[arg(long)]
    keep_cells: bool,
    /// Add the events of INPUT to those of an archive that was drawn with --keep-cells: only tiles that they reach are drawn
    /// again, with the options that the archive was drawn with (--after and --before are new) and in the same colours. It is
    /// replaced at the end, at once
    #[arg(long, value_name = "ARCHIVE", value_hint = ValueHint::AnyPath)]
    update: Option<PathBuf>,
    /// The least zoom
    #[arg(short = 'Z', long, value_name = "ZOOM", default_value_t = 0, help_heading = "Tiles")]
    minzoom: u8,
    /// The greatest zoom; `auto` is where the bandwidth is up to 12 cells wide, and for plain bins and bandwidths in pixels
    /// where the events are some 4096 cells wide
    #[arg(short = 'z', long, value_name = "ZOOM", default_value = "auto", help_heading = "Tiles")]
    maxzoom: Greatest,
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

/// The greatest zoom, where it is not chosen from the bandwidth and the events.
#[derive(Debug, Clone, Copy)]
struct Greatest(Option<u8>);

impl FromStr for Greatest {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Greatest, Self::Err> {
        match text {
            "auto" => Ok(Greatest(None)),
            zoom => zoom.parse().map(|zoom| Greatest(Some(zoom))).map_err(|_| "expected a number such as 14, or auto"),
        }
    }
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

/// What the options ask for.
struct Asked {
    query: Query,
    wish: Wish,
    look: Look,
}

impl Tiles {
    /// Runs the command: everything that can be wrong with the options is found before an input is opened.
    pub fn run(&self) -> Result<(), Error> {
        match &self.update {
            Some(archive) => update::run(self, archive),
            None => self.drawn_anew(),
        }
    }

    fn drawn_anew(&self) -> Result<(), Error> {
        let Asked { query, wish, mut look } = self.asked()?;
        self.common.start()?;
        let bar = Bar::new(self.common.quiet);
        let mut reading = Reading::open(&self.events.inputs, query, &bar)?;
        let mut also = Also { sources: origins(&reading, &self.events.taken())?, ..Also::default() };
        let beside = tiles::cells_beside(self.output());
        let (mut pyramid, cells) = if self.keep_cells {
            let (pyramid, cells) = Pyramid::kept(&mut reading, &wish, self.zooms(), &beside)?;
            (pyramid, Some(cells))
        } else {
            (Pyramid::of(&mut reading, &wish, self.zooms())?, None)
        };
        look.style.bandwidth = pyramid.bandwidth;
        let (fit, why) = self.scales.fit(pyramid.bandwidth);
        pyramid.notes.extend(why);
        let (fitted, blocks) = fitted(&pyramid, fit, &bar)?;

        let cells = cells.map(|cells| (cells, pyramid.recipe(update::lasting(&self.given), &fitted)));
        also.mark = cells.as_ref().map(|(_, recipe)| recipe.mark());
        let provenance = pyramid.provenance(&reading, also.sources.clone());
        let drawn = self.write(pyramid, (&look, &fitted, &blocks), also, &bar)?;
        if let Some((cells, recipe)) = cells {
            cells.finish(&provenance, Some((Recipe::KEY, recipe.text())))?.place()?;
        }
        self.tell(&reading, &drawn, (&wish, &look), &bar)
    }

    /// What the options ask for, if it can be had.
    fn asked(&self) -> Result<Asked, Error> {
        refuse(&self.given, &[])?;
        let query = self.events.query()?;
        let mut wish = self.place.wish(query.weight.is_some(), query.value.is_some())?;
        if let Some(kernel) = self.look.kernel()? {
            (wish.kernel, wish.bandwidth) = kernel;
        }
        self.readings.join(&mut wish)?;
        let mut look = self.look.look(query.space)?;
        look.style.kernel = wish.kernel;
        self.check_output()?;
        wish.memory = self.memory.memory(self.output())?;
        Ok(Asked { query, wish, look })
    }

    /// Where the archive goes.
    fn output(&self) -> &Path {
        self.output.as_deref().unwrap_or(Path::new(""))
    }

    fn zooms(&self) -> Zooms {
        Zooms { least: self.minzoom, greatest: self.maxzoom.0, large: self.retina || self.tile_size == "512" }
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
        tiles::check(self.output(), self.picture(), self.force)?;
        let form = tiles::format_of(self.output())?;
        let pictures = self.look.first_given().or(self.given.has("tile_format").then_some("--tile-format"));
        let pictures = pictures.or(self.retina.then_some("--retina")).filter(|_| form.kind() == Kind::Values);
        let beside = [(self.numbers, "--value-tiles"), (self.keep_cells, "--keep-cells")];
        let beside = beside.into_iter().find(|(given, _)| !form.is_for_maps() && *given).map(|(_, option)| option);
        if let Some(option) = pictures.or(beside) {
            return Err(Error::caller(option)
                .found(format!("{option} for {}, which is a {}", self.output().display(), form.name))
                .expected("tiles of pictures for maps (.pmtiles, .mbtiles, a folder)")
                .advice(format!("leave out {option}, or write such tiles")));
        }
        if self.numbers {
            tiles::check(&tiles::values_beside(self.output()), TilePicture::Png, self.force)?;
        }
        if self.keep_cells {
            check_cells(&tiles::cells_beside(self.output()), self.force)?;
        }
        Ok(())
    }
}

/// Refuses options that tiles would ignore, but for those that have a meaning beside them.
pub(super) fn refuse(given: &Given, but: &[&str]) -> Result<(), Error> {
    match WITHOUT_MEANING.iter().find(|(option, _)| given.has(option) && !but.contains(option)) {
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
