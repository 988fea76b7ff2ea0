//! The graticule: lines of round longitudes and latitudes, or of round coordinates in a flat space, with their
//! numbers along the upper and the left edge.

use super::label::{label, labels};
use super::scene::{Piece, Rect};
use super::text::Face;
use crate::error::Error;
use crate::events::Space;
use crate::frame::Frame;
use crate::world::World;

/// Pixels between lines at least, in em of the furniture.
const LEAST_GAP: f64 = 11.0;

const LIGHT: &str = "fill=\"white\" fill-opacity=\"0.35\"";
const DARK: &str = "fill=\"black\" fill-opacity=\"0.5\"";

/// A line across the picture: which coordinate, and the row or column of pixels where it runs.
struct Line {
    value: f64,
    at: u32,
}

/// The lines and numbers on a picture with letters of `size`; numbers keep clear of the places taken.
pub(super) fn pieces(frame: &Frame, width: u32, height: u32, size: f64, taken: &[Rect]) -> Result<Vec<Piece>, Error> {
    let [west, south, east, north] = frame.extent().bounds(frame.space());
    let step = step((east - west) / (f64::from(width) / (LEAST_GAP * size)).max(1.0), frame.space());
    let pixel = |x: f64, y: f64| {
        let (space, extent) = (frame.space(), frame.extent());
        // Longitudes go on beyond 180° here, where World::of would wrap them.
        let across = if space == Space::Earth { x / 360.0 + 0.5 } else { x };
        let World { y, .. } = World::of(space, 0.0, y);
        let (u, v) = ((across - extent.west) / extent.width(), (y - extent.north) / extent.height());
        ((u * f64::from(width)).floor(), (v * f64::from(height)).floor())
    };
    let (meridians, parallels) = (rounds(west, east, step), rounds(south, north, step));
    // A line on the very edge would look like a frame.
    let inside = |at: f64, most: u32| (at >= 1.0 && at < f64::from(most)).then_some(at as u32);
    let columns = meridians.iter().filter_map(|v| Some(Line { value: *v, at: inside(pixel(*v, south).0, width)? }));
    let rows = parallels.iter().filter_map(|v| Some(Line { value: *v, at: inside(pixel(west, *v).1, height)? }));
    let (columns, rows): (Vec<Line>, Vec<Line>) = (columns.collect(), rows.collect());
    let thick = (size / 14.0).round().max(1.0) as u32;
    let mut pieces: Vec<Piece> =
        columns.iter().map(|line| upright(line.at, height, thick.min(width - line.at))).collect();
    pieces.extend(rows.iter().map(|line| level(line.at, width, thick.min(height - line.at))));
    let mut taken = taken.to_vec();
    for (lines, across) in [(&columns, true), (&rows, false)] {
        let face = Face::new(size * 0.8, false, "#222");
        for (Line { at, .. }, text) in lines.iter().zip(names(lines, frame.space(), across)) {
            let (w, h) = (face.width(&text)?.ceil() as u32 + 6, face.height(1) as u32 + 2);
            let (x, y) = if across { (at.checked_sub(w / 2), Some(2)) } else { (Some(2), at.checked_sub(h / 2)) };
            let (Some(x), Some(y)) = (x, y) else { continue };
            let place = Rect { x, y, width: w, height: h };
            if place.right() < width && place.bottom() < height && !taken.iter().any(|t| t.near(place, 2)) {
                taken.push(place);
                pieces.push(number(place, face, &text));
            }
        }
    }
    Ok(pieces)
}

/// A dark line with a light one on its left, which shows on any ground.
fn upright(x: u32, height: u32, thick: u32) -> Piece {
    let light = thick.min(x);
    let svg = format!(
        "<path d=\"M0 0h{light}v{height}H0Z\" {LIGHT}/><path d=\"M{light} 0h{thick}v{height}h-{thick}Z\" {DARK}/>"
    );
    Piece { place: Rect { x: x - light, y: 0, width: light + thick, height }, svg }
}

/// The same from left to right, the light one above.
fn level(y: u32, width: u32, thick: u32) -> Piece {
    let light = thick.min(y);
    let svg = format!(
        "<path d=\"M0 0v{light}h{width}V0Z\" {LIGHT}/><path d=\"M0 {light}v{thick}h{width}v-{thick}Z\" {DARK}/>"
    );
    Piece { place: Rect { x: 0, y: y - light, width, height: light + thick }, svg }
}

fn number(place: Rect, face: Face, text: &str) -> Piece {
    let mut svg = format!(
        "<rect width=\"{}\" height=\"{}\" rx=\"2\" fill=\"white\" fill-opacity=\"0.75\"/>",
        place.width, place.height
    );
    face.write(&mut svg, 3.0, 1.0, "start", text);
    Piece { place, svg }
}

/// The smallest round step that is not below `least`: 1, 2, 5 times a power of ten, and of degrees above 10 those
/// that divide a right angle.
fn step(least: f64, space: Space) -> f64 {
    let degrees = [10.0, 15.0, 30.0, 45.0, 90.0];
    if space == Space::Earth && least > 5.0 {
        return degrees.into_iter().find(|step| *step >= least).unwrap_or(90.0);
    }
    let power = 10f64.powi(least.max(f64::MIN_POSITIVE).log10().floor() as i32);
    [1.0, 2.0, 5.0].into_iter().map(|digit| digit * power).find(|step| *step >= least).unwrap_or(10.0 * power)
}

/// The multiples of a step between two coordinates; none if there are absurdly many.
fn rounds(from: f64, to: f64, step: f64) -> Vec<f64> {
    let (first, last) = ((from / step).ceil(), (to / step).floor());
    if !(step > 0.0 && last - first < 1000.0) {
        return Vec::new();
    }
    (0..=(last - first).max(-1.0) as i64).map(|i| (first + i as f64) * step).take_while(|v| *v <= to).collect()
}

fn names(lines: &[Line], space: Space, upright: bool) -> Vec<String> {
    let values = || lines.iter().map(|line| line.value);
    if space != Space::Earth {
        return labels(&values().collect::<Vec<f64>>());
    }
    let name = |value: f64| {
        let value = if upright && value > 180.0 { value - 360.0 } else { value };
        let letter = match (upright, value) {
            (_, 0.0) | (true, 180.0 | -180.0) => "",
            (true, v) => [" E", " W"][usize::from(v < 0.0)],
            (false, v) => [" N", " S"][usize::from(v < 0.0)],
        };
        format!("{}°{letter}", precise(value.abs()))
    };
    values().map(name).collect()
}

/// A coordinate in as many digits as it has at all, which may be more than four.
fn precise(value: f64) -> String {
    let text = format!("{value:.6}");
    let short = text.trim_end_matches('0').trim_end_matches('.');
    if short == "0" { label(value) } else { short.to_owned() }
}
