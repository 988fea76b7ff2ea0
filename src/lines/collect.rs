//! The straight line of what the collector of pages sends (`web/collect`): each line is held against what it may be, what it
//! may not hold is left out, and the rest goes into a journal as docs/collect.md has it. Nothing of whom it came from does.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Number;

use crate::error::Error;
use crate::lines::journal::Body;
use crate::source::{body_format, parse_time};

/// The most lines of a body.
const MOST_LINES: usize = 1000;

/// The longest address of a page, and the longest selector, in bytes.
const LONGEST: usize = 2048;

/// The largest length on a page, in CSS pixels; browsers end some way above 33 million.
const FARTHEST: f64 = 1e8;

/// The largest number of a visitor: what JSON holds without loss.
const MOST_VISITORS: u64 = 1 << 53;

/// What a line may hold, in the order of the columns in the journal. Numbers stay as they were written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Line {
    time: String,
    visitor: u64,
    kind: Kind,
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<Number>,
    viewport_width: Number,
    viewport_height: Number,
    page_width: Number,
    page_height: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    depth: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    selector: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    element_x: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    element_y: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dead: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<Device>,
}

/// What a visitor did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Click,
    Touch,
    Move,
    Scroll,
}

/// On what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Device {
    Desktop,
    Tablet,
    Phone,
}

/// What was collected, as a body for the journal; columns that are none of it are left out.
///
/// ```
/// use torrid::lines::collect::collected;
/// let line = r#"{"time":"2026-11-22T12:00:00Z","visitor":7,"kind":"scroll","url":"https://shop.example/","depth":800,
///     "viewport_width":1280,"viewport_height":800,"page_width":1280,"page_height":4210,"cookie":"left out"}"#;
/// assert!(collected(line.replace('\n', " ").as_bytes()).is_ok());
/// assert!(collected(line.replace('\n', " ").replace("800", "1e400").as_bytes()).is_err());
/// ```
///
/// # Errors
/// When it has no line or too many, or one of them is not what the collector sends.
pub fn collected(body: &[u8]) -> Result<Body, Error> {
    let mut kept = Vec::with_capacity(body.len());
    let mut count = 0;
    let lines = body.split(|&byte| byte == b'\n').enumerate();
    for (number, text) in lines.filter(|(_, text)| !text.trim_ascii().is_empty()) {
        let wrong = |found: String| {
            let wrong = Error::input(format!("line {}", number + 1)).found(found);
            wrong.expected("what the collector sends").advice("docs/collect.md has its columns")
        };
        let line: Line = serde_json::from_slice(text).map_err(|error| wrong(error.to_string()))?;
        line.check().map_err(|found| wrong(found.to_owned()))?;
        serde_json::to_writer(&mut kept, &line).map_err(|error| wrong(error.to_string()))?;
        kept.push(b'\n');
        count += 1;
        if count > MOST_LINES {
            let many = Error::limit("the body").found(format!("more than {MOST_LINES} lines"));
            return Err(many.expected("fewer").advice("send it in parts"));
        }
    }
    if count == 0 {
        return Err(Error::input("the body").found("no line").expected("what the collector sends"));
    }
    let json = body_format("json").ok_or_else(|| Error::machine("journal").found("no format for JSON"))?;
    Ok(Body::checked(json, Bytes::from(kept), count as u64))
}

impl Line {
    /// What is wrong with it.
    fn check(&self) -> Result<(), &'static str> {
        let within = |number: &Number, least: f64, most: f64| {
            number.as_f64().is_some_and(|number| (least..=most).contains(&number))
        };
        let lengths = [&self.viewport_width, &self.viewport_height, &self.page_width, &self.page_height];
        let mut lengths = lengths.into_iter().chain(&self.depth);
        let mut places = self.x.iter().chain(&self.y);
        let mut shares = self.element_x.iter().chain(&self.element_y);
        let scroll = self.kind == Kind::Scroll;
        let wrong = [
            (self.time.len() > 40 || parse_time(&self.time).is_none(), "a time that is none"),
            (self.visitor > MOST_VISITORS, "a visitor whose number is too large"),
            (!is_address(&self.url), "an address that is none of a page, or too long"),
            (!lengths.all(|length| within(length, 0.0, FARTHEST)), "a size or depth out of range"),
            (!places.all(|place| within(place, -FARTHEST, FARTHEST)), "a place out of range"),
            (!shares.all(|share| within(share, 0.0, 1.0)), "a share beyond 0 to 1"),
            (!scroll && (self.x.is_none() || self.y.is_none()), "no place"),
            (scroll && self.depth.is_none(), "a scroll without a depth"),
            (!scroll && self.depth.is_some(), "a depth of what is no scroll"),
            (self.selector.as_ref().is_some_and(|text| !is_selector(text)), "a selector that is empty or too long"),
        ];
        wrong.into_iter().find(|(wrong, _)| *wrong).map_or(Ok(()), |(_, found)| Err(found))
    }
}

fn is_address(url: &str) -> bool {
    let known = url.starts_with("http://") || url.starts_with("https://");
    known && url.len() <= LONGEST && !url.contains(|c: char| c.is_whitespace() || c.is_control())
}

fn is_selector(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST && !text.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn click() -> Value {
        json!({ "time": "2026-11-22T12:00:00.123Z", "visitor": 4_294_967_295_u64, "kind": "click",
            "url": "https://shop.example/a", "x": 10.5, "y": 20, "viewport_width": 1280, "viewport_height": 800,
            "page_width": 1280, "page_height": 4210, "selector": "#buy", "element_x": 0.5, "element_y": 1,
            "fixed": false, "dead": true, "device": "phone" })
    }

    fn is_taken(change: impl FnOnce(&mut Value)) -> bool {
        let mut line = click();
        change(&mut line);
        collected(line.to_string().as_bytes()).is_ok()
    }

    #[test]
    fn what_the_collector_sends_is_taken() {
        assert!(is_taken(|_| ()));
        let two = format!("{0}\n{0}", click());
        assert!(collected(two.as_bytes()).is_ok());
    }

    #[test]
    fn what_is_kept_is_what_was_sent_without_what_is_no_column() {
        let mut line = click();
        line["email"] = json!("a@b.example");
        let mut kept = Vec::new();
        let read: Line = serde_json::from_value(line).expect("a line");
        serde_json::to_writer(&mut kept, &read).expect("memory");
        assert_eq!(serde_json::from_slice::<Value>(&kept).expect("JSON"), click());
    }

    #[test]
    fn what_it_does_not_send_is_refused() {
        let wrong: [(&str, Value); 17] = [
            ("time", json!("yesterday")),
            ("time", json!("2026-11-22T12:00:00Z".repeat(9))),
            ("visitor", json!(-1)),
            ("visitor", json!(u64::MAX)),
            ("kind", json!("keypress")),
            ("url", json!("javascript:alert(1)")),
            ("url", json!(format!("https://a.b/{}", "x".repeat(5000)))),
            ("x", Value::Null),
            ("y", json!(1e9)),
            ("x", json!("12")),
            ("viewport_width", json!(-1)),
            ("page_height", Value::Null),
            ("depth", json!(12)),
            ("selector", json!("a".repeat(5000))),
            ("element_x", json!(1.5)),
            ("dead", json!("perhaps")),
            ("device", json!("a@b.example")),
        ];
        for (column, value) in wrong {
            let told = value.to_string();
            assert!(!is_taken(|line| line[column] = value), "{column}: {told:.60}");
        }
        for text in ["", "\n\n", "[]", "{}", "null", "{\"time\"", "\u{feff}{}", "NaN"] {
            assert!(collected(text.as_bytes()).is_err(), "{text}");
        }
        assert!(collected(&[0xff, 0xfe, 0]).is_err());
        assert!(collected("[".repeat(60_000).as_bytes()).is_err());
        assert!(collected(format!("{}\n", click()).repeat(1001).as_bytes()).is_err());
    }
}
