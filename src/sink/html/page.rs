//! The pages that were built from `web/` before torrid was, and the one of them that becomes a file with everything in it.

use std::borrow::Cow;
use std::io;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rust_embed::Embed;
use serde_json::Value;

use crate::error::Error;
use crate::sink::{Out, place};

/// Files of the pages; none where they were not built, so that torrid can be without npm.
#[derive(Embed)]
#[folder = "web/dist"]
#[allow_missing = true]
struct Built;

/// A file of the pages that are built from `web/`, by its name there; none where they were not built.
pub fn built(name: &str) -> Option<Cow<'static, [u8]>> {
    Built::get(name).map(|file| file.data)
}

/// The most bytes of a file: browsers hold a text of some 2^29.
pub const MOST: u64 = 500_000_000;

/// What stands in the page where the data belong.
const HERE: &str = "\"what is shown\"";

/// The page, before and after the data.
pub struct Page {
    before: String,
    after: String,
}

impl Page {
    /// The page as it was built.
    pub fn find() -> Option<Page> {
        Page::parse(&built("offline.html")?)
    }

    fn parse(file: &[u8]) -> Option<Page> {
        let (before, after) = std::str::from_utf8(file).ok()?.split_once(HERE)?;
        Some(Page { before: before.to_owned(), after: after.to_owned() })
    }

    /// That a map can be written, before any work.
    ///
    /// # Errors
    /// When the page was not built; the caller's fault.
    pub fn check(page: Option<Page>, path: &Path) -> Result<Page, Error> {
        page.ok_or_else(|| {
            Error::caller(place(path))
                .found("a torrid that was built without its pages")
                .expected("the page that maps of one file are made of")
                .advice("run `make page` and build torrid again, or write another format")
        })
    }

    /// How many bytes it has.
    pub fn len(&self) -> u64 {
        (self.before.len() + self.after.len()) as u64
    }
}

/// The data of a page while they are written: one JSON object, in a script that is not run.
pub struct Content<'a> {
    out: &'a mut dyn Out,
    after: String,
}

impl<'a> Content<'a> {
    /// Begins a file with what is told about the map.
    pub fn begin(page: Page, out: &'a mut dyn Out, facts: &Value) -> io::Result<Content<'a>> {
        out.write_all(page.before.as_bytes())?;
        // No text of the map ends the script that it is in, or begins a comment.
        write!(out, "{{\"map\":{}", facts.to_string().replace('<', "\\u003c"))?;
        Ok(Content { out, after: page.after })
    }

    /// The key of what is written next.
    pub fn key(&mut self, name: &str) -> io::Result<&mut dyn Out> {
        write!(self.out, ",\"{name}\":")?;
        Ok(self.out)
    }

    /// A file.
    pub fn file(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let text = base64(bytes);
        write!(self.key(name)?, "\"{text}\"")
    }

    /// Ends the data and the file.
    pub fn finish(self) -> io::Result<()> {
        write!(self.out, "}}{}", self.after)
    }
}

/// Bytes as the page reads them.
pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_the_page_a_map_is_refused_with_what_to_do() {
        let refused = Page::check(Page::parse(b"<html></html>"), Path::new("map.html")).err().expect("refused");
        assert!(refused.to_string().contains("`make page`"), "{refused}");
    }

    #[test]
    fn no_text_of_a_map_ends_the_script_that_it_is_in() {
        let page = Page::parse(b"<script>\"what is shown\"</script>").expect("a page");
        let title = "</script><!-- <script>";
        let mut out = io::Cursor::new(Vec::new());
        Content::begin(page, &mut out, &Value::from(title)).and_then(Content::finish).expect("written");
        let text = String::from_utf8(out.into_inner()).expect("text");
        let inside = text.strip_prefix("<script>").and_then(|text| text.strip_suffix("</script>")).expect("a script");
        assert!(!inside.contains('<'), "{inside}");
        let read: Value = serde_json::from_str(inside).expect("JSON");
        assert_eq!(read["map"], title);
    }
}
