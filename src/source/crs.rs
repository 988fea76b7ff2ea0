//! Reference systems of coordinates as written, by their EPSG number. The formulas are those of `proj4rs`,
//! the definitions those of `crs-definitions`; this file knows neither, only how a name leads to them.
//!
//! Datum shifts are the three or seven parameters (`+towgs84`) of the definition. Where a survey publishes
//! a grid of shifts as well (OSTN15, RDNAPTRANS, BETA2007), the result differs from the grid's by what the
//! parameters leave: decimetres to a few metres. NAD27, whose shift is a grid only, is refused.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use proj4rs::errors::Error as ProjError;
use proj4rs::{Proj, transform::transform};

use crate::error::Error;

/// A reference system by its EPSG number, cheap to clone and shared between threads.
#[derive(Clone)]
pub struct Crs {
    code: u16,
    shift: Arc<Shift>,
}

/// The way from coordinates as written to degrees WGS 84.
enum Shift {
    /// They are degrees WGS 84, longitude first.
    Identity,
    /// They are degrees of another datum.
    Degrees(Pair),
    /// They are lengths in the plane of a projection.
    Plane(Pair),
}

/// A system and WGS 84.
struct Pair {
    from: Proj,
    to: Proj,
}

impl Crs {
    /// Reads `EPSG:28992`, `epsg:28992`, `28992` or `OGC:CRS84`.
    ///
    /// ```
    /// use torrid::source::Crs;
    /// let netherlands = Crs::parse("EPSG:28992")?;
    /// let (longitude, latitude) = netherlands.to_degrees(155_000.0, 463_000.0).unwrap();
    /// assert!((longitude - 5.387206).abs() < 1e-5 && (latitude - 52.155174).abs() < 1e-5);
    /// # Ok::<(), torrid::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the text names no system, an unknown one, or one whose projection cannot be inverted here.
    pub fn parse(text: &str) -> Result<Crs, Error> {
        let code = code(text)?;
        if code == WGS84 {
            return Ok(Crs { code, shift: Arc::new(Shift::Identity) });
        }
        let definition = crs_definitions::from_code(code).ok_or_else(|| unknown(code))?;
        let shift = shift(definition.proj4).map_err(|why| unusable(code, definition.proj4, &why))?;
        Ok(Crs { code, shift: Arc::new(shift) })
    }

    /// The EPSG number; 4326 for `OGC:CRS84`, because longitude comes first here in any case.
    pub fn code(&self) -> u16 {
        self.code
    }

    /// Longitude and latitude in degrees WGS 84 of a position in this system, `x` being its easting or
    /// longitude. `None` where the position has no inverse, or is not on the Earth.
    #[inline]
    pub fn to_degrees(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        match &*self.shift {
            Shift::Identity => Some((x, y)),
            Shift::Degrees(pair) => pair.degrees(x.to_radians(), y.to_radians()),
            Shift::Plane(pair) => pair.degrees(x, y),
        }
    }
}

impl fmt::Debug for Crs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Crs(EPSG:{})", self.code)
    }
}

impl Pair {
    fn degrees(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        let mut point = (x, y, 0.0);
        transform(&self.from, &self.to, &mut point).ok()?;
        let (longitude, latitude) = (point.0.to_degrees(), point.1.to_degrees());
        (longitude.is_finite() && latitude.abs() <= 90.0).then_some((longitude, latitude))
    }
}

/// EPSG number of degrees WGS 84.
const WGS84: u16 = 4326;

/// Numbers that programs wrote for Web Mercator before, or beside, its registration as EPSG:3857.
const WEB_MERCATOR_NICKNAMES: [u32; 3] = [102_100, 102_113, 900_913];

fn code(text: &str) -> Result<u16, Error> {
    let name = text.trim();
    if name.eq_ignore_ascii_case("OGC:CRS84") || name.eq_ignore_ascii_case("CRS84") {
        return Ok(WGS84);
    }
    let digits = match name.get(..5) {
        Some(prefix) if prefix.eq_ignore_ascii_case("EPSG:") => &name[5..],
        _ => name,
    };
    let number = digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse::<u32>().ok()).flatten();
    let number = number.ok_or_else(|| {
        Error::caller("--crs")
            .found(format!("`{text}`"))
            .expected("an EPSG number such as EPSG:28992")
            .advice("look the number of the system up at https://epsg.io")
    })?;
    u16::try_from(number).map_err(|_| unknown(number))
}

fn shift(definition: &str) -> Result<Shift, String> {
    let from = Proj::from_proj_string(&without_grid(definition)).map_err(|error| match error {
        ProjError::NadGridNotAvailable => "its datum shift is a grid, which torrid does not carry".into(),
        other => other.to_string(),
    })?;
    let to = Proj::from_proj_string("+proj=longlat +datum=WGS84 +no_defs").map_err(|error| error.to_string())?;
    if from.is_geocent() {
        return Err("it is geocentric, three coordinates from the centre of the Earth".into());
    }
    if !from.has_inverse() {
        return Err("it has no inverse".into());
    }
    let pair = Pair { from, to };
    Ok(if pair.from.is_latlong() { Shift::Degrees(pair) } else { Shift::Plane(pair) })
}

/// The definition without a grid of shifts (`+nadgrids=nzgd2kgrid0005.gsb`) where it has parameters too:
/// `proj4rs` would look for the file first.
fn without_grid(definition: &str) -> Cow<'_, str> {
    if !definition.contains("+towgs84=") || !definition.contains("+nadgrids=") {
        return definition.into();
    }
    let words: Vec<&str> = definition.split(' ').filter(|word| !word.starts_with("+nadgrids=")).collect();
    words.join(" ").into()
}

fn unknown(code: impl Into<u32>) -> Error {
    let code = code.into();
    let known = |n: &u32| u16::try_from(*n).is_ok_and(|n| crs_definitions::from_code(n).is_some());
    let below = (0..code.min(1 << 16)).rev().find(known);
    let above = (code + 1..1 << 16).find(known);
    let near: Vec<String> = below.iter().chain(&above).map(|n| format!("EPSG:{n}")).collect();
    let advice = if WEB_MERCATOR_NICKNAMES.contains(&code) {
        "write EPSG:3857, the registered number of Web Mercator".into()
    } else {
        format!("look the number up at https://epsg.io (those beside it are {})", near.join(" and "))
    };
    Error::caller("--crs")
        .found(format!("EPSG:{code}, which is not in the table"))
        .expected("the EPSG number of a projected or geographic system")
        .advice(advice)
}

fn unusable(code: u16, definition: &str, why: &str) -> Error {
    let projection = definition.split_whitespace().find_map(|word| word.strip_prefix("+proj=")).unwrap_or("none");
    Error::caller("--crs")
        .found(format!("EPSG:{code}, whose projection `{projection}` cannot be used: {why}"))
        .expected("a system that can be turned into longitudes and latitudes")
        .advice("convert the coordinates to EPSG:4326 first, with ogr2ogr or cs2cs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_definition_is_used_or_refused_with_a_reason() {
        let (mut used, mut refused) = (0, 0);
        for code in 0..=u16::MAX {
            if crs_definitions::from_code(code).is_none() {
                continue;
            }
            match Crs::parse(&code.to_string()) {
                Ok(_) => used += 1,
                Err(error) => {
                    assert_eq!(error.exit_code(), 2, "{error}");
                    refused += 1;
                }
            }
        }
        assert!(used > 5700 && refused < 450, "{used} used, {refused} refused");
    }

    #[test]
    fn a_grid_of_shifts_gives_way_to_parameters() {
        let definition = "+proj=tmerc +towgs84=59.47,-5.04,187.44 +nadgrids=nzgd2kgrid0005.gsb +no_defs";
        assert_eq!(without_grid(definition), "+proj=tmerc +towgs84=59.47,-5.04,187.44 +no_defs");
        assert_eq!(without_grid("+proj=merc +nadgrids=@null"), "+proj=merc +nadgrids=@null");
    }
}
