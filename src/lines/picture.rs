//! The straight line from numbers to a picture: scale, colours, what lies below, and what is written beside.

use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;

use crate::bandwidth::Bandwidth;
use crate::drawing::Drawing;
use crate::error::Error;
use crate::events::Space;
use crate::figure::{self, Furniture, Legend, Measures, Mosaic, Plot, Scene, Side, Size, label, labels};
use crate::frame::Frame;
use crate::grid::{Density, Grid, Quantity};
use crate::image::{Image, Straight};
use crate::lines::base::{Ground, Laid};
use crate::paint::{
    Blend, Colormap, Ink, NATURAL_EARTH, Projection, Sheet, Theme, blend, dim, inked, land, paint, places,
};
use crate::scale::{Levels, Norm, Scale, Shade, Summary, rounds};
use crate::style::Style;
use crate::world::World;

/// Values that are looked at together.
const TOGETHER: usize = 64;

/// How numbers become a picture.
#[derive(Debug, Clone)]
pub struct Look {
    /// Scale, colours and opacity (its bandwidth is said beside the legend).
    pub style: Style,
    /// How the values were estimated, in words, where kernel and bandwidth of the style do not say it all.
    pub method: Option<String>,
    /// The opacity of each cell, 0 to 1, where it shows how much evidence there is for its value.
    pub evidence: Option<Grid<f32>>,
    /// Values below it are clear.
    pub threshold: Option<f64>,
    /// What lies below the heat.
    pub base: Base,
    /// How the heat is laid over it.
    pub blend: Blend,
    /// Darkens what lies below by this much, 0..=1.
    pub dim: f64,
    /// Fills what would stay clear.
    pub background: Option<Straight>,
    /// Whether to draw a legend.
    pub legend: bool,
    /// What else the legend says of how the values came about.
    pub note: Option<String>,
    /// Whether to draw a scale bar.
    pub scale_bar: bool,
    /// Whether to draw lines of round longitudes and latitudes.
    pub graticule: bool,
    /// The title.
    pub title: Option<String>,
    /// Whose data it is.
    pub attribution: Option<String>,
    /// Sides with coordinates and a bar of colours around the picture, instead of title and legend inside it.
    pub axes: Option<Axes>,
}

/// Sides around a picture.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Axes {
    /// What the coordinate from left to right is; by the space where absent.
    pub x_label: Option<String>,
    /// What the coordinate from bottom to top is.
    pub y_label: Option<String>,
    /// How large letters and lines are.
    pub measures: Measures,
}

impl Default for Look {
    fn default() -> Look {
        Look {
            style: Style::default(),
            method: None,
            evidence: None,
            threshold: None,
            base: Base::Nothing,
            blend: Blend::Normal,
            dim: 0.0,
            background: None,
            legend: false,
            note: None,
            scale_bar: false,
            graticule: false,
            title: None,
            attribution: None,
            axes: None,
        }
    }
}

/// What lies below the heat.
#[derive(Debug, Clone)]
pub enum Base {
    /// Nothing: the picture is an overlay.
    Nothing,
    /// Coasts and borders of Natural Earth, in these colours.
    Land(Theme),
    /// A picture file and where it lies; without bounds the whole world, or a page from its corner.
    Picture {
        /// The file.
        path: PathBuf,
        /// West, south, east, north, or flat coordinates.
        bounds: Option<[f64; 4]>,
        /// How its rows follow the ground.
        projection: Projection,
    },
    /// A map in tiles. Whose it is is for the caller to say, as [`Look::attribution`].
    Tiles(Arc<Ground>),
}

/// A picture, and what the user should know about it.
#[derive(Debug, Clone)]
pub struct Drawn {
    /// The pixels.
    pub image: Image,
    /// The values of the least and the greatest colour.
    pub limits: (f64, f64),
    /// Things the user should know.
    pub notes: Vec<String>,
    /// Pixels to the inch, where the picture is a page with sides.
    pub dpi: Option<f64>,
}

/// Draws a density.
///
/// # Errors
/// When the scale does not suit the values, a colormap is unknown, or the base picture cannot be read.
pub fn picture(density: &Density, look: &Look) -> Result<Drawn, Error> {
    picture_among(density, look, &Summary::of(density.grid.values()))
}

/// Draws one of several densities of one quantity, whose scale is fitted to what all of them show.
///
/// # Errors
/// As for [`picture`].
pub fn picture_among(density: &Density, look: &Look, summary: &Summary) -> Result<Drawn, Error> {
    let Composed { mut image, scene, limits, mut notes } = composed(density, look, summary)?;
    if scene.dpi().is_some() {
        image = scene.image()?;
    } else {
        scene.draw(&mut image)?;
    }
    notes.extend(scene.notes().iter().cloned());
    Ok(Drawn { image, limits, notes, dpi: scene.dpi() })
}

/// A drawing, and what the user should know about it.
#[derive(Debug, Clone)]
pub struct DrawnInLines {
    /// The picture with its words as words.
    pub drawing: Drawing,
    /// The values of the least and the greatest colour.
    pub limits: (f64, f64),
    /// Things the user should know.
    pub notes: Vec<String>,
}

/// Draws a density with its words as words.
///
/// # Errors
/// As for [`picture`].
pub fn drawing(density: &Density, look: &Look) -> Result<DrawnInLines, Error> {
    let Composed { image, scene, limits, mut notes } = composed(density, look, &Summary::of(density.grid.values()))?;
    notes.extend(scene.notes().iter().cloned());
    let below = scene.dpi().is_none().then_some(&image);
    Ok(DrawnInLines { drawing: scene.drawing(below), limits, notes })
}

/// The heat over its base, and everything with text.
struct Composed {
    image: Image,
    /// Over the image, or a page that has it.
    scene: Scene,
    limits: (f64, f64),
    notes: Vec<String>,
}

fn composed(density: &Density, look: &Look, summary: &Summary) -> Result<Composed, Error> {
    let shading = Shading::of(look, &density.quantity, summary)?;
    let frame = density.grid.frame();
    let heat = faded(shading.paint(&density.grid), look);
    let (mut image, notes) = compose(heat, density, look)?;
    let legend = || legend(&density.quantity, look, &shading);
    let furniture = Furniture {
        title: look.title.clone().filter(|_| look.axes.is_none()),
        legend: (look.legend && look.axes.is_none()).then(legend),
        scale_bar: look.scale_bar,
        attribution: attribution(look),
        graticule: look.graticule,
    };
    let mut scene = Scene::of(&furniture, frame, image.width(), image.height())?;
    if let Some(axes) = &look.axes {
        scene.draw(&mut image)?;
        scene = with_axes(axes, frame, &image, look.title.as_ref(), legend())?;
    }
    Ok(Composed { image, scene, limits: shading.shade.limits(), notes })
}

/// A picture on a page with sides that tell coordinates.
fn with_axes(
    axes: &Axes,
    frame: &Frame,
    image: &Image,
    title: Option<&String>,
    legend: Legend,
) -> Result<Scene, Error> {
    let [x, y] = sides(axes, frame);
    let plot = Plot {
        title: title.cloned().unwrap_or_default(),
        caption: legend.note.unwrap_or_default(),
        mosaic: Mosaic {
            colour: &|_, _| Straight([0; 4]),
            picture: &|_, _| image.clone(),
            smooth: true,
            texts: Vec::new(),
            missing: None,
        },
        rows: y,
        columns: x,
        bar: Some(figure::Bar { title: legend.title, colours: legend.colours, ticks: legend.ticks, place: None }),
        keys: Vec::new(),
        lines: Vec::new(),
        measures: Measures { size: Size::Cells(image.width(), image.height()), frame: true, ..axes.measures.clone() },
    };
    plot.scene()
}

/// Ticks of each side of a map.
const SIDE_TICKS: usize = 6;

/// The sides of a frame, from left to right and from top to bottom.
fn sides(axes: &Axes, frame: &Frame) -> [Side; 2] {
    let [west, south, east, north] = frame.extent().bounds(frame.space());
    let earth = frame.space() == Space::Earth;
    let (extent, space) = (frame.extent(), frame.space());
    let across = |value: f64| (value - west) / (east - west);
    let down = |value: f64| (World::of(space, 0.0, value).y - extent.north) / extent.height();
    let names = if earth { ["longitude", "latitude"] } else { ["x", "y"] };
    let titles = [axes.x_label.clone(), axes.y_label.clone()];
    let side = |i: usize, low: f64, high: f64, place: &dyn Fn(f64) -> f64| {
        let values = rounds(low.min(high), low.max(high), SIDE_TICKS);
        let texts = if earth { degrees(&values, i == 0) } else { labels(&values) };
        let ticks = values.iter().map(|value| place(*value)).zip(texts).filter(|(at, _)| (0.0..=1.0).contains(at));
        Side {
            title: titles[i].clone().unwrap_or(names[i].to_owned()),
            edges: vec![0.0, 1.0],
            ticks: ticks.collect(),
            ..Side::default()
        }
    };
    [side(0, west, east, &across), side(1, south, north, &down)]
}

/// Longitudes or latitudes with their side of the world.
fn degrees(values: &[f64], across: bool) -> Vec<String> {
    let wrapped = values.iter().map(|value| if across { (value + 180.0).rem_euclid(360.0) - 180.0 } else { *value });
    let wrapped: Vec<f64> = wrapped.collect();
    let sizes: Vec<f64> = wrapped.iter().map(|value| value.abs()).collect();
    let side = |value: f64| match (across, value) {
        (_, 0.0) | (true, -180.0) => "",
        (true, value) if value < 0.0 => " W",
        (true, _) => " E",
        (false, value) if value < 0.0 => " S",
        (false, _) => " N",
    };
    labels(&sizes).into_iter().zip(wrapped).map(|(text, value)| format!("{text}°{}", side(value))).collect()
}

/// Which value has which colour, fitted to what was seen of all values that are to be shown.
pub(super) struct Shading {
    /// From a value to an intensity.
    pub shade: Shade,
    colormap: Colormap,
    levels: Levels,
    ink: Ink,
    /// The colours as they are laid on, and which of them is clear, if one is.
    colours: Box<[Straight; 256]>,
    clear: Option<u8>,
}

impl Shading {
    /// The colours of a look for values of a quantity.
    ///
    /// # Errors
    /// When the scale does not suit the values, or a colormap is unknown.
    pub fn of(look: &Look, quantity: &Quantity, summary: &Summary) -> Result<Shading, Error> {
        let zero_is_nothing = quantity.zero_is_nothing() && summary.min() >= 0.0;
        let shade = with_limits(look.style.scale, summary, zero_is_nothing).fit(summary, zero_is_nothing)?;
        let colormap = look.style.colours.colormap()?;
        let colormap = if look.evidence.is_some() { opaque(&colormap) } else { colormap };
        // Below the decades that a logarithmic scale shows of itself there is nothing to see.
        let of_itself = zero_is_nothing && look.style.scale.norm == Norm::Log && look.style.scale.vmin.is_none();
        let threshold = look.threshold.or(of_itself.then_some(shade.limits().0));
        let ink = Ink { opacity: look.style.opacity, threshold, zero_is_nothing };
        let colours = Box::new(inked(&colormap, &ink));
        let clear = colours.iter().position(|colour| colour.0[3] == 0).map(|entry| entry as u8);
        Ok(Shading { levels: shade.levels(), shade, colormap, ink, colours, clear })
    }

    /// The intensities of the limits: a scale with a centre may not use the whole colormap.
    fn ends(&self) -> (f64, f64) {
        let (low, high) = self.shade.limits();
        (self.shade.intensity(low), self.shade.intensity(high))
    }

    /// The value so far along the way between the limits, and its colour.
    pub fn stop(&self, share: f64) -> (f64, Straight) {
        let (low, high) = self.ends();
        let intensity = low + (high - low) * share;
        let entry = (intensity * 256.0).clamp(0.0, 255.0) as usize;
        (self.shade.value(intensity), self.colormap.colours()[entry])
    }

    /// Values below it are clear, where there is such a value.
    pub fn clear_below(&self) -> Option<f64> {
        self.ink.threshold
    }

    /// Whether any of the values is not clear for being nothing or below the threshold.
    pub fn shows(&self, grid: &Grid<f32>) -> bool {
        let least = self.ink.threshold.unwrap_or(f64::NEG_INFINITY);
        let nothing = |value: f32| self.ink.zero_is_nothing & (value == 0.0);
        let shown = |value: &f32| (f64::from(*value) >= least) & !nothing(*value);
        // Some at a time without branches, which the compiler makes vectors of.
        grid.values().chunks(TOGETHER).any(|values| values.iter().fold(false, |any, value| any | shown(value)))
    }

    /// The values in their colours.
    pub fn paint(&self, grid: &Grid<f32>) -> Image {
        let levels = |values: &[f32], levels: &mut [u8]| self.levels.find(values, levels);
        let pixels = paint(grid.values(), levels, &self.colormap, &self.ink);
        Image::new(grid.frame().width(), grid.frame().height(), pixels)
    }

    /// The colours, and for each value the place of its own among them, which takes a quarter of the memory; none where
    /// no colour is clear, so that there is no place for nothing.
    pub fn places(&self, grid: &Grid<f32>) -> Option<(&[Straight; 256], Vec<u8>)> {
        let levels = |values: &[f32], levels: &mut [u8]| self.levels.find(values, levels);
        Some((&self.colours, places(grid.values(), levels, self.clear?, &self.ink)))
    }
}

/// The same colours without their alpha, where opacity is to say something else.
fn opaque(colormap: &Colormap) -> Colormap {
    Colormap::new(colormap.name(), colormap.colours().map(|Straight([r, g, b, _])| Straight([r, g, b, 255])))
}

/// The heat, its pixels as opaque as there is evidence for them where the look says that.
///
/// # Panics
/// If the sizes differ.
pub(super) fn faded(mut heat: Image, look: &Look) -> Image {
    let Some(evidence) = &look.evidence else { return heat };
    assert_eq!(heat.pixels().len(), evidence.values().len(), "one opacity for each pixel");
    heat.pixels_mut().par_iter_mut().zip(evidence.values()).for_each(|(pixel, evidence)| {
        *pixel = pixel.faded((255.0 * evidence.clamp(0.0, 1.0)).round() as u8);
    });
    heat
}

/// The limits of a scale that the caller left open, where 0 means that there is nothing: colours then begin at 0, and
/// a logarithmic scale shows four decades, because a kernel's own tail spans more.
fn with_limits(scale: Scale, summary: &Summary, zero_is_nothing: bool) -> Scale {
    if !zero_is_nothing || scale.vmin.is_some() || scale.robust || scale.center.is_some() {
        return scale;
    }
    let vmin = match scale.norm {
        Norm::Linear | Norm::Sqrt | Norm::Cbrt | Norm::Power(_) => Some(0.0),
        Norm::Log => Some(scale.vmax.unwrap_or(summary.max()) / 1e4).filter(|v| *v > summary.min_positive()),
        _ => None,
    };
    Scale { vmin, ..scale }
}

/// The heat over its base and background, and what the user should know about the base.
fn compose(heat: Image, density: &Density, look: &Look) -> Result<(Image, Vec<String>), Error> {
    let (composed, notes) = match base(density, look)? {
        Some(below) => (blend(&heat, &dim(&below.image, look.dim), look.blend), below.notes.clone()),
        None => (heat, Vec::new()),
    };
    let composed = match look.background {
        Some(colour) => composed.over(&Image::filled(composed.width(), composed.height(), colour.premultiply())),
        None => composed,
    };
    Ok((composed, notes))
}

/// What lies below the heat.
pub(super) fn base(density: &Density, look: &Look) -> Result<Option<Arc<Laid>>, Error> {
    let frame = density.grid.frame();
    match &look.base {
        Base::Nothing => Ok(None),
        Base::Tiles(ground) => ground.under(frame).map(Some),
        Base::Land(theme) if frame.space() == Space::Earth => Ok(Some(land(frame, theme)?.into())),
        Base::Land(_) => Err(Error::caller("--base")
            .found("land under a flat space")
            .expected("positions on the Earth")
            .advice("give a picture as --base, or leave out --flat")),
        Base::Picture { path, bounds, projection } => {
            let read = image::open(path).map_err(|error| {
                Error::input(path.display().to_string())
                    .found(error.to_string())
                    .expected("a PNG, JPEG or WebP picture")
                    .advice("check --base")
            })?;
            let read = read.to_rgba8();
            let sheet = match (bounds, frame.space()) {
                (Some(bounds), Space::Earth) => Sheet::on_earth(&read, *bounds, *projection)?,
                (None, Space::Earth) => Sheet::on_earth(&read, whole_world(*projection), *projection)?,
                (Some(bounds), space) => Sheet::flat(&read, *bounds, space)?,
                (None, Space::PAGE) => Sheet::page(&read, 1.0)?,
                (None, space) => Sheet::flat(&read, frame.extent().bounds(space), space)?,
            };
            Ok(Some(sheet.draw(frame)?.into()))
        }
    }
}

fn whole_world(projection: Projection) -> [f64; 4] {
    let end = if projection == Projection::Mercator { crate::world::MAX_LATITUDE } else { 90.0 };
    [-180.0, -end, 180.0, end]
}

pub(super) fn legend(quantity: &Quantity, look: &Look, shading: &Shading) -> Legend {
    let ticks = shading.shade.ticks(5);
    let texts = if let Quantity::Ratio(..) = *quantity { ratios(&ticks) } else { labels(&ticks) };
    let note = match look.style.bandwidth {
        _ if look.method.is_some() => look.method.clone().unwrap_or_default(),
        Bandwidth::None => "plain bins".to_owned(),
        bandwidth => format!("{}, {bandwidth:#}", look.style.kernel.title()),
    };
    let note = if look.evidence.is_some() { note + "; pale where evidence is thin" } else { note };
    let (low, high) = shading.ends();
    let colour = |i: u32| shading.stop((f64::from(i) + 0.5) / 256.0).1;
    let place = |tick: &f64| (shading.shade.intensity(*tick) - low) / (high - low);
    Legend {
        title: quantity.heading(),
        colours: (0..256).map(colour).collect(),
        ticks: ticks.iter().map(place).zip(texts).collect(),
        note: Some([note].into_iter().chain(look.note.clone()).collect::<Vec<_>>().join("; ")),
    }
}

/// Logarithms to base 2 as the ratios that they stand for: `1/4`, `1`, `4`.
fn ratios(logarithms: &[f64]) -> Vec<String> {
    let ratio = |power: &f64| match power.exp2() {
        whole if power.fract() == 0.0 && *power < 0.0 => format!("1/{}", label(1.0 / whole)),
        ratio => label(ratio),
    };
    logarithms.iter().map(ratio).collect()
}

/// The caller's attribution, and that of the embedded map.
fn attribution(look: &Look) -> Option<String> {
    let land = matches!(look.base, Base::Land(_)).then(|| NATURAL_EARTH.to_owned());
    let parts: Vec<String> = look.attribution.iter().cloned().chain(land).collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}
