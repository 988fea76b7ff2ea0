//! The properties of one Feature: facts about the track, and the times of its positions, which programs write as arrays
//! beside the line.

use std::io::Read;

use struson::reader::{JsonReader, JsonStreamReader, ValueType};

use crate::source::json::{Cell, Damage};
use crate::source::tracks::Fact;
use crate::source::tracks::common::{MOST_FACTS, fact, is_asked};
use crate::source::{Field, Query, columns, parse_time};

/// Where the times of the positions may be: in togeojson of old, and of today; in other programs.
const TIMES: [&str; 5] =
    ["coordTimes", "coordinateProperties.times", "coordinateProperties.time", "times", "timestamps"];
/// Members of members are facts so deep.
const DEPTH: usize = 3;

/// What the properties of a Feature say.
#[derive(Debug, Default)]
pub(super) struct Properties {
    /// Facts by name; members of members are called `outer.inner`.
    pub(super) facts: Vec<(String, Fact)>,
    /// The times of the positions, in microseconds since 1970 UTC; empty where there are none.
    pub(super) times: Vec<Option<i64>>,
}

impl Properties {
    pub(super) fn clear(&mut self) {
        *self = Properties::default();
    }

    /// Reads the object of properties.
    pub(super) fn read<R: Read>(&mut self, json: &mut JsonStreamReader<R>, query: &Query) -> Result<(), Damage> {
        self.members(json, "", DEPTH, query)
    }

    /// The `id` of a Feature, which gives way to a property of that name.
    pub(super) fn say_id(&mut self, id: Cell, query: &Query) {
        if !self.facts.iter().any(|(name, _)| name == "id") {
            self.say("id", id, query);
        }
    }

    /// The text of a fact.
    pub(super) fn words(&self, name: &str) -> Option<String> {
        let exact = self.facts.iter().find(|(known, _)| known == name);
        let folded = || self.facts.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        let words = exact.or_else(folded).map(|(_, fact)| fact.words().into_owned());
        words.filter(|words| !words.trim().is_empty())
    }

    /// The time of a point, in microseconds since 1970 UTC, by the name of its property.
    pub(super) fn time(&self, query: &Query) -> Option<i64> {
        let names: Vec<String> = self.facts.iter().map(|(name, _)| name.clone()).collect();
        let at = match &query.time {
            Some(name) => columns::named(&names, name, "").ok(),
            None => columns::time(&names),
        };
        self.facts[at?].1.field().time()
    }

    fn members<R: Read>(
        &mut self,
        json: &mut JsonStreamReader<R>,
        outer: &str,
        depth: usize,
        query: &Query,
    ) -> Result<(), Damage> {
        json.begin_object()?;
        while json.has_next()? {
            let name = format!("{outer}{}", json.next_name()?);
            let named = || query.time.as_ref() == Some(&name) || TIMES.contains(&name.as_str());
            match json.peek()? {
                ValueType::Object if depth > 0 => self.members(json, &format!("{name}."), depth - 1, query)?,
                ValueType::Array if self.times.is_empty() && named() => self.times(json)?,
                _ => {
                    let cell = Cell::read(json)?;
                    self.say(&name, cell, query);
                }
            }
        }
        Ok(json.end_object()?)
    }

    /// Reads times, those of several parts of a line in arrays of their own.
    fn times<R: Read>(&mut self, json: &mut JsonStreamReader<R>) -> Result<(), Damage> {
        json.begin_array()?;
        while json.has_next()? {
            match json.peek()? {
                ValueType::Array => self.times(json)?,
                ValueType::String => self.times.push(parse_time(&json.next_string()?)),
                ValueType::Number => {
                    let time = Field::Text(json.next_number_as_str()?).time();
                    self.times.push(time);
                }
                _ => {
                    json.skip_value()?;
                    self.times.push(None);
                }
            }
        }
        Ok(json.end_array()?)
    }

    fn say(&mut self, name: &str, cell: Cell, query: &Query) {
        if (self.facts.len() < MOST_FACTS || is_asked(name, query))
            && let Some(fact) = fact(cell)
        {
            self.facts.push((name.to_owned(), fact));
        }
    }
}
