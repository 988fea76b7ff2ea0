//! A pyramid in colours: a first visit to all blocks for the scale, which all tiles of all zooms share unless each zoom is
//! to have its own, and a second one for the tiles.

use rayon::prelude::*;
use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::figure::Legend;
use crate::grid::Grid;
use crate::image::{Image, Premultiplied, Straight};
use crate::lines::Progress;
use crate::lines::picture::{Look, Shading, legend};
use crate::lines::pyramid::Pyramid;
use crate::lines::pyramid::fits::Kept;
use crate::lines::pyramid::ladder::{Block, Ladder};
use crate::lines::pyramid::legend::{css, html};
use crate::lines::pyramid::patches::Patch;
use crate::lines::pyramid::planes::{Level, Planes};
use crate::lines::pyramid::recipe::Fitted;
use crate::lines::pyramid::summit::Summit;
use crate::scale::Summary;
use crate::tile::Tile;

/// Colours of the scale that are told.
const STOPS: usize = 17;

/// A scale as it was fitted.
#[derive(Debug, Clone)]
pub struct FittedScale {
    /// The zoom, where each has its own.
    pub zoom: Option<u8>,
    /// The values of the least and the greatest colour.
    pub limits: (f64, f64),
    /// Values below it are clear, where there is such a value.
    pub clear_below: Option<f64>,
    /// Values from the least to the greatest, and their colours.
    pub stops: Vec<(f64, Straight)>,
}

impl FittedScale {
    /// Its `value_range` and its `stops` with their colours, for whoever shows the tiles.
    pub fn told(&self) -> Map<String, Value> {
        let stops: Vec<Value> = self.stops.iter().map(|(value, colour)| json!([value, css(*colour)])).collect();
        let told = [("value_range", json!([self.limits.0, self.limits.1])), ("stops", stops.into())];
        told.into_iter().map(|(name, part)| (name.to_owned(), part)).collect()
    }
}

/// What was drawn, for whoever shows it.
#[derive(Debug, Clone)]
pub struct Drawing {
    /// The scales by zoom; one for all of them is alone.
    pub scales: Vec<FittedScale>,
    /// The legends by zoom, as the scales.
    pub legends: Vec<(Option<u8>, Legend)>,
    /// The same as HTML, with the ticks of each scale.
    pub legend: String,
}

/// The picture of a tile.
pub enum Shown<'a> {
    /// A place for each pixel among the colours, which is quicker.
    Places(&'a [Straight; 256], Vec<u8>),
    /// The pixels, where none of the colours is clear.
    Pixels(Image),
}

/// A tile that is computed, for whoever makes files of it.
pub struct Computed<'a> {
    /// Its values as they are shown.
    pub values: &'a Grid<f32>,
    shading: &'a Shading,
}

impl<'a> Computed<'a> {
    /// Values, and how they are shown.
    pub(super) fn new(values: &'a Grid<f32>, shading: &'a Shading) -> Computed<'a> {
        Computed { values, shading }
    }

    /// The greatest of its values that are not negative; 0 where there is none.
    pub fn greatest(&self) -> f32 {
        // Bits of such numbers are in their order, and above them come those of NaN.
        let most = |most: i32, value: &f32| {
            let bits = value.to_bits() as i32;
            most.max(if bits <= f32::INFINITY.to_bits() as i32 { bits } else { 0 })
        };
        f32::from_bits(self.values.values().iter().fold(0, most) as u32)
    }

    /// What it shows; none where all of that is clear.
    pub fn shown(&self) -> Option<Shown<'_>> {
        if !self.shading.shows(self.values) {
            return None;
        }
        let Some((colours, places)) = self.shading.places(self.values) else {
            return self.painted(self.values).map(Shown::Pixels);
        };
        let seen = places.iter().any(|place| colours[usize::from(*place)].0[3] != 0);
        seen.then_some(Shown::Places(colours, places))
    }

    /// The picture of other values in the colours of all tiles; none where all of it is clear.
    pub fn painted(&self, values: &Grid<f32>) -> Option<Image> {
        let image = self.shading.shows(values).then(|| self.shading.paint(values));
        image.filter(|image| image.pixels().iter().any(|pixel| *pixel != Premultiplied::CLEAR))
    }
}

/// What was made of the tiles of a block; and what it is at the zoom where it is one tile.
type Tiles<T> = (Vec<(Tile, T)>, Option<Level>);

/// Draws the tiles of a pyramid, in scales of what they were fitted to: each is encoded, by several threads at a time, and put, unless encoding makes nothing of
/// it.
///
/// # Errors
/// When the scale does not suit the values, a colormap is unknown, and what encoding and putting meet.
pub fn draw<T: Send>(
    pyramid: &Pyramid,
    (look, fitted, kept): (&Look, &Fitted, &Kept),
    encode: impl Fn(&Computed<'_>) -> Result<Option<T>, Error> + Sync,
    mut put: impl FnMut(Tile, T) -> Result<(), Error>,
    progress: &dyn Progress,
) -> Result<Drawing, Error> {
    let shadings = Shadings::of(pyramid, look, fitted)?;
    let encoded = |tile: Tile, planes: Planes| {
        if !pyramid.wants(tile) {
            return Ok(None);
        }
        let (shading, grid) = (shadings.of_zoom(tile.zoom()), pyramid.shown(planes));
        Ok(encode(&Computed { values: &grid, shading })?.map(|made| (tile, made)))
    };
    progress.stage("drawing");
    let ladders = pyramid.ladders();
    for (i, ladder) in ladders.iter().copied().enumerate() {
        let mut summit = Summit::new(ladder, pyramid.keeping());
        let work = |block: Block, natural: &[Patch]| of_block(pyramid, (ladder, block), natural, &encoded);
        let done = |share: f64| progress.done((i as f64 + share) / ladders.len() as f64);
        pyramid.visit(ladder, (&pyramid.blocks(ladder), kept), &done, work, |block, _, (tiles, top)| {
            tiles.into_iter().try_for_each(|(tile, made)| put(tile, made))?;
            let mut show = |tile, planes| encoded(tile, planes)?.map_or(Ok(()), |(tile, made)| put(tile, made));
            top.map_or(Ok(()), |top| summit.put(block.tile, &top, &mut show))
        })?;
        summit.finish(&mut |tile, planes| encoded(tile, planes)?.map_or(Ok(()), |(tile, made)| put(tile, made)))?;
    }
    Ok(shadings.told(pyramid, look))
}

/// The colours of the zooms.
pub(super) struct Shadings {
    /// By zoom, from the least on; one alone is that of all.
    all: Vec<(Option<u8>, Shading)>,
}

impl Shadings {
    pub(super) fn of(pyramid: &Pyramid, look: &Look, fitted: &Fitted) -> Result<Shadings, Error> {
        let shading =
            |(zoom, summary): &(Option<u8>, Summary)| Ok((*zoom, Shading::of(look, &pyramid.quantity, summary)?));
        Ok(Shadings { all: fitted.iter().map(shading).collect::<Result<_, Error>>()? })
    }

    pub(super) fn of_zoom(&self, zoom: u8) -> &Shading {
        let own = self.all.iter().find(|(of, _)| of.is_none_or(|of| of == zoom));
        &own.expect("each zoom has a scale").1
    }

    pub(super) fn told(&self, pyramid: &Pyramid, look: &Look) -> Drawing {
        let scale = |(zoom, shading): &(Option<u8>, Shading)| FittedScale {
            zoom: *zoom,
            limits: shading.shade.limits(),
            clear_below: shading.clear_below(),
            stops: (0..STOPS).map(|i| shading.stop(i as f64 / (STOPS - 1) as f64)).collect(),
        };
        let legend = |(zoom, shading): &(Option<u8>, Shading)| (*zoom, legend(&pyramid.quantity, look, shading));
        let legends: Vec<_> = self.all.iter().map(legend).collect();
        Drawing { scales: self.all.iter().map(scale).collect(), legend: html(&legends), legends }
    }
}

/// The tiles of a block from the zoom where it is one tile to the deepest.
fn of_block<T: Send>(
    pyramid: &Pyramid,
    (ladder, block): (Ladder, Block),
    natural: &[Patch],
    encoded: &(impl Fn(Tile, Planes) -> Result<Option<(Tile, T)>, Error> + Sync),
) -> Result<Tiles<T>, Error> {
    let mut done = Vec::new();
    for zoom in ladder.natural + 1..=ladder.wanted.1 {
        let below = block.tiles(zoom).into_par_iter().filter(|tile| pyramid.wants(*tile));
        let drawn = below.map(|tile| pyramid.below(ladder, tile, natural)?.map_or(Ok(None), |own| encoded(tile, own)));
        done.extend(drawn.collect::<Result<Vec<_>, Error>>()?);
    }
    let levels = pyramid.levels(ladder, natural, ladder.wanted.0)?;
    for level in &levels {
        let tiles = ladder.tiles(level).into_par_iter();
        let drawn = tiles.map(|(tile, frame)| level.over(frame).map_or(Ok(None), |own| encoded(tile, own)));
        done.extend(drawn.collect::<Result<Vec<_>, Error>>()?);
    }
    let top = levels.into_iter().next_back().filter(|top| top.zoom == block.zoom && ladder.wanted.0 < block.zoom);
    Ok((done.into_iter().flatten().collect(), top))
}
