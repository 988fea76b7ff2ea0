//! Layers into one picture, by the formulas of W3C Compositing and Blending Level 1 on premultiplied sRGB.

use rayon::prelude::*;

use crate::error::Error;
use crate::image::{Image, Premultiplied};

/// How the colours of a layer and of what lies below it become one, where both are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blend {
    /// The upper one.
    Normal,
    /// Their product: never lighter than either.
    Multiply,
    /// The product of their complements: never darker than either.
    Screen,
    /// Multiply where the lower one is dark, screen where it is light.
    Overlay,
    /// The darker one, channel by channel.
    Darken,
    /// The lighter one, channel by channel.
    Lighten,
    /// Their sum, at most white; also the sum of the alphas.
    Add,
}

/// The blends by name, for `--blend` and help texts.
pub const BLENDS: &[(&str, Blend)] = &[
    ("normal", Blend::Normal),
    ("multiply", Blend::Multiply),
    ("screen", Blend::Screen),
    ("overlay", Blend::Overlay),
    ("darken", Blend::Darken),
    ("lighten", Blend::Lighten),
    ("add", Blend::Add),
];

impl Blend {
    /// The name, as in [`BLENDS`].
    pub fn name(self) -> &'static str {
        BLENDS.iter().find(|(_, blend)| *blend == self).map_or("normal", |(name, _)| name)
    }

    /// One pixel over another.
    pub fn pixel(self, above: Premultiplied, below: Premultiplied) -> Premultiplied {
        let (above, below) = (above.0.map(f32::from), below.0.map(f32::from));
        let (alpha, beta) = (above[3] / 255.0, below[3] / 255.0);
        let mixed: [f32; 4] = std::array::from_fn(|i| {
            // `both` is alpha * beta * B(lower, upper), in premultiplied terms, which needs no division.
            let (s, b) = (above[i], below[i]);
            let alone = s * (1.0 - beta) + b * (1.0 - alpha);
            let both = match self {
                Blend::Normal => s * beta,
                Blend::Multiply => s * b / 255.0,
                Blend::Screen => s * beta + b * alpha - s * b / 255.0,
                Blend::Overlay if 2.0 * b <= below[3] => 2.0 * s * b / 255.0,
                Blend::Overlay => (alpha * beta * 255.0) - 2.0 * (below[3] - b) * (above[3] - s) / 255.0,
                Blend::Darken => (s * beta).min(b * alpha),
                Blend::Lighten => (s * beta).max(b * alpha),
                Blend::Add => return s + b,
            };
            alone + both
        });
        let alpha = mixed[3];
        let alpha = match self {
            Blend::Add => alpha,
            _ => above[3] + below[3] * (1.0 - above[3] / 255.0),
        };
        let alpha = alpha.round().min(255.0);
        let channel = |i: usize| mixed[i].round().clamp(0.0, alpha) as u8;
        Premultiplied([channel(0), channel(1), channel(2), alpha as u8])
    }
}

impl std::str::FromStr for Blend {
    type Err = Error;

    fn from_str(text: &str) -> Result<Blend, Error> {
        let names: Vec<&str> = BLENDS.iter().map(|(name, _)| *name).collect();
        BLENDS.iter().find(|(name, _)| *name == text).map(|(_, blend)| *blend).ok_or_else(|| {
            Error::caller("--blend").found(format!("`{text}`")).expected(format!("one of {}", names.join(", ")))
        })
    }
}

/// A layer blended with what lies below it.
///
/// # Panics
/// If the sizes differ.
pub fn blend(above: &Image, below: &Image, blend: Blend) -> Image {
    assert_eq!((above.width(), above.height()), (below.width(), below.height()), "pictures of one size");
    let over = |(above, below): (&Premultiplied, &Premultiplied)| match blend {
        Blend::Normal => above.over(*below),
        _ => blend.pixel(*above, *below),
    };
    let pixels = above.pixels().par_iter().zip(below.pixels()).with_min_len(1 << 14).map(over).collect();
    Image::new(above.width(), above.height(), pixels)
}

/// Mixes a picture with black where it covers: `amount` 0 leaves it, 1 makes it black.
pub fn dim(image: &Image, amount: f64) -> Image {
    towards(image, 0.0, amount)
}

/// Mixes a picture with white where it covers: `amount` 0 leaves it, 1 makes it white.
pub fn lighten(image: &Image, amount: f64) -> Image {
    towards(image, 1.0, amount)
}

fn towards(image: &Image, white: f64, amount: f64) -> Image {
    let amount = amount.clamp(0.0, 1.0);
    let mixed = |pixel: &Premultiplied| {
        let [r, g, b, a] = pixel.0;
        let channel = |c: u8| (f64::from(c) * (1.0 - amount) + f64::from(a) * white * amount).round() as u8;
        Premultiplied([channel(r), channel(g), channel(b), a])
    };
    let pixels = image.pixels().par_iter().with_min_len(1 << 14).map(mixed).collect();
    Image::new(image.width(), image.height(), pixels)
}
