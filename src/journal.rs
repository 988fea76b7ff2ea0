//! The journal of a live layer: what was sent to it, as it came, one body after the other in a file that only grows.
//!
//! The file begins with [`FIRST_LINE`]. Each body stands below a line that says what it is, an [`Entry`] as JSON, and ends
//! with a line feed that is not part of it. A crash can leave no more than an entry that is not whole at the end, which
//! was not acknowledged.

use serde_json::{Value, json};
use twox_hash::XxHash3_128;

/// What the file begins with.
pub const FIRST_LINE: &str = "torrid journal 1\n";

/// The longest line above a body, in bytes.
pub const LONGEST_LINE: usize = 4096;

/// The longest key, in bytes.
pub const LONGEST_KEY: usize = 255;

/// What stands above a body.
///
/// ```
/// use torrid::journal::Entry;
/// let entry = Entry::of("csv", 1, Some("a-1".into()), b"lng,lat\n2.35,48.85\n");
/// assert_eq!(Entry::parse(entry.line().as_bytes()), Some(entry));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The format of the body, by the name that sources have for it.
    pub format: String,
    /// How many events the body gave when it was accepted.
    pub events: u64,
    /// The key under which it was sent: what is sent again under the same is the same.
    pub key: Option<String>,
    /// How many bytes the body has.
    pub bytes: u64,
    /// `XXH3` of the body, 128 bits.
    pub mark: u128,
}

impl Entry {
    /// The entry of a body.
    pub fn of(format: &str, events: u64, key: Option<String>, body: &[u8]) -> Entry {
        Entry { format: format.to_owned(), events, key, bytes: body.len() as u64, mark: XxHash3_128::oneshot(body) }
    }

    /// Whether a body is the one that this is about.
    pub fn is_of(&self, body: &[u8]) -> bool {
        self.bytes == body.len() as u64 && self.mark == XxHash3_128::oneshot(body)
    }

    /// The line above the body, with its line feed.
    pub fn line(&self) -> String {
        let mut line = json!({
            "format": self.format,
            "events": self.events,
            "bytes": self.bytes,
            "xxh3": format!("{:032x}", self.mark),
        });
        if let Some(key) = &self.key {
            line["key"] = key.as_str().into();
        }
        format!("{line}\n")
    }

    /// The entry of a line; none where it is not one.
    pub fn parse(line: &[u8]) -> Option<Entry> {
        let line: Value = serde_json::from_slice(line.strip_suffix(b"\n")?).ok()?;
        let key = match line.get("key") {
            None => None,
            Some(key) => Some(key.as_str()?.to_owned()),
        };
        Some(Entry {
            format: line.get("format")?.as_str()?.to_owned(),
            events: line.get("events")?.as_u64()?,
            key,
            bytes: line.get("bytes")?.as_u64()?,
            mark: u128::from_str_radix(line.get("xxh3")?.as_str()?, 16).ok()?,
        })
    }
}
