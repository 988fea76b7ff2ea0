//! The same events come out of every format they are written in, with the same tally.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod doors;

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, RecordBatch};
use doors::{Read, earth, read, read_bytes};
use parquet::arrow::ArrowWriter;
use serde_json::json;
use torrid::source::{FORMATS, Query};

fn fixture(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// Longitude, latitude and a reading of the airports; every tenth has a latitude off the Earth.
fn airports() -> Vec<[f64; 3]> {
    let read = read(&fixture("us-airports.csv.gz"), &earth()).unwrap();
    let positions = doors::positions(&read.events).into_iter().enumerate();
    positions.map(|(i, (x, y))| [x, if i % 10 == 7 { y + 200.0 } else { y }, i as f64 / 8.0]).collect()
}

fn lines(rows: &[[f64; 3]], line: impl Fn(&[f64; 3]) -> String) -> Vec<u8> {
    rows.iter().fold(String::new(), |text, row| text + &line(row) + "\n").into_bytes()
}

fn delimited(rows: &[[f64; 3]], delimiter: char) -> Vec<u8> {
    let header = format!("lon{delimiter}lat{delimiter}ele\n").into_bytes();
    [header, lines(rows, |[x, y, v]| format!("{x}{delimiter}{y}{delimiter}{v}"))].concat()
}

fn object(row: &[f64; 3]) -> serde_json::Value {
    json!({ "lon": row[0], "lat": row[1], "ele": row[2] })
}

fn feature([x, y, v]: &[f64; 3]) -> serde_json::Value {
    json!({ "type": "Feature", "properties": { "ele": v }, "geometry": { "type": "Point", "coordinates": [x, y] } })
}

fn gpx(rows: &[[f64; 3]]) -> Vec<u8> {
    let mut text = String::from(r#"<gpx version="1.1" creator="a test"><trk><trkseg>"#);
    for [x, y, v] in rows {
        write!(text, r#"<trkpt lon="{x}" lat="{y}"><ele>{v}</ele></trkpt>"#).unwrap();
    }
    (text + "</trkseg></trk></gpx>").into_bytes()
}

fn tcx(rows: &[[f64; 3]]) -> Vec<u8> {
    let mut text = String::from("<TrainingCenterDatabase><Activities><Activity><Lap><Track>");
    for [x, y, v] in rows {
        write!(
            text,
            "<Trackpoint><Position><LatitudeDegrees>{y}</LatitudeDegrees><LongitudeDegrees>{x}</LongitudeDegrees>\
             </Position><AltitudeMeters>{v}</AltitudeMeters></Trackpoint>"
        )
        .unwrap();
    }
    (text + "</Track></Lap></Activity></Activities></TrainingCenterDatabase>").into_bytes()
}

fn kml(rows: &[[f64; 3]]) -> Vec<u8> {
    let coordinates = lines(rows, |[x, y, v]| format!("{x},{y},{v}"));
    let line = [b"<LineString><coordinates>", &coordinates[..], b"</coordinates></LineString>"].concat();
    [b"<kml><Placemark>", &line[..], b"</Placemark></kml>"].concat()
}

fn zipped(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
    std::io::Write::write_all(&mut archive, bytes).unwrap();
    archive.finish().unwrap().into_inner()
}

fn parquet(rows: &[[f64; 3]]) -> Vec<u8> {
    let column = |i: usize| Arc::new(Float64Array::from_iter_values(rows.iter().map(|row| row[i]))) as ArrayRef;
    let batch = RecordBatch::try_from_iter([("lon", column(0)), ("lat", column(1)), ("ele", column(2))]).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

/// Some rows in one format, the others in another, each below a line that says what it is.
fn journal(rows: &[[f64; 3]]) -> Vec<u8> {
    let (first, rest) = rows.split_at(rows.len() / 3);
    let entry = |format: &str, body: Vec<u8>| {
        let mark = format!("{:032x}", twox_hash::XxHash3_128::oneshot(&body));
        let line = json!({ "format": format, "events": 1, "bytes": body.len(), "xxh3": mark, "key": "a" });
        [format!("{line}\n").into_bytes(), body, b"\n".to_vec()].concat()
    };
    let first = entry("csv", delimited(first, ';'));
    let rest = entry("json", lines(rest, |row| object(row).to_string()));
    [b"torrid journal 1\n".to_vec(), first, rest].concat()
}

/// The files that hold these rows in a format, by name: each way in which it is commonly written.
fn written(format: &str, rows: &[[f64; 3]]) -> Vec<(&'static str, Vec<u8>)> {
    let features: Vec<_> = rows.iter().map(feature).collect();
    let objects: Vec<_> = rows.iter().map(object).collect();
    match format {
        "csv" => {
            vec![("a.csv", delimited(rows, ',')), ("b.csv", delimited(rows, ';')), ("c.psv", delimited(rows, '|'))]
        }
        "tsv" => vec![("a.tsv", delimited(rows, '\t'))],
        "geojson" => vec![
            ("a.geojson", json!({ "type": "FeatureCollection", "features": features }).to_string().into_bytes()),
            ("b.geojsonl", lines(rows, |row| feature(row).to_string())),
        ],
        "json" => vec![
            ("a.json", json!(objects).to_string().into_bytes()),
            ("b.ndjson", lines(rows, |row| object(row).to_string())),
            ("c.json", json!({ "rows": objects }).to_string().into_bytes()),
        ],
        "parquet" => vec![("a.parquet", parquet(rows))],
        "gpx" => vec![("a.gpx", gpx(rows))],
        "tcx" => vec![("a.tcx", tcx(rows))],
        "kml" => vec![("a.kml", kml(rows))],
        "zip" => vec![
            ("a.zip", zipped("a/b.gpx", &gpx(rows))),
            ("b.zip", zipped("b.csv", &delimited(rows, ','))),
            ("c.kmz", zipped("doc.kml", &kml(rows))),
        ],
        // Its positions are semicircles and its heights fifths of a metre; latitudes beyond 180° it cannot hold.
        "fit" => Vec::new(),
        "journal" => vec![("a.journal", journal(rows))],
        other => panic!("the format `{other}` has no case here"),
    }
}

/// Positions and readings in one order, as bits, so that not the last one may differ.
fn sorted(read: &Read) -> Vec<[u64; 3]> {
    let events = &read.events;
    let values = events.value.clone().unwrap_or_else(|| vec![0.0; events.len()]);
    let columns = events.x.iter().zip(&events.y).zip(&values);
    let mut sorted: Vec<_> = columns.map(|((x, y), v)| [x, y, v].map(|number| number.to_bits())).collect();
    sorted.sort_unstable();
    sorted
}

#[test]
fn every_format_gives_the_same_events_and_the_same_tally() {
    let rows = airports();
    for query in [earth(), Query { value: Some("ele".into()), ..earth() }] {
        let twin = read_bytes("twin.csv", delimited(&rows, ','), &query).unwrap();
        assert_eq!((twin.tally.records, twin.tally.bad()), (3376, 337));
        for format in FORMATS {
            for (name, bytes) in written(format.name, &rows) {
                let found = read_bytes(name, bytes, &query).unwrap_or_else(|error| panic!("{error}"));
                assert_eq!(found.tally.records, twin.tally.records, "{name}");
                let reasons = |read: &Read| {
                    read.tally.skipped.iter().map(|(reason, (count, _))| (reason.clone(), *count)).collect::<Vec<_>>()
                };
                assert_eq!(reasons(&found), reasons(&twin), "{name}");
                assert!(sorted(&found) == sorted(&twin), "{name} gives other events");
            }
        }
    }
}

#[test]
fn the_airports_are_the_same_in_csv_and_in_parquet_of_another_writer() {
    let csv = read(&fixture("us-airports.csv.gz"), &earth()).unwrap();
    let parquet = read(&fixture("us-airports.parquet"), &earth()).unwrap();
    assert_eq!(csv.events.len(), 3376);
    assert_eq!(csv.tally, parquet.tally);
    assert!(sorted(&csv) == sorted(&parquet));
}
