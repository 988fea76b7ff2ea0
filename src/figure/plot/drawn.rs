//! The heatmap at its places: the cells, and above them one drawing of everything else.

use super::labels::{LINE, Way};
use super::place::{Around, Places, Spot};
use super::side::{self, STRIP, STRIP_GAP};
use super::{Plot, annotations, cells};
use crate::error::Error;
use crate::figure::scene::{Ground, Piece, Rect, Scene};
use crate::figure::text::{Face, Lines, unknown_letters};

pub(super) fn scene(plot: &Plot<'_>, places: &Places, mut notes: Vec<String>) -> Result<Scene, Error> {
    let page = Rect { x: 0, y: 0, width: places.width, height: places.height };
    let [x, y, width, height] = places.cells;
    let mut svg = String::new();
    let mut picture = None;
    if cells::are_areas(plot, places.cells) {
        cells::areas(&mut svg, plot, places.cells);
    } else {
        let place = Rect { x: x as u32, y: y as u32, width: width as u32, height: height as u32 };
        picture = Some((place, (plot.mosaic.picture)(place.width, place.height)));
    }
    cells::lines(&mut svg, plot, places.cells, places.around.em);
    if let Some(size) = places.texts {
        annotations::draw(&mut svg, plot, places.cells, size);
    }
    along_columns(&mut svg, plot, places);
    along_rows(&mut svg, plot, places);
    words(&mut svg, places);
    beside(&mut svg, plot, places);
    notes.extend(unknown_note(plot)?);
    Ok(Scene {
        width: places.width,
        height: places.height,
        pieces: vec![Piece { place: page, svg }],
        notes,
        ground: Some(Ground {
            paper: plot.measures.paper,
            dpi: plot.measures.dpi,
            cells: [width as u32, height as u32],
            picture,
        }),
    })
}

/// Strips, tree, labels and title of the columns.
fn along_columns(svg: &mut String, plot: &Plot<'_>, Places { cells: [x, y, width, height], around, .. }: &Places) {
    let em = around.em;
    let names = Face { size: em, strong: false, colour: plot.inks()[0] };
    let mut top = y - around.strips[0];
    side::tree_above(svg, plot, around, [*x, top - around.trees[0], *width]);
    for (i, strip) in plot.columns.strips.iter().enumerate() {
        side::strip(svg, strip, &plot.columns.edges, Way::Across, [*x, *width], [top, STRIP * em]);
        if let Some(name) = around.strip_names[0].get(i) {
            names.write(svg, x + width + 0.4 * em, top + (STRIP - LINE) / 2.0 * em, "start", name);
        }
        top += (STRIP + STRIP_GAP) * em;
    }
    side::below(svg, &around.columns, [*x, y + height], *width);
    lying(svg, &around.column_title, x + width / 2.0, y + height + around.column_side + 0.3 * em);
}

/// Strips, tree, labels and title of the rows.
fn along_rows(svg: &mut String, plot: &Plot<'_>, Places { cells: [x, y, width, height], around, .. }: &Places) {
    let em = around.em;
    let names = Face { size: em, strong: false, colour: plot.inks()[0] };
    let mut left = x - around.strips[1];
    side::tree_beside(svg, plot, around, [left - around.trees[1], *y, *height]);
    for (i, strip) in plot.rows.strips.iter().enumerate() {
        side::strip(svg, strip, &plot.rows.edges, Way::Down, [*y, *height], [left, STRIP * em]);
        if let Some(name) = around.strip_names[1].get(i) {
            let middle = left + STRIP / 2.0 * em;
            names.write_turned(svg, [middle, y + height + around.above_names()], -90.0, "end", name);
        }
        left += (STRIP + STRIP_GAP) * em;
    }
    let edge = if around.rows_right { x + width } else { x - around.strips[1] - around.trees[1] };
    side::beside(svg, &around.rows, [edge, *y], *height, around.rows_right);
    let title = around.row_title.height();
    let at = if around.rows_right { edge + around.row_side - title } else { edge - around.row_side };
    side::standing(svg, &around.row_title, [at, y + height / 2.0]);
}

/// Title and caption.
fn words(svg: &mut String, places: &Places) {
    let Places { cells: [x, y, width, _], around, .. } = places;
    let pad = around.pad();
    let page = f64::from(places.width);
    let half = around.title.width / 2.0;
    let middle = (x + width / 2.0).min(page - pad - half).max(pad + half);
    let above = y - around.top + pad;
    lying(svg, &around.title, middle, above);
    let below = f64::from(places.height) - pad - around.caption.height();
    around.caption.write(svg, pad, below);
}

/// The bar and the keys.
fn beside(svg: &mut String, plot: &Plot<'_>, places: &Places) {
    let Places { cells: [x, y, width, height], around, .. } = places;
    let em = around.em;
    let left = f64::from(places.width) - around.pad() - aside(around);
    let left = left.min(x + width + around.right - around.pad() - aside(around));
    let mut top = *y;
    if let (Some(bar), Some((measured, spot))) = (&plot.bar, &around.bar) {
        let at = match spot {
            Spot::Right => {
                top += measured.height + 0.8 * em;
                // A bar alone stands in the middle of the cells.
                let spare = if around.keys.height > 0.0 { 0.0 } else { (height - measured.height) / 2.0 };
                [left, y + spare.max(0.0)]
            }
            Spot::Corner => {
                let corner = [x - around.strips[1] - around.trees[1], y - around.strips[0] - around.trees[0]];
                [corner[0], corner[1] + 0.6 * em]
            }
            Spot::Page([l, b, _, h]) => {
                // Its labels stay on the page.
                let [across, down] = [places.width, places.height].map(f64::from);
                let most = [across - around.pad() - measured.width, down - around.pad() - measured.height];
                [(l * across).min(most[0]).max(0.0), ((1.0 - b - h) * down).min(most[1]).max(em * 0.7)]
            }
        };
        measured.draw(svg, bar, at);
    }
    around.keys.draw(svg, [left, top]);
}

/// How wide bar and keys are, where they are to the right.
fn aside(around: &Around) -> f64 {
    match &around.bar {
        Some((bar, Spot::Right)) => bar.width.max(around.keys.width),
        _ => around.keys.width,
    }
}

/// Lines one below the other, each with its middle at `x`.
fn lying(svg: &mut String, lines: &Lines, x: f64, y: f64) {
    let face = lines.face();
    for (i, text) in lines.texts.iter().enumerate() {
        face.write(svg, x, y + i as f64 * LINE * face.size, "middle", text);
    }
}

/// What to tell about letters that the fonts do not have.
fn unknown_note(plot: &Plot<'_>) -> Result<Option<String>, Error> {
    let ticks = plot.rows.ticks.iter().chain(&plot.columns.ticks).map(|(_, text)| text.as_str());
    let bar = plot.bar.iter().map(|bar| bar.title.as_str());
    let titles = [&plot.title, &plot.caption, &plot.rows.title, &plot.columns.title].map(String::as_str);
    let mut letters: Vec<char> = titles.into_iter().chain(bar).chain(ticks).flat_map(str::chars).collect();
    letters.sort_unstable();
    letters.dedup();
    let unknown = unknown_letters(&letters.into_iter().collect::<String>())?;
    Ok((!unknown.is_empty()).then(|| format!("the letters {unknown} are not in the built-in font")))
}
