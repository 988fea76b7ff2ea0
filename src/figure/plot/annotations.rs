//! What is written on cells.

use std::fmt::Write;

use super::Plot;
use super::labels::LINE;
use crate::error::Error;
use crate::figure::text::{Face, escaped, written_colour};

/// Letters below this many points are left out.
const SMALLEST: f64 = 3.5;

/// What is left free beside a text, in em.
const FREE: f64 = 0.3;

/// The widest text, measured in em.
pub(super) fn widest(plot: &Plot<'_>) -> Result<f64, Error> {
    let mut texts: Vec<&str> = plot.mosaic.texts.iter().map(|(text, _)| text.as_str()).collect();
    texts.sort_unstable();
    texts.dedup();
    // Of very many only the longest can be the widest.
    texts.sort_by_key(|text| std::cmp::Reverse(text.chars().count()));
    texts.truncate(400);
    let face = Face { size: 100.0, strong: false, colour: "black" };
    Ok(face.widths(&texts)?.into_iter().fold(0.0, f64::max) / 100.0)
}

/// Pixels of the em of texts on cells of which the least is `[width, height]` pixels large; none where no size that can
/// be read fits.
pub(super) fn size(plot: &Plot<'_>, widest: f64, [width, height]: [f64; 2], em: f64) -> Option<f64> {
    let point = plot.measures.dpi / 72.0;
    let fitting = (width / (widest + FREE)).min(height / LINE);
    let size = match plot.measures.annotation_size {
        Some(points) => points * point,
        None => (em * 0.95).min(fitting),
    };
    (size <= fitting + 1e-9 && size >= SMALLEST * point).then_some(size)
}

/// Writes them in the middle of their cells.
pub(super) fn draw(svg: &mut String, plot: &Plot<'_>, [x, y, width, height]: [f64; 4], size: f64) {
    let columns = plot.columns.edges.len().saturating_sub(1).max(1);
    let middle = |edges: &[f64], i: usize| f64::midpoint(edges[i], edges[i + 1]);
    _ = write!(
        svg,
        "<g font-family=\"{}\" font-size=\"{size:.2}\" text-anchor=\"middle\">",
        crate::figure::text::FAMILY
    );
    for (i, (text, ink)) in plot.mosaic.texts.iter().enumerate().filter(|(_, (text, _))| !text.is_empty()) {
        let (u, v) = (middle(&plot.columns.edges, i % columns), middle(&plot.rows.edges, i / columns));
        // The middle of figures is 0.36 em above their baseline.
        let (x, y) = (x + u * width, y + v * height + 0.36 * size);
        _ = write!(svg, "<text x=\"{x:.2}\" y=\"{y:.2}\" fill=\"{}\">{}</text>", written_colour(*ink).0, escaped(text));
    }
    svg.push_str("</g>");
}
