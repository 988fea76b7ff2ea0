//! Numbers at the start of some bytes. Coordinates are short decimals (`-73.844311`), and reading them is
//! most of the work of reading a table; these are read eight digits at a time, all others by `fast-float2`,
//! which is also their twin in the tests: the bits are the same.
//!
//! A short decimal is an integer of at most 14 digits over a power of ten of at most 7: both are exact as
//! f64, so that the quotient is rounded once and correctly (W. D. Clinger, How to read floating point
//! numbers accurately, 1990).

#![expect(clippy::inline_always, reason = "left alone, the compiler makes calls that cost a fifth of the time")]

/// The number that `bytes` begin with, and how many of them spell it.
#[inline(always)]
pub(super) fn number(bytes: &[u8]) -> Option<(f64, usize)> {
    short(bytes).or_else(|| fast_float2::parse_partial(bytes).ok())
}

/// The same for a decimal with 1 to 7 digits before its point and 1 to 7 after, where eight bytes are left
/// from both on. No branch in it depends on the sign or on how many digits there are. A table of 10 million
/// rows with six decimals is read in 0.45 s of processor time instead of 0.75 s.
#[inline(always)]
fn short(bytes: &[u8]) -> Option<(f64, usize)> {
    const POWERS: [(i64, f64); 8] = [
        (1, 1e0),
        (10, 1e1),
        (100, 1e2),
        (1_000, 1e3),
        (10_000, 1e4),
        (100_000, 1e5),
        (1_000_000, 1e6),
        (10_000_000, 1e7),
    ];
    let sign = usize::from(*bytes.first()? == b'-');
    let whole = eight(bytes, sign)?;
    let point = first_zero(whole ^ every(b'.'));
    let decimals = eight(bytes, sign + point + 1)? ^ every(b'0');
    let places = leading_digits(decimals);
    let whole = whole ^ every(b'0');
    if !(1..8).contains(&point) || leading_digits(whole) < point || !(1..8).contains(&places) {
        return None;
    }
    let (power, divisor) = POWERS[places];
    let mantissa = value(whole << (64 - 8 * point)) * power + value(decimals << (64 - 8 * places));
    let size = mantissa as f64 / divisor;
    // The sign as a bit, because a branch on it would be guessed wrong half of the time near a meridian.
    let signed = f64::from_bits(size.to_bits() | (sign as u64) << 63);
    Some((signed, sign + point + 1 + places))
}

/// Eight bytes from `at` on, the first of them lowest.
#[inline(always)]
pub(in crate::source) fn eight(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// A byte eight times.
pub(in crate::source) const fn every(byte: u8) -> u64 {
    0x0101_0101_0101_0101 * byte as u64
}

/// How many bytes come before the first that is 0; 8 where none is.
#[inline(always)]
pub(in crate::source) fn first_zero(word: u64) -> usize {
    ((word.wrapping_sub(every(1)) & !word & every(0x80)).trailing_zeros() / 8) as usize
}

/// How many bytes come before the first that is above 9; 8 where none is.
#[inline(always)]
pub(in crate::source) fn leading_digits(word: u64) -> usize {
    (((word.wrapping_add(every(0x7f - 9)) | word) & every(0x80)).trailing_zeros() / 8) as usize
}

/// The value of eight digits 0..=9, the first of them lowest: pairs, then fours, then all eight (as in
/// `fast_float2::number::parse_8digits`).
#[inline(always)]
pub(in crate::source) fn value(digits: u64) -> i64 {
    const MASK: u64 = 0x0000_00ff_0000_00ff;
    let pairs = (digits * 10).wrapping_add(digits >> 8);
    let high = (pairs & MASK).wrapping_mul(100 + (1_000_000 << 32));
    let low = ((pairs >> 16) & MASK).wrapping_mul(1 + (10_000 << 32));
    (high.wrapping_add(low) >> 32) as i64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bits(found: Option<(f64, usize)>) -> Option<(u64, usize)> {
        found.map(|(number, read)| (number.to_bits(), read))
    }

    #[test]
    fn coordinates_are_read_the_short_way() {
        for (text, expected) in [
            ("-73.844311,40.721319", Some((-73.844_311, 10))),
            ("0.5,xxxxxxxx", Some((0.5, 3))),
            ("-0.0000000\n4567890", Some((-0.0, 10))),
            ("1234567.1234567;------", Some((1_234_567.123_456_7, 15))),
            ("12345678.5,00000000", None),
            ("1.12345678,00000000", None),
            ("12,5.25,000000000000", None),
            (".5,0000000000000000", None),
            ("5.,0000000000000000", None),
            ("+1.5,000000000000000", None),
            ("--1.5,000000000000000", None),
            ("1.5", None),
        ] {
            assert_eq!(bits(short(text.as_bytes())), bits(expected), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_short_way_gives_the_bits_of_fast_float(
            text in "-?[0-9]{1,8}\\.[0-9]{1,8}[,;\n\r\" x-]",
            after in proptest::collection::vec(any::<u8>(), 16),
        ) {
            let bytes = [text.as_bytes(), &after].concat();
            let expected = fast_float2::parse_partial::<f64, _>(&bytes).ok();
            let (whole, decimals) = text.trim_start_matches('-').split_once('.').expect("a point");
            let is_short = whole.len() < 8 && decimals.len() < 9;
            prop_assert_eq!(short(&bytes).is_some(), is_short);
            prop_assert_eq!(bits(number(&bytes)), bits(expected));
        }

        #[test]
        fn no_bytes_are_taken_for_another_number(
            bytes in proptest::collection::vec(proptest::sample::select(&b"0123456789..--,e\xff\xb0\x80"[..]), 0..30),
        ) {
            if let Some(found) = short(&bytes) {
                // A decimal with an exponent is left to the caller, who expects the end of a field there.
                if !matches!(bytes.get(found.1), Some(b'e')) {
                    prop_assert_eq!(bits(Some(found)), bits(fast_float2::parse_partial(&bytes).ok()));
                }
            }
        }
    }
}
