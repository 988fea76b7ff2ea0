//! The study area: the options that say where events could be at all.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::error::Error;
use crate::events::Space;
use crate::lines::area::StudyArea;
use crate::lines::density::Wish;

/// Options of the study area.
#[derive(Debug, Args)]
pub struct AreaArgs {
    /// Polygons (GeoJSON; longitude and latitude, or plain coordinates with --flat) outside which cells have no data.
    /// Events outside still count for the cells inside that their kernels reach, unless --edge-correct is given
    #[arg(long, value_name = "FILE", help_heading = "Frame", value_hint = ValueHint::FilePath)]
    mask: Option<PathBuf>,
    /// Divide by the share of the kernel that lies inside the --mask (or --bounds), as where nothing could be observed
    /// beyond (Diggle 1985); events outside are left out
    #[arg(long, help_heading = "Estimate")]
    edge_correct: bool,
}

impl AreaArgs {
    /// Adds what the options say to a wish.
    pub fn join(&self, wish: &mut Wish, space: Space) -> Result<(), Error> {
        wish.mask = self.mask.as_deref().map(|path| StudyArea::read(path, space)).transpose()?;
        wish.edge_correct = self.edge_correct;
        Ok(())
    }
}
