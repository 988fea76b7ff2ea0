//! How numbers become colours, in one text form for the command line, the metadata of files and, later, URLs:
//! `gaussian:250m log,robust magma 0.8` is kernel and bandwidth, scale, colormap, and opacity where it is not 1.

use std::fmt;
use std::str::FromStr;

use crate::bandwidth::{Bandwidth, Rule};
use crate::error::Error;
use crate::kernel::Kernel;
use crate::paint::{Colormap, Gradient};
use crate::scale::Scale;

/// Kernel, scale, colours and opacity. What is parsed prints as the same text.
///
/// ```
/// use torrid::Style;
/// let style: Style = "gaussian:250m log,robust magma 0.8".parse()?;
/// assert_eq!(style.to_string(), "gaussian:250m log,robust magma 0.8");
/// # Ok::<(), torrid::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Style {
    /// The shape of the kernel; without meaning for plain bins.
    pub kernel: Kernel,
    /// Its bandwidth, or none for plain bins.
    pub bandwidth: Bandwidth,
    /// From values to intensities.
    pub scale: Scale,
    /// From intensities to colours.
    pub colours: Colours,
    /// Multiplies the alpha of all colours, 0..=1.
    pub opacity: f64,
}

/// Colours by name, or by hand.
#[derive(Debug, Clone, PartialEq)]
pub enum Colours {
    /// A named colormap; `_r` reverses it.
    Named(String),
    /// Stops of colour.
    Gradient(Gradient),
}

impl Colours {
    /// The 256 colours.
    ///
    /// # Errors
    /// When no colormap has the name.
    pub fn colormap(&self) -> Result<Colormap, Error> {
        match self {
            Colours::Named(name) => Colormap::named(name),
            Colours::Gradient(gradient) => Ok(gradient.colormap()),
        }
    }
}

impl Default for Style {
    fn default() -> Style {
        Style {
            kernel: Kernel::Gaussian,
            bandwidth: Bandwidth::Rule(Rule::Auto),
            scale: Scale::default(),
            colours: Colours::Named("torrid".into()),
            opacity: 1.0,
        }
    }
}

impl fmt::Display for Style {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bandwidth {
            Bandwidth::None => write!(f, "none")?,
            // `{:#}` is for reading, as for bandwidths.
            bandwidth if f.alternate() => write!(f, "{}:{bandwidth:#}", self.kernel)?,
            bandwidth => write!(f, "{}:{bandwidth}", self.kernel)?,
        }
        write!(f, " {} ", self.scale)?;
        match &self.colours {
            Colours::Named(name) => write!(f, "{name}")?,
            Colours::Gradient(gradient) => write!(f, "{gradient}")?,
        }
        if self.opacity < 1.0 { write!(f, " {}", self.opacity) } else { Ok(()) }
    }
}

impl FromStr for Style {
    type Err = Error;

    fn from_str(text: &str) -> Result<Style, Error> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let wrong = |expected: &str| Error::caller("--style").found(format!("`{text}`")).expected(expected);
        let (kernel, scale, colours, opacity) = match words[..] {
            [kernel, scale, colours] => (kernel, scale, colours, "1"),
            [kernel, scale, colours, opacity] => (kernel, scale, colours, opacity),
            _ => return Err(wrong("kernel, scale, colours and perhaps opacity, such as `gaussian:250m log magma`")),
        };
        let (kernel, bandwidth) = match kernel.split_once(':') {
            Some((kernel, bandwidth)) => (kernel.parse()?, bandwidth.parse()?),
            None if kernel == "none" => (Kernel::Gaussian, Bandwidth::None),
            None => return Err(wrong("`KERNEL:BANDWIDTH` or `none` first")),
        };
        let opacity: f64 = opacity.parse().map_err(|_| wrong("an opacity from 0 to 1 last"))?;
        if !(0.0..=1.0).contains(&opacity) {
            return Err(wrong("an opacity from 0 to 1 last"));
        }
        let colours = if colours.contains(':') {
            Colours::Gradient(colours.parse()?)
        } else {
            Colours::Named(Colormap::named(colours)?.name().to_owned())
        };
        Ok(Style { kernel, bandwidth, scale: scale.parse()?, colours, opacity })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_prints_as_it_was_written() {
        for text in [
            "none linear gray",
            "quartic:knn:15 linear gray",
            "epanechnikov:adaptive:250m log magma",
            "gaussian:auto eq_hist torrid",
            "gaussian:2.5km power:0.5,vmin=1,vmax=7 viridis_r 0.25",
            "gaussian:12px log,robust 0%:#0000;100%:#f00",
        ] {
            assert_eq!(text.parse::<Style>().expect(text).to_string(), text);
        }
    }

    #[test]
    fn what_is_no_style_is_refused() {
        for text in ["", "gaussian:250m", "boxcar:3 linear gray", "none linear gray 2", "none linear nosuchmap"] {
            assert!(text.parse::<Style>().is_err(), "{text}");
        }
    }
}
