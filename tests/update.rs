//! `torrid tiles --update`: an archive with new events is the archive of all events, and an interrupted run leaves what was
//! there.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use torrid::cells::Cells;
use torrid::source::CellsFile;

#[path = "common/archives.rs"]
mod archives;

use archives::{Pmtiles, Tiles, load, names_in};

/// Rows of events: longitude, latitude, weight, reading; clusters in two countries and on both sides of the antimeridian.
fn rows(numbers: std::ops::Range<u32>) -> String {
    let places = [(2.35, 48.85), (13.4, 52.5), (179.97, -17.0), (-179.98, -16.9)];
    let row = |i: u32| {
        let (turn, far) = (f64::from(i) * 2.4, f64::from(i % 97).sqrt() / 60.0);
        let (lng, lat) = places[(i % 4) as usize];
        let weight = 1 + i / 4 % 2 * 2;
        format!("{},{},{weight},{}\n", lng + far * turn.cos(), lat + far * turn.sin(), f64::from(i % 31) / 3.0)
    };
    numbers.map(row).collect()
}

/// A folder with old events, new ones of which some are far from all others, and all of them.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let (old, new) = (
        rows(0..1600),
        format!("2.36,48.86,1,2.5\n2.361,48.861,3,4\n30.1,-2.2,3,1\n30.1,-2.21,1,9\n{}", rows(1600..1608)),
    );
    let write = |name: &str, rows: &str| {
        fs::write(folder.path().join(name), format!("lng,lat,mass,reading\n{rows}")).expect("a file");
    };
    write("old.csv", &old);
    write("new.csv", &new);
    write("all.csv", &(old + &new));
    folder
}

/// The report of a run that succeeds.
fn run(folder: &Path, arguments: &[&str]) -> Value {
    let done = Command::new(env!("CARGO_BIN_EXE_torrid")).current_dir(folder).args(arguments).arg("--json").output();
    let done = done.expect("the program runs");
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).expect("a report")
}

/// What a run says that fails.
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let done = Command::new(env!("CARGO_BIN_EXE_torrid")).current_dir(folder).args(arguments).output();
    let done = done.expect("the program runs");
    assert!(!done.status.success(), "{arguments:?} should fail");
    String::from_utf8_lossy(&done.stderr).into_owned()
}

/// Places where two sets of tiles differ.
fn different(a: &Tiles, b: &Tiles) -> Vec<(u8, u32, u32)> {
    a.keys().chain(b.keys()).filter(|place| a.get(place) != b.get(place)).copied().collect()
}

#[test]
fn an_archive_with_new_events_has_the_tiles_of_all_events() {
    let folder = folder();
    // Limits are given, because those of all events are others.
    let options: [&[&str]; 7] = [
        &["-b", "2km", "-z", "9"],
        &["-b", "2km", "-Z", "4", "-z", "10", "--retina", "--norm", "sqrt"],
        &["-b", "6px", "-z", "8", "--scale", "all"],
        &["-b", "none", "-z", "11", "--tile-size", "512"],
        &["-b", "3km", "-z", "8", "--weight", "mass"],
        &["-b", "3km", "-z", "9", "--value", "reading"],
        &["-b", "2km", "-z", "9", "--bounds", "2,48,3,49.5"],
    ];
    for (i, options) in options.into_iter().enumerate() {
        let name = ["heat.pmtiles", "heat.mbtiles", "heat"][i % 3];
        let all = format!("all-{name}");
        let tiles = |input, output, more: &[&str]| {
            let arguments =
                [&["tiles", input, "-o", output, "-f", "--vmin", "0", "--vmax", "5"], options, more].concat();
            run(folder.path(), &arguments)
        };
        tiles("old.csv", name, &["--keep-cells", "--value-tiles"]);
        tiles("all.csv", &all, &["--value-tiles"]);
        let report = run(folder.path(), &["tiles", "--update", name, "new.csv"]);
        let load = |name: &str| load(&folder.path().join(name));
        let (updated, fresh) = (load(name), load(&all));
        assert_eq!(different(&updated, &fresh), [], "{name} {options:?}");
        let values = |name: &str| load(&torrid::sink::tiles::values_beside(Path::new(name)).display().to_string());
        assert_eq!(different(&values(name), &values(&all)), [], "values of {name} {options:?}");
        assert!(report["drawn_tiles"].as_u64() <= report["tiles"].as_u64(), "{name} {options:?}");
    }
}

#[test]
fn only_tiles_in_reach_of_new_events_are_drawn_again() {
    let folder = folder();
    run(folder.path(), &["tiles", "old.csv", "-o", "heat.pmtiles", "-b", "500m", "-z", "12", "--keep-cells"]);
    fs::write(folder.path().join("one.csv"), "lng,lat\n13.4,52.5\n").expect("a file");
    let report = run(folder.path(), &["tiles", "--update", "heat.pmtiles", "one.csv"]);
    // A kernel of 500 m is cut off at 5 sigma: 5 km around, less than a tile of zoom 12.
    let drawn = report["drawn_tiles"].as_u64().expect("a number");
    assert!((13..=13 + 3 * 12).contains(&drawn), "{drawn} tiles of 13 zooms, at most 4 of each");
}

#[test]
fn the_scale_stays_as_it_was_fitted() {
    let folder = folder();
    for norm in ["log", "eq_hist"] {
        let options = ["-b", "1km", "-z", "9", "--norm", norm, "--scale", "per-zoom"];
        run(folder.path(), &[&["tiles", "old.csv", "-o", "heat.pmtiles", "-f", "--keep-cells"], &options[..]].concat());
        let path = folder.path().join("heat.pmtiles");
        let before = Pmtiles::read(&path);
        let bounds = before.metadata()["sources"].as_array().expect("sources").len();
        run(folder.path(), &["tiles", "--update", "heat.pmtiles", "new.csv"]);
        let after = Pmtiles::read(&path);
        assert_eq!(before.metadata()["scales"], after.metadata()["scales"], "{norm}");
        assert_eq!(after.metadata()["sources"].as_array().expect("sources").len(), bounds + 1);
        assert_eq!(after.metadata()["events"], 1612);
        let (before, after) = (before.tiles(), after.tiles());
        let same = before.iter().filter(|(place, bytes)| after.get(place) == Some(bytes)).count();
        assert!(same > 0 && same < before.len(), "{norm}: {same} of {} tiles are the same", before.len());
    }
}

#[test]
fn two_updates_are_one_with_both() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("more.csv"), format!("lng,lat\n{}", "13.41,52.51\n".repeat(9))).expect("a file");
    let draw = |name| {
        run(
            folder.path(),
            &["tiles", "old.csv", "-o", name, "-b", "auto", "-z", "auto", "--norm", "log", "--keep-cells"],
        )
    };
    draw("a.pmtiles");
    draw("b.pmtiles");
    run(folder.path(), &["tiles", "--update", "a.pmtiles", "new.csv", "more.csv"]);
    run(folder.path(), &["tiles", "--update", "b.pmtiles", "new.csv"]);
    run(folder.path(), &["tiles", "--update", "b.pmtiles", "more.csv", "--max-memory", "64MiB", "-j", "1"]);
    assert_eq!(different(&load(&path("a.pmtiles")), &load(&path("b.pmtiles"))), []);
    let cells = |name: &str| fs::read(path(&format!("{name}.cells.parquet"))).expect("cells");
    assert!(cells("a.pmtiles") == cells("b.pmtiles"), "the cells are the same file");
}

/// The cells of a file, and the bytes of each of its row groups.
fn groups(path: &Path) -> (Cells, Vec<Vec<u8>>) {
    let all = fs::read(path).expect("cells");
    let file = CellsFile::open(fs::File::open(path).expect("cells"), "cells").expect("Parquet").expect("cells");
    let stored = file.stored().expect("row groups");
    let (mut cells, mut bytes) = (Cells::new(file.provenance.zoom, file.provenance.contents), Vec::new());
    for group in 0..file.groups() {
        let read = file.group(group).expect("a group");
        cells.extend(&read, 0..read.len());
        let ranges = stored.columns(group).into_iter().map(|column| column.metadata.byte_range());
        bytes.push(ranges.flat_map(|(first, length)| all[first as usize..][..length as usize].to_vec()).collect());
    }
    (cells, bytes)
}

#[test]
fn of_the_cells_of_many_events_only_those_around_new_ones_are_written_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    // Multiples of the roots of x^3 = x + 1 are spread evenly (Roberts, 2018): hardly two events share a cell.
    let row = |i: u32| {
        let spread = |by: f64| (f64::from(i) * by).fract();
        format!("{},{}\n", 20.0 * spread(0.754_877_666_246_692_8), 40.0 + 15.0 * spread(0.569_840_290_998_053_3))
    };
    let write = |name: &str, rows: &str| fs::write(path(name), format!("lng,lat\n{rows}")).expect("a file");
    let old: String = (0..200_000).map(row).collect();
    let new = [
        "12.5,47.5\n12.6,47.5\n".repeat(20),
        "-170,80\n".into(),
        "170,-80\n".into(),
        (200_000..202_000).map(row).collect(),
    ];
    write("old.csv", &old);
    write("all.csv", &(old + &new.concat()));
    let draw = |from, to| run(folder.path(), &["tiles", from, "-o", to, "-b", "none", "-z", "7", "--keep-cells"]);
    draw("old.csv", "heat.pmtiles");
    draw("all.csv", "all.pmtiles");

    let beside = path("heat.pmtiles.cells.parquet");
    let mut before = groups(&beside).1;
    assert_eq!(before.len(), 4, "of 200,000 cells");
    for (i, (rows, touched)) in new.iter().zip([1, 1, 1, 8]).enumerate() {
        let name = format!("{i}.csv");
        write(&name, rows);
        run(folder.path(), &["tiles", "--update", "heat.pmtiles", &name]);
        let after = groups(&beside).1;
        let same = before.iter().filter(|group| after.contains(group)).count();
        assert!(
            same + touched >= before.len(),
            "{same} of {} groups are the same bytes after {rows:.20}",
            before.len()
        );
        assert!(after.len() <= 8, "{} groups", after.len());
        before = after;
    }
    assert!(
        groups(&beside).0 == groups(&path("all.pmtiles.cells.parquet")).0,
        "the cells of all events, in their order"
    );
}

#[test]
fn what_cannot_be_updated_is_refused_with_a_reason() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    let draw = |name, more: &[&str]| {
        run(folder.path(), &[&["tiles", "old.csv", "-o", name, "-f", "-b", "2km", "-z", "6"], more].concat());
    };
    draw("heat.pmtiles", &["--keep-cells"]);
    let before = fs::read(path("heat.pmtiles")).expect("an archive");
    let update = |more: &[&str]| refused(folder.path(), &[&["tiles", "--update", "heat.pmtiles"], more].concat());
    for (more, word) in [
        (&["old.csv"][..], "already"),
        (&["new.csv", "-b", "3km"], "--bandwidth"),
        (&["new.csv", "-o", "x.pmtiles"], "--output"),
        (&["new.csv", "--where", "nonsense > 3"], "nonsense"),
        (&["none.csv"], "none.csv"),
        (&["new.csv", "--weight", "mass"], "--weight"),
        (&["new.csv", "--value", "reading"], "--value"),
    ] {
        let said = update(more);
        assert!(said.contains(word), "{more:?}: {said}");
    }
    assert!(fs::read(path("heat.pmtiles")).expect("an archive") == before, "the archive is untouched");
    draw("bare.pmtiles", &[]);
    assert!(refused(folder.path(), &["tiles", "--update", "bare.pmtiles", "new.csv"]).contains("--keep-cells"));
    draw("other.pmtiles", &["--keep-cells", "--vmax", "3"]);
    fs::copy(path("other.pmtiles.cells.parquet"), path("heat.pmtiles.cells.parquet")).expect("a copy");
    assert!(update(&["new.csv"]).contains("another drawing"));
    fs::remove_file(path("heat.pmtiles.cells.parquet")).expect("a file");
    assert!(update(&["new.csv"]).contains("cells"));
    assert!(refused(folder.path(), &["tiles", "--update", "gone.pmtiles", "new.csv"]).contains("--update"));
    fs::write(path("a.kmz"), "").expect("a file");
    assert!(refused(folder.path(), &["tiles", "--update", "a.kmz", "new.csv"]).contains("KMZ"));
    assert!(refused(folder.path(), &["tiles", "old.csv", "-o", "b.kmz", "--keep-cells"]).contains("--keep-cells"));
}

#[test]
fn an_update_that_was_cut_short_before_its_cells_were_kept_is_done_again() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("more.csv"), "lng,lat\n2.4,48.9\n").expect("a file");
    run(folder.path(), &["tiles", "old.csv", "-o", "heat.pmtiles", "-b", "2km", "-z", "6", "--keep-cells"]);
    let cells = fs::read(path("heat.pmtiles.cells.parquet")).expect("cells");
    run(folder.path(), &["tiles", "--update", "heat.pmtiles", "new.csv"]);
    let done = load(&path("heat.pmtiles"));
    fs::write(path("heat.pmtiles.cells.parquet"), cells).expect("the cells before");
    let said = refused(folder.path(), &["tiles", "--update", "heat.pmtiles", "more.csv"]);
    assert!(said.contains("new.csv"), "{said}");
    run(folder.path(), &["tiles", "--update", "heat.pmtiles", "new.csv"]);
    assert_eq!(different(&load(&path("heat.pmtiles")), &done), []);
}

#[cfg(unix)]
#[test]
fn a_run_that_is_killed_leaves_nothing_that_looks_whole() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    let mut many = fs::File::create(path("many.csv")).expect("a file");
    many.write_all(format!("lng,lat,mass,reading\n{}", rows(0..20_000)).as_bytes()).expect("room");
    let whole = |name: &str| load(&path(name)).len();
    let names = ["a.pmtiles", "a.mbtiles", "a"];
    let draw = |name| ["tiles", "many.csv", "-o", name, "-b", "300m", "-z", "11", "-q"];
    let expected: Vec<usize> = names
        .map(|name| {
            run(folder.path(), &draw(name));
            let tiles = whole(name);
            if path(name).is_dir() { fs::remove_dir_all(path(name)) } else { fs::remove_file(path(name)) }
                .expect("gone");
            tiles
        })
        .into();
    let mut killed = 0;
    for (i, wait) in (0..24u64).map(|i| i * i * 3).enumerate() {
        let name = names[i % 3];
        killed += u32::from(kill(folder.path(), &draw(name), wait));
        if path(name).exists() {
            assert_eq!(whole(name), expected[i % 3], "{name} after {wait} ms");
            if path(name).is_dir() { fs::remove_dir_all(path(name)) } else { fs::remove_file(path(name)) }
                .expect("gone");
        }
        let known = |name: &String| name.starts_with(".torrid-") || name.contains(".csv");
        let left: Vec<String> = names_in(folder.path()).into_iter().filter(|name| !known(name)).collect();
        assert_eq!(left, [""; 0], "after {wait} ms");
    }
    assert!(killed > 0, "at least the first are killed before they end");
}

#[cfg(unix)]
#[test]
fn an_update_that_is_killed_leaves_the_archive_before_or_after() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    let archive: PathBuf = path("heat.pmtiles");
    let cells = path("heat.pmtiles.cells.parquet");
    run(folder.path(), &["tiles", "old.csv", "-o", "heat.pmtiles", "-b", "300m", "-z", "10", "--keep-cells"]);
    let before = (fs::read(&archive).expect("an archive"), fs::read(&cells).expect("cells"));
    let update = ["tiles", "--update", "heat.pmtiles", "new.csv", "-q"];
    run(folder.path(), &update);
    let after = fs::read(&archive).expect("an archive");
    for wait in (0..12u64).map(|i| i * i * 4) {
        fs::write(&archive, &before.0).expect("room");
        fs::write(&cells, &before.1).expect("room");
        kill(folder.path(), &update, wait);
        let left = fs::read(&archive).expect("an archive");
        assert!(left == before.0 || left == after, "after {wait} ms: neither the old archive nor the new one");
        if fs::read(&cells).expect("cells") == before.1 {
            run(folder.path(), &update);
            assert!(fs::read(&archive).expect("an archive") == after, "after {wait} ms: the same when done again");
        }
    }
}

/// Runs the program for so many milliseconds; whether it was killed before its end.
#[cfg(unix)]
fn kill(folder: &Path, arguments: &[&str], wait: u64) -> bool {
    let mut program = Command::new(env!("CARGO_BIN_EXE_torrid"));
    let mut child =
        program.current_dir(folder).args(arguments).stderr(Stdio::null()).spawn().expect("the program runs");
    std::thread::sleep(Duration::from_millis(wait));
    // On Unix this is SIGKILL.
    child.kill().expect("it is there");
    !child.wait().expect("it ends").success()
}
