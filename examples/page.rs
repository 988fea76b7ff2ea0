//! Clicks over the picture of a page: `cargo run --example page -- clicks.png`.

use std::path::{Path, PathBuf};

use torrid::lines::density::{Wish, density};
use torrid::lines::framing::Size;
use torrid::lines::picture::{Base, Look, picture};
use torrid::lines::reading::Reading;
use torrid::paint::Projection;
use torrid::sink::{Picture, write_picture};
use torrid::source::Query;
use torrid::{Error, Space};

/// Draws every click of the page, dimmed so that the heat stands out.
///
/// # Errors
/// When the fixture cannot be read or the file not be written.
pub fn run(out: &Path) -> Result<(), Error> {
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");
    let inputs = [format!("{fixtures}/clicks-synthetic.csv")];
    let mut reading = Reading::open(&inputs, Query::new(Space::PAGE), &())?;
    let wish = Wish {
        bounds: Some([0.0, 0.0, 1280.0, 2600.0]),
        size: Size::Cells(1280, 2600),
        bandwidth: "16px".parse()?,
        ..Wish::default()
    };
    let found = density(&mut reading, &wish)?;
    let page = PathBuf::from(format!("{fixtures}/page.png"));
    let base = Base::Picture { path: page, bounds: None, projection: Projection::Equirectangular };
    let drawn = picture(&found.density, &Look { base, dim: 0.3, ..Look::default() })?;
    write_picture(out, &Picture { image: &drawn.image, frame: None, metadata: &[], dpi: None })
}

#[allow(dead_code, reason = "a test includes this file and calls `run`")]
fn main() -> Result<(), Error> {
    let out = std::env::args_os().nth(1).map_or_else(|| std::env::temp_dir().join("clicks.png"), Into::into);
    run(&out)
}
