//! How much memory a run may take.

use std::path::Path;

use clap::Args;

use crate::error::Error;
use crate::lines::cells::Memory;

/// The names of sizes, and their bytes.
const UNITS: &[(&str, f64)] = &[
    ("", 1.0),
    ("b", 1.0),
    ("kb", 1e3),
    ("mb", 1e6),
    ("gb", 1e9),
    ("tb", 1e12),
    ("kib", 1024.0),
    ("mib", 1_048_576.0),
    ("gib", 1_073_741_824.0),
    ("tib", 1_099_511_627_776.0),
];

/// The least that can be kept: reading alone takes some of it.
const LEAST: f64 = 64.0 * 1024.0 * 1024.0;

/// Options of memory.
#[derive(Debug, Args)]
pub struct MemoryArgs {
    /// How much memory events and cells may take, such as 500MB or 4GiB: what does not fit waits in files beside OUT. The
    /// output never depends on it [default: 1GiB]
    #[arg(long, value_name = "SIZE")]
    max_memory: Option<String>,
}

impl MemoryArgs {
    /// What they say, for a run that writes `output`.
    pub fn memory(&self, output: &Path) -> Result<Memory, Error> {
        let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let bytes = |text| bytes("--max-memory", text);
        let bytes = self.max_memory.as_deref().map_or(Ok(Memory::default().bytes), bytes)?;
        Ok(Memory { bytes, folder: folder.to_owned() })
    }
}

/// The bytes that an option names.
pub fn bytes(option: &str, text: &str) -> Result<usize, Error> {
    size(option, text, (LEAST, "64MiB"))
}

/// The same, of at least so many.
pub fn size(option: &str, text: &str, (least, written): (f64, &str)) -> Result<usize, Error> {
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = text[number.len()..].to_lowercase();
    let unit = UNITS.iter().find(|(name, _)| *name == unit);
    let bytes = unit.zip(number.trim().parse::<f64>().ok()).map(|((_, unit), number)| number * unit);
    bytes.filter(|bytes| (least..1e18).contains(bytes)).map(|bytes| bytes as usize).ok_or_else(|| {
        Error::caller(option)
            .found(format!("`{text}`"))
            .expected(format!("a size of at least {written}, in MB, MiB, GB or GiB"))
            .advice("write it like 500MB or 4GiB")
    })
}
