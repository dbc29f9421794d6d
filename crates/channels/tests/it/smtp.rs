//! SMTP: every stage at which a server may say no, close or fall silent; encryption, login, kept connections.

use channels::outcome::{ErrorClass, Outcome, Refusal, Verdict};
use channels::people::{Clients, Health, Sender};
use domain::retry::Reaction;
use serde_json::{Value, json};

use crate::smtp_server::{Act, Authority, Script, Server};
use crate::support::{AMPLE, SHORT, client, clients, content, mail_settings, send, send_to};

fn plain(server: &Server) -> Value {
    json!({"kind": "smtp", "host": "127.0.0.1", "port": server.addr.port(), "tls": "none"})
}

fn sender(server: &Server) -> Sender {
    Sender::new("email", &mail_settings(&json!([plain(server)])), &clients()).unwrap()
}

fn encrypted(server: &Server, authority: &Authority, changes: &Value) -> Sender {
    let mut provider = json!({"kind": "smtp", "host": "mail.example", "port": server.addr.port()});
    for (field, value) in changes.as_object().unwrap() {
        provider[field] = value.clone();
    }
    let clients = Clients::same(&client(vec![authority.root.clone()]));
    Sender::new("email", &mail_settings(&json!([provider])), &clients).unwrap()
}

async fn outcome_at(stage: &'static str, act: Act) -> Outcome {
    let server = Server::start(Script::at(stage, act)).await;
    let deadline = if matches!(act, Act::Hang) { SHORT } else { AMPLE };
    send_to(&sender(&server), &content(), "ann@customer.example", deadline).await
}

#[tokio::test]
async fn m01_a_mail_is_taken_under_the_servers_own_id() {
    let server = Server::start(Script::default()).await;
    let outcome = send(&sender(&server), &content()).await;
    assert_eq!(outcome.verdict, Verdict::Sent, "{outcome:?}");
    assert_eq!(outcome.provider_id.as_deref(), Some("4F2A91"));
    assert_eq!(
        (outcome.status, outcome.class, outcome.error),
        (Some(250), None, None)
    );
    assert_eq!(outcome.provider.as_deref(), Some("smtp"));
    assert_eq!(
        server.commands(),
        [
            "EHLO lightfast.ai",
            "MAIL FROM:<noreply@lightfast.ai>",
            "RCPT TO:<ann@customer.example>",
            "DATA"
        ]
    );
}

#[tokio::test]
async fn m09_what_a_server_says_at_each_stage() {
    let retry = |throttle| Verdict::Retry { throttle };
    let refused = Verdict::Refused;
    for (stage, says, verdict, class) in [
        ("greeting", "421 4.3.2 later", retry(true), ErrorClass::Provider),
        (
            "greeting",
            "554 5.7.1 not you",
            refused(Refusal::Configuration),
            ErrorClass::Security,
        ),
        (
            "greeting",
            "HTTP/1.1 400 Bad Request",
            retry(false),
            ErrorClass::Provider,
        ),
        (
            "EHLO",
            "502 5.5.1 no",
            refused(Refusal::Configuration),
            ErrorClass::Security,
        ),
        ("MAIL", "451 4.3.0 later", retry(false), ErrorClass::Provider),
        (
            "MAIL",
            "530 5.7.0 log in",
            refused(Refusal::Configuration),
            ErrorClass::Auth,
        ),
        (
            "RCPT",
            "550 5.1.1 nobody",
            refused(Refusal::RecipientGone),
            ErrorClass::Recipient,
        ),
        (
            "RCPT",
            "554 5.7.1 relaying denied",
            refused(Refusal::Permanent),
            ErrorClass::Security,
        ),
        ("RCPT", "450 4.2.1 later", retry(false), ErrorClass::Recipient),
        ("RCPT", "452 4.2.2 full", retry(false), ErrorClass::Recipient),
        ("DATA", "421 4.3.2 leaving", retry(true), ErrorClass::Provider),
        (
            "DATA",
            "554 5.5.1 no",
            refused(Refusal::Permanent),
            ErrorClass::Validation,
        ),
        ("end", "451 4.3.0 later", retry(false), ErrorClass::Provider),
        (
            "end",
            "552 5.2.2 full",
            refused(Refusal::Permanent),
            ErrorClass::Quota,
        ),
        (
            "end",
            "554 5.7.1 spam",
            refused(Refusal::Permanent),
            ErrorClass::Security,
        ),
    ] {
        let outcome = outcome_at(stage, Act::Say(says)).await;
        assert_eq!(
            (outcome.verdict, outcome.class),
            (verdict, Some(class)),
            "{stage} {says}: {outcome:?}"
        );
        if let Ok(code) = says[..3].parse() {
            assert_eq!(outcome.status, Some(code));
            assert!(outcome.response.unwrap().contains(&says[..3]));
            assert!(outcome.error.unwrap().contains(&says[4..]));
        }
    }
}

#[tokio::test]
async fn m09_a_lost_connection_is_unknown_only_after_the_end_of_the_message() {
    for stage in ["greeting", "EHLO", "MAIL", "RCPT", "DATA"] {
        let outcome = outcome_at(stage, Act::Close).await;
        assert_eq!(
            outcome.verdict,
            Verdict::Retry { throttle: false },
            "{stage}: {outcome:?}"
        );
        assert_eq!(outcome.class, Some(ErrorClass::Network), "{stage}");
    }
    let outcome = outcome_at("end", Act::Close).await;
    assert_eq!(
        (outcome.verdict, outcome.class),
        (Verdict::Unknown, Some(ErrorClass::Network))
    );
}

#[tokio::test]
async fn m09_a_connection_lost_within_the_message_is_tried_again() {
    let server = Server::start(Script::at("message", Act::Close)).await;
    // More than fits on the way: what is on it when the server leaves has not been taken.
    let text = "a line of a long mail\n".repeat(1 << 16);
    let outcome = send(&sender(&server), &json!({"subject": "long", "text": text})).await;
    assert_eq!(outcome.verdict, Verdict::Retry { throttle: false }, "{outcome:?}");
    assert_eq!(outcome.class, Some(ErrorClass::Network));
}

#[tokio::test]
async fn m09_silence_ends_with_the_deadline_and_is_unknown_only_at_the_end() {
    for stage in ["greeting", "EHLO", "MAIL", "RCPT", "DATA"] {
        let outcome = outcome_at(stage, Act::Hang).await;
        assert_eq!(
            outcome.verdict,
            Verdict::Retry { throttle: false },
            "{stage}: {outcome:?}"
        );
        assert_eq!(
            (outcome.class, outcome.reaction),
            (Some(ErrorClass::Timeout), Reaction::TimedOut),
            "{stage}"
        );
        assert!(outcome.elapsed < AMPLE / 2);
    }
    let outcome = outcome_at("end", Act::Hang).await;
    assert_eq!(
        (outcome.verdict, outcome.class),
        (Verdict::Unknown, Some(ErrorClass::Timeout))
    );
}

#[tokio::test]
async fn nobody_listening_is_tried_again() {
    let server = Server::start(Script::default()).await;
    let mut provider = plain(&server);
    // The port of a listener that is gone.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    provider["port"] = json!(gone.local_addr().unwrap().port());
    drop(gone);
    let sender = Sender::new("email", &mail_settings(&json!([provider])), &clients()).unwrap();
    let outcome = send(&sender, &content()).await;
    assert_eq!(outcome.verdict, Verdict::Retry { throttle: false });
    assert_eq!(outcome.class, Some(ErrorClass::Network));
}

#[tokio::test]
async fn encryption_is_required_and_the_certificate_checked() {
    let authority = Authority::new("mail.example");
    for implicit in [false, true] {
        let server = Server::start(Script {
            tls: Some(authority.acceptor.clone()),
            implicit,
            offers: vec!["AUTH PLAIN LOGIN"],
            ..Script::default()
        })
        .await;
        let login =
            json!({"username": "u", "password": "p", "tls": if implicit { "tls" } else { "starttls" }});
        let outcome = send(&encrypted(&server, &authority, &login), &content()).await;
        assert_eq!(outcome.verdict, Verdict::Sent, "{outcome:?}");
        assert!(server.commands().contains(&"AUTH PLAIN AHUAcA==".to_owned()));

        let stranger = Authority::new("mail.example");
        let outcome = send(&encrypted(&server, &stranger, &login), &content()).await;
        assert_eq!(outcome.verdict, Verdict::Retry { throttle: false }, "{outcome:?}");
        assert_eq!(outcome.class, Some(ErrorClass::Security));
        assert!(outcome.error.unwrap().contains("certificate"));
        assert_eq!(server.mails().len(), 1);
    }
}

#[tokio::test]
async fn without_starttls_nothing_is_said_in_plain_text() {
    let authority = Authority::new("mail.example");
    let server = Server::start(Script {
        offers: vec!["AUTH PLAIN"],
        ..Script::default()
    })
    .await;
    let login = json!({"username": "u", "password": "p"});
    let outcome = send(&encrypted(&server, &authority, &login), &content()).await;
    assert_eq!(outcome.verdict, Verdict::Refused(Refusal::Configuration));
    assert_eq!(outcome.class, Some(ErrorClass::Security));
    assert_eq!(server.commands(), ["EHLO lightfast.ai"]);
}

#[tokio::test]
async fn what_a_stranger_says_before_encryption_is_not_taken_for_the_servers() {
    let authority = Authority::new("mail.example");
    let server = Server::start(Script {
        tls: Some(authority.acceptor.clone()),
        injected: "\r\n250-mail.example\r\n250 AUTH PLAIN",
        ..Script::default()
    })
    .await;
    let outcome = send(&encrypted(&server, &authority, &json!({})), &content()).await;
    assert_eq!(outcome.verdict, Verdict::Retry { throttle: false }, "{outcome:?}");
    assert!(outcome.error.unwrap().contains("plain text"));
}

#[tokio::test]
async fn m09_logging_in_that_fails_is_for_the_administrator() {
    for (offers, act, verdict) in [
        (
            vec!["AUTH PLAIN"],
            Some("535 5.7.8 wrong"),
            Verdict::Refused(Refusal::Configuration),
        ),
        (
            vec!["AUTH LOGIN"],
            Some("534 5.7.9 weak"),
            Verdict::Refused(Refusal::Configuration),
        ),
        (
            vec!["AUTH PLAIN"],
            Some("454 4.7.0 later"),
            Verdict::Retry { throttle: false },
        ),
        (
            vec!["AUTH GSSAPI"],
            None,
            Verdict::Refused(Refusal::Configuration),
        ),
        (vec![], None, Verdict::Refused(Refusal::Configuration)),
    ] {
        let mut script = Script {
            offers: offers.clone(),
            ..Script::default()
        };
        script.acts.extend(act.map(|says| ("AUTH", Act::Say(says))));
        let server = Server::start(script).await;
        let mut provider = plain(&server);
        provider["username"] = json!("u");
        provider["password"] = json!("p");
        let sender = Sender::new("email", &mail_settings(&json!([provider])), &clients()).unwrap();
        let outcome = send(&sender, &content()).await;
        assert_eq!(
            (outcome.verdict, outcome.class),
            (verdict, Some(ErrorClass::Auth)),
            "{offers:?} {act:?}"
        );
        assert!(!outcome.error.unwrap().contains("AHUAcA"));
    }
}

#[tokio::test]
async fn user_name_and_password_are_given_one_by_one_where_asked() {
    let server = Server::start(Script {
        offers: vec!["AUTH LOGIN"],
        ..Script::default()
    })
    .await;
    let mut provider = plain(&server);
    provider["username"] = json!("ann");
    provider["password"] = json!("secret");
    let sender = Sender::new("email", &mail_settings(&json!([provider])), &clients()).unwrap();
    assert_eq!(send(&sender, &content()).await.verdict, Verdict::Sent);
    assert_eq!(server.commands()[1..4], ["AUTH LOGIN", "YW5u", "c2VjcmV0"]);
}

#[tokio::test]
async fn a_connection_is_kept_and_looked_at_before_it_is_used_again() {
    let server = Server::start(Script::default()).await;
    let sender = sender(&server);
    for _ in 0..3 {
        assert_eq!(send(&sender, &content()).await.verdict, Verdict::Sent);
    }
    assert_eq!(server.connections(), 1);
    let resets = server.commands().iter().filter(|line| *line == "RSET").count();
    assert_eq!(resets, 2);
}

#[tokio::test]
async fn a_kept_connection_that_died_gives_way_to_a_new_one() {
    for script in [
        Script {
            mails_per_connection: Some(1),
            ..Script::default()
        },
        Script::at("RSET", Act::Say("421 4.4.2 idle for too long")),
        Script::at("RSET", Act::Close),
    ] {
        let server = Server::start(script).await;
        let sender = sender(&server);
        for _ in 0..3 {
            assert_eq!(send(&sender, &content()).await.verdict, Verdict::Sent);
        }
        assert_eq!((server.connections(), server.mails().len()), (3, 3));
    }
}

#[tokio::test]
async fn a_refused_recipient_leaves_the_connection_to_the_next() {
    let server = Server::start(Script::at("RCPT", Act::Say("550 5.1.1 nobody"))).await;
    let sender = sender(&server);
    for _ in 0..2 {
        let outcome = send(&sender, &content()).await;
        assert_eq!(outcome.verdict, Verdict::Refused(Refusal::RecipientGone));
        assert_eq!(outcome.reaction, Reaction::Took);
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_message_that_is_too_big_is_not_begun() {
    let server = Server::start(Script {
        offers: vec!["SIZE 100"],
        ..Script::default()
    })
    .await;
    let outcome = send(&sender(&server), &content()).await;
    assert_eq!(outcome.verdict, Verdict::Refused(Refusal::Permanent));
    assert_eq!(outcome.class, Some(ErrorClass::Validation));
    assert_eq!(server.commands(), ["EHLO lightfast.ai"]);
}

#[tokio::test]
async fn addresses_beyond_ascii_need_a_server_that_takes_them() {
    for (offers, verdict) in [
        (vec![], Verdict::Refused(Refusal::Permanent)),
        (vec!["SMTPUTF8", "8BITMIME", "SIZE 0"], Verdict::Sent),
    ] {
        let server = Server::start(Script {
            offers,
            ..Script::default()
        })
        .await;
        let outcome = send_to(&sender(&server), &content(), "jörg@bücher.example", AMPLE).await;
        assert_eq!(outcome.verdict, verdict, "{outcome:?}");
        if verdict == Verdict::Sent {
            let commands = server.commands();
            assert!(
                commands[1].contains(" SIZE=") && commands[1].ends_with(" SMTPUTF8"),
                "{commands:?}"
            );
            assert_eq!(commands[2], "RCPT TO:<jörg@xn--bcher-kva.example>");
        }
    }
}

#[tokio::test]
async fn c02_a_servers_health_is_told_without_a_mail() {
    for (script, health) in [
        (Script::default(), Health::Up),
        (Script::at("greeting", Act::Say("421 later")), Health::Down),
        (Script::at("EHLO", Act::Say("554 no")), Health::Misconfigured),
    ] {
        let server = Server::start(script).await;
        let status = sender(&server).status(AMPLE).await;
        assert_eq!((status.len(), status[0].health), (1, health), "{status:?}");
        assert_eq!(server.mails().len(), 0);
        assert_eq!(status[0].detail.is_some(), health != Health::Up);
    }
}

#[tokio::test]
async fn mails_at_the_same_time_share_few_connections() {
    let server = Server::start(Script::default()).await;
    let mut provider = plain(&server);
    provider["connections"] = json!(2);
    let sender = Sender::new("email", &mail_settings(&json!([provider])), &clients()).unwrap();
    let content = content();
    let outcomes = futures_util::future::join_all((0..8).map(|_| send(&sender, &content))).await;
    assert!(outcomes.iter().all(|outcome| outcome.verdict == Verdict::Sent));
    assert!(server.connections() <= 2, "{}", server.connections());
    assert_eq!(server.mails().len(), 8);
}
