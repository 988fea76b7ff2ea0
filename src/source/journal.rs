//! Journals: bodies in other formats, one after the other, each below a line that says what it is ([`Entry`]). The lines
//! are read under the lock; each body is decoded by any thread, as a file of its own that may lack columns.

use std::io::{BufRead, BufReader, Read};
use std::sync::Arc;

use crate::error::Error;
use crate::events::Events;
use crate::journal::{Entry, FIRST_LINE, LONGEST_LINE};
use crate::source::{Columns, Consumed, Format, Input, Intake, Part, Query, Source, Tally, csv, geojson, json};

/// The format.
pub const FORMAT: Format = Format {
    name: "journal",
    extensions: &["journal"],
    about: "events that `torrid serve --accept` took, each body as it came",
    open: |input, query| Ok(Box::new(Journal::open(input, query)?)),
};

/// The formats that bodies may have, all of them text.
const BODIES: [&Format; 4] = [&csv::FORMAT, &csv::TSV, &geojson::FORMAT, &json::FORMAT];

/// The format of a name, where bodies may have it.
pub fn body_format(name: &str) -> Option<&'static Format> {
    BODIES.into_iter().find(|format| format.name == name)
}

/// What is wanted of the records of bodies, given what is of those of files.
pub fn query_of_bodies(query: &Query) -> Query {
    // What the caller says of formats is about files.
    Query { partial: true, format: None, ..query.clone() }
}

/// The events of some bodies, at least one.
///
/// # Errors
/// When one is damaged; under `strict`, the first record that cannot be used.
pub fn read_bodies(bodies: &[Input], query: &Arc<Query>) -> Result<(Events, Tally), Error> {
    let first = &bodies[0];
    let Intake { events: mut all, mut tally, .. } = Intake::new(query, first.number, &first.name);
    for body in bodies {
        let mut source = body.open(query)?;
        while let Some(part) = source.next_part()? {
            let (events, counted) = part.read()?;
            all.extend(&events);
            tally.merge(counted);
        }
    }
    Ok((all, tally))
}

/// Bytes of bodies that are decoded together, about.
const TOGETHER: u64 = 256 << 10;

/// The entries of a journal, in their order.
pub struct Entries {
    bytes: BufReader<Box<dyn Read + Send>>,
    consumed: Consumed,
    input: Input,
    /// Where the entry begins that comes next, counted from the first byte that is read.
    at: u64,
}

impl Entries {
    /// Opens a journal, or a part of one that begins with an entry.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(input: &Input) -> Result<Entries, Error> {
        let (bytes, consumed) = input.watched()?;
        let mut entries = Entries { bytes: BufReader::new(bytes), consumed, input: input.clone(), at: 0 };
        let start = entries.bytes.fill_buf().map_err(|e| input.unread(&e))?;
        if start.starts_with(FIRST_LINE.as_bytes()) {
            entries.at = FIRST_LINE.len() as u64;
            entries.bytes.consume(FIRST_LINE.len());
        } else if !start.is_empty() && !start.starts_with(b"{") {
            return Err(Error::input(&*input.name)
                .found("another first line")
                .expected("a journal of `torrid serve --accept`"));
        }
        Ok(entries)
    }

    /// Where the next entry begins, in bytes: up to there all are whole.
    pub fn at(&self) -> u64 {
        self.at
    }

    /// The next entry with its body; none at the end, and where the rest is no whole entry.
    ///
    /// # Errors
    /// When it cannot be read, or is whole but another one than was written.
    pub fn read(&mut self) -> Result<Option<(Entry, Vec<u8>)>, Error> {
        let unread = |e| self.input.unread(&e);
        let mut line = Vec::new();
        (&mut self.bytes).take(LONGEST_LINE as u64).read_until(b'\n', &mut line).map_err(unread)?;
        let Some(entry) = Entry::parse(&line) else { return Ok(None) };
        let mut body = Vec::new();
        (&mut self.bytes).take(entry.bytes + 1).read_to_end(&mut body).map_err(unread)?;
        if body.len() as u64 != entry.bytes + 1 || body.pop() != Some(b'\n') {
            return Ok(None);
        }
        if !entry.is_of(&body) {
            return Err(Error::input(format!("{}, byte {}", self.input.name, self.at))
                .found("an entry whose bytes have changed since it was written")
                .expected("a body with the checksum that the line above it tells"));
        }
        self.at += line.len() as u64 + entry.bytes + 1;
        Ok(Some((entry, body)))
    }
}

/// An opened journal.
struct Journal {
    entries: Entries,
    query: Arc<Query>,
    columns: Columns,
    number: u64,
}

impl Journal {
    fn open(input: &Input, query: &Query) -> Result<Journal, Error> {
        let query = query_of_bodies(query);
        let columns = match Entries::open(input)?.read()? {
            Some((entry, body)) => of_body(input, (1, &entry), body)?.open(&query)?.columns(),
            None => Columns::default(),
        };
        let format =
            if columns.format.is_empty() { "journal".into() } else { format!("journal of {}", columns.format) };
        let columns = Columns { format, ..columns };
        Ok(Journal { entries: Entries::open(input)?, query: Arc::new(query), columns, number: 0 })
    }
}

/// A body as an input.
fn of_body(journal: &Input, (number, entry): (u64, &Entry), body: Vec<u8>) -> Result<Input, Error> {
    let name = format!("{}, entry {number}", journal.name);
    let format = body_format(&entry.format).ok_or_else(|| {
        let known = BODIES.map(|format| format.name).join(", ");
        Error::input(&*name).found(format!("a body of the format `{}`", entry.format)).expected(known)
    })?;
    Ok(Input::here(journal.number, &name, format, body.into()))
}

impl Source for Journal {
    fn next_part(&mut self) -> Result<Option<Box<dyn Part>>, Error> {
        let (mut inputs, mut bytes) = (Vec::new(), 0);
        while bytes < TOGETHER {
            let Some((entry, body)) = self.entries.read()? else { break };
            self.number += 1;
            bytes += entry.bytes;
            inputs.push(of_body(&self.entries.input, (self.number, &entry), body)?);
        }
        if inputs.is_empty() {
            return Ok(None);
        }
        Ok(Some(Box::new(Bodies { inputs, query: self.query.clone() })))
    }

    fn columns(&self) -> Columns {
        self.columns.clone()
    }

    fn progress(&self) -> f64 {
        self.entries.consumed.share()
    }
}

/// Some bodies.
struct Bodies {
    inputs: Vec<Input>,
    query: Arc<Query>,
}

impl Part for Bodies {
    fn read(self: Box<Self>) -> Result<(Events, Tally), Error> {
        read_bodies(&self.inputs, &self.query)
    }
}
