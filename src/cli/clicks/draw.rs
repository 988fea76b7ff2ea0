//! How a click map looks: the options of the picture.

use std::path::PathBuf;

use clap::Args;

use crate::bandwidth::{Bandwidth, Length};
use crate::error::Error;
use crate::lines::clicks::Wish;
use crate::lines::picture::{Base, Look};
use crate::paint::Projection;
use crate::scale::{Norm, Scale};
use crate::style::{Colours, Style};

/// Options of the picture.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct DrawArgs {
    /// Colormap; `_r` at the end reverses it [default: torrid; `RdBu_r` for comparisons]
    #[arg(long, value_name = "NAME", help_heading = "Picture")]
    cmap: Option<String>,
    /// From value to colour: linear, log, sqrt, cbrt, power:G, ... [default: sqrt; linear for shares and comparisons]
    #[arg(long, value_name = "NAME", help_heading = "Picture")]
    norm: Option<String>,
    /// The value of the first colour
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true, help_heading = "Picture")]
    vmin: Option<f64>,
    /// The value of the last colour
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true, help_heading = "Picture")]
    vmax: Option<f64>,
    /// Take the 2nd and 98th percentile for limits that are not given
    #[arg(long, help_heading = "Picture")]
    robust: bool,
    /// Opacity of the heat, 0 to 1 [default: 0.85; 0.45 for scroll and attention]
    #[arg(long, value_name = "SHARE", help_heading = "Picture")]
    opacity: Option<f64>,
    /// Leave values below this clear
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true, help_heading = "Picture")]
    threshold: Option<f64>,
    /// Darken the picture of the page by this share, 0 to 1 [default: 0.25; 0 for comparisons, scroll and attention]
    #[arg(long, value_name = "SHARE", help_heading = "Picture")]
    dim: Option<f64>,
    /// What stands above the picture [default: what is shown]
    #[arg(long, value_name = "TEXT", help_heading = "Picture")]
    pub title: Option<String>,
    /// Whose data it is, below the picture
    #[arg(long, value_name = "TEXT", help_heading = "Picture")]
    pub attribution: Option<String>,
    /// Draw the heat over the page and nothing beside it, of the size of the picture
    #[arg(long, help_heading = "Picture")]
    pub bare: bool,
    /// Leave out the band that tells how far visitors scrolled
    #[arg(long, help_heading = "Picture")]
    pub no_band: bool,
    /// Leave out the line where the window ends when the page is opened
    #[arg(long, help_heading = "Picture")]
    pub no_fold: bool,
}

/// What a look depends on besides the options.
#[derive(Clone, Copy, PartialEq)]
pub enum Sort {
    /// How often something was done where.
    Heat,
    /// Shares of bands of the page.
    Bands,
    /// Two logs compared.
    Compared,
}

impl DrawArgs {
    /// The look of a map over a picture, checked before anything is read.
    pub fn look(&self, sort: Sort, page: PathBuf, size: [f64; 2], wish: &Wish) -> Result<Look, Error> {
        let share = |option: &str, given: Option<f64>, default: f64| match given.unwrap_or(default) {
            share if (0.0..=1.0).contains(&share) => Ok(share),
            other => Err(Error::caller(option).found(other.to_string()).expected("a share from 0 to 1")),
        };
        let style = self.style(sort, wish)?;
        let method = match wish.bandwidth {
            _ if sort == Sort::Bands => "bands of 100 px".to_owned(),
            Bandwidth::Fixed(Length::Pixels(px) | Length::Units(px)) => format!("{}, {px} px", wish.kernel.title()),
            other => format!("{}, {other:#}", wish.kernel.title()),
        };
        let unique = wish.unique && sort != Sort::Bands;
        Ok(Look {
            style: Style {
                opacity: share("--opacity", self.opacity, if sort == Sort::Bands { 0.45 } else { 0.85 })?,
                ..style
            },
            method: Some(if unique { format!("{method}; each visitor once in 20 px") } else { method }),
            threshold: self.threshold,
            base: Base::Picture {
                path: page,
                bounds: Some([0.0, 0.0, size[0], size[1]]),
                projection: Projection::Equirectangular,
            },
            dim: share("--dim", self.dim, if sort == Sort::Heat { 0.25 } else { 0.0 })?,
            ..Look::default()
        })
    }

    fn style(&self, sort: Sort, wish: &Wish) -> Result<Style, Error> {
        let (cmap, norm) = match sort {
            Sort::Heat => ("torrid", "sqrt"),
            Sort::Bands => ("turbo", "linear"),
            Sort::Compared => ("RdBu_r", "linear"),
        };
        let norm: Norm = self.norm.as_deref().unwrap_or(norm).parse()?;
        let (mut vmin, mut vmax) = (self.vmin, self.vmax);
        if sort == Sort::Bands && !self.robust {
            (vmin, vmax) = (vmin.or(Some(0.0)), vmax.or(Some(100.0)));
        }
        let scale = Scale { norm, vmin, vmax, robust: self.robust, center: None };
        scale.check()?;
        let colours = Colours::Named(self.cmap.clone().unwrap_or_else(|| cmap.to_owned()));
        colours.colormap()?;
        let bandwidth = if sort == Sort::Bands { Bandwidth::None } else { wish.bandwidth };
        Ok(Style { kernel: wish.kernel, bandwidth, scale, colours, ..Style::default() })
    }

    /// Options that only a picture understands, for the message when values are written.
    pub fn first_given(&self) -> Option<&'static str> {
        let given = [
            ("--cmap", self.cmap.is_some()),
            ("--norm", self.norm.is_some()),
            ("--vmin", self.vmin.is_some()),
            ("--vmax", self.vmax.is_some()),
            ("--robust", self.robust),
            ("--opacity", self.opacity.is_some()),
            ("--threshold", self.threshold.is_some()),
            ("--dim", self.dim.is_some()),
            ("--title", self.title.is_some()),
            ("--attribution", self.attribution.is_some()),
        ];
        given.into_iter().find_map(|(option, given)| given.then_some(option)).or(self.first_beside())
    }

    /// Options that only a picture with something beside it understands.
    pub fn first_beside(&self) -> Option<&'static str> {
        let given = [("--bare", self.bare), ("--no-band", self.no_band), ("--no-fold", self.no_fold)];
        given.into_iter().find_map(|(option, given)| given.then_some(option))
    }
}
