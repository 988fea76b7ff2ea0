//! `GeoJSON` of tracks: each Feature with lines is one, whose parts no line connects; its times stand beside its
//! positions, in arrays that togeojson, GDAL and kepler.gl have places for. Points are fixes where a property tells
//! which track they are on. Whatever is nested or on lines of its own is streamed: a Feature is held at a time.

mod properties;
mod shape;

use std::io::{self, BufReader, Read};

use struson::reader::{JsonReader, JsonStreamReader, ReaderSettings, ValueType};

use self::properties::Properties;
use self::shape::Shape;
use crate::error::Error;
use crate::source::geojson::{Kind, crs};
use crate::source::json::{Cell, Damage, Stop};
use crate::source::tracks::common::Common;
use crate::source::tracks::{Fact, Recorder};
use crate::source::unpack::{Origin, utf8};
use crate::source::{Crs, Query, Reason};

/// Text as it comes, with blanks for the separators of sequences (RFC 8142).
type Bytes = BufReader<Separated>;

/// Tells `out` the lines and points of the `GeoJSON` in `bytes`: one value, or one after the other.
pub(super) fn read(
    bytes: Box<dyn Read + Send>,
    name: &str,
    query: &Query,
    out: &mut Recorder<'_>,
) -> Result<(), Error> {
    let origin = Origin::named(name);
    let bytes = utf8(bytes).map_err(|e| origin.unread(&e))?;
    let settings = ReaderSettings {
        track_path: false,
        restrict_number_values: false,
        allow_multiple_top_level: true,
        ..ReaderSettings::default()
    };
    let mut json = JsonStreamReader::new_custom(BufReader::with_capacity(1 << 16, Separated(bytes)), settings);
    out.count_by("feature");
    let mut reading = Reading {
        query: query.clone(),
        crs: None,
        features: 0,
        shape: Shape::default(),
        properties: Properties::default(),
        common: Common::new(),
        out,
    };
    reading.values(&mut json).map_err(|stop| stop.error_of(&origin))?;
    reading.say_facts();
    Ok(())
}

struct Separated(Box<dyn Read + Send>);

impl Read for Separated {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        const SEPARATOR: u8 = 0x1e;
        let read = self.0.read(bytes)?;
        bytes[..read].iter_mut().filter(|byte| **byte == SEPARATOR).for_each(|byte| *byte = b' ');
        Ok(read)
    }
}

/// `GeoJSON` that is being read.
struct Reading<'a, 'b> {
    query: Query,
    /// The reference system that the text itself names, where the caller names none.
    crs: Option<Crs>,
    features: u64,
    shape: Shape,
    properties: Properties,
    /// What the points of a track have in common.
    common: Common<String, Fact>,
    out: &'a mut Recorder<'b>,
}

impl Reading<'_, '_> {
    fn values(&mut self, json: &mut JsonStreamReader<Bytes>) -> Result<(), Stop> {
        loop {
            self.value(json)?;
            if !json.has_next()? {
                return Ok(());
            }
        }
    }

    /// A collection, a Feature, or a geometry that stands alone.
    fn value(&mut self, json: &mut JsonStreamReader<Bytes>) -> Result<(), Stop> {
        let mut geometry = shape::Members::default();
        self.shape.clear();
        self.properties.clear();
        json.begin_object()?;
        while json.has_next()? {
            match json.next_name_owned()?.as_str() {
                "features" => self.features(json)?,
                "geometry" if json.peek()? == ValueType::Null => json.next_null()?,
                "geometry" => self.shape.read(json).map_err(|damage| damage.within("geometry"))?,
                "properties" if json.peek()? == ValueType::Object => {
                    self.properties.read(json, &self.query).map_err(|damage| damage.within("properties"))?;
                }
                "id" => self.properties.say_id(Cell::read(json)?, &self.query),
                "crs" => self.learn_crs(json)?,
                name => self.shape.member(json, name, &mut geometry)?,
            }
        }
        json.end_object()?;
        match geometry.kind() {
            Some(Kind::FeatureCollection) => Ok(()),
            Some(Kind::Feature) => Ok(self.tell()?),
            Some(_) => {
                self.shape.settle(json, &geometry, 0)?;
                Ok(self.tell()?)
            }
            None => Err(Damage::at(json, "type", "no such member", "a type of GeoJSON, such as Feature").into()),
        }
    }

    fn features(&mut self, json: &mut JsonStreamReader<Bytes>) -> Result<(), Stop> {
        json.begin_array()?;
        while json.has_next()? {
            let index = self.features;
            self.value(json).map_err(|stop| match stop {
                Stop::Damaged(damage) => damage.within(&format!("features[{index}]")).into(),
                Stop::Refused(error) => Stop::Refused(error),
            })?;
        }
        Ok(json.end_array()?)
    }

    fn learn_crs(&mut self, json: &mut JsonStreamReader<Bytes>) -> Result<(), Stop> {
        let known = self.crs.clone();
        let first = known.is_none();
        let mut query = Query { crs: self.query.crs.clone().or(known), ..self.query.clone() };
        crs::read(json, &mut query)?;
        self.crs = query.crs.filter(|_| self.query.crs.is_none());
        if first && self.crs.is_some() && self.features > 0 {
            return Err(crs::too_late(json).into());
        }
        Ok(())
    }

    /// Tells the Feature, or the geometry alone, that has been read.
    fn tell(&mut self) -> Result<(), Error> {
        self.features += 1;
        for kind in std::mem::take(&mut self.shape.others) {
            self.out.unused(self.features, Reason::NotALine(kind.into()))?;
        }
        if !self.shape.points.is_empty() {
            self.tell_points()?;
        }
        if self.shape.ends.is_empty() { Ok(()) } else { self.tell_lines() }
    }

    fn tell_lines(&mut self) -> Result<(), Error> {
        let shape = std::mem::take(&mut self.shape);
        self.out.begin();
        for (name, fact) in std::mem::take(&mut self.properties.facts) {
            self.out.fact(&name, fact);
        }
        let mut times = std::mem::take(&mut self.properties.times);
        if times.is_empty() {
            times = shape.measured_times();
        }
        if !times.is_empty() && times.len() != shape.positions.len() {
            // Nobody knows which of them belongs to which position.
            self.out.skip(self.features, Reason::BadTime)?;
            times.clear();
        }
        let mut start = 0;
        for end in &shape.ends {
            self.out.interrupt();
            for at in start..*end {
                self.fix(shape.positions[at], times.get(at).copied().flatten())?;
            }
            start = *end;
        }
        Ok(())
    }

    fn tell_points(&mut self) -> Result<(), Error> {
        let points = std::mem::take(&mut self.shape.points);
        let Some(key) = self.query.track.as_ref().and_then(|name| self.properties.words(name)) else {
            let reason = if self.query.track.is_some() { Reason::NoTrack } else { Reason::NotATrackPoint };
            return points.iter().try_for_each(|_| self.out.unused(self.features, reason.clone()));
        };
        self.out.go_on(&key);
        let facts = &self.properties.facts;
        self.common.meet(&key, || facts.clone(), |name, fact| facts.iter().any(|(n, f)| n == name && f == fact));
        let time = self.properties.time(&self.query);
        points.iter().try_for_each(|point| self.fix(*point, time))
    }

    /// A fix in degrees, or in the system that the caller names.
    fn fix(&mut self, [x, y]: [f64; 2], time: Option<i64>) -> Result<(), Error> {
        let (x, y) = match &self.crs {
            Some(crs) => crs.to_degrees(x, y).unwrap_or((f64::NAN, f64::NAN)),
            None => (x, y),
        };
        self.out.fix(self.features, Some(x), Some(y), time)
    }

    /// What was the same at all points of a track is a fact about it.
    fn say_facts(self) {
        for (key, facts) in self.common.into_tracks() {
            self.out.go_on(&key);
            for (name, fact) in facts {
                self.out.fact(&name, fact);
            }
        }
    }
}
