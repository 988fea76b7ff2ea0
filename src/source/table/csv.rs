//! Wide and long tables of text: CSV, and its kin with tabs, semicolons or bars between the fields.

use super::blocks::{Block, Blocks, fields};
use super::fill::{Filled, fill};
use super::header::Header;
use super::layout::Layout;
use super::open::Opened;
use super::plan::{Column, Plan, Role, plan};
use super::records::Taker;
use super::{Format, ReadMatrix, TableQuery, numbered};
use crate::error::Error;
use crate::matrix::{Attribute, Axis, Matrix};
use crate::source::csv::dialect::Splitter;

/// Tables with any of the usual delimiters.
pub const FORMAT: Format = Format {
    name: "csv",
    extensions: &["csv", "psv", "txt", "dat"],
    about: "a table of text; comma, tab, semicolon or bar between the fields",
    matrix,
    records: Some(records),
};

/// Tables with tabs between the fields.
pub const TSV: Format = Format {
    name: "tsv",
    extensions: &["tsv", "tab"],
    about: "a table of text with tabs between the fields",
    matrix,
    records: Some(records),
};

fn matrix(opened: &Opened, query: &TableQuery) -> Result<ReadMatrix, Error> {
    let mut blocks = Blocks::of(opened, query)?;
    let header = Header::read(&mut blocks, query)?;
    let sample = blocks.sample()?;
    let columns = columns(&header, &sample, &blocks);
    let line = |record: usize| format!("{}, line {}", opened.name, sample.line(record, blocks.dialect));
    let mut plan = plan(&columns, query, &opened.name, &line)?;
    if header.lines == 0 {
        plan.notes.insert(
            0,
            "no header: columns are called 0, 1, 2 and so on; --header 1 takes the first line for it".into(),
        );
    }
    let length = sample.bytes().len() / sample.records.len().max(1);
    let layout = Layout::of(&plan.roles, blocks.dialect, blocks.comma());
    let filled = fill(blocks, &layout, &header.names, length)?;
    Ok(ReadMatrix::new(named(filled, &header, &plan), plan.notes))
}

/// What the sample tells of the columns.
fn columns(header: &Header, sample: &Block, blocks: &Blocks) -> Vec<Column> {
    let mut columns: Vec<Column> = header.names.iter().map(|name| Column::of(name)).collect();
    if header.lines > 1 {
        // What this is called are the names of the lines, not of the column.
        columns.iter_mut().take(1).for_each(|column| column.name.clear());
    }
    let mut splitter = Splitter::new(blocks.dialect);
    for (number, (from, to)) in sample.records.iter().enumerate() {
        let fields = fields(&sample.bytes()[*from..*to], &mut splitter);
        columns.iter_mut().zip(&fields).for_each(|(column, text)| column.see(text, blocks.comma(), number));
    }
    columns
}

/// The matrix with what its rows and columns are called.
fn named(filled: Filled, header: &Header, plan: &Plan) -> Matrix {
    let is = |role: Role| (0..plan.roles.len()).filter(move |i| plan.roles[*i] == role);
    let values: Vec<usize> = is(Role::Value).collect();
    let of_values = |words: &[String]| values.iter().map(|i| words[*i].clone()).collect::<Vec<_>>();
    let mut rows = Axis::of(numbered(filled.rows));
    let kept = (0..plan.roles.len()).filter(|i| matches!(plan.roles[*i], Role::Label | Role::Attribute));
    for (column, words) in kept.zip(filled.words) {
        let name = header.names[column].clone();
        if plan.roles[column] == Role::Attribute {
            rows.attributes.push(Attribute { name, words });
            continue;
        }
        rows.labels = words;
        rows.title = if header.lines > 1 || name.starts_with("Unnamed:") { String::new() } else { name };
    }
    let mut columns = Axis::of(of_values(&header.names));
    let attribute = |of: &Attribute| Attribute { name: of.name.clone(), words: of_values(&of.words) };
    columns.attributes = header.attributes.iter().map(attribute).collect();
    columns.title = header.attributes.iter().map(|of| &*of.name).collect::<Vec<_>>().join("-");
    Matrix::new(rows, columns, filled.values)
}

fn records(opened: &Opened, query: &TableQuery, taker: &mut Taker) -> Result<(), Error> {
    let mut blocks = Blocks::of(opened, query)?;
    let header = Header::read(&mut blocks, query)?;
    taker.begin(&header.names, blocks.comma(), opened)?;
    let mut splitter = Splitter::new(blocks.dialect);
    let mut spare = Block::default();
    while let Some(block) = blocks.next(spare)? {
        for (number, (from, to)) in block.records.iter().enumerate() {
            let fields = splitter.split(&block.bytes()[*from..*to]);
            let field = |column| super::word::text(fields.get(column));
            let line = || block.line(number, blocks.dialect);
            taker.take(fields.len(), &field, &line);
        }
        spare = block;
    }
    Ok(())
}
