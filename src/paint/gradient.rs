//! Colormaps from a few stops, as in `0:#0000;10:#f00;50:#fff` (by values) or `0%:navy;100%:#fff` (by shares of the
//! scale). Between two stops the premultiplied sRGB channels are mixed, as CSS does: a stop without alpha has no
//! colour to mix in.

use std::fmt;
use std::str::FromStr;

use super::colormap::Colormap;
use crate::error::Error;
use crate::image::Straight;

/// What the positions of stops are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Values: the gradient brings its own limits and a linear scale.
    Values,
    /// Intensities, 0..=1 (0 % to 100 %), of whatever scale is used.
    Shares,
}

/// Stops of colour; two of them may share a position, for a hard edge. What was parsed prints as it was written.
///
/// ```
/// use torrid::image::Straight;
/// use torrid::paint::Gradient;
/// let gradient: Gradient = "0:#0000; 10:red; 50:#fff".parse()?;
/// assert_eq!(gradient.limits(), Some((0.0, 50.0)));
/// assert_eq!(gradient.colormap().colours()[255], Straight([255, 255, 255, 255]));
/// # Ok::<(), torrid::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Gradient {
    text: String,
    by: By,
    /// Position and straight sRGB colour with alpha, channels in 0..=1; positions never descend.
    stops: Vec<(f64, [f32; 4])>,
}

impl Gradient {
    /// What the positions are.
    pub fn by(&self) -> By {
        self.by
    }

    /// The values of the first and the last stop: `vmin` and `vmax` of the linear scale that goes with the
    /// gradient. `None` for a gradient by shares.
    pub fn limits(&self) -> Option<(f64, f64)> {
        let (first, last) = (self.stops.first()?, self.stops.last()?);
        (self.by == By::Values).then_some((first.0, last.0))
    }

    /// The colours of 256 positions, even from the first value to the last, or from 0 % to 100 %.
    pub fn colormap(&self) -> Colormap {
        let (low, high) = self.limits().unwrap_or((0.0, 1.0));
        Colormap::new(&*self.text, std::array::from_fn(|i| self.colour_at(low + (high - low) * i as f64 / 255.0)))
    }

    /// The colour of a position; that of the nearest stop beyond the ends.
    fn colour_at(&self, position: f64) -> Straight {
        let above = self.stops.partition_point(|stop| stop.0 <= position);
        let b = self.stops[above.min(self.stops.len() - 1)];
        let a = self.stops[above.saturating_sub(1)];
        let share = if a.0 < b.0 { ((position - a.0) / (b.0 - a.0)).clamp(0.0, 1.0) } else { 0.0 };
        Straight(mixed(a.1, b.1, share as f32).map(|channel| (channel * 255.0).round() as u8))
    }
}

/// Two straight colours mixed as premultiplied ones.
fn mixed(a: [f32; 4], b: [f32; 4], share: f32) -> [f32; 4] {
    let alpha = a[3] + (b[3] - a[3]) * share;
    let channel = |i: usize| {
        let both = a[i] * a[3] * (1.0 - share) + b[i] * b[3] * share;
        if alpha > 0.0 { (both / alpha).clamp(0.0, 1.0) } else { 0.0 }
    };
    [channel(0), channel(1), channel(2), alpha]
}

impl fmt::Display for Gradient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Gradient {
    type Err = Error;

    fn from_str(text: &str) -> Result<Gradient, Error> {
        let texts: Vec<&str> = text.split(';').map(str::trim).filter(|stop| !stop.is_empty()).collect();
        let parsed: Vec<(By, f64, [f32; 4])> = texts.iter().map(|stop| parse_stop(stop)).collect::<Result<_, _>>()?;
        let (Some(first), Some(last)) = (parsed.first(), parsed.last()) else { return Err(too_few(text)) };
        if parsed.len() < 2 {
            return Err(too_few(text));
        }
        let by = first.0;
        if let Some(other) = parsed.iter().position(|stop| stop.0 != by) {
            return Err(refused(texts[other]).expected("all positions with % or none of them"));
        }
        if let Some(back) = parsed.windows(2).position(|pair| pair[0].1 > pair[1].1) {
            return Err(refused(texts[back + 1]).expected("positions that ascend").advice("put the stops in order"));
        }
        if first.1 >= last.1 {
            return Err(refused(text).expected("a last position above the first"));
        }
        let stops = parsed.iter().map(|(_, position, colour)| (*position, *colour)).collect();
        Ok(Gradient { text: text.trim().to_owned(), by, stops })
    }
}

fn parse_stop(stop: &str) -> Result<(By, f64, [f32; 4]), Error> {
    let form = "POSITION:COLOUR, the position a number or a percentage";
    let (position, colour) = stop.split_once(':').ok_or_else(|| refused(stop).expected(form))?;
    let position = position.trim();
    let (by, number) = match position.strip_suffix('%') {
        Some(percent) => (By::Shares, percent.trim().parse().map(|percent: f64| percent / 100.0)),
        None => (By::Values, position.parse()),
    };
    let number = number.ok().filter(|number| number.is_finite()).ok_or_else(|| refused(stop).expected(form))?;
    if by == By::Shares && !(0.0..=1.0).contains(&number) {
        return Err(refused(stop).expected("a percentage from 0% to 100%"));
    }
    let colour = csscolorparser::parse(colour.trim()).map_err(|_| {
        refused(stop).expected("a CSS colour after the colon").advice("write for instance #f80, #ff880080 or navy")
    })?;
    Ok((by, number, colour.clamp().to_array()))
}

fn refused(found: &str) -> Error {
    Error::caller("--gradient").found(format!("`{found}`"))
}

fn too_few(text: &str) -> Error {
    refused(text).expected("at least two stops").advice("write for instance --gradient \"0:#0000;10:#f00;50:#fff\"")
}
