//! Links that come by mail.

use serde_json::{Value, json};
use testkit::{Answer, Browser, Database, Receiver, TestServer, both, public_url};

async fn world(database: Database) -> (TestServer, Receiver) {
    let server = TestServer::on(database)
        .with(|config| config.server.public_url = Some(public_url("https://bells.example")))
        .start()
        .await;
    let receiver = Receiver::start().await;
    receiver.answer(Answer::status(200).body(r#"{"id":"x"}"#));
    (server, receiver)
}

async fn resend(server: &TestServer, receiver: &Receiver) {
    let provider =
        json!({"name": "resend", "kind": "resend", "key": "re_123456", "base_url": receiver.url_at("")});
    let settings = json!({"from": "bells@b.example", "providers": [provider]});
    server.put("/api/v1/channels/email", &settings).await.ok(200);
}

/// The link in a mail.
fn link(mail: &Value) -> String {
    let text = mail["text"].as_str().unwrap();
    let link = text.split_whitespace().find(|word| word.contains("/login#code="));
    link.unwrap_or_else(|| panic!("no link in {text}"))
        .trim_matches(['<', '>', '(', ')'])
        .to_owned()
}

both! {
    /// Who is invited gets the link by mail, and later another one for the asking; it is tried again as mails are, and stands in no log.
    async fn links_come_by_mail(database) {
        let (server, receiver) = world(database).await;
        let invitation = |who: &str| json!({"email": format!("{who}@team.example"), "role": "viewer"});
        // Nobody sends: the link is handed over.
        let made = server.post("/api/v1/team/invitations", &invitation("dan")).await.ok(201);
        assert_eq!(made["mailed"], false);
        server.put("/api/v1/channels/email", &json!({"from": "a@b.example", "providers": [{"name": "sandbox", "kind": "sandbox"}]})).await.ok(200);
        let made = server.post("/api/v1/team/invitations", &invitation("dan")).await.ok(201);
        assert_eq!(made["mailed"], false);
        resend(&server, &receiver).await;
        receiver.answer_next([Answer::status(500)]);
        let made = server.post("/api/v1/team/invitations", &invitation("eve")).await.ok(201);
        assert_eq!(made["mailed"], true);
        server.settle().await;
        assert_eq!(receiver.count(), 1);
        server.turn_and_settle(30_000).await;
        let mail = receiver.nth(1).await.json();
        assert_eq!((&mail["to"], &mail["subject"]), (&json!(["eve@team.example"]), &json!("You are invited")));
        assert_eq!(link(&mail), made["link"].as_str().unwrap());
        let eve = Browser::enter(&server, &link(&mail)).await.unwrap();
        let ask = async |who: &str| {
            let body = json!({"email": format!("{who}@team.example")});
            server.post("/api/v1/session/mail", &body).anonymous().await.ok(202);
            server.settle().await;
        };
        // Nobody is told whether somebody has that address.
        ask("nobody").await;
        assert_eq!(receiver.count(), 2);
        ask("EVE").await;
        let again = Browser::enter(&server, &link(&receiver.nth(2).await.json())).await.unwrap();
        assert_eq!(again.account(), eve.account());
        // No more than some are under way.
        for _ in 0..5 {
            ask("eve").await;
        }
        assert_eq!(receiver.count(), 6);
        assert_eq!(server.get("/api/v1/deliveries").await.ok(200)["data"], json!([]));
        assert_eq!(server.number("SELECT count(*) FROM timers").await, 0);
        server.post("/api/v1/session/mail", &json!({"email": "eve"})).anonymous().await.refused(422, "invalid");
        let elsewhere = server.post("/api/v1/session/mail", &json!({"email": "eve@team.example"})).anonymous();
        elsewhere.header("sec-fetch-site", "cross-site").await.refused(403, "cross_site");
        server.finish().await;
    }

    /// What waits to be sent does not show the link to whoever reads the database.
    async fn a_waiting_link_is_sealed(database) {
        let (server, receiver) = world(database).await;
        resend(&server, &receiver).await;
        receiver.answer(Answer::status(500));
        let made = server.post("/api/v1/team/invitations", &json!({"email": "eve@team.example", "role": "viewer"})).await.ok(201);
        server.settle().await;
        let code = made["link"].as_str().unwrap().split_once('=').unwrap().1.to_owned();
        assert_eq!(server.number("SELECT count(*) FROM timers").await, 1);
        let sql = format!("SELECT count(*) FROM timers WHERE state LIKE '%{code}%' OR state LIKE '%eve@%'");
        assert_eq!(server.number(&sql).await, 0);
    }
}
