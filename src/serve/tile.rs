//! The files of tiles.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;

use crate::error::Error;
use crate::serve::answer::{Answer, Refusal};
use crate::serve::ask::Ask;
use crate::serve::layer::{Form, Kind, clear};
use crate::serve::{Content, Serving};
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
    let of = of_file((&z, &x, &file), &[("png", Kind::Png), ("webp", Kind::Webp)])?;
    answer(&serving, &layer, (&parameters, &[]), of).await.map(|answer| answer.respond(&asked))
}

/// `/LAYER/values/Z/X/Y.png`.
pub async fn values(
    State(serving): State<Arc<Serving>>,
    Path((layer, z, x, file)): Path<(String, String, String, String)>,
    Query(parameters): Parameters,
    asked: HeaderMap,
) -> Result<Response, Refusal> {
    let of = of_file((&z, &x, &file), &[("png", Kind::Values)])?;
    answer(&serving, &layer, (&parameters, &[]), of).await.map(|answer| answer.respond(&asked))
}

/// The file of a tile of a layer.
pub async fn answer(
    serving: &Arc<Serving>,
    layer: &str,
    (parameters, others): (&[(String, String)], &[&str]),
    (tile, form): (Tile, Form),
) -> Result<Answer, Refusal> {
    let (layer, ask) = (serving.layer(layer)?, Ask::parse(parameters, others)?);
    if let Content::Archive(tiles) = &layer.content {
        if ask != Ask::default() || form.fine || form.of == Kind::Values {
            layer.live()?;
        }
        let tiles = tiles.clone();
        let file =
            serving.work(&serving.drawing, move || tiles.file(tile)?.map_or_else(|| clear(form.of, 256), Ok)).await?;
        return Ok(Answer::new(media(&file), file));
    }
    let live = layer.live()?.clone();
    if let Some(answer) = live.drawn(&ask, tile, form) {
        return Ok(answer);
    }
    let ready = serving.ready(&layer.name, &ask).await?;
    serving.work(&serving.drawing, move || live.draw((&ask, &ready), tile, form)).await
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

/// A tile and what file of it, from the last parts of an address.
///
/// # Errors
/// When there is no such tile, or no such file of it.
pub fn of_file((z, x, file): (&str, &str, &str), kinds: &[(&str, Kind)]) -> Result<(Tile, Form), Error> {
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
