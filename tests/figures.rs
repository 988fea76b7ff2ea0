//! `torrid figure` as users run it: on real tables, into every format, with wrong inputs.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::shared;
use serde_json::Value;

fn figure(table: &Path, out: &Path, options: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_torrid"));
    command.arg("figure").arg(table).arg("-o").arg(out).args(options).output().unwrap()
}

/// The report of a run that goes well.
#[track_caller]
fn report(table: &Path, out: &Path, options: &[&str]) -> Value {
    let done = figure(table, out, &[options, &["--json", "--force"]].concat());
    assert!(done.status.success(), "{}: {}", table.display(), String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap()
}

/// What a run says that is refused, with its exit code.
#[track_caller]
fn refused(table: &Path, options: &[&str]) -> (i32, String) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.png");
    let done = figure(table, &out, options);
    assert!(!done.status.success() && !out.exists(), "{options:?} is refused and leaves nothing");
    (done.status.code().unwrap(), String::from_utf8_lossy(&done.stderr).into_owned())
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

fn written(name: &str, text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    (folder, path)
}

fn size(report: &Value) -> (u64, u64) {
    (report["rows"].as_u64().unwrap(), report["columns"].as_u64().unwrap())
}

fn labels<'a>(report: &'a Value, side: &str) -> Vec<&'a str> {
    report["order"][side].as_array().unwrap().iter().map(|label| label.as_str().unwrap()).collect()
}

#[test]
fn every_real_matrix_becomes_a_figure() {
    let Some(dir) = shared("data/matrices") else { return };
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.png");
    let long = ["--rows", "month", "--cols", "year", "--value", "passengers", "--annot"];
    let flights = report(&dir.join("flights.csv"), &out, &long);
    assert_eq!((size(&flights), labels(&flights, "rows")[11]), ((12, 12), "December"));
    assert_eq!((flights["limits"][0].as_f64(), flights["limits"][1].as_f64()), (Some(104.0), Some(622.0)));
    let glue =
        report(&dir.join("glue.csv"), &out, &["--rows", "Model", "--cols", "Task", "--value", "Score", "--annot"]);
    assert_eq!(size(&glue), (8, 8));
    let networks =
        ["--header", "3", "--corr", "--cluster", "both", "--row-colors", "network", "--col-colors", "network"];
    let brain = report(&dir.join("brain_networks.csv.gz"), &out, &networks);
    assert_eq!(size(&brain), (62, 62));
    assert_eq!(labels(&brain, "rows"), labels(&brain, "columns"), "one tree");
    let volcano =
        report(&dir.join("volcano-maungawhau.json"), &out, &["--contours", "100,120,140,160,180", "--square"]);
    assert_eq!((size(&volcano), volcano["limits"][1].as_f64()), ((61, 87), Some(195.0)));
    for (name, expected) in [
        ("mini_gctoo_for_testing.gct", (6, 6)),
        ("mini_gctoo_for_testing_nometa.gct", (6, 6)),
        ("older_version_v1_2.gct", (5, 3)),
        ("test_p100.gct", (96, 96)),
        ("test_v1point2_n5x10.gct", (10, 5)),
    ] {
        assert_eq!(size(&report(&dir.join("gct").join(name), &out, &[])), expected, "{name}");
    }
}

#[test]
fn readings_by_the_day_of_the_week_are_one_command() {
    let Some(file) = shared("data/readings/pm10-germany-2005-h1.csv.gz") else { return };
    let folder = tempfile::tempdir().unwrap();
    let by = ["--rows", "weekday(date)", "--cols", "month(date)", "--value", "pm10"];
    let found = report(&file, &folder.path().join("out.png"), &by);
    assert_eq!(size(&found), (7, 12), "all of both, so that gaps are seen");
    assert_eq!((labels(&found, "rows")[0], found["name"].as_str()), ("Monday", Some("mean of pm10")));
}

#[test]
fn readings_by_the_hour_and_the_town_are_one_command() {
    let row = |i: usize| {
        let (day, hour, town) = (i / 24 + 1, i % 24, ["Jena", "Gera"][i % 2]);
        format!("2005-01-{day:02}T{hour:02}:30+01:00,{town},{hour}\n")
    };
    let rows: String = (0..480).map(row).collect();
    let (folder, table) = written("hours.csv", &format!("time,town,pm10\n{rows}"));
    let by = ["--rows", "hour(time)", "--cols", "town", "--value", "pm10"];
    let found = report(&table, &folder.path().join("out.png"), &by);
    assert_eq!((size(&found), labels(&found, "columns")), ((24, 2), vec!["Gera", "Jena"]));
    assert_eq!(
        (labels(&found, "rows")[23], found["limits"][1].as_f64()),
        ("23", Some(23.0)),
        "hours as they are written"
    );
}

#[test]
fn years_are_labels_without_being_asked() {
    let folder = tempfile::tempdir().unwrap();
    let found = report(&fixture("us-unemployment.csv"), &folder.path().join("out.png"), &["--annot"]);
    assert_eq!((size(&found), labels(&found, "rows")[0]), ((69, 13), "1948"));
    assert!(found["notes"].to_string().contains("row labels from column `Year`"), "{found}");
}

#[test]
fn correlations_and_clusters_are_those_of_other_programs() {
    let folder = tempfile::tempdir().unwrap();
    let (out, tree) = (folder.path().join("out.png"), folder.path().join("tree.json"));
    let found = report(&fixture("penguins.csv"), &out, &["--corr", "--annot"]);
    assert_eq!((size(&found), found["name"].as_str()), ((4, 4), Some("Pearson correlation")));
    let options = ["--cluster", "rows", "--row-colors", "species", "--tree", tree.to_str().unwrap()];
    let iris = report(&fixture("iris.csv"), &out, &options);
    let trees: Value = serde_json::from_str(&fs::read_to_string(&tree).unwrap()).unwrap();
    assert!(trees["columns"].is_null());
    let rows = &trees["rows"];
    let order: Vec<&str> = rows["order"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| rows["labels"][i.as_u64().unwrap() as usize].as_str().unwrap())
        .collect();
    assert_eq!(order, labels(&iris, "rows"));
    // SciPy 1.17: linkage(iris, "average")[-1, 2].
    let last = rows["linkage"].as_array().unwrap().last().unwrap()[2].as_f64().unwrap();
    assert!((last - 4.062_682_69).abs() < 1e-6, "{last}");
}

#[test]
fn a_figure_is_written_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/dist/figure.html").exists();
    let begins: [(&str, &[u8]); 5] =
        [("png", b"\x89PNG"), ("webp", b"RIFF"), ("jpg", b"\xff\xd8"), ("svg", b"<?xml"), ("pdf", b"%PDF-")];
    for (extension, begin) in begins.into_iter().chain(page.then_some(("html", &b"<!doctype html>"[..]))) {
        let out = folder.path().join(format!("figure.{extension}"));
        report(&fixture("penguins.csv"), &out, &["--corr", "--annot", "--title", "Penguins & <co>"]);
        let bytes = fs::read(&out).unwrap();
        assert!(bytes[..begin.len()].eq_ignore_ascii_case(begin), "{extension}");
        match extension {
            "svg" => {
                let text = String::from_utf8(bytes).unwrap();
                assert!(text.contains(">bill_length_mm</text>") && text.contains("Penguins &amp; &lt;co>"), "{text}");
            }
            "pdf" => assert!(bytes.windows(5).any(|five| five == b"/Font"), "words are words"),
            "html" => assert!(!String::from_utf8(bytes).unwrap().contains("Penguins & <co>"), "no mark of a title"),
            _ => assert!(image::open(&out).is_ok(), "{extension}"),
        }
    }
}

#[test]
fn a_figure_goes_into_a_pipe_as_png() {
    let done = figure(&fixture("penguins.csv"), Path::new("-"), &["--corr", "-q"]);
    assert!(done.status.success() && done.stderr.is_empty(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(image::load_from_memory(&done.stdout).is_ok(), "a picture");
}

#[test]
fn other_eyes_get_a_picture_each_and_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.png");
    let done = figure(&fixture("penguins.csv"), &out, &["--corr", "--cmap", "RdYlGn", "--check-cvd"]);
    let told = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success() && told.contains("look alike"), "{told}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4, "{told}");
    let again = figure(
        &fixture("penguins.csv"),
        &folder.path().join("out.webp"),
        &["--corr", "--cmap", "cividis", "--check-cvd"],
    );
    assert!(String::from_utf8_lossy(&again.stderr).matches("stay apart").count() == 3);
}

#[test]
fn coordinates_of_what_a_tree_puts_in_order_are_refused() {
    let table = fixture("us-unemployment.csv");
    let (code, told) = refused(&table, &["--cluster", "rows", "--yedges", "labels"]);
    assert!(code == 2 && told.contains("--yedges"), "{told}");
    let (code, told) = refused(&table, &["--cluster", "both", "--origin", "lower"]);
    assert!(code == 2 && told.contains("--origin"), "{told}");
}

#[test]
fn what_cannot_be_drawn_is_refused_with_what_to_do() {
    let table = fixture("us-unemployment.csv");
    for (options, word) in [
        (&["--cmap", "viridiss"][..], "did you mean `viridis`"),
        (&["--fmt", "x", "--annot"], "--fmt"),
        (&["--figsize", "big"], "--figsize 8,6"),
        (&["--figsize", "0.05,0.05"], "larger --figsize"),
        (&["--row-colors", "species"], "what is known beside the labels"),
        (&["--xedges", "1,2,3"], "one more than there are cells"),
        (&["--vmin", "5", "--vmax", "1"], "vmin below vmax"),
        (&["--method", "ward", "--metric", "cosine", "--cluster", "both"], "euclidean"),
        (&["--cbar-pos", "0,0,2,1"], "--cbar-pos"),
        (&["--contours", "3,1"], "ascending"),
        (&["--rows", "Year", "--cols", "Month"], "Month"),
        (&["--mask", "nowhere.csv"], "nowhere.csv"),
    ] {
        let (code, told) = refused(&table, options);
        assert!(told.contains(word) && (1..=2).contains(&code), "{options:?}: {told}");
    }
    let (code, told) = refused(&fixture("nowhere.csv"), &[]);
    assert!(code == 1 || code == 2, "{told}");
    let (_folder, words) = written("words.csv", "a,b\nx,y\nz,w\n");
    assert!(refused(&words, &[]).1.contains("--rows"), "a table of words");
    let (_folder, empty) = written("empty.csv", "");
    assert_eq!(refused(&empty, &[]).0, 1);
}

#[test]
fn a_mask_hides_and_edges_are_true_to_their_numbers() {
    let (folder, table) = written("table.csv", ",10,20,50\na,1,2,3\nb,4,5,6\n");
    let mask = folder.path().join("mask.csv");
    fs::write(&mask, ",10,20,50\na,1,0,0\nb,0,0,1\n").unwrap();
    let out = folder.path().join("out.svg");
    let found = report(&table, &out, &["--mask", mask.to_str().unwrap(), "--annot", "--xedges", "labels"]);
    assert_eq!((found["limits"][0].as_f64(), found["limits"][1].as_f64()), (Some(2.0), Some(5.0)));
    let text = fs::read_to_string(&out).unwrap();
    assert!(!text.contains(">6</text>") && text.contains(">5</text>") && !text.contains("no data"), "{text}");
}

#[test]
fn maps_have_sides_and_are_drawings_too() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["map.svg", "map.pdf", "map.png"] {
        let out = folder.path().join(name);
        let mut command = Command::new(env!("CARGO_BIN_EXE_torrid"));
        command.arg("render").arg(fixture("cities.csv")).arg("-o").arg(&out);
        command.args([
            "--bandwidth",
            "60km",
            "--width",
            "400",
            "--bounds",
            "-12,35,42,62",
            "--axes",
            "--xlabel",
            "Longitude",
        ]);
        let done = command.output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        if name == "map.svg" {
            let text = fs::read_to_string(&out).unwrap();
            for word in ["Longitude", "20° E", "50° N", "latitude", "events per km²", "<image"] {
                assert!(text.contains(word), "{word}");
            }
        }
    }
    let picture = image::open(folder.path().join("map.png")).unwrap();
    assert!(picture.width() > 400, "the map keeps its size, and the sides are around it");
}
