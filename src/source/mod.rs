//! Bytes to [`Events`]: the door in. A [`Source`] hands out [`Part`]s in the order of the input; a part is
//! decoded by whichever thread takes it. What a record means (columns, filter, projection, range checks) is
//! decided in one place, [`Intake`], for every format. Maps to lie below the heat come in by a door of their own,
//! [`tiles`].

mod archive;
mod cells;
mod chain;
pub mod columns;
mod crs;
mod csv;
mod filter;
mod geojson;
mod gpx;
mod intake;
mod journal;
mod json;
mod open;
mod parquet;
mod query;
pub mod table;
mod tally;
pub mod tiles;
pub mod tracks;
mod time;
mod unpack;
mod xml;

pub use cells::{CellsFile, StoredGroups};
pub use crs::Crs;
pub use filter::{Filter, UNITS};
pub use intake::{Field, Intake, Row};
pub use journal::{Entries, FORMAT as JOURNAL, body_format, query_of_bodies, read_bodies};
pub use open::{Input, Inputs};
pub use query::{Columns, Query};
pub use tally::{Place, Reason, Tally};
pub use time::{parse_limit, parse_time, written_time};
pub use unpack::{Compression, Consumed};

use crate::error::Error;
use crate::events::Events;

/// A format that can be read.
#[derive(Debug)]
pub struct Format {
    /// What `--format` and the messages call it.
    pub name: &'static str,
    /// File name endings, lower case, without the dot; `.gz` and `.zst` are taken off before.
    pub extensions: &'static [&'static str],
    /// One line for the help and the documents.
    pub about: &'static str,
    /// Opens one input of this format.
    pub open: Open,
}

/// Opens one input of a format.
pub type Open = fn(&Input, &Query) -> Result<Box<dyn Source>, Error>;

/// Every format that can be read, in the order in which they are listed.
pub static FORMATS: &[Format] = &[
    csv::FORMAT,
    csv::TSV,
    geojson::FORMAT,
    json::FORMAT,
    parquet::FORMAT,
    gpx::FORMAT,
    tracks::FIT,
    tracks::TCX,
    tracks::KML,
    tracks::ZIP,
    journal::FORMAT,
];

/// One opened input that yields its parts in order.
pub trait Source: Send {
    /// The next part, or none at the end. This runs under a lock: it reads and cuts bytes, and leaves the
    /// decoding to [`Part::read`].
    ///
    /// # Errors
    /// When the input cannot be read on, or is damaged in a way that leaves no next record.
    fn next_part(&mut self) -> Result<Option<Box<dyn Part>>, Error>;

    /// What was found about the columns, for `info` and messages.
    fn columns(&self) -> Columns;

    /// West, south, east and north of all positions of this input, in degrees or flat units, where the
    /// file itself states them exactly (Parquet statistics) and no row could be left out of them.
    fn stated_bounds(&self) -> Option<[f64; 4]> {
        None
    }

    /// The share of the input handed out so far, 0 to 1, for progress.
    fn progress(&self) -> f64;
}

/// A piece of an input, cut at record boundaries, that any thread may decode.
pub trait Part: Send {
    /// Decodes the piece: the events of its usable records, and a tally of all of them.
    ///
    /// # Errors
    /// Under `strict`, the first record that cannot be used; otherwise only damage that leaves the rest
    /// of the piece unreadable.
    fn read(self: Box<Self>) -> Result<(Events, Tally), Error>;
}
