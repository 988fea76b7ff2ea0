//! How numbers become a picture: the options that become a look.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueHint};

use crate::bandwidth::Bandwidth;
use crate::cli::four_numbers;
use crate::error::Error;
use crate::events::Space;
use crate::image::Straight;
use crate::kernel::Kernel;
use crate::lines::base::{Ground, flat};
use crate::lines::picture::{Base, Look};
use crate::paint::{BLENDS, Blend, Gradient, Projection, THEMES, Theme};
use crate::scale::{Norm, Scale};
use crate::source::tiles::{Tiles, is_address, is_stored};
use crate::style::{Colours, Style};

/// Options of the picture.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct LookArgs {
    /// Colormap; `_r` at the end reverses it; `torrid colormaps` lists them [default: torrid;
    /// `RdBu_r` with --versus]
    #[arg(long, value_name = "NAME", help_heading = "Colour")]
    cmap: Option<String>,
    /// Colours by hand: "0:#0000;10:#f00;50:#fff" by values, "0%:#0000;100%:#fff" by share of the scale
    #[arg(long, value_name = "STOPS", help_heading = "Colour", conflicts_with = "cmap")]
    gradient: Option<String>,
    /// From value to colour: linear, log, sqrt, cbrt, power:G, symlog:T, asinh:A, twoslope, quantile, `eq_hist`
    /// [default: linear]; log shows four decades of a density unless --vmin is given
    #[arg(long, value_name = "NAME", help_heading = "Colour")]
    norm: Option<String>,
    /// The value of the first colour
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true, help_heading = "Colour")]
    vmin: Option<f64>,
    /// The value of the last colour
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true, help_heading = "Colour")]
    vmax: Option<f64>,
    /// Take the 2nd and 98th percentile for limits that are not given
    #[arg(long, help_heading = "Colour")]
    robust: bool,
    /// The value of the middle colour, for diverging colormaps
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true, help_heading = "Colour")]
    center: Option<f64>,
    /// Opacity of the heat, 0 to 1 [default: 1]
    #[arg(long, value_name = "SHARE", help_heading = "Colour")]
    opacity: Option<f64>,
    /// Leave values below this clear
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true, help_heading = "Colour")]
    threshold: Option<f64>,
    /// Kernel, scale, colours and opacity in one: "gaussian:250m log magma 0.8"
    #[arg(long, value_name = "STYLE", help_heading = "Colour",
          conflicts_with_all = ["cmap", "gradient", "norm", "vmin", "vmax", "robust", "center", "opacity"])]
    style: Option<String>,
    /// What lies below: `land`, `land-dark` (coasts and borders), a picture file, a .pmtiles, .mbtiles or folder of map
    /// tiles, none of which needs a network; or the address of a tile server, `https://host/{z}/{x}/{y}.png`, whose
    /// provider --attribution has to name. `torrid serve` takes tiles, or the address of a MapLibre style
    #[arg(long, value_name = "BASE", help_heading = "Base map", value_hint = ValueHint::AnyPath)]
    base: Option<String>,
    /// Where tiles of a server are kept, each for a week [default: `torrid/tiles` among the user's caches]
    #[arg(long, value_name = "DIR", help_heading = "Base map", value_hint = ValueHint::DirPath, requires = "base")]
    base_cache: Option<PathBuf>,
    /// Where the base picture lies [default: the whole world; a page from its corner]
    #[arg(long, value_name = "W,S,E,N", allow_hyphen_values = true, help_heading = "Base map", requires = "base")]
    base_bounds: Option<String>,
    /// How the rows of the base picture follow the ground
    #[arg(long, value_name = "NAME", help_heading = "Base map", requires = "base",
          value_parser = ["equirectangular", "mercator"])]
    base_projection: Option<String>,
    /// How the heat is laid over the base [default: normal]
    #[arg(long, value_name = "MODE", help_heading = "Base map", value_parser = blends())]
    blend: Option<String>,
    /// Darken the base by this share, 0 to 1
    #[arg(long, value_name = "SHARE", help_heading = "Base map")]
    dim: Option<f64>,
    /// Fill what would stay clear with a CSS colour
    #[arg(long, value_name = "COLOUR", help_heading = "Base map")]
    background: Option<String>,
    /// Draw a legend with ticks and the unit
    #[arg(long, help_heading = "Furniture")]
    legend: bool,
    /// Draw a title
    #[arg(long, value_name = "TEXT", help_heading = "Furniture")]
    title: Option<String>,
    /// Write whose data it is [default: what an archive of tiles under --base says]
    #[arg(long, value_name = "TEXT", help_heading = "Furniture")]
    attribution: Option<String>,
    /// Draw lines of round longitudes and latitudes
    #[arg(long, help_heading = "Furniture")]
    graticule: bool,
    /// Draw a scale bar
    #[arg(long, help_heading = "Furniture")]
    scale_bar: bool,
}

fn blends() -> clap::builder::PossibleValuesParser {
    BLENDS.iter().map(|(name, _)| *name).collect::<Vec<_>>().into()
}

impl LookArgs {
    /// The kernel and the bandwidth that `--style` names.
    pub fn kernel(&self) -> Result<Option<(Kernel, Bandwidth)>, Error> {
        self.style
            .as_deref()
            .map(|style| style.parse::<Style>().map(|style| (style.kernel, style.bandwidth)))
            .transpose()
    }

    /// Whether the options say which colours to use.
    pub fn has_colours(&self) -> bool {
        self.cmap.is_some() || self.gradient.is_some() || self.style.is_some()
    }

    /// Whose data it is, as it was written.
    #[cfg(feature = "serve")]
    pub fn attribution(&self) -> Option<&str> {
        self.attribution.as_deref()
    }

    /// Whether lines of round longitudes and latitudes are asked for.
    pub fn has_graticule(&self) -> bool {
        self.graticule
    }

    /// Options that only a picture understands, for the message when values are written.
    pub fn first_given(&self) -> Option<&'static str> {
        let given = [
            ("--cmap", self.cmap.is_some()),
            ("--gradient", self.gradient.is_some()),
            ("--norm", self.norm.is_some()),
            ("--vmin", self.vmin.is_some()),
            ("--vmax", self.vmax.is_some()),
            ("--robust", self.robust),
            ("--center", self.center.is_some()),
            ("--opacity", self.opacity.is_some()),
            ("--threshold", self.threshold.is_some()),
            ("--style", self.style.is_some()),
            ("--base", self.base.is_some()),
            ("--base-cache", self.base_cache.is_some()),
            ("--blend", self.blend.is_some()),
            ("--dim", self.dim.is_some()),
            ("--background", self.background.is_some()),
            ("--legend", self.legend),
            ("--title", self.title.is_some()),
            ("--attribution", self.attribution.is_some()),
            ("--scale-bar", self.scale_bar),
            ("--graticule", self.graticule),
        ];
        given.into_iter().find_map(|(option, given)| given.then_some(option))
    }

    /// The look that the options ask for, checked before anything is read.
    pub fn look(&self, space: Space) -> Result<Look, Error> {
        self.over(self.base(space)?)
    }

    /// The same over a base that is known.
    pub fn over(&self, base: Base) -> Result<Look, Error> {
        let style = self.whole_style()?;
        style.scale.check()?;
        style.colours.colormap()?;
        let told = if let Base::Tiles(ground) = &base { ground.tiles().attribution() } else { None };
        let attribution = self.attribution.as_deref().or(told).map(str::to_owned);
        Ok(Look {
            style,
            threshold: self.threshold,
            base,
            blend: self.blend(),
            dim: share("--dim", self.dim.unwrap_or(0.0))?,
            background: self.background.as_deref().map(|text| colour("--background", text)).transpose()?,
            legend: self.legend,
            note: None,
            scale_bar: self.scale_bar,
            graticule: self.graticule,
            title: self.title.clone(),
            attribution,
            ..Look::default()
        })
    }

    fn whole_style(&self) -> Result<Style, Error> {
        if let Some(style) = &self.style {
            return style.parse();
        }
        let norm: Norm = self.norm.as_deref().unwrap_or("linear").parse()?;
        let mut scale = Scale { norm, vmin: self.vmin, vmax: self.vmax, robust: self.robust, center: self.center };
        let colours = match (&self.gradient, &self.cmap) {
            (Some(text), _) => Colours::Gradient(text.parse()?),
            (None, Some(name)) => Colours::Named(name.clone()),
            (None, None) => Style::default().colours,
        };
        if let Colours::Gradient(gradient) = &colours {
            scale = of_gradient(gradient, scale)?;
        }
        let opacity = share("--opacity", self.opacity.unwrap_or(1.0))?;
        Ok(Style { scale, colours, opacity, ..Style::default() })
    }

    /// The base as it was written.
    #[cfg(feature = "serve")]
    pub fn written_base(&self) -> Option<&str> {
        self.base.as_deref()
    }

    fn base(&self, space: Space) -> Result<Base, Error> {
        let theme = |name| THEMES.iter().find(|(known, _)| *known == name).map_or(Theme::LIGHT, |(_, theme)| *theme);
        let Some(base) = self.base.as_deref() else { return Ok(Base::Nothing) };
        if matches!(base, "land" | "land-dark") {
            self.not_cached(base)?;
            if space != Space::Earth {
                return Err(Error::caller("--base")
                    .found(format!("{base} under a flat space"))
                    .expected("positions on the Earth")
                    .advice("give a picture file as --base, or leave out --flat"));
            }
            return Ok(Base::Land(theme(if base == "land" { "light" } else { "dark" })));
        }
        let path = PathBuf::from(base);
        if is_address(base) || (is_stored(&path) && path.exists()) {
            return self.tiles(base, space).map(|tiles| Base::Tiles(Arc::new(Ground::of(tiles))));
        }
        self.not_cached(base)?;
        if !path.is_file() {
            return Err(Error::caller("--base")
                .found(format!("`{base}`, which is no file"))
                .expected("`land`, `land-dark`, a PNG, JPEG or WebP file, a .pmtiles, .mbtiles or folder of tiles"));
        }
        let mercator = self.base_projection.as_deref() == Some("mercator");
        Ok(Base::Picture {
            path,
            bounds: self.base_bounds.as_deref().map(|text| four_numbers("--base-bounds", text)).transpose()?,
            projection: if mercator { Projection::Mercator } else { Projection::Equirectangular },
        })
    }

    /// The tiles of an archive, a folder or a server.
    ///
    /// # Errors
    /// When there are no tiles, or an option was given that has no meaning for them.
    pub fn tiles(&self, base: &str, space: Space) -> Result<Tiles, Error> {
        let placed = [("--base-bounds", &self.base_bounds), ("--base-projection", &self.base_projection)];
        if let Some((option, _)) = placed.into_iter().find(|(_, given)| given.is_some()) {
            return Err(Error::caller(option)
                .found(format!("{option} of map tiles"))
                .expected("no such option: tiles know where they lie")
                .advice(format!("leave {option} out")));
        }
        if space != Space::Earth {
            return Err(flat());
        }
        if !is_address(base) {
            self.not_cached(base)?;
            return Tiles::open(base.as_ref());
        }
        let tiles = Tiles::of_server(base, self.base_cache.clone())?;
        if self.attribution.as_deref().is_none_or(|text| text.trim().is_empty()) {
            return Err(Error::caller("--attribution")
                .found(format!("tiles of {} without it", tiles.name()))
                .expected("whose map it is, which providers of tiles require")
                .advice("write it like --attribution \"© OpenStreetMap contributors\""));
        }
        Ok(tiles)
    }

    /// Refuses a cache for what is on the disk already.
    ///
    /// # Errors
    /// When one was given.
    pub fn not_cached(&self, base: &str) -> Result<(), Error> {
        if self.base_cache.is_none() {
            return Ok(());
        }
        Err(Error::caller("--base-cache")
            .found(format!("--base-cache for `{base}`"))
            .expected("the address of a tile server as --base")
            .advice("leave --base-cache out"))
    }

    fn blend(&self) -> Blend {
        let name = self.blend.as_deref().unwrap_or("normal");
        BLENDS.iter().find(|(known, _)| *known == name).map_or(Blend::Normal, |(_, blend)| *blend)
    }
}

fn share(option: &str, share: f64) -> Result<f64, Error> {
    if (0.0..=1.0).contains(&share) {
        return Ok(share);
    }
    Err(Error::caller(option).found(share.to_string()).expected("a share from 0 to 1"))
}

/// A gradient by values brings its own limits and a linear scale.
pub(super) fn of_gradient(gradient: &Gradient, scale: Scale) -> Result<Scale, Error> {
    let Some((vmin, vmax)) = gradient.limits() else { return Ok(scale) };
    if scale != Scale::default() {
        return Err(Error::caller("--gradient")
            .found("stops by values together with a norm or limits")
            .expected("stops by share of the scale, such as `0%:#0000;100%:#f00`")
            .advice("or leave out --norm, --vmin, --vmax, --robust and --center"));
    }
    Ok(Scale { vmin: Some(vmin), vmax: Some(vmax), ..scale })
}

/// A number above 0, within reason.
pub(super) fn positive(option: &str, number: Option<f64>) -> Result<Option<f64>, Error> {
    match number {
        Some(number) if !(number > 0.0 && number <= 10_000.0) => {
            Err(Error::caller(option).found(number.to_string()).expected("a number above 0, at most 10,000"))
        }
        number => Ok(number),
    }
}

/// A colour as CSS writes it.
pub(super) fn colour(option: &str, text: &str) -> Result<Straight, Error> {
    let parsed = csscolorparser::parse(text).map_err(|_| {
        Error::caller(option).found(format!("`{text}`")).expected("a CSS colour, such as `white` or `#102030`")
    })?;
    Ok(Straight(parsed.to_rgba8()))
}
