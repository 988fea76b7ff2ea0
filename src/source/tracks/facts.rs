//! What is known of a track beside its fixes, by name: what `--where` chooses tracks by.

use std::borrow::Cow;

use crate::source::{Field, written_time};

/// One thing that is known of a track.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// Words.
    Text(String),
    /// A number: metres and seconds where it is a length or a duration.
    Number(f64),
    /// An instant, in microseconds since 1970 UTC.
    Instant(i64),
    /// True or false.
    Flag(bool),
}

impl Fact {
    /// The fact as a filter sees it.
    pub fn field(&self) -> Field<'_> {
        match self {
            Fact::Text(text) if text.trim().is_empty() => Field::Missing,
            Fact::Text(text) => Field::Text(text),
            Fact::Number(number) => Field::Number(*number),
            Fact::Instant(micros) => Field::Instant(*micros),
            Fact::Flag(flag) => Field::Flag(*flag),
        }
    }

    /// The fact in words.
    pub fn words(&self) -> Cow<'_, str> {
        match self {
            Fact::Text(text) => text.as_str().into(),
            Fact::Number(number) => number.to_string().into(),
            Fact::Instant(micros) => written_time(*micros).into(),
            Fact::Flag(flag) => flag.to_string().into(),
        }
    }
}

/// Facts by name, each name once, in the order in which they were first said.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    facts: Vec<(String, Fact)>,
}

impl Facts {
    /// Says a fact; what was said under this name before is forgotten.
    pub fn say(&mut self, name: &str, fact: Fact) {
        match self.facts.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = fact,
            None => self.facts.push((name.to_owned(), fact)),
        }
    }

    /// Says all facts of others; where both know a name, theirs counts.
    pub fn say_all(&mut self, others: &Facts) {
        for (name, fact) in &others.facts {
            self.say(name, fact.clone());
        }
    }

    /// The fact of this name, else that of a name that differs in case only.
    ///
    /// ```
    /// use torrid::source::tracks::{Fact, Facts};
    /// let mut facts = Facts::default();
    /// facts.say("Activity Type", Fact::Text("Ride".into()));
    /// assert!(facts.get("activity type").is_some() && facts.get("type").is_none());
    /// ```
    pub fn get(&self, name: &str) -> Option<&Fact> {
        let exact = self.facts.iter().find(|(known, _)| known == name);
        let folded = || self.facts.iter().find(|(known, _)| known.eq_ignore_ascii_case(name.trim()));
        exact.or_else(folded).map(|(_, fact)| fact)
    }

    /// All of them: name and fact.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Fact)> {
        self.facts.iter().map(|(name, fact)| (name.as_str(), fact))
    }
}
