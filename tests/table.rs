//! Tables read as matrices, and records arranged as matrices: what others read from the same files, what was written is
//! read, and nothing that is damaged makes anything worse than an error.

mod common;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use common::shared;
use proptest::prelude::*;
use torrid::arrange::{Aggregate, Pivot};
use torrid::source::table::{Ask, FORMATS, Index, TableQuery, read_matrix, read_records};
use torrid::{Error, Matrix};

/// A file of these bytes that is gone with the folder.
fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).expect("a file");
    (dir, path)
}

/// The matrix and the notes that a text is read as.
fn of_text(name: &str, text: &str, query: &TableQuery) -> (Matrix, Vec<String>) {
    let (_dir, path) = file(name, text.as_bytes());
    let read = read_matrix(&path, query).expect("a matrix");
    (read.matrix, read.notes)
}

fn error(name: &str, bytes: &[u8], query: &TableQuery) -> Error {
    let (_dir, path) = file(name, bytes);
    read_matrix(&path, query).expect_err("no matrix")
}

fn sum(matrix: &Matrix) -> f64 {
    matrix.values().iter().filter(|value| !value.is_nan()).sum()
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * b.abs().max(1.0)
}

/// Records of a file as a matrix.
fn pivot(path: &Path, rows: &str, columns: &str, value: &str, aggregate: Option<Aggregate>) -> Matrix {
    let ask = Ask {
        rows: rows.parse().expect("a key"),
        columns: columns.parse().expect("a key"),
        value: Some(value.to_owned()),
    };
    let mut pivot = Pivot::new(rows, columns, value, aggregate);
    pivot.expect(ask.rows.all(), ask.columns.all());
    let query = TableQuery::default();
    let add = &mut |row: &str, column: &str, value| pivot.add(row, column, value);
    read_records(path, &ask, &query, add).expect("records");
    pivot.finish().expect("a matrix")
}

#[test]
fn wide_tables_of_others_are_read_as_pandas_reads_them() {
    let Some(dir) = shared("data/matrices") else { return };
    let header = TableQuery { header: Some(3), ..TableQuery::default() };
    let plain = TableQuery::default();
    // The sums and the cells without data are those of pandas 3.1.
    for (name, query, height, width, total, missing) in [
        ("brain_networks.csv.gz", &header, 920, 62, 195.781_771_210_546_1, 0),
        ("iris.csv", &plain, 150, 4, 2078.7, 0),
        ("penguins.csv", &plain, 344, 4, 1_526_600.0, 8),
        ("us-unemployment-1948.csv", &plain, 69, 13, 5211.8, 0),
        ("volcano-maungawhau.json", &plain, 61, 87, 690_907.0, 0),
        ("gct/mini_gctoo_for_testing.gct", &plain, 6, 6, 78.993_080_854_415_9, 0),
        ("gct/mini_gctoo_for_testing_nometa.gct", &plain, 6, 6, 78.9931, 0),
        ("gct/older_version_v1_2.gct", &plain, 5, 3, 2471.36, 0),
        ("gct/test_p100.gct", &plain, 96, 96, -16_065.167_181_139_832, 1),
        ("gct/test_v1point2_n5x10.gct", &plain, 10, 5, 387.9542, 0),
    ] {
        let matrix = read_matrix(&dir.join(name), query).expect(name).matrix;
        assert_eq!((matrix.height(), matrix.width()), (height, width), "{name}");
        assert!(near(sum(&matrix), total), "{name}: {}", sum(&matrix));
        assert_eq!(matrix.values().iter().filter(|value| value.is_nan()).count(), missing, "{name}");
    }
}

#[test]
fn labels_and_attributes_of_others_are_found() {
    let Some(dir) = shared("data/matrices") else { return };
    let query = TableQuery { header: Some(3), ..TableQuery::default() };
    let brain = read_matrix(&dir.join("brain_networks.csv.gz"), &query).expect("brain").matrix;
    assert_eq!(brain.columns.labels[..3], ["1-1-lh", "1-1-rh", "2-1-lh"]);
    assert_eq!(brain.rows.labels[..3], ["0", "1", "2"]);
    assert_eq!(brain.get(5, 7), -35.409_416_198_730_47);
    let names: Vec<&str> = brain.columns.attributes.iter().map(|of| &*of.name).collect();
    assert_eq!(names, ["network", "node", "hemi"]);
    assert_eq!(brain.columns.attributes[2].words[..2], ["lh", "rh"]);
    let read = read_matrix(&dir.join("us-unemployment-1948.csv"), &TableQuery::default()).expect("unemployment");
    assert_eq!((&*read.matrix.rows.title, &*read.matrix.rows.labels[68]), ("Year", "2016"));
    assert_eq!(read.notes, ["row labels from column `Year`; --index none takes it for values"]);
    let iris = read_matrix(&dir.join("iris.csv"), &TableQuery::default()).expect("iris").matrix;
    assert_eq!((&*iris.rows.labels[149], &*iris.rows.attributes[0].words[149]), ("149", "virginica"));
    let genes = read_matrix(&dir.join("gct/mini_gctoo_for_testing.gct"), &TableQuery::default()).expect("genes").matrix;
    assert_eq!(genes.rows.attributes.len(), 5);
    assert_eq!(genes.columns.attributes[0].words[0], "14|15|14");
}

#[test]
fn long_tables_of_others_are_arranged_as_pandas_arranges_them() {
    let Some(dir) = shared("data/matrices") else { return };
    let flights = pivot(&dir.join("flights.csv"), "month", "year", "passengers", None);
    assert_eq!((flights.height(), flights.width(), &*flights.name), (12, 12, "passengers"));
    assert_eq!((&*flights.rows.labels[6], &*flights.columns.labels[11]), ("July", "1960"));
    assert_eq!((flights.get(6, 11), sum(&flights)), (622.0, 40_363.0));
    let glue = pivot(&dir.join("glue.csv"), "Model", "Task", "Score", Some(Aggregate::Mean));
    assert_eq!(glue.rows.labels[..5], ["BERT", "BiLSTM", "BiLSTM+Attn", "BiLSTM+CoVe", "BiLSTM+ELMo"]);
    assert_eq!(glue.columns.labels, ["CoLA", "MNLI", "MRPC", "QNLI", "QQP", "RTE", "SST-2", "STS-B"]);
    assert!(near(sum(&glue), 4837.1), "{}", sum(&glue));
    assert_eq!((glue.get(0, 0), &*glue.name), (60.5, "mean of Score"));
}

#[test]
fn readings_of_weekdays_are_those_that_pandas_finds() {
    let Some(dir) = shared("data/readings") else { return };
    let path = dir.join("pm10-germany-2005-h1.csv.gz");
    for (aggregate, total) in [
        (Aggregate::Mean, 8_720.355_271_669_438),
        (Aggregate::Std, 5_215.082_459_571_808),
        (Aggregate::Median, 7369.6625),
    ] {
        let matrix = pivot(&path, "weekday(date)", "station", "pm10", Some(aggregate));
        assert_eq!((matrix.height(), matrix.width(), &*matrix.rows.labels[0]), (7, 68, "Monday"));
        assert!(near(sum(&matrix), total), "{aggregate}: {}", sum(&matrix));
    }
    let hours = pivot(&path, "hour(date)", "month(date)", "pm10", Some(Aggregate::Count));
    assert_eq!((hours.height(), hours.width()), (24, 12), "gaps are shown");
    assert_eq!(sum(&hours), 11_725.0);
    assert_eq!(hours.get(3, 11), 0.0, "nothing is known of December");
}

#[test]
fn what_people_write_in_tables_is_understood() {
    let plain = TableQuery::default();
    for (text, labels, columns, values) in [
        ("\u{feff},a,b\r\nx,1,2\r\ny,3,4", ["x", "y"], ["a", "b"], [1.0, 2.0, 3.0, 4.0]),
        (",2001,2002\nx,1,2\ny,3,4\n", ["x", "y"], ["2001", "2002"], [1.0, 2.0, 3.0, 4.0]),
        ("a b;c\nnord;1,5;-2\nsüd;2;1.234,5\n", ["nord", "süd"], ["c", ""], [0.0; 4]),
        ("1,2\n3,4\n", ["0", "1"], ["0", "1"], [1.0, 2.0, 3.0, 4.0]),
        ("a\tb\n1.5\t1e3\n-inf\t12 %\n", ["0", "1"], ["a", "b"], [1.5, 1000.0, f64::NEG_INFINITY, 12.0]),
        (
            "\"p\",\"q\"\n\"r 1\",1,2\n\"r \"\"2\"\"\",\"1,234.5\",4\n",
            ["r 1", "r \"2\""],
            ["p", "q"],
            [1.0, 2.0, 1234.5, 4.0],
        ),
        ("k|a|b\nu \"|1|2\n\n|3|4\n", ["u \"", ""], ["a", "b"], [1.0, 2.0, 3.0, 4.0]),
        ("m,a,a\n\"two\nlines\",1,2\ny,3,4\n", ["two\nlines", "y"], ["a", "a"], [1.0, 2.0, 3.0, 4.0]),
    ] {
        if columns[1].is_empty() {
            let (matrix, _) = of_text("t.csv", "ort;b;c\nnord;1,5;-2\nsüd;2;1.234,5\n", &plain);
            assert_eq!(matrix.values(), [1.5, -2.0, 2.0, 1234.5], "commas for points");
            continue;
        }
        let (matrix, _) = of_text("t.csv", text, &plain);
        assert_eq!(matrix.rows.labels, labels, "{text}");
        assert_eq!(matrix.columns.labels, columns, "{text}");
        assert_eq!(matrix.values(), values, "{text}");
    }
}

#[test]
fn what_is_no_data_is_counted() {
    let text = "id,a,b,c\n1,NA,N/A,?\n2,-,.,..\n3,null,#N/A,\n4,1,2,nan\n";
    let (matrix, notes) = of_text("t.csv", text, &TableQuery::default());
    assert_eq!(sum(&matrix), 3.0);
    assert_eq!(notes, ["10 cells without data"]);
}

#[test]
fn the_caller_says_which_columns_are_labels_attributes_or_nothing() {
    let text = "kind,x,y,name\n1,2,3,a\n2,4,5,b\n1,6,7,c\n";
    let query = TableQuery {
        index: Index::Column("name".into()),
        attributes: vec!["kind".into()],
        ignore: vec!["3".into()],
        ..TableQuery::default()
    };
    let (matrix, notes) = of_text("t.csv", text, &query);
    assert_eq!((&*matrix.rows.labels.concat(), &*matrix.rows.title), ("abc", "name"));
    assert_eq!(matrix.rows.attributes[0].words, ["1", "2", "1"]);
    assert_eq!(matrix.values(), [2.0, 4.0, 6.0]);
    assert!(notes.is_empty(), "{notes:?}");
    let wrong = error("t.csv", text.as_bytes(), &TableQuery { attributes: vec!["knid".into()], ..query });
    assert_eq!(wrong.exit_code(), 2);
    assert!(wrong.to_string().ends_with("did you mean `kind`?"), "{wrong}");
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    let plain = TableQuery::default();
    for (name, text, place, found) in [
        ("t.csv", "", "t.csv", "an empty file"),
        ("t.csv", "a,b\n", "line 1", "a header and nothing below it"),
        ("t.csv", "a,b\n1,2\n3\n", "line 3", "1 fields"),
        ("t.csv", "a,b\n1,2\n\n3,4,5\n", "line 4", "3 fields"),
        ("t.csv", "a,b\n1,2\n3,4\n5,x\n", "line 4", "`x` in column `b`"),
        ("t.csv", "a,b\nx,y\n", "t.csv", "no column of numbers"),
        ("t.csv", "a,b\n1,\"2\n", "line 2", "a quote that is never closed"),
        ("t.json", "[[1,2],[3]]", "t.json", "a row of 1 values"),
        ("t.json", "{\"width\":2,\"height\":2,\"values\":[1,2,3]}", "t.json", "3 values"),
        ("t.json", "{\n\"a\":[", "line 2", "IncompleteDocument"),
        ("t.gct", "#1.2\n2\t1\nName\tDescription\tx\na\tb\t1\n", "line 4", "the end of the file"),
        ("t.gct", "#1.2\n1\t1\nName\tDescription\tx\na\tb\tc\n", "line 4", "`c` in column `x`"),
        ("t.npy", "no numpy", "t.npy", "no NPY file"),
    ] {
        let error = error(name, text.as_bytes(), &plain).to_string();
        assert!(error.contains(place) && error.contains(found), "{text}: {error}");
    }
}

#[test]
fn sizes_that_are_only_promised_take_no_memory() {
    let header = |shape: &str| {
        let text = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}\n");
        [b"\x93NUMPY\x01\x00".as_slice(), &(text.len() as u16).to_le_bytes(), text.as_bytes(), &[0; 16]].concat()
    };
    let plain = TableQuery::default();
    assert!(error("t.npy", &header("(1000000, 1000000)"), &plain).to_string().contains("268435456"));
    assert!(error("t.npy", &header("(16000, 16000)"), &plain).to_string().contains("2 values where"));
    let genes = b"#1.3\n10000000\t10\t0\t200000000\nid\ta\n";
    assert!(error("t.gct", genes, &plain).to_string().contains("fields"));
    assert!(error("t.gct", b"#1.2\n99999999\t99999999\n", &plain).to_string().contains("268435456"));
}

#[test]
fn the_shapes_of_json_give_one_matrix() {
    for text in [
        "[[1,2],[3,null]]",
        "{\"z\": [[1,2],[3,null]], \"type\": \"heatmap\", \"zmin\": 0}",
        "{\"data\":[{\"colorscale\":[[0,\"red\"]],\"z\":[[1,2],[3,null]]}],\"layout\":{\"x\":[1]}}",
        "{\"width\":2,\"height\":2,\"values\":[1,2,3,null]}",
        "{\"columns\":[0,1],\"index\":[0,1],\"data\":[[1,2],[3,null]]}",
        "[{\"0\":1,\"1\":2},{\"0\":3}]",
        "{\"0\":1,\"1\":2}\n{\"1\":null,\"0\":3}\n",
    ] {
        let (matrix, notes) = of_text("t.json", text, &TableQuery::default());
        assert_eq!(matrix.values()[..3], [1.0, 2.0, 3.0], "{text}");
        assert_eq!(
            (&matrix.rows.labels.concat(), &matrix.columns.labels.concat()),
            (&"01".into(), &"01".into()),
            "{text}"
        );
        assert_eq!(notes, ["1 cell without data"], "{text}");
    }
}

#[test]
fn records_are_the_same_in_every_format_of_text() {
    let texts = [
        ("t.csv", "time,place,n\n2005-01-01T23:30:00+01:00,a,1\n2005-01-01 04:00,b,2\nnever,a,3\n"),
        ("t.tsv", "time\tplace\tn\n2005-01-01T23:30:00+01:00\ta\t1\n2005-01-01 04:00\tb\t2\nnever\ta\t3\n"),
        (
            "t.json",
            "[{\"time\":\"2005-01-01T23:30:00+01:00\",\"place\":\"a\",\"n\":1},{\"time\":\"2005-01-01 04:00\",\"n\":2,\
             \"place\":\"b\"},{\"time\":\"never\",\"place\":\"a\",\"n\":3}]",
        ),
    ];
    let ask = Ask {
        rows: "hour(time)".parse().expect("a key"),
        columns: "place".parse().expect("a key"),
        value: Some("n".into()),
    };
    for (name, text) in texts {
        let (_dir, path) = file(name, text.as_bytes());
        let mut seen = Vec::new();
        let each = &mut |row: &str, column: &str, value: f64| seen.push(format!("{row} {column} {value}"));
        let records = read_records(&path, &ask, &TableQuery::default(), each).expect("records");
        assert_eq!(seen, ["23 a 1", "4 b 2"], "{name}");
        assert_eq!((records.read, records.skipped), (3, 1), "{name}");
        assert!(records.notes[0].contains("`never` in `time`, which is no time"), "{:?}", records.notes);
    }
}

fn tables() -> impl Strategy<Value = (usize, Vec<f64>)> {
    let value = prop_oneof![
        any::<f64>().prop_filter("a number", |value| value.is_finite()),
        -100.0..100.0,
        Just(f64::NAN),
        (-1000..1000).prop_map(f64::from),
    ];
    (1..6_usize).prop_flat_map(move |width| {
        let rows = 1..20_usize;
        (
            Just(width),
            rows.prop_flat_map({
                let value = value.clone();
                move |rows| proptest::collection::vec(value.clone(), rows * width)
            }),
        )
    })
}

fn bits(matrix: &Matrix) -> Vec<u64> {
    matrix.values().iter().copied().map(alike).collect()
}

/// The bits of a value; all that is no data is alike.
fn alike(value: f64) -> u64 {
    if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() }
}

fn numpy(width: usize, values: &[f64], big: bool, by_columns: bool) -> Vec<u8> {
    let height = values.len() / width;
    let (order, stored) = if by_columns { ("True", "F") } else { ("False", "C") };
    let kind = if big { ">f8" } else { "<f8" };
    let text = format!("{{'descr': '{kind}', 'fortran_order': {order}, 'shape': ({height}, {width}), }}\n");
    let mut bytes = [b"\x93NUMPY\x02\x00".as_slice(), &(text.len() as u32).to_le_bytes(), text.as_bytes()].concat();
    for i in 0..values.len() {
        let value = if stored == "F" { values[(i % height) * width + i / height] } else { values[i] };
        bytes.extend(if big { value.to_be_bytes() } else { value.to_le_bytes() });
    }
    bytes
}

/// How files of each format begin.
const STARTS: &[&[u8]] =
    &[b"", b"#1.3\n", b"#1.2\n2\t2\n", b"[", b"{\"z\":", b"\x93NUMPY\x01\x00\x40\x00", b"PAR1", b"\x1f\x8b"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_matrix_that_is_written_is_read((width, values) in tables(), end in "\r?\n", last in any::<bool>()) {
        let plain = TableQuery::default();
        let rows: Vec<&[f64]> = values.chunks(width).collect();
        let expected: Vec<u64> = values.iter().copied().map(alike).collect();
        let written = |value: &f64, nothing: &str| if value.is_nan() { nothing.to_owned() } else { value.to_string() };
        for (name, delimiter) in [("t.csv", ","), ("t.tsv", "\t"), ("t.psv", "|")] {
            let mut text = format!("id{}", (0..width).fold(String::new(), |mut text, i| {
                let _ = write!(text, "{delimiter}c{i}");
                text
            }));
            for (i, row) in rows.iter().enumerate() {
                let cells: Vec<String> = row.iter().map(|value| written(value, "")).collect();
                let _ = write!(text, "{end}r{i}{delimiter}{}", cells.join(delimiter));
            }
            if last {
                text += &end;
            }
            let (matrix, _) = of_text(name, &text, &plain);
            prop_assert_eq!(bits(&matrix), expected.clone());
            prop_assert_eq!(matrix.rows.labels.last(), Some(&format!("r{}", rows.len() - 1)));
        }
        let lists: Vec<String> = rows.iter().map(|row| {
            format!("[{}]", row.iter().map(|value| written(value, "null")).collect::<Vec<_>>().join(", "))
        }).collect();
        let (json, _) = of_text("t.json", &format!("[{}]", lists.join(",\n")), &plain);
        prop_assert_eq!(bits(&json), expected.clone());
        for (big, by_columns) in [(false, false), (true, false), (false, true), (true, true)] {
            let (_dir, path) = file("t.npy", &numpy(width, &values, big, by_columns));
            let array = read_matrix(&path, &plain).expect("an array").matrix;
            prop_assert_eq!((array.height(), array.width()), (rows.len(), width));
            prop_assert_eq!(bits(&array), bits(&json));
        }
    }

    #[test]
    fn random_bytes_are_no_reason_to_panic(
        bytes in proptest::collection::vec(proptest::sample::select(&b"0123456789,,,\n\n\r\"\";\t|.-eENa[]{}:#\xff\xc3\x00"[..]), 0..200),
        start in proptest::sample::select(STARTS),
    ) {
        let bytes = [start, &bytes].concat();
        let ask = Ask { rows: "1".parse().expect("a key"), columns: "2".parse().expect("a key"), value: None };
        for format in FORMATS {
            let (_dir, path) = file("t", &bytes);
            for header in [None, Some(0), Some(2)] {
                let query = TableQuery { format: Some(format.name.to_owned()), header, ..TableQuery::default() };
                let _ = read_matrix(&path, &query);
                let _ = read_records(&path, &ask, &query, &mut |_, _, _| {});
            }
        }
    }

    #[test]
    fn a_pivot_in_two_parts_is_the_pivot_of_all(
        records in proptest::collection::vec((0..5_u8, 0..4_u8, -100..100_i32), 1..60),
        cut in 0..60_usize,
    ) {
        for (_, aggregate, _) in torrid::arrange::AGGREGATES {
            let made = |records: &[(u8, u8, i32)]| {
                let mut pivot = Pivot::new("r", "c", "v", Some(*aggregate));
                for (row, column, value) in records {
                    pivot.add(&row.to_string(), &column.to_string(), f64::from(*value));
                }
                pivot
            };
            let whole = made(&records).finish().expect("a matrix");
            let (first, second) = records.split_at(cut.min(records.len()));
            let mut parts = made(first);
            parts.merge(made(second));
            let parts = parts.finish().expect("a matrix");
            prop_assert_eq!((&whole.rows, &whole.columns), (&parts.rows, &parts.columns));
            for (a, b) in whole.values().iter().zip(parts.values()) {
                prop_assert!(a.is_nan() && b.is_nan() || near(*a, *b), "{}: {} and {}", aggregate, a, b);
            }
        }
    }
}

#[test]
fn labels_are_in_the_order_in_which_people_count() {
    for (labels, expected) in [
        (vec!["10", "9", "-1.5"], vec!["-1.5", "9", "10"]),
        (vec!["Sun", "Mon", "Wed"], vec!["Mon", "Wed", "Sun"]),
        (vec!["May", "january", "December"], vec!["january", "May", "December"]),
        (vec!["chr10", "chr2", "Chr1"], vec!["Chr1", "chr2", "chr10"]),
        (vec!["2005-02-01", "2004-12-31", "2005-01-10"], vec!["2004-12-31", "2005-01-10", "2005-02-01"]),
        (vec!["b", "Monday", "a"], vec!["a", "b", "Monday"]),
        (vec!["1", "NA", "02"], vec!["1", "02", "NA"]),
    ] {
        let mut pivot = Pivot::new("", "", "", Some(Aggregate::Count));
        for label in labels {
            pivot.add(label, "x", 1.0);
        }
        assert_eq!(pivot.finish().expect("a matrix").rows.labels, expected);
    }
}

#[test]
fn small_numbers_are_not_lost_beside_large_ones() {
    let mut pivot = Pivot::new("r", "c", "v", Some(Aggregate::Sum));
    for value in [1.0, 1e100, 1.0, -1e100] {
        pivot.add("a", "b", value);
    }
    assert_eq!(pivot.finish().expect("a matrix").get(0, 0), 2.0);
}
