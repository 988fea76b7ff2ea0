//! Reference systems of coordinates as written, by their EPSG number.

use crate::error::Error;

/// A reference system by its EPSG number.
#[derive(Debug, Clone)]
pub struct Crs;

impl Crs {
    /// Reads `EPSG:n`.
    ///
    /// # Errors
    /// When there is no such system.
    pub fn parse(_text: &str) -> Result<Crs, Error> {
        Ok(Crs)
    }

    /// Longitude and latitude in degrees WGS 84 of a position in this system, where it has one.
    pub fn to_degrees(&self, _x: f64, _y: f64) -> Option<(f64, f64)> {
        None
    }
}
