//! `torrid tiles --update`: new events added to an archive.

use std::fs::File;
use std::path::Path;

use clap::{Args, Command, FromArgMatches};
use serde_json::Value;

use crate::cli::Common;
use crate::cli::events::EventArgs;
use crate::cli::given::Given;
use crate::cli::memory::MemoryArgs;
use crate::cli::progress::Bar;
use crate::cli::tiles::write::{Also, CELLS, Drawn};
use crate::cli::tiles::{Asked, Tiles};
use crate::error::Error;
use crate::lines::cells::origins;
use crate::lines::picture::Look;
use crate::lines::pyramid::{Kept, Pyramid, Recipe};
use crate::lines::reading::Reading;
use crate::provenance::{Origin, Provenance};
use crate::sink::tiles::{cells_beside, format_of, values_beside};
use crate::source::CellsFile;
use crate::source::tiles::Tiles as Archive;

/// Adds the events of the inputs to an archive.
///
/// # Errors
/// When options are given that an archive settles, the cells beside it are missing or of another drawing, an input was
/// added before, and what drawing meets.
pub fn run(given: &Tiles, archive: &Path) -> Result<(), Error> {
    check(&given.given)?;
    let before = Before::open(archive)?;
    let tiles = before.tiles(given, archive)?;
    let Asked { query, wish, mut look } = tiles.asked()?;
    tiles.common.start()?;
    let bar = Bar::new(tiles.common.quiet);
    let mut reading = Reading::open(&tiles.events.inputs, query, &bar)?;
    let sources = before.and(origins(&reading, &tiles.events.taken())?)?;

    let Before { archives, cells, recipe } = before;
    let provenance = Provenance { sources: sources.clone(), ..cells.provenance.clone() };
    let beside = cells_beside(archive);
    let to = (&*beside, &provenance);
    let (pyramid, cells) = Pyramid::again(&mut reading, &wish, tiles.zooms(), (&recipe, cells), to)?;
    look.style.bandwidth = pyramid.bandwidth;
    let also = Also { sources, mark: Some(recipe.mark()), before: archives };
    let mut drawn = tiles.write(pyramid, (&look, &recipe.fitted, &Kept::default()), also, &bar)?;
    // A run that ends here can be done again: the cells do not have the new events yet.
    cells.place()?;
    drawn.pyramid.notes.extend(beyond(&drawn, &look));
    tiles.tell(&reading, &drawn, (&wish, &look), &bar)
}

/// An archive, and what lies beside it.
struct Before {
    /// Pictures, and values where there are tiles of them.
    archives: Vec<Archive>,
    cells: CellsFile,
    recipe: Recipe,
}

impl Before {
    fn open(path: &Path) -> Result<Before, Error> {
        let form = format_of(path)?;
        if !form.is_for_maps() || !path.exists() {
            let found = if path.exists() { format!("a {}", form.name) } else { "no such file or folder".to_owned() };
            return Err(Error::caller(format!("--update {}", path.display()))
                .found(found)
                .expected("an archive of tiles (.pmtiles, .mbtiles, a folder) that was drawn with --keep-cells"));
        }
        let archive = Archive::open(path)?;
        let beside = cells_beside(path);
        let place = beside.display().to_string();
        let refused = |found: &str| {
            Error::input(&*place)
                .found(found)
                .expected(format!("the cells that {} was drawn from", path.display()))
                .advice("draw it anew from all events with --keep-cells --force; from then on --update can add to it")
        };
        let mark = archive.told().get(CELLS).and_then(Value::as_str);
        let mark = mark.ok_or_else(|| refused("nothing that belongs to it: it was drawn without --keep-cells"))?;
        let file = File::open(&beside).map_err(|error| refused(&error.to_string()))?;
        let cells = CellsFile::open(file, &place)?.ok_or_else(|| refused("a Parquet file of something else"))?;
        let recipe = cells.text(Recipe::KEY).and_then(Recipe::parse);
        let recipe =
            recipe.filter(|recipe| recipe.mark() == mark).ok_or_else(|| refused("cells of another drawing"))?;
        let mut archives = vec![archive];
        if recipe.options.iter().any(|option| option == "--value-tiles") {
            archives.push(Archive::open(&values_beside(path))?);
        }
        Ok(Before { archives, cells, recipe })
    }

    /// The files that the archives say they were drawn from.
    fn shown(&self) -> Vec<Origin> {
        let sources = |archive: &Archive| archive.told().get("sources").and_then(Value::as_array).cloned();
        self.archives.iter().filter_map(sources).flatten().filter_map(|source| Origin::from_json(&source)).collect()
    }

    /// The command that draws it, for the inputs that are given now.
    fn tiles(&self, given: &Tiles, path: &Path) -> Result<Tiles, Error> {
        let inputs = given.given.again::<Tiles>(|id| id != "update");
        let now: Vec<&str> = inputs.iter().map(|option| name(option)).collect();
        let kept = self.recipe.options.iter().filter(|option| !now.contains(&name(option))).cloned();
        let output = [format!("--output={}", path.display()), "--force".to_owned()];
        let words = kept.chain(inputs.iter().cloned()).chain(output).chain(["--".to_owned()]);
        let words = ["tiles".to_owned()].into_iter().chain(words).chain(given.events.inputs.iter().cloned());
        let matches = Tiles::augment_args(Command::new("tiles")).try_get_matches_from(words);
        matches.and_then(|matches| Tiles::from_arg_matches(&matches)).map_err(|error| {
            Error::input(self.cells.name().to_owned())
                .found(format!(
                    "options that are not understood: {}",
                    error.to_string().lines().next().unwrap_or_default()
                ))
                .expected("those of this version of torrid")
                .advice("draw the archive anew with --keep-cells --force")
        })
    }

    /// The sources of the archive with new ones.
    fn and(&self, new: Vec<Origin>) -> Result<Vec<Origin>, Error> {
        let mut all = self.cells.provenance.sources.clone();
        if let Some(twice) = new.iter().find(|origin| all.contains(origin)) {
            return Err(Error::input(&*twice.name)
                .found("events that the archive has already")
                .expected("new events")
                .advice("leave it out"));
        }
        all.extend(new);
        if let Some(lost) = self.shown().into_iter().find(|origin| !all.contains(origin)) {
            return Err(Error::input(self.cells.name().to_owned())
                .found(format!("no events of {}, with which the archive was updated", lost.name))
                .expected("all that it was drawn from: that update was cut short at its very end")
                .advice(format!("give {} too, which is not counted twice", lost.name)));
        }
        all.sort();
        Ok(all)
    }
}

/// The options with which an archive is drawn again: all but those of one run and its files.
pub fn lasting(given: &Given) -> Vec<String> {
    let of_run = [Given::names_of::<MemoryArgs>(), Given::names_of::<Common>()].concat();
    let of_files = ["output", "force", "update", "format", "after", "before", "strict"];
    given.again::<Tiles>(|id| !of_files.contains(&id) && of_run.iter().all(|name| name != id))
}

/// The name of an option that may have words.
fn name(option: &str) -> &str {
    option.split_once('=').map_or(option, |(name, _)| name)
}

/// Refuses options that the archive settles.
fn check(given: &Given) -> Result<(), Error> {
    let own = [Given::names_of::<EventArgs>(), Given::names_of::<MemoryArgs>(), Given::names_of::<Common>()].concat();
    let may = |id: &str| id == "update" || own.iter().any(|name| name == id);
    let settled = given.again::<Tiles>(|id| !may(id));
    settled.first().map_or(Ok(()), |option| {
        let option = name(option);
        Err(Error::caller(option)
            .found(format!("{option} with --update"))
            .expected("no such option: an archive keeps what it was drawn with")
            .advice(format!("leave it out, or draw the archive anew with {option}")))
    })
}

/// That values have grown out of a scale whose end was not asked for.
fn beyond(drawn: &Drawn, look: &Look) -> Option<String> {
    let [scale] = drawn.drawing.scales.as_slice() else { return None };
    let fitted = look.style.scale.vmax.is_none() && !look.style.scale.robust;
    (fitted && drawn.greatest > scale.limits.1).then(|| {
        format!(
            "values reach {:.3e}, beyond {:.3e} of the last colour: drawn anew, the archive would have a scale that fits",
            drawn.greatest, scale.limits.1
        )
    })
}
