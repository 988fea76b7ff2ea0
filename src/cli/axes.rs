//! Sides with coordinates around a picture.

use clap::Args;

use crate::cli::look::positive;
use crate::error::Error;
use crate::figure::Measures;
use crate::lines::picture::Axes;

/// Options of the sides.
#[derive(Debug, Args)]
pub struct AxesArgs {
    /// Draw sides with coordinates and, in place of a legend, a bar of colours around the picture, which keeps its size
    #[arg(long, help_heading = "Furniture", conflicts_with_all = ["bandwidths", "legend", "time_bandwidth", "world_file"])]
    axes: bool,
    /// What the sides of --axes are: from left to right [default: longitude, or x]
    #[arg(long, value_name = "TEXT", help_heading = "Furniture", requires = "axes")]
    xlabel: Option<String>,
    /// And from bottom to top [default: latitude, or y]
    #[arg(long, value_name = "TEXT", help_heading = "Furniture", requires = "axes")]
    ylabel: Option<String>,
    /// Letters of --axes, in points [default: 10]
    #[arg(long, value_name = "POINTS", help_heading = "Furniture", requires = "axes")]
    font_size: Option<f64>,
    /// Pixels to the inch, of which a point of --axes is a 72nd [default: 150]
    #[arg(long, value_name = "N", help_heading = "Furniture", requires = "axes")]
    dpi: Option<f64>,
}

impl AxesArgs {
    /// Whether sides are asked for.
    pub fn are_given(&self) -> bool {
        self.axes
    }

    /// The sides, where they are asked for.
    ///
    /// # Errors
    /// When a number makes no sense.
    pub fn axes(&self) -> Result<Option<Axes>, Error> {
        let usual = Measures::default();
        let measures = Measures {
            font_size: positive("--font-size", self.font_size)?.unwrap_or(usual.font_size),
            dpi: positive("--dpi", self.dpi)?.unwrap_or(usual.dpi),
            ..usual
        };
        let axes = Axes { x_label: self.xlabel.clone(), y_label: self.ylabel.clone(), measures };
        Ok(self.axes.then_some(axes))
    }
}
