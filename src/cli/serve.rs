//! `torrid serve`: tiles of events and archives over HTTP, drawn as they are asked for.

use std::io::IsTerminal;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueHint};

use crate::cli::Common;
use crate::cli::collect::CollectArgs;
use crate::cli::events::EventArgs;
use crate::cli::given::Given;
use crate::cli::look::LookArgs;
use crate::cli::memory::{MemoryArgs, bytes};
use crate::cli::place::PlaceArgs;
use crate::cli::tiles::refuse;
use crate::error::Error;
use crate::events::Space;
use crate::lines::journal::Journal;
use crate::lines::picture::Base as Below;
use crate::serve::{Base, Bases, Content, Host, Layer, Live, Serving, Token, asked_to_stop, serve};
use crate::source::tiles::{Tiles, is_address, is_stored};

/// Serves tiles.
#[derive(Debug, Args)]
#[command(mut_arg("inputs", |inputs| inputs.required(false)))]
pub struct Serve {
    #[command(flatten)]
    given: Given,
    #[command(flatten)]
    events: EventArgs,
    /// The address to listen at: 0.0.0.0 or :: for every network that this machine is in
    #[arg(long, value_name = "IP", default_value = "127.0.0.1", help_heading = "Server")]
    address: IpAddr,
    /// The port to listen at; 0 for any that is free
    #[arg(short, long, value_name = "PORT", default_value_t = 8080, help_heading = "Server")]
    port: u16,
    /// Where others reach the server, if that is another address: `https://maps.example.org/heat`
    #[arg(long, value_name = "URL", help_heading = "Server")]
    url: Option<String>,
    /// The name of the events in addresses [default: that of the first input]
    #[arg(long, value_name = "NAME", help_heading = "Server")]
    name: Option<String>,
    /// Do not open the map in a browser, which is done where the program runs in a terminal of a desktop
    #[arg(long, help_heading = "Server")]
    no_open: bool,
    /// Seconds after which a request is refused; the work goes on for the next one that asks
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0, help_heading = "Server")]
    timeout: f64,
    /// A host beside this one that the map page may load styles, tiles and fonts from, such as `https://tiles.example.org`;
    /// as often as there are hosts
    #[arg(long, value_name = "HOST", help_heading = "Server")]
    allow_host: Vec<String>,
    /// How much memory drawn tiles may take, such as 500MB
    #[arg(long, value_name = "SIZE", default_value = "256MiB", help_heading = "Server")]
    cache: String,
    /// The greatest zoom of plain bins and of bandwidths in pixels; `auto` is where the events are some 4096 cells wide.
    /// A Gaussian in metres has tiles of every zoom
    #[arg(short = 'z', long, value_name = "ZOOM", help_heading = "Tiles")]
    maxzoom: Option<u8>,
    /// Take events that are sent to /LAYER/events, and keep them in this journal, which is drawn with the inputs. Senders
    /// have to know a token
    #[arg(long, value_name = "FILE.journal", help_heading = "New events", value_hint = ValueHint::FilePath)]
    accept: Option<PathBuf>,
    /// The file that the token is in [default: the variable `TORRID_TOKEN` has it]
    #[arg(long, value_name = "FILE", help_heading = "New events", requires = "accept", value_hint = ValueHint::FilePath)]
    token_file: Option<PathBuf>,
    #[command(flatten)]
    collect: CollectArgs,
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    look: LookArgs,
    #[command(flatten)]
    memory: MemoryArgs,
    #[command(flatten)]
    common: Common,
}

/// Words that addresses begin with.
const TAKEN: &[&str] = &["assets", "base", "collect", "health", "metrics", "ogc", "wmts"];

impl Serve {
    /// Runs the command.
    pub fn run(&self) -> Result<(), Error> {
        // What lies below is the page's to show.
        refuse(&self.given, &["base", "base_cache"])?;
        let patience = self.patience()?;
        let url = self.url.as_deref().map(public).transpose()?;
        let token = self.token()?;
        let bases = self.bases()?;
        if self.collect.collect.is_some() && self.collect.collect == self.accept {
            return Err(Error::caller("--collect")
                .found("the journal of --accept")
                .expected("a journal of its own")
                .advice("places on pages are none on the Earth"));
        }
        let layers = self.layers()?;
        let collector = self.collect.collector()?;
        self.common.start()?;
        let serving = Serving::new(layers, url, patience).over(bases);
        let serving = if let Some(token) = token { serving.accepting(token) } else { serving };
        let serving = if let Some(collector) = collector { serving.collecting(collector) } else { serving };
        let begun = |at: SocketAddr, serving: &Serving| {
            let map = !serving.layers().is_empty();
            if map && !self.no_open && someone_looks() {
                // Where there is no browser, the address is told.
                _ = open::that_detached(map_at(at));
            }
            if self.common.quiet {
                return;
            }
            if map {
                eprintln!("a map: http://{at}/");
            }
            for layer in serving.layers() {
                eprintln!("{}: http://{at}/{}/tiles.json", layer.title, layer.name);
                if let Content::Events(live) = &layer.content
                    && let Some(journal) = &live.journal
                {
                    eprintln!("{}: takes events at http://{at}/{}/events", layer.title, layer.name);
                    journal.notes.iter().for_each(|note| eprintln!("note: {note}"));
                }
            }
            if let Some(collector) = serving.collector() {
                eprintln!("pages load http://{at}/collect.js; what it sends goes into {}", collector.path().display());
                collector.notes().iter().for_each(|note| eprintln!("note: {note}"));
            }
            eprintln!("Ctrl-C stops the server");
        };
        serve(serving, SocketAddr::new(self.address, self.port), begun, asked_to_stop())
    }

    fn patience(&self) -> Result<Duration, Error> {
        Duration::try_from_secs_f64(self.timeout)
            .ok()
            .filter(|time| !time.is_zero())
            .ok_or_else(|| Error::caller("--timeout").found(self.timeout.to_string()).expected("seconds, more than 0"))
    }

    /// What lies below: map tiles, or the style that is at an address.
    fn bases(&self) -> Result<Bases, Error> {
        let hosts = self.allow_host.iter().map(|host| Host::parse(host)).collect::<Result<_, _>>()?;
        let Some(base) = self.look.written_base() else { return Bases::new(None, hosts) };
        if is_address(base) && !base.contains('{') {
            self.look.not_cached(base)?;
            return Bases::new(Some(Base::Style(base.to_owned())), hosts);
        }
        if !is_address(base) && !is_stored(Path::new(base)) {
            return Err(Error::caller("--base").found(format!("`{base}`")).expected(
                "a .pmtiles, .mbtiles or folder of map tiles, the address of a MapLibre style, or that of a tile server",
            ));
        }
        let tiles = self.look.tiles(base, Space::Earth)?;
        Bases::new(Some(Base::Tiles(Arc::new(tiles), self.look.attribution().map(str::to_owned))), hosts)
    }

    /// The archives among the inputs, each a layer of its own, and one of all events.
    fn layers(&self) -> Result<Vec<Layer>, Error> {
        let archive = |input: &&String| is_stored(Path::new(input)) && !Path::new(input).is_dir();
        let (archives, events): (Vec<&String>, Vec<&String>) = self.events.inputs.iter().partition(|one| archive(one));
        let mut layers = Vec::new();
        let accept = self.accept.as_ref().map(|path| path.to_string_lossy().into_owned());
        if let Some(first) = events.first().map(|first| (*first).clone()).or(accept) {
            let inputs: Vec<String> = events.into_iter().cloned().collect();
            let title = self.name.clone().unwrap_or_else(|| stem(&first));
            layers.push(Layer { name: slug(&title), title, content: Content::Events(Arc::new(self.live(inputs)?)) });
        }
        for path in archives {
            let tiles = Tiles::open(path.as_ref())?;
            let title =
                tiles.told().get("name").and_then(|name| name.as_str()).map_or_else(|| stem(path), str::to_owned);
            layers.push(Layer { name: slug(&stem(path)), title, content: Content::Archive(Arc::new(tiles)) });
        }
        if layers.is_empty() && self.collect.collect.is_none() {
            return Err(Error::caller("INPUT")
                .found("nothing to serve")
                .expected("events, cells, archives of tiles, or a journal that takes events")
                .advice("name a file, or give --accept FILE.journal or --collect FILE.journal"));
        }
        tell_apart(&mut layers);
        Ok(layers)
    }

    fn live(&self, inputs: Vec<String>) -> Result<Live, Error> {
        let query = self.events.query_of(&inputs)?;
        if let (Some(journal), Some(_)) = (&self.accept, &query.tracing) {
            return Err(Error::caller("--accept")
                .found(format!("{} beside tracks", journal.display()))
                .expected("events: a track is not whole while it is sent")
                .advice("leave --accept out, or take fixes as events with --track-weight fix"));
        }
        if inputs.iter().any(|input| input == "-") {
            return Err(Error::caller("INPUT")
                .found("`-`, standard input")
                .expected("files, which can be read again for another style")
                .advice("write it to a file first, or make cells of it with `torrid cells`"));
        }
        let mut wish = self.place.wish(query.weight.is_some(), query.value.is_some())?;
        if let Some(kernel) = self.look.kernel()? {
            (wish.kernel, wish.bandwidth) = kernel;
        }
        let mut look = self.look.over(Below::Nothing)?;
        look.style.kernel = wish.kernel;
        wish.memory = self.memory.memory(&std::env::temp_dir().join("torrid"))?;
        let mut live = Live::new(inputs, query, (wish, look), bytes("--cache", &self.cache)? as u64);
        live.condition = self.events.condition().map(str::to_owned);
        live.greatest = self.maxzoom;
        live.journal = self.accept.as_deref().map(open_journal).transpose()?;
        // What cannot be read is told now, not to the first who asks.
        live.check()?;
        Ok(live)
    }

    /// The token that senders of events have to know, where events are taken.
    fn token(&self) -> Result<Option<Token>, Error> {
        if self.accept.is_none() {
            return Ok(None);
        }
        let text = match &self.token_file {
            Some(path) => std::fs::read_to_string(path).map_err(|error| {
                let unread = Error::machine(path.display().to_string()).found(error.to_string());
                unread.expected("a file with the token").advice("make one with `openssl rand -hex 16`")
            })?,
            None => std::env::var("TORRID_TOKEN").map_err(|_| {
                Error::caller("--accept")
                    .found("no token")
                    .expected("one that senders of events have to know")
                    .advice("give --token-file FILE, or set the environment variable TORRID_TOKEN")
            })?,
        };
        Token::new(&text).map(Some)
    }
}

/// Whether the program was started by a person in front of a desktop.
fn someone_looks() -> bool {
    let desktop = || ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    std::io::stderr().is_terminal() && (cfg!(any(target_os = "macos", windows)) || desktop())
}

/// The address of the map for a browser on this machine.
fn map_at(at: SocketAddr) -> String {
    if at.ip().is_unspecified() { format!("http://localhost:{}/", at.port()) } else { format!("http://{at}/") }
}

/// The journal that events are kept in.
fn open_journal(path: &Path) -> Result<Journal, Error> {
    if path.extension().is_some_and(|extension| extension == "journal") {
        return Journal::open(path);
    }
    Err(Error::caller("--accept")
        .found(path.display().to_string())
        .expected("a name that ends in .journal")
        .advice("every command of torrid reads it by that name"))
}

/// An address without a slash at its end.
fn public(url: &str) -> Result<String, Error> {
    let known = url.starts_with("http://") || url.starts_with("https://");
    if known && !url.contains(['?', '#', '"', '<', '>', ' ']) {
        return Ok(url.trim_end_matches('/').to_owned());
    }
    Err(Error::caller("--url").found(format!("`{url}`")).expected("an address such as https://maps.example.org/heat"))
}

/// What a file is called, without its folder and its endings.
fn stem(path: &str) -> String {
    let name = Path::new(path).file_name().map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned());
    name.split('.').find(|part| !part.is_empty()).unwrap_or("events").to_owned()
}

/// A name as a part of an address.
fn slug(title: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c.to_ascii_lowercase() } else { '-' };
    let name: String = title.chars().map(letter).collect();
    let name = name.trim_matches('-');
    if name.is_empty() || TAKEN.contains(&name) {
        format!("layer-{name}").trim_end_matches('-').to_owned()
    } else {
        name.to_owned()
    }
}

/// Gives layers of the same name numbers.
fn tell_apart(layers: &mut [Layer]) {
    for i in 1..layers.len() {
        let (before, rest) = layers.split_at_mut(i);
        let name = rest[0].name.clone();
        let mut names = std::iter::once(name.clone()).chain((2..).map(|number| format!("{name}-{number}")));
        let free = names.find(|name| before.iter().all(|layer| layer.name != *name));
        rest[0].name = free.expect("there are numbers enough");
    }
}
