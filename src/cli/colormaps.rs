//! `torrid colormaps`: the names, or a picture of them.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::error::Error;
use crate::figure::chart_of_colormaps;
use crate::paint::Colormap;
use crate::sink;

/// Lists the colormaps, or draws them.
#[derive(Debug, Args)]
pub struct Colormaps {
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
        let Some(output) = &self.output else {
            Colormap::names().for_each(|name| println!("{name}"));
            return Ok(());
        };
        sink::check(output, self.force)?;
        let mut maps = Vec::new();
        for name in Colormap::names() {
            maps.push((name.to_owned(), Colormap::named(name)?.colours().to_vec()));
        }
        let image = chart_of_colormaps(&maps)?;
        sink::write_picture(output, &sink::Picture { image: &image, frame: None, metadata: &[] })
    }
}
