//! W7: an endpoint that fails again and again is left alone, tried once in a while, and taken up again.

use serde_json::json;
use testkit::{Answer, Receiver, TestServer, both};

both! {
    /// W7: after ten failures the circuit opens; one probe in 30 s; a probe that succeeds lets everything through.
    async fn w7_one_probe_in_30_seconds(database) {
        let server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        let webhook = server.webhook(&app, &receiver.url(), &json!({})).await;
        receiver.answer(Answer::status(500));
        let events = vec![json!({"type": "t", "data": {}}); 60];
        server.post(&app.path("/events/batch"), &json!({"events": events})).await.ok(200);
        server.settle().await;
        let opened = receiver.count();
        assert!((10..=26).contains(&opened), "{opened} attempts before the circuit opened");
        for probes in 1..=3 {
            server.turn_and_settle(29_000).await;
            assert_eq!(receiver.count(), opened + probes - 1, "nothing while it is open");
            server.turn_and_settle(1_000).await;
            assert_eq!(receiver.count(), opened + probes, "one probe");
        }
        receiver.answer(Answer::status(200));
        server.turn_and_settle(30_000).await;
        server.turn_and_settle(3_600_000).await;
        let sent = server.get(&format!("{}/deliveries?status=sent&limit=100", webhook.path)).await.ok(200);
        assert_eq!(sent["data"].as_array().unwrap().len(), 60);
        server.finish().await;
    }

    /// An open circuit is one endpoint's: the same application's others go on.
    async fn an_open_circuit_is_one_endpoints(database) {
        let server = TestServer::start_on(database).await;
        let (app, broken, sound) = (server.app("shop").await, Receiver::start().await, Receiver::start().await);
        broken.answer(Answer::hang_up());
        server.webhook(&app, &broken.url(), &json!({})).await;
        server.webhook(&app, &sound.url(), &json!({})).await;
        for _ in 0..3 {
            let events = vec![json!({"type": "t", "data": {}}); 40];
            server.post(&app.path("/events/batch"), &json!({"events": events})).await.ok(200);
            server.settle().await;
        }
        assert_eq!(sound.count(), 120);
        assert!(broken.count() <= 30, "{}", broken.count());
    }
}
