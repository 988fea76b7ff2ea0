//! Tiles of a server, asked for politely: under a name of our own, over two connections, so many a second, and only
//! what is not yet on the disk. What a server gave is kept for a week without asking again; that a tile is absent is kept
//! too. The usage policy of the tiles of OpenStreetMap is what this goes by,
//! <https://operations.osmfoundation.org/policies/tiles/>.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;
use twox_hash::XxHash3_128;
use ureq::http::{Response, StatusCode};
use ureq::{Agent, Body};

use super::{MAX_FILE, Store, Tiles, label, picture};
use crate::error::Error;
use crate::tile::Tile;

/// Who asks.
const USER_AGENT: &str = concat!("torrid/", env!("CARGO_PKG_VERSION"), " (+", env!("CARGO_PKG_REPOSITORY"), ")");

/// How many requests are under way at once; the policy of OpenStreetMap allows two.
const CONNECTIONS: usize = 2;

/// The least time between the beginnings of two requests.
const PACE: Duration = Duration::from_millis(50);

/// The most tiles of one picture.
const MOST: u64 = 250;

/// How long what was fetched is good, at least what the policy of OpenStreetMap asks for.
const FRESH: Duration = Duration::from_hours(7 * 24);

/// How often a tile is asked for where the server is busy or fails.
const TRIES: u32 = 4;

/// How long is waited where the server does not say, doubled with each try.
const PAUSE: Duration = Duration::from_millis(250);

/// The longest that is waited because the server says so.
const PATIENCE: Duration = Duration::from_secs(30);

/// The deepest zoom that is asked for, which is that of OpenStreetMap; tiles of servers that end before are enlarged.
const DEEPEST: u8 = 19;

/// Tiles of the server at an address with places for zoom, column and row.
pub(super) fn tiles(address: &str, cache: Option<PathBuf>) -> Result<Tiles, Error> {
    let address = Address::new(address)?;
    let cache = cache.or_else(users_cache).ok_or_else(|| {
        Error::caller("--base-cache")
            .found("no folder of the user for caches")
            .expected("a folder to keep tiles in")
            .advice("give --base-cache DIR")
    })?;
    let config = Agent::config_builder()
        .user_agent(USER_AGENT)
        .http_status_as_error(false)
        .max_redirects(4)
        .max_idle_connections_per_host(CONNECTIONS)
        .timeout_connect(Some(Duration::from_secs(10)))
        .timeout_global(Some(Duration::from_secs(30)))
        .build();
    let name = Address::shown(&address.template);
    let side = address.fine.then_some(512);
    let folder = cache.join(address.folder());
    let turn = Mutex::new(Turn { asked: HashSet::new(), next: Instant::now() });
    let server = Server { address, agent: config.new_agent(), folder, turn, freed: Condvar::new() };
    let (store, zooms, told) = (Box::new(server), (0, DEEPEST), serde_json::Map::new());
    Ok(Tiles { name, store, zooms, side, told, attribution: None, most: MOST })
}

/// The folder of the platform for what can be fetched again.
fn users_cache() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let caches = match () {
        () if cfg!(windows) => set("LOCALAPPDATA"),
        () if cfg!(target_os = "macos") => set("HOME").map(|home| home.join("Library/Caches")),
        () => set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache"))),
    };
    caches.map(|caches| caches.join("torrid").join("tiles"))
}

/// Where the tiles of a server are.
struct Address {
    template: String,
    /// Whether tiles of twice the pixels are asked for.
    fine: bool,
}

impl Address {
    fn new(template: &str) -> Result<Address, Error> {
        let wrong = |found: String, advice: &str| {
            Err(Error::caller("--base")
                .found(found)
                .expected("an address like https://host/{z}/{x}/{y}.png ({-y} for rows from the south, {r} for @2x)")
                .advice(advice))
        };
        let places: Vec<&str> =
            template.split('{').skip(1).map(|rest| rest.split_once('}').map_or(rest, |(place, _)| place)).collect();
        if let Some(unknown) = places.iter().find(|place| !["z", "x", "y", "-y", "r"].contains(place)) {
            return wrong(format!("`{{{unknown}}}` in `{template}`"), "write there what the provider says");
        }
        let rows = places.iter().filter(|place| ["y", "-y"].contains(place)).count();
        if !places.contains(&"z") || !places.contains(&"x") || rows != 1 {
            return wrong(
                format!("`{template}`, without {{z}}, {{x}} and {{y}}"),
                "give the address of tiles; download an archive first, and give the file",
            );
        }
        let fine = places.contains(&"r") || template.contains("@2x");
        Ok(Address { template: template.to_owned(), fine })
    }

    fn of(&self, tile: Tile) -> String {
        let from_south = (1u32 << tile.zoom()) - 1 - tile.y();
        let numbers = [("{z}", u32::from(tile.zoom())), ("{x}", tile.x()), ("{y}", tile.y()), ("{-y}", from_south)];
        let address = self.template.replace("{r}", "@2x");
        numbers.iter().fold(address, |address, (place, number)| address.replace(place, &number.to_string()))
    }

    /// An address as messages show it: what follows the `?` is often a key, and what stands before an `@` a password.
    fn shown(address: &str) -> String {
        let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
        let rest = rest.split_once('?').map_or(rest.to_owned(), |(before, _)| format!("{before}?…"));
        let (host, path) = rest.split_once('/').unwrap_or((&rest, ""));
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        format!("{scheme}://{host}/{path}")
    }

    /// The folder for its tiles: the host, and the whole address as a number, because it may hold a key.
    fn folder(&self) -> String {
        let shown = Address::shown(&self.template);
        let host = shown.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
        let plain: String = host.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect();
        format!("{}-{:032x}", plain.trim_start_matches('.'), XxHash3_128::oneshot(self.template.as_bytes()))
    }
}

struct Server {
    address: Address,
    agent: Agent,
    folder: PathBuf,
    turn: Mutex<Turn>,
    freed: Condvar,
}

/// Whose turn it is.
struct Turn {
    /// The tiles that are being asked for.
    asked: HashSet<Tile>,
    /// When the next request may begin.
    next: Instant,
}

/// The right to ask for a tile, until it is dropped.
struct Asking<'a> {
    server: &'a Server,
    tile: Tile,
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.server.turn().asked.remove(&self.tile);
        self.server.freed.notify_all();
    }
}

/// What became of a request.
enum Answer {
    /// The file of the tile, empty where there is none.
    File(Vec<u8>),
    /// The server is busy or failed, and may be asked again after this time.
    Later(Duration, String),
}

impl Store for Server {
    fn file(&self, tile: Tile) -> Result<Option<Vec<u8>>, Error> {
        if let Some(kept) = self.kept(tile) {
            return Ok(Some(kept));
        }
        let asking = self.begin(tile);
        // Another thread may have asked meanwhile.
        if let Some(kept) = self.kept(tile) {
            return Ok(Some(kept));
        }
        let file = self.fetch(&asking)?;
        self.keep(tile, &file).map_err(|error| {
            Error::machine(self.folder.display().to_string())
                .found(format!("a cache that cannot be written ({error})"))
                .expected("a folder to keep tiles in")
                .advice("give another --base-cache DIR")
        })?;
        Ok(Some(file))
    }
}

impl Server {
    fn turn(&self) -> MutexGuard<'_, Turn> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until fewer than [`CONNECTIONS`] tiles are asked for, and this one is not.
    fn begin(&self, tile: Tile) -> Asking<'_> {
        let busy = |turn: &mut Turn| turn.asked.len() >= CONNECTIONS || turn.asked.contains(&tile);
        let mut turn = self.freed.wait_while(self.turn(), busy).unwrap_or_else(PoisonError::into_inner);
        turn.asked.insert(tile);
        Asking { server: self, tile }
    }

    /// Waits for the pace of requests.
    fn pace(&self) {
        let begin = {
            let mut turn = self.turn();
            let begin = turn.next.max(Instant::now());
            turn.next = begin + PACE;
            begin
        };
        thread::sleep(begin.saturating_duration_since(Instant::now()));
    }

    /// The file of a tile from the server, empty where there is none.
    fn fetch(&self, asking: &Asking<'_>) -> Result<Vec<u8>, Error> {
        let address = self.address.of(asking.tile);
        let mut attempt = 0;
        loop {
            attempt += 1;
            self.pace();
            match self.ask(&address)? {
                Answer::File(file) if file.is_empty() || picture::side(&file).is_ok() => return Ok(file),
                Answer::File(file) => {
                    let found = picture::side(&file).err().unwrap_or_default();
                    return Err(Server::failed(&address, found, picture::EXPECTED, "check the address in a browser"));
                }
                Answer::Later(pause, status) if attempt >= TRIES || pause > PATIENCE => {
                    let found = format!("the status {status} after {attempt} requests");
                    return Err(Server::failed(
                        &address,
                        found,
                        "a tile",
                        "try again later, or use an archive of tiles",
                    ));
                }
                // Nobody else is to ask before either.
                Answer::Later(pause, _) => {
                    let until = Instant::now() + pause.max(PAUSE * 2u32.pow(attempt - 1));
                    let mut turn = self.turn();
                    turn.next = turn.next.max(until);
                }
            }
        }
    }

    fn ask(&self, address: &str) -> Result<Answer, Error> {
        let unreached = |error: ureq::Error| {
            let advice = "check the address and the network, or use an archive of tiles";
            Server::failed(address, format!("no answer ({error})"), "a tile", advice)
        };
        let mut response = self.agent.get(address).call().map_err(unreached)?;
        let status = response.status();
        match status {
            StatusCode::OK => {
                let file = response.body_mut().with_config().limit(MAX_FILE).read_to_vec().map_err(unreached)?;
                Ok(Answer::File(file))
            }
            StatusCode::NO_CONTENT | StatusCode::NOT_FOUND | StatusCode::GONE => Ok(Answer::File(Vec::new())),
            StatusCode::TOO_MANY_REQUESTS => Ok(Answer::Later(pause(&response), status.to_string())),
            status if status.is_server_error() => Ok(Answer::Later(pause(&response), status.to_string())),
            status => {
                let advice = "check the address, its key, and what the provider allows";
                Err(Server::failed(address, format!("the status {status}"), "a tile", advice))
            }
        }
    }

    fn failed(address: &str, found: String, expected: &str, advice: &str) -> Error {
        Error::machine(Address::shown(address)).found(found).expected(expected).advice(advice)
    }

    fn kept_at(&self, tile: Tile) -> PathBuf {
        self.folder.join(label(tile))
    }

    /// What is on the disk of a tile, where it is fresh: empty where the server has none.
    fn kept(&self, tile: Tile) -> Option<Vec<u8>> {
        let path = self.kept_at(tile);
        let age = fs::metadata(&path).and_then(|about| about.modified()).ok()?.elapsed().ok()?;
        if age >= FRESH {
            return None;
        }
        fs::read(path).ok().filter(|file| file.is_empty() || picture::side(file).is_ok())
    }

    /// Keeps a file, whole or not at all.
    fn keep(&self, tile: Tile, file: &[u8]) -> io::Result<()> {
        let path = self.kept_at(tile);
        let column = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(column)?;
        let mut new = NamedTempFile::new_in(column)?;
        new.write_all(file)?;
        new.persist(path).map(drop).map_err(|error| error.error)
    }
}

/// How long the server asks to wait; dates are not understood.
fn pause(response: &Response<Body>) -> Duration {
    let seconds = response.headers().get("retry-after").and_then(|after| after.to_str().ok()?.trim().parse().ok());
    seconds.map_or(Duration::ZERO, Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_places_filled() {
        let tile = Tile::new(3, 5, 1).expect("a tile");
        let filled = |template: &str| Address::new(template).expect("an address").of(tile);
        assert_eq!(filled("https://a.b/{z}/{x}/{y}.png"), "https://a.b/3/5/1.png");
        assert_eq!(filled("https://a.b/{z}/{x}/{-y}{r}.png"), "https://a.b/3/5/6@2x.png");
        assert_eq!(filled("http://a.b/?x={x}&y={y}&z={z}"), "http://a.b/?x=5&y=1&z=3");
        for wrong in
            ["https://{s}.b/{z}/{x}/{y}.png", "https://a.b/{z}/{x}.png", "https://a.b/c.pmtiles", "https://a/{"]
        {
            assert!(Address::new(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn keys_and_passwords_are_shown_nowhere() {
        let address = Address::new("https://me:secret@a.b:80/{z}/{x}/{y}.png?key=secret").expect("an address");
        assert_eq!(Address::shown(&address.template), "https://a.b:80/{z}/{x}/{y}.png?…");
        assert!(
            address.folder().starts_with("a.b-80-") && !address.folder().contains("secret"),
            "{}",
            address.folder()
        );
    }
}
