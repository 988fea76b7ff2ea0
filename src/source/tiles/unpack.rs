//! Unpacks what archives hold, up to a limit: a few bytes may claim to be gigabytes.

use std::io::{self, Read};

use crate::source::unpack::Compression as File;

/// How bytes are packed, by the numbers of PMTiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// Not at all.
    None,
    /// Gzip.
    Gzip,
    /// Brotli.
    Brotli,
    /// Zstandard.
    Zstd,
}

impl Packing {
    /// The packing of a number; 0 is unknown, which the first bytes tell.
    pub fn of(number: u8, bytes: &[u8]) -> Option<Packing> {
        Some(match number {
            0 => match File::of(bytes) {
                File::None => Packing::None,
                File::Gzip => Packing::Gzip,
                File::Zstd => Packing::Zstd,
            },
            1 => Packing::None,
            2 => Packing::Gzip,
            3 => Packing::Brotli,
            4 => Packing::Zstd,
            _ => return None,
        })
    }

    /// The unpacked bytes, of which there may be `most`.
    pub fn unpack(self, bytes: Vec<u8>, most: u64) -> Result<Vec<u8>, String> {
        let unpacked = match self {
            Packing::None => return Ok(bytes),
            Packing::Gzip => read(flate2::read::MultiGzDecoder::new(&bytes[..]), most),
            Packing::Brotli => read(brotli_decompressor::Decompressor::new(&bytes[..], 1 << 12), most),
            Packing::Zstd => zstd::stream::read::Decoder::new(&bytes[..]).and_then(|reader| read(reader, most)),
        };
        match unpacked {
            Ok(unpacked) if unpacked.len() as u64 > most => Err(format!("more than {most} bytes in {}", bytes.len())),
            Ok(unpacked) => Ok(unpacked),
            Err(error) => Err(format!("bytes that do not unpack ({error})")),
        }
    }
}

/// What a reader gives, one byte more than `most` at the most.
fn read(reader: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(most + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
