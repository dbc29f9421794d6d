//! Email: a letter is checked once, then handed to the first provider that takes it.
//!
//! The settings of the channel:
//!
//! | setting | meaning |
//! |---|---|
//! | `from` | who sends: `{"address", "name"}`, or `"Name <address>"` |
//! | `reply_to` | where answers go, written likewise; optional |
//! | `subject_prefix` | before every subject, as it is; optional |
//! | `providers` | who carries the mail, in this order; the next one takes over where one cannot |
//!
//! A provider has a `name` (its `kind` where none is given; no two alike) and a `kind`:
//!
//! | kind | settings |
//! |---|---|
//! | `smtp` | `host`; `port` (587, with `tls` 465, with `none` 25); `tls`: `starttls` (required, the default), `tls` from the first byte, `none`; `username` and `password` for logging in; `auth`: `plain`, `login` or `xoauth2` where the choice must not be the server's; `hello`: how we call ourselves (the domain of `from`); `connections`: most at one time (4) |
//! | `resend` | `key` (`re_…`); `base_url` (`https://api.resend.com`) |
//! | `sandbox` | none: mails are taken and not sent |
//!
//! Without `from` and without `providers` the channel is off. One delivery goes to one address, so that each has an outcome
//! of its own; it may be written `Name <address>`.

mod address;
pub mod failover;
mod letter;
mod mime;
pub mod resend;
pub mod smtp;

use domain::text::Faults;
use egress::Client;
use futures_util::future::BoxFuture;
use serde_json::Value;

pub use address::Address;
pub use letter::{Letter, Sender};

use crate::callback::{Call, CallError, Report};
use crate::message::{self, Mailbox};
use crate::outcome::{ErrorClass, Outcome};
use crate::people::{Carrier, Clients, Outgoing, Status};
use crate::settings::{Reader, SettingsError};
use failover::{Failover, Provider};
use resend::Resend;
use smtp::Smtp;

/// Most providers of one channel.
const MAX_PROVIDERS: usize = 8;

/// An email channel, ready to send.
#[derive(Debug)]
pub struct Email {
    sender: Sender,
    providers: Failover,
}

impl Email {
    /// Reads the settings. Opens no connection.
    pub fn new(settings: &Value, clients: &Clients) -> Result<Self, SettingsError> {
        if is_off(settings) {
            return Err(SettingsError::Off);
        }
        let mut faults = Faults::default();
        let sender = sender(settings, &mut faults);
        let providers = sender
            .as_ref()
            .map(|sender| providers(settings, sender, &clients.operated, &mut faults));
        faults.finish().map_err(SettingsError::Faulty)?;
        let (Some(sender), Some(providers)) = (sender, providers) else {
            return Err(SettingsError::Off);
        };
        Ok(Self {
            sender,
            providers: Failover::new(providers),
        })
    }
}

impl Carrier for Email {
    fn send<'a>(&'a self, outgoing: Outgoing<'a>) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let content: message::Email = match serde_json::from_slice(outgoing.content) {
                Ok(content) => content,
                Err(error) => {
                    let error = format!("the content is not a mail: {error}");
                    return Outcome::unsendable(ErrorClass::Validation, error);
                }
            };
            let delivery = (outgoing.delivery_id, outgoing.anew_after);
            match Letter::new(&self.sender, content, outgoing.recipient, delivery) {
                Ok(letter) => {
                    self.providers
                        .send(&letter, outgoing.deadline, outgoing.now)
                        .await
                }
                Err(outcome) => *outcome,
            }
        })
    }

    fn status(&self, deadline: std::time::Duration) -> BoxFuture<'_, Vec<Status>> {
        Box::pin(self.providers.status(deadline))
    }

    fn hear(&self, provider: &str, call: &Call<'_>) -> Result<Option<Report>, CallError> {
        self.providers.hear(provider, call)
    }

    fn at_once(&self) -> Option<usize> {
        self.providers.at_once()
    }

    fn sweep(&self) {
        self.providers.sweep();
    }
}

/// Whether nothing is configured that could send.
fn is_off(settings: &Value) -> bool {
    let absent = |field: &str| match settings.get(field) {
        None | Some(Value::Null) => true,
        Some(Value::Array(list)) => list.is_empty(),
        Some(_) => false,
    };
    settings.is_null() || (settings.is_object() && absent("from") && absent("providers"))
}

fn sender(settings: &Value, faults: &mut Faults) -> Option<Sender> {
    let mut reader = Reader::new(settings, "", faults);
    let prefix = reader.value("subject_prefix").map_or(Some(""), Value::as_str);
    match prefix {
        None => reader.fault("subject_prefix", "type", "must be a text"),
        Some(prefix) if prefix.chars().count() > 100 || prefix.chars().any(char::is_control) => {
            reader.fault(
                "subject_prefix",
                "text",
                "must be one line of at most 100 characters",
            );
        }
        Some(_) => {}
    }
    let from = mailbox(&mut reader, "from");
    if reader.value("from").is_none() {
        reader.fault("from", "required", "is missing");
    }
    let reply_to = mailbox(&mut reader, "reply_to");
    let (name, address) = from?;
    Some(Sender {
        name,
        address,
        reply_to,
        subject_prefix: prefix.unwrap_or_default().to_owned(),
    })
}

/// A mailbox as the settings have it, with its address understood.
fn mailbox(reader: &mut Reader<'_>, field: &str) -> Option<(Option<String>, Address)> {
    let value = reader.value(field)?;
    let Ok(mailbox) = serde_json::from_value::<Mailbox>(value.clone()) else {
        reader.fault(
            field,
            "type",
            "must be an address, or an object with `address` and `name`",
        );
        return None;
    };
    let long = mailbox
        .name
        .as_ref()
        .is_some_and(|name| name.chars().count() > 200);
    if long
        || mailbox
            .name
            .as_ref()
            .is_some_and(|name| name.chars().any(char::is_control))
    {
        reader.fault(
            field,
            "text",
            "the name must be one line of at most 200 characters",
        );
    }
    match Address::parse(&mailbox.address) {
        Ok(address) => Some((mailbox.name, address)),
        Err(why) => {
            let place = if value.is_object() {
                format!("{field}/address")
            } else {
                field.to_owned()
            };
            reader.fault(&place, "address", why.to_string());
            None
        }
    }
}

fn providers(settings: &Value, sender: &Sender, client: &Client, faults: &mut Faults) -> Vec<Provider> {
    let list = match settings.get("providers") {
        Some(Value::Array(list)) if !list.is_empty() => list,
        Some(Value::Array(_) | Value::Null) | None => {
            faults.push("/providers", "required", "names nobody who carries the mail");
            return Vec::new();
        }
        Some(_) => {
            faults.push("/providers", "type", "must be a list");
            return Vec::new();
        }
    };
    if list.len() > MAX_PROVIDERS {
        faults.push(
            "/providers",
            "too_many",
            format!("must be at most {MAX_PROVIDERS}"),
        );
    }
    let mut found: Vec<Provider> = Vec::new();
    for (index, value) in list.iter().take(MAX_PROVIDERS).enumerate() {
        let at = format!("/providers/{index}");
        let Some(provider) = provider(value, &at, sender, client, faults) else {
            continue;
        };
        if found.iter().any(|other| other.name() == provider.name()) {
            faults.push(
                format!("{at}/name"),
                "duplicate",
                "is the name of another provider",
            );
        }
        found.push(provider);
    }
    found
}

#[derive(Clone, Copy)]
enum Kind {
    Smtp,
    Resend,
    Sandbox,
}

fn provider(
    value: &Value,
    at: &str,
    sender: &Sender,
    client: &Client,
    faults: &mut Faults,
) -> Option<Provider> {
    let mut reader = Reader::new(value, at, faults);
    reader.required_line("kind", 64)?;
    let kind = reader.word(
        "kind",
        &[
            ("smtp", Kind::Smtp),
            ("resend", Kind::Resend),
            ("sandbox", Kind::Sandbox),
        ],
    )?;
    let name = reader.line("name", 100);
    Some(match kind {
        Kind::Smtp => Provider::smtp(
            name.unwrap_or("smtp"),
            Smtp::read(&mut reader, sender.address.domain(), client)?,
        ),
        Kind::Resend => Provider::resend(name.unwrap_or("resend"), Resend::read(&mut reader, client)?),
        Kind::Sandbox => {
            reader.only(&["name", "kind"]);
            Provider::sandbox(name.unwrap_or("sandbox"))
        }
    })
}
