//! A screenshot and, beside it under the same name, `.json` with where the elements of the page are: both of them, whole, or
//! neither.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{Encode, Kind, Picture, beside, check, check_new, check_side, format_of, place, whole, wrong_kind};
use crate::error::Error;
use crate::image::Image;
use crate::page::Page;

/// A page with what tells that it is one.
#[derive(Serialize)]
struct Marked<'a> {
    torrid: &'static str,
    version: u32,
    #[serde(flatten)]
    page: &'a Page,
}

/// The file with the elements, beside the screenshot at `path`.
pub fn page_beside(path: &Path) -> PathBuf {
    beside(path, "json")
}

/// Whether a screenshot and its elements can be written, as far as can be told before any work.
///
/// # Errors
/// When the extension names no format of pictures, or as [`check`] has it of either file; the caller's fault.
pub fn check_page(path: &Path, force: bool) -> Result<(), Error> {
    check(path, force)?;
    match format_of(path)? {
        format if format.kind() == Kind::Picture => check_new(&page_beside(path), force),
        format => Err(wrong_kind(path, format)),
    }
}

/// Writes a screenshot, and its elements beside it.
///
/// # Errors
/// When the format holds no pictures (caller), the picture is too large for it (limit), or a file cannot be written
/// (machine); then neither is new.
pub fn write_page(path: &Path, picture: &Image, page: &Page) -> Result<(), Error> {
    let format = format_of(path)?;
    let Encode::Picture(encode) = format.encode else { return Err(wrong_kind(path, format)) };
    check_side(path, format, picture.width(), picture.height())?;
    let elements = page_beside(path);
    let (shot, told) = (whole::Pending::begin(path)?, whole::Pending::begin(&elements)?);
    let failed = |error: std::io::Error| whole::machine(path, &error);
    let title = [("Title".to_owned(), page.title.clone())];
    let metadata = if page.title.is_empty() { &[] } else { &title[..] };
    let mut out = BufWriter::new(shot.open()?);
    let drawn = Picture { image: picture, frame: None, metadata, dpi: None };
    encode(&drawn, &mut out).and_then(|()| out.flush()).map_err(failed)?;
    let marked = Marked { torrid: "page", version: 1, page };
    let text = serde_json::to_string(&marked).map_err(|error| {
        Error::input(place(&elements)).found(error.to_string()).expected("boxes that are finite numbers")
    })?;
    told.open()?.write_all(format!("{text}\n").as_bytes()).map_err(failed)?;
    shot.place()?;
    told.place()
}
