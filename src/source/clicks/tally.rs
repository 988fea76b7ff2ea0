//! How many records of a log were read, and how many of them gave no interaction for which reason.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::source::Place;

/// Why a record gave no interaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// It is of another page than those that count.
    AnotherUrl,
    /// It tells no page, and not all pages count.
    NoUrl,
    /// Left out by `--where`, `--after` or `--before`.
    FilteredOut,
    /// Its window is wider or narrower than those that count, or of no known width.
    AnotherScreen,
    /// Something that is no interaction with the page: a key, a view, a release of a button.
    NotAnInteraction,
    /// Half of a click that the log has as a click too, or a rage click that it has as a plain click too.
    Echo,
    /// 65535, what unsigned numbers of 16 bits hold where they overflow.
    Sentinel,
    /// Left of or above the page, or further than 1,000,000 pixels away.
    OffThePage,
    /// Neither a position nor an element.
    NoPosition,
    /// A position in the window, of a window of which nothing tells how far it was scrolled.
    NoScroll,
    /// A position that is not a number.
    NotANumber,
    /// A scroll that does not tell how far.
    NoDepth,
    /// A count that is no number, or negative.
    BadCount,
    /// Time absent or not understood, where times are limited.
    BadTime,
    /// The record itself is damaged.
    Malformed,
}

impl Reason {
    /// The reason in words, as it follows a count.
    pub fn words(self) -> &'static str {
        match self {
            Reason::AnotherUrl => "of another page",
            Reason::NoUrl => "no address of a page",
            Reason::FilteredOut => "left out by the filter",
            Reason::AnotherScreen => "in a window of another width",
            Reason::NotAnInteraction => "neither a click, a touch, a move nor a scroll",
            Reason::Echo => "told as a click already",
            Reason::Sentinel => "a position of 65535, which stands for none",
            Reason::OffThePage => "not on the page (negative, or beyond 1,000,000 pixels)",
            Reason::NoPosition => "no position",
            Reason::NoScroll => "a position in the window, without how far it was scrolled",
            Reason::NotANumber => "position is not a number",
            Reason::NoDepth => "a scroll without its depth",
            Reason::BadCount => "count is not a number of clicks",
            Reason::BadTime => "time not understood",
            Reason::Malformed => "damaged record",
        }
    }

    /// A short name for the machine-readable report.
    pub fn key(self) -> &'static str {
        match self {
            Reason::AnotherUrl => "another_url",
            Reason::NoUrl => "no_url",
            Reason::FilteredOut => "filtered_out",
            Reason::AnotherScreen => "another_screen",
            Reason::NotAnInteraction => "not_an_interaction",
            Reason::Echo => "echo",
            Reason::Sentinel => "sentinel",
            Reason::OffThePage => "off_the_page",
            Reason::NoPosition => "no_position",
            Reason::NoScroll => "no_scroll",
            Reason::NotANumber => "not_a_number",
            Reason::NoDepth => "no_depth",
            Reason::BadCount => "bad_count",
            Reason::BadTime => "bad_time",
            Reason::Malformed => "malformed",
        }
    }

    /// Whether the record is at fault, rather than left out because nobody asked for it.
    pub fn is_fault(self) -> bool {
        use Reason as R;
        let asked = [R::AnotherUrl, R::NoUrl, R::FilteredOut, R::AnotherScreen, R::NotAnInteraction, R::Echo];
        !asked.contains(&self)
    }
}

/// Records read, and records that gave nothing by reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Records read, used or not.
    pub records: u64,
    /// How many gave nothing, and where the first of them stands.
    pub skipped: BTreeMap<Reason, (u64, Place)>,
}

impl Tally {
    /// Counts one record that gave nothing. `records` is counted apart.
    pub fn skip(&mut self, reason: Reason, place: Place) {
        let (count, first) = self.skipped.entry(reason).or_insert((0, place.clone()));
        *count += 1;
        if place < *first {
            *first = place;
        }
    }

    /// How many gave nothing for this reason.
    pub fn count(&self, reason: Reason) -> u64 {
        self.skipped.get(&reason).map_or(0, |(count, _)| *count)
    }

    /// How many gave nothing because they could not be used.
    pub fn bad(&self) -> u64 {
        self.skipped.iter().filter(|(reason, _)| reason.is_fault()).map(|(_, (count, _))| count).sum()
    }

    /// How many gave nothing for which reason, in words: `2: no position; 1: of another page`.
    pub fn reasons(&self) -> String {
        let reason = |(reason, (count, _)): (&Reason, &(u64, Place))| format!("{count}: {}", reason.words());
        self.skipped.iter().map(reason).collect::<Vec<_>>().join("; ")
    }

    /// The same for machines, by [`Reason::key`].
    pub fn by_key(&self) -> Map<String, Value> {
        self.skipped.iter().map(|(reason, (count, _))| (reason.key().to_owned(), (*count).into())).collect()
    }
}
