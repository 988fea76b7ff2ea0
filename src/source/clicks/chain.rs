//! The selector of the element that `PostHog` tells as a chain: the element, then those around it, each as its tag, its
//! classes behind points, and its attributes behind a colon, `a.btn:attr__id="buy"nth-child="2"nth-of-type="1";div`.

/// The selector of the first element of a chain, as far up as an `id` or the outermost element.
pub(super) fn selector(chain: &str) -> Option<String> {
    let mut steps = Vec::new();
    for element in elements(chain) {
        let (step, is_unique) = step(element)?;
        steps.push(step);
        if is_unique {
            break;
        }
    }
    steps.reverse();
    (!steps.is_empty()).then(|| steps.join(" > "))
}

/// An element as a step of a selector, and whether it is alone on its page.
fn step(element: &str) -> Option<(String, bool)> {
    let (tag, attributes) = element.split_once(':').unwrap_or((element, ""));
    let tag = tag.split('.').next().filter(|tag| is_plain(tag))?;
    if let Some(id) = attribute(attributes, "attr_id").or_else(|| attribute(attributes, "attr__id")) {
        return Some((by_id(&id), true));
    }
    let number = attribute(attributes, "nth-of-type").and_then(|text| text.parse::<u32>().ok());
    Some((number.map_or_else(|| tag.to_owned(), |n| format!("{tag}:nth-of-type({n})")), false))
}

/// The selector of the element with this `id`.
pub(super) fn by_id(id: &str) -> String {
    let starts_well = id.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if starts_well && is_plain(id) {
        return format!("#{id}");
    }
    format!("[id=\"{}\"]", id.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Whether a name needs no escape in a selector.
pub(super) fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// The elements of a chain: what stands between semicolons outside of quotes.
fn elements(chain: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let mut escaped = false;
    let outside = move |c: char| {
        let is_end = c == ';' && !quoted;
        quoted ^= c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        is_end
    };
    chain.split(outside).map(str::trim).filter(|element| !element.is_empty())
}

/// The value of an attribute, with its escapes resolved.
fn attribute(attributes: &str, name: &str) -> Option<String> {
    let mut rest = attributes;
    while let Some((key, after)) = rest.split_once("=\"") {
        let (value, left) = quoted(after)?;
        if key.trim() == name {
            return Some(value);
        }
        rest = left;
    }
    None
}

/// The text up to the quote that closes it, and what follows.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => value.push(letters.next()?.1),
            letter => value.push(letter),
        }
    }
    None
}
