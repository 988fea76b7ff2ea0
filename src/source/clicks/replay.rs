//! Recordings of rrweb: events that say how a page looked and what was done, from which follows where the pointer was.
//! Its positions are in the window, so the recording is followed for how far it was scrolled and what the page holds.

use std::borrow::Cow;

use serde_json::Value;

use super::deed::on_page;
use super::taker::Taker;
use super::tally::Reason;
use super::tree::Tree;
use crate::error::Error;
use crate::interaction::{Across, Anchor, Interaction, Kind, Spot};
use crate::source::Field;

/// The types of events, and the sources of those that say what changed: `EventType` and `IncrementalSource` of rrweb.
mod event {
    pub const FULL_SNAPSHOT: u64 = 2;
    pub const INCREMENTAL: u64 = 3;
    pub const META: u64 = 4;
    pub const LAST: u64 = 6;
    pub const MUTATION: u64 = 0;
    pub const MOUSE_MOVE: u64 = 1;
    pub const MOUSE_INTERACTION: u64 = 2;
    pub const SCROLL: u64 = 3;
    pub const RESIZE: u64 = 4;
    pub const TOUCH_MOVE: u64 = 6;
    pub const DRAG: u64 = 12;
    /// `MouseInteractions`.
    pub const CLICK: u64 = 2;
    pub const TOUCH_START: u64 = 7;
}

/// Whether a value is an event of a recording.
pub(super) fn is_event(value: &Value) -> bool {
    let is_type = value.get("type").and_then(Value::as_u64).is_some_and(|number| number <= event::LAST);
    is_type && value.get("timestamp").is_some_and(Value::is_number) && value.get("data").is_some()
}

/// A recording up to some event.
pub(super) struct Replay {
    session: Option<u64>,
    url: Option<String>,
    viewport: Option<[f64; 2]>,
    /// How far the page is scrolled.
    scroll: [f64; 2],
    tree: Tree,
}

impl Replay {
    /// The start of the recording that is called `session`.
    pub fn new(session: &str) -> Replay {
        let session = Field::Text(session).subject();
        Replay { session, url: None, viewport: None, scroll: [0.0; 2], tree: Tree::default() }
    }

    /// Takes in the next event.
    ///
    /// # Errors
    /// Under `strict`, when what it tells cannot be used.
    pub fn event(&mut self, line: u64, value: &Value, taker: &mut Taker) -> Result<(), Error> {
        if !is_event(value) {
            return taker.damaged(line);
        }
        let (data, time) = (&value["data"], value["timestamp"].as_f64());
        match value["type"].as_u64() {
            Some(event::META) => self.begin_page(data),
            Some(event::FULL_SNAPSHOT) => {
                self.tree = Tree::of(&data["node"]);
                self.scroll = pair(&data["initialOffset"], "left", "top").unwrap_or([0.0; 2]);
                return self.scrolled(line, time, taker);
            }
            Some(event::INCREMENTAL) => return self.changed(line, data, time, taker),
            _ => {}
        }
        Ok(())
    }

    fn begin_page(&mut self, data: &Value) {
        self.url = data["href"].as_str().map(str::to_owned);
        self.viewport = pair(data, "width", "height");
        self.scroll = [0.0; 2];
    }

    fn changed(&mut self, line: u64, data: &Value, time: Option<f64>, taker: &mut Taker) -> Result<(), Error> {
        match data["source"].as_u64() {
            Some(event::MUTATION) => self.tree.change(data),
            Some(event::RESIZE) => self.viewport = pair(data, "width", "height").or(self.viewport),
            Some(event::MOUSE_MOVE | event::TOUCH_MOVE | event::DRAG) => {
                for position in data["positions"].as_array().into_iter().flatten() {
                    let offset = position["timeOffset"].as_f64().unwrap_or(0.0);
                    let told = self.at(Kind::Move, position, time.map(|time| time + offset));
                    taker.replayed(line, self.url.as_deref(), told)?;
                }
            }
            Some(event::MOUSE_INTERACTION) => return self.pressed(line, data, time, taker),
            // Elements scroll too; only the document moves the page.
            Some(event::SCROLL) if data["id"].as_i64() == Some(self.tree.document()) => {
                self.scroll = pair(data, "x", "y").unwrap_or(self.scroll);
                return self.scrolled(line, time, taker);
            }
            _ => {}
        }
        Ok(())
    }

    fn pressed(&mut self, line: u64, data: &Value, time: Option<f64>, taker: &mut Taker) -> Result<(), Error> {
        let kind = match data["type"].as_u64() {
            Some(event::CLICK) => Kind::Click,
            Some(event::TOUCH_START) => Kind::Touch,
            _ => return taker.replayed(line, self.url.as_deref(), Err(Reason::NotAnInteraction)),
        };
        let mut told = self.at(kind, data, time);
        if let (Ok(interaction), Some(node)) = (&mut told, data["id"].as_i64()) {
            let selector = self.tree.selector(node).map(|selector| taker.intern(Cow::Owned(selector)));
            interaction.anchor = selector.map(|selector| Anchor { selector, x: None, y: None });
        }
        taker.replayed(line, self.url.as_deref(), told)
    }

    /// Something that was done at a position in the window.
    fn at(&self, kind: Kind, position: &Value, time: Option<f64>) -> Result<Interaction, Reason> {
        let [x, y] = pair(position, "x", "y").ok_or(Reason::NoPosition)?;
        let [right, down] = self.scroll;
        let spot = on_page(Spot { x: Across::Pixels(x + right), y: y + down, fixed: false })?;
        Ok(Interaction { spot: Some(spot), ..self.done(kind, time) })
    }

    fn scrolled(&self, line: u64, time: Option<f64>, taker: &mut Taker) -> Result<(), Error> {
        let depth = self.viewport.map(|[_, height]| self.scroll[1] + height).ok_or(Reason::NoDepth);
        let depth =
            depth.and_then(|depth| if (0.0..=1e6).contains(&depth) { Ok(depth) } else { Err(Reason::OffThePage) });
        let told = depth.map(|depth| Interaction { depth: Some(depth), ..self.done(Kind::Scroll, time) });
        taker.replayed(line, self.url.as_deref(), told)
    }

    fn done(&self, kind: Kind, time: Option<f64>) -> Interaction {
        let micros = |milliseconds: f64| (milliseconds * 1000.0) as i64;
        let time = time.filter(|time| time.abs() < 1e15).map(micros);
        Interaction { session: self.session, viewport: self.viewport, time, ..Interaction::of(kind) }
    }
}

/// Two members that are numbers.
fn pair(value: &Value, first: &str, second: &str) -> Option<[f64; 2]> {
    Some([value.get(first)?.as_f64()?, value.get(second)?.as_f64()?])
}
