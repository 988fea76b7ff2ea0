//! The text form of scales: `norm[:parameter]` and then `vmin=`, `vmax=`, `robust`, `center=`, in this order when
//! printed and in any order when parsed.

use std::fmt;
use std::str::FromStr;

use super::{Norm, SCALES, Scale};
use crate::error::Error;

impl fmt::Display for Norm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Norm::Linear => f.write_str("linear"),
            Norm::Log => f.write_str("log"),
            Norm::Sqrt => f.write_str("sqrt"),
            Norm::Cbrt => f.write_str("cbrt"),
            Norm::Power(gamma) => write!(f, "power:{gamma}"),
            Norm::Symlog(threshold) => write!(f, "symlog:{threshold}"),
            Norm::Asinh(width) => write!(f, "asinh:{width}"),
            Norm::TwoSlope => f.write_str("twoslope"),
            Norm::Quantile => f.write_str("quantile"),
            Norm::EqHist => f.write_str("eq_hist"),
        }
    }
}

impl FromStr for Norm {
    type Err = Error;

    fn from_str(text: &str) -> Result<Norm, Error> {
        let (name, parameter) = match text.split_once(':') {
            Some((name, parameter)) => (name, Some(parameter)),
            None => (text, None),
        };
        let number = |letter: char| match parameter.map(|p| p.trim().parse::<f64>()) {
            Some(Ok(value)) if value.is_finite() && value > 0.0 => Ok(value),
            _ => Err(Error::caller("--norm")
                .found(format!("`{text}`"))
                .expected(format!("`{name}:{letter}` with a number {letter} above 0"))
                .advice(format!("give for instance --norm {name}:0.5"))),
        };
        let norm = match name {
            "power" => Norm::Power(number('G')?),
            "symlog" => Norm::Symlog(number('T')?),
            "asinh" => Norm::Asinh(number('A')?),
            _ if parameter.is_some() => return Err(unknown(text)),
            "linear" => Norm::Linear,
            "log" => Norm::Log,
            "sqrt" => Norm::Sqrt,
            "cbrt" => Norm::Cbrt,
            "twoslope" => Norm::TwoSlope,
            "quantile" => Norm::Quantile,
            "eq_hist" => Norm::EqHist,
            _ => return Err(unknown(text)),
        };
        Ok(norm)
    }
}

fn unknown(text: &str) -> Error {
    let names: Vec<&str> = SCALES.iter().map(|(name, _)| *name).collect();
    Error::caller("--norm").found(format!("`{text}`")).expected(format!("one of {}", names.join(", ")))
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.norm)?;
        if let Some(vmin) = self.vmin {
            write!(f, ",vmin={vmin}")?;
        }
        if let Some(vmax) = self.vmax {
            write!(f, ",vmax={vmax}")?;
        }
        if self.robust {
            f.write_str(",robust")?;
        }
        if let Some(center) = self.center {
            write!(f, ",center={center}")?;
        }
        Ok(())
    }
}

impl FromStr for Scale {
    type Err = Error;

    fn from_str(text: &str) -> Result<Scale, Error> {
        let mut words = text.split(',').map(str::trim);
        let mut scale = Scale::new(words.next().unwrap_or_default().parse()?);
        for word in words {
            match word.split_once('=') {
                Some(("vmin", number)) => scale.vmin = Some(limit("--vmin", number)?),
                Some(("vmax", number)) => scale.vmax = Some(limit("--vmax", number)?),
                Some(("center", number)) => scale.center = Some(limit("--center", number)?),
                None if word == "robust" => scale.robust = true,
                _ => {
                    return Err(Error::caller("scale")
                        .found(format!("`{word}` in `{text}`"))
                        .expected("vmin=NUMBER, vmax=NUMBER, robust or center=NUMBER after the norm")
                        .advice("write for instance log,vmin=0.1,vmax=100"));
                }
            }
        }
        scale.check()?;
        Ok(scale)
    }
}

fn limit(option: &str, number: &str) -> Result<f64, Error> {
    number.parse().map_err(|_| {
        Error::caller(option).found(format!("`{number}`")).expected("a number").advice("write 0.5 or 1e-3")
    })
}
