//! The scale bar: a round length on the ground at the middle latitude of the picture, drawn to scale.

use std::fmt::Write;

use super::label::label;
use super::layout::{Body, INK, PALE_INK, padding};
use super::text::Face;
use crate::error::Error;
use crate::events::{Space, Unit};
use crate::frame::Frame;
use crate::world::EARTH_RADIUS_M;

/// The longest bar, as a part of the width of the picture.
const LONGEST: f64 = 0.22;

/// A caption names the latitude when lengths differ by more than this factor over the picture.
const TELLING: f64 = 1.1;

/// A length, how many pixels it takes, and where that is so.
struct Bar {
    label: String,
    pixels: f64,
    caption: Option<String>,
}

/// The scale bar with letters of `size` on a picture `width` pixels wide; none if there is no room.
pub(super) fn body(frame: &Frame, size: f64, width: f64, room: f64) -> Result<Option<Body>, Error> {
    let pad = padding(size);
    let Some(bar) = Bar::of(frame, width, width * LONGEST).filter(|bar| bar.pixels >= size) else { return Ok(None) };
    let (face, pale) = (Face::new(size, false, INK), Face::new(size * 0.88, false, PALE_INK));
    let caption = bar.caption.as_deref().unwrap_or_default();
    let inside =
        bar.pixels.max(face.width(&bar.label)?).max(if caption.is_empty() { 0.0 } else { pale.width(caption)? });
    if inside + 2.0 * pad > room {
        return Ok(None);
    }
    let (thick, end) = ((size / 7.0).round().max(1.0), (size * 0.5).round());
    let (left, middle) = ((pad + (inside - bar.pixels) / 2.0).round(), pad + inside / 2.0);
    let mut svg = String::new();
    face.write(&mut svg, middle, pad * 0.5, "middle", &bar.label);
    let top = (pad * 0.5 + face.height(1)).round();
    let pixels = bar.pixels.round();
    // A trough: the ends stand up from the line.
    _ = write!(
        svg,
        "<path d=\"M{left} {top}h{thick}v{drop}h{across}v-{drop}h{thick}v{end}h-{pixels}Z\" fill=\"{INK}\"/>",
        drop = end - thick,
        across = pixels - 2.0 * thick,
    );
    let mut y = top + end;
    if !caption.is_empty() {
        pale.write(&mut svg, middle, y, "middle", caption);
        y += pale.height(1) - pad * 0.3;
    }
    Ok(Some(Body { width: inside + 2.0 * pad, height: y + pad, svg, shortened: false }))
}

impl Bar {
    /// The longest bar of a round length that takes at most `longest` pixels of a picture `width` pixels wide.
    fn of(frame: &Frame, width: f64, longest: f64) -> Option<Bar> {
        let cells_per_pixel = f64::from(frame.width()) / width;
        let (per_cell, caption) = match frame.space() {
            Space::Earth => on_the_ground(frame),
            Space::Flat { .. } => (frame.cell().0, None),
        };
        let per_pixel = per_cell * cells_per_pixel;
        let length = round_below(longest * per_pixel)?;
        let label = match frame.space() {
            Space::Earth | Space::Flat { unit: Unit::Metre, .. } => metric(length),
            Space::Flat { unit, .. } => format!("{} {}", label(length), unit.symbol()),
        };
        Some(Bar { label, pixels: length / per_pixel, caption })
    }
}

/// Metres on the ground along a cell in the middle of the picture, and which latitude that is if it matters.
fn on_the_ground(frame: &Frame) -> (f64, Option<String>) {
    let rows = i64::from(frame.height());
    let latitude = |row: i64| frame.row_latitude(row).to_degrees();
    let (north, south) = (latitude(0), latitude(rows - 1));
    // The centre of the picture lies between two rows where their number is even.
    let middle = f64::midpoint(latitude((rows - 1) / 2), latitude(rows / 2));
    let cos = |degrees: f64| degrees.to_radians().cos();
    let widest = if north * south < 0.0 { 1.0 } else { cos(north).max(cos(south)) };
    let varies = widest > cos(north).min(cos(south)) * TELLING;
    let caption = varies.then(|| {
        let hemisphere = if middle < -0.05 {
            " S"
        } else if middle > 0.05 {
            " N"
        } else {
            ""
        };
        format!("at {}°{hemisphere}", label((middle.abs() * 10.0).round() / 10.0))
    });
    (frame.cell().0 * std::f64::consts::TAU * EARTH_RADIUS_M * cos(middle), caption)
}

/// The greatest of 1, 2 and 5 times a power of ten that does not exceed a length.
fn round_below(length: f64) -> Option<f64> {
    if !(length.is_finite() && length > 0.0) {
        return None;
    }
    let power = 10f64.powi(length.log10().floor() as i32);
    let digit = [5.0, 2.0, 1.0].into_iter().find(|digit| digit * power <= length)?;
    Some(digit * power)
}

fn metric(metres: f64) -> String {
    if metres >= 1000.0 { format!("{} km", label(metres / 1000.0)) } else { format!("{} m", label(metres)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::YAxis;
    use crate::frame::Extent;

    fn bar(space: Space, bounds: [f64; 4]) -> Bar {
        let frame = Frame::new(space, Extent::of_bounds(space, bounds), 1000, 1000).expect("a good frame");
        Bar::of(&frame, 1000.0, 200.0).expect("a bar")
    }

    #[test]
    fn a_bar_on_the_equator_is_as_long_as_it_says() {
        let bar = bar(Space::Earth, [0.0, -0.5, 1.0, 0.5]);
        // A degree of the equator is 111.195 km, over 1000 pixels.
        assert_eq!(bar.label, "20 km");
        assert!((bar.pixels - 20_000.0 / 111.195_08).abs() < 0.01, "{}", bar.pixels);
        assert_eq!(bar.caption, None, "the scale hardly varies");
    }

    #[test]
    fn a_bar_in_the_north_counts_shorter_degrees() {
        let equator = bar(Space::Earth, [0.0, -0.5, 1.0, 0.5]);
        let north = bar(Space::Earth, [0.0, 59.75, 1.0, 60.25]);
        assert_eq!(north.label, "10 km");
        assert!((north.pixels / equator.pixels - 1.0).abs() < 0.002, "cos 60° is a half: {}", north.pixels);
    }

    #[test]
    fn a_bar_over_many_latitudes_says_where_it_holds() {
        assert_eq!(bar(Space::Earth, [-180.0, -85.0, 179.999, 85.0]).caption.as_deref(), Some("at 0°"));
        let europe = bar(Space::Earth, [-10.0, 35.0, 40.0, 70.0]).caption.expect("a caption");
        assert!(europe.starts_with("at 56.") && europe.ends_with("° N"), "{europe}");
        let south = bar(Space::Earth, [-80.0, -55.0, -30.0, -10.0]).caption.expect("a caption");
        assert!(south.ends_with("° S"), "{south}");
    }

    #[test]
    fn a_flat_bar_has_the_unit_of_the_space() {
        let flat = |unit| Space::Flat { unit, y_axis: YAxis::Up };
        assert_eq!(bar(flat(Unit::Metre), [0.0, 0.0, 26_000.0, 100.0]).label, "5 km");
        assert_eq!(bar(flat(Unit::Foot), [0.0, 0.0, 26_000.0, 100.0]).label, "5,000 ft");
        assert_eq!(bar(Space::PAGE, [0.0, 0.0, 1280.0, 900.0]).label, "200 px");
        assert_eq!(bar(flat(Unit::Unnamed), [0.0, 0.0, 0.01, 1.0]).label, "0.002 u");
    }
}
