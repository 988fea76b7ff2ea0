//! Records to a [`Matrix`]: the values of each row and column are brought together in one cell, and rows and columns
//! put in the order in which people count them.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use crate::error::Error;
use crate::matrix::{Axis, Matrix};

/// How the values of a cell become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    /// How many there are.
    Count,
    /// Their sum.
    Sum,
    /// Their mean.
    Mean,
    /// The one in the middle; of an even number, the mean of both.
    Median,
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// Their standard deviation as a sample of more (one less in the divisor); none of fewer than two.
    Std,
    /// The first.
    First,
}

/// Every aggregate: its name, and one line for the help and the documents.
pub static AGGREGATES: &[(&str, Aggregate, &str)] = &[
    ("count", Aggregate::Count, "how many values there are"),
    ("sum", Aggregate::Sum, "their sum"),
    ("mean", Aggregate::Mean, "their mean"),
    ("median", Aggregate::Median, "the one in the middle"),
    ("min", Aggregate::Min, "the least"),
    ("max", Aggregate::Max, "the greatest"),
    ("std", Aggregate::Std, "their standard deviation as a sample"),
    ("first", Aggregate::First, "the first"),
];

impl FromStr for Aggregate {
    type Err = Error;

    fn from_str(text: &str) -> Result<Aggregate, Error> {
        let known = AGGREGATES.iter().find(|(name, ..)| name.eq_ignore_ascii_case(text.trim()));
        known.map(|(_, aggregate, _)| *aggregate).ok_or_else(|| {
            let names = AGGREGATES.iter().map(|(name, ..)| *name).collect::<Vec<_>>().join(", ");
            Error::caller("--agg").found(format!("`{text}`")).expected(format!("one of {names}"))
        })
    }
}

impl fmt::Display for Aggregate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed = AGGREGATES.iter().find(|(_, aggregate, _)| aggregate == self);
        f.write_str(listed.map_or("", |(name, ..)| name))
    }
}

/// A matrix that is being made of records.
///
/// ```
/// use torrid::arrange::Pivot;
/// let mut pivot = Pivot::new("month", "year", "passengers", None);
/// pivot.add("February", "1949", 118.0);
/// pivot.add("January", "1949", 112.0);
/// pivot.add("January", "1950", 115.0);
/// let matrix = pivot.finish()?;
/// assert_eq!(matrix.rows.labels, ["January", "February"]);
/// assert_eq!(matrix.row(0), [112.0, 115.0]);
/// assert!(matrix.get(1, 1).is_nan(), "nothing is known of February 1950");
/// assert_eq!(matrix.name, "passengers");
/// # Ok::<(), torrid::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Pivot {
    rows: Labels,
    columns: Labels,
    value: String,
    aggregate: Option<Aggregate>,
    cells: HashMap<(u32, u32), Cell>,
}

/// The labels of an axis in the order of their first record.
#[derive(Debug, Clone, Default)]
struct Labels {
    title: String,
    numbers: HashMap<String, u32>,
}

/// How many cells a matrix may have.
const CELLS: usize = 1 << 28;

impl Pivot {
    /// A matrix without rows and columns. What these and the values are is said in words, such as `month`; without an
    /// aggregate each value stands for itself, or where a cell has several, their mean for them.
    pub fn new(rows: &str, columns: &str, value: &str, aggregate: Option<Aggregate>) -> Pivot {
        let titled = |title: &str| Labels { title: title.to_owned(), numbers: HashMap::new() };
        let (rows, columns) = (titled(rows), titled(columns));
        Pivot { rows, columns, value: value.to_owned(), aggregate, cells: HashMap::new() }
    }

    /// Sees to it that these rows and columns are there, whether or not there is a record of them.
    pub fn expect(&mut self, rows: &[&str], columns: &[&str]) {
        for label in rows {
            self.rows.number(label);
        }
        for label in columns {
            self.columns.number(label);
        }
    }

    /// Takes in the value of a record. NaN is no value: of such a record only the labels count.
    pub fn add(&mut self, row: &str, column: &str, value: f64) {
        let place = (self.rows.number(row), self.columns.number(column));
        if !value.is_nan() {
            self.cells.entry(place).or_default().add(value, self.aggregate == Some(Aggregate::Median));
        }
    }

    /// Takes in what another one has gathered of the records that come after.
    pub fn merge(&mut self, other: Pivot) {
        let rows = self.rows.merge(other.rows);
        let columns = self.columns.merge(other.columns);
        for ((row, column), cell) in other.cells {
            self.cells.entry((rows[row as usize], columns[column as usize])).or_default().merge(cell);
        }
    }

    /// The matrix. Cells without a value are NaN; where values are counted, 0.
    ///
    /// # Errors
    /// When there is no record, or more than 2^28 cells.
    pub fn finish(mut self) -> Result<Matrix, Error> {
        let (height, width) = (self.rows.numbers.len(), self.columns.numbers.len());
        if height * width == 0 {
            return Err(Error::input("the records").found("none").expected("at least one"));
        }
        if height.saturating_mul(width) > CELLS {
            return Err(Error::limit("--rows and --cols")
                .found(format!("{height} x {width} cells"))
                .expected(format!("no more than {CELLS}"))
                .advice("choose columns with fewer different words, or parts of a time such as hour(…)"));
        }
        let several = self.cells.values().any(|cell| cell.count > 1);
        let aggregate = self.aggregate.or(several.then_some(Aggregate::Mean));
        let empty = if aggregate == Some(Aggregate::Count) { 0.0 } else { f64::NAN };
        let ((rows, row_of), (columns, column_of)) = (self.rows.in_order(), self.columns.in_order());
        let mut values = vec![empty; height * width];
        for ((row, column), cell) in &mut self.cells {
            values[row_of[*row as usize] * width + column_of[*column as usize]] = cell.value(aggregate);
        }
        let mut matrix = Matrix::new(rows, columns, values);
        matrix.name = match aggregate {
            Some(aggregate) if self.value.is_empty() => aggregate.to_string(),
            Some(aggregate) => format!("{aggregate} of {}", self.value),
            None => self.value,
        };
        Ok(matrix)
    }
}

impl Labels {
    fn number(&mut self, label: &str) -> u32 {
        if let Some(number) = self.numbers.get(label) {
            return *number;
        }
        let number = self.numbers.len() as u32;
        self.numbers.insert(label.to_owned(), number);
        number
    }

    /// Takes in other labels; the numbers that they have here.
    fn merge(&mut self, other: Labels) -> Vec<u32> {
        let labels = other.in_sequence();
        labels.iter().map(|label| self.number(label)).collect()
    }

    fn in_sequence(self) -> Vec<String> {
        let mut labels: Vec<(String, u32)> = self.numbers.into_iter().collect();
        labels.sort_unstable_by_key(|(_, number)| *number);
        labels.into_iter().map(|(label, _)| label).collect()
    }

    /// The axis, and the place in it of each number.
    fn in_order(self) -> (Axis, Vec<usize>) {
        let title = self.title.clone();
        let labels = self.in_sequence();
        let order = order(&labels);
        let mut places = vec![0; labels.len()];
        order.iter().enumerate().for_each(|(place, number)| places[*number] = place);
        (Axis { title, ..Axis::of(order.iter().map(|i| labels[*i].clone())) }, places)
    }
}

/// What is gathered of the values of a cell.
#[derive(Debug, Clone, Default)]
struct Cell {
    count: u64,
    first: f64,
    min: f64,
    max: f64,
    sum: f64,
    /// What rounding took from the sum.
    lost: f64,
    mean: f64,
    /// The sum of the squared deviations from the mean.
    squares: f64,
    /// All values, where they are needed.
    all: Vec<f64>,
}

impl Cell {
    fn add(&mut self, value: f64, keep: bool) {
        let (first, min, max, sum, mean) = (value, value, value, value, value);
        self.merge(Cell { count: 1, first, min, max, sum, mean, ..Cell::default() });
        if keep {
            self.all.push(value);
        }
    }

    /// Takes in what comes after. Sums are those of A. Neumaier (1974), so that the order of the values hardly matters;
    /// squared deviations are brought together as by T. Chan, G. Golub and R. `LeVeque` (1979).
    fn merge(&mut self, mut other: Cell) {
        if self.count == 0 {
            *self = other;
            return;
        }
        let (before, after) = (self.count as f64, other.count as f64);
        self.count += other.count;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        let sum = self.sum + other.sum;
        let (large, small) =
            if self.sum.abs() < other.sum.abs() { (other.sum, self.sum) } else { (self.sum, other.sum) };
        self.lost += other.lost + (large - sum + small);
        self.sum = sum;
        let apart = other.mean - self.mean;
        self.mean += apart * after / (before + after);
        self.squares += other.squares + apart * apart * before * after / (before + after);
        self.all.append(&mut other.all);
    }

    fn value(&mut self, aggregate: Option<Aggregate>) -> f64 {
        match aggregate {
            Some(Aggregate::Count) => self.count as f64,
            Some(Aggregate::Sum) => self.total(),
            Some(Aggregate::Mean) => self.total() / self.count as f64,
            Some(Aggregate::Median) => median(&mut self.all),
            Some(Aggregate::Min) => self.min,
            Some(Aggregate::Max) => self.max,
            Some(Aggregate::Std) if self.count < 2 => f64::NAN,
            Some(Aggregate::Std) => (self.squares / (self.count - 1) as f64).sqrt(),
            Some(Aggregate::First) | None => self.first,
        }
    }

    fn total(&self) -> f64 {
        // Of an infinite sum nothing is lost that could be told.
        if self.sum.is_finite() { self.sum + self.lost } else { self.sum }
    }
}

fn median(values: &mut [f64]) -> f64 {
    let middle = values.len() / 2;
    let odd = values.len() % 2 == 1;
    let (below, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let lower = below.iter().copied().max_by(f64::total_cmp);
    lower.filter(|_| !odd).map_or(*upper, |lower| f64::midpoint(lower, *upper))
}

/// The order in which people count these labels: numbers by size, weekdays and months as in the calendar, and all
/// others as text in which digits are numbers, so that `chr2` comes before `chr10`. Dates that begin with the year are
/// in order as such text.
fn order(labels: &[String]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..labels.len()).collect();
    let ranks = numbers(labels).or_else(|| calendar(labels, &WEEKDAYS)).or_else(|| calendar(labels, &MONTHS));
    order.sort_by(|a, b| {
        let ranked = ranks.as_ref().map_or(Ordering::Equal, |ranks| ranks[*a].total_cmp(&ranks[*b]));
        ranked.then_with(|| natural(&labels[*a], &labels[*b])).then_with(|| labels[*a].cmp(&labels[*b]))
    });
    order
}

fn numbers(labels: &[String]) -> Option<Vec<f64>> {
    labels.iter().map(|label| label.trim().parse().ok().filter(|number: &f64| !number.is_nan())).collect()
}

const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The places of labels that are all among these words, written out or with three letters.
fn calendar(labels: &[String], words: &[&str]) -> Option<Vec<f64>> {
    let place = |label: &String| {
        let label = label.trim().to_ascii_lowercase();
        let place = words.iter().position(|word| *word == label || word.get(..3) == Some(&*label));
        place.map(|place| place as f64)
    };
    labels.iter().map(place).collect()
}

/// Text before and after, where digits are numbers and capitals do not count.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        let (Some(first), Some(second)) = (a.chars().next(), b.chars().next()) else { return a.len().cmp(&b.len()) };
        let (digits, others) = (leading_digits(a), leading_digits(b));
        let ordering = if digits.is_empty() || others.is_empty() {
            let lower = |letter: char| letter.to_lowercase();
            lower(first).cmp(lower(second))
        } else {
            let number = |digits: &str| digits.trim_start_matches('0').to_owned();
            let (number, other) = (number(digits), number(others));
            number.len().cmp(&other.len()).then(number.cmp(&other))
        };
        if ordering != Ordering::Equal {
            return ordering;
        }
        a = &a[digits.len().max(first.len_utf8())..];
        b = &b[others.len().max(second.len_utf8())..];
    }
}

fn leading_digits(text: &str) -> &str {
    &text[..text.bytes().take_while(u8::is_ascii_digit).count()]
}
