//! Tracks to weighted [`Events`](crate::events::Events), so that every estimate takes them as the lines they are: where
//! somebody went counts, not where the receiver happened to take a fix. First a track is made ready ([`prepare()`]);
//! then it is cut at the borders of cells ([`Cutter`]), and what lies in each cell stands there as one event or three,
//! whose deposit is that of the line.
//!
//! ```text
//!       +-------+-------+          a line from fix a to fix b crosses three cells;
//!       |     , |       |          each part of it weighs its metres (or seconds),
//!       |   * . | ,  o  b          and is given as events at the three nodes of
//!       +--.----+---.---+          Gauss and Legendre: * . , o stand for
//!       a       |       |          the parts, nothing for the fixes.
//!       +-------+-------+
//! ```
//!
//! Between fixes lines follow the great circle, by the shorter way. Nothing here knows pictures, only their cells.

mod coarse;
mod crowd;
mod cut;
mod fixes;
mod hide;
mod lattice;
mod line;
mod outliers;
mod prepare;
mod rest;
mod simplify;
mod sphere;
mod way;

pub use coarse::coarse;
pub use crowd::{Crowd, Shown};
pub use cut::{Cutter, Nodes, cut, empty};
pub use lattice::Lattice;
pub use prepare::{Done, prepare};
