//! TCX, the XML of Garmin's Training Center: every activity and every course is a track. Laps do not interrupt it; a second
//! `<Track>` inside of a lap does, because the clock was stopped between them.

use std::io::Read;

use crate::error::Error;
use crate::source::tracks::facts::Fact;
use crate::source::tracks::readings::Reading;
use crate::source::tracks::recorder::Recorder;
use crate::source::xml::{Element, Token, Xml, coordinate, unread};
use crate::source::{Query, parse_time};

/// A text that is longer is cut.
const LONGEST_TEXT: usize = 1 << 12;

/// What an element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Activity,
    Lap,
    Track,
    Fix,
    /// The name of the device is inside.
    Creator,
    HeartRate,
    Leaf(Leaf),
    Other,
}

/// An element whose text is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaf {
    Time,
    Latitude,
    Longitude,
    Measured(Reading),
    /// Metres of a lap.
    LapDistance,
    /// Seconds of a lap in which the clock ran.
    LapTime,
    Known(&'static str),
    Device,
}

/// Reads all tracks of a text.
///
/// # Errors
/// When the text is no TCX, or damaged, or ends too early; under `strict`, when a fix cannot be used.
pub(super) fn read(
    bytes: Box<dyn Read + Send>,
    name: &str,
    _query: &Query,
    out: &mut Recorder<'_>,
) -> Result<(), Error> {
    let mut xml = Xml::new(bytes, name, "TrainingCenterDatabase").map_err(|e| unread(name, &e))?;
    let mut activity = Activity::default();
    while let Some(token) = xml.next()? {
        match token {
            Token::Start(element) => activity.start(&element, out),
            Token::Text(text) if matches!(activity.open.last(), Some(Part::Leaf(_))) => {
                text.add_to(&mut activity.text, LONGEST_TEXT);
            }
            Token::Text(_) | Token::Remark => {}
            Token::End => activity.end(out)?,
        }
    }
    Ok(())
}

/// What is known of the activity that is being read.
#[derive(Debug, Default)]
struct Activity {
    /// The elements that are open, the outermost first.
    open: Vec<Part>,
    text: String,
    /// Whether the current lap has a track already.
    tracked: bool,
    fixes: u64,
    lng: Option<f64>,
    lat: Option<f64>,
    time: Option<i64>,
    metres: f64,
    seconds: f64,
}

impl Activity {
    fn start(&mut self, element: &Element<'_>, out: &mut Recorder<'_>) {
        let part = part(self.open.last().copied(), element.name());
        self.open.push(part);
        match part {
            Part::Activity => self.begin(element, out),
            Part::Lap => self.tracked = false,
            Part::Track => {
                if std::mem::replace(&mut self.tracked, true) {
                    out.interrupt();
                }
            }
            Part::Fix => (self.lng, self.lat, self.time) = (None, None, None),
            Part::Leaf(_) => self.text.clear(),
            Part::Creator | Part::HeartRate | Part::Other => {}
        }
    }

    fn begin(&mut self, element: &Element<'_>, out: &mut Recorder<'_>) {
        out.begin();
        (self.tracked, self.metres, self.seconds) = (false, 0.0, 0.0);
        if let Some(sport) = element.attribute("Sport") {
            out.fact("type", Fact::Text(sport));
        }
    }

    fn end(&mut self, out: &mut Recorder<'_>) -> Result<(), Error> {
        match self.open.pop() {
            Some(Part::Leaf(leaf)) => self.leaf(leaf, out),
            Some(Part::Fix) => {
                self.fixes += 1;
                return out.fix(self.fixes, self.lng, self.lat, self.time);
            }
            Some(Part::Activity) => {
                let sums = [("distance", self.metres), ("moving_time", self.seconds)];
                for (name, sum) in sums.into_iter().filter(|(_, sum)| *sum > 0.0) {
                    out.fact(name, Fact::Number(sum));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn leaf(&mut self, leaf: Leaf, out: &mut Recorder<'_>) {
        let text = self.text.trim();
        let number = coordinate(text);
        let finite = number.filter(|number| number.is_finite());
        match leaf {
            Leaf::Time => self.time = parse_time(text),
            Leaf::Latitude => self.lat = number,
            Leaf::Longitude => self.lng = number,
            Leaf::Measured(reading) => finite.into_iter().for_each(|value| out.reading(reading, value)),
            Leaf::LapDistance => self.metres += finite.unwrap_or_default(),
            Leaf::LapTime => self.seconds += finite.unwrap_or_default(),
            Leaf::Known(_) | Leaf::Device if text.is_empty() => {}
            Leaf::Known(name) => out.fact(name, Fact::Text(text.to_owned())),
            Leaf::Device => out.fact("creator", Fact::Text(text.to_owned())),
        }
    }
}

/// What the element called `name` is inside of `parent`.
fn part(parent: Option<Part>, name: &str) -> Part {
    match (parent, name) {
        (_, "Activity" | "Course") => Part::Activity,
        (Some(Part::Activity), "Lap") => Part::Lap,
        (Some(Part::Activity | Part::Lap), "Track") => Part::Track,
        (Some(Part::Track), "Trackpoint") => Part::Fix,
        (Some(Part::Activity), "Creator") => Part::Creator,
        (_, "HeartRateBpm") => Part::HeartRate,
        _ => leaf(parent, name).map_or(Part::Other, Part::Leaf),
    }
}

/// The leaf called `name` inside of `parent`: those of fixes may stand in elements of their own and in extensions.
fn leaf(parent: Option<Part>, name: &str) -> Option<Leaf> {
    Some(match (parent?, name) {
        (Part::Activity, "Name") => Leaf::Known("name"),
        (Part::Activity, "Notes") => Leaf::Known("desc"),
        (Part::Creator, "Name") => Leaf::Device,
        (Part::Lap, "DistanceMeters") => Leaf::LapDistance,
        (Part::Lap, "TotalTimeSeconds") => Leaf::LapTime,
        (Part::Fix, "Time") => Leaf::Time,
        (Part::Fix | Part::Other, "LatitudeDegrees") => Leaf::Latitude,
        (Part::Fix | Part::Other, "LongitudeDegrees") => Leaf::Longitude,
        (Part::Fix, "AltitudeMeters") => Leaf::Measured(Reading::Elevation),
        (Part::Fix, "DistanceMeters") => Leaf::Measured(Reading::Distance),
        (Part::HeartRate, "Value") => Leaf::Measured(Reading::HeartRate),
        (Part::Fix, "Cadence") | (Part::Other, "RunCadence") => Leaf::Measured(Reading::Cadence),
        (Part::Other, "Speed") => Leaf::Measured(Reading::Speed),
        (Part::Other, "Watts") => Leaf::Measured(Reading::Power),
        _ => return None,
    })
}
