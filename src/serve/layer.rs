//! A layer: a data set under a name, or an archive that is handed on as it is.

use std::sync::Arc;

use crate::error::Error;
use crate::image::{Image, Premultiplied};
use crate::serve::answer::Refusal;
use crate::serve::live::Live;
use crate::sink::tiles::TilePicture;
use crate::source::tiles::Tiles;

/// What a layer shows.
pub struct Layer {
    /// Its name in URLs.
    pub name: String,
    /// What viewers call it.
    pub title: String,
    /// Where its tiles come from.
    pub content: Content,
}

/// Where tiles come from.
pub enum Content {
    /// Events, which are drawn as they are asked for.
    Events(Arc<Live>),
    /// An archive.
    Archive(Arc<Tiles>),
}

/// What file of a tile is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Form {
    /// What it is.
    pub of: Kind,
    /// Whether it is for fine screens: 512 pixels instead of 256.
    pub fine: bool,
}

/// Pictures, or values packed into one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A picture.
    Png,
    /// A picture.
    Webp,
    /// Values, as docs/value-tiles.md packs them.
    Values,
}

impl Layer {
    /// Its events.
    ///
    /// # Errors
    /// When it is an archive, which can be drawn in no other style and has no values.
    pub fn live(&self) -> Result<&Arc<Live>, Refusal> {
        match &self.content {
            Content::Events(live) => Ok(live),
            Content::Archive(tiles) => Err(Refusal::missing(
                &Error::caller(&*self.name)
                    .found(format!("{}, an archive of pictures", tiles.name()))
                    .expected("events, which can be drawn in any style and have values")
                    .advice("serve the events, or the cells that were kept beside the archive"),
            )),
        }
    }
}

impl Kind {
    /// Its media type.
    pub fn media(self) -> &'static str {
        if self == Kind::Webp { "image/webp" } else { "image/png" }
    }

    /// How it is encoded.
    pub fn picture(self) -> TilePicture {
        if self == Kind::Webp { TilePicture::Webp } else { TilePicture::Png }
    }
}

/// The file of a picture that is clear.
///
/// # Errors
/// Never for the sides that tiles have.
pub fn clear(kind: Kind, side: u32) -> Result<Vec<u8>, Error> {
    kind.picture().encode(&Image::filled(side, side, Premultiplied::CLEAR))
}
