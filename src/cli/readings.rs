//! Readings: the options that say how measured values are summarised and shown.

use clap::Args;

use crate::error::Error;
use crate::lines::density::Wish;

/// Options of readings.
#[derive(Debug, Args)]
pub struct ReadingArgs {
    /// The unit of the reading, shown wherever values are named: "µg/m³"
    #[arg(long, value_name = "TEXT", help_heading = "Readings")]
    unit: Option<String>,
    /// For --agg idw, how many of the nearest readings count, or `all` [default: 12]
    #[arg(long, alias = "neighbors", value_name = "K", help_heading = "Readings")]
    neighbours: Option<String>,
    /// For --agg idw, the power of the distance that a reading's weight falls by [default: 2]
    #[arg(long, value_name = "P", help_heading = "Readings")]
    power: Option<f64>,
    /// `evidence` makes a mean as opaque as it is well founded: 1 - exp(-w/w0), where w is the summed kernels and w0
    /// those at a reading that is alone (63 % at one reading, 95 % where there are three); colours have no alpha of
    /// their own then
    #[arg(long, value_name = "KIND", help_heading = "Readings", value_parser = ["evidence"])]
    alpha: Option<String>,
}

impl ReadingArgs {
    /// Adds what the options say to a wish.
    pub fn join(&self, wish: &mut Wish) -> Result<(), Error> {
        wish.unit.clone_from(&self.unit);
        wish.evidence = self.alpha.is_some();
        let Some(way) = &mut wish.interpolation else {
            let given = [("--neighbours", self.neighbours.is_some()), ("--power", self.power.is_some())];
            return given.into_iter().find(|(_, given)| *given).map_or(Ok(()), |(option, _)| {
                Err(Error::caller(option)
                    .found(format!("{option} without --agg idw"))
                    .expected("interpolation by inverse distances")
                    .advice(format!("add --agg idw, or leave {option} out")))
            });
        };
        if let Some(text) = &self.neighbours {
            let count = text.parse().ok().filter(|k| *k > 0);
            if count.is_none() && text != "all" {
                return Err(Error::caller("--neighbours")
                    .found(format!("`{text}`"))
                    .expected("a number from 1, or `all`"));
            }
            way.neighbours = count;
        }
        if let Some(power) = self.power {
            if !(power > 0.0 && power.is_finite()) {
                return Err(Error::caller("--power").found(power.to_string()).expected("a number above 0"));
            }
            way.power = power;
        }
        Ok(())
    }

    /// Options that only a picture understands, for the message when values are written.
    pub fn first_given(&self) -> Option<&'static str> {
        self.alpha.as_ref().map(|_| "--alpha")
    }
}
