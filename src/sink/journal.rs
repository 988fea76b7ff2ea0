//! A journal grows, and nothing else: what was appended is on the disk before that is told, and what a crash left half
//! written is put aside, not thrown away.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::place;
use crate::error::Error;
use crate::journal::{Entry, FIRST_LINE};

/// A journal that this process alone appends to.
#[derive(Debug)]
pub struct JournalWriter {
    path: PathBuf,
    file: File,
    end: u64,
    /// Whether it is not known any more what the disk holds.
    broken: bool,
}

impl JournalWriter {
    /// Opens a journal, or begins one.
    ///
    /// # Errors
    /// When it cannot be opened (machine), or another process appends to it (caller).
    pub fn open(path: &Path) -> Result<JournalWriter, Error> {
        let failed = |error: io::Error| failed(path, &error);
        let file = OpenOptions::new().read(true).append(true).create(true).open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::caller(place(path))
                    .found("a journal that another process appends to")
                    .expected("one for each server")
                    .advice("stop the other server, or name another file"));
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let end = file.metadata().map_err(failed)?.len();
        let mut journal = JournalWriter { path: path.to_owned(), file, end, broken: false };
        if end == 0 {
            journal.write(FIRST_LINE.as_bytes())?;
            sync_folder(path).map_err(failed)?;
        }
        Ok(journal)
    }

    /// How many bytes it has.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Settles that it ends here: what lies beyond goes into a file beside it, whose name comes back.
    ///
    /// # Errors
    /// When that cannot be written or this cannot be cut.
    pub fn end_at(&mut self, end: u64) -> Result<Option<PathBuf>, Error> {
        if end == self.end {
            return Ok(None);
        }
        let failed = |error: io::Error| failed(&self.path, &error);
        let mut rest = Vec::new();
        self.file.seek(SeekFrom::Start(end)).and_then(|_| self.file.read_to_end(&mut rest)).map_err(failed)?;
        let mut name = self.path.clone().into_os_string();
        name.push(".torn");
        let beside = OpenOptions::new().append(true).create(true).open(&name);
        beside.and_then(|mut beside| beside.write_all(&rest).and_then(|()| beside.sync_all())).map_err(failed)?;
        self.file.set_len(end).and_then(|()| self.file.sync_all()).map_err(failed)?;
        self.end = end;
        Ok(Some(name.into()))
    }

    /// Appends bodies; they are on the disk when this comes back.
    ///
    /// # Errors
    /// When the disk is full or fails: then none of them is in the journal, and after a failure to write back nothing more
    /// is taken.
    pub fn append<'a>(&mut self, bodies: impl IntoIterator<Item = (&'a Entry, &'a [u8])>) -> Result<(), Error> {
        if self.broken {
            let advice = "start the server again once the disk is well: what was acknowledged is kept";
            return Err(Error::machine(place(&self.path)).found("a disk that failed before").advice(advice));
        }
        let mut bytes = Vec::new();
        for (entry, body) in bodies {
            bytes.extend_from_slice(entry.line().as_bytes());
            bytes.extend_from_slice(body);
            bytes.push(b'\n');
        }
        if bytes.is_empty() { Ok(()) } else { self.write(&bytes) }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let written = self.file.write_all(bytes).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // After a failed sync nobody knows what the disk holds, unless it can be cut to what it held before.
            self.broken = self.file.set_len(self.end).and_then(|()| self.file.sync_all()).is_err();
            return Err(failed(&self.path, &error));
        }
        self.end += bytes.len() as u64;
        Ok(())
    }
}

/// So that the name of a new file is on the disk too.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn failed(path: &Path, error: &io::Error) -> Error {
    Error::machine(place(path)).found(error.to_string()).advice("check the disk and the permissions")
}
