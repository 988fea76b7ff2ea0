//! Some rows of a Parquet file, turned into events. Positions that are plain and all on the Earth are taken
//! over as the whole column they are; anything else goes row by row through the intake.

use std::sync::Arc;

use ::parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use arrow::array::{Array, AsArray, Float64Array, RecordBatch};
use arrow::datatypes::Float64Type;
use arrow::error::ArrowError;

use super::column::{Column, ColumnsRow};
use super::geometry::{Geometries, Piece};
use super::layout::Position;
use super::{Slice, Table, damaged};
use crate::error::Error;
use crate::events::{Events, Space};
use crate::source::{Intake, Part, Reason, Tally};

/// Rows per batch where rows are looked at one by one: their columns fit into the cache.
const BATCH: usize = 1 << 14;
/// Rows that are taken over together or looked at one by one.
const CHUNK: usize = 1 << 12;

pub(super) struct RowsPart {
    pub(super) table: Arc<Table>,
    pub(super) slice: Slice,
}

impl Part for RowsPart {
    fn read(self: Box<Self>) -> Result<(Events, Tally), Error> {
        let table = &*self.table;
        let mut intake = Intake::new(&table.query, table.input.number, &table.input.name).counting("row");
        let plain = table.query.positions_only() && matches!(table.layout.position, Position::Columns(..));
        let mut before = self.slice.before;
        // One batch for the whole slice, so that its buffers can become the columns of the events.
        for batch in self.batches(if plain { self.slice.rows } else { BATCH })? {
            let batch = batch.map_err(|e| self.unreadable(&e))?;
            let rows = batch.num_rows() as u64;
            if let (true, Position::Columns(x, y)) = (plain, &table.layout.position) {
                self.take_positions(&batch, (*x, *y), before, &mut intake)?;
            } else {
                self.take_rows(&batch, before, &mut intake)?;
            }
            before += rows;
        }
        Ok((intake.events, intake.tally))
    }
}

impl RowsPart {
    fn batches(&self, rows: usize) -> Result<ParquetRecordBatchReader, Error> {
        let table = &*self.table;
        // Each part has a file of its own: copies of one would share its place.
        let file = table.input.file()?;
        ParquetRecordBatchReaderBuilder::new_with_metadata(file, table.metadata.clone())
            .with_row_groups(vec![self.slice.group])
            .with_offset(self.slice.skipped)
            .with_limit(self.slice.rows)
            .with_projection(table.layout.projection.clone())
            .with_batch_size(rows)
            .build()
            .map_err(|e| damaged(&table.input, &e))
    }

    fn unreadable(&self, error: &ArrowError) -> Error {
        Error::input(format!("{}, row group {}", self.table.input.name, self.slice.group + 1))
            .found(error.to_string())
            .expected("rows that can be read")
            .advice("the file may be cut short or damaged: fetch or write it again")
    }

    fn take_positions(
        &self,
        batch: &RecordBatch,
        (x, y): (usize, usize),
        before: u64,
        intake: &mut Intake,
    ) -> Result<(), Error> {
        let numbers = |column: usize| batch.column(column).as_primitive_opt::<Float64Type>();
        let (Some(xs), Some(ys)) = (numbers(x), numbers(y)) else {
            return self.take_rows(batch, before, intake);
        };
        let clean = |from: usize, rows: usize| {
            let (xs, ys) = (xs.slice(from, rows), ys.slice(from, rows));
            xs.null_count() == 0 && ys.null_count() == 0 && self.all_usable(xs.values(), ys.values())
        };
        let chunks = || (0..xs.len()).step_by(CHUNK).map(|from| (from, CHUNK.min(xs.len() - from)));
        if intake.events.is_empty() && chunks().all(|(from, rows)| clean(from, rows)) {
            intake.events.x = owned(xs.clone());
            intake.events.y = owned(ys.clone());
            intake.tally.records += xs.len() as u64;
            return Ok(());
        }
        for (from, rows) in chunks() {
            if clean(from, rows) {
                intake.events.x.extend_from_slice(&xs.values()[from..from + rows]);
                intake.events.y.extend_from_slice(&ys.values()[from..from + rows]);
                intake.tally.records += rows as u64;
            } else {
                for row in from..from + rows {
                    let at = |values: &Float64Array| values.is_valid(row).then(|| values.value(row));
                    intake.record(before + row as u64 + 1, at(xs), at(ys), &())?;
                }
            }
        }
        Ok(())
    }

    /// Whether the intake would take all these positions as they are. It may say no wrongly, never yes.
    fn all_usable(&self, xs: &[f64], ys: &[f64]) -> bool {
        let query = &self.table.query;
        match query.space {
            Space::Earth => query.crs.is_none() && all_within(xs, 180.0) && all_within(ys, 90.0),
            Space::Flat { .. } => all_within(xs, f64::MAX) && all_within(ys, f64::MAX),
        }
    }

    fn take_rows(&self, batch: &RecordBatch, before: u64, intake: &mut Intake) -> Result<(), Error> {
        let layout = &self.table.layout;
        let unreadable = |e: ArrowError| self.unreadable(&e);
        let column = |place: usize| Column::of(batch.column(place)).map_err(unreadable);
        let subject = self.table.query.subject_at();
        let wanted = |(i, place): (usize, &usize)| {
            if subject == Some(i) {
                return Column::of_subjects(batch.column(*place)).map_err(unreadable);
            }
            column(*place)
        };
        let columns = layout.wanted.iter().enumerate().map(wanted).collect::<Result<Vec<_>, _>>()?;
        let rows = (0..batch.num_rows()).map(|row| (before + row as u64 + 1, ColumnsRow { columns: &columns, row }));
        match &layout.position {
            Position::Columns(x, y) => {
                let (x, y) = (column(*x)?, column(*y)?);
                for (line, row) in rows {
                    intake.record(line, x.coordinate(row.row), y.coordinate(row.row), &row)?;
                }
            }
            Position::Geometry(place) => {
                let array = batch.column(*place);
                let geometries = Geometries::of(array).map_err(unreadable)?.ok_or_else(|| {
                    Error::input(format!("{}, its geometry column", self.table.input.name))
                        .found(format!("values of type {}", array.data_type()))
                        .expected("WKB or points")
                        .advice("name columns with --lon and --lat")
                })?;
                let mut pieces = Vec::new();
                for (line, row) in rows {
                    geometries.pieces(row.row, &mut pieces);
                    take_pieces(&pieces, line, &row, intake)?;
                }
            }
            Position::NoPoints(place, kind) => {
                let array = batch.column(*place);
                for (line, row) in rows {
                    intake.tally.records += 1;
                    let absent = array.is_null(row.row);
                    intake.skip(line, if absent { Reason::NoPosition } else { Reason::NotAPoint(kind.clone()) })?;
                }
            }
        }
        Ok(())
    }
}

/// Every point of a row is an event with the other columns of the row.
fn take_pieces(pieces: &[Piece], line: u64, row: &ColumnsRow<'_>, intake: &mut Intake) -> Result<(), Error> {
    if pieces.is_empty() {
        return intake.record(line, None, None, row);
    }
    for piece in pieces {
        let reason = match piece {
            Piece::Point(x, y) => {
                intake.record(line, Some(*x), Some(*y), row)?;
                continue;
            }
            Piece::Other(kind) => Reason::NotAPoint((*kind).into()),
            Piece::Damaged => Reason::Malformed,
        };
        intake.tally.records += 1;
        intake.skip(line, reason)?;
    }
    Ok(())
}

/// Whether all values are numbers from `-limit` to `limit`.
fn all_within(values: &[f64], limit: f64) -> bool {
    // No early exit inside a chunk: that is what lets the compiler test several values at a time.
    values.iter().fold(true, |all, value| all & (value.abs() <= limit))
}

/// The values as a column of their own, without copying where nobody else holds them.
fn owned(values: Float64Array) -> Vec<f64> {
    values.into_parts().1.into()
}
