//! Which events: the options that describe the inputs and choose among their records.

use clap::{Args, ValueHint};

use crate::cli::tracks::TrackArgs;
use crate::error::Error;
use crate::events::{Space, Unit, YAxis};
use crate::source::{Crs, Filter, Query, parse_limit};

/// Options that choose events.
#[derive(Debug, Args)]
pub struct EventArgs {
    /// Files, folders, globs, or `-` for standard input (with --format); .gz and .zst are opened in passing
    #[arg(required = true, value_name = "INPUT", value_hint = ValueHint::AnyPath)]
    pub inputs: Vec<String>,
    /// Format of the inputs, where their names do not tell
    #[arg(long, value_name = "NAME", help_heading = "Input", value_parser = formats())]
    format: Option<String>,
    /// Column of the longitude, or of the horizontal coordinate [default: detected]
    #[arg(long, alias = "x", value_name = "COLUMN", help_heading = "Input")]
    lon: Option<String>,
    /// Column of the latitude, or of the vertical coordinate [default: detected]
    #[arg(long, alias = "y", value_name = "COLUMN", help_heading = "Input")]
    lat: Option<String>,
    /// Names of the columns of a CSV file without a header, with commas between
    #[arg(long, value_name = "A,B,C", value_delimiter = ',', help_heading = "Input")]
    columns: Option<Vec<String>>,
    /// Reference system of the coordinates, where they are not degrees WGS 84
    #[arg(long, value_name = "EPSG:N", help_heading = "Input", conflicts_with = "flat")]
    crs: Option<String>,
    /// Positions on a page, a drawing or a local grid, in px, m, ft or u (a unit without a name); pixels grow
    /// down, the others up
    #[arg(long, value_name = "UNIT", help_heading = "Input", num_args = 0..=1, require_equals = true,
          default_missing_value = "px", value_parser = ["px", "m", "ft", "u"])]
    flat: Option<String>,
    /// Where the vertical coordinate of a flat space grows [default: down for px, up for others]
    #[arg(long, value_name = "WAY", help_heading = "Input", requires = "flat", value_parser = ["up", "down"])]
    y_axis: Option<String>,
    /// Column that weighs events
    #[arg(long, value_name = "COLUMN", help_heading = "Input")]
    pub weight: Option<String>,
    /// Column of the reading that mean, std, min, max and idw summarise
    #[arg(long, value_name = "COLUMN", help_heading = "Input")]
    pub value: Option<String>,
    /// Column of the time [default: detected]
    #[arg(long, value_name = "COLUMN", help_heading = "Input")]
    time: Option<String>,
    /// Only records for which this SQL condition holds: `mag >= 5 and type = 'earthquake'`
    #[arg(long = "where", value_name = "CONDITION", help_heading = "Input")]
    condition: Option<String>,
    /// Only events at or after this time: 2018-10-05, 2018-10-05T12:00Z
    #[arg(long, value_name = "TIME", help_heading = "Input")]
    after: Option<String>,
    /// Only events before this time
    #[arg(long, value_name = "TIME", help_heading = "Input")]
    before: Option<String>,
    #[command(flatten)]
    tracks: TrackArgs,
    /// Stop at the first record that cannot be used, instead of skipping and counting such records
    #[arg(long, help_heading = "Input")]
    strict: bool,
}

fn formats() -> clap::builder::PossibleValuesParser {
    crate::source::FORMATS.iter().map(|format| format.name).collect::<Vec<_>>().into()
}

impl EventArgs {
    /// What the options ask of each record.
    pub fn query(&self) -> Result<Query, Error> {
        self.query_of(&self.inputs)
    }

    /// The same, where some of the inputs are no events.
    pub fn query_of(&self, inputs: &[String]) -> Result<Query, Error> {
        let after = self.after.as_deref().map(|text| parse_limit("--after", text)).transpose()?;
        let before = self.before.as_deref().map(|text| parse_limit("--before", text)).transpose()?;
        if let (Some(after), Some(before)) = (after, before)
            && after >= before
        {
            return Err(Error::caller("--after")
                .found("a time that is not before --before")
                .expected("an interval")
                .advice("events from --after up to, but not at, --before are taken"));
        }
        let query = Query {
            crs: self.crs.as_deref().map(Crs::parse).transpose()?,
            x: self.lon.clone(),
            y: self.lat.clone(),
            names: self.columns.clone(),
            weight: self.weight.clone(),
            value: self.value.clone(),
            time: self.time.clone(),
            filter: self.condition.as_deref().map(Filter::parse).transpose()?,
            after,
            before,
            strict: self.strict,
            format: self.format.clone(),
            ..Query::new(self.space())
        };
        self.tracks.join(query, inputs)
    }

    /// The condition that records have to meet, as it was written.
    #[cfg(feature = "serve")]
    pub fn condition(&self) -> Option<&str> {
        self.condition.as_deref()
    }

    /// Which records are taken, in words; empty for all.
    pub fn taken(&self) -> String {
        let chosen = [("where", &self.condition), ("after", &self.after), ("before", &self.before)];
        let chosen = chosen.into_iter().filter_map(|(word, text)| text.as_ref().map(|text| format!("{word} {text}")));
        chosen.chain(self.tracks.taken()).collect::<Vec<_>>().join(", ")
    }

    fn space(&self) -> Space {
        let Some(unit) = self.flat.as_deref() else { return Space::Earth };
        let unit = match unit {
            "px" => Unit::Pixel,
            "m" => Unit::Metre,
            "ft" => Unit::Foot,
            _ => Unit::Unnamed,
        };
        let down = self.y_axis.as_deref().map_or(unit == Unit::Pixel, |way| way == "down");
        Space::Flat { unit, y_axis: if down { YAxis::Down } else { YAxis::Up } }
    }
}
