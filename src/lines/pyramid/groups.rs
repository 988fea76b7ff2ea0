//! The row groups of a file of cells, of which the last used are held.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use crate::cells::{Cells, Contents};
use crate::error::Error;
use crate::lines::pyramid::stock::{Held, Lot, Lots, Piece, append, lots, place_bytes};
use crate::placed::Placed;
use crate::source::CellsFile;

/// The row groups of a file of cells, of which the last used are held.
#[derive(Debug)]
pub struct Groups {
    file: CellsFile,
    contents: Contents,
    /// The first row of each group, and the end.
    starts: Vec<u64>,
    /// How many groups are held.
    most: usize,
    held: Mutex<Lately>,
}

/// What was used lately, and when.
#[derive(Debug, Default)]
struct Lately {
    clock: u64,
    groups: HashMap<usize, (u64, Arc<Placed>)>,
}

impl Groups {
    /// Those of a file, of which so many bytes are held.
    pub fn new(file: CellsFile, contents: Contents, bytes: usize) -> Groups {
        let mut starts = vec![0];
        for group in 0..file.groups() {
            starts.push(starts[group] + file.rows_of(group));
        }
        let each = place_bytes(contents);
        let largest = (0..file.groups()).map(|group| file.rows_of(group)).max().unwrap_or(1);
        let most = (bytes as u64 / (each as u64 * largest.max(1))).max(16) as usize;
        Groups { file, contents, starts, most, held: Mutex::default() }
    }

    /// What lies in the tiles of a zoom, by looking at every cell once.
    pub fn lots(&self, zoom: u8) -> Result<Lots, Error> {
        let of_group = |group: usize| {
            let cells = self.file.group(group)?;
            let mut row = self.starts[group];
            let there = |(tile, lot): ((u32, u32), Lot)| {
                let Held::Here(cells) = &lot.held else { unreachable!("lots that were just made") };
                let rows = row..row + cells.len() as u64;
                row = rows.end;
                (tile, Lot { held: Held::There(rows), ..lot })
            };
            let lots = lots(cells.iter(), zoom, (cells.zoom, self.contents));
            Ok(lots.into_iter().map(there).collect::<Vec<_>>())
        };
        let groups = (0..self.file.groups()).into_par_iter().map(of_group).collect::<Result<Vec<_>, Error>>()?;
        let mut all = Vec::new();
        for lots in groups {
            append(&mut all, lots);
        }
        Ok(all)
    }

    /// Some rows, as the places they stand for.
    pub fn pieces(&self, rows: &Range<u64>) -> Result<Vec<Piece>, Error> {
        self.parts(rows).map(|(group, rows)| Ok(Piece { cells: self.group(group)?, rows })).collect()
    }

    /// Some rows, as they are.
    pub fn cells(&self, rows: &Range<u64>) -> Result<Cells, Error> {
        let mut all = Cells::new(self.file.provenance.zoom, self.contents);
        for (group, rows) in self.parts(rows) {
            all.extend(&self.file.group(group)?, rows);
        }
        Ok(all)
    }

    /// The groups that hold some rows, and which of each they are.
    fn parts(&self, rows: &Range<u64>) -> impl Iterator<Item = (usize, Range<usize>)> {
        let (from, to) = (rows.start, rows.end);
        let first = self.starts.partition_point(|start| *start <= from) - 1;
        let groups = (first..self.file.groups()).take_while(move |group| self.starts[*group] < to);
        groups.map(move |group| {
            let (start, end) = (self.starts[group], self.starts[group + 1]);
            (group, (from.max(start) - start) as usize..(to.min(end) - start) as usize)
        })
    }

    fn group(&self, group: usize) -> Result<Arc<Placed>, Error> {
        let lately = || self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cells) = lately().get(group) {
            return Ok(cells);
        }
        let read = self.file.group(group)?;
        let mut cells = Placed::default();
        read.iter().for_each(|cell| cells.push(&cell, read.zoom, self.contents));
        let cells = Arc::new(cells);
        lately().put(group, cells.clone(), self.most);
        Ok(cells)
    }
}

impl Lately {
    fn get(&mut self, group: usize) -> Option<Arc<Placed>> {
        self.clock += 1;
        let (used, cells) = self.groups.get_mut(&group)?;
        *used = self.clock;
        Some(cells.clone())
    }

    fn put(&mut self, group: usize, cells: Arc<Placed>, most: usize) {
        if self.groups.len() >= most {
            let oldest = self.groups.iter().min_by_key(|(_, (used, _))| *used).map(|(group, _)| *group);
            oldest.map(|oldest| self.groups.remove(&oldest));
        }
        self.clock += 1;
        self.groups.insert(group, (self.clock, cells));
    }
}
