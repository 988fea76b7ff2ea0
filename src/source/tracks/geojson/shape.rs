//! The positions of one Feature: those of its lines with the ends of their parts, and those of its points. What is
//! neither is known by its name only.

use std::io::Read;

use struson::reader::{JsonReader, JsonStreamReader, ValueType};

use crate::source::Field;
use crate::source::geojson::{Kind, coordinate, once};
use crate::source::json::Damage;

/// What the geometries of a Feature hold.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// Longitude and latitude as written, of all lines.
    pub(super) positions: Vec<[f64; 2]>,
    /// The fourth number of each of them, as long as each has one.
    fourth: Vec<f64>,
    /// Where the parts of the lines end among the positions.
    pub(super) ends: Vec<usize>,
    /// Positions of points.
    pub(super) points: Vec<[f64; 2]>,
    /// Geometries of other types.
    pub(super) others: Vec<&'static str>,
}

/// The members of one geometry as far as they are read, in whatever order they come.
#[derive(Debug, Default)]
pub(super) struct Members {
    kind: Option<Kind>,
    /// How deep the positions lie, 0 for none at all.
    depth: Option<u8>,
    collection: bool,
}

impl Members {
    /// The type, where it is said.
    pub(super) fn kind(&self) -> Option<Kind> {
        self.kind
    }
}

impl Shape {
    pub(super) fn clear(&mut self) {
        *self = Shape::default();
    }

    /// Reads a geometry.
    pub(super) fn read<R: Read>(&mut self, json: &mut JsonStreamReader<R>) -> Result<(), Damage> {
        let mut members = Members::default();
        let before = self.positions.len();
        json.begin_object()?;
        while json.has_next()? {
            let name = json.next_name_owned()?;
            self.member(json, &name, &mut members)?;
        }
        self.settle(json, &members, before)?;
        Ok(json.end_object()?)
    }

    /// Reads one member of an object that may be a geometry.
    pub(super) fn member<R: Read>(
        &mut self,
        json: &mut JsonStreamReader<R>,
        name: &str,
        members: &mut Members,
    ) -> Result<(), Damage> {
        match name {
            "type" => once(json, &mut members.kind),
            "coordinates" if members.depth.is_none() => {
                let depth = self.coordinates(json, 1).map_err(|damage| damage.within("coordinates"))?;
                members.depth = Some(depth);
                Ok(())
            }
            "coordinates" => Err(Damage::at(json, "coordinates", "a second one", "one")),
            "geometries" => {
                members.collection = true;
                json.begin_array()?;
                while json.has_next()? {
                    self.read(json)?;
                }
                Ok(json.end_array()?)
            }
            _ => Ok(json.skip_value()?),
        }
    }

    /// Decides what the positions from `before` on are, once all members of their geometry are read.
    pub(super) fn settle<R: Read>(
        &mut self,
        json: &JsonStreamReader<R>,
        members: &Members,
        before: usize,
    ) -> Result<(), Damage> {
        let (name, deep, depth) = match (members.kind, members.depth) {
            (Some(Kind::GeometryCollection), None) if members.collection => return Ok(()),
            (Some(Kind::Geometry(name, deep)), Some(depth)) if !members.collection => (name, deep, depth),
            (Some(Kind::Geometry(..)), _) => {
                return Err(Damage::at(json, "coordinates", "no such member", "positions"));
            }
            _ => return Err(Damage::at(json, "type", "no geometry", "the type of a geometry and its coordinates")),
        };
        if depth != 0 && depth != deep {
            let found = format!("positions {depth} deep");
            return Err(Damage::at(json, "coordinates", &found, &format!("them {deep} deep in a {name}")));
        }
        if !matches!(name, "LineString" | "MultiLineString") {
            let positions = self.positions.split_off(before);
            self.fourth.truncate(before);
            self.ends.retain(|end| *end <= before);
            match name {
                "Point" | "MultiPoint" => self.points.extend(positions),
                _ => self.others.push(name),
            }
        }
        Ok(())
    }

    /// Reads positions however deep they lie, and says how deep, because the type may come after them.
    fn coordinates<R: Read>(&mut self, json: &mut JsonStreamReader<R>, level: u8) -> Result<u8, Damage> {
        const DEEPEST: u8 = 4;
        json.begin_array()?;
        let mut depth = 0;
        if json.has_next()? && json.peek()? != ValueType::Array {
            self.position(json)?;
            depth = 1;
        }
        while json.has_next()? {
            if level == DEEPEST {
                return Err(Damage::at(json, "", "an array", "positions at most 4 deep"));
            }
            let inner = self.coordinates(json, level + 1)?;
            if inner != 0 && depth != 0 && inner + 1 != depth {
                return Err(Damage::at(json, "", "positions of different depth", "all of the same"));
            }
            depth = depth.max(if inner == 0 { 0 } else { inner + 1 });
        }
        json.end_array()?;
        if depth == 2 {
            self.ends.push(self.positions.len());
        }
        Ok(depth)
    }

    /// The numbers of a position whose array is begun.
    fn position<R: Read>(&mut self, json: &mut JsonStreamReader<R>) -> Result<(), Damage> {
        let mut numbers = [f64::NAN; 4];
        let mut read = 0;
        while json.has_next()? {
            let number = coordinate(json)?;
            if let Some(slot) = numbers.get_mut(read) {
                *slot = number;
            }
            read += 1;
        }
        if read < 2 {
            return Err(Damage::at(json, "", "a position of one number", "two: longitude and latitude"));
        }
        if read > 3 && self.fourth.len() == self.positions.len() {
            self.fourth.push(numbers[3]);
        }
        self.positions.push([numbers[0], numbers[1]]);
        Ok(())
    }

    /// The fourth numbers of the positions as times, in microseconds since 1970 UTC, where each has one and all can be
    /// times of receivers: kepler.gl has them there. Smaller numbers are measures along the line.
    pub(super) fn measured_times(&self) -> Vec<Option<i64>> {
        /// The satellites began to send in 1978.
        const EARLIEST: f64 = 252_460_800.0;
        if self.fourth.len() != self.positions.len() || self.fourth.iter().any(|seconds| *seconds < EARLIEST) {
            return Vec::new();
        }
        self.fourth.iter().map(|number| Field::Number(*number).time()).collect()
    }
}
