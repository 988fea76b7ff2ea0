//! Which columns of a wide table are values, which one labels the rows, and which tell something else of each row. It
//! is decided here for every format that has named columns.

use super::word::{Cell, cell, shown};
use super::{Index, TableQuery};
use crate::error::Error;

/// What is known of a column before it is read.
#[derive(Debug, Clone, Default)]
pub(super) struct Column {
    pub name: String,
    /// How many of the cells that were looked at are numbers, and how many are words.
    pub numbers: usize,
    pub words: usize,
    /// The first word among them, and how many records are before it.
    pub word: Option<(String, usize)>,
    /// The numbers among them, as far as it matters whether they are steps.
    steps: Vec<f64>,
}

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Value,
    Label,
    Attribute,
    Ignored,
}

/// What all columns are for, and what the caller should know of it.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub roles: Vec<Role>,
    pub notes: Vec<String>,
}

impl Column {
    pub fn of(name: &str) -> Column {
        Column { name: name.to_owned(), ..Column::default() }
    }

    /// Looks at a cell of record number `record`.
    pub fn see(&mut self, text: &str, comma: bool, record: usize) {
        match cell(text, comma) {
            Cell::Number(number) => {
                self.numbers += 1;
                self.steps.push(number);
            }
            Cell::Nothing => self.steps.push(f64::NAN),
            Cell::Word => {
                self.words += 1;
                self.word.get_or_insert_with(|| (text.trim().to_owned(), record));
            }
        }
    }

    fn is_words(&self) -> bool {
        self.words > self.numbers
    }

    /// Whether the cells go up in whole numbers, and either in even steps or as years: as labels do, and values hardly
    /// ever.
    fn is_steps(&self) -> bool {
        let whole = self.words == 0 && self.steps.iter().all(|number| number.fract() == 0.0);
        let ascends = self.steps.is_sorted_by(|a, b| a < b);
        let even = self.steps.windows(3).all(|s| s[1] - s[0] == s[2] - s[1]);
        let years = self.steps.iter().all(|number| (1000.0..3000.0).contains(number));
        whole && ascends && (even && self.steps.len() > 2 || years && self.steps.len() > 1)
    }

    /// Whether the first column, being this one, labels the rows; if so, whether that goes without saying.
    fn labels(&self) -> Option<bool> {
        let known = ["", "unnamed: 0", "index", "id", "name", "label", "rownames", "__index_level_0__"];
        if known.iter().any(|known| known.eq_ignore_ascii_case(self.name.trim())) {
            return Some(true);
        }
        (self.is_words() || self.is_steps()).then_some(false)
    }
}

/// What the columns are for. `line` gives the line of a record, and `place` is what messages call the table.
pub(super) fn plan(
    columns: &[Column],
    query: &TableQuery,
    place: &str,
    line: &dyn Fn(usize) -> String,
) -> Result<Plan, Error> {
    let mut roles = vec![Role::Value; columns.len()];
    let mut notes = Vec::new();
    for (option, names, role) in
        [("--ignore", &query.ignore, Role::Ignored), ("--attributes", &query.attributes, Role::Attribute)]
    {
        for name in names {
            roles[find(columns, name, option, place)?] = role;
        }
    }
    match &query.index {
        Index::None => {}
        Index::Column(name) => roles[find(columns, name, "--index", place)?] = Role::Label,
        Index::Auto => {
            let label = columns.first().filter(|_| roles[0] == Role::Value).and_then(Column::labels);
            if let Some(silent) = label {
                roles[0] = Role::Label;
                notes.extend((!silent).then(|| said_of_index(&columns[0])));
            }
        }
    }
    for (column, role) in columns.iter().zip(&mut roles).filter(|(_, role)| **role == Role::Value) {
        if column.is_words() {
            *role = Role::Attribute;
            notes.push(format!(
                "column `{0}` is not numbers: left out of the picture, usable as --row-colors {0}",
                column.name
            ));
        } else if let Some((word, record)) = &column.word {
            return Err(word_among_numbers(&column.name, word, &line(*record)));
        }
    }
    if !roles.contains(&Role::Value) {
        return Err(Error::input(place)
            .found(format!("no column of numbers among {}", listed(columns)))
            .expected("a table whose cells are numbers")
            .advice("if each record is one reading, say which columns matter with --rows, --cols and --value"));
    }
    Ok(Plan { roles, notes })
}

fn said_of_index(column: &Column) -> String {
    let values = if column.is_words() { "" } else { "; --index none takes it for values" };
    format!("row labels from column `{}`{values}", column.name)
}

/// The error of a word in a column of numbers.
pub(super) fn word_among_numbers(column: &str, word: &str, place: &str) -> Error {
    Error::input(place)
        .found(format!("{} in column `{column}`", shown(word)))
        .expected("a number, or nothing")
        .advice(format!(
            "correct the cell, leave the column out with --ignore {column}, or say with --header how many lines come first"
        ))
}

/// The column of this name, or of this number from 1.
pub(super) fn find(columns: &[Column], name: &str, option: &str, place: &str) -> Result<usize, Error> {
    let exact = columns.iter().position(|column| column.name == name);
    let folded = || columns.iter().position(|column| column.name.trim().eq_ignore_ascii_case(name.trim()));
    let numbered = || name.trim().parse::<usize>().ok()?.checked_sub(1).filter(|i| *i < columns.len());
    exact.or_else(folded).or_else(numbered).ok_or_else(|| {
        let likeness = |column: &&Column| strsim::jaro_winkler(&column.name.to_lowercase(), &name.to_lowercase());
        let likely = columns.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
        let error = Error::caller(option)
            .found(format!("no column `{name}` in {place}"))
            .expected(format!("one of its columns: {}", listed(columns)));
        match likely.filter(|column| likeness(column) > 0.7) {
            Some(column) => error.advice(format!("did you mean `{}`?", column.name)),
            None => error,
        }
    })
}

/// The names of the columns, as far as messages can show them.
fn listed(columns: &[Column]) -> String {
    const SHOWN: usize = 20;
    let names: Vec<&str> = columns.iter().take(SHOWN).map(|column| &*column.name).collect();
    let more = columns.len().saturating_sub(SHOWN);
    if more == 0 { names.join(", ") } else { format!("{} and {more} more", names.join(", ")) }
}
