//! The chart of colormaps, as `torrid colormaps -o FILE.png` writes it: a strip of each under its name, and below it the
//! curve of its lightness, in groups under headings.

use std::fmt::Write;

use super::layout::{INK, PALE_INK};
use super::legend::strip;
use super::scene::{Piece, Rect, Scene};
use super::text::Face;
use crate::error::Error;
use crate::image::{Image, Straight};

/// A colormap in a chart.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Swatch {
    /// What it is called.
    pub name: String,
    /// Something in pale letters beside the name, such as whose it is; may be empty.
    pub note: String,
    /// Its colours from left to right; those that are not opaque lie over a chequerboard.
    pub colours: Vec<Straight>,
    /// The lightness of those colours, 0..=100.
    pub lightness: Vec<f64>,
    /// How it looks otherwise, such as to others; drawn by [`portraits_of_colormaps`](super::portraits_of_colormaps).
    pub looks: Vec<Look>,
}

/// How a colormap looks to somebody or in some way.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Look {
    /// To whom, or in which way.
    pub name: String,
    /// What is to be said of it; may be empty.
    pub note: String,
    /// The colours from left to right.
    pub colours: Vec<Straight>,
}

/// Colormaps under a heading.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Swatches {
    /// The heading.
    pub title: String,
    /// Something in pale letters beside the heading; may be empty.
    pub note: String,
    /// The colormaps, in reading order.
    pub swatches: Vec<Swatch>,
}

/// Pixels: a strip with one column for each of 256 colours; the height of the curve; a swatch with its name, and the
/// distances between swatches; a heading; the margins, of which the left one has room for the numbers of the curves.
const STRIP: [u32; 2] = [256, 20];
const CURVE: u32 = 30;
const SWATCH: [u32; 2] = [STRIP[0] + 2, NAME + STRIP[1] + CURVE + 10];
const NAME: u32 = 22;
const GAP: [u32; 2] = [22, 12];
const HEADING: u32 = 46;
const MARGIN: u32 = 20;
const NUMBERS: u32 = 26;

/// A page is at most this much higher than wide, as long as it has fewer than the most columns.
const SLIMMEST: f64 = 1.6;
const MOST_COLUMNS: usize = 8;

/// A picture of colormaps: each with its name, its colours, and the curve of its lightness between 0 and 100, in as
/// many columns as give the page a good shape.
///
/// ```
/// use torrid::figure::{Swatch, Swatches, chart_of_colormaps};
/// use torrid::image::Straight;
/// let colours = (0..=255).map(|i| Straight([i, i, i, 255])).collect();
/// let lightness = (0..=255).map(|i| f64::from(i) / 2.55).collect();
/// let grey = Swatch { name: "grey".into(), colours, lightness, ..Swatch::default() };
/// let group = Swatches { title: "Sequential".into(), swatches: vec![grey], ..Swatches::default() };
/// assert!(chart_of_colormaps(&[group])?.width() > 256);
/// # Ok::<(), torrid::Error>(())
/// ```
///
/// # Errors
/// When a text cannot be drawn; none is known that cannot.
pub fn chart_of_colormaps(groups: &[Swatches]) -> Result<Image, Error> {
    let counts: Vec<usize> = groups.iter().map(|group| group.swatches.len()).collect();
    let columns = (1..MOST_COLUMNS).find(|columns| {
        let [width, height] = page(&counts, *columns);
        f64::from(height) <= SLIMMEST * f64::from(width)
    });
    let columns = columns.unwrap_or(MOST_COLUMNS);
    let [width, height] = page(&counts, columns);
    let mut pieces = Vec::new();
    let mut top = MARGIN;
    for group in groups {
        pieces.push(heading(group, Rect { x: MARGIN, y: top, width: width - 2 * MARGIN, height: HEADING })?);
        top += HEADING;
        for (i, swatch) in group.swatches.iter().enumerate() {
            let (column, row) = ((i % columns) as u32, (i / columns) as u32);
            pieces.push(small(swatch, MARGIN + column * across(), top + row * down(), column == 0)?);
        }
        top += group.swatches.len().div_ceil(columns) as u32 * down();
    }
    on_white(&Scene { width, height, pieces, notes: Vec::new(), ground: None })
}

/// From a swatch to the one beside it, and to the one below.
const fn across() -> u32 {
    SWATCH[0] + GAP[0]
}
const fn down() -> u32 {
    SWATCH[1] + GAP[1]
}

/// Width and height of a page of so many columns.
fn page(counts: &[usize], columns: usize) -> [u32; 2] {
    let rows: usize = counts.iter().map(|count| count.div_ceil(columns)).sum();
    let width = NUMBERS + columns as u32 * across() - GAP[0] + 2 * MARGIN;
    [width, counts.len() as u32 * HEADING + rows as u32 * down() + 2 * MARGIN]
}

fn heading(group: &Swatches, place: Rect) -> Result<Piece, Error> {
    let room = f64::from(place.width);
    let title = Face::new(19.0, true, INK).wrap(&group.title, room - f64::from(NUMBERS), 1)?;
    let left = title.width + 12.0;
    let note = Face::new(13.5, false, PALE_INK).wrap(&group.note, room - left - f64::from(NUMBERS), 1)?;
    let mut svg = String::new();
    title.write(&mut svg, f64::from(NUMBERS), 6.0);
    note.write(&mut svg, f64::from(NUMBERS) + left, 11.0);
    Ok(Piece { place, svg })
}

/// A swatch whose strip begins [`NUMBERS`] right of `x`, perhaps with the numbers of its curve.
fn small(swatch: &Swatch, x: u32, y: u32, numbered: bool) -> Result<Piece, Error> {
    let [width, height] = STRIP.map(f64::from);
    let (left, top) = (f64::from(NUMBERS), f64::from(NAME));
    let mut svg = String::new();
    let name = Face::new(14.0, false, INK).wrap(&swatch.name, width, 1)?;
    name.write(&mut svg, left, 0.0);
    let note = Face::new(11.0, false, PALE_INK).wrap(&swatch.note, width - name.width - 8.0, 1)?;
    note.write(&mut svg, left + width - note.width, 3.0);
    if !swatch.colours.is_empty() {
        strip(&mut svg, &swatch.colours, [left, top, width, height]);
    }
    curve(&mut svg, &swatch.lightness, [left, top + height + 5.0, width, f64::from(CURVE)], numbered);
    Ok(Piece { place: Rect { x, y, width: NUMBERS + SWATCH[0], height: SWATCH[1] }, svg })
}

/// A line through lightnesses from left to right over lines at 0, 50 and 100, perhaps with these numbers to the left.
pub(super) fn curve(svg: &mut String, lightness: &[f64], [x, y, width, height]: [f64; 4], numbered: bool) {
    for value in [0.0, 50.0, 100.0] {
        let line = (y + height * (1.0 - value / 100.0)).round();
        let (top, right) = (line - 0.5, x + width);
        _ = write!(svg, "<path d=\"M{x} {top}H{right}\" stroke=\"#dedede\" fill=\"none\"/>");
        if numbered {
            Face::new(11.0, false, PALE_INK).write(svg, x - 5.0, line - 7.5, "end", &value.to_string());
        }
    }
    let step = width / lightness.len().max(1) as f64;
    let mut path = String::new();
    for (i, value) in lightness.iter().enumerate() {
        let (letter, at) = (if i == 0 { 'M' } else { 'L' }, x + (i as f64 + 0.5) * step);
        _ = write!(path, "{letter}{at:.2} {:.2}", y - 0.5 + height * (1.0 - value / 100.0));
    }
    _ = write!(
        svg,
        "<path d=\"{path}\" stroke=\"{INK}\" stroke-width=\"1.2\" stroke-linejoin=\"round\" fill=\"none\"/>"
    );
}

pub(super) fn on_white(scene: &Scene) -> Result<Image, Error> {
    let mut image = Image::filled(scene.width, scene.height, Straight([255; 4]).premultiply());
    scene.draw(&mut image)?;
    Ok(image)
}
