//! The elements that most was done to.

use std::collections::{BTreeMap, HashSet};

use super::{Elements, Landing, Person, person};
use crate::interaction::Interaction;

/// Something done, with what is known of it besides.
#[derive(Debug, Clone, Copy)]
pub struct Struck<'a> {
    /// What was done.
    pub interaction: &'a Interaction,
    /// Where it landed, if it did.
    pub landing: Option<Landing>,
    /// Whether it is one of a burst.
    pub rage: bool,
}

/// How much was done to an element.
#[derive(Debug, Clone, PartialEq)]
pub struct Hot {
    /// The element: by the page's selector where it is on the page, else by the log's.
    pub selector: String,
    /// Its number among those of the page.
    pub element: Option<usize>,
    /// How often something was done to it.
    pub count: f64,
    /// By how many visitors (visits, where the log does not tell visitors), as far as the log tells.
    pub persons: usize,
    /// How often in a burst.
    pub rage: f64,
    /// How often nothing came of it, as far as the log tells.
    pub dead: f64,
}

/// What was gathered of an element.
#[derive(Default)]
struct Gathered {
    count: f64,
    persons: HashSet<Person>,
    rage: f64,
    dead: f64,
}

/// The elements, those to which most was done first: those that the log names and, where it names none, the innermost that
/// holds the place; and how much was done outside of all elements.
pub fn hottest(struck: &[Struck<'_>], elements: Option<&Elements>) -> (Vec<Hot>, f64) {
    let mut all: BTreeMap<(Option<usize>, &str), Gathered> = BTreeMap::new();
    let mut elsewhere = 0.0;
    for one in struck {
        let count = one.interaction.count;
        let Some(of) = element_of(one, elements) else {
            elsewhere += count;
            continue;
        };
        let gathered = all.entry(of).or_default();
        gathered.count += count;
        gathered.persons.extend(person(one.interaction));
        gathered.rage += if one.rage { count } else { 0.0 };
        gathered.dead += if one.interaction.dead == Some(true) { count } else { 0.0 };
    }
    let hot = |((element, selector), of): ((Option<usize>, &str), Gathered)| Hot {
        selector: selector.to_owned(),
        element,
        count: of.count,
        persons: of.persons.len(),
        rage: of.rage,
        dead: of.dead,
    };
    let mut hot: Vec<Hot> = all.into_iter().map(hot).collect();
    hot.sort_by(|a, b| b.count.total_cmp(&a.count).then_with(|| a.selector.cmp(&b.selector)));
    (hot, elsewhere)
}

fn element_of<'a>(one: &Struck<'a>, elements: Option<&'a Elements>) -> Option<(Option<usize>, &'a str)> {
    let anchor = one.interaction.anchor.as_ref().map(|anchor| &*anchor.selector);
    let known = one.landing.and_then(|at| at.element).or_else(|| elements?.find(anchor?));
    let held = || {
        let at = one.landing.filter(|_| anchor.is_none())?;
        elements?.at(at.x, at.y, at.fixed)
    };
    match (known.or_else(held), elements, anchor) {
        (Some(element), Some(elements), _) => Some((Some(element), &elements.get(element).selector)),
        (_, _, Some(selector)) => Some((None, selector)),
        _ => None,
    }
}
