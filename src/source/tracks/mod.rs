//! Bytes to [`Track`](crate::Track)s: the door for files that tell how somebody went from fix to fix. Each format tells a
//! [`Recorder`] what stands in a file, in its order; what that means is decided there and in `recording`, once for all of
//! them. Single positions come in by the door for events, of the same files too.

mod facts;
mod recorder;
mod recording;

pub use facts::{Fact, Facts};
pub use recorder::Recorder;
pub use recording::Recording;
