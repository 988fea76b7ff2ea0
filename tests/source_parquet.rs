//! The door for Parquet: the same events as the twin in text, whatever the geometry is written as, and
//! statistics only where they are exact.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
mod doors;

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Decimal128Array, FixedSizeListArray, Float32Array, Float64Array, Int32Array,
    RecordBatch, StringArray, TimestampMillisecondArray, UInt64Array,
};
use arrow::datatypes::{DataType, Field};
use common::shared;
use doors::{Read, earth, positions, read, read_bytes};
use parquet::arrow::ArrowWriter;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use torrid::source::{Input, Query, Reason};
use torrid::{Events, Space};

fn columns(named: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(named.into_iter().map(|(name, array)| (name, array, true))).unwrap()
}

/// A file of one batch; `geo` is its metadata of that key.
fn file(batch: &RecordBatch, geo: Option<&str>, properties: Option<WriterProperties>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), properties).unwrap();
    if let Some(geo) = geo {
        writer.append_key_value_metadata(KeyValue::new("geo".into(), geo.to_owned()));
    }
    writer.write(batch).unwrap();
    writer.close().unwrap();
    bytes
}

fn take(batch: &RecordBatch, query: &Query) -> Read {
    read_bytes("a.parquet", file(batch, None, None), query).unwrap()
}

fn floats(values: &[f64]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

/// The points of a text in WKT, one list a row; none for a blank.
fn wkt_points(text: &str) -> Vec<(f64, f64)> {
    let body = text.find('(').map_or("", |at| &text[at..]);
    let numbers = |point: &str| {
        let mut numbers = point.split_whitespace().map(|n| n.parse::<f64>().unwrap());
        (numbers.next().unwrap(), numbers.next().unwrap())
    };
    let bare = body.replace(['(', ')'], "");
    bare.split(',').filter(|point| !point.trim().is_empty()).map(numbers).collect()
}

fn equals_rows(path: &Path, rows: &[String]) {
    let expected: Vec<_> = rows.iter().flat_map(|row| wkt_points(row)).collect();
    let empty = rows.iter().filter(|row| wkt_points(row).is_empty()).count() as u64;
    let found = read(path, &earth()).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(positions(&found.events), expected, "{}", path.display());
    assert_eq!(found.tally.count(&Reason::NoPosition), empty, "{}", path.display());
    assert_eq!(found.tally.records, expected.len() as u64 + empty, "{}", path.display());
    assert_eq!(found.columns.position, ["geometry"], "{}", path.display());
}

#[test]
fn official_points_equal_their_wkt_and_other_geometries_are_counted() {
    let Some(folder) = shared("data/formats/geoparquet/test_data") else { return };
    for (kind, name) in [
        ("point", ""),
        ("multipoint", ""),
        ("linestring", "LineString"),
        ("polygon", "Polygon"),
        ("multilinestring", "MultiLineString"),
        ("multipolygon", "MultiPolygon"),
    ] {
        let text = std::fs::read_to_string(folder.join(format!("data-{kind}-wkt.csv"))).unwrap();
        let rows: Vec<String> =
            text.lines().skip(1).map(|row| row.split_once(',').unwrap().1.replace('"', "")).collect();
        let path = folder.join(format!("data-{kind}-encoding_wkb.parquet"));
        if name.is_empty() {
            equals_rows(&path, &rows);
            continue;
        }
        let tally = read(&path, &earth()).unwrap().tally;
        let blank = rows.iter().filter(|row| row.is_empty()).count() as u64;
        assert_eq!(tally.count(&Reason::NotAPoint(name.into())), rows.len() as u64 - blank, "{kind}");
        assert_eq!(tally.count(&Reason::NoPosition), blank, "{kind}");
    }
}

#[test]
fn geoarrow_points_equal_their_wkt_in_every_encoding() {
    let Some(folder) = shared("data/formats/geoarrow") else { return };
    for kind in ["point", "multipoint"] {
        for dimension in ["", "-z", "-m", "-zm"] {
            let stem = format!("example_{kind}{dimension}");
            let text = std::fs::read_to_string(folder.join(format!("{stem}.tsv"))).unwrap();
            let rows: Vec<String> = text.lines().skip(1).map(str::to_owned).collect();
            for encoding in ["", "_geo", "_native"] {
                equals_rows(&folder.join(format!("{stem}{encoding}.parquet")), &rows);
            }
        }
    }
}

#[test]
fn reference_systems_are_learnt_or_asked_for() {
    let Some(folder) = shared("data/formats/geoarrow/crs") else { return };
    for (name, known) in [
        ("vermont-crs84", true),
        ("vermont-4326", true),
        ("vermont-utm", true),
        ("vermont-crs84-auth-code", true),
        ("vermont-crs84-unknown", true),
        ("vermont-custom", false),
    ] {
        let path = folder.join(format!("example-crs_{name}.parquet"));
        match read(&path, &earth()) {
            Ok(found) => {
                assert!(known, "{name} has no number");
                assert_eq!(found.tally.count(&Reason::NotAPoint("Polygon".into())), 1, "{name}");
            }
            Err(error) => assert!(!known && error.to_string().contains("--crs"), "{name}: {error}"),
        }
    }
}

/// The taxi fares as text, which has no quotes.
fn taxi_rows(path: &Path) -> Vec<Vec<String>> {
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    text.lines().skip(1).map(|row| row.split(',').map(str::to_owned).collect()).collect()
}

#[test]
fn taxi_fares_equal_their_twin_in_text() {
    let Some(path) = shared("data/points/nyc-taxi-fares-50k.parquet") else { return };
    let Some(twin) = shared("data/points/nyc-taxi-fares-50k.csv.gz") else { return };
    let number = |text: &String| text.parse::<f64>().unwrap();
    let rows = taxi_rows(&twin);
    assert_eq!(rows.len(), 50_000);
    let usable: Vec<_> = rows.iter().filter(|row| number(&row[4]).abs() <= 90.0).collect();
    let expected: Vec<_> = usable.iter().map(|row| (number(&row[3]), number(&row[4]))).collect();
    let found = read(&path, &earth()).unwrap();
    assert_eq!(positions(&found.events), expected);
    assert_eq!((found.tally.records, found.tally.bad()), (50_000, 50_000 - expected.len() as u64));
    assert_eq!(found.columns.pairs.len(), 2, "pickup and dropoff");

    let query = Query { weight: Some("passenger_count".into()), value: Some("fare_amount".into()), ..earth() };
    let weighted = read(&path, &query).unwrap();
    assert_eq!(positions(&weighted.events), expected, "the fast path changes nothing");
    assert_eq!(weighted.events.value.unwrap(), usable.iter().map(|row| number(&row[1])).collect::<Vec<_>>());
    assert_eq!(weighted.events.weight.unwrap(), usable.iter().map(|row| number(&row[7])).collect::<Vec<_>>());

    let dropoff = Query { x: Some("dropoff_longitude".into()), y: Some("dropoff_latitude".into()), ..earth() };
    let expected: Vec<_> = rows.iter().map(|row| (number(&row[5]), number(&row[6]))).collect();
    assert_eq!(positions(&read(&path, &dropoff).unwrap().events), expected);
}

#[test]
fn coordinates_are_read_from_every_type_of_number() {
    let expected = [(1.0, 2.0), (3.0, 4.0)];
    let as_f64 = floats(&[1.0, 3.0]);
    let lats: Vec<ArrayRef> = vec![
        floats(&[2.0, 4.0]),
        Arc::new(Float32Array::from(vec![2.0, 4.0])),
        Arc::new(Int32Array::from(vec![2, 4])),
        Arc::new(UInt64Array::from(vec![2, 4])),
        Arc::new(Decimal128Array::from(vec![200, 400]).with_precision_and_scale(9, 2).unwrap()),
        Arc::new(StringArray::from(vec!["2", " 4.0 "])),
    ];
    for lat in lats {
        let kind = lat.data_type().clone();
        let found = take(&columns(vec![("lon", as_f64.clone()), ("lat", lat)]), &earth());
        assert_eq!(positions(&found.events), expected, "{kind}");
    }
    let flags: ArrayRef = Arc::new(BooleanArray::from(vec![true, false]));
    let bytes = file(&columns(vec![("lon", as_f64), ("lat", flags)]), None, None);
    let error = read_bytes("a.parquet", bytes, &earth()).unwrap_err().to_string();
    assert!(error.contains("column `lat`") && error.contains("Boolean"), "{error}");
}

#[test]
fn times_of_the_format_limit_like_written_ones() {
    let times: ArrayRef = Arc::new(TimestampMillisecondArray::from(vec![Some(1_000), Some(2_000), None, Some(3_000)]));
    let batch = columns(vec![("lon", floats(&[1., 2., 3., 4.])), ("lat", floats(&[0.; 4])), ("time", times)]);
    let query = Query { after: Some(2_000_000), before: Some(3_000_000), ..earth() };
    let found = take(&batch, &query);
    assert_eq!(found.events.x, [2.0]);
    assert_eq!(found.tally.count(&Reason::BadTime), 1);
    assert_eq!(found.tally.count(&Reason::FilteredOut), 2);
}

/// Ten thousand positions, some of which cannot be used.
fn dirty() -> RecordBatch {
    let mut x: Vec<Option<f64>> = (0..10_000).map(|i| Some(f64::from(i) / 100.0)).collect();
    let y: Vec<Option<f64>> = (0..10_000).map(|i| Some(f64::from(i % 90))).collect();
    (x[3], x[5000], x[5001], x[9999]) = (None, Some(f64::NAN), Some(190.0), Some(1e9));
    columns(vec![("lon", Arc::new(Float64Array::from(x))), ("lat", Arc::new(Float64Array::from(y)))])
}

#[test]
fn the_fast_path_equals_the_row_by_row_one() {
    let batch = dirty();
    let lon = batch.column(0).clone();
    let weighted = columns(vec![
        ("lon", lon),
        ("lat", batch.column(1).clone()),
        ("one", Arc::new(Int32Array::from(vec![1; 10_000]))),
    ]);
    let fast = take(&batch, &earth());
    let slow = take(&weighted, &Query { weight: Some("one".into()), ..earth() });
    assert_eq!(positions(&fast.events), positions(&slow.events));
    assert_eq!(fast.tally, slow.tally);
    assert_eq!(fast.events.len(), 9997);
    assert_eq!(fast.tally.skipped[&Reason::NotANumber].1.line, 5001);
    assert_eq!(fast.events.x[4999].to_bits(), (-170.0f64).to_bits(), "longitudes to 360 wrap");
    let error = read_bytes("a.parquet", file(&batch, None, None), &Query { strict: true, ..earth() }).unwrap_err();
    assert!(error.to_string().starts_with("a.parquet, row 4: found no position"), "{error}");
}

#[test]
fn row_groups_and_slices_come_in_order() {
    let n = 2_500_000;
    let x: Vec<f64> = (0..n).map(|i| f64::from(i) * 1e-6).collect();
    let batch = columns(vec![("x", floats(&x)), ("y", floats(&x))]);
    for group in [n as usize, 700_000] {
        let properties = WriterProperties::builder().set_max_row_group_row_count(Some(group)).build();
        let found = read_bytes("a.parquet", file(&batch, None, Some(properties)), &earth()).unwrap();
        assert_eq!(found.events, Events::at(Space::Earth, x.clone(), x.clone()), "{group}");
        assert_eq!(found.tally.records, 2_500_000);
    }
}

fn bounds(bytes: &[u8], query: &Query) -> Option<[f64; 4]> {
    let folder = std::env::temp_dir().join(format!("torrid-bounds-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("b.parquet");
    std::fs::write(&path, bytes).unwrap();
    Input::new(0, &path, "b", query).unwrap().open(query).unwrap().stated_bounds()
}

#[test]
fn bounds_are_stated_only_where_no_row_can_be_left_out() {
    let batch = |x: &[f64], y: &[f64]| columns(vec![("lon", floats(x)), ("lat", floats(y)), ("n", floats(y))]);
    let clean = batch(&[1.0, -3.0, 2.0], &[50.0, 51.0, 49.0]);
    let stated = |batch: &RecordBatch, query: &Query| bounds(&file(batch, None, None), query);
    assert_eq!(stated(&clean, &earth()), Some([-3.0, 49.0, 2.0, 51.0]));
    assert_eq!(stated(&clean, &Query { weight: Some("n".into()), ..earth() }), None, "a weight may be bad");
    assert_eq!(stated(&batch(&[1.0], &[91.0]), &earth()), None, "off the Earth");
    assert_eq!(stated(&batch(&[190.0], &[1.0]), &earth()), None, "it wraps");
    assert_eq!(stated(&batch(&[1.0], &[91.0]), &Query::new(Space::PAGE)), Some([1.0, 91.0, 1.0, 91.0]));
    assert_eq!(stated(&dirty(), &earth()), None, "nulls");
    let silent = WriterProperties::builder().set_statistics_enabled(EnabledStatistics::None).build();
    assert_eq!(bounds(&file(&clean, None, Some(silent)), &earth()), None, "no statistics");
    let two = WriterProperties::builder().set_max_row_group_row_count(Some(2)).build();
    assert_eq!(bounds(&file(&clean, None, Some(two)), &earth()), Some([-3.0, 49.0, 2.0, 51.0]), "two groups");
}

#[test]
fn interleaved_points_and_damaged_wkb_are_told_apart() {
    let item = Arc::new(Field::new("xy", DataType::Float64, true));
    let points = FixedSizeListArray::new(item, 2, floats(&[1., 2., 3., 4.]), None);
    let geo =
        r#"{"version":"1.1.0","primary_column":"p","columns":{"p":{"encoding":"point","geometry_types":["Point"]}}}"#;
    let bytes = file(&columns(vec![("p", Arc::new(points))]), Some(geo), None);
    assert_eq!(positions(&read_bytes("a.geoparquet", bytes, &earth()).unwrap().events), [(1.0, 2.0), (3.0, 4.0)]);

    let mut point = vec![1, 1, 0, 0, 0];
    point.extend([5.0f64, 6.0].iter().flat_map(|n| n.to_le_bytes()));
    let mut hollow = point.clone();
    hollow[5..].copy_from_slice(&[f64::NAN, f64::NAN].map(f64::to_le_bytes).concat());
    let rows = vec![Some(&point[..]), Some(&point[..9]), Some(b""), Some(&hollow), None];
    let batch = columns(vec![("geom", Arc::new(BinaryArray::from(rows)))]);
    let found = take(&batch, &earth());
    assert_eq!(positions(&found.events), [(5.0, 6.0)]);
    assert_eq!(found.tally.count(&Reason::Malformed), 2);
    assert_eq!(found.tally.count(&Reason::NoPosition), 2);
}

#[test]
fn damaged_files_are_refused_with_words() {
    let whole = file(&dirty(), None, None);
    let mut bent = whole.clone();
    bent[4..100].fill(0xa5);
    for bytes in [
        Vec::new(),
        b"PAR1".to_vec(),
        b"lon,lat\n1,2\n".to_vec(),
        vec![0; 10_000],
        whole[..whole.len() / 2].to_vec(),
        whole[..whole.len() - 1].to_vec(),
        whole[whole.len() / 2..].to_vec(),
        bent,
    ] {
        let error = read_bytes("a.parquet", &bytes, &earth()).unwrap_err();
        assert_eq!(error.exit_code(), 1, "{error}");
        let error = error.to_string();
        assert!(
            error.starts_with("a.parquet") && error.contains("found") && error.contains("fetch or write"),
            "{error}"
        );
    }
}

#[test]
fn metadata_that_is_wrong_is_refused_with_words() {
    let batch = columns(vec![("p", floats(&[1.0])), ("q", floats(&[1.0]))]);
    for geo in [
        "",
        "7",
        "{}",
        r#"{"primary_column":"z","columns":{"z":{"encoding":"WKB"}}}"#,
        r#"{"primary_column":"p","columns":{}}"#,
        r#"{"primary_column":"p","columns":{"p":{"encoding":"WKT"}}}"#,
        r#"{"primary_column":"p","columns":{"p":{"encoding":"WKB"}}}"#,
        r#"{"primary_column":"p","columns":{"p":{"encoding":"WKB","crs":{"name":"local"}}}}"#,
        r#"{"primary_column":"p","columns":{"p":{"encoding":"WKB","crs":7}}}"#,
    ] {
        let error = read_bytes("a.parquet", file(&batch, Some(geo), None), &earth()).unwrap_err();
        assert_eq!(error.exit_code(), 1, "{error}");
        assert!(error.to_string().contains("found"), "{geo}: {error}");
        let named = Query { x: Some("p".into()), y: Some("q".into()), ..earth() };
        let found = read_bytes("a.parquet", file(&batch, Some(geo), None), &named);
        assert_eq!(found.expect("columns named by the caller come first").events.len(), 1);
    }
}
