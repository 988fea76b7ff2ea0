//! The archives of a pyramid: the tiles of pictures, of values beside them, and what they tell about themselves.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Map, Value, json};

use crate::cli::map::{heavy, land};
use crate::cli::progress::Bar;
use crate::cli::scales;
use crate::cli::tiles::Tiles;
use crate::error::Error;
use crate::events::Space;
use crate::frame::Extent;
use crate::lines::Progress;
use crate::lines::picture::Look;
use crate::lines::pyramid::{Computed, Drawing, Fitted, Kept, Pyramid, Shown, draw};
use crate::paint::outline;
use crate::provenance::Origin;
use crate::sink::Kind;
use crate::sink::tiles::{self, ArchiveFormat, Stored, TilePicture, TileSet};
use crate::source::tiles::Tiles as Archive;

/// The name under which an archive tells the mark of the recipe that is in the file of its cells.
pub(super) const CELLS: &str = "cells";

/// The file of a tile, and that of its values where they are wanted.
type Files = (Vec<u8>, Option<Vec<u8>>);

/// What tiles of values tell about themselves, from what those of pictures do.
fn of_values(set: &TileSet) -> TileSet {
    let mut set = TileSet { name: format!("{}, values", set.name), legend: None, ..set.clone() };
    set.properties.insert("encoding".to_owned(), tiles::ENCODING.into());
    set.properties.insert("absent".to_owned(), json!(set.absent));
    set
}

/// What a map of one file tells more than an archive does.
fn of_map(pyramid: &Pyramid, drawing: &Drawing) -> Map<String, Value> {
    let mut told = Map::new();
    let near = Extent::of_bounds(Space::Earth, pyramid.bounds());
    told.insert("land".to_owned(), land(&outline(&near)));
    told.insert("notes".to_owned(), json!(pyramid.notes));
    told.extend(clear_below(drawing).map(|clear| ("clear_below".to_owned(), clear)));
    told
}

/// The least value that has a colour, of all zooms (`null`) or of each, where smaller ones than that are clear too: tiles
/// that are not there may have values up to it.
fn clear_below(drawing: &Drawing) -> Option<Value> {
    drawing.scales.iter().map(|scale| Some(json!([scale.zoom, scale.clear_below?]))).collect()
}

/// What belongs to an archive beside the tiles that are drawn.
#[derive(Default)]
pub(super) struct Also {
    /// The files that its events were read from.
    pub sources: Vec<Origin>,
    /// The mark of the recipe that lies beside it, if one does.
    pub mark: Option<String>,
    /// The archive before and that of its values, whose other tiles are taken over.
    pub before: Vec<Archive>,
}

impl Also {
    /// The sources as archives tell them.
    pub fn sources(&self) -> Value {
        self.sources.iter().map(Origin::to_json).collect()
    }
}

/// What was written.
pub(super) struct Drawn {
    pub pyramid: Pyramid,
    pub drawing: Drawing,
    pub stored: Stored,
    /// How many tiles were drawn.
    pub tiles: u64,
    /// The greatest value of those, where an archive was updated.
    pub greatest: f64,
}

impl Tiles {
    /// Draws the tiles and puts them where they belong; those of values first, so that where there are pictures there are
    /// values.
    pub(super) fn write(
        &self,
        mut pyramid: Pyramid,
        (look, fitted, blocks): (&Look, &Fitted, &Kept),
        also: Also,
        bar: &Bar,
    ) -> Result<Drawn, Error> {
        let mut archive = tiles::archive(self.output(), self.picture(), self.scale(), self.force)?;
        let beside = self.numbers.then(|| tiles::values_beside(self.output()));
        let begin = |path| tiles::archive(path, TilePicture::Png, self.scale(), self.force);
        let mut values = beside.as_deref().map(begin).transpose()?;
        for (before, archive) in also.before.iter().zip([Some(&mut archive), values.as_mut()].into_iter().flatten()) {
            before.each(|tile, file| if pyramid.touches(tile) { Ok(()) } else { archive.put(tile, &file) })?;
        }
        let absent = pyramid.quantity.zero_is_nothing().then_some(0.0);
        let form = tiles::format_of(self.output())?;
        let (updates, greatest) = (!also.before.is_empty(), AtomicU32::new(0));
        let encode = |tile: &Computed<'_>| {
            if updates {
                greatest.fetch_max(tile.greatest().to_bits(), Ordering::Relaxed);
            }
            self.encode(tile, form, absent)
        };
        let mut drawn = 0;
        let put = |tile, (bytes, of_values): Files| {
            drawn += 1;
            archive.put(tile, &bytes)?;
            match (&mut values, of_values) {
                (Some(values), Some(bytes)) => values.put(tile, &bytes),
                (None, Some(bytes)) => archive.put_values(tile, &bytes),
                (_, None) => Ok(()),
            }
        };
        let drawing = draw(&pyramid, (look, fitted, blocks), encode, put, bar)?;
        bar.stage("writing");
        let mut set = TileSet { absent, ..self.tile_set(&pyramid, look, (&drawing, &also))? };
        if form.with_values {
            set.properties.append(&mut of_map(&pyramid, &drawing));
        }
        // What is replaced is not to be open.
        drop(also);
        if let (Some(values), Some(path)) = (values, beside) {
            values.finish(&of_values(&set))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            set.properties.insert("values".to_owned(), name.into());
        }
        let stored = archive.finish(&set)?;
        if form.with_values {
            pyramid.notes.extend(heavy(stored.bytes, "a smaller greatest zoom, -z, makes a smaller one"));
        }
        let greatest = f64::from(f32::from_bits(greatest.into_inner()));
        Ok(Drawn { pyramid, drawing, stored, tiles: drawn, greatest })
    }

    /// The files of a tile; none where it shows nothing.
    fn encode(&self, tile: &Computed<'_>, form: &ArchiveFormat, absent: Option<f32>) -> Result<Option<Files>, Error> {
        if form.kind() == Kind::Values {
            return Ok(tiles::encode_block(tile.values, absent)?.map(|block| (block, None)));
        }
        let Some(picture) = self.encode_picture(tile, form)? else { return Ok(None) };
        let values = (self.numbers || form.with_values).then(|| tiles::encode_values(tile.values)).transpose()?;
        Ok(Some((picture, values)))
    }

    /// The file of a picture; none where all of it is clear.
    fn encode_picture(&self, tile: &Computed<'_>, form: &ArchiveFormat) -> Result<Option<Vec<u8>>, Error> {
        let shown = if form.even_latitudes {
            tile.painted(&tiles::even_latitudes(tile.values)).map(Shown::Pixels)
        } else {
            tile.shown()
        };
        let encode = |shown| match shown {
            Shown::Places(colours, places) => {
                self.picture().encode_indexed(&places, colours, tile.values.frame().width())
            }
            Shown::Pixels(image) => self.picture().encode(&image),
        };
        shown.map(encode).transpose()
    }

    /// What the archive tells about itself.
    fn tile_set(&self, pyramid: &Pyramid, look: &Look, (drawing, also): (&Drawing, &Also)) -> Result<TileSet, Error> {
        let stem = self.output().file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let (method, error) = pyramid.method()?;
        let bounds = pyramid.bounds();
        let zooms = (*pyramid.zooms().start(), *pyramid.zooms().end());
        let properties = json!({
            "units": pyramid.quantity.to_string(),
            "norm": look.style.scale.norm.to_string(),
            "bandwidth": pyramid.bandwidth.to_string(),
            "style": look.style.to_string(),
            "method": method,
            "error_bound": error,
            "events": (!pyramid.is_of_lines()).then_some(pyramid.events()),
            "sources": also.sources(),
            "generator": concat!("torrid ", env!("CARGO_PKG_VERSION")),
        });
        let mut properties = if let Value::Object(properties) = properties { properties } else { Map::new() };
        properties.append(&mut scales::told(drawing));
        properties.extend(pyramid.privacy().map(|words| ("privacy".to_owned(), words.into())));
        properties.extend(also.mark.iter().map(|mark| (CELLS.to_owned(), mark.as_str().into())));
        Ok(TileSet {
            name: look.title.clone().unwrap_or(stem),
            description: Some(format!("{}, {}", pyramid.quantity, look.style)),
            attribution: look.attribution.clone(),
            bounds,
            center: pyramid.center(),
            zooms,
            side: pyramid.side() / self.scale(),
            scale: self.scale(),
            absent: None,
            legend: Some(drawing.legend.clone()),
            properties,
        })
    }
}
