//! A tile of values as PNG: of each value the first 24 bits of its IEEE 754 float32 as red, green and blue, so that a web
//! page reads exact values with nothing but a canvas (docs/value-tiles.md). One sign, 8 bits of exponent and 15 of mantissa
//! are within 2^-16 of a value of any size above 1.2e-38; fixed steps as those of Terrarium tiles would lose the small
//! densities beside the great ones.
//!
//! Alpha is 255 where there is data and 0 where there is none, and never between: browsers multiply colours by it.

use std::path::Path;

use super::png;
use crate::error::Error;
use crate::grid::Grid;
use crate::sink::whole;

/// What metadata call it.
pub const ENCODING: &str = "float24";

/// The file of a tile of values.
///
/// # Errors
/// Never for tiles, which are small.
pub fn encode_values(grid: &Grid<f32>) -> Result<Vec<u8>, Error> {
    let rgba = |value: &f32| {
        let [r, g, b] = float24(*value);
        if value.is_nan() { [0; 4] } else { [r, g, b, 255] }
    };
    let bytes: Vec<u8> = grid.values().iter().flat_map(rgba).collect();
    let (width, height) = (grid.frame().width(), grid.frame().height());
    png::encode_rgba(&bytes, width, height).map_err(|error| whole::machine(Path::new("tile"), &error))
}

/// The first 24 bits of a value, rounded to the nearest; what is finite stays so.
fn float24(value: f32) -> [u8; 3] {
    const GREATEST: u32 = f32::MAX.to_bits() >> 8;
    let (sign, size) = (value.to_bits() & 1 << 31, value.abs().to_bits());
    let rounded = if value.is_finite() { ((size + 0x80) >> 8).min(GREATEST) } else { size >> 8 };
    let [_, first, second, third] = (sign >> 8 | rounded).to_be_bytes();
    [first, second, third]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back(value: f32) -> f32 {
        let [r, g, b] = float24(value);
        f32::from_be_bytes([r, g, b, 0])
    }

    #[test]
    fn values_of_every_size_come_back_within_a_65536th() {
        for bits in (0..0x7f80_0000u32).step_by(9973) {
            let value = f32::from_bits(bits);
            for value in [value, -value] {
                let back = there_and_back(value);
                let off = (f64::from(back) - f64::from(value)).abs();
                assert!(back.is_finite(), "{value:e} became {back:e}");
                assert!(
                    off <= f64::from(value.abs().max(f32::MIN_POSITIVE)) / 65_536.0 || value.abs() > 3.4e38,
                    "{value:e}"
                );
            }
        }
    }

    #[test]
    fn what_needs_no_more_than_24_bits_comes_back_as_it_was() {
        for value in [0.0f32, 1.0, -2.5, 65_535.0, 1.0 + 1.0 / 32_768.0, f32::INFINITY, f32::NEG_INFINITY] {
            assert_eq!(there_and_back(value).to_bits(), value.to_bits());
        }
        assert!(there_and_back(f32::MAX).is_finite());
    }
}
