//! A pyramid in colours: a first visit to all blocks for the scale, which all tiles of all zooms share unless each zoom is
//! to have its own, and a second one for the tiles.

use rayon::prelude::*;

use crate::error::Error;
use crate::grid::Grid;
use crate::image::{Image, Premultiplied, Straight};
use crate::lines::Progress;
use crate::lines::picture::{Look, Shading, legend};
use crate::lines::pyramid::Pyramid;
use crate::lines::pyramid::fits::{Kept, Summaries, summaries};
use crate::lines::pyramid::ladder::{Block, Ladder, Way};
use crate::lines::pyramid::legend::html;
use crate::lines::pyramid::patches::Patch;
use crate::lines::pyramid::planes::{Level, Planes};
use crate::lines::pyramid::summit::Summit;
use crate::scale::Summary;
use crate::tile::Tile;

/// The most tiles of the deepest zoom: a hundred gigabytes and days, if they are all different.
const MOST_TILES: f64 = 2e7;

/// Colours of the scale that are told.
const STOPS: usize = 17;

/// What a scale is fitted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// What all zooms show: a colour is the same value everywhere.
    All,
    /// What a zoom shows, for each by itself: its tiles share the scale.
    PerZoom,
}

/// A scale as it was fitted.
#[derive(Debug, Clone)]
pub struct FittedScale {
    /// The zoom, where each has its own.
    pub zoom: Option<u8>,
    /// The values of the least and the greatest colour.
    pub limits: (f64, f64),
    /// Values from the least to the greatest, and their colours.
    pub stops: Vec<(f64, Straight)>,
}

/// What was drawn, for whoever shows it.
#[derive(Debug, Clone)]
pub struct Drawing {
    /// The scales by zoom; one for all of them is alone.
    pub scales: Vec<FittedScale>,
    /// The legend as HTML, with the ticks of each scale.
    pub legend: String,
}

/// A tile that is computed, for whoever makes files of it.
pub struct Computed<'a> {
    /// Its values as they are shown.
    pub values: &'a Grid<f32>,
    shading: &'a Shading,
}

impl Computed<'_> {
    /// Its picture; none where all of that is clear.
    pub fn picture(&self) -> Option<Image> {
        self.painted(self.values)
    }

    /// The picture of other values in the colours of all tiles; none where all of it is clear.
    pub fn painted(&self, values: &Grid<f32>) -> Option<Image> {
        let image = self.shading.shows(values).then(|| self.shading.paint(values));
        image.filter(|image| image.pixels().iter().any(|pixel| *pixel != Premultiplied::CLEAR))
    }
}

/// What was made of the tiles of a block; and what it is at the zoom where it is one tile.
type Tiles<T> = (Vec<(Tile, T)>, Option<Level>);

/// Draws the tiles of a pyramid: each is encoded, by several threads at a time, and put, unless encoding makes nothing of
/// it.
///
/// # Errors
/// When no event is on the map, the scale does not suit the values, a colormap is unknown, and what encoding and putting
/// meet.
pub fn draw<T: Send>(
    pyramid: &Pyramid,
    (look, fit): (&Look, Fit),
    encode: impl Fn(&Computed<'_>) -> Result<Option<T>, Error> + Sync,
    mut put: impl FnMut(Tile, T) -> Result<(), Error>,
    progress: &dyn Progress,
) -> Result<Drawing, Error> {
    if pyramid.events() == 0 {
        return Err(Error::input("events")
            .found("none on the map")
            .expected("some between 85.05° south and 85.05° north, where Web Mercator ends")
            .advice("see `torrid info`; longitude comes before latitude"));
    }
    progress.stage("estimating");
    let (summaries, kept) = summarised(pyramid, fit, progress)?;
    let shadings = Shadings::of(pyramid, look, &summaries)?;
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
        pyramid.visit(ladder, (&pyramid.blocks(ladder), &kept), &done, work, |block, _, (tiles, top)| {
            tiles.into_iter().try_for_each(|(tile, made)| put(tile, made))?;
            let mut show = |tile, planes| encoded(tile, planes)?.map_or(Ok(()), |(tile, made)| put(tile, made));
            top.map_or(Ok(()), |top| summit.put(block.tile, &top, &mut show))
        })?;
        summit.finish(&mut |tile, planes| encoded(tile, planes)?.map_or(Ok(()), |(tile, made)| put(tile, made)))?;
    }
    Ok(shadings.told(pyramid, look))
}

/// What scales are fitted to: by zoom, or one for all.
type Fitted = Vec<(Option<u8>, Summary)>;

/// The colours of the zooms.
struct Shadings {
    /// By zoom, from the least on; one alone is that of all.
    all: Vec<(Option<u8>, Shading)>,
}

impl Shadings {
    fn of(pyramid: &Pyramid, look: &Look, summaries: &[(Option<u8>, Summary)]) -> Result<Shadings, Error> {
        let shading =
            |(zoom, summary): &(Option<u8>, Summary)| Ok((*zoom, Shading::of(look, &pyramid.quantity, summary)?));
        Ok(Shadings { all: summaries.iter().map(shading).collect::<Result<_, Error>>()? })
    }

    fn of_zoom(&self, zoom: u8) -> &Shading {
        let own = self.all.iter().find(|(of, _)| of.is_none_or(|of| of == zoom));
        &own.expect("each zoom has a scale").1
    }

    fn told(&self, pyramid: &Pyramid, look: &Look) -> Drawing {
        let scale = |(zoom, shading): &(Option<u8>, Shading)| FittedScale {
            zoom: *zoom,
            limits: shading.shade.limits(),
            stops: (0..STOPS).map(|i| shading.stop(i as f64 / (STOPS - 1) as f64)).collect(),
        };
        let legend = |(zoom, shading): &(Option<u8>, Shading)| (*zoom, legend(&pyramid.quantity, look, shading));
        let legends: Vec<_> = self.all.iter().map(legend).collect();
        Drawing { scales: self.all.iter().map(scale).collect(), legend: html(&legends) }
    }
}

/// What the scales are fitted to, by zoom where each has its own: for one scale the values of the natural zoom, or of the
/// deepest that is wanted where that is above it; where each zoom is computed by itself, those of all.
fn summarised(pyramid: &Pyramid, fit: Fit, progress: &dyn Progress) -> Result<(Fitted, Kept), Error> {
    let mut kept = Kept::default();
    let zooms: Vec<u8> = pyramid.zooms().collect();
    let natural = pyramid.ladder.natural.min(pyramid.ladder.wanted.1);
    let (first, others): (Vec<u8>, Vec<u8>) =
        if let Way::Pixels(_) = pyramid.way { (zooms, Vec::new()) } else { (vec![natural], zooms) };
    let mut found = summaries(pyramid, &first, &mut kept, &|share| progress.done(share))?;
    check_number(pyramid, &found)?;
    if fit == Fit::PerZoom {
        let others: Vec<u8> = others.into_iter().filter(|zoom| !found.contains_key(zoom)).collect();
        found.append(&mut summaries(pyramid, &others, &mut kept, &|share| progress.done(share))?);
        found.retain(|zoom, _| pyramid.zooms().contains(zoom));
        return Ok((found.into_iter().map(|(zoom, summary)| (Some(zoom), summary)).collect(), kept));
    }
    let mut all = Summary::empty();
    for one in found.values() {
        all.merge(one);
    }
    Ok((vec![(None, all)], kept))
}

/// Refuses what would never end.
fn check_number(pyramid: &Pyramid, found: &Summaries) -> Result<(), Error> {
    let ladder = &pyramid.ladder;
    let full = found.values().map(|summary| summary.count() - summary.zeros()).sum::<u64>();
    let full = full as f64 / f64::from(ladder.side).powi(2);
    let tiles = full * 4f64.powi((i32::from(ladder.wanted.1) - i32::from(ladder.natural)).max(0));
    if tiles <= MOST_TILES {
        return Ok(());
    }
    Err(Error::limit("--maxzoom")
        .found(format!("some {:.0} million tiles up to zoom {}", tiles / 1e6, ladder.wanted.1))
        .expected(format!("at most {:.0} million", MOST_TILES / 1e6))
        .advice("give a smaller --maxzoom: viewers enlarge the deepest tiles by themselves"))
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
