//! Values of a Parquet column, whatever type they are stored as, brought to the few a record knows.

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type, TimeUnit};
use arrow::error::ArrowError;

use crate::source::{Field, Row};

/// A column of one batch.
pub(super) enum Column {
    Number(Float64Array),
    Text(StringArray),
    Flag(BooleanArray),
    Instant(Int64Array),
    /// A type no record can use: lists, structures, bytes.
    Unusable,
}

impl Column {
    pub(super) fn of(array: &ArrayRef) -> Result<Column, ArrowError> {
        let micros = DataType::Timestamp(TimeUnit::Microsecond, None);
        Ok(match array.data_type() {
            DataType::Dictionary(_, values) => return Column::of(&cast(array, values)?),
            DataType::Boolean => Column::Flag(array.as_boolean().clone()),
            // A time without a zone is UTC, as everywhere.
            DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => {
                let instants = cast(&cast(array, &micros)?, &DataType::Int64)?;
                Column::Instant(instants.as_primitive::<Int64Type>().clone())
            }
            kind if kind.is_numeric() => {
                Column::Number(cast(array, &DataType::Float64)?.as_primitive::<Float64Type>().clone())
            }
            kind if kind.is_string() => Column::Text(cast(array, &DataType::Utf8)?.as_string::<i32>().clone()),
            _ => Column::Unusable,
        })
    }

    /// The same for values that tell subjects: whole numbers are text, because 64 bits of floating point would make long
    /// identifiers one, and so are the 16 bytes of a UUID.
    pub(super) fn of_subjects(array: &ArrayRef) -> Result<Column, ArrowError> {
        let whole = |kind: &DataType| match kind {
            DataType::Decimal128(_, scale) | DataType::Decimal256(_, scale) => *scale == 0,
            kind => kind.is_integer(),
        };
        match array.data_type() {
            DataType::Dictionary(_, values) => Column::of_subjects(&cast(array, values)?),
            kind if whole(kind) => Column::of(&cast(array, &DataType::Utf8)?),
            DataType::FixedSizeBinary(16) => {
                let texts = array.as_fixed_size_binary().iter().map(|bytes| bytes.map(uuid));
                Ok(Column::Text(texts.collect()))
            }
            _ => Column::of(array),
        }
    }

    /// The value as a coordinate: none where it is blank, NaN where it is no number.
    pub(super) fn coordinate(&self, row: usize) -> Option<f64> {
        match self.field(row) {
            Field::Missing => None,
            Field::Number(n) => Some(n),
            Field::Text(text) if text.trim().is_empty() => None,
            Field::Text(text) => Some(fast_float2::parse(text.trim()).unwrap_or(f64::NAN)),
            Field::Flag(_) | Field::Instant(_) => Some(f64::NAN),
        }
    }

    fn field(&self, row: usize) -> Field<'_> {
        match self {
            Column::Number(values) if values.is_valid(row) => Field::Number(values.value(row)),
            Column::Text(values) if values.is_valid(row) => Field::Text(values.value(row)),
            Column::Flag(values) if values.is_valid(row) => Field::Flag(values.value(row)),
            Column::Instant(values) if values.is_valid(row) => Field::Instant(values.value(row)),
            _ => Field::Missing,
        }
    }
}

/// The text of a UUID, RFC 9562: `f81d4fae-7dec-11d0-a765-00a0c91e6bf6`.
fn uuid(bytes: &[u8]) -> String {
    let digits = format!("{:032x}", u128::from_be_bytes(bytes.try_into().expect("16 bytes")));
    [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| &digits[part]).join("-")
}

/// One row of the wanted columns.
pub(super) struct ColumnsRow<'a> {
    pub(super) columns: &'a [Column],
    pub(super) row: usize,
}

impl Row for ColumnsRow<'_> {
    fn field(&self, column: usize) -> Field<'_> {
        self.columns.get(column).map_or(Field::Missing, |values| values.field(self.row))
    }
}
