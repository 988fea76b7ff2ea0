//! [`Counts`](crate::counts::Counts) or [`Density`](crate::grid::Density) to [`Findings`](crate::findings::Findings):
//! where events are denser than chance would have it, the outlines of what is dense, and its peaks.

pub mod cells;
pub mod gistar;
#[cfg(feature = "h3")]
pub mod hexagons;
pub mod isopleth;
mod lattice;
pub mod outline;
pub mod peaks;
mod rings;
mod trace;
