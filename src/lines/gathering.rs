//! What is gathered in one pass over the events, for one plan or several: events in cells of either kind, or the events
//! themselves.

use std::sync::Arc;

use crate::accumulate::{Accumulator, Deposit, Splat};
use crate::counts::{Aggregate, Counts, Touch};
use crate::error::Error;
use crate::estimate::exact::{Exact, Points};
use crate::estimate::moments::MomentCells;
use crate::estimate::{Moments, Plan, Smoothing};
use crate::events::Events;
use crate::frame::Frame;

/// What is to be gathered once.
pub enum Gathering {
    /// Events in cells.
    Cells(Frame, Deposit),
    /// The events in reach.
    Points(Exact),
    /// Events in moment cells.
    Moments(Moments),
}

impl Gathering {
    /// What to gather for some plans over one frame, and which of that serves each plan.
    pub fn of_plans(plans: &[Plan]) -> (Vec<Gathering>, Vec<usize>) {
        let mut all: Vec<Gathering> = Vec::new();
        let mut of = vec![0; plans.len()];
        if let Some(widest) = widest(plans) {
            all.push(Gathering::Points(widest.clone()));
        }
        for (i, plan) in plans.iter().enumerate() {
            if let Plan::Moments(way) = plan {
                of[i] = all.len();
                all.push(Gathering::Moments(way.clone()));
            }
        }
        // The finest cells first: those of coarser estimates are sums of them.
        let mut cells: Vec<(usize, &Smoothing)> = plans.iter().enumerate().filter_map(smoothing).collect();
        cells.sort_by(|(_, a), (_, b)| b.gather.cells_per_unit().0.total_cmp(&a.gather.cells_per_unit().0));
        let mut finest: Option<&Smoothing> = None;
        for (i, way) in cells {
            match (finest, all.last_mut()) {
                (Some(fine), Some(Gathering::Cells(frame, _))) if let Some(both) = fine.gather_with(frame, way) => {
                    *frame = both;
                }
                _ => {
                    all.push(Gathering::Cells(way.gather, deposit(way)));
                    finest = Some(way);
                }
            }
            of[i] = all.len() - 1;
        }
        (all, of)
    }

    /// Bytes that gathering takes in each thread, whatever the number of events.
    pub fn bytes(&self, aggregate: Aggregate) -> usize {
        match self {
            Gathering::Cells(frame, deposit) => frame.len() * bytes_per_cell(deposit, aggregate),
            Gathering::Points(_) => 0,
            Gathering::Moments(way) => way.bytes(),
        }
    }
}

fn smoothing((i, plan): (usize, &Plan)) -> Option<(usize, &Smoothing)> {
    if let Plan::Smoothing(way) = plan { Some((i, way)) } else { None }
}

/// The exact way whose kernel reaches furthest: its events serve all others.
fn widest(plans: &[Plan]) -> Option<&Exact> {
    let exact = plans.iter().filter_map(|plan| if let Plan::Exact(way) = plan { Some(way) } else { None });
    exact.max_by(|a, b| a.reach_length().total_cmp(&b.reach_length()))
}

/// How events are to touch the cells of a way.
pub(super) fn deposit(way: &Smoothing) -> Deposit {
    match (way.touch, way.gather_sigma()) {
        (Touch::Kernel, Some(sigma)) => Deposit::Kernel(Splat::new(way.gather, sigma)),
        (Touch::Spline, _) => Deposit::Spline,
        _ => Deposit::Cell,
    }
}

fn bytes_per_cell(deposit: &Deposit, aggregate: Aggregate) -> usize {
    match aggregate {
        Aggregate::Count if *deposit == Deposit::Cell => 1,
        Aggregate::Count | Aggregate::Min | Aggregate::Max => 8,
        Aggregate::Sum => 16,
        Aggregate::Mean => 32,
        Aggregate::Std => 48,
    }
}

/// What one thread gathers.
pub enum Gatherer {
    /// In cells.
    Cells(Accumulator),
    /// The events themselves.
    Points(Points),
    /// In moment cells.
    Moments(MomentCells),
}

/// What all threads gathered.
pub enum Finished {
    /// In cells.
    Cells(Cells),
    /// The events themselves.
    Points(Box<Points>),
    /// In moment cells.
    Moments(MomentCells),
}

/// Events in cells.
pub struct Cells {
    /// The cells.
    pub counts: Arc<Counts>,
    /// Events that reached them, each counted once.
    pub reached: u64,
    /// Events that Mercator cannot show.
    pub beyond_mercator: u64,
}

impl Gatherer {
    /// Nothing gathered yet.
    pub fn new(gathering: &Gathering, aggregate: Aggregate) -> Gatherer {
        match gathering {
            Gathering::Cells(frame, deposit) => Gatherer::Cells(Accumulator::new(*frame, deposit.clone(), aggregate)),
            Gathering::Points(way) => Gatherer::Points(way.points()),
            Gathering::Moments(way) => Gatherer::Moments(way.cells()),
        }
    }

    /// Adds a batch of events.
    ///
    /// # Errors
    /// As [`Accumulator::add`].
    pub fn add(&mut self, events: &Events) -> Result<(), Error> {
        match self {
            Gatherer::Cells(cells) => cells.add(events)?,
            Gatherer::Points(points) => points.add(events),
            Gatherer::Moments(cells) => cells.add(events),
        }
        Ok(())
    }

    /// What the threads gathered, added up; each gathered for the same gatherings in the same order.
    pub fn finish(threads: Vec<Vec<Gatherer>>) -> Vec<Finished> {
        let mut threads: Vec<_> = threads.into_iter().map(Vec::into_iter).collect();
        let mut all = Vec::new();
        loop {
            let (mut cells, mut points, mut moments) = (Vec::new(), Vec::new(), Vec::new());
            for gatherer in threads.iter_mut().filter_map(Iterator::next) {
                match gatherer {
                    Gatherer::Cells(accumulator) => cells.push(accumulator),
                    Gatherer::Points(some) => points.push(some),
                    Gatherer::Moments(some) => moments.push(some),
                }
            }
            if !cells.is_empty() {
                all.push(Finished::Cells(Cells::of(cells)));
            } else if !points.is_empty() {
                all.push(Finished::Points(Box::new(Points::finish(points))));
            } else if !moments.is_empty() {
                all.push(Finished::Moments(MomentCells::merged(moments)));
            } else {
                return all;
            }
        }
    }
}

impl Cells {
    fn of(gathered: Vec<Accumulator>) -> Cells {
        let reached = gathered.iter().map(Accumulator::reached).sum();
        let beyond_mercator = gathered.iter().map(Accumulator::beyond_mercator).sum();
        Cells { counts: Arc::new(Accumulator::finish(gathered)), reached, beyond_mercator }
    }
}
