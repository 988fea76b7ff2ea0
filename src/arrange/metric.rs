//! How far two rows are from each other, by what; and the words for it, which are `SciPy`'s.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// How far two items x and y are from each other; items are rows or columns.
///
/// Where one of two values is missing, the pair of values is left out. Sums (`euclidean`, `sqeuclidean`, `cityblock`,
/// `minkowski`, `canberra`) are then scaled up to all values, as R's `dist` does it; the others are shares, largest
/// differences or angles of what both have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Metric {
    /// √Σ(x-y)².
    Euclidean,
    /// Σ(x-y)².
    SqEuclidean,
    /// Σ|x-y|.
    Cityblock,
    /// max |x-y|.
    Chebyshev,
    /// (Σ|x-y|^P)^(1/P), of a P above 0.
    Minkowski(f64),
    /// Σ|x-y| / (|x|+|y|), with 0 for 0/0.
    Canberra,
    /// Σ|x-y| / Σ|x+y|; 0 between items that are alike.
    BrayCurtis,
    /// 1 - the cosine of the angle between the items.
    Cosine,
    /// 1 - Pearson's correlation of the items.
    Correlation,
    /// 1 - Spearman's correlation of the items; of ranks among the values that both have.
    Spearman,
    /// The share of values that differ.
    Hamming,
    /// The share of values that are 0 in one only, among those that are not 0 in both; 0 where all are.
    Jaccard,
}

/// The name of each metric and what it is.
pub const METRICS: [(&str, &str); 12] = [
    ("euclidean", "straight distance"),
    ("sqeuclidean", "its square"),
    ("cityblock", "sum of differences"),
    ("chebyshev", "largest difference"),
    ("minkowski:P", "between them: the P-th root of the sum of P-th powers of differences"),
    ("canberra", "sum of differences, each divided by the sizes of its values"),
    ("braycurtis", "sum of differences, divided by the sum of all values"),
    ("cosine", "1 - cosine of the angle: proportions, whatever the sizes"),
    ("correlation", "1 - Pearson's correlation: going up and down together"),
    ("spearman", "1 - Spearman's correlation: the same of ranks"),
    ("hamming", "share of values that differ"),
    ("jaccard", "share of values that are 0 in one only, of those that are not 0 in both"),
];

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Metric::Euclidean => "euclidean",
            Metric::SqEuclidean => "sqeuclidean",
            Metric::Cityblock => "cityblock",
            Metric::Chebyshev => "chebyshev",
            Metric::Minkowski(power) => return write!(f, "minkowski:{power}"),
            Metric::Canberra => "canberra",
            Metric::BrayCurtis => "braycurtis",
            Metric::Cosine => "cosine",
            Metric::Correlation => "correlation",
            Metric::Spearman => "spearman",
            Metric::Hamming => "hamming",
            Metric::Jaccard => "jaccard",
        })
    }
}

impl FromStr for Metric {
    type Err = Error;

    fn from_str(text: &str) -> Result<Metric, Error> {
        if let Some(("minkowski", power)) = text.split_once(':') {
            let power = power.trim().parse().ok().filter(|power: &f64| power.is_finite() && *power > 0.0);
            return power.map(Metric::Minkowski).ok_or_else(|| no_power(text));
        }
        match text {
            "euclidean" => Ok(Metric::Euclidean),
            "sqeuclidean" => Ok(Metric::SqEuclidean),
            "cityblock" => Ok(Metric::Cityblock),
            "chebyshev" => Ok(Metric::Chebyshev),
            "minkowski" => Err(no_power(text)),
            "canberra" => Ok(Metric::Canberra),
            "braycurtis" => Ok(Metric::BrayCurtis),
            "cosine" => Ok(Metric::Cosine),
            "correlation" => Ok(Metric::Correlation),
            "spearman" => Ok(Metric::Spearman),
            "hamming" => Ok(Metric::Hamming),
            "jaccard" => Ok(Metric::Jaccard),
            _ => Err(Error::caller("--metric").found(format!("`{text}`")).expected(one_of(&METRICS))),
        }
    }
}

fn no_power(text: &str) -> Error {
    let error = Error::caller("--metric").found(format!("`{text}`"));
    error.expected("`minkowski:P` with a number P above 0").advice("give for instance --metric minkowski:3")
}

/// The names of a list.
pub(super) fn one_of(list: &[(&str, &str)]) -> String {
    let names: Vec<&str> = list.iter().map(|(name, _)| *name).collect();
    format!("one of {}", names.join(", "))
}
