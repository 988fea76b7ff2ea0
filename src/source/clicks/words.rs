//! What was done, from the words that logs have for it: names of DOM events, of vendors' types, of the states of
//! buttons.

use crate::interaction::Kind;

/// What a word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// What was done.
    Is(Kind),
    /// The first half of a click, which DOM logs may have as a click too.
    Press,
    /// An angry click, which logs may have as a plain click too.
    Rage,
    /// A click of which nothing came, the same.
    Dead,
    /// That something was captured; another field says what.
    Captured,
    /// A button went down or up, or a wheel was turned: the field of the button says which.
    Down,
    Up,
    /// Nothing that counts.
    Other,
}

/// What a word says, whatever its case and what stands between its parts.
pub(super) fn word(text: &str) -> Word {
    let mut letters = [0; 24];
    let mut length = 0;
    for byte in text.bytes().filter(|byte| !matches!(byte, b'_' | b'-' | b' ' | b'$')) {
        let Some(slot) = letters.get_mut(length) else { return Word::Other };
        *slot = byte.to_ascii_lowercase();
        length += 1;
    }
    match &letters[..length] {
        b"click" | b"clicks" | b"tap" | b"press" | b"pressed" | b"leftclick" | b"auxclick" => Word::Is(Kind::Click),
        b"move" | b"moves" | b"moved" | b"mousemove" | b"pointermove" | b"touchmove" | b"drag" | b"hover" => {
            Word::Is(Kind::Move)
        }
        b"touch" | b"touchstart" => Word::Is(Kind::Touch),
        b"scroll" | b"scrolls" | b"scrolldepth" => Word::Is(Kind::Scroll),
        b"mousedown" | b"pointerdown" => Word::Press,
        b"rageclick" | b"rage" => Word::Rage,
        b"deadclick" | b"dead" => Word::Dead,
        b"autocapture" => Word::Captured,
        b"down" => Word::Down,
        b"up" => Word::Up,
        _ => Word::Other,
    }
}
