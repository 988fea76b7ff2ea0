//! Pixels: 8-bit sRGB with alpha. Straight and premultiplied colours are different types, so that they cannot be
//! mixed up; an [`Image`] holds premultiplied ones.

/// A colour whose channels do not depend on its alpha.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Straight(pub [u8; 4]);

/// A colour whose channels are already multiplied by its alpha; none exceeds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Premultiplied(pub [u8; 4]);

impl Straight {
    /// The same colour premultiplied.
    pub fn premultiply(self) -> Premultiplied {
        let [r, g, b, a] = self.0;
        Premultiplied([scale(r, a), scale(g, a), scale(b, a), a])
    }
}

impl Premultiplied {
    /// Nothing at all.
    pub const CLEAR: Premultiplied = Premultiplied([0; 4]);

    /// The same colour with straight channels; clear stays black.
    pub fn straight(self) -> Straight {
        let [r, g, b, a] = self.0;
        let divide = |c: u8| if a == 0 { 0 } else { ((u32::from(c) * 255 + u32::from(a) / 2) / u32::from(a)) as u8 };
        Straight([divide(r), divide(g), divide(b), a])
    }

    /// This colour laid over another one (Porter-Duff over).
    #[inline]
    pub fn over(self, below: Premultiplied) -> Premultiplied {
        let keep = 255 - self.0[3];
        Premultiplied(std::array::from_fn(|i| self.0[i].saturating_add(scale(below.0[i], keep))))
    }

    /// This colour with its alpha scaled by `opacity` / 255.
    #[inline]
    pub fn faded(self, opacity: u8) -> Premultiplied {
        Premultiplied(self.0.map(|c| scale(c, opacity)))
    }
}

/// `a * b / 255`, rounded to the nearest.
#[inline]
pub(crate) fn scale(a: u8, b: u8) -> u8 {
    let t = u32::from(a) * u32::from(b) + 128;
    ((t + (t >> 8)) >> 8) as u8
}

/// A picture of premultiplied pixels, row 0 at the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    width: u32,
    height: u32,
    pixels: Vec<Premultiplied>,
}

impl Image {
    /// A picture filled with one colour.
    pub fn filled(width: u32, height: u32, colour: Premultiplied) -> Image {
        Image { width, height, pixels: vec![colour; width as usize * height as usize] }
    }

    /// A picture of these pixels, row by row.
    ///
    /// # Panics
    /// If there are not width times height of them.
    pub fn new(width: u32, height: u32, pixels: Vec<Premultiplied>) -> Image {
        assert_eq!(pixels.len(), width as usize * height as usize, "one colour for each pixel");
        Image { width, height, pixels }
    }

    /// Pixels from left to right.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Pixels from top to bottom.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// All pixels, row by row.
    pub fn pixels(&self) -> &[Premultiplied] {
        &self.pixels
    }

    /// All pixels, row by row, to be changed.
    pub fn pixels_mut(&mut self) -> &mut [Premultiplied] {
        &mut self.pixels
    }

    /// Lays this picture over another one of the same size.
    ///
    /// # Panics
    /// If the sizes differ.
    pub fn over(&self, below: &Image) -> Image {
        assert_eq!((self.width, self.height), (below.width, below.height), "pictures of one size");
        let pixels = self.pixels.iter().zip(&below.pixels).map(|(a, b)| a.over(*b)).collect();
        Image { pixels, ..*self }
    }

    /// The straight RGBA bytes of the picture, row by row.
    pub fn straight_bytes(&self) -> Vec<u8> {
        self.pixels.iter().flat_map(|p| p.straight().0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opaque_colours_survive_premultiplying() {
        for c in 0..=255 {
            let colour = Straight([c, 255 - c, c / 2, 255]);
            assert_eq!(colour.premultiply().straight(), colour);
        }
    }

    #[test]
    fn no_channel_ever_exceeds_its_alpha() {
        for a in 0..=255 {
            for c in 0..=255 {
                let p = Straight([c, 0, 255, a]).premultiply();
                assert!(p.0.iter().all(|channel| *channel <= a), "{p:?}");
            }
        }
    }

    #[test]
    fn clear_over_anything_is_that_and_opaque_hides_it() {
        let below = Straight([10, 20, 30, 200]).premultiply();
        assert_eq!(Premultiplied::CLEAR.over(below), below);
        let above = Straight([1, 2, 3, 255]).premultiply();
        assert_eq!(above.over(below), above);
    }
}
