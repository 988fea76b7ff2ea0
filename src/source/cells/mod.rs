//! Files of cells, as `docs/cells.md` describes them: read a row group at a time, in any order, by any thread.

mod events;
mod stored;

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

use ::parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use ::parquet::errors::{ParquetError, Result as ParquetResult};
use ::parquet::file::reader::{ChunkReader, Length};
use arrow::array::{Array, ArrowPrimitiveType, AsArray, RecordBatch};
use arrow::datatypes::{Decimal128Type, Int64Type, TimestampMicrosecondType, UInt32Type, UInt64Type};
use bytes::Bytes;

use crate::cells::{Cells, FINEST, quadkey};
use crate::error::Error;
use crate::provenance::Provenance;
pub(super) use events::open;
pub use stored::StoredGroups;

/// More rows than this are not read as one row group.
const MOST_ROWS: usize = 1 << 24;

/// An opened file of cells.
#[derive(Debug, Clone)]
pub struct CellsFile {
    file: Shared,
    name: Arc<str>,
    metadata: ArrowReaderMetadata,
    /// What its cells are, and where they come from.
    pub provenance: Provenance,
}

impl CellsFile {
    /// Opens a file that messages call `name`; none where it is a Parquet file of something else.
    ///
    /// # Errors
    /// When it is no whole Parquet file, or one of cells that this version does not understand.
    pub fn open(file: File, name: &str) -> Result<Option<CellsFile>, Error> {
        let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(|e| damaged(name, &e))?;
        CellsFile::with(file, &metadata, name)
    }

    /// The same for a file whose metadata were read.
    pub(super) fn with(file: File, metadata: &ArrowReaderMetadata, name: &str) -> Result<Option<CellsFile>, Error> {
        let Some(text) = text_of(metadata, Provenance::KEY) else { return Ok(None) };
        let provenance = Provenance::parse(text).ok_or_else(|| {
            Error::input(name)
                .found("cells of an unknown version")
                .expected("version 1")
                .advice("read it with the version of torrid that wrote it")
        })?;
        let (file, metadata) = (Shared(Arc::new(file)), metadata.clone());
        Ok(Some(CellsFile { file, name: name.into(), metadata, provenance }))
    }

    /// What messages call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text under a key of its metadata.
    pub fn text(&self, key: &str) -> Option<&str> {
        text_of(&self.metadata, key)
    }

    /// How many rows it has.
    pub fn rows(&self) -> u64 {
        self.metadata.metadata().file_metadata().num_rows().max(0) as u64
    }

    /// How many rows a group has.
    pub fn rows_of(&self, group: usize) -> u64 {
        self.metadata.metadata().row_group(group).num_rows().max(0) as u64
    }

    /// How many row groups it has.
    pub fn groups(&self) -> usize {
        self.metadata.metadata().num_row_groups()
    }

    /// The cells of a row group.
    ///
    /// # Errors
    /// When it cannot be read, or does not hold cells as they should be.
    pub fn group(&self, group: usize) -> Result<Cells, Error> {
        let rows = self.metadata.metadata().row_group(group).num_rows();
        let rows = usize::try_from(rows).ok().filter(|rows| *rows <= MOST_ROWS);
        let rows = rows.ok_or_else(|| self.refused(group, "a row group of too many rows"))?;
        let mut cells = Cells::new(self.provenance.zoom, self.provenance.contents);
        for batch in self.batches(group, rows.max(1)).map_err(|e| damaged(&self.name, &e))? {
            let batch = batch.map_err(|e| damaged(&self.name, &e.into()))?;
            take(&batch, &mut cells)
                .map_err(|column| self.refused(group, &format!("no column `{column}` of cells")))?;
        }
        check(&cells).map_err(|found| self.refused(group, &found))?;
        Ok(cells)
    }

    fn batches(&self, group: usize, rows: usize) -> ParquetResult<ParquetRecordBatchReader> {
        ParquetRecordBatchReaderBuilder::new_with_metadata(self.file.clone(), self.metadata.clone())
            .with_row_groups(vec![group])
            .with_batch_size(rows)
            .build()
    }

    fn refused(&self, group: usize, found: &str) -> Error {
        Error::input(format!("{}, row group {}", self.name, group + 1))
            .found(found)
            .expected("cells in the order of their quadkeys, as docs/cells.md describes them")
            .advice("make it again with `torrid cells`")
    }
}

fn text_of<'a>(metadata: &'a ArrowReaderMetadata, key: &str) -> Option<&'a str> {
    let texts = metadata.metadata().file_metadata().key_value_metadata();
    texts.into_iter().flatten().find(|entry| entry.key == key)?.value.as_deref()
}

/// Appends the rows of a batch; the name of the column that is not as it should be.
fn take(batch: &RecordBatch, cells: &mut Cells) -> Result<(), &'static str> {
    let contents = cells.contents;
    column::<UInt32Type>(batch, "x", &mut cells.x)?;
    column::<UInt32Type>(batch, "y", &mut cells.y)?;
    if contents.step.is_some() {
        column::<TimestampMicrosecondType>(batch, "time", &mut cells.time)?;
    }
    if contents.subject {
        column::<UInt64Type>(batch, "subject", &mut cells.subject)?;
    }
    column::<Int64Type>(batch, "count", &mut cells.count)?;
    column::<Int64Type>(batch, "dx", &mut cells.dx)?;
    column::<Int64Type>(batch, "dy", &mut cells.dy)?;
    if contents.weight {
        column::<Decimal128Type>(batch, "weight", &mut cells.weight)?;
        column::<Decimal128Type>(batch, "weight_dx", &mut cells.weight_dx)?;
        column::<Decimal128Type>(batch, "weight_dy", &mut cells.weight_dy)?;
    }
    if contents.value {
        column::<Decimal128Type>(batch, "value", &mut cells.value)?;
        column::<Decimal128Type>(batch, "value_square", &mut cells.square)?;
    }
    Ok(())
}

fn column<T: ArrowPrimitiveType>(
    batch: &RecordBatch,
    name: &'static str,
    to: &mut Vec<T::Native>,
) -> Result<(), &'static str> {
    let column = batch.column_by_name(name).and_then(|column| column.as_primitive_opt::<T>());
    let column = column.filter(|column| column.null_count() == 0).ok_or(name)?;
    to.extend_from_slice(column.values());
    Ok(())
}

/// What is wrong with cells, if something is.
fn check(cells: &Cells) -> Result<(), String> {
    let side = 1u64 << (cells.zoom + 8);
    let most = i128::from((1u64 << (FINEST - cells.zoom)) - 1);
    let (time, subject) = (|row: usize| cells.time.get(row), |row: usize| cells.subject.get(row));
    let order = |row: usize| (quadkey(cells.x[row], cells.y[row]), time(row), subject(row));
    let place = |row: usize| format!("cell {}, {}", cells.x[row], cells.y[row]);
    for row in 0..cells.len() {
        if row > 0 && order(row - 1) >= order(row) {
            return Err(format!("{} after one that should come later", place(row)));
        }
        if u64::from(cells.x[row].max(cells.y[row])) >= side {
            return Err(format!("{} at zoom {}, which has {side} columns and rows", place(row), cells.zoom));
        }
        let (count, dx, dy) = (cells.count[row], cells.dx[row], cells.dy[row]);
        let inside = |sum: i64| (0..=i128::from(count) * most).contains(&i128::from(sum));
        if count <= 0 || !inside(dx) || !inside(dy) {
            return Err(format!("{} with {count} events at {dx}, {dy}", place(row)));
        }
    }
    Ok(())
}

fn damaged(name: &str, error: &ParquetError) -> Error {
    Error::input(name)
        .found(error.to_string())
        .expected("a whole Parquet file of cells")
        .advice("it may be cut short or damaged: fetch or write it again")
}

/// A file that several threads read, each where it wants to.
#[derive(Debug, Clone)]
struct Shared(Arc<File>);

impl Length for Shared {
    fn len(&self) -> u64 {
        self.0.metadata().map_or(0, |file| file.len())
    }
}

impl ChunkReader for Shared {
    type T = Onward;

    fn get_read(&self, start: u64) -> ParquetResult<Onward> {
        Ok(Onward { file: self.0.clone(), at: start })
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        let end = start.checked_add(length as u64);
        if end.is_none_or(|end| end > self.len()) {
            return Err(ParquetError::EOF(format!("{length} bytes at {start} are beyond the end of the file")));
        }
        let mut bytes = vec![0; length];
        Onward { file: self.0.clone(), at: start }.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}

/// Reads from a place of a shared file on, and leaves the place of the file itself alone.
#[derive(Debug)]
struct Onward {
    file: Arc<File>,
    at: u64,
}

impl Read for Onward {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        let read = std::os::unix::fs::FileExt::read_at(&*self.file, bytes, self.at)?;
        #[cfg(windows)]
        let read = std::os::windows::fs::FileExt::seek_read(&*self.file, bytes, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}
