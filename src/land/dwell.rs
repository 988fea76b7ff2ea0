//! How long a pointer rested where it was seen. A log has ten moves of one second or two, as its sampler likes; the time
//! between them does not depend on that.

use super::visits::in_order;
use crate::interaction::{Interaction, Kind};

/// Seconds that each move stands for: until whatever its visit did next, at most `most` microseconds, because who does
/// nothing for long is away. None for other kinds, for the last of a visit, and for moves without a time or a visit.
///
/// ```
/// use torrid::interaction::{Interaction, Kind};
/// use torrid::land::dwell;
/// let at = |time| Interaction { session: Some(1), time: Some(time), ..Interaction::of(Kind::Move) };
/// let [a, b, c] = [at(0), at(250_000), at(9_000_000)];
/// assert_eq!(dwell(&[&a, &b, &c], 1_000_000), [Some(0.25), Some(1.0), Some(0.0)]);
/// ```
pub fn dwell(interactions: &[&Interaction], most: i64) -> Vec<Option<f64>> {
    let mut seconds = vec![None; interactions.len()];
    for visit in in_order(interactions) {
        for (i, number) in visit.iter().enumerate().filter(|(_, n)| interactions[**n].kind == Kind::Move) {
            let time = |number: usize| interactions[number].time.unwrap_or_default();
            let rest = visit.get(i + 1).map_or(0, |next| time(*next).saturating_sub(time(*number)));
            seconds[*number] = Some(rest.min(most) as f64 / 1e6);
        }
    }
    seconds
}
