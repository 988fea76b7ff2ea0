//! The door for `GeoJSON`: good files are read, bad ones refused by place, and damage in a sequence is counted.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
mod doors;

use std::io::Read as _;

use common::shared;
use doors::{earth, extent, files, positions, read, read_bytes};
use geojson::{GeoJson, Geometry, GeometryValue};
use torrid::Space;
use torrid::source::{Crs, Query, Reason};

fn points(text: &str) -> Vec<(f64, f64)> {
    positions(&read_bytes("a.geojson", text, &earth()).unwrap().events)
}

fn refusal(name: &str, text: impl AsRef<[u8]>) -> String {
    let error = read_bytes(name, text, &earth()).unwrap_err();
    assert_eq!(error.exit_code(), 1, "{error}");
    error.to_string()
}

const PARIS: &str = r#"{"type":"Feature","geometry":{"type":"Point","coordinates":[2.35,48.86]},"properties":{"n":2}}"#;

/// The positions of all points of a text, and how many other geometries it has, as the geojson crate reads it.
fn twin(text: &str) -> (Vec<(f64, f64)>, u64) {
    fn geometry(value: &GeometryValue, points: &mut Vec<(f64, f64)>, others: &mut u64) {
        match value {
            GeometryValue::Point { coordinates: at } => points.push((at[0], at[1])),
            GeometryValue::MultiPoint { coordinates } => points.extend(coordinates.iter().map(|at| (at[0], at[1]))),
            GeometryValue::GeometryCollection { geometries } => {
                for inner in geometries {
                    geometry(&inner.value, points, others);
                }
            }
            _ => *others += 1,
        }
    }
    let (mut points, mut others) = (Vec::new(), 0);
    let geometries: Vec<Option<Geometry>> = match text.parse::<GeoJson>().unwrap() {
        GeoJson::Geometry(geometry) => vec![Some(geometry)],
        GeoJson::Feature(feature) => vec![feature.geometry],
        GeoJson::FeatureCollection(all) => all.features.into_iter().map(|feature| feature.geometry).collect(),
    };
    for found in &geometries {
        match found {
            Some(found) => geometry(&found.value, &mut points, &mut others),
            None => others += 1,
        }
    }
    (points, others)
}

fn equals_its_twin(path: &std::path::Path) {
    let (points, others) = twin(&std::fs::read_to_string(path).unwrap());
    // A flat space takes positions as they are, wherever on Earth they are not.
    let found = read(path, &Query::new(Space::PAGE)).unwrap();
    assert_eq!(positions(&found.events), points, "{}", path.display());
    assert_eq!(found.tally.bad(), others, "{}", path.display());
    assert_eq!(found.tally.records, points.len() as u64 + others, "{}", path.display());
}

#[test]
fn every_good_file_of_geojsonhint_equals_its_twin() {
    let Some(folder) = shared("data/formats/geojson-hint/good") else { return };
    let files = files(&folder, "geojson");
    assert_eq!(files.len(), 18, "files");
    for path in files {
        equals_its_twin(&path);
    }
}

#[test]
fn one_file_a_geometry_type_equals_its_twin() {
    let Some(folder) = shared("data/formats/geojson-small") else { return };
    let files = files(&folder, "geojson");
    assert_eq!(files.len(), 13, "files");
    for path in files {
        equals_its_twin(&path);
    }
}

/// What geojsonhint finds fault with but a reader of points can do with: style, bounding boxes, rings and
/// lines that cannot be drawn, members that mean nothing to it.
const HARMLESS: [&str; 17] = [
    "bad-feature-with-number-id",
    "bad-polygon-interiorring-rhr",
    "bbox-4or6elements",
    "bbox-contains-string",
    "bbox-string",
    "different-first-last",
    "different-first-size",
    "excessive_precision_truncated",
    "feature_changed_semantics",
    "featurecollection_changed_semantics",
    "geometry_changed_semantics",
    "geometrycollection_nested",
    "geometrycollection_single",
    "point-toomany",
    "polygon_winding_order",
    "short-line",
    "short-linearring",
];
/// As above: a line of one position.
const SHORT: &str = "short-multilinestring";

#[test]
fn every_bad_file_of_geojsonhint_is_refused_by_place_unless_harmless() {
    let Some(folder) = shared("data/formats/geojson-hint/bad") else { return };
    for path in files(&folder, "geojson") {
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let result = read(&path, &earth());
        if HARMLESS.contains(&stem) || stem == SHORT {
            result.unwrap_or_else(|error| panic!("{stem}: {error}"));
            continue;
        }
        let error = result.map(|read| read.tally).expect_err(stem).to_string();
        assert!(error.contains("line ") && error.contains("expected"), "{stem}: {error}");
    }
}

#[test]
fn damage_is_named_by_path_and_line() {
    let text = "{\"type\":\"FeatureCollection\",\"features\":[\n{\"type\":\"Feature\",\"geometry\":null},\n\
                {\"type\":\"Feature\",\"geometry\":{\"type\":\"Point\",\"coordinates\":[1,\"2\"]}}]}";
    let error = refusal("a.geojson", text);
    assert!(error.starts_with("a.geojson, features[1].geometry.coordinates, line 3, column "), "{error}");
    assert!(error.ends_with("found a string; expected a number"), "{error}");
}

#[test]
fn a_week_of_earthquakes_has_1707_events() {
    let Some(path) = shared("data/global/earthquakes-usgs-week.geojson.gz") else { return };
    let query = Query { value: Some("mag".into()), ..earth() };
    let found = read(&path, &query).unwrap();
    assert_eq!(found.tally.records, 1707, "records");
    assert_eq!(found.events.len() as u64 + found.tally.count(&Reason::BadValue), 1707, "a quake without magnitude");
    let found = read(&path, &earth()).unwrap();
    assert_eq!(found.events.len(), 1707, "events");
    let rounded = extent(&found.events).map(|x| (x * 1e4).round() as i64);
    assert_eq!(rounded, [-1_796_445, -658_617, 1_788_275, 830_422], "extent");
    assert_eq!(found.columns.position, ["geometry"], "position");
    assert_eq!(found.columns.names.len(), 27, "26 properties and the id: {:?}", found.columns.names);
}

#[test]
fn a_truncated_collection_is_an_error_that_says_where() {
    let Some(path) = shared("data/global/earthquakes-usgs-week.geojson.gz") else { return };
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(std::fs::File::open(&path).unwrap()).read_to_end(&mut text).unwrap();
    for length in [text.len() - 3, text.len() / 2, 5000, 700, 40, 1] {
        let error = refusal("cut.geojson", &text[..length]);
        assert!(error.contains("line ") && error.contains("cut short"), "{length}: {error}");
    }
    let packed = std::fs::read(&path).unwrap();
    let error = refusal("cut.geojson.gz", &packed[..packed.len() / 2]);
    assert!(error.contains("cut short"), "{error}");
}

#[test]
fn the_same_points_come_out_of_every_way_to_write_them() {
    let two = PARIS.replace("2.35", "3.5");
    let both = [(2.35, 48.86), (3.5, 48.86)];
    let collection = format!(r#"{{"type":"FeatureCollection","features":[{PARIS},{two}]}}"#);
    let reversed = format!(r#"{{"features":[{PARIS},{two}],"bbox":[1,2,3,4],"type":"FeatureCollection"}}"#);
    for (name, text) in [
        ("a.geojson", collection.clone()),
        ("a.geojson", format!("\u{feff}{collection}\n")),
        ("a.json", collection.clone()),
        ("a.geojson", reversed.clone()),
        ("a.json", reversed),
        ("a.geojson", format!("{PARIS}\n{two}\n")),
        ("a.geojsonl", format!("{PARIS}\r\n\r\n{two}")),
        ("a.ndjson", format!("{PARIS}\n{two}")),
        ("a.json", format!("{PARIS}\n{two}")),
        ("a.geojsons", format!("\u{1e}{PARIS}\n\u{1e}{}\n", two.replace(',', ",\n"))),
        ("a.geojson", r#"{"coordinates":[[2.35,48.86],[3.5,48.86]],"type":"MultiPoint"}"#.into()),
        ("a.json", r#"{"coordinates":[[2.35,48.86],[3.5,48.86]],"type":"MultiPoint"}"#.into()),
        (
            "a.geojson",
            r#"{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[2.35,48.86,9]},
               {"type":"MultiPoint","coordinates":[[3.5,48.86]]}]}"#
                .into(),
        ),
    ] {
        let found = read_bytes(name, &text, &earth()).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(positions(&found.events), both, "{name} {text}");
        assert_eq!(found.tally.bad(), 0, "{name} {text}");
    }
}

#[test]
fn every_point_of_a_feature_carries_its_properties() {
    let text = r#"{"type":"Feature","id":7,"properties":{"n":2.5},"geometry":{"type":"MultiPoint","coordinates":[[1,2],[3,4]]}}"#;
    let query = Query { weight: Some("n".into()), value: Some("id".into()), ..earth() };
    let found = read_bytes("a.geojson", text, &query).unwrap().events;
    assert_eq!(found.weight, Some(vec![2.5, 2.5]));
    assert_eq!(found.value, Some(vec![7.0, 7.0]));
}

#[test]
fn a_property_called_id_comes_before_the_id_of_the_feature() {
    let geometry = r#""geometry":{"type":"Point","coordinates":[1,2]}"#;
    for text in [
        format!(r#"{{"type":"Feature","id":7,"properties":{{"id":1}},{geometry}}}"#),
        format!(r#"{{"type":"Feature","properties":{{"id":1}},{geometry},"id":7}}"#),
    ] {
        let query = Query { value: Some("id".into()), ..earth() };
        assert_eq!(read_bytes("a.geojson", text, &query).unwrap().events.value, Some(vec![1.0]));
    }
}

#[test]
fn a_damaged_line_of_a_sequence_is_counted_and_fatal_only_when_strict() {
    let text = format!("{PARIS}\n{{\"type\":\"Feature\"\n{PARIS}\n[1,2]\n{PARIS} x\n");
    let found = read_bytes("a.geojsonl", &text, &earth()).unwrap();
    assert_eq!((found.events.len(), found.tally.records), (2, 5));
    let (count, first) = &found.tally.skipped[&Reason::Malformed];
    assert_eq!((*count, first.line), (3, 2));
    let strict = Query { strict: true, ..earth() };
    let error = read_bytes("a.geojsonl", &text, &strict).unwrap_err().to_string();
    assert!(error.starts_with("a.geojsonl, ") && error.contains("line 2"), "{error}");
}

#[test]
fn skipped_records_are_counted_by_reason() {
    let text = r#"{"type":"FeatureCollection","features":[
        {"type":"Feature","geometry":null},
        {"type":"Feature","geometry":{"type":"Point","coordinates":[]}},
        {"type":"Feature","geometry":{"type":"Point","coordinates":[1e999,0]}},
        {"type":"Feature","geometry":{"type":"Point","coordinates":[10,95]}},
        {"type":"Feature","geometry":{"type":"Point","coordinates":[400,5]}},
        {"type":"Feature","geometry":{"type":"LineString","coordinates":[[0,0],[1,1]]}}]}"#;
    let tally = read_bytes("a.geojson", text, &earth()).unwrap().tally;
    assert_eq!(tally.records, 6);
    assert_eq!(tally.count(&Reason::NoPosition), 2);
    assert_eq!(tally.count(&Reason::NotANumber), 1);
    assert_eq!(tally.count(&Reason::PerhapsSwapped), 1);
    assert_eq!(tally.count(&Reason::OffTheEarth), 1);
    assert_eq!(tally.count(&Reason::NotAPoint("LineString".into())), 1);
    let strict = Query { strict: true, ..earth() };
    let error = read_bytes("a.geojson", text, &strict).unwrap_err().to_string();
    assert!(error.starts_with("a.geojson, feature 1: found no position"), "{error}");
}

#[test]
fn hostile_bytes_are_refused_with_words() {
    let nested = "[".repeat(10_000);
    for text in [
        String::new(),
        " \n\t\r\n ".into(),
        nested.clone(),
        format!(r#"{{"type":"FeatureCollection","features":{nested}"#),
        format!(r#"{{"type":"Feature","properties":{},"geometry":null}}"#, r#"{"a":"#.repeat(10_000)),
        format!(r#"{{"type":"Point","coordinates":{nested}"#),
        r#"{"type":"Point","type":"Point","coordinates":[1,2]}"#.into(),
        r#"{"type":"Point","coordinates":[NaN,2]}"#.into(),
        r#"{"type":"Point","coordinates":[1,2]}{"#.into(),
        r#"{"type":"FeatureCollection","features":[],"features":[]}"#.into(),
        r#"{"type":7}"#.into(),
    ] {
        let error = refusal("a.geojson", &text);
        assert!(error.contains("found") && error.contains("expected"), "{error}");
    }
    let error = refusal("a.geojson", b"{\"type\":\"Feature\",\"properties\":{\"\xff\":1},\"geometry\":null}");
    assert!(error.contains("UTF-8"), "{error}");
}

#[test]
fn a_collection_may_name_its_reference_system() {
    let with = |name: &str| {
        format!(
            r#"{{"type":"FeatureCollection","crs":{{"type":"name","properties":{{"name":"{name}"}}}},"features":[{PARIS}]}}"#
        )
    };
    for degrees in ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326"] {
        assert_eq!(points(&with(degrees)), [(2.35, 48.86)], "{degrees}");
    }
    let error = refusal("a.geojson", with("urn:ogc:def:crs:SR-ORG::7"));
    assert!(error.contains("--crs"), "{error}");
    let behind = format!(
        r#"{{"type":"FeatureCollection","features":[{PARIS}],"crs":{{"type":"name","properties":{{"name":"EPSG:2056"}}}}}}"#
    );
    let error = refusal("a.geojson", &behind);
    assert!(error.contains("--crs"), "{error}");
    let named = Query { crs: Some(Crs::parse("EPSG:4326").unwrap()), ..earth() };
    read_bytes("a.geojson", behind, &named).expect("the caller knows better");
}
