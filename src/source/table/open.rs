//! From a path to bytes: what a table is called, how it is packed, and in which format it is.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use super::{FORMATS, Format, TableQuery};
use crate::error::Error;
use crate::source::unpack::fill;
use crate::source::{Compression, Consumed};

/// A table that can be read, as often as one likes.
pub(super) struct Opened {
    pub name: String,
    pub format: &'static Format,
    pub compression: Compression,
    /// In bytes, as it is stored.
    pub size: u64,
    path: PathBuf,
    /// The copy of what can be read only once; it is gone with this.
    _copy: Option<TempPath>,
}

impl Opened {
    pub fn of(path: &Path, query: &TableQuery) -> Result<Opened, Error> {
        let copy = (path == Path::new("-")).then(copied).transpose()?;
        let name = if copy.is_some() { "standard input".into() } else { path.display().to_string() };
        let told = told(path, query)?;
        let path: PathBuf = copy.as_deref().unwrap_or(path).into();
        let unopened = |e: io::Error| {
            Error::machine(&*name).found(e.to_string()).expected("a file that can be read").advice("check the name")
        };
        let mut file = File::open(&path).map_err(unopened)?;
        let size = file.metadata().map_err(unopened)?.len();
        let mut head = [0; 4];
        let filled = fill(&mut file, &mut head).map_err(unopened)?;
        let compression = Compression::of(&head[..filled]);
        let mut opened = Opened { name, format: &FORMATS[0], compression, size, path, _copy: copy };
        opened.format = if let Some(told) = told { told } else { opened.sniffed()? };
        Ok(opened)
    }

    /// The bytes as they are stored.
    pub fn file(&self) -> Result<File, Error> {
        File::open(&self.path).map_err(|e| self.unread(&e))
    }

    /// The bytes from the start, unpacked.
    pub fn reader(&self) -> Result<Box<dyn Read + Send>, Error> {
        let stored = Consumed::new(self.size).watch(Box::new(self.file()?));
        self.compression.unpack(stored).map_err(|e| self.unread(&e))
    }

    /// The format that the first bytes announce; a table of text where they announce nothing.
    fn sniffed(&self) -> Result<&'static Format, Error> {
        let mut head = [0; 6];
        let mut reader = self.reader()?;
        let filled = fill(&mut reader, &mut head).map_err(|e| self.unread(&e))?;
        Ok(by_name(match &head[..filled] {
            [b'P', b'A', b'R', b'1', ..] => "parquet",
            b"\x93NUMPY" => "npy",
            [b'#', b'1', b'.', ..] => "gct",
            [b'[' | b'{', ..] => "json",
            _ => "csv",
        })
        .unwrap_or(&FORMATS[0]))
    }

    /// The start of an error about the file.
    pub fn error(&self) -> Error {
        Error::input(&*self.name)
    }

    /// The start of an error about a line of it.
    pub fn error_at(&self, line: u64) -> Error {
        Error::input(format!("{}, line {line}", self.name))
    }

    /// The error of a table of more than so many cells.
    pub fn too_large(&self, rows: u128, columns: u128) -> Error {
        Error::limit(&*self.name)
            .found(format!("a table of {rows} x {columns} cells"))
            .expected(format!("no more than {} cells", super::CELLS))
            .advice("cut it, or bring rows together before")
    }

    /// What it means that reading failed: damage where the machine itself did not complain.
    pub fn unread(&self, error: &io::Error) -> Error {
        if error.raw_os_error().is_some() || self.compression == Compression::None {
            return Error::machine(&*self.name).found(error.to_string()).advice("check that the file can be read");
        }
        self.error()
            .found(format!("{} data that is damaged or cut short ({error})", self.compression.name()))
            .expected("a whole compressed file")
            .advice("fetch or pack it again")
    }
}

/// The format that the caller or the file name tells.
fn told(path: &Path, query: &TableQuery) -> Result<Option<&'static Format>, Error> {
    if let Some(name) = &query.format {
        let known = FORMATS.iter().map(|format| format.name).collect::<Vec<_>>().join(", ");
        return by_name(name).map(Some).ok_or_else(|| {
            Error::caller("--format").found(format!("`{name}`")).expected(format!("a format of tables: {known}"))
        });
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let name = [".gz", ".zst"].iter().fold(&*name, |name, packed| name.strip_suffix(packed).unwrap_or(name));
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    Ok(FORMATS.iter().find(|format| format.extensions.contains(&extension)))
}

fn by_name(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name.eq_ignore_ascii_case(name))
}

/// A copy of standard input.
fn copied() -> Result<TempPath, Error> {
    let error = |e: io::Error| Error::machine("standard input").found(e.to_string());
    let mut file = tempfile::NamedTempFile::new().map_err(error)?;
    io::copy(&mut io::stdin().lock(), &mut file).map_err(error)?;
    Ok(file.into_temp_path())
}
