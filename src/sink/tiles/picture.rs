//! The file of one tile. The same pixels give the same bytes, whether they come as a picture or as places in a list of
//! colours: PNG with a palette where there are few enough colours, and with nothing beside the pixels.

use std::io::Cursor;
use std::path::Path;

use crate::error::Error;
use crate::image::{Image, Straight};
use crate::sink::{Picture, encode_picture, png, webp, whole};

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
            TilePicture::Png => bytes(|out| png::encode_tile(image, out)),
            TilePicture::Webp => encode_picture(&webp::FORMAT, &Picture { image, frame: None, metadata: &[] }),
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
            TilePicture::Png => bytes(|out| png::encode_indexed_tile(indices, &colours, side, out)),
            TilePicture::Webp => {
                let pixels = indices.iter().map(|index| colours[usize::from(*index)]).collect();
                self.encode(&Image::new(side, side, pixels))
            }
        }
    }
}

fn bytes(encode: impl FnOnce(&mut Cursor<Vec<u8>>) -> std::io::Result<()>) -> Result<Vec<u8>, Error> {
    let mut out = Cursor::new(Vec::new());
    encode(&mut out).map_err(|error| whole::machine(Path::new("tile"), &error))?;
    Ok(out.into_inner())
}
