//! What goes back over HTTP: bytes with a mark of their content, or one sentence about what went wrong.

use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use twox_hash::XxHash3_128;

use crate::error::{Error, Fault};

/// How long viewers may keep what they got before they ask whether it is still so, in seconds.
const FRESH: &str = "public, max-age=60";

/// The same for what may change at any time: they ask whenever they need it.
const ASKED_FOR: &str = "no-cache";

/// The same for what never changes under its name.
const LASTING: &str = "public, max-age=31536000, immutable";

/// Bytes of some kind. The same bytes have the same mark, whenever and wherever they were made.
#[derive(Debug, Clone)]
pub struct Answer {
    kind: &'static str,
    body: Bytes,
    mark: String,
    kept: &'static str,
}

impl Answer {
    /// Bytes of a media type.
    pub fn new(kind: &'static str, body: impl Into<Bytes>) -> Answer {
        let body = body.into();
        let mark = format!("\"{:032x}\"", XxHash3_128::oneshot(&body));
        Answer { kind, body, mark, kept: FRESH }
    }

    /// The same, which never changes under its name.
    #[must_use]
    pub fn lasting(self) -> Answer {
        Answer { kept: LASTING, ..self }
    }

    /// The same, which may change at any time.
    #[must_use]
    pub fn asked_for(self) -> Answer {
        Answer { kept: ASKED_FOR, ..self }
    }

    /// A JSON document.
    pub fn json(value: &Value) -> Answer {
        Answer::new("application/json", value.to_string())
    }

    /// How many bytes it has.
    pub fn len(&self) -> usize {
        self.body.len()
    }

    /// The response to a request with these headers: without the bytes where the client has them.
    pub fn respond(self, asked: &HeaderMap) -> Response {
        let status = if self.is_known(asked) { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
        let body = if status == StatusCode::OK { Body::from(self.body) } else { Body::empty() };
        let headers = [
            (CONTENT_TYPE, HeaderValue::from_static(self.kind)),
            (CACHE_CONTROL, HeaderValue::from_static(self.kept)),
            (ETAG, HeaderValue::from_str(&self.mark).expect("hexadecimal digits in quotes")),
        ];
        (status, headers, body).into_response()
    }

    /// Whether the client has it; marks are compared weakly, as RFC 9110, 13.1.2 has it.
    fn is_known(&self, asked: &HeaderMap) -> bool {
        let marks = asked.get_all(IF_NONE_MATCH).iter().filter_map(|marks| marks.to_str().ok());
        let mut marks = marks.flat_map(|marks| marks.split(','));
        marks.any(|mark| matches!(mark.trim(), "*") || mark.trim().trim_start_matches("W/") == self.mark)
    }
}

/// Why there is no answer.
#[derive(Debug, Clone)]
pub struct Refusal {
    status: StatusCode,
    text: String,
    /// Seconds after which it is worth asking again.
    again: Option<u32>,
}

impl Refusal {
    /// With a status of its own.
    pub fn new(status: StatusCode, error: &Error) -> Refusal {
        Refusal { status, text: error.to_string(), again: None }
    }

    /// There is no such thing.
    pub fn missing(error: &Error) -> Refusal {
        Refusal::new(StatusCode::NOT_FOUND, error)
    }

    /// It takes too long, or too many are asking.
    pub fn busy(error: &Error, seconds: u32) -> Refusal {
        Refusal { again: Some(seconds), ..Refusal::new(StatusCode::SERVICE_UNAVAILABLE, error) }
    }

    /// The same address asks too often.
    pub fn too_often(error: &Error, seconds: u32) -> Refusal {
        Refusal { again: Some(seconds), ..Refusal::new(StatusCode::TOO_MANY_REQUESTS, error) }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Refusal {
        let status = match error.fault() {
            Fault::Caller => StatusCode::BAD_REQUEST,
            Fault::Input | Fault::Limit => StatusCode::UNPROCESSABLE_ENTITY,
            Fault::Machine => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Refusal::new(status, &error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let headers = [
            (CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")),
            (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ];
        let mut response = (self.status, headers, self.text + "\n").into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.again {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}
