//! Real tables and their counts, which were taken with another reader (see the README of the data), and the
//! ways from names to files.

mod common;

use std::fs;
use std::io::Write;
use std::path::Path;

use common::shared;
use torrid::source::{Columns, Compression, Inputs, Query, Reason, Tally};
use torrid::{Error, Events, Space};

fn earth() -> Query {
    Query::new(Space::Earth)
}

fn flat() -> Query {
    Query::new(Space::PAGE)
}

fn find(paths: &[&Path], query: &Query) -> Result<Inputs, Error> {
    let names: Vec<String> = paths.iter().map(|path| path.to_str().expect("a name").to_owned()).collect();
    Inputs::find(&names, query)
}

/// The events, the tally and the columns of some inputs.
fn taken(paths: &[&Path], query: &Query) -> Result<(Events, Tally, Columns), Error> {
    let mut source = find(paths, query)?.open(query)?;
    let columns = source.columns();
    let (mut events, mut tally) = (Events::new(query.space), Tally::default());
    let mut progress = 0.0;
    while let Some(part) = source.next_part()? {
        assert!(source.progress() >= progress, "progress goes back");
        progress = source.progress();
        let (some, counts) = part.read()?;
        events.x.extend(some.x);
        events.y.extend(some.y);
        tally.merge(counts);
    }
    Ok((events, tally, columns))
}

fn extent(events: &Events) -> [f64; 4] {
    let least = |values: &[f64]| values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = |values: &[f64]| values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    [least(&events.x), least(&events.y), most(&events.x), most(&events.y)]
}

fn near(extent: [f64; 4], expected: [f64; 4]) -> bool {
    extent.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-4)
}

fn complaint(paths: &[&Path], query: &Query) -> Error {
    taken(paths, query).map(|(events, ..)| format!("{} events", events.len())).expect_err("an error")
}

#[test]
fn real_tables_give_the_rows_the_blanks_and_the_extent_that_are_known() {
    let Some(data) = shared("data") else { return };
    for (file, query, records, blank, position, bounds) in [
        (
            "points/nyc-uber-pickups-2014-04-01_20.csv.gz",
            earth(),
            351_423,
            0,
            "Lon Lat",
            [-74.7733, 40.0729, -72.0666, 42.1166],
        ),
        ("points/uk-road-accidents.csv.gz", earth(), 140_056, 27, "lng lat", [-7.4229, 49.9156, 1.7584, 60.6611]),
        ("points/hong-kong-covid-cases.csv.gz", earth(), 29_266, 0, "lon lat", [113.8622, 22.201, 114.3101, 22.5528]),
        (
            "global/earthquakes-1979-2009.csv.gz",
            earth(),
            146_705,
            0,
            "longitude latitude",
            [-179.999, -83.902, 180.0, 87.221],
        ),
        (
            "global/geonames-cities.csv.gz",
            earth(),
            135_233,
            0,
            "longitude latitude",
            [-179.122, -77.846, 179.3645, 78.2233],
        ),
        ("global/us-airports.csv", earth(), 3_376, 0, "longitude latitude", [-176.646, 7.3672, 145.6214, 71.2854]),
        ("global/us-zipcodes.csv.gz", earth(), 42_049, 0, "longitude latitude", [-176.7874, -7.21, 166.4103, 70.4947]),
        ("global/opensky-flights-2020-07-14.csv.gz", earth(), 62_449, 0, "lon1 lat1", [f64::NAN; 4]),
        (
            "global/fires-modis-2022-03-28_04-01.csv.gz",
            earth(),
            35_275,
            0,
            "longitude latitude",
            [-172.3182, -46.2437, 176.1985, 61.3518],
        ),
        ("tracks/csv-obiszow-mtb.csv", earth(), 978, 0, "lon lat", [16.0637, 51.5475, 16.1331, 51.5977]),
        (
            "readings/openaq-lithuania-semicolon.csv",
            earth(),
            63,
            0,
            "Longitude Latitude",
            [21.1411, 54.0925, 26.0042, 56.3097],
        ),
        (
            "readings/no2-germany-2017.csv",
            earth(),
            74,
            0,
            "station_longitude_deg station_latitude_deg",
            [6.1959, 47.518, 14.7497, 54.925],
        ),
        ("readings/meuse.csv", flat(), 155, 0, "x y", [178_605.0, 329_714.0, 181_390.0, 333_611.0]),
        ("readings/swiss-rainfall-sic97.csv", flat(), 467, 0, "x y", [-159_812.0, -109_008.0, 172_891.0, 105_361.0]),
        ("clicks/wnba-shots-2023-to-july.csv.gz", flat(), 26_183, 0, "x_position y_position", [0.0, 0.0, 50.0, 82.0]),
        ("clicks/balabit-user12-pointer-events.csv.gz", flat(), 246_824, 0, "x y", [0.0, 0.0, 65_535.0, 65_535.0]),
    ] {
        let (events, tally, columns) = taken(&[&data.join(file)], &query).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(tally.records, records, "records of {file}");
        assert_eq!(tally.count(&Reason::NoPosition), blank, "blanks of {file}");
        assert_eq!(tally.bad(), blank, "other bad records of {file}: {:?}", tally.skipped);
        assert_eq!(events.len() as u64, records - blank, "events of {file}");
        assert_eq!(columns.position.join(" "), position, "columns of {file}");
        assert!(bounds[0].is_nan() || near(extent(&events), bounds), "extent of {file}: {:?}", extent(&events));
    }
}

#[test]
fn four_months_of_crime_are_one_input() {
    let Some(points) = shared("data/points") else { return };
    let (events, tally, _) = taken(&[&points.join("uk-street-crime-*.csv.gz")], &earth()).expect("readable");
    assert_eq!(tally.records, 1_428_301, "rows");
    assert_eq!(tally.count(&Reason::NoPosition), 33_509, "without position");
    assert_eq!(tally.bad(), 33_509, "bad for no other reason");
    assert_eq!(events.len(), 1_428_301 - 33_509, "events");
    assert!(near(extent(&events), [-8.1483, 49.9132, 1.7595, 57.6109]), "extent {:?}", extent(&events));
}

#[test]
fn dirty_taxi_rows_are_kept_where_they_are_on_the_earth() {
    let Some(data) = shared("data") else { return };
    let path = data.join("points/nyc-taxi-fares-50k.csv.gz");
    let (events, tally, columns) = taken(&[&path], &earth()).expect("readable");
    assert_eq!((tally.records, tally.bad()), (50_000, 1), "all but the latitude of 401.08");
    assert_eq!(tally.count(&Reason::PerhapsSwapped), 1, "401.08");
    assert_eq!(events.x.iter().filter(|x| **x > 0.0).count(), 19, "positive longitudes");
    let pair = |end: &str| (format!("{end}_longitude"), format!("{end}_latitude"));
    assert_eq!(columns.pairs, [pair("pickup"), pair("dropoff")], "both pairs are found");
    assert_eq!(columns.time.as_deref(), Some("pickup_datetime"), "time");
}

#[test]
fn mapshapers_encodings_and_blanks_are_read() {
    let Some(dir) = shared("data/formats/csv-mapshaper") else { return };
    for name in ["two_states.csv", "two_states.tsv"] {
        let (events, _, columns) = taken(&[&dir.join(name)], &earth()).expect("readable");
        assert_eq!((events.x, events.y), (vec![-120.55, -120.0], vec![43.94, 47.38]), "{name}");
        assert_eq!(columns.position, ["LONG", "LAT"], "{name}");
    }
    assert!(complaint(&[&dir.join("empty.csv")], &earth()).to_string().contains("an empty file"), "empty");
    // These have no position; their columns, named in the message, show how their text was understood.
    let csv = Query { format: Some("csv".into()), ..earth() };
    for name in ["utf8_bom.csv", "utf16_be_bom.csv", "utf16_le_bom.csv"] {
        let message = complaint(&[&dir.join(name)], &csv).to_string();
        assert!(message.contains("the columns `election_dt`, `county_name`, `polling_place_id`"), "{name}: {message}");
    }
    for name in ["utf8bom.txt", "utf16.txt", "utf16le.txt", "utf16bom.txt", "utf16le_bom.txt"] {
        let message = complaint(&[&dir.join(name)], &csv).to_string();
        assert!(message.contains("the columns `NAME`;"), "{name}: {message}");
    }
    for name in ["empty_fields.csv", "empty_fields2.csv", "empty_fields3.csv"] {
        let (events, tally, columns) = taken(&[&dir.join(name)], &earth()).expect("readable");
        let position = ["Residence_Addresses_Longitude", "Residence_Addresses_Latitude"];
        assert_eq!(columns.position, position, "{name}");
        assert_eq!(tally.records, events.len() as u64 + tally.count(&Reason::NoPosition), "{name}");
    }
}

#[test]
fn semicolons_a_mark_and_a_swapped_order_are_told() {
    let Some(data) = shared("data/readings") else { return };
    let (_, _, columns) = taken(&[&data.join("openaq-lithuania-semicolon.csv")], &earth()).expect("readable");
    assert_eq!(columns.format, "csv, delimiter ;", "format");
    assert_eq!(columns.names[0], "Country Code", "the mark is no part of the first name");
    assert_eq!(columns.weights, ["Value"], "weights");
}

/// A folder with `a.csv`, `b.csv.gz`, `sub/c.tsv.zst`, and files that are none of ours.
fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let packed = |bytes: &[u8]| {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(bytes).expect("packed");
        gz.finish().expect("packed")
    };
    fs::write(dir.path().join("a.csv"), "lon,lat\n1,1\n").expect("a");
    // Two members, as `cat x.gz y.gz` makes them.
    let members = [packed(b"lon,lat\n2,2\n"), packed(b"3,3\n")].concat();
    fs::write(dir.path().join("b.csv.gz"), members).expect("b");
    fs::create_dir(dir.path().join("sub")).expect("sub");
    let frame = zstd::encode_all(&b"lat\tlon\n4\t4\n"[..], 1).expect("packed");
    fs::write(dir.path().join("sub/c.tsv.zst"), frame).expect("c");
    fs::write(dir.path().join("README.md"), "none of ours").expect("readme");
    fs::write(dir.path().join(".hidden.csv"), "none of ours").expect("hidden");
    dir
}

#[test]
fn a_folder_gives_its_files_in_order_whatever_their_packing() {
    let dir = folder();
    let inputs = find(&[dir.path()], &earth()).expect("three files");
    let packing: Vec<Compression> = inputs.inputs.iter().map(|input| input.compression).collect();
    assert_eq!(packing, [Compression::None, Compression::Gzip, Compression::Zstd], "packing");
    assert_eq!(inputs.inputs.iter().map(|input| input.number).collect::<Vec<_>>(), [0, 1, 2], "numbers");
    let (events, tally, _) = taken(&[dir.path()], &earth()).expect("readable");
    assert_eq!((events.x, tally.records), (vec![1.0, 2.0, 3.0, 4.0], 4), "events");
    let columns = inputs.columns(&earth()).expect("columns");
    assert_eq!(columns[2].format, "tsv, delimiter tab", "columns of each");
}

#[test]
fn a_file_reached_twice_is_read_once() {
    let dir = folder();
    let glob = dir.path().join("*.csv*");
    let (events, ..) = taken(&[&dir.path().join("b.csv.gz"), &glob, dir.path()], &earth()).expect("readable");
    assert_eq!(events.x, [2.0, 3.0, 1.0, 4.0], "in the order of the names");
}

#[test]
fn names_that_lead_nowhere_are_told_apart() {
    let dir = folder();
    let missing = complaint(&[&dir.path().join("d.csv")], &earth());
    assert!(missing.to_string().contains("no such file") && missing.exit_code() == 1, "{missing}");
    let unknown = complaint(&[&dir.path().join("README.md")], &earth());
    assert!(unknown.to_string().contains("--format: csv, tsv,") && unknown.exit_code() == 2, "{unknown}");
    let glob = complaint(&[&dir.path().join("*.xls")], &earth());
    assert!(glob.to_string().contains("no file there"), "{glob}");
    fs::create_dir(dir.path().join("none")).expect("none");
    fs::write(dir.path().join("none/x.doc"), "x").expect("x");
    let folder = complaint(&[&dir.path().join("none")], &earth());
    assert!(folder.to_string().contains("1 file of unknown format"), "{folder}");
    let format = complaint(&[dir.path()], &Query { format: Some("xls".into()), ..earth() });
    assert!(format.to_string().contains("expected one of csv, tsv,") && format.exit_code() == 2, "{format}");
    let input = complaint(&[Path::new("-")], &earth());
    assert!(input.to_string().contains("--format") && input.exit_code() == 2, "{input}");
    assert_eq!(complaint(&[], &earth()).exit_code(), 2, "nothing named");
}

#[test]
fn a_format_said_overrides_the_name() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("points.txt");
    fs::write(&path, "lon|lat\n1|2\n").expect("written");
    let (events, ..) = taken(&[&path], &Query { format: Some("CSV".into()), ..earth() }).expect("readable");
    assert_eq!(events.y, [2.0], "read as CSV");
}

#[test]
fn a_packed_file_cut_short_is_the_fault_of_the_file() {
    let dir = folder();
    let mut rows = b"lon,lat\n".to_vec();
    (0..100_000u32).for_each(|i| rows.extend(format!("{},{}\n", i % 180, i % 89).into_bytes()));
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(&rows).expect("packed");
    let whole = gz.finish().expect("packed");
    let zst = zstd::encode_all(&rows[..], 1).expect("packed");
    for (name, bytes) in [("cut.csv.gz", &whole), ("cut.csv.zst", &zst)] {
        let path = dir.path().join(name);
        fs::write(&path, &bytes[..bytes.len() / 2]).expect("written");
        let error = complaint(&[&path], &earth());
        assert!(error.to_string().contains(name) && error.to_string().contains("cut short"), "{error}");
        assert_eq!(error.fault(), torrid::error::Fault::Input, "{name}");
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_can_be_read_more_than_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let pipe = dir.path().join("pipe.csv");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
    assert!(made.success(), "a pipe");
    let writer = {
        let pipe = pipe.clone();
        std::thread::spawn(move || fs::write(pipe, "lon,lat\n1,2\n"))
    };
    let inputs = find(&[&pipe], &earth()).expect("a pipe");
    writer.join().expect("joined").expect("written");
    for _ in 0..2 {
        let mut source = inputs.open(&earth()).expect("open");
        let part = source.next_part().expect("readable").expect("a part");
        assert_eq!(part.read().expect("readable").0.x, [1.0], "the same each time");
    }
    let copy = inputs.inputs[0].path.clone();
    assert!(copy.exists(), "the copy stays while it may be read");
    drop(inputs);
    assert!(!copy.exists(), "the copy is gone with its input");
}
