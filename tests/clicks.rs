//! `torrid clicks`, as its users run it: what is refused, what is told, and that heat lies where clicks were.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

fn torrid(folder: &TempDir, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_torrid"));
    command.current_dir(folder.path()).arg("clicks").args(arguments).output().expect("torrid runs")
}

/// The first map of the report of a run that succeeds, and all of the report.
fn report(folder: &TempDir, arguments: &[&str]) -> (Value, Value) {
    let output = torrid(folder, &[arguments, &["--json", "--force"]].concat());
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    let whole: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    (whole["maps"][0].clone(), whole)
}

/// The message of a run that fails with an exit code.
fn refused(folder: &TempDir, arguments: &[&str], code: i32) -> String {
    let output = torrid(folder, arguments);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {message}");
    message
}

/// A picture of a page and the layout of it: a button at the right, a bar that stays at the bottom of the window.
fn shot(folder: &Path, width: u32, scale: u32) {
    let image = image::RgbImage::from_pixel(width * scale, 1500 * scale, image::Rgb([255, 255, 255]));
    image.save(folder.join(format!("shot-{width}.png"))).expect("a picture");
    let element = |selector: &str, [x, y, w, h]: [u32; 4], fixed: bool| json!({ "selector": selector, "x": x, "y": y, "width": w, "height": h, "fixed": fixed });
    let page = json!({
        "torrid": "page", "version": 1, "url": "https://shop.example/", "title": "Shop",
        "width": width, "height": 1500, "viewport": [width, 800], "scale": scale,
        "elements": [element("body", [0, 0, width, 1500], false), element("#buy", [width - 120, 300, 100, 40], false),
                     element("#bar", [0, 760, width, 40], true)],
    });
    fs::write(folder.join(format!("shot-{width}.json")), page.to_string()).expect("a layout");
}

/// A log of a shop: visitors at two widths that click on the button, one of them in a burst.
fn log() -> String {
    let mut lines = String::new();
    for visitor in 0..20 {
        let width = if visitor % 2 == 0 { 400 } else { 1280 };
        let mut put = |time: i64, rest: Value| {
            let mut record = json!({
                "time": 1_767_225_600_000i64 + visitor * 3_600_000 + time, "visitor": format!("v{visitor}"),
                "session": format!("s{visitor}"), "url": "https://shop.example/", "vw": width, "vh": 800,
                "page_width": width, "page_height": 1500,
            });
            record.as_object_mut().expect("an object").extend(rest.as_object().expect("an object").clone());
            _ = writeln!(lines, "{record}");
        };
        let click = json!({ "type": "click", "x": width - 70, "y": 320, "selector": "#buy", "element_x": 0.5, "element_y": 0.5 });
        let times = if visitor == 3 { 6 } else { 1 };
        (0..times).for_each(|n| put(n * 200, click.clone()));
        put(5000, json!({ "type": "scroll", "depth": 800 + visitor * 35 }));
    }
    lines
}

fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (width, scale) in [(400, 1), (800, 2), (1280, 1)] {
        shot(folder.path(), width, scale);
    }
    fs::write(folder.path().join("log.jsonl"), log()).expect("a log");
    folder
}

/// The place of the greatest value of a map, in CSS pixels.
fn hottest_place(folder: &TempDir, shot: &str, more: &[&str]) -> [f64; 2] {
    report(folder, &[&["log.jsonl", "--page", shot, "-o", "map.csv"], more].concat());
    let text = fs::read_to_string(folder.path().join("map.csv")).expect("values");
    let numbers = |line: &str| line.split(',').map(|n| n.parse::<f64>().unwrap_or(f64::NAN)).collect::<Vec<f64>>();
    let rows = text.lines().skip(1).map(numbers);
    let best = rows.max_by(|a, b| a[4].total_cmp(&b[4])).expect("a value");
    [best[2], best[3]]
}

#[test]
fn clicks_on_a_button_lie_on_it_at_every_width_and_scale() {
    let folder = folder();
    for width in [400.0, 800.0, 1280.0] {
        let [x, y] = hottest_place(&folder, &format!("shot-{width}.png"), &[]);
        assert!((x - (width - 70.0)).abs() <= 2.0 && (y - 320.0).abs() <= 2.0, "{width}: {x} {y}");
    }
}

#[test]
fn values_are_of_100_visitors_whatever_the_scale() {
    let folder = folder();
    let peak = |shot: &str| {
        let (map, _) = report(&folder, &["log.jsonl", "--page", shot, "-o", "map.png", "--norm", "linear"]);
        assert_eq!(map["quantity"], "clicks of 100 visitors per 100 × 100 px");
        map["limits"][1].as_f64().expect("a limit")
    };
    // 25 clicks of 20 visitors, all in one place: 125 times the peak of a Gaussian of 20 px.
    let expected = 125.0 * 1e4 / (std::f64::consts::TAU * 400.0);
    for shot in ["shot-800.png", "shot-1280.png"] {
        let peak = peak(shot);
        assert!((peak / expected - 1.0).abs() < 0.01, "{shot}: {peak}, not {expected}");
    }
}

#[test]
fn visitors_count_once_and_bursts_are_found() {
    let folder = folder();
    let of = |more: &[&str]| {
        let (map, _) = report(&folder, &[&["log.jsonl", "--page", "shot-1280.png", "-o", "map.png"], more].concat());
        map["interactions"].clone()
    };
    assert_eq!(of(&[])["landed"], 25);
    let unique = of(&["--unique"]);
    assert_eq!((&unique["landed"], &unique["counted_already"]), (&json!(20), &json!(5)));
    let rage = of(&["--show", "rage"]);
    assert_eq!((&rage["landed"], &rage["visitors"]), (&json!(6), &json!(1)));
    assert!(
        refused(
            &folder,
            &["log.jsonl", "--page", "shot-1280.png", "-o", "x.png", "--show", "rage", "--rage", "7,2s,30px"],
            1
        )
        .contains("no rage clicks")
    );
}

#[test]
fn the_table_of_elements_adds_up() {
    let folder = folder();
    let (map, _) = report(&folder, &["log.jsonl", "--page", "shot-1280.png", "-o", "map.png", "--table", "hot.csv"]);
    let table = fs::read_to_string(folder.path().join("hot.csv")).expect("a table");
    assert_eq!(table, "selector,count,visitors,share,rage,dead\n\"#buy\",25,20,1.000000,6,0\n");
    assert_eq!(map["elements"][0]["selector"], "#buy");
}

#[test]
fn how_far_visits_scrolled_is_told() {
    let folder = folder();
    let (map, _) = report(&folder, &["log.jsonl", "--page", "shot-1280.png", "-o", "map.png", "--show", "scroll"]);
    let shares: Vec<f64> = map["reached"].as_array().expect("shares").iter().filter_map(Value::as_f64).collect();
    assert_eq!((shares.len(), shares[0], shares[7]), (15, 1.0, 1.0));
    assert!(shares.windows(2).all(|pair| pair[1] <= pair[0]) && shares[14] < 0.2, "{shares:?}");
}

#[test]
fn two_periods_and_two_conditions_are_compared() {
    let folder = folder();
    for more in [["--versus", "before:2026-01-01T10:00Z"], ["--versus-where", "vw < 600"]] {
        let (map, _) =
            report(&folder, &[&["log.jsonl", "--page", "shot-1280.png", "-o", "map.png"], &more[..]].concat());
        assert_eq!(map["versus"]["shares"], true, "{more:?}");
        let sides = [&map["versus"]["these"]["reached"], &map["versus"]["those"]["reached"]];
        assert_eq!(sides[0].as_u64().zip(sides[1].as_u64()).map(|(a, b)| a + b), Some(25), "{more:?}");
    }
}

#[test]
fn nonsense_is_refused_before_a_log_is_opened() {
    let folder = folder();
    let with = |more: &[&str]| refused(&folder, &[&["absent.jsonl", "--page", "shot-1280.png"], more].concat(), 2);
    assert!(with(&["-o", "map.png", "--rage", "5"]).contains("--rage"), "what a burst is");
    assert!(with(&["-o", "map.png", "--viewport", "watch"]).contains("--viewport"), "a class of devices");
    assert!(with(&["-o", "map.png", "--show", "click,move"]).contains("{show}"), "two maps for one file");
    assert!(with(&["-o", "map.png", "--show", "hover"]).contains("--show"), "what is not shown");
    assert!(with(&["-o", "map.tif", "--cmap", "magma"]).contains("--cmap"), "colours of values");
    assert!(with(&["-o", "map.png", "-b", "30m"]).contains("--bandwidth"), "metres on a page");
    assert!(with(&["-o", "map.png", "--opacity", "2"]).contains("--opacity"), "more than opaque");
    assert!(with(&["-o", "map.png", "--show", "scroll", "--table", "hot.csv"]).contains("--table"), "no elements");
    assert!(with(&["-o", "map.png", "--compare", "ratio"]).contains("--compare"), "one log alone");
    assert!(with(&["-o", "map.html", "--bare"]).contains("--bare"), "a page of its own");
    assert!(with(&["-o", "map.png", "--page-width", "640"]).contains("--page-width"), "two widths");
    fs::write(folder.path().join("bad.json"), "{\"torrid\":\"page\"}").expect("a file");
    let bad = refused(&folder, &["log.jsonl", "--page", "shot-1280.png", "--elements", "bad.json", "-o", "map.png"], 1);
    assert!(bad.contains("bad.json") && bad.contains("--elements"), "{bad}");
}

#[test]
fn every_kind_of_output_is_written() {
    let folder = folder();
    for out in ["m.png", "m.webp", "m.jpg", "m.svg", "m.pdf", "m.npy", "m.tif"] {
        report(&folder, &["log.jsonl", "--page", "shot-400.png", "-o", out, "--width", "200"]);
        assert!(folder.path().join(out).metadata().expect("a file").len() > 500, "{out}");
    }
    let (_, whole) = report(&folder, &["log.jsonl", "--page", "shot-400.png", "-o", "all-{show}.png", "--show", "all"]);
    let shown: Vec<&str> =
        whole["maps"].as_array().expect("maps").iter().filter_map(|map| map["show"].as_str()).collect();
    assert_eq!(shown, ["click", "rage", "scroll", "attention"]);
}
