//! The points of a GPX text, one after the other: a stream of XML in which nothing but points, and what is
//! written inside of them, is looked at.

use std::io::{BufRead, BufReader, Read};

use encoding_rs::{Encoding, UTF_8};
use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

use crate::error::Error;
use crate::source::Input;

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

/// Bytes of any encoding as UTF-8; what is none in theirs is replaced, because no coordinate is made of it.
type Transcoded = DecodeReaderBytes<BufReader<Box<dyn Read + Send>>, Vec<u8>>;

/// Reads points.
pub(super) struct Points {
    xml: Reader<BufReader<Transcoded>>,
    buffer: Vec<u8>,
    input: Input,
    /// Elements open around the place that is reached.
    depth: usize,
    rooted: bool,
    open: Option<Open>,
}

/// A point whose end is not reached.
struct Open {
    point: Point,
    depth: usize,
    /// The innermost element inside of it, and its text so far.
    inside: Option<String>,
    text: String,
}

impl Points {
    /// Points of the text in `bytes`, which are those of `input`.
    ///
    /// # Errors
    /// When the first bytes cannot be read.
    pub(super) fn new(bytes: Box<dyn Read + Send>, input: &Input) -> Result<Points, Error> {
        let mut bytes = BufReader::with_capacity(1 << 16, bytes);
        let encoding = declared(bytes.fill_buf().map_err(|e| input.unread(&e))?);
        // A byte order mark says more than the declaration.
        let bytes = DecodeReaderBytesBuilder::new().encoding(Some(encoding)).bom_override(true).build(bytes);
        let xml = Reader::from_reader(BufReader::new(bytes));
        Ok(Points { xml, buffer: Vec::new(), input: input.clone(), depth: 0, rooted: false, open: None })
    }

    /// The next point, or none at the end of a whole text.
    ///
    /// # Errors
    /// When the text is no GPX, or damaged, or ends too early.
    pub(super) fn next_point(&mut self) -> Result<Option<Point>, Error> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let next = self.next_in(&mut buffer);
        self.buffer = buffer;
        next
    }

    fn next_in(&mut self, buffer: &mut Vec<u8>) -> Result<Option<Point>, Error> {
        loop {
            buffer.clear();
            let event = self.xml.read_event_into(buffer);
            match event.map_err(|error| damaged(&self.input, self.xml.error_position(), &error))? {
                Event::Start(element) => self.start(&element)?,
                Event::Empty(element) => {
                    self.start(&element)?;
                    if let Some(point) = self.end() {
                        return Ok(Some(point));
                    }
                }
                Event::End(_) => {
                    if let Some(point) = self.end() {
                        return Ok(Some(point));
                    }
                }
                Event::Text(part) => self.add(&part.xml10_content()),
                Event::CData(part) => self.add(&part.xml10_content()),
                Event::GeneralRef(entity) => self.add_entity(&entity),
                Event::Eof => return self.finish().map(|()| None),
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
    }

    fn start(&mut self, element: &BytesStart<'_>) -> Result<(), Error> {
        let name = element.local_name();
        if !self.rooted && name.as_ref() != "gpx" {
            return Err(foreign(&self.input, name.as_ref()));
        }
        self.rooted = true;
        self.depth += 1;
        if let Some(open) = &mut self.open {
            open.inside = Some(name.as_ref().to_owned());
            open.text.clear();
        } else if let Some(kind) = Kind::of(name.as_ref()) {
            let point = point(kind, element);
            self.open = Some(Open { point, depth: self.depth, inside: None, text: String::new() });
        }
        Ok(())
    }

    /// The end of an element: gives the point that ends with it.
    fn end(&mut self) -> Option<Point> {
        let depth = self.depth;
        self.depth = depth.saturating_sub(1);
        if let Some(open) = &mut self.open
            && let Some(name) = open.inside.take()
        {
            keep(&mut open.point, name, &open.text);
        }
        self.open.take_if(|open| open.depth == depth).map(|open| open.point)
    }

    /// Adds to the text of the innermost element inside of a point.
    fn add(&mut self, part: &str) {
        let open = self.open.as_mut().filter(|open| open.inside.is_some());
        if let Some(open) = open.filter(|open| open.text.len() + part.len() <= LONGEST_TEXT) {
            open.text.push_str(part);
        }
    }

    /// Adds an entity of XML or a numbered character; others, which a text may define itself, stand for
    /// nothing.
    fn add_entity(&mut self, entity: &BytesRef<'_>) {
        if let Ok(Some(character)) = entity.resolve_char_ref() {
            self.add(character.encode_utf8(&mut [0; 4]));
        } else if let Some(known) = resolve_predefined_entity(&entity.xml10_content()) {
            self.add(known);
        }
    }

    /// Whether the text may end here.
    fn finish(&self) -> Result<(), Error> {
        if self.rooted && self.depth == 0 {
            return Ok(());
        }
        let place = format!("{}, byte {}", self.input.name, self.xml.buffer_position());
        let found = if self.rooted { "the end of the text in the middle of an element" } else { "no element at all" };
        Err(Error::input(place)
            .found(found)
            .expected("GPX up to </gpx>")
            .advice("the file may be cut short: fetch it again"))
    }
}

/// The encoding that the XML declaration at the start of a text names. One that is not made of ASCII cannot
/// be true, or the declaration could not be read.
fn declared(start: &[u8]) -> &'static Encoding {
    let end = start.windows(2).position(|two| two == b"?>").map_or(0, |at| at + 2);
    let Ok(declaration) = std::str::from_utf8(&start[..end]) else {
        return UTF_8;
    };
    match Reader::from_str(declaration).read_event() {
        Ok(Event::Decl(said)) => said.encoder().filter(|e| e.is_ascii_compatible()).unwrap_or(UTF_8),
        _ => UTF_8,
    }
}

fn point(kind: Kind, element: &BytesStart<'_>) -> Point {
    let mut point = Point { kind, lng: None, lat: None, texts: Vec::new() };
    // Attributes that are no XML are as good as absent.
    for attribute in element.attributes().with_checks(false).flatten() {
        let coordinate = match attribute.key.as_ref() {
            "lon" => &mut point.lng,
            "lat" => &mut point.lat,
            _ => continue,
        };
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).unwrap_or_default();
        let value = value.trim();
        *coordinate = (!value.is_empty()).then(|| fast_float2::parse(value).unwrap_or(f64::NAN));
    }
    point
}

/// The text of an element inside of a point; of a name that comes twice the first counts.
fn keep(point: &mut Point, name: String, text: &str) {
    let text = text.trim();
    if !text.is_empty() && !point.texts.iter().any(|(known, _)| *known == name) {
        point.texts.push((name, text.to_owned()));
    }
}

fn damaged(input: &Input, position: u64, error: &quick_xml::Error) -> Error {
    if let quick_xml::Error::Io(error) = error {
        return input.unread(error);
    }
    Error::input(format!("{}, byte {position}", input.name))
        .found(error.to_string())
        .expected("XML")
        .advice("the file may be cut short or damaged: fetch it again")
}

fn foreign(input: &Input, name: &str) -> Error {
    Error::input(&*input.name)
        .found(format!("XML whose outermost element is <{name}>"))
        .expected("<gpx>")
        .advice("say with --format what the file is")
}
