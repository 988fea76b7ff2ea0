//! The picture of a tile: its format is told by its first bytes, and its size is read before its pixels.

use std::io::Cursor;

use image::{ImageFormat, ImageReader, Limits, RgbaImage};

/// The most pixels along each side of a tile.
const MAX_SIDE: u32 = 2048;

/// The most bytes that a decoder may use beside the pixels.
const MAX_ROOM: u64 = 64 << 20;

/// What messages ask for.
pub(super) const EXPECTED: &str = "a square PNG, JPEG or WebP picture of at most 2048 x 2048";

/// Pixels along each side of a picture; what else the bytes are where they are none.
pub(super) fn side(file: &[u8]) -> Result<u32, String> {
    let (width, height) = reader(file)?.into_dimensions().map_err(|error| damaged(&error))?;
    if width != height || width == 0 || width > MAX_SIDE {
        return Err(format!("a picture of {width} x {height}"));
    }
    Ok(width)
}

/// The pixels of a picture; what else the bytes are where they are none.
pub(super) fn decode(file: &[u8]) -> Result<RgbaImage, String> {
    side(file)?;
    Ok(reader(file)?.decode().map_err(|error| damaged(&error))?.into_rgba8())
}

fn reader(file: &[u8]) -> Result<ImageReader<Cursor<&[u8]>>, String> {
    let format = match image::guess_format(file) {
        Ok(format @ (ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP)) => format,
        Ok(other) => return Err(format!("a picture of another format, {other:?}")),
        Err(_) if file.starts_with(&[0x1f, 0x8b]) => return Err("gzip, as vector tiles are, not pictures".to_owned()),
        Err(_) => return Err(format!("{} bytes that are no picture", file.len())),
    };
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(MAX_SIDE), Some(MAX_SIDE));
    limits.max_alloc = Some(MAX_ROOM);
    reader.limits(limits);
    Ok(reader)
}

fn damaged(error: &image::ImageError) -> String {
    format!("a damaged picture ({error})")
}
