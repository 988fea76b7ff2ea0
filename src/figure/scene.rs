//! What is drawn where: pieces of SVG, each with its rectangle of whole pixels. A scene prints itself as one SVG
//! document, or draws each piece into its rectangle of a picture and touches no pixel outside of them.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use resvg::tiny_skia::{Pixmap, Transform};

use super::text::{document, page, written_colour};
use super::{Furniture, Legend, layout};
use crate::drawing::{Drawing, tree};
use crate::error::Error;
use crate::frame::Frame;
use crate::image::{Image, Premultiplied, Straight};

/// Pixels to the inch where nothing says it, as in CSS.
const SCREEN: f64 = 96.0;

/// A rectangle of whole pixels; the right and lower edges are outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rect {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

impl Rect {
    pub(super) fn right(self) -> u32 {
        self.x + self.width
    }

    pub(super) fn bottom(self) -> u32 {
        self.y + self.height
    }

    /// Whether the two come closer than `gap` pixels.
    pub(super) fn near(self, other: Rect, gap: u32) -> bool {
        self.x < other.right() + gap
            && other.x < self.right() + gap
            && self.y < other.bottom() + gap
            && other.y < self.bottom() + gap
    }
}

/// Something drawn inside a rectangle; its SVG has the rectangle's upper left corner as origin.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) place: Rect,
    pub(super) svg: String,
}

/// Everything that is laid over a picture, at its place.
#[derive(Debug, Clone)]
pub struct Scene {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) pieces: Vec<Piece>,
    pub(super) notes: Vec<String>,
    /// What lies below the pieces of a page of its own; none where they lie over a picture.
    pub(super) ground: Option<Ground>,
}

/// The paper of a page and the picture on it.
#[derive(Debug, Clone)]
pub(super) struct Ground {
    pub(super) paper: Straight,
    /// Pixels to the inch.
    pub(super) dpi: f64,
    /// Width and height of all cells on it.
    pub(super) cells: [u32; 2],
    pub(super) picture: Option<(Rect, Image)>,
}

impl Scene {
    /// Places furniture on a picture of `width` times `height` pixels that shows a frame.
    ///
    /// # Errors
    /// When a text cannot be drawn; none is known that cannot.
    pub fn of(furniture: &Furniture, frame: &Frame, width: u32, height: u32) -> Result<Scene, Error> {
        layout::scene(furniture, frame, width, height)
    }

    /// A legend alone, as large as it needs to be; none where it has no colours.
    ///
    /// # Errors
    /// When a text cannot be drawn; none is known that cannot.
    pub fn of_legend(legend: &Legend) -> Result<Option<Scene>, Error> {
        layout::legend_alone(legend)
    }

    /// The scene over its paper; over nothing where it has none.
    ///
    /// # Errors
    /// As for [`Scene::draw`].
    pub fn image(&self) -> Result<Image, Error> {
        let paper = self.ground.as_ref().map_or(Premultiplied::CLEAR, |ground| ground.paper.premultiply());
        let mut image = Image::filled(self.width, self.height, paper);
        self.draw(&mut image)?;
        Ok(image)
    }

    /// What had to be left out or shortened for want of room, in words for the user.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Left, top, right and bottom of every rectangle that is drawn in; right and bottom are outside.
    pub fn places(&self) -> impl Iterator<Item = [u32; 4]> {
        self.pieces.iter().map(|Piece { place, .. }| [place.x, place.y, place.right(), place.bottom()])
    }

    /// Width and height in pixels.
    pub fn size(&self) -> [u32; 2] {
        [self.width, self.height]
    }

    /// Width and height of the cells of a heatmap on the page, in pixels; nothing where there is none.
    pub fn cells(&self) -> [u32; 2] {
        self.ground.as_ref().map_or([0; 2], |ground| ground.cells)
    }

    /// Pixels to the inch, where the scene is a page of its own.
    pub fn dpi(&self) -> Option<f64> {
        self.ground.as_ref().map(|ground| ground.dpi)
    }

    /// The scene as an SVG document of the size of the picture: in pixels where it lies over one, in inches where it is a
    /// page. Words are words.
    pub fn svg(&self) -> String {
        let body = self.pieces.iter().fold(String::new(), |mut body, Piece { place, svg }| {
            _ = write!(body, "<g transform=\"translate({} {})\">{svg}</g>", place.x, place.y);
            body
        });
        match &self.ground {
            None => document(self.width, self.height, &body),
            Some(ground) => page(self.width, self.height, ground.dpi, &(ground.svg(self.width, self.height) + &body)),
        }
    }

    /// The scene as a drawing; over a picture, which then lies below it, of 96 pixels to the inch as on screens.
    pub fn drawing(&self, below: Option<&Image>) -> Drawing {
        let size = [self.width, self.height];
        let mut scene = self.clone();
        if let Some(image) = below {
            let place = Rect { x: 0, y: 0, width: self.width, height: self.height };
            let (paper, cells) = (Straight([0; 4]), [0; 2]);
            scene.ground = Some(Ground { paper, dpi: SCREEN, cells, picture: Some((place, image.clone())) });
        }
        Drawing { svg: scene.svg(), size, dpi: scene.dpi().unwrap_or(SCREEN) }
    }

    /// Draws the scene over a picture.
    ///
    /// # Panics
    /// If the picture has another size than the scene was made for.
    ///
    /// # Errors
    /// When a text cannot be drawn; none is known that cannot.
    pub fn draw(&self, image: &mut Image) -> Result<(), Error> {
        assert_eq!((image.width(), image.height()), (self.width, self.height), "the picture the scene was made for");
        if let Some((place, picture)) = self.ground.as_ref().and_then(|ground| ground.picture.as_ref()) {
            lay(image, *place, picture.pixels());
        }
        self.pieces.iter().try_for_each(|piece| piece.draw(image))
    }
}

impl Ground {
    fn svg(&self, width: u32, height: u32) -> String {
        let mut svg = String::new();
        let (fill, opacity) = written_colour(self.paper);
        if self.paper.0[3] > 0 {
            _ = write!(svg, "<rect width=\"{width}\" height=\"{height}\" fill=\"{fill}\"{opacity}/>");
        }
        if let Some((Rect { x, y, width, height }, picture)) = &self.picture {
            _ = write!(
                svg,
                "<image x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" preserveAspectRatio=\"none\" \
                 style=\"image-rendering:pixelated\" href=\"data:image/png;base64,{}\"/>",
                STANDARD.encode(png_of(picture))
            );
        }
        svg
    }
}

/// A picture as PNG.
fn png_of(image: &Image) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, image.width(), image.height());
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&image.straight_bytes()));
    written.expect("memory does not fail, and there are as many bytes as pixels need");
    bytes
}

/// Lays pixels, as many as a rectangle has, over it.
fn lay(image: &mut Image, Rect { x, y, width, .. }: Rect, pixels: &[Premultiplied]) {
    let stride = image.width() as usize;
    let rows = image.pixels_mut().chunks_mut(stride).skip(y as usize);
    for (row, above) in rows.zip(pixels.chunks(width as usize)) {
        for (pixel, above) in row[x as usize..].iter_mut().zip(above) {
            *pixel = above.over(*pixel);
        }
    }
}

impl Piece {
    fn draw(&self, image: &mut Image) -> Result<(), Error> {
        let Rect { width, height, .. } = self.place;
        let tree = tree(&document(width, height, &self.svg))?;
        let mut pixmap = Pixmap::new(width, height).ok_or_else(|| {
            Error::limit("drawing").found(format!("{width} x {height} pixels")).expected("a size that fits into memory")
        })?;
        resvg::render(&tree, Transform::identity(), &mut pixmap.as_mut());
        let drawn: Vec<Premultiplied> =
            pixmap.data().as_chunks::<4>().0.iter().map(|pixel| Premultiplied(*pixel)).collect();
        lay(image, self.place, &drawn);
        Ok(())
    }
}
