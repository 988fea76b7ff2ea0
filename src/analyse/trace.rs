//! Directed steps put end to end: rings round what is inside, and lines.

use std::collections::HashMap;

/// The name of a point: the same for all who speak of the same point.
pub(super) type Name = u64;

/// A step from one point to the next, with what is inside on the left as seen on a map.
pub(super) type Step = (Name, Name);

/// The rings that steps make. Every point is left as often as it is entered; where a ring would come to a point for the
/// second time, the loop between becomes a ring of its own. The first point is not repeated at the end.
pub(super) fn rings(mut steps: Vec<Step>) -> Vec<Vec<Name>> {
    steps.sort_unstable();
    let mut walk = Walk::new(&steps);
    let mut rings = Vec::new();
    for first in 0..steps.len() {
        let mut path: Vec<Name> = Vec::new();
        // Where on the path the points are that can be passed again before it closes.
        let mut places: HashMap<Name, usize> = HashMap::new();
        let mut next = walk.take(first);
        while let Some((from, to)) = next {
            if walk.forks(from) {
                places.insert(from, path.len());
            }
            path.push(from);
            let again = if path[0] == to { Some(0) } else { places.get(&to).copied() };
            if let Some(start) = again {
                rings.push(path.split_off(start));
                places.retain(|_, place| *place < start);
            }
            next = walk.leave(to);
        }
    }
    rings
}

/// The lines that steps make, each as long as it can be; a closed one ends with the point it begins with.
pub(super) fn lines(mut steps: Vec<Step>) -> Vec<Vec<Name>> {
    steps.sort_unstable();
    let mut entered: Vec<Name> = steps.iter().map(|step| step.1).collect();
    entered.sort_unstable();
    let begins = |step: &Step| entered.binary_search(&step.0).is_err();
    let open = (0..steps.len()).filter(|i| begins(&steps[*i]));
    let order: Vec<usize> = open.chain(0..steps.len()).collect();
    let mut walk = Walk::new(&steps);
    let mut lines = Vec::new();
    for first in order {
        let Some((from, to)) = walk.take(first) else { continue };
        let mut line = vec![from, to];
        while let Some((_, to)) = walk.leave(line[line.len() - 1]) {
            line.push(to);
        }
        lines.push(line);
    }
    lines
}

/// Steps in order of where they begin, and which of them are gone.
struct Walk<'a> {
    steps: &'a [Step],
    gone: Vec<bool>,
}

impl<'a> Walk<'a> {
    fn new(steps: &'a [Step]) -> Walk<'a> {
        Walk { steps, gone: vec![false; steps.len()] }
    }

    fn take(&mut self, step: usize) -> Option<Step> {
        let gone = std::mem::replace(&mut self.gone[step], true);
        (!gone).then(|| self.steps[step])
    }

    /// A step from here that is not gone.
    fn leave(&mut self, from: Name) -> Option<Step> {
        let (first, here) = self.steps_from(from);
        (first..first + here).find_map(|step| self.take(step))
    }

    /// Whether several steps begin here.
    fn forks(&self, from: Name) -> bool {
        self.steps_from(from).1 > 1
    }

    fn steps_from(&self, from: Name) -> (usize, usize) {
        let first = self.steps.partition_point(|step| step.0 < from);
        (first, self.steps[first..].iter().take_while(|step| step.0 == from).count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_squares_that_touch_at_a_corner_are_two_rings() {
        let steps = vec![(1, 2), (2, 3), (3, 4), (4, 1), (3, 6), (6, 7), (7, 8), (8, 3)];
        let mut lengths: Vec<usize> = rings(steps).iter().map(Vec::len).collect();
        lengths.sort_unstable();
        assert_eq!(lengths, [4, 4]);
    }

    #[test]
    fn an_open_line_begins_where_nothing_enters() {
        assert_eq!(lines(vec![(2, 3), (1, 2), (3, 9)]), [vec![1, 2, 3, 9]]);
        assert_eq!(lines(vec![(2, 3), (3, 2)]), [vec![2, 3, 2]]);
    }
}
