//! A tile of the Web Mercator pyramid: zoom, column, row, in the XYZ scheme (row 0 north). A tile has a frame.

use crate::error::Error;
use crate::events::Space;
use crate::frame::{Extent, Frame};
use crate::world::World;

/// The deepest zoom a tile may have.
pub const MAX_ZOOM: u8 = 24;

/// Cells along each side of a tile.
pub const SIDE: u32 = 256;

/// A tile by zoom, column and row.
///
/// ```
/// use torrid::tile::Tile;
/// use torrid::{Space, World};
/// let paris = Tile::at(World::of(Space::Earth, 2.3522, 48.8566), 12)?.expect("inside Mercator");
/// assert_eq!((paris.x(), paris.y()), (2074, 1409));
/// assert_eq!(paris.quadkey(), "120220011012");
/// # Ok::<(), torrid::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    zoom: u8,
    x: u32,
    y: u32,
}

impl Tile {
    /// The tile of this zoom, column and row.
    ///
    /// # Errors
    /// When the zoom is beyond [`MAX_ZOOM`], or has no such column or row.
    pub fn new(zoom: u8, x: u32, y: u32) -> Result<Tile, Error> {
        if zoom > MAX_ZOOM || x >= 1 << zoom || y >= 1 << zoom {
            return Err(Error::caller("tile")
                .found(format!("{zoom}/{x}/{y}"))
                .expected(format!("a zoom up to {MAX_ZOOM}, columns and rows below 2^zoom")));
        }
        Ok(Tile { zoom, x, y })
    }

    /// The tile of a zoom that holds a position; `None` beyond the end of Mercator.
    ///
    /// # Errors
    /// When the zoom is beyond [`MAX_ZOOM`].
    pub fn at(world: World, zoom: u8) -> Result<Option<Tile>, Error> {
        Tile::new(zoom, 0, 0)?;
        let side = 1u32 << zoom;
        let whole = Frame::new(Space::Earth, Extent::EARTH, side, 1)?;
        let (col, _) = whole.locate(world);
        let rows = Frame::new(Space::Earth, Extent::EARTH, 1, side)?;
        let (_, row) = rows.locate(world);
        let inside = (0..i64::from(side)).contains(&col) && (0..i64::from(side)).contains(&row);
        Ok(inside.then_some(Tile { zoom, x: col as u32, y: row as u32 }))
    }

    /// The zoom: the world is `2^zoom` tiles wide.
    pub fn zoom(&self) -> u8 {
        self.zoom
    }

    /// The column, counted from 180°W.
    pub fn x(&self) -> u32 {
        self.x
    }

    /// The row, counted from the north.
    pub fn y(&self) -> u32 {
        self.y
    }

    /// The tile of the zoom above that holds this one; none for the tile of zoom 0.
    pub fn parent(&self) -> Option<Tile> {
        (self.zoom > 0).then(|| Tile { zoom: self.zoom - 1, x: self.x / 2, y: self.y / 2 })
    }

    /// The four tiles of the zoom below that make up this one, north-west, north-east, south-west, south-east; none at
    /// [`MAX_ZOOM`].
    pub fn children(&self) -> Option<[Tile; 4]> {
        let child = |dx, dy| Tile { zoom: self.zoom + 1, x: 2 * self.x + dx, y: 2 * self.y + dy };
        (self.zoom < MAX_ZOOM).then(|| [child(0, 0), child(1, 0), child(0, 1), child(1, 1)])
    }

    /// The cells of the tile, on the global lattice of its zoom.
    ///
    /// # Errors
    /// Never for a tile that was made.
    pub fn frame(&self) -> Result<Frame, Error> {
        let cell = |tile: u32| i64::from(tile) * i64::from(SIDE);
        Frame::on_lattice(self.zoom, cell(self.x), cell(self.y), SIDE, SIDE)
    }

    /// West, south, east and north in degrees.
    ///
    /// # Errors
    /// Never for a tile that was made.
    pub fn bounds(&self) -> Result<[f64; 4], Error> {
        Ok(self.frame()?.extent().bounds(Space::Earth))
    }

    /// The quadkey: one digit a zoom, 1 for the east and 2 for the south half.
    pub fn quadkey(&self) -> String {
        let digit = |zoom: u8| (self.x >> zoom & 1) + 2 * (self.y >> zoom & 1);
        (0..self.zoom).rev().map(|zoom| char::from(b'0' + digit(zoom) as u8)).collect()
    }
}
