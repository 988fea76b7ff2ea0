//! `GeoTIFF`: one band of float32 with its place on the Earth (EPSG:3857), NaN for no data, and the unit as the
//! description of the band. Strips are compressed by all threads, with TIFF's floating-point predictor.
//!
//! Tags: `GeoTIFF` 1.1 (OGC 19-008r4); predictor: Adobe Photoshop TIFF Technical Note 3; `GDAL_METADATA` and
//! `GDAL_NODATA`: <https://gdal.org/en/stable/drivers/raster/gtiff.html>.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use rayon::prelude::*;
use tiff::TiffError;
use tiff::encoder::{DirectoryEncoder, TiffEncoder, TiffKindStandard};
use tiff::tags::{CompressionMethod, PhotometricInterpretation, PlanarConfiguration, Predictor, SampleFormat, Tag};

use super::world_file::Placement;
use super::{Encode, Format, Metadata, Out, SOFTWARE};
use crate::events::{Space, YAxis};
use crate::frame::Frame;
use crate::grid::Density;

pub(super) const FORMAT: Format = Format {
    name: "geotiff",
    extensions: &["tif", "tiff"],
    about: "values as GeoTIFF float32 with CRS, NaN for no data, the unit as band description",
    max_side: i32::MAX as u32,
    encode: Encode::Values(encode),
};

type Directory<'a, 'o> = DirectoryEncoder<'a, &'o mut dyn Out, TiffKindStandard>;

/// About how many bytes of values a strip holds: enough to compress well, few enough to share among threads.
const STRIP_BYTES: usize = 1 << 18;

/// The `GeoKeys` of the Earth: a header (version 1.1.0, three keys), then of each key its number, 0, 1 and its
/// value: `GTModelType` projected, `GTRasterType` `PixelIsArea`, `ProjectedCRS` EPSG:3857. A flat frame has none, as
/// it lies in no reference system.
const GEO_KEYS: [u16; 16] = [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 3857];

/// `GDAL_METADATA`, which the tiff crate has no name for.
const GDAL_METADATA: Tag = Tag::Unknown(42112);

fn encode(density: &Density, metadata: Metadata<'_>, out: &mut dyn Out) -> io::Result<()> {
    write(density, metadata, out).map_err(|error| match error {
        TiffError::IoError(error) => error,
        other => io::Error::other(other),
    })
}

fn write(density: &Density, metadata: Metadata<'_>, out: &mut dyn Out) -> Result<(), TiffError> {
    let frame = density.grid.frame();
    let width = frame.width() as usize;
    let rows = (STRIP_BYTES / (width * 4)).clamp(1, frame.height() as usize);
    let strips: Vec<Vec<u8>> =
        density.grid.values().par_chunks(rows * width).map(|values| strip(values, width)).collect::<Result<_, _>>()?;
    let mut encoder = TiffEncoder::new(out)?;
    let mut directory = encoder.image_directory()?;
    let offsets = strips.iter().map(|strip| directory.write_data(strip.as_slice())).collect::<Result<Vec<u64>, _>>()?;
    let offsets = offsets.into_iter().map(u32::try_from).collect::<Result<Vec<u32>, _>>()?;
    let lengths: Vec<u32> = strips.iter().map(|strip| strip.len() as u32).collect();
    directory.write_tag(Tag::ImageWidth, frame.width())?;
    directory.write_tag(Tag::ImageLength, frame.height())?;
    directory.write_tag(Tag::BitsPerSample, 32u16)?;
    directory.write_tag(Tag::Compression, CompressionMethod::Deflate.to_u16())?;
    directory.write_tag(Tag::PhotometricInterpretation, PhotometricInterpretation::BlackIsZero.to_u16())?;
    directory.write_tag(Tag::StripOffsets, offsets.as_slice())?;
    directory.write_tag(Tag::SamplesPerPixel, 1u16)?;
    directory.write_tag(Tag::RowsPerStrip, rows as u32)?;
    directory.write_tag(Tag::StripByteCounts, lengths.as_slice())?;
    directory.write_tag(Tag::PlanarConfiguration, PlanarConfiguration::Chunky.to_u16())?;
    directory.write_tag(Tag::Software, SOFTWARE)?;
    directory.write_tag(Tag::Predictor, Predictor::FloatingPoint.to_u16())?;
    directory.write_tag(Tag::SampleFormat, SampleFormat::IEEEFP.to_u16())?;
    write_place(&mut directory, frame)?;
    directory.write_tag(GDAL_METADATA, gdal_metadata(&density.quantity.to_string(), metadata).as_str())?;
    directory.write_tag(Tag::GdalNodata, "nan")?;
    directory.finish()
}

/// Where the band lies. A frame whose y grows down cannot be said with a pixel scale, which GDAL reads as
/// growing up; it is said with the whole affine map.
fn write_place(directory: &mut Directory<'_, '_>, frame: &Frame) -> Result<(), TiffError> {
    let Placement { west, north, width, step } = Placement::of(frame);
    if matches!(frame.space(), Space::Flat { y_axis: YAxis::Down, .. }) {
        let map = [[width, 0.0, 0.0, west], [0.0, step, 0.0, north], [0.0; 4], [0.0, 0.0, 0.0, 1.0]];
        directory.write_tag(Tag::ModelTransformationTag, map.concat().as_slice())?;
    } else {
        directory.write_tag(Tag::ModelPixelScaleTag, [width, -step, 0.0].as_slice())?;
        directory.write_tag(Tag::ModelTiepointTag, [0.0, 0.0, 0.0, west, north, 0.0].as_slice())?;
    }
    if frame.space() == Space::Earth {
        directory.write_tag(Tag::GeoKeyDirectoryTag, GEO_KEYS.as_slice())?;
    }
    Ok(())
}

/// What GDAL shows as the band's description and unit, and the metadata of the file.
fn gdal_metadata(quantity: &str, metadata: Metadata<'_>) -> String {
    let band = |name: &str, role: &str| {
        format!("<Item name=\"{name}\" sample=\"0\" role=\"{role}\">{}</Item>", ascii_xml(quantity))
    };
    let mut xml = format!("<GDALMetadata>{}{}", band("DESCRIPTION", "description"), band("UNITTYPE", "unittype"));
    for (key, text) in metadata {
        _ = write!(xml, "<Item name=\"{}\">{}</Item>", ascii_xml(key), ascii_xml(text));
    }
    xml + "</GDALMetadata>"
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

/// The rows of a strip, predicted and deflated. Level 1, because smooth densities gain most from the predictor.
fn strip(values: &[f32], width: usize) -> io::Result<Vec<u8>> {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::new(1));
    let mut bytes = vec![0; width * 4];
    for row in values.chunks(width) {
        predict(row, &mut bytes);
        zlib.write_all(&bytes)?;
    }
    zlib.finish()
}

/// The floating-point predictor: first all most significant bytes of a row, then all second ones and so on, then
/// each byte less the one before it.
fn predict(row: &[f32], bytes: &mut [u8]) {
    let width = row.len();
    for (i, value) in row.iter().enumerate() {
        for (plane, byte) in value.to_be_bytes().into_iter().enumerate() {
            bytes[plane * width + i] = byte;
        }
    }
    for i in (1..bytes.len()).rev() {
        bytes[i] = bytes[i].wrapping_sub(bytes[i - 1]);
    }
}
