//! Events to [`Counts`]: how one event touches cells, and what a cell gathers. Everything is an integer sum (or a
//! minimum or maximum), so that threads, batches and files may come in any order.

mod cell;
mod place;
mod scattered;
mod sparse;
mod splat;
mod spline;

use std::ops::{AddAssign, Mul, Range};

use rayon::prelude::*;

use crate::counts::{Aggregate, Counts, Gathered, SHARE_BITS, Touch, fixed};
use crate::error::Error;
use crate::events::Events;
use crate::frame::Frame;
use crate::placed::Placed;
use place::{BLOCK, Spots};
use scattered::Scattered;
pub use sparse::{Sorted, Sparse};
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

impl Deposit {
    fn touch(&self) -> Touch {
        match self {
            Deposit::Cell => Touch::Cell,
            Deposit::Spline => Touch::Spline,
            Deposit::Kernel(_) => Touch::Kernel,
        }
    }
}

/// Gathers batches of events over the cells of a frame. One for each thread; they merge.
#[derive(Debug)]
pub struct Accumulator {
    frame: Frame,
    deposit: Deposit,
    held: Held,
    weight: u128,
    reached: u64,
    beyond_mercator: u64,
}

/// What an accumulator holds while it gathers; where events are whole, one more cell takes what falls outside.
#[derive(Debug)]
enum Held {
    /// Events counted in their cells, in little memory to scatter over: the low 8 bits of the counts, and the cells
    /// whose low bits came round to 0, once for each time.
    Low(Scattered<u8>, Vec<u32>),
    /// Shares of events.
    Shares(Scattered<u64>),
    /// All else.
    Columns(Gathered),
}

impl Held {
    fn nothing(deposit: &Deposit, aggregate: Aggregate, cells: usize) -> Held {
        match (deposit, aggregate) {
            (Deposit::Cell, Aggregate::Count) => Held::Low(Scattered::new(cells + 1), Vec::new()),
            (_, Aggregate::Count) => Held::Shares(Scattered::new(cells)),
            _ => Held::Columns(Gathered::nothing(aggregate, cells + 1)),
        }
    }
}

impl Accumulator {
    /// Nothing gathered yet.
    pub fn new(frame: Frame, deposit: Deposit, aggregate: Aggregate) -> Accumulator {
        Accumulator::holding(Held::nothing(&deposit, aggregate, frame.len()), frame, deposit)
    }

    /// The same for cells, each of which may stand for many events.
    pub fn of_cells(frame: Frame, deposit: Deposit, aggregate: Aggregate) -> Accumulator {
        let held = match Held::nothing(&deposit, aggregate, 0) {
            Held::Low(..) => Held::Columns(Gathered::nothing(aggregate, frame.len() + 1)),
            _ => Held::nothing(&deposit, aggregate, frame.len()),
        };
        Accumulator::holding(held, frame, deposit)
    }

    fn holding(held: Held, frame: Frame, deposit: Deposit) -> Accumulator {
        Accumulator { frame, deposit, held, weight: 0, reached: 0, beyond_mercator: 0 }
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
        let amounts = Amounts { count: None, weight: events.weight.as_deref(), value: events.value.as_deref() };
        self.weigh(&amounts)?;
        self.blocks(events.len(), &amounts, |spots, block| {
            spots.project(events.space, &events.x[block.clone()], &events.y[block]);
        });
        Ok(())
    }

    /// Adds some rows of cells, each as all its events at their mean place; for an accumulator that was made for them.
    ///
    /// # Errors
    /// When weights or readings grow beyond what is kept exactly.
    pub fn add_cells(&mut self, cells: &Placed, rows: &Range<usize>) -> Result<(), Error> {
        fn some<'a>(column: &'a [f64], rows: &Range<usize>) -> Option<&'a [f64]> {
            (!column.is_empty()).then(|| &column[rows.clone()])
        }
        let (count, weight, value) = (some(&cells.count, rows), some(&cells.weight, rows), some(&cells.value, rows));
        let amounts = Amounts { count, weight: weight.or(count), value };
        self.weigh(&amounts)?;
        let (x, y) = (&cells.x[rows.clone()], &cells.y[rows.clone()]);
        self.blocks(rows.len(), &amounts, |spots, block| spots.take(&x[block.clone()], &y[block]));
        Ok(())
    }

    fn blocks(&mut self, len: usize, amounts: &Amounts<'_>, place: impl Fn(&mut Spots, Range<usize>)) {
        let (margin, places) = (u32::from(self.deposit == Deposit::Spline), self.deposit != Deposit::Cell);
        let several = self.frame.copies().count() > 1;
        let mut spots = Spots::new();
        for start in (0..len).step_by(BLOCK) {
            let block = start..(start + BLOCK).min(len);
            place(&mut spots, block.clone());
            let amounts = amounts.of(&block);
            for copy in self.frame.copies() {
                spots.find(&self.frame, margin, copy, places);
                self.scatter(&spots, &amounts);
                if several {
                    spots.touch();
                }
            }
            self.reached += match amounts.count {
                Some(count) => spots.sum_of_touched(several, count) as u64,
                None if several => spots.touched(),
                None => spots.inside(),
            };
            self.beyond_mercator += spots.beyond_mercator(&self.frame);
        }
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
        let touch = accumulators[0].deposit.touch();
        let frame = accumulators[0].frame;
        let gathered = merged(accumulators, frame.len());
        Counts { frame, touch, gathered }
    }

    /// Keeps the sum of absolute weights and readings below what fixed point can hold.
    fn weigh(&mut self, amounts: &Amounts<'_>) -> Result<(), Error> {
        let squared = match &self.held {
            Held::Columns(Gathered::Weights(_) | Gathered::Readings { .. }) => false,
            Held::Columns(Gathered::Spread { .. }) => true,
            _ => return Ok(()),
        };
        for column in [amounts.weight, amounts.value].into_iter().flatten() {
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

    fn scatter(&mut self, spots: &Spots, amounts: &Amounts<'_>) {
        let weight = |i: usize| amounts.weight.map_or(1.0, |w| w[i]);
        let value = |i: usize| amounts.value.expect("readings were asked for")[i];
        let count = |i: usize| amounts.count.map_or(1, |count| count[i] as u64);
        // Cells come in the order of quadkeys.
        let by = (&self.deposit, amounts.count.is_some());
        let columns = match &mut self.held {
            Held::Low(low, carries) => return cell::count(low.cells_mut(), carries, spots),
            Held::Shares(cells) if by.1 => return share(cells.cells_mut(), spots, by, count),
            Held::Shares(cells) => return share(cells.cells_mut(), spots, by, |_| 1),
            Held::Columns(columns) => columns,
        };
        match columns {
            Gathered::Events(cells) => share(cells, spots, by, count),
            Gathered::Weights(cells) => share(cells, spots, by, |i| fixed(weight(i))),
            Gathered::Readings { weight: sums, product } => {
                share(sums, spots, by, |i| fixed(weight(i)));
                share(product, spots, by, |i| fixed(weight(i) * value(i)));
            }
            Gathered::Spread { weight: sums, product, square } => {
                share(sums, spots, by, |i| fixed(weight(i)));
                share(product, spots, by, |i| fixed(weight(i) * value(i)));
                share(square, spots, by, |i| fixed(weight(i) * value(i) * value(i)));
            }
            Gathered::Least(cells) => cell::choose(cells, spots, value, f64::min),
            Gathered::Greatest(cells) => cell::choose(cells, spots, value, f64::max),
        }
    }
}

/// What there is of each event, or of each cell of several events.
struct Amounts<'a> {
    /// Numbers of events, where they are cells.
    count: Option<&'a [f64]>,
    weight: Option<&'a [f64]>,
    value: Option<&'a [f64]>,
}

impl<'a> Amounts<'a> {
    fn of(&self, block: &Range<usize>) -> Amounts<'a> {
        let part = |column: Option<&'a [f64]>| column.map(|column| &column[block.clone()]);
        Amounts { count: part(self.count), weight: part(self.weight), value: part(self.value) }
    }
}

/// What cells gather: integers, which are multiplied by shares of an event.
trait Amount: Copy + Default + AddAssign + Mul<Output = Self> + From<u32> {}

impl Amount for u64 {}
impl Amount for i128 {}

/// Adds shares of `amount(event)` to every cell an event touches; it may be told that neighbours come together.
fn share<T: Amount>(cells: &mut [T], spots: &Spots, (by, together): (&Deposit, bool), amount: impl Fn(usize) -> T) {
    match by {
        Deposit::Cell => cell::scatter(cells, spots, amount),
        Deposit::Spline if together => spline::scatter_runs(cells, spots, amount),
        Deposit::Spline => spline::scatter(cells, spots, amount),
        Deposit::Kernel(splat) => splat.scatter(cells, spots, amount),
    }
}

/// The sums over all accumulators, cell by cell, without the cell that took what fell outside.
fn merged(accumulators: Vec<Accumulator>, cells: usize) -> Gathered {
    if !matches!(accumulators[0].held, Held::Columns(_)) {
        return Gathered::Events(merged_events(&accumulators, cells));
    }
    let columns = |a: Accumulator| match a.held {
        Held::Columns(gathered) => Some(Counts { frame: a.frame, touch: a.deposit.touch(), gathered }),
        _ => None,
    };
    let mut all = accumulators.into_iter().filter_map(columns);
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
        let start = band * BAND;
        for accumulator in accumulators {
            match &accumulator.held {
                Held::Low(low, _) => add(sums, &low.cells()[start..]),
                Held::Shares(shares) => add(sums, &shares.cells()[start..]),
                Held::Columns(_) => {}
            }
        }
    });
    for accumulator in accumulators {
        if let Held::Low(_, carries) = &accumulator.held {
            // The last cell took what fell outside.
            let inside = carries.iter().filter(|cell| (**cell as usize) < cells);
            inside.for_each(|cell| sums[*cell as usize] += 1 << 8);
        }
    }
    sums
}

fn add<T: Copy + Into<u64>>(sums: &mut [u64], more: &[T]) {
    sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += (*more).into());
}
