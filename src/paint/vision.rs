//! How colours look to people who lack one of the three kinds of cones, as far as others can be shown.
//!
//! Red and green blindness after Machado, Oliveira and Fernandes, "A physiologically-based model for simulation of color
//! vision deficiency", IEEE TVCG 15 (2009), severity 1. Their paper says itself that the model is not made for blue
//! blindness (it shifts the spectrum of a cone, but people lack this one): red keeps nearly its look there, and blue
//! gets brighter than white allows. So that one is after Brettel, Viénot and Mollon, "Computerized simulation of color
//! appearance for dichromats", Journal of the Optical Society of America A 14 (1997): light is projected onto one of
//! two half-planes of colours which both kinds of eyes see alike, of white with 485 nm or 660 nm. Both work on light,
//! not on the numbers of sRGB, and leave greys as they are.

use rayon::prelude::*;

use super::lightness::{encoded, linear};
use crate::image::{Image, Premultiplied, Straight};

/// Which cones are lacking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deficiency {
    /// Those for red (protanopia).
    Protan,
    /// Those for green (deuteranopia); with its weaker form the most frequent, in about 6 of 100 men.
    Deutan,
    /// Those for blue (tritanopia); rare.
    Tritan,
}

/// All deficiencies.
pub const DEFICIENCIES: [Deficiency; 3] = [Deficiency::Protan, Deficiency::Deutan, Deficiency::Tritan];

type Matrix = [[f64; 3]; 3];

/// Machado, Oliveira and Fernandes 2009, table 1.
const PROTAN: Matrix =
    [[0.152_286, 1.052_583, -0.204_868], [0.114_503, 0.786_281, 0.099_216], [-0.003_882, -0.048_116, 1.051_998]];
const DEUTAN: Matrix =
    [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]];

/// Brettel, Viénot and Mollon 1997 for the light of sRGB and the cones of Smith and Pokorny 1975, with the white of
/// the display as the neutral axis: the projections onto the two half-planes, and the normal of the plane of white and
/// the blue cone, on whose positive side the first one holds. Checked against `daltonlens` 0.1.5.
const TRITAN: [Matrix; 2] = [
    [
        [1.013_541_615_3, 0.142_682_310_7, -0.156_223_926_0],
        [-0.011_805_364_8, 0.875_611_831_7, 0.136_193_533_1],
        [0.077_072_534_5, 0.812_080_912_5, 0.110_846_553_0],
    ],
    [
        [0.933_369_762_9, 0.199_990_049_9, -0.133_359_812_9],
        [0.058_087_180_6, 0.825_651_856_4, 0.116_260_963_1],
        [-0.379_228_114_8, 1.138_249_734_2, 0.240_978_380_7],
    ],
];
const TRITAN_NORMAL: [f64; 3] = [0.039_600_950_7, -0.028_307_203_7, -0.011_293_747_0];

impl Deficiency {
    /// What it is called in a sentence, such as `deuteranopia`.
    pub fn name(self) -> &'static str {
        match self {
            Deficiency::Protan => "protanopia",
            Deficiency::Deutan => "deuteranopia",
            Deficiency::Tritan => "tritanopia",
        }
    }

    /// What people with it see instead of a light; may lie a little outside of 0..=1.
    fn light(self, rgb: [f64; 3]) -> [f64; 3] {
        let matrix = match self {
            Deficiency::Protan => &PROTAN,
            Deficiency::Deutan => &DEUTAN,
            Deficiency::Tritan => &TRITAN[usize::from(dot(TRITAN_NORMAL, rgb) < 0.0)],
        };
        matrix.map(|row| dot(row, rgb))
    }
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// What a colour looks like to people with a deficiency; alpha stays.
///
/// ```
/// use torrid::image::Straight;
/// use torrid::paint::{Deficiency, difference, seen};
/// let [red, green] = [Straight([180, 60, 40, 255]), Straight([100, 125, 30, 255])];
/// assert!(difference(red, green) > 40.0);
/// assert!(difference(seen(red, Deficiency::Deutan), seen(green, Deficiency::Deutan)) < 12.0);
/// ```
pub fn seen(colour: Straight, deficiency: Deficiency) -> Straight {
    let [r, g, b] = deficiency.light(linear(colour)).map(encoded);
    Straight([r, g, b, colour.0[3]])
}

/// What a picture looks like to people with a deficiency. The colours of pixels change, not how opaque they are.
pub fn seen_by(image: &Image, deficiency: Deficiency) -> Image {
    let pixel = |pixel: &Premultiplied| seen(pixel.straight(), deficiency).premultiply();
    let pixels = image.pixels().par_iter().with_min_len(1 << 12).map(pixel).collect();
    Image::new(image.width(), image.height(), pixels)
}
