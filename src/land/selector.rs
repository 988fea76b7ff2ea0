//! CSS selectors in one form, so that two ways to write the same are the same text. Selectors are not understood: which
//! elements one finds is not known here.

/// A selector in one form: no spaces round combinators, one space between descendants, attribute values without quotes,
/// names of elements in lower case, `html` and `body` left out above others, `:first-child` and `:first-of-type` as what
/// they stand for, and `:nth-child(1)` and `:nth-of-type(1)` left out: a selector finds the first of several anyway.
///
/// ```
/// use torrid::land::normalised;
/// let form = "#menu>li[data-k=a]>a";
/// assert_eq!(normalised("#menu > LI:nth-of-type(1)[data-k='a'] > a:first-child"), form);
/// assert_eq!(normalised("html > body > #menu>li[data-k=\"a\"] >a"), form);
/// assert_ne!(normalised("#menu li a"), normalised("#menu > li > a"));
/// ```
pub fn normalised(selector: &str) -> String {
    let mut form = tightened(selector);
    for first in [":nth-child(1)", ":nth-of-type(1)", ":first-child", ":first-of-type"] {
        form = form.replace(first, "");
    }
    for above in ["html>", "html ", "body>", "body "] {
        if let Some(rest) = form.strip_prefix(above)
            && !rest.is_empty()
        {
            form = rest.to_owned();
        }
    }
    form
}

/// The id at the end of a selector: of the element itself, not of one it lies in.
pub(super) fn last_id(form: &str) -> Option<&str> {
    let last = form.rsplit(['>', ' ', '+', '~']).next()?;
    if let Some((_, rest)) = last.split_once("[id=") {
        return rest.split(']').next().filter(|id| !id.is_empty());
    }
    let (_, rest) = last.split_once('#')?;
    let id = rest.split(['.', ':', '[', '#']).next()?;
    (!id.is_empty()).then_some(id)
}

/// Without spaces that mean nothing, without quotes, with the names of elements in lower case.
fn tightened(selector: &str) -> String {
    let mut form = String::with_capacity(selector.len());
    let (mut quote, mut bracket, mut space, mut name) = (None, 0u32, false, true);
    for c in selector.trim().chars() {
        if quote.is_some() {
            if quote == Some(c) {
                quote = None;
            } else {
                form.push(c);
            }
            continue;
        }
        match c {
            '"' | '\'' => quote = Some(c),
            c if c.is_whitespace() => space = bracket == 0,
            '>' | '+' | '~' | ',' if bracket == 0 => {
                form.push(c);
                (space, name) = (false, true);
            }
            c => {
                if space && !form.ends_with(['>', '+', '~', ',']) {
                    form.push(' ');
                    name = true;
                }
                space = false;
                name &= c.is_ascii_alphanumeric() || c == '-';
                bracket = if matches!(c, '[' | '(') { bracket + 1 } else { bracket };
                bracket = if matches!(c, ']' | ')') { bracket.saturating_sub(1) } else { bracket };
                form.push(if name { c.to_ascii_lowercase() } else { c });
            }
        }
    }
    form
}
