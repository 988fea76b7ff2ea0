//! PNG, 8 bits. A picture of at most 256 colours, as overlays of one colormap are, is written with a palette:
//! a quarter of the bytes to compress. Any other is written as straight RGBA.
//!
//! The palette is sorted by opacity and lightness, which puts the colours of a colormap in their order, so that
//! neighbouring pixels differ by little and the filters have something to gain. Measured on smooth hot spots,
//! 2048x2048, one core: palette, Paeth and the fast deflate 18 ms and 881 kB, zlib level 1 25 ms and 960 kB,
//! level 2 41 ms and 590 kB; RGBA, Up and the fast deflate 48 ms and 2.4 MB, level 1 50 ms and 1.7 MB but three
//! times slower on noisy pictures.

use std::io;

use png::{BitDepth, ColorType, DeflateCompression, Encoder, Filter};
use rayon::prelude::*;

use super::{Encode, Format, Out, Picture, SOFTWARE, straight_bytes};
use crate::image::{Premultiplied, Straight};

pub(super) const FORMAT: Format = Format {
    name: "png",
    extensions: &["png"],
    about: "picture with transparency, without loss",
    max_side: i32::MAX as u32,
    encode: Encode::Picture(encode),
};

fn encode(picture: &Picture<'_>, out: &mut dyn Out) -> io::Result<()> {
    let image = picture.image;
    let mut encoder = Encoder::new(out, image.width(), image.height());
    encoder.set_depth(BitDepth::Eight);
    encoder.set_deflate_compression(DeflateCompression::FdeflateUltraFast);
    encoder.set_source_srgb(png::SrgbRenderingIntent::Perceptual);
    encoder.set_pixel_dims(picture.dpi.map(|dpi| {
        let metre = (dpi / 0.0254).round() as u32;
        png::PixelDimensions { xppu: metre, yppu: metre, unit: png::Unit::Meter }
    }));
    add_text(&mut encoder, "Software", SOFTWARE)?;
    for (key, text) in picture.metadata {
        add_text(&mut encoder, key, text)?;
    }
    let bytes = if let Some(Indexed { colours, indices }) = Indexed::of(image.pixels()) {
        encoder.set_filter(Filter::Paeth);
        set_palette(&mut encoder, &colours);
        indices
    } else {
        encoder.set_color(ColorType::Rgba);
        encoder.set_filter(Filter::Up);
        straight_bytes(image)
    };
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&bytes)?;
    Ok(writer.finish()?)
}

/// Text as `tEXt` where it is ASCII, else as `iTXt` in UTF-8. PNG allows no NUL in either.
fn add_text(encoder: &mut Encoder<'_, &mut dyn Out>, key: &str, text: &str) -> io::Result<()> {
    let text = text.replace('\0', " ");
    let added = if text.is_ascii() {
        encoder.add_text_chunk(key.to_owned(), text)
    } else {
        encoder.add_itxt_chunk(key.to_owned(), text)
    };
    Ok(added?)
}

/// A palette and its alphas.
pub(super) fn set_palette<W: io::Write>(encoder: &mut Encoder<'_, W>, colours: &[Straight]) {
    encoder.set_color(ColorType::Indexed);
    encoder.set_palette(colours.iter().flat_map(|c| [c.0[0], c.0[1], c.0[2]]).collect::<Vec<u8>>());
    encoder.set_trns(transparencies(colours));
}

/// The alphas of a palette up to the last that is not opaque, which is all a `tRNS` chunk needs.
fn transparencies(colours: &[Straight]) -> Vec<u8> {
    let count = colours.iter().rposition(|c| c.0[3] != 255).map_or(0, |last| last + 1);
    colours[..count].iter().map(|c| c.0[3]).collect()
}

/// Most colours a palette can hold.
pub(super) const MOST: usize = 256;

/// A picture as a palette and the place of each pixel in it.
pub(super) struct Indexed {
    pub colours: Vec<Straight>,
    pub indices: Vec<u8>,
}

impl Indexed {
    /// The picture with a palette, if it has few enough colours. Each band of pixels is indexed into a palette
    /// of its own; these are united, sorted, and the indices translated.
    pub(super) fn of(pixels: &[Premultiplied]) -> Option<Indexed> {
        const BAND: usize = 1 << 18;
        let mut indices = vec![0; pixels.len()];
        let bands = pixels.par_chunks(BAND).zip(indices.par_chunks_mut(BAND));
        let palettes: Vec<Vec<Premultiplied>> = bands.map(|(p, i)| index(p, i)).collect::<Option<_>>()?;
        let mut all: Vec<Premultiplied> = palettes.iter().flatten().copied().collect();
        all.sort_unstable_by_key(|colour| order(*colour));
        all.dedup();
        if all.len() > MOST {
            return None;
        }
        indices.par_chunks_mut(BAND).zip(&palettes).for_each(|(indices, palette)| {
            let mut places = [0; MOST];
            for (place, colour) in places.iter_mut().zip(palette) {
                *place = all.partition_point(|c| order(*c) < order(*colour)) as u8;
            }
            for index in indices {
                *index = places[usize::from(*index)];
            }
        });
        Some(Indexed { colours: all.into_iter().map(Premultiplied::straight).collect(), indices })
    }

    /// The same palette for pixels that are places among colours: those that occur, each once, in their order.
    pub(super) fn among(colours: &[Premultiplied; MOST], indices: &[u8]) -> Indexed {
        let mut occurs = [false; MOST];
        for index in indices {
            occurs[usize::from(*index)] = true;
        }
        let mut occurring: Vec<usize> = (0..MOST).filter(|index| occurs[*index]).collect();
        occurring.sort_by_cached_key(|index| order(colours[*index]));
        let (mut all, mut places) = (Vec::with_capacity(occurring.len()), [0; MOST]);
        for equal in occurring.chunk_by(|one, next| colours[*one] == colours[*next]) {
            for index in equal {
                places[*index] = all.len() as u8;
            }
            all.push(colours[equal[0]].straight());
        }
        let indices = indices.iter().map(|index| places[usize::from(*index)]).collect();
        Indexed { colours: all, indices }
    }
}

/// Opacity, then lightness (roughly Rec. 601 luma), then whatever tells colours apart.
fn order(colour: Premultiplied) -> (u8, u32, [u8; 4]) {
    let [r, g, b, a] = colour.0;
    (a, u32::from(r) * 2 + u32::from(g) * 5 + u32::from(b), colour.0)
}

/// Writes the place of each pixel in a palette of the colours in order of appearance, and returns that palette
/// unless it gets too long. A hash table with open addressing, a quarter full at most; runs of one colour skip it.
fn index(pixels: &[Premultiplied], indices: &mut [u8]) -> Option<Vec<Premultiplied>> {
    const SLOTS: usize = 4 * MOST;
    const EMPTY: u16 = u16::MAX;
    let mut table = [(0u32, EMPTY); SLOTS];
    let mut palette = Vec::with_capacity(MOST);
    let mut last = (!u32::from_ne_bytes(pixels.first()?.0), 0);
    for (pixel, index) in pixels.iter().zip(indices) {
        let key = u32::from_ne_bytes(pixel.0);
        if key != last.0 {
            // Fibonacci hashing: the upper bits of a multiple of 2^32 / golden ratio.
            let mut slot = (key.wrapping_mul(0x9e37_79b1) >> 22) as usize;
            while table[slot].1 != EMPTY && table[slot].0 != key {
                slot = (slot + 1) % SLOTS;
            }
            if table[slot].1 == EMPTY {
                if palette.len() == MOST {
                    return None;
                }
                table[slot] = (key, palette.len() as u16);
                palette.push(*pixel);
            }
            last = (key, table[slot].1 as u8);
        }
        *index = last.1;
    }
    Some(palette)
}
