//! Readings: means, standard deviations, interpolation, and how much evidence there is for them.

mod common;
#[path = "common/reference.rs"]
mod reference;

use std::fmt::Write as _;
use std::path::Path;

use common::shared;
use proptest::prelude::*;
use reference::Case;
use torrid::bandwidth::{Bandwidth, Length};
use torrid::counts::Aggregate;
use torrid::estimate::Idw;
use torrid::events::{Unit, YAxis};
use torrid::lines::density::{Found, Method, Wish, density};
use torrid::lines::framing::Size;
use torrid::lines::picture::{Look, picture};
use torrid::lines::reading::Reading;
use torrid::source::Query;
use torrid::world::EARTH_RADIUS_M;
use torrid::{Events, Extent, Frame, Space};

const METRES: Space = Space::Flat { unit: Unit::Metre, y_axis: YAxis::Up };

fn found(file: &Path, space: Space, value: &str, wish: &Wish) -> Found {
    let query = Query { value: Some(value.into()), ..Query::new(space) };
    let mut reading = Reading::open(&[file.display().to_string()], query, &()).expect("readings");
    density(&mut reading, wish).expect("a grid")
}

/// The reference case of a name as the line computes it, and the greatest relative difference.
fn against_reference(name: &str, wish: impl Fn(&Case) -> Wish) {
    let Some(dir) = shared(&format!("reference/{name}")) else { return };
    let case = Case::read(&dir);
    let (width, height) = case.size();
    let wish = Wish { bounds: Some(case.bounds("bounds_wsen")), size: Size::Cells(width, height), ..wish(&case) };
    let value = case.json["value_column"].as_str().expect("a column");
    let found = found(&dir.join("input.csv"), METRES, value, &wish);
    let pairs = found.density.grid.values().iter().zip(&case.expected);
    let error =
        pairs.fold(0.0, |worst: f64, (actual, expected)| worst.max((f64::from(*actual) / expected - 1.0).abs()));
    assert_eq!(found.density.grid.values().len(), case.expected.len(), "as many values");
    assert!(error < 1e-5, "{name}: {error:e}");
}

#[test]
fn the_kernel_mean_is_that_of_the_reference() {
    against_reference("mean-gaussian-300m", |case| Wish {
        aggregate: Aggregate::Mean,
        bandwidth: Bandwidth::Fixed(Length::Metres(case.number("bandwidth_m"))),
        method: Method::Exact,
        ..Wish::default()
    });
}

#[test]
fn interpolation_by_inverse_distances_is_that_of_the_reference() {
    against_reference("idw-power2", |_| Wish {
        interpolation: Some(Idw { neighbours: None, power: 2.0 }),
        bandwidth: Bandwidth::None,
        ..Wish::default()
    });
}

fn readings(space: Space, of: &[(f64, f64, f64)]) -> Events {
    let mut events = Events::at(space, of.iter().map(|e| e.0).collect(), of.iter().map(|e| e.1).collect());
    events.value = Some(of.iter().map(|e| e.2).collect());
    events
}

fn earth() -> Frame {
    let extent = Extent::of_bounds(Space::Earth, [175.0, 50.0, -175.0, 57.0]);
    Frame::new(Space::Earth, extent, 23, 19).expect("a frame")
}

/// The arc between two places in degrees, by the angle between their directions: a route of its own.
fn arc(a: (f64, f64), b: (f64, f64)) -> f64 {
    let (lat1, lat2, turn) = (a.1.to_radians(), b.1.to_radians(), (b.0 - a.0).to_radians());
    let across = lat2.cos() * turn.sin();
    let along = lat1.cos() * lat2.sin() - lat1.sin() * lat2.cos() * turn.cos();
    EARTH_RADIUS_M * across.hypot(along).atan2(lat1.sin() * lat2.sin() + lat1.cos() * lat2.cos() * turn.cos())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn interpolation_equals_its_slow_twin_across_the_antimeridian(
        of in prop::collection::vec((173.0..187.0f64, 48.0..59.0f64, -50.0..50.0f64), 1..40),
        neighbours in prop::option::of(1u32..50), power in 0.5..6.0f64,
    ) {
        let of: Vec<_> = of.into_iter().map(|(x, y, z)| (if x > 180.0 { x - 360.0 } else { x }, y, z)).collect();
        let frame = earth();
        let way = Idw { neighbours, power };
        let actual = way.interpolate(frame, &readings(Space::Earth, &of)).expect("a grid");
        for row in 0..frame.height() {
            for col in 0..frame.width() {
                let here = frame.centre(i64::from(col), i64::from(row)).coordinates(Space::Earth);
                let mut near: Vec<(f64, f64)> = of.iter().map(|(x, y, z)| (arc(here, (*x, *y)), *z)).collect();
                near.sort_by(|a, b| a.0.total_cmp(&b.0));
                near.truncate(neighbours.map_or(usize::MAX, |k| k as usize));
                let (sum, weights) = near.iter().fold((0.0, 0.0), |(sum, weights), (distance, z)| {
                    let weight = (distance / 1e5).powf(-power);
                    (sum + weight * z, weights + weight)
                });
                let error = (f64::from(actual.get(col, row)) - sum / weights).abs();
                prop_assert!(error < 1e-4, "{col}, {row}: {} instead of {}", actual.get(col, row), sum / weights);
            }
        }
    }

    #[test]
    fn a_mean_and_a_deviation_by_kernels_are_those_of_their_twin_whatever_is_added(
        of in prop::collection::vec((0.0..40.0f64, 0.0..30.0f64, -5.0..5.0f64), 1..30), offset in prop::sample::select(&[0.0, -700.0, 1e6][..]),
    ) {
        let mut text = String::from("x,y,z\n");
        for (x, y, z) in &of {
            _ = writeln!(text, "{x},{y},{}", z + offset);
        }
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("readings.csv");
        std::fs::write(&file, text).expect("a file");
        for bandwidth in [Bandwidth::Fixed(Length::Units(4.0)), Bandwidth::None] {
            let wish = Wish {
                bounds: Some([0.0, 0.0, 40.0, 30.0]),
                size: Size::Cells(20, 15),
                bandwidth,
                aggregate: Aggregate::Std,
                ..Wish::default()
            };
            let grid = found(&file, Space::PAGE, "z", &wish).density.grid;
            for (cell, value) in grid.values().iter().enumerate() {
                let at = grid.frame().centre(cell as i64 % 20, cell as i64 / 20);
                let weight = |(x, y, _): &(f64, f64, f64)| match bandwidth {
                    Bandwidth::None => f64::from(u8::from((x / 2.0).floor() == (at.x / 2.0).floor() && (y / 2.0).floor() == (at.y / 2.0).floor())),
                    _ => (-((x - at.x).powi(2) + (y - at.y).powi(2)) / 32.0).exp(),
                };
                let sum = |f: &dyn Fn(f64) -> f64| of.iter().map(|event| weight(event) * f(event.2)).sum::<f64>();
                let mean = sum(&|z| z) / sum(&|_| 1.0);
                let expected = (sum(&|z| (z - mean).powi(2)) / sum(&|_| 1.0)).sqrt();
                let same = if value.is_nan() { sum(&|_| 1.0) < 5e-5 } else { (f64::from(*value) - expected).abs() < 5e-3 };
                prop_assert!(same, "{bandwidth}, {offset}: {value} instead of {expected}");
            }
        }
    }
}

#[test]
fn a_cell_on_a_reading_shows_that_reading_and_several_at_one_place_show_their_mean() {
    let frame =
        Frame::new(Space::PAGE, Extent { west: 0.0, north: 0.0, east: 3.0, south: 1.0 }, 3, 1).expect("a frame");
    let events = readings(Space::PAGE, &[(0.5, 0.5, 7.0), (2.5, 0.5, 1.0), (2.5, 0.5, 2.0)]);
    for neighbours in [None, Some(1), Some(2), Some(12)] {
        let grid = Idw { neighbours, power: 2.0 }.interpolate(frame, &events).expect("a grid");
        assert_eq!((grid.get(0, 0), grid.get(2, 0)), (7.0, 1.5), "{neighbours:?}");
        let between = if neighbours == Some(1) { 7.0 } else { 4.25 };
        assert!((grid.get(1, 0) - between).abs() < 1e-6 || neighbours == Some(1), "{neighbours:?}");
    }
}

#[test]
fn interpolation_gives_the_same_bytes_on_any_number_of_threads() {
    let of: Vec<_> = (0..500)
        .map(|i| {
            (f64::from(i * 7919 % 1000) / 70.0 + 173.0, f64::from(i * 104_729 % 1000) / 90.0 + 47.0, f64::from(i % 13))
        })
        .collect();
    let events = readings(
        Space::Earth,
        &of.iter().map(|(x, y, z)| (if *x > 180.0 { x - 360.0 } else { *x }, *y, *z)).collect::<Vec<_>>(),
    );
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| Idw::default().interpolate(earth(), &events).expect("a grid"))
    };
    assert_eq!(on(1), on(5));
}

#[test]
fn a_mean_is_as_opaque_as_it_is_well_founded() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("readings.csv");
    std::fs::write(&file, "x,y,z\n10.5,10.5,3\n50.5,10.5,5\n50.5,10.5,5\n50.5,10.5,5\n").expect("a file");
    for bandwidth in ["4u", "0.5u"] {
        let wish = Wish {
            bounds: Some([0.0, 0.0, 61.0, 21.0]),
            size: Size::Cells(61, 21),
            bandwidth: bandwidth.parse().expect("a bandwidth"),
            aggregate: Aggregate::Mean,
            evidence: true,
            unit: Some("µg/m³".into()),
            ..Wish::default()
        };
        let found = found(&file, Space::PAGE, "z", &wish);
        assert_eq!(found.density.quantity.to_string(), "mean of z, µg/m³");
        let evidence = found.evidence.clone().expect("it was asked for");
        for (col, expected) in [(10, 1.0 - (-1.0f32).exp()), (50, 1.0 - (-3.0f32).exp())] {
            assert!((evidence.get(col, 10) - expected).abs() < 2e-3, "{bandwidth}: {}", evidence.get(col, 10));
        }
        let drawn = picture(&found.density, &Look { evidence: found.evidence, ..Look::default() }).expect("a picture");
        let alpha = |col: usize| drawn.image.pixels()[10 * 61 + col].0[3];
        assert!((160..163).contains(&alpha(10)) && (241..244).contains(&alpha(50)), "{} {}", alpha(10), alpha(50));
        assert_eq!(alpha(30), 0, "where nothing was measured there is nothing to see");
    }
}

#[test]
fn a_mean_whose_readings_all_have_the_same_bandwidth_of_their_own_is_that_of_one_for_all() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("readings.csv");
    let rows = (0..100).map(|i| format!("{},{},{}\n", 2 * (i % 10), 2 * (i / 10), i % 7));
    std::fs::write(&file, rows.fold(String::from("x,y,z\n"), |text, row| text + &row)).expect("a file");
    for aggregate in [Aggregate::Mean, Aggregate::Std] {
        let of = |bandwidth: &str| {
            let wish = Wish {
                bounds: Some([-20.0, -20.0, 60.0, 40.0]),
                size: Size::Cells(160, 120),
                bandwidth: bandwidth.parse().expect("a bandwidth"),
                method: Method::Exact,
                aggregate,
                evidence: true,
                ..Wish::default()
            };
            let found = found(&file, Space::PAGE, "z", &wish);
            (found.density.grid, found.evidence.expect("it was asked for"))
        };
        let ((each, each_known), (one, one_known)) = (of("knn:1"), of("2u"));
        assert!(one.values().iter().any(|v| v.is_nan()) && one.values().iter().any(|v| !v.is_nan()), "both kinds");
        for (each, one) in each.values().iter().zip(one.values()) {
            assert!((each.is_nan() && one.is_nan()) || (each - one).abs() < 1e-3, "{aggregate:?}: {each} {one}");
        }
        let pairs = each_known.values().iter().zip(one_known.values());
        assert!(pairs.fold(0.0, |worst: f32, (a, b)| worst.max((a - b).abs())) < 1e-5, "as much evidence");
    }
}

/// Runs `torrid render` on four readings and gives what it says on standard output and standard error.
fn rendered(arguments: &[&str]) -> (bool, String, String) {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("r.csv"), "lon,lat,z\n5,50,1\n6,50,2\n5,51,3\n6,51,4\n").expect("a file");
    let area = r#"{"type":"Polygon","coordinates":[[[4.5,49.5],[6.5,49.5],[6.5,50.5],[4.5,50.5],[4.5,49.5]]]}"#;
    std::fs::write(dir.path().join("area.geojson"), area).expect("a file");
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_torrid"));
    command.current_dir(dir.path()).args(["render", "r.csv", "--width", "90", "--json"]).args(arguments);
    let output = command.output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.success(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_program_says_what_is_shown_and_in_which_unit() {
    for (arguments, says) in [
        (
            &["--value", "z", "--unit", "µg/m³", "-b", "30km", "--alpha", "evidence", "--legend", "-o", "a.png"][..],
            "mean of z, µg/m³",
        ),
        (
            &["--value", "z", "--agg", "idw", "--neighbours", "all", "--power", "3", "-o", "a.tif"],
            "inverse distance mean of z",
        ),
        (&["--value", "z", "--agg", "std", "-b", "30km", "-o", "a.npy"], "standard deviation of z"),
        (&["--mask", "area.geojson", "--edge-correct", "-b", "30km", "-o", "a.csv"], "outside the study area"),
        (&["--bounds", "4,49,7,52", "--edge-correct", "-b", "30km", "-o", "a.csv"], "events per km²"),
    ] {
        let (done, out, err) = rendered(arguments);
        assert!(done && out.contains(says), "{arguments:?}: {out} {err}");
    }
}

#[test]
fn options_that_contradict_each_other_are_refused() {
    for (arguments, says) in [
        (&["--value", "z", "--agg", "idw", "-b", "3km", "-o", "a.png"][..], "--agg: found idw with a bandwidth"),
        (&["--value", "z", "--agg", "idw", "--kernel", "quartic", "-o", "a.png"], "--agg: found idw with --kernel"),
        (&["--agg", "idw", "-o", "a.png"], "without a reading"),
        (&["--value", "z", "--neighbours", "3", "-o", "a.png"], "--neighbours without --agg idw"),
        (&["--value", "z", "--agg", "idw", "--neighbours", "0", "-o", "a.png"], "a number from 1, or `all`"),
        (&["--value", "z", "--agg", "idw", "--power", "0", "-o", "a.png"], "a number above 0"),
        (&["--value", "z", "--agg", "idw", "--alpha", "evidence", "-o", "a.png"], "--alpha"),
        (&["--value", "z", "--alpha", "evidence", "-o", "a.tif"], "--alpha for a.tif"),
        (&["--unit", "m", "-o", "a.png"], "--unit"),
        (&["--weight", "z", "--agg", "count", "-o", "a.png"], "--agg: found count with --weight"),
        (&["--edge-correct", "-b", "30km", "-o", "a.png"], "neither --mask nor --bounds"),
        (&["--edge-correct", "-b", "knn:2", "--mask", "area.geojson", "-o", "a.png"], "--bandwidth knn:2"),
        (&["--edge-correct", "--value", "z", "--mask", "area.geojson", "-o", "a.png"], "a summary of readings"),
        (&["--mask", "none.geojson", "-o", "a.png"], "none.geojson"),
    ] {
        let (done, _, err) = rendered(arguments);
        assert!(!done && err.contains(says), "{arguments:?}: {err}");
    }
}
