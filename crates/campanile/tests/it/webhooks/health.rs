//! W7: endpoints that are gone, or fail for too long, or are paused.

use domain::effects::TimerKind;
use serde_json::json;
use testkit::{Answer, Receiver, TestServer, both};

both! {
    /// O15, W7: disabled with the 100th failure in a row and not before; the application's other endpoint is told.
    async fn o15_w7_disabled_after_100_failures(database) {
        let server = TestServer::on(database).with(|config| config.delivery.circuit_failures = 10_000).start().await;
        let app = server.app("shop").await;
        let (broken, watching) = (Receiver::start().await, Receiver::start().await);
        broken.answer(Answer::status(500));
        let webhook = server.webhook(&app, &broken.url(), &json!({"event_types": ["t"]})).await;
        let watcher = server.webhook(&app, &watching.url(), &json!({"event_types": ["endpoint.disabled"]})).await;
        let publish = async |count: usize| {
            let events = vec![json!({"type": "t", "data": {}}); count];
            server.post(&app.path("/events/batch"), &json!({"events": events})).await.ok(200);
            server.settle().await;
        };
        publish(99).await;
        let now = server.webhook_now(&webhook).await;
        assert_eq!((&now["status"], &now["health"]["failures"]), (&json!("active"), &json!(99)));
        // A success forgets them all.
        broken.answer_next([Answer::status(200)]);
        publish(1).await;
        assert_eq!(server.webhook_now(&webhook).await["health"]["failures"], 0);
        publish(99).await;
        assert_eq!(server.webhook_now(&webhook).await["status"], "active");
        publish(1).await;
        server.settle().await;
        let now = server.webhook_now(&webhook).await;
        assert_eq!(now["status"], "disabled", "{now}");
        assert_eq!((now["disabled_reason"].as_str(), now["disabled_at"].is_string()), (Some("100 failures in a row"), true));
        let told = watching.nth(0).await;
        assert!(told.is_signed_with(&watcher.secret));
        assert_eq!(told.kind(), "endpoint.disabled");
        assert_eq!(told.json()["data"], json!({"webhook_id": webhook.id, "url": broken.url(), "reason": "100 failures in a row"}));
        // What waited is withdrawn with the reason; nothing is sent any more.
        let before = broken.count();
        publish(3).await;
        server.turn_and_settle(86_400_000).await;
        assert_eq!(broken.count(), before);
        let cancelled = server.get(&format!("{}/deliveries?status=cancelled&limit=100", webhook.path)).await.ok(200);
        assert_eq!(cancelled["data"][0]["error"], "webhook disabled: 100 failures in a row");
        server.finish().await;
        assert_eq!(watching.count(), 1, "told once");
    }

    /// W7: an endpoint that is active again before the withdrawal of what waited came to it keeps what waits.
    async fn w7_active_again_before_the_withdrawal(database) {
        let server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        receiver.answer_next([Answer::status(500)]);
        let webhook = server.webhook(&app, &receiver.url(), &json!({"retry_policy": "short"})).await;
        server.publish_kind(&app, "t").await;
        server.settle().await;
        // As it was written when the endpoint was disabled.
        let state = json!({"endpoint": webhook.id, "ended": "cancelled", "reason": "webhook disabled", "tell": null});
        server.timer(TimerKind::Withdraw, &state.to_string()).await;
        server.settle().await;
        assert_eq!(server.number("SELECT count(*) FROM timers").await, 0, "it has fired");
        assert_eq!(server.only_delivery(&webhook).await["status"], "retrying");
        server.turn_and_settle(30_000).await;
        assert_eq!(server.only_delivery(&webhook).await["status"], "sent");
        server.finish().await;
    }

    /// W7: what is committed for an endpoint that takes no more, after all that waited for it was withdrawn, is withdrawn as well. For a
    /// paused one it waits.
    async fn w7_late_for_an_endpoint_that_takes_no_more(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("shop").await;
        let mut hooks = Vec::new();
        for status in [500, 410, 500] {
            let receiver = Receiver::start().await;
            receiver.answer_next([Answer::status(status)]);
            hooks.push((server.webhook(&app, &receiver.url(), &json!({"retry_policy": "short"})).await, receiver));
        }
        let [(deleted, _), (disabled, _), (paused, _)] = &hooks[..] else { panic!("three") };
        server.publish_kind(&app, "t").await;
        server.settle().await;
        server.delete(&deleted.path).await.ok(204);
        server.patch(&paused.path, &json!({"status": "paused"})).await.ok(200);
        server.settle().await;
        assert_eq!(server.number("SELECT count(*) FROM timers").await, 0, "all that waited was withdrawn");
        // As if they were committed only now.
        let late = format!("UPDATE deliveries SET state = 0, finished_at = NULL, due_at = {}", server.now());
        server.execute(&late).await;
        server.settle().await;
        let now = async |webhook| {
            let delivery = server.deliveries(webhook).await.remove(0);
            (delivery["status"].as_str().unwrap().to_owned(), delivery["error"].as_str().unwrap_or("-").to_owned())
        };
        assert_eq!(now(deleted).await, ("exhausted".into(), "Config deleted".into()));
        assert_eq!(now(disabled).await, ("cancelled".into(), "webhook disabled: the receiver answered 410 Gone".into()));
        assert_eq!(now(paused).await.0, "pending");
        server.patch(&paused.path, &json!({"status": "active"})).await.ok(200);
        server.settle().await;
        assert_eq!(now(paused).await.0, "sent");
        server.finish().await;
    }

    /// W7: an application is deleted together with an endpoint that another node made just now.
    async fn w7_deleted_with_what_this_node_had_not_heard_of(database) {
        let server = TestServer::start_on(database).await;
        let (app, other) = (server.app("shop").await, server.app("other").await);
        let receiver = Receiver::start().await;
        receiver.answer(Answer::status(500));
        server.webhook(&app, &receiver.url(), &json!({"retry_policy": "short"})).await;
        server.publish_kind(&app, "t").await;
        server.settle().await;
        server.get(&other.path("")).await.ok(200);
        // No version says so: this node does not know that the endpoint is the other application's.
        server.execute(&format!("UPDATE endpoints SET app = '{}'", &other.id["app_".len()..])).await;
        server.delete(&other.path("")).await.ok(204);
        server.settle().await;
        assert_eq!(server.number("SELECT count(*) FROM deliveries WHERE finished_at IS NULL").await, 0);
        server.finish().await;
    }

    /// Q4, E07: a timer that fails, such as the start of a workflow, fires again, and holds no other up.
    async fn q4_a_timer_that_fails(database) {
        let server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        server.timer(TimerKind::Recover, "unreadable").await;
        let webhook = server.webhook(&app, &receiver.url(), &json!({})).await;
        server.publish_kind(&app, "t").await;
        server.settle().await;
        server.delete(&webhook.path).await.ok(204);
        server.settle().await;
        assert_eq!(server.number("SELECT count(*) FROM timers WHERE owner IS NULL").await, 1, "the other one has fired");
        let due = server.number("SELECT due_at FROM timers").await;
        assert!(due > server.now());
        server.turn_and_settle(due - server.now()).await;
        assert!(server.number("SELECT due_at FROM timers WHERE owner IS NULL").await > due, "it has fired again");
        server.execute("DELETE FROM timers").await;
        server.finish().await;
    }

    /// W7: 410 disables at once.
    async fn w7_gone_disables(database) {
        let server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        receiver.answer(Answer::status(410));
        let webhook = server.webhook(&app, &receiver.url(), &json!({})).await;
        server.publish_kind(&app, "t").await;
        server.settle().await;
        let now = server.webhook_now(&webhook).await;
        assert_eq!((&now["status"], &now["disabled_reason"]), (&json!("disabled"), &json!("the receiver answered 410 Gone")));
        let delivery = server.only_delivery(&webhook).await;
        assert_eq!((&delivery["status"], &delivery["attempts"], &delivery["status_code"]), (&json!("failed"), &json!(1), &json!(410)));
        let retry = format!("{}/deliveries/{}/retry", webhook.path, delivery["id"].as_str().unwrap());
        server.call(http::Method::POST, &retry).await.refused(409, "webhook_inactive");
        // Enabled again it counts from nothing.
        receiver.answer(Answer::status(200));
        let now = server.patch(&webhook.path, &json!({"status": "active"})).await.ok(200);
        assert_eq!((&now["status"], &now["disabled_reason"], &now["disabled_at"]), (&json!("active"), &json!(null), &json!(null)));
        assert_eq!(server.webhook_now(&webhook).await["health"]["failures"], 0);
        server.call(http::Method::POST, &retry).await.ok(202);
        server.publish_kind(&app, "t").await;
        server.finish().await;
        assert_eq!(receiver.count(), 3);
    }

    /// A disabled or paused endpoint stays so over a restart, an active one active.
    async fn states_survive_a_restart(database) {
        let mut server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        let mut hooks = Vec::new();
        for status in ["active", "paused", "disabled"] {
            let webhook = server.webhook(&app, &receiver.url_at(&format!("/{status}")), &json!({"event_types": [status, "all"]})).await;
            hooks.push((status, webhook));
        }
        receiver.answer_next([Answer::status(410)]);
        server.publish_kind(&app, "disabled").await;
        server.settle().await;
        server.patch(&hooks[1].1.path, &json!({"status": "paused"})).await.ok(200);
        server.restart().await;
        for (status, webhook) in &hooks {
            assert_eq!(server.webhook_now(webhook).await["status"], *status);
        }
        server.publish_kind(&app, "all").await;
        server.finish().await;
        let paths: Vec<_> = receiver.received().iter().map(|sent| sent.path.clone()).collect();
        assert_eq!(paths, ["/disabled", "/active"]);
    }

    /// O10: a paused endpoint is sent nothing; what waited goes on when it is active again.
    async fn o10_paused_and_active_again(database) {
        let server = TestServer::start_on(database).await;
        let (app, receiver) = (server.app("shop").await, Receiver::start().await);
        let webhook = server.webhook(&app, &receiver.url(), &json!({"retry_policy": "short"})).await;
        receiver.answer_next([Answer::status(500)]);
        server.publish_kind(&app, "before").await;
        server.settle().await;
        server.patch(&webhook.path, &json!({"status": "paused"})).key(&app.key).await.ok(200);
        server.turn_and_settle(60_000).await;
        assert_eq!(receiver.count(), 1);
        server.publish_kind(&app, "meanwhile").await;
        server.settle().await;
        assert_eq!(receiver.count(), 1);
        assert_eq!(server.only_delivery(&webhook).await["status"], "retrying");
        server.patch(&webhook.path, &json!({"status": "active"})).key(&app.key).await.ok(200);
        server.settle().await;
        assert_eq!(server.only_delivery(&webhook).await["status"], "sent");
        assert_eq!(receiver.nth(1).await.kind(), "before");
        server.finish().await;
        assert_eq!(receiver.count(), 2);
    }

    /// What is changed is obeyed by what already waits: a new address, a new secret, a new policy.
    async fn changes_are_obeyed_by_what_waits(database) {
        let server = TestServer::start_on(database).await;
        let (app, old, new) = (server.app("shop").await, Receiver::start().await, Receiver::start().await);
        let webhook = server.webhook(&app, &old.url(), &json!({"retry_policy": "short"})).await;
        old.answer(Answer::status(500));
        new.answer_next([Answer::status(500)]);
        server.publish_kind(&app, "t").await;
        server.settle().await;
        server.patch(&webhook.path, &json!({"url": new.url(), "retry_policy": "incident"})).await.ok(200);
        let rotated = server.post(&format!("{}/rotate-secret", webhook.path), &json!({"grace_seconds": 0})).await.ok(200);
        server.turn_and_settle(30_000).await;
        assert_eq!((old.count(), new.count()), (1, 1));
        let sent = new.nth(0).await;
        assert!(sent.is_signed_with(rotated["secret"].as_str().unwrap()) && !sent.is_signed_with(&webhook.secret));
        server.turn_and_settle(90_000).await;
        assert_eq!(new.count(), 2, "at its offset, by the new policy");
        server.finish().await;
    }
}
