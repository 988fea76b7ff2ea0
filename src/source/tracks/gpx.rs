//! GPX 1.0 and 1.1 as tracks: every `<trk>` is one, its segments are parted by interruptions. Where a file has no track
//! point, its routes are read for tracks, without times; beside tracks they are plans, and counted as skipped, as waypoints
//! always are.

use std::io::Read;

use crate::error::Error;
use crate::source::tracks::facts::Fact;
use crate::source::tracks::recorder::Recorder;
use crate::source::xml::{Element, Token, Xml, coordinate, unread};
use crate::source::{Query, parse_time};

/// A fact that is longer is cut: nobody chooses tracks by a book.
const LONGEST_TEXT: usize = 1 << 12;

/// What an element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Root,
    Metadata,
    Track,
    Segment,
    Route,
    TrackPoint,
    RoutePoint,
    Waypoint,
    /// The time of a point.
    Time,
    /// Something known of a track, a route or the file, under this name.
    Known(&'static str),
    Other,
}

/// What is known of tracks, by the names of the elements.
const KNOWN: [&str; 5] = ["name", "type", "desc", "cmt", "src"];

/// Reads all tracks of a text.
///
/// # Errors
/// When the text is no GPX, or damaged, or ends too early; under `strict`, when a fix cannot be used.
pub(super) fn read(
    bytes: Box<dyn Read + Send>,
    name: &str,
    _query: &Query,
    out: &mut Recorder<'_>,
) -> Result<(), Error> {
    let mut xml = Xml::new(bytes, name, "gpx").map_err(|e| unread(name, &e))?;
    let mut reading = Reading::default();
    while let Some(token) = xml.next()? {
        match token {
            Token::Start(element) => reading.start(&element, out),
            Token::Text(text) if reading.listens() => text.add_to(&mut reading.text, LONGEST_TEXT),
            Token::Text(_) | Token::Remark => {}
            Token::End => reading.end(out)?,
        }
    }
    reading.finish(out)
}

/// A point as written.
#[derive(Debug, Clone, Copy, Default)]
struct Fix {
    number: u64,
    lng: Option<f64>,
    lat: Option<f64>,
    time: Option<i64>,
}

/// A route, which counts where there is no track.
#[derive(Debug, Default)]
struct Planned {
    facts: Vec<(&'static str, String)>,
    fixes: Vec<Fix>,
}

#[derive(Debug, Default)]
struct Reading {
    /// The elements that are open, the outermost first.
    open: Vec<Part>,
    text: String,
    fix: Fix,
    routes: Vec<Planned>,
    /// Whether there is a point of a track.
    tracked: bool,
    points: u64,
}

impl Reading {
    fn start(&mut self, element: &Element<'_>, out: &mut Recorder<'_>) {
        let part = part(self.open.last().copied(), element.name());
        self.open.push(part);
        match part {
            Part::Root => {
                if let Some(creator) = element.attribute("creator").filter(|creator| !creator.is_empty()) {
                    out.fact("creator", Fact::Text(creator));
                }
            }
            Part::Track => out.begin(),
            Part::Segment => out.interrupt(),
            Part::Route => self.routes.push(Planned::default()),
            Part::TrackPoint | Part::RoutePoint | Part::Waypoint => self.point(element),
            Part::Time | Part::Known(_) => self.text.clear(),
            Part::Metadata | Part::Other => {}
        }
    }

    fn point(&mut self, element: &Element<'_>) {
        self.points += 1;
        let mut fix = Fix { number: self.points, ..Fix::default() };
        element.attributes(|name, value| match name {
            "lon" => fix.lng = coordinate(value),
            "lat" => fix.lat = coordinate(value),
            _ => {}
        });
        self.fix = fix;
    }

    /// Whether the text of the innermost element is wanted.
    fn listens(&self) -> bool {
        matches!(self.open.last(), Some(Part::Time | Part::Known(_)))
    }

    fn end(&mut self, out: &mut Recorder<'_>) -> Result<(), Error> {
        let part = self.open.pop();
        let fix = self.fix;
        match part {
            Some(Part::Time) => self.fix.time = parse_time(&self.text),
            Some(Part::Known(name)) => self.known(name, out),
            Some(Part::TrackPoint) => {
                self.tracked = true;
                return out.fix(fix.number, fix.lng, fix.lat, fix.time);
            }
            Some(Part::RoutePoint) => {
                if self.routes.is_empty() {
                    self.routes.push(Planned::default());
                }
                self.routes.last_mut().into_iter().for_each(|route| route.fixes.push(fix));
            }
            Some(Part::Waypoint) => out.aside(fix.number, fix.lng, fix.lat, fix.time),
            _ => {}
        }
        Ok(())
    }

    fn known(&mut self, name: &'static str, out: &mut Recorder<'_>) {
        let text = self.text.trim();
        match (self.open.last(), self.routes.last_mut()) {
            _ if text.is_empty() => {}
            (Some(Part::Route), Some(route)) => route.facts.push((name, text.to_owned())),
            (Some(Part::Track), _) => out.fact(name, Fact::Text(text.to_owned())),
            _ => out.fact_of_all(name, Fact::Text(text.to_owned())),
        }
    }

    /// What was held back until it is known whether there is a track.
    fn finish(self, out: &mut Recorder<'_>) -> Result<(), Error> {
        for route in self.routes {
            if self.tracked {
                route.fixes.iter().for_each(|fix| out.aside(fix.number, fix.lng, fix.lat, fix.time));
                continue;
            }
            out.begin();
            route.facts.into_iter().for_each(|(name, text)| out.fact(name, Fact::Text(text)));
            for fix in route.fixes {
                out.fix(fix.number, fix.lng, fix.lat, fix.time)?;
            }
        }
        Ok(())
    }
}

/// What the element called `name` is inside of `parent`. Points count wherever they stand, but not inside of points.
fn part(parent: Option<Part>, name: &str) -> Part {
    let Some(parent) = parent else { return Part::Root };
    let inside_of_point = matches!(parent, Part::TrackPoint | Part::RoutePoint | Part::Waypoint);
    match (parent, name) {
        (Part::Time | Part::Known(_), _) => Part::Other,
        (_, "time") if inside_of_point => Part::Time,
        (Part::Other, _) => Part::Other,
        _ if inside_of_point => Part::Other,
        (_, "trkpt") => Part::TrackPoint,
        (_, "rtept") => Part::RoutePoint,
        (_, "wpt") => Part::Waypoint,
        (_, "trkseg") => Part::Segment,
        (Part::Root, "trk") => Part::Track,
        (Part::Root, "rte") => Part::Route,
        (Part::Root, "metadata") => Part::Metadata,
        (Part::Root | Part::Metadata | Part::Track | Part::Route, _) => {
            KNOWN.iter().find(|known| **known == name).map_or(Part::Other, |known| Part::Known(known))
        }
        _ => Part::Other,
    }
}
