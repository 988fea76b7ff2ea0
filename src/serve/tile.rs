//! The files of tiles.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;

use crate::error::Error;
use crate::paint::{THEMES, land};
use crate::serve::answer::{Answer, Refusal};
use crate::serve::ask::Ask;
use crate::serve::layer::{Form, Kind};
use crate::serve::{From, Serving, live};
use crate::sink::tiles::TilePicture;
use crate::tile::Tile;

/// The part of an address after `?`.
pub type Parameters = Query<Vec<(String, String)>>;

/// `/LAYER/Z/X/Y.png`, `Y@2x.png` for fine screens, `.webp`.
pub async fn picture(
    State(serving): State<Arc<Serving>>,
    Path((layer, z, x, file)): Path<(String, String, String, String)>,
    Query(parameters): Parameters,
    asked: HeaderMap,
) -> Result<Response, Refusal> {
    let (tile, form) = of_file((&z, &x, &file), &[("png", Kind::Png), ("webp", Kind::Webp)])?;
    answer(&serving, &layer, (&parameters, &[]), (tile, form)).await.map(|answer| answer.respond(&asked))
}

/// `/LAYER/values/Z/X/Y.png`.
pub async fn values(
    State(serving): State<Arc<Serving>>,
    Path((layer, z, x, file)): Path<(String, String, String, String)>,
    Query(parameters): Parameters,
    asked: HeaderMap,
) -> Result<Response, Refusal> {
    let (tile, form) = of_file((&z, &x, &file), &[("png", Kind::Values)])?;
    answer(&serving, &layer, (&parameters, &[]), (tile, form)).await.map(|answer| answer.respond(&asked))
}

/// The file of a tile of a layer.
pub async fn answer(
    serving: &Arc<Serving>,
    layer: &str,
    (parameters, others): (&[(String, String)], &[&str]),
    (tile, form): (Tile, Form),
) -> Result<Answer, Refusal> {
    if let From::Archive(_) = serving.layer(layer)?.from {
        return stored(serving, layer, (parameters, others), (tile, form)).await;
    }
    let ask = Ask::parse(parameters, others)?;
    if let Some(answer) = live(serving.layer(layer)?)?.drawn(&ask, tile, form) {
        return Ok(answer);
    }
    let ready = serving.ready(layer, &ask).await?;
    let (own, name) = (serving.clone(), layer.to_owned());
    let draw = move || {
        let Ok(Ok(live)) = own.layer(&name).map(live) else { unreachable!("a layer that was just found") };
        live.draw((&ask, &ready), tile, form)
    };
    serving.work(&serving.drawing, draw).await
}

/// The file of a tile of an archive.
async fn stored(
    serving: &Arc<Serving>,
    layer: &str,
    (parameters, others): (&[(String, String)], &[&str]),
    (tile, form): (Tile, Form),
) -> Result<Answer, Refusal> {
    if Ask::parse(parameters, others)? != Ask::default() || form.fine || form.of == Kind::Values {
        return live(serving.layer(layer)?).and(Err(Error::caller("archive").found("a style").into()));
    }
    let (own, name) = (serving.clone(), layer.to_owned());
    let read = move || {
        let Ok(From::Archive(tiles)) = own.layer(&name).map(|layer| &layer.from) else {
            unreachable!("an archive that was just found")
        };
        tiles.file(tile)
    };
    let file = serving.work(&serving.drawing, read).await?;
    let missing = || Refusal::missing(&Error::caller("tile").found("none here").expected("a tile of the archive"));
    file.map(|file| Answer::new(media(&file), file)).ok_or_else(missing)
}

/// What the first bytes of a picture say it is.
pub fn media(file: &[u8]) -> &'static str {
    match file {
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        [0xff, 0xd8, ..] => "image/jpeg",
        [b'R', b'I', b'F', b'F', ..] => "image/webp",
        _ => "application/octet-stream",
    }
}

/// `/base/NAME/Z/X/Y.png`: land and sea, to lie below.
pub async fn base(
    State(serving): State<Arc<Serving>>,
    Path((name, z, x, file)): Path<(String, String, String, String)>,
    asked: HeaderMap,
) -> Result<Response, Refusal> {
    let (tile, _) = of_file((&z, &x, &file), &[("png", Kind::Png)])?;
    let theme = match name.as_str() {
        "land" => "light",
        "land-dark" => "dark",
        _ => return Err(no_base(&name)),
    };
    let (_, theme) = THEMES.iter().find(|(known, _)| *known == theme).expect("the themes of land");
    let draw = move || TilePicture::Png.encode(&land(&tile.frame()?, theme)?);
    let file = serving.work(&serving.drawing, draw).await?;
    Ok(Answer::new("image/png", file).respond(&asked))
}

/// There is no such base.
pub fn no_base(name: &str) -> Refusal {
    Refusal::missing(&Error::caller("base").found(format!("`{name}`")).expected("land or land-dark"))
}

/// A tile and what file of it, from the last parts of an address.
fn of_file((z, x, file): (&str, &str, &str), kinds: &[(&str, Kind)]) -> Result<(Tile, Form), Error> {
    let wrong = || {
        let endings: Vec<&str> = kinds.iter().map(|(ending, _)| *ending).collect();
        Error::caller("tile")
            .found(format!("`{z}/{x}/{file}`"))
            .expected(format!("Z/X/Y.{}, whole numbers, @2x after Y for fine screens", endings.join(" or .")))
    };
    let (row, ending) = file.rsplit_once('.').ok_or_else(wrong)?;
    let (_, of) = kinds.iter().find(|(known, _)| *known == ending).ok_or_else(wrong)?;
    let (row, fine) = row.strip_suffix("@2x").map_or((row, false), |row| (row, true));
    let number = |text: &str| text.parse::<u32>().ok().filter(|number| number.to_string() == text).ok_or_else(wrong);
    let zoom = u8::try_from(number(z)?).map_err(|_| wrong())?;
    Ok((Tile::new(zoom, number(x)?, number(row)?)?, Form { of: *of, fine }))
}
