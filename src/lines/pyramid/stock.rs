//! The cells that a pyramid is drawn from, by the blocks they lie in: in memory, or where they are too many in a file of
//! which a part is held.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use crate::accumulate::Sorted;
use crate::cells::{Cell, Cells, Contents, FINEST, middle};
use crate::counts::fixed;
use crate::error::Error;
use crate::frame::Extent;
use crate::lines::cells::{Gathered, Memory, Run, folded, stored_at};
use crate::lines::pyramid::groups::Groups;
use crate::lines::pyramid::ladder::beside;
use crate::placed::Placed;
use crate::world::World;

/// Bytes of a place with its number of events, its weight and its reading.
pub(super) fn place_bytes(contents: Contents) -> usize {
    16 + 8 * (usize::from(contents.weight) + usize::from(contents.value))
}

/// Cells of a block, or some of them.
#[derive(Debug, Clone)]
pub struct Piece {
    /// The cells they are among.
    pub cells: Arc<Placed>,
    /// Which of them they are.
    pub rows: Range<usize>,
}

/// The cells of one block or a part of it, and the least extent that holds the places of their events.
#[derive(Debug, Clone)]
pub(super) struct Lot {
    /// Where its cells are.
    pub held: Held,
    /// The least extent that holds their places.
    pub extent: Extent,
    /// Summed absolute weights, in fixed point.
    pub weight: i128,
    /// How many they are.
    pub events: u64,
}

#[derive(Debug, Clone)]
pub(super) enum Held {
    /// In memory.
    Here(Arc<Placed>),
    /// Rows of the file.
    There(Range<u64>),
}

/// Lots by their tile, in the order of quadkeys.
pub(super) type Lots = Vec<((u32, u32), Lot)>;

/// What a tile holds.
#[derive(Debug, Clone)]
enum Lying {
    /// A lot.
    Ready(Lot),
    /// A lot that is put together when it is asked for, because events came to it.
    Later(Arc<Later>),
}

/// A lot of the events of all runs, and of rows of the file.
#[derive(Debug)]
struct Later {
    /// Rows of the file that belong to it.
    rows: Option<Range<u64>>,
    made: OnceLock<Lot>,
}

/// All events, in runs.
pub type Runs = Arc<[Arc<Sorted>]>;

/// Some of the events of a run.
type Part<'a> = (&'a Sorted, Range<usize>);

/// Cells by the tile of one zoom that holds them.
#[derive(Debug, Clone)]
pub struct Stock {
    /// The zoom of its cells, and what they hold.
    kind: (u8, Contents),
    /// The zoom of blocks.
    block: u8,
    /// The zoom of lots, perhaps deeper.
    zoom: u8,
    of: Arc<HashMap<(u32, u32), Lying>>,
    file: Option<Arc<Groups>>,
    /// All events, but for those of the file, once some came later.
    runs: Runs,
    /// How many events there are.
    pub events: u64,
    /// The mean weight of an event, whatever its sign; 1 where events are merely counted.
    pub typical_weight: f64,
}

impl Stock {
    /// What was gathered, and settled, as cells of a zoom that is not deeper, by the tiles of another. One that is to take
    /// more events later (`grows`) leaves the cells of a file there, where they are exact.
    ///
    /// # Errors
    /// What reading and writing files of cells meets.
    pub fn of(gathered: &Gathered, (cells, zoom): (u8, u8), memory: &Memory, grows: bool) -> Result<Stock, Error> {
        let kind = (cells, gathered.kind.1);
        let [Run::Stored(file)] = &gathered.runs[..] else {
            let held: Vec<&Sorted> = gathered.runs.iter().filter_map(Run::held).collect();
            let lots = lots_zoom(&held, zoom);
            return Ok(Stock::of_lots(kind, (zoom, lots), sorted(&held, cells, lots), None));
        };
        let as_it_is = file.provenance.zoom == cells && file.provenance.contents == kind.1;
        if !grows && file.rows().saturating_mul(place_bytes(kind.1) as u64) < memory.bytes as u64 / 4 {
            let mut all = Vec::new();
            if as_it_is {
                let of_group = |group: usize| Ok(lots(file.group(group)?.iter(), zoom, kind));
                let groups = (0..file.groups()).into_par_iter().map(of_group).collect::<Result<Vec<_>, Error>>()?;
                for lots in groups {
                    append(&mut all, lots);
                }
            } else {
                folded(file, kind, |cells| append(&mut all, lots(cells.iter(), zoom, kind)))?;
            }
            return Ok(Stock::of_lots(kind, (zoom, zoom), all, None));
        }
        let file = if as_it_is { file.clone() } else { stored_at(file, kind, memory)? };
        let groups = Groups::new(file, kind.1, memory.bytes / 8);
        Ok(Stock::of_lots(kind, (zoom, zoom), groups.lots(zoom)?, Some(groups)))
    }

    fn of_lots(kind: (u8, Contents), (block, zoom): (u8, u8), lots: Lots, file: Option<Groups>) -> Stock {
        let sums = lots.iter().fold((0, 0), |(events, weight), (_, lot)| (events + lot.events, weight + lot.weight));
        let typical_weight = sums.1 as f64 / fixed(1.0) as f64 / sums.0.max(1) as f64;
        let of = lots.into_iter().map(|(tile, lot)| (tile, Lying::Ready(lot))).collect();
        let (file, runs) = (file.map(Arc::new), Arc::new([]));
        Stock { kind, block, zoom, of: Arc::new(of), file, runs, events: sums.0, typical_weight }
    }

    /// The same with more events, which are the last of all runs. What their tiles hold is put together when it is asked
    /// for, to the cells that all events together would have given at once.
    pub fn with(&self, more: &Sorted, runs: &Runs) -> Stock {
        let mut of = (*self.of).clone();
        for (tile, _) in more.tiles(self.zoom) {
            let rows = match of.get(&tile) {
                Some(Lying::Ready(Lot { held: Held::There(rows), .. })) => Some(rows.clone()),
                Some(Lying::Later(later)) => later.rows.clone(),
                Some(Lying::Ready(_)) | None => None,
            };
            let later = Later { rows, made: OnceLock::new() };
            of.insert(tile, Lying::Later(Arc::new(later)));
        }
        let events = self.events + more.len() as u64;
        Stock { of: Arc::new(of), runs: runs.clone(), events, ..self.clone() }
    }

    /// What a tile holds.
    fn lot(&self, tile: (u32, u32)) -> Result<Option<&Lot>, Error> {
        let later = match self.of.get(&tile) {
            None => return Ok(None),
            Some(Lying::Ready(lot)) => return Ok(Some(lot)),
            Some(Lying::Later(later)) => later,
        };
        if later.made.get().is_none() {
            // Another thread may be as quick, and makes the same.
            _ = later.made.set(Lot::here(self.put_together(tile, later)?));
        }
        Ok(later.made.get())
    }

    fn put_together(&self, tile: (u32, u32), later: &Later) -> Result<Placed, Error> {
        let (zoom, contents) = self.kind;
        let parts: Vec<Part<'_>> = self.runs.iter().map(|run| (&**run, run.within(self.zoom, tile))).collect();
        let events = Sorted::joined(&parts, zoom);
        let (Some(rows), Some(file)) = (&later.rows, &self.file) else { return Ok(events.placed()) };
        let mut placed = Placed::default();
        let all = file.cells(rows)?.plus(&Cells::summed(zoom, contents, events));
        all.iter().for_each(|cell| placed.push(&cell, zoom, contents));
        Ok(placed)
    }

    /// The blocks that hold cells and those beside them, so that each comes after those of the same parent before it: in
    /// the order of their quadkeys.
    pub fn blocks(&self) -> Vec<(u32, u32)> {
        let above = self.zoom - self.block;
        beside(self.block, self.of.keys().map(|(x, y)| (x >> above, y >> above)))
    }

    /// The cells that may lie in an extent, which may reach beyond either end of the world; with the least extent that
    /// holds those of them that do, in the copy of the world that is in reach.
    ///
    /// # Errors
    /// When the file of cells cannot be read.
    pub fn within(&self, extent: &Extent) -> Result<(Vec<Piece>, Option<Extent>), Error> {
        let (mut near, mut holds) = (Vec::new(), None::<Extent>);
        let mut seen = HashSet::new();
        for (tile, copy) in self.places(extent) {
            let Some(lot) = self.lot(tile)? else { continue };
            let (west, east) = (lot.extent.west + copy, lot.extent.east + copy);
            if let Some(inside) = (Extent { west, east, ..lot.extent }).common(extent) {
                holds = Some(holds.map_or(inside, |all| all.cover(&inside)));
                // An accumulator visits all copies of the world by itself.
                if seen.insert(tile) {
                    near.extend(self.pieces(lot)?);
                }
            }
        }
        Ok((near, holds))
    }

    /// How many events there are in the cells near an extent whose mean places are wanted.
    ///
    /// # Errors
    /// When the file of cells cannot be read.
    pub fn events_where(&self, near: &Extent, wanted: impl Fn(World) -> bool) -> Result<u64, Error> {
        let (pieces, _) = self.within(near)?;
        let of_piece = |Piece { cells, rows }: &Piece| -> f64 {
            let place =
                |row: &usize| World { x: middle(f64::from(cells.x[*row])), y: middle(f64::from(cells.y[*row])) };
            rows.clone().filter(|row| wanted(place(row))).map(|row| cells.count[row]).sum()
        };
        Ok(pieces.iter().map(of_piece).sum::<f64>() as u64)
    }

    fn pieces(&self, lot: &Lot) -> Result<Vec<Piece>, Error> {
        match (&lot.held, &self.file) {
            (Held::Here(cells), _) => Ok(vec![Piece { cells: cells.clone(), rows: 0..cells.len() }]),
            (Held::There(rows), Some(file)) => file.pieces(rows),
            (Held::There(_), None) => unreachable!("rows of a file that there is"),
        }
    }

    /// The tiles in an extent that may hold cells, and the copies of the world that they lie in: those there are, or
    /// where the extent has more, those that hold some.
    fn places(&self, extent: &Extent) -> Vec<((u32, u32), f64)> {
        let side = f64::from(self.zoom).exp2();
        let tiles = |from: f64, to: f64| ((from * side).floor() as i64)..=((to * side).floor() as i64);
        let (columns, rows) = (tiles(extent.west, extent.east), tiles(extent.north.max(0.0), extent.south));
        let side = side as i64;
        let copies = columns.start().div_euclid(side)..=columns.end().div_euclid(side);
        let (across, down) = (columns.end() - columns.start() + 1, rows.end() - rows.start() + 1);
        if across.saturating_mul(down) > self.of.len() as i64 {
            let of_copy = |copy: i64| self.of.keys().map(move |tile| (*tile, copy as f64));
            return copies.flat_map(of_copy).collect();
        }
        let place = |x: i64, y: i64| ((x.rem_euclid(side) as u32, y as u32), x.div_euclid(side) as f64);
        rows.flat_map(|y| columns.clone().map(move |x| place(x, y))).collect()
    }
}

/// Zooms that lots may be deeper than blocks.
const DEEPER: u8 = 3;

/// Events that make a lot of its own worth while.
const WORTH_A_LOT: usize = 4096;

/// The zoom of lots, from that of blocks on: deep enough for several threads and for the surroundings of few cells, where
/// there are events enough.
fn lots_zoom(runs: &[&Sorted], block: u8) -> u8 {
    let events: usize = runs.iter().map(|run| run.len()).sum();
    let tiles = |zoom: u8| runs.iter().map(|run| run.tiles(zoom).len()).sum::<usize>();
    let deepest = (block + DEEPER).min(FINEST);
    (block + 1..=deepest).take_while(|zoom| tiles(*zoom) * WORTH_A_LOT <= events).last().unwrap_or(block)
}

/// The lots of events that are all in memory, tile by tile in parallel.
fn sorted(runs: &[&Sorted], cells: u8, zoom: u8) -> Lots {
    let mut tiles: BTreeMap<(u32, u32), Vec<Part<'_>>> = BTreeMap::new();
    for run in runs {
        for (tile, range) in run.tiles(zoom) {
            tiles.entry(tile).or_default().push((run, range));
        }
    }
    let tiles: Vec<_> = tiles.into_iter().collect();
    let lot = |(tile, parts): &((u32, u32), Vec<Part<'_>>)| (*tile, Lot::here(Sorted::joined(parts, cells).placed()));
    tiles.par_iter().map(lot).collect()
}

/// The lots of cells that come in their order.
pub(super) fn lots(cells: impl Iterator<Item = Cell>, zoom: u8, kind: (u8, Contents)) -> Lots {
    let (mut all, mut here, mut placed) = (Vec::new(), None, Placed::default());
    for cell in cells {
        let tile = tile_of(&cell, zoom, kind.0);
        if let Some(done) = here.replace(tile).filter(|here| *here != tile) {
            all.push((done, Lot::here(std::mem::take(&mut placed))));
        }
        placed.push(&cell, kind.0, kind.1);
    }
    all.extend(here.map(|tile| (tile, Lot::here(placed))));
    all
}

/// Adds lots that come after those before: the first may be of the same tile as the last.
pub(super) fn append(all: &mut Lots, more: Lots) {
    for (tile, lot) in more {
        match all.last_mut().filter(|(last, _)| *last == tile) {
            Some((_, last)) => last.join(lot),
            None => all.push((tile, lot)),
        }
    }
}

/// The tile of a zoom that holds a cell of a deeper one.
fn tile_of(cell: &Cell, zoom: u8, of: u8) -> (u32, u32) {
    // A cell is a tile 8 zooms below that of 256 cells; the shift may be all bits.
    let below = u32::from(of + 8 - zoom);
    let up = |at: u32| at.checked_shr(below).unwrap_or(0);
    (up(cell.x), up(cell.y))
}

impl Lot {
    fn here(cells: Placed) -> Lot {
        let range = |of: &[u32]| {
            let (least, most) = of.iter().fold((u32::MAX, 0), |(least, most), at| (least.min(*at), most.max(*at)));
            (middle(f64::from(least)), middle(f64::from(most)))
        };
        let ((west, east), (north, south)) = (range(&cells.x), range(&cells.y));
        let weights = if cells.weight.is_empty() { &cells.count } else { &cells.weight };
        let weight = weights.iter().map(|weight| fixed(weight.abs())).sum();
        let events = cells.count.iter().map(|count| *count as u64).sum();
        Lot { held: Held::Here(Arc::new(cells)), extent: Extent { west, north, east, south }, weight, events }
    }

    /// Adds the cells of another that come after these.
    fn join(&mut self, more: Lot) {
        self.extent = self.extent.cover(&more.extent);
        self.weight += more.weight;
        self.events += more.events;
        match (&mut self.held, more.held) {
            (Held::Here(cells), Held::Here(more)) => Arc::make_mut(cells).extend(&more),
            (Held::There(rows), Held::There(more)) => rows.end = more.end,
            _ => unreachable!("lots of one stock are all here or all there"),
        }
    }
}
