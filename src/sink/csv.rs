//! CSV: `row,col,x,y,value`, one line for each cell that has data. `x` and `y` are the centre of the cell:
//! longitude in -180..180 and latitude in degrees on the Earth, the coordinates of a flat space elsewhere.

use std::fmt;
use std::io::{self, Write};

use rayon::prelude::*;

use super::{Encode, Format, Metadata, Out};
use crate::events::Space;
use crate::frame::Frame;
use crate::grid::{Density, Grid};
use crate::world::{World, wrapped};

pub(super) const FORMAT: Format = Format {
    name: "csv",
    extensions: &["csv"],
    about: "values as lines row,col,x,y,value; cells without data are left out",
    max_side: u32::MAX,
    encode: Encode::Values(encode),
};

/// Cells written by one thread at a time, and how many such pieces are in memory at once.
const PIECE: usize = 1 << 16;
const PIECES: usize = 64;

fn encode(density: &Density, _: Metadata<'_>, out: &mut dyn Out) -> io::Result<()> {
    let grid = &density.grid;
    let frame = grid.frame();
    let xs: Vec<String> = (0..frame.width()).map(|col| Shortest(centre(frame, col, 0).0).to_string()).collect();
    out.write_all(b"row,col,x,y,value\n")?;
    let rows_of_piece = PIECE.div_ceil(frame.width() as usize) as u32;
    let starts: Vec<u32> = (0..frame.height()).step_by(rows_of_piece as usize).collect();
    for starts in starts.chunks(PIECES) {
        let lines = |start: &u32| lines(grid, &xs, *start..(start + rows_of_piece).min(frame.height()));
        for piece in starts.par_iter().map(lines).collect::<Vec<_>>() {
            out.write_all(&piece?)?;
        }
    }
    Ok(())
}

fn lines(grid: &Grid<f32>, xs: &[String], rows: std::ops::Range<u32>) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    for row in rows {
        let y = Shortest(centre(grid.frame(), 0, row).1).to_string();
        for (col, value) in grid.row(row).iter().enumerate().filter(|(_, value)| !value.is_nan()) {
            writeln!(text, "{row},{col},{},{y},{}", xs[col], Shortest(*value))?;
        }
    }
    Ok(text)
}

fn centre(frame: &Frame, col: u32, row: u32) -> (f64, f64) {
    let World { x, y } = frame.centre(i64::from(col), i64::from(row));
    let x = if frame.space() == Space::Earth { wrapped(x) } else { x };
    World { x, y }.coordinates(frame.space())
}

/// A number in the fewest digits that read back as the same number; very small and large ones with an exponent.
struct Shortest<T>(T);

impl<T: Copy + Into<f64> + fmt::Display + fmt::LowerExp> fmt::Display for Shortest<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.into().abs();
        let plain = size == 0.0 || (1e-5..1e16).contains(&size) || size.is_infinite();
        if plain { write!(f, "{}", self.0) } else { write!(f, "{:e}", self.0) }
    }
}
