//! The options of `torrid clicks`, and what they wish for.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::bandwidth::{Bandwidth, Length};
use crate::error::Error;
use crate::kernel::KERNELS;
use crate::lines::clicks::{FIXED, LAYOUTS, SHOWS, Show, Widths, Wish};
use crate::lines::density::METHODS;
use crate::lines::versus::{COMPARES, Compare};
use crate::source::clicks::{FORMATS, UrlFilter, Wish as LogWish};
use crate::source::{Filter, parse_limit};

/// Options that choose among the records of a log.
#[derive(Debug, Args)]
pub struct LogArgs {
    /// Logs: files, folders, globs, or `-` for standard input; .gz and .zst are opened in passing
    #[arg(required = true, value_name = "LOG", value_hint = ValueHint::AnyPath)]
    pub inputs: Vec<String>,
    /// Format of the logs, where they do not tell themselves
    #[arg(long, value_name = "NAME", help_heading = "Log", value_parser = formats())]
    format: Option<String>,
    /// Only what was done on this page: an address, one with `*` and `?` in it, or `re:` and a regular expression
    #[arg(long, value_name = "URL", help_heading = "Log")]
    url: Option<String>,
    /// Only what was done in windows of this width: phone (up to 480 px), tablet (up to 1024), desktop, a width (20 px more
    /// or less), or two: 1200-1400
    #[arg(long, value_name = "WIDTHS", help_heading = "Log")]
    viewport: Option<String>,
    /// Only records for which this SQL condition holds: `device = 'mobile'`
    #[arg(long = "where", value_name = "CONDITION", help_heading = "Log")]
    condition: Option<String>,
    /// Only what was done at or after this time: 2026-05-01, 2026-05-01T12:00Z
    #[arg(long, value_name = "TIME", help_heading = "Log")]
    after: Option<String>,
    /// Only what was done before this time
    #[arg(long, value_name = "TIME", help_heading = "Log")]
    before: Option<String>,
    /// Stop at the first record that cannot be used, instead of skipping and counting such records
    #[arg(long, help_heading = "Log")]
    strict: bool,
}

fn formats() -> clap::builder::PossibleValuesParser {
    FORMATS.iter().map(|format| format.name).collect::<Vec<_>>().into()
}

fn names<T>(list: &'static [(&'static str, T)]) -> clap::builder::PossibleValuesParser {
    list.iter().map(|(name, _)| *name).collect::<Vec<_>>().into()
}

impl LogArgs {
    /// What of the logs is wanted.
    pub fn wish(&self) -> Result<LogWish, Error> {
        let limit = |option, text: &Option<String>| text.as_deref().map(|text| parse_limit(option, text)).transpose();
        let (after, before) = (limit("--after", &self.after)?, limit("--before", &self.before)?);
        if let (Some(after), Some(before)) = (after, before)
            && after >= before
        {
            return Err(Error::caller("--after")
                .found("a time that is not before --before")
                .expected("an interval")
                .advice("what was done from --after up to, but not at, --before is taken"));
        }
        let widths = self.viewport.as_deref().map(str::parse::<Widths>).transpose()?;
        Ok(LogWish {
            format: self.format.clone(),
            url: self.url.as_deref().map(str::parse::<UrlFilter>).transpose()?,
            filter: self.condition.as_deref().map(Filter::parse).transpose()?,
            after,
            before,
            screen: widths.map(|widths| widths.range()),
            strict: self.strict,
        })
    }

    /// Which condition records have to meet, as it was written.
    pub fn condition(&self) -> Option<&str> {
        self.condition.as_deref()
    }

    /// What of the logs is taken, in words; empty for all.
    pub fn taken(&self) -> String {
        let chosen = [
            ("on", &self.url),
            ("windows:", &self.viewport),
            ("where", &self.condition),
            ("from", &self.after),
            ("before", &self.before),
        ];
        let chosen = chosen.into_iter().filter_map(|(word, text)| text.as_ref().map(|text| format!("{word} {text}")));
        chosen.collect::<Vec<_>>().join(", ")
    }
}

/// Options that say how a log is laid on the picture.
#[derive(Debug, Args)]
pub struct LayArgs {
    /// The picture of the page: .png, .jpg or .webp, from its top, as `torrid page` draws it
    #[arg(long, value_name = "SHOT", value_hint = ValueHint::FilePath, help_heading = "Page")]
    pub page: PathBuf,
    /// Where the elements of the page are on the picture [default: the .json file of the picture's name, as `torrid page`
    /// writes it]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Page")]
    pub elements: Option<PathBuf>,
    /// How wide the page on the picture is, in CSS pixels, where no elements tell [default: as wide as the picture]
    #[arg(long, value_name = "PX", help_heading = "Page")]
    pub page_width: Option<f64>,
    /// What is shown: click, touch, move (weighed by time), rage (bursts), dead (where the log tells), scroll, attention;
    /// several with commas between, or all the log has, each in a file of its own where OUT has `{show}` in its name
    #[arg(long, value_name = "WHAT", value_delimiter = ',', default_value = "click", help_heading = "Map")]
    show: Vec<String>,
    /// How places become places on the picture: by element where log and picture know it, else by the share of the width
    /// where widths differ, else by pixels (`auto`); pixels from the left; pixels from the middle (`centred`); shares of
    /// the width (`relative`); elements and nothing else
    #[arg(long, value_name = "WAY", default_value = "auto", value_parser = names(LAYOUTS), help_heading = "Map")]
    layout: String,
    /// What is done to elements that stay in the window while the page scrolls, which lies on the first screenful: show it,
    /// show only it, or hide it
    #[arg(long, value_name = "WAY", default_value = "show", value_parser = names(FIXED), help_heading = "Map")]
    fixed: String,
    /// Count each visitor once in a place (a square of 20 px)
    #[arg(long, help_heading = "Map")]
    unique: bool,
    /// What a burst of angry clicks is: so many in a row within this time and distance
    #[arg(long, value_name = "N,TIME,PX", default_value = "5,2s,30px", help_heading = "Map")]
    rage: String,
    /// How wide the kernel is, in CSS pixels: 20px (a Gaussian's standard deviation, a compact kernel's radius), or auto
    #[arg(
        short,
        long,
        value_name = "LENGTH",
        default_value = "20px",
        allow_hyphen_values = true,
        help_heading = "Map"
    )]
    bandwidth: String,
    /// The shape of the kernel
    #[arg(short, long, value_name = "NAME", default_value = "gaussian", value_parser = names(KERNELS), help_heading = "Map")]
    kernel: String,
    /// How near the truth: `exact` within 1e-6 of the maximum, `fast` within 1/512, `auto` the exact one where it is as fast
    #[arg(long, value_name = "NAME", default_value = "auto", value_parser = names(METHODS), help_heading = "Map")]
    method: String,
    /// Width of the map in cells (pixels of OUT) [default: that of the picture]
    #[arg(long, value_name = "CELLS", help_heading = "Map")]
    width: Option<u32>,
}

impl LayArgs {
    /// What is to be shown, and whether all that there is.
    pub fn shows(&self) -> Result<(Vec<Show>, bool), Error> {
        if self.show.iter().any(|name| name == "all") {
            return Ok((SHOWS.iter().map(|(_, show, _)| *show).collect(), true));
        }
        let mut shows = self.show.iter().map(|name| name.trim().parse()).collect::<Result<Vec<Show>, Error>>()?;
        shows.sort_unstable();
        shows.dedup();
        Ok((shows, false))
    }

    /// How a log is to be laid and estimated.
    pub fn wish(&self) -> Result<Wish, Error> {
        let bandwidth: Bandwidth = self.bandwidth.parse()?;
        if matches!(bandwidth, Bandwidth::None | Bandwidth::Fixed(Length::Metres(_))) {
            return Err(Error::caller("--bandwidth")
                .found(self.bandwidth.clone())
                .expected("a length in CSS pixels, such as 20px, or auto"));
        }
        if self.width == Some(0) {
            return Err(Error::caller("--width").found("0").expected("at least 1 cell"));
        }
        if let Some(width) = self.page_width.filter(|width| !(1.0..=100_000.0).contains(width)) {
            return Err(Error::caller("--page-width").found(width.to_string()).expected("1 to 100,000 CSS pixels"));
        }
        Ok(Wish {
            layout: named(LAYOUTS, &self.layout),
            fixed: named(FIXED, &self.fixed),
            unique: self.unique,
            burst: self.rage.parse()?,
            kernel: self.kernel.parse()?,
            bandwidth,
            method: named(METHODS, &self.method),
            cells: self.width,
            ..Wish::default()
        })
    }
}

fn named<T: Copy + Default>(list: &[(&str, T)], name: &str) -> T {
    list.iter().find(|(known, _)| *known == name).map(|(_, value)| *value).unwrap_or_default()
}

/// Options of a comparison.
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// Compare with another log, as shares of what was done in each: LOG; `before:TIME`: what was done from the time on with
    /// what was done before it; `after:TIME`: the other way round. What is named here is divided by, or subtracted
    #[arg(long, value_name = "OTHER", help_heading = "Comparison")]
    versus: Option<String>,
    /// Compare with the records of the same log for which this condition holds; --where chooses those that are compared with
    /// them [default: all others]
    #[arg(long, value_name = "CONDITION", help_heading = "Comparison", conflicts_with = "versus")]
    versus_where: Option<String>,
    /// `ratio`: how many times as large a share, as a logarithm to base 2; `difference`: how many percent more
    /// [default: ratio]
    #[arg(long, value_name = "KIND", help_heading = "Comparison", value_parser = names(COMPARES))]
    compare: Option<String>,
}

/// What a log is compared with.
pub enum Other {
    /// Other logs.
    Logs(Vec<String>),
    /// The same logs under a condition, as it was written.
    Where(String),
    /// What was done before this instant; as it was written.
    Before(i64, String),
    /// What was done from this instant on.
    After(i64, String),
}

impl CompareArgs {
    /// What is compared with, if anything.
    pub fn other(&self) -> Result<Option<Other>, Error> {
        if let Some(condition) = &self.versus_where {
            Filter::parse(condition)?;
            return Ok(Some(Other::Where(condition.clone())));
        }
        let Some(text) = self.versus.as_deref() else {
            return match self.compare {
                None => Ok(None),
                Some(_) => Err(Error::caller("--compare")
                    .found("--compare of one log")
                    .expected("another one")
                    .advice("name it with --versus or --versus-where")),
            };
        };
        let time = |time: &str| Ok((parse_limit("--versus", time)?, time.to_owned()));
        Ok(Some(match text.split_once(':') {
            Some(("before", at)) => time(at).map(|(at, text)| Other::Before(at, text))?,
            Some(("after", at)) => time(at).map(|(at, text)| Other::After(at, text))?,
            _ => Other::Logs(vec![text.to_owned()]),
        }))
    }

    /// How two values become one.
    pub fn how(&self) -> Compare {
        self.compare.as_deref().map(|name| named(COMPARES, name)).unwrap_or_default()
    }
}
