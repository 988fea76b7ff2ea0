//! Tracks of files: read, each recording once however often it was given, cleaned, and parted into what can be shown apart.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::{FIXES, Told, Tracks};
use crate::error::Error;
use crate::events::{Events, Space};
use crate::frame::Frame;
use crate::lines::Progress;
use crate::source::tracks::{self, Recording, TrackFile};
use crate::source::{Inputs, Query, Tally};
use crate::trace::{Done, coarse, prepare};
use crate::tracing::{Tracing, Weight};
use crate::track::Track;

/// Until it is known which cells there will be, pieces are as long as this share of the way, but not below a metre.
const COARSE: f64 = 1e-5;

impl Tracks {
    /// Reads the tracks of some inputs; files that cannot be read are told of, and the others drawn.
    ///
    /// # Errors
    /// When there is no track at all, and under `strict` the first that cannot be read.
    pub fn read(inputs: &Inputs, query: &Query, progress: &dyn Progress) -> Result<(Tracks, Tally), Error> {
        let tracing = query.tracing.clone().unwrap_or_default();
        let files = tracks::files(&inputs.inputs, query)?;
        let mut told = Told { files: files.len() as u64, privacy: tracing.privacy(), ..Told::default() };
        let mut tally = Tally::default();
        let read = readable(&files, query, &mut told, progress)?;
        let ways = ready(once(read, &mut told, &mut tally), &tracing, &mut told);
        if ways.is_empty() {
            return Err(nothing(inputs, &told, &tally));
        }
        told.tracks = ways.len() as u64;
        told.metres = ways.iter().map(metres).sum();
        let step = (told.metres * COARSE).max(1.0);
        let (survey, timed) = (surveyed(&ways)?, query.timed.is_some());
        let mut tracks = Tracks { lots: lots(ways, &tracing), tracing, cut: None, timed, step, told };
        tracks.keep_to_crowds(&survey)?;
        Ok((tracks, tally))
    }
}

/// The recordings of the files that can be read, and what these are called.
fn readable<'a>(
    files: &'a [TrackFile],
    query: &Query,
    told: &mut Told,
    progress: &dyn Progress,
) -> Result<Vec<(&'a str, Recording)>, Error> {
    let mut read = Vec::new();
    for (file, recording) in files.iter().zip(recordings(files, query, progress)) {
        match recording {
            Ok(recording) => read.push((file.name(), recording)),
            Err(error) if query.strict => return Err(error),
            Err(error) => told.unreadable.push((file.name().to_owned(), error.to_string())),
        }
    }
    Ok(read)
}

/// Tracks cleaned and hidden, as they are asked for; those of which something is left.
fn ready(mut tracks: Vec<Track>, tracing: &Tracing, told: &mut Told) -> Vec<Track> {
    let ready: Vec<(Track, Done)> = tracks.par_drain(..).map(|track| prepare(&track, tracing)).collect();
    for (_, done) in &ready {
        told.done += *done;
    }
    ready.into_iter().map(|(track, _)| track).filter(|track| !track.is_empty()).collect()
}

/// The recordings of all files, in their order.
fn recordings(files: &[TrackFile], query: &Query, progress: &dyn Progress) -> Vec<Result<Recording, Error>> {
    let all = files.iter().map(TrackFile::bytes).sum::<u64>().max(1);
    let read = AtomicU64::new(0);
    let of_one = |file: &TrackFile| {
        let recording = file.read(query);
        progress.done((read.fetch_add(file.bytes(), Ordering::Relaxed) + file.bytes()) as f64 / all as f64);
        recording
    };
    files.par_iter().map(of_one).collect()
}

/// The tracks of all recordings, each once: of those with the same fixes the first counts.
fn once(read: Vec<(&str, Recording)>, told: &mut Told, tally: &mut Tally) -> Vec<Track> {
    let mut seen = HashSet::new();
    let mut all = Vec::new();
    for (name, recording) in read {
        tally.merge(recording.tally);
        told.filtered += recording.filtered;
        told.blank += recording.blank;
        told.reordered += recording.reordered;
        for track in recording.tracks {
            if seen.insert(tracks::content(&track)) {
                all.push(track);
            } else if told.duplicates.last().is_none_or(|last| last != name) {
                told.duplicates.push(name.to_owned());
            }
        }
    }
    all
}

/// The lattice of a zoom, some 1024 of whose cells lie across all tracks.
fn surveyed(tracks: &[Track]) -> Result<Frame, Error> {
    let range = |of: fn(&Track) -> &Vec<f64>| {
        let all = tracks.iter().flat_map(of).fold((f64::MAX, f64::MIN), |(a, b), at| (a.min(*at), b.max(*at)));
        all.1 - all.0
    };
    let degrees = range(|track| &track.lng).max(range(|track| &track.lat)).max(1e-3);
    let zoom = (360.0 * 1024.0 / 256.0 / degrees).log2().floor().clamp(0.0, 20.0);
    Frame::on_lattice(zoom as u8, 0, 0, 1, 1)
}

/// The length of a track, in metres.
fn metres(track: &Track) -> f64 {
    let mut whole = Events::new(Space::Earth);
    coarse(track, Weight::Length, f64::INFINITY, &mut whole);
    whole.weight.iter().flatten().sum()
}

/// What can be shown apart: pieces of tracks, whole tracks where each counts once, all tracks of a person where people do.
fn lots(mut tracks: Vec<Track>, tracing: &Tracing) -> Vec<Vec<Track>> {
    match tracing.weight {
        Weight::User => {
            tracks.sort_by_key(|track| track.user);
            tracks.chunk_by(|a, b| a.user == b.user).map(<[Track]>::to_vec).collect()
        }
        Weight::Pass => together(tracks),
        Weight::Length | Weight::Time => together(tracks.into_iter().flat_map(apart).collect()),
    }
}

/// Tracks in lots of so many fixes.
fn together(tracks: Vec<Track>) -> Vec<Vec<Track>> {
    let (mut lots, mut fixes) = (vec![Vec::new()], 0);
    for track in tracks {
        if fixes >= FIXES {
            lots.push(Vec::new());
            fixes = 0;
        }
        fixes += track.len();
        lots.last_mut().expect("a lot").push(track);
    }
    lots
}

/// A long track as several, which share the fix between them.
fn apart(track: Track) -> Vec<Track> {
    if track.len() <= FIXES {
        return vec![track];
    }
    let starts = (0..track.len().saturating_sub(1)).step_by(FIXES);
    starts.map(|start| part(&track, start..(start + FIXES + 1).min(track.len()))).collect()
}

/// Some fixes of a track.
pub(super) fn part(track: &Track, fixes: Range<usize>) -> Track {
    let breaks = track.breaks.iter().filter(|at| (fixes.start + 1..fixes.end).contains(*at));
    Track {
        user: track.user,
        lng: track.lng[fixes.clone()].to_vec(),
        lat: track.lat[fixes.clone()].to_vec(),
        time: track.time.as_ref().map(|time| time[fixes.clone()].to_vec()),
        breaks: breaks.map(|at| at - fixes.start).collect(),
    }
}

/// The error of inputs without a track.
fn nothing(inputs: &Inputs, told: &Told, tally: &Tally) -> Error {
    let mut why = told.notes();
    why.extend(told.unreadable.first().map(|(_, why)| why.clone()));
    why.extend((!tally.skipped.is_empty()).then(|| tally.reasons()));
    let why = if why.is_empty() { String::new() } else { format!(" ({})", why.join("; ")) };
    Error::input(inputs.names())
        .found(format!("no track that can be drawn in {} files{why}", told.files))
        .expected("at least one way between two places")
        .advice("read the fixes as events with --track-weight fix, or check the files with `torrid info`")
}
