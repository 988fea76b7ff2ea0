//! Instants as people write them.

/// The instant a text spells, in microseconds since 1970 UTC; a time without an offset is UTC.
pub fn parse_time(_text: &str) -> Option<i64> {
    None
}
