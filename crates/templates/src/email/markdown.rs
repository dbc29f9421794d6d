//! The small Markdown of texts. What it does not know is text: HTML, pictures, tables.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use url::Url;

use super::link;

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Paragraph {
    /// Words and lines.
    Words(Vec<Inline>),
    /// A list, numbered from a number or not.
    List(Option<u64>, Vec<Vec<Paragraph>>),
}

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Inline {
    Text(String),
    Strong(Vec<Inline>),
    Emphasis(Vec<Inline>),
    Code(String),
    /// A label and where it leads; a link that must not be is its label alone.
    Link(Vec<Inline>, String),
    Break,
}

/// Nested deeper, a text is read as if its innermost signs were not there.
const MAX_DEPTH: usize = 12;

/// Reads a text.
pub(crate) fn read(text: &str, base: Option<&Url>) -> Vec<Paragraph> {
    let mut reader = Reader {
        base,
        open: vec![Open::Page(Vec::new())],
        ignored: Vec::new(),
    };
    for event in Parser::new_ext(&unindented(text), Options::empty()) {
        reader.event(event);
    }
    reader.finish()
}

/// Without spaces at the beginning of lines, which would make code of what data begins with. Nested lists keep theirs.
fn unindented(text: &str) -> String {
    let lines = text.split('\n').map(|line| {
        let words = line.trim_start();
        let is_item = words.starts_with(['-', '*', '+']) || words.starts_with(|c: char| c.is_ascii_digit());
        if is_item && line.len() - words.len() <= 8 {
            line
        } else {
            words
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Something that is not closed yet, with what it holds so far.
enum Open {
    Page(Vec<Paragraph>),
    List(Option<u64>, Vec<Vec<Paragraph>>),
    Item(Vec<Paragraph>),
    Words(Vec<Inline>),
    Strong(Vec<Inline>),
    Emphasis(Vec<Inline>),
    Link(Vec<Inline>, Option<String>),
}

struct Reader<'b> {
    base: Option<&'b Url>,
    open: Vec<Open>,
    /// For each tag that is open, whether it is passed over.
    ignored: Vec<bool>,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => {
                let opened = self.opened(tag).filter(|_| self.open.len() < MAX_DEPTH);
                self.ignored.push(opened.is_none());
                if let Some(opened) = opened {
                    if matches!(opened, Open::List(..) | Open::Item(_) | Open::Words(_)) {
                        self.end_words();
                    }
                    self.open.push(opened);
                }
            }
            Event::End(tag) => {
                if self.ignored.pop() == Some(false) {
                    self.close(tag);
                } else if ends_a_block(tag) {
                    self.end_words();
                }
            }
            Event::Code(code) => self.inline(Inline::Code(unescaped(&code))),
            Event::SoftBreak | Event::HardBreak => self.inline(Inline::Break),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.lines(&text),
            _ => {}
        }
    }

    /// What a tag opens, unless it is passed over.
    fn opened(&self, tag: Tag<'_>) -> Option<Open> {
        Some(match tag {
            Tag::Paragraph => Open::Words(Vec::new()),
            Tag::List(first) => Open::List(first, Vec::new()),
            Tag::Item => Open::Item(Vec::new()),
            Tag::Strong => Open::Strong(Vec::new()),
            Tag::Emphasis => Open::Emphasis(Vec::new()),
            Tag::Link { dest_url, .. } => Open::Link(Vec::new(), link::allowed(&dest_url, self.base)),
            _ => return None,
        })
    }

    /// Text whose line breaks stay.
    fn lines(&mut self, text: &str) {
        for (number, line) in text.trim_end_matches('\n').split('\n').enumerate() {
            if number > 0 {
                self.inline(Inline::Break);
            }
            if !line.is_empty() {
                self.inline(Inline::Text(line.to_owned()));
            }
        }
    }

    fn inline(&mut self, inline: Inline) {
        // The items of a tight list hold their words without a paragraph.
        if matches!(
            self.open.last(),
            Some(Open::Page(_) | Open::Item(_) | Open::List(..))
        ) {
            self.open.push(Open::Words(Vec::new()));
        }
        if let Some(
            Open::Words(inlines) | Open::Strong(inlines) | Open::Emphasis(inlines) | Open::Link(inlines, _),
        ) = self.open.last_mut()
        {
            inlines.push(inline);
        }
    }

    fn close(&mut self, tag: TagEnd) {
        if matches!(tag, TagEnd::Item | TagEnd::List(_)) {
            self.end_words();
        }
        if let TagEnd::Paragraph = tag {
            self.end_words();
            return;
        }
        let Some(closed) = self.open.pop() else { return };
        match closed {
            Open::Strong(inlines) => self.inline(Inline::Strong(inlines)),
            Open::Emphasis(inlines) => self.inline(Inline::Emphasis(inlines)),
            Open::Link(label, Some(url)) => self.inline(Inline::Link(label, url)),
            Open::Link(label, None) => label.into_iter().for_each(|inline| self.inline(inline)),
            Open::Item(paragraphs) => {
                if let Some(Open::List(_, items)) = self.open.last_mut() {
                    items.push(paragraphs);
                }
            }
            Open::List(first, items) => self.paragraph(Paragraph::List(first, items)),
            Open::Words(inlines) => self.paragraph(Paragraph::Words(inlines)),
            page @ Open::Page(_) => self.open.push(page),
        }
    }

    /// Ends words that no tag of their own holds.
    fn end_words(&mut self) {
        if let Some(Open::Words(_)) = self.open.last()
            && let Some(Open::Words(inlines)) = self.open.pop()
        {
            self.paragraph(Paragraph::Words(inlines));
        }
    }

    fn paragraph(&mut self, paragraph: Paragraph) {
        if matches!(&paragraph, Paragraph::Words(inlines) if inlines.is_empty()) {
            return;
        }
        if let Some(Open::Page(paragraphs) | Open::Item(paragraphs)) = self.open.last_mut() {
            paragraphs.push(paragraph);
        }
    }

    fn finish(mut self) -> Vec<Paragraph> {
        self.end_words();
        match self.open.into_iter().next() {
            Some(Open::Page(paragraphs)) => paragraphs,
            _ => Vec::new(),
        }
    }
}

fn ends_a_block(tag: TagEnd) -> bool {
    !matches!(
        tag,
        TagEnd::Strong | TagEnd::Emphasis | TagEnd::Link | TagEnd::Image | TagEnd::Strikethrough
    )
}

/// Data is escaped with backslashes, which in code would show.
fn unescaped(code: &str) -> String {
    let mut out = String::with_capacity(code.len());
    let mut characters = code.chars().peekable();
    while let Some(c) = characters.next() {
        if c != '\\' || !characters.peek().is_some_and(char::is_ascii_punctuation) {
            out.push(c);
        } else if let Some(escaped) = characters.next() {
            out.push(escaped);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::escape::Escape;

    fn words(text: &str) -> Vec<Inline> {
        match read(text, None).into_iter().next() {
            Some(Paragraph::Words(inlines)) => inlines,
            other => panic!("{other:?}"),
        }
    }

    fn text(text: &str) -> Inline {
        Inline::Text(text.to_owned())
    }

    #[test]
    fn m06_signs_become_what_they_mean() {
        assert_eq!(
            words("**a** *b* `c`\n[d](https://e.example/)"),
            [
                Inline::Strong(vec![text("a")]),
                text(" "),
                Inline::Emphasis(vec![text("b")]),
                text(" "),
                Inline::Code("c".to_owned()),
                Inline::Break,
                Inline::Link(vec![text("d")], "https://e.example/".to_owned()),
            ]
        );
    }

    #[test]
    fn a_link_that_must_not_be_is_its_label() {
        assert_eq!(words("[a](javascript:alert(1)) b"), [text("a"), text(" b")]);
    }

    #[test]
    fn lists_are_read_with_what_stands_around_them() {
        let item = |words: &str| vec![Paragraph::Words(vec![text(words)])];
        assert_eq!(
            read("a\n\n- b\n- c\n\nd", None),
            [
                Paragraph::Words(vec![text("a")]),
                Paragraph::List(None, vec![item("b"), item("c")]),
                Paragraph::Words(vec![text("d")]),
            ]
        );
        assert_eq!(read("3. x", None), [Paragraph::List(Some(3), vec![item("x")])]);
    }

    #[test]
    fn html_is_text() {
        assert_eq!(words("<b>x</b>"), [text("<b>"), text("x"), text("</b>")]);
        let Paragraph::Words(block) = &read("<div>\nx\n</div>", None)[0] else {
            panic!()
        };
        assert!(block.contains(&text("<div>")));
    }

    #[test]
    fn data_is_never_a_sign() {
        for data in [
            "*a* **b**",
            "[x](https://evil.example)",
            "# h",
            "    code",
            "1. one",
            "- item",
            "<b>",
            "`c`",
            "a_b_c",
            "&amp;",
            "\\*",
            "===",
            "---",
            "> q",
            "~~x~~",
            "| a | b |",
        ] {
            let read = read(&Escape::Markdown.escape(data), None);
            let shown: String = match &read[..] {
                [Paragraph::Words(inlines)] => inlines
                    .iter()
                    .map(|inline| match inline {
                        Inline::Text(text) => text.as_str(),
                        other => panic!("{data}: {other:?}"),
                    })
                    .collect(),
                other => panic!("{data}: {other:?}"),
            };
            assert_eq!(shown, data.trim_start(), "{data}");
        }
        assert_eq!(
            words(&format!("`{}`", Escape::Markdown.escape("a-b"))),
            [Inline::Code("a-b".to_owned())]
        );
    }

    #[test]
    fn deep_nesting_ends() {
        for text in [
            "> ".repeat(5000),
            "- ".repeat(5000),
            "*a ".repeat(5000),
            "[".repeat(5000),
        ] {
            read(&text, None);
        }
    }
}
