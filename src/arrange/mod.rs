//! Tables in another order and on another footing: records as a matrix ([`Pivot`]), the hierarchy of rows that are like each other ([`cluster`]), how
//! columns go together ([`correlate`]), rows or columns brought to one spread ([`standardise`]). Nothing here draws.

mod correlation;
mod distance;
mod leaves;
mod linkage;
mod measures;
mod metric;
mod pairs;
mod pivot;
mod profile;
mod standardise;

pub use correlation::{CORRELATIONS, Correlation, correlate};
pub use distance::distances;
pub use linkage::{Clustering, METHODS, Method, cluster};
pub use metric::{METRICS, Metric};
pub use pivot::{AGGREGATES, Aggregate, Pivot};
pub use standardise::{Standard, standardise};

/// What of a matrix is looked at, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Along {
    /// Its rows, each with a value for each column.
    Rows,
    /// Its columns, each with a value for each row.
    Columns,
}

impl Along {
    /// The word for them.
    fn word(self) -> &'static str {
        match self {
            Along::Rows => "rows",
            Along::Columns => "columns",
        }
    }

    /// The word for what each of them has values for.
    fn across(self) -> &'static str {
        match self {
            Along::Rows => "columns",
            Along::Columns => "rows",
        }
    }
}
