//! Where, how large, and how smooth: the options that become a wish.

use clap::Args;

use crate::bandwidth::{Bandwidth, Length};
use crate::cli::four_numbers;
use crate::counts::{AGGREGATES, Aggregate};
use crate::error::Error;
use crate::kernel::{KERNELS, Kernel};
use crate::lines::density::{Idw, METHODS, Wish};
use crate::lines::framing::Size;

/// Options of the estimate.
#[derive(Debug, Args)]
pub struct PlaceArgs {
    /// West, south, east and north in degrees (W > E crosses the antimeridian), X0,Y0,X1,Y1 in a flat space
    /// [default: the extent of the --mask; without one, of the events and a margin for the kernel]
    #[arg(long, value_name = "W,S,E,N", allow_hyphen_values = true, help_heading = "Frame")]
    bounds: Option<String>,
    /// Width and height in cells (pixels)
    #[arg(long, value_name = "WxH", help_heading = "Frame", conflicts_with_all = ["width", "cell", "zoom"])]
    size: Option<String>,
    /// Width in cells (pixels); the height follows the extent [default: 1280]
    #[arg(long, value_name = "CELLS", help_heading = "Frame", conflicts_with_all = ["cell", "zoom"])]
    width: Option<u32>,
    /// Width and height of a cell on the ground: 100m, 0.5km; or in units of a flat space: 2u
    #[arg(long, value_name = "LENGTH", help_heading = "Frame", conflicts_with = "zoom")]
    cell: Option<String>,
    /// Whole Web Mercator tiles of this zoom, 256 cells wide each
    #[arg(long, value_name = "Z", help_heading = "Frame")]
    zoom: Option<u8>,
    /// The shape of the kernel
    #[arg(short, long, value_name = "NAME", default_value = "gaussian", help_heading = "Estimate", value_parser = kernels())]
    kernel: String,
    /// How wide the kernel is (a Gaussian's standard deviation, a compact kernel's radius): 250m, 2km, 12px, 0.4u (flat
    /// spaces); chosen by `auto`, `scott`, `silverman` or `lscv`; for each event by `knn:15` or `adaptive:250m`; `none`
    /// for plain bins
    #[arg(
        short,
        long,
        alias = "radius",
        value_name = "LENGTH",
        default_value = "auto",
        help_heading = "Estimate",
        allow_hyphen_values = true
    )]
    bandwidth: String,
    /// How near the truth: `exact` within 1e-6 of the maximum, `fast` within 1/512, `auto` the exact one where it is as fast,
    /// and for every kernel but the Gaussian
    #[arg(long, value_name = "NAME", default_value = "auto", help_heading = "Estimate", value_parser = methods())]
    method: String,
    /// What a cell gathers [default: sum with --weight, mean with --value, else count]; `idw` interpolates readings by
    /// inverse distances, without a bandwidth
    #[arg(long, value_name = "NAME", help_heading = "Estimate", value_parser = aggregates())]
    agg: Option<String>,
    /// `density` per km² (or square unit), or `count`: expected events per cell
    #[arg(long, value_name = "KIND", default_value = "density", help_heading = "Estimate",
          value_parser = ["density", "count"])]
    values: String,
}

/// The name of interpolation by inverse distances among the aggregates.
const IDW: &str = "idw";

fn aggregates() -> clap::builder::PossibleValuesParser {
    AGGREGATES.iter().map(|(name, _)| *name).chain([IDW]).collect::<Vec<_>>().into()
}

fn kernels() -> clap::builder::PossibleValuesParser {
    KERNELS.iter().map(|(name, _)| *name).collect::<Vec<_>>().into()
}

fn methods() -> clap::builder::PossibleValuesParser {
    METHODS.iter().map(|(name, _)| *name).collect::<Vec<_>>().into()
}

impl PlaceArgs {
    /// What the options wish for, given whether events are weighed and have readings.
    pub fn wish(&self, weighed: bool, valued: bool) -> Result<Wish, Error> {
        let default = match (valued, weighed) {
            (true, _) => Aggregate::Mean,
            (false, true) => Aggregate::Sum,
            (false, false) => Aggregate::Count,
        };
        let idw = self.agg.as_deref() == Some(IDW);
        if idw && (self.kernel != Kernel::default().name() || self.method != "auto") {
            return Err(Error::caller("--agg")
                .found("idw with --kernel or --method")
                .expected("neither: inverse distances are no kernel")
                .advice("leave them out; --neighbours and --power say what idw does"));
        }
        let named = self.agg.as_deref().and_then(|name| AGGREGATES.iter().find(|(known, _)| *known == name));
        Ok(Wish {
            bounds: self.bounds.as_deref().map(|text| four_numbers("--bounds", text)).transpose()?,
            size: self.size()?,
            kernel: self.kernel.parse()?,
            bandwidth: if idw && self.bandwidth == "auto" { Bandwidth::None } else { self.bandwidth.parse()? },
            interpolation: idw.then(Idw::default),
            method: METHODS
                .iter()
                .find(|(name, _)| *name == self.method)
                .map(|(_, method)| *method)
                .unwrap_or_default(),
            aggregate: named.map_or(default, |(_, aggregate)| *aggregate),
            per_cell: self.values == "count",
            ..Wish::default()
        })
    }

    fn size(&self) -> Result<Size, Error> {
        if let Some(text) = &self.size {
            let sides = text.split_once(['x', 'X']).and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
            let sides = sides.filter(|(width, height)| *width > 0 && *height > 0);
            let (width, height) = sides.ok_or_else(|| {
                Error::caller("--size")
                    .found(format!("`{text}`"))
                    .expected("two numbers of cells, at least 1 each")
                    .advice("write it like --size 1280x960")
            })?;
            return Ok(Size::Cells(width, height));
        }
        if let Some(text) = &self.cell {
            return match text.parse() {
                Ok(length @ (Length::Metres(_) | Length::Units(_))) => Ok(Size::Cell(length)),
                _ => Err(Error::caller("--cell")
                    .found(format!("`{text}`"))
                    .expected("a positive length with its unit")
                    .advice("write it like 100m, 0.5km, or 2u in the unit of a flat space")),
            };
        }
        if self.width == Some(0) {
            return Err(Error::caller("--width")
                .found("0")
                .expected("at least 1 cell")
                .advice("leave it out for 1280"));
        }
        Ok(match (self.zoom, self.width) {
            (Some(zoom), _) => Size::Zoom(zoom),
            (None, Some(width)) => Size::Width(width),
            (None, None) => Size::default(),
        })
    }
}
