//! A folder with a file for each tile, `z/x/y.png`, or `y@2x.png` of twice the pixels. `tilejson.json` or `metadata.json`
//! beside them may say whose map it is, and whether rows count from the south; where `tilemapresource.xml` is there,
//! they do (the Tile Map Service, <https://wiki.osgeo.org/wiki/Tile_Map_Service_Specification>).

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::{MAX_FILE, Opened, Store, Then, label, refused};
use crate::error::Error;
use crate::tile::{MAX_ZOOM, Tile};

/// What follows the row in the name of a tile, the finer first.
const ENDINGS: [&str; 8] = ["@2x.png", "@2x.webp", "@2x.jpg", "@2x.jpeg", ".png", ".webp", ".jpg", ".jpeg"];

/// Endings of tiles that are no pictures.
const VECTORS: [&str; 3] = [".pbf", ".mvt", ".mlt"];

/// Files that tell about the tiles.
const INDICES: [&str; 2] = ["tilejson.json", "metadata.json"];

struct Folder {
    path: PathBuf,
    from_south: bool,
}

pub(super) fn open(path: &Path) -> Result<Opened, Error> {
    let unread = |error: io::Error| refused(path, format!("a folder that cannot be read ({error})"));
    let mut zooms: Vec<u8> = numbers(path).map_err(unread)?.into_iter().filter_map(|z| z.try_into().ok()).collect();
    zooms.retain(|zoom| *zoom <= MAX_ZOOM);
    zooms.sort_unstable();
    let (Some(least), Some(greatest)) = (zooms.first().copied(), zooms.last().copied()) else {
        return Err(refused(path, "no folder named by a zoom"));
    };
    let index = index(path)?;
    let sample = zooms.iter().find_map(|zoom| sample(&path.join(zoom.to_string())).transpose());
    let sample = sample.transpose().map_err(|found| refused(path, found))?;
    let from_south =
        index.get("scheme").is_some_and(|scheme| scheme == "tms") || path.join("tilemapresource.xml").exists();
    Ok(Opened {
        store: Box::new(Folder { path: path.to_owned(), from_south }),
        zooms: (least, greatest),
        sample,
        told: index,
    })
}

/// The names in a folder that are numbers, the least first.
fn numbers(folder: &Path) -> io::Result<Vec<u32>> {
    let number = |entry: io::Result<fs::DirEntry>| entry.map(|entry| entry.file_name().to_str()?.parse().ok());
    let mut numbers =
        fs::read_dir(folder)?.filter_map(|entry| number(entry).transpose()).collect::<io::Result<Vec<u32>>>()?;
    numbers.sort_unstable();
    Ok(numbers)
}

/// What is told about the tiles; nothing where nothing is.
fn index(path: &Path) -> Result<Map<String, Value>, Error> {
    for name in INDICES {
        let file = path.join(name);
        let Some(bytes) = read(&file).map_err(|found| refused(path, found))? else { continue };
        let index = serde_json::from_slice(&bytes)
            .map_err(|error| refused(path, format!("a {name} that is no JSON ({error})")))?;
        return Ok(if let Value::Object(told) = index { told } else { Map::new() });
    }
    Ok(Map::new())
}

/// The first tile of a zoom that is not empty.
fn sample(zoom: &Path) -> Result<Option<Vec<u8>>, String> {
    let unread = |error: io::Error| format!("a folder that cannot be read ({error})");
    for x in numbers(zoom).map_err(unread)? {
        let column = zoom.join(x.to_string());
        let entries = fs::read_dir(&column).map_err(unread)?.collect::<io::Result<Vec<_>>>().map_err(unread)?;
        let mut names: Vec<_> =
            entries.into_iter().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        // `12@2x.png` before `12.png`, as tiles are looked for.
        names.sort_unstable_by_key(|name| (ENDINGS.iter().position(|ending| name.ends_with(ending)), name.clone()));
        for name in names {
            if VECTORS.iter().any(|ending| name.ends_with(ending)) {
                return Err(format!("vector tiles ({name})"));
            }
            if ENDINGS.iter().any(|ending| name.ends_with(ending))
                && let Some(bytes) = read(&column.join(name))?.filter(|bytes| !bytes.is_empty())
            {
                return Ok(Some(bytes));
            }
        }
    }
    Ok(None)
}

/// The bytes of a file; none where there is no such file.
fn read(path: &Path) -> Result<Option<Vec<u8>>, String> {
    let name = || path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let whole = || -> io::Result<Option<Vec<u8>>> {
        // A pipe would never end.
        if !fs::metadata(path)?.is_file() {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    };
    match whole() {
        Ok(Some(bytes)) if bytes.len() as u64 > MAX_FILE => Err(format!("{} of more than {MAX_FILE} bytes", name())),
        Ok(bytes) => Ok(bytes),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(format!("{} that cannot be read ({error})", name())),
    }
}

impl Folder {
    /// The tiles of a zoom whose files are in a column.
    fn column(&self, zoom: u8, x: u32) -> io::Result<Vec<Tile>> {
        let rows = fs::read_dir(self.path.join(zoom.to_string()).join(x.to_string()))?;
        let mut tiles = Vec::new();
        for entry in rows {
            let name = entry?.file_name();
            let name = name.to_string_lossy();
            let row = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)?.parse::<u32>().ok());
            let y = row.and_then(|y| if self.from_south { ((1u32 << zoom) - 1).checked_sub(y) } else { Some(y) });
            tiles.extend(y.and_then(|y| Tile::new(zoom, x, y).ok()));
        }
        // A tile may have a file for fine screens beside the other.
        tiles.sort_unstable();
        tiles.dedup();
        Ok(tiles)
    }

    /// All tiles that have a file.
    fn tiles(&self) -> io::Result<Vec<Tile>> {
        let mut tiles = Vec::new();
        let zooms = numbers(&self.path)?.into_iter().filter_map(|zoom| u8::try_from(zoom).ok());
        for zoom in zooms.filter(|zoom| *zoom <= MAX_ZOOM) {
            for x in numbers(&self.path.join(zoom.to_string()))? {
                tiles.extend(self.column(zoom, x)?);
            }
        }
        Ok(tiles)
    }
}

impl Store for Folder {
    fn file(&self, tile: Tile) -> Result<Option<Vec<u8>>, Error> {
        let y = if self.from_south { (1 << tile.zoom()) - 1 - tile.y() } else { tile.y() };
        let column = self.path.join(tile.zoom().to_string()).join(tile.x().to_string());
        let found = ENDINGS.iter().find_map(|ending| read(&column.join(format!("{y}{ending}"))).transpose());
        found.transpose().map_err(|found| refused(&self.path, format!("{found} (tile {})", label(tile))))
    }

    fn each(&self, then: Then<'_>) -> Result<(), Error> {
        let unread = |error: io::Error| refused(&self.path, format!("a folder that cannot be read ({error})"));
        for tile in self.tiles().map_err(unread)? {
            self.file(tile)?.map_or(Ok(()), |file| then(tile, file))?;
        }
        Ok(())
    }
}
