//! The values of tiles as one cloud-optimized `GeoTIFF`: the deepest zoom, and the zooms above it as its overviews. They
//! are the pyramid's own, so that every zoom shows one density. Blocks wait in a spool, and tiles where there is nothing
//! have none: GDAL shows them as no data where that is said, and as 0 elsewhere, which is what a density is there.
//!
//! All overviews of a TIFF cover one extent. It is that of the tiles of the zoom at which at most 2 x 2 hold all; zooms
//! above that one are left out.

use std::collections::HashMap;
use std::io;
use std::path::Path;

use pmtiles::TileCoord;

use super::spool::Spool;
use super::{Archive, Stored, TileSet};
use crate::error::Error;
use crate::frame::Frame;
use crate::sink::geotiff::cog::{Cog, Level};
use crate::sink::geotiff::{about, no_data, place};
use crate::sink::whole;
use crate::tile::Tile;

/// The most blocks of the deepest zoom, absent ones among them: each takes some 24 bytes of memory.
const MOST_BLOCKS: u64 = 1 << 24;

/// A `GeoTIFF` of tiles that is being written.
pub(super) struct Geotiff {
    spool: Spool,
}

impl Geotiff {
    pub(super) fn begin(path: &Path) -> Result<Geotiff, Error> {
        Ok(Geotiff { spool: Spool::beside(path)? })
    }
}

impl Archive for Geotiff {
    fn put(&mut self, tile: Tile, bytes: &[u8]) -> Result<(), Error> {
        self.spool.put(tile, bytes)
    }

    fn finish(mut self: Box<Self>, set: &TileSet) -> Result<Stored, Error> {
        self.spool.sort()?;
        let path = self.spool.path().to_owned();
        let failed = |error: io::Error| whole::machine(&path, &error);
        let sizes = self.spool.sizes().collect::<io::Result<Vec<_>>>().map_err(failed)?;
        let square = Square::around(sizes.iter().map(|(tile, _)| *tile), set.zooms.0);
        if square.tiles() > MOST_BLOCKS {
            return Err(Error::limit("--maxzoom")
                .found(format!("{} tiles of zoom {} across and down", square.tiles(), square.zoom))
                .expected(format!("at most {MOST_BLOCKS} blocks in a GeoTIFF, whether or not they hold something"))
                .advice("give a smaller --maxzoom, or --bounds"));
        }
        let side = set.side * set.scale;
        let cog = Cog { levels: square.levels(side, &sizes), ..described(set, square.frame(side)?) };
        let tiles = cog.levels.iter().flat_map(|level| &level.bytes).filter(|bytes| **bytes > 0).count() as u64;
        let block = |level: usize, number: usize| self.spool.fetch(square.tile(level as u8, number)?);
        whole::write(&path, |out| cog.write(block, out))?;
        Ok(Stored {
            tiles,
            distinct: tiles,
            bytes: whole::size(&path)?,
            zooms: (square.zoom - square.above, square.zoom),
        })
    }
}

/// What a file says beside its levels.
fn described(set: &TileSet, corner: Frame) -> Cog<'static> {
    let units = set.properties.get("units").and_then(|units| units.as_str()).unwrap_or_default();
    let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    let told = ["bandwidth", "method", "error_bound", "events", "style"];
    let told = told.iter().filter_map(|key| Some((format!("torrid:{key}"), text(set.properties.get(*key)?))));
    let texts = [("Title", Some(&set.name)), ("Copyright", set.attribution.as_ref())];
    let texts = texts.into_iter().filter_map(|(key, text)| Some((key.to_owned(), text?.clone())));
    let overviews = ("torrid:overviews".to_owned(), "the zooms above".to_owned());
    let metadata: Vec<(String, String)> = texts.chain(told).chain([overviews]).collect();
    let mut whole = place(&corner);
    whole.push(about(units, metadata.iter()));
    let all = if set.absent.is_some() { Vec::new() } else { vec![no_data()] };
    Cog { levels: Vec::new(), whole, all }
}

/// The tiles of the deepest zoom that a file covers, so that those of the zooms above cover the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Square {
    zoom: u8,
    /// How many zooms above there are.
    above: u8,
    first: (u32, u32),
    /// Tiles across and down.
    size: (u32, u32),
}

impl Square {
    /// The least that holds all tiles of the deepest zoom.
    fn around(tiles: impl Iterator<Item = TileCoord> + Clone, least: u8) -> Square {
        let zoom = tiles.clone().map(|tile| tile.z()).max().unwrap_or_default();
        let deepest = tiles.filter(|tile| tile.z() == zoom);
        let none = ((u32::MAX, u32::MAX), (0, 0));
        let ((west, north), (east, south)) = deepest.fold(none, |(first, last), tile| {
            ((first.0.min(tile.x()), first.1.min(tile.y())), (last.0.max(tile.x()), last.1.max(tile.y())))
        });
        let few = |above: &u8| (east >> above) - (west >> above) < 2 && (south >> above) - (north >> above) < 2;
        let above = (0..zoom - least.min(zoom)).find(few).unwrap_or(zoom - least.min(zoom));
        let (first, last) = ((west >> above, north >> above), (east >> above, south >> above));
        let size = ((last.0 - first.0 + 1) << above, (last.1 - first.1 + 1) << above);
        Square { zoom, above, first: (first.0 << above, first.1 << above), size }
    }

    fn tiles(&self) -> u64 {
        u64::from(self.size.0) * u64::from(self.size.1)
    }

    /// The cell at the north-west corner.
    fn frame(&self, side: u32) -> Result<Frame, Error> {
        let cell = |tile: u32| i64::from(tile) * i64::from(side);
        let deeper = (side / 256).ilog2() as u8;
        Frame::on_lattice(self.zoom + deeper, cell(self.first.0), cell(self.first.1), 1, 1)
    }

    /// The zooms, the deepest first.
    fn levels(&self, side: u32, sizes: &[(TileCoord, u64)]) -> Vec<Level> {
        let mut of_zoom: HashMap<u8, Vec<u32>> = HashMap::new();
        for above in 0..=self.above {
            of_zoom.insert(self.zoom - above, vec![0; (self.tiles() >> (2 * above)) as usize]);
        }
        for (tile, size) in sizes {
            let above = self.zoom - tile.z();
            let at =
                |tile: u32, first: u32, size: u32| tile.checked_sub(first >> above).filter(|at| *at < size >> above);
            let place = at(tile.x(), self.first.0, self.size.0).zip(at(tile.y(), self.first.1, self.size.1));
            if let (Some((x, y)), Some(bytes)) = (place, of_zoom.get_mut(&tile.z())) {
                bytes[(y * (self.size.0 >> above) + x) as usize] = *size as u32;
            }
        }
        let level = |above: u8| Level {
            size: ((self.size.0 >> above) * side, (self.size.1 >> above) * side),
            block: (side, side),
            bytes: of_zoom.remove(&(self.zoom - above)).unwrap_or_default(),
        };
        (0..=self.above).map(level).collect()
    }

    /// The tile of a block by its number.
    fn tile(&self, above: u8, number: usize) -> io::Result<TileCoord> {
        let across = self.size.0 >> above;
        let (x, y) = (number as u32 % across, number as u32 / across);
        let (west, north) = (self.first.0 >> above, self.first.1 >> above);
        TileCoord::new(self.zoom - above, west + x, north + y).map_err(io::Error::other)
    }
}
