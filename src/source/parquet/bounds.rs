//! The extent of a Parquet file by the statistics of its row groups, where those are exact and no row can
//! be left out of it: then nobody has to read the file to know its extent.

use ::parquet::file::metadata::ColumnChunkMetaData;
use ::parquet::file::statistics::Statistics;

use super::Table;
use super::layout::Position;
use crate::events::Space;

/// West, south, east and north of all positions.
pub(super) fn stated(table: &Table) -> Option<[f64; 4]> {
    let query = &table.query;
    let Position::Columns(..) = table.layout.position else {
        return None;
    };
    if !query.positions_only() || query.crs.is_some() || table.rows() == 0 {
        return None;
    }
    let [x, y] = &table.layout.columns.position[..] else {
        return None;
    };
    let (west, east) = range(table, x)?;
    let (south, north) = range(table, y)?;
    // Beyond, rows are skipped or moved by 360 degrees.
    let inside = west >= -180.0 && east <= 180.0 && south >= -90.0 && north <= 90.0;
    (inside || query.space != Space::Earth).then_some([west, south, east, north])
}

/// Least and greatest value of a column.
fn range(table: &Table, name: &str) -> Option<(f64, f64)> {
    let leaf = table.metadata.parquet_schema().columns().iter().position(|leaf| leaf.path().parts() == [name])?;
    let groups = table.metadata.metadata().row_groups().iter().filter(|group| group.num_rows() > 0);
    groups.map(|group| exact(group.column(leaf))).try_fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), range| {
        let (min, max) = range?;
        Some((low.min(min), high.max(max)))
    })
}

/// Least and greatest value of a column of one row group. A null or a NaN would leave its row out, and with
/// it the other coordinate, which the statistics know of; where NaN is not counted it is trusted not to be there.
fn exact(column: &ColumnChunkMetaData) -> Option<(f64, f64)> {
    let statistics = column.statistics()?;
    let nulls = statistics.null_count_opt() == Some(0);
    let numbers = statistics.nan_count_opt().is_none_or(|nans| nans == 0);
    if !(nulls && numbers && statistics.min_is_exact() && statistics.max_is_exact()) {
        return None;
    }
    let Statistics::Double(values) = statistics else {
        return None;
    };
    let (min, max) = (*values.min_opt()?, *values.max_opt()?);
    (min <= max && min.is_finite() && max.is_finite()).then_some((min, max))
}
