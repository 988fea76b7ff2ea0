//! The bytes behind the stored ones: `.gz` and `.zst` are unpacked in passing, and what was consumed of
//! the stored bytes is counted for the progress.

use std::io::{self, BufReader, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use encoding_rs_io::DecodeReaderBytes;

use crate::error::Error;

/// How the bytes of a file are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// Gzip, of one or several members.
    Gzip,
    /// Zstandard, of one or several frames.
    Zstd,
}

impl Compression {
    /// The packing that these first bytes of a file announce. A file that is called `.gz` and is none is
    /// read as it stands.
    ///
    /// ```
    /// use torrid::source::Compression;
    /// assert_eq!(Compression::of(&[0x1f, 0x8b, 8, 0]), Compression::Gzip);
    /// assert_eq!(Compression::of(b"lon,"), Compression::None);
    /// ```
    pub fn of(head: &[u8]) -> Compression {
        match head {
            [0x1f, 0x8b, ..] => Compression::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Compression::Zstd,
            _ => Compression::None,
        }
    }

    /// What messages call it.
    pub fn name(self) -> &'static str {
        match self {
            Compression::None => "plain",
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
        }
    }

    /// The unpacked bytes of what `reader` gives.
    pub(super) fn unpack(self, reader: Watched) -> io::Result<Box<dyn Read + Send>> {
        Ok(match self {
            Compression::None => Box::new(reader),
            Compression::Gzip => {
                Box::new(flate2::bufread::MultiGzDecoder::new(BufReader::with_capacity(BUFFER, reader)))
            }
            Compression::Zstd => {
                Box::new(zstd::stream::read::Decoder::with_buffer(BufReader::with_capacity(BUFFER, reader))?)
            }
        })
    }
}

/// What messages need to know of some bytes.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    /// What they are called.
    pub(super) name: Arc<str>,
    /// How they are packed where they are stored, if at all.
    pub(super) packing: Option<&'static str>,
}

impl Origin {
    /// The origin of bytes of which nothing but a name is known.
    pub(super) fn named(name: &str) -> Origin {
        Origin { name: name.into(), packing: None }
    }

    /// What it means that reading failed: damage where the machine itself did not complain.
    pub(super) fn unread(&self, error: &io::Error) -> Error {
        let Some(packing) = self.packing.filter(|_| error.raw_os_error().is_none()) else {
            return Error::machine(&*self.name).found(error.to_string()).advice("check that the file can be read");
        };
        Error::input(&*self.name)
            .found(format!("{packing} data that is damaged or cut short ({error})"))
            .expected("a whole compressed file")
            .advice("fetch or pack it again")
    }
}

/// How much is read of a compressed file at once.
const BUFFER: usize = 128 << 10;

/// How many of the stored bytes of a file its reader has consumed.
#[derive(Debug, Clone)]
pub struct Consumed {
    bytes: Arc<AtomicU64>,
    size: u64,
}

impl Consumed {
    pub(super) fn new(size: u64) -> Consumed {
        Consumed { bytes: Arc::new(AtomicU64::new(0)), size }
    }

    pub(super) fn watch(&self, stored: Box<dyn Read + Send>) -> Watched {
        Watched { stored, consumed: self.clone() }
    }

    /// The share of the file that is consumed, 0 to 1.
    pub fn share(&self) -> f64 {
        let bytes = self.bytes.load(Ordering::Relaxed);
        if self.size == 0 { 1.0 } else { (bytes as f64 / self.size as f64).min(1.0) }
    }
}

/// Stored bytes whose reading is counted.
pub(super) struct Watched {
    stored: Box<dyn Read + Send>,
    consumed: Consumed,
}

impl Read for Watched {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.stored.read(bytes)?;
        self.consumed.bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Reads until `bytes` is full or the input ends; how many it read.
pub(super) fn fill(reader: &mut impl Read, bytes: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < bytes.len() {
        match reader.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(filled)
}

/// The text behind the bytes, without a byte order mark: UTF-8 as it is, UTF-16 decoded. UTF-16 without a
/// mark is told by the zeros of its first two letters.
pub(super) fn utf8(mut reader: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    let mut head = [0; 4];
    let filled = fill(&mut reader, &mut head)?;
    let zeros = head.map(|byte| byte == 0);
    let (mark, skipped, decoded): (&[u8], usize, bool) = match (head, zeros) {
        ([0xef, 0xbb, 0xbf, _], _) => (&[], 3, false),
        ([0xff, 0xfe, ..] | [0xfe, 0xff, ..], _) => (&[], 0, true),
        (_, [false, true, false, true]) => (&[0xff, 0xfe], 0, true),
        (_, [true, false, true, false]) => (&[0xfe, 0xff], 0, true),
        _ => (&[], 0, false),
    };
    let start = [mark, &head[..filled][skipped.min(filled)..]].concat();
    let text = Cursor::new(start).chain(reader);
    Ok(if decoded { Box::new(DecodeReaderBytes::new(text)) } else { Box::new(text) })
}
