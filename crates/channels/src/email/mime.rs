//! From a letter to the bytes of a message. The library knows the standards; what stands in each place was checked before.

use std::time::{Duration, SystemTime};

use lettre::message::header::{
    ContentDisposition, ContentId, ContentTransferEncoding, HeaderName, HeaderValue,
};
use lettre::message::{Mailbox, Message, MultiPart, MultiPartKind, SinglePart};

use super::address::Address;
use super::letter::{File, Letter};

/// Headers that have a form of their own: folding or encoding them as text would break them.
const STRUCTURED: [&str; 3] = ["List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted"];

/// A part of the body, and the one around it.
enum Body {
    Single(SinglePart),
    Multi(MultiPart),
}

/// Writes the message. `now` is in milliseconds since the Unix epoch.
pub(super) fn compose(letter: &Letter, now: i64) -> Result<Vec<u8>, String> {
    let since = Duration::from_millis(u64::try_from(now).unwrap_or_default());
    let mut builder = Message::builder()
        .from(mailbox(&letter.from))
        .to(mailbox(&letter.to))
        .subject(letter.subject.clone())
        .date(SystemTime::UNIX_EPOCH + since);
    if let Some(reply_to) = &letter.reply_to {
        builder = builder.reply_to(mailbox(reply_to));
    }
    let mut message = match body(letter)? {
        Body::Single(part) => builder.singlepart(part),
        Body::Multi(part) => builder.multipart(part),
    }
    .map_err(|error| error.to_string())?;
    let headers = message.headers_mut();
    headers.insert_raw(as_it_is("Message-ID", &letter.message_id)?);
    if let Some(thread) = &letter.thread {
        headers.insert_raw(as_it_is("In-Reply-To", thread)?);
        headers.insert_raw(as_it_is("References", thread)?);
    }
    for (name, value) in &letter.headers {
        headers.insert_raw(if STRUCTURED.contains(&name.as_str()) {
            as_it_is(name, value)?
        } else {
            HeaderValue::new(header_name(name)?, value.clone())
        });
    }
    Ok(message.formatted())
}

fn mailbox((name, address): &(Option<String>, Address)) -> Mailbox {
    Mailbox::new(name.clone(), address.lettre())
}

fn as_it_is(name: &str, value: &str) -> Result<HeaderValue, String> {
    Ok(HeaderValue::dangerous_new_pre_encoded(
        header_name(name)?,
        value.to_owned(),
        value.to_owned(),
    ))
}

fn header_name(name: &str) -> Result<HeaderName, String> {
    HeaderName::new_from_ascii(name.to_owned()).map_err(|error| format!("`{name}`: {error}"))
}

/// Text and HTML as alternatives, what the HTML shows beside it, and the other files after all of them.
fn body(letter: &Letter) -> Result<Body, String> {
    let (shown, attached): (Vec<_>, Vec<_>) = letter
        .files
        .iter()
        .partition(|file| file.content_id.is_some() && letter.html.is_some());
    let mark = letter.mark();
    let html = letter.html.clone().map(SinglePart::html).map(|html| {
        if shown.is_empty() {
            return Body::Single(html);
        }
        let related = part(MultiPartKind::Related, "rel", &mark).singlepart(html);
        Body::Multi(
            shown
                .iter()
                .fold(related, |part, file| part.singlepart(inline(file))),
        )
    });
    let text = letter.text.clone().map(SinglePart::plain).map(Body::Single);
    let readable = match (text, html) {
        (Some(text), Some(html)) => {
            let both = part(MultiPartKind::Alternative, "alt", &mark);
            Body::Multi(add(add(both, text), html))
        }
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => return Err("the mail has neither text nor HTML".to_owned()),
    };
    if attached.is_empty() {
        return Ok(readable);
    }
    let mixed = add(part(MultiPartKind::Mixed, "mix", &mark), readable);
    Ok(Body::Multi(
        attached
            .iter()
            .fold(mixed, |part, file| part.singlepart(attachment(file))),
    ))
}

fn part(kind: MultiPartKind, word: &str, mark: &str) -> MultiPart {
    MultiPart::builder()
        .kind(kind)
        .boundary(format!("{word}-{mark}"))
        .build()
}

fn add(around: MultiPart, body: Body) -> MultiPart {
    match body {
        Body::Single(part) => around.singlepart(part),
        Body::Multi(part) => around.multipart(part),
    }
}

fn inline(file: &File) -> SinglePart {
    let id = file.content_id.as_deref().unwrap_or_default();
    SinglePart::builder()
        .header(file.content_type.0.clone())
        .header(ContentDisposition::inline_with_name(&file.name))
        .header(ContentId::from(format!("<{id}>")))
        .header(ContentTransferEncoding::Base64)
        .body(file.bytes.clone())
}

fn attachment(file: &File) -> SinglePart {
    SinglePart::builder()
        .header(file.content_type.0.clone())
        .header(ContentDisposition::attachment(&file.name))
        .header(ContentTransferEncoding::Base64)
        .body(file.bytes.clone())
}
