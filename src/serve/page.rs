//! The map page, as it was built from `web/` before torrid was; [`crate::sink::built`] has it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;

use crate::error::Error;
use crate::serve::Serving;
use crate::serve::answer::{Answer, Refusal};
use crate::sink::built;

/// `/`.
pub async fn index(State(serving): State<Arc<Serving>>, asked: HeaderMap) -> Result<Response, Refusal> {
    if serving.layers().is_empty() {
        let empty = Error::caller("address").found("`/` of a server that only collects").expected("/collect.js");
        return Err(Refusal::missing(&empty.advice("give it events to serve a map too; see docs/collect.md")));
    }
    file("index.html").map(|answer| answer.respond(&asked))
}

/// `/licences.md`: of what is built into the page.
pub async fn licences(asked: HeaderMap) -> Result<Response, Refusal> {
    file("licences.md").map(|answer| answer.respond(&asked))
}

/// `/assets/FILE`: the name of a file tells its content.
pub async fn asset(Path(name): Path<String>, asked: HeaderMap) -> Result<Response, Refusal> {
    file(&format!("assets/{name}")).map(|answer| answer.lasting().respond(&asked))
}

pub(super) fn file(name: &str) -> Result<Answer, Refusal> {
    let missing = || {
        let error = Error::caller("address").found(format!("`{name}`, which this build of torrid does not have"));
        Refusal::missing(&error.expected("the map page").advice("`make page` builds it; /layers.json lists the layers"))
    };
    let found = built(name).filter(|_| !name.contains("..")).ok_or_else(missing)?;
    Ok(Answer::new(media(name), found.into_owned()))
}

fn media(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("md") => "text/markdown; charset=utf-8",
        _ => "application/octet-stream",
    }
}
