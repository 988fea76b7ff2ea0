//! Cells of events that are told apart by whom or what they are of.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs::{self, File};
use std::path::Path;
use std::process::Output;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, FixedSizeBinaryArray, Float64Array, Int64Array, RecordBatch, StringArray,
};
use assert_cmd::Command;
use parquet::arrow::ArrowWriter;
use torrid::Space;
use torrid::cells::{Cell, Cells, finest, quadkey};
use torrid::source::{CellsFile, Field};
use torrid::world::World;

/// A row of a table of events.
#[derive(Debug, Clone)]
struct Row {
    at: (f64, f64),
    mass: f64,
    time: i64,
    who: String,
}

const HOUR: i64 = 3600;

/// Many events at few places of a city and some elsewhere, of a few users each of whom comes back.
fn rows(count: usize, seed: u64) -> Vec<Row> {
    let mut state = seed;
    let mut random = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1u32 << 31)
    };
    let row = |i: usize| {
        let around = if i.is_multiple_of(9) { 2.0 } else { 0.002 };
        let at = (11.57 + around * (random() - 0.5), 48.13 + around * (random() - 0.5));
        let (mass, time) = ((random() * 40.0).round() / 8.0 - 1.0, 1_600_000_000 + (random() * 6.0) as i64 * HOUR);
        Row { at, mass, time, who: format!("user {}", (random() * random() * 40.0) as u32) }
    };
    (0..count).map(row).collect()
}

fn csv(dir: &Path, name: &str, rows: &[Row]) {
    let mut text = "lng,lat,mass,time,who\n".to_owned();
    for Row { at: (lng, lat), mass, time, who } in rows {
        writeln!(text, "{lng},{lat},{mass},{time},{who}").expect("room");
    }
    fs::write(dir.join(name), text).expect("a file");
}

fn torrid(dir: &Path, arguments: &str) -> Output {
    let mut command = Command::cargo_bin("torrid").expect("the program");
    command.current_dir(dir).args(arguments.split_whitespace()).output().expect("it runs")
}

fn done(dir: &Path, arguments: &str) -> String {
    let output = torrid(dir, arguments);
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn refused(dir: &Path, arguments: &str, words: &[&str]) {
    let output = torrid(dir, arguments);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{arguments} should be refused");
    for word in words {
        assert!(told.contains(word), "{arguments} should say `{word}`: {told}");
    }
}

/// The rows of a file as they stand in it.
fn read(dir: &Path, name: &str) -> Vec<Cell> {
    let file = CellsFile::open(File::open(dir.join(name)).expect("a file"), name).expect("Parquet").expect("cells");
    let groups: Vec<Cells> = (0..file.groups()).map(|group| file.group(group).expect("a group")).collect();
    groups.iter().flat_map(Cells::iter).collect()
}

fn subject(text: &str) -> u64 {
    Field::Text(text).subject().expect("a text")
}

/// What cells should be, gathered one event after the other in an ordered map.
fn twin(rows: &[Row], zoom: u8, parted: bool) -> Vec<Cell> {
    let mut cells: BTreeMap<(u64, i64, u64), Cell> = BTreeMap::new();
    for row in rows {
        let (x, y) = finest(World::of(Space::Earth, row.at.0, row.at.1));
        let side = 1u64 << (24 - zoom);
        let (inside, across) = (|at: u32| (u64::from(at) % side) as i64, |at: u32| (u64::from(at) / side) as u32);
        let who = if parted { subject(&row.who) } else { 0 };
        let (time, weight) = (row.time.div_euclid(HOUR) * HOUR * 1_000_000, (row.mass * 1e12).round() as i128);
        let cell = cells.entry((quadkey(across(x), across(y)), time, who)).or_default();
        (cell.x, cell.y, cell.time, cell.subject) = (across(x), across(y), time, who);
        cell.count += 1;
        cell.dx += inside(x);
        cell.dy += inside(y);
        cell.weight += weight;
        cell.weight_dx += weight * i128::from(inside(x));
        cell.weight_dy += weight * i128::from(inside(y));
    }
    cells.into_values().collect()
}

/// How many subjects there are in each cell.
fn distinct(cells: &[Cell]) -> BTreeMap<(u32, u32), usize> {
    let mut all: BTreeMap<(u32, u32), BTreeSet<u64>> = BTreeMap::new();
    for cell in cells {
        all.entry((cell.x, cell.y)).or_default().insert(cell.subject);
    }
    all.into_iter().map(|(place, subjects)| (place, subjects.len())).collect()
}

const OPTIONS: &str = "--weight mass --time-bucket 1h --distinct who -q";

#[test]
fn a_file_has_a_row_for_each_subject_and_folding_it_far_up_loses_none() -> std::io::Result<()> {
    let dir = tempfile::tempdir()?;
    let rows = rows(12_000, 1);
    csv(dir.path(), "events.csv", &rows);
    done(dir.path(), &format!("cells events.csv -o deep.parquet -z 15 {OPTIONS}"));
    assert!(read(dir.path(), "deep.parquet") == twin(&rows, 15, true), "cell by cell, hour by hour, user by user");
    for zoom in [9, 0] {
        done(dir.path(), &format!("merge deep.parquet -o up.parquet -f -z {zoom} -q"));
        done(dir.path(), &format!("cells events.csv -o there.parquet -f -z {zoom} {OPTIONS}"));
        let up = read(dir.path(), "up.parquet");
        assert!(up == twin(&rows, zoom, true) && up == read(dir.path(), "there.parquet"), "at zoom {zoom}");
        let mut seen: BTreeMap<(u32, u32), BTreeSet<&str>> = BTreeMap::new();
        for row in &rows {
            let (x, y) = finest(World::of(Space::Earth, row.at.0, row.at.1));
            seen.entry((x >> (24 - zoom), y >> (24 - zoom))).or_default().insert(&row.who);
        }
        assert!(distinct(&up) == seen.into_iter().map(|(at, who)| (at, who.len())).collect(), "users at zoom {zoom}");
    }
    Ok(())
}

#[test]
fn subjects_are_folded_away_where_nobody_asks_for_them() -> std::io::Result<()> {
    let dir = tempfile::tempdir()?;
    let rows = rows(3000, 2);
    csv(dir.path(), "events.csv", &rows);
    done(dir.path(), &format!("cells events.csv -o told.parquet -z 14 {OPTIONS}"));
    for zoom in [14, 11] {
        done(dir.path(), &format!("cells told.parquet -o bare.parquet -f -z {zoom} --weight mass --time-bucket 1h -q"));
        assert!(read(dir.path(), "bare.parquet") == twin(&rows, zoom, false), "at zoom {zoom}");
        done(dir.path(), &format!("cells told.parquet -o still.parquet -f -z {zoom} {OPTIONS}"));
        assert!(
            read(dir.path(), "still.parquet") == twin(&rows, zoom, true),
            "and kept where they are, at zoom {zoom}"
        );
    }
    Ok(())
}

#[test]
fn every_format_tells_the_same_subjects() -> std::io::Result<()> {
    let dir = tempfile::tempdir()?;
    let rows = rows(200, 3);
    // Two whole numbers that are one in 64 bits of floating point.
    let ids: Vec<i64> =
        (0..rows.len()).map(|i| [7, -12, 9_007_199_254_740_993, 9_007_199_254_740_992][i % 4]).collect();
    let (mut csv, mut semicolons) =
        ("lng,lat,who,id,flag,depth\n".to_owned(), "lng;lat;who;id;flag;depth\n".to_owned());
    let (mut json, mut features) = (Vec::new(), Vec::new());
    for (i, Row { at: (lng, lat), who, .. }) in rows.iter().enumerate() {
        let (id, flag, depth) = (ids[i], i % 3 == 0, (i % 5) as f64 / 2.0);
        writeln!(csv, "{lng},{lat}, {who} ,{id},{flag},{depth}").expect("room");
        writeln!(semicolons, "{lng};{lat};\"{who}\";{id};{flag};{}", depth.to_string().replace('.', ","))
            .expect("room");
        let properties = format!(r#""who":"{who}","id":{id},"flag":{flag},"depth":{depth:.1}"#);
        json.push(format!(r#"{{"lng":{lng},"lat":{lat},{properties}}}"#));
        let geometry = format!(r#"{{"type":"Point","coordinates":[{lng},{lat}]}}"#);
        features.push(format!(r#"{{"type":"Feature","geometry":{geometry},"properties":{{{properties}}}}}"#));
    }
    fs::write(dir.path().join("a.csv"), csv)?;
    fs::write(dir.path().join("b.csv"), semicolons)?;
    fs::write(dir.path().join("c.json"), format!("[{}]", json.join(",")))?;
    let collection = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","));
    fs::write(dir.path().join("d.geojson"), collection)?;
    parquet(&dir.path().join("e.parquet"), &rows, &ids);
    for (column, kinds) in [("who", 25..40), ("id", 4..5), ("flag", 2..3), ("depth", 5..6)] {
        let of = |name: &str| {
            done(dir.path(), &format!("cells {name} -o cells.parquet -f -z 18 --distinct {column} -q"));
            read(dir.path(), "cells.parquet")
        };
        let first = of("a.csv");
        let subjects: BTreeSet<u64> = first.iter().map(|cell| cell.subject).collect();
        assert!(kinds.contains(&subjects.len()), "{} of {column}", subjects.len());
        for name in ["b.csv", "c.json", "d.geojson", "e.parquet"] {
            assert!(of(name) == first, "{column} of {name}");
        }
    }
    done(dir.path(), "cells e.parquet -o cells.parquet -f -z 18 --distinct decimal -q");
    done(dir.path(), "cells a.csv -o other.parquet -f -z 18 --distinct id -q");
    assert!(read(dir.path(), "cells.parquet") == read(dir.path(), "other.parquet"), "decimals without a fraction");
    done(dir.path(), "cells e.parquet -o cells.parquet -f -z 18 --distinct uuid -q");
    let subjects: BTreeSet<u64> = read(dir.path(), "cells.parquet").iter().map(|cell| cell.subject).collect();
    let texts = ["00010203-0405-0607-0809-0a0b0c0d0e0f", "01020304-0506-0708-090a-0b0c0d0e0f10"];
    assert!(subjects == texts.into_iter().map(subject).collect(), "a UUID is its text");
    Ok(())
}

fn parquet(path: &Path, rows: &[Row], ids: &[i64]) {
    let number = |of: fn(&Row) -> f64| Arc::new(rows.iter().map(of).collect::<Float64Array>()) as ArrayRef;
    let decimals = ids.iter().map(|id| Some(i128::from(*id))).collect::<Decimal128Array>();
    let uuids = (0..rows.len()).map(|i| (0..16u8).map(|byte| byte + u8::from(i % 2 == 0)).collect::<Vec<_>>());
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("uuid", Arc::new(FixedSizeBinaryArray::try_from_iter(uuids).expect("16 bytes each"))),
        ("lng", number(|row| row.at.0)),
        ("lat", number(|row| row.at.1)),
        ("who", Arc::new(rows.iter().map(|row| Some(row.who.as_str())).collect::<StringArray>())),
        ("id", Arc::new(Int64Array::from(ids.to_vec()))),
        ("decimal", Arc::new(decimals.with_precision_and_scale(38, 0).expect("digits"))),
        ("flag", Arc::new((0..rows.len()).map(|i| Some(i % 3 == 0)).collect::<BooleanArray>())),
        ("depth", Arc::new((0..rows.len()).map(|i| Some((i % 5) as f64 / 2.0)).collect::<Float64Array>())),
    ];
    let batch = RecordBatch::try_from_iter(columns).expect("columns of one length");
    let file = File::create(path).expect("a file");
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).expect("Parquet");
    writer.write(&batch).expect("room");
    writer.close().expect("room");
}

#[test]
fn texts_that_differ_are_subjects_that_differ() {
    let texts = ["7", "07", "7.0", "7e0", "seven", "Seven", "séven", "-7"];
    let numbers: BTreeSet<u64> = texts.into_iter().map(subject).collect();
    assert_eq!(numbers.len(), texts.len(), "as many numbers");
    assert_eq!(subject("7"), 499_566_431_179_015_674, "XxHash3 as another implementation has it");
    for (field, text) in [
        (Field::Number(7.0), "7"),
        (Field::Number(-0.0), "0"),
        (Field::Number(0.1), "0.1"),
        (Field::Number(1e21), "1000000000000000000000"),
        (Field::Flag(true), "true"),
        (Field::Instant(0), "1970-01-01T00:00:00Z"),
    ] {
        assert_eq!(field.subject(), Some(subject(text)), "{field:?}");
    }
    for field in [Field::Missing, Field::Text("  "), Field::Number(f64::NAN)] {
        assert_eq!(field.subject(), None, "{field:?}");
    }
}

#[test]
fn records_without_a_subject_are_skipped_counted_and_under_strict_refused() -> std::io::Result<()> {
    let dir = tempfile::tempdir()?;
    fs::write(dir.path().join("a.csv"), "lng,lat,who,\"a user\"\n1,2,ann,x\n1,2,,\n1,2,  ,y\n1,2,bob,\n")?;
    let report = done(dir.path(), "cells a.csv -o cells.parquet --distinct who --json -q");
    assert!(report.contains(r#""no_subject":2"#), "{report}");
    assert_eq!(read(dir.path(), "cells.parquet").len(), 2, "ann and bob");
    refused(dir.path(), "cells a.csv -o b.parquet --distinct who --strict", &["line 3", "column of --distinct"]);
    refused(dir.path(), "cells a.csv -o b.parquet --distinct whom", &["`whom`", "`lng`, `lat`, `who`", "did you mean"]);
    assert!(!dir.path().join("b.parquet").exists(), "nothing is written");
    Ok(())
}

#[test]
fn cells_that_are_told_apart_otherwise_are_not_mixed() -> std::io::Result<()> {
    let dir = tempfile::tempdir()?;
    csv(dir.path(), "a.csv", &rows(100, 4));
    done(dir.path(), "cells a.csv -o who.parquet --distinct who -q");
    done(dir.path(), "cells a.csv -o time.parquet --distinct time -q");
    done(dir.path(), "cells a.csv -o bare.parquet -q");
    refused(dir.path(), "merge who.parquet time.parquet -o out.parquet", &["subjects time", "subjects who"]);
    refused(dir.path(), "merge who.parquet bare.parquet -o out.parquet", &["subjects none", "same options"]);
    refused(dir.path(), "cells who.parquet -o out.parquet --distinct mass", &["--distinct", "mass", "expected who"]);
    refused(dir.path(), "cells bare.parquet -o out.parquet --distinct who", &["--distinct", "expected none"]);
    Ok(())
}

/// The tiles of a folder, by name.
fn tiles(dir: &Path, inputs: &str, options: &str) -> BTreeMap<String, Vec<u8>> {
    let out = dir.join("tiles");
    done(dir, &format!("tiles {inputs} -o tiles/ -f -Z 5 -z 10 --norm log {options} -q"));
    let paths = glob::glob(&out.join("**/*.png").display().to_string()).expect("a pattern").flatten();
    let tiles = paths.map(|path| (path.strip_prefix(&out).expect("inside").display().to_string(), path));
    let tiles = tiles.map(|(name, path)| (name, fs::read(path).expect("a tile"))).collect();
    fs::remove_dir_all(out).expect("a folder");
    tiles
}

#[test]
fn tiles_of_them_are_those_of_the_events() -> std::io::Result<()> {
    let dir = tempfile::tempdir()?;
    csv(dir.path(), "events.csv", &rows(4000, 5));
    done(dir.path(), &format!("cells events.csv -o cells.parquet -z 20 {OPTIONS}"));
    for options in ["-b 3km", "-b none", "-b 3km --weight mass"] {
        let (of_events, of_cells) =
            (tiles(dir.path(), "events.csv", options), tiles(dir.path(), "cells.parquet", options));
        assert!(of_events.len() > 20 && of_events == of_cells, "{options}: {} tiles", of_events.len());
    }
    Ok(())
}
