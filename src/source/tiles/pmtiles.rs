//! PMTiles version 3, <https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md>, read in parts: the header, the root
//! directory, and of the leaf directories those that are asked for. The `pmtiles` crate reads only inside an
//! asynchronous runtime; its numbers of tiles are used here.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use pmtiles::{TileCoord, TileId};
use serde_json::{Map, Value};

use super::unpack::Packing;
use super::{MAX_FILE, Opened, Store, Then, label, refused};
use crate::error::Error;
use crate::tile::Tile;

/// Bytes of the header.
const HEADER: usize = 127;

/// The most bytes of a directory or of the metadata, unpacked: some hundred times what writers make.
const MAX_UNPACKED: u64 = 8 << 20;

/// How deep directories may lead to directories; the specification knows of 3 below the root.
const DEPTH: usize = 4;

/// The most leaf directories that are remembered.
const REMEMBERED: usize = 64;

/// What is wrong with an archive, in words.
type Found<T> = Result<T, String>;

/// Some bytes of the file.
#[derive(Debug, Clone, Copy)]
struct Section {
    offset: u64,
    length: u64,
}

impl Section {
    /// A part of this section, which holds `what`.
    fn part(self, offset: u64, length: u64, what: &str) -> Found<Section> {
        match offset.checked_add(length) {
            Some(end) if end <= self.length => Ok(Section { offset: self.offset + offset, length }),
            _ => Err(format!("{what} beyond the end, {length} bytes at {offset}")),
        }
    }
}

struct Header {
    root: Section,
    metadata: Section,
    leaves: Section,
    tiles: Section,
    /// The packing of directories and metadata, and that of tiles.
    packings: (u8, u8),
    kind: u8,
    zooms: (u8, u8),
}

/// Tiles from `id` on that have one content; where the run is 0, the directory of those from `id` on.
#[derive(Debug, Clone, Copy)]
struct Entry {
    id: u64,
    run: u64,
    offset: u64,
    length: u64,
}

type Directory = Arc<[Entry]>;

struct Archive {
    path: PathBuf,
    file: Mutex<File>,
    header: Header,
    root: Directory,
    leaves: Mutex<HashMap<u64, Directory>>,
}

pub(super) fn open(path: &Path) -> Result<Opened, Error> {
    let unopened = |error: std::io::Error| refused(path, format!("a file that does not open ({error})"));
    let file = File::open(path).map_err(unopened)?;
    let size = file.metadata().map_err(unopened)?.len();
    opened(path, file, size).map_err(|found| refused(path, found))
}

fn opened(path: &Path, mut file: File, size: u64) -> Found<Opened> {
    let mut bytes = Vec::new();
    Read::by_ref(&mut file).take(HEADER as u64).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    let header = Header::of(&bytes, size)?;
    match header.kind {
        0 | 2..=4 => {}
        1 | 6 => return Err("vector tiles".to_owned()),
        5 => return Err("AVIF tiles".to_owned()),
        other => return Err(format!("tiles of the unknown type {other}")),
    }
    let root = directory(&unpacked(&mut file, header.root, header.packings.0, "root directory")?)?;
    let metadata = unpacked(&mut file, header.metadata, header.packings.0, "metadata")?;
    let zooms = header.zooms;
    let (file, leaves) = (Mutex::new(file), Mutex::default());
    let archive = Archive { path: path.to_owned(), file, header, root, leaves };
    let sample = archive.sample()?;
    let mut told = told(&metadata)?;
    told.entry("bounds").or_insert_with(|| bounds(&bytes).into());
    Ok(Opened { store: Box::new(archive), zooms, sample, told })
}

/// West, south, east and north, in degrees, as the header of an archive has them.
fn bounds(header: &[u8]) -> Vec<f64> {
    let degrees =
        |i: usize| f64::from(i32::from_le_bytes(std::array::from_fn(|byte| header[102 + 4 * i + byte]))) / 1e7;
    (0..4).map(degrees).collect()
}

fn told(metadata: &[u8]) -> Found<Map<String, Value>> {
    if metadata.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(metadata) {
        Ok(Value::Object(told)) => Ok(told),
        Ok(_) => Ok(Map::new()),
        Err(error) => Err(format!("metadata that is no JSON ({error})")),
    }
}

impl Header {
    fn of(bytes: &[u8], size: u64) -> Found<Header> {
        if !b"PMTiles".starts_with(&bytes[..bytes.len().min(7)]) {
            return Err("a file that does not begin with `PMTiles`".to_owned());
        }
        if bytes.len() < HEADER {
            return Err(format!("a header cut off after {} of {HEADER} bytes", bytes.len()));
        }
        if bytes[7] != 3 {
            return Err(format!("PMTiles version {}", bytes[7]));
        }
        let number = |at: usize| u64::from_le_bytes(std::array::from_fn(|i| bytes[at + i]));
        let whole = Section { offset: 0, length: size };
        let section = |at: usize, what: &str| whole.part(number(at), number(at + 8), what);
        Ok(Header {
            root: section(8, "a root directory")?,
            metadata: section(24, "metadata")?,
            leaves: section(40, "leaf directories")?,
            tiles: section(56, "tiles")?,
            packings: (bytes[97], bytes[98]),
            kind: bytes[99],
            zooms: (bytes[100], bytes[101]),
        })
    }
}

/// The bytes of a section.
fn stored(file: &mut File, section: Section, most: u64, what: &str) -> Found<Vec<u8>> {
    if section.length > most {
        return Err(format!("a {what} of {} bytes", section.length));
    }
    let mut bytes = vec![0; section.length as usize];
    let read = file.seek(SeekFrom::Start(section.offset)).and_then(|_| file.read_exact(&mut bytes));
    read.map_err(|error| format!("a {what} that cannot be read ({error})"))?;
    Ok(bytes)
}

fn unpacked(file: &mut File, section: Section, packing: u8, what: &str) -> Found<Vec<u8>> {
    let bytes = stored(file, section, MAX_UNPACKED, what)?;
    if bytes.is_empty() {
        return Ok(bytes);
    }
    let packing = Packing::of(packing, &bytes).ok_or_else(|| format!("the unknown compression {packing}"))?;
    packing.unpack(bytes, MAX_UNPACKED).map_err(|found| format!("a {what} of {found}"))
}

/// The entries of a directory: all numbers, then all runs, all lengths, all offsets.
fn directory(bytes: &[u8]) -> Found<Directory> {
    let mut rest = bytes;
    let count = varint(&mut rest)?;
    // Each entry takes four bytes at least.
    if count > rest.len() as u64 / 4 {
        return Err(format!("a directory of {count} entries in {} bytes", bytes.len()));
    }
    let mut column = || (0..count).map(|_| varint(&mut rest)).collect::<Found<Vec<u64>>>();
    let (ids, runs, lengths, offsets) = (column()?, column()?, column()?, column()?);
    let overflow = || "a directory with numbers that are too large".to_owned();
    let mut entries: Vec<Entry> = Vec::with_capacity(ids.len());
    let mut id = 0u64;
    for (i, step) in ids.into_iter().enumerate() {
        id = id.checked_add(step).ok_or_else(overflow)?;
        let offset = match (offsets[i], entries.last()) {
            (0, None) => return Err("a directory whose first entry follows another".to_owned()),
            (0, Some(last)) => last.offset.checked_add(last.length).ok_or_else(overflow)?,
            (above, _) => above - 1,
        };
        entries.push(Entry { id, run: runs[i], offset, length: lengths[i] });
    }
    Ok(entries.into())
}

/// A number in seven bits to a byte, the least first.
fn varint(rest: &mut &[u8]) -> Found<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (byte, after) = rest.split_first().ok_or("a directory that is cut off")?;
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            return Ok(value);
        }
    }
    Err("a directory with a number that does not end".to_owned())
}

impl Archive {
    fn file(&self) -> std::sync::MutexGuard<'_, File> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The directory that an entry leads to.
    fn leaf(&self, entry: &Entry) -> Found<Directory> {
        let mut leaves = self.leaves.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = leaves.get(&entry.offset) {
            return Ok(Arc::clone(known));
        }
        let section = self.header.leaves.part(entry.offset, entry.length, "a leaf directory")?;
        let bytes = unpacked(&mut self.file(), section, self.header.packings.0, "leaf directory")?;
        let found = directory(&bytes)?;
        if leaves.len() >= REMEMBERED {
            leaves.clear();
        }
        leaves.insert(entry.offset, Arc::clone(&found));
        Ok(found)
    }

    /// The entry of a tile.
    fn entry(&self, id: u64) -> Found<Option<Entry>> {
        let mut directory = Arc::clone(&self.root);
        for _ in 0..DEPTH {
            let Some(last) = directory.partition_point(|entry| entry.id <= id).checked_sub(1) else { return Ok(None) };
            let entry = directory[last];
            if entry.run > 0 {
                return Ok((id - entry.id < entry.run).then_some(entry));
            }
            directory = self.leaf(&entry)?;
        }
        Err(format!("directories below directories, more than {DEPTH} deep"))
    }

    /// Hands out the tiles of a directory and of those it leads to.
    fn walk(&self, directory: &Directory, depth: usize, then: Then<'_>) -> Result<(), Error> {
        let refused = |found: String| refused(&self.path, found);
        if depth == DEPTH {
            return Err(refused(format!("directories below directories, more than {DEPTH} deep")));
        }
        for entry in directory.iter() {
            if entry.run == 0 {
                self.walk(&self.leaf(entry).map_err(refused)?, depth + 1, then)?;
                continue;
            }
            let content = self.content(entry).map_err(refused)?;
            for id in entry.id..entry.id.saturating_add(entry.run) {
                let place = TileId::new(id).map(TileCoord::from).map_err(|error| refused(error.to_string()))?;
                then(Tile::new(place.z(), place.x(), place.y())?, content.clone())?;
            }
        }
        Ok(())
    }

    fn content(&self, entry: &Entry) -> Found<Vec<u8>> {
        let section = self.header.tiles.part(entry.offset, entry.length, "a tile")?;
        let bytes = stored(&mut self.file(), section, MAX_FILE, "tile")?;
        let packing = Packing::of(self.header.packings.1, &bytes);
        packing.ok_or_else(|| format!("the unknown compression {}", self.header.packings.1))?.unpack(bytes, MAX_FILE)
    }

    /// The first tile that is not empty.
    fn sample(&self) -> Found<Option<Vec<u8>>> {
        let mut directory = Arc::clone(&self.root);
        for _ in 0..DEPTH {
            let Some(entry) = directory.iter().find(|entry| entry.length > 0) else { return Ok(None) };
            if entry.run > 0 {
                return self.content(entry).map(Some);
            }
            let entry = *entry;
            directory = self.leaf(&entry)?;
        }
        Err(format!("directories below directories, more than {DEPTH} deep"))
    }
}

impl Store for Archive {
    fn file(&self, tile: Tile) -> Result<Option<Vec<u8>>, Error> {
        let refused = |found: String| refused(&self.path, format!("{found} (for tile {})", label(tile)));
        let coordinates =
            TileCoord::new(tile.zoom(), tile.x(), tile.y()).map_err(|error| refused(error.to_string()))?;
        let entry = self.entry(TileId::from(coordinates).value()).map_err(refused)?;
        entry.map(|entry| self.content(&entry)).transpose().map_err(refused)
    }

    fn each(&self, then: Then<'_>) -> Result<(), Error> {
        self.walk(&self.root, 0, then)
    }
}
