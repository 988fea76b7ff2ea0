//! Bytes to [`Track`](crate::Track)s: the door for files that tell how somebody went from fix to fix. Each format tells a
//! [`Recorder`] what stands in a file, in its order; what that means is decided there and in `recording`, once for all of
//! them. Whoever wants single positions gets them of the same files, through the door for events.

mod common;
mod content;
mod csv;
mod events;
mod facts;
mod files;
mod fit;
mod garmin;
mod geojson;
mod gpx;
mod json;
mod kml;
mod readings;
mod recorder;
mod recording;
mod strava;
mod takeout;
mod tcx;
mod zip;

use std::io;

pub use content::content;
pub use facts::{Fact, Facts};
pub use files::{TrackFile, files, holds_tracks};
pub use recorder::Recorder;
pub use recording::Recording;

use crate::error::Error;
use crate::source::{Format, Input, Query};

/// A format in which files hold tracks.
#[derive(Debug)]
pub struct TrackFormat {
    /// What [`crate::source::FORMATS`] calls it.
    pub name: &'static str,
    /// Whether it is a table, which holds tracks only where a column tells them apart.
    pub table: bool,
    /// Whether files of this format may hold anything, so that one has to look.
    pub general: bool,
    read: Read,
}

/// Tells a recorder what the bytes of a file hold, which messages call by the name given.
type Read = fn(Box<dyn io::Read + Send>, &str, &Query, &mut Recorder<'_>) -> Result<(), Error>;

/// Every format in which files hold tracks; beside them, archives of such files do.
pub static FORMATS: &[TrackFormat] = &[
    TrackFormat { name: "gpx", table: false, general: false, read: gpx::read },
    TrackFormat { name: "fit", table: false, general: false, read: fit::read },
    TrackFormat { name: "tcx", table: false, general: false, read: tcx::read },
    TrackFormat { name: "kml", table: false, general: false, read: kml::read },
    TrackFormat { name: "csv", table: true, general: true, read: csv::read },
    TrackFormat { name: "tsv", table: true, general: true, read: csv::read },
    TrackFormat { name: "geojson", table: false, general: true, read: geojson::read },
    TrackFormat { name: "json", table: false, general: true, read: json::read },
];

impl TrackFormat {
    /// The format of a file of tracks.
    fn of(input: &Input) -> Option<&'static TrackFormat> {
        FORMATS.iter().find(|format| format.name == input.format.name)
    }
}

/// Whether files of a format hold tracks and hardly anything else.
pub fn is_made_for_tracks(format: &Format) -> bool {
    format.name == ZIP.name || FORMATS.iter().any(|of| of.name == format.name && !of.table && !of.general)
}

/// FIT, for whoever wants events.
pub(super) const FIT: Format = Format {
    name: "fit",
    extensions: &["fit"],
    about: "fixes of FIT, as watches and bicycle computers write it",
    open: |input, query| events::open(input, query, "fit", fit::read),
};

/// TCX, for whoever wants events.
pub(super) const TCX: Format = Format {
    name: "tcx",
    extensions: &["tcx"],
    about: "fixes of TCX, the XML of Garmin's Training Center",
    open: |input, query| events::open(input, query, "tcx", tcx::read),
};

/// KML, for whoever wants events.
pub(super) const KML: Format = Format {
    name: "kml",
    extensions: &["kml"],
    about: "fixes on the lines of KML, or its points where it has no line",
    open: |input, query| events::open(input, query, "kml", kml::read),
};

/// Archives, for whoever wants events.
pub(super) const ZIP: Format = zip::FORMAT;
