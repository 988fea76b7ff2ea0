//! What is told to those who watch the server, in the text form of Prometheus.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use crate::serve::answer::Answer;
use crate::serve::{Content, Serving};

/// Upper ends of the intervals that times are counted in, in seconds.
const ENDS: [f64; 9] = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0];

/// Requests by the form of their path and the status of their answer.
#[derive(Debug, Default)]
pub struct Metrics(Mutex<BTreeMap<(String, u16), Times>>);

/// How many took how long.
#[derive(Debug, Clone, Default)]
struct Times {
    count: u64,
    seconds: f64,
    /// Those that took at most as long as each end.
    within: [u64; ENDS.len()],
}

impl Metrics {
    /// Counts a request.
    pub fn count(&self, path: String, status: u16, seconds: f64) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let times = all.entry((path, status)).or_default();
        (times.count, times.seconds) = (times.count + 1, times.seconds + seconds);
        for (within, _) in times.within.iter_mut().zip(ENDS).filter(|(_, end)| seconds <= *end) {
            *within += 1;
        }
    }

    fn text(&self) -> String {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut text = String::from(
            "# HELP torrid_request_seconds Time from a request to its answer.\n\
             # TYPE torrid_request_seconds histogram\n",
        );
        for ((path, status), times) in all {
            let labels = format!("path=\"{path}\",status=\"{status}\"");
            for (end, within) in ENDS.iter().zip(times.within) {
                _ = writeln!(text, "torrid_request_seconds_bucket{{{labels},le=\"{end}\"}} {within}");
            }
            _ = writeln!(text, "torrid_request_seconds_bucket{{{labels},le=\"+Inf\"}} {}", times.count);
            _ = writeln!(text, "torrid_request_seconds_sum{{{labels}}} {}", times.seconds);
            _ = writeln!(text, "torrid_request_seconds_count{{{labels}}} {}", times.count);
        }
        text
    }
}

/// `/metrics`.
pub async fn metrics(State(serving): State<Arc<Serving>>, asked: HeaderMap) -> Response {
    let mut text = serving.metrics.text();
    let told = [
        ("torrid_styles_ready", "gauge", "Styles and filters of a layer that stand ready."),
        ("torrid_tiles_kept", "gauge", "Tiles that are kept as they were drawn."),
        ("torrid_tiles_kept_bytes", "gauge", "Bytes of those."),
        ("torrid_tiles_drawn_total", "counter", "Tiles that were drawn; all others were kept."),
        ("torrid_events_taken_total", "counter", "Events that were sent and are on the disk."),
        ("torrid_journal_bytes", "gauge", "Bytes of the journal that keeps them."),
    ];
    for (i, (name, kind, what)) in told.into_iter().enumerate() {
        _ = write!(text, "# HELP {name} {what}\n# TYPE {name} {kind}\n");
        for layer in serving.layers() {
            if let Content::Events(live) = &layer.content {
                _ = writeln!(text, "{name}{{layer=\"{}\"}} {}", layer.name, live.holds()[i]);
            }
        }
    }
    Answer::new("text/plain; version=0.0.4; charset=utf-8", text).respond(&asked)
}
