//! The legend: a strip of colours with its unit above, values below, and a note.
//!
//! ```text
//! events per km²
//! ██████████████████████
//! |    |    |    |     |
//! 0    50   100  150   200
//! Gaussian, 500 m
//! ```

use std::fmt::Write;

use super::Legend;
use super::layout::{Body, INK, PALE_INK, padding};
use super::text::Face;
use crate::error::Error;
use crate::image::Straight;

/// Lengths of the strip in em: usual, the most it grows to for its labels, and the least that is worth drawing.
const USUAL: f64 = 18.0;
const MOST: f64 = 30.0;
const LEAST: f64 = 7.0;

/// The legend with letters of `size`, at most `room` pixels wide; none if there is no room for a strip.
pub(super) fn body(legend: &Legend, size: f64, room: f64) -> Result<Option<Body>, Error> {
    let pad = padding(size);
    let room = room - 2.0 * pad;
    let (face, pale) = (Face::new(size, false, INK), Face::new(size * 0.88, false, PALE_INK));
    let labels = Label::all(legend, face)?;
    let (gap, over) = (size * 0.5, pad * 0.6);
    let title = Face::new(size, true, INK).wrap(&legend.title, room, 3)?;
    let usual = (USUAL * size).max(title.width);
    let shows_all = |length: &f64| placed(&labels, *length, over, gap).len() == labels.len();
    let lengths = (0..).map(|i| usual + f64::from(i) * size).take_while(|length| *length <= (MOST * size).min(room));
    let length = lengths.into_iter().find(shows_all).unwrap_or(usual).min(room).floor();
    if length < LEAST * size || legend.colours.is_empty() {
        return Ok(None);
    }
    let note = pale.wrap(legend.note.as_deref().unwrap_or_default(), length, 3)?;
    let (thick, tick) = ((size * 1.1).round(), (size * 0.35).round());
    let mut svg = String::new();
    let mut y = title.write(&mut svg, pad, pad * 0.7) + (size * 0.25).round();
    y = y.round();
    strip(&mut svg, &legend.colours, [pad, y, length, thick]);
    y += thick;
    for Label { at, .. } in &labels {
        let x = pad + (at * (length - 1.0)).round();
        let wide = (size / 14.0).round().max(1.0);
        _ = write!(svg, "<rect x=\"{x}\" y=\"{y}\" width=\"{wide}\" height=\"{tick}\" fill=\"{INK}\"/>");
    }
    y += tick;
    for (left, label) in placed(&labels, length, over, gap) {
        face.write(&mut svg, pad + left, y, "start", &label.text);
    }
    if !labels.is_empty() {
        y += face.height(1);
    }
    y = note.write(&mut svg, pad, y);
    let shortened = title.shortened || note.shortened;
    Ok(Some(Body { width: length + 2.0 * pad, height: y + pad * 0.6, svg, shortened }))
}

/// A label of the strip: where on it, and how wide.
struct Label {
    at: f64,
    text: String,
    width: f64,
}

impl Label {
    fn all(legend: &Legend, face: Face) -> Result<Vec<Label>, Error> {
        let inside = legend.ticks.iter().filter(|(at, _)| (0.0..=1.0).contains(at));
        inside.map(|(at, text)| Ok(Label { at: *at, text: text.clone(), width: face.width(text)? })).collect()
    }
}

/// The left ends of the labels that are shown: all, or every second, third and so on from the first, so that none
/// comes closer than `gap` to another; and the last where it is free. Each is centred at its tick, as far as it
/// reaches at most `over` pixels beyond the strip.
fn placed(labels: &[Label], length: f64, over: f64, gap: f64) -> Vec<(f64, &Label)> {
    let place = |label: &Label| (label.at * length - label.width / 2.0).min(length + over - label.width).max(-over);
    let all: Vec<(f64, &Label)> = labels.iter().map(|label| (place(label), label)).collect();
    let apart = |(a, first): (f64, &Label), (b, second): (f64, &Label)| {
        a + first.width + gap <= b || b + second.width + gap <= a
    };
    let every = |stride: usize| all.iter().copied().step_by(stride).collect::<Vec<_>>();
    let free = |shown: &Vec<(f64, &Label)>| shown.windows(2).all(|pair| apart(pair[0], pair[1]));
    let mut shown = (1..=all.len()).map(every).find(free).unwrap_or_default();
    shown.extend(all.last().filter(|last| shown.iter().all(|other| apart(*other, **last))));
    shown.retain(|(left, label)| left + label.width <= length + over);
    shown
}

/// A strip of colours from left to right in `[x, y, width, height]`, whole pixels. Every column of pixels has
/// one of the colours exactly; those that are not opaque lie over a chequerboard.
pub(super) fn strip(svg: &mut String, colours: &[Straight], [x, y, width, height]: [f64; 4]) {
    let edge = |out: f64| format!("x=\"{}\" y=\"{}\" width=\"{}\"", x - out, y - out, width + 2.0 * out);
    _ = write!(svg, "<rect {} height=\"{}\" fill=\"#777\"/>", edge(1.0), height + 2.0);
    _ = write!(svg, "<rect {} height=\"{height}\" fill=\"white\"/>", edge(0.0));
    if colours.iter().any(|colour| colour.0[3] < 255) {
        chequers(svg, [x, y, width, height]);
    }
    let at = |column: u32| colours[((f64::from(column) + 0.5) / width * colours.len() as f64) as usize];
    let columns = width as u32;
    let mut start = 0;
    while start < columns {
        let colour = at(start);
        let end = (start..columns).find(|column| at(*column) != colour).unwrap_or(columns);
        let [r, g, b, a] = colour.0;
        let (left, wide, opacity) = (x + f64::from(start), end - start, f64::from(a) / 255.0);
        _ = write!(
            svg,
            "<rect x=\"{left}\" y=\"{y}\" width=\"{wide}\" height=\"{height}\" fill=\"#{r:02x}{g:02x}{b:02x}\" \
             fill-opacity=\"{opacity:.4}\"/>"
        );
        start = end;
    }
}

/// Grey squares in three rows; the last column is cut off where the strip ends.
pub(super) fn chequers(svg: &mut String, [x, y, width, height]: [f64; 4]) {
    let side = (height / 3.0).ceil();
    let mut path = String::new();
    for row in 0..3 {
        let (top, bottom) = (f64::from(row) * side, (f64::from(row + 1) * side).min(height));
        let mut left = f64::from(row % 2) * side;
        while left < width && top < bottom {
            let right = (left + side).min(width);
            _ = write!(path, "M{} {}H{}V{}H{}Z", x + left, y + top, x + right, y + bottom, x + left);
            left += 2.0 * side;
        }
    }
    _ = write!(svg, "<path d=\"{path}\" fill=\"#d4d4d4\"/>");
}
