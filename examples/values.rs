//! The density of a city as numbers, and its three hottest cells: `cargo run --example values -- city.tif`.

use std::path::Path;

use torrid::bandwidth::Length;
use torrid::lines::density::{Wish, density};
use torrid::lines::framing::Size;
use torrid::lines::reading::Reading;
use torrid::sink::write_values;
use torrid::source::Query;
use torrid::{Error, Space};

/// Writes a `GeoTIFF` of cells of 100 m; gives longitude, latitude and value of the three hottest.
///
/// # Errors
/// When the fixture cannot be read or the file not be written.
pub fn run(out: &Path) -> Result<Vec<(f64, f64, f32)>, Error> {
    let inputs = [concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/liverpool-crimes.csv.gz").to_owned()];
    let mut reading = Reading::open(&inputs, Query::new(Space::Earth), &())?;
    let size = Size::Cell(Length::Metres(100.0));
    let found = density(&mut reading, &Wish { bandwidth: "300m".parse()?, size, ..Wish::default() })?;
    write_values(out, &found.density, &[])?;

    let grid = &found.density.grid;
    let (frame, width) = (grid.frame(), grid.frame().width() as usize);
    let mut cells: Vec<(usize, f32)> = grid.values().iter().copied().enumerate().collect();
    cells.sort_by(|a, b| b.1.total_cmp(&a.1));
    let placed = cells.iter().take(3).map(|(cell, value)| {
        let (lng, lat) = frame.centre((cell % width) as i64, (cell / width) as i64).coordinates(Space::Earth);
        (lng, lat, *value)
    });
    Ok(placed.collect())
}

#[allow(dead_code, clippy::print_stdout, reason = "a test includes this file and calls `run`")]
fn main() -> Result<(), Error> {
    let out = std::env::args_os().nth(1).map_or_else(|| std::env::temp_dir().join("city.tif"), Into::into);
    for (lng, lat, value) in run(&out)? {
        println!("{lat:.4} {lng:.4}: {value:.0} events per km²");
    }
    Ok(())
}
