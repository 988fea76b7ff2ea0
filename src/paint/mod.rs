//! Intensity to pixels: colormaps and gradients, what lies below the heat ([`land`], [`Sheet`]), and how layers
//! are blended. Which value has which of 256 levels is decided elsewhere; nothing here knows text.

mod blend;
mod colormap;
mod colormaps;
mod gradient;
mod land;
mod sheet;
mod theme;
mod topology;

use rayon::prelude::*;

pub use blend::{BLENDS, Blend, blend, dim, lighten};
pub use colormap::{Colormap, Kind};
pub use gradient::{By, Gradient};
pub use land::land;
pub use sheet::{Projection, Sheet};
pub use theme::{THEMES, Theme};

use crate::image::{Premultiplied, Straight};

/// How colours are laid on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ink {
    /// Multiplies the alpha of every colour; 0..=1.
    pub opacity: f64,
    /// Values below it are clear.
    pub threshold: Option<f64>,
    /// Whether values of exactly 0 are clear: there is nothing, as in a grid of counts.
    pub zero_is_nothing: bool,
}

impl Default for Ink {
    fn default() -> Ink {
        Ink { opacity: 1.0, threshold: None, zero_is_nothing: false }
    }
}

/// Values painted by one task; a multiple of any cache line.
const CHUNK: usize = 1 << 16;

/// The entry of the look-up table for values that are not painted.
const NOTHING: usize = 256;

/// Paints values: `index` gives the entry of the colormap for each. NaN (no data) is clear.
///
/// ```
/// use torrid::image::Premultiplied;
/// use torrid::paint::{Colormap, Ink, paint};
/// let gray = Colormap::named("gray")?;
/// let pixels = paint(&[0.0, 0.5, f32::NAN], |v| (v * 255.0) as u8, &gray, &Ink::default());
/// let gray = |c| Premultiplied([c, c, c, 255]);
/// assert_eq!(pixels, [gray(0), gray(127), Premultiplied::CLEAR]);
/// # Ok::<(), torrid::Error>(())
/// ```
#[expect(clippy::needless_bitwise_bool, reason = "a branch for each pixel costs more than both comparisons")]
pub fn paint<I: Fn(f32) -> u8 + Sync + Copy>(
    values: &[f32],
    index: I,
    colormap: &Colormap,
    ink: &Ink,
) -> Vec<Premultiplied> {
    let table = table(colormap, ink.opacity);
    let threshold = ink.threshold.map_or(f32::NEG_INFINITY, least_not_below);
    let mut pixels = vec![Premultiplied::CLEAR; values.len()];
    pixels.par_chunks_mut(CHUNK).zip(values.par_chunks(CHUNK)).for_each(|(pixels, values)| {
        // Of its own, so that what it looks up with need not be fetched again for every pixel.
        let (index, clear) = (index, ink.zero_is_nothing);
        for (pixel, value) in pixels.iter_mut().zip(values) {
            // NaN fails the comparison.
            let seen = (*value >= threshold) & !(clear & (*value == 0.0));
            let entry = usize::from(index(*value));
            *pixel = table[if seen { entry } else { NOTHING }];
        }
    });
    pixels
}

/// The premultiplied colours of the map, and after them nothing.
fn table(colormap: &Colormap, opacity: f64) -> [Premultiplied; 257] {
    let opacity = opacity.clamp(0.0, 1.0);
    std::array::from_fn(|entry| match colormap.colours().get(entry) {
        Some(Straight([r, g, b, a])) => Straight([*r, *g, *b, (f64::from(*a) * opacity).round() as u8]).premultiply(),
        None => Premultiplied::CLEAR,
    })
}

/// The least `f32` that is not below a value: comparing with it is comparing with the value.
fn least_not_below(value: f64) -> f32 {
    let near = value as f32;
    if f64::from(near) < value { near.next_up() } else { near }
}
