//! Compiling: every text is read when its workflow is declared, and what is wrong with it is told by its place.

use std::collections::HashMap;
use std::sync::Arc;

use domain::channel::Channel;
use domain::duration::Span;
use domain::text::Faults;
use domain::workflow::{ActionSource, Does, Email, Fetch, InApp, Locales, Post, Step, Workflow, translated};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use templates::{Escape, Expression, Localized, Partials, Template};

use super::{Form, InAppTexts, MailTexts, PostTexts, RequestTexts, StepTexts, Texts};

/// How long an answer is waited for, where a step does not say, milliseconds.
const FETCH_MS: i64 = 10_000;

/// Compiles texts and gathers what is wrong with them.
struct Compile<'a> {
    faults: &'a mut Faults,
    partials: &'a Partials,
}

impl Compile<'_> {
    /// Compiles a step as it is for everybody and, over that, as it is in each other language. What is wrong with those is told at their place.
    fn localized<S: Serialize + DeserializeOwned>(
        &mut self,
        at: &str,
        step: &S,
        locales: &Locales,
        compile: impl Fn(&mut Self, &str, &S) -> Option<StepTexts>,
    ) -> Option<Localized<StepTexts>> {
        let mut texts = Localized::new(compile(self, at, step)?);
        for (tag, own) in locales {
            // What cannot be read was refused before.
            if let Ok(step) = translated(step, own) {
                let compiled = compile(self, &format!("{at}/locales/{tag}"), &step);
                texts
                    .by_locale
                    .extend(compiled.map(|compiled| (tag.clone(), compiled)));
            }
        }
        Some(texts)
    }

    fn text(&mut self, pointer: &str, source: &str, escape: Escape) -> Option<Template> {
        match Template::parse(source, escape, self.partials) {
            Ok(template) => Some(template),
            Err(error) => {
                self.faults.push(pointer, "template", error.to_string());
                None
            }
        }
    }

    fn maybe(&mut self, pointer: &str, source: Option<&String>, escape: Escape) -> Option<Template> {
        source.and_then(|source| self.text(pointer, source, escape))
    }

    fn in_app(&mut self, at: &str, step: &InApp) -> Option<StepTexts> {
        let title = self.text(&format!("{at}/title"), &step.title, Escape::Plain);
        let actions = step.actions.iter().enumerate();
        let actions =
            actions.filter_map(|(index, action)| self.action(&format!("{at}/actions/{index}"), action));
        let actions: Vec<_> = actions.collect();
        Some(StepTexts::InApp(InAppTexts {
            body: self.maybe(&format!("{at}/body"), step.body.as_ref(), Escape::Plain),
            link: self.maybe(&format!("{at}/link"), step.link.as_ref(), Escape::Plain),
            metadata: step
                .metadata
                .as_ref()
                .map(|metadata| self.form(&format!("{at}/metadata"), metadata, Channel::InApp, None)),
            actions,
            title: title?,
        }))
    }

    fn post(&mut self, at: &str, channel: Channel, post: &Post) -> Option<StepTexts> {
        // (Slack's are escaped with the blocks they are put in.)
        let escape = if channel == Channel::Teams {
            Escape::Card
        } else {
            Escape::Plain
        };
        let title = self.text(&format!("{at}/title"), &post.title, escape);
        Some(StepTexts::Post(PostTexts {
            channel,
            body: self.maybe(&format!("{at}/body"), post.body.as_ref(), escape),
            link: self.maybe(&format!("{at}/link"), post.link.as_ref(), Escape::Plain),
            link_label: self.maybe(
                &format!("{at}/link_label"),
                post.link_label.as_ref(),
                Escape::Plain,
            ),
            blocks: post
                .blocks
                .as_ref()
                .map(|blocks| self.form(&format!("{at}/blocks"), blocks, channel, None)),
            title: title?,
        }))
    }

    /// Compiles data: a text that is a single output stays what it puts out, be it a number or a list.
    fn data(&mut self, at: &str, value: &Value) -> Form {
        match value {
            Value::String(source) => match single_output(source) {
                Some(expression) => Form::Output(expression),
                None => match self.text(at, source, Escape::Plain) {
                    Some(template) => Form::Text(template),
                    None => Form::Other(Value::Null),
                },
            },
            Value::Array(list) => {
                let items = list.iter().enumerate();
                Form::List(
                    items
                        .map(|(index, item)| self.data(&format!("{at}/{index}"), item))
                        .collect(),
                )
            }
            Value::Object(fields) => {
                let fields = fields
                    .iter()
                    .map(|(name, field)| (name.clone(), self.data(&format!("{at}/{name}"), field)));
                Form::Fields(fields.collect())
            }
            other => Form::Other(other.clone()),
        }
    }

    /// The data that a step makes, where it says some.
    fn made(&mut self, at: &str, data: Option<&Value>) -> Option<Localized<StepTexts>> {
        let form = self.data(&format!("{at}/data"), data?);
        Some(Localized::new(StepTexts::Data(form)))
    }

    fn fetch(&mut self, at: &str, fetch: &Fetch) -> Option<StepTexts> {
        let url = self.text(&format!("{at}/url"), &fetch.url, Escape::Plain);
        let mut headers = Vec::new();
        for (name, value) in &fetch.headers {
            let value = self.text(&format!("{at}/headers/{name}"), value, Escape::Plain);
            headers.extend(value.map(|value| (name.clone(), value)));
        }
        let body = fetch.body.as_ref();
        Some(StepTexts::Request(RequestTexts {
            headers,
            body: body.map(|body| self.data(&format!("{at}/body"), body)),
            method: fetch.method,
            timeout: fetch.timeout.map_or(FETCH_MS, Span::ms),
            url: url?,
        }))
    }

    /// Compiles a structure's texts. What Slack and Teams read as markup is escaped for that, everything else stays as it is.
    fn form(&mut self, at: &str, value: &Value, channel: Channel, within: Option<&Value>) -> Form {
        match value {
            Value::String(source) => {
                let is_plain = within.is_some_and(|within| within["type"] == "plain_text");
                let is_text = at.ends_with("/text");
                let escape = match channel {
                    Channel::Slack if is_text && !is_plain => Escape::Mrkdwn,
                    Channel::Teams if is_text => Escape::Card,
                    _ => Escape::Plain,
                };
                match self.text(at, source, escape) {
                    Some(template) => Form::Text(template),
                    None => Form::Other(Value::Null),
                }
            }
            Value::Array(list) => {
                let items = list.iter().enumerate();
                Form::List(
                    items
                        .map(|(index, item)| self.form(&format!("{at}/{index}"), item, channel, None))
                        .collect(),
                )
            }
            Value::Object(fields) => {
                let fields = fields.iter().map(|(name, field)| {
                    let form = self.form(&format!("{at}/{name}"), field, channel, Some(value));
                    (name.clone(), form)
                });
                Form::Fields(fields.collect())
            }
            other => Form::Other(other.clone()),
        }
    }

    fn action(&mut self, at: &str, action: &ActionSource) -> Option<(String, Template, Option<Template>)> {
        let label = self.text(&format!("{at}/label"), &action.label, Escape::Plain);
        let url = self.maybe(&format!("{at}/url"), action.url.as_ref(), Escape::Plain);
        Some((action.id.clone(), label?, url))
    }

    fn email(&mut self, at: &str, step: &Email) -> Option<StepTexts> {
        let to = self.maybe(&format!("{at}/to"), step.to.as_ref(), Escape::Plain);
        let reply_to = self.maybe(&format!("{at}/reply_to"), step.reply_to.as_ref(), Escape::Plain);
        let thread = self.maybe(&format!("{at}/thread"), step.thread.as_ref(), Escape::Plain);
        let files = Value::from(step.attachments.clone());
        let attachments = (!step.attachments.is_empty())
            .then(|| self.form(&format!("{at}/attachments"), &files, Channel::Email, None));
        let form = json!({
            "subject": step.subject,
            "preheader": step.preheader,
            "blocks": step.blocks,
            "html": step.html,
            "text": step.text,
            "layout": step.layout,
        });
        let read = serde_path_to_error::deserialize(&form);
        let source: templates::email::Source = match read {
            Ok(source) => source,
            Err(error) => {
                let place = crate::pointer(error.path());
                self.faults
                    .push(format!("{at}{place}"), "shape", error.inner().to_string());
                return None;
            }
        };
        match templates::email::Email::parse(&source, self.partials) {
            Ok(mail) => Some(StepTexts::Email(MailTexts {
                to,
                reply_to,
                mail: Box::new(mail),
                attachments,
                thread,
            })),
            Err(faults) => {
                for fault in faults {
                    self.faults
                        .push(format!("{at}{}", fault.pointer), "template", fault.message);
                }
                None
            }
        }
    }
}

/// The value of a text that is nothing but one output.
fn single_output(source: &str) -> Option<Expression> {
    let inner = source.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    let inner = inner.strip_prefix('-').unwrap_or(inner);
    let inner = inner.strip_suffix('-').unwrap_or(inner);
    if inner.contains("{{") || inner.contains("}}") {
        return None;
    }
    Expression::parse(inner).ok()
}

impl Texts {
    /// Compiles the texts of a workflow's steps, and notes what is wrong with them.
    pub(crate) fn compile<'a>(
        spec: &Workflow,
        steps: impl Iterator<Item = &'a Arc<Step>>,
        partials: &Partials,
        faults: &mut Faults,
    ) -> Self {
        let places = domain::workflow::places(spec);
        let mut compile = Compile { faults, partials };
        let mut texts = HashMap::new();
        for step in steps {
            let place = places.get(&step.name).map_or("", String::as_str);
            let at = format!("{place}/{}", step.does.word());
            let compiled = match &step.does {
                Does::InApp(step) => compile.localized(&at, &**step, &step.locales, Compile::in_app),
                Does::Email(step) => compile.localized(&at, &**step, &step.locales, Compile::email),
                Does::Slack(step) => compile.localized(&at, &**step, &step.locales, |compile, at, step| {
                    compile.post(at, Channel::Slack, step)
                }),
                Does::Teams(step) => compile.localized(&at, &**step, &step.locales, |compile, at, step| {
                    compile.post(at, Channel::Teams, step)
                }),
                Does::Webhook(step) => compile.made(&at, step.data.as_ref()),
                Does::Trigger(step) => compile.made(&at, step.data.as_ref()),
                Does::Fetch(step) => compile.fetch(&at, step).map(Localized::new),
                Does::Batch(_) | Does::Delay(_) | Does::Throttle(_) | Does::Branch(_) | Does::WaitFor(_) => {
                    None
                }
            };
            texts.extend(compiled.map(|compiled| (step.name.clone(), compiled)));
        }
        Self(texts)
    }
}
