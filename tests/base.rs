//! Maps in tiles under the heat: what is laid, from archives and folders. What may be wrong with them, and servers, have
//! tests of their own.

use std::path::Path;

use assert_cmd::Command;
use rayon::ThreadPoolBuilder;
use serde_json::Map;
use tempfile::TempDir;
use torrid::image::{Image, Premultiplied};
use torrid::lines::base::{Ground, Laid, lay};
use torrid::sink::tiles::{TilePicture, TileSet, archive};
use torrid::source::tiles::Tiles;
use torrid::tile::Tile;
use torrid::{Extent, Frame, Space};

/// The colour of a pixel of the world of a zoom.
type Colour = fn(zoom: u8, x: u32, y: u32) -> [u8; 4];

const NAMES: [&str; 3] = ["base.pmtiles", "base.mbtiles", "base"];

/// A colour like no other nearby.
fn speckled(zoom: u8, x: u32, y: u32) -> [u8; 4] {
    let mixed = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(2_246_822_519)).wrapping_mul(u32::from(zoom) + 3);
    let [r, g, b, _] = mixed.to_be_bytes();
    [r, g, b, 255]
}

fn tile_picture(tile: Tile, side: u32, colour: Colour) -> Image {
    let (left, top) = (tile.x() * side, tile.y() * side);
    let pixel = |i: u32| Premultiplied(colour(tile.zoom(), left + i % side, top + i / side));
    Image::new(side, side, (0..side * side).map(pixel).collect())
}

/// Tiles of some zooms, but for those that are left out, in an archive of torrid's own.
fn written(path: &Path, zooms: (u8, u8), side: u32, colour: Colour, left_out: fn(Tile) -> bool) {
    let mut archive = archive(path, TilePicture::Png, 1, false).expect("an archive");
    for zoom in zooms.0..=zooms.1 {
        for i in 0..1u32 << (2 * zoom) {
            let tile = Tile::new(zoom, i % (1 << zoom), i >> zoom).expect("a tile");
            if !left_out(tile) {
                let bytes = TilePicture::Png.encode(&tile_picture(tile, side, colour)).expect("a file");
                archive.put(tile, &bytes).expect("room");
            }
        }
    }
    let set = TileSet {
        name: "base".to_owned(),
        description: None,
        attribution: Some("&copy; <a href='https://example.org'>Nobody</a>".to_owned()),
        bounds: [-180.0, -85.0, 180.0, 85.0],
        center: (0.0, 0.0, 0),
        zooms,
        side,
        legend: None,
        properties: Map::new(),
        scale: 1,
        absent: None,
    };
    archive.finish(&set).expect("an archive");
}

fn made(name: &str, zooms: (u8, u8), side: u32, colour: Colour, left_out: fn(Tile) -> bool) -> (TempDir, Tiles) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    written(&path, zooms, side, colour, left_out);
    let tiles = Tiles::open(&path).expect("tiles");
    (folder, tiles)
}

fn all(_: Tile) -> bool {
    false
}

fn laid(tiles: &Tiles, frame: &Frame) -> Laid {
    lay(tiles, frame).expect("a base")
}

fn bounds(bounds: [f64; 4], width: u32, height: u32) -> Frame {
    Frame::new(Space::Earth, Extent::of_bounds(Space::Earth, bounds), width, height).expect("a frame")
}

#[test]
fn a_picture_on_the_lattice_shows_the_very_pixels_of_its_tiles() {
    for name in NAMES {
        for side in [256, 512] {
            let (_folder, tiles) = made(name, (1, 2), side, speckled, all);
            assert_eq!(tiles.attribution(), Some("© Nobody"), "{name}");
            assert_eq!((tiles.zooms(), tiles.side()), (1..=2, Some(side)), "{name}");
            for zoom in [1u8, 2] {
                let of_frame = zoom + u8::from(side == 512);
                let world = i64::from(side) << zoom;
                // Inside, across the date line, at both ends of Mercator, and the whole world from its middle.
                let corners = [(300, 200), (-40, 17), (world - 30, 0), (7, world - 90), (world / 2, 0)];
                for (i, (col, row)) in corners.into_iter().enumerate() {
                    let (width, height) = if i == 4 { (world as u32, 40) } else { (70, 90) };
                    let frame = Frame::on_lattice(of_frame, col, row, width, height).expect("a frame");
                    let Laid { image, notes } = laid(&tiles, &frame);
                    assert!(notes.is_empty(), "{notes:?}");
                    let expected = |at: usize| {
                        let (x, y) = (at as i64 % i64::from(width) + col, at as i64 / i64::from(width) + row);
                        Premultiplied(speckled(zoom, x.rem_euclid(world) as u32, y as u32))
                    };
                    let wrong = (0..frame.len()).find(|at| image.pixels()[*at] != expected(*at));
                    assert_eq!(wrong, None, "{name} of {side}, zoom {zoom}, at {col}, {row}");
                }
            }
        }
    }
}

#[test]
fn tiles_that_torrid_drew_lie_under_a_picture_of_their_zoom_as_if_it_were_drawn() {
    let folder = tempfile::tempdir().expect("a folder");
    let quakes = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/earthquakes.csv");
    let torrid = |arguments: &[&str]| {
        let common = ["--bandwidth", "none", "--values", "count", "--vmin", "0", "--vmax", "4", "-q"];
        let mut command = Command::new(env!("CARGO_BIN_EXE_torrid"));
        command.current_dir(folder.path()).arg(arguments[0]).arg(&quakes).args(&arguments[1..]).args(common);
        command.assert().success();
    };
    let picture = |name: &str| image::open(folder.path().join(name)).expect("a picture").into_rgba8();
    let place = ["--zoom", "2", "--bounds", "100,-60,-60,60"];
    torrid(&[&["render", "-o", "drawn.png"], &place[..]].concat());
    assert!(picture("drawn.png").pixels().any(|pixel| pixel.0[3] > 0), "there is something to see");
    for name in NAMES {
        torrid(&["tiles", "-o", name, "--maxzoom", "2"]);
        torrid(&[&["render", "-o", "laid.png", "-f", "--opacity", "0", "--base", name], &place[..]].concat());
        assert!(picture("laid.png") == picture("drawn.png"), "{name}");
    }
}

#[test]
fn whose_map_it_is_is_taken_from_the_archive_unless_the_user_says_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let quakes = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/earthquakes.csv");
    written(&folder.path().join("base.mbtiles"), (0, 0), 64, speckled, all);
    let bytes = |more: &[&str]| {
        let common = ["-o", "out.png", "-f", "-q", "--bandwidth", "none", "--width", "300", "--base", "base.mbtiles"];
        let mut command = Command::new(env!("CARGO_BIN_EXE_torrid"));
        command.current_dir(folder.path()).arg("render").arg(&quakes).args(common).args(more).assert().success();
        std::fs::read(folder.path().join("out.png")).expect("a picture")
    };
    let says = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    let (of_archive, of_user) = (bytes(&[]), bytes(&["--attribution", "Somebody"]));
    assert!(says(&of_archive, "Nobody") && !says(&of_user, "Nobody") && says(&of_user, "Somebody"));
    let corner = |bytes: &[u8]| {
        let picture = image::load_from_memory(bytes).expect("a picture").into_rgba8();
        let (width, height) = picture.dimensions();
        image::imageops::crop_imm(&picture, width - 60, height - 20, 60, 20).to_image()
    };
    assert!(corner(&of_archive) != corner(&of_user), "it is written into the picture");
}

#[test]
fn a_ground_gives_each_place_its_own_tiles_however_often_it_is_asked() {
    let (_folder, tiles) = made("base.pmtiles", (1, 1), 256, speckled, all);
    let frames = [bounds([0.0, 0.0, 9.0, 9.0], 50, 50), bounds([90.0, 0.0, 99.0, 9.0], 50, 50)];
    let expected = frames.map(|frame| laid(&tiles, &frame).image);
    let ground = Ground::of(tiles);
    for i in [0, 0, 1, 0, 1, 1] {
        assert!(ground.under(&frames[i]).expect("a base").image == expected[i]);
    }
}

#[test]
fn archives_of_the_same_tiles_give_the_same_picture_at_any_scale_and_for_any_threads() {
    let bases = NAMES.map(|name| made(name, (0, 2), 256, speckled, |tile| tile.x() == 2 && tile.y() == 1));
    for (area, width) in [([-30.0, -20.0, 50.0, 60.0], 333), ([170.0, 10.0, -150.0, 80.0], 91)] {
        let frame = bounds(area, width, 200);
        let pictures = bases.each_ref().map(|(_, tiles)| laid(tiles, &frame).image);
        assert!(pictures[0] == pictures[1] && pictures[0] == pictures[2], "{area:?}");
        for threads in [1, 3] {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            assert!(pool.install(|| laid(&bases[0].1, &frame).image) == pictures[0], "{threads} threads");
        }
    }
}

#[test]
fn a_reduced_base_does_not_alias() {
    let (_folder, tiles) =
        made("base.pmtiles", (2, 2), 256, |_, x, y| [255 * ((x + y) % 2) as u8; 3].into_opaque(), all);
    // Of zoom 2 there are 1024 pixels round the world; a checkerboard of single pixels is grey at half of them.
    for width in [512, 540, 700] {
        let frame = bounds([-180.0, -85.0, 180.0, 85.0], width, width);
        let image = laid(&tiles, &frame).image;
        let (least, most) = image.pixels().iter().fold((255, 0), |(a, b), p| (p.0[0].min(a), p.0[0].max(b)));
        assert!(most - least <= if width == 512 { 4 } else { 90 }, "{width}: {least} to {most}");
    }
}

#[test]
fn an_enlarged_base_is_smooth_across_its_tiles_and_the_date_line() {
    // Brightness goes up and down once round the world, two levels a pixel.
    let wave: Colour = |_, x, _| [if x < 128 { x * 2 } else { (255 - x) * 2 } as u8; 3].into_opaque();
    for (zooms, side) in [((0, 0), 256), ((1, 1), 128), ((2, 2), 64)] {
        let (_folder, tiles) = made("base.pmtiles", zooms, side, wave, all);
        let frame = Frame::on_lattice(3, -1024, 900, 2048, 8).expect("a frame");
        let Laid { image, notes } = laid(&tiles, &frame);
        assert!(notes[0].contains("enlarged 8 times"), "{notes:?}");
        let row = &image.pixels()[..2048];
        let steps = row.windows(2).map(|pair| pair[0].0[0].abs_diff(pair[1].0[0]));
        assert!(steps.max().expect("pixels") <= 1, "tiles of {side}");
        assert_eq!(row[0].0[0].abs_diff(row[2047].0[0]), 0, "round the world");
        assert!(image.pixels().iter().all(|pixel| pixel.0[3] == 255));
    }
}

#[test]
fn where_a_tile_is_absent_its_part_of_the_tile_above_is_drawn() {
    let by_zoom: Colour =
        |zoom, x, y| if zoom == 0 && x >= 128 && y < 128 { [0; 4] } else { [zoom * 40 + 50; 3].into_opaque() };
    let (_folder, tiles) =
        made("base.pmtiles", (0, 2), 256, by_zoom, |tile| tile.zoom() > 0 && tile.y() < 1 << (tile.zoom() - 1));
    let image = laid(&tiles, &Frame::on_lattice(2, 0, 0, 1024, 1024).expect("a frame")).image;
    let at = |x: usize, y: usize| image.pixels()[y * 1024 + x];
    assert_eq!(at(900, 800), Premultiplied([130, 130, 130, 255]), "there is a tile");
    assert_eq!(at(100, 100), Premultiplied([50, 50, 50, 255]), "from two zooms above");
    let clear = (0..512).flat_map(|y| (512..1024).map(move |x| (x, y))).all(|(x, y)| at(x, y) == Premultiplied::CLEAR);
    assert!(clear, "a part with nothing in it stays clear up to its edges");
}

#[test]
fn a_picture_without_tiles_is_clear_and_says_so() {
    let (_folder, tiles) = made("base.pmtiles", (1, 1), 256, speckled, |tile| tile.x() == 1);
    let Laid { image, notes } = laid(&tiles, &bounds([100.0, 10.0, 120.0, 30.0], 64, 64));
    assert!(image.pixels().iter().all(|pixel| *pixel == Premultiplied::CLEAR));
    assert!(notes[0].contains("no tiles under this picture"), "{notes:?}");
    let beyond = laid(&tiles, &Frame::on_lattice(1, 0, -300, 64, 600).expect("a frame")).image;
    let clear = beyond.pixels().chunks(64).map(|row| row.iter().all(|p| *p == Premultiplied::CLEAR));
    assert_eq!(clear.map(u32::from).sum::<u32>(), 300, "nothing lies beyond the end of Mercator");
    let page = Frame::new(Space::PAGE, Extent { west: 0.0, north: 0.0, east: 9.0, south: 9.0 }, 9, 9).expect("a page");
    assert_eq!(lay(&tiles, &page).expect_err("no page").exit_code(), 2);
}

#[test]
fn too_many_tiles_are_refused() {
    let (_folder, tiles) = made("base.pmtiles", (5, 5), 256, |_, _, _| [9; 4], |tile| tile.x() > 0 || tile.y() > 0);
    let error = lay(&tiles, &bounds([-180.0, -85.0, 180.0, 85.0], 64, 64)).err().map(|error| error.to_string());
    assert_eq!(error, None, "1024 tiles of which there is one");
    // The same tile, said to be the least of a pyramid so deep that a picture of the world would need a million.
    let folder = tempfile::tempdir().expect("a folder");
    let deep = folder.path().join("10/0");
    std::fs::create_dir_all(&deep).expect("a folder");
    let file =
        TilePicture::Png.encode(&tile_picture(Tile::new(0, 0, 0).expect("a tile"), 256, speckled)).expect("a file");
    std::fs::write(deep.join("0.png"), file).expect("a tile");
    let deep = Tiles::open(folder.path()).expect("tiles");
    let error = lay(&deep, &bounds([-180.0, -85.0, 180.0, 85.0], 64, 64)).expect_err("too many").to_string();
    assert!(error.contains("1048576 tiles of zoom 10") && error.contains("expected at most 16384"), "{error}");
}

/// Colours without alpha.
trait IntoOpaque {
    fn into_opaque(self) -> [u8; 4];
}

impl IntoOpaque for [u8; 3] {
    fn into_opaque(self) -> [u8; 4] {
        [self[0], self[1], self[2], 255]
    }
}
