//! The hottest elements as a table.

use std::fmt::Write;

use crate::land::Hot;

/// A row of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// How much was done to an element.
    pub hot: Hot,
    /// Its share of all that was done, 0 to 1.
    pub share: f64,
}

/// The rows of a table, of which `elsewhere` is what was done to no element.
pub fn rows(hot: &[Hot], elsewhere: f64) -> Vec<Row> {
    let all: f64 = hot.iter().map(|hot| hot.count).sum::<f64>() + elsewhere;
    let share = |count: f64| if all > 0.0 { count / all } else { 0.0 };
    hot.iter().map(|hot| Row { share: share(hot.count), hot: hot.clone() }).collect()
}

/// A table as CSV: selector, count, visitors, share, rage, dead. What begins a formula in a spreadsheet is text there.
pub fn csv(rows: &[Row]) -> String {
    let mut text = String::from("selector,count,visitors,share,rage,dead\n");
    for Row { hot, share } in rows {
        let selector = quoted(&hot.selector);
        _ = writeln!(text, "{selector},{},{},{share:.6},{},{}", hot.count, hot.persons, hot.rage, hot.dead);
    }
    text
}

fn quoted(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@']);
    let escaped = text.replace('"', "\"\"");
    format!("\"{}{escaped}\"", if formula { "'" } else { "" })
}
