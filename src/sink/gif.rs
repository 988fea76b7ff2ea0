//! Animated GIF, for where WebP is not understood: 256 colours a frame and no shades of transparency, so pictures are
//! laid over white. Pixels that did not change since the frame before are left as they are, which is smaller and keeps
//! them from flickering between the palettes of two frames.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io;

use color_quant::NeuQuant;
use gif::{DisposalMethod, Encoder, Frame, Repeat};

use super::Out;
use super::animation::{self, Film, Part};
use crate::image::{Image, Straight};

/// Colours of a frame; one more index means that a pixel stays as it is.
const MOST: usize = 255;

/// One pixel in this many is looked at to find a palette, of pictures with more colours than fit.
const SAMPLED: i32 = 5;

type Colour = [u8; 3];

pub(super) struct Animation<'a> {
    encoder: Encoder<&'a mut dyn Out>,
    /// In hundredths of a second.
    delay: u16,
    width: usize,
    shown: Vec<Colour>,
}

impl<'a> Animation<'a> {
    pub(super) fn begin(out: &'a mut dyn Out, (width, height): (u32, u32), film: &Film) -> io::Result<Self> {
        let side =
            |side: u32| u16::try_from(side).map_err(|_| io::Error::other("GIF holds at most 65,535 pixels a side"));
        let mut encoder = Encoder::new(out, side(width)?, side(height)?, &[]).map_err(io::Error::other)?;
        encoder.set_repeat(Repeat::Infinite).map_err(io::Error::other)?;
        let delay = (film.millis.div_ceil(10)).clamp(2, u32::from(u16::MAX)) as u16;
        Ok(Animation { encoder, delay, width: width as usize, shown: Vec::new() })
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
        let palette = Palette::of(colours.iter().zip(&changed).filter(|(_, changed)| **changed).map(|(c, _)| *c));
        let index = |(colour, changed): (&Colour, &bool)| if *changed { palette.places[colour] } else { MOST as u8 };
        let frame = Frame {
            delay: self.delay,
            dispose: DisposalMethod::Keep,
            transparent: Some(MOST as u8),
            left: part.left as u16,
            top: part.top as u16,
            width: part.width as u16,
            height: part.height as u16,
            palette: Some(palette.colours.clone()),
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

/// The colours of a frame and where in the palette each colour of the picture is.
struct Palette {
    /// Red, green and blue of 256 entries, the last one of no meaning.
    colours: Vec<u8>,
    places: HashMap<Colour, u8>,
}

impl Palette {
    fn of(colours: impl Iterator<Item = Colour> + Clone) -> Palette {
        let mut distinct: Vec<Colour> = Vec::new();
        let mut places: HashMap<Colour, u8> = HashMap::new();
        for colour in colours.clone() {
            places.entry(colour).or_insert_with(|| {
                distinct.push(colour);
                0
            });
        }
        if distinct.len() <= MOST {
            places = distinct.iter().enumerate().map(|(i, colour)| (*colour, i as u8)).collect();
            let mut colours = distinct.concat();
            colours.resize(3 * (MOST + 1), 0);
            return Palette { colours, places };
        }
        let pixels: Vec<u8> = colours.flat_map(|[r, g, b]| [r, g, b, 255]).collect();
        let found = NeuQuant::new(SAMPLED, MOST, &pixels);
        for ([r, g, b], place) in &mut places {
            *place = found.index_of(&[*r, *g, *b, 255]) as u8;
        }
        let mut colours = found.color_map_rgb();
        colours.resize(3 * (MOST + 1), 0);
        Palette { colours, places }
    }
}
