//! Tiles as a map of one file, `sink/html`: pictures and values, equal ones once, and where each belongs.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use pmtiles::{TileCoord, TileId};
use serde_json::{Map, Value, json};

use super::spool::{Spool, Turn};
use super::{Archive, ENCODING, Stored, TilePicture, TileSet};
use crate::error::Error;
use crate::sink::html::{Content, MAP, MOST, Page};
use crate::sink::{place, whole};
use crate::tile::Tile;

/// Bytes that the place of a tile takes, at most: `"20/1048575/1048575":[1000000,1000000],`.
const PLACE: u64 = 40;

/// A map that is being written.
pub(super) struct Html {
    path: PathBuf,
    page: Page,
    picture: TilePicture,
    pictures: Spool,
    values: Spool,
}

impl Html {
    pub(super) fn begin(path: &Path, picture: TilePicture) -> Result<Html, Error> {
        let page = Page::check(Page::find(MAP), path)?;
        let (pictures, values) = (Spool::beside(path)?, Spool::beside(path)?);
        Ok(Html { path: path.to_owned(), page, picture, pictures, values })
    }

    /// Refuses what no browser would open.
    fn check_size(&self) -> Result<(), Error> {
        let of = |spool: &Spool| spool.bytes() / 3 * 4 + 8 * spool.distinct() + PLACE * spool.tiles();
        let bytes = self.page.len() + of(&self.pictures) + of(&self.values);
        if bytes <= MOST {
            return Ok(());
        }
        Err(Error::limit(place(&self.path))
            .found(format!("{} tiles, a file of some {} MB", self.pictures.tiles(), bytes / 1_000_000))
            .expected(format!("at most {} MB, which browsers can open", MOST / 1_000_000))
            .advice("give a smaller greatest zoom with -z, or write a .pmtiles and serve it"))
    }
}

impl Archive for Html {
    fn put(&mut self, tile: Tile, bytes: &[u8]) -> Result<(), Error> {
        self.pictures.put(tile, bytes)
    }

    fn put_values(&mut self, tile: Tile, bytes: &[u8]) -> Result<(), Error> {
        self.values.put(tile, bytes)
    }

    fn finish(mut self: Box<Self>, set: &TileSet) -> Result<Stored, Error> {
        self.pictures.sort()?;
        if self.values.tiles() > 0 {
            self.values.sort()?;
        }
        self.check_size()?;
        let Html { path, page, picture, pictures, values } = *self;
        let (tiles, distinct) = (pictures.tiles(), pictures.distinct());
        whole::write(&path, |out| {
            let mut content = Content::begin(page, out)?;
            content.object("map", &told(set, picture))?;
            let shown = put_all(&mut content, "pictures", pictures)?;
            let numbers: HashMap<u64, u32> = put_all(&mut content, "values", values)?.into_iter().collect();
            put_places(&mut content, &shown, &numbers)?;
            content.finish()
        })?;
        Ok(Stored { tiles, distinct, bytes: whole::size(&path)?, zooms: set.zooms })
    }
}

/// What is told about the map: TileJSON without addresses.
fn told(set: &TileSet, picture: TilePicture) -> Value {
    let mut told = set.placed();
    told.insert("encoding".to_owned(), ENCODING.into());
    told.insert("absent".to_owned(), json!(set.absent));
    told.insert("format".to_owned(), picture.extension().into());
    Value::Object(told)
}

/// The distinct files of tiles as a list; the number of each tile along the curve, and the place of its file in the list.
fn put_all(content: &mut Content<'_>, name: &'static str, spool: Spool) -> io::Result<Vec<(u64, u32)>> {
    let mut list = content.list(name);
    let (mut places, mut known) = (Vec::new(), HashMap::new());
    spool.read(|Turn { tile, content, bytes, first, .. }| {
        if first {
            list.put(bytes)?;
            known.insert(content, known.len() as u32);
        }
        places.push((TileId::from(tile).value(), known[&content]));
        Ok(())
    })?;
    list.finish()?;
    Ok(places)
}

/// Which picture and which values each tile has.
fn put_places(content: &mut Content<'_>, shown: &[(u64, u32)], numbers: &HashMap<u64, u32>) -> io::Result<()> {
    let mut places = Map::new();
    for (id, picture) in shown {
        let tile: TileCoord = TileId::new(*id).map_err(io::Error::other)?.into();
        let of = [Some(picture), numbers.get(id)].into_iter().flatten();
        places.insert(format!("{}/{}/{}", tile.z(), tile.x(), tile.y()), of.copied().collect());
    }
    content.object("tiles", &Value::Object(places))
}
