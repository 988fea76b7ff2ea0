//! Maps that are stored as tiles, the second door in: an archive, a folder or a server is asked for the picture of one
//! tile at a time, or for the files of all. Only pictures are tiles here; vector tiles are refused with a reason. What lies in a file is not
//! trusted: lengths are held against the size of the file, and everything that unpacks has a limit.

mod attribution;
mod folder;
mod mbtiles;
mod picture;
mod pmtiles;
mod unpack;
#[cfg_attr(not(feature = "web"), path = "no_web.rs")]
mod web;

use std::fmt;
use std::path::{Path, PathBuf};

use image::RgbaImage;
use serde_json::{Map, Value};

use crate::error::Error;
use crate::tile::{MAX_ZOOM, Tile};

/// The most bytes that the file of a tile may have.
const MAX_FILE: u64 = 16 << 20;

/// The most tiles of an archive under one picture: those of the largest frame at twice its density.
const MOST_STORED: u64 = 1 << 14;

/// Where tiles are.
trait Store: Send + Sync {
    /// The file of a tile; none, or an empty one, where there is no such tile.
    fn file(&self, tile: Tile) -> Result<Option<Vec<u8>>, Error>;

    /// Hands out the file of every tile that is listed, in any order. A server lists none.
    fn each(&self, _then: Then<'_>) -> Result<(), Error> {
        Ok(())
    }
}

/// Takes the file of a tile.
type Then<'a> = &'a mut dyn FnMut(Tile, Vec<u8>) -> Result<(), Error>;

/// What is found when a store is opened.
struct Opened {
    store: Box<dyn Store>,
    /// The least and the greatest zoom that has tiles, as stored.
    zooms: (u8, u8),
    /// The file of any tile, by which their size is told; a server is not asked for one before it is known which.
    sample: Option<Vec<u8>>,
    /// What it tells about itself.
    told: Map<String, Value>,
}

/// A map in tiles of the XYZ scheme, each a picture.
///
/// ```no_run
/// use torrid::source::tiles::Tiles;
/// use torrid::tile::Tile;
/// let map = Tiles::open("city.pmtiles".as_ref())?;
/// if let Some(picture) = map.picture(Tile::new(*map.zooms().start(), 0, 0)?)? {
///     println!("{} pixels wide, {:?}", picture.width(), map.attribution());
/// }
/// # Ok::<(), torrid::Error>(())
/// ```
pub struct Tiles {
    name: String,
    store: Box<dyn Store>,
    zooms: (u8, u8),
    side: Option<u32>,
    told: Map<String, Value>,
    attribution: Option<String>,
    most: u64,
}

impl fmt::Debug for Tiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tiles").field("name", &self.name).field("zooms", &self.zooms).finish_non_exhaustive()
    }
}

/// Whether a path names tiles, by its extension or because it is a folder.
pub fn is_stored(path: &Path) -> bool {
    path.is_dir() || extension(path).is_some()
}

/// Whether a text is the address of a server.
pub fn is_address(text: &str) -> bool {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https"))
}

type Open = fn(&Path) -> Result<Opened, Error>;

fn extension(path: &Path) -> Option<Open> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    match extension.as_str() {
        "pmtiles" => Some(pmtiles::open),
        "mbtiles" => Some(mbtiles::open),
        _ => None,
    }
}

impl Tiles {
    /// The tiles of a `.pmtiles` or `.mbtiles` archive, or of a folder `z/x/y.png` (`.webp`, `.jpg`, `.jpeg`).
    ///
    /// # Errors
    /// When there is no such thing (machine), or it is damaged, has no tiles, or tiles that are no pictures (input).
    pub fn open(path: &Path) -> Result<Tiles, Error> {
        let open = extension(path).filter(|_| !path.is_dir()).unwrap_or(folder::open);
        let Opened { store, zooms: (least, greatest), sample, told } = open(path)?;
        if least > greatest || least > MAX_ZOOM {
            return Err(refused(path, format!("zooms from {least} to {greatest}")));
        }
        let sample = sample.ok_or_else(|| refused(path, "no tiles"))?;
        let side = picture::side(&sample).map_err(|found| refused(path, format!("tiles that are {found}")))?;
        Ok(Tiles {
            name: path.display().to_string(),
            store,
            zooms: (least, greatest.min(MAX_ZOOM)),
            side: Some(side),
            // As stored: HTML or text.
            attribution: told.get("attribution").and_then(Value::as_str).and_then(attribution::plain),
            told,
            most: MOST_STORED,
        })
    }

    /// The tiles of a server: `https://host/{z}/{x}/{y}.png`, with `{-y}` where rows count from the south and `{r}` for
    /// tiles of twice the pixels (`@2x`). What was fetched is kept in the folder `cache`, by default the user's.
    ///
    /// # Errors
    /// When the address lacks a place for zoom, column or row, or has others (caller), and where torrid was built
    /// without the feature `web`.
    pub fn of_server(address: &str, cache: Option<PathBuf>) -> Result<Tiles, Error> {
        web::tiles(address, cache)
    }

    /// What messages call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The zooms that may have tiles.
    pub fn zooms(&self) -> std::ops::RangeInclusive<u8> {
        self.zooms.0..=self.zooms.1
    }

    /// Pixels along each side of a tile; none where only the first tile will tell.
    pub fn side(&self) -> Option<u32> {
        self.side
    }

    /// Whose map it is, as text.
    pub fn attribution(&self) -> Option<&str> {
        self.attribution.as_deref()
    }

    /// What an archive or a folder tells about itself, under the names of TileJSON; nothing of a server.
    pub fn told(&self) -> &Map<String, Value> {
        &self.told
    }

    /// Hands out the file of every tile of an archive or a folder as it is stored, in any order; of a server none.
    ///
    /// # Errors
    /// When a tile cannot be read, and what `then` meets.
    pub fn each(&self, mut then: impl FnMut(Tile, Vec<u8>) -> Result<(), Error>) -> Result<(), Error> {
        self.store.each(&mut then)
    }

    /// The most tiles that may be asked for under one picture.
    pub fn most(&self) -> u64 {
        self.most
    }

    /// The file of a tile as it is stored; none where there is no such tile.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn file(&self, tile: Tile) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.store.file(tile)?.filter(|file| !file.is_empty()))
    }

    /// The picture of a tile, square; none where there is no such tile.
    ///
    /// # Errors
    /// When the tile cannot be read, or is no picture.
    pub fn picture(&self, tile: Tile) -> Result<Option<RgbaImage>, Error> {
        let Some(file) = self.file(tile)? else { return Ok(None) };
        picture::decode(&file).map(Some).map_err(|found| {
            Error::input(format!("{}, tile {}", self.name, label(tile)))
                .found(found)
                .expected(picture::EXPECTED)
                .advice("make the tiles again, or give another --base")
        })
    }
}

/// A tile as it is written everywhere.
fn label(tile: Tile) -> String {
    format!("{}/{}/{}", tile.zoom(), tile.x(), tile.y())
}

/// That a file or folder is not what it should be.
fn refused(path: &Path, found: impl Into<String>) -> Error {
    let expected = match path.extension().and_then(|e| e.to_str()).unwrap_or_default() {
        _ if path.is_dir() => "a folder z/x/y.png (or .webp, .jpg) of tiles",
        "mbtiles" => "an MBTiles archive of PNG, JPEG or WebP tiles",
        _ => "a PMTiles archive, version 3, of PNG, JPEG or WebP tiles",
    };
    Error::input(path.display().to_string()).found(found).expected(expected).advice("check the name, or make it again")
}
