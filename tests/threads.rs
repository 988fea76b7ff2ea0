//! The bytes of the output depend on the events and the options, never on how they were worked through.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::Read;
use std::path::Path;

use assert_cmd::Command;
use torrid::lines::density::{Wish, density};
use torrid::lines::framing::Size;
use torrid::lines::reading::Reading;
use torrid::source::Query;
use torrid::{Bandwidth, Grid, Space};

fn fixture(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name).to_str().unwrap().to_owned()
}

/// What `torrid render` writes.
fn written(inputs: &[&str], extension: &str, options: &[&str]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join(format!("out.{extension}"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_torrid"));
    command.arg("render").args(inputs).arg("-o").arg(&out).args(["--width", "300"]).args(options).assert().success();
    fs::read(out).unwrap()
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let (crimes, quakes) = (fixture("liverpool-crimes.csv.gz"), fixture("earthquakes.csv"));
    for (input, options) in [
        (&*crimes, &["-b", "300m"][..]),
        (&crimes, &["-b", "none"]),
        (&crimes, &["-b", "1px"]),
        (&crimes, &["-b", "auto"]),
        (&quakes, &["-b", "500km", "--value", "magnitude"]),
        (&quakes, &["-b", "none", "--weight", "magnitude"]),
    ] {
        for extension in ["png", "npy"] {
            let with = |threads| written(&[input], extension, &[options, &["-j", threads]].concat());
            let alone = with("1");
            for threads in ["2", "16"] {
                assert!(alone == with(threads), "{options:?} .{extension} differs with {threads} threads");
            }
        }
    }
}

/// The rows of the crimes, unpacked.
fn crimes() -> String {
    let packed = fs::File::open(fixture("liverpool-crimes.csv.gz")).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed).read_to_string(&mut text).unwrap();
    text
}

#[test]
fn the_order_of_files_changes_no_byte() {
    let folder = tempfile::tempdir().unwrap();
    let text = crimes();
    let (header, rows) = text.split_once('\n').unwrap();
    let rows: Vec<&str> = rows.lines().collect();
    let files: Vec<String> = rows
        .chunks(rows.len() / 3 + 1)
        .enumerate()
        .map(|(i, part)| {
            let path = folder.path().join(format!("{i}.csv"));
            fs::write(&path, format!("{header}\n{}\n", part.join("\n"))).unwrap();
            path.to_str().unwrap().to_owned()
        })
        .collect();
    let [a, b, c] = [&*files[0], &*files[1], &*files[2]];
    for options in [&["-b", "300m"][..], &["-b", "none"], &["-b", "auto"]] {
        let whole = written(&[&fixture("liverpool-crimes.csv.gz")], "npy", options);
        for order in [[a, b, c], [c, a, b], [b, c, a]] {
            assert!(whole == written(&order, "npy", options), "{options:?}");
        }
    }
}

#[test]
fn a_packed_file_gives_the_bytes_of_its_plain_twin() {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("crimes.csv");
    fs::write(&plain, crimes()).unwrap();
    let packed = fixture("liverpool-crimes.csv.gz");
    for extension in ["png", "npy"] {
        let twin = written(&[plain.to_str().unwrap()], extension, &["-b", "300m"]);
        assert!(twin == written(&[&packed], extension, &["-b", "300m"]), ".{extension}");
    }
}

/// The crimes on the tiles of zoom 11 that hold some bounds.
fn on_tiles(bounds: [f64; 4], bandwidth: Bandwidth) -> Grid<f32> {
    let inputs = [fixture("liverpool-crimes.csv.gz")];
    let mut reading = Reading::open(&inputs, Query::new(Space::Earth), &()).unwrap();
    let wish = Wish { bounds: Some(bounds), size: Size::Zoom(11), bandwidth, ..Wish::default() };
    density(&mut reading, &wish).unwrap().density.grid
}

/// How many cells two frames of one lattice share, and how many of these differ.
fn compared(a: &Grid<f32>, b: &Grid<f32>) -> (usize, usize) {
    let (east, south) = (b.frame().first().0 - a.frame().first().0, b.frame().first().1 - a.frame().first().1);
    let (mut shared, mut differing) = (0, 0);
    for row in 0..a.frame().height() {
        for col in 0..a.frame().width() {
            let (there_col, there_row) = (i64::from(col) - east, i64::from(row) - south);
            let inside = (0..i64::from(b.frame().width())).contains(&there_col)
                && (0..i64::from(b.frame().height())).contains(&there_row);
            if inside {
                shared += 1;
                let there = b.get(there_col as u32, there_row as u32);
                differing += usize::from(a.get(col, row).to_bits() != there.to_bits());
            }
        }
    }
    (shared, differing)
}

#[test]
fn two_frames_agree_to_the_last_bit_on_the_tiles_they_share() {
    for bandwidth in ["none", "300m", "60m", "8px", "1px"] {
        let bandwidth: Bandwidth = bandwidth.parse().unwrap();
        let whole = on_tiles([-3.1, 53.3, -2.7, 53.5], bandwidth);
        let part = on_tiles([-3.05, 53.38, -2.95, 53.42], bandwidth);
        let other = on_tiles([-2.9, 53.35, -2.7, 53.5], bandwidth);
        for (a, b, least) in [(&whole, &part, 2), (&whole, &other, 2), (&part, &other, 1)] {
            let (shared, differing) = compared(a, b);
            assert!(shared >= least * 256 * 256, "{bandwidth}: the frames share tiles, {shared} cells");
            assert_eq!(differing, 0, "{bandwidth}: of {shared} cells");
        }
    }
}
