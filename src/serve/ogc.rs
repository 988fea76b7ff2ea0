//! Tiles as the Open Geospatial Consortium has them: OGC API - Tiles 1.0 (20-057), with map tiles of each layer, and WMTS
//! 1.0.0 (07-057r7), REST only. Both in `WebMercatorQuad`.

use std::fmt::Write;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};

use crate::error::Error;
use crate::serve::answer::{Answer, Refusal};
use crate::serve::ask::Ask;
use crate::serve::layer::{Form, Kind, Layer};
use crate::serve::tile::{Parameters, answer};
use crate::serve::{Content, Serving};
use crate::tile::Tile;
use crate::world::HALF_WIDTH_3857 as HALF;

/// The one set of tile matrices.
const SET: &str = "WebMercatorQuad";

/// Where it is defined.
const SET_URI: &str = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad";

/// Its reference system.
const CRS: &str = "http://www.opengis.net/def/crs/EPSG/0/3857";

/// The deepest zoom of it that is told.
const DEEPEST: u8 = 22;

/// Metres of a pixel of a screen, by which scales are told.
const PIXEL: f64 = 0.000_28;

/// Metres of a cell of a zoom, at the equator.
fn cell(zoom: u8) -> f64 {
    2.0 * HALF / 256.0 / f64::from(zoom).exp2()
}

fn link(rel: &str, href: &str, media: &str) -> Value {
    json!({ "rel": rel, "href": href, "type": media })
}

const JSON: &str = "application/json";

/// `/ogc`.
pub async fn landing(State(serving): State<Arc<Serving>>, asked: HeaderMap) -> Response {
    let url = serving.url(&asked);
    let links = [
        link("self", &format!("{url}/ogc"), JSON),
        link("http://www.opengis.net/def/rel/ogc/1.0/conformance", &format!("{url}/ogc/conformance"), JSON),
        link("http://www.opengis.net/def/rel/ogc/1.0/data", &format!("{url}/ogc/collections"), JSON),
        link("http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes", &format!("{url}/ogc/tileMatrixSets"), JSON),
    ];
    Answer::json(&json!({ "title": "torrid", "description": "Hot maps from point events", "links": links }))
        .respond(&asked)
}

/// `/ogc/conformance`.
pub async fn conformance(asked: HeaderMap) -> Response {
    let classes = [
        "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
        "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
        "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
        "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
        "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list",
        "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
        "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/png",
        "http://www.opengis.net/spec/tms/2.0/conf/json-tilematrixset",
    ];
    Answer::json(&json!({ "conformsTo": classes })).respond(&asked)
}

/// `/ogc/tileMatrixSets`.
pub async fn matrix_sets(State(serving): State<Arc<Serving>>, asked: HeaderMap) -> Response {
    let own = link("self", &format!("{}/ogc/tileMatrixSets/{SET}", serving.url(&asked)), JSON);
    Answer::json(&json!({ "tileMatrixSets": [{ "id": SET, "uri": SET_URI, "crs": CRS, "links": [own] }] }))
        .respond(&asked)
}

/// `/ogc/tileMatrixSets/WebMercatorQuad`.
pub async fn matrix_set(Path(set): Path<String>, asked: HeaderMap) -> Result<Response, Refusal> {
    check_set(&set)?;
    let matrix = |zoom: u8| {
        json!({
            "id": zoom.to_string(),
            "scaleDenominator": cell(zoom) / PIXEL,
            "cellSize": cell(zoom),
            "cornerOfOrigin": "topLeft",
            "pointOfOrigin": [-HALF, HALF],
            "tileWidth": 256,
            "tileHeight": 256,
            "matrixWidth": 1u64 << zoom,
            "matrixHeight": 1u64 << zoom,
        })
    };
    let matrices: Vec<Value> = (0..=DEEPEST).map(matrix).collect();
    let set = json!({
        "id": SET, "title": "Google Maps Compatible for the World", "uri": SET_URI, "crs": CRS,
        "orderedAxes": ["X", "Y"], "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": matrices,
    });
    Ok(Answer::json(&set).respond(&asked))
}

fn check_set(set: &str) -> Result<(), Refusal> {
    if set == SET {
        return Ok(());
    }
    Err(Refusal::missing(&Error::caller("tileMatrixSet").found(format!("`{set}`")).expected(SET)))
}

/// `/ogc/collections`.
pub async fn collections(State(serving): State<Arc<Serving>>, asked: HeaderMap) -> Response {
    let url = serving.url(&asked);
    let all: Vec<Value> = serving.layers().iter().map(|layer| collected(&url, layer)).collect();
    let own = link("self", &format!("{url}/ogc/collections"), JSON);
    Answer::json(&json!({ "links": [own], "collections": all })).respond(&asked)
}

/// `/ogc/collections/LAYER`.
pub async fn collection(
    State(serving): State<Arc<Serving>>,
    Path(layer): Path<String>,
    asked: HeaderMap,
) -> Result<Response, Refusal> {
    Ok(Answer::json(&collected(&serving.url(&asked), serving.layer(&layer)?)).respond(&asked))
}

fn collected(url: &str, layer: &Layer) -> Value {
    let own = format!("{url}/ogc/collections/{}", layer.name);
    let tiles = link("http://www.opengis.net/def/rel/ogc/1.0/tilesets-map", &format!("{own}/map/tiles"), JSON);
    json!({ "id": layer.name, "title": layer.title, "links": [link("self", &own, JSON), tiles], "crs": [CRS] })
}

/// `/ogc/collections/LAYER/map/tiles`.
pub async fn tilesets(
    State(serving): State<Arc<Serving>>,
    Path(layer): Path<String>,
    asked: HeaderMap,
) -> Result<Response, Refusal> {
    let url = serving.url(&asked);
    let set = described(&url, serving.layer(&layer)?);
    let own = link("self", &format!("{url}/ogc/collections/{layer}/map/tiles"), JSON);
    Ok(Answer::json(&json!({ "links": [own], "tilesets": [set] })).respond(&asked))
}

/// `/ogc/collections/LAYER/map/tiles/WebMercatorQuad`.
pub async fn tileset(
    State(serving): State<Arc<Serving>>,
    Path((layer, set)): Path<(String, String)>,
    asked: HeaderMap,
) -> Result<Response, Refusal> {
    check_set(&set)?;
    Ok(Answer::json(&described(&serving.url(&asked), serving.layer(&layer)?)).respond(&asked))
}

fn described(url: &str, layer: &Layer) -> Value {
    let own = format!("{url}/ogc/collections/{}/map/tiles/{SET}", layer.name);
    let tiles = json!({
        "rel": "item", "type": "image/png", "templated": true,
        "href": format!("{own}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"),
    });
    let scheme =
        link("http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme", &format!("{url}/ogc/tileMatrixSets/{SET}"), JSON);
    json!({
        "title": layer.title, "dataType": "map", "crs": CRS, "tileMatrixSetURI": SET_URI,
        "links": [link("self", &own, JSON), scheme, tiles],
    })
}

/// `/ogc/collections/LAYER/map/tiles/WebMercatorQuad/Z/Y/X`: row before column; `f` is ignored but for `png`.
pub async fn tile(
    State(serving): State<Arc<Serving>>,
    Path((layer, set, z, y, x)): Path<(String, String, String, String, String)>,
    Query(parameters): Parameters,
    asked: HeaderMap,
) -> Result<Response, Refusal> {
    check_set(&set)?;
    if let Some((_, format)) = parameters.iter().find(|(name, format)| name == "f" && format != "png") {
        return Err(Error::caller("f").found(format!("`{format}`")).expected("png").into());
    }
    let number = |name: &str, text: &str| {
        text.parse::<u32>().map_err(|_| Error::caller(name).found(format!("`{text}`")).expected("a whole number"))
    };
    let zoom = number("tileMatrix", &z)?.min(255) as u8;
    let place = Tile::new(zoom, number("tileCol", &x)?, number("tileRow", &y)?)?;
    let form = Form { of: Kind::Png, fine: false };
    answer(&serving, &layer, (&parameters, &["f"]), (place, form)).await.map(|answer| answer.respond(&asked))
}

/// `/wmts`: what there is, for clients that speak WMTS. Other requests than that for it are made to the addresses it names.
pub async fn capabilities(
    State(serving): State<Arc<Serving>>,
    Query(parameters): Parameters,
    asked: HeaderMap,
) -> Result<Response, Refusal> {
    let wanted = |name: &str, value: &str| {
        let given = parameters.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        given.is_none_or(|(_, given)| given.eq_ignore_ascii_case(value))
    };
    if !wanted("service", "WMTS") || !wanted("request", "GetCapabilities") {
        let found = "a request other than GetCapabilities";
        let advice = "tiles are at the addresses that the capabilities name (ResourceURL)";
        return Err(Error::caller("request").found(found).expected("GetCapabilities").advice(advice).into());
    }
    let url = serving.url(&asked);
    let mut layers = String::new();
    for layer in serving.layers() {
        let bounds = bounds(&serving, layer).await?;
        layers += &wmts_layer(&url, layer, bounds);
    }
    Ok(Answer::new("application/xml", document(&url, &layers)).respond(&asked))
}

/// West, south, east and north of a layer in degrees.
async fn bounds(serving: &Arc<Serving>, layer: &Layer) -> Result<[f64; 4], Refusal> {
    if let Content::Archive(archive) = &layer.content {
        let told = archive.told().get("bounds").and_then(|bounds| serde_json::from_value(bounds.clone()).ok());
        return Ok(told.unwrap_or([-180.0, -85.051_128_779_806_59, 180.0, 85.051_128_779_806_59]));
    }
    Ok(serving.ready(&layer.name, &Ask::default()).await?.bounds())
}

fn wmts_layer(url: &str, layer: &Layer, [west, south, east, north]: [f64; 4]) -> String {
    let (name, title) = (xml(&layer.name), xml(&layer.title));
    format!(
        "<Layer><ows:Title>{title}</ows:Title><ows:WGS84BoundingBox><ows:LowerCorner>{west} {south}</ows:LowerCorner>\
         <ows:UpperCorner>{east} {north}</ows:UpperCorner></ows:WGS84BoundingBox><ows:Identifier>{name}</ows:Identifier>\
         <Style isDefault=\"true\"><ows:Identifier>default</ows:Identifier>\
         <LegendURL format=\"image/png\" xlink:href=\"{url}/{name}/legend.png\"/></Style>\
         <Format>image/png</Format><TileMatrixSetLink><TileMatrixSet>{SET}</TileMatrixSet></TileMatrixSetLink>\
         <ResourceURL format=\"image/png\" resourceType=\"tile\" \
         template=\"{url}/{name}/{{TileMatrix}}/{{TileCol}}/{{TileRow}}.png\"/></Layer>",
        url = xml(url)
    )
}

fn document(url: &str, layers: &str) -> String {
    let url = xml(url);
    let mut matrices = String::new();
    for zoom in 0..=DEEPEST {
        let (scale, side) = (cell(zoom) / PIXEL, 1u64 << zoom);
        _ = write!(
            matrices,
            "<TileMatrix><ows:Identifier>{zoom}</ows:Identifier><ScaleDenominator>{scale}</ScaleDenominator>\
             <TopLeftCorner>-{HALF} {HALF}</TopLeftCorner><TileWidth>256</TileWidth><TileHeight>256</TileHeight>\
             <MatrixWidth>{side}</MatrixWidth><MatrixHeight>{side}</MatrixHeight></TileMatrix>"
        );
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <Capabilities xmlns=\"http://www.opengis.net/wmts/1.0\" xmlns:ows=\"http://www.opengis.net/ows/1.1\" \
         xmlns:xlink=\"http://www.w3.org/1999/xlink\" version=\"1.0.0\">\
         <ows:ServiceIdentification><ows:Title>torrid</ows:Title><ows:ServiceType>OGC WMTS</ows:ServiceType>\
         <ows:ServiceTypeVersion>1.0.0</ows:ServiceTypeVersion></ows:ServiceIdentification>\
         <ows:OperationsMetadata>{}{}</ows:OperationsMetadata>\
         <Contents>{layers}<TileMatrixSet><ows:Identifier>{SET}</ows:Identifier>\
         <ows:SupportedCRS>urn:ogc:def:crs:EPSG::3857</ows:SupportedCRS>\
         <WellKnownScaleSet>urn:ogc:def:wkss:OGC:1.0:GoogleMapsCompatible</WellKnownScaleSet>{matrices}</TileMatrixSet>\
         </Contents><ServiceMetadataURL xlink:href=\"{url}/wmts\"/></Capabilities>\n",
        operation("GetCapabilities", &url),
        operation("GetTile", &url)
    )
}

/// What clients look for before they read the addresses of tiles: that these are all there is.
fn operation(name: &str, url: &str) -> String {
    format!(
        "<ows:Operation name=\"{name}\"><ows:DCP><ows:HTTP><ows:Get xlink:href=\"{url}/wmts\">\
         <ows:Constraint name=\"GetEncoding\"><ows:AllowedValues><ows:Value>RESTful</ows:Value></ows:AllowedValues>\
         </ows:Constraint></ows:Get></ows:HTTP></ows:DCP></ows:Operation>"
    )
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
