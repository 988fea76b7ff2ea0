//! HTTP: a URL is a layer, a tile and a style. Lines compute, this room asks them and answers.
//!
//! What takes long is done by threads that may wait: one makes pyramids ready, some draw tiles. A request that would wait
//! longer than its limit is refused with a reason, and the work goes on for the next one that asks.

mod accept;
mod answer;
mod ask;
mod base;
mod budget;
mod collect;
mod document;
mod layer;
mod live;
mod metrics;
mod ogc;
mod page;
mod tile;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{
    ACCEPT_ENCODING, CONTENT_SECURITY_POLICY, HOST, HeaderName, HeaderValue, REFERRER_POLICY, VARY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, Method};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::{Any, CorsLayer};
use tower_http::set_header::SetResponseHeaderLayer;

use crate::error::Error;
pub use accept::Token;
use answer::Refusal;
use ask::Ask;
pub use base::{Base, Bases, Host};
pub use collect::{Collector, Origin};
pub use layer::{Content, Layer};
pub use live::Live;
use live::Ready;
use metrics::Metrics;

/// Requests that may wait at a time; more are refused at once.
const WAITING: usize = 1024;

/// Bodies of events that are read at a time.
const ACCEPTING: usize = 8;

/// Pages that may listen for changes at a time.
const LISTENING: usize = 1024;

/// What a server serves, and within what limits.
pub struct Serving {
    layers: Vec<Layer>,
    bases: Bases,
    url: Option<String>,
    patience: Duration,
    /// Those who make pyramids ready.
    preparing: Arc<Semaphore>,
    /// Those who draw tiles.
    drawing: Arc<Semaphore>,
    /// Those who wait for either.
    waiting: Semaphore,
    /// Those whose bodies of events are read.
    accepting: Semaphore,
    /// Those who listen for changes.
    listening: Arc<Semaphore>,
    /// What those have to know who send events; none of it may come where there is no such token.
    token: Option<Token>,
    /// What takes what visitors of pages do.
    collector: Option<Collector>,
    stopping: watch::Sender<bool>,
    metrics: Metrics,
}

impl Serving {
    /// Layers, each under a name of its own; the address under which others reach them, where it is not the one they ask
    /// at; and how long a request may take.
    pub fn new(layers: Vec<Layer>, url: Option<String>, patience: Duration) -> Serving {
        let seats = |seats: usize| Arc::new(Semaphore::new(seats));
        Serving {
            layers,
            bases: Bases::default(),
            url,
            patience,
            preparing: seats(1),
            drawing: seats(2 * rayon::current_num_threads()),
            waiting: Semaphore::new(WAITING),
            accepting: Semaphore::new(ACCEPTING),
            listening: seats(LISTENING),
            token: None,
            collector: None,
            stopping: watch::Sender::new(false),
            metrics: Metrics::default(),
        }
    }

    /// The same, which takes events from those who know a token.
    #[must_use]
    pub fn accepting(self, token: Token) -> Serving {
        Serving { token: Some(token), ..self }
    }

    /// The same, which takes what the collector sends.
    #[must_use]
    pub fn collecting(self, collector: Collector) -> Serving {
        Serving { collector: Some(collector), ..self }
    }

    /// The same, with these to lie below.
    #[must_use]
    pub fn over(self, bases: Bases) -> Serving {
        Serving { bases, ..self }
    }

    /// What takes what visitors of pages do.
    pub fn collector(&self) -> Option<&Collector> {
        self.collector.as_ref()
    }

    /// The layers.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    fn layer(&self, name: &str) -> Result<&Layer, Refusal> {
        self.layers.iter().find(|layer| layer.name == name).ok_or_else(|| {
            let names: Vec<&str> = self.layers.iter().map(|layer| layer.name.as_str()).collect();
            Refusal::missing(&Error::caller("layer").found(format!("`{name}`")).expected(names.join(", ")))
        })
    }

    /// The address that requests with these headers were sent to, without a slash at its end.
    fn url(&self, asked: &HeaderMap) -> String {
        let letters = |text: &&str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b));
        let host = asked.get(HOST).and_then(|host| host.to_str().ok()).filter(letters).unwrap_or("localhost");
        self.url.clone().unwrap_or_else(|| format!("http://{host}"))
    }

    /// What of a layer stands ready for a request; made so where it is not.
    async fn ready(&self, layer: &str, ask: &Ask) -> Result<Arc<Ready>, Refusal> {
        let live = self.layer(layer)?.live()?.clone();
        if let Some(ready) = live.ready(ask) {
            return Ok(ready);
        }
        let ask = ask.clone();
        // What stands already takes new events in a moment.
        let seats = if live.stands(&ask) { &self.drawing } else { &self.preparing };
        self.work(seats, move || live.make_ready(&ask)).await
    }

    /// Does what takes long where it may, once there is a seat.
    async fn work<T: Send + 'static>(
        &self,
        seats: &Arc<Semaphore>,
        job: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Refusal> {
        let _waiting = self.waiting.try_acquire().map_err(|_| {
            let busy = Error::limit("server").found(format!("{WAITING} requests that wait")).expected("fewer");
            Refusal::busy(&busy.advice("ask again in a moment"), 2)
        })?;
        let seated = seats.clone();
        let done = async move {
            let seat = seated.acquire_owned().await.expect("seats that are never taken away");
            let job = move || {
                let _seat = seat;
                job()
            };
            tokio::task::spawn_blocking(job).await
        };
        match tokio::time::timeout(self.patience, done).await {
            Ok(Ok(done)) => Ok(done?),
            Ok(Err(_)) => Err(Error::machine("server").found("a defect while drawing").into()),
            Err(_) => Err(self.too_long()),
        }
    }

    /// Why there is no answer to a request that takes too long.
    fn too_long(&self) -> Refusal {
        let error = Error::limit("server")
            .found(format!("more than {:.0} s of work", self.patience.as_secs_f64()))
            .expected("less")
            .advice("it goes on: ask again in a moment, or ask for a larger bandwidth or fewer events");
        Refusal::busy(&error, 5)
    }
}

/// Everything that is answered.
fn router(serving: Arc<Serving>) -> Router {
    let header = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
    };
    let policy = HeaderValue::from_str(&serving.bases.policy()).expect("hosts have letters, digits and dots");
    Router::new()
        .route("/", get(page::index))
        .route("/assets/{file}", get(page::asset))
        .route("/licences.md", get(page::licences))
        .route("/health", get(|| async { "ok\n" }))
        .route("/metrics", get(metrics::metrics))
        .route("/layers.json", get(document::layers))
        .route("/choices.json", get(document::choices))
        .route("/base/{file}", get(base::document))
        .route("/base/{name}/{z}/{x}/{file}", get(base::tile))
        .route("/{layer}/tiles.json", get(document::tiles))
        .route("/{layer}/value", get(document::value))
        .route("/{layer}/changes", get(accept::changes))
        .route("/{layer}/events", post(accept::events))
        .route("/{layer}/{file}", get(document::legend))
        .route("/{layer}/{z}/{x}/{file}", get(tile::picture))
        .route("/{layer}/values/{z}/{x}/{file}", get(tile::values))
        .route("/ogc", get(ogc::landing))
        .route("/ogc/", get(ogc::landing))
        .route("/ogc/conformance", get(ogc::conformance))
        .route("/ogc/tileMatrixSets", get(ogc::matrix_sets))
        .route("/ogc/tileMatrixSets/{set}", get(ogc::matrix_set))
        .route("/ogc/collections", get(ogc::collections))
        .route("/ogc/collections/{layer}", get(ogc::collection))
        .route("/ogc/collections/{layer}/map/tiles", get(ogc::tilesets))
        .route("/ogc/collections/{layer}/map/tiles/{set}", get(ogc::tileset))
        .route("/ogc/collections/{layer}/map/tiles/{set}/{z}/{y}/{x}", get(ogc::tile))
        .route("/wmts", get(ogc::capabilities))
        .route("/collect.js", get(collect::script))
        .layer(CorsLayer::new().allow_origin(Any).allow_methods([Method::GET, Method::HEAD]).allow_headers(Any))
        .merge(collect::routes(&serving))
        .fallback(nowhere)
        .layer(from_fn_with_state(serving.clone(), measured))
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::new())
        .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(X_FRAME_OPTIONS, "DENY"))
        .layer(SetResponseHeaderLayer::overriding(CONTENT_SECURITY_POLICY, policy))
        .layer(header(REFERRER_POLICY, "no-referrer"))
        .layer(SetResponseHeaderLayer::appending(VARY, HeaderValue::from_name(ACCEPT_ENCODING)))
        .with_state(serving)
}

async fn nowhere(request: Request) -> Refusal {
    Refusal::missing(
        &Error::caller("address")
            .found(format!("`{}`", request.uri().path()))
            .expected("/layers.json, /LAYER/tiles.json, /LAYER/Z/X/Y.png, /LAYER/value, /wmts or /ogc")
            .advice("see docs/server.md"),
    )
}

/// Counts a request and the time it took.
async fn measured(State(serving): State<Arc<Serving>>, request: Request, next: Next) -> Response {
    let started = std::time::Instant::now();
    let path = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_owned();
    let response = next.run(request).await;
    serving.metrics.count(path, response.status().as_u16(), started.elapsed().as_secs_f64());
    response
}

/// Serves at an address until `stop` is over; then waits for the answers that are under way. `begun` is told the address,
/// whose port the system chooses where it was 0.
///
/// # Errors
/// When the address cannot be had.
pub fn serve(
    serving: Serving,
    address: SocketAddr,
    begun: impl FnOnce(SocketAddr, &Serving),
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Error> {
    let failed = |error: std::io::Error| {
        Error::machine(address.to_string())
            .found(error.to_string())
            .expected("an address that is free")
            .advice("give another --port, or 0 for any that is free")
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(failed)?;
    let serving = Arc::new(serving);
    let stopped = serving.clone();
    let stop = async move {
        stop.await;
        stopped.stopping.send_replace(true);
    };
    runtime.block_on(async {
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        begun(listener.local_addr().map_err(failed)?, &serving);
        let router = router(serving).into_make_service_with_connect_info::<SocketAddr>();
        axum::serve(listener, router).with_graceful_shutdown(stop).await.map_err(failed)
    })?;
    // What was begun for nobody is not waited for.
    runtime.shutdown_background();
    Ok(())
}

/// Over when the process is asked to stop: Ctrl-C, or the signal that service managers send.
pub async fn asked_to_stop() {
    let interrupted = async { tokio::signal::ctrl_c().await.unwrap_or(()) };
    #[cfg(unix)]
    {
        let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
        let terminated = async {
            match &mut terminated {
                Ok(signal) => signal.recv().await.unwrap_or(()),
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! { () = interrupted => (), () = terminated => () }
    }
    #[cfg(not(unix))]
    interrupted.await;
}
