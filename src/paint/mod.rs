//! Intensity to pixels: colormaps and gradients, what lies below the heat ([`land`], [`outline`], [`Sheet`]), and how layers
//! are blended; how light colours are, how far apart, and how they look to the colour-blind. Which value has which of 256 levels is decided elsewhere; nothing here knows text.

mod apart;
mod blend;
mod colormap;
mod colormaps;
mod difference;
mod gradient;
mod land;
mod lightness;
mod outline;
mod sheet;
mod theme;
mod topology;
mod vision;

use rayon::prelude::*;

pub use apart::{Apart, LEAST_ALONG, LEAST_APART, SAMPLES, apart, apart_along};
pub use blend::{BLENDS, Blend, blend, dim, lighten};
pub use colormap::{Colormap, Family, KINDS, Kind};
pub use difference::difference;
pub use gradient::{By, Gradient};
pub use land::land;
pub use lightness::{contrast, grey_of, ink_on, lightness, luminance};
pub use outline::{Outline, outline};
pub use sheet::{Projection, Sheet};
pub use theme::{THEMES, Theme};
pub use topology::NATURAL_EARTH;
pub use vision::{DEFICIENCIES, Deficiency, seen, seen_by};

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

/// Values whose levels are found before they are painted: few enough to stay at hand.
const AT_HAND: usize = 1 << 12;

/// Paints values: `levels` finds the entry of the colormap for each. NaN (no data) is clear.
///
/// ```
/// use torrid::image::Premultiplied;
/// use torrid::paint::{Colormap, Ink, paint};
/// let levels = |values: &[f32], levels: &mut [u8]| {
///     levels.iter_mut().zip(values).for_each(|(level, v)| *level = (v * 255.0) as u8);
/// };
/// let pixels = paint(&[0.0, 0.5, f32::NAN], levels, &Colormap::named("gray")?, &Ink::default());
/// let gray = |c| Premultiplied([c, c, c, 255]);
/// assert_eq!(pixels, [gray(0), gray(127), Premultiplied::CLEAR]);
/// # Ok::<(), torrid::Error>(())
/// ```
pub fn paint(
    values: &[f32],
    levels: impl Fn(&[f32], &mut [u8]) + Sync,
    colormap: &Colormap,
    ink: &Ink,
) -> Vec<Premultiplied> {
    let (table, visible) = (table(&inked(colormap, ink)), Visible::of(ink));
    let mut pixels = vec![Premultiplied::CLEAR; values.len()];
    pixels.par_chunks_mut(CHUNK).zip(values.par_chunks(CHUNK)).for_each(|(pixels, values)| {
        let mut entries = [0; AT_HAND];
        for (pixels, values) in pixels.chunks_mut(AT_HAND).zip(values.chunks(AT_HAND)) {
            let entries = &mut entries[..values.len()];
            levels(values, entries);
            for ((pixel, value), entry) in pixels.iter_mut().zip(values).zip(entries) {
                *pixel = table[if visible.is(*value) { usize::from(*entry) } else { NOTHING }];
            }
        }
    });
    pixels
}

/// The places of values among the colours of a map, which are painted elsewhere: for each value what `levels` finds, or
/// `nothing` where [`paint`] would leave it clear.
pub fn places(values: &[f32], levels: impl Fn(&[f32], &mut [u8]), nothing: u8, ink: &Ink) -> Vec<u8> {
    let (mut places, visible) = (vec![0; values.len()], Visible::of(ink));
    for (places, values) in places.chunks_mut(AT_HAND).zip(values.chunks(AT_HAND)) {
        levels(values, places);
        pulp::Arch::new().dispatch(Hide { places, values, visible, nothing });
    }
    places
}

/// Makes places of values that are not seen those of nothing.
struct Hide<'a> {
    places: &'a mut [u8],
    values: &'a [f32],
    visible: Visible,
    nothing: u8,
}

impl pulp::WithSimd for Hide<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        for (place, value) in self.places.iter_mut().zip(self.values) {
            *place = if self.visible.is(*value) { *place } else { self.nothing };
        }
    }
}

/// Which values are seen.
#[derive(Clone, Copy)]
struct Visible {
    least: f32,
    zero_is_nothing: bool,
}

impl Visible {
    fn of(ink: &Ink) -> Visible {
        let least = ink.threshold.map_or(f32::NEG_INFINITY, least_not_below);
        Visible { least, zero_is_nothing: ink.zero_is_nothing }
    }

    /// Whether a value is; NaN fails the comparison.
    #[inline(always)]
    #[expect(clippy::needless_bitwise_bool, reason = "a branch for each pixel costs more than both comparisons")]
    fn is(self, value: f32) -> bool {
        (value >= self.least) & !(self.zero_is_nothing & (value == 0.0))
    }
}

/// The colours of the map as the ink lays them on, straight.
pub fn inked(colormap: &Colormap, ink: &Ink) -> [Straight; 256] {
    let opacity = ink.opacity.clamp(0.0, 1.0);
    colormap.colours().map(|Straight([r, g, b, a])| Straight([r, g, b, (f64::from(a) * opacity).round() as u8]))
}

/// The premultiplied colours of the map, and after them nothing.
fn table(colours: &[Straight; 256]) -> [Premultiplied; 257] {
    std::array::from_fn(|entry| colours.get(entry).map_or(Premultiplied::CLEAR, |colour| colour.premultiply()))
}

/// The least `f32` that is not below a value: comparing with it is comparing with the value.
fn least_not_below(value: f64) -> f32 {
    let near = value as f32;
    if f64::from(near) < value { near.next_up() } else { near }
}
