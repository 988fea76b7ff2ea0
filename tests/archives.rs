//! Archives of tiles are read back by readers that are not torrid's: PMTiles by one written here from its specification,
//! MBTiles by SQL, pictures by the decoders of other crates.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;
use torrid::Error;
use torrid::error::Fault;
use torrid::image::{Image, Straight};
use torrid::sink::tiles::{self, FORMATS, Stored, TilePicture, TileSet};
use torrid::tile::Tile;

mod common;
#[path = "common/archives.rs"]
mod readers;

use readers::{Place, Pmtiles, Tiles, id_of, load, names_in};

/// A name for each form of archive that has each tile as it was put; a map of one file where the page for it was built.
fn names() -> Vec<&'static str> {
    let map = torrid::sink::built("offline.html").map(|_| "heat.html");
    ["heat.pmtiles", "heat.mbtiles", "heat"].into_iter().chain(map).collect()
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn set() -> TileSet {
    TileSet {
        name: "Taxi pick-ups".to_owned(),
        description: Some("How many \"pick-ups\"".to_owned()),
        attribution: Some("<a href=\"https://example.org\">NYC</a>".to_owned()),
        bounds: [-74.25, 40.5, -73.7, 40.917_577],
        center: (-73.98, 40.75, 12),
        zooms: (0, 14),
        side: 256,
        scale: 1,
        absent: Some(0.0),
        legend: Some("<p>events per km²</p>".to_owned()),
        properties: json!({ "unit": "1/km²", "stops": [[0, "#000000"], [1.5, "#ffffff"]] })
            .as_object()
            .expect("an object")
            .clone(),
    }
}

fn store(path: &Path, tiles: impl IntoIterator<Item = (Place, Vec<u8>)>) -> Result<Stored, Error> {
    let mut archive = tiles::archive(path, TilePicture::Png, 1, true)?;
    for ((zoom, x, y), bytes) in tiles {
        archive.put(Tile::new(zoom, x, y)?, &bytes)?;
    }
    archive.finish(&set())
}

/// Every tile of some zooms, each with a content of its own.
fn distinct(zooms: impl Iterator<Item = u8>) -> Tiles {
    let all = zooms.flat_map(|z| (0..1 << z).flat_map(move |x| (0..1 << z).map(move |y| (z, x, y))));
    all.map(|place| (place, format!("{place:?}").into_bytes())).collect()
}

#[test]
fn tiles_have_the_numbers_of_the_pmtiles_specification() {
    let numbers = [
        ((0, 0, 0), 0),
        ((1, 0, 0), 1),
        ((1, 0, 1), 2),
        ((1, 1, 1), 3),
        ((1, 1, 0), 4),
        ((2, 0, 0), 5),
        ((12, 3423, 1763), 19_078_479),
    ];
    let folder = folder();
    let path = folder.path().join("heat.pmtiles");
    store(&path, numbers.map(|(place, id)| (place, id.to_string().into_bytes()))).expect("stored");
    let expected: BTreeMap<u64, Vec<u8>> = numbers.iter().map(|(_, id)| (*id, id.to_string().into_bytes())).collect();
    assert_eq!(Pmtiles::read(&path).numbered(), expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Few contents, so that many tiles are equal and next to each other.
    #[test]
    fn any_order_of_tiles_gives_the_same_bytes_and_they_are_read_back(
        tiles in prop::collection::btree_map(
            (0u8..=5).prop_flat_map(|z| (Just(z), 0..1u32 << z, 0..1u32 << z)),
            (1usize..6).prop_map(|n| vec![n as u8; n * 7]),
            1..200,
        ),
        seed in any::<u64>(),
    ) {
        let mut shuffled: Vec<(Place, Vec<u8>)> = tiles.clone().into_iter().collect();
        shuffled.sort_by_key(|(place, _)| id_of(*place).wrapping_mul(seed | 1).rotate_left(17));
        let folder = folder();
        for name in names() {
            let (one, other) = (folder.path().join(name), folder.path().join(format!("other-{name}")));
            let stored = store(&one, tiles.clone()).expect("stored");
            prop_assert_eq!(stored, store(&other, shuffled.clone()).expect("stored"));
            prop_assert_eq!(stored.tiles, tiles.len() as u64);
            prop_assert_eq!(&load(&one), &tiles, "{}", name);
            prop_assert_eq!(&load(&other), &tiles, "{}", name);
            if one.is_file() {
                prop_assert!(fs::read(&one).expect("there") == fs::read(&other).expect("there"), "{}", name);
                prop_assert_eq!(stored.bytes, fs::metadata(&one).expect("there").len());
            }
        }
    }
}

#[test]
fn a_pmtiles_file_of_many_tiles_has_leaf_directories_and_a_root_that_is_read_at_once() {
    let folder = folder();
    let path = folder.path().join("heat.pmtiles");
    let tiles = distinct([0, 3, 8].into_iter());
    let stored = store(&path, tiles.clone()).expect("stored");
    let archive = Pmtiles::read(&path);
    assert!(archive.number(48) > 0, "leaf directories");
    assert!(archive.number(8) + archive.number(16) <= 16_384, "the root is in the first 16 KiB");
    assert_eq!([archive.number(72), archive.number(80), archive.number(88)], [tiles.len() as u64; 3]);
    assert_eq!((stored.tiles, stored.distinct), (tiles.len() as u64, tiles.len() as u64));
    let entries = archive.entries();
    assert!(entries.windows(2).all(|two| two[1].offset == two[0].offset + two[0].length), "clustered");
    assert!(archive.tiles() == tiles, "the same tiles");
}

#[test]
fn a_run_of_equal_tiles_is_one_entry_and_equal_tiles_apart_are_stored_once() {
    let folder = folder();
    let path = folder.path().join("heat.pmtiles");
    // The tiles of numbers 85 to 340: a long run of one content, which comes again at the end.
    let mut tiles = distinct([4].into_iter());
    for (_, bytes) in tiles.iter_mut().filter(|(place, _)| matches!(id_of(**place), 100..300 | 340)) {
        *bytes = b"sea".to_vec();
    }
    let stored = store(&path, tiles.clone()).expect("stored");
    let archive = Pmtiles::read(&path);
    let others = 256 - 201;
    assert_eq!([archive.number(72), archive.number(80), archive.number(88)], [256, others + 2, others + 1]);
    assert_eq!((stored.tiles, stored.distinct), (256, others + 1));
    assert!(archive.entries().iter().any(|entry| (entry.id, entry.run) == (100, 200)));
    assert_eq!(archive.tiles(), tiles);

    let path = folder.path().join("heat.mbtiles");
    assert_eq!(store(&path, tiles).expect("stored").distinct, others + 1);
    let database = Connection::open(&path).expect("a database");
    let count = |table| database.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, i64>(0));
    assert_eq!((count("images"), count("tiles")), (Ok(others as i64 + 1), Ok(256)));
}

#[test]
fn a_pmtiles_file_says_what_it_shows() {
    let folder = folder();
    let path = folder.path().join("heat.pmtiles");
    let mut archive = tiles::archive(&path, TilePicture::Webp, 1, false).expect("begun");
    archive.put(Tile::new(0, 0, 0).expect("a tile"), b"picture").expect("put");
    archive.finish(&set()).expect("finished");
    let archive = Pmtiles::read(&path);
    // Clustered; gzip inside; tiles as they are; WebP; zooms.
    assert_eq!(archive.bytes[96..102], [1, 2, 1, 4, 0, 14]);
    let bounds = [102, 106, 110, 114].map(|at| archive.degrees(at));
    assert_eq!(bounds, [-742_500_000, 405_000_000, -737_000_000, 409_175_770]);
    assert_eq!((archive.bytes[118], archive.degrees(119), archive.degrees(123)), (12, -739_800_000, 407_500_000));
    let metadata = archive.metadata();
    assert_eq!(metadata["name"], "Taxi pick-ups");
    assert_eq!(metadata["type"], "overlay");
    assert_eq!(metadata["version"], "1.0.0");
    assert_eq!(metadata["attribution"], "<a href=\"https://example.org\">NYC</a>");
    assert_eq!(metadata["stops"], json!([[0, "#000000"], [1.5, "#ffffff"]]));
}

#[test]
fn an_mbtiles_file_says_what_it_shows_and_finds_tiles_by_its_indices() {
    let folder = folder();
    let path = folder.path().join("heat.mbtiles");
    store(&path, distinct([2].into_iter())).expect("stored");
    let database = Connection::open(&path).expect("a database");
    let mut query = database.prepare("SELECT name, value FROM metadata").expect("metadata");
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
    let mut metadata: BTreeMap<String, String> = rows.collect::<Result<_, _>>().expect("texts");
    let json: Value = serde_json::from_str(&metadata.remove("json").expect("json")).expect("JSON");
    assert_eq!((&json["unit"], &json["tileSize"]), (&json!("1/km²"), &json!(256)));
    let expected = [
        ("attribution", "<a href=\"https://example.org\">NYC</a>"),
        ("bounds", "-74.25,40.5,-73.7,40.917577"),
        ("center", "-73.98,40.75,12"),
        ("description", "How many \"pick-ups\""),
        ("format", "png"),
        ("legend", "<p>events per km²</p>"),
        ("maxzoom", "14"),
        ("minzoom", "0"),
        ("name", "Taxi pick-ups"),
        ("type", "overlay"),
        ("version", "1"),
    ];
    assert_eq!(metadata, expected.map(|(key, text)| (key.to_owned(), text.to_owned())).into());
    let id: i64 = database.query_row("PRAGMA application_id", [], |row| row.get(0)).expect("a number");
    assert_eq!(id, 0x4d50_4258);
    let sql = "EXPLAIN QUERY PLAN SELECT tile_data FROM tiles WHERE zoom_level=2 AND tile_column=1 AND tile_row=3";
    let mut query = database.prepare(sql).expect("a plan");
    let steps = query.query_map([], |row| row.get::<_, String>(3)).expect("steps");
    for step in steps.map(|step| step.expect("a step")) {
        assert!(step.starts_with("SEARCH"), "{step}");
    }
    let check: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("checked");
    assert_eq!(check, "ok");
}

#[test]
fn a_folder_of_tiles_has_a_tilejson() {
    let folder = folder();
    let path = folder.path().join("heat");
    let stored = store(&path, distinct([1].into_iter())).expect("stored");
    let text = fs::read_to_string(path.join("tilejson.json")).expect("there");
    let expected = json!({
        "tilejson": "3.0.0",
        "tiles": ["{z}/{x}/{y}.png"],
        "scheme": "xyz",
        "version": "1.0.0",
        "name": "Taxi pick-ups",
        "description": "How many \"pick-ups\"",
        "attribution": "<a href=\"https://example.org\">NYC</a>",
        "legend": "<p>events per km²</p>",
        "bounds": [-74.25, 40.5, -73.7, 40.917_577],
        "center": [-73.98, 40.75, 12],
        "minzoom": 0,
        "maxzoom": 14,
        "tileSize": 256,
        "unit": "1/km²",
        "stops": [[0, "#000000"], [1.5, "#ffffff"]],
    });
    assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), expected);
    assert_eq!((stored.tiles, stored.bytes), (4, text.len() as u64 + 4 * "(1, 0, 0)".len() as u64));
}

#[test]
fn an_archive_that_is_dropped_or_fails_leaves_nothing() {
    let tile = Tile::new(3, 1, 2).expect("a tile");
    for name in names() {
        let folder = folder();
        let path = folder.path().join(name);
        let begin = || tiles::archive(&path, TilePicture::Png, 1, false).expect("begun");
        let mut archive = begin();
        archive.put(tile, b"one").expect("put");
        assert!(!path.exists(), "{name} has no name before it is whole");
        drop(archive);
        assert_eq!(names_in(folder.path()), [""; 0], "{name} dropped");

        let error = begin().finish(&set()).expect_err("no tile");
        assert!(error.to_string().contains("found no tile"), "{error}");
        assert_eq!(names_in(folder.path()), [""; 0], "{name} without tiles");

        let mut archive = begin();
        let error = archive.put(tile, b"one").and_then(|()| archive.put(tile, b"two"));
        let error = error.and_then(|()| archive.finish(&set()).map(|_| ())).expect_err("twice");
        assert!(error.to_string().contains("tile 3/1/2: found a second file"), "{error}");
        assert_eq!(names_in(folder.path()), [""; 0], "{name} with a tile put twice");
    }
}

#[test]
fn what_is_there_is_replaced_only_when_asked_and_only_by_its_like() {
    for name in names() {
        let folder = folder();
        let path = folder.path().join(name);
        store(&path, distinct([1].into_iter())).expect("stored");
        let error = tiles::check(&path, TilePicture::Png, false).expect_err("it exists");
        assert_eq!(error.fault(), Fault::Caller);
        assert!(error.to_string().contains("--force"), "{error}");
        store(&path, distinct([2].into_iter())).expect("replaced");
        assert_eq!(load(&path), distinct([2].into_iter()), "{name}");
        assert_eq!(names_in(folder.path()), [name], "nothing beside it");
    }
    let folder = folder();
    let (other, empty) = (folder.path().join("other"), folder.path().join("empty"));
    fs::create_dir_all(other.join("work")).expect("a folder");
    fs::create_dir(&empty).expect("a folder");
    let error = tiles::check(&other, TilePicture::Png, true).expect_err("not tiles");
    assert!(error.to_string().contains("found a folder without tilejson.json"), "{error}");
    store(&empty, distinct([1].into_iter())).expect("an empty folder is filled");
    let file = folder.path().join("file");
    fs::write(&file, "text").expect("a file");
    assert!(tiles::check(&file, TilePicture::Png, true).is_err(), "a file is not replaced by a folder");
}

#[test]
fn what_cannot_be_written_is_refused_before_any_work() {
    let folder = folder();
    let refused = |name: &str, picture| {
        let error = tiles::check(&folder.path().join(name), picture, false).expect_err(name);
        assert_eq!(error.fault(), Fault::Caller);
        error.to_string()
    };
    assert!(refused("heat.mbtiles", TilePicture::Webp).contains("found webp tiles; expected png tiles"));
    assert!(
        refused("heat.zip", TilePicture::Png)
            .contains("expected one of .pmtiles .mbtiles .kmz .html .tif, or a folder")
    );
    assert!(refused("none/heat.pmtiles", TilePicture::Png).contains("found no such folder"));
    assert!(refused("none/heat", TilePicture::Png).contains("found no such folder"));
    for format in FORMATS.iter().filter(|format| !format.with_values || names().contains(&"heat.html")) {
        let name = format.extension.map_or("HEAT".to_owned(), |e| format!("HEAT.{}", e.to_uppercase()));
        assert!(tiles::check(&folder.path().join(name), TilePicture::Png, false).is_ok());
    }
}

#[cfg(unix)]
#[test]
fn archives_can_be_read_by_whom_other_files_can() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode();
    let folder = folder();
    let (usual, usual_folder) = (folder.path().join("a"), folder.path().join("b"));
    fs::write(&usual, "x").expect("a file");
    fs::create_dir(&usual_folder).expect("a folder");
    for name in names() {
        let path = folder.path().join(name);
        store(&path, distinct([1].into_iter())).expect("stored");
        assert_eq!(mode(&path), mode(if path.is_dir() { &usual_folder } else { &usual }), "{name}");
    }
}

#[test]
fn the_reader_of_these_tests_reads_archives_that_others_wrote() {
    let names = ["stamen_toner_raster_CC-BY_ODbL_z3.pmtiles", "usgs-mt-whitney-8-15-webp-512.pmtiles"];
    for name in names {
        let Some(path) = common::shared(&format!("data/formats/pmtiles/{name}")) else { return };
        let archive = Pmtiles::read(&path);
        let tiles = archive.tiles();
        assert_eq!(tiles.len() as u64, archive.number(72), "{name}");
        let magic: &[u8] = if archive.bytes[99] == 2 { b"\x89PNG" } else { b"RIFF" };
        assert!(tiles.values().all(|bytes| bytes.starts_with(magic)), "{name}");
        let zooms = tiles.keys().map(|(zoom, _, _)| *zoom);
        assert_eq!((zooms.clone().min(), zooms.max()), (Some(archive.bytes[100]), Some(archive.bytes[101])), "{name}");
    }
}

/// The straight pixels of a picture, by the decoders of the `image` crate.
fn decoded(bytes: &[u8]) -> Vec<[u8; 4]> {
    let picture = image::load_from_memory(bytes).expect("a picture").to_rgba8();
    picture.pixels().map(|pixel| pixel.0).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_tile_is_read_back_and_has_the_same_bytes_as_indices_and_as_a_picture(
        (side, count) in (1u32..40, prop::sample::select(vec![1usize, 2, 3, 4, 5, 16, 17, 40, 256])),
        palette in prop::collection::vec(any::<[u8; 4]>(), 256),
        seed in any::<u64>(),
        first in any::<u8>(),
    ) {
        // Some of the colours are clear, and some occur twice.
        let colour = |i: usize| if palette[i][3] < 40 { [palette[i][0], 0, 0, 0] } else { palette[i % 200] };
        let colours: [Straight; 256] = std::array::from_fn(|i| Straight(colour(i)));
        let random = |i: u32| u64::from(i + 1).wrapping_mul(seed | 1).rotate_left(23) as usize % count;
        let indices: Vec<u8> = (0..side * side).map(|i| first.wrapping_add(random(i) as u8)).collect();
        let pixels: Vec<_> = indices.iter().map(|i| colours[usize::from(*i)].premultiply()).collect();
        let expected: Vec<[u8; 4]> = pixels.iter().map(|pixel| pixel.straight().0).collect();
        let image = Image::new(side, side, pixels);
        for picture in [TilePicture::Png, TilePicture::Webp] {
            let bytes = picture.encode_indexed(&indices, &colours, side).expect("encoded");
            prop_assert_eq!(&decoded(&bytes), &expected);
            prop_assert!(picture.encode(&image).expect("encoded") == bytes, "{:?}", picture);
        }
    }
}

#[test]
fn a_tile_of_more_colours_than_a_palette_holds_is_read_back() {
    let pixels: Vec<_> = (0..64 * 64u32).map(|i| Straight([i as u8, (i >> 4) as u8, 9, 255]).premultiply()).collect();
    let expected: Vec<[u8; 4]> = pixels.iter().map(|pixel| pixel.straight().0).collect();
    let bytes = TilePicture::Png.encode(&Image::new(64, 64, pixels)).expect("encoded");
    assert_eq!(decoded(&bytes), expected);
}

#[test]
fn a_tile_of_one_colour_takes_few_bytes() {
    let indices = vec![7; 65_536];
    let bytes = TilePicture::Png.encode_indexed(&indices, &[Straight([9, 8, 7, 200]); 256], 256).expect("encoded");
    assert!(bytes.len() < 200, "{} bytes", bytes.len());
}
