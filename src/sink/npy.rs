//! NPY, the file of one `NumPy` array: float32, C order, shape (height, width), row 0 north, NaN for no data.
//! Format: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>, version 1.0.

use std::io;

use super::{Encode, Format, Metadata, Out};
use crate::grid::Density;

pub(super) const FORMAT: Format = Format {
    name: "npy",
    extensions: &["npy"],
    about: "values as a NumPy array, float32 (height, width), row 0 north, NaN for no data",
    max_side: u32::MAX,
    encode: Encode::Values(encode),
};

fn encode(density: &Density, _: Metadata<'_>, out: &mut dyn Out) -> io::Result<()> {
    let frame = density.grid.frame();
    out.write_all(&header(frame.height(), frame.width()))?;
    for values in density.grid.values().chunks(1 << 14) {
        out.write_all(values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>().as_slice())?;
    }
    Ok(())
}

/// Magic, version, length of the dictionary, and the dictionary padded so that the values start at a multiple
/// of 64 bytes.
fn header(height: u32, width: u32) -> Vec<u8> {
    const BEFORE: usize = 10;
    let mut dictionary = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({height}, {width}), }}");
    let padded = (BEFORE + dictionary.len() + 1).next_multiple_of(64) - BEFORE;
    dictionary = format!("{dictionary:<0$}\n", padded - 1);
    let length = (dictionary.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00".as_slice(), &length, dictionary.as_bytes()].concat()
}
