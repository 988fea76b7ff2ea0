//! The member `crs` of `GeoJSON` before RFC 7946 (2008), which programs still write: the reference system of
//! a collection that is not in degrees.

use std::io::Read;

use struson::reader::{JsonReader, JsonStreamReader, ValueType};

use crate::events::Space;
use crate::source::json::{Cells, Damage, Stop};
use crate::source::{Crs, Field, Query, Row};

/// Reads the value of a member `crs` into `query`, unless the caller named a system or the space is flat.
pub(in crate::source) fn read<R: Read>(json: &mut JsonStreamReader<R>, query: &mut Query) -> Result<(), Stop> {
    if json.peek()? != ValueType::Object || query.crs.is_some() || query.space != Space::Earth {
        return Ok(json.skip_value()?);
    }
    let mut cells = Cells::for_columns(&["properties.name".into()]);
    cells.read_object(json)?;
    let Field::Text(name) = cells.field(0) else {
        return Err(unknown(json, "a reference system without a name").into());
    };
    if name.ends_with("CRS84") || name.ends_with(":4326") {
        return Ok(());
    }
    let code = name.rsplit(':').next().filter(|code| name.contains("EPSG") && code.parse::<u16>().is_ok());
    let code = code.ok_or_else(|| unknown(json, &format!("the reference system `{name}`")))?;
    query.crs = Some(Crs::parse(&format!("EPSG:{code}"))?);
    Ok(())
}

fn unknown<R: Read>(json: &JsonStreamReader<R>, found: &str) -> Damage {
    Damage::at(json, "crs", found, "a number of EPSG").advise("say with --crs EPSG:n which system it is")
}

/// The Features have been read before it was said that they are not in degrees.
pub(in crate::source) fn too_late<R: Read>(json: &JsonStreamReader<R>) -> Damage {
    let found = "a reference system that is not degrees, said behind the Features";
    Damage::at(json, "crs", found, "it before them").advise("say with --crs EPSG:n which system it is")
}
