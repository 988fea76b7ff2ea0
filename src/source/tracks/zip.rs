//! Archives of tracks: the exports of Strava and Garmin, KMZ, and whatever people pack together. Here is what they are for
//! whoever wants events; `files` takes the tracks out of them.

use crate::error::Error;
use crate::source::tracks::TrackFormat;
use crate::source::{Format, Input, Inputs, Query, Source};

/// The format.
pub(in crate::source) const FORMAT: Format = Format {
    name: "zip",
    extensions: &["zip", "kmz"],
    about: "archives of tracks: exports of Strava and Garmin, KMZ",
    open,
};

/// The files in it that are made for tracks; where there is none, all that can be read.
fn open(input: &Input, query: &Query) -> Result<Box<dyn Source>, Error> {
    let members = input.members()?;
    let mut inputs: Vec<Input> = members.iter().filter_map(|member| input.member(member)).collect();
    inputs.retain(|member| member.format.name != FORMAT.name);
    let made = |member: &Input| TrackFormat::of(member).is_some_and(|format| !format.general && !format.table);
    if inputs.iter().any(made) {
        inputs.retain(made);
    }
    if inputs.is_empty() {
        return Err(Error::input(&*input.name)
            .found("an archive without a file that can be read")
            .expected("files of a known format")
            .advice("unpack it, and say with --format what the files are"));
    }
    Inputs { inputs }.open(query)
}
