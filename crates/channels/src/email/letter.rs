//! A mail that has been checked: nothing in it can break out of its place, whoever wrote the content.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lettre::message::header::ContentType;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

use super::address::{Address, AddressError};
use crate::cut;
use crate::message::{self, Mailbox, Tag};
use crate::outcome::{ErrorClass, Outcome};

/// Longest subject, in characters.
const MAX_SUBJECT: usize = 500;
/// Longest value of a header of the author's, and longest URL: what a line may have.
const MAX_VALUE: usize = 900;
/// Most headers of the author's.
const MAX_HEADERS: usize = 50;
/// Most files.
const MAX_FILES: usize = 50;
/// Most bytes of all files together. Base64 makes a third more of them.
const MAX_FILE_BYTES: usize = 25 << 20;

/// Headers that say who sends what to whom, or how the message is built: they are made here and nowhere else.
const OURS: [&str; 20] = [
    "auto-submitted",
    "bcc",
    "cc",
    "date",
    "dkim-signature",
    "from",
    "in-reply-to",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "message-id",
    "mime-version",
    "received",
    "references",
    "reply-to",
    "return-path",
    "sender",
    "subject",
    "to",
    "x-auto-response-suppress",
    "x-mailer",
];

/// What the channel adds to every mail.
#[derive(Debug, Clone)]
pub struct Sender {
    /// The name people see.
    pub name: Option<String>,
    /// Who sends, and where bounces go.
    pub address: Address,
    /// Where answers go.
    pub reply_to: Option<(Option<String>, Address)>,
    /// Before every subject.
    pub subject_prefix: String,
}

/// A mail ready for any provider.
#[derive(Debug)]
pub struct Letter {
    /// The delivery's id, the same over every attempt.
    pub delivery_id: String,
    /// The attempt after which somebody asked for it anew, by hand; 0 where nobody did.
    pub anew_after: i32,
    /// Who sends.
    pub from: (Option<String>, Address),
    /// Who gets it.
    pub to: (Option<String>, Address),
    /// Where answers go.
    pub reply_to: Option<(Option<String>, Address)>,
    /// One line.
    pub subject: String,
    /// The body for whoever sees HTML.
    pub html: Option<String>,
    /// The body for everybody else.
    pub text: Option<String>,
    /// `<…@domain>`, the same over every attempt.
    pub message_id: String,
    /// The conversation it belongs to, as the id of a message that began it.
    pub thread: Option<String>,
    /// Every other header, the author's and ours.
    pub headers: Vec<(String, String)>,
    /// The files.
    pub files: Vec<File>,
    /// For the provider's statistics.
    pub tags: Vec<Tag>,
}

/// A file, its bytes known to be there.
#[derive(Debug)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its media type, and the same as it was written.
    pub content_type: (ContentType, String),
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Where the HTML shows it.
    pub content_id: Option<String>,
}

type Checked<T> = Result<T, Box<Outcome>>;

impl Letter {
    /// Checks content and recipient. What can be mended without a change of meaning is, such as a line break in a
    /// subject; everything else is refused.
    pub fn new(
        sender: &Sender,
        content: message::Email,
        recipient: &str,
        (delivery_id, anew_after): (&str, i32),
    ) -> Checked<Self> {
        let to = mailbox(&Mailbox::read_strictly(recipient), "the recipient")?;
        let reply_to = match &content.reply_to {
            Some(reply_to) => Some(address_for(
                reply_to,
                "the reply address",
                ErrorClass::Validation,
            )?),
            None => sender.reply_to.clone(),
        };
        let html = content.html.filter(|html| !html.trim().is_empty());
        let text = content.text.filter(|text| !text.trim().is_empty());
        if html.is_none() && text.is_none() {
            return Err(invalid("the mail has neither text nor HTML"));
        }
        let domain = sender.address.domain();
        Ok(Self {
            message_id: format!("<{}@{domain}>", token(delivery_id)),
            thread: content
                .thread
                .filter(|thread| !thread.is_empty())
                .map(|thread| format!("<thread-{}@{domain}>", digest(&[&thread]))),
            delivery_id: delivery_id.to_owned(),
            anew_after,
            from: (sender.name.clone(), sender.address.clone()),
            to,
            reply_to,
            subject: subject(&sender.subject_prefix, &content.subject),
            html,
            text,
            headers: headers(content.headers, content.list_unsubscribe.as_deref())?,
            files: files(content.attachments)?,
            tags: content.tags,
        })
    }

    /// A word that stands nowhere in the letter, the same over every attempt.
    pub(super) fn mark(&self) -> String {
        let html = self.html.as_deref().unwrap_or_default();
        let text = self.text.as_deref().unwrap_or_default();
        digest(&[&self.delivery_id, &self.subject, text, html])
    }
}

impl Mailbox {
    /// A recipient: what stands around the address must not hide a second one.
    fn read_strictly(text: &str) -> Self {
        if text.chars().any(char::is_control) {
            return Self {
                address: text.to_owned(),
                name: None,
            };
        }
        Self::read(text)
    }
}

fn mailbox(mailbox: &Mailbox, what: &str) -> Checked<(Option<String>, Address)> {
    address_for(mailbox, what, ErrorClass::Recipient)
}

fn address_for(mailbox: &Mailbox, what: &str, class: ErrorClass) -> Checked<(Option<String>, Address)> {
    let name = mailbox
        .name
        .as_deref()
        .map(one_line)
        .filter(|name| !name.is_empty());
    match Address::parse(&mailbox.address) {
        Ok(address) => Ok((name, address)),
        Err(why) => {
            let class = match why {
                AddressError::ControlCharacter => ErrorClass::Security,
                AddressError::Malformed => class,
            };
            let error = format!("{what} cannot be written to: {why}");
            Err(Box::new(Outcome::unsendable(class, error)))
        }
    }
}

/// Text in one line: whatever breaks a line becomes a space.
fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_control() || c.is_whitespace());
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn subject(prefix: &str, subject: &str) -> String {
    let subject = one_line(subject);
    cut::to_chars(format!("{prefix}{subject}").trim(), MAX_SUBJECT).into_owned()
}

/// The author's headers, then those that every mail of a program has.
fn headers(
    given: std::collections::BTreeMap<String, String>,
    unsubscribe: Option<&str>,
) -> Checked<Vec<(String, String)>> {
    if given.len() > MAX_HEADERS {
        return Err(invalid(format!(
            "a mail has at most {MAX_HEADERS} further headers"
        )));
    }
    let mut headers = Vec::with_capacity(given.len() + 4);
    for (name, value) in given {
        check_header(&name, &value)?;
        headers.push((name, value));
    }
    let mut add = |name: &str, value: String| headers.push((name.to_owned(), value));
    add("Auto-Submitted", "auto-generated".to_owned());
    add("X-Auto-Response-Suppress", "All".to_owned());
    if let Some(url) = unsubscribe.filter(|url| !url.is_empty()) {
        check_unsubscribe(url)?;
        add("List-Unsubscribe", format!("<{url}>"));
        // Mail programs post to nothing else (RFC 8058).
        if url.starts_with("https://") {
            add("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned());
        }
    }
    Ok(headers)
}

fn check_header(name: &str, value: &str) -> Checked<()> {
    let is_name = (1..=70).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    if value.chars().any(char::is_control) || name.chars().any(char::is_control) {
        let error = "a header with control characters could begin another one";
        return Err(Box::new(Outcome::unsendable(ErrorClass::Security, error)));
    }
    if !is_name {
        return Err(invalid(format!("`{name}` is not the name of a header")));
    }
    let lower = name.to_ascii_lowercase();
    let structural = ["content-", "resent-", "arc-"]
        .iter()
        .any(|part| lower.starts_with(part));
    if structural || OURS.contains(&lower.as_str()) {
        return Err(invalid(format!(
            "the header `{name}` is not for the content to set"
        )));
    }
    if value.len() > MAX_VALUE {
        return Err(invalid(format!(
            "the header `{name}` is longer than {MAX_VALUE} bytes"
        )));
    }
    Ok(())
}

fn check_unsubscribe(url: &str) -> Checked<()> {
    let plain = url
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>' | b'"' | b','));
    let http = url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if url.chars().any(char::is_control) {
        let error = "the URL for unsubscribing has control characters";
        return Err(Box::new(Outcome::unsendable(ErrorClass::Security, error)));
    }
    if !plain || !http || url.len() > MAX_VALUE {
        return Err(invalid(
            "the URL for unsubscribing is not an http or https URL in ASCII",
        ));
    }
    Ok(())
}

fn files(given: Vec<message::Attachment>) -> Checked<Vec<File>> {
    if given.len() > MAX_FILES {
        return Err(invalid(format!("a mail has at most {MAX_FILES} files")));
    }
    let files = given.into_iter().map(file).collect::<Checked<Vec<_>>>()?;
    if files.iter().map(|file| file.bytes.len()).sum::<usize>() > MAX_FILE_BYTES {
        return Err(invalid(format!(
            "the files have more than {MAX_FILE_BYTES} bytes"
        )));
    }
    Ok(files)
}

fn file(given: message::Attachment) -> Checked<File> {
    let name = given.filename;
    if name.chars().any(char::is_control) {
        let error = "the name of a file has control characters";
        return Err(Box::new(Outcome::unsendable(ErrorClass::Security, error)));
    }
    if name.is_empty() || name.chars().count() > 255 {
        return Err(invalid("the name of a file has 1 to 255 characters"));
    }
    let content_type = Some(given.content_type.as_str())
        .filter(|text| text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) && text.len() <= 255)
        .and_then(|text| ContentType::parse(text).ok())
        .ok_or_else(|| invalid(format!("the media type of the file `{name}` is not one")))?;
    let bytes = STANDARD
        .decode(given.content.trim())
        .map_err(|_| invalid(format!("the content of the file `{name}` is not base64")))?;
    let id = given.content_id.filter(|id| !id.is_empty());
    if id.as_ref().is_some_and(|id| *id != token(id) || id.len() > 200) {
        return Err(invalid(format!("the content id of the file `{name}` is not one")));
    }
    Ok(File {
        name,
        content_type: (content_type, given.content_type),
        bytes,
        content_id: id,
    })
}

/// The characters of an id that need no quoting in one.
fn token(text: &str) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '@' | '+');
    text.chars().filter(plain).collect()
}

fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut text = String::with_capacity(32);
    for byte in &hash.finalize()[..16] {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn invalid(error: impl Into<String>) -> Box<Outcome> {
    Box::new(Outcome::unsendable(ErrorClass::Validation, error))
}
