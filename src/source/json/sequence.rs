//! Texts of many values, one record each, whatever a record is: blocks are handed out and decoded by any
//! thread.

use std::sync::Arc;

use struson::reader::{JsonReader, JsonStreamReader};

use super::lines::{Block, Lines};
use super::sample::{ENOUGH, Found, Sample, look};
use super::text::{Damage, json};
use crate::error::Error;
use crate::events::Events;
use crate::source::{Columns, Input, Intake, Part, Query, Reason, Source, Tally};

/// A reader of records of one kind.
pub(in crate::source) trait Record: Clone + Send + 'static {
    /// Reads the record that is the whole of `text`, to which `json` is open.
    fn read_text(&mut self, json: &mut JsonStreamReader<&[u8]>, text: &[u8]) -> Result<(), Damage>;

    /// Gives what was read last to `intake`, as record number `line`.
    fn hand_over(&self, line: u64, intake: &mut Intake) -> Result<(), Error>;
}

/// A source of one record a line, or behind each separator.
pub(in crate::source) struct SequenceSource<R> {
    lines: Lines,
    input: Input,
    query: Arc<Query>,
    record: R,
    columns: Columns,
}

impl<R: Record> SequenceSource<R> {
    pub(in crate::source) fn open(
        input: &Input,
        query: &Query,
        separator: u8,
        record: R,
        columns: Columns,
    ) -> Result<SequenceSource<R>, Error> {
        let lines = Lines::open(input, separator)?;
        Ok(SequenceSource { lines, input: input.clone(), query: Arc::new(query.clone()), record, columns })
    }
}

impl<R: Record> Source for SequenceSource<R> {
    fn next_part(&mut self) -> Result<Option<Box<dyn Part>>, Error> {
        let Some(block) = self.lines.next_block()? else {
            return Ok(None);
        };
        let record = self.record.clone();
        Ok(Some(Box::new(SequencePart { block, record, query: self.query.clone(), input: self.input.clone() })))
    }

    fn columns(&self) -> Columns {
        self.columns.clone()
    }

    fn progress(&self) -> f64 {
        self.lines.consumed.share()
    }
}

struct SequencePart<R> {
    block: Block,
    record: R,
    query: Arc<Query>,
    input: Input,
}

impl<R: Record> Part for SequencePart<R> {
    /// A damaged text is skipped and counted, or fatal under `strict`: the next one begins where it begins.
    fn read(mut self: Box<Self>) -> Result<(Events, Tally), Error> {
        let mut intake = Intake::new(&self.query, self.input.number, &self.input.name);
        for (lines_before, text) in self.block.texts() {
            let line = lines_before + 1;
            match read_whole(&mut self.record, text) {
                Ok(()) => self.record.hand_over(line, &mut intake)?,
                Err(damage) if self.query.strict => return Err(damage.error(&self.input, lines_before)),
                Err(_) => {
                    intake.tally.records += 1;
                    intake.skip(line, Reason::Malformed)?;
                }
            }
        }
        Ok((intake.events, intake.tally))
    }
}

fn read_whole<R: Record>(record: &mut R, text: &[u8]) -> Result<(), Damage> {
    let mut json = json(text);
    record.read_text(&mut json, text)?;
    Ok(json.consume_trailing_whitespace()?)
}

/// Looks at the first values of a text of many; damaged ones are left to be counted when they are read.
pub(in crate::source) fn look_at_texts(input: &Input, separator: u8) -> Result<(bool, Sample), Error> {
    let mut sample = Sample::default();
    let mut geojson = false;
    if let Some(block) = Lines::open(input, separator)?.next_block()? {
        for (_, text) in block.texts().take(ENOUGH) {
            geojson |= matches!(look(&mut json(text)), Ok(Found::GeoJson));
            _ = sample.look_at(&mut json(text));
        }
    }
    Ok((geojson, sample))
}
