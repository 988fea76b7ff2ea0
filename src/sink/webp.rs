//! WebP without loss: the same pixels as PNG in fewer bytes, for the web.

use std::io;

use image::ExtendedColorType;
use image::codecs::webp::WebPEncoder;

use super::{Encode, Format, Out, Picture, straight_bytes};

pub(super) const FORMAT: Format = Format {
    name: "webp",
    extensions: &["webp"],
    about: "picture with transparency, without loss",
    max_side: 16_383,
    encode: Encode::Picture(encode),
};

fn encode(picture: &Picture<'_>, out: &mut dyn Out) -> io::Result<()> {
    let image = picture.image;
    WebPEncoder::new_lossless(out)
        .encode(&straight_bytes(image), image.width(), image.height(), ExtendedColorType::Rgba8)
        .map_err(io::Error::other)
}
