//! A heatmap of one file, to be looked at closely: the page that is built from `web/figure` with its values in it.

use std::io;
use std::path::Path;

use serde_json::{Map, Value};

use super::page::{Content, FIGURE, Page};
use crate::error::Error;
use crate::sink::{Out, place, whole};

/// The most cells that browsers of today draw in good time.
const MOST_CELLS: usize = 5_200 * 5_200;

/// A heatmap as its page takes it; what the keys of `facts` mean is said in `web/figure/told.ts`.
#[derive(Debug, Clone, Copy)]
pub struct FigureData<'a> {
    /// What is told of it.
    pub facts: &'a Map<String, Value>,
    /// For each cell, row by row, the place of its colour.
    pub places: &'a [u8],
    /// The values, row by row; NaN is no data.
    pub numbers: &'a [f64],
}

/// Whether the page of a heatmap can be written to `path`, as far as can be told before any work.
///
/// # Errors
/// When the page was not built, the folder is not there, or a file is and `force` is not; the caller's fault.
pub fn check_figure(path: &Path, force: bool) -> Result<(), Error> {
    Page::check(Page::find(FIGURE), path)?;
    whole::check_target(path, force)
}

/// Writes the page of a heatmap, whole or not at all; how many bytes it has.
///
/// # Errors
/// When there are too many cells (limit), the page was not built (caller), or the file cannot be written (machine).
pub fn write_figure(path: &Path, figure: &FigureData<'_>) -> Result<u64, Error> {
    let page = Page::check(Page::find(FIGURE), path)?;
    if figure.places.len() > MOST_CELLS {
        return Err(Error::limit(place(path))
            .found(format!("{} cells", figure.places.len()))
            .expected(format!("at most {MOST_CELLS}, which browsers can draw"))
            .advice("write .png or .svg"));
    }
    whole::write(path, |out| write(page, figure, out))?;
    whole::size(path)
}

fn write(page: Page, figure: &FigureData<'_>, out: &mut dyn Out) -> io::Result<()> {
    let mut content = Content::begin(page, out)?;
    content.object("figure", &Value::Object(figure.facts.clone()))?;
    content.file("places", figure.places)?;
    let numbers: Vec<u8> = figure.numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    content.file("numbers", &numbers)?;
    content.finish()
}
