//! What a torrid without the feature `web` says of pages.

use super::{Rendered, Wish};
use crate::error::Error;

/// That there is nothing to talk to a browser with.
///
/// # Errors
/// Always.
pub fn rendered(address: &str, _: &Wish) -> Result<Rendered, Error> {
    Err(Error::caller(address)
        .found("a torrid without the feature `web`, which talks to browsers")
        .expected("one that has it")
        .advice("build torrid with its feature `web`"))
}
