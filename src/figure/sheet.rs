//! Several pictures of one size on one sheet, in reading order.

use crate::image::{Image, Straight};

/// Pixels between pictures, and their colour.
const GAP: u32 = 4;
const PAPER: Straight = Straight([255; 4]);

/// How many columns a sheet of so many pictures has: as many as rows, or one more.
pub fn columns(pictures: usize) -> usize {
    (pictures as f64).sqrt().ceil() as usize
}

/// Lays pictures out in rows of [`columns`].
///
/// ```
/// use torrid::figure::contact_sheet;
/// use torrid::image::{Image, Premultiplied};
/// let picture = Image::filled(30, 20, Premultiplied::CLEAR);
/// let sheet = contact_sheet(&[picture.clone(), picture.clone(), picture]);
/// assert_eq!((sheet.width(), sheet.height()), (64, 44));
/// ```
///
/// # Panics
/// If there is no picture, or they differ in size.
pub fn contact_sheet(pictures: &[Image]) -> Image {
    let (width, height) = (pictures[0].width(), pictures[0].height());
    let across = columns(pictures.len());
    let down = pictures.len().div_ceil(across);
    let side = |count: usize, side: u32| count as u32 * (side + GAP) - GAP;
    let mut sheet = Image::filled(side(across, width), side(down, height), PAPER.premultiply());
    let stride = sheet.width() as usize;
    for (i, picture) in pictures.iter().enumerate() {
        assert_eq!((picture.width(), picture.height()), (width, height), "pictures of one size");
        let corner = (i / across) * (height + GAP) as usize * stride + (i % across) * (width + GAP) as usize;
        for (row, line) in picture.pixels().chunks(width as usize).enumerate() {
            sheet.pixels_mut()[corner + row * stride..][..line.len()].copy_from_slice(line);
        }
    }
    sheet
}
