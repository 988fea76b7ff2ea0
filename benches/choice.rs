//! Whether `auto` takes the way that is fastest: times every way of estimating a Gaussian over pictures and events of
//! many sizes, beside what the cost model expects, for `make bench`.
//!
//! Prints a row for each case, and exits with 1 where the way chosen took more than 1.5 times as long as the best (ways
//! that all take less than 20 ms are as fast as any).

#![expect(clippy::print_stdout, reason = "what it measures is its output")]

mod common;

use std::time::Instant;

use common::city;
use torrid::accumulate::{Accumulator, Deposit, Splat};
use torrid::bandwidth::Breadth;
use torrid::counts::{Aggregate, Touch};
use torrid::estimate::exact::{Exact, Gain, Points};
use torrid::estimate::{Gains, Method, Plan, Smoothing, cost};
use torrid::{Events, Extent, Frame, Kernel, Space};

/// How much longer than the best the chosen way may take.
const ALLOWED: f64 = 1.5;

/// Seconds that nobody notices beside the start of a program.
const AT_ONCE: f64 = 0.02;

fn main() {
    let mut worst = 0.0f64;
    println!("| cells | sigma | events | exact | smoothing | smaller cells | chosen | over the best |");
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for (side, sigma) in [(512, 1.0), (512, 8.0), (512, 60.0), (1280, 1.0), (1280, 2.0), (1280, 8.0), (1280, 60.0)] {
        for events in [1_000, 30_000, 300_000, 2_000_000] {
            worst = worst.max(case(side, sigma, events));
        }
    }
    println!("\nAt worst, the way chosen takes {worst:.2} times as long as the best.");
    std::process::exit(i32::from(worst > ALLOWED));
}

/// Times all ways of one case; gives how many times longer than the best the chosen one takes.
fn case(side: u32, sigma: f64, events: usize) -> f64 {
    let frame = Frame::new(Space::Earth, Extent::of_bounds(Space::Earth, [-74.3, 40.5, -73.7, 41.0]), side, side);
    let frame = frame.expect("a frame");
    let metres =
        sigma * frame.cell().0 * std::f64::consts::TAU * torrid::world::EARTH_RADIUS_M * 40.75f64.to_radians().cos();
    let breadth = Breadth::Ground(metres);
    let smoothing = Smoothing::new(frame, Some(breadth)).expect("a plan");
    let ways = [
        Some(Plan::Exact(Exact::new(frame, Kernel::Gaussian, breadth))),
        Some(Plan::Smoothing(smoothing.clone())),
        smoothing.over_finer().map(Plan::Smoothing),
    ];
    let wish = (Kernel::Gaussian, Some(breadth));
    let (chosen, _) = Plan::new(frame, wish, (Method::Auto, Aggregate::Count), Some(events as u64)).expect("a plan");
    let city = city(events as u64);
    let halves = [city_part(&city, 0..events / 2), city_part(&city, events / 2..events)];
    let mut limit = f64::INFINITY;
    let mut seconds = |way: &Option<Plan>| {
        // What is expected to take a hundred times as long as another way need not be waited for.
        let expected = |way: &Plan| expected(way, events as u64);
        let least = ways.iter().flatten().map(expected).fold(f64::INFINITY, f64::min);
        let way = way.as_ref().filter(|way| expected(way) < 30.0 * least.max(0.01))?;
        let time = (0..3).map(|_| once(way, &halves)).fold(f64::INFINITY, f64::min);
        limit = limit.min(time);
        Some(time)
    };
    let times: Vec<Option<f64>> = ways.iter().map(&mut seconds).collect();
    let at = ways.iter().position(|way| way.as_ref() == Some(&chosen)).expect("one of the ways");
    let over = times[at].expect("what is chosen was timed").max(AT_ONCE) / limit.max(AT_ONCE);
    let text = |(way, time): (&Option<Plan>, &Option<f64>)| match (way, time) {
        (Some(way), Some(time)) => format!("{:.1} ms ({:.1})", 1000.0 * time, 1000.0 * expected(way, events as u64)),
        _ => String::new(),
    };
    let cells: Vec<String> = ways.iter().zip(&times).map(text).collect();
    let chosen = ["exact", "smoothing", "smaller cells"][at];
    println!("| {side} x {side} | {sigma} | {events} | {} | {chosen} | {over:.2} |", cells.join(" | "));
    over
}

fn expected(way: &Plan, events: u64) -> f64 {
    match way {
        Plan::Exact(way) => cost::exact(way, events),
        Plan::Smoothing(way) => cost::smoothing(way, events),
        Plan::Moments(_) => unreachable!("a Gaussian has none"),
    }
}

/// Seconds to gather and estimate.
fn once(way: &Plan, halves: &[Events; 2]) -> f64 {
    let start = Instant::now();
    match way {
        Plan::Exact(way) => {
            let part = |events: &Events| {
                let mut points = way.points();
                points.add(events);
                points
            };
            let (a, b) = rayon::join(|| part(&halves[0]), || part(&halves[1]));
            std::hint::black_box(way.estimate(&Points::finish(vec![a, b]), Gain::Weight));
        }
        Plan::Smoothing(way) => {
            let part = |events: &Events| {
                let deposit = match (way.touch, way.gather_sigma()) {
                    (Touch::Kernel, Some(sigma)) => Deposit::Kernel(Splat::new(way.gather, sigma)),
                    _ => Deposit::Spline,
                };
                let mut cells = Accumulator::new(way.gather, deposit, Aggregate::Count);
                cells.add(events).expect("counts");
                cells
            };
            let (a, b) = rayon::join(|| part(&halves[0]), || part(&halves[1]));
            let counts = Accumulator::finish(vec![a, b]);
            std::hint::black_box(way.estimate(Gains::of(&counts).expect("sums").0));
        }
        Plan::Moments(_) => unreachable!("a Gaussian has none"),
    }
    start.elapsed().as_secs_f64()
}

fn city_part(city: &Events, part: std::ops::Range<usize>) -> Events {
    Events::at(Space::Earth, city.x[part.clone()].to_vec(), city.y[part].to_vec())
}
