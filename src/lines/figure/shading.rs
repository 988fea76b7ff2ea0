//! Which value has which colour, and pictures of many cells.

use rayon::prelude::*;

use super::Arranged;
use crate::error::Error;
use crate::figure::{Bar, labels};
use crate::image::{Image, Premultiplied, Straight};
use crate::matrix::Matrix;
use crate::paint::Colormap;
use crate::scale::{Norm, Scale, Shade, Summary};

/// Colours fitted to the values that are shown.
pub struct Shading {
    /// From a value to an intensity.
    pub shade: Shade,
    /// From an intensity to a colour.
    pub colormap: Colormap,
    /// The colour of cells without data; clear where they are to be.
    pub missing: Straight,
}

impl Shading {
    /// Fits a scale to what was seen of the values.
    ///
    /// # Errors
    /// When the scale does not suit the values.
    pub fn of(summary: &Summary, scale: &Scale, colormap: Colormap, missing: Straight) -> Result<Shading, Error> {
        Ok(Shading { shade: scale.fit(summary, false)?, colormap, missing })
    }

    /// The place of a value among the colours, in double precision: dates and times differ in their last digits.
    pub fn place(&self, value: f64) -> u8 {
        ((self.shade.intensity(value) * 256.0) as u16).min(255) as u8
    }

    /// The colour of a value.
    pub fn colour(&self, value: f64) -> Straight {
        if value.is_nan() { self.missing } else { self.colormap.colours()[usize::from(self.place(value))] }
    }

    /// The intensities of the limits: a scale with a centre may not use the whole colormap.
    pub fn ends(&self) -> (f64, f64) {
        let (low, high) = self.shade.limits();
        (self.shade.intensity(low), self.shade.intensity(high))
    }

    /// The colours from the lowest value to the highest, as the bar shows them.
    pub fn strip(&self) -> Vec<Straight> {
        let (low, high) = self.ends();
        let at = |i: u32| low + (high - low) * (f64::from(i) + 0.5) / 256.0;
        (0..256).map(|i| self.colormap.colours()[(at(i) * 256.0).clamp(0.0, 255.0) as usize]).collect()
    }

    /// Values to mark, and where they lie between the lowest and the highest.
    pub fn ticks(&self) -> Vec<(f64, String)> {
        let (low, high) = self.ends();
        let values = self.shade.ticks(6);
        let place = |value: &f64| (self.shade.intensity(*value) - low) / (high - low);
        values.iter().map(place).zip(labels(&values)).collect()
    }

    /// The bar of these colours.
    pub fn bar(&self, title: String, place: Option<[f64; 4]>) -> Bar {
        let title = match self.shade.norm() {
            Norm::Log | Norm::Linear if !title.is_empty() => title,
            Norm::Quantile | Norm::EqHist => format!("{title} (by rank)").trim().to_owned(),
            _ => title,
        };
        Bar { title, colours: self.strip(), ticks: self.ticks(), place }
    }
}

/// How cells that are larger than pixels are filled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Interpolation {
    /// Each in one colour.
    #[default]
    Nearest,
    /// Values between the middles of four cells are between theirs.
    Bilinear,
}

/// The cells a pixel shows: from the first to before the last, and where its middle lies, counted in cells.
struct Reach {
    cells: std::ops::Range<usize>,
    middle: f64,
}

/// The cells that each of `pixels` shows, of cells whose edges are shares from 0 to 1.
fn reaches(edges: &[f64], pixels: u32) -> Vec<Reach> {
    let cells = edges.len() - 1;
    let at = |share: f64| edges[1..cells].partition_point(|edge| *edge <= share);
    let inside = |share: f64| {
        let cell = at(share);
        cell as f64 + (share - edges[cell]) / (edges[cell + 1] - edges[cell])
    };
    let share = |x: f64| x / f64::from(pixels);
    (0..pixels)
        .map(|pixel| {
            let (first, middle) = (share(f64::from(pixel)), share(f64::from(pixel) + 0.5));
            // All cells that begin in the pixel, where they are small; else the one in its middle.
            let from = edges[..cells].partition_point(|edge| *edge < first - 1e-12);
            let to = edges[..cells].partition_point(|edge| *edge < share(f64::from(pixel) + 1.0) - 1e-12);
            let small = to > from + 1 || (to > from && cells >= pixels as usize);
            let cells = if small { from..to } else { at(middle)..at(middle) + 1 };
            Reach { cells, middle: inside(middle) }
        })
        .collect()
}

/// All cells of what is shown, on `width` times `height` pixels, between edges in shares. Where several cells fall into a pixel it
/// shows their mean, of those that have data.
pub fn picture(
    arranged: &Arranged,
    shading: &Shading,
    [rows, columns]: [&[f64]; 2],
    interpolation: Interpolation,
    (width, height): (u32, u32),
) -> Image {
    let matrix = &arranged.matrix;
    let (across, down) = (reaches(columns, width), reaches(rows, height));
    let table: Vec<Premultiplied> = shading.colormap.colours().iter().map(|colour| colour.premultiply()).collect();
    let missing = shading.missing.premultiply();
    // Between the middles of cells there is nothing where they are smaller than pixels.
    let small = across.iter().chain(&down).any(|reach| reach.cells.len() > 1);
    let interpolation = if small { Interpolation::Nearest } else { interpolation };
    let mut pixels = vec![Premultiplied::CLEAR; width as usize * height as usize];
    pixels.par_chunks_mut(width as usize).zip(&down).for_each_init(Vec::new, |values, (line, reach)| {
        values.clear();
        match interpolation {
            Interpolation::Nearest => means(matrix, reach, &across, values),
            Interpolation::Bilinear => values.extend(across.iter().map(|column| between(matrix, reach, column))),
        }
        let hidden = |column: &Reach| arranged.is_hidden(reach.cells.start, column.cells.start);
        for ((pixel, value), column) in line.iter_mut().zip(values.iter()).zip(&across) {
            *pixel = match value.is_nan() {
                false => table[usize::from(shading.place(*value))],
                true if hidden(column) => Premultiplied::CLEAR,
                true => missing,
            };
        }
    });
    Image::new(width, height, pixels)
}

/// The mean of the cells that each pixel of a row shows.
fn means(matrix: &Matrix, down: &Reach, across: &[Reach], means: &mut Vec<f64>) {
    if down.cells.len() == 1 && across.iter().all(|reach| reach.cells.len() == 1) {
        let row = matrix.row(down.cells.start);
        means.extend(across.iter().map(|reach| row[reach.cells.start]));
        return;
    }
    let mut sums = vec![(0.0f64, 0u32); across.len()];
    for row in down.cells.clone().map(|row| matrix.row(row)) {
        for (sum, reach) in sums.iter_mut().zip(across) {
            for value in row[reach.cells.clone()].iter().filter(|value| !value.is_nan()) {
                *sum = (sum.0 + value, sum.1 + 1);
            }
        }
    }
    means.extend(sums.iter().map(|(sum, count)| sum / f64::from(*count)));
}

/// The value between the middles of four cells; that of the cell itself where one of them has no data.
fn between(matrix: &Matrix, down: &Reach, across: &Reach) -> f64 {
    let neighbours = |middle: f64, cells: usize| {
        let before = (middle - 0.5).clamp(0.0, (cells - 1) as f64);
        let first = before as usize;
        (first, (first + 1).min(cells - 1), before.fract())
    };
    let (top, bottom, v) = neighbours(down.middle, matrix.height());
    let (left, right, u) = neighbours(across.middle, matrix.width());
    let mix = |a: f64, b: f64, share: f64| a + (b - a) * share;
    let upper = mix(matrix.get(top, left), matrix.get(top, right), u);
    let value = mix(upper, mix(matrix.get(bottom, left), matrix.get(bottom, right), u), v);
    if value.is_nan() { matrix.get(down.cells.start, across.cells.start) } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Axis;

    fn even(cells: usize) -> Vec<f64> {
        (0..=cells).map(|i| i as f64 / cells as f64).collect()
    }

    #[test]
    fn no_cell_is_left_out_where_there_are_more_cells_than_pixels() {
        for (cells, pixels) in [(10, 3), (5000, 1250), (1001, 1000), (7, 7), (3, 1)] {
            let reaches = reaches(&even(cells), pixels);
            let all: Vec<usize> = reaches.iter().flat_map(|reach| reach.cells.clone()).collect();
            assert!(all.windows(2).all(|pair| pair[1] - pair[0] <= 1), "{cells} on {pixels}");
            assert_eq!((all[0], *all.last().expect("some")), (0, cells - 1), "{cells} on {pixels}");
        }
    }

    #[test]
    fn a_pixel_shows_the_mean_of_its_cells_that_have_data() {
        let matrix = Matrix::new(Axis::of(["a"]), Axis::of(["b", "c", "d", "e"]), vec![0.0, 4.0, f64::NAN, 8.0]);
        let mut found = Vec::new();
        means(&matrix, &reaches(&even(1), 1)[0], &reaches(&even(4), 2), &mut found);
        assert_eq!(found, [2.0, 8.0]);
    }
}
