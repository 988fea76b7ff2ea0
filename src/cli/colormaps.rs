//! `torrid colormaps`: the names, or pictures of them.

use std::io::{IsTerminal, Write, stdout};
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};

use crate::error::Error;
use crate::figure::{Look, Swatch, Swatches, chart_of_colormaps, portraits_of_colormaps};
use crate::image::{Image, Straight};
use crate::paint::{Apart, Colormap, KINDS, Kind, SAMPLES, apart_along, grey_of, lightness, seen};
use crate::sink;

/// Lists the colormaps, or draws them with the curves of their lightness.
#[derive(Debug, Args)]
pub struct Colormaps {
    /// Only these, and how they look to the colour-blind and in grey; all colormaps where there are none
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Draw them into this picture instead of listing their names
    #[arg(short, long, value_name = "OUT", value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,
    /// Replace OUT where it exists
    #[arg(short, long)]
    force: bool,
}

impl Colormaps {
    /// Runs the command.
    pub fn run(&self) -> Result<(), Error> {
        let named = self.names.iter().map(|name| Colormap::named(name)).collect::<Result<Vec<_>, Error>>()?;
        match &self.output {
            Some(output) => self.draw(output, &named),
            None => print(&listed(&named, stdout().is_terminal())),
        }
    }

    fn draw(&self, output: &Path, named: &[Colormap]) -> Result<(), Error> {
        sink::check(output, self.force)?;
        let image = if named.is_empty() { all()? } else { portraits_of_colormaps(&portraits(named))? };
        sink::write_picture(output, &sink::Picture { image: &image, frame: None, metadata: &[], dpi: None })
    }
}

/// Names, one a line; of all colormaps on a terminal under the names of their kinds.
fn listed(named: &[Colormap], headings: bool) -> String {
    let lines = |names: &mut dyn Iterator<Item = &str>| names.flat_map(|name| [name, "\n"]).collect::<String>();
    match (named, headings) {
        ([], false) => lines(&mut Colormap::names()),
        ([], true) => {
            let group = |kind| format!("{}\n{}", title(kind), lines(&mut Colormap::names_of(kind)));
            KINDS.map(group).join("\n")
        }
        (named, _) => lines(&mut named.iter().map(Colormap::name)),
    }
}

fn title(kind: Kind) -> String {
    format!("# {}: {}", kind.name(), kind.purpose())
}

/// A reader that has seen enough, such as `head`, is no fault.
fn print(text: &str) -> Result<(), Error> {
    match stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::machine("standard output").found(error.to_string()).expected("room for the list"))
        }
        _ => Ok(()),
    }
}

/// The chart of all colormaps, kind by kind.
fn all() -> Result<Image, Error> {
    let mut groups = Vec::new();
    for kind in KINDS {
        let maps = Colormap::names_of(kind).map(Colormap::named).collect::<Result<Vec<_>, Error>>()?;
        let swatches = maps.iter().map(|map| swatch(map, family(map).to_owned())).collect();
        let mut title = kind.name().to_owned();
        title[..1].make_ascii_uppercase();
        groups.push(Swatches { title, note: kind.purpose().to_owned(), swatches });
    }
    chart_of_colormaps(&groups)
}

fn family(map: &Colormap) -> &'static str {
    map.family().map_or("", |family| family.name())
}

fn swatch(map: &Colormap, note: String) -> Swatch {
    let lightness = map.colours().iter().map(|colour| lightness(*colour)).collect();
    Swatch { name: map.name().to_owned(), note, colours: map.colours().to_vec(), lightness, looks: Vec::new() }
}

/// Each colormap with how it looks to the colour-blind and in grey.
fn portraits(maps: &[Colormap]) -> Vec<Swatch> {
    let portrait = |map: &Colormap| {
        let kind = map.kind().map_or("", Kind::name);
        let look = |name: &str, note: String, look: &dyn Fn(Straight) -> Straight| Look {
            name: name.to_owned(),
            note,
            colours: map.colours().iter().map(|colour| look(*colour)).collect(),
        };
        let seen_so =
            |found: &Apart| look(found.deficiency.name(), said(map, found), &|colour| seen(colour, found.deficiency));
        let grey = look("grey", String::new(), &grey_of);
        let looks = apart_along(map).iter().map(seen_so).chain([grey]).collect();
        Swatch { looks, ..swatch(map, format!("{kind}, {}", family(map))) }
    };
    maps.iter().map(portrait).collect()
}

/// Which colours are hard to tell apart, if some are.
fn said(map: &Colormap, found: &Apart) -> String {
    let (first, second) = found.pair;
    let least = found.least;
    match map.classes() {
        _ if found.apart => String::new(),
        Some(_) => format!("colours {} and {} look alike (ΔE {least:.1})", first + 1, second + 1),
        None => {
            let percent = |sample: usize| 100.0 * sample as f64 / (SAMPLES - 1) as f64;
            format!("{:.0} % and {:.0} % look alike (ΔE {least:.1})", percent(first), percent(second))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_gets_headings_and_a_script_every_name_on_a_line() {
        let plain = listed(&[], false);
        assert!(plain.lines().eq(Colormap::names()));
        let grouped = listed(&[], true);
        assert!(grouped.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).eq(Colormap::names()));
        assert_eq!(grouped.lines().filter(|line| line.starts_with("# ")).count(), KINDS.len());
        let some = [Colormap::named("batlow_r").expect("listed")];
        assert_eq!(listed(&some, true), "cmc.batlow_r\n");
    }
}
