//! Parquet.

use crate::error::Error;
use crate::source::{Format, Input, Query, Source};

/// The format.
pub const FORMAT: Format = Format { name: "parquet", extensions: &["parquet"], about: "Parquet", open };

fn open(_input: &Input, _query: &Query) -> Result<Box<dyn Source>, Error> {
    Err(Error::machine("input"))
}
