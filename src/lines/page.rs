//! The straight line from the address of a page to its screenshot, and where its elements are: what clicks are laid on.

use std::collections::BTreeSet;
use std::path::Path;

use crate::error::Error;
use crate::interaction::Interaction;
use crate::lines::Progress;
use crate::page::Page;
use crate::sink::write_page;
use crate::source::browser::{Rendered, Wish, rendered};
use crate::source::clicks;

/// What became of a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// Where its elements are, as it is in the file beside the screenshot.
    pub page: Page,
    /// Width and height of the screenshot, in pixels.
    pub size: [u32; 2],
    /// Things the user should know.
    pub notes: Vec<String>,
}

/// Renders the page at an address, and writes its screenshot to `out` and its elements beside it.
///
/// # Errors
/// When the page cannot be rendered, as [`rendered`] has it, or not be written; then no file is new.
pub fn page(address: &str, wish: &Wish, out: &Path, progress: &impl Progress) -> Result<Written, Error> {
    progress.stage("rendering");
    let Rendered { page, picture, notes } = rendered(address, wish)?;
    progress.stage("writing");
    write_page(out, &picture, &page)?;
    Ok(Written { page, size: [picture.width(), picture.height()], notes })
}

/// The selectors of the elements that logs of clicks name, each once, in the order of their text.
///
/// # Errors
/// When a log cannot be read.
pub fn selectors_of(logs: &[String]) -> Result<Vec<String>, Error> {
    let mut all = BTreeSet::new();
    let mut take = |interaction: Interaction| {
        let selector = interaction.anchor.map(|anchor| anchor.selector.to_string());
        all.extend(selector.filter(|selector| !selector.is_empty()));
    };
    clicks::pass(logs, &clicks::Wish::default(), &mut take)?;
    Ok(all.into_iter().collect())
}
