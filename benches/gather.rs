//! Binning and sharing 10 million events from columns in memory into 2048 x 2048 cells, projection included, on one
//! core; and the smoothing of what was gathered.

mod common;

use common::city;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use torrid::accumulate::{Accumulator, Deposit};
use torrid::bandwidth::Breadth;
use torrid::counts::Aggregate;
use torrid::estimate::{Gains, Smoothing};
use torrid::{Extent, Frame, Space};

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
