//! The texts of a workflow's steps: compiled when it is declared, rendered when a run comes to them.

mod compile;

use std::collections::HashMap;

use domain::channel::Channel;
use domain::workflow::{Asked, FetchMethod, Rendered, Step};
use serde_json::{Value, json};
use templates::email::{Branding, Link, Look};
use templates::{Expression, Limits, Localized, Template};

/// The compiled texts of every step, by its name, in each of their languages.
#[derive(Debug, Default)]
pub(crate) struct Texts(HashMap<String, Localized<StepTexts>>);

#[derive(Debug)]
enum StepTexts {
    InApp(InAppTexts),
    Email(MailTexts),
    Post(PostTexts),
    /// An event's data.
    Data(Form),
    Request(RequestTexts),
}

/// A notification's.
#[derive(Debug)]
struct InAppTexts {
    title: Template,
    body: Option<Template>,
    link: Option<Template>,
    actions: Vec<(String, Template, Option<Template>)>,
    metadata: Option<Form>,
}

/// A mail's.
#[derive(Debug)]
struct MailTexts {
    to: Option<Template>,
    reply_to: Option<Template>,
    mail: Box<templates::email::Email>,
    attachments: Option<Form>,
    thread: Option<Template>,
}

/// A post's.
#[derive(Debug)]
struct PostTexts {
    channel: Channel,
    title: Template,
    body: Option<Template>,
    link: Option<Template>,
    link_label: Option<Template>,
    blocks: Option<Form>,
}

/// A request's.
#[derive(Debug)]
struct RequestTexts {
    url: Template,
    headers: Vec<(String, Template)>,
    body: Option<Form>,
    method: FetchMethod,
    timeout: i64,
}

/// A structure of which every text is a template.
#[derive(Debug)]
enum Form {
    Text(Template),
    /// A text that is a single output: what it puts out, of whatever kind.
    Output(Expression),
    List(Vec<Form>),
    Fields(Vec<(String, Form)>),
    Other(Value),
}

impl Form {
    fn render(&self, seen: &Seen<'_>) -> Result<Value, String> {
        Ok(match self {
            Self::Text(template) => Value::from(seen.text(template)?),
            Self::Output(expression) => expression
                .evaluate(seen.context, &seen.limits)
                .map_err(|error| error.to_string())?,
            Self::List(list) => Value::Array(
                list.iter()
                    .map(|item| item.render(seen))
                    .collect::<Result<_, _>>()?,
            ),
            Self::Fields(fields) => {
                let fields = fields
                    .iter()
                    .map(|(name, field)| Ok((name.clone(), field.render(seen)?)));
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
    /// The language of the recipient, as a tag: texts are in it, where there are such.
    pub(crate) lang: &'a str,
    /// Where one click ends these mails.
    pub(crate) unsubscribe: Option<String>,
    /// Where the recipient says what they prefer.
    pub(crate) preferences: Option<String>,
}

/// What texts see, and how much they may do.
struct Seen<'a> {
    context: &'a Value,
    limits: Limits,
}

impl Seen<'_> {
    fn text(&self, template: &Template) -> Result<String, String> {
        template
            .render(self.context, &self.limits)
            .map_err(|error| error.to_string())
    }

    /// A text that may be left out; an empty one is.
    fn maybe(&self, template: Option<&Template>) -> Result<Option<String>, String> {
        let text = template.map(|template| self.text(template)).transpose()?;
        Ok(text.filter(|text| !text.trim().is_empty()))
    }

    fn form(&self, form: Option<&Form>) -> Result<Option<Value>, String> {
        form.map(|form| form.render(self)).transpose()
    }
}

impl Texts {
    /// Renders a step's texts.
    pub(crate) fn render(&self, step: &Step, context: &Value, dress: &Dress<'_>) -> Result<Rendered, String> {
        let seen = Seen {
            context,
            limits: Limits::default(),
        };
        let texts = self.0.get(&step.name).ok_or("its texts are not compiled")?;
        let (lang, texts) = texts.find(dress.lang).unwrap_or((dress.lang, &texts.default));
        match texts {
            StepTexts::InApp(texts) => texts.render(&seen),
            StepTexts::Email(texts) => texts.render(&seen, lang, dress),
            StepTexts::Post(texts) => texts.render(&seen),
            StepTexts::Data(form) => Ok(Rendered::Data(form.render(&seen)?)),
            StepTexts::Request(texts) => texts.render(&seen),
        }
    }
}

impl InAppTexts {
    fn render(&self, seen: &Seen<'_>) -> Result<Rendered, String> {
        let mut buttons = Vec::new();
        for (id, label, url) in &self.actions {
            buttons.push(json!({"id": id, "label": seen.text(label)?, "url": seen.maybe(url.as_ref())?}));
        }
        let metadata = seen.form(self.metadata.as_ref())?;
        Ok(Rendered::InApp {
            title: seen.text(&self.title)?,
            body: seen.maybe(self.body.as_ref())?,
            link: seen.maybe(self.link.as_ref())?,
            actions: (!buttons.is_empty()).then(|| Value::from(buttons).to_string()),
            metadata: metadata.map(|metadata| metadata.to_string()),
        })
    }
}

impl MailTexts {
    fn render(&self, seen: &Seen<'_>, lang: &str, dress: &Dress<'_>) -> Result<Rendered, String> {
        let offered = [
            ("Unsubscribe", &dress.unsubscribe),
            ("Notification settings", &dress.preferences),
        ];
        let links: Vec<_> = offered
            .into_iter()
            .filter_map(|(label, url)| {
                Some(Link {
                    label: label.to_owned(),
                    url: url.clone()?,
                })
            })
            .collect();
        let look = Look {
            branding: dress.branding,
            lang,
            base_url: None,
            links: &links,
        };
        let mut context = seen.context.clone();
        context["unsubscribe_url"] = json!(dress.unsubscribe);
        context["preferences_url"] = json!(dress.preferences);
        let mail = self
            .mail
            .render(&context, &look, &seen.limits)
            .map_err(|error| error.to_string())?;
        let content = json!({
            "subject": mail.subject,
            "html": mail.html,
            "text": mail.text,
            "reply_to": seen.maybe(self.reply_to.as_ref())?,
            "attachments": seen.form(self.attachments.as_ref())?.unwrap_or_else(|| json!([])),
            "thread": seen.maybe(self.thread.as_ref())?,
            "list_unsubscribe": dress.unsubscribe,
        });
        Ok(Rendered::Message {
            to: seen.maybe(self.to.as_ref())?,
            content,
        })
    }
}

impl PostTexts {
    fn render(&self, seen: &Seen<'_>) -> Result<Rendered, String> {
        let title = seen.text(&self.title)?;
        let content = if let Some(form) = seen.form(self.blocks.as_ref())? {
            in_form(self.channel, &title, &form)
        } else {
            let body = seen.maybe(self.body.as_ref())?.unwrap_or_default();
            let link = seen.maybe(self.link.as_ref())?;
            let label = seen.maybe(self.link_label.as_ref())?;
            simple(self.channel, &title, &body, (link, label))
        };
        Ok(Rendered::Message { to: None, content })
    }
}

impl RequestTexts {
    fn render(&self, seen: &Seen<'_>) -> Result<Rendered, String> {
        let headers = self.headers.iter().map(|(name, value)| {
            // A line break would begin another header.
            let value = seen.text(value)?.replace(char::is_control, " ");
            Ok((name.clone(), value))
        });
        Ok(Rendered::Request(Asked {
            url: seen.text(&self.url)?.trim().to_owned(),
            method: self.method,
            headers: headers.collect::<Result<_, String>>()?,
            body: seen.form(self.body.as_ref())?.map(|body| body.to_string()),
            timeout: self.timeout,
        }))
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
