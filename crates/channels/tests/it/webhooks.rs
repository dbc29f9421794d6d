//! Slack and Teams: what is posted, and what each answer means.

use channels::outcome::{ErrorClass, Outcome, Refusal, Verdict};
use channels::people::{Health, Sender};
use channels::{slack, teams};
use serde_json::{Value, json};

use crate::support::{AMPLE, Act, Http, SHORT, answer, clients, send_to};

async fn post(channel: &str, act: Act, content: &Value) -> (Outcome, Http) {
    let server = Http::start(vec![act]).await;
    let settings = json!({"url": server.url("/hook")});
    let sender = Sender::new(channel, &settings, &clients()).unwrap();
    (send_to(&sender, content, "", AMPLE).await, server)
}

fn slack_content() -> Value {
    serde_json::to_value(slack::simple(
        "Down",
        "It is down.",
        Some("https://a.example/1"),
        "Open",
    ))
    .unwrap()
}

fn teams_content() -> Value {
    serde_json::to_value(teams::simple(
        "Down",
        "It is down.",
        Some("https://a.example/1"),
        "Open",
    ))
    .unwrap()
}

#[tokio::test]
async fn s09_success_is_200_and_ok_and_nothing_else() {
    let (outcome, server) = post("slack", answer(200, "ok"), &slack_content()).await;
    assert_eq!(outcome.verdict, Verdict::Sent);
    assert_eq!(
        (outcome.status, outcome.provider.as_deref()),
        (Some(200), Some("slack"))
    );
    let got = &server.got()[0];
    assert!(got.head.starts_with("POST /hook "));
    assert_eq!(got.body, slack_content());
    for body in ["OK", "ok\n", "", "<html>ok</html>", "okay"] {
        let (outcome, _) = post("slack", answer(200, body), &slack_content()).await;
        assert_eq!(outcome.verdict, Verdict::Unknown, "{body:?}");
    }
}

#[tokio::test]
async fn s09_what_slack_says_is_read() {
    let (outcome, _) = post("slack", answer(404, "no_service"), &slack_content()).await;
    assert_eq!(outcome.verdict, Verdict::Refused(Refusal::RecipientGone));
    assert_eq!(outcome.error.as_deref(), Some("Slack answered 404 no_service"));
    assert_eq!(outcome.response.as_deref(), Some("no_service"));
    let limited = Act::Answer(429, "retry-after: 30\r\n", "rate_limited".to_owned());
    let (outcome, _) = post("slack", limited, &slack_content()).await;
    assert_eq!(
        (outcome.verdict, outcome.retry_after),
        (Verdict::Retry { throttle: true }, Some(30_000))
    );
    let (outcome, _) = post("slack", Act::Close, &slack_content()).await;
    assert_eq!(outcome.verdict, Verdict::Unknown);
}

#[tokio::test]
async fn s09_s10_an_attempt_ends_with_its_deadline() {
    for (channel, content) in [("slack", slack_content()), ("teams", teams_content())] {
        let server = Http::start(vec![Act::Hang]).await;
        let sender = Sender::new(channel, &json!({"url": server.url("/")}), &clients()).unwrap();
        let outcome = send_to(&sender, &content, "", SHORT).await;
        assert_eq!(
            (outcome.verdict, outcome.class),
            (Verdict::Unknown, Some(ErrorClass::Timeout))
        );
        assert!(outcome.elapsed < AMPLE / 2);
        let outcome = send_to(&sender, &content, "", std::time::Duration::ZERO).await;
        assert_eq!(outcome.verdict, Verdict::Retry { throttle: false });
        assert_eq!(server.got().len(), 1);
    }
}

#[tokio::test]
async fn s09_s10_the_recipient_may_be_the_url() {
    for (channel, content, said) in [("slack", slack_content(), "ok"), ("teams", teams_content(), "1")] {
        let server = Http::start(vec![answer(200, said)]).await;
        let sender = Sender::new(channel, &json!(null), &clients()).unwrap();
        let outcome = send_to(&sender, &content, &server.url("/own"), AMPLE).await;
        assert!(outcome.verdict.is_success(), "{outcome:?}");
        assert!(server.got()[0].head.starts_with("POST /own "));
        for (recipient, class) in [
            ("", ErrorClass::Validation),
            ("http://10.0.0.1/x", ErrorClass::Security),
            ("C024BE91L", ErrorClass::Security),
        ] {
            let outcome = send_to(&sender, &content, recipient, AMPLE).await;
            assert_eq!(
                outcome.verdict,
                Verdict::Refused(Refusal::Configuration),
                "{recipient}"
            );
            assert_eq!(outcome.class, Some(class));
        }
    }
}

#[tokio::test]
async fn s07_blocks_that_slack_would_refuse_are_not_posted() {
    let content = json!({"text": "t", "blocks": [{"type": "actions", "elements": []}]});
    let (outcome, server) = post("slack", answer(200, "ok"), &content).await;
    assert_eq!(outcome.verdict, Verdict::Refused(Refusal::Permanent));
    assert!(outcome.error.unwrap().starts_with("/blocks/0/elements "));
    assert!(server.got().is_empty());
    let (outcome, server) = post("slack", answer(200, "ok"), &json!({"text": "only text"})).await;
    assert_eq!(outcome.verdict, Verdict::Sent);
    assert_eq!(server.got()[0].body, json!({"text": "only text"}));
}

#[tokio::test]
async fn a_bot_posts_to_a_channel() {
    let taken = json!({"ok": true, "channel": "C1", "ts": "1.2"});
    let server = Http::start(vec![
        answer(200, taken.to_string()),
        answer(200, r#"{"ok":false,"error":"channel_not_found"}"#),
        answer(200, r#"{"ok":false,"error":"invalid_auth"}"#),
        answer(200, r#"{"ok":true}"#),
    ])
    .await;
    let settings = json!({"token": "xoxb-1234567", "channel": "C9", "base_url": server.url("/api/")});
    let sender = Sender::new("slack", &settings, &clients()).unwrap();
    let outcome = send_to(&sender, &slack_content(), "C1", AMPLE).await;
    assert_eq!(
        (outcome.verdict, outcome.provider_id.as_deref()),
        (Verdict::Sent, Some("C1/1.2"))
    );
    let outcome = send_to(&sender, &slack_content(), "", AMPLE).await;
    assert_eq!(outcome.verdict, Verdict::Refused(Refusal::RecipientGone));
    assert_eq!(sender.status(AMPLE).await[0].health, Health::Misconfigured);
    assert_eq!(sender.status(AMPLE).await[0].health, Health::Up);
    let got = server.got();
    assert!(got[0].head.starts_with("POST /api/chat.postMessage "));
    assert_eq!(got[0].header("authorization"), Some("Bearer xoxb-1234567"));
    assert_eq!(
        (&got[0].body["channel"], &got[1].body["channel"]),
        (&json!("C1"), &json!("C9"))
    );
    assert!(got[2].head.starts_with("POST /api/auth.test "));
}

#[tokio::test]
async fn s10_a_card_is_accepted_and_never_sent() {
    for status in [200, 202] {
        let (outcome, server) = post("teams", answer(status, ""), &teams_content()).await;
        assert_eq!(outcome.verdict, Verdict::Accepted);
        let body = &server.got()[0].body;
        assert_eq!(body["type"], "message");
        assert_eq!(body["attachments"][0]["content"]["version"], "1.4");
    }
    let (outcome, _) = post("teams", answer(400, "bad card"), &teams_content()).await;
    assert_eq!(outcome.verdict, Verdict::Refused(Refusal::Permanent));
    assert_eq!(outcome.response.as_deref(), Some("bad card"));
}

#[tokio::test]
async fn the_sandbox_takes_messages_of_every_channel() {
    for (channel, content) in [("slack", slack_content()), ("teams", teams_content())] {
        let sender = Sender::new(channel, &json!({"provider": "sandbox"}), &clients()).unwrap();
        let outcome = send_to(&sender, &content, "anywhere", AMPLE).await;
        assert_eq!(outcome.verdict, Verdict::Sent);
        assert_eq!(outcome.provider.as_deref(), Some("sandbox"));
        assert_eq!(sender.status(AMPLE).await[0].health, Health::Up);
    }
}
