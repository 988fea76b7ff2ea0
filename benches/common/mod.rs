//! Events that benches share.

use torrid::{Events, Space};

/// A pseudo-random number in 0..1 from a counter (splitmix64).
pub fn random(i: u64) -> f64 {
    let mut z = i.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
}

/// A clustered city: the sum of four uniform numbers on each axis.
pub fn city(n: u64) -> Events {
    let bell = |i: u64| (0..4).map(|k| random(8 * i + k)).sum::<f64>() / 4.0;
    let x = (0..n).map(|i| -74.3 + 0.6 * bell(2 * i)).collect();
    let y = (0..n).map(|i| 40.5 + 0.5 * bell(2 * i + 1)).collect();
    Events::at(Space::Earth, x, y)
}
