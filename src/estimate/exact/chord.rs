//! Where the rows of a frame cut the kernels of events. On the ground, with `a = sin²(Δlatitude / 2)`, `k` the product
//! of the two cosines of latitude and `L` the difference of longitude, the haversine formula says
//!
//! ```text
//!   (d / 2R)² = G(s)     s = a + k sin²(L / 2)     G(s) = asin²(√s) = s + s²/3 + 8 s³/45 + 4 s⁴/35 + ...
//! ```
//!
//! and its expansion in `L²` gives the coefficients of `v` along the row: `v0 = G(a)`, `v1 = G'(a) k / 4` and
//! `v2 = G''(a) k² / 32 - G'(a) k / 48`, each times `4 R² / h²`. What is left out is 0.01 L⁴ of v.

use std::f64::consts::{PI, TAU};
use std::ops::Range;

use crate::bandwidth::Breadth;
use crate::estimate::exact::points::{Gain, Points};
use crate::events::Space;
use crate::frame::Frame;
use crate::world::{EARTH_RADIUS_M, sin_cos_below_quarter_pi};

/// Half a chord's longitude `L`, in radians, up to which `v2` is not needed: it makes `L² sin²(latitude) / 12` of v, 1e-7.
const STRAIGHT: f64 = 1.1e-3;

/// Half a chord's longitude up to which the expansion is good for 6e-8 of v.
const EXPANDED: f64 = 0.05;

/// What squared distances are measured with.
#[derive(Debug, Clone)]
enum Measure {
    /// Reciprocal squared bandwidth in columns and in rows.
    Plane(f64, f64),
    /// `4 R² / h²`.
    Sphere(f64),
}

/// A frame and a bandwidth, as chords need them.
#[derive(Debug, Clone)]
pub struct Terrain {
    measure: Measure,
    /// The greatest squared distance in bandwidths at which a kernel is followed.
    farthest: f64,
    /// Where rows are: row centres, or their latitudes in radians.
    rows: Vec<f64>,
    /// Columns of the frame.
    width: f64,
    /// Columns once round the world; infinite in a plane.
    girth: f64,
    /// How far a kernel of shrink 1 reaches, in units of `rows`, and how far the widest does.
    reach: f64,
    widest: f64,
}

/// How much of the expansion a row needs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Bend {
    /// `v0` and `v1`.
    #[default]
    Straight,
    /// `v2` too.
    Expanded,
    /// None is good enough: kernels that are large beside the Earth take the haversine formula cell by cell.
    Full,
}

impl Terrain {
    /// The rows of a frame under a kernel that is followed so many bandwidths; `shrinks` are the least and the greatest of
    /// the points.
    pub fn new(frame: &Frame, far: f64, breadth: Breadth, shrinks: (f64, f64)) -> Terrain {
        let rows = 0..i64::from(frame.height());
        let farthest = far * far;
        let girth = if frame.space() == Space::Earth { frame.cells_per_unit().0 } else { f64::INFINITY };
        let (measure, rows, reach): (_, Vec<f64>, _) = match breadth {
            Breadth::Cells(x, y) => {
                (Measure::Plane(x.powi(-2), y.powi(-2)), rows.map(|row| row as f64 + 0.5).collect(), y)
            }
            Breadth::Ground(m) => {
                let scale = (2.0 * EARTH_RADIUS_M / m).powi(2);
                (Measure::Sphere(scale), rows.map(|row| frame.row_latitude(row)).collect(), m / EARTH_RADIUS_M)
            }
        };
        let reach = reach * far;
        Terrain {
            measure,
            farthest,
            rows,
            width: f64::from(frame.width()),
            girth,
            reach,
            widest: reach / shrinks.0.sqrt(),
        }
    }

    /// How much of the expansion a row needs.
    pub fn bend(&self, row: usize) -> Bend {
        self.bend_at(self.rows[row])
    }

    fn bend_at(&self, latitude: f64) -> Bend {
        let steepest = latitude.abs() + self.widest;
        match self.measure {
            Measure::Plane(..) => Bend::Straight,
            Measure::Sphere(_) if steepest > 1.55 => Bend::Full,
            Measure::Sphere(_) if self.widest < STRAIGHT * steepest.cos() => Bend::Straight,
            Measure::Sphere(_) if self.widest < EXPANDED * steepest.cos() => Bend::Expanded,
            Measure::Sphere(_) => Bend::Full,
        }
    }

    /// Half a kernel's width along a row, in columns, where it is widest.
    pub fn half_width(&self, row: usize) -> f64 {
        match self.measure {
            Measure::Plane(per_col, _) => self.farthest.sqrt() / per_col.sqrt(),
            Measure::Sphere(_) => {
                (self.reach / (self.rows[row].abs() + self.reach).min(1.55).cos() / TAU).min(0.5) * self.girth
            }
        }
    }

    /// Half a kernel's height, in rows, at a row of the frame.
    pub fn half_height(&self, row: usize) -> f64 {
        let next = (row + 1).min(self.rows.len() - 1);
        let step = (self.rows[next] - self.rows[next.max(1) - 1]).abs();
        if step > 0.0 { self.reach / step } else { 1.0 }
    }

    fn is_plane(&self) -> bool {
        matches!(self.measure, Measure::Plane(..))
    }

    /// Longitude of a column, in radians.
    fn turn(&self) -> f64 {
        TAU / self.girth
    }

    /// Columns once round the world; infinite in a plane.
    pub fn girth(&self) -> f64 {
        self.girth
    }

    /// The greatest squared distance in bandwidths at which a kernel is followed.
    pub fn farthest(&self) -> f64 {
        self.farthest
    }

    /// Half the chord that a row cuts of the kernel of an event of latitude `y`, in columns; none where it does not
    /// reach the row.
    pub fn half_chord(&self, (y, row): (f64, usize), shrink: f64) -> Option<f64> {
        let here = self.rows[row];
        let reach = (self.reach / shrink.sqrt()).min(PI);
        let missing = (reach / 2.0).sin().powi(2) - ((y - here) / 2.0).sin().powi(2);
        let turn = (missing / (here.cos() * y.cos())).min(1.0).sqrt().asin();
        (missing >= 0.0).then_some(turn / PI * self.girth)
    }

    /// `s` of the haversine formula, column by column from `cols` columns east of an event of latitude `y`.
    pub fn turned(&self, (y, row): (f64, usize), cols: f64) -> Turned {
        let here = self.rows[row];
        let (sin, cos) = (cols * TAU / self.girth).sin_cos();
        let a = ((y - here) / 2.0).sin().powi(2);
        Turned { a, half_k: here.cos() * y.cos() / 2.0, sin, cos, step: (TAU / self.girth).sin_cos() }
    }

    /// The squared distance in bandwidths that belongs to an `s`, for a kernel of shrink 1: `asin²(√s)` by its series
    /// up to 2500 km, whose rest is below 2e-10 of it.
    pub fn squared_distance(&self, s: f64) -> f64 {
        let Measure::Sphere(scale) = self.measure else { unreachable!("planes are straight") };
        if s > 0.04 {
            return scale * s.min(1.0).sqrt().asin().powi(2);
        }
        let rest = s * (8.0 / 45.0 + s * (4.0 / 35.0 + s * (128.0 / 1575.0 + s * (128.0 / 2079.0))));
        scale * s * (1.0 + s * (1.0 / 3.0 + rest))
    }

    /// Finds the chords that a row cuts of the kernels of some points near it.
    pub fn cut(&self, chords: &mut Chords, near: &Near, (points, row): (Range<usize>, usize)) {
        let here = self.rows[row];
        pulp::Arch::new().dispatch(Cut { terrain: self, chords, near, points, here });
    }
}

/// Goes from column to column by the addition theorem of sine and cosine.
pub struct Turned {
    a: f64,
    half_k: f64,
    sin: f64,
    cos: f64,
    step: (f64, f64),
}

impl Turned {
    /// `s` of this column: `a + k sin²(L / 2)`, with `sin²(L / 2) = (1 - cos L) / 2`.
    #[inline]
    pub fn advance(&mut self) -> f64 {
        let s = self.a + self.half_k * (1.0 - self.cos);
        let (sin, cos) = self.step;
        (self.sin, self.cos) = (self.sin * cos + self.cos * sin, self.cos * cos - self.sin * sin);
        s
    }
}

/// The points whose kernels reach a band of rows, in columns; and of what chords are made of, all that is the same for
/// each row.
#[derive(Debug, Default)]
pub struct Near {
    /// As of [`Point`].
    pub x: Vec<f64>,
    /// As of [`Point`].
    pub y: Vec<f64>,
    /// As of [`Point`].
    pub shrink: Vec<f64>,
    /// What the kernel is multiplied by, relative to the peak of a kernel of `shrink` 1.
    pub height: Vec<f64>,
    /// Of the latitude.
    cosine: Vec<f64>,
    /// `v0` for each square of `y`.
    down: Vec<f64>,
    /// `v1`, but for what the row adds to it, and its reciprocal.
    across: Vec<f64>,
    broad: Vec<f64>,
}

impl Near {
    fn columns(&mut self) -> [&mut Vec<f64>; 8] {
        let Near { x, y, shrink, height, cosine, down, across, broad } = self;
        [x, y, shrink, height, cosine, down, across, broad]
    }

    /// Takes the points near these rows in place of those of other rows.
    pub fn gather(&mut self, terrain: &Terrain, points: &Points, rows: &Range<usize>, gain: Gain) {
        let (a, b) = (terrain.rows[rows.start], terrain.rows[rows.end - 1]);
        let (least, most) = (a.min(b), a.max(b));
        let points = points.between(least - terrain.widest, most + terrain.widest);
        self.columns().into_iter().for_each(|column| column.resize(points.len(), 0.0));
        let (reach_squared, mut n) = (terrain.reach * terrain.reach, 0);
        for point in points {
            let away = point.y - point.y.clamp(least, most);
            // Written over by the next one, unless it is near.
            (self.x[n], self.y[n], self.shrink[n]) = (point.x, point.y, point.shrink);
            self.height[n] = gain.of(point) * point.shrink;
            n += usize::from(away * away * point.shrink <= reach_squared);
        }
        self.columns().into_iter().for_each(|column| column.truncate(n));
        pulp::Arch::new().dispatch(Prepare { terrain, near: self });
    }

    /// How many points there are.
    pub fn len(&self) -> usize {
        self.x.len()
    }
}

/// Computes what chords are made of.
struct Prepare<'a> {
    terrain: &'a Terrain,
    near: &'a mut Near,
}

impl pulp::WithSimd for Prepare<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Prepare { terrain, near: Near { y, shrink, cosine, down, across, broad, .. } } = self;
        let n = y.len();
        let (y, shrink, cosine) = (&y[..n], &shrink[..n], &mut cosine[..n]);
        let (down, across, broad) = (&mut down[..n], &mut across[..n], &mut broad[..n]);
        let (per_col, per_row) = match terrain.measure {
            Measure::Plane(per_col, per_row) => (per_col, per_row),
            Measure::Sphere(scale) => (scale * 0.25 * terrain.turn().powi(2), scale * 0.25),
        };
        for i in 0..n {
            // On the ground, with half the latitude, which the series are good for; in the plane, of 0.
            let (sin, _) = sin_cos_below_quarter_pi(if terrain.is_plane() { 0.0 } else { 0.5 * y[i] });
            cosine[i] = 1.0 - 2.0 * sin * sin;
            down[i] = per_row * shrink[i];
            across[i] = per_col * shrink[i] * cosine[i];
            broad[i] = 1.0 / across[i];
        }
    }
}

/// One chord for each of the points near a row: the coefficients of `v`, and its first and last column. Where the
/// kernel does not reach the row, the first column lies beyond the last.
#[derive(Debug, Default)]
pub struct Chords {
    /// Squared distance in bandwidths where the row is nearest.
    pub v0: Vec<f64>,
    /// Its growth with the square of columns.
    pub v1: Vec<f64>,
    /// Its growth with the fourth power of columns.
    pub v2: Vec<f64>,
    /// First column of the chord, in the frame.
    pub first: Vec<u32>,
    /// The column after its last, in the frame; not beyond `first` where there is no chord.
    pub end: Vec<u32>,
}

impl Chords {
    fn resize(&mut self, n: usize) {
        for column in [&mut self.v0, &mut self.v1, &mut self.v2] {
            column.resize(n, 0.0);
        }
        self.first.resize(n, 0);
        self.end.resize(n, 0);
    }
}

struct Cut<'a> {
    terrain: &'a Terrain,
    chords: &'a mut Chords,
    near: &'a Near,
    points: Range<usize>,
    here: f64,
}

impl pulp::WithSimd for Cut<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Cut { terrain, chords, near, points, here } = self;
        chords.resize(points.len());
        if terrain.bend_at(here) == Bend::Straight {
            straight(terrain, chords, (near, points), here);
        } else {
            expanded(terrain, chords, (near, points), here);
        }
    }
}

/// Chords with `v0` and `v1`. On the ground `G(a)` is a quarter of the squared difference of latitude `d`, and `G'(a)` is
/// `d / sin d`, of which two terms are left by kernels as small as this.
#[inline(always)]
fn straight(terrain: &Terrain, chords: &mut Chords, (near, points): (&Near, Range<usize>), here: f64) {
    let n = points.len();
    let (x, y, down) = (&near.x[points.clone()], &near.y[points.clone()], &near.down[points.clone()]);
    let (across, broad) = (&near.across[points.clone()], &near.broad[points]);
    let (v0, v1, v2) = (&mut chords.v0[..n], &mut chords.v1[..n], &mut chords.v2[..n]);
    let (first, end) = (&mut chords.first[..n], &mut chords.end[..n]);
    let (row, bent) = if terrain.is_plane() { (1.0, 0.0) } else { (here.cos(), 1.0 / 6.0) };
    let per_row = 1.0 / row;
    for i in 0..n {
        let squared = (y[i] - here) * (y[i] - here);
        v0[i] = down[i] * squared;
        v1[i] = across[i] * row * (1.0 + bent * squared);
        v2[i] = 0.0;
        let missing = terrain.farthest - v0[i];
        let z = missing * broad[i] * per_row * (1.0 - bent * squared);
        (first[i], end[i]) = between(terrain.width, x[i], z.max(0.0).sqrt(), missing);
    }
}

/// Chords with `v2` too.
#[inline(always)]
fn expanded(terrain: &Terrain, chords: &mut Chords, (near, points): (&Near, Range<usize>), here: f64) {
    let n = points.len();
    let (x, y, down) = (&near.x[points.clone()], &near.y[points.clone()], &near.down[points.clone()]);
    let (across, cosine) = (&near.across[points.clone()], &near.cosine[points]);
    let (v0, v1, v2) = (&mut chords.v0[..n], &mut chords.v1[..n], &mut chords.v2[..n]);
    let (first, end) = (&mut chords.first[..n], &mut chords.end[..n]);
    let (row, turn) = (here.cos(), terrain.turn());
    for i in 0..n {
        let d = y[i] - here;
        let a = sine_squared(d * 0.5);
        let k = cosine[i] * row * turn * turn;
        let slope = 1.0 + a * (2.0 / 3.0 + a * (8.0 / 15.0 + a * (16.0 / 35.0)));
        let bent = 2.0 / 3.0 + a * (16.0 / 15.0);
        v0[i] = down[i] * d * d;
        v1[i] = across[i] * row * slope;
        v2[i] = across[i] * row * (bent * k * (1.0 / 8.0) - slope * turn * turn * (1.0 / 12.0));
        let missing = terrain.farthest - v0[i];
        // Two steps of Newton's method for v0 + v1 z + v2 z² = farthest.
        let z = missing / v1[i];
        let z = z - v2[i] * z * z / (v1[i] + 2.0 * v2[i] * z);
        let z = z - (v1[i] * z + v2[i] * z * z - missing) / (v1[i] + 2.0 * v2[i] * z);
        (first[i], end[i]) = between(terrain.width, x[i], z.max(0.0).sqrt(), missing);
    }
}

/// The first column of a chord and the one after its last, `half` a chord from `x`, in a frame of so many columns; both
/// beyond it where the kernel does not reach the row, because nothing is `missing` to its end.
#[inline(always)]
fn between(width: f64, x: f64, half: f64, missing: f64) -> (u32, u32) {
    // Adding this to a whole number leaves it in the low bits.
    const TO_LOW_BITS: f64 = 4_503_599_627_370_496.0;
    let first = (x - half - 0.5).ceil().max(0.0).min(width);
    let end = ((x + half - 0.5).floor() + 1.0).max(0.0).min(width);
    let first = if missing < 0.0 { width } else { first };
    ((first + TO_LOW_BITS).to_bits() as u32, (end + TO_LOW_BITS).to_bits() as u32)
}

/// The square of the sine of an angle below 0.1: its series up to a term below 1e-15.
#[inline(always)]
fn sine_squared(angle: f64) -> f64 {
    let z = angle * angle;
    z * (1.0 - z * (1.0 / 3.0 - z * (2.0 / 45.0 - z * (1.0 / 315.0))))
}
