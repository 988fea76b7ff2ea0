//! How light colours are: luminance, lightness, and the contrast of text with what is below it.

use std::sync::LazyLock;

use crate::image::{Premultiplied, Straight};

/// The shares of red, green and blue in luminance (ITU-R BT.709, which sRGB uses).
const SHARES: [f64; 3] = [0.2126, 0.7152, 0.0722];

const BLACK: Straight = Straight([0, 0, 0, 255]);
const WHITE: Straight = Straight([255; 4]);

static LINEAR: LazyLock<[f64; 256]> = LazyLock::new(|| std::array::from_fn(|i| decoded(i as f64)));

/// Light of an sRGB channel in units of 1/255 (IEC 61966-2-1): 0 for 0, 1 for 255.
///
/// WCAG 2 writes 0.03928 for 0.04045, which no channel of eight bits lies between.
fn decoded(channel: f64) -> f64 {
    let c = channel / 255.0;
    if c <= 0.04045 { c / 12.92 } else { libm::pow((c + 0.055) / 1.055, 2.4) }
}

/// Light of red, green and blue, 0..=1, without regard to alpha.
pub(super) fn linear(Straight([r, g, b, _]): Straight) -> [f64; 3] {
    [r, g, b].map(|channel| LINEAR[usize::from(channel)])
}

/// Light halfway between neighbouring channels of sRGB.
static HALFWAY: LazyLock<[f64; 255]> = LazyLock::new(|| std::array::from_fn(|i| decoded(i as f64 + 0.5)));

/// The channel of sRGB that is nearest to a light.
pub(super) fn encoded(light: f64) -> u8 {
    HALFWAY.partition_point(|halfway| *halfway <= light) as u8
}

/// The colour as it looks on white paper.
pub(super) fn on_white(colour: Straight) -> Straight {
    let white = Premultiplied([255; 4]);
    if colour.0[3] == 255 { colour } else { colour.premultiply().over(white).straight() }
}

/// Relative luminance, 0 (black) to 1 (white), as WCAG 2 defines it; what is not opaque lies over white.
pub fn luminance(colour: Straight) -> f64 {
    let linear = linear(on_white(colour));
    SHARES.iter().zip(linear).map(|(share, light)| share * light).sum()
}

/// The grey of the same luminance, as a print without colours has it; alpha stays.
pub fn grey_of(colour: Straight) -> Straight {
    let light = SHARES.iter().zip(linear(colour)).map(|(share, light)| share * light).sum();
    let grey = encoded(light);
    Straight([grey, grey, grey, colour.0[3]])
}

/// Lightness L* of CIE 1976, 0 (black) to 100 (white), where equal steps look equal; what is not opaque lies over
/// white.
///
/// ```
/// use torrid::image::Straight;
/// use torrid::paint::lightness;
/// assert!((lightness(Straight([119, 119, 119, 255])) - 50.0).abs() < 0.1);
/// ```
pub fn lightness(colour: Straight) -> f64 {
    116.0 * curve(luminance(colour)) - 16.0
}

/// The curve of CIE L*a*b* (CIE 15:2004, equation 8.6): a cube root with a straight beginning.
pub(super) fn curve(t: f64) -> f64 {
    const EDGE: f64 = 6.0 / 29.0;
    if t > EDGE * EDGE * EDGE { libm::cbrt(t) } else { t / (3.0 * EDGE * EDGE) + 4.0 / 29.0 }
}

/// How well two colours stand out from each other, 1 (not at all) to 21 (black and white), over white: the contrast
/// ratio of [WCAG 2](https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio), which asks for 4.5 for text.
pub fn contrast(a: Straight, b: Straight) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Black or white, whichever is the easier to read on a colour: that of the higher [`contrast`]. A colour that is not
/// opaque lies over white.
///
/// The change is at a luminance of 0.179, where both have a contrast of 4.58, so that text is always legible.
/// seaborn has dark text from 0.408 on, and so white text on colours where black would stand out twice as much.
///
/// ```
/// use torrid::image::Straight;
/// use torrid::paint::ink_on;
/// assert_eq!(ink_on(Straight([30, 60, 120, 255])), Straight([255; 4]));
/// assert_eq!(ink_on(Straight([230, 120, 30, 255])), Straight([0, 0, 0, 255]));
/// assert_eq!(ink_on(Straight([30, 60, 120, 20])), Straight([0, 0, 0, 255]), "nearly clear");
/// ```
pub fn ink_on(colour: Straight) -> Straight {
    if contrast(colour, BLACK) >= contrast(colour, WHITE) { BLACK } else { WHITE }
}
