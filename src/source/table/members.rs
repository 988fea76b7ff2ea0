//! JSON read as a stream: the objects of a list, or of lines, as records of texts.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};

use struson::reader::{JsonReader, JsonStreamReader, ReaderError, ReaderSettings, ValueType};

use super::open::Opened;
use crate::error::Error;

/// A stream of JSON values.
pub(super) type Json = JsonStreamReader<BufReader<Box<dyn Read + Send>>>;

/// How many records are looked at for the names of their members.
const LOOKED_AT: usize = 100;

/// The JSON of a file, behind the byte order mark that some programs write.
pub(super) fn opened_json(opened: &Opened) -> Result<Json, Error> {
    let mut bytes = BufReader::with_capacity(1 << 16, opened.reader()?);
    let start = bytes.fill_buf().map_err(|e| opened.unread(&e))?;
    let mark = if start.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    bytes.consume(mark);
    let settings = ReaderSettings {
        track_path: false,
        restrict_number_values: false,
        allow_multiple_top_level: true,
        ..ReaderSettings::default()
    };
    Ok(JsonStreamReader::new_custom(bytes, settings))
}

/// The error of JSON that cannot be read.
pub(super) fn wrong(opened: &Opened, error: &ReaderError) -> Error {
    match error {
        ReaderError::IoError { error, .. } if error.to_string() != "invalid UTF-8 data" => opened.unread(error),
        ReaderError::SyntaxError(error) => opened
            .error_at(error.location.line_pos.map_or(1, |place| place.line + 1))
            .found(format!("what is no JSON ({:?})", error.kind))
            .expected("JSON with rows of numbers, or with records")
            .advice("the file may be damaged or cut short: fetch or write it again"),
        error => opened
            .error()
            .found(error.to_string())
            .expected("JSON with rows of numbers, or with records")
            .advice("the file may be damaged or cut short: fetch or write it again"),
    }
}

/// A number, a text, true (1), false (0) or null (nothing) as a text; of what has parts nothing.
pub(super) fn scalar(json: &mut Json, opened: &Opened) -> Result<String, Error> {
    let failed = |e| wrong(opened, &e);
    match json.peek().map_err(failed)? {
        ValueType::Number => json.next_number_as_string().map_err(failed),
        ValueType::String => json.next_string().map_err(failed),
        ValueType::Boolean => Ok(u8::from(json.next_bool().map_err(failed)?).to_string()),
        ValueType::Null => json.next_null().map(|()| String::new()).map_err(failed),
        ValueType::Array | ValueType::Object => json.skip_value().map(|()| String::new()).map_err(failed),
    }
}

/// The objects of a list, or objects one after the other, as the texts of their members.
pub(super) struct Records<'a> {
    opened: &'a Opened,
    json: Json,
    /// Whether there may be nothing more, because a list has begun or an object is read.
    begun: bool,
    ended: bool,
    /// The members that the first records have, in the order in which they appear.
    pub names: Vec<String>,
    /// Records that were looked at for their names.
    seen: VecDeque<Vec<(String, String)>>,
}

impl<'a> Records<'a> {
    pub fn open(opened: &'a Opened) -> Result<Records<'a>, Error> {
        let mut json = opened_json(opened)?;
        let failed = |e| wrong(opened, &e);
        let in_list = json.peek().map_err(failed)? == ValueType::Array;
        if in_list {
            json.begin_array().map_err(failed)?;
        }
        let (names, seen) = (Vec::new(), VecDeque::new());
        let mut records = Records { opened, json, begun: in_list, ended: false, names, seen };
        while records.seen.len() < LOOKED_AT
            && let Some(members) = records.members()?
        {
            for (name, _) in &members {
                if !records.names.contains(name) {
                    records.names.push(name.clone());
                }
            }
            records.seen.push_back(members);
        }
        if records.names.is_empty() {
            return Err(opened.error().found("neither numbers nor records").expected("rows of numbers, or records"));
        }
        Ok(records)
    }

    /// The texts of the next record, one for each name.
    pub fn next(&mut self) -> Result<Option<Vec<String>>, Error> {
        let seen = self.seen.pop_front();
        let Some(mut members) = seen.map_or_else(|| self.members(), |seen| Ok(Some(seen)))? else { return Ok(None) };
        let mut text = |name: &String| {
            let member = members.iter_mut().find(|(member, _)| member == name);
            member.map_or_else(String::new, |(_, text)| std::mem::take(text))
        };
        Ok(Some(self.names.iter().map(&mut text).collect()))
    }

    /// The line up to which the text is read, from 1.
    pub fn line(&self) -> u64 {
        self.json.current_position(false).line_pos.map_or(1, |place| place.line + 1)
    }

    /// The members of the next object.
    fn members(&mut self) -> Result<Option<Vec<(String, String)>>, Error> {
        let failed = |e| wrong(self.opened, &e);
        if self.ended || self.begun && !self.json.has_next().map_err(failed)? {
            self.ended = true;
            return Ok(None);
        }
        self.begun = true;
        let mut members = Vec::new();
        self.json.begin_object().map_err(failed)?;
        while self.json.has_next().map_err(failed)? {
            let name = self.json.next_name_owned().map_err(failed)?;
            members.push((name, scalar(&mut self.json, self.opened)?));
        }
        self.json.end_object().map_err(failed)?;
        Ok(Some(members))
    }
}
