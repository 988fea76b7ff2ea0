//! A map of one file, that pans, zooms and tells values, from a disk and without a network: the page that is built from
//! `web/offline` with everything it shows in it, as JSON in scripts that are not run, in which files are base64. What the keys mean is said in
//! `web/offline/told.ts`.
//!
//! A picture ([`FORMAT`]) has its values beside it, packed as those of tiles; tiles are written by `sink/tiles/html.rs`.

mod figure;
mod page;

use std::io;

use serde_json::{Map, Value, json};

pub use self::figure::{FigureData, check_figure, write_figure};
pub use self::page::built;
pub(super) use self::page::{Content, MAP, MOST, Page, base64};
use super::tiles::{ENCODING, TilePicture, encode_values};
use super::{Encode, Format, Out};
use crate::events::{Space, YAxis};
use crate::frame::Frame;
use crate::grid::Density;
use crate::image::Image;
use crate::world::World;

/// A map of one picture. Its sides are what browsers of phones show, and then the file is never too large.
pub(super) const FORMAT: Format = Format {
    name: "HTML",
    extensions: &["html", "htm"],
    about: "a map of one file for a browser, that tells values, without a network",
    max_side: 8192,
    encode: Encode::Map(write),
};

/// A picture that can be looked at closely: its values below the pointer, and what lies below it.
#[derive(Debug, Clone, Copy)]
pub struct PictureMap<'a> {
    /// The heat alone.
    pub heat: &'a Image,
    /// What lies below it, of the same size.
    pub below: Option<&'a Image>,
    /// The values that the heat shows, and where.
    pub density: &'a Density,
    /// What is told about it, as TileJSON names it: `name`, `attribution`, `legend`, `style`, and the `land` below,
    /// whose lines are written by [`packed_lines`].
    pub facts: &'a Map<String, Value>,
}

fn write(map: &PictureMap<'_>, out: &mut dyn Out) -> io::Result<()> {
    let page = Page::find(MAP).ok_or_else(|| io::Error::other("the page is not built"))?;
    let frame = map.density.grid.frame();
    let mut facts = map.facts.clone();
    facts.extend(place_of(frame));
    facts.insert("units".to_owned(), map.density.quantity.to_string().into());
    facts.insert("encoding".to_owned(), ENCODING.into());
    let mut content = Content::begin(page, out)?;
    content.object("map", &Value::Object(facts))?;
    let encode = |image: &Image| TilePicture::Png.encode(image).map_err(io::Error::other);
    content.file("picture", &encode(map.heat)?)?;
    content.file("numbers", &encode_values(&map.density.grid).map_err(io::Error::other)?)?;
    if let Some(below) = map.below {
        content.file("below", &encode(below)?)?;
    }
    content.finish()
}

/// Where a picture lies: in the unit square of Web Mercator, or in a flat space with its unit and where its y grows.
fn place_of(frame: &Frame) -> Map<String, Value> {
    let extent = frame.extent();
    let mut place = Map::new();
    place.insert("extent".to_owned(), json!([extent.west, extent.north, extent.east, extent.south]));
    place.insert("size".to_owned(), json!([frame.width(), frame.height()]));
    if let Space::Flat { unit, y_axis } = frame.space() {
        let up = y_axis == YAxis::Up;
        place.insert("flat".to_owned(), json!({ "unit": unit.symbol(), "up": up }));
    }
    place
}

/// Steps of [`packed_lines`] across the world, 38 m each at the equator: the embedded coasts are true to a kilometre.
pub const LINE_STEPS: u32 = 1 << 20;

/// Lines as base64 of numbers of 7 bits a byte, the low ones first: how many points a line has, and for each how far it is
/// from the one before in x and in y, in [`LINE_STEPS`], 0, -1, 1, -2 as 0, 1, 2, 3.
pub fn packed_lines(lines: &[Vec<World>]) -> String {
    fn put(bytes: &mut Vec<u8>, mut number: u64) {
        while number >= 0x80 {
            bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        bytes.push(number as u8);
    }
    let (mut bytes, mut before) = (Vec::new(), [0; 2]);
    for line in lines {
        put(&mut bytes, line.len() as u64);
        for point in line {
            let at = [point.x, point.y].map(|part| (part * f64::from(LINE_STEPS)).round() as i64);
            for (at, before) in at.into_iter().zip(before) {
                let far = at - before;
                put(&mut bytes, (far << 1 ^ far >> 63) as u64);
            }
            before = at;
        }
    }
    base64(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page reads the same in `web/test/offline.test.ts`.
    #[test]
    fn lines_are_packed_as_the_page_reads_them() {
        let line = |points: &[(f64, f64)]| points.iter().map(|(x, y)| World { x: *x, y: *y }).collect::<Vec<_>>();
        let lines = [line(&[(0.0, 0.0), (1.0, 0.5), (-0.25, 1.5)]), line(&[(0.25, 0.25), (0.250_001, 0.249_999)])];
        assert_eq!(packed_lines(&lines), "AwAAgICAAYCAQP//nwGAgIABAoCAQP//nwECAQ==");
    }
}
