//! One Feature or one geometry of `GeoJSON` (RFC 7946), read from its JSON. What a reader of points has to
//! know is checked; what only matters for drawing (winding, closed rings, bounding boxes) is not.

use std::io::Read;

use struson::reader::{JsonReader, JsonStreamReader, ValueType};

use crate::error::Error;
use crate::source::json::{Cells, Damage, Record, kind_words, number, reader};
use crate::source::{Intake, Reason};

/// The type of a `GeoJSON` object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::source) enum Kind {
    Feature,
    FeatureCollection,
    GeometryCollection,
    /// A geometry of coordinates: its name, and how deep its positions lie.
    Geometry(&'static str, u8),
}

const KINDS: [(&str, Kind); 9] = [
    ("Feature", Kind::Feature),
    ("Point", Kind::Geometry("Point", 1)),
    ("MultiPoint", Kind::Geometry("MultiPoint", 2)),
    ("LineString", Kind::Geometry("LineString", 2)),
    ("MultiLineString", Kind::Geometry("MultiLineString", 3)),
    ("Polygon", Kind::Geometry("Polygon", 3)),
    ("MultiPolygon", Kind::Geometry("MultiPolygon", 4)),
    ("GeometryCollection", Kind::GeometryCollection),
    ("FeatureCollection", Kind::FeatureCollection),
];

impl Kind {
    fn is_point(self) -> bool {
        matches!(self, Kind::Geometry("Point" | "MultiPoint", _))
    }

    /// Reads the value of a member `type`.
    pub(super) fn read<R: Read>(json: &mut JsonStreamReader<R>) -> Result<Kind, Damage> {
        let text = json.next_str()?;
        if let Some((_, kind)) = KINDS.iter().find(|(name, _)| *name == text) {
            return Ok(*kind);
        }
        let found = format!("`{text}`");
        let expected = if KINDS.iter().any(|(name, _)| name.eq_ignore_ascii_case(text)) {
            "a type of GeoJSON in its own capitals, such as FeatureCollection"
        } else {
            "a type of GeoJSON, such as Feature or Point"
        };
        Err(Damage::at(json, "type", &found, expected))
    }

    /// The type of the object that comes next, wherever in it that is said. Reads past it.
    pub(super) fn of_next<R: Read>(json: &mut JsonStreamReader<R>) -> Result<Kind, Damage> {
        json.begin_object()?;
        while json.has_next()? {
            if json.next_name()? == "type" {
                return Kind::read(json);
            }
            json.skip_value()?;
        }
        Err(Damage::at(json, "type", "no such member", "a type of GeoJSON, such as FeatureCollection"))
    }
}

/// Reads Features and geometries into an intake.
#[derive(Debug, Clone)]
pub(super) struct Decoder {
    cells: Cells,
    points: Vec<[f64; 2]>,
    others: Vec<&'static str>,
}

/// The members that mean something to a reader of points.
enum Member {
    Type,
    Geometry,
    Geometries,
    Coordinates,
    Properties,
    Id,
    Other,
}

impl Member {
    fn next<R: Read>(json: &mut JsonStreamReader<R>) -> Result<Member, Damage> {
        Ok(match json.next_name()? {
            "type" => Member::Type,
            "geometry" => Member::Geometry,
            "geometries" => Member::Geometries,
            "coordinates" => Member::Coordinates,
            "properties" => Member::Properties,
            "id" => Member::Id,
            _ => Member::Other,
        })
    }
}

impl Decoder {
    /// A decoder that keeps the properties `wanted`; `id` is also that of the Feature.
    pub(super) fn new(wanted: &[String]) -> Decoder {
        Decoder { cells: Cells::for_columns(wanted), points: Vec::new(), others: Vec::new() }
    }

    /// Reads the next value, which says that it is of `kind`.
    pub(super) fn read<R: Read>(&mut self, kind: Kind, json: &mut JsonStreamReader<R>) -> Result<(), Damage> {
        self.cells.clear();
        self.points.clear();
        self.others.clear();
        match kind {
            Kind::Feature => self.read_feature(json),
            Kind::GeometryCollection | Kind::Geometry(..) => self.read_geometry(json),
            Kind::FeatureCollection => Err(Damage::at(json, "type", "a FeatureCollection", "one Feature or geometry")),
        }
    }

    fn read_feature<R: Read>(&mut self, json: &mut JsonStreamReader<R>) -> Result<(), Damage> {
        let mut kind = None;
        let mut geometry = false;
        json.begin_object()?;
        while json.has_next()? {
            match Member::next(json)? {
                Member::Type => once(json, &mut kind)?,
                Member::Geometry => {
                    geometry = true;
                    if json.peek()? == ValueType::Null {
                        json.next_null()?;
                    } else {
                        self.read_geometry(json).map_err(|d| d.within("geometry"))?;
                    }
                }
                Member::Properties => self.read_properties(json).map_err(|d| d.within("properties"))?,
                Member::Id => self.read_id(json)?,
                Member::Geometries | Member::Coordinates | Member::Other => json.skip_value()?,
            }
        }
        if kind != Some(Kind::Feature) {
            return Err(absent(json, "type", kind.is_some(), "`Feature`"));
        }
        if !geometry {
            return Err(absent(json, "geometry", false, "a geometry or null"));
        }
        Ok(json.end_object()?)
    }

    /// Properties are an object or null; files without any are common and readable.
    fn read_properties<R: Read>(&mut self, json: &mut JsonStreamReader<R>) -> Result<(), Damage> {
        match json.peek()? {
            ValueType::Object if !self.cells.is_empty() => self.cells.read_object(json),
            ValueType::Object | ValueType::Null => Ok(json.skip_value()?),
            kind => Err(Damage::at(json, "", kind_words(kind), "an object or null")),
        }
    }

    /// The `id` of a Feature, which gives way to a property of that name.
    fn read_id<R: Read>(&mut self, json: &mut JsonStreamReader<R>) -> Result<(), Damage> {
        match json.peek()? {
            ValueType::String | ValueType::Number => self.cells.fill_blank(json, "id"),
            ValueType::Null => Ok(json.next_null()?),
            kind => Err(Damage::at(json, "id", kind_words(kind), "a string or a number")),
        }
    }

    fn read_geometry<R: Read>(&mut self, json: &mut JsonStreamReader<R>) -> Result<(), Damage> {
        let before = self.points.len();
        let mut kind = None;
        let mut depth = None;
        let mut collection = false;
        json.begin_object()?;
        while json.has_next()? {
            match Member::next(json)? {
                Member::Type => once(json, &mut kind)?,
                Member::Coordinates => {
                    self.points.truncate(before);
                    depth = Some(self.coordinates(json, 1).map_err(|d| d.within("coordinates"))?);
                }
                Member::Geometries if kind.is_none_or(|k| k == Kind::GeometryCollection) => {
                    collection = true;
                    self.read_geometries(json)?;
                }
                _ => json.skip_value()?,
            }
        }
        match (kind, depth) {
            (Some(Kind::GeometryCollection), None) if collection => {}
            (Some(Kind::GeometryCollection), _) if !collection => {
                return Err(absent(json, "geometries", false, "an array of geometries"));
            }
            (Some(kind @ Kind::Geometry(name, deep)), Some(depth)) if !collection => {
                if depth != 0 && depth != deep {
                    let found = format!("positions {depth} deep");
                    return Err(Damage::at(json, "coordinates", &found, &format!("them {deep} deep in a {name}")));
                }
                if !kind.is_point() {
                    self.points.truncate(before);
                    self.others.push(name);
                }
            }
            (Some(Kind::Geometry(..)), None) => return Err(absent(json, "coordinates", false, "an array of numbers")),
            (kind, _) => return Err(absent(json, "type", kind.is_some(), "the type of a geometry")),
        }
        Ok(json.end_object()?)
    }

    fn read_geometries<R: Read>(&mut self, json: &mut JsonStreamReader<R>) -> Result<(), Damage> {
        json.begin_array()?;
        let mut index = 0;
        while json.has_next()? {
            self.read_geometry(json).map_err(|d| d.within(&format!("geometries[{index}]")))?;
            index += 1;
        }
        Ok(json.end_array()?)
    }

    /// Reads positions however deep they lie, says how deep, 0 for none at all, and keeps those that can be
    /// points, because the type may come after them.
    fn coordinates<R: Read>(&mut self, json: &mut JsonStreamReader<R>, level: u8) -> Result<u8, Damage> {
        const DEEPEST: u8 = 4;
        json.begin_array()?;
        let mut depth = 0;
        if json.has_next()? && json.peek()? != ValueType::Array {
            let position = position(json)?;
            if level <= 2 {
                self.points.push(position);
            }
            depth = 1;
        }
        let mut index = 0;
        while json.has_next()? {
            if level == DEEPEST {
                return Err(Damage::at(json, "", "an array", "positions at most 4 deep"));
            }
            let inner = self.coordinates(json, level + 1).map_err(|d| d.within(&format!("[{index}]")))?;
            if inner != 0 && depth != 0 && inner + 1 != depth {
                return Err(Damage::at(json, "", "positions of different depth", "all of the same"));
            }
            depth = depth.max(if inner == 0 { 0 } else { inner + 1 });
            index += 1;
        }
        json.end_array()?;
        Ok(depth)
    }
}

impl Record for Decoder {
    fn read_text(&mut self, json: &mut JsonStreamReader<&[u8]>, text: &[u8]) -> Result<(), Damage> {
        let kind = Kind::of_next(&mut reader(text))?;
        self.read(kind, json)
    }

    /// Every point of a record is an event with the properties of the record.
    fn hand_over(&self, line: u64, intake: &mut Intake) -> Result<(), Error> {
        if self.points.is_empty() && self.others.is_empty() {
            return intake.record(line, None, None, &self.cells);
        }
        for [x, y] in &self.points {
            intake.record(line, Some(*x), Some(*y), &self.cells)?;
        }
        for name in &self.others {
            intake.tally.records += 1;
            intake.skip(line, Reason::NotAPoint((*name).into()))?;
        }
        Ok(())
    }
}

/// The numbers of a position whose array is begun; what follows the first two (height, time) is no matter.
fn position<R: Read>(json: &mut JsonStreamReader<R>) -> Result<[f64; 2], Damage> {
    let mut position = [0.0; 2];
    for number in &mut position {
        if !json.has_next()? {
            return Err(Damage::at(json, "", "a position of one number", "two: longitude and latitude"));
        }
        *number = coordinate(json)?;
    }
    while json.has_next()? {
        coordinate(json)?;
    }
    Ok(position)
}

/// A number of a position.
pub(in crate::source) fn coordinate<R: Read>(json: &mut JsonStreamReader<R>) -> Result<f64, Damage> {
    match json.peek()? {
        ValueType::Number => number(json),
        kind => Err(Damage::at(json, "", kind_words(kind), "a number")),
    }
}

/// Reads a `type` that must not have been read before.
pub(in crate::source) fn once<R: Read>(json: &mut JsonStreamReader<R>, kind: &mut Option<Kind>) -> Result<(), Damage> {
    if kind.is_some() {
        return Err(Damage::at(json, "type", "a second one", "one"));
    }
    *kind = Some(Kind::read(json)?);
    Ok(())
}

fn absent<R: Read>(json: &JsonStreamReader<R>, member: &str, other: bool, expected: &str) -> Damage {
    Damage::at(json, member, if other { "another one" } else { "no such member" }, expected)
}
