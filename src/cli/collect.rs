//! What `torrid serve` is told about collecting what visitors of pages do.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::cli::memory::size;
use crate::error::Error;
use crate::serve::{Collector, Origin};

/// Where to, from which sites, and how much.
#[derive(Debug, Args)]
#[command(next_help_heading = "Collecting clicks")]
pub struct CollectArgs {
    /// Hand out /collect.js, which pages load, and keep what their visitors do in this journal, which `torrid clicks` reads
    #[arg(long, value_name = "FILE.journal", value_hint = ValueHint::FilePath)]
    pub collect: Option<PathBuf>,
    /// A site whose pages may send, such as `https://shop.example`; as often as there are sites [default: that of the server]
    #[arg(long, value_name = "SITE", requires = "collect")]
    collect_from: Vec<String>,
    /// The most that the journal may grow to, such as 500MB
    #[arg(long, value_name = "SIZE", default_value = "1GiB")]
    collect_most: String,
}

impl CollectArgs {
    /// What takes it, where any is to be taken.
    ///
    /// # Errors
    /// When an option is wrong, or the journal cannot be opened.
    pub fn collector(&self) -> Result<Option<Collector>, Error> {
        let origins: Vec<Origin> =
            self.collect_from.iter().map(|site| Origin::parse(site)).collect::<Result<_, _>>()?;
        let most = size("--collect-most", &self.collect_most, (1e5, "0.1MB"))? as u64;
        let Some(path) = &self.collect else { return Ok(None) };
        if path.extension().is_none_or(|extension| extension != "journal") {
            return Err(Error::caller("--collect")
                .found(path.display().to_string())
                .expected("a name that ends in .journal")
                .advice("`torrid clicks` reads it by that name"));
        }
        Collector::check()?;
        Collector::open(path, origins, most).map(Some)
    }
}
