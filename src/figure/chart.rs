//! The chart of colormaps: a picture of each with its name, as `torrid colormaps -o FILE.png` writes it.

use super::layout::INK;
use super::legend::strip;
use super::scene::{Piece, Rect, Scene};
use super::text::Face;
use crate::error::Error;
use crate::image::{Image, Straight};

/// Pixels: letters, strips (one column of pixels for each of 256 colours), and the distances between them.
const SIZE: f64 = 14.0;
const STRIP: [u32; 2] = [256, 20];
const ROW: u32 = 30;
const GAP: u32 = 16;

/// More than this many stand in two columns.
const ONE_COLUMN: usize = 12;

/// A picture of colormaps with their names, in the order given, in two columns if they are many. Colours that are
/// not opaque lie over a chequerboard.
///
/// # Errors
/// When a name cannot be drawn; none is known that cannot.
pub fn chart_of_colormaps(colormaps: &[(String, Vec<Straight>)]) -> Result<Image, Error> {
    let face = Face::new(SIZE, false, INK);
    let names = colormaps.iter().map(|(name, _)| face.wrap(name, f64::from(STRIP[0]), 1));
    let names = names.collect::<Result<Vec<_>, Error>>()?;
    let widest = names.iter().map(|name| name.width.ceil() as u32).max().unwrap_or(0);
    let columns = if colormaps.len() > ONE_COLUMN { 2 } else { 1 };
    let rows = colormaps.len().div_ceil(columns).max(1);
    let column = [GAP, widest, GAP, STRIP[0]].iter().sum::<u32>();
    let (width, height) = (columns as u32 * column + GAP, rows as u32 * ROW + 2 * GAP);
    let pieces = colormaps.iter().zip(&names).enumerate().map(|(i, ((_, colours), name))| {
        let (x, y) = ((i / rows) as u32 * column, GAP + (i % rows) as u32 * ROW);
        let mut svg = String::new();
        name.write(&mut svg, f64::from(GAP), f64::from(ROW) / 2.0 - name.height() / 2.0);
        let left = f64::from(column - STRIP[0]);
        if !colours.is_empty() {
            let [across, down] = STRIP.map(f64::from);
            strip(&mut svg, colours, [left, (f64::from(ROW) - down) / 2.0, across, down]);
        }
        Piece { place: Rect { x, y, width: column + 1, height: ROW }, svg }
    });
    let scene = Scene { width, height, pieces: pieces.collect(), notes: Vec::new(), ground: None };
    let mut image = Image::filled(width, height, Straight([255; 4]).premultiply());
    scene.draw(&mut image)?;
    Ok(image)
}
