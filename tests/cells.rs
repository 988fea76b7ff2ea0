//! Cells: sums that do not depend on how they came about, kept in files that others read.

use std::fmt::Write;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use proptest::prelude::*;
use torrid::accumulate::{Accumulator, Deposit, Sparse};
use torrid::cells::{Cell, Cells, Contents};
use torrid::counts::{Aggregate, Gathered};
use torrid::frame::Frame;
use torrid::lines::cells::{Memory, gather};
use torrid::lines::reading::Reading;
use torrid::provenance::Provenance;
use torrid::source::{CellsFile, Field, Query};
use torrid::{Events, Space};

/// Events all over the world, many of them at one place, beyond Mercator or on its edges.
fn events(count: usize, seed: u64) -> Events {
    let mut state = seed;
    let mut random = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1u32 << 31)
    };
    let mut events = Events::new(Space::Earth);
    for i in 0..count {
        let (lng, lat) = match i % 5 {
            0 => (2.35 + 1e-4 * random(), 48.85 + 1e-4 * random()),
            1 => (-180.0, 0.0),
            2 => (360.0 * random() - 180.0, 180.0 * random() - 90.0),
            3 => (13.4, 52.5),
            _ => (179.999_999 + 1e-6 * random(), 70.0 + random()),
        };
        events.x.push(lng);
        events.y.push(lat);
    }
    events
}

fn with_columns(mut events: Events) -> Events {
    let column = |of: fn(f64) -> f64| Some((0..events.len()).map(|i| of(i as f64)).collect::<Vec<f64>>());
    let (weight, value) = (column(|i| 0.1 + i % 7.0), column(|i| (i * 0.37).sin() * 20.0));
    events.time = Some((0..events.len() as i64).map(|i| 1_599_998_400_000_000 + i * 60_000_000).collect());
    events.subject = Some((0..events.len()).map(|i| user(i % 13)).collect());
    (events.weight, events.value) = (weight, value);
    events
}

/// The number of a subject.
fn user(number: usize) -> u64 {
    Field::Text(&format!("user {number}")).subject().expect("a text")
}

const TOLD: Contents = Contents { weight: true, value: true, step: Some(3_600_000_000), subject: false };
const ALL: Contents = Contents { subject: true, ..TOLD };

fn cells(zoom: u8, contents: Contents, events: &Events) -> Cells {
    let mut sparse = Sparse::new(zoom, contents);
    sparse.add(events).expect("sums that fit");
    Cells::summed(zoom, contents, sparse.take())
}

fn some(events: &Events, which: impl Fn(usize) -> bool) -> Events {
    events.chosen(&(0..events.len()).filter(|i| which(*i)).collect::<Vec<_>>())
}

#[test]
fn cells_count_what_a_frame_of_the_zoom_counts() {
    let events = events(20_000, 1);
    let cells = cells(2, Contents::default(), &events);
    let frame = Frame::on_lattice(2, 0, 0, 1024, 1024).expect("the world at zoom 2");
    let mut dense = Accumulator::new(frame, Deposit::Cell, Aggregate::Count);
    dense.add(&events).expect("counts fit");
    let Gathered::Events(counts) = Accumulator::finish(vec![dense]).gathered else { panic!("counts") };
    let mut sparse = vec![0; frame.len()];
    cells.iter().for_each(|cell| sparse[(cell.y * 1024 + cell.x) as usize] = cell.count as u64);
    assert!(counts == sparse, "the same cells, and the same numbers in them");
}

#[test]
fn places_inside_of_cells_lead_back_to_the_events() {
    let events = events(500, 2);
    let shown = some(&events, |i| events.y[i].abs() < 85.0);
    let cells = cells(24, Contents::default(), &shown);
    for (lng, lat) in shown.x.iter().zip(&shown.y) {
        let near = |cell: &Cell| {
            let (x, y) = cell.mean_place(24, false).coordinates(Space::Earth);
            ((x - lng + 540.0).rem_euclid(360.0) - 180.0).abs() < 1e-7 && (y - lat).abs() < 1e-7
        };
        assert!(cells.iter().any(|cell| near(&cell)), "{lng}, {lat} within 9 mm");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn halves_merge_to_the_whole_and_take_apart_again(count in 0usize..400, zoom in 0u8..=24, seed: u64, cut in 2usize..9) {
        let events = with_columns(events(count, seed));
        for contents in [Contents::default(), TOLD, ALL] {
            let whole = cells(zoom, contents, &events);
            let (a, b) = (some(&events, |i| i % cut == 0), some(&events, |i| i % cut != 0));
            let (a, b) = (cells(zoom, contents, &a), cells(zoom, contents, &b));
            prop_assert!(a.plus(&b) == whole);
            prop_assert!(b.plus(&a) == whole);
            prop_assert!(whole.plus(&b.negated()) == a);
        }
    }

    #[test]
    fn folding_equals_gathering_at_that_zoom(count in 0usize..400, deep in 0u8..=24, up in 0u8..=24, seed: u64) {
        let events = with_columns(events(count, seed));
        for contents in [Contents::default(), TOLD, ALL] {
            let (deep, up) = (deep.max(up), deep.min(up));
            prop_assert!(cells(deep, contents, &events).folded(up) == cells(up, contents, &events));
        }
    }
}

/// A file of events with every column.
fn csv(dir: &Path, name: &str, events: &Events) -> String {
    let mut text = "lng,lat,mass,depth,time,who\n".to_owned();
    let column = |column: &Option<Vec<f64>>, i: usize| column.as_ref().map_or(1.0, |column| column[i]);
    for i in 0..events.len() {
        let (mass, depth) = (column(&events.weight, i), column(&events.value, i));
        let time = events.time.as_ref().map_or(0, |time| time[i] / 1_000_000);
        let who = (0..13).find(|number| events.subject.as_ref().is_some_and(|subject| subject[i] == user(*number)));
        let who = who.map_or(String::new(), |number| format!("user {number}"));
        writeln!(text, "{},{},{mass},{depth},{time},{who}", events.x[i], events.y[i]).expect("room");
    }
    let path = dir.join(name);
    fs::write(&path, text).expect("a file");
    path.display().to_string()
}

fn torrid(dir: &Path, arguments: &str) -> Output {
    let mut command = Command::cargo_bin("torrid").expect("the program");
    command.current_dir(dir).args(arguments.split_whitespace()).output().expect("it runs")
}

fn done(dir: &Path, arguments: &str) {
    let output = torrid(dir, arguments);
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

fn refused(dir: &Path, arguments: &str, code: i32, words: &str) {
    let output = torrid(dir, arguments);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{arguments}: {told}");
    assert!(told.contains(words), "{arguments} should say `{words}`: {told}");
}

fn bytes(dir: &Path, name: &str) -> Vec<u8> {
    fs::read(dir.join(name)).expect("a file")
}

fn read(path: &Path) -> Cells {
    let file = CellsFile::open(File::open(path).expect("a file"), "cells").expect("Parquet").expect("cells");
    let groups: Vec<Cells> = (0..file.groups()).map(|group| file.group(group).expect("a group")).collect();
    let all = groups.iter().flat_map(Cells::iter);
    Cells::summed(file.provenance.zoom, file.provenance.contents, all)
}

#[test]
fn a_file_holds_the_cells_and_any_order_of_files_and_threads_gives_its_bytes() -> std::io::Result<()> {
    let dir = tempfile::tempdir()?;
    let events = with_columns(events(3000, 3));
    let (a, b) = (some(&events, |i| i < 1000), some(&events, |i| i >= 1000));
    csv(dir.path(), "a.csv", &a);
    csv(dir.path(), "b.csv", &b);
    let options = "-z 12 --weight mass --value depth --time-bucket 1h --distinct who -q";
    done(dir.path(), &format!("cells a.csv b.csv -o whole.parquet {options} -j 1"));
    done(dir.path(), &format!("cells b.csv a.csv -o other.parquet {options} -j 5"));
    assert!(bytes(dir.path(), "whole.parquet") == bytes(dir.path(), "other.parquet"), "the same bytes");
    let expected = cells(12, ALL, &events);
    assert!(read(&dir.path().join("whole.parquet")) == expected, "what the library gathers");

    done(dir.path(), &format!("cells a.csv -o a.parquet {options}"));
    done(dir.path(), &format!("cells b.csv -o b.parquet {options}"));
    done(dir.path(), "merge b.parquet a.parquet -o both.parquet -q");
    assert!(bytes(dir.path(), "both.parquet") == bytes(dir.path(), "whole.parquet"), "halves merged are the whole");
    done(dir.path(), "merge whole.parquet --minus b.parquet -o rest.parquet -q");
    assert!(bytes(dir.path(), "rest.parquet") == bytes(dir.path(), "a.parquet"), "a half taken away leaves the other");
    done(dir.path(), &format!("cells a.csv b.csv -o up.parquet {} -q", options.replace("12", "9").replace(" -q", "")));
    done(dir.path(), "merge whole.parquet -z 9 -o folded.parquet -q");
    assert!(bytes(dir.path(), "folded.parquet") == bytes(dir.path(), "up.parquet"), "folding is gathering");
    Ok(())
}

/// Cells of a file of events, gathered in so little memory that every batch goes to the disk.
#[test]
fn runs_on_the_disk_give_the_bytes_that_memory_gives() -> Result<(), torrid::Error> {
    let dir = tempfile::tempdir().expect("a folder");
    let events = with_columns(events(60_000, 4));
    let name = csv(dir.path(), "events.csv", &events);
    for contents in [Contents::default(), TOLD, ALL] {
        let named = |there: bool| there.then(|| "mass".to_owned());
        let query = Query {
            weight: named(contents.weight),
            value: contents.value.then(|| "depth".to_owned()),
            subject: contents.subject.then(|| "who".to_owned()),
            timed: contents.step.map(|_| "--time-bucket"),
            ..Query::new(Space::Earth)
        };
        let (weight, value, subject) = (query.weight.clone(), query.value.clone(), query.subject.clone());
        let provenance = Provenance { zoom: 15, contents, weight, value, subject, sources: Vec::new() };
        let write = |bytes: usize| -> Result<(usize, PathBuf), torrid::Error> {
            let memory = Memory { bytes, folder: dir.path().to_owned() };
            let mut reading = Reading::open(std::slice::from_ref(&name), query.clone(), &())?;
            let gathered = gather(&mut reading, (15, contents), &memory)?;
            let (runs, path) = (gathered.runs.len(), dir.path().join(format!("{bytes}.parquet")));
            gathered.write(&path, &provenance, &memory, &())?;
            Ok((runs, path))
        };
        let ((few, held), (many, spilled)) = (write(1 << 30)?, write(1)?);
        assert!(many > few, "{many} runs where there is no memory, {few} where there is");
        assert!(fs::read(held).expect("there") == fs::read(spilled).expect("there"), "the same bytes");
    }
    let left: Vec<_> = fs::read_dir(dir.path()).expect("a folder").flatten().map(|file| file.file_name()).collect();
    assert_eq!(left.len(), 3, "the events and two files of cells, nothing else: {left:?}");
    Ok(())
}

#[test]
fn cells_are_read_as_the_events_they_stand_for() -> std::io::Result<()> {
    let dir = tempfile::tempdir()?;
    let events = with_columns(events(2000, 5));
    csv(dir.path(), "events.csv", &events);
    done(
        dir.path(),
        "cells events.csv -o cells.parquet -z 20 --weight mass --value depth --time-bucket 1h --distinct who -q",
    );
    let bounds = "--bounds -20,30,30,60 --zoom 2 -b none -q";
    for options in [
        "",
        "--weight mass",
        "--weight mass --value depth --agg mean",
        "--after 2020-09-13T12:00Z --before 2020-09-13T17:00Z",
    ] {
        done(dir.path(), &format!("render events.csv -o a.npy -f {bounds} {options}"));
        done(dir.path(), &format!("render cells.parquet -o b.npy -f {bounds} {options}"));
        let (a, b) = (npy(&bytes(dir.path(), "a.npy")), npy(&bytes(dir.path(), "b.npy")));
        let close = |(a, b): (&f32, &f32)| (a - b).abs() <= 1e-5 * a.abs() || (a.is_nan() && b.is_nan());
        assert!(a.iter().any(|value| *value > 0.0) && a.iter().zip(&b).all(close), "{options}: the same values");
    }
    let told = torrid(dir.path(), "info cells.parquet");
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    let shown = cells(20, ALL, &events).count.iter().sum::<i64>();
    assert!(told.contains("cells of zoom 20") && told.contains(&format!("{}", shown % 1000)), "{shown} events: {told}");
    refused(dir.path(), "render cells.parquet -o c.png --where mass>2", 2, "no columns to look at");
    refused(dir.path(), "render cells.parquet -o c.png --weight depth", 2, "mass");
    refused(dir.path(), "render cells.parquet -o c.png --value depth --agg mean", 2, "--weight mass");
    Ok(())
}

fn npy(bytes: &[u8]) -> Vec<f32> {
    let start = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    bytes[start..].as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect()
}

#[test]
fn what_cannot_be_added_up_is_refused_with_a_reason_and_nothing_is_written() -> std::io::Result<()> {
    let dir = tempfile::tempdir()?;
    let events = with_columns(events(100, 6));
    csv(dir.path(), "a.csv", &events);
    done(dir.path(), "cells a.csv -o a.parquet -q");
    done(dir.path(), "cells a.csv -o weighed.parquet --weight mass -q");
    done(dir.path(), "cells a.csv -o half.parquet --after 2020-09-13T12:30Z -q");
    refused(dir.path(), "merge a.parquet a.parquet -o out.parquet", 1, "added already");
    refused(dir.path(), "merge a.parquet weighed.parquet -o out.parquet", 1, "weights mass");
    refused(dir.path(), "merge half.parquet --minus a.parquet -o out.parquet", 1, "only events are taken away");
    refused(dir.path(), "merge a.parquet -z 17 -o out.parquet", 2, "at most 16");
    refused(dir.path(), "merge a.csv -o out.parquet", 1, "whole Parquet file");
    refused(dir.path(), "cells a.csv -o out.csv", 2, ".parquet");
    refused(dir.path(), "cells a.csv -o out.parquet -z 25", 2, "0 to 24");
    refused(dir.path(), "cells a.csv -o out.parquet --max-memory 1MB", 2, "64MiB");
    refused(dir.path(), "cells a.csv -o out.parquet --flat=px --lon lng --lat lat", 2, "positions on the Earth");
    refused(dir.path(), "cells a.csv -o a.parquet", 2, "--force");
    assert!(!dir.path().join("out.parquet").exists(), "nothing is written");
    done(dir.path(), "merge a.parquet a.parquet -o out.parquet --again -q");
    let (once, twice) = (read(&dir.path().join("a.parquet")), read(&dir.path().join("out.parquet")));
    assert!(once.plus(&once) == twice, "asked for, they are counted twice");
    Ok(())
}

#[test]
fn damaged_files_of_cells_are_refused() -> std::io::Result<()> {
    let dir = tempfile::tempdir()?;
    csv(dir.path(), "a.csv", &events(5000, 7));
    done(dir.path(), "cells a.csv -o a.parquet -q");
    let whole = bytes(dir.path(), "a.parquet");
    for end in [0, 10, whole.len() / 2, whole.len() - 1] {
        fs::write(dir.path().join("cut.parquet"), &whole[..end])?;
        refused(dir.path(), "merge cut.parquet -o out.parquet", 1, "whole Parquet file");
    }
    for at in (100..whole.len() - 2000).step_by(whole.len() / 40) {
        let mut changed = whole.clone();
        changed[at] ^= 0x55;
        fs::write(dir.path().join("changed.parquet"), changed)?;
        let output = torrid(dir.path(), "merge changed.parquet -o out.parquet -f");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            output.status.success() || (output.status.code() == Some(1) && !told.contains("panicked")),
            "{at}: {told}"
        );
    }
    Ok(())
}
