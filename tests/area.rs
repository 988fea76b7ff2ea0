//! The study area: what lies inside, and the correction at its edge.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use geo::{Contains, Coord, LineString, Point, Polygon};
use proptest::prelude::*;
use tempfile::TempDir;
use torrid::bandwidth::{Bandwidth, Length};
use torrid::counts::Aggregate;
use torrid::kernel::KERNELS;
use torrid::lines::area::StudyArea;
use torrid::lines::density::{Found, Wish, density};
use torrid::lines::framing::Size;
use torrid::lines::reading::Reading;
use torrid::source::Query;
use torrid::{Extent, Frame, Grid, Kernel, Space};

/// A file in a folder of its own, and the folder, which lasts as long as it is held.
fn written(name: &str, text: &str) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join(name);
    std::fs::write(&path, text).expect("a file");
    (dir, path)
}

fn area(space: Space, geojson: &str) -> StudyArea {
    StudyArea::read(&written("area.geojson", geojson).1, space).expect("a study area")
}

fn ring(places: &[(f64, f64)]) -> String {
    let closed = places.iter().chain(&places[..1]);
    format!("[{}]", closed.map(|(x, y)| format!("[{x},{y}]")).collect::<Vec<_>>().join(","))
}

fn polygon(rings: &[&[(f64, f64)]]) -> String {
    let rings: Vec<String> = rings.iter().map(|places| ring(places)).collect();
    format!("{{\"type\":\"Polygon\",\"coordinates\":[{}]}}", rings.join(","))
}

/// Which cells of a frame lie inside.
fn inside(area: &StudyArea, frame: &Frame) -> Vec<bool> {
    let mut grid = Grid::new(*frame, vec![1.0; frame.len()]);
    area.clip(&mut grid);
    grid.values().iter().map(|value| !value.is_nan()).collect()
}

/// A star around a centre: one radius for each of its evenly turned rays.
fn star(centre: (f64, f64), radii: &[f64]) -> Vec<(f64, f64)> {
    let turn = |i: usize| std::f64::consts::TAU * i as f64 / radii.len() as f64;
    (0..radii.len()).map(|i| (centre.0 + radii[i] * turn(i).cos(), centre.1 + radii[i] * turn(i).sin())).collect()
}

fn frame(space: Space, bounds: [f64; 4], width: u32, height: u32) -> Frame {
    Frame::new(space, Extent::of_bounds(space, bounds), width, height).expect("a frame")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn cells_and_events_inside_are_those_of_the_polygons_themselves(
        outer in prop::collection::vec(6.0..40.0f64, 3..24),
        hole in prop::collection::vec(0.5..3.0f64, 3..9),
        earth in any::<bool>(),
    ) {
        let space = if earth { Space::Earth } else { Space::PAGE };
        let centre = (3.1, 31.7);
        let (outer, hole) = (star(centre, &outer), star(centre, &hole));
        let line = |places: &[(f64, f64)]| places.iter().map(|(x, y)| Coord { x: *x, y: *y }).collect::<LineString>();
        let twin = Polygon::new(line(&outer), vec![line(&hole)]);
        let area = area(space, &polygon(&[&outer, &hole]));
        let frame = frame(space, [-41.0, -12.0, 45.0, 77.0], 67, 53);
        let inside = inside(&area, &frame);
        for row in 0..53 {
            for col in 0..67 {
                let (x, y) = frame.centre(col, row).coordinates(space);
                let expected = twin.contains(&Point::new(x, y));
                prop_assert_eq!(inside[(row * 67 + col) as usize], expected, "cell {}, {} at {}, {}", col, row, x, y);
                prop_assert_eq!(area.contains(x, y), expected, "event at {}, {}", x, y);
            }
        }
    }

    #[test]
    fn neighbours_share_no_cell_and_leave_none_between_them(
        cut in prop::collection::vec(-15.0..15.0f64, 2..20), whole in any::<bool>()
    ) {
        // A zigzag from north to south, through centres of cells where its corners are whole.
        let step = 100.0 / (cut.len() - 1) as f64;
        let round = |x: f64| if whole { x.round() + 0.5 } else { x };
        let cut: Vec<(f64, f64)> = cut.iter().enumerate().map(|(i, x)| (50.0 + round(*x), i as f64 * step)).collect();
        let west: Vec<_> = [(0.0, 100.0), (0.0, 0.0)].into_iter().chain(cut.iter().copied()).collect();
        let east: Vec<_> = [(100.0, 0.0), (100.0, 100.0)].into_iter().chain(cut.iter().rev().copied()).collect();
        let frame = frame(Space::PAGE, [0.0, 0.0, 100.0, 100.0], 100, 100);
        let of = |places: &[(f64, f64)]| inside(&area(Space::PAGE, &polygon(&[places])), &frame);
        for (cell, (west, east)) in of(&west).into_iter().zip(of(&east)).enumerate() {
            prop_assert!(west != east, "cell {} of row {}: {west} {east}", cell % 100, cell / 100);
        }
    }
}

#[test]
fn north_and_west_edges_belong_to_an_area_and_south_and_east_edges_do_not() {
    let square = |space| area(space, &polygon(&[&[(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0)]]));
    let earth = square(Space::Earth);
    assert!(earth.contains(0.0, 2.0) && !earth.contains(2.0, 1.0) && !earth.contains(1.0, 0.0), "north is up");
    let page = square(Space::PAGE);
    assert!(page.contains(0.0, 0.0) && !page.contains(2.0, 1.0) && !page.contains(1.0, 2.0), "north is down");
}

#[test]
fn an_area_across_the_antimeridian_is_the_same_however_it_is_written() {
    let split = "{\"type\":\"MultiPolygon\",\"coordinates\":[[[[176,-20],[180,-20],[180,-15],[176,-15],[176,-20]]],\
                 [[[-180,-20],[-178,-20],[-178,-15],[-180,-15],[-180,-20]]]]}";
    let beyond = polygon(&[&[(176.0, -20.0), (182.0, -20.0), (182.0, -15.0), (176.0, -15.0)]]);
    let before = polygon(&[&[(-184.0, -20.0), (-178.0, -20.0), (-178.0, -15.0), (-184.0, -15.0)]]);
    let jumping = polygon(&[&[(176.0, -20.0), (-178.0, -20.0), (-178.0, -15.0), (176.0, -15.0)]]);
    let expected = inside(&area(Space::Earth, split), &frame(Space::Earth, [170.0, -25.0, -170.0, -10.0], 83, 61));
    assert!(expected.iter().any(|inside| *inside), "something is inside");
    for text in [&beyond, &before, &jumping] {
        let area = area(Space::Earth, text);
        assert_eq!(inside(&area, &frame(Space::Earth, [170.0, -25.0, -170.0, -10.0], 83, 61)), expected, "{text}");
        assert!(area.contains(177.0, -17.0) && area.contains(-179.0, -17.0) && !area.contains(0.0, -17.0), "{text}");
    }
    assert_eq!(area(Space::Earth, split).bounds(), [176.0, -20.0, 182.0, -15.0]);
    let wide = area(Space::Earth, &polygon(&[&[(-170.0, -60.0), (170.0, -60.0), (170.0, 60.0), (-170.0, 60.0)]]));
    assert!(wide.contains(0.0, 0.0) && !wide.contains(175.0, 0.0), "a counterclockwise box is as wide as it says");
}

#[test]
fn a_hole_across_the_antimeridian_is_cut_out_of_its_polygon() {
    let outer = [(170.0, -20.0), (190.0, -20.0), (190.0, 0.0), (170.0, 0.0)];
    for hole in [[(-179.0, -12.0), (-175.0, -12.0), (-175.0, -8.0)], [(181.0, -12.0), (185.0, -12.0), (185.0, -8.0)]] {
        let area = area(Space::Earth, &polygon(&[&outer, &hole]));
        assert!(
            !area.contains(-175.5, -11.0) && area.contains(-171.0, -11.0) && !area.contains(-175.5, 10.0),
            "{hole:?}"
        );
    }
}

#[test]
fn what_is_no_area_is_refused() {
    for (text, says) in [
        ("not json", "found"),
        ("{\"type\":\"Point\",\"coordinates\":[1,2]}", "a Point"),
        ("{\"type\":\"FeatureCollection\",\"features\":[]}", "no polygon"),
        ("{\"type\":\"Polygon\",\"coordinates\":[[[1,1],[2,1],[3,1],[1,1]]]}", "no polygon"),
        (
            "{\"type\":\"Polygon\",\"coordinates\":[[[178600,329600],[181400,329600],[181400,333520],[178600,329600]]]}",
            "178600",
        ),
    ] {
        let (_dir, path) = written("area.geojson", text);
        let error = StudyArea::read(&path, Space::Earth).expect_err(text).to_string();
        assert!(error.contains(says) && error.contains("area.geojson"), "{error}");
    }
}

#[test]
fn an_area_in_metres_is_brought_to_degrees_by_the_system_it_names() {
    let metres =
        polygon(&[&[(178_600.0, 329_600.0), (181_400.0, 329_600.0), (181_400.0, 333_520.0), (178_600.0, 333_520.0)]]);
    let crs = "\"crs\":{\"type\":\"name\",\"properties\":{\"name\":\"urn:ogc:def:crs:EPSG::28992\"}}";
    let text = format!(
        "{{\"type\":\"FeatureCollection\",{crs},\"features\":[{{\"type\":\"Feature\",\"properties\":{{}},\"geometry\":{metres}}}]}}"
    );
    let area = area(Space::Earth, &text);
    assert!(area.contains(5.73, 50.97) && !area.contains(5.80, 50.97), "{:?}", area.bounds());
}

fn found(events: &Path, space: Space, wish: &Wish) -> Found {
    let mut reading = Reading::open(&[events.display().to_string()], Query::new(space), &()).expect("events");
    density(&mut reading, wish).expect("a density")
}

/// Places a third of a unit apart, on a lattice turned against the cells.
fn lattice(reach: i32) -> String {
    let mut text = String::from("x,y\n");
    for i in -reach..reach {
        for j in -reach..reach {
            let (a, b) = (f64::from(i) / 3.0, f64::from(j) / 3.0);
            _ = writeln!(text, "{},{}", 40.0 + a * 0.8 - b * 0.6, 40.0 + a * 0.6 + b * 0.8);
        }
    }
    text
}

const HOUSE: &[(f64, f64)] = &[(10.3, 12.2), (66.7, 8.4), (71.1, 44.0), (41.2, 70.9), (14.6, 52.3)];
const YARD: &[(f64, f64)] = &[(34.2, 29.6), (47.9, 31.3), (42.2, 42.8)];

/// The mean of values that are data, and the greatest difference from it as a share of it.
fn unevenness(values: &[f32]) -> (f64, f64) {
    let data: Vec<f64> = values.iter().filter(|v| !v.is_nan()).map(|v| f64::from(*v)).collect();
    let mean = data.iter().sum::<f64>() / data.len() as f64;
    (mean, data.iter().fold(0.0, |worst: f64, v| worst.max((v / mean - 1.0).abs())))
}

#[test]
fn a_uniform_pattern_comes_out_flat_up_to_the_edge_only_when_corrected() {
    let (_dir, events) = written("events.csv", &lattice(180));
    let mask = area(Space::PAGE, &polygon(&[HOUSE, YARD]));
    for (name, kernel) in KERNELS {
        // An exponential is so steep at its middle that a narrow one shows the lattice.
        let deviations: &[f64] = if *kernel == Kernel::Exponential { &[9.0] } else { &[4.0, 9.0] };
        for length in deviations.iter().map(|deviation| deviation / kernel.deviation()) {
            let plain = Wish {
                bounds: Some([0.0, 0.0, 80.0, 80.0]),
                size: Size::Cells(71, 67),
                kernel: *kernel,
                bandwidth: Bandwidth::Fixed(Length::Units(length)),
                mask: Some(mask.clone()),
                ..Wish::default()
            };
            let corrected = found(&events, Space::PAGE, &Wish { edge_correct: true, ..plain.clone() });
            let (mean, uneven) = unevenness(corrected.density.grid.values());
            println!("{name} {length:.1}: mean {mean:.4}, within {:.2} %", 100.0 * uneven);
            assert!(uneven < 0.015 && (mean / 9.0 - 1.0).abs() < 0.002, "{name} {length}: {mean} {uneven}");
            let note = corrected.notes.iter().any(|note| note.contains("outside the study area"));
            assert!(note, "it is said that events were left out: {:?}", corrected.notes);
        }
    }
    // Without it the events beyond the edge would be missing: what lies on the edge falls to a half.
    let only = written("events.csv", &lattice_inside(&mask));
    let wish = Wish {
        bounds: Some([0.0, 0.0, 80.0, 80.0]),
        size: Size::Cells(71, 67),
        bandwidth: Bandwidth::Fixed(Length::Units(4.0)),
        mask: Some(mask),
        ..Wish::default()
    };
    let (_, uneven) = unevenness(found(&only.1, Space::PAGE, &wish).density.grid.values());
    assert!(uneven > 0.4, "not flat without: {uneven}");
}

fn lattice_inside(mask: &StudyArea) -> String {
    let all = lattice(180);
    let inside = |line: &&str| {
        line.split_once(',').is_some_and(|(x, y)| mask.contains(x.parse().unwrap_or(-1.0), y.parse().unwrap_or(-1.0)))
    };
    std::iter::once("x,y").chain(all.lines().filter(inside)).fold(String::new(), |text, line| text + line + "\n")
}

#[test]
fn a_uniform_pattern_on_the_earth_comes_out_flat_within_bounds() {
    let mut text = String::from("lon,lat,w\n");
    for i in 0..140 {
        for j in 0..140 {
            let (lng, lat) = (9.0 + f64::from(i) / 35.0, 58.0 + f64::from(j) / 35.0);
            _ = writeln!(text, "{lng},{lat},{}", f64::cos(lat.to_radians()));
        }
    }
    let (_dir, events) = written("events.csv", &text);
    let mut query = Query::new(Space::Earth);
    query.weight = Some("w".into());
    let names = [events.display().to_string()];
    for (kernel, length) in [("gaussian", 9e3), ("gaussian", 25e3), ("quartic", 30e3)] {
        let wish = Wish {
            // Half way between places.
            bounds: Some([10.0 + 1.0 / 70.0, 59.0 + 1.0 / 70.0, 12.0 + 1.0 / 70.0, 61.0 + 1.0 / 70.0]),
            size: Size::Width(120),
            kernel: kernel.parse().expect("a kernel"),
            bandwidth: Bandwidth::Fixed(Length::Metres(length)),
            aggregate: Aggregate::Sum,
            edge_correct: true,
            ..Wish::default()
        };
        let mut reading = Reading::open(&names, query.clone(), &()).expect("events");
        let (mean, uneven) = unevenness(density(&mut reading, &wish).expect("a density").density.grid.values());
        println!("{kernel} {length}: mean {mean:.5}, within {:.2} %", 100.0 * uneven);
        assert!(uneven < 0.02, "{kernel} {length}: {uneven}");
    }
}

#[test]
fn a_mask_alone_changes_no_value_inside() {
    let (_dir, events) = written("events.csv", &lattice(90));
    let mask = area(Space::PAGE, &polygon(&[HOUSE, YARD]));
    for bandwidth in ["3u", "none", "knn:5"] {
        let wish = Wish {
            bounds: Some([0.0, 0.0, 80.0, 80.0]),
            size: Size::Cells(90, 90),
            bandwidth: bandwidth.parse().expect("a bandwidth"),
            ..Wish::default()
        };
        let all = found(&events, Space::PAGE, &wish).density.grid;
        let masked = found(&events, Space::PAGE, &Wish { mask: Some(mask.clone()), ..wish }).density.grid;
        let inside = inside(&mask, all.frame());
        for ((all, masked), inside) in all.values().iter().zip(masked.values()).zip(inside) {
            assert!(if inside { all.to_bits() == masked.to_bits() } else { masked.is_nan() }, "{bandwidth}");
        }
    }
}

#[test]
fn a_picture_of_a_mask_is_of_its_extent() {
    let (_dir, events) = written("events.csv", &lattice(90));
    let mask = area(Space::PAGE, &polygon(&[HOUSE]));
    let wish = Wish {
        bandwidth: "3u".parse().expect("a bandwidth"),
        mask: Some(mask),
        size: Size::Width(60),
        ..Wish::default()
    };
    let extent = found(&events, Space::PAGE, &wish).density.grid.frame().extent();
    assert_eq!([extent.west, extent.north, extent.east, extent.south], [10.3, 8.4, 71.1, 70.9]);
}
