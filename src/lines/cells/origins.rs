//! Where cells come from, so that nothing is counted twice.

use crate::error::Error;
use crate::lines::reading::Reading;
use crate::provenance::{Origin, Provenance};
use crate::source::CellsFile;

/// The files that the events of a reading come from, as far as they have names; sorted. Of files of cells, the files that
/// they were made of.
///
/// # Errors
/// When one of them is gone, or two files of cells were made of the same one.
pub fn origins(reading: &Reading<'_>, taken: &str) -> Result<Vec<Origin>, Error> {
    if let Some(files) = reading.inputs().cells()? {
        let chosen = |origin: Origin| Origin { taken: both(&origin.taken, taken), ..origin };
        return Ok(sources((&files, &[]), false)?.into_iter().map(chosen).collect());
    }
    let mut origins = Vec::new();
    for input in &reading.inputs().inputs {
        let Some(modified) = input.modified()? else { continue };
        let name = input.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        origins.push(Origin { name, bytes: input.size, modified, taken: taken.to_owned() });
    }
    origins.sort();
    Ok(origins)
}

/// A choice of records made after another.
fn both(first: &str, then: &str) -> String {
    [first, then].into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join(", ")
}

/// What the sum of files of cells is, less others.
///
/// # Errors
/// When they are not alike, one holds what another holds too, or the zoom is deeper than one of them.
pub fn common_provenance(
    (files, less): (&[CellsFile], &[CellsFile]),
    zoom: Option<u8>,
    again: bool,
) -> Result<Provenance, Error> {
    let all = || files.iter().chain(less);
    let least = all().map(|file| file.provenance.zoom).min().unwrap_or(0);
    let zoom = zoom.unwrap_or(least);
    if let Some(above) = all().find(|file| file.provenance.zoom < zoom) {
        return Err(Error::caller("--zoom")
            .found(format!("{zoom}, and {} has cells of zoom {}", above.name(), above.provenance.zoom))
            .expected(format!("at most {least}"))
            .advice("leave --zoom out"));
    }
    let of = |file: &CellsFile| Provenance { zoom, ..file.provenance.clone() };
    let mut sum = of(&files[0]);
    if let Some(other) = all().find(|file| !of(file).is_like(&sum)) {
        return Err(unlike(other, &files[0]));
    }
    sum.sources = sources((files, less), again)?;
    Ok(sum)
}

/// Intervals of time in words.
pub(super) fn intervals(step: Option<i64>) -> String {
    step.map_or("no intervals".into(), |step| format!("intervals of {} s", step as f64 / 1e6))
}

fn unlike(file: &CellsFile, first: &CellsFile) -> Error {
    let contents = |file: &CellsFile| {
        let of = &file.provenance;
        let column = |column: &Option<String>| column.clone().unwrap_or_else(|| "none".into());
        let (weight, value, subject) = (column(&of.weight), column(&of.value), column(&of.subject));
        format!("weights {weight}, readings {value}, subjects {subject}, {}", intervals(of.contents.step))
    };
    Error::input(file.name())
        .found(contents(file))
        .expected(format!("what {} has: {}", first.name(), contents(first)))
        .advice("make all of them with the same options")
}

/// The sources of a sum: all of those added, without those taken away.
fn sources((files, less): (&[CellsFile], &[CellsFile]), again: bool) -> Result<Vec<Origin>, Error> {
    let mut sources: Vec<Origin> = Vec::new();
    for file in files {
        let known = file.provenance.sources.iter().find(|origin| sources.contains(origin));
        if let Some(twice) = known.filter(|_| !again) {
            return Err(Error::input(file.name())
                .found(format!("events of {}, which were added already", twice.name))
                .expected("every file added once")
                .advice("leave it out; `torrid merge --again` counts them twice"));
        }
        sources.extend(file.provenance.sources.iter().cloned());
    }
    for taken in less.iter().flat_map(|file| &file.provenance.sources) {
        if let Some(at) = sources.iter().position(|origin| origin == taken) {
            sources.remove(at);
        }
    }
    sources.sort();
    Ok(sources)
}
