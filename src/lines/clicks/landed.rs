//! A log laid on a picture: the events that a map is estimated from, and what became of all others.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::error::Error;
use crate::events::{Events, Space};
use crate::interaction::{Interaction, Kind};
use crate::land::{By, Landing, Missed, Person, Struck, dwell, firsts, is_of_another_width, land, person, rage};
use crate::lines::clicks::{Fixed, Ground, Show, Wish};

/// A visitor counts once in each square of so many CSS pixels a side: about what a finger covers.
pub const SQUARE: f64 = 20.0;

/// A pointer that rests for longer than this, in microseconds, is no longer looked at by anybody.
const MOST_REST: i64 = 1_000_000;

/// Selectors that are not on the page, of which the most frequent are told.
const TOLD: usize = 5;

/// What became of the interactions of a log that were to be shown.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tally {
    /// How many there were.
    pub interactions: u64,
    /// By how many visitors (visits, where the log does not tell visitors), as far as the log tells.
    pub persons: usize,
    /// How many visitors there are in the whole log, whatever they did; none unless it tells of every interaction that is
    /// shown whose it is.
    pub everyone: Option<usize>,
    /// Whether visits stand for visitors, whom the log does not tell.
    pub visits: bool,
    /// How many are on the map.
    pub landed: u64,
    /// How many of those were laid in which way.
    pub by: BTreeMap<By, u64>,
    /// How many did not land, and why.
    pub missed: BTreeMap<Missed, u64>,
    /// Those whose element is not on the page, laid by their position instead or not at all.
    pub unknown: u64,
    /// The elements that are not on the page and most was done to, and how often.
    pub unknown_selectors: Vec<(String, u64)>,
    /// How many were recorded at another width than the picture's.
    pub another_width: u64,
    /// How many landed on something that stays in the window.
    pub fixed: u64,
    /// How many of those were left out, or of the others where only those are shown.
    pub apart: u64,
    /// How many were left out because their visitor counts once.
    pub again: u64,
    /// How many belong to nobody known, where visitors are to count once.
    pub nobodys: u64,
}

/// A log laid on a picture.
pub struct Landed<'a> {
    /// Every event on the map, weighed.
    pub events: Events,
    /// What weights are of, such as `clicks`.
    pub unit: &'static str,
    /// All that was to be shown, whether it landed or not.
    pub struck: Vec<Struck<'a>>,
    /// What became of it.
    pub tally: Tally,
}

/// Lays what is to be shown of a log on a picture.
///
/// # Errors
/// When there is nothing of it in the log.
pub fn landed<'a>(log: &'a [Interaction], ground: &Ground, wish: &Wish) -> Result<Landed<'a>, Error> {
    let (struck, rests) = chosen(log, wish);
    if struck.is_empty() {
        return Err(nothing(log, wish.show));
    }
    let mut tally = Tally { interactions: struck.len() as u64, ..Tally::default() };
    tally.count_persons(log, &struck);
    let mut unknown: HashMap<&str, u64> = HashMap::new();
    let surface = ground.surface();
    let (mut places, mut kept) = (Vec::new(), Vec::new());
    let mut all = Vec::with_capacity(struck.len());
    for (number, one) in struck.into_iter().enumerate() {
        let landing = land(one.interaction, &surface, wish.layout);
        tally.take(one.interaction, &landing, surface.width);
        if let Some(selector) = stray(one.interaction, &landing, ground) {
            *unknown.entry(selector).or_default() += 1;
        }
        if let Some(at) = landing.ok().filter(|at| tally.shows(at, wish.fixed)) {
            places.push(at);
            kept.push(number);
        }
        all.push(Struck { landing: landing.ok(), ..one });
    }
    tally.tell_unknown(unknown);
    let first = if wish.unique { tally.first(&places, &all, &kept) } else { vec![true; places.len()] };
    let mut events = Events::new(Space::PAGE);
    let mut weights = Vec::new();
    for ((at, number), _) in places.iter().zip(&kept).zip(first).filter(|(_, first)| *first) {
        events.push(at.x, at.y);
        weights.push(rests.as_ref().map_or(all[*number].interaction.count, |rests| rests[*number]));
        *tally.by.entry(at.by).or_default() += 1;
    }
    tally.landed = weights.len() as u64;
    events.weight = Some(weights);
    let unit = if rests.is_some() { "pointer seconds" } else { wish.show.many() };
    Ok(Landed { events, unit, struck: all, tally })
}

/// What is to be shown, and the seconds that each of it stands for where the log tells how long a pointer rested.
fn chosen<'a>(log: &'a [Interaction], wish: &Wish) -> (Vec<Struck<'a>>, Option<Vec<f64>>) {
    let plain = |interaction| Struck { interaction, landing: None, rage: false };
    if wish.show == Show::Move {
        let all: Vec<&Interaction> = log.iter().collect();
        let rests = dwell(&all, MOST_REST);
        let moves = || log.iter().zip(&rests).filter(|(one, _)| one.kind == Kind::Move);
        let told =
            !wish.unique && moves().all(|(_, rest)| rest.is_some()) && moves().any(|(_, rest)| *rest > Some(0.0));
        let seconds = told.then(|| moves().map(|(_, rest)| rest.unwrap_or_default()).collect());
        return (moves().map(|(one, _)| plain(one)).collect(), seconds);
    }
    let presses: Vec<&Interaction> = log.iter().filter(|one| matches!(one.kind, Kind::Click | Kind::Touch)).collect();
    let angry = rage(&presses, &wish.burst);
    let all = presses.into_iter().zip(angry).map(|(interaction, rage)| Struck { interaction, landing: None, rage });
    let shown = |one: &Struck<'_>| match wish.show {
        Show::Touch => one.interaction.kind == Kind::Touch,
        Show::Rage => one.rage,
        Show::Dead => one.interaction.dead == Some(true),
        _ => one.interaction.kind == Kind::Click,
    };
    (all.filter(shown).collect(), None)
}

/// The selector of an element that the log names and the page does not have.
fn stray<'a>(of: &'a Interaction, landing: &Result<Landing, Missed>, ground: &Ground) -> Option<&'a str> {
    let anchor = of.anchor.as_ref().filter(|_| ground.elements().is_some())?;
    let found =
        landing.as_ref().is_ok_and(|at| at.element.is_some()) || ground.elements()?.find(&anchor.selector).is_some();
    (!found).then_some(&*anchor.selector)
}

impl Tally {
    fn count_persons(&mut self, log: &[Interaction], struck: &[Struck<'_>]) {
        let persons: HashSet<Person> = struck.iter().filter_map(|one| person(one.interaction)).collect();
        let everyone: HashSet<Person> = log.iter().filter_map(person).collect();
        self.persons = persons.len();
        self.visits = everyone.iter().any(|person| matches!(person, Person::Visit(_)));
        let known = struck.iter().all(|one| person(one.interaction).is_some());
        // Visitors and visits are not to be added up.
        let alike = everyone.iter().all(|person| matches!(person, Person::Visit(_)) == self.visits);
        self.everyone = (known && alike).then_some(everyone.len());
    }

    fn take(&mut self, of: &Interaction, landing: &Result<Landing, Missed>, width: f64) {
        self.another_width += u64::from(is_of_another_width(of, width));
        match landing {
            Ok(at) => self.fixed += u64::from(at.fixed),
            Err(missed) => *self.missed.entry(*missed).or_default() += 1,
        }
    }

    /// Whether a landing is of those that are shown.
    fn shows(&mut self, at: &Landing, fixed: Fixed) -> bool {
        let shown = match fixed {
            Fixed::Show => true,
            Fixed::Only => at.fixed,
            Fixed::Hide => !at.fixed,
        };
        self.apart += u64::from(!shown);
        shown
    }

    fn tell_unknown(&mut self, unknown: HashMap<&str, u64>) {
        self.unknown = unknown.values().sum();
        let mut all: Vec<(String, u64)> = unknown.into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
        all.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        all.truncate(TOLD);
        self.unknown_selectors = all;
    }

    /// Which places are the first of their visitor in their square.
    fn first(&mut self, places: &[Landing], all: &[Struck<'_>], kept: &[usize]) -> Vec<bool> {
        let persons: Vec<Option<Person>> = kept.iter().map(|number| person(all[*number].interaction)).collect();
        let first = firsts(places, &persons, SQUARE);
        self.again = first.iter().filter(|first| !**first).count() as u64;
        self.nobodys = persons.iter().filter(|person| person.is_none()).count() as u64;
        first
    }
}

/// What a log has instead of what was to be shown.
fn nothing(log: &[Interaction], show: Show) -> Error {
    let count = |kind| log.iter().filter(|one| one.kind == kind).count();
    let kinds = [("clicks", Kind::Click), ("touches", Kind::Touch), ("moves", Kind::Move), ("scrolls", Kind::Scroll)];
    let has: Vec<String> = kinds
        .into_iter()
        .map(|(name, kind)| (count(kind), name))
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}"))
        .collect();
    let advice = match show {
        Show::Dead => "dead clicks are shown where the log itself tells them",
        Show::Rage => "bursts need a time and a visit or visitor for each click; --rage says what a burst is",
        _ => "choose another --show, or other --url, --where, --viewport, --after and --before",
    };
    let has = if has.is_empty() { "nothing".to_owned() } else { has.join(", ") };
    Error::input("the log").found(format!("{has}, and no {}", show.many())).expected("something to show").advice(advice)
}
