//! Bursts of angry clicks: several in a row at one place within a moment.

use std::str::FromStr;

use super::visits::in_order;
use crate::error::Error;
use crate::interaction::{Across, Interaction, Kind};

/// What makes clicks a burst.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Burst {
    /// So many clicks in a row, 2 to 100.
    pub clicks: usize,
    /// From the first to the last of them, in microseconds.
    pub within: i64,
    /// No two of them are further apart, in CSS pixels.
    pub radius: f64,
}

impl Default for Burst {
    fn default() -> Burst {
        Burst { clicks: 5, within: 2_000_000, radius: 30.0 }
    }
}

impl FromStr for Burst {
    type Err = Error;

    /// As `5,2s,30px`.
    fn from_str(text: &str) -> Result<Burst, Error> {
        let parts: Vec<&str> = text.split(',').map(str::trim).collect();
        let burst = if let [clicks, within, radius] = parts[..] {
            let clicks = clicks.parse().ok().filter(|clicks| (2..=100).contains(clicks));
            let radius = radius.strip_suffix("px").and_then(|n| n.trim().parse().ok());
            clicks.zip(microseconds(within)).zip(radius.filter(|radius: &f64| (0.0..=10_000.0).contains(radius)))
        } else {
            None
        };
        let burst = burst.map(|((clicks, within), radius)| Burst { clicks, within, radius });
        burst.ok_or_else(|| {
            Error::caller("--rage")
                .found(format!("`{text}`"))
                .expected("2 to 100 clicks, a time up to an hour and a distance, with commas between")
                .advice("write it like --rage 5,2s,30px or --rage 3,700ms,20px")
        })
    }
}

fn microseconds(text: &str) -> Option<i64> {
    let (number, unit) = text.strip_suffix("ms").map_or_else(|| (text.strip_suffix('s'), 1e6), |n| (Some(n), 1e3));
    let time = number?.trim().parse::<f64>().ok()? * unit;
    (time > 0.0 && time <= 3.6e9).then_some(time as i64)
}

/// Which interactions are clicks of a burst. Where the log says so itself it is believed; else clicks in a row of one visit
/// are, and touches in a row, of which the first and the last are near enough in time and all of them in place. Those
/// without a time or a visit never are.
pub fn rage(interactions: &[&Interaction], burst: &Burst) -> Vec<bool> {
    let mut angry = vec![false; interactions.len()];
    for visit in in_order(interactions) {
        for kind in [Kind::Click, Kind::Touch] {
            let row: Vec<usize> = visit.iter().copied().filter(|n| interactions[*n].kind == kind).collect();
            for some in row.windows(burst.clicks) {
                if is_burst(some, interactions, burst) {
                    mark(&mut angry, some);
                }
            }
        }
    }
    let told = |(angry, of): (bool, &&Interaction)| of.rage.unwrap_or(angry);
    angry.into_iter().zip(interactions).map(told).collect()
}

fn mark(angry: &mut [bool], numbers: &[usize]) {
    for number in numbers {
        angry[*number] = true;
    }
}

fn is_burst(some: &[usize], interactions: &[&Interaction], burst: &Burst) -> bool {
    let time = |number: usize| interactions[number].time.unwrap_or_default();
    let (first, last) = (some[0], some[some.len() - 1]);
    if time(last).saturating_sub(time(first)) > burst.within {
        return false;
    }
    let near = |(i, a): (usize, &usize)| {
        some[i + 1..].iter().all(|b| distance(interactions[*a], interactions[*b]) <= burst.radius)
    };
    some.iter().enumerate().all(near)
}

/// CSS pixels between two interactions; none between those on one element of which nothing else is known.
fn distance(a: &Interaction, b: &Interaction) -> f64 {
    if let (Some(p), Some(q)) = (a.spot, b.spot) {
        if p.fixed != q.fixed {
            return f64::INFINITY;
        }
        let across = |x: Across, of: &Interaction| match x {
            Across::Pixels(x) => x,
            Across::Share(share) => of.viewport.map_or(f64::NAN, |[width, _]| share * width),
        };
        let apart = (across(p.x, a) - across(q.x, b)).hypot(p.y - q.y);
        return if apart.is_nan() { f64::INFINITY } else { apart };
    }
    match (&a.anchor, &b.anchor) {
        (Some(one), Some(other)) if one.selector == other.selector => 0.0,
        _ => f64::INFINITY,
    }
}
