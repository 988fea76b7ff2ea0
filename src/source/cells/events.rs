//! Cells as the events they stand for: each cell is as many events, all at the mean place of those it gathered, each with
//! the mean weight and reading of them.

use std::sync::Arc;

use super::CellsFile;
use crate::cells::{Cell, Cells};
use crate::error::Error;
use crate::events::{Events, Space};
use crate::source::{Columns, Input, Part, Place, Query, Reason, Source, Tally};
use crate::world::World;

/// Events of a part.
const EVENTS: u64 = 1 << 20;

/// Opens a file of cells as a source of events.
///
/// # Errors
/// When the query asks for what cells do not hold.
pub(in crate::source) fn open(file: CellsFile, input: &Input, query: &Query) -> Result<Box<dyn Source>, Error> {
    check(&file, query)?;
    let wanted = Wanted {
        file: input.number,
        weight: query.weight.is_some(),
        value: query.value.is_some(),
        subject: query.subject.is_some(),
        timed: query.needs_time() || query.time.is_some(),
        after: query.after,
        before: query.before,
        span: query.span && file.provenance.contents.step.is_some(),
    };
    Ok(Box::new(CellsSource { file, wanted, group: 0, cells: Arc::default(), at: (0, 0), rows: 0 }))
}

/// Refuses what is not in the cells of a file.
fn check(file: &CellsFile, query: &Query) -> Result<(), Error> {
    let has = &file.provenance;
    let refused = |option: &str, found: &str, expected: String| {
        Err(Error::caller(option)
            .found(format!("{found} for {}, which holds cells", file.name()))
            .expected(expected)
            .advice("read the events themselves, or make the cells with it"))
    };
    if query.space != Space::Earth || query.crs.is_some() {
        return refused("--flat, --crs", "another space", "cells on the Earth".into());
    }
    if query.filter.is_some() {
        return refused("--where", "a condition on records", "sums of events, which have no columns to look at".into());
    }
    if query.x.is_some() || query.y.is_some() {
        return refused("--lon, --lat", "a column of positions", "none: cells know their places".into());
    }
    let column = |column: &Option<String>| column.clone().unwrap_or_else(|| "none".into());
    if query.weight.is_some() && query.weight != has.weight {
        return refused("--weight", &column(&query.weight), column(&has.weight));
    }
    if query.value.is_some() && query.value != has.value {
        return refused("--value", &column(&query.value), column(&has.value));
    }
    if query.subject.is_some() && query.subject != has.subject {
        return refused("--distinct", &column(&query.subject), column(&has.subject));
    }
    if let (Some(_), None, Some(weight)) = (&query.value, &query.weight, &has.weight) {
        return refused("--value", "readings without weights", format!("--weight {weight}, by which they are weighed"));
    }
    if (query.needs_time() || query.time.is_some()) && has.contents.step.is_none() {
        return refused(query.timed.unwrap_or("--after, --before"), "times", "cells with --time-bucket".into());
    }
    Ok(())
}

/// What is wanted of each cell.
#[expect(clippy::struct_excessive_bools, reason = "each is a column that is wanted or not")]
#[derive(Debug, Clone, Copy)]
struct Wanted {
    /// The number of the file in the run.
    file: usize,
    weight: bool,
    value: bool,
    subject: bool,
    timed: bool,
    after: Option<i64>,
    before: Option<i64>,
    span: bool,
}

struct CellsSource {
    file: CellsFile,
    wanted: Wanted,
    /// The next group to read.
    group: usize,
    /// The group in work.
    cells: Arc<Cells>,
    /// The next cell of it, and how many of its events were handed out.
    at: (usize, u64),
    /// Rows of groups before the one in work.
    rows: u64,
}

impl Source for CellsSource {
    fn next_part(&mut self) -> Result<Option<Box<dyn Part>>, Error> {
        while self.at.0 >= self.cells.len() {
            if self.group >= self.file.groups() {
                return Ok(None);
            }
            self.rows += self.cells.len() as u64;
            self.cells = Arc::new(self.file.group(self.group)?);
            (self.group, self.at) = (self.group + 1, (0, 0));
        }
        let (from, mut room) = (self.at, EVENTS);
        while room > 0 && self.at.0 < self.cells.len() {
            let left = self.cells.count[self.at.0].unsigned_abs() - self.at.1;
            let taken = left.min(room);
            room -= taken;
            self.at = if taken == left { (self.at.0 + 1, 0) } else { (self.at.0, self.at.1 + taken) };
        }
        let (cells, wanted, first) = (self.cells.clone(), self.wanted, self.rows + 1);
        Ok(Some(Box::new(CellsPart { cells, wanted, first, from, events: EVENTS - room })))
    }

    fn columns(&self) -> Columns {
        let has = &self.file.provenance;
        let names = [&has.weight, &has.value, &has.subject].into_iter().flatten().cloned().collect();
        Columns {
            format: format!("cells of zoom {}", has.zoom),
            names,
            position: vec!["x".into(), "y".into()],
            time: has.contents.step.map(|_| "time".into()),
            weights: has.weight.iter().cloned().collect(),
            ..Columns::default()
        }
    }

    fn progress(&self) -> f64 {
        let rows = self.file.rows();
        if rows == 0 { 1.0 } else { (self.rows + self.at.0 as u64) as f64 / rows as f64 }
    }
}

/// Some events of the cells of a group.
struct CellsPart {
    cells: Arc<Cells>,
    wanted: Wanted,
    /// The row of the first cell of the group in the file, counted from 1.
    first: u64,
    from: (usize, u64),
    events: u64,
}

impl Part for CellsPart {
    fn read(self: Box<Self>) -> Result<(Events, Tally), Error> {
        let Wanted { weight, value, subject, timed, .. } = self.wanted;
        let mut events = Events {
            weight: weight.then(Vec::new),
            value: value.then(Vec::new),
            time: timed.then(Vec::new),
            subject: subject.then(Vec::new),
            ..Events::new(Space::Earth)
        };
        let mut tally = Tally { records: self.events, ..Tally::default() };
        let (mut row, mut skipped, mut left) = (self.from.0, self.from.1, self.events);
        while left > 0 {
            let cell = self.cells.cell(row);
            let copies = (cell.count.unsigned_abs() - skipped).min(left);
            if self.wanted.takes(&cell) {
                self.take(&cell, copies as usize, &mut events, &mut tally);
            } else {
                let place = Place { file: self.wanted.file, line: self.first + row as u64 };
                (0..copies).for_each(|_| tally.skip(Reason::FilteredOut, place.clone()));
            }
            (row, skipped, left) = (row + 1, 0, left - copies);
        }
        Ok((events, tally))
    }
}

impl CellsPart {
    fn take(&self, cell: &Cell, copies: usize, events: &mut Events, tally: &mut Tally) {
        fn add<T: Copy>(column: &mut Vec<T>, copies: usize, value: T) {
            column.extend(std::iter::repeat_n(value, copies));
        }
        let World { x, y } = cell.mean_place(self.cells.zoom, self.wanted.weight);
        let (lng, lat) = World { x, y }.coordinates(Space::Earth);
        add(&mut events.x, copies, lng);
        add(&mut events.y, copies, lat);
        events.weight.iter_mut().for_each(|column| add(column, copies, cell.mean_weight()));
        let value = cell.mean_value(self.cells.contents);
        events.value.iter_mut().for_each(|column| add(column, copies, value));
        events.time.iter_mut().for_each(|column| add(column, copies, cell.time));
        events.subject.iter_mut().for_each(|column| add(column, copies, cell.subject));
        if self.wanted.span {
            tally.span_to(Some(cell.time));
        }
    }
}

impl Wanted {
    fn takes(&self, cell: &Cell) -> bool {
        self.after.is_none_or(|after| cell.time >= after) && self.before.is_none_or(|before| cell.time < before)
    }
}
