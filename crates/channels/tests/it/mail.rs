//! What a mail looks like when it arrives, read by a parser of others.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use channels::outcome::{ErrorClass, Refusal, Verdict};
use channels::people::Sender;
use mail_parser::{HeaderValue, Message, MessageParser, MimeHeaders as _};
use serde_json::{Value, json};

use crate::smtp_server::{Script, Server};
use crate::support::{AMPLE, clients, content, mail_settings, send, send_to};

fn settings(server: &Server) -> Value {
    mail_settings(&json!([
        {"kind": "smtp", "host": "127.0.0.1", "port": server.addr.port(), "tls": "none"}
    ]))
}

/// Sends one mail and gives it back as it arrived.
async fn arrived(content: &Value) -> String {
    let server = Server::start(Script::default()).await;
    let sender = Sender::new("email", &settings(&server), &clients()).unwrap();
    let outcome = send(&sender, content).await;
    assert_eq!(outcome.verdict, Verdict::Sent, "{outcome:?}");
    server.mails().remove(0)
}

fn parsed(mail: &str) -> Message<'_> {
    MessageParser::default().parse(mail).unwrap()
}

fn header<'a>(mail: &'a Message<'_>, name: &'a str) -> &'a str {
    mail.header_raw(name).unwrap_or_default().trim()
}

async fn refused(content: &Value) -> (Refusal, ErrorClass) {
    let server = Server::start(Script::default()).await;
    let sender = Sender::new("email", &settings(&server), &clients()).unwrap();
    let outcome = send(&sender, content).await;
    assert_eq!(server.connections(), 0, "refused before anything is sent");
    let Verdict::Refused(refusal) = outcome.verdict else {
        panic!("{outcome:?}");
    };
    (refusal, outcome.class.unwrap())
}

#[tokio::test]
async fn m01_m02_sender_recipient_and_the_headers_of_a_program() {
    let mail = arrived(&content()).await;
    let mail = parsed(&mail);
    let from = mail.from().unwrap().first().unwrap();
    assert_eq!(
        (from.name(), from.address()),
        (Some("Lightfast"), Some("noreply@lightfast.ai"))
    );
    assert_eq!(
        mail.reply_to().unwrap().first().unwrap().address(),
        Some("support@lightfast.ai")
    );
    assert_eq!(
        mail.to().unwrap().first().unwrap().address(),
        Some("ann@customer.example")
    );
    assert_eq!(mail.subject(), Some("Up again"));
    assert_eq!(mail.message_id(), Some("dlv_2abc@lightfast.ai"));
    assert_eq!(mail.date().unwrap().to_timestamp(), 1_800_000_000);
    assert_eq!(header(&mail, "Auto-Submitted"), "auto-generated");
    assert_eq!(header(&mail, "X-Auto-Response-Suppress"), "All");
    assert_eq!(header(&mail, "List-Unsubscribe"), "");
    assert_eq!(mail.body_text(0).unwrap().trim_end(), "It is up.");
    assert_eq!(mail.body_html(0).unwrap().trim_end(), "<p>It is up.</p>");
    assert!(header(&mail, "Content-Type").starts_with("multipart/alternative"));
}

#[tokio::test]
async fn m01_text_or_html_alone_is_enough() {
    let text = arrived(&json!({"subject": "s", "text": "Only this.\n.\n..two\n", "html": null})).await;
    let mail = parsed(&text);
    assert!(header(&mail, "Content-Type").starts_with("text/plain"));
    assert_eq!(
        mail.body_text(0).unwrap().replace("\r\n", "\n").trim_end(),
        "Only this.\n.\n..two"
    );
    let html = arrived(&json!({"subject": "s", "html": "<b>x</b>", "text": ""})).await;
    assert!(header(&parsed(&html), "Content-Type").starts_with("text/html"));
}

#[tokio::test]
async fn m01_a_mail_is_the_same_over_every_attempt() {
    let content = json!({"subject": "s", "html": "<p>x</p>", "text": "x", "thread": "inc_1"});
    assert_eq!(arrived(&content).await, arrived(&content).await);
}

#[tokio::test]
async fn m01_mails_of_one_thread_refer_to_one_message() {
    let thread = |name: &str| json!({"subject": "s", "text": "x", "thread": name});
    let references = async |name: &str| {
        let mail = arrived(&thread(name)).await;
        let mail = parsed(&mail);
        let references = header(&mail, "References").to_owned();
        assert_eq!(header(&mail, "In-Reply-To"), references);
        references
    };
    let one = references("inc_1").await;
    assert!(
        one.starts_with("<thread-") && one.ends_with("@lightfast.ai>"),
        "{one}"
    );
    assert_eq!(references("inc_1").await, one);
    assert_ne!(references("inc 2 <ü>\r\n").await, one);
}

#[tokio::test]
async fn m10_the_prefix_stands_before_every_subject() {
    let server = Server::start(Script::default()).await;
    let mut settings = settings(&server);
    settings["subject_prefix"] = json!("[ResolutionFlow] ");
    let sender = Sender::new("email", &settings, &clients()).unwrap();
    send(&sender, &content()).await;
    assert_eq!(
        parsed(&server.mails()[0]).subject(),
        Some("[ResolutionFlow] Up again")
    );
}

#[tokio::test]
async fn long_subjects_beyond_ascii_arrive_whole_in_short_lines() {
    let subject = "Größere Störung im Rechenzentrum 🔔 "
        .repeat(8)
        .trim_end()
        .to_owned();
    let mail = arrived(&json!({"subject": subject, "text": "Änderung ".repeat(400)})).await;
    assert_eq!(parsed(&mail).subject(), Some(subject.as_str()));
    assert!(mail.is_ascii());
    assert!(mail.lines().all(|line| line.len() <= 998));
    let head = mail.split("\r\n\r\n").next().unwrap();
    assert!(head.lines().all(|line| line.len() <= 78), "{head}");
}

#[tokio::test]
async fn a_line_break_in_a_subject_or_a_name_begins_no_header() {
    let server = Server::start(Script::default()).await;
    let sender = Sender::new("email", &settings(&server), &clients()).unwrap();
    let content = json!({
        "subject": "one\r\nBcc: victim@b.example\r\n\r\nbody",
        "text": "x",
        "reply_to": {"name": "Help\r\nBcc: victim@b.example", "address": "help@lightfast.ai"},
    });
    let outcome = send_to(
        &sender,
        &content,
        "\"Ann, \\\"A\\\"\" <ann@customer.example>",
        AMPLE,
    )
    .await;
    assert_eq!(outcome.verdict, Verdict::Sent, "{outcome:?}");
    let mails = server.mails();
    let mail = parsed(&mails[0]);
    assert!(mail.bcc().is_none());
    assert_eq!(mail.subject(), Some("one Bcc: victim@b.example body"));
    let reply_to = mail.reply_to().unwrap();
    assert_eq!(reply_to.iter().count(), 1);
    assert_eq!(
        reply_to.first().unwrap().name(),
        Some("Help Bcc: victim@b.example")
    );
    assert_eq!(mail.to().unwrap().iter().count(), 1);
    assert_eq!(
        mail.to().unwrap().first().unwrap().address(),
        Some("ann@customer.example")
    );
}

#[tokio::test]
async fn m09_what_would_begin_another_header_is_refused_for_safety() {
    let with = |field: &str, value: Value| {
        let mut content = content();
        content[field] = value;
        content
    };
    let security = (Refusal::Permanent, ErrorClass::Security);
    let validation = (Refusal::Permanent, ErrorClass::Validation);
    let file = |field: &str, value: &str| {
        let mut file = json!({"filename": "a.txt", "content_type": "text/plain", "content": "YQ=="});
        file[field] = json!(value);
        with("attachments", json!([file]))
    };
    for (content, expected) in [
        (with("headers", json!({"X-A": "b\r\nBcc: c@d.example"})), security),
        (with("headers", json!({"X-A\r\nBcc": "c@d.example"})), security),
        (with("headers", json!({"X A": "b"})), validation),
        (with("headers", json!({"Bcc": "c@d.example"})), validation),
        (with("headers", json!({"content-type": "text/plain"})), validation),
        (with("headers", json!({"X-A": "b".repeat(1000)})), validation),
        (
            with("reply_to", json!("a@b.example\r\nBcc: c@d.example")),
            security,
        ),
        (with("reply_to", json!("nobody")), validation),
        (
            with(
                "list_unsubscribe",
                json!("https://a.example/\r\nBcc: c@d.example"),
            ),
            security,
        ),
        (with("list_unsubscribe", json!("javascript:alert(1)")), validation),
        (
            with(
                "list_unsubscribe",
                json!("https://a.example/>,<mailto:c@d.example"),
            ),
            validation,
        ),
        (file("filename", "a\r\nb"), security),
        (file("filename", ""), validation),
        (file("content", "not base64!"), validation),
        (file("content_type", "text"), validation),
        (file("content_id", "a>\u{20}b"), validation),
        (json!({"subject": "s", "text": " ", "html": null}), validation),
        (json!(["not a mail"]), validation),
    ] {
        assert_eq!(refused(&content).await, expected, "{content}");
    }
}

#[tokio::test]
async fn m09_a_recipient_that_is_no_address_is_gone() {
    let server = Server::start(Script::default()).await;
    let sender = Sender::new("email", &settings(&server), &clients()).unwrap();
    for (recipient, verdict, class) in [
        ("nobody", Refusal::RecipientGone, ErrorClass::Recipient),
        ("", Refusal::RecipientGone, ErrorClass::Recipient),
        (
            "a@b.example, c@d.example",
            Refusal::RecipientGone,
            ErrorClass::Recipient,
        ),
        (
            "a@b.example>\r\nRCPT TO:<c@d.example",
            Refusal::Permanent,
            ErrorClass::Security,
        ),
    ] {
        let outcome = send_to(&sender, &content(), recipient, AMPLE).await;
        assert_eq!(
            (outcome.verdict, outcome.class),
            (Verdict::Refused(verdict), Some(class)),
            "{recipient:?}"
        );
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn unsubscribing_is_one_click_where_the_url_is_safe() {
    let with = |url: &str| json!({"subject": "s", "text": "x", "list_unsubscribe": url});
    let long = format!("https://a.example/u?t={}", "x".repeat(600));
    for url in ["https://a.example/u?t=1", &long] {
        let mail = arrived(&with(url)).await;
        let mail = parsed(&mail);
        assert_eq!(header(&mail, "List-Unsubscribe"), format!("<{url}>"));
        assert_eq!(
            header(&mail, "List-Unsubscribe-Post"),
            "List-Unsubscribe=One-Click"
        );
    }
    let mail = arrived(&with("http://a.example/u")).await;
    assert_eq!(header(&parsed(&mail), "List-Unsubscribe-Post"), "");
}

#[tokio::test]
async fn the_authors_headers_arrive_also_beyond_ascii() {
    let mut content = content();
    content["headers"] = json!({"X-Entity-Ref-ID": "42", "X-Place": "Köln"});
    let mail = arrived(&content).await;
    let mail = parsed(&mail);
    assert_eq!(header(&mail, "X-Entity-Ref-ID"), "42");
    assert!(mail.header_raw("X-Place").unwrap().is_ascii());
    assert!(matches!(mail.header("X-Place"), Some(HeaderValue::Text(_))));
}

#[tokio::test]
async fn files_arrive_byte_for_byte_and_shown_ones_beside_the_html() {
    let bytes: Vec<u8> = (0..=255).cycle().take(5000).collect();
    let text = b"bare\nline\rends\r\n.\r\n";
    let mut content = content();
    content["attachments"] = json!([
        {"filename": "Übersicht \"Q1\".bin", "content_type": "application/octet-stream", "content": STANDARD.encode(&bytes)},
        {"filename": "a.txt", "content_type": "text/plain", "content": STANDARD.encode(text)},
        {"filename": "logo.png", "content_type": "image/png", "content": STANDARD.encode(b"png"), "content_id": "logo"},
    ]);
    content["html"] = json!("<img src=\"cid:logo\">");
    let mail = arrived(&content).await;
    assert!(mail.is_ascii());
    let mail = parsed(&mail);
    assert!(header(&mail, "Content-Type").starts_with("multipart/mixed"));
    assert_eq!(mail.attachment_count(), 3);
    let found = |name: &str| {
        let mut files = mail.attachments();
        files.find(|file| file.attachment_name() == Some(name)).unwrap()
    };
    assert_eq!(found("Übersicht \"Q1\".bin").contents(), bytes);
    assert_eq!(found("a.txt").contents(), text);
    assert_eq!(found("logo.png").content_id(), Some("logo"));
    assert_eq!(mail.body_text(0).unwrap().trim_end(), "It is up.");
}
