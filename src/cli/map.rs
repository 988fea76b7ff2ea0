//! Maps of one file: what they tell about themselves.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::cli::look::LookArgs;
use crate::error::Error;
use crate::lines::Progress;
use crate::lines::density::Found;
use crate::lines::map::{Mapped, map};
use crate::lines::picture::Look;
use crate::lines::pyramid::css;
use crate::paint::{NATURAL_EARTH, Outline, THEMES, Theme};
use crate::sink;

/// A file of more bytes takes seconds to open, and is too large for a mail.
const HEAVY: u64 = 50_000_000;

/// Writes a map of what was found; the limits of its scale.
///
/// # Errors
/// When it cannot be drawn or written.
pub fn write_map(file: &Path, found: &mut Found, look: &Look, bar: &dyn Progress) -> Result<(f64, f64), Error> {
    bar.stage("drawing");
    let mapped = map(&found.density, look)?;
    found.notes.extend(mapped.notes.iter().cloned());
    bar.stage("writing");
    let facts = facts(file, found, look, &mapped);
    let (heat, below) = (&mapped.heat, mapped.below.as_ref());
    let bytes = sink::write_map(file, &sink::PictureMap { heat, below, density: &found.density, facts: &facts })?;
    found.notes.extend(heavy(bytes, "a smaller --width makes a smaller one"));
    Ok(mapped.limits)
}

/// What a map of one picture tells about itself, as TileJSON and the metadata of tiles name it.
fn facts(file: &Path, found: &Found, look: &Look, mapped: &Mapped) -> Map<String, Value> {
    let mut facts = Map::new();
    let mut tell = |name: &str, fact: Value| facts.insert(name.to_owned(), fact);
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    tell("name", look.title.clone().unwrap_or(stem).into());
    tell("legend", mapped.legend.clone().into());
    tell("style", look.style.to_string().into());
    tell("bandwidth", look.style.bandwidth.to_string().into());
    tell("value_range", json!([mapped.limits.0, mapped.limits.1]));
    tell("method", found.method.into());
    tell("error_bound", json!(found.error));
    tell("events", found.reached.into());
    tell("notes", json!(found.notes));
    tell("generator", concat!("torrid ", env!("CARGO_PKG_VERSION")).into());
    if let Some(attribution) = &look.attribution {
        tell("attribution", attribution.clone().into());
    }
    if let Some((theme, _)) = mapped.theme.and_then(|chosen| THEMES.iter().find(|(_, theme)| *theme == chosen)) {
        tell("theme", (*theme).into());
    }
    if let Some(outline) = &mapped.land {
        tell("land", land(outline));
    }
    facts
}

/// Land and borders as the page reads them, whose they are, and their colours.
pub fn land(outline: &Outline) -> Value {
    let colours = |theme: &Theme| {
        json!({
            "sea": css(theme.sea),
            "land": css(theme.land),
            "coast": css(theme.coast),
            "border": css(theme.border),
            "coast_px": theme.coast_px,
            "border_px": theme.border_px,
        })
    };
    let themes: Map<String, Value> = THEMES.iter().map(|(name, theme)| ((*name).to_owned(), colours(theme))).collect();
    json!({
        "steps": sink::LINE_STEPS,
        "rings": sink::packed_lines(&outline.land),
        "borders": sink::packed_lines(&outline.borders),
        "attribution": NATURAL_EARTH,
        "themes": themes,
    })
}

/// What the user should know of a large file, and what makes it smaller.
pub fn heavy(bytes: u64, advice: &str) -> Option<String> {
    let note = || format!("a file of {} MB, which a browser takes seconds to open: {advice}", bytes / 1_000_000);
    (bytes > HEAVY).then(note)
}

/// Refuses what is drawn into pictures, and has no meaning where one can zoom.
///
/// # Errors
/// When it is asked for; the caller's fault.
pub fn check_map(file: &Path, look: &LookArgs) -> Result<(), Error> {
    if !look.has_graticule() {
        return Ok(());
    }
    Err(Error::caller("--graticule")
        .found(format!("--graticule for {}, a map that tells the place below the pointer", file.display()))
        .expected("a picture (.png, .webp, .jpg)")
        .advice("leave out --graticule"))
}
