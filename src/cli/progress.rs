//! A progress bar on a terminal, for whatever takes longer than half a second; nothing in a pipe.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::lines::Progress;

/// How long a run may take before it shows a bar.
const PATIENCE: Duration = Duration::from_millis(500);

/// Shows the stages of a run, and remembers how long each took.
pub struct Bar {
    started: Instant,
    shown: ProgressBar,
    stages: Mutex<Vec<(String, Instant)>>,
}

impl Bar {
    /// A bar that stays hidden at first, and always where standard error is not a terminal or `quiet` is set.
    pub fn new(quiet: bool) -> Bar {
        let bar = ProgressBar::with_draw_target(Some(1000), ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{msg:>22} {wide_bar} {percent:>3} %  {elapsed}") {
            bar.set_style(style);
        }
        if !quiet && std::io::stderr().is_terminal() {
            let waiting = bar.clone();
            std::thread::spawn(move || {
                std::thread::sleep(PATIENCE);
                if !waiting.is_finished() {
                    waiting.set_draw_target(ProgressDrawTarget::stderr());
                }
            });
        }
        Bar { started: Instant::now(), shown: bar, stages: Mutex::default() }
    }

    /// Takes the bar away, and tells how long each stage took, in order, in seconds; a stage that came again is told
    /// once.
    pub fn finish(&self) -> Vec<(String, f64)> {
        self.shown.finish_and_clear();
        let stages = self.stages.lock().map(|stages| stages.clone()).unwrap_or_default();
        let ends = stages.iter().skip(1).map(|(_, start)| *start).chain([Instant::now()]);
        let mut told: Vec<(String, f64)> = Vec::new();
        for ((name, start), end) in stages.iter().zip(ends) {
            let seconds = (end - *start).as_secs_f64();
            match told.iter_mut().find(|(known, _)| known == name) {
                Some((_, sum)) => *sum += seconds,
                None => told.push((name.clone(), seconds)),
            }
        }
        told
    }

    /// Seconds since the run began.
    pub fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }
}

impl Progress for Bar {
    fn stage(&self, name: &str) {
        self.shown.set_message(name.to_owned());
        self.shown.set_position(0);
        if let Ok(mut stages) = self.stages.lock() {
            stages.push((name.to_owned(), Instant::now()));
        }
    }

    fn done(&self, share: f64) {
        self.shown.set_position((share * 1000.0) as u64);
    }
}
