//! Events that are sent to a running server, and word of them for whoever shows the map.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, State};
use axum::http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, oneshot, watch};

use crate::error::Error;
use crate::lines::journal::{Body as Events, Journal, Receipt};
use crate::serve::Serving;
use crate::serve::answer::{Answer, Refusal};
use crate::serve::live::Live;
use crate::source::{Format, Tally, body_format};

/// The largest body, in bytes.
const LARGEST: usize = 16 << 20;

/// The least time between two words of changes to the same listener.
const PAUSE: Duration = Duration::from_millis(500);

/// How often a listener hears that the connection lives.
const ALIVE: Duration = Duration::from_secs(15);

/// The header under whose value a body is counted once.
const KEY: &str = "idempotency-key";

/// Media types of bodies, and the formats they stand for.
const MEDIA: [(&str, &str); 8] = [
    ("text/csv", "csv"),
    ("text/tab-separated-values", "tsv"),
    ("application/geo+json", "geojson"),
    ("application/vnd.geo+json", "geojson"),
    ("application/geo+json-seq", "geojson"),
    ("application/x-ndjson", "json"),
    ("application/jsonl", "json"),
    ("application/json", "json"),
];

/// The word that whoever sends events has to know.
pub struct Token(String);

impl Token {
    /// The least number of letters.
    const LEAST: usize = 16;

    /// A token, of letters that a header can carry.
    ///
    /// # Errors
    /// When it is shorter than 16 letters, or has a blank or another letter in it.
    pub fn new(text: &str) -> Result<Token, Error> {
        let text = text.trim();
        if text.len() >= Token::LEAST && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(Token(text.to_owned()));
        }
        Err(Error::caller("token")
            .found(format!("{} letters", text.chars().count()))
            .expected(format!("at least {} letters, digits or signs of ASCII, no blank", Token::LEAST))
            .advice("make one with `openssl rand -hex 16`"))
    }

    /// Whether a request carries it; how long that takes does not tell how much of it is right.
    fn is_in(&self, asked: &HeaderMap) -> bool {
        let given = asked.get(AUTHORIZATION).and_then(|given| given.to_str().ok());
        let Some(given) = given.and_then(|given| given.strip_prefix("Bearer ")) else { return false };
        let (given, own) = (given.trim().as_bytes(), self.0.as_bytes());
        let differing = given.iter().zip(own).fold(0, |all, (a, b)| all | (a ^ b));
        given.len() == own.len() && differing == 0
    }
}

/// `POST /LAYER/events`.
pub async fn events(
    State(serving): State<Arc<Serving>>,
    Path(name): Path<String>,
    asked: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let live = serving.layer(&name)?.live()?.clone();
    let token = serving.token.as_ref().filter(|_| live.journal.is_some()).ok_or_else(|| {
        let closed = Error::caller(&*name).found("a layer that takes no events").expected("a server that does");
        Refusal::new(StatusCode::FORBIDDEN, &closed.advice("start it with --accept and a token"))
    })?;
    if !token.is_in(&asked) {
        let stranger = Error::caller("Authorization").found("another token, or none").expected("`Bearer TOKEN`");
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, &stranger));
    }
    let (format, key) = (format_of(&asked)?, key_of(&asked)?);
    let taken = async {
        let _seat = serving.accepting.acquire().await.expect("seats that are never taken away");
        let body = whole(&asked, body).await?;
        let (receipt, tally) = take(&live, (format, key, body)).await?;
        Ok::<Answer, Refusal>(told(receipt, &tally))
    };
    let answer = tokio::time::timeout(serving.patience, taken).await.map_err(|_| serving.too_long())??;
    Ok(answer.asked_for().respond(&HeaderMap::new()))
}

/// The format that a request says its body has.
fn format_of(asked: &HeaderMap) -> Result<&'static Format, Refusal> {
    let text = |name| asked.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let packed = text(CONTENT_ENCODING);
    if !matches!(packed, "" | "identity") {
        let packed = Error::caller("Content-Encoding").found(format!("`{packed}`")).expected("a body as it is");
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, &packed));
    }
    let media = text(CONTENT_TYPE).split(';').next().unwrap_or_default().trim().to_lowercase();
    let known = MEDIA.iter().find(|(known, _)| *known == media).and_then(|(_, format)| body_format(format));
    known.ok_or_else(|| {
        let known = MEDIA.map(|(known, _)| known).join(", ");
        let unknown = Error::caller("Content-Type").found(format!("`{media}`")).expected(known);
        Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, &unknown)
    })
}

/// The key that a request carries.
fn key_of(asked: &HeaderMap) -> Result<Option<String>, Error> {
    let text = |key: &axum::http::HeaderValue| key.to_str().map(str::to_owned);
    asked.get(KEY).map(text).transpose().map_err(|_| {
        Error::caller("Idempotency-Key").found("letters beyond ASCII").expected("a text of your own for each body")
    })
}

/// The bytes of a body, which are not too many.
async fn whole(asked: &HeaderMap, body: Body) -> Result<Bytes, Refusal> {
    let large = || {
        let large = Error::limit("the body").found(format!("more than {} MiB", LARGEST >> 20)).expected("less");
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, &large.advice("send it in parts, each with a key of its own"))
    };
    let length = asked.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > LARGEST) {
        return Err(large());
    }
    // It ends too early where the sender is gone; nobody reads the answer then.
    to_bytes(body, LARGEST).await.map_err(|_| large())
}

/// Reads a body, and has it written.
async fn take(
    live: &Arc<Live>,
    (format, key, body): (&'static Format, Option<String>, Bytes),
) -> Result<(Receipt, Tally), Error> {
    let defect = || Error::machine("server").found("a defect while taking events");
    let (own, (answer, done)) = (live.clone(), oneshot::channel());
    let written = move || {
        let body = Events::read(format, body, key, &own.query)?;
        let (tally, then) = (body.tally.clone(), own.clone());
        let told = move |receipt: Result<Receipt, Error>| {
            if let Ok(Receipt { events, repeated: false }) = receipt {
                then.taken.fetch_add(events, Ordering::Relaxed);
                then.changes.send_replace(then.journal.as_ref().map_or(0, Journal::written));
            }
            _ = answer.send(receipt);
        };
        if let Some(journal) = &own.journal {
            journal.put(body, Box::new(told));
        }
        Ok(tally)
    };
    let tally = tokio::task::spawn_blocking(written).await.map_err(|_| defect())??;
    Ok((done.await.map_err(|_| defect())??, tally))
}

/// What is told of a body.
fn told(receipt: Receipt, tally: &Tally) -> Answer {
    Answer::json(&json!({ "events": receipt.events, "repeated": receipt.repeated, "skipped": tally.by_key() }))
}

/// `/LAYER/changes`: a message whenever there are new events, at most two a second.
pub async fn changes(State(serving): State<Arc<Serving>>, Path(name): Path<String>) -> Result<Response, Refusal> {
    let live = serving.layer(&name)?.live()?.clone();
    let seat = serving.listening.clone().try_acquire_owned().map_err(|_| {
        let full = Error::limit("server").found("as many listeners as there may be").expected("fewer");
        Refusal::busy(&full.advice("ask again later"), 60)
    })?;
    let (changes, stopping) = (live.changes.subscribe(), serving.stopping.subscribe());
    let listener = Listener { changes, stopping, pause: Duration::ZERO, _seat: seat };
    let words = unfold(listener, Listener::next);
    Ok(Sse::new(words).keep_alive(KeepAlive::new().interval(ALIVE)).into_response())
}

/// Somebody who is told of changes.
struct Listener {
    changes: watch::Receiver<u64>,
    stopping: watch::Receiver<bool>,
    /// How long to wait before the next word.
    pause: Duration,
    _seat: OwnedSemaphorePermit,
}

impl Listener {
    /// The next word; none when the server stops, which waits for nobody who listens.
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Listener)> {
        let changed = async {
            tokio::time::sleep(self.pause).await;
            self.changes.changed().await
        };
        tokio::select! {
            _ = self.stopping.wait_for(|stopping| *stopping) => return None,
            changed = changed => changed.ok()?,
        }
        let length = *self.changes.borrow_and_update();
        let word = Event::default().data(json!({ "journal": length }).to_string());
        Some((Ok(word), Listener { pause: PAUSE, ..self }))
    }
}
