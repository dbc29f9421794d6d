//! R4: a listener that does not read is parted from, comes back, and has lost nothing.

use serde_json::json;
use testkit::{TestServer, both};

/// Frames of 60 kB: more than all buffers between server and reader hold.
const TOGETHER: usize = 140;

both! {
    /// R4: closed with a code of its own; resumes after the last number it has, without loss; others are not held up.
    async fn r4_a_slow_reader_resumes_without_loss(database) {
        let server = TestServer::on(database).with(|config| config.stream.queue = 16).start().await;
        let app = server.app("desk").await;
        let token = server.token("ada").await;
        server.settings(&json!({"limits": {"body": 100_000}})).await;
        let mut slow = server.socket("").key(&token).receive_buffer(16 * 1024).open().await;
        let mut good = server.socket("").key(&token).open().await;
        slow.expect("hello").await;
        good.expect("hello").await;
        // One keeps up, step by step; the other never reads.
        for n in 0..TOGETHER {
            let note = json!({"users": ["ada"], "title": format!("n{n}"), "body": "x".repeat(60_000)});
            server.post(&app.path("/notifications"), &note).await.ok(201);
            assert_eq!(good.expect("change").await["seq"], json!(n + 1));
        }
        // On a machine so slow that it was stuck for its whole patience, the server could not even say goodbye.
        let (frames, code) = slow.ended().await;
        assert!(code.is_none_or(|code| code == 4002), "{code:?}");
        for (n, frame) in frames.iter().enumerate() {
            assert_eq!(frame["seq"], json!(n + 1), "what it was told is without a hole");
        }
        assert!(frames.len() < TOGETHER, "it was slow");
        let mut back = server.socket(&format!("?after={}", frames.len())).key(&token).open().await;
        back.expect("hello").await;
        for seq in frames.len() + 1..=TOGETHER {
            assert_eq!(back.expect("change").await["seq"], json!(seq));
        }
        assert_eq!(back.expect("synced").await["through"], json!(TOGETHER));
        server.finish().await;
    }
}
