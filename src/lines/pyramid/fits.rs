//! What the scales of a pyramid are fitted to: summaries of the values of its zooms, from a first visit to the blocks.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use crate::error::Error;
use crate::grid::Grid;
use crate::lines::Progress;
use crate::lines::pyramid::Pyramid;
use crate::lines::pyramid::ladder::{Block, Ladder, Way};
use crate::lines::pyramid::patches::Patch;
use crate::lines::pyramid::planes::{Level, Planes};
use crate::lines::pyramid::recipe::Fitted;
use crate::lines::pyramid::summit::Summit;
use crate::scale::Summary;
use crate::tile::Tile;

/// Bytes of blocks that are kept between visits; the others are computed again.
pub(super) const KEPT_BYTES: usize = 256 << 20;

/// The most tiles of the deepest zoom: a hundred gigabytes and days, if they are all different.
const MOST_TILES: f64 = 2e7;

/// Tiles whose values are summed up together.
const TOGETHER: usize = 16;

/// Blocks by their natural zoom and their tile, as far as they were kept.
#[derive(Debug, Default)]
pub struct Kept {
    blocks: HashMap<(u8, (u32, u32)), Vec<Patch>>,
    bytes: usize,
}

impl Kept {
    /// A block, if it was kept.
    pub fn get(&self, natural: u8, tile: (u32, u32)) -> Option<&[Patch]> {
        self.blocks.get(&(natural, tile)).map(Vec::as_slice)
    }

    /// All of them, by their natural zoom and their tile.
    pub(super) fn into_blocks(self) -> impl Iterator<Item = ((u8, (u32, u32)), Vec<Patch>)> {
        self.blocks.into_iter()
    }

    /// Nothing, to which only so much can be added as the budget leaves.
    fn beside(&self) -> Kept {
        Kept { blocks: HashMap::new(), bytes: self.bytes }
    }

    fn take(&mut self, more: Kept) {
        self.blocks.extend(more.blocks);
        self.bytes = more.bytes;
    }

    fn keep(&mut self, natural: u8, tile: (u32, u32), patches: Vec<Patch>) {
        let bytes = patches.iter().map(|patch| patch.planes.bytes()).sum::<usize>();
        if self.bytes + bytes <= KEPT_BYTES {
            self.bytes += bytes;
            self.blocks.insert((natural, tile), patches);
        }
    }
}

/// What a scale is fitted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// What all zooms show: a colour is the same value everywhere.
    All,
    /// What a zoom shows, for each by itself: its tiles share the scale.
    PerZoom,
}

/// What the scales are fitted to, by zoom where each has its own: for one scale the values of the natural zoom, or of the
/// deepest that is wanted where that is above it; where each zoom is computed by itself, those of all.
///
/// # Errors
/// When no event is on the map, there are too many tiles, and what estimating meets.
pub fn fitted(pyramid: &Pyramid, fit: Fit, progress: &dyn Progress) -> Result<(Fitted, Kept), Error> {
    fitted_if(pyramid, fit, check_number, progress)
}

/// The same where only some of the tiles will ever be drawn, so that they may be as many as they like.
///
/// # Errors
/// When no event is on the map, and what estimating meets.
pub fn fitted_for_some(pyramid: &Pyramid, fit: Fit, progress: &dyn Progress) -> Result<(Fitted, Kept), Error> {
    fitted_if(pyramid, fit, |_, _| Ok(()), progress)
}

fn fitted_if(
    pyramid: &Pyramid,
    fit: Fit,
    check: impl Fn(&Pyramid, &Summaries) -> Result<(), Error>,
    progress: &dyn Progress,
) -> Result<(Fitted, Kept), Error> {
    if pyramid.events() == 0 {
        return Err(Error::input("events")
            .found("none on the map")
            .expected("some between 85.05° south and 85.05° north, where Web Mercator ends")
            .advice("see `torrid info`; longitude comes before latitude"));
    }
    progress.stage("estimating");
    let mut kept = Kept::default();
    let zooms: Vec<u8> = pyramid.zooms().collect();
    let natural = pyramid.ladder.natural.min(pyramid.ladder.wanted.1);
    let (first, others): (Vec<u8>, Vec<u8>) =
        if let Way::Pixels(_) = pyramid.way { (zooms, Vec::new()) } else { (vec![natural], zooms) };
    let mut found = summaries(pyramid, &first, &mut kept, &|share| progress.done(share))?;
    check(pyramid, &found)?;
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

/// Summaries by zoom.
type Summaries = BTreeMap<u8, Summary>;

/// The summaries of the values that tiles of some zooms show.
fn summaries(pyramid: &Pyramid, zooms: &[u8], kept: &mut Kept, done: &dyn Fn(f64)) -> Result<Summaries, Error> {
    let mut all: Summaries = zooms.iter().map(|zoom| (*zoom, Summary::empty())).collect();
    let ladders = pyramid.ladders();
    for (i, ladder) in ladders.iter().copied().enumerate() {
        let alone = ladders.len() == 1;
        let of_it: Vec<u8> = zooms.iter().copied().filter(|zoom| alone || *zoom == ladder.natural).collect();
        if !of_it.is_empty() {
            let done = |share| done((i as f64 + share) / ladders.len() as f64);
            of_ladder(pyramid, (ladder, &of_it), (&mut all, kept), &done)?;
        }
    }
    Ok(all)
}

fn of_ladder(
    pyramid: &Pyramid,
    (ladder, zooms): (Ladder, &[u8]),
    (all, kept): (&mut Summaries, &mut Kept),
    done: &dyn Fn(f64),
) -> Result<(), Error> {
    let least = zooms.iter().copied().min().unwrap_or_default();
    let work = |block: Block, natural: &[Patch]| {
        let folded = (least <= ladder.natural).then(|| pyramid.levels(ladder, natural, least)).transpose()?;
        let levels = folded.unwrap_or_default();
        let of_zoom = |zoom: &u8| match levels.iter().find(|level| level.zoom == *zoom) {
            Some(level) => Ok((*zoom, of_level(pyramid, ladder, block, level)?)),
            None if *zoom > ladder.natural => Ok((*zoom, below(pyramid, (ladder, block, *zoom), natural)?)),
            None => Ok((*zoom, Summary::empty())),
        };
        let found = zooms.iter().map(of_zoom).collect::<Result<Vec<_>, Error>>()?;
        Ok((found, levels.into_iter().next_back().filter(|_| least < ladder.block)))
    };
    let mut fresh = kept.beside();
    let mut summit = Summit::new(ladder, pyramid.keeping());
    let mut tops = Summaries::new();
    let mut show = |tile: Tile, planes: Planes| {
        if zooms.contains(&tile.zoom()) && pyramid.meets(tile) {
            let values = pyramid.shown(planes);
            tops.entry(tile.zoom()).or_insert_with(Summary::empty).merge(&Summary::of(values.values()));
        }
        Ok(())
    };
    let then = |block: Block, natural: Option<Vec<Patch>>, (found, top): (Vec<(u8, Summary)>, Option<Level>)| {
        if let Some(patches) = natural {
            fresh.keep(ladder.natural, block.tile, patches);
        }
        for (zoom, summary) in &found {
            all.entry(*zoom).or_insert_with(Summary::empty).merge(summary);
        }
        top.map_or(Ok(()), |top| summit.put(block.tile, &top, &mut show))
    };
    pyramid.visit(ladder, (&pyramid.blocks(ladder), kept), done, work, then)?;
    summit.finish(&mut show)?;
    kept.take(fresh);
    for (zoom, summary) in &tops {
        all.entry(*zoom).or_insert_with(Summary::empty).merge(summary);
    }
    Ok(())
}

/// The summary of a level of a block.
fn of_level(pyramid: &Pyramid, ladder: Ladder, block: Block, level: &Level) -> Result<Summary, Error> {
    if pyramid.wants_all(&ladder.block_frame(block)?) {
        return of_all(pyramid, &level.patches, |patch| Ok(Some(patch.clone())));
    }
    let mut tiles = ladder.tiles(level);
    tiles.retain(|(tile, _)| pyramid.meets(*tile));
    of_all(pyramid, &tiles, |(_, frame)| Ok(level.over(*frame)))
}

/// The summary of the tiles of a block at a zoom below the natural one.
fn below(pyramid: &Pyramid, (ladder, block, zoom): (Ladder, Block, u8), natural: &[Patch]) -> Result<Summary, Error> {
    let mut tiles = block.tiles(zoom);
    tiles.retain(|tile| pyramid.meets(*tile));
    of_all(pyramid, &tiles, |tile| pyramid.below(ladder, *tile, natural))
}

/// The summary of what each of some parts shows.
fn of_all<P: Sync>(
    pyramid: &Pyramid,
    parts: &[P],
    planes: impl Fn(&P) -> Result<Option<Planes>, Error> + Sync,
) -> Result<Summary, Error> {
    let of_some = |parts: &[P]| {
        let mut values = Vec::new();
        for part in parts {
            let shown = planes(part)?.map(|planes| pyramid.shown(planes));
            values.extend(shown.iter().flat_map(Grid::values));
        }
        Ok(Summary::of(&values))
    };
    let merged = |mut all: Summary, one: Summary| {
        all.merge(&one);
        Ok(all)
    };
    parts.par_chunks(TOGETHER).map(of_some).try_reduce(Summary::empty, merged)
}
