//! Reads archives of tiles, without any code of torrid's.
#![allow(dead_code, reason = "each test file uses its share")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use rusqlite::Connection;
use serde_json::Value;

/// Zoom, column and row.
pub type Place = (u8, u32, u32);

/// What tiles hold, by their places.
pub type Tiles = BTreeMap<Place, Vec<u8>>;

/// The names of what is in a folder.
pub fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

/// What an archive of any form holds.
pub fn load(path: &Path) -> Tiles {
    match path.extension().and_then(|e| e.to_str()) {
        Some("pmtiles") => Pmtiles::read(path).tiles(),
        Some("mbtiles") => load_mbtiles(path),
        Some("html") => load_map(&data_of(path), "pictures", 0),
        _ => load_folder(path),
    }
}

pub fn load_folder(path: &Path) -> Tiles {
    load_folder_of(path, ".png")
}

/// A folder of tiles whose names end so.
pub fn load_folder_of(path: &Path, ending: &str) -> Tiles {
    let mut tiles = Tiles::new();
    let number = |name: &str| name.parse().expect("a number");
    for zoom in names_in(path).iter().filter(|name| *name != "tilejson.json") {
        for x in names_in(&path.join(zoom)) {
            for file in names_in(&path.join(zoom).join(&x)) {
                let bytes = fs::read(path.join(zoom).join(&x).join(&file)).expect("a tile");
                let y = file.strip_suffix(ending).expect("a picture");
                tiles.insert((number(zoom) as u8, number(&x), number(y)), bytes);
            }
        }
    }
    tiles
}

pub fn load_mbtiles(path: &Path) -> Tiles {
    let database = Connection::open(path).expect("a database");
    let sql = "SELECT zoom_level, tile_column, tile_row, tile_data FROM tiles";
    let mut query = database.prepare(sql).expect("a table of tiles");
    let rows = query.query_map([], |row| {
        let (zoom, row_from_south): (u8, u32) = (row.get(0)?, row.get(2)?);
        Ok(((zoom, row.get(1)?, (1 << zoom) - 1 - row_from_south), row.get(3)?))
    });
    rows.expect("tiles").collect::<Result<_, _>>().expect("tiles")
}

/// What a map of one file shows: the JSON in its scripts of data by their class; lists go on in the next of the same.
pub fn data_of(path: &Path) -> Value {
    let text = fs::read_to_string(path).expect("a page");
    let mut data = serde_json::Map::new();
    for script in text.split("<script type=\"application/json\" class=\"").skip(1) {
        let (class, script) = script.split_once("\">").expect("a class");
        let part = serde_json::from_str(script.split("</script").next().expect("an end")).expect("JSON");
        match (data.get_mut(class), part) {
            (Some(Value::Array(list)), Value::Array(more)) => list.extend(more),
            (None, part) => _ = data.insert(class.to_owned(), part),
            _ => panic!("{class} twice"),
        }
    }
    Value::Object(data)
}

/// Tiles of a map of one file: a list of its files, and where the places of tiles in that list are.
pub fn load_map(data: &Value, list: &str, at: usize) -> Tiles {
    let number = |text: &str| text.parse::<u32>().expect("a number");
    let tile = |(key, places): (&String, &Value)| {
        let parts: Vec<u32> = key.split('/').map(number).collect();
        let file = data[list][places[at].as_u64().expect("a place") as usize].as_str().expect("a file");
        ((parts[0] as u8, parts[1], parts[2]), from_base64(file))
    };
    data["tiles"].as_object().expect("tiles").iter().map(tile).collect()
}

/// RFC 4648, section 4.
pub fn from_base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |c: u8| DIGITS.iter().position(|d| *d == c).expect("a digit") as u32;
    let mut bytes = Vec::new();
    for four in text.as_bytes().chunks(4) {
        let digits: Vec<u32> = four.iter().filter(|c| **c != b'=').map(|c| digit(*c)).collect();
        let bits = digits.iter().enumerate().fold(0, |bits, (i, digit)| bits | digit << (18 - 6 * i));
        bytes.extend_from_slice(&bits.to_be_bytes()[1..digits.len()]);
    }
    bytes
}

/// A PMTiles file, read after <https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md>.
pub struct Pmtiles {
    pub bytes: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry {
    pub id: u64,
    pub run: u64,
    pub length: u64,
    pub offset: u64,
}

impl Pmtiles {
    pub fn read(path: &Path) -> Pmtiles {
        let bytes = fs::read(path).expect("an archive");
        assert_eq!(&bytes[..8], b"PMTiles\x03");
        Pmtiles { bytes }
    }

    pub fn number(&self, at: usize) -> u64 {
        u64::from_le_bytes(self.bytes[at..at + 8].try_into().expect("eight bytes"))
    }

    /// Degrees times 10 million.
    pub fn degrees(&self, at: usize) -> i32 {
        i32::from_le_bytes(self.bytes[at..at + 4].try_into().expect("four bytes"))
    }

    pub fn section(&self, at: u64, length: u64) -> &[u8] {
        &self.bytes[at as usize..][..length as usize]
    }

    pub fn unzipped(&self, at: u64, length: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        GzDecoder::new(self.section(at, length)).read_to_end(&mut bytes).expect("gzip");
        bytes
    }

    pub fn metadata(&self) -> Value {
        serde_json::from_slice(&self.unzipped(self.number(24), self.number(32))).expect("JSON")
    }

    pub fn directory(&self, at: u64, length: u64) -> Vec<Entry> {
        let bytes = self.unzipped(at, length);
        let mut rest = bytes.iter();
        let mut next = || {
            let (mut value, mut shift) = (0u64, 0);
            loop {
                let byte = *rest.next().expect("a number");
                value |= u64::from(byte & 0x7f) << shift;
                shift += 7;
                if byte < 0x80 {
                    return value;
                }
            }
        };
        let count = next();
        let mut column = || (0..count).map(|_| next()).collect::<Vec<_>>();
        let (ids, runs, lengths, offsets) = (column(), column(), column(), column());
        let mut entries: Vec<Entry> = Vec::new();
        let mut id = 0;
        for i in 0..count as usize {
            id += ids[i];
            let offset = match offsets[i] {
                0 => entries[i - 1].offset + entries[i - 1].length,
                above => above - 1,
            };
            entries.push(Entry { id, run: runs[i], length: lengths[i], offset });
        }
        assert_eq!(rest.len(), 0, "nothing after the last entry");
        entries
    }

    /// The entries of tiles, those of leaf directories in place of the entries that lead there.
    pub fn entries(&self) -> Vec<Entry> {
        let root = self.directory(self.number(8), self.number(16));
        let leaf = |entry: &Entry| match entry.run {
            0 => self.directory(self.number(40) + entry.offset, entry.length),
            _ => vec![*entry],
        };
        root.iter().flat_map(leaf).collect()
    }

    /// The tiles by their numbers.
    pub fn numbered(&self) -> BTreeMap<u64, Vec<u8>> {
        let content = |entry: &Entry| self.section(self.number(56) + entry.offset, entry.length).to_vec();
        let run = |entry: Entry| (entry.id..entry.id + entry.run).map(move |id| (id, content(&entry)));
        self.entries().into_iter().flat_map(run).collect()
    }

    pub fn tiles(&self) -> Tiles {
        self.numbered().into_iter().map(|(id, bytes)| (place_of(id), bytes)).collect()
    }
}

/// The number of a tile: those of all lesser zooms, and its place along the Hilbert curve (Wikipedia's `xy2d`).
pub fn id_of((zoom, x, y): Place) -> u64 {
    let (mut x, mut y) = (i64::from(x), i64::from(y));
    let mut id = ((1u64 << (2 * zoom)) - 1) / 3;
    for bit in (0..zoom).rev() {
        let side = 1i64 << bit;
        let (east, south) = (u64::from(x & side != 0), u64::from(y & side != 0));
        id += (side * side) as u64 * ((3 * east) ^ south);
        if south == 0 {
            if east == 1 {
                (x, y) = (side - 1 - x, side - 1 - y);
            }
            (x, y) = (y, x);
        }
    }
    id
}

/// The tile of a number, found by halving: each quarter of a tile's part of the curve is one of the tiles below it.
pub fn place_of(id: u64) -> Place {
    let zoom = (0..=24).find(|zoom| id < id_of((zoom + 1, 0, 0))).expect("a zoom");
    let first = |zoom: u8| ((1u64 << (2 * zoom)) - 1) / 3;
    (1..=zoom).fold((0, 0, 0), |(z, x, y), deeper| {
        let wanted = first(deeper) + ((id - first(zoom)) >> (2 * (zoom - deeper)));
        let children = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(east, south)| (z + 1, 2 * x + east, 2 * y + south));
        children.into_iter().find(|child| id_of(*child) == wanted).expect("a child")
    })
}
