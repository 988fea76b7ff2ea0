//! Any bytes, read as any format, end in events or in an error: never in a panic, a hang or endless memory. The first
//! byte chooses the format.

#![no_main]

use std::io::Write;

use libfuzzer_sys::fuzz_target;
use torrid::Space;
use torrid::source::{FORMATS, Inputs, Query};

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, bytes)) = bytes.split_first() else { return };
    let format = FORMATS[usize::from(*choice) % FORMATS.len()].name;
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(bytes).expect("a full disk is not what is looked for");
    let query = Query { format: Some(format.into()), ..Query::new(Space::Earth) };
    let name = file.path().display().to_string();
    let Ok(mut source) = Inputs::find(&[name], &query).and_then(|inputs| inputs.open(&query)) else { return };
    while let Ok(Some(part)) = source.next_part() {
        if part.read().is_err() {
            break;
        }
    }
});
