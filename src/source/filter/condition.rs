//! A condition over columns by number, and its truth for one record: true, false, or unknown (`None`).

use std::cmp::Ordering;

use crate::source::Field;
use crate::source::filter::pattern::Pattern;

/// What is true, false or unknown of a record.
#[derive(Debug)]
pub(super) enum Condition {
    Constant(Option<bool>),
    /// A column that holds true or false.
    Flag(Term),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Compare(Relation, Term, Term),
    /// Whether the term equals one of the list.
    Listed(Term, List),
    Missing(Term),
    Like(Term, Pattern),
}

/// A comparison.
#[derive(Debug, Clone, Copy)]
pub(super) enum Relation {
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// What has a value in a record.
#[derive(Debug, Clone)]
pub(super) enum Term {
    Column(usize),
    Number(f64),
    Text(Box<str>),
    Flag(bool),
    Null,
    Arithmetic(Sign, Box<[Term; 2]>),
}

/// An operation on two numbers.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sign {
    Plus,
    Minus,
    Times,
    Over,
    /// The remainder of a division, with the sign of the dividend.
    Modulo,
}

impl Condition {
    pub(super) fn truth<'a>(&self, field: &dyn Fn(usize) -> Field<'a>) -> Option<bool> {
        match self {
            Condition::Constant(truth) => *truth,
            Condition::Flag(term) => flag(term.value(field)),
            Condition::All(parts) => joined(parts, field, false),
            Condition::Any(parts) => joined(parts, field, true),
            Condition::Not(part) => part.truth(field).map(|truth| !truth),
            Condition::Compare(relation, left, right) => {
                let literal = matches!(left, Term::Text(_)) || matches!(right, Term::Text(_));
                compare(left.value(field), right.value(field), literal).map(|order| relation.holds(order))
            }
            Condition::Listed(term, list) => list.holds(term.value(field), field),
            Condition::Missing(term) => Some(matches!(term.value(field), Field::Missing)),
            Condition::Like(term, pattern) => pattern.matches(term.value(field)),
        }
    }
}

/// `decisive` if one part is, else unknown if one part is, else the opposite.
fn joined<'a>(parts: &[Condition], field: &dyn Fn(usize) -> Field<'a>, decisive: bool) -> Option<bool> {
    let mut truth = Some(!decisive);
    for part in parts {
        match part.truth(field) {
            Some(t) if t == decisive => return Some(decisive),
            Some(_) => {}
            None => truth = None,
        }
    }
    truth
}

impl Relation {
    fn holds(self, order: Ordering) -> bool {
        match self {
            Relation::Equal => order.is_eq(),
            Relation::Unequal => order.is_ne(),
            Relation::Less => order.is_lt(),
            Relation::AtMost => order.is_le(),
            Relation::Greater => order.is_gt(),
            Relation::AtLeast => order.is_ge(),
        }
    }
}

impl Term {
    fn value<'v, 'a: 'v>(&'v self, field: &dyn Fn(usize) -> Field<'a>) -> Field<'v> {
        match self {
            Term::Column(column) => field(*column),
            Term::Number(number) => Field::Number(*number),
            Term::Text(text) => Field::Text(text),
            Term::Flag(flag) => Field::Flag(*flag),
            Term::Null => Field::Missing,
            Term::Arithmetic(sign, operands) => {
                let [left, right] = &**operands;
                let numbers = left.value(field).number().zip(right.value(field).number());
                let result = numbers.map(|(left, right)| sign.result(left, right));
                result.filter(|n| n.is_finite()).map_or(Field::Missing, Field::Number)
            }
        }
    }
}

impl Sign {
    pub(super) fn result(self, left: f64, right: f64) -> f64 {
        match self {
            Sign::Plus => left + right,
            Sign::Minus => left - right,
            Sign::Times => left * right,
            Sign::Over => left / right,
            Sign::Modulo => left % right,
        }
    }
}

/// How two fields stand to each other, where they can be compared. Two texts compare as text where one is
/// a `literal`, otherwise as numbers where both spell one: the same columns read from a format with types
/// would be numbers.
fn compare(left: Field, right: Field, literal: bool) -> Option<Ordering> {
    match (left, right) {
        (Field::Missing, _) | (_, Field::Missing) => None,
        (Field::Text(a), Field::Text(b)) => {
            let numbers = if literal { None } else { left.number().zip(right.number()) };
            numbers.map_or_else(|| Some(a.cmp(b)), |(a, b)| a.partial_cmp(&b))
        }
        (Field::Flag(_), _) | (_, Field::Flag(_)) => Some(flag(left)?.cmp(&flag(right)?)),
        _ => left.number()?.partial_cmp(&right.number()?),
    }
}

/// A field as true or false, where it is or spells one of them.
fn flag(field: Field) -> Option<bool> {
    match field {
        Field::Flag(flag) => Some(flag),
        Field::Text(text) if text.trim().eq_ignore_ascii_case("true") => Some(true),
        Field::Text(text) if text.trim().eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// The right side of `IN`: literals sorted for bisection, so that a thousand names cost ten comparisons.
#[derive(Debug)]
pub(super) struct List {
    numbers: Vec<f64>,
    texts: Vec<Box<str>>,
    /// The numbers that `texts` spell, for fields that are numbers.
    spelled: Vec<f64>,
    others: Vec<Term>,
}

impl List {
    pub(super) fn new(terms: Vec<Term>) -> List {
        let mut list = List { numbers: Vec::new(), texts: Vec::new(), spelled: Vec::new(), others: Vec::new() };
        for term in terms {
            match term {
                Term::Number(number) => list.numbers.push(unsigned_zero(number)),
                Term::Text(text) => {
                    list.spelled.extend(Field::Text(&text).number().map(unsigned_zero));
                    list.texts.push(text);
                }
                other => list.others.push(other),
            }
        }
        list.numbers.sort_by(f64::total_cmp);
        list.spelled.sort_by(f64::total_cmp);
        list.texts.sort();
        list
    }

    /// As `value = a OR value = b ...`.
    fn holds<'a>(&self, value: Field, field: &dyn Fn(usize) -> Field<'a>) -> Option<bool> {
        let (mut found, mut unknown) = match value {
            Field::Missing => return None,
            Field::Text(text) => self.text(text),
            Field::Number(_) => self.number(value.number()),
            Field::Flag(_) => self.flag(value),
        };
        for other in &self.others {
            match compare(value, other.value(field), false) {
                Some(order) => found |= order.is_eq(),
                None => unknown = true,
            }
        }
        if found { Some(true) } else { (!unknown).then_some(false) }
    }

    /// Whether the literals hold this text, and whether one of them cannot be compared with it.
    fn text(&self, text: &str) -> (bool, bool) {
        let same = self.texts.binary_search_by(|t| (**t).cmp(text)).is_ok();
        if same || self.numbers.is_empty() {
            return (same, false);
        }
        let number = Field::Text(text).number();
        (number.is_some_and(|n| holds(&self.numbers, n)), number.is_none())
    }

    fn number(&self, number: Option<f64>) -> (bool, bool) {
        let Some(number) = number else { return (false, true) };
        let found = holds(&self.numbers, number) || holds(&self.spelled, number);
        (found, self.spelled.len() < self.texts.len())
    }

    fn flag(&self, value: Field) -> (bool, bool) {
        let flags = || self.texts.iter().map(|text| flag(Field::Text(text)));
        (flags().any(|f| f.is_some() && f == flag(value)), !self.numbers.is_empty() || flags().any(|f| f.is_none()))
    }
}

fn holds(sorted: &[f64], number: f64) -> bool {
    sorted.binary_search_by(|n| n.total_cmp(&unsigned_zero(number))).is_ok()
}

/// -0 equals 0, but is sorted before it.
fn unsigned_zero(number: f64) -> f64 {
    number + 0.0
}
