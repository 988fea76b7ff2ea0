//! torrid turns point events into hot maps.

pub mod accumulate;
pub mod bandwidth;
pub mod counts;
pub mod error;
pub mod estimate;
pub mod events;
pub mod figure;
pub mod frame;
pub mod grid;
pub mod image;
pub mod lines;
pub mod paint;
pub mod scale;
pub mod sink;
pub mod source;
pub mod world;

pub use bandwidth::Bandwidth;
pub use error::Error;
pub use events::{Events, Space};
pub use frame::{Extent, Frame};
pub use grid::{Density, Grid};
pub use image::Image;
pub use world::World;
