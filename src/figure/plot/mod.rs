//! The classic heatmap of a table: cells between labelled sides, with a colour bar, dendrograms, side colours, annotations.
//! What it shows is given as a [`Plot`]; everything with text is measured before it gets its place, so that nothing is
//! cut off and nothing touches. Colours and values are decided elsewhere.

mod annotations;
mod bar;
mod cells;
mod drawn;
mod key;
mod labels;
mod place;
mod side;

use super::scene::Scene;
use crate::error::Error;
use crate::image::{Image, Straight};

pub use self::labels::Shown;

/// A heatmap before it has a page.
pub struct Plot<'a> {
    /// Above all; empty for none.
    pub title: String,
    /// How it was made, below all; empty for none.
    pub caption: String,
    /// The coloured cells.
    pub mosaic: Mosaic<'a>,
    /// What is to the left or right of them: the rows, from the top.
    pub rows: Side,
    /// What is below and above them: the columns, from the left.
    pub columns: Side,
    /// What the colours mean.
    pub bar: Option<Bar>,
    /// What the colours of the strips mean.
    pub keys: Vec<Key>,
    /// Lines over the cells, each a row of points in shares of the width and the height.
    pub lines: Vec<Vec<[f64; 2]>>,
    /// How large everything is.
    pub measures: Measures,
}

/// Coloured cells.
pub struct Mosaic<'a> {
    /// The colour of a row and a column; clear where it is hidden.
    pub colour: &'a dyn Fn(usize, usize) -> Straight,
    /// All cells on so many pixels.
    pub picture: &'a dyn Fn(u32, u32) -> Image,
    /// Whether each pixel may be another colour, as in a map or between interpolated cells, so that only a picture will do.
    pub smooth: bool,
    /// What is written on each cell and in which ink, row by row; empty for nothing.
    pub texts: Vec<(String, Straight)>,
    /// The colour of cells without data, if any has none.
    pub missing: Option<Straight>,
}

/// Rows or columns.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Side {
    /// What they are; empty for nothing.
    pub title: String,
    /// Where each begins and ends, in shares of the whole: one more than there are, from 0 to 1.
    pub edges: Vec<f64>,
    /// What is written where, in shares of the whole.
    pub ticks: Vec<(f64, String)>,
    /// Which of the labels are shown.
    pub shown: Shown,
    /// Degrees by which labels are turned, 0 to 90; where absent, columns stand where they do not fit lying.
    pub rotation: Option<f64>,
    /// The hierarchy over them: for each merge where its two legs stand along the leaves, leaf `i` being at `i + 0.5`, each
    /// followed by the height from which it rises, and then the height at which they meet.
    pub tree: Vec<[f64; 5]>,
    /// Rows of colours between the cells and the tree, the first nearest to the tree.
    pub strips: Vec<Strip>,
}

/// A colour for each row or column.
#[derive(Debug, Clone, PartialEq)]
pub struct Strip {
    /// What it is.
    pub name: String,
    /// The colours.
    pub colours: Vec<Straight>,
}

/// What the colours of strips mean.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// What they tell.
    pub name: String,
    /// Colours and words.
    pub entries: Vec<(Straight, String)>,
}

/// The bar of colours.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// What is measured in which unit.
    pub title: String,
    /// The colours from the lowest to the highest value.
    pub colours: Vec<Straight>,
    /// Where on it which value lies, from 0 below to 1 above.
    pub ticks: Vec<(f64, String)>,
    /// Where it lies on the page, in shares of it: left, bottom, width, height. Beside the cells where absent.
    pub place: Option<[f64; 4]>,
}

/// How large everything is, and what lines there are.
#[derive(Debug, Clone, PartialEq)]
pub struct Measures {
    /// The size of page or cells.
    pub size: Size,
    /// Pixels to the inch.
    pub dpi: f64,
    /// Letters of labels, in points; titles and captions follow.
    pub font_size: f64,
    /// Letters of the title, in points.
    pub title_size: Option<f64>,
    /// Letters on cells, in points; where absent, as large as fit, at most as labels.
    pub annotation_size: Option<f64>,
    /// Between cells: how wide in points, and in which colour.
    pub between: Option<(f64, Straight)>,
    /// Whether cells are as wide as high.
    pub square: bool,
    /// Whether there is a line around all cells.
    pub frame: bool,
    /// Whether there are lines across the cells at the ticks.
    pub grid: bool,
    /// The share of the page that a tree takes.
    pub tree_share: f64,
    /// What lies below all.
    pub paper: Straight,
}

/// What is to have a size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Size {
    /// Cells as large as their labels and texts need, within reason.
    Auto,
    /// The page, in pixels.
    Page(u32, u32),
    /// All cells together, in pixels.
    Cells(u32, u32),
}

impl Default for Measures {
    fn default() -> Measures {
        Measures {
            size: Size::Auto,
            dpi: 150.0,
            font_size: 10.0,
            title_size: None,
            annotation_size: None,
            between: None,
            square: false,
            frame: false,
            grid: false,
            tree_share: 0.2,
            paper: Straight([255; 4]),
        }
    }
}

/// The inks of dark pages; those of light ones are the same as of panels.
const LIGHT_INK: &str = "#f2f2f2";
const LIGHT_PALE_INK: &str = "#c4c4c4";

/// Luminance, 0 to 1, below which a page is dark: black and white are equally far from it by WCAG 2's contrast.
const DARK: f64 = 0.179;

impl Plot<'_> {
    /// The ink of labels, and that of what is less important.
    fn inks(&self) -> [&'static str; 2] {
        let Straight([r, g, b, _]) = self.measures.paper;
        let linear = |channel: u8| (f64::from(channel) / 255.0).powf(2.2);
        let luminance = 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
        // What is clear is mostly laid on white.
        let dark = self.measures.paper.0[3] > 127 && luminance < DARK;
        if dark { [LIGHT_INK, LIGHT_PALE_INK] } else { [super::layout::INK, super::layout::PALE_INK] }
    }

    /// Lays the heatmap out on a page.
    ///
    /// # Errors
    /// When a text cannot be drawn, of which none is known, or the page has no room even for the cells (caller).
    pub fn scene(&self) -> Result<Scene, Error> {
        let (places, notes) = place::places(self)?;
        drawn::scene(self, &places, notes)
    }
}
