//! A few colours for a picture of many: the set of its colours is cut in two, and the part whose colours differ most
//! again, until there are enough parts; each is shown as its mean. A part is cut at the mean of the channel in which it
//! varies most (after X. Wu, "Color quantization by dynamic programming and principal analysis", ACM Transactions on
//! Graphics 11, 1992, along the axes).
//!
//! A colour counts with the square root of its pixels: the few pixels of letters and of the hot end of a legend have to be
//! told from the many of the map.

use std::collections::{BTreeMap, HashMap};

/// Red, green and blue.
pub(super) type Colour = [u8; 3];

/// The colours of a palette and where in it each colour of the picture is.
pub(super) struct Palette {
    colours: Vec<Colour>,
    pub(super) places: HashMap<Colour, u8>,
}

impl Palette {
    /// At most `most` colours, up to 256, for these pixels.
    pub(super) fn of(most: usize, pixels: impl Iterator<Item = Colour>) -> Palette {
        let mut counts: BTreeMap<Colour, u32> = BTreeMap::new();
        let mut last = (None, 0);
        for pixel in pixels {
            if last.0 == Some(pixel) {
                last.1 += 1;
                continue;
            }
            last.0.iter().for_each(|colour| *counts.entry(*colour).or_insert(0) += last.1);
            last = (Some(pixel), 1);
        }
        last.0.iter().for_each(|colour| *counts.entry(*colour).or_insert(0) += last.1);
        let mut parts = vec![Part::of(counts.into_iter().map(|(c, n)| (c, f64::from(n).sqrt())).collect())];
        while parts.len() < most {
            let widest = (0..parts.len()).max_by(|a, b| parts[*a].spread.total_cmp(&parts[*b].spread)).unwrap_or(0);
            if parts[widest].spread <= 0.0 {
                break;
            }
            let (below, above) = parts.swap_remove(widest).cut();
            parts.extend([below, above]);
        }
        let places =
            parts.iter().enumerate().flat_map(|(i, part)| part.colours.iter().map(move |(c, _)| (*c, i as u8)));
        Palette { places: places.collect(), colours: parts.iter().map(Part::mean).collect() }
    }

    /// The bytes of `count` entries, those that are left over black.
    pub(super) fn entries(&self, count: usize) -> Vec<u8> {
        let mut bytes = self.colours.concat();
        bytes.resize(3 * count, 0);
        bytes
    }
}

/// Some of the colours, each with its weight.
struct Part {
    colours: Vec<(Colour, f64)>,
    means: [f64; 3],
    /// The channel that varies most, and its weighted sum of squared deviations.
    channel: usize,
    spread: f64,
}

impl Part {
    fn of(colours: Vec<(Colour, f64)>) -> Part {
        let weight: f64 = colours.iter().map(|(_, w)| w).sum();
        let sum = |value: &dyn Fn(&Colour) -> f64| colours.iter().map(|(c, w)| value(c) * w).sum::<f64>();
        let means = [0, 1, 2].map(|channel| sum(&|c| f64::from(c[channel])) / weight.max(1.0));
        let spreads = [0, 1, 2].map(|channel| sum(&|c| (f64::from(c[channel]) - means[channel]).powi(2)));
        let channel = (0..3).max_by(|a, b| spreads[*a].total_cmp(&spreads[*b])).unwrap_or(0);
        let spread = if colours.len() > 1 { spreads[channel] } else { 0.0 };
        Part { colours, means, channel, spread }
    }

    /// Both sides of the mean of the channel that varies most; neither is empty where the colours differ in it.
    fn cut(self) -> (Part, Part) {
        let below = |(colour, _): &(Colour, f64)| f64::from(colour[self.channel]) < self.means[self.channel];
        let (below, above) = self.colours.into_iter().partition(below);
        (Part::of(below), Part::of(above))
    }

    fn mean(&self) -> Colour {
        self.means.map(|mean| mean.round() as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_colours_are_kept_as_they_are() {
        let colours: Vec<Colour> = (0..255u8).map(|i| [i, 255 - i, i / 2]).collect();
        let palette = Palette::of(255, colours.iter().flat_map(|c| [*c, *c]));
        let entries = palette.entries(256);
        for colour in &colours {
            assert_eq!(&entries[3 * usize::from(palette.places[colour])..][..3], colour);
        }
    }

    #[test]
    fn a_rare_colour_far_from_all_others_keeps_its_own_place() {
        let map = (0..200_000u32).map(|i| [200 + (i % 50) as u8, 150 + (i / 50 % 100) as u8, 220]);
        let palette = Palette::of(255, map.chain([[0, 0, 0]; 20]));
        let entries = palette.entries(256);
        assert_eq!(&entries[3 * usize::from(palette.places[&[0, 0, 0]])..][..3], [0, 0, 0]);
        for (colour, place) in &palette.places {
            let shown = &entries[3 * usize::from(*place)..][..3];
            assert!(colour.iter().zip(shown).all(|(a, b)| a.abs_diff(*b) <= 12), "{colour:?} as {shown:?}");
        }
    }
}
