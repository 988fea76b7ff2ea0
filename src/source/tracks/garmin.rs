//! What the lists in an export of Garmin, `*_summarizedActivities.json`, say of the activities, by the instants at which
//! they start: the files of an export have other names.

use serde_json::Value;

use crate::source::tracks::facts::{Fact, Facts};

/// What the names of lists end with, in small letters.
pub(super) const ENDING: &str = "summarizedactivities.json";
/// How far the start of a recording may be from that in the list: a receiver needs a while for its first fix.
const NEAR: i64 = 60_000_000;

/// What is known of activities by the instants at which they start, in microseconds since 1970 UTC, ascending.
#[derive(Debug, Default)]
pub(super) struct Starts {
    starts: Vec<(i64, Facts)>,
}

impl Starts {
    /// Adds a list; one that is none adds nothing.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        let Ok(Value::Array(groups)) = serde_json::from_slice(bytes) else { return };
        let activities = groups.iter().filter_map(|group| group.get("summarizedActivitiesExport")?.as_array());
        self.starts.extend(activities.flatten().filter_map(|activity| Some((start(activity)?, facts(activity)))));
        self.starts.sort_by_key(|(start, _)| *start);
    }

    /// Whether it knows of no activity.
    pub(super) fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// What is known of the activity that starts nearest to an instant, within a minute.
    pub(super) fn of(&self, instant: i64) -> Option<&Facts> {
        let behind = self.starts.partition_point(|(start, _)| *start < instant);
        let near = self.starts[behind.saturating_sub(1)..].iter().take(2);
        let near = near.filter(|(start, _)| start.abs_diff(instant) <= NEAR.unsigned_abs());
        near.min_by_key(|(start, _)| start.abs_diff(instant)).map(|(_, facts)| facts)
    }
}

/// In microseconds; the list has milliseconds.
fn start(activity: &Value) -> Option<i64> {
    let millis = activity.get("beginTimestamp").or_else(|| activity.get("startTimeGmt"))?.as_f64()?;
    Some((millis * 1000.0) as i64)
}

/// All that is a text, a number or a flag under its own name, and the useful ones under plain names too.
fn facts(activity: &Value) -> Facts {
    let mut facts = Facts::default();
    for (name, value) in activity.as_object().into_iter().flatten() {
        match value {
            Value::String(text) => facts.say(name, Fact::Text(text.clone())),
            Value::Bool(flag) => facts.say(name, Fact::Flag(*flag)),
            Value::Number(number) => number.as_f64().into_iter().for_each(|n| facts.say(name, Fact::Number(n))),
            _ => {}
        }
    }
    if let Some(kind) = activity.get("activityType").and_then(Value::as_str) {
        facts.say("type", Fact::Text(kind.to_owned()));
    }
    // Lengths are in centimetres there, and times in milliseconds.
    let scaled = [
        ("distance", "distance", 100.0),
        ("elapsed_time", "elapsedDuration", 1000.0),
        ("moving_time", "movingDuration", 1000.0),
        ("elevation_gain", "elevationGain", 100.0),
    ];
    for (plain, name, scale) in scaled {
        if let Some(number) = activity.get(name).and_then(Value::as_f64) {
            facts.say(plain, Fact::Number(number / scale));
        }
    }
    facts
}
