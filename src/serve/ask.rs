//! What a request asks for: the part of a URL after `?`, understood.

use crate::error::Error;
use crate::source::{Filter, parse_limit};
use crate::style::Style;

/// The longest value of a parameter, in bytes.
const LONGEST: usize = 2000;

/// How the events of a layer are to be drawn, and which of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ask {
    /// Kernel, bandwidth, scale, colours, opacity; those of the layer where absent.
    pub style: Option<Style>,
    /// Which records, as an SQL condition.
    pub condition: Option<String>,
    /// Events at or after this instant: as it was written, and in microseconds since 1970 UTC.
    pub after: Option<(String, i64)>,
    /// Events before this instant.
    pub before: Option<(String, i64)>,
}

impl Ask {
    /// Reads parameters, of which those named in `others` are for somebody else; one that nobody knows is refused, because
    /// a misspelt one would give another map than the one asked for. `v` may be anything: it tells versions apart for
    /// whoever keeps pictures.
    ///
    /// # Errors
    /// When a parameter is unknown, given twice, too long, or not what it should be.
    pub fn parse(parameters: &[(String, String)], others: &[&str]) -> Result<Ask, Error> {
        let mut ask = Ask::default();
        for (i, (name, text)) in parameters.iter().enumerate() {
            if text.len() > LONGEST {
                return Err(Error::caller(name)
                    .found(format!("{} bytes", text.len()))
                    .expected(format!("at most {LONGEST}")));
            }
            if parameters[..i].iter().any(|(other, _)| other == name) {
                return Err(Error::caller(name).found("the parameter twice").expected("once"));
            }
            match name.as_str() {
                "style" => ask.style = Some(text.parse()?),
                "where" => ask.condition = Filter::parse(text).map(|_| Some(text.clone()))?,
                "after" => ask.after = Some((text.clone(), parse_limit("after", text)?)),
                "before" => ask.before = Some((text.clone(), parse_limit("before", text)?)),
                "v" => {}
                name if others.contains(&name) => {}
                _ => return Err(unknown(name, others)),
            }
        }
        match (&ask.after, &ask.before) {
            (Some((_, after)), Some((text, before))) if after >= before => Err(Error::caller("before")
                .found(format!("`{text}`, which is not after `after`"))
                .expected("events from `after` up to, but not at, `before`")),
            _ => Ok(ask),
        }
    }

    /// The same as the part of a URL after `?`, in one form for all that mean the same; empty for nothing.
    pub fn to_query(&self) -> String {
        let limit = |limit: &Option<(String, i64)>| limit.as_ref().map(|(text, _)| text.clone());
        let all = [
            ("style", self.style.as_ref().map(Style::to_string)),
            ("where", self.condition.clone()),
            ("after", limit(&self.after)),
            ("before", limit(&self.before)),
        ];
        let given = all.into_iter().filter_map(|(name, text)| text.map(|text| format!("{name}={}", escaped(&text))));
        given.collect::<Vec<_>>().join("&")
    }
}

fn unknown(name: &str, others: &[&str]) -> Error {
    let known = [&["style", "where", "after", "before"], others].concat();
    Error::caller(name).found("a parameter that has no meaning here").expected(format!("one of {}", known.join(", ")))
}

/// A text as a part of a query: what RFC 3986 does not reserve stays, all else is escaped.
pub fn escaped(text: &str) -> String {
    let letter = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b':' | b',' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(pairs: &[(&str, &str)]) -> Result<Ask, Error> {
        let pairs: Vec<_> = pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Ask::parse(&pairs, &["lng"])
    }

    #[test]
    fn what_is_asked_for_is_written_as_it_was_read() {
        let ask =
            parse(&[("where", "mag >= 5"), ("style", "gaussian:250m log,robust magma 0.8"), ("v", "7"), ("lng", "1")]);
        let query = ask.expect("a query").to_query();
        assert_eq!(query, "style=gaussian:250m%20log,robust%20magma%200.8&where=mag%20%3E%3D%205");
    }

    #[test]
    fn what_has_no_meaning_is_refused() {
        let wrong: &[&[(&str, &str)]] = &[
            &[("stlye", "none linear gray")],
            &[("style", "none")],
            &[("after", "2018-10-05"), ("after", "2018-10-06")],
            &[("after", "2018-10-05"), ("before", "2018-10-05")],
            &[("where", "mag >=")],
        ];
        for pairs in wrong {
            assert!(parse(pairs).is_err(), "{pairs:?}");
        }
        assert!(parse(&[("where", &"x".repeat(3000))]).is_err());
    }
}
