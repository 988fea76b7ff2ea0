//! JPEG: small photographs of pictures. It knows no transparency, so the picture is laid over white.

use std::io;

use image::codecs::jpeg::{JpegEncoder, PixelDensity};
use image::{ExtendedColorType, ImageEncoder};

use super::{Encode, Format, Out, Picture};
use crate::image::Straight;

pub(super) const FORMAT: Format = Format {
    name: "jpeg",
    extensions: &["jpg", "jpeg"],
    about: "picture over white, lossy (quality 90), without transparency",
    max_side: 65_535,
    encode: Encode::Picture(encode),
};

const QUALITY: u8 = 90;

fn encode(picture: &Picture<'_>, out: &mut dyn Out) -> io::Result<()> {
    let white = Straight([255; 4]).premultiply();
    let rgb = |pixel: &crate::image::Premultiplied| {
        let [r, g, b, _] = pixel.over(white).0;
        [r, g, b]
    };
    let image = picture.image;
    let bytes: Vec<u8> = image.pixels().iter().flat_map(rgb).collect();
    let mut encoder = JpegEncoder::new_with_quality(out, QUALITY);
    if let Some(dpi) = picture.dpi {
        encoder.set_pixel_density(PixelDensity::dpi(dpi.round() as u16));
    }
    encoder.write_image(&bytes, image.width(), image.height(), ExtendedColorType::Rgb8).map_err(io::Error::other)
}
