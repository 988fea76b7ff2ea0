//! What can lie below the heat, and from which hosts the map page may load it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};

use crate::error::Error;
use crate::paint::{NATURAL_EARTH, THEMES, Theme, land};
use crate::serve::Serving;
use crate::serve::answer::{Answer, Refusal};
use crate::serve::layer::{Kind, clear};
use crate::serve::tile::{media, of_file};
use crate::sink::tiles::TilePicture;
use crate::source::tiles::Tiles;

/// Coasts and borders by their names, and the themes of their colours.
const COASTS: [(&str, &str); 2] = [("land", "light"), ("land-dark", "dark")];

/// The deepest zoom of the coasts that is worth asking for.
const COASTS_ZOOM: u8 = 10;

/// The name of a map that was given in tiles.
const MAP: &str = "map";

/// A map that was given to lie below.
pub enum Base {
    /// Tiles, handed on as they are; and whose they are, where they do not tell it themselves.
    Tiles(Arc<Tiles>, Option<String>),
    /// The address of a MapLibre style, which the page loads itself.
    Style(String),
}

/// What can lie below the layers: the coasts, before them the map that was given; and the hosts beside this server that
/// pages may load from.
#[derive(Default)]
pub struct Bases {
    given: Option<Base>,
    hosts: Vec<Host>,
}

/// Where pages may load from: a scheme, a name or a number, perhaps a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host(String);

impl Host {
    /// Reads `https://tiles.example.org`, `http://localhost:8081`, or `https://*.example.org` for all below a name: the
    /// sources of CSP 3, 2.3.1, with their scheme.
    ///
    /// # Errors
    /// When it is something else, such as one with a path.
    pub fn parse(text: &str) -> Result<Host, Error> {
        let (scheme, rest) = text.split_once("://").unwrap_or_default();
        let host = rest.strip_suffix('/').unwrap_or(rest);
        let name = host.strip_prefix("*.").unwrap_or(host);
        let (name, port) = name.split_once(':').unwrap_or((name, "0"));
        let letters = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if matches!(scheme, "http" | "https") && name.split('.').all(letters) && port.parse::<u16>().is_ok() {
            return Ok(Host(format!("{scheme}://{host}")));
        }
        Err(Error::caller("--allow-host")
            .found(format!("`{text}`"))
            .expected("a scheme and a host, such as https://tiles.example.org or http://localhost:8081"))
    }

    /// The host of an address.
    ///
    /// # Errors
    /// When it has none that could be allowed.
    pub fn of(address: &str) -> Result<Host, Error> {
        let (scheme, rest) = address.split_once("://").unwrap_or_default();
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        Host::parse(&format!("{}://{host}", scheme.to_ascii_lowercase())).map_err(|_| {
            Error::caller("--base")
                .found(format!("`{address}`"))
                .expected("the address of a MapLibre style, such as https://tiles.example.org/style.json")
        })
    }
}

impl Bases {
    /// The coasts below, before them a map; and hosts that pages may load from, beside that of a style.
    ///
    /// # Errors
    /// When the address of a style has no host.
    pub fn new(given: Option<Base>, mut hosts: Vec<Host>) -> Result<Bases, Error> {
        if let Some(Base::Style(address)) = &given {
            hosts.push(Host::of(address)?);
        }
        Ok(Bases { given, hosts })
    }

    /// Names of the server's own, and addresses of styles; the first is what the page begins with.
    pub fn names(&self) -> Vec<&str> {
        let given = self.given.as_ref().map(|base| match base {
            Base::Tiles(..) => MAP,
            Base::Style(address) => address,
        });
        given.into_iter().chain(COASTS.map(|(name, _)| name)).collect()
    }

    /// What the page may load, as a Content-Security-Policy: nothing but what this server and the hosts send.
    pub fn policy(&self) -> String {
        let hosts: String = self.hosts.iter().flat_map(|Host(host)| [" ", host]).collect();
        format!(
            "default-src 'self'; img-src 'self' data: blob:{hosts}; worker-src 'self' blob:; style-src 'self' \
             'unsafe-inline'; connect-src 'self'{hosts}; font-src 'self'{hosts}; frame-ancestors 'none'; base-uri 'none'"
        )
    }

    fn find(&self, name: &str) -> Result<Found, Refusal> {
        if let (MAP, Some(Base::Tiles(tiles, whose))) = (name, &self.given) {
            return Ok(Found::Map(tiles.clone(), whose.clone()));
        }
        let theme = COASTS.iter().find(|(known, _)| *known == name).map(|(_, theme)| *theme);
        let theme = THEMES.iter().find(|(known, _)| Some(*known) == theme).map(|(_, theme)| theme);
        theme.map(Found::Coasts).ok_or_else(|| {
            let own = self.names().into_iter().filter(|name| !name.contains(':'));
            let expected = own.collect::<Vec<_>>().join(" or ");
            Refusal::missing(&Error::caller("base").found(format!("`{name}`")).expected(expected))
        })
    }
}

/// What tiles of a base are made of.
enum Found {
    Map(Arc<Tiles>, Option<String>),
    Coasts(&'static Theme),
}

/// `/base/NAME.json`.
pub async fn document(
    State(serving): State<Arc<Serving>>,
    Path(file): Path<String>,
    asked: HeaderMap,
) -> Result<Response, Refusal> {
    let name = file.strip_suffix(".json").unwrap_or_default();
    let mut told = json!({
        "tilejson": "3.0.0",
        "name": name,
        "tiles": [format!("{}/base/{name}/{{z}}/{{x}}/{{y}}.png", serving.url(&asked))],
        "minzoom": 0,
        "maxzoom": COASTS_ZOOM,
        "attribution": NATURAL_EARTH,
    });
    if let Found::Map(tiles, whose) = serving.bases.find(name)? {
        let own = tiles.told();
        told["minzoom"] = (*tiles.zooms().start()).into();
        told["maxzoom"] = (*tiles.zooms().end()).into();
        told["attribution"] = own.get("attribution").cloned().or(whose.map(Value::from)).unwrap_or_default();
        told["tileSize"] = tiles.side().unwrap_or(256).into();
        if let Some(bounds) = own.get("bounds") {
            told["bounds"] = bounds.clone();
        }
    }
    Ok(Answer::json(&told).respond(&asked))
}

/// `/base/NAME/Z/X/Y.png`.
pub async fn tile(
    State(serving): State<Arc<Serving>>,
    Path((name, z, x, file)): Path<(String, String, String, String)>,
    asked: HeaderMap,
) -> Result<Response, Refusal> {
    let (tile, _) = of_file((&z, &x, &file), &[("png", Kind::Png)])?;
    let draw: Box<dyn FnOnce() -> Result<Vec<u8>, Error> + Send> = match serving.bases.find(&name)? {
        Found::Map(tiles, _) => {
            let side = tiles.side().unwrap_or(256);
            Box::new(move || tiles.file(tile)?.map_or_else(|| clear(Kind::Png, side), Ok))
        }
        Found::Coasts(theme) => Box::new(move || TilePicture::Png.encode(&land(&tile.frame()?, theme)?)),
    };
    let file = serving.work(&serving.drawing, draw).await?;
    Ok(Answer::new(media(&file), file).respond(&asked))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_scheme_and_a_name_and_nothing_else() {
        for host in
            ["https://tiles.example.org", "http://localhost:8081", "https://*.example.org", "http://127.0.0.1:1"]
        {
            assert_eq!(Host::parse(host).expect(host), Host(host.to_owned()));
        }
        assert_eq!(Host::parse("https://a.org/").expect("a slash"), Host("https://a.org".to_owned()));
        let wrong = "tiles.org ftp://a.org https:// https://* https://a.org/b https://a.org;script-src https://a.org:x \
                     https://a@b.org https://a..org https://a.org:70000";
        for host in wrong.split(' ').chain(["https://a.org 'unsafe-eval'", "", "https://a.org\r\nX: y"]) {
            assert!(Host::parse(host).is_err(), "{host}");
        }
    }
}
