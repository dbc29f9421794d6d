//! Mails: from one source of blocks to responsive HTML and to plain text; or HTML given whole by its author.

mod block;
mod branding;
mod compose;
mod html;
mod link;
mod markdown;
mod page;
mod plain;
mod text;

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::error::{RenderError, SyntaxError};
use crate::escape::Escape;
use crate::meter::Limits;
use crate::partials::{Layout, Partials};
use crate::template::{Run, Template};

pub use block::{Block, Entry};
pub use branding::{Branding, Color, Colors, Font, Link};
pub use plain::from_html;

/// A mail as its author writes it. Every text is a template.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The subject, one line.
    pub subject: String,
    /// What an inbox shows behind the subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preheader: Option<String>,
    /// The content, from which both parts are made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocks: Option<Vec<Block>>,
    /// The HTML part whole, in place of blocks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// The text part, where it should not be made from the blocks or the HTML. Alone it makes a mail of plain text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The partial that lies around `html`, with `{{ content }}` in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<String>,
}

/// What is wrong with the source of a mail, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer into the source: `/blocks/2/text`.
    pub pointer: String,
    /// What is wrong, in a sentence without a full stop.
    pub message: String,
    /// The place within the template, where it is one.
    pub error: Option<SyntaxError>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.pointer, self.message)
    }
}

impl std::error::Error for Fault {}

/// Gathers every fault of a source, so that its author mends them all at once.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    fn push(&mut self, pointer: &str, message: impl Into<String>) {
        self.0.push(Fault {
            pointer: pointer.to_owned(),
            message: message.into(),
            error: None,
        });
    }

    /// What was read, or nothing and a fault.
    fn read<T>(&mut self, pointer: &str, read: Result<T, SyntaxError>) -> Option<T> {
        read.map_err(|error| {
            self.0.push(Fault {
                pointer: pointer.to_owned(),
                message: error.to_string(),
                error: Some(error),
            });
        })
        .ok()
    }
}

/// A mail, read and checked: rendered many times.
#[derive(Debug, Clone)]
pub struct Email {
    subject: Template,
    preheader: Option<Template>,
    body: Body,
    text: Option<Template>,
}

#[derive(Debug, Clone)]
enum Body {
    Blocks(Vec<compose::Part>),
    Html(Template, Option<Layout>),
    /// Plain text alone.
    Text,
}

/// How a mail looks for its tenant and its reader.
#[derive(Debug, Clone, Copy)]
pub struct Look<'l> {
    /// Name, colours, font, footer.
    pub branding: &'l Branding,
    /// The language of the texts, as a tag: `en`, `de-CH`.
    pub lang: &'l str,
    /// What relative links begin at. Without it they are left out.
    pub base_url: Option<&'l Url>,
    /// Links below the branding's own, as one to leave the list.
    pub links: &'l [Link],
}

/// A mail as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// One line.
    pub subject: String,
    /// The HTML part; a mail of plain text has none.
    pub html: Option<String>,
    /// The text part.
    pub text: String,
}

impl Email {
    /// Reads a source and everything in it, or says all that is wrong.
    pub fn parse(source: &Source, partials: &Partials) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::default();
        let plain = |faults: &mut Faults, pointer: &str, text: &str| {
            faults.read(pointer, Template::parse(text, Escape::Plain, partials))
        };
        let subject = plain(&mut faults, "/subject", &source.subject);
        if source.subject.trim().is_empty() {
            faults.push("/subject", "a mail has a subject");
        }
        let preheader = source
            .preheader
            .as_deref()
            .and_then(|text| plain(&mut faults, "/preheader", text));
        let text = source
            .text
            .as_deref()
            .and_then(|text| plain(&mut faults, "/text", text));
        let body = body(source, partials, &mut faults);
        match (subject, body) {
            (Some(subject), Some(body)) if faults.0.is_empty() => Ok(Self {
                subject,
                preheader,
                body,
                text,
            }),
            _ => Err(faults.0),
        }
    }

    /// Renders the mail. The limits hold for all its parts together.
    pub fn render(
        &self,
        context: &serde_json::Value,
        look: &Look<'_>,
        limits: &Limits,
    ) -> Result<Mail, RenderError> {
        let run = Run::new(context, limits)?;
        let subject = one_line(&run.render(&self.subject, &run.scope)?);
        let preheader = match &self.preheader {
            Some(preheader) => one_line(&run.render(preheader, &run.scope)?),
            None => String::new(),
        };
        let text = match &self.text {
            Some(text) => Some(text::tidy(&run.render(text, &run.scope)?)),
            None => None,
        };
        let (html, made) = match &self.body {
            Body::Text => (None, String::new()),
            Body::Html(html, layout) => {
                let mut page = run.render(html, &run.scope)?;
                if let Some(layout) = layout {
                    page = layout.wrap(&page, context, limits)?;
                }
                let made = plain::from_html(&page);
                (Some(page), made)
            }
            Body::Blocks(parts) => {
                let nodes = compose::compose(parts, &run, look.base_url)?;
                let made = text::page(&nodes, look);
                (Some(page::page(&subject, &preheader, &nodes, look)), made)
            }
        };
        Ok(Mail {
            subject,
            html,
            text: text.unwrap_or(made),
        })
    }
}

fn body(source: &Source, partials: &Partials, faults: &mut Faults) -> Option<Body> {
    if source.layout.is_some() && source.html.is_none() {
        faults.push(
            "/layout",
            "a layout lies around `html`; blocks are framed by the branding",
        );
    }
    match (&source.blocks, &source.html, &source.text) {
        (Some(_), Some(_), _) => {
            faults.push("/html", "a mail has `blocks` or `html`, not both");
            None
        }
        (Some(blocks), None, _) => {
            if blocks.is_empty() {
                faults.push("/blocks", "a mail has at least one block");
            }
            Some(Body::Blocks(compose::read(blocks, "/blocks", partials, faults)))
        }
        (None, Some(html), _) => {
            let html = faults.read("/html", Template::parse(html, Escape::Html, partials));
            let layout = source
                .layout
                .as_deref()
                .map(|name| layout(name, partials, faults));
            match layout {
                Some(layout) => Some(Body::Html(html?, Some(layout?))),
                None => Some(Body::Html(html?, None)),
            }
        }
        (None, None, Some(_)) => Some(Body::Text),
        (None, None, None) => {
            faults.push("", "a mail has `blocks`, `html` or `text`");
            None
        }
    }
}

fn layout(name: &str, partials: &Partials, faults: &mut Faults) -> Option<Layout> {
    let Some(source) = partials.get(name) else {
        faults.push("/layout", format!("there is no partial `{name}`"));
        return None;
    };
    let read = Layout::parse(source, Escape::Html, partials).map_err(|error| error.within(name));
    faults.read("/layout", read)
}

/// White space and line breaks as single spaces: a line break in a subject would begin another header.
fn one_line(text: &str) -> String {
    let shown: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}
