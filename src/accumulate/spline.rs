//! The event shared among 3x3 cells by the quadratic B-spline ("triangular shaped cloud"):
//!
//! ```text
//!   share of the cell before, of the event's own, and of the one after, with d = place - 1/2:
//!   (1/2 - d)^2 / 2      3/4 - d^2      (1/2 + d)^2 / 2
//! ```
//!
//! The second moment of the shares about the event is 1/4 wherever it lies inside its cell, which the smoothing
//! that follows takes off again. Shares are whole multiples of 2^-15 on each axis and sum to 1 exactly.

use crate::accumulate::place::{BLOCK, Spots};

const ONE: u32 = 1 << 15;

/// Adds `amount(event, share)` to the nine cells around each event.
pub fn scatter<T, A>(cells: &mut [T], spots: &Spots, amount: A)
where
    T: Copy + std::ops::AddAssign,
    A: Fn(usize, u32) -> T,
{
    let (x, y) = (Shares::of(spots.right_of_centre()), Shares::of(spots.below_centre()));
    fetch(cells, spots);
    let width = spots.width();
    for (event, cell) in spots.cells().iter().enumerate() {
        if *cell == spots.outside() {
            continue;
        }
        let corner = *cell as usize - width - 1;
        let (x, y) = (x.at(event), y.at(event));
        for (row, y) in y.iter().enumerate() {
            let line = &mut cells[corner + row * width..][..3];
            line[0] += amount(event, x[0] * y);
            line[1] += amount(event, x[1] * y);
            line[2] += amount(event, x[2] * y);
        }
    }
}

/// Reads the cells that will be added to, so that the memory brings many of them near at a time; the additions
/// themselves are too long for the processor to look ahead across more than a few events.
fn fetch<T: Copy + std::ops::AddAssign>(cells: &[T], spots: &Spots) {
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
struct Shares([[u32; BLOCK]; 3]);

impl Shares {
    /// For positions from the centre of the middle cell.
    fn of(positions: &[f32]) -> Shares {
        let mut shares = Shares([[0; BLOCK]; 3]);
        pulp::Arch::new().dispatch(Find { positions, shares: &mut shares });
        shares
    }

    fn at(&self, event: usize) -> [u32; 3] {
        [self.0[0][event], self.0[1][event], self.0[2][event]]
    }
}

/// [`shares`] with the vector instructions of the machine it runs on.
struct Find<'a> {
    positions: &'a [f32],
    shares: &'a mut Shares,
}

impl pulp::WithSimd for Find<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Find { positions, shares: Shares([before, own, after]) } = self;
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
