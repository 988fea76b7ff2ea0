//! The order of leaves in which neighbours are as near to each other as the hierarchy lets them be.
//!
//! Bar-Joseph, Gifford, Jaakkola (2001), "Fast optimal leaf ordering for hierarchical clustering", Bioinformatics 17.
//! Of a group with the parts L and R, the least sum of distances between neighbours with u at one end and w at the
//! other, where d is the distance of two leaves:
//!
//! ```text
//! best[u, w] = min over m, k of  best[u, m] + d[m, k] + best[k, w]      u, m in L;  k, w in R
//! ```
//!
//! where m is at the other end of L than u, which is to say in the other part of L, and k likewise in R. It is found in
//! two steps, each a product of matrices with minima in place of sums and sums in place of products:
//!
//! ```text
//! reach[u, k] = min over m of best[u, m] + d[m, k]
//! best[u, w]  = min over k of reach[u, k] + best[k, w]
//! ```
//!
//! `SciPy`'s order of the same name is not the best one (<https://github.com/scipy/scipy/issues/11227>).
//!
//! Leaves are numbered by their places from left to right here, so that those of a group are neighbours.

use std::ops::Range;

use rayon::prelude::*;

use super::Along;
use crate::error::Error;
use crate::tree::{Merge, Tree};

/// Most leaves that are ordered: what is held of them takes 12 bytes for each two, 300 MB of so many, and some seconds.
const MOST: usize = 5_000;

/// Rows of a product that share what is read for them.
const ROWS: usize = 8;

/// Columns of a product that are at hand together.
const COLUMNS: usize = 256;

/// # Errors
/// If there are too many leaves.
pub(super) fn check(count: usize, along: Along) -> Result<(), Error> {
    if count <= MOST {
        return Ok(());
    }
    Err(Error::limit("the best order of leaves")
        .found(format!("{count} {}", along.word()))
        .expected(format!("at most {MOST}"))
        .advice("cluster without it"))
}

/// The hierarchy with its groups turned so that the sum of distances between neighbours is least. `distances` are
/// condensed, between the leaves from left to right.
pub(super) fn best(tree: &Tree, distances: &[f64]) -> Tree {
    let parts = parts(tree);
    let n = tree.leaves();
    let mut sums = Sums { n, distances, best: vec![0.0; n * n] };
    for parts in &parts {
        sums.join(parts);
    }
    let turned = sums.turned(tree, &parts);
    let merges =
        tree.merges().iter().zip(turned).map(|(merge, turned)| {
            if turned { Merge { left: merge.right, right: merge.left, ..*merge } } else { *merge }
        });
    Tree::new(n, merges.collect())
}

/// The two parts of a group, and the parts of those.
struct Parts {
    left: Ends,
    right: Ends,
}

/// Leaves, of which those at one end are in the first range and those at the other end in the second one. Of a single
/// leaf it is at both.
#[derive(Clone, PartialEq)]
struct Ends(Range<usize>, Range<usize>);

impl Ends {
    /// Both ways to begin at one end.
    fn both(&self) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
        let Ends(one, other) = self.clone();
        let turned = (one != other).then(|| (other.clone(), one.clone()));
        std::iter::once((one, other)).chain(turned)
    }

    /// The leaves that may be at the other end than a leaf.
    fn opposite(&self, leaf: usize) -> Range<usize> {
        if self.0.contains(&leaf) { self.1.clone() } else { self.0.clone() }
    }

    fn all(&self) -> Range<usize> {
        self.0.start..self.1.end
    }
}

/// The parts of each merge.
fn parts(tree: &Tree) -> Vec<Parts> {
    let spans = tree.spans();
    let ends = |group: usize| match group.checked_sub(tree.leaves()) {
        None => Ends(spans[group].range(), spans[group].range()),
        Some(merge) => Ends(spans[tree.merges()[merge].left].range(), spans[tree.merges()[merge].right].range()),
    };
    tree.merges().iter().map(|merge| Parts { left: ends(merge.left), right: ends(merge.right) }).collect()
}

/// The least sums of distances, by the leaves at both ends of the group in which they come together.
struct Sums<'a> {
    n: usize,
    distances: &'a [f64],
    best: Vec<f64>,
}

impl Sums<'_> {
    /// The distances of a leaf from some of those after it.
    fn distances(&self, leaf: usize, to: &Range<usize>) -> &[f64] {
        distances(self.distances, self.n, leaf, to)
    }

    /// Finds the sums of a group of those of its parts.
    fn join(&mut self, Parts { left, right }: &Parts) {
        let (n, condensed, arch) = (self.n, self.distances, pulp::Arch::new());
        let (across, middle) = (right.all(), right.all().start);
        let (upper, lower) = self.best.split_at_mut(middle * n);
        for (from, over) in left.both() {
            let rows = &mut upper[from.start * n..from.end * n];
            rows.par_chunks_mut(ROWS * n).for_each(|rows| {
                let mut reach = vec![f64::INFINITY; rows.len() / n * across.len()];
                let known: Vec<&[f64]> = rows.chunks(n).map(|row| &row[over.clone()]).collect();
                let step = |m: usize| distances(condensed, n, over.start + m, &across);
                arch.dispatch(Product { left: &known, right: step, to: reach.chunks_mut(across.len()).collect() });
                rows.chunks_mut(n).for_each(|row| row[across.clone()].fill(f64::INFINITY));
                for (begin, end) in right.both() {
                    let inside = begin.start - middle..begin.end - middle;
                    let known: Vec<&[f64]> = reach.chunks(across.len()).map(|row| &row[inside.clone()]).collect();
                    let step = |k: usize| &lower[(inside.start + k) * n..][end.clone()];
                    let to = rows.chunks_mut(n).map(|row| &mut row[end.clone()]).collect();
                    arch.dispatch(Product { left: &known, right: step, to });
                }
            });
        }
        let mirror = |(w, row): (usize, &mut [f64])| {
            left.all().for_each(|u| row[u] = upper[u * n + middle + w]);
        };
        lower[..across.len() * n].par_chunks_mut(n).enumerate().for_each(mirror);
    }

    /// Which merges are turned.
    fn turned(&self, tree: &Tree, parts: &[Parts]) -> Vec<bool> {
        let mut turned = vec![false; parts.len()];
        let mut rest: Vec<(usize, usize, usize)> = Vec::new();
        if let Some(root) = parts.last() {
            let pairs = root.left.all().flat_map(|u| root.right.all().map(move |w| (u, w)));
            let (u, w) = least(pairs, |(u, w)| self.best[u * self.n + w]);
            rest.push((parts.len() - 1, u, w));
        }
        while let Some((group, first, last)) = rest.pop() {
            let Parts { left, right } = &parts[group];
            turned[group] = right.all().contains(&first);
            let (u, w) = if turned[group] { (last, first) } else { (first, last) };
            let (m, k) = self.inner(left, right, u, w);
            let Merge { left, right, .. } = tree.merges()[group];
            let (at_left, at_right) = if turned[group] { ((m, u), (w, k)) } else { ((u, m), (k, w)) };
            let groups = [(left, at_left), (right, at_right)].into_iter();
            let groups = groups.filter_map(|(part, (a, b))| part.checked_sub(tree.leaves()).map(|merge| (merge, a, b)));
            rest.extend(groups);
        }
        turned
    }

    /// The leaves that meet inside a group with these at its ends.
    fn inner(&self, left: &Ends, right: &Ends, u: usize, w: usize) -> (usize, usize) {
        let (over, begin) = (left.opposite(u), right.opposite(w));
        let pairs = over.flat_map(|m| begin.clone().map(move |k| (m, k)));
        least(pairs, |(m, k)| {
            let met = self.distances(m, &(k..k + 1))[0];
            self.best[u * self.n + m] + met + self.best[k * self.n + w]
        })
    }
}

/// The distances of a leaf from some of those after it.
fn distances<'a>(condensed: &'a [f64], n: usize, leaf: usize, to: &Range<usize>) -> &'a [f64] {
    let row = leaf * (2 * n - leaf - 1) / 2;
    &condensed[row + to.start - leaf - 1..row + to.end - leaf - 1]
}

/// The first of the pairs for which a sum is least.
fn least(pairs: impl Iterator<Item = (usize, usize)>, sum: impl Fn((usize, usize)) -> f64) -> (usize, usize) {
    let first = ((0, 0), f64::INFINITY);
    let nearer = |best: ((usize, usize), f64), pair| {
        let sum = sum(pair);
        if sum < best.1 { (pair, sum) } else { best }
    };
    pairs.fold(first, nearer).0
}

/// Where less than it was, `to[i, j] = min over k of left[i, k] + right[k, j]`.
struct Product<'l, 't, R> {
    left: &'l [&'l [f64]],
    right: R,
    to: Vec<&'t mut [f64]>,
}

impl<'r, R: Fn(usize) -> &'r [f64]> pulp::WithSimd for Product<'_, '_, R> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(mut self, _: S) {
        let (columns, steps) = (self.to[0].len(), self.left[0].len());
        for from in (0..columns).step_by(COLUMNS) {
            let block = from..columns.min(from + COLUMNS);
            for k in 0..steps {
                let right = &(self.right)(k)[block.clone()];
                for (left, to) in self.left.iter().zip(&mut self.to) {
                    let left = left[k];
                    for (to, right) in to[block.clone()].iter_mut().zip(right) {
                        let sum = left + right;
                        *to = if sum < *to { sum } else { *to };
                    }
                }
            }
        }
    }
}
