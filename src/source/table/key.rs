//! What the rows or columns of an arranged table stand for: a column of the records, or a function of its times.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{DateTime, Weekday};

use crate::error::Error;
use crate::source::time::wall_clock;

/// A column, or a part of the times in it: `station`, `hour(time)`. Parts are those of the time as it is written: of
/// `2005-01-01T23:30+01:00` the hour is 23.
///
/// ```
/// use torrid::source::table::Key;
/// let key: Key = "weekday(pickup time)".parse()?;
/// assert_eq!(key.column(), "pickup time");
/// assert_eq!(key.all()[0], "Monday");
/// assert_eq!(key.to_string(), "weekday(pickup time)");
/// # Ok::<(), torrid::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    column: String,
    part: Option<&'static Part>,
}

/// A part of a time.
#[derive(Debug)]
pub struct Part {
    /// What it is called, as in `hour(time)`.
    pub name: &'static str,
    /// One line for the help and the documents.
    pub about: &'static str,
    /// All there are, where it would be a gap if one of them were left out.
    all: &'static [&'static str],
    of: fn(DateTime) -> String,
}

impl PartialEq for Part {
    fn eq(&self, other: &Part) -> bool {
        self.name == other.name
    }
}

impl Eq for Part {}

const WEEKDAYS: &[&str] = &["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: &[&str] = &[
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const HOURS: &[&str] = &[
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20",
    "21", "22", "23",
];

/// Every part of a time.
pub static PARTS: &[Part] = &[
    Part { name: "year", about: "2005", all: &[], of: |time| time.year().to_string() },
    Part {
        name: "quarter",
        about: "Q1 to Q4",
        all: &["Q1", "Q2", "Q3", "Q4"],
        of: |time| format!("Q{}", (time.month() + 2) / 3),
    },
    Part {
        name: "month",
        about: "January to December",
        all: MONTHS,
        of: |time| MONTHS[time.month() as usize - 1].into(),
    },
    Part {
        name: "week",
        about: "1 to 53, as ISO 8601 counts them",
        all: &[],
        of: |time| time.date().iso_week_date().week().to_string(),
    },
    Part { name: "date", about: "2005-01-31", all: &[], of: |time| time.date().to_string() },
    Part { name: "day", about: "the day of the month, 1 to 31", all: &[], of: |time| time.day().to_string() },
    Part { name: "weekday", about: "Monday to Sunday", all: WEEKDAYS, of: |time| weekday(time.weekday()).into() },
    Part { name: "hour", about: "0 to 23", all: HOURS, of: |time| time.hour().to_string() },
    Part { name: "minute", about: "0 to 59", all: &[], of: |time| time.minute().to_string() },
];

fn weekday(day: Weekday) -> &'static str {
    WEEKDAYS[day.to_monday_zero_offset() as usize]
}

impl Key {
    /// The column it is found in.
    pub fn column(&self) -> &str {
        &self.column
    }

    /// All words there are for it, where it would be a gap if one of them were left out: hours, weekdays, months,
    /// quarters. Empty for others.
    pub fn all(&self) -> &'static [&'static str] {
        self.part.map_or(&[], |part| part.all)
    }

    /// The same text as the name of a column.
    pub(super) fn as_column(&self) -> Key {
        Key { column: self.to_string(), part: None }
    }

    pub(super) fn is_part(&self) -> bool {
        self.part.is_some()
    }

    /// The word for a record with this text in the column; none where the text should be a time and is not.
    pub(super) fn word(&self, text: &str) -> Option<String> {
        match self.part {
            None => Some(text.to_owned()),
            Some(part) => wall_clock(text).map(part.of),
        }
    }
}

impl FromStr for Key {
    type Err = Error;

    /// A part and a column in parentheses, or else the name of a column.
    ///
    /// # Errors
    /// When it is empty, or a part of nothing.
    fn from_str(text: &str) -> Result<Key, Error> {
        let text = text.trim();
        let split = text.strip_suffix(')').and_then(|text| text.split_once('('));
        let part = split.and_then(|(name, _)| PARTS.iter().find(|part| part.name.eq_ignore_ascii_case(name.trim())));
        let column = match (part, split) {
            (Some(_), Some((_, column))) => column.trim(),
            _ => text,
        };
        if column.is_empty() {
            let parts: Vec<String> = PARTS.iter().map(|part| format!("{}(…)", part.name)).collect();
            return Err(Error::caller("--rows or --cols")
                .found(format!("`{text}`"))
                .expected(format!("the name of a column, or {} of it", parts.join(", "))));
        }
        Ok(Key { column: column.to_owned(), part })
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.part {
            Some(part) => write!(f, "{}({})", part.name, self.column),
            None => write!(f, "{}", self.column),
        }
    }
}
