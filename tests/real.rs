//! Real files, through the program, with the numbers that are known of them.

mod common;

use std::path::Path;
use std::process::Command;

use common::shared;
use serde_json::Value;

/// The JSON report of a run that must succeed.
fn report(arguments: &[&str]) -> Value {
    let run =
        Command::new(env!("CARGO_BIN_EXE_torrid")).args(arguments).arg("--json").output().expect("the program runs");
    assert!(run.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&run.stderr));
    serde_json::from_slice(&run.stdout).expect("one JSON object")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

fn notes(report: &Value) -> String {
    report["notes"].to_string()
}

#[test]
fn four_months_of_british_crime_are_counted_to_the_row() {
    let Some(points) = shared("data/points") else { return };
    let out = tempfile::tempdir().expect("a folder");
    let glob = points.join("uk-street-crime-*.csv.gz");
    let picture = out.path().join("uk.npy");
    let report = report(&["render", text(&glob), "-o", text(&picture), "-b", "5km", "--width", "200"]);
    assert_eq!(report["rows"]["read"], 1_428_301);
    assert_eq!(report["rows"]["skipped"]["no_position"], 33_509);
    assert_eq!(report["events"], 1_428_301 - 33_509);
}

#[test]
fn dirty_taxi_rows_are_told() {
    let Some(points) = shared("data/points") else { return };
    let report = report(&["info", text(&points.join("nyc-taxi-fares-50k.csv.gz"))]);
    assert_eq!(report["rows"]["skipped"]["perhaps_swapped"], 1);
    let notes = notes(&report);
    assert!(notes.contains("at or near longitude 0, latitude 0"), "{notes}");
    assert!(notes.contains("19 events look as if longitude and latitude were swapped"), "{notes}");
    assert!(notes.contains("far points blow the picture up"), "{notes}");
    assert_eq!(report["files"][0]["pairs"].as_array().map(Vec::len), Some(2), "pickup and dropoff");
}

#[test]
fn an_ordinary_city_has_nothing_odd() {
    let Some(points) = shared("data/points") else { return };
    let report = report(&["info", text(&points.join("hong-kong-covid-cases.csv.gz"))]);
    assert_eq!(notes(&report), "[]");
}

#[test]
fn dutch_metres_land_in_the_netherlands() {
    let Some(readings) = shared("data/readings") else { return };
    let report = report(&["info", text(&readings.join("meuse.csv")), "--crs", "EPSG:28992"]);
    let expected = [5.7232, 50.9566, 5.7630, 50.9916];
    for (i, expected) in expected.iter().enumerate() {
        let bound = report["extent"][i].as_f64().expect("a number");
        assert!((bound - expected).abs() < 2e-4, "{bound} instead of {expected}");
    }
}

#[test]
fn readings_with_semicolons_and_a_byte_order_mark_have_a_mean() {
    let Some(readings) = shared("data/readings") else { return };
    let out = tempfile::tempdir().expect("a folder");
    let values = out.path().join("pm10.csv");
    let file = readings.join("openaq-lithuania-semicolon.csv");
    let only = ["--value", "Value", "--where", "Pollutant = 'PM10'", "-b", "20km", "--width", "100"];
    let report = report(&[&["render", text(&file), "-o", text(&values)][..], &only[..]].concat());
    assert_eq!(report["events"], 13);
    assert_eq!(report["quantity"], "mean of Value");
    let written = std::fs::read_to_string(values).expect("the values");
    for line in written.lines().skip(1) {
        let value: f64 = line.rsplit(',').next().expect("a value").parse().expect("a number");
        assert!((11.9..=32.4).contains(&value), "a mean lies between the readings: {line}");
    }
}

#[test]
fn earthquakes_of_both_sides_of_the_antimeridian_are_in_one_picture() {
    let Some(global) = shared("data/global") else { return };
    let out = tempfile::tempdir().expect("a folder");
    let file = global.join("earthquakes-1979-2009.csv.gz");
    let count = |bounds: &str, name: &str| {
        let out = out.path().join(name);
        let arguments = ["render", text(&file), "-o", text(&out), "-b", "none", "--bounds", bounds, "--width", "64"];
        report(&arguments)["events"].as_u64().expect("a count")
    };
    let whole = count("170,-30,-170,-10", "whole.npy");
    let (west, east) = (count("170,-30,180,-10", "west.npy"), count("-180,-30,-170,-10", "east.npy"));
    assert!(west > 0 && east > 0, "{west} and {east}");
    assert_eq!(whole, west + east);
}
