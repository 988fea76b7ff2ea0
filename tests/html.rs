//! Maps of one file, read back by a few lines that are not torrid's: they hold what the other forms hold. Where the page
//! that they are made of was not built, they are refused.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

#[path = "common/archives.rs"]
mod archives;

use archives::{data_of, from_base64, load_folder, load_map};

/// Events around Liverpool and on a page, and a picture of the page.
fn folder() -> TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let place = |i: u32| (f64::from(i) * 2.4, f64::from(i).sqrt());
    let on_earth =
        |(turn, far): (f64, f64)| format!("{},{}\n", -2.98 + far * turn.cos() / 300.0, 53.4 + far * turn.sin() / 500.0);
    let on_page =
        |(turn, far): (f64, f64)| format!("{},{}\n", 300.0 + 9.0 * far * turn.cos(), 200.0 + 7.0 * far * turn.sin());
    let earth: String = (0..300).map(place).map(on_earth).collect();
    let page: String = (0..300).map(place).map(on_page).collect();
    fs::write(dir.path().join("events.csv"), format!("lng,lat\n{earth}")).expect("a file");
    fs::write(dir.path().join("clicks.csv"), format!("x,y\n{page}")).expect("a file");
    image::RgbImage::from_pixel(600, 400, image::Rgb([250, 240, 230]))
        .save(dir.path().join("page.png"))
        .expect("a file");
    dir
}

/// Runs the program: whether it succeeded, and what it said.
fn run(dir: &TempDir, arguments: &[&str]) -> (bool, String) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_torrid"));
    let done = program.current_dir(dir.path()).args(arguments).output().expect("the program runs");
    (done.status.success(), String::from_utf8_lossy(&done.stderr).into_owned())
}

/// Runs the program, which succeeds; none where maps cannot be written because the page was not built.
#[expect(clippy::print_stdout, reason = "whoever runs the tests wants to know what was skipped")]
fn map(dir: &TempDir, arguments: &[&str]) -> Option<Value> {
    let (done, said) = run(dir, &[arguments, &["-o", "map.html", "-f"]].concat());
    if torrid::sink::built("offline.html").is_none() {
        assert!(!done && said.contains("`make page`"), "{said}");
        assert!(!dir.path().join("map.html").exists(), "nothing is written");
        assert!(std::env::var_os("CI").is_none(), "`make page` builds the page");
        println!("skipped: `make page` builds the page");
        return None;
    }
    assert!(done, "{arguments:?}: {said}");
    Some(data_of(&dir.path().join("map.html")))
}

/// The numbers that the pixels of a picture are.
fn numbers(png: &[u8]) -> Vec<f32> {
    let pixels = image::load_from_memory(png).expect("a picture").to_rgba8();
    let number = |[r, g, b, a]: [u8; 4]| if a == 0 { f32::NAN } else { f32::from_be_bytes([r, g, b, 0]) };
    pixels.pixels().map(|pixel| number(pixel.0)).collect()
}

fn file_of(data: &Value, name: &str) -> Vec<u8> {
    let part = |part: &Value| from_base64(part.as_str().expect("a text"));
    data[name].as_array().expect("a file").iter().flat_map(part).collect()
}

#[test]
fn a_map_of_tiles_has_the_pictures_and_values_of_a_folder_byte_for_byte() {
    let dir = folder();
    for options in [&["-b", "300m", "-Z", "5", "-z", "12"][..], &["-b", "none", "-z", "9", "--norm", "log"]] {
        let Some(data) = map(&dir, &[&["tiles", "events.csv"], options].concat()) else { return };
        let (done, said) =
            run(&dir, &[&["tiles", "events.csv", "-o", "heat", "-f", "--value-tiles"], options].concat());
        assert!(done, "{said}");
        assert!(load_map(&data, "pictures", 0) == load_folder(&dir.path().join("heat")), "{options:?}: pictures");
        assert!(load_map(&data, "values", 1) == load_folder(&dir.path().join("heat.values")), "{options:?}: values");
        let told: Value =
            serde_json::from_slice(&fs::read(dir.path().join("heat/tilejson.json")).expect("there")).expect("JSON");
        for fact in ["bounds", "minzoom", "maxzoom", "units", "style", "legend", "events", "tileSize", "value_range"] {
            assert_eq!(data["map"][fact], told[fact], "{fact}");
        }
    }
}

#[test]
fn equal_tiles_are_in_a_map_once() {
    let dir = folder();
    fs::write(dir.path().join("events.csv"), "lng,lat\n-90,0.0001\n90,0.0001\n").expect("a file");
    let Some(data) = map(&dir, &["tiles", "events.csv", "-b", "none", "-Z", "3", "-z", "3"]) else { return };
    let tiles = data["tiles"].as_object().expect("tiles");
    assert_eq!((tiles.len(), data["pictures"].as_array().expect("a list").len()), (2, 1));
}

#[test]
fn a_tile_that_is_not_there_says_how_much_it_may_hold() {
    let dir = folder();
    let Some(data) = map(&dir, &["tiles", "events.csv", "-b", "300m", "-z", "9"]) else { return };
    assert_eq!((&data["map"]["absent"], &data["map"]["clear_below"]), (&json!(0.0), &Value::Null));
    let data = map(&dir, &["tiles", "events.csv", "-b", "300m", "-z", "9", "--norm", "log"]).expect("a map");
    assert_eq!(data["map"]["clear_below"], json!([[null, data["map"]["value_range"][0]]]));
    let data = map(&dir, &["tiles", "events.csv", "-b", "300m", "-z", "9", "--threshold", "7"]).expect("a map");
    assert_eq!(data["map"]["clear_below"], json!([[null, 7.0]]));
}

#[test]
fn texts_that_look_like_markup_stay_texts() {
    let dir = folder();
    let title = "</script><script>alert(1)</script><!--";
    for command in ["render", "tiles"] {
        let Some(data) = map(&dir, &[command, "events.csv", "-b", "300m", "--title", title]) else { return };
        assert_eq!(data["map"]["name"], title);
        let text = fs::read_to_string(dir.path().join("map.html")).expect("a page");
        assert!(!text.contains("alert(1)</script"), "{command}");
    }
}

#[test]
fn a_map_asks_for_nothing_and_runs_no_script_but_its_own() {
    let dir = folder();
    if map(&dir, &["render", "events.csv", "-b", "300m"]).is_none() {
        return;
    }
    let text = fs::read_to_string(dir.path().join("map.html")).expect("a page");
    assert!(
        text.contains(
            "content=\"default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src 'sha256-"
        )
    );
    assert!(!text.contains(" src=\"") && !text.contains("@import"), "nothing lies beside it");
    assert!(text.contains("Redistributions in binary form must reproduce the above copyright"), "Leaflet's licence");
}

#[test]
fn a_map_of_a_picture_has_the_picture_and_its_values_to_24_bits() {
    let dir = folder();
    let options = ["render", "events.csv", "-b", "300m", "--width", "200"];
    let Some(data) = map(&dir, &options) else { return };
    for out in ["a.png", "a.npy"] {
        let (done, said) = run(&dir, &[&options[..], &["-o", out]].concat());
        assert!(done, "{said}");
    }
    let pixels = |png: &[u8]| image::load_from_memory(png).expect("a picture").to_rgba8();
    let picture = pixels(&fs::read(dir.path().join("a.png")).expect("there"));
    assert!(pixels(&file_of(&data, "picture")) == picture, "the picture without its furniture");
    assert_eq!(data["map"]["size"], json!([picture.width(), picture.height()]));
    let npy = fs::read(dir.path().join("a.npy")).expect("there");
    let start = npy.len() - 4 * (picture.width() * picture.height()) as usize;
    let values = npy[start..].chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().expect("four bytes")));
    let found = numbers(&file_of(&data, "numbers"));
    assert_eq!(found.len(), values.len());
    assert!(found.iter().zip(values).all(|(found, value)| (found - value).abs() <= value.abs() / 65_536.0));
    assert!(data["map"]["land"]["rings"].as_str().expect("land").len() < 300_000);
}

#[test]
fn a_map_of_a_page_has_the_page_below_and_its_own_coordinates() {
    let dir = folder();
    let options = [
        "render",
        "clicks.csv",
        "--flat",
        "--base",
        "page.png",
        "-b",
        "20px",
        "--bounds",
        "0,0,600,400",
        "--width",
        "600",
    ];
    let Some(data) = map(&dir, &options) else { return };
    assert_eq!(data["map"]["extent"], json!([0.0, 0.0, 600.0, 400.0]));
    assert_eq!(data["map"]["flat"], json!({ "unit": "px", "up": false }));
    assert_eq!(data["map"]["land"], Value::Null);
    let below = image::load_from_memory(&file_of(&data, "below")).expect("a picture").to_rgba8();
    assert!(below.pixels().all(|pixel| pixel.0 == [250, 240, 230, 255]));
    let data = map(&dir, &["render", "clicks.csv", "--flat=m", "-b", "20m"]).expect("a map");
    assert_eq!(data["map"]["flat"], json!({ "unit": "m", "up": true }));
}

#[test]
fn a_map_has_the_same_bytes_for_any_number_of_threads() {
    let dir = folder();
    for command in ["render", "tiles"] {
        let bytes = |threads: &str| {
            let done = map(&dir, &[command, "events.csv", "-b", "300m", "-j", threads]);
            done.map(|_| fs::read(dir.path().join("map.html")).expect("there"))
        };
        assert!(bytes("1") == bytes("3"), "{command}");
    }
}

#[test]
fn what_has_no_meaning_in_a_map_is_refused() {
    let dir = folder();
    if map(&dir, &["render", "events.csv", "-b", "300m"]).is_none() {
        return;
    }
    fs::remove_file(dir.path().join("map.html")).expect("removed");
    for (arguments, says) in [
        (&["render", "events.csv", "--graticule"][..], "--graticule for map.html"),
        (&["render", "events.csv", "--world-file"], "--world-file"),
        (&["render", "events.csv", "--bandwidths", "1km,2km"], "{bandwidth}"),
        (&["render", "events.csv", "--width", "9000"], "at most 8192"),
        (&["tiles", "events.csv", "--value-tiles"], "--value-tiles for map.html"),
        (&["tiles", "events.csv", "--keep-cells"], "--keep-cells for map.html"),
    ] {
        let (done, said) = run(&dir, &[arguments, &["-o", "map.html"]].concat());
        assert!(!done && said.contains(says), "{arguments:?}: {said}");
        assert!(!Path::new(&dir.path().join("map.html")).exists());
    }
    let (done, said) = run(&dir, &["render", "events.csv", "--bandwidths", "1km,2km", "-o", "map-{bandwidth}.html"]);
    assert!(done && data_of(&dir.path().join("map-2km.html"))["map"]["bandwidth"] == "2km", "{said}");
}
