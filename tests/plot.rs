//! A figure of any table: no letter leaves the page, none touches another, and its cells have the colours of their values.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "common/svg.rs"]
mod svg;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use torrid::figure::{Measures, NumberFormat, Size};
use torrid::image::Straight;
use torrid::lines::figure::{Arranged, BarWish, Interpolation, LabelWish, Mask, Wish, arranged, figure};
use torrid::matrix::Attribute;
use torrid::paint::Colormap;
use torrid::{Axis, Matrix};

fn matrix(rows: Vec<String>, columns: Vec<String>, value: impl Fn(usize) -> f64) -> Matrix {
    let values = (0..rows.len() * columns.len()).map(value).collect();
    Matrix::new(
        Axis { title: "rows of it".into(), ..Axis::of(rows) },
        Axis { title: "columns".into(), ..Axis::of(columns) },
        values,
    )
}

fn drawn(matrix: &Matrix, wish: &Wish) -> (Arranged, torrid::lines::figure::Figure) {
    let arranged = arranged(matrix.clone(), wish).unwrap();
    let drawn = figure(&arranged, wish).unwrap();
    (arranged, drawn)
}

/// That no letter is outside of the page or, unless something was laid over the others, touches one of another text.
fn check_texts(figure: &torrid::lines::figure::Figure, laid: bool) -> Result<(), TestCaseError> {
    let drawing = figure.scene.drawing(None);
    let tree = svg::read(&drawing.svg);
    // Coordinates of the tree are in the unit of its size, those of the drawing in pixels.
    let unit = drawing.size[0] as f32 / tree.size().width();
    let texts: Vec<([f32; 4], String)> =
        svg::inks(tree.root()).into_iter().map(|(sides, text)| (sides.map(|side| side * unit), text)).collect();
    let [width, height] = drawing.size.map(|side| side as f32);
    for (i, (a, text)) in texts.iter().enumerate() {
        let inside = a[0] >= -0.5 && a[1] >= -0.5 && a[2] <= width + 0.5 && a[3] <= height + 0.5;
        prop_assert!(inside, "{text:?} at {a:?} leaves the page of {width} x {height}");
        for (b, other) in &texts[..i] {
            let apart = a[0] >= b[2] - 0.2 || b[0] >= a[2] - 0.2 || a[1] >= b[3] - 0.2 || b[1] >= a[3] - 0.2;
            prop_assert!(apart || laid, "{text:?} at {a:?} touches {other:?} at {b:?}");
        }
    }
    Ok(())
}

/// Words of 1 to 60 letters of a script.
fn label() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z0-9][A-Za-z0-9 _.:-]{0,59}",
        "[0-9]{1,6}",
        "[А-Яа-я]{1,30}",
        "[Α-Ωα-ω ]{0,20}[α-ω]",
        "[ÀÉÎÕÜßŁđạế]{1,40}",
        "[א-ת]{1,20}",
        "[一-龠]{1,20}",
    ]
}

fn wish() -> impl Strategy<Value = Wish> {
    let page = prop_oneof![
        2 => Just(Size::Auto),
        1 => (160u32..1500, 160u32..1200).prop_map(|(width, height)| Size::Page(width, height)),
    ];
    let turned = prop_oneof![3 => Just(None), 1 => Just(Some(0.0)), 1 => Just(Some(90.0))];
    let format = prop_oneof![
        Just(None),
        Just(Some(NumberFormat::default())),
        Just(Some(".2e".parse::<NumberFormat>().unwrap()))
    ];
    (page, turned, format, any::<[bool; 4]>(), label(), label(), 5.0f64..14.0).prop_map(
        |(size, turned, annotate, [square, rows, columns, all], title, label, font_size)| Wish {
            title: Some(title),
            y_label: Some(label),
            x_rotation: turned,
            x_labels: if all { LabelWish::All } else { LabelWish::Auto },
            annotate,
            cluster: [rows, columns],
            measures: Measures { size, square, font_size, dpi: 100.0, ..Measures::default() },
            ..Wish::default()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn the_letters_of_any_table_stay_on_the_page_and_do_not_touch(
        rows in prop::collection::vec(label(), 1..25),
        columns in prop::collection::vec(label(), 1..25),
        gaps in prop::bool::ANY,
        groups in 0usize..5,
        column_groups in prop::option::of("[a-z ]{1,90}"),
        place in prop::option::weighted(0.2, (0.0f64..0.9, 0.0f64..0.7)),
        upside_down in prop::bool::ANY,
        hidden in prop::bool::ANY,
        wish in wish(),
    ) {
        let mut matrix = matrix(rows, columns, |i| if gaps && i == 3 { f64::NAN } else { ((i * 7919) % 1013) as f64 * 3.7 - 900.0 });
        let mut wish = wish;
        if groups > 0 {
            let words = (0..matrix.height()).map(|i| format!("group {}", i % groups)).collect();
            matrix.rows.attributes.push(Attribute { name: "a group of rows".into(), words });
            wish.row_colours.push("a group of rows".into());
        }
        if let Some(name) = column_groups {
            let words = (0..matrix.width()).map(|i| format!("\u{7}kind\n{}", i % 3)).collect();
            matrix.columns.attributes.push(Attribute { name: name.clone(), words });
            wish.column_colours.push(name);
        }
        if let Some((left, bottom)) = place.filter(|_| wish.measures.size == Size::Auto) {
            // A bar that is laid somewhere may lie on anything, but not beyond the page.
            wish.bar = Some(BarWish { title: None, place: Some([left, bottom, 0.05, 0.3]) });
        }
        wish.origin_lower = upside_down && !wish.cluster[0];
        wish.mask = if hidden { Mask::Upper } else { Mask::None };
        let laid = wish.bar.as_ref().is_some_and(|bar| bar.place.is_some());
        let Ok(arranged) = arranged(matrix, &wish) else { return Ok(()) };
        match figure(&arranged, &wish) {
            Ok(drawn) => check_texts(&drawn, laid)?,
            Err(error) => prop_assert!(error.to_string().contains("--figsize"), "{error}"),
        }
    }
}

fn small() -> Matrix {
    matrix(vec!["a".into(), "b".into()], vec!["c".into(), "d".into(), "e".into()], |i| {
        [1.0, 2.0, 3.0, 4.0, f64::NAN, 6.0][i]
    })
}

#[test]
fn every_cell_has_the_colour_of_its_value_and_cells_without_data_their_own() {
    let wish = Wish { measures: Measures { size: Size::Cells(300, 200), ..Measures::default() }, ..Wish::default() };
    let (_, drawn) = drawn(&small(), &wish);
    let image = drawn.scene.image().unwrap();
    let rocket = Colormap::named("rocket").unwrap();
    let shown = |colour: Straight| image.pixels().iter().filter(|pixel| **pixel == colour.premultiply()).count();
    for value in [1.0, 2.0, 3.0, 4.0, 6.0] {
        let place = (((value - 1.0) / 5.0 * 256.0) as usize).min(255);
        assert!(shown(rocket.colours()[place]) >= 100 * 100, "{value}");
    }
    assert!(shown(wish.missing) >= 100 * 100, "no data");
}

#[test]
fn what_is_hidden_is_neither_drawn_nor_fitted_nor_called_missing() {
    let square =
        matrix(["a", "b", "c"].map(String::from).into(), ["a", "b", "c"].map(String::from).into(), |i| i as f64);
    let (arranged, drawn) =
        drawn(&square, &Wish { mask: Mask::Upper, annotate: Some(NumberFormat::default()), ..Wish::default() });
    assert_eq!(drawn.limits, (3.0, 7.0), "of 3, 6 and 7");
    assert_eq!(arranged.hidden.iter().filter(|hidden| **hidden).count(), 6);
    let svg = drawn.scene.svg();
    assert!(!svg.contains("no data") && svg.contains(">7<") && !svg.contains(">8<"), "{svg}");
}

#[test]
fn a_picture_of_many_cells_has_the_pixels_of_areas() {
    // The same cells once as areas and once, being between others, as a picture.
    let size = Size::Cells(240, 160);
    let wish =
        |interpolation| Wish { interpolation, measures: Measures { size, ..Measures::default() }, ..Wish::default() };
    let flat = matrix(vec!["a".into(); 4], vec!["b".into(); 6], |i| (i / 12) as f64);
    let pixels = |wish: &Wish| drawn(&flat, wish).1.scene.image().unwrap();
    let (areas, smooth) = (pixels(&wish(Interpolation::Nearest)), pixels(&wish(Interpolation::Bilinear)));
    let differing = areas.pixels().iter().zip(smooth.pixels()).filter(|(a, b)| a != b).count();
    assert!(differing <= 240 * 41, "only between the middles of the two rows that differ: {differing}");
}

#[test]
fn notes_say_what_a_picture_may_hide() {
    let notes = |matrix: &Matrix, wish: &Wish| drawn(matrix, wish).1.notes.join("\n");
    let named = |name: &str| Wish { colours: Some(torrid::style::Colours::Named(name.into())), ..Wish::default() };
    assert!(notes(&small(), &named("jet")).contains("rainbow"));
    assert!(notes(&small(), &named("RdBu")).contains("--center"));
    assert!(!notes(&small(), &named("viridis")).contains("--c"));
    let lonely =
        matrix(
            vec!["a".into()],
            (0..10).map(|i| i.to_string()).collect(),
            |i| if i == 7 { 1e6 } else { i as f64 + 1.0 },
        );
    let told = notes(&lonely, &Wish::default());
    assert!(told.contains("(a, 7: 1,000,000)") && told.contains("--robust or --norm log"), "{told}");
}

#[test]
fn the_same_table_gives_the_same_figure() {
    let wish = Wish { annotate: Some(NumberFormat::default()), cluster: [true, true], ..Wish::default() };
    let full = matrix(vec!["a".into(), "b".into(), "c".into()], vec!["d".into(), "e".into()], |i| (i * i) as f64);
    assert_eq!(drawn(&full, &wish).1.scene.svg(), drawn(&full, &wish).1.scene.svg());
    let elsewhere = std::thread::spawn({
        let (full, wish) = (full.clone(), wish.clone());
        move || drawn(&full, &wish).1.scene.image().unwrap()
    });
    assert!(elsewhere.join().unwrap() == drawn(&full, &wish).1.scene.image().unwrap(), "the same pixels");
}

#[test]
fn a_drawing_shows_what_the_picture_shows() {
    let (_, drawn) = drawn(&small(), &Wish { annotate: Some(NumberFormat::default()), ..Wish::default() });
    let drawing = drawn.scene.drawing(None);
    let [width, height] = drawing.size;
    let mut pixmap = resvg::tiny_skia::Pixmap::new(width, height).unwrap();
    let tree = svg::read(&drawing.svg);
    let scale = width as f32 / tree.size().width();
    resvg::render(&tree, resvg::tiny_skia::Transform::from_scale(scale, scale), &mut pixmap.as_mut());
    let image = drawn.scene.image().unwrap();
    let twin = pixmap.data().as_chunks::<4>().0;
    let unlike =
        image.pixels().iter().zip(twin).filter(|(a, b)| a.0.iter().zip(*b).any(|(a, b)| a.abs_diff(*b) > 40)).count();
    assert!(unlike < 200, "{unlike} pixels differ");
}

#[test]
fn values_that_differ_in_their_last_digits_differ_in_their_colours() {
    let days = matrix(vec!["a".into()], (0..4).map(|i| i.to_string()).collect(), |i| 20_240_101.0 + i as f64);
    let (_, drawn) = drawn(&days, &Wish { bar: None, ..Wish::default() });
    let colours: std::collections::HashSet<_> = drawn.scene.image().unwrap().pixels().iter().copied().collect();
    let rocket = Colormap::named("rocket").unwrap();
    for place in [0, 85, 170, 255] {
        assert!(colours.contains(&rocket.colours()[place].premultiply()), "{place}");
    }
}

#[test]
fn given_labels_go_along_with_their_rows() {
    let rows = matrix(["a", "b", "c"].map(String::from).into(), vec!["x".into()], |i| [0.0, 9.0, 1.0][i]);
    let given = LabelWish::These(["A", "B", "C"].map(String::from).into());
    let shown = |wish: Wish| drawn(&rows, &wish).0.matrix.rows.labels;
    assert_eq!(shown(Wish { y_labels: given.clone(), cluster: [true, false], ..Wish::default() }), ["B", "A", "C"]);
    assert_eq!(shown(Wish { y_labels: given, origin_lower: true, ..Wish::default() }), ["C", "B", "A"]);
}

#[test]
fn a_mask_hides_the_same_cells_upside_down() {
    let square =
        matrix(["a", "b", "c"].map(String::from).into(), ["a", "b", "c"].map(String::from).into(), |i| i as f64);
    let left = |origin_lower: bool| {
        let wish = Wish { mask: Mask::Upper, origin_lower, ..Wish::default() };
        let mut left: Vec<f64> =
            drawn(&square, &wish).0.matrix.values().iter().copied().filter(|v| !v.is_nan()).collect();
        left.sort_by(f64::total_cmp);
        left
    };
    assert_eq!(left(true), [3.0, 6.0, 7.0]);
    assert_eq!(left(false), left(true));
}

#[test]
fn cells_smaller_than_pixels_are_averaged_and_none_vanishes() {
    let lonely = matrix(vec!["a".into(); 3], (0..6000).map(|i| i.to_string()).collect(), |i| {
        if i % 6000 == 3001 { 1000.0 } else { 0.0 }
    });
    let (_, drawn) = drawn(&lonely, &Wish::default());
    let first = Colormap::named("rocket").unwrap().colours()[0].premultiply();
    let [width, height] = drawn.scene.cells();
    let image = drawn.scene.image().unwrap();
    let dark = image.pixels().iter().filter(|pixel| **pixel == first).count();
    assert!(dark < (width * height) as usize, "the one that is not 0 is seen");
    assert!(drawn.notes.iter().any(|note| note.contains("the mean of about")), "{:?}", drawn.notes);
}
