//! The whole event in the cell that holds it.

use crate::accumulate::Amount;
use crate::accumulate::place::Spots;

/// Counts each event in the low 8 bits of its cell; a cell whose bits come round to 0 is noted in `carries`.
pub fn count(low: &mut [u8], carries: &mut Vec<u32>, spots: &Spots) {
    for cell in spots.cells() {
        let bits = &mut low[*cell as usize];
        *bits = bits.wrapping_add(1);
        if *bits == 0 {
            carries.push(*cell);
        }
    }
}

/// Adds `amount(event)` to the cell of each event; the last of `cells` takes what is outside.
pub fn scatter<T: Amount>(cells: &mut [T], spots: &Spots, amount: impl Fn(usize) -> T) {
    for (event, cell) in spots.cells().iter().enumerate() {
        cells[*cell as usize] += amount(event);
    }
}

/// Keeps the better of what a cell has and `value(event)`.
pub fn choose(cells: &mut [f64], spots: &Spots, value: impl Fn(usize) -> f64, better: fn(f64, f64) -> f64) {
    for (event, cell) in spots.cells().iter().enumerate() {
        let cell = &mut cells[*cell as usize];
        *cell = better(*cell, value(event));
    }
}
