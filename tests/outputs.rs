//! What else `torrid tiles` writes, read back and compared with what `torrid render --zoom` says: values as a `GeoTIFF` and
//! as tiles, tiles for fine screens, and super-overlays for Google Earth.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Value, json};
use tempfile::TempDir;

#[path = "common/archives.rs"]
mod archives;
#[path = "common/geotiff.rs"]
mod geotiff;

use archives::{Place, Pmtiles, load, load_folder_of, names_in};
use geotiff::Tiff;

/// Events around Paris.
fn folder() -> TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let place = |i: u32| {
        let (turn, far) = (f64::from(i) * 2.4, f64::from(i).sqrt() / 300.0);
        format!("{},{}\n", 2.35 + far * turn.cos(), 48.85 + far * turn.sin())
    };
    let text: String = (0..400).map(place).collect();
    fs::write(dir.path().join("events.csv"), format!("lng,lat\n{text}2.9,48.6\n")).expect("a file");
    dir
}

/// The program with these arguments: whether it succeeded, and what it said.
fn run(dir: &TempDir, arguments: &[&str]) -> (bool, String, String) {
    let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_torrid"));
    let done = program.current_dir(dir.path()).args(arguments).output().expect("the program runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (done.status.success(), text(&done.stdout), text(&done.stderr))
}

fn tiles(dir: &TempDir, out: &str, options: &[&str]) {
    let (done, _, said) = run(dir, &[&["tiles", "events.csv", "-o", out, "-f"], options].concat());
    assert!(done, "{out} {options:?}: {said}");
}

/// Values of whole tiles of a zoom, by the cells of the world.
struct Rendered {
    first: (i64, i64),
    width: usize,
    values: Vec<f32>,
}

impl Rendered {
    /// What `torrid render --zoom` has.
    fn of(dir: &TempDir, zoom: u8, options: &[&str]) -> Rendered {
        let zoom_text = zoom.to_string();
        let arguments = ["render", "events.csv", "-o", "b.npy", "-fq", "--json", "--zoom", &zoom_text];
        let (done, report, said) = run(dir, &[&arguments[..], options].concat());
        assert!(done, "{said}");
        let report: Value = serde_json::from_str(&report).expect("a JSON object");
        let number = |value: &Value| value.as_f64().expect("a number");
        let cells = 256.0 * f64::from(zoom).exp2();
        let (west, north) = (number(&report["extent"][0]), number(&report["extent"][3]).to_radians());
        let y = 0.5 - north.tan().asinh() / std::f64::consts::TAU;
        let first = ((west / 360.0 + 0.5) * cells, y * cells);
        let bytes = fs::read(dir.path().join("b.npy")).expect("there");
        let (width, height) = (number(&report["size"][0]) as usize, number(&report["size"][1]) as usize);
        let values = bytes[bytes.len() - 4 * width * height..].as_chunks::<4>().0;
        let values = values.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        Rendered { first: (first.0.round() as i64, first.1.round() as i64), width, values }
    }

    /// Every cell of the world that it shows, and its value.
    fn cells(&self) -> impl Iterator<Item = ((i64, i64), f32)> {
        let place = |i: usize| (self.first.0 + (i % self.width) as i64, self.first.1 + (i / self.width) as i64);
        self.values.iter().enumerate().map(move |(i, value)| (place(i), *value))
    }

    fn sum(&self) -> f64 {
        self.values.iter().map(|value| f64::from(*value)).sum()
    }
}

/// Whether two values are the same but for a share of them.
fn near(a: f32, b: f32, share: f64) -> bool {
    (f64::from(a) - f64::from(b)).abs() <= share * f64::from(b.abs())
}

#[test]
fn a_tif_of_tiles_has_the_values_of_each_zoom_and_no_block_where_there_is_nothing() {
    let dir = folder();
    for (bandwidth, side, values) in [("300m", "256", "density"), ("none", "256", "count"), ("300m", "512", "count")] {
        let options = ["-b", bandwidth, "--values", values];
        tiles(&dir, "a.tif", &[&options[..], &["--tile-size", side, "-z", "12"]].concat());
        let deeper = u8::from(side == "512");
        let tiff = Tiff::read(&dir.path().join("a.tif"));
        assert!(tiff.directories.len() > 2, "{} zooms", tiff.directories.len());
        assert!(tiff.directories[0].offsets().contains(&(0, 0)), "an absent block");
        assert!(!tiff.directories[0].fields.contains_key(&42113), "which is 0, and not no data");
        let corner = tiff.directories[0].doubles(33922);
        let half = 20_037_508.342_789_244;
        for (above, directory) in tiff.directories.iter().enumerate() {
            let zoom = 12 + deeper - above as u8;
            let cells = 256.0 * f64::from(zoom).exp2() / (2.0 * half);
            let first = [corner[3] + half, half - corner[4]].map(|metres| (metres * cells).round() as i64);
            let level = directory.values(&tiff.bytes);
            let rendered = Rendered::of(&dir, zoom, &options);
            for ((x, y), expected) in rendered.cells() {
                let found = level.get(x - first[0], y - first[1]).unwrap_or(0.0);
                assert!(near(found, expected, 1e-6), "{bandwidth} {side} {zoom} {x} {y}: {found} for {expected}");
            }
            let sum: f64 = level.values.iter().map(|value| f64::from(*value)).sum();
            assert!((sum - rendered.sum()).abs() <= 1e-6 * sum, "nothing else at {zoom}");
        }
    }
}

#[test]
fn what_an_archive_cannot_hold_is_refused() {
    let dir = folder();
    fs::write(dir.path().join("far.csv"), "lng,lat\n-179,84\n179,-84\n").expect("a file");
    for (out, arguments, says) in [
        ("a.tif", &["events.csv", "--cmap", "magma"][..], "--cmap for a.tif"),
        ("a.tif", &["events.csv", "--value-tiles"], "--value-tiles for a.tif"),
        ("a.tif", &["events.csv", "--retina"], "--retina for a.tif"),
        ("a.tif", &["events.csv", "--tile-format", "png"], "--tile-format for a.tif"),
        ("a.tif", &["far.csv", "-b", "none", "-Z", "13", "-z", "13"], "at most 16777216 blocks"),
        ("a.kmz", &["events.csv", "--value-tiles"], "--value-tiles for a.kmz"),
        ("a.kmz", &["events.csv", "--tile-format", "webp"], "webp tiles"),
        ("a.pmtiles", &["events.csv", "--retina", "--tile-size", "512"], "cannot be used with"),
    ] {
        let (done, _, said) = run(&dir, &[&["tiles", "-o", out], arguments].concat());
        assert!(!done && said.contains(says), "{arguments:?}: {said}");
        assert!(!dir.path().join(out).exists());
    }
}

/// The values of a tile of them, NaN where there is no data.
fn decoded(bytes: &[u8]) -> Vec<f32> {
    let picture = image::load_from_memory(bytes).expect("a picture");
    assert_eq!(picture.color(), image::ColorType::Rgba8);
    let value = |pixel: &image::Rgba<u8>| {
        let [r, g, b, a] = pixel.0;
        assert!(matches!(a, 0 | 255), "alpha is {a}");
        if a == 0 { f32::NAN } else { f32::from_be_bytes([r, g, b, 0]) }
    };
    picture.to_rgba8().pixels().map(value).collect()
}

#[test]
fn tiles_of_values_have_24_bits_of_what_render_says_wherever_there_are_pictures() {
    let dir = folder();
    tiles(&dir, "a.pmtiles", &["-b", "300m", "-Z", "7", "-z", "12", "--value-tiles"]);
    let values = load(&dir.path().join("a.values.pmtiles"));
    let pictures = load(&dir.path().join("a.pmtiles"));
    assert!(values.keys().eq(pictures.keys()), "the same tiles");
    let (mut compared, mut fine) = (0, 0);
    for zoom in 7..=12 {
        let cells: BTreeMap<(i64, i64), f32> = Rendered::of(&dir, zoom, &["-b", "300m"]).cells().collect();
        for ((_, x, y), bytes) in values.iter().filter(|((z, _, _), _)| *z == zoom) {
            for (i, found) in decoded(bytes).into_iter().enumerate() {
                let at = (i64::from(*x) * 256 + i as i64 % 256, i64::from(*y) * 256 + i as i64 / 256);
                let expected = cells.get(&at).copied().unwrap_or(0.0);
                assert!(near(found, expected, 1.0 / 65_536.0), "{zoom} {at:?}: {found} for {expected}");
                compared += 1;
                fine += usize::from(found.to_bits() & 0xff00 != 0);
            }
        }
    }
    assert!(compared > 20 * 65_536 && fine > compared / 10, "{fine} of {compared} use the last of the 24 bits");
}

#[test]
fn tiles_of_values_say_how_to_read_them_and_those_of_pictures_where_they_are() {
    let dir = folder();
    let options = ["-b", "300m", "-z", "8", "--value-tiles"];
    for out in ["a.pmtiles", "a.mbtiles", "a"] {
        tiles(&dir, out, &options);
    }
    let told = |name: &str| -> Value {
        serde_json::from_str(&fs::read_to_string(dir.path().join(name)).expect("there")).expect("JSON")
    };
    let of_values = [told("a.values/tilejson.json"), Pmtiles::read(&dir.path().join("a.values.pmtiles")).metadata()];
    for told in of_values {
        let keys = ["encoding", "units", "absent"].map(|key| &told[key]);
        assert_eq!(keys, [&json!("float24"), &json!("events per km²"), &json!(0.0)], "{told}");
    }
    assert_eq!(told("a/tilejson.json")["values"], "a.values");
    let all = ["a.values.pmtiles", "a.values.mbtiles", "a.values"].map(|name| load(&dir.path().join(name)));
    assert!(all[0] == all[1] && all[0] == all[2] && !all[0].is_empty());
    let (done, _, said) = run(&dir, &["tiles", "events.csv", "-o", "b/../a.pmtiles", "--value-tiles"]);
    assert!(!done, "{said}");
}

#[test]
fn tiles_for_fine_screens_are_those_of_512_pixels_and_say_that_they_are_shown_as_256() {
    let dir = folder();
    let options = ["-b", "300m", "-z", "9"];
    tiles(&dir, "large", &[&options[..], &["--tile-size", "512"]].concat());
    tiles(&dir, "fine", &[&options[..], &["--retina", "--value-tiles"]].concat());
    tiles(&dir, "fine.pmtiles", &[&options[..], &["--retina"]].concat());
    tiles(&dir, "usual", &options);
    let fine = load_folder_of(&dir.path().join("fine"), "@2x.png");
    assert!(fine == load(&dir.path().join("large")), "the same tiles");
    assert!(fine == load(&dir.path().join("fine.pmtiles")), "in an archive too");
    assert!(fine.keys().eq(load_folder_of(&dir.path().join("fine.values"), "@2x.png").keys()));
    let index = |name: &str| -> Value {
        let text = fs::read_to_string(dir.path().join(name).join("tilejson.json")).expect("there");
        serde_json::from_str(&text).expect("JSON")
    };
    let (fine, usual, large) = (index("fine"), index("usual"), index("large"));
    assert_eq!(
        (&fine["tiles"], &fine["tileSize"], &fine["scale"]),
        (&json!(["{z}/{x}/{y}@2x.png"]), &json!(256), &json!(2))
    );
    assert_eq!(
        (&large["tiles"], &large["tileSize"], &large["scale"]),
        (&json!(["{z}/{x}/{y}.png"]), &json!(512), &Value::Null)
    );
    for key in ["bounds", "center", "minzoom", "maxzoom", "units"] {
        assert_eq!(fine[key], usual[key], "{key}");
    }
    let metadata = Pmtiles::read(&dir.path().join("fine.pmtiles")).metadata();
    assert_eq!((&metadata["tileSize"], &metadata["scale"]), (&json!(256), &json!(2)));
}

/// The texts of the leaves of a KML file, each under the names above it.
fn leaves(kml: &str) -> Vec<(String, String)> {
    let (mut reader, mut path, mut leaves) = (Reader::from_str(kml), Vec::new(), Vec::new());
    loop {
        match reader.read_event().expect("well-formed XML") {
            Event::Start(start) => path.push(start.name().as_ref().to_owned()),
            Event::End(_) => _ = path.pop(),
            Event::Text(text) => leaves.push((path.join("/"), text.to_string())),
            Event::Eof => return leaves,
            _ => {}
        }
    }
}

/// A KMZ file, by the names of what it holds.
struct Kmz(BTreeMap<String, Vec<u8>>);

impl Kmz {
    fn read(path: &Path) -> Kmz {
        let mut zip = zip::ZipArchive::new(fs::File::open(path).expect("there")).expect("a ZIP");
        let first = zip.name_for_index(0).expect("a file").expect("UTF-8").into_owned();
        assert_eq!(first, "doc.kml", "the file that is opened comes first");
        let count = zip.len();
        let of = |i: usize| {
            let mut file = zip.by_index(i).expect("a file");
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).expect("whole");
            (file.name().expect("UTF-8").into_owned(), bytes)
        };
        Kmz((0..count).map(of).collect())
    }

    /// The names of the KML files of tiles.
    fn of_tiles(&self) -> impl Iterator<Item = &String> {
        self.0.keys().filter(|name| name.contains('/') && Path::new(name).extension().is_some_and(|e| e == "kml"))
    }

    fn leaves(&self, name: &str) -> Vec<(String, String)> {
        leaves(std::str::from_utf8(&self.0[name]).expect("UTF-8"))
    }

    /// What a file links to, from the root.
    fn links(&self, name: &str, kind: &str) -> Vec<String> {
        let folder = Path::new(name).parent().expect("a folder");
        let resolved = |href: &str| {
            let mut path = folder.to_owned();
            for part in href.split('/') {
                if part == ".." { assert!(path.pop(), "{href} in {name}") } else { path.push(part) }
            }
            path.to_string_lossy().into_owned()
        };
        let all = self.leaves(name).into_iter().filter(|(path, _)| path.ends_with(kind));
        all.map(|(_, href)| resolved(&href)).collect()
    }

    /// North, south, east and west of a box, by the end of its path.
    fn sides(&self, name: &str, of: &str) -> Vec<[f64; 4]> {
        let leaves = self.leaves(name);
        let one = |side: &str| -> Vec<f64> {
            let all = leaves.iter().filter(|(path, _)| path.ends_with(&format!("{of}/{side}")));
            all.map(|(_, text)| text.parse().expect("a number")).collect()
        };
        let [north, south, east, west] = ["north", "south", "east", "west"].map(one);
        (0..north.len()).map(|i| [north[i], south[i], east[i], west[i]]).collect()
    }
}

fn place_of(name: &str) -> Place {
    let parts: Vec<u32> =
        name.trim_end_matches(".kml").split('/').map(|part| part.parse().expect("a number")).collect();
    (parts[0] as u8, parts[1], parts[2])
}

#[test]
fn every_link_of_a_kmz_leads_somewhere_and_every_tile_is_reached_from_the_one_above_it() {
    let dir = folder();
    tiles(&dir, "a.kmz", &["-b", "300m", "-Z", "3", "-z", "11", "--title", "A < B & C"]);
    tiles(&dir, "a", &["-b", "300m", "-Z", "3", "-z", "11"]);
    let kmz = Kmz::read(&dir.path().join("a.kmz"));
    assert!(kmz.leaves("doc.kml").iter().any(|(path, _)| path == "kml/Document/name"));
    let (mut reached, mut open) = (BTreeSet::new(), vec!["doc.kml".to_owned()]);
    while let Some(name) = open.pop() {
        for link in kmz.links(&name, "Link/href") {
            assert!(kmz.0.contains_key(&link), "{name} links to {link}");
            assert!(reached.insert(link.clone()), "{link} is reached once");
            if name != "doc.kml" {
                // Tiles between the two may be clear.
                let ((z, x, y), (below, under_x, under_y)) = (place_of(&name), place_of(&link));
                assert_eq!((x, y), (under_x >> (below - z), under_y >> (below - z)), "{link} lies in {name}");
            }
            // The link knows the region of what it leads to, which is that of its picture.
            let overlay = kmz.sides(&link, "GroundOverlay/LatLonBox");
            assert_eq!(overlay, kmz.sides(&link, "GroundOverlay/Region/LatLonAltBox"), "{link}");
            assert!(kmz.sides(&name, "NetworkLink/Region/LatLonAltBox").contains(&overlay[0]), "{name} to {link}");
            open.push(link);
        }
    }
    let reached: BTreeSet<Place> = reached.iter().map(|name| place_of(name)).collect();
    let expected: BTreeSet<Place> = load(&dir.path().join("a")).into_keys().collect();
    assert_eq!(reached, expected, "the tiles that a folder has");
    for name in kmz.of_tiles() {
        assert!(kmz.links(name, "Icon/href").iter().all(|picture| kmz.0.contains_key(picture)), "{name} has a picture");
    }
}

#[test]
fn the_boxes_below_a_tile_of_a_kmz_cover_it_without_a_gap() {
    let dir = folder();
    tiles(&dir, "a.kmz", &["-b", "20km", "-z", "9"]);
    let kmz = Kmz::read(&dir.path().join("a.kmz"));
    let mut whole = 0;
    for name in kmz.of_tiles() {
        let [north, south, east, west] = kmz.sides(name, "LatLonBox")[0];
        let places = kmz.links(name, "Link/href").into_iter().map(|link| place_of(&link));
        let all = places.zip(kmz.sides(name, "NetworkLink/Region/LatLonAltBox"));
        let below: Vec<[f64; 4]> =
            all.filter(|(place, _)| place.0 == place_of(name).0 + 1).map(|(_, sides)| sides).collect();
        for [n, s, e, w] in &below {
            // A quarter of the tile, with two of its sides and the lines that halve it.
            assert!((*n == north) ^ (*s == south), "{name}: {n} {s} in {north} {south}");
            assert!((*e == east) ^ (*w == west), "{name}: {w} {e} in {west} {east}");
            assert!(
                below.iter().all(|other| [*n, *s].contains(&other[0]) || other[0] == *s || other[1] == *n),
                "{name}"
            );
            assert!(
                below.iter().all(|other| [*e, *w].contains(&other[2]) || other[2] == *w || other[3] == *e),
                "{name}"
            );
        }
        whole += usize::from(below.len() == 4);
    }
    assert!(whole > 0, "some tile has four below");
}

#[test]
fn a_hot_point_lies_where_it_is_in_every_picture_of_a_kmz() {
    let dir = tempfile::tempdir().expect("a folder");
    for (lng, lat) in [(2.3522, 48.8566), (25.7, 78.3), (-70.9, -53.1)] {
        fs::write(dir.path().join("events.csv"), format!("lng,lat\n{lng},{lat}\n")).expect("a file");
        tiles(&dir, "a.kmz", &["-b", "3km", "-z", "9", "--cmap", "gray", "--norm", "log", "--vmin", "0.000001"]);
        let kmz = Kmz::read(&dir.path().join("a.kmz"));
        let mut seen = 0;
        for name in kmz.of_tiles() {
            let [north, south, east, west] = kmz.sides(name, "LatLonBox")[0];
            if !(south..north).contains(&lat) || !(west..east).contains(&lng) {
                continue;
            }
            let picture =
                image::load_from_memory(&kmz.0[&kmz.links(name, "Icon/href")[0]]).expect("a picture").to_rgba8();
            let bright = |x: u32, y: u32| {
                if picture.get_pixel(x, y).0[3] == 0 { 0 } else { u32::from(picture.get_pixel(x, y).0[0]) + 1 }
            };
            let all = (0..256).flat_map(|y| (0..256).map(move |x| (x, y)));
            let most = all.clone().map(|(x, y)| bright(x, y)).max().expect("pixels");
            let expected = ((lng - west) / (east - west) * 256.0, (north - lat) / (north - south) * 256.0);
            let off = |(x, y): (u32, u32)| {
                (f64::from(x) + 0.5 - expected.0).abs().max((f64::from(y) + 0.5 - expected.1).abs())
            };
            let least = all.filter(|(x, y)| bright(*x, *y) == most).map(off).fold(f64::INFINITY, f64::min);
            // Half a pixel of this picture, and half a row of the tile that it was made of.
            let row = 360.0 / f64::from(place_of(name).0).exp2() * lat.to_radians().cos() / (north - south);
            assert!(least <= 0.5 + 0.5 * row.max(1.0) + 0.01, "{name}: {least} pixels off");
            seen += 1;
        }
        assert_eq!(seen, 10, "one tile of each zoom");
    }
}

#[test]
fn outputs_have_the_same_bytes_on_any_number_of_threads() {
    let dir = folder();
    for (out, options) in [("a.tif", &[][..]), ("a.kmz", &[]), ("a.pmtiles", &["--value-tiles"])] {
        let on = |threads: &str| {
            tiles(&dir, out, &[&["-b", "300m", "-z", "11", "-j", threads], options].concat());
            let beside = dir.path().join("a.values.pmtiles");
            (fs::read(dir.path().join(out)).expect("there"), fs::read(beside).unwrap_or_default())
        };
        assert!(on("1") == on("3"), "{out}");
    }
}

#[test]
fn a_run_that_fails_leaves_nothing_beside_the_input() {
    let dir = folder();
    for out in ["a.tif", "a.kmz", "a.pmtiles"] {
        let values: &[&str] = if out == "a.pmtiles" { &["--value-tiles"] } else { &[] };
        let (done, _, _) = run(&dir, &[&["tiles", "events.csv", "-o", out, "-b", "2km", "-z", "22"], values].concat());
        assert!(!done);
        assert_eq!(names_in(dir.path()), ["events.csv"], "{out}");
    }
}
