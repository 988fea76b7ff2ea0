//! The door for tracks: real files give the fixes that other readers count in them, damaged ones are refused by name, and
//! what archives and lists know of tracks is known.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::path::{Path, PathBuf};

use common::shared;
use torrid::source::tracks::{self, Fact, Recording, TrackFile, content};
use torrid::source::{Filter, Input, Inputs, Query, Reason};
use torrid::{Error, Space, Track};

fn earth() -> Query {
    Query::new(Space::Earth)
}

/// The files of tracks behind the file at `path`.
fn files(path: &Path, query: &Query) -> Result<Vec<TrackFile>, Error> {
    tracks::files(&[Input::new(0, path, &path.file_name().unwrap().to_string_lossy(), query)?], query)
}

/// What the one file at `path` holds.
fn read(path: &Path, query: &Query) -> Result<Recording, Error> {
    files(path, query)?[0].read(query)
}

/// What `bytes` hold as a file called `name`.
fn read_bytes(name: &str, bytes: impl AsRef<[u8]>, query: &Query) -> Result<Recording, Error> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), bytes).unwrap();
    read(&folder.path().join(name), query)
}

/// A row of `known_tracks.csv`, which is the README beside the files: records, and positions with their extent, or none
/// where the reader of that table refused the file.
struct Known {
    path: PathBuf,
    counted: Option<(u64, u64, Option<[f64; 4]>)>,
}

fn known() -> Option<Vec<Known>> {
    let folder = shared("data/tracks")?;
    let rows = include_str!("known_tracks.csv").lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        let extent = (!cells[3].is_empty()).then(|| [3, 4, 5, 6].map(|at: usize| cells[at].parse().unwrap()));
        let counted = cells[1].parse().ok().map(|records| (records, cells[2].parse().unwrap(), extent));
        Known { path: folder.join(cells[0]), counted }
    });
    Some(rows.collect())
}

fn fixes(recording: &Recording) -> u64 {
    recording.tracks.iter().map(|track| track.len() as u64).sum()
}

/// West, south, east and north of all fixes.
fn extent(recording: &Recording) -> [f64; 4] {
    let low = |sums: f64, value: &f64| sums.min(*value);
    let high = |sums: f64, value: &f64| sums.max(*value);
    let all = |column: fn(&Track) -> &Vec<f64>, fold: fn(f64, &f64) -> f64, from: f64| {
        recording.tracks.iter().flat_map(column).fold(from, fold)
    };
    let (lng, lat): (fn(&Track) -> &Vec<f64>, fn(&Track) -> &Vec<f64>) = (|track| &track.lng, |track| &track.lat);
    let infinite = f64::INFINITY;
    [all(lng, low, infinite), all(lat, low, infinite), all(lng, high, -infinite), all(lat, high, -infinite)]
}

#[test]
fn every_real_file_gives_the_positions_counted_in_it_or_is_refused_by_name() {
    let Some(known) = known() else { return };
    let mut refused = 0;
    let mut sum = 0;
    for Known { path, counted } in &known {
        let name = path.file_name().unwrap().to_str().unwrap();
        match (read(path, &earth()), counted) {
            (Err(error), None) => {
                assert!(error.to_string().starts_with(name), "{error}");
                refused += 1;
            }
            (Ok(recording), Some((records, positions, bounds))) => {
                // A file of routes or waypoints alone: routes are tracks, waypoints are not.
                let routes = name.ends_with(".gpx") && *positions == 0;
                assert_eq!(recording.tally.records, *records, "{name}");
                assert!(routes || fixes(&recording) == *positions, "{name}: {} of {positions}", fixes(&recording));
                let bounds = bounds.filter(|_| *positions > 0 && records == positions);
                let near = |bounds: [f64; 4]| {
                    extent(&recording).iter().zip(bounds).all(|(found, stated)| (found - stated).abs() < 6e-5)
                };
                assert!(bounds.is_none_or(near), "{name}: {:?}, not {bounds:?}", extent(&recording));
                sum += if routes { 0 } else { fixes(&recording) };
            }
            (Ok(recording), None) => panic!("{name} gives {} fixes", fixes(&recording)),
            (Err(error), Some(_)) => panic!("{error}"),
        }
    }
    assert_eq!((known.len(), refused, sum), (77, 8, 66_463 + 2_695 + 877 + 14_329));
}
