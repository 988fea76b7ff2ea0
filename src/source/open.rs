//! From what the caller names (files, folders, globs, standard input) to opened sources. Which files there
//! are is settled here, before any of them is read; what their bytes mean is the business of the formats.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use tempfile::TempPath;

use crate::error::Error;
use crate::source::archive::{self, Bounded, Member, Packed};
use crate::source::chain::Chain;
use crate::source::unpack::{Compression, Consumed, Origin, fill};
use crate::source::{CellsFile, Columns, FORMATS, Format, Query, Source};

/// One input of a run. It can be read as often as one likes.
#[derive(Debug, Clone)]
pub struct Input {
    /// Its number in the run, from 0.
    pub number: usize,
    /// Where its bytes are: a file, or the file standard input was copied to.
    pub path: PathBuf,
    /// What messages call it.
    pub name: Arc<str>,
    /// Its format, by its extension or as the caller said.
    pub format: &'static Format,
    /// How its bytes are packed, by the first of them.
    pub compression: Compression,
    /// Its size as stored, in bytes.
    pub size: u64,
    stored: Stored,
}

/// Where the bytes of an input are.
#[derive(Debug, Clone)]
enum Stored {
    /// In a file.
    File,
    /// In a copy of what can be read only once, which is kept as long as somebody may read it.
    Copy(Arc<TempPath>),
    /// In a part of a file.
    Part(Range<u64>),
    /// In memory.
    Here(Bytes),
    /// In an archive.
    Packed(Arc<Packed>),
}

impl Input {
    /// The file at `path`, called `name` in messages, as input number `number` of a run.
    ///
    /// # Errors
    /// When it cannot be opened, or its format is not known.
    pub fn new(number: usize, path: &Path, name: &str, query: &Query) -> Result<Input, Error> {
        let format = format_of(path, name, query)?;
        let mut head = [0; 4];
        let unreadable = |e: io::Error| unopened(name, &e);
        let mut file = File::open(path).map_err(unreadable)?;
        let size = file.metadata().map_err(unreadable)?.len();
        let seen = fill(&mut file, &mut head).map_err(unreadable)?;
        let compression = Compression::of(&head[..seen]);
        Ok(Input { number, path: path.into(), name: name.into(), format, compression, size, stored: Stored::File })
    }

    /// Some bytes of a plain file, those of whole records of a format.
    pub fn part(path: &Path, format: &'static Format, bytes: Range<u64>) -> Input {
        let (name, size) = (path.display().to_string().into(), bytes.end - bytes.start);
        let stored = Stored::Part(bytes);
        Input { number: 0, path: path.into(), name, format, compression: Compression::None, size, stored }
    }

    /// Bytes that are in memory, which are not to be packed and of a format that is read from its start to its end.
    pub fn here(number: usize, name: &str, format: &'static Format, bytes: Bytes) -> Input {
        let (path, size) = (PathBuf::new(), bytes.len() as u64);
        let stored = Stored::Here(bytes);
        Input { number, path, name: name.into(), format, compression: Compression::None, size, stored }
    }

    /// The members of the archive that this input is.
    ///
    /// # Errors
    /// When it is no archive, or damaged.
    pub(super) fn members(&self) -> Result<Vec<Member>, Error> {
        let copy = match &self.stored {
            Stored::Copy(copy) => Some(copy.clone()),
            _ => None,
        };
        archive::members(&self.path, copy, &self.name)
    }

    /// A member of the archive that this input is, where its name tells the format.
    pub(super) fn member(&self, member: &Member) -> Option<Input> {
        let format = by_extension(Path::new(&member.path))?;
        let name = format!("{}/{}", self.name, member.path).into();
        let (size, stored) = (member.packed.size, Stored::Packed(Arc::new(member.packed.clone())));
        let plain = Input { format, name, size, stored, compression: Compression::None, ..self.clone() };
        let mut head = [0; 4];
        // What cannot be read is said when it is read.
        let seen = plain.stored().ok().and_then(|mut bytes| fill(&mut bytes, &mut head).ok()).unwrap_or_default();
        Some(Input { compression: Compression::of(&head[..seen]), ..plain })
    }

    /// The file as it is stored, from its start.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn file(&self) -> Result<File, Error> {
        File::open(&self.path).map_err(|e| unopened(&self.name, &e))
    }

    /// When it was last written, in microseconds since 1970 UTC; none for standard input.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn modified(&self) -> Result<Option<i64>, Error> {
        if let Stored::Copy(_) = self.stored {
            return Ok(None);
        }
        let time = self.file()?.metadata().and_then(|file| file.modified()).map_err(|e| unopened(&self.name, &e))?;
        let since = time.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Ok(Some(since.as_micros() as i64))
    }

    /// The bytes of the file from its start, unpacked where they are compressed.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn reader(&self) -> Result<Box<dyn Read + Send>, Error> {
        Ok(self.watched()?.0)
    }

    /// The bytes as [`Input::reader`] gives them, and how many of the stored ones are consumed at any time.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn watched(&self) -> Result<(Box<dyn Read + Send>, Consumed), Error> {
        let consumed = Consumed::new(self.size);
        let reader = self.compression.unpack(consumed.watch(self.stored()?)).map_err(|e| self.unread(&e))?;
        let bounded = matches!(self.stored, Stored::Packed(_));
        Ok((if bounded { reader.bounded(self.size) } else { reader }, consumed))
    }

    /// The bytes as they are stored.
    fn stored(&self) -> Result<Box<dyn Read + Send>, Error> {
        Ok(match &self.stored {
            Stored::File | Stored::Copy(_) => Box::new(self.file()?),
            Stored::Here(bytes) => Box::new(Cursor::new(bytes.clone())),
            Stored::Packed(packed) => packed.reader().map_err(|e| self.unread(&e))?,
            Stored::Part(bytes) => {
                let mut file = self.file()?;
                file.seek(SeekFrom::Start(bytes.start)).map_err(|e| self.unread(&e))?;
                Box::new(file.take(bytes.end - bytes.start))
            }
        })
    }

    /// What messages need to know of it.
    pub(super) fn origin(&self) -> Origin {
        let packing = match (&self.stored, self.compression) {
            (Stored::Packed(_), _) => Some("packed"),
            (_, Compression::None) => None,
            (_, compression) => Some(compression.name()),
        };
        Origin { name: self.name.clone(), packing }
    }

    /// What it means that reading failed: damage where the machine itself did not complain.
    pub fn unread(&self, error: &io::Error) -> Error {
        self.origin().unread(error)
    }

    /// Opens it in its format.
    ///
    /// # Errors
    /// When it cannot be opened, or is not of that format.
    pub fn open(&self, query: &Query) -> Result<Box<dyn Source>, Error> {
        (self.format.open)(self, query)
    }
}

/// All inputs of a run, in order; they can be read more than once.
#[derive(Debug)]
pub struct Inputs {
    /// Each of them.
    pub inputs: Vec<Input>,
}

impl Inputs {
    /// What messages call all of them together.
    pub fn names(&self) -> String {
        match &self.inputs[..] {
            [] => "the input".to_owned(),
            [one] => one.name.to_string(),
            [first, rest @ ..] => format!("{} and {} more", first.name, rest.len()),
        }
    }

    /// The size of all of them as stored, in bytes.
    pub fn bytes(&self) -> u64 {
        self.inputs.iter().map(|input| input.size).sum()
    }

    /// The inputs as files of cells, where all of them are.
    ///
    /// # Errors
    /// When one cannot be opened.
    pub fn cells(&self) -> Result<Option<Vec<CellsFile>>, Error> {
        let mut files = Vec::new();
        for input in &self.inputs {
            let parquet = input.format.name == "parquet" && input.compression == Compression::None;
            let file = if parquet { CellsFile::open(input.file()?, &input.name)? } else { None };
            let Some(file) = file else { return Ok(None) };
            files.push(file);
        }
        Ok(Some(files))
    }

    /// Finds the inputs behind what the caller named: files, globs, folders, or `-`. The order is that of
    /// the names; behind a glob or a folder, that of the paths. A file reached twice is read once. Of a glob
    /// or a folder only the files of a known format count, unless `query.format` says what they all are.
    ///
    /// ```no_run
    /// use torrid::source::{Inputs, Query};
    /// let query = Query::new(torrid::Space::Earth);
    /// let inputs = Inputs::find(&["taxi.csv".into(), "crimes/*.csv.gz".into()], &query)?;
    /// # Ok::<(), torrid::Error>(())
    /// ```
    ///
    /// # Errors
    /// When a name leads nowhere, or to no file of a known format.
    pub fn find(names: &[String], query: &Query) -> Result<Inputs, Error> {
        if names.is_empty() {
            return Err(Error::caller("INPUT").found("nothing to read").expected("a file, a folder, a glob, or -"));
        }
        let mut inputs = Vec::new();
        let mut seen = HashSet::new();
        for name in names {
            if name == "-" {
                inputs.push(spooled(inputs.len(), io::stdin().lock(), "standard input", query)?);
                continue;
            }
            for path in files(name, query)? {
                if seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())) {
                    inputs.push(input_at(inputs.len(), &path, query)?);
                }
            }
        }
        Ok(Inputs { inputs })
    }

    /// Opens all of them as one source, from the start. Each is opened when its turn comes, the first at once.
    ///
    /// # Errors
    /// When the first of them cannot be opened.
    pub fn open(&self, query: &Query) -> Result<Box<dyn Source>, Error> {
        Ok(Box::new(Chain::new(self.inputs.clone(), query)?))
    }

    /// What was found about the columns of each of them.
    ///
    /// # Errors
    /// When one of them cannot be opened.
    pub fn columns(&self, query: &Query) -> Result<Vec<Columns>, Error> {
        self.inputs.iter().map(|input| Ok(input.open(query)?.columns())).collect()
    }
}

/// The files behind a name.
fn files(name: &str, query: &Query) -> Result<Vec<PathBuf>, Error> {
    let path = Path::new(name);
    if path.is_dir() {
        let everything = Path::new(&glob::Pattern::escape(name)).join("**").join("*");
        return matching(&everything.to_string_lossy(), name, query);
    }
    if path.exists() || !name.contains(['*', '?', '[']) {
        return Ok(vec![path.into()]);
    }
    matching(name, name, query)
}

/// The files of a known format that match a glob; there is at least one.
fn matching(pattern: &str, name: &str, query: &Query) -> Result<Vec<PathBuf>, Error> {
    let visible = glob::MatchOptions { require_literal_leading_dot: true, ..glob::MatchOptions::new() };
    let found = glob::glob_with(pattern, visible)
        .map_err(|e| Error::caller(name).found(e.to_string()).expected("a glob such as data/*.csv"))?;
    let mut paths = Vec::new();
    let mut unknown = 0;
    for path in found {
        let path = path.map_err(|e| Error::machine(name).found(e.to_string()).advice("check its permissions"))?;
        if path.is_dir() {
            continue;
        }
        if query.format.is_some() || by_extension(&path).is_some() { paths.push(path) } else { unknown += 1 }
    }
    if paths.is_empty() {
        let found = match unknown {
            0 => "no file there".into(),
            1 => "1 file of unknown format".into(),
            many => format!("{many} files of unknown format"),
        };
        return Err(Error::input(name)
            .found(found)
            .expected(format!("files with one of the extensions {}", extensions()))
            .advice("check the path, or say with --format what the files are"));
    }
    paths.sort();
    Ok(paths)
}

/// The input at a path that need not be a plain file: what can be read only once is copied.
fn input_at(number: usize, path: &Path, query: &Query) -> Result<Input, Error> {
    let name = path.display().to_string();
    let kind = path.metadata().map_err(|e| unopened(&name, &e))?.file_type();
    if kind.is_file() {
        return Input::new(number, path, &name, query);
    }
    spooled(number, File::open(path).map_err(|e| unopened(&name, &e))?, &name, query)
}

/// An input whose bytes come from a stream: they are copied to a file that vanishes with the input.
fn spooled(number: usize, mut stream: impl Read, name: &str, query: &Query) -> Result<Input, Error> {
    let format = format_of(Path::new(name), name, query)?;
    let failed = |e: io::Error| {
        Error::machine(name)
            .found(format!("copying it to a temporary file failed: {e}"))
            .advice("make room there, or let TMPDIR point to another folder")
    };
    let mut copy = tempfile::NamedTempFile::new().map_err(failed)?;
    io::copy(&mut stream, copy.as_file_mut()).map_err(failed)?;
    let copy = copy.into_temp_path();
    let known = Query { format: Some(format.name.into()), ..query.clone() };
    let input = Input::new(number, &copy, name, &known)?;
    Ok(Input { stored: Stored::Copy(Arc::new(copy)), ..input })
}

/// The format of a file, by what the caller said or by its extension.
fn format_of(path: &Path, name: &str, query: &Query) -> Result<&'static Format, Error> {
    let known = || FORMATS.iter().map(|format| format.name).collect::<Vec<_>>().join(", ");
    let Some(said) = &query.format else {
        return by_extension(path).ok_or_else(|| {
            Error::caller(name)
                .found("a format that its name does not tell")
                .expected(format!("one of the extensions {}", extensions()))
                .advice(format!("say what it is with --format: {}", known()))
        });
    };
    let said = said.to_lowercase();
    let named = |format: &&Format| format.name == said || format.extensions.contains(&&*said);
    FORMATS.iter().find(named).ok_or_else(|| {
        Error::caller(format!("--format {said}")).found("no such format").expected(format!("one of {}", known()))
    })
}

/// The format that the name of a file tells; `.gz` and `.zst` are taken off before.
fn by_extension(path: &Path) -> Option<&'static Format> {
    let name = path.file_name()?.to_str()?.to_lowercase();
    let packed = [".gz", ".zst", ".zstd"].iter().find_map(|ending| name.strip_suffix(ending));
    let (_, extension) = packed.unwrap_or(&name).rsplit_once('.')?;
    FORMATS.iter().find(|format| format.extensions.contains(&extension))
}

fn extensions() -> String {
    FORMATS.iter().flat_map(|format| format.extensions).copied().collect::<Vec<_>>().join(", ")
}

fn unopened(name: &str, error: &io::Error) -> Error {
    if error.kind() == io::ErrorKind::NotFound {
        return Error::input(name)
            .found("no such file")
            .expected("a file, a folder, a glob, or - for standard input")
            .advice("check the spelling; the path starts at the current folder unless it begins with /");
    }
    Error::machine(name).found(error.to_string()).advice("check that the file can be read")
}
