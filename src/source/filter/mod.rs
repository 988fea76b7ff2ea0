//! Which records count: the expression of `--where`. `sqlparser` reads the SQL, `compile` turns its tree
//! into a small [`Condition`] over columns by number, and that is evaluated for every record without
//! allocating. Only conditions on one record are known here: no functions, no subqueries.
//!
//! Truth has three values, as in SQL: a comparison with a missing field is unknown, so is a number against
//! text that spells none, and a record counts only where the whole is true. `Crime type <> 'Burglary'`
//! leaves out the records without a type.

mod compile;
mod condition;
mod pattern;
mod units;

use std::sync::Arc;

use crate::error::Error;
use crate::source::Field;
use condition::Condition;
pub use units::UNITS;

/// A condition on the columns of a record, cheap to clone and shared between threads.
///
/// ```
/// use torrid::source::{Field, Filter};
/// let filter = Filter::parse("mag >= 5 AND \"Crime type\" NOT LIKE 'Bicycle%'")?;
/// assert_eq!(filter.columns(), ["mag", "Crime type"]);
/// let record = [Field::Text("5.2"), Field::Text("Burglary")];
/// assert!(filter.accepts(&|column| record[column]));
/// # Ok::<(), torrid::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Filter {
    compiled: Arc<Compiled>,
}

#[derive(Debug)]
struct Compiled {
    columns: Vec<String>,
    condition: Condition,
}

impl Filter {
    /// Reads an SQL condition:
    ///
    /// - columns by name, in double quotes where the name has blanks or is a word of SQL; dots are part of
    ///   an unquoted name (`dist.m`);
    /// - numbers, `'texts'` (a quote inside is doubled), `TRUE`, `FALSE`, `NULL`;
    /// - units behind numbers, because lengths, durations and speeds are in metres, seconds and metres per second:
    ///   `10km` is 10000, `90min` 5400, `36km/h` 10 ([`UNITS`] and their quotients);
    /// - `= <> != < <= > >=`, `BETWEEN`, `IN`, `IS NULL`, `LIKE` and `ILIKE` (`%` any text, `_` any character,
    ///   `ESCAPE`), each with its `NOT`; `AND`, `OR`, `NOT` and parentheses;
    /// - `+ - * / %` on numbers; a result that is not finite is missing.
    ///
    /// Two sides compare as numbers where one of them is a number, as text where one is a literal text, and
    /// two columns as numbers where both spell numbers, else as text, by code point. A column alone is a
    /// condition where it holds true or false.
    ///
    /// # Errors
    /// When the text is not such a condition, or is nested too deeply or too long.
    pub fn parse(text: &str) -> Result<Filter, Error> {
        let (columns, condition) = compile::compile(text)?;
        Ok(Filter { compiled: Arc::new(Compiled { columns, condition }) })
    }

    /// The columns it asks for, each once, in the order of their first mention and as written.
    pub fn columns(&self) -> &[String] {
        &self.compiled.columns
    }

    /// Whether a record counts. `field` gives the field of a column by its place in [`Filter::columns`].
    pub fn accepts<'a>(&self, field: &dyn Fn(usize) -> Field<'a>) -> bool {
        self.compiled.condition.truth(field) == Some(true)
    }
}
