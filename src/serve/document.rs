//! What a layer tells about itself: TileJSON, its legend, its value at a place; and what can be chosen.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::events::Space;
use crate::figure::Scene;
use crate::lines::pyramid::{FittedScale, Standing, css};
use crate::paint::Colormap;
use crate::scale::SCALES;
use crate::serve::answer::{Answer, Refusal};
use crate::serve::ask::Ask;
use crate::serve::layer::Layer;
use crate::serve::live::{Live, Ready};
use crate::serve::tile::Parameters;
use crate::serve::{Content, Serving};
use crate::sink::tiles::TilePicture;
use crate::source::written_time;
use crate::world::World;

/// Colours of a colormap that are told.
const COLOURS: usize = 16;

/// `/layers.json`.
pub async fn layers(State(serving): State<Arc<Serving>>, asked: HeaderMap) -> Response {
    let layer = |layer: &Layer| {
        let tiles = format!("/{}/tiles.json", layer.name);
        json!({ "name": layer.name, "title": layer.title, "tiles": tiles, "styled": matches!(layer.content, Content::Events(_)) })
    };
    let layers: Vec<Value> = serving.layers().iter().map(layer).collect();
    Answer::json(&json!({ "layers": layers, "bases": serving.bases.names() })).respond(&asked)
}

/// `/choices.json`: what a style can be made of.
pub async fn choices(asked: HeaderMap) -> Result<Response, Refusal> {
    let colormap = |name: &'static str| {
        let map = Colormap::named(name)?;
        let colour = |i: usize| css(map.colours()[i * 255 / (COLOURS - 1)]);
        Ok(json!({ "name": name, "colours": (0..COLOURS).map(colour).collect::<Vec<_>>() }))
    };
    let colormaps = Colormap::names().map(colormap).collect::<Result<Vec<_>, Error>>()?;
    // Those that need a number are for whoever writes a style by hand.
    let norms: Vec<&str> = SCALES.iter().map(|(name, _)| *name).filter(|name| !name.contains(':')).collect();
    Ok(Answer::json(&json!({ "colormaps": colormaps, "norms": norms, "kernels": ["gaussian"] })).respond(&asked))
}

/// `/LAYER/tiles.json`.
pub async fn tiles(
    State(serving): State<Arc<Serving>>,
    Path(name): Path<String>,
    Query(parameters): Parameters,
    asked: HeaderMap,
) -> Result<Response, Refusal> {
    let (layer, ask) = (serving.layer(&name)?, Ask::parse(&parameters, &[])?);
    let url = serving.url(&asked);
    if let Content::Archive(archive) = &layer.content {
        let mut told = archive.told().clone();
        told.insert("tilejson".into(), "3.0.0".into());
        told.insert("tiles".into(), json!([format!("{url}/{name}/{{z}}/{{x}}/{{y}}.png")]));
        told.insert("minzoom".into(), json!(archive.zooms().start()));
        told.insert("maxzoom".into(), json!(archive.zooms().end()));
        return Ok(Answer::json(&Value::Object(told)).respond(&asked));
    }
    let (live, ready) = (layer.live()?, serving.ready(&name, &ask).await?);
    let told = told(layer, (live, &ready), &Addresses { url, ask: &ask });
    Ok(live.answer(Answer::json(&told)).respond(&asked))
}

/// Where the parts of a layer are.
struct Addresses<'a> {
    url: String,
    ask: &'a Ask,
}

impl Addresses<'_> {
    fn of(&self, layer: &str, part: &str) -> String {
        let query = self.ask.to_query();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}/{layer}/{part}{mark}{query}", self.url)
    }
}

fn told(layer: &Layer, (live, ready): (&Live, &Ready), at: &Addresses<'_>) -> Value {
    let mut all = Map::new();
    let mut tell = |name: &str, value: Value| all.insert(name.to_owned(), value);
    tell("tilejson", "3.0.0".into());
    tell("name", layer.title.clone().into());
    tell("tiles", json!([at.of(&layer.name, "{z}/{x}/{y}.png")]));
    tell("tiles_2x", json!([at.of(&layer.name, "{z}/{x}/{y}@2x.png")]));
    tell("values", json!([at.of(&layer.name, "values/{z}/{x}/{y}.png")]));
    tell("value", at.of(&layer.name, "value").into());
    tell("minzoom", 0.into());
    tell("maxzoom", ready.greatest().into());
    tell("bounds", json!(ready.bounds()));
    let (lng, lat, zoom) = ready.center();
    tell("center", json!([lng, lat, zoom]));
    tell("units", ready.quantity.to_string().into());
    tell("style", ready.style.to_string().into());
    tell("bandwidth", ready.style.bandwidth.to_string().into());
    if live.query.tracing.is_none() {
        tell("events", ready.standing.as_ref().map_or(0, |standing| standing.pyramid().events()).into());
    }
    if let Some(standing) = &ready.standing {
        tell("legend", standing.drawing.legend.clone().into());
        tell("scales", scales(standing));
        tell("notes", json!(standing.pyramid().notes));
    }
    if let Some(attribution) = &live.look.attribution {
        tell("attribution", attribution.clone().into());
    }
    if let Some((first, last)) = ready.span {
        tell("time_range", json!([written_time(first), written_time(last)]));
    }
    if live.journal.is_some() {
        tell("changes", format!("{}/{}/changes", at.url, layer.name).into());
    }
    Value::Object(all)
}

/// The scales as they were fitted: of all zooms, or one for each.
fn scales(standing: &Standing) -> Value {
    let scale = |scale: &FittedScale| {
        let zoom = ("zoom".to_owned(), json!(scale.zoom));
        Value::Object(std::iter::once(zoom).chain(scale.told()).collect())
    };
    standing.drawing.scales.iter().map(scale).collect()
}

/// `/LAYER/value?lng=&lat=`, and `zoom` for the value that tiles of that zoom show; else of the deepest.
pub async fn value(
    State(serving): State<Arc<Serving>>,
    Path(name): Path<String>,
    Query(parameters): Parameters,
    asked: HeaderMap,
) -> Result<Response, Refusal> {
    let ask = Ask::parse(&parameters, &["lng", "lat", "zoom"])?;
    let (lng, lat) = (number(&parameters, "lng", 360.0)?, number(&parameters, "lat", 90.0)?);
    let zoom = zoom(&parameters)?;
    let (live, ready) = (serving.layer(&name)?.live()?, serving.ready(&name, &ask).await?);
    let answer = move || {
        let place = World::of(Space::Earth, lng, lat);
        let zoom = zoom.unwrap_or(ready.greatest());
        let (value, events) = match &ready.standing {
            Some(standing) => (standing.value_at(place, zoom)?, standing.events_at(place, zoom)?),
            None => (ready.quantity.absent(), 0),
        };
        // JSON has no number for where there is no data.
        let value = value.is_finite().then_some(value);
        let unit = ready.quantity.to_string();
        Ok(json!({ "value": value, "unit": unit, "events": events, "zoom": zoom, "lng": lng, "lat": lat }))
    };
    Ok(live.answer(Answer::json(&serving.work(&serving.drawing, answer).await?)).respond(&asked))
}

/// The zoom that is asked for, where one is.
fn zoom(parameters: &[(String, String)]) -> Result<Option<u8>, Error> {
    let given = parameters.iter().any(|(name, _)| name == "zoom");
    Ok(given.then(|| number(parameters, "zoom", 30.0)).transpose()?.map(|zoom| zoom as u8))
}

/// A parameter that is a number, of at most this size.
fn number(parameters: &[(String, String)], name: &str, most: f64) -> Result<f64, Error> {
    let text = parameters.iter().find(|(known, _)| known == name).map_or("", |(_, text)| text);
    let number = text.trim().parse::<f64>().ok().filter(|number| number.abs() <= most);
    number.ok_or_else(|| {
        let found = if text.is_empty() { "nothing".to_owned() } else { format!("`{text}`") };
        Error::caller(name).found(found).expected(format!("a number from -{most} to {most}"))
    })
}

/// `/LAYER/legend.svg`, `/LAYER/legend.png`; of a zoom that has a scale of its own with `zoom`.
pub async fn legend(
    State(serving): State<Arc<Serving>>,
    Path((name, file)): Path<(String, String)>,
    Query(parameters): Parameters,
    asked: HeaderMap,
) -> Result<Response, Refusal> {
    serving.layer(&name)?;
    let picture = match file.as_str() {
        "legend.svg" => None,
        "legend.png" => Some(TilePicture::Png),
        _ => {
            let expected = "tiles.json, value, legend.svg, legend.png or Z/X/Y.png";
            return Err(Refusal::missing(&Error::caller("address").found(format!("`{file}`")).expected(expected)));
        }
    };
    let ask = Ask::parse(&parameters, &["zoom"])?;
    let zoom = zoom(&parameters)?;
    let (live, ready) = (serving.layer(&name)?.live()?, serving.ready(&name, &ask).await?);
    let legends = &ready.standing()?.drawing.legends;
    let own = legends.iter().find(|(of, _)| of.is_none_or(|of| zoom == Some(of)));
    let (_, legend) = own.unwrap_or(&legends[0]);
    let scene = Scene::of_legend(legend)?.ok_or_else(|| Error::limit("legend").found("no room"))?;
    let answer = match picture {
        None => Answer::new("image/svg+xml", scene.svg()),
        Some(png) => Answer::new("image/png", png.encode(&scene.image()?)?),
    };
    Ok(live.answer(answer).respond(&asked))
}
