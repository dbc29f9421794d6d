//! Plain text from HTML: for mails whose author wrote HTML and no text.

use super::text::tidy;

/// Elements that stand on lines of their own.
const BLOCKS: [&str; 20] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "figure",
    "footer",
    "form",
    "header",
    "main",
    "nav",
    "pre",
    "section",
    "table",
    "tr",
    "caption",
];
/// Elements with an empty line before and behind.
const PARAGRAPHS: [&str; 7] = ["p", "h1", "h2", "h3", "h4", "h5", "h6"];
/// Elements whose text is not for readers.
const HIDDEN: [&str; 5] = ["head", "script", "style", "template", "title"];

/// What a reader of the HTML would see, links with their addresses.
pub fn from_html(html: &str) -> String {
    let mut reader = Reader::default();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        reader.text(&rest[..at]);
        rest = reader.markup(&rest[at..]);
    }
    reader.text(rest);
    tidy(&reader.out)
}

#[derive(Default)]
struct Reader {
    out: String,
    /// Open elements whose text is not for readers.
    hidden: usize,
    /// Open lists: only around the outermost is an empty line.
    lists: usize,
    /// Where the open link leads, and where its words begin.
    link: Option<(String, usize)>,
}

impl Reader {
    /// Reads one tag, comment or declaration; answers what follows it.
    fn markup<'h>(&mut self, html: &'h str) -> &'h str {
        if let Some(comment) = html.strip_prefix("<!--") {
            return comment.split_once("-->").map_or("", |(_, rest)| rest);
        }
        let named = html[1..].trim_start_matches('/');
        if !named.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!') {
            self.text("<");
            return &html[1..];
        }
        let end = end_of_tag(html);
        let tag = html[1..end].trim_end_matches('>');
        let closes = tag.starts_with('/');
        let tag = tag.trim_start_matches('/');
        let length = tag
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(tag.len());
        self.tag(&tag[..length].to_ascii_lowercase(), &tag[length..], closes);
        &html[end..]
    }

    fn tag(&mut self, name: &str, attributes: &str, closes: bool) {
        if HIDDEN.contains(&name) {
            self.hidden = if closes {
                self.hidden.saturating_sub(1)
            } else {
                self.hidden + 1
            };
            return;
        }
        match name {
            "br" => self.out.push('\n'),
            "hr" => self.block(&format!("\n{}\n", "-".repeat(40))),
            "ul" | "ol" => {
                self.lists = self.lists.saturating_sub(usize::from(closes));
                self.block(if self.lists == 0 { "\n\n" } else { "\n" });
                self.lists += usize::from(!closes);
            }
            "li" if !closes => self.block("\n- "),
            "td" | "th" if closes => self.out.push(' '),
            "img" => {
                let alt = attribute(attributes, "alt").unwrap_or_default();
                self.text(&alt);
            }
            "a" if closes => self.end_link(),
            "a" => self.link = attribute(attributes, "href").map(|href| (href, self.out.len())),
            _ if PARAGRAPHS.contains(&name) => self.block("\n\n"),
            _ if BLOCKS.contains(&name) => self.block("\n"),
            _ => {}
        }
    }

    fn block(&mut self, text: &str) {
        if self.hidden == 0 {
            self.out.truncate(self.out.trim_end_matches([' ', '\t']).len());
            let breaks = self.out.chars().rev().take_while(|c| *c == '\n').count();
            let text = if self.out.is_empty() {
                text.trim_start_matches('\n')
            } else {
                text
            };
            let asked = text.chars().take_while(|c| *c == '\n').count();
            self.out.push_str(&text[breaks.min(asked)..]);
        }
    }

    fn end_link(&mut self) {
        let Some((url, begin)) = self.link.take() else {
            return;
        };
        let words = self.out.get(begin..).unwrap_or_default().trim().to_owned();
        let leads = ["http://", "https://", "mailto:"]
            .iter()
            .any(|scheme| url.starts_with(scheme));
        if leads && words != url && self.hidden == 0 {
            let text = if words.is_empty() {
                url
            } else {
                format!(" ({url})")
            };
            self.out.push_str(&text);
        }
    }

    /// Words, their white space as single spaces.
    fn text(&mut self, text: &str) {
        if self.hidden > 0 {
            return;
        }
        for c in decoded(text).chars() {
            if c.is_whitespace() && c != '\u{a0}' {
                if !self.out.is_empty() && !self.out.ends_with([' ', '\n']) {
                    self.out.push(' ');
                }
            } else if c != '\u{200c}' && c != '\u{34f}' && c != '\u{ad}' {
                self.out.push(if c == '\u{a0}' { ' ' } else { c });
            }
        }
    }
}

/// Behind the `>` that ends a tag; one within quotation marks does not.
fn end_of_tag(html: &str) -> usize {
    let mut quote = None;
    for (at, c) in html.char_indices() {
        match (quote, c) {
            (None, '>') => return at + 1,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    html.len()
}

/// The value of an attribute.
fn attribute(attributes: &str, name: &str) -> Option<String> {
    let mut rest = attributes;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if rest.is_empty() {
            return None;
        }
        let length = rest
            .find(|c: char| c.is_whitespace() || c == '=')
            .unwrap_or(rest.len());
        let (found, after) = rest.split_at(length.max(usize::from(length == 0)));
        let after = after.trim_start();
        let Some(value) = after.strip_prefix('=') else {
            rest = after;
            continue;
        };
        let value = value.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (value, after) = match quote {
            Some(quote) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
            None => value.split_at(value.find(char::is_whitespace).unwrap_or(value.len())),
        };
        if found.eq_ignore_ascii_case(name) {
            return Some(decoded(value));
        }
        rest = after;
    }
}

/// With its entities read; one that is not known stays as it is.
fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest
            .char_indices()
            .take(12)
            .find(|(_, c)| *c == ';')
            .map(|(end, _)| end);
        let read = end.and_then(|end| Some((entity(&rest[1..end])?, end)));
        if let Some((c, end)) = read {
            out.push(c);
            rest = &rest[end + 1..];
        } else {
            out.push('&');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).filter(|c| !c.is_control());
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        "copy" => '©',
        "reg" => '®',
        "trade" => '™',
        "bull" => '•',
        "middot" => '·',
        "laquo" => '«',
        "raquo" => '»',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        "euro" => '€',
        "zwnj" => '\u{200c}',
        "shy" => '\u{ad}',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_reader_sees_is_kept() {
        let html = "<!doctype html><html><head><title>x</title><style>p{}</style></head><body><h1>Hello &amp; welcome</h1>
            <p>One <b>bold</b> word,<br>and a <a href=\"https://a.example/?a=1&amp;b=2\">link</a>.</p>
            <ul><li>first</li><li>second</li></ul><!-- not this --><table><tr><td>a</td><td>b</td></tr></table>
            <p>1 < 2 &#x41; &unknown;</p></body></html>";
        let text = from_html(html);
        assert_eq!(
            text,
            "Hello & welcome\n\nOne bold word,\nand a link (https://a.example/?a=1&b=2).\n\n- first\n- second\n\na b\n\n1 < 2 A &unknown;\n"
        );
    }
}
