//! A look at the start of a JSON text: is it `GeoJSON`, where are its records, and what are their members
//! called.

use std::io::Read;

use struson::reader::{JsonReader, JsonStreamReader, ValueType};

use super::text::{Damage, kind_words};

/// How many records are looked at.
pub(in crate::source) const ENOUGH: usize = 1000;
/// Members of members are looked at so deep.
const DEPTH: usize = 3;

/// What the start of a text shows.
#[derive(Debug)]
pub(in crate::source) enum Found {
    /// An object whose `type` is one of `GeoJSON`'s.
    GeoJson,
    /// Records, in one place or in several that come into question.
    Records(Vec<Sample>),
}

/// Records of one place, as far as they were looked at.
#[derive(Debug, Default)]
pub(in crate::source) struct Sample {
    /// The member of the outermost object that holds the records; none where they are outermost themselves.
    pub(in crate::source) member: Option<String>,
    /// Whether the text is one record.
    pub(in crate::source) alone: bool,
    /// Whether the first record is an array.
    pub(in crate::source) arrays: bool,
    /// The names of all members, in the order in which they were first seen.
    pub(in crate::source) names: Vec<String>,
    /// Those of them that begin with two numbers.
    pub(in crate::source) pairs: Vec<String>,
    looked_at: usize,
}

const GEOJSON_TYPES: [&str; 9] = [
    "Feature",
    "FeatureCollection",
    "Point",
    "MultiPoint",
    "LineString",
    "MultiLineString",
    "Polygon",
    "MultiPolygon",
    "GeometryCollection",
];

/// Arrays that hold no records of their own where the `type` that says so may still come.
const GEOJSON_ARRAYS: [&str; 3] = ["features", "coordinates", "geometries"];

/// Looks at the start of one text.
pub(in crate::source) fn look<R: Read>(json: &mut JsonStreamReader<R>) -> Result<Found, Damage> {
    match json.peek()? {
        ValueType::Object => look_into(json),
        ValueType::Array => match array(json, None)? {
            Array::Records(sample) => Ok(Found::Records(vec![sample])),
            Array::Pair | Array::Other => Err(no_records(json, "an array of single values")),
        },
        kind => Err(no_records(json, kind_words(kind))),
    }
}

fn no_records<R: Read>(json: &JsonStreamReader<R>, found: &str) -> Damage {
    Damage::at(json, "", found, "an array of records, such as [[2.35,48.86]] or [{\"lon\":2.35,\"lat\":48.86}]")
}

fn look_into<R: Read>(json: &mut JsonStreamReader<R>) -> Result<Found, Damage> {
    let mut alone = Sample { alone: true, ..Sample::default() };
    let mut found = Vec::new();
    json.begin_object()?;
    while json.has_next()? {
        let name = json.next_name_owned()?;
        match json.peek()? {
            ValueType::String if name == "type" => {
                if GEOJSON_TYPES.contains(&json.next_str()?) {
                    return Ok(Found::GeoJson);
                }
                alone.names.push(name);
            }
            ValueType::Array => match array(json, Some(&name))? {
                Array::Records(sample) if name == "features" && sample.names.iter().any(|n| n == "geometry") => {
                    return Ok(Found::GeoJson);
                }
                Array::Records(sample) => {
                    let settled = sample.looked_at == ENOUGH && !GEOJSON_ARRAYS.contains(&name.as_str());
                    found.push(sample);
                    if settled {
                        return Ok(Found::Records(found));
                    }
                }
                Array::Pair => alone.add_pair(name),
                Array::Other => {}
            },
            _ => alone.look_at_member(json, name, DEPTH)?,
        }
    }
    json.end_object()?;
    found.push(alone);
    Ok(Found::Records(found))
}

enum Array {
    Records(Sample),
    Pair,
    Other,
}

/// Looks at an array: at the first of its records if it holds records. Its rest is passed over only where
/// it is no array of many records.
fn array<R: Read>(json: &mut JsonStreamReader<R>, member: Option<&str>) -> Result<Array, Damage> {
    let mut sample = Sample { member: member.map(str::to_owned), ..Sample::default() };
    json.begin_array()?;
    if json.has_next()? && !matches!(json.peek()?, ValueType::Array | ValueType::Object) {
        return rest_of_pair(json);
    }
    while json.has_next()? {
        if sample.looked_at < ENOUGH {
            let read = sample.look_at(json);
            read.map_err(|damage| damage.within(&format!("record {}", sample.looked_at)))?;
        } else if member.is_none_or(|name| !GEOJSON_ARRAYS.contains(&name)) {
            return Ok(Array::Records(sample));
        } else {
            json.skip_value()?;
        }
    }
    json.end_array()?;
    Ok(Array::Records(sample))
}

/// The rest of an array whose first value is no record: a pair if it begins with two numbers or texts.
fn rest_of_pair<R: Read>(json: &mut JsonStreamReader<R>) -> Result<Array, Damage> {
    let mut numbers = 0;
    let mut values = 0;
    while json.has_next()? {
        numbers += usize::from(values < 2 && matches!(json.peek()?, ValueType::Number | ValueType::String));
        values += 1;
        json.skip_value()?;
    }
    json.end_array()?;
    Ok(if numbers == 2 { Array::Pair } else { Array::Other })
}

impl Sample {
    /// Whether all records there are were looked at.
    pub(in crate::source) fn is_whole(&self) -> bool {
        self.looked_at < ENOUGH
    }

    /// Looks at one record.
    pub(in crate::source) fn look_at<R: Read>(&mut self, json: &mut JsonStreamReader<R>) -> Result<(), Damage> {
        self.looked_at += 1;
        match json.peek()? {
            ValueType::Array => {
                self.arrays |= self.looked_at == 1;
                self.look_at_elements(json)
            }
            ValueType::Object => self.look_at_members(json, "", DEPTH),
            _ => Ok(json.skip_value()?),
        }
    }

    fn look_at_elements<R: Read>(&mut self, json: &mut JsonStreamReader<R>) -> Result<(), Damage> {
        json.begin_array()?;
        let mut index = 0;
        while json.has_next()? {
            if self.arrays {
                self.add(index.to_string());
            }
            json.skip_value()?;
            index += 1;
        }
        Ok(json.end_array()?)
    }

    fn look_at_members<R: Read>(
        &mut self,
        json: &mut JsonStreamReader<R>,
        outer: &str,
        depth: usize,
    ) -> Result<(), Damage> {
        json.begin_object()?;
        while json.has_next()? {
            let name = format!("{outer}{}", json.next_name()?);
            self.look_at_member(json, name, depth)?;
        }
        Ok(json.end_object()?)
    }

    fn look_at_member<R: Read>(
        &mut self,
        json: &mut JsonStreamReader<R>,
        name: String,
        depth: usize,
    ) -> Result<(), Damage> {
        match json.peek()? {
            ValueType::Object if depth > 0 => return self.look_at_members(json, &format!("{name}."), depth - 1),
            ValueType::Array => {
                json.begin_array()?;
                if let Array::Pair = rest_of_pair(json)? {
                    self.add_pair(name);
                }
                return Ok(());
            }
            ValueType::Object => {}
            _ => self.add(name),
        }
        Ok(json.skip_value()?)
    }

    fn add_pair(&mut self, name: String) {
        if !self.pairs.contains(&name) {
            self.pairs.push(name.clone());
        }
        self.add(name);
    }

    fn add(&mut self, name: String) {
        if !self.names.contains(&name) {
            self.names.push(name);
        }
    }
}
