//! The tracks of a run: read once, each recording once however often it was given, cleaned, and shown to whoever gathers
//! as pieces of lines, cut at the cells that they cross. What came of the files is told at the end.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use serde_json::{Value, json};

use crate::error::Error;
use crate::events::{Events, Space};
use crate::frame::Frame;
use crate::grid::Grid;
use crate::lines::Progress;
use crate::source::tracks::{self, Recording, TrackFile};
use crate::source::{Inputs, Query, Tally};
use crate::trace::{Crowd, Cutter, Done, Lattice, Nodes, Shown, coarse, prepare};
use crate::tracing::{Tracing, Weight};
use crate::track::Track;
use crate::world::EARTH_RADIUS_M;

/// Fixes that are cut at a time: enough for a batch of events, few enough that all threads have some.
const FIXES: usize = 1 << 14;

/// Until it is known which cells there will be, pieces are as long as this share of the way, but not below a metre.
const COARSE: f64 = 1e-5;

/// Tracks made ready.
#[derive(Debug)]
pub struct Tracks {
    tracing: Tracing,
    /// What can be shown apart: some tracks, or all of one person where people are counted.
    lots: Vec<Vec<Track>>,
    cut: Option<Cut>,
    /// Whether events are to carry times.
    timed: bool,
    /// How long pieces are, in metres, until it is known where to cut.
    step: f64,
    told: Told,
}

/// Where lines are cut.
#[derive(Debug)]
struct Cut {
    lattice: Lattice,
    nodes: Nodes,
    /// The cells with people enough, where that is asked for.
    shown: Option<Shown>,
}

/// What came of the files.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// Files of tracks, those in archives counted one by one.
    pub files: u64,
    /// Tracks that are drawn.
    pub tracks: u64,
    /// Their way, in metres.
    pub metres: f64,
    /// The names of files whose tracks are in another file too.
    pub duplicates: Vec<String>,
    /// Files that could not be read, and why.
    pub unreadable: Vec<(String, String)>,
    /// Tracks that `--where` left out.
    pub filtered: u64,
    /// Tracks without a fix that can be used.
    pub blank: u64,
    /// Fixes that were put in the order of their times.
    pub reordered: u64,
    /// What cleaning and hiding did.
    pub done: Done,
    /// What is private, in words that do not say where.
    pub privacy: Option<String>,
}

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
        let mut read = Vec::new();
        for (file, recording) in files.iter().zip(recordings(&files, query, progress)) {
            match recording {
                Ok(recording) => read.push((file.name(), recording)),
                Err(error) if query.strict => return Err(error),
                Err(error) => told.unreadable.push((file.name().to_owned(), error.to_string())),
            }
        }
        let mut all = once(read, &mut told, &mut tally);
        let ready: Vec<(Track, Done)> = all.par_drain(..).map(|track| prepare(&track, &tracing)).collect();
        let mut ways: Vec<Track> = Vec::with_capacity(ready.len());
        for (track, done) in ready {
            told.done += done;
            if !track.is_empty() {
                ways.push(track);
            }
        }
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

    /// What came of the files.
    pub fn told(&self) -> &Told {
        &self.told
    }

    /// From now on lines are cut at the borders of the cells of `pieces`, with as many nodes as a spline needs, or one. In
    /// the cells of `cells` passes and people are counted.
    ///
    /// # Errors
    /// When they are not on the Earth, or too small.
    pub fn cut_at(&mut self, cells: &Frame, pieces: &Frame, spline: bool) -> Result<(), Error> {
        let (cells, pieces) = (Lattice::of(cells)?, Lattice::of(pieces)?);
        let enough = self.tracing.min_users;
        let counted = enough > 1 || matches!(self.tracing.weight, Weight::Pass | Weight::User);
        let lattice = if counted { cells } else { pieces };
        let nodes = if spline { Nodes::Three } else { Nodes::One };
        let before = self.cut.take().and_then(|cut| cut.shown).filter(|shown| *shown.lattice() == lattice);
        let shown = (enough > 1).then(|| before.unwrap_or_else(|| self.crowd(lattice, enough).shown()));
        self.cut = Some(Cut { lattice, nodes, shown });
        Ok(())
    }

    /// Where people are protected by each other, nobody's way alone may show, not even in the extent of the picture: until
    /// its cells are known, those of a survey count.
    fn keep_to_crowds(&mut self, survey: &Frame) -> Result<(), Error> {
        let enough = self.tracing.min_users;
        if enough < 2 {
            return Ok(());
        }
        self.cut_at(survey, survey, false)?;
        let nobody = self.cut.as_ref().and_then(|cut| cut.shown.as_ref()).is_some_and(Shown::is_empty);
        if !nobody {
            return Ok(());
        }
        Err(Error::caller("--min-users")
            .found(format!("no place where {enough} people passed"))
            .expected("one at least, or nothing can be shown")
            .advice("say whose the tracks are with --user, or ask for fewer people"))
    }

    fn crowd(&self, lattice: Lattice, enough: usize) -> Crowd {
        let none = || Crowd::of_at_least(enough, lattice);
        let of_lot = |mut crowd: Crowd, lot: &Vec<Track>| {
            let mut cutter = Cutter::new(lattice, Weight::Pass, Nodes::One);
            for track in lot {
                let mut keys = Vec::new();
                cutter.visits(track, &mut keys);
                crowd.add(track.user, &keys);
            }
            crowd
        };
        let merged = |mut all: Crowd, more: Crowd| {
            all.merge(more);
            all
        };
        self.lots.par_iter().fold(none, of_lot).reduce(none, merged)
    }

    /// Shows the pieces of all lines to gatherers, on `threads` threads, in any order.
    ///
    /// # Errors
    /// What gathering meets.
    pub fn show(
        &self,
        threads: usize,
        gather: &(dyn Fn(usize, &Events) -> Result<(), Error> + Sync),
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        let next = AtomicUsize::new(0);
        let failed = Mutex::new(None);
        rayon::scope(|scope| {
            for worker in 0..threads {
                let (next, failed) = (&next, &failed);
                scope.spawn(move |_| {
                    let mut batch = self.batch();
                    let mut cutter = self.cutter();
                    while let Some(lot) = self.lots.get(next.fetch_add(1, Ordering::Relaxed)) {
                        if let Err(error) = self.lot(lot, (cutter.as_mut(), &mut batch), &|batch| gather(worker, batch))
                        {
                            *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                        }
                        progress.done(next.load(Ordering::Relaxed) as f64 / self.lots.len() as f64);
                    }
                });
            }
        });
        failed.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }

    fn batch(&self) -> Events {
        let time = self.timed.then(Vec::new);
        Events { weight: Some(Vec::new()), time, ..Events::new(Space::Earth) }
    }

    fn cutter(&self) -> Option<Cutter> {
        let Cut { lattice, nodes, shown } = self.cut.as_ref()?;
        let cutter = Cutter::new(*lattice, self.tracing.weight, *nodes);
        Some(match shown {
            Some(shown) => cutter.showing(shown.clone()),
            None => cutter,
        })
    }

    /// Hands on the pieces of some tracks.
    fn lot(
        &self,
        lot: &[Track],
        (cutter, batch): (Option<&mut Cutter>, &mut Events),
        gather: &dyn Fn(&Events) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut full = |batch: &mut Events| {
            gather(batch)?;
            batch.clear();
            Ok(())
        };
        match (cutter, self.tracing.weight) {
            (None, weight) => {
                for track in lot {
                    let segments = |track: &Track, batch: &mut Events| coarse(track, weight, self.step, batch);
                    self.timely(track, batch, segments);
                    full(batch)?;
                }
            }
            (Some(cutter), Weight::User) => self.touched(lot, cutter, batch),
            (Some(cutter), Weight::Pass) if !self.timed => {
                lot.chunks(1).for_each(|track| self.touched(track, cutter, batch));
            }
            (Some(cutter), _) if !self.timed => lot.iter().try_for_each(|track| cutter.cut(track, batch, &mut full))?,
            (Some(cutter), _) => {
                for track in lot {
                    self.timely(track, batch, |track, batch| {
                        let Ok(()) = cutter.cut(track, batch, &mut |_| Ok::<(), std::convert::Infallible>(()));
                    });
                    full(batch)?;
                }
            }
        }
        full(batch)
    }

    /// The cells that any of some tracks touches, each once; none whose centre is hidden, because its event is there.
    fn touched(&self, tracks: &[Track], cutter: &mut Cutter, batch: &mut Events) {
        let mut keys = Vec::new();
        tracks.iter().for_each(|track| cutter.visits(track, &mut keys));
        if let (false, Some(cut)) = (self.tracing.hide.is_empty(), &self.cut) {
            let hidden = |(lng, lat): (f64, f64)| self.tracing.hide.iter().any(|zone| zone.holds(lng, lat));
            keys.retain(|key| !hidden(cut.lattice.centre(*key)));
        }
        cutter.lay(&keys, batch);
    }

    /// The events of a track; where times are asked for segment by segment, each at the time of its middle.
    fn timely(&self, track: &Track, batch: &mut Events, mut of: impl FnMut(&Track, &mut Events)) {
        if !self.timed {
            return of(track, batch);
        }
        for leg in track.legs() {
            for at in leg.start..leg.end.max(leg.start + 2) - 1 {
                let segment = part(track, at..(at + 2).min(leg.end));
                of(&segment, batch);
                let time = segment.time.as_ref().map_or(0, |time| time[0].midpoint(time[time.len() - 1]));
                let len = batch.x.len();
                batch.time.iter_mut().for_each(|column| column.resize(len, time));
            }
        }
    }
}

/// Makes nothing known of the cells whose centres lie in a hidden circle: a kernel would carry something in.
pub fn veil(tracing: &Tracing, grid: &mut Grid<f32>) {
    if tracing.hide.is_empty() {
        return;
    }
    let frame = *grid.frame();
    let lines = grid.values_mut().par_chunks_mut(frame.width() as usize).enumerate();
    lines.for_each(|(row, line)| {
        let (_, lat) = frame.centre(0, row as i64).coordinates(Space::Earth);
        for zone in
            tracing.hide.iter().filter(|zone| (zone.lat - lat).to_radians().abs() * EARTH_RADIUS_M <= zone.metres)
        {
            for (col, value) in line.iter_mut().enumerate() {
                let (lng, lat) = frame.centre(col as i64, row as i64).coordinates(Space::Earth);
                *value = if zone.holds(lng, lat) { f32::NAN } else { *value };
            }
        }
    });
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
    let mut seen: HashMap<u128, ()> = HashMap::new();
    let mut all = Vec::new();
    for (name, recording) in read {
        tally.merge(recording.tally);
        told.filtered += recording.filtered;
        told.blank += recording.blank;
        told.reordered += recording.reordered;
        for track in recording.tracks {
            if seen.insert(tracks::content(&track), ()).is_none() {
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
fn part(track: &Track, fixes: Range<usize>) -> Track {
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

impl Told {
    /// What a user should know about what was left out, a line each.
    pub fn notes(&self) -> Vec<String> {
        let done = &self.done;
        let counted = [
            (self.duplicates.len() as u64, "files of the same tracks as others, drawn once"),
            (self.filtered, "tracks left out by --where"),
            (self.blank, "tracks without a position"),
            (self.reordered, "fixes recorded out of order, put in that of their times"),
            (done.timeless, "tracks without times, not on a map of time"),
            (done.outliers, "fixes that jump out and back, left out (--max-speed)"),
            (done.gaps, "gaps without a line across (--max-gap)"),
            (done.too_fast, "ways faster than --max-speed, without a line"),
            (done.simplified, "fixes left out by --simplify"),
        ];
        let counted = counted.iter().filter(|(n, _)| *n > 0);
        let mut notes: Vec<String> = counted.map(|(n, what)| format!("{what}: {n}")).collect();
        let gone = done.millimetres_hidden + done.millimetres_trimmed;
        notes.extend(
            self.privacy.iter().map(|words| format!("private: {words}; {:.1} km not shown", gone as f64 / 1e6)),
        );
        notes
    }

    /// The tracks that are drawn, and their way.
    pub fn drawn(&self) -> String {
        let tracks = if self.tracks == 1 { "1 track".to_owned() } else { format!("{} tracks", self.tracks) };
        format!("{tracks}, {:.1} km", self.metres / 1000.0)
    }

    /// All of it for the JSON report.
    pub fn json(&self) -> Value {
        let done = &self.done;
        json!({
            "files": self.files,
            "tracks": self.tracks,
            "metres": self.metres.round(),
            "fixes": done.fixes,
            "unreadable": self.unreadable.iter().map(|(file, why)| json!({ "file": file, "why": why })).collect::<Vec<_>>(),
            "duplicates": self.duplicates,
            "filtered": self.filtered,
            "without_position": self.blank,
            "reordered": self.reordered,
            "without_time": done.timeless,
            "outliers": done.outliers,
            "gaps": done.gaps,
            "too_fast": done.too_fast,
            "at_rest": done.at_rest,
            "simplified": done.simplified,
            "privacy": self.privacy,
            "metres_hidden": done.millimetres_hidden as f64 / 1000.0,
            "metres_trimmed": done.millimetres_trimmed as f64 / 1000.0,
        })
    }
}
