//! From the names that the caller gives to the records of logs: which files there are, and whether one is a table,
//! JSON or a journal. What the records mean is no business of this file.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use super::formats::LogFormat;
use super::sheet::Sheet;
use super::taker::Taker;
use super::{csv, json};
use crate::error::Error;
use crate::events::Space;
use crate::journal::FIRST_LINE;
use crate::source::unpack::{fill, utf8};
use crate::source::{Entries, Input, Inputs, Query, body_format, columns};

/// The formats of files in folders that may be logs, by the names that sources of events have for them.
const TEXTS: [&str; 4] = ["csv", "tsv", "json", "journal"];

/// The logs behind names: files, globs, folders or `-`, each once. Of a folder those count that are called like texts
/// or journals, of a glob all that match.
pub(super) fn find(names: &[String]) -> Result<Vec<Input>, Error> {
    // What a log is, its bytes tell: here any text will do.
    let any = Query { format: Some("csv".into()), ..Query::new(Space::Earth) };
    let by_name = Query::new(Space::Earth);
    if names.is_empty() {
        return Err(Error::caller("LOG").found("nothing to read").expected("a file, a folder, a glob, or -"));
    }
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    for name in names {
        let is_folder = Path::new(name).is_dir();
        let mut inputs = Inputs::find(std::slice::from_ref(name), if is_folder { &by_name } else { &any })?.inputs;
        inputs.retain(|input| TEXTS.contains(&input.format.name));
        if inputs.is_empty() {
            return Err(Error::input(name).found("no logs there").expected("files of CSV, TSV or JSON, or journals"));
        }
        let is_new = |input: &Input| seen.insert(input.path.canonicalize().unwrap_or_else(|_| input.path.clone()));
        found.extend(inputs.into_iter().filter(is_new));
    }
    found.iter_mut().enumerate().for_each(|(number, input)| input.number = number);
    Ok(found)
}

/// What a log is written in.
enum Text {
    Table,
    Json,
    Journal,
}

/// Reads a log.
pub(super) fn read(input: &Input, format: Option<&'static LogFormat>, taker: &mut Taker) -> Result<(), Error> {
    let text = text_of(input)?;
    let told = format.map_or("", |format| format.name);
    let (found, expected) = match text {
        Text::Journal => return journal(input, format, taker),
        Text::Table if told == "rrweb" => ("a table of text", "a recording in JSON"),
        Text::Table if told == "journal" => ("a table of text", "a journal of torrid"),
        Text::Json if told == "journal" => ("JSON", "a journal of torrid"),
        Text::Table => return csv::read(input, format, taker),
        Text::Json => return json::read(input, format, taker),
    };
    Err(Error::input(&*input.name).found(found).expected(expected).advice("leave out --format"))
}

/// What the first bytes tell.
fn text_of(input: &Input) -> Result<Text, Error> {
    let mut head = vec![0; 4096];
    let mut reader = utf8(input.reader()?).map_err(|e| input.unread(&e))?;
    let filled = fill(&mut reader, &mut head).map_err(|e| input.unread(&e))?;
    let head = &head[..filled];
    if head.starts_with(FIRST_LINE.as_bytes()) {
        return Ok(Text::Journal);
    }
    let Some(first) = head.iter().find(|byte| !byte.is_ascii_whitespace()) else {
        return Err(Error::input(&*input.name).found("an empty file").expected("a log with records"));
    };
    if head.contains(&0) {
        return Err(Error::input(&*input.name).found("bytes that are no text").expected("a log in CSV, TSV or JSON"));
    }
    // The record separator begins JSON text sequences (RFC 7464).
    Ok(if matches!(first, b'{' | b'[' | 0x1e) { Text::Json } else { Text::Table })
}

/// Reads the bodies of a journal, each as a log of its own.
fn journal(input: &Input, format: Option<&'static LogFormat>, taker: &mut Taker) -> Result<(), Error> {
    let format = format.filter(|format| format.name != "journal");
    let mut entries = Entries::open(input)?;
    let mut number = 0u64;
    while let Some((entry, body)) = entries.read()? {
        number += 1;
        let name = format!("{}, entry {number}", input.name);
        let Some(text) = body_format(&entry.format) else {
            return Err(Error::input(name)
                .found(format!("a body of the format `{}`", entry.format))
                .expected("json or csv"));
        };
        if body.trim_ascii().is_empty() {
            continue;
        }
        let body = Input::here(input.number, &name, text, body.into());
        read(&body, format, taker)?;
    }
    Ok(())
}

/// The error of a log whose columns tell nothing that is known, or lack one that the condition asks for.
pub(super) fn check(sheet: &Sheet, name: &Arc<str>) -> Result<(), Error> {
    if let Some(missing) = sheet.missing().next() {
        columns::named(&sheet.names, missing, name)?;
    }
    if sheet.is_a_log() {
        return Ok(());
    }
    let shown = sheet.names.iter().take(40).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    Err(Error::input(&**name)
        .found(if shown.is_empty() { "no columns".to_owned() } else { format!("the columns {shown}") })
        .expected("columns that tell where something was clicked: x and y, an element, or how far was scrolled")
        .advice("name them so, or say with --format what log this is"))
}
