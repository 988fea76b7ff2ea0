//! Moment cells against the exact sum of kernels, and against values computed elsewhere.

mod common;
#[path = "common/reference.rs"]
mod reference;

use std::path::Path;

use common::shared;
use proptest::prelude::*;
use reference::{Case, error};
use torrid::bandwidth::{Bandwidth, Breadth, Length};
use torrid::counts::Aggregate;
use torrid::estimate::exact::{Exact, Gain, Points};
use torrid::estimate::moments::{MOMENTS_METHOD, MomentCells};
use torrid::estimate::plan::EXACT_METHOD;
use torrid::estimate::{HALF_LEVEL, Moments};
use torrid::lines::density::{Found, Method, Wish, densities, density};
use torrid::lines::framing::Size;
use torrid::lines::reading::Reading;
use torrid::lines::versus::{Compare, Groups, Other, versus};
use torrid::source::Query;
use torrid::{Events, Extent, Frame, Grid, Kernel, Space};

const SMOOTH: [Kernel; 2] = [Kernel::Quartic, Kernel::Triweight];

/// The estimate from moment cells, each part of the events with a gatherer of its own, and the bound it kept.
fn estimate(frame: Frame, kernel: Kernel, breadth: Breadth, parts: &[Events]) -> (Grid<f32>, f64) {
    let way = Moments::new(frame, kernel, breadth).expect("a smooth kernel");
    let gathered = parts.iter().map(|part| {
        let mut cells = way.cells();
        cells.add(part);
        cells
    });
    let points = way.points(&MomentCells::merged(gathered.collect()));
    let values = way.exact().estimate(&points, Gain::Weight);
    let error = way.error(&points, &values);
    (values, error)
}

fn exactly(frame: Frame, kernel: Kernel, breadth: Breadth, events: &Events) -> Vec<f64> {
    let exact = Exact::new(frame, kernel, breadth);
    let mut points = exact.points();
    points.add(events);
    let values = exact.estimate(&Points::finish(vec![points]), Gain::Weight);
    values.values().iter().map(|v| f64::from(*v)).collect()
}

fn page(width: u32, height: u32) -> Frame {
    let extent = Extent { west: 0.0, north: 0.0, east: f64::from(width), south: f64::from(height) };
    Frame::new(Space::PAGE, extent, width, height).expect("a frame")
}

fn at(space: Space, places: &[(f64, f64)]) -> Events {
    Events::at(space, places.iter().map(|p| p.0).collect(), places.iter().map(|p| p.1).collect())
}

/// The bound that was kept and the error there is, as shares of the greatest value.
fn bound_and_error(frame: Frame, kernel: Kernel, breadth: Breadth, events: &Events) -> (f64, f64) {
    let (values, bound) = estimate(frame, kernel, breadth, std::slice::from_ref(events));
    (bound, error(values.values(), &exactly(frame, kernel, breadth, events)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn in_the_plane_the_error_is_within_the_bound_that_is_told(
        kernel in proptest::sample::select(SMOOTH.to_vec()),
        // A few tight clusters: cells that hold several events.
        centres in proptest::collection::vec((-20.0..120.0, -20.0..90.0), 1..4),
        offsets in proptest::collection::vec((-1.0..1.0, -1.0..1.0), 1..200),
        (bandwidth, stretch, tightness) in (2.0f64..90.0, 0.5f64..2.0, 0.01f64..3.0),
    ) {
        let frame = page(100, 70);
        let breadth = Breadth::Cells(bandwidth, bandwidth * stretch);
        let tight = |(x, y): &(f64, f64)| (x * tightness * bandwidth / 4.0, y * tightness * bandwidth / 4.0);
        let places = centres.iter().flat_map(|c| offsets.iter().map(tight).map(|o| (c.0 + o.0, c.1 + o.1)));
        let events = at(Space::PAGE, &places.collect::<Vec<_>>());
        let expected = exactly(frame, kernel, breadth, &events);
        prop_assume!(expected.iter().any(|v| *v > 0.0));
        let (bound, error) = bound_and_error(frame, kernel, breadth, &events);
        prop_assert!(error <= bound, "{} but {}", error, bound);
    }

    #[test]
    fn on_the_ground_the_error_is_within_the_bound_that_is_told(
        kernel in proptest::sample::select(SMOOTH.to_vec()),
        offsets in proptest::collection::vec((-1.0..1.0, -1.0..1.0), 1..200),
        (lng, lat) in (-180.0f64..180.0, -72.0f64..72.0),
        (bandwidth, tightness) in (4.0f64..6.0, 0.01f64..3.0),
    ) {
        let metres = 10f64.powf(bandwidth);
        let bounds = [lng - 3.0, lat - 2.0, lng + 3.0, lat + 2.0];
        let frame = Frame::new(Space::Earth, Extent::of_bounds(Space::Earth, bounds), 40, 32).expect("a frame");
        let breadth = Breadth::Ground(metres);
        prop_assume!(Moments::new(frame, kernel, breadth).is_ok());
        let degrees = tightness * metres / 4.0 / 111_195.0;
        let place = |(x, y): &(f64, f64)| {
            let (lng, lat) = (lng + x * degrees / lat.to_radians().cos(), lat + y * degrees);
            (if lng < -180.0 { lng + 360.0 } else if lng > 180.0 { lng - 360.0 } else { lng }, lat)
        };
        let events = at(Space::Earth, &offsets.iter().map(place).collect::<Vec<_>>());
        let (bound, error) = bound_and_error(frame, kernel, breadth, &events);
        prop_assert!(error <= bound, "{} but {} with {} m", error, bound, metres);
    }

    #[test]
    fn any_order_of_any_number_of_gatherers_gives_the_same_bytes(
        places in proptest::collection::vec((0.0..64.0, 0.0..48.0), 1..400),
        part in 1usize..200,
    ) {
        let (frame, breadth) = (page(64, 48), Breadth::Cells(9.0, 9.0));
        let whole = estimate(frame, Kernel::Quartic, breadth, &[at(Space::PAGE, &places)]);
        let backwards: Vec<(f64, f64)> = places.into_iter().rev().collect();
        let parts: Vec<Events> = backwards.chunks(part).map(|part| at(Space::PAGE, part)).collect();
        let split = estimate(frame, Kernel::Quartic, breadth, &parts);
        prop_assert_eq!(whole.0.values(), split.0.values());
        prop_assert_eq!(whole.1.to_bits(), split.1.to_bits());
    }
}

/// Places that are as even as places can be, and in no step with any lattice (R2, M. Roberts, 2018).
fn even(n: u32, width: f64, height: f64) -> Vec<(f64, f64)> {
    let place = |i: f64| ((0.5 + i * 0.754_877_666_246_693) % 1.0, (0.5 + i * 0.569_840_290_998_053) % 1.0);
    (0..n).map(|i| place(f64::from(i))).map(|(x, y)| (x * width, y * height)).collect()
}

#[test]
fn events_spread_evenly_and_densely_keep_half_a_level() {
    let frame = page(60, 50);
    for kernel in SMOOTH {
        for (bandwidth, n) in [(10.0, 200_000), (24.0, 100_000), (47.0, 100_000)] {
            let events = at(Space::PAGE, &even(n, 60.0, 50.0));
            let (bound, error) = bound_and_error(frame, kernel, Breadth::Cells(bandwidth, bandwidth), &events);
            println!("{kernel} {bandwidth}: bound {bound:.1e}, error {error:.1e}");
            assert!(error <= bound && bound <= HALF_LEVEL, "{kernel} {bandwidth}: {error:e} {bound:e}");
        }
    }
}

#[test]
fn events_in_opposite_corners_of_their_cells_are_the_worst_there_is_and_within_the_bound() {
    let frame = page(40, 40);
    for kernel in SMOOTH {
        // Moment cells are a quarter of a cell wide, from the corner of a margin of whole cells.
        let breadth = Breadth::Cells(10.0, 10.0);
        let ring = (0..3600).map(|i| f64::from(i).to_radians() / 10.0).flat_map(|turn| {
            let cell = |v: f64| (v * 4.0).floor() / 4.0;
            let (x, y) = (cell(20.5 + 9.7 * turn.cos()), cell(20.5 + 9.7 * turn.sin()));
            [(x + 1e-6, y + 1e-6), (x + 0.25 - 1e-6, y + 0.25 - 1e-6)]
        });
        let (bound, error) = bound_and_error(frame, kernel, breadth, &at(Space::PAGE, &ring.collect::<Vec<_>>()));
        println!("{kernel}: bound {bound:.1e}, error {error:.1e}");
        assert!(error <= bound && error > bound / 20.0, "{kernel}: {error:e} {bound:e}");
    }
}

#[test]
fn an_event_alone_and_many_at_one_place_are_estimated_as_exactly_as_can_be() {
    for kernel in SMOOTH {
        for n in [1, 10_000] {
            let events = at(Space::PAGE, &vec![(31.234_567, 20.987_654); n]);
            let (bound, error) = bound_and_error(page(60, 50), kernel, Breadth::Cells(12.3, 8.1), &events);
            assert!(error <= bound && bound < 3e-6, "{kernel} {n}: {error:e} {bound:e}");
        }
    }
}

#[test]
fn no_event_at_all_is_no_estimate_and_no_error() {
    let (values, bound) = estimate(page(8, 8), Kernel::Quartic, Breadth::Cells(4.0, 4.0), &[at(Space::PAGE, &[])]);
    assert!(values.values().iter().all(|v| *v == 0.0) && bound <= 1e-6, "{bound:e}");
}

#[test]
fn events_on_both_sides_of_the_antimeridian_keep_their_mass_and_the_bound() {
    let bounds = [176.0, -20.0, -176.0, -12.0];
    let frame = Frame::new(Space::Earth, Extent::of_bounds(Space::Earth, bounds), 160, 160).expect("a frame");
    let even = even(20_000, 2.0, 2.0).into_iter().map(|(x, y)| (if x < 1.0 { 179.0 + x } else { x - 181.0 }, y - 17.0));
    let events = at(Space::Earth, &even.collect::<Vec<_>>());
    for kernel in SMOOTH {
        let breadth = Breadth::Ground(100_000.0);
        let (values, bound) = estimate(frame, kernel, breadth, std::slice::from_ref(&events));
        let error = error(values.values(), &exactly(frame, kernel, breadth, &events));
        let line = |row: u32| values.row(row).iter().map(|v| f64::from(*v)).sum::<f64>();
        let mass: f64 = (0..160).map(|row| frame.cell_area(i64::from(row)) * line(row)).sum();
        assert!(error <= bound && bound <= HALF_LEVEL, "{kernel}: {error:e} {bound:e}");
        assert!((mass / 20_000.0 - 1.0).abs() < 1e-4, "{kernel}: {mass}");
    }
}

/// Each event as often as a hundred times its weight.
fn repeated(case: &Case, space: Space) -> Events {
    let mut events = Events::new(space);
    for ((x, y), weight) in case.x.iter().zip(&case.y).zip(&case.weight) {
        (0..(weight * 100.0).round() as usize).for_each(|_| events.push(*x, *y));
    }
    events
}

#[test]
fn every_reference_is_met_within_the_bound_that_is_told() {
    let plane = ["quartic", "triweight"].iter().flat_map(|k| ["7.3", "19.6"].map(|h| format!("planar-{k}-{h}")));
    let places = ["equator", "city", "north60", "antimeridian", "north78"];
    for name in plane.chain(places.map(|place| format!("geo-quartic-{place}"))) {
        let Some(dir) = shared(&format!("reference/{name}")) else { return };
        let case = Case::read(&dir);
        let geo = name.starts_with("geo");
        let (space, key) = if geo { (Space::Earth, "bounds_wsen_degrees") } else { (Space::PAGE, "bounds") };
        let (width, height) = case.size();
        let frame = Frame::new(space, Extent::of_bounds(space, case.bounds(key)), width, height).expect("a frame");
        let breadth = if geo {
            Breadth::Ground(case.number("bandwidth_m"))
        } else {
            Breadth::Cells(case.number("bandwidth"), case.number("bandwidth"))
        };
        let kernel = if name.contains("triweight") { Kernel::Triweight } else { Kernel::Quartic };
        let (values, bound) = estimate(frame, kernel, breadth, &[repeated(&case, space)]);
        let values: Vec<f32> = values.values().iter().map(|v| v / 100.0).collect();
        let error = error(&values, &case.expected);
        println!("{name}: bound {bound:.1e}, error {error:.1e} of the maximum");
        assert!(error <= bound && bound <= HALF_LEVEL, "{name}: {error:e} {bound:e}");
    }
}

#[test]
fn what_moment_cells_cannot_do_they_say() {
    let why = |kernel, breadth, frame| Moments::new(frame, kernel, breadth).expect_err("cannot");
    assert!(why(Kernel::Epanechnikov, Breadth::Cells(9.0, 9.0), page(60, 50)).contains("epanechnikov"));
    assert!(why(Kernel::Quartic, Breadth::Cells(0.1, 0.1), page(600, 500)).contains("million"));
    let arctic = Extent::of_bounds(Space::Earth, [0.0, 80.0, 10.0, 85.0]);
    let arctic = Frame::new(Space::Earth, arctic, 60, 50).expect("a frame");
    assert!(why(Kernel::Quartic, Breadth::Ground(600_000.0), arctic).contains("pole"));
}

/// A file of 3000 events in a square of 10, whose west edge is at `x` and whose north edge is at 50.
fn square(folder: &Path, name: &str, x: f64) -> String {
    let path = folder.join(name);
    let rows = even(3000, 10.0, 10.0).into_iter().map(|(right, down)| format!("{},{}\n", x + right, down + 50.0));
    std::fs::write(&path, "x,y\n".to_owned() + &rows.collect::<String>()).expect("written");
    path.to_str().expect("a path").to_owned()
}

fn wish(kernel: Kernel, west: f64) -> Wish {
    Wish {
        bounds: Some([west, 0.0, west + 100.0, 100.0]),
        kernel,
        bandwidth: "20px".parse().expect("a bandwidth"),
        method: Method::Fast,
        size: Size::Cells(100, 100),
        ..Wish::default()
    }
}

fn open(path: &str, query: Query) -> Reading<'static> {
    Reading::open(&[path.to_owned()], query, &()).expect("opens")
}

fn fast(path: &str, kernel: Kernel, west: f64) -> Found {
    density(&mut open(path, Query::new(Space::PAGE)), &wish(kernel, west)).expect("a density")
}

/// A frame from here on shows but half a cell of the kernels of a square at 0.
const FOOT: f64 = 29.5;

#[test]
fn a_picture_of_the_mere_foot_of_kernels_is_estimated_exactly_and_says_so() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = square(dir.path(), "events.csv", 0.0);
    let whole = fast(&path, Kernel::Quartic, 0.0);
    assert_eq!(whole.method, MOMENTS_METHOD);
    assert!(whole.notes.is_empty() && whole.error <= HALF_LEVEL, "{:?} {}", whole.notes, whole.error);
    let foot = fast(&path, Kernel::Quartic, FOOT);
    assert_eq!(foot.method, EXACT_METHOD);
    assert!(foot.notes.len() == 1 && foot.notes[0].contains("1/512"), "{:?}", foot.notes);
    let exactly = Wish { method: Method::Exact, ..wish(Kernel::Quartic, FOOT) };
    let exactly = density(&mut open(&path, Query::new(Space::PAGE)), &exactly).expect("a density");
    assert_eq!(foot.density.grid.values(), exactly.density.grid.values());
}

#[test]
fn other_kernels_and_events_that_are_weighed_are_estimated_exactly_and_say_so() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = square(dir.path(), "events.csv", 0.0);
    let kinked = fast(&path, Kernel::Cosine, 0.0);
    assert!(kinked.notes.len() == 1 && kinked.notes[0].contains("cosine"), "{:?}", kinked.notes);
    let query = Query { weight: Some("y".to_owned()), ..Query::new(Space::PAGE) };
    let weighed = Wish { aggregate: Aggregate::Sum, ..wish(Kernel::Quartic, 0.0) };
    let weighed = density(&mut open(&path, query), &weighed).expect("a density");
    assert_eq!(weighed.method, EXACT_METHOD);
    assert!(weighed.notes.len() == 1 && weighed.notes[0].contains("weighed"), "{:?}", weighed.notes);
}

#[test]
fn of_a_sweep_only_the_pictures_that_need_it_are_estimated_exactly() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = square(dir.path(), "events.csv", 0.0);
    let lengths = [40.0, 20.0, 60.0].map(Length::Pixels);
    let mut reading = open(&path, Query::new(Space::PAGE));
    let sweep = densities(&mut reading, &wish(Kernel::Quartic, FOOT), &lengths).expect("densities");
    for (found, length) in sweep.iter().zip(lengths) {
        let foot = length == Length::Pixels(20.0);
        assert_eq!(found.method, if foot { EXACT_METHOD } else { MOMENTS_METHOD }, "{length}");
        assert_eq!(found.notes.len(), usize::from(foot), "{length}: {:?}", found.notes);
        let one = Wish { bandwidth: Bandwidth::Fixed(length), ..wish(Kernel::Quartic, FOOT) };
        let alone = density(&mut open(&path, Query::new(Space::PAGE)), &one).expect("a density");
        assert_eq!(found.density.grid.values(), alone.density.grid.values(), "{length}");
    }
    assert_eq!(reading.tally().records, 3000);
}

#[test]
fn of_two_groups_the_one_that_needs_it_is_estimated_exactly_and_named() {
    let dir = tempfile::tempdir().expect("a folder");
    let (foot, whole) = (square(dir.path(), "foot.csv", 0.0), square(dir.path(), "whole.csv", 60.0));
    let compared = |inputs: &str, other: &str| {
        let other = Other::Inputs(vec![other.to_owned()]);
        let mut groups = Groups::open(&[inputs.to_owned()], &Query::new(Space::PAGE), &other, &()).expect("opens");
        versus(&mut groups, &wish(Kernel::Quartic, FOOT), (Compare::Difference, false)).expect("a comparison").found
    };
    for found in [compared(&foot, &whole), compared(&whole, &foot)] {
        assert_eq!(found.method, MOMENTS_METHOD);
        assert!(found.error > 1e-6 && found.error <= HALF_LEVEL, "{}", found.error);
        assert!(found.notes.len() == 1, "{:?}", found.notes);
        assert!(found.notes[0].starts_with("events in foot: estimated exactly"), "{:?}", found.notes);
    }
    let both = compared(&foot, &foot);
    assert_eq!(both.method, EXACT_METHOD);
    assert!(both.notes.len() == 1 && both.notes[0].starts_with("estimated exactly"), "{:?}", both.notes);
}
