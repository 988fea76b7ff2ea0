//! Units behind numbers (`10km`, `90min`, `12km/h`), rewritten before the condition is parsed: what is compared is in
//! metres and seconds, and so is the number that is left.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan, Whitespace};

use crate::error::Error;

/// The units by their names, in metres, seconds and metres per second. Capitals do not matter.
pub const UNITS: &[(&str, f64)] = &[
    ("m", 1.0),
    ("km", 1000.0),
    ("ft", 0.3048),
    ("yd", 0.9144),
    ("mi", 1609.344),
    ("nmi", 1852.0),
    ("s", 1.0),
    ("min", 60.0),
    ("h", 3600.0),
    ("d", 86400.0),
    ("mph", 0.44704),
    ("kn", 1852.0 / 3600.0),
];

/// Puts every number that has a unit in metres, seconds or metres per second, and a blank where the unit was.
///
/// # Errors
/// When a word that is no unit stands where only a unit can.
pub(super) fn rewrite(tokens: &mut [TokenWithSpan]) -> Result<(), Error> {
    for at in 0..tokens.len() {
        let [number, behind @ ..] = &mut tokens[at..] else { break };
        let Token::Number(digits, _) = &mut number.token else { continue };
        let spaces = behind.iter().take_while(|token| matches!(token.token, Token::Whitespace(_))).count();
        if let Some(unit) = unit(digits, &behind[spaces..])? {
            *digits = unit.times(digits)?;
            behind[spaces..][..unit.tokens]
                .iter_mut()
                .for_each(|token| token.token = Token::Whitespace(Whitespace::Space));
        }
    }
    Ok(())
}

/// A unit behind a number: so many tokens, which make `times / per` of 1.
struct Unit {
    tokens: usize,
    times: f64,
    per: f64,
}

impl Unit {
    /// So many of it, in digits.
    fn times(&self, digits: &str) -> Result<String, Error> {
        let number = digits.parse().ok().map(|number: f64| number * self.times / self.per);
        number.filter(|number| number.is_finite()).map(|number| number.to_string()).ok_or_else(|| {
            let found = format!("the number {digits} with a unit");
            Error::caller("--where").found(found).expected("a length, a duration or a speed that 64 bits can hold")
        })
    }
}

/// The unit that `behind` begins with. A word of SQL that is no unit goes on with the condition: `5 AND`.
fn unit(digits: &str, behind: &[TokenWithSpan]) -> Result<Option<Unit>, Error> {
    let Some(Token::Word(word)) = behind.first().map(|token| &token.token) else { return Ok(None) };
    match (value(behind.first()), value(behind.get(2))) {
        // Only `km/h` without blanks is one unit: `10km / h` divides by a column.
        (Some(times), Some(per)) if behind[1].token == Token::Div => Ok(Some(Unit { tokens: 3, times, per })),
        (Some(times), _) => Ok(Some(Unit { tokens: 1, times, per: 1.0 })),
        _ if word.keyword == Keyword::NoKeyword && word.quote_style.is_none() => Err(unknown(digits, &word.value)),
        _ => Ok(None),
    }
}

/// What a token stands for as a unit, where it is one.
fn value(token: Option<&TokenWithSpan>) -> Option<f64> {
    let Token::Word(word) = &token?.token else { return None };
    let named = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(&word.value));
    named.filter(|_| word.quote_style.is_none()).map(|(_, value)| *value)
}

fn unknown(digits: &str, word: &str) -> Error {
    let names: Vec<&str> = UNITS.iter().map(|(name, _)| *name).collect();
    Error::caller("--where")
        .found(format!("`{word}` behind the number {digits}, which is no unit"))
        .expected(format!("one of the units {}, or one per another such as km/h", names.join(", ")))
        .advice("for example --where \"distance > 10km AND duration < 90min\"")
}
