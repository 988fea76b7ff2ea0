//! A hot map of a city, with a legend, into a PNG: `cargo run --example city -- city.png`.

use std::path::Path;

use torrid::lines::density::{Wish, density};
use torrid::lines::picture::{Base, Look, picture};
use torrid::lines::reading::Reading;
use torrid::paint::Theme;
use torrid::sink::{Picture, write_picture};
use torrid::source::Query;
use torrid::{Error, Space, Style};

/// Draws the crimes of Liverpool; the square root keeps the quiet quarters visible beside the centre.
///
/// # Errors
/// When the fixture cannot be read or the file not be written.
pub fn run(out: &Path) -> Result<(), Error> {
    let inputs = [concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/liverpool-crimes.csv.gz").to_owned()];
    let mut reading = Reading::open(&inputs, Query::new(Space::Earth), &())?;
    let style: Style = "gaussian:300m sqrt torrid 0.9".parse()?;
    let found = density(&mut reading, &Wish { bandwidth: style.bandwidth, ..Wish::default() })?;
    let look = Look {
        style,
        base: Base::Land(Theme::DARK),
        legend: true,
        scale_bar: true,
        title: Some("Street crime in Liverpool, October and November 2018".into()),
        attribution: Some("Contains public sector information, OGL v3.0".into()),
        ..Look::default()
    };
    let drawn = picture(&found.density, &look)?;
    write_picture(
        out,
        &Picture { image: &drawn.image, frame: Some(found.density.grid.frame()), metadata: &[], dpi: None },
    )
}

#[allow(dead_code, reason = "a test includes this file and calls `run`")]
fn main() -> Result<(), Error> {
    let out = std::env::args_os().nth(1).map_or_else(|| std::env::temp_dir().join("city.png"), Into::into);
    run(&out)
}
