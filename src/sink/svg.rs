//! SVG: drawings as they are, words as words.

use std::io;

use super::{Encode, Format, Metadata, Out, SOFTWARE};
use crate::drawing::Drawing;

pub(super) const FORMAT: Format = Format {
    name: "SVG",
    extensions: &["svg"],
    about: "drawing that stays sharp at any size, words as words",
    max_side: i32::MAX as u32,
    encode: Encode::Drawing(encode),
};

fn encode(drawing: &Drawing, metadata: Metadata<'_>, out: &mut dyn Out) -> io::Result<()> {
    let (head, body) = drawing.svg.split_once('>').unwrap_or((&drawing.svg, ""));
    let title = metadata.iter().find(|(key, _)| key == "Title").map(|(_, text)| text.as_str()).unwrap_or_default();
    let title = if title.is_empty() { String::new() } else { format!("<title>{}</title>", escaped(title)) };
    write!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- {SOFTWARE} -->\n{head}>{title}{body}\n")
}

fn escaped(text: &str) -> String {
    let visible = |c: char| if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') { ' ' } else { c };
    let visible: String = text.chars().map(visible).collect();
    visible.replace('&', "&amp;").replace('<', "&lt;")
}
