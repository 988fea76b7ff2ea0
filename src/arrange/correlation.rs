//! How columns go together: each with each.

use std::fmt;
use std::str::FromStr;

use super::Along;
use super::measures::Cosine;
use super::metric::one_of;
use super::pairs::{self, Items};
use super::profile::Profile;
use crate::error::Error;
use crate::matrix::Matrix;

/// Most columns that are compared: 2 GB of correlations.
const MOST: usize = 16_384;

/// What is correlated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Correlation {
    /// Values: how near they are to a straight line.
    Pearson,
    /// Ranks: whether one grows with the other. Equal values share the mean of their ranks.
    Spearman,
}

/// The name of each correlation and what it is.
pub const CORRELATIONS: [(&str, &str); 2] =
    [("pearson", "how near values are to a straight line"), ("spearman", "the same of their ranks")];

impl fmt::Display for Correlation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Correlation::Pearson => "pearson",
            Correlation::Spearman => "spearman",
        })
    }
}

impl FromStr for Correlation {
    type Err = Error;

    fn from_str(text: &str) -> Result<Correlation, Error> {
        match text {
            "pearson" => Ok(Correlation::Pearson),
            "spearman" => Ok(Correlation::Spearman),
            _ => Err(Error::caller("--correlation").found(format!("`{text}`")).expected(one_of(&CORRELATIONS))),
        }
    }
}

/// The correlation of each column with each, from -1 to 1. Of two columns the rows count in which both have values;
/// where one of them is constant there, or has an infinite value and not only its rank counts, there is none (NaN).
///
/// ```
/// use torrid::arrange::{Correlation, correlate};
/// use torrid::{Axis, Matrix};
/// let matrix = Matrix::new(Axis::of(["a", "b", "c"]), Axis::of(["x", "y"]), vec![1.0, 9.0, 2.0, 4.0, 3.0, 1.0]);
/// let found = correlate(&matrix, Correlation::Spearman)?;
/// assert_eq!((found.name.as_str(), found.values()), ("Spearman correlation", &[1.0, -1.0, -1.0, 1.0][..]));
/// # Ok::<(), torrid::Error>(())
/// ```
///
/// # Errors
/// If there are more than 16,384 columns.
pub fn correlate(matrix: &Matrix, correlation: Correlation) -> Result<Matrix, Error> {
    let n = matrix.width();
    if n > MOST {
        return Err(Error::limit("correlations")
            .found(format!("{n} columns"))
            .expected(format!("at most {MOST}, as each is compared with each"))
            .advice("choose the columns to be compared"));
    }
    let (profile, name) = match correlation {
        Correlation::Pearson => (Profile::Shape, "Pearson correlation"),
        Correlation::Spearman => (Profile::Ranks, "Spearman correlation"),
    };
    let items = Items::of(matrix, Along::Columns);
    let itself = |column: usize| if profile.varies(items.item(column)) { 1.0 } else { f64::NAN };
    let diagonal: Vec<f64> = (0..n).map(itself).collect();
    let values = square(&diagonal, &mut profile.compare(items, &Cosine));
    let axis = &matrix.columns;
    let mut found = Matrix::new(axis.clone(), axis.clone(), values);
    name.clone_into(&mut found.name);
    Ok(found)
}

/// The whole of a matrix that is the same across its diagonal.
fn square(diagonal: &[f64], pairs: &mut [f64]) -> Vec<f64> {
    let n = diagonal.len();
    let mut values = vec![0.0; n * n];
    for (i, row) in pairs::rows(pairs, n).into_iter().enumerate() {
        values[i * n + i] = diagonal[i];
        for (j, value) in (i + 1..).zip(&*row) {
            values[i * n + j] = *value;
            values[j * n + i] = *value;
        }
    }
    values
}
