//! The way between two fixes as straight lines in the plane of pictures, short enough to lie beside the great circle by
//! less than 1/64 of a cell, and how such a line crosses the cells of a lattice.

use crate::trace::lattice::Lattice;
use crate::world::World;

/// The longest line, in radians of Mercator (some 3 km at the equator): over it the great circle lies within 0.1 m of
/// its chord, as `L²/8` says of an arc whose curvature is below 1 in that plane, and lengths are as right as below.
const LONGEST: f64 = 5e-4;

/// A straight line in the plane.
#[derive(Debug, Clone, Copy)]
pub struct Line {
    /// Where it begins; `x` in the turn around the Earth of the lattice.
    pub from: World,
    /// How far it leads.
    pub by: (f64, f64),
    /// Latitudes of its ends, in degrees.
    pub lat: (f64, f64),
    /// Their cosines.
    pub cosine: (f64, f64),
    /// What it is worth: metres or seconds.
    pub amount: f64,
}

/// A polynomial that says the latitude along a line: through the latitudes of its ends, with the slopes that Mercator
/// has there. Off by less than `L^4/220` in Mercator's `y`, in radians of which the line covers `L`, because the fourth
/// derivative of the latitude is below 1.75 of the first.
#[derive(Debug, Clone, Copy)]
pub struct Latitude {
    start: f64,
    coefficients: [f64; 3],
}

impl Latitude {
    /// Along a line.
    #[inline(always)]
    pub fn along(line: &Line) -> Latitude {
        let slope = |cosine: f64| -360.0 * cosine * line.by.1;
        let (first, last, rise) = (slope(line.cosine.0), slope(line.cosine.1), line.lat.1 - line.lat.0);
        Latitude {
            start: line.lat.0,
            coefficients: [first, 3.0 * rise - 2.0 * first - last, first + last - 2.0 * rise],
        }
    }

    /// At a share of the line, in degrees.
    #[inline(always)]
    pub fn at(&self, share: f64) -> f64 {
        let [a, b, c] = self.coefficients;
        self.start + share * (a + share * (b + share * c))
    }
}

/// The longest line for a lattice, in World units: no longer than that latitudes are within 1e-9 of a cell and chords
/// within 1/64.
pub fn reach(lattice: &Lattice) -> f64 {
    let density = lattice.density();
    let cell = std::f64::consts::TAU / density.0.max(density.1);
    LONGEST.min((2.2e-7 * cell).powf(0.25)).min((cell / 8.0).sqrt()) / std::f64::consts::TAU
}

/// The part of a line that lies in a cell.
#[derive(Debug, Clone, Copy)]
pub struct Piece {
    /// From this share of the line.
    pub from: f64,
    /// To this one.
    pub to: f64,
    /// Column and row, as whole numbers.
    pub cell: (f64, f64),
    /// Where the line begins, in cells; a turn around the Earth off where the piece lies beyond the meridian at which
    /// cells begin.
    pub start: (f64, f64),
    /// How far it leads, in cells.
    pub by: (f64, f64),
}

/// Gives the pieces of a line in order: at most as many as it crosses borders, and one or two more.
#[inline(always)]
pub fn pieces(lattice: &Lattice, line: &Line, each: &mut impl FnMut(&Piece)) {
    let (west, end) = (lattice.west(), line.from.x + line.by.0);
    let start = (lattice.across(line.from.x), lattice.down(line.from.y));
    let density = lattice.density();
    let by = (line.by.0 * density.0, line.by.1 * density.1);
    let piece = Piece { from: 0.0, to: 1.0, cell: (start.0.floor(), start.1.floor()), start, by };
    if (west..west + 1.0).contains(&end) {
        return traverse(piece, each);
    }
    // Over the meridian where cells begin, into the same turn from its other end.
    let (seam, turn) = if end < west { (west, 1.0) } else { (west + 1.0, -1.0) };
    let share = ((seam - line.from.x) / line.by.0).clamp(0.0, 1.0);
    traverse(Piece { to: share, ..piece }, each);
    let start = (lattice.across(line.from.x + turn), start.1);
    let begin = (start.0 + share * by.0, start.1 + share * by.1);
    let least = lattice.across(west);
    traverse(Piece { from: share, start, cell: (begin.0.max(least).floor(), begin.1.floor()), ..piece }, each);
}

/// Follows a straight line from cell to cell (Amanatides and Woo, "A Fast Voxel Traversal Algorithm", 1987). Where it
/// crosses a border is computed from the border alone, so that nothing adds up, and how many borders it crosses is
/// known before, so that nothing can go on for ever.
#[inline(always)]
fn traverse(whole: Piece, each: &mut impl FnMut(&Piece)) {
    let mut piece = whole;
    let last = (whole.start.0 + whole.by.0 * whole.to, whole.start.1 + whole.by.1 * whole.to);
    let (mut across, mut down) = ((last.0.floor() - whole.cell.0).abs(), (last.1.floor() - whole.cell.1).abs());
    let (right, below) = (whole.by.0.signum(), whole.by.1.signum());
    while across + down > 0.0 {
        // A line that leads right crosses the right border of its cell, one that leads left the left.
        let border = (piece.cell.0 + right.max(0.0), piece.cell.1 + below.max(0.0));
        let next = |many: f64, share: f64| if many > 0.0 { share } else { f64::INFINITY };
        let next_across = next(across, (border.0 - whole.start.0) / whole.by.0);
        let next_down = next(down, (border.1 - whole.start.1) / whole.by.1);
        let sideways = next_across <= next_down;
        piece.to = next_across.min(next_down).clamp(piece.from, whole.to);
        each(&piece);
        piece.from = piece.to;
        if sideways {
            piece.cell.0 += right;
            across -= 1.0;
        } else {
            piece.cell.1 += below;
            down -= 1.0;
        }
    }
    each(&Piece { to: whole.to, ..piece });
}
