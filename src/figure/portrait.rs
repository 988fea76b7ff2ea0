//! Portraits of a few colormaps: large, with the curve of the lightness, and how each looks to others.
//!
//! ```text
//!               viridis  sequential, matplotlib
//!               ██████████████████████████████
//! deuteranopia  ██████████████████████████████
//!          100  ------------------------------
//!           50  ------------------------------
//!            0  ------------------------------
//! ```

use super::chart::{Swatch, curve, on_white};
use super::layout::{INK, PALE_INK};
use super::legend::strip;
use super::scene::{Piece, Rect, Scene};
use super::text::{Face, Lines};
use crate::error::Error;
use crate::image::{Image, Straight};

/// Pixels: strips with two columns for each of 256 colours, the colormap's own and those of its looks; the curve; the
/// distances between them; between portraits and around them.
const WIDTH: u32 = 512;
const OWN: f64 = 40.0;
const LOOK: f64 = 22.0;
const CURVE: f64 = 84.0;
const APART: f64 = 8.0;
const MARGIN: u32 = 24;

/// Letters, and the height of the line of the name.
const NAME: f64 = 19.0;
const WORDS: f64 = 13.5;
const TITLE: f64 = 32.0;

/// More than this many stand in two columns.
const ONE_COLUMN: usize = 3;

/// A picture of a few colormaps, each large, with its looks and the curve of its lightness between 0 and 100.
///
/// # Errors
/// When a text cannot be drawn; none is known that cannot.
pub fn portraits_of_colormaps(swatches: &[Swatch]) -> Result<Image, Error> {
    let columns = if swatches.len() > ONE_COLUMN { 2 } else { 1 };
    let label = labels(swatches)?;
    let across = label + WIDTH + MARGIN;
    let rows: Vec<&[Swatch]> = swatches.chunks(columns).collect();
    let mut pieces = Vec::new();
    let mut y = MARGIN;
    for row in rows {
        let height = row.iter().map(height_of).max().unwrap_or(0);
        for (column, swatch) in row.iter().enumerate() {
            let place = Rect { x: MARGIN + column as u32 * across, y, width: label + WIDTH + 1, height };
            pieces.push(portrait(swatch, place, f64::from(label))?);
        }
        y += height + MARGIN;
    }
    on_white(&Scene { width: MARGIN + columns as u32 * across, height: y, pieces, notes: Vec::new(), ground: None })
}

/// Room for the names of looks, left of the strips.
fn labels(swatches: &[Swatch]) -> Result<u32, Error> {
    let mut widest = 30.0f64;
    for look in swatches.iter().flat_map(|swatch| &swatch.looks) {
        widest = widest.max(words(&look.name, 160.0)?.width);
    }
    Ok((widest + 10.0).ceil() as u32)
}

fn words(text: &str, room: f64) -> Result<Lines, Error> {
    Face::new(WORDS, false, PALE_INK).wrap(text, room, 1)
}

fn height_of(swatch: &Swatch) -> u32 {
    let looks = swatch.looks.iter().map(|look| LOOK + APART + note_height(&look.note)).sum::<f64>();
    (TITLE + OWN + APART + looks + APART + CURVE + APART) as u32
}

fn note_height(note: &str) -> f64 {
    if note.is_empty() { 0.0 } else { 18.0 }
}

fn portrait(swatch: &Swatch, place: Rect, left: f64) -> Result<Piece, Error> {
    let (width, mut svg) = (f64::from(WIDTH), String::new());
    let name = Face::new(NAME, true, INK).wrap(&swatch.name, width, 1)?;
    name.write(&mut svg, left, 0.0);
    words(&swatch.note, width - name.width - 10.0)?.write(&mut svg, left + name.width + 10.0, 5.0);
    let mut y = TITLE;
    draw(&mut svg, &swatch.colours, [left, y, width, OWN]);
    y += OWN + APART;
    for look in &swatch.looks {
        let label = words(&look.name, left - 10.0)?;
        label.write(&mut svg, left - 10.0 - label.width, y + 2.0);
        draw(&mut svg, &look.colours, [left, y, width, LOOK]);
        words(&look.note, width)?.write(&mut svg, left, y + LOOK + 1.0);
        y += LOOK + APART + note_height(&look.note);
    }
    curve(&mut svg, &swatch.lightness, [left, y + APART, width, CURVE], true);
    Ok(Piece { place, svg })
}

fn draw(svg: &mut String, colours: &[Straight], place: [f64; 4]) {
    if !colours.is_empty() {
        strip(svg, colours, place);
    }
}
