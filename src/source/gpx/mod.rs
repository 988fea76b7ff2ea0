//! GPX 1.0 and 1.1: the points of tracks. Where a file has track points, its route points and waypoints are
//! plans and notes beside what happened, and are counted as skipped; a file without track points is read
//! for those.
//!
//! The elements inside of a point are columns by their names (`ele`, `time`, `name`, `hdop`, those of
//! extensions such as `hr`); `elevation` is another name for `ele`.

mod points;

use std::sync::Arc;

use self::points::{Kind, Point, Points};
use crate::error::Error;
use crate::source::{Columns, Consumed, Field, Format, Input, Intake, Part, Query, Reason, Row, Source, columns};

/// The format.
pub const FORMAT: Format = Format {
    name: "gpx",
    extensions: &["gpx"],
    about: "track points of GPX, or its waypoints and route points where it has no track",
    open,
};

/// Points decoded under the lock before they are handed on: enough to make handing on cheap.
const BATCH: usize = 10_000;
/// How many points are looked at for the names of columns.
const SAMPLE: usize = 1000;

fn open(input: &Input, query: &Query) -> Result<Box<dyn Source>, Error> {
    let first = look(input)?;
    let wanted = wanted(&first, query, &input.name)?;
    let (bytes, consumed) = input.watched()?;
    let points = Some(Points::new(bytes, input, Some(wanted.clone()))?);
    let columns = Columns {
        position: vec!["lon".into(), "lat".into()],
        pairs: vec![("lon".into(), "lat".into())],
        ..columns::described(
            &first.names,
            if first.tracks { "gpx, track points" } else { "gpx, waypoints and route points" },
        )
    };
    let (input, query) = (input.clone(), Arc::new(query.clone()));
    Ok(Box::new(GpxSource { points, consumed, input, query, wanted, columns, tracks: first.tracks, read: 0 }))
}

/// What a first look at a file shows.
struct Look {
    tracks: bool,
    names: Vec<String>,
}

/// Looks until there is a track point, and at the points behind it for the names of their elements.
fn look(input: &Input) -> Result<Look, Error> {
    let mut points = Points::new(input.reader()?, input, None)?;
    let mut found = Look { tracks: false, names: Vec::new() };
    let mut looked_at = 0;
    while let Some(point) = points.next_point()? {
        if point.kind == Kind::Track && !found.tracks {
            found = Look { tracks: true, names: Vec::new() };
            looked_at = 0;
        }
        if looked_at < SAMPLE && (point.kind == Kind::Track) == found.tracks {
            looked_at += 1;
            for (name, _) in point.texts {
                if !found.names.contains(&name) {
                    found.names.push(name);
                }
            }
        } else if found.tracks {
            break;
        }
    }
    Ok(found)
}

/// The names of the wanted elements, in the order of [`Query::wanted`]. One that the first points lack may
/// still come.
fn wanted(found: &Look, query: &Query, place: &str) -> Result<Vec<String>, Error> {
    let time = if found.names.iter().any(|name| name == "time") { Some("time") } else { None };
    if query.needs_time() && query.time.is_none() && time.is_none() {
        return Err(Error::input(place).found("points without a time").expected("a time, where times are limited"));
    }
    let known = |name: String| {
        let name = if name.eq_ignore_ascii_case("elevation") { "ele".into() } else { name };
        columns::named(&found.names, &name, place).map_or(name, |at| found.names[at].clone())
    };
    Ok(query.wanted(time).into_iter().map(known).collect())
}

struct GpxSource {
    /// None once the end is reached.
    points: Option<Points>,
    consumed: Consumed,
    input: Input,
    query: Arc<Query>,
    wanted: Vec<String>,
    columns: Columns,
    tracks: bool,
    /// Points read so far.
    read: u64,
}

impl GpxSource {
    fn take_in(&self, point: &Point, intake: &mut Intake) -> Result<(), Error> {
        if self.tracks && point.kind != Kind::Track {
            intake.tally.records += 1;
            return intake.skip(self.read, Reason::NotATrackPoint);
        }
        intake.record(self.read, point.lng, point.lat, &PointRow { point, wanted: &self.wanted })
    }
}

impl Source for GpxSource {
    fn next_part(&mut self) -> Result<Option<Box<dyn Part>>, Error> {
        let Some(mut points) = self.points.take() else {
            return Ok(None);
        };
        let mut intake = Intake::new(&self.query, self.input.number, &self.input.name).counting("point");
        for _ in 0..BATCH {
            let Some(point) = points.next_point()? else {
                return Ok(Some(intake.into_part()));
            };
            self.read += 1;
            self.take_in(&point, &mut intake)?;
        }
        self.points = Some(points);
        Ok(Some(intake.into_part()))
    }

    fn columns(&self) -> Columns {
        self.columns.clone()
    }

    fn progress(&self) -> f64 {
        self.consumed.share()
    }
}

/// The elements inside of a point, seen as columns.
struct PointRow<'a> {
    point: &'a Point,
    wanted: &'a [String],
}

impl Row for PointRow<'_> {
    fn field(&self, column: usize) -> Field<'_> {
        let name = &self.wanted[column];
        match name.as_str() {
            "lon" => self.point.lng.map_or(Field::Missing, Field::Number),
            "lat" => self.point.lat.map_or(Field::Missing, Field::Number),
            _ => {
                let text = self.point.texts.iter().find(|(known, _)| known == name);
                text.map_or(Field::Missing, |(_, text)| Field::Text(text))
            }
        }
    }
}
