//! GCT, the table of gene expressions of the Broad Institute, versions 1.2 and 1.3. Format:
//! <https://software.broadinstitute.org/software/igv/GCT> and
//! <https://clue.io/connectopedia/gct_format>.
//!
//! ```text
//! #1.3                                     #1.2
//! rows  columns  row facts  column facts   rows  columns
//! id    row facts...  columns...           Name  Description  columns...
//! fact  ...           facts of columns     id    description  values...
//! id    facts...      values...
//! ```

use std::io::{BufRead, BufReader, Read};

use super::open::Opened;
use super::plan::word_among_numbers;
use super::word::{Cell, cell, text};
use super::{CELLS, Format, ReadMatrix, TableQuery};
use crate::error::Error;
use crate::matrix::{Attribute, Axis, Matrix};
use crate::source::unpack::utf8;

pub const FORMAT: Format = Format {
    name: "gct",
    extensions: &["gct"],
    about: "gene expressions as GCT 1.2 or 1.3, with facts about rows and columns",
    matrix,
    records: None,
};

/// The longest line that is read, in bytes.
const LONGEST: u64 = 256 << 20;

/// How many there are of everything.
struct Sizes {
    rows: usize,
    columns: usize,
    row_facts: usize,
    column_facts: usize,
}

fn matrix(opened: &Opened, _: &TableQuery) -> Result<ReadMatrix, Error> {
    let reader = utf8(opened.reader()?).map_err(|e| opened.unread(&e))?;
    let mut lines = Lines { opened, reader: BufReader::with_capacity(1 << 18, reader), line: 0 };
    let sizes = sizes(&mut lines)?;
    let before = 1 + sizes.row_facts;
    let names = lines.fields(before + sizes.columns)?;
    let mut columns = Axis::of(names[before..].iter().cloned());
    for _ in 0..sizes.column_facts {
        let fields = lines.fields(names.len())?;
        let words = fields[before..].iter().map(|word| fact(word)).collect();
        columns.attributes.push(Attribute { name: fields[0].clone(), words });
    }
    let mut rows = Axis::default();
    let fact_names = names[1..before].iter().cloned();
    rows.attributes = fact_names.map(|name| Attribute { name, words: Vec::new() }).collect();
    let mut values = Vec::new();
    for _ in 0..sizes.rows {
        let fields = lines.fields(names.len())?;
        rows.labels.push(fields[0].clone());
        rows.attributes.iter_mut().zip(&fields[1..]).for_each(|(of, word)| of.words.push(fact(word)));
        for (word, column) in fields[before..].iter().zip(&columns.labels) {
            values.push(match cell(word, false) {
                Cell::Number(number) => number,
                Cell::Nothing => f64::NAN,
                Cell::Word => return Err(word_among_numbers(column, word, &lines.place())),
            });
        }
    }
    lines.ended(sizes.rows)?;
    Ok(ReadMatrix::new(Matrix::new(rows, columns, values), Vec::new()))
}

/// A fact, which is empty where it is not known.
fn fact(word: &str) -> String {
    if word == "-666" || cell(word, false) == Cell::Nothing { String::new() } else { word.to_owned() }
}

/// The version and the sizes that the first two lines tell.
fn sizes(lines: &mut Lines) -> Result<Sizes, Error> {
    let version = lines.next()?.unwrap_or_default();
    let counts = match version.first().map(String::as_str) {
        Some("#1.2") => 2,
        Some("#1.3") => 4,
        _ => return Err(lines.wrong(&version.join(" "), "#1.2 or #1.3")),
    };
    let line = lines.next()?.unwrap_or_default();
    let sizes: Vec<usize> = line.iter().map_while(|word| word.parse().ok()).collect();
    let [rows, columns, ref facts @ ..] = sizes[..] else {
        return Err(lines.wrong(&line.join(" "), "the numbers of rows and columns"));
    };
    if sizes.len() < counts {
        return Err(lines.wrong(&line.join(" "), "numbers of rows, columns, row facts and column facts"));
    }
    if rows.saturating_mul(columns) > CELLS || sizes.iter().any(|size| *size > CELLS) {
        return Err(lines.opened.too_large(rows as u128, columns as u128));
    }
    let (row_facts, column_facts) = if counts == 2 { (1, 0) } else { (facts[0], facts[1]) };
    Ok(Sizes { rows, columns, row_facts, column_facts })
}

/// The lines of the file, cut at tabs.
struct Lines<'a> {
    opened: &'a Opened,
    reader: BufReader<Box<dyn Read + Send>>,
    /// How many were read.
    line: u64,
}

impl Lines<'_> {
    /// The fields of the next line that is not blank, none at the end. Tabs behind the last field do not count.
    fn next(&mut self) -> Result<Option<Vec<String>>, Error> {
        loop {
            let mut bytes = Vec::new();
            let read = self.reader.by_ref().take(LONGEST).read_until(b'\n', &mut bytes);
            if read.map_err(|e| self.opened.unread(&e))? == 0 {
                return Ok(None);
            }
            self.line += 1;
            let line = text(&bytes);
            let line = line.trim_end_matches(['\n', '\r']);
            if !line.trim().is_empty() {
                return Ok(Some(line.split('\t').map(|field| field.trim().to_owned()).collect()));
            }
        }
    }

    /// The fields of the next line, which has to have so many.
    fn fields(&mut self, count: usize) -> Result<Vec<String>, Error> {
        let Some(mut fields) = self.next()? else {
            return Err(self.wrong("the end of the file", "as many lines as the second one tells"));
        };
        while fields.len() > count && fields.last().is_some_and(String::is_empty) {
            fields.pop();
        }
        if fields.len() != count {
            return Err(self.wrong(&format!("{} fields", fields.len()), &format!("{count}, by the sizes in line 2")));
        }
        Ok(fields)
    }

    /// Sees to it that nothing comes after the rows.
    fn ended(&mut self, rows: usize) -> Result<(), Error> {
        match self.next()? {
            None => Ok(()),
            Some(_) => Err(self.wrong("another row", &format!("{rows} of them, as line 2 tells"))),
        }
    }

    fn place(&self) -> String {
        format!("{}, line {}", self.opened.name, self.line)
    }

    fn wrong(&self, found: &str, expected: &str) -> Error {
        let found: String = found.chars().take(60).collect();
        Error::input(self.place()).found(found).expected(expected).advice("correct the file, or write it anew")
    }
}
