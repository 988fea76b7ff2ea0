//! Parquet: plain columns of coordinates, or a geometry column (`GeoParquet`, the Parquet geometry type,
//! `GeoArrow`). Row groups are read by any thread, of each only the columns that are wanted.

mod bounds;
mod column;
mod geometry;
mod layout;
mod part;

use std::sync::Arc;

use ::parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};

use self::layout::Layout;
use self::part::RowsPart;
use crate::error::Error;
use crate::source::{CellsFile, Columns, Compression, Format, Input, Part, Query, Source, cells};

/// The format.
pub const FORMAT: Format = Format {
    name: "parquet",
    extensions: &["parquet", "geoparquet", "pq"],
    about: "Parquet with columns of longitude and latitude, GeoParquet points, or cells",
    open,
};

/// Rows per part, so that a file of one row group keeps all threads busy and a part stays small.
const ROWS: usize = 1 << 20;

fn open(input: &Input, query: &Query) -> Result<Box<dyn Source>, Error> {
    if input.compression != Compression::None {
        return Err(Error::input(&*input.name)
            .found(format!("Parquet inside of {}", input.compression.name()))
            .expected("Parquet as it is written")
            .advice("unpack it first: Parquet is read from its end"));
    }
    let metadata =
        ArrowReaderMetadata::load(&input.file()?, ArrowReaderOptions::new()).map_err(|e| damaged(input, &e))?;
    if let Some(found) = out_of_file(&metadata, input.size) {
        return Err(damaged(input, &ParquetError::General(found)));
    }
    if let Some(cells) = CellsFile::with(input.file()?, &metadata, &input.name)? {
        return cells::open(cells, input, query);
    }
    let mut query = query.clone();
    let layout = Layout::of(&metadata, &mut query, &input.name)?;
    let table = Arc::new(Table { input: input.clone(), metadata, query: Arc::new(query), layout });
    Ok(Box::new(ParquetSource { next: slices(&table).into_iter(), table, handed: 0 }))
}

/// What is wrong with the place of a column, if one of them does not lie in the file.
fn out_of_file(metadata: &ArrowReaderMetadata, size: u64) -> Option<String> {
    let mut columns = metadata.metadata().row_groups().iter().flat_map(RowGroupMetaData::columns);
    let lies_inside = |column: &ColumnChunkMetaData| {
        let start = column.dictionary_page_offset().unwrap_or(column.data_page_offset());
        let end = start.checked_add(column.compressed_size());
        start >= 0 && end.is_some_and(|end| end >= start && end as u64 <= size)
    };
    let outside = columns.find(|column| !lies_inside(column))?;
    Some(format!("column `{}` outside of the file", outside.column_path()))
}

/// What all parts of a file share.
struct Table {
    input: Input,
    metadata: ArrowReaderMetadata,
    query: Arc<Query>,
    layout: Layout,
}

impl Table {
    fn rows(&self) -> usize {
        self.metadata.metadata().file_metadata().num_rows().max(0) as usize
    }
}

/// Rows of one row group, cut off so that they make a part.
#[derive(Debug, Clone, Copy)]
struct Slice {
    group: usize,
    /// Rows of the group before the slice.
    skipped: usize,
    rows: usize,
    /// Rows of the file before the slice.
    before: u64,
}

/// The slices of a file. A row group is cut into equal ones.
fn slices(table: &Table) -> Vec<Slice> {
    let mut before = 0;
    let mut slices = Vec::new();
    for (group, of) in table.metadata.metadata().row_groups().iter().enumerate() {
        let total = of.num_rows().max(0) as usize;
        let each = total.div_ceil(total.div_ceil(ROWS).max(1)).max(1);
        for skipped in (0..total).step_by(each) {
            let rows = each.min(total - skipped);
            slices.push(Slice { group, skipped, rows, before });
            before += rows as u64;
        }
    }
    slices
}

struct ParquetSource {
    table: Arc<Table>,
    next: std::vec::IntoIter<Slice>,
    handed: usize,
}

impl Source for ParquetSource {
    fn next_part(&mut self) -> Result<Option<Box<dyn Part>>, Error> {
        let Some(slice) = self.next.next() else {
            return Ok(None);
        };
        self.handed += slice.rows;
        Ok(Some(Box::new(RowsPart { table: self.table.clone(), slice })))
    }

    fn columns(&self) -> Columns {
        self.table.layout.columns.clone()
    }

    fn stated_bounds(&self) -> Option<[f64; 4]> {
        bounds::stated(&self.table)
    }

    fn progress(&self) -> f64 {
        let rows = self.table.rows();
        if rows == 0 { 1.0 } else { (self.handed as f64 / rows as f64).min(1.0) }
    }
}

fn damaged(input: &Input, error: &ParquetError) -> Error {
    Error::input(&*input.name)
        .found(error.to_string())
        .expected("a whole Parquet file")
        .advice("it may be cut short or damaged: fetch or write it again")
}
