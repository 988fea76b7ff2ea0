//! The program as its users meet it: what it writes, what it tells, and one clear message where it is run the wrong way.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

const BAD_CSV: &str = "lon,lat,mag\n1,2,3\n3,north,4\n5,6,7\n";

fn fixture(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name).to_str().unwrap().to_owned()
}

fn torrid(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_torrid"));
    command.current_dir(folder).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A folder with small inputs, good and bad.
fn workshop() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    put("a.csv", b"lon,lat,mag\n1,2,3\n3,4,4\n5,6,7\n");
    put("bad.csv", BAD_CSV.as_bytes());
    put("empty.csv", b"");
    put("header.csv", b"lon,lat\n");
    put("old.png", b"what was there");
    // The first bytes of gzip, and then nothing that any of these formats could be.
    for name in ["garbage.csv.gz", "garbage.parquet", "garbage.geojson"] {
        put(name, &[&[0x1f, 0x8b, 8, 0][..], &b"this is no such file, whatever it is called ".repeat(20)].concat());
    }
    for name in ["us-airports.csv.gz", "us-airports.parquet", "earthquakes-week.geojson"] {
        let whole = fs::read(fixture(name)).unwrap();
        put(&format!("cut-{name}"), &whole[..whole.len() / 2]);
    }
    fs::create_dir_all(folder.path().join("folder.png")).unwrap();
    fs::create_dir_all(folder.path().join("notes")).unwrap();
    put("notes/readme.txt", b"no events here");
    folder
}

fn names(folder: &Path) -> Vec<PathBuf> {
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    names
}

/// Runs `torrid render` and checks that it refuses with `code`, in one line that holds all of `words`, and writes
/// nothing.
#[track_caller]
fn refused(arguments: &[&str], code: i32, words: &[&str]) {
    let folder = workshop();
    let before = names(folder.path());
    let run = torrid(folder.path(), &[&["render"], arguments].concat());
    let message = text(&run.stderr);
    assert_eq!(run.status.code(), Some(code), "{arguments:?}: {message}");
    assert_eq!(text(&run.stdout), "", "{arguments:?} prints no result");
    assert!(!message.contains("panicked"), "{arguments:?}: {message}");
    for word in [&["error: ", "found ", "expected "], words].concat() {
        assert!(message.contains(word), "{arguments:?} should say `{word}`: {message}");
    }
    assert_eq!(message.lines().count(), 1, "{arguments:?}: {message}");
    assert_eq!(names(folder.path()), before, "{arguments:?} leaves nothing behind");
    assert_eq!(fs::read(folder.path().join("old.png")).unwrap(), b"what was there");
}

/// As [`refused`], of a good input and a picture.
#[track_caller]
fn refused_options(options: &[&str], words: &[&str]) {
    refused(&[&["a.csv", "-o", "out.png"], options].concat(), 2, words);
}

#[test]
fn without_an_input_the_usage_is_shown() {
    let folder = workshop();
    let run = torrid(folder.path(), &["render", "-o", "out.png"]);
    assert_eq!(run.status.code(), Some(2));
    assert!(text(&run.stderr).contains("<INPUT>..."), "{}", text(&run.stderr));
    assert!(!folder.path().join("out.png").exists());
}

#[test]
fn an_unknown_column_is_answered_with_those_there_are() {
    for option in ["--lon", "--lat", "--weight", "--value"] {
        refused_options(&[option, "heavy"], &["heavy", "a.csv", "`lon`", "`lat`", "`mag`"]);
    }
    refused_options(&["--where", "depth > 3"], &["depth", "`mag`"]);
}

#[test]
fn a_condition_that_is_no_sql_is_refused() {
    refused_options(&["--where", "mag = = 3"], &["--where", "Column: 7", "for example"]);
}

#[test]
fn bounds_without_an_area_are_refused() {
    refused_options(&["--bounds", "1,2,1,3"], &["--bounds", "west 1", "W,S,E,N"]);
    refused_options(&["--bounds", "1,3,2,2"], &["--bounds", "south 3 and north 2", "S < N"]);
    refused_options(&["--bounds", "1,2,3"], &["--bounds", "`1,2,3`", "four numbers", "write it like"]);
    refused_options(&["--bounds=1,2,3,x"], &["--bounds", "four numbers"]);
    refused_options(&["--bounds=1,2,3,95"], &["--bounds", "degrees"]);
}

#[test]
fn an_impossible_size_is_refused() {
    for size in ["0x0", "0x100", "abc", "100", "-1x5"] {
        refused_options(&[&format!("--size={size}")], &["--size", size, "1280x960"]);
    }
    refused_options(&["--width", "0"], &["--width", "at least 1"]);
    refused_options(&["--cell", "7"], &["--cell", "100m"]);
}

#[test]
fn a_bandwidth_needs_a_positive_length_and_a_unit_of_its_space() {
    for bandwidth in ["250", "0m", "-5m", "nonsense", "nanm", ""] {
        refused_options(&["-b", bandwidth], &["--bandwidth", &format!("`{bandwidth}`"), "250m"]);
    }
    refused_options(&["-b", "3u"], &["--bandwidth", "`3u`", "metres", "--flat"]);
}

#[test]
fn an_aggregate_needs_its_column_and_its_estimate() {
    refused_options(&["--agg", "mean"], &["--agg", "--value COLUMN"]);
    refused_options(&["--agg", "sum"], &["--agg", "--weight COLUMN"]);
    refused_options(&["--agg", "min", "--value", "mag", "-b", "10km"], &["--agg", "10km", "--bandwidth none"]);
}

#[test]
fn an_unknown_reference_system_is_refused() {
    refused_options(&["--crs", "EPSG:999999"], &["--crs", "EPSG:999999", "epsg.io"]);
}

#[test]
fn an_unknown_colormap_is_answered_with_the_nearest() {
    refused_options(&["--cmap", "viridsi"], &["--cmap", "viridsi", "did you mean `viridis`?"]);
}

#[test]
fn colours_that_contradict_themselves_are_refused() {
    refused_options(&["--gradient", "red"], &["--gradient", "`red`", "POSITION:COLOUR"]);
    refused_options(&["--gradient", "0:#000"], &["--gradient", "two stops"]);
    refused_options(&["--gradient", "0:#000;1:#fff", "--vmax", "3"], &["--gradient", "limits", "--vmax"]);
    refused_options(&["--vmin", "5", "--vmax", "1"], &["--vmin", "vmin 5 and vmax 1"]);
    refused_options(&["--opacity", "1.5"], &["--opacity", "0 to 1"]);
    refused_options(&["--background", "no colour"], &["--background", "CSS"]);
    refused_options(&["--style", "gaussian:3km log"], &["--style"]);
}

#[test]
fn a_base_that_is_no_picture_is_refused() {
    refused_options(&["--base", "nofile.png"], &["--base", "nofile.png", "`land`"]);
    refused(&["a.csv", "-o", "out.png", "--base", "old.png"], 1, &["old.png", "PNG, JPEG or WebP", "--base"]);
}

#[test]
fn no_threads_and_no_interval_are_refused() {
    refused_options(&["-j", "0"], &["--threads", "at least 1"]);
    refused_options(&["--after", "2020-01-02", "--before", "2020-01-01"], &["--after", "--before"]);
    refused_options(&["--after", "soon"], &["--after", "soon"]);
}

#[test]
fn an_output_that_cannot_be_is_refused_before_anything_is_read() {
    refused(&["absent.csv", "-o", "out.xyz"], 2, &["out.xyz", ".xyz", ".png", ".tif"]);
    refused(&["absent.csv", "-o", "out"], 2, &["no extension"]);
    refused(&["absent.csv", "-o", "folder.png"], 2, &["folder.png", "a folder", "a file"]);
    refused(&["absent.csv", "-o", "nowhere/out.png"], 2, &["nowhere", "make the folder"]);
    refused(&["absent.csv", "-o", "old.png"], 2, &["old.png", "--force"]);
}

#[test]
fn values_have_no_colours() {
    for option in [&["--cmap", "viridis"][..], &["--legend"], &["--base", "land"], &["--vmax", "3"]] {
        refused(&[&["a.csv", "-o", "out.npy"], option].concat(), 2, &[option[0], "values", "picture"]);
    }
}

#[test]
fn an_input_that_leads_nowhere_is_named() {
    refused(&["absent.csv", "-o", "out.png"], 1, &["absent.csv", "no such file"]);
    refused(&["notes", "-o", "out.png"], 1, &["notes", "1 file of unknown format", "csv", "--format"]);
    refused(&["*.gpx", "-o", "out.png"], 1, &["*.gpx", "no file there"]);
    refused(&["old.png", "-o", "out.png"], 2, &["old.png", "--format"]);
}

#[test]
fn a_damaged_input_is_named() {
    for name in [
        "garbage.csv.gz",
        "garbage.parquet",
        "garbage.geojson",
        "cut-us-airports.csv.gz",
        "cut-us-airports.parquet",
        "cut-earthquakes-week.geojson",
        "empty.csv",
        "header.csv",
    ] {
        refused(&[name, "-o", "out.png"], 1, &[name]);
        refused(&[name, "-o", "out.npy", "-b", "none", "--bounds=0,0,1,1"], 1, &[name]);
    }
}

#[test]
fn a_bad_row_is_counted_and_under_strict_it_is_fatal() {
    refused(&["bad.csv", "-o", "out.png", "--strict"], 1, &["bad.csv, line 3", "`north`", "`lat`", "--strict"]);
    let folder = workshop();
    let run = torrid(folder.path(), &["render", "bad.csv", "-o", "out.png", "--width", "32"]);
    assert!(run.status.success());
    assert!(text(&run.stderr).contains("skipped 1 rows: position is not a number"), "{}", text(&run.stderr));
}

#[test]
fn an_existing_output_is_replaced_with_force() {
    let folder = workshop();
    assert!(torrid(folder.path(), &["render", "a.csv", "-fo", "old.png", "--width", "32"]).status.success());
    assert!(fs::read(folder.path().join("old.png")).unwrap().starts_with(b"\x89PNG"));
}

#[test]
fn every_format_is_written_and_quiet_prints_nothing() {
    let folder = workshop();
    let page = torrid::sink::built("offline.html").is_some();
    for format in torrid::sink::FORMATS.iter().filter(|format| page || format.kind() != torrid::sink::Kind::Map) {
        for extension in format.extensions {
            let out = format!("out.{extension}");
            let run = torrid(folder.path(), &["render", "a.csv", "-o", &out, "--width", "32", "-q"]);
            assert!(run.status.success(), "{out}: {}", text(&run.stderr));
            assert_eq!((text(&run.stdout), text(&run.stderr)), (String::new(), String::new()), "{out}");
            assert!(fs::metadata(folder.path().join(&out)).unwrap().len() > 100, "{out}");
        }
    }
}

#[test]
fn a_world_file_lies_beside_the_picture() {
    let folder = workshop();
    let run = torrid(folder.path(), &["render", "a.csv", "-o", "out.png", "--width", "32", "--world-file"]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    assert_eq!(fs::read_to_string(folder.path().join("out.pgw")).unwrap().lines().count(), 6);
    assert!(fs::read_to_string(folder.path().join("out.prj")).unwrap().contains("PROJ"));
}

/// The report of a run on a fixture.
fn report(arguments: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let common = ["-o", "out.png", "--width", "64", "--json", "-q"];
    let run = torrid(folder.path(), &[&["render"], arguments, &common].concat());
    assert!(run.status.success(), "{arguments:?}: {}", text(&run.stderr));
    serde_json::from_slice(&run.stdout).expect("one object")
}

/// Rows of each fixture by the table beside them.
fn rows_of_fixtures() -> Vec<(String, u64)> {
    let table = fs::read_to_string(fixture("README.md")).unwrap();
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect::<Vec<_>>();
    let lines = table.lines().filter(|line| line.starts_with("| `")).map(cells);
    lines.filter_map(|cells| Some((cells[1].clone(), cells[2].parse().ok()?))).collect()
}

#[test]
fn the_report_counts_every_row_of_the_fixtures() {
    let fixtures = rows_of_fixtures();
    assert!(fixtures.len() >= 8, "the table is read");
    for (name, rows) in fixtures {
        let path = fixture(&name);
        if ["us-unemployment.csv", "penguins.csv", "iris.csv"].contains(&&*name) {
            let folder = tempfile::tempdir().unwrap();
            let run = torrid(folder.path(), &["figure", &path, "-o", "out.png", "--json", "-q"]);
            let report: Value = serde_json::from_slice(&run.stdout).expect("one object");
            assert_eq!(report["rows"], rows, "{name}: {report}");
            continue;
        }
        let options: &[&str] = match &*name {
            name if name.starts_with("clicks") => &["--flat"],
            name if name.contains(".gpx") => &["--track-weight", "fix"],
            _ => &[],
        };
        let report = report(&[&[&*path], options].concat());
        let waypoints = if name.contains(".gpx") { 7 } else { 0 };
        assert_eq!(report["rows"]["used"], rows, "{name}: {report}");
        assert_eq!(report["rows"]["read"], rows + waypoints, "{name}: {report}");
        assert_eq!(report["events"], rows, "{name}: {report}");
    }
}

#[test]
fn the_report_is_one_object_with_everything_a_script_needs() {
    let report = report(&[&fixture("liverpool-crimes.csv.gz"), "-b", "300m"]);
    let extent: Vec<f64> = serde_json::from_value(report["extent"].clone()).unwrap();
    assert!(extent[0] < extent[2] && extent[1] < extent[3], "{extent:?}");
    assert_eq!(report["bandwidth"], "300m");
    assert!(report["method"].as_str().is_some_and(|method| !method.is_empty()));
    assert!(report["error_bound"].as_f64().is_some_and(|bound| (0.0..=1.0 / 512.0).contains(&bound)), "{report}");
    assert!(report["seconds"]["total"].as_f64().is_some_and(|seconds| seconds > 0.0));
    if cfg!(target_os = "linux") {
        assert!(report["peak_memory_bytes"].as_u64().is_some_and(|bytes| bytes > 1 << 20));
    }
}

#[test]
fn standard_input_gives_what_the_file_gives() {
    let folder = workshop();
    let write = |input: &str, out: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_torrid"));
        command.current_dir(folder.path()).args(["render", input, "--format", "csv", "-o", out, "--width", "32"]);
        command.write_stdin(fs::read(fixture("us-airports.csv.gz")).unwrap()).assert().success();
        fs::read(folder.path().join(out)).unwrap()
    };
    assert_eq!(write("-", "piped.png"), write(&fixture("us-airports.csv.gz"), "read.png"));
    refused(&["-", "-o", "out.png"], 2, &["standard input", "--format"]);
}

#[test]
fn completions_are_a_script_of_the_shell() {
    let run = torrid(Path::new("."), &["completions", "bash"]);
    assert!(run.status.success());
    assert!(text(&run.stdout).contains("_torrid()"), "{}", text(&run.stdout));
}

#[test]
fn colormaps_are_listed_and_drawn() {
    let listed = text(&torrid(Path::new("."), &["colormaps"]).stdout);
    for name in ["torrid", "viridis"] {
        assert!(listed.lines().any(|line| line == name), "{listed}");
    }
    let folder = workshop();
    assert!(torrid(folder.path(), &["colormaps", "-o", "chart.png"]).status.success());
    assert!(fs::metadata(folder.path().join("chart.png")).unwrap().len() > 1000);
}

#[test]
fn info_names_columns_and_counts_rows() {
    for (name, words) in [
        ("us-airports.parquet", &["iata, state, country, latitude, longitude", "3,376, of which 3,376"][..]),
        ("earthquakes.csv", &["time, latitude, longitude, depth_km, magnitude", "1,372, of which 1,372", "1979-01-16"]),
    ] {
        let run = torrid(Path::new("."), &["info", &fixture(name)]);
        assert!(run.status.success(), "{}", text(&run.stderr));
        for word in words {
            assert!(text(&run.stdout).contains(word), "{name} should say {word}: {}", text(&run.stdout));
        }
    }
}

#[test]
fn a_sweep_is_one_picture_or_a_file_for_each_bandwidth() {
    let folder = workshop();
    let crimes = fixture("liverpool-crimes.csv.gz");
    let sweep = |bandwidths: &str, out: &str| {
        torrid(folder.path(), &["render", &crimes, "-q", "--bandwidths", bandwidths, "--width", "64", "-o", out])
    };
    assert!(sweep("200m,400m,800m", "sheet.png").status.success());
    assert!(sweep("200m,1km", "{bandwidth}.npy").status.success());
    for name in ["sheet.png", "200m.npy", "1km.npy"] {
        assert!(folder.path().join(name).exists(), "{name}");
    }
    let refused = sweep("200m,1km", "one.tif");
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("{bandwidth}") && !folder.path().join("one.tif").exists());
}
