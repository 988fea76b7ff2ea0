//! The bar of colours beside the cells.

use std::fmt::Write;

use super::Bar;
use super::labels::LINE;
use super::side::{MARK, SPACE, line_width, standing};
use crate::error::Error;
use crate::figure::legend::chequers;
use crate::figure::text::{Face, Lines, written_colour};

/// How wide the bar is, in em.
const WIDE: f64 = 1.1;

/// A bar of some height, measured.
pub(super) struct Measured {
    pub(super) height: f64,
    /// With its labels and its title.
    pub(super) width: f64,
    bar: f64,
    labels: f64,
    title: Lines,
    ticks: Vec<(f64, String)>,
    face: Face,
}

/// The bar over `height` pixels; `wide` is its own width where that is given.
pub(super) fn measured(bar: &Bar, face: Face, height: f64, wide: Option<f64>, titled: bool) -> Result<Measured, Error> {
    let em = face.size;
    let texts: Vec<&str> = bar.ticks.iter().map(|(_, text)| text.as_str()).collect();
    let labels = face.widths(&texts)?.into_iter().fold(0.0, f64::max);
    let title = face.wrap(if titled { &bar.title } else { "" }, height.max(4.0 * em), 3)?;
    let wide = wide.unwrap_or(WIDE * em).round().max(1.0);
    let beside = if bar.ticks.is_empty() { 0.0 } else { (MARK + SPACE) * em + labels };
    let titles = if title.texts.is_empty() { 0.0 } else { 0.3 * em + title.height() };
    Ok(Measured {
        height,
        width: wide + beside + titles,
        bar: wide,
        labels,
        title,
        ticks: apart(bar, height, em),
        face,
    })
}

/// The ticks whose labels do not touch, the ends last.
fn apart(bar: &Bar, height: f64, em: f64) -> Vec<(f64, String)> {
    let mut ticks = bar.ticks.clone();
    ticks.retain(|(at, _)| (0.0..=1.0).contains(at));
    ticks.sort_by(|a, b| a.0.total_cmp(&b.0));
    let free = |step: usize| {
        ticks
            .iter()
            .step_by(step)
            .zip(ticks.iter().skip(step).step_by(step))
            .all(|(a, b)| (b.0 - a.0) * height >= LINE * em)
    };
    let step = (1..=ticks.len().max(1)).find(|step| free(*step)).unwrap_or(1);
    ticks.into_iter().step_by(step).collect()
}

impl Measured {
    /// Whether its title was cut.
    pub(super) fn shortened(&self) -> bool {
        self.title.shortened
    }

    /// Draws it with its upper left corner at `[x, y]`.
    pub(super) fn draw(&self, svg: &mut String, bar: &Bar, [x, y]: [f64; 2]) {
        let em = self.face.size;
        let (x, y, height) = (x.round(), y.round(), self.height.round().max(1.0));
        colours(svg, bar, [x, y, self.bar, height]);
        let wide = line_width(em);
        _ = write!(
            svg,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{height}\" fill=\"none\" stroke=\"#777\" stroke-width=\"{wide:.2}\"/>",
            self.bar
        );
        for (at, text) in &self.ticks {
            let (right, at) = (x + self.bar, y + (1.0 - at) * height);
            _ = write!(
                svg,
                "<path d=\"M{right:.2} {at:.2}h{:.2}\" stroke=\"{}\" stroke-width=\"{wide:.2}\"/>",
                MARK * em,
                self.face.colour
            );
            self.face.write(svg, right + (MARK + SPACE) * em, at - LINE * em / 2.0, "start", text);
        }
        let labels = if self.ticks.is_empty() { 0.0 } else { (MARK + SPACE) * em + self.labels };
        standing(svg, &self.title, [x + self.bar + labels + 0.3 * em, y + height / 2.0]);
    }
}

/// One rectangle for each run of pixels of one colour, from the highest value down.
fn colours(svg: &mut String, bar: &Bar, [x, y, width, height]: [f64; 4]) {
    if bar.colours.is_empty() {
        return;
    }
    if bar.colours.iter().any(|colour| colour.0[3] < 255) {
        _ = write!(svg, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"white\"/>");
        chequers(svg, [x, y, width, height]);
    }
    let at = |row: u32| bar.colours[((1.0 - (f64::from(row) + 0.5) / height) * bar.colours.len() as f64) as usize];
    let rows = height as u32;
    let mut start = 0;
    while start < rows {
        let colour = at(start);
        let end = (start..rows).find(|row| at(*row) != colour).unwrap_or(rows);
        let (fill, opacity) = written_colour(colour);
        _ = write!(
            svg,
            "<rect x=\"{x}\" y=\"{}\" width=\"{width}\" height=\"{}\" fill=\"{fill}\"{opacity} shape-rendering=\"crispEdges\"/>",
            y + f64::from(start),
            end - start
        );
        start = end;
    }
}
