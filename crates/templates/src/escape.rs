//! What a channel takes for markup, and how data is kept from being it.

use serde::{Deserialize, Serialize};

/// How what a template prints is escaped, unless its last filter is `raw`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Escape {
    /// For HTML: `&`, `<`, `>`, `"` and `'` become entities. Safe in text and in quoted attributes.
    Html,
    /// For Slack's mrkdwn: `&`, `<` and `>` become entities, so that data makes no link and mentions nobody.
    Mrkdwn,
    /// For Markdown: a backslash before every sign that could mean something.
    Markdown,
    /// For cards of Teams, which read a little Markdown: data makes no link that says something else. (A space of no width parts its signs,
    /// since not every reader of cards knows backslashes.)
    Card,
    /// For the inside of a JSON string. A value printed with the filter `json` stands for itself.
    Json,
    /// As it is: subjects, text messages, the text part of a mail.
    #[default]
    Plain,
}

impl Escape {
    /// Appends `text`, escaped.
    pub fn push(self, text: &str, out: &mut String) {
        match self {
            Self::Plain => out.push_str(text),
            Self::Html => replace(text, out, html),
            Self::Mrkdwn => replace(text, out, mrkdwn),
            Self::Markdown => push_markdown(text, out),
            Self::Card => out.push_str(&text.replace("](", "]\u{200b}(")),
            Self::Json => push_json(text, out),
        }
    }

    /// `text`, escaped.
    pub fn escape(self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() + text.len() / 8);
        self.push(text, &mut out);
        out
    }
}

fn html(c: char) -> Option<&'static str> {
    match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\'' => Some("&#39;"),
        // What HTML cannot hold.
        '\0' => Some("\u{fffd}"),
        _ => None,
    }
}

fn mrkdwn(c: char) -> Option<&'static str> {
    match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        _ => None,
    }
}

fn replace(text: &str, out: &mut String, with: impl Fn(char) -> Option<&'static str>) {
    let mut from = 0;
    for (at, c) in text.char_indices() {
        if let Some(entity) = with(c) {
            out.push_str(&text[from..at]);
            out.push_str(entity);
            from = at + c.len_utf8();
        }
    }
    out.push_str(&text[from..]);
}

fn push_markdown(text: &str, out: &mut String) {
    for c in text.chars() {
        if c.is_ascii_punctuation() {
            out.push('\\');
        }
        out.push(c);
    }
}

fn push_json(text: &str, out: &mut String) {
    use std::fmt::Write;
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                // A control character is at most U+009F: four digits hold it. Writing to a string never fails.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s07_every_channel_escapes_what_means_something_there() {
        let text = "a & b <i> \"q\" 'p' *x*";
        assert_eq!(
            Escape::Html.escape(text),
            "a &amp; b &lt;i&gt; &quot;q&quot; &#39;p&#39; *x*"
        );
        assert_eq!(Escape::Mrkdwn.escape(text), "a &amp; b &lt;i&gt; \"q\" 'p' *x*");
        assert_eq!(Escape::Plain.escape(text), text);
        assert_eq!(Escape::Markdown.escape("*a* [b](c) 1."), r"\*a\* \[b\]\(c\) 1\.");
        assert_eq!(Escape::Card.escape("*a* [b](c) [d]"), "*a* [b]\u{200b}(c) [d]");
    }

    #[test]
    fn json_strings_read_back_as_they_were() {
        let text = "a\"b\\c\nd\u{1}e\u{7f}ü😀";
        let json = format!("\"{}\"", Escape::Json.escape(text));
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }
}
