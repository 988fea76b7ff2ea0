//! The density over whole tiles of one zoom, as a pyramid has it.

use crate::bandwidth::{Bandwidth, Length};
use crate::counts::Aggregate;
use crate::error::Error;
use crate::estimate::{HALF_LEVEL, Method};
use crate::frame::Frame;
use crate::grid::Density;
use crate::kernel::Kernel;
use crate::lines::density::{Found, Wish};
use crate::lines::framing::Size;
use crate::lines::pyramid::{Pyramid, Zooms};
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
    let (Size::Zoom(zoom), Bandwidth::Fixed(Length::Metres(_))) = (wish.size, bandwidth) else { return Ok(None) };
    let plain = wish.interpolation.is_none() && !wish.edge_correct && !wish.evidence;
    let summed = matches!(wish.aggregate, Aggregate::Count | Aggregate::Sum);
    if !plain || !summed || wish.kernel != Kernel::Gaussian || wish.method == Method::Exact {
        return Ok(None);
    }
    let wish = Wish { bandwidth, ..wish.clone() };
    let pyramid = Pyramid::of(reading, &wish, Zooms { least: zoom, greatest: Some(zoom), large: false })?;
    let (method, error) = pyramid.method()?;
    if error > HALF_LEVEL {
        return Ok(None);
    }
    let grid = pyramid.level_over(zoom, frame)?;
    let density = Density { grid, quantity: pyramid.quantity.clone() };
    let reached = pyramid.events();
    Ok(Some(Found { density, evidence: None, bandwidth, method, error, reached, notes: pyramid.notes }))
}
