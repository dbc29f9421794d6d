//! The text part: what the nodes say, in lines that are not too long.

use std::fmt::Write as _;

use super::Look;
use super::compose::Node;
use super::markdown::{Inline, Paragraph};

/// Longest line, in characters; a word that is longer stays whole.
const WIDTH: usize = 76;

/// The whole text part: the content, then what stands below it.
pub(super) fn page(nodes: &[Node], look: &Look<'_>) -> String {
    let mut blocks = Vec::new();
    write_nodes(nodes, &mut blocks);
    let branding = look.branding;
    let mut below: Vec<String> = Vec::new();
    if !branding.footer_text.trim().is_empty() {
        below.push(branding.footer_text.trim().to_owned());
    }
    let links = branding.footer_links.iter().chain(look.links);
    below.extend(links.map(|link| format!("{}: {}", link.label, link.url)));
    if !below.is_empty() {
        blocks.push(format!("-- \n{}", below.join("\n")));
    }
    tidy(&blocks.join("\n\n"))
}

fn write_nodes(nodes: &[Node], blocks: &mut Vec<String>) {
    for node in nodes {
        match node {
            Node::Heading(1, text) => {
                blocks.push(format!("{text}\n{}", "=".repeat(text.chars().count().min(WIDTH))));
            }
            Node::Heading(2, text) => {
                blocks.push(format!("{text}\n{}", "-".repeat(text.chars().count().min(WIDTH))));
            }
            Node::Heading(_, text) => blocks.push(text.clone()),
            Node::Text(paragraphs, _) => blocks.push(written(paragraphs, "")),
            Node::Button(label, Some(url)) => blocks.push(format!("{label}: {url}")),
            Node::Button(label, None) => blocks.push(label.clone()),
            Node::Divider => blocks.push("-".repeat(40)),
            Node::Image { alt, link, .. } => {
                let words = [Some(alt.as_str()).filter(|alt| !alt.is_empty()), link.as_deref()];
                let words: Vec<_> = words.into_iter().flatten().collect();
                if !words.is_empty() {
                    blocks.push(words.join(": "));
                }
            }
            Node::Callout(_, inner) => {
                let mut lines = Vec::new();
                write_nodes(inner, &mut lines);
                let marked = lines.join("\n\n");
                let marked: Vec<_> = marked.lines().map(|line| format!("| {line}")).collect();
                blocks.push(marked.join("\n"));
            }
            Node::Fields(fields) => {
                let lines: Vec<_> = fields
                    .iter()
                    .map(|(label, value)| format!("{label}: {value}"))
                    .collect();
                blocks.push(lines.join("\n"));
            }
            Node::Html(html) => blocks.push(super::plain::from_html(html)),
        }
    }
}

fn written(paragraphs: &[Paragraph], indent: &str) -> String {
    let mut blocks = Vec::new();
    for paragraph in paragraphs {
        match paragraph {
            Paragraph::Words(inlines) => {
                let mut text = String::new();
                write_inlines(inlines, &mut text);
                let lines: Vec<_> = text.split('\n').map(|line| wrapped(line, indent)).collect();
                blocks.push(lines.join("\n"));
            }
            Paragraph::List(first, items) => {
                let mut lines = Vec::new();
                for (number, item) in items.iter().enumerate() {
                    let mark = match first {
                        Some(first) => format!("{}. ", first.saturating_add(number as u64)),
                        None => "- ".to_owned(),
                    };
                    let inner = format!("{indent}{}", " ".repeat(mark.len()));
                    let text = written(item, &inner);
                    let text = text.strip_prefix(&inner).unwrap_or(&text);
                    lines.push(format!("{indent}{mark}{text}"));
                }
                blocks.push(lines.join("\n"));
            }
        }
    }
    blocks.join("\n\n")
}

fn write_inlines(inlines: &[Inline], out: &mut String) {
    for inline in inlines {
        match inline {
            Inline::Text(text) | Inline::Code(text) => out.push_str(text),
            Inline::Strong(inner) | Inline::Emphasis(inner) => write_inlines(inner, out),
            Inline::Link(label, url) => {
                let mut words = String::new();
                write_inlines(label, &mut words);
                if words.trim() == url || words.trim().is_empty() {
                    out.push_str(url);
                } else {
                    let _ = write!(out, "{words} ({url})");
                }
            }
            Inline::Break => out.push('\n'),
        }
    }
}

/// A line cut between words where it gets too long.
fn wrapped(line: &str, indent: &str) -> String {
    let mut out = String::from(indent);
    let mut width = indent.chars().count();
    let mut is_first = true;
    for word in line.split_whitespace() {
        let length = word.chars().count();
        if !is_first && width + 1 + length > WIDTH {
            out.push('\n');
            out.push_str(indent);
            width = indent.chars().count();
        } else if !is_first {
            out.push(' ');
            width += 1;
        }
        out.push_str(word);
        width += length;
        is_first = false;
    }
    out
}

/// Without spaces at the ends of lines (but the one of a signature's mark), and with at most one empty line in a row.
pub(super) fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.lines() {
        let line = if line == "-- " { line } else { line.trim_end() };
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty < 2 && !(out.is_empty() && line.is_empty()) {
            out.push_str(line);
            out.push('\n');
        }
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}
