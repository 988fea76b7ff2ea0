//! NPY, the file of one `NumPy` array. Format:
//! <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>, versions 1 to 3.

use std::io::{BufReader, Read};

use super::open::Opened;
use super::{CELLS, Format, ReadMatrix, TableQuery, numbered};
use crate::error::Error;
use crate::matrix::{Axis, Matrix};
use crate::source::unpack::fill;

pub const FORMAT: Format = Format {
    name: "npy",
    extensions: &["npy"],
    about: "a NumPy array of one or two dimensions, of numbers",
    matrix,
    records: None,
};

/// The longest header that is read.
const HEADER: u32 = 1 << 20;

fn matrix(opened: &Opened, _: &TableQuery) -> Result<ReadMatrix, Error> {
    let mut reader = BufReader::with_capacity(1 << 18, opened.reader()?);
    let dictionary = dictionary(&mut reader, opened)?;
    let array = Array::of(&dictionary, opened)?;
    let values = array.values(&mut reader, opened)?;
    let matrix = Matrix::new(Axis::of(numbered(array.rows)), Axis::of(numbered(array.columns)), values);
    let flipped = if array.by_columns { matrix.transposed() } else { matrix };
    Ok(ReadMatrix::new(flipped, Vec::new()))
}

/// The text of the header.
fn dictionary(reader: &mut impl Read, opened: &Opened) -> Result<String, Error> {
    let mut start = [0; 8];
    read(reader, &mut start, opened)?;
    if &start[..6] != b"\x93NUMPY" {
        return Err(damaged(opened, "no NPY file"));
    }
    let length = if start[6] < 2 {
        let mut length = [0; 2];
        read(reader, &mut length, opened)?;
        u32::from(u16::from_le_bytes(length))
    } else {
        let mut length = [0; 4];
        read(reader, &mut length, opened)?;
        u32::from_le_bytes(length)
    };
    if length > HEADER {
        return Err(damaged(opened, &format!("a header of {length} bytes")));
    }
    let mut text = vec![0; length as usize];
    read(reader, &mut text, opened)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn read(reader: &mut impl Read, bytes: &mut [u8], opened: &Opened) -> Result<(), Error> {
    let filled = fill(reader, bytes).map_err(|e| opened.unread(&e))?;
    if filled < bytes.len() { Err(damaged(opened, "an end in the middle")) } else { Ok(()) }
}

fn damaged(opened: &Opened, found: &str) -> Error {
    opened
        .error()
        .found(found)
        .expected("a NumPy array of one or two dimensions, of numbers")
        .advice("write it anew with numpy.save")
}

/// What the header says. An array that is stored by columns is read as its transpose.
struct Array {
    rows: usize,
    columns: usize,
    by_columns: bool,
    size: usize,
    number: Number,
}

/// The number that some bytes are.
type Number = fn(&[u8]) -> f64;

/// How a value is stored: its bytes, swapped if they are big-endian, as a number.
macro_rules! stored {
    ($type:ty, $big:expr) => {
        if $big {
            |bytes: &[u8]| bytes.try_into().map_or(f64::NAN, |bytes| <$type>::from_be_bytes(bytes) as f64)
        } else {
            |bytes: &[u8]| bytes.try_into().map_or(f64::NAN, |bytes| <$type>::from_le_bytes(bytes) as f64)
        }
    };
}

impl Array {
    fn of(dictionary: &str, opened: &Opened) -> Result<Array, Error> {
        let wrong = || damaged(opened, &format!("the header {}", dictionary.trim()));
        let kind = member(dictionary, "descr").and_then(quoted).ok_or_else(wrong)?;
        let by_columns = member(dictionary, "fortran_order").ok_or_else(wrong)?.starts_with("True");
        let shape = member(dictionary, "shape").and_then(shape).ok_or_else(wrong)?;
        let (rows, columns) = match shape[..] {
            [columns] => (1, columns),
            [rows, columns] => (rows, columns),
            _ => return Err(damaged(opened, &format!("{} dimensions", shape.len()))),
        };
        if rows.saturating_mul(columns) > CELLS as u64 {
            return Err(opened.too_large(rows.into(), columns.into()));
        }
        let (size, number) = number(kind).ok_or_else(|| damaged(opened, &format!("values of the type `{kind}`")))?;
        let (rows, columns) = (rows as usize, columns as usize);
        let (rows, columns) = if by_columns { (columns, rows) } else { (rows, columns) };
        Ok(Array { rows, columns, by_columns, size, number })
    }

    /// All values in the order in which they are stored. Only as much is held as there really is.
    fn values(&self, reader: &mut impl Read, opened: &Opened) -> Result<Vec<f64>, Error> {
        const AT_ONCE: usize = 1 << 15;
        let total = self.rows * self.columns;
        let mut values = Vec::new();
        let mut bytes = vec![0; AT_ONCE * self.size];
        while values.len() < total {
            let wanted = AT_ONCE.min(total - values.len()) * self.size;
            let filled = fill(reader, &mut bytes[..wanted]).map_err(|e| opened.unread(&e))?;
            if filled < wanted {
                let there = values.len() + filled / self.size;
                return Err(damaged(opened, &format!("{there} values where the header promises {total}")));
            }
            values.extend(bytes[..wanted].chunks_exact(self.size).map(self.number));
        }
        Ok(values)
    }
}

/// The text behind a name in the dictionary, up to its end.
fn member<'a>(dictionary: &'a str, name: &str) -> Option<&'a str> {
    let after = dictionary.split_once(&format!("'{name}'"))?.1;
    Some(after.trim_start().strip_prefix(':')?.trim_start())
}

fn quoted(text: &str) -> Option<&str> {
    Some(text.strip_prefix('\'')?.split_once('\'')?.0)
}

fn shape(text: &str) -> Option<Vec<u64>> {
    let inside = text.strip_prefix('(')?.split_once(')')?.0;
    let sides = inside.split(',').map(str::trim).filter(|side| !side.is_empty());
    sides.map(|side| side.parse().ok()).collect()
}

/// How many bytes a value of a type has, and what number they are.
#[expect(clippy::cast_lossless, reason = "one macro for all types, of which those of 64 bits are rounded")]
fn number(kind: &str) -> Option<(usize, Number)> {
    let (order, kind) = kind.split_at_checked(1)?;
    let big = match order {
        "<" | "|" | "=" => false,
        ">" => true,
        _ => return None,
    };
    Some(match kind {
        "f2" if big => (2, |bytes| half(bytes.try_into().map_or(0, u16::from_be_bytes))),
        "f2" => (2, |bytes| half(bytes.try_into().map_or(0, u16::from_le_bytes))),
        "f4" => (4, stored!(f32, big)),
        "f8" => (8, stored!(f64, big)),
        "b1" => (1, |bytes| f64::from(u8::from(bytes != [0]))),
        "i1" => (1, stored!(i8, big)),
        "u1" => (1, stored!(u8, big)),
        "i2" => (2, stored!(i16, big)),
        "u2" => (2, stored!(u16, big)),
        "i4" => (4, stored!(i32, big)),
        "u4" => (4, stored!(u32, big)),
        "i8" => (8, stored!(i64, big)),
        "u8" => (8, stored!(u64, big)),
        _ => return None,
    })
}

/// A number of 16 bits: sign, five bits of exponent, ten of fraction (IEEE 754 binary16).
fn half(bits: u16) -> f64 {
    let fraction = f64::from(bits & 0x3ff);
    let size = match (bits >> 10) & 0x1f {
        0 => fraction * 2_f64.powi(-24),
        0x1f if fraction == 0.0 => f64::INFINITY,
        0x1f => f64::NAN,
        exponent => (1024.0 + fraction) * 2_f64.powi(i32::from(exponent) - 25),
    };
    if bits >> 15 == 1 { -size } else { size }
}
