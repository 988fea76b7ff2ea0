//! JSON that may be of any kind: a location history, or else `GeoJSON`. Its first bytes tell.

use std::io::{Cursor, Read};

use memchr::memmem;

use crate::error::Error;
use crate::source::Query;
use crate::source::tracks::{Recorder, geojson, takeout};
use crate::source::unpack::{Origin, fill};

/// How many bytes are looked at.
const HEAD: usize = 64 << 10;

/// Tells `out` what tracks there are in the JSON that is in `bytes`.
pub(super) fn read(
    mut bytes: Box<dyn Read + Send>,
    name: &str,
    query: &Query,
    out: &mut Recorder<'_>,
) -> Result<(), Error> {
    let mut head = vec![0; HEAD];
    let seen = fill(&mut bytes, &mut head).map_err(|e| Origin::named(name).unread(&e))?;
    head.truncate(seen);
    // Whatever has no type is no GeoJSON.
    let history = takeout::recognises(&head) || memmem::find(&head, b"\"type\"").is_none();
    let bytes = Box::new(Cursor::new(head).chain(bytes));
    if history { takeout::read(bytes, name, query, out) } else { geojson::read(bytes, name, query, out) }
}
