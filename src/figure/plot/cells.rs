//! The cells themselves: as areas of one colour each, or as a picture where they are many; and the lines over them.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Plot;
use super::place::least_cell;
use super::side::line_width;
use crate::figure::text::written_colour;
use crate::image::Straight;

/// The most cells that are drawn as areas; a picture takes less for more.
const MOST_AREAS: usize = 20_000;

/// Whether the cells are areas, which stay sharp at any size: where they are not too many, and none is smaller than a pixel.
pub(super) fn are_areas(plot: &Plot<'_>, place: [f64; 4]) -> bool {
    let seen = least_cell(plot, place).iter().all(|side| *side >= 1.0);
    !plot.mosaic.smooth && cells(plot) <= MOST_AREAS && seen
}

fn cells(plot: &Plot<'_>) -> usize {
    plot.rows.edges.len().saturating_sub(1) * plot.columns.edges.len().saturating_sub(1)
}

/// One path for all cells of a colour, in `[x, y, width, height]`, edges at whole pixels.
pub(super) fn areas(svg: &mut String, plot: &Plot<'_>, [x, y, width, height]: [f64; 4]) {
    let at =
        |edges: &[f64], from: f64, length: f64| edges.iter().map(|e| (from + e * length).round()).collect::<Vec<_>>();
    let (xs, ys) = (at(&plot.columns.edges, x, width), at(&plot.rows.edges, y, height));
    let mut paths: BTreeMap<[u8; 4], String> = BTreeMap::new();
    for (row, down) in ys.windows(2).enumerate() {
        let mut column = 0;
        while column + 1 < xs.len() {
            let colour = (plot.mosaic.colour)(row, column);
            let same = |next: &usize| (plot.mosaic.colour)(row, *next) == colour;
            let end = (column + 1..xs.len() - 1).find(|next| !same(next)).unwrap_or(xs.len() - 1);
            if colour.0[3] > 0 {
                let path = paths.entry(colour.0).or_default();
                _ = write!(path, "M{} {}H{}V{}H{}Z", xs[column], down[0], xs[end], down[1], xs[column]);
            }
            column = end;
        }
    }
    for (colour, path) in paths {
        let (fill, opacity) = written_colour(Straight(colour));
        _ = write!(svg, "<path d=\"{path}\" fill=\"{fill}\"{opacity} shape-rendering=\"crispEdges\"/>");
    }
}

/// Lines between cells, at ticks, given ones, and around all.
pub(super) fn lines(svg: &mut String, plot: &Plot<'_>, place: [f64; 4], em: f64) {
    let [x, y, width, height] = place;
    if let Some((points, colour)) = plot.measures.between
        && points > 0.0
    {
        let wide = points * plot.measures.dpi / 72.0;
        let inner =
            |edges: &[f64]| edges.get(1..edges.len().saturating_sub(1)).map(<[f64]>::to_vec).unwrap_or_default();
        let (fill, opacity) = written_colour(colour);
        let path = crossing(&inner(&plot.columns.edges), &inner(&plot.rows.edges), place);
        _ = write!(
            svg,
            "<path d=\"{path}\" stroke=\"{fill}\"{} stroke-width=\"{wide:.2}\"/>",
            opacity.replace("fill", "stroke")
        );
    }
    if plot.measures.grid {
        let at = |ticks: &[(f64, String)]| ticks.iter().map(|(at, _)| *at).collect::<Vec<_>>();
        let path = crossing(&at(&plot.columns.ticks), &at(&plot.rows.ticks), place);
        let wide = line_width(em);
        _ = write!(svg, "<path d=\"{path}\" stroke=\"#000\" stroke-opacity=\"0.35\" stroke-width=\"{wide:.2}\"/>");
    }
    given(svg, plot, place, em);
    if plot.measures.frame {
        let wide = line_width(em) * 1.4;
        _ = write!(
            svg,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{wide:.2}\"/>",
            plot.inks()[0]
        );
    }
}

/// A line down at each of some shares of the width, and across at each of some of the height.
fn crossing(down: &[f64], across: &[f64], [x, y, width, height]: [f64; 4]) -> String {
    let mut path = String::new();
    for at in down {
        _ = write!(path, "M{} {y}v{height}", (x + at * width).round());
    }
    for at in across {
        _ = write!(path, "M{x} {}h{width}", (y + at * height).round());
    }
    path
}

fn given(svg: &mut String, plot: &Plot<'_>, [x, y, width, height]: [f64; 4], em: f64) {
    let mut path = String::new();
    for line in &plot.lines {
        for (i, [u, v]) in line.iter().enumerate() {
            _ = write!(path, "{}{:.2} {:.2}", if i == 0 { 'M' } else { 'L' }, x + u * width, y + v * height);
        }
    }
    if !path.is_empty() {
        let wide = line_width(em);
        // Dark on a light edge, to be seen on any colour.
        for (colour, wide) in [("#fff", wide * 2.2), ("#111", wide)] {
            _ = write!(
                svg,
                "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-opacity=\"0.75\" stroke-width=\"{wide:.2}\" \
                 stroke-linejoin=\"round\"/>"
            );
        }
    }
}
