//! Logs of what visitors did on pages to [`Interaction`]s: the door in for click maps. A log is read from its start to
//! its end, record by record, and recognised by what it says, not by its name. Where on a picture of the page an
//! interaction lands is decided elsewhere.

mod chain;
mod csv;
mod deed;
mod formats;
mod input;
mod json;
mod replay;
mod sheet;
mod taker;
mod tally;
mod tree;
mod url;
mod value;
mod words;

use std::ops::Range;

pub use formats::{FORMATS, LogFormat};
pub use tally::{Reason, Tally};
pub use url::UrlFilter;

use crate::error::Error;
use crate::interaction::{Interaction, Kind};
use crate::source::Filter;
use taker::Taker;

/// What is wanted of a log.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// The format, by its name in [`FORMATS`]; by default that which the log itself tells.
    pub format: Option<String>,
    /// The pages that count.
    pub url: Option<UrlFilter>,
    /// A condition on the columns of the log (`--where`), by the names that the log has for them.
    pub filter: Option<Filter>,
    /// The first instant that counts, in microseconds since 1970 UTC (since its start, of a log with its own clock).
    pub after: Option<i64>,
    /// The first instant that does not count any more.
    pub before: Option<i64>,
    /// The widths of the window that count, in CSS pixels, half-open.
    pub screen: Option<Range<f64>>,
    /// Whether the first record that cannot be used is an error.
    pub strict: bool,
}

/// What was read of some logs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Log {
    /// What visitors did, in the order of the log; none after [`pass`], which hands them out.
    pub interactions: Vec<Interaction>,
    /// How many records were read, and why some of them gave nothing.
    pub tally: Tally,
    /// The formats of the logs by name, each once.
    pub formats: Vec<String>,
    /// The names of the columns of the logs, each once, for conditions.
    pub columns: Vec<String>,
    /// The 20 most frequent addresses among all records, whether they count or not, the most frequent first.
    pub urls: Vec<(String, u64)>,
    /// The 20 elements that most of the records which count name, the most frequent first.
    pub selectors: Vec<(String, u64)>,
    /// What logs tell of whole elements alone (Hotjar), summed for each; the same clicks are among the interactions,
    /// each with an anchor that has no place in its element.
    pub totals: Vec<ElementTotal>,
    /// The first and the last instant of the interactions, in microseconds.
    pub span: Option<(i64, i64)>,
}

/// How often something was done to an element.
#[derive(Debug, Clone, PartialEq)]
pub struct ElementTotal {
    /// The CSS selector of the element.
    pub selector: String,
    /// What was done to it.
    pub kind: Kind,
    /// How often.
    pub count: f64,
}

/// Reads logs whole. `-` is standard input.
///
/// ```
/// use torrid::interaction::{Across, Kind};
/// use torrid::source::clicks::{Wish, read};
/// let path = std::env::temp_dir().join("torrid-read-clicks.csv");
/// std::fs::write(&path, "type,url,pageX,pageY\nclick,/cart,120,48\nmousemove,/cart,65535,7\nclick,/help,1,2\n")?;
/// let wish = Wish { url: Some("/cart".parse()?), ..Wish::default() };
/// let log = read(&[path.display().to_string()], &wish)?;
/// assert_eq!(log.interactions.len(), 1);
/// assert_eq!(log.interactions[0].kind, Kind::Click);
/// assert_eq!(log.interactions[0].spot.map(|spot| (spot.x, spot.y)), Some((Across::Pixels(120.0), 48.0)));
/// assert_eq!(log.tally.reasons(), "1: of another page; 1: a position of 65535, which stands for none");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When a name leads nowhere, a log is of no known format or so damaged that no next record is found; when a condition
/// names a column that is not there; under `strict`, the first record that cannot be used.
pub fn read(names: &[String], wish: &Wish) -> Result<Log, Error> {
    let mut interactions = Vec::new();
    let log = pass(names, wish, &mut |interaction| interactions.push(interaction))?;
    Ok(Log { interactions, ..log })
}

/// Reads logs that may be larger than memory: every interaction is handed to `each` and not kept. Those which depend on
/// the whole of a log come last: presses of a button where there are no clicks, and rage clicks where they are not told
/// as clicks too.
///
/// # Errors
/// Those of [`read`].
pub fn pass(names: &[String], wish: &Wish, each: &mut dyn FnMut(Interaction)) -> Result<Log, Error> {
    let format = formats::told(wish)?;
    let mut taker = Taker::new(wish, each);
    for input in input::find(names)? {
        input::read(&input, format, &mut taker)?;
    }
    Ok(taker.finish())
}
