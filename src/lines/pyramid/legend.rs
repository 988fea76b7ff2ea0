//! The legend of a pyramid as HTML, which a web page can show as it is.

use crate::figure::Legend;
use crate::image::Straight;

/// The strip of colours, and below it the ticks: where each zoom has a scale of its own, a row for each.
///
/// # Panics
/// If there is no legend.
pub fn html(legends: &[(Option<u8>, Legend)]) -> String {
    let (_, first) = &legends[0];
    let stops: Vec<String> = first.colours.iter().step_by(17).map(|colour| css(*colour)).collect();
    let rows: String = legends.iter().map(|(zoom, legend)| ticks(*zoom, legend)).collect();
    let note = first.note.as_ref().map_or_else(String::new, |note| format!("<div>{}</div>", escaped(note)));
    let (margin, width) = if legends.len() > 1 { ("margin-left:64px;", 324) } else { ("", 260) };
    format!(
        "<div style=\"width:{width}px;font:12px sans-serif\"><div>{}</div>\
         <div style=\"{margin}height:12px;background:linear-gradient(to right,{})\"></div>{rows}{note}</div>",
        escaped(&first.title),
        stops.join(",")
    )
}

fn ticks(zoom: Option<u8>, legend: &Legend) -> String {
    let tick = |(place, text): &(f64, String)| {
        format!(
            "<span style=\"position:absolute;left:{:.1}%;transform:translateX(-50%)\">{}</span>",
            100.0 * place,
            escaped(text)
        )
    };
    let ticks: String = apart(&legend.ticks).into_iter().map(tick).collect();
    let row = |style: &str| format!("<div style=\"position:relative;{style}height:16px\">{ticks}</div>");
    match zoom {
        None => row(""),
        Some(zoom) => format!("<div style=\"float:left;clear:left\">zoom {zoom}</div>{}", row("margin-left:64px;")),
    }
}

/// The ticks that do not touch the one before them, as wide as letters mostly are.
fn apart(ticks: &[(f64, String)]) -> Vec<&(f64, String)> {
    const STRIP: f64 = 260.0;
    const LETTER: f64 = 7.5;
    let mut end = f64::NEG_INFINITY;
    let mut kept = Vec::new();
    for tick in ticks {
        let half = LETTER * tick.1.chars().count() as f64 / 2.0;
        if STRIP * tick.0 - half >= end {
            end = STRIP * tick.0 + half + LETTER;
            kept.push(tick);
        }
    }
    kept
}

/// A colour as CSS writes it.
pub fn css(Straight([r, g, b, a]): Straight) -> String {
    format!("#{r:02x}{g:02x}{b:02x}{a:02x}")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
