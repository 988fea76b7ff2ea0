//! A page from its address to its boxes and its screenshot: opened in a window of exactly the size that is wanted, scrolled
//! through once, so that what is loaded late is, and asked when it has come to rest.

use std::thread::sleep;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};

use super::picture::screenshot;
use super::session::{Failure, Session};
use super::{Rendered, Wish};
use crate::error::Error;
use crate::page::{Element, Page};

/// What the collector of pages knows too.
const SELECTOR: &str = include_str!("../../../web/collect/selector.js");

/// Asks for the boxes.
const ELEMENTS: &str = include_str!("../../../web/collect/elements.js");

/// Asks whether the page has come to rest.
const QUIET: &str = include_str!("../../../web/collect/quiet.js");

/// The most elements of a page.
const MOST_ELEMENTS: usize = 100_000;

/// How long nothing has to be loaded for a page to be at rest.
const REST: Duration = Duration::from_millis(500);

/// How long a page may go on loading; some never end.
const RESTLESS: Duration = Duration::from_secs(10);

/// How often it is asked.
const PAUSE: Duration = Duration::from_millis(100);

/// The most steps of scrolling through a page.
const STEPS: u32 = 100;

/// What is told of a page while it loads.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
struct State {
    failed: bool,
    ready: bool,
    loaded: u64,
    status: u16,
    height: f64,
    viewport: f64,
    at: f64,
}

/// What is told of a page that lies still.
#[derive(Deserialize)]
struct Told {
    url: String,
    title: String,
    width: f64,
    height: f64,
    viewport: [f64; 2],
    elements: Vec<Element>,
    missed: Missed,
    more: bool,
}

/// Selectors that have no box.
#[derive(Deserialize)]
struct Missed {
    wrong: Vec<String>,
    absent: Vec<String>,
    hidden: Vec<String>,
}

/// Renders the page at an address, of those that [`address`](super::address()) gives.
///
/// # Errors
/// When there is no browser, it fails, or the page cannot be had in time (machine); when the wish cannot be fulfilled
/// (caller); when the page is too large (limit).
pub fn rendered(address: &str, wish: &Wish) -> Result<Rendered, Error> {
    wish.check()?;
    let session = Session::begin(wish, Instant::now() + wish.timeout)?;
    let (told, restless) = laid_out(&session, address, wish).map_err(|failure| of_page(failure, address, wish))?;
    let mut notes = told.missed.notes();
    if restless {
        notes.push(format!("the page went on loading for {} s, and was taken as it was then", RESTLESS.as_secs()));
    }
    if told.more {
        notes.push(format!("the page has more than {MOST_ELEMENTS} elements: those after them are not listed"));
    }
    let page = told.page(wish);
    let picture = screenshot(&session, &page, wish)?;
    Ok(Rendered { page, picture, notes })
}

/// Opens a page and asks for its boxes; whether it did not come to rest.
fn laid_out(session: &Session, address: &str, wish: &Wish) -> Result<(Told, bool), Failure> {
    let [width, height] = wish.viewport;
    let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": wish.scale, "mobile": false });
    session.tool("Emulation.setDeviceMetricsOverride", &metrics)?;
    // What moves is asked to keep still.
    let still = json!({ "features": [{ "name": "prefers-reduced-motion", "value": "reduce" }] });
    session.tool("Emulation.setEmulatedMedia", &still)?;
    session.send("/url", &json!({ "url": address }))?;
    let mut restless = !at_rest(session)?;
    let state = state(session)?;
    if state.failed {
        let message = "a page of the browser's own, which says that it cannot be had".to_owned();
        return Err(Failure { kind: "status".into(), message });
    }
    if state.status >= 400 {
        return Err(Failure { kind: "status".into(), message: format!("the status {}", state.status) });
    }
    if wish.whole {
        scroll_through(session, state)?;
        restless = !at_rest(session)? || restless;
    }
    sleep(wish.wait);
    let asked = json!(wish.selectors);
    let script =
        format!("(() => {{\n{SELECTOR}\nreturn (\n{}\n)({asked}, {MOST_ELEMENTS});\n}})()", expression(ELEMENTS));
    let told = serde_json::from_value(session.script(&script)?);
    told.map(|told| (told, restless))
        .map_err(|error| Failure { kind: "boxes".into(), message: format!("boxes that are none ({error})") })
}

/// A file that is a comment and an expression, without the semicolon after it.
fn expression(file: &str) -> &str {
    file.trim_end().trim_end_matches(';')
}

/// What a page tells of itself. One that is just going elsewhere has no answer, and is asked again.
fn state(session: &Session) -> Result<State, Failure> {
    loop {
        match session.script(&format!("(\n{}\n)()", expression(QUIET))) {
            Ok(told) => {
                let wrong =
                    |error| Failure { kind: "state".into(), message: format!("no state of the page ({error})") };
                return serde_json::from_value(told).map_err(wrong);
            }
            Err(failure) if session.left() < 2 * PAUSE || failure.kind == "no answer" => return Err(failure),
            Err(_) => sleep(PAUSE),
        }
    }
}

/// Waits until nothing more is loaded; whether that came.
fn at_rest(session: &Session) -> Result<bool, Failure> {
    let begun = Instant::now();
    let (mut last, mut since) = (state(session)?, Instant::now());
    while begun.elapsed() < RESTLESS && session.left() > REST {
        if last.ready && since.elapsed() >= REST {
            return Ok(true);
        }
        sleep(PAUSE);
        let now = state(session)?;
        if now != last {
            (last, since) = (now, Instant::now());
        }
    }
    Ok(false)
}

/// Shows every part of the page once, as high as it is now: one that grows whenever its end is seen has none.
fn scroll_through(session: &Session, state: State) -> Result<(), Failure> {
    let step = state.viewport.max(state.height / f64::from(STEPS)).max(1.0);
    let mut top = step;
    while top < state.height {
        scroll_to(session, top)?;
        sleep(PAUSE / 2);
        top += step;
    }
    scroll_to(session, 0.0)
}

fn scroll_to(session: &Session, top: f64) -> Result<(), Failure> {
    let script = format!("(scrollTo({{ top: {top}, left: 0, behavior: \"instant\" }}), \"0\")");
    session.script(&script).map(|_: Value| ())
}

/// Why a page could not be rendered, and what to do.
fn of_page(failure: Failure, address: &str, wish: &Wish) -> Error {
    let name = |end: &str| {
        failure.message.split(end).nth(1).and_then(|rest| rest.split_whitespace().next()).map(str::to_owned)
    };
    let (found, advice) = match (&*failure.kind, name("net::")) {
        (_, Some(reason)) => (format!("no page ({reason})"), "check the address and the network"),
        ("timeout" | "script timeout", _) => {
            (format!("a page that is not there after {} s", wish.timeout.as_secs_f64()), "give a longer --timeout")
        }
        ("status", _) => (failure.message.clone(), "check the address in a browser"),
        _ => return failure.at(address),
    };
    Error::machine(address).found(found).expected("a page").advice(advice)
}

impl Told {
    /// As the noun; where the window alone is wanted, it is the page.
    fn page(self, wish: &Wish) -> Page {
        let [width, height] = self.viewport;
        let [width, height] =
            if wish.whole { [self.width.max(width), self.height.max(height)] } else { [width, height] };
        let Told { url, title, viewport, elements, .. } = self;
        Page { url, title, width, height, viewport, scale: f64::from(wish.scale), elements }
    }
}

impl Missed {
    /// A sentence for each reason.
    fn notes(&self) -> Vec<String> {
        let reasons = [
            ("match nothing on the page", &self.absent),
            ("match what has no size or is hidden", &self.hidden),
            ("are no selectors", &self.wrong),
        ];
        let missed =
            reasons.into_iter().filter_map(|(reason, texts)| texts.first().map(|first| (reason, texts.len(), first)));
        missed.map(|(reason, count, first)| format!("{count} of --selectors {reason} (first `{first}`)")).collect()
    }
}
