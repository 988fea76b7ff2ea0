//! Animated GIF, for where WebP is not understood: 256 colours a frame and no shades of transparency, so pictures are
//! laid over white. Pixels that did not change since the frame before are left as they are, which is smaller and keeps
//! them from flickering between the palettes of two frames.

use std::borrow::Cow;
use std::io;

use gif::{DisposalMethod, Encoder, Frame, Repeat};

use super::Out;
use super::animation::{self, Film, Part};
use super::palette::{Colour, Palette};
use crate::image::{Image, Straight};

/// Colours of a frame; one more index means that a pixel stays as it is.
const MOST: usize = 255;

/// The most pixels a side may have.
pub(super) const MOST_SIDE: u32 = 65_535;

pub(super) struct Animation<'a> {
    encoder: Encoder<&'a mut dyn Out>,
    /// In hundredths of a second.
    delay: u16,
    width: usize,
    shown: Vec<Colour>,
}

impl<'a> Animation<'a> {
    pub(super) fn begin(out: &'a mut dyn Out, film: &Film) -> io::Result<Self> {
        let (width, height) = (film.width as u16, film.height as u16);
        let mut encoder = Encoder::new(out, width, height, &[]).map_err(io::Error::other)?;
        encoder.set_repeat(Repeat::Infinite).map_err(io::Error::other)?;
        let delay = (film.millis.div_ceil(10)).clamp(2, u32::from(u16::MAX)) as u16;
        Ok(Animation { encoder, delay, width: film.width as usize, shown: Vec::new() })
    }
}

impl animation::Encoder for Animation<'_> {
    fn add(&mut self, image: &Image, part: Part) -> io::Result<()> {
        let white = Straight([255; 4]).premultiply();
        let colours: Vec<Colour> =
            part.pixels(image).map(|pixel| pixel.over(white).0).map(|[r, g, b, _]| [r, g, b]).collect();
        let changed: Vec<bool> = if self.shown.is_empty() {
            vec![true; colours.len()]
        } else {
            let rows = (0..part.height as usize).map(|row| (part.top as usize + row) * self.width + part.left as usize);
            let shown = rows.flat_map(|start| &self.shown[start..start + part.width as usize]);
            shown.zip(&colours).map(|(shown, colour)| shown != colour).collect()
        };
        let palette = Palette::of(MOST, colours.iter().zip(&changed).filter(|(_, changed)| **changed).map(|(c, _)| *c));
        let index = |(colour, changed): (&Colour, &bool)| if *changed { palette.places[colour] } else { MOST as u8 };
        let frame = Frame {
            delay: self.delay,
            dispose: DisposalMethod::Keep,
            transparent: Some(MOST as u8),
            left: part.left as u16,
            top: part.top as u16,
            width: part.width as u16,
            height: part.height as u16,
            palette: Some(palette.entries(MOST + 1)),
            buffer: Cow::Owned(colours.iter().zip(&changed).map(index).collect()),
            ..Frame::default()
        };
        self.encoder.write_frame(&frame).map_err(io::Error::other)?;
        self.remember(&colours, part);
        Ok(())
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        self.encoder.into_inner().map(drop).map_err(io::Error::other)
    }
}

impl Animation<'_> {
    /// Keeps the true colours that were shown, to compare the next frame with.
    fn remember(&mut self, colours: &[Colour], part: Part) {
        if self.shown.is_empty() {
            self.shown = colours.to_vec();
            return;
        }
        for (row, colours) in colours.chunks(part.width as usize).enumerate() {
            let start = (part.top as usize + row) * self.width + part.left as usize;
            self.shown[start..start + colours.len()].copy_from_slice(colours);
        }
    }
}
