//! A file appears whole or not at all: it is written under another name in the same folder, and takes its own
//! name at the end, in one step of the file system. Whatever fails before leaves no trace.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use super::{Out, place};
use crate::error::Error;

/// Whether a file of this name can be written: its folder exists, and it is new or, with `force`, regular.
pub(super) fn check_target(path: &Path, force: bool) -> Result<(), Error> {
    let folder = folder_of(path);
    if !folder.is_dir() {
        let found = if folder.exists() { "a file in place of its folder" } else { "no such folder" };
        return Err(Error::caller(place(path))
            .found(found)
            .expected(format!("the folder {} to exist", folder.display()))
            .advice("make the folder first"));
    }
    match fs::metadata(path) {
        Ok(there) if !there.is_file() => {
            Err(Error::caller(place(path)).found("something that is not a regular file").expected("a file"))
        }
        Ok(_) if !force => Err(Error::caller(place(path))
            .found("a file of this name")
            .expected("no such file")
            .advice("give --force to replace it")),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Writes a file by `write`; it replaces a file of that name only when all went well. Through a symbolic link
/// the file it points to is replaced.
pub(super) fn write(path: &Path, write: impl FnOnce(&mut dyn Out) -> io::Result<()>) -> Result<(), Error> {
    let mut file = Pending::begin(path)?;
    let mut out = BufWriter::with_capacity(1 << 18, &mut file.file);
    write(&mut out).and_then(|()| out.flush()).map_err(|error| machine(path, &error))?;
    drop(out);
    file.place()
}

/// As [`write`], for what has to open its file by name: `fill` is given the name that the file has for now.
pub(super) fn write_at(path: &Path, fill: impl FnOnce(&Path) -> io::Result<()>) -> Result<(), Error> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let fill = || {
        let file = unnamed_beside(&target)?.into_temp_path();
        fill(&file)?;
        file.persist(&target).map_err(|failed| failed.error)
    };
    fill().map_err(|error: io::Error| machine(path, &error))
}

/// A file that gets its name when it is whole, for what is written little by little. Dropping it leaves nothing behind.
pub(super) struct Pending {
    path: PathBuf,
    target: PathBuf,
    file: NamedTempFile,
}

impl Pending {
    /// A new file that is to have the name `path`.
    pub(super) fn begin(path: &Path) -> Result<Pending, Error> {
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let file = unnamed_beside(&target).map_err(|error| machine(path, &error))?;
        Ok(Pending { path: path.to_owned(), target, file })
    }

    /// The file as it is, to write it or to read it.
    pub(super) fn open(&self) -> Result<fs::File, Error> {
        self.file.reopen().map_err(|error| machine(&self.path, &error))
    }

    /// Gives it its name.
    pub(super) fn place(self) -> Result<(), Error> {
        self.file.persist(&self.target).map(|_| ()).map_err(|failed| machine(&self.path, &failed.error))
    }
}

/// How many bytes a file has.
pub(super) fn size(path: &Path) -> Result<u64, Error> {
    fs::metadata(path).map(|file| file.len()).map_err(|error| machine(path, &error))
}

/// The machine's fault, at a file that was to be written.
pub(super) fn machine(path: &Path, error: &io::Error) -> Error {
    let advice = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "make room, or write elsewhere",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => "write where you are allowed to",
        _ => "",
    };
    Error::machine(place(path)).found(error.to_string()).expected("to write the whole file").advice(advice)
}

/// The folder a file is in.
pub(super) fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// A new file next to `target`, readable by whom the umask lets read.
fn unnamed_beside(target: &Path) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(".torrid-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder_of(target))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_that_fails_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out.png");
        fs::write(&path, "old").expect("an old file");
        let failing = |out: &mut dyn Out| {
            out.write_all(&vec![7; 1 << 20])?;
            Err(io::ErrorKind::StorageFull.into())
        };
        let error = write(&path, failing).expect_err("the disk is full");
        assert_eq!(error.fault(), crate::error::Fault::Machine);
        assert_eq!(fs::read(&path).expect("still there"), b"old");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "no second file");
    }

    #[test]
    fn a_write_that_succeeds_replaces_the_old_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out.png");
        fs::write(&path, "old and longer").expect("an old file");
        write(&path, |out| out.write_all(b"new")).expect("room enough");
        assert_eq!(fs::read(&path).expect("there"), b"new");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "no second file");
    }

    #[cfg(unix)]
    #[test]
    fn a_new_file_has_the_mode_of_any_new_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let (ours, usual) = (folder.path().join("a"), folder.path().join("b"));
        write(&ours, |out| out.write_all(b"x")).expect("room enough");
        fs::write(&usual, "x").expect("room enough");
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode();
        assert_eq!(mode(&ours), mode(&usual));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_keeps_pointing_to_the_file_that_is_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").expect("room enough");
        std::os::unix::fs::symlink(&file, &link).expect("a link");
        write(&link, |out| out.write_all(b"new")).expect("room enough");
        assert_eq!(fs::read(&file).expect("there"), b"new");
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink(), "the link stays a link");
    }
}
