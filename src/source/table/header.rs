//! The header of a table of text: how many lines it has, and what it calls the columns.

use super::blocks::{Blocks, Peeked};
use super::word::{Cell, cell};
use super::{TableQuery, numbered};
use crate::error::Error;
use crate::matrix::Attribute;

/// What the columns of a table are called.
pub(super) struct Header {
    pub names: Vec<String>,
    /// What each line says of the columns, where there are several.
    pub attributes: Vec<Attribute>,
    /// How many lines it has.
    pub lines: usize,
}

impl Header {
    /// Reads the header, and leaves the first record to be read.
    pub fn read(blocks: &mut Blocks, query: &TableQuery) -> Result<Header, Error> {
        let Some(first) = blocks.peek()? else {
            return Err(blocks.opened.error().found("an empty file").expected("a table with rows and columns"));
        };
        let lines = query.header.unwrap_or_else(|| usize::from(is_header(&first.fields, blocks.comma())));
        let rows = lines_of(blocks, lines)?;
        if lines > 1 {
            pass_empty(blocks)?;
        }
        let Some(record) = blocks.peek()? else {
            return Err(blocks
                .opened
                .error_at(first.line)
                .found("a header and nothing below it")
                .expected("rows of numbers")
                .advice("if this is a row, say so with --header 0"));
        };
        Header::of(&rows, &record).ok_or_else(|| {
            let expected = rows.first().map_or(0, Vec::len);
            ragged(blocks, &record, expected)
        })
    }

    /// The header of these lines over a first record; none if it has another number of fields.
    fn of(rows: &[Vec<String>], record: &Peeked) -> Option<Header> {
        let fields = record.fields.len();
        let Some(width) = rows.iter().map(Vec::len).max() else {
            return Some(Header { names: numbered(fields), attributes: Vec::new(), lines: 0 });
        };
        let is_short = width + 1 == fields;
        if !is_short && width != fields {
            return None;
        }
        let word = |row: &[String], column: usize| {
            column.checked_sub(usize::from(is_short)).and_then(|i| row.get(i)).cloned().unwrap_or_default()
        };
        let name = |column| {
            let words = rows.iter().map(|row| word(row, column)).filter(|word| !word.is_empty());
            words.collect::<Vec<_>>().join("-")
        };
        let attribute = |row: &Vec<String>| Attribute {
            name: row.first().cloned().unwrap_or_default(),
            words: (0..fields).map(|column| word(row, column)).collect(),
        };
        let several = if rows.len() > 1 { rows } else { &[] };
        Some(Header {
            names: (0..fields).map(name).collect(),
            attributes: several.iter().map(attribute).collect(),
            lines: rows.len(),
        })
    }
}

/// The error of a record that has another number of fields than it should.
fn ragged(blocks: &Blocks, record: &Peeked, expected: usize) -> Error {
    blocks
        .opened
        .error_at(record.line)
        .found(format!("{} fields", record.fields.len()))
        .expected(format!("{expected}, as in the header"))
        .advice("check the delimiter of the file, and how many lines its header has (--header)")
}

/// Whether a first line is a header: it holds a word, or leaves only its first field empty.
fn is_header(fields: &[String], comma: bool) -> bool {
    let corner = fields.len() > 1 && fields[0].is_empty() && fields[1..].iter().any(|field| !field.is_empty());
    corner || fields.iter().any(|field| cell(field, comma) == Cell::Word)
}

/// The next lines.
fn lines_of(blocks: &mut Blocks, lines: usize) -> Result<Vec<Vec<String>>, Error> {
    let mut rows = Vec::new();
    while rows.len() < lines {
        let Some(peeked) = blocks.peek()? else { break };
        blocks.pass(&peeked);
        rows.push(peeked.fields);
    }
    Ok(rows)
}

/// Passes over a line of delimiters alone, which some programs write below several lines of header.
fn pass_empty(blocks: &mut Blocks) -> Result<(), Error> {
    let Some(peeked) = blocks.peek()? else { return Ok(()) };
    if peeked.fields.len() > 1 && peeked.fields.iter().all(String::is_empty) {
        blocks.pass(&peeked);
    }
    Ok(())
}
