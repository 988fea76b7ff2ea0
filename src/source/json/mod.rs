//! JSON: an array of arrays or of objects, an object that holds one, or a value a line. Its bytes are
//! streamed; `GeoJSON` is recognised by what it says and handed over.
//!
//! Arrays of numbers are longitude first, as in `GeoJSON` and deck.gl. Nothing in them tells the arrays of
//! simpleheat and Leaflet.heat, which are latitude first: say `--lon 1 --lat 0` for those. Where that is
//! forgotten, latitudes beyond 90° are counted as perhaps swapped.

mod cells;
mod lines;
mod plan;
mod sample;
mod sequence;
mod text;

use std::sync::Arc;

use struson::reader::{JsonReader, JsonStreamReader};

pub(in crate::source) use cells::{Cells, number};
pub(in crate::source) use lines::{Lines, separator};
pub(in crate::source) use plan::wanted;
pub(in crate::source) use sample::{ENOUGH, Sample};
pub(in crate::source) use sequence::{Record, SequenceSource, look_at_texts};
pub(in crate::source) use text::{Bytes, Damage, Stop, document, json as reader, kind_words, without_mark};

use self::plan::Plan;
use self::sample::{Found, look};
use crate::error::Error;
use crate::source::{Columns, Consumed, Format, Input, Intake, Part, Query, Source, geojson};

/// The format.
pub const FORMAT: Format = Format {
    name: "json",
    extensions: &["json", "ndjson", "jsonl"],
    about: "arrays or objects in one JSON array, or one on each line; GeoJSON is recognised",
    open,
};

/// Records decoded under the lock before they are handed on: enough to make handing on cheap.
pub(in crate::source) const BATCH: u64 = 10_000;

fn open(input: &Input, query: &Query) -> Result<Box<dyn Source>, Error> {
    let separator = separator(input)?;
    let found = match separator {
        Some(separator) => match look_at_texts(input, separator)? {
            (true, _) => Found::GeoJson,
            (false, sample) => Found::Records(vec![sample]),
        },
        None => look(&mut document(input)?.0).map_err(|damage| damage.error(input, 0))?,
    };
    let Found::Records(samples) = found else {
        return geojson::open_cut(input, query, separator);
    };
    let plan = Plan::choose(&samples, query, &input.name)?;
    match separator {
        Some(separator) => {
            let columns = Columns { format: "json, a record a line".into(), ..plan.columns.clone() };
            Ok(Box::new(SequenceSource::open(input, query, separator, plan, columns)?))
        }
        None => Ok(Box::new(ArraySource::open(input, query, plan)?)),
    }
}

/// One text whose records are the elements of an array.
struct ArraySource {
    json: Option<JsonStreamReader<Bytes>>,
    consumed: Consumed,
    input: Input,
    query: Arc<Query>,
    plan: Plan,
    records: u64,
}

impl ArraySource {
    fn open(input: &Input, query: &Query, plan: Plan) -> Result<ArraySource, Error> {
        let (mut json, consumed) = document(input)?;
        enter(&mut json, &plan).map_err(|damage| damage.error(input, 0))?;
        Ok(ArraySource {
            json: Some(json),
            consumed,
            input: input.clone(),
            query: Arc::new(query.clone()),
            plan,
            records: 0,
        })
    }

    /// Reads some records; whether there may be more.
    fn batch(&mut self, json: &mut JsonStreamReader<Bytes>, intake: &mut Intake) -> Result<bool, Stop> {
        if self.plan.alone {
            self.plan.read(json)?;
            self.plan.hand_over(1, intake)?;
            return Ok(false);
        }
        for _ in 0..BATCH {
            if !json.has_next()? {
                json.end_array()?;
                return Ok(false);
            }
            self.records += 1;
            let number = self.records;
            self.plan.read(json).map_err(|damage| damage.within(&format!("record {number}")))?;
            self.plan.hand_over(number, intake)?;
        }
        Ok(true)
    }
}

/// Goes into the array of records.
fn enter(json: &mut JsonStreamReader<Bytes>, plan: &Plan) -> Result<(), Damage> {
    if plan.alone {
        return Ok(());
    }
    if let Some(member) = &plan.member {
        json.begin_object()?;
        while json.has_next()? && json.next_name()? != member {
            json.skip_value()?;
        }
    }
    Ok(json.begin_array()?)
}

/// Goes on behind the array of records to the end of the text, which must be whole.
fn leave(mut json: JsonStreamReader<Bytes>) -> Result<(), Damage> {
    json.skip_to_top_level()?;
    Ok(json.consume_trailing_whitespace()?)
}

impl Source for ArraySource {
    fn next_part(&mut self) -> Result<Option<Box<dyn Part>>, Error> {
        let Some(mut json) = self.json.take() else {
            return Ok(None);
        };
        let mut intake = Intake::new(&self.query, self.input.number, &self.input.name).counting("record");
        let more = self.batch(&mut json, &mut intake).map_err(|stop| stop.error(&self.input))?;
        if more {
            self.json = Some(json);
        } else {
            leave(json).map_err(|damage| damage.error(&self.input, 0))?;
        }
        Ok(Some(intake.into_part()))
    }

    fn columns(&self) -> Columns {
        let format = if self.plan.member.is_some() { "json, an array in an object" } else { "json" };
        Columns { format: format.into(), ..self.plan.columns.clone() }
    }

    fn progress(&self) -> f64 {
        self.consumed.share()
    }
}
