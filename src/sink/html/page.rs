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

/// The page of a map, and that of a heatmap of a table.
pub const MAP: &str = "offline.html";
pub const FIGURE: &str = "figure.html";

/// The most bytes of a file: a browser holds them several times.
pub const MOST: u64 = 500_000_000;

/// What stands in the page where the data belong.
const HERE: &str = "<!-- what is shown -->";

/// The most bytes of a file in one text, a multiple of 3, so that texts of base64 follow each other without a gap. Browsers
/// take a script in pieces, and copy what they have for each: 72 MB in one took Chromium 9 seconds.
const TOGETHER: usize = 3 << 18;

/// The page, before and after the data.
pub struct Page {
    before: String,
    after: String,
}

impl Page {
    /// The page of this name as it was built.
    pub fn find(name: &str) -> Option<Page> {
        Page::parse(&built(name)?)
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
                .expected("the page that such a file is made of")
                .advice("run `make page` and build torrid again, or write another format")
        })
    }

    /// How many bytes it has.
    pub fn len(&self) -> u64 {
        (self.before.len() + self.after.len()) as u64
    }
}

/// The data of a page while they are written: JSON in scripts that are not run.
pub struct Content<'a> {
    out: &'a mut dyn Out,
    after: String,
}

impl<'a> Content<'a> {
    /// Begins a file.
    pub fn begin(page: Page, out: &'a mut dyn Out) -> io::Result<Content<'a>> {
        out.write_all(page.before.as_bytes())?;
        Ok(Content { out, after: page.after })
    }

    /// An object.
    pub fn object(&mut self, name: &str, object: &Value) -> io::Result<()> {
        // No text ends the script that it is in, or begins a comment.
        let text = object.to_string().replace('<', "\\u003c");
        writeln!(self.out, "<script type=\"application/json\" class=\"{name}\">{text}</script>")
    }

    /// A list of files, in as many scripts as it needs.
    pub fn list(&mut self, name: &'static str) -> List<'_> {
        List { out: self.out, name, open: None }
    }

    /// A file, as a list of its parts.
    pub fn file(&mut self, name: &'static str, bytes: &[u8]) -> io::Result<()> {
        let mut parts = self.list(name);
        bytes.chunks(TOGETHER).try_for_each(|part| parts.put(part))?;
        parts.finish()
    }

    /// Ends the file.
    pub fn finish(self) -> io::Result<()> {
        self.out.write_all(self.after.as_bytes())
    }
}

/// A list of files while it is written.
pub struct List<'a> {
    out: &'a mut dyn Out,
    name: &'static str,
    /// How many bytes the script that is open holds.
    open: Option<usize>,
}

impl List<'_> {
    /// Adds a file.
    pub fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.open.is_some_and(|held| held + bytes.len() > TOGETHER) {
            self.close()?;
        }
        match self.open {
            None => write!(self.out, "<script type=\"application/json\" class=\"{}\">[", self.name)?,
            Some(_) => write!(self.out, ",")?,
        }
        write!(self.out, "\"{}\"", base64(bytes))?;
        self.open = Some(self.open.unwrap_or(0) + bytes.len());
        Ok(())
    }

    /// Ends the list.
    pub fn finish(mut self) -> io::Result<()> {
        if self.open.is_some() { self.close() } else { Ok(()) }
    }

    fn close(&mut self) -> io::Result<()> {
        self.open = None;
        writeln!(self.out, "]</script>")
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
        let page = Page::parse(b"<p><!-- what is shown --></p>").expect("a page");
        let title = "</script><!-- <script>";
        let mut out = io::Cursor::new(Vec::new());
        let mut content = Content::begin(page, &mut out).expect("begun");
        content.object("map", &Value::from(title)).and_then(|()| content.finish()).expect("written");
        let text = String::from_utf8(out.into_inner()).expect("text");
        let inside = text.strip_prefix("<p><script type=\"application/json\" class=\"map\">").expect("a script");
        let inside = inside.strip_suffix("</script>\n</p>").expect("its end");
        assert!(!inside.contains('<'), "{inside}");
        assert_eq!(serde_json::from_str::<Value>(inside).expect("JSON"), title);
    }
}
