//! XML as a stream of starts, texts and ends, for every format that is written in it: encodings, damage, texts that end too
//! early and elements without end are dealt with here. What the elements mean is the business of the formats.

use std::io::{self, BufRead, BufReader, Read};

use encoding_rs::{Encoding, UTF_8};
use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesCData, BytesRef, BytesStart, BytesText, Event};
use quick_xml::reader::Reader;

use crate::error::Error;

/// No tag and no text is longer, so that packed spaces do not fill the memory; a line of ten million positions is shorter.
const LONGEST: usize = 1 << 28;

/// Bytes of any encoding as UTF-8; what is none in theirs is replaced, because no coordinate is made of it.
type Transcoded = DecodeReaderBytes<BufReader<Box<dyn Read + Send>>, Vec<u8>>;

/// Reads XML.
pub(super) struct Xml {
    reader: Reader<Fenced>,
    buffer: Vec<u8>,
    /// What messages call the text.
    name: String,
    root: &'static str,
    /// Elements open around the place that is reached.
    depth: usize,
    rooted: bool,
    /// Whether an element without content began last, whose end comes next.
    empty: bool,
}

/// What comes next.
pub(super) enum Token<'a> {
    Start(Element<'a>),
    /// A piece of text; there may be several in a row.
    Text(Text<'a>),
    End,
    /// A comment, a declaration: nothing that anybody asks for.
    Remark,
}

/// An element that begins.
pub(super) struct Element<'a>(BytesStart<'a>);

/// A piece of text as it is written.
pub(super) enum Text<'a> {
    Plain(BytesText<'a>),
    Data(BytesCData<'a>),
    Entity(BytesRef<'a>),
}

impl Xml {
    /// The text in `bytes`, which messages call `name`, and whose outermost element is `root`.
    ///
    /// # Errors
    /// When the first bytes cannot be read.
    pub(super) fn new(bytes: Box<dyn Read + Send>, name: &str, root: &'static str) -> io::Result<Xml> {
        let mut bytes = BufReader::with_capacity(1 << 16, bytes);
        let encoding = declared(bytes.fill_buf()?);
        // A byte order mark says more than the declaration.
        let bytes = DecodeReaderBytesBuilder::new().encoding(Some(encoding)).bom_override(true).build(bytes);
        let reader = Reader::from_reader(Fenced { bytes: BufReader::with_capacity(1 << 16, bytes), left: LONGEST });
        let (buffer, name) = (Vec::new(), name.to_owned());
        Ok(Xml { reader, buffer, name, root, depth: 0, rooted: false, empty: false })
    }

    /// How many elements are open: 1 inside of the outermost one. That of a start counts already, that of an end no more.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// The next token, or none at the end of a whole text.
    ///
    /// # Errors
    /// When the text has another outermost element, is damaged, or ends too early.
    pub(super) fn next(&mut self) -> Result<Option<Token<'_>>, Error> {
        if std::mem::take(&mut self.empty) {
            self.depth -= 1;
            return Ok(Some(Token::End));
        }
        self.buffer.clear();
        self.reader.get_mut().left = LONGEST;
        let event = match self.reader.read_event_into(&mut self.buffer) {
            Ok(event) => event,
            Err(error) => return Err(damaged(&self.name, self.reader.error_position(), &error)),
        };
        Ok(Some(match event {
            Event::Start(element) | Event::Empty(element)
                if !self.rooted && element.local_name().as_ref() != self.root =>
            {
                return Err(foreign(&self.name, element.local_name().as_ref(), self.root));
            }
            Event::Start(element) => {
                (self.rooted, self.depth) = (true, self.depth + 1);
                Token::Start(Element(element))
            }
            Event::Empty(element) => {
                (self.rooted, self.depth, self.empty) = (true, self.depth + 1, true);
                Token::Start(Element(element))
            }
            Event::End(_) => {
                self.depth = self.depth.saturating_sub(1);
                Token::End
            }
            Event::Text(text) => Token::Text(Text::Plain(text)),
            Event::CData(text) => Token::Text(Text::Data(text)),
            Event::GeneralRef(entity) => Token::Text(Text::Entity(entity)),
            Event::Eof if self.rooted && self.depth == 0 => return Ok(None),
            Event::Eof => return Err(cut(&self.name, self.reader.buffer_position(), self.root, self.rooted)),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) | Event::DocType(_) => Token::Remark,
        }))
    }
}

impl Element<'_> {
    /// Its name without the prefix.
    pub(super) fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }

    /// Gives each attribute as it is written, by name; what is no XML is as good as absent.
    pub(super) fn attributes(&self, mut each: impl FnMut(&str, &str)) {
        for attribute in self.0.attributes().with_checks(false).flatten() {
            match attribute.normalized_value(XmlVersion::Implicit1_0) {
                Ok(value) => each(attribute.key.as_ref(), value.trim()),
                Err(_) => each(attribute.key.as_ref(), ""),
            }
        }
    }

    /// The attribute of this name, in whatever case it is written.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        let mut found = None;
        self.attributes(|known, value| {
            if known.eq_ignore_ascii_case(name) {
                found = Some(value.to_owned());
            }
        });
        found
    }
}

impl Text<'_> {
    /// Adds it to a text that grows no longer than `most` bytes. Entities that a text may define itself stand for nothing.
    pub(super) fn add_to(&self, text: &mut String, most: usize) {
        let part = match self {
            Text::Plain(part) => part.xml10_content(),
            Text::Data(part) => part.xml10_content(),
            Text::Entity(entity) => {
                if let Ok(Some(character)) = entity.resolve_char_ref() {
                    character.to_string().into()
                } else {
                    resolve_predefined_entity(&entity.xml10_content()).unwrap_or_default().into()
                }
            }
        };
        if text.len() + part.len() <= most {
            text.push_str(&part);
        }
    }
}

/// A coordinate as written: none where blank, NaN where it is no number.
pub(super) fn coordinate(text: &str) -> Option<f64> {
    let text = text.trim();
    (!text.is_empty()).then(|| fast_float2::parse(text).unwrap_or(f64::NAN))
}

/// Bytes of which only so many may be taken until somebody asks for more.
struct Fenced {
    bytes: BufReader<Transcoded>,
    left: usize,
}

impl Read for Fenced {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let from = self.fill_buf()?;
        let count = from.len().min(to.len());
        to[..count].copy_from_slice(&from[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Fenced {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            return Err(io::Error::other(format!("a tag or a text of more than {} MB", LONGEST >> 20)));
        }
        self.bytes.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.left = self.left.saturating_sub(count);
        self.bytes.consume(count);
    }
}

/// The encoding that the XML declaration at the start of a text names. One that is not made of ASCII cannot be true, or the
/// declaration could not be read.
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

fn damaged(name: &str, position: u64, error: &quick_xml::Error) -> Error {
    if let quick_xml::Error::Io(error) = error {
        return unread(name, error);
    }
    Error::input(format!("{name}, byte {position}"))
        .found(error.to_string())
        .expected("XML")
        .advice("the file may be cut short or damaged: fetch it again")
}

/// What it means that reading failed: damage where the machine itself did not complain.
pub(super) fn unread(name: &str, error: &io::Error) -> Error {
    if error.raw_os_error().is_some() {
        return Error::machine(name).found(error.to_string()).advice("check that the file can be read");
    }
    Error::input(name)
        .found(format!("data that is damaged or cut short ({error})"))
        .expected("a whole file")
        .advice("fetch or pack it again")
}

fn cut(name: &str, position: u64, root: &str, rooted: bool) -> Error {
    let found = if rooted { "the end of the text in the middle of an element" } else { "no element at all" };
    Error::input(format!("{name}, byte {position}"))
        .found(found)
        .expected(format!("XML up to </{root}>"))
        .advice("the file may be cut short: fetch it again")
}

fn foreign(name: &str, found: &str, root: &str) -> Error {
    Error::input(name)
        .found(format!("XML whose outermost element is <{found}>"))
        .expected(format!("<{root}>"))
        .advice("say with --format what the file is")
}
