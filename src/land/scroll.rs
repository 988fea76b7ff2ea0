//! How far down a page was seen, and for how long: shares of bands of the page, from its top to its bottom.

use std::collections::BTreeMap;

use super::visits::in_order;
use super::{Person, is_of_another_width, visit};
use crate::interaction::{Interaction, Kind};

/// The height of a band, in CSS pixels.
pub const STEP: f64 = 100.0;

/// Who looks at one part of a page for longer than this, in microseconds, has gone for a coffee.
const MOST_AT_ONCE: i64 = 30_000_000;

/// A share for each band of [`STEP`] pixels, from the top of the page; the last band may be cut by its end.
pub type Bands = Vec<f64>;

/// How far visits came.
#[derive(Debug, Clone, PartialEq)]
pub struct Reached {
    /// The share of visits that saw something below the upper edge of each band; it never grows.
    pub shares: Bands,
    /// How many visits.
    pub visits: f64,
    /// The lower edge of the window when the page is opened, as a mean over visits, in CSS pixels of the picture.
    pub fold: Option<f64>,
}

/// What is known of a visit.
#[derive(Debug, Clone, Copy, Default)]
struct Visit {
    count: f64,
    depth: Option<f64>,
    fold: Option<f64>,
}

/// A page of the size of the picture.
#[derive(Clone, Copy)]
struct Sheet {
    width: f64,
    height: f64,
    /// Whether depths of another width are taken as shares of the height of their page.
    shares: bool,
}

impl Sheet {
    /// A depth of an interaction's page on the picture.
    fn depth(self, depth: f64, of: &Interaction) -> f64 {
        match of.page {
            Some([_, height]) if self.shares && height > 0.0 && height.is_finite() => {
                if is_of_another_width(of, self.width) { depth / height * self.height } else { depth }
            }
            _ => depth,
        }
    }

    /// The lowest line that an interaction says was in the window.
    fn seen(self, of: &Interaction) -> Option<f64> {
        let scrolled = of.depth.map(|depth| self.depth(depth, of));
        let share = || of.depth_share.map(|share| share * self.height);
        // What was clicked was seen.
        let clicked = || of.spot.filter(|spot| !spot.fixed).map(|spot| self.depth(spot.y, of));
        scrolled.or_else(share).or_else(clicked).filter(|depth| depth.is_finite())
    }

    /// The lower edge of the window when the page is opened.
    fn fold(self, of: &Interaction) -> Option<f64> {
        let height = of.viewport.map(|[_, height]| height).filter(|height| *height > 0.0 && height.is_finite());
        height.map(|height| self.depth(height, of).min(self.height))
    }

    fn bands(self) -> usize {
        (self.height / STEP).ceil().max(1.0) as usize
    }
}

/// How far visits came on a page of so many CSS pixels; with `shares`, depths that were recorded at another width are taken
/// as shares of the height of their page, where that is known. A visit saw its first screenful, what it scrolled to and what it
/// clicked; scrolls of no known visit are visits of their own, as many as they count. None where nothing is known.
pub fn reached(interactions: &[&Interaction], [width, height]: [f64; 2], shares: bool) -> Option<Reached> {
    let sheet = Sheet { width, height, shares };
    let mut known: BTreeMap<Person, Visit> = BTreeMap::new();
    let mut visits = Vec::new();
    for of in interactions {
        let (seen, fold) = (sheet.seen(of), sheet.fold(of));
        match visit(of) {
            Some(visit) => known.entry(visit).or_default().meet(seen, fold),
            None if of.kind == Kind::Scroll => visits.push(Visit { count: of.count, depth: seen, fold }),
            None => {}
        }
    }
    visits.extend(known.into_values().map(|visit| Visit { count: 1.0, ..visit }));
    of_visits(visits.iter().filter_map(Visit::whole), sheet)
}

impl Visit {
    fn meet(&mut self, seen: Option<f64>, fold: Option<f64>) {
        self.depth = [self.depth, seen].into_iter().flatten().reduce(f64::max);
        self.fold = self.fold.or(fold);
    }

    /// How many it counts, how deep it came, and its fold; none where nothing says how deep.
    fn whole(&self) -> Option<(f64, f64, Option<f64>)> {
        let depth = [self.depth, self.fold].into_iter().flatten().reduce(f64::max)?;
        Some((self.count, depth, self.fold))
    }
}

fn of_visits(visits: impl Iterator<Item = (f64, f64, Option<f64>)>, sheet: Sheet) -> Option<Reached> {
    let mut ends = vec![0.0; sheet.bands() + 1];
    let (mut all, mut folds) = (0.0, (0.0, 0.0));
    for (count, depth, fold) in visits {
        // The number of bands whose upper edge lies above the depth.
        let bands = (depth.clamp(0.0, sheet.height) / STEP).ceil() as usize;
        ends[bands.min(sheet.bands())] += count;
        all += count;
        folds = fold.map_or(folds, |fold| (folds.0 + fold * count, folds.1 + count));
    }
    if all <= 0.0 {
        return None;
    }
    let mut left = all;
    let beyond = ends[..sheet.bands()].iter().map(|end| {
        left -= end;
        (left / all).clamp(0.0, 1.0)
    });
    Some(Reached { shares: beyond.collect(), visits: all, fold: (folds.1 > 0.0).then(|| folds.0 / folds.1) })
}

/// The share of the time of all visits during which each band was in the window, and that time in seconds: between one
/// thing a visit did and the next, but at most half a minute, the window is where the visit last scrolled to. Bands partly
/// in it count in part. None where no visit has times and windows.
pub fn attention(interactions: &[&Interaction], [width, height]: [f64; 2], shares: bool) -> Option<(Bands, f64)> {
    let sheet = Sheet { width, height, shares };
    let (mut bands, mut all) = (vec![0.0; sheet.bands()], 0.0);
    for visit in in_order(interactions) {
        let mut bottom: Option<f64> = None;
        for pair in visit.windows(2) {
            let [of, next] = [interactions[pair[0]], interactions[pair[1]]];
            let Some(screen) = sheet.fold(of) else { continue };
            let scrolled = of.depth.filter(|_| of.kind == Kind::Scroll).map(|depth| sheet.depth(depth, of));
            bottom = scrolled.or(bottom);
            let bottom = bottom.unwrap_or(screen).max(screen);
            let time = next.time.unwrap_or_default().saturating_sub(of.time.unwrap_or_default()).min(MOST_AT_ONCE);
            all += time as f64;
            look_at(&mut bands, [bottom - screen, bottom], time as f64);
        }
    }
    let shares = bands.into_iter().map(|time| time / all).collect();
    (all > 0.0).then_some((shares, all / 1e6))
}

/// Adds a time to the bands between two lines, in part where they are partly between.
fn look_at(bands: &mut [f64], [top, bottom]: [f64; 2], time: f64) {
    let first = ((top / STEP).max(0.0) as usize).min(bands.len());
    let last = ((bottom / STEP).ceil().max(0.0) as usize).clamp(first, bands.len());
    for (band, number) in bands[first..last].iter_mut().zip(first..) {
        let edge = number as f64 * STEP;
        let share = (bottom.min(edge + STEP) - top.max(edge)) / STEP;
        *band += time * share.clamp(0.0, 1.0);
    }
}
