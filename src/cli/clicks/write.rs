//! Where click maps go: pictures and drawings with their legend beside, pages of one file, and values.

use std::path::Path;

use super::Job;
use super::draw::DrawArgs;
use crate::cli::map::write_map;
use crate::cli::progress::Bar;
use crate::error::Error;
use crate::lines::Progress;
use crate::lines::clicks::{Beside, Map, sheet};
use crate::lines::picture::picture;
use crate::sink::{self, Kind};

/// That a map can be written to a file, and that it can have what is asked for.
pub fn check(path: &Path, force: bool, draw: &DrawArgs) -> Result<(), Error> {
    sink::check(path, force)?;
    let kind = sink::format_of(path)?.kind();
    let refused = match kind {
        Kind::Values => draw.first_given(),
        Kind::Map => draw.first_beside(),
        Kind::Drawing => draw.bare.then_some("--bare"),
        Kind::Picture => None,
    };
    let Some(option) = refused else { return Ok(()) };
    Err(Error::caller(option)
        .found(format!("{option} for {}", path.display()))
        .expected("a picture (.png, .webp, .jpg)")
        .advice(format!("leave {option} out, or write a picture")))
}

/// Writes a map; the limits of its scale, where it has one.
pub(super) fn write(
    job: &Job,
    map: &mut Map,
    beside: &Beside,
    draw: &DrawArgs,
    bar: &Bar,
) -> Result<Option<(f64, f64)>, Error> {
    bar.stage("drawing");
    let metadata = metadata(job, map, beside);
    match job.kind {
        Kind::Values => {
            bar.stage("writing");
            sink::write_values(&job.output, &map.found.density, &metadata).map(|()| None)
        }
        Kind::Map => {
            let look = crate::lines::picture::Look { title: Some(beside.title.clone()), ..job.look.clone() };
            let limits = write_map(&job.output, &mut map.found, &look, bar)?;
            Ok(Some(limits))
        }
        Kind::Picture if draw.bare => {
            let drawn = picture(&map.found.density, &job.look)?;
            map.found.notes.extend(drawn.notes);
            bar.stage("writing");
            let (image, frame) = (&drawn.image, Some(map.found.density.grid.frame()));
            sink::write_picture(&job.output, &sink::Picture { image, frame, metadata: &metadata, dpi: None })?;
            Ok(Some(drawn.limits))
        }
        Kind::Picture | Kind::Drawing => {
            let (scene, limits, notes) = sheet(map, &job.look, beside)?;
            map.found.notes.extend(notes);
            bar.stage("writing");
            if job.kind == Kind::Drawing {
                sink::write_drawing(&job.output, &scene.drawing(None), &metadata)?;
            } else {
                let image = &scene.image()?;
                sink::write_picture(
                    &job.output,
                    &sink::Picture { image, frame: None, metadata: &metadata, dpi: None },
                )?;
            }
            Ok(Some(limits))
        }
    }
}

/// What a file says of itself.
fn metadata(job: &Job, map: &Map, beside: &Beside) -> Vec<(String, String)> {
    let mut metadata = vec![
        ("Title".to_owned(), beside.title.clone()),
        ("Description".to_owned(), map.found.density.quantity.to_string()),
        ("torrid:style".to_owned(), job.look.style.to_string()),
    ];
    metadata.extend(job.look.method.iter().map(|method| ("torrid:estimate".to_owned(), method.clone())));
    metadata.extend(beside.attribution.iter().map(|text| ("Copyright".to_owned(), text.clone())));
    metadata
}
