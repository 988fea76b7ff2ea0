//! Numbers at the start of some bytes, mostly those that programs write with all their digits
//! (`0.3745401188473625`): sixteen to nineteen digits, which are read eight at a time and scaled by a power of ten
//! with one multiplication. All others are read by `fast-float2`, which is also their twin in the tests: the bits
//! are the same.
//!
//! The multiplication is that of D. Lemire, Number parsing at a gigabyte per second (Software: Practice and
//! Experience 51, 2021), for the few powers that such numbers need: 10^-27 to 10^0.

#![expect(clippy::inline_always, reason = "left alone, the compiler makes calls that cost a fifth of the time")]

use crate::source::csv::number::{eight, every, leading_digits, value};

/// The number that `bytes` begin with, and how many of them spell it. Never NaN.
#[inline(always)]
pub(super) fn number(bytes: &[u8]) -> Option<(f64, usize)> {
    plain(bytes).or_else(|| other(bytes))
}

/// Any spelling of a number.
#[inline(never)]
fn other(bytes: &[u8]) -> Option<(f64, usize)> {
    fast_float2::parse_partial(bytes).ok().filter(|(number, _): &(f64, usize)| !number.is_nan())
}

/// A decimal without an exponent, of at most eight digits before its point (if it has one) and 19 in all, where eight
/// bytes are left wherever it is looked at.
#[inline(always)]
fn plain(bytes: &[u8]) -> Option<(f64, usize)> {
    let sign = usize::from(*bytes.first()? == b'-');
    let (number, digits) = match *bytes.get(sign..)?.first_chunk()? {
        // By far the most frequent case.
        [digit @ b'0'..=b'9', b'.'] => (u64::from(digit - b'0'), 1),
        _ => whole(bytes, sign)?,
    };
    let at = sign + digits;
    let (mantissa, places) = match bytes.get(at)? {
        b'.' => decimals(bytes, at + 1, number, digits)?,
        b'0'..=b'9' | b'e' | b'E' => return None,
        _ => return Some((signed(number as f64, sign), at)),
    };
    let end = at + 1 + places;
    if matches!(bytes.get(end), Some(b'0'..=b'9' | b'e' | b'E')) {
        return None;
    }
    Some((signed(scaled(mantissa, places), sign), end))
}

/// The integer that begins at `at`, as far as eight digits go, and how many it has.
#[inline(always)]
fn whole(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let some = eight(bytes, at)? ^ every(b'0');
    let digits = leading_digits(some);
    (digits > 0).then(|| (first(some, digits), digits))
}

/// All digits of a number as one integer, and how many of them come after the point, which is before `at`.
#[inline(always)]
fn decimals(bytes: &[u8], at: usize, whole: u64, digits: usize) -> Option<(u64, usize)> {
    let some = eight(bytes, at)? ^ every(b'0');
    let places = leading_digits(some);
    if places < 8 {
        // A point at the end is left to the general way.
        return (places > 0).then(|| (joined(whole, some, places), places));
    }
    let mantissa = joined(whole, some, 8);
    let some = eight(bytes, at + 8)? ^ every(b'0');
    let places = leading_digits(some);
    if places < 8 {
        return (digits + places <= 11).then(|| (joined(mantissa, some, places), 8 + places));
    }
    let mantissa = joined(mantissa, some, 8);
    let some = eight(bytes, at + 16)? ^ every(b'0');
    let places = leading_digits(some);
    // A zero before the point is no digit that counts.
    let digits = if whole == 0 { 0 } else { digits };
    (digits + places <= 3).then(|| (joined(mantissa, some, places), 16 + places))
}

/// The integer that begins with the digits of `before` and goes on with the first `digits` of eight digits. Where that
/// has more than 19 digits, it is of no use, and not used.
#[inline(always)]
fn joined(before: u64, eight: u64, digits: usize) -> u64 {
    const POWERS: [u64; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];
    before.wrapping_mul(POWERS[digits]).wrapping_add(first(eight, digits))
}

/// The value of the first of eight digits.
#[inline(always)]
fn first(eight: u64, digits: usize) -> u64 {
    value(eight.checked_shl(64 - 8 * digits as u32).unwrap_or(0)) as u64
}

/// The sign as a bit, because a branch on it would be guessed wrong half of the time around zero.
#[inline(always)]
fn signed(size: f64, sign: usize) -> f64 {
    f64::from_bits(size.to_bits() | (sign as u64) << 63)
}

/// `mantissa` over ten to the power of `places`, rounded once and correctly; `places` is at most 27.
///
/// The mantissa, shifted so that its highest bit is set, times 128 bits of the inverse power: of the product, the 54
/// highest bits decide, and a second multiplication is needed only where all bits below them are set. The numbers are
/// far from the smallest and the largest, and so the cases of the paper for those are left out.
#[inline(always)]
fn scaled(mantissa: u64, places: usize) -> f64 {
    if mantissa == 0 {
        return 0.0;
    }
    let zeros = mantissa.leading_zeros();
    let shifted = mantissa << zeros;
    let (inverse_high, inverse_low) = INVERSES[places];
    let (mut high, mut low) = product(shifted, inverse_high);
    if high & 0x1ff == 0x1ff {
        let (more, _) = product(shifted, inverse_low);
        let carry;
        (low, carry) = low.overflowing_add(more);
        high += u64::from(carry);
    }
    let upper = (high >> 63) as u32;
    let shift = upper + 9;
    let mut bits = high >> shift;
    // Exactly between two numbers: the even one. That can be for small powers only.
    if low <= 1 && places <= 4 && bits & 3 == 1 && bits << shift == high {
        bits &= !1;
    }
    bits = (bits + (bits & 1)) >> 1;
    let exponent = EXPONENTS[places] + u64::from(upper) - u64::from(zeros);
    // Added, not joined, because rounding may have carried into the next power of two.
    f64::from_bits((exponent << 52) + (bits - (1 << 52)))
}

#[inline(always)]
fn product(a: u64, b: u64) -> (u64, u64) {
    let product = u128::from(a) * u128::from(b);
    ((product >> 64) as u64, product as u64)
}

const PLACES: usize = 28;
/// The 128 highest bits of 5^-places, rounded up, in two halves.
const INVERSES: [(u64, u64); PLACES] = inverses();
/// The biased exponents that belong to them, for a mantissa without zeros in front.
const EXPONENTS: [u64; PLACES] = exponents();

const fn inverses() -> [(u64, u64); PLACES] {
    let mut inverses = [(1 << 63, 0); PLACES];
    let mut power: u128 = 1;
    let mut places = 1;
    while places < PLACES {
        power *= 5;
        let inverse = inverse(power);
        inverses[places] = ((inverse >> 64) as u64, inverse as u64);
        places += 1;
    }
    inverses
}

/// 2^(127 + bits of the power) over the power, rounded up: long division, bit by bit.
const fn inverse(power: u128) -> u128 {
    let bits = 128 - power.leading_zeros();
    let mut rest = 1_u128 << (bits - 1);
    let mut quotient = 0_u128;
    let mut left = 128;
    while left > 0 {
        rest *= 2;
        quotient *= 2;
        if rest >= power {
            rest -= power;
            quotient += 1;
        }
        left -= 1;
    }
    quotient + 1
}

const fn exponents() -> [u64; PLACES] {
    let mut exponents = [0; PLACES];
    let mut places = 0;
    while places < PLACES {
        // The whole part of the logarithm to base two of the power of ten.
        let logarithm = (-(places as i64) * (152_170 + 65_536)) >> 16;
        exponents[places] = (logarithm + 63 + 1023) as u64;
        places += 1;
    }
    exponents
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bits(found: Option<(f64, usize)>) -> Option<(u64, usize)> {
        found.map(|(number, read)| (number.to_bits(), read))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn decimals_have_the_bits_of_fast_float(
            text in "-?[0-9]{1,9}(\\.[0-9]{0,20})?(e-?[0-9]{1,2})?[,;\n\r\" x-]",
            after in proptest::collection::vec(any::<u8>(), 30),
        ) {
            let bytes = [text.as_bytes(), &after].concat();
            prop_assert_eq!(bits(number(&bytes)), bits(fast_float2::parse_partial(&bytes).ok()));
        }

        #[test]
        fn numbers_as_programs_write_them_have_the_bits_they_were_written_from(
            mantissa in 0.0..1.0_f64, power in -8..20_i32, negative in any::<bool>(),
        ) {
            let number = mantissa * 10_f64.powi(power) * if negative { -1.0 } else { 1.0 };
            let text = format!("{number},{}", "x".repeat(30));
            prop_assert_eq!(bits(super::number(text.as_bytes())), Some((number.to_bits(), text.len() - 31)));
        }

        #[test]
        fn no_bytes_are_taken_for_another_number(
            bytes in proptest::collection::vec(proptest::sample::select(&b"0123456789000..--,eE+\xff\xb0\x80"[..]), 0..40),
        ) {
            let expected = fast_float2::parse_partial(&bytes).ok();
            prop_assert_eq!(bits(number(&bytes)), bits(expected));
        }
    }

    #[test]
    fn halves_between_two_numbers_go_to_the_even_one() {
        // 2^53 + 1 and its like, with and without decimals.
        for text in ["9007199.254740993", "90071992.54740993", "4503599.6274970495", "0.5000000000000001110", "0.0625"]
        {
            let padded = format!("{text},{}", "x".repeat(30));
            let expected = fast_float2::parse::<f64, _>(text).expect("a number");
            assert_eq!(bits(plain(padded.as_bytes())), Some((expected.to_bits(), text.len())), "{text}");
        }
    }
}
