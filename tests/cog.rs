//! Cloud-optimized `GeoTIFF` is read back by the `tiff` crate and byte by byte: the values, the overviews, and where what
//! lies in the file.

use std::collections::BTreeMap;
use std::fs;

use proptest::prelude::*;
use tiff::decoder::{Decoder, DecodingResult};
use torrid::Space;
use torrid::frame::{Extent, Frame};
use torrid::grid::{Area, Density, Grid, Quantity};
use torrid::sink;

#[path = "common/geotiff.rs"]
mod geotiff;

use geotiff::Tiff;

/// A density with holes over a part of the Earth where rows differ in area.
fn grid(width: u32, height: u32, holes: bool) -> Grid<f32> {
    let extent = Extent::of_bounds(Space::Earth, [-20.0, 40.0, 70.0, 80.0]);
    let frame = Frame::new(Space::Earth, extent, width, height).expect("a good frame");
    let value = |i: usize| if holes && i.is_multiple_of(7) { f32::NAN } else { (i * i % 1009) as f32 };
    Grid::new(frame, (0..frame.len()).map(value).collect())
}

fn density() -> Quantity {
    Quantity::PerArea(None, Area::of(Space::Earth))
}

/// The sizes and the values of all directories of what is written.
fn there_and_back(grid: &Grid<f32>, quantity: Quantity) -> Vec<((u32, u32), Vec<f32>)> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.tif");
    sink::write_values(&path, &Density { grid: grid.clone(), quantity }, &[]).expect("written");
    let mut decoder = Decoder::new(fs::File::open(&path).expect("there")).expect("a TIFF");
    let mut all = Vec::new();
    loop {
        let DecodingResult::F32(values) = decoder.read_image().expect("values") else { panic!("not float32") };
        all.push((decoder.dimensions().expect("a size"), values));
        if !decoder.more_images() {
            return all;
        }
        decoder.next_image().expect("another");
    }
}

/// The overview of a size, cell by cell: what part of each cell it covers, times its area on the ground.
fn twin(grid: &Grid<f32>, (width, height): (u32, u32), sum: bool) -> Vec<f64> {
    let frame = grid.frame();
    let part = |cell: u32, of: u32, i: u32, count: u32| {
        let (from, to) = (f64::from(i) / f64::from(count), f64::from(i + 1) / f64::from(count));
        let (left, right) = (f64::from(cell) / f64::from(of), f64::from(cell + 1) / f64::from(of));
        ((to.min(right) - from.max(left)) * f64::from(of)).max(0.0)
    };
    let near = |of: u32, i: u32, count: u32| (i * of / count).saturating_sub(1)..((i + 1) * of / count + 2).min(of);
    let cell = |i: u32| {
        let (col, row) = (i % width, i / width);
        let (mut total, mut weight) = (0.0, 0.0);
        for r in near(frame.height(), row, height) {
            for c in near(frame.width(), col, width) {
                let covered = part(c, frame.width(), col, width) * part(r, frame.height(), row, height);
                let value = f64::from(grid.get(c, r));
                if covered > 1e-9 && !value.is_nan() {
                    let times = if sum { covered } else { covered * frame.cell_area(i64::from(r)) };
                    (total, weight) = (total + value * times, weight + times);
                }
            }
        }
        if weight == 0.0 {
            f64::NAN
        } else if sum {
            total
        } else {
            total / weight
        }
    };
    (0..width * height).map(cell).collect()
}

#[test]
fn overviews_of_a_density_are_means_by_area_and_of_counts_sums_of_what_has_data() {
    for (width, height) in [(512, 600), (701, 333), (1030, 257)] {
        for (quantity, sum) in [(density(), false), (Quantity::PerCell(None), true)] {
            let grid = grid(width, height, true);
            let levels = there_and_back(&grid, quantity);
            assert!(levels.len() > 1, "{width} x {height} has overviews");
            for (size, values) in &levels[1..] {
                let expected = twin(&grid, *size, sum);
                assert_eq!(expected.len(), values.len());
                for (i, (value, expected)) in values.iter().zip(&expected).enumerate() {
                    let same = value.is_nan() && expected.is_nan();
                    let off = (f64::from(*value) - expected).abs();
                    assert!(same || off <= 1e-5 * expected.abs(), "{size:?}, cell {i}: {value}, expected {expected}");
                }
            }
        }
    }
}

#[test]
fn overviews_halve_until_one_block_holds_all_and_a_small_grid_has_none() {
    let sizes = |width, height| -> Vec<(u32, u32)> {
        there_and_back(&grid(width, height, false), density()).into_iter().map(|(size, _)| size).collect()
    };
    assert_eq!(sizes(1, 1), [(1, 1)]);
    assert_eq!(sizes(256, 256), [(256, 256)]);
    assert_eq!(sizes(257, 3), [(257, 3), (129, 2)]);
    assert_eq!(sizes(1000, 300), [(1000, 300), (500, 150), (250, 75)]);
}

#[test]
fn the_greatest_of_readings_stays_the_greatest_in_overviews() {
    let grid = grid(600, 400, true);
    let most = |values: &[f32]| values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let levels = there_and_back(&grid, Quantity::Reading("mag".to_owned(), "max", None));
    assert!(levels.len() > 1 && levels.iter().all(|(_, values)| most(values) == most(grid.values())));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn no_overview_loses_what_was_counted(width in 1u32..900, height in 1u32..500) {
        let grid = grid(width, height, false);
        let sum = |values: &[f32]| values.iter().map(|v| f64::from(*v)).sum::<f64>();
        for (size, values) in there_and_back(&grid, Quantity::PerCell(None)) {
            prop_assert!((sum(&values) - sum(grid.values())).abs() <= 1e-6 * sum(grid.values()), "{:?}", size);
        }
    }
}

#[test]
fn directories_lie_before_blocks_and_those_of_overviews_before_those_of_the_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.tif");
    sink::write_values(&path, &Density { grid: grid(1500, 700, true), quantity: density() }, &[]).expect("written");
    let tiff = Tiff::read(&path);
    let text = String::from_utf8_lossy(&tiff.bytes[8..300]);
    assert!(text.starts_with("GDAL_STRUCTURAL_METADATA_SIZE=000140 bytes\nLAYOUT=IFDS_BEFORE_DATA\n"), "{text}");
    assert_eq!(tiff.directories.len(), 4);
    let starts: Vec<usize> = tiff.directories.iter().map(|directory| directory.at).collect();
    assert!(starts[0] < 300 && starts.is_sorted(), "{starts:?}");
    let mut end = 0;
    for directory in tiff.directories.iter().rev() {
        for (offset, length) in directory.blocks() {
            assert!(offset > starts[3] && offset > end, "blocks in order");
            let block = &tiff.bytes[offset..offset + length];
            assert_eq!(&tiff.bytes[offset - 4..offset], (length as u32).to_le_bytes(), "the length before it");
            assert_eq!(&tiff.bytes[offset + length..][..4], &block[length - 4..], "its end behind it");
            end = offset + length;
        }
    }
    assert_eq!(end + 4, tiff.bytes.len(), "nothing else");
}

#[test]
fn a_geotiff_reads_the_same_wherever_it_is_cut_into_blocks() {
    let grid = grid(300, 270, false);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.tif");
    sink::write_values(&path, &Density { grid: grid.clone(), quantity: density() }, &[]).expect("written");
    let tiff = Tiff::read(&path);
    let all: BTreeMap<usize, _> = tiff.directories.iter().map(|d| d.values(&tiff.bytes)).enumerate().collect();
    assert_eq!((all[&0].width, all[&0].height), (300, 270));
    assert!(all[&0].values == grid.values(), "the same values by a reader of these tests");
}
