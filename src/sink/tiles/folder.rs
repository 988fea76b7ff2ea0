//! A folder with a file for each tile, `z/x/y.png` (`z/x/y@2x.png` for fine screens), and `tilejson.json`: any web server
//! can serve it, and a tile can be replaced alone. Equal tiles are files of their own. It is written under a hidden name
//! beside its place.

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{Archive, Stored, TilePicture, TileSet, no_tiles, put_twice};
use crate::error::Error;
use crate::sink::{place, whole};
use crate::tile::Tile;

/// What tells a folder of tiles from others.
const INDEX: &str = "tilejson.json";

/// The folder of tiles in its hidden folder.
const NEW: &str = "new";

/// A folder of tiles that is being written.
pub(super) struct Folder {
    target: PathBuf,
    staging: TempDir,
    /// How the name of a tile's file ends.
    ending: String,
    /// The columns that have a folder.
    columns: HashSet<(u8, u32)>,
    tiles: u64,
    bytes: u64,
}

/// Whether a folder of tiles can be written here: the folder around it exists, and it is new or, with `force`, empty or
/// a folder of tiles.
pub(super) fn check_target(path: &Path, force: bool) -> Result<(), Error> {
    if path.file_name().is_none() {
        return Err(Error::caller(place(path)).found("a folder without a name").expected("a new folder"));
    }
    if !path.is_dir() {
        whole::check_target(path, false)?;
    } else if !force {
        return Err(Error::caller(place(path))
            .found("a folder of this name")
            .expected("no such folder")
            .advice("give --force to replace it"));
    } else if !path.join(INDEX).is_file() && !is_empty(path) {
        return Err(Error::caller(place(path))
            .found(format!("a folder without {INDEX}"))
            .expected("a folder of tiles to replace")
            .advice("choose another folder"));
    }
    Ok(())
}

fn is_empty(path: &Path) -> bool {
    fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}

/// How the name of a tile's file ends: that of a tile with so many pixels for each that is shown says so.
fn ending(picture: TilePicture, scale: u32) -> String {
    let fine = if scale == 1 { String::new() } else { format!("@{scale}x") };
    format!("{fine}.{}", picture.extension())
}

impl Folder {
    pub(super) fn begin(path: &Path, picture: TilePicture, scale: u32) -> Result<Folder, Error> {
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let make = || {
            let staging = tempfile::Builder::new().prefix(".torrid-").tempdir_in(whole::folder_of(&target))?;
            fs::create_dir(staging.path().join(NEW))?;
            Ok(staging)
        };
        let staging = make().map_err(|error| whole::machine(path, &error))?;
        Ok(Folder { target, staging, ending: ending(picture, scale), columns: HashSet::new(), tiles: 0, bytes: 0 })
    }

    fn write(&mut self, tile: Tile, bytes: &[u8]) -> io::Result<()> {
        let mut path = self.staging.path().join(NEW);
        path.extend([tile.zoom().to_string(), tile.x().to_string()]);
        if self.columns.insert((tile.zoom(), tile.x())) {
            fs::create_dir_all(&path)?;
        }
        path.push(format!("{}{}", tile.y(), self.ending));
        OpenOptions::new().write(true).create_new(true).open(path)?.write_all(bytes)
    }

    /// Gives the folder its name, and takes away what had it.
    fn place(&self) -> io::Result<()> {
        let old = self.staging.path().join("old");
        let replaces = self.target.exists();
        if replaces {
            fs::rename(&self.target, &old)?;
        }
        fs::rename(self.staging.path().join(NEW), &self.target).inspect_err(|_| {
            if replaces {
                let _ = fs::rename(&old, &self.target);
            }
        })
    }
}

impl Archive for Folder {
    fn put(&mut self, tile: Tile, bytes: &[u8]) -> Result<(), Error> {
        match self.write(tile, bytes) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(put_twice(tile)),
            written => written.map_err(|error| whole::machine(&self.target, &error))?,
        }
        self.tiles += 1;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    fn finish(self: Box<Self>, set: &TileSet) -> Result<Stored, Error> {
        if self.tiles == 0 {
            return Err(no_tiles(&self.target));
        }
        let index = format!("{:#}\n", set.tilejson(&self.ending));
        fs::write(self.staging.path().join(NEW).join(INDEX), &index)
            .and_then(|()| self.place())
            .map_err(|error| whole::machine(&self.target, &error))?;
        Ok(Stored { tiles: self.tiles, distinct: self.tiles, bytes: self.bytes + index.len() as u64, zooms: set.zooms })
    }
}
