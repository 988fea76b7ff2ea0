//! The only place where stages meet: each product is a line from the door in to the door out.

pub mod area;
pub mod base;
pub mod cells;
pub mod clicks;
pub mod collect;
pub mod density;
mod edge;
pub mod figure;
pub mod findings;
pub mod framing;
mod gathering;
pub mod holdings;
pub mod journal;
pub mod map;
mod oddities;
pub mod page;
pub mod picture;
pub mod pyramid;
pub mod reading;
pub mod significance;
mod spread;
mod sums;
pub mod survey;
pub mod times;
pub mod tracks;
pub mod versus;

/// Told how a run gets on. What to do with it is the caller's.
pub trait Progress: Sync {
    /// A stage begins.
    fn stage(&self, name: &str);

    /// How much of the stage is done, 0 to 1. Called from any thread, often.
    fn done(&self, share: f64);
}

/// Nobody is told.
impl Progress for () {
    fn stage(&self, _: &str) {}
    fn done(&self, _: f64) {}
}
