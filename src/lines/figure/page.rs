//! The figure as a page to look at closely: what the page in `web/figure` is told.

use serde_json::{Map, Value, json};

use super::{Arranged, Wish, column_side, honest, row_side, shading_of, texts};
use crate::error::Error;
use crate::figure::{Key, Side};
use crate::image::Straight;
use crate::matrix::Axis;
use crate::paint::Colormap;

/// What a page shows.
pub struct FigurePage {
    /// What is told of it; what the keys mean is said in `web/figure/told.ts`.
    pub facts: Map<String, Value>,
    /// For each cell, row by row, the place of its colour.
    pub places: Vec<u8>,
    /// The values, row by row; NaN is no data.
    pub numbers: Vec<f64>,
    /// The values of the least and the greatest colour.
    pub limits: (f64, f64),
    /// The colours.
    pub colormap: Colormap,
    /// Things the user should know.
    pub notes: Vec<String>,
}

/// Makes the page of a figure.
///
/// # Errors
/// When the scale does not suit the values, or a colormap or an attribute is unknown.
pub fn page(arranged: &Arranged, wish: &Wish) -> Result<FigurePage, Error> {
    let shading = shading_of(arranged, wish)?;
    let matrix = &arranged.matrix;
    let mut keys: Vec<Key> = Vec::new();
    let rows = row_side(arranged, wish, &mut keys)?;
    let columns = column_side(arranged, wish, &mut keys)?;
    let strip: Vec<String> = shading.colormap.colours().iter().map(|colour| hex(*colour)).collect();
    // The page shows all colours, though a scale with a centre may not use those of one end.
    let (low, high) = shading.ends();
    let ticks: Vec<_> = shading.ticks().into_iter().map(|(at, text)| (low + (high - low) * at, text)).collect();
    let scale = wish.bar.as_ref().map(|_| json!({ "ticks": ticks }));
    let lines = wish.measures.between.map(|(width, colour)| json!({ "width": width, "colour": hex(colour) }));
    let texts: Vec<String> = texts(arranged, wish, &shading).into_iter().map(|(text, _)| text).collect();
    let name = wish.bar.as_ref().and_then(|bar| bar.title.clone()).unwrap_or_else(|| matrix.name.clone());
    let facts = json!({
        "title": wish.title.clone().unwrap_or_default(),
        "caption": super::caption(wish),
        "name": name,
        "rows": told(&matrix.rows, &rows),
        "columns": told(&matrix.columns, &columns),
        "size": [matrix.width(), matrix.height()],
        "colours": strip,
        "scale": scale,
        "square": wish.measures.square,
        "lines": lines,
        "origin": "upper",
        "annotate": wish.annotate.is_some(),
        "texts": if texts.is_empty() { Value::Null } else { json!(texts) },
        // What is hidden is not to look like what is missing.
        "missing": if arranged.hidden.is_empty() { (shading.missing.0[3] > 0).then(|| hex(shading.missing)) } else { Some("#00000000".to_owned()) },
    });
    let Value::Object(facts) = facts else { unreachable!("an object is written above") };
    let places = matrix.values().iter().map(|value| if value.is_nan() { 0 } else { shading.place(*value) }).collect();
    Ok(FigurePage {
        facts,
        places,
        numbers: matrix.values().to_vec(),
        limits: shading.shade.limits(),
        notes: honest::notes(arranged, &shading, &wish.whole_scale()),
        colormap: shading.colormap,
    })
}

fn told(axis: &Axis, side: &Side) -> Value {
    let strips = side.strips.iter().map(|strip| {
        let words = axis.attributes.iter().find(|attribute| attribute.name == strip.name).map(|found| &found.words);
        json!({ "name": strip.name, "words": words, "colours": strip.colours.iter().map(|c| hex(*c)).collect::<Vec<_>>() })
    });
    let even = side.edges.windows(2).all(|pair| (pair[1] - pair[0] - side.edges[1]).abs() < 1e-9);
    json!({
        "title": side.title,
        "labels": axis.labels,
        "attributes": strips.collect::<Vec<_>>(),
        "tree": if side.tree.is_empty() { Value::Null } else { json!(side.tree) },
        "edges": if even { Value::Null } else { json!(side.edges) },
    })
}

fn hex(Straight([r, g, b, a]): Straight) -> String {
    let alpha = if a == 255 { String::new() } else { format!("{a:02x}") };
    format!("#{r:02x}{g:02x}{b:02x}{alpha}")
}
