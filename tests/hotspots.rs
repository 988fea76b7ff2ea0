//! `torrid hotspots` as its users meet it: what it writes, read back by others, and what it refuses.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use geo::algorithm::{Contains, GeodesicArea, Validation};
use geojson::{Feature, FeatureCollection, GeoJson};
use serde_json::Value;

fn fixture(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name).to_str().unwrap().to_owned()
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_torrid"));
    command.current_dir(folder).arg("hotspots").args(arguments).output().unwrap()
}

/// What `torrid hotspots` writes, and its report.
#[track_caller]
fn found(arguments: &[&str]) -> (FeatureCollection, Value) {
    let folder = tempfile::tempdir().unwrap();
    let run = run(folder.path(), &[arguments, &["-o", "out.geojson", "--json", "-q"]].concat());
    assert!(run.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&run.stderr));
    let text = fs::read_to_string(folder.path().join("out.geojson")).unwrap();
    let GeoJson::FeatureCollection(collection) = text.parse().unwrap() else { panic!("not a FeatureCollection") };
    (collection, serde_json::from_slice(&run.stdout).unwrap())
}

fn number(feature: &Feature, name: &str) -> f64 {
    feature.property(name).unwrap_or_else(|| panic!("{name} in {:?}", feature.properties)).as_f64().unwrap()
}

fn geometry(feature: &Feature) -> geo::Geometry {
    feature.geometry.clone().unwrap().try_into().unwrap()
}

/// The areas of a feature, each of them valid.
#[track_caller]
fn areas(feature: &Feature) -> geo::MultiPolygon {
    let areas = match geometry(feature) {
        geo::Geometry::Polygon(polygon) => polygon.into(),
        geo::Geometry::MultiPolygon(polygons) => polygons,
        other => panic!("an area, not {other:?}"),
    };
    assert!(areas.check_validation().is_ok(), "{:?}", areas.check_validation());
    areas
}

/// A file of events, and what is found in it.
#[track_caller]
fn found_in(csv: &str, arguments: &[&str]) -> (FeatureCollection, Value) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.csv");
    fs::write(&path, csv).unwrap();
    found(&[&[path.to_str().unwrap()], arguments].concat())
}

#[test]
fn crime_in_liverpool_is_significant_in_its_centre() {
    let (cells, report) = found(&[&fixture("liverpool-crimes.csv.gz"), "--cell", "500m"]);
    assert_eq!(report["features"], cells.features.len());
    let about = &cells.foreign_members.as_ref().unwrap()["torrid"];
    assert_eq!((&about["find"], &about["quantity"]), (&"gistar".into(), &"events per cell".into()));
    let counted: f64 = cells.features.iter().map(|cell| number(cell, "value")).sum();
    assert_eq!(counted, report["events"].as_f64().unwrap(), "every event is in a cell");
    let hottest = cells.features.iter().max_by(|a, b| number(a, "z").total_cmp(&number(b, "z"))).unwrap();
    assert_eq!(hottest.property("class").unwrap(), "hot 99 %");
    assert!(areas(hottest).contains(&geo::Point::new(-2.983, 53.405)), "{:?}", hottest.geometry);
    let classes: BTreeMap<String, u64> = serde_json::from_value(report["classes"].clone()).unwrap();
    for (class, cells_of) in &classes {
        let told = cells.features.iter().filter(|cell| cell.property("class").unwrap() == class.as_str()).count();
        assert_eq!(told as u64, *cells_of, "{class}");
    }
    let ground = areas(hottest).geodesic_area_unsigned() / 1e6;
    assert!((number(hottest, "area_km2") / ground - 1.0).abs() < 0.006, "{ground}");
}

#[test]
fn only_the_hot_cells_are_written_where_only_they_are_kept() {
    let (cells, report) = found(&[&fixture("liverpool-crimes.csv.gz"), "--cell", "1km", "--keep", "hot"]);
    assert!(cells.features.iter().all(|cell| number(cell, "z") > 0.0 && number(cell, "q") <= 0.1));
    assert!(cells.features.len() as u64 + 100 < report["cells"].as_u64().unwrap(), "{report}");
    let (uncorrected, _) =
        found(&[&fixture("liverpool-crimes.csv.gz"), "--cell", "1km", "--keep", "hot", "--correction", "none"]);
    assert!(uncorrected.features.len() >= cells.features.len(), "correction takes away");
}

#[cfg(feature = "h3")]
#[test]
fn hexagons_hold_every_event_too() {
    let (cells, report) = found(&[&fixture("earthquakes.csv"), "--h3", "2"]);
    let counted: f64 = cells.features.iter().map(|cell| number(cell, "value")).sum();
    assert_eq!(counted, report["events"].as_f64().unwrap());
    assert!(cells.features.iter().any(|cell| number(cell, "value") == 0.0), "empty hexagons count as zeros");
    for cell in &cells.features {
        assert!(areas(cell).0.iter().flat_map(|p| p.exterior().coords()).all(|c| c.x.abs() <= 180.0));
    }
}

#[test]
fn scores_as_a_grid_are_those_of_the_cells() {
    let folder = tempfile::tempdir().unwrap();
    let (crimes, options) = (fixture("liverpool-crimes.csv.gz"), ["--cell", "2km", "-q", "-o"]);
    for out in ["z.csv", "z.npy", "z.tif", "z.geojson"] {
        assert!(run(folder.path(), &[&[&*crimes], &options[..], &[out]].concat()).status.success(), "{out}");
    }
    let text = fs::read_to_string(folder.path().join("z.geojson")).unwrap();
    let cells: FeatureCollection = text.parse().unwrap();
    let grid = fs::read_to_string(folder.path().join("z.csv")).unwrap();
    let rows: Vec<Vec<f64>> =
        grid.lines().skip(1).map(|l| l.split(',').map(|f| f.parse().unwrap()).collect()).collect();
    assert_eq!(rows.len(), cells.features.len());
    for (row, cell) in rows.iter().zip(&cells.features) {
        assert_eq!((row[0], row[1]), (number(cell, "row"), number(cell, "col")));
        assert!((row[4] - number(cell, "z")).abs() < 1e-5, "{row:?}");
        assert!(areas(cell).contains(&geo::Point::new(row[2], row[3])), "{row:?}");
    }
}

/// The positions of the crimes.
fn crimes() -> Vec<geo::Point> {
    let packed = fs::File::open(fixture("liverpool-crimes.csv.gz")).unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(packed), &mut text).unwrap();
    let position = |line: &str| {
        let mut fields = line.split(',').skip(2);
        Some(geo::Point::new(fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    text.lines().skip(1).filter_map(position).collect()
}

#[test]
fn isopleths_hold_the_events_that_they_say() {
    let (found, report) =
        found(&[&fixture("liverpool-crimes.csv.gz"), "--find", "isopleths", "-b", "400m", "--width", "120"]);
    assert_eq!(found.features.iter().map(|f| number(f, "share")).collect::<Vec<_>>(), [95.0, 90.0, 50.0]);
    let crimes = crimes();
    for feature in &found.features {
        let areas = areas(feature);
        let inside = crimes.iter().filter(|crime| areas.contains(*crime)).count() as f64;
        // Coordinates are rounded to a millionth of a cell, and the files have six decimals.
        assert!((inside - number(feature, "events")).abs() <= 2.0, "{inside} {}", number(feature, "events"));
        let share = 100.0 * inside / report["events"].as_f64().unwrap();
        assert!((share - number(feature, "share")).abs() < 8.0, "{share} % of the events");
        let ground = areas.geodesic_area_unsigned() / 1e6;
        assert!((number(feature, "area_km2") / ground - 1.0).abs() < 0.006, "{ground}");
    }
}

#[test]
fn bands_follow_each_other_and_contours_lie_between_them() {
    let crimes = fixture("liverpool-crimes.csv.gz");
    let options = ["-b", "600m", "--width", "90", "--levels", "5,50,200"];
    let (bands, _) = found(&[&[&*crimes, "--find", "bands"], &options[..]].concat());
    let (contours, _) = found(&[&[&*crimes, "--find", "contours"], &options[..]].concat());
    let sums = |name: &str| {
        bands
            .features
            .iter()
            .map(|band| number(band, name))
            .rev()
            .scan(0.0, |sum, more| {
                *sum += more;
                Some(*sum)
            })
            .collect::<Vec<f64>>()
    };
    let above = |name: &str| contours.features.iter().map(|line| number(line, name)).rev().collect::<Vec<f64>>();
    assert_eq!(sums("events"), above("events_above"));
    for (bands, contour) in sums("area_km2").iter().zip(above("area_above_km2")) {
        assert!((bands / contour - 1.0).abs() < 1e-9, "{bands} {contour}");
    }
    for (band, level) in bands.features.iter().zip([5.0, 50.0, 200.0]) {
        areas(band);
        assert_eq!(number(band, "from"), level);
    }
    assert!(bands.features[2].property("to").is_none(), "the last band has no upper end");
}

#[test]
fn across_the_antimeridian_nothing_spans_the_world() {
    let quakes = fixture("earthquakes.csv");
    for kind in ["bands", "isopleths", "contours", "peaks", "gistar"] {
        let all: &[&str] = match kind {
            "peaks" => &["-b", "200km", "--top", "500"],
            "gistar" => &[],
            _ => &["-b", "200km"],
        };
        let place = [&*quakes, "--find", kind, "--bounds", "150,-50,-150,10", "--width", "80"];
        let (found, _) = found(&[&place, all].concat());
        assert!(!found.features.is_empty(), "{kind}");
        let mut sides = [false, false];
        for feature in &found.features {
            let geometry = geometry(feature);
            let mut parts: Vec<Vec<geo::Coord>> = Vec::new();
            match &geometry {
                geo::Geometry::Point(point) => parts.push(vec![point.0]),
                geo::Geometry::LineString(line) => parts.push(line.0.clone()),
                geo::Geometry::MultiLineString(lines) => parts.extend(lines.0.iter().map(|line| line.0.clone())),
                _ => parts.extend(areas(feature).0.iter().map(|p| p.exterior().0.clone())),
            }
            for part in parts {
                assert!(part.iter().all(|c| c.x.abs() <= 180.0 && (c.x >= 149.9 || c.x <= -149.9)), "{kind}: {part:?}");
                let east = part.iter().all(|c| c.x > 0.0);
                assert!(east || part.iter().all(|c| c.x < 0.0), "{kind} spans the world: {part:?}");
                sides[usize::from(east)] = true;
            }
        }
        assert_eq!(sides, [true, true], "{kind} are found on both sides");
    }
}

#[test]
fn peaks_come_in_order_and_apart() {
    let (found, _) =
        found(&[&fixture("liverpool-crimes.csv.gz"), "--find", "peaks", "-b", "500m", "--width", "300", "--top", "7"]);
    let points: Vec<geo::Point> = found.features.iter().map(|f| geometry(f).try_into().unwrap()).collect();
    assert_eq!(points.len(), 7);
    assert!((points[0].x() + 2.98).abs() < 0.02 && (points[0].y() - 53.405).abs() < 0.01, "{:?}", points[0]);
    for (i, pair) in found.features.windows(2).enumerate() {
        assert!(number(&pair[0], "value") >= number(&pair[1], "value"));
        assert_eq!(number(&pair[0], "rank"), i as f64 + 1.0);
    }
    for (i, a) in points.iter().enumerate() {
        for b in &points[..i] {
            let (dx, dy) = ((a.x() - b.x()) * 66_300.0, (a.y() - b.y()) * 111_200.0);
            assert!(dx.hypot(dy) > 495.0, "{a:?} {b:?}");
        }
    }
}

#[test]
fn a_page_is_found_in_its_own_units() {
    let clicks = fixture("clicks-synthetic.csv");
    let (found, report) =
        found(&[&clicks, "--flat", "--find", "isopleths", "-b", "20px", "--bounds", "0,0,1280,900", "--width", "320"]);
    assert_eq!(report["quantity"], "events per px²");
    for feature in &found.features {
        let area = geo::Area::unsigned_area(&areas(feature));
        assert!((area / number(feature, "area") - 1.0).abs() < 1e-5, "{area}");
        assert!(geo::Area::signed_area(&areas(feature)) > 0.0, "outer rings run counterclockwise");
    }
}

#[test]
fn weights_and_readings_are_found_as_they_are_named() {
    let csv = "lon,lat,people,level\n0.1,0.1,10,3\n0.1,0.1,5,4\n0.5,0.5,2,9\n0.9,0.9,1,1\n";
    let (cells, _) = found_in(csv, &["--weight", "people", "--bounds", "0,0,1,1", "--size", "5x5"]);
    assert_eq!(cells.features.len(), 25);
    assert_eq!(cells.features.iter().map(|cell| number(cell, "value")).sum::<f64>(), 18.0);
    let (cells, _) = found_in(csv, &["--value", "level", "--bounds", "0,0,1,1", "--size", "5x5"]);
    assert_eq!(cells.features.len(), 3, "a mean says nothing where there is no reading");
    let cancelling = "lon,lat,w,level\n0.1,0.1,1,5\n0.1,0.1,-1,3\n0.9,0.9,1,2\n";
    for cells in [&["--size", "5x5"][..], if cfg!(feature = "h3") { &["--h3", "6"] } else { &["--size", "9x9"] }] {
        let options = ["--value", "level", "--weight", "w", "--bounds", "0,0,1,1"];
        let (cells, _) = found_in(cancelling, &[&options, cells].concat());
        assert_eq!(cells.features.len(), 1, "a mean of no weight says nothing either");
    }
    let (areas, _) = found_in(csv, &["--find", "isopleths", "--weight", "people", "-b", "5km", "--shares", "50"]);
    assert_eq!((number(&areas.features[0], "events"), number(&areas.features[0], "weight")), (2.0, 15.0));
}

#[test]
fn one_event_is_enough() {
    for kind in ["gistar", "contours", "bands", "isopleths", "peaks"] {
        let (found, report) = found_in("lon,lat\n2,48\n", &["--find", kind, "--width", "60"]);
        assert_eq!(report["events"], 1, "{kind}");
        assert!(!found.features.is_empty(), "{kind}");
    }
    let (peak, _) = found_in("lon,lat\n2,48\n", &["--find", "peaks", "-b", "1km"]);
    let point: geo::Point = geometry(&peak.features[0]).try_into().unwrap();
    assert!((point.x() - 2.0).abs() < 1e-4 && (point.y() - 48.0).abs() < 1e-4, "{point:?}");
}

#[test]
fn nothing_in_the_bounds_gives_an_empty_collection() {
    for kind in ["contours", "bands", "isopleths", "peaks"] {
        let (found, report) =
            found_in("lon,lat\n2,48\n", &["--find", kind, "--bounds", "10,10,11,11", "-b", "1km", "--width", "60"]);
        assert!(found.features.is_empty(), "{kind}");
        assert!(report["notes"].to_string().contains("nothing"), "{report}");
        assert!(found.foreign_members.unwrap().contains_key("torrid"));
    }
    let (cells, _) = found_in("lon,lat\n2,48\n", &["--bounds", "10,10,11,11", "--size", "4x4"]);
    assert!(cells.features.iter().all(|cell| number(cell, "z") == 0.0 && number(cell, "p") == 1.0));
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let folder = tempfile::tempdir().unwrap();
    let (crimes, quakes) = (fixture("liverpool-crimes.csv.gz"), fixture("earthquakes.csv"));
    for options in [
        &[&*crimes, "--width", "150"][..],
        &[&*quakes, "--h3", "2"],
        &[&*crimes, "--find", "bands", "-b", "500m", "--width", "150"],
        &[&*crimes, "--find", "isopleths", "-b", "500m", "--width", "150"],
        &[&*quakes, "--find", "peaks", "-b", "100km", "--width", "200"],
    ] {
        let with = |threads: &str| {
            let out = format!("{threads}.geojson");
            let run = run(folder.path(), &[options, &["-q", "-f", "-j", threads, "-o", &out]].concat());
            assert!(run.status.success(), "{options:?}: {}", String::from_utf8_lossy(&run.stderr));
            fs::read(folder.path().join(out)).unwrap()
        };
        assert!(with("1") == with("2"), "{options:?}");
    }
}

/// Runs `torrid hotspots` and checks that it refuses in one line that holds all of `words`, and writes nothing.
#[track_caller]
fn refused(arguments: &[&str], code: i32, words: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("old.geojson"), "what was there").unwrap();
    let run = run(folder.path(), arguments);
    let message = String::from_utf8(run.stderr).unwrap();
    assert_eq!(run.status.code(), Some(code), "{arguments:?}: {message}");
    for word in [&["error: ", "found ", "expected "], words].concat() {
        assert!(message.contains(word), "{arguments:?} should say `{word}`: {message}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "{arguments:?} leaves nothing behind");
    assert_eq!(fs::read(folder.path().join("old.geojson")).unwrap(), b"what was there");
}

#[test]
fn wrong_options_are_refused_before_an_input_is_opened() {
    let missing = "no-such-file.csv";
    for (options, words) in [
        (&["-o", "out.png"][..], &["out.png", ".geojson"][..]),
        (&["-o", "out"], &["no extension"]),
        (&["-o", "old.geojson"], &["--force"]),
        (&["-o", "out.tif", "--find", "bands"], &["shapes", "torrid render"]),
        (&["-o", "out.npy", "--h3", "5"], &["hexagons", "--cell"]),
        (&["-o", "out.tif", "--keep", "hot"], &["--keep"]),
        (&["-o", "o.json", "--bandwidth", "auto"], &["--bandwidth", "--h3"]),
        (&["-o", "o.json", "--values", "density"], &["--values"]),
        (&["-o", "o.json", "--levels", "1,2"], &["--levels", "contours or bands"]),
        (&["-o", "o.json", "--find", "peaks", "--shares", "50"], &["--shares", "isopleths"]),
        (&["-o", "o.json", "--find", "bands", "--h3", "5"], &["--h3", "gistar"]),
        (&["-o", "o.json", "--find", "bands", "--levels", "2,1"], &["--levels", "grow"]),
        (&["-o", "o.json", "--find", "bands", "--levels", "2,nan"], &["--levels", "grow"]),
        (&["-o", "o.json", "--find", "isopleths", "--shares", "0,50"], &["--shares", "percent"]),
        (&["-o", "o.json", "--find", "isopleths", "--shares", "50,101"], &["--shares", "100"]),
        (&["-o", "o.json", "--find", "peaks", "--top", "0"], &["--top", "at least 1"]),
        (&["-o", "o.json", "--h3", "16"], &["--h3", "0 to 15"]),
        (&["-o", "o.json", "--agg", "max", "--value", "v"], &["--agg", "mean"]),
        (&["-o", "o.json", "--agg", "sum"], &["--weight"]),
        (&["-o", "o.json", "--find", "isopleths", "--value", "v"], &["isopleths", "mass"]),
        (&["-o", "o.json", "--flat", "--h3", "5"], &["--h3", "flat"]),
    ] {
        refused(&[&[missing], options].concat(), 2, words);
    }
}

#[test]
fn inputs_that_hold_nothing_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let header = folder.path().join("header.csv");
    fs::write(&header, "lon,lat\n").unwrap();
    for kind in ["gistar", "isopleths", "peaks"] {
        refused(&[header.to_str().unwrap(), "-o", "o.json", "--find", kind], 1, &["no row"]);
    }
    refused(&[&fixture("us-airports.parquet"), "-o", "o.json", "--h3", "12"], 1, &["--h3", "million"]);
}

#[test]
fn real_earthquakes_are_found_round_the_pacific() {
    let Some(global) = common::shared("data/global") else { return };
    let quakes = global.join("earthquakes-1979-2009.csv.gz");
    let (found, report) = found(&[
        quakes.to_str().unwrap(),
        "--find",
        "isopleths",
        "-b",
        "100km",
        "--bounds",
        "110,-60,-110,60",
        "--width",
        "300",
    ]);
    let held = number(&found.features[2], "events") / report["events"].as_f64().unwrap();
    assert!((0.4..0.65).contains(&held), "half of the mass holds {held} of the events");
}
