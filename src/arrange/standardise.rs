//! Rows or columns brought to one spread, so that their courses can be compared whatever their sizes.

use super::Along;
use crate::matrix::Matrix;

/// What values become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standard {
    /// How many standard deviations they are above the mean. The deviation is that of a sample (n - 1), as pandas' is.
    ZScore,
    /// Where they are between the least, 0, and the largest, 1.
    Range,
}

/// Each row (or column) brought to the standard, and how many cannot be, because they have values but only one or equal
/// ones: those have no data afterwards. What is missing stays missing.
///
/// ```
/// use torrid::arrange::{Along, Standard, standardise};
/// use torrid::{Axis, Matrix};
/// let matrix = Matrix::new(Axis::of(["a", "b"]), Axis::of(["x", "y", "z"]), vec![1.0, 2.0, 5.0, 7.0, 7.0, 7.0]);
/// let (found, constant) = standardise(matrix, Along::Rows, Standard::Range);
/// assert_eq!((found.row(0), constant), (&[0.0, 0.25, 1.0][..], 1));
/// assert!(found.get(1, 0).is_nan());
/// ```
pub fn standardise(mut matrix: Matrix, along: Along, standard: Standard) -> (Matrix, usize) {
    let lines = lines(&matrix, along, standard);
    each(&mut matrix, along, |line, value| *value = (*value - lines[line].origin) / lines[line].unit());
    let word = match standard {
        Standard::ZScore => "z-score",
        Standard::Range => "share of the range",
    };
    matrix.name = if matrix.name.is_empty() { word.to_owned() } else { format!("{word} of {}", matrix.name) };
    (matrix, lines.iter().filter(|line| line.is_constant()).count())
}

/// What is known of a row or column.
#[derive(Clone, Copy)]
struct Line {
    count: f64,
    least: f64,
    largest: f64,
    sum: f64,
    /// What becomes 0.
    origin: f64,
    /// What becomes 1, above the origin.
    length: f64,
}

impl Line {
    const EMPTY: Line =
        Line { count: 0.0, least: f64::INFINITY, largest: f64::NEG_INFINITY, sum: 0.0, origin: 0.0, length: 0.0 };

    fn is_constant(&self) -> bool {
        self.least == self.largest
    }

    /// The length, or none: what rounding leaves of equal values is no spread.
    fn unit(&self) -> f64 {
        if self.is_constant() { f64::NAN } else { self.length }
    }
}

fn lines(matrix: &Matrix, along: Along, standard: Standard) -> Vec<Line> {
    let count = match along {
        Along::Rows => matrix.height(),
        Along::Columns => matrix.width(),
    };
    let mut lines = vec![Line::EMPTY; count];
    present(matrix, along, |line, value| {
        let line = &mut lines[line];
        line.count += 1.0;
        (line.least, line.largest) = (line.least.min(value), line.largest.max(value));
        line.sum += value;
    });
    if standard == Standard::Range {
        for line in &mut lines {
            (line.origin, line.length) = (line.least, line.largest - line.least);
        }
        return lines;
    }
    for line in &mut lines {
        line.origin = line.sum / line.count;
    }
    present(matrix, along, |line, value| lines[line].length += (value - lines[line].origin).powi(2));
    for line in &mut lines {
        line.length = (line.length / (line.count - 1.0)).sqrt();
    }
    lines
}

/// Looks at each value that is there, with the number of its row or column.
fn present(matrix: &Matrix, along: Along, mut look: impl FnMut(usize, f64)) {
    for (r, row) in matrix.values().chunks(matrix.width().max(1)).enumerate() {
        for (c, value) in row.iter().enumerate().filter(|(_, value)| !value.is_nan()) {
            look(if along == Along::Rows { r } else { c }, *value);
        }
    }
}

/// Changes each value, by the number of its row or column.
fn each(matrix: &mut Matrix, along: Along, change: impl Fn(usize, &mut f64)) {
    let width = matrix.width().max(1);
    for (r, row) in matrix.values_mut().chunks_mut(width).enumerate() {
        for (c, value) in row.iter_mut().enumerate() {
            change(if along == Along::Rows { r } else { c }, value);
        }
    }
}
