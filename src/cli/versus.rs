//! Two groups of events compared: the options that name the other group and what to make of the two.

use clap::Args;
use serde_json::{Value, json};

use crate::cli::report;
use crate::error::Error;
use crate::lines::reading::Reading;
use crate::lines::versus::{COMPARES, Compare, Compared, Other};
use crate::source::parse_limit;

/// Options of a comparison.
#[derive(Debug, Args)]
pub struct VersusArgs {
    /// Compare the events with others, on one frame and with one bandwidth: with those of another FILE or glob;
    /// `before:TIME`: those from the time on with those before it; `after:TIME`: those before the time with those from
    /// it on. What is named here is divided by, or subtracted
    #[arg(long, value_name = "OTHER", help_heading = "Comparison")]
    versus: Option<String>,
    /// `ratio`: how many times as many, as a logarithm to base 2 (1 is twice as many, -1 half as many); `difference`:
    /// how many more [default: ratio; difference for --agg mean, min and max]
    #[arg(long, value_name = "KIND", help_heading = "Comparison", requires = "versus", value_parser = compares())]
    compare: Option<String>,
    /// Compare shares of each side's total on the map, so that neither the larger input nor the longer time has more
    /// everywhere (relative risk)
    #[arg(long, help_heading = "Comparison", requires = "versus")]
    normalise: bool,
}

fn compares() -> clap::builder::PossibleValuesParser {
    COMPARES.iter().map(|(name, _)| *name).collect::<Vec<_>>().into()
}

impl VersusArgs {
    /// What the events are to be compared with, where they are.
    pub fn other(&self) -> Result<Option<Other>, Error> {
        let Some(text) = self.versus.as_deref() else { return Ok(None) };
        let time = |time: &str| Ok((parse_limit("--versus", time)?, time.to_owned()));
        Ok(Some(match text.split_once(':') {
            Some(("before", at)) => time(at).map(|(at, text)| Other::Before(at, text))?,
            Some(("after", at)) => time(at).map(|(at, text)| Other::After(at, text))?,
            _ => Other::Inputs(vec![text.to_owned()]),
        }))
    }

    /// How the two become one, and whether shares are compared.
    pub fn how(&self, of_readings: bool) -> (Compare, bool) {
        let default = if of_readings { Compare::Difference } else { Compare::Ratio };
        let named = self.compare.as_deref().and_then(|name| COMPARES.iter().find(|(known, _)| *known == name));
        (named.map_or(default, |(_, compare)| *compare), self.normalise)
    }
}

/// The part of the report that is about the two groups.
pub fn json(readings: &[&Reading<'_>], compared: &Compared) -> Value {
    let rows = |group: usize| report::rows(readings[group.min(readings.len() - 1)].tally());
    let sides = [&compared.sides.these, &compared.sides.those];
    let group = |i: usize| json!({ "events": sides[i], "reached": compared.reached[i], "rows": rows(i) });
    json!({ "these": group(0), "those": group(1), "shares": compared.sides.shares })
}
