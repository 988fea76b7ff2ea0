//! MBTiles 1.3, <https://github.com/mapbox/mbtiles-spec/blob/master/1.3/spec.md>: an SQLite file, opened for reading alone.
//! Rows of its tiles count from the south.
//!
//! A database can be hostile: its `tiles` may be a view that never ends. Values have a greatest length, and a query a
//! greatest number of steps.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Row};
use serde_json::{Map, Value};

use super::{MAX_FILE, Opened, Store, Then, label, refused};
use crate::error::Error;
use crate::tile::{MAX_ZOOM, Tile};

/// Steps of SQLite between two looks at how many there were.
const STEPS: i32 = 1_000_000;

/// The most looks in one query: some seconds. A tile of an archive of ten million tiles without an index takes fewer.
const LOOKS: u32 = 200;

struct Archive {
    path: PathBuf,
    database: Mutex<Connection>,
    looks: Arc<AtomicU32>,
}

pub(super) fn open(path: &Path) -> Result<Opened, Error> {
    let archive = Archive::open(path).map_err(|error| archive_error(path, &error))?;
    let failed = |error: rusqlite::Error| archive_error(path, &error);
    let format = archive.told("format").map_err(failed)?;
    if let Some(format @ ("pbf" | "mvt" | "mlt")) = format.as_deref() {
        return Err(refused(path, format!("vector tiles (its format is {format})")));
    }
    let end = |order: &str| {
        let sql = format!("SELECT zoom_level FROM tiles ORDER BY zoom_level {order} LIMIT 1");
        archive.ask(&sql, &[], |row| row.get::<_, i64>(0))
    };
    let (Some(least), Some(greatest)) = (end("ASC").map_err(failed)?, end("DESC").map_err(failed)?) else {
        return Err(refused(path, "no tiles"));
    };
    let (Ok(least), Ok(greatest)) = (u8::try_from(least), u8::try_from(greatest)) else {
        return Err(refused(path, format!("zooms from {least} to {greatest}")));
    };
    let sql = "SELECT tile_data FROM tiles WHERE length(tile_data) > 0 LIMIT 1";
    let sample = archive.ask(sql, &[], |row| Ok(content(row))).map_err(failed)?;
    let sample = sample.transpose().map_err(|found| refused(path, found))?;
    // What has no row of its own is one object.
    let more = archive.told("json").map_err(failed)?.and_then(|json| serde_json::from_str(&json).ok());
    let mut told = if let Some(Value::Object(more)) = more { more } else { Map::new() };
    for name in ["name", "description", "attribution"] {
        told.extend(archive.told(name).map_err(failed)?.map(|text| (name.to_owned(), text.into())));
    }
    let bounds = archive.told("bounds").map_err(failed)?.and_then(|text| bounds(&text));
    told.extend(bounds.map(|bounds| ("bounds".to_owned(), bounds.into())));
    Ok(Opened { store: Box::new(archive), zooms: (least, greatest), sample, told })
}

/// West, south, east and north in degrees, with commas between.
fn bounds(text: &str) -> Option<Vec<f64>> {
    let degrees = |text: &str| text.trim().parse::<f64>().ok().filter(|degrees| degrees.abs() <= 180.0);
    let bounds: Vec<f64> = text.split(',').map(degrees).collect::<Option<_>>()?;
    (bounds.len() == 4).then_some(bounds)
}

/// The bytes in the first column of a row.
fn content(row: &Row<'_>) -> Result<Vec<u8>, String> {
    bytes(row, 0)
}

/// The bytes in a column of a row.
fn bytes(row: &Row<'_>, column: usize) -> Result<Vec<u8>, String> {
    match row.get_ref(column) {
        Ok(ValueRef::Blob(bytes)) => Ok(bytes.to_vec()),
        Ok(ValueRef::Null) => Err("a tile that is NULL".to_owned()),
        Ok(other) => Err(format!("a tile that is {}, not bytes", other.data_type().to_string().to_lowercase())),
        Err(error) => Err(error.to_string()),
    }
}

impl Archive {
    fn open(path: &Path) -> rusqlite::Result<Archive> {
        // Without SQLITE_OPEN_URI, so that a name is a name.
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut database = Connection::open_with_flags(path, flags)?;
        database.set_limit(Limit::SQLITE_LIMIT_LENGTH, MAX_FILE as i32)?;
        database.pragma_update(None, "trusted_schema", false)?;
        let looks = Arc::new(AtomicU32::new(0));
        let seen = Arc::clone(&looks);
        database.progress_handler(STEPS, Some(move || seen.fetch_add(1, Ordering::Relaxed) >= LOOKS))?;
        Ok(Archive { path: path.to_owned(), database: Mutex::new(database), looks })
    }

    /// The first row of an answer.
    fn ask<T>(
        &self,
        sql: &str,
        given: &[i64],
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Option<T>> {
        let database = self.database.lock().unwrap_or_else(PoisonError::into_inner);
        self.looks.store(0, Ordering::Relaxed);
        let mut query = database.prepare(sql)?;
        query.query_row(rusqlite::params_from_iter(given), read).optional()
    }

    /// What the metadata says under a name; nothing where there is no such table.
    fn told(&self, name: &str) -> rusqlite::Result<Option<String>> {
        let table = self.ask("SELECT 1 FROM sqlite_master WHERE name = 'metadata'", &[], |_| Ok(()))?;
        let sql = format!("SELECT CAST(value AS TEXT) FROM metadata WHERE name = '{name}'");
        let text = |row: &Row<'_>| Ok(row.get_ref(0)?.as_str().ok().map(str::to_owned));
        table.map_or(Ok(None), |()| self.ask(&sql, &[], text)).map(Option::flatten)
    }
}

/// The tile that the first three columns of a row name.
fn place(row: &Row<'_>) -> rusqlite::Result<Option<Tile>> {
    let (zoom, column, south) = (row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?);
    let tile = || {
        let zoom = u8::try_from(zoom).ok().filter(|zoom| *zoom <= MAX_ZOOM)?;
        let y = (1i64 << zoom).checked_sub(1)?.checked_sub(south)?;
        Tile::new(zoom, column.try_into().ok()?, y.try_into().ok()?).ok()
    };
    Ok(tile())
}

impl Store for Archive {
    fn file(&self, tile: Tile) -> Result<Option<Vec<u8>>, Error> {
        let from_south = (1i64 << tile.zoom()) - 1 - i64::from(tile.y());
        let sql = "SELECT tile_data FROM tiles WHERE zoom_level = ?1 AND tile_column = ?2 AND tile_row = ?3";
        let place = [i64::from(tile.zoom()), i64::from(tile.x()), from_south];
        let answer =
            self.ask(sql, &place, |row| Ok(content(row))).map_err(|error| archive_error(&self.path, &error))?;
        answer.transpose().map_err(|found| refused(&self.path, format!("{found} ({})", label(tile))))
    }

    fn each(&self, then: Then<'_>) -> Result<(), Error> {
        let failed = |error: rusqlite::Error| archive_error(&self.path, &error);
        let database = self.database.lock().unwrap_or_else(PoisonError::into_inner);
        let mut query =
            database.prepare("SELECT zoom_level, tile_column, tile_row, tile_data FROM tiles").map_err(failed)?;
        let mut rows = query.query([]).map_err(failed)?;
        loop {
            self.looks.store(0, Ordering::Relaxed);
            let Some(row) = rows.next().map_err(failed)? else { return Ok(()) };
            let tile = place(row).map_err(failed)?.ok_or_else(|| refused(&self.path, "a tile that no zoom has"))?;
            then(tile, bytes(row, 3).map_err(|found| refused(&self.path, format!("{found} ({})", label(tile))))?)?;
        }
    }
}

fn archive_error(path: &Path, error: &rusqlite::Error) -> Error {
    let found = match error.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => "a query that takes too long".to_owned(),
        Some(ErrorCode::NotADatabase) => "a file that is no SQLite database".to_owned(),
        Some(ErrorCode::TooBig) => format!("a tile of more than {MAX_FILE} bytes"),
        _ => error.to_string(),
    };
    refused(path, found)
}
