//! What lies in a zip archive, read in place: nothing is unpacked into the file system but archives inside of it, into files
//! without a name. No member may be much larger than it is packed, archives lie at most two deep, and the names of members
//! are words for messages, never paths.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::Crc;
use tempfile::TempPath;
use zip::{CompressionMethod, ZipArchive};

use crate::error::Error;

/// A member may have so many bytes, and so many times those it is packed in: GPX is packed 30 times at most, deflate could
/// do a thousand times.
const FREE: u64 = 64 << 20;
const RATIO: u64 = 200;
/// Archives inside of archives inside of the archive are not opened.
const DEEPEST: usize = 1;

/// A file in an archive.
#[derive(Debug, Clone)]
pub(super) struct Member {
    /// Its path in the archive, behind those of the archives around it; separated by `/`.
    pub(super) path: String,
    /// Where its bytes are.
    pub(super) packed: Packed,
}

/// Where the bytes of a member are.
#[derive(Debug, Clone)]
pub(super) struct Packed {
    file: PathBuf,
    /// A copy is gone with the last member that is in it.
    #[expect(dead_code, reason = "it is held, not looked at")]
    copy: Option<Arc<TempPath>>,
    start: u64,
    /// Packed, in bytes.
    pub(super) size: u64,
    deflated: bool,
    checksum: u32,
    /// Why it cannot be read.
    refused: Option<&'static str>,
}

/// The members of the archive at `path`, which messages call `name`, and those of the archives in it, in the order of the
/// archives. Where the file is but a `copy`, it is kept as long as a member may be read.
///
/// # Errors
/// When it cannot be read, or is no archive, or a trap.
pub(super) fn members(path: &Path, copy: Option<Arc<TempPath>>, name: &str) -> Result<Vec<Member>, Error> {
    let size = path.metadata().map_err(|e| machine(name, &e))?.len();
    let mut found = Vec::new();
    let archive = Archive { path: path.to_owned(), copy, name: name.to_owned(), prefix: String::new() };
    list(&archive, 0, &mut most(size), &mut found)?;
    Ok(found)
}

/// An archive, which may lie in another one.
struct Archive {
    path: PathBuf,
    copy: Option<Arc<TempPath>>,
    name: String,
    /// What its members' paths begin with.
    prefix: String,
}

/// Lists an archive; `budget` is how many bytes of archives may still be unpacked.
fn list(archive: &Archive, depth: usize, budget: &mut u64, found: &mut Vec<Member>) -> Result<(), Error> {
    let file = File::open(&archive.path).map_err(|e| machine(&archive.name, &e))?;
    let mut zip = ZipArchive::new(BufReader::new(file)).map_err(|e| damaged(&archive.name, &e))?;
    if zip.has_overlapping_files().map_err(|e| damaged(&archive.name, &e))? {
        return Err(Error::input(&*archive.name)
            .found("an archive whose members share bytes")
            .expected("members that have bytes of their own")
            .advice("such an archive is made to fill disks: do not trust where it comes from"));
    }
    for index in 0..zip.len() {
        let Some(member) = member(archive, &mut zip, index)? else { continue };
        if depth < DEEPEST && ending(&member.path, ".zip") && member.packed.refused.is_none() {
            let inner = inner(&member, &archive.name, budget)?;
            list(&inner, depth + 1, budget, found)?;
        } else {
            found.push(member);
        }
    }
    Ok(())
}

fn member(archive: &Archive, zip: &mut ZipArchive<BufReader<File>>, index: usize) -> Result<Option<Member>, Error> {
    let entry = zip.by_index_raw(index).map_err(|e| damaged(&archive.name, &e))?;
    let said: String = String::from_utf8_lossy(entry.name_raw()).replace('\\', "/");
    let path: String = said.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
    // What macOS adds beside each file begins with `._`.
    let hidden =
        path.split('/').any(|part| part == "__MACOSX") || path.rsplit('/').next().unwrap_or("").starts_with('.');
    if entry.is_dir() || entry.is_symlink() || hidden {
        return Ok(None);
    }
    let method = entry.compression();
    let refused = match method {
        _ if entry.encrypted() => Some("a member that is encrypted"),
        CompressionMethod::Stored | CompressionMethod::Deflated => None,
        _ => Some("a member that is packed neither by deflate nor not at all"),
    };
    let start = entry.data_start().ok_or_else(|| damaged(&archive.name, &"a member without bytes"))?;
    let packed = Packed {
        file: archive.path.clone(),
        copy: archive.copy.clone(),
        start,
        size: entry.compressed_size(),
        deflated: method == CompressionMethod::Deflated,
        checksum: entry.crc32(),
        refused,
    };
    Ok(Some(Member { path: format!("{}{path}", archive.prefix), packed }))
}

/// An archive in an archive, copied out.
fn inner(member: &Member, name: &str, budget: &mut u64) -> Result<Archive, Error> {
    let name = format!("{name}/{}", member.path);
    let failed = |e: io::Error| {
        Error::input(&*name)
            .found(format!("an archive in an archive that cannot be unpacked ({e})"))
            .expected("a whole one")
    };
    let mut copy = tempfile::NamedTempFile::new().map_err(|e| machine(&name, &e))?;
    let copied = io::copy(&mut member.packed.reader().map_err(failed)?.take(*budget + 1), copy.as_file_mut());
    let copied = copied.map_err(failed)?;
    *budget = budget.checked_sub(copied).ok_or_else(|| failed(too_large()))?;
    let copy = copy.into_temp_path();
    Ok(Archive { path: copy.to_path_buf(), copy: Some(Arc::new(copy)), prefix: format!("{}/", member.path), name })
}

impl Packed {
    /// The bytes of the member, unpacked; reading fails where they are not those that were packed, or too many.
    ///
    /// # Errors
    /// When the archive cannot be read, or the member is packed in a way that is not known.
    pub(super) fn reader(&self) -> io::Result<Box<dyn Read + Send>> {
        if let Some(refused) = self.refused {
            return Err(io::Error::other(refused));
        }
        let mut file = File::open(&self.file)?;
        file.seek(SeekFrom::Start(self.start))?;
        let packed = BufReader::with_capacity(1 << 16, file.take(self.size));
        let bytes: Box<dyn Read + Send> =
            if self.deflated { Box::new(flate2::bufread::DeflateDecoder::new(packed)) } else { Box::new(packed) };
        Ok(Box::new(Checked { bytes, sum: Crc::new(), expected: self.checksum }).bounded(self.size))
    }
}

/// Readers that give no more than a file of so many packed bytes may hold.
pub(super) trait Bounded {
    /// The same reader; reading fails where it gives far more than `packed` bytes can be expected to hold.
    fn bounded(self, packed: u64) -> Box<dyn Read + Send>;
}

impl<R: Read + Send + 'static> Bounded for R {
    fn bounded(self, packed: u64) -> Box<dyn Read + Send> {
        Box::new(Fenced { bytes: self, left: most(packed) })
    }
}

/// How many bytes may come of so many packed ones.
fn most(packed: u64) -> u64 {
    FREE.saturating_add(packed.saturating_mul(RATIO))
}

struct Fenced<R> {
    bytes: R,
    left: u64,
}

impl<R: Read> Read for Fenced<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read(to)?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(too_large)?;
        Ok(count)
    }
}

/// Bytes whose checksum is known.
struct Checked {
    bytes: Box<dyn Read + Send>,
    sum: Crc,
    expected: u32,
}

impl Read for Checked {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read(to)?;
        self.sum.update(&to[..count]);
        if count == 0 && !to.is_empty() && self.sum.sum() != self.expected {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the checksum of the member is another one"));
        }
        Ok(count)
    }
}

fn too_large() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("it is more than {RATIO} times as large as it is packed"))
}

/// Whether a path ends so, in whatever case.
pub(super) fn ending(path: &str, ending: &str) -> bool {
    path.to_ascii_lowercase().ends_with(ending)
}

fn machine(name: &str, error: &io::Error) -> Error {
    Error::machine(name).found(error.to_string()).advice("check that the file can be read")
}

fn damaged(name: &str, error: &dyn std::fmt::Display) -> Error {
    Error::input(name)
        .found(format!("an archive that is damaged or none ({error})"))
        .expected("a zip archive")
        .advice("fetch or pack it again")
}
