//! What an estimate costs, so that the cheaper way can be taken: seconds of one core, from the work that each way has to
//! do and what a unit of it takes. The units were fitted to what `benches/choice.rs` measures, which also tells how good the
//! choices are.

use crate::estimate::exact::{Exact, Work};
use crate::estimate::smoothing::Smoothing;

/// Seconds to bring an event to the cells of a frame, and to sort it in among the others.
const POINT: f64 = 60e-9;

/// Seconds to smooth a cell with one tap of a row and one of a column.
const TAP: f64 = 0.12e-9;

/// Seconds to share an event among 3x3 cells.
const SHARE: f64 = 18e-9;

/// Seconds for a cell of those that a kernel is laid on.
const LAID: f64 = 9e-9;

/// Seconds for every cell of a grid that is made: zeroed, added up, turned into numbers.
const CELL: f64 = 6e-9;

/// Seconds of one core for the exact estimate of so many events.
pub fn exact(exact: &Exact, events: u64) -> f64 {
    let Work { rows_per_event, cells_per_event, cell, row, frame_cell } = exact.work();
    events as f64 * (POINT + rows_per_event * row + cells_per_event * cell) + exact.cells() as f64 * frame_cell
}

/// Seconds of one core for smoothing so many events.
pub fn smoothing(smoothing: &Smoothing, events: u64) -> f64 {
    let (taps, laid) = smoothing.taps();
    let gather = smoothing.gather.len() as f64;
    let event = SHARE + laid * LAID;
    events as f64 * event + gather * (CELL + taps * TAP) + smoothing.frame.len() as f64 * CELL
}
