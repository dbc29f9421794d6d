//! Mail by SMTP: any mail server, and every provider by way of its relay.

use std::time::Duration;

use domain::retry::Reaction;
use egress::smtp::{
    Cause, Failure, Lacking, Login, Mechanism, Relay, Reply, Security, Settings, Stage, Taken,
};
use egress::{Client, FailureKind, Host};
use tokio::time::Instant;

use super::letter::Letter;
use super::mime;
use crate::cut;
use crate::outcome::{ErrorClass, Outcome, Refusal, Verdict, unanswered_class};
use crate::people::Health;
use crate::settings::Reader;

/// Longest id of a mail that is kept.
const MAX_ID: usize = 200;

/// A mail server.
#[derive(Debug)]
pub struct Smtp {
    relay: Relay,
    /// Connections it may have at once.
    pub(super) connections: usize,
}

impl Smtp {
    /// Reads a provider of kind `smtp`; what is wrong is noted.
    pub(super) fn read(reader: &mut Reader<'_>, domain: &str, client: &Client) -> Option<Self> {
        reader.only(&[
            "name",
            "kind",
            "host",
            "port",
            "tls",
            "username",
            "password",
            "auth",
            "hello",
            "connections",
        ]);
        let security = security(reader);
        let port = reader
            .number("port", 1, 65_535)
            .and_then(|port| u16::try_from(port).ok());
        let port = port.unwrap_or(match security {
            Security::StartTls => 587,
            Security::Tls => 465,
            Security::None => 25,
        });
        let login = login(reader);
        let hello = reader.line("hello", 255).unwrap_or(domain).to_owned();
        let connections = reader.number("connections", 1, 64).unwrap_or(4);
        let connections = usize::try_from(connections).unwrap_or(4);
        let host = host(reader, client, port)?;
        let settings = Settings {
            security,
            login,
            max_connections: connections,
            ..Settings::new(host, port, hello)
        };
        match client.relay(settings) {
            Ok(relay) => Some(Self { relay, connections }),
            Err(refused) => {
                let field = if refused.code() == "hello" {
                    "hello"
                } else {
                    "host"
                };
                reader.fault(field, refused.code(), refused.to_string());
                None
            }
        }
    }

    /// Sends one letter within `deadline`. `now` is in milliseconds since the Unix epoch.
    pub(super) async fn send(&self, letter: &Letter, deadline: Duration, now: i64) -> Outcome {
        let until = Instant::now() + deadline;
        let message = match mime::compose(letter, now) {
            Ok(message) => message,
            Err(error) => return Outcome::unsendable(ErrorClass::Validation, error),
        };
        let envelope = egress::smtp::Envelope {
            from: letter.from.1.as_str(),
            to: letter.to.1.as_str(),
        };
        match self.relay.submit(envelope, &message, until).await {
            Ok(taken) => sent(&taken),
            Err(failure) => failed(&failure),
        }
    }

    /// Connects and logs in.
    pub(super) async fn health(&self, deadline: Duration) -> (Health, Option<String>) {
        match self.relay.probe(Instant::now() + deadline).await {
            Ok(()) => (Health::Up, None),
            Err(failure) => match failed(&failure).verdict {
                Verdict::Refused(_) => (Health::Misconfigured, Some(failure.to_string())),
                _ => (Health::Down, Some(failure.to_string())),
            },
        }
    }

    /// Closes connections that have been idle for too long.
    pub(super) fn sweep(&self) {
        self.relay.sweep();
    }
}

fn security(reader: &mut Reader<'_>) -> Security {
    let words = [
        ("starttls", Security::StartTls),
        ("tls", Security::Tls),
        ("none", Security::None),
    ];
    reader.word("tls", &words).unwrap_or(Security::StartTls)
}

fn login(reader: &mut Reader<'_>) -> Option<Login> {
    let words = [
        ("plain", Mechanism::Plain),
        ("login", Mechanism::Login),
        ("xoauth2", Mechanism::Xoauth2),
    ];
    let mechanism = reader.word("auth", &words);
    let username = reader.line("username", 320);
    let password = reader.line("password", 8192);
    match (username, password) {
        (Some(username), Some(password)) => Some(Login {
            username: username.to_owned(),
            password: password.to_owned(),
            mechanism,
        }),
        (Some(_), None) => {
            reader.fault("password", "required", "is missing beside `username`");
            None
        }
        (None, Some(_)) => {
            reader.fault("username", "required", "is missing beside `password`");
            None
        }
        (None, None) => {
            if mechanism.is_some() {
                reader.fault("username", "required", "is missing beside `auth`");
            }
            None
        }
    }
}

fn host(reader: &mut Reader<'_>, client: &Client, port: u16) -> Option<Host> {
    let text = reader.required_line("host", 255)?;
    let bare_v6 = text.contains(':') && !text.starts_with('[');
    let host = if bare_v6 {
        Host::parse(&format!("[{text}]"))
    } else {
        Host::parse(text)
    };
    let Ok(host) = host else {
        reader.fault("host", "host", "must be a host name or an address");
        return None;
    };
    if let Err(refused) = client.policy().check_host(&host, port) {
        reader.fault("host", refused.code(), refused.to_string());
        return None;
    }
    Some(host)
}

fn sent(taken: &Taken) -> Outcome {
    Outcome {
        status: Some(taken.reply.code),
        response: Some(taken.reply.text()),
        provider_id: queue_id(&taken.reply),
        ..Outcome::taken(Verdict::Sent, taken.elapsed)
    }
}

/// The server's own id of the mail, from the words servers put around it; else all it said.
fn queue_id(reply: &Reply) -> Option<String> {
    let text = reply.lines.join(" ");
    let mut words = text.split_whitespace();
    if reply.enhanced().is_some() {
        words.next();
    }
    let words: Vec<_> = words.collect();
    let named = words.iter().enumerate().find_map(|(at, word)| {
        let lower = word.to_ascii_lowercase();
        if let Some(id) = lower.strip_prefix("id=") {
            return word.get(word.len() - id.len()..);
        }
        let queued = lower == "as" && at > 0 && words[at - 1].eq_ignore_ascii_case("queued");
        queued.then(|| words.get(at + 1).copied())?
    });
    let id = named.map_or_else(
        || words.join(" "),
        |id| id.trim_matches(['<', '>', ',', ';']).to_owned(),
    );
    let id = id.replace(char::is_control, " ");
    (!id.is_empty()).then(|| cut::to_chars(&id, MAX_ID).into_owned())
}

fn failed(failure: &Failure) -> Outcome {
    let (verdict, class) = judge(failure);
    let mut outcome = Outcome::failed(verdict, class, failure.to_string(), failure.elapsed);
    if let Cause::Answered(reply) = &failure.cause {
        outcome.status = Some(reply.code);
        outcome.response = Some(reply.text());
    }
    // A server that puts this recipient off says nothing about itself; any other trouble is its own.
    outcome.elsewhere = match verdict {
        Verdict::Retry { .. } => class != ErrorClass::Recipient,
        Verdict::Refused(Refusal::Configuration) => true,
        Verdict::Refused(Refusal::Permanent) => is_its_own(failure),
        _ => false,
    };
    if matches!(failure.cause, Cause::Busy) {
        // Our own connections were busy: it says nothing of the server.
        outcome.reaction = Reaction::Took;
    }
    outcome
}

/// Whether another server may well take what this one refused for good: it cannot carry such a mail, or its rules are about who sends.
fn is_its_own(failure: &Failure) -> bool {
    match &failure.cause {
        Cause::Lacking(lacking) => !matches!(lacking, Lacking::Address),
        Cause::Answered(reply) => {
            let about_us = matches!(reply.enhanced(), Some((_, 7, _)));
            about_us && matches!(failure.stage, Stage::Sender | Stage::Recipient)
        }
        _ => false,
    }
}

/// What a failure at its stage means.
fn judge(failure: &Failure) -> (Verdict, ErrorClass) {
    let configuration = Verdict::Refused(Refusal::Configuration);
    let permanent = Verdict::Refused(Refusal::Permanent);
    match &failure.cause {
        Cause::Answered(reply) => answered(failure.stage, reply),
        Cause::Lacking(lacking) => match lacking {
            Lacking::StartTls => (configuration, ErrorClass::Security),
            Lacking::Login => (configuration, ErrorClass::Auth),
            Lacking::Address => (permanent, ErrorClass::Security),
            Lacking::Internationalized | Lacking::EightBit | Lacking::Size => {
                (permanent, ErrorClass::Validation)
            }
        },
        Cause::Busy => (Verdict::Retry { throttle: false }, ErrorClass::Timeout),
        Cause::Broken { kind, .. } => match kind {
            FailureKind::Refused => (configuration, ErrorClass::Security),
            _ if failure.may_have_been_taken() => (Verdict::Unknown, unanswered_class(*kind)),
            _ => (Verdict::Retry { throttle: false }, unanswered_class(*kind)),
        },
    }
}

fn answered(stage: Stage, reply: &Reply) -> (Verdict, ErrorClass) {
    match reply.code {
        400..=499 => temporary(stage, reply),
        500..=599 => permanent(stage, reply),
        // Neither yes nor no: not how SMTP goes on.
        _ if stage == Stage::End => (Verdict::Unknown, ErrorClass::Provider),
        _ => (Verdict::Retry { throttle: false }, ErrorClass::Provider),
    }
}

fn temporary(stage: Stage, reply: &Reply) -> (Verdict, ErrorClass) {
    let retry = |throttle| Verdict::Retry { throttle };
    match (reply.code, reply.enhanced()) {
        // The password must be changed first.
        (432, _) => (Verdict::Refused(Refusal::Configuration), ErrorClass::Auth),
        _ if stage == Stage::Login => (retry(false), ErrorClass::Auth),
        (_, Some((_, 7, 28))) => (retry(true), ErrorClass::RateLimit),
        (421, _) => (retry(true), ErrorClass::Provider),
        // Full is this one's mailbox, or the server's disk.
        (_, Some((_, 2, 2))) => (retry(false), ErrorClass::Recipient),
        (452, _) => (retry(false), ErrorClass::Quota),
        (450, _) if stage == Stage::Recipient => (retry(false), ErrorClass::Recipient),
        (_, Some((_, 1 | 2, _))) => (retry(false), ErrorClass::Recipient),
        _ => (retry(false), ErrorClass::Provider),
    }
}

fn permanent(stage: Stage, reply: &Reply) -> (Verdict, ErrorClass) {
    let refused = Verdict::Refused;
    match (reply.code, reply.enhanced()) {
        (530 | 534 | 535 | 538, _) => (refused(Refusal::Configuration), ErrorClass::Auth),
        _ if stage == Stage::Login => (refused(Refusal::Configuration), ErrorClass::Auth),
        // Before any mail was named, it is us that the server does not want.
        _ if matches!(stage, Stage::Greeting | Stage::Hello | Stage::Tls) => {
            (refused(Refusal::Configuration), ErrorClass::Security)
        }
        // The sender's address, not the recipient's.
        (_, Some((_, 1, 7 | 8))) => (refused(Refusal::Configuration), ErrorClass::Validation),
        // Not 5.1.0, which servers say of senders too, when they are asked for the recipient.
        (550 | 551 | 553, Some((_, 1, 1 | 2 | 3 | 6 | 10))) if stage != Stage::Sender => {
            (refused(Refusal::RecipientGone), ErrorClass::Recipient)
        }
        (_, Some((_, 3, 4))) => (refused(Refusal::Permanent), ErrorClass::Validation),
        (552, _) | (_, Some((_, 2, 2))) => (refused(Refusal::Permanent), ErrorClass::Quota),
        _ if stage == Stage::Sender => (refused(Refusal::Configuration), ErrorClass::Validation),
        (_, Some((_, 7, _))) => (refused(Refusal::Permanent), ErrorClass::Security),
        _ if stage == Stage::Recipient => (refused(Refusal::Permanent), ErrorClass::Recipient),
        _ => (refused(Refusal::Permanent), ErrorClass::Validation),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(text: &str) -> Reply {
        let (code, rest) = text.split_at(3);
        Reply {
            code: code.parse().unwrap(),
            lines: vec![rest.trim_start().to_owned()],
        }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn m09_answers_of_mail_servers_have_their_class() {
        use ErrorClass as C;
        use Refusal::{Configuration, Permanent, RecipientGone};
        use Stage as S;
        let retry = |throttle| Verdict::Retry { throttle };
        let refused = Verdict::Refused;
        for (stage, text, verdict, class) in [
            (S::Greeting, "421 4.3.2 shutting down", retry(true), C::Provider),
            (
                S::Greeting,
                "554 no SMTP here",
                refused(Configuration),
                C::Security,
            ),
            (S::Hello, "501 bad name", refused(Configuration), C::Security),
            (S::Tls, "454 TLS not available", retry(false), C::Provider),
            (
                S::Login,
                "535 5.7.8 wrong password",
                refused(Configuration),
                C::Auth,
            ),
            (
                S::Login,
                "534 5.7.9 stronger mechanism",
                refused(Configuration),
                C::Auth,
            ),
            (
                S::Login,
                "538 encryption required",
                refused(Configuration),
                C::Auth,
            ),
            (S::Login, "454 4.7.0 try later", retry(false), C::Auth),
            (
                S::Login,
                "432 4.7.12 password transition",
                refused(Configuration),
                C::Auth,
            ),
            (
                S::Sender,
                "530 5.7.0 log in first",
                refused(Configuration),
                C::Auth,
            ),
            (
                S::Sender,
                "553 5.1.8 sender unknown",
                refused(Configuration),
                C::Validation,
            ),
            (S::Sender, "552 5.3.4 too big", refused(Permanent), C::Validation),
            (S::Sender, "451 4.3.0 local error", retry(false), C::Provider),
            (
                S::Recipient,
                "550 5.1.1 unknown user",
                refused(RecipientGone),
                C::Recipient,
            ),
            (
                S::Recipient,
                "551 5.1.6 moved",
                refused(RecipientGone),
                C::Recipient,
            ),
            (
                S::Recipient,
                "553 5.1.3 bad address",
                refused(RecipientGone),
                C::Recipient,
            ),
            (
                S::Recipient,
                "550 no such user here",
                refused(Permanent),
                C::Recipient,
            ),
            (
                S::Recipient,
                "550 5.7.1 relaying denied",
                refused(Permanent),
                C::Security,
            ),
            (
                S::Recipient,
                "552 5.2.2 mailbox full",
                refused(Permanent),
                C::Quota,
            ),
            (S::Recipient, "452 4.2.2 mailbox full", retry(false), C::Recipient),
            (S::Recipient, "452 4.3.1 no space left", retry(false), C::Quota),
            (
                S::Sender,
                "550 sender rejected",
                refused(Configuration),
                C::Validation,
            ),
            (
                S::Recipient,
                "550 5.1.0 Sender address rejected: User unknown",
                refused(Permanent),
                C::Recipient,
            ),
            (S::Recipient, "450 4.7.1 greylisted", retry(false), C::Recipient),
            (S::Recipient, "450 4.7.28 rate limited", retry(true), C::RateLimit),
            (S::Recipient, "421 4.7.0 too much", retry(true), C::Provider),
            (S::Data, "503 bad sequence", refused(Permanent), C::Validation),
            (
                S::End,
                "550 5.1.1 unknown user",
                refused(RecipientGone),
                C::Recipient,
            ),
            (
                S::End,
                "554 5.7.1 looks like spam",
                refused(Permanent),
                C::Security,
            ),
            (S::End, "451 4.3.0 try later", retry(false), C::Provider),
            (S::End, "354 go on", Verdict::Unknown, C::Provider),
        ] {
            assert_eq!(
                answered(stage, &reply(text)),
                (verdict, class),
                "{stage:?} {text}"
            );
        }
    }

    #[test]
    fn the_servers_own_id_is_found() {
        for (text, id) in [
            ("250 2.0.0 Ok: queued as 4F2A91", "4F2A91"),
            ("250 OK id=1rXyZ-0001", "1rXyZ-0001"),
            (
                "250 2.0.0 OK  1700000000 abc123-gsmtp",
                "OK 1700000000 abc123-gsmtp",
            ),
            ("250 Ok 0100018c-aaaa", "Ok 0100018c-aaaa"),
            ("250 Message queued as <ab@c>", "ab@c"),
        ] {
            assert_eq!(queue_id(&reply(text)).as_deref(), Some(id), "{text}");
        }
        assert_eq!(queue_id(&reply("250 2.0.0")), None);
    }
}
