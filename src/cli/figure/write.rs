//! Where figures go: pictures, drawings, a page; their trees; and how others see them.

use std::path::{Path, PathBuf};

use super::Told;
use crate::cli::progress::Bar;
use crate::error::Error;
use crate::image::{Image, Straight};
use crate::lines::Progress;
use crate::lines::figure::{Arranged, Wish, figure, page, seen, seen_classes};
use crate::paint::{Colormap, DEFICIENCIES, Deficiency, seen_by};
use crate::sink::{self, Kind};

/// Files of more bytes take long to open.
const HEAVY: u64 = 100_000_000;

/// That a figure can be written to this file.
pub fn check(path: &Path, force: bool) -> Result<Kind, Error> {
    let format = sink::format_of(path)?;
    match format.kind() {
        Kind::Map => sink::check_figure(path, force).map(|()| Kind::Map),
        Kind::Picture | Kind::Drawing => sink::check(path, force).map(|()| format.kind()),
        Kind::Values => Err(Error::caller(path.display().to_string())
            .found(format!("{}, which holds values", format.name))
            .expected("a picture (.png, .webp, .jpg), a drawing (.svg, .pdf) or a page (.html)")),
    }
}

/// Writes a figure; what there is to tell.
pub fn write(path: &Path, arranged: &Arranged, wish: &Wish, check_cvd: bool, bar: &Bar) -> Result<Told, Error> {
    let kind = sink::format_of(path)?.kind();
    if kind == Kind::Map {
        let mut told = write_page(path, arranged, wish, bar)?;
        if check_cvd {
            let drawn = figure(arranged, wish)?;
            told.notes.extend(write_seen(path, &drawn.scene.image()?, &drawn.colormap, &drawn.classes)?);
        }
        return Ok(told);
    }
    let drawn = figure(arranged, wish)?;
    let metadata = metadata(arranged, wish);
    let mut notes = drawn.notes;
    let size = Some(drawn.scene.size());
    if kind == Kind::Drawing {
        bar.stage("writing");
        sink::write_drawing(path, &drawn.scene.drawing(None), &metadata)?;
    }
    if kind == Kind::Picture || check_cvd {
        let image = drawn.scene.image()?;
        bar.stage("writing");
        if kind == Kind::Picture {
            sink::write_picture(
                path,
                &sink::Picture { image: &image, frame: None, metadata: &metadata, dpi: drawn.scene.dpi() },
            )?;
        }
        if check_cvd {
            notes.extend(write_seen(path, &image, &drawn.colormap, &drawn.classes)?);
        }
    }
    Ok(Told { limits: drawn.limits, size, notes })
}

fn write_page(path: &Path, arranged: &Arranged, wish: &Wish, bar: &Bar) -> Result<Told, Error> {
    let page = page(arranged, wish)?;
    bar.stage("writing");
    let figure = sink::FigureData { facts: &page.facts, places: &page.places, numbers: &page.numbers };
    let bytes = sink::write_figure(path, &figure)?;
    let mut notes = page.notes;
    if bytes > HEAVY {
        notes.push(format!("the file has {} MB, which take a browser some seconds", bytes / 1_000_000));
    }
    Ok(Told { limits: page.limits, size: None, notes })
}

/// What a file says of itself.
pub fn metadata(arranged: &Arranged, wish: &Wish) -> Vec<(String, String)> {
    let title = wish.title.iter().map(|title| ("Title".to_owned(), title.clone()));
    let name = &arranged.matrix.name;
    let description = (!name.is_empty()).then(|| ("Description".to_owned(), name.clone()));
    title.chain(description).collect()
}

/// The files beside a figure that show it as others see it.
pub fn seen_files(path: &Path) -> Vec<PathBuf> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension = match sink::format_of(path).map(sink::Format::kind) {
        Ok(Kind::Picture) => path.extension().unwrap_or_default().to_string_lossy().into_owned(),
        _ => "png".to_owned(),
    };
    let file = |deficiency: &Deficiency| path.with_file_name(format!("{stem}-{}.{extension}", deficiency.name()));
    DEFICIENCIES.iter().map(file).collect()
}

/// Writes a figure as others see it, and says whether they tell values apart.
fn write_seen(
    path: &Path,
    image: &Image,
    colormap: &Colormap,
    classes: &[(String, Vec<Straight>)],
) -> Result<Vec<String>, Error> {
    for (file, deficiency) in seen_files(path).iter().zip(DEFICIENCIES) {
        sink::write_picture(
            file,
            &sink::Picture { image: &seen_by(image, deficiency), frame: None, metadata: &[], dpi: None },
        )?;
    }
    Ok(seen(colormap)
        .into_iter()
        .chain(classes.iter().flat_map(|(name, colours)| seen_classes(name, colours)))
        .collect())
}

/// That trees can be written to this file.
pub fn check_tree(path: &Path, force: bool) -> Result<(), Error> {
    is_newick(path)?;
    sink::check_new(path, force)
}

/// Whether a file of trees is in Newick's form; else it is JSON.
fn is_newick(path: &Path) -> Result<bool, Error> {
    match path.extension().and_then(|extension| extension.to_str()).map(str::to_lowercase).as_deref() {
        Some("nwk" | "newick" | "tree") => Ok(true),
        Some("json") => Ok(false),
        _ => Err(Error::caller("--tree")
            .found(path.display().to_string())
            .expected(".json or .nwk at the end of its name")
            .advice("write it like --tree tree.json")),
    }
}

/// Writes the trees of what is clustered.
pub fn tree(path: &Path, arranged: &Arranged) -> Result<(), Error> {
    let text = if is_newick(path)? { arranged.newick() } else { format!("{:#}\n", arranged.json()) };
    sink::write_text(path, &text)
}
