//! Where the cells of a file come from: what was read for them, and how. It travels in the file, so that work done twice
//! is found out instead of being counted twice.

use serde_json::{Value, json};

use crate::cells::{Contents, FINEST};

/// The version of the text form.
const VERSION: u64 = 1;

/// Where cells come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The zoom of the cells.
    pub zoom: u8,
    /// What each of them holds.
    pub contents: Contents,
    /// The column that weighed events, by name.
    pub weight: Option<String>,
    /// The column of the readings, by name.
    pub value: Option<String>,
    /// The column of the subjects, by name.
    pub subject: Option<String>,
    /// The files that were read, in the order of their names.
    pub sources: Vec<Origin>,
}

/// One file that was read, as far as another of its name could differ from it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// Its name, without the folder.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// When it was last written, in microseconds since 1970 UTC.
    pub modified: i64,
    /// Which of its records were taken, in words; empty for all.
    pub taken: String,
}

impl Provenance {
    /// The key under which a file of cells has it.
    pub const KEY: &str = "torrid:cells";

    /// Its text form, a JSON object.
    pub fn text(&self) -> String {
        json!({
            "version": VERSION,
            "zoom": self.zoom,
            "weight": self.weight,
            "value": self.value,
            "subject": self.subject,
            "step": self.contents.step,
            "sources": self.sources.iter().map(Origin::to_json).collect::<Vec<_>>(),
            "generator": concat!("torrid ", env!("CARGO_PKG_VERSION")),
        })
        .to_string()
    }

    /// Reads the text form; none where it is not one of this version.
    pub fn parse(text: &str) -> Option<Provenance> {
        let all: Value = serde_json::from_str(text).ok()?;
        if all["version"] != VERSION {
            return None;
        }
        let zoom = u8::try_from(all["zoom"].as_u64()?).ok().filter(|zoom| *zoom <= FINEST)?;
        // Files of before there were subjects do not name any.
        let (weight, value, subject) = (word(&all["weight"]), word(&all["value"]), word(&all["subject"]));
        let step = all["step"].as_i64().filter(|step| *step > 0);
        let contents = Contents { weight: weight.is_some(), value: value.is_some(), step, subject: subject.is_some() };
        let sources = all["sources"].as_array()?.iter().map(Origin::from_json).collect::<Option<_>>()?;
        Some(Provenance { zoom, contents, weight, value, subject, sources })
    }

    /// Whether cells of the two can be added up.
    pub fn is_like(&self, other: &Provenance) -> bool {
        let kind = |of: &Provenance| (of.zoom, of.contents, of.weight.clone(), of.value.clone(), of.subject.clone());
        kind(self) == kind(other)
    }
}

fn word(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

impl Origin {
    /// Its JSON object.
    pub fn to_json(&self) -> Value {
        json!({ "name": self.name, "bytes": self.bytes, "modified": self.modified, "taken": self.taken })
    }

    /// Reads the JSON object; none where it is not one.
    pub fn from_json(value: &Value) -> Option<Origin> {
        let (bytes, modified) = (value["bytes"].as_u64()?, value["modified"].as_i64()?);
        Some(Origin { name: word(&value["name"])?, bytes, modified, taken: word(&value["taken"])? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_form_reads_back() {
        let origin = Origin { name: "a \"b\".csv".into(), bytes: 1 << 40, modified: -5, taken: "mag > 5".into() };
        let contents = Contents { weight: true, value: false, step: Some(3_600_000_000), subject: true };
        let (weight, subject) = (Some("mass".into()), Some("who".into()));
        let all = Provenance { zoom: 16, contents, weight, value: None, subject, sources: vec![origin] };
        assert_eq!(Provenance::parse(&all.text()), Some(all));
    }

    #[test]
    fn a_text_of_before_there_were_subjects_names_none() {
        let all = Provenance::parse(r#"{"version":1,"zoom":3,"weight":"mass","value":null,"step":null,"sources":[]}"#);
        let contents = Contents { weight: true, ..Contents::default() };
        let (weight, sources) = (Some("mass".into()), Vec::new());
        assert_eq!(all, Some(Provenance { zoom: 3, contents, weight, value: None, subject: None, sources }));
    }

    #[test]
    fn other_texts_are_none() {
        for text in
            ["", "{}", "[1]", r#"{"version":2,"zoom":3,"sources":[]}"#, r#"{"version":1,"zoom":25,"sources":[]}"#]
        {
            assert_eq!(Provenance::parse(text), None, "{text}");
        }
    }
}
