//! The door for GPX: every file of the collections gives the points that were counted in them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
mod doors;

use common::shared;
use doors::{earth, files, positions, read, read_bytes};
use torrid::source::{Query, Reason};

/// Track points, and all points, as the README beside the files counts them.
fn counted() -> Option<Vec<(String, u64, u64)>> {
    let text = std::fs::read_to_string(shared("data/README.md")?).unwrap();
    let rows = text.lines().filter_map(|line| {
        let cells: Vec<_> = line.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        let name = cells.get(1)?.strip_prefix("gpx-gpxpy/").filter(|name| name.contains(".gpx"))?;
        Some((name.to_owned(), cells[3].parse().ok()?, cells[2].parse().ok()?))
    });
    Some(rows.collect())
}

#[test]
fn every_file_of_gpxpy_gives_the_points_counted_in_it() {
    let (Some(folder), Some(counted)) = (shared("data/tracks/gpx-gpxpy"), counted()) else { return };
    let files = files(&folder, "gpx");
    assert_eq!((files.len(), counted.len()), (28, 28), "files, and rows of the table");
    let mut sum = 0;
    for path in files {
        let name = path.file_name().unwrap().to_str().unwrap();
        let (_, tracks, all) = counted.iter().find(|(known, ..)| known == name).expect(name);
        let found = read(&path, &earth()).unwrap_or_else(|error| panic!("{error}"));
        let expected = if *tracks > 0 { *tracks } else { *all };
        assert_eq!(found.events.len() as u64, expected, "{name}: {:?}", found.tally);
        assert_eq!(found.tally.count(&Reason::NotATrackPoint), all - expected, "{name}");
        assert_eq!((found.tally.records, found.tally.bad()), (*all, 0), "{name}");
        sum += tracks;
    }
    assert_eq!(sum, 2695, "track points");
}

#[test]
fn a_long_ride_has_7264_points_with_times_and_heights() {
    let Some(path) = shared("data/tracks/sports-lib/strava.gpx.gz") else { return };
    let found = read(&path, &Query { value: Some("elevation".into()), ..earth() }).unwrap();
    assert_eq!((found.events.len(), found.tally.bad()), (7264, 0));
    assert!(found.events.value.unwrap().iter().all(|height| (0.0..4000.0).contains(height)), "metres");
    assert_eq!(found.columns.time.as_deref(), Some("time"));
    assert!(found.columns.names.starts_with(&["ele".into(), "time".into()]), "{:?}", found.columns.names);
}

#[test]
fn waypoints_beside_a_track_are_no_fault() {
    let text = r#"<gpx><wpt lat="1" lon="2"/><rte><rtept lat="3" lon="4"/></rte>
        <trk><trkseg><trkpt lat="5" lon="6"/></trkseg></trk></gpx>"#;
    let found = read_bytes("a.gpx", text, &Query { strict: true, ..earth() }).unwrap();
    assert_eq!(positions(&found.events), [(6.0, 5.0)]);
    assert_eq!((found.tally.records, found.tally.count(&Reason::NotATrackPoint)), (3, 2));
    let without = text.replace("trkpt", "other");
    let found = read_bytes("a.gpx", without, &earth()).unwrap();
    assert_eq!(positions(&found.events), [(2.0, 1.0), (4.0, 3.0)]);
}

#[test]
fn elements_inside_of_a_point_are_columns() {
    let text = r#"<?xml version="1.0"?><g:gpx xmlns:g="u" xmlns:x="v"><g:trk><g:name>walk</g:name><g:trkseg>
        <g:trkpt lon=" 6.5 " lat="5&#46;5"><g:ele> 12.5 </g:ele><g:name>A &amp; B</g:name><g:extensions><x:t><x:hr>99</x:hr></x:t>
        </g:extensions></g:trkpt><g:trkpt lon="7" lat="5"><g:ele><![CDATA[3]]></g:ele><x:hr>100</x:hr><x:hr>1</x:hr></g:trkpt>
        </g:trkseg></g:trk></g:gpx>"#;
    let query = Query { value: Some("ele".into()), weight: Some("hr".into()), strict: true, ..earth() };
    let found = read_bytes("a.gpx", text, &query).unwrap();
    assert_eq!(positions(&found.events), [(6.5, 5.5), (7.0, 5.0)]);
    assert_eq!(found.events.value, Some(vec![12.5, 3.0]));
    assert_eq!(found.events.weight, Some(vec![99.0, 100.0]));
    assert_eq!(found.columns.names, ["ele", "name", "hr"]);
}

#[test]
fn bad_points_are_skipped_by_reason_and_fatal_when_strict() {
    let text = r#"<gpx><trk><trkseg><trkpt lat="1" lon="2"/><trkpt lat="1"/><trkpt lat="" lon="3"/>
        <trkpt lat="north" lon="3"/><trkpt lat="95" lon="3"/><trkpt lat="1e999" lon="3"/></trkseg></trk></gpx>"#;
    let found = read_bytes("a.gpx", text, &earth()).unwrap();
    assert_eq!((found.events.len(), found.tally.records), (1, 6));
    assert_eq!(found.tally.count(&Reason::NoPosition), 2);
    assert_eq!(found.tally.count(&Reason::NotANumber), 2);
    assert_eq!(found.tally.count(&Reason::PerhapsSwapped), 1);
    let error = read_bytes("a.gpx", text, &Query { strict: true, ..earth() }).unwrap_err().to_string();
    assert!(error.starts_with("a.gpx, point 2: found no position"), "{error}");
}

#[test]
fn every_encoding_gives_the_same_points() {
    let body = |encoding: &str| {
        format!(
            "<?xml version=\"1.0\" encoding=\"{encoding}\" standalone=\"no\" ?><!-- é --><gpx creator=\"é\">\
             <wpt lat=\"1.5\" lon=\"2.5\"><name>é</name></wpt></gpx>"
        )
    };
    let latin: Vec<u8> = body("ISO-8859-1").chars().map(|c| c as u8).collect();
    let utf16 = |mark: char| format!("{mark}{}", body("UTF-16")).encode_utf16().collect::<Vec<u16>>();
    for bytes in [
        body("UTF-8").into_bytes(),
        format!("\u{feff}{}", body("utf-8")).into_bytes(),
        body("utf-16").into_bytes(),
        latin.clone(),
        utf16('\u{feff}').into_iter().flat_map(u16::to_le_bytes).collect(),
        utf16('\u{feff}').into_iter().flat_map(u16::to_be_bytes).collect(),
    ] {
        let found = read_bytes("a.gpx", &bytes, &earth()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(positions(&found.events), [(2.5, 1.5)]);
    }
    let mut lying = latin;
    let at = lying.windows(10).position(|w| w == b"ISO-8859-1").unwrap();
    lying.splice(at..at + 10, *b"UTF-8");
    assert_eq!(read_bytes("a.gpx", lying, &earth()).unwrap().events.len(), 1, "bytes that are not UTF-8");
}

#[test]
fn hostile_and_truncated_texts_are_refused_with_words() {
    let whole =
        r#"<?xml version="1.0"?><gpx><trk><trkseg><trkpt lat="1" lon="2"><ele>3</ele></trkpt></trkseg></trk></gpx>"#;
    assert_eq!(read_bytes("a.gpx", whole, &earth()).unwrap().events.len(), 1);
    let cuts = (0..whole.len()).map(|length| whole[..length].to_owned());
    let deep = format!("<gpx>{}", "<a>".repeat(10_000));
    let others = ["  \n ".to_owned(), "not xml".into(), "<html></html>".into(), "<gpx></trk></gpx>".into(), deep];
    for text in cuts.chain(others) {
        let error = read_bytes("a.gpx", &text, &earth()).expect_err(&text);
        assert_eq!(error.exit_code(), 1, "{error}");
        let error = error.to_string();
        assert!(error.starts_with("a.gpx") && error.contains("found") && error.contains("expected"), "{text}: {error}");
    }
    let deep = format!("<gpx>{}{}<wpt lat='1' lon='2'/></gpx>", "<a>".repeat(10_000), "</a>".repeat(10_000));
    assert_eq!(read_bytes("a.gpx", deep, &earth()).unwrap().events.len(), 1);
    let bomb = r#"<!DOCTYPE gpx [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><gpx><wpt lat="1" lon="2"><name>&b;</name></wpt></gpx>"#;
    assert_eq!(read_bytes("a.gpx", bomb, &earth()).unwrap().events.len(), 1, "entities stand for nothing");
}

#[test]
fn a_file_of_many_points_comes_in_parts() {
    let points: Vec<_> = (0..25_000).map(|i| format!("<trkpt lat=\"1\" lon=\"{i}e-3\"/>")).collect();
    let points = points.concat();
    let found = read_bytes("a.gpx", format!("<gpx>{points}</gpx>"), &earth()).unwrap();
    assert_eq!(found.events.len(), 25_000);
    assert_eq!(found.events.x[24_999].to_bits(), 24.999f64.to_bits());
}
