//! New cells added to a file of cells: row groups into which none of them falls are copied as they are stored, so that the
//! work is that of the groups they fall into.

use std::sync::mpsc;

use crate::cells::{Cells, Contents};
use crate::error::Error;
use crate::lines::Progress;
use crate::lines::cells::streams::{Run, Stream, Streams, Taking};
use crate::lines::cells::sum::add_up_to_end;
use crate::sink::CellsWriter;
use crate::source::CellsFile;

/// What comes next in the new file.
enum Part {
    /// Cells, for a row group of their own.
    Summed(Box<Cells>),
    /// This row group of the old file.
    Stored(usize),
}

/// Puts the sum of the cells of a file and of streams, whose cells come in order, into another; groups that are summed have
/// at most `rows` rows.
pub(super) fn add(
    fresh: Vec<Stream>,
    before: &CellsFile,
    (writer, rows): (&mut CellsWriter, usize),
    progress: &dyn Progress,
) -> Result<(), Error> {
    let stored = before.stored()?;
    let all = before.rows() + fresh.iter().map(Stream::rows).sum::<u64>();
    let (sender, receiver) = mpsc::sync_channel::<Part>(2);
    std::thread::scope(|scope| {
        let alike = writer.has_columns(stored.schema());
        let mut write = move |part: Part| match part {
            Part::Summed(cells) => writer.put_group(*cells),
            Part::Stored(group) if alike => writer.copy_group(stored.bytes(), stored.columns(group)),
            Part::Stored(group) => writer.put_group(before.group(group)?),
        };
        let written = scope.spawn(move || receiver.into_iter().try_for_each(&mut write));
        let mut done = 0;
        let added = each_part(fresh, before, rows, |part| {
            done += match &part {
                Part::Summed(cells) => cells.len() as u64,
                Part::Stored(group) => before.rows_of(*group),
            };
            progress.done(done as f64 / all.max(1) as f64);
            // Nobody receives where writing failed, which is told below.
            sender.send(part).is_ok()
        });
        drop(sender);
        written.join().expect("writing does not panic")?;
        added
    })
}

/// Tells the parts of the sum in their order, as long as they are wanted. A new cell belongs to the last group that begins
/// before it or with it, and to the first where there is none.
fn each_part(
    fresh: Vec<Stream>,
    before: &CellsFile,
    rows: usize,
    mut then: impl FnMut(Part) -> bool,
) -> Result<(), Error> {
    let kind = (before.provenance.zoom, before.provenance.contents);
    let starts = before.starts()?;
    let old = Stream::of(Run::Stored(before.clone()), Taking::all(kind)).ended();
    let mut streams = Streams::of([old].into_iter().chain(fresh).collect())?;
    let mut next = 0;
    while let Some(first) = streams.order() {
        let here = starts.partition_point(|(_, start)| *start <= first).saturating_sub(1);
        if !starts[next.min(here)..here].iter().all(|(group, _)| then(Part::Stored(*group))) {
            return Ok(());
        }
        if let Some((group, _)) = starts.get(here) {
            streams.go_on_with(0, *group)?;
        }
        streams.end = starts.get(here + 1).map(|(_, start)| *start);
        if !sum_up(&mut streams, kind, rows, &mut then)? {
            return Ok(());
        }
        next = here + 1;
    }
    starts.iter().skip(next).all(|(group, _)| then(Part::Stored(*group)));
    Ok(())
}

/// Adds up what comes before the end of streams, in groups of at most so many rows, and of at least half as many where one
/// is not enough; whether more is wanted.
fn sum_up(
    streams: &mut Streams,
    kind: (u8, Contents),
    rows: usize,
    then: &mut impl FnMut(Part) -> bool,
) -> Result<bool, Error> {
    let (mut waiting, mut wanted) = (Cells::new(kind.0, kind.1), true);
    add_up_to_end(streams, kind, |cells, _| {
        waiting.extend(&cells, 0..cells.len());
        let mut first = 0;
        while wanted && waiting.len() - first > 2 * rows {
            wanted = then(Part::Summed(Box::new(waiting.part(first..first + rows))));
            first += rows;
        }
        if first > 0 {
            waiting = waiting.part(first..waiting.len());
        }
        Ok(wanted)
    })?;
    let groups = waiting.len().div_ceil(rows);
    let cut = |group: usize| waiting.len() * group / groups;
    let part = |group: usize| Part::Summed(Box::new(waiting.part(cut(group)..cut(group + 1))));
    Ok(wanted && (0..groups).all(|group| then(part(group))))
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::ChunkReader;
    use proptest::prelude::*;

    use super::*;
    use crate::cells::Cell;
    use crate::lines::cells::streams::Order;
    use crate::lines::cells::sum::pour;
    use crate::lines::cells::{Gathered, Memory, stored};

    const ZOOM: u8 = 20;
    /// Rows of a group here: some more than are taken together.
    const ROWS: usize = 24;
    const PARTED: Contents = Contents { weight: true, value: true, step: Some(100), subject: true };

    /// A cell by its column, row, interval and subject, which has so many events.
    type Drawn = (u32, u32, i64, u64, i64);

    fn cells((zoom, contents): (u8, Contents), drawn: &[Drawn]) -> Cells {
        let step = contents.step.unwrap_or(0);
        let of = |on: bool, number: i128| if on { number } else { 0 };
        let cell = |&(x, y, time, subject, count): &Drawn| Cell {
            x,
            y,
            time: time * step,
            subject: if contents.subject { subject } else { 0 },
            count,
            dx: count,
            dy: 2 * count,
            weight: of(contents.weight, 7),
            value: of(contents.value, -3),
            ..Cell::default()
        };
        let mut all: Vec<Cell> = drawn.iter().map(cell).collect();
        all.sort_by_key(Cell::order);
        Cells::summed(zoom, contents, all)
    }

    /// A file of cells in groups of these sizes, again and again.
    fn file(cells: &Cells, sizes: &[usize]) -> CellsFile {
        let mut sizes = sizes.iter().cycle();
        let file = stored(&std::env::temp_dir(), (cells.zoom, cells.contents), |writer| {
            let mut first = 0;
            while first < cells.len() {
                let end = cells.len().min(first + sizes.next().expect("a size"));
                writer.put_group(cells.part(first..end))?;
                first = end;
            }
            Ok(())
        });
        file.expect("a file")
    }

    fn read(file: &CellsFile) -> Cells {
        let groups: Vec<Cells> = (0..file.groups()).map(|group| file.group(group).expect("a group")).collect();
        Cells::summed(file.provenance.zoom, file.provenance.contents, groups.iter().flat_map(Cells::iter))
    }

    fn stream(file: CellsFile) -> Stream {
        let kind = (file.provenance.zoom, file.provenance.contents);
        Stream::of(Run::Stored(file), Taking::all(kind))
    }

    fn updated(before: &CellsFile, fresh: Vec<Stream>) -> CellsFile {
        let kind = (before.provenance.zoom, before.provenance.contents);
        let sum = stored(&std::env::temp_dir(), kind, |writer| add(fresh, before, (writer, ROWS), &()));
        sum.expect("a sum")
    }

    /// The bytes of the columns of each group.
    fn bytes(file: &CellsFile) -> Vec<Vec<u8>> {
        let stored = file.stored().expect("groups");
        let of_group = |group: usize| {
            let columns = stored.columns(group).into_iter().flat_map(|column| {
                assert!(column.column_index.is_some() && column.offset_index.is_some(), "pages are told");
                let (first, length) = column.metadata.byte_range();
                stored.bytes().get_bytes(first, length as usize).expect("bytes").to_vec()
            });
            columns.collect()
        };
        (0..file.groups()).map(of_group).collect()
    }

    /// Which groups no cell falls into.
    fn untouched(file: &CellsFile, fresh: &Cells) -> Vec<usize> {
        let starts = file.starts().expect("starts");
        let here = |order: Order| starts.iter().rposition(|(_, start)| *start <= order).unwrap_or(0);
        let touched: Vec<usize> = fresh.iter().map(|cell| here(cell.order())).collect();
        (0..file.groups()).filter(|group| !touched.contains(group)).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn the_sum_is_that_of_all_cells_and_groups_without_new_ones_are_the_same_bytes(
            old in prop::collection::vec((0u32..40, 0u32..40, 0i64..3, 0u64..3, 1i64..4), 0..900),
            new in prop::collection::vec((0u32..48, 0u32..48, 0i64..3, 0u64..3, 1i64..4), 0..12),
            many in 0usize..60,
            sizes in prop::collection::vec(1usize..80, 1..6),
        ) {
            for contents in [Contents::default(), PARTED] {
                // Some lie close together, of which some make a group larger than it may be.
                let close = (0..many as u32).map(|i| (20 + i % 4, 20 + i / 4, 1, 1, 1));
                let new: Vec<Drawn> = new.iter().copied().chain(close).collect();
                let (old, new) = (cells((ZOOM, contents), &old), cells((ZOOM, contents), &new));
                let before = file(&old, &sizes);
                let halves = [0, 1].map(|half| {
                    let cells = new.iter().enumerate().filter(|(i, _)| i % 2 == half).map(|(_, cell)| cell);
                    stream(file(&Cells::summed(ZOOM, contents, cells), &[5]))
                });
                let sum = updated(&before, halves.into());
                prop_assert!(read(&sum) == old.plus(&new));
                let (was, is) = (bytes(&before), bytes(&sum));
                let same = untouched(&before, &new);
                prop_assert!(same.iter().all(|group| is.contains(&was[*group])));
                let few = |group: usize| sum.rows_of(group) as usize <= ROWS || was.contains(&is[group]);
                prop_assert!((0..sum.groups()).all(few));
            }
        }

        #[test]
        fn cells_that_are_folded_fall_into_their_groups(
            old in prop::collection::vec((0u32..4, 0u32..4, 0i64..9, 0u64..1, 1i64..4), 1..90),
            new in prop::collection::vec((0u32..16, 0u32..16, 0i64..18, 0u64..5, 1i64..4), 1..90),
        ) {
            let kind = (ZOOM, Contents { subject: false, ..PARTED });
            let (old, taking) = (cells(kind, &old), Taking::all(kind));
            let deep = file(&cells((ZOOM + 2, Contents { step: Some(50), ..PARTED }), &new), &[7]);
            let folder = std::env::temp_dir();
            let folded = || vec![Stream::of(Run::Stored(deep.clone()), taking)];
            let fresh = stored(&folder, kind, |writer| pour(folded(), kind, writer, &()).map(|_| ())).expect("a file");
            let runs = vec![Run::Stored(deep.clone())];
            let gathered = Gathered { kind, runs, taking, events: 0, notes: Vec::new() };
            let before = file(&old, &[5]);
            let sum = stored(&folder, kind, |to| gathered.pour_with(&before, to, &Memory::default(), &()));
            prop_assert!(read(&sum.expect("a sum")) == old.plus(&read(&fresh)));
        }
    }

    #[test]
    fn groups_stay_few_however_often_cells_are_added() {
        let kind = (ZOOM, Contents::default());
        let drawn = |i: u32| (i * 7919 % 512, i * 104_729 % 512, 0, 0, 1);
        let mut all = cells(kind, &(0..480).map(drawn).collect::<Vec<_>>());
        let mut sum = file(&all, &[ROWS]);
        for round in 0..80u32 {
            let new = cells(kind, &(0..4).map(|i| drawn(480 + 4 * round + i)).collect::<Vec<_>>());
            all = all.plus(&new);
            sum = updated(&sum, vec![stream(file(&new, &[ROWS]))]);
        }
        assert!(read(&sum) == all);
        let most = all.len() / (ROWS / 2);
        assert!(sum.groups() <= most, "{} groups, at most {most}", sum.groups());
    }
}
