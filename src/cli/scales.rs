//! The scales of tiles: one for all zooms or one for each, and how they are told.

use clap::Args;
use serde_json::{Map, Value, json};

use crate::bandwidth::{Bandwidth, Length};
use crate::lines::pyramid::{Drawing, Fit, FittedScale};

/// Options of the scales of tiles.
#[derive(Debug, Args)]
pub struct ScaleArgs {
    /// What limits and ranks are fitted to: `all` tiles together, or `per-zoom` the tiles of each zoom [default: all; for a
    /// bandwidth in pixels per-zoom, because its densities grow some four times from zoom to zoom]
    #[arg(long, value_name = "FIT", help_heading = "Colour", value_parser = ["all", "per-zoom"])]
    scale: Option<String>,
}

impl ScaleArgs {
    /// What scales are fitted to, and what the user should know of a choice that was not theirs.
    pub fn fit(&self, bandwidth: Bandwidth) -> (Fit, Option<String>) {
        match (self.scale.as_deref(), bandwidth) {
            (Some("per-zoom"), _) => (Fit::PerZoom, None),
            (None, Bandwidth::Fixed(Length::Pixels(_))) => {
                let why = "each zoom has a scale of its own, because the bandwidth is another on the ground at each: \
                           --scale all gives them one";
                (Fit::PerZoom, Some(why.to_owned()))
            }
            _ => (Fit::All, None),
        }
    }
}

/// The scales for whoever shows the tiles: `value_range` and `stops` where all zooms have one; else a list `scales` with
/// those of each zoom.
pub fn told(drawing: &Drawing) -> Map<String, Value> {
    let scale = |scale: &FittedScale| {
        let zoom = scale.zoom.map(|zoom| ("zoom".to_owned(), json!(zoom)));
        zoom.into_iter().chain(scale.told()).collect::<Map<_, _>>()
    };
    match drawing.scales.as_slice() {
        [one] if one.zoom.is_none() => scale(one),
        each => Map::from_iter([("scales".to_owned(), each.iter().map(scale).collect())]),
    }
}

/// The limits for the report of a run: of one scale, or of each with its zoom.
pub fn limits(drawing: &Drawing) -> Value {
    let limits = |scale: &FittedScale| json!([scale.limits.0, scale.limits.1]);
    match drawing.scales.as_slice() {
        [one] if one.zoom.is_none() => limits(one),
        each => each.iter().map(|scale| json!({ "zoom": scale.zoom, "limits": limits(scale) })).collect(),
    }
}
