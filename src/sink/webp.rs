//! WebP without loss: the same pixels as PNG in fewer bytes, for the web.

use std::io::{self, Cursor, SeekFrom};

use image::ExtendedColorType;
use image::codecs::webp::WebPEncoder;

use super::animation::{self, Film, Part};
use super::{Encode, Format, Out, Picture, straight_bytes};
use crate::image::Image;

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

/// Animated WebP: each frame is a picture as above in an `ANMF` chunk. The container is that of
/// <https://developers.google.com/speed/webp/docs/riff_container>.
pub(super) struct Animation<'a> {
    out: &'a mut dyn Out,
    millis: u32,
}

/// Pictures of a container have alpha, and are animated.
const ALPHA_AND_ANIMATION: u8 = 0x12;

/// The pixels of a frame replace those before it, instead of being blended with them.
const REPLACE: u8 = 0x02;

impl<'a> Animation<'a> {
    pub(super) fn begin(out: &'a mut dyn Out, film: &Film) -> io::Result<Self> {
        out.write_all(b"RIFF\0\0\0\0WEBPVP8X")?;
        out.write_all(&[10, 0, 0, 0, ALPHA_AND_ANIMATION, 0, 0, 0])?;
        out.write_all(&[three(film.width - 1), three(film.height - 1)].concat())?;
        // A clear background, and no end of repetitions.
        out.write_all(b"ANIM\x06\0\0\0\0\0\0\0\0\0")?;
        Ok(Animation { out, millis: film.millis.clamp(1, 0x00ff_ffff) })
    }
}

impl animation::Encoder for Animation<'_> {
    fn add(&mut self, image: &Image, part: Part) -> io::Result<()> {
        let image = Image::new(part.width, part.height, part.pixels(image).collect());
        let mut whole = Cursor::new(Vec::new());
        encode(&Picture { image: &image, frame: None, metadata: &[], dpi: None }, &mut whole)?;
        let whole = whole.into_inner();
        // After `RIFF`, a size and `WEBP`, the file is one chunk: the picture.
        let chunk = whole.get(12..).filter(|chunk| chunk.starts_with(b"VP8L"));
        let chunk = chunk.ok_or_else(|| io::Error::other("a picture without loss is one VP8L chunk"))?;
        self.out.write_all(b"ANMF")?;
        self.out.write_all(&(16 + chunk.len() as u32).to_le_bytes())?;
        let places = [part.left / 2, part.top / 2, part.width - 1, part.height - 1, self.millis];
        self.out.write_all(&places.map(three).concat())?;
        self.out.write_all(&[REPLACE])?;
        self.out.write_all(chunk)
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        let size = self.out.stream_position()?;
        let size = u32::try_from(size - 8).map_err(|_| io::Error::other("WebP holds at most 4 GB"))?;
        self.out.seek(SeekFrom::Start(4))?;
        self.out.write_all(&size.to_le_bytes())
    }
}

/// The low 24 bits of a number, the lowest first.
fn three(number: u32) -> [u8; 3] {
    let [a, b, c, _] = number.to_le_bytes();
    [a, b, c]
}
