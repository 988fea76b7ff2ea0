//! What of a log is shown, by the name that `--show` knows it by.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Show {
    /// Clicks.
    Click,
    /// Touches.
    Touch,
    /// Where the pointer was, weighed by time.
    Move,
    /// Clicks and touches of bursts.
    Rage,
    /// Clicks and touches of which nothing came.
    Dead,
    /// How far down visits came.
    Scroll,
    /// What was in the window for how long.
    Attention,
}

/// What can be shown: its name, and what one calls many of it.
pub const SHOWS: &[(&str, Show, &str)] = &[
    ("click", Show::Click, "clicks"),
    ("touch", Show::Touch, "touches"),
    ("move", Show::Move, "moves"),
    ("rage", Show::Rage, "rage clicks"),
    ("dead", Show::Dead, "dead clicks"),
    ("scroll", Show::Scroll, "scrolls"),
    ("attention", Show::Attention, "moments of attention"),
];

impl Show {
    /// What one calls many of it.
    pub fn many(self) -> &'static str {
        SHOWS.iter().find(|(_, show, _)| *show == self).map_or("", |(_, _, many)| many)
    }

    /// What a picture of it is called.
    pub fn title(self) -> &'static str {
        match self {
            Show::Click => "Clicks",
            Show::Touch => "Touches",
            Show::Move => "Where the pointer was",
            Show::Rage => "Rage clicks",
            Show::Dead => "Dead clicks",
            Show::Scroll => "How far visitors scrolled",
            Show::Attention => "What was in the window",
        }
    }

    /// Whether it is told of bands of the page rather than of places.
    pub fn is_of_bands(self) -> bool {
        matches!(self, Show::Scroll | Show::Attention)
    }
}

impl FromStr for Show {
    type Err = Error;

    fn from_str(text: &str) -> Result<Show, Error> {
        SHOWS.iter().find(|(name, _, _)| *name == text).map(|(_, show, _)| *show).ok_or_else(|| {
            let names: Vec<&str> = SHOWS.iter().map(|(name, _, _)| *name).collect();
            Error::caller("--show").found(format!("`{text}`")).expected(format!("{}, or all", names.join(", ")))
        })
    }
}

impl fmt::Display for Show {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", SHOWS.iter().find(|(_, show, _)| show == self).map_or("", |(name, _, _)| name))
    }
}
