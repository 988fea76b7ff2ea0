//! Whose an interaction is, and which visit it belongs to. A log that tells only one of the two has it stand for the other;
//! of one that tells neither nothing is made up.

use std::collections::{BTreeMap, HashSet};

use super::Landing;
use crate::interaction::Interaction;

/// Somebody: a visitor, or a visit where the log does not tell visitors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Person {
    /// A visitor.
    Visitor(u64),
    /// A visit.
    Visit(u64),
}

/// Whose an interaction is, where the log tells.
pub fn person(interaction: &Interaction) -> Option<Person> {
    interaction.visitor.map(Person::Visitor).or(interaction.session.map(Person::Visit))
}

/// The visit it belongs to; all visits of a visitor where the log tells none apart.
pub fn visit(interaction: &Interaction) -> Option<Person> {
    interaction.session.map(Person::Visit).or(interaction.visitor.map(Person::Visitor))
}

/// The numbers of the interactions of each visit that have a time, in its order; those of one time in the order of the log.
pub(super) fn in_order(interactions: &[&Interaction]) -> Vec<Vec<usize>> {
    let mut visits: BTreeMap<Person, Vec<usize>> = BTreeMap::new();
    for (number, interaction) in interactions.iter().enumerate() {
        if let (Some(visit), Some(_)) = (visit(interaction), interaction.time) {
            visits.entry(visit).or_default().push(number);
        }
    }
    for numbers in visits.values_mut() {
        numbers.sort_by_key(|number| interactions[*number].time);
    }
    visits.into_values().collect()
}

/// Which landings are the first of their person in a square of the page of so many CSS pixels a side; those of nobody
/// known all are. What stays in the window has squares of its own.
///
/// # Panics
/// If the columns differ in length.
pub fn firsts(landings: &[Landing], persons: &[Option<Person>], side: f64) -> Vec<bool> {
    assert_eq!(landings.len(), persons.len(), "a person, or none, for each landing");
    let mut seen = HashSet::new();
    let square = |at: &Landing| ((at.x / side).floor() as i64, (at.y / side).floor() as i64, at.fixed);
    let first =
        |(at, person): (&Landing, &Option<Person>)| person.is_none_or(|person| seen.insert((person, square(at))));
    landings.iter().zip(persons).map(first).collect()
}
