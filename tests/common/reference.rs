//! Reads the cases of the reference values.
#![allow(dead_code, reason = "each test file uses its share")]

use std::path::Path;

use serde_json::Value;
use torrid::{Events, Space};

/// One case: its parameters, its events, and the expected grid.
pub struct Case {
    pub json: Value,
    /// Columns of `input.csv`.
    pub x: Vec<f64>,
    pub y: Vec<f64>,
    pub weight: Vec<f64>,
    /// Values row by row.
    pub expected: Vec<f64>,
}

impl Case {
    pub fn read(dir: &Path) -> Case {
        let json =
            serde_json::from_str(&std::fs::read_to_string(dir.join("case.json")).expect("case.json")).expect("json");
        let input = rows(&dir.join("input.csv"));
        let column = |i: usize| input.iter().map(|row| row[i]).collect();
        let expected = dir.join("expected.csv");
        let expected = if expected.exists() { rows(&expected).iter().map(|row| row[2]).collect() } else { Vec::new() };
        Case {
            json,
            x: column(0),
            y: column(1),
            weight: input.iter().map(|row| row.get(2).copied().unwrap_or(1.0)).collect(),
            expected,
        }
    }

    pub fn number(&self, key: &str) -> f64 {
        self.json[key].as_f64().unwrap_or_else(|| panic!("{key} is a number"))
    }

    pub fn bounds(&self, key: &str) -> [f64; 4] {
        std::array::from_fn(|i| self.json[key][i].as_f64().expect("four numbers"))
    }

    pub fn size(&self) -> (u32, u32) {
        (self.number("width") as u32, self.number("height") as u32)
    }
}

/// The rows of a CSV file of numbers, without its header.
pub fn rows(path: &Path) -> Vec<Vec<f64>> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.lines().skip(1).map(|line| line.split(',').map(|f| f.parse().unwrap_or(f64::NAN)).collect()).collect()
}

/// The greatest difference as a share of the greatest expected value.
pub fn error(actual: &[f32], expected: &[f64]) -> f64 {
    assert_eq!(actual.len(), expected.len(), "as many values");
    let most = expected.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    actual.iter().zip(expected).fold(0.0f64, |worst, (a, e)| worst.max((f64::from(*a) - e).abs())) / most
}

/// The weighed events of a case.
pub fn events_of(case: &Case, space: Space) -> Events {
    let mut events = Events::at(space, case.x.clone(), case.y.clone());
    events.weight = Some(case.weight.clone());
    events
}
