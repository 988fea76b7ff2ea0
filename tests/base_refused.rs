//! Bases that are not what they should be: each is refused with a reason, and none is waited for or believed.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "common/mod.rs"]
mod common;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use common::shared;
use flate2::Compression;
use flate2::write::GzEncoder;
use rusqlite::Connection;
use serde_json::Map;
use tempfile::TempDir;
use torrid::Error;
use torrid::Frame;
use torrid::image::{Image, Premultiplied};
use torrid::lines::base::lay;
use torrid::sink::tiles::{TilePicture, TileSet, archive};
use torrid::source::tiles::Tiles;
use torrid::tile::Tile;

fn tile_file() -> Vec<u8> {
    TilePicture::Png.encode(&Image::filled(256, 256, Premultiplied([10, 20, 30, 255]))).unwrap()
}

/// An archive of zooms 0 to 3, in which each tile has a content of its own.
fn written(path: &Path) {
    let mut archive = archive(path, TilePicture::Png, 1, false).unwrap();
    for zoom in 0..=3u8 {
        for i in 0..1u32 << (2 * zoom) {
            let tile = Tile::new(zoom, i % (1 << zoom), i >> zoom).unwrap();
            let picture = Image::filled(16, 16, Premultiplied([zoom, i as u8, 0, 255]));
            archive.put(tile, &TilePicture::Png.encode(&picture).unwrap()).unwrap();
        }
    }
    let (bounds, center) = ([-180.0, -85.0, 180.0, 85.0], (0.0, 0.0, 0));
    let (description, attribution, legend) = (None, None, None);
    let (name, properties) = ("base".to_owned(), Map::new());
    let set = TileSet {
        name,
        description,
        attribution,
        bounds,
        center,
        zooms: (0, 3),
        side: 256,
        legend,
        properties,
        scale: 1,
        absent: None,
    };
    archive.finish(&set).unwrap();
}

/// Reads a base under the whole world.
fn read(path: &Path) -> Result<(), Error> {
    let tiles = Tiles::open(path)?;
    lay(&tiles, &Frame::on_lattice(0, 0, 0, 100, 256)?).map(drop)
}

#[track_caller]
fn refused(path: &Path, word: &str) {
    let error = read(path).expect_err(word);
    let message = error.to_string();
    assert_eq!(error.exit_code(), 1, "{message}");
    for part in ["found ", "expected ", word] {
        assert!(message.contains(part), "`{part}` in: {message}");
    }
}

fn torrid(folder: &Path, arguments: &[&str]) -> Output {
    fs::write(folder.join("a.csv"), "lon,lat\n1,2\n3,4\n").unwrap();
    let common = ["render", "a.csv", "-o", "out.png", "-b", "50km", "--width", "512", "--bounds", "-180,-80,180,80"];
    Command::new(env!("CARGO_BIN_EXE_torrid")).current_dir(folder).args(common).args(arguments).output().unwrap()
}

#[track_caller]
fn refused_by_program(arguments: &[&str], code: i32, words: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let run = torrid(folder.path(), arguments);
    let message = String::from_utf8(run.stderr).unwrap();
    assert_eq!(run.status.code(), Some(code), "{arguments:?}: {message}");
    for word in [&["error: ", "found ", "expected "], words].concat() {
        assert!(message.contains(word), "{arguments:?} should say `{word}`: {message}");
    }
    assert_eq!(message.lines().count(), 1, "{message}");
    assert!(!folder.path().join("out.png").exists(), "nothing is written");
}

#[test]
fn real_archives_are_read_or_refused_with_a_reason() {
    let Some(formats) = shared("data/formats") else { return };
    let broken = [
        ("mbtiles/corrupt.mbtiles", "malformed"),
        ("mbtiles/corrupt_null_tile.mbtiles", "a tile that is NULL (1/"),
        ("mbtiles/with spaces.mbtiles", "no tiles"),
        ("pmtiles/js-tests/empty.pmtiles", "cut off after 0 of 127 bytes"),
        ("pmtiles/js-tests/invalid.pmtiles", "does not begin with `PMTiles`"),
        ("pmtiles/js-tests/invalid_v4.pmtiles", "PMTiles version 4"),
        ("pmtiles/js-tests/test_fixture_1.pmtiles", "found vector tiles"),
        ("pmtiles/js-tests/test_fixture_2.pmtiles", "found vector tiles"),
        ("pmtiles/js-tests/test_fixture_mlt.pmtiles", "found vector tiles"),
    ];
    for (file, word) in broken {
        let path = formats.join(file);
        refused_by_program(&["--base", path.to_str().unwrap()], 1, &[word]);
    }
    for file in [
        "mbtiles/plain_1.mbtiles",
        "mbtiles/some-empty-tiles.mbtiles",
        "mbtiles/unindexed.mbtiles",
        "pmtiles/stamen_toner_raster_CC-BY_ODbL_z3.pmtiles",
    ] {
        let tiles = Tiles::open(&formats.join(file)).expect(file);
        let image = lay(&tiles, &Frame::on_lattice(2, 0, 0, 1024, 1024).unwrap()).expect(file).image;
        assert!(image.pixels().iter().any(|pixel| pixel.0[3] == 255), "{file}");
    }
    let plain = |file: &str| Tiles::open(&formats.join(file)).unwrap().picture(Tile::new(2, 1, 0).unwrap()).unwrap();
    assert!(plain("mbtiles/plain_1.mbtiles") == plain("mbtiles/unindexed.mbtiles"), "an index changes nothing");
    let whitney = Tiles::open(&formats.join("pmtiles/usgs-mt-whitney-8-15-webp-512.pmtiles")).unwrap();
    assert_eq!((whitney.zooms(), whitney.side()), (8..=15, Some(512)));
    assert_eq!(whitney.attribution(), Some("Created by QGIS algorithm: Generate XYZ tiles (Directory)"));
}

#[test]
fn an_archive_that_is_cut_off_anywhere_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["base.pmtiles", "base.mbtiles"] {
        let (path, cut) = (folder.path().join(name), folder.path().join(format!("cut-{name}")));
        written(&path);
        read(&path).expect("the whole archive");
        let whole = fs::read(&path).unwrap();
        // SQLite says by itself how many pages there are; of PMTiles every byte counts.
        let (step, end) = if name == "base.pmtiles" { (61, whole.len()) } else { (2039, whole.len() / 2) };
        for length in (0..end).step_by(step) {
            fs::write(&cut, &whole[..length]).unwrap();
            let error = Tiles::open(&cut).map(drop).expect_err("an archive that is cut off");
            assert!(error.to_string().contains("expected ") && error.exit_code() == 1, "{name}, {length}: {error}");
        }
    }
}

#[test]
fn an_archive_with_any_byte_changed_is_read_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (path, changed) = (folder.path().join("base.pmtiles"), folder.path().join("changed.pmtiles"));
    written(&path);
    let whole = fs::read(&path).unwrap();
    // The header, and the first bytes of what lies behind it.
    for at in 0..400 {
        for value in [0, 0x7f, 0xff, whole[at] ^ 1] {
            let mut bytes = whole.clone();
            bytes[at] = value;
            fs::write(&changed, &bytes).unwrap();
            if let Err(error) = read(&changed) {
                assert!(error.to_string().contains("found "), "byte {at} {value}: {error}");
            }
        }
    }
}

/// An archive of PMTiles of these parts, as they are packed.
fn put_together(path: &Path, root: &[u8], tiles: &[u8], packing: u8, kind: u8) {
    with_leaves(path, root, &[], tiles, packing, kind);
}

fn with_leaves(path: &Path, root: &[u8], leaves: &[u8], tiles: &[u8], packing: u8, kind: u8) {
    let mut bytes = b"PMTiles\x03".to_vec();
    let length = |part: &[u8]| part.len() as u64;
    let at = 127 + length(root);
    for number in [127, length(root), at, 0, at, length(leaves), at + length(leaves), length(tiles), 1, 1, 1] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend([1, packing, 1, kind, 0, 0]);
    bytes.resize(127, 0);
    fs::write(path, [&bytes, root, leaves, tiles].concat()).unwrap();
}

/// A number as directories have it.
fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// Numbers as directories have them.
fn directory(numbers: &[u64]) -> Vec<u8> {
    numbers.iter().flat_map(|number| varint(*number)).collect()
}

#[test]
fn directories_are_read_however_they_are_packed_and_wherever_they_lead() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("base.pmtiles");
    let tile = tile_file();
    let root = directory(&[1, 0, 1, tile.len() as u64, 1]);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(&root).unwrap();
    let gzip = gzip.finish().unwrap();
    let zstd = zstd::encode_all(&root[..], 3).unwrap();
    // A Brotli stream of one block that is stored as it is (RFC 7932, 9.2), and an empty last one.
    let head = ((root.len() as u32 - 1) << 4) | 1 << 20;
    let brotli = [&head.to_le_bytes()[..3], &root, &[3]].concat();
    for (packing, root) in [(0, &gzip), (1, &root), (2, &gzip), (3, &brotli), (4, &zstd), (0, &zstd), (0, &root)] {
        put_together(&path, root, &tile, packing, 2);
        read(&path).unwrap_or_else(|error| panic!("packing {packing}: {error}"));
    }
    // From the root to a directory, and from there to the tile.
    with_leaves(&path, &directory(&[1, 0, 0, root.len() as u64, 1]), &root, &tile, 1, 2);
    read(&path).expect("a directory below the root");
    let round = directory(&[1, 0, 0, 5, 1]);
    with_leaves(&path, &round, &round, &tile, 1, 2);
    refused(&path, "more than 4 deep");
}

#[test]
fn hostile_directories_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("base.pmtiles");
    let tile = tile_file();
    let length = tile.len() as u64;
    put_together(&path, &directory(&[1, 0, 1, length, 1]), &tile, 1, 2);
    read(&path).expect("one tile, of which there is one");
    for (root, word) in [
        (directory(&[1, 0, 1, length, 2]), "a tile beyond the end"),
        (directory(&[1, 0, 1, u64::MAX, 1]), "a tile beyond the end"),
        (directory(&[1, 0, 1, length, u64::MAX]), "a tile beyond the end"),
        (directory(&[1, 0, 0, length, 1]), "a leaf directory beyond the end"),
        (directory(&[1, 0, 1, length, 0]), "whose first entry follows another"),
        (directory(&[u64::MAX, 0, 1, length, 1]), "a directory of 18446744073709551615 entries"),
        (directory(&[2, 5, u64::MAX, 1, 1, 1, 1, 1, 1]), "numbers that are too large"),
        (vec![0x80; 40], "a number that does not end"),
        (vec![1, 0x80, 0x80, 0x80, 0x80], "cut off"),
        (directory(&[1, 0, 1, 0, 1]), "no tiles"),
        (directory(&[0]), "no tiles"),
        (Vec::new(), "cut off"),
    ] {
        put_together(&path, &root, &tile, 1, 2);
        refused(&path, word);
    }
    let mut zeros = GzEncoder::new(Vec::new(), Compression::best());
    zeros.write_all(&vec![0; 64 << 20]).unwrap();
    put_together(&path, &zeros.finish().unwrap(), &tile, 2, 2);
    refused(&path, "more than 8388608 bytes");
    for (packing, kind, word) in [(9, 2, "compression 9"), (2, 2, "do not unpack"), (1, 5, "AVIF"), (1, 77, "type 77")]
    {
        put_together(&path, &directory(&[1, 0, 1, length, 1]), &tile, packing, kind);
        refused(&path, word);
    }
}

#[test]
fn tiles_that_are_no_square_pictures_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let column = folder.path().join("0/0");
    fs::create_dir_all(&column).unwrap();
    // A PNG may claim any size in its first bytes, whose checksum has to agree.
    let mut claim = Vec::new();
    png::Encoder::new(&mut claim, 100_000, 100_000).write_header().unwrap();
    let oblong = TilePicture::Png.encode(&Image::filled(256, 128, Premultiplied::CLEAR)).unwrap();
    for (file, word) in [
        (claim, "exceeds limit"),
        (oblong, "256 x 128"),
        (tile_file()[..90].to_vec(), "damaged"),
        (b"<html>no such tile</html>".to_vec(), "25 bytes that are no picture"),
        (vec![0x1f, 0x8b, 8, 0], "vector tiles"),
        (b"GIF89a".to_vec(), "another format"),
    ] {
        fs::write(column.join("0.png"), file).unwrap();
        refused(folder.path(), word);
    }
    fs::write(column.join("0.png"), b"").unwrap();
    refused(folder.path(), "no tiles");
    fs::write(column.join("0@2x.png"), tile_file()).unwrap();
    read(folder.path()).expect("a tile of twice the pixels beside an empty one");
    fs::write(folder.path().join("tilejson.json"), "{").unwrap();
    refused(folder.path(), "no JSON");
    fs::write(folder.path().join("tilejson.json"), "{\"attribution\": \"A &amp; B\", \"scheme\": \"tms\"}").unwrap();
    assert_eq!(Tiles::open(folder.path()).unwrap().attribution(), Some("A & B"));
    fs::remove_dir_all(folder.path().join("0")).unwrap();
    refused(folder.path(), "no folder named by a zoom");
}

fn database(sql: &str) -> (TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a base.mbtiles");
    let database = Connection::open(&path).unwrap();
    database.execute_batch(sql).unwrap();
    let stored = "INSERT INTO stored VALUES (0, 0, 0, ?1)";
    if sql.contains("stored") {
        database.execute(stored, [tile_file()]).unwrap();
    }
    (folder, path)
}

#[test]
fn hostile_databases_are_refused() {
    let stored = "CREATE TABLE stored (zoom_level, tile_column, tile_row, tile_data);";
    let view = "CREATE VIEW tiles AS SELECT * FROM stored";
    let (_folder, path) = database(&format!("{stored} {view};"));
    read(&path).expect("tiles without metadata");
    let told = "CREATE TABLE metadata (name, value); INSERT INTO metadata VALUES ('format', 'pbf');";
    let endless = "CREATE VIEW tiles AS WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n) \
                   SELECT i AS zoom_level, 0 AS tile_column, 0 AS tile_row, NULL AS tile_data FROM n";
    for (sql, word) in [
        (format!("{stored} {view}; {told}"), "vector tiles (its format is pbf)"),
        (format!("{stored} {view} UNION ALL SELECT -3, 0, 0, NULL;"), "zooms from -3"),
        (
            format!(
                "{stored} CREATE VIEW tiles AS SELECT zoom_level, tile_column, tile_row, 'text' AS tile_data FROM stored;"
            ),
            "text",
        ),
        (
            format!("{stored} CREATE VIEW tiles AS SELECT 0 AS zoom_level, zeroblob(1e9) AS tile_data FROM stored;"),
            "a tile of more than",
        ),
        (format!("{endless};"), "takes too long"),
        ("CREATE TABLE other (a);".to_owned(), "no such table: tiles"),
    ] {
        let (_folder, path) = database(&sql);
        refused(&path, word);
    }
    let (folder, path) = database("CREATE TABLE other (a);");
    fs::write(&path, "no database at all, but long enough to be one, were it not for what it says").unwrap();
    refused(&path, "no SQLite database");
    let before = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(before, 1, "a base is only read");
}

#[test]
fn options_that_say_nothing_of_tiles_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("base.mbtiles");
    written(&path);
    let base = path.to_str().unwrap();
    refused_by_program(&["--base", base, "--base-bounds", "0,0,1,1"], 2, &["--base-bounds", "know where they lie"]);
    refused_by_program(&["--base", base, "--base-projection", "mercator"], 2, &["--base-projection"]);
    refused_by_program(&["--base", base, "--flat"], 2, &["--base", "flat space"]);
    refused_by_program(&["--base", base, "--base-cache", "here"], 2, &["--base-cache", "a tile server"]);
    refused_by_program(&["--base", "land", "--base-cache", "here"], 2, &["--base-cache"]);
    refused_by_program(&["--base", "nowhere.pmtiles"], 2, &["no file"]);
    let run = torrid(folder.path(), &["--base", base]);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}
