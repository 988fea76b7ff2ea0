//! Binning and sharing 10 million events from columns in memory into 2048 x 2048 cells, projection included, on one
//! core; and the smoothing of what was gathered.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use torrid::accumulate::{Accumulator, Deposit};
use torrid::bandwidth::Breadth;
use torrid::counts::Aggregate;
use torrid::estimate::{Gains, Smoothing};
use torrid::{Events, Extent, Frame, Space};

/// A pseudo-random number in 0..1 from a counter (splitmix64).
fn random(i: u64) -> f64 {
    let mut z = i.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
}

/// A clustered city: the sum of four uniform numbers on each axis.
fn city(n: u64) -> Events {
    let bell = |i: u64| (0..4).map(|k| random(8 * i + k)).sum::<f64>() / 4.0;
    let x = (0..n).map(|i| -74.3 + 0.6 * bell(2 * i)).collect();
    let y = (0..n).map(|i| 40.5 + 0.5 * bell(2 * i + 1)).collect();
    Events::at(Space::Earth, x, y)
}

fn gather(criterion: &mut Criterion) {
    const EVENTS: u64 = 10_000_000;
    let events = city(EVENTS);
    let extent = Extent::of_bounds(Space::Earth, [-74.3, 40.5, -73.7, 41.0]);
    let frame = Frame::new(Space::Earth, extent, 2048, 2048).expect("a frame");
    let mut group = criterion.benchmark_group("gather");
    group.sample_size(10).throughput(Throughput::Elements(EVENTS));
    for (name, deposit) in [("cell", Deposit::Cell), ("spline", Deposit::Spline)] {
        let mut accumulator = Accumulator::new(frame, deposit, Aggregate::Count);
        group.bench_function(name, |bench| bench.iter(|| accumulator.add(&events)));
    }
    group.finish();
    let mut group = criterion.benchmark_group("estimate");
    group.sample_size(10).throughput(Throughput::Elements(frame.len() as u64));
    for metres in [100.0, 500.0] {
        let plan = Smoothing::new(frame, Some(Breadth::Ground(metres))).expect("a plan");
        let mut accumulator = Accumulator::new(plan.gather, Deposit::Spline, Aggregate::Count);
        accumulator.add(&events).expect("counts");
        let counts = Accumulator::finish(vec![accumulator]);
        let (gains, _) = Gains::of(&counts).expect("sums");
        group.bench_function(format!("{metres} m"), |bench| bench.iter(|| plan.estimate(gains)));
    }
    group.finish();
}

criterion_group!(benches, gather);
criterion_main!(benches);
