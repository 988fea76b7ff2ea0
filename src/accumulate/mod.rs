//! Events to [`Counts`]: how one event touches cells, and what a cell gathers. Everything is an integer sum (or a
//! minimum or maximum), so that threads, batches and files may come in any order.

mod cell;
mod low;
mod place;
mod splat;
mod spline;

use rayon::prelude::*;

use crate::counts::{Aggregate, Counts, Gathered, SHARE_BITS, Touch, fixed};
use crate::error::Error;
use crate::events::Events;
use crate::frame::Frame;
use low::Low;
use place::{BLOCK, Spots};
pub use splat::Splat;

/// The largest sum of absolute weights that is kept exactly, in fixed point: beyond it shares could overflow.
const MAX_WEIGHT: u128 = 1 << (127 - SHARE_BITS - 1);

/// How events are to touch the cells of an [`Accumulator`].
#[derive(Debug, Clone, PartialEq)]
pub enum Deposit {
    /// As [`Touch::Cell`].
    Cell,
    /// As [`Touch::Spline`].
    Spline,
    /// As [`Touch::Kernel`], with this kernel.
    Kernel(Splat),
}

/// Gathers batches of events over the cells of a frame. One for each thread; they merge.
#[derive(Debug)]
pub struct Accumulator {
    frame: Frame,
    deposit: Deposit,
    gathered: Gathered,
    /// The low 8 bits of counts, where events are merely counted in their cells: little memory to scatter over.
    /// One more cell takes what falls outside.
    low: Option<Low>,
    /// The cells whose low bits came round to 0, once for each time.
    carries: Vec<u32>,
    weight: u128,
    reached: u64,
    beyond_mercator: u64,
}

impl Accumulator {
    /// Nothing gathered yet.
    pub fn new(frame: Frame, deposit: Deposit, aggregate: Aggregate) -> Accumulator {
        let narrow = deposit == Deposit::Cell && aggregate == Aggregate::Count;
        let low = narrow.then(|| Low::new(frame.len() + 1));
        let cells = if narrow { 0 } else { frame.len() + 1 };
        let gathered = Gathered::nothing(aggregate, cells);
        Accumulator { frame, deposit, gathered, low, carries: Vec::new(), weight: 0, reached: 0, beyond_mercator: 0 }
    }

    /// Adds a batch of events. Weights default to 1; `Mean`, `Std`, `Min` and `Max` need readings.
    ///
    /// # Errors
    /// When weights or readings grow beyond what is kept exactly.
    ///
    /// # Panics
    /// If readings are needed and the batch has none.
    pub fn add(&mut self, events: &Events) -> Result<(), Error> {
        debug_assert!(events.space == self.frame.space(), "events and frame are of one space");
        self.weigh(events)?;
        let (margin, places) = (u32::from(self.deposit == Deposit::Spline), self.deposit != Deposit::Cell);
        let several = self.frame.copies().count() > 1;
        let mut spots = Spots::new();
        for start in (0..events.len()).step_by(BLOCK) {
            let block = start..(start + BLOCK).min(events.len());
            spots.project(events.space, &events.x[block.clone()], &events.y[block]);
            for copy in self.frame.copies() {
                spots.find(&self.frame, margin, copy, places);
                self.scatter(&spots, events, start);
                if several {
                    spots.touch();
                }
            }
            self.reached += if several { spots.touched() } else { spots.inside() };
            self.beyond_mercator += spots.beyond_mercator(&self.frame);
        }
        Ok(())
    }

    /// Events that touched the frame so far, each counted once.
    pub fn reached(&self) -> u64 {
        self.reached
    }

    /// Events so far that lie outside Web Mercator, beyond 85.0511° north or south.
    pub fn beyond_mercator(&self) -> u64 {
        self.beyond_mercator
    }

    /// Adds up the accumulators of all threads.
    ///
    /// # Panics
    /// If there is none, or they are not alike.
    pub fn finish(accumulators: Vec<Accumulator>) -> Counts {
        let touch = accumulators[0].touch();
        let frame = accumulators[0].frame;
        let gathered = merged(accumulators, frame.len());
        Counts { frame, touch, gathered }
    }

    fn touch(&self) -> Touch {
        match self.deposit {
            Deposit::Cell => Touch::Cell,
            Deposit::Spline => Touch::Spline,
            Deposit::Kernel(_) => Touch::Kernel,
        }
    }

    /// Keeps the sum of absolute weights and readings below what fixed point can hold.
    fn weigh(&mut self, events: &Events) -> Result<(), Error> {
        if matches!(self.gathered, Gathered::Events(_) | Gathered::Least(_) | Gathered::Greatest(_)) {
            return Ok(());
        }
        let squared = matches!(self.gathered, Gathered::Spread { .. });
        for column in [&events.weight, &events.value].into_iter().flatten() {
            let largest = column.iter().fold(0.0, |most: f64, w| most.max(w.abs()));
            // Of a spread, the squares have to be held too.
            let largest = if squared { largest.max(largest * largest) } else { largest };
            self.weight = self.weight.saturating_add(fixed(largest).unsigned_abs() * column.len() as u128);
        }
        if self.weight < MAX_WEIGHT {
            return Ok(());
        }
        Err(Error::limit("weights")
            .found("weights or readings whose sum exceeds 7e16")
            .expected("sums that can be kept exactly")
            .advice("give the column in a larger unit, or leave impossible numbers out with --where"))
    }

    fn scatter(&mut self, spots: &Spots, events: &Events, start: usize) {
        let weight = |i: usize| events.weight.as_ref().map_or(1.0, |w| w[start + i]);
        let value = |i: usize| events.value.as_ref().expect("readings were asked for")[start + i];
        if let Some(low) = &mut self.low {
            return cell::count(low.cells_mut(), &mut self.carries, spots);
        }
        let by = &self.deposit;
        match &mut self.gathered {
            Gathered::Events(cells) => share(cells, spots, by, |_, share| u64::from(share)),
            Gathered::Weights(cells) => share(cells, spots, by, |i, share| fixed(weight(i)) * i128::from(share)),
            Gathered::Readings { weight: sums, product } => {
                share(sums, spots, by, |i, share| fixed(weight(i)) * i128::from(share));
                share(product, spots, by, |i, share| fixed(weight(i) * value(i)) * i128::from(share));
            }
            Gathered::Spread { weight: sums, product, square } => {
                share(sums, spots, by, |i, share| fixed(weight(i)) * i128::from(share));
                share(product, spots, by, |i, share| fixed(weight(i) * value(i)) * i128::from(share));
                share(square, spots, by, |i, share| fixed(weight(i) * value(i) * value(i)) * i128::from(share));
            }
            Gathered::Least(cells) => cell::choose(cells, spots, value, f64::min),
            Gathered::Greatest(cells) => cell::choose(cells, spots, value, f64::max),
        }
    }
}

/// Adds `amount(event, share)` to every cell an event touches.
fn share<T, A>(cells: &mut [T], spots: &Spots, by: &Deposit, amount: A)
where
    T: Copy + std::ops::AddAssign,
    A: Fn(usize, u32) -> T,
{
    match by {
        Deposit::Cell => cell::scatter(cells, spots, |i| amount(i, 1)),
        Deposit::Spline => spline::scatter(cells, spots, amount),
        Deposit::Kernel(splat) => splat.scatter(cells, spots, amount),
    }
}

/// The sums over all accumulators, cell by cell, without the cell that took what fell outside.
fn merged(accumulators: Vec<Accumulator>, cells: usize) -> Gathered {
    if accumulators[0].low.is_some() {
        return Gathered::Events(merged_events(&accumulators, cells));
    }
    let mut all = accumulators.into_iter().map(|a| Counts { touch: a.touch(), frame: a.frame, gathered: a.gathered });
    let mut sum = all.next().expect("at least one accumulator");
    for other in all {
        sum.merge(&other).expect("the accumulators of one run are alike");
    }
    match &mut sum.gathered {
        Gathered::Events(c) => c.truncate(cells),
        Gathered::Weights(c) => c.truncate(cells),
        Gathered::Readings { weight, product } => {
            weight.truncate(cells);
            product.truncate(cells);
        }
        Gathered::Spread { weight, product, square } => {
            weight.truncate(cells);
            product.truncate(cells);
            square.truncate(cells);
        }
        Gathered::Least(c) | Gathered::Greatest(c) => c.truncate(cells),
    }
    sum.gathered
}

fn merged_events(accumulators: &[Accumulator], cells: usize) -> Vec<u64> {
    const BAND: usize = 1 << 16;
    let mut sums = vec![0u64; cells];
    sums.par_chunks_mut(BAND).enumerate().for_each(|(band, sums)| {
        for low in accumulators.iter().filter_map(|a| a.low.as_ref()) {
            let start = band * BAND;
            sums.iter_mut().zip(&low.cells()[start..]).for_each(|(sum, low)| *sum += u64::from(*low));
        }
    });
    // The last cell took what fell outside.
    for cell in accumulators.iter().flat_map(|a| &a.carries).filter(|cell| (**cell as usize) < cells) {
        sums[*cell as usize] += 1 << 8;
    }
    sums
}
