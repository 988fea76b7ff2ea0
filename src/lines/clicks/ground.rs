//! The picture of a page that interactions are laid on: how large the page is on it, and where its elements are.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::land::{Elements, Surface};
use crate::page::Page;

/// A larger file is no layout of a page.
const MOST_BYTES: u64 = 256 << 20;

/// A picture of a page.
#[derive(Debug, Clone)]
pub struct Ground {
    /// The file.
    pub path: PathBuf,
    /// Width and height of the picture, in its own pixels.
    pub pixels: [u32; 2],
    /// Width and height of the page on it, in CSS pixels.
    pub size: [f64; 2],
    /// The height of the window that it was laid out in, in CSS pixels, where that is known.
    pub window: Option<f64>,
    /// The file that tells the elements, where there is one.
    pub layout: Option<PathBuf>,
    elements: Option<Elements>,
}

impl Ground {
    /// Looks at a picture and at the layout of the page on it: that of the file named, or of the one beside the picture
    /// whose name ends in `.json`. Without a layout, the page is `width` CSS pixels wide, or as wide as the picture.
    ///
    /// # Errors
    /// When the picture cannot be read, or a file that was named tells no layout.
    pub fn open(path: &Path, layout: Option<&Path>, width: Option<f64>) -> Result<Ground, Error> {
        let pixels = image::image_dimensions(path).map_err(|error| {
            Error::input(path.display().to_string())
                .found(error.to_string())
                .expected("a PNG, JPEG or WebP picture of the page")
                .advice("check --page")
        })?;
        let beside = path.with_extension("json");
        let (layout, page) = match layout {
            Some(layout) => (Some(layout.to_owned()), Some(read(layout)?)),
            None if is_layout(&beside) => (Some(beside.clone()), Some(read(&beside)?)),
            None => (None, None),
        };
        if let (Some(page), Some(_)) = (&page, width) {
            return Err(Error::caller("--page-width")
                .found(format!("--page-width of a page whose layout is {} CSS pixels wide", page.width))
                .expected("one of the two")
                .advice("leave --page-width out"));
        }
        let across = page.as_ref().map(|page| page.width).or(width).unwrap_or(f64::from(pixels.0));
        let scale = f64::from(pixels.0) / across;
        Ok(Ground {
            path: path.to_owned(),
            pixels: [pixels.0, pixels.1],
            size: [across, f64::from(pixels.1) / scale],
            window: page.as_ref().map(|page| page.viewport[1]).filter(|height| *height > 0.0),
            layout,
            elements: page.as_ref().map(Elements::of),
        })
    }

    /// Where interactions land.
    pub fn surface(&self) -> Surface<'_> {
        let [width, height] = self.size;
        Surface { width, height, window: self.window, elements: self.elements.as_ref() }
    }

    /// How many elements are known.
    pub fn elements_known(&self) -> usize {
        self.elements.as_ref().map_or(0, Elements::len)
    }

    /// The elements, where they are known.
    pub fn elements(&self) -> Option<&Elements> {
        self.elements.as_ref()
    }
}

/// Whether a file is there and says of itself that it is the layout of a page.
fn is_layout(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(4096).read_to_end(&mut start));
    let squeezed: String = String::from_utf8_lossy(&start).split_whitespace().collect();
    read.is_ok() && squeezed.contains("\"torrid\":\"page\"")
}

fn read(path: &Path) -> Result<Page, Error> {
    let wrong = |found: String| {
        Error::input(path.display().to_string())
            .found(found)
            .expected("the layout of a page, as `torrid page` writes it beside a picture")
            .advice("write it anew, or name another file with --elements")
    };
    let file = File::open(path).map_err(|error| wrong(error.to_string()))?;
    let length = file.metadata().map_err(|error| wrong(error.to_string()))?.len();
    if length > MOST_BYTES {
        return Err(wrong(format!("a file of {} MB", length / 1_000_000)));
    }
    let page: Page = serde_json::from_reader(BufReader::new(file)).map_err(|error| wrong(error.to_string()))?;
    let good = |length: f64| length.is_finite() && length >= 1.0;
    if !(good(page.width) && good(page.height)) {
        return Err(wrong(format!("a page of {} x {}", page.width, page.height)));
    }
    Ok(page)
}
