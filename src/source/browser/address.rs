//! What a page is called on the command line, and its address for a browser.

use std::fmt::Write;
use std::path::Path;

use crate::error::Error;

/// Schemes of addresses that a page can have.
const SCHEMES: [&str; 3] = ["http://", "https://", "file://"];

/// The longest address, in bytes.
const LONGEST: usize = 8192;

/// The address of a page: `page` itself, or that of the file of this name.
///
/// ```
/// use torrid::source::browser::address;
/// assert_eq!(address("https://shop.example/a?b=1")?, "https://shop.example/a?b=1");
/// assert!(address("web/index.html")?.starts_with("file:///"));
/// assert!(address("shop.example").is_err());
/// # Ok::<(), torrid::Error>(())
/// ```
///
/// # Errors
/// When it is neither an address nor a file; the caller's fault.
pub fn address(page: &str) -> Result<String, Error> {
    let lower = page.to_ascii_lowercase();
    if SCHEMES.iter().any(|scheme| lower.starts_with(scheme) && lower.len() > scheme.len()) {
        if page.len() <= LONGEST && !page.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Ok(page.to_owned());
        }
        let found = if page.len() > LONGEST { "an address that is too long" } else { "an address with a blank in it" };
        return Err(Error::caller("PAGE").found(found).expected("one such as https://shop.example/"));
    }
    let wrong = |found: &str, advice: &str| {
        let wrong = Error::caller(page).found(found).expected("an address with http:// or https://, or a file of HTML");
        Err(wrong.advice(advice))
    };
    match Path::new(page).canonicalize() {
        Ok(path) if path.is_file() => Ok(file_address(&path)),
        Ok(_) => wrong("a folder", "name the page in it, such as index.html"),
        Err(_) if page.contains('.') && !page.contains("://") => {
            wrong("no file of this name", &format!("write https://{page} where it is an address"))
        }
        Err(_) => wrong("neither", "write it as a browser shows it"),
    }
}

/// The address of a file whose path is absolute.
fn file_address(path: &Path) -> String {
    let path = path.to_string_lossy().replace('\\', "/");
    let path = path.trim_start_matches("//?/");
    let mut address = String::from(if path.starts_with('/') { "file://" } else { "file:///" });
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~:".contains(&byte) {
            address.push(char::from(byte));
        } else {
            write!(address, "%{byte:02X}").expect("memory");
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_file_has_no_letter_with_a_meaning_of_its_own() {
        assert_eq!(file_address(Path::new("/a b/ü#1?.html")), "file:///a%20b/%C3%BC%231%3F.html");
        assert_eq!(file_address(Path::new(r"\\?\C:\shop\index.html")), "file:///C:/shop/index.html");
    }

    #[test]
    fn what_is_no_page_is_refused_with_what_to_write() {
        let refused = |page: &str| address(page).expect_err(page).to_string();
        assert!(refused("shop.example").contains("https://shop.example"), "{}", refused("shop.example"));
        assert!(refused("src").contains("a folder"), "{}", refused("src"));
        for wrong in ["", "https://", "https://a b", "ftp://a.b/c", "javascript:alert(1)", "https://a\n.b"] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
    }
}
