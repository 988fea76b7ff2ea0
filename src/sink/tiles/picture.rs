//! The file of one tile. The same pixels give the same bytes, whether they come as a picture or as places in a list of
//! colours: PNG with a palette where there are few enough colours, and with nothing beside the pixels.

use std::io;
use std::path::Path;

use super::png;
use crate::error::Error;
use crate::image::{Image, Straight};
use crate::sink::{Picture, encode_picture, webp, whole};

/// What pictures tiles are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TilePicture {
    /// PNG, with a palette where it is possible.
    Png,
    /// WebP without loss.
    Webp,
}

impl TilePicture {
    /// The file name ending, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            TilePicture::Png => "png",
            TilePicture::Webp => "webp",
        }
    }

    /// The file of a picture.
    ///
    /// # Errors
    /// When the picture is too large for the format (limit).
    pub fn encode(self, image: &Image) -> Result<Vec<u8>, Error> {
        match self {
            TilePicture::Png => png::encode(image).map_err(|error| failed(&error)),
            TilePicture::Webp => {
                encode_picture(&webp::FORMAT, &Picture { image, frame: None, metadata: &[], dpi: None })
            }
        }
    }

    /// The file of a square picture given as the place of each pixel, row by row, among the colours. Colours are rounded
    /// as an [`Image`] rounds them.
    ///
    /// # Panics
    /// If there are not `side` times `side` places.
    ///
    /// # Errors
    /// When the picture is too large for the format (limit).
    pub fn encode_indexed(self, indices: &[u8], colours: &[Straight; 256], side: u32) -> Result<Vec<u8>, Error> {
        let colours = colours.map(Straight::premultiply);
        match self {
            TilePicture::Png => png::encode_indexed(indices, &colours, side).map_err(|error| failed(&error)),
            TilePicture::Webp => {
                let pixels = indices.iter().map(|index| colours[usize::from(*index)]).collect();
                self.encode(&Image::new(side, side, pixels))
            }
        }
    }
}

fn failed(error: &io::Error) -> Error {
    whole::machine(Path::new("tile"), error)
}
