//! How far rows or columns are from each other, each from each.

use rayon::prelude::*;

use super::pairs::{self, Items};
use super::profile::Profile;
use super::{Along, Metric, measures};
use crate::error::Error;
use crate::matrix::{Axis, Matrix};

/// Most items of which all distances are held: 4 GB of them.
const MOST: usize = 32_768;

/// Beyond it, what is made of squares of distances could be beyond the numbers that there are.
const FARTHEST: f64 = 1e150;

/// Distances that are looked at together.
const CHUNK: usize = 1 << 12;

/// The distance of each two rows (or columns), as `SciPy`'s condensed distance matrices: that of the first and the second,
/// of the first and the third, and so on to that of the last two.
///
/// ```
/// use torrid::arrange::{Along, Metric, distances};
/// use torrid::{Axis, Matrix};
/// let matrix = Matrix::new(Axis::of(["a", "b", "c"]), Axis::of(["x", "y"]), vec![0.0, 0.0, 3.0, 4.0, 0.0, 1.0]);
/// assert_eq!(distances(&matrix, Along::Rows, Metric::Cityblock)?, [7.0, 1.0, 6.0]);
/// # Ok::<(), torrid::Error>(())
/// ```
///
/// # Errors
/// If there are none or more than 32,768, if a value is infinite, or if two have no distance: because no value is in
/// both, because one has no direction or no variation where the metric is about that, or because it is beyond 1e150.
pub fn distances(matrix: &Matrix, along: Along, metric: Metric) -> Result<Vec<f64>, Error> {
    let items = Items::of(matrix, along);
    check(matrix, along)?;
    let distances = between(items, metric);
    let wrong = |distance: &f64| distance.is_nan() || *distance > FARTHEST;
    // Whole chunks are asked first, without a branch for each distance.
    let chunk = distances.par_chunks(CHUNK).position_first(|chunk| chunk.iter().fold(false, |any, d| any | wrong(d)));
    let from = chunk.map_or(distances.len(), |chunk| chunk * CHUNK);
    match distances[from..].iter().position(wrong) {
        None => Ok(distances),
        Some(pair) => Err(no_distance(axis(matrix, along), along, metric, from + pair, distances[from + pair])),
    }
}

/// The distance of each two items; NaN or infinite where there is none.
pub(super) fn between(items: Items<'_>, metric: Metric) -> Vec<f64> {
    match metric {
        Metric::Euclidean => pairs::all(&items, &measures::Straight),
        Metric::SqEuclidean => pairs::all(&items, &measures::Squares),
        Metric::Cityblock => pairs::all(&items, &measures::Blocks),
        Metric::Chebyshev => pairs::all(&items, &measures::Largest),
        Metric::Minkowski(power) => pairs::all(&items, &measures::Powers(power)),
        Metric::Canberra => pairs::all(&items, &measures::Canberra),
        Metric::BrayCurtis => pairs::all(&items, &measures::BrayCurtis),
        Metric::Hamming => pairs::all(&items, &measures::Different),
        Metric::Jaccard => pairs::all(&items, &measures::Jaccard),
        Metric::Cosine => Profile::Direction.compare(items, &measures::HalfSquares),
        Metric::Correlation => Profile::Shape.compare(items, &measures::HalfSquares),
        Metric::Spearman => Profile::Ranks.compare(items, &measures::HalfSquares),
    }
}

fn axis(matrix: &Matrix, along: Along) -> &Axis {
    match along {
        Along::Rows => &matrix.rows,
        Along::Columns => &matrix.columns,
    }
}

fn check(matrix: &Matrix, along: Along) -> Result<(), Error> {
    let (count, word) = (axis(matrix, along).len(), along.word());
    if count == 0 {
        return Err(Error::input("the table").found(format!("no {word}")).expected(format!("{word} to compare")));
    }
    if count > MOST {
        return Err(Error::limit("clustering")
            .found(format!("{count} {word}"))
            .expected(format!("at most {MOST}, as each is compared with each"))
            .advice(format!("leave the {word} in their order, or summarise them first")));
    }
    match matrix.values().iter().position(|value| value.is_infinite()) {
        None => Ok(()),
        Some(at) => {
            let (row, column) = (&matrix.rows.labels[at / matrix.width()], &matrix.columns.labels[at % matrix.width()]);
            Err(Error::input(format!("row `{row}`, column `{column}`"))
                .found(format!("{}", matrix.values()[at]))
                .expected("a number that others can be compared with")
                .advice("correct it, leave it empty, or do without clustering"))
        }
    }
}

/// Why a pair has no distance.
fn no_distance(axis: &Axis, along: Along, metric: Metric, pair: usize, distance: f64) -> Error {
    let (i, j) = of_pair(pair, axis.len());
    let word = along.word();
    let error = Error::input(format!("the {word} `{}` and `{}`", axis.labels[i], axis.labels[j]));
    if !distance.is_nan() && metric != Metric::BrayCurtis {
        return error
            .found(format!("a distance of {distance:e}"))
            .expected(format!("at most {FARTHEST:e}"))
            .advice("standardise the values, or use smaller units");
    }
    let (why, other) = match metric {
        Metric::Cosine => ("; rows of zeros have no direction", "euclidean"),
        Metric::Correlation | Metric::Spearman => ("; constant values correlate with nothing", "euclidean"),
        Metric::BrayCurtis => ("; values that cancel out have no sum", "cityblock"),
        _ => ("", ""),
    };
    let advice = if other.is_empty() { String::new() } else { format!(", or choose another metric, such as {other}") };
    error
        .found(format!("no {metric} distance between them"))
        .expected(format!("some {} that both have values in{}", along.across(), why.replace("rows", word)))
        .advice(format!("leave out {word} that say little, fill what is missing{advice}"))
}

/// The two items of a pair among `n`.
fn of_pair(mut pair: usize, n: usize) -> (usize, usize) {
    let mut i = 0;
    while pair >= n - 1 - i {
        pair -= n - 1 - i;
        i += 1;
    }
    (i, i + 1 + pair)
}
