//! The screenshot of a page: strips that the browser can draw at once, put below each other.

use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::{ImageFormat, ImageReader, Limits};
use serde_json::json;

use super::session::Session;
use super::{MOST_PIXELS, Wish};
use crate::error::Error;
use crate::image::{Image, Straight};
use crate::page::Page;

/// The highest strip, in pixels; textures of many graphics cards end at 16384, and what is beyond is blank.
const STRIP: u32 = 8192;

/// The screenshot of a page that lies still.
///
/// # Errors
/// When it has too many pixels (limit), or the browser fails.
pub(super) fn screenshot(session: &Session, page: &Page, wish: &Wish) -> Result<Image, Error> {
    let [width, height] = size(page, wish)?;
    let mut pixels = Vec::with_capacity(width as usize * height as usize);
    let step = STRIP / wish.scale;
    let mut top = 0;
    while top < height / wish.scale {
        let rows = step.min(height / wish.scale - top);
        let clip = json!({ "x": 0, "y": top, "width": page.width, "height": rows, "scale": 1 });
        let asked = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let shot = session.tool("Page.captureScreenshot", &asked).map_err(|failure| failure.at(&page.url))?;
        strip(shot["data"].as_str().unwrap_or_default(), [width, rows * wish.scale], &mut pixels).map_err(|found| {
            Error::machine(&*page.url)
                .found(found)
                .expected("a screenshot of the browser")
                .advice("try a smaller --scale")
        })?;
        top += rows;
    }
    Ok(Image::new(width, height, pixels))
}

/// Width and height of the screenshot, in pixels.
fn size(page: &Page, wish: &Wish) -> Result<[u32; 2], Error> {
    let pixels = page.width * page.height * f64::from(wish.scale).powi(2);
    let fits = page.width * f64::from(wish.scale) <= f64::from(2 * STRIP) && pixels <= MOST_PIXELS as f64;
    if fits && pixels >= 1.0 {
        return Ok([page.width as u32 * wish.scale, page.height as u32 * wish.scale]);
    }
    Err(Error::limit(&*page.url)
        .found(format!("a page of {} x {} CSS pixels", page.width, page.height))
        .expected(format!("at most {} pixels in its width and {MOST_PIXELS} in all", 2 * STRIP))
        .advice("give --window for what the window shows, or a smaller --scale"))
}

/// Adds the pixels of a strip; what it is instead where it is none of this size.
fn strip(text: &str, [width, height]: [u32; 2], pixels: &mut Vec<crate::image::Premultiplied>) -> Result<(), String> {
    let damaged = |error: &dyn std::fmt::Display| format!("a damaged picture ({error})");
    let bytes = STANDARD.decode(text).map_err(|error| damaged(&error))?;
    let mut reader = ImageReader::with_format(Cursor::new(bytes), ImageFormat::Png);
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height, limits.max_alloc) = (Some(width), Some(height), Some(1 << 30));
    reader.limits(limits);
    let decoded = reader.decode().map_err(|error| damaged(&error))?.into_rgba8();
    if decoded.dimensions() != (width, height) {
        return Err(format!("a picture of {:?} instead of {width} x {height}", decoded.dimensions()));
    }
    pixels.extend(decoded.as_raw().as_chunks::<4>().0.iter().map(|&pixel| Straight(pixel).premultiply()));
    Ok(())
}
