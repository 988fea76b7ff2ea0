//! Files of tracks as events: each fix is one, with its time, what was measured there, and what is known of its track as
//! columns. The order in which the fixes were recorded does not matter here.

use std::sync::Arc;

use crate::error::Error;
use crate::source::tracks::Read;
use crate::source::tracks::facts::{Fact, Facts};
use crate::source::tracks::readings::{self, Readings};
use crate::source::tracks::recorder::{Aside, Recorder};
use crate::source::{Columns, Field, Input, Intake, Part, Query, Row, Source, columns};

/// Opens a file of tracks in the format that `read` reads, which messages call `format`.
///
/// # Errors
/// When the file cannot be read, or lacks a column that is wanted.
pub(super) fn open(input: &Input, query: &Query, format: &str, read: Read) -> Result<Box<dyn Source>, Error> {
    let names = look(input, query, read)?;
    let known = |name: String| match readings::column(&name) {
        Some(column) if !names.contains(&name) => column.to_owned(),
        _ => name,
    };
    let time = names.iter().any(|name| name == "time").then_some("time");
    if query.needs_time() && query.time.is_none() && time.is_none() && !query.partial {
        return Err(Error::input(&*input.name)
            .found("fixes without a time")
            .expected("a time, where times are limited"));
    }
    let wanted = query.wanted(time).into_iter().map(known);
    let wanted = wanted.map(|name| match columns::named(&names, &name, &input.name) {
        Ok(at) => Ok(names[at].clone()),
        Err(_) if query.partial => Ok(name),
        Err(error) => Err(error),
    });
    let columns = Columns {
        position: vec!["lon".into(), "lat".into()],
        pairs: vec![("lon".into(), "lat".into())],
        ..columns::described(&names, format)
    };
    let wanted = wanted.collect::<Result<_, _>>()?;
    Ok(Box::new(Fixes { input: input.clone(), query: Arc::new(query.clone()), wanted, columns, read, done: false }))
}

/// The names of all columns, by a first reading.
fn look(input: &Input, query: &Query, read: Read) -> Result<Vec<String>, Error> {
    let query = Query { strict: false, filter: None, after: None, before: None, timed: None, ..query.clone() };
    let mut recorder = Recorder::new(&query, input.number, &input.name);
    read(input.reader()?, &input.name, &query, &mut recorder)?;
    let timed = recorder.drafts.iter().any(|draft| draft.time.iter().any(Option::is_some))
        || recorder.aside.iter().any(|aside| aside.time.is_some());
    let mut names: Vec<String> = ["lon", "lat"].map(str::to_owned).into();
    names.extend(timed.then(|| "time".to_owned()));
    names.extend(recorder.readings.columns().map(str::to_owned));
    let facts = recorder.drafts.iter().map(|draft| &draft.facts).chain([&recorder.shared]);
    for (name, _) in facts.flat_map(Facts::iter) {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

struct Fixes {
    input: Input,
    query: Arc<Query>,
    wanted: Vec<String>,
    columns: Columns,
    read: Read,
    done: bool,
}

impl Source for Fixes {
    fn next_part(&mut self) -> Result<Option<Box<dyn Part>>, Error> {
        if std::mem::replace(&mut self.done, true) {
            return Ok(None);
        }
        let intake = Intake::new(&self.query, self.input.number, &self.input.name).counting("fix");
        let mut recorder = Recorder::new(&self.query, self.input.number, &self.input.name);
        recorder.events = Some((intake, self.wanted.clone()));
        (self.read)(self.input.reader()?, &self.input.name, &self.query, &mut recorder)?;
        recorder.settle()?;
        Ok(recorder.events.map(|(intake, _)| intake.into_part()))
    }

    fn columns(&self) -> Columns {
        self.columns.clone()
    }

    fn progress(&self) -> f64 {
        f64::from(u8::from(self.done))
    }
}

/// A fix seen through the columns that are wanted.
pub(super) struct FixRow<'a> {
    pub(super) fix: Aside,
    pub(super) readings: &'a Readings,
    /// What is known of its track.
    pub(super) track: Option<&'a Facts>,
    /// What is known of all tracks of the file.
    pub(super) shared: &'a Facts,
    pub(super) wanted: &'a [String],
}

impl Row for FixRow<'_> {
    fn field(&self, column: usize) -> Field<'_> {
        let name = self.wanted[column].as_str();
        let number = |number: Option<f64>| number.map_or(Field::Missing, Field::Number);
        match name {
            "lon" => number(self.fix.lng),
            "lat" => number(self.fix.lat),
            "time" => self.fix.time.map_or(Field::Missing, Field::Instant),
            _ => {
                let fact = || self.track.and_then(|facts| facts.get(name)).or_else(|| self.shared.get(name));
                let measured = self.readings.get(name).map(Field::Number);
                measured.or_else(|| fact().map(Fact::field)).unwrap_or(Field::Missing)
            }
        }
    }
}
