//! GeoJSON (RFC 7946): findings as a `FeatureCollection`, with what holds for all of them in the foreign member `torrid`.
//! Positions of a flat space are written as they are, and the member `torrid` says so.

use std::io;
use std::path::Path;

use geojson::{Feature, FeatureCollection, FeatureWriter, Geometry, GeometryValue, JsonObject, JsonValue};

use super::{Out, SOFTWARE, place, whole};
use crate::error::Error;
use crate::events::Space;
use crate::findings::{Fact, Finding, Findings, Position, Shape};

/// File name endings of findings.
const EXTENSIONS: [&str; 2] = ["geojson", "json"];

/// Whether the extension of a path names a format of findings; capitals do not matter.
pub fn holds_findings(path: &Path) -> bool {
    path.extension().is_some_and(|e| EXTENSIONS.iter().any(|known| e.eq_ignore_ascii_case(known)))
}

/// Whether findings can be written to `path`, as far as can be told before any work.
///
/// # Errors
/// When its extension is another one, its folder does not exist, or it exists and `force` is not given; the caller's
/// fault.
pub fn check_findings(path: &Path, force: bool) -> Result<(), Error> {
    if path.is_dir() {
        return Err(Error::caller(place(path))
            .found("a folder")
            .expected("a file")
            .advice("give -o FOLDER/OUT.geojson"));
    }
    if !holds_findings(path) {
        return Err(wrong_extension(path));
    }
    whole::check_target(path, force)
}

/// Writes findings, whole or not at all.
///
/// # Errors
/// When the extension names no format of findings (caller) or the file cannot be written (machine); then nothing is left
/// behind and a file that was there stays as it was.
pub fn write_findings(path: &Path, findings: &Findings) -> Result<(), Error> {
    if !holds_findings(path) {
        return Err(wrong_extension(path));
    }
    whole::write(path, |out| encode(findings, out))
}

fn wrong_extension(path: &Path) -> Error {
    let found = path.extension().map_or("no extension".into(), |e| format!("the extension .{}", e.to_string_lossy()));
    Error::caller(place(path))
        .found(found)
        .expected("a file of findings: .geojson or .json")
        .advice("give -o OUT.geojson")
}

fn encode(findings: &Findings, out: &mut dyn Out) -> io::Result<()> {
    let mut about = object(&findings.about);
    about.insert("software".into(), SOFTWARE.into());
    about.insert("coordinates".into(), coordinates(findings.space).into());
    if findings.list.is_empty() {
        // The writer of features leaves out an empty list of them.
        let foreign = JsonObject::from_iter([("torrid".to_owned(), JsonValue::Object(about))]);
        let nothing = FeatureCollection { bbox: None, features: Vec::new(), foreign_members: Some(foreign) };
        return serde_json::to_writer(out, &nothing).map_err(io::Error::from);
    }
    let rounding = Rounding::to(findings.grain);
    let mut writer = FeatureWriter::from_writer(out);
    writer.write_foreign_member("torrid", &about).map_err(io::Error::other)?;
    for finding in &findings.list {
        writer.write_feature(&feature(finding, &rounding)).map_err(io::Error::other)?;
    }
    writer.finish().map_err(io::Error::other)?;
    writer.flush().map_err(io::Error::other)
}

fn coordinates(space: Space) -> String {
    match space {
        Space::Earth => "longitude and latitude in degrees, WGS 84".into(),
        Space::Flat { unit, .. } => format!("a flat space, in {}", unit.symbol()),
    }
}

fn feature(finding: &Finding, rounding: &Rounding) -> Feature {
    let value = match &finding.shape {
        Shape::Point(at) => GeometryValue::new_point(rounding.of(at)),
        Shape::Lines(lines) if lines.len() == 1 => GeometryValue::new_line_string(rounding.all(&lines[0])),
        Shape::Lines(lines) => GeometryValue::new_multi_line_string(lines.iter().map(|line| rounding.all(line))),
        Shape::Areas(areas) => {
            let rings = |polygon: &crate::findings::Polygon| -> Vec<Vec<Position>> {
                let rings = [&polygon.outer].into_iter().chain(&polygon.holes).map(|ring| rounding.all(ring));
                rings.filter(|ring| ring.len() > 3).collect()
            };
            let mut polygons: Vec<_> = areas.iter().map(rings).filter(|rings| !rings.is_empty()).collect();
            match polygons.len() {
                1 => GeometryValue::new_polygon(polygons.remove(0)),
                _ => GeometryValue::new_multi_polygon(polygons),
            }
        }
    };
    let (geometry, properties) = (Some(Geometry::new(value)), Some(object(&finding.facts)));
    Feature { bbox: None, geometry, id: None, properties, foreign_members: None }
}

fn object(facts: &[(&'static str, Fact)]) -> JsonObject {
    facts.iter().map(|(name, fact)| ((*name).to_owned(), json(fact))).collect()
}

fn json(fact: &Fact) -> JsonValue {
    match fact {
        Fact::Number(number) => (*number).into(),
        Fact::Whole(number) => (*number).into(),
        Fact::Text(text) => text.as_str().into(),
        Fact::Flag(flag) => (*flag).into(),
        Fact::Numbers(numbers) => numbers.clone().into(),
    }
}

/// Rounding of coordinates to as many decimals as mean something.
struct Rounding {
    scale: f64,
}

impl Rounding {
    fn to(grain: f64) -> Rounding {
        let decimals = (-grain.log10()).ceil().clamp(0.0, 15.0);
        Rounding { scale: 10f64.powi(decimals as i32) }
    }

    fn of(&self, position: &Position) -> Position {
        // Adding 0 makes no -0 of what rounds to nothing.
        position.map(|c| (c * self.scale).round() / self.scale + 0.0)
    }

    /// A line or ring, without positions that became the one before.
    fn all(&self, line: &[Position]) -> Vec<Position> {
        let mut rounded: Vec<Position> = line.iter().map(|position| self.of(position)).collect();
        rounded.dedup();
        rounded
    }
}
