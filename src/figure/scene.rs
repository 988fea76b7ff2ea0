//! What is drawn where: pieces of SVG, each with its rectangle of whole pixels. A scene prints itself as one SVG
//! document, or draws each piece into its rectangle of a picture and touches no pixel outside of them.

use std::fmt::Write;

use resvg::tiny_skia::{Pixmap, Transform};

use super::text::{document, parse};
use super::{Furniture, Legend, layout};
use crate::error::Error;
use crate::frame::Frame;
use crate::image::{Image, Premultiplied};

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

    /// The scene over nothing.
    ///
    /// # Errors
    /// As for [`Scene::draw`].
    pub fn image(&self) -> Result<Image, Error> {
        let mut image = Image::filled(self.width, self.height, Premultiplied::CLEAR);
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

    /// The scene as an SVG document of the size of the picture.
    pub fn svg(&self) -> String {
        let body = self.pieces.iter().fold(String::new(), |mut body, Piece { place, svg }| {
            _ = write!(body, "<g transform=\"translate({} {})\">{svg}</g>", place.x, place.y);
            body
        });
        document(self.width, self.height, &body)
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
        self.pieces.iter().try_for_each(|piece| piece.draw(image))
    }
}

impl Piece {
    fn draw(&self, image: &mut Image) -> Result<(), Error> {
        let Rect { x, y, width, height } = self.place;
        let tree = parse(&document(width, height, &self.svg))?;
        let Some(mut pixmap) = Pixmap::new(width, height) else { return Ok(()) };
        resvg::render(&tree, Transform::identity(), &mut pixmap.as_mut());
        let stride = image.width() as usize;
        let rows = image.pixels_mut().chunks_mut(stride).skip(y as usize);
        for (row, drawn) in rows.zip(pixmap.data().chunks(width as usize * 4)) {
            for (pixel, above) in row[x as usize..].iter_mut().zip(drawn.as_chunks::<4>().0) {
                *pixel = Premultiplied(*above).over(*pixel);
            }
        }
        Ok(())
    }
}
