//! The event shared among 3x3 cells by the quadratic B-spline ("triangular shaped cloud"):
//!
//! ```text
//!   share of the cell before, of the event's own, and of the one after, with d = place - 1/2:
//!   (1/2 - d)^2 / 2      3/4 - d^2      (1/2 + d)^2 / 2
//! ```
//!
//! The second moment of the shares about the event is 1/4 wherever it lies inside its cell, which the smoothing
//! that follows takes off again. Shares are whole multiples of 2^-15 on each axis and sum to 1 exactly.

use crate::accumulate::place::Spots;

const ONE: u32 = 1 << 15;

/// Adds `amount(event, share)` to the nine cells around each event.
pub fn scatter<T, A>(cells: &mut [T], spots: &Spots, amount: A)
where
    T: Copy + std::ops::AddAssign,
    A: Fn(usize, u32) -> T,
{
    let width = spots.width();
    for (event, cell) in spots.cells().iter().enumerate() {
        if *cell == spots.outside() {
            continue;
        }
        let (right, down) = spots.off_centre(event);
        let (x, y) = (shares(right), shares(down));
        let corner = *cell as usize - width - 1;
        for (row, y) in y.iter().enumerate() {
            let line = &mut cells[corner + row * width..][..3];
            line[0] += amount(event, x[0] * y);
            line[1] += amount(event, x[1] * y);
            line[2] += amount(event, x[2] * y);
        }
    }
}

/// The shares of the three cells along one axis, for a position `d` from the centre of the middle one.
#[inline]
fn shares(d: f32) -> [u32; 3] {
    let share = |t: f32| (0.5 * t * t * ONE as f32 + 0.5) as i32 as u32;
    let (before, after) = (share(0.5 - d), share(0.5 + d));
    [before, ONE - before - after, after]
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
