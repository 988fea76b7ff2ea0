//! `/collect.js` and `/collect`: what visitors of pages do, taken from their browsers into a journal. Who they are is
//! neither kept nor told to anyone.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, State};
use axum::http::header::{CONTENT_LENGTH, HeaderName, HeaderValue, ORIGIN};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use axum::routing::post;
use tokio::sync::oneshot;
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::error::Error;
use crate::lines::collect::collected;
use crate::lines::journal::Journal;
use crate::serve::Serving;
use crate::serve::answer::Refusal;
use crate::serve::budget::Budget;
use crate::serve::page;

/// The largest body, in bytes; browsers end at the same.
const LARGEST: usize = 64 << 10;

/// What one address and all may send in a minute, in bytes.
const EACH: u32 = 1 << 20;
const ALL: u64 = 64 << 20;

/// How long a body may take to come.
const PATIENCE: Duration = Duration::from_secs(10);

/// What says that a visitor is not to be followed.
const OBJECTIONS: [HeaderName; 2] = [HeaderName::from_static("dnt"), HeaderName::from_static("sec-gpc")];

/// Whom a proxy on this machine asks for.
const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");

/// What is needed to collect.
pub struct Collector {
    /// Where it goes.
    path: PathBuf,
    journal: Journal,
    /// The sites whose pages may send.
    origins: Vec<Origin>,
    /// The most bytes of the journal.
    most: u64,
    budget: Budget,
}

/// A site: scheme, host and port, as browsers write them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// Reads one, such as `https://shop.example`.
    ///
    /// # Errors
    /// When there is more or less in it; the caller's fault.
    pub fn parse(text: &str) -> Result<Origin, Error> {
        let lower = text.trim_end_matches('/').to_ascii_lowercase();
        let host = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://")).unwrap_or_default();
        let letters = |b: u8| b.is_ascii_alphanumeric() || b".-:[]".contains(&b);
        if host.is_empty() || !host.bytes().all(letters) {
            return Err(Error::caller("--collect-from")
                .found(format!("`{text}`"))
                .expected("scheme and host of a site, such as https://shop.example")
                .advice("give the option once for each site"));
        }
        // Browsers leave out the port that the scheme has.
        let usual = if lower.starts_with("https") { ":443" } else { ":80" };
        Ok(Origin(lower.strip_suffix(usual).unwrap_or(&lower).to_owned()))
    }

    /// That of an address, whatever follows the host.
    fn of(url: &str) -> Option<Origin> {
        let (scheme, rest) = url.split_once("://")?;
        Origin::parse(&format!("{scheme}://{}", rest.split('/').next()?)).ok()
    }
}

impl Collector {
    /// One that writes into a journal of at most so many bytes, for these sites; without any, for the server's own.
    ///
    /// # Errors
    /// When the journal cannot be opened.
    pub fn open(path: &Path, origins: Vec<Origin>, most: u64) -> Result<Collector, Error> {
        let journal = Journal::open(path)?;
        Ok(Collector { path: path.to_owned(), journal, origins, most, budget: Budget::new(EACH, ALL) })
    }

    /// Whether this program has the script that pages load.
    ///
    /// # Errors
    /// When it was built without; the caller's fault.
    pub fn check() -> Result<(), Error> {
        page::file("collect.js").map(drop).map_err(|_| {
            Error::caller("--collect")
                .found("a torrid that was built without its pages")
                .expected("the script that pages load")
                .advice("run `make page` and build torrid again")
        })
    }

    /// The file that it writes.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Things the user should know.
    pub fn notes(&self) -> &[String] {
        &self.journal.notes
    }

    /// That a page of this origin may send.
    fn admit(&self, own: &str, asked: &HeaderMap) -> Result<(), Refusal> {
        let given = asked.get(ORIGIN).and_then(|origin| origin.to_str().ok()).unwrap_or("none");
        let origin = Origin::parse(given).ok();
        let known = origin.is_some_and(|origin| match &self.origins[..] {
            [] => Origin::of(own) == Some(origin),
            origins => origins.contains(&origin),
        });
        if known {
            return Ok(());
        }
        let stranger =
            Error::caller("Origin").found(format!("`{given:.100}`")).expected("a site that is collected from");
        Err(Refusal::new(StatusCode::FORBIDDEN, &stranger.advice("name it by --collect-from")))
    }

    /// That there is room for a body of so many bytes, by whom it comes from and on the disk.
    fn afford(&self, who: IpAddr, bytes: usize) -> Result<(), Refusal> {
        if bytes > LARGEST {
            let large = Error::limit("the body").found(format!("{bytes} bytes")).expected(format!("at most {LARGEST}"));
            return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, &large.advice("send it in parts")));
        }
        if self.journal.written() + bytes as u64 > self.most {
            let full = Error::limit("the journal").found("as many bytes as --collect-most allows").expected("room");
            return Err(Refusal::new(StatusCode::INSUFFICIENT_STORAGE, &full.advice("begin a new journal")));
        }
        self.budget.spend(who, bytes as u32).map_err(|seconds| {
            let often = Error::limit("the collector").found("more than may be sent in a minute").expected("less");
            Refusal::too_often(&often.advice("send it later"), seconds)
        })
    }

    /// Has a body written; it is on the disk when this comes back.
    async fn take(&self, body: Bytes) -> Result<(), Error> {
        let defect = || Error::machine("server").found("a defect while collecting");
        let body = tokio::task::spawn_blocking(move || collected(&body)).await.map_err(|_| defect())??;
        let (answer, done) = oneshot::channel();
        self.journal.put(body, Box::new(move |receipt| _ = answer.send(receipt)));
        done.await.map_err(|_| defect())?.map(drop)
    }
}

/// Where is collected, with what other sites may do there.
pub fn routes(serving: &Serving) -> Router<Arc<Serving>> {
    let origins = serving.collector.iter().flat_map(|collector| &collector.origins);
    let origins: Vec<HeaderValue> = origins.filter_map(|origin| HeaderValue::from_str(&origin.0).ok()).collect();
    let cors = CorsLayer::new().allow_origin(AllowOrigin::list(origins)).allow_methods([Method::POST]);
    Router::new().route("/collect", post(collect)).layer(cors)
}

/// `/collect.js`.
pub async fn script(State(serving): State<Arc<Serving>>, asked: HeaderMap) -> Result<Response, Refusal> {
    collector(&serving)?;
    page::file("collect.js").map(|answer| answer.respond(&asked))
}

/// `POST /collect`.
async fn collect(
    State(serving): State<Arc<Serving>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    asked: HeaderMap,
    body: Body,
) -> Result<StatusCode, Refusal> {
    let collector = collector(&serving)?;
    collector.admit(&serving.url(&asked), &asked)?;
    if OBJECTIONS.iter().any(|name| asked.get(name).is_some_and(|value| value == "1")) {
        // A script that is older than the objection may still send.
        return Ok(StatusCode::NO_CONTENT);
    }
    let length = asked.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    collector.afford(visitor(peer.ip(), &asked), length.unwrap_or(LARGEST))?;
    let _waiting = serving.waiting.try_acquire().map_err(|_| {
        let busy = Error::limit("server").found("as many requests as may wait").expected("fewer");
        Refusal::busy(&busy.advice("send it later"), 2)
    })?;
    let body = tokio::time::timeout(PATIENCE, to_bytes(body, LARGEST)).await;
    let body = body.ok().and_then(Result::ok).ok_or_else(|| {
        let late = Error::limit("the body").found(format!("more than {LARGEST} bytes, or {} s", PATIENCE.as_secs()));
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, &late.expected("less").advice("send it in parts"))
    })?;
    collector.take(body).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn collector(serving: &Serving) -> Result<&Collector, Refusal> {
    serving.collector.as_ref().ok_or_else(|| {
        let none = Error::caller("address").found("a server that does not collect").expected("one that does");
        Refusal::missing(&none.advice("start it with --collect FILE.journal"))
    })
}

/// For whom a request is: where a proxy on this machine asks, the last address that it tells, which it wrote itself.
fn visitor(peer: IpAddr, asked: &HeaderMap) -> IpAddr {
    let told = asked.get_all(FORWARDED).iter().next_back().and_then(|told| told.to_str().ok()?.rsplit(',').next());
    let told = told.and_then(|told| told.trim().parse().ok());
    told.filter(|_| peer.to_canonical().is_loopback()).unwrap_or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_what_browsers_write() {
        let read = |text| Origin::parse(text).ok().map(|origin| origin.0);
        assert_eq!(read("https://Shop.example:443/"), Some("https://shop.example".to_owned()));
        assert_eq!(read("http://localhost:8080"), Some("http://localhost:8080".to_owned()));
        for wrong in ["shop.example", "https://", "https://shop.example/a", "null", "*", "ftp://a.b", "https://a b"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(Origin::of("https://maps.example.org/heat"), Origin::parse("https://maps.example.org").ok());
    }

    #[test]
    fn only_a_proxy_on_this_machine_is_believed() {
        let mut asked = HeaderMap::new();
        asked.insert(FORWARDED, HeaderValue::from_static("1.1.1.1, 203.0.113.9"));
        let (near, far) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([198, 51, 100, 7]));
        assert_eq!(visitor(near, &asked), IpAddr::from([203, 0, 113, 9]));
        assert_eq!(visitor(far, &asked), far);
        asked.insert(FORWARDED, HeaderValue::from_static("unknown"));
        assert_eq!(visitor(near, &asked), near);
    }
}
