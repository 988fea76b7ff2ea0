//! In what order points are held, and how those at one place come together.

use std::cmp::Ordering;

use rayon::prelude::*;

use crate::estimate::exact::points::Point;

/// Where points of places that were seen lately are kept, so that events at the same place become one point at once.
/// Only for events that count 1 each: their sums are exact in any order.
#[derive(Debug, Clone, Default)]
pub struct Lately {
    /// For each hash of a place, 32 other bits of it and the number of the last point that had it.
    seen: Vec<u64>,
}

impl Lately {
    /// The binary logarithm of how many places are remembered.
    const BITS: u32 = 15;

    /// Counts an event at a point that is known already; otherwise remembers it as the point that is pushed next.
    pub fn counts(&mut self, points: &mut [Point], event: &Point) -> bool {
        const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
        self.seen.resize(1 << Lately::BITS, u64::MAX);
        let mixed = (event.x.to_bits().wrapping_mul(MIX) ^ event.y.to_bits()).wrapping_mul(MIX);
        let slot = &mut self.seen[(mixed >> (64 - Lately::BITS)) as usize];
        let tag = mixed << 32;
        if *slot ^ tag < 1 << 32
            && let Some(known) = points.get_mut(*slot as u32 as usize)
            && known.is_with(event)
        {
            known.weight += event.weight;
            return true;
        }
        *slot = tag | points.len() as u64 & u64::from(u32::MAX);
        false
    }
}

/// How points are put in order: strips of a few rows, so that the points near a row are few strips, and chords that
/// follow each other begin and end near each other. The order of two points does not depend on what others there are.
#[derive(Debug, Clone, Copy, Default)]
pub struct Strips {
    /// Where the frame begins, and strips in a unit of `y`.
    origin: f64,
    per_y: f64,
    /// The number of the first strip, counted from the origin.
    first: i64,
    /// The least `x`, and buckets in a column.
    least: f64,
    per_x: f64,
    /// Strips, and buckets in a strip.
    count: (usize, usize),
}

impl Strips {
    /// Rows of the frame in a strip.
    const ROWS: u32 = 8;

    /// Points that a bucket holds if they are spread evenly.
    const EACH: usize = 8;

    /// Strips that are counted on either side of the origin; what lies farther is in the last.
    const FAR: f64 = 65_536.0;

    /// The strips for some points, over a frame of so many rows from the least `y` to the greatest.
    pub fn of(points: &[Point], (from, to): (f64, f64), rows: u32) -> Strips {
        let per_y = if to > from { f64::from(rows.div_ceil(Strips::ROWS)) / (to - from) } else { 0.0 };
        let (columns, rows) = (range(points, |point| point.x), range(points, |point| point.y));
        let empty = Strips { origin: from, per_y, count: (1, 1), least: columns[0], ..Strips::default() };
        let first = empty.number(rows[0]);
        let strips = (empty.number(rows[1]) - first + 1).max(1) as usize;
        let buckets = (points.len() / Strips::EACH / strips).max(1);
        let wide = columns[1] - columns[0];
        let per_x = if wide > 0.0 { buckets as f64 / wide } else { 0.0 };
        Strips { first, per_x, count: (strips, buckets), ..empty }
    }

    /// The number of the strip that holds a `y`; never falls as `y` grows.
    fn number(&self, y: f64) -> i64 {
        ((y - self.origin) * self.per_y).floor().clamp(-Strips::FAR, Strips::FAR) as i64
    }

    /// How many strips lie before the one that holds a `y`.
    pub fn strip(&self, y: f64) -> usize {
        (self.number(y) - self.first).clamp(0, self.count.0.max(1) as i64 - 1) as usize
    }

    fn bucket(&self, point: &Point) -> usize {
        let along = ((point.x - self.least) * self.per_x) as usize;
        self.strip(point.y) * self.count.1 + along.min(self.count.1 - 1)
    }

    /// Points in order: dealt into buckets, and each bucket sorted.
    pub fn sort(&self, points: &[Point]) -> Vec<Point> {
        let buckets: Vec<u32> = points.iter().map(|point| self.bucket(point) as u32).collect();
        // Where the next point of each bucket goes; in the end, where the bucket after it begins.
        let mut next = vec![0usize; self.count.0 * self.count.1 + 1];
        for bucket in &buckets {
            next[*bucket as usize + 1] += 1;
        }
        (1..next.len()).for_each(|i| next[i] += next[i - 1]);
        let mut dealt = points.to_vec();
        for (point, bucket) in points.iter().zip(&buckets) {
            let place = &mut next[*bucket as usize];
            dealt[*place] = *point;
            *place += 1;
        }
        let mut rest = &mut dealt[..];
        let mut parts = Vec::with_capacity(next.len());
        let mut start = 0;
        for end in &next[..next.len() - 1] {
            let (part, after) = rest.split_at_mut(end - start);
            parts.push(part);
            (rest, start) = (after, *end);
        }
        parts.into_par_iter().with_min_len(256).for_each(|part| part.sort_unstable_by(in_order));
        dealt
    }
}

/// The least and the greatest of some numbers.
fn range(points: &[Point], of: impl Fn(&Point) -> f64) -> [f64; 2] {
    let grow = |[a, b]: [f64; 2], value: f64| [if value < a { value } else { a }, if value > b { value } else { b }];
    points.iter().map(of).fold([f64::INFINITY, f64::NEG_INFINITY], grow)
}

/// From west to east, then by all that distinguishes points.
fn in_order(a: &Point, b: &Point) -> Ordering {
    let rest = |p: &Point| [p.shrink, p.weight, p.product];
    a.x.total_cmp(&b.x).then_with(|| a.y.total_cmp(&b.y)).then_with(|| {
        let pairs = rest(a).into_iter().zip(rest(b));
        pairs.map(|(a, b)| a.total_cmp(&b)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    })
}
