//! The straight line from numbers to a map of one file: the heat, what lies below it, and its legend as HTML. The page
//! draws the embedded land itself, and its title, legend and scale bar.

use crate::error::Error;
use crate::events::Space;
use crate::grid::Density;
use crate::image::Image;
use crate::lines::picture::{Base, Look, Shading, base, faded, legend};
use crate::lines::pyramid::legend_html;
use crate::paint::{Blend, Outline, Theme, blend, dim, outline};
use crate::scale::Summary;

/// What a map of one file shows.
#[derive(Debug, Clone)]
pub struct Mapped {
    /// The heat.
    pub heat: Image,
    /// What lies below it, where that is a picture.
    pub below: Option<Image>,
    /// Land and borders, for the page to draw below all; none in a flat space.
    pub land: Option<Outline>,
    /// The colours that the caller chose for the land; else those of the page's theme.
    pub theme: Option<Theme>,
    /// The values of the least and the greatest colour.
    pub limits: (f64, f64),
    /// The legend as HTML.
    pub legend: String,
    /// Things the user should know.
    pub notes: Vec<String>,
}

/// Draws a density for a map.
///
/// # Errors
/// When the scale does not suit the values, a colormap is unknown, or the base picture cannot be read.
pub fn map(density: &Density, look: &Look) -> Result<Mapped, Error> {
    let shading = Shading::of(look, &density.quantity, &Summary::of(density.grid.values()))?;
    let frame = density.grid.frame();
    let heat = faded(shading.paint(&density.grid), look);
    let (heat, below, notes) = layers(heat, density, look)?;
    let land = (frame.space() == Space::Earth).then(|| outline(&frame.extent()));
    let theme = if let Base::Land(theme) = look.base { Some(theme) } else { None };
    Ok(Mapped {
        heat,
        below,
        land,
        theme,
        limits: shading.shade.limits(),
        legend: legend_html(&[(None, legend(&density.quantity, look, &shading))]),
        notes,
    })
}

/// The heat and what lies below it, apart where one is simply laid over the other.
fn layers(heat: Image, density: &Density, look: &Look) -> Result<(Image, Option<Image>, Vec<String>), Error> {
    let plain = look.blend == Blend::Normal;
    // Land that nothing is done to is drawn by the page, beyond the picture too.
    let by_page = matches!(look.base, Base::Land(_)) && plain && look.dim == 0.0;
    let laid = if by_page { None } else { base(density, look)? };
    let notes = laid.as_ref().map_or_else(Vec::new, |laid| laid.notes.clone());
    let below = laid.map(|laid| dim(&laid.image, look.dim));
    let filled = |colour| Image::filled(heat.width(), heat.height(), colour);
    let ground = look.background.map(|colour| filled(colour.premultiply()));
    let under = |image: Image| ground.as_ref().map_or(image.clone(), |ground| image.over(ground));
    Ok(match below {
        Some(below) if plain => (heat, Some(under(below)), notes),
        Some(below) => (under(blend(&heat, &below, look.blend)), None, notes),
        None => (heat, ground, notes),
    })
}
