//! What a torrid without the feature `web` says of servers.

use std::path::PathBuf;

use super::Tiles;
use crate::error::Error;

/// That there are no servers.
pub(super) fn tiles(address: &str, _: Option<PathBuf>) -> Result<Tiles, Error> {
    Err(Error::caller("--base")
        .found(format!("the address `{address}` and a torrid without the feature `web`"))
        .expected("`land`, `land-dark`, a picture, or an archive of tiles")
        .advice("download the tiles into an archive, or build torrid with its feature `web`"))
}
