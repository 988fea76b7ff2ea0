//! MBTiles 1.3, <https://github.com/mapbox/mbtiles-spec/blob/master/1.3/spec.md>: an SQLite file. Rows of tiles count
//! from the south (TMS), unlike everywhere else.
//!
//! Equal tiles are stored once: `map` says which of the `images` a tile has, and `tiles` is a view of both. It is the way
//! of `mbutil` and `tippecanoe`, which readers that look deeper than `tiles` know by these names.

use std::io;
use std::path::Path;

use rusqlite::{Connection, ErrorCode, params};
use serde_json::Value;

use super::TileSet;
use super::spool::{Spool, Turn};
use crate::error::Error;
use crate::sink::whole;

/// No journal and no waiting for the disk: the file has another name until it is whole. The number is `MPBX`, by which
/// `file` tells MBTiles.
const BEGIN: &str = "
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA application_id = 1297105496;
    BEGIN;
    CREATE TABLE metadata (name TEXT, value TEXT);
    CREATE TABLE map (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_id TEXT);
    CREATE TABLE images (tile_id TEXT, tile_data BLOB);
    CREATE VIEW tiles AS
        SELECT map.zoom_level AS zoom_level, map.tile_column AS tile_column, map.tile_row AS tile_row,
            images.tile_data AS tile_data
        FROM map JOIN images ON images.tile_id = map.tile_id;";

/// An index that is made at the end is sorted once, and lies in one piece.
const END: &str = "
    CREATE UNIQUE INDEX metadata_name ON metadata (name);
    CREATE UNIQUE INDEX map_index ON map (zoom_level, tile_column, tile_row);
    CREATE UNIQUE INDEX images_id ON images (tile_id);
    COMMIT;";

/// Writes the file of the tiles in a spool.
pub(super) fn write(spool: Spool, set: &TileSet, path: &Path) -> Result<(), Error> {
    whole::write_at(path, |path| fill(spool, set, path))
}

fn fill(spool: Spool, set: &TileSet, path: &Path) -> io::Result<()> {
    let database = Connection::open(path).map_err(failed)?;
    database.execute_batch(BEGIN).map_err(failed)?;
    {
        let mut describe = database.prepare("INSERT INTO metadata VALUES (?1, ?2)").map_err(failed)?;
        for (name, value) in metadata(set) {
            describe.execute(params![name, value]).map_err(failed)?;
        }
        let mut place = database.prepare("INSERT INTO map VALUES (?1, ?2, ?3, ?4)").map_err(failed)?;
        let mut store = database.prepare("INSERT INTO images VALUES (?1, ?2)").map_err(failed)?;
        spool.read(|Turn { tile, content, bytes, first, .. }| {
            let content = format!("{content:032x}");
            let south = (1 << tile.z()) - 1 - tile.y();
            place.execute(params![tile.z(), tile.x(), south, content]).map_err(failed)?;
            if first {
                store.execute(params![content, bytes]).map_err(failed)?;
            }
            Ok(())
        })?;
    }
    database.execute_batch(END).map_err(failed)?;
    database.close().map_err(|(_, error)| failed(error))
}

/// The names and values of the `metadata` table. What has no name of its own goes into `json`, which readers unfold.
fn metadata(set: &TileSet) -> Vec<(&str, String)> {
    let [west, south, east, north] = set.bounds;
    let (longitude, latitude, zoom) = set.center;
    let mut rows: Vec<(&str, String)> = set.texts().map(|(key, text)| (key, text.to_owned())).collect();
    let mut more = set.properties.clone();
    more.extend(set.pixels());
    rows.extend([
        ("format", "png".to_owned()),
        ("type", "overlay".to_owned()),
        // MBTiles wants a plain number.
        ("version", "1".to_owned()),
        ("bounds", format!("{west},{south},{east},{north}")),
        ("center", format!("{longitude},{latitude},{zoom}")),
        ("minzoom", set.zooms.0.to_string()),
        ("maxzoom", set.zooms.1.to_string()),
        ("json", Value::Object(more).to_string()),
    ]);
    rows
}

/// A full disk told as one, everything else in the words of SQLite.
fn failed(error: rusqlite::Error) -> io::Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => io::ErrorKind::StorageFull.into(),
        _ => io::Error::other(error),
    }
}
