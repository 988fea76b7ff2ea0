//! GeoJSON.

use crate::error::Error;
use crate::source::{Format, Input, Query, Source};

/// The format.
pub const FORMAT: Format = Format { name: "geojson", extensions: &["geojson"], about: "GeoJSON", open };

fn open(_input: &Input, _query: &Query) -> Result<Box<dyn Source>, Error> {
    Err(Error::machine("input"))
}
