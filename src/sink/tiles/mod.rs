//! Tiles to bytes: a pyramid as one PMTiles or MBTiles file, as a folder that any web server serves, as a KMZ file, as a
//! web page of one file, or its values as one `GeoTIFF`.
//!
//! Tiles come in any order, and the order leaves no trace: the files wait in a spool without a name (`spool.rs`) and are
//! written in the order of PMTiles, along a Hilbert curve in each zoom. An archive appears whole or not at all.

mod cog;
mod folder;
mod html;
mod kmz;
mod mbtiles;
mod picture;
mod pmtiles;
mod png;
mod spool;
mod values;

use std::path::{Path, PathBuf};

pub use kmz::even_latitudes;
pub use picture::TilePicture;
use serde_json::{Map, Value, json};

pub use values::{ENCODING, encode_values};

use self::cog::Geotiff;
use self::folder::Folder;
use self::html::Html;
use self::spool::{Spool, Spooled};
use super::html::{MAP, Page};
use super::{Kind, geotiff, place, whole};
use crate::error::Error;
use crate::grid::Grid;
use crate::tile::Tile;

/// What a set of tiles tells about itself.
#[derive(Debug, Clone)]
pub struct TileSet {
    /// What viewers list it as.
    pub name: String,
    /// What it shows.
    pub description: Option<String>,
    /// Whose data it is, as HTML or text.
    pub attribution: Option<String>,
    /// West, south, east and north in degrees; west is less than east, so that it never wraps.
    pub bounds: [f64; 4],
    /// Where a viewer begins: longitude, latitude, zoom.
    pub center: (f64, f64, u8),
    /// The least and the greatest zoom that has tiles.
    pub zooms: (u8, u8),
    /// How many pixels wide a viewer shows a tile: 256 or 512. Tiles for fine screens have twice as many of their own.
    pub side: u32,
    /// How many pixels of its own, along each side, a tile has for each that is shown: 1, or 2 for fine screens.
    pub scale: u32,
    /// The value that a tile stands for that there is none of; none where that says that there is no data.
    pub absent: Option<f32>,
    /// HTML or text that a viewer can show as it is.
    pub legend: Option<String>,
    /// What else is known: the unit, the stops of the scale, the bandwidth. What has a field above is not repeated here.
    pub properties: Map<String, Value>,
}

/// What became of the tiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// How many tiles there are.
    pub tiles: u64,
    /// How many files of tiles are stored; archives store equal ones once.
    pub distinct: u64,
    /// The size of the archive, or of all files of the folder.
    pub bytes: u64,
    /// The least and the greatest zoom that is stored.
    pub zooms: (u8, u8),
}

/// A pyramid that is being written. Dropping it without [`Archive::finish`] leaves nothing behind.
pub trait Archive: Send {
    /// Adds the file of a tile, such as [`TilePicture::encode`] makes; each tile once, in any order.
    ///
    /// # Errors
    /// When the disk is full (machine).
    fn put(&mut self, tile: Tile, bytes: &[u8]) -> Result<(), Error>;

    /// Adds the values of a tile, such as [`encode_values`] makes, to a form that holds both ([`ArchiveFormat::with_values`]);
    /// each tile once, in any order. Other forms have no place for them.
    ///
    /// # Errors
    /// When the disk is full (machine), or the form has no place for them (caller).
    fn put_values(&mut self, tile: Tile, _: &[u8]) -> Result<(), Error> {
        let name = format!("tile {}/{}/{}", tile.zoom(), tile.x(), tile.y());
        Err(Error::caller(name).found("values beside its picture").expected("a form of archives that holds both"))
    }

    /// Writes what waits, and gives the archive its name.
    ///
    /// # Errors
    /// When the disk is full (machine), there is no tile, or one was put twice (caller). Then nothing is left behind and
    /// what was there stays as it was.
    fn finish(self: Box<Self>, set: &TileSet) -> Result<Stored, Error>;
}

/// A form of archives.
#[derive(Debug, Clone, Copy)]
pub struct ArchiveFormat {
    /// What the messages and documents call it.
    pub name: &'static str,
    /// The file name ending, lower case, without the dot; a folder has none.
    pub extension: Option<&'static str>,
    /// One line for the help and the documents.
    pub about: &'static str,
    /// What pictures its tiles may be; none where it holds values, whose tiles are made by [`encode_block`].
    pub pictures: &'static [TilePicture],
    /// Whether its pictures have rows of equal steps of latitude, [`even_latitudes`], instead of those of tiles.
    pub even_latitudes: bool,
    /// Whether the values of its tiles belong into it too, by [`Archive::put_values`].
    pub with_values: bool,
    begin: fn(&Path, TilePicture, u32) -> Begun,
}

/// An archive that can be put into, or why there is none.
type Begun = Result<Box<dyn Archive>, Error>;

/// Every form of archives, in the order in which they are listed.
pub static FORMATS: &[ArchiveFormat] = &[
    ArchiveFormat {
        name: "PMTiles",
        extension: Some("pmtiles"),
        about: "one file that a web page reads in parts, from any server",
        pictures: &[TilePicture::Png, TilePicture::Webp],
        even_latitudes: false,
        with_values: false,
        begin: |path, picture, _| {
            let write = move |spool: Spool, set: &TileSet, path: &Path| pmtiles::write(spool, picture, set, path);
            Ok(Box::new(Spooled::begin(path, write)?))
        },
    },
    ArchiveFormat {
        name: "MBTiles",
        extension: Some("mbtiles"),
        about: "one SQLite file, for programs and tile servers",
        pictures: &[TilePicture::Png],
        even_latitudes: false,
        with_values: false,
        begin: |path, _, _| Ok(Box::new(Spooled::begin(path, mbtiles::write)?)),
    },
    ArchiveFormat {
        name: "KMZ",
        extension: Some("kmz"),
        about: "one file for Google Earth, its rows in equal steps of latitude",
        pictures: &[TilePicture::Png],
        even_latitudes: true,
        with_values: false,
        begin: |path, _, _| Ok(Box::new(Spooled::begin(path, kmz::write)?)),
    },
    ArchiveFormat {
        name: "HTML",
        extension: Some("html"),
        about: "a map of one file for a browser, that tells values, without a network",
        pictures: &[TilePicture::Png, TilePicture::Webp],
        even_latitudes: false,
        with_values: true,
        begin: |path, picture, _| Ok(Box::new(Html::begin(path, picture)?)),
    },
    ArchiveFormat {
        name: "GeoTIFF",
        extension: Some("tif"),
        about: "the values of the deepest zoom, cloud-optimized, with the zooms above as overviews",
        pictures: &[],
        even_latitudes: false,
        with_values: false,
        begin: |path, _, _| Ok(Box::new(Geotiff::begin(path)?)),
    },
    ArchiveFormat {
        name: "folder",
        extension: None,
        about: "a file for each tile, z/x/y.png, with tilejson.json",
        pictures: &[TilePicture::Png, TilePicture::Webp],
        even_latitudes: false,
        with_values: false,
        begin: |path, picture, scale| Ok(Box::new(Folder::begin(path, picture, scale)?)),
    },
];

impl ArchiveFormat {
    /// Whether it holds pictures or values.
    pub fn kind(&self) -> Kind {
        if self.pictures.is_empty() { Kind::Values } else { Kind::Picture }
    }

    /// Whether it holds pictures alone for maps in Web Mercator, beside which values and cells may lie.
    pub fn is_for_maps(&self) -> bool {
        self.kind() == Kind::Picture && !self.even_latitudes && !self.with_values
    }
}

/// The block of a tile of values for an archive that holds values; none where all of it is what is taken for a tile that
/// there is none of, as [`TileSet::absent`] says.
///
/// # Errors
/// Never for tiles, which are small.
pub fn encode_block(values: &Grid<f32>, absent: Option<f32>) -> Result<Option<Vec<u8>>, Error> {
    let block = geotiff::block::of_tile(values, absent.unwrap_or(f32::NAN));
    block.map_err(|error| whole::machine(Path::new("tile"), &error))
}

/// Where the tiles of values go that lie beside those of pictures: `heat.values.pmtiles` beside `heat.pmtiles`,
/// `heat.values` beside the folder `heat`.
pub fn values_beside(path: &Path) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(VALUES);
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

/// Where the cells go that tiles are drawn from, where they are kept: `heat.pmtiles.cells.parquet` beside `heat.pmtiles`.
pub fn cells_beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".cells.parquet");
    path.with_file_name(name)
}

/// What the names of archives of values have.
const VALUES: &str = ".values";

/// The form of archives that the extension of a path names; a path without one names a folder.
///
/// # Errors
/// When no form has the extension: the caller's fault, listing those that are known.
pub fn format_of(path: &Path) -> Result<&'static ArchiveFormat, Error> {
    let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase());
    // The folder that `values_beside` names.
    let extension = extension.filter(|extension| extension != &VALUES[1..]);
    FORMATS.iter().find(|format| format.extension == extension.as_deref()).ok_or_else(|| {
        let all: Vec<String> = FORMATS.iter().filter_map(|f| f.extension).map(|e| format!(".{e}")).collect();
        Error::caller(place(path))
            .found(format!("the extension .{}", extension.unwrap_or_default()))
            .expected(format!("one of {}, or a folder without an extension", all.join(" ")))
            .advice("give -o OUT.pmtiles")
    })
}

/// Whether tiles of this kind can be written to `path`, as far as can be told before any work: the form of archive takes
/// such pictures, the folder around it exists, and it is new or, with `force`, an archive of that form.
///
/// # Errors
/// When one of these is not so; the caller's fault.
pub fn check(path: &Path, picture: TilePicture, force: bool) -> Result<(), Error> {
    let format = format_of(path)?;
    if format.kind() == Kind::Picture && !format.pictures.contains(&picture) {
        let names: Vec<&str> = format.pictures.iter().map(|p| p.extension()).collect();
        return Err(Error::caller(place(path))
            .found(format!("{} tiles", picture.extension()))
            .expected(format!("{} tiles, which is what {} holds", names.join(" or "), format.name))
            .advice(format!("write {} tiles, or give -o OUT.pmtiles", names[0])));
    }
    if format.with_values {
        Page::check(Page::find(MAP), path)?;
    }
    if format.extension.is_some() { whole::check_target(path, force) } else { folder::check_target(path, force) }
}

/// Begins an archive of the form that the extension of `path` names, of tiles that have so many pixels of their own,
/// along each side, for each that is shown.
///
/// # Errors
/// What [`check`] says, or that no file can be made there (machine).
pub fn archive(path: &Path, picture: TilePicture, scale: u32, force: bool) -> Result<Box<dyn Archive>, Error> {
    check(path, picture, force)?;
    (format_of(path)?.begin)(path, picture, scale)
}

/// The version of the tiles, as numbers of this form are asked for.
const VERSION: &str = "1.0.0";

impl TileSet {
    /// The texts that every form of archive has a key for, where they are known.
    fn texts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let known = [
            ("name", Some(&self.name)),
            ("description", self.description.as_ref()),
            ("attribution", self.attribution.as_ref()),
            ("legend", self.legend.as_ref()),
        ];
        known.into_iter().filter_map(|(key, text)| Some((key, text?.as_str())))
    }

    /// The properties and the texts as one object.
    fn object(&self) -> Map<String, Value> {
        let mut object = self.properties.clone();
        object.extend(self.texts().map(|(key, text)| (key.to_owned(), text.into())));
        object.insert("version".to_owned(), VERSION.into());
        object.extend(self.pixels());
        object
    }

    /// How large tiles are shown, and how fine they are where that is another number: no keys of TileJSON, but MapLibre
    /// looks for the first.
    fn pixels(&self) -> impl Iterator<Item = (String, Value)> {
        let scale = (self.scale != 1).then(|| ("scale".to_owned(), self.scale.into()));
        [("tileSize".to_owned(), self.side.into())].into_iter().chain(scale)
    }

    /// The set as TileJSON 3.0.0, <https://github.com/mapbox/tilejson-spec/tree/master/3.0.0>, for tiles beside it whose
    /// names end so.
    fn tilejson(&self, ending: &str) -> Value {
        let mut object = self.placed();
        let own = [
            ("tilejson", json!("3.0.0")),
            ("tiles", json!([format!("{{z}}/{{x}}/{{y}}{ending}")])),
            ("scheme", json!("xyz")),
        ];
        object.extend(own.map(|(key, value)| (key.to_owned(), value)));
        Value::Object(object)
    }

    /// What is known of the set, and where it lies, as TileJSON names it.
    fn placed(&self) -> Map<String, Value> {
        let mut object = self.object();
        let own = [
            ("bounds", json!(self.bounds)),
            ("center", json!([self.center.0, self.center.1, self.center.2])),
            ("minzoom", json!(self.zooms.0)),
            ("maxzoom", json!(self.zooms.1)),
        ];
        object.extend(own.map(|(key, value)| (key.to_owned(), value)));
        object
    }
}

/// That nothing was put.
fn no_tiles(path: &Path) -> Error {
    Error::caller(place(path)).found("no tile").expected("at least one tile that shows something")
}

/// That a tile was put twice.
fn put_twice(tile: Tile) -> Error {
    let name = format!("tile {}/{}/{}", tile.zoom(), tile.x(), tile.y());
    Error::caller(name).found("a second file for it").expected("each tile once")
}
