//! What a run of `torrid tiles` tells about itself.

use serde_json::json;

use crate::cli::progress::Bar;
use crate::cli::tiles::Tiles;
use crate::cli::tiles::write::Drawn;
use crate::cli::{report, scales};
use crate::error::Error;
use crate::lines::density::Wish;
use crate::lines::picture::Look;
use crate::lines::reading::Reading;
use crate::lines::tracks::Told;
use crate::sink::tiles::{cells_beside, values_beside};

impl Tiles {
    /// Tells about a run.
    pub(super) fn tell(
        &self,
        reading: &Reading<'_>,
        drawn: &Drawn,
        (wish, look): (&Wish, &Look),
        bar: &Bar,
    ) -> Result<(), Error> {
        let Drawn { pyramid, drawing, stored, .. } = drawn;
        let updated = drawn.tiles < stored.tiles;
        let stages = bar.finish();
        let (method, error) = pyramid.method()?;
        if self.common.json {
            let report = json!({
                "output": self.output().display().to_string(),
                "values": self.numbers.then(|| values_beside(self.output()).display().to_string()),
                "cells": self.keep_cells.then(|| cells_beside(self.output()).display().to_string()),
                "rows": report::rows(reading.tally()),
                "events": reading.told().is_none().then_some(pyramid.events()),
                "bounds": pyramid.bounds(),
                "zooms": [stored.zooms.0, stored.zooms.1],
                "tiles": stored.tiles,
                "drawn_tiles": drawn.tiles,
                "distinct_tiles": stored.distinct,
                "bytes": stored.bytes,
                "quantity": pyramid.quantity.to_string(),
                "bandwidth": pyramid.bandwidth.to_string(),
                "kernel": wish.kernel.to_string(),
                "style": look.style.to_string(),
                "limits": scales::limits(drawing),
                "method": method,
                "error_bound": error,
                "notes": pyramid.notes,
                "tracks": reading.told().map(Told::json),
                "seconds": report::timings(&stages, bar.seconds()),
                "peak_memory_bytes": report::peak_memory(),
            });
            println!("{report}");
        }
        if self.common.quiet {
            return Ok(());
        }
        report::tell(reading, &pyramid.notes);
        let again = updated.then(|| format!(", {} of them drawn again", report::thousands(drawn.tiles)));
        eprintln!(
            "{}: {} tiles of zooms {} to {}{}, {}, {}, {:#}",
            self.output().display(),
            report::thousands(stored.tiles),
            stored.zooms.0,
            stored.zooms.1,
            again.unwrap_or_default(),
            report::reached(reading, pyramid.events()),
            pyramid.quantity,
            look.style,
        );
        if self.common.verbose {
            eprintln!("method: {method}, within {error:.1e} of the kernel's peak");
            report::tell_stages(&stages, bar.seconds());
        }
        Ok(())
    }
}
