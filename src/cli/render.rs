//! `torrid render`: one picture, or one grid of values.

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use serde_json::{Value, json};

use crate::bandwidth::{Bandwidth, Length};
use crate::cli::area::AreaArgs;
use crate::cli::axes::AxesArgs;
use crate::cli::events::EventArgs;
use crate::cli::look::LookArgs;
use crate::cli::map::{check_map, write_map};
use crate::cli::place::PlaceArgs;
use crate::cli::progress::Bar;
use crate::cli::readings::ReadingArgs;
use crate::cli::times::{self, TimesArgs};
use crate::cli::versus::{self, VersusArgs};
use crate::cli::{Common, report};
use crate::counts::Aggregate;
use crate::error::Error;
use crate::lines::Progress;
use crate::lines::density::{Found, Wish, density};
use crate::lines::picture::{Look, drawing, picture};
use crate::lines::reading::Reading;
use crate::lines::tracks::Told;
use crate::lines::versus::{Groups, check_norm, scale_around_zero, versus};
use crate::sink;
use crate::style::Colours;

/// A part of the report and its name.
type Named = (&'static str, Value);

/// Draws one picture, or writes one grid of values.
#[derive(Debug, Args)]
pub struct Render {
    #[command(flatten)]
    pub(super) events: EventArgs,
    /// The file to write: .png, .webp, .jpg for a picture; .html for a map that tells values in any browser, without a
    /// network; .tif (GeoTIFF), .npy, .csv for the values; of frames in time a .webp or .gif that moves, or a file for each: frames/%04d.png, `{n}.tif`, `{time}.tif`
    #[arg(short, long, value_name = "OUT", value_hint = ValueHint::FilePath)]
    pub(super) output: PathBuf,
    /// Replace OUT where it exists
    #[arg(short, long)]
    pub(super) force: bool,
    /// Write a world file and a .prj beside a picture
    #[arg(long)]
    pub(super) world_file: bool,
    /// Several bandwidths, with commas between, from one pass over the events: panels of one picture, or a file each
    /// where OUT has `{bandwidth}` in its name
    #[arg(
        long,
        value_name = "LENGTHS",
        value_delimiter = ',',
        help_heading = "Estimate",
        conflicts_with_all = ["bandwidth", "versus", "time_bandwidth"]
    )]
    bandwidths: Vec<String>,
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    area: AreaArgs,
    #[command(flatten)]
    readings: ReadingArgs,
    #[command(flatten)]
    versus: VersusArgs,
    #[command(flatten)]
    pub(super) times: TimesArgs,
    #[command(flatten)]
    pub(super) look: LookArgs,
    #[command(flatten)]
    axes: AxesArgs,
    #[command(flatten)]
    pub(super) common: Common,
}

impl Render {
    /// Runs the command: everything that can be wrong with the options is found before an input is opened.
    pub fn run(&self) -> Result<(), Error> {
        let query = self.events.query()?;
        let mut wish = self.place.wish(query.weight.is_some(), query.value.is_some())?;
        // Of passes and people there are so many in a cell, whatever its area.
        wish.per_cell |= query.tracing.as_ref().is_some_and(|tracing| tracing.weight.is_counted());
        if let Some(kernel) = self.look.kernel()? {
            (wish.kernel, wish.bandwidth) = kernel;
        }
        self.area.join(&mut wish, query.space)?;
        self.readings.join(&mut wish)?;
        let mut look = self.look.look(query.space)?;
        look.style.kernel = wish.kernel;
        look.axes = self.axes.axes()?;
        let (times, other) = (self.times.times()?, self.versus.other()?);
        if times.is_some() || other.is_some() {
            alone(&wish)?;
        }
        let lengths = self.bandwidths.iter().map(|text| text.parse()).collect::<Result<Vec<Length>, Error>>()?;
        if !lengths.is_empty() {
            return self.sweep(&lengths, &wish, &look);
        }
        if let Some(times) = times {
            return times::run(self, query, &wish, look, &times);
        }
        let kind = self.check_output(&self.output)?;
        if other.is_some() {
            self.diverge(&mut look)?;
        }
        self.common.start()?;

        let bar = Bar::new(self.common.quiet);
        if let Some(other) = other {
            let mut groups = Groups::open(&self.events.inputs, &query, &other, &bar)?;
            return self.compare(&mut groups, &wish, look, kind, &bar);
        }
        let mut reading = Reading::open(&self.events.inputs, query, &bar)?;
        let mut found = density(&mut reading, &wish)?;
        look.style.bandwidth = found.bandwidth;
        (look.method, look.evidence) = (method_in_words(&wish, found.bandwidth), found.evidence.take());
        let limits = self.write(&mut found, &look, kind, &bar)?;
        self.tell(&[&reading], &found, &look, (limits, &[]), &bar);
        Ok(())
    }

    /// Colours that part at 0, unless the caller chose others.
    fn diverge(&self, look: &mut Look) -> Result<(), Error> {
        check_norm(look.style.scale.norm)?;
        if !self.look.has_colours() {
            look.style.colours = Colours::Named("RdBu_r".into());
        }
        Ok(())
    }

    /// The rest of a run that compares.
    fn compare(
        &self,
        groups: &mut Groups<'_>,
        wish: &Wish,
        mut look: Look,
        kind: sink::Kind,
        bar: &Bar,
    ) -> Result<(), Error> {
        let of_readings = matches!(wish.aggregate, Aggregate::Mean | Aggregate::Min | Aggregate::Max);
        let mut compared = versus(groups, wish, self.versus.how(of_readings))?;
        look.style.bandwidth = compared.found.bandwidth;
        look.style.scale = scale_around_zero(look.style.scale, &compared.found.density)?;
        let limits = self.write(&mut compared.found, &look, kind, bar)?;
        let readings = groups.readings();
        let groups = versus::json(&readings, &compared);
        self.tell(&readings, &compared.found, &look, (limits, &[("versus", groups)]), bar);
        Ok(())
    }

    /// Writes what was found; the limits of the scale of a picture.
    fn write(&self, found: &mut Found, look: &Look, kind: sink::Kind, bar: &Bar) -> Result<Option<(f64, f64)>, Error> {
        match kind {
            sink::Kind::Picture => self.draw(found, look, bar).map(Some),
            sink::Kind::Map => write_map(&self.output, found, look, bar).map(Some),
            sink::Kind::Drawing => write_drawing(&self.output, found, look, bar).map(Some),
            sink::Kind::Values => {
                bar.stage("writing");
                sink::write_values(&self.output, &found.density, &metadata(found, look))?;
                Ok(None)
            }
        }
    }

    /// What a file to be written is to hold.
    pub(super) fn check_output(&self, file: &Path) -> Result<sink::Kind, Error> {
        sink::check(file, self.force)?;
        let kind = sink::format_of(file)?.kind();
        let axes = self.axes.are_given().then_some("--axes");
        if let (Some(option), sink::Kind::Map) = (axes, kind) {
            return Err(Error::caller(option)
                .found(format!("{option} for {}, a map that pans", file.display()))
                .expected("a picture (.png, .webp, .jpg) or a drawing (.svg, .pdf)")
                .advice(format!("leave out {option}, or write a picture")));
        }
        if kind == sink::Kind::Values
            && let Some(option) = self.look.first_given().or(self.readings.first_given()).or(axes)
        {
            return Err(Error::caller(option)
                .found(format!("{option} for {}, which holds values", file.display()))
                .expected("a picture (.png, .webp, .jpg)")
                .advice(format!("leave out {option}, or write a picture")));
        }
        if kind == sink::Kind::Map {
            check_map(file, &self.look)?;
        }
        if self.world_file {
            sink::check_world_file(file, self.force)?;
        }
        Ok(kind)
    }

    fn draw(&self, found: &mut Found, look: &Look, bar: &Bar) -> Result<(f64, f64), Error> {
        bar.stage("drawing");
        let drawn = picture(&found.density, look)?;
        found.notes.extend(drawn.notes);
        bar.stage("writing");
        let metadata = metadata(found, look);
        let frame = found.density.grid.frame();
        let picture = sink::Picture { image: &drawn.image, frame: Some(frame), metadata: &metadata, dpi: drawn.dpi };
        sink::write_picture(&self.output, &picture)?;
        if self.world_file {
            sink::write_world_file(&self.output, frame)?;
        }
        Ok(drawn.limits)
    }

    /// Reports the run: of `more`, each is a name and a part of the JSON object.
    pub(super) fn tell(
        &self,
        readings: &[&Reading<'_>],
        found: &Found,
        look: &Look,
        (limits, more): (Option<(f64, f64)>, &[Named]),
        bar: &Bar,
    ) {
        let stages = bar.finish();
        if self.common.json {
            let mut report = self.json(readings[0], found, look, limits, &report::timings(&stages, bar.seconds()));
            for (name, part) in more {
                report[*name] = part.clone();
            }
            println!("{report}");
        }
        if self.common.quiet {
            return;
        }
        for (i, reading) in readings.iter().enumerate() {
            report::tell(reading, if i == 0 { &found.notes } else { &[] });
        }
        let frame = found.density.grid.frame();
        let how = limits.map_or_else(|| format!("bandwidth {:#}", found.bandwidth), |_| format!("{:#}", look.style));
        eprintln!(
            "{}: {} x {}, {}, {}, {how}",
            self.output.display(),
            frame.width(),
            frame.height(),
            report::reached(readings[0], found.reached),
            found.density.quantity,
        );
        if self.common.verbose {
            eprintln!("method: {}, within {:.1e} of the kernel's peak", found.method, found.error);
            report::tell_stages(&stages, bar.seconds());
        }
    }

    fn json(
        &self,
        reading: &Reading<'_>,
        found: &Found,
        look: &Look,
        limits: Option<(f64, f64)>,
        timings: &Value,
    ) -> Value {
        let frame = found.density.grid.frame();
        json!({
            "output": Path::new(&self.output).display().to_string(),
            "rows": report::rows(reading.tally()),
            "events": reading.told().is_none().then_some(found.reached),
            "extent": frame.extent().bounds(frame.space()),
            "size": [frame.width(), frame.height()],
            "quantity": found.density.quantity.to_string(),
            "bandwidth": found.bandwidth.to_string(),
            "style": look.style.to_string(),
            "limits": limits.map(|(low, high)| [low, high]),
            "method": found.method,
            "error_bound": found.error,
            "notes": found.notes,
            "tracks": reading.told().map(Told::json),
            "seconds": timings,
            "peak_memory_bytes": report::peak_memory(),
        })
    }
}

/// Writes a drawing of what was found; the limits of its scale.
pub(super) fn write_drawing(
    file: &Path,
    found: &mut Found,
    look: &Look,
    bar: &dyn Progress,
) -> Result<(f64, f64), Error> {
    bar.stage("drawing");
    let drawn = drawing(&found.density, look)?;
    found.notes.extend(drawn.notes);
    bar.stage("writing");
    sink::write_drawing(file, &drawn.drawing, &metadata(found, look))?;
    Ok(drawn.limits)
}

/// Refuses what comparisons and frames in time do not know.
fn alone(wish: &Wish) -> Result<(), Error> {
    let unknown = [
        ("--mask", wish.mask.is_some()),
        ("--edge-correct", wish.edge_correct),
        ("--alpha", wish.evidence),
        ("--unit", wish.unit.is_some()),
        ("--agg", wish.interpolation.is_some() || wish.aggregate == Aggregate::Std),
    ];
    match unknown.into_iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((option, _)) => Err(Error::caller(option)
            .found(format!("{option} with --versus or --step"))
            .expected("one picture of one input")
            .advice(format!("leave {option} out, or draw the inputs or periods one by one"))),
    }
}

/// What a file says of how it was made.
pub(super) fn metadata(found: &Found, look: &Look) -> Vec<(String, String)> {
    let mut metadata = vec![("Description".to_owned(), found.density.quantity.to_string())];
    metadata.push(("torrid:style".into(), look.style.to_string()));
    metadata.extend(look.method.iter().map(|method| ("torrid:estimate".to_owned(), method.clone())));
    metadata.push(("torrid:method".into(), format!("{}, error {:.1e} of the peak", found.method, found.error)));
    metadata.extend(found.private.iter().map(|words| ("torrid:privacy".to_owned(), words.clone())));
    metadata.extend(look.title.iter().map(|title| ("Title".to_owned(), title.clone())));
    metadata.extend(look.attribution.iter().map(|text| ("Copyright".to_owned(), text.clone())));
    metadata
}

/// What kernel and bandwidth alone do not say of an estimate.
pub(super) fn method_in_words(wish: &Wish, bandwidth: Bandwidth) -> Option<String> {
    if let Some(way) = &wish.interpolation {
        return Some(way.to_string());
    }
    wish.edge_correct.then(|| format!("{}, {bandwidth:#}, edges corrected", wish.kernel.title()))
}
