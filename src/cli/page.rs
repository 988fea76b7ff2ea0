//! `torrid page`: a page as a browser lays it out, with where its elements are.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueHint};
use serde_json::json;

use crate::cli::progress::Bar;
use crate::cli::report;
use crate::error::Error;
use crate::lines::page::{Written, page, selectors_of};
use crate::sink::{check_page, page_beside};
use crate::source::browser::{Wish, address};

/// The longest file of selectors, in bytes, and the most of them.
const LONGEST: u64 = 16 << 20;
const MOST: usize = 100_000;

/// Takes a screenshot of a page.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct PageCommand {
    /// The page: its address, or a file of HTML
    #[arg(value_name = "PAGE", value_hint = ValueHint::FilePath)]
    page: String,
    /// The screenshot to write: .png, .webp or .jpg. Where the elements of the page are is written beside it, as .json
    #[arg(short, long, value_name = "OUT", value_hint = ValueHint::FilePath)]
    output: PathBuf,
    /// Replace OUT and the file beside it where they exist
    #[arg(short, long)]
    force: bool,
    /// Width of the window, in CSS pixels: that of the visitors whose clicks are to lie on it
    #[arg(long, value_name = "PIXELS", default_value_t = 1280)]
    width: u32,
    /// Height of the window, in CSS pixels
    #[arg(long, value_name = "PIXELS", default_value_t = 800)]
    height: u32,
    /// Pixels of the screenshot for each CSS pixel: 2 for fine screens
    #[arg(long, value_name = "N", default_value_t = 1)]
    scale: u32,
    /// The whole page [default]
    #[arg(long, conflicts_with = "window")]
    full: bool,
    /// Only what the window shows of the page before it is scrolled
    #[arg(long)]
    window: bool,
    /// How long to wait after the page has come to rest, such as 2s or 500ms
    #[arg(long, value_name = "TIME", default_value = "0s")]
    wait: String,
    /// How long all of it may take
    #[arg(long, value_name = "TIME", default_value = "60s")]
    timeout: String,
    /// Selectors that another tool uses for elements, one a line: what they find is written under their name too
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    selectors: Option<PathBuf>,
    /// Logs of clicks whose selectors are to be found too, as `torrid clicks` reads them; as often as there are logs
    #[arg(long, value_name = "LOG", value_hint = ValueHint::FilePath)]
    log: Vec<String>,
    /// The Chromium or Chrome to use [default: the variable `CHROMIUM`, or the one that is installed]
    #[arg(long, value_name = "PATH", value_hint = ValueHint::ExecutablePath, help_heading = "Browser")]
    browser: Option<PathBuf>,
    /// Do not have the browser confine the page, which it cannot do in some containers; only for pages that you trust
    #[arg(long, help_heading = "Browser")]
    no_sandbox: bool,
    /// Print the run's report as one JSON object on standard output
    #[arg(long)]
    json: bool,
    /// Say nothing but errors
    #[arg(short, long)]
    quiet: bool,
}

impl PageCommand {
    /// Runs the command: everything that can be wrong with the options is found before a browser is started.
    pub fn run(&self) -> Result<(), Error> {
        let address = address(&self.page)?;
        let wish = self.wish()?;
        wish.check()?;
        check_page(&self.output, self.force)?;
        let bar = Bar::new(self.quiet);
        let written = page(&address, &wish, &self.output, &bar)?;
        let stages = bar.finish();
        if self.json {
            let mut report = self.report(&written);
            report["seconds"] = report::timings(&stages, bar.seconds());
            println!("{report}");
        }
        if !self.quiet {
            self.tell(&written);
        }
        Ok(())
    }

    fn wish(&self) -> Result<Wish, Error> {
        Ok(Wish {
            viewport: [self.width, self.height],
            scale: self.scale,
            whole: self.full || !self.window,
            wait: time("--wait", &self.wait)?,
            timeout: time("--timeout", &self.timeout)?,
            browser: self.browser.clone(),
            confined: !self.no_sandbox,
            selectors: self.all_selectors()?,
        })
    }

    /// The selectors of the file and of the logs, each once.
    fn all_selectors(&self) -> Result<Vec<String>, Error> {
        let mut all = self.selectors.as_deref().map(selectors).transpose()?.unwrap_or_default();
        if !self.log.is_empty() {
            let known: HashSet<String> = all.iter().cloned().collect();
            all.extend(selectors_of(&self.log)?.into_iter().filter(|selector| !known.contains(selector)));
        }
        few_enough(all, "--log")
    }

    fn report(&self, written: &Written) -> serde_json::Value {
        let page = &written.page;
        json!({
            "output": self.output.display().to_string(),
            "elements_output": page_beside(&self.output).display().to_string(),
            "url": page.url,
            "title": page.title,
            "size": written.size,
            "page": [page.width, page.height],
            "viewport": page.viewport,
            "scale": page.scale,
            "elements": page.elements.len(),
            "notes": written.notes,
        })
    }

    fn tell(&self, written: &Written) {
        for note in &written.notes {
            eprintln!("note: {note}");
        }
        let ([width, height], page) = (written.size, &written.page);
        let title =
            if page.title.is_empty() { "a page without a title".into() } else { format!("“{}”", page.title) };
        eprintln!("{}: {width} x {height}, {title}", self.output.display());
        let elements = report::thousands(page.elements.len() as u64);
        eprintln!("{}: {elements} elements", page_beside(&self.output).display());
    }
}

/// A length of time: `2s`, `500ms`, `1m`, or seconds.
fn time(option: &str, text: &str) -> Result<Duration, Error> {
    let units = [("ms", 1e-3), ("s", 1.0), ("m", 60.0), ("", 1.0)];
    let parsed = units.iter().find_map(|(unit, seconds)| {
        let number: f64 = text.strip_suffix(unit)?.trim().parse().ok()?;
        Duration::try_from_secs_f64(number * seconds).ok().filter(|time| time.as_secs() <= 86_400)
    });
    parsed.ok_or_else(|| {
        Error::caller(option).found(format!("`{text}`")).expected("a time of at most a day such as 2s, 500ms or 1m")
    })
}

/// The selectors of a file, each once.
fn selectors(path: &Path) -> Result<Vec<String>, Error> {
    let place = || path.display().to_string();
    let unread = |found: String| Error::caller(place()).found(found).expected("a text with a selector on each line");
    let size = std::fs::metadata(path).map_err(|error| unread(error.to_string()))?.len();
    if size > LONGEST {
        return Err(Error::limit(place()).found(format!("{size} bytes")).expected(format!("at most {LONGEST}")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| unread(error.to_string()))?;
    let mut lines: Vec<String> = Vec::new();
    let mut known = HashSet::new();
    let trimmed = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    lines.extend(trimmed.filter(|line| !line.is_empty() && known.insert(*line)).map(str::to_owned));
    few_enough(lines, &place())
}

fn few_enough(selectors: Vec<String>, place: &str) -> Result<Vec<String>, Error> {
    if selectors.len() <= MOST {
        return Ok(selectors);
    }
    Err(Error::limit(place).found(format!("{} selectors", selectors.len())).expected(format!("at most {MOST}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units_and_are_never_negative_or_endless() {
        let read = |text| time("--wait", text).ok().map(|time| time.as_millis());
        assert_eq!(
            [read("2s"), read("500ms"), read("1m"), read("1.5")],
            [Some(2000), Some(500), Some(60_000), Some(1500)]
        );
        for wrong in ["", "s", "-1s", "NaN", "inf", "1e9s", "2 hours"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
