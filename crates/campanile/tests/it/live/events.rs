//! An application's line: the events it may see, resumable by cursor.

use serde_json::{Value, json};
use testkit::{Socket, TestServer, both};

async fn kinds(socket: &mut Socket, count: usize) -> Vec<String> {
    let mut kinds = Vec::new();
    for _ in 0..count {
        kinds.push(
            socket.expect("event").await["event"]["type"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
    }
    kinds
}

/// Reads so many events, whether they are told one by one or caught up with.
async fn told(socket: &mut Socket, count: usize) {
    let mut events = 0;
    while events < count {
        let frame = socket.frame().await;
        assert!(frame["type"] == "event" || frame["type"] == "synced", "{frame}");
        events += usize::from(frame["type"] == "event");
    }
}

both! {
    /// W01: its own events, the platform's, its tenant's; the environment's key sees all.
    async fn w01_who_sees_which_events(database) {
        let server = TestServer::start_on(database).await;
        let (desk, shop) = (server.app("desk").await, server.app("shop").await);
        server.put("/api/v1/tenants/acme", &json!({})).await.ok(200);
        let tenant_app = server.get("/api/v1/tenants/acme/application").await.ok(200)["id"].as_str().unwrap().to_owned();
        let key = server.post(&format!("/api/v1/apps/{tenant_app}/keys"), &json!({})).await.ok(201)["key"].as_str().unwrap().to_owned();
        server.event_type(&json!({"name": "open", "category": "c", "visibility": "platform"})).await;
        let mut lines = Vec::new();
        for key in [&desk.key, &shop.key, &key, server.key()] {
            let mut socket = server.socket("").key(key).open().await;
            let hello = socket.expect("hello").await;
            assert!(hello["cursor"].is_string() && hello["epoch"].is_string());
            lines.push(socket);
        }
        server.publish(&desk, &json!({"type": "open", "data": 1})).await;
        server.publish(&desk, &json!({"type": "closed", "data": 2})).await;
        server.publish(&shop, &json!({"type": "of.acme", "tenant": "acme", "data": 3})).await;
        server.publish(&shop, &json!({"type": "of.rival", "tenant": "rival", "data": 4})).await;
        let note = json!({"users": ["ada"], "tenant": "acme", "title": "t"});
        server.notify(&shop, &note).await;
        let expected: [&[&str]; 4] = [
            &["open", "closed"],
            &["open", "of.acme", "of.rival", "notification.created"],
            &["of.acme"],
            &["open", "closed", "of.acme", "of.rival", "notification.created"],
        ];
        for (socket, expected) in lines.iter_mut().zip(expected) {
            assert_eq!(kinds(socket, expected.len()).await, expected);
        }
        for socket in &mut lines {
            socket.quiet().await;
        }
        server.finish().await;
    }

    /// R4: a burst larger than what may wait for a listener is no reason to part from one who reads: everything comes, in order.
    async fn r4_a_burst_parts_nobody(database) {
        let server = TestServer::on(database).with(|config| config.stream.queue = 16).start().await;
        let app = server.app("desk").await;
        let mut socket = server.socket("").key(&app.key).open().await;
        socket.expect("hello").await;
        let many: Vec<Value> = (0..700).map(|n| json!({"type": "t", "data": n})).collect();
        server.post(&app.path("/events/batch"), &json!({"events": many})).await.ok(200);
        let mut told = std::collections::BTreeSet::new();
        while told.len() < 700 {
            let frame = socket.frame().await;
            match frame["type"].as_str() {
                Some("event") => assert!(told.insert(frame["event"]["data"].as_i64().unwrap()), "{frame}"),
                Some("synced") => {}
                _ => panic!("{frame}"),
            }
        }
        server.finish().await;
    }

    /// R1: from any cursor exactly what came after it, over a restart, in the order of the commits.
    async fn r1_a_cursor_resumes(database) {
        let mut server = TestServer::start_on(database).await;
        let (app, other) = (server.app("desk").await, server.app("shop").await);
        let mut socket = server.socket("").key(&app.key).open().await;
        let hello = socket.expect("hello").await;
        let epoch = hello["epoch"].as_str().unwrap().to_owned();
        let mut frames = vec![hello];
        for n in 0..12 {
            server.publish(&other, &json!({"type": "others", "data": n})).await;
            server.publish(&app, &json!({"type": format!("t{n}"), "data": n})).await;
            frames.push(socket.expect("event").await);
        }
        server.restart().await;
        for (n, frame) in frames.iter().enumerate() {
            let cursor = frame["cursor"].as_str().unwrap();
            let mut back = server.socket(&format!("?after={cursor}&epoch={epoch}")).key(&app.key).open().await;
            back.expect("hello").await;
            for expected in &frames[n + 1..] {
                assert_eq!(&back.expect("event").await, expected);
            }
            back.expect("synced").await;
            let mut by_message = server.socket("").key(&app.key).open().await;
            by_message.expect("hello").await;
            by_message.say(&json!({"type": "after", "cursor": cursor})).await;
            for expected in &frames[n + 1..] {
                assert_eq!(&by_message.expect("event").await, expected);
            }
            let synced = by_message.expect("synced").await;
            // Where the catch-up ended is a cursor like any other.
            let mut again = server.socket(&format!("?after={}", synced["cursor"].as_str().unwrap())).key(&app.key).open().await;
            again.expect("hello").await;
            again.expect("synced").await;
        }
        for query in [&format!("?after={}&epoch=another", frames[3]["cursor"].as_str().unwrap()), "?after=nonsense", "?after=7fffffffffffffff.", "?after=-1."] {
            let mut reset = server.socket(query).key(&app.key).open().await;
            reset.expect("hello").await;
            assert!(reset.expect("reset").await["cursor"].is_string(), "{query}");
            reset.quiet().await;
        }
        server.finish().await;
    }

    /// R2: a thousand events while a listener comes and goes: each once, none missed.
    async fn r2_comes_and_goes_while_events_arrive(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let mut socket = server.socket("").key(&app.key).open().await;
        let mut cursor = socket.expect("hello").await["cursor"].as_str().unwrap().to_owned();
        let publish = async {
            for part in 0..20 {
                let events: Vec<_> = (0..50).map(|n| json!({"type": "t", "data": part * 50 + n})).collect();
                server.post(&app.path("/events/batch"), &json!({"events": events})).await.ok(200);
            }
        };
        let follow = async {
            let (mut seen, mut next_break) = (Vec::new(), 37);
            while seen.len() < 1_000 {
                let frame = socket.frame().await;
                if frame["type"] == "event" {
                    seen.push(frame["event"]["data"].as_i64().unwrap());
                    frame["cursor"].as_str().unwrap().clone_into(&mut cursor);
                }
                if seen.len() >= next_break {
                    next_break += 61;
                    socket = server.socket(&format!("?after={cursor}")).key(&app.key).open().await;
                }
            }
            socket.quiet_but(&["synced", "hello"]).await;
            seen
        };
        let ((), mut seen) = tokio::join!(publish, follow);
        seen.sort_unstable();
        assert_eq!(seen, (0..1_000).collect::<Vec<i64>>());
        server.finish().await;
    }

    /// R3: what was pruned cannot be resumed from.
    async fn r3_pruned_events(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let hello = server.socket("").key(&app.key).open().await.expect("hello").await;
        for _ in 0..3 {
            server.publish_kind(&app, "old").await;
        }
        server.settings(&json!({"retention": {"events": 2}})).await;
        server.turn_and_settle(3 * 86_400_000).await;
        server.publish_kind(&app, "new").await;
        let mut back = server.socket(&format!("?after={}", hello["cursor"].as_str().unwrap())).key(&app.key).open().await;
        back.expect("hello").await;
        back.expect("reset").await;
        server.finish().await;
    }

    /// R3: what is pruned while a slow listener catches up is not passed over in silence.
    async fn r3_pruned_ahead_of_a_catch_up(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let mut good = server.socket("").key(&app.key).open().await;
        let hello = good.expect("hello").await;
        // More than one step of a catch-up, and more than all buffers between server and reader hold.
        let large = "x".repeat(60_000);
        for part in 0..26 {
            let events: Vec<_> = (0..10).map(|n| json!({"type": "t", "data": {"n": part * 10 + n, "large": large}})).collect();
            server.post(&app.path("/events/batch"), &json!({"events": events})).await.ok(200);
        }
        // What one was told, another can catch up with.
        told(&mut good, 260).await;
        let query = format!("?after={}", hello["cursor"].as_str().unwrap());
        let mut slow = server.socket(&query).key(&app.key).receive_buffer(16 * 1024).open().await;
        slow.expect("hello").await;
        server.settings(&json!({"retention": {"events": 2}})).await;
        server.turn_and_settle(3 * 86_400_000).await;
        let end = loop {
            let frame = slow.frame().await;
            if frame["type"] != "event" {
                break frame;
            }
        };
        assert_eq!(end["type"], "reset", "{end}");
        server.publish_kind(&app, "new").await;
        assert_eq!(kinds(&mut slow, 1).await, ["new"]);
        server.finish().await;
    }

    /// R3: of what concerns others it is told nothing, and their pruning is no reason to start anew, not even in a burst.
    async fn r3_pruned_events_of_others(database) {
        let server = TestServer::on(database).with(|config| config.stream.queue = 16).start().await;
        let (app, other) = (server.app("desk").await, server.app("shop").await);
        let mut socket = server.socket("").key(&app.key).open().await;
        let mut others = server.socket("").key(&other.key).open().await;
        socket.expect("hello").await;
        others.expect("hello").await;
        for _ in 0..3 {
            server.publish_kind(&other, "old").await;
        }
        assert_eq!(kinds(&mut others, 3).await, ["old"; 3]);
        server.settings(&json!({"retention": {"events": 2}})).await;
        server.turn_and_settle(3 * 86_400_000).await;
        let many: Vec<Value> = (0..100).map(|n| json!({"type": "t", "data": n})).collect();
        server.post(&app.path("/events/batch"), &json!({"events": many})).await.ok(200);
        told(&mut socket, 100).await;
        server.finish().await;
    }
}
