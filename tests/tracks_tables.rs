//! Tracks in tables, in `GeoJSON` and in location histories: the same walk in every format is the same track, and no
//! bytes bring a reader down.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fmt::Write as _;
use std::io::Write as _;

use common::shared;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use torrid::source::tracks::{Fact, Recording, files};
use torrid::source::{Filter, Input, Query, Reason, parse_time, written_time};
use torrid::{Error, Space, Track};

const START: i64 = 1_588_240_000_000_000; // 2020-04-30T09:46:40Z
const SECOND: i64 = 1_000_000;

fn earth() -> Query {
    Query::new(Space::Earth)
}

/// What `bytes` hold as a file of this format that is called `name` in messages.
fn record(format: &str, bytes: &[u8], name: &str, query: &Query) -> Result<Recording, Error> {
    let ending = if format == "takeout" { ".json" } else { &format!(".{format}") };
    let mut file = tempfile::Builder::new().suffix(ending).tempfile().unwrap();
    file.write_all(bytes).unwrap();
    let input = Input::new(0, file.path(), name, query)?;
    files(&[input], query)?[0].read(query)
}

fn read(format: &str, text: impl AsRef<[u8]>, query: &Query) -> Recording {
    record(format, text.as_ref(), &format!("walk.{format}"), query).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(format: &str, text: &str) -> String {
    record(format, text.as_bytes(), "walk", &earth()).expect_err(text).to_string()
}

/// A walk to the north-east, a fix every ten seconds.
fn walk(fixes: usize, east: f64) -> Track {
    let at = |n: usize| (n as f64 * 37.0).round();
    Track {
        lng: (0..fixes).map(|n| (23_500_000.0 + east * 1e7 + at(n)) / 1e7).collect(),
        lat: (0..fixes).map(|n| (488_500_000.0 + at(n)) / 1e7).collect(),
        time: Some((0..fixes).map(|n| START + 10 * SECOND * n as i64).collect()),
        ..Track::default()
    }
}

/// Longitude, latitude and time of each fix.
fn fixes(track: &Track) -> Vec<(f64, f64, i64)> {
    let times = track.time.clone().unwrap();
    (0..track.len()).map(|n| (track.lng[n], track.lat[n], times[n])).collect()
}

fn csv(tracks: &[&Track]) -> String {
    let mut text = "trip_id,lon,lat,time\n".to_owned();
    for (number, track) in tracks.iter().enumerate() {
        for (lng, lat, time) in fixes(track) {
            writeln!(text, "{number},{lng},{lat},{}", written_time(time)).unwrap();
        }
    }
    text
}

fn line(track: &Track) -> String {
    let positions: Vec<_> = fixes(track).iter().map(|(lng, lat, _)| format!("[{lng},{lat}]")).collect();
    format!("[{}]", positions.join(","))
}

fn times(track: &Track) -> String {
    let times: Vec<_> = fixes(track).iter().map(|(.., time)| format!("\"{}\"", written_time(*time))).collect();
    format!("[{}]", times.join(","))
}

fn feature(track: &Track) -> String {
    format!(
        r#"{{"type":"Feature","properties":{{"coordTimes":{}}},"geometry":{{"type":"LineString","coordinates":{}}}}}"#,
        times(track),
        line(track)
    )
}

/// In Google's ten-millionths of degrees.
fn e7(degrees: f64) -> i64 {
    (degrees * 1e7).round() as i64
}

fn records(track: &Track) -> String {
    let record = |(lng, lat, time): &(f64, f64, i64)| {
        let (lng, lat) = (e7(*lng), e7(*lat));
        format!(r#"{{"latitudeE7":{lat},"longitudeE7":{lng},"accuracy":20,"timestamp":"{}"}}"#, written_time(*time))
    };
    format!(r#"{{"locations":[{}]}}"#, fixes(track).iter().map(record).collect::<Vec<_>>().join(","))
}

fn old_records(track: &Track) -> String {
    let record = |(lng, lat, time): &(f64, f64, i64)| {
        let sign_lost = |e7: i64| if e7 < 0 { e7 + (1 << 32) } else { e7 };
        let (lng, lat) = (sign_lost(e7(*lng)), sign_lost(e7(*lat)));
        format!(r#"{{"timestampMs":"{}","latitudeE7":{lat},"longitudeE7":{lng}}}"#, time / 1000)
    };
    let newest_first = fixes(track).iter().rev().map(record).collect::<Vec<_>>().join(",");
    format!("{{\"locations\" : [ {newest_first} ]}}")
}

fn journey(track: &Track) -> String {
    let fixes = fixes(track);
    let (first, last) = (fixes[0], fixes[fixes.len() - 1]);
    let place = |(lng, lat, _): (f64, f64, i64)| format!(r#"{{"latitudeE7":{},"longitudeE7":{}}}"#, e7(lat), e7(lng));
    let point = |(lng, lat, time): &(f64, f64, i64)| {
        format!(r#"{{"latE7":{},"lngE7":{},"timestampMs":"{}"}}"#, e7(*lat), e7(*lng), time / 1000)
    };
    let points: Vec<_> = fixes[1..fixes.len() - 1].iter().map(point).collect();
    format!(
        r#"{{"timelineObjects":[{{"placeVisit":{{"location":{}}}}},{{"activitySegment":{{
            "startLocation":{},"endLocation":{},
            "duration":{{"startTimestamp":"{}","endTimestampMs":"{}"}},
            "distance":1234,"activityType":"CYCLING","waypointPath":{{"waypoints":[{{"latE7":1,"lngE7":1}}]}},
            "simplifiedRawPath":{{"points":[{}]}}}}}}]}}"#,
        place(first),
        place(first),
        place(last),
        written_time(first.2),
        last.2 / 1000,
        points.join(",")
    )
}

/// The way apart from the journey.
fn android(track: &Track) -> String {
    let fixes = fixes(track);
    let point = |(lng, lat, time): &(f64, f64, i64)| {
        format!(r#"{{"point":"{lat}°, {lng}°","time":"{}"}}"#, written_time(*time))
    };
    let points: Vec<_> = fixes.iter().map(point).collect();
    let (from, to) = (written_time(fixes[0].2), written_time(fixes[fixes.len() - 1].2));
    format!(
        r#"{{"semanticSegments":[
            {{"startTime":"{from}","endTime":"{to}",
              "visit":{{"topCandidate":{{"placeLocation":{{"latLng":"1°, 2°"}}}}}}}},
            {{"startTime":"{from}","endTime":"{to}","activity":{{"distanceMeters":1234.5,
              "topCandidate":{{"type":"WALKING","probability":0.9}}}}}},
            {{"startTime":"{from}","endTime":"{to}","timelinePath":[{}]}}
        ],"rawSignals":[],"userLocationProfile":{{}}}}"#,
        points.join(",")
    )
}

/// Every format gives the walk, with times of its precision.
#[test]
fn a_walk_in_every_format_is_the_same_track() {
    for walk in [walk(50, 0.0), walk(3, -122.0), walk(4, 177.0)] {
        let line = format!(r#""geometry":{{"type":"LineString","coordinates":{}}}"#, line(&walk));
        let feature = feature(&walk);
        let today = format!(
            r#"{{"type":"Feature",{line},"properties":{{"coordinateProperties":{{"times":{}}}}}}}"#,
            times(&walk)
        );
        let measured: Vec<_> = fixes(&walk).iter().map(|(x, y, t)| format!("[{x},{y},0,{}]", t / SECOND)).collect();
        let measured = format!(r#"{{"type":"LineString","coordinates":[{}]}}"#, measured.join(","));
        for (format, text) in [
            ("csv", csv(&[&walk])),
            ("csv", csv(&[&walk]).replace(',', "\t")),
            ("csv", csv(&[&walk]).replace("trip_id,", "nothing,")),
            ("geojson", format!(r#"{{"type":"FeatureCollection","features":[{feature}]}}"#)),
            ("geojson", format!(r#"{{"features":[{today}],"type":"FeatureCollection"}}"#)),
            ("geojson", feature.clone()),
            ("geojson", format!("\x1e{feature}\n")),
            ("geojson", format!(r#"{{"type":"GeometryCollection","geometries":[{measured}]}}"#)),
            ("geojson", measured),
            ("takeout", records(&walk)),
            ("takeout", old_records(&walk)),
            ("takeout", journey(&walk)),
            ("takeout", android(&walk)),
        ] {
            let found = read(format, &text, &earth());
            assert_eq!(found.tracks.len(), 1, "{format}: {text}");
            assert_eq!(found.tracks[0], walk, "{format}: {text}");
            assert_eq!(found.tally.bad(), 0, "{format}: {:?}", found.tally);
            if format != "csv" {
                assert_eq!(read("json", &text, &earth()).tracks, found.tracks, "told by its first bytes: {text}");
            }
        }
    }
}

#[test]
fn tracks_of_a_table_may_be_mixed_and_out_of_order() {
    let (a, b) = (walk(20, 0.0), walk(15, 1.0));
    let text = csv(&[&a, &b]);
    let (head, rows) = text.split_once('\n').unwrap();
    let mut rows: Vec<&str> = rows.lines().collect();
    // The same disorder each time.
    rows.sort_by_key(|row| row.bytes().fold(7u32, |hash, byte| hash.wrapping_mul(31) ^ u32::from(byte)));
    let found = read("csv", format!("{head}\r\n{}\r\n", rows.join("\r\n")), &earth());
    let mut tracks = found.tracks;
    tracks.sort_by(|a, b| a.lng[0].total_cmp(&b.lng[0]));
    assert_eq!(tracks, [a, b]);
    assert!(found.reordered > 0, "the disorder is told");
}

#[test]
fn rows_without_times_stay_in_their_order() {
    let text = "lon,lat,track\n3,3,x\n1,1,x\n2,2,y\n2,2,x\n";
    let found = read("csv", text, &earth());
    assert_eq!(found.tracks.iter().map(|t| t.lng.clone()).collect::<Vec<_>>(), [vec![3.0, 1.0, 2.0], vec![2.0]]);
    assert!(found.tracks.iter().all(|track| track.time.is_none()), "no times");
}

#[test]
fn the_column_of_tracks_is_the_one_that_is_named() {
    let text = "trip_id,leg,lon,lat\n1,a,1,1\n1,b,2,2\n2,b,3,3\n,b,4,4\n";
    let lengths = |query: &Query| read("csv", text, query).tracks.iter().map(Track::len).collect::<Vec<_>>();
    assert_eq!(lengths(&earth()), [2, 1], "found by its name");
    assert_eq!(lengths(&Query { track: Some("Leg".into()), ..earth() }), [1, 3], "named");
    assert_eq!(lengths(&Query { track: Some("leg".into()), user: Some("trip_id".into()), ..earth() }), [1, 1, 1, 1]);
    let tally = read("csv", text, &earth()).tally;
    assert_eq!((tally.records, tally.count(&Reason::NoTrack)), (4, 1), "a row that names no track");
    let error = record("csv", text.as_bytes(), "t.csv", &Query { track: Some("tripid".into()), ..earth() });
    assert!(error.unwrap_err().to_string().contains("did you mean `trip_id`?"), "a wrong name");
}

#[test]
fn what_is_the_same_in_all_rows_of_a_track_is_a_fact() {
    let text = "id,track,lon,lat,name,speed;x\n1,a,1,1,Maria,2\n2,b,1,1,Jo,3\n3,a,1,2,Maria,4\n";
    let found = read("csv", text, &earth());
    let fact = |track: usize, name: &str| found.facts[track].get(name).cloned();
    assert_eq!(fact(0, "name"), Some(Fact::Text("Maria".into())));
    assert_eq!((fact(0, "id"), fact(0, "speed;x")), (None, None), "they differ");
    assert_eq!(fact(1, "id"), Some(Fact::Text("2".into())), "one row");
    let query = Query { filter: Some(Filter::parse("name = 'Jo' AND track = 'b'").unwrap()), ..earth() };
    assert_eq!(read("csv", text, &query).tracks.len(), 1);
    let users = read("csv", text, &Query { user: Some("name".into()), ..earth() });
    assert_ne!(users.tracks[0].user, users.tracks[1].user, "two people");
}

#[test]
fn a_fact_that_is_asked_for_is_found_in_the_widest_table() {
    let names: Vec<_> = (0..2000).map(|n| format!("c{n}")).collect();
    let text = format!("lon,lat,{}\n1,1,{}7\n", names.join(","), "5,".repeat(1999));
    let json = names.iter().map(|name| format!("\"{name}\":{}", if name == "c1999" { 7 } else { 5 }));
    let json = format!(
        r#"{{"type":"Feature","properties":{{{}}},"geometry":{{"type":"LineString","coordinates":[[1,1]]}}}}"#,
        json.collect::<Vec<_>>().join(",")
    );
    let asking = |filter: &str| Query { filter: Some(Filter::parse(filter).unwrap()), ..earth() };
    for (format, text) in [("csv", text), ("geojson", json)] {
        assert_eq!(read(format, &text, &asking("C1999 = 7")).tracks.len(), 1, "{format}");
        assert_eq!(read(format, &text, &asking("C1999 = 5")).tracks.len(), 0, "{format}");
        assert!(read(format, &text, &earth()).facts[0].iter().count() < 400, "{format}");
    }
}

#[test]
fn a_day_and_a_time_of_day_may_stand_apart() {
    let found = read("csv", "date,time,lat,lon\n2020-05-01,10:00:05,1,1\n2020-05-01,10:00:00,1,2\n", &earth());
    let expected = ["2020-05-01T10:00:00Z", "2020-05-01T10:00:05Z"].map(|text| parse_time(text).unwrap());
    assert_eq!(found.tracks[0].time.as_deref(), Some(&expected[..]));
    assert_eq!(found.tracks[0].lng, [2.0, 1.0]);
    let whole = read("csv", "date,time,lat,lon\n2020-05-01,2020-05-01T10:00:00Z,1,1\n", &earth());
    assert_eq!(whole.tracks[0].time.as_deref(), Some(&expected[..1]));
}

#[test]
fn rows_that_cannot_be_used_are_counted() {
    let text = "track,lon,lat\na,1,1\na,,2\na,x,2\na,1\na,10,99\na,190,3\n\"a,2,2\n";
    let found = read("csv", text, &earth());
    assert_eq!(found.tracks[0].lng, [1.0, -170.0]);
    let reasons = [Reason::NoPosition, Reason::NotANumber, Reason::PerhapsSwapped, Reason::Malformed];
    assert_eq!(reasons.map(|reason| found.tally.count(&reason)), [1, 1, 1, 2]);
    assert_eq!(found.tally.records, 7);
    let error = record("csv", text.as_bytes(), "t.csv", &Query { strict: true, ..earth() }).unwrap_err().to_string();
    assert!(error.starts_with("t.csv, line 3: found no position"), "{error}");
}

#[test]
fn the_mountain_bikers_table_is_one_track() {
    let Some(path) = shared("data/tracks/csv-obiszow-mtb.csv") else { return };
    let bytes = std::fs::read(path).unwrap();
    let found = read("csv", &bytes, &earth());
    let rows = bytes.split(|byte| *byte == b'\n').count() - 2;
    assert_eq!((found.tracks.len(), found.tracks[0].len(), found.tally.bad()), (1, rows, 0));
    assert_eq!((found.tracks[0].lng[0], found.tracks[0].lat[0]), (16.116_775, 51.578_265_3));
}

#[test]
fn parts_of_a_line_are_interruptions_and_other_shapes_are_counted() {
    let text = r#"
        {"type":"Feature","id":7,"properties":{"type":"Ride","gear":{"bike":"red"},"n":3,"ok":true,"no":null},
         "geometry":{"type":"MultiLineString","coordinates":[[[1,1],[2,2,9]],[],[[3,3],[4,4]]]}}
        {"type":"Feature","properties":null,"geometry":{"type":"GeometryCollection","geometries":[
         {"coordinates":[[5,5],[6,6]],"type":"LineString"},{"type":"Point","coordinates":[1,1]},
         {"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]},{"type":"LineString","coordinates":[[7,7]]}]}}
        {"type":"Feature","properties":{},"geometry":null}"#;
    let found = read("geojson", text, &earth());
    assert_eq!(found.tracks.len(), 2, "{found:?}");
    assert_eq!((&found.tracks[0].lng[..], &found.tracks[0].breaks[..]), (&[1.0, 2.0, 3.0, 4.0][..], &[2][..]));
    assert_eq!((&found.tracks[1].lng[..], &found.tracks[1].breaks[..]), (&[5.0, 6.0, 7.0][..], &[2][..]));
    let fact = |name: &str| found.facts[0].get(name).cloned();
    assert_eq!(fact("type"), Some(Fact::Text("Ride".into())));
    assert_eq!((fact("gear.bike"), fact("n")), (Some(Fact::Text("red".into())), Some(Fact::Number(3.0))));
    assert_eq!((fact("ok"), fact("id")), (Some(Fact::Flag(true)), Some(Fact::Number(7.0))));
    assert_eq!(found.tally.count(&Reason::NotALine("Polygon".into())), 1);
    assert_eq!(found.tally.count(&Reason::NotATrackPoint), 1);
}

#[test]
fn times_of_parts_stand_in_arrays_of_their_own() {
    let text = r#"{"type":"Feature","geometry":{"type":"MultiLineString","coordinates":[[[1,1],[2,2]],[[3,3]]]},
        "properties":{"coordinateProperties":{"times":[["2020-01-01T00:00:00Z",1577836810],[1577836820000]]}}}"#;
    let found = read("geojson", text, &earth());
    let start = parse_time("2020-01-01").unwrap();
    assert_eq!(found.tracks[0].time, Some(vec![start, start + 10 * SECOND, start + 20 * SECOND]));
    let fewer = text.replace(",1577836810", "");
    let found = read("geojson", fewer, &earth());
    assert_eq!((found.tracks[0].len(), &found.tracks[0].time), (3, &None), "nobody knows whose they are");
    assert_eq!(found.tally.count(&Reason::BadTime), 1);
}

#[test]
fn measures_along_a_line_are_no_times() {
    let found = read("geojson", r#"{"type":"LineString","coordinates":[[1,1,0,0],[2,2,0,150]]}"#, &earth());
    assert_eq!(found.tracks[0].time, None);
}

#[test]
fn points_are_fixes_where_a_property_names_their_track() {
    let point = |track: &str, lng: f64, second: u32| {
        format!(
            r#"{{"type":"Feature",
                "properties":{{"bus":{track},"line":"M{track}","time":"2020-01-01T00:00:{second:02}Z"}},
                "geometry":{{"type":"Point","coordinates":[{lng},1]}}}}"#
        )
    };
    let features = [point("1", 1.0, 20), point("2", 2.0, 0), point("1", 3.0, 10), point("null", 4.0, 0)];
    let text = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","));
    let found = read("geojson", &text, &Query { track: Some("Bus".into()), ..earth() });
    assert_eq!(found.tracks.iter().map(|t| t.lng.clone()).collect::<Vec<_>>(), [vec![3.0, 1.0], vec![2.0]]);
    assert_eq!(found.facts[0].get("line"), Some(&Fact::Text("M1".into())));
    assert_eq!(found.tally.count(&Reason::NoTrack), 1);
    let found = read("geojson", &text, &earth());
    assert_eq!((found.tracks.len(), found.tally.count(&Reason::NotATrackPoint)), (0, 4));
}

#[test]
fn damaged_geojson_is_refused_where_it_is_damaged() {
    for (text, part) in [
        ("", "the end of the text"),
        ("[1,2]", "an array"),
        (
            r#"{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"LineString"}}]}"#,
            "features[0]",
        ),
        (r#"{"type":"LineString","coordinates":[1,2]}"#, "positions 1 deep"),
        (r#"{"type":"LineString","coordinates":[[1]]}"#, "a position of one number"),
        (r#"{"type":"LineString","coordinates":[[[[[1]]]]]}"#, "an array"),
        (r#"{"type":"LineString","coordinates":[[1,"2"]]}"#, "a string"),
        (r#"{"type":"linestring","coordinates":[[1,2]]}"#, "`linestring`"),
        (r#"{"coordinates":[[1,2]]}"#, "no such member"),
        (r#"{"type":"LineString","coordinates":[[1,2],"#, "the end of the text"),
    ] {
        let message = refused("geojson", text);
        assert!(message.contains(part) && message.contains("line "), "{text}: {message}");
    }
}

#[test]
fn a_named_reference_system_is_heeded() {
    let text = r#"{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::3857"}},
        "features":[{"type":"Feature","properties":{},"geometry":{"type":"LineString",
        "coordinates":[[0,0],[111319.49079327358,0]]}}]}"#;
    let found = read("geojson", text, &earth());
    assert!((found.tracks[0].lng[1] - 1.0).abs() < 1e-9, "{:?}", found.tracks);
}

#[test]
fn fixes_of_cell_towers_are_left_out_and_counted() {
    let text = r#"{"locations":[
        {"timestampMs":"1588240000000","latitudeE7":488500000,"longitudeE7":23500000,"accuracy":500},
        {"timestampMs":"1588240010000","latitudeE7":480000000,"longitudeE7":20000000,"accuracy":1800},
        {"timestampMs":"1588240020000","accuracy":10},
        {"latitudeE7":488500010,"longitudeE7":23500010,"deviceTag":-5,"timestamp":"2020-04-30T09:47:10Z"},
        {"timestampMs":"1588240040000","latitudeE7":488500020,"longitudeE7":23500020,"activity":[{"a":[]}]},
        7]}"#;
    let found = read("takeout", text, &earth());
    let counts = [Reason::Inaccurate, Reason::NoPosition, Reason::Malformed].map(|reason| found.tally.count(&reason));
    assert_eq!((counts, found.tally.records), ([1, 1, 1], 6));
    assert_eq!(found.tracks.iter().map(Track::len).collect::<Vec<_>>(), [2, 1], "two devices");
    assert_eq!(found.facts[1].get("device"), Some(&Fact::Text("-5".into())));
}

#[test]
fn a_history_has_a_track_for_each_day_by_the_sun() {
    // Two days of a commute in California, whose evenings are over after midnight in Greenwich.
    let record = |hour: i64| {
        let time = parse_time("2020-05-01T15:00:00Z").unwrap() + hour * 3600 * SECOND;
        format!(r#"{{"latitudeE7":377700000,"longitudeE7":-1224200000,"timestamp":"{}"}}"#, written_time(time))
    };
    let hours: Vec<_> = [0, 1, 9, 10, 24, 25, 33, 34].map(record).into();
    let found = read("takeout", format!(r#"{{"locations":[{}]}}"#, hours.join(",")), &earth());
    assert_eq!(found.tracks.iter().map(Track::len).collect::<Vec<_>>(), [4, 4]);
}

#[test]
fn a_journey_has_its_kind_and_the_length_that_is_stated() {
    let found = read("takeout", journey(&walk(9, 0.0)), &earth());
    assert_eq!(found.facts[0].get("type"), Some(&Fact::Text("CYCLING".into())));
    assert_eq!(found.facts[0].get("distance"), Some(&Fact::Number(1234.0)));
    assert_eq!(found.tally.count(&Reason::NotATrackPoint), 1, "the stay");
    let found = read("takeout", android(&walk(9, 0.0)), &earth());
    assert_eq!(found.facts[0].get("type"), Some(&Fact::Text("WALKING".into())));
    assert_eq!(found.facts[0].get("distance"), Some(&Fact::Number(1234.5)));
}

#[test]
fn waypoints_are_passed_at_an_even_pace() {
    let text = r#"{"timelineObjects":[{"activitySegment":{
        "startLocation":{"latitudeE7":10000000,"longitudeE7":10000000},
        "endLocation":{"latitudeE7":10000000,"longitudeE7":40000000},
        "waypointPath":{"waypoints":[{"latE7":10000000,"lngE7":20000000},{"latE7":10000000,"lngE7":30000000}]},
        "duration":{"startTimestamp":"2020-01-01T00:00:00Z","endTimestamp":"2020-01-01T00:00:30Z"}}}]}"#;
    let found = read("takeout", text, &earth());
    let start = parse_time("2020-01-01").unwrap();
    assert_eq!(found.tracks[0].lng, [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(found.tracks[0].time, Some([0, 10, 20, 30].map(|s| start + s * SECOND).into()));
}

#[test]
fn phones_of_apple_tell_minutes_since_the_segment_began() {
    let text = r#"[
        {"endTime":"2024-05-01T10:00:00.000+02:00","startTime":"2024-05-01T08:00:00.000+02:00","timelinePath":[
          {"point":"geo:48.0,2.0","durationMinutesOffsetFromStartTime":"5"},
          {"point":"geo:48.1,2.1","durationMinutesOffsetFromStartTime":"30"},
          {"point":"geo:48.2,2.2","durationMinutesOffsetFromStartTime":60},
          {"point":"geo:48.3,2.3","durationMinutesOffsetFromStartTime":"100"}]},
        {"startTime":"2024-05-01T08:20:00.000+02:00","endTime":"2024-05-01T09:10:00.000+02:00","activity":{
          "start":"geo:48.05,2.05","end":"geo:48.25,2.25","distanceMeters":"3000.5","topCandidate":{"type":"in bus"}}},
        {"startTime":"2024-05-01T09:10:00.000+02:00","endTime":"2024-05-01T10:00:00.000+02:00","visit":{}}]"#;
    let found = read("takeout", text, &earth());
    let mut tracks = found.tracks.clone();
    tracks.sort_by(|a, b| a.lng[0].total_cmp(&b.lng[0]));
    assert_eq!(
        (&tracks[0].lng[..], &tracks[0].breaks[..]),
        (&[2.0, 2.3][..], &[1][..]),
        "before and after the journey"
    );
    assert_eq!(tracks[1].lng, [2.05, 2.1, 2.2, 2.25], "the journey");
    let minutes = |text: &str| parse_time(text).unwrap();
    assert_eq!(tracks[1].time.as_ref().unwrap()[1], minutes("2024-05-01T06:30:00Z"));
    let bus = found.facts.iter().find(|facts| facts.get("type").is_some()).unwrap();
    assert_eq!(bus.get("distance"), Some(&Fact::Number(3000.5)));
}

#[test]
fn what_the_receiver_recorded_stands_for_the_points_near_it() {
    let text = r#"{"semanticSegments":[{"startTime":"2024-05-01T08:00:00Z","endTime":"2024-05-01T10:00:00Z",
        "timelinePath":[{"point":"48.0°, 2.0°","time":"2024-05-01T08:01:00Z"},
          {"point":"48.1°, 2.1°","time":"2024-05-01T09:00:00Z"}]}],
        "rawSignals":[{"wifiScan":{}},
          {"position":{"LatLng":"48.5°, 2.5°","accuracyMeters":13,"timestamp":"2024-05-01T09:04:00Z"}},
          {"position":{"LatLng":"48.6°, 2.6°","accuracyMeters":900,"timestamp":"2024-05-01T09:05:00Z"}}]}"#;
    let found = read("takeout", text, &earth());
    assert_eq!(found.tracks[0].lng, [2.0, 2.5]);
    assert_eq!([Reason::Coarser, Reason::Inaccurate].map(|reason| found.tally.count(&reason)), [1, 1]);
}

#[test]
fn json_that_is_no_history_is_refused() {
    for text in ["{}", "[]", r#"{"placeEdits":[]}"#, r#"[{"lon":1,"lat":2}]"#] {
        assert!(refused("takeout", text).contains("no location history"), "{text}");
    }
    assert!(refused("takeout", r#"{"locations":[{"latitudeE7":1}"#).contains("the end of the text"));
    assert!(refused("takeout", "lon,lat").contains("walk"), "no JSON at all");
}

const BITS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "1",
    "-2.5",
    "1e999",
    "null",
    "true",
    "\"a\"",
    "\"type\":",
    "\"Feature\"",
    "\"LineString\"",
    "\"coordinates\":",
    "\"geometry\":",
    "\"properties\":",
    "\"features\":",
    "\"coordTimes\":",
    "\"locations\":",
    "\"latitudeE7\":",
    "\"semanticSegments\":",
    "\"timelinePath\":",
    "\"point\":",
    "\"geo:1,2\"",
    "\"startTime\":",
    "\"activity\":",
    "\"timelineObjects\":",
    "\"activitySegment\":",
    "\n",
    "\x1e",
    "lon,lat,track,time\n",
    "1,2,3,2020-01-01\n",
    ";",
];

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(10), failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn no_bytes_bring_a_reader_down(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        bits in prop::collection::vec(prop::sample::select(BITS), 0..60),
    ) {
        for format in ["csv", "geojson", "takeout"] {
            _ = record(format, &bytes, "x", &earth());
            _ = record(format, bits.concat().as_bytes(), "x", &earth());
        }
    }

    #[test]
    fn a_text_cut_short_or_with_a_wrong_byte_brings_no_reader_down(cut in 0.0..1.0f64, wrong in any::<u8>()) {
        let walk = walk(5, -3.0);
        for (format, text) in [
            ("csv", csv(&[&walk])),
            ("takeout", records(&walk)),
            ("takeout", journey(&walk)),
            ("takeout", android(&walk)),
            ("geojson", feature(&walk)),
        ] {
            let at = (cut * text.len() as f64) as usize;
            _ = record(format, &text.as_bytes()[..at], "x", &earth());
            let mut bytes = text.into_bytes();
            bytes[at] = wrong;
            _ = record(format, &bytes, "x", &earth());
        }
    }

    #[test]
    fn shuffled_rows_with_times_are_the_sorted_rows(
        order in prop::collection::vec(any::<u32>(), 30),
        tracks in 1..4usize,
    ) {
        let mut rows: Vec<(u32, String)> = order.iter().enumerate().map(|(n, key)| {
            (*key, format!("{},{},{},{}\n", n % tracks, n as f64 / 100.0, n as f64 / 50.0, 1_588_240_000 + n))
        }).collect();
        let text = |rows: &[(u32, String)]| {
            rows.iter().fold("track,lon,lat,time\n".to_owned(), |text, (_, row)| text + row)
        };
        let sorted = read("csv", text(&rows), &earth());
        rows.sort();
        let shuffled = read("csv", text(&rows), &earth());
        let in_order = |recording: &Recording| {
            let mut tracks = recording.tracks.clone();
            tracks.sort_by(|a, b| a.lng[0].total_cmp(&b.lng[0]));
            tracks
        };
        prop_assert_eq!(in_order(&shuffled), in_order(&sorted));
        prop_assert_eq!((sorted.tracks.len(), sorted.reordered), (tracks, 0));
    }
}
