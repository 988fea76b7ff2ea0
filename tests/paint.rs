//! Gradients, painting, blending, and the maps under the heat.

use image::RgbaImage;
use torrid::image::{Premultiplied, Straight};
use torrid::paint::{
    BLENDS, Blend, Colormap, Gradient, Ink, Projection, Sheet, Theme, blend, dim, land, lighten, paint,
};
use torrid::scale::{Scale, Summary};
use torrid::{Extent, Frame, Image, Space};

fn frame(bounds: [f64; 4], width: u32, height: u32) -> Frame {
    Frame::new(Space::Earth, Extent::of_bounds(Space::Earth, bounds), width, height).expect("a frame")
}

fn opaque(r: u8, g: u8, b: u8) -> Premultiplied {
    Premultiplied([r, g, b, 255])
}

#[test]
fn gradients_mix_premultiplied_colours_between_their_stops() {
    let gradient: Gradient = "0:#0000;10:#f00;50:#fff".parse().expect("a gradient");
    assert_eq!((gradient.limits(), gradient.to_string().as_str()), (Some((0.0, 50.0)), "0:#0000;10:#f00;50:#fff"));
    let colours = *gradient.colormap().colours();
    assert_eq!(
        (colours[0], colours[51], colours[255]),
        (Straight([0, 0, 0, 0]), Straight([255, 0, 0, 255]), Straight([255, 255, 255, 255]))
    );
    assert_eq!(colours[25].0[..3], [255, 0, 0], "half clear is half red, not half black");
    assert_eq!(colours[25].0[3], 125);
    let shares: Gradient = "0%: navy; 50%: rgb(0 128 0 / 50%); 50%:red; 90%:#fff;".parse().expect("a gradient");
    assert_eq!(shares.limits(), None);
    let colours = *shares.colormap().colours();
    assert_eq!(colours[0], Straight([0, 0, 128, 255]));
    assert_eq!((colours[127].0[0], colours[128].0[0]), (0, 255), "a hard edge");
    assert_eq!(colours[255], Straight([255, 255, 255, 255]), "beyond the last stop");
}

#[test]
fn bad_gradients_name_the_bad_stop() {
    let cases = [
        ("", "two stops"),
        ("1:red", "two stops"),
        ("1:red;2", "POSITION:COLOUR"),
        ("1:red;x:blue", "`x:blue`"),
        ("1:red;inf:blue", "`inf:blue`"),
        ("1:red;2:bleu", "`2:bleu`"),
        ("1:red;50%:blue", "all positions"),
        ("2:red;1:blue", "ascend"),
        ("1:red;1:blue", "above the first"),
        ("0%:red;120%:blue", "100%"),
    ];
    for (text, part) in cases {
        let error = text.parse::<Gradient>().expect_err(text);
        assert!(error.to_string().contains(part) && error.exit_code() == 2, "{text}: {error}");
    }
}

/// Finds the level of each value by itself.
fn each(level: impl Fn(f32) -> u8 + Sync) -> impl Fn(&[f32], &mut [u8]) + Sync {
    move |values, levels| levels.iter_mut().zip(values).for_each(|(out, value)| *out = level(*value))
}

#[test]
fn what_is_not_there_is_clear() {
    let gray = Colormap::named("gray").expect("listed");
    let values = [f32::NAN, 0.0, 1.0, 2.0, 3.0];
    let alphas = |ink: Ink| paint(&values, each(|v| v as u8), &gray, &ink).iter().map(|p| p.0[3]).collect::<Vec<_>>();
    assert_eq!(alphas(Ink::default()), [0, 255, 255, 255, 255]);
    assert_eq!(alphas(Ink { zero_is_nothing: true, ..Ink::default() }), [0, 0, 255, 255, 255]);
    assert_eq!(alphas(Ink { threshold: Some(2.0), ..Ink::default() }), [0, 0, 0, 255, 255]);
    assert_eq!(alphas(Ink { threshold: Some(2.0 + 1e-12), ..Ink::default() }), [0, 0, 0, 0, 255]);
    assert_eq!(alphas(Ink { opacity: 0.5, ..Ink::default() }), [0, 128, 128, 128, 128]);
}

#[test]
fn painting_by_levels_equals_painting_by_intensity() {
    let values: Vec<f32> = (0..200_000u32).map(|i| (i.wrapping_mul(2_654_435_761) % 100_003) as f32 * 0.01).collect();
    let shade = Scale::default().fit(&Summary::of(&values), true).expect("a fit");
    let levels = shade.levels();
    let colormap = Colormap::named("torrid").expect("listed");
    let naive = |v: f32| (shade.intensity(f64::from(v)) * 256.0).floor().min(255.0) as u8;
    let ink = Ink { opacity: 0.7, threshold: Some(3.0), zero_is_nothing: true };
    let by_levels = paint(&values, |values, out| levels.find(values, out), &colormap, &ink);
    assert!(by_levels == paint(&values, each(naive), &colormap, &ink));
}

#[test]
fn blends_agree_with_their_formulas_on_opaque_colours() {
    let (above, below) = (opaque(200, 100, 0), opaque(100, 200, 255));
    let expected = [
        (Blend::Normal, opaque(200, 100, 0)),
        (Blend::Multiply, opaque(78, 78, 0)),
        (Blend::Screen, opaque(222, 222, 255)),
        (Blend::Overlay, opaque(157, 188, 255)),
        (Blend::Darken, opaque(100, 100, 0)),
        (Blend::Lighten, opaque(200, 200, 255)),
        (Blend::Add, opaque(255, 255, 255)),
    ];
    assert_eq!(expected.len(), BLENDS.len());
    for (blend, result) in expected {
        assert_eq!(blend.pixel(above, below), result, "{}", blend.name());
        assert_eq!(blend.name().parse::<Blend>().expect("its own name"), blend);
    }
}

#[test]
fn every_blend_leaves_alone_what_only_one_layer_covers_and_stays_premultiplied() {
    let bytes = [0u8, 1, 60, 127, 200, 255];
    let colours: Vec<Premultiplied> =
        bytes.iter().flat_map(|a| bytes.iter().map(move |c| Straight([*c, 255 - *c, 128, *a]).premultiply())).collect();
    for (name, blend) in BLENDS {
        for a in &colours {
            assert_eq!(blend.pixel(*a, Premultiplied::CLEAR), *a, "{name} over nothing");
            assert_eq!(blend.pixel(Premultiplied::CLEAR, *a), *a, "nothing {name} over");
            for b in &colours {
                let p = blend.pixel(*a, *b).0;
                assert!(p.iter().all(|c| *c <= p[3]), "{name}: {a:?} over {b:?} is {p:?}");
            }
        }
    }
}

#[test]
fn dimming_goes_to_black_and_lightening_to_white() {
    let image = Image::filled(2, 1, Straight([200, 100, 0, 128]).premultiply());
    assert_eq!(dim(&image, 0.0), image);
    assert_eq!(lighten(&image, 0.0), image);
    assert_eq!(dim(&image, 1.0).pixels()[0], Premultiplied([0, 0, 0, 128]));
    assert_eq!(lighten(&image, 1.0).pixels()[0], Premultiplied([128, 128, 128, 128]));
    assert_eq!(blend(&image, &dim(&image, 0.5), Blend::Multiply).pixels()[0].0[3], 192);
}

/// A picture whose colour tells where each pixel is.
fn ramp(width: u32, height: u32) -> RgbaImage {
    RgbaImage::from_fn(width, height, |x, y| image::Rgba([(x * 255 / width) as u8, (y * 255 / height) as u8, 7, 255]))
}

#[test]
fn a_page_over_its_own_frame_is_itself() {
    let picture = ramp(40, 30);
    let extent = Extent { west: 0.0, north: 0.0, east: 40.0, south: 30.0 };
    let frame = Frame::new(Space::PAGE, extent, 40, 30).expect("a frame");
    let drawn = Sheet::page(&picture, 1.0).expect("a page").draw(&frame).expect("a drawing");
    assert_eq!(drawn.straight_bytes(), *picture.as_raw());
    let grown = Sheet::page(&picture, 1.0).expect("a page").draw(&frame.grow(1)).expect("a drawing");
    assert_eq!(grown.pixels()[0], Premultiplied::CLEAR, "nothing beyond the page");
    let retina = Sheet::page(&picture, 2.0).expect("a page").draw(&frame).expect("a drawing");
    assert_eq!(retina.pixels()[20], Premultiplied::CLEAR, "twice as fine is half as wide");
}

#[test]
fn a_reduced_picture_is_averaged() {
    let board = RgbaImage::from_fn(64, 64, |x, y| image::Rgba([if (x + y) % 2 == 0 { 255 } else { 0 }, 0, 0, 255]));
    let extent = Extent { west: 0.0, north: 0.0, east: 64.0, south: 64.0 };
    let frame = Frame::new(Space::PAGE, extent, 8, 8).expect("a frame");
    let drawn = Sheet::page(&board, 1.0).expect("a page").draw(&frame).expect("a drawing");
    assert!(drawn.pixels().iter().all(|p| (123..=132).contains(&p.0[0])), "nearly even: {:?}", &drawn.pixels()[..8]);
}

#[test]
fn a_picture_of_the_world_goes_on_across_the_antimeridian() {
    let picture = RgbaImage::from_fn(360, 180, |x, _| {
        image::Rgba([((f64::from(x) / 360.0 * std::f64::consts::TAU).cos() * 100.0 + 128.0) as u8, 0, 0, 255])
    });
    let world = Sheet::on_earth(&picture, [-180.0, -90.0, 180.0, 90.0], Projection::Equirectangular).expect("a sheet");
    let drawn = world.draw(&frame([170.0, -10.0, -170.0, 10.0], 200, 10)).expect("a drawing");
    for (col, pair) in drawn.pixels()[..200].windows(2).enumerate() {
        assert!(pair[0].0[0].abs_diff(pair[1].0[0]) <= 1 && pair[0].0[3] == 255, "a seam at {col}: {pair:?}");
    }
}

#[test]
fn a_row_of_an_equirectangular_picture_lies_at_its_latitude() {
    let picture = RgbaImage::from_fn(36, 180, |_, y| image::Rgba([y as u8, 0, 0, 255]));
    let world = Sheet::on_earth(&picture, [-180.0, -90.0, 180.0, 90.0], Projection::Equirectangular).expect("a sheet");
    let frame = frame([-10.0, -80.0, 10.0, 80.0], 4, 400);
    let drawn = world.draw(&frame).expect("a drawing");
    for row in 0..400 {
        let expected = 90.0 - frame.row_latitude(row).to_degrees() - 0.5;
        let found = f64::from(drawn.pixels()[row as usize * 4].0[0]);
        assert!((found - expected).abs() < 0.6, "row {row}: {found}, not {expected}");
    }
}

#[test]
fn a_picture_lies_between_its_bounds_and_nowhere_else() {
    let picture = ramp(10, 10);
    let fiji = Sheet::on_earth(&picture, [176.0, -20.0, -178.0, -15.0], Projection::Mercator).expect("across 180");
    let drawn = fiji.draw(&frame([175.0, -21.0, -177.0, -14.0], 80, 70)).expect("a drawing");
    let alpha = |col: usize, row: usize| drawn.pixels()[row * 80 + col].0[3];
    assert_eq!((alpha(5, 35), alpha(15, 35), alpha(60, 35), alpha(75, 35)), (0, 255, 255, 0));
    assert_eq!((alpha(40, 5), alpha(40, 65)), (0, 0));
    for bad in [[0.0, 10.0, 5.0, 10.0], [0.0, -91.0, 5.0, 0.0], [0.0, f64::NAN, 5.0, 0.0], [-200.0, 0.0, 200.0, 9.0]] {
        assert!(Sheet::on_earth(&picture, bad, Projection::Equirectangular).is_err(), "{bad:?}");
    }
    assert!(Sheet::on_earth(&picture, [0.0, -90.0, 9.0, 90.0], Projection::Mercator).is_err(), "Mercator has no pole");
    assert!(fiji.draw(&Frame::new(Space::PAGE, Extent::EARTH, 4, 4).expect("a frame")).is_err(), "not on a page");
}

fn at(map: &Image, frame: &Frame, lng: f64, lat: f64) -> Straight {
    let (col, row) = frame.cell_at(torrid::World::of(Space::Earth, lng, lat)).expect("inside the frame");
    map.pixels()[row as usize * map.width() as usize + col as usize].straight()
}

#[test]
fn land_is_where_it_is() {
    let theme = Theme::LIGHT;
    let frame = frame([-180.0, -85.05, 180.0, 85.05], 1024, 1024);
    let map = land(&frame, &theme).expect("a map");
    for (lng, lat) in
        [(5.0, 25.0), (-100.0, 42.0), (100.0, 60.0), (0.0, -84.9), (179.9, -84.9), (-178.0, 67.5), (134.0, -25.0)]
    {
        assert_eq!(at(&map, &frame, lng, lat), theme.land, "land at {lng}, {lat}");
    }
    for (lng, lat) in [(-30.0, 40.0), (179.95, 0.0), (-179.95, 0.0), (51.0, 42.0), (0.0, 0.0), (80.0, -30.0)] {
        assert_eq!(at(&map, &frame, lng, lat), theme.sea, "sea at {lng}, {lat}");
    }
}

#[test]
fn a_frame_without_a_coast_is_all_land_or_all_sea() {
    let inland = frame([2.30, 48.84, 2.31, 48.85], 64, 64);
    let map = land(&inland, &Theme::DARK).expect("a map");
    assert!(map.pixels().iter().all(|p| p.straight() == Theme::DARK.land), "a street of Paris");
    let ocean = frame([-30.0, 0.0, -29.999, 0.001], 64, 64);
    let map = land(&ocean, &Theme::DARK).expect("a map");
    assert!(map.pixels().iter().all(|p| p.straight() == Theme::DARK.sea), "the Atlantic");
    let siberia = frame([179.0, 66.5, -179.0, 67.5], 400, 400);
    let map = land(&siberia, &Theme::LIGHT).expect("a map");
    let strangers = map.pixels()[..].iter().filter(|p| ![Theme::LIGHT.land, Theme::LIGHT.sea].contains(&p.straight()));
    assert!(strangers.count() < 4000, "coasts only, no seam at the antimeridian");
    for col in 0..400 {
        assert_eq!(map.pixels()[200 * 400 + col].straight(), Theme::LIGHT.land, "no seam at column {col}");
    }
}

#[test]
fn land_drawn_in_copies_repeats_itself() {
    let home = land(&frame([160.0, -50.0, 180.0, -30.0], 200, 260), &Theme::LIGHT).expect("a map");
    let extent = Extent::of_bounds(Space::Earth, [160.0, -50.0, 180.0, -30.0]);
    let east = Extent { west: extent.west + 1.0, east: extent.east + 1.0, ..extent };
    let copy = Frame::new(Space::Earth, east, 200, 260).expect("a frame");
    let copy = land(&copy, &Theme::LIGHT).expect("a map");
    let far =
        home.pixels().iter().zip(copy.pixels()).filter(|(a, b)| a.0.iter().zip(b.0).any(|(a, b)| a.abs_diff(b) > 8));
    assert_eq!(far.count(), 0, "one copy east is the same place");
    assert!(
        land(&Frame::new(Space::PAGE, extent, 4, 4).expect("a frame"), &Theme::LIGHT).is_err(),
        "no land on a page"
    );
}
