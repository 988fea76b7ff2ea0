//! Colours from cold to hot, by name.

use super::colormaps::{ALIASES, COLORMAPS, Entry};
use crate::error::Error;
use crate::image::Straight;

/// What a colormap is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// For laying over a map: cold entries are transparent.
    Overlay,
    /// From little to much; lightness rises or falls all the way.
    Sequential,
    /// Ramps that are joined at edges, such as depths of the sea and heights of the land: an edge shows where it lies.
    MultiSequential,
    /// Two ways from a light (or dark) middle.
    Diverging,
    /// The ends meet.
    Cyclic,
    /// Many hues, with a lightness that goes up and down: shows edges that are not in the data.
    Rainbow,
    /// A few colours without an order, for classes.
    Qualitative,
}

/// All kinds, in the order of the list of colormaps.
pub const KINDS: [Kind; 7] = [
    Kind::Overlay,
    Kind::Sequential,
    Kind::MultiSequential,
    Kind::Diverging,
    Kind::Cyclic,
    Kind::Rainbow,
    Kind::Qualitative,
];

impl Kind {
    /// Its name in a sentence, such as `multi-sequential`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Overlay => "overlay",
            Kind::Sequential => "sequential",
            Kind::MultiSequential => "multi-sequential",
            Kind::Diverging => "diverging",
            Kind::Cyclic => "cyclic",
            Kind::Rainbow => "rainbow",
            Kind::Qualitative => "qualitative",
        }
    }

    /// What it is made for, in words for the user.
    pub fn purpose(self) -> &'static str {
        match self {
            Kind::Overlay => "for laying over a map: cold is clear",
            Kind::Sequential => "from little to much: lightness rises or falls all the way",
            Kind::MultiSequential => "ramps joined at an edge, such as sea and land",
            Kind::Diverging => "two ways from a middle that has a meaning",
            Kind::Cyclic => "for angles and times of day: the ends meet",
            Kind::Rainbow => "lightness goes up and down, which shows edges that are not in the data",
            Kind::Qualitative => "for classes without an order",
        }
    }
}

/// Whose a colormap is. Licences are in `assets/colormaps`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// Drawn for torrid.
    Torrid,
    /// Of matplotlib 3.11, by various authors.
    Matplotlib,
    /// By Cynthia Brewer, with matplotlib's colours between hers.
    ColorBrewer,
    /// Of seaborn 0.13, by Michael Waskom.
    Seaborn,
    /// Of cmocean 4.0, by Kristen Thyng and others, for oceanography; their names begin with `cmo.`.
    Cmocean,
    /// The Scientific colour maps of Fabio Crameri, as in cmcrameri 1.10; their names begin with `cmc.`.
    Crameri,
}

impl Family {
    /// The name of the package or the author.
    pub fn name(self) -> &'static str {
        match self {
            Family::Torrid => "torrid",
            Family::Matplotlib => "matplotlib",
            Family::ColorBrewer => "ColorBrewer",
            Family::Seaborn => "seaborn",
            Family::Cmocean => "cmocean",
            Family::Crameri => "Crameri",
        }
    }
}

/// 256 straight sRGB colours with alpha; entry 0 is the coldest.
///
/// ```
/// use torrid::image::Straight;
/// use torrid::paint::{Colormap, Kind};
/// let magma = Colormap::named("magma_r")?;
/// assert_eq!(magma.colours()[255], Straight([0, 0, 3, 255]));
/// assert_eq!((magma.kind(), Colormap::named("batlow")?.name()), (Some(Kind::Sequential), "cmc.batlow"));
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

    /// The colormap of a name; with `_r` at the end, reversed. A name that differs in case only is taken too, other
    /// spellings such as `grey`, and names without that of their family (`batlow` for `cmc.batlow`) where no other
    /// colormap has them.
    ///
    /// # Errors
    /// When there is none.
    pub fn named(name: &str) -> Result<Colormap, Error> {
        if let Some(entry) = found(name) {
            return Ok(colormap(entry));
        }
        match plain(name).and_then(found) {
            Some(entry) => Ok(colormap(entry).reversed()),
            None => Err(unknown(name)),
        }
    }

    /// All names, without the reversed ones, in the order of a good list: kind by kind, overlays first.
    pub fn names() -> impl Iterator<Item = &'static str> {
        COLORMAPS.iter().map(|entry| entry.name)
    }

    /// The names of one kind, without the reversed ones.
    pub fn names_of(kind: Kind) -> impl Iterator<Item = &'static str> {
        COLORMAPS.iter().filter(move |entry| entry.kind == kind).map(|entry| entry.name)
    }

    /// What a listed colormap is made for, reversed or not; one's own have none.
    pub fn kind(&self) -> Option<Kind> {
        self.entry().map(|entry| entry.kind)
    }

    /// Whose a listed colormap is, reversed or not; one's own have none.
    pub fn family(&self) -> Option<Family> {
        self.entry().map(|entry| entry.family)
    }

    /// How many colours a qualitative colormap has; others have as many as one likes.
    ///
    /// ```
    /// use torrid::paint::Colormap;
    /// assert_eq!(Colormap::named("Set2")?.classes(), Some(8));
    /// assert_eq!(Colormap::named("viridis")?.classes(), None);
    /// # Ok::<(), torrid::Error>(())
    /// ```
    pub fn classes(&self) -> Option<usize> {
        let classes = |entry: &Entry| entry.text.split_ascii_whitespace().count();
        self.entry().filter(|entry| entry.kind == Kind::Qualitative).map(classes)
    }

    /// `count` colours from the first to the last: evenly spaced ones, or those of a qualitative colormap in their
    /// order, which begin again where they are too few.
    ///
    /// ```
    /// use torrid::image::Straight;
    /// use torrid::paint::Colormap;
    /// let colours = Colormap::named("Set1")?.sample(10);
    /// assert_eq!(colours[..2], [Straight([228, 26, 28, 255]), Straight([55, 126, 184, 255])]);
    /// assert_eq!(colours[9], colours[0]);
    /// assert_eq!(Colormap::named("gray")?.sample(3)[1], Straight([127, 127, 127, 255]));
    /// # Ok::<(), torrid::Error>(())
    /// ```
    pub fn sample(&self, count: usize) -> Vec<Straight> {
        let place = |i: usize| match self.classes() {
            // The middle of the part of the 256 entries that has the colour.
            Some(classes) => (2 * (i % classes) + 1) * 256 / (2 * classes),
            None => i * 255 / (count - 1).max(1),
        };
        (0..count).map(|i| self.colours[place(i)]).collect()
    }

    fn entry(&self) -> Option<&'static Entry> {
        let listed = |name: &str| COLORMAPS.iter().find(|entry| entry.name == name);
        listed(&self.name).or_else(|| plain(&self.name).and_then(listed))
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

/// A name without the `_r` at its end.
fn plain(name: &str) -> Option<&str> {
    name.strip_suffix("_r").or_else(|| name.strip_suffix("_R"))
}

/// The entry a name stands for, of which those that are written exactly so go first.
fn found(name: &str) -> Option<&'static Entry> {
    let found = |same: fn(&str, &str) -> bool| {
        let name = ALIASES.iter().find(|(alias, _)| same(alias, name)).map_or(name, |(_, listed)| *listed);
        let full = COLORMAPS.iter().find(|entry| same(entry.name, name));
        full.or_else(|| COLORMAPS.iter().find(|entry| same(entry.bare(), name)))
    };
    found(|a, b| a == b).or_else(|| found(str::eq_ignore_ascii_case))
}

/// The colours of a file. Those of classes share the 256 entries as in matplotlib, where entry `i` lies at `i / 255`.
fn colormap(entry: &Entry) -> Colormap {
    let colours: Vec<Straight> = entry.text.split_ascii_whitespace().map(colour).collect();
    let last = colours.len() - 1;
    let class = |i: usize| if last == 255 { i } else { (i * colours.len() / 255).min(last) };
    Colormap::new(entry.name, std::array::from_fn(|i| colours[class(i)]))
}

fn colour(digits: &str) -> Straight {
    let channel = |i: usize| digits.get(2 * i..2 * i + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
    Straight(std::array::from_fn(|i| channel(i).unwrap_or(255)))
}

fn unknown(name: &str) -> Error {
    let wanted = name.to_ascii_lowercase();
    let wanted = plain(&wanted).unwrap_or(&wanted);
    let alike = |listed: &str| strsim::jaro_winkler(wanted, &listed.to_ascii_lowercase());
    let likeness = |entry: &Entry| alike(entry.name).max(alike(entry.bare()));
    let likely = COLORMAPS.iter().map(|entry| (likeness(entry), entry.name));
    let hint = match likely.max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((likeness, best)) if likeness > 0.75 => format!("did you mean `{best}`? "),
        _ => String::new(),
    };
    Error::caller("--cmap")
        .found(format!("`{name}`"))
        .expected("the name of a colormap, or one with _r for the reverse")
        .advice(format!("{hint}`torrid colormaps` lists them"))
}
