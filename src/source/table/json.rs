//! JSON in the shapes in which programs write matrices and records:
//!
//! ```text
//! [[1, 2], [3, null]]                                          rows
//! {"width": 2, "height": 2, "values": [1, 2, 3, 4]}            one list, row by row
//! {"z": [[1, 2], [3, 4]], "x": ["a", "b"], "y": [10, 20]}      a heatmap of plotly, or a figure that has one
//! {"columns": ["a"], "index": [0], "data": [[1]]}              pandas, orient="split"
//! [{"a": 1, "b": 2}, {"a": 3, "b": 4}]                         records, also one by one on lines of their own
//! ```

use struson::reader::{JsonReader, ValueType};

use super::members::{Json, Records, opened_json, scalar, wrong};
use super::open::Opened;
use super::plan::{Column, Role, plan};
use super::records::Taker;
use super::word::{Cell, cell};
use super::{CELLS, Format, ReadMatrix, TableQuery, numbered};
use crate::error::Error;
use crate::matrix::{Attribute, Axis, Matrix};

pub const FORMAT: Format = Format {
    name: "json",
    extensions: &["json", "ndjson", "jsonl"],
    about: "rows of numbers, a heatmap of plotly, a frame of pandas (split), or records",
    matrix,
    records: Some(records),
};

fn matrix(opened: &Opened, query: &TableQuery) -> Result<ReadMatrix, Error> {
    let mut json = opened_json(opened)?;
    let mut found = Found::default();
    match json.peek().map_err(|e| wrong(opened, &e))? {
        ValueType::Array => {
            if !found.numbers(&mut json, opened)? {
                return of_records(opened, query);
            }
        }
        _ => found.members(&mut json, opened)?,
    }
    if found.values.is_empty() {
        return of_records(opened, query);
    }
    found.matrix(opened)
}

/// What was found of a matrix.
#[derive(Default)]
struct Found {
    values: Vec<f64>,
    /// How many numbers each row has, where they come in rows.
    row: Option<usize>,
    width: Option<usize>,
    height: Option<usize>,
    x: Option<Vec<String>>,
    y: Option<Vec<String>>,
}

impl Found {
    /// The members of an object that tell something.
    fn members(&mut self, json: &mut Json, opened: &Opened) -> Result<(), Error> {
        let failed = |e| wrong(opened, &e);
        json.begin_object().map_err(failed)?;
        while json.has_next().map_err(failed)? {
            let name = json.next_name_owned().map_err(failed)?;
            let kind = json.peek().map_err(failed)?;
            match (&*name, kind) {
                ("z" | "values" | "data", ValueType::Array) if self.values.is_empty() => {
                    self.numbers(json, opened)?;
                }
                ("width", ValueType::Number) => self.width = scalar(json, opened)?.parse().ok(),
                ("height", ValueType::Number) => self.height = scalar(json, opened)?.parse().ok(),
                ("x" | "columns", ValueType::Array) => self.x = Some(labels(json, opened)?),
                ("y" | "index", ValueType::Array) => self.y = Some(labels(json, opened)?),
                _ => json.skip_value().map_err(failed)?,
            }
        }
        json.end_object().map_err(failed)
    }

    /// The numbers of a list, or of a list of lists; false where it is a list of objects, unless one of them is a
    /// heatmap.
    fn numbers(&mut self, json: &mut Json, opened: &Opened) -> Result<bool, Error> {
        let failed = |e| wrong(opened, &e);
        json.begin_array().map_err(failed)?;
        while json.has_next().map_err(failed)? {
            match json.peek().map_err(failed)? {
                ValueType::Array => self.list(json, opened)?,
                ValueType::Object if self.values.is_empty() => {
                    self.members(json, opened)?;
                    if self.values.is_empty() {
                        return Ok(false);
                    }
                }
                ValueType::Object => json.skip_value().map_err(failed)?,
                _ => self.value(json, opened)?,
            }
        }
        json.end_array().map_err(failed)?;
        Ok(true)
    }

    /// A row of numbers, as long as all others.
    fn list(&mut self, json: &mut Json, opened: &Opened) -> Result<(), Error> {
        let failed = |e| wrong(opened, &e);
        let before = self.values.len();
        json.begin_array().map_err(failed)?;
        while json.has_next().map_err(failed)? {
            self.value(json, opened)?;
        }
        json.end_array().map_err(failed)?;
        let length = self.values.len() - before;
        let expected = *self.row.get_or_insert(length);
        if length == expected && length > 0 {
            return Ok(());
        }
        Err(opened
            .error()
            .found(format!("a row of {length} values"))
            .expected(format!("rows of {}", expected.max(1)))
            .advice("write null where there is no value"))
    }

    fn value(&mut self, json: &mut Json, opened: &Opened) -> Result<(), Error> {
        let text = scalar(json, opened)?;
        self.values.push(match cell(&text, false) {
            Cell::Number(number) => number,
            Cell::Nothing => f64::NAN,
            Cell::Word => return Err(opened.error().found(format!("`{text}`")).expected("a number, or null")),
        });
        let count = self.values.len();
        if count > CELLS { Err(opened.too_large(count as u128, 1)) } else { Ok(()) }
    }

    fn matrix(self, opened: &Opened) -> Result<ReadMatrix, Error> {
        let count = self.values.len();
        let by_height = || self.height.and_then(|height| count.checked_div(height));
        let width = self.row.or(self.width).or_else(by_height).unwrap_or(count);
        let height = count.checked_div(width).unwrap_or(0);
        let told = self.height.filter(|_| self.row.is_none()).unwrap_or(height);
        if width.checked_mul(told) != Some(count) {
            return Err(opened
                .error()
                .found(format!("{count} values"))
                .expected(format!("{width} x {told}, as width and height tell")));
        }
        let axis = |labels: Option<Vec<String>>, length: usize| match labels {
            Some(labels) if labels.len() == length => Ok(Axis::of(labels)),
            // One more than there are cells are their edges.
            Some(labels) if labels.len() == length + 1 => {
                Ok(Axis { edges: ascending(&labels), ..Axis::of(numbered(length)) })
            }
            Some(labels) => Err(opened
                .error()
                .found(format!("{} labels", labels.len()))
                .expected(format!("one for each of {length}"))),
            None => Ok(Axis::of(numbered(length))),
        };
        let matrix = Matrix::new(axis(self.y, height)?, axis(self.x, width)?, self.values);
        Ok(ReadMatrix::new(matrix, Vec::new()))
    }
}

/// Numbers that ascend; none where they are words, or do not.
fn ascending(words: &[String]) -> Option<Vec<f64>> {
    let numbers: Option<Vec<f64>> = words.iter().map(|word| word.parse().ok()).collect();
    numbers.filter(|numbers| numbers.windows(2).all(|pair| pair[0] < pair[1]))
}

/// A list of words and numbers. What has parts is called by the texts of them, as columns of several levels are.
fn labels(json: &mut Json, opened: &Opened) -> Result<Vec<String>, Error> {
    let failed = |e| wrong(opened, &e);
    let mut labels = Vec::new();
    json.begin_array().map_err(failed)?;
    while json.has_next().map_err(failed)? {
        labels.push(match json.peek().map_err(failed)? {
            ValueType::Array => self::labels(json, opened)?.join("-"),
            _ => scalar(json, opened)?,
        });
    }
    json.end_array().map_err(failed)?;
    Ok(labels)
}

/// Records as a wide table.
fn of_records(opened: &Opened, query: &TableQuery) -> Result<ReadMatrix, Error> {
    let mut records = Records::open(opened)?;
    let names = records.names.clone();
    let mut columns: Vec<Column> = names.iter().map(|name| Column::of(name)).collect();
    let mut texts = Vec::new();
    while let Some(record) = records.next()? {
        for (column, text) in columns.iter_mut().zip(&record) {
            column.see(text, false, texts.len() / names.len());
        }
        texts.extend(record);
        if texts.len() > CELLS {
            return Err(opened.too_large((texts.len() / names.len()) as u128, names.len() as u128));
        }
    }
    let plan = plan(&columns, query, &opened.name, &|record| format!("{}, record {}", opened.name, record + 1))?;
    let is = |role: Role| (0..names.len()).filter(|i| plan.roles[*i] == role).collect::<Vec<_>>();
    let words = |column: usize| texts.iter().skip(column).step_by(names.len()).cloned().collect::<Vec<_>>();
    let values = is(Role::Value);
    let height = texts.len() / names.len();
    let mut rows = Axis::of(numbered(height));
    if let [label] = is(Role::Label)[..] {
        rows = Axis { title: names[label].clone(), ..Axis::of(words(label)) };
    }
    let attribute = |i: usize| Attribute { name: names[i].clone(), words: words(i) };
    rows.attributes = is(Role::Attribute).into_iter().map(attribute).collect();
    let number = |text: &String| if let Cell::Number(number) = cell(text, false) { number } else { f64::NAN };
    let numbers = texts.chunks(names.len()).flat_map(|row| values.iter().map(|i| number(&row[*i]))).collect();
    let columns = Axis::of(values.iter().map(|i| names[*i].clone()));
    Ok(ReadMatrix::new(Matrix::new(rows, columns, numbers), plan.notes.clone()))
}

fn records(opened: &Opened, _: &TableQuery, taker: &mut Taker) -> Result<(), Error> {
    let mut records = Records::open(opened)?;
    taker.begin(&records.names, false, opened)?;
    while let Some(record) = records.next()? {
        let line = records.line();
        taker.take(record.len(), &|column| record[column].as_str().into(), &|| line);
    }
    Ok(())
}
