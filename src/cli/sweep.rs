//! `torrid render --bandwidths A,B,C`: one picture for each bandwidth, from one pass over the events, side by side on a
//! sheet or in files of their own.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::bandwidth::Length;
use crate::cli::map::write_map;
use crate::cli::progress::Bar;
use crate::cli::render::{Render, metadata, method_in_words, write_drawing};
use crate::cli::report;
use crate::error::Error;
use crate::figure::{columns, contact_sheet};
use crate::lines::Progress;
use crate::lines::density::{Found, Wish, densities};
use crate::lines::framing::Size;
use crate::lines::picture::{Look, picture};
use crate::lines::reading::Reading;
use crate::sink::{self, Kind, Picture};

/// What stands for the bandwidth in the name of OUT.
const PLACE: &str = "{bandwidth}";

impl Render {
    /// Runs the command for several bandwidths.
    pub(super) fn sweep(&self, lengths: &[Length], wish: &Wish, look: &Look) -> Result<(), Error> {
        let files = self.files(lengths)?;
        let query = self.events.query()?;
        self.common.start()?;
        let bar = Bar::new(self.common.quiet);
        let mut reading = Reading::open(&self.events.inputs, query, &bar)?;
        let panel = if files.is_none() { panel(wish.size, columns(lengths.len())) } else { wish.size };
        let mut found = densities(&mut reading, &Wish { size: panel, ..wish.clone() }, lengths)?;
        bar.stage("drawing and writing");
        match &files {
            Some(files) => {
                for (found, file) in found.iter_mut().zip(files) {
                    self.write_one(found, &titled(look, found, wish), file)?;
                }
            }
            None => self.write_sheet(&mut found, look, wish)?,
        }
        self.tell_sweep(&reading, &found, &files.unwrap_or_else(|| vec![self.output.clone()]), &bar);
        Ok(())
    }

    /// A file for each bandwidth; none where all are to share a sheet.
    fn files(&self, lengths: &[Length]) -> Result<Option<Vec<PathBuf>>, Error> {
        let name = self.output.to_string_lossy();
        if name.contains(PLACE) {
            let file = |length: &Length| PathBuf::from(name.replace(PLACE, &length.to_string()));
            let files: Vec<PathBuf> = lengths.iter().map(file).collect();
            for file in &files {
                self.check_output(file)?;
            }
            return Ok(Some(files));
        }
        if self.check_output(&self.output)? != Kind::Picture || self.world_file {
            return Err(Error::caller("--bandwidths")
                .found(format!("one file, {name}, for values or a map of {} bandwidths", lengths.len()))
                .expected(format!("{PLACE} in the name of OUT, or a picture"))
                .advice(format!("write it like -o density-{PLACE}.tif")));
        }
        Ok(None)
    }

    /// Writes one file as [`Render::run`] does.
    fn write_one(&self, found: &mut Found, look: &Look, file: &Path) -> Result<(), Error> {
        match sink::format_of(file)?.kind() {
            Kind::Values => return sink::write_values(file, &found.density, &metadata(found, look)),
            Kind::Map => return write_map(file, found, look, &()).map(|_| ()),
            Kind::Drawing => return write_drawing(file, found, look, &()).map(|_| ()),
            Kind::Picture => {}
        }
        let drawn = picture(&found.density, look)?;
        found.notes.extend(drawn.notes);
        let (frame, metadata) = (found.density.grid.frame(), metadata(found, look));
        sink::write_picture(
            file,
            &Picture { image: &drawn.image, frame: Some(frame), metadata: &metadata, dpi: None },
        )?;
        if self.world_file { sink::write_world_file(file, frame) } else { Ok(()) }
    }

    fn write_sheet(&self, found: &mut [Found], look: &Look, wish: &Wish) -> Result<(), Error> {
        let mut images = Vec::new();
        let mut words = Vec::new();
        for found in found {
            let look = titled(look, found, wish);
            let drawn = picture(&found.density, &look)?;
            found.notes.extend(drawn.notes);
            words.extend(metadata(found, &look));
            images.push(drawn.image);
        }
        sink::write_picture(
            &self.output,
            &Picture { image: &contact_sheet(&images), frame: None, metadata: &words, dpi: None },
        )
    }

    fn tell_sweep(&self, reading: &Reading<'_>, found: &[Found], files: &[PathBuf], bar: &Bar) {
        let stages = bar.finish();
        if self.common.json {
            println!("{}", json(reading, found, files, &report::timings(&stages, bar.seconds())));
        }
        if self.common.quiet {
            return;
        }
        let mut notes: Vec<String> = Vec::new();
        for note in found.iter().flat_map(|found| &found.notes) {
            if !notes.contains(note) {
                notes.push(note.clone());
            }
        }
        report::tell(reading, &notes);
        for (i, found) in found.iter().enumerate() {
            let (file, frame) = (&files[i.min(files.len() - 1)], found.density.grid.frame());
            eprintln!(
                "{}: {:#}, {} x {}, {} events, {}, {}, within {:.1e}",
                file.display(),
                found.bandwidth,
                frame.width(),
                frame.height(),
                report::thousands(found.reached),
                found.density.quantity,
                found.method,
                found.error
            );
        }
    }
}

/// The size of one panel of a sheet that has the size asked for.
fn panel(size: Size, columns: usize) -> Size {
    let share = |side: u32| (side / columns as u32).max(1);
    match size {
        Size::Cells(width, height) => Size::Cells(share(width), share(height)),
        Size::Width(width) => Size::Width(share(width)),
        size => size,
    }
}

/// The look with the bandwidth in its style and, where there is no other, as its title.
fn titled(look: &Look, found: &Found, wish: &Wish) -> Look {
    let mut look = look.clone();
    look.style.bandwidth = found.bandwidth;
    (look.method, look.evidence) = (method_in_words(wish, found.bandwidth), found.evidence.clone());
    look.title.get_or_insert_with(|| format!("{:#}", found.bandwidth));
    look
}

fn json(reading: &Reading<'_>, found: &[Found], files: &[PathBuf], timings: &Value) -> Value {
    let one = |(i, found): (usize, &Found)| {
        let frame = found.density.grid.frame();
        json!({
            "output": files[i.min(files.len() - 1)].display().to_string(),
            "bandwidth": found.bandwidth.to_string(),
            "events": found.reached,
            "extent": frame.extent().bounds(frame.space()),
            "size": [frame.width(), frame.height()],
            "quantity": found.density.quantity.to_string(),
            "method": found.method,
            "error_bound": found.error,
            "notes": found.notes,
        })
    };
    json!({
        "rows": report::rows(reading.tally()),
        "pictures": found.iter().enumerate().map(one).collect::<Vec<_>>(),
        "seconds": timings,
        "peak_memory_bytes": report::peak_memory(),
    })
}
