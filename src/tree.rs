//! Which leaves are nearest to each other, then which of those groups: a hierarchy of merges, as clustering gives it and
//! dendrograms show it.

/// A hierarchy over leaves that are numbered from 0. Of `n` leaves there are `n - 1` merges (none of no leaf); the group
/// that merge `i` makes has the number `n + i`, as in `SciPy`'s linkage matrices.
///
/// ```
/// use torrid::{Merge, Tree};
/// let tree = Tree::new(3, vec![Merge { left: 2, right: 0, height: 1.0 }, Merge { left: 1, right: 3, height: 2.5 }]);
/// assert_eq!(tree.order(), [1, 2, 0]);
/// assert_eq!(tree.newick(&["a", "b", "c"].map(String::from)), "(b:2.5,(c:1,a:1):1.5);");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    leaves: usize,
    merges: Vec<Merge>,
}

/// Two leaves or groups that become one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Merge {
    /// The one that is shown first.
    pub left: usize,
    /// The other one.
    pub right: usize,
    /// How far they are from each other.
    pub height: f64,
}

/// How a merge is drawn: two legs, which rise from the groups that are merged, and a bar between their upper ends.
///
/// ```text
///        ┌──────┴──────┐    height
///        │             │
///        │      ┌──────┴ …  right.from
///   left.from
///    left.at       right.at
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Branch {
    /// The leg of the left group.
    pub left: Leg,
    /// The leg of the right group.
    pub right: Leg,
    /// Where the bar is.
    pub height: f64,
}

/// Where a group stands: at a leaf, or in the middle of the bar of the merge that made it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Leg {
    /// The position along the leaves, of which the `i`-th from the left has its middle at `i` + 0.5.
    pub at: f64,
    /// The height where the leg begins: that of the group, 0 for a leaf.
    pub from: f64,
}

impl Tree {
    /// The hierarchy that these merges make. They need not be in the order of their heights.
    ///
    /// # Panics
    /// If there are not as many merges as it takes to bring all leaves together. Debug builds also check that each leaf
    /// and each group is merged once, after it was made, at a height that is a number.
    pub fn new(leaves: usize, merges: Vec<Merge>) -> Tree {
        assert_eq!(merges.len(), leaves.saturating_sub(1), "merges for all leaves");
        debug_assert!(each_is_merged_once(leaves, &merges), "each leaf and group is merged once, after it was made");
        debug_assert!(merges.iter().all(|merge| merge.height.is_finite()), "heights are numbers");
        Tree { leaves, merges }
    }

    /// How many leaves there are.
    pub fn leaves(&self) -> usize {
        self.leaves
    }

    /// The merges, each after those that made its groups.
    pub fn merges(&self) -> &[Merge] {
        &self.merges
    }

    /// The leaves from left to right.
    pub fn order(&self) -> Vec<usize> {
        let spans = self.spans();
        let mut order = vec![0; self.leaves];
        (0..self.leaves).for_each(|leaf| order[spans[leaf].first] = leaf);
        order
    }

    /// The heights at which a leaf comes together with each leaf; 0 for itself.
    ///
    /// # Panics
    /// If there is no such leaf.
    pub fn cophenetic(&self, leaf: usize) -> Vec<f64> {
        let (spans, order) = (self.spans(), self.order());
        let mut heights = vec![0.0; self.leaves];
        let mut group = leaf;
        for (i, merge) in self.merges.iter().enumerate() {
            let other = match (merge.left == group, merge.right == group) {
                (true, _) => merge.right,
                (_, true) => merge.left,
                _ => continue,
            };
            order[spans[other].range()].iter().for_each(|met| heights[*met] = merge.height);
            group = self.leaves + i;
        }
        heights
    }

    /// How each merge is drawn.
    ///
    /// ```
    /// use torrid::{Merge, Tree};
    /// let tree = Tree::new(3, vec![Merge { left: 2, right: 0, height: 1.0 }, Merge { left: 1, right: 3, height: 2.5 }]);
    /// let branch = tree.branches()[1];
    /// assert_eq!((branch.left.at, branch.left.from), (0.5, 0.0));
    /// assert_eq!((branch.right.at, branch.right.from, branch.height), (2.0, 1.0, 2.5));
    /// ```
    pub fn branches(&self) -> Vec<Branch> {
        let leaves = self.spans().into_iter().take(self.leaves);
        let mut legs: Vec<Leg> = leaves.map(|leaf| Leg { at: leaf.first as f64 + 0.5, from: 0.0 }).collect();
        let mut branches = Vec::with_capacity(self.merges.len());
        for merge in &self.merges {
            let (left, right, height) = (legs[merge.left], legs[merge.right], merge.height);
            branches.push(Branch { left, right, height });
            legs.push(Leg { at: f64::midpoint(left.at, right.at), from: height });
        }
        branches
    }

    /// The hierarchy as Newick's text, which programs for phylogenies read: `labels` are those of the leaves, the
    /// lengths of branches are differences of heights. A group that lies higher than the one it becomes part of, as
    /// centroids and medians may have it, gets a branch of length 0.
    ///
    /// <https://phylipweb.github.io/phylip/newicktree.html>
    ///
    /// # Panics
    /// If there is not a label for each leaf.
    pub fn newick(&self, labels: &[String]) -> String {
        assert_eq!(labels.len(), self.leaves, "a label for each leaf");
        let mut text = String::new();
        let mut rest = self.root().map(|root| Visit::Group(root, None)).into_iter().collect::<Vec<_>>();
        while let Some(visit) = rest.pop() {
            match visit {
                Visit::Text(piece) => text.push_str(&piece),
                Visit::Group(leaf, length) if leaf < self.leaves => {
                    text.push_str(&quoted(&labels[leaf]));
                    text.push_str(&length_of(length));
                }
                Visit::Group(group, length) => {
                    let Merge { left, right, height } = self.merges[group - self.leaves];
                    let below = |part: usize| Some((height - self.height(part)).max(0.0));
                    text.push('(');
                    rest.push(Visit::Text(format!("){}", length_of(length))));
                    rest.push(Visit::Group(right, below(right)));
                    rest.push(Visit::Text(",".to_owned()));
                    rest.push(Visit::Group(left, below(left)));
                }
            }
        }
        text + ";"
    }

    /// The hierarchy as JSON: `linkage` has a row `[left, right, height, leaves]` for each merge, as the linkage
    /// matrices of `SciPy` have, `order` the leaves from left to right, `labels` what the leaves are called.
    ///
    /// ```
    /// use torrid::{Merge, Tree};
    /// let tree = Tree::new(2, vec![Merge { left: 0, right: 1, height: 2.5 }]);
    /// let json = tree.json(&["a", "b"].map(String::from));
    /// assert_eq!(json.to_string(), r#"{"labels":["a","b"],"linkage":[[0,1,2.5,2]],"order":[0,1]}"#);
    /// ```
    pub fn json(&self, labels: &[String]) -> serde_json::Value {
        let made = self.spans().split_off(self.leaves);
        let row =
            |(merge, made): (&Merge, &Span)| serde_json::json!([merge.left, merge.right, merge.height, made.count]);
        let linkage: Vec<serde_json::Value> = self.merges.iter().zip(&made).map(row).collect();
        serde_json::json!({ "linkage": linkage, "order": self.order(), "labels": labels })
    }

    /// The group of all leaves, or the only leaf.
    fn root(&self) -> Option<usize> {
        (self.leaves + self.merges.len()).checked_sub(1)
    }

    /// The height of a group, 0 of a leaf.
    fn height(&self, group: usize) -> f64 {
        group.checked_sub(self.leaves).map_or(0.0, |merge| self.merges[merge].height)
    }

    /// Where the leaves of each leaf and each group are among all leaves from left to right.
    pub(crate) fn spans(&self) -> Vec<Span> {
        let mut spans = vec![Span { first: 0, count: 1 }; self.leaves];
        for merge in &self.merges {
            let count = spans[merge.left].count + spans[merge.right].count;
            spans.push(Span { first: 0, count });
        }
        for (i, merge) in self.merges.iter().enumerate().rev() {
            let first = spans[self.leaves + i].first;
            spans[merge.left].first = first;
            spans[merge.right].first = first + spans[merge.left].count;
        }
        spans
    }
}

/// Neighbouring leaves.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    /// The position of the first one.
    pub first: usize,
    /// How many there are.
    pub count: usize,
}

impl Span {
    /// Their positions.
    pub fn range(self) -> std::ops::Range<usize> {
        self.first..self.first + self.count
    }
}

/// What of a text is still to be written; a stack of it takes the place of recursion, as hierarchies may be as deep as
/// they have leaves.
enum Visit {
    Group(usize, Option<f64>),
    Text(String),
}

fn length_of(length: Option<f64>) -> String {
    length.map_or(String::new(), |length| format!(":{length}"))
}

/// A label as Newick wants it: in quotes, doubled inside, where a character means something else. An underscore without
/// quotes would be a blank.
fn quoted(label: &str) -> String {
    let special = |c: char| c.is_whitespace() || c.is_control() || "()[]{}:;,'_\"".contains(c);
    if label.is_empty() || label.contains(special) {
        format!("'{}'", label.replace('\'', "''"))
    } else {
        label.to_owned()
    }
}

fn each_is_merged_once(leaves: usize, merges: &[Merge]) -> bool {
    let mut merged = vec![false; leaves + merges.len()];
    merges.iter().enumerate().all(|(i, merge)| {
        [merge.left, merge.right].iter().all(|part| *part < leaves + i && !std::mem::replace(&mut merged[*part], true))
    })
}
