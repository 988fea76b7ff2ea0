//! `GeoJSON` (RFC 7946) and sequences of it (RFC 8142, or one value a line). Points are events, each point of
//! a `MultiPoint` or a collection too, with the properties of its Feature; other geometries are counted and
//! skipped. A collection is streamed, never held.
//!
//! Damage in a collection is an error that names the place, because what follows it cannot be trusted; in a
//! sequence the damaged value is skipped and counted.

pub(super) mod crs;
mod decode;

use std::sync::Arc;

use struson::reader::{JsonReader, JsonStreamReader};

pub(super) use self::decode::{Kind, coordinate, once};

use self::decode::Decoder;
use crate::error::Error;
use crate::source::json::{
    BATCH, Bytes, Damage, ENOUGH, Record, Sample, SequenceSource, Stop, document, look_at_texts, separator, wanted,
};
use crate::source::{Columns, Consumed, Format, Input, Intake, Part, Query, Source, columns};

/// The format.
pub const FORMAT: Format = Format {
    name: "geojson",
    extensions: &["geojson", "geojsonl", "geojsons"],
    about: "points of GeoJSON: a collection, a feature, a geometry, or one of them on each line",
    open,
};

fn open(input: &Input, query: &Query) -> Result<Box<dyn Source>, Error> {
    let separator = separator(input)?;
    open_cut(input, query, separator)
}

/// Opens `GeoJSON` that is cut into values by `separator`, or is one value.
pub(super) fn open_cut(input: &Input, query: &Query, separator: Option<u8>) -> Result<Box<dyn Source>, Error> {
    let Some(separator) = separator else {
        return Ok(Box::new(DocumentSource::open(input, query)?));
    };
    let (_, sample) = look_at_texts(input, separator)?;
    let columns = found(&sample, "geojson, a value a line");
    let decoder = Decoder::new(&wanted(&columns.names, sample.is_whole(), query, &input.name)?);
    Ok(Box::new(SequenceSource::open(input, query, separator, decoder, columns)?))
}

/// What the first Features are found to hold.
fn found(sample: &Sample, format: &str) -> Columns {
    let names = sample.names.iter();
    let mut names: Vec<String> = names.filter_map(|n| n.strip_prefix("properties.").map(str::to_owned)).collect();
    if sample.names.iter().any(|name| name == "id") && !names.iter().any(|name| name == "id") {
        names.push("id".into());
    }
    Columns { position: vec!["geometry".into()], ..columns::described(&names, format) }
}

/// One value: a collection, a Feature or a geometry.
struct DocumentSource {
    json: Option<JsonStreamReader<Bytes>>,
    consumed: Consumed,
    kind: Kind,
    input: Input,
    query: Arc<Query>,
    decoder: Decoder,
    columns: Columns,
    features: u64,
}

impl DocumentSource {
    fn open(input: &Input, query: &Query) -> Result<DocumentSource, Error> {
        let stopped = |stop: Stop| stop.error(input);
        let kind = Kind::of_next(&mut document(input)?.0).map_err(|damage| damage.error(input, 0))?;
        let mut query = query.clone();
        let sample = sampled(kind, input, &mut query).map_err(stopped)?;
        let (mut json, consumed) = document(input)?;
        if kind == Kind::FeatureCollection {
            enter(&mut json, &mut query).map_err(stopped)?;
        }
        let columns = found(&sample, "geojson");
        let decoder = Decoder::new(&wanted(&columns.names, sample.is_whole(), &query, &input.name)?);
        let (input, query) = (input.clone(), Arc::new(query));
        Ok(DocumentSource { json: Some(json), consumed, kind, input, query, decoder, columns, features: 0 })
    }

    /// Reads some records; whether there may be more.
    fn batch(&mut self, json: &mut JsonStreamReader<Bytes>, intake: &mut Intake) -> Result<bool, Stop> {
        if self.kind != Kind::FeatureCollection {
            self.decoder.read(self.kind, json)?;
            self.decoder.hand_over(1, intake)?;
            return Ok(false);
        }
        for _ in 0..BATCH {
            if !json.has_next()? {
                json.end_array()?;
                return Ok(false);
            }
            let index = self.features;
            self.features += 1;
            let read = self.decoder.read(Kind::Feature, json);
            read.map_err(|damage| damage.within(&format!("features[{index}]")))?;
            self.decoder.hand_over(self.features, intake)?;
        }
        Ok(true)
    }

    /// The rest of the text behind the Features, which must be whole.
    fn leave(&self, mut json: JsonStreamReader<Bytes>) -> Result<(), Stop> {
        if self.kind == Kind::FeatureCollection {
            let mut query = Query { crs: None, ..(*self.query).clone() };
            while json.has_next()? {
                let name = json.next_name_owned()?;
                member(&mut json, &name, &mut query)?;
            }
            if query.crs.is_some() && self.query.crs.is_none() {
                return Err(crs::too_late(&json).into());
            }
            json.end_object()?;
        }
        Ok(json.consume_trailing_whitespace()?)
    }
}

/// Looks at the first Features.
fn sampled(kind: Kind, input: &Input, query: &mut Query) -> Result<Sample, Stop> {
    let mut sample = Sample::default();
    let (mut json, _) = document(input)?;
    if kind == Kind::Feature {
        sample.look_at(&mut json)?;
    } else if kind == Kind::FeatureCollection {
        enter(&mut json, query)?;
        for _ in 0..ENOUGH {
            // Damage is reported with its number when it is read.
            if !json.has_next()? || sample.look_at(&mut json).is_err() {
                break;
            }
        }
    }
    Ok(sample)
}

/// Goes into the Features of a collection; learns the reference system on the way if it is said.
fn enter(json: &mut JsonStreamReader<Bytes>, query: &mut Query) -> Result<(), Stop> {
    json.begin_object()?;
    let mut typed = false;
    while json.has_next()? {
        let name = json.next_name_owned()?;
        if name == "features" {
            return json.begin_array().map_err(|e| Stop::from(Damage::from(e).within("features")));
        }
        if name == "type" && std::mem::replace(&mut typed, true) {
            return Err(Damage::at(json, "type", "a second one", "one").into());
        }
        member(json, &name, query)?;
    }
    Err(Damage::at(json, "features", "no such member", "an array of Features").into())
}

/// Reads a member of a collection that is not its Features.
fn member(json: &mut JsonStreamReader<Bytes>, name: &str, query: &mut Query) -> Result<(), Stop> {
    if name == "crs" {
        return crs::read(json, query);
    }
    if name == "features" {
        return Err(Damage::at(json, "features", "a second one", "one").into());
    }
    Ok(json.skip_value()?)
}

impl Source for DocumentSource {
    fn next_part(&mut self) -> Result<Option<Box<dyn Part>>, Error> {
        let Some(mut json) = self.json.take() else {
            return Ok(None);
        };
        let mut intake = Intake::new(&self.query, self.input.number, &self.input.name).counting("feature");
        let more = self.batch(&mut json, &mut intake).map_err(|stop| stop.error(&self.input))?;
        if more {
            self.json = Some(json);
        } else {
            self.leave(json).map_err(|stop| stop.error(&self.input))?;
        }
        Ok(Some(intake.into_part()))
    }

    fn columns(&self) -> Columns {
        self.columns.clone()
    }

    fn progress(&self) -> f64 {
        self.consumed.share()
    }
}
