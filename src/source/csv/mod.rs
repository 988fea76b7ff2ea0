//! Tables of text: CSV, and its kin with tabs, semicolons or bars between the fields. The delimiter, the
//! encoding and the columns are found in the first bytes; the rest is cut into blocks of whole records that
//! any thread may read.

pub(super) mod blocks;
pub(super) mod dialect;
pub(super) mod number;
mod rows;
mod straight;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use blocks::{Block, Blocks};
use dialect::{Dialect, Splitter};
use rows::Layout;

use crate::error::Error;
use crate::events::Events;
use crate::source::{Columns, Consumed, Format, Input, Intake, Part, Query, Source, Tally, columns};

/// Tables with any of the usual delimiters.
pub const FORMAT: Format = Format {
    name: "csv",
    extensions: &["csv", "psv"],
    about: "a table of text; comma, tab, semicolon or bar between the fields",
    open,
};

/// Tables with tabs between the fields.
pub const TSV: Format =
    Format { name: "tsv", extensions: &["tsv", "tab"], about: "a table of text with tabs between the fields", open };

/// How many bytes a block has, about. It stays in the cache of a core from reading to decoding: under the
/// lock, 10 million rows took 0.07 s in blocks of 256 KiB, 0.12 s of 1 MiB, 0.20 s of 4 MiB.
const BLOCK: usize = 512 << 10;
/// How many bytes the dialect is told from; independent of the size of a block, which must not matter.
const SAMPLE: usize = 64 << 10;

fn open(input: &Input, query: &Query) -> Result<Box<dyn Source>, Error> {
    Ok(Box::new(Table::open(input, query, BLOCK)?))
}

/// An opened table.
struct Table {
    blocks: Blocks,
    layout: Arc<Layout>,
    query: Arc<Query>,
    file: usize,
    name: Arc<str>,
    columns: Columns,
    consumed: Consumed,
}

impl Table {
    /// Opens a table whose blocks are to have about `size` bytes each.
    fn open(input: &Input, query: &Query, size: usize) -> Result<Table, Error> {
        let (reader, consumed) = input.watched()?;
        let mut blocks = Blocks::new(reader, input, size)?;
        let likely = (input.format.name == TSV.name).then_some(b'\t');
        let (sample, whole) = blocks.peek(SAMPLE)?;
        let dialect = Dialect::of(sample, whole, likely);
        blocks.dialect = dialect;
        let names = names(&mut blocks, query, &input.name)?;
        let format = format!("{}, {}", input.format.name, dialect.name());
        let choice = columns::choose(&names, query, &format, &input.name)?;
        let layout = Layout {
            dialect,
            x: choice.x,
            y: choice.y,
            wanted: choice.wanted,
            names: [names[choice.x].clone(), names[choice.y].clone()],
            positions_only: query.positions_only(),
        };
        Ok(Table {
            blocks,
            layout: Arc::new(layout),
            query: Arc::new(query.clone()),
            file: input.number,
            name: input.name.clone(),
            columns: choice.columns,
            consumed,
        })
    }
}

/// The names of the columns: those the caller gave, else those in the first record.
fn names(blocks: &mut Blocks, query: &Query, place: &str) -> Result<Vec<String>, Error> {
    let mut splitter = Splitter::new(blocks.dialect);
    if let Some(names) = &query.names {
        let first = blocks.peeked_record()?;
        let fields = splitter.split(&first).len();
        if names.len() > fields {
            return Err(Error::caller("--columns")
                .found(format!("{} names", names.len()))
                .expected(format!("no more than the {fields} fields of the first record of {place}"))
                .advice("check the names, and the delimiter of the file"));
        }
        return Ok(names.clone());
    }
    let Some((record, line)) = blocks.record()? else {
        return Err(Error::input(place).found("an empty file").expected("a header line, and records"));
    };
    let fields = splitter.split(&record);
    let name = |i| String::from_utf8_lossy(fields.get(i)).trim().to_owned();
    let names: Vec<String> = (0..fields.len()).map(name).collect();
    let numeric = |name: &&String| fast_float2::parse::<f64, _>(name.as_str()).is_ok();
    let filled = names.iter().filter(|name| !name.is_empty());
    if filled.clone().next().is_some() && filled.clone().all(|name| numeric(&name)) {
        return Err(Error::input(format!("{place}, line {line}"))
            .found(format!("numbers only ({})", names.join(" ").chars().take(60).collect::<String>()))
            .expected("a header line with the names of the columns")
            .advice("name them with --columns, such as --columns lon,lat"));
    }
    Ok(names)
}

impl Source for Table {
    fn next_part(&mut self) -> Result<Option<Box<dyn Part>>, Error> {
        let Some(block) = self.blocks.next()? else { return Ok(None) };
        let layout = self.layout.clone();
        let intake = Intake::new(&self.query, self.file, &self.name);
        Ok(Some(Box::new(Records { block, layout, intake })))
    }

    fn columns(&self) -> Columns {
        self.columns.clone()
    }

    fn progress(&self) -> f64 {
        self.consumed.share()
    }
}

/// Some whole records of a table.
struct Records {
    block: Block,
    layout: Arc<Layout>,
    intake: Intake,
}

impl Part for Records {
    fn read(self: Box<Self>) -> Result<(Events, Tally), Error> {
        let Records { block, layout, mut intake } = *self;
        intake.reserve(block.lines + 1);
        rows::read(block.bytes(), block.quoted, block.line, &layout, &mut intake)?;
        Ok((intake.events, intake.tally))
    }
}
