//! R1, R3: after an absence everything, or `reset`; never a part.

use serde_json::{Value, json};
use testkit::{Socket, TestServer, both};

/// What a resumed listener is told, to the frame that says how far it goes.
async fn told(socket: &mut Socket) -> (Vec<(String, i64)>, i64) {
    let mut told = Vec::new();
    loop {
        let frame = socket.frame().await;
        let kind = frame["type"].as_str().unwrap();
        if kind == "synced" {
            return (told, frame["through"].as_i64().unwrap());
        }
        told.push((kind.to_owned(), frame["seq"].as_i64().unwrap()));
    }
}

fn change(seq: i64) -> (String, i64) {
    ("change".to_owned(), seq)
}

both! {
    /// R1: `after` brings exactly what was missed, in order, and then goes on live.
    async fn r1_after_brings_exactly_what_was_missed(database) {
        let mut server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let mut ids = Vec::new();
        for n in 0..4 {
            ids.push(server.tell(&app, "ada", &format!("n{n}")).await);
        }
        server.patch(&format!("/api/v1/notifications/{}?user=ada", ids[1]), &json!({"status": "read"})).await.ok(200);
        server.post("/api/v1/notifications/mark-all-read?user=ada", &json!({})).await.ok(200);
        server.tell(&app, "ada", "n4").await;
        server.settle().await;
        server.restart().await;
        let token = server.token("ada").await;
        let hello = server.socket("").key(&token).open().await.expect("hello").await;
        let (head, epoch) = (hello["seq"].as_i64().unwrap(), hello["epoch"].as_str().unwrap().to_owned());
        assert_eq!(head, 7);
        // Every item once, where it stands now: 2 was changed by 5.
        let everything = [change(1), change(3), change(4), change(5), ("mark".to_owned(), 6), change(7)];
        for after in 0..=head {
            let expected: Vec<_> = everything.iter().filter(|(_, seq)| *seq > after).cloned().collect();
            let mut by_query = server.socket(&format!("?after={after}&epoch={epoch}")).key(&token).open().await;
            by_query.expect("hello").await;
            assert_eq!(told(&mut by_query).await, (expected.clone(), head), "after={after}");
            let mut by_message = server.socket("").key(&token).open().await;
            by_message.expect("hello").await;
            by_message.say(&json!({"type": "after", "seq": after, "epoch": epoch})).await;
            assert_eq!(told(&mut by_message).await, (expected, head), "after={after}");
            if after == 3 {
                server.tell(&app, "bob", "another's").await;
                by_query.quiet().await;
            }
        }
        let mut socket = server.socket(&format!("?after={head}&epoch={epoch}")).key(&token).open().await;
        socket.expect("hello").await;
        assert_eq!(told(&mut socket).await.0, []);
        server.tell(&app, "ada", "live").await;
        assert_eq!(socket.expect("change").await["seq"], json!(head + 1));
        server.finish().await;
    }

    /// R3: above the head, below what was pruned, of another life, no number at all: `reset` with where the feed stands.
    async fn r3_reset(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        for _ in 0..3 {
            server.tell(&app, "ada", "t").await;
        }
        let token = server.token("ada").await;
        for (round, query) in ["?after=4", "?after=-1", "?after=1&epoch=another", "?after=x", "?after=99999999999999999999"].iter().enumerate() {
            // Every round adds one change; the first question is for what is not there yet.
            let head = 3 + round;
            let mut socket = server.socket(query).key(&token).open().await;
            let hello = socket.expect("hello").await;
            let reset = socket.expect("reset").await;
            assert_eq!((&reset["seq"], &reset["epoch"], &reset["counters"]["unread"]), (&json!(head), &hello["epoch"], &json!(head)), "{query}");
            // After a reset it goes on from there.
            let id = server.tell(&app, "ada", "after").await;
            let change = socket.expect("change").await;
            assert_eq!((&change["item"]["id"], &change["seq"]), (&Value::from(id.as_str()), &json!(head + 1)));
        }
        server.settings(&json!({"retention": {"notifications": 1}})).await;
        server.turn_and_settle(2 * 86_400_000).await;
        let token = server.token("ada").await;
        let mut socket = server.socket("?after=1").key(&token).open().await;
        socket.expect("hello").await;
        let reset = socket.expect("reset").await;
        assert_eq!(reset["counters"], json!({"unread": 0, "unseen": 0}));
        server.finish().await;
    }

    /// R3: what goes unread by its age takes its count from the badge of whoever is there.
    async fn r3_pruned_while_listening(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        for title in ["old", "older"] {
            server.tell(&app, "ada", title).await;
        }
        server.settings(&json!({"retention": {"notifications": 1}})).await;
        let mut socket = server.socket("?user=ada").key(server.key()).open().await;
        assert_eq!(socket.expect("hello").await["counters"]["unread"], json!(2));
        server.turn_and_settle(2 * 86_400_000).await;
        let reset = socket.expect("reset").await;
        assert_eq!(reset["counters"], json!({"unread": 0, "unseen": 0}));
        server.tell(&app, "ada", "new").await;
        assert_eq!(socket.expect("change").await["seq"].as_i64(), reset["seq"].as_i64().map(|seq| seq + 1));
        server.finish().await;
    }

    /// R2: changes while a listener catches up: none twice, none missed, in order.
    async fn r2_changes_while_catching_up(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let token = server.token("ada").await;
        for n in 0..300 {
            server.post(&app.path("/notifications"), &json!({"users": ["ada"], "title": format!("n{n}")})).await.ok(201);
        }
        let publish = async {
            for n in 0..100 {
                server.post(&app.path("/notifications"), &json!({"users": ["ada"], "title": format!("late{n}")})).await.ok(201);
            }
        };
        let follow = async {
            let mut checked = 0;
            for round in 0..8 {
                let mut socket = server.socket(&format!("?after={}", round * 40)).key(&token).open().await;
                socket.expect("hello").await;
                let mut last = round * 40;
                while last < 400 {
                    let frame = socket.frame().await;
                    if frame["type"] == "change" {
                        last += 1;
                        assert_eq!(frame["seq"], json!(last));
                        checked += 1;
                    } else {
                        assert_eq!(frame["type"], "synced");
                        assert_eq!(frame["through"], json!(last));
                    }
                }
            }
            checked
        };
        let ((), checked) = tokio::join!(publish, follow);
        assert_eq!(checked, (0..8).map(|round| 400 - round * 40).sum::<i64>());
        server.finish().await;
    }
}
