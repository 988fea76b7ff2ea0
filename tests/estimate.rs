//! Accumulation and estimation against values computed elsewhere, and against each other.

mod common;
#[path = "common/reference.rs"]
mod reference;

use common::shared;
use reference::{Case, error, events_of};
use torrid::accumulate::{Accumulator, Deposit, Splat};
use torrid::bandwidth::Breadth;
use torrid::counts::{AGGREGATES, Aggregate, Counts, Touch};
use torrid::estimate::bandwidth::{Centre, Ground, Median, Spread};
use torrid::estimate::{Gains, Smoothing};
use torrid::{Events, Extent, Frame, Space};

fn gathered(plan: &Smoothing, aggregate: Aggregate, events: &Events) -> Counts {
    let deposit = match (plan.touch, plan.gather_sigma()) {
        (Touch::Kernel, Some(sigma)) => Deposit::Kernel(Splat::new(plan.gather, sigma)),
        (Touch::Spline, _) => Deposit::Spline,
        _ => Deposit::Cell,
    };
    let mut accumulator = Accumulator::new(plan.gather, deposit, aggregate);
    accumulator.add(events).expect("weights of ordinary size");
    Accumulator::finish(vec![accumulator])
}

fn density(frame: Frame, sigma: Breadth, events: &Events) -> Vec<f32> {
    estimated(&Smoothing::new(frame, Some(sigma)).expect("a margin of ordinary size"), events)
}

fn estimated(plan: &Smoothing, events: &Events) -> Vec<f32> {
    let counts = gathered(plan, Aggregate::Sum, events);
    let (gains, _) = Gains::of(&counts).expect("sums");
    plan.estimate(gains).values().to_vec()
}

#[test]
fn planar_gaussians_equal_the_brute_force_sums() {
    for name in ["planar-gaussian-4.0", "planar-gaussian-9.5"] {
        let Some(dir) = shared(&format!("reference/{name}")) else { return };
        let case = Case::read(&dir);
        let (width, height) = case.size();
        let extent = Extent::of_bounds(Space::PAGE, case.bounds("bounds"));
        let frame = Frame::new(Space::PAGE, extent, width, height).expect("a frame");
        let sigma = case.number("bandwidth");
        let error =
            error(&density(frame, Breadth::Cells(sigma, sigma), &events_of(&case, Space::PAGE)), &case.expected);
        println!("{name}: error {error:.2e} of the maximum");
        assert!(error < 1.0 / 512.0, "{name}: {error}");
    }
}

#[test]
fn gaussians_on_the_ground_equal_great_circle_sums() {
    for place in ["equator", "city", "north60", "antimeridian", "north78"] {
        let Some(dir) = shared(&format!("reference/geo-gaussian-{place}")) else { return };
        let case = Case::read(&dir);
        let (width, height) = case.size();
        let extent = Extent::of_bounds(Space::Earth, case.bounds("bounds_wsen_degrees"));
        let frame = Frame::new(Space::Earth, extent, width, height).expect("a frame");
        let sigma = Breadth::Ground(case.number("bandwidth_m"));
        let error = error(&density(frame, sigma, &events_of(&case, Space::Earth)), &case.expected);
        println!("geo-gaussian-{place}: error {error:.2e} of the maximum");
        let tolerance = if place == "north78" { 1.0 / 256.0 } else { 1.0 / 512.0 };
        assert!(error < tolerance, "{place}: {error}");
    }
}

#[test]
fn the_automatic_bandwidth_is_that_of_the_reference() {
    let Some(dir) = shared("reference/bandwidth-auto") else { return };
    let case = Case::read(&dir);
    let events = events_of(&case, Space::PAGE);
    let ground = Ground { space: Space::PAGE, bounds: [0.0, 0.0, 100.0, 100.0], heaviest: 7.0 };
    let mut centre = Centre::new(ground);
    centre.add(&events);
    let mut spread = Spread::new(centre);
    spread.add(&events);
    let scott = spread.scott().expect("events apart");
    println!("scott {scott}");
    let mut median = Median::new(spread);
    median.add(&events);
    let bandwidth = median.bandwidth().expect("events apart");
    let expected = case.number("robust_silverman");
    assert!((bandwidth / expected - 1.0).abs() < 1e-9, "{bandwidth} instead of {expected}");
}

/// A pseudo-random number in 0..1 from a counter (splitmix64), the same everywhere.
fn random(i: u64) -> f64 {
    let mut z = i.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
}

fn scattered(n: u64, extent: [f64; 4]) -> Events {
    let x = (0..n).map(|i| extent[0] + random(2 * i) * (extent[2] - extent[0])).collect();
    let y = (0..n).map(|i| extent[1] + random(2 * i + 1) * (extent[3] - extent[1])).collect();
    Events::at(Space::PAGE, x, y)
}

/// The plain sum that everything else must equal.
fn twin(frame: &Frame, sigma: (f64, f64), events: &Events) -> Vec<f64> {
    let mut values = Vec::new();
    let peak = 1.0 / (std::f64::consts::TAU * sigma.0 * sigma.1);
    for row in 0..frame.height() {
        for col in 0..frame.width() {
            let at = frame.centre(i64::from(col), i64::from(row));
            let bump = |(x, y): (&f64, &f64)| {
                let (a, b) = ((at.x - x) / sigma.0, (at.y - y) / sigma.1);
                peak * (-0.5 * (a * a + b * b)).exp()
            };
            values.push(events.x.iter().zip(&events.y).map(bump).sum());
        }
    }
    values
}

#[test]
fn every_bandwidth_equals_its_slow_twin() {
    let frame = Frame::new(Space::PAGE, Extent { west: 0.0, north: 0.0, east: 60.0, south: 50.0 }, 60, 50).expect("ok");
    // From a fraction of a cell through the change of method at 2.4 to kernels wider than the picture.
    for sigma in [0.3, 0.8, 1.5, 2.3, 2.4, 3.0, 7.0, 15.9, 16.0, 33.0, 100.0, 400.0] {
        for events in [scattered(300, [-20.0, -20.0, 80.0, 70.0]), scattered(1, [30.2, 25.1, 30.2, 25.1])] {
            let actual = density(frame, Breadth::Cells(sigma, sigma), &events);
            let error = error(&actual, &twin(&frame, (sigma, sigma), &events));
            println!("sigma {sigma}, {} events: error {error:.2e}", events.len());
            assert!(error < 1.0 / 512.0, "sigma {sigma}, {} events: {error}", events.len());
        }
    }
}

#[test]
fn smaller_cells_give_what_kernels_laid_at_cell_centres_give() {
    let page = Frame::new(Space::PAGE, Extent::of_bounds(Space::PAGE, [0.0, 0.0, 60.0, 40.0]), 60, 40);
    let date_line = Frame::new(Space::Earth, Extent::of_bounds(Space::Earth, [179.7, 60.0, -179.8, 60.2]), 80, 64);
    let metres = date_line.as_ref().map_or(0.0, |frame| frame.cell().0 * 2e7);
    for (frame, bounds) in [(page, [-3.0, -3.0, 63.0, 43.0]), (date_line, [179.7, 60.0, 180.2, 60.2])] {
        let frame = frame.expect("a frame");
        // Few events, so that the worst is that of single ones; the fewer, the more a lone peak is the maximum.
        let mut events = scattered(9, bounds);
        events.space = frame.space();
        events.x.iter_mut().filter(|x| **x > 180.0).for_each(|x| *x -= 360.0);
        for cells in [0.81, 1.3, 2.39] {
            let sigma = match frame.space() {
                Space::Earth => Breadth::Ground(cells * metres),
                Space::Flat { .. } => Breadth::Cells(cells, cells),
            };
            let plan = Smoothing::new(frame, Some(sigma)).expect("a margin of ordinary size");
            let Some(finer) = plan.over_finer() else { panic!("{cells} cells are {sigma:?}") };
            let laid: Vec<f64> = estimated(&plan, &events).into_iter().map(f64::from).collect();
            let error = error(&estimated(&finer, &events), &laid);
            println!("{sigma:?}: error {error:.2e}, bound {:.2e}", finer.error());
            assert!(error < finer.error() && finer.error() < 1.0 / 512.0, "{sigma:?}: {error:e}");
            assert!(error > 0.0, "they are two ways");
        }
    }
}

#[test]
fn smoothing_keeps_the_mass() {
    let frame =
        Frame::new(Space::PAGE, Extent { west: 0.0, north: 0.0, east: 128.0, south: 128.0 }, 128, 128).expect("ok");
    let events = scattered(500, [50.0, 50.0, 78.0, 78.0]);
    for sigma in [0.9, 3.0, 6.0] {
        let sum: f64 = density(frame, Breadth::Cells(sigma, sigma), &events).iter().map(|v| f64::from(*v)).sum();
        assert!((sum / 500.0 - 1.0).abs() < 1e-4, "sigma {sigma}: {sum}");
    }
}

#[test]
fn gathered_cells_sum_to_the_events_inside_exactly() {
    let frame = Frame::new(Space::PAGE, Extent { west: 0.0, north: 0.0, east: 10.0, south: 10.0 }, 7, 5).expect("ok");
    let mut events = scattered(5000, [-5.0, -5.0, 15.0, 15.0]);
    let inside = |i: &usize| (0.0..10.0).contains(&events.x[*i]) && (0.0..10.0).contains(&events.y[*i]);
    let indices: Vec<usize> = (0..events.len()).filter(inside).collect();
    let plan = Smoothing::new(frame, None).expect("plain bins");
    assert_eq!(gathered(&plan, Aggregate::Count, &events).mass(), indices.len() as f64);
    let weights: Vec<f64> = (0..events.len()).map(|i| (i % 17) as f64 * 0.25 - 1.0).collect();
    let expected: f64 = indices.iter().map(|i| weights[*i]).sum();
    events.weight = Some(weights);
    assert_eq!(gathered(&plan, Aggregate::Sum, &events).mass(), expected);
}

#[test]
fn a_cell_counts_beyond_eight_bits() {
    let frame = Frame::new(Space::PAGE, Extent { west: 0.0, north: 0.0, east: 2.0, south: 1.0 }, 2, 1).expect("ok");
    let plan = Smoothing::new(frame, None).expect("plain bins");
    let mut events = Events::at(Space::PAGE, vec![0.5; 200_000], vec![0.5; 200_000]);
    events.push(1.5, 0.5);
    (0..70_000).for_each(|_| events.push(9.0, 0.5));
    let counts = gathered(&plan, Aggregate::Count, &events);
    assert_eq!(counts.gathered, torrid::counts::Gathered::Events(vec![200_000, 1]));
}

#[test]
fn halves_merged_equal_the_whole() {
    let frame = Frame::new(Space::PAGE, Extent { west: 0.0, north: 0.0, east: 60.0, south: 50.0 }, 60, 50).expect("ok");
    let mut whole = scattered(3001, [-5.0, -5.0, 65.0, 55.0]);
    whole.weight = Some((0..3001).map(|i| random(i + 7) * 1e3).collect());
    whole.value = Some((0..3001).map(|i| random(i + 99) - 0.5).collect());
    let part = |range: std::ops::Range<usize>| {
        let mut events = Events::at(Space::PAGE, whole.x[range.clone()].to_vec(), whole.y[range.clone()].to_vec());
        events.weight = whole.weight.as_ref().map(|w| w[range.clone()].to_vec());
        events.value = whole.value.as_ref().map(|v| v[range].to_vec());
        events
    };
    for sigma in
        [None, Some(Breadth::Cells(1.0, 1.0)), Some(Breadth::Cells(5.0, 5.0)), Some(Breadth::Cells(40.0, 40.0))]
    {
        for (_, aggregate) in AGGREGATES.iter().copied() {
            let plan = Smoothing::new(frame, sigma).expect("a plan");
            let plan = if matches!(aggregate, Aggregate::Min | Aggregate::Max) {
                Smoothing::new(frame, None).expect("plain bins")
            } else {
                plan
            };
            let mut halves = gathered(&plan, aggregate, &part(1234..3001));
            halves.merge(&gathered(&plan, aggregate, &part(0..1234))).expect("gathered alike");
            assert_eq!(halves, gathered(&plan, aggregate, &whole), "{sigma:?} {aggregate:?}");
        }
    }
}
