//! Tiles that wait for their turn. Their files lie in a file without a name beside the archive, equal ones once; in
//! memory there are 16 bytes for each tile and about 32 for each distinct file.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use hashbrown::HashTable;
use pmtiles::{TileCoord, TileId};
use twox_hash::XxHash3_128;

use super::{Archive, Stored, TileSet, no_tiles, put_twice};
use crate::error::Error;
use crate::sink::whole;
use crate::tile::Tile;

/// Files of tiles, in the order in which they came.
pub(super) struct Spool {
    path: PathBuf,
    file: BufWriter<File>,
    /// Bytes in the file.
    end: u64,
    contents: Vec<Content>,
    /// The place of each content by its hash.
    places: HashTable<u32>,
    /// The number of each tile along the curve, and the place of its content.
    tiles: Vec<(u64, u32)>,
}

/// An archive whose tiles wait until all of them are there; then `write` makes its file of them.
pub(super) struct Spooled<W> {
    spool: Spool,
    write: W,
}

impl<W: FnOnce(Spool, &TileSet, &Path) -> Result<(), Error>> Spooled<W> {
    pub(super) fn begin(path: &Path, write: W) -> Result<Spooled<W>, Error> {
        Ok(Spooled { spool: Spool::beside(path)?, write })
    }
}

impl<W: FnOnce(Spool, &TileSet, &Path) -> Result<(), Error> + Send> Archive for Spooled<W> {
    fn put(&mut self, tile: Tile, bytes: &[u8]) -> Result<(), Error> {
        self.spool.put(tile, bytes)
    }

    fn finish(self: Box<Self>, set: &TileSet) -> Result<Stored, Error> {
        let Spooled { mut spool, write } = *self;
        spool.sort()?;
        let path = spool.path().to_owned();
        let (tiles, distinct) = (spool.tiles(), spool.distinct());
        write(spool, set, &path)?;
        Ok(Stored { tiles, distinct, bytes: whole::size(&path)?, zooms: set.zooms })
    }
}

/// What one or more tiles hold.
struct Content {
    /// 128 bits of xxHash tell contents apart: among 2^40 of them two are taken for one with a chance of 2^-49.
    hash: [u64; 2],
    start: u64,
}

/// A tile whose turn it is.
pub(super) struct Turn<'a> {
    pub tile: TileCoord,
    /// Which content it has, as a number that only equal ones share.
    pub content: u128,
    pub bytes: &'a [u8],
    /// Whether no tile before had it.
    pub first: bool,
    /// Whether any other tile has it.
    pub shared: bool,
}

impl Spool {
    /// An empty spool in the folder of the file at `path`.
    pub(super) fn beside(path: &Path) -> Result<Spool, Error> {
        let file = tempfile::tempfile_in(whole::folder_of(path)).map_err(|error| whole::machine(path, &error))?;
        Ok(Spool {
            path: path.to_owned(),
            file: BufWriter::with_capacity(1 << 18, file),
            end: 0,
            contents: Vec::new(),
            places: HashTable::new(),
            tiles: Vec::new(),
        })
    }

    /// Where the archive goes.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// How many tiles there are.
    pub(super) fn tiles(&self) -> u64 {
        self.tiles.len() as u64
    }

    /// How many distinct contents there are.
    pub(super) fn distinct(&self) -> u64 {
        self.contents.len() as u64
    }

    /// How many bytes the distinct contents have.
    pub(super) fn bytes(&self) -> u64 {
        self.end
    }

    /// Adds a tile.
    pub(super) fn put(&mut self, tile: Tile, bytes: &[u8]) -> Result<(), Error> {
        let coord = TileCoord::new(tile.zoom(), tile.x(), tile.y()).map_err(|error| self.failed(error))?;
        let content = self.content(bytes).map_err(|error| whole::machine(&self.path, &error))?;
        self.tiles.push((TileId::from(coord).value(), content));
        Ok(())
    }

    /// The place of a content, which is written where it is new.
    fn content(&mut self, bytes: &[u8]) -> io::Result<u32> {
        let hash = XxHash3_128::oneshot(bytes);
        let hash = [hash as u64, (hash >> 64) as u64];
        if let Some(known) = self.places.find(hash[0], |at| self.contents[*at as usize].hash == hash) {
            return Ok(*known);
        }
        let place = u32::try_from(self.contents.len()).map_err(|_| io::Error::other("at most 2^32 distinct tiles"))?;
        self.file.write_all(bytes)?;
        self.contents.push(Content { hash, start: self.end });
        self.end += bytes.len() as u64;
        self.places.insert_unique(hash[0], place, |at| self.contents[*at as usize].hash[0]);
        Ok(place)
    }

    /// Puts the tiles in their order.
    pub(super) fn sort(&mut self) -> Result<(), Error> {
        if self.tiles.is_empty() {
            return Err(no_tiles(&self.path));
        }
        self.tiles.sort_unstable();
        match self.tiles.windows(2).find(|two| two[0].0 == two[1].0) {
            Some(twice) => {
                let coord = TileId::new(twice[0].0).map(TileCoord::from).map_err(|error| self.failed(error))?;
                Err(put_twice(Tile::new(coord.z(), coord.x(), coord.y())?))
            }
            None => Ok(()),
        }
    }

    /// The tiles in the order they have, and how many bytes their files have.
    pub(super) fn sizes(&self) -> impl Iterator<Item = io::Result<(TileCoord, u64)>> {
        let of = |(id, place): &(u64, u32)| {
            let (start, end) = self.span(*place);
            Ok((TileId::new(*id).map_err(io::Error::other)?.into(), end - start))
        };
        self.tiles.iter().map(of)
    }

    /// The file of a tile, once they are in order.
    pub(super) fn fetch(&mut self, tile: TileCoord) -> io::Result<Vec<u8>> {
        let id = TileId::from(tile).value();
        let at = self.tiles.binary_search_by_key(&id, |(id, _)| *id).map_err(|_| io::Error::other("no such tile"))?;
        let (start, end) = self.span(self.tiles[at].1);
        let mut bytes = vec![0; (end - start) as usize];
        self.file.seek(SeekFrom::Start(start))?;
        self.file.get_mut().read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// Where a content lies.
    fn span(&self, place: u32) -> (u64, u64) {
        let end = self.contents.get(place as usize + 1).map_or(self.end, |next| next.start);
        (self.contents[place as usize].start, end)
    }

    /// Hands out the tiles in the order they have.
    pub(super) fn read(mut self, mut each: impl FnMut(Turn<'_>) -> io::Result<()>) -> io::Result<()> {
        self.places = HashTable::new();
        let mut uses = self.uses();
        let mut file =
            BufReader::with_capacity(1 << 16, self.file.into_inner().map_err(io::IntoInnerError::into_error)?);
        file.rewind()?;
        let (mut at, mut bytes, mut held) = (0, Vec::new(), None);
        for (id, place) in self.tiles {
            let content = &self.contents[place as usize];
            if held != Some(place) {
                let end = self.contents.get(place as usize + 1).map_or(self.end, |next| next.start);
                bytes.resize((end - content.start) as usize, 0);
                file.seek_relative(content.start as i64 - at)?;
                file.read_exact(&mut bytes)?;
                (at, held) = (end as i64, Some(place));
            }
            let used = &mut uses[place as usize];
            let (first, shared) = (*used != Uses::Begun, *used != Uses::One);
            *used = if shared { Uses::Begun } else { Uses::One };
            let tile = TileId::new(id).map_err(io::Error::other)?.into();
            let number = u128::from(content.hash[1]) << 64 | u128::from(content.hash[0]);
            each(Turn { tile, content: number, bytes: &bytes, first, shared })?;
        }
        Ok(())
    }

    /// Whether one or more tiles have each content.
    fn uses(&self) -> Vec<Uses> {
        let mut uses = vec![Uses::None; self.contents.len()];
        for (_, place) in &self.tiles {
            let used = &mut uses[*place as usize];
            *used = if *used == Uses::None { Uses::One } else { Uses::Many };
        }
        uses
    }

    fn failed(&self, error: impl std::error::Error + Send + Sync + 'static) -> Error {
        whole::machine(&self.path, &io::Error::other(error))
    }
}

/// How often a content is used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Uses {
    None,
    One,
    Many,
    /// By many, one of which had its turn.
    Begun,
}
