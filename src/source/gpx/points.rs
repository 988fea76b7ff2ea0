//! The points of a GPX text, one after the other: a stream of XML in which nothing but points, and what is
//! written inside of them, is looked at.

use std::io::Read;

use crate::error::Error;
use crate::source::Input;
use crate::source::xml::{Element, Token, Xml, coordinate};

/// Text longer than this inside of a point is cut: no column holds a book.
const LONGEST_TEXT: usize = 1 << 12;

/// What kind of point it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Track,
    Route,
    Waypoint,
}

impl Kind {
    fn of(name: &str) -> Option<Kind> {
        match name {
            "trkpt" => Some(Kind::Track),
            "rtept" => Some(Kind::Route),
            "wpt" => Some(Kind::Waypoint),
            _ => None,
        }
    }
}

/// A point as written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Point {
    pub(super) kind: Kind,
    /// Degrees; none where the attribute is absent or blank, NaN where it is no number.
    pub(super) lng: Option<f64>,
    /// As above.
    pub(super) lat: Option<f64>,
    /// Names and texts of the elements inside: `ele`, `time`, and those of extensions, such as `hr`.
    pub(super) texts: Vec<(String, String)>,
}

/// Reads points.
pub(super) struct Points {
    xml: Xml,
    /// Names of the elements inside of points whose texts are kept; all of them where absent.
    wanted: Option<Vec<String>>,
    open: Option<Open>,
}

/// A point whose end is not reached.
struct Open {
    point: Point,
    depth: usize,
    /// The innermost element inside of it, where it is wanted, and its text so far.
    inside: Option<String>,
    text: String,
}

impl Points {
    /// Points of the text in `bytes`, which are those of `input`, with the elements called `wanted` inside of them.
    ///
    /// # Errors
    /// When the first bytes cannot be read.
    pub(super) fn new(
        bytes: Box<dyn Read + Send>,
        input: &Input,
        wanted: Option<Vec<String>>,
    ) -> Result<Points, Error> {
        let xml = Xml::new(bytes, &input.name, "gpx").map_err(|e| input.unread(&e))?;
        Ok(Points { xml, wanted, open: None })
    }

    /// The next point, or none at the end of a whole text.
    ///
    /// # Errors
    /// When the text is no GPX, or damaged, or ends too early.
    pub(super) fn next_point(&mut self) -> Result<Option<Point>, Error> {
        loop {
            let depth = self.xml.depth();
            let Some(token) = self.xml.next()? else { return Ok(None) };
            match (token, &mut self.open) {
                (Token::Start(element), Some(open)) => open.start(&element, self.wanted.as_deref()),
                (Token::Start(element), None) => {
                    let kind = Kind::of(element.name());
                    self.open = kind.map(|kind| Open::new(point(kind, &element), depth + 1));
                }
                (Token::Text(text), Some(Open { inside: Some(_), text: known, .. })) => {
                    text.add_to(known, LONGEST_TEXT);
                }
                (Token::End, Some(open)) => {
                    open.keep();
                    if let Some(open) = self.open.take_if(|open| open.depth == depth) {
                        return Ok(Some(open.point));
                    }
                }
                (Token::Text(_) | Token::End | Token::Remark, _) => {}
            }
        }
    }
}

impl Open {
    fn new(point: Point, depth: usize) -> Open {
        Open { point, depth, inside: None, text: String::new() }
    }

    fn start(&mut self, element: &Element<'_>, wanted: Option<&[String]>) {
        let name = element.name();
        let kept = wanted.is_none_or(|wanted| wanted.iter().any(|known| known == name));
        self.inside = kept.then(|| name.to_owned());
        self.text.clear();
    }

    /// Keeps the text of an element that ends; of a name that comes twice the first counts.
    fn keep(&mut self) {
        let Some(name) = self.inside.take() else { return };
        let text = self.text.trim();
        if !text.is_empty() && !self.point.texts.iter().any(|(known, _)| *known == name) {
            self.point.texts.push((name, text.to_owned()));
        }
    }
}

fn point(kind: Kind, element: &Element<'_>) -> Point {
    let mut point = Point { kind, lng: None, lat: None, texts: Vec::new() };
    element.attributes(|name, value| match name {
        "lon" => point.lng = coordinate(value),
        "lat" => point.lat = coordinate(value),
        _ => {}
    });
    point
}
