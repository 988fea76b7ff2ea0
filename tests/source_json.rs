//! The door for JSON: arrays and objects however they are wrapped, and the conformance suite of JSON.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
mod doors;

use common::shared;
use doors::{earth, extent, files, positions, read, read_bytes};
use torrid::source::{Query, Reason};

fn refusal(text: impl AsRef<[u8]>) -> String {
    let error = read_bytes("a.json", text, &earth()).unwrap_err();
    assert_eq!(error.exit_code(), 1, "{error}");
    error.to_string()
}

/// West, south, east and north in ten-thousandths of a degree.
fn rounded(extent: [f64; 4]) -> [i64; 4] {
    extent.map(|x| (x * 1e4).round() as i64)
}

#[test]
fn uber_pickups_are_100000_arrays_of_longitude_latitude_and_count() {
    let Some(path) = shared("data/points/nyc-uber-pickups.json.gz") else { return };
    let found = read(&path, &Query { weight: Some("weight".into()), ..earth() }).unwrap();
    assert_eq!((found.events.len(), found.tally.bad()), (100_000, 0));
    assert_eq!(rounded(extent(&found.events)), [-748_594, 399_415, -720_666, 421_166]);
    assert!(found.events.weight.unwrap().iter().all(|w| *w >= 1.0 && w.fract() == 0.0), "counts");
    assert_eq!(found.columns.weights, ["2"]);
    assert_eq!(read(&path, &earth()).unwrap().events.weight, None, "nothing is a weight unasked");
}

#[test]
fn bike_racks_have_a_nested_position_and_named_weights() {
    let Some(path) = shared("data/points/sf-bike-parking.json") else { return };
    let found = read(&path, &Query { weight: Some("SPACES".into()), ..earth() }).unwrap();
    assert_eq!((found.events.len(), found.tally.bad()), (2520, 0));
    assert_eq!(rounded(extent(&found.events)), [-1_225_113, 377_095, -1_223_765, 378_060]);
    assert_eq!(found.columns.position, ["COORDINATES"]);
    assert!(found.columns.names.contains(&"RACKS".into()), "{:?}", found.columns.names);
}

#[test]
fn meteorites_weigh_by_numbers_kept_as_strings() {
    let Some(path) = shared("data/global/meteorites.json.gz") else { return };
    let found = read(&path, &Query { weight: Some("mass".into()), ..earth() }).unwrap();
    assert_eq!(found.tally.records, 19_722);
    assert_eq!(found.events.len() as u64 + found.tally.count(&Reason::BadWeight), 19_722);
    let found = read(&path, &earth()).unwrap();
    assert_eq!(found.events.len(), 19_722);
    assert_eq!(rounded(extent(&found.events)), [-1_342_014, -863_667, 1_745_004, 626_532]);
}

#[test]
fn the_conformance_suite_neither_crashes_nor_slips_through() {
    let Some(folder) = shared("data/formats/json-test-suite") else { return };
    let mut refused = 0;
    for path in files(&folder, "json") {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let result = read(&path, &earth());
        if name.starts_with("n_") {
            let error = result.map(|read| read.tally).expect_err(&name).to_string();
            assert!(error.contains("found"), "{name}: {error}");
            refused += 1;
        }
    }
    assert_eq!(refused, 188, "files that must be refused");
}

#[test]
fn the_same_points_come_out_of_every_way_to_write_them() {
    let both = [(2.35, 48.86), (3.5, 49.0)];
    for (name, text) in [
        ("a.json", "[[2.35,48.86],[3.5,49]]"),
        ("a.json", "\u{feff} [ [2.35,48.86,7,null] , [3.5,49.0,1] ] "),
        ("a.json", r#"[["2.35","48.86"],[" 3.5 ","49"]]"#),
        ("a.json", r#"[{"lon":2.35,"lat":48.86},{"lat":"49","lon":"3.5"}]"#),
        ("a.json", r#"[{"Longitude":2.35,"Latitude":48.86},{"Latitude":49,"Longitude":3.5}]"#),
        ("a.json", r#"[{"a":{"b":[]},"position":[2.35,48.86,9]},{"position":[3.5,49]}]"#),
        ("a.json", r#"[{"LngLat":[2.35,48.86]},{"LngLat":["3.5","49"]}]"#),
        ("a.json", r#"[{"latlng":[48.86,2.35]},{"latlng":[49,3.5]}]"#),
        ("a.json", r#"[{"location":{"lat":48.86,"lon":2.35}},{"location":{"lon":3.5,"lat":49}}]"#),
        ("a.json", r#"[{"geo":{"type":"Point","coordinates":[2.35,48.86]}},{"geo":{"coordinates":[3.5,49]}}]"#),
        ("a.json", r#"{"min":0,"max":9,"data":[{"lon":2.35,"lat":48.86},{"lon":3.5,"lat":49}]}"#),
        ("a.json", r#"{"tags":["a"],"meta":[{"k":1}],"rows":[[2.35,48.86],[3.5,49]],"end":{}}"#),
        ("a.ndjson", "{\"lon\":2.35,\"lat\":48.86}\n{\"lon\":3.5,\"lat\":49}\n"),
        ("a.json", "{\"lon\":2.35,\"lat\":48.86}\r\n\r\n{\"lon\":3.5,\"lat\":49}"),
        ("a.jsonl", "[2.35,48.86]\n[3.5,49]"),
        ("a.json", "\u{1e}{\"lon\":2.35,\n\"lat\":48.86}\n\u{1e}{\"lon\":3.5,\"lat\":49}\n"),
        ("a.json", r#"[{"lon":1,"lon":2.35,"lat":48.86},{"lon":3.5,"lat":49}]"#),
    ] {
        let found = read_bytes(name, text, &earth()).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(positions(&found.events), both, "{text}");
        assert_eq!((found.tally.records, found.tally.bad()), (2, 0), "{text}");
    }
}

#[test]
fn latitude_first_arrays_are_read_by_number_and_else_suspected() {
    let text = "[[48.86,2.35,0.5],[-33.9,151.2,1]]";
    let swapped = Query { x: Some("1".into()), y: Some("0".into()), weight: Some("w".into()), ..earth() };
    let found = read_bytes("a.json", text, &swapped).unwrap();
    assert_eq!(positions(&found.events), [(2.35, 48.86), (151.2, -33.9)]);
    assert_eq!(found.events.weight, Some(vec![0.5, 1.0]));
    let tally = read_bytes("a.json", text, &earth()).unwrap().tally;
    assert_eq!(tally.count(&Reason::PerhapsSwapped), 1);
}

#[test]
fn bad_records_are_skipped_by_reason_and_fatal_when_strict() {
    let text = r#"[{"lon":1,"lat":2},{"lon":null,"lat":2},{"lat":2},{"lon":"east","lat":2},{"lon":true,"lat":2},
        7,[1,2],{"lon":1e999,"lat":2},{"lon":" ","lat":2},{"lon":[1,2],"lat":2}]"#;
    let found = read_bytes("a.json", text, &earth()).unwrap();
    assert_eq!((found.events.len(), found.tally.records), (1, 10));
    assert_eq!(found.tally.count(&Reason::NoPosition), 3);
    assert_eq!(found.tally.count(&Reason::NotANumber), 4);
    assert_eq!(found.tally.count(&Reason::Malformed), 2);
    let error = read_bytes("a.json", text, &Query { strict: true, ..earth() }).unwrap_err().to_string();
    assert!(error.starts_with("a.json, record 2: found no position"), "{error}");
}

#[test]
fn a_damaged_line_is_counted_with_its_number() {
    let text = "{\"lon\":1,\"lat\":2}\n{\"lon\":1,\"la\n\n{\"lon\":1,\"lat\":3}\n";
    let found = read_bytes("a.ndjson", text, &earth()).unwrap();
    assert_eq!(positions(&found.events), [(1.0, 2.0), (1.0, 3.0)]);
    let (count, place) = &found.tally.skipped[&Reason::Malformed];
    assert_eq!((*count, place.line), (1, 2));
}

#[test]
fn lines_are_numbered_across_blocks() {
    let good = |i| format!("{{\"lon\":{i}e-3,\"lat\":{i}e-4,\"n\":1}}");
    let lines: Vec<_> = (0..60_000).map(|i| if i == 54_321 { "oops".to_owned() } else { good(i) }).collect();
    let text = lines.join("\n");
    assert!(text.len() > 1 << 20, "more than a block");
    let found = read_bytes("a.ndjson", &text, &earth()).unwrap();
    assert_eq!(found.events.len(), 59_999);
    assert_eq!(found.events.x[59_998].to_bits(), 59.999f64.to_bits());
    assert_eq!(found.tally.skipped[&Reason::Malformed].1.line, 54_322);
}

#[test]
fn hostile_bytes_are_refused_with_words() {
    for text in [
        String::new(),
        " \n\t ".into(),
        "[".repeat(10_000),
        r#"[{"a":"#.repeat(10_000),
        format!(r#"[{{"lon":1,"lat":2}},{{"lon":1,"lat":2,"a":{}"#, "[".repeat(10_000)),
        "[]".into(),
        "{}".into(),
        "7".into(),
        "[1,2]".into(),
        r#"[{"a":1}]"#.into(),
        r#"{"data":[[1,2],[3,4]]"#.into(),
        r#"{"data":[[1,2],[3,4]]} x"#.into(),
        "[[1,2],[3,4".into(),
        "[[1,2],[3,4],]".into(),
    ] {
        let error = refusal(&text);
        assert!(error.contains("found") && error.contains("expected"), "{text:.40}: {error}");
    }
    assert!(refusal(b"[[1,2],[\"\xff\",4]]").contains("UTF-8"), "invalid UTF-8");
    let error = refusal("[\n[1,2],\n[3,4,}]]");
    assert!(error.starts_with("a.json, record 2, line 3, column "), "{error}");
}

#[test]
fn damage_far_down_is_named_by_record() {
    let records: Vec<_> = (0..5000).map(|i| format!("[{i}e-3,1]")).collect();
    let error = refusal(format!("[{},[1,oops]]", records.join(",")));
    assert!(error.starts_with("a.json, record 5001, line 1, column "), "{error}");
}
