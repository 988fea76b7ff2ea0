//! Pictures one after the other in one file: animated WebP and GIF. A frame holds only the rectangle that differs from
//! the frame before it.

use std::io;
use std::path::Path;

use super::{Out, gif, place, webp, whole};
use crate::error::Error;
use crate::image::{Image, Premultiplied};

/// An animation that is to be written.
#[derive(Debug, Clone, Copy)]
pub struct Film {
    /// How many pictures it has.
    pub frames: usize,
    /// How long each is shown, in milliseconds.
    pub millis: u32,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

/// A format of animations; its frames come in order, all of one size.
pub(super) trait Encoder {
    /// Adds a picture, and the part of it that differs from the one before.
    fn add(&mut self, image: &Image, part: Part) -> io::Result<()>;

    /// Ends the file.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// The extensions of formats that hold animations.
pub const ANIMATIONS: [&str; 2] = ["webp", "gif"];

/// Whether the extension of a path names a format of animations.
pub fn is_animation(path: &Path) -> bool {
    path.extension().is_some_and(|e| ANIMATIONS.iter().any(|known| e.eq_ignore_ascii_case(known)))
}

/// Whether an animation can be written to `path`, as far as can be told before any work.
///
/// # Errors
/// When its extension names no animation, its folder does not exist, or it exists and `force` is not given.
pub fn check_animation(path: &Path, force: bool) -> Result<(), Error> {
    if !is_animation(path) {
        return Err(Error::caller(place(path)).found("another extension").expected("an animation: .webp or .gif"));
    }
    whole::check_target(path, force)
}

/// Writes an animation, whole or not at all; `draw` makes the picture of each number in turn, all of one size.
///
/// # Errors
/// What drawing meets; when the pictures are too large for the format (limit), or the file cannot be written (machine).
pub fn write_animation(
    path: &Path,
    film: &Film,
    draw: &mut dyn FnMut(usize) -> Result<Image, Error>,
) -> Result<(), Error> {
    let most = if is_gif(path) { gif::MOST_SIDE } else { webp::FORMAT.max_side };
    if film.width.max(film.height) > most {
        return Err(Error::limit(place(path))
            .found(format!("{}x{}", film.width, film.height))
            .expected(format!("at most {most} on a side"))
            .advice("give a smaller --size, or a file for each frame"));
    }
    let mut failed = None;
    let written = whole::write(path, |out| {
        encode(path, film, out, &mut |number| {
            draw(number).map_err(|error| {
                failed = Some(error);
                io::Error::other("a picture could not be drawn")
            })
        })
    });
    failed.map_or(written, Err)
}

fn is_gif(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("gif"))
}

fn encode(
    path: &Path,
    film: &Film,
    out: &mut dyn Out,
    draw: &mut dyn FnMut(usize) -> io::Result<Image>,
) -> io::Result<()> {
    let mut encoder: Box<dyn Encoder> = if is_gif(path) {
        Box::new(gif::Animation::begin(out, film)?)
    } else {
        Box::new(webp::Animation::begin(out, film)?)
    };
    let mut before = draw(0)?;
    encoder.add(&before, Part::whole(film))?;
    for number in 1..film.frames {
        let image = draw(number)?;
        encoder.add(&image, Part::changed(&before, &image))?;
        before = image;
    }
    encoder.finish()
}

/// A rectangle of a picture, in pixels from its upper left corner, never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub left: u32,
    pub top: u32,
    pub width: u32,
    pub height: u32,
}

impl Part {
    fn whole(film: &Film) -> Part {
        Part { left: 0, top: 0, width: film.width, height: film.height }
    }

    /// The least rectangle that holds all that differs; one pixel where nothing does. It begins at even pixels, where
    /// WebP can say so.
    fn changed(before: &Image, after: &Image) -> Part {
        let width = after.width() as usize;
        let rows = before.pixels().chunks(width).zip(after.pixels().chunks(width)).enumerate();
        let (mut left, mut right, mut top, mut bottom) = (u32::MAX, 0, u32::MAX, 0);
        for (row, (old, new)) in rows.filter(|(_, (old, new))| old != new) {
            let differs = |col: &usize| old[*col] != new[*col];
            left = left.min((0..width).find(differs).unwrap_or(0) as u32);
            right = right.max((0..width).rfind(differs).unwrap_or(0) as u32);
            top = top.min(row as u32);
            bottom = row as u32;
        }
        if left == u32::MAX {
            return Part { left: 0, top: 0, width: 1, height: 1 };
        }
        let (left, top) = (left & !1, top & !1);
        Part { left, top, width: right + 1 - left, height: bottom + 1 - top }
    }

    /// The pixels of this rectangle of a picture, row by row.
    pub(super) fn pixels(self, image: &Image) -> impl Iterator<Item = Premultiplied> + '_ {
        let rows = image.pixels().chunks(image.width() as usize).skip(self.top as usize).take(self.height as usize);
        rows.flat_map(move |row| row[self.left as usize..][..self.width as usize].iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_that_changed_is_the_least_from_even_pixels_on() {
        let old = Image::filled(8, 6, Premultiplied::CLEAR);
        let changed = |at: &[usize]| {
            let mut pixels = old.pixels().to_vec();
            for at in at {
                pixels[*at] = Premultiplied([255; 4]);
            }
            Part::changed(&old, &Image::new(8, 6, pixels))
        };
        assert_eq!(changed(&[]), Part { left: 0, top: 0, width: 1, height: 1 });
        assert_eq!(changed(&[47]), Part { left: 6, top: 4, width: 2, height: 2 });
        assert_eq!(changed(&[2 * 8 + 2, 3 * 8 + 5]), Part { left: 2, top: 2, width: 4, height: 2 });
    }
}
