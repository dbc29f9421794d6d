//! The texts of a workflow's steps: compiled when it is declared, rendered when a run comes to them.

use std::collections::HashMap;
use std::sync::Arc;

use domain::channel::Channel;
use domain::text::Faults;
use domain::workflow::{ActionSource, Does, Email, InApp, Post, Rendered, Step, Workflow};
use serde_json::{Value, json};
use templates::email::{Branding, Link, Look};
use templates::{Escape, Limits, Partials, Template};

/// The compiled texts of every step, by its name.
#[derive(Debug, Default)]
pub(crate) struct Texts(HashMap<String, StepTexts>);

#[derive(Debug)]
enum StepTexts {
    InApp {
        title: Template,
        body: Option<Template>,
        link: Option<Template>,
        actions: Vec<(String, Template, Option<Template>)>,
        metadata: Option<Value>,
    },
    Email {
        to: Option<Template>,
        mail: Box<templates::email::Email>,
        thread: Option<Template>,
    },
    Post {
        channel: Channel,
        title: Template,
        body: Option<Template>,
        link: Option<Template>,
        link_label: Option<Template>,
        blocks: Option<Form>,
    },
}

/// A structure of which every text is a template.
#[derive(Debug)]
enum Form {
    Text(Template),
    List(Vec<Form>),
    Fields(Vec<(String, Form)>),
    Other(Value),
}

impl Form {
    fn render(&self, render: &impl Fn(&Template) -> Result<String, String>) -> Result<Value, String> {
        Ok(match self {
            Self::Text(template) => Value::from(render(template)?),
            Self::List(list) => Value::Array(
                list.iter()
                    .map(|item| item.render(render))
                    .collect::<Result<_, _>>()?,
            ),
            Self::Fields(fields) => {
                let fields = fields
                    .iter()
                    .map(|(name, field)| Ok((name.clone(), field.render(render)?)));
                Value::Object(fields.collect::<Result<_, String>>()?)
            }
            Self::Other(value) => value.clone(),
        })
    }
}

/// What a mail wears for its recipient.
pub(crate) struct Dress<'a> {
    /// The tenant's look.
    pub(crate) branding: &'a Branding,
    /// The language of the recipient, as a tag.
    pub(crate) lang: &'a str,
    /// Where one click ends these mails.
    pub(crate) unsubscribe: Option<String>,
}

/// Compiles texts and gathers what is wrong with them.
struct Compile<'a> {
    faults: &'a mut Faults,
    partials: &'a Partials,
}

impl Compile<'_> {
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
        Some(StepTexts::InApp {
            body: self.maybe(&format!("{at}/body"), step.body.as_ref(), Escape::Plain),
            link: self.maybe(&format!("{at}/link"), step.link.as_ref(), Escape::Plain),
            metadata: step.metadata.clone(),
            actions,
            title: title?,
        })
    }

    fn post(&mut self, at: &str, channel: Channel, post: &Post) -> Option<StepTexts> {
        let title = self.text(&format!("{at}/title"), &post.title, Escape::Plain);
        Some(StepTexts::Post {
            channel,
            body: self.maybe(&format!("{at}/body"), post.body.as_ref(), Escape::Plain),
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
        })
    }

    /// Compiles a structure's texts. What Slack reads as mrkdwn is escaped for that, everything else stays as it is.
    fn form(&mut self, at: &str, value: &Value, channel: Channel, within: Option<&Value>) -> Form {
        match value {
            Value::String(source) => {
                let is_plain = within.is_some_and(|within| within["type"] == "plain_text");
                let is_text = at.ends_with("/text");
                let escape = if channel == Channel::Slack && is_text && !is_plain {
                    Escape::Mrkdwn
                } else {
                    Escape::Plain
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
        let thread = self.maybe(&format!("{at}/thread"), step.thread.as_ref(), Escape::Plain);
        let form = json!({
            "subject": step.subject,
            "preheader": step.preheader,
            "blocks": step.blocks,
            "html": step.html,
            "text": step.text,
        });
        let read = serde_path_to_error::deserialize(&form);
        let source: templates::email::Source = match read {
            Ok(source) => source,
            Err(error) => {
                let place = error.path().to_string().replace(['.', '['], "/").replace(']', "");
                self.faults
                    .push(format!("{at}/{place}"), "shape", error.inner().to_string());
                return None;
            }
        };
        match templates::email::Email::parse(&source, self.partials) {
            Ok(mail) => Some(StepTexts::Email {
                to,
                mail: Box::new(mail),
                thread,
            }),
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
                Does::InApp(in_app) => compile.in_app(&at, in_app),
                Does::Email(email) => compile.email(&at, email),
                Does::Slack(post) => compile.post(&at, Channel::Slack, post),
                Does::Teams(post) => compile.post(&at, Channel::Teams, post),
                Does::Batch(_) | Does::Delay(_) | Does::Throttle(_) | Does::Branch(_) => None,
            };
            texts.extend(compiled.map(|compiled| (step.name.clone(), compiled)));
        }
        Self(texts)
    }

    /// Renders a step's texts.
    pub(crate) fn render(&self, step: &Step, context: &Value, dress: &Dress<'_>) -> Result<Rendered, String> {
        let limits = Limits::default();
        let render = |template: &Template| {
            template
                .render(context, &limits)
                .map_err(|error| error.to_string())
        };
        let maybe = |template: &Option<Template>| template.as_ref().map(render).transpose();
        match self.0.get(&step.name).ok_or("its texts are not compiled")? {
            StepTexts::InApp {
                title,
                body,
                link,
                actions,
                metadata,
            } => {
                let mut buttons = Vec::new();
                for (id, label, url) in actions {
                    let url = maybe(url)?.filter(|url| !url.is_empty());
                    buttons.push(json!({"id": id, "label": render(label)?, "url": url}));
                }
                Ok(Rendered::InApp {
                    title: render(title)?,
                    body: maybe(body)?.filter(|body| !body.is_empty()),
                    link: maybe(link)?.filter(|link| !link.is_empty()),
                    actions: (!buttons.is_empty()).then(|| Value::from(buttons).to_string()),
                    metadata: metadata.as_ref().map(ToString::to_string),
                })
            }
            StepTexts::Post {
                channel,
                title,
                body,
                link,
                link_label,
                blocks,
            } => {
                let title = render(title)?;
                let content = if let Some(form) = blocks {
                    in_form(*channel, &title, &form.render(&render)?)
                } else {
                    let link = maybe(link)?.filter(|link| !link.is_empty());
                    let label = maybe(link_label)?.filter(|label| !label.trim().is_empty());
                    simple(*channel, &title, &maybe(body)?.unwrap_or_default(), (link, label))
                };
                Ok(Rendered::Message { to: None, content })
            }
            StepTexts::Email { to, mail, thread } => {
                let links: Vec<_> = dress
                    .unsubscribe
                    .iter()
                    .map(|url| Link {
                        label: "Unsubscribe".to_owned(),
                        url: url.clone(),
                    })
                    .collect();
                let look = Look {
                    branding: dress.branding,
                    lang: dress.lang,
                    base_url: None,
                    links: &links,
                };
                let mail = mail
                    .render(context, &look, &limits)
                    .map_err(|error| error.to_string())?;
                let content = json!({
                    "subject": mail.subject,
                    "html": mail.html,
                    "text": mail.text,
                    "thread": maybe(thread)?.filter(|thread| !thread.trim().is_empty()),
                    "list_unsubscribe": dress.unsubscribe,
                });
                Ok(Rendered::Message {
                    to: maybe(to)?.filter(|to| !to.trim().is_empty()),
                    content,
                })
            }
        }
    }
}

/// A post in the channel's own form.
fn in_form(channel: Channel, title: &str, form: &Value) -> Value {
    if channel == Channel::Slack {
        json!({"text": channels::slack::escape(title), "blocks": form})
    } else {
        json!({"card": form})
    }
}

/// A post of title, body, and a button where there is a link.
fn simple(
    channel: Channel,
    title: &str,
    body: &str,
    (link, label): (Option<String>, Option<String>),
) -> Value {
    let label = label.unwrap_or_else(|| "Open".to_owned());
    if channel == Channel::Slack {
        json!(channels::slack::simple(title, body, link.as_deref(), &label))
    } else {
        json!(channels::teams::simple(title, body, link.as_deref(), &label))
    }
}
