//! `torrid serve --collect`: what visitors of a page do is in the journal as they did it, nothing of it without consent, and
//! nothing else can be put there.
#![cfg(feature = "serve")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

#[path = "common/browser.rs"]
mod chromium;
#[path = "common/served.rs"]
mod served;

use chromium::{browser, driven_browser, go_through};
use served::{Reply, Served};

/// The site that is collected from.
const SITE: &str = "https://shop.example";

/// What docs/collect.md lists.
const COLUMNS: [&str; 17] = [
    "time",
    "visitor",
    "kind",
    "url",
    "x",
    "y",
    "viewport_width",
    "viewport_height",
    "page_width",
    "page_height",
    "depth",
    "selector",
    "element_x",
    "element_y",
    "fixed",
    "dead",
    "device",
];

/// Whether the script is built, without which nothing is collected.
#[allow(clippy::print_stdout, reason = "a test that is skipped says so")]
fn is_built() -> bool {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/dist/collect.js").exists();
    assert!(built || std::env::var_os("CI").is_none(), "`make page` builds the collector");
    if !built {
        println!("skipped: `make page` builds the collector");
    }
    built
}

/// A server that only collects.
fn collecting(folder: &Path, site: &str, further: &[&str]) -> Served {
    Served::start(folder, &[&["--collect", "clicks.journal", "--collect-from", site], further].concat())
}

fn click() -> Value {
    json!({ "time": "2026-11-22T12:00:00.123Z", "visitor": 7, "kind": "click", "url": "https://shop.example/",
        "x": 10, "y": 20, "viewport_width": 1280, "viewport_height": 800, "page_width": 1280, "page_height": 4210 })
}

fn send(served: &Served, headers: &str, body: &str) -> Reply {
    let headers = format!("Content-Type: text/plain;charset=UTF-8\r\nContent-Length: {}\r\n{headers}", body.len());
    served.try_request("POST /collect HTTP/1.1", &headers, body).unwrap()
}

fn from(site: &str) -> String {
    format!("Origin: {site}\r\n")
}

/// The lines of a journal, without those above the bodies.
fn collected(folder: &Path) -> Vec<Value> {
    let text = fs::read_to_string(folder.join("clicks.journal")).unwrap();
    let values = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    values.filter(|value| value.get("kind").is_some()).collect()
}

#[test]
fn the_script_is_small_and_reads_nothing_that_is_private() {
    if !is_built() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let served = collecting(folder.path(), SITE, &[]);
    let script = served.get("/collect.js");
    assert_eq!((script.status, script.header("content-type")), (200, Some("text/javascript; charset=utf-8")));
    assert!(script.body.len() < 3000, "{} bytes", script.body.len());
    let private = [
        "cookie",
        "localStorage",
        "sessionStorage",
        "indexedDB",
        "textContent",
        "innerText",
        "innerHTML",
        ".value",
        "userAgent",
        "language",
        "referrer",
        "canvas",
        "keydown",
        "XMLHttpRequest",
        "import(",
    ];
    for word in private {
        assert!(!script.text().contains(word), "the script has `{word}`");
    }
    assert_eq!(served.get("/").status, 404, "there is no map");
}

#[test]
fn only_what_the_collector_sends_is_kept_and_only_its_columns() {
    if !is_built() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let served = collecting(folder.path(), SITE, &[]);
    let mut more = click();
    (more["email"], more["text"]) = ("a@b.example".into(), "private".into());
    assert_eq!(send(&served, &from(SITE), &format!("{more}\n{}", click())).status, 204);
    assert_eq!(collected(folder.path()), [click(), click()]);
    let long = format!("{}\n", "x".repeat(70_000));
    let mut wrong = click();
    wrong["x"] = Value::Null;
    let cases = [
        (from(SITE), format!("{}\n{wrong}", click()), 422),
        (from(SITE), "hello".into(), 422),
        (from(SITE), String::new(), 422),
        (from(SITE), long, 413),
        (from("https://other.example"), click().to_string(), 403),
        (from("null"), click().to_string(), 403),
        (String::new(), click().to_string(), 403),
    ];
    for (headers, body, status) in cases {
        let reply = send(&served, &headers, &body);
        assert_eq!(reply.status, status, "{headers} {body:.40}: {}", reply.text());
        assert!(reply.text().contains("expected"), "{}", reply.text());
    }
    for objection in ["DNT: 1\r\n", "Sec-GPC: 1\r\n"] {
        assert_eq!(send(&served, &(from(SITE) + objection), &click().to_string()).status, 204);
    }
    assert_eq!(collected(folder.path()).len(), 2, "nothing of these is kept");
    assert_eq!(served.get("/collect").status, 405);
}

#[test]
fn what_was_answered_is_kept_also_when_the_server_is_killed() {
    if !is_built() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for run in 1..=3 {
        let served = collecting(folder.path(), SITE, &[]);
        assert_eq!(send(&served, &from(SITE), &click().to_string()).status, 204);
        drop(served); // It is killed.
        assert_eq!(collected(folder.path()).len(), run);
    }
    let text = fs::read_to_string(folder.path().join("clicks.journal")).unwrap();
    let above = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    for entry in above.filter(|value| value.get("format").is_some()) {
        let mut names: Vec<&String> = entry.as_object().unwrap().keys().collect();
        names.sort();
        assert_eq!(names, ["bytes", "events", "format", "xxh3"], "an entry tells of nobody");
    }
}

#[test]
fn neither_one_address_nor_all_of_them_fill_the_disk() {
    if !is_built() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let body = format!("{}\n", click()).repeat(300);
    assert!(body.len() > 50_000, "{}", body.len());
    {
        let served = collecting(folder.path(), SITE, &[]);
        let statuses: Vec<u16> = (0..30).map(|_| send(&served, &from(SITE), &body).status).collect();
        let taken = statuses.iter().filter(|status| **status == 204).count();
        assert!((15..=40).contains(&taken) && statuses.last() == Some(&429), "{statuses:?}");
        let refused = send(&served, &from(SITE), &body);
        assert!(refused.header("retry-after").is_some_and(|seconds| seconds.parse::<u32>().unwrap() <= 61));
        // Whom a proxy on this machine asks for is somebody else.
        let other = from(SITE) + "X-Forwarded-For: 203.0.113.9\r\n";
        assert_eq!(send(&served, &other, &click().to_string()).status, 204);
        let text = fs::read_to_string(folder.path().join("clicks.journal")).unwrap();
        assert!(!text.contains("203.0.113.9") && !text.contains("127.0.0.1"), "no address is kept");
    }
    let small = tempfile::tempdir().unwrap();
    let served = collecting(small.path(), SITE, &["--collect-most", "0.1MB"]);
    assert_eq!(send(&served, &from(SITE), &body).status, 204);
    let full = send(&served, &from(SITE), &body);
    assert_eq!(full.status, 507, "{}", full.text());
    assert!(fs::metadata(small.path().join("clicks.journal")).unwrap().len() < 100_000);
}

#[test]
fn beside_maps_the_collector_takes_from_its_own_site_and_the_map_page_stays() {
    if !is_built() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("town.csv"), "lng,lat\n2.35,48.85\n2.36,48.86\n").unwrap();
    let served = Served::start(folder.path(), &["town.csv", "--collect", "clicks.journal"]);
    let own = format!("http://{}", served.host);
    assert_eq!(send(&served, &from(&own), &click().to_string()).status, 204);
    assert_eq!(send(&served, &from(SITE), &click().to_string()).status, 403);
    assert_eq!(served.get("/").status, 200);
    assert_eq!(served.get("/town/tiles.json").status, 200);
    let without = Served::start(folder.path(), &["town.csv"]);
    assert_eq!(
        [without.get("/collect.js").status, send(&without, &from(&own), &click().to_string()).status],
        [404, 404]
    );
}

/// Visits of a browser: what it did, and what was collected of it.
fn visits(modes: &[&str]) -> Option<(Value, Vec<Value>, u16)> {
    visits_in(tempfile::tempdir().unwrap().path(), modes)
}

/// The same, collected in a folder.
fn visits_in(folder: &Path, modes: &[&str]) -> Option<(Value, Vec<Value>, u16)> {
    let browser = browser().filter(|_| is_built())?;
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let served = collecting(folder, &format!("http://127.0.0.1:{port}"), &[]);
    let told = json!({ "collector": format!("http://{}", served.host), "port": port, "modes": modes });
    let said = go_through(browser, "collector.mjs", &[&told.to_string()]);
    Some((serde_json::from_str(&said).unwrap(), collected(folder), port))
}

fn of_kind<'a>(lines: &'a [Value], kind: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["kind"] == kind).collect()
}

fn near(a: &Value, b: f64, most: f64) -> bool {
    a.as_f64().is_some_and(|a| (a - b).abs() <= most)
}

/// That a line tells a click as it was done.
fn assert_told(line: &Value, done: &Value, selector: &str) {
    assert_eq!(line["selector"], selector, "{line}");
    let number = |name: &str| done[name].as_f64().unwrap();
    for (axis, side) in [("element_x", "width"), ("element_y", "height")] {
        // Pointers are at whole pixels in some events.
        assert!(near(&line[axis], number(axis), 1.01 / number(side)), "{axis} of {line} is not {done}");
    }
    let (x, y) = if line["fixed"] == true { ("left", "top") } else { ("x", "y") };
    assert!(near(&line["x"], number(x), 1.01) && near(&line["y"], number(y), 1.01), "{line} is not at {done}");
}

#[test]
fn what_a_visitor_did_is_in_the_journal_where_it_was_done() {
    let Some((told, lines, port)) = visits(&["granted"]) else { return };
    let done = told["granted"]["clicks"].as_array().unwrap();
    let clicks = of_kind(&lines, "click");
    assert_eq!(clicks.len(), 5, "{clicks:#?}");
    let fifth = "body > main:nth-of-type(1) > div:nth-of-type(2) > article:nth-of-type(5) > button:nth-of-type(1)";
    // (selector, fixed, dead)
    let expected = [
        ("#search", true, false),
        ("#buy", false, false),
        (fifth, false, false),
        ("#end", false, true),
        ("#ship", true, true),
    ];
    for (done, (selector, fixed, dead)) in done.iter().zip(expected) {
        let line = clicks.iter().find(|line| line["selector"] == selector).unwrap();
        assert_told(line, done, selector);
        assert_eq!((&line["fixed"], &line["dead"]), (&fixed.into(), &dead.into()), "{line}");
    }
    assert!(of_kind(&lines, "move").len() >= 3, "moves are sampled");
    assert!(of_kind(&lines, "move").len() <= 40, "moves are sampled, not all told");
    let depths = of_kind(&lines, "scroll").into_iter().filter_map(|line| line["depth"].as_f64());
    let deepest = depths.fold(0.0, f64::max);
    assert!((deepest - told["granted"]["bottom"].as_f64().unwrap()).abs() <= 1.0, "{deepest}");
    let visitor = &lines[0]["visitor"];
    for line in &lines {
        let names = line.as_object().unwrap().keys();
        assert!(names.clone().all(|name| COLUMNS.contains(&name.as_str())), "{line}");
        assert_eq!(line["url"], format!("http://127.0.0.1:{port}/"), "neither query nor what follows the #");
        assert_eq!((&line["visitor"], &line["device"]), (visitor, &"desktop".into()));
        assert_eq!([&line["viewport_width"], &line["viewport_height"]], [1000, 700]);
        assert_eq!(
            [&line["page_width"], &line["page_height"]],
            [&told["granted"]["page"][0], &told["granted"]["page"][1]]
        );
    }
}

#[test]
fn nothing_is_collected_without_consent_nor_after_it_is_taken_back() {
    let Some((told, lines, _)) = visits(&["asked"]) else { return };
    let clicks = of_kind(&lines, "click");
    assert_eq!(clicks.len(), 1, "only that between yes and no: {clicks:#?}");
    assert_told(clicks[0], &told["asked"]["clicks"][0], "#search");
}

#[test]
fn who_objects_by_do_not_track_or_global_privacy_control_is_not_collected_from() {
    let Some((_, lines, _)) = visits(&["objecting"]) else { return };
    assert!(lines.is_empty(), "{lines:#?}");
}

#[test]
fn a_tap_is_a_touch_and_a_click_and_a_query_is_told_only_where_asked_for() {
    let Some((_, lines, port)) = visits(&["phone"]) else { return };
    for kind in ["touch", "click"] {
        let of = of_kind(&lines, kind);
        assert_eq!(of.len(), 1, "{lines:#?}");
        assert_eq!((&of[0]["selector"], &of[0]["device"]), (&"#buy".into(), &"phone".into()));
        assert!(near(&of[0]["element_x"], 0.5, 0.02), "{:?}", of[0]);
        assert_eq!(of[0]["url"], format!("http://127.0.0.1:{port}/?q=boots"));
    }
}

#[test]
fn clicks_on_the_same_places_at_three_widths_tell_the_same_places_inside_the_same_elements() {
    let Some((told, lines, _)) = visits(&["replayed"]) else { return };
    let widths = told["replayed"]["widths"].as_object().unwrap();
    assert_eq!(widths.len(), 3);
    let mut places: Vec<Vec<(String, f64, f64)>> = Vec::new();
    for (width, done) in widths {
        let own = |line: &&Value| line["viewport_width"].as_u64() == width.parse().ok() && line["kind"] == "click";
        let mut clicks: Vec<&Value> = lines.iter().filter(own).collect();
        clicks.sort_by_key(|line| line["time"].as_str().unwrap().to_owned());
        assert_eq!(clicks.len(), done.as_array().unwrap().len(), "at {width}");
        for (line, done) in clicks.iter().zip(done.as_array().unwrap()) {
            assert_told(line, done, line["selector"].as_str().unwrap());
        }
        let place = |line: &&Value| {
            let share = |name: &str| line[name].as_f64().unwrap();
            (line["selector"].to_string(), share("element_x"), share("element_y"))
        };
        places.push(clicks.iter().map(place).collect());
    }
    for (a, b) in places[0].iter().zip(&places[1]).chain(places[1].iter().zip(&places[2])) {
        assert_eq!(a.0, b.0);
        // Buttons are at least 20 pixels high.
        assert!((a.1 - b.1).abs() < 0.1 && (a.2 - b.2).abs() < 0.1, "{a:?} {b:?}");
    }
}

/// Runs the program in a folder; it has to succeed.
fn torrid(folder: &Path, arguments: &[&str]) {
    let done = Command::new(env!("CARGO_BIN_EXE_torrid")).current_dir(folder).args(arguments).output().unwrap();
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// The hottest place of a map within 6 pixels of another, and how hot it is.
fn hottest_near(map: &[[f64; 3]], [x, y]: [f64; 2]) -> [f64; 3] {
    let near = map.iter().filter(|at| (at[0] - x).abs() < 6.0 && (at[1] - y).abs() < 6.0);
    *near.max_by(|a, b| a[2].total_cmp(&b[2])).expect("something is there")
}

/// Places in a page and the values there.
fn map(file: &Path) -> Vec<[f64; 3]> {
    let text = fs::read_to_string(file).unwrap();
    let numbers = |line: &str| line.split(',').map(|n| n.parse().unwrap()).collect::<Vec<f64>>();
    text.lines().skip(1).map(numbers).map(|row| [row[2], row[3], row[4]]).collect()
}

#[cfg(feature = "web")]
#[test]
fn clicks_of_three_widths_land_on_what_was_clicked_whatever_the_width_of_the_picture() {
    let folder = tempfile::tempdir().unwrap();
    let Some((told, _, _)) = driven_browser().and_then(|_| visits_in(folder.path(), &["replayed"])) else { return };
    let shop = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/test/pages/shop.html").display().to_string();
    let widths = told["replayed"]["widths"].as_object().unwrap();
    for (width, done) in widths {
        let shot = format!("{width}.png");
        torrid(folder.path(), &["page", &shop, "-o", &shot, "--width", width, "--height", "700"]);
        let options = ["--layout", "elements", "-b", "3px", "-o", "map.csv", "-f"];
        torrid(folder.path(), &[&["clicks", "clicks.journal", "--page", &shot], &options[..]].concat());
        let map = map(&folder.path().join("map.csv"));
        for click in done.as_array().unwrap() {
            let number = |name: &str| click[name].as_f64().unwrap();
            let fixed = ["#search", "#ship"].contains(&click["selector"].as_str().unwrap());
            let at = if fixed { [number("left"), number("top")] } else { [number("x"), number("y")] };
            let [x, y, value] = hottest_near(&map, at);
            assert!(
                (x - at[0]).abs() <= 2.0 && (y - at[1]).abs() <= 2.0 && value > 0.0,
                "{width}: {x},{y} for {click}"
            );
        }
    }
}
