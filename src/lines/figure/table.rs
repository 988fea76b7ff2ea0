//! The matrix of a figure: read wide, or brought together from records; correlated or standardised where that is asked for.

use std::path::PathBuf;

use crate::arrange::{Aggregate, Along, Correlation, Pivot, Standard, correlate, standardise};
use crate::error::Error;
use crate::matrix::Matrix;
use crate::source::table::{Ask, ReadMatrix, TableQuery, read_matrix, read_records};

/// Where the numbers come from.
#[derive(Debug, Clone, Default)]
pub struct TableWish {
    /// The files; several only where they hold records.
    pub inputs: Vec<PathBuf>,
    /// What is said of them.
    pub query: TableQuery,
    /// How records become a matrix; none where the file is one.
    pub long: Option<Long>,
    /// Columns against columns instead of the values.
    pub correlation: Option<Correlation>,
    /// Rows or columns brought to one spread.
    pub standard: Option<(Along, Standard)>,
    /// Rows as columns.
    pub transposed: bool,
}

/// How records become a matrix.
#[derive(Debug, Clone)]
pub struct Long {
    /// What rows, columns and values are.
    pub ask: Ask,
    /// How the values of a cell become one.
    pub aggregate: Option<Aggregate>,
}

/// Reads the matrix that is wished for.
///
/// ```
/// use torrid::lines::figure::{TableWish, table};
/// let path = std::env::temp_dir().join("torrid-figure-table.csv");
/// std::fs::write(&path, "day,a,b\nMon,1,2\nTue,3,\n")?;
/// let read = table(&TableWish { inputs: vec![path], ..TableWish::default() })?;
/// assert_eq!(read.matrix.rows.labels, ["Mon", "Tue"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When a file cannot be read or is no such table, or there are several files that are not records.
pub fn table(wish: &TableWish) -> Result<ReadMatrix, Error> {
    let ReadMatrix { mut matrix, mut notes } = match &wish.long {
        Some(long) => from_records(wish, long)?,
        None => wide(wish)?,
    };
    if let Some(correlation) = wish.correlation {
        matrix = correlate(&matrix, correlation)?;
    }
    if wish.transposed {
        matrix = matrix.transposed();
    }
    if let Some((along, standard)) = wish.standard {
        let (standardised, constant) = standardise(matrix, along, standard);
        matrix = standardised;
        if constant > 0 {
            let what = if along == Along::Rows { "rows" } else { "columns" };
            notes.push(format!("{constant} {what} of equal values have no spread, and no data now"));
        }
    }
    Ok(ReadMatrix { matrix, notes })
}

fn wide(wish: &TableWish) -> Result<ReadMatrix, Error> {
    match &wish.inputs[..] {
        [one] => read_matrix(one, &wish.query),
        several if let Some(word) = several.iter().find(|path| is_word(path)) => {
            let word = word.display();
            Err(Error::caller("TABLE")
                .found(format!("`{word}`, which is no file"))
                .expected("a table")
                .advice(format!("write --corr={word} if that is meant")))
        }
        several => Err(Error::caller("TABLE")
            .found(format!("{} files", several.len()))
            .expected("one file, or records of several")
            .advice("give --rows, --cols and --value where they are long tables")),
    }
}

/// Whether it is the name of a correlation rather than a file.
fn is_word(path: &std::path::Path) -> bool {
    path.to_str().is_some_and(|word| word.parse::<Correlation>().is_ok()) && !path.exists()
}

fn from_records(wish: &TableWish, Long { ask, aggregate }: &Long) -> Result<ReadMatrix, Error> {
    let value = ask.value.clone().unwrap_or_else(|| "records".to_owned());
    // Without values there is nothing but records to tell of.
    let aggregate = aggregate.or(ask.value.is_none().then_some(Aggregate::Count));
    let mut pivot = Pivot::new(&ask.rows.to_string(), &ask.columns.to_string(), &value, aggregate);
    pivot.expect(ask.rows.all(), ask.columns.all());
    let mut notes = Vec::new();
    for input in &wish.inputs {
        let records = read_records(input, ask, &wish.query, &mut |row, column, value| pivot.add(row, column, value))?;
        let of = if wish.inputs.len() > 1 { format!(" of {}", input.display()) } else { String::new() };
        notes.extend(records.notes.into_iter().map(|note| note + &of));
    }
    Ok(ReadMatrix { matrix: pivot.finish()?, notes })
}

/// Which cells a file hides: those where it has anything but 0 (or no data).
///
/// # Errors
/// When it cannot be read, or has another size than the matrix.
pub fn hidden_by(path: &std::path::Path, matrix: &Matrix) -> Result<Vec<bool>, Error> {
    let mask = read_matrix(path, &TableQuery::default())?.matrix;
    if (mask.height(), mask.width()) != (matrix.height(), matrix.width()) {
        return Err(Error::input(path.display().to_string())
            .found(format!("{} rows and {} columns", mask.height(), mask.width()))
            .expected(format!("{} and {}, as the table has", matrix.height(), matrix.width())));
    }
    Ok(mask.values().iter().map(|value| !value.is_nan() && *value != 0.0).collect())
}
