//! What a picture may hide or pretend: notes for whoever draws it, and how people with other eyes see it.

use super::Arranged;
use super::shading::Shading;
use crate::figure::label;
use crate::image::Straight;
use crate::matrix::Matrix;
use crate::paint::{Apart, Colormap, Kind, apart, apart_along};
use crate::scale::{Norm, Scale};

/// The least number of values in which one that stands alone is told.
const LEAST_VALUES: usize = 6;

/// Notes on the colours chosen for these values.
pub fn notes(arranged: &Arranged, shading: &Shading, scale: &Scale) -> Vec<String> {
    let matrix = &arranged.matrix;
    let kind = colours(shading, scale);
    kind.into_iter().chain(alone(matrix, scale)).chain(at_the_ends(matrix, scale)).collect()
}

/// Values that a scale cannot show for what they are.
fn at_the_ends(matrix: &Matrix, scale: &Scale) -> Vec<String> {
    let count = |is: fn(&f64) -> bool| matrix.values().iter().filter(|value| is(value)).count();
    let (any, infinite) = (count(|value| !value.is_nan()), count(|value| value.is_infinite()));
    let mut notes = Vec::new();
    if any == 0 {
        notes.push("no cell that is shown has data".to_owned());
    }
    if infinite > 0 {
        notes.push(format!("{infinite} infinite values have the colours of the ends"));
    }
    let below = if scale.norm == Norm::Log { count(|value| *value <= 0.0) } else { 0 };
    if below > 0 {
        notes.push(format!("{below} values of 0 or less have the first colour: --norm symlog:T shows them"));
    }
    notes
}

fn colours(shading: &Shading, scale: &Scale) -> Option<String> {
    let name = shading.colormap.name();
    let centred = scale.center.is_some() || scale.norm == Norm::TwoSlope;
    let (low, high) = shading.shade.limits();
    let even = (low + high).abs() <= 1e-6 * (high - low);
    match shading.colormap.kind()? {
        Kind::Rainbow => Some(format!(
            "{name} is a rainbow: its lightness goes up and down and shows edges that are not in the data; \
             --cmap viridis or cividis grows evenly"
        )),
        Kind::Qualitative => Some(format!(
            "{name} is made for classes: its colours have no order, and values do; --cmap viridis has one"
        )),
        Kind::Diverging if !centred && !even => Some(format!(
            "{name} has a middle, which lies at {} only by chance: --center says which value it is for",
            label(shading.shade.value(0.5))
        )),
        Kind::Sequential if centred => {
            Some(format!("{name} has no middle that would show the centre: --cmap vlag or RdBu_r has one"))
        }
        _ => None,
    }
}

/// A value that takes more than half of the range for itself.
fn alone(matrix: &Matrix, scale: &Scale) -> Option<String> {
    let chosen = scale.robust || scale.vmin.is_some() || scale.vmax.is_some() || scale.norm != Norm::Linear;
    let mut lows = [f64::INFINITY; 2];
    let mut highs = [(f64::NEG_INFINITY, 0); 2];
    let mut low_at = 0;
    let mut count = 0;
    for (i, value) in matrix.values().iter().enumerate().filter(|(_, value)| value.is_finite()) {
        count += 1;
        if *value < lows[0] {
            (lows[1], lows[0], low_at) = (lows[0], *value, i);
        } else if *value < lows[1] {
            lows[1] = *value;
        }
        if *value > highs[0].0 {
            highs = [(*value, i), highs[0]];
        } else if *value > highs[1].0 {
            highs[1] = (*value, i);
        }
    }
    let range = highs[0].0 - lows[0];
    if chosen || count < LEAST_VALUES || range <= 0.0 {
        return None;
    }
    let (at, value) = if highs[0].0 - highs[1].0 > range / 2.0 {
        (highs[0].1, highs[0].0)
    } else if lows[1] - lows[0] > range / 2.0 {
        (low_at, lows[0])
    } else {
        return None;
    };
    let (row, column) = (&matrix.rows.labels[at / matrix.width()], &matrix.columns.labels[at % matrix.width()]);
    let log = if lows[0] > 0.0 { " or --norm log" } else { "" };
    Some(format!(
        "one cell ({row}, {column}: {}) takes more than half of the range, so that all others look alike: \
         --robust{log} shows them",
        label(value)
    ))
}

/// In a sentence each, whether values stay apart for people with colour-vision deficiencies.
pub fn seen(colormap: &Colormap) -> Vec<String> {
    apart_along(colormap).iter().map(|found| sentence(colormap, found)).collect()
}

/// In a sentence each, whether the colours of classes stay apart for people with colour-vision deficiencies.
pub fn seen_classes(name: &str, colours: &[Straight]) -> Vec<String> {
    let told = |found: Apart| {
        let (who, least, (a, b)) = (found.deficiency.name(), found.least, found.pair);
        if found.apart {
            return format!("{who}: the colours of {name} stay apart (least difference {least:.1})");
        }
        format!("{who}: colours {} and {} of {name} look alike (difference {least:.1})", a + 1, b + 1)
    };
    apart(colours).into_iter().map(told).collect()
}

fn sentence(colormap: &Colormap, found: &Apart) -> String {
    let name = colormap.name();
    let (who, least) = (found.deficiency.name(), found.least);
    if found.apart {
        return format!("{who}: the values of {name} stay apart (least difference {least:.1})");
    }
    let classes = colormap.classes();
    let place = |i: usize| match classes {
        Some(_) => format!("colour {}", i + 1),
        None => format!("{} %", i * 100 / (crate::paint::SAMPLES - 1)),
    };
    format!(
        "{who}: {} and {} of {name} look alike (difference {least:.1}, to others {:.1}); --cmap cividis or viridis stays apart",
        place(found.pair.0),
        place(found.pair.1),
        found.usual
    )
}
