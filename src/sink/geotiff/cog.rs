//! The layout of a Cloud Optimized `GeoTIFF`, <https://docs.ogc.org/is/21-026/21-026.html>: all directories first, that of
//! the whole picture before those of its overviews; then the blocks, those of the smallest overview first. So whoever reads
//! a file in parts has its directories with the first of them, and what it needs of a zoom in one piece.
//!
//! What GDAL calls the ghost area lies before the directories and tells its readers what they may rely on:
//! <https://gdal.org/en/stable/drivers/raster/cog.html#header-ghost-area>.

use std::io;

use super::directory::{Directory, Value, Width};
use crate::sink::{Out, SOFTWARE};

/// One size of a picture, cut into blocks.
#[derive(Debug, Clone)]
pub(in crate::sink) struct Level {
    /// Cells from west to east and from north to south.
    pub size: (u32, u32),
    /// Cells of a block.
    pub block: (u32, u32),
    /// Bytes of each block, row by row; 0 where a block is absent.
    pub bytes: Vec<u32>,
}

impl Level {
    /// How many blocks there are from west to east and from north to south.
    pub(in crate::sink) fn blocks((width, height): (u32, u32), block: (u32, u32)) -> (u32, u32) {
        (width.div_ceil(block.0), height.div_ceil(block.1))
    }

    /// Where each block lies, if the first begins at `start`; 0 for those that are absent.
    fn offsets(&self, start: u64) -> Vec<u64> {
        let mut end = start;
        let place = |bytes: &u32| {
            let here = if *bytes == 0 { 0 } else { end + 4 };
            end += framed(*bytes);
            here
        };
        self.bytes.iter().map(place).collect()
    }

    /// Bytes of all blocks in the file.
    fn length(&self) -> u64 {
        self.bytes.iter().map(|bytes| framed(*bytes)).sum()
    }
}

/// Bytes of a block with its leader and its trailer.
fn framed(bytes: u32) -> u64 {
    if bytes == 0 { 0 } else { u64::from(bytes) + 8 }
}

/// What GDAL may rely on. Each block has its length before it and its last four bytes once more behind it, by which a
/// reader notices that a writer who does not know of this changed the file.
const STRUCTURE: &str = "LAYOUT=IFDS_BEFORE_DATA\nBLOCK_ORDER=ROW_MAJOR\nBLOCK_LEADER=SIZE_AS_UINT4\n\
                         BLOCK_TRAILER=LAST_4_BYTES_REPEATED\nKNOWN_INCOMPATIBLE_EDITION=NO\n ";

/// The ghost area, of an even number of bytes.
fn ghost() -> String {
    let ghost = format!("GDAL_STRUCTURAL_METADATA_SIZE={:06} bytes\n{STRUCTURE}", STRUCTURE.len());
    if ghost.len() % 2 == 0 { ghost } else { ghost + " " }
}

/// A file of several sizes of one picture, the largest first.
pub(in crate::sink) struct Cog<'a> {
    pub levels: Vec<Level>,
    /// What the first directory has beside what all have.
    pub whole: Directory<'a>,
    /// What each directory has beside what is said of its blocks.
    pub all: Directory<'a>,
}

impl Cog<'_> {
    /// Writes the file; `block` hands out each block that is there, by the numbers of its level and its own, once.
    pub(in crate::sink) fn write(
        &self,
        mut block: impl FnMut(usize, usize) -> io::Result<Vec<u8>>,
        out: &mut dyn Out,
    ) -> io::Result<()> {
        let ghost = ghost();
        out.write_all(&self.head(&ghost))?;
        for (i, level) in self.levels.iter().enumerate().rev() {
            for (number, length) in level.bytes.iter().enumerate().filter(|(_, length)| **length > 0) {
                let bytes = block(i, number)?;
                assert_eq!(bytes.len(), *length as usize, "a block of the length that was said");
                let last: [u8; 4] = std::array::from_fn(|k| bytes[(bytes.len() + k).saturating_sub(4)]);
                [&length.to_le_bytes(), bytes.as_slice(), &last]
                    .into_iter()
                    .try_for_each(|part| out.write_all(part))?;
            }
        }
        Ok(())
    }

    /// Everything before the blocks.
    fn head(&self, ghost: &str) -> Vec<u8> {
        let data: u64 = self.levels.iter().map(Level::length).sum();
        let classic = self.starts(Width::Classic, ghost);
        let fits = u32::try_from(classic[self.levels.len()] + data).is_ok();
        let (width, starts) =
            if fits { (Width::Classic, classic) } else { (Width::Big, self.starts(Width::Big, ghost)) };
        let mut head = width.begin(starts[0]);
        head.extend(ghost.as_bytes());
        for (i, level) in self.levels.iter().enumerate() {
            let behind: u64 = self.levels[i + 1..].iter().map(Level::length).sum();
            let directory = self.directory(i, level.offsets(starts[self.levels.len()] + behind));
            let next = if i + 1 < self.levels.len() { starts[i + 1] } else { 0 };
            head.extend(width.directory(&directory, starts[i], next));
        }
        head
    }

    /// Where each directory lies, and then the first block.
    fn starts(&self, width: Width, ghost: &str) -> Vec<u64> {
        let mut starts = vec![width.header() + ghost.len() as u64];
        for (i, level) in self.levels.iter().enumerate() {
            // How long a directory is does not depend on where the blocks lie.
            starts.push(starts[i] + width.size(&self.directory(i, vec![0; level.bytes.len()])));
        }
        starts
    }

    /// A directory, with the numbers of baseline TIFF 6.0 and of its Technical Notes 1 to 3.
    fn directory(&self, i: usize, offsets: Vec<u64>) -> Directory<'_> {
        const DEFLATE: u16 = 8;
        const FLOATING_POINT: u16 = 3;
        const IEEE: u16 = 3;
        let level = &self.levels[i];
        let mut directory: Directory<'_> = vec![
            (256, level.size.0.into()),
            (257, level.size.1.into()),
            (258, 32u16.into()),
            (259, DEFLATE.into()),
            (262, 1u16.into()),
            (277, 1u16.into()),
            (284, 1u16.into()),
            (305, Value::Text(SOFTWARE.into())),
            (317, FLOATING_POINT.into()),
            (322, level.block.0.into()),
            (323, level.block.1.into()),
            (324, Value::Offsets(offsets)),
            (325, Value::Longs(level.bytes.as_slice().into())),
            (339, IEEE.into()),
        ];
        if i == 0 {
            directory.extend(self.whole.iter().cloned());
        } else {
            directory.push((254, 1u32.into()));
        }
        directory.extend(self.all.iter().cloned());
        directory.sort_by_key(|(tag, _)| *tag);
        directory
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_more_than_4_gb_is_a_bigtiff_and_says_where_its_blocks_lie() {
        let level = |blocks: u32, bytes: u32| Level {
            size: (256 * blocks, 256),
            block: (256, 256),
            bytes: vec![bytes; blocks as usize],
        };
        for (bytes, version) in [(1 << 29, 42), (u32::MAX, 43)] {
            let cog = Cog { levels: vec![level(3, bytes), level(2, 1000)], whole: Vec::new(), all: Vec::new() };
            let head = cog.head(&ghost());
            assert_eq!(head[..4], [b'I', b'I', version, 0]);
            let (offset, width) = if version == 42 { (4, 4) } else { (8, 8) };
            let number =
                |at: usize| head[at..at + width].iter().rev().fold(0u64, |all, byte| all << 8 | u64::from(*byte));
            assert_eq!(number(offset), (offset + width) as u64 + ghost().len() as u64, "the first directory");
            // The small level first: each block behind its length and before its last bytes once more.
            let first = head.len() as u64 + 2 * 1008 + 4;
            let places: Vec<u64> = (0..3).map(|i| first + i * (u64::from(bytes) + 8)).collect();
            let written: Vec<u8> = places.iter().flat_map(|place| place.to_le_bytes()[..width].to_vec()).collect();
            assert!(head.windows(written.len()).any(|part| part == written), "{places:?}");
        }
    }
}
