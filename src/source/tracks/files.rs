//! Which files hold tracks: those that were named, those in archives, and what lists beside them know of each.

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::Error;
use crate::source::archive::{Bounded, Member, ending};
use crate::source::tracks::facts::{Fact, Facts};
use crate::source::tracks::garmin::{self, Starts};
use crate::source::tracks::recorder::Recorder;
use crate::source::tracks::recording::{About, Recording};
use crate::source::tracks::strava::{self, Listed};
use crate::source::tracks::{FORMATS, TrackFormat, zip};
use crate::source::{Input, Query};

/// A file that may hold tracks. It can be read as often as one likes, by any thread.
#[derive(Debug, Clone)]
pub struct TrackFile {
    input: Input,
    format: &'static TrackFormat,
    about: About,
}

impl TrackFile {
    /// What messages call it: a path, through archives where it lies in one.
    pub fn name(&self) -> &str {
        &self.input.name
    }

    /// Its size as stored, in bytes.
    pub fn bytes(&self) -> u64 {
        self.input.size
    }

    /// Reads its tracks.
    ///
    /// # Errors
    /// When it cannot be read, is damaged, or is not of its format; under `strict`, when a fix cannot be used.
    pub fn read(&self, query: &Query) -> Result<Recording, Error> {
        let mut recorder = Recorder::new(query, self.input.number, &self.input.name);
        let bytes = self.input.reader()?.bounded(self.input.size);
        (self.format.read)(bytes, &self.input.name, query, &mut recorder)?;
        recorder.settle()?;
        Ok(Recording::of(recorder, &self.about, query))
    }
}

/// The files among `inputs` that may hold tracks, in order: the members of archives one by one. Files of other formats,
/// such as the lists of an export, are left out. What lists know of a file (`activities.csv` of Strava, in an archive or
/// beside the folder `activities`; `*_summarizedActivities.json` of Garmin) is known of its tracks.
///
/// # Errors
/// When an archive cannot be read, or there is no file that may hold tracks.
pub fn files(inputs: &[Input], query: &Query) -> Result<Vec<TrackFile>, Error> {
    let mut found = Vec::new();
    let mut lists = Lists::default();
    let starts = starts(inputs.iter().filter(|input| ending(&input.name, garmin::ENDING)).filter_map(|list| {
        let mut bytes = Vec::new();
        list.reader().ok()?.read_to_end(&mut bytes).ok().map(|_| bytes)
    }));
    for input in inputs {
        if input.format.name == zip::FORMAT.name {
            found.extend(members(input, query)?);
        } else if let Some(format) = tracks_of(input, query, inputs.len() == 1) {
            let listed = lists.of(&input.path);
            let folder = Path::new(&*input.name).parent().map_or_else(String::new, |path| path.display().to_string());
            let about = About { given: given(&input.name, &folder), listed, starts: starts.clone() };
            found.push(TrackFile { input: input.clone(), format, about });
        }
    }
    if found.is_empty() {
        let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
        return Err(Error::input(inputs.first().map_or("the input", |input| &*input.name))
            .found("no file that holds tracks")
            .expected(format!("a file of one of the formats {}, or an archive of such files", names.join(", ")))
            .advice("name the column that tells tracks apart with --track, where the file is a table"));
    }
    Ok(found)
}

/// Whether an input holds a fix of a track, by a first look: not a GPX of waypoints alone; a table only where the query
/// names the column that tells tracks apart.
///
/// # Errors
/// When the input cannot be read, or is damaged before a fix is found.
pub fn holds_tracks(input: &Input, query: &Query) -> Result<bool, Error> {
    if input.format.name != zip::FORMAT.name {
        return look(input, query);
    }
    for member in input.members()? {
        if input.member(&member).is_some_and(|member| look(&member, query).unwrap_or(false)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether one file holds a fix.
fn look(input: &Input, query: &Query) -> Result<bool, Error> {
    let Some(format) = TrackFormat::of(input).filter(|format| !format.table || query.track.is_some()) else {
        return Ok(false);
    };
    let query = Query { strict: false, ..query.clone() };
    let mut recorder = Recorder::new(&query, input.number, &input.name);
    recorder.sought = Some(false);
    let bytes = input.reader()?.bounded(input.size);
    match (format.read)(bytes, &input.name, &query, &mut recorder) {
        _ if recorder.sought == Some(true) => Ok(true),
        Ok(()) => Ok(false),
        // A file of a format that may hold anything need not be one of tracks.
        Err(_) if format.general => Ok(false),
        Err(error) => Err(error),
    }
}

/// The format in which an input may hold tracks. Of a format that may hold anything, `alone` says that nothing else can be
/// meant; in company it has to hold some, and a table a column that the query names.
fn tracks_of(input: &Input, query: &Query, alone: bool) -> Option<&'static TrackFormat> {
    let format = TrackFormat::of(input)?;
    if format.table && query.track.is_none() && !alone {
        return None;
    }
    let meant = alone || !format.general || look(input, query).unwrap_or(false);
    meant.then_some(format)
}

/// The files of tracks in an archive.
fn members(archive: &Input, query: &Query) -> Result<Vec<TrackFile>, Error> {
    let members = archive.members()?;
    let lists = members.iter().filter(|member| ending(&member.path, garmin::ENDING));
    let starts = starts(lists.filter_map(whole));
    let listed = members.iter().filter_map(|member| Some((member.path.strip_suffix(strava::NAME)?, whole(member)?)));
    let listed: Vec<_> = listed.map(|(folder, bytes)| (folder, Listed::read(&bytes))).collect();
    let mut found = Vec::new();
    for member in &members {
        let Some(input) = archive.member(member) else { continue };
        let Some(format) = tracks_of(&input, query, members.len() == 1) else { continue };
        let known = |(folder, listed): &(&str, Listed)| listed.of(member.path.strip_prefix(folder)?).cloned();
        let listed = listed.iter().find_map(known).unwrap_or_default();
        // Whatever folders an export has, it is one person's.
        let about = About { given: given(&input.name, &archive.name), listed, starts: starts.clone() };
        found.push(TrackFile { input, format, about });
    }
    Ok(found)
}

fn whole(member: &Member) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    member.packed.reader().ok()?.read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// What lists of Garmin say.
fn starts(lists: impl Iterator<Item = Vec<u8>>) -> Option<Arc<Starts>> {
    let mut starts = Starts::default();
    lists.for_each(|list| starts.add(&list));
    (!starts.is_empty()).then(|| Arc::new(starts))
}

/// What is known of every track of a file before it is read.
fn given(name: &str, folder: &str) -> Facts {
    let mut facts = Facts::default();
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let stem = last.strip_suffix(".gz").or_else(|| last.strip_suffix(".zst")).unwrap_or(last);
    facts.say("file", Fact::Text(name.to_owned()));
    facts.say("folder", Fact::Text(if folder.is_empty() { ".".to_owned() } else { folder.to_owned() }));
    facts.say("name", Fact::Text(stem.rsplit_once('.').map_or(stem, |(stem, _)| stem).to_owned()));
    facts
}

/// The lists of Strava that lie above folders of activities, each read once.
#[derive(Default)]
struct Lists {
    known: HashMap<PathBuf, Listed>,
}

impl Lists {
    /// What the list of the export that a file was unpacked from says of it.
    fn of(&mut self, path: &Path) -> Facts {
        let export = path.parent().and_then(Path::parent).unwrap_or(Path::new(""));
        let listed = self.known.entry(export.to_owned()).or_insert_with(|| {
            std::fs::read(export.join(strava::NAME)).map(|bytes| Listed::read(&bytes)).unwrap_or_default()
        });
        if listed.is_empty() {
            return Facts::default();
        }
        let inside = path.strip_prefix(export).unwrap_or(path).to_string_lossy().replace('\\', "/");
        listed.of(&inside).cloned().unwrap_or_default()
    }
}
