//! The event shared among 3x3 cells by the quadratic B-spline ("triangular shaped cloud"):
//!
//! ```text
//!   share of the cell before, of the event's own, and of the one after, with d = place - 1/2:
//!   (1/2 - d)^2 / 2      3/4 - d^2      (1/2 + d)^2 / 2
//! ```
//!
//! The second moment of the shares about the event is 1/4 wherever it lies inside its cell, which the smoothing
//! that follows takes off again. Shares are whole multiples of 2^-15 on each axis and sum to 1 exactly.

use crate::accumulate::Amount;
use crate::accumulate::place::{BLOCK, Spots};

const ONE: u32 = 1 << 15;

/// Adds shares of `amount(event)` to the nine cells around each event.
pub fn scatter<T: Amount>(cells: &mut [T], spots: &Spots, amount: impl Fn(usize) -> T) {
    let shares = Shares::of(spots);
    fetch(cells, spots);
    let width = spots.width();
    for (event, cell) in spots.cells().iter().enumerate() {
        if *cell == spots.outside() {
            continue;
        }
        let corner = *cell as usize - width - 1;
        let ((x, y), amount) = (shares.at(event), amount(event));
        for (row, y) in y.iter().enumerate() {
            let line = &mut cells[corner + row * width..][..3];
            line[0] += amount * T::from(x[0] * y);
            line[1] += amount * T::from(x[1] * y);
            line[2] += amount * T::from(x[2] * y);
        }
    }
}

/// The same where neighbours come one after the other: those of one cell are added up before the nine are touched.
pub fn scatter_runs<T: Amount>(cells: &mut [T], spots: &Spots, amount: impl Fn(usize) -> T) {
    let shares = Shares::of(spots);
    let mut start = 0;
    for run in spots.cells().chunk_by(|one, next| one == next) {
        let events = start..start + run.len();
        start = events.end;
        if run[0] == spots.outside() {
            continue;
        }
        let mut sums = [[T::default(); 3]; 3];
        for event in events {
            let ((x, y), amount) = (shares.at(event), amount(event));
            let x = x.map(|x| amount * T::from(x));
            for (sums, y) in sums.iter_mut().zip(y.map(T::from)) {
                sums.iter_mut().zip(x).for_each(|(sum, x)| *sum += x * y);
            }
        }
        let corner = run[0] as usize - spots.width() - 1;
        for (row, sums) in sums.into_iter().enumerate() {
            let line = &mut cells[corner + row * spots.width()..][..3];
            line.iter_mut().zip(sums).for_each(|(cell, sum)| *cell += sum);
        }
    }
}

/// Reads the cells that will be added to, so that the memory brings many of them near at a time; the additions
/// themselves are too long for the processor to look ahead across more than a few events.
fn fetch<T: Amount>(cells: &[T], spots: &Spots) {
    let Some(mut sum) = cells.first().copied() else { return };
    let width = spots.width();
    for cell in spots.cells().iter().filter(|cell| **cell != spots.outside()) {
        let corner = *cell as usize - width - 1;
        for row in 0..3 {
            sum += cells[corner + row * width];
        }
    }
    std::hint::black_box(sum);
}

/// The shares of the three cells along one axis, for each event of a block.
type Along = [[u32; BLOCK]; 3];

/// The shares of the three columns and of the three rows of cells.
struct Shares {
    columns: Along,
    rows: Along,
}

impl Shares {
    fn of(spots: &Spots) -> Shares {
        let mut shares = Shares { columns: [[0; BLOCK]; 3], rows: [[0; BLOCK]; 3] };
        let arch = pulp::Arch::new();
        arch.dispatch(Find { positions: spots.right_of_centre(), shares: &mut shares.columns });
        arch.dispatch(Find { positions: spots.below_centre(), shares: &mut shares.rows });
        shares
    }

    /// Those of the columns and those of the rows.
    fn at(&self, event: usize) -> ([u32; 3], [u32; 3]) {
        let of = |along: &Along| along.each_ref().map(|share| share[event]);
        (of(&self.columns), of(&self.rows))
    }
}

/// [`shares`] with the vector instructions of the machine it runs on.
struct Find<'a> {
    positions: &'a [f32],
    shares: &'a mut Along,
}

impl pulp::WithSimd for Find<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Find { positions, shares: [before, own, after] } = self;
        let all = before.iter_mut().zip(own).zip(after).zip(positions);
        all.for_each(|(((before, own), after), d)| [*before, *own, *after] = shares(*d));
    }
}

/// The shares of the three cells for a position `d` from the centre of the middle one.
#[inline(always)]
fn shares(d: f32) -> [u32; 3] {
    /// Added to a float below 2^23, it rounds the float and leaves the whole number in the low bits.
    const TO_LOW_BITS: f32 = 8_388_608.0;
    let share = |t: f32| (0.5 * t * t * ONE as f32 + TO_LOW_BITS).to_bits() & (ONE - 1);
    let (before, after) = (share(0.5 - d), share(0.5 + d));
    // What lies outside may be no number at all.
    [before, ONE.wrapping_sub(before + after), after]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Frame;

    #[test]
    fn runs_of_neighbours_are_gathered_as_events_one_by_one_are() {
        let frame = Frame::on_lattice(4, 0, 0, 64, 64).unwrap();
        let mut spots = Spots::new();
        // Some lie in the same cell, some at the margin, some outside.
        let place = |i: u32| (i * i % 700) << 17;
        let (x, y): (Vec<u32>, Vec<u32>) = (0..1000).map(|i| (place(i / 3) + i * 911, place(i / 7) + i * 577)).unzip();
        spots.take(&x, &y);
        spots.find(&frame, 1, 0.0, true);
        let (mut one_by_one, mut runs) = (vec![0u64; frame.len()], vec![0u64; frame.len()]);
        scatter(&mut one_by_one, &spots, |event| event as u64 % 5 + 1);
        scatter_runs(&mut runs, &spots, |event| event as u64 % 5 + 1);
        assert!(one_by_one.iter().filter(|sum| **sum > 0).count() > 500, "events are inside");
        assert!(one_by_one == runs);
    }

    #[test]
    fn shares_sum_to_one_and_keep_the_place_and_a_quarter_of_variance() {
        for i in 0..1000u16 {
            let place = f32::from(i) / 1000.0;
            let shares = shares(place - 0.5);
            assert_eq!(shares.iter().sum::<u32>(), ONE, "{place}");
            let share = shares.map(|s| f64::from(s) / f64::from(ONE));
            let offset = f64::from(place) - 0.5;
            let mean = share[2] - share[0];
            assert!((mean - offset).abs() < 1e-4, "{place}: mean {mean}");
            let variance =
                share[0] * (1.0 + offset).powi(2) + share[1] * offset.powi(2) + share[2] * (1.0 - offset).powi(2);
            assert!((variance - 0.25).abs() < 1e-4, "{place}: variance {variance}");
        }
    }
}
