//! Which columns of a Parquet file are read, and how its geometry is written.

use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::ArrowReaderMetadata;
use arrow::datatypes::{DataType, Field as ArrowField, Fields};
use serde_json::Value;

use crate::error::Error;
use crate::events::Space;
use crate::source::{Columns, Crs, Query, columns};

/// Which columns are read. Numbers are places in the projected batch.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) position: Position,
    /// Beside the position, in the order of [`Query::wanted`].
    pub(super) wanted: Vec<usize>,
    pub(super) projection: ProjectionMask,
    pub(super) columns: Columns,
}

/// Where the position of a row is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Position {
    Columns(usize, usize),
    Geometry(usize),
    /// A column of geometries none of which is a point, by their `GeoJSON` name.
    NoPoints(usize, String),
}

/// A column of geometries.
struct Geometry {
    column: usize,
    /// What is said of the reference system; none where nothing is.
    crs: Option<Value>,
    /// The encoding by its `GeoParquet` name.
    encoding: String,
}

impl Layout {
    /// The layout of a file. The reference system a file states goes into `query`, unless that names one.
    ///
    /// # Errors
    /// When there is no position, a wanted column is not there, or the reference system is not known.
    pub(super) fn of(metadata: &ArrowReaderMetadata, query: &mut Query, name: &str) -> Result<Layout, Error> {
        let fields = metadata.schema().fields();
        let names: Vec<String> = fields.iter().map(|field| field.name().clone()).collect();
        let named = query.x.is_some() || query.y.is_some();
        let geometry = if named { None } else { geometry(metadata, name)? };
        debug_assert!(!query.partial, "what may lack columns is text");
        let wanted: Vec<usize> = columns::wanted(&names, query, name)?.into_iter().flatten().collect();
        let (position, found) = if let Some(geometry) = geometry {
            (geometry.position(), geometry.learn(&names, query, name)?)
        } else {
            let choice = columns::choose(&names, query, "parquet", name)?;
            for column in [choice.x, choice.y] {
                readable(&fields[column], name)?;
            }
            (Position::Columns(choice.x, choice.y), choice.columns)
        };
        let mut read: Vec<usize> = wanted.iter().copied().chain(position.columns()).collect();
        read.sort_unstable();
        read.dedup();
        let place = |column: usize| read.binary_search(&column).unwrap_or_default();
        let wanted = wanted.into_iter().map(place).collect();
        let projection = ProjectionMask::roots(metadata.parquet_schema(), read.iter().copied());
        Ok(Layout { position: position.moved(place), wanted, projection, columns: found })
    }
}

impl Position {
    fn columns(&self) -> Vec<usize> {
        match self {
            Position::Columns(x, y) => vec![*x, *y],
            Position::Geometry(column) | Position::NoPoints(column, _) => vec![*column],
        }
    }

    fn moved(self, place: impl Fn(usize) -> usize) -> Position {
        match self {
            Position::Columns(x, y) => Position::Columns(place(x), place(y)),
            Position::Geometry(column) => Position::Geometry(place(column)),
            Position::NoPoints(column, kind) => Position::NoPoints(place(column), kind),
        }
    }
}

impl Geometry {
    /// What is found beside the geometry; its reference system goes into the query.
    fn learn(&self, names: &[String], query: &mut Query, name: &str) -> Result<Columns, Error> {
        let format = learn_crs(self, query, name)?;
        let named = |(x, y): (usize, usize)| (names[x].clone(), names[y].clone());
        Ok(Columns {
            position: vec![names[self.column].clone()],
            pairs: columns::pairs(names, query).into_iter().map(named).collect(),
            ..columns::described(names, format)
        })
    }

    fn position(&self) -> Position {
        match self.encoding.as_str() {
            "linestring" => Position::NoPoints(self.column, "LineString".into()),
            "polygon" => Position::NoPoints(self.column, "Polygon".into()),
            "multilinestring" => Position::NoPoints(self.column, "MultiLineString".into()),
            "multipolygon" => Position::NoPoints(self.column, "MultiPolygon".into()),
            _ => Position::Geometry(self.column),
        }
    }
}

/// A coordinate can be read from numbers and from texts that spell numbers.
fn readable(field: &ArrowField, name: &str) -> Result<(), Error> {
    let mut kind = field.data_type();
    if let DataType::Dictionary(_, values) = kind {
        kind = values;
    }
    if kind.is_numeric() || kind.is_string() {
        return Ok(());
    }
    Err(Error::input(format!("{name}, column `{}`", field.name()))
        .found(format!("values of type {kind}"))
        .expected("numbers")
        .advice("name the columns with --lon and --lat"))
}

/// The geometry column: the one the `geo` metadata calls primary, else the first that says what it is.
fn geometry(metadata: &ArrowReaderMetadata, name: &str) -> Result<Option<Geometry>, Error> {
    let fields = metadata.schema().fields();
    let pairs = metadata.metadata().file_metadata().key_value_metadata();
    let geo = pairs.and_then(|pairs| pairs.iter().find(|pair| pair.key == "geo")?.value.as_deref());
    let found = match geo {
        Some(text) => Some(primary(text, fields, name)?),
        None => fields.iter().enumerate().find_map(|(column, field)| self_described(column, field)),
    };
    if let Some(geometry) = &found {
        let known = ["wkb", "point", "multipoint", "linestring", "polygon", "multilinestring", "multipolygon"];
        if !known.contains(&geometry.encoding.as_str()) {
            return Err(Error::input(format!("{name}, column `{}`", fields[geometry.column].name()))
                .found(format!("geometries written as {}", geometry.encoding))
                .expected("WKB or points"));
        }
    }
    Ok(found)
}

/// The primary column by the `geo` metadata (`GeoParquet` 1.1).
fn primary(text: &str, fields: &Fields, name: &str) -> Result<Geometry, Error> {
    let wrong = |found: &str| {
        Error::input(format!("{name}, metadata `geo`"))
            .found(found)
            .expected("that of GeoParquet")
            .advice("name columns with --lon and --lat, or write the file again")
    };
    let geo: Value = serde_json::from_str(text).map_err(|e| wrong(&format!("no JSON: {e}")))?;
    let primary = geo["primary_column"].as_str().ok_or_else(|| wrong("no primary_column"))?;
    let said = &geo["columns"][primary];
    let column =
        fields.iter().position(|f| f.name() == primary).ok_or_else(|| wrong("a primary_column that is not there"))?;
    let encoding = said["encoding"].as_str().ok_or_else(|| wrong("no encoding"))?.to_lowercase();
    Ok(Geometry { column, crs: said.get("crs").cloned(), encoding })
}

/// A column that is a geometry by its extension type (`GeoArrow`, and Parquet's own geometry type, which
/// Arrow gives out as `geoarrow.wkb`) or, as many programs write, by its name and bytes.
fn self_described(column: usize, field: &ArrowField) -> Option<Geometry> {
    if let Some(extension) = field.metadata().get("ARROW:extension:name") {
        let encoding = extension.strip_prefix("geoarrow.").or_else(|| extension.strip_prefix("ogc."))?;
        let said = field.metadata().get("ARROW:extension:metadata");
        let said: Option<Value> = said.and_then(|text| serde_json::from_str(text).ok());
        return Some(Geometry { column, crs: said?.get("crs").cloned(), encoding: encoding.into() });
    }
    let bytes = matches!(field.data_type(), DataType::Binary | DataType::LargeBinary | DataType::BinaryView);
    let named = ["geometry", "geom", "wkb", "the_geom", "wkb_geometry"].contains(&field.name().to_lowercase().as_str());
    (bytes && named).then(|| Geometry { column, crs: None, encoding: "wkb".into() })
}

/// Puts the reference system of a geometry into the query, if it is not degrees; says what the file is.
fn learn_crs(geometry: &Geometry, query: &mut Query, name: &str) -> Result<&'static str, Error> {
    let crs = match &geometry.crs {
        // The default of GeoParquet is OGC:CRS84; null says that nobody knows.
        None => return Ok("geoparquet"),
        Some(Value::Null) => return Ok("geoparquet, reference system unknown, taken for degrees"),
        Some(_) if query.crs.is_some() || query.space != Space::Earth => return Ok("geoparquet"),
        Some(crs) => crs,
    };
    let id = match crs {
        Value::String(text) => text.split_once(':').map(|(authority, code)| (authority.to_owned(), code.to_owned())),
        object => {
            let code = &object["id"]["code"];
            let code = code.as_str().map(str::to_owned).or_else(|| code.as_u64().map(|n| n.to_string()));
            object["id"]["authority"].as_str().map(str::to_owned).zip(code)
        }
    };
    match id.as_ref().map(|(authority, code)| (authority.as_str(), code.as_str())) {
        Some(("OGC", "CRS84" | "CRS84h") | ("EPSG", "4326" | "4979")) => {}
        Some(("EPSG", code)) => query.crs = Some(Crs::parse(&format!("EPSG:{code}"))?),
        _ => {
            let title = crs.as_str().or_else(|| crs["name"].as_str()).unwrap_or("without a name");
            return Err(Error::input(name)
                .found(format!("the reference system `{title}`, which has no EPSG number"))
                .expected("one with a number")
                .advice("say with --crs EPSG:n which it is"));
        }
    }
    Ok("geoparquet")
}
