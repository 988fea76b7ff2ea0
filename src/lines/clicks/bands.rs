//! Maps of bands of the page, from its left edge to its right one: how far visits came, and what was in the window.

use crate::bandwidth::Bandwidth;
use crate::error::Error;
use crate::events::Space;
use crate::frame::{Extent, Frame};
use crate::grid::{Density, Grid, Quantity};
use crate::interaction::Interaction;
use crate::land::{STEP, attention};
use crate::lines::clicks::{Ground, Map, Show, Wish, seen};
use crate::lines::density::Found;

/// The map of a log's scrolling.
///
/// # Errors
/// When the log does not tell of it.
pub(super) fn of_bands(log: &[Interaction], ground: &Ground, wish: &Wish) -> Result<Map, Error> {
    let reached = seen(log, ground, wish);
    let (shares, quantity, of) = if wish.show == Show::Scroll {
        let reached = reached.as_ref().filter(|reached| !reached.shares.is_empty()).ok_or_else(|| silent(wish.show))?;
        (reached.shares.clone(), share_of("visits that came so far"), reached.visits.round() as u64)
    } else {
        let all: Vec<&Interaction> = log.iter().collect();
        let (shares, _) = attention(&all, ground.size, wish.shares()).ok_or_else(|| silent(wish.show))?;
        (shares, share_of("time in the window"), log.len() as u64)
    };
    let notes = smaller(ground, wish).into_iter().collect();
    let density = Density { grid: spread(&shares, ground, wish)?, quantity };
    let (bandwidth, method) = (Bandwidth::None, "shares of bands");
    let found = Found { density, evidence: None, bandwidth, method, error: 0.0, reached: of, notes, private: None };
    Ok(Map { found, tally: None, reached, hot: Vec::new(), elsewhere: 0.0 })
}

fn share_of(what: &str) -> Quantity {
    Quantity::Reading(what.to_owned(), "share", Some("%".to_owned()))
}

/// Each band's share in percent, over all of its rows.
fn spread(shares: &[f64], ground: &Ground, wish: &Wish) -> Result<Grid<f32>, Error> {
    let [width, height] = wish.size(ground);
    let extent = Extent { west: 0.0, north: 0.0, east: ground.size[0], south: ground.size[1] };
    let frame = Frame::new(Space::PAGE, extent, width, height)?;
    let value = |row: u32| {
        let band = (frame.centre(0, i64::from(row)).y / STEP) as usize;
        (100.0 * shares[band.min(shares.len() - 1)]) as f32
    };
    let values = (0..height).flat_map(|row| std::iter::repeat_n(value(row), width as usize)).collect();
    Ok(Grid::new(frame, values))
}

/// That a map has fewer cells than the picture has pixels, because a format holds no more.
pub(super) fn smaller(ground: &Ground, wish: &Wish) -> Option<String> {
    let [width, height] = wish.size(ground);
    let wanted = wish.cells.unwrap_or(ground.pixels[0]);
    (width < wanted)
        .then(|| format!("the map is {width} x {height}: its format holds no more than {} a side", wish.most))
}

fn silent(show: Show) -> Error {
    let needs = match show {
        Show::Scroll => "scroll depths",
        _ => "visits with times, scroll depths and heights of windows",
    };
    Error::input("the log").found("nothing of scrolling").expected(needs).advice("leave --show out for clicks")
}
