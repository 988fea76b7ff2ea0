//! Instants as people write them, in microseconds since 1970 UTC. The calendar is `jiff`'s; this file only
//! decides which notation a text is in, by its first separator:
//!
//! ```text
//! 2018-10-05T00:11:00.5+02:00    year first: ISO 8601 and RFC 3339, T or a space, seconds and offset optional
//! 2018-10-05   2018-10           its first instant
//! 4/1/2014 0:11:00 AM            slashes: month, day, year, as in the United States
//! 1.4.2014 00:11                 dots: day, month, year, as in Germany
//! 2014/4/1   2014.4.1            year first wherever it has four digits in front
//! 20181005   20181005001100      8 or 14 digits beginning with 19 or 20: a date, or a date and a time
//! 1580832000.25                  any other number: a Unix time, its unit by its magnitude
//! ```
//!
//! A time without an offset is UTC; `UTC` and `GMT` may follow. A Unix time is in seconds below 1e11 (the
//! year 5138), in milliseconds below 1e14, in microseconds below 1e17, else in nanoseconds; a sign does not
//! count. So milliseconds before March 1973 are taken for seconds, and nothing later is ambiguous.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::fmt::temporal::DateTimeParser;
use jiff::tz::Offset;

use crate::error::Error;

/// An instant in microseconds since 1970 UTC, written as RFC 3339.
pub fn written_time(micros: i64) -> String {
    Timestamp::from_microsecond(micros).map_or_else(|_| micros.to_string(), |time| time.to_string())
}

/// The instant a text spells, in microseconds since 1970 UTC; a time without an offset is UTC.
///
/// ```
/// use torrid::source::parse_time;
/// let instant = Some(1_396_311_060_000_000);
/// assert_eq!(parse_time("2014-04-01T00:11:00Z"), instant);
/// assert_eq!(parse_time("2014-04-01 02:11+02:00"), instant);
/// assert_eq!(parse_time("4/1/2014 0:11:00"), instant);
/// assert_eq!(parse_time("1.4.2014 00:11"), instant);
/// assert_eq!(parse_time("1396311060"), instant);
/// assert_eq!(parse_time("yesterday"), None);
/// ```
pub fn parse_time(text: &str) -> Option<i64> {
    if let Some(instant) = plain(text.trim().as_bytes()) {
        return Some(instant);
    }
    match spelt(text)? {
        Spelt::Civil(datetime, offset) => Some(offset.to_timestamp(datetime).ok()?.as_microsecond()),
        Spelt::Unix(micros) => Some(micros),
    }
}

/// The instant of `2018-10-05T00:11:00Z`, perhaps with a fraction: the one notation of receivers and watches, read at once.
/// What is in another one, or on no calendar, is left to the others.
fn plain(text: &[u8]) -> Option<i64> {
    let (clock, fraction) = text.strip_suffix(b"Z")?.split_at_checked(19)?;
    let shape = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if shape.iter().any(|(at, byte)| clock[*at] != *byte) {
        return None;
    }
    let [year, month, day] = [digits(&clock[..4])?, digits(&clock[5..7])?, digits(&clock[8..10])?];
    let [hour, minute, second] = [digits(&clock[11..13])?, digits(&clock[14..16])?, digits(&clock[17..])?];
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = if month == 2 && leap { 29 } else { *LAST_DAYS.get(usize::try_from(month).ok()?)? };
    if year == 0 || day == 0 || day > last || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let micros = match fraction {
        [] => 0,
        [b'.', digits @ ..] if (1..=6).contains(&digits.len()) => {
            self::digits(digits)? * 10_i64.pow(6 - digits.len() as u32)
        }
        _ => return None,
    };
    let seconds = (days(year, month, day) * 24 + hour) * 3600 + minute * 60 + second;
    Some(seconds * 1_000_000 + micros)
}

/// The last day of each month of a year that is no leap year; there is no month 0.
const LAST_DAYS: [i64; 13] = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

fn digits(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
}

/// Days from 1970-01-01 to a day of the Gregorian calendar. Years are counted from March, so that leap days come last
/// (Hinnant, <https://howardhinnant.github.io/date_algorithms.html>).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The date and the time of day that a text shows, whatever offset follows them; those of a Unix time are UTC.
pub(super) fn wall_clock(text: &str) -> Option<DateTime> {
    match spelt(text)? {
        Spelt::Civil(datetime, _) => Some(datetime),
        Spelt::Unix(micros) => Some(Offset::UTC.to_datetime(Timestamp::from_microsecond(micros).ok()?)),
    }
}

/// How an instant is spelt.
enum Spelt {
    /// On a calendar and a clock, so far ahead of UTC.
    Civil(DateTime, Offset),
    /// As microseconds since 1970 UTC.
    Unix(i64),
}

fn spelt(text: &str) -> Option<Spelt> {
    let text = text.trim();
    let text = text.strip_suffix("UTC").or_else(|| text.strip_suffix("GMT")).map_or(text, str::trim_end);
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = unsigned.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return None;
    }
    let year_first = digits == 4;
    match unsigned.as_bytes().get(digits) {
        None if is_compact(text) => compact(text),
        Some(b'-' | b'T' | b't') => iso(text),
        Some(b'/') => written(if year_first { "%Y/%m/%d" } else { "%m/%d/%Y" }, text),
        Some(b'.') if unsigned[digits + 1..].contains('.') && digits <= 4 => {
            written(if year_first { "%Y.%m.%d" } else { "%d.%m.%Y" }, text)
        }
        _ => unix(text).map(Spelt::Unix),
    }
}

/// The instant that an option (`--after` or `--before`) names, in microseconds since 1970 UTC.
///
/// # Errors
/// When the text spells no instant, or is a bare year: as a number it would be a Unix time of 1970.
pub fn parse_limit(option: &str, text: &str) -> Result<i64, Error> {
    let bare_year = text.trim().parse().is_ok_and(|n: u32| (1500..2500).contains(&n));
    let error = |found: String| {
        Error::caller(option)
            .found(found)
            .expected("an instant such as 2018-10-05, 2018-10-05T14:30+02:00 or 1538742600 (Unix seconds)")
    };
    if bare_year {
        let text = text.trim();
        return Err(error(format!("`{text}`, a year or a Unix time"))
            .advice(format!("write {text}-01-01 for the year, {text}.0 for the seconds since 1970")));
    }
    parse_time(text).ok_or_else(|| error(format!("`{text}`")).advice("write year, month and day in this order"))
}

static ISO: DateTimeParser = DateTimeParser::new();

/// ISO 8601 and RFC 3339, a month alone, and near misses such as `2018-1-5 0:11 +0200`.
fn iso(text: &str) -> Option<Spelt> {
    if text.len() == 7 {
        let month = BrokenDownTime::parse("%Y-%m", text).ok()?;
        let first = Date::new(month.year()?, month.month()?, 1).ok()?;
        return Some(Spelt::Civil(first.to_datetime(Time::midnight()), Offset::UTC));
    }
    let Ok(pieces) = ISO.parse_pieces(text) else { return written("%Y-%m-%d", text) };
    if pieces.time_zone_annotation().is_some() && pieces.offset().is_none() {
        return None;
    }
    let offset = pieces.to_numeric_offset().unwrap_or(Offset::UTC);
    Some(Spelt::Civil(pieces.date().to_datetime(pieces.time().unwrap_or(Time::midnight())), offset))
}

/// A date in this notation, then perhaps a time of the day, then perhaps an offset after a space.
fn written(notation: &str, text: &str) -> Option<Spelt> {
    let (text, offset) = spaced_offset(text)?;
    let (date, clock) = text.split_once(' ').unwrap_or((text, ""));
    let date = BrokenDownTime::parse(notation, date.trim_end_matches(',')).ok()?.to_date().ok()?;
    // Two digits of a year do not say which century.
    if date.year() < 1000 {
        return None;
    }
    Some(Spelt::Civil(date.to_datetime(time_of_day(clock.trim())?), offset))
}

fn time_of_day(clock: &str) -> Option<Time> {
    if clock.is_empty() {
        return Some(Time::midnight());
    }
    let seconds = clock.bytes().filter(|b| *b == b':').count() == 2;
    let notation = match (clock.ends_with(['M', 'm']), seconds) {
        (false, false) => "%H:%M",
        (false, true) => "%H:%M:%S%.f",
        (true, false) => "%I:%M %p",
        (true, true) => "%I:%M:%S%.f %p",
    };
    BrokenDownTime::parse(notation, clock).ok()?.to_time().ok()
}

/// Splits ` +0200` or ` -05:00` off the end.
fn spaced_offset(text: &str) -> Option<(&str, Offset)> {
    match text.rsplit_once(' ') {
        Some((rest, offset)) if offset.starts_with(['+', '-']) => {
            let notation = if offset.contains(':') { "%:z" } else { "%z" };
            Some((rest.trim_end(), BrokenDownTime::parse(notation, offset).ok()?.offset()?))
        }
        _ => Some((text, Offset::UTC)),
    }
}

/// `20181005` or `20181005001100`.
fn compact(text: &str) -> Option<Spelt> {
    let notation = if text.len() == 8 { "%Y%m%d" } else { "%Y%m%d%H%M%S" };
    let parsed = BrokenDownTime::parse(notation, text).ok()?;
    let time = if text.len() == 8 { Time::midnight() } else { parsed.to_time().ok()? };
    Some(Spelt::Civil(parsed.to_date().ok()?.to_datetime(time), Offset::UTC))
}

/// Whether digits are a date (and time) rather than a count of seconds.
fn is_compact(text: &str) -> bool {
    matches!(text.len(), 8 | 14) && (text.starts_with("19") || text.starts_with("20"))
}

/// A Unix time, its unit by its magnitude.
fn unix(text: &str) -> Option<i64> {
    if let Ok(n) = text.parse::<i64>() {
        return Some(match n.unsigned_abs() {
            0..100_000_000_000 => n * 1_000_000,
            100_000_000_000..100_000_000_000_000 => n * 1_000,
            100_000_000_000_000..100_000_000_000_000_000 => n,
            _ => n / 1_000,
        });
    }
    let n: f64 = fast_float2::parse(text).ok()?;
    let micros = match n.abs() {
        ..1e11 => n * 1e6,
        ..1e14 => n * 1e3,
        ..1e17 => n,
        ..1e20 => n / 1e3,
        _ => return None,
    };
    Some(micros.round() as i64)
}
