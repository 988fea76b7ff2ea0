//! A map of a log to a picture: the heat over the page, and beside it what it shows, its legend, and how far down visitors
//! came.

use crate::error::Error;
use crate::figure::{Band, PageMap, Scene};
use crate::land::STEP;
use crate::lines::clicks::Map;
use crate::lines::picture::{Look, Shading, legend, picture};
use crate::scale::Summary;

/// What is told beside a map.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Beside {
    /// What the map shows.
    pub title: String,
    /// What else is to be said of it, one line each.
    pub facts: Vec<String>,
    /// Who is to be named.
    pub attribution: Option<String>,
    /// Whether to draw how far down visitors came.
    pub band: bool,
    /// Whether to draw where the window ends when the page is opened.
    pub fold: bool,
}

/// A page as a scene, the limits of its scale, and notes.
pub type Sheet = (Scene, (f64, f64), Vec<String>);

/// A page with its map; also the limits of its scale, and what the user should know.
///
/// # Errors
/// When the scale does not suit the values, or the picture of the page cannot be read.
pub fn sheet(map: &Map, look: &Look, beside: &Beside) -> Result<Sheet, Error> {
    let density = &map.found.density;
    let drawn = picture(density, look)?;
    let shading = Shading::of(look, &density.quantity, &Summary::of(density.grid.values()))?;
    let scale = density.grid.frame().cells_per_unit().1;
    let reached = map.reached.as_ref();
    let band = reached.filter(|reached| beside.band && !reached.shares.is_empty()).map(|reached| Band {
        title: "visits that came so far".to_owned(),
        step: STEP * scale,
        shares: reached.shares.clone(),
    });
    let fold = reached.and_then(|reached| reached.fold).filter(|_| beside.fold);
    let page = PageMap {
        title: beside.title.clone(),
        facts: beside.facts.clone(),
        legend: legend(&density.quantity, look, &shading),
        band,
        fold: fold.map(|fold| (fold * scale, format!("average fold, {fold:.0} px"))),
        attribution: beside.attribution.clone(),
    };
    let scene = page.scene(&drawn.image)?;
    let notes = drawn.notes.into_iter().chain(scene.notes().iter().cloned()).collect();
    Ok((scene, drawn.limits, notes))
}
