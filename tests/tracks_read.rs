//! The door for tracks: real files give the fixes that other readers count in them, damaged ones are refused by name, and
//! what archives and lists know of tracks is known.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
mod doors;

use std::path::{Path, PathBuf};

use common::shared;
use torrid::source::tracks::{self, Fact, Recording, TrackFile, content};
use torrid::source::{Filter, Input, Inputs, Query, Reason};
use torrid::{Error, Space, Track};

fn earth() -> Query {
    Query::new(Space::Earth)
}

/// The files of tracks behind the file at `path`.
fn files(path: &Path, query: &Query) -> Result<Vec<TrackFile>, Error> {
    tracks::files(&[Input::new(0, path, &path.file_name().unwrap().to_string_lossy(), query)?], query)
}

/// What the one file at `path` holds.
fn read(path: &Path, query: &Query) -> Result<Recording, Error> {
    files(path, query)?[0].read(query)
}

/// What `bytes` hold as a file called `name`.
fn read_bytes(name: &str, bytes: impl AsRef<[u8]>, query: &Query) -> Result<Recording, Error> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), bytes).unwrap();
    read(&folder.path().join(name), query)
}

/// A row of `known_tracks.csv`, which is the README beside the files: records, and positions with their extent, or none
/// where the reader of that table refused the file.
struct Known {
    path: PathBuf,
    counted: Option<(u64, u64, Option<[f64; 4]>)>,
}

fn known() -> Option<Vec<Known>> {
    let folder = shared("data/tracks")?;
    let rows = include_str!("known_tracks.csv").lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        let extent = (!cells[3].is_empty()).then(|| [3, 4, 5, 6].map(|at: usize| cells[at].parse().unwrap()));
        let counted = cells[1].parse().ok().map(|records| (records, cells[2].parse().unwrap(), extent));
        Known { path: folder.join(cells[0]), counted }
    });
    Some(rows.collect())
}

fn fixes(recording: &Recording) -> u64 {
    recording.tracks.iter().map(|track| track.len() as u64).sum()
}

/// West, south, east and north of all fixes.
fn extent(recording: &Recording) -> [f64; 4] {
    let low = |sums: f64, value: &f64| sums.min(*value);
    let high = |sums: f64, value: &f64| sums.max(*value);
    let all = |column: fn(&Track) -> &Vec<f64>, fold: fn(f64, &f64) -> f64, from: f64| {
        recording.tracks.iter().flat_map(column).fold(from, fold)
    };
    let lng: fn(&Track) -> &Vec<f64> = |track| &track.lng;
    let lat: fn(&Track) -> &Vec<f64> = |track| &track.lat;
    let infinite = f64::INFINITY;
    [all(lng, low, infinite), all(lat, low, infinite), all(lng, high, -infinite), all(lat, high, -infinite)]
}

#[test]
fn every_real_file_gives_the_positions_counted_in_it_or_is_refused_by_name() {
    let Some(known) = known() else { return };
    let mut refused = 0;
    let mut sum = 0;
    for Known { path, counted } in &known {
        let name = path.file_name().unwrap().to_str().unwrap();
        match (read(path, &earth()), counted) {
            (Err(error), None) => {
                assert!(error.to_string().starts_with(name), "{error}");
                refused += 1;
            }
            (Ok(recording), Some((records, positions, bounds))) => {
                // A file of routes or waypoints alone: routes are tracks, waypoints are not.
                let routes = path.extension().is_some_and(|ending| ending == "gpx") && *positions == 0;
                assert_eq!(recording.tally.records, *records, "{name}");
                assert!(routes || fixes(&recording) == *positions, "{name}: {} of {positions}", fixes(&recording));
                let bounds = bounds.filter(|_| *positions > 0 && records == positions);
                let near = |bounds: [f64; 4]| {
                    extent(&recording).iter().zip(bounds).all(|(found, stated)| (found - stated).abs() < 6e-5)
                };
                assert!(bounds.is_none_or(near), "{name}: {:?}, not {bounds:?}", extent(&recording));
                sum += if routes { 0 } else { fixes(&recording) };
            }
            (Ok(recording), None) => panic!("{name} gives {} fixes", fixes(&recording)),
            (Err(error), Some(_)) => panic!("{error}"),
        }
    }
    assert_eq!((known.len(), refused, sum), (76, 8, 66_463 + 2_695 + 877 + 14_329));
}

#[test]
fn the_records_of_fit_files_are_those_that_were_expected() {
    let names = ["edge-500-activity", "edge-820-bike", "fenix-5-bike", "fenix-5-run", "fenix-5-walk"];
    for name in names {
        let Some(folder) = shared("data/tracks/fit-python-fitparse") else { return };
        let recording = read(&folder.join(format!("garmin-{name}.fit")), &earth()).unwrap();
        let text = std::fs::read_to_string(folder.join(format!("garmin-{name}-records.csv"))).unwrap();
        let expected = text.lines().skip(1).filter_map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let degrees = |text: &str| Some(text.parse::<f64>().ok()? * 180.0 / 2_147_483_648.0);
            Some((degrees(cells[6])?, degrees(cells[5])?))
        });
        let found = recording.tracks.iter().flat_map(|track| track.lng.iter().copied().zip(track.lat.iter().copied()));
        // The writer of the table says the last position again where a record has none.
        let [mut found, mut expected]: [Vec<(f64, f64)>; 2] = [found.collect(), expected.collect()];
        found.dedup();
        expected.dedup();
        assert!(found == expected && !found.is_empty(), "{name}");
    }
}

/// A walk of so many fixes, one every five seconds, with steps that differ.
fn walk(fixes: usize) -> Track {
    let at = |i: usize, from: f64, step: f64| from + i as f64 * step + (i * i % 17) as f64 * 1e-6;
    Track {
        lng: (0..fixes).map(|i| at(i, 2.351_234_56, 1.1e-5)).collect(),
        lat: (0..fixes).map(|i| at(i, 48.856_612_34, 0.7e-5)).collect(),
        time: Some((0..fixes).map(|i| 1_600_000_000_000_000 + i as i64 * 5_000_000).collect()),
        ..Track::default()
    }
}

/// The fixes of a track: longitude, latitude and the time as it is written.
fn written(track: &Track) -> Vec<(f64, f64, String)> {
    let times = track.time.clone().unwrap_or_default();
    let time = |at: usize| torrid::source::written_time(times[at]);
    (0..track.len()).map(|at| (track.lng[at], track.lat[at], time(at))).collect()
}

fn gpx(track: &Track) -> String {
    let fix = |(x, y, t): (f64, f64, String)| format!(r#"<trkpt lat="{y:.7}" lon="{x:.7}"><time>{t}</time></trkpt>"#);
    let fixes: String = written(track).into_iter().map(fix).collect();
    format!(r#"<gpx creator="a test"><trk><name>walk</name><type>hiking</type><trkseg>{fixes}</trkseg></trk></gpx>"#)
}

fn tcx(track: &Track) -> String {
    let fix = |(x, y, t): (f64, f64, String)| {
        format!(
            "<Trackpoint><Time>{t}</Time><Position><LatitudeDegrees>{y:.9}</LatitudeDegrees><LongitudeDegrees>{x:.9}\
             </LongitudeDegrees></Position><HeartRateBpm><Value>99</Value></HeartRateBpm></Trackpoint>"
        )
    };
    let fixes: String = written(track).into_iter().map(fix).collect();
    format!(
        r#"<TrainingCenterDatabase><Activities><Activity Sport="Running"><Lap><DistanceMeters>120</DistanceMeters><Track>
        {fixes}</Track></Lap></Activity></Activities></TrainingCenterDatabase>"#
    )
}

fn kml(track: &Track) -> String {
    let times: Vec<String> = written(track).into_iter().map(|(.., t)| format!("<when>{t}</when>")).collect();
    let coords = written(track).into_iter().map(|(x, y, _)| format!("<gx:coord>{x:.7} {y:.7} 12</gx:coord>"));
    let (times, coords) = (times.concat(), coords.collect::<Vec<_>>().concat());
    format!(
        "<kml><Document><Placemark><name>walk</name><gx:Track>{times}{coords}</gx:Track></Placemark></Document></kml>"
    )
}

/// FIT as a watch writes it: one definition, then records; the checksum at the end is right.
fn fit(track: &Track) -> Vec<u8> {
    let mut data = vec![0x40, 0, 0, 20, 0, 3, 253, 4, 0x86, 0, 4, 0x85, 1, 4, 0x85];
    let semicircles = |degrees: f64| (degrees * 2_147_483_648.0 / 180.0).round() as i32;
    for (at, time) in track.time.as_ref().unwrap().iter().enumerate() {
        data.push(0);
        data.extend(((time / 1_000_000 - 631_065_600) as u32).to_le_bytes());
        data.extend(semicircles(track.lat[at]).to_le_bytes());
        data.extend(semicircles(track.lng[at]).to_le_bytes());
    }
    sealed(&data)
}

/// Messages of FIT with a header and a checksum, a bit at a time.
fn sealed(data: &[u8]) -> Vec<u8> {
    let mut bytes = [&[12, 0x10, 0, 8][..], &(data.len() as u32).to_le_bytes(), b".FIT", data].concat();
    let step = |sum: u16| if sum & 1 == 1 { sum >> 1 ^ 0xA001 } else { sum >> 1 };
    let sum = bytes.iter().fold(0, |sum, byte| (0..8).fold(sum ^ u16::from(*byte), |sum, _| step(sum)));
    bytes.extend(sum.to_le_bytes());
    bytes
}

/// The walk in every format.
fn formats(track: &Track) -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("walk.gpx", gpx(track).into_bytes()),
        ("walk.tcx", tcx(track).into_bytes()),
        ("walk.kml", kml(track).into_bytes()),
        ("walk.fit", fit(track)),
    ]
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    use std::io::Write;
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn one_walk_has_one_content_in_every_format_and_packing() {
    for fixes in [1, 2, 40, 1000] {
        let walk = walk(fixes);
        let mark = content(&walk);
        for (name, bytes) in formats(&walk) {
            let packed = format!("{name}.gz");
            for (name, bytes) in [(name, bytes.clone()), (packed.as_str(), gzip(&bytes))] {
                let recording = read_bytes(name, bytes, &earth()).unwrap();
                assert_eq!(recording.tracks.len(), 1, "{name}");
                let track = &recording.tracks[0];
                assert_eq!((track.time.as_ref(), track.user), (walk.time.as_ref(), 0), "{name}");
                let near =
                    |a: &[f64], b: &[f64]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-7);
                assert!(near(&track.lng, &walk.lng) && near(&track.lat, &walk.lat), "{name}");
                assert_eq!(content(track), mark, "{name} of {fixes} fixes");
            }
        }
    }
}

#[test]
fn other_walks_have_other_contents() {
    let one = walk(50);
    let time = one.time.clone().unwrap();
    let later = Track { time: Some(time.iter().map(|time| time + 1_000_000).collect()), ..one.clone() };
    let east = Track { lng: one.lng.iter().map(|lng| lng + 0.002).collect(), ..one.clone() };
    let shorter = walk(49);
    let untimed = Track { time: None, ..one.clone() };
    let mut marks: Vec<u128> = [&one, &later, &east, &shorter, &untimed].map(content).into();
    marks.sort_unstable();
    marks.dedup();
    assert_eq!(marks.len(), 5);
    let whole = Track { breaks: vec![7], user: 3, ..one.clone() };
    assert_eq!(content(&whole), content(&one), "who and where it is interrupted does not count");
}

#[test]
fn what_is_known_of_a_track_chooses_it() {
    let chosen = |name: &str, bytes: &[u8], condition: &str| {
        let query = Query { filter: Some(Filter::parse(condition).unwrap()), ..earth() };
        let recording = read_bytes(name, bytes, &query).unwrap();
        assert_eq!(recording.tracks.len() as u64 + recording.filtered, 1, "{condition}");
        recording.tracks.len() == 1
    };
    let walk = walk(101);
    let bytes = gpx(&walk);
    for condition in [
        "type = 'hiking'",
        "name = 'walk' AND creator LIKE 'a%'",
        "points = 101",
        "duration = 500",
        "date >= '2020-09-13' AND date < '2020-09-14'",
        "distance > 100 AND distance < 200",
        "nonsense IS NULL",
        "file = 'w.gpx'",
    ] {
        assert!(chosen("w.gpx", bytes.as_bytes(), condition), "{condition}");
        assert!(!chosen("w.gpx", bytes.as_bytes(), &format!("NOT ({condition})")), "{condition}");
    }
    assert!(chosen("w.tcx", tcx(&walk).as_bytes(), "type = 'Running' AND distance = 120"), "the laps are believed");
}

#[test]
fn segments_pauses_and_limits_of_time_interrupt_a_track() {
    let text = r#"<gpx><trk><trkseg><trkpt lat="1" lon="1"/><trkpt lat="1" lon="2"/></trkseg><trkseg></trkseg><trkseg>
        <trkpt lat="1" lon="3"/></trkseg></trk><trk><trkseg><trkpt lat="1" lon="4"/></trkseg></trk><trk></trk></gpx>"#;
    let recording = read_bytes("a.gpx", text, &earth()).unwrap();
    assert_eq!(
        recording.tracks.iter().map(|track| track.lng.clone()).collect::<Vec<_>>(),
        [vec![1.0, 2.0, 3.0], vec![4.0]]
    );
    assert_eq!((recording.tracks[0].breaks.clone(), recording.blank), (vec![2], 1));

    let one = walk(10);
    let start = one.time.as_ref().unwrap()[0];
    let between = Query { after: Some(start + 5_000_000), before: Some(start + 20_000_000), ..earth() };
    let recording = read_bytes("a.gpx", gpx(&one), &between).unwrap();
    assert_eq!(recording.tracks[0].len(), 3);
    assert_eq!(recording.tally.count(&Reason::FilteredOut), 7);

    let lap = |times: &[u32]| {
        let fix = |t: &u32| {
            format!(
                "<Trackpoint><Time>2020-01-01T00:00:{t:02}Z</Time><Position><LatitudeDegrees>1</LatitudeDegrees>\
                 <LongitudeDegrees>{t}</LongitudeDegrees></Position></Trackpoint>"
            )
        };
        format!("<Track>{}</Track>", times.iter().map(fix).collect::<String>())
    };
    let text = format!(
        "<TrainingCenterDatabase><Activities><Activity><Lap>{}{}</Lap><Lap>{}</Lap></Activity></Activities>\
         </TrainingCenterDatabase>",
        lap(&[1, 2]),
        lap(&[3]),
        lap(&[4, 5])
    );
    let recording = read_bytes("a.tcx", text, &earth()).unwrap();
    assert_eq!((recording.tracks[0].len(), recording.tracks[0].breaks.clone()), (5, vec![2]), "laps do not interrupt");
}

#[test]
fn fixes_out_of_order_are_put_in_order_and_legs_that_overlap_become_tracks() {
    let fix = |t: u32| format!(r#"<trkpt lat="1" lon="{t}"><time>2020-01-01T00:00:{t:02}Z</time></trkpt>"#);
    let track = |legs: &[&[u32]]| {
        let leg = |times: &&[u32]| format!("<trkseg>{}</trkseg>", times.iter().map(|t| fix(*t)).collect::<String>());
        format!("<gpx><trk>{}</trk></gpx>", legs.iter().map(leg).collect::<String>())
    };
    let recording = read_bytes("a.gpx", track(&[&[7, 9, 8], &[1, 2]]), &earth()).unwrap();
    assert_eq!(recording.tracks.len(), 1);
    assert_eq!(recording.tracks[0].lng, [1.0, 2.0, 7.0, 8.0, 9.0]);
    assert_eq!((recording.tracks[0].breaks.clone(), recording.reordered), (vec![2], 1));
    let recording = read_bytes("a.gpx", track(&[&[1, 5], &[3, 8]]), &earth()).unwrap();
    assert_eq!(recording.tracks.iter().map(Track::len).collect::<Vec<_>>(), [2, 2]);
}

const STRAVA: &str = "Activity ID,Activity Date,Activity Name,Activity Type,Elapsed Time,Distance,Commute,Activity Gear,\
    Filename,Elapsed Time,Moving Time,Distance,Elevation Gain\n\
    1,\"Jan 1, 2020, 7:00:00 AM\",\"Über, den Berg\",Hike,500,12.3,true,Boots,activities/1.gpx.gz,500.0,400.0,12345.6,78.5\n\
    2,\"Jan 2, 2020, 7:00:00 AM\",Home,Ride,500,1.3,false,,activities/2.fit.gz,500.0,410.0,1300,\n";

#[test]
fn the_list_of_an_export_of_strava_is_joined_packed_and_unpacked() {
    let one = walk(101);
    let files = [("activities/1.gpx.gz", gzip(gpx(&one).as_bytes())), ("activities/2.fit.gz", gzip(&fit(&walk(30))))];
    let members: Vec<(&str, &[u8])> =
        files.iter().map(|(name, bytes)| (*name, &bytes[..])).chain([("activities.csv", STRAVA.as_bytes())]).collect();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("export.zip"), zip(&members)).unwrap();
    std::fs::create_dir_all(folder.path().join("unpacked/activities")).unwrap();
    for (name, bytes) in &members {
        std::fs::write(folder.path().join("unpacked").join(name), bytes).unwrap();
    }
    for name in ["export.zip", "unpacked"] {
        let path = folder.path().join(name).display().to_string();
        let condition = "type = 'Hike' AND \"Activity ID\" = 1 AND commute AND gear = 'Boots' AND distance > 12345 \
            AND moving_time = 400 AND elevation_gain > 78 AND name LIKE 'Über%' AND Distance = 12.3";
        let query = Query { filter: Some(Filter::parse(condition).unwrap()), ..earth() };
        let inputs = Inputs::find(&[path], &query).unwrap();
        let found = tracks::files(&inputs.inputs, &query).unwrap();
        assert_eq!(found.len(), 2, "{name}: activities.csv holds no tracks");
        assert!(found.iter().all(|file| file.name().contains("activities/") && file.bytes() > 0));
        let recordings: Vec<Recording> = found.iter().map(|file| file.read(&query).unwrap()).collect();
        let chosen = recordings.iter().map(|recording| (recording.tracks.len(), recording.filtered));
        assert_eq!(chosen.collect::<Vec<_>>(), [(1, 0), (0, 1)], "{name}");
        assert_eq!(content(&recordings[0].tracks[0]), content(&one));
    }
}

#[test]
fn the_lists_of_an_export_of_garmin_are_joined_by_the_start() {
    let one = walk(20);
    let start = one.time.as_ref().unwrap()[0] / 1000;
    let list = format!(
        r#"[{{"summarizedActivitiesExport":[{{"activityType":"hiking","name":"Up","beginTimestamp":{start}.0,
        "distance":123456.0,"movingDuration":90000.0}},{{"activityType":"running","beginTimestamp":{}}}]}}]"#,
        start + 3_600_000
    );
    let inner = zip(&[("7.fit", &fit(&one)), ("8.fit", &fit(&walk(1)))]);
    let export = zip(&[("DI/Fitness/a_0_summarizedActivities.json", list.as_bytes()), ("DI/Uploaded/1.zip", &inner)]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("garmin.zip");
    std::fs::write(&path, export).unwrap();
    let found = files(&path, &earth()).unwrap();
    assert_eq!(
        found.iter().map(TrackFile::name).collect::<Vec<_>>(),
        ["garmin.zip/DI/Uploaded/1.zip/7.fit", "garmin.zip/DI/Uploaded/1.zip/8.fit"]
    );
    let facts = &found[0].read(&earth()).unwrap().facts[0];
    assert_eq!(facts.get("type"), Some(&Fact::Text("hiking".into())));
    assert_eq!(facts.get("distance"), Some(&Fact::Number(1234.56)));
    assert_eq!(facts.get("moving_time"), Some(&Fact::Number(90.0)));
}

#[test]
fn whose_a_track_is_can_be_told_by_file_folder_or_fact() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["anna/1.gpx", "anna/2.gpx", "ben/1.gpx"] {
        std::fs::create_dir_all(folder.path().join(name).parent().unwrap()).unwrap();
        std::fs::write(folder.path().join(name), gpx(&walk(3))).unwrap();
    }
    let users = |user: Option<&str>| {
        let query = Query { user: user.map(str::to_owned), ..earth() };
        let inputs = Inputs::find(&[folder.path().display().to_string()], &query).unwrap().inputs;
        let found = tracks::files(&inputs, &query).unwrap();
        let users = found.iter().map(|file| file.read(&query).unwrap().tracks[0].user).collect::<Vec<_>>();
        [users[0] == users[1], users[1] == users[2]]
    };
    assert_eq!(users(None), [true, true], "one person where nobody says");
    assert_eq!(users(Some("file")), [false, false]);
    assert_eq!(users(Some("folder")), [true, false]);
    assert_eq!(users(Some("name")), [true, true]);
    assert_eq!(users(Some("nonsense")), [true, true]);
}

#[test]
fn fixes_are_events_with_what_was_measured_as_columns() {
    let one = walk(30);
    let text = tcx(&one).replacen("<HeartRateBpm><Value>99</Value></HeartRateBpm>", "", 3);
    for name in ["heart_rate", "hr"] {
        let query = Query { value: Some(name.into()), ..earth() };
        let found = doors::read_bytes("a.tcx", &text, &query).unwrap();
        assert_eq!((found.events.len(), found.tally.count(&Reason::BadValue)), (27, 3));
        assert_eq!(found.columns.names[..4], ["lon", "lat", "time", "hr"]);
    }
    for (name, bytes) in formats(&one) {
        let query = Query { time: Some("time".into()), after: Some(one.time.as_ref().unwrap()[10]), ..earth() };
        let found = doors::read_bytes(name, &bytes, &query).unwrap();
        assert_eq!((found.events.len(), found.tally.records), (20, 30), "{name}");
        let found = doors::read_bytes("a.zip", zip(&[(name, &bytes)]), &earth()).unwrap();
        assert_eq!((found.events.len(), found.tally.bad()), (30, 0), "{name} in an archive");
    }
    let query = Query { filter: Some(Filter::parse("type = 'Running'").unwrap()), ..earth() };
    assert_eq!(doors::read_bytes("a.tcx", tcx(&one), &query).unwrap().events.len(), 30, "facts are columns too");
}

#[test]
fn a_first_look_tells_what_holds_tracks() {
    let holds = |name: &str, bytes: &[u8], query: &Query| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(name), bytes).unwrap();
        let input = Input::new(0, &folder.path().join(name), name, query).unwrap();
        tracks::holds_tracks(&input, query).unwrap()
    };
    for (name, bytes) in formats(&walk(2)) {
        assert!(holds(name, &bytes, &earth()), "{name}");
        assert!(holds("a.zip", &zip(&[("b.txt", b"b"), (name, &bytes)]), &earth()), "{name} in an archive");
    }
    let waypoints = br#"<gpx><wpt lat="1" lon="2"/></gpx>"#;
    assert!(!holds("a.gpx", waypoints, &earth()));
    assert!(!holds("a.zip", &zip(&[("a.gpx", waypoints)]), &earth()));
    assert!(!holds("a.csv", b"lon,lat\n1,2\n", &earth()));
    assert!(!holds(
        "a.kml",
        b"<kml><Placemark><Point><coordinates>1,2</coordinates></Point></Placemark></kml>",
        &earth()
    ));
    assert!(!holds("a.fit", &sealed(&[]), &earth()));
}

#[test]
fn routes_are_tracks_where_there_is_no_track_and_bad_fixes_are_counted() {
    let text = r#"<gpx><wpt lat="1" lon="2"/><rte><name>plan</name><rtept lat="3" lon="4"/><rtept lat="95" lon="4"/>
        <rtept lat="" lon="4"/><rtept lat="north" lon="4"/></rte></gpx>"#;
    let recording = read_bytes("a.gpx", text, &earth()).unwrap();
    assert_eq!(recording.tracks.len(), 1);
    assert_eq!(recording.facts[0].get("name"), Some(&Fact::Text("plan".into())));
    let reasons = [Reason::NotATrackPoint, Reason::PerhapsSwapped, Reason::NoPosition, Reason::NotANumber];
    assert_eq!(reasons.map(|reason| recording.tally.count(&reason)), [1; 4]);
    let error = read_bytes("a.gpx", text, &Query { strict: true, ..earth() }).unwrap_err().to_string();
    assert!(error.starts_with("a.gpx, fix 3: found latitude beyond 90°"), "{error}");
}

#[test]
fn lines_of_kml_are_tracks_and_its_archive_is_opened() {
    let text = "<kml><Document><name>trip</name><Placemark><ExtendedData><Data name='type'><value>boat</value></Data>\
        </ExtendedData><MultiGeometry><LineString><coordinates> 1,2,0 3,4 </coordinates></LineString><LineString>\
        <coordinates>5,6</coordinates></LineString></MultiGeometry><name>day 1</name></Placemark><Placemark><Point>\
        <coordinates>9,9</coordinates></Point></Placemark></Document></kml>";
    for (name, bytes) in [("a.kml", text.as_bytes().to_vec()), ("a.kmz", zip(&[("doc.kml", text.as_bytes())]))] {
        let recording = read_bytes(name, bytes, &earth()).unwrap();
        assert_eq!(recording.tracks.len(), 1, "{name}");
        assert_eq!((&recording.tracks[0].lng[..], &recording.tracks[0].breaks[..]), (&[1.0, 3.0, 5.0][..], &[2][..]));
        assert_eq!(recording.facts[0].get("type"), Some(&Fact::Text("boat".into())));
        assert_eq!(recording.facts[0].get("name"), Some(&Fact::Text("day 1".into())));
        assert_eq!(recording.tally.count(&Reason::NotATrackPoint), 1);
    }
}

#[test]
fn archives_that_are_traps_or_damaged_are_refused() {
    let spaces = " ".repeat(90 << 20);
    let bomb = format!("<gpx>{spaces}</gpx>");
    let error = read_bytes("bomb.zip", zip(&[("a.gpx", bomb.as_bytes())]), &earth()).unwrap_err().to_string();
    assert!(error.contains("bomb.zip/a.gpx") && error.contains("200 times"), "{error}");
    let error = read_bytes("bomb.gpx.gz", gzip(bomb.as_bytes()), &earth()).unwrap_err().to_string();
    assert!(error.contains("200 times"), "{error}");

    let walk = gpx(&walk(5));
    let two = zip(&[("2.zip", &zip(&[("3.zip", &zip(&[("a.gpx", walk.as_bytes())]))]))]);
    assert!(read_bytes("deep.zip", two, &earth()).is_err(), "archives in archives in archives stay closed");
    let path = zip(&[("../../a.gpx", walk.as_bytes()), ("/etc/b.gpx", walk.as_bytes())]);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.zip"), path).unwrap();
    assert_eq!(files(&folder.path().join("a.zip"), &earth()).unwrap().len(), 2, "names are names");

    let mut broken = zip(&[("a.gpx", walk.as_bytes())]);
    broken[60] ^= 0x55;
    let error = read_bytes("broken.zip", broken, &earth()).unwrap_err();
    assert_eq!(error.exit_code(), 1, "{error}");
    assert!(read_bytes("none.zip", b"PK\x03\x04 but no archive", &earth()).is_err());
}

#[test]
fn random_bytes_and_truncations_never_panic() {
    let one = walk(12);
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut all = formats(&one);
    all.push(("walk.zip", zip(&[("walk.gpx", gpx(&one).as_bytes()), ("activities.csv", STRAVA.as_bytes())])));
    for (name, bytes) in all {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        let outcome = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            read(&path, &earth()).map(|recording| fixes(&recording))
        };
        let step = (bytes.len() / 150).max(1);
        for length in (0..bytes.len()).step_by(step) {
            assert!(outcome(&bytes[..length]).is_err(), "{name} cut after {length} bytes");
        }
        for _ in 0..300 {
            let mut damaged = bytes.clone();
            for _ in 0..=random() % 4 {
                let at = random() as usize % damaged.len();
                damaged[at] = random() as u8;
            }
            let found = outcome(&damaged).unwrap_or_default();
            assert!(found < 10_000, "{name} makes many fixes of few bytes");
            let noise: Vec<u8> = (0..random() % 400).map(|_| random() as u8).collect();
            assert!(outcome(&noise).is_err() || noise.is_empty(), "{name} of noise");
        }
    }
    // With a checksum that fits, nothing keeps messages of nonsense from being read.
    for _ in 0..2000 {
        let mut data = fit(&one)[12..].to_vec();
        data.truncate(data.len() - 2);
        for _ in 0..=random() % 6 {
            let at = random() as usize % data.len();
            data[at] = random() as u8;
        }
        let _ = read_bytes("a.fit", sealed(&data), &earth());
    }
}

#[test]
fn the_fast_reading_of_instants_is_the_slow_one() {
    let spelt = |text: &str| torrid::source::parse_time(text);
    for year in [1, 4, 1600, 1900, 1969, 1970, 2000, 2023, 2024, 9999] {
        for month in 1..=13 {
            for day in [1, 28, 29, 30, 31, 32] {
                for rest in ["00:00:00", "23:59:59.5", "12:30:07.123456", "24:00:00", "12:60:00"] {
                    let text = format!("{year:04}-{month:02}-{day:02}T{rest}");
                    assert_eq!(spelt(&format!("{text}Z")), spelt(&format!("{text}+00:00")), "{text}");
                }
            }
        }
    }
}
