//! A figure on a terminal, or as PNG into a pipe.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};

use console::Term;

use super::{Told, write};
use crate::error::Error;
use crate::image::{Image, Straight};
use crate::lines::figure::{Arranged, Preview, Wish, figure, preview, visible};
use crate::sink;

/// Lines that are left for the scale, the columns and the next prompt.
const LEFT: u16 = 5;

/// Ends all colours.
const PLAIN: &str = "\x1b[0m";

/// Writes a figure to standard output.
pub fn write(arranged: &Arranged, wish: &Wish) -> Result<Told, Error> {
    let out = std::io::stdout();
    let drawn = figure(arranged, wish)?;
    let size = Some(drawn.scene.size());
    let bytes = if out.is_terminal() {
        let (lines, characters) = Term::stdout().size();
        let room = [usize::from(characters), usize::from(lines.saturating_sub(LEFT))];
        in_letters(&preview(arranged, wish, room)?, wish.title.as_deref()).into_bytes()
    } else {
        let picture = drawn.scene.image()?;
        let metadata = write::metadata(arranged, wish);
        let picture = sink::Picture { image: &picture, frame: None, metadata: &metadata, dpi: drawn.scene.dpi() };
        sink::encode_picture(sink::format_of("out.png".as_ref())?, &picture)?
    };
    let written = out.lock().write_all(&bytes);
    written.map_err(|error| Error::machine("standard output").found(error.to_string()).expected("to write it all"))?;
    Ok(Told { limits: drawn.limits, size, notes: drawn.notes })
}

/// A preview as letters and the codes of their colours.
fn in_letters(preview: &Preview, title: Option<&str>) -> String {
    let mut text = title.map(|title| visible(title) + "\n").unwrap_or_default();
    let before = preview.rows.iter().map(|label| label.chars().count()).max().unwrap_or(0);
    for (line, label) in preview.rows.iter().enumerate() {
        _ = write!(text, "{label:>before$} ");
        blocks(&mut text, &preview.image, line);
        text.push_str(PLAIN);
        text.push('\n');
    }
    let mut below = " ".repeat(before + 1);
    for (from, label) in &preview.columns {
        let gap = (before + 1 + from).saturating_sub(below.chars().count());
        below.push_str(&" ".repeat(gap));
        below.push_str(label);
    }
    let (low, colours, high) = &preview.scale;
    _ = write!(text, "{}\n{:before$} {low} ", below.trim_end(), "");
    for colour in colours {
        let [r, g, b] = over_white(*colour);
        _ = write!(text, "\x1b[48;2;{r};{g};{b}m ");
    }
    _ = writeln!(text, "{PLAIN} {high}");
    text
}

/// A line of characters, each with the colour of the upper pixel before that of the lower one.
fn blocks(text: &mut String, image: &Image, line: usize) {
    let width = image.width() as usize;
    let pixel = |row: usize, column: usize| over_white(image.pixels()[row * width + column].straight());
    for column in 0..width {
        let ([r, g, b], [u, v, w]) = (pixel(2 * line, column), pixel(2 * line + 1, column));
        _ = write!(text, "\x1b[38;2;{r};{g};{b};48;2;{u};{v};{w}m▀");
    }
}

/// What an eye sees of a colour on white.
fn over_white(colour: Straight) -> [u8; 3] {
    let white = Straight([255; 4]).premultiply();
    let Straight([r, g, b, _]) = colour.premultiply().over(white).straight();
    [r, g, b]
}
