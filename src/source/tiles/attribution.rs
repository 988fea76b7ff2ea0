//! Whose map it is, as archives tell it: often a line of HTML, with links.

/// The most characters that are kept.
const MOST: usize = 300;

/// The most characters that are looked at.
const MOST_READ: usize = 10_000;

/// The characters that stand for a name in HTML; what is common in attributions.
const NAMED: [(&str, &str); 11] = [
    ("amp", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("quot", "\""),
    ("apos", "'"),
    ("nbsp", " "),
    ("copy", "©"),
    ("reg", "®"),
    ("middot", "·"),
    ("ndash", "–"),
    ("mdash", "—"),
];

/// The words of a line of HTML or text; none where there are none.
pub(super) fn plain(html: &str) -> Option<String> {
    let html: String = html.chars().take(MOST_READ).collect();
    let text = without_entities(&without_tags(&html));
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    let line = words.join(" ");
    let cut = line.char_indices().nth(MOST).map(|(at, _)| format!("{}…", line[..at].trim_end()));
    Some(cut.unwrap_or(line)).filter(|line| !line.is_empty())
}

/// What stands between tags. A `<` that begins no tag stands for itself.
fn without_tags(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        let opened = rest[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
        let Some(end) = rest[at..].find('>').filter(|_| opened) else {
            text.push('<');
            rest = &rest[at + 1..];
            continue;
        };
        let tag = rest[at..at + end].trim_start_matches(['<', '/']).to_ascii_lowercase();
        if ["br", "p", "div", "li"].iter().any(|block| tag.split([' ', '/']).next() == Some(block)) {
            text.push(' ');
        }
        rest = &rest[at + end + 1..];
    }
    text + rest
}

/// Entities as their characters; those that are not known as they stand.
fn without_entities(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match rest.split_once(';').and_then(|(name, after)| Some((character(name)?, after))) {
            Some((character, after)) => {
                plain.push_str(&character);
                rest = after;
            }
            None => plain.push('&'),
        }
    }
    plain + rest
}

fn character(name: &str) -> Option<String> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        return code.ok().and_then(char::from_u32).map(String::from);
    }
    NAMED.iter().find(|(known, _)| *known == name).map(|(_, character)| (*character).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_entities_of_an_attribution_become_words() {
        let openstreetmap = "&copy; <a href=\"https://www.openstreetmap.org/copyright\">OpenStreetMap</a> contributors";
        assert_eq!(plain(openstreetmap).as_deref(), Some("© OpenStreetMap contributors"));
        assert_eq!(plain("A<br/>B &amp; C&#x2014;D&#169; &bogus; <3 &").as_deref(), Some("A B & C—D© &bogus; <3 &"));
        assert_eq!(plain(" <b></b>\n"), None);
        assert_eq!(plain("<a").as_deref(), Some("<a"));
        assert_eq!(plain(&"word ".repeat(1000)).map(|line| line.chars().count() <= MOST + 1), Some(true));
    }
}
