//! Where the position and the other wanted columns of a JSON record are, decided once for an input.

use std::io::Read;

use struson::reader::{JsonReader, JsonStreamReader, ValueType};

use super::cells::{Cell, Cells};
use super::sample::Sample;
use super::sequence::Record;
use super::text::Damage;
use crate::error::Error;
use crate::source::{Columns, Intake, Query, Reason, columns};

/// Last parts of the names of members that hold a position as an array. Those that begin with `lat` hold
/// the latitude first.
const PAIRS: [&str; 16] = [
    "coordinates",
    "coordinate",
    "coords",
    "position",
    "location",
    "lnglat",
    "lng_lat",
    "lonlat",
    "lon_lat",
    "longlat",
    "point",
    "geometry",
    "geom",
    "latlng",
    "lat_lng",
    "latlon",
];

/// How the records of an input are read.
#[derive(Debug, Clone)]
pub(in crate::source) struct Plan {
    /// The member of the outermost object that holds the records; none where they are outermost themselves.
    pub(in crate::source) member: Option<String>,
    /// Whether the whole text is one record.
    pub(in crate::source) alone: bool,
    pub(in crate::source) columns: Columns,
    cells: Cells,
    position: Position,
    arrays: bool,
    /// Whether the record read last is an array or object as the first ones are.
    readable: bool,
}

/// The cells a position is in.
#[derive(Debug, Clone, Copy)]
enum Position {
    Columns(usize, usize),
    Pair { cell: usize, latitude_first: bool },
}

impl Plan {
    /// The plan for the first of `samples` that has a position.
    ///
    /// # Errors
    /// When none has one, or not the columns that were asked for.
    pub(in crate::source) fn choose(samples: &[Sample], query: &Query, name: &str) -> Result<Plan, Error> {
        let mut first_error = None;
        for sample in samples.iter().filter(|s| !s.names.is_empty()) {
            match Plan::of(sample, query, name) {
                Ok(plan) => return Ok(plan),
                Err(error) => _ = first_error.get_or_insert(error),
            }
        }
        Err(first_error.unwrap_or_else(|| {
            Error::input(name)
                .found("JSON without a single record")
                .expected("an array of records, such as [[2.35,48.86]] or [{\"lon\":2.35,\"lat\":48.86}]")
        }))
    }

    fn of(sample: &Sample, query: &Query, name: &str) -> Result<Plan, Error> {
        if sample.arrays {
            return Plan::of_arrays(sample, query, name);
        }
        let names = &sample.names;
        let wanted = wanted(names, sample.is_whole(), query, name);
        let pair = sample.pairs.iter().find(|pair| named_as_position(pair));
        if let (Some(pair), None, None) = (pair, &query.x, &query.y) {
            let columns = Columns { position: vec![pair.clone()], ..columns::described(names, "json") };
            let latitude_first = last_part(pair).starts_with("lat");
            let place = |cells: &mut Cells| Position::Pair { cell: cells.add(pair), latitude_first };
            return Ok(Plan::with(sample, &wanted?, columns, place));
        }
        let unlimited =
            Query { x: query.x.clone(), y: query.y.clone(), crs: query.crs.clone(), ..Query::new(query.space) };
        let choice = columns::choose(names, &unlimited, "json", name)?;
        let place = |cells: &mut Cells| Position::Columns(cells.add(&names[choice.x]), cells.add(&names[choice.y]));
        Ok(Plan::with(sample, &wanted?, choice.columns, place))
    }

    /// Arrays are `[longitude, latitude]` and perhaps a weight, unless `--lon 1 --lat 0` says otherwise:
    /// the numbers alone do not tell which one comes first.
    fn of_arrays(sample: &Sample, query: &Query, name: &str) -> Result<Plan, Error> {
        let names = &sample.names;
        let column = |said: &Option<String>, usual: &str| columns::named(names, said.as_deref().unwrap_or(usual), name);
        let (x, y) = (names[column(&query.x, "0")?].clone(), names[column(&query.y, "1")?].clone());
        let wanted = query.wanted(None).into_iter().map(|wanted| {
            let third = wanted.eq_ignore_ascii_case("weight") || wanted.eq_ignore_ascii_case("w");
            columns::named(names, if third { "2" } else { &wanted }, name).map(|at| names[at].clone())
        });
        let columns = Columns {
            position: vec![x.clone(), y.clone()],
            pairs: vec![(x.clone(), y.clone())],
            weights: names.get(2).cloned().into_iter().collect(),
            ..columns::described(names, "json")
        };
        let place = |cells: &mut Cells| Position::Columns(cells.add(&x), cells.add(&y));
        Ok(Plan::with(sample, &wanted.collect::<Result<Vec<_>, _>>()?, columns, place))
    }

    fn with(sample: &Sample, wanted: &[String], columns: Columns, place: impl FnOnce(&mut Cells) -> Position) -> Plan {
        let mut cells = Cells::for_columns(wanted);
        let position = place(&mut cells);
        let (member, alone, arrays) = (sample.member.clone(), sample.alone, sample.arrays);
        Plan { member, alone, columns, cells, position, arrays, readable: false }
    }

    /// Reads the next record.
    pub(in crate::source) fn read<R: Read>(&mut self, json: &mut JsonStreamReader<R>) -> Result<(), Damage> {
        self.cells.clear();
        let kind = json.peek()?;
        self.readable = kind == if self.arrays { ValueType::Array } else { ValueType::Object };
        match kind {
            _ if !self.readable => Ok(json.skip_value()?),
            ValueType::Array => self.cells.read_array(json),
            _ => self.cells.read_object(json),
        }
    }

    fn coordinates(&self) -> (Option<f64>, Option<f64>) {
        let cell = |number| self.cells.cell(number);
        match self.position {
            Position::Columns(x, y) => (cell(x).coordinate(), cell(y).coordinate()),
            Position::Pair { cell: number, latitude_first } => match cell(number) {
                Cell::Pair(lat, lng) if latitude_first => (Some(*lng), Some(*lat)),
                Cell::Pair(lng, lat) => (Some(*lng), Some(*lat)),
                Cell::Missing => (None, None),
                _ => (Some(f64::NAN), Some(f64::NAN)),
            },
        }
    }
}

impl Record for Plan {
    fn read_text(&mut self, json: &mut JsonStreamReader<&[u8]>, _: &[u8]) -> Result<(), Damage> {
        self.read(json)
    }

    fn hand_over(&self, line: u64, intake: &mut Intake) -> Result<(), Error> {
        if !self.readable {
            intake.tally.records += 1;
            return intake.skip(line, Reason::Malformed);
        }
        let (x, y) = self.coordinates();
        intake.record(line, x, y, &self.cells)
    }
}

/// The names of the columns to read beside the position, in the order of [`Query::wanted`]. `names` are
/// those of the first records; where there are more records (`whole` is false) a column may still come.
///
/// # Errors
/// When a column is not there, or times are limited and no name tells a time.
pub(in crate::source) fn wanted(
    names: &[String],
    whole: bool,
    query: &Query,
    place: &str,
) -> Result<Vec<String>, Error> {
    let time = columns::time(names).map(|column| names[column].as_str());
    match columns::wanted(names, query, place) {
        Err(error) if whole || (query.needs_time() && query.time.is_none()) => Err(error),
        _ => {
            let known = |name: String| columns::named(names, &name, place).map_or(name, |at| names[at].clone());
            Ok(query.wanted(time).into_iter().map(known).collect())
        }
    }
}

fn last_part(name: &str) -> String {
    name.rsplit('.').next().unwrap_or(name).to_ascii_lowercase()
}

fn named_as_position(name: &str) -> bool {
    PAIRS.contains(&last_part(name).as_str())
}
