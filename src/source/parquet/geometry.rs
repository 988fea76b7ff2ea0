//! The points of a geometry column: WKB, or coordinates kept as they are (`GeoArrow` and the native
//! encodings of `GeoParquet` 1.1), separate or interleaved.

use arrow::array::{Array, ArrayRef, AsArray, BinaryArray, Float64Array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};
use arrow::error::ArrowError;
use geo_traits::{CoordTrait, GeometryCollectionTrait, GeometryTrait, GeometryType, MultiPointTrait, PointTrait};

/// What one geometry gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Piece {
    Point(f64, f64),
    /// A geometry that is no point, by its `GeoJSON` name.
    Other(&'static str),
    /// Bytes that are no geometry.
    Damaged,
}

/// A geometry column of one batch.
pub(super) enum Geometries {
    Wkb(BinaryArray),
    /// A point in each row.
    Points(Points),
    /// Points in each row.
    MultiPoints {
        offsets: OffsetBuffer<i32>,
        nulls: Option<NullBuffer>,
        points: Points,
    },
}

/// Coordinates of points, one after the other.
pub(super) struct Points {
    x: Float64Array,
    y: Float64Array,
    /// Coordinates per point where `x` and `y` are one array, from which `y` is every second.
    stride: usize,
    nulls: Option<NullBuffer>,
}

impl Geometries {
    /// The geometries of an array, if it holds some.
    pub(super) fn of(array: &ArrayRef) -> Result<Option<Geometries>, ArrowError> {
        Ok(match array.data_type() {
            DataType::Binary | DataType::LargeBinary | DataType::BinaryView => {
                Some(Geometries::Wkb(cast(array, &DataType::Binary)?.as_binary::<i32>().clone()))
            }
            DataType::List(_) => {
                let list = array.as_list::<i32>();
                let points = Points::of(list.values());
                let (offsets, nulls) = (list.offsets().clone(), list.nulls().cloned());
                points.map(|points| Geometries::MultiPoints { offsets, nulls, points })
            }
            _ => Points::of(array).map(Geometries::Points),
        })
    }

    /// Gives the pieces of one row to `take`; none where the row has no geometry.
    pub(super) fn pieces(&self, row: usize, pieces: &mut Vec<Piece>) {
        pieces.clear();
        match self {
            Geometries::Wkb(bytes) if bytes.is_valid(row) => from_wkb(bytes.value(row), pieces),
            Geometries::Points(points) => pieces.extend(points.at(row)),
            Geometries::MultiPoints { offsets, nulls, points } if nulls.as_ref().is_none_or(|n| n.is_valid(row)) => {
                let range = offsets[row] as usize..offsets[row + 1] as usize;
                pieces.extend(range.filter_map(|point| points.at(point)));
            }
            Geometries::Wkb(_) | Geometries::MultiPoints { .. } => {}
        }
    }
}

impl Points {
    fn of(array: &ArrayRef) -> Option<Points> {
        let nulls = array.nulls().cloned();
        match array.data_type() {
            DataType::Struct(_) => {
                let of = |name| array.as_struct().column_by_name(name)?.as_primitive_opt::<Float64Type>().cloned();
                Some(Points { x: of("x")?, y: of("y")?, stride: 1, nulls })
            }
            DataType::FixedSizeList(_, width) if *width >= 2 => {
                let values = array.as_fixed_size_list().values().as_primitive_opt::<Float64Type>()?;
                let y = values.slice(1, values.len().saturating_sub(1));
                Some(Points { x: values.clone(), y, stride: *width as usize, nulls })
            }
            _ => None,
        }
    }

    /// The point at `index`; none where it is null, or empty, which is written as NaN.
    fn at(&self, index: usize) -> Option<Piece> {
        if self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(index)) {
            return None;
        }
        let at = index * self.stride;
        if self.x.is_null(at) || self.y.is_null(at) {
            return None;
        }
        let (x, y) = (self.x.value(at), self.y.value(at));
        (!(x.is_nan() && y.is_nan())).then_some(Piece::Point(x, y))
    }
}

fn from_wkb(bytes: &[u8], pieces: &mut Vec<Piece>) {
    match wkb::reader::read_wkb(bytes) {
        Ok(geometry) => add(&geometry, pieces),
        Err(_) => pieces.push(Piece::Damaged),
    }
}

fn add(geometry: &impl GeometryTrait<T = f64>, pieces: &mut Vec<Piece>) {
    let at =
        |coord: Option<(f64, f64)>| coord.filter(|(x, y)| !(x.is_nan() && y.is_nan())).map(|(x, y)| Piece::Point(x, y));
    let other = match geometry.as_type() {
        GeometryType::Point(point) => {
            pieces.extend(at(point.coord().map(|c| c.x_y())));
            return;
        }
        GeometryType::MultiPoint(points) => {
            for point in points.points() {
                pieces.extend(at(point.coord().map(|c| c.x_y())));
            }
            return;
        }
        GeometryType::GeometryCollection(collection) => {
            for inner in collection.geometries() {
                add(&inner, pieces);
            }
            return;
        }
        GeometryType::LineString(_) | GeometryType::Line(_) => "LineString",
        GeometryType::MultiLineString(_) => "MultiLineString",
        GeometryType::Polygon(_) | GeometryType::Rect(_) | GeometryType::Triangle(_) => "Polygon",
        GeometryType::MultiPolygon(_) => "MultiPolygon",
    };
    pieces.push(Piece::Other(other));
}
