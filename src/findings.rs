//! What an analysis finds: points, lines and areas in the coordinates of a space, each with facts about it. Geometry is
//! as RFC 7946 wants it: outer rings run counterclockwise, holes clockwise, and nothing crosses the antimeridian.

use crate::events::Space;
use crate::world::EARTH_RADIUS_M;

/// A position: longitude and latitude in degrees on the Earth, the coordinates of a flat space elsewhere.
pub type Position = [f64; 2];

/// What was found, in order of importance or of level.
#[derive(Debug, Clone, PartialEq)]
pub struct Findings {
    /// The space of all positions.
    pub space: Space,
    /// Differences of coordinates below this mean nothing, in degrees or flat units.
    pub grain: f64,
    /// What holds for all of them: how they were found, and in which units.
    pub about: Vec<(&'static str, Fact)>,
    /// The findings.
    pub list: Vec<Finding>,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Where.
    pub shape: Shape,
    /// What, by name.
    pub facts: Vec<(&'static str, Fact)>,
}

/// Where something is.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// At a position.
    Point(Position),
    /// Along lines; a closed one ends where it begins.
    Lines(Vec<Vec<Position>>),
    /// Within polygons that do not overlap.
    Areas(Vec<Polygon>),
}

/// Something known about a finding.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// A measured number.
    Number(f64),
    /// A whole number.
    Whole(i64),
    /// A word or a sentence.
    Text(String),
    /// Yes or no.
    Flag(bool),
    /// Several numbers.
    Numbers(Vec<f64>),
}

impl From<&str> for Fact {
    fn from(text: &str) -> Fact {
        Fact::Text(text.to_owned())
    }
}

/// An area with holes. Rings end where they begin.
#[derive(Debug, Clone, PartialEq)]
pub struct Polygon {
    /// The outer ring, counterclockwise where the second coordinate grows up.
    pub outer: Vec<Position>,
    /// What is left out of it, clockwise.
    pub holes: Vec<Vec<Position>>,
}

impl Polygon {
    /// The area: in km² of the ground on the Earth, in square units of a flat space. The Earth is the sphere of
    /// [`EARTH_RADIUS_M`], as for densities, and an edge is the straight line of the equal-area cylindrical projection
    /// (longitude, sine of latitude): exact along meridians and parallels, so that areas side by side add up.
    ///
    /// ```
    /// use torrid::{Space, findings::Polygon};
    /// let outer = vec![[0.0, 0.0], [4.0, 0.0], [4.0, 3.0], [0.0, 3.0], [0.0, 0.0]];
    /// let holes = vec![vec![[1.0, 1.0], [1.0, 2.0], [2.0, 2.0], [2.0, 1.0], [1.0, 1.0]]];
    /// assert_eq!(Polygon { outer, holes }.area(Space::PAGE), 11.0);
    /// ```
    pub fn area(&self, space: Space) -> f64 {
        signed_area(&self.outer, space).abs()
            - self.holes.iter().map(|ring| signed_area(ring, space).abs()).sum::<f64>()
    }
}

/// The area within a closed ring, as [`Polygon::area`] measures it; positive where the ring runs counterclockwise with
/// the second coordinate growing up.
pub fn signed_area(ring: &[Position], space: Space) -> f64 {
    let radius_km = EARTH_RADIUS_M / 1000.0;
    let project = |[x, y]: Position| match space {
        Space::Earth => [x.to_radians() * radius_km, y.to_radians().sin() * radius_km],
        Space::Flat { .. } => [x, y],
    };
    let Some(first) = ring.first().map(|corner| project(*corner)) else { return 0.0 };
    let corners: Vec<_> =
        ring.iter().map(|corner| project(*corner)).map(|[x, y]| [x - first[0], y - first[1]]).collect();
    corners.windows(2).map(|pair| pair[0][0] * pair[1][1] - pair[1][0] * pair[0][1]).sum::<f64>() / 2.0
}
