//! Fewer fixes for nearly the same line, where that is asked for: Ramer, Douglas and Peucker's way, on the ground.

use crate::trace::fixes::Fixes;
use crate::trace::sphere::Arc;

/// The most fixes that are looked at together: the work for a line that folds up badly grows with its square.
const TOGETHER: usize = 4096;

/// The fixes that are needed for no fix to lie further than so many metres from the line; also how many are not. The
/// ends of the lines are kept, both fixes of a stay, and every 4,096th fix.
pub fn simplified(fixes: Fixes, metres: f64) -> (Fixes, u64) {
    let mut keep = vec![false; fixes.len()];
    for leg in fixes.track.legs() {
        let mut ends: Vec<usize> = leg.clone().step_by(TOGETHER).chain([leg.end - 1]).collect();
        for stay in leg.clone().skip(1).filter(|fix| fixes.at[*fix] == fixes.at[fix - 1]) {
            ends.extend([stay - 1, stay]);
        }
        ends.sort_unstable();
        for end in &ends {
            keep[*end] = true;
        }
        ends.windows(2).for_each(|between| thin(&fixes, (between[0], between[1]), metres, &mut keep));
    }
    let left_out = keep.iter().filter(|keep| !**keep).count() as u64;
    (fixes.kept(&keep), left_out)
}

/// Marks the fixes to keep between two that are kept.
fn thin(fixes: &Fixes, whole: (usize, usize), metres: f64, keep: &mut [bool]) {
    let mut open = vec![whole];
    while let Some((first, last)) = open.pop() {
        let line = Arc::between(fixes.at[first], fixes.at[last]);
        let distances = (first + 1..last).map(|fix| (line.distance(fixes.at[fix]), fix));
        let farthest = distances.max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((_, fix)) = farthest.filter(|(distance, _)| *distance > metres) {
            keep[fix] = true;
            open.extend([(first, fix), (fix, last)]);
        }
    }
}
