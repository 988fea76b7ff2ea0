//! PDF of one page: drawings with words that can be searched, in fonts that go with them.

use std::io;

use krilla::Document;
use krilla::geom::Size;
use krilla::metadata::Metadata as About;
use krilla::page::PageSettings;
use krilla_svg::{SurfaceExt, SvgSettings};

use super::{Encode, Format, Metadata, Out, SOFTWARE};
use crate::drawing::Drawing;

pub(super) const FORMAT: Format = Format {
    name: "PDF",
    extensions: &["pdf"],
    about: "drawing of one page for print, words as words",
    max_side: 1 << 16,
    encode: Encode::Drawing(encode),
};

fn encode(drawing: &Drawing, metadata: Metadata<'_>, out: &mut dyn Out) -> io::Result<()> {
    let tree = drawing.tree().map_err(io::Error::other)?;
    let [width, height] = drawing.points();
    let size = Size::from_wh(width, height).ok_or_else(|| io::Error::other("a page without a size"))?;
    let settings = PageSettings::from_wh(width, height).ok_or_else(|| io::Error::other("a page without a size"))?;
    let mut document = Document::new();
    let mut page = document.start_page_with(settings);
    let mut surface = page.surface();
    let drawn = surface.draw_svg(&tree, size, SvgSettings::default());
    surface.finish();
    page.finish();
    drawn.ok_or_else(|| io::Error::other("a drawing that PDF cannot hold"))?;
    let title = metadata.iter().find(|(key, _)| key == "Title").map(|(_, text)| text.clone());
    let about = About::new().creator(SOFTWARE.to_owned());
    document.set_metadata(title.into_iter().fold(about, About::title));
    let bytes = document.finish().map_err(|error| io::Error::other(format!("{error:?}")))?;
    out.write_all(&bytes)
}
