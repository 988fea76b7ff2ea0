//! The bytes of FIT files as messages: headers, definitions, data, checksums. It knows how messages are laid out, not what
//! they mean; the numbers of a message are handed on without a copy. A decoder of its own, because general ones name and
//! keep every field of every message, which takes a hundred times as long as the few numbers that tracks are made of.

use crate::error::Error;

/// Seconds from 1970 to the epoch of FIT, 1989-12-31T00:00:00Z.
const EPOCH: i64 = 631_065_600;
/// Times below are seconds since the device was switched on.
const FIRST_DATE: u32 = 0x1000_0000;

/// One field of a message, as it is defined.
#[derive(Debug, Clone, Copy)]
struct Field {
    number: u8,
    at: usize,
    size: usize,
    base: u8,
}

/// How messages of a local type are laid out.
#[derive(Debug, Clone, Default)]
struct Definition {
    message: u16,
    big_endian: bool,
    fields: Vec<Field>,
    /// Of all fields together, those of developers too.
    size: usize,
}

/// One message.
pub(super) struct Message<'a> {
    definition: &'a Definition,
    bytes: &'a [u8],
    /// The time that its header tells, in FIT seconds.
    stamp: Option<u32>,
}

impl Message<'_> {
    /// The number of its kind.
    pub(super) fn kind(&self) -> u16 {
        self.definition.message
    }

    /// The first number of a field, where it is there and valid.
    pub(super) fn number(&self, field: u8) -> Option<i64> {
        let field = self.definition.fields.iter().find(|known| known.number == field)?;
        let bytes = &self.bytes[field.at..field.at + field.size];
        number(field.base, bytes, self.definition.big_endian)
    }

    /// The text of a field.
    pub(super) fn text(&self, field: u8) -> Option<String> {
        let field = self.definition.fields.iter().find(|known| known.number == field && known.base == 7)?;
        let bytes = self.bytes[field.at..field.at + field.size].split(|byte| *byte == 0).next()?;
        let text = String::from_utf8_lossy(bytes).trim().to_owned();
        (!text.is_empty()).then_some(text)
    }

    /// A field that is an instant, in microseconds since 1970 UTC; none where the clock was not set.
    pub(super) fn instant(&self, field: u8) -> Option<i64> {
        let stamp = self.number(field).and_then(|seconds| u32::try_from(seconds).ok());
        let stamp = if field == 253 { stamp.or(self.stamp) } else { stamp };
        stamp.filter(|seconds| *seconds >= FIRST_DATE).map(|seconds| (i64::from(seconds) + EPOCH) * 1_000_000)
    }
}

/// Size in bytes, whether signed, and the value that stands for none, of the base types with whole numbers.
fn whole(base: u8) -> Option<(usize, bool, u64)> {
    Some(match base & 0x1f {
        0 | 2 | 13 => (1, false, 0xff),
        1 => (1, true, 0x7f),
        3 => (2, true, 0x7fff),
        4 => (2, false, 0xffff),
        5 => (4, true, 0x7fff_ffff),
        6 => (4, false, 0xffff_ffff),
        10 => (1, false, 0),
        11 => (2, false, 0),
        12 => (4, false, 0),
        14 => (8, true, 0x7fff_ffff_ffff_ffff),
        15 => (8, false, u64::MAX),
        16 => (8, false, 0),
        _ => return None,
    })
}

/// Size in bytes of one value of a base type.
fn size(base: u8) -> usize {
    match base & 0x1f {
        8 => 4,
        9 => 8,
        _ => whole(base).map_or(1, |(size, ..)| size),
    }
}

fn number(base: u8, bytes: &[u8], big_endian: bool) -> Option<i64> {
    let (size, signed, invalid) = whole(base)?;
    let bytes = bytes.get(..size)?;
    let add = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
    let raw = if big_endian { bytes.iter().fold(0, add) } else { bytes.iter().rev().fold(0, add) };
    let unused = 64 - 8 * size as u32;
    match raw == invalid {
        true => None,
        false if signed => Some((raw << unused) as i64 >> unused),
        false => i64::try_from(raw).ok(),
    }
}

/// What keeps a file from being read, and at which byte.
pub(super) struct Damage {
    pub(super) at: usize,
    pub(super) found: String,
}

impl Damage {
    /// The damage as an error of the file called `name`.
    pub(super) fn of(self, name: &str) -> Error {
        Error::input(format!("{name}, byte {}", self.at))
            .found(self.found)
            .expected("a whole FIT file")
            .advice("the file may be cut short or damaged: fetch it again")
    }
}

/// Reads the bytes of one FIT file, or several in a row; those of one lie between two calls of `Cursor::begin`.
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Where the messages of this file end, and its checksum begins.
    end: usize,
    definitions: Vec<Option<Definition>>,
    stamp: u32,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Cursor<'a> {
        Cursor { bytes, at: 0, end: 0, definitions: Vec::new(), stamp: 0 }
    }

    /// Begins with the next file, whose header and checksum are looked at; false where there is none.
    pub(super) fn begin(&mut self) -> Result<bool, Damage> {
        if self.at > 0 && self.at == self.bytes.len() {
            return Ok(false);
        }
        let start = self.at;
        let header = self.take(12)?;
        let (length, announced) = (usize::from(header[0]), little(&header[4..8]));
        if &header[8..12] != b".FIT" || length < 12 {
            return Err(Damage { at: start, found: "no header of FIT".into() });
        }
        let rest = self.take(length - 12)?;
        let stated = if rest.len() >= 2 { little(&rest[..2]) } else { 0 };
        if stated != 0 && stated != usize::from(checksum(&self.bytes[start..start + 12])) {
            return Err(Damage { at: start, found: "a header that does not fit its checksum".into() });
        }
        self.definitions = vec![None; 16];
        self.stamp = 0;
        self.end = self.at.saturating_add(announced);
        self.whole(start)?;
        Ok(true)
    }

    /// Whether all bytes of the file are there, and are those that were written.
    fn whole(&self, start: usize) -> Result<(), Damage> {
        let all = self.bytes.get(start..self.end.saturating_add(2)).ok_or_else(|| self.short())?;
        let (data, stated) = all.split_at(all.len() - 2);
        let (stated, found) = (little(stated), usize::from(checksum(data)));
        if stated == found {
            return Ok(());
        }
        let found = format!("bytes whose checksum is {found:#06x}, where {stated:#06x} is stated");
        Err(Damage { at: self.end, found })
    }

    fn short(&self) -> Damage {
        Damage { at: self.bytes.len(), found: format!("the end of the file, {} bytes too early", self.missing()) }
    }

    fn missing(&self) -> usize {
        self.end.saturating_add(2).saturating_sub(self.bytes.len()).max(1)
    }

    /// The next message of this file, none at its end.
    pub(super) fn next(&mut self) -> Result<Option<Message<'_>>, Damage> {
        loop {
            if self.at >= self.end {
                self.at = self.end.saturating_add(2);
                return Ok(None);
            }
            let start = self.at;
            let header = self.take(1)?[0];
            if header & 0x80 == 0 && header & 0x40 != 0 {
                self.define(header)?;
                continue;
            }
            return self.message(start, header).map(Some);
        }
    }

    fn message(&mut self, start: usize, header: u8) -> Result<Message<'_>, Damage> {
        let compressed = header & 0x80 != 0;
        let local = usize::from(if compressed { header >> 5 & 3 } else { header & 15 });
        let size = self.definitions[local].as_ref().map(|known| known.size);
        let undefined = || Damage { at: start, found: format!("a message of type {local}, which is not defined") };
        let bytes = self.take(size.ok_or_else(undefined)?)?;
        let definition = self.definitions[local].as_ref().ok_or_else(undefined)?;
        let mut message = Message { definition, bytes, stamp: None };
        if compressed {
            // Five bits count on from the last time; they run over every 32 seconds.
            let ahead = u32::from(header & 31).wrapping_sub(self.stamp) & 31;
            self.stamp = self.stamp.wrapping_add(ahead);
            message.stamp = Some(self.stamp);
        } else if let Some(stamp) = message.number(253) {
            self.stamp = stamp as u32;
        }
        Ok(message)
    }

    fn define(&mut self, header: u8) -> Result<(), Damage> {
        let start = self.at;
        let fixed = self.take(5)?;
        let big_endian = fixed[1] == 1;
        let message = if big_endian { [fixed[3], fixed[2]] } else { [fixed[2], fixed[3]] };
        let mut definition = Definition { message: u16::from_le_bytes(message), big_endian, ..Definition::default() };
        for field in self.take(3 * usize::from(fixed[4]))?.chunks_exact(3) {
            let (number, size_here, base) = (field[0], usize::from(field[1]), field[2]);
            if size_here % size(base) != 0 {
                let found = format!("a field of {size_here} bytes for numbers of {} bytes", size(base));
                return Err(Damage { at: start, found });
            }
            definition.fields.push(Field { number, at: definition.size, size: size_here, base });
            definition.size += size_here;
        }
        if header & 0x20 != 0 {
            let count = usize::from(self.take(1)?[0]);
            definition.size += self.take(3 * count)?.chunks_exact(3).map(|field| usize::from(field[1])).sum::<usize>();
        }
        self.definitions[usize::from(header & 15)] = Some(definition);
        Ok(())
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Damage> {
        let bytes = self.bytes.get(self.at..self.at + count);
        let bytes =
            bytes.ok_or_else(|| Damage { at: self.bytes.len(), found: "the end of the file, too early".into() })?;
        self.at += count;
        Ok(bytes)
    }
}

fn little(bytes: &[u8]) -> usize {
    bytes.iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte))
}

/// The checksum of FIT: CRC-16 with the polynomial 0xA001, a byte at a time.
fn checksum(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |sum, byte| sum >> 8 ^ TABLE[usize::from((sum ^ u16::from(*byte)) & 0xff)])
}

static TABLE: [u16; 256] = table();

const fn table() -> [u16; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut sum = byte as u16;
        let mut bit = 0;
        while bit < 8 {
            sum = if sum & 1 == 1 { sum >> 1 ^ 0xA001 } else { sum >> 1 };
            bit += 1;
        }
        table[byte] = sum;
        byte += 1;
    }
    table
}
