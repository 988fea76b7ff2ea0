//! Sorted cells added up, from memory and from files, whatever their number.

use std::sync::mpsc;

use crate::cells::{Cell, Cells, Contents};
use crate::error::Error;
use crate::lines::Progress;
use crate::lines::cells::streams::{Stream, Streams};
use crate::sink::CellsWriter;

/// Cells that are handed on together: a row group of the file.
const CHUNK: usize = 1 << 16;

/// Rows of one place that are added up, by interval and subject, before more of them are gathered.
const GATHERED: usize = 1 << 12;

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    /// Rows: cells, in each interval of time, of each subject.
    pub rows: u64,
    /// Events in them.
    pub events: i64,
}

/// Adds streams up into a file, which another thread writes.
pub(super) fn pour(
    streams: Vec<Stream>,
    kind: (u8, Contents),
    writer: &mut CellsWriter,
    progress: &dyn Progress,
) -> Result<Sum, Error> {
    let rows: u64 = streams.iter().map(Stream::rows).sum();
    let (sender, receiver) = mpsc::sync_channel::<Cells>(2);
    std::thread::scope(|scope| {
        let written = scope.spawn(move || receiver.into_iter().try_for_each(|cells| writer.put(cells)));
        let mut sum = Sum::default();
        let added = add_up(streams, kind, |cells, read| {
            sum.rows += cells.len() as u64;
            sum.events += cells.count.iter().sum::<i64>();
            progress.done(read as f64 / rows.max(1) as f64);
            // Nobody receives where writing failed, which is told below.
            Ok(sender.send(cells).is_ok())
        });
        drop(sender);
        written.join().expect("writing does not panic")?;
        added.map(|()| sum)
    })
}

/// Adds streams up and hands the sum on in chunks, each with the number of rows read so far, until it is not wanted any
/// more.
pub(super) fn add_up(
    streams: Vec<Stream>,
    kind: (u8, Contents),
    then: impl FnMut(Cells, u64) -> Result<bool, Error>,
) -> Result<(), Error> {
    add_up_to_end(&mut Streams::of(streams)?, kind, then)
}

/// The same as far as the end of the streams.
pub(super) fn add_up_to_end(
    streams: &mut Streams,
    (zoom, contents): (u8, Contents),
    mut then: impl FnMut(Cells, u64) -> Result<bool, Error>,
) -> Result<(), Error> {
    let (mut chunk, mut same, mut room) = (Cells::new(zoom, contents), Vec::new(), GATHERED);
    while let Some((key, i)) = streams.first() {
        if !same.is_empty() || !streams.take_ahead(i, &mut chunk)? {
            same.extend(streams.take(i)?);
            if same.len() >= room {
                unite(&mut same);
                room = GATHERED.max(2 * same.len());
            }
            if streams.first().is_some_and(|(following, _)| following == key) {
                continue;
            }
            unite(&mut same);
            room = GATHERED;
            same.drain(..).try_for_each(|cell| settle(&cell, &mut chunk))?;
        }
        if chunk.len() >= CHUNK && !hand_on(&mut chunk, streams.read, &mut then)? {
            return Ok(());
        }
    }
    then(chunk, streams.read).map(|_| ())
}

/// Hands a full chunk on, and begins an empty one; whether more is wanted.
fn hand_on(
    chunk: &mut Cells,
    read: u64,
    then: &mut impl FnMut(Cells, u64) -> Result<bool, Error>,
) -> Result<bool, Error> {
    let empty = Cells::new(chunk.zoom, chunk.contents);
    then(std::mem::replace(chunk, empty), read)
}

/// Adds up what there is for one place, by interval and subject, and puts it in order.
fn unite(same: &mut Vec<Cell>) {
    same.sort_by_key(|cell| (cell.time, cell.subject));
    same.dedup_by(|more, sum| {
        let is_same = more.is_same(sum);
        if is_same {
            sum.add(more);
        }
        is_same
    });
}

fn settle(cell: &Cell, chunk: &mut Cells) -> Result<(), Error> {
    if cell.count > 0 || cell.is_nothing() {
        chunk.push(cell);
        return Ok(());
    }
    Err(Error::input(format!("cell {}, {} at zoom {}", cell.x, cell.y, chunk.zoom))
        .found(format!("{} events after others were taken away", cell.count))
        .expected("that only events are taken away that are there")
        .advice("take away what was once added, and only once"))
}
