//! Reads a tiled float32 TIFF, without any code of torrid's.
#![allow(dead_code, reason = "each test file uses its share")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;

use flate2::read::ZlibDecoder;

/// A classic little-endian TIFF.
pub struct Tiff {
    pub bytes: Vec<u8>,
    pub directories: Vec<Directory>,
}

/// Fields by their tags: the type, and the bytes of the values.
pub struct Directory {
    pub at: usize,
    pub fields: BTreeMap<u16, (u16, Vec<u8>)>,
}

/// What a directory shows; 0 where a block is absent.
pub struct Level {
    pub width: usize,
    pub height: usize,
    pub values: Vec<f32>,
}

fn number(bytes: &[u8]) -> usize {
    bytes.iter().rev().fold(0, |all, byte| all << 8 | usize::from(*byte))
}

impl Tiff {
    pub fn read(path: &Path) -> Tiff {
        let bytes = fs::read(path).expect("a file");
        assert_eq!(&bytes[..4], b"II\x2a\x00");
        let (mut at, mut directories) = (number(&bytes[4..8]), Vec::new());
        while at != 0 {
            let count = number(&bytes[at..at + 2]);
            let field = |i: usize| {
                let field = &bytes[at + 2 + 12 * i..][..12];
                let (tag, kind) = (number(&field[..2]) as u16, number(&field[2..4]) as u16);
                let size = number(&field[4..8]) * [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8][usize::from(kind)];
                let value = if size <= 4 { &field[8..8 + size] } else { &bytes[number(&field[8..12])..][..size] };
                (tag, (kind, value.to_vec()))
            };
            let tags: Vec<u16> = (0..count).map(|i| field(i).0).collect();
            assert!(tags.is_sorted(), "fields in order: {tags:?}");
            directories.push(Directory { at, fields: (0..count).map(field).collect() });
            at = number(&bytes[at + 2 + 12 * count..][..4]);
        }
        Tiff { bytes, directories }
    }
}

impl Directory {
    pub fn numbers(&self, tag: u16) -> Vec<usize> {
        let (kind, bytes) = &self.fields[&tag];
        bytes.chunks(if *kind == 3 { 2 } else { 4 }).map(number).collect()
    }

    pub fn doubles(&self, tag: u16) -> Vec<f64> {
        self.fields[&tag].1.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect()
    }

    /// Where each block lies and how long it is; zeros where it is absent.
    pub fn offsets(&self) -> Vec<(usize, usize)> {
        self.numbers(324).into_iter().zip(self.numbers(325)).collect()
    }

    /// The same of those that are there.
    pub fn blocks(&self) -> Vec<(usize, usize)> {
        self.offsets().into_iter().filter(|(_, length)| *length > 0).collect()
    }

    pub fn values(&self, bytes: &[u8]) -> Level {
        let one = |tag| self.numbers(tag)[0];
        let (width, height, across, down) = (one(256), one(257), one(322), one(323));
        let mut values = vec![0.0f32; width * height];
        for (i, (offset, length)) in self.offsets().into_iter().enumerate().filter(|(_, (_, length))| *length > 0) {
            let mut block = Vec::new();
            ZlibDecoder::new(&bytes[offset..offset + length]).read_to_end(&mut block).expect("deflated");
            let (left, top) = (i % width.div_ceil(across) * across, i / width.div_ceil(across) * down);
            for (row, line) in block.chunks_mut(across * 4).enumerate().take_while(|(row, _)| top + row < height) {
                (1..line.len()).for_each(|i| line[i] = line[i].wrapping_add(line[i - 1]));
                for col in 0..across.min(width - left) {
                    let value = std::array::from_fn(|plane| line[plane * across + col]);
                    values[(top + row) * width + left + col] = f32::from_be_bytes(value);
                }
            }
        }
        Level { width, height, values }
    }
}

impl Level {
    /// The value of a cell; none beyond the edge.
    pub fn get(&self, col: i64, row: i64) -> Option<f32> {
        let (width, height) = (self.width as i64, self.height as i64);
        let inside = (0..width).contains(&col) && (0..height).contains(&row);
        inside.then(|| self.values[(row * width + col) as usize])
    }
}
