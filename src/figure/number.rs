//! How numbers on cells are written: as people read them, or as a format says in the words of Python and seaborn.

use std::fmt;
use std::str::FromStr;

use super::label::{grouped, label};
use crate::error::Error;

/// A format in Python's words, such as `.2f`, `d`, `,d`, `+.1e`, `.0%` or `.3g`.
/// See <https://docs.python.org/3/library/string.html#format-specification-mini-language>.
///
/// ```
/// use torrid::figure::NumberFormat;
/// let format: NumberFormat = ",.1f".parse()?;
/// assert_eq!(format.written(12_345.67), "12,345.7");
/// assert_eq!(".0%".parse::<NumberFormat>()?.written(0.254), "25%");
/// assert_eq!(NumberFormat::default().written(0.25), "0.25");
/// # Ok::<(), torrid::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NumberFormat(Option<Format>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Format {
    plus: bool,
    grouped: bool,
    decimals: Option<usize>,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Whole,
    Fixed,
    Exponent,
    General,
    Percent,
}

/// Decimals that a format may ask for.
const MOST_DECIMALS: usize = 17;

/// Decimals where a format does not say.
const USUAL_DECIMALS: usize = 6;

impl NumberFormat {
    /// The number in this format; the default writes at most four significant digits. No data is empty.
    pub fn written(self, value: f64) -> String {
        let Some(format) = self.0 else { return if value.is_nan() { String::new() } else { label(value) } };
        if value.is_nan() {
            return String::new();
        }
        let decimals = format.decimals.unwrap_or(USUAL_DECIMALS);
        let size = value.abs();
        let text = match format.kind {
            _ if value.is_infinite() => "∞".to_owned(),
            Kind::Whole => format!("{:.0}", size.round_ties_even()),
            Kind::Fixed => format!("{size:.decimals$}"),
            Kind::Percent => format!("{:.decimals$}%", size * 100.0),
            Kind::Exponent => exponent(size, decimals),
            Kind::General => general(size, decimals.max(1)),
        };
        let negative =
            value < 0.0 && text.bytes().any(|digit| matches!(digit, b'1'..=b'9')) || value == f64::NEG_INFINITY;
        let sign = if negative {
            "−"
        } else if format.plus {
            "+"
        } else {
            ""
        };
        sign.to_owned() + &if format.grouped { in_thousands(&text) } else { text }
    }
}

/// `1.5e+03`, as Python writes it.
fn exponent(size: f64, decimals: usize) -> String {
    let text = format!("{size:.decimals$e}");
    let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
    let power: i32 = power.parse().unwrap_or(0);
    format!("{digits}e{}{:02}", if power < 0 { '−' } else { '+' }, power.abs())
}

/// Significant digits, without zeros at the end; with an exponent where the number is very large or small.
fn general(size: f64, digits: usize) -> String {
    let rounded = format!("{size:.*e}", digits - 1);
    let power: i32 = rounded.split_once('e').and_then(|(_, power)| power.parse().ok()).unwrap_or(0);
    let trimmed = |text: &str| {
        let short = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text };
        short.to_owned()
    };
    if size != 0.0 && (power < -4 || power >= digits as i32) {
        let text = exponent(size, digits - 1);
        return text.split_once('e').map_or(text.clone(), |(digits, power)| format!("{}e{power}", trimmed(digits)));
    }
    trimmed(&format!("{size:.*}", (digits as i32 - 1 - power).max(0) as usize))
}

fn in_thousands(text: &str) -> String {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    grouped(&text[..end]) + &text[end..]
}

impl FromStr for NumberFormat {
    type Err = Error;

    fn from_str(text: &str) -> Result<NumberFormat, Error> {
        let unknown = || {
            Error::caller("--fmt")
                .found(format!("`{text}`"))
                .expected("a format such as .2f, d, ,d, .1e, .3g or .0%, with + for a sign")
                .advice("leave --fmt out for at most four digits")
        };
        let (plus, rest) = text.strip_prefix('+').map_or((false, text), |rest| (true, rest));
        let (grouped, rest) = rest.strip_prefix(',').map_or((false, rest), |rest| (true, rest));
        let letter = rest.chars().next_back();
        let (kind, rest) = match letter {
            Some('d') => (Kind::Whole, &rest[..rest.len() - 1]),
            Some('f' | 'F') => (Kind::Fixed, &rest[..rest.len() - 1]),
            Some('e' | 'E') => (Kind::Exponent, &rest[..rest.len() - 1]),
            Some('g' | 'G' | 'n') => (Kind::General, &rest[..rest.len() - 1]),
            Some('%') => (Kind::Percent, &rest[..rest.len() - 1]),
            _ => (Kind::General, rest),
        };
        let decimals = match rest.strip_prefix('.') {
            Some(number) => Some(number.parse().ok().filter(|n| *n <= MOST_DECIMALS).ok_or_else(unknown)?),
            None if rest.is_empty() => None,
            None => return Err(unknown()),
        };
        if text.is_empty() || (kind == Kind::Whole && decimals.is_some()) {
            return Err(unknown());
        }
        Ok(NumberFormat(Some(Format { plus, grouped, decimals, kind })))
    }
}

impl fmt::Display for NumberFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(Format { plus, grouped, decimals, kind }) = self.0 else { return Ok(()) };
        let letter = match kind {
            Kind::Whole => "d",
            Kind::Fixed => "f",
            Kind::Exponent => "e",
            Kind::General => "g",
            Kind::Percent => "%",
        };
        let decimals = decimals.map_or(String::new(), |n| format!(".{n}"));
        write!(f, "{}{}{decimals}{letter}", if plus { "+" } else { "" }, if grouped { "," } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values are those of Python 3, with a true minus sign.
    #[test]
    fn numbers_are_written_as_python_writes_them() {
        for (format, value, text) in [
            ("d", 112.0, "112"),
            ("d", -0.4, "0"),
            ("d", 2.5, "2"),
            (",d", 1_234_567.0, "1,234,567"),
            (".1f", -2.25, "−2.2"),
            ("+.1f", 3.0, "+3.0"),
            (".2g", 112.0, "1.1e+02"),
            (".3g", 112.0, "112"),
            ("g", 0.000_012_5, "1.25e−05"),
            (".2g", 0.25, "0.25"),
            (".1e", 12_500.0, "1.2e+04"),
            (".0%", 0.256, "26%"),
            (".1%", -0.256, "−25.6%"),
        ] {
            assert_eq!(format.parse::<NumberFormat>().expect(format).written(value), text, "{format}");
        }
    }

    #[test]
    fn what_is_no_format_is_refused() {
        for text in ["", "x", ".f", ".2d", ".99f", "5.2f", ".-1f"] {
            assert!(text.parse::<NumberFormat>().is_err(), "{text}");
        }
    }
}
