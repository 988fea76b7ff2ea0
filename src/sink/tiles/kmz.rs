//! KMZ: a super-overlay for Google Earth, a ZIP of a KML file and a picture for each tile, `z/x/y.kml` and `z/x/y.png`, and
//! of `doc.kml`, which leads to the first ones. A tile is fetched when its region is large enough on the screen, and
//! gives way to those below it, so that nothing is seen twice through what is half clear.
//!
//! KML 2.3 (OGC 12-007r2): a `GroundOverlay` is stretched from its northern to its southern latitude in equal steps, which
//! the rows of a Mercator tile are not. [`even_latitudes`] makes rows of such steps from those of a tile.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::TileSet;
use super::spool::{Spool, Turn};
use crate::error::Error;
use crate::events::Space;
use crate::grid::Grid;
use crate::sink::{Out, whole};
use crate::tile::Tile;
use crate::world::World;

/// Writes the file of the tiles in a spool.
pub(super) fn write(spool: Spool, set: &TileSet, path: &Path) -> Result<(), Error> {
    let links = Links::of(&spool).map_err(|error| whole::machine(path, &error))?;
    whole::write(path, |out| fill(spool, &links, set, out))
}

/// Which tiles are reached from which: each from the nearest above it that there is, or from `doc.kml`.
struct Links {
    first: BTreeSet<Tile>,
    below: HashMap<Tile, Vec<Tile>>,
}

impl Links {
    fn of(spool: &Spool) -> io::Result<Links> {
        let tile = |sized: io::Result<(pmtiles::TileCoord, u64)>| {
            let (tile, _) = sized?;
            Tile::new(tile.z(), tile.x(), tile.y()).map_err(io::Error::other)
        };
        let all: Vec<Tile> = spool.sizes().map(tile).collect::<io::Result<_>>()?;
        let there: HashSet<Tile> = all.iter().copied().collect();
        let mut links = Links { first: BTreeSet::new(), below: HashMap::new() };
        for tile in all {
            match std::iter::successors(tile.parent(), Tile::parent).find(|above| there.contains(above)) {
                Some(above) => links.below.entry(above).or_default().push(tile),
                None => _ = links.first.insert(tile),
            }
        }
        Ok(links)
    }

    fn is_first(&self, tile: Tile) -> bool {
        self.first.contains(&tile)
    }

    fn below(&self, tile: Tile) -> &[Tile] {
        self.below.get(&tile).map_or(&[], Vec::as_slice)
    }
}

fn fill(spool: Spool, links: &Links, set: &TileSet, out: &mut dyn Out) -> io::Result<()> {
    let mut zip = ZipWriter::new(out);
    let mut add = |name: &str, bytes: &[u8]| {
        zip.start_file(name, SimpleFileOptions::default().compression_method(CompressionMethod::Stored))?;
        zip.write_all(bytes)
    };
    // The first KML file is the one that is opened.
    add("doc.kml", document(set, &links.first)?.as_bytes())?;
    // Equal pictures are stored once.
    let mut homes: HashMap<u128, Tile> = HashMap::new();
    spool.read(|Turn { tile, content, bytes, shared, .. }| {
        let tile = Tile::new(tile.z(), tile.x(), tile.y()).map_err(io::Error::other)?;
        let home = if shared { *homes.entry(content).or_insert(tile) } else { tile };
        add(&(name(tile) + ".kml"), of_tile(set, (tile, links.is_first(tile)), home, links.below(tile))?.as_bytes())?;
        if home == tile { add(&(name(tile) + ".png"), bytes) } else { Ok(()) }
    })?;
    zip.finish()?;
    Ok(())
}

fn name(tile: Tile) -> String {
    format!("{}/{}/{}", tile.zoom(), tile.x(), tile.y())
}

/// The sides of a tile in degrees.
fn sides(tile: Tile) -> io::Result<String> {
    let [west, south, east, north] = tile.bounds().map_err(io::Error::other)?;
    Ok(format!("<north>{north}</north><south>{south}</south><east>{east}</east><west>{west}</west>"))
}

/// Where a tile lies, and how many pixels large that has to be on the screen.
fn region(tile: Tile, (least, most): (u32, Option<u32>)) -> io::Result<String> {
    let most = most.map_or(-1, i64::from);
    Ok(format!(
        "<Region><LatLonAltBox>{}</LatLonAltBox><Lod><minLodPixels>{least}</minLodPixels>\
         <maxLodPixels>{most}</maxLodPixels></Lod></Region>",
        sides(tile)?
    ))
}

/// From how many pixels on a tile is shown that lies below another: half its side, as `gdal2tiles` has it.
fn least(set: &TileSet) -> u32 {
    set.side / 2
}

/// Links to tiles, each from so many pixels on.
fn links<'a>(tiles: impl IntoIterator<Item = &'a Tile>, least: u32, up: &str) -> io::Result<String> {
    let mut kml = String::new();
    for tile in tiles {
        let (name, region) = (name(*tile), region(*tile, (least, None))?);
        _ = writeln!(
            kml,
            "<NetworkLink><name>{name}</name>{region}<Link><href>{up}{name}.kml</href>\
             <viewRefreshMode>onRegion</viewRefreshMode><viewFormat/></Link></NetworkLink>"
        );
    }
    Ok(kml)
}

fn kml(inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<kml xmlns=\"http://www.opengis.net/kml/2.2\">\n<Document>\n\
         {inside}</Document>\n</kml>\n"
    )
}

/// The file that leads to the first tiles, which are shown however far away they are.
fn document(set: &TileSet, first: &BTreeSet<Tile>) -> io::Result<String> {
    let about: Vec<&str> = [&set.description, &set.attribution].into_iter().flatten().map(String::as_str).collect();
    let about = escaped(&about.join(". "));
    let links = links(first, 0, "")?;
    Ok(kml(&format!("<name>{}</name>\n<description>{about}</description>\n{links}", escaped(&set.name))))
}

/// The file of a tile, one of the first ones or not, whose picture is that of `home`.
fn of_tile(set: &TileSet, (tile, first): (Tile, bool), home: Tile, below: &[Tile]) -> io::Result<String> {
    // It gives way when those below it, half as large, are shown.
    let from = if first { 0 } else { least(set) };
    let region = region(tile, (from, (!below.is_empty()).then_some(2 * least(set))))?;
    Ok(kml(&format!(
        "<name>{}</name>\n<GroundOverlay><drawOrder>{}</drawOrder>{region}<Icon><href>../../{}.png</href></Icon>\
         <LatLonBox>{}</LatLonBox></GroundOverlay>\n{}",
        name(tile),
        tile.zoom(),
        name(home),
        sides(tile)?,
        links(below, least(set), "../../")?
    )))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The values of a tile in rows of equal steps of latitude: each is the mean of as much of the tile's rows as it covers, so
/// that nothing is shifted. It is for a picture only: its frame still is that of the tile.
pub fn even_latitudes(grid: &Grid<f32>) -> Grid<f32> {
    let frame = grid.frame();
    let (height, extent) = (frame.height(), frame.extent());
    let [_, south, _, north] = extent.bounds(Space::Earth);
    let row_at = |step: u32| {
        let latitude = north + (south - north) * f64::from(step) / f64::from(height);
        let y = (World::of(Space::Earth, 0.0, latitude).y - extent.north) / extent.height();
        (y * f64::from(height)).clamp(0.0, f64::from(height))
    };
    let mut values = Vec::with_capacity(frame.len());
    for step in 0..height {
        let (from, to) = (row_at(step), row_at(step + 1));
        let mut sums = vec![(0.0, 0.0); frame.width() as usize];
        for row in from.floor() as u32..(to.ceil() as u32).min(height) {
            let share = to.min(f64::from(row + 1)) - from.max(f64::from(row));
            for (sum, value) in sums.iter_mut().zip(grid.row(row)).filter(|(_, value)| !value.is_nan()) {
                *sum = (sum.0 + share * f64::from(*value), sum.1 + share);
            }
        }
        values.extend(sums.into_iter().map(|(sum, shares)| (sum / shares) as f32));
    }
    Grid::new(*frame, values)
}
