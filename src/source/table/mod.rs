//! Tables to a [`Matrix`]: the door in for classic heatmaps. A *wide* table is a matrix already, of which the labels
//! have to be told from the values ([`read_matrix`]). A *long* one has a record for each reading, and is handed on
//! record by record, for somebody else to arrange ([`read_records`]).

mod blocks;
mod csv;
mod fill;
mod gct;
mod header;
mod json;
mod key;
mod layout;
mod members;
mod npy;
mod number;
mod open;
mod parquet;
mod plan;
mod records;
mod word;

use std::path::Path;
use std::str::FromStr;

pub use key::{Key, PARTS, Part};
pub use records::{Ask, Records};

use crate::error::Error;
use crate::matrix::Matrix;
use open::Opened;
use records::Taker;

/// A format of tables.
#[derive(Debug)]
pub struct Format {
    /// What `--format` and the messages call it.
    pub name: &'static str,
    /// File name endings, lower case, without the dot; `.gz` and `.zst` are taken off before.
    pub extensions: &'static [&'static str],
    /// One line for the help and the documents.
    pub about: &'static str,
    matrix: fn(&Opened, &TableQuery) -> Result<ReadMatrix, Error>,
    /// None where the format has no records.
    records: Option<ReadRecords>,
}

/// Reads all records of a table.
type ReadRecords = fn(&Opened, &TableQuery, &mut Taker) -> Result<(), Error>;

/// Every format of tables, in the order in which they are listed.
pub static FORMATS: &[Format] = &[csv::FORMAT, csv::TSV, parquet::FORMAT, gct::FORMAT, npy::FORMAT, json::FORMAT];

/// How many cells a table may have.
const CELLS: usize = 1 << 28;

/// Where the labels of the rows are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Index {
    /// In the first column, where it looks like labels.
    #[default]
    Auto,
    /// Nowhere: rows are called 0, 1, 2 and so on.
    None,
    /// In the column of this name, or of this number, from 1.
    Column(String),
}

impl FromStr for Index {
    type Err = Error;

    /// `auto`, `none`, or a column.
    ///
    /// # Errors
    /// When it is empty.
    fn from_str(text: &str) -> Result<Index, Error> {
        match text.trim() {
            "" => Err(Error::caller("--index").found("nothing").expected("auto, none, or a column by name or number")),
            "auto" => Ok(Index::Auto),
            "none" => Ok(Index::None),
            column => Ok(Index::Column(column.to_owned())),
        }
    }
}

/// What the caller says of a table. What he does not say is found out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TableQuery {
    /// The format, one of [`FORMATS`]; by default that of the file name, else that of the first bytes.
    pub format: Option<String>,
    /// How many lines are header, in CSV and TSV.
    pub header: Option<usize>,
    /// Where the labels of the rows are, in CSV, TSV, Parquet and JSON objects.
    pub index: Index,
    /// Columns that are no values but tell something of each row, by name or number from 1.
    pub attributes: Vec<String>,
    /// Columns that are left out, by name or number from 1.
    pub ignore: Vec<String>,
    /// What stands between two fields, in CSV and TSV.
    pub delimiter: Option<u8>,
}

/// A matrix, and what whoever wanted it should know of how it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadMatrix {
    /// The values; cells without data are NaN.
    pub matrix: Matrix,
    /// What was decided and left out, each in a sentence without its full stop.
    pub notes: Vec<String>,
}

impl ReadMatrix {
    /// Notes how many cells have no data, and gives the matrix this name.
    fn new(matrix: Matrix, mut notes: Vec<String>) -> ReadMatrix {
        let missing = matrix.values().iter().filter(|value| value.is_nan()).count();
        match missing {
            0 => {}
            1 => notes.push("1 cell without data".to_owned()),
            n => notes.push(format!("{n} cells without data")),
        }
        ReadMatrix { matrix, notes }
    }
}

/// Reads a wide table. `-` is standard input.
///
/// ```
/// use torrid::source::table::{TableQuery, read_matrix};
/// let path = std::env::temp_dir().join("torrid-read-matrix.csv");
/// std::fs::write(&path, "Year,Jan,Feb\n1948,4.0,4.7\n1949,5.0,\n1950,7.6,7.9\n")?;
/// let read = read_matrix(&path, &TableQuery::default())?;
/// assert_eq!(read.matrix.rows.labels, ["1948", "1949", "1950"]);
/// assert_eq!(read.matrix.row(0), [4.0, 4.7]);
/// assert_eq!(read.notes[1], "1 cell without data");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When the file cannot be read, is damaged, holds no numbers or words among them, or has more than 2^28 cells; when
/// the query names a column or a format that is not there.
pub fn read_matrix(path: &Path, query: &TableQuery) -> Result<ReadMatrix, Error> {
    let opened = Opened::of(path, query)?;
    let read = (opened.format.matrix)(&opened, query)?;
    if read.matrix.values().is_empty() {
        return Err(opened.error().found("a table without values").expected("rows and columns of numbers"));
    }
    Ok(read)
}

/// Reads a long table: for each record the words that it has for rows and columns, and its value. `-` is standard
/// input.
///
/// ```
/// use torrid::source::table::{Ask, TableQuery, read_records};
/// let path = std::env::temp_dir().join("torrid-read-records.csv");
/// std::fs::write(&path, "time,town,pm10\n2005-01-01T23:30+01:00,Jena,16.7\n2005-01-02 04:00,Gera,\n")?;
/// let ask = Ask { rows: "hour(time)".parse()?, columns: "town".parse()?, value: Some("pm10".to_owned()) };
/// let mut seen = Vec::new();
/// let records = read_records(&path, &ask, &TableQuery::default(), &mut |row, column, value| {
///     seen.push((row.to_owned(), column.to_owned(), value));
/// })?;
/// assert_eq!(seen[0], ("23".to_owned(), "Jena".to_owned(), 16.7));
/// assert!(seen[1].2.is_nan(), "what has no value still has a row and a column");
/// assert_eq!((records.read, records.without_value), (2, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When the file cannot be read, or is damaged; when a column is not there, or a value that is asked for is a word.
pub fn read_records(
    path: &Path,
    ask: &Ask,
    query: &TableQuery,
    each: &mut dyn FnMut(&str, &str, f64),
) -> Result<Records, Error> {
    let opened = Opened::of(path, query)?;
    let Some(read) = opened.format.records else {
        return Err(opened
            .error()
            .found(format!("{}, which has no records", opened.format.name))
            .expected("a table with a record for each reading")
            .advice("leave out --rows, --cols and --value: the file is a matrix already"));
    };
    let mut taker = Taker::new(ask, each);
    read(&opened, query, &mut taker)?;
    taker.finish(&opened)
}

/// The labels of rows or columns that have none.
fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|i| i.to_string()).collect()
}
