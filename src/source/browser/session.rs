//! A browser that shows one page: what `WebDriver` and, through it, the `DevTools` protocol are asked. Every request ends at
//! the latest when the time of the whole run does.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ureq::Agent;

use super::Wish;
use super::driver::Driver;
use super::find;
use crate::error::Error;

/// The most bytes of an answer: a strip of a screenshot, as base64.
const MOST: u64 = 512 << 20;

/// How long the browser may take to end.
const END: Duration = Duration::from_secs(5);

/// What the browser is started with, beside its profile: no window, no visits of its own, the same pixels everywhere.
const ARGUMENTS: [&str; 11] = [
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
    "--mute-audio",
    "--no-default-browser-check",
    "--no-first-run",
];

/// A session of a driver of its own.
pub(super) struct Session {
    agent: Agent,
    /// The address of the session; without one as long as it is not begun.
    at: String,
    begun: bool,
    deadline: Instant,
    driver: Driver,
}

/// Why a request has no answer.
#[derive(Debug)]
pub(super) struct Failure {
    /// The word that `WebDriver` has for it.
    pub(super) kind: String,
    /// The first line of what the driver says.
    pub(super) message: String,
}

impl Failure {
    fn new(kind: &str, message: &str) -> Failure {
        Failure { kind: kind.to_owned(), message: message.lines().next().unwrap_or_default().to_owned() }
    }

    /// As an error of a page.
    pub(super) fn at(self, address: &str) -> Error {
        let found = if self.message.is_empty() { self.kind } else { self.message };
        Error::machine(address).found(found).expected("a browser that shows the page")
    }
}

impl Session {
    /// Starts a driver, and a browser with it.
    ///
    /// # Errors
    /// When there is none, or it does not start.
    pub(super) fn begin(wish: &Wish, deadline: Instant) -> Result<Session, Error> {
        let browser = find::browser(wish.browser.as_deref())?;
        let path = find::driver(&browser)?;
        let driver = Driver::start(&path, deadline)?;
        // A proxy of the environment is for pages, not for the driver.
        let config = Agent::config_builder().http_status_as_error(false).proxy(None).max_redirects(0);
        let at = format!("http://127.0.0.1:{}/session", driver.port);
        let mut session = Session { agent: config.build().new_agent(), at, begun: false, deadline, driver };
        let wanted = session.wanted(&browser, wish);
        let begun = session.send("", &wanted).map_err(|failure| {
            let advice = if failure.message.contains("sandbox") || wish.confined {
                "the chromedriver has to be of the browser's version; in a container, --no-sandbox may be needed"
            } else {
                "the chromedriver has to be of the browser's version"
            };
            failure.at(&browser.display().to_string()).expected("a browser that starts").advice(advice)
        })?;
        let name = begun["sessionId"].as_str().ok_or_else(|| Failure::new("no session", "").at("chromedriver"))?;
        session.at = format!("{}/{name}", session.at);
        session.begun = true;
        Ok(session)
    }

    /// What is asked for of a session.
    fn wanted(&self, browser: &Path, wish: &Wish) -> Value {
        let [width, height] = wish.viewport;
        let mut arguments: Vec<String> = ARGUMENTS.iter().map(ToString::to_string).collect();
        arguments.push(format!("--user-data-dir={}", self.driver.profile().display()));
        arguments.push(format!("--window-size={width},{height}"));
        if !wish.confined || is_root() {
            arguments.push("--no-sandbox".to_owned());
        }
        let left = self.left().as_millis().max(1) as u64;
        json!({ "capabilities": { "alwaysMatch": {
            "pageLoadStrategy": "normal",
            "unhandledPromptBehavior": "dismiss",
            "timeouts": { "pageLoad": left, "script": left },
            "goog:chromeOptions": { "binary": browser, "args": arguments },
        } } })
    }

    /// A command of `WebDriver`.
    pub(super) fn send(&self, command: &str, body: &Value) -> Result<Value, Failure> {
        let request = self.agent.post(format!("{}{command}", self.at)).header("Content-Type", "application/json");
        let timed = request.config().timeout_global(Some(self.left().max(Duration::from_millis(1)))).build();
        let unanswered = |error: ureq::Error| match error {
            ureq::Error::Timeout(_) => Failure::new("timeout", "no answer in time"),
            other => Failure::new("no answer", &format!("the browser does not answer ({other})")),
        };
        let mut response = timed.send(body.to_string()).map_err(unanswered)?;
        let text = response.body_mut().with_config().limit(MOST).read_to_vec().map_err(unanswered)?;
        let mut answer: Value =
            serde_json::from_slice(&text).map_err(|_| Failure::new("no answer", "an answer that is not JSON"))?;
        let value = answer["value"].take();
        match value["error"].as_str().filter(|_| !response.status().is_success()) {
            Some(kind) => Err(Failure::new(kind, value["message"].as_str().unwrap_or_default())),
            None => Ok(value),
        }
    }

    /// A command of the `DevTools` protocol, <https://chromedevtools.github.io/devtools-protocol/>.
    pub(super) fn tool(&self, command: &str, parameters: &Value) -> Result<Value, Failure> {
        self.send("/goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// What a script gives, an expression that is a text of JSON; it runs in a world that the page's scripts do not reach.
    pub(super) fn script(&self, expression: &str) -> Result<Value, Failure> {
        let frames = self.tool("Page.getFrameTree", &json!({}))?;
        let frame = &frames["frameTree"]["frame"]["id"];
        let world = self.tool("Page.createIsolatedWorld", &json!({ "frameId": frame, "worldName": "torrid" }))?;
        let context = &world["executionContextId"];
        let asked = json!({ "expression": expression, "contextId": context, "returnByValue": true });
        let mut given = self.tool("Runtime.evaluate", &asked)?;
        if let Some(wrong) = given["exceptionDetails"]["exception"]["description"].as_str() {
            return Err(Failure::new("javascript error", wrong));
        }
        let given = given["result"]["value"].take();
        let parsed = given.as_str().and_then(|text| serde_json::from_str(text).ok());
        parsed.ok_or_else(|| Failure::new("javascript error", "a script that gives no JSON"))
    }

    /// How much time is left.
    pub(super) fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.begun {
            // It ends the browser in good order; where it does not, the driver's own end does.
            _ = self.agent.delete(&self.at).config().timeout_global(Some(END)).build().call();
        }
    }
}

/// Whether we are root, as whom a browser does not start confined.
fn is_root() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find_map(|line| line.strip_prefix("Uid:")).is_some_and(|ids| {
        // The second is the effective one.
        ids.split_whitespace().nth(1) == Some("0")
    })
}
