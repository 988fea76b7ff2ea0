//! What single colours mean: those of strips, and that of cells without data.

use std::fmt::Write;

use super::labels::LINE;
use super::{Key, Plot};
use crate::error::Error;
use crate::figure::text::{Face, Lines, written_colour};
use crate::image::Straight;

/// The most entries of one key; more could not be told apart.
const MOST: usize = 24;

/// Letters of one line of a key, in em.
const ROOM: f64 = 16.0;

/// Keys one below the other, measured.
pub(super) struct Measured {
    pub(super) width: f64,
    pub(super) height: f64,
    lines: Vec<Line>,
    face: Face,
}

enum Line {
    Name(Lines),
    Entry(Straight, Lines),
    Gap,
}

/// The keys of a heatmap; none has no size.
pub(super) fn measured(plot: &Plot<'_>, face: Face) -> Result<Measured, Error> {
    let missing =
        plot.mosaic.missing.map(|colour| Key { name: String::new(), entries: vec![(colour, "no data".into())] });
    let strong = Face { strong: true, ..face };
    let mut lines = Vec::new();
    for key in missing.iter().chain(&plot.keys) {
        if !lines.is_empty() {
            lines.push(Line::Gap);
        }
        if !key.name.is_empty() {
            lines.push(Line::Name(strong.wrap(&key.name, ROOM * face.size, 1)?));
        }
        for (colour, word) in key.entries.iter().take(MOST) {
            lines.push(Line::Entry(*colour, face.wrap(word, ROOM * face.size, 1)?));
        }
        if key.entries.len() > MOST {
            let rest = format!("and {} more", key.entries.len() - MOST);
            lines.push(Line::Name(face.wrap(&rest, ROOM * face.size, 1)?));
        }
    }
    let width = lines.iter().map(|line| line.width(face.size)).fold(0.0, f64::max);
    let height = lines.iter().map(|line| line.height(face.size)).sum();
    Ok(Measured { width, height, lines, face })
}

/// No key at all.
pub(super) fn measured_none(face: Face) -> Measured {
    Measured { width: 0.0, height: 0.0, lines: Vec::new(), face }
}

impl Line {
    fn width(&self, em: f64) -> f64 {
        match self {
            Line::Name(lines) => lines.width,
            Line::Entry(_, lines) => lines.width + 1.5 * em,
            Line::Gap => 0.0,
        }
    }

    fn height(&self, em: f64) -> f64 {
        if let Line::Gap = self { 0.6 * em } else { LINE * em }
    }
}

impl Measured {
    /// Whether a name or a word was cut.
    pub(super) fn shortened(&self) -> bool {
        self.lines.iter().any(|line| matches!(line, Line::Name(lines) | Line::Entry(_, lines) if lines.shortened))
    }

    /// Draws them with their upper left corner at `[x, y]`.
    pub(super) fn draw(&self, svg: &mut String, [x, mut y]: [f64; 2]) {
        let em = self.face.size;
        for line in &self.lines {
            match line {
                Line::Gap => {}
                Line::Name(lines) => {
                    lines.write(svg, x, y);
                }
                Line::Entry(colour, lines) => {
                    swatch(svg, *colour, [x, y + 0.18 * em], em);
                    lines.write(svg, x + 1.5 * em, y);
                }
            }
            y += line.height(em);
        }
    }
}

fn swatch(svg: &mut String, colour: Straight, [x, y]: [f64; 2], em: f64) {
    let (fill, opacity) = written_colour(colour);
    _ = write!(
        svg,
        "<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{em:.2}\" height=\"{:.2}\" fill=\"{fill}\"{opacity} stroke=\"#777\" \
         stroke-width=\"{:.2}\"/>",
        em * 0.9,
        (em * 0.05).max(0.5)
    );
}
