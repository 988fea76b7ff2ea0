//! One log to a map: of how often something was done where, or of bands of the page.

use crate::bandwidth::{Bandwidth, Length};
use crate::counts::Aggregate;
use crate::error::Error;
use crate::events::{Space, Unit};
use crate::grid::{Area, Density, Quantity};
use crate::interaction::Interaction;
use crate::land::hottest;
use crate::lines::Progress;
use crate::lines::clicks::bands::{self, of_bands};
use crate::lines::clicks::{Ground, Landed, Map, Wish, landed, seen};
use crate::lines::density::{self, density};
use crate::lines::framing::Size;
use crate::lines::reading::Reading;
use crate::source::Query;

/// Values are told of squares of so many CSS pixels a side: about a large button.
const SIDE: u32 = 100;

/// Values are told of so many visitors, which makes them percent where each does it once.
const VISITORS: f64 = 100.0;

/// Draws up the map of a log on a picture.
///
/// # Errors
/// When the log has nothing of what is to be shown, or the wish contradicts itself.
pub fn heat(log: &[Interaction], ground: &Ground, wish: &Wish, progress: &dyn Progress) -> Result<Map, Error> {
    if wish.show.is_of_bands() {
        return of_bands(log, ground, wish);
    }
    progress.stage("landing");
    let landed = landed(log, ground, wish)?;
    if landed.events.is_empty() {
        return Err(nowhere(&landed));
    }
    let mut reading = reading(&landed, progress);
    let mut found = density(&mut reading, &estimate(ground, wish))?;
    tell_squares(&mut found.density, landed.tally.everyone, landed.tally.visits);
    let (hot, elsewhere) = hottest(&landed.struck, ground.elements());
    found.notes.extend(bands::smaller(ground, wish));
    Ok(Map { found, tally: Some(landed.tally), reached: seen(log, ground, wish), hot, elsewhere })
}

/// The events as if they had been read, with their weights.
pub(super) fn reading<'a>(landed: &Landed<'_>, progress: &'a dyn Progress) -> Reading<'a> {
    let query = Query { weight: Some(landed.unit.to_owned()), ..Query::new(Space::PAGE) };
    Reading::of_events(&landed.events, query, progress)
}

/// What is asked of the estimate. A pixel is one of CSS, so that neither the scale of the picture nor the number of cells
/// changes how wide a kernel is.
pub(super) fn estimate(ground: &Ground, wish: &Wish) -> density::Wish {
    let [width, height] = wish.size(ground);
    let of_page = |length| if let Length::Pixels(pixels) = length { Length::Units(pixels) } else { length };
    let bandwidth = match wish.bandwidth {
        Bandwidth::Fixed(length) => Bandwidth::Fixed(of_page(length)),
        Bandwidth::Adaptive(length) => Bandwidth::Adaptive(of_page(length)),
        other => other,
    };
    density::Wish {
        bounds: Some([0.0, 0.0, ground.size[0], ground.size[1]]),
        size: Size::Cells(width, height),
        kernel: wish.kernel,
        bandwidth,
        method: wish.method,
        aggregate: Aggregate::Sum,
        ..density::Wish::default()
    }
}

/// Tells values per pixel as values of squares that are large enough for people, and of a number of visitors where it is
/// known how many there were.
fn tell_squares(density: &mut Density, everyone: Option<usize>, visits: bool) {
    let per = everyone.map_or(1.0, |everyone| VISITORS / everyone.max(1) as f64);
    scale(density, per * f64::from(SIDE * SIDE));
    let who = if visits { "visits" } else { "visitors" };
    let Quantity::PerArea(Some(unit), _) = &density.quantity else { return };
    let unit = if everyone.is_some() { format!("{unit} of {VISITORS} {who}") } else { unit.clone() };
    density.quantity = Quantity::PerArea(Some(unit), Area::Squares(SIDE, Unit::Pixel));
}

/// The same for how much more there is on one side than on the other.
pub(super) fn tell_more_squares(density: &mut Density) {
    let Quantity::More(of, sides) = &density.quantity else { return };
    if let Quantity::PerArea(unit, _) = &**of {
        let of = Box::new(Quantity::PerArea(unit.clone(), Area::Squares(SIDE, Unit::Pixel)));
        density.quantity = Quantity::More(of, sides.clone());
        scale(density, f64::from(SIDE * SIDE));
    }
}

fn scale(density: &mut Density, factor: f64) {
    for value in density.grid.values_mut() {
        *value = (f64::from(*value) * factor) as f32;
    }
}

/// Nothing landed on the picture.
pub(super) fn nowhere(landed: &Landed<'_>) -> Error {
    let why = landed.tally.missed.iter().max_by_key(|(_, count)| **count);
    let why = why.and_then(|(missed, _)| super::MISSES.iter().find(|(known, _)| known == missed));
    let why = why.map_or("are on elements that --fixed leaves out", |(_, words)| words);
    Error::input("the log")
        .found(format!("none of {} {} on the picture: most {why}", landed.tally.interactions, landed.unit))
        .expected("a log and a picture of one page")
        .advice("check --url, --page, --layout and --fixed")
}
