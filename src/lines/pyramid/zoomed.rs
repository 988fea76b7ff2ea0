//! The density over whole tiles of one zoom, as a pyramid has it.

use crate::bandwidth::{Bandwidth, Breadth, Length};
use crate::counts::Aggregate;
use crate::error::Error;
use crate::estimate::smoothing::natural_zoom;
use crate::estimate::{HALF_LEVEL, Method, Smoothing};
use crate::frame::Frame;
use crate::grid::Density;
use crate::kernel::Kernel;
use crate::lines::density::{Found, Wish};
use crate::lines::framing::Size;
use crate::lines::oddities;
use crate::lines::pyramid::Pyramid;
use crate::lines::pyramid::ladder::{Ladder, Way, Zooms};
use crate::lines::reading::Reading;

/// That density, where a wish is for it; none where it is for something else.
///
/// # Errors
/// What reading meets, and when no row can be used.
pub fn zoomed(
    reading: &mut Reading<'_>,
    wish: &Wish,
    (frame, bandwidth): (Frame, Bandwidth),
) -> Result<Option<Found>, Error> {
    let (Size::Zoom(zoom), Bandwidth::Fixed(length)) = (wish.size, bandwidth) else { return Ok(None) };
    let plain = wish.interpolation.is_none() && !wish.edge_correct && !wish.evidence;
    let summed = matches!(wish.aggregate, Aggregate::Count | Aggregate::Sum | Aggregate::Mean);
    let possible = match length {
        Length::Metres(metres) => natural_zoom(metres).is_some(),
        length => Way::of(Bandwidth::Fixed(length)).is_ok(),
    };
    if !possible || !plain || !summed || wish.kernel != Kernel::Gaussian || wish.method == Method::Exact {
        return Ok(None);
    }
    let (way, extent) = (Way::of(bandwidth)?, frame.extent());
    let ladder = Ladder::new(way, &extent, Zooms { least: zoom, greatest: Some(zoom), large: false })?;
    let (method, error) = ladder.method(way, &extent)?;
    if error > HALF_LEVEL {
        return Ok(None);
    }
    let (pyramid, _) = Pyramid::gathered(reading, wish, (way, bandwidth), (ladder, extent), false)?;
    let reach = match way {
        Way::Gaussian(metres) => {
            let factor = 1 << zoom.saturating_sub(ladder.natural);
            Smoothing::over_larger(frame, Breadth::Ground(metres), factor)?.gather
        }
        way => way.reach(frame)?,
    };
    let (counts, reached) = pyramid.counts(reach)?;
    let grid = pyramid.level_over(zoom, frame)?;
    let density = Density { grid, quantity: pyramid.quantity };
    let mut notes = Vec::new();
    if wish.bounds.is_none() && wish.mask.is_none() {
        notes.extend(oddities::notes(&counts));
    }
    notes.extend(pyramid.notes);
    let private = reading.query().privacy();
    Ok(Some(Found { density, evidence: None, bandwidth, method, error, reached, notes, private }))
}
