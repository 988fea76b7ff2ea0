//! Everything with text: legend, title, scale bar, attribution, graticule, laid inside a picture; charts of colormaps; and the
//! classic heatmap of a table ([`Plot`]). What is to be drawn is first a [`Scene`], which knows where everything lies and
//! prints itself as SVG; pixels come from it. All text is drawn with the fonts in `assets/fonts`, never with those of the
//! system.

mod chart;
mod graticule;
mod label;
mod layout;
mod legend;
mod number;
mod page_map;
mod plot;
mod portrait;
mod scale_bar;
mod scene;
mod sheet;
mod text;

pub use chart::{Look, Swatch, Swatches, chart_of_colormaps};
pub use label::{label, labels};
pub use number::NumberFormat;
pub use page_map::{Band, PageMap};
pub use plot::{Bar, Key, Measures, Mosaic, Plot, Shown, Side, Size, Strip};
pub use portrait::portraits_of_colormaps;
pub use scene::Scene;
pub use sheet::{columns, contact_sheet};

use crate::error::Error;
use crate::frame::Frame;
use crate::image::{Image, Straight};

/// What is to be laid over a picture besides its pixels.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Furniture {
    /// What the picture shows; in its upper left corner.
    pub title: Option<String>,
    /// What its colours mean; in its lower left corner.
    pub legend: Option<Legend>,
    /// Whether a bar shows a length on the ground.
    pub scale_bar: bool,
    /// Who is to be named, as licences of data and base maps ask; in its lower right corner.
    pub attribution: Option<String>,
    /// Whether lines of round longitudes and latitudes (flat: coordinates) are drawn across the picture.
    pub graticule: bool,
}

/// What colours mean.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Legend {
    /// What is measured in which unit, such as `events per km²`.
    pub title: String,
    /// The colours from the lowest to the highest value, evenly spaced; usually 256.
    pub colours: Vec<Straight>,
    /// Where on the strip of colours which value lies, from left to right: positions in 0..=1, others are left
    /// out. Of labels that would run into each other only every second, third and so on is shown.
    pub ticks: Vec<(f64, String)>,
    /// How it was measured, such as `Gaussian, 500 m`.
    pub note: Option<String>,
}

/// Lays furniture over a picture of a frame, inside the picture, which keeps its size. Returns what had to be
/// left out or shortened for want of room, in words for the user.
///
/// ```
/// use torrid::figure::{Furniture, furnish};
/// use torrid::image::{Image, Premultiplied};
/// use torrid::{Extent, Frame, Space};
/// let paris = Extent::of_bounds(Space::Earth, [2.2, 48.8, 2.5, 48.95]);
/// let frame = Frame::new(Space::Earth, paris, 640, 480)?;
/// let mut image = Image::filled(640, 480, Premultiplied::CLEAR);
/// let furniture = Furniture { title: Some("Paris".into()), scale_bar: true, ..Furniture::default() };
/// assert!(furnish(&furniture, &frame, &mut image)?.is_empty());
/// assert_ne!(image, Image::filled(640, 480, Premultiplied::CLEAR));
/// # Ok::<(), torrid::Error>(())
/// ```
///
/// # Errors
/// When a text cannot be drawn; none is known that cannot.
pub fn furnish(furniture: &Furniture, frame: &Frame, image: &mut Image) -> Result<Vec<String>, Error> {
    let scene = Scene::of(furniture, frame, image.width(), image.height())?;
    scene.draw(image)?;
    Ok(scene.notes().to_vec())
}
