//! The straight way through a block: positions only, number after number, without cutting records into
//! fields first. In pseudo code:
//!
//! ```text
//! for each record
//!     pass over the fields before the first coordinate, read a number and the end of its field
//!     pass over the fields before the second, read a number and the end of its field
//!     pass over the rest of the record
//!     where any of that fails, let the general way take the record
//! ```
//!
//! So both ways give the same events and the same tally, and this one never has to judge a record.

#![expect(clippy::inline_always, reason = "left alone, the compiler makes calls that cost a fifth of the time")]

use memchr::{memchr, memchr_iter, memchr2};

use super::dialect::{Dialect, End, closing};
use super::number::number;
use super::rows::{General, Layout};
use crate::error::Error;
use crate::source::Intake;

/// What the way needs to know of a table.
pub(super) struct Straight {
    dialect: Dialect,
    /// Fields before the first coordinate, and between the two.
    passed: [usize; 2],
    x_first: bool,
    /// Whether there are quotes in the block.
    quoted: bool,
}

impl Straight {
    /// The straight way for a table of this layout, where there is one.
    pub fn of(layout: &Layout, quoted: bool) -> Option<Straight> {
        let (first, second) = (layout.x.min(layout.y), layout.x.max(layout.y));
        let passed = [first, second.checked_sub(first + 1)?];
        layout.positions_only.then_some(Straight {
            dialect: layout.dialect,
            passed,
            x_first: layout.x < layout.y,
            quoted,
        })
    }

    /// Reads the records of a block that begins at `line`.
    pub fn read(&self, bytes: &[u8], mut line: u64, general: &mut General, intake: &mut Intake) -> Result<(), Error> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let Some((a, b, after)) = self.pair(rest) else {
                let (read, lines) = general.record(rest, self.quoted, line, intake)?;
                (rest, line) = (&rest[read..], line + lines);
                continue;
            };
            let (x, y) = if self.x_first { (a, b) } else { (b, a) };
            if !intake.take_plain(x, y) && intake.record(line, Some(x), Some(y), &()).is_err() {
                // Under `strict`: the general way comes to the same end, and can show what is written there.
                general.record(rest, self.quoted, line, intake)?;
            }
            line += if self.quoted { self.lines(&rest[..rest.len() - after.len()]) } else { 1 };
            rest = after;
        }
        Ok(())
    }

    fn lines(&self, record: &[u8]) -> u64 {
        memchr_iter(self.dialect.terminator, record).count() as u64
    }

    /// The two numbers of the record that `bytes` begin with, and what follows the record.
    #[inline(always)]
    fn pair<'a>(&self, bytes: &'a [u8]) -> Option<(f64, f64, &'a [u8])> {
        let (a, rest) = self.coordinate(self.pass(bytes, self.passed[0])?)?;
        let rest = rest.strip_prefix(&[self.dialect.delimiter])?;
        let (b, rest) = self.coordinate(self.pass(rest, self.passed[1])?)?;
        Some((a, b, self.after_record(rest)?))
    }

    /// A field that is a number and nothing else, in quotes or not, and what follows the number.
    #[inline(always)]
    fn coordinate<'a>(&self, bytes: &'a [u8]) -> Option<(f64, &'a [u8])> {
        let quoted = self.quoted && bytes.first() == Some(&b'"');
        let bytes = &bytes[usize::from(quoted)..];
        let (number, read) = number(bytes)?;
        let rest = &bytes[read..];
        Some((number, if quoted { rest.strip_prefix(b"\"")? } else { rest }))
    }

    /// What follows the next `fields` fields, if they are followed by another.
    #[inline(always)]
    fn pass<'a>(&self, mut bytes: &'a [u8], fields: usize) -> Option<&'a [u8]> {
        for _ in 0..fields {
            let from = if self.quoted && bytes.first() == Some(&b'"') { closing(bytes, 0)? } else { 0 };
            let end = from + memchr2(self.dialect.delimiter, self.dialect.terminator, &bytes[from..])?;
            if bytes[end] == self.dialect.terminator {
                return None;
            }
            bytes = &bytes[end + 1..];
        }
        Some(bytes)
    }

    /// What follows a record of which the last field that counts ends here.
    #[inline(always)]
    fn after_record<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let Dialect { delimiter, terminator } = self.dialect;
        match bytes {
            [] => Some(bytes),
            [end, after @ ..] if *end == terminator => Some(after),
            [b'\r', b'\n', after @ ..] if terminator == b'\n' => Some(after),
            [end, more @ ..] if *end == delimiter && self.quoted => match self.dialect.end(more) {
                End::After(end) => Some(&more[end..]),
                End::Beyond => Some(&[]),
                End::Unclosed => None,
            },
            [end, more @ ..] if *end == delimiter => Some(memchr(terminator, more).map_or(&[], |end| &more[end + 1..])),
            _ => None,
        }
    }
}
