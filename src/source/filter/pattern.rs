//! The patterns of `LIKE` and `ILIKE`: `%` stands for any text, `_` for any character.

use std::io::Write;

use crate::source::Field;

/// A pattern, cut into pieces.
#[derive(Debug)]
pub(super) struct Pattern {
    pieces: Vec<Piece>,
    /// Whether upper and lower case are the same (`ILIKE`).
    fold: bool,
}

#[derive(Debug, PartialEq)]
enum Piece {
    AnyText,
    AnyCharacter,
    Character(char),
}

impl Pattern {
    /// Cuts up a pattern; the character after `escape` stands for itself. `None` where it ends with `escape`.
    pub(super) fn new(text: &str, escape: Option<char>, fold: bool) -> Option<Pattern> {
        let mut pieces = Vec::new();
        let mut characters = text.chars();
        while let Some(c) = characters.next() {
            match c {
                _ if Some(c) == escape => push(&mut pieces, characters.next()?, fold),
                '%' if pieces.last() == Some(&Piece::AnyText) => {}
                '%' => pieces.push(Piece::AnyText),
                '_' => pieces.push(Piece::AnyCharacter),
                _ => push(&mut pieces, c, fold),
            }
        }
        Some(Pattern { pieces, fold })
    }

    /// Whether a field matches; a number as it is written in decimals. Unknown for a missing field.
    pub(super) fn matches(&self, field: Field) -> Option<bool> {
        match field {
            Field::Missing => None,
            Field::Text(text) => Some(self.matches_text(text)),
            Field::Flag(flag) => Some(self.matches_text(if flag { "true" } else { "false" })),
            Field::Number(number) => {
                // The longest number, -5e-324 written in decimals, has 327 characters.
                let mut buffer = [0; 400];
                let mut rest = &mut buffer[..];
                write!(rest, "{number}").ok()?;
                let unused = rest.len();
                Some(self.matches_text(str::from_utf8(&buffer[..400 - unused]).ok()?))
            }
        }
    }

    fn matches_text(&self, text: &str) -> bool {
        if self.fold {
            matches(&self.pieces, text.chars().flat_map(char::to_lowercase))
        } else {
            matches(&self.pieces, text.chars())
        }
    }
}

fn push(pieces: &mut Vec<Piece>, c: char, fold: bool) {
    if fold {
        pieces.extend(c.to_lowercase().map(Piece::Character));
    } else {
        pieces.push(Piece::Character(c));
    }
}

/// Walks along text and pieces; where they part, the last `%` takes one more character and the walk goes on
/// from there. An earlier `%` never has to take more: whatever it would reach, the last one reaches too.
fn matches(pieces: &[Piece], mut text: impl Iterator<Item = char> + Clone) -> bool {
    let mut at = 0;
    let mut last = None;
    loop {
        let mut ahead = text.clone();
        match (pieces.get(at), ahead.next()) {
            (None, None) => return true,
            (Some(Piece::AnyText), _) => {
                at += 1;
                last = Some((at, text.clone()));
                continue;
            }
            (Some(Piece::AnyCharacter), Some(_)) => {}
            (Some(Piece::Character(expected)), Some(c)) if *expected == c => {}
            _ => {
                let Some((after, taken)) = &mut last else { return false };
                if taken.next().is_none() {
                    return false;
                }
                at = *after;
                text = taken.clone();
                continue;
            }
        }
        at += 1;
        text = ahead;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition: `%` takes nothing, or one character and stays.
    fn naive(pattern: &[char], text: &[char]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, rest) => rest.is_none(),
            (Some(('%', after)), rest) => naive(after, text) || rest.is_some_and(|(_, text)| naive(pattern, text)),
            (Some((p, after)), Some((t, text))) => (*p == '_' || p == t) && naive(after, text),
            (Some(_), None) => false,
        }
    }

    fn like(text: &str, pattern: &str, fold: bool) -> Option<bool> {
        Pattern::new(pattern, Some('\\'), fold).expect("a pattern").matches(Field::Text(text))
    }

    proptest! {
        #[test]
        fn like_is_its_definition(pattern in "[ab%_]{0,8}", text in "[ab]{0,10}") {
            let chars = |s: &str| s.chars().collect::<Vec<_>>();
            prop_assert_eq!(like(&text, &pattern, false), Some(naive(&chars(&pattern), &chars(&text))));
        }
    }

    #[test]
    fn an_escaped_sign_stands_for_itself() {
        assert_eq!(like("100%", "100\\%", false), Some(true));
        assert_eq!(like("100x", "100\\%", false), Some(false));
        assert_eq!(like("a\\b", "a\\\\b", false), Some(true));
        assert!(Pattern::new("a\\", Some('\\'), false).is_none(), "an escape of nothing");
    }

    #[test]
    fn ilike_knows_the_letters_of_all_alphabets() {
        assert_eq!(like("ŁÓDŹ", "łódź", true), Some(true));
        assert_eq!(like("ŁÓDŹ", "łódź", false), Some(false));
        assert_eq!(like("Straße", "%AßE", true), Some(true));
    }

    #[test]
    fn a_number_is_matched_as_written_in_decimals() {
        let years = Pattern::new("19__", None, false).expect("a pattern");
        assert_eq!(years.matches(Field::Number(1984.0)), Some(true));
        assert_eq!(years.matches(Field::Number(1984.5)), Some(false));
        let any = Pattern::new("%", None, false).expect("a pattern");
        for extreme in [f64::MAX, f64::MIN, 5e-324, -5e-324, -1.797_693_134_862_315_7e-308, f64::NAN] {
            assert_eq!(any.matches(Field::Number(extreme)), Some(true), "{extreme:e}");
        }
        assert_eq!(any.matches(Field::Missing), None);
    }
}
