//! What providers tell afterwards, and the addresses that get nothing any more because of it.

use serde_json::{Value, json};
use testkit::{Answer, Receiver, TestServer, both};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _};

use super::{declare, mails, person, runs, trigger};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A server whose mails Resend carries, and that Resend.
async fn world(database: testkit::Database) -> (TestServer, Receiver) {
    let server = TestServer::on(database).start().await;
    let resend = Receiver::start().await;
    resend.answer(Answer::status(200).body(r#"{"id":"mail-1"}"#));
    person(&server, "ada").await;
    let settings = json!({
        "from": "noreply@lightfast.ai",
        "providers": [{"name": "resend", "kind": "resend", "key": "re_123456", "base_url": resend.url_at(""), "webhook_secret": SECRET}],
    });
    server.put("/api/v1/channels/email", &settings).await.ok(200);
    let mail = json!({"name": "mail", "email": {"subject": "Hello", "text": "You.", "to": "{{ data.to }}"}});
    declare(&server, "other", json!({"steps": [mail]})).await;
    let mail = json!({"name": "mail", "email": {"subject": "Hello", "text": "You."}});
    let after = json!({"name": "bell", "if": {"steps.mail.state": "skipped"}, "in_app": {"title": "By mail we do not reach you"}});
    declare(&server, "hello", json!({"steps": [mail, after]})).await;
    (server, resend)
}

/// A mail server that knows nobody; answers its port.
async fn knows_nobody() -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let port = listener.local_addr().expect("an address").port();
    #[expect(clippy::disallowed_methods, reason = "a peer of the server, not a part of it")]
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (reading, mut writing) = stream.into_split();
            let mut lines = tokio::io::BufReader::new(reading).lines();
            let _ = writing.write_all(b"220 here\r\n").await;
            while let Ok(Some(line)) = lines.next_line().await {
                let answer: &[u8] = match line.get(..4) {
                    Some("RCPT") => b"550 5.1.1 no such user here\r\n",
                    _ => b"250 fine\r\n",
                };
                let _ = writing.write_all(answer).await;
            }
        }
    });
    port
}

/// Sends ada a mail; answers its delivery.
async fn send(server: &TestServer) -> Value {
    trigger(server, "hello", json!({"recipients": ["ada"]})).await;
    server.settle().await;
    mails(server, "").await.swap_remove(0)
}

async fn path(server: &TestServer) -> String {
    let channel = server.get("/api/v1/channels/email").await.ok(200);
    channel["callbacks"]["resend"]
        .as_str()
        .expect("a path")
        .to_owned()
}

/// Resend tells something under an id of its own; answers the status.
async fn tell(server: &TestServer, id: &str, body: &Value) -> testkit::Reply {
    let (body, at) = (body.to_string(), server.now().div_euclid(1_000).to_string());
    let signature = testkit::sign(SECRET, id, &at, body.as_bytes());
    let call = server
        .call(http::Method::POST, &path(server).await)
        .anonymous()
        .bytes(body);
    let call = call.header("svix-id", id).header("svix-timestamp", &at);
    call.header("svix-signature", &signature).await
}

fn told(kind: &str, delivery: &Value, more: &Value) -> Value {
    let mut data =
        json!({"email_id": "mail-1", "to": ["ada@example.com"], "tags": {"delivery": delivery["id"]}});
    data.as_object_mut()
        .expect("an object")
        .extend(more.as_object().expect("an object").clone());
    json!({"type": kind, "created_at": "2026-03-02T09:00:00Z", "data": data})
}

async fn again(server: &TestServer, delivery: &Value) -> Value {
    let id = delivery["id"].as_str().expect("an id");
    server.get(&format!("/api/v1/deliveries/{id}")).await.ok(200)
}

both! {
    /// D08: a delivery knows what became of it, in whatever order it is told, once.
    async fn d08_a_delivery_says_what_became_of_it(database) {
        let (server, resend) = world(database).await;
        let sent = send(&server).await;
        assert_eq!((&sent["status"], &sent["provider_id"]), (&json!("sent"), &json!("mail-1")));
        assert_eq!(resend.nth(0).await.json()["tags"], json!([{"name": "delivery", "value": sent["id"]}]));
        for (id, kind, status) in [
            ("msg_1", "email.delivery_delayed", "sent"),
            ("msg_2", "email.delivered", "delivered"),
            ("msg_2", "email.delivered", "delivered"),
            ("msg_3", "email.opened", "delivered"),
        ] {
            let answer = tell(&server, id, &told(kind, &sent, &json!({}))).await;
            assert_eq!(answer.status, 204, "{kind}: {answer}");
            assert_eq!(again(&server, &sent).await["status"], status, "{kind}");
        }
        let after = again(&server, &sent).await;
        let words: Vec<_> = after["callbacks"].as_array().unwrap().iter().map(|told| told["aftermath"].clone()).collect();
        assert_eq!(words, [json!("delayed"), json!("delivered")]);
        assert_eq!(after["attempts_log"].as_array().unwrap().len(), 1);
        assert_eq!(after["attempts_log"][0]["outcome"], "sent");
        // Without the tag Resend's own id tells which one it is; what is no mail of ours is nobody's business (M08).
        let failed = json!({"type": "email.failed", "data": {"email_id": "mail-1", "failed": {"reason": "too late"}}});
        tell(&server, "msg_4", &failed).await.ok(204);
        let after = again(&server, &sent).await;
        assert_eq!((&after["status"], &after["error"]), (&json!("failed"), &json!("failed: too late")));
        assert_eq!(after["attempts_log"][0]["outcome"], "sent", "the attempt was what it was");
        let foreign = json!({"type": "email.bounced", "data": {"email_id": "sign-in-code", "to": "x@example.com", "bounce": {"type": "Permanent"}}});
        tell(&server, "msg_5", &foreign).await.ok(204);
        let list = server.get("/api/v1/channels/email/suppressions").await.ok(200);
        assert_eq!(list["data"], json!([]), "M08: mails that others send are not touched");
        server.finish().await;
    }

    /// M11: Resend is asked under one key until it has taken the mail; who asks for it anew, by hand, asks under another.
    async fn a_mail_is_asked_for_anew_by_hand(database) {
        let (server, resend) = world(database).await;
        resend.answer_next([Answer::status(500)]);
        send(&server).await;
        server.turn_and_settle(3_600_000).await;
        let sent = mails(&server, "").await.swap_remove(0);
        assert_eq!((&sent["status"], &sent["attempts"]), (&json!("sent"), &json!(2)));
        let again = format!("/api/v1/deliveries/{}/retry", sent["id"].as_str().unwrap());
        server.post(&again, &json!({})).await;
        server.settle().await;
        let keys: Vec<_> = resend.received().iter().map(|asked| asked.header("idempotency-key").to_owned()).collect();
        assert_eq!((keys.len(), &keys[0]), (3, &keys[1]), "{keys:?}");
        assert_ne!(keys[1], keys[2]);
        server.finish().await;
    }

    /// A bounced address is remembered: nothing is sent there until somebody takes it back.
    async fn a_bounced_address_gets_nothing_more(database) {
        let (server, resend) = world(database).await;
        let sent = send(&server).await;
        let bounce = json!({"bounce": {"type": "Permanent", "message": "no such user"}});
        tell(&server, "msg_1", &told("email.bounced", &sent, &bounce)).await.ok(204);
        let after = again(&server, &sent).await;
        assert_eq!((&after["status"], &after["error"]), (&json!("failed"), &json!("bounced: no such user")));
        let kept = server.get("/api/v1/channels/email/suppressions/Ada@example.com").await.ok(200);
        assert_eq!((&kept["address"], &kept["why"], &kept["delivery_id"]), (&json!("ada@example.com"), &json!("bounced"), &sent["id"]));

        let again = format!("/api/v1/deliveries/{}/retry", sent["id"].as_str().unwrap());
        server.post(&again, &json!({})).await.refused(409, "suppressed");
        let next = send(&server).await;
        assert_eq!((&next["status"], &next["error"], &next["recipient"]), (&json!("skipped"), &json!("suppressed"), &json!("ada@example.com")));
        let feed = server.get("/api/v1/users/ada/notifications").await.ok(200);
        assert_eq!(feed["data"][0]["title"], "By mail we do not reach you", "later steps see it");
        // An address that only the step names is looked at as well.
        for (to, status) in [("ADA@example.com", "skipped"), ("Ada <ada@example.com>", "skipped"), ("ben@example.com", "sent")] {
            let event = trigger(&server, "other", json!({"recipients": ["ada"], "data": {"to": to}})).await;
            server.settle().await;
            let run = runs(&server, &event).await.swap_remove(0);
            let mail = mails(&server, &format!("&run={}", run["id"].as_str().unwrap())).await.swap_remove(0);
            assert_eq!(mail["status"], status, "{to}");
        }
        assert_eq!(resend.count(), 2);

        for _ in 0..2 {
            server.delete("/api/v1/channels/email/suppressions/ada@example.com").await.ok(204);
        }
        server.get("/api/v1/channels/email/suppressions/ada@example.com").await.refused(404, "not_found");
        assert_eq!(send(&server).await["status"], "sent");
        // By hand, and only for channels that have addresses.
        server.put("/api/v1/channels/email/suppressions/ada@example.com", &json!({})).await.ok(201);
        server.put("/api/v1/channels/email/suppressions/ada@example.com", &json!({})).await.ok(200);
        assert_eq!(send(&server).await["status"], "skipped");
        server.put("/api/v1/channels/slack/suppressions/x", &json!({})).await.refused(404, "not_found");
        let audit = server.get("/api/v1/audit?action=suppression.put").await.ok(200);
        assert_eq!(audit["data"].as_array().unwrap().len(), 3);
        assert!(!audit.to_string().contains("ada@"), "who it was is said by the list, as long as it stands there: {audit}");
        server.finish().await;
    }

    /// What was planned before its address was suppressed is not sent after.
    async fn what_waits_for_a_suppressed_address_is_not_sent(database) {
        let (server, resend) = world(database).await;
        resend.answer(Answer::status(503));
        let mail = send(&server).await;
        assert_eq!(mail["status"], "retrying");
        server.put("/api/v1/channels/email/suppressions/Ada@Example.com", &json!({})).await.ok(201);
        resend.answer(Answer::status(200).body(r#"{"id":"mail-1"}"#));
        server.turn_and_settle(600_000).await;
        let mail = again(&server, &mail).await;
        assert_eq!((mail["status"].as_str(), mail["attempts"].as_i64()), (Some("failed"), Some(1)), "{mail:#}");
        assert!(mail["error"].as_str().unwrap().starts_with("suppressed"), "{mail:#}");
        assert_eq!(resend.count(), 1);
        server.finish().await;
    }

    /// M09: an address of which its own mail server says that there is nobody is remembered as well.
    async fn m09_who_is_not_known_there_gets_nothing_more(database) {
        let (server, _resend) = world(database).await;
        let house = json!({"name": "house", "kind": "smtp", "host": "127.0.0.1", "port": knows_nobody().await, "tls": "none"});
        let settings = json!({"from": "noreply@lightfast.ai", "providers": [house]});
        server.put("/api/v1/channels/email", &settings).await.ok(200);
        let sent = send(&server).await;
        assert_eq!(sent["status"], "failed");
        assert!(sent["error"].as_str().unwrap().contains("no such user here"), "{sent}");
        let kept = server.get("/api/v1/channels/email/suppressions").await.ok(200);
        assert_eq!((&kept["data"][0]["why"], &kept["data"][0]["delivery_id"]), (&json!("refused"), &sent["id"]));
        assert_eq!(send(&server).await["error"], "suppressed");
        server.finish().await;
    }

    /// Who is not Resend tells nothing, and what comes before its mail is known comes again.
    async fn who_is_not_the_provider_tells_nothing(database) {
        let (server, resend) = world(database).await;
        let sent = send(&server).await;
        let body = told("email.delivered", &sent, &json!({}));
        let at = server.now().div_euclid(1_000);
        let path = path(&server).await;
        for (secret, at, body, status) in [
            ("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", at, body.to_string(), 401),
            (SECRET, at - 301, body.to_string(), 401),
            (SECRET, at, "[]".to_owned(), 400),
            (SECRET, at, "{".to_owned(), 400),
            (SECRET, at, format!("{body}{}", " ".repeat(256 << 10)), 413),
        ] {
            let at = at.to_string();
            let signature = testkit::sign(secret, "msg_1", &at, body.as_bytes());
            let call = server.call(http::Method::POST, &path).anonymous().bytes(body.clone());
            let call = call.header("svix-id", "msg_1").header("svix-timestamp", &at);
            let answer = call.header("svix-signature", &signature).await;
            assert_eq!(answer.status, status, "{body} {answer}");
        }
        server.call(http::Method::POST, &path).anonymous().bytes("{}").await.refused(401, "signature");
        let elsewhere = path.replace("/resend", "/house");
        for path in [elsewhere.as_str(), "/callbacks/nothing/resend", "/callbacks/chn_3MfPPWtty3owd1rOnyPyzXy9Eei/resend"] {
            server.call(http::Method::POST, path).anonymous().bytes("{}").await.refused(404, "not_found");
        }
        assert_eq!(again(&server, &sent).await["status"], "sent");

        let (held, release) = Answer::status(200).body(r#"{"id":"mail-2"}"#).held();
        resend.answer_next([held]);
        trigger(&server, "hello", json!({"recipients": ["ada"]})).await;
        resend.wait(2).await;
        let early = mails(&server, "").await.swap_remove(0);
        assert_eq!(early["status"], "sending");
        let delivered = told("email.delivered", &early, &json!({}));
        tell(&server, "msg_2", &delivered).await.refused(503, "unavailable");
        drop(release);
        server.settle().await;
        tell(&server, "msg_2", &delivered).await.ok(204);
        assert_eq!(again(&server, &early).await["status"], "delivered");
        let hidden = server.get("/api/v1/channels/email").await.ok(200);
        assert_eq!(hidden["settings"]["providers"][0]["webhook_secret"], "[hidden]");
        server.finish().await;
    }
}
