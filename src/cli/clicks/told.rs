//! What a run of `torrid clicks` tells: beside the picture, in a few lines on standard error, or as JSON.

use serde_json::{Map as Object, Value, json};

use super::{Clicks, Job, Logs};
use crate::cli::report::{peak_memory, thousands};
use crate::error::Error;
use crate::lines::clicks::{Beside, By, Fixed, Ground, MISSES, Map, Missed, Row, Tally};
use crate::lines::versus::Compared;
use crate::source::clicks::Log;

/// Rows of the table that the report has.
const ROWS: usize = 20;

/// The ways in which an interaction is laid, as they follow a number.
const WAYS: &[(By, &str, &str)] = &[
    (By::Element, "element", "at their place in their element"),
    (By::Middle, "middle", "in the middle of their element"),
    (By::Share, "share", "by the share of the width"),
    (By::Pixels, "pixels", "by pixels"),
];

/// The words beside a map.
pub(super) fn beside(run: &Clicks, logs: &Logs, map: &Map, job: &Job, compared: bool) -> Beside {
    let mut facts: Vec<String> = map.tally.iter().filter(|_| !compared).map(|tally| counted(tally, job)).collect();
    if compared {
        let [these, those] = &logs.names;
        facts.push(format!("{} {these}, compared with those {those}", job.show.many()));
    } else if let (None, Some(reached)) = (&map.tally, &map.reached) {
        facts.push(format!("{} visits", thousands(reached.visits.round() as u64)));
    }
    facts.extend(Some(run.log.taken()).filter(|taken| !taken.is_empty()));
    facts.extend(map.tally.iter().filter_map(left_out));
    Beside {
        title: run.draw.title.clone().unwrap_or_else(|| job.show.title().to_owned()),
        facts,
        attribution: run.draw.attribution.clone(),
        band: !run.draw.no_band,
        fold: !run.draw.no_fold,
    }
}

/// How many there are on the map, and of how many.
fn counted(tally: &Tally, job: &Job) -> String {
    let who = if tally.visits { "visits" } else { "visitors" };
    let of = match tally.everyone {
        Some(everyone) => format!(" by {} of {} {who}", thousands(tally.persons as u64), thousands(everyone as u64)),
        None => String::new(),
    };
    let fixed = match job.wish.fixed {
        Fixed::Show => "",
        Fixed::Only => ", on elements that stay in the window",
        Fixed::Hide => ", none on elements that stay in the window",
    };
    format!("{} {}{of}{fixed}", thousands(tally.landed), job.show.many())
}

/// How many are not on the map, as one line.
fn left_out(tally: &Tally) -> Option<String> {
    let missed: u64 = tally.missed.values().sum();
    (missed > 0).then(|| format!("{} more are not on the picture", thousands(missed)))
}

/// Tells of a map what became of what was to be shown, one line for each thing.
pub(super) fn tell(map: &Map, job: &Job, ground: &Ground) {
    for line in map.tally.iter().flat_map(|tally| lines(tally, job, ground)) {
        eprintln!("{line}");
    }
    for note in &map.found.notes {
        eprintln!("note: {note}");
    }
    let frame = map.found.density.grid.frame();
    let reached = map.tally.as_ref().map(|tally| format!("{}, ", counted(tally, job))).unwrap_or_default();
    eprintln!(
        "{}: {} x {}, {reached}{}, {:#}",
        job.output.display(),
        frame.width(),
        frame.height(),
        map.found.density.quantity,
        job.look.style
    );
}

fn lines(tally: &Tally, job: &Job, ground: &Ground) -> Vec<String> {
    let many = job.show.many();
    let line = |count: u64, words: String| (count > 0).then(|| format!("{} {many} {words}", thousands(count)));
    let known = tally.by.len() > 1;
    let ways = WAYS.iter().filter(|_| known);
    let mut lines: Vec<Option<String>> = ways
        .map(|(by, _, words)| line(tally.by.get(by).copied().unwrap_or_default(), format!("are laid {words}")))
        .collect();
    let width = ground.size[0];
    let wide = format!("were recorded at another width than the {width:.0} px of the picture");
    lines.push(line(tally.another_width, wide));
    lines.push(line(
        if job.wish.fixed == Fixed::Hide { 0 } else { tally.fixed },
        "are on elements that stay in the window".to_owned(),
    ));
    lines.push(line(tally.apart, "are left out by --fixed".to_owned()));
    for (missed, words) in MISSES {
        let count = tally.missed.get(missed).copied().unwrap_or_default();
        lines.push(line(count, format!("{words}: not on the map")));
    }
    let by_spot = tally.unknown - tally.missed.get(&Missed::Unknown).copied().unwrap_or_default().min(tally.unknown);
    lines.push(line(by_spot, "are of an element that is not on the page, and are laid by their position".to_owned()));
    lines.extend(tally.unknown_selectors.iter().map(|(name, count)| Some(format!("  {} {name}", thousands(*count)))));
    lines.push(line(tally.again, "are of a visitor who counts there already".to_owned()));
    lines.push(line(tally.nobodys, "are of nobody known, and count one by one".to_owned()));
    lines.into_iter().flatten().collect()
}

/// What was skipped of the logs, one reason a line.
pub(super) fn tell_logs(logs: &Logs, verbose: bool) {
    for log in [Some(&logs.these), logs.those.as_ref()].into_iter().flatten() {
        for (reason, (count, place)) in &log.tally.skipped {
            eprintln!("skipped {} records: {} (first at line {})", thousands(*count), reason.words(), place.line);
        }
    }
    for (url, count) in logs.these.urls.iter().filter(|_| verbose) {
        eprintln!("{:>9} {url}", thousands(*count));
    }
}

/// A log that gave nothing to show.
pub(super) fn empty(inputs: &[String], log: &Log) -> Error {
    let name = inputs.first().cloned().unwrap_or_default();
    Error::input(name)
        .found(format!("{} records, of which none can be shown ({})", log.tally.records, log.tally.reasons()))
        .expected("clicks, touches, moves or scrolls of the page")
        .advice("check --url, --where, --viewport, --after and --before")
}

/// The report of a map.
pub(super) fn json(map: &Map, job: &Job, limits: Option<(f64, f64)>, rows: &[Row]) -> Value {
    let frame = map.found.density.grid.frame();
    let row = |row: &Row| {
        let hot = &row.hot;
        json!({ "selector": hot.selector, "on_page": hot.element.is_some(), "count": hot.count, "visitors": hot.persons,
                "share": row.share, "rage": hot.rage, "dead": hot.dead })
    };
    json!({
        "output": job.output.display().to_string(),
        "show": job.show.to_string(),
        "size": [frame.width(), frame.height()],
        "quantity": map.found.density.quantity.to_string(),
        "style": job.look.style.to_string(),
        "limits": limits.map(|(low, high)| [low, high]),
        "method": map.found.method,
        "error_bound": map.found.error,
        "interactions": map.tally.as_ref().map(tallied),
        "visits": map.reached.as_ref().map(|reached| reached.visits),
        "average_fold": map.reached.as_ref().and_then(|reached| reached.fold),
        "reached": map.reached.as_ref().map(|reached| reached.shares.clone()),
        "elements": rows.iter().take(ROWS).map(row).collect::<Vec<_>>(),
        "notes": map.found.notes,
    })
}

fn tallied(tally: &Tally) -> Value {
    let ways: Object<String, Value> = WAYS
        .iter()
        .map(|(by, key, _)| ((*key).to_owned(), tally.by.get(by).copied().unwrap_or_default().into()))
        .collect();
    let keys = ["placeless", "elementless", "unknown_element", "widthless", "outside"];
    let missed: Object<String, Value> = MISSES
        .iter()
        .zip(keys)
        .map(|((missed, _), key)| (key.to_owned(), tally.missed.get(missed).copied().unwrap_or_default().into()))
        .collect();
    json!({
        "all": tally.interactions,
        "visitors": tally.persons,
        "everyone": tally.everyone,
        "visits_for_visitors": tally.visits,
        "landed": tally.landed,
        "laid": ways,
        "missed": missed,
        "unknown_selectors": tally.unknown_selectors,
        "another_width": tally.another_width,
        "fixed": tally.fixed,
        "left_out_by_fixed": tally.apart,
        "counted_already": tally.again,
        "nobodys": tally.nobodys,
    })
}

/// The report of a comparison.
pub(super) fn versus(compared: &Compared, these: Option<&Tally>, those: &Tally) -> Value {
    let sides = [&compared.sides.these, &compared.sides.those];
    let side = |i: usize, tally: Option<&Tally>| json!({ "events": sides[i], "reached": compared.reached[i], "interactions": tally.map(tallied) });
    json!({ "these": side(0, these), "those": side(1, Some(those)), "shares": compared.sides.shares })
}

/// The report of a run.
pub(super) fn whole(logs: &Logs, ground: &Ground, maps: &[Value], timings: &Value) -> Value {
    let rows = |log: &Log| {
        json!({ "read": log.tally.records, "used": log.interactions.len(), "bad": log.tally.bad(),
                "skipped": log.tally.by_key(), "formats": log.formats })
    };
    json!({
        "rows": rows(&logs.these),
        "versus_rows": logs.those.as_ref().map(rows),
        "urls": logs.these.urls,
        "page": { "picture": ground.path.display().to_string(), "size": ground.size, "pixels": ground.pixels,
                  "elements": ground.elements_known() },
        "maps": maps,
        "seconds": timings,
        "peak_memory_bytes": peak_memory(),
    })
}
