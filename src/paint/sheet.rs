//! A picture under the heat: a world map, an aerial photograph, the screenshot of a page. It is resampled to a
//! frame with a tent as wide as two pixels of the coarser of both, which interpolates where the picture is
//! enlarged and averages where it is reduced.

use image::RgbaImage;
use rayon::prelude::*;

use crate::error::Error;
use crate::events::Space;
use crate::frame::{Extent, Frame};
use crate::image::{Image, Premultiplied};
use crate::world::{MAX_LATITUDE, latitude};

/// How the rows of a picture follow the ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Projection {
    /// Evenly spaced in latitude (plate carrée).
    Equirectangular,
    /// Evenly spaced in World `y`: Web Mercator on the Earth, and any flat picture.
    Mercator,
}

/// A picture and where it lies.
#[derive(Debug, Clone)]
pub struct Sheet<'a> {
    picture: &'a RgbaImage,
    projection: Projection,
    space: Space,
    /// Horizontally the World extent; vertically what the rows are even in: minus degrees of latitude, or World `y`.
    extent: Extent,
}

impl<'a> Sheet<'a> {
    /// A picture between `bounds` (west, south, east, north in degrees; W > E crosses the antimeridian) of the
    /// outer edges of its pixels.
    ///
    /// # Errors
    /// When the bounds are not ordered, wider than the world, or reach beyond what the projection shows.
    pub fn on_earth(picture: &'a RgbaImage, bounds: [f64; 4], projection: Projection) -> Result<Sheet<'a>, Error> {
        let [_, south, _, north] = bounds;
        // 85.06 is how Mercator's end is often written.
        let limit = if projection == Projection::Mercator { MAX_LATITUDE + 0.01 } else { 90.0 };
        let mut extent = Extent::of_bounds(Space::Earth, bounds);
        if projection == Projection::Equirectangular {
            (extent.north, extent.south) = (-north, -south);
        }
        let fits = south < north && south >= -limit && north <= limit;
        if !fits || extent.width() <= 0.0 || extent.width() > 1.0 + 1e-9 || bounds.iter().any(|b| !b.is_finite()) {
            return Err(Error::caller("bounds of the base picture")
                .found(bounds.map(|b| b.to_string()).join(","))
                .expected(format!(
                    "W,S,E,N in degrees, S < N, latitudes within {limit:.2}, at most 360 degrees wide"
                )));
        }
        Ok(Sheet { picture, projection, space: Space::Earth, extent })
    }

    /// A picture over an extent of the Web Mercator square, of whose cells its pixels are; the extent may lie in any
    /// copy of the world. Where its pixels are the cells of the frame that it is drawn over, they are copied.
    pub fn on_world(picture: &'a RgbaImage, extent: Extent) -> Sheet<'a> {
        Sheet { picture, projection: Projection::Mercator, space: Space::Earth, extent }
    }

    /// A picture in a flat space between `bounds`: the smaller and the larger coordinates, X0,Y0,X1,Y1.
    ///
    /// # Errors
    /// When the bounds are not ordered.
    pub fn flat(picture: &'a RgbaImage, bounds: [f64; 4], space: Space) -> Result<Sheet<'a>, Error> {
        let extent = Extent::of_bounds(space, bounds);
        if space == Space::Earth || !(extent.width() > 0.0 && bounds[1] < bounds[3]) {
            return Err(Error::caller("bounds of the base picture")
                .found(bounds.map(|b| b.to_string()).join(","))
                .expected("X0,Y0,X1,Y1 with X0 < X1 and Y0 < Y1 in a flat space"));
        }
        Ok(Sheet { picture, projection: Projection::Mercator, space, extent })
    }

    /// The screenshot of a page, from the corner of the page, with this many picture pixels to a CSS pixel.
    ///
    /// # Errors
    /// When the ratio is not above 0.
    pub fn page(picture: &'a RgbaImage, pixels_per_css_pixel: f64) -> Result<Sheet<'a>, Error> {
        let across = |pixels: u32| f64::from(pixels) / pixels_per_css_pixel;
        Sheet::flat(picture, [0.0, 0.0, across(picture.width()), across(picture.height())], Space::PAGE)
    }

    /// The picture over a frame; clear where it does not reach. On the Earth it appears in every copy of the world,
    /// and a picture of 360 degrees has no seam.
    ///
    /// # Errors
    /// When the frame is in another space than the picture.
    pub fn draw(&self, frame: &Frame) -> Result<Image, Error> {
        if (frame.space() == Space::Earth) != (self.space == Space::Earth) {
            return Err(Error::caller("base picture")
                .found("a picture and events in different spaces")
                .expected("both on the Earth, or both flat"));
        }
        let columns: Vec<Taps> = (0..frame.width()).map(|col| self.column(frame, col)).collect();
        let rows: Vec<Taps> = (0..frame.height()).map(|row| self.row(frame, row)).collect();
        let width = frame.width() as usize;
        let mut pixels = vec![Premultiplied::CLEAR; frame.len()];
        pixels.par_chunks_mut(width).zip(&rows).for_each_init(Vec::new, |sums, (line, row)| {
            if !row.0.is_empty() {
                self.sum_rows(row, &columns, sums);
                for (pixel, column) in line.iter_mut().zip(&columns) {
                    *pixel = blended(sums, column);
                }
            }
        });
        Ok(Image::new(frame.width(), frame.height(), pixels))
    }

    /// What a column of the frame takes from the columns of the picture.
    fn column(&self, frame: &Frame, col: u32) -> Taps {
        let (extent, earth) = (&self.extent, self.space == Space::Earth);
        let per_unit = f64::from(self.picture.width()) / extent.width();
        let offset = frame.centre(i64::from(col), 0).x - extent.west;
        let offset = if earth { offset - offset.floor() } else { offset };
        let wraps = earth && extent.width() > 1.0 - 1e-9;
        Taps::at(offset * per_unit, frame.cell().0 * per_unit, self.picture.width(), wraps)
    }

    /// What a row of the frame takes from the rows of the picture.
    fn row(&self, frame: &Frame, row: u32) -> Taps {
        let (middle, half) = (frame.centre(0, i64::from(row)).y, frame.cell().1 / 2.0);
        let along = |y: f64| match self.projection {
            Projection::Equirectangular => -latitude(y),
            Projection::Mercator => y,
        };
        let per_unit = f64::from(self.picture.height()) / self.extent.height();
        let footprint = (along(middle + half) - along(middle - half)) * per_unit;
        Taps::at((along(middle) - self.extent.north) * per_unit, footprint, self.picture.height(), false)
    }

    /// The weighted sum of some rows of the picture, premultiplied, where a column needs it.
    fn sum_rows(&self, row: &Taps, columns: &[Taps], sums: &mut Vec<[f32; 4]>) {
        let taken = || columns.iter().flat_map(|column| &column.0).map(|tap| tap.0);
        let (first, last) = (taken().min().unwrap_or(0), taken().max().unwrap_or(0));
        let width = self.picture.width() as usize;
        sums.clear();
        sums.resize(width, [0.0; 4]);
        for (source, weight) in &row.0 {
            let line = &self.picture.as_raw()[source * width * 4..][..width * 4];
            let pixels = line[first * 4..=last * 4 + 3].chunks_exact(4);
            for (sum, pixel) in sums[first..=last].iter_mut().zip(pixels) {
                let alpha = f32::from(pixel[3]) * weight;
                for channel in 0..3 {
                    sum[channel] += f32::from(pixel[channel]) * alpha / 255.0;
                }
                sum[3] += alpha;
            }
        }
    }
}

/// Rows or columns of a picture with their weights, whose sum is 1; none outside of it.
struct Taps(Vec<(usize, f32)>);

impl Taps {
    /// A tent around `centre` (in source pixels) whose half width is a source pixel or the footprint of the target
    /// pixel, whichever is more. Beyond the edge the last pixel goes on, or the first one follows.
    fn at(centre: f64, footprint: f64, count: u32, wraps: bool) -> Taps {
        let count = i64::from(count);
        let centre = if wraps { centre % count as f64 } else { centre };
        if !(0.0..count as f64).contains(&centre) {
            return Taps(Vec::new());
        }
        let reach = footprint.max(1.0);
        let (first, last) = ((centre - 0.5 - reach).ceil() as i64, (centre - 0.5 + reach).floor() as i64);
        let weight = |i: i64| 1.0 - ((i as f64 + 0.5 - centre) / reach).abs();
        let total: f64 = (first..=last).map(weight).sum();
        let place = |i: i64| if wraps { i.rem_euclid(count) } else { i.clamp(0, count - 1) };
        let taps = (first..=last).map(|i| (place(i) as usize, (weight(i) / total) as f32));
        Taps(taps.filter(|tap| tap.1 > 0.0).collect())
    }
}

fn blended(sums: &[[f32; 4]], column: &Taps) -> Premultiplied {
    let mut sum = [0.0f32; 4];
    for (source, weight) in &column.0 {
        for (channel, value) in sum.iter_mut().zip(sums[*source]) {
            *channel += value * weight;
        }
    }
    let bytes = sum.map(|channel| (channel + 0.5) as u8);
    Premultiplied(bytes.map(|channel| channel.min(bytes[3])))
}
