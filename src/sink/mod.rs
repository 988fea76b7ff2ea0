//! Values and pictures to bytes: the door out. The extension of OUT names the format; a file appears whole or
//! not at all; [`check`] says what is wrong with OUT before any work is done.

mod animation;
mod cells;
mod csv;
mod geojson;
mod geotiff;
mod gif;
mod html;
mod journal;
mod jpeg;
mod npy;
mod page;
mod palette;
mod pdf;
mod png;
mod sequence;
mod svg;
pub mod tiles;
mod webp;
mod whole;
mod world_file;

use std::io::{self, Cursor, Seek, Write};
use std::path::{Path, PathBuf};

pub use animation::{ANIMATIONS, Film, check_animation, is_animation, write_animation};
pub use cells::{CellsPending, CellsWhole, CellsWriter, GROUP_ROWS, check_cells, write_cells, write_unnamed};
pub use geojson::{check_findings, holds_findings, write_findings};
pub use html::{FigureData, LINE_STEPS, PictureMap, built, check_figure, packed_lines, write_figure};
pub use journal::JournalWriter;
pub use page::{check_page, page_beside, write_page};
pub use sequence::{Sequence, check_sequence};
pub use world_file::{check_world_file, world_files, write_world_file};

use crate::drawing::Drawing;
use crate::error::Error;
use crate::frame::Frame;
use crate::grid::Density;
use crate::image::Image;

/// What every file of torrid that can say so says it was made with.
const SOFTWARE: &str = concat!("torrid ", env!("CARGO_PKG_VERSION"));

/// A format that can be written.
#[derive(Debug)]
pub struct Format {
    /// What the messages and documents call it.
    pub name: &'static str,
    /// File name endings, lower case, without the dot.
    pub extensions: &'static [&'static str],
    /// One line for the help and the documents.
    pub about: &'static str,
    /// The most pixels or cells a side may have.
    pub max_side: u32,
    encode: Encode,
}

/// What a format holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Coloured pixels.
    Picture,
    /// The numbers themselves.
    Values,
    /// Lines, areas and words that stay sharp at any size, and pictures where there are any.
    Drawing,
    /// Both, in a page to look at.
    Map,
}

/// How a format becomes bytes; an error is the writer's or the encoder's.
#[derive(Debug, Clone, Copy)]
enum Encode {
    Picture(fn(&Picture<'_>, &mut dyn Out) -> io::Result<()>),
    Values(fn(&Density, Metadata<'_>, &mut dyn Out) -> io::Result<()>),
    Drawing(fn(&Drawing, Metadata<'_>, &mut dyn Out) -> io::Result<()>),
    Map(fn(&PictureMap<'_>, &mut dyn Out) -> io::Result<()>),
}

/// Keys and texts that go with a file, such as `("Title", "Taxi pick-ups")`. Formats without a place for them
/// leave them out. The keys PNG knows are `Title`, `Author`, `Description`, `Copyright` and the like.
pub type Metadata<'a> = &'a [(String, String)];

/// Where encoders write to.
trait Out: Write + Seek {}
impl<T: Write + Seek> Out for T {}

/// A picture and what is known about it.
#[derive(Debug, Clone, Copy)]
pub struct Picture<'a> {
    /// The pixels.
    pub image: &'a Image,
    /// Where it lies, for formats that can say so; none of the present ones can inside the file itself.
    pub frame: Option<&'a Frame>,
    /// What else is to be said.
    pub metadata: Metadata<'a>,
    /// Pixels to the inch, where the picture has a size on paper.
    pub dpi: Option<f64>,
}

impl Format {
    /// Whether it holds a picture, values or both.
    pub fn kind(&self) -> Kind {
        match self.encode {
            Encode::Picture(_) => Kind::Picture,
            Encode::Values(_) => Kind::Values,
            Encode::Drawing(_) => Kind::Drawing,
            Encode::Map(_) => Kind::Map,
        }
    }
}

/// Every format that can be written, in the order in which they are listed.
pub static FORMATS: &[Format] = &[
    png::FORMAT,
    webp::FORMAT,
    jpeg::FORMAT,
    svg::FORMAT,
    pdf::FORMAT,
    html::FORMAT,
    geotiff::FORMAT,
    npy::FORMAT,
    csv::FORMAT,
];

/// The format that the extension of a path names; capitals do not matter.
///
/// ```
/// use std::path::Path;
/// use torrid::sink::{Kind, format_of};
/// assert_eq!(format_of(Path::new("heat.PNG"))?.name, "png");
/// assert_eq!(format_of(Path::new("heat.tif"))?.kind(), Kind::Values);
/// assert!(format_of(Path::new("heat.doc")).is_err());
/// # Ok::<(), torrid::Error>(())
/// ```
///
/// # Errors
/// When there is no extension or no format has it: the caller's fault, listing those that are known.
pub fn format_of(path: &Path) -> Result<&'static Format, Error> {
    let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase());
    let known = |format: &&Format| extension.as_deref().is_some_and(|e| format.extensions.contains(&e));
    FORMATS.iter().find(known).ok_or_else(|| {
        let found = extension.as_ref().map_or("no extension".to_owned(), |e| format!("the extension .{e}"));
        let all: Vec<String> = FORMATS.iter().flat_map(|f| f.extensions).map(|e| format!(".{e}")).collect();
        Error::caller(place(path)).found(found).expected(format!("one of {}", all.join(" "))).advice("give -o OUT.png")
    })
}

/// Whether `path` can be written, as far as can be told before any work: its extension is known, its folder
/// exists, and it is a new file or, with `force`, an existing regular file.
///
/// # Errors
/// When one of these is not so; the caller's fault.
pub fn check(path: &Path, force: bool) -> Result<(), Error> {
    if path.is_dir() {
        return Err(Error::caller(place(path)).found("a folder").expected("a file").advice("give -o FOLDER/OUT.png"));
    }
    if format_of(path)?.kind() == Kind::Map {
        html::Page::check(html::Page::find(html::MAP), path)?;
    }
    whole::check_target(path, force)
}

/// Writes a picture, whole or not at all.
///
/// # Errors
/// When the extension names no picture format (caller), the picture is too large for the format (limit), or the
/// file cannot be written (machine); then nothing is left behind and a file that was there stays as it was.
pub fn write_picture(path: &Path, picture: &Picture<'_>) -> Result<(), Error> {
    let format = format_of(path)?;
    let Encode::Picture(encode) = format.encode else { return Err(wrong_kind(path, format)) };
    check_side(path, format, picture.image.width(), picture.image.height())?;
    whole::write(path, |out| encode(picture, out))
}

/// The bytes of a picture in a format, such as a tile that is served.
///
/// # Errors
/// When the format holds no pictures (caller) or the picture is too large for it (limit).
pub fn encode_picture(format: &Format, picture: &Picture<'_>) -> Result<Vec<u8>, Error> {
    let place = Path::new(format.name);
    let Encode::Picture(encode) = format.encode else { return Err(wrong_kind(place, format)) };
    check_side(place, format, picture.image.width(), picture.image.height())?;
    let mut out = Cursor::new(Vec::new());
    encode(picture, &mut out).map_err(|error| whole::machine(place, &error))?;
    Ok(out.into_inner())
}

/// Writes a drawing, whole or not at all.
///
/// # Errors
/// When the extension names no format of drawings (caller), the drawing is too large for the format (limit), or the
/// file cannot be written (machine); then nothing is left behind and a file that was there stays as it was.
pub fn write_drawing(path: &Path, drawing: &Drawing, metadata: Metadata<'_>) -> Result<(), Error> {
    let format = format_of(path)?;
    let Encode::Drawing(encode) = format.encode else { return Err(wrong_kind(path, format)) };
    let [width, height] = drawing.size;
    check_side(path, format, width, height)?;
    whole::write(path, |out| encode(drawing, metadata, out))
}

/// Writes values, whole or not at all.
///
/// # Errors
/// When the extension names no format of values (caller), there are too many cells for it (limit), or the file
/// cannot be written (machine); then nothing is left behind and a file that was there stays as it was.
pub fn write_values(path: &Path, density: &Density, metadata: Metadata<'_>) -> Result<(), Error> {
    let format = format_of(path)?;
    let Encode::Values(encode) = format.encode else { return Err(wrong_kind(path, format)) };
    check_side(path, format, density.grid.frame().width(), density.grid.frame().height())?;
    whole::write(path, |out| encode(density, metadata, out))
}

/// Writes a map of one file, whole or not at all; how many bytes it has.
///
/// # Errors
/// When the extension names no such format (caller), the picture is too large for it (limit), or the file cannot be
/// written (machine); then nothing is left behind and a file that was there stays as it was.
pub fn write_map(path: &Path, map: &PictureMap<'_>) -> Result<u64, Error> {
    let format = format_of(path)?;
    let Encode::Map(encode) = format.encode else { return Err(wrong_kind(path, format)) };
    check_side(path, format, map.heat.width(), map.heat.height())?;
    whole::write(path, |out| encode(map, out))?;
    whole::size(path)
}

/// Whether a file of any kind can be written to `path`: its folder exists, and it is new or, with `force`, a regular file.
///
/// # Errors
/// When one of these is not so; the caller's fault.
pub fn check_new(path: &Path, force: bool) -> Result<(), Error> {
    whole::check_target(path, force)
}

/// Writes a text, whole or not at all.
///
/// # Errors
/// When the file cannot be written (machine).
pub fn write_text(path: &Path, text: &str) -> Result<(), Error> {
    whole::write(path, |out| out.write_all(text.as_bytes()))
}

fn check_side(path: &Path, format: &Format, width: u32, height: u32) -> Result<(), Error> {
    if width.max(height) <= format.max_side {
        return Ok(());
    }
    Err(Error::limit(place(path))
        .found(format!("{width}x{height}"))
        .expected(format!("at most {} on a side, the most {} can hold", format.max_side, format.name))
        .advice("give a smaller --size, or write .png or .tif"))
}

fn wrong_kind(path: &Path, format: &Format) -> Error {
    let (found, expected, advice) = match format.kind() {
        Kind::Picture => ("a picture", "a format of values", "give -o OUT.tif, OUT.npy or OUT.csv"),
        Kind::Values => ("values", "a format of pictures", "give -o OUT.png, OUT.webp or OUT.jpg"),
        Kind::Drawing => ("a drawing", "a format of pictures", "give -o OUT.png, OUT.webp or OUT.jpg"),
        Kind::Map => ("a map to look at", "a format of pictures", "give -o OUT.png, OUT.webp or OUT.jpg"),
    };
    Error::caller(place(path)).found(format!("{}, which holds {found}", format.name)).expected(expected).advice(advice)
}

/// How messages name a path.
fn place(path: &Path) -> String {
    path.display().to_string()
}

/// `path` with another extension.
fn beside(path: &Path, extension: &str) -> PathBuf {
    path.with_extension(extension)
}

/// The straight RGBA bytes of a picture, made by all threads.
fn straight_bytes(image: &Image) -> Vec<u8> {
    use rayon::prelude::*;
    const BAND: usize = 1 << 16;
    let mut bytes = vec![0; image.pixels().len() * 4];
    bytes.par_chunks_mut(BAND * 4).zip(image.pixels().par_chunks(BAND)).for_each(|(bytes, pixels)| {
        for (four, pixel) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(pixels) {
            // Most pixels are opaque or clear, and those need no division.
            *four = if matches!(pixel.0[3], 0 | 255) { pixel.0 } else { pixel.straight().0 };
        }
    });
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::Space;
    use crate::frame::Extent;
    use crate::grid::{Area, Grid, Quantity};
    use crate::image::Straight;

    /// A disk that is full after `room` bytes.
    struct Full {
        room: u64,
        at: u64,
    }

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.at += bytes.len() as u64;
            if self.at > self.room { Err(io::ErrorKind::StorageFull.into()) } else { Ok(bytes.len()) }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Seek for Full {
        fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
            match to {
                io::SeekFrom::Start(at) => self.at = at,
                io::SeekFrom::Current(by) => self.at = self.at.saturating_add_signed(by),
                io::SeekFrom::End(_) => return Err(io::ErrorKind::Unsupported.into()),
            }
            Ok(self.at)
        }
    }

    fn encode(format: &Format, out: &mut dyn Out) -> io::Result<()> {
        let extent = Extent { west: 0.0, north: 0.0, east: 40.0, south: 30.0 };
        let frame = Frame::new(Space::PAGE, extent, 40, 30).expect("a good frame");
        match format.encode {
            Encode::Picture(encode) => {
                let colour = |i: u32| Straight([i as u8, (i / 3) as u8, 7, 255]).premultiply();
                let image = Image::new(40, 30, (0..1200).map(colour).collect());
                encode(&Picture { image: &image, frame: Some(&frame), metadata: &[], dpi: None }, out)
            }
            Encode::Drawing(encode) => {
                let svg =
                    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"40\" height=\"30\"><text y=\"9\">a</text></svg>";
                encode(&Drawing { svg: svg.into(), size: [40, 30], dpi: 96.0 }, &[], out)
            }
            Encode::Map(encode) => {
                let image = Image::filled(40, 30, Straight([200, 0, 7, 255]).premultiply());
                let facts = serde_json::Map::new();
                encode(&PictureMap { heat: &image, below: None, density: &density(frame), facts: &facts }, out)
            }
            Encode::Values(encode) => encode(&density(frame), &[], out),
        }
    }

    fn density(frame: Frame) -> Density {
        let grid = Grid::new(frame, (0..1200u16).map(f32::from).collect());
        Density { grid, quantity: Quantity::PerArea(None, Area::of(Space::PAGE)) }
    }

    #[test]
    fn a_full_disk_is_an_error_of_every_format_wherever_it_strikes() {
        for format in FORMATS.iter().filter(|format| format.kind() != Kind::Map || built("offline.html").is_some()) {
            let mut whole = Cursor::new(Vec::new());
            encode(format, &mut whole).expect("room enough");
            let size = whole.into_inner().len() as u64;
            for room in [0, 1, 10, size / 2, size - 1] {
                assert!(encode(format, &mut Full { room, at: 0 }).is_err(), "{} with room for {room}", format.name);
            }
        }
    }

    #[test]
    fn no_two_formats_share_an_extension() {
        let mut all: Vec<&str> = FORMATS.iter().flat_map(|f| f.extensions).copied().collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count, "{all:?}");
    }
}
