//! What is laid over a picture stays inside it, in panels that do not touch, and is the same every time.

use std::sync::Arc;

use proptest::prelude::*;
use resvg::usvg::{self, fontdb};
use torrid::events::{Unit, YAxis};
use torrid::figure::{
    Furniture, Legend, Look, Scene, Swatch, Swatches, chart_of_colormaps, furnish, labels, portraits_of_colormaps,
};
use torrid::image::{Image, Premultiplied, Straight};
use torrid::{Extent, Frame, Space};

fn earth(width: u32, height: u32) -> Frame {
    let paris = Extent::of_bounds(Space::Earth, [2.2, 48.8, 2.5, 48.95]);
    Frame::new(Space::Earth, paris, width, height).expect("a good frame")
}

fn legend() -> Legend {
    let colours = (0..=255).map(|i| Straight([i, 255 - i, i / 2, 255])).collect();
    let values = [0.0, 50.0, 100.0, 150.0, 200.0];
    let ticks = values.map(|v| v / 200.0).into_iter().zip(labels(&values)).collect();
    Legend { title: "events per km²".into(), colours, ticks, note: Some("Gaussian, 500 m".into()) }
}

fn full() -> Furniture {
    Furniture {
        title: Some("Taxi pick-ups, January 2015".into()),
        legend: Some(legend()),
        scale_bar: true,
        attribution: Some("© OpenStreetMap contributors".into()),
        graticule: false,
    }
}

fn near(a: [u32; 4], b: [u32; 4]) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

/// A document read with the fonts of the repository alone.
fn read(svg: &str) -> usvg::Tree {
    let mut fonts = fontdb::Database::new();
    for font in ["OpenSans-Regular.ttf", "OpenSans-Semibold.ttf"] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/fonts").join(font);
        fonts.load_font_data(std::fs::read(path).expect("the font"));
    }
    let options = usvg::Options { fontdb: Arc::new(fonts), ..usvg::Options::default() };
    usvg::Tree::from_str(svg, &options).expect("a good document")
}

/// Left, top, right and bottom of every text of a document.
fn texts(group: &usvg::Group) -> Vec<[f32; 4]> {
    let sides = |text: &usvg::Text| {
        let r = text.abs_bounding_box();
        [r.left(), r.top(), r.right(), r.bottom()]
    };
    let of = |node: &usvg::Node| match node {
        usvg::Node::Group(group) => texts(group),
        usvg::Node::Text(text) => vec![sides(text)],
        _ => Vec::new(),
    };
    group.children().iter().flat_map(of).collect()
}

fn check_inside(scene: &Scene, width: u32, height: u32) {
    let places: Vec<[u32; 4]> = scene.places().collect();
    for (i, place) in places.iter().enumerate() {
        assert!(place[2] <= width && place[3] <= height, "{place:?} leaves {width}x{height}");
        assert!(!places[..i].iter().any(|other| near(*place, *other)), "{place:?} touches another: {places:?}");
    }
    for text in texts(read(&scene.svg()).root()) {
        // Half a pixel, because widths are measured at another size than drawn.
        let holds = |p: &[u32; 4]| {
            text[0] >= p[0] as f32 - 0.5
                && text[1] >= p[1] as f32 - 0.5
                && text[2] <= p[2] as f32 + 0.5
                && text[3] <= p[3] as f32 + 0.5
        };
        assert!(places.iter().any(holds), "text at {text:?} leaves its panel: {places:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_words_on_any_picture_stay_in_panels_that_do_not_touch(
        width in 1u32..1400, height in 1u32..1400, title in "\\PC{0,80}", unit in "\\PC{0,30}", attribution in ".{0,90}",
        ticks in prop::collection::vec((-0.5f64..1.5, "[0-9,.e−]{0,12}"), 0..12), note in prop::option::of("\\PC{0,60}"),
        colours in prop::collection::vec(any::<[u8; 4]>(), 0..20),
    ) {
        let colours = colours.into_iter().map(Straight).collect();
        let legend = Some(Legend { title: unit, colours, ticks, note });
        let furniture = Furniture { title: Some(title), legend, attribution: Some(attribution), ..full() };
        let scene = Scene::of(&furniture, &earth(width, height), width, height).expect("drawn");
        check_inside(&scene, width, height);
    }
}

#[test]
fn usual_pictures_have_room_for_everything() {
    for (width, height) in [(320, 240), (640, 480), (800, 600), (1280, 960), (4096, 4096), (400, 2000), (2000, 400)] {
        let scene = Scene::of(&full(), &earth(width, height), width, height).expect("drawn");
        assert_eq!(scene.notes(), [""; 0], "{width}x{height}");
        assert_eq!(scene.places().count(), 4, "{width}x{height}");
        check_inside(&scene, width, height);
    }
}

#[test]
fn what_finds_no_room_is_told() {
    let scene = Scene::of(&full(), &earth(60, 40), 60, 40).expect("drawn");
    assert!(scene.notes().iter().any(|note| note == "no room for the legend on a picture of 60x40"), "{scene:?}");
    let long = Furniture { title: Some("word ".repeat(300)), ..Furniture::default() };
    let scene = Scene::of(&long, &earth(640, 480), 640, 480).expect("drawn");
    assert_eq!(scene.notes(), ["the title is shortened on a picture of 640x480"]);
    let foreign = Furniture { title: Some("東京".into()), ..Furniture::default() };
    let scene = Scene::of(&foreign, &earth(640, 480), 640, 480).expect("drawn");
    assert_eq!(scene.notes(), ["the letters 東京 are not in the built-in font"]);
}

#[test]
fn pixels_outside_the_panels_are_left_alone() {
    for ground in [Premultiplied::CLEAR, Straight([240; 4]).premultiply(), Straight([9, 9, 20, 255]).premultiply()] {
        let before = Image::filled(640, 480, ground);
        let mut image = before.clone();
        furnish(&full(), &earth(640, 480), &mut image).expect("drawn");
        let scene = Scene::of(&full(), &earth(640, 480), 640, 480).expect("drawn");
        let places: Vec<[u32; 4]> = scene.places().collect();
        for (i, (now, then)) in image.pixels().iter().zip(before.pixels()).enumerate() {
            let (x, y) = (i as u32 % 640, i as u32 / 640);
            let inside = places.iter().any(|place| near(*place, [x, y, x + 1, y + 1]));
            assert!(inside || now == then, "{x}, {y}");
            assert!(now.0[..3].iter().all(|channel| *channel <= now.0[3]), "premultiplied at {x}, {y}");
        }
        assert_ne!(image, before);
    }
}

#[test]
fn the_same_furniture_gives_the_same_pixels() {
    let furniture = Furniture { graticule: true, ..full() };
    let draw = || {
        let mut image = Image::filled(500, 400, Premultiplied::CLEAR);
        furnish(&furniture, &earth(500, 400), &mut image).expect("drawn");
        image
    };
    assert_eq!(draw(), draw());
    let elsewhere = std::thread::spawn({
        let furniture = furniture.clone();
        move || {
            let mut image = Image::filled(500, 400, Premultiplied::CLEAR);
            furnish(&furniture, &earth(500, 400), &mut image).expect("drawn");
            image
        }
    });
    assert_eq!(elsewhere.join().expect("a picture"), draw());
}

#[test]
fn the_svg_of_a_scene_shows_what_the_picture_shows() {
    let furniture = Furniture { graticule: true, ..full() };
    let scene = Scene::of(&furniture, &earth(640, 480), 640, 480).expect("drawn");
    let mut image = Image::filled(640, 480, Premultiplied::CLEAR);
    scene.draw(&mut image).expect("drawn");
    let mut pixmap = resvg::tiny_skia::Pixmap::new(640, 480).expect("a size");
    resvg::render(&read(&scene.svg()), resvg::tiny_skia::Transform::identity(), &mut pixmap.as_mut());
    let twin = pixmap.data().as_chunks::<4>().0;
    let unlike = |(a, b): &(&Premultiplied, &[u8; 4])| a.0.iter().zip(*b).any(|(a, b)| a.abs_diff(*b) > 24);
    let count = image.pixels().iter().zip(twin).filter(unlike).count();
    assert!(count < 50, "{count} pixels differ");
}

#[test]
fn every_colour_of_a_legend_is_on_its_strip_exactly() {
    let mut image = Image::filled(1280, 960, Premultiplied::CLEAR);
    let furniture = Furniture { legend: Some(legend()), ..Furniture::default() };
    furnish(&furniture, &earth(1280, 960), &mut image).expect("drawn");
    let colours: Vec<Straight> = (0..64).map(|i| Straight([255 - i, i * 4, 200, 255])).collect();
    let few = Legend { colours: colours.clone(), ..legend() };
    furnish(&Furniture { legend: Some(few), ..Furniture::default() }, &earth(1280, 960), &mut image).expect("drawn");
    for colour in colours {
        assert!(image.pixels().contains(&colour.premultiply()), "{colour:?}");
    }
}

#[test]
fn a_clear_colour_shows_a_chequerboard_and_not_the_map() {
    let legend = Legend { colours: vec![Straight([0; 4]); 256], ..legend() };
    let furniture = Furniture { legend: Some(legend), ..Furniture::default() };
    let mut image = Image::filled(640, 480, Straight([200, 0, 0, 255]).premultiply());
    furnish(&furniture, &earth(640, 480), &mut image).expect("drawn");
    for grey in [255, 0xd4] {
        assert!(image.pixels().contains(&Premultiplied([grey, grey, grey, 255])), "{grey}");
    }
}

#[test]
fn a_graticule_runs_on_across_the_antimeridian() {
    let bounds = Extent::of_bounds(Space::Earth, [170.0, -20.0, -170.0, 0.5]);
    let frame = Frame::new(Space::Earth, bounds, 1000, 1000).expect("a good frame");
    let svg =
        Scene::of(&Furniture { graticule: true, ..Furniture::default() }, &frame, 1000, 1000).expect("drawn").svg();
    for text in ["175° E", "180°", "175° W", "5° S", "10° S"] {
        assert!(svg.contains(&format!(">{text}<")), "{text}");
    }
}

#[test]
fn a_plan_has_a_bar_in_its_unit_and_lines_at_round_numbers() {
    let plan = Space::Flat { unit: Unit::Metre, y_axis: YAxis::Up };
    let frame = Frame::new(plan, Extent::of_bounds(plan, [100.0, 50.0, 500.0, 350.0]), 800, 600).expect("a good frame");
    let furniture = Furniture { scale_bar: true, graticule: true, ..Furniture::default() };
    let svg = Scene::of(&furniture, &frame, 800, 600).expect("drawn").svg();
    for text in ["50 m", "200", "300"] {
        assert!(svg.contains(&format!(">{text}<")), "{text}: {svg}");
    }
}

#[test]
fn a_chart_shows_every_colour_of_every_map() {
    let shade = |i: u8, map: u8| Straight([i, map * 9, 255 - i, 255]);
    let swatch = |n: u8| {
        let colours: Vec<Straight> = (0..=255).map(|i| shade(i, n)).collect();
        let looks = vec![Look { name: "a friend".into(), note: "the same".into(), colours: colours.clone() }];
        Swatch { name: format!("map_{n}"), note: "mine".into(), lightness: vec![50.0; 256], colours, looks }
    };
    for count in [1, 4, 13, 24] {
        let swatches: Vec<Swatch> = (0..count).map(swatch).collect();
        let group = |title: &str| Swatches { title: title.into(), note: "a kind".into(), swatches: swatches.clone() };
        let chart = chart_of_colormaps(&[group("one"), group("two")]).expect("drawn");
        assert!(chart.height() < 3 * chart.width(), "{} x {}", chart.width(), chart.height());
        for image in [chart, portraits_of_colormaps(&swatches).expect("drawn")] {
            let pixels: std::collections::HashSet<Premultiplied> = image.pixels().iter().copied().collect();
            for colour in swatches.iter().flat_map(|swatch| &swatch.colours) {
                assert!(pixels.contains(&colour.premultiply()), "{colour:?} of {count}");
            }
        }
    }
    assert!(chart_of_colormaps(&[]).is_ok() && portraits_of_colormaps(&[]).is_ok(), "none at all");
    let empty = Swatches { swatches: vec![Swatch::default()], ..Swatches::default() };
    assert!(
        chart_of_colormaps(&[empty]).is_ok() && portraits_of_colormaps(&[Swatch::default()]).is_ok(),
        "nothing said"
    );
}

#[test]
fn the_curve_of_a_chart_rises_with_the_lightness() {
    let lightness: Vec<f64> = (0..=255).map(|i| f64::from(i) / 2.55).collect();
    let drawn = |lightness: Vec<f64>| {
        let swatch = Swatch { lightness, ..Swatch::default() };
        portraits_of_colormaps(&[swatch]).expect("drawn")
    };
    let (rising, without) = (drawn(lightness), drawn(Vec::new()));
    let width = rising.width() as usize;
    let changed = |(i, _): &(usize, (&Premultiplied, &Premultiplied))| (i % width, i / width);
    let places: Vec<(usize, usize)> = rising
        .pixels()
        .iter()
        .zip(without.pixels())
        .enumerate()
        .filter(|(_, (a, b))| a != b)
        .map(|p| changed(&p))
        .collect();
    let rows = |col: usize| places.iter().filter(|place| place.0 == col).map(|place| place.1).collect::<Vec<_>>();
    let (first, last) = (places.iter().map(|place| place.0).min(), places.iter().map(|place| place.0).max());
    let (first, last) = (first.expect("a curve"), last.expect("a curve"));
    assert!((508..=512).contains(&(last - first)), "from the first colour to the last: {first} to {last}");
    assert!(rows(first)[0] > rows(last)[0] + 75, "from below to above");
}
