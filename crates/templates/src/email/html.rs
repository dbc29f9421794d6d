//! The HTML of nodes: styles stand inline, since mail programs take them away elsewhere; classes let a dark screen change colours.

use std::fmt::Write as _;

use super::branding::{Branding, Color, Colors};
use super::compose::Node;
use super::markdown::{Inline, Paragraph};
use crate::escape::Escape;

/// Space between two blocks in pixels.
const GAP: u8 = 16;

/// Writes nodes one below the other.
pub(super) struct Writer<'w> {
    branding: &'w Branding,
    out: String,
}

/// Text for HTML.
pub(super) fn escaped(text: &str) -> String {
    Escape::Html.escape(text)
}

/// A colour as a background: first as it looks over what lies below, for programs that know no transparency.
pub(super) fn background(color: Color, below: Color) -> String {
    if color.is_opaque() {
        format!("background-color:{color}")
    } else {
        format!("background-color:{};background-color:{color}", color.over(below))
    }
}

impl<'w> Writer<'w> {
    pub(super) fn new(branding: &'w Branding) -> Self {
        Self {
            branding,
            out: String::new(),
        }
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    fn colors(&self) -> &'w Colors {
        &self.branding.colors
    }

    pub(super) fn nodes(&mut self, nodes: &[Node]) {
        for (index, node) in nodes.iter().enumerate() {
            let gap = if index == 0 { 0 } else { GAP };
            self.node(node, gap);
        }
    }

    fn node(&mut self, node: &Node, gap: u8) {
        match node {
            Node::Heading(level, text) => self.heading(*level, text, gap),
            Node::Text(paragraphs, muted) => self.paragraphs(paragraphs, *muted, gap),
            Node::Button(label, url) => self.button(label, url.as_deref(), gap),
            Node::Divider => {
                let border = self.colors().border.over(self.colors().card);
                let _ = write!(
                    self.out,
                    r#"<div class="line" style="margin-top:{gap}px;border-top:1px solid {border};font-size:0;line-height:0">&nbsp;</div>"#
                );
            }
            Node::Image {
                url,
                alt,
                width,
                link,
            } => self.image((url, alt), *width, link.as_deref(), gap),
            Node::Callout(color, inner) => {
                let color = color.unwrap_or(self.colors().accent);
                let _ = write!(
                    self.out,
                    r#"<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="margin-top:{gap}px"><tr><td style="border-left:3px solid {color};padding:2px 0 2px 16px">"#
                );
                self.nodes(inner);
                self.out.push_str("</td></tr></table>");
            }
            Node::Fields(fields) => self.fields(fields, gap),
            Node::Html(html) => {
                let _ = write!(self.out, r#"<div style="margin-top:{gap}px">{html}</div>"#);
            }
        }
    }

    fn heading(&mut self, level: u8, text: &str, gap: u8) {
        let (size, line) = match level {
            1 => (22, 28),
            2 => (18, 24),
            _ => (15, 22),
        };
        let (color, text) = (self.colors().heading, escaped(text));
        let _ = write!(
            self.out,
            r#"<h{level} class="h" style="margin:{gap}px 0 0;font-size:{size}px;line-height:{line}px;font-weight:600;letter-spacing:-0.01em;color:{color}">{text}</h{level}>"#
        );
    }

    fn paragraphs(&mut self, paragraphs: &[Paragraph], muted: bool, gap: u8) {
        let (class, color, size, line) = if muted {
            ("m", self.colors().muted, 13, 20)
        } else {
            ("t", self.colors().text, 15, 24)
        };
        for (index, paragraph) in paragraphs.iter().enumerate() {
            let gap = if index == 0 { gap } else { 12 };
            match paragraph {
                Paragraph::Words(inlines) => {
                    let _ = write!(
                        self.out,
                        r#"<p class="{class}" style="margin:{gap}px 0 0;font-size:{size}px;line-height:{line}px;color:{color}">"#
                    );
                    self.inlines(inlines);
                    self.out.push_str("</p>");
                }
                Paragraph::List(first, items) => {
                    let (tag, start) = match first {
                        Some(1) => ("ol", String::new()),
                        Some(first) => ("ol", format!(r#" start="{first}""#)),
                        None => ("ul", String::new()),
                    };
                    let _ = write!(
                        self.out,
                        r#"<{tag}{start} class="{class}" style="margin:{gap}px 0 0;padding:0 0 0 22px;font-size:{size}px;line-height:{line}px;color:{color}">"#
                    );
                    for item in items {
                        self.out.push_str(r#"<li style="margin:4px 0 0">"#);
                        self.item(item, muted);
                        self.out.push_str("</li>");
                    }
                    let _ = write!(self.out, "</{tag}>");
                }
            }
        }
    }

    /// The content of an item; words alone need no paragraph.
    fn item(&mut self, item: &[Paragraph], muted: bool) {
        match item {
            [Paragraph::Words(inlines), rest @ ..] => {
                self.inlines(inlines);
                self.paragraphs(rest, muted, 4);
            }
            other => self.paragraphs(other, muted, 0),
        }
    }

    fn inlines(&mut self, inlines: &[Inline]) {
        for inline in inlines {
            match inline {
                Inline::Text(text) => Escape::Html.push(text, &mut self.out),
                Inline::Strong(inner) => {
                    let color = self.colors().heading;
                    let _ = write!(
                        self.out,
                        r#"<strong class="h" style="font-weight:600;color:{color}">"#
                    );
                    self.inlines(inner);
                    self.out.push_str("</strong>");
                }
                Inline::Emphasis(inner) => {
                    self.out.push_str("<em>");
                    self.inlines(inner);
                    self.out.push_str("</em>");
                }
                Inline::Code(code) => {
                    let code = escaped(code);
                    let _ = write!(
                        self.out,
                        r#"<code style="font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:0.92em">{code}</code>"#
                    );
                }
                Inline::Link(label, url) => {
                    let (url, color) = (escaped(url), self.colors().link());
                    let _ = write!(self.out, r#"<a class="a" href="{url}" style="color:{color}">"#);
                    self.inlines(label);
                    self.out.push_str("</a>");
                }
                Inline::Break => self.out.push_str("<br>"),
            }
        }
    }

    /// A button that every mail program shows as one: a coloured cell, whose space Outlook takes from `mso-padding-alt`.
    fn button(&mut self, label: &str, url: Option<&str>, gap: u8) {
        let Some(url) = url else {
            return self.paragraphs(
                &[Paragraph::Words(vec![Inline::Text(label.to_owned())])],
                false,
                gap,
            );
        };
        let colors = self.colors();
        let (accent, words) = (colors.accent.over(colors.card), colors.on_accent());
        let (label, url) = (escaped(label), escaped(url));
        let _ = write!(
            self.out,
            r#"<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin-top:{}px"><tr><td class="btn" bgcolor="{accent}" style="border-radius:8px;background-color:{accent};mso-padding-alt:12px 22px"><a class="btn-a" href="{url}" style="display:inline-block;padding:12px 22px;font-size:15px;line-height:20px;font-weight:600;color:{words};text-decoration:none;border-radius:8px">{label}</a></td></tr></table>"#,
            gap + 4
        );
    }

    fn image(&mut self, (url, alt): (&str, &str), width: Option<u16>, link: Option<&str>, gap: u8) {
        let most = self.branding.kept_width() - 2 * u16::from(self.branding.kept_padding());
        let width = width.unwrap_or(most).clamp(1, most);
        let (url, alt) = (escaped(url), escaped(alt));
        let image = format!(
            r#"<img src="{url}" alt="{alt}" width="{width}" style="display:block;width:100%;max-width:{width}px;height:auto;border:0;border-radius:8px">"#
        );
        let image = match link {
            Some(link) => format!(r#"<a href="{}">{image}</a>"#, escaped(link)),
            None => image,
        };
        let _ = write!(self.out, r#"<div style="margin-top:{gap}px">{image}</div>"#);
    }

    fn fields(&mut self, fields: &[(String, String)], gap: u8) {
        let (muted, text) = (self.colors().muted, self.colors().text);
        let _ = write!(
            self.out,
            r#"<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="margin-top:{gap}px">"#
        );
        for (label, value) in fields {
            let (label, value) = (escaped(label), escaped(value));
            let _ = write!(
                self.out,
                r#"<tr><td class="m" width="34%" valign="top" style="padding:4px 12px 4px 0;font-size:14px;line-height:22px;color:{muted}">{label}</td><td class="t" valign="top" style="padding:4px 0;font-size:14px;line-height:22px;color:{text};word-break:break-word">{value}</td></tr>"#
            );
        }
        self.out.push_str("</table>");
    }
}
