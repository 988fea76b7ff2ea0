//! Drawings read back: where the letters of each text are.

use std::sync::Arc;

use resvg::usvg::{self, fontdb};

/// A document read with the fonts of the repository alone.
pub fn read(svg: &str) -> usvg::Tree {
    let mut fonts = fontdb::Database::new();
    for font in ["OpenSans-Regular.ttf", "OpenSans-Semibold.ttf"] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/fonts").join(font);
        fonts.load_font_data(std::fs::read(path).expect("the font"));
    }
    let options = usvg::Options { fontdb: Arc::new(fonts), ..usvg::Options::default() };
    usvg::Tree::from_str(svg, &options).expect("a good document")
}

/// Left, top, right and bottom of the ink of every text, and what it says.
pub fn inks(group: &usvg::Group) -> Vec<([f32; 4], String)> {
    let ink = |text: &usvg::Text| {
        // Outlines of letters do not know how the text itself is turned.
        let r = text.flattened().bounding_box().transform(text.abs_transform()).expect("a place");
        let words: Vec<&str> = text.chunks().iter().map(usvg::TextChunk::text).collect();
        ([r.left(), r.top(), r.right(), r.bottom()], words.concat())
    };
    let of = |node: &usvg::Node| match node {
        usvg::Node::Group(group) => inks(group),
        usvg::Node::Text(text) => vec![ink(text)],
        _ => Vec::new(),
    };
    group.children().iter().flat_map(of).collect()
}
