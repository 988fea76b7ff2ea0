//! Several files that belong together, such as the frames of an animation: they are written in a folder of their own
//! beside their places, and moved there when all are whole. A run that fails leaves none of them.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::{Builder, TempDir};

use super::{format_of, place, whole};
use crate::error::Error;

/// Files that are being written.
#[derive(Debug)]
pub struct Sequence {
    staging: TempDir,
    targets: Vec<PathBuf>,
}

/// Whether files beside `path`, with its extension, can be written, as far as can be told before their names are known.
///
/// # Errors
/// When the extension names no format, or something that is no folder stands where the folder is to be.
pub fn check_sequence(path: &Path) -> Result<(), Error> {
    format_of(path)?;
    match path.parent().and_then(|folder| folder.ancestors().find(|folder| folder.exists())) {
        Some(there) if !there.is_dir() => Err(Error::caller(place(path))
            .found(format!("the file {}", there.display()))
            .expected("a folder, or nothing yet")
            .advice("choose another folder")),
        _ => Ok(()),
    }
}

impl Sequence {
    /// Makes the folder of files with these paths, all in one folder, where it does not exist.
    ///
    /// # Errors
    /// When a file exists and `force` is not given, or the folder cannot be made.
    pub fn begin(targets: Vec<PathBuf>, force: bool) -> Result<Sequence, Error> {
        let folder = match targets[0].parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        fs::create_dir_all(&folder).map_err(|error| whole::machine(&folder, &error))?;
        targets.iter().try_for_each(|target| super::check(target, force))?;
        let staging = Builder::new().prefix(".torrid-").tempdir_in(&folder);
        Ok(Sequence { staging: staging.map_err(|error| whole::machine(&folder, &error))?, targets })
    }

    /// Where to write the file of this number for now.
    pub fn path(&self, number: usize) -> PathBuf {
        self.staging.path().join(self.targets[number].file_name().unwrap_or_default())
    }

    /// Moves all files to their places.
    ///
    /// # Errors
    /// When one cannot be moved.
    pub fn finish(self) -> Result<(), Error> {
        for (number, target) in self.targets.iter().enumerate() {
            fs::rename(self.path(number), target).map_err(|error| whole::machine(target, &error))?;
        }
        Ok(())
    }
}
