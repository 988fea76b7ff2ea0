//! What is drawn along the cells: ticks and labels, titles, strips of colours, dendrograms.

use std::fmt::Write;

use super::labels::{LINE, Labels, Way};
use super::place::Around;
use super::{Plot, Side, Strip};
use crate::figure::text::{Face, Lines, written_colour};

/// Pixels of the marks at ticks, and between mark and label, in em.
pub(super) const MARK: f64 = 0.28;
pub(super) const SPACE: f64 = 0.28;

/// Strips and what is between them, in em.
pub(super) const STRIP: f64 = 0.95;
pub(super) const STRIP_GAP: f64 = 0.18;

/// Lines of dendrograms, in em.
const TWIG: f64 = 0.055;

/// Between a dendrogram and what it is about, in em.
const TREE_GAP: f64 = 0.15;

/// Marks and labels below cells whose lower left corner is `[x, y]` and which are `width` wide.
pub(super) fn below(svg: &mut String, labels: &Labels, [x, y]: [f64; 2], width: f64) {
    let em = labels.face.size;
    for (at, text) in &labels.texts {
        let at = x + at * width;
        mark(svg, [at, y], [0.0, MARK * em], labels.face);
        let top = y + (MARK + SPACE) * em;
        match labels.angle {
            0.0 => labels.face.write(svg, at, top, "middle", text),
            angle => labels.face.write_turned(svg, [at, top], -angle, "end", text),
        }
    }
}

/// Marks and labels beside cells: to the left of `x`, or to the right of it, from `y` on over `height`.
pub(super) fn beside(svg: &mut String, labels: &Labels, [x, y]: [f64; 2], height: f64, right: bool) {
    let em = labels.face.size;
    let out = if right { 1.0 } else { -1.0 };
    for (at, text) in &labels.texts {
        let at = y + at * height;
        mark(svg, [x, at], [out * MARK * em, 0.0], labels.face);
        let near = x + out * (MARK + SPACE) * em;
        match labels.angle {
            0.0 => labels.face.write(svg, near, at - LINE * em / 2.0, if right { "start" } else { "end" }, text),
            90.0 => labels.face.write_turned(svg, [near + out * LINE * em / 2.0, at], -90.0, "middle", text),
            angle => labels.face.write_turned(svg, [near, at], -angle, if right { "start" } else { "end" }, text),
        }
    }
}

fn mark(svg: &mut String, [x, y]: [f64; 2], [dx, dy]: [f64; 2], face: Face) {
    let (wide, ink) = (line_width(face.size), face.colour);
    _ = write!(svg, "<path d=\"M{x:.2} {y:.2}l{dx:.2} {dy:.2}\" stroke=\"{ink}\" stroke-width=\"{wide:.2}\"/>");
}

/// How wide marks and frames are.
pub(super) fn line_width(em: f64) -> f64 {
    (em * 0.06).max(0.7)
}

/// Lines of text that stand, reading upwards, their middle at `[x, y]`, `x` being where the first line begins.
pub(super) fn standing(svg: &mut String, lines: &Lines, [x, y]: [f64; 2]) {
    for (i, text) in lines.texts.iter().enumerate() {
        let face = lines.face();
        face.write_turned(svg, [x + (i as f64 + 0.5) * LINE * face.size, y], -90.0, "middle", text);
    }
}

/// A strip of colours along a side: `from` and `length` along it, `beside` and `thick` across.
pub(super) fn strip(
    svg: &mut String,
    strip: &Strip,
    edges: &[f64],
    way: Way,
    [from, length]: [f64; 2],
    [beside, thick]: [f64; 2],
) {
    for (colour, pair) in strip.colours.iter().zip(edges.windows(2)) {
        let (start, end) = ((from + pair[0] * length).round(), (from + pair[1] * length).round());
        let (fill, opacity) = written_colour(*colour);
        let [x, y, width, height] = match way {
            Way::Across => [start, beside, end - start, thick],
            Way::Down => [beside, start, thick, end - start],
        };
        _ = write!(
            svg,
            "<rect x=\"{x}\" y=\"{y:.2}\" width=\"{width}\" height=\"{height:.2}\" fill=\"{fill}\"{opacity} \
             shape-rendering=\"crispEdges\"/>"
        );
    }
}

/// The tree of the columns, its upper left corner at `[x, y]`.
pub(super) fn tree_above(svg: &mut String, plot: &Plot<'_>, around: &Around, [x, y, width]: [f64; 3]) {
    if around.trees[0] > 0.0 {
        tree(
            svg,
            (&plot.columns, plot.inks()[1]),
            Way::Across,
            [x, y, width, around.trees[0] - TREE_GAP * around.em],
            around.em,
        );
    }
}

/// The tree of the rows, its upper left corner at `[x, y]`.
pub(super) fn tree_beside(svg: &mut String, plot: &Plot<'_>, around: &Around, [x, y, height]: [f64; 3]) {
    if around.trees[1] > 0.0 {
        tree(
            svg,
            (&plot.rows, plot.inks()[1]),
            Way::Down,
            [x, y, around.trees[1] - TREE_GAP * around.em, height],
            around.em,
        );
    }
}

/// A dendrogram along a side, in `[x, y, width, height]`, its leaves at the lower edge for columns and at the right one
/// for rows.
fn tree(svg: &mut String, (side, ink): (&Side, &str), way: Way, [x, y, width, height]: [f64; 4], em: f64) {
    let top = side.tree.iter().map(|limb| limb[4]).filter(|h| h.is_finite()).fold(0.0, f64::max);
    let tall = |h: f64| if top > 0.0 { h.max(0.0) / top } else { 0.0 };
    let share = |leaf: f64| position(&side.edges, leaf);
    let mut path = String::new();
    for [left, from_left, right, from_right, high] in &side.tree {
        let (a, b, high) = (share(*left), share(*right), tall(*high));
        let points = [[a, tall(*from_left)], [a, high], [b, high], [b, tall(*from_right)]];
        for (i, [along, high]) in points.into_iter().enumerate() {
            let [px, py] = match way {
                Way::Across => [x + along * width, y + (1.0 - high) * height],
                Way::Down => [x + (1.0 - high) * width, y + along * height],
            };
            _ = write!(path, "{}{px:.2} {py:.2}", if i == 0 { 'M' } else { 'L' });
        }
    }
    let wide = (em * TWIG).max(0.6);
    _ = write!(
        svg,
        "<path d=\"{path}\" fill=\"none\" stroke=\"{ink}\" stroke-width=\"{wide:.2}\" stroke-linejoin=\"round\"/>"
    );
}

/// Where a place counted in rows or columns lies, in shares.
fn position(edges: &[f64], at: f64) -> f64 {
    let cells = edges.len().saturating_sub(1);
    if cells == 0 {
        return 0.0;
    }
    let cell = (at.max(0.0) as usize).min(cells - 1);
    edges[cell] + (edges[cell + 1] - edges[cell]) * (at - cell as f64)
}
