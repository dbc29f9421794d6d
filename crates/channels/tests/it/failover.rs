//! Several providers: when the next one is asked, and when it must not be.

use channels::outcome::{ErrorClass, Refusal, Verdict};
use channels::people::Sender;
use domain::retry::Reaction;
use serde_json::{Value, json};

use crate::smtp_server::{Act as Smtp, Script, Server};
use crate::support::{
    AMPLE, Act, Http, NOW, SHORT, answer, clients, content, mail_settings, send, send_at, send_to,
};

fn resend(server: &Http) -> Value {
    json!({"kind": "resend", "key": "re_123456", "base_url": server.url("")})
}

fn smtp(server: &Server) -> Value {
    json!({"kind": "smtp", "host": "127.0.0.1", "port": server.addr.port(), "tls": "none"})
}

fn sender(providers: &Value) -> Sender {
    Sender::new("email", &mail_settings(providers), &clients()).unwrap()
}

fn problem(status: u16, name: &str) -> Act {
    answer(
        status,
        json!({"statusCode": status, "name": name, "message": "m"}).to_string(),
    )
}

#[tokio::test]
async fn m09_the_next_provider_takes_over_where_one_cannot() {
    for (act, class) in [
        (problem(429, "daily_quota_exceeded"), ErrorClass::Quota),
        (problem(429, "rate_limit_exceeded"), ErrorClass::RateLimit),
        (problem(403, "invalid_api_key"), ErrorClass::Auth),
        (problem(503, "service_unavailable"), ErrorClass::Provider),
    ] {
        let (first, second) = (
            Http::start(vec![act]).await,
            Server::start(Script::default()).await,
        );
        let outcome = send(&sender(&json!([resend(&first), smtp(&second)])), &content()).await;
        assert_eq!(outcome.verdict, Verdict::Sent, "{outcome:?}");
        assert_eq!(outcome.provider.as_deref(), Some("smtp"));
        assert_eq!(outcome.before.len(), 1);
        assert_eq!(outcome.before[0].class, Some(class));
        assert_eq!(second.mails().len(), 1);
        assert!(
            outcome
                .explanation()
                .unwrap()
                .starts_with("resend: Resend answered")
        );
    }
}

#[tokio::test]
async fn nobody_else_is_asked_when_the_mail_or_its_recipient_was_refused_or_it_may_have_been_taken() {
    for (act, verdict) in [
        (
            problem(422, "validation_error"),
            Verdict::Refused(Refusal::Permanent),
        ),
        (
            problem(409, "concurrent_idempotent_requests"),
            Verdict::Retry { throttle: false },
        ),
        (answer(200, "<html>"), Verdict::Unknown),
        (Act::Close, Verdict::Unknown),
    ] {
        let (first, second) = (
            Http::start(vec![act]).await,
            Server::start(Script::default()).await,
        );
        let outcome = send(&sender(&json!([resend(&first), smtp(&second)])), &content()).await;
        assert_eq!(outcome.verdict, verdict);
        assert_eq!((outcome.before.len(), second.connections()), (0, 0));
    }
    for (stage, act, verdict) in [
        (
            "RCPT",
            Smtp::Say("550 5.1.1 nobody"),
            Verdict::Refused(Refusal::RecipientGone),
        ),
        (
            "RCPT",
            Smtp::Say("450 4.7.1 greylisted"),
            Verdict::Retry { throttle: false },
        ),
        ("end", Smtp::Close, Verdict::Unknown),
    ] {
        let first = Server::start(Script::at(stage, act)).await;
        let second = Http::start(vec![answer(200, r#"{"id":"x"}"#)]).await;
        let outcome = send(&sender(&json!([smtp(&first), resend(&second)])), &content()).await;
        assert_eq!((outcome.verdict, second.got().len()), (verdict, 0), "{stage}");
    }
}

/// Who may have taken a mail is asked again first, though it failed there: under the same key it says what became of it. Where that stays unknown,
/// a mail that comes twice is better than none.
#[tokio::test]
async fn who_may_have_taken_it_is_asked_again_first() {
    let taken = answer(200, r#"{"id":"x"}"#);
    let first = Http::start(vec![Act::Hang, taken.clone(), Act::Hang]).await;
    let second = Server::start(Script::default()).await;
    let sender = sender(&json!([resend(&first), smtp(&second)]));
    let go = async || send_to(&sender, &content(), "ann@customer.example", SHORT).await;
    let unknown = go().await;
    assert_eq!(
        (unknown.verdict, unknown.class),
        (Verdict::Unknown, Some(ErrorClass::Timeout))
    );
    let again = go().await;
    assert_eq!(
        (again.verdict, again.provider.as_deref()),
        (Verdict::Sent, Some("resend"))
    );
    let keys: Vec<_> = first
        .got()
        .iter()
        .map(|got| got.header("idempotency-key").unwrap().to_owned())
        .collect();
    assert_eq!((keys.len(), &keys[0]), (2, &keys[1]));
    for _ in 0..2 {
        assert_eq!(go().await.verdict, Verdict::Unknown);
    }
    let at_last = go().await;
    assert_eq!(
        (at_last.verdict, at_last.provider.as_deref()),
        (Verdict::Sent, Some("smtp"))
    );
    assert_eq!((first.got().len(), second.mails().len()), (4, 1));
}

#[tokio::test]
async fn another_is_asked_where_the_server_will_not_have_us_or_cannot_carry_it() {
    for (stage, said) in [
        ("MAIL", "553 5.7.1 Sender address rejected: not owned by user"),
        ("MAIL", "550 sender rejected"),
        ("RCPT", "554 5.7.1 Relay access denied"),
    ] {
        let first = Server::start(Script::at(stage, Smtp::Say(said))).await;
        let second = Http::start(vec![answer(200, r#"{"id":"x"}"#)]).await;
        let outcome = send(&sender(&json!([smtp(&first), resend(&second)])), &content()).await;
        assert_eq!(
            (outcome.verdict, second.got().len()),
            (Verdict::Sent, 1),
            "{said}"
        );
    }
    // Of a sender it says nothing that the recipient is to blame for.
    let first = Server::start(Script::at(
        "RCPT",
        Smtp::Say("550 5.1.0 Sender address rejected: User unknown"),
    ))
    .await;
    let outcome = send(&sender(&json!([smtp(&first)])), &content()).await;
    assert_eq!(outcome.verdict, Verdict::Refused(Refusal::Permanent));
}

#[tokio::test]
async fn who_is_put_off_for_one_recipient_says_nothing_of_the_provider() {
    for said in ["450 4.7.1 greylisted", "452 4.2.2 mailbox full"] {
        let first = Server::start(Script::at("RCPT", Smtp::Say(said))).await;
        let outcome = send(&sender(&json!([smtp(&first)])), &content()).await;
        assert_eq!(outcome.verdict, Verdict::Retry { throttle: false });
        assert_eq!(
            (outcome.reaction, outcome.elsewhere),
            (Reaction::Took, false),
            "{said}"
        );
    }
}

#[tokio::test]
async fn m11_what_every_provider_said_is_collected() {
    let first = Http::start(vec![problem(403, "invalid_api_key")]).await;
    let second = Server::start(Script::at("greeting", Smtp::Say("421 later"))).await;
    let outcome = send(&sender(&json!([resend(&first), smtp(&second)])), &content()).await;
    assert_eq!(outcome.verdict, Verdict::Retry { throttle: true });
    let said = outcome.explanation().unwrap();
    assert!(
        said.contains("resend: Resend answered 403 invalid_api_key"),
        "{said}"
    );
    assert!(
        said.contains("smtp: while waiting for the greeting the server answered 421 later"),
        "{said}"
    );

    // The other way round there is hope all the same.
    let outcome = send(&sender(&json!([smtp(&second), resend(&first)])), &content()).await;
    assert_eq!(outcome.verdict, Verdict::Retry { throttle: true });
    assert_eq!(outcome.class, Some(ErrorClass::Provider));

    let both = json!([resend(&first), {"name": "other", "kind": "resend", "key": "re_123456", "base_url": first.url("")}]);
    let outcome = send(&sender(&both), &content()).await;
    assert_eq!(outcome.verdict, Verdict::Refused(Refusal::Configuration));
}

#[tokio::test]
async fn the_sandbox_is_a_provider_like_any_other() {
    let outcome = send(&sender(&json!([{"kind": "sandbox"}])), &content()).await;
    assert_eq!(outcome.verdict, Verdict::Sent);
    assert_eq!(outcome.provider.as_deref(), Some("sandbox"));
    assert_eq!(outcome.provider_id.as_deref(), Some("sandbox_dlv_2abc"));
}

#[tokio::test]
async fn a_provider_that_hangs_leaves_time_for_the_next() {
    let first = Server::start(Script::at("greeting", Smtp::Hang)).await;
    let second = Http::start(vec![answer(200, r#"{"id":"x"}"#)]).await;
    let sender = sender(&json!([smtp(&first), resend(&second)]));
    let outcome = send_to(&sender, &content(), "ann@customer.example", 2 * SHORT).await;
    assert_eq!(outcome.verdict, Verdict::Sent, "{outcome:?}");
    assert_eq!(outcome.before[0].class, Some(ErrorClass::Timeout));
    assert!(outcome.elapsed < 2 * SHORT);
}

#[tokio::test]
async fn a_provider_that_failed_again_and_again_is_left_out() {
    let first = Http::start(vec![problem(500, "internal_server_error")]).await;
    let second = Server::start(Script::default()).await;
    let sender = sender(&json!([resend(&first), smtp(&second)]));
    for second in 0..10 {
        // The clock goes on: to a breaker, one that was set back is no clock.
        let to = ("ann@customer.example", AMPLE);
        let outcome = send_at(&sender, &content(), to, NOW + 1_000 * second).await;
        assert_eq!(outcome.verdict, Verdict::Sent);
    }
    assert_eq!(first.got().len(), 4, "left out after four failures");
    assert_eq!(second.mails().len(), 10);
}

#[tokio::test]
async fn a_provider_left_out_is_asked_all_the_same_where_nobody_else_is() {
    let mut acts = vec![problem(500, "internal_server_error"); 6];
    acts.push(answer(200, r#"{"id":"x"}"#));
    let only = Http::start(acts).await;
    let sender = sender(&json!([resend(&only)]));
    for _ in 0..6 {
        assert_eq!(
            send(&sender, &content()).await.verdict,
            Verdict::Retry { throttle: false }
        );
    }
    assert_eq!(
        send_to(&sender, &content(), "a@b.example", AMPLE).await.verdict,
        Verdict::Sent
    );
}
