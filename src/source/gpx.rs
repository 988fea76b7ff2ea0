//! GPX.

use crate::error::Error;
use crate::source::{Format, Input, Query, Source};

/// The format.
pub const FORMAT: Format = Format { name: "gpx", extensions: &["gpx"], about: "GPX", open };

fn open(_input: &Input, _query: &Query) -> Result<Box<dyn Source>, Error> {
    Err(Error::machine("input"))
}
