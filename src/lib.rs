//! torrid turns point events into hot maps: GPS tracks, crimes, pickups, earthquakes, clicks on a page are binned or
//! kernel-density-estimated onto a grid, coloured from cold to hot, and laid over a base map. Counts are exact, values
//! have units, a bandwidth in metres is that on the ground at every latitude, and the bytes of the output never depend
//! on the number of threads.
//!
//! The modules tell the story in this order. *Nouns*, what the data is between two stages: [`events`] observed in a
//! space; a [`track`] of fixes; an [`interaction`] of a visitor with a [`page`]; [`world`], the plane that pictures are cut from; a [`frame`] of cells in it, such as that of a [`tile`]; exact [`counts`] of what the cells
//! gathered; a [`kernel`] and its [`bandwidth`]; a [`grid`] of estimates with their unit; [`findings`]; a [`matrix`] of numbers in rows and columns; an [`image`]; a [`drawing`].
//! *Verbs*, the stages: [`trace`] (as [`tracing`] says), [`accumulate`], [`estimate`], [`analyse`], [`scale`], [`paint`], [`figure`]; a [`style`] holds what
//! can be chosen of them. *Doors*:
//! [`source`] reads, [`sink`] writes. [`lines`] puts them together, and is where to begin:
//!
//! ```
//! use torrid::lines::{density::{Wish, density}, picture::{Look, picture}, reading::Reading};
//! use torrid::source::Query;
//! use torrid::Space;
//!
//! let inputs = ["fixtures/liverpool-crimes.csv.gz".to_owned()];
//! let mut reading = Reading::open(&inputs, Query::new(Space::Earth), &())?;
//! let found = density(&mut reading, &Wish { bandwidth: "250m".parse()?, ..Wish::default() })?;
//! let drawn = picture(&found.density, &Look::default())?;
//! assert_eq!(drawn.image.width(), 1280);
//! assert_eq!(found.density.quantity.to_string(), "events per km²");
//! # Ok::<(), torrid::Error>(())
//! ```

pub mod error;
pub mod events;
pub mod track;
pub mod tracing;
pub mod interaction;
pub mod page;
pub mod world;
pub mod frame;
pub mod tile;
pub mod counts;
pub mod cells;
pub mod placed;
pub mod provenance;
pub mod journal;
pub mod kernel;
pub mod bandwidth;
pub mod grid;
pub mod findings;
pub mod matrix;
pub mod tree;
pub mod image;
pub mod drawing;

pub mod trace;
pub mod accumulate;
pub mod land;
pub mod estimate;
pub mod analyse;
pub mod scale;
pub mod arrange;
pub mod paint;
pub mod figure;
pub mod style;

pub mod source;
pub mod sink;

pub mod lines;
#[cfg(feature = "serve")]
pub mod serve;
#[doc(hidden)]
pub mod cli;

pub use bandwidth::Bandwidth;
pub use drawing::Drawing;
pub use error::Error;
pub use events::{Events, Space};
pub use frame::{Extent, Frame};
pub use grid::{Density, Grid};
pub use image::Image;
pub use kernel::Kernel;
pub use matrix::{Axis, Matrix};
pub use page::Page;
pub use style::Style;
pub use track::Track;
pub use tree::{Merge, Tree};
pub use world::World;
