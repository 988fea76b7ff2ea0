//! A pyramid in colours: a first visit to all blocks for the scale, which all tiles of all zooms share, and a second one
//! for the tiles.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::error::Error;
use crate::figure::Legend;
use crate::grid::Grid;
use crate::image::{Image, Premultiplied, Straight};
use crate::lines::Progress;
use crate::lines::picture::{Look, Shading, legend};
use crate::lines::pyramid::Pyramid;
use crate::lines::pyramid::ladder::Block;
use crate::lines::pyramid::summit::Summit;
use crate::scale::Summary;
use crate::tile::Tile;

/// Bytes of blocks that are kept between the two visits; the others are computed again.
const KEPT_BYTES: usize = 256 << 20;

/// The most tiles of the deepest zoom: a hundred gigabytes and days, if they are all different.
const MOST_TILES: f64 = 2e7;

/// Colours of the scale that are told.
const STOPS: usize = 17;

/// What was drawn, for whoever shows it.
#[derive(Debug, Clone)]
pub struct Drawing {
    /// The values of the least and the greatest colour.
    pub limits: (f64, f64),
    /// Values from the least to the greatest, and their colours.
    pub stops: Vec<(f64, Straight)>,
    /// The legend as HTML.
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
type Tiles<T> = (Vec<(Tile, T)>, Grid<f32>);

/// Draws the tiles of a pyramid: each is encoded, by several threads at a time, and put, unless encoding makes nothing of
/// it.
///
/// # Errors
/// When no event is on the map, the scale does not suit the values, a colormap is unknown, and what encoding and putting
/// meet.
pub fn draw<T: Send>(
    pyramid: &Pyramid,
    look: &Look,
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
    let (summary, kept) = summarised(pyramid, progress)?;
    check_number(pyramid, &summary)?;
    let shading = Shading::of(look, &pyramid.quantity, &summary)?;
    let encoded = |tile: Tile, grid: Grid<f32>| {
        if !pyramid.wants(tile) {
            return Ok(None);
        }
        let made = encode(&Computed { values: &pyramid.shown(grid), shading: &shading })?;
        Ok(made.map(|made| (tile, made)))
    };
    progress.stage("drawing");
    let mut summit = Summit::new(&pyramid.ladder);
    let work = |block, natural: &Grid<f32>| of_block(pyramid, block, natural, &encoded);
    pyramid.visit((&pyramid.buckets.blocks(), &kept), &|share| progress.done(share), work, |block, (tiles, top)| {
        tiles.into_iter().try_for_each(|(tile, made)| put(tile, made))?;
        let mut show = |tile, grid| encoded(tile, grid)?.map_or(Ok(()), |(tile, made)| put(tile, made));
        summit.put((block.zoom, block.tile), &top, &mut show)
    })?;
    summit.finish(&mut |tile, grid| encoded(tile, grid)?.map_or(Ok(()), |(tile, made)| put(tile, made)))?;
    let stops = (0..STOPS).map(|i| shading.stop(i as f64 / (STOPS - 1) as f64)).collect();
    let legend = html(&legend(&pyramid.quantity, look, &shading));
    Ok(Drawing { limits: shading.shade.limits(), stops, legend })
}

/// Refuses what would never end.
fn check_number(pyramid: &Pyramid, summary: &Summary) -> Result<(), Error> {
    let ladder = &pyramid.ladder;
    let full = (summary.count() - summary.zeros()) as f64 / f64::from(ladder.side).powi(2);
    let tiles = full * 4f64.powi((i32::from(ladder.wanted.1) - i32::from(ladder.natural)).max(0));
    if tiles <= MOST_TILES {
        return Ok(());
    }
    Err(Error::limit("--maxzoom")
        .found(format!("some {:.0} million tiles up to zoom {}", tiles / 1e6, ladder.wanted.1))
        .expected(format!("at most {:.0} million", MOST_TILES / 1e6))
        .advice("give a smaller --maxzoom: viewers enlarge the deepest tiles by themselves"))
}

/// Blocks at their natural zoom, as far as they were kept.
pub(super) type Kept = HashMap<(u32, u32), Grid<f32>>;

/// What the scale is fitted to: the values of the natural zoom, or of the deepest that is wanted where that is above it.
fn summarised(pyramid: &Pyramid, progress: &dyn Progress) -> Result<(Summary, Kept), Error> {
    let ladder = &pyramid.ladder;
    let zoom = ladder.natural.min(ladder.wanted.1);
    let (mut kept, mut bytes) = (Kept::new(), 0);
    let mut all = Summary::empty();
    let mut summit = Summit::new(ladder);
    let work = |block, natural: &Grid<f32>| {
        let frame = ladder.block_frame(block)?;
        // Around the cells that kernels reach there is nothing.
        let inside = natural.frame().common(&frame).filter(|_| zoom == ladder.natural && pyramid.wants_all(&frame));
        if let Some(inside) = inside {
            return Ok((Summary::of(pyramid.shown(natural.over(inside, 0.0)).values()), None, natural.clone()));
        }
        let levels = ladder.levels(natural.over(frame, 0.0));
        let of_zoom = levels.iter().filter(|(of, _)| *of == zoom);
        let tiles = of_zoom.flat_map(|(of, level)| ladder.tiles(*of, level).into_iter().map(move |tile| (tile, level)));
        let summaries = tiles.map(|((tile, frame), level)| of_tile(pyramid, tile, level.over(frame, 0.0)));
        let top = levels.last().filter(|_| zoom < block.zoom).map(|(_, top)| top.clone());
        Ok((summaries.fold(Summary::empty(), |all, one| both(all, &one)), top, natural.clone()))
    };
    let then = |block: Block, (summary, top, natural): (Summary, Option<Grid<f32>>, Grid<f32>)| {
        all.merge(&summary);
        bytes += size_of_val(natural.values());
        if bytes <= KEPT_BYTES {
            kept.insert(block.tile, natural);
        }
        let mut show = |tile: Tile, grid| {
            if tile.zoom() == zoom {
                all.merge(&of_tile(pyramid, tile, grid));
            }
            Ok(())
        };
        top.map_or(Ok(()), |top| summit.put((block.zoom, block.tile), &top, &mut show))
    };
    pyramid.visit((&pyramid.buckets.blocks(), &Kept::new()), &|share| progress.done(share), work, then)?;
    summit.finish(&mut |tile, grid| {
        if tile.zoom() == zoom {
            all.merge(&of_tile(pyramid, tile, grid));
        }
        Ok(())
    })?;
    Ok((all, kept))
}

fn of_tile(pyramid: &Pyramid, tile: Tile, grid: Grid<f32>) -> Summary {
    if pyramid.wants(tile) { Summary::of(pyramid.shown(grid).values()) } else { Summary::empty() }
}

fn both(mut a: Summary, b: &Summary) -> Summary {
    a.merge(b);
    a
}

/// The tiles of a block from the zoom where it is one tile to the deepest.
fn of_block<T: Send>(
    pyramid: &Pyramid,
    block: Block,
    natural: &Grid<f32>,
    encoded: &(impl Fn(Tile, Grid<f32>) -> Result<Option<(Tile, T)>, Error> + Sync),
) -> Result<Tiles<T>, Error> {
    let ladder = &pyramid.ladder;
    let mut done = Vec::new();
    for zoom in ladder.natural + 1..=ladder.wanted.1 {
        let below = block.tiles(zoom).into_par_iter().filter(|tile| pyramid.wants(*tile));
        let drawn = below.map(|tile| ladder.interpolated(tile, natural).map_or(Ok(None), |grid| encoded(tile, grid)));
        done.extend(drawn.collect::<Result<Vec<_>, Error>>()?);
    }
    let levels = ladder.levels(natural.over(ladder.block_frame(block)?, 0.0));
    for (zoom, level) in &levels {
        let tiles = ladder.tiles(*zoom, level).into_par_iter();
        let drawn = tiles.map(|(tile, frame)| encoded(tile, level.over(frame, 0.0)));
        done.extend(drawn.collect::<Result<Vec<_>, Error>>()?);
    }
    let top = levels.into_iter().next_back().map(|(_, top)| top).expect("at least the natural zoom");
    Ok((done.into_iter().flatten().collect(), top))
}

/// A legend that a web page can show as it is.
fn html(legend: &Legend) -> String {
    let stops: Vec<String> = legend.colours.iter().step_by(17).map(|colour| css(*colour)).collect();
    let tick = |(place, text): &(f64, String)| {
        format!(
            "<span style=\"position:absolute;left:{:.1}%;transform:translateX(-50%)\">{}</span>",
            100.0 * place,
            escaped(text)
        )
    };
    let ticks: String = legend.ticks.iter().map(tick).collect();
    let note = legend.note.as_ref().map_or_else(String::new, |note| format!("<div>{}</div>", escaped(note)));
    format!(
        "<div style=\"width:260px;font:12px sans-serif\"><div>{}</div>\
         <div style=\"height:12px;background:linear-gradient(to right,{})\"></div>\
         <div style=\"position:relative;height:16px\">{ticks}</div>{note}</div>",
        escaped(&legend.title),
        stops.join(",")
    )
}

/// A colour as CSS writes it.
pub fn css(Straight([r, g, b, a]): Straight) -> String {
    format!("#{r:02x}{g:02x}{b:02x}{a:02x}")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
