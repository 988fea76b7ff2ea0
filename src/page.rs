//! Where the elements of a page are, at one width of the window: what clicks are laid on anew when the layout has changed.

use serde::{Deserialize, Serialize};

/// The layout of a page. Lengths are CSS pixels; x grows to the right, y down.
///
/// As JSON: `{"torrid":"page","version":1,"url":"…","title":"…","width":1280,"height":4210,"viewport":[1280,800],
/// "scale":1,"elements":[{"selector":"#buy","x":100.5,"y":220,"width":80,"height":32,"fixed":false}]}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// The address it was rendered from.
    pub url: String,
    /// Its title.
    #[serde(default)]
    pub title: String,
    /// The width of the whole page.
    pub width: f64,
    /// The height of the whole page.
    pub height: f64,
    /// Width and height of the window that it was laid out in.
    pub viewport: [f64; 2],
    /// Pixels of the screenshot for each CSS pixel.
    pub scale: f64,
    /// Every element that has a size, in the order of the document.
    pub elements: Vec<Element>,
}

/// An element and its box.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Element {
    /// A CSS selector that finds it and nothing else.
    pub selector: String,
    /// The left edge, from the left edge of the page.
    pub x: f64,
    /// The top edge, from the top of the page; of one that is fixed, from the top of the window.
    pub y: f64,
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
    /// Whether it stays in the window while the page scrolls.
    #[serde(default)]
    pub fixed: bool,
}

impl Element {
    /// Whether its box holds a place; its right and lower edges are outside.
    pub fn holds(&self, x: f64, y: f64) -> bool {
        (self.x..self.x + self.width).contains(&x) && (self.y..self.y + self.height).contains(&y)
    }

    /// The area of its box, in square CSS pixels.
    pub fn area(&self) -> f64 {
        self.width * self.height
    }
}
