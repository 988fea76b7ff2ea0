//! Cells as Parquet, one row for each: see `docs/cells.md`. Rows are in the order of quadkeys, so that what lies together
//! on the ground lies together in the file, and the statistics of a row group are the bounds of a small area.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, Decimal128Array, Int64Array, TimestampMicrosecondArray, UInt32Array, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::ChunkReader;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{ColumnPath, SchemaDescriptor};

use super::{place, whole};
use crate::cells::{Cells, Contents, DECIMALS};
use crate::error::Error;
use crate::provenance::Provenance;

/// Rows of a row group: what a reader takes at a time, 2 MB in memory without weights and readings.
pub const GROUP_ROWS: usize = 1 << 16;

/// Digits of a decimal number: the most that 128 bits hold.
const DIGITS: u8 = 38;

/// File name endings of cells.
const EXTENSIONS: [&str; 2] = ["parquet", "pq"];

/// Whether cells can be written to `path`, as far as can be told before any work.
///
/// # Errors
/// When its extension is another one, its folder does not exist, or it exists and `force` is not given; the caller's
/// fault.
pub fn check_cells(path: &Path, force: bool) -> Result<(), Error> {
    if !path.extension().is_some_and(|e| EXTENSIONS.iter().any(|known| e.eq_ignore_ascii_case(known))) {
        let found = path.extension().map_or("no extension".into(), |e| format!("the extension .{}", e.display()));
        return Err(Error::caller(place(path))
            .found(found)
            .expected("a file of cells: .parquet")
            .advice("give -o OUT.parquet"));
    }
    whole::check_target(path, force)
}

/// Writes a file of cells, whole or not at all: `fill` puts them.
///
/// # Errors
/// What `fill` meets, and when the file cannot be written.
pub fn write_cells<R>(
    path: &Path,
    provenance: &Provenance,
    fill: impl FnOnce(&mut CellsWriter) -> Result<R, Error>,
) -> Result<R, Error> {
    let mut cells = CellsPending::begin(path, provenance.contents)?;
    let filled = fill(cells.writer())?;
    cells.finish(provenance, None)?.place()?;
    Ok(filled)
}

/// A file of cells that gets its name later, when what else belongs to it is there. Dropping it leaves nothing behind.
pub struct CellsPending {
    writer: CellsWriter,
    file: whole::Pending,
}

impl CellsPending {
    /// An empty one that is to have the name `path`.
    ///
    /// # Errors
    /// When no file can be made there.
    pub fn begin(path: &Path, contents: Contents) -> Result<CellsPending, Error> {
        let file = whole::Pending::begin(path)?;
        Ok(CellsPending { writer: CellsWriter::new(file.open()?, path, contents)?, file })
    }

    /// What takes the cells.
    pub fn writer(&mut self) -> &mut CellsWriter {
        &mut self.writer
    }

    /// The same once all cells are in it, with a text under a key of its own where there is one.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn finish(self, provenance: &Provenance, text: Option<(&str, String)>) -> Result<CellsWhole, Error> {
        self.writer.finish(provenance, text)?;
        Ok(CellsWhole(self.file))
    }
}

/// A whole file of cells that waits for its name.
pub struct CellsWhole(whole::Pending);

impl CellsWhole {
    /// The file, to read it.
    ///
    /// # Errors
    /// When it is gone.
    pub fn open(&self) -> Result<File, Error> {
        self.0.open()
    }

    /// Gives it its name.
    ///
    /// # Errors
    /// When the name cannot be given.
    pub fn place(self) -> Result<(), Error> {
        self.0.place()
    }
}

/// Writes cells to a file that has no name, in a folder; it is gone when nobody holds it any more.
///
/// # Errors
/// What `fill` meets, and when the file cannot be written.
pub fn write_unnamed(
    folder: &Path,
    provenance: &Provenance,
    fill: impl FnOnce(&mut CellsWriter) -> Result<(), Error>,
) -> Result<File, Error> {
    let file = tempfile::tempfile_in(folder).map_err(|error| whole::machine(folder, &error))?;
    let mut writer = CellsWriter::new(file, folder, provenance.contents)?;
    fill(&mut writer)?;
    writer.finish(provenance, None)
}

/// A file of cells that is being written.
pub struct CellsWriter {
    writer: SerializedFileWriter<File>,
    columns: ArrowRowGroupWriterFactory,
    schema: SchemaRef,
    /// Cells that do not make a whole row group yet.
    waiting: Cells,
    place: PathBuf,
}

impl CellsWriter {
    fn new(file: File, place: &Path, contents: Contents) -> Result<CellsWriter, Error> {
        let schema = Arc::new(schema(contents));
        let writer = ArrowWriter::try_new(file, schema.clone(), Some(properties(&schema)));
        let writer = writer.and_then(ArrowWriter::into_serialized_writer);
        let (writer, columns) = writer.map_err(|error| failed(place, error))?;
        Ok(CellsWriter { writer, columns, schema, waiting: Cells::default(), place: place.to_owned() })
    }

    /// Adds cells, which come after those before; row groups of [`GROUP_ROWS`] are made of them, however they come.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn put(&mut self, cells: Cells) -> Result<(), Error> {
        if self.waiting.is_empty() {
            self.waiting = cells;
        } else {
            self.waiting.extend(&cells, 0..cells.len());
        }
        let all = self.waiting.len();
        if all < GROUP_ROWS {
            return Ok(());
        }
        let waiting = std::mem::take(&mut self.waiting);
        let whole = all - all % GROUP_ROWS;
        for first in (0..whole).step_by(GROUP_ROWS) {
            self.encode(waiting.part(first..first + GROUP_ROWS))?;
        }
        self.waiting = waiting.part(whole..all);
        Ok(())
    }

    /// Adds cells, which come after those before, as a row group of their own.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn put_group(&mut self, cells: Cells) -> Result<(), Error> {
        self.settle()?;
        self.encode(cells)
    }

    /// Whether columns like these can be copied into it.
    pub fn has_columns(&self, schema: &SchemaDescriptor) -> bool {
        self.writer.schema_descr().columns() == schema.columns()
    }

    /// Copies a row group of another file, whose cells come after those before, as the bytes it is. The columns are those
    /// that [`CellsWriter::has_columns`] is true of.
    ///
    /// # Errors
    /// When the other file cannot be read or this one cannot be written.
    pub fn copy_group(&mut self, bytes: &impl ChunkReader, columns: Vec<ColumnCloseResult>) -> Result<(), Error> {
        self.settle()?;
        let copy = || {
            let mut group = self.writer.next_row_group()?;
            columns.into_iter().try_for_each(|column| group.append_column(bytes, column))?;
            group.close().map(|_| ())
        };
        copy().map_err(|error| failed(&self.place, error))
    }

    /// Writes what waits for more.
    fn settle(&mut self) -> Result<(), Error> {
        let waiting = std::mem::take(&mut self.waiting);
        if waiting.is_empty() { Ok(()) } else { self.encode(waiting) }
    }

    /// Writes cells as a row group. Its bytes are the same whatever comes before it.
    fn encode(&mut self, cells: Cells) -> Result<(), Error> {
        let encode = || -> ParquetResult<()> {
            let mut writers = self.columns.create_column_writers(self.writer.flushed_row_groups().len())?;
            for ((field, column), writer) in self.schema.fields().iter().zip(columns(cells)).zip(&mut writers) {
                // A column without others inside is one leaf.
                compute_leaves(field, &column)?.iter().try_for_each(|leaf| writer.write(leaf))?;
            }
            let mut group = self.writer.next_row_group()?;
            writers.into_iter().try_for_each(|writer| writer.close()?.append_to_row_group(&mut group))?;
            group.close().map(|_| ())
        };
        encode().map_err(|error| failed(&self.place, error))
    }

    fn finish(mut self, provenance: &Provenance, text: Option<(&str, String)>) -> Result<File, Error> {
        self.settle()?;
        let texts = [(Provenance::KEY, provenance.text())].into_iter().chain(text);
        for (key, text) in texts {
            self.writer.append_key_value_metadata(KeyValue::new(key.to_owned(), text));
        }
        self.writer.into_inner().map_err(|error| failed(&self.place, error))
    }
}

fn schema(contents: Contents) -> Schema {
    let decimal = DataType::Decimal128(DIGITS, DECIMALS as i8);
    let mut fields = vec![("x", DataType::UInt32), ("y", DataType::UInt32)];
    if contents.step.is_some() {
        fields.push(("time", DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))));
    }
    if contents.subject {
        fields.push(("subject", DataType::UInt64));
    }
    fields.extend([("count", DataType::Int64), ("dx", DataType::Int64), ("dy", DataType::Int64)]);
    if contents.weight {
        fields.extend(["weight", "weight_dx", "weight_dy"].map(|name| (name, decimal.clone())));
    }
    if contents.value {
        fields.extend(["value", "value_square"].map(|name| (name, decimal.clone())));
    }
    Schema::new(fields.into_iter().map(|(name, kind)| Field::new(name, kind, false)).collect::<Vec<_>>())
}

fn columns(cells: Cells) -> Vec<ArrayRef> {
    let integers = |column: Vec<i64>| Arc::new(Int64Array::from(column)) as ArrayRef;
    let decimals = |column: Vec<i128>| {
        let column = Decimal128Array::from(column).with_precision_and_scale(DIGITS, DECIMALS as i8);
        Arc::new(column.expect("a precision that 128 bits have")) as ArrayRef
    };
    let mut all: Vec<ArrayRef> = vec![Arc::new(UInt32Array::from(cells.x)), Arc::new(UInt32Array::from(cells.y))];
    if cells.contents.step.is_some() {
        all.push(Arc::new(TimestampMicrosecondArray::from(cells.time).with_timezone("UTC")));
    }
    if cells.contents.subject {
        all.push(Arc::new(UInt64Array::from(cells.subject)));
    }
    all.extend([cells.count, cells.dx, cells.dy].map(integers));
    if cells.contents.weight {
        all.extend([cells.weight, cells.weight_dx, cells.weight_dy].map(decimals));
    }
    if cells.contents.value {
        all.extend([cells.value, cells.square].map(decimals));
    }
    all
}

/// Integers as differences from the one before, which in this order are small, but for the numbers of subjects, which have
/// no order (kinds of crime take 0.9 bytes a row as they are and 1.6 as differences); everything packed by zstd.
fn properties(schema: &Schema) -> WriterProperties {
    let level = ZstdLevel::try_new(1).expect("a level of zstd");
    let properties =
        WriterProperties::builder().set_compression(Compression::ZSTD(level)).set_dictionary_enabled(false);
    let as_they_are = |field: &&Arc<Field>| matches!(field.data_type(), DataType::Decimal128(..) | DataType::UInt64);
    let integers = schema.fields().iter().filter(|field| !as_they_are(field));
    let differences = |properties: parquet::file::properties::WriterPropertiesBuilder, field: &Arc<Field>| {
        properties.set_column_encoding(ColumnPath::from(field.name().as_str()), Encoding::DELTA_BINARY_PACKED)
    };
    integers.fold(properties, differences).build()
}

fn failed(path: &Path, error: ParquetError) -> Error {
    let error = match error {
        ParquetError::External(error) => error.downcast::<io::Error>().map_or_else(io::Error::other, |error| *error),
        error => io::Error::other(error),
    };
    whole::machine(path, &error)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek};

    use super::*;
    use crate::cells::{Cell, of_quadkey};

    #[test]
    fn the_bytes_of_a_file_do_not_tell_how_its_cells_were_handed_over() {
        let contents = Contents { weight: true, ..Contents::default() };
        let cell = |key: u64| {
            let (x, y) = of_quadkey(key * 7);
            Cell { x, y, count: 1 + key as i64 % 3, weight: i128::from(key % 11), ..Cell::default() }
        };
        let cells = Cells::summed(20, contents, (0..140_000).map(cell));
        let provenance =
            Provenance { zoom: 20, contents, weight: Some("mass".into()), value: None, subject: None, sources: vec![] };
        let written = |rows: usize| {
            let put = |writer: &mut CellsWriter| {
                let all = cells.len();
                (0..all).step_by(rows).try_for_each(|first| writer.put(cells.part(first..all.min(first + rows))))
            };
            let mut file = write_unnamed(&std::env::temp_dir(), &provenance, put).expect("a file");
            let mut bytes = Vec::new();
            file.rewind().and_then(|()| file.read_to_end(&mut bytes)).expect("the file");
            bytes
        };
        let whole = written(140_000);
        assert!([30_011, 65_536, 100_000].iter().all(|rows| written(*rows) == whole));
    }
}
