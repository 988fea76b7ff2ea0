//! What a visitor did on a page, as a log tells it: where it lands on a picture of the page is decided elsewhere.

use std::sync::Arc;

/// One thing that a visitor did, or several alike that a log counted together.
#[derive(Debug, Clone, PartialEq)]
pub struct Interaction {
    /// What was done.
    pub kind: Kind,
    /// Where, in what the log knows of it; none for what has no place (a scroll).
    pub spot: Option<Spot>,
    /// The element it was done to, where the log tells.
    pub anchor: Option<Anchor>,
    /// How many there were of it: 1 unless the log counts, finite and not negative.
    pub count: f64,
    /// Whose it is: a number of their own for each visitor, where the log tells.
    pub visitor: Option<u64>,
    /// The visit it belongs to, a number of its own, where the log tells.
    pub session: Option<u64>,
    /// When, in microseconds since 1970 UTC (or since any start, where the log has clocks of its own).
    pub time: Option<i64>,
    /// Width and height of the window, in CSS pixels.
    pub viewport: Option<[f64; 2]>,
    /// Width and height of the whole page, in CSS pixels.
    pub page: Option<[f64; 2]>,
    /// The lowest line of the page that had been in the window, in CSS pixels from the top of the page: of a scroll.
    pub depth: Option<f64>,
    /// The same as a share of the height of the page, 0 to 1, where the log tells no pixels.
    pub depth_share: Option<f64>,
    /// Whether nothing came of it, where the log tells: a dead click.
    pub dead: Option<bool>,
    /// Whether the log itself calls it one of a burst of angry clicks.
    pub rage: Option<bool>,
}

impl Interaction {
    /// One of this kind, of which nothing else is known.
    pub fn of(kind: Kind) -> Interaction {
        Interaction {
            kind,
            spot: None,
            anchor: None,
            count: 1.0,
            visitor: None,
            session: None,
            time: None,
            viewport: None,
            page: None,
            depth: None,
            depth_share: None,
            dead: None,
            rage: None,
        }
    }
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A press of a button of a pointer, or a tap.
    Click,
    /// A finger that touched, where a log tells it from a click.
    Touch,
    /// The pointer came by.
    Move,
    /// The page was scrolled.
    Scroll,
}

/// Where something was done, in CSS pixels; x grows to the right, y down.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot {
    /// The horizontal place.
    pub x: Across,
    /// The vertical place, in pixels from the top of the page; from the top of the window where `fixed`.
    pub y: f64,
    /// Whether it was done to something that stays in the window while the page scrolls.
    pub fixed: bool,
}

/// A horizontal place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Across {
    /// Pixels from the left edge of the page.
    Pixels(f64),
    /// A share of the width of the window, 0 to 1.
    Share(f64),
}

/// A place inside an element.
#[derive(Debug, Clone, PartialEq)]
pub struct Anchor {
    /// The CSS selector of the element.
    pub selector: Arc<str>,
    /// From its left edge, as a share of its width, 0 to 1, where the log tells.
    pub x: Option<f64>,
    /// From its top edge, as a share of its height, 0 to 1, where the log tells.
    pub y: Option<f64>,
}
