//! World files: six lines beside a picture that say where it lies, and a `.prj` that says in which projection.
//! The numbers are the affine map from pixels to coordinates, in the order A D B E C F; C and F are the CENTRE
//! of the upper-left pixel. Metres of EPSG:3857 on the Earth, the units of a flat space elsewhere.

use std::path::{Path, PathBuf};

use super::{Kind, beside, format_of, whole};
use crate::error::Error;
use crate::events::{Space, YAxis};
use crate::frame::Frame;
use crate::world::HALF_WIDTH_3857;

/// EPSG:3857 as ESRI writes it in one line, which GDAL, QGIS and `ArcGIS` recognise.
const WEB_MERCATOR: &str = concat!(
    r#"PROJCS["WGS_1984_Web_Mercator_Auxiliary_Sphere",GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984","#,
    r#"SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],"#,
    r#"UNIT["Degree",0.0174532925199433]],PROJECTION["Mercator_Auxiliary_Sphere"],"#,
    r#"PARAMETER["False_Easting",0.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",0.0],"#,
    r#"PARAMETER["Standard_Parallel_1",0.0],PARAMETER["Auxiliary_Sphere_Type",0.0],UNIT["Meter",1.0]]"#,
);

/// The affine map from cells to the coordinates of a file: `x = west + col * width`, `y = north + row * step`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Placement {
    /// x of the west edge.
    pub(super) west: f64,
    /// y of the north (upper) edge.
    pub(super) north: f64,
    /// Width of a cell.
    pub(super) width: f64,
    /// What y changes by from row to row: negative where y grows up.
    pub(super) step: f64,
}

impl Placement {
    /// Where the cells of a frame lie, in metres of EPSG:3857 or in flat units. East of the antimeridian x
    /// goes on growing.
    pub(super) fn of(frame: &Frame) -> Placement {
        let (extent, (width, height)) = (frame.extent(), frame.cell());
        let metres = 2.0 * HALF_WIDTH_3857;
        match frame.space() {
            Space::Earth => Placement {
                west: (extent.west - 0.5) * metres,
                north: (0.5 - extent.north) * metres,
                width: width * metres,
                step: -height * metres,
            },
            Space::Flat { y_axis: YAxis::Down, .. } => {
                Placement { west: extent.west, north: extent.north, width, step: height }
            }
            // 0 - y rather than -y, so that zero is not written as -0.
            Space::Flat { y_axis: YAxis::Up, .. } => {
                Placement { west: extent.west, north: 0.0 - extent.north, width, step: -height }
            }
        }
    }
}

/// The names of the world file and of the `.prj` beside a picture: the world file's extension is the first and
/// the last letter of the picture's and `w` (`.pgw`, `.jgw`), or `.wld` for WebP.
pub fn world_files(path: &Path) -> [PathBuf; 2] {
    let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    let world = match extension.as_str() {
        "png" => "pgw",
        "jpg" | "jpeg" => "jgw",
        _ => "wld",
    };
    [beside(path, world), beside(path, "prj")]
}

/// Whether a world file and a `.prj` can be written beside `path`, before any work.
///
/// # Errors
/// When `path` is no picture, or one of them exists and `force` is not given; the caller's fault.
pub fn check_world_file(path: &Path, force: bool) -> Result<(), Error> {
    let format = format_of(path)?;
    if format.kind() != Kind::Picture {
        return Err(Error::caller("--world-file")
            .found(format!("{} as the format of OUT", format.name))
            .expected("a picture")
            .advice("leave out --world-file: it carries its position itself"));
    }
    world_files(path).iter().try_for_each(|file| whole::check_target(file, force))
}

/// Writes the world file of a picture at `path`, and on the Earth its `.prj`, each whole or not at all.
///
/// # Errors
/// When they cannot be written; the machine's fault.
pub fn write_world_file(path: &Path, frame: &Frame) -> Result<(), Error> {
    let Placement { west, north, width, step } = Placement::of(frame);
    let numbers = [width, 0.0, 0.0, step, west + width / 2.0, north + step / 2.0];
    let lines = numbers.map(|number| number.to_string() + "\n").concat();
    let [world, prj] = world_files(path);
    whole::write(&world, |out| out.write_all(lines.as_bytes()))?;
    if frame.space() == Space::Earth {
        whole::write(&prj, |out| out.write_all(WEB_MERCATOR.as_bytes()))?;
    }
    Ok(())
}
