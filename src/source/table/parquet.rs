//! Parquet: columns of numbers are values, those of text are not. What columns are for is told from their types, and
//! only where it matters from their values.

use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchReader, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Float64Type};

use super::open::Opened;
use super::plan::{Column, Plan, Role, plan};
use super::records::Taker;
use super::{CELLS, Format, ReadMatrix, TableQuery, numbered};
use crate::error::Error;
use crate::matrix::{Attribute, Axis, Matrix};
use crate::source::Compression;

pub const FORMAT: Format = Format {
    name: "parquet",
    extensions: &["parquet", "pq"],
    about: "Parquet with columns of numbers, or with a record in each row",
    matrix,
    records: Some(records),
};

/// Rows that are decoded at once.
const BATCH: usize = 1 << 13;
/// Rows from which it is told whether a first column of numbers labels the rows.
const SAMPLE: usize = 1 << 12;

fn matrix(opened: &Opened, query: &TableQuery) -> Result<ReadMatrix, Error> {
    let reader = reader(opened, None)?;
    let schema = reader.schema();
    let kinds: Vec<Kind> = schema.fields().iter().map(|field| Kind::of(field)).collect();
    let (plan, order) =
        planned(opened, query, &schema.fields().iter().map(|f| f.name().clone()).collect::<Vec<_>>(), &kinds)?;
    let mut filled = Filled::default();
    for batch in reader {
        let batch = batch.map_err(|e| damaged(opened, &e))?;
        filled.add(&batch, &plan, &order, opened)?;
    }
    let names: Vec<&str> = order.iter().map(|i| schema.field(*i).name().as_str()).collect();
    Ok(ReadMatrix::new(filled.matrix(&names, &plan), plan.notes))
}

/// What the values of a column can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Word,
    /// Lists, structures, bytes.
    Other,
}

impl Kind {
    fn of(field: &Field) -> Kind {
        match field.data_type() {
            DataType::Dictionary(_, values) => Kind::of(&Field::new("", (**values).clone(), true)),
            DataType::Boolean => Kind::Number,
            kind if kind.is_numeric() => Kind::Number,
            kind if kind.is_string() || kind.is_temporal() => Kind::Word,
            _ => Kind::Other,
        }
    }
}

/// What the columns are for, and their order: that of the file, but first the one that pandas writes as its index, or
/// else the first of text.
fn planned(opened: &Opened, query: &TableQuery, names: &[String], kinds: &[Kind]) -> Result<(Plan, Vec<usize>), Error> {
    let of_pandas = names.iter().position(|name| name.starts_with("__index_level_"));
    let label = of_pandas.or_else(|| kinds.iter().position(|kind| *kind == Kind::Word));
    let mut order: Vec<usize> = label.into_iter().chain((0..names.len()).filter(|i| Some(*i) != label)).collect();
    order.retain(|i| kinds[*i] != Kind::Other);
    let mut columns: Vec<Column> = order.iter().map(|i| Column::of(&names[*i])).collect();
    for (column, i) in columns.iter_mut().zip(&order) {
        if kinds[*i] == Kind::Word { column.see("word", false, 0) } else { column.numbers = 1 }
    }
    if let Some(first) = order.first().filter(|i| kinds[**i] == Kind::Number) {
        columns[0].numbers = 0;
        look(opened, *first, &mut columns[0])?;
    }
    let plan = plan(&columns, query, &opened.name, &|row| format!("{}, row {}", opened.name, row + 1))?;
    Ok((plan, order))
}

/// Looks at the first numbers of a column.
fn look(opened: &Opened, column: usize, into: &mut Column) -> Result<(), Error> {
    let Some(batch) = reader(opened, Some(&[column]))?.next() else { return Ok(()) };
    let batch = batch.map_err(|e| damaged(opened, &e))?;
    let texts = texts(batch.column(0), opened)?;
    for (row, text) in texts.iter().take(SAMPLE).enumerate() {
        into.see(text.unwrap_or(""), false, row);
    }
    into.numbers = into.numbers.max(1);
    Ok(())
}

/// What a file holds.
#[derive(Default)]
struct Filled {
    values: Vec<f64>,
    words: Vec<Vec<String>>,
    rows: usize,
}

impl Filled {
    fn add(&mut self, batch: &RecordBatch, plan: &Plan, order: &[usize], opened: &Opened) -> Result<(), Error> {
        let is_word = |role: &Role| matches!(role, Role::Label | Role::Attribute);
        let width = plan.roles.iter().filter(|role| **role == Role::Value).count();
        self.words.resize(plan.roles.iter().filter(|role| is_word(role)).count(), Vec::new());
        self.rows += batch.num_rows();
        if self.rows.saturating_mul(width) > CELLS {
            return Err(opened.too_large(self.rows as u128, width as u128));
        }
        let start = self.values.len();
        self.values.resize(start + batch.num_rows() * width, f64::NAN);
        let (mut value, mut word) = (0, 0);
        for (role, column) in plan.roles.iter().zip(order) {
            let array = batch.column(*column);
            if *role == Role::Value {
                let cells = self.values[start..].iter_mut().skip(value).step_by(width);
                numbers(array, cells, opened)?;
                value += 1;
            } else if is_word(role) {
                let texts = texts(array, opened)?;
                self.words[word].extend(texts.iter().map(|text| text.unwrap_or("").to_owned()));
                word += 1;
            }
        }
        Ok(())
    }

    fn matrix(self, names: &[&str], plan: &Plan) -> Matrix {
        let mut rows = Axis::of(numbered(self.rows));
        let kept = (0..names.len()).filter(|i| matches!(plan.roles[*i], Role::Label | Role::Attribute));
        for (column, words) in kept.zip(self.words) {
            let name = names[column].to_owned();
            if plan.roles[column] == Role::Attribute {
                rows.attributes.push(Attribute { name, words });
                continue;
            }
            rows.labels = words;
            rows.title = if name.starts_with("__index_level_") { String::new() } else { name };
        }
        let columns = (0..names.len()).filter(|i| plan.roles[*i] == Role::Value).map(|i| names[i]);
        Matrix::new(rows, Axis::of(columns), self.values)
    }
}

/// The numbers of a column into cells that are NaN.
fn numbers<'c>(array: &ArrayRef, cells: impl Iterator<Item = &'c mut f64>, opened: &Opened) -> Result<(), Error> {
    let numbers = cast(array, &DataType::Float64).map_err(|e| damaged(opened, &e))?;
    let numbers = numbers.as_primitive::<Float64Type>();
    for (cell, number) in cells.zip(numbers.iter()) {
        *cell = number.unwrap_or(f64::NAN);
    }
    Ok(())
}

/// The values of a column as text.
fn texts(array: &ArrayRef, opened: &Opened) -> Result<StringArray, Error> {
    let texts = cast(array, &DataType::Utf8).map_err(|e| damaged(opened, &e))?;
    Ok(texts.as_string::<i32>().clone())
}

/// The rows of a file: all columns, or only some.
fn reader(opened: &Opened, columns: Option<&[usize]>) -> Result<ParquetRecordBatchReader, Error> {
    if opened.compression != Compression::None {
        return Err(opened
            .error()
            .found(format!("Parquet inside of {}", opened.compression.name()))
            .expected("Parquet as it is written")
            .advice("unpack it first: Parquet is read from its end"));
    }
    let builder = ParquetRecordBatchReaderBuilder::try_new(opened.file()?).map_err(|e| damaged(opened, &e))?;
    if let Some(outside) = out_of_file(&builder, opened.size) {
        return Err(damaged(opened, &outside));
    }
    let mask = columns.map_or_else(ProjectionMask::all, |columns| {
        ProjectionMask::roots(builder.parquet_schema(), columns.iter().copied())
    });
    builder.with_projection(mask).with_batch_size(BATCH).build().map_err(|e| damaged(opened, &e))
}

/// What is wrong with the place of a column, if one of them does not lie in the file.
fn out_of_file<T>(builder: &::parquet::arrow::arrow_reader::ArrowReaderBuilder<T>, size: u64) -> Option<String> {
    let groups = builder.metadata().row_groups().iter();
    let outside = groups.flat_map(::parquet::file::metadata::RowGroupMetaData::columns).find(|column| {
        let start = column.dictionary_page_offset().unwrap_or(column.data_page_offset());
        let end = start.checked_add(column.compressed_size());
        start < 0 || !end.is_some_and(|end| end >= start && end as u64 <= size)
    })?;
    Some(format!("column `{}` outside of the file", outside.column_path()))
}

fn damaged(opened: &Opened, found: &dyn std::fmt::Display) -> Error {
    opened
        .error()
        .found(found.to_string())
        .expected("a whole Parquet file")
        .advice("it may be cut short or damaged: fetch or write it again")
}

fn records(opened: &Opened, _: &TableQuery, taker: &mut Taker) -> Result<(), Error> {
    let all = reader(opened, None)?;
    let usable = |i: &usize| Kind::of(all.schema().field(*i)) != Kind::Other;
    let roots: Vec<usize> = (0..all.schema().fields().len()).filter(usable).collect();
    let names: Vec<String> = roots.iter().map(|i| all.schema().field(*i).name().clone()).collect();
    taker.begin(&names, false, opened)?;
    let wanted = taker.wanted();
    let mut columns: Vec<usize> = wanted.iter().map(|i| roots[*i]).collect();
    columns.sort_unstable();
    columns.dedup();
    let place = |column: usize| columns.binary_search(&roots[column]).unwrap_or(0);
    let mut row = 0;
    for batch in reader(opened, Some(&columns))? {
        let batch = batch.map_err(|e| damaged(opened, &e))?;
        let texts: Vec<StringArray> =
            batch.columns().iter().map(|array| texts(array, opened)).collect::<Result<_, _>>()?;
        for i in 0..batch.num_rows() {
            row += 1;
            let field = |column: usize| {
                let texts = &texts[place(column)];
                if texts.is_null(i) { "".into() } else { texts.value(i).into() }
            };
            taker.take(names.len(), &field, &|| row);
        }
    }
    Ok(())
}
