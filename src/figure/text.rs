//! Words: how wide they are, where a line breaks, and how they are written in SVG.

use std::fmt::Write;

use resvg::usvg;

use crate::drawing::tree as parse;
use crate::error::Error;
use crate::image::Straight;

/// The smallest letters that are legible, in pixels of the em.
pub(super) const SMALLEST: f64 = 11.0;

/// From the top of a line to its baseline, in em.
const BASELINE: f64 = 1.02;

/// From the top of a line to the top of the next one, in em.
const LINE: f64 = 1.3;

/// Longer texts are cut before they are measured.
const MOST_CHARACTERS: usize = 600;

/// How text looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Face {
    /// The em in pixels.
    pub(super) size: f64,
    /// Semibold instead of regular.
    pub(super) strong: bool,
    /// As CSS writes it.
    pub(super) colour: &'static str,
}

/// Families of fonts, the first of which is embedded; others are for whoever opens an SVG without it.
pub(super) const FAMILY: &str = "Open Sans, Noto Sans, Arial, sans-serif";

/// Lines of one face, with what became of the text they were made from.
#[derive(Debug, Clone)]
pub(super) struct Lines {
    pub(super) texts: Vec<String>,
    /// Of the widest line, in pixels.
    pub(super) width: f64,
    /// Whether words were left out.
    pub(super) shortened: bool,
    face: Face,
}

impl Face {
    pub(super) fn new(size: f64, strong: bool, colour: &'static str) -> Face {
        Face { size: size.max(SMALLEST), strong, colour }
    }

    /// Height of a number of lines in pixels.
    pub(super) fn height(self, lines: usize) -> f64 {
        (lines as f64 * LINE * self.size).ceil()
    }

    /// Advance width of a text in pixels.
    pub(super) fn width(self, text: &str) -> Result<f64, Error> {
        // Measured large and scaled down, because widths are proportional without hinting.
        const EM: f64 = 100.0;
        let mut svg = String::new();
        Face { size: EM, ..self }.write(&mut svg, 0.0, 0.0, "start", text);
        let tree = parse(&document(10, 10, &svg))?;
        let width = texts(tree.root()).map(|text| text.bounding_box().right()).fold(0.0, f32::max);
        Ok(f64::from(width) * self.size / EM)
    }

    /// Advance widths of many texts in pixels.
    pub(super) fn widths(self, all: &[&str]) -> Result<Vec<f64>, Error> {
        const EM: f64 = 100.0;
        let (mut svg, weight) = (String::new(), self.weight());
        for (i, text) in all.iter().enumerate() {
            let text = escaped(text);
            _ = write!(
                svg,
                "<text id=\"{i}\" font-family=\"{FAMILY}\" font-size=\"{EM}\" font-weight=\"{weight}\">{text}</text>"
            );
        }
        let mut widths = vec![0.0; all.len()];
        let tree = parse(&document(10, 10, &svg))?;
        for text in texts(tree.root()) {
            if let Some(width) = text.id().parse().ok().and_then(|i: usize| widths.get_mut(i)) {
                *width = f64::from(text.bounding_box().right()) * self.size / EM;
            }
        }
        Ok(widths)
    }

    fn weight(self) -> u32 {
        if self.strong { 600 } else { 400 }
    }

    /// Writes a text turned clockwise by so many degrees round `[x, y]`, where the middle of its line is anchored.
    pub(super) fn write_turned(self, svg: &mut String, [x, y]: [f64; 2], degrees: f64, anchor: &str, text: &str) {
        let Face { size, colour, .. } = self;
        let down = (BASELINE - LINE / 2.0) * size;
        _ = write!(
            svg,
            "<text transform=\"translate({x:.2} {y:.2}) rotate({degrees})\" y=\"{down:.2}\" font-family=\"{FAMILY}\" \
             font-size=\"{size:.2}\" font-weight=\"{}\" fill=\"{colour}\" text-anchor=\"{anchor}\">{}</text>",
            self.weight(),
            escaped(text)
        );
    }

    /// Writes a text whose line begins at height `y`; `anchor` is SVG's `text-anchor`.
    pub(super) fn write(self, svg: &mut String, x: f64, y: f64, anchor: &str, text: &str) {
        let (Face { size, colour, .. }, weight) = (self, self.weight());
        let y = y + BASELINE * size;
        _ = write!(
            svg,
            "<text x=\"{x:.2}\" y=\"{y:.2}\" font-family=\"{FAMILY}\" font-size=\"{size:.2}\" font-weight=\"{weight}\" \
             fill=\"{colour}\" text-anchor=\"{anchor}\">{}</text>",
            escaped(text)
        );
    }

    /// Breaks a text into at most `most` lines of at most `room` pixels, between words where possible. What does
    /// not fit is replaced by an ellipsis; there is no line if not even that fits.
    pub(super) fn wrap(self, text: &str, room: f64, most: usize) -> Result<Lines, Error> {
        let text = tidy(text);
        let mut words = text.split(' ').filter(|word| !word.is_empty()).peekable();
        let mut lines: Vec<String> = Vec::new();
        let mut shortened = text.ends_with('…');
        while words.peek().is_some() && lines.len() < most {
            let mut line = words.next().map(str::to_owned).unwrap_or_default();
            while let Some(word) = words.peek() {
                let longer = format!("{line} {word}");
                if self.width(&longer)? > room {
                    break;
                }
                line = longer;
                words.next();
            }
            let rest_is_lost = lines.len() + 1 == most && words.peek().is_some();
            if rest_is_lost || self.width(&line)? > room {
                shortened = true;
                line = self.cut(&line, room)?;
            }
            lines.push(line);
        }
        lines.retain(|line| !line.is_empty());
        let widths = lines.iter().map(|line| self.width(line)).collect::<Result<Vec<f64>, Error>>()?;
        Ok(Lines { width: widths.into_iter().fold(0.0, f64::max), texts: lines, shortened, face: self })
    }

    /// The longest beginning of a text that fits with an ellipsis; nothing if not even that does.
    fn cut(self, text: &str, room: f64) -> Result<String, Error> {
        let ends: Vec<usize> = text.char_indices().map(|(start, c)| start + c.len_utf8()).collect();
        let cut = |count: usize| format!("{}…", text[..count.checked_sub(1).map_or(0, |i| ends[i])].trim_end());
        let (mut fits, mut fails) = (0, ends.len() + 1);
        while fails - fits > 1 {
            let middle = fits.midpoint(fails);
            if self.width(&cut(middle))? <= room { fits = middle } else { fails = middle }
        }
        Ok(if fits == 0 { String::new() } else { cut(fits) })
    }
}

impl Lines {
    /// How they look.
    pub(super) fn face(&self) -> Face {
        self.face
    }

    pub(super) fn height(&self) -> f64 {
        self.face.height(self.texts.len())
    }

    /// Writes the lines one below the other, and returns where they end.
    pub(super) fn write(&self, svg: &mut String, x: f64, y: f64) -> f64 {
        for (i, line) in self.texts.iter().enumerate() {
            self.face.write(svg, x, y + i as f64 * LINE * self.face.size, "start", line);
        }
        y + self.height()
    }
}

/// The characters of a text for which the fonts have no letter; they show as empty boxes.
pub(super) fn unknown_letters(text: &str) -> Result<String, Error> {
    let mut svg = String::new();
    Face::new(SMALLEST, false, "black").write(&mut svg, 0.0, 0.0, "start", &tidy(text));
    let tree = parse(&document(10, 10, &svg))?;
    let glyphs = texts(tree.root()).flat_map(usvg::Text::layouted).flat_map(|span| &span.positioned_glyphs);
    let mut unknown: Vec<char> = glyphs.filter(|g| g.id.0 == 0).flat_map(|g| g.text.chars()).collect();
    unknown.dedup();
    Ok(unknown.into_iter().take(10).collect())
}

/// A colour as SVG writes it: its name, and its opacity as an attribute where it is not opaque.
pub(super) fn written_colour(colour: Straight) -> (String, String) {
    let [r, g, b, a] = colour.0;
    let opacity = if a == 255 { String::new() } else { format!(" fill-opacity=\"{:.4}\"", f64::from(a) / 255.0) };
    (format!("#{r:02x}{g:02x}{b:02x}"), opacity)
}

/// A whole SVG document around a body.
pub(super) fn document(width: u32, height: u32, body: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\">{body}</svg>"
    )
}

/// The same for a page whose size is told in inches.
pub(super) fn page(width: u32, height: u32, dpi: f64, body: &str) -> String {
    let [across, down] = [width, height].map(|side| f64::from(side) / dpi);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{across:.4}in\" height=\"{down:.4}in\" \
         viewBox=\"0 0 {width} {height}\">{body}</svg>"
    )
}

fn texts(group: &usvg::Group) -> impl Iterator<Item = &usvg::Text> {
    group.children().iter().filter_map(|node| if let usvg::Node::Text(text) = node { Some(&**text) } else { None })
}

/// Text on one line, without control characters, and not endless.
pub(super) fn tidy(text: &str) -> String {
    let visible = |c: char| if c.is_control() || c.is_whitespace() { ' ' } else { c };
    let mut tidy: String = text.trim().chars().take(MOST_CHARACTERS).map(visible).collect();
    if text.trim().chars().nth(MOST_CHARACTERS).is_some() {
        tidy.push('…');
    }
    tidy
}

/// Text inside an XML element; characters XML does not allow become U+FFFD.
pub(super) fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut xml, c| {
        match c {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '\u{fffe}' | '\u{ffff}' | '\0'..='\u{1f}' => xml.push('\u{fffd}'),
            _ => xml.push(c),
        }
        xml
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACE: Face = Face { size: 14.0, strong: false, colour: "black" };

    #[test]
    fn every_sign_a_legend_needs_is_in_the_fonts() {
        let signs = "°²³µ·–−×≤≥∞… 0123456789.,% e ÀÉÎÕÜß Łódź Αθήνα Москва Việt Nam ©";
        assert_eq!(unknown_letters(signs).expect("drawn"), "");
        assert_eq!(unknown_letters("Tokyo 東京").expect("drawn"), "東京");
    }

    #[test]
    fn wrapped_lines_fit_and_lose_no_word() {
        let text = "Taxi pick-ups in New York City during the first week of January 2015";
        for room in [80.0, 120.0, 200.0, 1000.0] {
            let wrapped = FACE.wrap(text, room, 20).expect("drawn");
            assert_eq!(wrapped.texts.join(" "), text, "in {room}");
            assert!(!wrapped.shortened && wrapped.width <= room, "in {room}");
        }
    }

    #[test]
    fn what_does_not_fit_ends_in_an_ellipsis() {
        let wrapped = FACE.wrap(&"abcdefghij ".repeat(100), 150.0, 2).expect("drawn");
        assert_eq!(wrapped.texts.len(), 2);
        assert!(wrapped.texts[1].ends_with('…') && wrapped.shortened && wrapped.width <= 150.0, "{wrapped:?}");
        let word = FACE.wrap(&"W".repeat(5000), 150.0, 2).expect("drawn");
        assert!(word.texts[0].ends_with('…') && word.width <= 150.0, "{word:?}");
        assert!(FACE.wrap("W", 1.0, 2).expect("drawn").texts.is_empty(), "no room at all");
    }

    #[test]
    fn strong_letters_are_wider() {
        let strong = Face { strong: true, ..FACE };
        assert!(strong.width("hot map").expect("drawn") > FACE.width("hot map").expect("drawn") * 1.02);
    }

    #[test]
    fn marks_of_xml_are_letters_like_others() {
        let text = "a < b & \"c\" > 'd' \u{0} \u{ffff} \n e ]]>";
        assert!(FACE.width(text).expect("drawn") > 50.0, "drawn as text");
    }
}
