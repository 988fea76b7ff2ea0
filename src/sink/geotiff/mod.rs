//! `GeoTIFF`: one band of float32 with its place on the Earth (EPSG:3857), NaN for no data, and the unit as the
//! description of the band. It is cloud-optimized (`cog.rs`): cut into blocks, with overviews.
//!
//! Tags: `GeoTIFF` 1.1 (OGC 19-008r4); predictor: Adobe Photoshop TIFF Technical Note 3; `GDAL_METADATA` and
//! `GDAL_NODATA`: <https://gdal.org/en/stable/drivers/raster/gtiff.html>.

pub(super) mod block;
pub(super) mod cog;
mod directory;
mod overview;

use std::fmt::Write as _;
use std::io;

use rayon::prelude::*;

use self::cog::{Cog, Level};
use self::directory::{Directory, Value};
use self::overview::{Rule, overview};

use super::world_file::Placement;
use super::{Encode, Format, Metadata, Out};
use crate::events::{Space, YAxis};
use crate::frame::Frame;
use crate::grid::Density;

pub(super) const FORMAT: Format = Format {
    name: "geotiff",
    extensions: &["tif", "tiff"],
    about: "values as cloud-optimized GeoTIFF float32 with CRS, overviews, NaN for no data, the unit as band description",
    max_side: i32::MAX as u32,
    encode: Encode::Values(encode),
};

/// What GDAL keeps of the file and of its band, as XML.
const GDAL_METADATA: u16 = 42112;

/// The value that stands for no data, as text.
const GDAL_NODATA: u16 = 42113;

/// The `GeoKeys` of the Earth: a header (version 1.1.0, three keys), then of each key its number, 0, 1 and its
/// value: `GTModelType` projected, `GTRasterType` `PixelIsArea`, `ProjectedCRS` EPSG:3857. A flat frame has none, as
/// it lies in no reference system.
const GEO_KEYS: [u16; 16] = [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 3857];

fn encode(density: &Density, metadata: Metadata<'_>, out: &mut dyn Out) -> io::Result<()> {
    let (frame, rule) = (density.grid.frame(), Rule::of(&density.quantity));
    let size = (frame.width(), frame.height());
    let (mut levels, mut blocks) = (Vec::new(), Vec::new());
    let mut add = |values: &[f32], size: (u32, u32)| -> io::Result<()> {
        let (level, bytes) = level(values, size)?;
        levels.push(level);
        blocks.push(bytes);
        Ok(())
    };
    add(density.grid.values(), size)?;
    for smaller in overview::sizes(size, block::SIDE) {
        add(&overview(&density.grid, smaller, rule), smaller)?;
    }
    let mut whole = place(frame);
    let said = [("torrid:overviews".to_owned(), rule.about().to_owned())];
    let said = if levels.len() > 1 { &said[..] } else { &[] };
    whole.push(about(&density.quantity.to_string(), metadata.iter().chain(said)));
    let cog = Cog { levels, whole, all: vec![no_data()] };
    cog.write(|level, number| Ok(std::mem::take(&mut blocks[level][number])), out)
}

/// A grid cut into blocks, and these; by all threads. A block of a small grid is not larger than need be, but whole
/// sixteens, as TIFF wants it.
fn level(values: &[f32], size: (u32, u32)) -> io::Result<(Level, Vec<Vec<u8>>)> {
    let side = |cells: u32| cells.next_multiple_of(16).min(block::SIDE);
    let of_block = (side(size.0), side(size.1));
    let (across, down) = Level::blocks(size, of_block);
    let one = |i: u32| {
        let corner = ((i % across * of_block.0) as usize, (i / across * of_block.1) as usize);
        block::encode(&block::cut((values, size.0 as usize), corner, of_block), of_block.0 as usize)
    };
    let blocks = (0..across * down).into_par_iter().map(one).collect::<io::Result<Vec<_>>>()?;
    let bytes = blocks.iter().map(|block| block.len() as u32).collect();
    Ok((Level { size, block: of_block, bytes }, blocks))
}

/// Where the cells of a frame lie. A frame whose y grows down cannot be said with a pixel scale, which GDAL reads as
/// growing up; it is said with the whole affine map.
pub(super) fn place(frame: &Frame) -> Directory<'static> {
    const MODEL_PIXEL_SCALE: u16 = 33550;
    const MODEL_TIEPOINT: u16 = 33922;
    const MODEL_TRANSFORMATION: u16 = 34264;
    const GEO_KEY_DIRECTORY: u16 = 34735;
    let Placement { west, north, width, step } = Placement::of(frame);
    let mut fields = Vec::new();
    if matches!(frame.space(), Space::Flat { y_axis: YAxis::Down, .. }) {
        let map = [[width, 0.0, 0.0, west], [0.0, step, 0.0, north], [0.0; 4], [0.0, 0.0, 0.0, 1.0]];
        fields.push((MODEL_TRANSFORMATION, Value::Doubles(map.concat())));
    } else {
        fields.push((MODEL_PIXEL_SCALE, Value::Doubles(vec![width, -step, 0.0])));
        fields.push((MODEL_TIEPOINT, Value::Doubles(vec![0.0, 0.0, 0.0, west, north, 0.0])));
    }
    if frame.space() == Space::Earth {
        fields.push((GEO_KEY_DIRECTORY, Value::Shorts(GEO_KEYS.to_vec())));
    }
    fields
}

/// The field that says that NaN stands for no data.
pub(super) fn no_data() -> (u16, Value<'static>) {
    (GDAL_NODATA, Value::Text("nan".into()))
}

/// What GDAL shows as the band's description and unit, and the metadata of the file. GDAL ends a name at a colon.
pub(super) fn about<'a>(quantity: &str, metadata: impl Iterator<Item = &'a (String, String)>) -> (u16, Value<'static>) {
    let band = |name: &str, role: &str| {
        format!("<Item name=\"{name}\" sample=\"0\" role=\"{role}\">{}</Item>", ascii_xml(quantity))
    };
    let mut xml = format!("<GDALMetadata>{}{}", band("DESCRIPTION", "description"), band("UNITTYPE", "unittype"));
    for (key, text) in metadata {
        _ = write!(xml, "<Item name=\"{}\">{}</Item>", ascii_xml(&key.replace(':', "_")), ascii_xml(text));
    }
    (GDAL_METADATA, Value::Text((xml + "</GDALMetadata>").into()))
}

/// XML text in ASCII, which TIFF asks for: `²` becomes `&#178;`. Control characters have no place in XML.
fn ascii_xml(text: &str) -> String {
    text.chars().fold(String::new(), |mut xml, c| {
        match c {
            '&' | '<' | '>' | '"' | '\'' | '\u{7f}'.. => _ = write!(xml, "&#{};", u32::from(c)),
            ..' ' => xml.push(' '),
            _ => xml.push(c),
        }
        xml
    })
}
