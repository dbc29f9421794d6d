//! Blocks: read with everything in them, then rendered to nodes, of which HTML and text are made.

use liquid_core::Runtime;
use liquid_core::model::Value;
use url::Url;

use super::block::{Block, Entry};
use super::branding::Color;
use super::markdown::{self, Paragraph};
use super::{Faults, link, one_line};
use crate::error::RenderError;
use crate::escape::Escape;
use crate::partials::Partials;
use crate::scope::{Layer, Turn};
use crate::template::{Condition, Expression, Run, Template};

/// Blocks within blocks.
const MOST_DEPTH: usize = 8;
/// Blocks of one mail.
const MOST_BLOCKS: usize = 500;

/// A block, read.
#[derive(Debug, Clone)]
pub(super) enum Part {
    Heading(u8, Template),
    Text(Template, bool),
    Button(Template, Template),
    Divider,
    Image {
        url: Template,
        alt: Template,
        width: Option<u16>,
        link: Option<Template>,
    },
    List {
        each: Expression,
        name: String,
        parts: Vec<Part>,
        empty: Vec<Part>,
    },
    Callout(Option<Color>, Vec<Part>),
    Fields(Vec<(Template, Template)>),
    Html(Template),
    If {
        condition: Condition,
        parts: Vec<Part>,
        otherwise: Vec<Part>,
    },
}

/// A block as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Heading(u8, String),
    Text(Vec<Paragraph>, bool),
    /// Its words, and where it leads; nowhere where that must not be.
    Button(String, Option<String>),
    Divider,
    Image {
        url: String,
        alt: String,
        width: Option<u16>,
        link: Option<String>,
    },
    Callout(Option<Color>, Vec<Node>),
    Fields(Vec<(String, String)>),
    Html(String),
}

/// Reads blocks, and notes what is wrong with them.
pub(super) fn read(blocks: &[Block], pointer: &str, partials: &Partials, faults: &mut Faults) -> Vec<Part> {
    let mut reader = Reader {
        partials,
        faults,
        blocks: 0,
    };
    reader.blocks(blocks, pointer, 0)
}

struct Reader<'r> {
    partials: &'r Partials,
    faults: &'r mut Faults,
    blocks: usize,
}

impl Reader<'_> {
    fn blocks(&mut self, blocks: &[Block], pointer: &str, depth: usize) -> Vec<Part> {
        if depth > MOST_DEPTH {
            self.faults
                .push(pointer, format!("blocks stand at most {MOST_DEPTH} deep"));
            return Vec::new();
        }
        let mut parts = Vec::with_capacity(blocks.len());
        for (index, block) in blocks.iter().enumerate() {
            self.blocks += 1;
            if self.blocks > MOST_BLOCKS {
                self.faults
                    .push(pointer, format!("a mail has at most {MOST_BLOCKS} blocks"));
                return parts;
            }
            parts.extend(self.block(block, &format!("{pointer}/{index}"), depth));
        }
        parts
    }

    fn plain(&mut self, pointer: &str, source: &str) -> Option<Template> {
        let read = Template::parse(source, Escape::Plain, self.partials);
        self.faults.read(pointer, read)
    }

    fn block(&mut self, block: &Block, at: &str, depth: usize) -> Option<Part> {
        Some(match block {
            Block::Heading { text, level } => {
                let level = level.unwrap_or(1);
                if !(1..=3).contains(&level) {
                    self.faults.push(&format!("{at}/level"), "must be 1 to 3");
                }
                Part::Heading(level, self.plain(&format!("{at}/text"), text)?)
            }
            Block::Text { text, muted } => Part::Text(self.words(&format!("{at}/text"), text)?, *muted),
            Block::Button { label, url } => {
                let (label, url) = (
                    self.plain(&format!("{at}/label"), label),
                    self.plain(&format!("{at}/url"), url),
                );
                Part::Button(label?, url?)
            }
            Block::Divider {} => Part::Divider,
            Block::Image {
                url,
                alt,
                width,
                link,
            } => {
                let url = self.plain(&format!("{at}/url"), url);
                let alt = self.plain(&format!("{at}/alt"), alt);
                let link = match link {
                    Some(link) => Some(self.plain(&format!("{at}/link"), link)?),
                    None => None,
                };
                Part::Image {
                    url: url?,
                    alt: alt?,
                    width: *width,
                    link,
                }
            }
            Block::List {
                each,
                name,
                blocks,
                empty,
            } => self.list((each, name.as_deref()), (blocks, empty), at, depth)?,
            Block::Callout { color, text, blocks } => {
                if text.is_some() != blocks.is_empty() {
                    self.faults
                        .push(at, "a callout has `text` or `blocks`, one of them");
                }
                let mut parts = self.blocks(blocks, &format!("{at}/blocks"), depth + 1);
                if let Some(text) = text {
                    parts.push(Part::Text(self.words(&format!("{at}/text"), text)?, false));
                }
                Part::Callout(*color, parts)
            }
            Block::Fields { fields } => Part::Fields(self.fields(fields, at)),
            Block::Html { html } => {
                let read = Template::parse(html, Escape::Html, self.partials);
                Part::Html(self.faults.read(&format!("{at}/html"), read)?)
            }
            Block::If {
                condition,
                blocks,
                otherwise,
            } => {
                let condition = self
                    .faults
                    .read(&format!("{at}/condition"), Condition::parse(condition));
                let parts = self.blocks(blocks, &format!("{at}/blocks"), depth + 1);
                let otherwise = self.blocks(otherwise, &format!("{at}/else"), depth + 1);
                Part::If {
                    condition: condition?,
                    parts,
                    otherwise,
                }
            }
        })
    }

    fn list(
        &mut self,
        (each, name): (&str, Option<&str>),
        (blocks, empty): (&[Block], &[Block]),
        at: &str,
        depth: usize,
    ) -> Option<Part> {
        let read = self.faults.read(&format!("{at}/each"), Expression::parse(each));
        let parts = self.blocks(blocks, &format!("{at}/blocks"), depth + 1);
        let empty = self.blocks(empty, &format!("{at}/empty"), depth + 1);
        let name = name.unwrap_or("item");
        if !is_name(name) {
            self.faults
                .push(&format!("{at}/as"), "must be a name: letters, digits and `_`");
        }
        Some(Part::List {
            each: read?,
            name: name.to_owned(),
            parts,
            empty,
        })
    }

    fn words(&mut self, pointer: &str, source: &str) -> Option<Template> {
        let read = Template::parse(source, Escape::Markdown, self.partials);
        self.faults.read(pointer, read)
    }

    fn fields(&mut self, fields: &[Entry], at: &str) -> Vec<(Template, Template)> {
        let mut read = Vec::with_capacity(fields.len());
        for (index, field) in fields.iter().enumerate() {
            let label = self.plain(&format!("{at}/fields/{index}/label"), &field.label);
            let value = self.plain(&format!("{at}/fields/{index}/value"), &field.value);
            read.extend(label.zip(value));
        }
        read
    }
}

fn is_name(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    begins && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Renders parts to what is shown of them.
pub(super) fn compose(parts: &[Part], run: &Run, base: Option<&Url>) -> Result<Vec<Node>, RenderError> {
    let mut nodes = Vec::new();
    Composer { run, base }.parts(parts, &run.scope, &mut nodes)?;
    Ok(nodes)
}

struct Composer<'c> {
    run: &'c Run,
    base: Option<&'c Url>,
}

impl Composer<'_> {
    fn parts(&self, parts: &[Part], scope: &dyn Runtime, nodes: &mut Vec<Node>) -> Result<(), RenderError> {
        for part in parts {
            self.part(part, scope, nodes)?;
        }
        Ok(())
    }

    fn part(&self, part: &Part, scope: &dyn Runtime, nodes: &mut Vec<Node>) -> Result<(), RenderError> {
        let line = |template: &Template| Ok(one_line(&self.run.render(template, scope)?));
        match part {
            Part::Heading(level, text) => {
                let text: String = line(text)?;
                if !text.is_empty() {
                    nodes.push(Node::Heading(*level, text));
                }
            }
            Part::Text(text, muted) => {
                let paragraphs = markdown::read(&self.run.render(text, scope)?, self.base);
                if !paragraphs.is_empty() {
                    nodes.push(Node::Text(paragraphs, *muted));
                }
            }
            Part::Button(label, url) => {
                let (label, url): (String, String) = (line(label)?, line(url)?);
                if !label.is_empty() {
                    nodes.push(Node::Button(label, link::allowed(&url, self.base)));
                }
            }
            Part::Divider => nodes.push(Node::Divider),
            Part::Image {
                url,
                alt,
                width,
                link: leads,
            } => {
                let (url, alt): (String, String) = (line(url)?, line(alt)?);
                let leads = leads.as_ref().map(line).transpose()?;
                let allowed =
                    |url: &String| link::allowed(url, self.base).filter(|url| url.starts_with("http"));
                if let Some(url) = allowed(&url) {
                    nodes.push(Node::Image {
                        url,
                        alt,
                        width: *width,
                        link: leads.and_then(|leads| link::allowed(&leads, self.base)),
                    });
                }
            }
            Part::List {
                each,
                name,
                parts,
                empty,
            } => self.list((each, name), (parts, empty), scope, nodes)?,
            Part::Callout(color, parts) => {
                let mut inner = Vec::new();
                self.parts(parts, scope, &mut inner)?;
                if !inner.is_empty() {
                    nodes.push(Node::Callout(*color, inner));
                }
            }
            Part::Fields(fields) => {
                let mut shown = Vec::with_capacity(fields.len());
                for (label, value) in fields {
                    let value: String = line(value)?;
                    if !value.is_empty() {
                        shown.push((line(label)?, value));
                    }
                }
                if !shown.is_empty() {
                    nodes.push(Node::Fields(shown));
                }
            }
            Part::Html(html) => nodes.push(Node::Html(self.run.render(html, scope)?)),
            Part::If {
                condition,
                parts,
                otherwise,
            } => {
                let way = if self.run.holds(condition, scope)? {
                    parts
                } else {
                    otherwise
                };
                self.parts(way, scope, nodes)?;
            }
        }
        Ok(())
    }

    /// Shows each item of a list, turn by turn within the limits.
    fn list(
        &self,
        (each, name): (&Expression, &str),
        (parts, empty): (&[Part], &[Part]),
        scope: &dyn Runtime,
        nodes: &mut Vec<Node>,
    ) -> Result<(), RenderError> {
        let list = match self.run.value(each, scope)? {
            Value::Array(list) if !list.is_empty() => list,
            _ => return self.parts(empty, scope, nodes),
        };
        for (index, item) in list.iter().enumerate() {
            self.run.turn()?;
            let turn = Layer {
                parent: scope,
                names: Turn {
                    name,
                    item,
                    index,
                    length: list.len(),
                },
            };
            self.parts(parts, &turn, nodes)?;
        }
        Ok(())
    }
}
