//! Which pages count: an address, a glob or a regular expression, on addresses that are brought into one form before.
//! Nothing is fetched, and nothing is decided here about records without an address.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use regex::Regex;

use crate::error::Error;

/// A choice of pages by their addresses.
///
/// | written | the pages it chooses |
/// | --- | --- |
/// | `https://shop.example/cart` | this one |
/// | `https://shop.example/*` | those that match: `*` is any text, `?` any character |
/// | `re:^https://.*/cart$` | those in which this regular expression finds something |
///
/// Addresses are the same that differ in a fragment, a slash at the end of the path, a default port, or the case of the
/// host. An address or a glob that has no query is about addresses without theirs; one that begins with `/` is about
/// what follows the host.
///
/// ```
/// use torrid::source::clicks::UrlFilter;
/// let cart: UrlFilter = "https://Shop.example:443/cart/".parse()?;
/// assert!(cart.accepts("https://shop.example/cart?from=mail#top"));
/// assert!(!cart.accepts("https://shop.example/cart/empty"));
/// let all: UrlFilter = "https://shop.example/*".parse()?;
/// assert!(all.accepts("https://shop.example/cart") && all.accepts("https://shop.example"));
/// let some: UrlFilter = "re:^https://.*/cart$".parse()?;
/// assert!(some.accepts("https://shop.example/cart") && !some.accepts("https://shop.example/cart?n=2"));
/// assert_eq!(cart.to_string(), "https://Shop.example:443/cart/");
/// # Ok::<(), torrid::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct UrlFilter {
    /// As it was written.
    text: String,
    test: Test,
}

#[derive(Debug, Clone)]
enum Test {
    Exact(String),
    Pattern(Regex),
    /// Found in whole addresses, with their queries.
    Search(Regex),
}

impl UrlFilter {
    /// Whether the page of this address counts.
    pub fn accepts(&self, url: &str) -> bool {
        let url = normal(url);
        if let Test::Search(regex) = &self.test {
            return regex.is_match(&url);
        }
        let url = if has_query(&self.text) { &*url } else { without_query(&url) };
        let url = if self.text.starts_with('/') { without_host(url) } else { url };
        match &self.test {
            Test::Exact(address) => address == url,
            // What a glob asks for behind a slash may be nothing: `https://shop.example/*` is the first page too.
            Test::Pattern(regex) => regex.is_match(url) || regex.is_match(&format!("{url}/")),
            Test::Search(_) => false,
        }
    }
}

impl PartialEq for UrlFilter {
    fn eq(&self, other: &UrlFilter) -> bool {
        self.text == other.text
    }
}

impl fmt::Display for UrlFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for UrlFilter {
    type Err = Error;

    /// # Errors
    /// When it is empty, or a regular expression that is none.
    fn from_str(text: &str) -> Result<UrlFilter, Error> {
        let text = text.trim();
        let regex = |pattern: &str| {
            Regex::new(pattern).map_err(|e| {
                let reason = e.to_string();
                let last = reason.lines().last().unwrap_or_default().trim();
                Error::caller("--url")
                    .found(format!("`{text}`, which is no regular expression: {}", last.trim_start_matches("error: ")))
                    .expected("an expression such as re:^https://.*/cart$")
            })
        };
        let test = match text.strip_prefix("re:") {
            _ if text.is_empty() || text == "re:" => {
                return Err(Error::caller("--url").found("nothing").expected(
                    "an address, a glob such as https://shop.example/*, or a regular expression behind re:",
                ));
            }
            Some(pattern) => Test::Search(regex(pattern)?),
            None if text.contains('*') => Test::Pattern(regex(&of_glob(text))?),
            None => Test::Exact(normal(text).into_owned()),
        };
        Ok(UrlFilter { text: text.to_owned(), test })
    }
}

/// The regular expression of a glob, whose host and port are brought into the form of addresses.
fn of_glob(glob: &str) -> String {
    let (start, rest) = glob.split_at(host_end(glob).unwrap_or(0));
    let start = if start.is_empty() { Cow::Borrowed("") } else { normal_start(start) };
    let letter = |c: char| match c {
        '*' => ".*".to_owned(),
        '?' => ".".to_owned(),
        c => regex::escape(&c.to_string()),
    };
    let body: String = start.chars().chain(rest.chars()).map(letter).collect();
    format!("^(?s:{body})$")
}

/// An address in the form in which addresses are compared: without fragment, slash at the end of its path and default
/// port, scheme and host in lower case.
fn normal(url: &str) -> Cow<'_, str> {
    let url = url.trim();
    let url = url.split_once('#').map_or(url, |(before, _)| before);
    let (start, rest) = url.split_at(host_end(url).unwrap_or(0));
    let start = normal_start(start);
    let path = without_query(rest);
    let shorter = if path == "/" && start.is_empty() { path } else { path.trim_end_matches('/') };
    match start {
        Cow::Borrowed(_) if shorter.len() == path.len() => Cow::Borrowed(url),
        start => Cow::Owned(format!("{start}{shorter}{}", &rest[path.len()..])),
    }
}

/// Where the path of an address begins that has a scheme and a host.
fn host_end(url: &str) -> Option<usize> {
    let host = url.find("://").filter(|at| !url[..*at].contains(['/', '?', '*']))? + 3;
    Some(url[host..].find(['/', '?']).map_or(url.len(), |end| host + end))
}

/// Scheme, host and port.
fn normal_start(start: &str) -> Cow<'_, str> {
    let lower: Cow<'_, str> =
        if start.bytes().any(|b| b.is_ascii_uppercase()) { start.to_lowercase().into() } else { start.into() };
    let port = if lower.starts_with("https://") { ":443" } else { ":80" };
    let is_web = lower.starts_with("https://") || lower.starts_with("http://");
    match lower.strip_suffix(port).filter(|_| is_web) {
        Some(bare) => Cow::Owned(bare.to_owned()),
        None => lower,
    }
}

/// Whether an address or a glob says something of the query. Of a glob, `?` is one only where a word and `=` follow.
fn has_query(text: &str) -> bool {
    if !text.contains('*') {
        return text.contains('?');
    }
    let Some((_, query)) = text.split_once('?') else { return false };
    query.contains('=')
}

fn without_query(url: &str) -> &str {
    url.split_once('?').map_or(url, |(before, _)| before)
}

/// What follows the host.
fn without_host(url: &str) -> &str {
    match host_end(url).map(|end| &url[end..]) {
        Some("") => "/",
        Some(path) => path,
        None => url,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_lead_to_one_page_are_one() {
        let one = "https://shop.example/cart?n=2";
        for same in [
            "HTTPS://Shop.Example/cart?n=2",
            "https://shop.example:443/cart/?n=2",
            " https://shop.example/cart?n=2#a/b ",
        ] {
            assert_eq!(normal(same), one, "{same}");
        }
        assert_eq!(normal("http://a.example:80/"), "http://a.example");
        assert_eq!(normal("http://a.example:443/"), "http://a.example:443");
        assert_eq!(normal("/"), "/");
        assert_eq!(normal("/Cart/"), "/Cart", "the case of a path matters");
    }
}
