//! The same line as server-sent events.

use serde_json::json;
use testkit::{TestServer, both};

both! {
    /// W01: the same frames with ids; `Last-Event-ID` goes on where it broke off.
    async fn w01_the_same_frames_with_ids(database) {
        let mut server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let token = server.token("ada").await;
        let mut source = server.sse(&format!("?token={token}"), "", None).await.unwrap();
        assert!(source.headers["content-type"].to_str().unwrap().starts_with("text/event-stream"));
        let hello = source.expect("hello").await;
        let epoch = hello.data["epoch"].as_str().unwrap().to_owned();
        // Whoever is cut off before the first change has a place to come back to.
        assert_eq!((&hello.data["seq"], &hello.id), (&json!(0), &Some(format!("{epoch}:0"))));
        let id = server.tell(&app, "ada", "line\u{2028}break").await;
        let change = source.expect("change").await;
        assert_eq!((change.id.as_deref(), &change.data["item"]["id"]), (Some(format!("{epoch}:1").as_str()), &json!(id)));
        server.post("/api/v1/notifications/mark-all-read", &json!({})).key(&token).await.ok(200);
        let mark = source.expect("mark").await;
        assert_eq!(mark.id, Some(format!("{epoch}:2")));
        server.settle().await;
        server.restart().await;
        let mut back = server.sse("", &token, change.id.as_deref()).await.unwrap();
        assert_eq!(back.expect("hello").await.id, None, "not there yet");
        assert_eq!(back.expect("mark").await.data["seq"], mark.data["seq"]);
        let synced = back.expect("synced").await;
        assert_eq!((synced.data["through"].as_i64(), synced.id), (Some(2), Some(format!("{epoch}:2"))));
        // Who cannot send the header says it in the query; the header goes first.
        for (query, header) in [(format!("?lastEventId={epoch}:1&after=9"), None), ("?lastEventId=another:1".into(), Some(format!("{epoch}:1")))] {
            let mut back = server.sse(&query, &token, header.as_deref()).await.unwrap();
            back.expect("hello").await;
            assert_eq!(back.expect("mark").await.id, mark.id, "{query}");
        }
        for last in ["another:1", &format!("{epoch}:9"), &format!("{epoch}:x")] {
            let mut reset = server.sse("", &token, Some(last)).await.unwrap();
            reset.expect("hello").await;
            assert_eq!(reset.expect("reset").await.id, Some(format!("{epoch}:2")), "{last}");
        }
        server.finish().await;
    }

    /// An application's events, resumed by the id of the last.
    async fn events_resume_by_the_last_id(database) {
        let server = TestServer::start_on(database).await;
        let app = server.app("desk").await;
        let mut source = server.sse("", &app.key, None).await.unwrap();
        source.expect("hello").await;
        server.publish(&app, &json!({"type": "one", "data": "a\nb"})).await;
        let one = source.expect("event").await;
        assert_eq!(one.data["event"]["data"], "a\nb");
        drop(source);
        server.publish(&app, &json!({"type": "two", "data": {}})).await;
        let mut back = server.sse("", &app.key, one.id.as_deref()).await.unwrap();
        back.expect("hello").await;
        // On PostgreSQL any transaction of the cluster may still hold the event back: then it comes live, behind the catch-up.
        let told = [back.next().await.unwrap(), back.next().await.unwrap()];
        let mut names = told.each_ref().map(|told| told.event.as_str());
        names.sort_unstable();
        assert_eq!(names, ["event", "synced"], "{told:?}");
        let event = told.iter().find(|told| told.event == "event").unwrap();
        assert_eq!(event.data["event"]["type"], "two");
        server.finish().await;
    }
}
