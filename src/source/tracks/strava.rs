//! What the list in an export of Strava, `activities.csv`, says of the files beside it, by their names. Its first columns
//! are in the language of the person; that of the file names is told by what stands in it.

use std::collections::HashMap;

use csv_core::{ReadFieldResult, Reader};

use crate::source::Field;
use crate::source::tracks::facts::{Fact, Facts};

/// What the list is called.
pub(super) const NAME: &str = "activities.csv";
/// What each file name in it begins with.
const FOLDER: &str = "activities/";

/// What is known of the files of an export.
#[derive(Debug, Default)]
pub(super) struct Listed {
    files: HashMap<String, Facts>,
}

impl Listed {
    /// Reads a list; one that is none knows of no file.
    pub(super) fn read(bytes: &[u8]) -> Listed {
        let mut rows = rows(bytes).into_iter();
        let names = rows.next().unwrap_or_default();
        let mut files = HashMap::new();
        for row in rows {
            if let Some(file) = row.iter().find(|field| field.starts_with(FOLDER)) {
                files.insert(plain(file).to_owned(), facts(&names, &row));
            }
        }
        Listed { files }
    }

    /// What is known of a file by its path from where the list lies.
    pub(super) fn of(&self, path: &str) -> Option<&Facts> {
        self.files.get(plain(path))
    }

    /// Whether it knows of no file.
    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

/// A path without the ending of the packing, which whoever unpacks an export may have taken off.
fn plain(path: &str) -> &str {
    path.strip_suffix(".gz").unwrap_or(path)
}

/// All columns under their own names, and the useful ones under plain names too.
fn facts(names: &[String], row: &[String]) -> Facts {
    let mut facts = Facts::default();
    for (name, value) in names.iter().zip(row).filter(|(_, value)| !value.trim().is_empty()) {
        if !facts.iter().any(|(known, _)| known == name) {
            facts.say(name, Fact::Text(value.clone()));
        }
    }
    let english = names.iter().any(|name| name == "Activity ID");
    // Of two columns of one name the second is the finer one, and in metres where the first is in kilometres.
    let all = |name: &str| -> Vec<&str> {
        let pairs = names.iter().zip(row).filter(|(known, _)| *known == name);
        pairs.map(|(_, value)| value.trim()).collect()
    };
    let last = |name: &str| all(name).into_iter().rfind(|value| !value.is_empty());
    let texts = [("name", "Activity Name", 2), ("type", "Activity Type", 3), ("gear", "Activity Gear", usize::MAX)];
    for (plain, name, at) in texts {
        let value = if english { last(name) } else { row.get(at).map(String::as_str) };
        if let Some(value) = value {
            facts.say(plain, Fact::Text(value.to_owned()));
        }
    }
    let numbers =
        [("moving_time", "Moving Time"), ("elapsed_time", "Elapsed Time"), ("elevation_gain", "Elevation Gain")];
    for (plain, name) in numbers {
        if let Some(number) = last(name).and_then(|value| Field::Text(value).number()) {
            facts.say(plain, Fact::Number(number));
        }
    }
    if let Some(metres) = all("Distance").get(1).and_then(|value| Field::Text(value).number()) {
        facts.say("distance", Fact::Number(metres));
    }
    if let Some(commute) = all("Commute").first() {
        facts.say("commute", Fact::Flag(matches!(*commute, "true" | "True" | "TRUE" | "1" | "1.0")));
    }
    facts
}

/// The fields of all rows.
fn rows(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut reader = Reader::new();
    let mut rest = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut rows = Vec::new();
    let (mut row, mut field) = (Vec::new(), Vec::new());
    let mut buffer = [0; 4096];
    loop {
        let (result, read, written) = reader.read_field(rest, &mut buffer);
        rest = &rest[read..];
        field.extend_from_slice(&buffer[..written]);
        match result {
            ReadFieldResult::InputEmpty | ReadFieldResult::OutputFull => {}
            ReadFieldResult::Field { record_end } => {
                row.push(String::from_utf8_lossy(&std::mem::take(&mut field)).into_owned());
                if record_end {
                    rows.push(std::mem::take(&mut row));
                }
            }
            ReadFieldResult::End => return rows,
        }
    }
}
