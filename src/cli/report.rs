//! What a run tells about itself: a few lines on standard error, or one JSON object on standard output.

use serde_json::{Value, json};

use crate::cli::tracks;
use crate::lines::reading::Reading;
use crate::source::Tally;

/// Prints the skipped records, one reason a line, and the notes.
pub fn tell(reading: &Reading<'_>, notes: &[String]) {
    for skipped in skipped(reading) {
        eprintln!("skipped {skipped}");
    }
    for note in notes {
        eprintln!("note: {note}");
    }
    reading.told().into_iter().for_each(tracks::tell);
}

/// How many events reached the map; of lines, how many tracks there are and how long they are.
pub fn reached(reading: &Reading<'_>, events: u64) -> String {
    match reading.told() {
        Some(told) => told.drawn(),
        None => format!("{} events", thousands(events)),
    }
}

/// The skipped records in words, one reason each, with the place of the first.
pub fn skipped(reading: &Reading<'_>) -> Vec<String> {
    let inputs = &reading.inputs().inputs;
    let several = inputs.len() > 1;
    let tally = reading.tally().skipped.iter();
    tally
        .map(|(reason, (count, place))| {
            let file = inputs.get(place.file).filter(|_| several).map(|input| format!("{}, ", input.name));
            let file = file.unwrap_or_default();
            format!("{} rows: {} (first at {file}line {})", thousands(*count), reason.words(), place.line)
        })
        .collect()
}

/// Rows read and skipped, for the JSON report.
pub fn rows(tally: &Tally) -> Value {
    let used = tally.records - tally.skipped.values().map(|(count, _)| count).sum::<u64>();
    json!({ "read": tally.records, "used": used, "bad": tally.bad(), "skipped": tally.by_key() })
}

/// Prints the seconds of each stage, and of all of them.
pub fn tell_stages(stages: &[(String, f64)], total: f64) {
    for (stage, seconds) in stages {
        eprintln!("{seconds:8.3} s  {stage}");
    }
    eprintln!("{total:8.3} s  in all");
}

/// Seconds of each stage, for the JSON report.
pub fn timings(stages: &[(String, f64)], total: f64) -> Value {
    let mut timings = serde_json::Map::new();
    for (stage, seconds) in stages {
        timings.insert(stage.clone(), json!(millis(*seconds)));
    }
    timings.insert("total".into(), json!(millis(total)));
    Value::Object(timings)
}

fn millis(seconds: f64) -> f64 {
    (seconds * 1e3).round() / 1e3
}

/// The most memory the process ever held, in bytes, where the system tells.
pub fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

/// A count with commas between thousands.
pub fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
