//! Which rows are like each other: the hierarchy of their groups.

use std::fmt;
use std::str::FromStr;

use super::metric::one_of;
use super::pairs::Items;
use super::{Along, Metric, distance, leaves};
use crate::error::Error;
use crate::matrix::Matrix;
use crate::tree::{Merge, Tree};

/// How far groups are from each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// As the nearest two of their members.
    Single,
    /// As the farthest two of their members.
    Complete,
    /// As their members in the mean (UPGMA).
    Average,
    /// As the two groups that one of them was made of, in the mean (WPGMA).
    Weighted,
    /// As their centres (UPGMC).
    Centroid,
    /// As their centres, where the centre of a group is in the middle of those it was made of (WPGMC).
    Median,
    /// By how much the sum of squares within groups grows when they become one.
    Ward,
}

/// The name of each method and what it is.
pub const METHODS: [(&str, &str); 7] = [
    ("single", "the nearest two members: long chains"),
    ("complete", "the farthest two members: compact groups"),
    ("average", "all members in the mean"),
    ("weighted", "the two parts in the mean, whatever their sizes"),
    ("centroid", "the centres; euclidean only"),
    ("median", "the centres, whatever the sizes of parts; euclidean only"),
    ("ward", "the least growth of squares within groups; euclidean only"),
];

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Method::Single => "single",
            Method::Complete => "complete",
            Method::Average => "average",
            Method::Weighted => "weighted",
            Method::Centroid => "centroid",
            Method::Median => "median",
            Method::Ward => "ward",
        })
    }
}

impl FromStr for Method {
    type Err = Error;

    fn from_str(text: &str) -> Result<Method, Error> {
        match text {
            "single" => Ok(Method::Single),
            "complete" => Ok(Method::Complete),
            "average" => Ok(Method::Average),
            "weighted" => Ok(Method::Weighted),
            "centroid" => Ok(Method::Centroid),
            "median" => Ok(Method::Median),
            "ward" => Ok(Method::Ward),
            _ => Err(Error::caller("--method").found(format!("`{text}`")).expected(one_of(&METHODS))),
        }
    }
}

impl Method {
    fn of_kodama(self) -> kodama::Method {
        match self {
            Method::Single => kodama::Method::Single,
            Method::Complete => kodama::Method::Complete,
            Method::Average => kodama::Method::Average,
            Method::Weighted => kodama::Method::Weighted,
            Method::Centroid => kodama::Method::Centroid,
            Method::Median => kodama::Method::Median,
            Method::Ward => kodama::Method::Ward,
        }
    }

    /// Whether it is about centres, which only euclidean distances have.
    fn has_centres(self) -> bool {
        matches!(self, Method::Centroid | Method::Median | Method::Ward)
    }
}

/// How a hierarchy is found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clustering {
    /// How far groups are from each other.
    pub method: Method,
    /// How far two items are from each other.
    pub metric: Metric,
    /// Whether groups are turned so that neighbouring leaves are as near to each other as they can be.
    pub optimal: bool,
}

impl Default for Clustering {
    /// The mean of euclidean distances.
    fn default() -> Clustering {
        Clustering { method: Method::Average, metric: Metric::Euclidean, optimal: false }
    }
}

impl Clustering {
    /// # Errors
    /// If the method is about centres, which distances by the metric do not have.
    pub fn check(&self) -> Result<(), Error> {
        if !self.method.has_centres() || self.metric == Metric::Euclidean {
            return Ok(());
        }
        let Clustering { method, metric, .. } = self;
        Err(Error::caller("--method")
            .found(format!("`{method}` with the metric {metric}"))
            .expected(format!("euclidean distances, as {method} is about the centres of groups"))
            .advice("leave out --metric, or choose --method average"))
    }
}

/// The hierarchy of rows (or columns) that are like each other. The left part of each merge is the one with the smaller
/// number, as in `SciPy`'s dendrograms, except where leaves are put in the best order.
///
/// ```
/// use torrid::arrange::{Along, Clustering, cluster};
/// use torrid::{Axis, Matrix};
/// let matrix = Matrix::new(Axis::of(["a", "b", "c"]), Axis::of(["x"]), vec![0.0, 5.0, 1.0]);
/// let tree = cluster(&matrix, Along::Rows, &Clustering::default())?;
/// assert_eq!(tree.order(), [1, 0, 2]);
/// assert_eq!(tree.merges().last().map(|merge| merge.height), Some(4.5));
/// # Ok::<(), torrid::Error>(())
/// ```
///
/// # Errors
/// If method and metric do not go together, if there are no distances (see [`distances`](super::distances)), or if the
/// best order is wanted of more than 5,000.
pub fn cluster(matrix: &Matrix, along: Along, wish: &Clustering) -> Result<Tree, Error> {
    wish.check()?;
    let items = Items::of(matrix, along);
    if wish.optimal {
        leaves::check(items.count, along)?;
    }
    let mut distances = distance::distances(matrix, along, wish.metric)?;
    let tree = linkage(&mut distances, items.count, wish.method);
    drop(distances); // they are used up
    if !wish.optimal {
        return Ok(tree);
    }
    let ordered = distance::between(items.select(&tree.order()), wish.metric);
    Ok(leaves::best(&tree, &ordered))
}

/// The hierarchy of items with these distances, which are used up.
fn linkage(distances: &mut [f64], count: usize, method: Method) -> Tree {
    let found = kodama::linkage(distances, count, method.of_kodama());
    let merges = found.steps().iter().map(|step| {
        // Differences of squares may come out just below 0, whose root is NaN.
        let height = if step.dissimilarity.is_nan() { 0.0 } else { step.dissimilarity };
        Merge { left: step.cluster1, right: step.cluster2, height }
    });
    Tree::new(count, merges.collect())
}
