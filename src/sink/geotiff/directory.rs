//! Directories of a TIFF (IFDs) as bytes, classic or `BigTIFF`, little-endian. They are laid out here rather than by the
//! `tiff` crate, which writes a directory after what it points to: a file that is read in parts has them first.

use std::borrow::Cow;

/// The widths of a TIFF's offsets: 4 bytes in a classic one, 8 in a `BigTIFF`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    Classic,
    Big,
}

/// What a field of a directory holds.
#[derive(Debug, Clone)]
pub(in crate::sink) enum Value<'a> {
    Text(Cow<'a, str>),
    Shorts(Vec<u16>),
    Longs(Cow<'a, [u32]>),
    Doubles(Vec<f64>),
    /// Places in the file, as wide as the file has them.
    Offsets(Vec<u64>),
}

impl From<u16> for Value<'_> {
    fn from(value: u16) -> Self {
        Value::Shorts(vec![value])
    }
}

impl From<u32> for Value<'_> {
    fn from(value: u32) -> Self {
        Value::Longs(vec![value].into())
    }
}

/// A directory: tags and what they hold.
pub(in crate::sink) type Directory<'a> = Vec<(u16, Value<'a>)>;

impl Width {
    /// Bytes of an offset.
    fn offset(self) -> u64 {
        if self == Width::Big { 8 } else { 4 }
    }

    /// Bytes before the first directory.
    pub(super) fn header(self) -> u64 {
        if self == Width::Big { 16 } else { 8 }
    }

    /// The beginning of a file whose first directory is at `first`.
    pub(super) fn begin(self, first: u64) -> Vec<u8> {
        let mut bytes = b"II".to_vec();
        match self {
            Width::Classic => bytes.extend(42u16.to_le_bytes()),
            Width::Big => bytes.extend([43u16, 8, 0].map(u16::to_le_bytes).concat()),
        }
        self.push(&mut bytes, first);
        bytes
    }

    /// A number as wide as an offset.
    fn push(self, bytes: &mut Vec<u8>, number: u64) {
        bytes.extend(&number.to_le_bytes()[..self.offset() as usize]);
    }

    /// The number of a type of fields, how many values there are, and the bytes of each.
    fn kind(self, value: &Value<'_>) -> (u16, u64, u64) {
        match value {
            Value::Text(text) => (2, text.len() as u64 + 1, 1),
            Value::Shorts(all) => (3, all.len() as u64, 2),
            Value::Longs(all) => (4, all.len() as u64, 4),
            Value::Doubles(all) => (12, all.len() as u64, 8),
            Value::Offsets(all) if self == Width::Big => (16, all.len() as u64, 8),
            Value::Offsets(all) => (4, all.len() as u64, 4),
        }
    }

    fn bytes(self, value: &Value<'_>) -> Vec<u8> {
        match value {
            Value::Text(text) => [text.as_bytes(), &[0]].concat(),
            Value::Shorts(all) => all.iter().flat_map(|v| v.to_le_bytes()).collect(),
            Value::Longs(all) => all.iter().flat_map(|v| v.to_le_bytes()).collect(),
            Value::Doubles(all) => all.iter().flat_map(|v| v.to_le_bytes()).collect(),
            Value::Offsets(all) => {
                let mut bytes = Vec::with_capacity(all.len() * self.offset() as usize);
                for offset in all {
                    self.push(&mut bytes, *offset);
                }
                bytes
            }
        }
    }

    /// How many bytes a directory takes with all that it holds.
    pub(super) fn size(self, directory: &Directory<'_>) -> u64 {
        let beyond = |value: &Value<'_>| {
            let (_, count, each) = self.kind(value);
            if count * each > self.offset() { (count * each).next_multiple_of(2) } else { 0 }
        };
        self.table(directory) + directory.iter().map(|(_, value)| beyond(value)).sum::<u64>()
    }

    /// How many bytes the fields take, without values that do not fit into them.
    fn table(self, directory: &Directory<'_>) -> u64 {
        let (count, field) = if self == Width::Big { (8, 20) } else { (2, 12) };
        count + field * directory.len() as u64 + self.offset()
    }

    /// A directory that lies at `start`, its long values behind it, and where the next one is; 0 for none.
    pub(super) fn directory(self, directory: &Directory<'_>, start: u64, next: u64) -> Vec<u8> {
        let (mut table, mut beyond) = (Vec::new(), Vec::new());
        match self {
            Width::Classic => table.extend((directory.len() as u16).to_le_bytes()),
            Width::Big => table.extend((directory.len() as u64).to_le_bytes()),
        }
        for (tag, value) in directory {
            let ((kind, count, _), mut bytes) = (self.kind(value), self.bytes(value));
            table.extend([*tag, kind].map(u16::to_le_bytes).concat());
            self.push(&mut table, count);
            if bytes.len() as u64 <= self.offset() {
                bytes.resize(self.offset() as usize, 0);
                table.extend(bytes);
            } else {
                self.push(&mut table, start + self.table(directory) + beyond.len() as u64);
                bytes.resize(bytes.len().next_multiple_of(2), 0);
                beyond.extend(bytes);
            }
        }
        self.push(&mut table, next);
        table.extend(beyond);
        table
    }
}
