//! The exact estimate against values computed elsewhere and against the plain double loop.

mod common;
#[path = "common/reference.rs"]
mod reference;

use common::shared;
use proptest::prelude::*;
use reference::{Case, error, events_of};
use torrid::bandwidth::Breadth;
use torrid::counts::Gathered;
use torrid::estimate::exact::{Exact, Gain, Points};
use torrid::kernel::KERNELS;
use torrid::world::EARTH_RADIUS_M;
use torrid::{Events, Extent, Frame, Kernel, Space};

fn estimate(frame: Frame, kernel: Kernel, breadth: Breadth, events: &Events) -> Vec<f32> {
    let exact = Exact::new(frame, kernel, breadth);
    let mut points = exact.points();
    points.add(events);
    exact.estimate(&Points::finish(vec![points]), Gain::Weight).values().to_vec()
}

#[test]
fn every_planar_reference_is_met_within_a_millionth() {
    for (name, kernel) in KERNELS {
        for bandwidth in ["4.0", "9.5", "7.3", "19.6"] {
            let path = format!("reference/planar-{name}-{bandwidth}");
            let Some(dir) = shared("reference") else { return };
            if !dir.parent().expect("a parent").join(&path).exists() {
                continue;
            }
            let case = Case::read(&shared(&path).expect("the case"));
            let (width, height) = case.size();
            let extent = Extent::of_bounds(Space::PAGE, case.bounds("bounds"));
            let frame = Frame::new(Space::PAGE, extent, width, height).expect("a frame");
            let h = case.number("bandwidth");
            let actual = estimate(frame, *kernel, Breadth::Cells(h, h), &events_of(&case, Space::PAGE));
            let error = error(&actual, &case.expected);
            println!("{path}: error {error:.1e} of the maximum");
            assert!(error < 1e-6, "{path}: {error:e}");
        }
    }
}

#[test]
fn every_reference_on_the_ground_is_met_within_a_millionth() {
    for kernel in ["gaussian", "quartic"] {
        for place in ["equator", "city", "north60", "antimeridian", "north78"] {
            let path = format!("reference/geo-{kernel}-{place}");
            let Some(dir) = shared(&path) else { return };
            let case = Case::read(&dir);
            let (width, height) = case.size();
            let extent = Extent::of_bounds(Space::Earth, case.bounds("bounds_wsen_degrees"));
            let frame = Frame::new(Space::Earth, extent, width, height).expect("a frame");
            let breadth = Breadth::Ground(case.number("bandwidth_m"));
            let kernel: Kernel = kernel.parse().expect("a kernel");
            let error = error(&estimate(frame, kernel, breadth, &events_of(&case, Space::Earth)), &case.expected);
            println!("{path}: error {error:.1e} of the maximum");
            assert!(error < 1e-6, "{path}: {error:e}");
        }
    }
}

/// The plain double loop over cells and events.
fn twin(frame: &Frame, kernel: Kernel, breadth: Breadth, events: &Events) -> Vec<f64> {
    let mut values = Vec::new();
    for row in 0..frame.height() {
        for col in 0..frame.width() {
            let here = frame.centre(i64::from(col), i64::from(row)).coordinates(frame.space());
            values.push((0..events.len()).map(|i| one(frame, kernel, breadth, events, i, here, row)).sum());
        }
    }
    values
}

fn one(frame: &Frame, kernel: Kernel, breadth: Breadth, events: &Events, i: usize, here: (f64, f64), row: u32) -> f64 {
    let weight = events.weight.as_ref().map_or(1.0, |w| w[i]);
    match breadth {
        Breadth::Ground(m) => {
            let d = great_circle((events.x[i], events.y[i]), here);
            weight * kernel.peak() / (m / 1000.0).powi(2) * kernel.shape((d / m).powi(2))
        }
        Breadth::Cells(x, y) => {
            let (per_x, per_y) = frame.cells_per_unit();
            let (a, b) = ((here.0 - events.x[i]) * per_x / x, (here.1 - events.y[i]) * per_y / y);
            weight * kernel.peak() / (x * y * frame.cell_area(i64::from(row))) * kernel.shape(a * a + b * b)
        }
    }
}

/// Metres between two places given as longitude and latitude, by Vincenty's formula for the sphere: a route of its own.
fn great_circle(a: (f64, f64), b: (f64, f64)) -> f64 {
    let (lat1, lat2, turn) = (a.1.to_radians(), b.1.to_radians(), (b.0 - a.0).to_radians());
    let across = lat2.cos() * turn.sin();
    let along = lat1.cos() * lat2.sin() - lat1.sin() * lat2.cos() * turn.cos();
    let down = lat1.sin() * lat2.sin() + lat1.cos() * lat2.cos() * turn.cos();
    EARTH_RADIUS_M * across.hypot(along).atan2(down)
}

fn kernels() -> impl Strategy<Value = Kernel> {
    proptest::sample::select(KERNELS.iter().map(|(_, kernel)| *kernel).collect::<Vec<_>>())
}

fn weighed(space: Space, places: &[(f64, f64, f64)]) -> Events {
    let column = |pick: fn(&(f64, f64, f64)) -> f64| places.iter().map(pick).collect();
    let mut events = Events::at(space, column(|p| p.0), column(|p| p.1));
    events.weight = Some(column(|p| p.2));
    events
}

/// The greatest absolute weight: a lone event's peak is the least that the maximum of the sum can be.
fn heaviest(events: &Events) -> f64 {
    events.weight.iter().flatten().fold(0.0, |most, w| most.max(w.abs()))
}

/// Where a kernel jumps, a cell on the very edge may fall on either side.
fn jumps(kernel: Kernel) -> bool {
    kernel == Kernel::Uniform
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn in_the_plane_it_is_the_double_loop(
        kernel in kernels(),
        places in proptest::collection::vec((-30.0..130.0, -20.0..90.0, -1.0..3.0), 1..40),
        bandwidth in 0.2f64..60.0,
        stretch in 0.5f64..2.0,
    ) {
        let extent = Extent { west: 0.0, north: 0.0, east: 100.0, south: 70.0 };
        let frame = Frame::new(Space::PAGE, extent, 50, 35).expect("a frame");
        let (breadth, events) = (Breadth::Cells(bandwidth, bandwidth * stretch), weighed(Space::PAGE, &places));
        let expected = twin(&frame, kernel, breadth, &events);
        let peak = heaviest(&events) * kernel.peak() / (bandwidth * bandwidth * stretch * 4.0);
        for (a, e) in estimate(frame, kernel, breadth, &events).iter().zip(&expected) {
            prop_assert!((f64::from(*a) - e).abs() <= 1e-6 * (peak + e.abs()), "{} {}", a, e);
        }
    }

    #[test]
    fn on_the_ground_it_is_the_double_loop(
        kernel in kernels(),
        places in proptest::collection::vec((-4.0..4.0, -3.0..3.0, -1.0..3.0), 1..30),
        (lng, lat) in (-180.0f64..180.0, -80.0f64..80.0),
        bandwidth in 4.0f64..6.3,
    ) {
        let metres = 10f64.powf(bandwidth);
        let bounds = [lng - 3.0, (lat - 2.0).max(-85.0), lng + 3.0, (lat + 2.0).min(85.0)];
        let frame = Frame::new(Space::Earth, Extent::of_bounds(Space::Earth, bounds), 30, 24).expect("a frame");
        let on_earth = |(x, y, w): (f64, f64, f64)| {
            let lng = if lng + x < -180.0 { lng + x + 360.0 } else if lng + x > 180.0 { lng + x - 360.0 } else { lng + x };
            (lng, lat + y, w)
        };
        let events = weighed(Space::Earth, &places.into_iter().map(on_earth).collect::<Vec<_>>());
        let breadth = Breadth::Ground(metres);
        let expected = twin(&frame, kernel, breadth, &events);
        let peak = heaviest(&events) * kernel.peak() / (metres / 1000.0).powi(2);
        let off = estimate(frame, kernel, breadth, &events).iter().zip(&expected)
            .filter(|(a, e)| (f64::from(**a) - **e).abs() > 1e-6 * (peak + e.abs())).count();
        prop_assert!(off <= usize::from(jumps(kernel)), "{} of {} cells, {} {} m", off, expected.len(), kernel, metres);
    }
}

#[test]
fn any_order_of_any_number_of_gatherers_gives_the_same_bytes() {
    let frame = Frame::new(Space::PAGE, Extent { west: 0.0, north: 0.0, east: 64.0, south: 48.0 }, 64, 48).expect("ok");
    let places: Vec<(f64, f64, f64)> = (0..500u32)
        .map(|i| (f64::from(i * 7919 % 640) / 10.0, f64::from(i * 104_729 % 480) / 10.0, f64::from(i % 7) - 1.0))
        .collect();
    for (_, kernel) in KERNELS {
        let exact = Exact::new(frame, *kernel, Breadth::Cells(9.0, 9.0));
        let estimate = |parts: Vec<Vec<(f64, f64, f64)>>| {
            let gathered = parts.into_iter().map(|part| {
                let mut points = exact.points();
                points.add(&weighed(Space::PAGE, &part));
                points
            });
            exact.estimate(&Points::finish(gathered.collect()), Gain::Weight)
        };
        let whole = estimate(vec![places.clone()]);
        let mut backwards = places.clone();
        backwards.reverse();
        let parts = backwards.chunks(123).map(<[_]>::to_vec).collect();
        assert_eq!(whole, estimate(parts), "{kernel}");
    }
}

fn each(case: &Case, kernel: Kernel, lengths: &[f64]) -> f64 {
    let (width, height) = case.size();
    let extent = Extent::of_bounds(Space::PAGE, case.bounds("bounds"));
    let frame = Frame::new(Space::PAGE, extent, width, height).expect("a frame");
    let exact = Exact::new(frame, kernel, Breadth::Cells(1.0, 1.0));
    let events = Events::at(Space::PAGE, case.x.clone(), case.y.clone());
    let points = exact.points_of(&events, lengths);
    error(exact.estimate(&points, Gain::Weight).values(), &case.expected)
}

#[test]
fn bandwidths_for_each_event_are_those_of_the_reference() {
    let Some(dir) = shared("reference/adaptive-abramson") else { return };
    let case = Case::read(&dir);
    let events = Events::at(Space::PAGE, case.x.clone(), case.y.clone());
    let lengths = torrid::estimate::each::abramson(&events, case.number("pilot_bandwidth")).expect("lengths");
    let abramson = each(&case, Kernel::Gaussian, &lengths);
    let Some(dir) = shared("reference/adaptive-knn15-quartic") else { return };
    let case = Case::read(&dir);
    let events = Events::at(Space::PAGE, case.x.clone(), case.y.clone());
    let lengths = torrid::estimate::each::nearest(&events, 15).expect("lengths");
    let nearest = each(&case, Kernel::Quartic, &lengths);
    println!("abramson {abramson:.1e}, nearest {nearest:.1e} of the maximum");
    assert!(abramson < 1e-6 && nearest < 1e-6, "{abramson:e} {nearest:e}");
}

#[test]
fn a_lone_event_has_the_radius_asked_for_in_metres_on_the_ground() {
    for latitude in [0.0, 60.0, 78.0] {
        let metres = 1000.0;
        let half = 1.5 * metres / 111_195.0;
        let across = half / f64::to_radians(latitude).cos();
        let bounds = [10.0 - across, latitude - half, 10.0 + across, latitude + half];
        let frame = Frame::new(Space::Earth, Extent::of_bounds(Space::Earth, bounds), 600, 600).expect("a frame");
        let mut event = Events::new(Space::Earth);
        event.push(10.0, latitude);
        let values = estimate(frame, Kernel::Epanechnikov, Breadth::Ground(metres), &event);
        let farthest = (0..600i64 * 600).filter(|cell| values[*cell as usize] > 0.0).fold(0.0f64, |most, cell| {
            let here = frame.centre(cell % 600, cell / 600).coordinates(Space::Earth);
            most.max(great_circle((10.0, latitude), here))
        });
        let cell = frame.cell_area(300).sqrt() * 1000.0;
        assert!(farthest <= metres && farthest > metres - 1.5 * cell, "{latitude}: {farthest} m, cells of {cell} m");
    }
}

#[test]
fn every_kernel_keeps_its_mass_on_the_ground_up_to_the_edge_of_mercator() {
    for (latitude, metres) in [(0.0, 20_000.0), (60.0, 20_000.0), (83.5, 5_000.0)] {
        let half = 7.0 * metres / 111_195.0;
        let across = half / f64::to_radians(latitude + half).cos();
        let bounds = [179.0 - across, latitude - half, 179.0 + across - 360.0, latitude + half];
        let frame = Frame::new(Space::Earth, Extent::of_bounds(Space::Earth, bounds), 300, 300).expect("a frame");
        let mut event = Events::new(Space::Earth);
        event.push(179.0, latitude);
        for (_, kernel) in KERNELS.iter().filter(|(_, kernel)| *kernel != Kernel::Exponential) {
            let values = estimate(frame, *kernel, Breadth::Ground(metres), &event);
            let rows = values.chunks(300).enumerate();
            let mass: f64 = rows
                .map(|(row, line)| frame.cell_area(row as i64) * line.iter().map(|v| f64::from(*v)).sum::<f64>())
                .sum();
            let tolerance = if jumps(*kernel) { 5e-3 } else { 5e-4 };
            assert!((mass - 1.0).abs() < tolerance, "{kernel} at {latitude}: {mass}");
        }
    }
}

#[test]
fn events_that_share_a_place_are_each_counted_in_their_cell() {
    let frame = Frame::new(Space::PAGE, Extent::of_bounds(Space::PAGE, [0.0, 0.0, 8.0, 8.0]), 8, 8).expect("a frame");
    let exact = Exact::new(frame, Kernel::Quartic, Breadth::Cells(2.0, 2.0));
    // The last place lies in the margin: no cell of the frame holds it.
    let x = vec![1.5, 1.5, 6.2, 1.5, 6.2, 6.3, -0.5];
    let y = vec![2.5, 2.5, 0.1, 2.5, 0.1, 0.2, 4.0];
    let mut points = exact.points();
    points.add(&Events::at(Space::PAGE, x, y));
    let Gathered::Events(cells) = Points::finish(vec![points]).counts().gathered else { panic!("events are counted") };
    let expected = (0..64).map(|cell| if cell == 17 { 3 } else { 3 * u64::from(cell == 6) });
    assert_eq!(cells, expected.collect::<Vec<u64>>());
}
