//! KML as tracks: every place mark with a line (`LineString`, `gx:Track`) is one; several lines inside of a place mark are
//! parted by interruptions. Place marks of points are no tracks; they are events where a file has nothing else.

use std::io::Read;

use crate::error::Error;
use crate::source::tracks::facts::Fact;
use crate::source::tracks::readings::Reading;
use crate::source::tracks::recorder::Recorder;
use crate::source::xml::{Element, Token, Xml, coordinate, unread};
use crate::source::{Query, parse_time};

/// A fact that is longer is cut.
const LONGEST_FACT: usize = 1 << 12;
/// All positions of a line are one text.
const LONGEST_LINE: usize = 1 << 28;

/// What an element is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Document,
    PlaceMark,
    Line,
    Point,
    Track,
    /// A time span or time stamp.
    Time,
    /// A datum of its own name.
    Datum(String),
    Leaf(Leaf),
    Other,
}

/// An element whose text is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Leaf {
    /// Positions, separated by spaces.
    Line,
    Point,
    /// A position of a track, and the time of one.
    Coordinate,
    When,
    /// The time of a place mark.
    Stamp,
    /// Something known of a place mark, or of the document.
    Known(String),
    DocumentName,
}

/// Reads all tracks of a text.
///
/// # Errors
/// When the text is no KML, or damaged, or ends too early; under `strict`, when a fix cannot be used.
pub(super) fn read(
    bytes: Box<dyn Read + Send>,
    name: &str,
    _query: &Query,
    out: &mut Recorder<'_>,
) -> Result<(), Error> {
    let mut xml = Xml::new(bytes, name, "kml").map_err(|e| unread(name, &e))?;
    let mut reading = PlaceMarks::default();
    while let Some(token) = xml.next()? {
        match token {
            Token::Start(element) => reading.start(&element),
            Token::Text(text) => match reading.open.last() {
                Some(Part::Leaf(Leaf::Line)) => text.add_to(&mut reading.text, LONGEST_LINE),
                Some(Part::Leaf(_)) => text.add_to(&mut reading.text, LONGEST_FACT),
                _ => {}
            },
            Token::Remark => {}
            Token::End => reading.end(out)?,
        }
    }
    Ok(())
}

#[derive(Debug, Default)]
struct PlaceMarks {
    /// The elements that are open, the outermost first.
    open: Vec<Part>,
    text: String,
    /// What is known of the place mark that is being read, until a line begins its track.
    known: Vec<(String, String)>,
    begun: bool,
    /// The time of a place mark, and its point.
    stamp: Option<i64>,
    point: Option<Position>,
    /// Of a track: its positions and times, which stand apart.
    positions: Vec<Position>,
    times: Vec<Option<i64>>,
    fixes: u64,
}

/// Longitude, latitude, and metres above the sea.
type Position = [Option<f64>; 3];

impl PlaceMarks {
    fn start(&mut self, element: &Element<'_>) {
        let part = part(self.open.last(), element);
        match &part {
            Part::PlaceMark => {
                (self.begun, self.stamp, self.point) = (false, None, None);
                self.known.clear();
            }
            Part::Track => {
                self.positions.clear();
                self.times.clear();
            }
            Part::Leaf(_) => self.text.clear(),
            _ => {}
        }
        self.open.push(part);
    }

    fn end(&mut self, out: &mut Recorder<'_>) -> Result<(), Error> {
        match self.open.pop() {
            Some(Part::Leaf(leaf)) => self.leaf(leaf, out)?,
            Some(Part::Track) => {
                let times = std::mem::take(&mut self.times).into_iter().chain(std::iter::repeat(None));
                let fixes: Vec<_> = std::mem::take(&mut self.positions).into_iter().zip(times).collect();
                self.line(fixes, out)?;
            }
            Some(Part::PlaceMark) => {
                if let Some([lng, lat, _]) = self.point {
                    self.fixes += 1;
                    out.aside(self.fixes, lng, lat, self.stamp);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn leaf(&mut self, leaf: Leaf, out: &mut Recorder<'_>) -> Result<(), Error> {
        let text = self.text.trim();
        match leaf {
            Leaf::Line => {
                let fixes = text.split_ascii_whitespace().map(|tuple| (position(tuple.split(',')), None)).collect();
                return self.line(fixes, out);
            }
            Leaf::Point => self.point = Some(position(text.split(','))),
            Leaf::Coordinate => self.positions.push(position(text.split_ascii_whitespace())),
            Leaf::When => self.times.push(parse_time(text)),
            Leaf::Stamp => self.stamp = parse_time(text),
            Leaf::Known(_) | Leaf::DocumentName if text.is_empty() => {}
            Leaf::Known(name) if self.begun => out.fact(&name, Fact::Text(text.to_owned())),
            Leaf::Known(name) => self.known.push((name, text.to_owned())),
            Leaf::DocumentName => out.fact_of_all("name", Fact::Text(text.to_owned())),
        }
        Ok(())
    }

    /// A line of the place mark: its first one begins a track.
    fn line(&mut self, fixes: Vec<(Position, Option<i64>)>, out: &mut Recorder<'_>) -> Result<(), Error> {
        if std::mem::replace(&mut self.begun, true) {
            out.interrupt();
        } else {
            out.begin();
            self.known.drain(..).for_each(|(name, text)| out.fact(&name, Fact::Text(text)));
        }
        for ([lng, lat, above], time) in fixes {
            self.fixes += 1;
            above
                .filter(|metres| metres.is_finite())
                .into_iter()
                .for_each(|metres| out.reading(Reading::Elevation, metres));
            out.fix(self.fixes, lng, lat, time)?;
        }
        Ok(())
    }
}

/// A position as it is written: the parts stand in this order everywhere in KML.
fn position<'a>(mut parts: impl Iterator<Item = &'a str>) -> Position {
    let mut next = || parts.next().and_then(coordinate);
    [next(), next(), next()]
}

/// What an element is inside of `parent`.
fn part(parent: Option<&Part>, element: &Element<'_>) -> Part {
    let known = |name: &str| Part::Leaf(Leaf::Known(name.to_owned()));
    match (parent, element.name()) {
        (None, _) | (_, "Document") => Part::Document,
        (_, "Placemark") => Part::PlaceMark,
        (_, "LineString") => Part::Line,
        (_, "Point") => Part::Point,
        (_, "Track") => Part::Track,
        (_, "TimeStamp") => Part::Time,
        (Some(Part::Line), "coordinates") => Part::Leaf(Leaf::Line),
        (Some(Part::Point), "coordinates") => Part::Leaf(Leaf::Point),
        (Some(Part::Track), "coord") => Part::Leaf(Leaf::Coordinate),
        (Some(Part::Track), "when") => Part::Leaf(Leaf::When),
        (Some(Part::Time), "when") => Part::Leaf(Leaf::Stamp),
        (Some(Part::Document), "name") => Part::Leaf(Leaf::DocumentName),
        (Some(Part::PlaceMark), "name") => known("name"),
        (Some(Part::PlaceMark), "description") => known("desc"),
        (_, "Data") => element.attribute("name").map_or(Part::Other, Part::Datum),
        (_, "SimpleData") => element.attribute("name").map_or(Part::Other, |name| Part::Leaf(Leaf::Known(name))),
        (Some(Part::Datum(name)), "value") => known(name),
        _ => Part::Other,
    }
}
