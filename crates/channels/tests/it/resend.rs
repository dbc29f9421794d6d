//! Resend: what is asked, and what each answer means.

use channels::outcome::{ErrorClass, Outcome, Refusal, Verdict};
use channels::people::{Health, Sender};
use serde_json::{Value, json};

use crate::support::{AMPLE, Act, Http, SHORT, answer, clients, content, mail_settings, send, send_to};

const TAKEN: &str = r#"{"id":"49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"}"#;

fn sender(server: &Http) -> Sender {
    let provider =
        json!({"name": "resend-eu", "kind": "resend", "key": "re_123456", "base_url": server.url("")});
    Sender::new("email", &mail_settings(&json!([provider])), &clients()).unwrap()
}

async fn outcome(act: Act) -> Outcome {
    let server = Http::start(vec![act]).await;
    send(&sender(&server), &content()).await
}

fn problem(status: u16, name: &str) -> Act {
    let body = json!({"statusCode": status, "name": name, "message": "in words"});
    Act::Answer(status, "retry-after: 7\r\n", body.to_string())
}

#[tokio::test]
async fn m01_a_mail_is_asked_for_as_the_api_has_it() {
    let server = Http::start(vec![answer(200, TAKEN)]).await;
    let mut content = content();
    content["thread"] = json!("inc_1");
    content["list_unsubscribe"] = json!("https://a.example/u");
    content["tags"] = json!([{"name": "category", "value": "alerts"}]);
    content["attachments"] = json!([
        {"filename": "a.txt", "content_type": "text/plain", "content": "YQ==", "content_id": "a"}
    ]);
    let outcome = send(&sender(&server), &content).await;
    assert_eq!(outcome.verdict, Verdict::Sent, "{outcome:?}");
    assert_eq!(
        outcome.provider_id.as_deref(),
        Some("49a3999c-0ce1-4ea6-ab68-afcd6dc2e794")
    );
    assert_eq!(outcome.provider.as_deref(), Some("resend-eu"));

    let got = &server.got()[0];
    assert!(got.head.starts_with("POST /emails HTTP/1.1"), "{}", got.head);
    assert_eq!(got.header("authorization"), Some("Bearer re_123456"));
    assert_eq!(got.header("idempotency-key"), Some("dlv_2abc"));
    let thread = got.body["headers"]["References"].as_str().unwrap().to_owned();
    assert!(thread.starts_with("<thread-"));
    assert_eq!(
        got.body,
        json!({
            "from": "\"Lightfast\" <noreply@lightfast.ai>",
            "to": ["ann@customer.example"],
            "subject": "Up again",
            "html": "<p>It is up.</p>",
            "text": "It is up.",
            "reply_to": "support@lightfast.ai",
            "headers": {
                "Auto-Submitted": "auto-generated",
                "X-Auto-Response-Suppress": "All",
                "List-Unsubscribe": "<https://a.example/u>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                "In-Reply-To": thread,
                "References": thread,
            },
            "attachments": [
                {"filename": "a.txt", "content": "YQ==", "content_type": "text/plain", "content_id": "a"}
            ],
            "tags": [{"name": "delivery", "value": "dlv_2abc"}, {"name": "category", "value": "alerts"}],
        })
    );
}

#[tokio::test]
async fn m09_limits_are_tried_again_when_resend_says() {
    let outcome = outcome(problem(429, "rate_limit_exceeded")).await;
    assert_eq!(outcome.verdict, Verdict::Retry { throttle: true });
    assert_eq!(outcome.class, Some(ErrorClass::RateLimit));
    assert_eq!(outcome.retry_after, Some(7000));
    assert_eq!(outcome.status, Some(429));
    assert_eq!(
        outcome.error.as_deref(),
        Some("Resend answered 429 rate_limit_exceeded: in words")
    );
}

#[tokio::test]
async fn m09_refusals_say_whose_fault_it_is() {
    let refused = Verdict::Refused;
    for (status, name, verdict) in [
        (401, "missing_api_key", refused(Refusal::Configuration)),
        (403, "invalid_api_key", refused(Refusal::Configuration)),
        (422, "missing_required_field", refused(Refusal::Permanent)),
        (
            409,
            "concurrent_idempotent_requests",
            Verdict::Retry { throttle: false },
        ),
        (409, "invalid_idempotent_request", refused(Refusal::Permanent)),
        (503, "service_unavailable", Verdict::Retry { throttle: true }),
    ] {
        assert_eq!(
            outcome(problem(status, name)).await.verdict,
            verdict,
            "{status} {name}"
        );
    }
    assert_eq!(
        outcome(answer(500, "<html>")).await.verdict,
        Verdict::Retry { throttle: false }
    );
}

#[tokio::test]
async fn a_success_that_cannot_be_read_or_a_lost_answer_is_unknown() {
    for body in ["", "{}", "<html>", r#"{"id":""}"#, r#"{"id":1}"#] {
        let outcome = outcome(answer(200, body)).await;
        assert_eq!(outcome.verdict, Verdict::Unknown, "{body}");
    }
    assert_eq!(outcome(Act::Close).await.verdict, Verdict::Unknown);
    let server = Http::start(vec![Act::Hang]).await;
    let outcome = send_to(&sender(&server), &content(), "ann@customer.example", SHORT).await;
    assert_eq!(
        (outcome.verdict, outcome.class),
        (Verdict::Unknown, Some(ErrorClass::Timeout))
    );
}

#[tokio::test]
async fn c02_the_keys_health_is_told_without_a_mail() {
    let restricted = json!({"statusCode": 401, "name": "restricted_api_key", "message": "only sending"});
    for (act, health) in [
        (answer(200, r#"{"data":[]}"#), Health::Up),
        (answer(401, restricted.to_string()), Health::Up),
        (problem(403, "invalid_api_key"), Health::Misconfigured),
        (answer(500, ""), Health::Down),
        (Act::Close, Health::Down),
    ] {
        let server = Http::start(vec![act]).await;
        assert_eq!(sender(&server).status(AMPLE).await[0].health, health);
        assert!(server.got()[0].head.starts_with("GET /domains "));
    }
}

#[tokio::test]
async fn m01_a_repeated_attempt_has_the_same_key_and_body() {
    let server = Http::start(vec![Act::Close, answer(200, TAKEN)]).await;
    let sender = sender(&server);
    assert_eq!(send(&sender, &content()).await.verdict, Verdict::Unknown);
    assert_eq!(send(&sender, &content()).await.verdict, Verdict::Sent);
    let got = server.got();
    assert_eq!(got[0].header("idempotency-key"), got[1].header("idempotency-key"));
    assert_eq!(got[0].body, got[1].body);
    assert_ne!(got[0].body, Value::Null);
}
