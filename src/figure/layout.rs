//! Where everything goes. Panels are placed in order of importance, each in the first free place of its own list
//! of corners, stacked on those already there. If one finds no room, all is tried again with smaller letters;
//! what finds none even then is left out, with a note.

use std::fmt::Write;

use super::scene::{Piece, Rect, Scene};
use super::text::{Face, SMALLEST, unknown_letters};
use super::{Furniture, Legend, graticule, legend, scale_bar};
use crate::error::Error;
use crate::frame::Frame;

/// Colours of letters on panels, which are nearly white.
pub(super) const INK: &str = "#1a1a1a";
pub(super) const PALE_INK: &str = "#4a4a4a";

/// A panel before it has a place; `svg` has its upper left corner as origin.
pub(super) struct Body {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) svg: String,
    /// Whether words were left out.
    pub(super) shortened: bool,
}

/// From the edge of a panel to what is in it, in pixels.
pub(super) fn padding(size: f64) -> f64 {
    (size * 0.75).round()
}

/// Corners: left or right, top or bottom.
#[derive(Clone, Copy)]
struct Corner {
    right: bool,
    bottom: bool,
}

const UPPER_LEFT: Corner = Corner { right: false, bottom: false };
const UPPER_RIGHT: Corner = Corner { right: true, bottom: false };
const LOWER_LEFT: Corner = Corner { right: false, bottom: true };
const LOWER_RIGHT: Corner = Corner { right: true, bottom: true };

/// Places furniture on a picture of `width` times `height` pixels.
pub(super) fn scene(furniture: &Furniture, frame: &Frame, width: u32, height: u32) -> Result<Scene, Error> {
    // 14 px on 1280x960, 51 px on 4096x4096: pictures are looked at as a whole.
    let usual = (f64::from(width) * f64::from(height)).sqrt() / 80.0;
    let mut size = usual.min(f64::from(width) / 30.0).max(SMALLEST);
    loop {
        let mut layout = Layout::new(width, height, size);
        layout.place_all(furniture, frame)?;
        if layout.complete() || size <= SMALLEST {
            return layout.finish(furniture, frame);
        }
        size = (size * 0.85).max(SMALLEST);
    }
}

/// Letters of a legend alone, in pixels, and how wide it may be.
const ALONE: (f64, f64) = (14.0, 420.0);

/// A legend on a panel of its own.
pub(super) fn legend_alone(legend: &Legend) -> Result<Option<Scene>, Error> {
    let (size, room) = ALONE;
    let Some(body) = legend::body(legend, size, room)? else { return Ok(None) };
    let (width, height) = (body.width.ceil() as u32, body.height.ceil() as u32);
    let place = Rect { x: 0, y: 0, width, height };
    let svg = background(place, size) + &body.svg;
    Ok(Some(Scene { width, height, pieces: vec![Piece { place, svg }], notes: Vec::new(), ground: None }))
}

/// What a panel of letters of `size` lies on.
fn background(Rect { width, height, .. }: Rect, size: f64) -> String {
    let (w, h, round) = (width - 1, height - 1, (size * 0.35).round());
    format!(
        "<rect x=\"0.5\" y=\"0.5\" width=\"{w}\" height=\"{h}\" rx=\"{round}\" fill=\"white\" \
         fill-opacity=\"0.88\" stroke=\"black\" stroke-opacity=\"0.2\"/>"
    )
}

struct Layout {
    width: u32,
    height: u32,
    size: f64,
    panels: Vec<Piece>,
    left_out: Vec<&'static str>,
    shortened: Vec<&'static str>,
}

impl Layout {
    fn new(width: u32, height: u32, size: f64) -> Layout {
        Layout { width, height, size, panels: Vec::new(), left_out: Vec::new(), shortened: Vec::new() }
    }

    fn complete(&self) -> bool {
        self.left_out.is_empty()
    }

    /// The legend first: without it colours mean nothing. Then who must be named.
    fn place_all(&mut self, furniture: &Furniture, frame: &Frame) -> Result<(), Error> {
        let (size, room) = (self.size, self.room());
        if let Some(legend) = &furniture.legend {
            // Half a wide picture at most, all of a narrow one.
            let body = legend::body(legend, size, room.min((room / 2.0).max(size * 22.0)))?;
            self.place("legend", body, &[LOWER_LEFT]);
        }
        if let Some(attribution) = &furniture.attribution {
            let body = words(attribution, Face::new(size * 0.85, false, PALE_INK), size, room, 4)?;
            self.place("attribution", body, &[LOWER_RIGHT, LOWER_LEFT, UPPER_RIGHT]);
        }
        if let Some(title) = &furniture.title {
            let body = words(title, Face::new(size * 1.4, true, INK), size, room, 3)?;
            self.place("title", body, &[UPPER_LEFT]);
        }
        if furniture.scale_bar {
            let body = scale_bar::body(frame, size, f64::from(self.width), room)?;
            self.place("scale bar", body, &[LOWER_RIGHT, UPPER_RIGHT, LOWER_LEFT, UPPER_LEFT]);
        }
        Ok(())
    }

    fn margin(&self) -> u32 {
        (self.size * 0.7).round() as u32
    }

    /// Width between the margins.
    fn room(&self) -> f64 {
        f64::from(self.width.saturating_sub(2 * self.margin()))
    }

    fn place(&mut self, name: &'static str, body: Option<Body>, corners: &[Corner]) {
        let placed = body.and_then(|body| Some((self.free_place(&body, corners)?, body)));
        let Some((place, body)) = placed else {
            self.left_out.push(name);
            return;
        };
        if body.shortened {
            self.shortened.push(name);
        }
        self.panels.push(Piece { place, svg: background(place, self.size) + &body.svg });
    }

    /// The first place in one of the corners, or next to a panel that is in its way, that touches no other panel.
    fn free_place(&self, body: &Body, corners: &[Corner]) -> Option<Rect> {
        let (width, height, margin) = (body.width.ceil() as u32, body.height.ceil() as u32, self.margin());
        let (right, bottom) = (self.width.checked_sub(width + margin)?, self.height.checked_sub(height + margin)?);
        let gap = margin / 2;
        let fits = |place: &Rect| {
            let inside = (margin..=right).contains(&place.x) && (margin..=bottom).contains(&place.y);
            inside && !self.panels.iter().any(|panel| panel.place.near(*place, gap))
        };
        corners.iter().find_map(|corner| {
            let x = if corner.right { right } else { margin };
            let stacked = |panel: &Piece| {
                let above = panel.place.y.checked_sub(gap + height);
                if corner.bottom { above } else { Some(panel.place.bottom() + gap) }
            };
            let edge = if corner.bottom { bottom } else { margin };
            let mut ys: Vec<u32> = self.panels.iter().filter_map(stacked).collect();
            ys.sort_by_key(|y| y.abs_diff(edge));
            let places = std::iter::once(edge).chain(ys).map(|y| Rect { x, y, width, height });
            places.into_iter().find(fits)
        })
    }

    fn finish(self, furniture: &Furniture, frame: &Frame) -> Result<Scene, Error> {
        let (width, height) = (self.width, self.height);
        let picture = format!("on a picture of {width}x{height}");
        let left_out = self.left_out.iter().map(|name| format!("no room for the {name} {picture}"));
        let shortened = self.shortened.iter().map(|name| format!("the {name} is shortened {picture}"));
        let mut notes: Vec<String> = left_out.chain(shortened).collect();
        notes.extend(unknown_note(furniture)?);
        let mut pieces = Vec::new();
        if furniture.graticule {
            let taken: Vec<Rect> = self.panels.iter().map(|panel| panel.place).collect();
            pieces = graticule::pieces(frame, width, height, self.size, &taken)?;
        }
        pieces.extend(self.panels);
        Ok(Scene { width, height, pieces, notes, ground: None })
    }
}

/// A panel of nothing but words; none if they find no room.
fn words(text: &str, face: Face, size: f64, room: f64, most: usize) -> Result<Option<Body>, Error> {
    let (across, down) = (padding(size), (padding(size) * 0.4).round());
    let lines = face.wrap(text, room - 2.0 * across, most)?;
    let mut svg = String::new();
    let height = lines.write(&mut svg, across, down) + down;
    let body = Body { width: lines.width + 2.0 * across, height, svg, shortened: lines.shortened };
    Ok((!lines.texts.is_empty()).then_some(body))
}

/// What to tell about letters the fonts do not have.
fn unknown_note(furniture: &Furniture) -> Result<Option<String>, Error> {
    let Furniture { title, legend, attribution, .. } = furniture;
    let mut all = String::new();
    for text in title.iter().chain(attribution).chain(legend.iter().map(|legend| &legend.title)) {
        _ = write!(all, "{text} ");
    }
    let unknown = unknown_letters(&all)?;
    Ok((!unknown.is_empty()).then(|| format!("the letters {unknown} are not in the built-in font")))
}
