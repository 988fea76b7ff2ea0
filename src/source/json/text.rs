//! JSON text read as a stream: how strict the reader is, and what damage is called and where it stands.

use std::io::{BufRead, BufReader, Read};

use struson::reader::{
    JsonReader, JsonReaderPosition, JsonStreamReader, ReaderError, ReaderSettings, SyntaxErrorKind, ValueType,
};

use crate::error::Error;
use crate::source::unpack::Origin;
use crate::source::{Consumed, Input};

/// Bytes of an input behind its byte order mark.
pub(in crate::source) type Bytes = BufReader<Box<dyn Read + Send>>;

/// Opens the one JSON text of an input, and tells how far it is read.
pub(in crate::source) fn document(input: &Input) -> Result<(JsonStreamReader<Bytes>, Consumed), Error> {
    let (bytes, consumed) = without_mark(input)?;
    Ok((json(bytes), consumed))
}

/// A reader of one JSON value: RFC 8259 to the letter, numbers of any size, 128 levels deep at most.
pub(in crate::source) fn json<R: Read>(bytes: R) -> JsonStreamReader<R> {
    // Paths are made by hand where damage is found: tracking them would copy every name.
    let settings = ReaderSettings { track_path: false, restrict_number_values: false, ..ReaderSettings::default() };
    JsonStreamReader::new_custom(bytes, settings)
}

/// The bytes of an input behind the UTF-8 byte order mark some programs write.
pub(in crate::source) fn without_mark(input: &Input) -> Result<(Bytes, Consumed), Error> {
    let (bytes, consumed) = input.watched()?;
    let mut bytes = BufReader::with_capacity(1 << 16, bytes);
    let start = bytes.fill_buf().map_err(|e| input.unread(&e))?;
    let mark = if start.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    bytes.consume(mark);
    Ok((bytes, consumed))
}

/// What is wrong with a piece of JSON, and where: `features[3].geometry` and line and column.
#[derive(Debug)]
pub(in crate::source) struct Damage {
    path: String,
    place: Option<(u64, u64)>,
    found: String,
    expected: String,
    advice: &'static str,
    unread: Option<std::io::Error>,
}

impl Damage {
    /// Damage at the place `json` has come to; `path` leads there from the value being read.
    pub(in crate::source) fn at<R: Read>(
        json: &JsonStreamReader<R>,
        path: &str,
        found: &str,
        expected: &str,
    ) -> Damage {
        let place = line_and_column(&json.current_position(false));
        Damage { path: path.into(), place, found: found.into(), expected: expected.into(), advice: "", unread: None }
    }

    /// The same damage with a piece of advice.
    pub(in crate::source) fn advise(self, advice: &'static str) -> Damage {
        Damage { advice, ..self }
    }

    /// The same damage, seen from a value that holds this one as its member `outer`, or its element
    /// `[number]`.
    pub(in crate::source) fn within(mut self, outer: &str) -> Damage {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{outer}{dot}{}", self.path);
        self
    }

    /// The error for the caller. `lines_before` are the lines of the input before the text that was read.
    pub(in crate::source) fn error(self, input: &Input, lines_before: u64) -> Error {
        self.error_of(&input.origin(), lines_before)
    }

    /// The same for bytes that are no input of their own.
    pub(in crate::source) fn error_of(self, origin: &Origin, lines_before: u64) -> Error {
        if let Some(error) = self.unread {
            return origin.unread(&error);
        }
        let mut place = origin.name.to_string();
        if !self.path.is_empty() {
            place = format!("{place}, {}", self.path);
        }
        if let Some((line, column)) = self.place {
            place = format!("{place}, line {}, column {column}", line + lines_before);
        }
        Error::input(place).found(self.found).expected(self.expected).advice(self.advice)
    }
}

impl From<ReaderError> for Damage {
    fn from(error: ReaderError) -> Damage {
        let mut unread = None;
        let (place, found, expected, advice) = match error {
            ReaderError::SyntaxError(e) if e.kind == SyntaxErrorKind::IncompleteDocument => {
                (e.location, "the end of the text".into(), "the rest of a JSON value".into(), CUT_SHORT)
            }
            ReaderError::SyntaxError(e) => (e.location, syntax(e.kind).into(), "JSON".into(), "repair the file"),
            ReaderError::UnexpectedValueType { expected, actual, location } => {
                (location, kind_words(actual).into(), kind_words(expected).into(), "")
            }
            ReaderError::MaxNestingDepthExceeded { max_nesting_depth, location } => {
                (location, format!("more than {max_nesting_depth} levels of nesting"), "records of numbers".into(), "")
            }
            ReaderError::IoError { error, location } if error.to_string() == NOT_UTF8 => {
                (location, "bytes that are not UTF-8".into(), "JSON in UTF-8".into(), "convert the file to UTF-8")
            }
            ReaderError::IoError { error, location } => {
                unread = Some(error);
                (location, String::new(), String::new(), "")
            }
            other => {
                let found = other.to_string();
                return Damage { path: String::new(), place: None, found, expected: "JSON".into(), advice: "", unread };
            }
        };
        Damage { path: String::new(), place: line_and_column(&place), found, expected, advice, unread }
    }
}

/// Why reading stops: the text is damaged, or strictness forbids a record.
pub(in crate::source) enum Stop {
    Damaged(Damage),
    Refused(Error),
}

impl Stop {
    /// The error for the caller.
    pub(in crate::source) fn error(self, input: &Input) -> Error {
        self.error_of(&input.origin())
    }

    /// The same for bytes that are no input of their own.
    pub(in crate::source) fn error_of(self, origin: &Origin) -> Error {
        match self {
            Stop::Damaged(damage) => damage.error_of(origin, 0),
            Stop::Refused(error) => error,
        }
    }
}

impl From<Damage> for Stop {
    fn from(damage: Damage) -> Stop {
        Stop::Damaged(damage)
    }
}

impl From<ReaderError> for Stop {
    fn from(error: ReaderError) -> Stop {
        Stop::Damaged(error.into())
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Refused(error)
    }
}

/// How struson tells bytes that are no text from bytes that cannot be had.
const NOT_UTF8: &str = "invalid UTF-8 data";
const CUT_SHORT: &str = "the file may be cut short: fetch it again";

/// Line and column, counted from 1.
fn line_and_column(position: &JsonReaderPosition) -> Option<(u64, u64)> {
    position.line_pos.map(|p| (p.line + 1, p.column + 1))
}

/// A kind of value in words.
pub(in crate::source) fn kind_words(kind: ValueType) -> &'static str {
    match kind {
        ValueType::Array => "an array",
        ValueType::Object => "an object",
        ValueType::String => "a string",
        ValueType::Number => "a number",
        ValueType::Boolean => "true or false",
        ValueType::Null => "null",
    }
}

fn syntax(kind: SyntaxErrorKind) -> &'static str {
    use SyntaxErrorKind as K;
    match kind {
        K::CommentsNotEnabled | K::IncompleteComment | K::BlockCommentNotClosed => "a comment",
        K::InvalidLiteral | K::TrailingDataAfterLiteral => "a word that is not true, false or null",
        K::UnexpectedClosingBracket => "a closing bracket out of place",
        K::UnexpectedComma | K::TrailingCommaNotEnabled => "a comma out of place",
        K::MissingComma => "no comma between two values",
        K::UnexpectedColon => "a colon out of place",
        K::MissingColon => "no colon after a name",
        K::MalformedNumber | K::TrailingDataAfterNumber => "a malformed number",
        K::ExpectingMemberNameOrObjectEnd => "neither a name in quotes nor a closing brace",
        K::NotEscapedControlCharacter => "a control character in a string",
        K::UnknownEscapeSequence | K::MalformedEscapeSequence => "an unknown escape in a string",
        K::UnpairedSurrogatePairEscapeSequence => "half a surrogate pair in a string",
        K::IncompleteDocument => "the end of the text",
        K::TrailingData => "more text after the value",
        _ => "a character out of place",
    }
}
