//! Colours from cold to hot, by name.

use super::colormaps::COLORMAPS;
use crate::error::Error;
use crate::image::Straight;

/// What a colormap is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// For laying over a map: cold entries are transparent.
    Overlay,
    /// From little to much; lightness rises or falls all the way.
    Sequential,
    /// Two ways from a light (or dark) middle.
    Diverging,
    /// The ends meet.
    Cyclic,
    /// Many hues, with a lightness that goes up and down: shows edges that are not in the data.
    Rainbow,
}

/// 256 straight sRGB colours with alpha; entry 0 is the coldest.
///
/// ```
/// use torrid::image::Straight;
/// use torrid::paint::Colormap;
/// let magma = Colormap::named("magma_r")?;
/// assert_eq!(magma.colours()[255], Straight([0, 0, 3, 255]));
/// assert!(Colormap::named("magna").unwrap_err().to_string().contains("did you mean `magma`"));
/// # Ok::<(), torrid::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colormap {
    name: String,
    colours: Box<[Straight; 256]>,
}

impl Colormap {
    /// A colormap of one's own.
    pub fn new(name: impl Into<String>, colours: [Straight; 256]) -> Colormap {
        Colormap { name: name.into(), colours: Box::new(colours) }
    }

    /// The colormap of a name; with `_r` at the end, reversed. A name that differs in case only is taken too.
    ///
    /// # Errors
    /// When there is none.
    pub fn named(name: &str) -> Result<Colormap, Error> {
        if let Some(colormap) = listed(name) {
            return Ok(colormap);
        }
        match name.strip_suffix("_r").or_else(|| name.strip_suffix("_R")).and_then(listed) {
            Some(colormap) => Ok(colormap.reversed()),
            None => Err(unknown(name)),
        }
    }

    /// All names, without the reversed ones, in the order of a good list: overlays first.
    pub fn names() -> impl Iterator<Item = &'static str> {
        COLORMAPS.iter().map(|(name, _, _)| *name)
    }

    /// What a listed colormap is made for; reversed ones and one's own have none.
    pub fn kind(&self) -> Option<Kind> {
        COLORMAPS.iter().find(|(name, _, _)| *name == self.name).map(|(_, kind, _)| *kind)
    }

    /// The name, as listed.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The colours.
    pub fn colours(&self) -> &[Straight; 256] {
        &self.colours
    }

    /// The colours the other way round. Where alpha tells how much heat there is (it differs between entries), it
    /// stays as it is, so that cold stays transparent.
    pub fn reversed(&self) -> Colormap {
        let colours = std::array::from_fn(|i| {
            let Straight([r, g, b, _]) = self.colours[255 - i];
            Straight([r, g, b, self.colours[i].0[3]])
        });
        let name = match self.name.strip_suffix("_r") {
            Some(name) => name.to_owned(),
            None => format!("{}_r", self.name),
        };
        Colormap::new(name, colours)
    }
}

fn listed(name: &str) -> Option<Colormap> {
    let exact = COLORMAPS.iter().find(|(listed, _, _)| *listed == name);
    let (name, _, text) =
        exact.or_else(|| COLORMAPS.iter().find(|(listed, _, _)| listed.eq_ignore_ascii_case(name)))?;
    Some(Colormap::new(*name, parsed(text)))
}

/// The colours of an embedded file: a line `r,g,b,a` after the heading for each.
fn parsed(text: &str) -> [Straight; 256] {
    let mut colours = [Straight([0; 4]); 256];
    for (colour, line) in colours.iter_mut().zip(text.lines().skip(1)) {
        for (channel, number) in colour.0.iter_mut().zip(line.split(',')) {
            *channel = number.trim().parse().unwrap_or(0);
        }
    }
    colours
}

fn unknown(name: &str) -> Error {
    let plain = name.to_ascii_lowercase();
    let plain = plain.strip_suffix("_r").unwrap_or(&plain);
    let likeness = |listed: &str| strsim::jaro_winkler(plain, &listed.to_ascii_lowercase());
    let best = Colormap::names().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let hint = match best {
        Some(best) if likeness(best) > 0.75 => format!("did you mean `{best}`? "),
        _ => String::new(),
    };
    Error::caller("--cmap")
        .found(format!("`{name}`"))
        .expected("the name of a colormap, or one with _r for the reverse")
        .advice(format!("{hint}`torrid colormaps` lists them"))
}
