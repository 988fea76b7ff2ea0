//! What an input holds, told before anything is drawn of it.

use crate::accumulate::{Accumulator, Deposit};
use crate::bandwidth::{Bandwidth, Length, Rule};
use crate::counts::Aggregate;
use crate::error::Error;
use crate::frame::Frame;
use crate::lines::framing::{self, Size};
use crate::lines::oddities;
use crate::lines::reading::Reading;
use crate::lines::survey::Survey;
use crate::source::Columns;

/// What was found.
#[derive(Debug, Clone)]
pub struct Holdings {
    /// The columns of each input.
    pub columns: Vec<Columns>,
    /// How many events there are, and where.
    pub survey: Survey,
    /// West, south, east, north of the events; east exceeds 180 where they cross the antimeridian.
    pub extent: [f64; 4],
    /// The bandwidth that `auto` would choose; none where all events are at one place.
    pub bandwidth: Option<Bandwidth>,
    /// What looks odd.
    pub notes: Vec<String>,
}

/// Looks at every event of a reading.
///
/// # Errors
/// What reading meets, and when no row can be used.
pub fn holdings(reading: &mut Reading<'_>) -> Result<Holdings, Error> {
    let tracks = reading.query().tracing.is_some();
    let columns = if tracks { Vec::new() } else { reading.inputs().columns(reading.query())? };
    let survey = Survey::of(reading, true)?;
    let space = reading.query().space;
    let length = survey.bandwidth(reading, Rule::Auto)?;
    let bandwidth = length.map(|length| Bandwidth::Fixed(Length::of_space(space, length)));
    let extent = survey.extent(reading)?;
    let frame = framing::around(space, extent, None, Size::Width(1024))?;
    let notes = odd(reading, frame)?;
    Ok(Holdings { columns, survey, extent: extent.bounds(space), bandwidth, notes })
}

fn odd(reading: &mut Reading<'_>, frame: Frame) -> Result<Vec<String>, Error> {
    let new = || Accumulator::new(frame, Deposit::Cell, Aggregate::Count);
    let gathered = reading.pass("looking for oddities", (usize::MAX, false), new, Accumulator::add)?;
    Ok(oddities::notes(&Accumulator::finish(gathered)))
}
