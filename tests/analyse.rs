//! What is found in grids: the statistic, the levels, outlines that hold what they say, and peaks.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
#[path = "common/reference.rs"]
mod reference;

use geo::algorithm::{Area, Contains, GeodesicArea, MapCoords, Validation};
use proptest::prelude::*;
use torrid::analyse::gistar::{Class, false_discovery_rates, p_value, queen, z_scores};
use torrid::analyse::isopleth::{levels, masses};
use torrid::analyse::outline::Outlines;
use torrid::analyse::peaks::{apart, peaks};
use torrid::findings::{Polygon, Position, signed_area};
use torrid::frame::Extent;
use torrid::grid::{self, Density, Quantity};
use torrid::{Frame, Grid, Space, World};

fn page(width: u32, height: u32) -> Frame {
    let extent = Extent { west: 0.0, north: 0.0, east: f64::from(width), south: f64::from(height) };
    Frame::new(Space::PAGE, extent, width, height).unwrap()
}

fn earth(bounds: [f64; 4], width: u32, height: u32) -> Frame {
    Frame::new(Space::Earth, Extent::of_bounds(Space::Earth, bounds), width, height).unwrap()
}

fn shape(polygon: &Polygon) -> geo::Polygon {
    let ring = |ring: &Vec<Position>| ring.iter().map(|p| geo::Coord { x: p[0], y: p[1] }).collect::<geo::LineString>();
    geo::Polygon::new(ring(&polygon.outer), polygon.holes.iter().map(ring).collect())
}

fn shapes(polygons: &[Polygon]) -> geo::MultiPolygon {
    geo::MultiPolygon::new(polygons.iter().map(shape).collect())
}

#[test]
fn scores_equal_the_reference() {
    let Some(dir) = common::shared("reference/gistar-queen") else { return };
    let column = |name: &str| -> Vec<f64> { reference::rows(&dir.join(name)).iter().map(|row| row[2]).collect() };
    let (values, expected) = (column("input.csv"), column("expected.csv"));
    for (score, expected) in z_scores(&values, queen(25, 20, false)).iter().zip(expected) {
        assert!((score.z - expected).abs() < 1e-9, "{} is not {expected}", score.z);
    }
}

#[test]
fn isopleth_levels_equal_the_reference() {
    let Some(dir) = common::shared("reference/isopleths") else { return };
    let case: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(dir.join("case.json")).unwrap()).unwrap();
    let values = reference::rows(&dir.join("expected.csv")).iter().map(|row| row[2] as f32).collect();
    let quantity = Quantity::PerArea(None, grid::Area::of(Space::PAGE));
    let density = Density { grid: Grid::new(page(64, 48), values), quantity };
    let found = levels(&density, &masses(&density), &[0.5, 0.9, 0.95]).unwrap();
    for (level, share) in found.iter().zip(["0.5", "0.9", "0.95"]) {
        let expected = case["levels"][share].as_f64().unwrap();
        assert!((level / expected - 1.0).abs() < 1e-6, "{share}: {level} is not {expected}");
    }
}

/// Gi* as Ord and Getis write it, with a matrix of weights.
fn by_the_book(values: &[f64], width: usize) -> Vec<f64> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let deviation = (values.iter().map(|v| v * v).sum::<f64>() / n - mean * mean).sqrt();
    let near = |a: usize, b: usize| (a % width).abs_diff(b % width) <= 1 && (a / width).abs_diff(b / width) <= 1;
    let z = |i: usize| {
        let weights: Vec<f64> = (0..values.len()).map(|j| f64::from(u8::from(near(i, j)))).collect();
        let sum: f64 = weights.iter().sum();
        let product: f64 = weights.iter().zip(values).map(|(w, v)| w * v).sum();
        (product - mean * sum) / (deviation * ((n * sum - sum * sum) / (n - 1.0)).sqrt())
    };
    (0..values.len()).map(z).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn scores_equal_their_slow_twin(values in prop::collection::vec(0u8..20, 12..90), width in 4usize..9) {
        let values: Vec<f64> = values.chunks_exact(width).flatten().map(|v| f64::from(*v)).collect();
        prop_assume!(values.iter().any(|v| *v != values[0]) && values.len() / width > 2);
        let scores = z_scores(&values, queen(width, values.len() / width, false));
        for (score, expected) in scores.iter().zip(by_the_book(&values, width)) {
            prop_assert!((score.z - expected).abs() < 1e-9 || !expected.is_finite(), "{} is not {}", score.z, expected);
        }
    }
}

#[test]
fn where_all_is_equal_nothing_is_significant() {
    for value in [0.0, 0.1, 7.0] {
        let scores = z_scores(&[value; 30], queen(6, 5, false));
        assert!(scores.iter().all(|score| score.z == 0.0), "{value}: {scores:?}");
    }
    assert_eq!(z_scores(&[3.0], queen(1, 1, false))[0].z, 0.0, "a lone cell has nothing to be compared with");
    assert!(z_scores(&[1.0, 2.0, 3.0, 4.0], queen(2, 2, false)).iter().all(|score| score.z == 0.0), "all neighbours");
    assert!(z_scores(&[], queen(1, 1, false)).is_empty(), "no cell");
}

#[test]
fn a_cell_without_data_is_nobodys_neighbour() {
    let nan = f64::NAN;
    let with = z_scores(&[1.0, 4.0, 2.0, 9.0, nan, nan, 3.0, 5.0], queen(8, 1, false));
    assert!(with[4].z.is_nan() && with[5].z.is_nan(), "no data, no score");
    assert_eq!(with.iter().map(|score| score.neighbours).collect::<Vec<_>>(), [1, 2, 2, 1, 0, 0, 1, 1]);
}

#[test]
fn round_the_world_the_first_column_is_next_to_the_last() {
    let mut seen = Vec::new();
    queen(5, 2, true)(0, &mut |cell| seen.push(cell));
    seen.sort_unstable();
    assert_eq!(seen, [1, 4, 5, 6, 9]);
}

#[test]
fn p_values_are_those_of_the_tables() {
    for (z, p) in
        [(0.0, 1.0), (1.644_853_626_951_472, 0.1), (-1.959_963_984_540_054, 0.05), (2.575_829_303_548_900_4, 0.01)]
    {
        assert!((p_value(z) - p).abs() < 1e-14, "{z}: {}", p_value(z));
    }
}

#[test]
fn false_discovery_rates_are_as_worked_out_by_hand() {
    // In order 0.005, 0.01, 0.03, 0.04, 0.5; times 5 by rank: 0.025, 0.025, 0.05, 0.05, 0.5.
    let rates = false_discovery_rates(&[0.01, 0.04, f64::NAN, 0.03, 0.005, 0.5]);
    let expected = [0.025, 0.05, f64::NAN, 0.05, 0.025, 0.5];
    for (rate, expected) in rates.iter().zip(expected) {
        assert!((rate - expected).abs() < 1e-15 || rate.is_nan() && expected.is_nan(), "{rates:?}");
    }
    // Benjamini and Hochberg 1995, section 3.2: of these fifteen, four are discoveries at 0.05.
    let p = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590,
        1.0,
    ];
    assert_eq!(false_discovery_rates(&p).iter().filter(|rate| **rate <= 0.05).count(), 4);
}

#[test]
fn classes_are_on_the_side_of_the_score() {
    assert_eq!(Class::of(3.0, 0.009), Class::Hot(99));
    assert_eq!(Class::of(-3.0, 0.05), Class::Cold(95));
    assert_eq!(Class::of(1.0, 0.07).bin(), 1);
    assert_eq!(Class::of(-9.0, 0.2), Class::NotSignificant);
    assert_eq!(Class::of(0.0, f64::NAN), Class::NotSignificant);
}

/// Values of a small grid, some of them missing.
fn cells(few: bool) -> impl Strategy<Value = (usize, Vec<f32>)> {
    let value = prop_oneof![9 => (0u8..8).prop_map(f32::from), 9 => 0f32..8.0, 2 => Just(f32::NAN)];
    (1usize..9, prop::collection::vec(value, 1..80)).prop_map(move |(width, mut values)| {
        values.resize(values.len().div_ceil(width) * width, 1.5);
        if !few {
            values.iter_mut().filter(|v| v.is_nan()).for_each(|v| *v = 2.0);
        }
        (width, values)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    #[test]
    fn areas_are_valid_and_hold_just_the_places_that_are_so_high((width, values) in cells(true), across in any::<bool>()) {
        let height = values.len() / width;
        let (w, h) = (width as u32, height as u32);
        let frame = if across { earth([178.3, -3.0, -177.1, 4.0], w, h) } else { page(w, h) };
        let grid = Grid::new(frame, values);
        let outlines = Outlines::new(&grid, &[1.0, 2.0, 2.5, 6.0]);
        let tops: Vec<_> = (0..4).map(|level| outlines.area(level, None)).collect();
        let bands: Vec<_> = (0..4).map(|level| outlines.area(level, (level < 3).then_some(level + 1))).collect();
        for polygon in tops.iter().chain(&bands).flatten().map(shape) {
            prop_assert!(polygon.check_validation().is_ok(), "{:?}: {polygon:?}", polygon.check_validation());
            prop_assert!(polygon.signed_area() > 0.0, "counterclockwise");
            prop_assert!(polygon.exterior().coords().all(|c| c.x.abs() <= 180.0 + 1e-9), "within the world");
        }
        // Edges are straight on the map, and on the Earth only nearly so in degrees.
        let on_map = |polygons: &Vec<Polygon>| shapes(polygons).map_coords(|c| geo::Coord {
            x: if across { c.x / 360.0 + 0.5 } else { c.x },
            y: World::of(frame.space(), c.x, c.y).y,
        });
        let (tops, bands): (Vec<_>, Vec<_>) = (tops.iter().map(on_map).collect(), bands.iter().map(on_map).collect());
        let extent = frame.extent();
        for i in 0..200 {
            let share = |k: f64| (0.123_456_7 + f64::from(i) * k).fract();
            let world = World {
                x: extent.west + share(0.618_033_988_7) * extent.width(),
                y: extent.north + share(0.754_877_666_2) * extent.height(),
            };
            let x = if across { torrid::world::wrapped(world.x) } else { world.x };
            let point = geo::Point::new(x, world.y);
            let reached = outlines.levels_at(World { x, ..world });
            for (level, (top, band)) in tops.iter().zip(&bands).enumerate() {
                prop_assert_eq!(top.contains(&point), reached.is_some_and(|n| n > level), "{:?} level {}", point, level);
                prop_assert_eq!(band.contains(&point), reached == Some(level + 1), "{:?} band {}", point, level);
            }
        }
    }

    #[test]
    fn bands_side_by_side_add_up((width, values) in cells(true)) {
        let grid = Grid::new(page(width as u32, (values.len() / width) as u32), values);
        let outlines = Outlines::new(&grid, &[-1.0, 1.0, 2.0, 6.0]);
        let area = |low, high| outlines.area(low, high).iter().map(|p| p.area(Space::PAGE)).sum::<f64>();
        let bands: f64 = area(0, Some(1)) + area(1, Some(2)) + area(2, Some(3)) + area(3, None);
        prop_assert!((bands - area(0, None)).abs() < 1e-9, "{bands} {}", area(0, None));
        if grid.values().iter().all(|v| !v.is_nan()) {
            prop_assert!((bands - grid.values().len() as f64).abs() < 1e-9, "above the lowest level lies the whole frame");
        }
    }

    #[test]
    fn contours_have_higher_cells_on_their_left((width, values) in cells(false)) {
        let frame = page(width as u32, (values.len() / width) as u32);
        let grid = Grid::new(frame, values);
        let outlines = Outlines::new(&grid, &[1.0, 2.25, 6.0]);
        for level in 0..3 {
            for line in outlines.contour(level) {
                prop_assert!(line.len() > 1, "a line has two ends");
                for pair in line.windows(2) {
                    let along = [pair[1][0] - pair[0][0], pair[1][1] - pair[0][1]];
                    let length = along[0].hypot(along[1]);
                    prop_assert!(length > 0.0, "no step of no length");
                    // A page grows down: left of east is up, which is less y.
                    let aside = |far: f64| World {
                        x: f64::midpoint(pair[0][0], pair[1][0]) + far * along[1] / length,
                        y: f64::midpoint(pair[0][1], pair[1][1]) - far * along[0] / length,
                    };
                    for (far, higher) in [(1e-7, true), (-1e-7, false)] {
                        let reached = outlines.levels_at(aside(far));
                        prop_assert!(reached.is_none_or(|n| (n > level) == higher), "{pair:?} {reached:?} at {level}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_ring_round_a_pit_is_an_area_with_a_hole() {
    let mut values = vec![0.0; 49];
    for cell in [16, 17, 18, 23, 25, 30, 31, 32] {
        values[cell] = 4.0;
    }
    values[24] = 0.0;
    let grid = Grid::new(page(7, 7), values);
    let areas = Outlines::new(&grid, &[2.0]).area(0, None);
    assert_eq!(areas.len(), 1);
    assert_eq!(areas[0].holes.len(), 1);
    assert!(signed_area(&areas[0].outer, Space::PAGE) > 0.0 && signed_area(&areas[0].holes[0], Space::PAGE) < 0.0);
}

#[test]
fn no_data_is_not_zero() {
    let nan = f32::NAN;
    let grid = Grid::new(page(4, 1), vec![1.0, 1.0, nan, 1.0]);
    let area =
        |level| -> f64 { Outlines::new(&grid, &[level]).area(0, None).iter().map(|p| p.area(Space::PAGE)).sum() };
    assert!((area(-1.0) - area(0.5)).abs() < 1e-12, "the missing cell is above no level, not even one below zero");
    assert!((area(0.5) - 2.0).abs() < 1e-12, "outlines reach to the last centres with data: {}", area(0.5));
}

#[test]
fn areas_on_the_ground_are_those_of_the_cells_and_nearly_those_of_the_ellipsoid() {
    for bounds in [[-3.2, 53.2, -2.7, 53.6], [170.0, -60.0, -165.0, 70.0], [-180.0, -80.0, 180.0, 80.0]] {
        let frame = earth(bounds, 90, 70);
        let grid = Grid::new(frame, vec![1.0; frame.len()]);
        let areas = Outlines::new(&grid, &[0.5]).area(0, None);
        let found: f64 = areas.iter().map(|polygon| polygon.area(Space::Earth)).sum();
        let cells: f64 = (0..70).map(|row| 90.0 * frame.cell_area(row)).sum();
        assert!((found / cells - 1.0).abs() < 1e-9, "{found} {cells}");
        if bounds[2] - bounds[0] < 1.0 && bounds[2] > bounds[0] {
            let ellipsoid = shapes(&areas).geodesic_area_unsigned() / 1e6;
            assert!((found / ellipsoid - 1.0).abs() < 0.006, "{found} {ellipsoid}");
        }
    }
}

/// A density of three bumps at these places, of standard deviation 4 cells.
fn bumps(frame: Frame, places: [([f64; 2], f64); 3]) -> Grid<f32> {
    let value = |col: u32, row: u32| -> f64 {
        let height = |(place, height): &([f64; 2], f64)| {
            let (x, y) = (f64::from(col) + 0.5 - place[0], f64::from(row) + 0.5 - place[1]);
            height * (-(x * x + y * y) / 32.0).exp()
        };
        places.iter().map(height).sum()
    };
    let values =
        (0..frame.height()).flat_map(|row| (0..frame.width()).map(move |col| value(col, row) as f32)).collect();
    Grid::new(frame, values)
}

#[test]
fn the_peaks_of_three_bumps_are_where_the_bumps_are() {
    let places = [([20.3, 15.9], 7.0), ([70.77, 40.1], 3.0), ([40.2, 60.5], 5.0)];
    let found = peaks(&bumps(page(100, 80), places), 0.0);
    assert_eq!(found.len(), 3, "{found:?}");
    for (peak, (place, height)) in found.iter().zip([places[0], places[2], places[1]]) {
        assert!((peak.at[0] - place[0]).hypot(peak.at[1] - place[1]) < 0.02, "{peak:?} {place:?}");
        assert!((peak.value / height - 1.0).abs() < 1e-3 && !peak.at_edge, "{peak:?} {height}");
    }
    let far = |a: &torrid::analyse::peaks::Peak, b: &torrid::analyse::peaks::Peak| (a.at[0] - b.at[0]).abs();
    assert_eq!(apart(&found, 9, 25.0, far).len(), 2, "the third is 20 to 30 columns from the others");
    assert_eq!(apart(&found, 1, 0.0, far), found[..1], "the highest only");
}

#[test]
fn a_plateau_is_one_peak_at_its_middle() {
    let mut values = vec![0.0; 60];
    for cell in [22, 23, 24, 32, 33, 34] {
        values[cell] = 2.0;
    }
    values[59] = 1.0;
    let found = peaks(&Grid::new(page(10, 6), values), 0.0);
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!((found[0].at, found[0].value), ([3.5, 3.0], 2.0));
    assert_eq!((found[1].at, found[1].at_edge), ([9.5, 5.5], true));
    assert!(peaks(&Grid::new(page(4, 4), vec![0.0; 16]), 0.0).is_empty(), "nothing has no peak");
    assert!(peaks(&Grid::new(page(4, 4), vec![f32::NAN; 16]), 0.0).is_empty(), "no data has no peak");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    #[test]
    fn an_isopleth_holds_its_share_and_no_more_than_it_must((width, values) in cells(true), share in 0.01f64..1.0) {
        let grid = Grid::new(page(width as u32, (values.len() / width) as u32), values);
        let density = Density { grid, quantity: Quantity::PerCell(None) };
        let Some(found) = levels(&density, &masses(&density), &[share]) else { return Ok(()) };
        let held = |holds: &dyn Fn(f64) -> bool| -> f64 {
            density.grid.values().iter().map(|v| f64::from(*v)).filter(|v| *v > 0.0 && holds(*v)).sum()
        };
        let all = held(&|_| true);
        prop_assert!(held(&|v| v >= found[0]) >= share * all * (1.0 - 1e-12), "too little");
        prop_assert!(held(&|v| v > found[0]) < share * all * (1.0 + 1e-12), "a higher level would do");
    }
}

#[cfg(feature = "h3")]
mod hexagons {
    use torrid::Events;
    use torrid::analyse::hexagons::{Hexagons, resolution};

    use super::*;

    fn gathered(number: u8, places: &[(f64, f64)]) -> Hexagons {
        let mut hexagons = Hexagons::new(resolution(number).unwrap());
        let (x, y) = places.iter().copied().unzip();
        hexagons.add(&Events::at(Space::Earth, x, y)).unwrap();
        hexagons
    }

    #[test]
    fn empty_hexagons_within_the_bounds_count_as_zeros() {
        let study = gathered(5, &[(0.1, 51.5), (0.1, 51.5), (0.4, 51.6)]).study([-1.0, 51.0, 1.0, 52.0], true).unwrap();
        assert_eq!(study.reached(), 3);
        let events = study.events();
        assert_eq!(events.iter().filter(|count| **count > 0.0).count(), 2);
        // 15 470 km² between the bounds, hexagons of 253 km² on average.
        assert!((50..75).contains(&events.len()), "{}", events.len());
        let scores = z_scores(&events, |cell, visit| study.neighbours(cell, visit));
        let hottest = (0..events.len()).max_by(|a, b| scores[*a].z.total_cmp(&scores[*b].z)).unwrap();
        let mut around = events[hottest];
        study.neighbours(hottest, &mut |cell| around += events[cell]);
        assert!(around >= 2.0 && scores[hottest].z > 3.0, "{:?}", scores[hottest]);
    }

    #[test]
    fn merging_in_any_order_gives_the_same() {
        let places: Vec<(f64, f64)> =
            (0..500).map(|i| (f64::from(i * 37 % 101) * 0.01, f64::from(i * 53 % 97) * 0.01)).collect();
        let whole = gathered(6, &places).study([0.0, 0.0, 1.0, 1.0], true).unwrap();
        let (a, b) = (gathered(6, &places[..123]), gathered(6, &places[123..]));
        for merged in [a.clone().merge(b.clone()), b.merge(a)] {
            let merged = merged.study([0.0, 0.0, 1.0, 1.0], true).unwrap();
            assert_eq!(merged.events(), whole.events());
        }
    }

    #[test]
    fn bounds_that_were_given_leave_out_hexagons_beyond_them() {
        let hexagons = gathered(5, &[(0.1, 51.5), (3.0, 51.5)]);
        assert_eq!(hexagons.study([-1.0, 51.0, 1.0, 52.0], false).unwrap().reached(), 1);
        assert_eq!(hexagons.study([-1.0, 51.0, 1.0, 52.0], true).unwrap().reached(), 2);
        assert!(gathered(2, &[]).study([-180.0, -85.0, 180.0, 85.0], true).is_ok(), "six thousand hexagons");
        assert!(gathered(9, &[]).study([-180.0, -85.0, 180.0, 85.0], true).is_err(), "five thousand million");
    }

    #[test]
    fn a_study_area_is_of_all_hexagons_whose_centres_it_holds() {
        let all: Vec<h3o::CellIndex> =
            h3o::CellIndex::base_cells().flat_map(|cell| cell.children(h3o::Resolution::Three)).collect();
        for [west, south, east, north] in [
            [-10.0, 40.0, 10.0, 50.0],
            [-60.0, 10.0, 80.0, 10.2],
            [100.0, -80.0, 100.3, 80.0],
            [170.0, -5.0, 195.0, 5.0],
            [-180.0, 80.0, 180.0, 85.0],
            [-100.0, -90.0, 50.0, -70.0],
        ] {
            let holds = |cell: &&h3o::CellIndex| {
                let centre = h3o::LatLng::from(**cell);
                let inside = |lng: f64| (west..east).contains(&lng);
                (south..north).contains(&centre.lat()) && (inside(centre.lng()) || inside(centre.lng() + 360.0))
            };
            let mut expected: Vec<String> = all.iter().filter(holds).map(ToString::to_string).collect();
            expected.sort();
            let study = gathered(3, &[]).study([west, south, east, north], true).unwrap();
            let found: Vec<String> = (0..study.len()).map(|cell| study.hexagon(cell).0).collect();
            assert!(
                !found.is_empty() && found == expected,
                "{west},{south},{east},{north}: {} {}",
                found.len(),
                expected.len()
            );
        }
    }

    #[test]
    fn hexagons_cover_the_earth_once_and_are_cut_at_the_antimeridian() {
        let study = gathered(1, &[]).study([-180.0, -90.0, 180.0, 90.1], true).unwrap();
        assert_eq!(study.len(), 842);
        let mut whole = 0.0;
        for cell in 0..study.len() {
            let (index, polygons, area) = study.hexagon(cell);
            let found: f64 = polygons.iter().map(|polygon| polygon.area(Space::Earth)).sum();
            // An edge is a great circle to H3, and straight in degrees to GeoJSON.
            let far_from_poles = polygons.iter().flat_map(|polygon| &polygon.outer).all(|p| p[1].abs() < 60.0);
            assert!(!far_from_poles || (found / area - 1.0).abs() < 0.03, "{index}: {found} {area}");
            for polygon in &polygons {
                assert!(shape(polygon).check_validation().is_ok(), "{index}: {:?}", shape(polygon).check_validation());
                assert!(
                    polygon.outer.iter().all(|p| p[0].abs() <= 180.0 && p[1].abs() <= 90.0),
                    "{index}: {polygon:?}"
                );
            }
            whole += found;
        }
        let sphere = 4.0 * std::f64::consts::PI * 6371.0088f64.powi(2);
        assert!((whole / sphere - 1.0).abs() < 1e-9, "{whole} {sphere}");
    }
}
