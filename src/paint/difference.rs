//! How different two colours look.

use super::lightness::{curve, linear, on_white};
use crate::image::Straight;

/// X, Y and Z of red, green and blue light, relative to white (IEC 61966-2-1 with white at D65).
const XYZ: [[f64; 3]; 3] = [
    [0.412_456_4 / 0.950_47, 0.357_576_1 / 0.950_47, 0.180_437_5 / 0.950_47],
    [0.212_672_9, 0.715_152_2, 0.072_175],
    [0.019_333_9 / 1.088_83, 0.119_192 / 1.088_83, 0.950_304_1 / 1.088_83],
];

/// How different two colours look, by CIEDE2000: about 1 is just seen side by side, 100 is black and white. Colours
/// that are not opaque lie over white.
///
/// ```
/// use torrid::image::Straight;
/// use torrid::paint::difference;
/// let [black, white] = [Straight([0, 0, 0, 255]), Straight([255; 4])];
/// assert!((difference(black, white) - 100.0).abs() < 0.01);
/// assert_eq!(difference(black, black), 0.0);
/// ```
pub fn difference(a: Straight, b: Straight) -> f64 {
    between(lab(a), lab(b))
}

/// CIE L*, a* and b* over white.
pub(super) fn lab(colour: Straight) -> [f64; 3] {
    let rgb = linear(on_white(colour));
    let [x, y, z] = XYZ.map(|row| curve(row.iter().zip(rgb).map(|(share, light)| share * light).sum()));
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// CIEDE2000 (ISO/CIE 11664-6), with the names and in the order of Sharma, Wu and Dalal, "The CIEDE2000
/// color-difference formula", Color Research and Application 30 (2005), equations 2 to 22.
pub(super) fn between([l1, a1, b1]: [f64; 3], [l2, a2, b2]: [f64; 3]) -> f64 {
    let mean_chroma = libm::hypot(a1, b1).midpoint(libm::hypot(a2, b2));
    let stretch = 1.5 - 0.5 * strong(mean_chroma);
    let (c1, h1) = polar(stretch * a1, b1);
    let (c2, h2) = polar(stretch * a2, b2);
    let (turn, h) = hues(h1, h2, c1 * c2 == 0.0);
    let (l, c) = (l1.midpoint(l2), c1.midpoint(c2));
    let (dl, dc, dh) = (l2 - l1, c2 - c1, 2.0 * (c1 * c2).sqrt() * sin(turn / 2.0));
    let t = 1.0 - 0.17 * cos(h - 30.0) + 0.24 * cos(2.0 * h) + 0.32 * cos(3.0 * h + 6.0) - 0.20 * cos(4.0 * h - 63.0);
    let middle = (l - 50.0) * (l - 50.0);
    let light = dl / (1.0 + 0.015 * middle / (20.0 + middle).sqrt());
    let chroma = dc / (1.0 + 0.045 * c);
    let hue = dh / (1.0 + 0.015 * c * t);
    let blue = (h - 275.0) / 25.0;
    let rotation = -2.0 * strong(c) * sin(60.0 * libm::exp(-blue * blue));
    (light * light + chroma * chroma + hue * hue + rotation * chroma * hue).max(0.0).sqrt()
}

/// Near 1 for strong colours, near 0 for pale ones.
fn strong(chroma: f64) -> f64 {
    let seventh = chroma.powi(7);
    (seventh / (seventh + 25f64.powi(7))).sqrt()
}

/// Chroma, and hue in degrees, 0..360; of a grey 0.
fn polar(a: f64, b: f64) -> (f64, f64) {
    (libm::hypot(a, b), libm::atan2(b, a).to_degrees().rem_euclid(360.0))
}

/// From one hue to another the short way, and the hue in the middle of that way. A grey has no hue of its own.
fn hues(h1: f64, h2: f64, grey: bool) -> (f64, f64) {
    let turn = h2 - h1;
    match (grey, turn.abs() > 180.0, h1 + h2 < 360.0) {
        (true, ..) => (0.0, h1 + h2),
        (_, false, _) => (turn, h1.midpoint(h2)),
        (_, true, low) => {
            let middle = (h1 + h2 + if low { 360.0 } else { -360.0 }) / 2.0;
            (turn - 360.0 * turn.signum(), middle)
        }
    }
}

fn sin(degrees: f64) -> f64 {
    libm::sin(degrees.to_radians())
}

fn cos(degrees: f64) -> f64 {
    libm::cos(degrees.to_radians())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs of the table of Sharma, Wu and Dalal, which were chosen to find mistakes.
    const TABLE: [([f64; 3], [f64; 3], f64); 26] = [
        ([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485], 2.0425),
        ([50.0, 3.1571, -77.2803], [50.0, 0.0, -82.7485], 2.8615),
        ([50.0, 2.8361, -74.0200], [50.0, 0.0, -82.7485], 3.4412),
        ([50.0, -1.3802, -84.2814], [50.0, 0.0, -82.7485], 1.0),
        ([50.0, -1.1848, -84.8006], [50.0, 0.0, -82.7485], 1.0),
        ([50.0, -0.9009, -85.5211], [50.0, 0.0, -82.7485], 1.0),
        ([50.0, 0.0, 0.0], [50.0, -1.0, 2.0], 2.3669),
        ([50.0, 2.49, -0.001], [50.0, -2.49, 0.0009], 7.1792),
        ([50.0, 2.49, -0.001], [50.0, -2.49, 0.0010], 7.1792),
        ([50.0, 2.49, -0.001], [50.0, -2.49, 0.0011], 7.2195),
        ([50.0, -0.001, 2.49], [50.0, 0.0009, -2.49], 4.8045),
        ([50.0, 2.5, 0.0], [50.0, 0.0, -2.5], 4.3065),
        ([50.0, 2.5, 0.0], [73.0, 25.0, -18.0], 27.1492),
        ([50.0, 2.5, 0.0], [61.0, -5.0, 29.0], 22.8977),
        ([50.0, 2.5, 0.0], [56.0, -27.0, -3.0], 31.9030),
        ([50.0, 2.5, 0.0], [58.0, 24.0, 15.0], 19.4535),
        ([60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644),
        ([63.0109, -31.0961, -5.8663], [62.8187, -29.7946, -4.0864], 1.2630),
        ([61.2901, 3.7196, -5.3901], [61.4292, 2.2480, -4.9620], 1.8731),
        ([35.0831, -44.1164, 3.7933], [35.0232, -40.0716, 1.5901], 1.8645),
        ([22.7233, 20.0904, -46.6940], [23.0331, 14.9730, -42.5619], 2.0373),
        ([36.4612, 47.8580, 18.3852], [36.2715, 50.5065, 21.2231], 1.4146),
        ([90.8027, -2.0831, 1.4410], [91.1528, -1.6435, 0.0447], 1.4441),
        ([90.9257, -0.5406, -0.9208], [88.6381, -0.8985, -0.7239], 1.5381),
        ([6.7747, -0.2908, -2.4247], [5.8714, -0.0985, -2.2286], 0.6377),
        ([2.0776, 0.0795, -1.1350], [0.9033, -0.0636, -0.5514], 0.9082),
    ];

    #[test]
    fn the_formula_gives_the_published_differences_either_way_round() {
        for (a, b, expected) in TABLE {
            assert!((between(a, b) - expected).abs() < 5e-5, "{a:?} and {b:?}: {}, not {expected}", between(a, b));
            assert!((between(a, b) - between(b, a)).abs() < 1e-9, "{a:?} and {b:?}");
        }
    }

    #[test]
    fn lab_of_the_corners_of_srgb_is_as_published() {
        // Bruce Lindbloom's calculator, for sRGB with white at D65.
        let corners = [
            ([255, 0, 0], [53.2408, 80.0925, 67.2032]),
            ([0, 255, 0], [87.7347, -86.1827, 83.1793]),
            ([0, 0, 255], [32.2970, 79.1875, -107.8602]),
            ([255, 255, 255], [100.0, 0.0, 0.0]),
        ];
        for ([r, g, b], expected) in corners {
            let found = lab(Straight([r, g, b, 255]));
            assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 0.02), "{found:?}, not {expected:?}");
        }
    }
}
