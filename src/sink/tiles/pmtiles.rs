//! PMTiles version 3, <https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md>: one file whose directories say
//! where each tile lies. Tiles lie in the order of their numbers along the curve, runs of equal ones are one entry, and
//! the header comes last, when everything else is known.

use std::io;
use std::path::Path;

use pmtiles::{PmTilesWriter, PmtError, TileType};
use serde_json::{Map, Value};

use super::spool::{Spool, Turn};
use super::{TilePicture, TileSet};
use crate::error::Error;
use crate::sink::{Out, whole};

/// Writes the file of the tiles in a spool.
pub(super) fn write(spool: Spool, picture: TilePicture, set: &TileSet, path: &Path) -> Result<(), Error> {
    whole::write(path, |out| fill(spool, picture, set, out))
}

fn fill(spool: Spool, picture: TilePicture, set: &TileSet, out: &mut dyn Out) -> io::Result<()> {
    let [west, south, east, north] = set.bounds;
    let kind = match picture {
        TilePicture::Png => TileType::Png,
        TilePicture::Webp => TileType::Webp,
    };
    let mut writer = PmTilesWriter::new(kind)
        .metadata(Value::Object(metadata(set)).to_string())
        .min_zoom(set.zooms.0)
        .max_zoom(set.zooms.1)
        .bounds(west, south, east, north)
        .center(set.center.0, set.center.1)
        .center_zoom(set.center.2)
        .dedup_by_key::<u128>()
        .create(out)
        .map_err(failed)?;
    // Only contents that come again are remembered by the writer.
    spool.read(|Turn { tile, content, bytes, shared, .. }| {
        writer.add_tile(tile, bytes, shared.then_some(content)).map_err(failed)
    })?;
    writer.finalize().map_err(failed)
}

fn metadata(set: &TileSet) -> Map<String, Value> {
    let mut object = set.object();
    object.insert("type".to_owned(), "overlay".into());
    object
}

/// The error of the file under an error of PMTiles, so that a full disk is told as one.
fn failed(error: PmtError) -> io::Error {
    match error {
        PmtError::Reading(error) => error,
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::tile::Tile;

    /// What becomes of ten tiles where there is so much room.
    fn written(room: usize) -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let mut spool = Spool::beside(&folder.path().join("heat.pmtiles")).expect("a spool");
        for x in 0..10 {
            spool.put(Tile::new(4, x, 0).expect("a tile"), &[x as u8; 1000]).expect("room in the spool");
        }
        spool.sort().expect("ten tiles");
        let set = TileSet {
            name: "heat".to_owned(),
            description: None,
            attribution: None,
            bounds: [0.0, 0.0, 1.0, 1.0],
            center: (0.5, 0.5, 4),
            zooms: (4, 4),
            side: 256,
            scale: 1,
            absent: Some(0.0),
            legend: None,
            properties: Map::new(),
        };
        fill(spool, TilePicture::Png, &set, &mut Cursor::new(&mut vec![0; room][..]))
    }

    #[test]
    fn a_full_disk_is_an_error_wherever_it_strikes() {
        for room in [0, 127, 16_000, 16_400, 20_000, 26_400] {
            assert!(written(room).is_err(), "with room for {room}");
        }
        assert!(written(27_000).is_ok());
    }
}
