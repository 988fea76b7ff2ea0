//! The line from tiles to what lies below the heat: the zoom that suits the picture, its tiles put together strip by
//! strip, and drawn at the density of the frame.
//!
//! The zoom is the least whose pixels are at least as dense as those of the picture, so that tiles are reduced to half at
//! the most, or copied where the picture lies on their lattice; beyond the deepest zoom they are enlarged. Where a tile is
//! absent its part of the tile above is drawn.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, PoisonError};

use image::RgbaImage;
use rayon::prelude::*;

use crate::error::Error;
use crate::events::Space;
use crate::frame::{Extent, Frame};
use crate::image::{Image, Premultiplied};
use crate::paint::Sheet;
use crate::source::tiles::Tiles;
use crate::tile::{SIDE, Tile};
use crate::world::{World, wrapped};

/// The most pixels of tiles that are held at once: a gigabyte.
const MOST_HELD: f64 = (1u64 << 28) as f64;

/// What lies below the heat, and what the user should know about it.
#[derive(Debug, Clone)]
pub struct Laid {
    /// The pixels; clear where there are no tiles.
    pub image: Image,
    /// Things the user should know.
    pub notes: Vec<String>,
}

impl From<Image> for Arc<Laid> {
    fn from(image: Image) -> Arc<Laid> {
        Arc::new(Laid { image, notes: Vec::new() })
    }
}

/// A map in tiles to lie below pictures. What lay below the last one is remembered, because frames in time and sweeps
/// show one place again and again.
#[derive(Debug)]
pub struct Ground {
    tiles: Tiles,
    last: Mutex<Option<(Frame, Arc<Laid>)>>,
}

impl Ground {
    /// These tiles, not yet laid.
    pub fn of(tiles: Tiles) -> Ground {
        Ground { tiles, last: Mutex::new(None) }
    }

    /// The tiles.
    pub fn tiles(&self) -> &Tiles {
        &self.tiles
    }

    /// What lies below a frame.
    ///
    /// # Errors
    /// As for [`lay`].
    pub fn under(&self, frame: &Frame) -> Result<Arc<Laid>, Error> {
        // Not locked while tiles are laid: a thread that waits for its share may be given a picture to draw.
        let last = || self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, laid)) = last().as_ref().filter(|(known, _)| known == frame) {
            return Ok(Arc::clone(laid));
        }
        // Two pictures of different places may be large.
        last().take();
        let laid = Arc::new(lay(&self.tiles, frame)?);
        *last() = Some((*frame, Arc::clone(&laid)));
        Ok(laid)
    }
}

/// Lays tiles under a frame, in every copy of the world that it shows.
///
/// # Errors
/// When the frame is in a flat space (caller), shows more tiles than may be asked for (limit), or a tile cannot be read.
pub fn lay(tiles: &Tiles, frame: &Frame) -> Result<Laid, Error> {
    if frame.space() != Space::Earth {
        return Err(flat());
    }
    let mut lattice = Lattice::under(frame, tiles, tiles.side().unwrap_or(SIDE))?;
    if tiles.side().is_none()
        && let Some(side) = lattice.seen_side(frame)?
        && side != lattice.side
    {
        lattice = Lattice::under(frame, tiles, side)?;
    }
    let (image, any) = lattice.draw(frame)?;
    Ok(Laid { image, notes: lattice.notes(frame, any) })
}

/// That tiles have no place in a flat space.
pub fn flat() -> Error {
    Error::caller("--base")
        .found("map tiles under a flat space")
        .expected("positions on the Earth")
        .advice("give a picture file as --base, or leave out --flat")
}

/// The tiles of a zoom under a frame.
struct Lattice<'a> {
    tiles: &'a Tiles,
    zoom: u8,
    /// Pixels along each side of a tile.
    side: u32,
    /// The first column, which may lie in any copy of the world.
    first: i64,
    cols: u32,
    rows: RangeInclusive<i64>,
    /// The width and height of a pixel of the picture, in pixels of tiles.
    cell: (f64, f64),
}

/// Decoded tiles by their rows.
type Held = BTreeMap<i64, Vec<Option<RgbaImage>>>;

impl<'a> Lattice<'a> {
    fn under(frame: &Frame, tiles: &'a Tiles, side: u32) -> Result<Lattice<'a>, Error> {
        let zoom = zoom(frame, side, &tiles.zooms());
        let across = f64::from(zoom).exp2();
        let scale = f64::from(side) * across;
        let (extent, cell) = (frame.extent(), (frame.cell().0 * scale, frame.cell().1 * scale));
        let tile = |pixel: i64| pixel.div_euclid(i64::from(side));
        let (west, east) = taken(extent.west * scale, extent.east * scale, cell.0);
        let (north, south) = taken(extent.north * scale, extent.south * scale, cell.1);
        let world = across as i64;
        let (mut first, mut cols) = (tile(west), tile(east) - tile(west) + 1);
        if cols > world {
            // Round the world the first column follows the last one.
            (first, cols) = (tile((extent.west * scale).floor() as i64), world);
        }
        let rows = tile(north).max(0)..=tile(south).min(world - 1);
        let lattice = Lattice { tiles, zoom, side, first, cols: cols as u32, rows, cell };
        lattice.check()?;
        Ok(lattice)
    }

    /// Whether the tiles are not too many.
    fn check(&self) -> Result<(), Error> {
        let rows = (self.rows.end() - self.rows.start() + 1).max(0) as u64;
        let (count, most) = (rows * u64::from(self.cols), self.tiles.most());
        let side = f64::from(self.side);
        let strip = f64::from(self.cols) * side * (3.0 * side + 2.0 * self.cell.1);
        if count <= most && strip <= MOST_HELD {
            return Ok(());
        }
        let advice = if self.zoom == *self.tiles.zooms().start() && self.zoom > 0 {
            "give smaller --bounds, or a base with tiles of lesser zooms"
        } else {
            "draw a smaller picture or, of a server, use an archive of tiles"
        };
        Err(Error::limit(self.tiles.name())
            .found(format!("{count} tiles of zoom {} under the picture", self.zoom))
            .expected(format!("at most {most}, and not too many side by side"))
            .advice(advice))
    }

    /// The side of the tile in the middle of the picture, or of one above it.
    fn seen_side(&self, frame: &Frame) -> Result<Option<u32>, Error> {
        let middle = frame.centre(i64::from(frame.width() / 2), i64::from(frame.height() / 2));
        let tile = Tile::at(World { x: wrapped(middle.x), y: middle.y }, self.zoom)?;
        let found = tile.map(|tile| self.found(tile)).transpose()?.flatten();
        Ok(found.map(|(_, picture)| picture.width()))
    }

    /// The picture of the frame, and whether there is anything in it.
    fn draw(&self, frame: &Frame) -> Result<(Image, bool), Error> {
        let (width, height) = (frame.width(), frame.height());
        let mut pixels = Vec::with_capacity(frame.len());
        let (mut held, mut any, mut row) = (Held::new(), false, 0);
        while row < height {
            let of_tiles = self.tile_row(frame, row);
            let end = (row + 1..height).find(|row| self.tile_row(frame, *row) != of_tiles).unwrap_or(height);
            let band = frame.moved((0, i64::from(row)), (width, end - row));
            if self.rows.contains(&of_tiles) {
                let (mosaic, extent) = self.mosaic(&band, &mut held)?;
                any |= held.values().flatten().any(Option::is_some);
                pixels.extend_from_slice(Sheet::on_world(&mosaic, extent).draw(&band)?.pixels());
            }
            pixels.resize(end as usize * width as usize, Premultiplied::CLEAR);
            row = end;
        }
        Ok((Image::new(width, height, pixels), any))
    }

    /// The row of tiles that holds the middle of a row of the frame.
    fn tile_row(&self, frame: &Frame, row: u32) -> i64 {
        (frame.centre(0, i64::from(row)).y * f64::from(self.zoom).exp2()).floor() as i64
    }

    /// The pixels of tiles under some rows of the frame and a margin, and where they lie.
    fn mosaic(&self, band: &Frame, held: &mut Held) -> Result<(RgbaImage, Extent), Error> {
        let (side, across) = (i64::from(self.side), f64::from(self.zoom).exp2());
        let scale = f64::from(self.side) * across;
        let extent = band.extent();
        let (top, last) = taken(extent.north * scale, extent.south * scale, self.cell.1);
        let (top, bottom) = (top.max(0), (last + 1).min(side << self.zoom));
        let rows = top / side..=(bottom - 1) / side;
        held.retain(|row, _| rows.contains(row));
        let mut mosaic = RgbaImage::new(self.cols * self.side, (bottom - top) as u32);
        for row in rows {
            let tiles = match held.entry(row) {
                Entry::Occupied(held) => held.into_mut(),
                Entry::Vacant(place) => place.insert(self.row(row as u32)?),
            };
            for (col, tile) in tiles.iter().enumerate() {
                if let Some(tile) = tile {
                    copy(tile, &mut mosaic, col, row * side - top);
                }
            }
        }
        let (west, east) = (self.first as f64 / across, (self.first + i64::from(self.cols)) as f64 / across);
        Ok((mosaic, Extent { west, east, north: top as f64 / scale, south: bottom as f64 / scale }))
    }

    /// The tiles of a row, each of the size of the lattice.
    fn row(&self, row: u32) -> Result<Vec<Option<RgbaImage>>, Error> {
        let world = 1i64 << self.zoom;
        let column = |col: u32| (self.first + i64::from(col)).rem_euclid(world) as u32;
        (0..self.cols).into_par_iter().map(|col| self.piece(Tile::new(self.zoom, column(col), row)?)).collect()
    }

    /// The picture of a tile, or the part of the tile above that lies in its place.
    fn piece(&self, tile: Tile) -> Result<Option<RgbaImage>, Error> {
        let Some((above, picture)) = self.found(tile)? else { return Ok(None) };
        if above == tile && picture.width() == self.side {
            return Ok(Some(picture));
        }
        if is_clear(&picture, tile, above) {
            return Ok(None);
        }
        let target = Frame::new(Space::Earth, tile.frame()?.extent(), self.side, self.side)?;
        let image = Sheet::on_world(&picture, above.frame()?.extent()).draw(&target)?;
        Ok(RgbaImage::from_raw(self.side, self.side, image.straight_bytes()))
    }

    /// The least tile that holds a tile and that there is.
    fn found(&self, tile: Tile) -> Result<Option<(Tile, RgbaImage)>, Error> {
        let mut next = Some(tile).filter(|tile| tile.zoom() >= *self.tiles.zooms().start());
        while let Some(tile) = next {
            if let Some(picture) = self.tiles.picture(tile)? {
                return Ok(Some((tile, picture)));
            }
            next = tile.parent().filter(|tile| tile.zoom() >= *self.tiles.zooms().start());
        }
        Ok(None)
    }

    fn notes(&self, frame: &Frame, any: bool) -> Vec<String> {
        let name = self.tiles.name();
        if !any {
            return vec![format!("the base {name} has no tiles under this picture")];
        }
        let enlarged = finest(frame) / (f64::from(self.side) * f64::from(self.zoom).exp2());
        let note = || format!("the base {name} ends at zoom {} and is enlarged {enlarged:.0} times", self.zoom);
        (enlarged > 1.5).then(note).into_iter().collect()
    }
}

/// The first and the last pixel of tiles that a [`Sheet`] takes for pixels of a picture that are `cell` wide and lie
/// between two edges: none beyond the edges where those are pixels of tiles themselves.
fn taken(from: f64, to: f64, cell: f64) -> (i64, i64) {
    let beyond = cell.max(1.0) + 0.5 - cell / 2.0;
    ((from - beyond).floor() as i64 + 1, (to - 1.0 + beyond).ceil() as i64 - 1)
}

/// Cells of a frame to a World unit, in the direction in which there are more.
fn finest(frame: &Frame) -> f64 {
    frame.cells_per_unit().0.max(frame.cells_per_unit().1)
}

/// The least zoom at which tiles are at least as dense as the frame.
fn zoom(frame: &Frame, side: u32, zooms: &RangeInclusive<u8>) -> u8 {
    // Bounds are given in decimals: a frame that is denser by a millionth is not.
    let wanted = ((finest(frame) / f64::from(side)).log2() - 1e-6).ceil();
    wanted.clamp(f64::from(*zooms.start()), f64::from(*zooms.end())) as u8
}

/// Whether nothing is in that part of a tile's picture that a tile below it has. Such a part stays clear, whatever lies
/// beside it.
fn is_clear(picture: &RgbaImage, tile: Tile, above: Tile) -> bool {
    let depth = tile.zoom() - above.zoom();
    let span = |at: u32| {
        let inside = u64::from(at - ((at >> depth) << depth));
        let side = u64::from(picture.width());
        ((inside * side) >> depth, ((inside + 1) * side).div_ceil(1 << depth))
    };
    let ((left, right), (top, bottom)) = (span(tile.x()), span(tile.y()));
    (top..bottom).all(|y| (left..right).all(|x| picture.get_pixel(x as u32, y as u32).0[3] == 0))
}

/// Copies a tile into its column of a mosaic; `top` is the row of the mosaic where it begins, which may lie above.
fn copy(tile: &RgbaImage, mosaic: &mut RgbaImage, col: usize, top: i64) {
    let (line, all) = (tile.width() as usize * 4, mosaic.width() as usize * 4);
    let height = i64::from(mosaic.height());
    let begin = col * line;
    for (y, pixels) in tile.as_raw().chunks_exact(line).enumerate() {
        let row = top + y as i64;
        if (0..height).contains(&row) {
            let at = row as usize * all + begin;
            mosaic.as_mut()[at..at + line].copy_from_slice(pixels);
        }
    }
}
