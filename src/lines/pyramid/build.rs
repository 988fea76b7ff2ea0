//! How a pyramid comes to be: of events, whose cells may be kept; and of such cells and new events.

use std::path::Path;

use crate::bandwidth::Bandwidth;
use crate::cells::Contents;
use crate::counts::Aggregate;
use crate::error::Error;
use crate::estimate::{HALF_LEVEL, Method};
use crate::events::Space;
use crate::frame::Extent;
use crate::grid::{Area, Quantity};
use crate::kernel::Kernel;
use crate::lines::cells::{Gathered, Memory, gather};
use crate::lines::density::{self, Wish, chosen};
use crate::lines::framing::{self, Size};
use crate::lines::pyramid::Pyramid;
use crate::lines::pyramid::ladder::{Ladder, Way, Zooms};
use crate::lines::pyramid::recipe::{Fitted, Recipe};
use crate::lines::pyramid::stock::Stock;
use crate::lines::pyramid::touched::touched;
use crate::lines::reading::Reading;
use crate::lines::survey::{Survey, nothing_usable};
use crate::provenance::{Origin, Provenance};
use crate::sink::{CellsPending, CellsWhole};
use crate::source::{CellsFile, Query};
use crate::tile::MAX_ZOOM;

impl Pyramid {
    /// Reads the events of a pyramid.
    ///
    /// # Errors
    /// What reading meets, when no row can be used, and when the wish is not one for a pyramid.
    pub fn of(reading: &mut Reading<'_>, wish: &Wish, zooms: Zooms) -> Result<Pyramid, Error> {
        Pyramid::read(reading, wish, zooms, false).map(|(pyramid, _)| pyramid)
    }

    /// The same, whose cells are put into a file that is to have the name `path`.
    ///
    /// # Errors
    /// As for [`Pyramid::of`], and when the file cannot be written.
    pub fn kept(
        reading: &mut Reading<'_>,
        wish: &Wish,
        zooms: Zooms,
        path: &Path,
    ) -> Result<(Pyramid, CellsPending), Error> {
        let (pyramid, gathered) = Pyramid::read(reading, wish, zooms, false)?;
        reading.stage("keeping");
        let mut cells = CellsPending::begin(path, gathered.kind.1)?;
        gathered.pour(cells.writer(), &wish.memory, reading.progress())?;
        Ok((pyramid, cells))
    }

    /// The pyramid of the events that a file of cells was made of, drawn by a recipe, and of those of a reading. It has only
    /// the tiles that the latter may change. All cells together are in the file that comes with it, which is to have the
    /// name `path`; it tells the given provenance.
    ///
    /// # Errors
    /// As for [`Pyramid::of`]; when the new events are cells that are too large, and when the file cannot be written.
    pub fn again(
        reading: &mut Reading<'_>,
        wish: &Wish,
        zooms: Zooms,
        (recipe, before): (&Recipe, CellsFile),
        (path, provenance): (&Path, &Provenance),
    ) -> Result<(Pyramid, CellsWhole), Error> {
        density::check(reading, wish)?;
        check(reading, wish)?;
        check_contents(reading, &before)?;
        let (way, kind) = (Way::of(recipe.bandwidth)?, (before.provenance.zoom, before.provenance.contents));
        let held = joined(&recipe.extent, &Survey::of(reading, true)?.extent(reading)?);
        let zooms = Zooms { greatest: Some(recipe.greatest), ..zooms };
        let ladder = Ladder { cells: kind.0, ..Ladder::new(way, &held, zooms)? };
        let fresh = gather(reading, kind, &wish.memory)?.settled(&wish.memory, reading.progress())?;
        let mut pyramid = Pyramid::bare(reading, wish, (way, recipe.bandwidth), (ladder, held));
        pyramid.look_at(wish);
        pyramid.notes.clone_from(&fresh.notes);
        pyramid.touched = Some(touched(&pyramid, &stocks(&fresh, &ladder.each(way), &wish.memory, false)?, MAX_ZOOM)?);

        reading.stage("merging");
        let mut cells = CellsPending::begin(path, kind.1)?;
        let read = fresh.events;
        fresh.pour_with(&before, cells.writer(), &wish.memory, reading.progress())?;
        let recipe = Recipe { extent: held, ..recipe.clone() };
        let cells = cells.finish(provenance, Some((Recipe::KEY, recipe.text())))?;
        reading.stage("sorting");
        let all = Gathered::of_file(read_back(&cells, path)?, read);
        pyramid.stocks = stocks(&all, &ladder.each(way), &wish.memory, false)?;
        for (zoom, stock) in &mut pyramid.stocks {
            let known = recipe.weights.iter().find(|(of, _)| of == zoom);
            stock.typical_weight = known.map_or(stock.typical_weight, |(_, weight)| *weight);
        }
        Ok((pyramid, cells))
    }

    /// Where its cells come from, given the files that the events of a reading do.
    pub fn provenance(&self, reading: &Reading<'_>, sources: Vec<Origin>) -> Provenance {
        let contents = contents(reading);
        let (weight, value) = (reading.query().weight.clone(), reading.query().value.clone());
        Provenance { zoom: self.ladder.cells, contents, weight, value, subject: None, sources }
    }

    /// How it is drawn, with these options and with scales fitted so.
    pub fn recipe(&self, options: Vec<String>, fitted: &Fitted) -> Recipe {
        Recipe {
            options,
            bandwidth: self.bandwidth,
            greatest: self.ladder.wanted.1,
            extent: self.held,
            weights: self.stocks.iter().map(|(zoom, stock)| (*zoom, stock.typical_weight)).collect(),
            fitted: fitted.clone(),
        }
    }

    /// Reads the events of a pyramid, and gathers them; `grows` where more are to come later.
    pub(super) fn read(
        reading: &mut Reading<'_>,
        wish: &Wish,
        zooms: Zooms,
        grows: bool,
    ) -> Result<(Pyramid, Gathered), Error> {
        density::check(reading, wish)?;
        check(reading, wish)?;
        let mut notes = Vec::new();
        let survey = Survey::of(reading, true)?;
        let bandwidth = match wish.bandwidth {
            Bandwidth::Rule(rule) => Bandwidth::Fixed(chosen(reading, &survey, (rule, wish.kernel), &mut notes)?),
            bandwidth => bandwidth,
        };
        let way = Way::of(bandwidth)?;
        let events = survey.extent(reading)?;
        let ladder = Ladder::new(way, &events, zooms)?;
        let (mut pyramid, gathered) = Pyramid::gathered(reading, wish, (way, bandwidth), (ladder, events), grows)?;
        pyramid.look_at(wish);
        let (_, error) = pyramid.method()?;
        let large = format!(
            "so large a bandwidth is summed in straight lines, which is off by up to {error:.1e} of the maximum at the \
             northern or southern end: `torrid render --method exact` is not"
        );
        notes.append(&mut pyramid.notes);
        notes.extend((error > HALF_LEVEL).then_some(large));
        Ok((Pyramid { notes, ..pyramid }, gathered))
    }

    /// The same once it is settled how, over an extent.
    pub(super) fn gathered(
        reading: &mut Reading<'_>,
        wish: &Wish,
        (way, bandwidth): (Way, Bandwidth),
        (ladder, extent): (Ladder, Extent),
        grows: bool,
    ) -> Result<(Pyramid, Gathered), Error> {
        let ladder = ladder.drawn_from(way, reading.cells()?.as_deref())?;
        let mut gathered = gather(reading, (ladder.cells, contents(reading)), &wish.memory)?;
        if gathered.events == 0 && reading.tally().records == reading.tally().bad() {
            return Err(nothing_usable(reading));
        }
        let notes = std::mem::take(&mut gathered.notes);
        let gathered = gathered.settled(&wish.memory, reading.progress())?;
        let stocks = stocks(&gathered, &ladder.each(way), &wish.memory, grows)?;
        let bare = Pyramid::bare(reading, wish, (way, bandwidth), (ladder, extent));
        Ok((Pyramid { stocks, notes, ..bare }, gathered))
    }

    /// One without events.
    fn bare(
        reading: &Reading<'_>,
        wish: &Wish,
        (way, bandwidth): (Way, Bandwidth),
        (ladder, extent): (Ladder, Extent),
    ) -> Pyramid {
        Pyramid {
            ladder,
            way,
            aggregate: wish.aggregate,
            per_cell: wish.per_cell,
            stocks: Vec::new(),
            held: extent,
            focus: extent,
            touched: None,
            quantity: quantity(reading.query(), wish),
            bandwidth,
            extent,
            bounded: wish.bounds.is_some(),
            tracing: reading.query().tracing.clone(),
            notes: Vec::new(),
        }
    }

    /// Settles the extent, and where a viewer begins: what was asked for, or the events and a margin for the kernel.
    pub(super) fn look_at(&mut self, wish: &Wish) {
        let around = |zoom: u8| {
            let of_events = || self.way.around(&self.held, zoom + self.ladder.deeper());
            wish.bounds.map_or_else(of_events, |bounds| Extent::of_bounds(Space::Earth, bounds))
        };
        (self.extent, self.focus) = (around(self.ladder.wanted.0), around(self.ladder.wanted.1));
    }
}

/// What the cells of a pyramid of some events hold.
pub(super) fn contents(reading: &Reading<'_>) -> Contents {
    let query = reading.query();
    Contents { weight: query.weight.is_some(), value: query.value.is_some(), ..Contents::default() }
}

/// Whether new events hold what the cells of old ones do.
fn check_contents(reading: &Reading<'_>, before: &CellsFile) -> Result<(), Error> {
    let (new, has) = (contents(reading), before.provenance.contents);
    let differing = [("--weight", new.weight != has.weight), ("--value", new.value != has.value)];
    differing.into_iter().find(|(_, differ)| *differ).map_or(Ok(()), |(option, _)| {
        Err(Error::caller(option)
            .found(format!("{option} for an archive that was drawn without"))
            .expected("new events to be taken as the old ones are")
            .advice(format!("leave {option} out, or draw the archive anew with it")))
    })
}

fn read_back(cells: &CellsWhole, path: &Path) -> Result<CellsFile, Error> {
    Ok(CellsFile::open(cells.open()?, &path.display().to_string())?.expect("cells that were just written"))
}

/// The least extent that holds both, in any copy of the world.
pub(super) fn joined(before: &Extent, new: &Extent) -> Extent {
    let copy = |turns: f64| before.cover(&Extent { west: new.west + turns, east: new.east + turns, ..*new });
    let all = [0.0, -1.0, 1.0].map(copy).into_iter().reduce(|a, b| if b.width() < a.width() { b } else { a });
    all.expect("three copies")
}

/// The cells that some ladders stand on; `grows` where events are to be added later.
pub(super) fn stocks(
    gathered: &Gathered,
    ladders: &[Ladder],
    memory: &Memory,
    grows: bool,
) -> Result<Vec<(u8, Stock)>, Error> {
    let of = |ladder: &Ladder| Ok((ladder.natural, Stock::of(gathered, (ladder.cells, ladder.block), memory, grows)?));
    ladders.iter().map(of).collect()
}

/// What the values of a pyramid are, of events that are asked for so.
pub fn quantity(query: &Query, wish: &Wish) -> Quantity {
    let of_reading = |word| Quantity::Reading(query.value.clone().unwrap_or_default(), word, wish.unit.clone());
    let weight = query.weight.clone().filter(|_| wish.aggregate == Aggregate::Sum);
    match wish.aggregate {
        Aggregate::Mean => of_reading("mean"),
        Aggregate::Min => of_reading("min"),
        Aggregate::Max => of_reading("max"),
        _ if wish.per_cell => Quantity::PerCell(weight),
        _ => Quantity::PerArea(weight, Area::of(Space::Earth)),
    }
}

/// What of a wish is not one for a pyramid.
fn check(reading: &Reading<'_>, wish: &Wish) -> Result<(), Error> {
    let refused = |option: &str, found: String, expected: &str, advice: &str| {
        Err(Error::caller(option).found(found).expected(expected).advice(advice))
    };
    reading.on_earth("tiles")?;
    if let Some(bounds) = wish.bounds {
        framing::of_bounds(Space::Earth, bounds, Size::default())?;
    }
    if wish.interpolation.is_some() {
        let expected = "mean: every pixel of inverse distances depends on all readings";
        return refused("--agg", "idw with tiles".into(), expected, "draw one picture with `torrid render`");
    }
    if matches!(wish.aggregate, Aggregate::Std | Aggregate::Min | Aggregate::Max) {
        let expected = "mean: pyramids are made of sums, in which extremes and small differences are lost";
        return refused(
            "--agg",
            "std, min or max with tiles".into(),
            expected,
            "draw one picture with `torrid render`",
        );
    }
    if wish.per_cell && !matches!(wish.aggregate, Aggregate::Count | Aggregate::Sum) {
        let expected = "numbers of events, or their weights: a reading is no amount of anything";
        return refused("--values", "count with a reading".into(), expected, "leave --values out");
    }
    if wish.kernel != Kernel::Gaussian {
        let expected = "gaussian, which is the same at every zoom";
        return refused("--kernel", format!("{}", wish.kernel), expected, "leave --kernel out, or use `torrid render`");
    }
    if wish.method == Method::Exact {
        return refused("--method", "exact".into(), "auto or fast: zooms are made of each other", "leave --method out");
    }
    Ok(())
}
