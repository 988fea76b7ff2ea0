//! Times single stages for `make bench`, which compares them with those of other programs on the same numbers:
//!
//! ```text
//! beside blur      IN.npy SIGMA OUT.npy              a Gaussian blur of float32 values
//! beside density   POINTS.npy BANDWIDTH SIDE OUT.npy Gaussian density of float64 points in the unit square, the fast way
//! beside kernels   POINTS.npy KERNEL METRES W S E N WIDTH HEIGHT OUT.npy   exact density of longitudes and latitudes
//! beside binning   EVENTS                            events in memory to 2048 x 2048 counts, on the calling thread
//! ```
//!
//! Each prints the least seconds of seven runs, and writes what was computed.

#![expect(clippy::print_stdout, reason = "what it measures is its output")]

mod common;

use std::time::Instant;

use common::city;
use torrid::accumulate::{Accumulator, Deposit};
use torrid::bandwidth::Breadth;
use torrid::counts::Aggregate;
use torrid::estimate::exact::{Exact, Gain, Points};
use torrid::estimate::{Gains, Smoothing, blur};
use torrid::{Events, Extent, Frame, Grid, Space};

const RUNS: u32 = 7;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["blur", input, sigma, out] => blurred(input, number(sigma), out),
        ["density", points, bandwidth, side, out] => density(points, number(bandwidth), number(side) as u32, out),
        ["kernels", points, kernel, metres, w, s, e, n, width, height, out] => {
            let bounds = [w, s, e, n].map(number);
            let frame = Frame::new(
                Space::Earth,
                Extent::of_bounds(Space::Earth, bounds),
                number(width) as u32,
                number(height) as u32,
            );
            kernels(
                points,
                &Exact::new(
                    frame.expect("a frame"),
                    kernel.parse().expect("a kernel"),
                    Breadth::Ground(number(metres)),
                ),
                out,
            );
        }
        ["binning", events] => binning(number(events) as u64),
        _ => println!("see the head of benches/beside.rs"),
    }
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_else(|_| panic!("{text} is a number"))
}

/// Prints the least seconds of several runs, and gives what the last one made.
fn timed<T>(mut run: impl FnMut() -> T) -> T {
    let mut best = f64::INFINITY;
    let mut made = None;
    for _ in 0..RUNS {
        let start = Instant::now();
        made = Some(run());
        best = best.min(start.elapsed().as_secs_f64());
    }
    println!("{best}");
    made.expect("at least one run")
}

fn blurred(input: &str, sigma: f64, out: &str) {
    let ((height, width), bytes) = npy(input);
    let values = bytes.chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().expect("4 bytes"))).collect();
    let extent = Extent { west: 0.0, north: 0.0, east: width as f64, south: height as f64 };
    let frame = Frame::new(Space::PAGE, extent, width as u32, height as u32).expect("a frame");
    let grid = Grid::new(frame, values);
    write(out, &timed(|| blur(&grid, sigma).expect("a blur")));
}

fn density(points: &str, bandwidth: f64, side: u32, out: &str) {
    let (x, y) = columns(points);
    let events = Events::at(Space::PAGE, x, y);
    let frame = Frame::new(Space::PAGE, Extent { west: 0.0, north: 0.0, east: 1.0, south: 1.0 }, side, side);
    let frame = frame.expect("a frame");
    let sigma = bandwidth * f64::from(side);
    let way = Smoothing::new(frame, Some(Breadth::Cells(sigma, sigma))).expect("a plan");
    let run = || {
        let half = events.len() / 2;
        let part = |events: &Events| {
            let mut cells = Accumulator::new(way.gather, Deposit::Spline, Aggregate::Count);
            cells.add(events).expect("counts");
            cells
        };
        let halves = [0..half, half..events.len()]
            .map(|part| Events::at(Space::PAGE, events.x[part.clone()].to_vec(), events.y[part].to_vec()));
        let (a, b) = rayon::join(|| part(&halves[0]), || part(&halves[1]));
        let counts = Accumulator::finish(vec![a, b]);
        way.estimate(Gains::of(&counts).expect("sums").0)
    };
    write(out, &timed(run));
}

fn kernels(points: &str, way: &Exact, out: &str) {
    let (x, y) = columns(points);
    let events = Events::at(Space::Earth, x, y);
    let half = events.len() / 2;
    let halves = [0..half, half..events.len()]
        .map(|part| Events::at(Space::Earth, events.x[part.clone()].to_vec(), events.y[part].to_vec()));
    let gathered = |events: &Events| {
        let mut points = way.points();
        points.add(events);
        points
    };
    let run = || {
        let (a, b) = rayon::join(|| gathered(&halves[0]), || gathered(&halves[1]));
        way.estimate(&Points::finish(vec![a, b]), Gain::Weight)
    };
    write(out, &timed(run));
}

/// A clustered city in plain bins.
fn binning(events: u64) {
    let events = city(events);
    let extent = Extent::of_bounds(Space::Earth, [-74.3, 40.5, -73.7, 41.0]);
    let frame = Frame::new(Space::Earth, extent, 2048, 2048).expect("a frame");
    let mut accumulator = Accumulator::new(frame, Deposit::Cell, Aggregate::Count);
    timed(|| accumulator.add(&events).expect("counts"));
}

/// The rows and columns of a .npy file in C order, and its bytes after the header.
fn npy(path: &str) -> ((usize, usize), Vec<u8>) {
    let mut bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let end = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let shape = header.split_once("'shape': (").and_then(|(_, rest)| rest.split_once(')')).expect("a shape").0;
    let sides: Vec<usize> = shape.split(',').filter_map(|side| side.trim().parse().ok()).collect();
    ((sides[0], sides[1]), bytes.split_off(end))
}

/// The two columns of a float64 array of points.
fn columns(path: &str) -> (Vec<f64>, Vec<f64>) {
    let (_, bytes) = npy(path);
    let numbers = bytes.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().expect("8 bytes")));
    let numbers: Vec<f64> = numbers.collect();
    (numbers.iter().step_by(2).copied().collect(), numbers.iter().skip(1).step_by(2).copied().collect())
}

/// The values as raw little-endian float32.
fn write(path: &str, grid: &Grid<f32>) {
    let bytes: Vec<u8> = grid.values().iter().flat_map(|value| value.to_le_bytes()).collect();
    std::fs::write(path, bytes).unwrap_or_else(|error| panic!("{path}: {error}"));
}
