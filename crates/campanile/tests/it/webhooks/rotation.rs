//! W6: signatures over the raw bytes, and secrets that change.

use serde_json::json;
use testkit::{Answer, Receiver, TestServer, both};

both! {
    /// O11: three headers, whole seconds by the server's clock, `v1` over `id.timestamp.body`; a fresh timestamp and the same id each attempt.
    async fn o11_signed_over_the_raw_bytes(database) {
        let server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        let webhook = server.webhook(&app, &receiver.url_at("/a/b?c=d"), &json!({"retry_policy": "short"})).await;
        receiver.answer_next([Answer::status(500)]);
        let id = server.publish(&app, &json!({"type": "t", "data": {"text": "é ✓ \u{1F600}"}})).await;
        receiver.wait(1).await;
        server.settle().await;
        server.turn_and_settle(30_000).await;
        let received = receiver.wait(2).await;
        for (sent, seconds) in received.iter().zip([0, 30]) {
            assert_eq!((sent.id(), sent.timestamp()), (id.clone(), 1_770_458_400 + seconds));
            assert_eq!((sent.path.as_str(), sent.header("content-type")), ("/a/b?c=d", "application/json"));
            assert_eq!(sent.header("user-agent"), "Campanile");
            assert!(sent.is_signed_with(&webhook.secret) && sent.signatures() == 1);
            let tampered = testkit::Received { body: [&sent.body[..], b" "].concat().into(), ..sent.clone() };
            assert!(!tampered.is_signed_with(&webhook.secret));
        }
        assert_eq!(received[0].body, received[1].body);
        server.finish().await;
    }

    /// W6: during the grace both sign, and a receiver that holds either verifies; afterwards only the new one.
    async fn w6_both_sign_during_the_grace(database) {
        let mut server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        let webhook = server.webhook(&app, &receiver.url(), &json!({})).await;
        let rotate = async |server: &TestServer, body: serde_json::Value| {
            let path = format!("{}/rotate-secret", webhook.path);
            server.post(&path, &body).key(&app.key).await.ok(200)["secret"].as_str().unwrap().to_owned()
        };
        let send = async |server: &TestServer| {
            let before = receiver.count();
            server.publish_kind(&app, "t").await;
            receiver.nth(before).await
        };
        let second = rotate(&server, json!({"grace_seconds": 60})).await;
        assert_ne!(second, webhook.secret);
        for _ in 0..2 {
            let sent = send(&server).await;
            assert!(sent.is_signed_with(&webhook.secret) && sent.is_signed_with(&second) && sent.signatures() == 2);
            server.settle().await;
            server.restart().await;
        }
        server.turn(59_999).await;
        assert_eq!(send(&server).await.signatures(), 2);
        server.turn(2).await;
        let sent = send(&server).await;
        assert!(sent.is_signed_with(&second) && sent.signatures() == 1);
        // Without a grace the old one ends at once; with none named it lives a day.
        let third = rotate(&server, json!({"grace_seconds": 0})).await;
        let sent = send(&server).await;
        assert!(sent.is_signed_with(&third) && sent.signatures() == 1);
        rotate(&server, json!({})).await;
        server.turn(86_399_000).await;
        assert!(send(&server).await.is_signed_with(&third));
        server.turn(2_000).await;
        assert!(!send(&server).await.is_signed_with(&third));
        for grace in [-1, 604_801] {
            let reply = server.post(&format!("{}/rotate-secret", webhook.path), &json!({"grace_seconds": grace})).await;
            reply.refused(422, "invalid");
        }
        server.finish().await;
    }

    /// W6: so many old secrets and no more; when they have ended there is room again.
    async fn w6_the_eleventh_old_secret_is_refused(database) {
        let server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        let webhook = server.webhook(&app, &receiver.url(), &json!({})).await;
        let path = format!("{}/rotate-secret", webhook.path);
        let mut rotations = 0;
        let refused = loop {
            let reply = server.post(&path, &json!({"grace_seconds": 60})).await;
            if reply.status != 200 {
                break reply;
            }
            rotations += 1;
            assert!(rotations < 20, "there is no bound");
        };
        refused.refused(409, "too_many_secrets");
        server.publish_kind(&app, "t").await;
        assert_eq!(receiver.nth(0).await.signatures(), rotations + 1);
        server.turn(60_001).await;
        server.post(&path, &json!({"grace_seconds": 60})).await.ok(200);
        server.finish().await;
    }
}
