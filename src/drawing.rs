//! A drawing of lines, areas, words and pictures: SVG, and the fonts it is set in, which are those in `assets/fonts` and never those
//! of the system.

use std::sync::{Arc, LazyLock};

use resvg::usvg::{self, fontdb};

use crate::error::Error;

static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(include_bytes!("../assets/fonts/OpenSans-Regular.ttf").to_vec());
    fonts.load_font_data(include_bytes!("../assets/fonts/OpenSans-Semibold.ttf").to_vec());
    Arc::new(fonts)
});

/// A whole SVG document whose size is that of its pixels, of which so many go to the inch.
///
/// ```
/// use torrid::Drawing;
/// let svg = r#"<svg xmlns="http://www.w3.org/2000/svg" width="1in" height="1in" viewBox="0 0 150 150"/>"#;
/// let drawing = Drawing { svg: svg.into(), size: [150, 150], dpi: 150.0 };
/// assert_eq!(drawing.points(), [72.0, 72.0]);
/// assert!(drawing.tree().is_ok());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// The document.
    pub svg: String,
    /// Width and height in pixels.
    pub size: [u32; 2],
    /// Pixels to the inch.
    pub dpi: f64,
}

impl Drawing {
    /// Width and height in points, 72 of which are an inch.
    pub fn points(&self) -> [f32; 2] {
        self.size.map(|side| (f64::from(side) * 72.0 / self.dpi) as f32)
    }

    /// The document with every word laid out.
    ///
    /// # Errors
    /// When it is no SVG.
    pub fn tree(&self) -> Result<usvg::Tree, Error> {
        tree(&self.svg)
    }
}

/// Reads a document with the embedded fonts alone.
///
/// # Errors
/// When it is no SVG.
pub fn tree(svg: &str) -> Result<usvg::Tree, Error> {
    let options = usvg::Options { fontdb: FONTS.clone(), font_family: "Open Sans".into(), ..usvg::Options::default() };
    usvg::Tree::from_str(svg, &options).map_err(|error| {
        Error::machine("drawing").found(error.to_string()).expected("lines and words that can be drawn")
    })
}
