//! The events of a block of records, the general way: any dialect, any column. Blocks of which only the
//! positions are wanted go the straight way, and come here with the records it cannot take.

use std::borrow::Cow;

use super::dialect::{Dialect, Fields};
use super::records::{Cut, Cutter, text_of, utf8};
use super::straight::Straight;
use crate::error::Error;
use crate::source::{Field, Intake, Row};

/// Which fields of the records of a table are read, and how.
#[derive(Debug)]
pub(super) struct Layout {
    pub dialect: Dialect,
    /// The column of the longitude, or horizontal coordinate.
    pub x: usize,
    /// The column of the latitude, or vertical coordinate.
    pub y: usize,
    /// The columns beside the position, as far as they are there.
    pub wanted: Vec<Option<usize>>,
    /// The names of `x` and `y`, for messages.
    pub names: [String; 2],
    /// Whether nothing but the positions is wanted.
    pub positions_only: bool,
}

impl Layout {
    /// The highest column that is read.
    fn last(&self) -> usize {
        self.wanted.iter().flatten().copied().fold(self.x.max(self.y), usize::max)
    }
}

/// Reads the records of a block that begins at `line`.
pub(super) fn read(bytes: &[u8], quoted: bool, line: u64, layout: &Layout, intake: &mut Intake) -> Result<(), Error> {
    let mut general = General::new(layout);
    if let Some(straight) = Straight::of(layout, quoted) {
        return straight.read(bytes, line, &mut general, intake);
    }
    let bytes = if layout.positions_only { Cow::Borrowed(bytes) } else { utf8(bytes) };
    let (mut at, mut line) = (0, line);
    while at < bytes.len() {
        let (read, lines) = general.record(&bytes[at..], quoted, line, intake)?;
        (at, line) = (at + read, line + lines);
    }
    Ok(())
}

/// The general way, with what it needs from record to record.
pub(super) struct General<'a> {
    layout: &'a Layout,
    last: usize,
    cutter: Cutter,
}

impl<'a> General<'a> {
    fn new(layout: &'a Layout) -> General<'a> {
        let last = layout.last();
        General { layout, last, cutter: Cutter::new(layout.dialect, last) }
    }

    /// Takes in the record that begins with `bytes`; how many bytes and lines it fills.
    pub fn record(
        &mut self,
        bytes: &[u8],
        quoted: bool,
        line: u64,
        intake: &mut Intake,
    ) -> Result<(usize, u64), Error> {
        let (cut, read, lines) = self.cutter.cut(bytes, quoted);
        match cut {
            Cut::Blank => {}
            Cut::Fields(fields) => self.layout.take(fields, self.last, line, intake)?,
            Cut::Unclosed => intake.damaged(line)?,
        }
        Ok((read, lines))
    }
}

impl Layout {
    /// Takes in one record of which the columns up to `last` are needed.
    fn take(&self, fields: Fields<'_>, last: usize, line: u64, intake: &mut Intake) -> Result<(), Error> {
        if fields.len() <= last {
            return intake.damaged(line);
        }
        let coordinate = |column| self.dialect.coordinate(text_of(fields, column));
        intake.record(line, coordinate(self.x), coordinate(self.y), &Record { layout: self, fields })
    }
}

/// A record as the intake sees it.
struct Record<'a> {
    layout: &'a Layout,
    fields: Fields<'a>,
}

impl Row for Record<'_> {
    fn field(&self, column: usize) -> Field<'_> {
        let Some(Some(column)) = self.layout.wanted.get(column) else { return Field::Missing };
        self.layout.dialect.field(text_of(self.fields, *column))
    }

    fn position(&self) -> Option<String> {
        let shown = |i: usize, column| {
            let text: String = text_of(self.fields, column).chars().take(40).collect();
            format!("`{text}` in column `{}`", self.layout.names[i])
        };
        Some(format!("{}, {}", shown(0, self.layout.x), shown(1, self.layout.y)))
    }
}
