//! What is written is read back by readers that are not torrid's, and is the same.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use image::ImageReader;
use proptest::prelude::*;
use tempfile::TempDir;
use tiff::decoder::{Decoder, DecodingResult};
use tiff::tags::Tag;
use torrid::error::Fault;
use torrid::events::{Unit, YAxis};
use torrid::frame::{Extent, Frame};
use torrid::grid::{Area, Density, Grid, Quantity};
use torrid::image::{Image, Premultiplied, Straight};
use torrid::sink::{self, Kind, Picture};
use torrid::{Space, World};

const PLAN: Space = Space::Flat { unit: Unit::Metre, y_axis: YAxis::Up };

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn frame(space: Space, bounds: [f64; 4], width: u32, height: u32) -> Frame {
    Frame::new(space, Extent::of_bounds(space, bounds), width, height).expect("a good frame")
}

/// A density with a hole, a zero, and values of every size.
fn density(frame: Frame) -> Density {
    let value = |i: usize| match i % 7 {
        0 => f32::NAN,
        1 => 0.0,
        2 => 1e-20 * i as f32,
        3 => -3.5e12,
        n => (i as f32 / 3.0).powi(n as i32 - 3),
    };
    let grid = Grid::new(frame, (0..frame.len()).map(value).collect());
    Density { grid, quantity: Quantity::PerArea(None, Area::of(frame.space())) }
}

fn picture(image: &Image) -> Picture<'_> {
    Picture { image, frame: None, metadata: &[], dpi: None }
}

/// Writes a picture and reads its straight pixels back.
fn there_and_back(image: &Image, name: &str) -> Vec<u8> {
    let folder = folder();
    let path = folder.path().join(name);
    sink::write_picture(&path, &picture(image)).expect("written");
    let read = ImageReader::open(&path).expect("there").decode().expect("a picture").to_rgba8();
    assert_eq!((read.width(), read.height()), (image.width(), image.height()));
    read.into_raw()
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|v| v.to_bits()).collect()
}

prop_compose! {
    /// A picture of a given number of colours, from a handful to more than a palette holds.
    fn pictures()(colours in prop::collection::vec(any::<[u8; 4]>(), 1..400), width in 1u32..60, height in 1u32..60,
                  seed in any::<u32>()) -> Image {
        let pick = |i: u32| colours[(seed.wrapping_add(i).wrapping_mul(0x9e37_79b1) >> 7) as usize % colours.len()];
        let pixels = (0..width * height).map(|i| Straight(pick(i)).premultiply()).collect();
        Image::new(width, height, pixels)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_png_holds_the_pixels_of_the_picture(image in pictures()) {
        prop_assert_eq!(there_and_back(&image, "a.png"), image.straight_bytes());
    }

    #[test]
    fn a_webp_holds_the_pixels_of_the_picture(image in pictures()) {
        prop_assert_eq!(there_and_back(&image, "a.webp"), image.straight_bytes());
    }
}

/// As many different colours as asked for, in a picture of several bands of the palette builder.
fn many_colours(count: u32) -> Image {
    let colour = |i: u32| Straight([(i % count) as u8, (i % count / 256) as u8, 9, 255]).premultiply();
    Image::new(1024, 600, (0..1024 * 600).map(colour).collect())
}

#[test]
fn a_png_has_a_palette_up_to_256_colours_and_not_beyond() {
    for (count, colour_type) in [(1, 3), (255, 3), (256, 3), (257, 6), (700, 6)] {
        let image = many_colours(count);
        let bytes = sink::encode_picture(sink::format_of(Path::new("a.png")).expect("png"), &picture(&image));
        // The colour type is byte 9 of the header, which follows 16 bytes of signature, length and name.
        assert_eq!(bytes.expect("encoded")[25], colour_type, "{count} colours");
        assert_eq!(there_and_back(&image, "a.png"), image.straight_bytes(), "{count} colours");
    }
}

#[test]
fn the_bytes_of_a_picture_do_not_depend_on_the_number_of_threads() {
    let image = many_colours(200);
    for format in sink::FORMATS.iter().filter(|f| f.kind() == Kind::Picture) {
        let encode = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            pool.install(|| sink::encode_picture(format, &picture(&image)).expect("encoded"))
        };
        assert_eq!(encode(1), encode(3), "{}", format.name);
    }
}

#[test]
fn a_jpeg_lies_over_white() {
    let clear = there_and_back(&Image::filled(40, 30, Premultiplied::CLEAR), "a.jpg");
    assert!(clear.iter().all(|c| *c >= 253), "clear is white");
    let half = there_and_back(&Image::filled(40, 30, Straight([255, 0, 0, 128]).premultiply()), "a.jpeg");
    for pixel in half.as_chunks::<4>().0 {
        let near = |c: u8, expected: u8| c.abs_diff(expected) <= 4;
        assert!(near(pixel[0], 255) && near(pixel[1], 127) && near(pixel[2], 127), "{pixel:?}");
    }
}

#[test]
fn texts_of_a_png_are_read_back() {
    let folder = folder();
    let path = folder.path().join("a.png");
    let image = Image::filled(2, 2, Premultiplied::CLEAR);
    let metadata = [("Title".to_owned(), "Taxi".to_owned()), ("Unit".to_owned(), "events per km²".to_owned())];
    sink::write_picture(&path, &Picture { metadata: &metadata, ..picture(&image) }).expect("written");
    let file = std::io::BufReader::new(fs::File::open(&path).expect("there"));
    let mut reader = png::Decoder::new(file).read_info().expect("a PNG");
    reader.finish().expect("a whole PNG");
    let info = reader.info();
    let latin = info.uncompressed_latin1_text.iter().map(|t| (t.keyword.clone(), t.text.clone()));
    let utf8 = info.utf8_text.iter().map(|t| (t.keyword.clone(), t.get_text().expect("UTF-8")));
    let texts: BTreeMap<String, String> = latin.chain(utf8).collect();
    assert_eq!(texts["Title"], "Taxi");
    assert_eq!(texts["Unit"], "events per km²");
    assert!(texts["Software"].starts_with("torrid "), "{texts:?}");
}

#[test]
fn a_geotiff_holds_the_values_bit_for_bit() {
    let folder = folder();
    for (width, height) in [(1, 1), (7, 5), (333, 1000), (100_000, 3)] {
        let density = density(frame(Space::Earth, [2.0, 48.0, 3.0, 49.0], width, height));
        let path = folder.path().join("a.tif");
        sink::write_values(&path, &density, &[]).expect("written");
        let mut decoder = Decoder::new(fs::File::open(&path).expect("there")).expect("a TIFF");
        assert_eq!(decoder.dimensions().expect("a size"), (width, height));
        let DecodingResult::F32(values) = decoder.read_image().expect("values") else { panic!("not float32") };
        assert_eq!(bits(&values), bits(density.grid.values()), "{width}x{height}");
    }
}

#[test]
fn a_geotiff_says_where_it_lies_and_what_it_measures() {
    let folder = folder();
    let path = folder.path().join("a.tiff");
    let world = frame(Space::Earth, [-180.0, -85.051_128_779_806_6, 179.999_999_999, 85.051_128_779_806_6], 360, 360);
    sink::write_values(&path, &density(world), &[("Style".to_owned(), "a < b".to_owned())]).expect("written");
    let mut decoder = Decoder::new(fs::File::open(&path).expect("there")).expect("a TIFF");
    let mut tag = |tag| decoder.get_tag(tag).expect("the tag");
    let tie = tag(Tag::ModelTiepointTag).into_f64_vec().expect("numbers");
    assert!((tie[3] + 20_037_508.342_789).abs() < 1e-3 && (tie[4] - 20_037_508.342_789).abs() < 1e-3, "{tie:?}");
    let scale = tag(Tag::ModelPixelScaleTag).into_f64_vec().expect("numbers");
    assert!((scale[0] - 111_319.490_793).abs() < 1e-3, "{scale:?}");
    assert!(tag(Tag::GeoKeyDirectoryTag).into_u16_vec().expect("keys").ends_with(&[3072, 0, 1, 3857]), "the CRS");
    assert_eq!(tag(Tag::GdalNodata).into_string().expect("text"), "nan");
    let xml = tag(Tag::Unknown(42112)).into_string().expect("text");
    assert!(xml.contains("events per km&#178;</Item>") && xml.contains("a &#60; b"), "{xml}");
}

#[test]
fn an_npy_holds_the_values_bit_for_bit() {
    let folder = folder();
    let density = density(frame(PLAN, [0.0, 0.0, 70.0, 50.0], 700, 50));
    let path = folder.path().join("a.npy");
    sink::write_values(&path, &density, &[]).expect("written");
    let bytes = fs::read(&path).expect("there");
    assert_eq!(&bytes[..8], b"\x93NUMPY\x01\x00");
    let start = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    assert_eq!(start % 64, 0, "aligned");
    let header = std::str::from_utf8(&bytes[10..start]).expect("text");
    assert!(header.starts_with("{'descr': '<f4', 'fortran_order': False, 'shape': (50, 700), }"), "{header}");
    assert!(header.ends_with(" \n"), "{header:?}");
    let values: Vec<f32> = bytes[start..].as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
    assert_eq!(bits(&values), bits(density.grid.values()));
}

/// The lines of a CSV of values: row, col, x, y, value.
fn lines(density: &Density) -> Vec<(u32, u32, f64, f64, f32)> {
    let folder = folder();
    let path = folder.path().join("a.csv");
    sink::write_values(&path, density, &[]).expect("written");
    let text = fs::read_to_string(&path).expect("text");
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("row,col,x,y,value"));
    let parse = |line: &str| {
        let fields: Vec<&str> = line.split(',').collect();
        assert_eq!(fields.len(), 5, "{line}");
        let number = |i: usize| fields[i].parse::<f64>().expect("a number");
        (number(0) as u32, number(1) as u32, number(2), number(3), fields[4].parse().expect("a number"))
    };
    lines.map(parse).collect()
}

#[test]
fn a_csv_holds_every_cell_with_data_at_its_centre() {
    for frame in [
        frame(Space::Earth, [2.0, 48.0, 3.0, 49.0], 301, 400),
        frame(PLAN, [-5.0, 10.0, 5.0, 30.0], 7, 9),
        frame(Space::PAGE, [0.0, 0.0, 8.0, 9.0], 4, 3),
    ] {
        let density = density(frame);
        let lines = lines(&density);
        assert_eq!(lines.len(), density.grid.values().iter().filter(|v| !v.is_nan()).count());
        assert!(lines.is_sorted_by_key(|line| (line.0, line.1)), "row by row");
        for (row, col, x, y, value) in lines {
            assert_eq!(density.grid.get(col, row).to_bits(), value.to_bits());
            let cell = frame.cell_at(World::of(frame.space(), x, y));
            assert_eq!(cell, Some((col, row)));
        }
    }
}

#[test]
fn a_csv_across_the_antimeridian_keeps_longitudes_below_180() {
    let frame = frame(Space::Earth, [176.0, -10.0, -176.0, 10.0], 8, 20);
    let grid = Grid::new(frame, vec![1.0; frame.len()]);
    let lines = lines(&Density { grid, quantity: Quantity::PerCell(None) });
    let xs: Vec<f64> = lines[..8].iter().map(|line| line.2).collect();
    assert_eq!(xs, [176.5, 177.5, 178.5, 179.5, -179.5, -178.5, -177.5, -176.5]);
}

#[test]
fn a_world_file_gives_the_centre_of_the_upper_left_pixel() {
    let folder = folder();
    let read = |name: &str| -> Vec<f64> {
        let text = fs::read_to_string(folder.path().join(name)).expect("there");
        text.lines().map(|line| line.parse().expect("a number")).collect()
    };
    let tile = Frame::on_lattice(1, 256, 0, 256, 256).expect("the north-east quarter");
    sink::write_world_file(&folder.path().join("a.png"), &tile).expect("written");
    let (half, cell) = (20_037_508.342_789_244, 20_037_508.342_789_244 / 256.0);
    assert_eq!(read("a.pgw"), [cell, 0.0, 0.0, -cell, cell / 2.0, half - cell / 2.0]);
    assert!(fs::read_to_string(folder.path().join("a.prj")).expect("there").contains("WGS_1984_Web_Mercator"), "prj");

    sink::write_world_file(&folder.path().join("b.jpeg"), &frame(PLAN, [0.0, 0.0, 40.0, 20.0], 20, 10)).expect("plan");
    assert_eq!(read("b.jgw"), [2.0, 0.0, 0.0, -2.0, 1.0, 19.0]);
    sink::write_world_file(&folder.path().join("c.webp"), &frame(Space::PAGE, [0.0, 0.0, 40.0, 20.0], 20, 10))
        .expect("page");
    assert_eq!(read("c.wld"), [2.0, 0.0, 0.0, 2.0, 1.0, 1.0]);
    assert!(!folder.path().join("c.prj").exists(), "a page has no projection");
}

#[test]
fn out_is_refused_before_any_work() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("there.png"), "old").expect("a file");
    fs::create_dir(at("dir.png")).expect("a folder");
    let refused = |path: &Path, force: bool, word: &str| {
        let error = sink::check(path, force).expect_err(word);
        assert_eq!(error.fault(), Fault::Caller);
        assert!(error.to_string().contains(word), "{error}");
    };
    refused(&at("a.doc"), false, ".doc");
    refused(&at("a"), false, "no extension");
    refused(&at("dir.png"), true, "a folder");
    refused(folder.path(), true, "a folder");
    refused(&at("absent/a.png"), false, "no such folder");
    refused(&at("there.png/a.png"), false, "in place of its folder");
    refused(&at("there.png"), false, "--force");
    sink::check(&at("there.png"), true).expect("to be replaced");
    sink::check(&at("new.PNG"), false).expect("a new file");
    sink::check(Path::new("new.csv"), false).expect("a new file here");
    assert_eq!(fs::read(at("there.png")).expect("there"), b"old", "checking changes nothing");
}

#[test]
fn the_message_about_an_unknown_extension_lists_those_that_are_known() {
    let message = sink::format_of(Path::new("a.doc")).expect_err("no such format").to_string();
    for extension in sink::FORMATS.iter().flat_map(|format| format.extensions) {
        assert!(message.contains(&format!(".{extension}")), "{message}");
    }
}

#[test]
fn a_world_file_is_refused_beside_values_and_over_existing_ones() {
    let folder = folder();
    let path = folder.path().join("a.png");
    sink::check_world_file(&path, false).expect("nothing there");
    fs::write(folder.path().join("a.pgw"), "old").expect("a file");
    assert!(sink::check_world_file(&path, false).is_err(), "one is there");
    sink::check_world_file(&path, true).expect("to be replaced");
    assert!(sink::check_world_file(&folder.path().join("a.tif"), true).is_err(), "values");
}

#[test]
fn a_failing_format_leaves_the_old_file() {
    let folder = folder();
    let path = folder.path().join("a.webp");
    fs::write(&path, "old").expect("a file");
    let error = sink::write_picture(&path, &picture(&Image::filled(20_000, 1, Premultiplied::CLEAR)));
    assert_eq!(error.expect_err("too wide").fault(), Fault::Limit);
    let values = density(frame(PLAN, [0.0, 0.0, 1.0, 1.0], 4, 4));
    assert_eq!(sink::write_values(&path, &values, &[]).expect_err("a picture format").fault(), Fault::Caller);
    // PNG knows no keyword of more than 79 letters: the encoder itself fails.
    let png = folder.path().join("a.png");
    let metadata = [("K".repeat(80), String::new())];
    let image = Image::filled(2, 2, Premultiplied::CLEAR);
    let error = sink::write_picture(&png, &Picture { metadata: &metadata, ..picture(&image) });
    assert_eq!(error.expect_err("a long key").fault(), Fault::Machine);
    assert_eq!(fs::read(&path).expect("there"), b"old");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing else");
}
