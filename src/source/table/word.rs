//! What the text of a cell says: a number, nothing, or a word.

use std::borrow::Cow;

use encoding_rs::WINDOWS_1252;

/// What a cell says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell {
    Number(f64),
    /// No data.
    Nothing,
    Word,
}

/// How programs write that there is nothing, in small letters.
const NOTHING: [&str; 17] =
    ["", "na", "n/a", "nan", "-nan", "null", "none", "nil", "nat", "-", "--", ".", "..", "?", "#n/a", "#na", "<na>"];

/// How programs write 0 and 1 where something is or is not so.
const TRUTHS: [&str; 2] = ["false", "true"];

/// What a text says, around which there may be space. Where `comma` is set, a comma stands for the decimal point;
/// elsewhere commas may part thousands.
pub(super) fn cell(text: &str, comma: bool) -> Cell {
    let text = text.trim();
    if NOTHING.iter().any(|nothing| nothing.eq_ignore_ascii_case(text)) {
        return Cell::Nothing;
    }
    if let Some(truth) = TRUTHS.iter().position(|truth| truth.eq_ignore_ascii_case(text)) {
        return Cell::Number(truth as f64);
    }
    number(text, comma).map_or(Cell::Word, Cell::Number)
}

fn number(text: &str, comma: bool) -> Option<f64> {
    let text = text.strip_suffix('%').map_or(text, str::trim_end);
    let plain = |text: &str| fast_float2::parse::<f64, _>(text).ok().filter(|number| !number.is_nan());
    if let Some(number) = plain(text) {
        return Some(number);
    }
    if !text.contains(',') {
        return None;
    }
    match comma {
        true if text.contains('.') => plain(&ungrouped(text, '.', ',')?.replacen(',', ".", 1)),
        true => plain(&text.replacen(',', ".", 1)),
        false => plain(&ungrouped(text, ',', '.')?),
    }
}

/// A number without what parts its thousands, where that parts thousands: `1,234,567.8`.
fn ungrouped(text: &str, separator: char, point: char) -> Option<String> {
    let (whole, decimals) = text.split_at(text.find(point).unwrap_or(text.len()));
    let mut groups = whole.trim_start_matches(['-', '+']).split(separator);
    let first = groups.next()?.len();
    let regular = (1..=3).contains(&first) && groups.all(|group| group.len() == 3);
    regular.then(|| format!("{}{decimals}", whole.replace(separator, "")))
}

/// The text of some bytes: UTF-8, else what it most likely is, Windows-1252, of which Latin-1 is a part.
pub(super) fn text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// A text in the length that messages can show.
pub(super) fn shown(text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    if short.len() < text.len() { format!("`{short}…`") } else { format!("`{short}`") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_say_what_people_mean() {
        for (text, comma, expected) in [
            (" 1.5 ", false, Cell::Number(1.5)),
            ("1,234.5", false, Cell::Number(1234.5)),
            ("-1,234,567", false, Cell::Number(-1_234_567.0)),
            ("12,34", false, Cell::Word),
            ("22,5", true, Cell::Number(22.5)),
            ("1.234,5", true, Cell::Number(1234.5)),
            ("12 %", false, Cell::Number(12.0)),
            ("1e3", false, Cell::Number(1000.0)),
            ("-inf", false, Cell::Number(f64::NEG_INFINITY)),
            ("#N/A", false, Cell::Nothing),
            ("NaN", false, Cell::Nothing),
            ("", true, Cell::Nothing),
            ("-", false, Cell::Nothing),
            ("%", false, Cell::Word),
            ("north", false, Cell::Word),
            (",", true, Cell::Word),
        ] {
            assert_eq!(cell(text, comma), expected, "`{text}`");
        }
    }
}
