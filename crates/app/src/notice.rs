//! Mails of the server itself: links that sign somebody in. They go through an environment's email channel, are tried again as others are, and
//! stand in no log: whoever reads one is signed in.

use channels::people::{Outgoing, Sender};
use domain::channel::Channel;
use domain::effects::{NewTimer, TimerKind};
use domain::environment::Env;
use domain::id::DeliveryId;
use domain::retry::{self, Judgement, Next, Policy};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::Tx;
use templates::email::{Block, Branding, Email, Look, Source};
use templates::{Limits, Partials};

use crate::channel::Stands;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::write::{hex, unhex};

/// Where the content of a notice is sealed for.
const PLACE: &str = "timers/notice";

/// A mail of the server that is on its way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Notice {
    /// What every attempt is recognised by.
    delivery: DeliveryId,
    /// The mail, sealed: it signs somebody in.
    sealed: String,
    /// Attempts made.
    attempts: u32,
    /// When it was written, milliseconds since the Unix epoch.
    since: i64,
}

/// What a notice says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words<'a> {
    /// The subject, and the heading.
    pub(crate) title: &'a str,
    /// What it is about, and how long it counts.
    pub(crate) text: &'a str,
    /// What the button says.
    pub(crate) label: &'a str,
    /// Where it leads.
    pub(crate) url: &'a str,
}

impl Ctx {
    /// Whether mails of the server leave an environment: its email channel has a provider that sends. The sandbox shows what it is given to
    /// whoever looks, and a notice is for nobody else's eyes.
    pub(crate) async fn sends_notices(&self, env: Env) -> Result<bool> {
        let is_reached = self.limits.public_url.is_some();
        Ok(is_reached && self.channel_stands(env, Channel::Email).await? == Stands::Sends)
    }

    async fn mail_settings(&self, env: Env) -> Result<Option<Value>> {
        let mut reader = self.store.read(env).await?;
        let row = store::channel::get(&mut reader, env, Channel::Email).await?;
        drop(reader);
        row.map(|row| self.channel_settings(&row)).transpose()
    }

    /// Writes a mail in the transaction of what it tells of; it is sent right after.
    pub(crate) async fn write_notice(&self, tx: &mut Tx, to: &str, words: Words<'_>) -> Result<()> {
        let (now, mut ids) = (self.now(), self.ids());
        let content = self.cipher.seal(PLACE, mail(to, words)?.to_string().as_bytes())?;
        let notice = Notice {
            delivery: ids.fresh(),
            sealed: hex(&content),
            attempts: 0,
            since: now,
        };
        let timer = NewTimer {
            id: ids.fresh(),
            kind: TimerKind::Notice,
            subject: String::new(),
            state: written(&notice)?,
            due_at: now,
        };
        Ok(store::timer::insert(tx, &timer, now).await?)
    }

    /// Tries to send a mail; answers how it stands and when to try again, where that is worth it.
    pub async fn send_notice(&self, env: Env, notice: Notice) -> Result<Option<(String, i64)>> {
        let given_up = |why: &str| tracing::warn!(why, "a mail of the server was not sent");
        let Some(settings) = self.mail_settings(env).await? else {
            given_up("the environment's email channel is gone");
            return Ok(None);
        };
        let sender = match Sender::new(Channel::Email.as_str(), &settings, &self.clients) {
            Ok(sender) => sender,
            Err(error) => {
                given_up(&error.to_string());
                return Ok(None);
            }
        };
        let broken = || Error::Internal("a notice cannot be read".into());
        let content = self
            .cipher
            .open(PLACE, &unhex(&notice.sealed).ok_or_else(broken)?)?;
        let mail: Value = serde_json::from_slice(&content).map_err(|_| broken())?;
        let outcome = sender
            .send(Outgoing {
                content: &content,
                recipient: mail["to"].as_str().unwrap_or_default(),
                delivery_id: &notice.delivery.to_string(),
                anew_after: 0,
                deadline: sender.channel().deadline,
                now: self.now(),
            })
            .await;
        let attempts = notice.attempts + 1;
        match outcome.verdict.judgement().unwrap_or(Judgement::Refused) {
            Judgement::Sent => return Ok(None),
            Judgement::Gone | Judgement::Refused => given_up("it was refused"),
            Judgement::Retry { .. } | Judgement::Unknown => {
                let wait = outcome.retry_after;
                match retry::next(Policy::Short, attempts, notice.since, self.now(), 0.5, wait) {
                    Next::At(due) => {
                        let notice = Notice { attempts, ..notice };
                        return Ok(Some((written(&notice)?, due)));
                    }
                    Next::Exhausted => given_up("its retries are used up"),
                }
            }
        }
        Ok(None)
    }
}

fn written(notice: &Notice) -> Result<String> {
    serde_json::to_string(notice).map_err(|error| Error::Internal(error.to_string()))
}

/// A mail with one button, as its channel sends it.
fn mail(to: &str, words: Words<'_>) -> Result<Value> {
    let context = json!({"title": words.title, "text": words.text, "label": words.label, "url": words.url});
    let text = |text: &str, muted| Block::Text {
        text: text.to_owned(),
        muted,
    };
    let source = Source {
        subject: "{{ title }}".to_owned(),
        blocks: Some(vec![
            Block::Heading {
                text: "{{ title }}".to_owned(),
                level: None,
            },
            text("{{ text }}", false),
            Block::Button {
                label: "{{ label }}".to_owned(),
                url: "{{ url }}".to_owned(),
            },
            text(
                "Whoever has this link is signed in by it, once. If you did not expect it, do nothing.",
                true,
            ),
        ]),
        ..Source::default()
    };
    let look = Look {
        branding: &Branding::default(),
        lang: "en",
        base_url: None,
        links: &[],
    };
    let broken = |error: String| Error::Internal(format!("a notice cannot be written: {error}"));
    let parsed = Email::parse(&source, &Partials::default()).map_err(|faults| {
        broken(
            faults
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("; "),
        )
    })?;
    let mail = parsed
        .render(&context, &look, &Limits::default())
        .map_err(|error| broken(error.to_string()))?;
    Ok(json!({"to": to, "subject": mail.subject, "html": mail.html, "text": mail.text}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_has_its_link_in_both_parts() {
        let words = Words {
            title: "Sign in <b>",
            text: "It counts for 15 minutes.",
            label: "Sign in",
            url: "https://bells.example/login#code=code_a-b_c",
        };
        let mail = mail("eve@team.example", words).expect("a mail");
        assert_eq!(
            (&mail["to"], &mail["subject"]),
            (&json!("eve@team.example"), &json!("Sign in <b>"))
        );
        for part in ["html", "text"] {
            let part = mail[part].as_str().unwrap_or_default();
            assert!(
                part.contains("https://bells.example/login#code=code_a-b_c"),
                "{part}"
            );
        }
        assert!(!mail["html"].as_str().unwrap_or_default().contains("Sign in <b>"));
    }
}
