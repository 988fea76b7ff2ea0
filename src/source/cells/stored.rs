//! Row groups as they lie in a file: where each begins, and its columns as bytes.

use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use ::parquet::column::writer::ColumnCloseResult;
use ::parquet::errors::Result as ParquetResult;
use ::parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader};
use ::parquet::file::reader::ChunkReader;
use ::parquet::schema::types::SchemaDescriptor;
use arrow::array::RecordBatch;
use arrow::datatypes::{TimestampMicrosecondType, UInt32Type, UInt64Type};
use rayon::prelude::*;

use super::{CellsFile, Shared, column, damaged};
use crate::cells::{Cell, Contents};
use crate::error::Error;

/// The order of a cell among others, as [`Cell::order`].
type Order = (u64, i64, u64);

/// The row groups of a file of cells as bytes.
#[derive(Debug)]
pub struct StoredGroups {
    file: Shared,
    metadata: ParquetMetaData,
}

impl StoredGroups {
    /// What the columns are.
    pub fn schema(&self) -> &SchemaDescriptor {
        self.metadata.file_metadata().schema_descr()
    }

    /// What the bytes are read from.
    pub fn bytes(&self) -> &impl ChunkReader {
        &self.file
    }

    /// The columns of a group: where their bytes lie, and all that the file tells of them.
    pub fn columns(&self, group: usize) -> Vec<ColumnCloseResult> {
        let (pages, group) = (self.metadata.page_index_for_row_group(group), self.metadata.row_group(group));
        let of_column = |(i, column): (usize, &::parquet::file::metadata::ColumnChunkMetaData)| ColumnCloseResult {
            bytes_written: column.compressed_size().max(0) as u64,
            rows_written: group.num_rows().max(0) as u64,
            metadata: column.clone(),
            bloom_filter: None,
            column_index: pages.column_index(i).cloned(),
            offset_index: pages.offset_index(i).cloned(),
        };
        group.columns().iter().enumerate().map(of_column).collect()
    }
}

impl CellsFile {
    /// Its row groups as they lie in it.
    ///
    /// # Errors
    /// When its metadata cannot be read.
    pub fn stored(&self) -> Result<StoredGroups, Error> {
        let options = ParquetMetaDataOptions::new().with_encoding_stats_as_mask(false);
        let reader = ParquetMetaDataReader::new()
            .with_page_index_policy(PageIndexPolicy::Optional)
            .with_metadata_options(Some(options));
        let metadata = reader.parse_and_finish(&self.file).map_err(|e| damaged(&self.name, &e))?;
        Ok(StoredGroups { file: self.file.clone(), metadata })
    }

    /// The row groups that hold cells, and the order of the first cell of each, as [`Cell::order`]. Only the beginning of
    /// each group is read.
    ///
    /// # Errors
    /// When the file cannot be read, or a group comes before one that it lies behind.
    pub fn starts(&self) -> Result<Vec<(usize, Order)>, Error> {
        let of_group = |group: usize| Ok(self.start(group)?.map(|start| (group, start)));
        let starts = (0..self.groups()).into_par_iter().map(of_group).collect::<Result<Vec<_>, Error>>()?;
        let starts: Vec<(usize, Order)> = starts.into_iter().flatten().collect();
        let late = starts.windows(2).find(|pair| pair[1].1 <= pair[0].1);
        late.map_or(Ok(()), |pair| Err(self.refused(pair[1].0, "cells that come before those of the group before")))?;
        Ok(starts)
    }

    fn start(&self, group: usize) -> Result<Option<Order>, Error> {
        let batch = self.first_row(group).map_err(|e| damaged(&self.name, &e))?;
        let of_batch = |batch: RecordBatch| {
            let start = order(&batch, self.provenance.contents);
            start.map_err(|column| self.refused(group, &format!("no column `{column}` of cells")))
        };
        batch.filter(|batch| batch.num_rows() > 0).map(of_batch).transpose()
    }

    /// What tells where the first cell of a group is.
    fn first_row(&self, group: usize) -> ParquetResult<Option<RecordBatch>> {
        let wanted = ["x", "y", "time", "subject"];
        let mask = ProjectionMask::columns(self.metadata.parquet_schema(), wanted);
        let mut rows = ParquetRecordBatchReaderBuilder::new_with_metadata(self.file.clone(), self.metadata.clone())
            .with_row_groups(vec![group])
            .with_projection(mask)
            .with_limit(1)
            .with_batch_size(1)
            .build()?;
        Ok(rows.next().transpose()?)
    }
}

/// The order of the first cell of a batch; the name of the column that is not as it should be.
fn order(batch: &RecordBatch, contents: Contents) -> Result<Order, &'static str> {
    let (mut x, mut y, mut time, mut subject) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    column::<UInt32Type>(batch, "x", &mut x)?;
    column::<UInt32Type>(batch, "y", &mut y)?;
    if contents.step.is_some() {
        column::<TimestampMicrosecondType>(batch, "time", &mut time)?;
    }
    if contents.subject {
        column::<UInt64Type>(batch, "subject", &mut subject)?;
    }
    let (time, subject) = (time.first().copied().unwrap_or(0), subject.first().copied().unwrap_or(0));
    Ok(Cell { x: x[0], y: y[0], time, subject, ..Cell::default() }.order())
}
