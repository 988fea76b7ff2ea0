//! The figure for a terminal: cells as coloured blocks, two above each other in a character, labels as letters.

use super::shading::picture;
use super::{Arranged, Wish, column_side, row_side, shading_of};
use crate::error::Error;
use crate::figure::labels;
use crate::image::{Image, Straight};

/// What a terminal shows.
#[derive(Debug, Clone)]
pub struct Preview {
    /// Two pixels above each other for each character.
    pub image: Image,
    /// What is written before each line of characters; empty for nothing.
    pub rows: Vec<String>,
    /// What is written below, from which character on.
    pub columns: Vec<(usize, String)>,
    /// The least value, the colours from there on, and the greatest.
    pub scale: (String, Vec<Straight>, String),
}

/// Characters of the longest label.
const LONGEST: usize = 24;

/// Characters of a cell at most.
const WIDEST: usize = 8;

/// Characters of the strip of colours.
const STRIP: usize = 24;

/// A preview on so many characters and lines.
///
/// # Errors
/// When the scale does not suit the values, or a colormap is unknown.
pub fn preview(arranged: &Arranged, wish: &Wish, [characters, lines]: [usize; 2]) -> Result<Preview, Error> {
    let shading = shading_of(arranged, wish)?;
    let (rows, columns) = (row_side(arranged, wish, &mut Vec::new())?, column_side(arranged, wish, &mut Vec::new())?);
    let (height, width) = (arranged.matrix.height(), arranged.matrix.width());
    let label = |text: &String| visible(text).chars().take(LONGEST).collect::<String>();
    let before = rows.ticks.iter().map(|(_, text)| label(text).chars().count()).max().unwrap_or(0);
    let room = characters.saturating_sub(before + 1).max(8);
    // Whole characters for each cell, or whole cells for each character.
    let across = if width <= room { width * (room / width).min(WIDEST) } else { width.div_ceil(width.div_ceil(room)) };
    let down =
        if height <= lines.max(4) { height } else { height.div_ceil(height.div_ceil(2 * lines.max(4))).div_ceil(2) };
    let edges = [&rows.edges[..], &columns.edges[..]];
    let image = picture(arranged, &shading, edges, wish.interpolation, (across as u32, 2 * down as u32));
    let mut beside = vec![String::new(); down];
    for (at, text) in &rows.ticks {
        let line = ((at * down as f64) as usize).min(down - 1);
        if beside[line].is_empty() {
            beside[line] = label(text);
        }
    }
    let (low, high) = shading.shade.limits();
    let ends = labels(&[low, high]);
    let strip = shading.strip();
    let strip = (0..STRIP).map(|i| strip[i * 255 / (STRIP - 1)]).collect();
    let scale = (ends[0].clone(), strip, ends[1].clone());
    Ok(Preview { image, rows: beside, columns: below(&columns.ticks, across), scale })
}

/// A text without what a terminal would obey.
pub fn visible(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// Labels below their columns, those that do not touch the one before.
fn below(ticks: &[(f64, String)], across: usize) -> Vec<(usize, String)> {
    let mut shown: Vec<(usize, String)> = Vec::new();
    let mut free = 0;
    for (at, text) in ticks.iter().map(|(at, text)| (at, visible(text))) {
        let size = text.chars().count();
        let middle = (at * across as f64) as usize;
        let from = middle.saturating_sub(size / 2);
        if from >= free && from + size <= across {
            shown.push((from, text));
            free = from + size + 1;
        }
    }
    shown
}
