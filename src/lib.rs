//! torrid turns point events into hot maps.

pub mod error;
pub mod events;
pub mod source;
pub mod world;

pub use error::Error;
pub use events::{Events, Space};
pub use world::World;
