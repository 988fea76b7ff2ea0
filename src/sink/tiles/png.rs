//! A tile as PNG: the pixels and nothing beside them, compressed by libdeflate, level 1.
//!
//! Measured on one busy core, milliseconds and bytes for each tile of 256 pixels, taxis of New York, Gaussians:
//!
//! | | 500 m, log | 300 m, `eq_hist` | 3 px, log | plain bins |
//! | --- | --- | --- | --- | --- |
//! | Paeth, fdeflate | 0.21, 11,555 | 0.29, 13,917 | 0.17, 12,589 | 0.16, 2,196 |
//! | Sub, zlib level 2 | 0.51, 8,687 | 0.67, 10,653 | 0.56, 12,576 | 0.20, 1,827 |
//! | Sub, libdeflate level 1 | 0.33, 7,449 | 0.35, 9,282 | 0.38, 12,324 | 0.29, 1,706 |
//! | Paeth, libdeflate level 1 | 0.36, 7,980 | 0.50, 9,569 | 0.43, 12,233 | 0.38, 1,972 |

use std::io;

use libdeflater::{CompressionLvl, Compressor};
use png::{BitDepth, ColorType, Encoder};

use crate::image::{Image, Premultiplied};
use crate::sink::png::{Indexed, MOST, set_palette};
use crate::sink::straight_bytes;

/// The least that compresses; level 0 does not.
const LEVEL: CompressionLvl = match CompressionLvl::new(1) {
    Ok(level) => level,
    Err(_) => panic!("libdeflate has a level 1"),
};

/// The file of a picture, with a palette where it has few enough colours.
pub(super) fn encode(image: &Image) -> io::Result<Vec<u8>> {
    let (width, height) = (image.width(), image.height());
    if let Some(indexed) = Indexed::of(image.pixels()) {
        return with_palette(&indexed, width, height);
    }
    encode_rgba(&straight_bytes(image), width, height)
}

/// The file of straight RGBA bytes.
pub(super) fn encode_rgba(bytes: &[u8], width: u32, height: u32) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, width, height);
    encoder.set_color(ColorType::Rgba);
    write(encoder, &differences(bytes, width as usize * 4, 4))?;
    Ok(out)
}

/// The same file for a square picture whose pixels are places among colours.
pub(super) fn encode_indexed(indices: &[u8], colours: &[Premultiplied; MOST], side: u32) -> io::Result<Vec<u8>> {
    assert_eq!(indices.len(), side as usize * side as usize, "one colour for each pixel");
    with_palette(&Indexed::among(colours, indices), side, side)
}

/// Up to 16 colours are packed into fewer bits, where differences of neighbours mean nothing.
fn with_palette(Indexed { colours, indices }: &Indexed, width: u32, height: u32) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, width, height);
    set_palette(&mut encoder, colours);
    let width = width as usize;
    let (depth, lines) = match colours.len() {
        0..=2 => (BitDepth::One, packed(indices, width, 1)),
        3..=4 => (BitDepth::Two, packed(indices, width, 2)),
        5..=16 => (BitDepth::Four, packed(indices, width, 4)),
        _ => (BitDepth::Eight, differences(indices, width, 1)),
    };
    encoder.set_depth(depth);
    write(encoder, &lines)?;
    Ok(out)
}

/// Writes lines that are filtered, each with the number of its filter before it.
fn write(encoder: Encoder<'_, &mut Vec<u8>>, lines: &[u8]) -> io::Result<()> {
    let mut compressor = Compressor::new(LEVEL);
    let mut data = vec![0; compressor.zlib_compress_bound(lines.len())];
    let length = compressor.zlib_compress(lines, &mut data).map_err(io::Error::other)?;
    let mut writer = encoder.write_header()?;
    writer.write_chunk(png::chunk::IDAT, &data[..length])?;
    Ok(writer.finish()?)
}

/// Lines of what each byte has more than the one a pixel before it: filter 1, Sub.
fn differences(bytes: &[u8], line: usize, pixel: usize) -> Vec<u8> {
    let mut lines = Vec::with_capacity(bytes.len() + bytes.len() / line);
    for bytes in bytes.chunks_exact(line) {
        lines.push(1);
        lines.extend_from_slice(&bytes[..pixel]);
        lines.extend(bytes.iter().zip(&bytes[pixel..]).map(|(before, byte)| byte.wrapping_sub(*before)));
    }
    lines
}

/// Lines of numbers of so many bits, the first in the highest bits of a byte: filter 0, none.
fn packed(indices: &[u8], width: usize, bits: usize) -> Vec<u8> {
    let together = 8 / bits;
    let mut lines = Vec::with_capacity(indices.len() / together + indices.len() / width);
    for row in indices.chunks_exact(width) {
        lines.push(0);
        let whole = row.chunks_exact(together);
        // What is left over at the end of a row is followed by nothing.
        let rest =
            whole.remainder().iter().enumerate().fold(0, |byte, (i, index)| byte | index << (8 - bits * (i + 1)));
        lines.extend(whole.map(|few| few.iter().fold(0, |byte, index| byte << bits | index)));
        lines.extend((!row.len().is_multiple_of(together)).then_some(rest));
    }
    lines
}
