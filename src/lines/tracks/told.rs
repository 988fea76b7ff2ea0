//! What came of files of tracks: how many were read, what was left out of them and why, in words and for machines.

use serde_json::{Value, json};

use crate::trace::Done;

/// What came of the files.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// Files of tracks, those in archives counted one by one.
    pub files: u64,
    /// Tracks that are drawn.
    pub tracks: u64,
    /// Their way, in metres.
    pub metres: f64,
    /// The names of files whose tracks are in another file too.
    pub duplicates: Vec<String>,
    /// Files that could not be read, and why.
    pub unreadable: Vec<(String, String)>,
    /// Tracks that `--where` left out.
    pub filtered: u64,
    /// Tracks without a fix that can be used.
    pub blank: u64,
    /// Fixes that were put in the order of their times.
    pub reordered: u64,
    /// What cleaning and hiding did.
    pub done: Done,
    /// What is private, in words that do not say where.
    pub privacy: Option<String>,
}

impl Told {
    /// What a user should know about what was left out, a line each.
    pub fn notes(&self) -> Vec<String> {
        let done = &self.done;
        let counted = [
            (self.duplicates.len() as u64, "files of the same tracks as others, drawn once"),
            (self.filtered, "tracks left out by --where"),
            (self.blank, "tracks without a position"),
            (self.reordered, "fixes recorded out of order, put in that of their times"),
            (done.timeless, "tracks without times, not on a map of time"),
            (done.outliers, "fixes that jump out and back, left out (--max-speed)"),
            (done.gaps, "gaps without a line across (--max-gap)"),
            (done.too_fast, "ways faster than --max-speed, without a line"),
            (done.simplified, "fixes left out by --simplify"),
        ];
        let counted = counted.iter().filter(|(n, _)| *n > 0);
        let mut notes: Vec<String> = counted.map(|(n, what)| format!("{what}: {n}")).collect();
        let gone = done.millimetres_hidden + done.millimetres_trimmed;
        notes.extend(
            self.privacy.iter().map(|words| format!("private: {words}; {:.1} km not shown", gone as f64 / 1e6)),
        );
        notes
    }

    /// The tracks that are drawn, and their way.
    pub fn drawn(&self) -> String {
        let tracks = if self.tracks == 1 { "1 track".to_owned() } else { format!("{} tracks", self.tracks) };
        format!("{tracks}, {:.1} km", self.metres / 1000.0)
    }

    /// All of it for the JSON report.
    pub fn json(&self) -> Value {
        let done = &self.done;
        json!({
            "files": self.files,
            "tracks": self.tracks,
            "metres": self.metres.round(),
            "fixes": done.fixes,
            "unreadable": self.unreadable.iter().map(|(file, why)| json!({ "file": file, "why": why })).collect::<Vec<_>>(),
            "duplicates": self.duplicates,
            "filtered": self.filtered,
            "without_position": self.blank,
            "reordered": self.reordered,
            "without_time": done.timeless,
            "outliers": done.outliers,
            "gaps": done.gaps,
            "too_fast": done.too_fast,
            "at_rest": done.at_rest,
            "simplified": done.simplified,
            "privacy": self.privacy,
            "metres_hidden": done.millimetres_hidden as f64 / 1000.0,
            "metres_trimmed": done.millimetres_trimmed as f64 / 1000.0,
        })
    }
}
