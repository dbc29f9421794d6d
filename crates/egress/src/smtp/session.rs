//! One connection to a mail server, from its greeting on.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::BytesMut;
use rustls::pki_types::ServerName;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;

use super::failure::{Halt, Lacking, Stage};
use super::reply::{self, Reply};
use super::{Envelope, Login, Mechanism, Security, Settings};
use crate::failure::{FailureKind, Fault};
use crate::tls;
use crate::wire::{Stream, Wire};

/// How long a farewell may take. It is a courtesy.
const FAREWELL: Duration = Duration::from_millis(500);

/// An open connection that has said hello and, where it must, encrypted and logged in.
pub(super) struct Session {
    wire: Wire,
    /// What was read beyond the last reply.
    ahead: BytesMut,
    deadline: Instant,
    offers: Offers,
    mails: u32,
}

/// What the server said it can do.
#[derive(Debug, Default, PartialEq, Eq)]
struct Offers {
    start_tls: bool,
    eight_bit: bool,
    utf8: bool,
    size: Option<u64>,
    login: Vec<String>,
}

impl Session {
    /// Speaks to a connected server up to where a mail can begin.
    pub(super) async fn open(
        tcp: TcpStream,
        settings: &Settings,
        tls: &TlsConnector,
        name: &ServerName<'static>,
        deadline: Instant,
    ) -> Result<Box<Self>, Halt> {
        let mut session = match settings.security {
            Security::Tls => Self::new(encrypted(tcp, tls, name, deadline).await?, deadline),
            Security::StartTls | Security::None => Self::new(Stream::Plain(tcp), deadline),
        };
        let greeting = session.read(Stage::Greeting).await?;
        session.accept(Stage::Greeting, greeting)?;
        session.hello(&settings.hello).await?;
        if settings.security == Security::StartTls {
            let tcp = session.start_tls().await?;
            session = Self::new(encrypted(tcp, tls, name, deadline).await?, deadline);
            session.hello(&settings.hello).await?;
        }
        if let Some(login) = &settings.login {
            session.login(login).await?;
        }
        Ok(Box::new(session))
    }

    fn new(stream: Stream, deadline: Instant) -> Self {
        Self {
            wire: Wire::new(stream, Arc::new(AtomicBool::new(false))),
            ahead: BytesMut::new(),
            deadline,
            offers: Offers::default(),
            mails: 0,
        }
    }

    /// How many mails it has carried.
    pub(super) fn mails(&self) -> u32 {
        self.mails
    }

    /// Whether the server still answers, and forgets whatever was begun.
    pub(super) async fn reset(&mut self, deadline: Instant) -> bool {
        self.deadline = deadline;
        // What it said unasked was a farewell.
        self.ahead.is_empty() && self.ask(Stage::Sender, "RSET").await.is_ok()
    }

    /// Says goodbye without waiting for the answer.
    pub(super) async fn leave(mut self: Box<Self>) {
        self.deadline = Instant::now() + FAREWELL;
        let _ = self.write(Stage::End, b"QUIT\r\n").await;
    }

    /// One mail. On an error it is said how far it came.
    pub(super) async fn submit(
        &mut self,
        envelope: Envelope<'_>,
        message: &[u8],
        deadline: Instant,
    ) -> Result<Reply, Halt> {
        self.deadline = deadline;
        self.mails += 1;
        let sender = self.sender(envelope, message)?;
        self.ask(Stage::Sender, &sender).await?;
        self.ask(Stage::Recipient, &format!("RCPT TO:<{}>", envelope.to))
            .await?;
        let go = self.say(Stage::Data, "DATA").await?;
        if go.code != 354 {
            return Err(Halt::answered(Stage::Data, go));
        }
        self.message(message).await?;
        self.write(Stage::End, b".\r\n").await?;
        let taken = self.read(Stage::End).await?;
        self.accept(Stage::End, taken)
    }

    /// Sends the message without its end. A server may answer before that and close; what it said is worth more than that
    /// the connection broke.
    async fn message(&mut self, message: &[u8]) -> Result<(), Halt> {
        let Err(halt) = self.write(Stage::Message, &transparent(message)).await else {
            return Ok(());
        };
        match self.read(Stage::Message).await {
            Ok(reply) if !reply.is_positive() => Err(Halt::answered(Stage::Message, reply)),
            _ => Err(halt),
        }
    }

    /// The command that begins a mail, with what the server has to know beforehand.
    fn sender(&self, envelope: Envelope<'_>, message: &[u8]) -> Result<String, Halt> {
        let lacking = |what| Err(Halt::lacking(Stage::Sender, what));
        if !is_address(envelope.from) || !is_address(envelope.to) {
            return lacking(Lacking::Address);
        }
        let mut command = format!("MAIL FROM:<{}>", envelope.from);
        if let Some(most) = self.offers.size {
            if most > 0 && message.len() as u64 > most {
                return lacking(Lacking::Size);
            }
            let _ = write!(command, " SIZE={}", message.len());
        }
        let international = !envelope.from.is_ascii() || !envelope.to.is_ascii() || !head(message).is_ascii();
        if international && !self.offers.utf8 {
            return lacking(Lacking::Internationalized);
        }
        if !message.is_ascii() {
            if !self.offers.eight_bit {
                return lacking(Lacking::EightBit);
            }
            command += " BODY=8BITMIME";
        }
        if international {
            command += " SMTPUTF8";
        }
        Ok(command)
    }

    async fn hello(&mut self, name: &str) -> Result<(), Halt> {
        let reply = self.ask(Stage::Hello, &format!("EHLO {name}")).await?;
        self.offers = Offers::read(&reply);
        Ok(())
    }

    /// Asks for encryption and gives the bare connection back.
    async fn start_tls(mut self) -> Result<TcpStream, Halt> {
        if !self.offers.start_tls {
            return Err(Halt::lacking(Stage::Tls, Lacking::StartTls));
        }
        self.ask(Stage::Tls, "STARTTLS").await?;
        // Whatever was said in plain text after the leave to encrypt comes from somebody in between.
        match self.wire.into_stream() {
            Stream::Plain(tcp) if self.ahead.is_empty() => Ok(tcp),
            _ => Err(Halt::broken(
                Stage::Tls,
                Fault::new(
                    FailureKind::Protocol,
                    "the server went on in plain text after it had agreed to encrypt",
                ),
            )),
        }
    }

    async fn login(&mut self, login: &Login) -> Result<(), Halt> {
        let mechanism = self
            .offers
            .choose(login.mechanism)
            .ok_or_else(|| Halt::lacking(Stage::Login, Lacking::Login))?;
        let first = match mechanism {
            Mechanism::Plain => {
                let secret = format!("\0{}\0{}", login.username, login.password);
                self.say(Stage::Login, &format!("AUTH PLAIN {}", STANDARD.encode(secret)))
                    .await?
            }
            Mechanism::Login => self.asked_in_turn(login).await?,
            Mechanism::Xoauth2 => {
                let secret = format!(
                    "user={}\x01auth=Bearer {}\x01\x01",
                    login.username, login.password
                );
                let reply = self
                    .say(Stage::Login, &format!("AUTH XOAUTH2 {}", STANDARD.encode(secret)))
                    .await?;
                // The server explains itself first; after an empty line it says no.
                if reply.code == 334 {
                    self.say(Stage::Login, "").await?
                } else {
                    reply
                }
            }
        };
        self.accept(Stage::Login, first).map(drop)
    }

    async fn asked_in_turn(&mut self, login: &Login) -> Result<Reply, Halt> {
        let mut reply = self.say(Stage::Login, "AUTH LOGIN").await?;
        for secret in [&login.username, &login.password] {
            if reply.code != 334 {
                return Ok(reply);
            }
            reply = self.say(Stage::Login, &STANDARD.encode(secret)).await?;
        }
        Ok(reply)
    }

    /// Says something that the server must agree to.
    async fn ask(&mut self, stage: Stage, command: &str) -> Result<Reply, Halt> {
        let reply = self.say(stage, command).await?;
        self.accept(stage, reply)
    }

    async fn say(&mut self, stage: Stage, command: &str) -> Result<Reply, Halt> {
        self.write(stage, format!("{command}\r\n").as_bytes()).await?;
        self.read(stage).await
    }

    #[expect(clippy::unused_self, reason = "it reads as the last step of a conversation")]
    fn accept(&self, stage: Stage, reply: Reply) -> Result<Reply, Halt> {
        if reply.is_positive() {
            Ok(reply)
        } else {
            Err(Halt::answered(stage, reply))
        }
    }

    async fn read(&mut self, stage: Stage) -> Result<Reply, Halt> {
        let reading = reply::read(&mut self.wire, &mut self.ahead);
        match timeout_at(self.deadline, reading).await {
            Ok(read) => read.map_err(|fault| Halt::broken(stage, fault)),
            Err(_) => Err(Halt::late(stage, "the server did not answer before the deadline")),
        }
    }

    async fn write(&mut self, stage: Stage, bytes: &[u8]) -> Result<(), Halt> {
        let writing = async {
            self.wire.write_all(bytes).await?;
            self.wire.flush().await
        };
        match timeout_at(self.deadline, writing).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Halt::broken(
                stage,
                Fault::new(FailureKind::Closed, "the connection broke"),
            )),
            Err(_) => Err(Halt::late(
                stage,
                "the server took nothing more before the deadline",
            )),
        }
    }
}

async fn encrypted(
    tcp: TcpStream,
    tls: &TlsConnector,
    name: &ServerName<'static>,
    deadline: Instant,
) -> Result<Stream, Halt> {
    tls::handshake(tls, name.clone(), tcp, deadline)
        .await
        .map(|stream| Stream::Tls(Box::new(stream)))
        .map_err(|fault| Halt::broken(Stage::Tls, fault))
}

impl Offers {
    fn read(reply: &Reply) -> Self {
        let mut offers = Self::default();
        for line in reply.lines.iter().skip(1) {
            let line = line.to_ascii_uppercase();
            // `AUTH=LOGIN` is how some servers told clients of the nineties.
            let mut words = line.split([' ', '=']).filter(|word| !word.is_empty());
            match words.next() {
                Some("STARTTLS") => offers.start_tls = true,
                Some("8BITMIME") => offers.eight_bit = true,
                Some("SMTPUTF8") => offers.utf8 = true,
                Some("SIZE") => offers.size = words.next().map_or(Some(0), |most| most.parse().ok()),
                Some("AUTH") => offers.login.extend(words.map(str::to_owned)),
                _ => {}
            }
        }
        offers
    }

    fn choose(&self, wanted: Option<Mechanism>) -> Option<Mechanism> {
        let offered = |mechanism: &Mechanism| self.login.iter().any(|word| word == mechanism.as_str());
        match wanted {
            Some(mechanism) => Some(mechanism).filter(offered),
            None => [Mechanism::Plain, Mechanism::Login].into_iter().find(offered),
        }
    }
}

/// Whether an address stays within its angle brackets. Whether it is one at all was judged before.
fn is_address(address: &str) -> bool {
    address.contains('@')
        && address.len() <= 320
        && !address
            .chars()
            .any(|c| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>'))
}

fn head(message: &[u8]) -> &[u8] {
    let end = message.windows(4).position(|four| four == b"\r\n\r\n");
    &message[..end.unwrap_or(message.len())]
}

/// The message as it may travel: every line ends with CR LF, and no line of it looks like its end.
///
/// A CR or LF by itself becomes a whole line break: servers disagree on what it is, and where two of them do, a part of
/// a message can pass for the next one.
fn transparent(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + message.len() / 64 + 2);
    let mut rest = message;
    while !rest.is_empty() {
        let end = rest
            .iter()
            .position(|byte| matches!(byte, b'\r' | b'\n'))
            .unwrap_or(rest.len());
        if rest[0] == b'.' {
            out.push(b'.');
        }
        out.extend_from_slice(&rest[..end]);
        out.extend_from_slice(b"\r\n");
        let line_break = if rest[end..].starts_with(b"\r\n") { 2 } else { 1 };
        rest = &rest[rest.len().min(end + line_break)..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offers(lines: &[&str]) -> Offers {
        let lines = lines.iter().map(|&line| line.to_owned()).collect();
        Offers::read(&Reply { code: 250, lines })
    }

    #[test]
    fn offers_are_read_in_any_case() {
        let read = offers(&[
            "STARTTLS",
            "size 1000",
            "8bitmime",
            "SMTPUTF8",
            "Auth plain LOGIN",
            "AUTH=LOGIN",
        ]);
        assert_eq!(
            read,
            Offers {
                start_tls: false,
                eight_bit: true,
                utf8: true,
                size: Some(1000),
                login: ["PLAIN", "LOGIN", "LOGIN"].map(str::to_owned).to_vec(),
            }
        );
        assert_eq!(offers(&["x", "SIZE"]).size, Some(0));
        assert_eq!(offers(&["x", "SIZE lots"]).size, None);
    }

    #[test]
    fn a_mechanism_is_chosen_from_what_is_offered() {
        let login = offers(&["x", "AUTH LOGIN XOAUTH2"]);
        assert_eq!(login.choose(None), Some(Mechanism::Login));
        assert_eq!(login.choose(Some(Mechanism::Plain)), None);
        assert_eq!(login.choose(Some(Mechanism::Xoauth2)), Some(Mechanism::Xoauth2));
        assert_eq!(offers(&["x", "AUTH XOAUTH2"]).choose(None), None);
    }

    #[test]
    fn no_line_of_a_message_looks_like_its_end() {
        for (message, travels) in [
            (&b"a\r\n.\r\nb\r\n"[..], &b"a\r\n..\r\nb\r\n"[..]),
            (b".", b"..\r\n"),
            (b"", b""),
            (b"a\n.\nb", b"a\r\n..\r\nb\r\n"),
            (b"a\r.\rb\r\n", b"a\r\n..\r\nb\r\n"),
            (b"a\r\n\r\n.x\r\n", b"a\r\n\r\n..x\r\n"),
            (b"a\n\r.\r\n", b"a\r\n\r\n..\r\n"),
        ] {
            assert_eq!(transparent(message), travels, "{message:?}");
        }
    }

    #[test]
    fn addresses_do_not_leave_their_brackets() {
        assert!(is_address("a@b.example"));
        for bad in [
            "a",
            "a@b>\r\nRCPT TO:<c@d",
            "a@b\0",
            "a b@c",
            "a@b> SIZE=1",
            "<a@b",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
