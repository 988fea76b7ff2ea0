//! Reading a whole input through its door, for the tests of the doors.
#![allow(dead_code, reason = "each test file uses its share")]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use torrid::source::{Columns, Input, Query, Tally};
use torrid::{Error, Events, Space};

/// Everything an input gives.
#[derive(Debug)]
pub struct Read {
    pub events: Events,
    pub tally: Tally,
    pub columns: Columns,
}

/// Longitude and latitude in degrees, bad records skipped.
pub fn earth() -> Query {
    Query::new(Space::Earth)
}

/// Reads the file at `path`.
pub fn read(path: &Path, query: &Query) -> Result<Read, Error> {
    let mut source = Input::new(0, path, &path.file_name().unwrap().to_string_lossy(), query)?.open(query)?;
    let mut events = Events::new(query.space);
    events.weight = query.weight.as_ref().map(|_| Vec::new());
    events.value = query.value.as_ref().map(|_| Vec::new());
    let mut tally = Tally::default();
    while let Some(part) = source.next_part()? {
        let (more, counted) = part.read()?;
        events.x.extend(more.x);
        events.y.extend(more.y);
        events.weight.iter_mut().zip(more.weight).for_each(|(all, w)| all.extend(w));
        events.value.iter_mut().zip(more.value).for_each(|(all, v)| all.extend(v));
        tally.merge(counted);
    }
    assert!((0.0..=1.0).contains(&source.progress()), "progress is a share");
    Ok(Read { events, tally, columns: source.columns() })
}

/// Reads `bytes` as a file called `name`.
pub fn read_bytes(name: &str, bytes: impl AsRef<[u8]>, query: &Query) -> Result<Read, Error> {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("torrid-doors-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), bytes).unwrap();
    let result = read(&folder.join(name), query);
    std::fs::remove_dir_all(&folder).unwrap();
    result
}

/// The positions as pairs.
pub fn positions(events: &Events) -> Vec<(f64, f64)> {
    events.x.iter().copied().zip(events.y.iter().copied()).collect()
}

/// The files of a folder with this extension, sorted.
pub fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|p| p.extension().is_some_and(|e| e == extension)).collect();
    files.sort();
    files
}

/// West, south, east, north of the events.
pub fn extent(events: &Events) -> [f64; 4] {
    let low = |column: &[f64]| column.iter().copied().fold(f64::INFINITY, f64::min);
    let high = |column: &[f64]| column.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    [low(&events.x), low(&events.y), high(&events.x), high(&events.y)]
}
