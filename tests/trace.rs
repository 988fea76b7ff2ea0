//! Tracks as lines: what they weigh, that it does not matter how often or where somebody was recorded, and that what is
//! private stays so.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::f64::consts::TAU;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use torrid::accumulate::{Accumulator, Deposit};
use torrid::counts::{Aggregate, Gathered};
use torrid::trace::{Lattice, Nodes, coarse, cut, prepare};
use torrid::tracing::{Speed, Tracing, Weight, Zone};
use torrid::world::EARTH_RADIUS_M;
use torrid::{Events, Extent, Frame, Space, Track, World};

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { rng_seed: RngSeed::Fixed(11), failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

fn track(fixes: &[(f64, f64)], seconds: Option<f64>) -> Track {
    let (lng, lat) = fixes.iter().copied().unzip();
    let time = |seconds: f64| (0..fixes.len()).map(|fix| (fix as f64 * seconds * 1e6) as i64).collect();
    Track { lng, lat, time: seconds.map(time), ..Track::default() }
}

fn raw() -> Tracing {
    Tracing { max_gap: "none".parse().unwrap(), max_speed: Speed::Any, keep_jitter: true, ..Tracing::default() }
}

fn lattice(zoom: u8) -> Lattice {
    Lattice::of(&Frame::on_lattice(zoom, 0, 0, 1, 1).unwrap()).unwrap()
}

fn events(track: &Track, weight: Weight, lattice: &Lattice, nodes: Nodes) -> Events {
    let mut batch = Events::new(Space::Earth);
    cut(track, weight, (lattice, nodes), &mut batch);
    batch
}

/// The sum of all weights, by Neumaier's way: of a million weights a plain sum is off by 1e-12.
fn mass(events: &Events) -> f64 {
    let add = |(sum, rest): (f64, f64), weight: &f64| {
        let next = sum + weight;
        (next, rest + if sum.abs() >= weight.abs() { (sum - next) + weight } else { (weight - next) + sum })
    };
    let (sum, rest) = events.weight.iter().flatten().fold((0.0, 0.0), add);
    sum + rest
}

/// Metres between two places, by the formula of Vincenty for spheres, which is exact everywhere.
fn metres(a: (f64, f64), b: (f64, f64)) -> f64 {
    let ((sin_a, cos_a), (sin_b, cos_b)) = (a.1.to_radians().sin_cos(), b.1.to_radians().sin_cos());
    let (sin, cos) = (b.0 - a.0).to_radians().sin_cos();
    let across = (cos_b * sin).hypot(cos_a * sin_b - sin_a * cos_b * cos);
    EARTH_RADIUS_M * across.atan2(sin_a * sin_b + cos_a * cos_b * cos)
}

fn length(track: &Track) -> f64 {
    let place = |fix: usize| (track.lng[fix], track.lat[fix]);
    track.legs().flat_map(|leg| leg.skip(1)).map(|fix| metres(place(fix - 1), place(fix))).sum()
}

/// The sums of weights in the cells of a zoom.
fn cells(events: &Events, zoom: u8) -> BTreeMap<(i64, i64), f64> {
    let frame = Frame::on_lattice(zoom, 0, 0, 1, 1).unwrap();
    let mut sums = BTreeMap::new();
    for event in 0..events.len() {
        let cell = frame.locate(World::of(Space::Earth, events.x[event], events.y[event]));
        *sums.entry(cell).or_insert(0.0) += events.weight.as_ref().unwrap()[event];
    }
    sums
}

fn largest_difference(a: &BTreeMap<(i64, i64), f64>, b: &BTreeMap<(i64, i64), f64>) -> f64 {
    let of = |map: &BTreeMap<(i64, i64), f64>, cell| map.get(cell).copied().unwrap_or(0.0);
    a.keys().chain(b.keys()).map(|cell| (of(a, cell) - of(b, cell)).abs()).fold(0.0, f64::max)
}

/// The map of a track over a frame.
fn map(track: &Track, weight: Weight, frame: &Frame, deposit: Deposit) -> Vec<f64> {
    let nodes = if deposit == Deposit::Cell { Nodes::One } else { Nodes::Three };
    let events = events(track, weight, &Lattice::of(frame).unwrap(), nodes);
    let mut accumulator = Accumulator::new(*frame, deposit, Aggregate::Sum);
    accumulator.add(&events).unwrap();
    match Accumulator::finish(vec![accumulator]).gathered {
        Gathered::Weights(sums) => sums.into_iter().map(|sum| sum as f64).collect(),
        other => panic!("sums of weights, not {other:?}"),
    }
}

/// A walk about Paris with many turns.
fn curvy(fixes: usize) -> Vec<(f64, f64)> {
    let place = |fix: usize| {
        let t = fix as f64 / (fixes - 1) as f64;
        (2.30 + 0.1 * t + 0.02 * (9.0 * t).sin(), 48.85 + 0.03 * (7.0 * t).cos())
    };
    (0..fixes).map(place).collect()
}

/// The same polyline with so many fixes on each of its lines, along great circles.
fn refined(fixes: &[(f64, f64)], times: usize) -> Vec<(f64, f64)> {
    let vector = |(lng, lat): (f64, f64)| {
        let ((sin, cos), (up, out)) = (lng.to_radians().sin_cos(), lat.to_radians().sin_cos());
        [out * cos, out * sin, up]
    };
    let mut all = Vec::new();
    for two in fixes.windows(2) {
        let (a, b, angle) = (vector(two[0]), vector(two[1]), metres(two[0], two[1]) / EARTH_RADIUS_M);
        for step in 0..times {
            let t = step as f64 / times as f64;
            let (from, to) = (((1.0 - t) * angle).sin(), (t * angle).sin());
            let [x, y, z] = [0, 1, 2].map(|axis| from * a[axis] + to * b[axis]);
            all.push((y.atan2(x).to_degrees(), z.atan2(x.hypot(y)).to_degrees()));
        }
    }
    all.extend(fixes.last());
    all
}

#[test]
fn a_way_gives_the_same_map_whether_it_was_recorded_with_10_or_with_1000_fixes() {
    let bounds = Extent::of_bounds(Space::Earth, [2.25, 48.80, 2.45, 48.90]);
    let frame = Frame::new(Space::Earth, bounds, 400, 300).unwrap();
    for coarse in [curvy(10), vec![(2.27, 48.81), (2.43, 48.89)], vec![(2.27, 48.85), (2.27, 48.89)]] {
        let fine = refined(&coarse, 999 / (coarse.len() - 1));
        let (few, many) = (track(&coarse, Some(99.9)), track(&fine, Some(0.9)));
        for weight in [Weight::Length, Weight::Time, Weight::Pass] {
            for deposit in [Deposit::Cell, Deposit::Spline] {
                let (few, many) = (map(&few, weight, &frame, deposit.clone()), map(&many, weight, &frame, deposit));
                let scale = few.iter().sum::<f64>() / many.iter().sum::<f64>();
                let most = few.iter().copied().fold(0.0, f64::max);
                let off = few.iter().zip(&many).map(|(a, b)| (a - scale * b).abs()).fold(0.0, f64::max);
                assert!(most > 0.0 && off < 0.01 * most, "{weight:?}: {} of the maximum", off / most);
            }
        }
    }
}

/// Shares of a quadratic B-spline in cells around a place.
fn spline(sums: &mut BTreeMap<(i64, i64), f64>, (across, down): (f64, f64), amount: f64) {
    let shares = |at: f64| {
        let d = at - at.floor() - 0.5;
        [(0.5 - d).powi(2) / 2.0, 0.75 - d * d, (0.5 + d).powi(2) / 2.0]
    };
    for (row, y) in shares(down).into_iter().enumerate() {
        for (col, x) in shares(across).into_iter().enumerate() {
            let cell = (across.floor() as i64 + col as i64 - 1, down.floor() as i64 + row as i64 - 1);
            *sums.entry(cell).or_insert(0.0) += x * y * amount;
        }
    }
}

/// What a line deposits, by Simpson's rule with 10,000 steps along it: the ground is covered as the cosine says.
fn integrated(from: (f64, f64), to: (f64, f64), cells: f64) -> BTreeMap<(i64, i64), f64> {
    const STEPS: usize = 10_000;
    let [a, b] = [from, to].map(|(lng, lat)| World::of(Space::Earth, lng, lat));
    let mut nodes = Vec::new();
    for step in 0..=STEPS {
        let t = step as f64 / STEPS as f64;
        let at = World { x: a.x + t * (b.x - a.x), y: a.y + t * (b.y - a.y) };
        let ends = if step == 0 || step == STEPS { 1.0 } else { 0.0 };
        let simpson = if step % 2 == 1 { 4.0 } else { 2.0 - ends };
        nodes.push((at, simpson * at.coordinates(Space::Earth).1.to_radians().cos()));
    }
    let whole: f64 = nodes.iter().map(|node| node.1).sum();
    let mut sums = BTreeMap::new();
    for (at, share) in nodes {
        spline(&mut sums, (at.x * cells, at.y * cells), metres(from, to) * share / whole);
    }
    sums
}

fn deposited(events: &Events, cells: f64) -> BTreeMap<(i64, i64), f64> {
    let mut sums = BTreeMap::new();
    for event in 0..events.len() {
        let at = World::of(Space::Earth, events.x[event], events.y[event]);
        spline(&mut sums, (at.x * cells, at.y * cells), events.weight.as_ref().unwrap()[event]);
    }
    sums
}

proptest! {
    #![proptest_config(config(60))]

    #[test]
    fn three_nodes_deposit_what_the_line_does(
        lng in -179.0..179.0, lat in -80.0..80.0, turn in 0.0..TAU, long in 0.13..9.0
    ) {
        let cells = 2f64.powi(18);
        let start = World::of(Space::Earth, lng, lat);
        let end = World { x: start.x + long * f64::cos(turn) / cells, y: start.y + long * f64::sin(turn) / cells };
        let to = end.coordinates(Space::Earth);
        let events = events(&track(&[(lng, lat), to], None), Weight::Length, &lattice(10), Nodes::Three);
        let off = largest_difference(&deposited(&events, cells), &integrated((lng, lat), to, cells));
        prop_assert!(off < 2e-9 * metres((lng, lat), to), "{}", off / metres((lng, lat), to));
    }

    #[test]
    fn bins_hold_what_fine_sampling_finds(
        lng in -179.0..179.0, lat in -80.0..80.0, turn in 0.0..TAU, long in 0.01..9.0
    ) {
        let cells_around = 2f64.powi(18);
        let start = World::of(Space::Earth, lng, lat);
        let step = |t: f64| World { x: start.x + t * f64::cos(turn), y: start.y + t * f64::sin(turn) };
        let to = step(long / cells_around).coordinates(Space::Earth);
        let found = cells(&events(&track(&[(lng, lat), to], None), Weight::Length, &lattice(10), Nodes::One), 10);
        let mut sampled = BTreeMap::new();
        for sample in 0..20_000 {
            let at = step(long / cells_around * (f64::from(sample) + 0.5) / 20_000.0);
            let cell = ((at.x * cells_around).floor() as i64, (at.y * cells_around).floor() as i64);
            *sampled.entry(cell).or_insert(0.0) += metres((lng, lat), to) / 20_000.0;
        }
        let off = largest_difference(&found, &sampled);
        prop_assert!(off < 3e-4 * metres((lng, lat), to), "{}", off / metres((lng, lat), to));
    }
}

/// A place somewhere in a cell, or on its border, or in its corner.
fn in_cell() -> impl Strategy<Value = (f64, f64)> {
    let inside = || prop_oneof![3 => 0.0..1.0, 1 => Just(0.0), 1 => Just(0.5), 1 => 0.0..1e-9];
    (inside(), inside())
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn every_event_is_found_in_the_cell_it_was_made_for(
        zoom in 4u8..=23, (col, row) in (0.0..1.0, 0.05..0.95), a in in_cell(), b in in_cell(),
        (right, below) in (-6i32..6, -6i32..6),
    ) {
        let around = 2f64.powi(i32::from(zoom) + 8);
        let corner = (f64::floor(col * around), f64::floor(row * around));
        let place = |x: f64, y: f64| {
            let at = World { x: (corner.0 + x) / around, y: (corner.1 + y) / around };
            let (lng, lat) = at.coordinates(Space::Earth);
            ((lng + 540.0).rem_euclid(360.0) - 180.0, lat)
        };
        let fixes = [place(a.0, a.1), place(f64::from(right) + b.0, f64::from(below) + b.1)];
        prop_assume!(metres(fixes[0], fixes[1]) < 1e5 && fixes[0] != fixes[1]);
        let track = track(&fixes, None);
        let found = |weight, nodes| cells(&events(&track, weight, &lattice(zoom), nodes), zoom);
        let touched: Vec<_> = found(Weight::Pass, Nodes::One).into_keys().collect();
        for nodes in [Nodes::One, Nodes::Three] {
            let cells: Vec<_> = found(Weight::Length, nodes).into_keys().collect();
            prop_assert_eq!(&cells, &touched);
        }
        // One cell after the other, side by side; through a corner, corner to corner.
        prop_assert!(touched.len() <= 2 + (right.unsigned_abs() + below.unsigned_abs()) as usize + 1);
    }
}

#[test]
fn a_frame_across_the_antimeridian_has_its_own_cells_on_both_sides() {
    // 37 columns of 20 degrees: no whole number of them goes around the Earth.
    let frame = Frame::new(Space::Earth, Extent::of_bounds(Space::Earth, [170.0, 0.0, -170.0, 15.0]), 37, 41).unwrap();
    let lattice = Lattice::of(&frame).unwrap();
    let inside = |events: &Events| {
        let mut sums = BTreeMap::new();
        for event in 0..events.len() {
            if let Some((col, row)) = frame.cell_at(World::of(Space::Earth, events.x[event], events.y[event])) {
                *sums.entry((col.into(), row.into())).or_insert(0.0) += events.weight.as_ref().unwrap()[event];
            }
        }
        sums
    };
    let cells = |track: &Track, weight, nodes| inside(&events(track, weight, &lattice, nodes));
    for fixes in
        [vec![(175.0, 5.0), (-176.0, 12.0)], vec![(160.0, 3.0), (-165.0, 9.0)], vec![(-169.0, 2.0), (169.0, 3.0)]]
    {
        let way = track(&fixes, None);
        let found = cells(&way, Weight::Length, Nodes::One);
        let touched = cells(&way, Weight::Pass, Nodes::One);
        assert!(found.keys().eq(touched.keys()) && found.len() > 15, "{fixes:?}");
        assert!(cells(&way, Weight::Length, Nodes::Three).keys().eq(touched.keys()), "{fixes:?}");
        let fine = track(&refined(&fixes, 20_000), None);
        let mut rough = Events::new(Space::Earth);
        coarse(&fine, Weight::Length, 1e9, &mut rough);
        let most = found.values().copied().fold(0.0, f64::max);
        assert!(largest_difference(&found, &inside(&rough)) < 0.01 * most, "{fixes:?}");
    }
}

#[test]
fn short_lines_with_one_event_are_within_a_thousandth() {
    let cells = 2f64.powi(18);
    let start = World { x: 0.5 + 0.3 / cells, y: 0.4 + 0.2 / cells };
    for turn in 0..20 {
        let (sin, cos) = (f64::from(turn) * 0.3).sin_cos();
        let end = World { x: start.x + 0.12 * cos / cells, y: start.y + 0.12 * sin / cells };
        let [from, to] = [start, end].map(|at| at.coordinates(Space::Earth));
        let events = events(&track(&[from, to], None), Weight::Length, &lattice(10), Nodes::Three);
        let off = largest_difference(&deposited(&events, cells), &integrated(from, to, cells));
        assert!(events.len() <= 2 && off < 1e-3 * metres(from, to), "{turn}: {}", off / metres(from, to));
    }
}

fn anywhere() -> impl Strategy<Value = (f64, f64)> {
    let ends = prop_oneof![Just((180.0, 0.0)), Just((-180.0, 10.0)), Just((0.0, 90.0)), Just((30.0, -90.0))];
    let near = (-0.01..0.01, -0.01..0.01).prop_map(|(lng, lat): (f64, f64)| (lng, 60.0 + lat));
    let seam = (-0.01f64..0.01, -0.01..0.01).prop_map(|(lng, lat)| (if lng < 0.0 { 180.0 } else { -180.0 } + lng, lat));
    prop_oneof![(-180.0..=180.0, -90.0..=90.0), near, seam, ends]
}

fn any_lattice() -> impl Strategy<Value = Lattice> {
    let framed = (-179.0..179.0, -80.0..79.0, 1.0..300.0, 1.0f64..5.0, 1u32..100, 1u32..100);
    let framed = framed.prop_map(|(west, south, wide, high, width, height): (f64, f64, f64, f64, u32, u32)| {
        let east = if west + wide > 180.0 { west + wide - 360.0 } else { west + wide };
        let extent = Extent::of_bounds(Space::Earth, [west, south, east, south + high]);
        Lattice::of(&Frame::new(Space::Earth, extent, width, height).unwrap()).unwrap()
    });
    prop_oneof![(0u8..8).prop_map(lattice), framed]
}

proptest! {
    #![proptest_config(config(60))]

    #[test]
    fn weights_add_up_to_the_way_and_the_time_on_any_lattice(
        fixes in prop::collection::vec(anywhere(), 0..5), lattice in any_lattice(), split in 0usize..5
    ) {
        let mut track = track(&fixes, Some(7.5));
        track.breaks.extend((split > 0 && split < fixes.len()).then_some(split));
        for nodes in [Nodes::One, Nodes::Three] {
            let found = events(&track, Weight::Length, &lattice, nodes);
            prop_assert!(found.x.iter().all(|lng| (-180.0..=180.0).contains(lng)));
            prop_assert!(found.y.iter().all(|lat| (-90.0..=90.0).contains(lat)));
            prop_assert!(found.weight.as_ref().is_none_or(|all| all.iter().all(|weight| *weight >= 0.0)));
            // Of opposite places a haversine knows the distance to a few centimetres.
            prop_assert!((mass(&found) - length(&track)).abs() <= 1e-9 * length(&track) + 0.2);
            let seconds: f64 = track.legs().map(|leg| 7.5 * (leg.len() - 1) as f64).sum();
            prop_assert!((mass(&events(&track, Weight::Time, &lattice, nodes)) - seconds).abs() <= 1e-12 * seconds);
        }
        let (one, other) = (mass(&events(&track, Weight::Length, &lattice, Nodes::Three)),
            mass(&events(&track, Weight::Length, &self::lattice(3), Nodes::One)));
        prop_assert!((one - other).abs() <= 1e-12 * one, "{one} {other}");
        let mut rough = Events::new(Space::Earth);
        coarse(&track, Weight::Length, 1e5, &mut rough);
        prop_assert!((mass(&rough) - one).abs() <= 1e-9 * one + 0.2);
    }

    #[test]
    fn what_was_recorded_more_often_or_backwards_is_the_same(
        lng in -180.0..180.0, lat in -84.0..84.0, turn in 0.0..TAU, long in 1e-6..0.02, at in 0.0..1.0
    ) {
        let place = |share: f64| {
            let lng = lng + share * long * f64::cos(turn) / f64::to_radians(lat).cos();
            let east = if lng > 180.0 { lng - 360.0 } else if lng < -180.0 { lng + 360.0 } else { lng };
            (east, lat + share * long * f64::sin(turn))
        };
        // As straight on the ground as in the plane, to some metres.
        let whole = [place(0.0), place(1.0)];
        let halves = [place(0.0), place(at), place(1.0)];
        let back = [place(1.0), place(0.0)];
        let of = |fixes: &[(f64, f64)]| cells(&events(&track(fixes, None), Weight::Length, &lattice(8), Nodes::One), 8);
        let metres = metres(whole[0], whole[1]);
        prop_assert!(largest_difference(&of(&whole), &of(&halves)) < 2e-3 * metres + 1e-6);
        prop_assert!(largest_difference(&of(&whole), &of(&back)) < 1e-9 * metres + 1e-6);
    }

    #[test]
    fn nothing_is_seen_inside_a_hidden_circle(
        fixes in prop::collection::vec(anywhere(), 1..6),
        (lng, lat) in anywhere(),
        metres_wide in prop_oneof![1.0..2000.0, 1e3..2e6, Just(1e7), Just(19e6), Just(21e6)],
        toward in 0.0..360.0,
        zoom in 0u8..14,
    ) {
        let mut fixes = fixes;
        // One on the edge, one that passes closely.
        fixes.push(beyond((lng, lat), toward, metres_wide));
        fixes.push(beyond((lng, lat), toward + 90.0, metres_wide * 1.4143));
        fixes.push((lng, lat));
        let track = track(&fixes, Some(60.0));
        let (shown, _) = prepare(&track, &Tracing { hide: vec![Zone { lng, lat, metres: metres_wide }], ..raw() });
        let zoom = if length(&track) > 1e5 { zoom.min(5) } else { zoom };
        for weight in [Weight::Length, Weight::Time] {
            let found = events(&shown, weight, &lattice(zoom), Nodes::Three);
            for event in 0..found.len() {
                let away = metres((found.x[event], found.y[event]), (lng, lat));
                prop_assert!(away > metres_wide, "{away} of {metres_wide}");
            }
            let mut rough = Events::new(Space::Earth);
            coarse(&shown, weight, 1e5, &mut rough);
            prop_assert!((0..rough.len()).all(|i| metres((rough.x[i], rough.y[i]), (lng, lat)) > metres_wide));
        }
    }
}

/// The place so many metres from another, in a direction in degrees.
fn beyond((lng, lat): (f64, f64), toward: f64, metres: f64) -> (f64, f64) {
    let (angle, (sin_lat, cos_lat)) = (metres / EARTH_RADIUS_M, lat.to_radians().sin_cos());
    let (sin, cos) = angle.sin_cos();
    let (east, north) = toward.to_radians().sin_cos();
    let up = sin_lat * cos + cos_lat * sin * north;
    let turn = (east * sin * cos_lat).atan2(cos - sin_lat * up).to_degrees();
    let lng = lng + turn;
    ((lng + 540.0).rem_euclid(360.0) - 180.0, up.clamp(-1.0, 1.0).asin().to_degrees())
}
